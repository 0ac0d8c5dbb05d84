// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the messages of the tables in log/messages.h, and their details. */

#include "log/match.h"
#include "log/messages.h"
#include "util.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- one row ---- */

/* Is this word a device or a unit, followed by a colon: "0000:03:00.0:", "dmar12:", "virtio0:"? */
static bool is_name(const char *word, size_t len)
{
	static const char *const not [] = { "DMAR:",	"AMD-Vi:", "IOMMU:", "kernel:", "iommu:",
					    "DMAR-IR:", "Bug]:",   "Warn]:", "(XEN):" };
	size_t i;

	if (len < 4 || word[len - 1] != ':' || word[len - 2] == ':')
		return false;
	for (i = 0; i < ARRAY_SIZE(not ); i++)
		if (len == strlen(not [i]) && !memcmp(word, not [i], len))
			return false;
	/* A name of a device has a digit: no host name or program is taken for one. */
	for (i = 0; i < len - 1; i++)
		if (word[i] >= '0' && word[i] <= '9')
			return memchr(word, '[', len) == NULL;
	return false;
}

/* Drivers of VT-d name a unit without a colon too: "dmar6 SVM disabled". */
static bool is_vtd_unit(const char *word, size_t len)
{
	return len > 4 && !memcmp(word, "dmar", 4) && strspn(word + 4, "0123456789") == len - 4;
}

/* The device or unit that is named before the message, a few words back at most. */
static size_t subject_before(const struct nest_log_window *w, size_t at, const char **ret_name)
{
	size_t word = at, before;
	int i;

	for (i = 0; i < 5; i++) {
		before = nest_log_word_before(w, word);
		if (before == NEST_LOG_NONE)
			return 0;
		if (is_name(w->text + before, word - 1 - before)) {
			*ret_name = w->text + before;
			return word - 2 - before;
		}
		if (is_vtd_unit(w->text + before, word - 1 - before)) {
			*ret_name = w->text + before;
			return word - 1 - before;
		}
		word = before;
	}
	return 0;
}

/* The text behind the pattern, as the row wants it. False: the row does not match. */
static bool take_detail(const struct nest_log_window *w, const struct nest_message *row,
			const char **p, char *detail, size_t size)
{
	const char *end = w->text + w->len;
	/* What is told as the rest of a line ends with the line. */
	const char *line = w->text + w->first;
	size_t n;

	if (row->lead && !nest_log_eat(p, end, row->lead))
		return true;
	if (row->rest) {
		if (*p > line)
			return true;
		n = (size_t)(line - *p);
	} else if (row->until) {
		n = strcspn(*p, row->until);
		if (!n)
			return false;
	} else {
		return true;
	}
	snprintf(detail, size, "%.*s", (int)n, *p);
	*p += n;
	return true;
}

/* Fills the note if the row's detail and end are as they should be. */
static bool take_row(const struct nest_log_window *w, size_t at, const struct nest_message *row,
		     struct nest_log_note *note, size_t *ret_end)
{
	const char *p = w->text + at + strlen(row->pattern), *name;
	const char *const *special;
	char detail[sizeof(note->detail)] = "";
	size_t n;

	memset(note, 0, sizeof(*note));
	note->id = row->id;
	note->text = row->text;
	note->weight = row->weight;
	if (!take_detail(w, row, &p, detail, sizeof(detail)))
		return false;
	if (row->then && !nest_log_eat(&p, w->text + w->len, row->then))
		return false;
	for (special = row->special; special && *special; special++)
		if (!strcmp(*special, detail))
			note->text = row->special_text;
	if (row->refine && *detail)
		row->refine(detail, sizeof(detail));
	n = row->subject ? subject_before(w, at, &name) : 0;
	snprintf(note->detail, sizeof(note->detail), "%.*s%s%s", (int)n, n ? name : "",
		 n && *detail ? ": " : "", detail);
	*ret_end = (size_t)(p - w->text);
	return true;
}

/*
 * "arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x0000170d)", without ias since
 * 7.1. The features are the driver's own; its bits for the two stages have not moved since 2015.
 */
static size_t match_smmuv3(const struct nest_log_window *w, size_t at, struct nest_log_note *note,
			   size_t *ret_end)
{
	size_t key = nest_log_find(w, at, w->first, "oas "), start;
	char unit[40], input[24] = "";
	const char *p, *end = w->text + w->len;
	uint32_t ias, oas;
	uint64_t features;

	if (key == NEST_LOG_NONE)
		return key;
	start = key;
	/* "ias 44-bit, " */
	if (start > 4 && !memcmp(w->text + start - 2, ", ", 2)) {
		size_t number = nest_log_word_before(w, start);

		p = w->text + (number == NEST_LOG_NONE ? 0 : number);
		if (number == NEST_LOG_NONE || !nest_log_eat_decimal(&p, end, &ias))
			return NEST_LOG_NONE;
		snprintf(input, sizeof(input), "input %" PRIu32 " bit, ", ias);
		start = nest_log_word_before(w, number);
		if (start == NEST_LOG_NONE || !nest_log_word_is(w, start, "ias"))
			return NEST_LOG_NONE;
	}
	p = w->text + key + 4;
	if (!nest_log_unit_before(w, &start, unit, sizeof(unit)) ||
	    !nest_log_eat_decimal(&p, end, &oas) || !nest_log_eat(&p, end, "-bit (features ") ||
	    !nest_log_eat_hex(&p, end, &features))
		return NEST_LOG_NONE;
	memset(note, 0, sizeof(*note));
	note->id = "smmuv3_unit";
	note->text = "an SMMUv3 unit as its driver sees it; its registers are not in the log";
	snprintf(note->detail, sizeof(note->detail),
		 "%s: %soutput %" PRIu32 " bit, stage 1 %s, stage 2 %s", unit, input, oas,
		 nest_tri_name(nest_tri_from_bool(features >> 9 & 1)),
		 nest_tri_name(nest_tri_from_bool(features >> 10 & 1)));
	*ret_end = (size_t)(p - w->text);
	return start;
}

/* The next message of this row that begins before limit. */
static size_t match_row(const struct nest_log_window *w, size_t at, size_t limit,
			const struct nest_message *row, struct nest_log_note *note, size_t *ret_end)
{
	size_t found;

	for (;; at = found + 1) {
		found = nest_log_find(w, at, limit, row->pattern);
		if (found == NEST_LOG_NONE || take_row(w, found, row, note, ret_end))
			return found;
	}
}

/* The best match so far: the one that begins first, of those the one of the first row. */
struct best {
	size_t at, end;
	struct nest_log_note *note;
	uint32_t proves;
};

static void try_row(const struct nest_log_window *w, size_t at, const struct nest_message *row,
		    struct best *best)
{
	struct nest_log_note note;
	size_t end, found = match_row(w, at, w->first < best->at ? w->first : best->at, row, &note,
				      &end);

	if (found == NEST_LOG_NONE)
		return;
	best->at = found;
	best->end = end;
	*best->note = note;
	best->proves = row->proves;
}

size_t nest_log_match_note(const struct nest_log_window *w, size_t at,
			   union nest_log_item *ret_item, size_t *ret_end)
{
	struct best best = { .note = &ret_item->note.note, .proves = NEST_LOG_SEEN_SMMU };
	const struct nest_message *row;
	size_t i;

	best.at = match_smmuv3(w, at, best.note, &best.end);
	if (w->rows) {
		for (i = nest_log_row_next(w->rows, 0, w->index->nnotes); i < w->index->nnotes;
		     i = nest_log_row_next(w->rows, i + 1, w->index->nnotes))
			try_row(w, at, w->index->notes[i], &best);
	} else {
		for (i = 0; i < NEST_MESSAGE_TABLES; i++)
			for (row = nest_message_tables[i]; row->id; row++)
				try_row(w, at, row, &best);
	}
	if (best.at != NEST_LOG_NONE)
		*ret_end = best.end;
	ret_item->note.proves = best.proves;
	return best.at;
}

/* ---- lines that are known, and lines about an IOMMU ---- */

/* A frame of a stack: "amd_iommu_init+0x19/0x3c0". */
static bool is_frame(const struct nest_log_window *w)
{
	size_t at = nest_log_find(w, 0, w->first, "+0x");
	const char *p, *end = w->text + w->first;
	uint64_t offset, size;

	if (at == NEST_LOG_NONE || !at ||
	    !(isalnum((unsigned char)w->text[at - 1]) || w->text[at - 1] == '_'))
		return false;
	p = w->text + at + 1;
	return nest_log_eat_hex(&p, end, &offset) && nest_log_eat(&p, end, "/") &&
	       nest_log_eat_hex(&p, end, &size);
}

static bool try_plain(const struct nest_log_window *w, const struct nest_message_plain *plain,
		      uint32_t *seen)
{
	if (nest_log_find(w, 0, w->first, plain->pattern) == NEST_LOG_NONE)
		return false;
	*seen |= plain->proves;
	return true;
}

bool nest_log_is_plain(const struct nest_log_window *w, uint32_t *seen)
{
	const struct nest_message_plain *plain = nest_messages_plain;
	bool known = is_frame(w);
	size_t i, n, all;

	if (w->rows) {
		n = w->index->nnotes;
		all = n + w->index->nplain;
		for (i = nest_log_row_next(w->rows, n, all); i < all;
		     i = nest_log_row_next(w->rows, i + 1, all))
			known |= try_plain(w, &plain[i - n], seen);
	} else {
		for (; plain->pattern; plain++)
			known |= try_plain(w, plain, seen);
	}
	return known;
}

/* May the text hold the word, in lower case or not? Asks for its second pair, the rarer one. */
static bool may_hold_word(const struct nest_log_window *w, const char *word)
{
	const char a[] = { word[1], (char)toupper((unsigned char)word[1]) };
	const char b[] = { word[2], (char)toupper((unsigned char)word[2]) };

	return !w->has_pairs || nest_log_has_pair(w, nest_log_pair(a[0], b[0])) ||
	       nest_log_has_pair(w, nest_log_pair(a[1], b[1])) ||
	       nest_log_has_pair(w, nest_log_pair(a[0], b[1])) ||
	       nest_log_has_pair(w, nest_log_pair(a[1], b[0]));
}

bool nest_log_is_ours(const struct nest_log_window *w)
{
	char lower[1024];
	size_t i, k, len = 0;

	for (i = 0; nest_messages_words[i]; i++) {
		if (!may_hold_word(w, nest_messages_words[i]))
			continue;
		/* A log has no longer lines, and what is beyond is only not counted. */
		if (!len) {
			len = w->first < sizeof(lower) ? w->first : sizeof(lower) - 1;
			for (k = 0; k < len; k++)
				lower[k] = (char)tolower((unsigned char)w->text[k]);
			lower[len] = '\0';
		}
		if (strstr(lower, nest_messages_words[i]))
			return true;
	}
	return false;
}
