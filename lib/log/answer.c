// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws the conclusions from a decoded log, and puts the answer into one line. */
#include "log/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plural.h"
#include "util.h"

#define ANY_TABLE                                                                                  \
	(NEST_LOG_SEEN_DMAR | NEST_LOG_SEEN_IVRS | NEST_LOG_SEEN_IORT | NEST_LOG_SEEN_VIOT)
#define ANY_DRIVER                                                                                 \
	(NEST_LOG_SEEN_VTD | NEST_LOG_SEEN_AMD | NEST_LOG_SEEN_SMMU | NEST_LOG_SEEN_VIRTIO)
#define X86                                                                                        \
	(NEST_LOG_SEEN_VTD | NEST_LOG_SEEN_AMD | NEST_LOG_SEEN_DMAR | NEST_LOG_SEEN_IVRS |         \
	 NEST_LOG_SEEN_CPU_INTEL | NEST_LOG_SEEN_CPU_AMD)

/* ---- the state of remapping ---- */

/* A unit that is not switched on blocks nothing. */
static bool has_fault(const struct nest_log_result *log, bool interrupt)
{
	size_t i;

	for (i = 0; i < log->nfaults; i++) {
		const struct nest_fault *fault = &log->faults[i];

		if (interrupt == (fault->access == NEST_LOG_INTERRUPT) &&
		    (fault->driver != &nest_fault_vtd || fault->reason || !fault->has_reason))
			return true;
	}
	return false;
}

static enum nest_tri weigh(bool on, bool off, bool silent_off, bool *contradicts)
{
	if (on && off) {
		*contradicts = true;
		return NEST_UNKNOWN;
	}
	return on ? NEST_YES : off || silent_off ? NEST_NO : NEST_UNKNOWN;
}

static void find_state(const struct nest_log_result *log, struct nest_log_answer *answer)
{
	uint32_t seen = log->seen;
	bool groups = log->ngroups && !(seen & (NEST_LOG_SEEN_NOIOMMU | NEST_LOG_SEEN_LISTING));

	answer->covers_boot = seen & NEST_LOG_SEEN_START && seen & NEST_LOG_SEEN_LATE &&
			      !(seen & NEST_LOG_SEEN_LOST);
	answer->dma =
		weigh(seen & NEST_LOG_SEEN_DMA_ON || groups || has_fault(log, false),
		      seen & NEST_LOG_SEEN_DMA_OFF, answer->covers_boot, &answer->contradicts);
	answer->interrupts = weigh(seen & NEST_LOG_SEEN_IR_ON || has_fault(log, true),
				   seen & NEST_LOG_SEEN_IR_OFF, answer->covers_boot && seen & X86,
				   &answer->contradicts);
}

/* ---- what follows from absence ---- */

static const struct rule {
	uint32_t all, none; /* of what was seen */
	const char *id, *text;
} rules[] = {
	{ NEST_LOG_SEEN_XEN, 0, "xen_owns",
	  "Xen owns the IOMMU: what it does with it is in its own log (xl dmesg)" },
	{ NEST_LOG_SEEN_OPTION_OFF, 0, "option_off",
	  "an option of the kernel command line keeps the IOMMU off: remove it" },
	{ NEST_LOG_SEEN_TABLES | NEST_LOG_SEEN_GUEST, ANY_TABLE | ANY_DRIVER, "guest_without",
	  "this guest has no virtual IOMMU: the hypervisor must give it one" },
	{ NEST_LOG_SEEN_TABLES | NEST_LOG_SEEN_CPU_AMD, ANY_TABLE | ANY_DRIVER, "no_table",
	  "the firmware has no IVRS table: switch on the IOMMU (AMD-Vi) in firmware setup" },
	{ NEST_LOG_SEEN_TABLES | NEST_LOG_SEEN_CPU_INTEL, ANY_TABLE | ANY_DRIVER, "no_table",
	  "the firmware has no DMAR table: switch on VT-d in firmware setup" },
	{ NEST_LOG_SEEN_TABLES, ANY_TABLE | ANY_DRIVER, "no_table",
	  "the firmware has no table of an IOMMU (DMAR, IVRS, IORT, VIOT): switch it on in "
	  "firmware setup" },
	{ NEST_LOG_SEEN_DMAR, 0, "not_switched_on",
	  "VT-d was not switched on: add intel_iommu=on to the kernel command line" },
	{ NEST_LOG_SEEN_VTD, 0, "not_switched_on",
	  "VT-d was not switched on: add intel_iommu=on to the kernel command line" },
	{ NEST_LOG_SEEN_IVRS, NEST_LOG_SEEN_AMD, "no_driver",
	  "the firmware has an IVRS table and no line of the driver follows: the kernel lacks "
	  "CONFIG_AMD_IOMMU" },
	{ NEST_LOG_SEEN_IORT, NEST_LOG_SEEN_SMMU, "no_driver",
	  "the firmware has an IORT table and no line of an SMMU follows: it has no SMMU, or the "
	  "kernel lacks its driver" },
	{ NEST_LOG_SEEN_VIOT, NEST_LOG_SEEN_VIRTIO, "no_driver",
	  "the firmware has a VIOT table and no line of the driver follows: the kernel lacks "
	  "CONFIG_VIRTIO_IOMMU" },
};

static void conclude(struct nest_log_answer *answer, const char *id, const char *text)
{
	if (answer->nconclusions < NEST_LOG_CONCLUSIONS_MAX)
		answer->conclusions[answer->nconclusions++] =
			(struct nest_log_conclusion){ id, text };
}

static bool has_note(const struct nest_log_result *log, const char *id)
{
	size_t i;

	for (i = 0; i < log->nnotes; i++)
		if (!strcmp(log->notes[i].id, id))
			return true;
	return false;
}

static void find_conclusions(const struct nest_log_result *log, struct nest_log_answer *answer)
{
	uint32_t seen = log->seen;
	size_t i;

	if (answer->dma == NEST_NO && !(seen & NEST_LOG_SEEN_DMA_OFF))
		for (i = 0; i < ARRAY_SIZE(rules); i++)
			if ((seen & rules[i].all) == rules[i].all && !(seen & rules[i].none)) {
				conclude(answer, rules[i].id, rules[i].text);
				break;
			}
	if (answer->dma != NEST_UNKNOWN || answer->contradicts || log->nfaults)
		return;
	/* Hyper-V remaps the interrupts of its guests without VT-d. */
	if (seen & NEST_LOG_SEEN_GUEST && !(seen & ANY_TABLE) && !log->nunits)
		return;
	if (seen & (NEST_LOG_SEEN_VTD | NEST_LOG_SEEN_DMAR) && seen & NEST_LOG_SEEN_IR_ON)
		conclude(answer, "not_shown",
			 "no line says that DMA remapping is on, and no device got a group: "
			 "intel_iommu=on may be missing");
	else if (has_note(log, "default_domain") && !(seen & ANY_DRIVER) && !log->nunits)
		conclude(answer, "nothing_in_use",
			 "the log shows no unit and no group, so no IOMMU in use: the default "
			 "domain type is printed without one, too");
}

/* ---- the line ---- */

#define CLAUSES_MAX 16
#define CLAUSE_MAX  400
#define WORDS_MAX   20

#define WORDS_LEFT  4 /* a clause is not cut shorter */

/* What stays where the line would be longer than WORDS_MAX words; the last go first. */
enum rank { THE_ANSWER, FAULTS, UNITS, THE_STATE, BESIDE };

/* The clauses of the line, in their order. */
struct text {
	struct {
		char at[CLAUSE_MAX];
		enum rank rank;
	} clauses[CLAUSES_MAX];
	size_t n;
};

static void __attribute__((format(printf, 3, 4)))
add(struct text *text, enum rank rank, const char *fmt, ...)
{
	va_list args;

	if (text->n == CLAUSES_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(text->clauses[text->n].at, CLAUSE_MAX, fmt, args);
	va_end(args);
	text->clauses[text->n++].rank = rank;
}

static size_t count_words(const char *at)
{
	size_t n = 0;

	for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
		at += strcspn(at, " ");
		n++;
	}
	return n;
}

/*
 * Cuts the clause to so few words, behind a ": ", "; ", ", " or before a bracket. False: there is
 * no such place, and nothing was cut.
 */
static bool shorten(char *clause, size_t most)
{
	char kept[CLAUSE_MAX];
	size_t i = strcspn(clause, "["); /* a detail goes whole */

	snprintf(kept, sizeof(kept), "%s", clause);
	for (; i > 1; i--) {
		char before = kept[i - 1], at = kept[i];

		if (!(strchr(":;,", before) && at == ' ') &&
		    !(before == ' ' && (at == '(' || at == '[')))
			continue;
		kept[i - 1] = '\0';
		if (count_words(kept) < WORDS_LEFT)
			return false;
		if (count_words(kept) <= most) {
			memcpy(clause, kept, sizeof(kept));
			return true;
		}
	}
	return false;
}

/* The clause that may go first: of the lowest rank, of equal ones the last. */
static size_t find_least(const struct text *text)
{
	size_t i, least = 0;

	for (i = 0; i < text->n; i++)
		if (text->clauses[i].rank >= text->clauses[least].rank)
			least = i;
	return least;
}

/* Takes what the rest of the output tells, if that is enough: why units do not nest, what faulted.
 */
static bool take_reason(struct text *text, enum rank rank, const char *mark, size_t excess)
{
	size_t i;

	for (i = 0; i < text->n; i++) {
		char *reason = strstr(text->clauses[i].at, mark);

		if (text->clauses[i].rank != rank || !reason || count_words(reason) < excess)
			continue;
		*reason = '\0';
		return true;
	}
	return false;
}

static bool has_rank(const struct text *text, enum rank rank)
{
	size_t i;

	for (i = 0; i < text->n; i++)
		if (text->clauses[i].rank == rank)
			return true;
	return false;
}

/* Makes the line shorter by so many words, or by one clause. True: it is short enough. */
static bool reduce(struct text *text, size_t excess)
{
	size_t least = find_least(text), last = text->n - 1;
	enum rank rank = text->clauses[least].rank;
	size_t words = count_words(text->clauses[last].at);

	if (rank == THE_STATE && has_rank(text, UNITS) &&
	    (take_reason(text, FAULTS, ": ", excess) || take_reason(text, UNITS, " (", excess)))
		return true;
	if (rank < THE_STATE && words > excess && shorten(text->clauses[last].at, words - excess))
		return true;
	if (text->n == 1)
		return true;
	text->n--;
	memmove(&text->clauses[least], &text->clauses[least + 1],
		(text->n - least) * sizeof(text->clauses[0]));
	return false;
}

/* Joins the clauses to a line of few words. */
static void join(struct text *text, char *buf, size_t size)
{
	size_t i, words, used = 0;

	do {
		for (i = 0, words = 0; i < text->n; i++)
			words += count_words(text->clauses[i].at);
	} while (words > WORDS_MAX && !reduce(text, words - WORDS_MAX));
	*buf = '\0';
	for (i = 0; i < text->n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? "; " : "",
					 text->clauses[i].at);
}

/* " (no scalable mode)", of a reason with more behind it. */
static void brief(const char *reason, char *buf, size_t size)
{
	size_t n = strcspn(reason, "(;:");

	while (n && reason[n - 1] == ' ')
		n--;
	snprintf(buf, size, " (%.*s)", (int)n, reason);
	if (n + 4 > size)
		memcpy(buf + size - 5, "...)", 5);
}

/* The units of one kind that have registers. */
static void add_registers(struct text *text, const struct nest_log_result *log,
			  const struct nest_hw *hw, size_t more)
{
	size_t i, n = 0, nests = 0, unknown = 0;
	const struct nest_log_unit *first = NULL;
	bool alike = true, global = false;
	char why[60] = "";
	struct nest_regs regs;
	char does[160];

	for (i = 0; i < log->nunits; i++) {
		const struct nest_log_unit *unit = &log->units[i];

		if (unit->hw != hw)
			continue;
		n++;
		global = global || !strcmp(unit->name, "AMD-Vi");
		first = first ? first : unit;
		alike = alike && unit->first == first->first && unit->second == first->second;
		nest_log_unit_decode(unit, &regs);
		nests += regs.nesting.status == NEST_YES;
		unknown += regs.nesting.status == NEST_UNKNOWN;
		if (regs.nesting.status != NEST_YES && !*why)
			brief(regs.nesting.reason, why, sizeof(why));
	}
	if (!n)
		return;
	if (nests == n)
		snprintf(does, sizeof(does), "%s", n == 1 ? "nests" : "all nest");
	else if (nests)
		snprintf(does, sizeof(does), "%zu of them nest", nests);
	else if (unknown)
		snprintf(does, sizeof(does), "whether %s nest%s is unknown%s",
			 n == 1 ? "it" : "they", n == 1 ? "s" : "", why);
	else
		snprintf(does, sizeof(does), "%s%s", n == 1 ? "does not nest" : "none nests", why);
	if (global && n == 1 && more)
		n = more;
	if (global && n == 1 && !more)
		add(text, UNITS, "%s, %s", hw->title, does);
	else
		add(text, UNITS, "%zu %s unit%s, %s%s", n, hw->title, nest_plural(n),
		    n == 1  ? ""
		    : alike ? "all alike, "
			    : "not alike, ",
		    does);
}

static size_t count_notes(const struct nest_log_result *log, const char *id)
{
	size_t i, n = 0;

	for (i = 0; i < log->nnotes; i++)
		n += !strcmp(log->notes[i].id, id);
	return n;
}

static void add_units(struct text *text, const struct nest_log_result *log)
{
	static const struct {
		const char *id, *title, *does;
	} others[] = { { "smmuv3_unit", "SMMUv3", "" },
		       { "smmuv2_unit", "SMMU (version 1 or 2)", ", no nesting in Linux" },
		       { "virtio_unit", "virtio-iommu", "" } };
	size_t i, n, registers = 0, amd = count_notes(log, "amd_unit");

	add_registers(text, log, &nest_hw_vtd, 0);
	add_registers(text, log, &nest_hw_amd, amd);
	for (i = 0; i < log->nunits; i++)
		registers += log->units[i].hw == &nest_hw_amd;
	if (amd && !registers)
		add(text, UNITS, "%zu AMD-Vi unit%s", amd, nest_plural(amd));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		n = count_notes(log, others[i].id);
		if (n)
			add(text, UNITS, "%zu %s unit%s%s", n, others[i].title, nest_plural(n),
			    others[i].does);
	}
}

bool nest_log_lacks_faults(const struct nest_log_result *log)
{
	size_t i;

	for (i = 0; i < log->nsuppressed; i++)
		if (log->suppressed[i].driver)
			return true;
	return false;
}

/* One device is named, with what happened; more are counted. */
static void add_faults(struct text *text, const struct nest_log_result *log)
{
	const struct nest_fault *fault = log->faults;
	char name[NEST_FAULT_NAME_MAX];
	size_t i, j, n = 0;

	if (!log->nfaults && nest_log_lacks_faults(log))
		add(text, FAULTS,
		    "devices faulted, but the kernel suppressed the lines that name them");
	if (!log->nfaults)
		return;
	for (i = 0; i < log->nfaults; i++) {
		for (j = 0; j < i; j++)
			if (nest_fault_same_device(&log->faults[i], &log->faults[j]))
				break;
		n += j == i;
	}
	nest_fault_name(fault, name);
	if (n > 1)
		add(text, FAULTS, "%zu devices faulted", n);
	else
		add(text, FAULTS, "%s faulted%s%s", name, fault->meaning ? ": " : "",
		    fault->meaning ? fault->meaning : "");
}

/* The worst message that the rest of the line does not tell already, or NULL. */
static const struct nest_log_note *find_worst(const struct nest_log_result *log, bool warnings)
{
	int weight, least = warnings ? NEST_LOG_WARN : NEST_LOG_FAIL;
	size_t i;

	for (weight = NEST_LOG_FAIL; weight >= least; weight--)
		for (i = 0; i < log->nnotes; i++)
			if ((int)log->notes[i].weight == weight &&
			    strcmp(log->notes[i].id, "interrupt_remapping_off") != 0)
				return &log->notes[i];
	return NULL;
}

static void add_note(struct text *text, const struct nest_log_note *note)
{
	bool answers = note->weight == NEST_LOG_FAIL && !has_rank(text, FAULTS);

	add(text, answers ? THE_ANSWER : UNITS, "%s%s%s%s", note->text, *note->detail ? " [" : "",
	    note->detail, *note->detail ? "]" : "");
}

/* told: the message that comes last tells of the interrupts. */
static void add_state(struct text *text, const struct nest_log_answer *answer, bool told)
{
	static const char *const states[] = {
		[NEST_YES] = "on",
		[NEST_NO] = "off",
	};

	bool off = answer->dma == NEST_NO; /* all else follows from it */

	if (answer->contradicts)
		add(text, THE_STATE,
		    "the log says of remapping that it is on and that it is off (several "
		    "boots?)");
	if (off && answer->interrupts == NEST_NO && !told) {
		add(text, THE_ANSWER, "DMA and interrupt remapping are off");
		return;
	}
	if (answer->dma != NEST_UNKNOWN)
		add(text, off ? THE_ANSWER : THE_STATE, "DMA remapping is %s", states[answer->dma]);
	if (answer->interrupts != NEST_UNKNOWN && !told)
		add(text, off || answer->interrupts == NEST_NO ? THE_ANSWER : THE_STATE,
		    "interrupt remapping is %s", states[answer->interrupts]);
}

static void add_listing(struct text *text, const struct nest_log_result *log)
{
	uint8_t members[4096] = { 0 }; /* of the groups with lower numbers, up to 2 */
	size_t i, groups = 0, shared = 0;

	for (i = 0; i < log->ngroups; i++) {
		uint32_t group = log->groups[i].group;

		if (group >= sizeof(members))
			continue;
		groups += !members[group];
		shared += members[group] == 1;
		members[group] += members[group] < 2;
	}
	add(text, THE_ANSWER, "%sa listing of IOMMU groups: %zu device%s in %zu group%s",
	    log->seen & NEST_LOG_SEEN_START || log->nnotes || log->nunits ? ""
									  : "no kernel log, but ",
	    log->ngroups, nest_plural(log->ngroups), groups, nest_plural(groups));
	if (shared)
		add(text, BESIDE, "%zu ha%s more than one device", shared,
		    shared == 1 ? "s" : "ve");
	else
		add(text, BESIDE, "each group has one device");
}

void nest_log_answer(const struct nest_log_result *log, struct nest_log_answer *ret_answer)
{
	struct text text = { .n = 0 };
	const struct nest_log_note *worst;
	size_t i;

	*ret_answer = (struct nest_log_answer){ .dma = NEST_UNKNOWN };
	find_state(log, ret_answer);
	find_conclusions(log, ret_answer);
	if (log->seen & NEST_LOG_SEEN_LISTING)
		add_listing(&text, log);
	else if (log->seen & NEST_LOG_SEEN_USER && !log->nunits && !log->ngroups && !log->nfaults)
		add(&text, BESIDE,
		    "no kernel log, but messages of programs about VFIO or an IOMMU");
	add_units(&text, log);
	add_faults(&text, log);
	worst = find_worst(log, !ret_answer->nconclusions && !log->nfaults);
	add_state(&text, ret_answer,
		  worst && strstr(worst->text, "interrupt remapping is off") == worst->text);
	for (i = 0; i < ret_answer->nconclusions; i++)
		add(&text, THE_ANSWER, "%s", ret_answer->conclusions[i].text);
	if (worst)
		add_note(&text, worst);
	if ((!text.n || text.clauses[0].rank == BESIDE) && !worst && log->nnotes)
		add_note(&text, &log->notes[0]);
	if (!text.n && log->nothers)
		add(&text, THE_ANSWER,
		    "%u line%s mention%s an IOMMU, and this version explains none of them",
		    log->nothers, nest_plural(log->nothers), log->nothers == 1 ? "s" : "");
	if (!text.n && log->nroutine)
		add(&text, THE_ANSWER,
		    "%u line%s mention%s an IOMMU or VFIO, and none tells more than routine",
		    log->nroutine, nest_plural(log->nroutine), log->nroutine == 1 ? "s" : "");
	join(&text, ret_answer->text, sizeof(ret_answer->text));
}
