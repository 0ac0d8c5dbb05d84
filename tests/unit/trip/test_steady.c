// SPDX-License-Identifier: GPL-2.0-or-later
/* What the timing loops notice of the CPU's frequency, on a described tree that changes meanwhile.
 */
#include "test.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/sysfs.h"
#include "trip/loop.h"

#define ENOUGH_NS UINT64_C(101000000) /* until the frequency is read again */

static char top[] = "/tmp/test_steady.XXXXXX";
static char path[256];
static struct nest_ctx ctx;
static struct nest_trip_run run = { .ctx = &ctx };
static struct nest_steady steady;
static struct nest_timing timing;

/* NULL: the CPU has no such file. */
static void frequency(const char *khz)
{
	FILE *file;

	unlink(path);
	if (!khz)
		return;
	file = fopen(path, "w");
	if (!file || fputs(khz, file) == EOF || fclose(file))
		abort();
}

static void begin(const char *khz)
{
	frequency(khz);
	nest_steady_begin(&run, &steady);
}

static void look_later(const char *khz)
{
	frequency(khz);
	CHECK_EQ(nest_kernel_sleep(&ctx, ENOUGH_NS), 0);
	nest_steady_look(&run, &steady);
}

TEST(same, "a frequency that stays, or moves by 5 %, has not changed")
{
	begin("2000000\n");
	look_later("2000000\n");
	look_later("2100000\n");
	nest_steady_end(&run, &steady);
	CHECK(steady.noise.have_frequency);
	CHECK_EQ(steady.noise.frequency_changes, 0);
	CHECK_EQ(steady.noise.migrations, 0);
}

TEST(changes, "each change by more is counted, up and down, and at the end")
{
	begin("2000000\n");
	look_later("2200000\n");
	CHECK_EQ(steady.noise.frequency_changes, 1);
	look_later("800000\n");
	CHECK_EQ(steady.noise.frequency_changes, 2);
	frequency("2000000\n");
	nest_steady_end(&run, &steady);
	CHECK_EQ(steady.noise.frequency_changes, 3);
}

TEST(pace, "between two looks within a tenth of a second the file is not read")
{
	begin("2000000\n");
	frequency("800000\n");
	nest_steady_look(&run, &steady);
	CHECK_EQ(steady.noise.frequency_changes, 0);
	frequency("2000000\n");
	nest_steady_end(&run, &steady);
	CHECK_EQ(steady.noise.frequency_changes, 0);
}

TEST(unknown, "without the file, or a number in it, nothing is known of the frequency")
{
	begin(NULL);
	nest_steady_end(&run, &steady);
	CHECK(!steady.noise.have_frequency);
	begin("<unknown>\n");
	nest_steady_end(&run, &steady);
	CHECK(!steady.noise.have_frequency);
	CHECK_EQ(steady.noise.frequency_changes, 0);
}

TEST(gap, "a frequency that could not be read once is compared with the one before")
{
	begin("2000000\n");
	look_later(NULL);
	CHECK_EQ(steady.noise.frequency_changes, 0);
	look_later("1000000\n");
	CHECK_EQ(steady.noise.frequency_changes, 1);
	nest_steady_end(&run, &steady);
}

TEST(doubt, "figures taken while it changed are not reliable, and that is why")
{
	size_t i;

	begin("2000000\n");
	REQUIRE(!nest_timing_init(&timing, "map", 1000));
	for (i = 0; i < 1000; i++)
		nest_timing_add(&timing, 1000);
	frequency("3000000\n");
	nest_steady_end(&run, &steady);
	timing.noise.have_frequency = steady.noise.have_frequency;
	timing.noise.frequency_changes = steady.noise.frequency_changes;
	nest_timing_summarise(&timing);
	CHECK_STR(nest_timing_doubt(&timing), "the frequency of the CPU changed");
	nest_timing_free(&timing);
}

/* On one CPU from here on: the file of that CPU is the one that is read. */
static bool stay(void)
{
	int cpu = sched_getcpu();
	cpu_set_t one;

	CPU_ZERO(&one);
	if (cpu < 0)
		return false;
	CPU_SET(cpu, &one);
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq",
		 top, cpu);
	return !sched_setaffinity(0, sizeof(one), &one);
}

int main(void)
{
	char command[400];
	int status;

	if (!mkdtemp(top) || !stay())
		return 1;
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname %s)\"", path);
	if (system(command) || nest_root_open(top, &ctx.root))
		return 1;
	status = test_main();
	nest_root_close(&ctx.root);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) ? 1 : status;
}
