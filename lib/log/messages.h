/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages that are worth knowing, and what they mean: tables of patterns by topic. Matching is
 * in log/notes.c.
 */
#ifndef NEST_LOG_MESSAGES_H
#define NEST_LOG_MESSAGES_H

#include "log/log.h"

struct nest_message {
	const char *id;
	const char *pattern; /* as in the log, blanks single */
	const char *until;   /* the detail ends before one of these; NULL: no detail */
	const char *text;    /* what it means */
	enum nest_log_weight weight;
	uint32_t proves;  /* NEST_LOG_SEEN_… */
	bool subject;	  /* the detail begins with the device or unit that is named in front */
	const char *lead; /* stands between pattern and detail; without it there is no detail */
	const char *then; /* must follow the detail */
	bool rest;	  /* the detail is the rest of the line */
	void (*refine)(char *detail, size_t len);
	/* Details of which another text is true; the last is NULL. */
	const char *const *special;
	const char *special_text;
};

/* The tables; the last row of each has no id. */
extern const struct nest_message nest_messages_vtd[], nest_messages_amd[], nest_messages_arm[],
	nest_messages_core[], nest_messages_xen[], nest_messages_user[], nest_messages_virt[],
	nest_messages_other[];

/* All of them. */
#define NEST_MESSAGE_TABLES 8
extern const struct nest_message *const nest_message_tables[NEST_MESSAGE_TABLES];

/* Lines that are known and tell nothing to be noted, or only that the log has them. */
struct nest_message_plain {
	const char *pattern;
	uint32_t proves;
};
extern const struct nest_message_plain nest_messages_plain[]; /* the last has no pattern */

/* Words that make a line one about an IOMMU; the last is NULL. Compared without case. */
extern const char *const nest_messages_words[];

/* Details in words. */
void nest_message_fault_status(char *detail, size_t len);
void nest_message_source_id(char *detail, size_t len);
void nest_message_queue_reason(char *detail, size_t len);
void nest_message_page_mask(char *detail, size_t len);
void nest_message_errno(char *detail, size_t len);
void nest_message_behind_colon(char *detail, size_t len);
void nest_message_bytes(char *detail, size_t len);

/* Tells nothing of a detail that only tells the rows apart. */
void nest_message_hide(char *detail, size_t len);

#endif
