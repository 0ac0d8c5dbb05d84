// SPDX-License-Identifier: GPL-2.0-or-later
/* Puts numbers in the details of messages into words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errnoname.h"
#include "log/messages.h"
#include "log/text.h"
#include "util.h"

void nest_message_fault_status(char *detail, size_t len)
{
	static const struct {
		uint32_t bit;
		const char *words;
	} bits[] = {
		{ 0x01, "faults were lost" },	      { 0x02, "fault pending" },
		{ 0x10, "invalidation queue error" }, { 0x20, "invalidation completion error" },
		{ 0x40, "invalidation time-out" },    { 0x80, "page requests were lost" },
	};
	const char *p = detail, *sep = ": ";
	char words[120];
	uint64_t value;
	size_t i, used;

	if (!nest_log_eat_hex(&p, detail + strlen(detail), &value))
		return;
	used = (size_t)snprintf(words, sizeof(words), "0x%" PRIx64, value);
	if (value == UINT32_MAX)
		snprintf(words + used, sizeof(words) - used, ": the unit does not answer");
	for (i = 0; value != UINT32_MAX && i < ARRAY_SIZE(bits) && used < sizeof(words); i++) {
		if (!(value & bits[i].bit))
			continue;
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s", sep,
					 bits[i].words);
		sep = ", ";
	}
	snprintf(detail, len, "%s", words);
}

/* "b00" is 0b:00.0. */
void nest_message_source_id(char *detail, size_t len)
{
	const char *p = detail;
	uint64_t id;

	if (!nest_log_eat_hex(&p, detail + strlen(detail), &id) || id > 0xffff)
		return;
	if (id == 0xffff)
		snprintf(detail, len, "0xffff: the unit does not answer");
	else if (id)
		snprintf(detail, len, "%02x:%02x.%x", (unsigned int)(id >> 8),
			 (unsigned int)(id >> 3 & 0x1f), (unsigned int)(id & 7));
	else
		snprintf(detail, len, "source ID 0");
}

void nest_message_queue_reason(char *detail, size_t len)
{
	static const char *const reasons[] = {
		"no reason given", "tail pointer",     "fetch",		 "descriptor type",
		"reserved field",  "descriptor width", "tail alignment", "translation table mode",
	};
	const char *p = detail;
	uint64_t reason;

	if (!nest_log_eat_hex(&p, detail + strlen(detail), &reason))
		return;
	if (reason < ARRAY_SIZE(reasons))
		snprintf(detail, len, "reason 0x%" PRIx64 ": %s", reason, reasons[reason]);
	else if (reason == 0xf)
		snprintf(detail, len, "reason 0xf: the unit does not answer");
}

/* A mask of page sizes: the lowest bit is the smallest one. */
void nest_message_page_mask(char *detail, size_t len)
{
	const char *p = detail;
	uint64_t mask;

	if (!nest_log_eat_hex(&p, detail + strlen(detail), &mask) || !mask)
		return;
	mask &= ~mask + 1;
	if (mask >= 1024)
		snprintf(detail, len, "%" PRIu64 " KiB", mask >> 10);
	else
		snprintf(detail, len, "%" PRIu64 " bytes", mask);
}

/* "12: -22" is group 12, EINVAL. */
void nest_message_errno(char *detail, size_t len)
{
	size_t used = strlen(detail);
	const char *colon = strstr(detail, ": -");
	long number = colon ? strtol(colon + 3, NULL, 10) : 0;

	if (number > 0 && number < 200 && used < len)
		snprintf(detail + used, len - used, " (%s)", nest_errno_name((int)number));
}

void nest_message_bytes(char *detail, size_t len)
{
	size_t used = strlen(detail);

	if (used < len)
		snprintf(detail + used, len - used, " bytes");
}

/* "0x01000012): ATC invalidate timeout": the words. */
void nest_message_behind_colon(char *detail, size_t len)
{
	const char *colon = strstr(detail, ": ");

	(void)len;
	if (colon)
		memmove(detail, colon + 2, strlen(colon + 2) + 1);
}

void nest_message_hide(char *detail, size_t len)
{
	(void)len;
	*detail = '\0';
}
