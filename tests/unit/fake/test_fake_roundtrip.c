// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The round trip on hosts that work and on hosts that only seem to: no flaw may pass for a proof.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "trip/trip.h"
#include "host/sysfs.h"
#include "fake.h"
#include "test.h"
#include "hw/hw.h"
#include "util.h"

#define EDU  "device=0000:00:01.0 model=edu group=12\n"
#define NVME "device=0000:00:01.0 model=nvme group=12\n"
#define NEST "abi=iommufd\necap=0xc80084f00f4a\n"
#define FLAT "abi=iommufd\necap=0x880000f00f4e\n"
#define PRI  "abi=iommufd\necap=0xcd38a4f00f4e\ndevice=0000:00:01.0 model=edu-pri group=12\n"

static struct nest_device dev = {
	.name = "0000:00:01.0",
	.bus_name = "pci",
	.driver = "vfio-pci",
	.group = 0,
	.unit = 0,
	.next = NEST_NONE,
	.bus = NEST_BUS_PCI,
	.have_ids = true,
	.have_uevent = true,
};
static struct nest_group group = { .id = 12, .first = 0, .ndevices = 1, .viable = NEST_YES };
static struct nest_unit unit = { .name = "dmar0", .hw = &nest_hw_vtd };
static struct nest_model model = {
	.devices = &dev, .ndevices = 1, .groups = &group, .ngroups = 1, .units = &unit, .nunits = 1
};
static char tree[] = "/tmp/nest-trip-XXXXXX";
static struct nest_ctx ctx;
static struct nest_trip trip;
static struct nest_trip_options options;

/* What of sysfs the trip asks for: that the device has a node of its own. */
static void make_tree(void)
{
	static const char *const parts[] = { "/sys",	      "/bus",	   "/pci",  "/devices",
					     "/0000:00:01.0", "/vfio-dev", "/vfio0" };
	char path[256];
	FILE *file;
	size_t i;

	if (!mkdtemp(tree))
		exit(1);
	snprintf(path, sizeof(path), "%s", tree);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		strcat(path, parts[i]);
		if (mkdir(path, 0700))
			exit(1);
	}
	strcat(path, "/dev");
	file = fopen(path, "w");
	if (!file || fputs("511:0\n", file) < 0 || fclose(file))
		exit(1);
}

/* A whole trip on a host; what is left on it afterwards fails the test. */
static void go(const char *host, bool nvme)
{
	char text[1024];

	snprintf(text, sizeof(text), "kernel_release=7.3.4\n%s", host);
	REQUIRE(!fake_start(text));
	nest_trip_free(&trip);
	dev.vendor = nvme ? 0x1b36 : 0x1234;
	dev.device = nvme ? 0x0010 : 0x11e8;
	dev.pci_class = nvme ? 0x010802 : 0x00ff00;
	options.device = dev.name;
	CHECK_EQ(nest_trip_run(&ctx, &model, &options, &trip), 0);
	CHECK_EQ(fake_ledger_check(stdout), 0);
	CHECK_EQ(ctx.undo.count, 0);
}

static const struct nest_leg *leg(const char *id)
{
	static const struct nest_leg none = { .id = "none",
					      .result = NEST_LEG_FAILED,
					      .reason = "no such leg" };

	for (size_t i = 0; i < trip.nlegs; i++)
		if (!strcmp(trip.legs[i].id, id))
			return &trip.legs[i];
	return &none;
}

static const char *result(const char *id)
{
	return nest_leg_result_name(leg(id)->result);
}

static bool says(const char *id, const char *part)
{
	for (size_t i = 0; i < leg(id)->nevidence; i++)
		if (strstr(leg(id)->evidence[i], part))
			return true;
	return false;
}

TEST(nested, "on a unit that nests every leg passes, or says that there is none of it here")
{
	go(NEST EDU, false);
	CHECK_EQ(trip.verdict, NEST_TRIP_PASSED);
	CHECK_EQ(nest_trip_status(&trip), 0);
	for (size_t i = 0; i < trip.nlegs; i++)
		CHECK(trip.legs[i].result == NEST_LEG_PASSED ||
		      trip.legs[i].result == NEST_LEG_ABSENT);
	CHECK_STR(result("respond"), "skipped");
	CHECK_STR(result("bind"), "passed");
	CHECK(says("invalidate_page", "needed: until then"));
	CHECK(says("invalidate_domain", "needed: until then"));
	CHECK(says("fault", "fault reason 0x71"));
	CHECK(says("confine", "fault reason 0x79"));
	CHECK(says("dma", "marked it accessed and dirty"));
	CHECK(!trip.gate);
}

TEST(requests, "page requests and a PASID pass where the device has them")
{
	options.have_pasid = true;
	options.pasid = 3;
	go(PRI, false);
	options.have_pasid = false;
	CHECK_EQ(trip.verdict, NEST_TRIP_PASSED);
	CHECK_STR(result("respond"), "passed");
	CHECK_STR(result("pasid_respond"), "passed");
	CHECK_STR(result("pasid_unbind"), "passed");
	CHECK(says("pasid_fault", "PASID 0x3"));
}

TEST(fresh, "where nothing is ever stale the need is not claimed, and the verdict is the same")
{
	go(NEST "stale=0\n" EDU, false);
	CHECK_EQ(trip.verdict, NEST_TRIP_PASSED);
	CHECK(says("stale", "nothing was stale"));
	CHECK(says("invalidate_page", "could not show that the invalidation was needed"));
	CHECK(!says("invalidate_page", "needed: until"));
}

TEST(flat, "a unit that does not nest names its gate, runs the one-stage legs, and is incomplete")
{
	go(FLAT EDU, false);
	CHECK_EQ(trip.verdict, NEST_TRIP_INCOMPLETE);
	CHECK_EQ(nest_trip_status(&trip), 1);
	CHECK_STR(trip.gate, "nest");
	CHECK_STR(result("bind"), "skipped");
	CHECK_STR(result("dma"), "passed");
	CHECK_STR(result("unmap"), "passed");
	CHECK_STR(result("fault"), "passed");
	go(NEST "scalable=0\n" EDU, false);
	CHECK_STR(trip.gate, "scalable_mode");
}

TEST(container, "a container proves one stage, and tells how VFIO_TYPE1_NESTING_IOMMU was refused")
{
	options.mode = "type1v2";
	go("abi=type1\nkernel_release=6.1.0\n" EDU, false);
	options.mode = NULL;
	CHECK_EQ(trip.verdict, NEST_TRIP_INCOMPLETE);
	CHECK_STR(trip.abi, "type1v2");
	CHECK_STR(result("type1_nesting"), "skipped");
	CHECK_HAS(leg("type1_nesting")->reason, "EINVAL");
	CHECK_STR(result("dma"), "passed");
	CHECK_STR(result("fault_read"), "passed");
}

TEST(nvme, "NVMe is a stimulus for all but reads of a page of our choice")
{
	go(NEST NVME, true);
	CHECK_EQ(trip.verdict, NEST_TRIP_PASSED);
	CHECK_STR(result("dma"), "passed");
	CHECK_STR(result("fault_read"), "skipped");
	CHECK_STR(trip.stimulus, "nvme");
}

TEST(none, "a device that nobody can make do DMA still has its table bound and invalidated")
{
	go(NEST EDU, false);
	dev.vendor = 0x8086;
	REQUIRE(!fake_start("abi=iommufd\ndevice=0000:00:01.0 model=none group=12\n"));
	nest_trip_free(&trip);
	CHECK_EQ(nest_trip_run(&ctx, &model, &options, &trip), 0);
	CHECK_EQ(trip.verdict, NEST_TRIP_INCOMPLETE);
	CHECK_HAS(leg("start")->reason, "NVMe");
	CHECK_STR(result("bind"), "passed");
	CHECK_STR(result("invalidate_calls"), "passed");
	CHECK_STR(result("dma"), "skipped");
	CHECK_STR(result("unbind"), "passed");
	CHECK_EQ(fake_ledger_check(stdout), 0);
}

/* What a broken host does, and the leg that must catch it. */
static const struct {
	const char *flaw, *leg;
} flaws[] = {
	{ "ignore-s1", "dma" },	    { "ignore-invalidate", "invalidate_page" },
	{ "let-through", "fault" }, { "overrun", "start" },
	{ "lose-dma", "start" },    { "corrupt", "start" },
	{ "fault-addr", "fault" },  { "silent-fault", "fault" },
};

TEST(flawed, "every flaw of a host fails the leg that is there to find it")
{
	char host[256];

	for (size_t i = 0; i < ARRAY_SIZE(flaws); i++) {
		snprintf(host, sizeof(host), NEST "flaw=%s\n" EDU, flaws[i].flaw);
		go(host, false);
		CHECK_EQ(trip.verdict, NEST_TRIP_FAILED);
		CHECK_STR(result(flaws[i].leg), "failed");
		CHECK(leg(flaws[i].leg)->reason);
	}
}

TEST(limited, "a fault line that the rate limit swallowed is waited for")
{
	/* The legs before have used up what the kernel prints in five seconds. */
	options.have_pasid = true;
	options.pasid = 3;
	go(PRI, false);
	options.have_pasid = false;
	CHECK_STR(result("fault_read"), "passed");
	CHECK(says("fault_read", "seen in the kernel log"));
}

TEST(obstacles, "a host that is not ready is an obstacle with its name, and nothing stays open")
{
	static const struct {
		const char *host, *id;
	} rows[] = {
		{ NEST "isolated_msi=0\n" EDU, "interrupts" },
		{ NEST EDU "node=/dev/vfio/devices/vfio0 open=EACCES\n", "permission" },
		{ NEST EDU "node=/dev/vfio/devices/vfio0 open=ENOENT\n", "no_vfio" },
		{ NEST "memlock=65536\n" EDU, "memlock" },
		{ NEST "memlock=1048576\n" EDU, "memlock" },
		{ NEST "device=0000:00:01.0 model=edu group=12 busy=1\n", "busy" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		go(rows[i].host, false);
		if (CHECK(trip.obstacle))
			CHECK_STR(trip.obstacle->id, rows[i].id);
		CHECK_EQ(trip.verdict, NEST_TRIP_INCOMPLETE);
		CHECK_EQ(nest_trip_status(&trip), 3);
	}
}

TEST(before, "driver and group are looked at before anything is opened")
{
	dev.driver = "e1000e";
	go(NEST EDU, false);
	dev.driver = "vfio-pci";
	if (CHECK(trip.obstacle)) {
		CHECK_STR(trip.obstacle->id, "not_bound");
		CHECK_STR(trip.obstacle->commands[0],
			  "driverctl set-override 0000:00:01.0 vfio-pci");
		CHECK_STR(trip.obstacle->undo[0], "driverctl unset-override 0000:00:01.0");
	}
	CHECK_EQ(trip.nlegs, 0);
	group.viable = NEST_NO;
	go(NEST EDU, false);
	group.viable = NEST_YES;
	if (CHECK(trip.obstacle))
		CHECK_STR(trip.obstacle->id, "not_viable");
	options.device = "0000:01:00.0";
	nest_trip_free(&trip);
	CHECK_EQ(nest_trip_run(&ctx, &model, &options, &trip), 0);
	if (CHECK(trip.obstacle))
		CHECK_STR(trip.obstacle->id, "not_found");
}

TEST(timed, "the timing loops leave as many samples as were asked for")
{
	options.iterations = 50;
	go(NEST EDU, false);
	options.iterations = 0;
	CHECK(trip.ntimings > 20 && trip.ntimings <= NEST_TRIP_TIMINGS_MAX);
	for (size_t i = 0; i < trip.ntimings; i++) {
		/* transfers take so long that two seconds are over before */
		CHECK(trip.timings[i].count == 50 || trip.timings[i].median_ns > 1000000 ||
		      strstr(trip.timings[i].id, "_cached"));
		CHECK(trip.timings[i].count >= 10);
		CHECK(trip.timings[i].min_ns <= trip.timings[i].median_ns);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(trip.timings[i].id, trip.timings[k].id));
	}
	CHECK_STR(trip.timings[0].id, "map");
}

TEST(ids, "every leg has a word and a title of its own")
{
	options.have_pasid = true;
	options.pasid = 3;
	go(PRI, false);
	options.have_pasid = false;
	CHECK(trip.nlegs > 20 && trip.nlegs <= NEST_TRIP_LEGS_MAX);
	for (size_t i = 0; i < trip.nlegs; i++) {
		CHECK(*trip.legs[i].id && *trip.legs[i].title);
		for (size_t k = 0; k < i; k++) {
			CHECK(strcmp(trip.legs[i].id, trip.legs[k].id));
			CHECK(strcmp(trip.legs[i].title, trip.legs[k].title));
		}
	}
}

int main(void)
{
	int failed;
	char command[64];

	make_tree();
	ctx.live = true;
	if (nest_root_open(tree, &ctx.root))
		return 1;
	failed = test_main();
	nest_trip_free(&trip);
	nest_root_close(&ctx.root);
	snprintf(command, sizeof(command), "rm -rf %s", tree);
	return system(command) || failed;
}
