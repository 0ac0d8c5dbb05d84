/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of redact share. */
#ifndef NEST_REDACT_PRIVATE_H
#define NEST_REDACT_PRIVATE_H

#include "report/redact.h"

/* Text that grows; always ended by a NUL behind len. */
struct nest_text {
	char *at;
	size_t len, room;
	bool failed;
};
void nest_text_add(struct nest_text *text, const char *bytes, size_t len);

/* Rewrites bytes by the patterns and learned names alone. */
void nest_redact_into(struct nest_redact *redact, bool same_length, const char *bytes, size_t len,
		      struct nest_text *out);

#endif
