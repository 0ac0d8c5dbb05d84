// SPDX-License-Identifier: GPL-2.0-or-later
/* The layouts of hex listings of ACPI tables. */

#include "hw/acpidump.h"
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 4096
#define SIGNATURE  4

/* One line of a listing. */
struct hexline {
	bool has_offset;
	uint64_t offset;       /* read as hex */
	uint64_t offset_octal; /* the same digits in octal (od), or UINT64_MAX if they cannot be */
	uint8_t bytes[LINE_BYTES];
	size_t nbytes;
};

/* The table being collected. */
struct table {
	uint8_t *bytes;
	size_t len, room;
	bool with_offsets;
	bool octal;   /* od's offsets; settled by the first that is not 0 */
	bool starred; /* "*": lines like the last one were left out */
	bool closed;  /* broken or too big: no more lines are taken */
	struct nest_acpidump_problem problem;
};

struct seen {
	char names[8][SIGNATURE + 1];
	size_t count;
};

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static size_t hex_run(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && nibble(*p) >= 0)
		p++;
	return (size_t)(p - start);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_quoting(const char *p, const char *end)
{
	while (p < end && (is_blank(*p) || *p == '>' || *p == '|' ||
			   (*p == '-' && p + 1 < end && is_blank(p[1]))))
		p++;
	return p;
}

static uint64_t number(const char *p, size_t digits, unsigned int base)
{
	uint64_t value = 0;

	if (digits > 16)
		return UINT64_MAX;
	while (digits--) {
		if ((unsigned int)nibble(*p) >= base)
			return UINT64_MAX;
		value = value * base + (unsigned int)nibble(*p++);
	}
	return value;
}

/* Takes the offset at the beginning of a line, if there is one; returns where the bytes begin. */
static const char *take_offset(const char *p, const char *end, struct hexline *line,
			       bool *ret_colon)
{
	size_t run = hex_run(p, end);
	const char *next = p + run;

	*ret_colon = run && next < end && *next == ':';
	if (!*ret_colon) {
		const char *q = next;

		/* Without a colon only a long number before other numbers is an offset. */
		while (q < end && is_blank(*q))
			q++;
		if (run < 6 || q == next || !hex_run(q, end))
			return p;
	}
	line->has_offset = true;
	line->offset = number(p, run, 16);
	line->offset_octal = *ret_colon ? UINT64_MAX : number(p, run, 8);
	return *ret_colon ? next + 1 : next;
}

/* Cuts a line into bytes; false if it is not a line of a listing. */
static bool parse_line(const char *p, const char *end, struct hexline *line)
{
	size_t run, spaces, most = LINE_BYTES;
	const char *start;
	bool colon;

	line->has_offset = false;
	line->nbytes = 0;
	p = start = take_offset(skip_quoting(p, end), end, line, &colon);
	for (;;) {
		for (spaces = 0; p < end && is_blank(*p); spaces++)
			p++;
		/* Two blanks end the bytes, but for hexdump's gap in the middle. */
		if (line->nbytes && spaces >= 2 && (colon || line->nbytes != 8))
			break;
		if (p != start && !spaces)
			break;
		run = hex_run(p, end);
		if (!run || run % 2 || (p + run < end && !is_blank(p[run])))
			break;
		if (run == 2)
			most = 16; /* beyond it the text column may look like hex */
		if (line->nbytes + run / 2 > most)
			break;
		while (run) {
			line->bytes[line->nbytes++] = (uint8_t)(nibble(p[0]) << 4 | nibble(p[1]));
			p += 2;
			run -= 2;
		}
	}
	return line->nbytes > 0;
}

/* "DMAR @ 0x0000": the heading acpidump writes over each table. */
static bool is_heading(const char *p, const char *end)
{
	int i;

	p = skip_quoting(p, end);
	if (end - p < 7 || memcmp(p + SIGNATURE, " @ ", 3) != 0)
		return false;
	for (i = 0; i < SIGNATURE; i++)
		if (!isalnum((unsigned char)p[i]) && p[i] != '_' && p[i] != '!')
			return false;
	return true;
}

static int table_append(struct table *t, const uint8_t *bytes, size_t n)
{
	uint8_t *more;

	if (t->len + n > t->room) {
		t->room = (t->len + n) * 2 + 4096;
		more = realloc(t->bytes, t->room);
		if (!more)
			return -ENOMEM;
		t->bytes = more;
	}
	memcpy(t->bytes + t->len, bytes, n);
	t->len += n;
	return 0;
}

/* Takes no more lines; the caller fills in why. */
static struct nest_acpidump_problem *table_close(struct table *t, unsigned int line)
{
	t->closed = true;
	t->problem.line = line;
	return &t->problem;
}

/* Fills in what "*" stands for: copies of the last 16 bytes up to the next offset. */
static int table_unfold(struct table *t, uint64_t until)
{
	uint8_t last[16];
	int err;

	if (t->len < sizeof(last) || until > NEST_ACPIDUMP_TABLE_MAX)
		return 0;
	memcpy(last, t->bytes + t->len - sizeof(last), sizeof(last));
	while (t->len + sizeof(last) <= until) {
		err = table_append(t, last, sizeof(last));
		if (err)
			return err;
	}
	return 0;
}

static int table_take(struct table *t, const struct hexline *line, unsigned int number)
{
	struct nest_acpidump_problem *problem;
	uint64_t offset = t->octal ? line->offset_octal : line->offset;
	int err;

	if (t->closed)
		return 0;
	if (line->has_offset && t->starred) {
		err = table_unfold(t, offset);
		if (err)
			return err;
	}
	/* The second line of od is at octal 20, where others have hex 10. */
	if (line->has_offset && t->len == 16 && line->offset_octal == 16) {
		t->octal = true;
		offset = 16;
	}
	t->starred = false;
	t->with_offsets = line->has_offset;
	if (line->has_offset && offset != t->len) {
		problem = table_close(t, number);
		snprintf(problem->text, sizeof(problem->text),
			 "the listing goes on at offset 0x%llx where 0x%zx is due: lines are "
			 "missing",
			 (unsigned long long)offset, t->len);
		return 0;
	}
	if (t->len + line->nbytes > NEST_ACPIDUMP_TABLE_MAX) {
		problem = table_close(t, number);
		snprintf(problem->text, sizeof(problem->text), "the table is longer than 1 MiB");
		return 0;
	}
	return table_append(t, line->bytes, line->nbytes);
}

/* Notes the name of another table, which may be one of 16-bit words, too. */
static void see(struct seen *seen, const uint8_t *bytes)
{
	static const char swapped[][SIGNATURE + 1] = { "MDRA", "VISR", "OITR", "IVTO" };
	char *name = seen->names[seen->count];
	bool swap = false;
	size_t i;

	if (seen->count == ARRAY_SIZE(seen->names))
		return;
	for (i = 0; i < ARRAY_SIZE(swapped); i++)
		swap |= !memcmp(bytes, swapped[i], SIGNATURE);
	for (i = 0; i < SIGNATURE; i++)
		name[i ^ swap] = isgraph(bytes[i]) ? (char)bytes[i] : '?';
	seen->count++;
}

/* Does the table begin with the signature? Listings of 16-bit words (hexdump) are put right. */
static bool table_matches(struct table *t, const char *signature, struct seen *seen)
{
	size_t i;
	uint8_t swap;

	if (t->len < SIGNATURE)
		return false;
	if (t->bytes[0] == (uint8_t)signature[1] && t->bytes[1] == (uint8_t)signature[0] &&
	    t->bytes[2] == (uint8_t)signature[3] && t->bytes[3] == (uint8_t)signature[2]) {
		for (i = 0; i + 1 < t->len; i += 2) {
			swap = t->bytes[i];
			t->bytes[i] = t->bytes[i + 1];
			t->bytes[i + 1] = swap;
		}
	}
	if (!memcmp(t->bytes, signature, SIGNATURE))
		return true;
	see(seen, t->bytes);
	return false;
}

static void table_restart(struct table *t)
{
	t->len = 0;
	t->starred = t->closed = t->with_offsets = t->octal = false;
	memset(&t->problem, 0, sizeof(t->problem));
}

/* Is this line the first of another table? Bare bytes must not be glued to a listing, nor prose. */
static bool begins_table(const struct table *t, const struct hexline *line)
{
	if (!line->has_offset)
		return false;
	return line->offset == 0 || !t->with_offsets;
}

static bool belongs(const struct table *t, const struct hexline *line, bool adjacent)
{
	if (line->has_offset)
		return t->len > 0 || line->offset == 0;
	if (t->len && t->with_offsets)
		return false;
	return t->len ? adjacent : line->nbytes >= SIGNATURE;
}

/* Collects the wanted table into t. 1: found, 0: not in the listing, or -ENOMEM. */
static int scan(struct table *t, const char *text, size_t len, const char *signature,
		struct seen *seen)
{
	const char *p = text, *end = text + len, *eol, *stop;
	unsigned int number = 0, last = 0;
	struct hexline line;
	int err;

	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		stop = eol > p && eol[-1] == '\r' ? eol - 1 : eol;
		number++;
		if (t->len && is_heading(p, stop)) {
			if (table_matches(t, signature, seen))
				return 1;
			table_restart(t);
		}
		if (stop - p == 1 && *p == '*')
			t->starred = true;
		if (!parse_line(p, stop, &line))
			continue;
		if (t->len && begins_table(t, &line)) {
			if (table_matches(t, signature, seen))
				return 1;
			table_restart(t);
		}
		if (!belongs(t, &line, last + 1 == number))
			continue;
		err = table_take(t, &line, number);
		if (err)
			return err;
		last = number;
	}
	return table_matches(t, signature, seen);
}

static int explain_absence(const struct seen *seen, const char *signature,
			   struct nest_acpidump_problem *ret_problem)
{
	char names[8 * (SIGNATURE + 2) + 1] = "";
	size_t i, used = 0;

	ret_problem->line = 0;
	if (!seen->count) {
		snprintf(ret_problem->text, sizeof(ret_problem->text),
			 "no hex listing of a table was found");
		return -EINVAL;
	}
	for (i = 0; i < seen->count; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 seen->names[i]);
	snprintf(ret_problem->text, sizeof(ret_problem->text),
		 "the listing has no %.4s table; it begins with: %s", signature, names);
	return -ENOENT;
}

bool nest_acpidump_is_text(const char *data, size_t len)
{
	return len && !memchr(data, '\0', len < 4096 ? len : 4096);
}

int nest_acpidump_parse(const char *text, size_t len, const char *signature, uint8_t **ret_bytes,
			size_t *ret_len, struct nest_acpidump_problem *ret_problem)
{
	struct table t = { 0 };
	struct seen seen = { 0 };
	int err;

	if (len > NEST_ACPIDUMP_TEXT_MAX) {
		ret_problem->line = 0;
		snprintf(ret_problem->text, sizeof(ret_problem->text),
			 "the listing is longer than 16 MiB");
		return -E2BIG;
	}
	err = scan(&t, text, len, signature, &seen);
	if (err <= 0) {
		free(t.bytes);
		if (!err)
			return explain_absence(&seen, signature, ret_problem);
		ret_problem->line = 0;
		snprintf(ret_problem->text, sizeof(ret_problem->text), "out of memory");
		return err;
	}
	*ret_bytes = t.bytes;
	*ret_len = t.len;
	*ret_problem = t.problem;
	return 0;
}
