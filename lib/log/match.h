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

#define NEST_LOG_NONE SIZE_MAX

struct nest_log_window {
	const char *text; /* terminated */
	size_t len;
	size_t first; /* length of the first line: matches that begin behind it are not wanted */
};

/* What a matcher finds; which member is its own business. */
union nest_log_item {
	struct nest_log_unit unit;
	struct nest_log_fault fault;
	struct nest_log_group group;
	struct nest_log_note note;
};

typedef size_t nest_log_matcher(const struct nest_log_window *w, size_t at,
				union nest_log_item *ret_item, size_t *ret_end);

/* unit: "cap … ecap …" and what stands before it. */
nest_log_matcher nest_log_match_vtd;

/* unit: AMD's features; the name may be left empty. */
nest_log_matcher nest_log_match_amd;

/* unit, its name only: "Found IOMMU …", by which the next features are to be called. */
nest_log_matcher nest_log_match_amd_name;

/* fault: "[DMA Read] Request device [00:02.0] …" of every kernel, and of Xen. */
nest_log_matcher nest_log_match_fault;

/* group: "pci 0000:00:02.0: Adding to iommu group 1" and "Adding device … to group 1". */
nest_log_matcher nest_log_match_group;

/* note: the messages of the table in log/notes.c. */
nest_log_matcher nest_log_match_note;

/*
 * Shared by the matchers. Each takes from *p, moves it and returns true, or leaves it.
 */

/* The word itself. */
bool nest_log_eat(const char **p, const char *end, const char *word);

/* A hex number of at most 16 digits, with or without 0x, that ends at a word boundary. */
bool nest_log_eat_hex(const char **p, const char *end, uint64_t *ret_value);

/* Decimal digits, at most 9. */
bool nest_log_eat_decimal(const char **p, const char *end, uint32_t *ret_value);

/* Where needle begins at or after at and before limit (it may end behind it), or NEST_LOG_NONE. */
size_t nest_log_find(const struct nest_log_window *w, size_t at, size_t limit, const char *needle);

/* Where the word before position pos begins (pos follows a blank), or NEST_LOG_NONE. */
size_t nest_log_word_before(const struct nest_log_window *w, size_t pos);

#endif
