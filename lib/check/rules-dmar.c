// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the DMAR table, with which firmware describes VT-d. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "plural.h"
#include "remedy.h"

static bool dmar_flag(const struct nest_judge *judge, const char *id)
{
	const struct nest_dmar *dmar = judge->in->facts->dmar;
	const struct nest_acpi_word *flag;

	for (flag = nest_dmar_flags(); dmar && dmar->acpi.has_header && flag->value; flag++)
		if (!strcmp(flag->id, id))
			return dmar->flags & flag->value;
	return false;
}

static void saw_dmar(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (facts->dmar && facts->dmar->acpi.has_header)
		nest_judge_saw(judge, facts->tables[NEST_TABLE_DMAR].path,
			       nest_judge_text(judge, "flags 0x%02x", facts->dmar->flags), 0);
	else
		nest_judge_saw(judge, facts->tables[NEST_TABLE_DMAR].path, NULL,
			       facts->dmar_err ? facts->dmar_err
					       : facts->tables[NEST_TABLE_DMAR].err);
}

/* ---- the DMAR table ---- */

static void dmar_table_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	size_t i;

	if (!facts->tables[NEST_TABLE_DMAR].value)
		return;
	if (!facts->dmar) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "the DMAR table exists and cannot be read");
		saw_dmar(judge);
		nest_judge_remedy(judge, "run it as root");
		return;
	}
	if (facts->dmar->acpi.complete && facts->dmar->acpi.checksum_ok != NEST_NO) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the DMAR table is whole: %zu structure%s",
			       facts->dmar->nentries, nest_plural(facts->dmar->nentries));
		saw_dmar(judge);
		return;
	}
	for (i = 0; i < facts->dmar->acpi.nnotes && !facts->dmar->acpi.notes[i].fatal; i++)
		;
	nest_judge_say(judge, NEST_RESULT_WARN, "the DMAR table is broken: %s",
		       i < facts->dmar->acpi.nnotes ? facts->dmar->acpi.notes[i].text
						    : "its checksum is wrong");
	saw_dmar(judge);
	nest_judge_remedy(judge, "update the firmware; to see the table");
	nest_judge_command(judge, NEST_CMD_DECODE_DMAR, facts->tables[NEST_TABLE_DMAR].path);
}

/* A table that may not be read forbids nothing where the kernel drives a VT-d unit. */
static void say_flags_unread(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	const struct nest_fact *table = &facts->tables[NEST_TABLE_DMAR];
	bool unread = table->value || (table->err && table->err != ENOENT);
	size_t i, vtd = 0;

	for (i = 0; i < judge->in->model->nunits; i++)
		vtd += judge->in->model->units[i].hw == &nest_hw_vtd;
	if (vtd && judge->in->model->iommu_present == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the firmware allows DMA remapping: the kernel uses it");
		nest_judge_saw(judge, "/sys/class/iommu",
			       nest_judge_text(judge, "%zu VT-d units", vtd), 0);
	} else if (!vtd && (!unread || judge->in->model->nunits)) {
		nest_judge_skip(judge, "it is about another kind of IOMMU");
	} else {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the firmware allows DMA remapping: the "
			       "DMAR table is not readable");
		saw_dmar(judge);
	}
}

static void firmware_flags_rule(struct nest_judge *judge)
{
	if (nest_judge_no_iommu(judge) && !judge->in->facts->dmar)
		return;
	if (!judge->in->facts->dmar || !judge->in->facts->dmar->acpi.has_header) {
		say_flags_unread(judge);
		return;
	}
	if (!dmar_flag(judge, "dma_remap_opt_out")) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the firmware allows DMA remapping");
		saw_dmar(judge);
		return;
	}
	nest_judge_say(judge, NEST_RESULT_FAIL,
		       "the firmware forbids DMA remapping (DMA_REMAP_OPT_OUT); no kernel option "
		       "overrides it");
	saw_dmar(judge);
	nest_judge_remedy(judge, "look for a setting of DMA remapping or VT-d in the firmware's "
				 "setup, or ask its vendor");
}

static void x2apic_rule(struct nest_judge *judge)
{
	if (!dmar_flag(judge, "x2apic_opt_out"))
		return;
	if (nest_judge_option(judge, "intremap", "no_x2apic_optout")) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "firmware opts out of x2APIC, and the command line overrides it");
		saw_dmar(judge);
		return;
	}
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "firmware opts out of x2APIC: interrupts reach at most 255 CPUs. Device "
		       "assignment still works");
	saw_dmar(judge);
	nest_judge_remedy(judge, NEST_WORDS_CMDLINE, "intremap=no_x2apic_optout");
}

/*
 * dmar_ats_supported() of the Intel driver: a device behind a root port has to be in one of these.
 */
static void dmar_ats_rule(struct nest_judge *judge)
{
	const struct nest_dmar *dmar = judge->in->facts->dmar;
	size_t ports = 0, chips = 0, i;

	if (!dmar || !dmar->acpi.complete)
		return;
	for (i = 0; i < dmar->nentries; i++) {
		ports += dmar->entries[i].type == NEST_DMAR_ATSR;
		chips += dmar->entries[i].type == NEST_DMAR_SATC;
	}
	if (ports || chips)
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "firmware lets devices use ATS: %zu ATSR, %zu SATC structures",
			       ports, chips);
	else
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the firmware lets no device behind a root port use ATS (no ATSR or "
			       "SATC structure). Page requests need ATS");
	saw_dmar(judge);
	if (!ports && !chips)
		nest_judge_remedy(judge, "switch on ATS (\"ATS support\", \"PCIe ATS\") in the "
					 "firmware's setup, or update it");
}

/* The scopes of SIDP that exclude nesting, joined. */
static void put_not_nested(FILE *out, const struct nest_dmar *dmar)
{
	const char *between = "";
	size_t i, k;

	for (i = 0; i < dmar->nentries; i++) {
		const struct nest_dmar_entry *entry = &dmar->entries[i];
		const struct nest_dmar_scope *scope = nest_dmar_entry_scopes(dmar, entry);
		char name[64];

		if (!entry->decoded || entry->type != NEST_DMAR_SIDP)
			continue;
		for (k = 0; k < entry->nscopes; k++) {
			if (!(scope[k].flags & NEST_DMAR_NESTED_NOT_ALLOWED))
				continue;
			nest_dmar_scope_format(&scope[k], name, sizeof(name));
			fprintf(out, "%s%s", between, name);
			between = ", ";
		}
	}
}

/* SIDP: integrated devices for which the firmware excludes nesting. */
static void dmar_sidp_rule(struct nest_judge *judge)
{
	char *list = NULL;
	size_t len = 0;
	FILE *out = judge->in->facts->dmar ? open_memstream(&list, &len) : NULL;

	if (!out) {
		judge->err = judge->in->facts->dmar ? -ENOMEM : judge->err;
		return;
	}
	put_not_nested(out, judge->in->facts->dmar);
	if (fclose(out))
		judge->err = -ENOMEM;
	if (len) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "firmware excludes nested translation of requests without PASID "
			       "for %s (SIDP structure)",
			       list);
		saw_dmar(judge);
		nest_judge_remedy(judge, "use other devices; to see the structure");
		nest_judge_command(judge, NEST_CMD_DECODE_DMAR,
				   judge->in->facts->tables[NEST_TABLE_DMAR].path);
	}
	free(list);
}

static void opt_in_rule(struct nest_judge *judge)
{
	if (!dmar_flag(judge, "dma_ctrl_platform_opt_in"))
		return;
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "firmware asks the system to keep DMA protection on from the start");
	saw_dmar(judge);
}

static const struct nest_rule_evidence opt_out_evidence[] = {
	{ &nest_hw_vtd, "the flag of the table is clear, or the kernel drives a unit",
	  "the flag is set", "a table that is not readable, and no unit in use" },
	{ NULL, NULL, NULL, NULL },
};

static const struct nest_rule rules[] = {
	{ "dmar.table", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, dmar_table_rule,
	  "the DMAR table can be read and is whole", NULL },
	{ "dmar.opt_out", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, firmware_flags_rule,
	  "the firmware allows DMA remapping", opt_out_evidence },
	{ "dmar.x2apic_opt_out", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, x2apic_rule,
	  "firmware does not opt out of x2APIC", NULL },
	{ "dmar.ats", NEST_SUBJECT_HOST, NEST_FOR_SVA, 0, dmar_ats_rule,
	  "firmware lets devices use address translation services", NULL },
	{ "dmar.nested_not_allowed", NEST_SUBJECT_HOST, NEST_FOR_NESTED, 0, dmar_sidp_rule,
	  "firmware excludes no device from nesting", NULL },
	{ "dmar.opt_in", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, opt_in_rule,
	  "whether firmware asks for protection before boot", NULL },
};
NEST_RULE_TOPIC(dmar);
