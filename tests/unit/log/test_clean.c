// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks that a log is freed of what carried it, whatever the size of the pieces. */
#include "log/clean.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "util.h"

static char *got;
static size_t len, room;
static int failing;

static int add(void *data, char c)
{
	(void)data;
	if (failing)
		return failing;
	if (len + 1 >= room)
		got = realloc(got, room = room ? room * 2 : 64);
	got[len++] = c;
	got[len] = '\0';
	return 0;
}

/* '|' stands for a break that is none of the file. */
static int add_break(void *data)
{
	return add(data, '|');
}

static int add_end(void *data)
{
	return add(data, '\n');
}

static int add_text(void *data, const char *text, size_t n)
{
	int err = 0;

	while (n-- && !err)
		err = add(data, *text++);
	return err;
}

/* '+' stands for a line of the file that is a part of the one before. */
static void add_joined(void *data)
{
	add(data, '+');
}

static int clean(const char *text, size_t n, size_t step)
{
	struct nest_clean *it = calloc(1, sizeof(*it));
	size_t at, piece;
	int err = 0;

	it->take = add;
	it->take_text = add_text;
	it->line_break = add_break;
	it->line_end = add_end;
	it->line_joined = add_joined;
	len = 0;
	for (at = 0; at < n && !err; at += piece) {
		piece = n - at < step ? n - at : step;
		err = nest_clean_feed(it, text + at, piece);
	}
	if (!err)
		err = nest_clean_finish(it);
	free(it);
	return err;
}

TEST(forms, "each form is read")
{
	static const struct {
		const char *text, *is;
	} cases[] = {
		{ "plain\ntext", "plain\ntext" },
		{ "a\xc2\xa0"
		  "b\xe2\x80\x8b"
		  "c\xef\xbb\xbf",
		  "a bc" },
		{ "\xc3\xa9\xff", "\xc3\xa9\xff" },
		{ "one#012two#011three", "one|two three" },
		{ "one\\x0atwo\\x5cx41", "one|two\\x41" },
		{ "&lt;a&gt;&nbsp;&amp;lt; &#39;x&#39;<br>b &unknown;",
		  "<a> &lt; 'x'|b &unknown;" },
		{ "&", "&" },
		{ "&#x2F;dev&#47;&#x5b;&#7;&#x110000;&#;", "/dev/[&#7;&#x110000;&#;" },
		{ "host p[1]: {\"level\":\"info\",\"msg\":\"EAL: x\"}", "host p[1]: EAL: x" },
		{ "{\"MESSAGE\":\"{\\\"msg\\\":\\\"EAL: x\\\"}\"}", "EAL: x" },
		{ "say {\"msg\":\"x\"} twice", "say {\"msg\":\"x\"} twice" },
		/* 76 columns and a soft break; then the next part is whole, however long */
		{ "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x4 [fault re=\n"
		  "ason 0x06] flags=3D1\nnext=\nline\n",
		  "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x4 [fault re"
		  "ason 0x06] flags=1\n+nextline\n+" },
		{ "a=3Db =2E end=20\n", "a=b . end \n" },
		{ "cb=10, sid=41", "cb=10, sid=41" },
		{ "x=2\nroot=3D/dev\nfault =2E\ny=", "x=2\nroot=/dev\nfault .\ny=" },
		{ "{\"MESSAGE\":\"a\\nb\\t\\\"c\\\" \\u00a0\\/\",\"x\":1}", "a|b\t\"c\"  /" },
		{ "{\"MESSAGE_ID\":\"no\", \"MESSAGE\" : \"yes\"}", "yes" },
		{ "{\"MESSAGE\":[68,77,0,65]}", "DMA" },
		{ "{\"MESSAGE\":null}", "{\"MESSAGE\":null}" },
		{ "{\"time\":   1.5,\"msg\":\"a\"},{\"time\":2.5,\"msg\":\"b\"}",
		  "[1.5] a|[2.5] b" },
		{ "   \"msg\": \"tail", "tail" },
		{ "{\"_SOURCE_MONOTONIC_TIMESTAMP\":\"12345678\",\"MESSAGE\":\"a\"}",
		  "[12.345678] a" },
		{ "\"x\\nDMAR: y\\\"\",", "\"x|DMAR: y\"\"," },
		{ "he said \"\\n\" here", "he said \"\\n\" here" },
		{ "\"2025\",\"h1\",\"a: \"\"b\"\" 0x1\",\"k:v,long:tag\",4\r\n",
		  "2025 h1 k:v,long:tag 4 a: \"b\" 0x1\n" },
		{ "1,\"a, b\"\n\"alone\"\n\"\",\"\"\n", "1 a, b\nalone\n\n" },
		{ "a,b\n\"a\", \"b\"\n\"a\"b,c\n", "a,b\n\"a\", \"b\"\n\"a\"b,c\n" },
		{ "level=err msg=\"a b: 0x1\"\nlast of a column\"\nload \"x\"\n",
		  "level=err msg=\"a b: 0x1\nlast of a column\nload \"x\"\n" },
		{ "{\"MESSAGE\":\"\\", "\\" },
		{ "", "" },
	};
	size_t i, step;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (step = 1; step < 9; step++) {
			CHECK_EQ(clean(cases[i].text, strlen(cases[i].text), step), 0);
			if (!CHECK_STR(len ? got : "", cases[i].is))
				printf("# of: %s\n", cases[i].text);
		}
}

TEST(wide, "UTF-16 is read with and without its mark, and bytes are not taken for it")
{
	static const char text[] = "[    0.4] DMAR: x\xc2\xa0y\n";
	char wide[200];
	size_t mark, order, n, i;

	for (mark = 0; mark < 2; mark++)
		for (order = 0; order < 2; order++) {
			n = 0;
			for (i = mark ? 0 : 1; i < sizeof(text); i++) {
				unsigned int unit = i ? (unsigned char)text[i - 1] : 0xfeff;

				if (unit == 0xc2)
					continue;
				wide[n++] = (char)(order ? unit >> 8 : unit);
				wide[n++] = (char)(order ? unit : unit >> 8);
			}
			CHECK_EQ(clean(wide, n, 7), 0);
			CHECK_STR(got, "[    0.4] DMAR: x y\n");
		}
	CHECK_EQ(clean("\xff\xfe\0\0DMAR: a\0b", 13, 3), 0);
	CHECK_STR(got, "\xff\xfe  DMAR: a b");
}

TEST(long_line, "a line of any length passes whole")
{
	size_t size = 3 * NEST_CLEAN_LINE + 5, i;
	char *text = malloc(size);

	for (i = 0; i < size; i++)
		text[i] = (char)('a' + i % 26);
	CHECK_EQ(clean(text, size, 1000), 0);
	CHECK_EQ(len, size);
	CHECK(!memcmp(got, text, size));
	free(text);
}

TEST(error, "what a callback returns ends it")
{
	failing = -ENOMEM;
	CHECK_EQ(clean("abc\n", 4, 4), -ENOMEM);
	CHECK_EQ(clean("{\"MESSAGE\":\"a\"}", 15, 4), -ENOMEM);
	failing = 0;
}

int main(void)
{
	int status = test_main();

	free(got);
	return status;
}
