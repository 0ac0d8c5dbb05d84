// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks what the register tables promise to printers: unique names, no overlap, safe meanings. */

#include "test.h"

#include "hw_decode.h"

#define KINDS 3

static void decode_kind(int kind, uint64_t a, uint64_t b, struct nest_regs *ret)
{
	if (kind == 0)
		decode_vtd(a, b, ret);
	else if (kind == 1)
		decode_amd(a, &b, ret);
	else
		decode_smmuv3((uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32),
			      ret);
}

TEST(names, "field names are unique in a kind, and snake_case")
{
	const struct nest_field *field;
	struct nest_regs regs;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		decode_kind(kind, 2, 2, &regs);
		nest_for_each_field (&regs, field) {
			CHECK(nest_field_find(&regs, field->name) == field);
			CHECK_EQ(strspn(field->name, "abcdefghijklmnopqrstuvwxyz0123456789_"),
				 strlen(field->name));
			CHECK(field->title && field->title[0]);
			CHECK(nest_reg_find(&regs, field->reg) != NULL);
		}
	}
}

TEST(overlap, "fields of a register do not overlap, lie inside it and are in order")
{
	const struct nest_field *field;
	const char *reg = "";
	struct nest_regs regs;
	unsigned int next = 0;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		decode_kind(kind, 2, 2, &regs);
		nest_for_each_field (&regs, field) {
			if (strcmp(field->reg, reg))
				next = 0;
			reg = field->reg;
			CHECK(field->lsb >= next);
			next = field->lsb + field->width;
			CHECK(next <= nest_reg_find(&regs, reg)->bits);
		}
	}
}

TEST(meanings, "every encoding of every field has a meaning below 80 characters")
{
	const struct nest_field *field;
	struct nest_regs regs;
	char buf[200];
	uint64_t raw;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		decode_kind(kind, 0x8000000012, 8,
			    &regs); /* so that psi, ir, gtsup… are asked too */
		nest_for_each_field (&regs, field) {
			for (raw = 0; field->say && raw < (1ull << field->width) && raw < 4096;
			     raw++) {
				memset(buf, 'x', sizeof(buf));
				field->say(&regs, raw, buf, sizeof(buf));
				CHECK(memchr(buf, '\0', 80) != NULL && buf[0]);
			}
		}
	}
}

TEST(short_buffer, "a meaning is cut to the buffer and terminated")
{
	const struct nest_field *field;
	struct nest_regs regs;
	char buf[4];
	size_t len;
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		decode_kind(kind, 0x123456789abcdef0, 0xfedcba987654321, &regs);
		nest_for_each_field (&regs, field) {
			for (len = 1; len <= sizeof(buf); len++) {
				memset(buf, 'x', sizeof(buf));
				if (nest_reg_find(&regs, field->reg)->known) {
					CHECK_EQ(nest_field_meaning(&regs, field, buf, len), 0);
					CHECK(memchr(buf, '\0', len) != NULL);
				}
			}
		}
	}
}

TEST(unknown_names, "a name that is not there is refused, not guessed")
{
	struct nest_regs regs;

	decode_vtd(1, 1, &regs);
	CHECK(!nest_field_find(&regs, "gtsup"));
	CHECK(!nest_field_find(&regs, ""));
	CHECK(!nest_field_set(&regs, "gtsup"));
	CHECK(!nest_reg_find(&regs, "efr"));
	CHECK_STR(regs.hw->name, "vt-d");
	CHECK_STR(nest_tri_name(NEST_UNKNOWN), "unknown");
}

TEST(remarks_bounded, "remarks beyond the room are dropped")
{
	struct nest_regs regs;
	int i;

	decode_vtd(1, 1, &regs);
	for (i = 0; i < 100; i++)
		nest_regs_remark(&regs, "x", "%0400d", i);
	CHECK_EQ(regs.nnotes, NEST_REGS_NOTES_MAX);
	CHECK_EQ(strlen(regs.notes[NEST_REGS_NOTES_MAX - 1].text), sizeof(regs.notes[0].text) - 1);
}

int main(void)
{
	return test_main();
}
