// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Feeds a log whose newest record is the first. The further lines of a record begin with a blank
 * and stay behind its first one.
 */
#include <string.h>

#include "log/log.h"

static const char *start_of_line(const char *buf, const char *end)
{
	while (end > buf && end[-1] != '\n')
		end--;
	return end;
}

static int feed_record(struct nest_log *klog, const char *from, const char *end)
{
	int err = nest_log_feed(klog, from, (size_t)(end - from));

	return err || (end > from && end[-1] == '\n') ? err : nest_log_feed(klog, "\n", 1);
}

int nest_log_feed_reversed(struct nest_log *klog, const char *buf, size_t len)
{
	const char *end = buf + len, *from;
	int err = 0;

	while (end > buf && !err) {
		from = end;
		do
			from = start_of_line(buf, from - 1);
		while (from > buf && (*from == ' ' || *from == '\t'));
		err = feed_record(klog, from, end);
		end = from;
	}
	return err;
}
