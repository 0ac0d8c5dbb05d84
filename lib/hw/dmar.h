/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ACPI DMAR table: which VT-d units a machine has, which devices each serves, which memory the
 * firmware keeps for devices. Source: VT-d specification chapter 8 ("BIOS considerations").
 */
#ifndef NEST_HW_DMAR_H
#define NEST_HW_DMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/acpi.h"

enum nest_dmar_type {
	NEST_DMAR_DRHD = 0, /* a remapping unit */
	NEST_DMAR_RMRR = 1, /* memory that devices use without the kernel's drivers */
	NEST_DMAR_ATSR = 2, /* root ports that allow ATS */
	NEST_DMAR_RHSA = 3, /* the NUMA node of a unit */
	NEST_DMAR_ANDD = 4, /* the name of a device that is not on PCI */
	NEST_DMAR_SATC = 5, /* on-chip devices with an address cache */
	NEST_DMAR_SIDP = 6, /* properties of on-chip devices */
};

/* Of the flags of a scope in SIDP. */
#define NEST_DMAR_NESTED_NOT_ALLOWED 0x01

/* One step from a bridge to the next: bytes as in the table. */
struct nest_dmar_path {
	uint8_t device;
	uint8_t function;
};

/* One device, or everything below one bridge. */
struct nest_dmar_scope {
	uint32_t offset; /* in the table */
	uint8_t type;	 /* nest_dmar_scope_type_name() */
	uint8_t length;
	uint8_t flags;		/* nest_dmar_scope_flags(); of use in SIDP only */
	uint8_t enumeration_id; /* I/O APIC id, HPET number or ANDD device number */
	uint8_t bus;		/* where the path starts */
	uint8_t npath;
	const struct nest_dmar_path *path; /* npath steps, inside the table's bytes */
};

/* One structure. The raw bytes of any are at bytes + offset, length long. */
struct nest_dmar_entry {
	uint32_t offset;
	uint16_t type; /* enum nest_dmar_type, or one not known here */
	uint16_t length;
	bool decoded;	  /* the type is known and the fixed part is there: what follows is valid */
	uint8_t flags;	  /* DRHD, ATSR, SATC: nest_dmar_entry_flags() */
	uint16_t segment; /* all but RHSA and ANDD */
	union {
		struct {
			uint64_t base; /* of the registers */
			uint64_t size; /* of the registers, bytes */
		} drhd;
		struct {
			uint64_t base, end; /* first and last byte */
		} rmrr;
		struct {
			uint64_t base;	    /* of the unit's registers */
			uint32_t proximity; /* ACPI proximity domain */
		} rhsa;
		struct {
			uint8_t device_number;
			const char *name; /* terminated; untrusted bytes */
		} andd;
	};
	uint32_t scope_first; /* index into scopes */
	uint32_t nscopes;
};

struct nest_dmar {
	struct nest_acpi acpi; /* header, bytes, notes; no nodes */

	uint16_t address_width; /* of the host, bits */
	uint8_t flags;		/* nest_dmar_flags() */

	struct nest_dmar_entry *entries;
	size_t nentries;
	struct nest_dmar_scope *scopes;
	size_t nscopes;
};

/* nest_acpi_parse() and nest_acpi_load() of this kind; nest_acpi_free() of acpi frees it. */
int nest_dmar_parse(const void *data, size_t len, struct nest_dmar **ret_dmar);
int nest_dmar_load(const void *data, size_t len, struct nest_dmar **ret_dmar);

/* A table of kind nest_acpi_dmar; NULL for one of another kind, and for NULL. */
const struct nest_dmar *nest_dmar_of(const struct nest_acpi *table);

/* NULL is fine. */
void nest_dmar_free(struct nest_dmar *dmar);

/* The first scope of an entry, entry->nscopes of them follow each other; NULL if there is none. */
static inline const struct nest_dmar_scope *
nest_dmar_entry_scopes(const struct nest_dmar *dmar, const struct nest_dmar_entry *entry)
{
	return entry->nscopes ? dmar->scopes + entry->scope_first : NULL;
}

/* Fixed words: "drhd" … "sidp", else "unknown"; and a few words on what it is. Never NULL. */
const char *nest_dmar_type_name(uint16_t type);
const char *nest_dmar_type_title(uint16_t type);

/* Fixed words: "endpoint", "bridge", "ioapic", "hpet", "namespace", else "unknown". Never NULL. */
const char *nest_dmar_scope_type_name(uint8_t type);

/* Does its enumeration id mean anything: of an I/O APIC, an HPET, a device outside PCI? */
bool nest_dmar_scope_has_id(uint8_t type);

/* The flags of the table, of an entry of that type (may be an empty table), of a scope in SIDP. */
const struct nest_acpi_word *nest_dmar_flags(void);
const struct nest_acpi_word *nest_dmar_entry_flags(uint16_t type);
const struct nest_acpi_word *nest_dmar_scope_flags(void);

/*
 * Where a scope points, "00:1f.7", or "00:1c.0/00.0" when bridges lie between (the numbers of the
 * buses behind them are the kernel's). Terminated, cut to len; returns the length it needs.
 */
size_t nest_dmar_scope_format(const struct nest_dmar_scope *scope, char *ret_buf, size_t len);

#endif
