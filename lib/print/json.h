/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the JSON printers share. A document is built with json-c and written once, its large
 * members piece by piece. If memory runs out, the document remembers it, and nest_json_finish()
 * fails.
 */
#ifndef NEST_PRINT_JSON_H
#define NEST_PRINT_JSON_H

#include <json-c/json.h>

#include "print/print.h"

struct nest_list;

struct nest_json {
	const struct nest_model *model; /* whose units and groups the devices refer to */
	const struct nest_list *list;	/* which of its devices are shown; NULL: all */
	struct json_object *root;
	FILE *out;    /* while it is written */
	bool compact; /* on one line */
	bool broken;  /* memory ran out */
};

/* Starts a document with what all of them have: schema, command, tool_version, host, errors. */
void nest_json_start(struct nest_json *json, const struct nest_run *run);

/* Writes and frees it. 0 or -ENOMEM, and then a part of it may be written. */
int nest_json_finish(struct nest_json *json, FILE *out);

/* A new member or element (key NULL: parent is an array), owned by parent. */
struct json_object *nest_json_object(struct nest_json *json, struct json_object *parent,
				     const char *key);
struct json_object *nest_json_array(struct nest_json *json, struct json_object *parent,
				    const char *key);

/*
 * print/json-stream.c: a member of the document, an array or (named) an object, whose elements are
 * made when nest_json_finish() writes them, some at a time, and freed: memory does not grow with
 * their count. add adds element i of count to parent, or nothing. data and json are used until
 * then.
 */
typedef void nest_json_element_fn(struct nest_json *json, struct json_object *parent,
				  const void *data, size_t i);
void nest_json_stream(struct nest_json *json, const char *key, bool named, size_t count,
		      nest_json_element_fn *add, const void *data);

/*
 * Text. NULL is left out: what is unknown is absent. What is not UTF-8 is escaped as in escape.h.
 */
void nest_json_string(struct nest_json *json, struct json_object *parent, const char *key,
		      const char *text);

/* The same, and line breaks stay: a remedy (remedy.h). */
void nest_json_lines(struct nest_json *json, struct json_object *parent, const char *key,
		     const char *text);
void nest_json_format(struct nest_json *json, struct json_object *parent, const char *key,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void nest_json_number(struct nest_json *json, struct json_object *parent, const char *key,
		      int64_t number);
void nest_json_bool(struct nest_json *json, struct json_object *parent, const char *key,
		    bool truth);
/* "0x…" */
void nest_json_hex(struct nest_json *json, struct json_object *parent, const char *key,
		   uint64_t value);
/* Known to be none. */
void nest_json_null(struct nest_json *json, struct json_object *parent, const char *key);
/* The name of an errno (sign ignored), or its number where it has none; 0 is left out. */
void nest_json_errno(struct nest_json *json, struct json_object *parent, const char *key, int err);

/* {"status": yes|no|unknown, "gate": …, "reason": …} */
struct json_object *nest_json_status(struct nest_json *json, struct json_object *parent,
				     const char *key, enum nest_tri status, const char *gate,
				     const char *reason);

/* One unit, the regions of a group, one device: the same wherever they appear. */
void nest_json_unit(struct nest_json *json, struct json_object *parent, const char *key,
		    const struct nest_unit *unit);
void nest_json_regions(struct nest_json *json, struct json_object *parent,
		       const struct nest_group *group);
struct json_object *nest_json_device(struct nest_json *json, struct json_object *parent,
				     const char *key, const struct nest_device *dev);
/* A group with those of its members that are shown. */
struct json_object *nest_json_group(struct nest_json *json, struct json_object *parent,
				    const char *key, const struct nest_group *group);

/* Decoded registers: raw fields by name for scripts, and each one explained; name may be NULL. */
struct nest_regs;
struct json_object *nest_json_registers(struct nest_json *json, struct json_object *parent,
					const char *key, const char *name,
					const struct nest_regs *regs);

/* An ACPI table, and one of its structures. */
struct nest_acpi;
struct nest_acpi_node;
void nest_json_table(struct nest_json *json, const struct nest_acpi *table);
struct json_object *nest_json_table_node(struct nest_json *json, struct json_object *parent,
					 const char *key, const struct nest_acpi *table,
					 const struct nest_acpi_node *node);

/* The structures of a DMAR table, into that array. */
struct nest_dmar;
void nest_json_dmar(struct nest_json *json, struct json_object *array,
		    const struct nest_dmar *dmar);

/* What list and show print, for a document that holds both. */
struct nest_node;
struct nest_show;
void nest_json_inventory(struct nest_json *json);
void nest_json_node(struct nest_json *json, struct json_object *parent, const char *key,
		    const struct nest_node *node);
/* Of a node that is there: owner, group and mode. */
void nest_json_node_owner(struct nest_json *json, struct json_object *object,
			  const struct nest_node *node);
void nest_json_show_device(struct nest_json *json, struct json_object *parent, const char *key,
			   const struct nest_show *show);

#endif
