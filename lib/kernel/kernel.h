/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE door to device nodes: every open, ioctl, mmap, read and write on /dev/vfio/... and
 * /dev/iommu. Calls are retried on EINTR where the kernel documents that as safe, and written to
 * the transcript. The tests link other definitions of these functions in place of kernel.o.
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
 * Opens a node by its absolute path; adds O_CLOEXEC. -EOPNOTSUPP: the run is not live (--sysroot).
 */
int nest_kernel_open(struct nest_ctx *ctx, const char *path, int flags);

/*
 * An eventfd for an interrupt. Poll waits for it, a read of 8 bytes resets it.
 */
int nest_kernel_eventfd(struct nest_ctx *ctx);

/* A file of so many bytes that lives in memory alone; nest_kernel_mmap() shows it. */
int nest_kernel_memfd(struct nest_ctx *ctx, size_t len);

/* Closes fd; a negative one is ignored. */
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

/*
 * The same request made by a child of this process, which ends with it: for what the kernel keeps
 * by process. What the request writes to arg is lost.
 */
int nest_kernel_ioctl_child(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			    void *arg, size_t len);
#define nest_ioctl_child(ctx, fd, request, arg)                                                    \
	nest_kernel_ioctl_child(ctx, fd, request, #request, arg, sizeof(*(arg)))

/* One of the requests of nest_kernel_ioctl_timed(). */
struct nest_timed_op {
	unsigned long request;
	const char *name;
	void *arg;
	size_t len;	   /* of what arg points to */
	uint64_t *samples; /* one for each round: how long it took, in ticks; NULL: not timed */
};

/*
 * Makes all requests in turn, rounds times. Only a reading of the clock is in between, so that the
 * loop costs next to nothing. tsc: use the processor's counter; the caller must know that it is
 * usable and how long a tick is. Without it a tick is 1 ns. A failure ends the loop. *ret_done is
 * the number of requests that succeeded, also after a failure.
 */
int nest_kernel_ioctl_timed(struct nest_ctx *ctx, int fd, const struct nest_timed_op *ops,
			    size_t nops, size_t rounds, bool tsc, size_t *ret_done);

/* The same clock, to measure a tick. */
uint64_t nest_kernel_ticks(struct nest_ctx *ctx, bool tsc);

/* One call each, without a loop: a short count is returned. */
ssize_t nest_kernel_read(struct nest_ctx *ctx, int fd, void *buf, size_t len);
ssize_t nest_kernel_write(struct nest_ctx *ctx, int fd, const void *buf, size_t len);
ssize_t nest_kernel_pread(struct nest_ctx *ctx, int fd, void *buf, size_t len, uint64_t offset);
ssize_t nest_kernel_pwrite(struct nest_ctx *ctx, int fd, const void *buf, size_t len,
			   uint64_t offset);

/* Seeks to the end: of a log, to read only messages from now on. */
int nest_kernel_seek_end(struct nest_ctx *ctx, int fd);

/* Waits for input: 1 ready, 0 after timeout_ms, -EINTR after a signal. */
int nest_kernel_poll(struct nest_ctx *ctx, int fd, int timeout_ms);

/*
 * Maps a region of a device fd, or anonymous memory (fd -1; a multiple of 2 MiB is aligned to it),
 * shared and read-write.
 */
int nest_kernel_mmap(struct nest_ctx *ctx, int fd, size_t len, uint64_t offset, void **ret_addr);
int nest_kernel_munmap(struct nest_ctx *ctx, void *addr, size_t len);

/* Device registers; addr points into a mapping of nest_kernel_mmap(). */
uint32_t nest_mmio_read32(const volatile void *addr);
uint64_t nest_mmio_read64(const volatile void *addr);
void nest_mmio_write32(volatile void *addr, uint32_t value);
void nest_mmio_write64(volatile void *addr, uint64_t value);

/*
 * One store of 64 bytes, never split, at an address that is a multiple of 64. Earlier writes to
 * memory come first. -EOPNOTSUPP: this processor has no MOVDIR64B, and any other store may be
 * split. -EINVAL: the address is not aligned.
 */
int nest_mmio_write64x8(volatile void *addr, const uint64_t words[8]);

/* CLOCK_MONOTONIC in ns, and a sleep that a signal ends (-EINTR). The fake has its own clock. */
uint64_t nest_kernel_now(struct nest_ctx *ctx);
int nest_kernel_sleep(struct nest_ctx *ctx, uint64_t ns);

#endif
