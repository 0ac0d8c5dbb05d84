// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks that each row of the tables of messages can be reached, and that its words are whole. */
#include "log/messages.h"

#include <ctype.h>

#include "test.h"

#include "log/log_decode.h"
#include "util.h"

static const struct nest_message *const tables[] = {
	nest_messages_vtd, nest_messages_amd,  nest_messages_arm,  nest_messages_core,
	nest_messages_xen, nest_messages_user, nest_messages_virt, nest_messages_other,
};

/* A line as the row wants it. */
static void build(const struct nest_message *row, char *line, size_t size)
{
	const char *detail = row->until || row->rest ? "12" : "";

	snprintf(line, size, "[    1.0] pci 0000:01:00.0: %s%s%s%s tail\n", row->pattern,
		 row->lead ? row->lead : "", detail, row->then ? row->then : "");
}

static bool found(const struct nest_message *row)
{
	size_t i;

	for (i = 0; i < r->nnotes; i++)
		if (!strcmp(r->notes[i].id, row->id) && r->notes[i].text == row->text &&
		    (!row->subject || strstr(r->notes[i].detail, "0000:01:00.0")))
			return true;
	return false;
}

TEST(reachable, "each row is found in a line of its own, with its subject, and proves what it says")
{
	const struct nest_message *row;
	char line[600];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (row = tables[i]; row->id; row++) {
			build(row, line, sizeof(line));
			decode(line);
			if (!CHECK(found(row)))
				printf("# %s: %s", row->id, line);
			CHECK_EQ(r->seen & row->proves, row->proves);
			CHECK_EQ(r->nothers, 0);
		}
}

TEST(words, "ids are words, and texts are sentences without an end")
{
	const struct nest_message *row;
	const char *p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (row = tables[i]; row->id; row++) {
			for (p = row->id; *p; p++)
				CHECK(islower((unsigned char)*p) || *p == '_' ||
				      isdigit((unsigned char)*p));
			CHECK(row->text && strlen(row->text) > 10);
			CHECK(row->text[strlen(row->text) - 1] != '.');
			CHECK(strlen(row->pattern) >= 7);
			CHECK(!strstr(row->pattern, "  "));
		}
}

TEST(plain, "a known line is not counted among those that are not explained")
{
	const struct nest_message_plain *plain;
	char line[300];

	for (plain = nest_messages_plain; plain->pattern; plain++) {
		snprintf(line, sizeof(line), "[ 1.0] iommu %s 12\n", plain->pattern);
		decode(line);
		CHECK_EQ(r->nothers, 0);
	}
	decode("[    1.0] iommu: hello\nno\n[ 1.1] dmar thing\n");
	CHECK_EQ(r->nothers, 2);
	CHECK_EQ(r->others[0].line, 1);
	CHECK_STR(r->others[1].text, "[ 1.1] dmar thing");
}

int main(void)
{
	int status = test_main();

	nest_log_free(klog);
	return status;
}
