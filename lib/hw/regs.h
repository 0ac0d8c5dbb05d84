/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all IOMMU capability registers have in common: fields of bits with a name, a value and a
 * meaning, a verdict on nesting with the gate that decided it, and remarks. hw.h fills a struct
 * nest_regs; printers read it without a look at the vendor.
 *
 * Nothing here allocates, reads or prints. Every string is static or inside the struct, so a
 * struct nest_regs may be copied and thrown away freely.
 */
#ifndef NEST_REGS_H
#define NEST_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tri.h"

struct nest_hw;
struct nest_regs;

/*
 * One field of one register. Names are unique within a kind, so that a flat list can be keyed by
 * them. A field of one bit is a flag: 1 is yes, 0 is no.
 */
struct nest_field {
	const char *name;  /* fixed word, snake_case: "nest", "mgaw" */
	const char *reg;   /* fixed word: "cap", "ecap", "efr", "efr2", "idr0"… */
	uint8_t lsb;	   /* lowest bit */
	uint8_t width;	   /* bits, 1..63 */
	const char *title; /* what it is, for people */
	/*
	 * Writes the decoded meaning ("39, 48 bit") to buf, always terminated; len > 0. The other
	 * fields of regs may be asked. NULL: yes/no for a flag, else the plain number.
	 */
	void (*say)(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len);
};

/*
 * One register; unknown ones keep their place so that printers can say so. A value that no working
 * unit can report (all ones) is given but not known: it may be shown, but its fields mean nothing.
 */
struct nest_reg {
	const char *name; /* as nest_field.reg */
	uint8_t bits;	  /* 32 or 64 */
	bool given;	  /* value holds what the caller passed */
	bool known;	  /* and its fields may be read */
	uint64_t value;
};

/* A remark that is neither a field nor the verdict. */
struct nest_regs_note {
	const char *id; /* fixed word: "reserved_bits", "withdrawn_bit", "software", … */
	char text[240];
};

/* Can the hardware translate in two stages, and which gate decided? */
struct nest_hw_verdict {
	enum nest_tri status;
	/*
	 * The gate that failed or could not be read: a field's name, or "registers" when the values
	 * themselves cannot be believed. NULL when the status is yes.
	 */
	const char *gate;
	char reason[240]; /* one sentence, never empty */
};

#define NEST_REGS_MAX	    8
#define NEST_REGS_NOTES_MAX 16

struct nest_regs {
	const struct nest_hw *hw;
	const struct nest_field *fields; /* in the order of the registers, then of the bits */
	size_t nfields;
	struct nest_reg regs[NEST_REGS_MAX];
	size_t nregs;
	struct nest_hw_verdict nesting;
	struct nest_regs_note notes[NEST_REGS_NOTES_MAX];
	size_t nnotes;
};

/* A bit that once had a meaning: a note when set, and not counted as reserved. */
struct nest_withdrawn {
	const char *reg;
	uint8_t lsb;
	uint8_t width;
	const char *text; /* what it meant, when; NULL: set by real units, and no note tells why */
};

/* Every field of regs in order, those of unknown registers included. */
#define nest_for_each_field(regs, field)                                                           \
	for ((field) = (regs)->fields; (field) < (regs)->fields + (regs)->nfields; (field)++)

/* The field of that name, or NULL. */
const struct nest_field *nest_field_find(const struct nest_regs *regs, const char *name);

/* The register of that name, or NULL; it may be unknown. */
const struct nest_reg *nest_reg_find(const struct nest_regs *regs, const char *name);

/* The field's bits, shifted down. 0, or -ENODATA if its register is not known. */
int nest_field_value(const struct nest_regs *regs, const struct nest_field *field,
		     uint64_t *ret_value);

/*
 * The field's meaning for people, terminated and cut to len. 0, or -ENODATA (buf untouched) if its
 * register is not known.
 */
int nest_field_meaning(const struct nest_regs *regs, const struct nest_field *field, char *ret_buf,
		       size_t len);

/*
 * True when the named flag or number is known and not 0. A caller that must tell no from unknown
 * asks nest_field_value().
 */
bool nest_field_set(const struct nest_regs *regs, const char *name);

/*
 * For the decoders.
 */

/* Empties regs and names its table. */
void nest_regs_init(struct nest_regs *regs, const struct nest_hw *hw,
		    const struct nest_field *fields, size_t nfields);

/*
 * Appends a register; value NULL means not given. Returns false if its fields are not to be read:
 * not given, or all ones.
 */
bool nest_regs_add(struct nest_regs *regs, const char *name, uint8_t bits, const uint64_t *value);

/* Sets the verdict; gate NULL only with yes. */
void nest_regs_judge(struct nest_regs *regs, enum nest_tri status, const char *gate,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Appends a note; beyond NEST_REGS_NOTES_MAX it is dropped. */
void nest_regs_remark(struct nest_regs *regs, const char *id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Notes for set bits that no field covers: one for each withdrawn meaning, one mask a register. */
void nest_regs_remark_strays(struct nest_regs *regs, const struct nest_withdrawn *withdrawn,
			     size_t nwithdrawn);

#endif
