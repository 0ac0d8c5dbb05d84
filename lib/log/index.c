// SPDX-License-Identifier: GPL-2.0-or-later
/* Which rows of the tables of messages a line may hold: the others need no look. */
#include <ctype.h>
#include <string.h>

#include "log/fault.h"
#include "log/match.h"
#include "log/messages.h"

#define NO_ROW UINT16_MAX

const struct nest_message *const nest_message_tables[NEST_MESSAGE_TABLES] = {
	nest_messages_vtd, nest_messages_amd,  nest_messages_arm,  nest_messages_core,
	nest_messages_xen, nest_messages_user, nest_messages_virt, nest_messages_other,
};

/* How rare a character is in logs. */
static int rarity(char c)
{
	return c == ' ' ? 0 : islower((unsigned char)c) && !strchr("jkqvwxz", c) ? 1 : 3;
}

/* False: no room, or a pattern of fewer than two characters. */
static bool add_row(struct nest_log_index *index, const char *pattern, bool anywhere)
{
	int score, best[2] = { -1, -1 };
	uint16_t pairs[2] = { 0 }, row = (uint16_t)index->nrows;
	size_t i;

	if (index->nrows == NEST_LOG_ROWS_MAX || !pattern[0] || !pattern[1])
		return false;
	for (i = 0; pattern[i + 1]; i++) {
		uint16_t pair = (uint16_t)nest_log_pair(pattern[i], pattern[i + 1]);

		score = rarity(pattern[i]) + rarity(pattern[i + 1]);
		if (score > best[0]) {
			best[1] = best[0];
			pairs[1] = pairs[0];
			best[0] = score;
			pairs[0] = pair;
		} else if (score > best[1]) {
			best[1] = score;
			pairs[1] = pair;
		}
	}
	index->firsts[pairs[0] / 64] |= UINT64_C(1) << pairs[0] % 64;
	index->rows[row].begin =
		anywhere ? NEST_LOG_ANYWHERE : (uint16_t)nest_log_pair(pattern[0], pattern[1]);
	index->rows[row].second = best[1] < 0 ? pairs[0] : pairs[1];
	index->rows[row].next = index->heads[pairs[0]];
	index->heads[pairs[0]] = row;
	index->nrows++;
	return true;
}

bool nest_log_index_make(struct nest_log_index *ret_index)
{
	const struct nest_fault_driver *const *driver;
	const struct nest_message_plain *plain;
	const struct nest_fault_form *form;
	const struct nest_message *row;
	bool whole = true;
	size_t i;

	memset(ret_index, 0, sizeof(*ret_index));
	memset(ret_index->heads, 0xff, sizeof(ret_index->heads));
	for (i = 0; i < NEST_MESSAGE_TABLES; i++)
		for (row = nest_message_tables[i]; row->id && whole; row++) {
			whole = add_row(ret_index, row->pattern, false);
			if (whole)
				ret_index->notes[ret_index->nrows - 1] = row;
		}
	ret_index->nnotes = ret_index->nrows;
	for (plain = nest_messages_plain; plain->pattern && whole; plain++)
		whole = add_row(ret_index, plain->pattern, false);
	ret_index->nplain = ret_index->nrows - ret_index->nnotes;
	i = 0;
	for (driver = nest_fault_drivers; *driver; driver++)
		for (form = (*driver)->forms; form->mark; form++, i++) {
			if (i == NEST_LOG_FAULT_FORMS_MAX)
				return false;
			ret_index->faults[i].driver = *driver;
			ret_index->faults[i].form = form;
			whole = whole && add_row(ret_index, form->mark, true);
		}
	return whole;
}

static bool has(const uint64_t *pairs, uint16_t pair)
{
	return pairs[pair / 64] >> pair % 64 & 1;
}

void nest_log_index_find(const struct nest_log_index *index, const uint64_t *pairs,
			 const uint64_t *first_line, uint64_t ret_rows[NEST_LOG_ROWS_MAX / 64])
{
	uint64_t firsts;
	uint16_t row;
	size_t i;

	memset(ret_rows, 0, NEST_LOG_ROWS_MAX / 8);
	for (i = 0; i < NEST_LOG_PAIRS / 64; i++)
		for (firsts = index->firsts[i] & pairs[i]; firsts; firsts &= firsts - 1)
			for (row = index->heads[i * 64 + (size_t)__builtin_ctzll(firsts)];
			     row != NO_ROW; row = index->rows[row].next)
				if (has(pairs, index->rows[row].second) &&
				    (index->rows[row].begin == NEST_LOG_ANYWHERE ||
				     has(first_line, index->rows[row].begin)))
					ret_rows[row / 64] |= UINT64_C(1) << row % 64;
}
