// SPDX-License-Identifier: GPL-2.0-or-later
/* Requirements: what is one, sizes, policies, and that what is not known is met by nothing. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "hw/hw.h"
#include "check/requirements.h"
#include "util.h"

static struct nest_model model;
static struct nest_facts facts;
static struct nest_unit units[2];
static struct nest_check check;

static enum nest_result judged(const char *text)
{
	const struct nest_rules_input in = { .model = &model,
					     .facts = &facts,
					     .purpose = NEST_FOR_NESTED };
	enum nest_result result;

	if (nest_requirements_judge(&in, &text, 1, &check))
		abort();
	result = check.requirements[0].result;
	nest_check_free(&check);
	return result;
}

static void host(unsigned int major, unsigned int minor)
{
	memset(&facts, 0, sizeof(facts));
	facts.major = major;
	facts.minor = minor;
	model.units = units;
	model.nunits = 2;
	model.iommu_present = NEST_YES;
	units[0] = (struct nest_unit){ .name = "dmar0",
				       .hw = &nest_hw_vtd,
				       .nesting = NEST_YES,
				       .values = { { 0x9ed008c40780466, 0x3ef9ea6f050df }, 3, 0 } };
	units[1] = units[0];
}

TEST(releases, "releases are compared by their numbers")
{
	host(6, 12);
	CHECK_EQ(judged("kernel>=6.8"), NEST_RESULT_PASS);
	CHECK_EQ(judged("kernel >= 6.12"), NEST_RESULT_PASS);
	CHECK_EQ(judged("kernel>6.12"), NEST_RESULT_FAIL);
	CHECK_EQ(judged("kernel<6.100"), NEST_RESULT_PASS);
	CHECK_EQ(judged("kernel>=6"), NEST_RESULT_PASS);
	CHECK_EQ(judged("kernel=6"), NEST_RESULT_FAIL);
	CHECK_EQ(judged("kernel==6.12"), NEST_RESULT_PASS);
	CHECK_EQ(judged("kernel!=6.12"), NEST_RESULT_FAIL);
	host(0, 0);
	CHECK_EQ(judged("kernel>=1"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("kernel!=1"), NEST_RESULT_UNKNOWN);
}

TEST(units_together, "all, some and none of the units, and none where one is not known")
{
	host(6, 12);
	CHECK_EQ(judged("units.nesting=all"), NEST_RESULT_PASS);
	CHECK_EQ(judged("units=2"), NEST_RESULT_PASS);
	CHECK_EQ(judged("pasid_bits>=20"), NEST_RESULT_PASS);
	CHECK_EQ(judged("pasid_bits>20"), NEST_RESULT_FAIL);
	units[1].nesting = NEST_NO;
	CHECK_EQ(judged("units.nesting=some"), NEST_RESULT_PASS);
	CHECK_EQ(judged("nesting"), NEST_RESULT_PASS);
	units[0].nesting = NEST_NO;
	CHECK_EQ(judged("units.nesting=none"), NEST_RESULT_PASS);
	CHECK_EQ(judged("nesting"), NEST_RESULT_FAIL);
	units[0].nesting = NEST_UNKNOWN;
	CHECK_EQ(judged("units.nesting=none"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("nesting"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("nesting=no"), NEST_RESULT_UNKNOWN);
}

TEST(pasid_bits, "PASID bits of any kind of unit that shows them, and unknown if one does not")
{
	host(6, 12);
	units[0].hw = &nest_hw_amd;
	units[0].values = (struct nest_hw_values){ { 0x246577efa2254afa, 0 }, 3, 0 };
	units[1] = units[0];
	CHECK_EQ(judged("pasid_bits=16"), NEST_RESULT_PASS);
	units[1].hw = &nest_hw_mock;
	CHECK_EQ(judged("pasid_bits=16"), NEST_RESULT_PASS);
	units[1].hw = &nest_hw_smmuv3;
	units[1].values = (struct nest_hw_values){ 0 };
	CHECK_EQ(judged("pasid_bits>=16"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("pasid_bits<16"), NEST_RESULT_UNKNOWN);
	units[1] = units[0];
	units[1].values.reg[0] = UINT64_MAX; /* a unit that does not answer */
	CHECK_EQ(judged("pasid_bits>=16"), NEST_RESULT_UNKNOWN);
	model.nunits = 0;
	CHECK_EQ(judged("pasid_bits>=0"), NEST_RESULT_UNKNOWN);
}

TEST(pasid_bits_probed, "a probe tells the PASID bits of an SMMUv3 to devices behind it")
{
	static struct nest_device dev = { .name = "0000:01:00.0", .unit = 0 },
				  other = { .unit = 1 };
	static struct nest_show show = {
		.have_caps = true, .caps = { .pasid = { NEST_YES, NEST_NO }, .pasid_bits = 18 }
	};
	static struct nest_show *shows[] = { &show };
	static struct nest_probe probe;
	const struct nest_device *devices[] = { &dev };
	struct nest_rules_input in = { .model = &model,
				       .facts = &facts,
				       .probes = &probe,
				       .nprobes = 1,
				       .named = true,
				       .devices = devices,
				       .ndevices = 1 };
	const char *text = "pasid_bits=16";

	host(6, 13);
	units[0].hw = units[1].hw = &nest_hw_smmuv3;
	units[1].values = (struct nest_hw_values){ 0 };
	facts.shows = shows;
	probe.device = &dev;
	/* It puts them into the model (probe/run.c). */
	units[0].values = (struct nest_hw_values){ { 8, 16 << 6, 0, 1, 0, 1 }, 0x3f, 0 };
	CHECK_EQ(nest_requirements_judge(&in, &text, 1, &check), 0);
	CHECK_EQ(check.requirements[0].result, NEST_RESULT_PASS);
	nest_check_free(&check);
	devices[0] = &other;
	CHECK_EQ(nest_requirements_judge(&in, &text, 1, &check), 0);
	CHECK_EQ(check.requirements[0].result, NEST_RESULT_UNKNOWN);
	nest_check_free(&check);
}

TEST(needs_probe, "what only open nodes tell is not known without them")
{
	host(6, 12);
	CHECK_EQ(judged("uapi_version>=1"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("uapi_version<1"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("abi=iommufd"), NEST_RESULT_UNKNOWN);
	CHECK_EQ(judged("driver=vfio-pci"), NEST_RESULT_UNKNOWN);
}

TEST(flaws, "what is no requirement, and why")
{
	static const char *const bad[] = { "",		 "nosuch",   "kernel",	    "kernel=",
					   "kernel~6",	 "kernel!6", "nesting>yes", "kernel>=six",
					   "nesting = ", "=6",	     "kernel>==6" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(nest_requirement_flaw(bad[i]) != NULL);
	CHECK(!nest_requirement_flaw("nesting"));
	CHECK(!nest_requirement_flaw("nesting = yes"));
	CHECK(!nest_requirement_flaw("kernel>=6.8"));
	CHECK(!nest_requirement_flaw("units.nesting!=none"));
	CHECK(!nest_requirement_flaw("driver=any-driver"));
	CHECK_HAS(nest_requirement_flaw("units.nesting=maybe"), "all, some, none");
	CHECK_HAS(nest_requirement_flaw("abi=type1-nesting"), "rfc-version");
	CHECK_HAS(nest_requirement_flaw("ready=maybe"), "yes, no");
	CHECK_HAS(nest_requirement_flaw("ready="), "missing");
	CHECK_HAS(nest_requirement_flaw("units.nesting"), "missing");
	CHECK_HAS(nest_requirement_flaw("pasid_bits=many"), "number");
	for (i = 0; nest_requirement_name(i); i++)
		CHECK(nest_requirement_meaning(i) && nest_requirement_values(i));
}

TEST(sizes, "sizes have a unit or none, and a limit")
{
	uint64_t bytes = 7;

	CHECK_EQ(nest_parse_size("16G", &bytes), 0);
	CHECK_EQ(bytes, UINT64_C(16) << 30);
	CHECK_EQ(nest_parse_size("512MiB", &bytes), 0);
	CHECK_EQ(bytes, UINT64_C(512) << 20);
	CHECK_EQ(nest_parse_size("4096", &bytes), 0);
	CHECK_EQ(bytes, 4096);
	CHECK_EQ(nest_parse_size("0", &bytes), -EINVAL);
	CHECK_EQ(nest_parse_size("-1G", &bytes), -EINVAL);
	CHECK_EQ(nest_parse_size("1X", &bytes), -EINVAL);
	CHECK_EQ(nest_parse_size("1Gx", &bytes), -EINVAL);
	CHECK_EQ(nest_parse_size("99999999999T", &bytes), -ERANGE);
	CHECK_EQ(bytes, 4096);
}

TEST(policies, "a policy is lines, with comments, up to a limit")
{
	const char *texts[NEST_REQUIREMENTS_MAX], *flaw = NULL;
	char good[] = "# all\n nesting=yes # here\n\r\nkernel>=6.8", bad[] = "nesting\nnestign\n";
	struct nest_pool pool = { 0 };
	unsigned int line;
	size_t n = 0;

	CHECK_EQ(nest_policy_parse(&pool, good, texts, &n, &line, &flaw), 0);
	CHECK_EQ(n, 2);
	CHECK_STR(texts[0], "nesting=yes");
	CHECK_STR(texts[1], "kernel>=6.8");
	n = 0;
	CHECK_EQ(nest_policy_parse(&pool, bad, texts, &n, &line, &flaw), -EINVAL);
	CHECK_EQ(line, 2);
	CHECK(flaw != NULL);
	nest_pool_free(&pool);
}

int main(void)
{
	return test_main();
}
