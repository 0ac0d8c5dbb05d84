// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The decode command: registers, ACPI tables and kernel logs of any machine. Nothing of this host
 * is read.
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/parse.h"
#include "log/decode.h"
#include "hw/hw.h"
#include "inventory/inventory.h"
#include "host/userfile.h"
#include "util.h"
#include "number.h"
#include "packed.h"
#include "remedy.h"

#define FILE_MAX (64u << 20)

/* An unreadable file is a problem and status 3, not a failure of the tool. */
static int unreadable(struct nest_run *run, const char *name, int err)
{
	if (err == -ENOMEM)
		return err;
	nest_model_problem(&run->model, nest_userfile_title(name), "cannot be read", err);
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

static const struct nest_hw_register *register_named(const struct nest_hw *hw, const char *name,
						     size_t len)
{
	size_t i;

	for (i = 0; i < hw->nregisters; i++)
		if (strlen(hw->registers[i].name) == len &&
		    !strncasecmp(hw->registers[i].name, name, len))
			return &hw->registers[i];
	return NULL;
}

/* One argument: "CAP", or "EFR[:EFR2]" with or without the part in brackets. */
static int take_argument(struct nest_ctx *ctx, const struct nest_hw *hw, const char *word,
			 size_t len, const char *arg, struct nest_hw_values *values)
{
	const char *bracket = memchr(word, '[', len), *colon = bracket ? strchr(arg, ':') : NULL;
	const struct nest_hw_register *reg =
		register_named(hw, word, bracket ? (size_t)(bracket - word) : len);
	char text[32];
	uint64_t value;

	snprintf(text, sizeof(text), "%.*s",
		 (int)(colon ? colon - arg : (ptrdiff_t)strnlen(arg, sizeof(text))), arg);
	if (value_of(ctx, text, reg->bits, &value))
		return -EINVAL;
	nest_hw_set(values, (unsigned int)(reg - hw->registers), value);
	if (!colon)
		return 0;
	/* "[:EFR2]" */
	reg = register_named(hw, bracket + 2, (size_t)(word + len - bracket) - 3);
	if (value_of(ctx, colon + 1, reg->bits, &value))
		return -EINVAL;
	nest_hw_set(values, (unsigned int)(reg - hw->registers), value);
	return 0;
}

static int decode_registers(struct nest_ctx *ctx, const struct nest_hw *hw, const char *const *args,
			    size_t nargs, struct nest_regs *ret)
{
	struct nest_hw_values values = { 0 };
	const char *word = hw->arguments;
	size_t len;

	for (; *word && nargs; word += len + (word[len] == ' '), nargs--) {
		bool optional = *word == '[';

		len = strcspn(word, " ");
		if (take_argument(ctx, hw, word + optional, len - 2 * optional, *args++, &values))
			return -EINVAL;
	}
	nest_hw_decode(hw, &values, ret);
	return 0;
}

/* ---- what there is to decode: kinds of IOMMU by their registers, and ACPI tables ---- */

#define KINDS_MAX 16

struct kind {
	const char *name, *args;
	size_t nargs, optional;		    /* the last of them need not be there */
	const struct nest_hw *hw;	    /* NULL: a table */
	const struct nest_acpi_kind *table; /* NULL: registers */
};

static size_t list_kinds(struct kind kinds[KINDS_MAX])
{
	size_t n = 0, i;
	const char *at;

	for (i = 0; i < nest_hws_count; i++) {
		const struct nest_hw *hw = nest_hws[i];

		if (!hw->arguments)
			continue;
		kinds[n] = (struct kind){ hw->name, hw->arguments, 1, 0, hw, NULL };
		for (at = hw->arguments; (at = strchr(at, ' ')); at++) {
			kinds[n].nargs++;
			kinds[n].optional += at[1] == '[';
		}
		n++;
	}
	for (i = 0; nest_acpi_kinds[i]; i++)
		kinds[n++] = (struct kind){ nest_acpi_kinds[i]->word, "FILE", 1, 0, NULL,
					    nest_acpi_kinds[i] };
	return n;
}

static bool find_kind(const char *name, struct kind *ret_kind)
{
	struct kind kinds[KINDS_MAX];
	size_t n = list_kinds(kinds), i;

	for (i = 0; i < n; i++)
		if (!strcmp(kinds[i].name, name)) {
			*ret_kind = kinds[i];
			return true;
		}
	return false;
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
	const char *names[KINDS_MAX + 1] = { NULL };
	struct kind kinds[KINDS_MAX], kind;
	size_t n = list_kinds(kinds), i;

	if (own->log)
		return options->nargs ? nest_usage(parse, "--log takes no arguments but its FILE")
				      : 0;
	if (!options->nargs)
		return nest_usage(parse,
				  "missing argument (a kind of IOMMU or of table, or --log)");
	for (i = 0; i < n; i++)
		names[i] = kinds[i].name;
	if (!find_kind(options->args[0], &kind))
		return strchr(options->args[0], '/')
			       ? nest_usage(parse,
					    "what is in '%s'? For a kernel log: --log FILE, for a "
					    "table its name first: dmar FILE",
					    options->args[0])
			       : nest_usage_word(parse, "unknown kind", options->args[0], names);
	if (options->nargs > kind.nargs + 1 || options->nargs < kind.nargs - kind.optional + 1)
		return nest_usage(parse, "%s needs %s", kind.name, kind.args);
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

/* The kind of the table that is in the file, if it is another one; or NULL. */
static const char *other_table(const struct bytes *bytes, const char *wanted)
{
	struct kind kinds[KINDS_MAX];
	size_t n = list_kinds(kinds), i;

	for (i = 0; i < n; i++)
		if (kinds[i].table && strcmp(kinds[i].name, wanted) != 0 &&
		    nest_acpi_holds(bytes->at, bytes->len, kinds[i].table->signature))
			return kinds[i].name;
	return NULL;
}

/* Why a table is not complete, as a problem. */
static int incomplete(struct nest_run *run, const char *name, const char *kind, bool has_header,
		      const struct bytes *bytes)
{
	const char *other = has_header ? NULL : other_table(bytes, kind);
	char what[128 + NEST_REMEDY_MAX], word[8], file[NEST_REMEDY_MAX];
	size_t i;

	for (i = 0; i < sizeof(word) - 1 && (other ? other : kind)[i]; i++)
		word[i] = (char)toupper((unsigned char)(other ? other : kind)[i]);
	word[i] = '\0';
	nest_remedy_quote(name, file, sizeof(file));
	if (other)
		snprintf(what, sizeof(what), "holds %s %s table: use vfio-nestctl decode %s %s",
			 strchr("AEIOU", *word) ? "an" : "a", word, other, file);
	else
		snprintf(what, sizeof(what), "is not a complete %s table (see the notes)", word);
	nest_model_problem(&run->model, nest_userfile_title(name),
			   nest_pool_str(&run->model.pool, what), 0);
	run->status = NEST_STATUS_UNKNOWN;
	return 0;
}

static int decode_table(struct nest_run *run, const struct kind *kind, const char *name)
{
	struct nest_decode *decode = run->found;
	struct bytes bytes = { 0 };
	int err = nest_userfile_read(name, FILE_MAX, append, &bytes);

	if (!err)
		err = nest_acpi_load(kind->table, bytes.at, bytes.len, &decode->table);
	if (err)
		err = unreadable(run, name, err);
	else if (!decode->table->complete)
		err = incomplete(run, name, kind->name, decode->table->has_header, &bytes);
	free(bytes.at);
	return err;
}

/* What is no text, by its first bytes, and the command that makes text of it. */
static const struct container {
	const char *magic;
	size_t len;
	const char *what, *command;
} containers[] = { { "\x04\x22\x4d\x18", 4, "lz4", "lz4 -dc" },
		   { "LPKSHHRH", 8, "systemd journal", "journalctl -k --file" },
#define PACKED(...) { __VA_ARGS__ },
		   NEST_PACKED(PACKED)
#undef PACKED
};

struct log_input {
	struct nest_log *log;
	struct bytes whole; /* kept for a log that is to be read backwards */
	const struct container *container;
};

#define MAGIC_MAX 8

static int feed(void *data, const char *buf, size_t len)
{
	struct log_input *input = data;
	size_t i, before = input->whole.len;
	int err = append(&input->whole, buf, len);

	/* A pipe may give one byte after the other. */
	for (i = 0; !err && before < MAGIC_MAX && i < ARRAY_SIZE(containers); i++)
		if (input->whole.len >= containers[i].len &&
		    !memcmp(input->whole.at, containers[i].magic, containers[i].len))
			input->container = &containers[i];
	if (input->container)
		return -EBADMSG;
	return err ? err : nest_log_feed(input->log, buf, len);
}

/* Reads a log again whose newest line was the first: what follows what is only right in order. */
static int decode_reversed(struct nest_decode *decode, const struct bytes *whole)
{
	struct nest_log *log = nest_log_new();
	int err;

	if (!log)
		return -ENOMEM;
	nest_log_count_down(log, nest_log_result(decode->log)->lines);
	err = nest_log_feed_reversed(log, (const char *)whole->at, whole->len);
	if (!err)
		err = nest_log_finish(log);
	nest_log_free(decode->log);
	decode->log = log;
	return err;
}

/* A file that is packed is not empty: it is not known what is in it. */
static int packed(struct nest_run *run, const char *name, const struct container *container)
{
	char what[160 + NEST_REMEDY_MAX], file[NEST_REMEDY_MAX];

	nest_remedy_quote(strcmp(name, "-") ? name : "FILE", file, sizeof(file));
	snprintf(what, sizeof(what), "is packed (%s): %s %s | vfio-nestctl decode --log -",
		 container->what, container->command, file);
	nest_model_problem(&run->model, nest_userfile_title(name), what, 0);
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
	if (input.container) {
		free(input.whole.at);
		return packed(run, name, input.container);
	}
	if (!err)
		err = nest_log_finish(decode->log);
	if (!err && nest_log_result(decode->log)->reversed)
		err = decode_reversed(decode, &input.whole);
	free(input.whole.at);
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
		nest_model_problem(&run->model, nest_userfile_title(name),
				   "contains no messages about IOMMUs", 0);
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
	struct kind kind;

	if (empty_decode(run))
		return -ENOMEM;
	if (own->log)
		return decode_log(run, own->log);
	if (!find_kind(args[0], &kind))
		return -EINVAL;
	if (!kind.hw)
		return decode_table(run, &kind, args[1]);
	unit = add_unit(run->found, NULL);
	if (!unit)
		return -ENOMEM;
	return decode_registers(ctx, kind.hw, args + 1, run->options->nargs - 1, &unit->regs);
}

static void free_decode(void *found)
{
	struct nest_decode *decode = found;

	if (!decode)
		return;
	free(decode->units);
	nest_log_free(decode->log);
	nest_acpi_free(decode->table);
	free(decode);
}

const struct nest_command nest_command_decode = {
	.name = "decode",
	.arguments = "vt-d CAP ECAP\namd EFR[:EFR2]\nsmmuv3 IDR0 IDR1 IDR3 IDR5 [IIDR]\ndmar FILE\n"
		     "ivrs FILE\niort FILE\nviot FILE\n--log=FILE",
	.summary = "Decode registers, ACPI tables or a kernel log",
	.most = 6,
	.enough = "name one kind, with its registers or its file",
	.options = decode_options,
	.parse = parse_decode,
	.own_size = sizeof(struct decode_options),
	.printers = { { "human", nest_human_decode }, { "json", nest_json_decode } },
	.run = run_decode,
	.empty = empty_decode,
	.free = free_decode,
};
