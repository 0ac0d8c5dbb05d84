// SPDX-License-Identifier: GPL-2.0-or-later
/* A DMAR table for people: what its header has of its own, and its structures. */
#include "hw/dmar.h"
#include "print/human.h"

static void flags_text(const struct nest_acpi_word *flags, uint8_t value, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (; flags->value; flags++)
		if (value & flags->value && len < size)
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
	if (nest_dmar_entry_flags(entry->type)->value) {
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

void nest_human_dmar(FILE *out, const struct nest_run *run, const struct nest_dmar *dmar)
{
	char text[512];
	size_t i;

	if (dmar->acpi.has_header) {
		nest_fact(out, run, "address width", "%u bits", dmar->address_width);
		flags_text(nest_dmar_flags(), dmar->flags, text, sizeof(text));
		nest_fact(out, run, "flags", "0x%02x: %s", dmar->flags, text);
	}
	for (i = 0; i < dmar->nentries; i++)
		print_entry(out, run, dmar, &dmar->entries[i]);
}
