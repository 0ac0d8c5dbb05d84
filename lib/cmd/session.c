// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens what the command needs, runs it, reports problems, prints, closes. */
#include "cmd/session.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/source.h"
#include "host/sysfs.h"
#include "host/userfile.h"
#include "pool.h"
#include "report/read.h"

struct session {
	struct nest_ctx ctx;
	const struct nest_options *options;
	struct nest_answers answers; /* of the report that is read instead of a host */
};

static int open_report(struct session *session, struct nest_model *model)
{
	const char *file = session->options->from, *why = NULL;
	int err = nest_report_load(file, &session->answers, &why);

	if (err) {
		nest_model_problem(model, nest_userfile_title(file), why,
				   err == -EINVAL || err == -EFBIG ? 0 : err);
		return err;
	}
	nest_source_replay(&session->answers, &session->ctx.root);
	session->ctx.of_host = session->answers.host;
	return 0;
}

static int open_root(struct session *session, struct nest_model *model)
{
	const char *sysroot = session->options->sysroot;
	int err;

	session->ctx.live = session->ctx.of_host = !sysroot;
	err = nest_root_open(sysroot, &session->ctx.root);
	if (err == -ENOSYS)
		nest_model_problem(model, sysroot,
				   "is refused: --sysroot needs openat2(2), Linux 5.6 or newer, "
				   "and /proc; without them a link could lead out of it",
				   0);
	else if (err)
		nest_model_problem(model, sysroot ? sysroot : "/", "cannot be opened", err);
	return err;
}

/* A transcript holds addresses of memory and of devices: it is for its owner alone. */
static int open_transcript(struct session *session, struct nest_model *model)
{
	const char *file = session->options->transcript;
	int err = file ? nest_userfile_create(file, &session->ctx.transcript) : 0;

	if (err)
		nest_model_problem(model, file, "cannot be written", err);
	return err;
}

/* Said before the work, and not after it. */
static int try_output(const struct session *session, struct nest_model *model)
{
	const char *file = session->options->output;
	int err = file ? nest_userfile_try(file) : 0;

	if (err)
		nest_model_problem(model, file, "cannot be written", err);
	return err;
}

/* 0 or -errno, with a problem in the model. */
static int open_all(struct session *session, struct nest_model *model)
{
	int err = session->options->from ? open_report(session, model) : open_root(session, model);

	if (!err)
		err = open_transcript(session, model);
	return err ? err : try_output(session, model);
}

static int broke(const struct session *session, const char *what, int err)
{
	nest_say(&session->ctx, 0, "%s: %s", what, strerror(-err));
	return NEST_STATUS_BROKEN;
}

/* A limit that the caller set on memory leaves the question open; the tool did not break. */
static int stopped(const struct session *session, const char *what, int err)
{
	struct rlimit limit = { 0, 0 };

	if (err != -ENOMEM || getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return broke(session, what, err);
	nest_say(&session->ctx, 0,
		 "%s: not enough memory: this process may use %llu KiB of address space; raise the "
		 "limit (ulimit -v)",
		 what, (unsigned long long)limit.rlim_cur / 1024);
	return NEST_STATUS_UNKNOWN;
}

static int close_all(struct session *session, int status)
{
	const struct nest_options *options = session->options;

	/* A run without a call has an empty transcript; a command line that is wrong has none. */
	if (session->ctx.transcript && !session->ctx.calls && status != NEST_STATUS_USAGE)
		(void)!ftruncate(fileno(session->ctx.transcript), 0);
	if (session->ctx.transcript && fclose(session->ctx.transcript))
		status = broke(session, options->transcript, -errno);
	nest_root_close(&session->ctx.root);
	nest_answers_free(&session->answers);
	return status;
}

static void say_problems(const struct nest_ctx *ctx, const struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->nproblems; i++) {
		const struct nest_problem *problem = &model->problems[i];

		nest_say(ctx, 0, "%s %s%s%s", problem->where, problem->what,
			 problem->err ? ": " : "", problem->err ? strerror(problem->err) : "");
	}
}

/* A run that cannot start prints a complete document too, in which everything is unknown. */
static int know_nothing(const struct nest_command *command, struct nest_run *run)
{
	run->model.absent_gate = "unknown";
	run->model.absent_reason = "nothing could be read";
	run->status = NEST_STATUS_UNKNOWN;
	return command->empty ? command->empty(run) : 0;
}

/* A full disk or a closed pipe must not look like an answer. */
static int flush_stdout(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	/* The errno of an earlier write is lost, unless something is left to write. */
	return errno ? -errno : -EIO;
}

int nest_printed(const struct nest_parse *parse)
{
	const struct session session = { .ctx.verbosity = parse->options.verbosity };
	int err = flush_stdout();

	return err ? broke(&session, "standard output", err) : NEST_STATUS_YES;
}

/*
 * What a printer wrote. A file is never half of an answer, so its text is kept whole; of what goes
 * to standard output no more than this much, so that memory does not grow with the document.
 */
#define SPOOL_MAX (256 << 10)

struct spool {
	struct nest_bytes text;
	bool whole;
	int err; /* -errno of the memory or of the write */
};

static int spill(struct spool *spool)
{
	errno = 0;
	if (spool->text.len &&
	    fwrite(spool->text.at, 1, spool->text.len, stdout) != spool->text.len)
		spool->err = errno ? -errno : -EIO;
	spool->text.len = 0;
	return spool->err;
}

/* For fopencookie(3), which knows 0 as a failure. */
static ssize_t keep(void *cookie, const char *buf, size_t len)
{
	struct spool *spool = cookie;

	if (!spool->whole && spool->text.len + len > SPOOL_MAX && spill(spool))
		return 0;
	if (nest_bytes_add(&spool->text, buf, len))
		spool->err = -ENOMEM;
	return spool->err ? 0 : (ssize_t)len;
}

/*
 * In few writes, whose errno is known. open_memstream(3) would hold the text twice. 0 or -errno.
 */
static int print_spooled(nest_print_fn *printer, const struct nest_run *run)
{
	const char *file = run->options->output;
	struct spool spool = { .whole = file };
	FILE *out = fopencookie(&spool, "w", (cookie_io_functions_t){ .write = keep });
	int err;

#ifdef M_MMAP_THRESHOLD
	/* A long text in a mapping of its own grows without a copy; the C library forgot how. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
	if (!out)
		return -ENOMEM;
	err = printer(out, run);
	if (!err && (fflush(out) || ferror(out)))
		err = -ENOMEM;
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (spool.err)
		err = spool.err;
	if (!err && file)
		err = nest_userfile_write(file, spool.text.at ? spool.text.at : "", spool.text.len);
	else if (!err)
		err = spill(&spool);
	free(spool.text.at);
	return err;
}

/* 0 or -errno (of the memory, or of the write). */
static int print(const struct nest_command *command, const struct nest_run *run)
{
	nest_print_fn *printer = nest_command_printer(command, run->options->format);
	bool terminal = !run->options->output && isatty(STDOUT_FILENO);
	int err = terminal ? printer(stdout, run) : print_spooled(printer, run);

	return err || run->options->output ? err : flush_stdout();
}

int nest_session(const struct nest_parse *parse)
{
	const struct nest_command *command = parse->command;
	const struct nest_options *options = &parse->options;
	struct session session = { .options = options };
	struct nest_run run = { .command = command->name, .options = options, .own = parse->own };
	bool begun;
	int err, status;

	session.ctx.verbosity = options->verbosity;
	begun = !open_all(&session, &run.model);
	err = begun ? command->run(&session.ctx, &run) : know_nothing(command, &run);
	if (err == -EINVAL && run.plugin) {
		run.status = NEST_STATUS_UNKNOWN;
		err = 0;
	}
	status = err == -EINVAL ? NEST_STATUS_USAGE
		 : err		? stopped(&session, command->name, err)
				: (int)run.status;
	say_problems(&session.ctx, &run.model);
	/* People have read the reason on standard error. */
	if (!err && (begun || run.plugin || strcmp(options->format, "human"))) {
		err = print(command, &run);
		if (err)
			status =
				stopped(&session,
					options->output ? options->output : "standard output", err);
	}
	(command->free ? command->free : free)(run.found);
	nest_model_free(&run.model);
	return close_all(&session, status);
}
