// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads anything as a report; what is one is asked what list, show and check ask, from its answers
 * alone.
 */
#include "inventory/inventory.h"
#include "host/source.h"
#include "report/read.h"
#include "check/rules.h"
#include "host/sysfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct nest_answers *answers)
{
	struct nest_ctx ctx = { .verbosity = -1 };
	struct nest_model model = { 0 };
	struct nest_facts facts = { 0 };
	struct nest_check check = { 0 };
	const struct nest_device *devices[4];
	struct nest_facts_wanted wanted = { .devices = devices };
	struct nest_rules_input in = { .model = &model,
				       .facts = &facts,
				       .devices = devices,
				       .named = true,
				       .purpose = NEST_FOR_ALL,
				       .memory = 1 << 30 };

	nest_source_replay(answers, &ctx.root);
	if (nest_inventory_gather(&ctx, NEST_WANT_REGIONS | NEST_WANT_USUAL, &model))
		abort();
	for (; wanted.ndevices < 4 && wanted.ndevices < model.ndevices; wanted.ndevices++)
		devices[wanted.ndevices] = &model.devices[wanted.ndevices];
	in.ndevices = wanted.ndevices;
	if (nest_facts_gather(&ctx, &model, &wanted, &facts) ||
	    nest_rules_run(&in, "nested", &check))
		abort();
	if (!check.answer || !*check.answer)
		abort();
	nest_check_free(&check);
	nest_facts_free(&facts);
	nest_model_free(&model);
	nest_root_close(&ctx.root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nest_answers answers = { 0 };
	const char *why = NULL;
	int err = nest_report_read((const char *)data, size, &answers, &why);

	if (err && (err != -EINVAL || !why))
		abort();
	if (!err)
		ask(&answers);
	nest_answers_free(&answers);
	return 0;
}
