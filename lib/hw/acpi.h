/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACPI tables about IOMMUs: DMAR, IVRS, IORT, VIOT. A table is a list of structures, some with a
 * list of items. Rows say which bytes are which field, so that a printer needs to know neither; of
 * DMAR they do so for the header alone (hw/dmar.h). Pure: bytes in, struct out. A hostile table
 * costs at most NEST_ACPI_MAX bytes of reading, and memory in proportion.
 */
#ifndef NEST_HW_ACPI_H
#define NEST_HW_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tri.h"

#define NEST_ACPI_MAX	    (1u << 20) /* bytes; real tables have a few hundred */
#define NEST_ACPI_NOTES_MAX 64
#define NEST_ACPI_HEADER    36u

/* A bit of flags, or a value of an enumeration; the last has no id. */
struct nest_acpi_word {
	uint32_t value;
	const char *id;	   /* fixed word */
	const char *title; /* for people */
};

enum nest_acpi_form {
	NEST_ACPI_NUMBER,
	NEST_ACPI_HEX,
	NEST_ACPI_PCI,	    /* u16: bus 15:8, device 7:3, function 2:0 */
	NEST_ACPI_FLAGS,    /* words are masks */
	NEST_ACPI_ENUM,	    /* words are values */
	NEST_ACPI_TEXT,	    /* bytes of text, to a NUL or to their end */
	NEST_ACPI_REST,	    /* the same, to the end of the structure */
	NEST_ACPI_REST_HEX, /* a number, to the end of the structure */
	NEST_ACPI_COUNT,    /* a number that is one less than what it counts */
};

/* A field of a structure or an item; the last has no name. */
struct nest_acpi_field {
	const char *name;  /* fixed word, a key of JSON */
	const char *title; /* for people; NULL: of no use to them */
	uint16_t at;
	uint8_t bytes;
	uint8_t shift, width; /* of the number; width 0: all of it */
	enum nest_acpi_form form;
	const struct nest_acpi_word *words;
};

/* A kind of structure or item. */
struct nest_acpi_type {
	uint32_t number;
	const char *name, *title;
	uint16_t fixed; /* bytes that it needs at least */
	const struct nest_acpi_field *fields;
	const char *items; /* of an item: the key of the list that it is in */
};

struct nest_acpi_item {
	uint32_t offset, length;	   /* in the table */
	const struct nest_acpi_type *type; /* NULL: not known */
};

struct nest_acpi_node {
	uint32_t offset, length;
	uint32_t number;
	const struct nest_acpi_type *type; /* NULL: not known, or too short: kept raw */
	enum nest_tri used;		   /* by Linux; unknown: that is not told of this kind */
	uint32_t first, nitems;
};

/* What is odd, with the place. */
struct nest_acpi_note {
	uint32_t offset;
	bool fatal; /* nothing behind this place was read; at most one note is */
	char text[200];
};

struct nest_acpi {
	const struct nest_acpi_kind *kind;
	uint8_t *bytes; /* own copy of what was given */
	size_t len;

	bool has_header; /* the fields up to the kind's are valid */
	uint32_t length; /* as the table says; may differ from len */
	uint8_t revision;
	enum nest_tri checksum_ok; /* unknown when the table is cut short */
	char oem_id[7];		   /* terminated; untrusted bytes */
	char oem_table_id[9];
	uint32_t oem_revision;

	bool complete; /* every structure was read */
	struct nest_acpi_node *nodes;
	size_t nnodes;
	struct nest_acpi_item *items;
	size_t nitems;
	struct nest_acpi_note notes[NEST_ACPI_NOTES_MAX];
	size_t nnotes;
	size_t notes_dropped;
};

/* A kind of table: the lower-case signature is its word in JSON and on the command line. */
struct nest_acpi_kind {
	const char *word, *signature;
	uint32_t header;		      /* bytes before the first structure */
	const struct nest_acpi_field *fields; /* of the header, behind that of ACPI */
	/* Reads the structures up to end. 0 or -ENOMEM. */
	int (*parse)(struct nest_acpi *table, size_t end);
	/* Of a kind with more than nest_acpi, which comes first in it; else 0 and NULL. */
	size_t size;
	void (*release)(struct nest_acpi *table);
};

extern const struct nest_acpi_kind nest_acpi_dmar, nest_acpi_ivrs, nest_acpi_iort, nest_acpi_viot;

/* DMAR, IVRS, IORT, VIOT; the last is NULL. */
extern const struct nest_acpi_kind *const nest_acpi_kinds[];

/*
 * Reads a binary table. 0 with *ret_table to be freed, also for a broken table: then complete is
 * false, the fatal note tells what was expected where, and everything before it is kept. -E2BIG,
 * -ENOMEM.
 */
int nest_acpi_parse(const struct nest_acpi_kind *kind, const void *data, size_t len,
		    struct nest_acpi **ret_table);

/* The same for a file of either kind, a binary table or a hex listing (hw/acpidump.h). */
int nest_acpi_load(const struct nest_acpi_kind *kind, const void *data, size_t len,
		   struct nest_acpi **ret_table);

/* NULL is fine. */
void nest_acpi_free(struct nest_acpi *table);

/* Is there a table of this signature in the file, binary or listed? */
bool nest_acpi_holds(const void *data, size_t len, const char *signature);

/*
 * A field's number at the offset of a structure, an item or (0) the table, shifted down. Only for
 * fields of the type that is there: the parser has checked that they are inside.
 */
uint64_t nest_acpi_value(const struct nest_acpi *table, size_t offset,
			 const struct nest_acpi_field *field);

/* The same by name; 0 if the type has none of that name, or is not known. */
uint64_t nest_acpi_number(const struct nest_acpi *table, const struct nest_acpi_type *type,
			  size_t offset, const char *name);

/*
 * A field as people read it ("0xfd100000", "00:14.0", "a (what it is), b (…)"); text is untrusted
 * bytes. end is where the structure ends. Terminated, cut to size.
 */
void nest_acpi_text(const struct nest_acpi *table, size_t offset, size_t end,
		    const struct nest_acpi_field *field, char *buf, size_t size);

/*
 * For the parsers of the kinds.
 */
uint16_t nest_acpi_le16(const uint8_t *p);
uint32_t nest_acpi_le32(const uint8_t *p);
uint64_t nest_acpi_le64(const uint8_t *p);
void nest_acpi_remark(struct nest_acpi *table, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The fatal note; the table is not complete then. */
void nest_acpi_stop(struct nest_acpi *table, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Appends; NULL: out of memory. The pointer is good until the next one. */
struct nest_acpi_node *nest_acpi_add_node(struct nest_acpi *table, size_t offset, size_t length,
					  uint32_t number);
struct nest_acpi_item *nest_acpi_add_item(struct nest_acpi *table, struct nest_acpi_node *node,
					  size_t offset, size_t length,
					  const struct nest_acpi_type *type);
/* The row of that number, or NULL. */
const struct nest_acpi_type *nest_acpi_type(const struct nest_acpi_type *types, size_t n,
					    uint32_t number);

#endif
