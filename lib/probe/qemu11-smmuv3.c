// SPDX-License-Identifier: GPL-2.0-or-later
/* What QEMU 11.1 asks for arm-smmuv3 with accel=on (hw/arm/smmuv3-accel.c). */
#include "probe/qemu11-steps.h"

#include <sys/param.h>

#include "errnoname.h"
#include "uapi/iommufd.h"
#include "util.h"

static void on_options(struct nest_qemu11_judge *judge)
{
	unsigned int oas = nest_qemu11_wanted(judge, NEST_QEMU11_OAS, 48);
	unsigned int ssid = nest_qemu11_wanted(judge, NEST_QEMU11_SSIDSIZE, 0);

	judge->step->asks = "the properties are ones QEMU takes";
	NEST_QEMU11_SAY(judge, NEST_NO, "QEMU checks them before it looks at the device");
	if (oas != 44 && oas != 48)
		NEST_QEMU11_REFUSE(judge,
				   "QEMU SMMUv3 model only implements auto, 44 bit, or 48 bit OAS. "
				   "Other OasMode values are not supported.");
	else if (ssid > 20)
		NEST_QEMU11_REFUSE(judge, "Parameter 'ssidsize' does not accept value '%u'", ssid);
	else
		NEST_QEMU11_SAY(judge, NEST_YES, "each is in its range");
}

/* A field of the host's registers against QEMU's value, and its message where they do not fit. */
enum compare { EQUAL, AT_LEAST, AT_MOST };

struct field {
	const char *field, *asks;
	enum compare compare;
	unsigned int value;
	const char *message;
	bool shows; /* the message ends with both values */
};

static const struct field fields[] = {
	{ "st_level", "ST_LEVEL is QEMU's", EQUAL, 1,
	  "Host SMMUv3 Stream Table format mismatch (host STLEVEL=0, QEMU STLEVEL=1)", false },
	{ "ttendian", "tables may be little-endian", AT_MOST, 2,
	  "Host SMMUv3 doesn't support Little-endian translation table", false },
	{ "ttf", "AArch64 tables", AT_LEAST, 2,
	  "Host SMMUv3 doesn't support AArch64 translation table format", false },
	{ "sidsize", "16 bits of stream ids or more", AT_LEAST, 16,
	  "Host SMMUv3 SIDSIZE not compatible", true },
};

static const struct field granules[] = {
	{ "gran4k", "4 KiB pages", EQUAL, 1, "Host SMMUv3 doesn't support 4K translation granule",
	  false },
	{ "gran16k", "16 KiB pages", EQUAL, 1,
	  "Host SMMUv3 doesn't support 16K translation granule", false },
	{ "gran64k", "64 KiB pages", EQUAL, 1,
	  "Host SMMUv3 doesn't support 64K translation granule", false },
};

static bool number(const struct nest_qemu11_judge *judge, const char *field, uint64_t *ret)
{
	return !nest_hw_number(judge->probe->hw, &judge->probe->values, field, ret);
}

static void compare_fields(struct nest_qemu11_judge *judge, const struct field *field, size_t n)
{
	for (; n--; field++) {
		uint64_t host;

		if (!number(judge, field->field, &host)) {
			NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "%s is not known", field->field);
			return;
		}
		if (field->compare == EQUAL	 ? host == field->value
		    : field->compare == AT_LEAST ? host >= field->value
						 : host <= field->value)
			continue;
		NEST_QEMU11_SAY(judge, NEST_NO, "%s: %s is %u here", field->asks, field->field,
				(unsigned int)host);
		if (field->shows)
			NEST_QEMU11_REFUSE(judge, "%s (host=%u, QEMU=%u)", field->message,
					   (unsigned int)host, field->value);
		else
			NEST_QEMU11_REFUSE(judge, "%s", field->message);
		return;
	}
}

static void on_fields(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "the SMMU's formats are those of QEMU's";
	NEST_QEMU11_SAY(judge, NEST_YES, "stream table, tables and stream ids fit");
	compare_fields(judge, fields, ARRAY_SIZE(fields));
}

static void on_granules(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "the SMMU has the page sizes of QEMU's";
	NEST_QEMU11_SAY(judge, NEST_YES, "all three page sizes fit");
	compare_fields(judge, granules, ARRAY_SIZE(granules));
}

static void on_cmdqv(struct nest_qemu11_judge *judge)
{
	const struct nest_outcome *cmdqv = &judge->probe->iommufd.cmdqv;

	judge->step->asks = "cmdqv only where the SMMU has such queues";
	if (!nest_qemu11_wanted(judge, NEST_QEMU11_CMDQV, 0))
		NEST_QEMU11_SAY(judge, NEST_YES, "it is not asked for");
	else if (cmdqv->status == NEST_OUTCOME_OK)
		NEST_QEMU11_SAY(judge, NEST_YES, "GET_HW_INFO tells of them");
	else
		NEST_QEMU11_SAY(judge, nest_outcome_is_no(cmdqv) ? NEST_NO : NEST_UNKNOWN,
				"GET_HW_INFO of type 3: %s",
				cmdqv->status == NEST_OUTCOME_FAILED ? nest_errno_name(cmdqv->err)
								     : "not asked");
	NEST_QEMU11_REFUSE(judge, "CMDQV requested but not supported");
}

/* Output widths by the code of IDR5.OAS. */
static unsigned int oas_bits(uint64_t code)
{
	static const unsigned char bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	return code < ARRAY_SIZE(bits) ? bits[code] : 0;
}

static void on_oas(struct nest_qemu11_judge *judge)
{
	unsigned int asked = nest_qemu11_wanted(judge, NEST_QEMU11_OAS, 44);
	uint64_t code;

	judge->step->asks = "oas is not more than the SMMU's";
	if (!number(judge, "oas", &code)) {
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "IDR5 is not known");
		return;
	}
	NEST_QEMU11_SAY(judge, oas_bits(code) >= asked ? NEST_YES : NEST_NO,
			"oas is %u, the host has %u", asked, oas_bits(code));
	NEST_QEMU11_REFUSE(
		judge, "Host SMMUv3 supports only %u-bit IPA, but the vSMMU OAS implies %u-bit IPA",
		oas_bits(code), asked);
}

static void on_ssidsize(struct nest_qemu11_judge *judge)
{
	unsigned int asked = nest_qemu11_wanted(judge, NEST_QEMU11_SSIDSIZE, 0);
	uint64_t host;

	judge->step->asks = "ssidsize is not more than the SMMU's";
	if (!number(judge, "ssidsize", &host)) {
		NEST_QEMU11_SAY(judge, asked ? NEST_UNKNOWN : NEST_YES, "IDR1 is not known");
		return;
	}
	NEST_QEMU11_SAY(judge, host >= asked ? NEST_YES : NEST_NO,
			"ssidsize is %u, the host has %u", asked, (unsigned int)host);
	NEST_QEMU11_REFUSE(judge, "Host SMMUv3 SSIDSIZE not compatible (host=%u, QEMU=%u)",
			   (unsigned int)host, asked);
}

static void on_flag(struct nest_qemu11_judge *judge, enum nest_qemu11_key key, const char *name,
		    const char *message)
{
	enum nest_tri host = nest_hw_flag(judge->probe->hw, &judge->probe->values, name);

	if (!nest_qemu11_wanted(judge, key, 0))
		NEST_QEMU11_SAY(judge, NEST_YES, "it is not asked for");
	else
		NEST_QEMU11_SAY(judge, host, "the SMMU has it: %s", nest_tri_name(host));
	NEST_QEMU11_REFUSE(judge, "%s", message);
}

static void on_ril(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "ril only where the SMMU has it";
	on_flag(judge, NEST_QEMU11_RIL, "ril", "Host SMMUv3 doesn't support Range Invalidation");
}

static void on_ats(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "ats only where the SMMU has it";
	on_flag(judge, NEST_QEMU11_ATS, "ats",
		"Host SMMUv3 doesn't support Address Translation Services");
}

/* probe allocates no vIOMMU. What it needs is in a register or in the IORT table. */
static void on_viommu(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "VIOMMU_ALLOC succeeds";
	if (judge->probe->iommufd.viommu.status == NEST_OUTCOME_OK)
		NEST_QEMU11_SAY(judge, NEST_YES, "the kernel makes a vIOMMU for this device");
	else if (judge->probe->iommufd.viommu.status == NEST_OUTCOME_FAILED)
		NEST_QEMU11_SAY(judge, NEST_NO, "IOMMU_VIOMMU_ALLOC: %s%s%s",
				nest_errno_name(judge->probe->iommufd.viommu.err),
				judge->probe->iommufd.canwbs.text[0] ? "; " : "",
				judge->probe->iommufd.canwbs.text);
	else if (nest_hw_flag(judge->probe->hw, &judge->probe->values, "fwb") == NEST_YES)
		NEST_QEMU11_SAY(judge, NEST_YES, "the SMMU forces write-back (IDR3.FWB)");
	else
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN,
				"probe does not try it. Without IDR3.FWB it needs "
				"CANWBS of the root complex in the IORT table");
	NEST_QEMU11_REFUSE(judge, "IOMMU_VIOMMU_ALLOC failed");
}

static nest_qemu11_step_fn *const smmuv3_steps[] = {
	on_options,
	nest_qemu11_on_iommufd,
	nest_qemu11_on_device_node,
	nest_qemu11_on_bind,
	nest_qemu11_on_hw_info,
	nest_qemu11_on_parent,
	nest_qemu11_on_attach,
	on_fields,
	on_ssidsize,
	on_ril,
	on_oas,
	on_ats,
	on_granules,
	on_cmdqv,
	on_viommu,
	NULL,
};

static void write_smmuv3(struct nest_qemu11_judge *judge)
{
	struct nest_qemu11 *out = judge->out;
	const struct nest_probe *probe = judge->probe;
	uint64_t code = 0, ssid = 0;
	unsigned int oas, size;
	bool cmdqv, ril = nest_hw_flag(probe->hw, &probe->values, "ril") == NEST_YES;
	bool ats = nest_hw_flag(probe->hw, &probe->values, "ats") == NEST_YES &&
		   !(probe->iommufd.hw.capabilities & IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);

	number(judge, "oas", &code);
	number(judge, "ssidsize", &ssid);
	if (!probe->iommufd.hw.max_pasid_log2)
		ssid = 0;
	oas = nest_qemu11_wanted(judge, NEST_QEMU11_OAS, oas_bits(code) >= 48 ? 48 : 44);
	size = nest_qemu11_wanted(judge, NEST_QEMU11_SSIDSIZE, (unsigned int)MIN(ssid, 20u));
	ril = nest_qemu11_wanted(judge, NEST_QEMU11_RIL, ril);
	ats = nest_qemu11_wanted(judge, NEST_QEMU11_ATS, ats);
	cmdqv = nest_qemu11_wanted(judge, NEST_QEMU11_CMDQV,
				   probe->iommufd.cmdqv.status == NEST_OUTCOME_OK);
	snprintf(out->arguments, sizeof(out->arguments),
		 "-machine virt,gic-version=3 -accel kvm\n"
		 "-device "
		 "arm-smmuv3,primary-bus=pcie.0,accel=on,ril=%s,ats=%s,oas=%u,ssidsize=%u%s\n"
		 "-object iommufd,id=iommufd0\n"
		 "-device vfio-pci,host=%s,iommufd=iommufd0\n",
		 ril ? "on" : "off", ats ? "on" : "off", oas, size, cmdqv ? ",cmdqv=on" : "",
		 probe->iommufd.device);
	snprintf(out->libvirt, sizeof(out->libvirt),
		 "<iommu model='smmuv3'><driver pciBus='0' accel='on' ril='%s' ats='%s' oas='%u' "
		 "ssidsize='%u'%s/></iommu>\n<iommufd enabled='yes'/>\n",
		 ril ? "on" : "off", ats ? "on" : "off", oas, size, cmdqv ? " cmdqv='on'" : "");
}

const struct nest_qemu11_viommu nest_qemu11_smmuv3 = { "arm-smmuv3", smmuv3_steps, write_smmuv3 };
