// SPDX-License-Identifier: GPL-2.0-or-later
/* Everything that list and show know, of all there is. */
#include "report/gather.h"

#include <errno.h>
#include <stdlib.h>

#include "inventory/inventory.h"

void nest_shows_free(struct nest_show *shows, size_t nshows)
{
	size_t i;

	for (i = 0; i < nshows; i++)
		nest_show_clear(&shows[i]);
	free(shows);
}

void nest_report_free(struct nest_report *report)
{
	size_t i;

	if (!report)
		return;
	nest_shows_free(report->shows, report->nshows);
	for (i = 0; i < report->nprobes; i++)
		nest_probe_free(&report->probes[i]);
	free(report->probes);
	nest_redact_json_free(report->probed);
	for (i = 0; i < NEST_REPORT_CHECKS; i++)
		nest_check_free(&report->checks[i]);
	nest_facts_free(&report->facts);
	free(report->bound);
	nest_kmsg_free(&report->log);
	nest_redact_free(&report->redact);
	nest_answers_free(&report->answers);
	nest_model_free(&report->found);
	free(report);
}

int nest_report_gather(struct nest_ctx *ctx, struct nest_model *model, struct nest_show **ret_shows,
		       size_t *ret_nshows)
{
	int err = nest_inventory_gather(ctx, NEST_WANT_NAMES | NEST_WANT_REGIONS | NEST_WANT_USUAL,
					model);
	struct nest_show *shows, *show;
	size_t i;

	if (err)
		return err;
	show = shows = calloc(model->nunits + model->ngroups + model->ndevices + 1, sizeof(*shows));
	*ret_shows = shows;
	*ret_nshows = 0;
	if (!shows)
		return -ENOMEM;
	for (i = 0; i < model->nunits; i++)
		*show++ = (struct nest_show){ .what = NEST_SHOW_UNIT, .unit = &model->units[i] };
	for (i = 0; i < model->ngroups; i++)
		*show++ = (struct nest_show){
			.what = NEST_SHOW_GROUP,
			.group = &model->groups[i],
			.unit = nest_group_unit(model, &model->groups[i]),
		};
	for (i = 0; i < model->ndevices; i++)
		*show++ = (struct nest_show){
			.what = NEST_SHOW_DEVICE,
			.dev = &model->devices[i],
			.group = nest_device_group(model, &model->devices[i]),
			.unit = nest_device_unit(model, &model->devices[i]),
		};
	*ret_nshows = (size_t)(show - shows);
	for (i = 0; !err && i < *ret_nshows; i++)
		err = nest_show_gather(ctx, model, false, &shows[i]);
	return err;
}
