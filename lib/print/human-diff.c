// SPDX-License-Identifier: GPL-2.0-or-later
/* diff for people: one line a change, the most important first. */
#include "report/diff.h"
#include "plural.h"
#include "print/human.h"

/* "driver of 0000:3a:00.0: mlx5_core -> vfio-pci" */
static void print_change(FILE *out, const struct nest_run *run, const struct nest_change *change)
{
	const char *title = nest_topic_title(change->topic);

	if (!change->before)
		nest_paint(out, run, NEST_GREEN, "+ ");
	else if (!change->after)
		nest_paint(out, run, NEST_RED, "- ");
	else
		nest_paint(out, run, NEST_YELLOW, "~ ");
	nest_out(out, "%s%s%s: ", title, *change->subject ? " " : "", change->subject);
	if (change->before && change->after)
		nest_out(out, "%s -> %s", change->before, change->after);
	else if (change->before)
		nest_out(out, "gone (was %s)", change->before);
	else
		nest_out(out, "new (%s)", change->after);
	fputc('\n', out);
}

int nest_human_diff(FILE *out, const struct nest_run *run)
{
	const struct nest_diff *diff = run->found;
	bool first = true;
	size_t i;

	if (!diff)
		return 0;
	if (!diff->nchanges)
		nest_out(out, "Nothing that matters for IOMMUs changed between %s and %s.",
			 diff->a.name, diff->b.name);
	else
		nest_out(out, "%zu change%s from %s to %s:", diff->nchanges,
			 nest_plural(diff->nchanges), diff->a.name, diff->b.name);
	fputc('\n', out);
	for (i = 0; i < diff->nchanges; i++)
		print_change(out, run, &diff->changes[i]);
	for (i = 0; i < NEST_TOPICS; i++) {
		if (!diff->skipped[i])
			continue;
		fprintf(out, "%s%s", first ? "Not compared (unknown on one side): " : ", ",
			nest_topic_title((enum nest_topic)i));
		first = false;
	}
	if (!first)
		fputc('\n', out);
	return 0;
}
