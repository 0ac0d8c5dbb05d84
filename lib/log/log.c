// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows how to cut a log of any shape into lines, and how messages run over several of them. */
#include "log/clean.h"
#include "log/line.h"
#include "log/log.h"
#include "log/match.h"
#include "log/order.h"
#include "log/store.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKAHEAD   4 /* lines a wrapped message may take */
#define KINDS	    6 /* of messages */
#define FAULT_LINES 8 /* in which the next record of a fault must come */

/* Escape sequences are swallowed as they pass. */
enum state { TEXT, ESCAPE, CONTROL, TITLE };

/* Lines joined in one way or the other. */
struct window {
	struct nest_log_window w;
	size_t starts[LOOKAHEAD + 1]; /* of the lines; then one beyond the end */
	char text[LOOKAHEAD * (NEST_LOG_LINE_MAX + 1) + 1];
};

struct nest_log {
	struct nest_clean clean;
	struct nest_log_store store;
	int err;

	struct nest_log_line
		lines[LOOKAHEAD + 1]; /* a ring: the complete ones, then the open one */
	size_t oldest, nlines;	      /* of the complete ones */
	enum state state;
	bool blank;  /* blanks were seen after the last character of the open line */
	bool gap;    /* an empty line came before the open one */
	bool quoted; /* the open line began with a quoting mark */
	bool inside; /* the open line is a later piece of a long one */

	struct window plain, glued;
	struct nest_log_index index;
	bool indexed;
	uint64_t rows[NEST_LOG_ROWS_MAX / 64]; /* of the index, that the windows may hold */
	uint64_t base;			       /* where in the stream the plain window begins */
	uint64_t behind[KINDS]; /* where in the stream the last message of a kind ended */
	struct nest_log_listing listing;
	struct nest_log_order order;
	unsigned int total; /* of lines that are counted down; 0: they are counted up */
	bool has_fault;
	struct nest_fault fault; /* further records may belong to it */
	unsigned int fault_age;	 /* lines since its last record */
	char amd_unit[sizeof(((struct nest_log_unit *)0)->name)];
};

void nest_log_free(struct nest_log *klog)
{
	if (!klog)
		return;
	nest_log_store_clear(&klog->store);
	free(klog);
}

const struct nest_log_result *nest_log_result(const struct nest_log *klog)
{
	return &klog->store.result;
}

/* The line that is i behind the oldest; i = nlines is the open one. */
static struct nest_log_line *line_at(struct nest_log *klog, size_t i)
{
	return &klog->lines[(klog->oldest + i) % (LOOKAHEAD + 1)];
}

static int take_unit(struct nest_log *klog, union nest_log_item *item, unsigned int line)
{
	item->unit.line = line;
	item->unit.count = 1;
	return nest_log_store_unit(&klog->store, &item->unit);
}

static int take_amd_name(struct nest_log *klog, union nest_log_item *item, unsigned int line)
{
	(void)line;
	memcpy(klog->amd_unit, item->unit.name, sizeof(klog->amd_unit));
	return 0;
}

/* Newer kernels print the features once for all units, older ones after each unit's name. */
static int take_amd(struct nest_log *klog, union nest_log_item *item, unsigned int line)
{
	/* An IVHD of type 10h gives no features. */
	if (item->unit.of_table && !item->unit.first)
		return 0;
	if (!item->unit.name[0])
		memcpy(item->unit.name, klog->amd_unit, sizeof(klog->amd_unit));
	if (!item->unit.of_table)
		klog->amd_unit[0] = '\0';
	if (item->unit.name[0] && !item->unit.of_table &&
	    nest_log_store_rename(&klog->store, &item->unit))
		return 0;
	if (!item->unit.name[0])
		nest_log_store_name(&klog->store, &item->unit);
	return take_unit(klog, item, line);
}

/* The fault is complete: no more records of it are to be expected. */
static int close_fault(struct nest_log *klog)
{
	if (!klog->has_fault)
		return 0;
	klog->has_fault = false;
	return nest_log_store_fault(&klog->store, &klog->fault);
}

static int take_fault(struct nest_log *klog, union nest_log_item *item, unsigned int line)
{
	struct nest_fault *fault = &klog->fault;
	int err = close_fault(klog);

	*fault = item->fault;
	fault->line = fault->line_last = line;
	fault->count = nest_log_repeats(&klog->plain.w);
	nest_log_time(klog->plain.w.text, klog->plain.w.first, fault->time, sizeof(fault->time));
	memcpy(fault->time_last, fault->time, sizeof(fault->time));
	klog->has_fault = true;
	klog->fault_age = 0;
	return err;
}

/* A later record of the fault before, or lines about faults that were not printed. */
static int follow_fault(struct nest_log *klog, bool *ret_taken)
{
	struct nest_fault_suppressed suppressed;
	const struct nest_log_window *w = &klog->plain.w;

	*ret_taken = false;
	if (nest_fault_match_suppressed(w, &suppressed)) {
		suppressed.line = line_at(klog, 0)->number;
		return nest_log_store_suppressed(&klog->store, &suppressed);
	}
	if (!klog->has_fault)
		return 0;
	if (nest_log_find(w, 0, w->first, "last message repeated ") != NEST_LOG_NONE) {
		klog->fault.count += nest_log_repeats(w);
	} else if (nest_fault_more(w, &klog->fault)) {
		*ret_taken = true;
		klog->fault_age = 0;
	} else if (++klog->fault_age > FAULT_LINES) {
		return close_fault(klog);
	}
	return 0;
}

static int take_group(struct nest_log *klog, union nest_log_item *item, unsigned int line)
{
	item->group.line = line;
	return nest_log_store_group(&klog->store, &item->group);
}

static int take_note(struct nest_log *klog, union nest_log_item *item, unsigned int line)
{
	item->note.note.line = line;
	item->note.note.count = 1;
	item->note.note.proves = item->note.proves;
	klog->store.result.seen |= item->note.proves;
	return nest_log_store_note(&klog->store, &item->note.note);
}

/*
 * Joins the complete lines, by a blank as mail programs break them; or, if broken is set, without
 * one where a terminal or fold may have broken inside a word. Returns whether there is such a
 * place.
 */
static bool build_window(struct nest_log *klog, bool broken, struct window *ret_window)
{
	struct nest_log_window *w = &ret_window->w;
	bool any = false;
	size_t i;

	w->text = ret_window->text;
	w->len = 0;
	for (i = 0; i < klog->nlines; i++) {
		const struct nest_log_line *line = line_at(klog, i), *next = line_at(klog, i + 1);
		bool glue = line->glued;

		ret_window->starts[i] = w->len;
		memcpy(ret_window->text + w->len, line->text, line->len);
		w->len += line->len;
		if (!i)
			w->first = w->len;
		if (broken && !glue && i + 1 < klog->nlines && !line->blank_after &&
		    !next->blank_before && !nest_log_line_is_fresh(next))
			glue = any = true;
		if (!glue)
			ret_window->text[w->len++] = ' ';
	}
	ret_window->starts[i] = w->len + 1;
	ret_window->text[w->len] = '\0';
	return any;
}

/* The pairs of characters of the complete lines, joined in either way. */
static void join_pairs(struct nest_log *klog, struct nest_log_window *w)
{
	const uint64_t *first_line = line_at(klog, 0)->pairs;
	size_t i, k;

	memcpy(w->pairs, first_line, sizeof(w->pairs));
	for (i = 1; i < klog->nlines; i++) {
		const uint64_t *pairs = line_at(klog, i)->pairs;

		for (k = 0; k < NEST_LOG_PAIRS / 64; k++)
			w->pairs[k] |= pairs[k];
	}
	w->has_pairs = true;
	w->index = &klog->index;
	w->rows = klog->indexed ? klog->rows : NULL;
	if (klog->indexed)
		nest_log_index_find(&klog->index, w->pairs, first_line, klog->rows);
}

/* Where in window b the character is that stands at pos in window a; both join the same lines. */
static size_t translate(const struct window *a, const struct window *b, size_t pos)
{
	size_t i = 0;

	while (a->starts[i + 1] <= pos)
		i++;
	return b->starts[i] + (pos - a->starts[i]);
}

/* Does the match end with a line whose successor is nothing but the rest of a number? */
static bool ends_in_number(struct nest_log *klog, const struct window *plain, size_t end)
{
	const struct nest_log_line *next;
	size_t i, k;

	for (i = 0; i + 1 < klog->nlines; i++) {
		if (end != plain->starts[i] + line_at(klog, i)->len)
			continue;
		next = line_at(klog, i + 1);
		for (k = 0; k < next->len; k++)
			if (!isxdigit((unsigned char)next->text[k]))
				return false;
		return next->len < 16;
	}
	return false;
}

static unsigned int score_unit(const union nest_log_item *item)
{
	return item->unit.has_address + item->unit.has_version +
	       (strncmp(item->unit.name, "dmar", 4) == 0);
}

static unsigned int score_fault(const union nest_log_item *item)
{
	return nest_fault_score(&item->fault);
}

static size_t match_fault(const struct nest_log_window *w, size_t at, union nest_log_item *ret_item,
			  size_t *ret_end)
{
	return nest_fault_match(w, at, &ret_item->fault, ret_end);
}

/* One kind of message. */
struct kind {
	nest_log_matcher *match;
	unsigned int (*score)(const union nest_log_item *item); /* how much was found; or NULL */
	int (*keep)(struct nest_log *klog, union nest_log_item *item, unsigned int line);
};

static const struct kind kinds[KINDS] = {
	{ nest_log_match_vtd, score_unit, take_unit },
	{ nest_log_match_amd_name, NULL, take_amd_name },
	{ nest_log_match_amd, NULL, take_amd },
	{ match_fault, score_fault, take_fault },
	{ nest_log_match_group, NULL, take_group },
	{ nest_log_match_note, NULL, take_note },
};

/*
 * Finds the next message of a kind that begins in the first line, *at being where to look in the
 * plain window; moves *at behind it. A message that only shows when lines are joined as if broken
 * inside a word must reach over such a place and tell more than what shows otherwise.
 */
static bool next_match(struct nest_log *klog, const struct kind *kind, bool broken, size_t *at,
		       union nest_log_item *ret_item)
{
	const struct window *plain = &klog->plain, *glued = &klog->glued;
	union nest_log_item other;
	size_t start, end, start2, end2;
	bool found;

	if (*at >= plain->w.len)
		return false;
	start = kind->match(&plain->w, *at, ret_item, &end);
	found = start < plain->w.first;
	if (broken) {
		start2 = kind->match(&glued->w, translate(plain, glued, *at), &other, &end2);
		if (start2 < glued->w.first && end2 > glued->w.first &&
		    (!found || (start2 <= start &&
				(ends_in_number(klog, plain, end) ||
				 (kind->score && kind->score(&other) > kind->score(ret_item)))))) {
			*ret_item = other;
			end = translate(glued, plain, end2);
			found = true;
		}
	}
	if (found)
		*at = end;
	return found;
}

/* A line of a listing of groups, which is no kernel log. */
static int take_listing(struct nest_log *klog, bool *ret_taken)
{
	struct nest_log_group group;

	*ret_taken = nest_log_match_listing(&klog->plain.w, &klog->listing, &group);
	if (!*ret_taken || !*group.device)
		return 0;
	klog->store.result.seen |= NEST_LOG_SEEN_LISTING;
	group.line = line_at(klog, 0)->number;
	return nest_log_store_group(&klog->store, &group);
}

/* A line that nothing was found in: is it known, or one about an IOMMU that is not explained? */
static void take_rest(struct nest_log *klog, bool touched)
{
	struct nest_log_result *r = &klog->store.result;
	const struct nest_log_window *w = &klog->plain.w;
	struct nest_log_other *other;
	bool plain = nest_log_is_plain(w, &r->seen);

	if (touched || !nest_log_is_ours(w))
		return;
	if (plain) {
		r->nroutine++;
		return;
	}
	other = r->nothers < NEST_LOG_OTHERS_MAX ? &r->others[r->nothers] : NULL;
	r->nothers++;
	if (!other)
		return;
	snprintf(other->text, sizeof(other->text), "%.*s", (int)w->first, w->text);
	other->line = line_at(klog, 0)->number;
}

/* Looks at the oldest line, with those after it, and forgets it. */
static int process_line(struct nest_log *klog)
{
	struct nest_log_line *line = line_at(klog, 0);
	union nest_log_item item;
	size_t i, at;
	bool broken, taken, touched;
	int err;

	build_window(klog, false, &klog->plain);
	join_pairs(klog, &klog->plain.w);
	broken = build_window(klog, true, &klog->glued);
	if (broken) {
		memcpy(klog->glued.w.pairs, klog->plain.w.pairs, sizeof(klog->plain.w.pairs));
		klog->glued.w.has_pairs = true;
		klog->glued.w.index = klog->plain.w.index;
		klog->glued.w.rows = klog->plain.w.rows;
	}
	nest_log_order_see(&klog->order, klog->plain.w.text, klog->plain.w.first);
	err = follow_fault(klog, &taken);
	if (err)
		return err;
	touched = taken;
	for (i = 0; i < KINDS; i++) {
		if (taken && kinds[i].keep == take_fault)
			continue;
		/* What began in an earlier line may end in this one. */
		at = klog->behind[i] > klog->base ? (size_t)(klog->behind[i] - klog->base) : 0;
		touched = touched || at;
		while (next_match(klog, &kinds[i], broken, &at, &item)) {
			klog->behind[i] = klog->base + at;
			touched = true;
			err = kinds[i].keep(klog, &item, line->number);
			if (err)
				return err;
		}
	}
	if (!touched) {
		err = take_listing(klog, &touched);
		if (err)
			return err;
	}
	take_rest(klog, touched);
	klog->base += line->len + !line->glued;
	line->len = 0;
	klog->oldest++;
	klog->nlines--;
	return 0;
}

/* The open line, or a piece of it, is complete. */
static int end_line(struct nest_log *klog, bool piece)
{
	struct nest_log_line *open = line_at(klog, klog->nlines);

	open->glued = piece && !klog->blank;
	open->blank_after = klog->blank;
	if (!piece && open->len && open->text[open->len - 1] == '=') {
		/* A soft line break of quoted-printable. */
		open->len--;
		open->glued = true;
	}
	open->number =
		klog->total ? klog->total - klog->store.result.lines : klog->store.result.lines + 1;
	klog->inside = piece;
	klog->blank = false;
	klog->quoted = false;
	if (!open->len) {
		klog->gap = true;
		return 0;
	}
	nest_log_note_pair(open->pairs, open->text[open->len - 1], ' ');
	if (klog->nlines)
		nest_log_line_join(line_at(klog, klog->nlines - 1), open);
	open->after_gap = klog->gap;
	klog->gap = false;
	klog->nlines++;
	return klog->nlines == LOOKAHEAD ? process_line(klog) : 0;
}

/* Takes one character of text. */
static int take(struct nest_log *klog, char c)
{
	struct nest_log_line *open = line_at(klog, klog->nlines);
	int err;

	if (c == '\r')
		return 0;
	if ((unsigned char)c <= ' ' || c == 0x7f) {
		klog->blank = true;
		return 0;
	}
	/* Quoting, as mail programs do it; the blank after it is theirs too. */
	if (!open->len && !klog->inside && (c == '>' || c == '|')) {
		klog->quoted = true;
		klog->blank = false;
		return 0;
	}
	if (open->len + 2 > NEST_LOG_LINE_MAX) {
		err = end_line(klog, true);
		if (err)
			return err;
		open = line_at(klog, klog->nlines);
	}
	if (!open->len) {
		open->blank_before = klog->blank && !klog->quoted;
		memset(open->pairs, 0, sizeof(open->pairs));
	} else if (klog->blank) {
		nest_log_line_append(open, ' ');
	}
	klog->blank = false;
	nest_log_line_append(open, c);
	return 0;
}

static int step(void *data, char c)
{
	struct nest_log *klog = data;

	switch (klog->state) {
	case TEXT:
		if (c != 0x1b)
			return take(klog, c);
		klog->state = ESCAPE;
		break;
	case ESCAPE:
		klog->state = c == '[' ? CONTROL : c == ']' ? TITLE : TEXT;
		break;
	case CONTROL:
		if (c >= 0x40 && c <= 0x7e)
			klog->state = TEXT;
		break;
	case TITLE:
		if (c == 0x07)
			klog->state = TEXT;
		break;
	}
	return 0;
}

/* The same of many characters, none of them below a blank. */
static int take_text(void *data, const char *text, size_t len)
{
	struct nest_log *klog = data;
	size_t i;
	int err = 0;

	for (i = 0; i < len && !err; i++) {
		struct nest_log_line *open = line_at(klog, klog->nlines);

		if (klog->state != TEXT) {
			err = step(klog, text[i]);
			continue;
		}
		if (!open->len) {
			err = take(klog, text[i]);
			continue;
		}
		i += nest_log_line_add(open, text + i, len - i, &klog->blank);
		if (i < len)
			err = take(klog, text[i]);
	}
	return err;
}

/* A line break that is written as an escape: both parts have the same number. */
static int break_line(void *data)
{
	struct nest_log *klog = data;

	klog->state = TEXT;
	return end_line(klog, false);
}

static int finish_line(void *data)
{
	struct nest_log *klog = data;
	int err = break_line(klog);

	klog->store.result.lines++;
	return err;
}

static void join_line(void *data)
{
	struct nest_log *klog = data;

	klog->store.result.lines++;
}

struct nest_log *nest_log_new(void)
{
	struct nest_log *klog = calloc(1, sizeof(*klog));

	if (!klog)
		return NULL;
	klog->indexed = nest_log_index_make(&klog->index);
	klog->clean.take = step;
	klog->clean.take_text = take_text;
	klog->clean.line_break = break_line;
	klog->clean.line_end = finish_line;
	klog->clean.line_joined = join_line;
	klog->clean.data = klog;
	return klog;
}

void nest_log_count_down(struct nest_log *klog, unsigned int lines)
{
	klog->total = lines;
}

int nest_log_feed(struct nest_log *klog, const char *buf, size_t len)
{
	if (!klog->err)
		klog->err = nest_clean_feed(&klog->clean, buf, len);
	return klog->err;
}

int nest_log_finish(struct nest_log *klog)
{
	if (!klog->err)
		klog->err = nest_clean_finish(&klog->clean);
	if (!klog->err && line_at(klog, klog->nlines)->len) {
		klog->err = end_line(klog, false);
		klog->store.result.lines++;
	}
	while (!klog->err && klog->nlines)
		klog->err = process_line(klog);
	if (!klog->err)
		klog->err = close_fault(klog);
	if (!klog->err)
		nest_log_store_finish(&klog->store);
	klog->store.result.reversed = nest_log_order_is_reversed(&klog->order);
	return klog->err;
}

void nest_log_unit_decode(const struct nest_log_unit *unit, struct nest_regs *ret_regs)
{
	struct nest_hw_values values = { 0 };

	nest_hw_set(&values, 0, unit->first);
	if (unit->has_second)
		nest_hw_set(&values, 1, unit->second);
	nest_hw_decode(unit->hw, &values, ret_regs);
}
