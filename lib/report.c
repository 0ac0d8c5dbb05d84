// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a report. */
#include "report.h"

#include <stdlib.h>

#include "decode.h"
#include "diff.h"
#include "dossier.h"
#include "probe.h"
#include "roundtrip.h"
#include "show.h"

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
	if (report->trip)
		nest_trip_free(report->trip);
	free(report->trip);
	nest_show_free(report->show);
	nest_dossier_free(report->dossier);
	nest_diff_free(report->diff);
	nest_model_free(&report->model);
}
