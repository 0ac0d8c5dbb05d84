// SPDX-License-Identifier: GPL-2.0-or-later
/* The fake's containers, groups and devices: order rules, answers by release, ledger, failures. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake/fake-lab.h"
#include "fake-vfio.h"
#include "util.h"

static int container, group, device;
static struct nest_ctx *ctx = &lab.ctx;

static void start(const char *conf)
{
	memset(&lab, 0, sizeof(lab));
	lab.ctx.live = true;
	if (fake_start(conf))
		abort();
	container = group = device = -1;
}

static long set_iommu(unsigned long type)
{
	return nest_kernel_ioctl_int(ctx, container, VFIO_SET_IOMMU, "VFIO_SET_IOMMU", type);
}

static long extension(unsigned long id)
{
	return nest_kernel_ioctl_int(ctx, container, VFIO_CHECK_EXTENSION, "VFIO_CHECK_EXTENSION",
				     id);
}

static long query(void)
{
	return nest_kernel_ioctl_int(ctx, container, FAKE_VERSION_QUERY, "query", 0);
}

static long set_container(void)
{
	return lab_ioctl(group, VFIO_GROUP_SET_CONTAINER, &container);
}

static long get_device(void)
{
	return lab_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (void *)(uintptr_t) "0000:00:01.0");
}

static long map(uint64_t iova, void *va, uint64_t size)
{
	struct vfio_iommu_type1_dma_map dma = { sizeof(dma), 3, (uintptr_t)va, iova, size };

	return lab_ioctl(container, VFIO_IOMMU_MAP_DMA, &dma);
}

static long unmap(uint64_t iova, uint64_t size, uint64_t *ret_size)
{
	struct vfio_iommu_type1_dma_unmap dma = { sizeof(dma), 0, iova, size };
	long err = lab_ioctl(container, VFIO_IOMMU_UNMAP_DMA, &dma);

	if (ret_size)
		*ret_size = dma.size;
	return err;
}

/* Container and group open and joined; the device waits for SET_IOMMU. */
static void join(const char *conf)
{
	start(conf);
	container = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	group = nest_kernel_open(ctx, "/dev/vfio/12", 2);
	if (set_container())
		abort();
}

static void leave(void)
{
	nest_kernel_close(ctx, device);
	lab_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, NULL);
	nest_kernel_close(ctx, group);
	nest_kernel_close(ctx, container);
}

TEST(container_order, "a container takes SET_IOMMU once, and only with a group")
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };

	start("abi=type1 kernel_release=6.1.0\n" LAB_EDU);
	container = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	group = nest_kernel_open(ctx, "/dev/vfio/12", 2);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/12", 2), -EBUSY);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/13", 2), -ENOENT);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/iommu", 2), -ENOENT);
	CHECK_EQ(set_iommu(VFIO_TYPE1v2_IOMMU), -EINVAL);
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_GET_INFO, &info), -EINVAL);
	CHECK_EQ(get_device(), -EINVAL);
	CHECK_EQ(lab_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, NULL), -EINVAL);
	CHECK_EQ(set_container(), 0);
	CHECK_EQ(set_container(), -EINVAL);
	CHECK_EQ(get_device(), -EINVAL);
	CHECK_EQ(set_iommu(VFIO_NOIOMMU_IOMMU), -ENODEV);
	CHECK_EQ(set_iommu(VFIO_TYPE1v2_IOMMU), 0);
	CHECK_EQ(set_iommu(VFIO_TYPE1v2_IOMMU), -EINVAL);
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_GET_INFO, &info), 0);
	device = (int)get_device();
	CHECK(device >= 0);
	CHECK_EQ(lab_ioctl(group, VFIO_GROUP_UNSET_CONTAINER, NULL), -EBUSY);
	CHECK_EQ(lab_ioctl(device, VFIO_DEVICE_BIND_IOMMUFD, &info), -EINVAL);
	leave();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(nesting_by_release, "the nesting type is advertised and refused as in each release")
{
	static const struct {
		const char *conf;
		int advertised, set;
	} rows[] = {
		{ "abi=type1 kernel_release=5.10.0 ecap=0x480080f00f4e\n" LAB_EDU, 1, -ENODEV },
		{ "abi=type1 kernel_release=6.1.192\n" LAB_EDU, 1, -EINVAL },
		{ "abi=type1 kernel_release=6.12.1\n" LAB_EDU, 1, -EINVAL },
		{ "abi=type1 kernel_release=7.3.4\n" LAB_EDU, 0, -ENODEV },
		{ "abi=type1 kernel_release=5.10.0\n" LAB_EDU, 1, 0 },
		{ "abi=compat kernel_release=7.3.4\n" LAB_EDU, 0, -EINVAL },
		{ "abi=type1 set_iommu6=EPERM ext6=1\n" LAB_EDU, 1, -EPERM },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		join(rows[i].conf);
		CHECK_EQ(extension(VFIO_TYPE1_NESTING_IOMMU), rows[i].advertised);
		CHECK_EQ(set_iommu(VFIO_TYPE1_NESTING_IOMMU), rows[i].set);
		leave();
	}
}

TEST(version_query, "the version query answers by provider and order")
{
	start("abi=type1\n" LAB_EDU);
	container = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	CHECK_EQ(query(), -EINVAL);
	join("abi=type1\n" LAB_EDU);
	CHECK_EQ(set_iommu(VFIO_TYPE1_IOMMU), 0);
	CHECK_EQ(query(), -ENOTTY);
	join("abi=compat\n" LAB_EDU);
	CHECK_EQ(query(), -ENOTTY);
	join("abi=rfc-v3 kernel_release=5.5.0\n" LAB_EDU);
	CHECK_EQ(query(), 1);
	CHECK_EQ(set_iommu(VFIO_TYPE1_NESTING_IOMMU), 0);
	CHECK_EQ(query(), 1);
	join("abi=type1 query_before=0 query_after=EFAULT\n" LAB_EDU);
	CHECK_EQ(query(), 0);
	CHECK_EQ(set_iommu(VFIO_TYPE1_IOMMU), 0);
	CHECK_EQ(query(), -EFAULT);
	fake_start("");
}

/* Ids of the chain in order, as digits of a number, and the length of the last. */
static unsigned int chain_ids(uint32_t room, uint32_t *ret_argsz)
{
	_Alignas(8) uint8_t buf[1024] = { 0 };
	struct vfio_iommu_type1_info *info = (void *)buf;
	unsigned int ids = 0;
	uint32_t at;

	info->argsz = room;
	if (lab_ioctl(container, VFIO_IOMMU_GET_INFO, info))
		return 0;
	*ret_argsz = info->argsz;
	for (at = info->cap_offset; at;
	     at = ((struct vfio_info_cap_header *)(void *)(buf + at))->next)
		ids = ids * 10 + ((struct vfio_info_cap_header *)(void *)(buf + at))->id;
	return ids;
}

TEST(info_chain, "GET_INFO gives its capabilities in the kernel's order, or the room it wants")
{
	uint32_t argsz;

	join("abi=type1 kernel_release=5.10.0\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	CHECK_EQ(chain_ids(1024, &argsz), 231);
	CHECK_EQ(chain_ids(24, &argsz), 0);
	CHECK_EQ(argsz, 24 + 32 + 12 + 16 + 2 * 16);
	CHECK_EQ(chain_ids(argsz, &argsz), 231);
	leave();
	join("abi=type1 kernel_release=6.6.0\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	chain_ids(24, &argsz);
	CHECK_EQ(argsz, 24 + 32 + 16 + 16 + 2 * 16);
	leave();
	join("abi=nesting-op-v8 kernel_release=5.12.0\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1_NESTING_IOMMU));
	CHECK_EQ(chain_ids(1024, &argsz), 2314);
	leave();
	join("abi=rfc-v3 kernel_release=5.5.0\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1_NESTING_IOMMU));
	CHECK_EQ(chain_ids(1024, &argsz), 12);
	leave();
	join("abi=compat\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	CHECK_EQ(chain_ids(1024, &argsz), 31);
	leave();
	join("abi=type1 chain=09000100000000000000 chain_argsz=7\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	CHECK_EQ(chain_ids(1024, &argsz), 9);
	CHECK_EQ(argsz, 7);
	leave();
}

TEST(type1_mappings,
     "type1 mappings neither overlap, nor are cut by v2, nor lie in a reserved range")
{
	const size_t mapped = 8 * 4096, whole = 0x200000;
	uint64_t size;
	uint8_t *memory =
		mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(memory != MAP_FAILED);
	/* A hole behind ours, wherever the loader or an emulator puts the rest of the program. */
	REQUIRE(!munmap(memory + mapped, whole - mapped));
	join("abi=type1 dma_avail=2 memlock=65536\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	CHECK_EQ(map(0x1000, memory, 0x2000), 0);
	CHECK_EQ(map(0x2000, memory, 0x1000), -EEXIST);
	CHECK_EQ(map(0x9000, memory + 1, 0x1000), -EINVAL);
	CHECK_EQ(map(0x9000, memory, 0), -EINVAL);
	CHECK_EQ(map(0xfee00000, memory, 0x1000), -EINVAL);
	CHECK_EQ(map(UINT64_C(1) << 48, memory, 0x1000), -EINVAL);
	CHECK_EQ(map(0x100000, (void *)0x1000, 0x1000), -EFAULT);
	CHECK_EQ(map(0x100000, memory, 0x100000), -EFAULT);
	CHECK_EQ(map(0x5000, memory, 0x1000), 0);
	CHECK_EQ(map(0x7000, memory, 0x1000), -ENOSPC);
	CHECK_EQ(unmap(0x1000, 0x1000, NULL), -EINVAL);
	CHECK_EQ(unmap(0x8000, 0x1000, &size), 0);
	CHECK_EQ(size, 0);
	CHECK_EQ(unmap(0, 0x8000, &size), 0);
	CHECK_EQ(size, 0x3000);
	leave();
	CHECK_EQ(fake_ledger_check(stderr), 0);
	join("abi=type1 memlock=8192\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1_IOMMU));
	CHECK_EQ(map(0, memory, 0x3000), -ENOMEM);
	CHECK_EQ(map(0, memory, 0x2000), 0);
	CHECK_EQ(unmap(0x1000, 0x1000, &size), 0); /* v1: not the start, nothing done */
	CHECK_EQ(size, 0);
	CHECK_EQ(unmap(0, 0x1000, &size), 0); /* v1: the start takes all */
	CHECK_EQ(size, 0x2000);
	leave();
	munmap(memory, mapped);
}

TEST(viability, "a group with a foreign driver is refused where its release refuses it")
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	const char *conf = "abi=type1 kernel_release=6.1.0\n" LAB_EDU
			   "device=0000:00:02.0 group=12 driver=e1000e\n";

	start(conf);
	container = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	group = nest_kernel_open(ctx, "/dev/vfio/12", 2);
	CHECK_EQ(lab_ioctl(group, VFIO_GROUP_GET_STATUS, &status), 0);
	CHECK_EQ(status.flags, 0);
	CHECK_EQ(set_container(), -EPERM);
	join("abi=type1 kernel_release=5.10.0\n" LAB_EDU
	     "device=0000:00:02.0 group=12 driver=e1000e\n");
	CHECK_EQ(set_iommu(VFIO_TYPE1v2_IOMMU), 0);
	CHECK_EQ(get_device(), -EINVAL);
	leave();
	join("abi=type1\n" LAB_EDU "device=0000:00:02.0 group=12 driver=pcieport\n");
	CHECK_EQ(lab_ioctl(group, VFIO_GROUP_GET_STATUS, &status), 0);
	CHECK_EQ(status.flags, VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
	leave();
	join("abi=type1 isolated_msi=0\n" LAB_EDU);
	CHECK_EQ(set_iommu(VFIO_TYPE1v2_IOMMU), -EPERM);
	leave();
}

TEST(nodes, "nodes are there, missing or refused as described")
{
	start("abi=none\n" LAB_EDU);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/vfio", 2), -ENOENT);
	start("abi=iommufd\nnode=/dev/vfio/vfio mode=0660 open=EACCES\n" LAB_EDU
	      "device=0000:00:02.0 driver=none cdev=5\n");
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/vfio", 2), -EACCES);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/2", 2), -ENOENT);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/devices/vfio5", 2), -ENOENT);
	CHECK(nest_kernel_open(ctx, "/dev/vfio/devices/vfio0", 2) >= 0);
	start("abi=noiommu\n" LAB_EDU);
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/12", 2), -ENOENT);
	container = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	group = nest_kernel_open(ctx, "/dev/vfio/noiommu-12", 2);
	CHECK_EQ(set_container(), 0);
	CHECK_EQ(extension(VFIO_NOIOMMU_IOMMU), 1);
	CHECK_EQ(extension(VFIO_TYPE1_IOMMU), 0);
	CHECK_EQ(set_iommu(VFIO_TYPE1_IOMMU), -ENODEV);
	CHECK_EQ(set_iommu(VFIO_NOIOMMU_IOMMU), 0);
	CHECK_EQ(query(), -ENOTTY);
	leave();
	lab.ctx.live = false;
	CHECK_EQ(nest_kernel_open(ctx, "/dev/vfio/vfio", 2), -EOPNOTSUPP);
	fake_start("");
}

TEST(spapr, "an spapr container holds a blind request against the program")
{
	join("abi=spapr\n" LAB_EDU);
	CHECK_EQ(extension(VFIO_SPAPR_TCE_IOMMU), 1);
	CHECK_EQ(extension(VFIO_TYPE1_IOMMU), 0);
	CHECK_EQ(set_iommu(VFIO_TYPE1v2_IOMMU), -ENODEV);
	CHECK_EQ(set_iommu(VFIO_SPAPR_TCE_v2_IOMMU), 0);
	CHECK_EQ(query(), -ENOTTY);
	CHECK_EQ(fake_ledger_check(stderr), 2); /* two fds */
	lab_ioctl(container, 0x3b76, NULL);
	CHECK_EQ(fake_ledger_check(stderr), 3);
	extension(11);
	CHECK_EQ(fake_ledger_check(stderr), 4);
	leave();
	CHECK_EQ(fake_ledger_check(stderr), 2);
}

TEST(device_file, "a device file shows regions, config space and registers as vfio-pci does")
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info region = { .argsz = sizeof(region), .index = 7 };
	uint8_t config[64];
	uint16_t command = 7;
	uint32_t id;

	join("abi=type1\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	device = (int)get_device();
	CHECK_EQ(lab_ioctl(device, VFIO_DEVICE_GET_INFO, &info), 0);
	CHECK_EQ(info.flags, VFIO_DEVICE_FLAGS_PCI);
	CHECK_EQ(lab_ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region), 0);
	CHECK_EQ(region.size, 256);
	CHECK_EQ(nest_kernel_pread(ctx, device, config, 64, region.offset), 64);
	CHECK_EQ(config[0] | config[1] << 8, 0x1234);
	CHECK_EQ(config[4], 3); /* memory decoding, no bus master */
	CHECK_EQ(nest_kernel_pread(ctx, device, config, 64, region.offset + 200), -EFAULT);
	CHECK_EQ(nest_kernel_pread(ctx, device, &id, 4, 0), 4);
	CHECK_EQ(id, 0x010000ed);
	CHECK_EQ(nest_kernel_pwrite(ctx, device, &command, 2, region.offset + 4), 2);
	command = 0xffff;
	CHECK_EQ(nest_kernel_pwrite(ctx, device, &command, 2, region.offset), 2);
	CHECK_EQ(nest_kernel_pread(ctx, device, config, 6, region.offset), 6);
	CHECK_EQ(config[0], 0x34); /* read-only */
	CHECK_EQ(config[4], 7);
	command = 4;
	nest_kernel_pwrite(ctx, device, &command, 2, region.offset + 4);
	CHECK_EQ(nest_kernel_pread(ctx, device, &id, 4, 0), -EIO);
	CHECK_EQ(lab_ioctl(device, VFIO_DEVICE_RESET, NULL), -EINVAL);
	region.index = VFIO_PCI_VGA_REGION_INDEX;
	CHECK_EQ(lab_ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region), -EINVAL);
	leave(); /* closes it as bus master */
	CHECK_EQ(fake_ledger_check(stderr), 1);
}

TEST(ledger, "whatever is left open, mapped or pinned is counted")
{
	void *memory;

	join("abi=type1\n" LAB_EDU);
	REQUIRE(!set_iommu(VFIO_TYPE1v2_IOMMU));
	device = (int)get_device();
	REQUIRE(!nest_kernel_mmap(ctx, -1, 4096, 0, &memory));
	CHECK_EQ(fake_ledger_check(stderr), 4); /* three fds, one mapping */
	REQUIRE(!map(0, memory, 4096));
	CHECK_EQ(fake_ledger_check(stderr), 5);
	CHECK_EQ(nest_kernel_munmap(ctx, memory, 4096), 0);
	memset(memory, 1, 4096); /* still there, as pinned pages are */
	CHECK_EQ(fake_ledger_check(stderr), 5);
	REQUIRE(!unmap(0, 4096, NULL));
	CHECK_EQ(fake_ledger_check(stderr), 3);
	leave();
	CHECK_EQ(fake_ledger_check(stderr), 0);
	nest_kernel_close(ctx, 5);
	CHECK_EQ(fake_ledger_check(stderr), 1);
}

/* Runs in a child with an environment, and gives its wait status. */
static int in_child(const char *variable, const char *value, int (*fn)(void))
{
	pid_t pid;
	int status = 0;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		setenv(variable, value, 1);
		_exit(fn());
	}
	waitpid(pid, &status, 0);
	return status;
}

static int open_three(void)
{
	int a, b;

	start("abi=type1\n" LAB_EDU);
	a = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	b = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	return (a >= 0 ? 1 : 0) | (b == -EBUSY ? 2 : 0) | (b == -EACCES ? 8 : 0) |
	       (nest_kernel_open(ctx, "/dev/vfio/vfio", 2) >= 0 ? 4 : 0);
}

static int close_failing(void)
{
	int fd;

	start("abi=type1\n" LAB_EDU);
	fd = nest_kernel_open(ctx, "/dev/vfio/vfio", 2);
	return nest_kernel_close(ctx, fd) == -EIO && !fake_fd_file(fd);
}

static int count_calls(void)
{
	open_three();
	fake_inject_finish();
	return 0;
}

TEST(injection, "the call that shall fail fails, with the errno asked for, and no other")
{
	FILE *in;
	char line[3][80];

	CHECK_EQ(in_child("NESTCTL_FAKE_FAIL", "2:EBUSY", open_three), 7 << 8);
	CHECK_EQ(in_child("NESTCTL_FAKE_FAIL", "open@2", open_three), 13 << 8);
	CHECK_EQ(in_child("NESTCTL_FAKE_FAIL", "close@1", close_failing), 1 << 8);
	CHECK_EQ(in_child("NESTCTL_FAKE_SIGNAL", "2:TERM", open_three), SIGTERM);
	CHECK_EQ(in_child("NESTCTL_FAKE_FAIL", "rubbish", open_three), 98 << 8);
	CHECK_EQ(in_child("NESTCTL_FAKE_COUNT", "test-fake-count.tmp", count_calls), 0);
	in = fopen("test-fake-count.tmp", "r");
	REQUIRE(in && fgets(line[0], 80, in) && fgets(line[1], 80, in) && fgets(line[2], 80, in));
	fclose(in);
	unlink("test-fake-count.tmp");
	CHECK_STR(line[0], "calls 3\n");
	CHECK_STR(line[1], "points 3\n");
	CHECK_HAS(line[2], "1 open EACCES ");
}

static int touch_register(void)
{
	volatile uint32_t *bar;

	join("abi=type1\n" LAB_EDU);
	set_iommu(VFIO_TYPE1v2_IOMMU);
	device = (int)get_device();
	if (nest_kernel_mmap(ctx, device, 4096, 0, (void **)&bar) ||
	    nest_mmio_read32(bar) != 0x010000ed)
		return 2;
	return *bar ? 3 : 4;
}

TEST(raw_register, "a register that is dereferenced ends the program")
{
	int status = in_child("UNUSED", "", touch_register);

	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 1); /* a sanitizer exits with 1 */
}

static int store_64_bytes(void)
{
	const uint64_t words[8] = { 1 };
	volatile uint8_t *bar;
	unsigned int before;

	join("abi=type1\n" LAB_EDU);
	set_iommu(VFIO_TYPE1v2_IOMMU);
	device = (int)get_device();
	if (nest_kernel_mmap(ctx, device, 4096, 0, (void **)&bar) ||
	    nest_mmio_write64x8(bar + 8, words) != -EINVAL)
		return 2;
	before = fake_ledger_check(stderr);
	nest_mmio_write64x8(bar + 64, words);
	return fake_ledger_check(stderr) == before + 1 ? 0 : 3;
}

TEST(wide_store, "a store of 64 bytes to a device without a register for it is a violation")
{
	CHECK_EQ(in_child("UNUSED", "", store_64_bytes), 0);
}

TEST(bad_machine, "a description that is not understood is refused")
{
	CHECK_EQ(fake_start("abi=moon\n"), -1);
	CHECK_EQ(fake_start("device=x model=edu\n"), -1);
	CHECK_EQ(fake_start("device=0000:00:01.0 model=edo\n"), -1);
	CHECK_EQ(fake_start("colour=red\n"), -1);
	CHECK_EQ(fake_start("# only a comment\n\nabi=none\n"), 0);
}

int main(void)
{
	return test_main();
}
