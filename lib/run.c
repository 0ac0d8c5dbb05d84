// SPDX-License-Identifier: GPL-2.0-or-later
/* The beginning of a report about nothing, and the end of all. */
#include "run.h"

#include <errno.h>
#include <stdlib.h>

#include "log/decode.h"
#include "report/diff.h"
#include "report/gather.h"
#include "probe/probe.h"
#include "trip/trip.h"
#include "check/rules.h"
#include "inventory/show.h"

int nest_run_empty(struct nest_run *run)
{
	run->model.absent_gate = "unknown";
	run->model.absent_reason = "nothing could be looked at";
	if (run->command == NEST_COMMAND_DECODE) {
		run->decode = calloc(1, sizeof(*run->decode));
		return run->decode ? 0 : -ENOMEM;
	}
	if (run->command == NEST_COMMAND_ROUNDTRIP) {
		run->trip = calloc(1, sizeof(*run->trip));
		if (!run->trip)
			return -ENOMEM;
		run->trip->device = run->options->mock ? "mock" : run->options->args[0];
		run->trip->mock = run->options->mock;
	}
	return 0;
}

void nest_run_free(struct nest_run *run)
{
	if (run->selection) {
		free(run->selection->devices);
		free(run->selection->groups);
		free(run->selection);
	}
	if (run->decode) {
		free(run->decode->units);
		nest_log_free(run->decode->log);
		nest_dmar_free(run->decode->dmar);
		free(run->decode);
	}
	if (run->probe)
		nest_probe_free(run->probe);
	free(run->probe);
	nest_check_free(run->check);
	free(run->check);
	if (run->trip)
		nest_trip_free(run->trip);
	free(run->trip);
	nest_show_free(run->show);
	nest_report_free(run->report);
	nest_diff_free(run->diff);
	nest_model_free(&run->model);
}
