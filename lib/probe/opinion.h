/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judges of a probe, one for each kind of node, and their results. */
#ifndef NEST_OPINION_H
#define NEST_OPINION_H

#include <stdbool.h>

#include "probe/probe.h"

/* The result of one judge, with its reasons in the order of finding. */
struct nest_opinion {
	enum nest_usability nesting;
	enum nest_abi abi;
	struct nest_reason reasons[NEST_REASONS_MAX / 4];
	size_t nreasons;
};

/* Adds a reason and returns the usability that it stands for. */
enum nest_usability nest_opinion_say(struct nest_opinion *opinion, enum nest_usability nesting,
				     const char *evidence, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Sets the remedy of the newest reason; {} in it stands for object. NULL: none. */
void nest_opinion_advise(struct nest_opinion *opinion, const char *remedy, const char *object);
void nest_opinion_advise_as(struct nest_opinion *opinion, const char *remedy);

/* The same: to bind dev to vfio-pci, and back. */
void nest_opinion_advise_bind(struct nest_opinion *opinion, const struct nest_device *dev);

/* Adds a reason for a request that failed: what, its errno, and that explained for object. */
enum nest_usability nest_opinion_say_failed(struct nest_opinion *opinion,
					    enum nest_usability nesting, const char *evidence,
					    const struct nest_outcome *outcome, const char *what,
					    const char *object);

/*
 * Adds a reason for a node that did not open: what the kernel offers there is unknown.
 */
enum nest_usability nest_opinion_say_node(struct nest_opinion *opinion, const char *evidence,
					  const struct nest_probe_node *node, const char *what);

/* Adds a reason for what was not tried with the target, with the remedy that makes it possible. */
enum nest_usability nest_opinion_say_skipped(struct nest_opinion *opinion, const char *evidence,
					     const struct nest_probe *probe, const char *what,
					     const char *why);

/* The judges. */
enum nest_usability nest_judge_iommufd(const struct nest_probe *probe,
				       struct nest_opinion *opinion);
enum nest_usability nest_judge_container(const struct nest_probe *probe, uint32_t min_version,
					 struct nest_opinion *opinion);

#endif
