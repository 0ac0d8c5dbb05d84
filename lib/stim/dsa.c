// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel's Data Streaming Accelerator. Work queue 0 serves all DMA, with ATS off, so that the IOMMU
 * reports what it blocks; work queue 1 blocks on a fault and asks for the page. Each has an engine
 * of its own: one that waits for an answer must not hold up the other. Descriptors go to the device
 * by one store of 64 bytes (MOVDIR64B), their records are in the scratch memory. Source: Intel DSA
 * Architecture Specification 3.0, chapters 3 (queues), 5 (errors), 8 (descriptors), 9 (registers).
 */
#include "stim/registry.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "util.h"

enum {
	VERSION = 0x00,
	GENCAP = 0x10,
	WQCAP = 0x20,
	GRPCAP = 0x30,
	ENGCAP = 0x38,
	OPCAP = 0x40,
	OFFSETS = 0x60,
	GENSTS = 0x90,
	CMD = 0xa0,
	CMDSTS = 0xa8,
	SWERR = 0xc0,
};

#define GENCAP_BLOCK	(1u << 0)
#define GENCAP_OVERLAP	(1u << 1)
#define GENCAP_CONFIG	(1u << 31)
#define WQCAP_DEDICATED (UINT64_C(1) << 49)
#define WQCAP_ATS	(UINT64_C(1) << 50) /* may be switched off for a queue */
#define GENSTS_STATE	3u
#define GENSTS_ENABLED	1u
#define GENSTS_HALTED	3u
#define CMDSTS_ACTIVE	(1u << 31)
#define SWERR_VALID	1u
#define SWERR_CLEAR	3u
#define SWERR_CODE(low) ((unsigned int)((low) >> 8 & 0xff))

/* Commands, in bits 24:20 of CMD. */
#define ENABLE_DEVICE (1u << 20)
#define RESET_DEVICE  (5u << 20)
#define ENABLE_QUEUE  (6u << 20) /* by its number; the next two by a set of bits */
#define DRAIN_QUEUE   (8u << 20)
#define RESET_QUEUE   (10u << 20)

/* Errors of commands that say more than that the driver is wrong. */
#define NO_BUS_MASTER 0x12
#define NO_PRI	      0x25
#define NO_PASID      0x26

/* A work queue's configuration: its third word. */
#define QUEUE_ENTRIES	   16u
#define QUEUE_DEDICATED	   (1u << 0)
#define QUEUE_BLOCK	   (1u << 1)
#define QUEUE_NO_ATS	   (1u << 2)
#define QUEUE_PRIORITY	   (1u << 4)
#define QUEUE_PASID(pasid) ((pasid) << 8 | 1u << 28)
#define QUEUE_SIZES	   0x2cu /* at most 4 KiB, and two descriptors a batch */
#define QUEUE_STATE	   24	 /* offset; bits 31:30 */
#define QUEUE_ENABLED	   1u

/* The second word of a descriptor: operation, and flags. */
#define OP_NOOP	    0x00000000u
#define OP_MOVE	    0x03000000u
#define FLAG_BLOCK  0x2u
#define FLAG_RECORD 0xcu /* its address is valid, and one is wanted in any case */

/* A completion record's first byte. */
#define STATUS_MASK	 0x3fu
#define STATUS_WROTE	 0x80u /* the access that failed was a write */
#define STATUS_SUCCESS	 0x01
#define STATUS_FAULT	 0x03
#define STATUS_DENIED	 0x04 /* the page request was answered "invalid" */
#define STATUS_BAD_READ	 0x20
#define STATUS_BAD_WRITE 0x21
#define STATUS_FAILED	 0x22 /* the page request or the translation was answered by a failure */

/* Codes of page responses (PCI Express, page request services). */
#define CODE_SUCCESS  0
#define CODE_INVALID  1
#define CODE_FAILURE  15

#define PORTAL_STRIDE 0x4000u /* from queue to queue */
#define COMMAND_NS    UINT64_C(5000000000)

/* Scratch memory: what a read shows, the bytes that the device holds, a record for each queue. */
#define RECORD_OFFSET 8192
#define RECORD_STRIDE 64

/*
 * What a write stores lies half on the page of the records, half on the next one. An IOMMU that
 * lets a blocked write go to the page used last then changes bytes beside it, and not the same to
 * the same.
 */
#define SOURCE_OFFSET (RECORD_OFFSET + 2048)

enum { PLAIN = 0, ASKING = 1, QUEUES };

#define INTEL 0x8086

static const struct nest_stim_id ids[] = {
	{ .vendor = INTEL, .device = 0x0b25 }, /* Sapphire, Emerald and Granite Rapids */
	{ .vendor = INTEL, .device = 0x11fb }, /* Granite Rapids-D */
	{ .vendor = INTEL, .device = 0x1212 }, /* Diamond Rapids */
	{ .vendor = INTEL,
	  .device = 0x0cfe,
	  .refused = "IAA: this accelerator has no operation that copies memory" },
	{ .vendor = INTEL,
	  .device = 0x1216,
	  .refused = "IAA: this accelerator has no operation that copies memory" },
};

struct dsa {
	bool running;	   /* enabled by this driver */
	bool asking;	   /* there is a second queue that can ask for pages */
	bool asked;	   /* it has a descriptor that is not over */
	uint32_t config;   /* where the queues' configuration begins */
	uint32_t stride;   /* from one to the next */
	uint32_t groups;   /* where the groups' configuration begins */
	bool apart;	   /* there are two engines */
	uint32_t count;	   /* responses to page requests */
	unsigned int code; /* of the last */
	uint8_t result;	   /* and the first byte of its record */
	uint64_t address;  /* and its address */
	bool sourced;	   /* what the last write stored is at SOURCE_OFFSET */
};

struct descriptor {
	uint32_t pasid, operation;
	uint64_t record, from, to;
	uint32_t len, handle;
	uint64_t reserved[3];
};
static_assert(sizeof(struct descriptor) == 64, "descriptor");

static struct dsa *dsa(struct nest_stim *stim)
{
	return stim->state;
}

static uint32_t get32(struct nest_stim *stim, uint32_t at)
{
	return nest_mmio_read32(stim->bars[0].at + at);
}

static uint64_t get64(struct nest_stim *stim, uint32_t at)
{
	return nest_mmio_read64(stim->bars[0].at + at);
}

static void set32(struct nest_stim *stim, uint32_t at, uint32_t value)
{
	nest_mmio_write32(stim->bars[0].at + at, value);
}

static volatile uint8_t *record(struct nest_stim *stim, unsigned int queue)
{
	return stim->scratch + RECORD_OFFSET + queue * RECORD_STRIDE;
}

/* What a command that failed means for the user. */
static int refused(struct nest_stim *stim, unsigned int code)
{
	switch (code) {
	case NO_BUS_MASTER:
		return nest_stim_unfit(stim, -EIO, "it says that bus mastering is off");
	case NO_PASID:
		return nest_stim_unfit(stim, -EOPNOTSUPP,
				       "it says that its PASIDs are switched off");
	default:
		snprintf(stim->clause, sizeof(stim->clause),
			 "it refused its configuration with error 0x%02x", code);
		return nest_stim_unfit(stim, -EIO, stim->clause);
	}
}

/*
 * Gives a command and waits for its end; *ret_code is the device's error, or 0. A signal ends the
 * wait, unless patient.
 */
static int try_command(struct nest_stim *stim, uint32_t value, bool patient, unsigned int *ret_code)
{
	uint32_t status = 0;
	int err;

	set32(stim, CMD, value);
	err = nest_stim_await(stim, CMDSTS, CMDSTS_ACTIVE, 0, COMMAND_NS, patient, &status);
	if (err == -ETIMEDOUT)
		return nest_stim_unfit(stim, err, "it does not end a command");
	if (!err)
		*ret_code = status & 0xff;
	return err;
}

static int command(struct nest_stim *stim, uint32_t value, bool patient)
{
	unsigned int code;
	int err = try_command(stim, value, patient, &code);

	return !err && code ? refused(stim, code) : err;
}

static int start_queue(struct nest_stim *stim, unsigned int queue, uint32_t pasid)
{
	uint32_t at = dsa(stim)->config + queue * dsa(stim)->stride;
	uint32_t mode = QUEUE_DEDICATED | QUEUE_PRIORITY |
			(queue == ASKING ? QUEUE_BLOCK : QUEUE_NO_ATS) |
			(pasid ? QUEUE_PASID(pasid) : 0);
	unsigned int code;
	int err;

	set32(stim, at + 4, 0);
	set32(stim, at + 8, mode);
	set32(stim, at + 12, QUEUE_SIZES);
	if (get32(stim, at + 8) != mode)
		return nest_stim_unfit(stim, -EIO, "it does not take a queue's configuration");
	err = try_command(stim, ENABLE_QUEUE | queue, false, &code);
	/* The capability alone does not say that the kernel has switched them on. */
	if (!err && code == NO_PRI) {
		dsa(stim)->asking = false;
		stim->can &= ~(unsigned int)NEST_STIM_PAGE_REQUEST;
		return 0;
	}
	if (!err && code)
		err = refused(stim, code);
	if (!err && get32(stim, at + QUEUE_STATE) >> 30 != QUEUE_ENABLED)
		err = nest_stim_unfit(stim, -EIO, "its work queue does not start");
	return err;
}

static void clear_error(struct nest_stim *stim)
{
	if (get32(stim, SWERR) & SWERR_VALID)
		set32(stim, SWERR, SWERR_CLEAR);
}

/* From any state to queues that take work. */
static int bring_up(struct nest_stim *stim)
{
	struct dsa *own = dsa(stim);
	uint32_t stride = own->stride;
	int err = command(stim, RESET_DEVICE, false);

	if (err)
		return err;
	clear_error(stim);
	own->running = true;
	own->asked = false;
	set32(stim, own->config, QUEUE_ENTRIES);
	if (own->asking)
		set32(stim, own->config + stride, QUEUE_ENTRIES);
	/* Queues and engines of a group; its flags stay as the reset left them. */
	nest_mmio_write64(stim->bars[0].at + own->groups, own->asking && !own->apart ? 3 : 1);
	nest_mmio_write64(stim->bars[0].at + own->groups + 0x20, 1);
	if (own->asking && own->apart) {
		nest_mmio_write64(stim->bars[0].at + own->groups + 0x40, 2);
		nest_mmio_write64(stim->bars[0].at + own->groups + 0x60, 2);
	}
	err = command(stim, ENABLE_DEVICE, false);
	if (!err)
		err = start_queue(stim, PLAIN, stim->pasid);
	if (!err && own->asking)
		err = start_queue(stim, ASKING, stim->pasid);
	return err;
}

static int submit(struct nest_stim *stim, unsigned int queue, const struct descriptor *descriptor)
{
	volatile uint8_t *portal = stim->bars[1].at + queue * PORTAL_STRIDE;
	uint64_t words[8];
	int err;

	memcpy(words, descriptor, sizeof(words));
	/* A record is never written as 0. */
	memset(stim->scratch + RECORD_OFFSET + queue * RECORD_STRIDE, 0, 32);
	err = nest_mmio_write64x8(portal, words);
	/* The store must reach the device before any register that follows. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return err == -EOPNOTSUPP
		       ? nest_stim_unfit(stim, err,
					 "this processor has no MOVDIR64B, the only store by which "
					 "the device takes work")
		       : err;
}

static struct descriptor move(struct nest_stim *stim, unsigned int queue, uint64_t from,
			      uint64_t to)
{
	return (struct descriptor){
		.operation = OP_MOVE | FLAG_RECORD | (queue == ASKING ? FLAG_BLOCK : 0),
		.record = stim->scratch_iova + RECORD_OFFSET + queue * RECORD_STRIDE,
		.from = from,
		.to = to,
		.len = NEST_STIM_LEN,
	};
}

/* Only a reset of the function ends a halt, and the wait for the answer to a page request. */
static int start_again(struct nest_stim *stim)
{
	int err;

	dsa(stim)->running = false;
	dsa(stim)->asked = false;
	err = nest_vdev_reset(stim->ctx, stim->vdev);
	if (err)
		return nest_stim_unfit(stim, err, "it halted, and the kernel failed to reset it");
	return bring_up(stim);
}

/*
 * A drain ends when what was submitted before it is over, whatever became of the record. 1, 0 or
 * -errno.
 */
static int done(struct nest_stim *stim)
{
	uint32_t status = get32(stim, CMDSTS);
	unsigned int result;
	int err;

	if (status == UINT32_MAX)
		return nest_stim_fail(stim, -EIO, "the device no longer answers");
	if ((get32(stim, GENSTS) & GENSTS_STATE) == GENSTS_HALTED) {
		err = start_again(stim);
		return err ? err : 1;
	}
	if (status & CMDSTS_ACTIVE)
		return 0;
	if (status & 0xff)
		return refused(stim, status & 0xff);
	/* A record that could not be written is reported here. */
	if (get32(stim, SWERR) & SWERR_VALID) {
		clear_error(stim);
		return 1;
	}
	result = *record(stim, PLAIN) & STATUS_MASK;
	if (result >= 0x10 && result < STATUS_BAD_READ && result != 0x1a) {
		snprintf(stim->clause, sizeof(stim->clause),
			 "it refused a descriptor with status 0x%02x", result);
		return nest_stim_fail(stim, -EIO, stim->clause);
	}
	return 1;
}

static int copy(struct nest_stim *stim, uint64_t from, uint64_t to)
{
	struct descriptor descriptor = move(stim, PLAIN, from, to);
	int err = submit(stim, PLAIN, &descriptor);

	if (!err)
		set32(stim, CMD, DRAIN_QUEUE | 1u << PLAIN);
	return err;
}

/* Whose fault that is cannot be told apart. */
#define FIRST "its first accesses did not reach our memory: it or the IOMMU drops address bits"

/*
 * The first DMA of all: the records' page onto itself, which changes no memory wherever it leads,
 * and then a record. Both go to the scratch memory, so that 32 bytes are all that is at stake.
 */
static int try_gently(struct nest_stim *stim)
{
	uint64_t page = stim->scratch_iova + RECORD_OFFSET;
	struct descriptor itself = {
		.operation = OP_MOVE, .from = page, .to = page, .len = NEST_STIM_LEN
	};
	struct descriptor nothing = { .operation = OP_NOOP | FLAG_RECORD, .record = page };
	int err = submit(stim, PLAIN, &itself);

	if (!err)
		err = command(stim, DRAIN_QUEUE | 1u << PLAIN, false);
	if (!err && get32(stim, SWERR) & SWERR_VALID)
		err = nest_stim_unfit(stim, -EIO, FIRST);
	if (!err)
		err = submit(stim, PLAIN, &nothing);
	if (!err)
		err = command(stim, DRAIN_QUEUE | 1u << PLAIN, false);
	if (!err && (*record(stim, PLAIN) & STATUS_MASK) != STATUS_SUCCESS)
		err = nest_stim_unfit(stim, -EIO, FIRST);
	return err;
}

/* What it lacks that the driver needs, or NULL. */
static const char *lacks(struct nest_stim *stim)
{
	uint64_t gencap = get64(stim, GENCAP), wqcap = get64(stim, WQCAP);

	if (!(gencap & GENCAP_CONFIG))
		return "its work queues cannot be configured";
	if (!(gencap & GENCAP_OVERLAP) || !(get64(stim, OPCAP) >> 3 & 1) ||
	    (gencap >> 16 & 0x1f) < 12)
		return "it cannot copy a page";
	if (!(wqcap & WQCAP_DEDICATED) || !(wqcap >> 16 & 0xff) ||
	    (wqcap & 0xffff) < 2 * QUEUE_ENTRIES)
		return "it has no dedicated work queue";
	if (!(wqcap & WQCAP_ATS))
		return "ATS cannot be switched off for a queue, so the IOMMU would not report what "
		       "it blocks";
	if (!(get64(stim, GRPCAP) & 0xff) || !(get64(stim, ENGCAP) & 0xff))
		return "it has no group or no engine";
	return NULL;
}

static int init(struct nest_stim *stim)
{
	uint64_t wqcap = get64(stim, WQCAP), offsets = get64(stim, OFFSETS);
	uint32_t status = get32(stim, GENSTS);
	struct dsa *own = dsa(stim);
	const char *lack;
	int err;

	stim->can = NEST_STIM_READ | NEST_STIM_CHOOSE | NEST_STIM_EXACT | NEST_STIM_UNALIGNED |
		    NEST_STIM_READ_ACROSS | NEST_STIM_DESCRIPTORS | NEST_STIM_OWN_GROUP |
		    (stim->can & (NEST_STIM_PAGE_REQUEST | NEST_STIM_PASID));
	if (status == UINT32_MAX)
		return nest_stim_fail(stim, -ENODEV, "the device does not answer");
	if (!stim->vdev->can_reset)
		return nest_stim_unfit(stim, -EOPNOTSUPP,
				       "the kernel cannot reset it, and only a reset ends a halt");
	if ((status & GENSTS_STATE) == GENSTS_ENABLED || get32(stim, CMDSTS) & CMDSTS_ACTIVE)
		return nest_stim_unfit(stim, -EBUSY, "it is enabled, so it is in use");
	lack = lacks(stim);
	if (lack)
		return nest_stim_unfit(stim, -EOPNOTSUPP, lack);
	own->stride = 32u << (wqcap >> 24 & 0xf);
	own->groups = (uint32_t)(offsets & 0xffff) * 0x100;
	own->config = (uint32_t)(offsets >> 16 & 0xffff) * 0x100;
	own->asking = stim->can & NEST_STIM_PAGE_REQUEST && (wqcap >> 16 & 0xff) > ASKING &&
		      get64(stim, GENCAP) & GENCAP_BLOCK;
	own->apart = (get64(stim, ENGCAP) & 0xff) > 1 && (get64(stim, GRPCAP) & 0xff) > 1;
	if (own->config + QUEUES * own->stride > stim->bars[0].len ||
	    own->groups + 0x80 > stim->bars[0].len ||
	    stim->bars[1].len < (own->asking ? QUEUES : 1) * PORTAL_STRIDE)
		return nest_stim_unfit(stim, -ENXIO, "its queues are beyond its BARs");
	if (!own->asking)
		stim->can &= ~(unsigned int)NEST_STIM_PAGE_REQUEST;
	memset(stim->scratch, 0, NEST_STIM_SCRATCH);
	if ((status & GENSTS_STATE) == GENSTS_HALTED)
		err = start_again(stim);
	else
		err = bring_up(stim);
	return err ? err : try_gently(stim);
}

/* After a read it writes what it has read. */
static int write_out(struct nest_stim *stim, uint64_t iova)
{
	dsa(stim)->sourced = stim->prepared;
	if (!stim->prepared)
		return nest_stim_held_write(stim, iova);
	memcpy(stim->scratch + SOURCE_OFFSET, stim->bytes, NEST_STIM_LEN);
	return copy(stim, stim->scratch_iova + SOURCE_OFFSET, iova);
}

static int read_in(struct nest_stim *stim, uint64_t iova)
{
	dsa(stim)->sourced = false;
	memset(stim->scratch + SOURCE_OFFSET, 0, NEST_STIM_LEN);
	return nest_stim_held_read(stim, iova);
}

/* Two pages hold nothing but the records and the source of writes. */
static const char *astray(struct nest_stim *stim)
{
	const uint8_t *source = stim->scratch + SOURCE_OFFSET;
	size_t at;

	for (at = RECORD_OFFSET + QUEUES * RECORD_STRIDE; at < NEST_STIM_SCRATCH; at++)
		if ((at < SOURCE_OFFSET || at >= SOURCE_OFFSET + NEST_STIM_LEN) &&
		    stim->scratch[at])
			return "memory beside its records was written to";
	return dsa(stim)->sourced && memcmp(source, stim->bytes, NEST_STIM_LEN)
		       ? "the bytes that it writes were written to"
		       : NULL;
}

/* The queues change their PASID only while they are empty and off. */
static int set_pasid(struct nest_stim *stim, uint32_t pasid)
{
	struct dsa *own = dsa(stim);
	uint32_t both = own->asking ? 3 : 1;
	int err = own->asked ? start_again(stim) : command(stim, DRAIN_QUEUE | both, false);

	if (!err)
		err = command(stim, RESET_QUEUE | both, false);
	if (!err)
		err = start_queue(stim, PLAIN, pasid);
	if (!err && own->asking)
		err = start_queue(stim, ASKING, pasid);
	return err;
}

/* The DMA is the request: the engine asks for the page that is absent, and waits. */
static int page_request(struct nest_stim *stim, const struct nest_stim_request *request)
{
	uint64_t held = stim->scratch_iova + NEST_STIM_HELD;
	struct descriptor descriptor = request->write ? move(stim, ASKING, held, request->iova)
						      : move(stim, ASKING, request->iova, held);
	int err;

	if (dsa(stim)->asked)
		return nest_stim_fail(stim, -EBUSY, "it waits for the answer to a page request");
	err = submit(stim, ASKING, &descriptor);
	dsa(stim)->asked = !err;
	return err;
}

static int page_response(struct nest_stim *stim, struct nest_stim_response *ret_response)
{
	struct dsa *own = dsa(stim);
	unsigned int status = own->asked ? *record(stim, ASKING) & STATUS_MASK : 0;
	int err;

	if (own->asked && status) {
		/* The record is the last that it writes; a drain says so. */
		err = command(stim, DRAIN_QUEUE | 1u << ASKING, false);
		if (err)
			return err;
		own->asked = false;
		own->count++;
		own->result = *record(stim, ASKING);
		memcpy(&own->address, stim->scratch + RECORD_OFFSET + ASKING * RECORD_STRIDE + 8,
		       8);
		own->code = status == STATUS_SUCCESS  ? CODE_SUCCESS
			    : status == STATUS_DENIED ? CODE_INVALID
						      : CODE_FAILURE;
	}
	*ret_response = (struct nest_stim_response){ .count = own->count,
						     .code = (uint16_t)own->code,
						     .record = own->result,
						     .address = own->address,
						     .wrote = own->result & STATUS_WROTE };
	return 0;
}

/* Before bus mastering is switched off: that alone would halt a device that is enabled. */
static int fini(struct nest_stim *stim)
{
	struct dsa *own = dsa(stim);
	int err = 0;

	if (!own->running)
		return 0;
	own->running = false;
	if (own->asked)
		return nest_vdev_reset(stim->ctx, stim->vdev);
	/* A queue that never started refuses to be drained. */
	err = command(stim, DRAIN_QUEUE | (own->asking ? 3 : 1), true);
	if (get32(stim, GENSTS) == UINT32_MAX)
		return 0; /* gone: there is nothing to stop */
	return err == -ETIMEDOUT ? nest_vdev_reset(stim->ctx, stim->vdev)
				 : command(stim, RESET_DEVICE, true);
}

const struct nest_stim_ops nest_stim_dsa = {
	.name = "dsa",
	.what = "Intel's Data Streaming Accelerator (on processors with MOVDIR64B)",
	.ids = ids,
	.nids = ARRAY_SIZE(ids),
	.bars = { { .number = 0, .min = 0x1000 }, { .number = 2, .min = PORTAL_STRIDE } },
	.nbars = 2,
	.state_size = sizeof(struct dsa),
	.address_bits = 64,
	.init = init,
	.prepare = nest_stim_held_prepare,
	.write = write_out,
	.read = read_in,
	.astray = astray,
	.done = done,
	.show = nest_stim_held_show,
	.copy = copy,
	.fini = fini,
	.page_request = page_request,
	.page_response = page_response,
	.set_pasid = set_pasid,
};
