// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An NVMe controller: it writes its own 4 KiB (Identify Controller) to an address of our choice.
 * Only the admin queue exists and only Identify is sent, so the media is never accessed. A
 * controller that is enabled is in use, and is refused. Source: NVM Express Base
 * Specification 2.0, 3.1.3 (registers), 5.17 (Identify).
 */
#include "stim/registry.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernel/kernel.h"

enum {
	CAP = 0x00,
	VS = 0x08,
	INTMS = 0x0c, /* write 1 to mask; reads the mask */
	INTMC = 0x10, /* write 1 to unmask */
	CC = 0x14,
	CSTS = 0x1c,
	AQA = 0x24,
	ASQ = 0x28,
	ACQ = 0x30,
	DOORBELLS = 0x1000,
};

#define CC_EN		    1u
#define CC_ADMIN	    (6u << 16 | 4u << 20 | CC_EN) /* 64 and 16 byte entries, 4 KiB pages */
#define CSTS_RDY	    1u
#define CSTS_CFS	    2u
#define CAP_TO_NS	    UINT64_C(500000000)
#define POLL_NS		    UINT64_C(1000000)
#define CLASS_NVME	    0x010802
#define ADMIN_IDENTIFY	    0x06
#define IDENTIFY_VID	    0 /* offsets in its answer */
#define IDENTIFY_VER	    80
#define IDENTIFY_CONTROLLER 1

/* Scratch memory: a page for each queue, and one for the controller's bytes. */
#define SQ_OFFSET    0
#define CQ_OFFSET    4096
#define LEARN_OFFSET 8192
#define DEPTH	     16
#define SQ_BYTES     (DEPTH * 64)

struct nvme {
	bool taken;		 /* init changed registers */
	uint32_t aqa, cc, intms; /* as found */
	uint64_t asq, acq;
	uint32_t tail, head, phase;
	uint32_t stride;	 /* bytes from one doorbell to the next */
	uint8_t queue[SQ_BYTES]; /* a copy of the submission queue, which is only read */
};

struct command {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved, metadata;
	uint64_t prp1, prp2;
	uint32_t cdw10[6];
};
static_assert(sizeof(struct command) == 64, "submission queue entry");

struct completion {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id, id;
	uint16_t status; /* bit 0: phase */
};
static_assert(sizeof(struct completion) == 16, "completion queue entry");

static struct nvme *nvme(struct nest_stim *stim)
{
	return stim->state;
}

static const struct nest_stim_id ids[] = {
	{ .class_code = CLASS_NVME, .class_mask = 0xffffff },
};

/*
 * Waits for CSTS.RDY, as long as the controller asks for (CAP.TO), up to two minutes. A signal ends
 * the wait, unless patient: fini must disable the controller.
 */
static int wait_ready(struct nest_stim *stim, uint32_t ready, bool patient)
{
	uint64_t units = nest_mmio_read64(stim->bars[0].at + CAP) >> 24 & 0xff;
	uint64_t deadline = nest_kernel_now(stim->ctx) + (units ? units : 1) * CAP_TO_NS;

	for (;;) {
		uint32_t csts = nest_mmio_read32(stim->bars[0].at + CSTS);
		int err;

		if (csts == UINT32_MAX)
			return nest_stim_fail(stim, -EIO, "the controller does not answer");
		if ((csts & CSTS_RDY) == ready)
			return 0;
		if (ready && (csts & CSTS_CFS))
			return nest_stim_unfit(stim, -EIO,
					       "the controller failed while it was enabled");
		if (nest_kernel_now(stim->ctx) >= deadline)
			return nest_stim_unfit(stim, -ETIMEDOUT,
					       "the controller did not become ready");
		err = nest_kernel_sleep(stim->ctx, POLL_NS);
		if (err && !patient)
			return err;
	}
}

static void ring(struct nest_stim *stim, unsigned int doorbell, uint32_t value)
{
	/* Queue entries before the register that makes the controller read them. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	nest_mmio_write32(stim->bars[0].at + DOORBELLS + doorbell * nvme(stim)->stride, value);
}

static int write(struct nest_stim *stim, uint64_t iova)
{
	struct nvme *own = nvme(stim);
	struct command command = {
		.opcode = ADMIN_IDENTIFY,
		.id = (uint16_t)own->tail,
		.prp1 = iova,
		/* What lies beyond the page goes to the one that follows. */
		.prp2 = iova % 4096 ? (iova & ~UINT64_C(4095)) + 4096 : 0,
		.cdw10 = { IDENTIFY_CONTROLLER },
	};

	memcpy(own->queue + own->tail * sizeof(command), &command, sizeof(command));
	memcpy(stim->scratch + SQ_OFFSET + own->tail * sizeof(command), &command, sizeof(command));
	own->tail = (own->tail + 1) % DEPTH;
	ring(stim, 0, own->tail);
	return 0;
}

static int done(struct nest_stim *stim)
{
	struct nvme *own = nvme(stim);
	const volatile struct completion *at =
		(const volatile struct completion *)(stim->scratch + CQ_OFFSET) + own->head;
	uint32_t csts;

	if ((at->status & 1u) != own->phase) {
		csts = nest_mmio_read32(stim->bars[0].at + CSTS);
		if (csts == UINT32_MAX || csts & CSTS_CFS)
			return nest_stim_fail(stim, -EIO, "the controller reports a fatal status");
		return 0;
	}
	/* Its status does not matter: after a blocked DMA success and failure are both valid. */
	own->head = (own->head + 1) % DEPTH;
	if (!own->head)
		own->phase ^= 1;
	ring(stim, 1, own->head);
	return 1;
}

static const char *astray(struct nest_stim *stim)
{
	return memcmp(stim->scratch + SQ_OFFSET, nvme(stim)->queue, SQ_BYTES)
		       ? "the queue of its commands, which it only reads, was written to"
		       : NULL;
}

/*
 * Checks the bytes against what is known without DMA: the vendor id in config space, the version in
 * a register (the bytes of controllers before 1.2 have 0).
 */
static bool is_plausible(struct nest_stim *stim, int *ret_err)
{
	uint32_t vs = nest_mmio_read32(stim->bars[0].at + VS), version;
	uint8_t vendor[2];

	*ret_err = nest_vdev_config_read(stim->ctx, stim->vdev, 0, vendor, sizeof(vendor));
	memcpy(&version, stim->bytes + IDENTIFY_VER, sizeof(version));
	return !*ret_err && !memcmp(stim->bytes + IDENTIFY_VID, vendor, sizeof(vendor)) &&
	       (version == vs || !version);
}

/* Learns the controller's bytes, twice: bytes that change by themselves would prove nothing. */
static int learn(struct nest_stim *stim)
{
	uint8_t *page = stim->scratch + LEARN_OFFSET;
	int err, i;

	for (i = 0; i < 2; i++) {
		memset(page, i ? 0xff : 0, NEST_STIM_LEN);
		stim->flying = true;
		write(stim, stim->scratch_iova + LEARN_OFFSET);
		err = nest_stim_wait(stim);
		if (err)
			return err;
		if (i && memcmp(stim->bytes, page, NEST_STIM_LEN))
			return nest_stim_fail(stim, -EIO, "Identify gave two different answers");
		memcpy(stim->bytes, page, NEST_STIM_LEN);
	}
	if (!is_plausible(stim, &err))
		return nest_stim_fail(stim, err ? err : -EIO,
				      "Identify and registers disagree about vendor or version");
	return 0;
}

static int init(struct nest_stim *stim)
{
	uint64_t cap = nest_mmio_read64(stim->bars[0].at + CAP);
	uint32_t cc = nest_mmio_read32(stim->bars[0].at + CC);
	struct nvme *own = nvme(stim);
	int err;

	stim->can = NEST_STIM_EXACT | NEST_STIM_DESCRIPTORS | NEST_STIM_UNALIGNED;
	if (cap == UINT64_MAX)
		return nest_stim_fail(stim, -ENODEV, "the controller does not answer");
	if (cc & CC_EN)
		return nest_stim_unfit(stim, -EBUSY, "the controller is enabled, so it is in use");
	if (cap >> 48 & 0xf)
		return nest_stim_unfit(stim, -EOPNOTSUPP,
				       "the controller does not support 4 KiB pages");
	if (DOORBELLS + 2 * (UINT64_C(4) << (cap >> 32 & 0xf)) > stim->bars[0].len)
		return nest_stim_unfit(stim, -ENXIO, "BAR 0 is too small to hold the doorbells");
	err = wait_ready(stim, 0, false);
	if (err)
		return err;
	own->aqa = nest_mmio_read32(stim->bars[0].at + AQA);
	own->asq = nest_mmio_read64(stim->bars[0].at + ASQ);
	own->acq = nest_mmio_read64(stim->bars[0].at + ACQ);
	own->intms = nest_mmio_read32(stim->bars[0].at + INTMS);
	own->cc = cc;
	own->stride = 4u << (cap >> 32 & 0xf);
	own->phase = 1;
	own->taken = true;
	memset(stim->scratch, 0, NEST_STIM_SCRATCH);
	nest_mmio_write32(stim->bars[0].at + INTMS, UINT32_MAX);
	nest_mmio_write32(stim->bars[0].at + AQA, (DEPTH - 1) << 16 | (DEPTH - 1));
	nest_mmio_write64(stim->bars[0].at + ASQ, stim->scratch_iova + SQ_OFFSET);
	nest_mmio_write64(stim->bars[0].at + ACQ, stim->scratch_iova + CQ_OFFSET);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	nest_mmio_write32(stim->bars[0].at + CC, CC_ADMIN);
	err = wait_ready(stim, CSTS_RDY, false);
	return err ? err : learn(stim);
}

static int prepare(struct nest_stim *stim, uint32_t seed)
{
	(void)stim;
	(void)seed; /* init learned what the controller writes */
	return 0;
}

static int fini(struct nest_stim *stim)
{
	struct nvme *own = nvme(stim);
	int err;

	if (!own->taken)
		return 0;
	nest_mmio_write32(stim->bars[0].at + CC, CC_ADMIN & ~CC_EN);
	err = wait_ready(stim, 0, true);
	if (err)
		return err;
	nest_mmio_write32(stim->bars[0].at + CC, own->cc);
	nest_mmio_write32(stim->bars[0].at + AQA, own->aqa);
	nest_mmio_write64(stim->bars[0].at + ASQ, own->asq);
	nest_mmio_write64(stim->bars[0].at + ACQ, own->acq);
	nest_mmio_write32(stim->bars[0].at + INTMC, ~own->intms);
	return 0;
}

const struct nest_stim_ops nest_stim_nvme = {
	.name = "nvme",
	.what = "NVMe controllers (class 0108: Identify only, nothing is written to media)",
	.ids = ids,
	.nids = 1,
	.bars = { { .number = 0, .min = DOORBELLS + 16 } },
	.nbars = 1,
	.state_size = sizeof(struct nvme),
	.address_bits = 64,
	.init = init,
	.prepare = prepare,
	.write = write,
	.done = done,
	.astray = astray,
	.fini = fini,
};
