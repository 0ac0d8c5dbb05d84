// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel's 82576 (QEMU's igb), i350 and i210: the transmitter reads four frames of 1 KiB, and the
 * loopback of the PHY hands them to the receiver, which writes them. No frame reaches the wire.
 * Rings and bytes are in the scratch memory. Source: Intel 82576EB Gigabit Ethernet Controller
 * Datasheet, chapters 7 (descriptors) and 8 (registers); Linux, drivers/net/ethernet/intel/igb.
 */
#include "stim/registry.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernel/kernel.h"
#include "util.h"

enum {
	CTRL = 0x0000,
	STATUS = 0x0008,
	CTRL_EXT = 0x0018,
	MDIC = 0x0020, /* the way to the PHY's registers */
	IMC = 0x00d8,
	RCTL = 0x0100,
	TCTL = 0x0400,
	EIMC = 0x1528,
	RXQ = 0x2800, /* the first receive queue, and below it the first transmit queue */
	SRRCTL = 0x280c,
	TXQ = 0x3800,
	GCR = 0x5b00,
	FWSM = 0x5b54, /* the firmware's state */
};

/* A queue's registers, from its first. */
enum { Q_BASE_LOW = 0, Q_BASE_HIGH = 4, Q_LEN = 8, Q_HEAD = 0x10, Q_TAIL = 0x18, Q_CONTROL = 0x28 };

#define CTRL_LOOPBACK	    0x00001a41u /* full duplex at 1000, forced, and the link set up */
#define CTRL_SPEED	    0x00000300u
#define CTRL_MASTER_DISABLE 0x00000004u
#define CTRL_RESET	    0x04000000u
#define CTRL_EXT_LOADED	    0x10000000u
#define CTRL_EXT_MODE	    0x00c00000u /* 0: copper */
#define STATUS_VFS	    0x0007c000u /* their number, and that there are any */
#define STATUS_MASTER	    0x00080000u
#define MDIC_WRITE	    (1u << 26 | 1u << 21)
#define MDIC_READY	    (1u << 28)
#define MDIC_ERROR	    (1u << 30)
#define PHY_CONTROL	    0
#define PHY_NEGOTIATE	    0x1200
#define PHY_LOOPBACK	    0x4140	/* and 1000 Mbit/s, full duplex */
#define GCR_RETRY	    0x00010000u /* of a read that failed, without end */
#define Q_ENABLE	    (1u << 25)
#define SRRCTL_FRAME	    0x02000001u /* advanced descriptors, buffers of 1 KiB */
#define RCTL_ALL	    0x0400801au /* every frame, without its checksum */
#define RCTL_ENABLE	    2u
#define TCTL_ON		    0x0au
#define FWSM_MODE	    0x0eu

#define FRAME		    ((uint32_t)NEST_STIM_FRAME)
#define FRAMES		    (NEST_STIM_LEN / FRAME)
/* One frame: data, advanced, with its checksum, and reported. */
#define TX_COMMAND (0x2b300000u | FRAME)
#define DONE	   1u

/* Scratch memory: what a read shows, the bytes that the device holds, the rings. */
#define TX_OFFSET 8192
#define RX_OFFSET (TX_OFFSET + 2048)
#define DEPTH	  8u /* the least that the device takes: 128 bytes */

#define MS	  UINT64_C(1000000)
#define ARRIVE_NS (2 * MS)   /* from the frame that was read to its end at the receiver */
#define READ_NS	  (100 * MS) /* until a frame must have been read */
#define LINK_NS	  (500 * MS)
#define PHY_NS	  (50 * MS)
#define RESET_NS  (20 * MS)
#define QUIET_NS  (80 * MS)

#define INTEL	  0x8086
#define ID(id)                                                                                     \
	{                                                                                          \
		.vendor = INTEL, .device = (id)                                                    \
	}
#define REFUSED(id, name)                                                                          \
	{                                                                                          \
		.vendor = INTEL, .device = (id),                                                   \
		.refused = name ": this tool does not know how to close its loopback"              \
	}

static const struct nest_stim_id ids[] = {
	ID(0x10c9), /* 82576 */
	ID(0x1521), /* i350 */
	ID(0x1533), /* i210 */
	REFUSED(0x10e6, "82576 with fiber"),
	REFUSED(0x10e7, "82576 with SerDes"),
	REFUSED(0x10e8, "82576 with four ports"),
	REFUSED(0x1526, "82576 with four ports"),
	REFUSED(0x150a, "82576 of an NS board"),
	REFUSED(0x1518, "82576 with SerDes"),
	REFUSED(0x150d, "82576 with four SerDes ports"),
	REFUSED(0x150e, "82580"),
	REFUSED(0x150f, "82580 with fiber"),
	REFUSED(0x1510, "82580 with SerDes"),
	REFUSED(0x1511, "82580 with SGMII"),
	REFUSED(0x1516, "82580 with two ports"),
	REFUSED(0x1527, "82580 with four fiber ports"),
	REFUSED(0x1522, "i350 with fiber"),
	REFUSED(0x1523, "i350 with SerDes"),
	REFUSED(0x1524, "i350 with SGMII"),
	REFUSED(0x1f40, "i354"),
	REFUSED(0x1f41, "i354 with SGMII"),
	REFUSED(0x1f45, "i354 with 2.5 Gbit/s"),
	REFUSED(0x1536, "i210 with fiber"),
	REFUSED(0x1537, "i210 with SerDes"),
	REFUSED(0x1538, "i210 with SGMII"),
	REFUSED(0x1539, "i211"),
};

struct igb {
	bool running;	      /* rings and loopback are set up */
	bool stale;	      /* the receiver waits for a frame that never came */
	uint32_t next;	      /* descriptor of either ring */
	uint64_t begun, sent; /* ns; sent 0: not yet */
};

/* Descriptors, as they are given to the device. The last word of each comes back with DONE. */
struct tx_descriptor {
	uint64_t address;
	uint32_t command, status;
};
struct rx_descriptor {
	uint64_t address;
	uint32_t status, length;
};
static_assert(sizeof(struct tx_descriptor) == 16, "transmit descriptor");
static_assert(sizeof(struct rx_descriptor) == 16, "receive descriptor");

static uint32_t get(struct nest_stim *stim, uint32_t at)
{
	return nest_mmio_read32(stim->bars[0].at + at);
}

static void set(struct nest_stim *stim, uint32_t at, uint32_t value)
{
	nest_mmio_write32(stim->bars[0].at + at, value);
}

static volatile struct tx_descriptor *tx(struct nest_stim *stim, uint32_t index)
{
	return (volatile struct tx_descriptor *)(stim->scratch + TX_OFFSET) + index;
}

static volatile struct rx_descriptor *rx(struct nest_stim *stim, uint32_t index)
{
	return (volatile struct rx_descriptor *)(stim->scratch + RX_OFFSET) + index;
}

static int tell_phy(struct nest_stim *stim, uint32_t number, uint32_t value)
{
	int err;

	set(stim, MDIC, MDIC_WRITE | number << 16 | value);
	err = nest_stim_await(stim, MDIC, MDIC_READY, MDIC_READY, RESET_NS, false, NULL);
	if (!err && get(stim, MDIC) & MDIC_ERROR)
		err = -ETIMEDOUT;
	return err == -ETIMEDOUT ? nest_stim_unfit(stim, -EIO, "its PHY does not answer") : err;
}

/* The pair's own way to a loopback that the 82576 closes by the control register of the PHY alone.
 */
static int prepare_phy(struct nest_stim *stim)
{
	uint8_t device[2];
	int err = nest_vdev_config_read(stim->ctx, stim->vdev, 2, device, sizeof(device));

	if (err)
		return nest_stim_fail(stim, err, "its device id cannot be read");
	switch (device[1] << 8 | device[0]) {
	case 0x1521:
		return tell_phy(stim, 19, 0x8041); /* a switch of its own for the loopback */
	case 0x1533:
		return tell_phy(stim, 22, 0); /* page 0 */
	default:
		return 0;
	}
}

static int close_loop(struct nest_stim *stim)
{
	int err = tell_phy(stim, PHY_CONTROL, PHY_NEGOTIATE);

	if (!err)
		err = prepare_phy(stim);
	if (!err)
		err = tell_phy(stim, PHY_CONTROL, PHY_LOOPBACK);
	if (!err)
		err = nest_kernel_sleep(stim->ctx, PHY_NS);
	if (err)
		return err;
	set(stim, CTRL, (get(stim, CTRL) & ~CTRL_SPEED) | CTRL_LOOPBACK);
	return nest_kernel_sleep(stim->ctx, LINK_NS);
}

static int start_queue(struct nest_stim *stim, uint32_t queue, uint32_t offset, uint32_t len)
{
	uint64_t base = stim->scratch_iova + offset;
	int err;

	set(stim, queue + Q_CONTROL, 0);
	err = nest_stim_await(stim, queue + Q_CONTROL, Q_ENABLE, 0, RESET_NS, false, NULL);
	if (err)
		return err;
	set(stim, queue + Q_BASE_LOW, (uint32_t)base);
	set(stim, queue + Q_BASE_HIGH, (uint32_t)(base >> 32));
	set(stim, queue + Q_LEN, len);
	set(stim, queue + Q_HEAD, 0);
	set(stim, queue + Q_TAIL, 0);
	set(stim, queue + Q_CONTROL, Q_ENABLE);
	return nest_stim_await(stim, queue + Q_CONTROL, Q_ENABLE, Q_ENABLE, RESET_NS, false, NULL);
}

/* Both rings, empty. */
static int start_rings(struct nest_stim *stim)
{
	struct igb *own = stim->state;
	int err;

	memset(stim->scratch + TX_OFFSET, 0, 4096);
	own->next = 0;
	own->stale = false;
	err = start_queue(stim, TXQ, TX_OFFSET, DEPTH * sizeof(struct tx_descriptor));
	set(stim, SRRCTL, SRRCTL_FRAME);
	if (!err)
		err = start_queue(stim, RXQ, RX_OFFSET, DEPTH * sizeof(struct rx_descriptor));
	return err == -ETIMEDOUT ? nest_stim_unfit(stim, -EIO, "its queues cannot be switched")
				 : err;
}

static int reset(struct nest_stim *stim)
{
	int err;

	set(stim, CTRL, get(stim, CTRL) | CTRL_RESET);
	err = nest_kernel_sleep(stim->ctx, MS);
	if (!err)
		err = nest_stim_await(stim, CTRL, CTRL_RESET, 0, RESET_NS, false, NULL);
	if (err)
		return err == -ETIMEDOUT ? nest_stim_unfit(stim, -EIO, "it does not end its reset")
					 : err;
	set(stim, IMC, UINT32_MAX);
	set(stim, EIMC, UINT32_MAX);
	return 0;
}

static int bring_up(struct nest_stim *stim)
{
	struct igb *own = stim->state;
	int err = reset(stim);

	if (err)
		return err;
	set(stim, CTRL_EXT, (get(stim, CTRL_EXT) | CTRL_EXT_LOADED) & ~CTRL_EXT_MODE);
	err = close_loop(stim);
	if (err)
		return err;
	set(stim, GCR, get(stim, GCR) & ~GCR_RETRY);
	own->running = true;
	set(stim, RCTL, RCTL_ALL);
	set(stim, TCTL, TCTL_ON);
	return start_rings(stim);
}

static int init(struct nest_stim *stim)
{
	uint32_t status = get(stim, STATUS);

	stim->can = NEST_STIM_READ | NEST_STIM_CHOOSE | NEST_STIM_EXACT | NEST_STIM_UNALIGNED |
		    NEST_STIM_DESCRIPTORS;
	if (status == UINT32_MAX)
		return nest_stim_fail(stim, -ENODEV, "the device does not answer");
	if (!stim->vdev->can_reset)
		return nest_stim_unfit(stim, -EOPNOTSUPP,
				       "the kernel cannot reset it, and only a reset ends the hang "
				       "after a blocked read");
	/* Its queues make DMA as the virtual functions then. */
	if (status & STATUS_VFS)
		return nest_stim_unfit(stim, -EBUSY, "its virtual functions are switched on");
	if (get(stim, FWSM) & FWSM_MODE)
		return nest_stim_unfit(stim, -EBUSY,
				       "firmware shares its port, so a reset may cut off the "
				       "management controller");
	memset(stim->scratch, 0, NEST_STIM_SCRATCH);
	return bring_up(stim);
}

static int copy(struct nest_stim *stim, uint64_t from, uint64_t to)
{
	struct igb *own = stim->state;
	uint32_t i, tail;
	int err = own->stale ? start_rings(stim) : 0;

	if (err)
		return err;
	for (i = 0; i < FRAMES; i++) {
		*tx(stim, own->next + i) =
			(struct tx_descriptor){ from + i * FRAME, TX_COMMAND, FRAME << 14 };
		*rx(stim, own->next + i) = (struct rx_descriptor){ to + i * FRAME, 0, 0 };
	}
	own->begun = nest_kernel_now(stim->ctx);
	own->sent = 0;
	tail = (own->next + FRAMES) % DEPTH;
	/* Descriptors before the registers that make the device read them. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	set(stim, RXQ + Q_TAIL, tail);
	set(stim, TXQ + Q_TAIL, tail);
	return 0;
}

/* A read that was blocked can wedge the transmitter, and a reset of the function alone ends that.
 */
static int unwedge(struct nest_stim *stim)
{
	struct igb *own = stim->state;
	int err;

	own->running = false;
	err = nest_vdev_reset(stim->ctx, stim->vdev);
	if (err)
		return nest_stim_unfit(stim, err,
				       "a read that was blocked hangs it, and the kernel failed to "
				       "reset it");
	err = bring_up(stim);
	return err ? err : 1;
}

/*
 * Sent and received: over. Sent, and nothing received for long: the frame was dropped, since it
 * could not be read or the bytes look like a frame that the device does not pass on.
 */
static int done(struct nest_stim *stim)
{
	struct igb *own = stim->state;
	uint64_t now = nest_kernel_now(stim->ctx);
	bool sent = true, received = true;
	uint32_t i;

	for (i = 0; i < FRAMES; i++) {
		sent &= tx(stim, own->next + i)->status & DONE;
		received &= rx(stim, own->next + i)->status & DONE;
	}
	if (sent && received) {
		own->next = (own->next + FRAMES) % DEPTH;
		return 1;
	}
	if (get(stim, STATUS) == UINT32_MAX)
		return nest_stim_fail(stim, -EIO, "the device no longer answers");
	if (sent && !own->sent)
		own->sent = now;
	if (sent && now - own->sent > ARRIVE_NS) {
		own->stale = true;
		return 1;
	}
	return !sent && now - own->begun > READ_NS ? unwedge(stim) : 0;
}

/* The page of the rings holds nothing but them. */
static const char *astray(struct nest_stim *stim)
{
	const uint8_t *page = stim->scratch + TX_OFFSET;
	size_t at;

	for (at = 0; at < 4096; at++)
		if (page[at] && at % 2048 >= DEPTH * sizeof(struct tx_descriptor))
			return "memory beside its rings was written to";
	return NULL;
}

/* Both queues off, then the bus: what is under way ends before the reset. */
static int fini(struct nest_stim *stim)
{
	struct igb *own = stim->state;
	int err;

	if (!own->running)
		return 0;
	set(stim, RXQ + Q_CONTROL, 0);
	set(stim, TXQ + Q_CONTROL, 0);
	set(stim, RCTL, get(stim, RCTL) & ~RCTL_ENABLE);
	set(stim, TCTL, 0);
	set(stim, CTRL, get(stim, CTRL) | CTRL_MASTER_DISABLE);
	err = nest_stim_await(stim, STATUS, STATUS_MASTER, 0, QUIET_NS, true, NULL);
	if (err == -ETIMEDOUT)
		nest_stim_fail(stim, err, "it does not stop its accesses");
	set(stim, CTRL, get(stim, CTRL) | CTRL_RESET);
	own->running = false;
	return err;
}

const struct nest_stim_ops nest_stim_igb = {
	.name = "igb",
	.what = "Intel's 82576, i350 and i210 (QEMU's igb: frames go through its loopback)",
	.ids = ids,
	.nids = ARRAY_SIZE(ids),
	.bars = { { .number = 0, .min = 0x6000 } },
	.nbars = 1,
	.state_size = sizeof(struct igb),
	.address_bits = 64,
	.init = init,
	.prepare = nest_stim_held_prepare,
	.write = nest_stim_held_write,
	.read = nest_stim_held_read,
	.done = done,
	.astray = astray,
	.show = nest_stim_held_show,
	.copy = copy,
	.fini = fini,
};
