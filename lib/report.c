// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a report. */
#include "report.h"

#include <stdlib.h>

void nest_report_free(struct nest_report *report)
{
	if (report->selection) {
		free(report->selection->devices);
		free(report->selection->groups);
		free(report->selection);
	}
	free(report->show);
	nest_model_free(&report->model);
}
