// SPDX-License-Identifier: GPL-2.0-or-later
/* Options on the kernel's command line. */
#include "cmdline.h"
#include "test.h"

#define LINE "root=/dev/sda1 intel_iommu=on,sm_on iommu=pt xintel_iommu=off quiet\n"

TEST(words, "a value counts by itself or in a list, and whole words alone")
{
	CHECK(nest_cmdline_has(LINE, "intel_iommu", "on"));
	CHECK(nest_cmdline_has(LINE, "intel_iommu", "sm_on"));
	CHECK(!nest_cmdline_has(LINE, "intel_iommu", "sm"));
	CHECK(!nest_cmdline_has(LINE, "intel_iommu", "off"));
	CHECK(!nest_cmdline_has(LINE, "iommu", "on"));
	CHECK(!nest_cmdline_has(LINE, "quiet", ""));
	CHECK(!nest_cmdline_has(LINE, "intel_iommu=on,sm_on", "pt"));
}

TEST(option, "key and word in one")
{
	CHECK(nest_cmdline_option(LINE, "iommu=pt"));
	CHECK(nest_cmdline_option("iommu=pt,off", "iommu=off"));
	CHECK(!nest_cmdline_option(LINE, "intel_iommu=off"));
	CHECK(!nest_cmdline_option(LINE, "quiet"));
}

TEST(taken_back, "of words that take each other back the last counts")
{
	CHECK(nest_cmdline_has("intel_iommu=off quiet intel_iommu=on", "intel_iommu", "on"));
	CHECK(!nest_cmdline_has("intel_iommu=off quiet intel_iommu=on", "intel_iommu", "off"));
	CHECK(nest_cmdline_option("intel_iommu=on,off", "intel_iommu=off"));
	CHECK(!nest_cmdline_option("intel_iommu=on,off", "intel_iommu=on"));
	CHECK(!nest_cmdline_has("intel_iommu=on,sm_on intel_iommu=sm_off", "intel_iommu", "sm_on"));
	CHECK(nest_cmdline_has("intel_iommu=on,sm_on intel_iommu=sm_off", "intel_iommu", "on"));
	CHECK(!nest_cmdline_has("iommu=pt iommu=nopt", "iommu", "pt"));
	/* Nothing takes these back. */
	CHECK(nest_cmdline_has("amd_iommu=off amd_iommu=on", "amd_iommu", "off"));
	CHECK(nest_cmdline_has("iommu=off iommu=pt", "iommu", "off"));
}

TEST(sets, "an option with whatever value")
{
	CHECK(nest_cmdline_sets(LINE, "root"));
	CHECK(!nest_cmdline_sets(LINE, "oot"));
	CHECK(!nest_cmdline_sets(LINE, "quiet"));
}

TEST(quotes, "quotes are read as the kernel reads them")
{
	CHECK(nest_cmdline_has("a intel_iommu=\"on,sm_on\" b", "intel_iommu", "on"));
	CHECK(nest_cmdline_has("a intel_iommu=\"on,sm_on\" b", "intel_iommu", "sm_on"));
	CHECK(nest_cmdline_has("\"intel_iommu=on,sm_on\"", "intel_iommu", "sm_on"));
	CHECK(nest_cmdline_sets("\"iommu=pt\"", "iommu"));
	CHECK(!nest_cmdline_has("dyndbg=\"file a +p iommu=off\" quiet", "iommu", "off"));
	CHECK(!nest_cmdline_sets("dyndbg=\"file a +p iommu=off\"", "iommu"));
	CHECK(nest_cmdline_has("dyndbg=\"file a +p\" iommu=off", "iommu", "off"));
	CHECK(nest_cmdline_has("a=\"", "a", ""));
}

TEST(init, "what is behind -- is for init")
{
	CHECK(!nest_cmdline_has("quiet -- iommu=off", "iommu", "off"));
	CHECK(!nest_cmdline_sets("quiet -- iommu=off\n", "iommu"));
	CHECK(nest_cmdline_has("--x iommu=off", "iommu", "off"));
}

TEST(none, "a command line that could not be read has none")
{
	CHECK(!nest_cmdline_has(NULL, "iommu", "pt"));
	CHECK(!nest_cmdline_option("", "iommu=pt"));
	CHECK(!nest_cmdline_sets(NULL, "iommu"));
}

int main(void)
{
	return test_main();
}
