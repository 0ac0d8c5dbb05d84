// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the table of fault reasons: the codes measured on real kernels, and that it is sound. */

#include "hw/vtd-fault.h"

#include "test.h"

TEST(measured, "codes that were provoked mean what provoked them")
{
	CHECK_HAS(nest_vtd_reason(0x71)->meaning, "first stage does not map");
	CHECK_HAS(nest_vtd_reason(0x72)->meaning, "reserved bits");
	CHECK_HAS(nest_vtd_reason(0x85)->meaning, "write");
	CHECK_HAS(nest_vtd_reason(0x81)->meaning, "supervisor page");
	CHECK_HAS(nest_vtd_reason(0x80)->meaning, "not canonical");
	CHECK_HAS(nest_vtd_reason(0x79)->meaning, "second stage");
	CHECK_HAS(nest_vtd_reason(0x59)->meaning, "no PASID table entry");
	CHECK_HAS(nest_vtd_reason(0x05)->meaning, "write");
	CHECK_HAS(nest_vtd_reason(0x06)->meaning, "read");
	CHECK_HAS(nest_vtd_reason(0x26)->meaning, "another device");
}

TEST(gaps, "codes without a meaning have none")
{
	CHECK(!nest_vtd_reason(0x00));
	CHECK(!nest_vtd_reason(0x0f));
	CHECK(!nest_vtd_reason(0x2a));
	CHECK(!nest_vtd_reason(0x34));
	CHECK(!nest_vtd_reason(0x60));
	CHECK(!nest_vtd_reason(0xff));
}

TEST(sound, "every code has its own meaning and cause, every condition its own code")
{
	const struct nest_vtd_reason *r, *other;
	unsigned int code, k, known = 0;

	for (code = 0; code < 256; code++) {
		r = nest_vtd_reason((uint8_t)code);
		if (!r)
			continue;
		known++;
		CHECK_EQ(r->code, code);
		CHECK(r->meaning[0] && r->cause[0]);
		CHECK((r->condition == NULL) == (code >= 0x20 && code < 0x30));
		for (k = code + 1; r->condition && k < 256; k++) {
			other = nest_vtd_reason((uint8_t)k);
			if (other && other->condition)
				CHECK(strcmp(r->condition, other->condition) != 0);
		}
	}
	/* 14 legacy, 10 interrupt, 7 root, 9 context, 9 PASID, 10 + 6 stages, 8 general */
	CHECK_EQ(known, 73);
}

int main(void)
{
	return test_main();
}
