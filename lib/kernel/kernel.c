// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls on device nodes: EINTR, errno, and the transcript. */
#include "kernel/kernel.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "ctx.h"
#include "kernel/transcript.h"

/*
 * A call that a signal interrupted is made again: callers look for signals between steps. Not
 * forever: a fault injector may always answer EINTR.
 */
#define TRIES 16
#define AGAIN(result, expr)                                                                        \
	do {                                                                                       \
		int tries_ = TRIES;                                                                \
                                                                                                   \
		do                                                                                 \
			(result) = (expr);                                                         \
		while ((result) < 0 && errno == EINTR && --tries_);                                \
		if ((result) < 0)                                                                  \
			(result) = -errno;                                                         \
	} while (0)

#define HUGE_SIZE ((size_t)2 << 20)

static struct nest_call call_on(struct nest_ctx *ctx, const char *name, int fd)
{
	struct nest_call call = { .name = name, .have_fd = true, .fd = fd };

	if (ctx->transcript)
		nest_call_take_object(&call);
	return call;
}

int nest_kernel_open(struct nest_ctx *ctx, const char *path, int flags)
{
	struct nest_call call = { .name = "open", .object = path };
	int fd;

	if (!ctx->live)
		return -EOPNOTSUPP;
	AGAIN(fd, open(path, flags | O_CLOEXEC));
	call.result = fd;
	nest_transcript_put(ctx, &call);
	return fd;
}

int nest_kernel_eventfd(struct nest_ctx *ctx)
{
	struct nest_call call = { .name = "eventfd" };

	AGAIN(call.result, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	nest_transcript_put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_memfd(struct nest_ctx *ctx, size_t len)
{
	struct nest_call call = { .name = "memfd_create", .have_len = true, .len = len };
	int fd = memfd_create("vfio-nestctl", MFD_CLOEXEC);

	call.result = fd < 0 || ftruncate(fd, (off_t)len) ? -errno : fd;
	if (fd >= 0 && call.result < 0)
		close(fd);
	nest_transcript_put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_close(struct nest_ctx *ctx, int fd)
{
	struct nest_call call;

	if (fd < 0)
		return 0;
	call = call_on(ctx, "close", fd);
	/* Linux closes the descriptor even if it returns EINTR. */
	if (close(fd) && errno != EINTR)
		call.result = -errno;
	nest_transcript_put(ctx, &call);
	return call.result;
}

static int ioctl_recorded(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			  void *arg, size_t len)
{
	struct nest_call call = call_on(ctx, "ioctl", fd);
	int result;

	call.request = name;
	call.number = request;
	nest_call_bytes_take_arg(&call.in, request, arg, len);
	AGAIN(result, ioctl(fd, request, arg));
	nest_call_bytes_take_again(&call.out, &call.in, arg);
	call.result = result;
	nest_transcript_put(ctx, &call);
	return result;
}

int nest_kernel_ioctl(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
		      void *arg, size_t len)
{
	int result;

	if (ctx->transcript)
		return ioctl_recorded(ctx, fd, request, name, arg, len);
	/* The way of the timing loops: nothing but the call. */
	AGAIN(result, ioctl(fd, request, arg));
	ctx->calls++;
	return result;
}

int nest_kernel_ioctl_int(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			  unsigned long arg)
{
	struct nest_call call = call_on(ctx, "ioctl", fd);
	int result;

	call.request = name;
	call.number = request;
	call.have_arg = true;
	call.arg = arg;
	AGAIN(result, ioctl(fd, request, arg));
	call.result = result;
	nest_transcript_put(ctx, &call);
	return result;
}

/* No function of the C library that could wait for a lock runs in the child. */
int nest_kernel_ioctl_child(struct nest_ctx *ctx, int fd, unsigned long request, const char *name,
			    void *arg, size_t len)
{
	struct nest_call call = call_on(ctx, "ioctl", fd);
	int status = 0;
	pid_t pid;

	call.request = name;
	call.number = request;
	if (ctx->transcript)
		nest_call_bytes_take_arg(&call.in, request, arg, len);
	pid = fork();
	if (!pid)
		_exit(ioctl(fd, request, arg) < 0 ? errno : 0);
	if (pid < 0)
		pid = -errno;
	else
		AGAIN(pid, waitpid(pid, &status, 0));
	if (pid < 0)
		call.result = pid;
	else
		call.result = WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
	nest_transcript_put(ctx, &call);
	return (int)call.result;
}

uint64_t nest_kernel_ticks(struct nest_ctx *ctx, bool tsc)
{
#if defined(__x86_64__)
	if (tsc)
		return __builtin_ia32_rdtsc();
#endif
	(void)tsc;
	return nest_kernel_now(ctx);
}

/* A signal does not end the loop; the caller looks for it. */
static int timed_again(struct nest_ctx *ctx, int fd, const struct nest_timed_op *op)
{
	int err = -errno;

	return err == -EINTR ? nest_kernel_ioctl(ctx, fd, op->request, op->name, op->arg, op->len)
			     : err;
}

int nest_kernel_ioctl_timed(struct nest_ctx *ctx, int fd, const struct nest_timed_op *ops,
			    size_t nops, size_t rounds, bool tsc, size_t *ret_done)
{
	uint64_t last = nest_kernel_ticks(ctx, tsc);
	size_t round, i;
	int err = 0;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < nops; i++) {
			const struct nest_timed_op *op = &ops[i];
			uint64_t now;

			if (ctx->transcript)
				err = nest_kernel_ioctl(ctx, fd, op->request, op->name, op->arg,
							op->len);
			else if (ioctl(fd, op->request, op->arg) < 0)
				err = timed_again(ctx, fd, op);
			if (err < 0)
				goto out;
			if (!op->samples)
				continue;
			now = nest_kernel_ticks(ctx, tsc);
			op->samples[round] = now - last;
			last = now;
		}
	}
	i = 0;
out:
	*ret_done = round * nops + i;
	if (!ctx->transcript)
		ctx->calls += (unsigned int)*ret_done;
	return err < 0 ? err : 0;
}

ssize_t nest_kernel_read(struct nest_ctx *ctx, int fd, void *buf, size_t len)
{
	struct nest_call call = call_on(ctx, "read", fd);

	call.have_len = true;
	call.len = len;
	AGAIN(call.result, read(fd, buf, len));
	if (call.result > 0 && ctx->transcript)
		nest_call_bytes_take(&call.out, buf, call.result);
	nest_transcript_put(ctx, &call);
	return call.result;
}

ssize_t nest_kernel_write(struct nest_ctx *ctx, int fd, const void *buf, size_t len)
{
	struct nest_call call = call_on(ctx, "write", fd);

	call.have_len = true;
	call.len = len;
	if (ctx->transcript)
		nest_call_bytes_take(&call.in, buf, len);
	AGAIN(call.result, write(fd, buf, len));
	nest_transcript_put(ctx, &call);
	return call.result;
}

ssize_t nest_kernel_pread(struct nest_ctx *ctx, int fd, void *buf, size_t len, uint64_t offset)
{
	struct nest_call call = call_on(ctx, "pread", fd);

	call.have_len = call.have_offset = true;
	call.len = len;
	call.offset = offset;
	AGAIN(call.result, pread(fd, buf, len, (off_t)offset));
	if (call.result > 0 && ctx->transcript)
		nest_call_bytes_take(&call.out, buf, call.result);
	nest_transcript_put(ctx, &call);
	return call.result;
}

ssize_t nest_kernel_pwrite(struct nest_ctx *ctx, int fd, const void *buf, size_t len,
			   uint64_t offset)
{
	struct nest_call call = call_on(ctx, "pwrite", fd);

	call.have_len = call.have_offset = true;
	call.len = len;
	call.offset = offset;
	if (ctx->transcript)
		nest_call_bytes_take(&call.in, buf, len);
	AGAIN(call.result, pwrite(fd, buf, len, (off_t)offset));
	nest_transcript_put(ctx, &call);
	return call.result;
}

int nest_kernel_seek_end(struct nest_ctx *ctx, int fd)
{
	struct nest_call call = call_on(ctx, "seek_end", fd);

	/* Ignore the offset: /dev/kmsg always returns 0. */
	if (lseek(fd, 0, SEEK_END) < 0)
		call.result = -errno;
	nest_transcript_put(ctx, &call);
	return (int)call.result;
}

int nest_kernel_poll(struct nest_ctx *ctx, int fd, int timeout_ms)
{
	struct nest_call call = call_on(ctx, "poll", fd);
	struct pollfd wanted = { .fd = fd, .events = POLLIN };

	call.have_timeout = true;
	call.timeout_ms = timeout_ms;
	/* No retry: a signal ends the wait. */
	call.result = poll(&wanted, 1, timeout_ms);
	if (call.result < 0)
		call.result = -errno;
	nest_transcript_put(ctx, &call);
	return call.result;
}

/*
 * Anonymous memory at a multiple of 2 MiB: maps more than needed and unmaps both ends. In huge
 * pages if the kernel has some, else in reserved ones, else in small ones. Whole GiB are in
 * reserved pages of that size where there are any.
 */
static void *map_huge(size_t len)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *reserved = MAP_FAILED;
	size_t before;
	char *base;

	if (!(len % (UINT64_C(1) << 30)))
		reserved = mmap(NULL, len, PROT_READ | PROT_WRITE,
				flags | MAP_HUGETLB | 30 << MAP_HUGE_SHIFT, -1, 0);
	if (reserved != MAP_FAILED)
		return reserved;
	base = mmap(NULL, len + HUGE_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (base == MAP_FAILED)
		return base;
	before = -(uintptr_t)base & (HUGE_SIZE - 1);
	if (before)
		munmap(base, before);
	base += before;
	munmap(base + len, HUGE_SIZE - before);
	if (!madvise(base, len, MADV_HUGEPAGE))
		return base;
	reserved = mmap(NULL, len, PROT_READ | PROT_WRITE,
			flags | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT, -1, 0);
	if (reserved == MAP_FAILED)
		return base;
	munmap(base, len);
	return reserved;
}

int nest_kernel_mmap(struct nest_ctx *ctx, int fd, size_t len, uint64_t offset, void **ret_addr)
{
	struct nest_call call = call_on(ctx, "mmap", fd);
	void *addr;

	call.have_fd = fd >= 0;
	call.have_len = true;
	call.len = len;
	call.have_offset = fd >= 0;
	call.offset = offset;
	if (fd < 0 && len && !(len % HUGE_SIZE)) {
		addr = map_huge(len);
		/*
		 * The child of nest_ioctl_child() does without: what is pinned would be copied for
		 * it, and of reserved pages there may not be enough.
		 */
		if (addr != MAP_FAILED)
			(void)!madvise(addr, len, MADV_DONTFORK);
	} else {
		addr = mmap(NULL, len, PROT_READ | PROT_WRITE,
			    MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, (off_t)offset);
	}
	if (addr == MAP_FAILED)
		call.result = -errno;
	nest_transcript_put(ctx, &call);
	if (!call.result)
		*ret_addr = addr;
	return call.result;
}

int nest_kernel_munmap(struct nest_ctx *ctx, void *addr, size_t len)
{
	struct nest_call call = { .name = "munmap", .have_len = true, .len = len };

	if (munmap(addr, len))
		call.result = -errno;
	nest_transcript_put(ctx, &call);
	return call.result;
}

/*
 * Device registers are little-endian. The fences order them against DMA memory, as readl and writel
 * do.
 */
uint32_t nest_mmio_read32(const volatile void *addr)
{
	uint32_t value = le32toh(*(const volatile uint32_t *)addr);

	__sync_synchronize();
	return value;
}

uint64_t nest_mmio_read64(const volatile void *addr)
{
	uint64_t value = le64toh(*(const volatile uint64_t *)addr);

	__sync_synchronize();
	return value;
}

void nest_mmio_write32(volatile void *addr, uint32_t value)
{
	__sync_synchronize();
	*(volatile uint32_t *)addr = htole32(value);
}

void nest_mmio_write64(volatile void *addr, uint64_t value)
{
	__sync_synchronize();
	*(volatile uint64_t *)addr = htole64(value);
}

#if defined(__x86_64__)
#define CPUID_ECX_MOVDIR64B (1u << 28) /* leaf 7 */

__attribute__((target("movdir64b"))) static void movdir64b(volatile void *to, const void *from)
{
	__builtin_ia32_movdir64b((void *)to, from);
}

static bool has_movdir64b(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && ecx & CPUID_ECX_MOVDIR64B;
}
#endif

int nest_mmio_write64x8(volatile void *addr, const uint64_t words[8])
{
	if ((uintptr_t)addr % 64)
		return -EINVAL;
#if defined(__x86_64__)
	if (has_movdir64b()) {
		__sync_synchronize();
		movdir64b(addr, words);
		return 0;
	}
#endif
	(void)words;
	return -EOPNOTSUPP;
}

uint64_t nest_kernel_now(struct nest_ctx *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int nest_kernel_sleep(struct nest_ctx *ctx, uint64_t ns)
{
	struct timespec span = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	(void)ctx;
	return -clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}
