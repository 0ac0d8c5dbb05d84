/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hex listings of ACPI tables back to bytes. Understood: acpidump and acpixtract ("DMAR @ 0x…"
 * headings, "0000: 44 4D 41 52 …  DMAR"), the raw data at the end of an iasl disassembly, xxd
 * (plain too), hexdump with and without -C, od -t x1, bare hex bytes; each also quoted ("> ") as in
 * mail. A listing may hold several tables, text between them is skipped. Pure.
 */
#ifndef NEST_ACPIDUMP_H
#define NEST_ACPIDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEST_ACPIDUMP_TEXT_MAX	(16u << 20) /* characters in */
#define NEST_ACPIDUMP_TABLE_MAX (1u << 20)  /* bytes out */

/* What is wrong with a listing; text is empty when nothing is. */
struct nest_acpidump_problem {
	unsigned int line; /* 1-based; 0: the listing as a whole */
	char text[200];	   /* printable ASCII */
};

/* Is the file a listing? A table has zero bytes in its reserved fields, a listing has none. */
bool nest_acpidump_is_text(const char *data, size_t len);

/*
 * Finds the first table that begins with signature (4 characters). On success *ret_bytes is a new
 * buffer (free it) of *ret_len > 0 bytes; ret_problem then tells why it ends early, if it does
 * (a missing line), or is empty. On failure ret_problem always tells why, the rest is untouched:
 * -ENOENT (tables, but not this one), -EINVAL (no hex listing), -E2BIG, -ENOMEM.
 */
int nest_acpidump_parse(const char *text, size_t len, const char *signature, uint8_t **ret_bytes,
			size_t *ret_len, struct nest_acpidump_problem *ret_problem);

#endif
