// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times commands against each other: bench-run ROUNDS COMMAND... [-- COMMAND...]
 * Each round runs every command once, so that what else the machine does meets all of them alike. A
 * line a command: median in ms, median over the rounds of "first command / this one", peak memory
 * in KiB. With BENCH_CPU set, processor time instead of time on the clock: for machines that are
 * busy.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16

extern char **environ;

struct command {
	char **argv;
	double *ms, *ratio;
	long kib;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cpu(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e3;
}

static double run(struct command *command)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	start = now();
	if (posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv, environ) ||
	    /* up to 3 it is an answer */
	    wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 3) {
		fprintf(stderr, "bench-run: %s failed\n", command->argv[0]);
		exit(2);
	}
	start = getenv("BENCH_CPU") ? cpu(&usage) : now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (usage.ru_maxrss > command->kib)
		command->kib = usage.ru_maxrss;
	return start;
}

static int by_value(const void *a, const void *b)
{
	double da = *(const double *)a, db = *(const double *)b;

	return da < db ? -1 : da > db;
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	struct command commands[COMMANDS_MAX] = { 0 };
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	int n = 0, round, i;

	if (rounds < 1)
		return 2;
	commands[n++].argv = argv + 2;
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		argv[i] = NULL;
		if (n == COMMANDS_MAX)
			return 2;
		commands[n++].argv = argv + i + 1;
	}
	for (i = 0; i < n; i++) {
		commands[i].ms = calloc((size_t)rounds, sizeof(double));
		commands[i].ratio = calloc((size_t)rounds, sizeof(double));
		if (!commands[i].argv[0] || !commands[i].ms || !commands[i].ratio)
			return 2;
		run(&commands[i]); /* warms the caches */
	}
	for (round = 0; round < rounds; round++)
		for (i = 0; i < n; i++) {
			commands[i].ms[round] = run(&commands[i]);
			commands[i].ratio[round] = commands[0].ms[round] / commands[i].ms[round];
		}
	for (i = 0; i < n; i++)
		printf("%.3f\t%.3f\t%ld\n", median(commands[i].ms, rounds),
		       median(commands[i].ratio, rounds), commands[i].kib);
	return 0;
}
