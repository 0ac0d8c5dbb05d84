/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "A device behind an address space": what all backends have in common. Containers and groups
 * (type1) or object ids (iommufd) are private to the backends.
 *
 * Order: nest_space_open(), attach, then describe, map, unmap and stage 1. Each acquisition pushes
 * its inverse on ctx->undo at once, so callers close nothing after an error: the owner of the stack
 * runs it. A space, a bound stage 1 and every attached vdev must outlive that run.
 *
 * All functions return 0 or -errno; *space->failed then holds the stage, its object and the errno.
 */
#ifndef NEST_BACKEND_H
#define NEST_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "backend/abi2020/nesting-rev.h"
#include "failure.h"
#include "hw/hw.h"

struct nest_backend_ops;
struct nest_s1_format;
struct nest_stage1_ops;
struct nest_share_ops;
struct nest_vdev;

/* What a first-stage table can be put in front of. */
enum nest_first_stage {
	NEST_FIRST_STAGE_NONE,	 /* the ABI has no first stage for user space */
	NEST_FIRST_STAGE_DEVICE, /* the device, or one of its PASIDs */
	NEST_FIRST_STAGE_PASID,	 /* only a PASID that the kernel allocates */
};

/* A backend; a row of nest_modes[] (backend/select.h). */
struct nest_mode {
	const char *name; /* word of options, JSON and man page */
	const struct nest_backend_ops *ops;
	const char *node;
	enum nest_stage open; /* the stage of opening it */
	uint32_t type;	      /* argument of VFIO_SET_IOMMU; 0: the backend sets none */
	enum nest_first_stage first_stage;
	enum nest_version_query query; /* FIRST_STAGE_PASID: of its revisions; NONE: of any */
};

enum nest_prot {
	NEST_PROT_READ = 1, /* the device may read */
	NEST_PROT_WRITE = 2,
};

#define NEST_MAPPINGS_MAX 128

struct nest_mapping {
	uint64_t iova, len;
};

/* An address space for device DMA. Backends embed it in their own structure. */
struct nest_space {
	struct nest_ctx *ctx;
	const struct nest_mode *mode;
	struct nest_failure *failed; /* the caller's, may be NULL */
	struct nest_mapping mappings[NEST_MAPPINGS_MAX];
	size_t nmappings;
};

/* Inclusive on both ends. */
struct nest_range {
	uint64_t start, last;
};

/* What IOMMU_GET_HW_INFO told of the IOMMU in front of one device. */
struct nest_hw_info {
	uint32_t type;		  /* the kernel's number; its word: nest_hw_type_name() */
	const struct nest_hw *hw; /* NULL: type 0, the kernel tells nothing of the hardware */
	struct nest_hw_values values;
	uint8_t max_pasid_log2;
	/* kernels before 6.15 always say 0: then it is unknown */
	bool have_max_pasid;
	uint64_t capabilities; /* bits 0 dirty tracking, 1, 2 PASID exec, priv, 3 no ATS */
};

/*
 * Word for capability bit 0..3 ("dirty_tracking", "pasid_exec", "pasid_priv", "ats_not_supported"),
 * NULL for a bit without a name.
 */
const char *nest_hw_capability_name(unsigned int bit);

/* What is known of a space after attach. A field whose have-bit is clear cannot be known here. */
struct nest_caps {
	bool have_ranges;
	struct nest_range *ranges; /* usable IOVAs, ascending, not overlapping */
	size_t nranges;
	bool have_page_sizes;
	uint64_t page_sizes; /* bit n: 2^n */
	bool have_dma_avail;
	uint32_t dma_avail; /* mappings that are still available */
	bool have_alignment;
	uint64_t alignment; /* of IOVAs */
	bool have_hw;
	struct nest_hw_info hw;
	const struct nest_s1_format *s1_format; /* of first-stage tables; NULL: not one of s1/ */
	bool s1_snoops;		     /* walks of first-stage tables snoop the CPU's caches */
	unsigned int s1_output_bits; /* of an address that a table leads to; 0: not known */
	bool s1_huge;		     /* a leaf can map 1 GiB */
	bool s1_ranges, s1_repeat;   /* as in struct nest_s1_config */
	bool s1_breaks;		     /* a page changes its size only by way of an absent entry */
	const char *no_s1;	     /* s1_format is NULL: why, a clause, or NULL */
};

/* Takes a cleared structure too. */
void nest_caps_free(struct nest_caps *caps);

/* A stretch of a timing loop. */
struct nest_timed {
	uint64_t *samples; /* in ticks, one for each round; NULL: the bare requests, not timed */
	size_t rounds;
	bool tsc; /* see nest_kernel_ioctl_timed() */
	unsigned int
		entries; /* of invalidations of pages: so many in a request, a page each; 0: one */
	size_t done;	 /* out: requests made with success */
};

struct nest_backend_ops {
	/*
	 * Opens the node, checks the API version and that the mode's IOMMU type is offered, and
	 * allocates the space, which the undo stack frees. -EOPNOTSUPP: type not offered.
	 */
	int (*open)(struct nest_ctx *ctx, const struct nest_mode *mode, struct nest_failure *failed,
		    struct nest_space **ret_space);

	/*
	 * On return vdev->fd is open and the device's DMA goes through the space. A vdev that has
	 * been detached is attached again. Several devices may share a space.
	 */
	int (*attach)(struct nest_space *space, struct nest_vdev *vdev);

	/*
	 * Takes the device out of the space: its DMA is blocked, vdev->fd stays usable. NULL where
	 * the ABI cannot do the one without the other (type1).
	 */
	int (*detach)(struct nest_space *space, struct nest_vdev *vdev);

	/* After attach. Free ret_caps with nest_caps_free(). */
	int (*describe)(struct nest_space *space, struct nest_vdev *vdev,
			struct nest_caps *ret_caps);

	/* The bare requests; callers use nest_space_map() and nest_space_unmap(). */
	int (*map)(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		   unsigned int prot);
	int (*unmap)(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len);

	/*
	 * For the timing loops: len bytes at va mapped at iova and unmapped again, rounds times, as
	 * nest_kernel_ioctl_timed() does it. After an odd timed->done the mapping still exists.
	 */
	int (*timed_map)(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
			 struct nest_timed *timed, uint64_t *unmap_samples);

	const struct nest_stage1_ops *stage1; /* NULL with NEST_FIRST_STAGE_NONE */
	const struct nest_share_ops *share;   /* NULL: the ABI maps memory by its address alone */
};

/* What may be set for a node that was opened, or for one address space. */
enum nest_space_option {
	NEST_OPTION_RLIMIT_MODE, /* of the node: 1 charges pinned memory to the process */
	NEST_OPTION_HUGE_PAGES,	 /* of the space: 0 maps small pages only */
};

/* What iommufd alone has for address spaces: the bare requests. */
struct nest_share_ops {
	int (*copy)(struct nest_space *space, uint64_t from, uint64_t iova, uint64_t len);
	int (*map_file)(struct nest_space *space, uint64_t iova, int fd, uint64_t len);

	/*
	 * Puts the device on a table over the same space that notes which pages it writes to, and
	 * pushes the way back. stage HWPT_DIRTY with -EOPNOTSUPP: the IOMMU cannot.
	 */
	int (*track)(struct nest_space *space, struct nest_vdev *vdev);
	/*
	 * Sets the bit of each page of that size that was written to since the last time; the rest
	 * of the bits stay.
	 */
	int (*dirty)(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t page,
		     uint64_t *bitmap);

	/* Makes the address space without a device; its end is on the undo stack. */
	int (*make)(struct nest_space *space);

	/* Pinned memory of the node is charged to this process, or to a child that ends at once. */
	int (*hand_over)(struct nest_space *space, bool to_child);

	int (*get)(struct nest_space *space, enum nest_space_option option, uint64_t *ret);
	int (*set)(struct nest_space *space, enum nest_space_option option, uint64_t value);
};

/* mode->ops->open(); failed is kept in the space. ret_space is untouched on failure. */
int nest_space_open(struct nest_ctx *ctx, const struct nest_mode *mode, struct nest_failure *failed,
		    struct nest_space **ret_space);

int nest_space_attach(struct nest_space *space, struct nest_vdev *vdev);
int nest_space_detach(struct nest_space *space, struct nest_vdev *vdev); /* -EOPNOTSUPP if NULL */
int nest_space_describe(struct nest_space *space, struct nest_vdev *vdev,
			struct nest_caps *ret_caps);

/*
 * Maps len bytes at va (both page aligned) at iova, prot is a set of enum nest_prot, and pushes the
 * unmapping. -ENOSPC also when the space holds NEST_MAPPINGS_MAX mappings.
 */
int nest_space_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		   unsigned int prot);

/*
 * The same for what is mapped at from already, and for the first len bytes of a file in memory;
 * readable and writable. -ENOTTY also where the kernel is older than the request; the failure's
 * stage is COPY or MAP_FILE. Only where mode->ops->share is not NULL.
 */
int nest_space_copy(struct nest_space *space, uint64_t from, uint64_t iova, uint64_t len);
int nest_space_map_file(struct nest_space *space, uint64_t iova, int fd, uint64_t len);

/*
 * Ends the mapping of iova and len, as they were mapped, and takes its step off the undo stack.
 * -ENOENT: there is no such mapping. ret_len (may be NULL): bytes that the kernel unmapped.
 */
int nest_space_unmap(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len);

/* ---- first stage: a table of the caller in front of the space ---- */

/* What the device is attached to: a table, or one of two that need none. */
enum nest_s1_kind {
	NEST_S1_TABLE,
	NEST_S1_BYPASS, /* no first stage: DMA goes through the second alone */
	NEST_S1_BLOCK,	/* all DMA is blocked, without a word */
};

struct nest_s1_config {
	const struct nest_s1_format *format;
	enum nest_s1_kind kind; /* but TABLE only for a format with context descriptors */
	uint64_t table;		/* IOVA of the root table: tables are read through the space */
	uint64_t context;	/* IOVA of the context descriptor, for a format that has them */
	uint32_t asid;		/* the one in there; two tables at once have two */
	bool ranges;		/* the hardware invalidates ranges by one command */
	bool repeat;		/* and wants each command twice */
	bool faults;		/* with a queue for page requests; needs PRI in device and unit */
	bool have_pasid;
	uint32_t pasid;	  /* only DMA with this PASID goes through the table */
	uint32_t virt_id; /* what commands and events call the device; bind sets it */
	bool beside;	  /* another PASID of the device has a table, and keeps it */
};

/* A bound first stage. Backends embed it in their own structure. */
struct nest_s1 {
	struct nest_space *space;
	struct nest_vdev *vdev;
	struct nest_s1_config config;
	bool refuses_unaligned; /* an invalidation from the middle of a page is EINVAL */
	bool has_events;	/* faults of the table come by stage1->events */
};

/* A page request of the device. The last of its group waits for an answer. */
struct nest_s1_fault {
	uint64_t addr;
	uint32_t perm; /* enum nest_prot */
	bool exec, priv;
	bool have_pasid;
	uint32_t pasid;
	uint32_t group;
	bool last;
	uint32_t cookie; /* argument of respond */
};

/* A fault that the IOMMU reports to the owner of the first stage; nothing waits for an answer. */
struct nest_s1_event {
	unsigned int code; /* of the hardware: 0x10 */
	uint32_t virt_id;  /* of the device */
	bool have_pasid;
	uint32_t pasid;
	bool have_address; /* it is about a transfer, and the rest holds */
	uint64_t addr;
	uint32_t perm; /* what was tried, enum nest_prot */
	bool stage2, stalled;
	bool of_input; /* the fault is of the transfer itself, not of a fetch for it */
};

/* How far an invalidation reaches. Where a format has no such request, the next larger is made. */
enum nest_s1_reach {
	NEST_S1_PAGE,	    /* one page, as large as the format's smallest */
	NEST_S1_RANGE,	    /* a row of them */
	NEST_S1_PASID,	    /* all translations of the table, or of the PASID that it is bound to */
	NEST_S1_DESCRIPTOR, /* the context descriptor alone, where there is one */
	NEST_S1_CONTEXT,    /* those, and the context descriptor, where there is one */
	NEST_S1_ALL,	    /* the whole domain */
};

struct nest_s1_scope {
	enum nest_s1_reach reach;
	uint64_t addr, npages; /* of PAGE and RANGE */
	bool leaf;	       /* only last-level entries have changed */
	/*
	 * By another command of the same effect, which a guest may use as well: of PAGE (1 of any
	 * ASID, 2 with hints about its level), DESCRIPTOR (1) and ALL (1). Only of a format with
	 * context descriptors.
	 */
	unsigned int variant;
};

struct nest_stage1_ops {
	/*
	 * Attaches the device to the second stage alone, which nested tables stand on; or back to
	 * the plain mapping. NULL: the ABI has no such table.
	 */
	int (*alone)(struct nest_space *space, struct nest_vdev *vdev, bool on);

	/*
	 * Allocates the nest-parent table over the space, the nested table and the fault queue, and
	 * attaches the device. space->failed->stage is the step that the kernel refused:
	 * NEST_PARENT, VIOMMU, VDEVICE, VEVENTQ, FAULT_QUEUE, NESTED or ATTACH_NESTED. The space
	 * keeps the parent, and what stands on it but the nested table, for later binds.
	 */
	int (*bind)(struct nest_space *space, struct nest_vdev *vdev,
		    const struct nest_s1_config *config, struct nest_s1 **ret_s1);

	/* Makes the IOMMU forget cached translations. */
	int (*invalidate)(struct nest_s1 *s1, const struct nest_s1_scope *scope);

	/* The same request rounds times. */
	int (*timed_invalidate)(struct nest_s1 *s1, const struct nest_s1_scope *scope,
				struct nest_timed *timed);

	/*
	 * For the timing of tables: another one of the same configuration, which the undo stack
	 * destroys; the device on it, or with id 0 on its own again; its end; and the device on
	 * none, until table_use() or the end of the first stage. NULL: the ABI has no such
	 * requests.
	 */
	int (*table_new)(struct nest_s1 *s1, uint32_t *ret_id);
	int (*table_use)(struct nest_s1 *s1, uint32_t id);
	int (*table_free)(struct nest_s1 *s1, uint32_t id);
	int (*table_none)(struct nest_s1 *s1);

	/*
	 * Waits up to timeout_ms for page requests. After the timeout 0 with a count of 0; -EINTR:
	 * a signal came; -EOPNOTSUPP: there is no queue.
	 */
	int (*faults)(struct nest_s1 *s1, int timeout_ms, struct nest_s1_fault *buf, size_t room,
		      size_t *ret_count);

	/*
	 * Waits up to timeout_ms for events. ret_lost: how many were lost before, between or behind
	 * them. -EOPNOTSUPP: there is no queue. NULL: this backend has none.
	 */
	int (*events)(struct nest_s1 *s1, int timeout_ms, struct nest_s1_event *buf, size_t room,
		      size_t *ret_count, uint64_t *ret_lost);

	/*
	 * Only where tables stand on a vIOMMU; NULL: nowhere. The queue of events anew, for so many
	 * events; 0: as many as usual.
	 */
	int (*queue_depth)(struct nest_space *space, struct nest_vdev *vdev, uint32_t depth);

	/*
	 * The same. Makes requests that the kernel must refuse, for a device that no table is bound
	 * to, and tells of each what it was, the errno that is due, and the answer: an errno or 0.
	 * config: a table that could be bound. 0, or -errno of a request that must succeed.
	 */
	int (*refusals)(struct nest_space *space, struct nest_vdev *vdev,
			const struct nest_s1_config *config,
			void (*told)(void *data, const char *what, int due, int answer),
			void *data);

	/* Answers one group: the page is mapped now (resolved), or will not be. */
	int (*respond)(struct nest_s1 *s1, uint32_t cookie, bool resolved);

	/*
	 * Attaches the device to the space again, releases all that bind acquired but the parent,
	 * and frees s1.
	 */
	int (*unbind)(struct nest_s1 *s1);

	/*
	 * Only with NEST_FIRST_STAGE_PASID: allocates a PASID from min to max, and pushes its
	 * release.
	 */
	int (*pasid_alloc)(struct nest_space *space, uint32_t min, uint32_t max,
			   uint32_t *ret_pasid);
	int (*pasid_free)(struct nest_space *space, uint32_t pasid);

	bool forgives; /* an invalidation succeeds even if its address is invalid */
};

/* NULL: this backend cannot nest. */
static inline const struct nest_stage1_ops *nest_space_stage1(const struct nest_space *space)
{
	return space->mode->ops->stage1;
}

#endif
