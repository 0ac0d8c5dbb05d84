// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules about the kernel's log: faults, firmware bugs, refusals. A log that cannot be read has no
 * "nothing".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plural.h"
#include "remedy.h"
#include "check/rules.h"

#define LOG "kernel log"

static void log_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (facts->klog) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the kernel's log can be read; it has %u line%s about IOMMUs",
			       nest_log_result(facts->klog)->lines,
			       nest_plural(nest_log_result(facts->klog)->lines));
		nest_judge_saw(judge, LOG, "read", 0);
		return;
	}
	/* A captured tree has no log unless somebody put one there. */
	if (facts->klog_err == ENOENT || facts->klog_err == ENODATA) {
		nest_judge_say(judge, NEST_RESULT_NOT_APPLICABLE, "there is no kernel log here");
		nest_judge_saw(judge, "/dev/kmsg", NULL, facts->klog_err);
		return;
	}
	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "the kernel's log cannot be read, so faults and refusals it tells of are "
		       "not known");
	nest_judge_saw(judge, "/dev/kmsg", NULL, facts->klog_err);
	nest_judge_remedy(judge, "run it as root (CAP_SYSLOG, where kernel.dmesg_restrict is set)");
}

/*
 * A round trip has accesses blocked, and looks for their faults. Its addresses are told from those
 * of others; a device that drives few bits uses low ones, which may be anybody's.
 */
static bool tell_trip(struct nest_judge *judge, const struct nest_fault *fault)
{
	bool own = fault->of_trips == fault->count;

	if (fault->of_trips + fault->maybe_of_trips != fault->count)
		return false;
	nest_judge_say(judge, own ? NEST_RESULT_PASS : NEST_RESULT_WARN,
		       "the IOMMU has blocked %u %s%s of the device at addresses that roundtrip "
		       "uses to prove that it blocks them, the last at 0x%llx%s",
		       fault->count, nest_log_access_name(fault->access), nest_plural(fault->count),
		       (unsigned long long)fault->address_last,
		       own ? "" : "; low ones are where drivers map memory, too");
	nest_judge_saw(judge, LOG,
		       nest_judge_text(judge, "line %u, address 0x%llx", fault->line,
				       (unsigned long long)fault->address),
		       0);
	if (!own)
		nest_judge_remedy(judge, "none, if there was a round trip on this device");
	return true;
}

static void tell_fault(struct nest_judge *judge, const struct nest_fault *fault)
{
	const char *why = fault->meaning ? fault->meaning : fault->event;
	char name[NEST_FAULT_NAME_MAX], at[40] = "", reason[60] = "", beside[64] = "";

	nest_fault_name(fault, name);
	nest_judge_about(judge, NEST_SUBJECT_DEVICE, nest_judge_text(judge, "%s", name));
	if (tell_trip(judge, fault))
		return;
	if (fault->of_trips)
		snprintf(beside, sizeof(beside), " (%u of them at addresses that roundtrip uses)",
			 fault->of_trips);
	if (fault->has_address)
		snprintf(at, sizeof(at), ", the last at 0x%llx",
			 (unsigned long long)fault->address_last);
	if (fault->access == NEST_LOG_UNKNOWN)
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the IOMMU reported %u event%s of the device%s%s%s%s", fault->count,
			       nest_plural(fault->count), why ? ": " : "", why ? why : "", at,
			       beside);
	else
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the IOMMU has blocked %u %s%s of the device%s%s%s%s", fault->count,
			       nest_log_access_name(fault->access), nest_plural(fault->count),
			       why ? ": " : "", why ? why : "", at, beside);
	if (fault->event)
		snprintf(reason, sizeof(reason), ", event %s", fault->event);
	else if (fault->has_reason)
		snprintf(reason, sizeof(reason), ", fault reason 0x%02x", fault->reason);
	nest_judge_saw(judge, LOG,
		       fault->has_address
			       ? nest_judge_text(judge, "line %u%s, address 0x%llx", fault->line,
						 reason, (unsigned long long)fault->address)
			       : nest_judge_text(judge, "line %u%s", fault->line, reason),
		       0);
	nest_judge_remedy(judge, "a stray access of the device's driver or firmware: update them; "
				 "to have each explained");
	nest_judge_command(judge, NEST_CMD_LOG_FAULTS, "");
	/* An event that is no access may concern all devices of the unit. */
	if (fault->has_device && !fault->device_from_id && fault->access != NEST_LOG_UNKNOWN)
		nest_judge_place(judge, name);
}

/* What shows that there were faults whose lines were not printed, or NULL. */
static const char *lost_faults(struct nest_judge *judge, const struct nest_log_result *log)
{
	size_t i;

	for (i = 0; i < log->nsuppressed; i++)
		if (log->suppressed[i].driver)
			return nest_judge_text(judge, "line %u: %llu callbacks of %s suppressed",
					       log->suppressed[i].line,
					       (unsigned long long)log->suppressed[i].count,
					       log->suppressed[i].function);
	for (i = 0; i < log->nnotes; i++)
		if (!strcmp(log->notes[i].id, "fault_status") ||
		    !strcmp(log->notes[i].id, "events_lost"))
			return nest_judge_text(judge, "line %u: %s", log->notes[i].line,
					       log->notes[i].id);
	return NULL;
}

static void log_faults_rule(struct nest_judge *judge)
{
	const struct nest_log_result *log =
		judge->in->facts->klog ? nest_log_result(judge->in->facts->klog) : NULL;
	const char *lost;
	size_t i;

	if (!log)
		return;
	lost = lost_faults(judge, log);
	if (!log->nfaults && lost) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "a device was blocked by its IOMMU, and the lines about it are not "
			       "in the log");
		nest_judge_saw(judge, LOG, lost, 0);
	} else if (!log->nfaults) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the log tells of no device that its IOMMU has blocked");
		nest_judge_saw(judge, LOG, "no fault", 0);
	}
	for (i = 0; i < log->nfaults; i++)
		tell_fault(judge, &log->faults[i]);
	nest_judge_about(judge, NEST_SUBJECT_HOST, NULL);
}

/* Every note of these ids is a warning of the rule. */
static void warn_of(struct nest_judge *judge, const char *const *ids, enum nest_result result,
		    const char *remedy)
{
	const struct nest_log_result *log =
		judge->in->facts->klog ? nest_log_result(judge->in->facts->klog) : NULL;
	size_t i, j;

	for (i = 0; log && i < log->nnotes; i++)
		for (j = 0; ids[j]; j++) {
			const struct nest_log_note *note = &log->notes[i];

			if (strcmp(note->id, ids[j]))
				continue;
			nest_judge_say(judge, result, "%s%s%s%s", note->text,
				       *note->detail ? " (" : "", note->detail,
				       *note->detail ? ")" : "");
			nest_judge_saw(judge, LOG,
				       nest_judge_text(judge, "line %u: %s, %u time%s", note->line,
						       note->id, note->count,
						       nest_plural(note->count)),
				       0);
			if (remedy)
				nest_judge_remedy(judge, "%s", remedy);
			if (!strcmp(note->id, "rmrr_refused"))
				nest_judge_place(judge, note->detail);
		}
}

static void log_firmware_rule(struct nest_judge *judge)
{
	static const char *const bugs[] = {
		"unit_all_ones",      "unit_bad_address", "bad_dmar",	   "rmrr_wrong_device",
		"ivrs_bad",	      "iort_bad",	  "viot_bad",	   "unit_lost",
		"amd_no_host_tables", "stream_alias",	  "smmu_unusable", NULL
	};
	static const char *const harmless[] = { "rmrr_not_reserved", "rmrr_bad", NULL };

	warn_of(judge, bugs, NEST_RESULT_WARN, "update the firmware");
	warn_of(judge, harmless, NEST_RESULT_WARN, "usually harmless; update the firmware");
}

static void log_rmrr_rule(struct nest_judge *judge)
{
	static const char *const ids[] = { "rmrr_refused", "reserved_region_failed", NULL };

	warn_of(judge, ids, NEST_RESULT_WARN,
		"look for an option in the firmware's setup (HP: \"Shared Memory\" or HP-SHM of "
		"the slot), or use another slot or device");
}

static void log_invalidation_rule(struct nest_judge *judge)
{
	static const char *const ids[] = { "invalidation_error",      "invalidation_timeout",
					   "invalidation_completion", "amd_completion_wait",
					   "amd_command_timeout",     "smmu_command_timeout",
					   "smmu_command_error",      NULL };

	warn_of(judge, ids, NEST_RESULT_WARN,
		"a device with ATS does not answer: update its firmware, or start the kernel with "
		"pci=noats");
}

static void log_interrupts_rule(struct nest_judge *judge)
{
	static const char *const ids[] = { "no_interrupt_remapping", "interrupt_remapping_erratum",
					   NULL };

	warn_of(judge, ids, NEST_RESULT_WARN, "see interrupts.isolated");
}

static void log_firmware_on_rule(struct nest_judge *judge)
{
	static const char *const ids[] = { "enabled_by_firmware", NULL };

	warn_of(judge, ids, NEST_RESULT_PASS, NULL);
}

static void log_requests_rule(struct nest_judge *judge)
{
	static const char *const ids[] = { "page_requests_lost", "page_request_invalid",
					   "page_request_without_pasid", "page_requests_off",
					   NULL };

	warn_of(judge, ids, NEST_RESULT_WARN, "update the device's firmware and driver");
}

static const struct nest_rule rules[] = {
	{ "log.readable", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_rule,
	  "the kernel's log can be read", NULL },
	{ "log.faults", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_faults_rule,
	  "no device has been caught by its IOMMU", NULL },
	{ "log.firmware_bugs", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_firmware_rule,
	  "the kernel found nothing wrong with the tables", NULL },
	{ "log.rmrr", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_rmrr_rule,
	  "no device was refused for reserved memory", NULL },
	{ "log.invalidation", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_invalidation_rule,
	  "no invalidation has failed", NULL },
	{ "log.interrupts", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_interrupts_rule,
	  "VFIO has refused no device for its interrupts", NULL },
	{ "log.enabled_before", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, log_firmware_on_rule,
	  "whether translation was on before this kernel", NULL },
	{ "log.page_requests", NEST_SUBJECT_HOST, NEST_FOR_NESTED | NEST_FOR_SVA, 0,
	  log_requests_rule, "no page request was lost or wrong", NULL },
};
NEST_RULE_TOPIC(log);
