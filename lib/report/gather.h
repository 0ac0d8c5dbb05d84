/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `report` holds beside the model: the same that show tells of every device, group and unit,
 * what probe found, and the answers to all that was asked. The model and the shows are gathered
 * twice: from the host while its answers are kept, then from the answers, redacted or not; it is
 * the second that is printed. So a report says nothing that its own evidence does not say.
 */
#ifndef NEST_REPORT_GATHER_H
#define NEST_REPORT_GATHER_H

#include "check/rules.h"
#include "host/kmsg.h"
#include "probe/probe.h"
#include "report/redact.h"
#include "model.h"
#include "inventory/show.h"
#include "host/answers.h"

#define NEST_REPORT_CHECKS 3 /* one for each of nest_purpose_names */

struct nest_report {
	struct nest_answers answers;
	bool redacted;
	struct nest_redact redact; /* for what is not among the answers: the probes */
	struct nest_show *shows;   /* of every unit, group and device, over the report's model */
	size_t nshows;
	struct nest_model found;   /* as recorded; the probes refer to it. Not printed */
	struct nest_probe *probes; /* of the host, then of each device that is bound to VFIO */
	size_t nprobes;
	struct json_object *probed; /* the probes as they are printed, or were; NULL: none */

	/* What check says of the report's model; only a page has that. */
	bool judged;
	struct nest_check checks[NEST_REPORT_CHECKS];
	struct nest_facts facts;
	const struct nest_device **bound; /* to a VFIO driver */
	struct nest_kmsg log;
};

/* NULL is fine. */
void nest_report_free(struct nest_report *report);

/*
 * Gathers inventory and shows of what ctx reads. *ret_shows is to be freed also on failure. 0 or
 * -ENOMEM.
 */
int nest_report_gather(struct nest_ctx *ctx, struct nest_model *model, struct nest_show **ret_shows,
		       size_t *ret_nshows);
void nest_shows_free(struct nest_show *shows, size_t nshows);

/*
 * report/files.c: asks for what no other command reads but a reader of bug reports does; ctx
 * records. 0 or -ENOMEM.
 */
int nest_report_ask_files(struct nest_ctx *ctx, const struct nest_model *model);

/*
 * report/verdicts.c: judges the host for every purpose, by what ctx reads. 0 or -ENOMEM.
 */
int nest_report_judge(struct nest_ctx *ctx, struct nest_model *model, struct nest_report *report);

/* Redacts the answers of ctx's host, whose name is asked for and never kept. 0 or -ENOMEM. */
int nest_report_redact(struct nest_ctx *ctx, struct nest_report *report);

#endif
