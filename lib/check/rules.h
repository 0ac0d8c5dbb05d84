/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The readiness rules: a table a topic, one small function a rule over the model and the facts, no
 * I/O. A rule adds findings about its subject: a sentence, what was looked at, a remedy. Where it
 * does not apply it adds none. The table says for which purposes a rule decides.
 */
#ifndef NEST_RULES_H
#define NEST_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "check/check.h"
#include "check/facts.h"
#include "model.h"
#include "probe/probe.h"
#include "util.h"

enum nest_purpose { NEST_FOR_PASSTHROUGH = 1, NEST_FOR_NESTED = 2, NEST_FOR_SVA = 4 };
#define NEST_FOR_ALL (NEST_FOR_PASSTHROUGH | NEST_FOR_NESTED | NEST_FOR_SVA)

/* "passthrough", "nested", "sva"; NULL behind the last. */
extern const char *const nest_purpose_names[];
/* By name; 0 if it is none of them. */
unsigned int nest_purpose_find(const char *name);

/* What the rules look at. */
struct nest_rules_input {
	struct nest_model *model; /* strings of findings go to its pool */
	const struct nest_facts *facts;
	/*
	 * What the kernel answered: of each device that was named, in their order; else once, of
	 * the first device or of none.
	 */
	const struct nest_probe *probes;
	size_t nprobes; /* 0: nodes were not opened */
	const struct nest_device *
		*devices; /* what the check is about; facts->shows has them in the same order */
	size_t ndevices;
	bool named; /* they were named by the user, and not found by their driver */
	unsigned int purpose;
	uint64_t memory; /* bytes of a guest, 0: not asked */
	uint32_t guest_devices;
};

/* A rule at work. */
struct nest_judge {
	const struct nest_rules_input *in;
	struct nest_check *check;
	const struct nest_rule *rule;
	const char *subject;
	enum nest_subject kind;
	size_t index; /* of the unit, group or device in question */
	int err;      /* -ENOMEM */
};

/*
 * What makes a rule that decides pass, fail or unknown on one kind of IOMMU; NULL: it never is. The
 * last row has no kind, and is about all others. Without a visible unit, rules about units are
 * unknown. tests/unit/check/test_evidence.c walks the rows and tries each cell.
 */
struct nest_rule_evidence {
	const struct nest_hw *hw;
	const char *pass, *fail, *unknown;
};

struct nest_rule {
	const char *id;
	enum nest_subject kind;
	unsigned int purposes; /* those it is asked for */
	unsigned int decides;  /* those that a fail or unknown of it decides */
	void (*fn)(struct nest_judge *judge);
	const char *title; /* the first sentence of its paragraph in the manual */
	const struct nest_rule_evidence *evidence; /* NULL: it never decides */
};

/*
 * The rules of one topic: a table at the end of check/rules-<topic>.c, made known to all by
 * NEST_RULE_TOPIC(topic) and by its line in nest_rule_topics[] (check/rules.c).
 */
struct nest_rule_topic {
	const struct nest_rule *rules;
	size_t n;
	const struct nest_hw *kind; /* asked only where a unit is of this kind; NULL: always */
};

#define NEST_RULE_TOPIC(topic)                                                                     \
	const struct nest_rule_topic nest_rules_##topic = { rules, ARRAY_SIZE(rules), NULL }

/* The same, of a topic that is about units of one kind. */
#define NEST_RULE_TOPIC_OF(topic, hw)                                                              \
	const struct nest_rule_topic nest_rules_##topic = { rules, ARRAY_SIZE(rules), hw }

extern const struct nest_rule_topic nest_rules_iommu, nest_rules_dmar, nest_rules_interrupts,
	nest_rules_unit, nest_rules_kernel, nest_rules_vfio, nest_rules_host, nest_rules_node,
	nest_rules_log, nest_rules_group, nest_rules_device, nest_rules_probe, nest_rules_smmuv3,
	nest_rules_stimulus;

/* Every topic, in the order of the findings. */
extern const struct nest_rule_topic *const nest_rule_topics[];
extern const size_t nest_rule_topics_count;

/* Judges; check is cleared before. 0 or -ENOMEM. Free with nest_check_free(). */
int nest_rules_run(const struct nest_rules_input *in, const char *purpose,
		   struct nest_check *check);
void nest_check_free(struct nest_check *check);

/* ---- for the rules ---- */

/* Makes the next findings about another subject than the rule's own; NULL: the rule's again. */
void nest_judge_about(struct nest_judge *judge, enum nest_subject kind, const char *subject);

/* Was the IOMMU found missing? Then rules about how it is set up have nothing to say. */
bool nest_judge_no_iommu(const struct nest_judge *judge);

/* Adds the finding that the rule does not apply here, and why. */
void nest_judge_skip(struct nest_judge *judge, const char *why);

/* Is the unit hardware, in front of a device that the check is about? */
bool nest_judge_unit_counts(const struct nest_judge *judge, size_t unit);

/* Is there no such unit? Then a rule about units has no evidence. */
bool nest_judge_no_unit(const struct nest_judge *judge);

/* What the kernel answered of the device; NULL: it was not asked. */
const struct nest_probe *nest_judge_probe(const struct nest_judge *judge,
					  const struct nest_device *dev);

/* Is it the probe of a device behind this unit? */
bool nest_judge_is_behind(const struct nest_judge *judge, const struct nest_probe *probe,
			  const struct nest_unit *unit);

/* A device behind the unit of which a probe showed that nesting works, or NULL. */
const struct nest_device *nest_judge_tried(const struct nest_judge *judge,
					   const struct nest_unit *unit);

/*
 * The remedy where only the kernel knows: to probe a device behind a unit of this kind, or behind
 * this unit alone. The second asks to see why, or for another kernel, if that was done in vain.
 */
void nest_judge_ask_kind(struct nest_judge *judge, const struct nest_hw *hw);
void nest_judge_ask(struct nest_judge *judge, const struct nest_unit *unit);

/*
 * A finding; then its evidence, as often as wanted, its remedy in words (the last counts), and
 * below those commands, which come from remedy.h: a template filled in for an object, or whole.
 */
void nest_judge_say(struct nest_judge *judge, enum nest_result result, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void nest_judge_saw(struct nest_judge *judge, const char *source, const char *value, int err);
void nest_judge_saw_fact(struct nest_judge *judge, const struct nest_fact *fact);
/* The registers of a unit that decide, by the file that shows them; of others their kind. */
void nest_judge_saw_unit(struct nest_judge *judge, const struct nest_unit *unit);
void nest_judge_remedy(struct nest_judge *judge, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void nest_judge_remedy_as(struct nest_judge *judge, const char *whole);
void nest_judge_command(struct nest_judge *judge, const char *template, const char *object);
void nest_judge_commands(struct nest_judge *judge, const char *commands);
/* The newest finding has this cause, which others share; or it is final. See check.h. */
void nest_judge_cause(struct nest_judge *judge, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void nest_judge_final(struct nest_judge *judge);
/* The newest finding is of this device, by its PCI address: marks it if that is none of those named
 * on the command line, nor of their groups. One that sysfs does not show may be an alias of them.
 */
void nest_judge_place(struct nest_judge *judge, const char *address);
const char *nest_judge_text(struct nest_judge *judge, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- shared by rules of several topics ---- */

/* Of the rules that call nest_judge_node(). */
extern const struct nest_rule_evidence nest_rule_node_evidence[];

/*
 * Is this a virtual machine, as the processor tells it? Its IOMMU can do what its host lets it do.
 * Not by devices of VMs, which hardware has too (virtio).
 */
bool nest_judge_in_guest(const struct nest_judge *judge);
#define NEST_CAUSE_XEN "this is Xen's dom0: Xen owns the IOMMU, so VFIO cannot use it"
#define NEST_REMEDY_HOST                                                                           \
	"this is a virtual machine: run vfio-nestctl check on its host, which decides what this "  \
	"IOMMU can do"

/* Does this kernel offer nested tables on that kind of IOMMU? (check/rules-kernel.c) */
enum nest_tri nest_judge_kernel_nests(const struct nest_judge *judge, const struct nest_hw *hw);

/* Does the kernel's command line have this option, such as "intel_iommu" with "sm_on"? */
bool nest_judge_option(const struct nest_judge *judge, const char *key, const char *word);

/* Does this kernel override ACS, so that groups are smaller than what is isolated? */
bool nest_judge_acs_override(const struct nest_judge *judge);

/*
 * The newest finding is that this unit does not nest, or may not: sets its cause, whether anything
 * helps, and the remedy. The unit and a device behind it thus say one thing.
 */
void nest_judge_nests_not(struct nest_judge *judge, const struct nest_unit *unit);

/* Is the device one that the check is about? */
bool nest_judge_is_asked(const struct nest_judge *judge, const struct nest_device *dev);

/* Is the unit in front of such a device? All units are, if no device was named. */
bool nest_judge_unit_matters(const struct nest_judge *judge, size_t unit);

/* The driver of a device, by its link in sysfs. */
void nest_judge_saw_driver(struct nest_judge *judge, const struct nest_device *dev);

/* May the user open this node, which is there? remedy: what to do where not. */
void nest_judge_node(struct nest_judge *judge, const struct nest_node *node, const char *remedy);
#define NEST_REMEDY_GROUP_VFIO "give the node to the group vfio and add the user to that group"

#endif
