// SPDX-License-Identifier: GPL-2.0-or-later
/* The beginning of a report about nothing, and the end of all. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>

#include "log/decode.h"
#include "report/diff.h"
#include "report/dossier.h"
#include "probe/probe.h"
#include "trip/trip.h"
#include "check/rules.h"
#include "inventory/show.h"

int nest_report_empty(struct nest_report *report)
{
	report->model.absent_gate = "unknown";
	report->model.absent_reason = "nothing could be looked at";
	if (report->command == NEST_COMMAND_DECODE) {
		report->decode = calloc(1, sizeof(*report->decode));
		return report->decode ? 0 : -ENOMEM;
	}
	if (report->command == NEST_COMMAND_ROUNDTRIP) {
		report->trip = calloc(1, sizeof(*report->trip));
		if (!report->trip)
			return -ENOMEM;
		report->trip->device = report->options->mock ? "mock" : report->options->args[0];
		report->trip->mock = report->options->mock;
	}
	return 0;
}

void nest_report_free(struct nest_report *report)
{
	if (report->selection) {
		free(report->selection->devices);
		free(report->selection->groups);
		free(report->selection);
	}
	if (report->decode) {
		free(report->decode->units);
		nest_klog_free(report->decode->log);
		nest_dmar_free(report->decode->dmar);
		free(report->decode);
	}
	if (report->probe)
		nest_probe_free(report->probe);
	free(report->probe);
	nest_check_free(report->check);
	free(report->check);
	if (report->trip)
		nest_trip_free(report->trip);
	free(report->trip);
	nest_show_free(report->show);
	nest_dossier_free(report->dossier);
	nest_diff_free(report->diff);
	nest_model_free(&report->model);
}
