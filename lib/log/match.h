/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognises IOMMU messages in a piece of kernel log; the inner part of klog. A matcher gets a
 * window: joined lines in which blanks are single, without control characters. It looks from
 * position at for the next message of its kind, returns where that begins or NEST_LOG_NONE, and
 * sets *ret_end to where to look on. It fills what the message tells and clears the rest; line and
 * count are the caller's. Pure.
 */
#ifndef NEST_LOG_MATCH_H
#define NEST_LOG_MATCH_H

#include "log/log.h"
#include "log/text.h"

/* What a matcher finds; which member is its own business. */
union nest_log_item {
	struct nest_log_unit unit;
	struct nest_fault fault;
	struct nest_log_group group;
	struct {
		struct nest_log_note note;
		uint32_t proves; /* NEST_LOG_SEEN_… */
	} note;
};

struct nest_message;

typedef size_t nest_log_matcher(const struct nest_log_window *w, size_t at,
				union nest_log_item *ret_item, size_t *ret_end);

/* unit: "cap … ecap …" and what stands before it. */
nest_log_matcher nest_log_match_vtd;

/* unit: AMD's features; the name may be left empty. */
nest_log_matcher nest_log_match_amd;

/* unit, its name only: "Found IOMMU …", by which the next features are to be called. */
nest_log_matcher nest_log_match_amd_name;

/* group: "pci 0000:00:02.0: Adding to iommu group 1" and "Adding device … to group 1". */
nest_log_matcher nest_log_match_group;

/* A listing of groups, line by line: scripts print a heading for each group, and its devices. */
struct nest_log_listing {
	bool open; /* the lines that follow are of this group */
	uint32_t group;
};

/* Is the first line one of a listing? The device may be empty: a heading. */
bool nest_log_match_listing(const struct nest_log_window *w, struct nest_log_listing *listing,
			    struct nest_log_group *ret_group);

/* note: the messages of the tables in log/messages.h. */
nest_log_matcher nest_log_match_note;

#define NEST_LOG_ANYWHERE UINT16_MAX /* it may begin behind the first line */

/*
 * Finds the rows of the tables that a text may hold, by the two rarest pairs of characters of each.
 * Made once for a log.
 */
struct nest_log_index {
	const struct nest_message *notes[NEST_LOG_ROWS_MAX]; /* then come the plain ones */
	size_t nnotes, nplain, nrows; /* and behind them the wordings of faults, of each driver */
	struct {
		const struct nest_fault_driver *driver;
		const struct nest_fault_form *form;
	} faults[NEST_LOG_FAULT_FORMS_MAX];
	uint64_t firsts[NEST_LOG_PAIRS / 64]; /* pairs that are the first of a row */
	uint16_t heads[NEST_LOG_PAIRS];	      /* of the chain of such rows */
	struct {
		uint16_t next;	 /* of its chain */
		uint16_t second; /* its other pair */
		uint16_t begin;	 /* the pair that it begins with; or NEST_LOG_ANYWHERE */
	} rows[NEST_LOG_ROWS_MAX];
};

/* False: the tables have too many rows, and all are to be tried. */
bool nest_log_index_make(struct nest_log_index *ret_index);

/*
 * The rows that a text with these pairs may hold, a bit each: messages that begin in its first
 * line, which has those pairs, and faults.
 */
void nest_log_index_find(const struct nest_log_index *index, const uint64_t *pairs,
			 const uint64_t *first_line, uint64_t ret_rows[NEST_LOG_ROWS_MAX / 64]);

/* The first of these rows from i on; end: none is. */
static inline size_t nest_log_row_next(const uint64_t *rows, size_t i, size_t end)
{
	while (i < end) {
		uint64_t rest = rows[i / 64] >> i % 64;

		if (rest)
			return i + (size_t)__builtin_ctzll(rest) < end
				       ? i + (size_t)__builtin_ctzll(rest)
				       : end;
		i = (i / 64 + 1) * 64;
	}
	return end;
}

/* Is the line one that is known, with nothing to tell of it? Adds to *seen what it shows. */
bool nest_log_is_plain(const struct nest_log_window *w, uint32_t *seen);

/* Is the first line about an IOMMU? Words as in log/messages-plain.c. */
bool nest_log_is_ours(const struct nest_log_window *w);

#endif
