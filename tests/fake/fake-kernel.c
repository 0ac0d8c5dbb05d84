// SPDX-License-Identifier: GPL-2.0-or-later
/* Defines the functions of lib/kernel/kernel.h once more, and hands each call to the file it is
 * for. */
#include "kernel/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "ctx.h"
#include "kernel/transcript.h"
#include "fake-device.h"
#include "fake-eventfd.h"
#include "fake-memfd.h"

#define CALL_NS 1500 /* what a system call takes here */
#define MMIO_NS 400
#define NOW_NS	50

/*
 * Start of every call: time goes by, and the call may be one that shall fail. EINTR is not passed
 * on, as lib/kernel/kernel.c makes such a call again; only poll tells of it.
 */
static int begin(const char *name)
{
	int err;

	fake_clock_advance(CALL_NS);
	err = fake_inject(name);
	return err == -EINTR && strcmp(name, "poll") != 0 ? 0 : err;
}

static struct nest_call call_on(const char *name, int fd)
{
	const struct fake_file *file = fake_fd_file(fd);

	return (struct nest_call){
		.name = name, .object = file ? file->name : NULL, .have_fd = fd >= 0, .fd = fd
	};
}

static void put(struct nest_ctx *ctx, const struct nest_call *call)
{
	if (ctx)
		nest_transcript_put(ctx, call);
}

int nest_kernel_open(struct nest_ctx *ctx, const char *path, int flags)
{
	struct nest_call call = { .name = "open", .object = path };

	if (ctx && !ctx->live)
		return -EOPNOTSUPP;
	call.result = begin("open");
	if (!call.result)
		call.result = fake_node_open(path, flags | O_CLOEXEC);
	put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_eventfd(struct nest_ctx *ctx)
{
	struct nest_call call = { .name = "eventfd" };

	call.result = begin("eventfd");
	if (!call.result)
		call.result = fake_eventfd_new();
	put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_memfd(struct nest_ctx *ctx, size_t len)
{
	struct nest_call call = { .name = "memfd_create", .have_len = true, .len = len };

	call.result = begin("memfd_create");
	if (!call.result)
		call.result = fake_memfd_new(len);
	put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_close(struct nest_ctx *ctx, int fd)
{
	struct nest_call call = call_on("close", fd);

	if (fd < 0)
		return 0;
	call.result = begin("close");
	put(ctx, &call); /* before the name is gone */
	/* The fd is gone whatever close(2) says, as with filp_close(). */
	if (!fake_fd_close(fd)) {
		fake_violation("close of fd %d, which is not open", fd);
		return -EBADF;
	}
	fake_memory_settle();
	return (int)call.result;
}

static int do_ioctl(struct nest_ctx *ctx, struct nest_call *call, uintptr_t arg)
{
	struct fake_file *file = fake_fd_file(call->fd);

	call->result = begin(call->request);
	if (!file)
		call->result = -EBADF;
	else if (!call->result)
		call->result =
			file->ops->ioctl ? file->ops->ioctl(file, call->number, arg) : -ENOTTY;
	fake_memory_settle();
	if (ctx && ctx->transcript)
		nest_call_bytes_take_again(&call->out, &call->in, (const void *)arg);
	put(ctx, call);
	return (int)call->result;
}

int nest_kernel_ioctl(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
		      void *arg, size_t len)
{
	struct nest_call call = call_on("ioctl", fd);

	call.request = name;
	call.number = request;
	if (ctx && ctx->transcript)
		nest_call_bytes_take_arg(&call.in, request, arg, len);
	return do_ioctl(ctx, &call, (uintptr_t)arg);
}

/* What the fake keeps of a process it keeps of this one. */
int nest_kernel_ioctl_child(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			    void *arg, size_t len)
{
	return nest_kernel_ioctl(ctx, fd, request, name, arg, len);
}

uint64_t nest_kernel_ticks(struct nest_ctx *ctx, bool tsc)
{
	(void)tsc;
	return nest_kernel_now(ctx);
}

int nest_kernel_ioctl_timed(struct nest_ctx *ctx, int fd, const struct nest_timed_op *ops,
			    size_t nops, size_t rounds, bool tsc, size_t *ret_done)
{
	size_t i;
	int err = 0;

	*ret_done = 0;
	for (i = 0; !err && i < rounds * nops; i++) {
		const struct nest_timed_op *op = &ops[i % nops];
		uint64_t before = nest_kernel_ticks(ctx, tsc);

		err = nest_kernel_ioctl(ctx, fd, op->request, op->name, op->arg, op->len);
		if (err >= 0) {
			if (op->samples)
				op->samples[i / nops] = nest_kernel_ticks(ctx, tsc) - before;
			++*ret_done;
			err = 0;
		}
	}
	return err;
}

int nest_kernel_ioctl_int(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			  unsigned long arg)
{
	struct nest_call call = call_on("ioctl", fd);

	call.request = name;
	call.number = request;
	call.have_arg = true;
	call.arg = arg;
	return do_ioctl(ctx, &call, arg);
}

enum direction { READ, WRITE, PREAD, PWRITE };

static ssize_t perform(struct fake_file *file, enum direction dir, void *buf, size_t len,
		       uint64_t offset)
{
	const struct fake_file_ops *ops = file->ops;

	switch (dir) {
	case READ:
		return ops->read ? ops->read(file, buf, len) : -EINVAL;
	case WRITE:
		return ops->write ? ops->write(file, buf, len) : -EINVAL;
	case PREAD:
		return ops->pread ? ops->pread(file, buf, len, offset) : -ESPIPE;
	case PWRITE:
		return ops->pwrite ? ops->pwrite(file, buf, len, offset) : -ESPIPE;
	}
	return -EINVAL;
}

static ssize_t transfer(struct nest_ctx *ctx, int fd, enum direction dir, void *buf, size_t len,
			uint64_t offset)
{
	static const char *const names[] = { "read", "write", "pread", "pwrite" };
	struct fake_file *file = fake_fd_file(fd);
	struct nest_call call = call_on(names[dir], fd);
	bool out = dir == WRITE || dir == PWRITE;

	call.have_len = true;
	call.len = len;
	call.have_offset = dir == PREAD || dir == PWRITE;
	call.offset = offset;
	if (out && ctx && ctx->transcript)
		nest_call_bytes_take(&call.in, buf, len);
	call.result = begin(names[dir]);
	if (!file)
		call.result = -EBADF;
	else if (!call.result)
		call.result = perform(file, dir, buf, len, offset);
	else if (out && file->ops->excuse)
		file->ops->excuse(file); /* what could not be written is not judged at the end */
	if (!out && call.result > 0 && ctx && ctx->transcript)
		nest_call_bytes_take(&call.out, buf, (size_t)call.result);
	put(ctx, &call);
	return call.result;
}

ssize_t nest_kernel_read(struct nest_ctx *ctx, int fd, void *buf, size_t len)
{
	return transfer(ctx, fd, READ, buf, len, 0);
}

ssize_t nest_kernel_write(struct nest_ctx *ctx, int fd, const void *buf, size_t len)
{
	return transfer(ctx, fd, WRITE, (void *)(uintptr_t)buf, len, 0);
}

ssize_t nest_kernel_pread(struct nest_ctx *ctx, int fd, void *buf, size_t len, uint64_t offset)
{
	return transfer(ctx, fd, PREAD, buf, len, offset);
}

ssize_t nest_kernel_pwrite(struct nest_ctx *ctx, int fd, const void *buf, size_t len,
			   uint64_t offset)
{
	return transfer(ctx, fd, PWRITE, (void *)(uintptr_t)buf, len, offset);
}

/*
 * The seam has it with the round trip; declared here so that the fake builds on either side of it.
 */
int nest_kernel_seek_end(struct nest_ctx *ctx, int fd);

/* llseek(2) to the end; no file but the kernel's log has one. */
int nest_kernel_seek_end(struct nest_ctx *ctx, int fd)
{
	struct fake_file *file = fake_fd_file(fd);
	struct nest_call call = call_on("seek_end", fd);

	call.result = begin("seek_end");
	if (!file)
		call.result = -EBADF;
	else if (!call.result)
		call.result = file->ops->seek_end ? file->ops->seek_end(file) : -ESPIPE;
	put(ctx, &call);
	return (int)call.result;
}

/* Waits as poll(2) would, in the fake's time. */
static int wait_for(struct fake_file *file, int timeout_ms)
{
	uint64_t end = fake_now() + (uint64_t)timeout_ms * 1000000, left;

	for (;;) {
		if (!file->ops->readable || file->ops->readable(file))
			return 1;
		if (fake_inject_signalled())
			return -EINTR;
		if (timeout_ms < 0) {
			/* Nothing but a device could end the wait, and the devices are ours. */
			fake_violation("poll without a timeout on %s", file->name);
			return -EINTR;
		}
		if (fake_now() >= end)
			return 0;
		left = end - fake_now();
		fake_clock_advance(left < 1000000 ? left : 1000000);
	}
}

int nest_kernel_poll(struct nest_ctx *ctx, int fd, int timeout_ms)
{
	struct fake_file *file = fake_fd_file(fd);
	struct nest_call call = call_on("poll", fd);

	call.have_timeout = true;
	call.timeout_ms = timeout_ms;
	call.result = begin("poll");
	if (!file)
		call.result = -EBADF;
	else if (!call.result)
		call.result = wait_for(file, timeout_ms);
	put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_mmap(struct nest_ctx *ctx, int fd, size_t len, uint64_t offset, void **ret_addr)
{
	struct fake_file *file = fake_fd_file(fd);
	struct nest_call call = call_on("mmap", fd);
	void *addr = NULL;

	call.have_len = true;
	call.len = len;
	call.have_offset = fd >= 0;
	call.offset = offset;
	call.result = begin("mmap");
	if (!call.result && !len)
		call.result = -EINVAL;
	else if (!call.result && fd < 0)
		call.result = fake_memory_map(len, &addr);
	else if (!call.result && !file)
		call.result = -EBADF;
	else if (!call.result)
		call.result = file->ops->mmap ? file->ops->mmap(file, len, offset, &addr) : -ENODEV;
	put(ctx, &call);
	if (!call.result)
		*ret_addr = addr;
	return (int)call.result;
}

int nest_kernel_munmap(struct nest_ctx *ctx, void *addr, size_t len)
{
	struct nest_call call = { .name = "munmap", .have_len = true, .len = len };

	call.result = begin("munmap");
	if (call.result)
		fake_memory_excuse(addr);
	else
		call.result = fake_memory_unmap(addr, len);
	put(ctx, &call);
	return (int)call.result;
}

/* The device and offset that a register access of size bytes goes to, or NULL. */
static struct fake_device *register_at(const volatile void *addr, unsigned int size,
				       uint64_t *ret_offset)
{
	struct fake_device *dev;
	unsigned int bar;

	fake_clock_advance(MMIO_NS);
	if (!fake_memory_region(addr, &dev, &bar, ret_offset)) {
		fake_violation("register access outside of any mapped region");
		return NULL;
	}
	if (*ret_offset % size) {
		fake_violation("%u-byte register access at 0x%llx of %s", size,
			       (unsigned long long)*ret_offset, dev->address);
		return NULL;
	}
	if (!(fake_config_command(dev) & 2)) {
		/* The kernel takes the mapping away while memory decoding is off: SIGBUS. */
		fake_violation("register access to %s with memory decoding off", dev->address);
		return NULL;
	}
	*ret_offset |= (uint64_t)bar << 40;
	return dev;
}

static uint64_t mmio(const volatile void *addr, unsigned int size, bool write, uint64_t value)
{
	uint64_t offset;
	struct fake_device *dev = register_at(addr, size, &offset);

	if (!dev)
		return UINT64_MAX;
	if (write)
		dev->model->write(dev, offset, size, value);
	else
		value = dev->model->read(dev, offset, size);
	return value;
}

int nest_mmio_write64x8(volatile void *addr, const uint64_t words[8])
{
	uint64_t offset;
	struct fake_device *dev;

	if ((uintptr_t)addr % 64)
		return -EINVAL;
	dev = register_at(addr, 64, &offset);
	if (dev && dev->model->store)
		dev->model->store(dev, offset, words);
	else if (dev)
		fake_violation("64-byte store at 0x%llx of %s", (unsigned long long)offset,
			       dev->address);
	return 0;
}

uint32_t nest_mmio_read32(const volatile void *addr)
{
	return (uint32_t)mmio(addr, 4, false, 0);
}

uint64_t nest_mmio_read64(const volatile void *addr)
{
	return mmio(addr, 8, false, 0);
}

void nest_mmio_write32(volatile void *addr, uint32_t value)
{
	mmio(addr, 4, true, value);
}

void nest_mmio_write64(volatile void *addr, uint64_t value)
{
	mmio(addr, 8, true, value);
}

uint64_t nest_kernel_now(struct nest_ctx *ctx)
{
	(void)ctx;
	fake_clock_advance(NOW_NS);
	return fake_now();
}

int nest_kernel_sleep(struct nest_ctx *ctx, uint64_t ns)
{
	(void)ctx;
	if (ns > UINT64_C(3600000000000))
		fake_violation("a sleep of %llu s", (unsigned long long)(ns / 1000000000));
	fake_inject_point();
	if (fake_inject_signalled())
		return -EINTR;
	fake_clock_advance(ns);
	return 0;
}
