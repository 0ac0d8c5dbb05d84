// SPDX-License-Identifier: GPL-2.0-or-later
/* What check says of the host that a report is about, for each purpose. */
#include <errno.h>
#include <stdlib.h>

#include "inventory/devices.h"
#include "report/gather.h"

int nest_report_judge(struct nest_ctx *ctx, struct nest_model *model, struct nest_report *report)
{
	struct nest_facts_wanted wanted = { 0 };
	size_t i;
	int err;

	report->bound = calloc(model->ndevices + 1, sizeof(*report->bound));
	if (!report->bound)
		return -ENOMEM;
	for (i = 0; i < model->ndevices; i++)
		if (nest_driver_is_vfio(model->devices[i].driver))
			report->bound[wanted.ndevices++] = &model->devices[i];
	wanted.devices = report->bound;
	err = nest_facts_gather(ctx, model, &wanted, &report->facts);
	for (i = 0; !err && i < NEST_REPORT_CHECKS; i++) {
		const struct nest_rules_input in = {
			.model = model,
			.facts = &report->facts,
			.devices = report->bound,
			.ndevices = wanted.ndevices,
			.purpose = nest_purpose_find(nest_purpose_names[i]),
		};

		err = nest_rules_run(&in, nest_purpose_names[i], &report->checks[i]);
	}
	if (!err)
		err = nest_kmsg_read(ctx, &report->log);
	report->judged = !err;
	return err;
}
