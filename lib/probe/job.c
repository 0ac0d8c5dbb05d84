// SPDX-License-Identifier: GPL-2.0-or-later
/* Releases what a run of the probes acquired, and notes what failed. */
#include "probe/job.h"

static void note_undone(void *data, const char *what, int err)
{
	struct nest_probe *probe = data;

	if (probe->nundone < NEST_UNDONE_MAX)
		probe->undone[probe->nundone++] = (struct nest_undone){ what, -err };
}

void nest_probe_undo(struct nest_probe_job *job, size_t mark)
{
	nest_undo_run(job->ctx, mark, note_undone, job->probe);
}
