// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds the log decoder with anything, whole and in pieces, and expects the same answer. */

#include "log/answer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink; /* so that no read is optimised away */

static struct nest_log *decode(const uint8_t *data, size_t size, size_t step)
{
	struct nest_log *klog = nest_log_new();
	size_t at, n;

	for (at = 0; at < size; at += n) {
		n = size - at < step ? size - at : step;
		if (nest_log_feed(klog, (const char *)data + at, n))
			abort();
	}
	if (nest_log_finish(klog))
		abort();
	return klog;
}

static void same(const struct nest_log_result *a, const struct nest_log_result *b)
{
	if (a->nunits != b->nunits || a->nfaults != b->nfaults || a->ngroups != b->ngroups ||
	    a->nnotes != b->nnotes || a->lines != b->lines || a->seen != b->seen ||
	    a->nothers != b->nothers || a->units_dropped != b->units_dropped ||
	    a->faults_dropped != b->faults_dropped || a->groups_dropped != b->groups_dropped ||
	    a->notes_dropped != b->notes_dropped)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nest_log_result *r;
	struct nest_log_answer answer;
	struct nest_log *whole, *pieces;
	struct nest_regs regs;
	size_t i;

	whole = decode(data, size, size ? size : 1);
	pieces = decode(data, size, size ? 1 + data[0] % 16 : 1);
	r = nest_log_result(whole);
	same(r, nest_log_result(pieces));
	for (i = 0; i < r->nunits; i++) {
		nest_log_unit_decode(&r->units[i], &regs);
		sink += strlen(r->units[i].name) + strlen(regs.nesting.reason);
	}
	nest_log_answer(r, &answer);
	sink += strlen(answer.text);
	for (i = 0; i < r->nfaults; i++)
		sink += strlen(nest_log_access_name(r->faults[i].access));
	for (i = 0; i < r->ngroups; i++)
		sink += strlen(r->groups[i].device);
	for (i = 0; i < r->nnotes; i++)
		sink += strlen(r->notes[i].id) + strlen(r->notes[i].text) +
			strlen(r->notes[i].detail);
	nest_log_free(whole);
	nest_log_free(pieces);
	return 0;
}
