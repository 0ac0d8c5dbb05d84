// SPDX-License-Identifier: GPL-2.0-or-later
/* Reasons for a decision: sentences with evidence and remedy. */
#include "probe/opinion.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "errnoname.h"
#include "explain.h"
#include "remedy.h"
#include "util.h"

enum nest_usability nest_opinion_say(struct nest_opinion *opinion, enum nest_usability nesting,
				     const char *evidence, const char *fmt, ...)
{
	struct nest_reason *reason;
	va_list args;

	if (opinion->nreasons == ARRAY_SIZE(opinion->reasons))
		return nesting;
	reason = &opinion->reasons[opinion->nreasons++];
	reason->evidence = evidence;
	va_start(args, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, args);
	va_end(args);
	return nesting;
}

void nest_opinion_advise(struct nest_opinion *opinion, const char *remedy, const char *object)
{
	if (opinion->nreasons)
		nest_remedy_fill(remedy, object, opinion->reasons[opinion->nreasons - 1].remedy,
				 sizeof(opinion->reasons[0].remedy));
}

void nest_opinion_advise_as(struct nest_opinion *opinion, const char *remedy)
{
	if (opinion->nreasons)
		snprintf(opinion->reasons[opinion->nreasons - 1].remedy,
			 sizeof(opinion->reasons[0].remedy), "%s", remedy);
}

void nest_opinion_advise_bind(struct nest_opinion *opinion, const struct nest_device *dev)
{
	enum nest_tri bound = dev->driver ? NEST_YES : dev->have_uevent ? NEST_NO : NEST_UNKNOWN;
	char remedy[NEST_REMEDY_MAX] = "bind it to vfio-pci, as root:\n";
	size_t len = strlen(remedy);

	if (dev->bus != NEST_BUS_PCI)
		return;
	nest_remedy_bind_and_back(dev->name, bound, remedy + len, sizeof(remedy) - len);
	nest_opinion_advise_as(opinion, remedy);
}

enum nest_usability nest_opinion_say_failed(struct nest_opinion *opinion,
					    enum nest_usability nesting, const char *evidence,
					    const struct nest_outcome *outcome, const char *what,
					    const char *object)
{
	struct nest_explanation why = nest_explain(outcome->stage, outcome->err);
	char reason[300];

	nest_remedy_fill(why.reason, object, reason, sizeof(reason));
	nest_opinion_say(opinion, nesting, evidence, "%s: %s, %s.", what,
			 nest_errno_name(outcome->err), reason);
	nest_opinion_advise(opinion, why.remedy, object);
	return nesting;
}

enum nest_usability nest_opinion_say_node(struct nest_opinion *opinion, const char *evidence,
					  const struct nest_probe_node *node, const char *what)
{
	if (node->node.path && *node->node.path)
		what = node->node.path;
	if (node->open.status == NEST_OUTCOME_SKIPPED)
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, evidence,
					"%s was not opened: %s.", what,
					node->open.why ? node->open.why : "it was not asked for");
	if (!*node->reason)
		return nest_opinion_say_failed(opinion, NEST_USABILITY_UNKNOWN, evidence,
					       &node->open, "It did not open", what);
	nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, evidence, "%s did not open: %s, %s.",
			 what, nest_errno_name(node->open.err), node->reason);
	nest_opinion_advise_as(opinion, node->remedy);
	return NEST_USABILITY_UNKNOWN;
}

enum nest_usability nest_opinion_say_skipped(struct nest_opinion *opinion, const char *evidence,
					     const struct nest_probe *probe, const char *what,
					     const char *why)
{
	nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, evidence, "%s: %s.", what,
			 why ? why : "the probe ended early");
	if (probe->not_bound && probe->device && (probe->group || probe->group_may_come))
		nest_opinion_advise_bind(opinion, probe->device);
	else if (probe->blocked)
		nest_opinion_advise(opinion, nest_explain(NEST_STAGE_GROUP_VIABLE, EPERM).remedy,
				    "");
	return NEST_USABILITY_UNKNOWN;
}
