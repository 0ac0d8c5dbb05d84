// SPDX-License-Identifier: GPL-2.0-or-later
/* The roundtrip command: finds the device, runs the legs, and sets the status by their verdict. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/select.h"
#include "backend/vdev.h"
#include "cmd/parse.h"
#include "cmd/target.h"
#include "host/sysfs.h"
#include "host/userfile.h"
#include "inventory/inventory.h"
#include "kernel/kernel.h"
#include "number.h"
#include "signals.h"
#include "stim/registry.h"
#include "trip/trip.h"

enum {
	KEY_BACKEND = NEST_KEY_OWN,
	KEY_PASID,
	KEY_MOCK,
	KEY_ITERATIONS,
	KEY_STRICT,
	KEY_VF_TOKEN,
	KEY_CPU,
	KEY_SAMPLES
};

static const struct argp_option roundtrip_options[] = {
	{ "backend", KEY_BACKEND, "NAME", 0, "Use this backend (iommufd, type1v2, ...)", 0 },
	{ "pasid", KEY_PASID, "N", 0, "Tag DMA with this PASID", 0 },
	{ "vf-token", KEY_VF_TOKEN, "UUID", 0, "Open virtual functions with this token", 0 },
	{ "mock", KEY_MOCK, 0, 0, "Use the kernel's mock device (CONFIG_IOMMUFD_TEST)", 0 },
	{ "iterations", KEY_ITERATIONS, "N", 0, "Time N rounds of map, unmap and invalidate", 0 },
	{ "cpu", KEY_CPU, "N", 0, "Run on this CPU alone", 0 },
	{ "samples", KEY_SAMPLES, "FILE", 0, "Write each sample of --iterations to FILE", 0 },
	{ "strict", KEY_STRICT, 0, 0, "Treat deviations from the specification as failures", 0 },
	{ 0 },
};

struct roundtrip_options {
	const char *backend; /* name of a mode, NULL: choose */
	bool mock;	     /* the kernel's mock device instead of the argument */
	bool have_pasid, have_token, strict;
	struct nest_vf_token token;
	uint32_t pasid, iterations;
	bool have_cpu;
	unsigned int cpu;
	const char *samples; /* NULL: not wanted */
};

#define BACKENDS_MAX 16

static error_t parse_backend(struct nest_parse *parse, const char *arg)
{
	struct roundtrip_options *own = parse->own;
	const char *names[BACKENDS_MAX + 1] = { NULL };
	size_t i;

	for (i = 0; i < nest_modes_count && i < BACKENDS_MAX; i++)
		names[i] = nest_modes[i].name;
	own->backend = arg;
	return nest_mode_find(arg) ? 0 : nest_usage_word(parse, "unknown backend", arg, names);
}

/* One that this process may run on, which is known here and now. */
static error_t parse_cpu(struct nest_parse *parse, const char *arg)
{
	struct roundtrip_options *own = parse->own;
	cpu_set_t allowed;
	uint64_t number;

	CPU_ZERO(&allowed);
	if (nest_parse_u64(arg, 10, &number) || number >= CPU_SETSIZE)
		return nest_usage(parse, "--cpu: invalid argument '%s' (0 to %d)", arg,
				  CPU_SETSIZE - 1);
	if (!sched_getaffinity(0, sizeof(allowed), &allowed) && !CPU_ISSET(number, &allowed))
		return nest_usage(parse, "--cpu: this process may not run on CPU %s", arg);
	own->have_cpu = true;
	own->cpu = (unsigned int)number;
	return 0;
}

static error_t parse_roundtrip(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct roundtrip_options *own = parse->own;

	switch (key) {
	case KEY_BACKEND:
		return parse_backend(parse, arg);
	case KEY_PASID:
		own->have_pasid = true;
		return nest_parse_number(parse, "--pasid", arg, 0, (1 << 20) - 1, &own->pasid);
	case KEY_VF_TOKEN:
		own->have_token = true;
		return nest_vf_token_parse(arg, &own->token)
			       ? nest_usage(parse,
					    "--vf-token: invalid argument '%s' (a UUID, such as "
					    "bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3)",
					    arg)
			       : 0;
	case KEY_MOCK:
		own->mock = true;
		return 0;
	case KEY_ITERATIONS:
		return nest_parse_number(parse, "--iterations", arg, 10, 1000000, &own->iterations);
	case KEY_CPU:
		return parse_cpu(parse, arg);
	case KEY_SAMPLES:
		own->samples = arg;
		return 0;
	case KEY_STRICT:
		own->strict = true;
		return 0;
	case ARGP_KEY_END:
		if (parse->options.nargs && own->mock)
			return nest_usage(parse, "--mock takes no DEVICE");
		if (own->samples && !own->iterations)
			return nest_usage(parse, "--samples needs --iterations");
		return nest_usage_nodes(parse, "roundtrip");
	}
	return ARGP_ERR_UNKNOWN;
}

/*
 * One line that is rewritten, and removed at the end. Only on a terminal: standard error's,
 * whatever the answer goes to. A round trip shorter than a second shows none.
 */
struct progress {
	struct nest_ctx *ctx;
	uint64_t start, told, leg_start;
	const char *leg;
	bool shown;
};

#define SECOND_NS 1000000000u
#define AGAIN_NS  200000000u

static void show_progress(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct progress *progress = data;
	uint64_t now = nest_kernel_now(progress->ctx);
	bool other = !progress->leg || strcmp(progress->leg, what);

	if (!progress->start)
		progress->start = now;
	if (other) {
		progress->leg = what;
		progress->leg_start = now;
	}
	if (now - progress->start < SECOND_NS || (!other && now - progress->told < AGAIN_NS))
		return;
	progress->told = now;
	progress->shown = true;
	if (total)
		fprintf(stderr, "\r%s: %llu of %llu\033[K", what, (unsigned long long)done,
			(unsigned long long)total);
	else
		fprintf(stderr, "\r%s: %llu s (%llu s in all)\033[K", what,
			(unsigned long long)((now - progress->leg_start) / SECOND_NS),
			(unsigned long long)((now - progress->start) / SECOND_NS));
	fflush(stderr);
}

static void clear_progress(const struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

/*
 * It never picks a device by itself: what does DMA for it is the user's choice. But it says which
 * ones could.
 */
static int list_stimuli(struct nest_ctx *ctx, const struct nest_model *model)
{
	char list[512] = "";
	size_t used = 0, i, more = 0;

	for (i = 0; i < model->ndevices; i++) {
		const struct nest_device *dev = &model->devices[i];
		const struct nest_stim_ops *stim = nest_stim_of(dev, NULL);

		if (stim && used < sizeof(list) - 128)
			used += (size_t)snprintf(list + used, sizeof(list) - used,
						 "%s%s (%s, %s%s)", used ? "; " : "", dev->name,
						 stim->name, dev->driver ? "bound to " : "",
						 dev->driver ? dev->driver : "no driver");
		else
			more += stim != NULL;
	}
	if (more)
		snprintf(list + used, sizeof(list) - used, "; and %zu more", more);
	nest_say(ctx, 0, "roundtrip needs a DEVICE, or --mock; %s%s",
		 used ? "able to do DMA for it: "
		      : "no device of this host can do DMA for it, and any other is tested without",
		 list);
	return -EINVAL;
}

/* Puts the kernel's name in place of the user's, where there is such a device. */
static int find_device(struct nest_ctx *ctx, struct nest_model *model, const char **name)
{
	const struct nest_device *dev;
	int err = nest_target_device(ctx, model, *name, &dev);

	if (!err && dev)
		*name = dev->name;
	return err;
}

/* It holds for this process alone, which ends with the command. */
static int pin(struct nest_ctx *ctx, unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return 0;
	nest_say(ctx, 0, "--cpu: cannot run on CPU %u: %s", cpu, strerror(errno));
	return -EINVAL;
}

/* A line a sample, in the order taken. */
static int write_samples(FILE *file, const struct nest_trip *trip)
{
	size_t i, k;

	fprintf(file, "# operation\tsample\tns\n");
	for (i = 0; i < trip->ntimings; i++)
		for (k = 0; k < trip->timings[i].count; k++)
			fprintf(file, "%s\t%zu\t%llu\n", trip->timings[i].id, k,
				(unsigned long long)trip->timings[i].samples[k]);
	return ferror(file) || fflush(file) || ftruncate(fileno(file), ftello(file)) ? -EIO : 0;
}

/* What is wrong with the file is said before the work. */
static int open_samples(struct nest_run *run, const char *name, FILE **ret_file)
{
	int err = name ? nest_userfile_create(name, ret_file) : 0;

	if (err)
		nest_model_problem(&run->model, name, "cannot be written", err);
	return err;
}

static int close_samples(struct nest_run *run, const char *name, FILE *file,
			 const struct nest_trip *trip)
{
	int err;

	if (!file)
		return 0;
	err = write_samples(file, trip);
	if (fclose(file) && !err)
		err = -errno;
	if (err)
		nest_model_problem(&run->model, name, "cannot be written", err);
	return err;
}

static int run_roundtrip(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct roundtrip_options *own = run->own;
	struct progress progress = { .ctx = ctx };
	struct nest_trip_options trip = {
		.device = run->options->args[0],
		.second = run->options->nargs > 1 ? run->options->args[1] : NULL,
		.mock = own->mock,
		.mode = own->backend,
		.vf_token = own->have_token ? &own->token : NULL,
		.have_pasid = own->have_pasid,
		.pasid = own->pasid,
		.iterations = own->iterations,
		.strict = own->strict,
	};
	struct nest_trip *found;
	FILE *samples = NULL;
	int err, written;

	if (isatty(STDERR_FILENO) && ctx->verbosity >= 0) {
		trip.progress = show_progress;
		trip.progress_data = &progress;
	}
	run->driverctl = nest_root_has_program(&ctx->root, "driverctl");
	err = nest_inventory_gather_named(ctx, NEST_WANT_USUAL, run->options->args,
					  run->options->nargs, &run->model);
	if (err)
		return err;
	if (!trip.mock && !trip.device)
		return list_stimuli(ctx, &run->model);
	if (!trip.mock)
		err = find_device(ctx, &run->model, &trip.device);
	if (!err && trip.second)
		err = find_device(ctx, &run->model, &trip.second);
	if (!err && own->have_cpu)
		err = pin(ctx, own->cpu);
	if (!err)
		err = open_samples(run, own->samples, &samples);
	if (err)
		return err;
	run->found = found = calloc(1, sizeof(*found));
	if (!found) {
		if (samples)
			fclose(samples);
		return -ENOMEM;
	}
	nest_signals_install();
	err = nest_trip_run(ctx, &run->model, &trip, found);
	clear_progress(&progress);
	run->status = (enum nest_status)nest_trip_status(found);
	written = close_samples(run, own->samples, samples, found);
	return err ? err : written;
}

static int empty_roundtrip(struct nest_run *run)
{
	const struct roundtrip_options *own = run->own;
	struct nest_trip *found = calloc(1, sizeof(*found));

	run->found = found;
	if (!found)
		return -ENOMEM;
	found->device = own->mock ? "mock" : run->options->args[0];
	if (run->options->nargs > 1)
		found->second.device = run->options->args[1];
	found->mock = own->mock;
	return 0;
}

static void free_roundtrip(void *found)
{
	if (found)
		nest_trip_free(found);
	free(found);
}

const struct nest_command nest_command_roundtrip = {
	.name = "roundtrip",
	.arguments = "DEVICE [DEVICE2]\n--mock",
	.summary = "Prove with DMA that nesting works on one device",
	.most = 2,
	.enough = "name one device, or two for the legs between devices",
	.options = roundtrip_options,
	.parse = parse_roundtrip,
	.own_size = sizeof(struct roundtrip_options),
	.printers = { { "human", nest_human_roundtrip },
		      { "json", nest_json_roundtrip },
		      { "tap", nest_tap_roundtrip },
		      { "junit", nest_junit_roundtrip } },
	.run = run_roundtrip,
	.empty = empty_roundtrip,
	.free = free_roundtrip,
};
