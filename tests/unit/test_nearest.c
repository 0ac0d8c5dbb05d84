// SPDX-License-Identifier: GPL-2.0-or-later
/* Which word was meant. */
#include "nearest.h"
#include "test.h"

static const char *const commands[] = { "list",	  "show",   "probe", "check", "roundtrip",
					"decode", "report", "diff",  NULL };

TEST(distance, "letters added, left out, changed and swapped count one each")
{
	CHECK_EQ(nest_word_distance("list", "list"), 0);
	CHECK_EQ(nest_word_distance("lst", "list"), 1);
	CHECK_EQ(nest_word_distance("lists", "list"), 1);
	CHECK_EQ(nest_word_distance("lost", "list"), 1);
	CHECK_EQ(nest_word_distance("lsit", "list"), 1);
	CHECK_EQ(nest_word_distance("", "list"), 4);
	CHECK_EQ(nest_word_distance("list", ""), 4);
	CHECK_EQ(nest_word_distance("ca", "abc"), 3);
	CHECK_EQ(nest_word_distance("DEVICE", "device"), 0);
}

TEST(near, "a word with one letter in three wrong is still recognized")
{
	CHECK_STR(nest_nearest("lst", commands), "list");
	CHECK_STR(nest_nearest("chekc", commands), "check");
	CHECK_STR(nest_nearest("Report", commands), "report");
	CHECK_STR(nest_nearest("rountrip", commands), "roundtrip");
	CHECK_STR(nest_nearest("rond-trip", commands), "roundtrip");
	CHECK_STR(nest_nearest("dif", commands), "diff");
}

TEST(far, "nothing is suggested for a word that is like none of them")
{
	static const char *const none[] = { NULL };

	CHECK_STR(nest_nearest("frobnicate", commands), NULL);
	CHECK_STR(nest_nearest("ls", commands), NULL);
	CHECK_STR(nest_nearest("x", commands), NULL);
	CHECK_STR(nest_nearest("", commands), NULL);
	CHECK_STR(nest_nearest("list", none), NULL);
}

TEST(ties, "the nearest is suggested, and the first of several")
{
	static const char *const options[] = { "device", "devices", "driver", NULL };

	CHECK_STR(nest_nearest("devices", options), "devices");
	CHECK_STR(nest_nearest("devcies", options), "devices");
	CHECK_STR(nest_nearest("devicex", options), "device");
}

TEST(lengths, "words of any length are compared")
{
	static char word[300];
	const char *const choices[] = { word, NULL };

	memset(word, 'a', sizeof(word) - 1);
	CHECK_EQ(nest_word_distance(word, "a"), NEST_NEAREST_MAX - 1);
	CHECK_STR(nest_nearest("a", choices), NULL);
}

int main(void)
{
	return test_main();
}
