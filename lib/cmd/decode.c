// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The decode command: registers, DMAR tables and kernel logs of any machine. Nothing of this host
 * is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/parse.h"
#include "log/decode.h"
#include "hw/hw.h"
#include "inventory/inventory.h"
#include "host/userfile.h"
#include "util.h"
#include "number.h"

#define FILE_MAX (64u << 20)

/* An unreadable file is a problem and status 3, not a failure of the tool. */
static int unreadable(struct nest_run *run, const char *name, int err)
{
	if (err == -ENOMEM)
		return err;
	nest_model_problem(&run->model, name, "cannot be read", err);
	run->status = NEST_STATUS_UNKNOWN;
	return 0;
}

static struct nest_decoded_unit *add_unit(struct nest_decode *decode, const char *name)
{
	struct nest_decoded_unit *unit =
		nest_array_add((void **)&decode->units, decode->nunits, sizeof(*unit));

	if (!unit)
		return NULL;
	unit->name = name;
	decode->nunits++;
	return unit;
}

/* ---- registers on the command line ---- */

static int value_of(struct nest_ctx *ctx, const char *text, unsigned int bits, uint64_t *ret)
{
	int err = nest_parse_u64(text, 16, ret);

	if (!err && (bits == 64 || !(*ret >> bits)))
		return 0;
	nest_say(ctx, 0, "'%s' is not a hexadecimal number of at most %u bits", text, bits);
	return -EINVAL;
}

static int decode_vtd(struct nest_ctx *ctx, const char *const *args, size_t n,
		      struct nest_regs *ret)
{
	struct nest_hw_values values = { .known = 3 };

	(void)n;
	if (value_of(ctx, args[0], 64, &values.reg[0]) ||
	    value_of(ctx, args[1], 64, &values.reg[1]))
		return -EINVAL;
	nest_hw_decode(&nest_hw_vtd, &values, ret);
	return 0;
}

static int decode_amd(struct nest_ctx *ctx, const char *const *args, size_t n,
		      struct nest_regs *ret)
{
	const char *colon = strchr(args[0], ':');
	struct nest_hw_values values = { .known = colon ? 3 : 1 };
	char text[32];

	(void)n;
	snprintf(text, sizeof(text), "%.*s",
		 colon ? (int)(colon - args[0] > 31 ? 31 : colon - args[0]) : 31, args[0]);
	if (value_of(ctx, text, 64, &values.reg[0]) ||
	    (colon && value_of(ctx, colon + 1, 64, &values.reg[1])))
		return -EINVAL;
	nest_hw_decode(&nest_hw_amd, &values, ret);
	return 0;
}

static int decode_smmuv3(struct nest_ctx *ctx, const char *const *args, size_t n,
			 struct nest_regs *ret)
{
	static const unsigned int idr[] = { 0, 1, 3, 5 };
	struct nest_hw_values values = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		if (value_of(ctx, args[i], 32, &values.reg[idr[i]]))
			return -EINVAL;
		values.known |= 1u << idr[i];
	}
	nest_hw_decode(&nest_hw_smmuv3, &values, ret);
	return 0;
}

static const struct kind {
	const char *name, *args;
	size_t nargs;
	int (*decode)(struct nest_ctx *ctx, const char *const *args, size_t n,
		      struct nest_regs *ret);
} kinds[] = {
	{ "vt-d", "CAP ECAP", 2, decode_vtd },
	{ "amd", "EFR[:EFR2]", 1, decode_amd },
	{ "smmuv3", "IDR0 IDR1 IDR3 IDR5", 4, decode_smmuv3 },
	{ "dmar", "FILE", 1, NULL },
};

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* ---- the command line ---- */

enum { KEY_LOG = NEST_KEY_OWN };

static const struct argp_option decode_options[] = {
	{ "log", KEY_LOG, "FILE", 0, "Read a kernel log (-: stdin)", 0 },
	{ 0 },
};

struct decode_options {
	const char *log;
};

static error_t check_arguments(struct nest_parse *parse)
{
	const struct decode_options *own = parse->own;
	const struct nest_options *options = &parse->options;
	const char *names[ARRAY_SIZE(kinds) + 1] = { NULL };
	const struct kind *kind;
	size_t i;

	if (own->log)
		return options->nargs ? nest_usage(parse, "--log takes no arguments but its FILE")
				      : 0;
	if (!options->nargs)
		return nest_usage(parse, "missing argument (vt-d, amd, smmuv3, dmar, or --log)");
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		names[i] = kinds[i].name;
	kind = find_kind(options->args[0]);
	if (!kind)
		return nest_usage_word(parse, "unknown kind", options->args[0], names);
	if (options->nargs != kind->nargs + 1)
		return nest_usage(parse, "%s needs %s", kind->name, kind->args);
	return 0;
}

static error_t parse_decode(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct decode_options *own = parse->own;

	switch (key) {
	case KEY_LOG:
		own->log = arg;
		return 0;
	case ARGP_KEY_END:
		return check_arguments(parse);
	}
	return ARGP_ERR_UNKNOWN;
}

/* ---- tables and logs ---- */

struct bytes {
	char *at;
	size_t len;
};

static int append(void *data, const char *buf, size_t len)
{
	struct bytes *bytes = data;
	char *bigger = realloc(bytes->at, bytes->len + len);

	if (!bigger)
		return -ENOMEM;
	memcpy(bigger + bytes->len, buf, len);
	bytes->at = bigger;
	bytes->len += len;
	return 0;
}

static int decode_dmar(struct nest_run *run, const char *name)
{
	struct nest_decode *decode = run->found;
	struct bytes bytes = { 0 };
	int err = nest_userfile_read(name, FILE_MAX, append, &bytes);

	if (!err)
		err = nest_dmar_load(bytes.at, bytes.len, &decode->dmar);
	free(bytes.at);
	if (err)
		return unreadable(run, name, err);
	if (!decode->dmar->complete) {
		nest_model_problem(&run->model, name,
				   "is not a complete DMAR table (see the notes)", 0);
		run->status = NEST_STATUS_UNKNOWN;
	}
	return 0;
}

/* What is no text, by its first bytes, and the command that makes text of it. */
static const struct container {
	const char *magic;
	size_t len;
	const char *what, *command;
} containers[] = {
	{ "\x1f\x8b", 2, "gzip", "gzip -dc" },
	{ "\xfd"
	  "7zXZ",
	  5, "xz", "xz -dc" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc" },
	{ "BZh", 3, "bzip2", "bzip2 -dc" },
	{ "\x04\x22\x4d\x18", 4, "lz4", "lz4 -dc" },
	{ "PK\x03\x04", 4, "zip", "unzip -p" },
	{ "LPKSHHRH", 8, "systemd journal", "journalctl -k --file" },
};

struct log_input {
	struct nest_log *log;
	bool begun;
	const struct container *container;
};

static int feed(void *data, const char *buf, size_t len)
{
	struct log_input *input = data;
	size_t i;

	for (i = 0; !input->begun && i < ARRAY_SIZE(containers); i++)
		if (len >= containers[i].len &&
		    !memcmp(buf, containers[i].magic, containers[i].len))
			input->container = &containers[i];
	input->begun = true;
	return input->container ? -EBADMSG : nest_log_feed(input->log, buf, len);
}

/* A file that is packed is not empty: it is not known what is in it. */
static int packed(struct nest_run *run, const char *name, const struct container *container)
{
	char what[160];

	snprintf(what, sizeof(what), "is packed (%s): run '%s FILE | vfio-nestctl decode --log -'",
		 container->what, container->command);
	nest_model_problem(&run->model, name, what, 0);
	run->status = NEST_STATUS_UNKNOWN;
	return 0;
}

static int decode_log(struct nest_run *run, const char *name)
{
	struct nest_decode *decode = run->found;
	const struct nest_log_result *found;
	struct log_input input = { 0 };
	size_t i;
	int err;

	decode->log = nest_log_new();
	if (!decode->log)
		return -ENOMEM;
	input.log = decode->log;
	err = nest_userfile_read(name, FILE_MAX, feed, &input);
	if (input.container)
		return packed(run, name, input.container);
	if (!err)
		err = nest_log_finish(decode->log);
	if (err)
		return unreadable(run, name, err);
	found = nest_log_result(decode->log);
	nest_log_answer(found, &decode->answer);
	for (i = 0; i < found->nunits; i++) {
		struct nest_decoded_unit *unit = add_unit(decode, found->units[i].name);

		if (!unit)
			return -ENOMEM;
		unit->found = &found->units[i];
		nest_log_unit_decode(unit->found, &unit->regs);
	}
	if (!*decode->answer.text && !found->ngroups) {
		nest_model_problem(&run->model, name, "contains no messages about IOMMUs", 0);
		run->status = NEST_STATUS_NO;
	}
	return 0;
}

static int empty_decode(struct nest_run *run)
{
	run->found = calloc(1, sizeof(struct nest_decode));
	return run->found ? 0 : -ENOMEM;
}

static int run_decode(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct decode_options *own = run->own;
	const char *const *args = run->options->args;
	struct nest_decoded_unit *unit;
	const struct kind *kind;

	if (empty_decode(run))
		return -ENOMEM;
	if (own->log)
		return decode_log(run, own->log);
	kind = find_kind(args[0]);
	if (!kind->decode)
		return decode_dmar(run, args[1]);
	unit = add_unit(run->found, NULL);
	if (!unit)
		return -ENOMEM;
	return kind->decode(ctx, args + 1, kind->nargs, &unit->regs);
}

static void free_decode(void *found)
{
	struct nest_decode *decode = found;

	if (!decode)
		return;
	free(decode->units);
	nest_log_free(decode->log);
	nest_dmar_free(decode->dmar);
	free(decode);
}

const struct nest_command nest_command_decode = {
	.name = "decode",
	.arguments = "vt-d CAP ECAP\namd EFR[:EFR2]\nsmmuv3 IDR0 IDR1 IDR3 IDR5\ndmar FILE\n"
		     "--log=FILE",
	.summary = "Decode registers, an ACPI DMAR table or a kernel log",
	.most = 5,
	.options = decode_options,
	.parse = parse_decode,
	.own_size = sizeof(struct decode_options),
	.printers = { { "human", nest_human_decode }, { "json", nest_json_decode } },
	.run = run_decode,
	.empty = empty_decode,
	.free = free_decode,
};
