// SPDX-License-Identifier: GPL-2.0-or-later
/* A decoded kernel log for people: faults, groups, and messages by what they mean. */
#include <stdio.h>
#include <string.h>

#include "log/answer.h"
#include "plural.h"
#include "print/human.h"

#define GROUPS_SHOWN 10 /* without -v */
#define OTHERS_SHOWN 4
#define FAULTS_SHOWN 12

/* "write with PASID 0x5 at 0x1000, last at 0x3000" */
static void print_what(FILE *out, const struct nest_run *run, const struct nest_fault *fault)
{
	const char *place = fault->access == NEST_LOG_INTERRUPT && fault->driver == &nest_fault_vtd
				    ? "index "
				    : "";
	char name[NEST_FAULT_NAME_MAX], at[40] = "", last[48] = "", pasid[32] = "", times[64] = "";
	char lost[64] = "", lines[48];
	bool unknown = fault->access == NEST_LOG_UNKNOWN;

	nest_fault_name(fault, name);
	if (fault->with_pasid == NEST_YES)
		snprintf(pasid, sizeof(pasid), " with PASID 0x%x", fault->pasid);
	if (fault->has_address)
		snprintf(at, sizeof(at), " at %s0x%llx", place, (unsigned long long)fault->address);
	if (fault->has_address && fault->address_last != fault->address)
		snprintf(last, sizeof(last), ", last at %s0x%llx", place,
			 (unsigned long long)fault->address_last);
	if (fault->count > 1)
		snprintf(times, sizeof(times), ", %u times", fault->count);
	if (fault->suppressed)
		snprintf(lost, sizeof(lost), ", and %llu more lines suppressed",
			 (unsigned long long)fault->suppressed);
	if (fault->line_last > fault->line)
		snprintf(lines, sizeof(lines), ", lines %u to %u", fault->line, fault->line_last);
	else
		snprintf(lines, sizeof(lines), ", line %u", fault->line);
	nest_fact(out, run, name, "%s%s%s%s%s%s%s%s",
		  unknown && fault->event ? fault->event : nest_log_access_name(fault->access),
		  fault->execute ? " (instruction)" : "", pasid,
		  fault->has_address ? at
		  : unknown	     ? ""
				     : ", address unknown",
		  last, times, lost, lines);
}

static void print_why(FILE *out, const struct nest_run *run, const struct nest_fault *fault)
{
	const char *meaning = fault->meaning ? fault->meaning : "unknown code";
	char what[80] = "", flags[200] = "", words[160] = "";

	if (fault->event && fault->reason)
		snprintf(what, sizeof(what), "%s (0x%02x): ", fault->event, fault->reason);
	else if (fault->event)
		snprintf(what, sizeof(what), "%s: ", fault->event);
	else if (fault->has_reason)
		snprintf(what, sizeof(what), "reason 0x%02x: ", fault->reason);
	else
		return;
	if (fault->has_flags && fault->driver->flags)
		fault->driver->flags(fault, words, sizeof(words));
	if (fault->has_flags)
		snprintf(flags, sizeof(flags), " (flags 0x%04x%s%s)", fault->flags,
			 *words ? ": " : "", words);
	nest_fact(out, run, "", "%s%s%s.%s%s", what, meaning, flags,
		  fault->cause ? " Likely: " : "", fault->cause ? fault->cause : "");
}

/* "unit ivhd0, driver nvme, domain 0x14, group 13" */
static void print_where(FILE *out, const struct nest_run *run, const struct nest_fault *fault)
{
	char text[200] = "", pci[NEST_PCIADDR_MAX];
	size_t used = 0, size = sizeof(text);

	if (*fault->unit)
		used += (size_t)snprintf(text + used, size - used, ", unit %s", fault->unit);
	if (*fault->owner)
		used += (size_t)snprintf(text + used, size - used, ", driver %s", fault->owner);
	if (fault->has_id && fault->has_device && !fault->device_from_id)
		used += (size_t)snprintf(text + used, size - used, ", %s 0x%x", fault->driver->id,
					 fault->id);
	if (fault->has_domain)
		used += (size_t)snprintf(text + used, size - used, ", domain 0x%x", fault->domain);
	if (fault->has_group)
		used += (size_t)snprintf(text + used, size - used, ", group %u", fault->group);
	if (fault->stage)
		used += (size_t)snprintf(text + used, size - used, ", stage %u", fault->stage);
	if (fault->has_device && fault->device_from_id) {
		nest_pciaddr_format(&fault->device, pci);
		snprintf(text + used, size - used, ", PCI %s if %s IDs are PCI requester IDs", pci,
			 fault->driver->id);
	}
	if (*text)
		nest_fact(out, run, "", "%s", text + 2);
}

static void print_fault(FILE *out, const struct nest_run *run, const struct nest_fault *fault)
{
	unsigned int i;

	print_what(out, run, fault);
	print_why(out, run, fault);
	print_where(out, run, fault);
	for (i = 0; i < fault->nwords && run->options->verbosity > 0; i++)
		nest_fact(out, run, "", "word %u: 0x%016llx", i,
			  (unsigned long long)fault->words[i]);
}

/* Counts are lower bounds then. */
static void print_suppressed(FILE *out, const struct nest_run *run,
			     const struct nest_log_result *log)
{
	size_t i;

	for (i = 0; i < log->nsuppressed; i++)
		nest_fact(out, run, "suppressed",
			  "%llu call%s of %s() %s not logged (line %u): counts are lower bounds",
			  (unsigned long long)log->suppressed[i].count,
			  nest_plural(log->suppressed[i].count), log->suppressed[i].function,
			  log->suppressed[i].count == 1 ? "was" : "were", log->suppressed[i].line);
}

static void dropped(FILE *out, const struct nest_run *run, const char *what, size_t n)
{
	if (n)
		nest_fact(out, run, "omitted", "%zu more %s%s", n, what, nest_plural(n));
}

/* Notes of one meaning are one line, with all their details. */
static void print_note(FILE *out, const struct nest_run *run, const struct nest_log_result *log,
		       size_t first)
{
	const struct nest_log_note *note = &log->notes[first];
	char details[400] = "";
	unsigned int count = 0;
	size_t i, used = 0;

	for (i = first; i < log->nnotes; i++) {
		const struct nest_log_note *other = &log->notes[i];

		if (strcmp(other->id, note->id) != 0 || strcmp(other->text, note->text) != 0)
			continue;
		count += other->count;
		if (*other->detail && used < sizeof(details))
			used += (size_t)snprintf(details + used, sizeof(details) - used, "%s%s",
						 used ? ", " : "", other->detail);
	}
	if (used >= sizeof(details))
		memcpy(details + sizeof(details) - 4, "...", 4);
	if (count > 1)
		nest_fact(out, run, note->id, "%s%s%s%s (line %u, %u times)", note->text,
			  *details ? " [" : "", details, *details ? "]" : "", note->line, count);
	else
		nest_fact(out, run, note->id, "%s%s%s%s (line %u)", note->text,
			  *details ? " [" : "", details, *details ? "]" : "", note->line);
}

static bool is_first(const struct nest_log_result *log, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (!strcmp(log->notes[j].id, log->notes[i].id) &&
		    !strcmp(log->notes[j].text, log->notes[i].text))
			return false;
	return true;
}

static void print_notes(FILE *out, const struct nest_run *run, const struct nest_log_result *log)
{
	static const char *const headings[] = { "Messages", "Warnings", "Failures" };
	int weight;
	size_t i;

	for (weight = NEST_LOG_FAIL; weight >= NEST_LOG_INFO; weight--) {
		bool any = false;

		for (i = 0; i < log->nnotes; i++) {
			if ((int)log->notes[i].weight != weight || !is_first(log, i))
				continue;
			if (!any)
				nest_heading(out, run, headings[weight]);
			any = true;
			print_note(out, run, log, i);
		}
	}
	dropped(out, run, "message", log->notes_dropped);
}

/* A screenful: many groups are listed with -v only. A listing of groups is there for its groups. */
static void print_groups(FILE *out, const struct nest_run *run, const struct nest_log_result *log)
{
	bool all = run->options->verbosity > 0 || log->ngroups <= GROUPS_SHOWN ||
		   log->seen & NEST_LOG_SEEN_LISTING;
	size_t i;

	if (!log->ngroups)
		return;
	nest_heading(out, run, "Groups");
	for (i = 0; all && i < log->ngroups; i++)
		nest_fact(out, run, log->groups[i].device, "group %u", log->groups[i].group);
	if (!all)
		nest_fact(out, run, "groups", "%zu devices were added to groups (-v lists them)",
			  log->ngroups);
	dropped(out, run, "group", log->groups_dropped);
}

static void print_others(FILE *out, const struct nest_run *run, const struct nest_log_result *log)
{
	unsigned int i, n = log->nothers < NEST_LOG_OTHERS_MAX ? log->nothers : NEST_LOG_OTHERS_MAX;
	bool few = log->nnotes || log->nfaults || log->nunits;

	if (!n)
		return;
	if (few && n > OTHERS_SHOWN && run->options->verbosity <= 0)
		n = OTHERS_SHOWN;
	nest_heading(out, run, "Not explained");
	for (i = 0; i < n; i++) {
		char name[24];

		snprintf(name, sizeof(name), "line %u", log->others[i].line);
		nest_fact(out, run, name, "%s", log->others[i].text);
	}
	if (log->nothers > n)
		nest_fact(out, run, "", "%u more line%s about an IOMMU", log->nothers - n,
			  nest_plural(log->nothers - n));
}

void nest_human_log(FILE *out, const struct nest_run *run, const struct nest_log_result *log)
{
	size_t i, shown = log->nfaults;

	if (shown > FAULTS_SHOWN && run->options->verbosity <= 0)
		shown = FAULTS_SHOWN;
	if (log->nfaults || nest_log_lacks_faults(log))
		nest_heading(out, run, "Faults");
	for (i = 0; i < shown; i++)
		print_fault(out, run, &log->faults[i]);
	if (log->nfaults > shown)
		nest_fact(out, run, "more", "%zu kinds of fault are not shown (-v shows them)",
			  log->nfaults - shown);
	print_suppressed(out, run, log);
	dropped(out, run, "fault", log->faults_dropped);
	print_notes(out, run, log);
	print_groups(out, run, log);
	print_others(out, run, log);
	dropped(out, run, "unit", log->units_dropped);
}
