/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host that is emulated, as its description tells it (README.md lists the keys). */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include "fake.h"

enum fake_abi {
	FAKE_TYPE1,	    /* mainline container alone */
	FAKE_IOMMUFD,	    /* container, /dev/iommu and device nodes */
	FAKE_COMPAT,	    /* the same, /dev/vfio/vfio served by iommufd */
	FAKE_RFC_V3,	    /* type1 with the version query of January 2020 */
	FAKE_NESTING_OP_V8, /* type1 with the last posting of that series */
	FAKE_SPAPR,
	FAKE_NOIOMMU,
	FAKE_NONE,
};

/* The revision of the out-of-tree series; see nesting-uapi's postings. */
enum fake_rev {
	FAKE_REV_NONE,
	FAKE_REV_RFC_V3,
	FAKE_REV_RFC_V3_PADDED, /* with a capability of 16 bytes */
	FAKE_REV_V1,
	FAKE_REV_V2,
	FAKE_REV_V3,
	FAKE_REV_V4,
	FAKE_REV_V5,
	FAKE_REV_V6,
	FAKE_REV_V7,
	FAKE_REV_V8,
	FAKE_REV_V8_PRI, /* as product trees have it */
};

/* Bits of VT-d's capability registers that decide something here. */
enum {
	CAP_FL1GP = 56,
	CAP_FL5LP = 60,
	ECAP_DT = 2,
	ECAP_SC = 7,
	ECAP_NEST = 26,
	ECAP_PRS = 29,
	ECAP_SRS = 31,
	ECAP_EAFS = 34,
	ECAP_PSS = 35, /* five bits */
	ECAP_PASID = 40,
	ECAP_SMTS = 43,
	ECAP_SLADS = 45,
	ECAP_SLTS = 46,
	ECAP_FLTS = 47,
};

enum fake_iommu_kind { FAKE_VTD, FAKE_AMD, FAKE_SMMUV3, FAKE_OTHER_IOMMU };

/* Things a broken host does wrong; no test may take such a host for a good one. */
enum fake_flaw {
	FAKE_FLAW_IGNORE_S1 = 1,	    /* DMA goes through the second stage alone */
	FAKE_FLAW_IGNORE_INVALIDATE = 2,    /* invalidation says yes and flushes nothing */
	FAKE_FLAW_LET_THROUGH = 4,	    /* a blocked DMA lands all the same, unreported */
	FAKE_FLAW_OVERRUN = 8,		    /* a DMA write goes 8 bytes beyond its end */
	FAKE_FLAW_LOSE_DMA = 16,	    /* DMA is dropped without a word */
	FAKE_FLAW_CORRUPT = 32,		    /* a DMA write flips one bit */
	FAKE_FLAW_FAULT_ADDR = 64,	    /* faults are logged for the page after */
	FAKE_FLAW_SILENT_FAULT = 128,	    /* faults are not logged */
	FAKE_FLAW_IOVA_32 = 1 << 8,	    /* a first stage takes 32 bits of an address */
	FAKE_FLAW_IOVA_BIT = 1 << 9,	    /* and one ignores bit 30 */
	FAKE_FLAW_TARGET_BIT = 1 << 10,	    /* bit 36 of what a leaf says is ignored */
	FAKE_FLAW_TABLE_BIT = 1 << 11,	    /* and of where a table lies */
	FAKE_FLAW_WARM_ATTACH = 1 << 12,    /* what was cached survives an attach and a detach */
	FAKE_FLAW_KEEP_NESTED = 1 << 13,    /* and an unmapping below a first stage */
	FAKE_FLAW_RANGE_FIRST = 1 << 14,    /* of a range only the first page is invalidated */
	FAKE_FLAW_BYPASS = 1 << 15,	    /* what a first stage gives is used as host-physical */
	FAKE_FLAW_LEAF_ONLY = 1 << 16,	    /* an invalidation without LEAF does nothing */
	FAKE_FLAW_WRITE_ANY = 1 << 17,	    /* a read-only leaf may be written */
	FAKE_FLAW_USER_ANY = 1 << 18,	    /* a privileged leaf may be used */
	FAKE_FLAW_UPPER_ANY = 1 << 19,	    /* rights above the leaf are ignored */
	FAKE_FLAW_CACHED_WRITE = 1 << 20,   /* what a read cached serves a write */
	FAKE_FLAW_LARGE_OFFSET = 1 << 21,   /* bit 16 of an offset in 2 MiB is lost */
	FAKE_FLAW_UNALIGNED = 1 << 22,	    /* what crosses a page is cut there */
	FAKE_FLAW_READ_OTHER = 1 << 23,	    /* a blocked read is answered from another page */
	FAKE_FLAW_UPPER_CACHE = 1 << 24,    /* tables are remembered until all is forgotten */
	FAKE_FLAW_RESERVED_ANY = 1 << 25,   /* reserved bits are ignored */
	FAKE_FLAW_NO_MARKS = 1 << 26,	    /* Accessed and Dirty are not set */
	FAKE_FLAW_SPURIOUS = 1 << 27,	    /* the first DMA that succeeds logs a fault, too */
	FAKE_FLAW_REASON = 1 << 28,	    /* faults have another reason */
	FAKE_FLAW_DIRECTION = 1 << 29,	    /* and the other direction */
	FAKE_FLAW_REQUEST_RIGHTS = 1 << 30, /* page requests ask for all rights */
};

/* A flaw of the unit that also takes one of the kernel: the answers to page requests are swapped.
 */
#define FAKE_FLAW_ANSWER       (UINT64_C(1) << 31)
#define FAKE_FLAW_PRESENT_ANY  (UINT64_C(1) << 32) /* an entry with an address is present */
#define FAKE_FLAW_CANONICAL    (UINT64_C(1) << 33) /* any address is canonical */
#define FAKE_FLAW_LATE	       (UINT64_C(1) << 34) /* invalidations come 20 ms late */
#define FAKE_FLAW_REQUESTER    (UINT64_C(1) << 35) /* what is cached serves any device */
#define FAKE_FLAW_REQUESTER_S1 (UINT64_C(1) << 36) /* the same, of a first stage */
#define FAKE_FLAW_KEEP_READ    (UINT64_C(1) << 37) /* what allows no write is not invalidated */
#define FAKE_FLAW_PASID_BIT    (UINT64_C(1) << 38) /* bit 3 of a PASID is ignored */
#define FAKE_FLAW_SECOND_LOST  (UINT64_C(1) << 39) /* faults of the second stage are not logged */
#define FAKE_FLAW_NO_PASID     (UINT64_C(1) << 40) /* faults are logged without their PASID */
#define FAKE_FLAW_PASID_LOST   (UINT64_C(1) << 41) /* those with a PASID are not logged */
#define FAKE_FLAW_LEAF_MARKS   (UINT64_C(1) << 42) /* Accessed is set in leaves alone */
#define FAKE_FLAW_SIGN	       (UINT64_C(1) << 43) /* bit 47 is ignored */
/* Flaws of the device edu. */
#define FAKE_FLAW_AGAIN (UINT64_C(1) << 44) /* a DMA is done again, 300 ms later */
#define FAKE_FLAW_GONE	(UINT64_C(1) << 45) /* all reads of it give ones */
#define FAKE_FLAW_HUNG	(UINT64_C(1) << 46) /* no DMA ends */
/* Flaws of tables that note writes. */
#define FAKE_FLAW_LOSE_DIRTY (UINT64_C(1) << 47) /* none is noted */
#define FAKE_FLAW_DIRTY_NEXT (UINT64_C(1) << 48) /* the next page is noted, too */
/* And more of the unit. */
#define FAKE_FLAW_CACHE_ABSENT	(UINT64_C(1) << 49) /* caches that a page is not mapped */
#define FAKE_FLAW_SECOND_32	(UINT64_C(1) << 50) /* a second stage alone takes 32 bits */
#define FAKE_FLAW_RESERVED_LOST (UINT64_C(1) << 51) /* faults of reserved bits are not logged */
#define FAKE_FLAW_CACHE_PASID	(UINT64_C(1) << 52) /* what is cached serves any PASID */
#define FAKE_FLAW_IOVA_PAGE	(UINT64_C(1) << 53) /* bit 12 is ignored by a first stage */
#define FAKE_FLAW_CACHE_BIT	(UINT64_C(1) << 54) /* the cache does not compare bit 33 */
#define FAKE_FLAW_KEEP_TABLE	(UINT64_C(1) << 55) /* where a table lay is remembered for good */
#define FAKE_FLAW_REQUEST_GROUP (UINT64_C(1) << 56) /* bit 8 of a group is lost */
/* Flaws of an SMMUv3, and of the kernel in front of one. */
#define FAKE_FLAW_STE_KEPT     (UINT64_C(1) << 57) /* a block or a bypass changes nothing */
#define FAKE_FLAW_CONTEXT_KEPT (UINT64_C(1) << 58) /* CFGI_CD does nothing */
#define FAKE_FLAW_ASID_KEPT    (UINT64_C(1) << 59) /* TLBI_NH_ASID does nothing */
#define FAKE_FLAW_CACHE_ASID   (UINT64_C(1) << 60) /* what is cached serves any ASID */
#define FAKE_FLAW_LOSS_UNTOLD  (UINT64_C(1) << 61) /* the queue loses events without a word */
#define FAKE_FLAW_EVENT_STREAM (UINT64_C(1) << 62) /* events name another device */
#define FAKE_FLAW_TAKES_ALL    (UINT64_C(1) << 63) /* any entry and command is taken */

/* What the kernel does with dma-bufs of BARs. */
enum fake_dmabuf_kind {
	FAKE_DMABUF_NONE, /* built without CONFIG_VFIO_PCI_DMABUF */
	FAKE_DMABUF_SOUND,
	FAKE_DMABUF_LOOSE,   /* the end of the BAR is not looked at */
	FAKE_DMABUF_KEPT,    /* what is revoked is mapped all the same */
	FAKE_DMABUF_WARM,    /* a mapping survives its revocation */
	FAKE_DMABUF_SHIFTED, /* a mapping leads 4 bytes further */
};

/* A value that may have been set by hand. */
struct fake_override {
	bool set;
	long value;
};

struct fake_node {
	char path[64];
	int open_err; /* 0, or what open(2) answers */
};

struct fake_range {
	uint64_t start, last;
};

#define FAKE_MAX_TYPES	  16
#define FAKE_MAX_NODES	  32
#define FAKE_MAX_GROUPS	  32
#define FAKE_MAX_DEVICES  32
#define FAKE_MAX_RESERVED 8

struct fake_machine {
	enum fake_abi abi;
	enum fake_rev rev;
	uint32_t ring;		  /* entries in the ring of faults */
	bool ring_mmap, ring_irq; /* it can be mapped, has an interrupt */
	struct fake_override ring_head, ring_entry, ring_offset; /* what its header says instead */
	struct fake_override ring_area; /* how much of it can be mapped, by what the device says */
	char release[64];
	unsigned int version; /* of the kernel: major << 8 | minor */
	enum fake_iommu_kind iommu;
	uint64_t cap, ecap, iidr, canwbs;
	uint64_t ignores;  /* SMMUv3: the command of this number does nothing */
	bool scalable;	   /* the kernel runs the unit in scalable mode */
	bool stale;	   /* the unit serves old translations until told */
	bool isolated_msi; /* interrupt remapping */
	enum fake_dmabuf_kind dmabuf;
	bool msi_past;	     /* SMMUv3: messages go past the first stage */
	bool msi_lost;	     /* no message arrives */
	bool any_vmid;	     /* SMMUv3: what is cached serves any VMID */
	bool other_stage;    /* SMMUv3: events in the log blame the other stage */
	bool aliased;	     /* an SMMUv3 knows devices by several stream ids */
	bool iommufd_option; /* CONFIG_ARM_SMMU_V3_IOMMUFD, CONFIG_AMD_IOMMU_IOMMUFD */
	bool sys_resource;   /* the program has CAP_SYS_RESOURCE */
	bool cmdqv;	     /* SMMUv3: NVIDIA's command queues, which IOMMU_GET_HW_INFO tells of */
	bool hatdis;	     /* AMD: firmware switches the host page table off */
	bool guest_table;    /* AMD: a kernel that has nested tables, which 7.3 has not */
	bool fault_limit;    /* the kernel's rate limit on fault lines */
	unsigned int aw_bits;
	uint64_t page; /* PAGE_SIZE of the kernel; SMMUv3 and iommufd alone look at it */
	uint64_t flaws;
	int fault_format;	   /* 0 by release, 1 before 5.13, 2 without segment, 3 with */
	struct fake_override mock; /* the kernel has its mock device; negative: and refuses it */
	struct fake_override api_version, query_before, query_after;
	struct fake_override ext[FAKE_MAX_TYPES], set_iommu[FAKE_MAX_TYPES];
	uint64_t pgsizes;
	uint32_t dma_avail;
	uint64_t memlock; /* bytes that may be pinned */
	uint8_t *chain;	  /* served in place of GET_INFO's own capabilities */
	size_t chain_len;
	uint32_t first_id;    /* of iommufd's objects; 0: 1, as the kernel has it */
	uint32_t first_pasid; /* the least that is given out */
	struct fake_override chain_offset, chain_argsz;
	struct fake_range reserved[FAKE_MAX_RESERVED];
	size_t nreserved;
	struct fake_node nodes[FAKE_MAX_NODES];
	size_t nnodes;
	struct fake_group *groups[FAKE_MAX_GROUPS];
	size_t ngroups;
	struct fake_device *devices[FAKE_MAX_DEVICES];
	size_t ndevices;
};

extern struct fake_machine fake_machine;

/* Reads a description; 0, or -1 after a line on stderr. Text is not kept. */
int fake_machine_parse(const char *text);
void fake_machine_free(void);

/* Is the emulated kernel of this release or younger? */
bool fake_since(unsigned int major, unsigned int minor);

/* Has the unit this bit of ECAP? False unless it is a VT-d. */
bool fake_ecap(unsigned int bit);

/* Smallest page that the IOMMU maps; the kernel takes its own size if the IOMMU has it. */
uint64_t fake_io_page(void);

#endif
