// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which facts are gathered, and the kernel's log. */
#include "check/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/kmsg.h"
#include "inventory/inventory.h"

static int gather_log(struct nest_ctx *ctx, struct nest_facts *facts)
{
	struct nest_kmsg kmsg;
	int err = nest_kmsg_read(ctx, &kmsg);

	if (err)
		return err;
	facts->klog_err = kmsg.err;
	if (kmsg.text) {
		facts->klog = nest_log_new();
		err = facts->klog ? nest_log_feed(facts->klog, kmsg.text, kmsg.len) : -ENOMEM;
		if (!err)
			err = nest_log_finish(facts->klog);
	}
	nest_kmsg_free(&kmsg);
	return err;
}

static int gather_shows(struct nest_ctx *ctx, struct nest_model *model,
			const struct nest_facts_wanted *wanted, struct nest_facts *facts)
{
	size_t i;
	int err = 0;

	if (!wanted->ndevices)
		return 0;
	facts->shows = calloc(wanted->ndevices, sizeof(*facts->shows));
	facts->noiommu_groups = calloc(wanted->ndevices, sizeof(*facts->noiommu_groups));
	if (!facts->shows || !facts->noiommu_groups)
		return -ENOMEM;
	for (i = 0; !err && i < wanted->ndevices; i++) {
		struct nest_show *show = calloc(1, sizeof(*show));

		if (!show)
			return -ENOMEM;
		facts->shows[facts->nshows++] = show;
		show->what = NEST_SHOW_DEVICE;
		show->dev = wanted->devices[i];
		show->group = nest_device_group(model, show->dev);
		show->unit = nest_device_unit(model, show->dev);
		err = nest_show_gather(ctx, model, false, show);
		facts->noiommu_groups[i] =
			show->group && !show->unit && nest_group_is_noiommu(ctx, show->group);
	}
	return err;
}

int nest_facts_gather(struct nest_ctx *ctx, struct nest_model *model,
		      const struct nest_facts_wanted *wanted, struct nest_facts *ret_facts)
{
	int err;

	memset(ret_facts, 0, sizeof(*ret_facts));
	err = nest_facts_firmware(ctx, model, ret_facts);
	if (!err)
		err = nest_facts_its(ctx, model, ret_facts);
	if (!err)
		err = nest_facts_kernel(ctx, model, ret_facts);
	if (!err)
		err = nest_facts_modules(ctx, model, ret_facts);
	if (!err)
		err = nest_facts_access(ctx, model, wanted, ret_facts);
	if (!err)
		err = gather_shows(ctx, model, wanted, ret_facts);
	if (!err)
		err = gather_log(ctx, ret_facts);
	return err;
}

void nest_facts_free(struct nest_facts *facts)
{
	size_t i;

	for (i = 0; i < facts->nshows; i++)
		nest_show_free(facts->shows[i]);
	free(facts->shows);
	free(facts->noiommu_groups);
	nest_dmar_free(facts->dmar);
	nest_acpi_free(facts->iort);
	nest_log_free(facts->klog);
	memset(facts, 0, sizeof(*facts));
}

const struct nest_log_note *nest_facts_note_of(const struct nest_facts *facts, const char *id,
					       const char *detail)
{
	const struct nest_log_result *result = facts->klog ? nest_log_result(facts->klog) : NULL;
	size_t i;

	for (i = 0; result && i < result->nnotes; i++)
		if (!strcmp(result->notes[i].id, id) &&
		    (!detail || !strcmp(result->notes[i].detail, detail)))
			return &result->notes[i];
	return NULL;
}

const struct nest_log_note *nest_facts_note(const struct nest_facts *facts, const char *id)
{
	return nest_facts_note_of(facts, id, NULL);
}
