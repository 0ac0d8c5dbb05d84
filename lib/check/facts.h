/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules of check need to know of a host beyond the inventory: firmware tables, the kernel
 * and how it was started, modules, nodes, this process, the kernel's log. Every file is read
 * through the doors of host/sysfs.h, once. What could not be read is unknown, never absent.
 */
#ifndef NEST_FACTS_H
#define NEST_FACTS_H

#include "ctx.h"
#include "hw/dmar.h"
#include "log/log.h"
#include "model.h"
#include "host/node.h"
#include "inventory/show.h"

/* A file and what it said. */
struct nest_fact {
	const char *path;  /* with its leading slash */
	const char *value; /* NULL: err says why */
	int err;	   /* errno > 0 */
};

enum nest_table { NEST_TABLE_DMAR, NEST_TABLE_IVRS, NEST_TABLE_IORT, NEST_TABLE_VIOT, NEST_TABLES };

enum nest_module_state {
	NEST_MODULE_UNKNOWN,
	NEST_MODULE_LOADED,   /* or built in, which sysfs shows alike */
	NEST_MODULE_BUILTIN,  /* by modules.builtin */
	NEST_MODULE_LOADABLE, /* modules.dep names it */
	NEST_MODULE_UNLISTED, /* its file is there and modules.dep does not name it */
	NEST_MODULE_MISSING,
};

/* "unknown", "loaded", "built in", "can be loaded", "on disk, unknown to modprobe", "missing". */
const char *nest_module_state_name(enum nest_module_state state);

enum nest_module {
	NEST_MODULE_VFIO,
	NEST_MODULE_TYPE1,
	NEST_MODULE_VFIO_PCI,
	NEST_MODULE_IOMMUFD,
	NEST_MODULES
};

/* "vfio", "vfio_iommu_type1", "vfio-pci", "iommufd". */
const char *nest_module_name(enum nest_module module);

enum nest_symbol {
	NEST_SYMBOL_INTEL_DEFAULT_ON,
	NEST_SYMBOL_SCALABLE_DEFAULT_ON,
	NEST_SYMBOL_INTEL_IOMMU,
	NEST_SYMBOL_AMD_IOMMU,
	NEST_SYMBOL_IRQ_REMAP,
	NEST_SYMBOL_IOMMUFD,
	NEST_SYMBOL_VFIO,
	NEST_SYMBOL_VFIO_PCI,
	NEST_SYMBOL_VFIO_DEVICE_CDEV,
	NEST_SYMBOL_VFIO_GROUP,
	NEST_SYMBOL_AMD_IOMMUFD,
	NEST_SYMBOL_SMMUV3_IOMMUFD,
	NEST_SYMBOL_SMMUV3_SVA,
	NEST_SYMBOL_INTEL_SVM,
	NEST_SYMBOL_VFIO_CONTAINER,
	NEST_SYMBOLS,
};

/* What it is called in the kernel's configuration; NEST_SYMBOLS: that is not looked at. */
enum nest_symbol nest_module_symbol(enum nest_module module);

/* "CONFIG_INTEL_IOMMU_DEFAULT_ON", …. */
const char *nest_symbol_name(enum nest_symbol symbol);

/* The user for which access to nodes is judged. */
struct nest_user {
	const char *name; /* "" for this process */
	bool known;	  /* found, with its groups */
	bool missing;	  /* the host has no user of this name; neither: unknown */
	bool unlisted;	  /* it is missing for want of a list */
	unsigned int uid;
	unsigned int gids[64];
	size_t ngids;
	bool more_groups; /* there may be more than these */
};

struct nest_facts {
	struct nest_fact tables[NEST_TABLES]; /* value "present" */
	enum nest_tri tables_visible;
	struct nest_dmar *dmar; /* NULL: none, or not readable (tables[NEST_TABLE_DMAR].err) */
	int dmar_err;		/* why its content could not be read, errno > 0 */
	struct nest_acpi *iort; /* NULL: no unit is described by it, or iort_err */
	int iort_err;		/* errno > 0 */
	bool device_tree;	/* firmware hands the kernel one */
	struct nest_fact cmdline, lockdown, hypervisor, xen;
	const char *container;	    /* what says that this is a container, NULL: nothing does */
	char symbols[NEST_SYMBOLS]; /* 'y', 'm', 'n'; 0: not known */
	struct nest_fact config;    /* the file they are from; value "" */
	unsigned int major, minor;  /* of the kernel; 0.0 if not known */
	enum nest_module_state modules[NEST_MODULES];
	struct nest_fact module_seen[NEST_MODULES]; /* what says so; unknown: the list that could
						       not be read */
	struct nest_fact dma_entries;		    /* mappings a container may have */
	struct nest_fact unsafe_type1, unsafe_iommufd, noiommu; /* module parameters: "Y", "N" */
	struct nest_fact denylist_off;				/* and of vfio-pci */
	struct nest_fact interrupts; /* /proc/interrupts: the chip that tells, "IR-IO-APIC" */
	enum nest_tri isolated;	     /* by that: check/irqchips.h */
	struct nest_fact
		cpu; /* flags of the first processor, where they tell about shared tables */
	struct nest_fact its; /* firmware's description of a GICv3 ITS; path NULL: none is known */
	enum nest_tri iommufd_served;	/* /sys/class/misc/iommu */
	enum nest_tri container_served; /* /sys/class/misc/vfio */
	bool dev_shown;			/* this is a host's /dev, not a capture without one */
	struct nest_node container_node, iommufd_node;
	struct nest_user user;
	bool privileged; /* that user may do as root does */
	bool is_self;	 /* the user is this process's own */
	struct nest_fact
		memlock;     /* "Max locked memory" of the process or service: bytes, "unlimited" */
	const char *service; /* NULL: this process */
	const char *memlock_of; /* "this process", "libvirtd.service (process 812)" */
	bool service_missing;	/* the host has no service of this name */
	bool ipc_lock;		/* CAP_IPC_LOCK in this process */
	struct nest_log *klog;	/* NULL: klog_err says why */
	int klog_err;
	struct nest_show **shows; /* of the devices the check is about */
	bool *noiommu_groups;	  /* of these: is its group one of VFIO's no-IOMMU mode? */
	size_t nshows;
};

struct nest_facts_wanted {
	const char *user, *service;	    /* NULL: this process */
	const struct nest_device **devices; /* to be looked at closely */
	size_t ndevices;
};

/* Fills the facts; strings go to the model's pool. 0 or -ENOMEM. Free with nest_facts_free(). */
int nest_facts_gather(struct nest_ctx *ctx, struct nest_model *model,
		      const struct nest_facts_wanted *wanted, struct nest_facts *ret_facts);
void nest_facts_free(struct nest_facts *facts);

/* Does the processor have the flag, as far as facts->cpu was read? */
enum nest_tri nest_facts_cpu(const struct nest_facts *facts, const char *flag);

/*
 * May that user open the node for reading and writing? By owner, group and mode; unknown where a
 * node is not there.
 */
enum nest_tri nest_node_admits(const struct nest_node *node, const struct nest_facts *facts);

/* 'y', 'm', 'n' for an option of the kernel by its name; 0: not known. */
char nest_facts_option(const struct nest_facts *facts, const char *name);

/* The notes of one id in the log; NULL: none, or no log. */
const struct nest_log_note *nest_facts_note(const struct nest_facts *facts, const char *id);

/* The same, of those with this detail. */
const struct nest_log_note *nest_facts_note_of(const struct nest_facts *facts, const char *id,
					       const char *detail);

/* ---- parts, in the order of their use ---- */
int nest_facts_firmware(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts);
int nest_facts_its(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts);
int nest_facts_kernel(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts);
int nest_facts_modules(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts);
int nest_facts_access(struct nest_ctx *ctx, struct nest_model *model,
		      const struct nest_facts_wanted *wanted, struct nest_facts *facts);

#endif
