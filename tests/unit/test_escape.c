// SPDX-License-Identifier: GPL-2.0-or-later
/* What may reach a terminal. */
#include <stdlib.h>

#include "escape.h"
#include "test.h"

static void check_escape(const char *in, const char *want)
{
	char *got = nest_escape(in);

	CHECK_STR(got, want);
	CHECK_EQ(nest_is_safe(in), !strcmp(in, want));
	free(got);
}

TEST(plain, "plain text and ordinary UTF-8 stay as they are")
{
	check_escape("", "");
	check_escape("Intel Corporation 82574L", "Intel Corporation 82574L");
	check_escape("Größe ≤ 5 µs 漢字 😀", "Größe ≤ 5 µs 漢字 😀");
}

TEST(control, "control characters are written as numbers")
{
	check_escape("\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m");
	check_escape("a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f");
	check_escape("\xc2\x9b"
		     "31m",
		     "\\xc2\\x9b31m"); /* CSI as one C1 character */
}

TEST(invalid, "bytes that are no UTF-8 are written as numbers")
{
	check_escape("\xff\xfe", "\\xff\\xfe");
	check_escape("\xc0\xaf", "\\xc0\\xaf");			  /* overlong */
	check_escape("\xed\xa0\x80", "\\xed\\xa0\\x80");	  /* surrogate */
	check_escape("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	check_escape("cut \xe2\x82", "cut \\xe2\\x82");
}

TEST(direction, "characters that reorder or hide text are written as numbers")
{
	check_escape("a\xe2\x80\xae"
		     "b",
		     "a\\xe2\\x80\\xaeb");
	check_escape("a\xe2\x80\x8b"
		     "b",
		     "a\\xe2\\x80\\x8bb");
	check_escape("\xef\xbb\xbfx", "\\xef\\xbb\\xbfx");
}

TEST(none, "what is no character in XML and YAML is written as numbers")
{
	check_escape("\xef\xbf\xbe", "\\xef\\xbf\\xbe");	  /* U+FFFE */
	check_escape("\xef\xbf\xbf", "\\xef\\xbf\\xbf");	  /* U+FFFF */
	check_escape("\xf0\x9f\xbf\xbe", "\\xf0\\x9f\\xbf\\xbe"); /* U+1FFFE */
	check_escape("\xef\xbf\xbd", "\xef\xbf\xbd");		  /* U+FFFD may be shown */
}

int main(void)
{
	return test_main();
}
