// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI addresses: what is one, how it is written, how they sort. */
#include <errno.h>

#include "pciaddr.h"
#include "test.h"
#include "util.h"

static const char *canonical(const char *text)
{
	static char buf[NEST_PCIADDR_MAX];
	struct nest_pciaddr addr;

	if (nest_pciaddr_parse(text, &addr))
		return NULL;
	nest_pciaddr_format(&addr, buf);
	return buf;
}

TEST(spellings, "an address is taken with and without its domain, in either case")
{
	CHECK_STR(canonical("0000:3a:00.0"), "0000:3a:00.0");
	CHECK_STR(canonical("3A:1f.7"), "0000:3a:1f.7");
	CHECK_STR(canonical("0:0.0"), "0000:00:00.0");
	CHECK_STR(canonical("10000:e1:00.0"), "10000:e1:00.0");
	CHECK_STR(canonical("ffffffff:ff:1f.7"), "ffffffff:ff:1f.7");
	CHECK_STR(canonical("pci_0000_3a_00_0"), "0000:3a:00.0");
	CHECK_STR(canonical("pci_10000_E1_1f_7"), "10000:e1:1f.7");
}

TEST(refused, "anything but one address is refused")
{
	static const char *const bad[] = {
		"",
		"3a",
		"3a:00",
		"3a:00.8",
		"3a:20.0",
		"100:00.0",
		"3a:00.0 ",
		" 3a:00.0",
		"-1:00.0",
		"0000:3a:00.",
		"123456789:00:00.0",
		"3a:00.0x",
		"0000::00.0",
		"a:b:c.d",
		"pci_0000_3a_00",
		"pci_3a_00_0",
		"pci_0000_3a_00_0_0",
		"pci_",
		"pci_0000:3a:00.0",
		"pci_0000_3a_00_8",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_STR(canonical(bad[i]), NULL);
}

static uint64_t key(const char *text)
{
	struct nest_pciaddr addr = { 0 };

	CHECK_EQ(nest_pciaddr_parse(text, &addr), 0);
	return nest_pciaddr_key(&addr);
}

TEST(order, "addresses sort by number")
{
	CHECK(key("0000:02:00.0") < key("0000:10:00.0"));
	CHECK(key("10000:00:00.0") > key("9999:00:00.0"));
	CHECK(key("0000:00:1f.0") == key("00:1f.0"));
	CHECK(key("ffffffff:ff:1f.7") < UINT64_MAX);
}

int main(void)
{
	return test_main();
}
