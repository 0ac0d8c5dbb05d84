/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to a question that may have no answer. Unknown is 0, so that a cleared struct claims
 * nothing; it is never printed or counted as "no".
 */
#ifndef NEST_TRI_H
#define NEST_TRI_H

enum nest_tri { NEST_UNKNOWN, NEST_NO, NEST_YES };

/* The fixed word used in text and JSON: "unknown", "no" or "yes". Static, never NULL. */
static inline const char *nest_tri_name(enum nest_tri tri)
{
	return tri == NEST_YES ? "yes" : tri == NEST_NO ? "no" : "unknown";
}

/* Yes or no from a thing that is known. */
static inline enum nest_tri nest_tri_from_bool(int truth)
{
	return truth ? NEST_YES : NEST_NO;
}

#endif
