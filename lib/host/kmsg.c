// SPDX-License-Identifier: GPL-2.0-or-later
/* The choice of lines of the kernel log, and their sources. */
#include "host/kmsg.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "plural.h"
#include "host/source.h"
#include "util.h"
#include "host/sysfs.h"

#define PATH NEST_KMSG_PATH
#define RECORD_MAX                                                                                 \
	8192 /* of the kernel; a line of a file that is longer is taken in pieces of that size */
#define FILE_MAX (4u << 20)
#define HEAD_MAX (NEST_KMSG_MAX / 3)

static_assert(RECORD_MAX + 128 < NEST_KMSG_MAX - HEAD_MAX, "a line fits into the ring");

#define LINE_MAX_LEN (RECORD_MAX + 128) /* with its time */

/*
 * A line in lower case, and which pairs of characters are in it: most words are ruled out by their
 * pairs.
 */
struct folded {
	char text[LINE_MAX_LEN];
	uint64_t pairs[64];
};

static unsigned int pair_of(const char *p)
{
	return ((unsigned char)p[0] & 63u) << 6 | ((unsigned char)p[1] & 63u);
}

static void fold(const char *line, struct folded *ret_folded)
{
	size_t i;

	memset(ret_folded->pairs, 0, sizeof(ret_folded->pairs));
	for (i = 0; line[i] && i < LINE_MAX_LEN - 1; i++) {
		char c = line[i];

		ret_folded->text[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		if (i)
			ret_folded->pairs[pair_of(&ret_folded->text[i - 1]) / 64] |=
				UINT64_C(1) << pair_of(&ret_folded->text[i - 1]) % 64;
	}
	ret_folded->text[i] = '\0';
}

static bool has_pair(const struct folded *line, const char *p)
{
	return line->pairs[pair_of(p) / 64] >> pair_of(p) % 64 & 1;
}

/* word is in lower case and has three characters or more. */
static bool has(const struct folded *line, const char *word)
{
	return has_pair(line, word) && has_pair(line, word + 1) && strstr(line->text, word);
}

/* Is the line, without its time, about an IOMMU or VFIO? */
static bool is_ours(const struct folded *line)
{
	static const char *const words[] = {
		"iommu",	 "dmar",	   "amd-vi",
		"vfio",		 "smmu",	   "intremap",
		"ir table",	 "irq remapping",  "interrupt remapping",
		"x2apic",	 "pasid",	   "rmrr",
		"intr-remap",	 "intr remapping", "msi interrupts",
		"swiotlb",	 "lockdown",	   "locked down",
		"command line:", "linux version",  "dmi:",
		"vt-d",		 "hypervisor",	   "(xen)",
		"xen:",		 "xen version",	   "acpi: ivrs",
		"acpi: iort",	 "acpi: viot",	   "page request",
		"pci-dma",	 "acs override",   "event logged [",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (has(line, words[i]))
			return true;
	return false;
}

/* Not in "default". */
static bool has_fault(const struct folded *line)
{
	const char *at = has(line, "fault") ? line->text : NULL;

	while (at && (at = strstr(at, "fault"))) {
		if (at - line->text < 2 || strncmp(at - 2, "de", 2) != 0)
			return true;
		at++;
	}
	return false;
}

static bool is_fault(const struct folded *line)
{
	return (has(line, "dmar") || has(line, "amd-vi") || has(line, "smmu") ||
		has(line, "iommu") || has(line, "event logged [")) &&
	       (has_fault(line) || has(line, "event logged") || has(line, "timeout") ||
		has(line, "error"));
}

struct lines {
	char *before[NEST_KMSG_AROUND]; /* ring of lines that are not kept yet */
	size_t nbefore;
	size_t after;	   /* lines to keep after a fault */
	char *head, *tail; /* kept: the beginning, then a ring of whole lines */
	size_t head_len, tail_len;
	size_t missing; /* lines that the tail lost */
	bool failed;
};

static void free_lines(struct lines *lines)
{
	size_t i;

	for (i = 0; i < NEST_KMSG_AROUND; i++)
		free(lines->before[i]);
	free(lines->head);
	free(lines->tail);
}

/* line has RECORD_MAX bytes and a little more at most, which is far less than the ring. */
static void keep(struct lines *lines, const char *line)
{
	size_t len = strlen(line) + 1;
	char *newline;

	if (!lines->head) {
		lines->head = malloc(HEAD_MAX);
		lines->tail = malloc(NEST_KMSG_MAX - HEAD_MAX);
	}
	if (!lines->head || !lines->tail) {
		lines->failed = true;
		return;
	}
	if (!lines->tail_len && len <= HEAD_MAX - lines->head_len) {
		memcpy(lines->head + lines->head_len, line, len - 1);
		lines->head_len += len;
		lines->head[lines->head_len - 1] = '\n';
		return;
	}
	while (len > NEST_KMSG_MAX - HEAD_MAX - lines->tail_len) {
		newline = memchr(lines->tail, '\n', lines->tail_len);
		lines->tail_len -= (size_t)(newline + 1 - lines->tail);
		memmove(lines->tail, newline + 1, lines->tail_len);
		lines->missing++;
	}
	memcpy(lines->tail + lines->tail_len, line, len - 1);
	lines->tail_len += len;
	lines->tail[lines->tail_len - 1] = '\n';
}

static void remember(struct lines *lines, const char *line)
{
	size_t at = lines->nbefore % NEST_KMSG_AROUND;

	free(lines->before[at]);
	lines->before[at] = strdup(line);
	lines->nbefore++;
}

/* Keeps the lines just before a fault. */
static void flush_before(struct lines *lines)
{
	size_t n = lines->nbefore < NEST_KMSG_AROUND ? lines->nbefore : NEST_KMSG_AROUND, i;

	for (i = lines->nbefore - n; i < lines->nbefore; i++)
		if (lines->before[i % NEST_KMSG_AROUND])
			keep(lines, lines->before[i % NEST_KMSG_AROUND]);
	lines->nbefore = 0;
}

static void take_folded(struct lines *lines, const char *line, const struct folded *folded)
{
	bool fault = is_fault(folded);

	if (fault)
		flush_before(lines);
	if (!fault && !lines->after && !is_ours(folded)) {
		remember(lines, line);
		return;
	}
	keep(lines, line);
	lines->nbefore = 0;
	lines->after = fault ? NEST_KMSG_AROUND : lines->after ? lines->after - 1 : 0;
}

static void take(struct lines *lines, const char *line)
{
	struct folded folded;

	fold(line, &folded);
	take_folded(lines, line, &folded);
}

/* Where a piece of a long line ends: at a blank, so that no word is broken, if there is one. */
static size_t piece_len(const char *line)
{
	const char *blank = memrchr(line, ' ', RECORD_MAX);

	return blank && blank != line ? (size_t)(blank - line) : RECORD_MAX;
}

/*
 * A line of a file, of any length. A message may run over from a piece that is kept into the next
 * one.
 */
static void take_line(struct lines *lines, char *line)
{
	struct folded folded;

	while (strnlen(line, RECORD_MAX + 1) > RECORD_MAX) {
		size_t len = piece_len(line);
		char next = line[len];

		line[len] = '\0';
		fold(line, &folded);
		take_folded(lines, line, &folded);
		if (!lines->after && is_ours(&folded))
			lines->after = 1;
		line += len;
		*line = next;
	}
	take(lines, line);
}

/* The facility stands above the three bits of the level, and 0 is the kernel's. */
bool nest_kmsg_is_of_user_space(const char *record)
{
	unsigned int priority;
	int used = 0;

	return sscanf(record, "%u,%*u,%*u,%*c%n", &priority, &used) == 1 && used && priority >> 3;
}

/* "6,1234,5678901,-;text\n KEY=value\n": the time in microseconds, and the text. */
static void take_record(struct lines *lines, char *record)
{
	char line[RECORD_MAX + 64], *text = strchr(record, ';');
	unsigned long long usec = 0;

	if (!text || nest_kmsg_is_of_user_space(record) ||
	    sscanf(record, "%*u,%*u,%llu", &usec) != 1)
		return;
	text[1 + strcspn(text + 1, "\n")] = '\0';
	snprintf(line, sizeof(line), "[%5llu.%06llu] %s", usec / 1000000, usec % 1000000, text + 1);
	take(lines, line);
}

static int read_live(struct nest_ctx *ctx, struct lines *lines)
{
	int fd = nest_kernel_open(ctx, "/" PATH, O_RDONLY | O_NONBLOCK);
	char record[RECORD_MAX + 1];
	ssize_t len;

	if (fd < 0)
		return fd;
	for (;;) {
		len = nest_kernel_read(ctx, fd, record, RECORD_MAX);
		if (len == -EPIPE) /* overwritten; the next read continues after it */
			continue;
		if (len <= 0)
			break;
		record[len] = '\0';
		take_record(lines, record);
	}
	nest_kernel_close(ctx, fd);
	return len == -EAGAIN ? 0 : (int)len;
}

/* A tree may hold what dmesg printed. A node is not opened there. */
static int read_tree(struct nest_ctx *ctx, struct lines *lines)
{
	char *text, *line, *rest;
	bool cut = false;
	struct stat st;
	ssize_t len, i;
	int err = nest_root_stat(&ctx->root, PATH, &st);

	if (err)
		return err;
	if (!S_ISREG(st.st_mode))
		return -EOPNOTSUPP;
	rest = text = malloc(FILE_MAX + 1);
	if (!text)
		return -ENOMEM;
	len = nest_attr_read_raw(&ctx->root, PATH, text, FILE_MAX, &cut);
	/* A NUL, of a serial console for example, ends nothing. */
	for (i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
	text[len < 0 ? 0 : len] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (*line && !nest_kmsg_is_of_user_space(line))
			take_line(lines, line);
	if (cut)
		keep(lines, "[the log goes on; only its first 4 MiB were read]");
	free(text);
	return len < 0 ? (int)len : 0;
}

static int join(struct lines *lines, struct nest_kmsg *ret_kmsg)
{
	char gap[64] = "";
	size_t gap_len =
		lines->missing ? (size_t)snprintf(gap, sizeof(gap), "[%zu line%s left out here]\n",
						  lines->missing, nest_plural(lines->missing))
			       : 0;

	if (lines->failed)
		return -ENOMEM;
	ret_kmsg->len = lines->head_len + gap_len + lines->tail_len;
	ret_kmsg->text = malloc(ret_kmsg->len + 1);
	if (!ret_kmsg->text)
		return -ENOMEM;
	if (lines->head_len)
		memcpy(ret_kmsg->text, lines->head, lines->head_len);
	memcpy(ret_kmsg->text + lines->head_len, gap, gap_len);
	if (lines->tail_len)
		memcpy(ret_kmsg->text + lines->head_len + gap_len, lines->tail, lines->tail_len);
	ret_kmsg->text[ret_kmsg->len] = '\0';
	return 0;
}

static int read_replay(struct nest_ctx *ctx, struct nest_kmsg *ret_kmsg)
{
	const struct nest_answer *answer =
		nest_answers_find(ctx->root.answers, NEST_ASK_READ, PATH);

	if (!answer || answer->err) {
		ret_kmsg->err = answer ? answer->err : ENODATA;
		return 0;
	}
	ret_kmsg->text = strndup(answer->bytes, answer->len);
	ret_kmsg->len = ret_kmsg->text ? strlen(ret_kmsg->text) : 0;
	return ret_kmsg->text ? 0 : -ENOMEM;
}

int nest_kmsg_read(struct nest_ctx *ctx, struct nest_kmsg *ret_kmsg)
{
	struct nest_answers *answers = ctx->root.ops ? ctx->root.answers : NULL;
	struct lines lines = { 0 };
	int err;

	*ret_kmsg = (struct nest_kmsg){ 0 };
	if (ctx->root.kind == NEST_SOURCE_REPLAY ||
	    (answers && nest_answers_find(answers, NEST_ASK_READ, PATH)))
		return read_replay(ctx, ret_kmsg);
	/* A report keeps the chosen lines, not the whole log. */
	nest_source_pause(&ctx->root);
	err = ctx->live ? read_live(ctx, &lines) : read_tree(ctx, &lines);
	nest_source_resume(&ctx->root);
	if (!err)
		err = join(&lines, ret_kmsg);
	free_lines(&lines);
	if (err == -ENOMEM)
		return err;
	if (err)
		ret_kmsg->err = -err;
	if (answers && err)
		nest_answers_put_error(answers, NEST_ASK_READ, PATH, err);
	else if (answers)
		nest_answers_put(answers, NEST_ASK_READ, PATH, ret_kmsg->text, ret_kmsg->len,
				 false);
	return 0;
}

void nest_kmsg_free(struct nest_kmsg *kmsg)
{
	free(kmsg->text);
	*kmsg = (struct nest_kmsg){ 0 };
}
