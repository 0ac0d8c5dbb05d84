/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The readiness rules: one table, one small function each over the model and the facts, no I/O. A
 * rule adds findings about its subject (a sentence, what was looked at, a remedy); it says nothing
 * where there is nothing to say. Which findings decide about which purpose is in the table.
 */
#ifndef NEST_RULES_H
#define NEST_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "check/check.h"
#include "check/facts.h"
#include "model.h"
#include "probe/probe.h"

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
	const struct nest_probe *probe; /* NULL: nodes were not opened */
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

struct nest_rule {
	const char *id;
	enum nest_subject kind;
	unsigned int purposes; /* those it is asked for */
	unsigned int decides;  /* those that a fail or unknown of it decides */
	void (*fn)(struct nest_judge *judge);
	const char *title; /* for --list-rules and the manual */
};

extern const struct nest_rule nest_rules[];
extern const size_t nest_rules_count;

/* Judges; check is cleared before. 0 or -ENOMEM. Free with nest_check_free(). */
int nest_rules_run(const struct nest_rules_input *in, const char *purpose,
		   struct nest_check *check);
void nest_check_free(struct nest_check *check);

/* ---- for the rules ---- */

/* Makes the next findings about another subject than the rule's own; NULL: the rule's again. */
void nest_judge_about(struct nest_judge *judge, enum nest_subject kind, const char *subject);

/* Was the IOMMU found missing? Then rules about how it is set up have nothing to say. */
bool nest_judge_no_iommu(const struct nest_judge *judge);

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
const char *nest_judge_text(struct nest_judge *judge, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The functions of the table, by file: check/rules-iommu.c, check/rules-interrupts.c,
 * check/rules-unit.c, check/rules-vfio.c, check/rules-log.c, check/rules-device.c
 */
typedef void nest_rule_fn(struct nest_judge *judge);
nest_rule_fn nest_rule_present, nest_rule_firmware_flags, nest_rule_x2apic, nest_rule_dmar_table,
	nest_rule_dmar_ats, nest_rule_dmar_sidp, nest_rule_opt_in, nest_rule_disabled,
	nest_rule_translation, nest_rule_scalable, nest_rule_interrupts, nest_rule_unsafe,
	nest_rule_unit_nests, nest_rule_unit_registers, nest_rule_unit_pasid,
	nest_rule_units_differ, nest_rule_broken_pasid, nest_rule_nesting_abi;
nest_rule_fn nest_rule_vfio, nest_rule_vfio_pci, nest_rule_type1, nest_rule_iommufd, nest_rule_cdev,
	nest_rule_noiommu, nest_rule_dma_entries, nest_rule_lockdown, nest_rule_xen,
	nest_rule_container, nest_rule_node_container, nest_rule_node_iommufd, nest_rule_memlock,
	nest_rule_probe, nest_rule_erratum;
nest_rule_fn nest_rule_log, nest_rule_log_faults, nest_rule_log_firmware, nest_rule_log_rmrr,
	nest_rule_log_invalidation, nest_rule_log_interrupts, nest_rule_log_firmware_on,
	nest_rule_log_requests;
nest_rule_fn nest_rule_viable, nest_rule_isolation, nest_rule_group_node, nest_rule_bound,
	nest_rule_device_nests, nest_rule_device_rmrr, nest_rule_device_reset,
	nest_rule_device_cdev, nest_rule_device_pasid, nest_rule_device_pri;

#endif
