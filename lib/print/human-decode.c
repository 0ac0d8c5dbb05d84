// SPDX-License-Identifier: GPL-2.0-or-later
/* decode for people: registers as a table, a DMAR table as a list. */
#include <errno.h>
#include <string.h>

#include "log/decode.h"
#include "plural.h"
#include "print/human.h"

static bool is_alike(const struct nest_decoded_unit *a, const struct nest_decoded_unit *b)
{
	return a->found && b->found && a->found->hw == b->found->hw &&
	       a->found->first == b->found->first && a->found->second == b->found->second &&
	       a->found->has_second == b->found->has_second;
}

/* "dmar0, dmar1, dmar2": the unit and those of a log that have the same registers. */
static void print_names(FILE *out, const struct nest_run *run, const struct nest_decode *decode,
			size_t first)
{
	const struct nest_decoded_unit *unit = &decode->units[first];
	size_t i;

	nest_paint(out, run, NEST_BOLD, "%s", unit->name ? unit->name : "");
	for (i = first + 1; i < decode->nunits; i++)
		if (is_alike(unit, &decode->units[i]))
			nest_paint(out, run, NEST_BOLD, ", %s", decode->units[i].name);
	nest_paint(out, run, NEST_BOLD, "%s%s", unit->name ? ", " : "", unit->regs.hw->name);
	fputc('\n', out);
}

/* Where the log tells the units of these registers. */
static void print_found(FILE *out, const struct nest_run *run, const struct nest_decode *decode,
			size_t first)
{
	size_t i;

	for (i = first; i < decode->nunits; i++) {
		const struct nest_decoded_unit *unit = &decode->units[i];
		char place[48] = "";

		if (!unit->found || (i != first && !is_alike(&decode->units[first], unit)))
			continue;
		if (unit->found->has_address)
			snprintf(place, sizeof(place), "registers at 0x%llx, ",
				 (unsigned long long)unit->found->address);
		nest_fact(out, run, unit->name, "%sline %u, %u time%s", place, unit->found->line,
			  unit->found->count, nest_plural(unit->found->count));
	}
}

static int print_unit(FILE *out, const struct nest_run *run, const struct nest_decode *decode,
		      size_t first)
{
	const struct nest_decoded_unit *unit = &decode->units[first];
	const struct nest_hw_verdict *nesting = &unit->regs.nesting;
	bool all = !unit->found || run->options->verbosity > 0;
	size_t i;
	int err = 0;

	for (i = 0; i < first; i++)
		if (is_alike(&decode->units[i], unit))
			return 0;
	if (unit->found)
		fputc('\n', out);
	print_names(out, run, decode, first);
	for (i = 0; i < unit->regs.nregs; i++)
		if (unit->regs.regs[i].given)
			nest_fact(out, run, unit->regs.regs[i].name, "0x%llx",
				  (unsigned long long)unit->regs.regs[i].value);
	print_found(out, run, decode, first);
	nest_fact(out, run, "nests", "%s%s%s%s: %s", nest_tri_name(nesting->status),
		  nesting->gate ? " (" : "", nesting->gate ? nesting->gate : "",
		  nesting->gate ? ")" : "", nesting->reason);
	if (all)
		err = nest_human_registers(out, run, &unit->regs);
	if (!unit->found)
		fputc('\n', out);
	return err;
}

static void flags_text(const struct nest_dmar_flag *flags, uint8_t value, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (; flags->mask; flags++)
		if (value & flags->mask && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s (%s)", len ? ", " : "",
						flags->id, flags->title);
}

static void print_entry(FILE *out, const struct nest_run *run, const struct nest_dmar *dmar,
			const struct nest_dmar_entry *entry)
{
	const struct nest_dmar_scope *scope = nest_dmar_entry_scopes(dmar, entry);
	char text[512], where[128];
	uint32_t i;

	if (!entry->decoded) {
		nest_fact(out, run, nest_dmar_type_name(entry->type),
			  "type %u at 0x%x, %u bytes, not decoded", entry->type, entry->offset,
			  entry->length);
		return;
	}
	switch (entry->type) {
	case NEST_DMAR_DRHD:
		snprintf(text, sizeof(text), "registers at 0x%llx, %llu KiB, segment %04x",
			 (unsigned long long)entry->drhd.base,
			 (unsigned long long)entry->drhd.size >> 10, entry->segment);
		break;
	case NEST_DMAR_RMRR:
		snprintf(text, sizeof(text), "memory 0x%llx-0x%llx, segment %04x",
			 (unsigned long long)entry->rmrr.base, (unsigned long long)entry->rmrr.end,
			 entry->segment);
		break;
	case NEST_DMAR_RHSA:
		snprintf(text, sizeof(text), "unit at 0x%llx is in proximity domain %u",
			 (unsigned long long)entry->rhsa.base, entry->rhsa.proximity);
		break;
	case NEST_DMAR_ANDD:
		snprintf(text, sizeof(text), "device %u is %s", entry->andd.device_number,
			 nest_known(entry->andd.name));
		break;
	default:
		snprintf(text, sizeof(text), "segment %04x", entry->segment);
		break;
	}
	nest_fact(out, run, nest_dmar_type_name(entry->type), "%s: %s",
		  nest_dmar_type_title(entry->type), text);
	if (nest_dmar_entry_flags(entry->type)->mask) {
		flags_text(nest_dmar_entry_flags(entry->type), entry->flags, text, sizeof(text));
		nest_fact(out, run, "", "flags: %s", text);
	}
	for (i = 0; i < entry->nscopes; i++) {
		nest_dmar_scope_format(&scope[i], where, sizeof(where));
		*text = '\0';
		if (nest_dmar_scope_has_id(scope[i].type))
			snprintf(text, sizeof(text), ", id %u", scope[i].enumeration_id);
		nest_fact(out, run, "", "%s %s%s%s", nest_dmar_scope_type_name(scope[i].type),
			  where, scope[i].npath ? "" : " (no path)", text);
		if (entry->type != NEST_DMAR_SIDP || !scope[i].flags)
			continue;
		flags_text(nest_dmar_scope_flags(), scope[i].flags, text, sizeof(text));
		nest_fact(out, run, "", "flags: %s", text);
	}
}

static void print_dmar(FILE *out, const struct nest_run *run, const struct nest_dmar *dmar)
{
	char text[512];
	size_t i;

	nest_paint(out, run, NEST_BOLD, "ACPI DMAR table");
	fputc('\n', out);
	if (dmar->has_header) {
		nest_fact(out, run, "length", "%u byte%s, revision %u, checksum %s", dmar->length,
			  nest_plural(dmar->length), dmar->revision,
			  dmar->checksum_ok == NEST_YES	 ? "correct"
			  : dmar->checksum_ok == NEST_NO ? "WRONG"
							 : "unknown");
		nest_fact(out, run, "OEM", "%s %s, revision 0x%x", dmar->oem_id, dmar->oem_table_id,
			  dmar->oem_revision);
		nest_fact(out, run, "address width", "%u bits", dmar->address_width);
		flags_text(nest_dmar_flags(), dmar->flags, text, sizeof(text));
		nest_fact(out, run, "flags", "0x%02x: %s", dmar->flags, text);
	}
	for (i = 0; i < dmar->nentries; i++)
		print_entry(out, run, dmar, &dmar->entries[i]);
	for (i = 0; i < dmar->nnotes; i++)
		nest_fact(out, run, dmar->notes[i].fatal ? "broken" : "note", "at 0x%x: %s",
			  dmar->notes[i].offset, dmar->notes[i].text);
	if (dmar->notes_dropped)
		nest_fact(out, run, "note", "%zu more", dmar->notes_dropped);
}

/* The answer first, then faults and messages, registers at the end. */
int nest_human_decode(FILE *out, const struct nest_run *run)
{
	const struct nest_decode *decode = run->found;
	size_t i;
	int err;

	if (decode->log && *decode->answer.text) {
		nest_paint(out, run, NEST_BOLD, "%s", decode->answer.text);
		fputc('\n', out);
	}
	if (decode->log)
		nest_human_log(out, run, nest_log_result(decode->log));
	for (i = 0; i < decode->nunits; i++) {
		err = print_unit(out, run, decode, i);
		if (err)
			return err;
	}
	if (decode->log && decode->nunits && run->options->verbosity <= 0) {
		nest_out(out, "(-v shows every field of the registers)");
		fputc('\n', out);
	}
	if (decode->dmar)
		print_dmar(out, run, decode->dmar);
	if (decode->table)
		nest_human_table(out, run, decode->table);
	return 0;
}
