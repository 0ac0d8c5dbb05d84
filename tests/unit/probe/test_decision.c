// SPDX-License-Identifier: GPL-2.0-or-later
/* The decision over what probes can find, one kernel or obstacle a test. */
#include "test.h"

#include <errno.h>

#include "probe/probe.h"
#include "uapi/vfio.h"

static struct nest_probe probe;
static struct nest_decision decision;
static const struct nest_device device = { .name = "0000:3a:00.0", .driver = "vfio-pci" };
static const struct nest_group group = { .id = 12 };
static struct nest_infocap cap;

static struct nest_outcome ok(int result)
{
	return (struct nest_outcome){ .status = NEST_OUTCOME_OK, .result = result };
}

static struct nest_outcome failed(enum nest_stage stage, int err)
{
	return (struct nest_outcome){ .status = NEST_OUTCOME_FAILED, .err = err, .stage = stage };
}

static void extension(uint32_t id, int value)
{
	probe.container.extensions[id - 1].before = ok(value);
}

static struct nest_probe_type *type(uint32_t id)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++)
		if (probe.container.types[i].id == id)
			return &probe.container.types[i];
	return NULL;
}

/* A legacy container with the type1 driver, and a kernel without iommufd. */
static void stock(int nesting_advertised)
{
	static const uint32_t ids[] = { 1, 3, 6, 2, 7, 8 };
	uint32_t i;

	memset(&probe, 0, sizeof(probe));
	probe.iommu_present = NEST_YES;
	probe.container.node.open = ok(0);
	probe.container.node.node.path = "/dev/vfio/vfio";
	probe.container.provider = NEST_PROVIDER_TYPE1;
	probe.container.api_version = ok(0);
	for (i = 1; i <= NEST_EXTENSIONS; i++)
		extension(i, i == 1 || i == 3 || i == 9);
	extension(6, nesting_advertised);
	probe.container.before_set_iommu =
		(struct nest_version){ .status = NEST_VERSION_ABSENT, .err = EINVAL };
	for (i = 0; i < NEST_TYPES; i++)
		probe.container.types[i].id = ids[i];
	probe.iommufd.node.open = failed(NEST_STAGE_OPEN_IOMMUFD, ENOENT);
	probe.iommufd.node.node.path = "/dev/iommu";
	probe.iommufd.in_kernel = NEST_NO;
	probe.iommufd.in_kernel_why = "there is no /sys/class/misc/iommu";
}

/* A device to try it with, for which the plain types can be set. */
static void with_device(void)
{
	probe.have_target = true;
	probe.device = &device;
	probe.group = &group;
	type(1)->set_iommu = type(3)->set_iommu = ok(0);
	type(1)->get_info = type(3)->get_info = ok(0);
	probe.container.after_set_iommu =
		(struct nest_version){ .status = NEST_VERSION_ABSENT, .err = ENOTTY };
}

/* The RFC v3 of January 2020. */
static void rfc_v3(int version)
{
	stock(1);
	probe.container.before_set_iommu =
		(struct nest_version){ .status = NEST_VERSION_ANSWERED, .value = version };
}

/* A nesting capability in the answer to GET_INFO of a nesting container. */
static void with_cap(enum nest_nesting_rev rev, uint64_t features)
{
	cap = (struct nest_infocap){ .id = 4, .len = 72, .name = "nesting", .rev = rev };
	cap.fields[0] = (struct nest_infocap_field){ "features", features, true };
	cap.nfields = 1;
	type(6)->set_iommu = type(6)->get_info = ok(0);
	type(6)->info.caps = &cap;
	type(6)->info.ncaps = 1;
}

/* iommufd with a device bound to it, and every table allocated. */
static void iommufd(void)
{
	static const char *const names[] = { "plain", "nest_parent", "nested" };
	size_t i;

	stock(0);
	with_device();
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU_NESTING, ENODEV);
	probe.iommufd.node.open = probe.iommufd.device_node.open = ok(0);
	probe.iommufd.in_kernel = NEST_YES;
	strcpy(probe.iommufd.device, device.name);
	probe.iommufd.bind = probe.iommufd.hw_info = probe.iommufd.ioas = ok(0);
	probe.iommufd.invalidate = ok(0);
	probe.hw = probe.iommufd.hw.hw = &nest_hw_vtd;
	probe.values = (struct nest_hw_values){ .known = 3 };
	probe.values.reg[0] = 0x3ee9e86f050df;
	probe.values.reg[1] = 1ULL << 43 | 1ULL << 26 | 1ULL << 46 | 1ULL << 47;
	for (i = 0; i < 3; i++)
		probe.iommufd.hwpts[i] = (struct nest_probe_hwpt){ names[i], 0, 0, ok(0) };
	probe.iommufd.nhwpts = 3;
}

static void decide(uint32_t min_version)
{
	struct nest_decision_options options = { .min_uapi_version = min_version };

	nest_decide(&probe, &options, &decision);
	CHECK(decision.nreasons > 0);
	CHECK(decision.reasons[0].text[0]);
	CHECK(decision.reasons[0].evidence != NULL);
}

static void expect(const char *nesting, const char *abi, const char *evidence, const char *text)
{
	decide(0);
	CHECK_STR(nest_usability_name(decision.nesting), nesting);
	CHECK_STR(nest_abi_name(decision.abi), abi);
	CHECK_STR(decision.reasons[0].evidence, evidence);
	CHECK_HAS(decision.reasons[0].text, text);
}

TEST(rfc_alone, "RFC v3 answering 1 without a device: unknown, and the ABI is named")
{
	rfc_v3(1);
	expect("unknown", "rfc-version", "container.extensions", "name a device");
}

TEST(rfc_device, "RFC v3 answering 1, and the nesting type can be set: usable")
{
	rfc_v3(1);
	with_device();
	type(6)->set_iommu = type(6)->get_info = ok(0);
	expect("usable", "rfc-version", "container.uapi_version", "answers 1");
}

TEST(rfc_hardware, "RFC v3 answering 1, but the nesting type is refused: unusable")
{
	rfc_v3(1);
	with_device();
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU_NESTING, ENODEV);
	expect("unusable", "rfc-version", "container.iommu_types", "ENODEV");
}

TEST(rfc_busy, "RFC v3 answering 1, but the group is busy: unknown")
{
	rfc_v3(1);
	with_device();
	type(1)->set_iommu = type(3)->set_iommu = type(6)->set_iommu =
		failed(NEST_STAGE_SET_CONTAINER, EBUSY);
	expect("unknown", "rfc-version", "container.iommu_types", "EBUSY");
}

TEST(zero, "a version of 0 is none")
{
	rfc_v3(0);
	with_device();
	type(6)->set_iommu = type(6)->get_info = ok(0);
	expect("unusable", NULL, "container.uapi_version", "answers 0");
}

TEST(lower, "a version lower than asked for is not enough, one as high is")
{
	rfc_v3(1);
	with_device();
	type(6)->set_iommu = type(6)->get_info = ok(0);
	decide(2);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[0].text, "less than 2");
	decide(1);
	CHECK_EQ(decision.nesting, NEST_USABLE);
	probe.container.before_set_iommu.value = 3;
	decide(2);
	CHECK_EQ(decision.nesting, NEST_USABLE);
}

TEST(lower_iommufd, "a version too low does not stand in the way of iommufd")
{
	iommufd();
	extension(6, 1);
	probe.container.before_set_iommu =
		(struct nest_version){ .status = NEST_VERSION_ANSWERED, .value = 1 };
	decide(9);
	CHECK_EQ(decision.nesting, NEST_USABLE);
	CHECK_EQ(decision.abi, NEST_ABI_IOMMUFD);
}

TEST(stock_73, "stock 7.3: EINVAL to the query, the type not offered, no iommufd: unusable")
{
	stock(0);
	expect("unusable", NULL, "container.extensions", "does not offer");
	CHECK_EQ(decision.nreasons, 2);
	CHECK_STR(decision.reasons[1].evidence, "iommufd.node");
}

TEST(stock_61, "stock 6.1: advertised, and SET_IOMMU refuses with EINVAL: unusable")
{
	stock(1);
	with_device();
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU_NESTING, EINVAL);
	expect("unusable", NULL, "container.iommu_types", "advertised and refused: EINVAL");
	REQUIRE(decision.nreasons == 2);
	CHECK_HAS(decision.reasons[1].text, "has no iommufd");
}

TEST(stock_510, "stock 5.10: advertised, and SET_IOMMU refuses with ENODEV: unusable")
{
	stock(1);
	with_device();
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU_NESTING, ENODEV);
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[0].text, "advertised and refused: ENODEV");
}

TEST(stock_61_alone, "stock 6.1 without a device: advertised proves nothing")
{
	stock(1);
	expect("unknown", NULL, "container.extensions", "name a device");
}

TEST(no_type, "EINVAL for every type says nothing about nesting")
{
	stock(1);
	with_device();
	type(1)->set_iommu = type(3)->set_iommu = failed(NEST_STAGE_SET_IOMMU, EINVAL);
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU_NESTING, EINVAL);
	expect("unknown", NULL, "container.iommu_types", "No IOMMU type could be set");
}

TEST(unsafe, "EPERM for every type is no interrupt remapping, not no nesting")
{
	stock(1);
	with_device();
	type(1)->set_iommu = type(3)->set_iommu = failed(NEST_STAGE_SET_IOMMU, EPERM);
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU_NESTING, EPERM);
	expect("unknown", NULL, "container.iommu_types", "interrupt");
	CHECK_HAS(decision.reasons[0].remedy, "allow_unsafe_interrupts");
}

TEST(type1_nesting, "SET_IOMMU(6) alone gives user space no first stage: unusable")
{
	stock(1);
	with_device();
	type(6)->set_iommu = type(6)->get_info = ok(0);
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_EQ(decision.abi, NEST_ABI_TYPE1_NESTING);
	CHECK_HAS(decision.reasons[0].text, "user space cannot bind a first stage");
}

TEST(type1_broken, "SET_IOMMU(6) with a broken GET_INFO chain: unknown")
{
	stock(1);
	with_device();
	type(6)->set_iommu = type(6)->get_info = ok(0);
	strcpy(type(6)->info.problem, "the chain loops back to 0x18");
	expect("unknown", "type1-nesting", "container.info.capabilities", "broken");
}

TEST(v8, "a v8 capability with binding and invalidation: usable")
{
	stock(1);
	with_device();
	with_cap(NEST_REV_V8, 3);
	expect("usable", "nesting-op", "container.info.capabilities",
	       "revision v8 (id 4, 72 bytes)");
}

TEST(v7, "a v7 capability needs the bits v8 moved down")
{
	stock(1);
	with_device();
	with_cap(NEST_REV_V7, 7);
	expect("usable", "nesting-op", "container.info.capabilities", "revision v7");
	with_cap(NEST_REV_V7, 3);
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[0].text, "lack binding or invalidation");
}

TEST(v4_or_v7, "a capability that could be two revisions: unknown")
{
	stock(1);
	with_device();
	with_cap(NEST_REV_V4_OR_V7, 0);
	cap.nfields = 0;
	expect("unknown", "nesting-op", "container.info.capabilities", "v4-or-v7");
}

TEST(v1, "a v1 capability belongs to no ABI that is spoken: unknown")
{
	stock(1);
	with_device();
	with_cap(NEST_REV_V1, 0);
	expect("unknown", NULL, "container.info.capabilities", "revision v1");
}

TEST(spapr, "a container with the sPAPR driver: unusable")
{
	stock(0);
	probe.container.provider = NEST_PROVIDER_SPAPR;
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[0].text, "sPAPR");
}

TEST(noiommu, "a container with the no-IOMMU driver only: unusable")
{
	stock(0);
	probe.container.provider = NEST_PROVIDER_NOIOMMU;
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[0].text, "no-IOMMU");
}

TEST(blocked_bind, "EPERM from binding in a group that a driver blocks: the driver is named")
{
	iommufd();
	probe.blocked = "0000:3a:00.1 is bound to igb";
	probe.iommufd.bind = failed(NEST_STAGE_BIND, EPERM);
	expect("unknown", "iommufd", "group.blocked_by", "EPERM, 0000:3a:00.1 is bound to igb");
}

TEST(noiommu_group, "a device in no-IOMMU mode: unusable, though nothing was tried with it")
{
	stock(1);
	probe.have_target = true;
	probe.device = &device;
	probe.group = &group;
	probe.vfio_group.noiommu = true;
	probe.vfio_group.node.open = (struct nest_outcome){ .status = NEST_OUTCOME_SKIPPED };
	expect("unusable", NULL, "group.node", "nothing translates its DMA");
	probe.iommufd.node.open = ok(0);
	probe.iommufd.device_node.open = failed(NEST_STAGE_OPEN_DEVICE, EACCES);
	expect("unusable", NULL, "group.node", "nothing translates its DMA");
}

TEST(compat, "ENOTTY to the query: an iommufd serves the container, and decides itself")
{
	iommufd();
	probe.container.provider = NEST_PROVIDER_IOMMUFD;
	probe.container.before_set_iommu.err = ENOTTY;
	expect("usable", "iommufd", "iommufd.hwpt", "allocates");
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, EOPNOTSUPP);
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[1].text, "An iommufd serves");
}

TEST(no_driver, "a container without any IOMMU driver: unknown, load the module")
{
	stock(0);
	extension(1, 0);
	extension(3, 0);
	probe.container.provider = NEST_PROVIDER_UNKNOWN;
	expect("unknown", NULL, "container.provider", "no IOMMU type");
	CHECK_HAS(decision.reasons[0].remedy, "modprobe vfio_iommu_type1");
}

/* No errno of opening a node is ever taken for an answer about what is behind it. */
static void refused(int err)
{
	stock(0);
	probe.container.node.open = failed(NEST_STAGE_OPEN_CONTAINER, err);
	strcpy(probe.container.node.reason, "for a reason");
	strcpy(probe.container.node.remedy, "with a remedy");
	expect("unknown", NULL, "container.node", "for a reason");
	CHECK_HAS(decision.reasons[0].text, "/dev/vfio/vfio did not open");
	CHECK_STR(decision.reasons[0].remedy, "with a remedy");

	iommufd();
	extension(6, 0);
	probe.iommufd.node.open = failed(NEST_STAGE_OPEN_IOMMUFD, err);
	strcpy(probe.iommufd.node.reason, "for a reason");
	expect("unknown", NULL, "iommufd.node", "/dev/iommu");
}

TEST(refused, "EPERM, EACCES, EBUSY or ENOENT on a node: unknown")
{
	refused(EPERM);
	refused(EACCES);
	refused(EBUSY);
	refused(ENOENT);
	refused(ENODEV);
}

TEST(module, "a missing /dev/iommu with the module on disk: unknown, load it")
{
	stock(0);
	probe.iommufd.in_kernel = NEST_YES;
	probe.iommufd.in_kernel_why = "the module is on disk and not loaded";
	expect("unknown", NULL, "iommufd.node", "not loaded");
	CHECK_HAS(decision.reasons[0].remedy, "\nmodprobe iommufd");
}

TEST(iommufd_ok, "iommufd that allocated parent and nested table: usable")
{
	iommufd();
	expect("usable", "iommufd", "iommufd.hwpt", "0000:3a:00.0");
}

TEST(iommufd_alone, "iommufd without a device: unknown")
{
	iommufd();
	probe.have_target = false;
	expect("unknown", "iommufd", "iommufd.status", "name one");
}

TEST(iommufd_gate, "EOPNOTSUPP to the nest parent: unusable, and the failed gate is named")
{
	iommufd();
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, EOPNOTSUPP);
	probe.iommufd.hwpts[2].alloc.status = NEST_OUTCOME_SKIPPED;
	probe.values.reg[1] &= ~(1ULL << 26);
	expect("unusable", NULL, "iommufd.hwpt", "gate \"nest\"");
	probe.values.reg[1] &= ~(1ULL << 43);
	expect("unusable", NULL, "iommufd.hwpt", "gate \"smts\"");
}

TEST(iommufd_sm_off, "EOPNOTSUPP on hardware that nests: scalable mode is off")
{
	iommufd();
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, EOPNOTSUPP);
	expect("unusable", NULL, "iommufd.hwpt", "scalable mode");
	CHECK_HAS(decision.reasons[0].remedy, "sm_on");
}

TEST(ungrouped, "a device in no group is out of reach, and is not to be bound")
{
	iommufd();
	probe.group = NULL;
	probe.not_bound = "0000:3a:00.0 is in no IOMMU group";
	probe.release = "7.3.4";
	probe.iommufd.bind.status = NEST_OUTCOME_SKIPPED;
	probe.iommufd.bind.why = NULL;
	expect("unusable", NULL, "group.not_bound", "no IOMMU translates");
	CHECK_HAS(decision.reasons[0].remedy, "use a device in a group");
	CHECK(decision.nreasons > 1 && !decision.reasons[1].remedy[0]);
	/* A kernel that looks for the IOMMU when a driver is bound. */
	probe.group_may_come = true;
	expect("unknown", "iommufd", "iommufd.bind", "was not tried");
	CHECK_HAS(decision.reasons[0].remedy, "vfio-pci");
}

TEST(bridge_in_group,
     "a table that needs a vDEVICE for each device of a group: no bridge may be in it")
{
	static const struct nest_device other = { .name = "0000:39:00.0", .bus = NEST_BUS_PCI };

	iommufd();
	probe.whole = (struct nest_whole_group){ NEST_WHOLE_NEVER, &other, "of all, one cannot",
						 "use a device that is alone in its group" };
	expect("usable", "iommufd", "iommufd.hwpt", "nested first-stage table");
	probe.iommufd.viommu = probe.iommufd.vdevice = ok(0);
	expect("unusable", "iommufd", "iommufd.vdevice", "not attached: of all, one cannot.");
	CHECK_HAS(decision.reasons[0].remedy, "alone in its group");
	probe.whole.needs = NEST_WHOLE_UNBOUND;
	expect("unknown", "iommufd", "iommufd.vdevice", "not attached: of all, one cannot.");
	CHECK_HAS(decision.reasons[0].remedy, "0000:39:00.0/driver_override");
	probe.whole.needs = NEST_WHOLE_TOGETHER;
	expect("usable", "iommufd", "iommufd.hwpt", "nested first-stage table");
	CHECK_HAS(decision.reasons[1].text, "cannot nest alone: of all");
}

TEST(iommufd_other_gate,
     "EOPNOTSUPP to the nest parent is told in the words of the hardware at hand")
{
	iommufd();
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, EOPNOTSUPP);
	probe.iommufd.hwpts[2].alloc.status = NEST_OUTCOME_SKIPPED;
	probe.hw = &nest_hw_smmuv3;
	probe.values = (struct nest_hw_values){ .reg = { 8 | 2, 1, 0, 1, 0, 1 }, .known = 0x3f };
	expect("unusable", NULL, "iommufd.hwpt", "SMMUv3 unit fails the gate \"s2p\"");
	CHECK(!strstr(decision.reasons[0].text, "VT-d"));
	probe.values.known = 0;
	expect("unusable", NULL, "iommufd.hwpt", "CONFIG_ARM_SMMU_V3_IOMMUFD");
	CHECK_HAS(decision.reasons[0].remedy, "Linux 6.13");
	probe.hw = &nest_hw_amd;
	probe.values = (struct nest_hw_values){ .reg = { 0x246577efa2254afa, 0 }, .known = 3 };
	expect("unusable", NULL, "iommufd.hwpt", "AMD-Vi unit fails the gate \"gcr3trpmode\"");
	probe.hw = &nest_hw_virtio;
	probe.values = (struct nest_hw_values){ 0 };
	expect("unusable", NULL, "iommufd.hwpt", "virtio-iommu");
	probe.hw = NULL;
	expect("unusable", NULL, "iommufd.hwpt", "No nest parent can be allocated: EOPNOTSUPP");
}

TEST(iommufd_unsure, "ENOMEM or EBUSY for the nest parent prove nothing")
{
	iommufd();
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, ENOMEM);
	expect("unknown", "iommufd", "iommufd.hwpt", "ENOMEM");
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, EBUSY);
	expect("unknown", "iommufd", "iommufd.hwpt", "EBUSY");
}

TEST(iommufd_old, "a kernel without HWPT_ALLOC or HWPT_INVALIDATE: unusable")
{
	iommufd();
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, ENOTTY);
	expect("unusable", NULL, "iommufd.hwpt", "ENOTTY");
	iommufd();
	probe.iommufd.invalidate = failed(NEST_STAGE_INVALIDATE, ENOTTY);
	expect("unusable", "iommufd", "iommufd.hwpt", "not invalidated");
}

TEST(iommufd_other, "other hardware's nested tables are not tried: unknown, with its own verdict")
{
	iommufd();
	probe.hw = &nest_hw_amd;
	probe.unit_reason = "EFR has the three bits";
	probe.iommufd.hwpts[2].alloc = failed(NEST_STAGE_NESTED, EOPNOTSUPP);
	expect("unknown", "iommufd", "iommufd.hwpt", "no first-stage tables for AMD");
	CHECK_STR(decision.reasons[1].evidence, "iommufd.hw_info");
	CHECK_HAS(decision.reasons[1].text, "EFR has the three bits");
	probe.hw = NULL; /* neither iommufd nor sysfs tells */
	expect("unknown", "iommufd", "iommufd.hwpt", "other");
}

/* An SMMUv3 as QEMU has it, and what its tables stand on. */
static void smmuv3(void)
{
	iommufd();
	probe.hw = probe.iommufd.hw.hw = &nest_hw_smmuv3;
	probe.values = (struct nest_hw_values){ .known = 0xff };
	probe.values.reg[0] = 0x0d44101b;
	probe.values.reg[3] = 0x1414;
	probe.values.reg[5] = 0x74;
	probe.iommufd.viommu = probe.iommufd.vdevice = ok(0);
}

/* The nested table was not tried then. */
static void no_viommu(struct nest_outcome *which, enum nest_stage stage, int err)
{
	smmuv3();
	*which = failed(stage, err);
	probe.iommufd.hwpts[2].alloc = nest_outcome_skipped("there is no vIOMMU to put it on");
}

TEST(iommufd_smmu, "an SMMUv3 with a vIOMMU, a vDEVICE and a nested table: usable")
{
	smmuv3();
	expect("usable", "iommufd", "iommufd.hwpt", "nested first-stage table");
	probe.iommufd.hwpts[2].alloc = failed(NEST_STAGE_NESTED, EIO);
	expect("unknown", "iommufd", "iommufd.hwpt", "EIO");
}

TEST(iommufd_its, "an SMMUv3 without an ITS: unknown, and the remedy is one for Arm")
{
	smmuv3();
	probe.iommufd.bind = failed(NEST_STAGE_BIND, EPERM);
	expect("unknown", "iommufd", "iommufd.bind", "no ITS");
	CHECK_HAS(decision.reasons[0].remedy, "GICv3 with an ITS");
	CHECK(!strstr(decision.reasons[0].remedy, "intremap"));
}

TEST(iommufd_canwbs, "no vIOMMU without CANWBS: unusable, with the gate and what firmware says")
{
	no_viommu(&probe.iommufd.viommu, NEST_STAGE_VIOMMU, EOPNOTSUPP);
	probe.iommufd.canwbs = (struct nest_promise){ NEST_NO, "byte 183 of the IORT" };
	expect("unusable", "iommufd", "iommufd.viommu", "fails the gate \"canwbs\"");
	CHECK_HAS(decision.reasons[0].remedy, "set CANWBS in the IORT");
	CHECK_STR(decision.reasons[1].evidence, "iort");
	CHECK_HAS(decision.reasons[1].text, "byte 183");
	probe.iommufd.canwbs.set = NEST_UNKNOWN;
	expect("unusable", "iommufd", "iommufd.viommu", "canwbs");
	CHECK_HAS(decision.reasons[1].text, "is not known: ");
}

TEST(iommufd_no_canwbs, "no vIOMMU for another reason is not blamed on CANWBS")
{
	no_viommu(&probe.iommufd.viommu, NEST_STAGE_VIOMMU, ENOTTY);
	expect("unusable", "iommufd", "iommufd.viommu", "older than 6.13");
	no_viommu(&probe.iommufd.viommu, NEST_STAGE_VIOMMU, ENOMEM);
	expect("unknown", "iommufd", "iommufd.viommu", "ENOMEM");
	no_viommu(&probe.iommufd.viommu, NEST_STAGE_VIOMMU, EOPNOTSUPP);
	probe.values.reg[3] |= 1 << 8; /* FWB */
	decide(0);
	CHECK(!strstr(decision.reasons[0].text, "canwbs"));
	no_viommu(&probe.iommufd.vdevice, NEST_STAGE_VDEVICE, EOPNOTSUPP);
	expect("unusable", "iommufd", "iommufd.viommu", "several stream ids");
}

TEST(iommufd_nested_refused, "a VT-d parent without nested tables: unusable")
{
	iommufd();
	probe.iommufd.hwpts[2].alloc = failed(NEST_STAGE_NESTED, EOPNOTSUPP);
	expect("unusable", "iommufd", "iommufd.hwpt", "but no nested table on it");
}

TEST(iommufd_bind, "a device that cannot be bound: unknown, with the way out")
{
	iommufd();
	probe.iommufd.bind = failed(NEST_STAGE_BIND, EPERM);
	expect("unknown", "iommufd", "iommufd.bind", "interrupts are not isolated");
	probe.iommufd.bind = failed(NEST_STAGE_BIND, EBUSY);
	expect("unknown", "iommufd", "iommufd.bind", "EBUSY");
}

TEST(no_cdev, "a kernel without device nodes cannot use iommufd: unusable")
{
	iommufd();
	probe.iommufd.bind = (struct nest_outcome){ 0 };
	probe.iommufd.no_device_nodes = true;
	expect("unusable", NULL, "iommufd.bind", "CONFIG_VFIO_DEVICE_CDEV");
}

TEST(not_bound, "a device that no vfio driver has: unknown, with the commands for it")
{
	stock(1);
	probe.have_target = true;
	probe.device = &device;
	probe.group = &group;
	probe.not_bound = "0000:3a:00.0 is bound to e1000e, not to a vfio driver";
	type(6)->set_iommu.why = probe.not_bound;
	expect("unknown", NULL, "container.iommu_types", "e1000e");
	CHECK_HAS(decision.reasons[0].remedy, "driverctl set-override 0000:3a:00.0 vfio-pci");
}

TEST(group_refused, "a group's node refused: unknown, with what helps for that node")
{
	stock(1);
	with_device();
	probe.vfio_group.node.open = failed(NEST_STAGE_OPEN_GROUP, EACCES);
	probe.vfio_group.node.node.path = "/dev/vfio/12";
	strcpy(probe.vfio_group.node.reason, "it belongs to root:kvm");
	strcpy(probe.vfio_group.node.remedy, "usermod -aG kvm $USER");
	expect("unknown", NULL, "group.node", "/dev/vfio/12 did not open: EACCES, it belongs to");
	CHECK_STR(decision.reasons[0].remedy, "usermod -aG kvm $USER");
}

TEST(blocked, "a group that is not viable: unknown, and the device is named")
{
	stock(1);
	probe.have_target = true;
	probe.device = &device;
	probe.group = &group;
	probe.blocked = "group 12 is not viable: 0000:3a:00.1 is bound to e1000e";
	type(6)->set_iommu.why = probe.blocked;
	expect("unknown", NULL, "container.iommu_types", "0000:3a:00.1 is bound to e1000e");
	CHECK_HAS(decision.reasons[0].remedy, "bind every device of the group");
}

TEST(hardware, "hardware that cannot nest is told, but decides nothing")
{
	stock(1);
	with_device();
	type(6)->set_iommu = failed(NEST_STAGE_SET_IOMMU, EBUSY);
	probe.unit_nests = NEST_NO;
	probe.unit_reason = "no scalable mode (ecap bit 43)";
	expect("unknown", NULL, "container.iommu_types", "EBUSY");
	REQUIRE(decision.nreasons == 3);
	CHECK_STR(decision.reasons[2].evidence, "iommus");
	CHECK_HAS(decision.reasons[2].text, "ecap bit 43");
	iommufd();
	probe.unit_nests = NEST_NO;
	decide(0);
	CHECK_EQ(decision.nesting, NEST_USABLE);
}

TEST(no_containers, "iommufd without containers decides alone")
{
	iommufd();
	probe.container.node.open = failed(NEST_STAGE_OPEN_CONTAINER, ENOENT);
	probe.container.node.served = NEST_NO;
	probe.iommufd.hwpts[1].alloc = failed(NEST_STAGE_NEST_PARENT, EOPNOTSUPP);
	decide(0);
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	CHECK_HAS(decision.reasons[1].text, "without containers");
}

TEST(no_iommu, "a host without an IOMMU: unusable, whatever the nodes say")
{
	stock(1);
	probe.iommu_present = NEST_NO;
	probe.absent_reason = "no IOMMU is in use: the firmware announces none";
	probe.container.node.open = failed(NEST_STAGE_OPEN_CONTAINER, ENOENT);
	expect("unusable", NULL, "iommus", "the firmware announces none");
}

TEST(nothing, "a probe that asked nothing decides nothing")
{
	memset(&probe, 0, sizeof(probe));
	decide(0);
	CHECK_EQ(decision.nesting, NEST_USABILITY_UNKNOWN);
	CHECK_EQ(decision.abi, NEST_ABI_NONE);
}

TEST(no_options, "without options a version of 1 is enough")
{
	rfc_v3(1);
	with_device();
	type(6)->set_iommu = type(6)->get_info = ok(0);
	nest_decide(&probe, NULL, &decision);
	CHECK_EQ(decision.nesting, NEST_USABLE);
}

TEST(bridge,
     "a PCIe-to-PCI bridge above the device: the answer stays, and says that no DMA will do")
{
	size_t i, told = 0;

	stock(0);
	with_device();
	probe.behind_bridge = NEST_YES;
	probe.bridge = (struct nest_bridge){ .name = "0000:39:00.0", .from_express = NEST_YES };
	nest_decide(&probe, NULL, &decision);
	for (i = 0; i < decision.nreasons; i++)
		told += strstr(decision.reasons[i].text, "0000:39:00.0, a PCIe-to-PCI bridge") !=
			NULL;
	CHECK_EQ(told, 1);
	CHECK_STR(decision.reasons[decision.nreasons - 1].evidence, "device");
	CHECK_EQ(decision.nesting, NEST_UNUSABLE);
	/* Behind a conventional bridge it works, as far as the IOMMU goes. */
	probe.bridge.from_express = NEST_NO;
	nest_decide(&probe, NULL, &decision);
	for (i = 0; i < decision.nreasons; i++)
		CHECK(!strstr(decision.reasons[i].text, "bridge"));
}

int main(void)
{
	return test_main();
}
