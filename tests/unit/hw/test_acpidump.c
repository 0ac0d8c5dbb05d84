// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks that ACPI listings are read in every shape people post them in. */

#include "hw/acpidump.h"

#include <errno.h>
#include <stdlib.h>

#include "test.h"

static uint8_t *bytes;
static size_t nbytes;
static struct nest_acpidump_problem problem;

/* Parses a listing from exactly its own bytes and checks the result against want. */
static int parse_len(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, text, len);
	free(bytes);
	bytes = NULL;
	nbytes = 0;
	memset(&problem, 0, sizeof(problem));
	err = nest_acpidump_parse(copy, len, "DMAR", &bytes, &nbytes, &problem);
	free(copy);
	return err;
}

static int parse(const char *text)
{
	return parse_len(text, strlen(text));
}

/* 21 bytes, so that the last line is a short one; the text column looks like hex. */
static const uint8_t sample[] = { 'D', 'M', 'A', 'R', 0x15, 0,	 0,   0,    1,	  0xAB, 'A',
				  'C', 'M', 'E', ' ', ' ',  'B', 'E', 0xEF, 0x7E, 0x00 };

static void same(const char *text)
{
	CHECK_EQ(parse(text), 0);
	CHECK_EQ(nbytes, sizeof(sample));
	if (nbytes == sizeof(sample))
		CHECK_MEM(bytes, sample, sizeof(sample));
	CHECK_STR(problem.text, "");
}

TEST(acpidump, "acpidump's listing is read")
{
	same("DMAR @ 0x0000000000000000\n"
	     "    0000: 44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20  DMAR......ACME  \n"
	     "    0010: 42 45 EF 7E 00                                   BE.~.\n"
	     "\n");
}

TEST(old_acpidump, "lower case, a physical address and CR LF do not matter")
{
	same("DMAR @ 0x7bafe000\r\n"
	     "  0000: 44 4d 41 52 15 00 00 00 01 ab 41 43 4d 45 20 20  DMAR......ACME  \r\n"
	     "  0010: 42 45 ef 7e 00                                   BE.~.\r\n");
}

TEST(xxd, "xxd's pairs are read, plain xxd too")
{
	same("00000000: 444d 4152 1500 0000 01ab 4143 4d45 2020  DMAR......ACME  \n"
	     "00000010: 4245 ef7e 00                             BE.~.\n");
	same("444d41521500000001ab41434d4520204245ef7e00\n");
}

TEST(hexdump, "hexdump's listing is read, with -C and as words")
{
	same("00000000  44 4d 41 52 15 00 00 00  01 ab 41 43 4d 45 20 20  |DMAR......ACME  |\n"
	     "00000010  42 45 ef 7e 00                                    |BE.~.|\n"
	     "00000015\n");
	CHECK_EQ(parse("0000000 4d44 5241 0015 0000 ab01 4341 454d 2020\n"
		       "0000010 4542 7eef 0000\n"
		       "0000015\n"),
		 0);
	CHECK_EQ(nbytes, 22); /* the odd last byte is printed as a word */
	CHECK_MEM(bytes, sample, sizeof(sample));
}

TEST(od, "od's octal offsets are read")
{
	same("0000000 44 4d 41 52 15 00 00 00 01 ab 41 43 4d 45 20 20\n"
	     "0000020 42 45 ef 7e 00\n"
	     "0000025\n");
}

TEST(bare, "bare bytes with a text column after one blank are read")
{
	same("44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20 DMAR......ACME\n"
	     "42 45 EF 7E 00\n");
}

TEST(quoted, "a listing quoted in a mail is read")
{
	same("On Monday someone wrote:\n"
	     "> > DMAR @ 0x0\n"
	     "> >   0000: 44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20  DMAR......ACME  \n"
	     "> >   0010: 42 45 EF 7E 00                                   BE.~.\n"
	     "> thanks, face cafe\n");
}

TEST(iasl, "the raw data after an iasl disassembly is read")
{
	same("[000h 0000   4]                    Signature : \"DMAR\"    [DMA Remapping table]\n"
	     "[026h 0038  10]                     Reserved : 00 00 00 00 00 00 00 00 00 00\n"
	     "\n"
	     "Raw Table Data: Length 21 (0x15)\n"
	     "\n"
	     "    0000: 44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20  // DMAR......ACME  \n"
	     "    0010: 42 45 EF 7E 00                                   // BE.~.\n");
}

TEST(several, "the table is picked out of a whole acpidump")
{
	same("FACP @ 0x0000000000000000\n"
	     "    0000: 46 41 43 50 14 01 00 00 06 9A 41 4C 41 53 4B 41  FACP......ALASKA\n"
	     "\n"
	     "APIC @ 0x0000000000000000\n"
	     "    0000: 41 50 49 43 08 00 00 00                          APIC....\n"
	     "\n"
	     "DMAR @ 0x0000000000000000\n"
	     "    0000: 44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20  DMAR......ACME  \n"
	     "    0010: 42 45 EF 7E 00                                   BE.~.\n"
	     "\n"
	     "MCFG @ 0x0000000000000000\n"
	     "    0000: 4D 43 46 47 3C 00 00 00 01 C8 41 4C 41 53 4B 41  MCFG<.....ALASKA\n");
}

TEST(no_headings, "tables without headings are told apart by their offsets")
{
	same("0000: 46 41 43 50 14 01 00 00 06 9A 41 4C 41 53 4B 41\n"
	     "0000: 44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20\n"
	     "0010: 42 45 EF 7E 00\n"
	     "0000: 4D 43 46 47 3C 00 00 00 01 C8 41 4C 41 53 4B 41\n");
}

TEST(absent, "a listing without the table names those it has")
{
	CHECK_EQ(parse("FACP @ 0x0\n  0000: 46 41 43 50 14 01 00 00\n\n"
		       "XXXX @ 0x0\n  0000: 1B 5B 31 6D 14 01 00 00\n"),
		 -ENOENT);
	CHECK_STR(problem.text, "the listing has no DMAR table; it begins with: FACP, ?[1m");
	CHECK(!bytes);
}

TEST(no_listing, "text without a listing is refused")
{
	CHECK_EQ(parse(""), -EINVAL);
	CHECK_EQ(parse("\n\n\n"), -EINVAL);
	CHECK_EQ(parse("DMAR @ 0x0000\n"), -EINVAL);
	CHECK_EQ(parse("be a dead beef cafe\n0010: 44 4D 41 52\n"), -EINVAL);
	CHECK_STR(problem.text, "no hex listing of a table was found");
}

TEST(missing_line, "a missing line ends the table and is told with its number")
{
	CHECK_EQ(parse("DMAR @ 0x0\n"
		       "  0000: 44 4D 41 52 15 00 00 00 01 AB 41 43 4D 45 20 20\n"
		       "  0020: 42 45 EF 7E 00\n"),
		 0);
	CHECK_EQ(nbytes, 16);
	CHECK_EQ(problem.line, 3);
	CHECK_STR(problem.text, "the listing goes on at offset 0x20 where 0x10 is due: lines are "
				"missing");
}

TEST(star, "hexdump's star stands for repeated lines, within limits")
{
	CHECK_EQ(parse("00000000  44 4d 41 52 00 00 00 00  00 00 00 00 00 00 00 00  |DMAR|\n"
		       "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |....|\n"
		       "*\n"
		       "00000040  07 00 00 00\n"),
		 0);
	CHECK_EQ(nbytes, 0x44);
	CHECK_EQ(bytes[0x40], 7);
	CHECK_EQ(parse("00000000  44 4d 41 52 00 00 00 00  00 00 00 00 00 00 00 00  |DMAR|\n"
		       "*\n"
		       "ffffffff0  07 00 00 00\n"),
		 0);
	CHECK_EQ(nbytes, 16);
	CHECK(problem.text[0] != '\0');
}

TEST(odd_bytes, "NULs, half bytes and huge offsets end a line, not the program")
{
	CHECK_EQ(parse_len("0000: 44 4D 41 52 \0 15 00\n", 26), 0);
	CHECK_EQ(nbytes, 4);
	CHECK_EQ(parse("0000: 44 4D 41 5\n"), -EINVAL);
	CHECK_EQ(parse("0000: 44 4D 41 52 1\n0004: 15\n"), 0);
	CHECK_EQ(nbytes, 5);
	CHECK_EQ(parse("ffffffffffffffffffffffffffffffffffff: 44 4D 41 52\n"), -EINVAL);
}

TEST(big, "listings and tables beyond the limits are refused or cut")
{
	const char line[] = "44 4d 41 52 00 00 00 00 00 00 00 00 00 00 00 00\n";
	size_t lines = NEST_ACPIDUMP_TABLE_MAX / 16 + 3, i;
	char *text = malloc(lines * (sizeof(line) - 1) + 1);

	for (i = 0; i < lines; i++)
		memcpy(text + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	CHECK_EQ(parse_len(text, lines * (sizeof(line) - 1)), 0);
	CHECK_EQ(nbytes, NEST_ACPIDUMP_TABLE_MAX);
	CHECK_STR(problem.text, "the table is longer than 1 MiB");
	free(text);
	text = calloc(1, NEST_ACPIDUMP_TEXT_MAX + 1);
	CHECK_EQ(parse_len(text, NEST_ACPIDUMP_TEXT_MAX + 1), -E2BIG);
	CHECK_STR(problem.text, "the listing is longer than 16 MiB");
	free(text);
	free(bytes);
	bytes = NULL;
}

int main(void)
{
	return test_main();
}
