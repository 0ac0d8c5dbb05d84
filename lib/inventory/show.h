/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything known of one device, group or IOMMU unit, beyond what the inventory gathers for all.
 */
#ifndef NEST_SHOW_H
#define NEST_SHOW_H

#include "host/node.h"
#include "inventory/pcicap.h"
#include "inventory/streams.h"
#include "hw/acpi.h"
#include "hw/regs.h"
#include "ctx.h"
#include "model.h"

enum nest_show_what { NEST_SHOW_DEVICE, NEST_SHOW_GROUP, NEST_SHOW_UNIT };

struct nest_show {
	enum nest_show_what what;
	const struct nest_device *dev;	/* DEVICE */
	const struct nest_group *group; /* DEVICE (its own, may be NULL), GROUP */
	const struct nest_unit
		*unit; /* the device's or group's, or the one asked for; may be NULL */

	/* DEVICE */
	const char *reset_methods; /* the kernel's words; "" means none works, NULL not known */
	bool have_numa;
	int64_t numa_node; /* -1: the kernel has none for it */
	const char *power; /* runtime_status, NULL unknown */
	bool have_vfs;
	uint64_t vfs_total, vfs; /* physical function */
	const char **virtfns;	 /* physical function: its virtual ones, in order */
	size_t nvirtfns;
	const char *physfn;	     /* virtual function: its physical one */
	const char *driver_override; /* NULL: none, or unknown */
	bool have_caps;
	struct nest_pcicaps caps;
	const char *no_caps;  /* why config space was not read (or not whole), NULL if it was */
	const char *cdev_dir; /* vfio-dev entry ("vfio3"), NULL: none */
	struct nest_node
		cdev; /* its node; path NULL when there is no entry or it has no dev file */

	enum nest_tri behind_bridge; /* to conventional PCI */
	enum nest_tri bridge_from_express;
	const char *bridge;	  /* its address, where that is yes */
	struct nest_bridge above; /* the same, and what is below it */

	/* DEVICE, GROUP */
	struct nest_node node; /* of the group; path NULL without a group */

	/* UNIT */
	struct nest_regs *regs; /* NULL: none; large, and most of thousands have none */

	/* UNIT, DEVICE: what the ACPI table of the unit's kind says */
	struct nest_acpi *table;		/* NULL: there is none, or it was not asked */
	int table_err;				/* errno > 0: it is there and cannot be read */
	const struct nest_acpi_node *described; /* UNIT: its structure; NULL: none was found */
	struct nest_streams streams;		/* DEVICE, Arm */
	uint16_t segment, requester;		/* DEVICE, of PCI */
};

/*
 * Gathers what is known of what show->what, dev, group and unit name (they are of model). wake:
 * also read the config space of a suspended device. What could not be read is in model->problems. 0
 * or -ENOMEM.
 */
int nest_show_gather(struct nest_ctx *ctx, struct nest_model *model, bool wake,
		     struct nest_show *show);

/* inventory/tables.c: the part of it that firmware's table tells. 0 or -ENOMEM. */
int nest_show_tables(struct nest_ctx *ctx, struct nest_show *show);

/* Frees what it holds, and not itself. */
void nest_show_clear(struct nest_show *show);

/* NULL is fine. */
void nest_show_free(struct nest_show *show);

/* A kernel word for a default domain, explained for people. Static, never NULL. */
const char *nest_domain_meaning(const char *type);

/* A kernel word for a reset method, explained for people; NULL for an unknown word. */
const char *nest_reset_meaning(const char *method);

#endif
