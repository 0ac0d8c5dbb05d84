/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stimulus devices: how to make a device read from, or write to, an address of our choice. Each
 * kind has a file and a row in stim/registry.c. This is what the round trip asks of any of them.
 *
 * A driver describes what its device does. stim/stim.c checks order and waits: no use before start,
 * one DMA in flight, no use after a failure. Drivers access registers only by nest_mmio_*().
 *
 * All functions return 0 or -errno; stim->failed then holds one clause for people.
 */
#ifndef NEST_STIM_H
#define NEST_STIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "backend/vdev.h"

#define NEST_STIM_LEN	  4096 /* bytes of one DMA at most: a whole page */
#define NEST_STIM_SCRATCH (4 * 4096)
#define NEST_STIM_FRAME	  1024 /* the pieces in which a network controller moves them */
#define NEST_STIM_BARS	  2    /* that a driver may map */

struct nest_stim;

/* What a device can do. */
enum nest_stim_can {
	NEST_STIM_READ = 1,   /* reads memory, and shows what it read */
	NEST_STIM_CHOOSE = 2, /* writes bytes of our choice, not only its own */
	NEST_STIM_PAGE_REQUEST = 4,
	NEST_STIM_PASID = 8,
	NEST_STIM_EXACT = 16,	    /* one DMA moves nest_stim_len() bytes and accesses no others */
	NEST_STIM_UNALIGNED = 64,   /* a write may begin at any multiple of 8 */
	NEST_STIM_DESCRIPTORS = 32, /* keeps commands or records in the scratch memory */
	NEST_STIM_READ_ACROSS = 256, /* a read may, too, and go on in another page */
	NEST_STIM_OWN_GROUP = 128,   /* a page request is its own DMA: no choice of its group */
};

struct nest_stim_id {
	uint16_t vendor, device; /* 0, 0: by class */
	uint32_t class_code, class_mask;
	const char *refused; /* a device that is known and cannot be used: why, or NULL */
};

/* A page request for the device to send. */
struct nest_stim_request {
	uint64_t iova;
	bool read, write, last;
	uint16_t group;
};

/* The last response to the device. */
struct nest_stim_response {
	uint32_t count; /* responses since start */
	uint16_t group;
	uint16_t code;	  /* of the last: 0 success, 1 invalid, 15 failure (PCI Express, PRI) */
	uint8_t record;	  /* status in the device's record of that DMA, 0: it keeps none */
	uint64_t address; /* what that record says of the access that failed; with a code but 0 */
	bool wrote;
};

/* A register of 32 bits that keeps what is written to it, and does nothing else. */
struct nest_stim_keeper {
	unsigned int bar; /* index of bars below */
	uint32_t at;	  /* offset there */
	uint32_t flips;	  /* bits that read as the complement of what was written */
};

struct nest_stim_ops {
	const char *name; /* "edu": the word in output and man page */
	const char *what; /* for the list of supported devices */
	const struct nest_stim_id *ids;
	size_t nids;
	struct nest_stim_bar_need {
		unsigned int number; /* 0 to 5 */
		size_t min;	     /* bytes that hold the registers */
	} bars[NEST_STIM_BARS];
	size_t nbars;
	size_t state_size;	   /* bytes at stim->state, for the driver; cleared */
	unsigned int address_bits; /* that every such device drives */
	size_t spare; /* bytes at the end of a page that its DMA leaves alone; 0 there, and in ours
		       */

	/*
	 * May be NULL. The BARs are mapped at stim->bars, bus mastering is off, and stim->state is
	 * NULL. Waits for the end of DMA that a killed program may have left running, so that none
	 * of it reaches our memory. An unknown device is left to init, which refuses it.
	 */
	int (*settle)(struct nest_stim *stim);

	/*
	 * The BARs are mapped at stim->bars, decoding and bus mastering are on. Prepares the device
	 * for DMA commands. stim->can holds what its capabilities and the kernel allow
	 * (PAGE_REQUEST, PASID); init removes what the driver does not support and adds the rest. A
	 * device without EXACT is then refused. May use the scratch memory.
	 */
	int (*init)(struct nest_stim *stim);

	/*
	 * Guarantees: afterwards the device holds nest_stim_len() bytes that its next writes will
	 * store, and stim->bytes holds a copy. With CHOOSE they are a pattern made from seed;
	 * without, they are the device's own and always the same.
	 */
	int (*prepare)(struct nest_stim *stim, uint32_t seed);

	/*
	 * Starts a write of nest_stim_len() prepared bytes to iova. Guarantees: the device attempts
	 * to write to all of that range and to nothing else but its scratch memory; no interrupt.
	 */
	int (*write)(struct nest_stim *stim, uint64_t iova);

	/* READ: starts a read of nest_stim_len() bytes from iova. The same guarantees. */
	int (*read)(struct nest_stim *stim, uint64_t iova);

	/*
	 * Is the DMA over: 1 yes, 0 not yet, -errno never. Guarantees: after 1 there are no
	 * accesses in flight. The answer does not show whether the IOMMU blocked them: a device may
	 * not notice.
	 */
	int (*done)(struct nest_stim *stim);

	/*
	 * May be NULL. After a DMA that did not end, or that was to be blocked: a clause that says
	 * which trace of an access is at a wrong place in the scratch memory, or NULL.
	 */
	const char *(*astray)(struct nest_stim *stim);

	/*
	 * READ: starts a write of what the last read saw to the scratch memory at offset 0. After a
	 * blocked read these bytes are undefined.
	 */
	int (*show)(struct nest_stim *stim);

	/* Only for nest_stim_held_*(): starts a copy of NEST_STIM_LEN bytes from memory to memory.
	 */
	int (*copy)(struct nest_stim *stim, uint64_t from, uint64_t to);

	/*
	 * May be NULL, both of them. A register that the device's own DMA may reach, where its BAR
	 * is mapped for the device; and the start of such a DMA, of 4 bytes: a write of the first
	 * prepared ones, or a read, which show() shows.
	 */
	const struct nest_stim_keeper *keeper;
	int (*word)(struct nest_stim *stim, uint64_t iova, bool write);

	/*
	 * Restores the registers that init found, as far as the device has any; no DMA after it.
	 */
	int (*fini)(struct nest_stim *stim);

	/*
	 * PAGE_REQUEST: sends one. -EPERM or another errno: the device refuses. With OWN_GROUP
	 * it starts a DMA that waits for the answer; the DMA of write and read goes on beside it.
	 */
	int (*page_request)(struct nest_stim *stim, const struct nest_stim_request *request);
	int (*page_response)(struct nest_stim *stim, struct nest_stim_response *ret_response);

	/* PASID: tags all further DMA and page requests; 0: no PASID. */
	int (*set_pasid)(struct nest_stim *stim, uint32_t pasid);

	/*
	 * May be NULL. Sends the message of the first vector once, which is switched on (MSI or
	 * MSI-X), and leaves no interrupt pending.
	 */
	int (*interrupt)(struct nest_stim *stim);
};

struct nest_stim {
	struct nest_ctx *ctx;
	struct nest_vdev *vdev;
	const struct nest_stim_ops *ops;
	unsigned int can; /* set of enum nest_stim_can */
	struct nest_stim_bar {
		volatile uint8_t *at;
		size_t len;
	} bars[NEST_STIM_BARS]; /* in the order of ops->bars */
	void *state;		/* of ops->state_size bytes; NULL before init and after fini */

	/* NEST_STIM_SCRATCH bytes that the device reaches at scratch_iova while started */
	uint8_t *scratch;
	uint64_t scratch_iova;

	uint8_t bytes[NEST_STIM_LEN]; /* what a write stores, after prepare */
	const char *failed;	      /* static, or clause */
	char clause[64];
	uint32_t pasid;
	bool started, prepared, flying, broken;
	bool careful; /* the next echo, until one came back */
	bool unfit;   /* it cannot be used, and made no DMA */
	bool hidden;  /* memory decoding is off, for good: no register may be accessed */
};

/*
 * Maps and enables the device and starts its driver; pushes all inverses. may is a set of
 * PAGE_REQUEST and PASID: the capabilities that the kernel has enabled. scratch must stay mapped
 * for the device at scratch_iova, read and write, until the undo. *stim must outlive that.
 */
int nest_stim_start(struct nest_ctx *ctx, struct nest_vdev *vdev, const struct nest_stim_ops *ops,
		    unsigned int may, void *scratch, uint64_t scratch_iova, struct nest_stim *stim);

/*
 * For the first DMA, before the IOMMU is known to translate: the device reads the page at iova and
 * writes the same bytes back to it. The page is cleared in between, so *ret_came_back shows that
 * both accesses reached it. If both went to foreign memory instead, that did not change. A careful
 * one reads twice, so that the second read and the write use what the first one has had cached.
 * page is our address of that iova. What came back is prepared for further writes. -EOPNOTSUPP: the
 * device cannot read.
 */
int nest_stim_echo(struct nest_stim *stim, uint64_t iova, uint8_t *page, uint32_t seed,
		   bool *ret_came_back);

/* Sets what the next writes store: stim->bytes. */
int nest_stim_prepare(struct nest_stim *stim, uint32_t seed);

/*
 * One DMA, and its end. -ETIMEDOUT after a second: the device is not used again. -EINTR: a signal
 * came, and the DMA may still be in flight (the undo waits for it). Success does not show that the
 * DMA reached memory.
 */
int nest_stim_write(struct nest_stim *stim, uint64_t iova);

/*
 * The two halves of a write, for what has to happen in between. keen: look for its end without a
 * pause.
 */
int nest_stim_begin(struct nest_stim *stim, uint64_t iova);
int nest_stim_finish(struct nest_stim *stim, bool keen);

/* The same for a read; buf gets what the device read. -EOPNOTSUPP without NEST_STIM_READ. */
int nest_stim_read(struct nest_stim *stim, uint64_t iova, uint8_t buf[NEST_STIM_LEN]);

/*
 * Of a device with a keeper, which is mapped for it at iova: one DMA of 4 bytes each. A write moves
 * the first of stim->bytes.
 */
int nest_stim_word_read(struct nest_stim *stim, uint64_t iova, uint32_t *ret);
int nest_stim_word_write(struct nest_stim *stim, uint64_t iova);

/* The keeper itself: what it reads as, before and after value was written to it. */
uint32_t nest_stim_kept(struct nest_stim *stim);
uint32_t nest_stim_keep(struct nest_stim *stim, uint32_t value);

/*
 * The scratch memory is mapped at another address now. -EOPNOTSUPP: the device keeps addresses of
 * it (NEST_STIM_DESCRIPTORS).
 */
int nest_stim_move(struct nest_stim *stim, uint64_t scratch_iova);

/* -EOPNOTSUPP: the device does not support it. */
int nest_stim_page_request(struct nest_stim *stim, const struct nest_stim_request *request);
int nest_stim_page_response(struct nest_stim *stim, struct nest_stim_response *ret_response);
int nest_stim_set_pasid(struct nest_stim *stim, uint32_t pasid);
int nest_stim_interrupt(struct nest_stim *stim);

/* ---- for the drivers ---- */

/* Sets stim->failed and returns err. */
int nest_stim_fail(struct nest_stim *stim, int err, const char *clause);

/* The same before any DMA: nothing follows from it about the IOMMU. */
int nest_stim_unfit(struct nest_stim *stim, int err, const char *clause);

/* Waits until ops->done(): for DMA that a driver starts itself, in init. */
int nest_stim_wait(struct nest_stim *stim);

/*
 * Waits until the 32-bit register at that offset of the first BAR has these bits of the mask;
 * *ret_value (may be NULL) is what it holds then. -ETIMEDOUT; -EIO: all ones, the device is gone. A
 * signal ends the wait (-EINTR), unless patient.
 */
int nest_stim_await(struct nest_stim *stim, uint32_t at, uint32_t mask, uint32_t bits,
		    uint64_t limit_ns, bool patient, uint32_t *ret_value);

/*
 * prepare, write, read and show of a device that has no buffer of its own and copies from memory to
 * memory: what it holds is the page of the scratch memory at NEST_STIM_HELD. After a blocked read
 * these are zeros.
 */
#define NEST_STIM_HELD 4096
int nest_stim_held_prepare(struct nest_stim *stim, uint32_t seed);
int nest_stim_held_write(struct nest_stim *stim, uint64_t iova);
int nest_stim_held_read(struct nest_stim *stim, uint64_t iova);
int nest_stim_held_show(struct nest_stim *stim);

/*
 * Fills buf with bytes that depend on seed. Two seeds differ in every 8 bytes. No piece of
 * NEST_STIM_FRAME bytes is a frame of a protocol.
 */
void nest_stim_pattern(uint32_t seed, uint8_t *buf, size_t len);

/* Bytes of one DMA of such a device; NULL: of any. */
size_t nest_stim_len(const struct nest_stim_ops *ops);

/* A pattern that one DMA can move: a page of it, with zeros where the DMA does not reach. */
void nest_stim_page(const struct nest_stim_ops *ops, uint32_t seed, uint8_t page[NEST_STIM_LEN]);

#endif
