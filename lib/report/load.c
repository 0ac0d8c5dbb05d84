// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the file of a report, and knows what else people give for one. */
#include "report/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/userfile.h"
#include "packed.h"
#include "pool.h"
#include "util.h"

/* By how it begins. */
static const struct {
	const char *mark;
	size_t len;
	const char *why;
} others[] = { { "\xff\xfe", 2, "is UTF-16: run 'iconv -f UTF-16 -t UTF-8 FILE' first" },
	       { "\xfe\xff", 2, "is UTF-16: run 'iconv -f UTF-16 -t UTF-8 FILE' first" },
	       { "<!", 2, "is a page, not a report: ask for what 'vfio-nestctl report' wrote" },
#define PACKED(mark, len, what, command)                                                           \
	{ mark, len, "is packed (" what "): unpack it with '" command " FILE' first" },
	       NEST_PACKED(PACKED)
#undef PACKED
};

/* A clause for what does not begin as a report does; NULL: it does. */
static const char *find_other(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (len >= others[i].len && !memcmp(text, others[i].mark, others[i].len))
			return others[i].why;
	for (i = 0; i < len && strchr(" \t\r\n", text[i]) && text[i]; i++)
		;
	return i < len && text[i] != '{'
		       ? "is not JSON, which a report is; a kernel log is for 'decode --log'"
		       : NULL;
}

static int append(void *data, const char *buf, size_t len)
{
	return nest_bytes_add(data, buf, len);
}

int nest_report_load(const char *file, struct nest_answers *ret_answers, const char **ret_why)
{
	static const char order_mark[] = "\xef\xbb\xbf"; /* editors of Windows put it in front */
	struct nest_bytes bytes = { 0 };
	int err = nest_userfile_read(file, NEST_REPORT_MAX, append, &bytes);
	const char *text = bytes.at ? bytes.at : "", *other;
	size_t skip = bytes.len > 3 && !memcmp(text, order_mark, 3) ? 3 : 0;

	*ret_why = err == -EFBIG ? "is larger than a report can be" : "cannot be read";
	if (!err)
		err = nest_report_read(text + skip, bytes.len - skip, ret_answers, ret_why);
	if (err == -EINVAL) {
		other = find_other(text + skip, bytes.len - skip);
		*ret_why = other ? other : *ret_why;
	}
	free(bytes.at);
	return err;
}
