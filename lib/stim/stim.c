// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which any stimulus device may be used, and the waiting for its DMA. */
#include "stim/stim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"

#define DMA_LIMIT_NS   UINT64_C(1000000000) /* the slowest device needs a tenth of it */
#define SLEEP_FIRST_NS UINT64_C(5000)
#define KEEN_NS	       UINT64_C(100000)
#define AWAIT_NS       UINT64_C(100000)
#define SLEEP_MAX_NS   UINT64_C(20000000)

int nest_stim_fail(struct nest_stim *stim, int err, const char *clause)
{
	stim->failed = clause;
	return err;
}

int nest_stim_unfit(struct nest_stim *stim, int err, const char *clause)
{
	stim->unfit = true;
	return nest_stim_fail(stim, err, clause);
}

/* A bijection with good diffusion (Steele, Lea, Flood: SplitMix). */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/*
 * A network controller takes the bytes for frames: what looks like IP, VLAN or flow control at the
 * place of a frame's type it may drop.
 */
static uint64_t no_protocol(uint64_t word)
{
	switch (word >> 32 & 0xffff) {
	case 0x0008: /* in the order of the bytes 0x0800, and so on */
	case 0xdd86:
	case 0x0081:
	case 0xa888:
	case 0x0888:
		return word ^ UINT64_C(1) << 32;
	default:
		return word;
	}
}

void nest_stim_pattern(uint32_t seed, uint8_t *buf, size_t len)
{
	for (size_t at = 0; at < len; at += 8) {
		uint64_t word = mix((uint64_t)seed << 32 | at / 8);

		if (at % NEST_STIM_FRAME == 8)
			word = no_protocol(word);
		memcpy(buf + at, &word, len - at < 8 ? len - at : 8);
	}
}

size_t nest_stim_len(const struct nest_stim_ops *ops)
{
	return NEST_STIM_LEN - (ops ? ops->spare : 0);
}

void nest_stim_page(const struct nest_stim_ops *ops, uint32_t seed, uint8_t page[NEST_STIM_LEN])
{
	nest_stim_pattern(seed, page, nest_stim_len(ops));
	memset(page + nest_stim_len(ops), 0, NEST_STIM_LEN - nest_stim_len(ops));
}

static int wait_for(struct nest_stim *stim, bool keen)
{
	uint64_t deadline = nest_kernel_now(stim->ctx) + DMA_LIMIT_NS, nap = SLEEP_FIRST_NS;
	int err;

	for (;;) {
		int done = stim->ops->done(stim);

		if (done < 0)
			stim->broken = true;
		if (done)
			stim->flying = false;
		if (done)
			return done < 0 ? done : 0;
		if (nest_kernel_now(stim->ctx) >= deadline)
			break;
		err = nest_kernel_sleep(stim->ctx, keen ? KEEN_NS : nap);
		if (err)
			return err;
		nap = nap * 2 < SLEEP_MAX_NS ? nap * 2 : SLEEP_MAX_NS;
	}
	stim->broken = true;
	return nest_stim_fail(stim, -ETIMEDOUT, "the device did not finish a DMA within a second");
}

int nest_stim_wait(struct nest_stim *stim)
{
	return wait_for(stim, false);
}

int nest_stim_await(struct nest_stim *stim, uint32_t at, uint32_t mask, uint32_t bits,
		    uint64_t limit_ns, bool patient, uint32_t *ret_value)
{
	uint64_t deadline = nest_kernel_now(stim->ctx) + limit_ns;

	for (;;) {
		uint32_t value = nest_mmio_read32(stim->bars[0].at + at);
		int err;

		if (value == UINT32_MAX)
			return nest_stim_fail(stim, -EIO, "the device no longer answers");
		if ((value & mask) == bits) {
			if (ret_value)
				*ret_value = value;
			return 0;
		}
		if (nest_kernel_now(stim->ctx) >= deadline)
			return -ETIMEDOUT;
		err = nest_kernel_sleep(stim->ctx, AWAIT_NS);
		if (err && !patient)
			return err;
	}
}

/* Runs before memory is unmapped and bus mastering is disabled. */
static int undo_fini(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_stim *stim = object;
	uint64_t deadline = nest_kernel_now(ctx) + DMA_LIMIT_NS;
	int err;

	(void)arg;
	stim->started = false;
	/* A signal may have ended the last wait. It must not end this one. */
	while (stim->flying && !stim->broken && nest_kernel_now(ctx) < deadline) {
		if (stim->ops->done(stim))
			stim->flying = false;
		else
			nest_kernel_sleep(ctx, SLEEP_MAX_NS);
	}
	err = stim->hidden ? 0 : stim->ops->fini(stim);
	free(stim->state);
	stim->state = NULL;
	return err;
}

static int map_bar(struct nest_stim *stim, const struct nest_stim_bar_need *need,
		   struct nest_stim_bar *ret)
{
	volatile void *at;
	int err = nest_vdev_map_bar(stim->ctx, stim->vdev, need->number, &at, &ret->len);

	if (err)
		snprintf(stim->clause, sizeof(stim->clause),
			 "its registers (BAR %u) cannot be mapped", need->number);
	else if (ret->len < need->min)
		snprintf(stim->clause, sizeof(stim->clause),
			 "BAR %u is too small to hold its registers", need->number);
	else
		ret->at = at;
	return ret->at ? 0 : nest_stim_fail(stim, err ? err : -ENXIO, stim->clause);
}

int nest_stim_start(struct nest_ctx *ctx, struct nest_vdev *vdev, const struct nest_stim_ops *ops,
		    unsigned int may, void *scratch, uint64_t scratch_iova, struct nest_stim *stim)
{
	size_t i;
	int err = 0;

	*stim = (struct nest_stim){ .ctx = ctx,
				    .vdev = vdev,
				    .ops = ops,
				    .can = may,
				    .scratch = scratch,
				    .scratch_iova = scratch_iova,
				    .careful = true };
	for (i = 0; !err && i < ops->nbars; i++)
		err = map_bar(stim, &ops->bars[i], &stim->bars[i]);
	if (err)
		return err;
	/* The kernel enables decoding when it opens the device, and leaves bus mastering to us. */
	err = ops->settle ? ops->settle(stim) : 0;
	if (err)
		return err;
	err = nest_vdev_enable(ctx, vdev);
	if (err)
		return nest_stim_fail(stim, err, "bus mastering cannot be enabled");
	stim->state = calloc(1, ops->state_size ? ops->state_size : 1);
	if (!stim->state)
		return nest_stim_fail(stim, -ENOMEM, "out of memory");
	/* Before init, which may fail half way. */
	nest_undo_push(ctx, "stop the device", undo_fini, stim, 0);
	err = ops->init(stim);
	if (!err && !(stim->can & NEST_STIM_EXACT))
		err = nest_stim_fail(stim, -EOPNOTSUPP,
				     "the device cannot move a whole page and nothing else");
	if (err)
		stim->broken = true;
	stim->started = !err;
	return err;
}

/* Every use of a device checks this first. */
static int usable(struct nest_stim *stim)
{
	if (stim->broken)
		return -EIO; /* stim->failed still says why */
	if (!stim->started)
		return nest_stim_fail(stim, -EINVAL, "the device is not started");
	if (stim->flying)
		return nest_stim_fail(stim, -EBUSY, "a DMA is still in flight");
	return 0;
}

int nest_stim_prepare(struct nest_stim *stim, uint32_t seed)
{
	int err = usable(stim);

	if (err)
		return err;
	stim->prepared = false;
	err = stim->ops->prepare(stim, seed);
	stim->prepared = !err;
	return err;
}

int nest_stim_move(struct nest_stim *stim, uint64_t scratch_iova)
{
	int err = usable(stim);

	if (err)
		return err;
	if (stim->can & NEST_STIM_DESCRIPTORS)
		return nest_stim_fail(stim, -EOPNOTSUPP, "the device keeps addresses of its own");
	stim->scratch_iova = scratch_iova;
	return 0;
}

/* The device may be under way from here on. */
static int launch(struct nest_stim *stim, int (*start)(struct nest_stim *stim, uint64_t iova),
		  uint64_t iova)
{
	int err;

	/* Memory before the register that starts the device. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	stim->flying = true;
	err = start(stim, iova);
	if (err) {
		stim->flying = false;
		stim->broken = true;
	}
	return err;
}

static int fly(struct nest_stim *stim, int (*start)(struct nest_stim *stim, uint64_t iova),
	       uint64_t iova)
{
	int err = launch(stim, start, iova);

	if (err)
		return err;
	err = nest_stim_wait(stim);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return err;
}

/* For a write of the device. */
static int has_bytes(struct nest_stim *stim)
{
	int err = usable(stim);

	if (err)
		return err;
	return stim->prepared ? 0
			      : nest_stim_fail(stim, -EINVAL,
					       "no bytes were prepared for the device to write");
}

int nest_stim_write(struct nest_stim *stim, uint64_t iova)
{
	int err = has_bytes(stim);

	return err ? err : fly(stim, stim->ops->write, iova);
}

int nest_stim_begin(struct nest_stim *stim, uint64_t iova)
{
	int err = has_bytes(stim);

	return err ? err : launch(stim, stim->ops->write, iova);
}

int nest_stim_finish(struct nest_stim *stim, bool keen)
{
	int err = wait_for(stim, keen);

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return err;
}

int nest_stim_echo(struct nest_stim *stim, uint64_t iova, uint8_t *page, uint32_t seed,
		   bool *ret_came_back)
{
	int err = usable(stim);

	if (err)
		return err;
	if (!(stim->can & NEST_STIM_READ))
		return nest_stim_fail(stim, -EOPNOTSUPP,
				      "the device cannot read from an address of our choice");
	stim->prepared = false;
	nest_stim_page(stim->ops, seed, stim->bytes);
	memcpy(page, stim->bytes, NEST_STIM_LEN);
	err = fly(stim, stim->ops->read, iova);
	if (!err && stim->careful)
		err = fly(stim, stim->ops->read, iova);
	if (err)
		return err;
	memset(page, 0, NEST_STIM_LEN);
	err = fly(stim, stim->ops->write, iova);
	if (!err)
		*ret_came_back = !memcmp(page, stim->bytes, NEST_STIM_LEN);
	stim->prepared = !err && *ret_came_back; /* it holds stim->bytes */
	stim->careful = !stim->prepared;
	return err;
}

static int start_show(struct nest_stim *stim, uint64_t iova)
{
	(void)iova;
	return stim->ops->show(stim);
}

/* One DMA from memory, and what the device has of it then. */
static int read_back(struct nest_stim *stim, int (*start)(struct nest_stim *stim, uint64_t iova),
		     uint64_t iova, void *buf, size_t len)
{
	int err;

	stim->prepared = false; /* the device now holds what it reads */
	memset(stim->scratch, 0, NEST_STIM_LEN);
	err = fly(stim, start, iova);
	if (!err)
		err = fly(stim, start_show, 0);
	if (!err)
		memcpy(buf, stim->scratch, len);
	return err;
}

int nest_stim_read(struct nest_stim *stim, uint64_t iova, uint8_t buf[NEST_STIM_LEN])
{
	int err = usable(stim);

	if (err)
		return err;
	if (!(stim->can & NEST_STIM_READ))
		return nest_stim_fail(stim, -EOPNOTSUPP,
				      "the device cannot read from an address of our choice");
	return read_back(stim, stim->ops->read, iova, buf, NEST_STIM_LEN);
}

static int start_word_read(struct nest_stim *stim, uint64_t iova)
{
	return stim->ops->word(stim, iova, false);
}

static int start_word_write(struct nest_stim *stim, uint64_t iova)
{
	return stim->ops->word(stim, iova, true);
}

int nest_stim_word_read(struct nest_stim *stim, uint64_t iova, uint32_t *ret)
{
	int err = usable(stim);

	return err ? err : read_back(stim, start_word_read, iova, ret, sizeof(*ret));
}

int nest_stim_word_write(struct nest_stim *stim, uint64_t iova)
{
	int err = has_bytes(stim);

	return err ? err : fly(stim, start_word_write, iova);
}

uint32_t nest_stim_kept(struct nest_stim *stim)
{
	const struct nest_stim_keeper *keeper = stim->ops->keeper;

	return nest_mmio_read32(stim->bars[keeper->bar].at + keeper->at);
}

uint32_t nest_stim_keep(struct nest_stim *stim, uint32_t value)
{
	const struct nest_stim_keeper *keeper = stim->ops->keeper;

	nest_mmio_write32(stim->bars[keeper->bar].at + keeper->at, value);
	return nest_stim_kept(stim);
}

int nest_stim_page_request(struct nest_stim *stim, const struct nest_stim_request *request)
{
	int err = usable(stim);

	if (err)
		return err;
	if (!(stim->can & NEST_STIM_PAGE_REQUEST))
		return nest_stim_fail(stim, -EOPNOTSUPP, "the device cannot send page requests");
	return stim->ops->page_request(stim, request);
}

int nest_stim_page_response(struct nest_stim *stim, struct nest_stim_response *ret_response)
{
	int err = usable(stim);

	if (err)
		return err;
	if (!(stim->can & NEST_STIM_PAGE_REQUEST))
		return nest_stim_fail(stim, -EOPNOTSUPP, "the device cannot send page requests");
	return stim->ops->page_response(stim, ret_response);
}

int nest_stim_set_pasid(struct nest_stim *stim, uint32_t pasid)
{
	int err = usable(stim);

	if (err)
		return err;
	if (!(stim->can & NEST_STIM_PASID))
		return nest_stim_fail(stim, -EOPNOTSUPP,
				      "the device cannot tag its DMA with a PASID");
	err = stim->ops->set_pasid(stim, pasid);
	if (!err)
		stim->pasid = pasid;
	return err;
}

int nest_stim_interrupt(struct nest_stim *stim)
{
	int err = usable(stim);

	if (err)
		return err;
	if (!stim->ops->interrupt)
		return nest_stim_fail(stim, -EOPNOTSUPP, "the tool raises no interrupt with it");
	return stim->ops->interrupt(stim);
}
