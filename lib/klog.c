// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows how to cut a log of any shape into lines, and how to keep what the matchers find in it. */

#include "klog.h"
#include "klog-match.h"

#include "hw-amd.h"
#include "hw-vtd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN 4096 /* longer ones are taken in pieces */
#define LOOKAHEAD 3	  /* lines a wrapped message may take */

/* Escape sequences are swallowed as they pass. */
enum state { TEXT, ESCAPE, CONTROL, TITLE };

struct line {
	char text[LINE_MAX_LEN];
	size_t len;
	unsigned int number;
	bool glued; /* the next line goes on without a blank between */
};

struct found {
	uint64_t behind; /* where in the stream the last one ended */
};

struct nest_klog {
	struct nest_klog_result result;
	int err;

	struct line lines[LOOKAHEAD];
	size_t nlines; /* complete ones; lines[nlines] is being filled while feeding */
	struct line *open;
	struct line spare;
	enum state state;
	bool blank;  /* blanks were seen after the last character of the open line */
	bool inside; /* the open line is a later piece of a long one */

	char window[LOOKAHEAD * (LINE_MAX_LEN + 1) + 1];
	uint64_t base; /* where in the stream the window begins */
	struct found vtd, amd, amd_name, fault, group, note;
	char amd_unit[sizeof(((struct nest_klog_unit *)0)->name)];

	uint32_t *group_hash; /* index + 1 into groups, by device and number */
	size_t group_hash_size;
};

struct nest_klog *nest_klog_new(void)
{
	struct nest_klog *klog = calloc(1, sizeof(*klog));

	if (klog)
		klog->open = &klog->spare;
	return klog;
}

void nest_klog_free(struct nest_klog *klog)
{
	if (!klog)
		return;
	free(klog->result.units);
	free(klog->result.faults);
	free(klog->result.groups);
	free(klog->result.notes);
	free(klog->group_hash);
	free(klog);
}

const struct nest_klog_result *nest_klog_result(const struct nest_klog *klog)
{
	return &klog->result;
}

/* Makes room for one more element; the array doubles. */
static int grow(void *array, size_t count, size_t size)
{
	void **p = array, *more;

	if (count & (count - 1))
		return 0;
	more = realloc(*p, (count ? count * 2 : 1) * size);
	if (!more)
		return -ENOMEM;
	*p = more;
	return 0;
}

static int keep_unit(struct nest_klog *klog, const struct nest_klog_unit *unit)
{
	struct nest_klog_result *r = &klog->result;
	struct nest_klog_unit *u;
	int err;

	for (u = r->units; u < r->units + r->nunits; u++) {
		if (u->kind != unit->kind || u->first != unit->first ||
		    u->second != unit->second || u->address != unit->address ||
		    u->has_second != unit->has_second || strcmp(u->name, unit->name) != 0)
			continue;
		u->count++;
		return 0;
	}
	if (r->nunits == NEST_KLOG_UNITS_MAX) {
		r->units_dropped++;
		return 0;
	}
	err = grow(&r->units, r->nunits, sizeof(*r->units));
	if (err)
		return err;
	r->units[r->nunits++] = *unit;
	return 0;
}

static bool same_fault(const struct nest_klog_fault *a, const struct nest_klog_fault *b)
{
	return a->bus == b->bus && a->device == b->device && a->function == b->function &&
	       a->segment == b->segment && a->access == b->access &&
	       a->with_pasid == b->with_pasid && a->pasid == b->pasid &&
	       a->has_reason == b->has_reason && a->reason == b->reason;
}

static int keep_fault(struct nest_klog *klog, const struct nest_klog_fault *fault)
{
	struct nest_klog_result *r = &klog->result;
	struct nest_klog_fault *f;
	int err;

	for (f = r->faults; f < r->faults + r->nfaults; f++) {
		if (!same_fault(f, fault))
			continue;
		f->count++;
		f->line_last = fault->line;
		if (fault->has_address) {
			f->address_last = fault->address;
			if (!f->has_address)
				f->address = fault->address;
			f->has_address = true;
		}
		return 0;
	}
	if (r->nfaults == NEST_KLOG_FAULTS_MAX) {
		r->faults_dropped++;
		return 0;
	}
	err = grow(&r->faults, r->nfaults, sizeof(*r->faults));
	if (err)
		return err;
	r->faults[r->nfaults++] = *fault;
	return 0;
}

static size_t hash_group(const struct nest_klog_group *group)
{
	uint64_t h = 14695981039346656037u ^ group->group;
	const char *p;

	for (p = group->device; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The place of the group in the hash table: an empty one, or its own. */
static uint32_t *group_slot(struct nest_klog *klog, const struct nest_klog_group *group)
{
	size_t i = hash_group(group);

	for (;; i++) {
		uint32_t *slot = &klog->group_hash[i & (klog->group_hash_size - 1)];
		const struct nest_klog_group *g;

		if (!*slot)
			return slot;
		g = &klog->result.groups[*slot - 1];
		if (g->group == group->group && !strcmp(g->device, group->device))
			return slot;
	}
}

/* Keeps the hash table at most half full. */
static int grow_group_hash(struct nest_klog *klog)
{
	size_t i, size = klog->group_hash_size ? klog->group_hash_size * 2 : 64;
	uint32_t *slots;

	if (klog->result.ngroups * 2 < klog->group_hash_size)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(klog->group_hash);
	klog->group_hash = slots;
	klog->group_hash_size = size;
	for (i = 0; i < klog->result.ngroups; i++)
		*group_slot(klog, &klog->result.groups[i]) = (uint32_t)i + 1;
	return 0;
}

static int keep_group(struct nest_klog *klog, const struct nest_klog_group *group)
{
	struct nest_klog_result *r = &klog->result;
	uint32_t *slot;
	int err;

	err = grow_group_hash(klog);
	if (err)
		return err;
	slot = group_slot(klog, group);
	if (*slot)
		return 0;
	if (r->ngroups == NEST_KLOG_GROUPS_MAX) {
		r->groups_dropped++;
		return 0;
	}
	err = grow(&r->groups, r->ngroups, sizeof(*r->groups));
	if (err)
		return err;
	r->groups[r->ngroups++] = *group;
	*slot = (uint32_t)r->ngroups;
	return 0;
}

static int keep_note(struct nest_klog *klog, const struct nest_klog_note *note)
{
	struct nest_klog_result *r = &klog->result;
	struct nest_klog_note *n;
	int err;

	for (n = r->notes; n < r->notes + r->nnotes; n++) {
		if (strcmp(n->id, note->id) != 0 || strcmp(n->detail, note->detail) != 0)
			continue;
		n->count++;
		return 0;
	}
	if (r->nnotes == NEST_KLOG_NOTES_MAX) {
		r->notes_dropped++;
		return 0;
	}
	err = grow(&r->notes, r->nnotes, sizeof(*r->notes));
	if (err)
		return err;
	r->notes[r->nnotes++] = *note;
	return 0;
}

/* Joins the complete lines. */
static struct nest_klog_window build_window(struct nest_klog *klog)
{
	struct nest_klog_window w = {.text = klog->window};
	size_t i;

	for (i = 0; i < klog->nlines; i++) {
		const struct line *line = &klog->lines[i];

		memcpy(klog->window + w.len, line->text, line->len);
		w.len += line->len;
		if (!i)
			w.first = w.len;
		if (!line->glued)
			klog->window[w.len++] = ' ';
	}
	klog->window[w.len] = '\0';
	return w;
}

/*
 * Runs one matcher over the window, as long as what it finds begins in the first line. What is found
 * may end in a later line, which must not report it again: behind remembers.
 */
#define for_each_match(klog, w, which, match, item, start, end)                                    \
	for (size_t at = (klog)->which.behind > (klog)->base                                       \
				 ? (size_t)((klog)->which.behind - (klog)->base)                   \
				 : 0;                                                              \
	     at < (w)->len && ((start) = match(w, at, item, &(end))) < (w)->first;                 \
	     at = (end), (klog)->which.behind = (klog)->base + (end))

static int match_units(struct nest_klog *klog, const struct nest_klog_window *w)
{
	struct nest_klog_unit unit;
	size_t start, end;
	int err = 0;

	for_each_match(klog, w, vtd, nest_klog_match_vtd, &unit, start, end) {
		unit.line = klog->lines[0].number;
		unit.count = 1;
		err = keep_unit(klog, &unit);
		if (err)
			return err;
	}
	for_each_match(klog, w, amd_name, nest_klog_match_amd_name, &unit, start, end)
		memcpy(klog->amd_unit, unit.name, sizeof(klog->amd_unit));
	for_each_match(klog, w, amd, nest_klog_match_amd, &unit, start, end) {
		unit.line = klog->lines[0].number;
		unit.count = 1;
		/* Newer kernels print the features once for all units. */
		if (!unit.name[0])
			memcpy(unit.name, klog->amd_unit[0] ? klog->amd_unit : "AMD-Vi",
			       klog->amd_unit[0] ? sizeof(unit.name) : sizeof("AMD-Vi"));
		klog->amd_unit[0] = '\0';
		err = keep_unit(klog, &unit);
		if (err)
			return err;
	}
	return 0;
}

static int match_all(struct nest_klog *klog, const struct nest_klog_window *w)
{
	struct nest_klog_fault fault;
	struct nest_klog_group group;
	struct nest_klog_note note;
	size_t start, end;
	int err;

	err = match_units(klog, w);
	if (err)
		return err;
	for_each_match(klog, w, fault, nest_klog_match_fault, &fault, start, end) {
		fault.line = fault.line_last = klog->lines[0].number;
		fault.count = 1;
		err = keep_fault(klog, &fault);
		if (err)
			return err;
	}
	for_each_match(klog, w, group, nest_klog_match_group, &group, start, end) {
		group.line = klog->lines[0].number;
		err = keep_group(klog, &group);
		if (err)
			return err;
	}
	for_each_match(klog, w, note, nest_klog_match_note, &note, start, end) {
		note.line = klog->lines[0].number;
		note.count = 1;
		err = keep_note(klog, &note);
		if (err)
			return err;
	}
	return 0;
}

/* Looks at the oldest line, with those after it, and forgets it. */
static int process_line(struct nest_klog *klog)
{
	struct nest_klog_window w = build_window(klog);
	int err;

	err = match_all(klog, &w);
	klog->base += klog->lines[0].len + !klog->lines[0].glued;
	klog->nlines--;
	memmove(&klog->lines[0], &klog->lines[1], klog->nlines * sizeof(klog->lines[0]));
	return err;
}

/* The open line, or a piece of it, is complete. */
static int end_line(struct nest_klog *klog, bool piece)
{
	struct line *open = klog->open;
	int err = 0;

	open->glued = piece && !klog->blank;
	if (!piece && open->len && open->text[open->len - 1] == '=') {
		/* A soft line break of quoted-printable. */
		open->len--;
		open->glued = true;
	}
	open->number = klog->result.lines + 1;
	klog->inside = piece;
	klog->blank = false;
	if (!open->len)
		return 0;
	klog->lines[klog->nlines++] = *open;
	open->len = 0;
	if (klog->nlines == LOOKAHEAD)
		err = process_line(klog);
	return err;
}

/* Takes one character of text. */
static int take(struct nest_klog *klog, char c)
{
	struct line *open = klog->open;
	int err;

	if ((unsigned char)c <= ' ' || c == 0x7f) {
		klog->blank = true;
		return 0;
	}
	/* Quoting, as mail programs do it. */
	if (!open->len && !klog->inside && (c == '>' || c == '|'))
		return 0;
	if (open->len + 2 > LINE_MAX_LEN) {
		err = end_line(klog, true);
		if (err)
			return err;
	}
	if (klog->blank && open->len)
		open->text[open->len++] = ' ';
	klog->blank = false;
	open->text[open->len++] = c;
	return 0;
}

static int step(struct nest_klog *klog, char c)
{
	int err;

	if (c == '\n') {
		klog->state = TEXT;
		err = end_line(klog, false);
		klog->result.lines++;
		return err;
	}
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

int nest_klog_feed(struct nest_klog *klog, const char *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len && !klog->err; i++)
		klog->err = step(klog, buf[i]);
	return klog->err;
}

int nest_klog_finish(struct nest_klog *klog)
{
	if (!klog->err && klog->open->len) {
		klog->err = end_line(klog, false);
		klog->result.lines++;
	}
	while (!klog->err && klog->nlines)
		klog->err = process_line(klog);
	return klog->err;
}

void nest_klog_unit_decode(const struct nest_klog_unit *unit, struct nest_regs *ret_regs)
{
	if (unit->kind == NEST_REGS_VTD)
		nest_vtd_decode(unit->first, unit->second, ret_regs);
	else
		nest_amd_decode(unit->first, unit->has_second ? &unit->second : NULL, ret_regs);
}

const char *nest_klog_access_name(enum nest_klog_access access)
{
	switch (access) {
	case NEST_KLOG_READ:
		return "read";
	case NEST_KLOG_WRITE:
		return "write";
	case NEST_KLOG_INTERRUPT:
		return "interrupt";
	case NEST_KLOG_UNKNOWN:
		break;
	}
	return "unknown";
}
