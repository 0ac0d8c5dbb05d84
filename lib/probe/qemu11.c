// SPDX-License-Identifier: GPL-2.0-or-later
/* What QEMU 11.1 would decide: its conditions as rows of functions, one virtual IOMMU after the
 * other. */
#include "probe/qemu11.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "explain.h"
#include "number.h"
#include "probe/probe.h"
#include "uapi/iommufd.h"
#include "util.h"

/* ---- what is asked for ---- */

static const struct {
	const char *name;
	bool flag;
	unsigned int most; /* of a number */
} keys[NEST_QEMU11_KEYS] = {
	[NEST_QEMU11_FSTS] = { "fsts", true, 0 },
	[NEST_QEMU11_SVM] = { "svm", true, 0 },
	[NEST_QEMU11_DEVICE_IOTLB] = { "device-iotlb", true, 0 },
	[NEST_QEMU11_FS1GP] = { "fs1gp", true, 0 },
	[NEST_QEMU11_CACHING_MODE] = { "caching-mode", true, 0 },
	[NEST_QEMU11_PASID_BITS] = { "pasid-bits", false, 255 },
	[NEST_QEMU11_AW_BITS] = { "aw-bits", false, 255 },
	[NEST_QEMU11_RIL] = { "ril", true, 0 },
	[NEST_QEMU11_ATS] = { "ats", true, 0 },
	[NEST_QEMU11_OAS] = { "oas", false, 255 },
	[NEST_QEMU11_SSIDSIZE] = { "ssidsize", false, 255 },
};

static int parse_value(size_t key, const char *text, unsigned int *ret)
{
	uint64_t number;

	if (keys[key].flag && (!strcmp(text, "on") || !strcmp(text, "off"))) {
		*ret = text[1] == 'n';
		return 0;
	}
	if (keys[key].flag || nest_parse_u64(text, 10, &number) || number > keys[key].most)
		return -EINVAL;
	*ret = (unsigned int)number;
	return 0;
}

int nest_qemu11_parse(const char *text, struct nest_qemu11_with *with, const char **ret_bad)
{
	struct nest_qemu11_with read = *with;

	while (*text) {
		size_t i, len = strcspn(text, ",");
		char part[40] = "", *value;

		snprintf(part, sizeof(part), "%.*s", (int)MIN(len, sizeof(part) - 1), text);
		value = strchr(part, '=');
		if (value)
			*value++ = '\0';
		for (i = 0; i < NEST_QEMU11_KEYS && strcmp(keys[i].name, part); i++)
			;
		if (!value || i == NEST_QEMU11_KEYS || parse_value(i, value, &read.value[i])) {
			*ret_bad = text;
			return -EINVAL;
		}
		read.set[i] = true;
		text += len + (text[len] == ',');
	}
	*with = read;
	return 0;
}

/* ---- the conditions ---- */

struct judge {
	const struct nest_probe *probe;
	const struct nest_qemu11_with *with;
	struct nest_qemu11 *out;
	struct nest_qemu11_step *step;
};

/* A property's value: as asked for, else the default. */
static unsigned int wanted(const struct judge *judge, enum nest_qemu11_key key, unsigned int usual)
{
	return judge->with->set[key] ? judge->with->value[key] : usual;
}

static bool first_stage(const struct judge *judge)
{
	return wanted(judge, NEST_QEMU11_FSTS, 1);
}

#define say(judge, tri, ...)                                                                       \
	do {                                                                                       \
		(judge)->step->holds = (tri);                                                      \
		snprintf((judge)->step->why, sizeof((judge)->step->why), __VA_ARGS__);             \
	} while (0)
#define refuse(judge, ...)                                                                         \
	snprintf((judge)->out->refusal, sizeof((judge)->out->refusal), __VA_ARGS__)

/* Yes, no or unknown by how a request went. Only what the kernel refuses for good is a no. */
static void by_outcome(struct judge *judge, const struct nest_outcome *outcome, const char *message)
{
	if (outcome->status == NEST_OUTCOME_OK) {
		say(judge, NEST_YES, "the kernel does it here");
	} else if (outcome->status == NEST_OUTCOME_SKIPPED) {
		say(judge, NEST_UNKNOWN, "not asked%s%s", outcome->why ? ": " : "",
		    outcome->why ? outcome->why : "");
	} else {
		say(judge, nest_outcome_is_refusal(outcome) ? NEST_UNKNOWN : NEST_NO, "%s, %s",
		    nest_errno_name(outcome->err),
		    nest_explain(outcome->stage, outcome->err).reason);
		refuse(judge, "%s", message);
	}
}

/* What fits the device, if it has PASIDs; svm wants at least one bit. */
static unsigned int vtd_pasid_bits(const struct judge *judge)
{
	const struct nest_probe *probe = judge->probe;
	unsigned int have = 0;

	nest_hw_pasid_bits(probe->hw, &probe->values, &have);
	if (!probe->iommufd.hw.max_pasid_log2)
		have = 0;
	return wanted(judge, NEST_QEMU11_PASID_BITS,
		      MAX(MIN(have, 20u), wanted(judge, NEST_QEMU11_SVM, 0)));
}

static void on_vtd_options(struct judge *judge)
{
	bool svm = wanted(judge, NEST_QEMU11_SVM, 0);
	unsigned int aw = wanted(judge, NEST_QEMU11_AW_BITS, 48);
	unsigned int pasid = vtd_pasid_bits(judge);

	judge->step->asks = "the properties fit each other";
	say(judge, NEST_NO, "QEMU checks them before it looks at the device");
	if (first_stage(judge) && aw != 48)
		refuse(judge, "Scalable mode(fsts=on): supported value for aw-bits is: 48");
	else if (aw != 39 && aw != 48)
		refuse(judge, "Scalable mode(fsts=off): supported values for aw-bits are: 39, 48");
	else if (pasid > 20)
		refuse(judge, "PASID width %u exceeds Max PASID Width 20 allowed in PCI spec",
		       pasid);
	else if (svm && !wanted(judge, NEST_QEMU11_DEVICE_IOTLB, 1))
		refuse(judge, "Need to set device IOTLB for svm");
	else if (svm && !first_stage(judge))
		refuse(judge, "Need to set fsts for svm");
	else if (svm && !pasid)
		refuse(judge, "Need to set PASID support for svm");
	else
		say(judge, NEST_YES, "no two of them exclude each other");
}

static void on_arm_options(struct judge *judge)
{
	unsigned int oas = wanted(judge, NEST_QEMU11_OAS, 48);
	unsigned int ssid = wanted(judge, NEST_QEMU11_SSIDSIZE, 0);

	judge->step->asks = "the properties are ones QEMU takes";
	say(judge, NEST_NO, "QEMU checks them before it looks at the device");
	if (oas != 44 && oas != 48)
		refuse(judge, "QEMU SMMUv3 model only implements auto, 44 bit, or 48 bit OAS. "
			      "Other OasMode values are not supported.");
	else if (ssid > 20)
		refuse(judge, "Parameter 'ssidsize' does not accept value '%u'", ssid);
	else
		say(judge, NEST_YES, "each is in its range");
}

static void on_iommufd(struct judge *judge)
{
	judge->step->asks = "/dev/iommu opens";
	if (nest_probe_iommufd_status(judge->probe) == NEST_NO) {
		say(judge, NEST_NO, "this kernel has no iommufd");
		refuse(judge, "/dev/iommu does not exist (is your kernel config missing "
			      "CONFIG_IOMMUFD?)");
		return;
	}
	by_outcome(judge, &judge->probe->iommufd.node.open,
		   "/dev/iommu does not exist (is your kernel config missing CONFIG_IOMMUFD?)");
}

static void on_device_node(struct judge *judge)
{
	judge->step->asks = "the device has a node of its own";
	if (judge->probe->iommufd.no_device_nodes) {
		say(judge, NEST_NO, "the kernel is built without CONFIG_VFIO_DEVICE_CDEV");
		refuse(judge,
		       "failed to load \"%s\" (is your kernel config missing "
		       "CONFIG_VFIO_DEVICE_CDEV?)",
		       judge->probe->iommufd.device_node.node.path
			       ? judge->probe->iommufd.device_node.node.path
			       : "/dev/vfio/devices/vfioX");
		return;
	}
	if (judge->probe->not_bound) {
		say(judge, NEST_UNKNOWN, "%s", judge->probe->not_bound);
		return;
	}
	by_outcome(judge, &judge->probe->iommufd.device_node.open,
		   "failed to find vfio-dev/vfioX/dev");
}

static void on_bind(struct judge *judge)
{
	judge->step->asks = "BIND_IOMMUFD succeeds";
	by_outcome(judge, &judge->probe->iommufd.bind, "error bind device to iommufd");
}

static void on_hw_info(struct judge *judge)
{
	judge->step->asks = "GET_HW_INFO succeeds";
	by_outcome(judge, &judge->probe->iommufd.hw_info, "Failed to get hardware info");
}

static void on_parent(struct judge *judge)
{
	const struct nest_probe_hwpt *parent = nest_probe_hwpt_find(judge->probe, "nest_parent");

	judge->step->asks = "a nest parent can be allocated";
	if (!first_stage(judge))
		say(judge, NEST_YES, "not asked for: fsts=off");
	else if (!parent)
		say(judge, NEST_UNKNOWN, "not asked");
	else
		by_outcome(judge, &parent->alloc, "Failed to allocate hwpt");
}

static void on_attach(struct judge *judge)
{
	judge->step->asks = "the device can be attached";
	by_outcome(judge, &judge->probe->iommufd.attach, "error attach");
}

static void on_caching_mode(struct judge *judge)
{
	judge->step->asks = "caching-mode=on";
	if (wanted(judge, NEST_QEMU11_CACHING_MODE, 1)) {
		say(judge, NEST_YES, "it is set");
		return;
	}
	say(judge, NEST_NO, "it is off");
	refuse(judge, "Device assignment is not allowed without enabling caching-mode=on for "
		      "Intel IOMMU.");
}

/*
 * QEMU compares with the last usable IOVA of the nest parent, a second-stage table: the kernel ends
 * it at the unit's MGAW, and at the widest table that SAGAW has (drivers/iommu/intel/iommu.c). The
 * ranges of probe are those of a plain address space, which may be a first stage and a bit less.
 */
static unsigned int parent_bits(const struct judge *judge)
{
	static const unsigned char widths[] = { 0, 39, 48, 57 };
	uint64_t mgaw, sagaw;
	unsigned int i, most = 0;

	if (nest_hw_number(judge->probe->hw, &judge->probe->values, "mgaw", &mgaw) ||
	    nest_hw_number(judge->probe->hw, &judge->probe->values, "sagaw", &sagaw))
		return 0;
	for (i = 1; i < ARRAY_SIZE(widths); i++)
		if (sagaw >> i & 1)
			most = widths[i];
	return MIN((unsigned int)mgaw + 1, most);
}

static void on_width(struct judge *judge)
{
	unsigned int asked = wanted(judge, NEST_QEMU11_AW_BITS, 48), have = parent_bits(judge);

	judge->step->asks = "aw-bits is not more than the bits of the last usable IOVA";
	if (!have) {
		say(judge, NEST_UNKNOWN, "the width of the second stage is not known");
		return;
	}
	say(judge, asked <= have ? NEST_YES : NEST_NO, "aw-bits is %u, the second stage has %u",
	    asked, have);
	refuse(judge, "aw-bits %u > host aw-bits %u", asked, have);
}

static void on_large_pages(struct judge *judge)
{
	enum nest_tri host = nest_hw_flag(judge->probe->hw, &judge->probe->values, "fl1gp");

	judge->step->asks = "fs1gp only where the unit has 1 GiB pages";
	if (!wanted(judge, NEST_QEMU11_FS1GP, host == NEST_YES))
		say(judge, NEST_YES, "fs1gp=off");
	else
		say(judge, host, "1 GiB pages in the first stage: %s", nest_tri_name(host));
	refuse(judge, "First stage 1GB large page is unsupported by host IOMMU");
}

static void on_pasid_bits(struct judge *judge)
{
	unsigned int have = 0, asked = vtd_pasid_bits(judge);

	judge->step->asks = "pasid-bits is not more than the unit's, if the device has PASIDs";
	if (!judge->probe->iommufd.hw.max_pasid_log2) {
		say(judge, NEST_YES, "the kernel shows no PASIDs of the device");
		return;
	}
	if (nest_hw_pasid_bits(judge->probe->hw, &judge->probe->values, &have)) {
		say(judge, NEST_UNKNOWN, "the width of the unit's PASIDs is not known");
		return;
	}
	say(judge, asked <= have ? NEST_YES : NEST_NO, "pasid-bits is %u, the unit has %u", asked,
	    have);
	refuse(judge, "PASID bits size %u > host IOMMU PASID bits size %u", asked, have);
}

static void on_bridge(struct judge *judge)
{
	judge->step->asks = "no conventional PCI bridge is above the device";
	say(judge,
	    judge->probe->aliased == NEST_YES  ? NEST_NO
	    : judge->probe->aliased == NEST_NO ? NEST_YES
					       : NEST_UNKNOWN,
	    "other requester ids of the device: %s", nest_tri_name(judge->probe->aliased));
	refuse(judge, "Host device downstream to a PCI bridge is unsupported when fsts=on");
}

/* A field of the host's registers against QEMU's value, and its message where they do not fit. */
enum compare { EQUAL, AT_LEAST, AT_MOST };

static const struct field {
	const char *field, *asks;
	enum compare compare;
	unsigned int value;
	const char *message;
} arm_fields[] = {
	{ "st_level", "ST_LEVEL is QEMU's", EQUAL, 1,
	  "Host SMMUv3 Stream Table format mismatch (host STLEVEL=0, QEMU STLEVEL=1)" },
	{ "ttendian", "tables may be little-endian", AT_MOST, 2,
	  "Host SMMUv3 doesn't support Little-endian translation table" },
	{ "ttf", "AArch64 tables", AT_LEAST, 2,
	  "Host SMMUv3 doesn't support AArch64 translation table format" },
	{ "sidsize", "16 bits of stream ids or more", AT_LEAST, 16,
	  "Host SMMUv3 SIDSIZE not compatible" },
	{ "gran4k", "4 KiB pages", EQUAL, 1, "Host SMMUv3 doesn't support 4K translation granule" },
	{ "gran16k", "16 KiB pages", EQUAL, 1,
	  "Host SMMUv3 doesn't support 16K translation granule" },
	{ "gran64k", "64 KiB pages", EQUAL, 1,
	  "Host SMMUv3 doesn't support 64K translation granule" },
};

static bool number(const struct judge *judge, const char *field, uint64_t *ret)
{
	return !nest_hw_number(judge->probe->hw, &judge->probe->values, field, ret);
}

static void on_arm_fields(struct judge *judge)
{
	size_t i;

	judge->step->asks = "the SMMU's formats are those of QEMU's";
	say(judge, NEST_YES, "stream table, tables, stream ids and all three page sizes fit");
	for (i = 0; i < ARRAY_SIZE(arm_fields); i++) {
		const struct field *field = &arm_fields[i];
		uint64_t host;

		if (!number(judge, field->field, &host)) {
			say(judge, NEST_UNKNOWN, "%s is not known", field->field);
			return;
		}
		if (field->compare == EQUAL	 ? host == field->value
		    : field->compare == AT_LEAST ? host >= field->value
						 : host <= field->value)
			continue;
		say(judge, NEST_NO, "%s: %s is %u here", field->asks, field->field,
		    (unsigned int)host);
		refuse(judge, "%s", field->message);
		return;
	}
}

/* Output widths by the code of IDR5.OAS. */
static unsigned int oas_bits(uint64_t code)
{
	static const unsigned char bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	return code < ARRAY_SIZE(bits) ? bits[code] : 0;
}

static void on_oas(struct judge *judge)
{
	unsigned int asked = wanted(judge, NEST_QEMU11_OAS, 44);
	uint64_t code;

	judge->step->asks = "oas is not more than the SMMU's";
	if (!number(judge, "oas", &code)) {
		say(judge, NEST_UNKNOWN, "IDR5 is not known");
		return;
	}
	say(judge, oas_bits(code) >= asked ? NEST_YES : NEST_NO, "oas is %u, the host has %u",
	    asked, oas_bits(code));
	refuse(judge, "Host SMMUv3 supports only %u-bit IPA, but the vSMMU OAS implies %u-bit IPA",
	       oas_bits(code), asked);
}

static void on_ssidsize(struct judge *judge)
{
	unsigned int asked = wanted(judge, NEST_QEMU11_SSIDSIZE, 0);
	uint64_t host;

	judge->step->asks = "ssidsize is not more than the SMMU's";
	if (!number(judge, "ssidsize", &host)) {
		say(judge, asked ? NEST_UNKNOWN : NEST_YES, "IDR1 is not known");
		return;
	}
	say(judge, host >= asked ? NEST_YES : NEST_NO, "ssidsize is %u, the host has %u", asked,
	    (unsigned int)host);
	refuse(judge, "Host SMMUv3 SSIDSIZE not compatible (host=%u, QEMU=%u)", (unsigned int)host,
	       asked);
}

static void on_arm_flag(struct judge *judge, enum nest_qemu11_key key, const char *message)
{
	enum nest_tri host = nest_hw_flag(judge->probe->hw, &judge->probe->values, keys[key].name);

	if (!wanted(judge, key, 0))
		say(judge, NEST_YES, "it is not asked for");
	else
		say(judge, host, "the SMMU has it: %s", nest_tri_name(host));
	refuse(judge, "%s", message);
}

static void on_ril(struct judge *judge)
{
	judge->step->asks = "ril only where the SMMU has it";
	on_arm_flag(judge, NEST_QEMU11_RIL, "Host SMMUv3 doesn't support Range Invalidation");
}

static void on_ats(struct judge *judge)
{
	judge->step->asks = "ats only where the SMMU has it";
	on_arm_flag(judge, NEST_QEMU11_ATS,
		    "Host SMMUv3 doesn't support Address Translation Services");
}

/* probe allocates no vIOMMU. What it needs is in a register or in the IORT table. */
static void on_viommu(struct judge *judge)
{
	judge->step->asks = "VIOMMU_ALLOC succeeds";
	if (nest_hw_flag(judge->probe->hw, &judge->probe->values, "fwb") == NEST_YES)
		say(judge, NEST_YES, "the SMMU forces write-back (IDR3.FWB)");
	else
		say(judge, NEST_UNKNOWN,
		    "probe does not try it. Without IDR3.FWB it needs "
		    "CANWBS of the root complex in the IORT table");
	refuse(judge, "IOMMU_VIOMMU_ALLOC failed");
}

typedef void step_fn(struct judge *judge);

static step_fn *const vtd_steps[] = {
	on_vtd_options, on_iommufd,	 on_device_node, on_bind,	 on_hw_info,	on_parent,
	on_attach,	on_caching_mode, on_width,	 on_large_pages, on_pasid_bits, on_bridge,
	NULL,
};

static step_fn *const arm_steps[] = {
	on_arm_options, on_iommufd,  on_device_node, on_bind, on_hw_info, on_parent, on_attach,
	on_arm_fields,	on_ssidsize, on_ril,	     on_oas,  on_ats,	  on_viommu, NULL,
};

/* ---- what to tell QEMU and libvirt ---- */

static void write_vtd(struct judge *judge)
{
	struct nest_qemu11 *out = judge->out;
	const struct nest_probe *probe = judge->probe;
	bool large = wanted(judge, NEST_QEMU11_FS1GP,
			    nest_hw_flag(probe->hw, &probe->values, "fl1gp") == NEST_YES);
	bool svm = wanted(judge, NEST_QEMU11_SVM, 0);
	unsigned int pasid = vtd_pasid_bits(judge);
	char bits[24] = "";

	if (pasid)
		snprintf(bits, sizeof(bits), ",pasid-bits=%u", pasid);
	snprintf(out->arguments, sizeof(out->arguments),
		 "-machine q35,kernel-irqchip=split\n"
		 "-object iommufd,id=iommufd0\n"
		 "-device intel-iommu,intremap=on,scalable-mode=on%s,caching-mode=on%s%s%s\n"
		 "-device vfio-pci,host=%s,iommufd=iommufd0\n",
		 first_stage(judge) ? ",fsts=on" : "", large ? "" : ",fs1gp=off", bits,
		 svm ? ",device-iotlb=on,svm=on" : "", probe->iommufd.device);
	snprintf(out->libvirt, sizeof(out->libvirt),
		 "<iommu model='intel'><driver intremap='on' caching_mode='on'%s/></iommu>\n"
		 "<!-- libvirt 12.9 has no element for scalable-mode and fsts: use "
		 "<qemu:override> -->\n"
		 "<iommufd enabled='yes'/>\n",
		 svm ? " iotlb='on'" : "");
}

static void write_arm(struct judge *judge)
{
	struct nest_qemu11 *out = judge->out;
	const struct nest_probe *probe = judge->probe;
	uint64_t code = 0, ssid = 0;
	unsigned int oas, size;
	bool ril = nest_hw_flag(probe->hw, &probe->values, "ril") == NEST_YES;
	bool ats = nest_hw_flag(probe->hw, &probe->values, "ats") == NEST_YES &&
		   !(probe->iommufd.hw.capabilities & IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);

	number(judge, "oas", &code);
	number(judge, "ssidsize", &ssid);
	if (!probe->iommufd.hw.max_pasid_log2)
		ssid = 0;
	oas = wanted(judge, NEST_QEMU11_OAS, oas_bits(code) >= 48 ? 48 : 44);
	size = wanted(judge, NEST_QEMU11_SSIDSIZE, (unsigned int)MIN(ssid, 20u));
	ril = wanted(judge, NEST_QEMU11_RIL, ril);
	ats = wanted(judge, NEST_QEMU11_ATS, ats);
	snprintf(out->arguments, sizeof(out->arguments),
		 "-machine virt,gic-version=3 -accel kvm\n"
		 "-device arm-smmuv3,primary-bus=pcie.0,accel=on,ril=%s,ats=%s,oas=%u,ssidsize=%u\n"
		 "-object iommufd,id=iommufd0\n"
		 "-device vfio-pci,host=%s,iommufd=iommufd0\n",
		 ril ? "on" : "off", ats ? "on" : "off", oas, size, probe->iommufd.device);
	snprintf(out->libvirt, sizeof(out->libvirt),
		 "<iommu model='smmuv3'><driver pciBus='0' accel='on' ril='%s' ats='%s' oas='%u' "
		 "ssidsize='%u'/></iommu>\n<iommufd enabled='yes'/>\n",
		 ril ? "on" : "off", ats ? "on" : "off", oas, size);
}

static const struct viommu {
	const char *name;
	step_fn *const *steps;
	step_fn *write;
} viommus[] = {
	{ "intel-iommu", vtd_steps, write_vtd },
	{ "arm-smmuv3", arm_steps, write_arm },
};

/* The kind is none that QEMU has a nesting virtual IOMMU for, or is not known. */
static void on_kind(struct judge *judge)
{
	const struct nest_hw *hw = judge->probe->hw;

	judge->step->asks = "QEMU has a virtual IOMMU that nests on this one";
	if (!hw) {
		say(judge, NEST_UNKNOWN, "the kind of the IOMMU is not known");
		return;
	}
	say(judge, NEST_NO, "the host's IOMMU is %s", hw->title);
	refuse(judge, "Incompatible host platform IOMMU type %u", hw->info_type);
}

static step_fn *const other_steps[] = { on_kind, NULL };

void nest_qemu11_decide(const struct nest_probe *probe, const struct nest_qemu11_with *with,
			struct nest_qemu11 *ret)
{
	struct judge judge = { probe, with, ret, NULL };
	step_fn *const *steps = other_steps;
	const struct viommu *viommu = NULL;
	size_t i;

	*ret = (struct nest_qemu11){ .starts = NEST_YES };
	for (i = 0; probe->hw && probe->hw->qemu && i < ARRAY_SIZE(viommus); i++)
		if (!strcmp(viommus[i].name, probe->hw->qemu))
			viommu = &viommus[i];
	if (viommu) {
		ret->viommu = viommu->name;
		steps = viommu->steps;
	}
	for (; *steps && ret->starts == NEST_YES; steps++) {
		judge.step = &ret->steps[ret->nsteps++];
		ret->refusal[0] = '\0';
		(*steps)(&judge);
		ret->starts = judge.step->holds;
	}
	if (ret->starts != NEST_NO)
		ret->refusal[0] = '\0';
	if (ret->starts == NEST_YES)
		viommu->write(&judge);
}
