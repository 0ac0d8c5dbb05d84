/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stimulus devices: how to make this device read from, or write to, an address of our choice. One
 * file for each kind, a row in stim/registry.c, and here what the round trip asks of any of them.
 *
 * A driver says what its device does; order and waiting are checked in stim/stim.c alone: nothing
 * before start, one DMA in flight, nothing after a failure. Registers are reached through
 * nest_mmio_*() only.
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

#define NEST_STIM_LEN	  4096 /* bytes of one DMA: one page, at a page's start */
#define NEST_STIM_SCRATCH (4 * 4096)
#define NEST_STIM_BARS	  2 /* that a driver may map */

struct nest_stim;

/* What a device can do. */
enum nest_stim_can {
	NEST_STIM_READ = 1,   /* read memory and show what it saw */
	NEST_STIM_CHOOSE = 2, /* write bytes that we choose, not only its own */
	NEST_STIM_PAGE_REQUEST = 4,
	NEST_STIM_PASID = 8,
	NEST_STIM_EXACT = 16,	    /* moves NEST_STIM_LEN bytes at once, and touches no others */
	NEST_STIM_DESCRIPTORS = 32, /* reads its commands from the scratch memory */
};

struct nest_stim_id {
	uint16_t vendor, device; /* 0, 0: by class */
	uint32_t class_code, class_mask;
};

/* A page request as the device is to send it. */
struct nest_stim_request {
	uint64_t iova;
	bool read, write, last;
	uint16_t group;
};

/* What the device has heard of its requests. */
struct nest_stim_response {
	uint32_t count; /* responses since the device was started */
	uint16_t group;
	uint16_t code; /* of the last: 0 success, 1 invalid, 15 failure (PCI Express, PRI) */
};

struct nest_stim_ops {
	const char *name; /* "edu": word of output and man page */
	const char *what; /* for the list of devices that have a stimulus */
	const struct nest_stim_id *ids;
	size_t nids;
	struct nest_stim_bar_need {
		unsigned int number; /* 0 to 5 */
		size_t min;	     /* bytes that hold the registers */
	} bars[NEST_STIM_BARS];
	size_t nbars;
	size_t state_size;	   /* bytes of the driver's own at stim->state, cleared */
	unsigned int address_bits; /* that the device is sure to drive */

	/*
	 * NULL, or: the BARs are mapped at stim->bars, bus mastering is still off, and there is no
	 * stim->state yet. Waits until nothing is left of what a program that was killed had the
	 * device do, so that none of it reaches memory of ours. A device that it does not know is
	 * for init to refuse.
	 */
	int (*settle)(struct nest_stim *stim);

	/*
	 * The BARs are mapped at stim->bars, decoding and bus mastering are on. Brings the device
	 * to where it takes DMA commands. stim->can holds what the device's capabilities and the
	 * kernel let it do (PAGE_REQUEST, PASID); init takes away what it does not know how to ask
	 * for, and adds the rest. A device that is not EXACT then is refused. May use the scratch
	 * memory.
	 */
	int (*init)(struct nest_stim *stim);

	/*
	 * Guarantees: afterwards the device holds NEST_STIM_LEN bytes that its next writes will
	 * store, and a copy of them is in stim->bytes. With CHOOSE they are a pattern made from
	 * seed, without they are the device's own and always the same.
	 */
	int (*prepare)(struct nest_stim *stim, uint32_t seed);

	/*
	 * Starts a write of NEST_STIM_LEN prepared bytes to iova. Guarantees: the device attempts
	 * to write to all of that range and to nothing else but its scratch memory; no interrupt.
	 */
	int (*write)(struct nest_stim *stim, uint64_t iova);

	/* READ: starts a read of NEST_STIM_LEN bytes from iova. The same guarantees. */
	int (*read)(struct nest_stim *stim, uint64_t iova);

	/*
	 * Is the DMA over: 1, 0 not yet, -errno when it never will be. Guarantees: after 1 there
	 * are no accesses in flight. Whether the accesses were let through is not told: the IOMMU
	 * may have blocked them, and a device need not notice.
	 */
	int (*done)(struct nest_stim *stim);

	/*
	 * READ: starts a write of what the last read saw to the scratch memory at offset 0. Bytes
	 * of a read that was blocked are whatever the bus made of them.
	 */
	int (*show)(struct nest_stim *stim);

	/*
	 * Leaves the device as init found it, as far as it has registers for that; no DMA after
	 * it.
	 */
	int (*fini)(struct nest_stim *stim);

	/* PAGE_REQUEST: sends one. -EPERM or another errno of the device's own if it will not. */
	int (*page_request)(struct nest_stim *stim, const struct nest_stim_request *request);
	int (*page_response)(struct nest_stim *stim, struct nest_stim_response *ret_response);

	/* PASID: tags all further DMA and page requests; 0 for none. */
	int (*set_pasid)(struct nest_stim *stim, uint32_t pasid);
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
	void *state;		/* the driver's, of ops->state_size; NULL outside of init to fini */

	/* NEST_STIM_SCRATCH bytes that the device reaches at iova as long as it is started */
	uint8_t *scratch;
	uint64_t scratch_iova;

	uint8_t bytes[NEST_STIM_LEN]; /* what a write stores; valid after prepare */
	const char *failed;	      /* static, or clause */
	char clause[64];
	uint32_t pasid;
	bool started, prepared, flying, broken;
};

/*
 * Enables and maps the device and starts its driver; pushes all inverses. may is a set of
 * PAGE_REQUEST and PASID: what the device has capabilities for, switched on by the kernel. scratch
 * is mapped for the device at scratch_iova, read and write, and stays so until the undo. *stim
 * must outlive that.
 */
int nest_stim_start(struct nest_ctx *ctx, struct nest_vdev *vdev, const struct nest_stim_ops *ops,
		    unsigned int may, void *scratch, uint64_t scratch_iova, struct nest_stim *stim);

/*
 * For the very first DMA, while it is not known that the IOMMU translates at all: the device reads
 * the page at iova and writes the same bytes back to where it read them. Where the page was
 * changed in between, *ret_came_back tells that both went to it; where they went elsewhere,
 * nothing changed there. page is ours at that iova. -EOPNOTSUPP for a device that cannot read.
 */
int nest_stim_echo(struct nest_stim *stim, uint64_t iova, uint8_t *page, uint32_t seed,
		   bool *ret_came_back);

/* Chooses what the next writes store: stim->bytes. */
int nest_stim_prepare(struct nest_stim *stim, uint32_t seed);

/*
 * One DMA, waited for: at most a second, -ETIMEDOUT then and the device is not used any more;
 * -EINTR when a signal came, and the DMA may be in flight still (the driver's fini waits it out).
 * Success does not say that memory was reached.
 */
int nest_stim_write(struct nest_stim *stim, uint64_t iova);

/* The same for a read; what the device saw is copied to buf. -EOPNOTSUPP without NEST_STIM_READ. */
int nest_stim_read(struct nest_stim *stim, uint64_t iova, uint8_t buf[NEST_STIM_LEN]);

/* -EOPNOTSUPP without the ability. */
int nest_stim_page_request(struct nest_stim *stim, const struct nest_stim_request *request);
int nest_stim_page_response(struct nest_stim *stim, struct nest_stim_response *ret_response);
int nest_stim_set_pasid(struct nest_stim *stim, uint32_t pasid);

/* ---- for the drivers ---- */

/* Notes the clause and returns err. */
int nest_stim_fail(struct nest_stim *stim, int err, const char *clause);

/* Waits until ops->done(); for DMA that a driver starts on its own account, in init. */
int nest_stim_wait(struct nest_stim *stim);

/*
 * Fills buf with bytes that depend on seed and differ from those of any other seed in every 8
 * bytes.
 */
void nest_stim_pattern(uint32_t seed, uint8_t *buf, size_t len);

#endif
