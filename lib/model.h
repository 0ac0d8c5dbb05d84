/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nouns: host, IOMMU unit, group, device. Gatherers fill them, rules and printers read them,
 * and nothing else is shared. Unknown is a state of a field: a NULL string, a tri that is
 * NEST_UNKNOWN, a number whose have-bit is clear. Nobody prints an unknown as zero or as no.
 *
 * Strings belong to the model's pool (pool.h) and live until nest_model_free().
 */
#ifndef NEST_MODEL_H
#define NEST_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hwvalues.h"
#include "pool.h"
#include "tri.h"

/* Something that could not be read or is not as it should be; the rest of the answer stands. */
struct nest_problem {
	const char *where; /* path, device or table */
	const char *what;  /* one clause */
	int err;	   /* errno > 0, or 0 */
};

struct nest_host {
	const char *kernel;  /* release, NULL when a captured tree does not tell */
	const char *machine; /* "x86_64", NULL likewise */
	const char *cmdline; /* NULL unless asked for */
};

struct nest_hw; /* a kind of IOMMU, hw/hw.h */

struct nest_unit {
	const char *name; /* as in /sys/class/iommu */
	const struct nest_hw *hw;
	struct nest_hw_values values; /* as sysfs shows them */
	const char *version;	      /* VT-d "1:0" */
	bool have_address;
	uint64_t address; /* VT-d register base */
	bool have_domains;
	uint64_t domains, domains_used;
	enum nest_tri nesting; /* can the hardware nest */
	const char *gate;      /* id of the gate that decided: "smts", "nest", "registers" */
	const char *reason;    /* one clause for people, never NULL */
	size_t ndevices;
};

enum nest_region_type {
	NEST_REGION_OTHER,
	NEST_REGION_DIRECT,
	NEST_REGION_DIRECT_RELAXABLE,
	NEST_REGION_RESERVED,
	NEST_REGION_MSI,
};

struct nest_region {
	uint64_t start, last; /* inclusive */
	const char *name;     /* the kernel's word */
	enum nest_region_type type;
};

#define NEST_NONE ((uint32_t)-1) /* an index that leads nowhere */

enum nest_bus { NEST_BUS_PCI, NEST_BUS_PLATFORM, NEST_BUS_OTHER };

struct nest_device {
	const char *name;     /* as on its bus: "0000:3a:00.0", "arm-smmu-test.0" */
	const char *bus_name; /* "pci", "platform", "mdev", NULL if it has no bus */
	const char *driver;   /* NULL: none bound (have_uevent tells that from not known) */
	const char *vendor_name, *model_name, *class_name; /* hwdb; NULL where it has none */
	uint32_t group, unit;				   /* index, or NEST_NONE */
	uint32_t next;					   /* next device of the same group */
	uint64_t order;	    /* PCI addresses by number, all others last */
	uint32_t pci_class; /* 24 bits */
	uint16_t vendor, device, subvendor, subdevice;
	enum nest_bus bus : 8;
	bool have_ids : 1, have_uevent : 1;
	bool blocks : 1;       /* its driver owns DMA: no user space access to the group */
	bool group_unread : 1; /* it may be in a group that could not be read */
};

struct nest_group {
	uint32_t id;
	uint32_t first, ndevices; /* chain of devices */
	uint32_t blocker;	  /* the first of them that blocks, or NEST_NONE */
	uint32_t nblockers;
	const char *type;     /* kernel's word ("DMA-FQ"), NULL unknown */
	enum nest_tri viable; /* may user space have it: drivers and reserved regions let it */
	bool rmrr;	      /* a region demands a 1:1 mapping, for which the kernel refuses */
	bool have_regions;    /* all of them: the list was readable, each line */
	bool regions_bad;     /* a line was not */
	int regions_err;      /* the list was not: -errno, which was told */
	struct nest_region *regions;
	size_t nregions;
};

struct nest_model {
	struct nest_pool pool;
	struct nest_host host;
	struct nest_unit *units;
	struct nest_group *groups; /* by id */
	struct nest_device *devices;
	size_t nunits, ngroups, ndevices;
	struct nest_problem *problems;
	size_t nproblems;

	/* Why a list of sysfs was not read, or not to its end: errno > 0; 0 if it was. */
	int groups_err, units_err, devices_err;

	/* Is there an IOMMU that translates? With the sentence that says what is missing if not. */
	enum nest_tri iommu_present;
	const char *absent_gate; /* "firmware", "kernel", "unknown" */
	bool device_tree;	 /* no IOMMU, and no ACPI: a device tree has what there is */
	const struct nest_hw *announced; /* gate kernel: what the firmware announces, or NULL */
	const char *absent_reason;
};

void nest_model_free(struct nest_model *model);

/* Adds a problem; where and what are copied. Memory that cannot be had is a problem lost. */
void nest_model_problem(struct nest_model *model, const char *where, const char *what, int err);

/* Look-ups; NULL if there is none. A PCI address may lack its domain (0000). */
struct nest_group *nest_model_group(const struct nest_model *model, uint64_t id);
struct nest_device *nest_model_device(const struct nest_model *model, const char *name);
struct nest_unit *nest_model_unit(const struct nest_model *model, const char *name);

/* The devices of a group, in order of address. */
#define nest_for_each_member(model, group, dev)                                                    \
	for ((dev) = (group)->first == NEST_NONE ? NULL : &(model)->devices[(group)->first];       \
	     (dev); (dev) = (dev)->next == NEST_NONE ? NULL : &(model)->devices[(dev)->next])

/* Unit and group of a device, or NULL. */
const struct nest_unit *nest_device_unit(const struct nest_model *model,
					 const struct nest_device *dev);
const struct nest_group *nest_device_group(const struct nest_model *model,
					   const struct nest_device *dev);

/* The first reserved region of that type, or NULL. */
const struct nest_region *nest_group_region(const struct nest_group *group,
					    enum nest_region_type type);

/* The unit of a group: that of its members if they agree, else NULL. */
const struct nest_unit *nest_group_unit(const struct nest_model *model,
					const struct nest_group *group);

/* The kind of that unit, or NULL. */
const struct nest_hw *nest_group_hw(const struct nest_model *model, const struct nest_group *group);

#endif
