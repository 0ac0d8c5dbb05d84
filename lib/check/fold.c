// SPDX-License-Identifier: GPL-2.0-or-later
/* Which findings are one for people, and which change nothing. */
#include "check/fold.h"

#include <string.h>

/* Two findings of one result: by their cause, or of one rule by their subject or sentence. */
static bool is_same(const struct nest_finding *a, const struct nest_finding *b)
{
	if (a->result != b->result || a->moot != b->moot || !a->elsewhere != !b->elsewhere)
		return false;
	if (a->cause && b->cause)
		return !strcmp(a->cause, b->cause);
	return !a->cause && !b->cause && a->id == b->id &&
	       (!strcmp(a->subject, b->subject) || !strcmp(a->summary, b->summary));
}

static bool has_final(const struct nest_check *check)
{
	size_t i;

	for (i = 0; i < check->nfindings; i++)
		if (check->findings[i].final && check->findings[i].result == NEST_RESULT_FAIL)
			return true;
	return false;
}

/* Is the missing IOMMU itself a finding? */
static bool lacks_iommu(const struct nest_check *check, bool absent)
{
	size_t i;

	for (i = 0; i < check->nfindings; i++)
		if (!strcmp(check->findings[i].id, "iommu.present"))
			return check->findings[i].result == NEST_RESULT_FAIL ||
			       (check->findings[i].result == NEST_RESULT_UNKNOWN && absent);
	return false;
}

static bool is_moot(const struct nest_finding *finding, bool final, bool absent)
{
	if (finding->final || !strcmp(finding->id, "iommu.present"))
		return false;
	if (finding->result == NEST_RESULT_UNKNOWN)
		return final || absent;
	return final && !finding->concerns_all &&
	       (finding->result == NEST_RESULT_FAIL || finding->result == NEST_RESULT_WARN);
}

void nest_check_fold(struct nest_check *check, bool absent)
{
	bool final = has_final(check), lacks = lacks_iommu(check, absent);
	size_t i, j;

	for (i = 0; i < check->nfindings; i++)
		check->findings[i].moot = is_moot(&check->findings[i], final, lacks);
	for (i = 0; i < check->nfindings; i++) {
		check->findings[i].with = i;
		for (j = 0; j < i; j++)
			if (check->findings[j].with == j &&
			    is_same(&check->findings[i], &check->findings[j])) {
				check->findings[i].with = j;
				break;
			}
	}
}
