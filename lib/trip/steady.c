// SPDX-License-Identifier: GPL-2.0-or-later
/* Context switches, migrations and changes of the frequency while something is timed. */
#include "trip/loop.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "host/sysfs.h"

#define FREQUENCY_NS UINT64_C(100000000) /* reading it may interrupt a CPU, so not too often */
#define PERCENT_STEP 5

static void switches(uint64_t *voluntary, uint64_t *involuntary)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return;
	*voluntary = (uint64_t)usage.ru_nvcsw;
	*involuntary = (uint64_t)usage.ru_nivcsw;
}

/* In kHz; 0: not known here. */
static uint64_t frequency(struct nest_trip_run *run, int cpu)
{
	char path[96], text[32];

	snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq", cpu);
	if (nest_attr_read(&run->ctx->root, path, text, sizeof(text)) <= 0)
		return 0;
	return strtoull(text, NULL, 10);
}

static void compare_frequency(struct nest_steady *steady, uint64_t khz)
{
	uint64_t least = khz < steady->khz ? khz : steady->khz;
	uint64_t most = khz < steady->khz ? steady->khz : khz;

	if (!khz)
		return;
	steady->noise.have_frequency = true;
	if (steady->khz && (most - least) * 100 > least * PERCENT_STEP)
		steady->noise.frequency_changes++;
	steady->khz = khz;
}

static void look(struct nest_trip_run *run, struct nest_steady *steady, bool frequency_too)
{
	int cpu = sched_getcpu();

	/* Another CPU has a frequency of its own, which is no change of this one's. */
	if (cpu != steady->cpu) {
		steady->noise.migrations += cpu >= 0 && steady->cpu >= 0;
		steady->khz = 0;
		frequency_too = true;
	}
	steady->cpu = cpu;
	if (!frequency_too || cpu < 0)
		return;
	compare_frequency(steady, frequency(run, cpu));
	steady->looked_ns = nest_kernel_now(run->ctx);
}

void nest_steady_begin(struct nest_trip_run *run, struct nest_steady *steady)
{
	*steady = (struct nest_steady){ .cpu = -1, .noise.recorded = run->ctx->transcript };
	look(run, steady, true);
	switches(&steady->voluntary, &steady->involuntary);
}

void nest_steady_look(struct nest_trip_run *run, struct nest_steady *steady)
{
	look(run, steady, nest_kernel_now(run->ctx) - steady->looked_ns > FREQUENCY_NS);
}

void nest_steady_end(struct nest_trip_run *run, struct nest_steady *steady)
{
	uint64_t voluntary = steady->voluntary, involuntary = steady->involuntary;

	switches(&voluntary, &involuntary);
	steady->noise.voluntary = voluntary - steady->voluntary;
	steady->noise.involuntary = involuntary - steady->involuntary;
	look(run, steady, true);
}
