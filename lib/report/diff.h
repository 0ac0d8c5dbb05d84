/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two machines, or one machine at two times. Each side is a list of
 * statements, "ID of SUBJECT is VALUE"; a difference is a pair of them with other values, or one
 * without its pair. Ids are fixed words of output and manual, in order of importance. Numbers of
 * groups and addresses in memory are no statements: they change with every boot.
 */
#ifndef NEST_DIFF_H
#define NEST_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "ctx.h"
#include "model.h"

enum nest_topic {
	NEST_TOPIC_KERNEL,
	NEST_TOPIC_MACHINE,
	NEST_TOPIC_FIRMWARE,
	NEST_TOPIC_TABLE,
	NEST_TOPIC_FLAGS,
	NEST_TOPIC_RMRR,
	NEST_TOPIC_CMDLINE,
	NEST_TOPIC_IOMMU,
	NEST_TOPIC_UNIT,
	NEST_TOPIC_UNIT_NESTING,
	NEST_TOPIC_UNIT_REGISTERS,
	NEST_TOPIC_VIABLE,
	NEST_TOPIC_MEMBERS,
	NEST_TOPIC_TYPE,
	NEST_TOPIC_REGIONS,
	NEST_TOPIC_DRIVER,
	NEST_TOPIC_DEVICE,
	NEST_TOPIC_DEVICE_UNIT,
	NEST_TOPIC_MODULE,
	NEST_TOPIC_PARAMETER,
	NEST_TOPIC_FINDING,
	NEST_TOPICS,
};

/* "kernel", "unit.nesting" …; and a few words for people. */
const char *nest_topic_id(enum nest_topic topic);
const char *nest_topic_title(enum nest_topic topic);

struct nest_statement {
	enum nest_topic topic;
	const char *subject; /* "dmar0", "0000:3a:00.0"; "" for the host */
	const char *value;   /* NULL: there is such a thing, but its value is not known */
	size_t set; /* the group, where the statement is about one and made for each of its members
		     */
};

struct nest_side {
	const char *name; /* file, or "this host" */
	struct nest_model model;
	struct nest_statement *at;
	size_t count;
	bool blind[NEST_TOPICS]; /* cannot tell: nothing of that topic is compared */
};

struct nest_change {
	enum nest_topic topic;
	const char *subject;
	const char *before, *after; /* NULL: there was, or is, no such thing */
};

struct nest_diff {
	struct nest_side a, b;
	struct nest_change *changes; /* most important first, then by subject */
	size_t nchanges;
	bool skipped[NEST_TOPICS]; /* not compared, since one side is blind */
};

/* NULL is fine. */
void nest_diff_free(struct nest_diff *diff);

/* report/side.c: gathers the model and makes the statements. 0 or -ENOMEM. */
int nest_side_gather(struct nest_ctx *ctx, const char *name, struct nest_side *ret_side);

/* Adds a statement; subject and value are copied to the side's pool. 0 or -ENOMEM. */
int nest_side_state(struct nest_side *side, enum nest_topic topic, const char *subject,
		    const char *value, size_t set);

/* Compares; sorts the statements of both sides. Pure. 0 or -ENOMEM. */
int nest_diff_compare(struct nest_diff *diff);

#endif
