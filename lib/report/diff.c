// SPDX-License-Identifier: GPL-2.0-or-later
/* Two sorted lists of statements, walked together. */
#include "report/diff.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * In order of importance: what explains a change of behaviour first. A statement about a thing that
 * is there on one side only goes without saying if that of its thing is said.
 */
static const struct topic {
	const char *id, *title;
	enum nest_topic thing; /* whose subject must be there on both sides; NEST_TOPICS: none */
	bool of_group;
} topics[NEST_TOPICS] = {
	[NEST_TOPIC_KERNEL] = { "kernel", "kernel", NEST_TOPICS, false },
	[NEST_TOPIC_MACHINE] = { "machine", "machine", NEST_TOPICS, false },
	[NEST_TOPIC_FIRMWARE] = { "firmware", "firmware", NEST_TOPICS, false },
	[NEST_TOPIC_TABLE] = { "firmware.table", "ACPI table", NEST_TOPICS, false },
	[NEST_TOPIC_FLAGS] = { "firmware.flags", "flags of ACPI table", NEST_TOPICS, false },
	[NEST_TOPIC_RMRR] = { "firmware.rmrr", "memory that firmware keeps for", NEST_TOPICS,
			      false },
	[NEST_TOPIC_CMDLINE] = { "cmdline", "kernel option", NEST_TOPICS, false },
	[NEST_TOPIC_IOMMU] = { "iommu_present", "IOMMU in use", NEST_TOPICS, false },
	[NEST_TOPIC_UNIT] = { "unit", "IOMMU unit", NEST_TOPICS, false },
	[NEST_TOPIC_UNIT_NESTING] = { "unit.nesting", "nesting by unit", NEST_TOPIC_UNIT, false },
	[NEST_TOPIC_UNIT_REGISTERS] = { "unit.registers", "registers of unit", NEST_TOPIC_UNIT,
					false },
	[NEST_TOPIC_VIABLE] = { "group.viable", "user space may have the group of",
				NEST_TOPIC_DEVICE, true },
	[NEST_TOPIC_MEMBERS] = { "group.members", "group of", NEST_TOPIC_DEVICE, true },
	[NEST_TOPIC_TYPE] = { "group.type", "domain type of the group of", NEST_TOPIC_DEVICE,
			      true },
	[NEST_TOPIC_REGIONS] = { "group.regions", "reserved regions of the group of",
				 NEST_TOPIC_DEVICE, true },
	[NEST_TOPIC_DRIVER] = { "device.driver", "driver of", NEST_TOPIC_DEVICE, false },
	[NEST_TOPIC_DEVICE] = { "device", "device", NEST_TOPICS, false },
	[NEST_TOPIC_DEVICE_UNIT] = { "device.unit", "IOMMU unit of", NEST_TOPIC_DEVICE, false },
	[NEST_TOPIC_MODULE] = { "module", "module", NEST_TOPICS, false },
	[NEST_TOPIC_PARAMETER] = { "module.parameter", "module parameter", NEST_TOPICS, false },
	[NEST_TOPIC_FINDING] = { "check.finding", "check", NEST_TOPICS, false },
};

const char *nest_topic_id(enum nest_topic topic)
{
	return topics[topic].id;
}

const char *nest_topic_title(enum nest_topic topic)
{
	return topics[topic].title;
}

void nest_diff_free(struct nest_diff *diff)
{
	if (!diff)
		return;
	free(diff->a.at);
	free(diff->b.at);
	nest_model_free(&diff->a.model);
	nest_model_free(&diff->b.model);
	free(diff->changes);
	free(diff);
}

int nest_side_state(struct nest_side *side, enum nest_topic topic, const char *subject,
		    const char *value, size_t set)
{
	struct nest_statement *new = nest_array_add((void **)&side->at, side->count, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = (struct nest_statement){ topic, nest_pool_str(&side->model.pool, subject),
					nest_pool_str(&side->model.pool, value), set };
	if (!new->subject || (value && !new->value))
		return -ENOMEM;
	side->count++;
	return 0;
}

static int by_topic(const void *a, const void *b)
{
	const struct nest_statement *sa = a, *sb = b;

	return sa->topic != sb->topic ? (int)sa->topic - (int)sb->topic
				      : strcmp(sa->subject, sb->subject);
}

/* A word that the command line has twice: in one order, whoever gathered it. */
static int by_value(const void *a, const void *b)
{
	const char *va = ((const struct nest_statement *)a)->value,
		   *vb = ((const struct nest_statement *)b)->value;
	int order = by_topic(a, b);

	return order || !va || !vb ? order : strcmp(va, vb);
}

static void sort_side(struct nest_side *side)
{
	if (side->count)
		qsort(side->at, side->count, sizeof(*side->at), by_value);
}

static bool has(const struct nest_side *side, enum nest_topic topic, const char *subject)
{
	struct nest_statement wanted = { .topic = topic, .subject = subject };

	return side->count && bsearch(&wanted, side->at, side->count, sizeof(wanted), by_topic);
}

/* Values that a report took out cannot be compared with those of a host, nor with each other. */
static bool is_hidden(const char *value)
{
	return value && strstr(value, "REDACTED");
}

/* Groups that have been told of, by their index on both sides: each is told of once a topic. */
struct told {
	enum nest_topic topic;
	size_t a, b;
};

struct comparison {
	struct nest_diff *diff;
	struct told *told;
	size_t ntold;
};

static int tell_once(struct comparison *c, const struct nest_statement *a,
		     const struct nest_statement *b)
{
	struct told *new;
	size_t i;

	for (i = c->ntold; i-- > 0 && c->told[i].topic == a->topic;)
		if (c->told[i].a == a->set && c->told[i].b == b->set)
			return 0;
	new = nest_array_add((void **)&c->told, c->ntold, sizeof(*new));
	if (!new)
		return -ENOMEM;
	*new = (struct told){ a->topic, a->set, b->set };
	c->ntold++;
	return 1;
}

static int add_change(struct comparison *c, enum nest_topic topic, const char *subject,
		      const char *before, const char *after)
{
	struct nest_change *new =
		nest_array_add((void **)&c->diff->changes, c->diff->nchanges, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = (struct nest_change){ topic, subject, before, after };
	c->diff->nchanges++;
	return 0;
}

/* One of a and b may be NULL. */
static int compare_pair(struct comparison *c, const struct nest_statement *a,
			const struct nest_statement *b)
{
	const struct nest_statement *one = a ? a : b;
	const struct topic *topic;
	int once;

	if (!one)
		return 0;
	topic = &topics[one->topic];
	if (c->diff->a.blind[one->topic] || c->diff->b.blind[one->topic]) {
		c->diff->skipped[one->topic] = true;
		return 0;
	}
	if (!a || !b) {
		if (!one->value || is_hidden(one->value))
			return 0;
		if (topic->thing != NEST_TOPICS && !(has(&c->diff->a, topic->thing, one->subject) &&
						     has(&c->diff->b, topic->thing, one->subject)))
			return 0;
		return add_change(c, one->topic, one->subject, a ? a->value : NULL,
				  b ? b->value : NULL);
	}
	if (!a->value || !b->value || is_hidden(a->value) || is_hidden(b->value) ||
	    !strcmp(a->value, b->value))
		return 0;
	if (topic->of_group) {
		once = tell_once(c, a, b);
		if (once <= 0)
			return once;
	}
	return add_change(c, a->topic, a->subject, a->value, b->value);
}

int nest_diff_compare(struct nest_diff *diff)
{
	struct comparison c = { .diff = diff };
	size_t i = 0, j = 0, topic;
	int err = 0;

	sort_side(&diff->a);
	sort_side(&diff->b);
	while (!err && (i < diff->a.count || j < diff->b.count)) {
		int order = i == diff->a.count	 ? 1
			    : j == diff->b.count ? -1
						 : by_topic(&diff->a.at[i], &diff->b.at[j]);

		err = compare_pair(&c, order <= 0 ? &diff->a.at[i] : NULL,
				   order >= 0 ? &diff->b.at[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
	for (topic = 0; topic < NEST_TOPICS; topic++)
		if (diff->a.blind[topic] != diff->b.blind[topic])
			diff->skipped[topic] = true;
	free(c.told);
	return err;
}
