// SPDX-License-Identifier: GPL-2.0-or-later
/* Capabilities in config space, good and bad. */
#include <errno.h>

#include "inventory/pcicap.h"
#include "test.h"

static uint8_t config[4096];

static void put16(size_t at, uint16_t value)
{
	config[at] = (uint8_t)value;
	config[at + 1] = (uint8_t)(value >> 8);
}

static void put32(size_t at, uint32_t value)
{
	put16(at, (uint16_t)value);
	put16(at + 2, (uint16_t)(value >> 16));
}

/* An Express endpoint with FLR, then extended capabilities as a test adds them. */
static void express(void)
{
	memset(config, 0, sizeof(config));
	put32(0, 0x10d38086);
	put16(6, 0x10);
	config[0x34] = 0x40;
	put16(0x40, 0x5010); /* Express, next 0x50 */
	put32(0x44, 1u << 28);
	put16(0x50, 0x0001); /* power management, last */
}

static void extended(size_t at, uint16_t id, size_t next)
{
	put32(at, (uint32_t)next << 20 | 1 << 16 | id);
}

TEST(all, "ATS, PRI, PASID, ACS and SR-IOV are found with their settings")
{
	struct nest_pcicaps caps;

	express();
	extended(0x100, 0x0f, 0x110);
	put16(0x104, 5);
	put16(0x106, 0x8000);
	extended(0x110, 0x13, 0x120);
	put16(0x114, 1);
	put16(0x116, 0x8000);
	put32(0x118, 512);
	extended(0x120, 0x1b, 0x130);
	put16(0x124, 20 << 8 | 2);
	extended(0x130, 0x0d, 0x140);
	put16(0x134, 0x1d);
	put16(0x136, 0x1d);
	extended(0x140, 0x10, 0);
	put16(0x148, 1);
	put16(0x14e, 64);
	put16(0x150, 8);
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), 0);
	CHECK_STR(caps.trouble, NULL);
	CHECK_EQ(caps.express, NEST_YES);
	CHECK_EQ(caps.flr, NEST_YES);
	CHECK_EQ(caps.ats.enabled, NEST_YES);
	CHECK_EQ(caps.ats_queue_depth, 5);
	CHECK_EQ(caps.pri.enabled, NEST_YES);
	CHECK(caps.pri_needs_pasid);
	CHECK_EQ(caps.pri_capacity, 512);
	CHECK_EQ(caps.pasid.present, NEST_YES);
	CHECK_EQ(caps.pasid.enabled, NEST_NO);
	CHECK_EQ(caps.pasid_bits, 20);
	CHECK(caps.pasid_exec && !caps.pasid_priv);
	CHECK_EQ(caps.acs.enabled, NEST_YES);
	CHECK_EQ(caps.sriov_total, 64);
	CHECK_EQ(caps.sriov_num, 8);
}

TEST(partial, "what lies beyond a short read is unknown, not absent")
{
	struct nest_pcicaps caps;

	express();
	CHECK_EQ(nest_pcicaps_parse(config, 64, &caps), 0);
	CHECK_EQ(caps.express, NEST_UNKNOWN);
	CHECK_EQ(caps.ats.present, NEST_UNKNOWN);
	CHECK_EQ(nest_pcicaps_parse(config, 256, &caps), 0);
	CHECK_EQ(caps.express, NEST_YES);
	CHECK_EQ(caps.ats.present, NEST_UNKNOWN);
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), 0);
	CHECK_EQ(caps.ats.present, NEST_NO);
}

TEST(conventional, "a conventional function has no extended capabilities")
{
	struct nest_pcicaps caps;

	memset(config, 0, sizeof(config));
	CHECK_EQ(nest_pcicaps_parse(config, 256, &caps), 0);
	CHECK_EQ(caps.express, NEST_NO);
	CHECK_EQ(caps.pasid.present, NEST_NO);
	CHECK_STR(caps.trouble, NULL);
}

TEST(loops, "a list that loops or leads away ends with its trouble told")
{
	struct nest_pcicaps caps;

	express();
	put16(0x50, 0x4001); /* back to the first */
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), 0);
	CHECK_HAS(caps.trouble, "loops");
	express();
	extended(0x100, 0x0f, 0x100);
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), 0);
	CHECK_HAS(caps.trouble, "loops");
	CHECK_EQ(caps.ats.present, NEST_YES);
	CHECK_EQ(caps.pri.present, NEST_UNKNOWN);
	express();
	extended(0x100, 0x01, 0x40);
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), 0);
	CHECK_HAS(caps.trouble, "points outside");
	express();
	extended(0x100, 0x01, 0xffc);
	extended(0xffc, 0x10, 0);
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), 0);
	CHECK_HAS(caps.trouble, "beyond the end");
}

TEST(refused, "a dead device and a cut header are told apart from capabilities")
{
	struct nest_pcicaps caps;

	memset(config, 0xff, sizeof(config));
	CHECK_EQ(nest_pcicaps_parse(config, 4096, &caps), -ENODEV);
	CHECK_EQ(nest_pcicaps_parse(config, 63, &caps), -EINVAL);
	CHECK_EQ(nest_pcicaps_parse(config, 0, &caps), -EINVAL);
}

int main(void)
{
	return test_main();
}
