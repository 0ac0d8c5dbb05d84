/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel offers through the container and iommufd nodes, in general and for one device or
 * group. A probe is harmless: it maps nothing, starts no DMA, asks for no reset, writes no
 * configuration, and closes what it opened. It touches only devices that are bound to a vfio
 * driver; the kernel itself may reset such a device when its node is opened.
 *
 * A cleared structure says "skipped" everywhere. Strings are static or of the model's pool.
 */
#ifndef NEST_PROBE_H
#define NEST_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inventory/above.h"
#include "inventory/promise.h"
#include "inventory/wholegroup.h"
#include "backend/backend.h"
#include "probe/decision.h"
#include "backend/infocap.h"
#include "model.h"
#include "host/node.h"
#include "uapi/iommufd-viommu.h"
#include "probe/outcome.h"
#include "probe/qemu11.h"
#include "probe/question.h"
#include "backend/abi2020/recognise.h"

/* The programs of --as. */
enum nest_as { NEST_AS_ITSELF, NEST_AS_QEMU_2020, NEST_AS_QEMU_11 };

/* A device node, and if it did not open, why and what helps. */
struct nest_probe_node {
	struct nest_node node; /* path NULL: none was looked for */
	struct nest_outcome open;
	enum nest_tri served;			   /* does sysfs show something behind it */
	char reason[400], remedy[NEST_REMEDY_MAX]; /* "" unless it failed */
};

enum nest_version_status {
	NEST_VERSION_SKIPPED,
	NEST_VERSION_ANSWERED, /* value */
	NEST_VERSION_ABSENT,  /* EINVAL, ENOTTY: no such request; EFAULT: another series' request */
	NEST_VERSION_REFUSED, /* any other errno: proves nothing */
};

/* "skipped", "answered", "absent", "refused". */
const char *nest_version_status_name(enum nest_version_status status);

struct nest_version {
	enum nest_version_status status;
	int value;
	int err;
	const char *why; /* skipped */
};

enum nest_provider {
	NEST_PROVIDER_UNKNOWN,
	NEST_PROVIDER_TYPE1,
	NEST_PROVIDER_IOMMUFD, /* "iommufd-compat" */
	NEST_PROVIDER_NOIOMMU,
	NEST_PROVIDER_SPAPR, /* printed as "unknown" too */
};
const char *nest_provider_name(enum nest_provider provider);

#define NEST_EXTENSIONS 10 /* ids 1 to 10, at index id - 1 */

struct nest_probe_extension {
	uint32_t id;
	const char *name;	    /* the kernel's word: "TYPE1", "UNMAP_ALL" */
	struct nest_outcome before; /* any container */
	struct nest_outcome after;  /* with the group in it and a type set; some answer only then */
};

/* One IOMMU type, tried in a fresh container with the group in it. */
struct nest_probe_type {
	uint32_t id;
	const char *name;
	struct nest_outcome set_iommu;
	struct nest_version version; /* the query after it */
	struct nest_outcome get_info;
	struct nest_info info; /* if get_info is ok */
};

#define NEST_TYPES 6 /* 1, 3, 6 always; 2, 7, 8 if advertised */

struct nest_probe_container {
	struct nest_probe_node node;
	enum nest_provider provider;
	struct nest_outcome api_version;
	struct nest_probe_extension extensions[NEST_EXTENSIONS];
	struct nest_version before_set_iommu, after_set_iommu;
	struct nest_probe_type types[NEST_TYPES];
	struct nest_outcome rlimit_mode; /* answered only if an iommufd serves the node */
	struct nest_probe_node ioasid;	 /* of v8; opened only if it exists */
	struct nest_outcome ioasid_version;
};

struct nest_probe_group {
	struct nest_probe_node node;
	struct nest_outcome get_status;
	bool viable, in_container; /* if get_status is ok; the kernel's word, not the model's */
	bool noiommu;		   /* nothing translates its DMA, so nothing was opened */
};

/* One kind of hardware page table, allocated and destroyed again. */
struct nest_probe_hwpt {
	const char *name; /* "nest_parent", "nested+fault"; see probe/iommufd.c */
	uint32_t flags, data_type;
	struct nest_outcome alloc;
};

#define NEST_HWPTS_MAX 12

struct nest_probe_iommufd {
	struct nest_probe_node node;
	/* Whether this kernel has it, loaded or as a module on disk; with the evidence. */
	enum nest_tri in_kernel;
	const char *in_kernel_why;
	struct nest_outcome rlimit_mode; /* IOMMU_OPTION: result 0 per user, 1 per process */
	char device[64];		 /* which one the rest is about; "" none */
	bool no_device_nodes;		 /* CONFIG_VFIO_DEVICE_CDEV is off */
	struct nest_probe_node device_node;
	struct nest_outcome bind, hw_info, ioas, fault_queue;
	struct nest_hw_info hw; /* if hw_info is ok */
	/* Command queues that a guest can own, of an SMMUv3: whether there are some, and of what.
	 */
	struct nest_outcome cmdqv;
	struct iommu_hw_info_tegra241_cmdqv queues; /* if cmdqv is ok */
	/* What a nested table stands on, and who may use it, where its format wants them. */
	struct nest_outcome viommu, vdevice;
	/* What firmware has to do with it: if viommu failed, and if the nest parent did; or "". */
	struct nest_promise canwbs, hatdis;
	struct nest_probe_hwpt hwpts[NEST_HWPTS_MAX];
	size_t nhwpts;
	struct nest_outcome invalidate; /* an empty request, or one for all of a new table */
	struct nest_outcome attach, ranges;
	struct nest_caps caps; /* if ranges is ok */
};

#define NEST_UNDONE_MAX 8

struct nest_probe {
	bool have_target;
	const struct nest_device *device; /* NULL if a group was asked for, or nothing */
	const struct nest_group *group;	  /* of the device, or the one asked for */
	const char *blocked;   /* sentence: which device makes the group not viable, or NULL */
	const char *not_bound; /* sentence: why no vfio driver has the target, or NULL */
	const char *release;   /* of the kernel: "7.3.4"; NULL: not known */
	uint64_t host_page;    /* bytes of its pages; 0: not known */
	enum nest_tri iommu_present; /* of the host */
	const char *absent_reason;
	/*
	 * The unit in front of it: its kind (NULL: not known) and registers, from iommufd or else
	 * from sysfs, and what they say; unknown if there are none to read.
	 */
	const struct nest_hw *hw;
	struct nest_hw_values values;
	enum nest_tri unit_nests;
	const char *unit_reason; /* a clause, or NULL */
	struct nest_probe_container container;
	struct nest_probe_group vfio_group;
	struct nest_probe_iommufd iommufd;
	struct nest_recognition recognition; /* of out-of-tree revisions */
	struct nest_decision decision;
	struct nest_question question;
	struct nest_qemu_choice qemu;  /* what the user space of 2020 would have chosen */
	enum nest_tri behind_bridge;   /* to conventional PCI */
	struct nest_bridge bridge;     /* if so */
	struct nest_whole_group whole; /* what a vDEVICE for it alone is worth */
	bool group_may_come;	   /* the device is in none, and may be once a driver is bound */
	enum nest_tri aliased;	   /* does a bridge above lend the device another requester id */
	enum nest_as as;	   /* the user asked what this program would do (--as) */
	struct nest_qemu11 qemu11; /* if as is NEST_AS_QEMU_11 */
	int signal;		   /* ended early by this one, or 0 */
	struct nest_undone {	   /* what could not be released */
		const char *what;
		int err;
	} undone[NEST_UNDONE_MAX];
	size_t nundone;
};

/* Frees what the answers hold; takes a cleared structure too. */
void nest_probe_free(struct nest_probe *probe);

/*
 * The type whose GET_INFO answer is the container's: nesting if it could be set, else v2, else v1,
 * else any; NULL if there is no answer.
 */
const struct nest_probe_type *nest_probe_info_type(const struct nest_probe *probe);

/* Type by id, and hardware page table by name; NULL if it was not in the plan. */
const struct nest_probe_type *nest_probe_type_find(const struct nest_probe *probe, uint32_t id);
const struct nest_probe_hwpt *nest_probe_hwpt_find(const struct nest_probe *probe,
						   const char *name);

/* Does the kernel say that ATS cannot be used with the device? Before 7.1 it never does. */
bool nest_probe_without_ats(const struct nest_probe *probe);

/* Is iommufd available: yes, no (this kernel has none), unknown. */
enum nest_tri nest_probe_iommufd_status(const struct nest_probe *probe);

#endif
