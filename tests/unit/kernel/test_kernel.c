// SPDX-License-Identifier: GPL-2.0-or-later
/* The door to device nodes, on files that every host has, and what it writes down. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "kernel/transcript.h"
#include "uapi/iommufd.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"

static struct nest_ctx ctx;
static char *text;
static size_t text_len;

static void begin(void)
{
	memset(&ctx, 0, sizeof(ctx));
	ctx.live = true;
	free(text);
	text = NULL;
	ctx.transcript = open_memstream(&text, &text_len);
}

/* The transcript so far; each line has been flushed, so nothing has to be. */
static const char *told(void)
{
	return text ? text : "";
}

static void end(void)
{
	fclose(ctx.transcript);
	ctx.transcript = NULL;
}

TEST(dead, "nothing is opened while a captured tree is looked at")
{
	begin();
	ctx.live = false;
	CHECK_EQ(nest_kernel_open(&ctx, "/dev/null", O_RDWR), -EOPNOTSUPP);
	CHECK_EQ(ctx.calls, 0);
	CHECK_STR(told(), "");
	end();
}

TEST(open_close, "open and close are one line each, with the node")
{
	char want[256];
	int fd;

	begin();
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(nest_kernel_close(&ctx, fd), 0);
	snprintf(want, sizeof(want),
		 "{\"n\":1,\"call\":\"open\",\"object\":\"/dev/null\",\"result\":%d}\n"
		 "{\"n\":2,\"call\":\"close\",\"object\":\"/dev/null\",\"fd\":%d,\"result\":0}\n",
		 fd, fd);
	CHECK_STR(told(), want);
	CHECK_EQ(nest_kernel_close(&ctx, -1), 0);
	CHECK_EQ(ctx.calls, 2);
	end();
}

TEST(open_missing, "a failed open is its errno, in the result and in the line")
{
	begin();
	CHECK_EQ(nest_kernel_open(&ctx, "/dev/vfio/no such node", O_RDWR), -ENOENT);
	CHECK_STR(told(), "{\"n\":1,\"call\":\"open\",\"object\":\"/dev/vfio/no such node\","
			  "\"result\":-1,\"errno\":\"ENOENT\"}\n");
	end();
}

TEST(ioctl_int, "an integer argument is written as it is")
{
	char want[256];
	int fd;

	begin();
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	CHECK_EQ(nest_ioctl_int(&ctx, fd, VFIO_CHECK_EXTENSION, 6), -ENOTTY);
	snprintf(want, sizeof(want),
		 "{\"n\":2,\"call\":\"ioctl\",\"object\":\"/dev/null\",\"fd\":%d,"
		 "\"request\":\"VFIO_CHECK_EXTENSION\",\"number\":\"0x3b65\",\"arg\":\"0x6\","
		 "\"result\":-1,\"errno\":\"ENOTTY\"}\n",
		 fd);
	CHECK_HAS(told(), want);
	nest_kernel_close(&ctx, fd);
	end();
}

TEST(ioctl_struct, "a structure is written byte by byte, in its own size")
{
	struct iommu_destroy destroy = { .size = sizeof(destroy), .id = 7 };
	int fd;

	begin();
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	CHECK_EQ(nest_ioctl(&ctx, fd, IOMMU_DESTROY, &destroy), -ENOTTY);
	CHECK_HAS(told(), "\"number\":\"0x3b80\",\"in\":\"0800000007000000\",\"result\":-1");
	CHECK(!strstr(told(), "\"out\""));
	nest_kernel_close(&ctx, fd);
	end();
}

TEST(ioctl_odd, "the requests whose argument is no such structure are known")
{
	int fd, container = 5;

	begin();
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	nest_ioctl(&ctx, fd, VFIO_GROUP_SET_CONTAINER, &container);
	CHECK_HAS(told(), "\"request\":\"VFIO_GROUP_SET_CONTAINER\",\"number\":\"0x3b68\","
			  "\"in\":\"05000000\"");
	nest_kernel_ioctl(&ctx, fd, VFIO_GROUP_GET_DEVICE_FD, "VFIO_GROUP_GET_DEVICE_FD",
			  (char[64]){ "a:b" }, 64);
	CHECK_HAS(told(), "\"number\":\"0x3b6a\",\"in\":\"613a62\"");
	nest_kernel_ioctl(&ctx, fd, VFIO_GROUP_UNSET_CONTAINER, "VFIO_GROUP_UNSET_CONTAINER", NULL,
			  0);
	CHECK_HAS(told(), "\"number\":\"0x3b69\",\"result\":-1");
	nest_kernel_close(&ctx, fd);
	end();
}

/* The object, and what lies behind it on a stack. */
struct neighbours {
	int32_t object;
	uint8_t secret[300];
};

TEST(ioctl_number,
     "a number that is no size is not taken for one: nothing behind the object is told")
{
	struct neighbours n = { .object = 200 };
	int fd;

	memset(n.secret, 0x5e, sizeof(n.secret));
	begin();
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	nest_ioctl(&ctx, fd, IOASID_REQUEST_FREE, &n.object);
	CHECK_HAS(told(), "\"number\":\"0x6967\",\"in\":\"c8000000\",\"result\":-1");
	n.object = 3;
	nest_ioctl(&ctx, fd, IOASID_REQUEST_FREE, &n.object);
	CHECK_HAS(told(), "\"in\":\"03000000\"");
	nest_ioctl(&ctx, fd, 0x1234, &n.object); /* a request that nobody knows */
	n.object = 200;
	nest_ioctl(&ctx, fd, 0x1234, &n.object);
	CHECK_HAS(told(), "\"number\":\"0x1234\",\"in\":\"c8000000\"");
	nest_ioctl(&ctx, fd, VFIO_IOMMU_GET_INFO, &n.object); /* says more than it has */
	CHECK(!strstr(told(), "5e"));
	nest_kernel_close(&ctx, fd);
	end();
}

TEST(ioctl_timed, "in a timed loop neither")
{
	struct neighbours n = { .object = 200 };
	struct nest_timed_op op = { VFIO_IOMMU_MAP_DMA, "VFIO_IOMMU_MAP_DMA", &n.object,
				    sizeof(n.object), NULL };
	size_t done;
	int fd;

	memset(n.secret, 0x5e, sizeof(n.secret));
	begin();
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	CHECK_EQ(nest_kernel_ioctl_timed(&ctx, fd, &op, 1, 1, false, &done), -ENOTTY);
	CHECK_HAS(told(), "\"in\":\"c8000000\"");
	CHECK(!strstr(told(), "5e"));
	nest_kernel_close(&ctx, fd);
	end();
}

TEST(out, "what the kernel wrote is told beside what it was given")
{
	struct nest_call call = { .name = "ioctl", .request = "X", .number = 1 };
	uint32_t before[2] = { 8, 0 }, after[2] = { 0x11223344, 9 };

	begin();
	nest_call_bytes_take_arg(&call.in, 1, before, sizeof(before));
	nest_call_bytes_take_again(&call.out, &call.in, after);
	nest_transcript_put(&ctx, &call);
	CHECK_HAS(told(), "\"in\":\"0800000000000000\",\"out\":\"4433221109000000\"");
	end();
}

TEST(cut, "bytes beyond the limit are cut, and the line says so")
{
	static uint8_t large[NEST_CALL_BYTES + 1] = { 0xab };
	struct nest_call call = { .name = "write" };
	const char *hex;

	begin();
	nest_call_bytes_take(&call.in, large, sizeof(large));
	nest_transcript_put(&ctx, &call);
	hex = strstr(told(), "\"in\":\"ab00");
	REQUIRE(hex);
	CHECK_EQ(strspn(hex + 6, "0123456789abcdef"), 2 * NEST_CALL_BYTES);
	CHECK_EQ(hex[6 + 2 * NEST_CALL_BYTES], '+');
	end();
}

/* A name as a line of the transcript has it. */
static const char *escaped(const char *in)
{
	struct nest_call call = { .name = "open", .object = in };
	char *end_of_it;

	begin();
	nest_transcript_put(&ctx, &call);
	end();
	end_of_it = strstr(text, ",\"result\"");
	if (end_of_it)
		*end_of_it = '\0';
	return strstr(text, "object\":") + strlen("object\":");
}

TEST(escape, "strings are JSON whatever is in them")
{
	CHECK_STR(escaped("/dev/vfio/12"), "\"/dev/vfio/12\"");
	CHECK_STR(escaped("a\"b\\c"), "\"a\\\"b\\\\c\"");
	CHECK_STR(escaped("\x1b[2J\n\t\x7f"), "\"\\u001b[2J\\u000a\\u0009\\u007f\"");
	CHECK_STR(escaped("\xff\xc3"), "\"\\u00ff\\u00c3\"");
	CHECK_STR(escaped(""), "\"\"");
}

TEST(read_write, "reads and writes are one call each, with their bytes")
{
	char buf[8] = "";
	int fds[2];

	begin();
	REQUIRE(pipe(fds) == 0);
	CHECK_EQ(nest_kernel_poll(&ctx, fds[0], 0), 0);
	CHECK_EQ(nest_kernel_write(&ctx, fds[1], "abc", 3), 3);
	CHECK_EQ(nest_kernel_poll(&ctx, fds[0], 1000), 1);
	CHECK_EQ(nest_kernel_read(&ctx, fds[0], buf, sizeof(buf)), 3);
	CHECK_STR(buf, "abc");
	CHECK_EQ(nest_kernel_pread(&ctx, fds[0], buf, 1, 4), -ESPIPE);
	CHECK_HAS(told(), "\"call\":\"write\"");
	CHECK_HAS(told(), "\"in\":\"616263\",\"len\":3,\"result\":3");
	CHECK_HAS(told(), "\"out\":\"616263\",\"len\":8,\"result\":3");
	CHECK_HAS(told(), "\"offset\":\"0x4\",\"len\":1,\"result\":-1,\"errno\":\"ESPIPE\"");
	CHECK_HAS(told(), "\"timeout_ms\":1000,\"result\":1}");
	close(fds[0]);
	close(fds[1]);
	end();
}

TEST(mmap, "anonymous memory can be read and written, 2 MiB of it are aligned so")
{
	const size_t huge = 2 << 20;
	unsigned char *small, *large;
	void *addr;

	begin();
	REQUIRE(nest_kernel_mmap(&ctx, -1, 4096, 0, &addr) == 0);
	small = addr;
	small[0] = small[4095] = 1;
	REQUIRE(nest_kernel_mmap(&ctx, -1, huge, 0, &addr) == 0);
	large = addr;
	CHECK_EQ((uintptr_t)large % huge, 0);
	large[0] = large[huge - 1] = 1;
	CHECK_EQ(nest_kernel_munmap(&ctx, small, 4096), 0);
	CHECK_EQ(nest_kernel_munmap(&ctx, large, huge), 0);
	CHECK_EQ(nest_kernel_mmap(&ctx, 9999, 4096, 0, &addr), -EBADF);
	CHECK(addr == large);
	CHECK_HAS(told(), "\"call\":\"munmap\",\"len\":2097152,\"result\":0");
	end();
}

/* Is the page missing in a child process? -1: there was none to ask. */
static int is_kept_from_children(void *page)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(msync(page, 4096, MS_ASYNC) && errno == ENOMEM ? 1 : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST(fork, "a child has none of the memory that devices reach: pinned pages would be copied for it")
{
	const size_t huge = 2 << 20;
	void *plain = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	void *addr;
	int kept;

	REQUIRE(plain != MAP_FAILED);
	REQUIRE(!madvise(plain, 4096, MADV_DONTFORK));
	kept = is_kept_from_children(plain);
	munmap(plain, 4096);
	if (!kept)
		SKIP("what runs this program does not obey MADV_DONTFORK: emulators of processes");
	begin();
	REQUIRE(nest_kernel_mmap(&ctx, -1, huge, 0, &addr) == 0);
	CHECK_EQ(is_kept_from_children(addr), 1);
	CHECK_EQ(nest_kernel_munmap(&ctx, addr, huge), 0);
	end();
}

TEST(mmio, "registers are little-endian and as wide as asked")
{
	unsigned char registers[8] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
	uint64_t aligned;

	memcpy(&aligned, registers, sizeof(aligned));
	CHECK_EQ(nest_mmio_read32(&aligned), 0x44332211);
	CHECK_EQ(nest_mmio_read64(&aligned), 0x8877665544332211);
	nest_mmio_write32(&aligned, 0x01020304);
	CHECK_EQ(nest_mmio_read64(&aligned), 0x8877665501020304);
	nest_mmio_write64(&aligned, 1);
	CHECK_EQ(nest_mmio_read64(&aligned), 1);
}

static bool cpu_has(const char *flag)
{
	char line[8192];
	bool found = false;
	FILE *in = fopen("/proc/cpuinfo", "r");

	while (in && !found && fgets(line, sizeof(line), in))
		found = !strncmp(line, "flags", 5) && strstr(line, flag);
	if (in)
		fclose(in);
	return found;
}

TEST(mmio_64_bytes, "64 bytes are stored whole, or not at all where the processor cannot")
{
	static _Alignas(64) uint64_t registers[16];
	uint64_t words[8], zero[16] = { 0 };
	bool can = cpu_has(" movdir64b");
	size_t i;

	for (i = 0; i < 8; i++)
		words[i] = 0x0101010101010101 * (i + 1);
	CHECK_EQ(nest_mmio_write64x8(&registers[1], words), -EINVAL);
	CHECK_MEM(registers, zero, sizeof(zero));
	CHECK_EQ(nest_mmio_write64x8(&registers[8], words), can ? 0 : -EOPNOTSUPP);
	CHECK_MEM(&registers[8], can ? words : zero, sizeof(words));
	CHECK_MEM(registers, zero, sizeof(words));
}

static void on_alarm(int signo)
{
	(void)signo;
}

TEST(sleep, "time passes, and a signal ends a sleep")
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	uint64_t before;

	begin();
	before = nest_kernel_now(&ctx);
	CHECK_EQ(nest_kernel_sleep(&ctx, 2000000), 0);
	CHECK(nest_kernel_now(&ctx) - before >= 2000000);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK_EQ(nest_kernel_sleep(&ctx, 5000000000), -EINTR);
	CHECK(nest_kernel_now(&ctx) - before < 4000000000);
	end();
}

TEST(quiet, "without a transcript calls are counted all the same")
{
	struct iommu_destroy destroy = { .size = sizeof(destroy) };
	int fd;

	memset(&ctx, 0, sizeof(ctx));
	ctx.live = true;
	fd = nest_kernel_open(&ctx, "/dev/null", O_RDWR);
	REQUIRE(fd >= 0);
	CHECK_EQ(nest_ioctl(&ctx, fd, IOMMU_DESTROY, &destroy), -ENOTTY);
	CHECK_EQ(nest_kernel_close(&ctx, fd), 0);
	CHECK_EQ(ctx.calls, 3);
}

int main(void)
{
	int err = test_main();

	free(text);
	return err;
}
