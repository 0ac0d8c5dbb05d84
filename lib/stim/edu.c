// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU's teaching device, and the lab's variant with page requests and PASIDs. It copies up to 4
 * KiB between memory and its buffer, 100 ms after the command. Source: docs/specs/edu.rst and
 * hw/misc/edu.c of QEMU.
 */
#include "stim/registry.h"

#include <errno.h>
#include <string.h>

#include "kernel/kernel.h"

/* Registers from 0x80 on are 64 bits wide. */
enum {
	ID = 0x00,	  /* 0xRRrr00ed */
	LIVENESS = 0x04,  /* reads the complement of what was written */
	IRQ_RAISE = 0x60, /* sets these bits of the status, and sends the message */
	IRQ_ACK = 0x64,	  /* clears them */
	DMA_SRC = 0x80,
	DMA_DST = 0x88,
	DMA_COUNT = 0x90,
	DMA_COMMAND = 0x98,
	PRI_REQUEST = 0xa0,  /* IOVA | read 1 | write 2 | last 4 | group << 3; reads its result */
	PRI_RESPONSE = 0xa8, /* count << 32 | group << 16 | code */
	PASID = 0xb0,
};

#define RUN	  1u /* reads 1 until the copy is done */
#define TO_MEMORY 2u
/* 4 would raise an interrupt at the end */

/*
 * The device's buffer of 4 KiB, in its own addresses. Before 8.2, and in the stable series of that
 * time, QEMU itself ends (hw_error()) when a copy reaches the end of it, so none does.
 */
#define BUFFER	       0x40000
#define SPARE	       8

#define PREPARE_OFFSET 4096 /* in the scratch memory; show uses offset 0 */

static const struct nest_stim_id ids[] = {
	{ .vendor = 0x1234, .device = 0x11e8 },
};

static bool is_edu(struct nest_stim *stim)
{
	return (nest_mmio_read32(stim->bars[0].at + ID) & 0xffff) == 0x00ed;
}

/* No reset ends a copy or clears the PASID. */
static int settle(struct nest_stim *stim)
{
	int err;

	if (!is_edu(stim))
		return 0;
	if (nest_mmio_read64(stim->bars[0].at + DMA_COMMAND) & RUN) {
		err = nest_stim_wait(stim);
		if (err == -ETIMEDOUT)
			return nest_stim_fail(stim, -EBUSY,
					      "the device is busy with a DMA of another program");
		if (err)
			return err;
	}
	if (stim->can & NEST_STIM_PASID)
		nest_mmio_write32(stim->bars[0].at + PASID, 0);
	return 0;
}

static int init(struct nest_stim *stim)
{
	const uint32_t probe = 0x5a5aa5a5;

	if (!is_edu(stim))
		return nest_stim_unfit(stim, -ENODEV,
				       "the identification register is not that of edu");
	nest_mmio_write32(stim->bars[0].at + LIVENESS, probe);
	if (nest_mmio_read32(stim->bars[0].at + LIVENESS) != ~probe)
		return nest_stim_unfit(stim, -ENODEV, "the liveness register does not answer");
	/* Plain edu has neither, nor their registers. */
	stim->can = NEST_STIM_READ | NEST_STIM_CHOOSE | NEST_STIM_EXACT | NEST_STIM_UNALIGNED |
		    NEST_STIM_READ_ACROSS |
		    (stim->can & (NEST_STIM_PAGE_REQUEST | NEST_STIM_PASID));
	return 0;
}

/* The device ignores these while it runs; stim/stim.c waits for its end. */
static void copy(struct nest_stim *stim, uint64_t src, uint64_t dst, uint64_t len, uint64_t command)
{
	nest_mmio_write64(stim->bars[0].at + DMA_SRC, src);
	nest_mmio_write64(stim->bars[0].at + DMA_DST, dst);
	nest_mmio_write64(stim->bars[0].at + DMA_COUNT, len);
	nest_mmio_write64(stim->bars[0].at + DMA_COMMAND, command | RUN);
}

static int write(struct nest_stim *stim, uint64_t iova)
{
	copy(stim, BUFFER, iova, NEST_STIM_LEN - SPARE, TO_MEMORY);
	return 0;
}

static int read(struct nest_stim *stim, uint64_t iova)
{
	copy(stim, iova, BUFFER, NEST_STIM_LEN - SPARE, 0);
	return 0;
}

static int word(struct nest_stim *stim, uint64_t iova, bool to_memory)
{
	copy(stim, to_memory ? BUFFER : iova, to_memory ? iova : BUFFER, 4,
	     to_memory ? TO_MEMORY : 0);
	return 0;
}

static int show(struct nest_stim *stim)
{
	return write(stim, stim->scratch_iova);
}

static int done(struct nest_stim *stim)
{
	uint64_t command = nest_mmio_read64(stim->bars[0].at + DMA_COMMAND);

	if (command == UINT64_MAX)
		return nest_stim_fail(stim, -EIO, "the device no longer answers");
	return !(command & RUN);
}

static int prepare(struct nest_stim *stim, uint32_t seed)
{
	nest_stim_page(stim->ops, seed, stim->bytes);
	memcpy(stim->scratch + PREPARE_OFFSET, stim->bytes, NEST_STIM_LEN);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	stim->flying = true;
	read(stim, stim->scratch_iova + PREPARE_OFFSET);
	return nest_stim_wait(stim);
}

static int fini(struct nest_stim *stim)
{
	if (stim->can & NEST_STIM_PASID)
		nest_mmio_write32(stim->bars[0].at + PASID, 0);
	return 0;
}

static int page_request(struct nest_stim *stim, const struct nest_stim_request *request)
{
	uint64_t value = (request->iova & ~UINT64_C(0xfff)) | (request->read ? 1 : 0) |
			 (request->write ? 2 : 0) | (request->last ? 4 : 0) |
			 (request->group & UINT64_C(0x1ff)) << 3;
	int64_t result;

	nest_mmio_write64(stim->bars[0].at + PRI_REQUEST, value);
	result = (int64_t)nest_mmio_read64(stim->bars[0].at + PRI_REQUEST);
	if (!result)
		return 0;
	return nest_stim_fail(stim, result < 0 && result > -4096 ? (int)result : -EIO,
			      "the device could not send a page request");
}

static int page_response(struct nest_stim *stim, struct nest_stim_response *ret_response)
{
	uint64_t value = nest_mmio_read64(stim->bars[0].at + PRI_RESPONSE);

	*ret_response = (struct nest_stim_response){
		.count = (uint32_t)(value >> 32),
		.group = (uint16_t)(value >> 16 & 0x1ff),
		.code = (uint16_t)value,
	};
	return 0;
}

static int set_pasid(struct nest_stim *stim, uint32_t pasid)
{
	nest_mmio_write32(stim->bars[0].at + PASID, pasid);
	return 0;
}

static int interrupt(struct nest_stim *stim)
{
	nest_mmio_write32(stim->bars[0].at + IRQ_RAISE, 1);
	nest_mmio_write32(stim->bars[0].at + IRQ_ACK, 1);
	return 0;
}

static const struct nest_stim_keeper keeper = { .bar = 0, .at = LIVENESS, .flips = UINT32_MAX };

const struct nest_stim_ops nest_stim_edu = {
	.name = "edu",
	.what = "QEMU's edu (1234:11e8)",
	.ids = ids,
	.nids = 1,
	.bars = { { .number = 0, .min = 0x1000 } },
	.nbars = 1,
	.address_bits = 28,
	.spare = SPARE,
	.settle = settle,
	.init = init,
	.prepare = prepare,
	.write = write,
	.read = read,
	.done = done,
	.show = show,
	.keeper = &keeper,
	.word = word,
	.fini = fini,
	.page_request = page_request,
	.page_response = page_response,
	.set_pasid = set_pasid,
	.interrupt = interrupt,
};
