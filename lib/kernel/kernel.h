/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE door to device nodes: every open, ioctl, mmap, read and write on /dev/vfio/... and /dev/iommu
 * goes through here, is retried on EINTR where the kernel documents that as safe, and is written to
 * the transcript. The tests link another definition of these functions in place of kernel.o;
 * nothing else knows that there are two.
 *
 * All functions return a result >= 0, or -errno.
 */
#ifndef NEST_KERNEL_H
#define NEST_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nest_ctx;

/*
 * Opens a node by its absolute path, O_CLOEXEC added. -ENOTSUP when the run is not live
 * (--sysroot).
 */
int nest_kernel_open(struct nest_ctx *ctx, const char *path, int flags);

/*
 * An eventfd for an interrupt to raise: poll says when it has, a read of 8 bytes takes that back.
 */
int nest_kernel_eventfd(struct nest_ctx *ctx);

/* Closes; a negative fd is nothing to do. */
int nest_kernel_close(struct nest_ctx *ctx, int fd);

/*
 * ioctl with a pointer or an integer argument. name is the request's symbol, for the transcript,
 * and len how many bytes lie at arg, of which no more are written down; the macros below supply
 * both, len where arg points to the whole of one object.
 */
int nest_kernel_ioctl(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
		      void *arg, size_t len);
int nest_kernel_ioctl_int(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			  unsigned long arg);

#define nest_ioctl(ctx, fd, request, arg)                                                          \
	nest_kernel_ioctl(ctx, fd, request, #request, arg, sizeof(*(arg)))
#define nest_ioctl_int(ctx, fd, request, arg) nest_kernel_ioctl_int(ctx, fd, request, #request, arg)

/* One of the requests of nest_kernel_ioctl_timed(). */
struct nest_timed_op {
	unsigned long request;
	const char *name;
	void *arg;
	size_t len;	   /* of what arg points to */
	uint64_t *samples; /* one for each round: how long it took, in ticks; NULL: not timed */
};

/*
 * The same requests in turn, rounds times, and nothing between them but a reading of the clock: the
 * loop adds next to nothing to the bare requests. tsc: the processor's own counter may be used,
 * which is for the caller to know; a tick is then what the caller finds it to be, else 1 ns.
 * *ret_done is how many requests were made with success in all, also on failure, which ends the
 * loop.
 */
int nest_kernel_ioctl_timed(struct nest_ctx *ctx, int fd, const struct nest_timed_op *ops,
			    size_t nops, size_t rounds, bool tsc, size_t *ret_done);

/* The clock of the above, for the caller to find the length of a tick. */
uint64_t nest_kernel_ticks(struct nest_ctx *ctx, bool tsc);

/* One call each, no loop: a short count is an answer. */
ssize_t nest_kernel_read(struct nest_ctx *ctx, int fd, void *buf, size_t len);
ssize_t nest_kernel_write(struct nest_ctx *ctx, int fd, const void *buf, size_t len);
ssize_t nest_kernel_pread(struct nest_ctx *ctx, int fd, void *buf, size_t len, uint64_t offset);
ssize_t nest_kernel_pwrite(struct nest_ctx *ctx, int fd, const void *buf, size_t len,
			   uint64_t offset);

/* Goes to the end of what can be read: of a log, so that only what is said from now on is seen. */
int nest_kernel_seek_end(struct nest_ctx *ctx, int fd);

/* Waits for input: 1 ready, 0 after timeout_ms, -EINTR when a signal came. */
int nest_kernel_poll(struct nest_ctx *ctx, int fd, int timeout_ms);

/*
 * Maps a region of a device fd, or anonymous memory (fd -1, huge: 2 MiB aligned), shared and
 * read-write.
 */
int nest_kernel_mmap(struct nest_ctx *ctx, int fd, size_t len, uint64_t offset, void **ret_addr);
int nest_kernel_munmap(struct nest_ctx *ctx, void *addr, size_t len);

/* Device registers; addr points into a mapping of nest_kernel_mmap(). */
uint32_t nest_mmio_read32(const volatile void *addr);
uint64_t nest_mmio_read64(const volatile void *addr);
void nest_mmio_write32(volatile void *addr, uint32_t value);
void nest_mmio_write64(volatile void *addr, uint64_t value);

/*
 * One store of 64 bytes that reaches the device whole, at an address that is a multiple of 64; what
 * was written to memory before is there first. -EOPNOTSUPP: this processor has no MOVDIR64B, and
 * no other store is sure to stay whole. -EINVAL: the address is not aligned.
 */
int nest_mmio_write64x8(volatile void *addr, const uint64_t words[8]);

/* CLOCK_MONOTONIC in ns, and a sleep that a signal ends (-EINTR); the fake keeps its own clock. */
uint64_t nest_kernel_now(struct nest_ctx *ctx);
int nest_kernel_sleep(struct nest_ctx *ctx, uint64_t ns);

#endif
