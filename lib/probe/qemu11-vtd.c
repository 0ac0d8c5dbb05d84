// SPDX-License-Identifier: GPL-2.0-or-later
/* What QEMU 11.1 asks for intel-iommu (hw/i386/intel_iommu.c). */
#include "probe/qemu11-steps.h"

#include <sys/param.h>

#include "util.h"

static bool scalable(const struct nest_qemu11_judge *judge)
{
	return nest_qemu11_wanted(judge, NEST_QEMU11_SCALABLE_MODE, 1);
}

static bool first_stage(const struct nest_qemu11_judge *judge)
{
	return nest_qemu11_wanted(judge, NEST_QEMU11_FSTS, scalable(judge));
}

/* What fits the device, if it has PASIDs; svm wants at least one bit. */
static unsigned int vtd_pasid_bits(const struct nest_qemu11_judge *judge)
{
	const struct nest_probe *probe = judge->probe;
	unsigned int have = 0;

	nest_hw_pasid_bits(probe->hw, &probe->values, &have);
	if (!probe->iommufd.hw.max_pasid_log2 || !scalable(judge))
		have = 0;
	return nest_qemu11_wanted(
		judge, NEST_QEMU11_PASID_BITS,
		MAX(MIN(have, 20u), nest_qemu11_wanted(judge, NEST_QEMU11_SVM, 0)));
}

/*
 * QEMU compares with the last usable IOVA of what it attaches the device to. With fsts=on that is
 * the nest parent, a second-stage table: the kernel ends it at the unit's MGAW, and at the widest
 * table that SAGAW has (drivers/iommu/intel/iommu.c).
 */
static unsigned int parent_bits(const struct nest_qemu11_judge *judge)
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

/* With fsts=off it is a plain address space, as probe has one: a first stage ends a bit below. */
static unsigned int plain_bits(const struct nest_qemu11_judge *judge)
{
	const struct nest_caps *caps = &judge->probe->iommufd.caps;
	uint64_t last;

	if (!caps->have_ranges || !caps->nranges)
		return 0;
	last = caps->ranges[caps->nranges - 1].last;
	return last ? 64 - (unsigned int)__builtin_clzll(last) : 0;
}

static unsigned int host_bits(const struct nest_qemu11_judge *judge)
{
	return first_stage(judge) ? parent_bits(judge) : plain_bits(judge);
}

/* Where nothing else was asked for: what fits. */
static unsigned int aw_bits(const struct nest_qemu11_judge *judge)
{
	unsigned int have = host_bits(judge);
	bool narrow = !first_stage(judge) && have && have < 48;

	return nest_qemu11_wanted(judge, NEST_QEMU11_AW_BITS, narrow ? 39 : 48);
}

static void on_vtd_options(struct nest_qemu11_judge *judge)
{
	bool svm = nest_qemu11_wanted(judge, NEST_QEMU11_SVM, 0);
	unsigned int aw = aw_bits(judge);
	unsigned int pasid = vtd_pasid_bits(judge);

	judge->step->asks = "the properties fit each other";
	NEST_QEMU11_SAY(judge, NEST_NO, "QEMU checks them before it looks at the device");
	if (first_stage(judge) && !scalable(judge))
		NEST_QEMU11_REFUSE(judge, "fsts is only available in scalable mode");
	else if (!scalable(judge) && aw != 39 && aw != 48)
		NEST_QEMU11_REFUSE(judge, "Legacy mode: supported values for aw-bits are: 39, 48");
	else if (first_stage(judge) && aw != 48)
		NEST_QEMU11_REFUSE(judge,
				   "Scalable mode(fsts=on): supported value for aw-bits is: 48");
	else if (aw != 39 && aw != 48)
		NEST_QEMU11_REFUSE(
			judge, "Scalable mode(fsts=off): supported values for aw-bits are: 39, 48");
	else if (pasid && !scalable(judge))
		NEST_QEMU11_REFUSE(judge, "Need to set scalable mode for PASID");
	else if (pasid > 20)
		NEST_QEMU11_REFUSE(judge,
				   "PASID width %u exceeds Max PASID Width 20 allowed in PCI spec",
				   pasid);
	else if (svm && !nest_qemu11_wanted(judge, NEST_QEMU11_DEVICE_IOTLB, 1))
		NEST_QEMU11_REFUSE(judge, "Need to set device IOTLB for svm");
	else if (svm && !first_stage(judge))
		NEST_QEMU11_REFUSE(judge, "Need to set fsts for svm");
	else if (svm && !nest_qemu11_wanted(judge, NEST_QEMU11_DMA_TRANSLATION, 1))
		NEST_QEMU11_REFUSE(judge, "Need to set dma-translation for svm");
	else if (svm && !pasid)
		NEST_QEMU11_REFUSE(judge, "Need to set PASID support for svm");
	else
		NEST_QEMU11_SAY(judge, NEST_YES, "no two of them exclude each other");
}

static void on_caching_mode(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "caching-mode=on";
	if (nest_qemu11_wanted(judge, NEST_QEMU11_CACHING_MODE, 1)) {
		NEST_QEMU11_SAY(judge, NEST_YES, "it is set");
		return;
	}
	NEST_QEMU11_SAY(judge, NEST_NO, "it is off");
	NEST_QEMU11_REFUSE(judge,
			   "Device assignment is not allowed without enabling caching-mode=on for "
			   "Intel IOMMU.");
}

static void on_width(struct nest_qemu11_judge *judge)
{
	unsigned int asked = aw_bits(judge), have = host_bits(judge);

	judge->step->asks = "aw-bits is not more than the bits of the last usable IOVA";
	if (!have) {
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "the last usable IOVA is not known");
		return;
	}
	NEST_QEMU11_SAY(judge, asked <= have ? NEST_YES : NEST_NO, "aw-bits is %u, %s has %u",
			asked, first_stage(judge) ? "the second stage" : "a plain address space",
			have);
	NEST_QEMU11_REFUSE(judge, "aw-bits %u > host aw-bits %u", asked, have);
}

static void on_large_pages(struct nest_qemu11_judge *judge)
{
	enum nest_tri host = nest_hw_flag(judge->probe->hw, &judge->probe->values, "fl1gp");

	judge->step->asks = "fs1gp only where the unit has 1 GiB pages";
	if (!nest_qemu11_wanted(judge, NEST_QEMU11_FS1GP, host == NEST_YES))
		NEST_QEMU11_SAY(judge, NEST_YES, "fs1gp=off");
	else
		NEST_QEMU11_SAY(judge, host, "1 GiB pages in the first stage: %s",
				nest_tri_name(host));
	NEST_QEMU11_REFUSE(judge, "First stage 1GB large page is unsupported by host IOMMU");
}

static void on_pasid_bits(struct nest_qemu11_judge *judge)
{
	unsigned int have = 0, asked = vtd_pasid_bits(judge);

	judge->step->asks = "pasid-bits is not more than the unit's, if the device has PASIDs";
	if (!judge->probe->iommufd.hw.max_pasid_log2) {
		NEST_QEMU11_SAY(judge, NEST_YES, "the kernel shows no PASIDs of the device");
		return;
	}
	if (nest_hw_pasid_bits(judge->probe->hw, &judge->probe->values, &have)) {
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "the width of the unit's PASIDs is not known");
		return;
	}
	NEST_QEMU11_SAY(judge, asked <= have ? NEST_YES : NEST_NO,
			"pasid-bits is %u, the unit has %u", asked, have);
	NEST_QEMU11_REFUSE(judge, "PASID bits size %u > host IOMMU PASID bits size %u", asked,
			   have);
}

static void on_bridge(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "no conventional PCI bridge is above the device";
	NEST_QEMU11_SAY(judge,
			judge->probe->aliased == NEST_YES  ? NEST_NO
			: judge->probe->aliased == NEST_NO ? NEST_YES
							   : NEST_UNKNOWN,
			"other requester ids of the device: %s",
			nest_tri_name(judge->probe->aliased));
	NEST_QEMU11_REFUSE(judge,
			   "Host device downstream to a PCI bridge is unsupported when fsts=on");
}

static nest_qemu11_step_fn *const vtd_steps[] = {
	on_vtd_options,
	nest_qemu11_on_iommufd,
	nest_qemu11_on_device_node,
	nest_qemu11_on_bind,
	nest_qemu11_on_hw_info,
	nest_qemu11_on_parent,
	nest_qemu11_on_attach,
	on_caching_mode,
	on_width,
	on_large_pages,
	on_pasid_bits,
	on_bridge,
	NULL,
};

static void write_vtd(struct nest_qemu11_judge *judge)
{
	struct nest_qemu11 *out = judge->out;
	const struct nest_probe *probe = judge->probe;
	bool large =
		nest_qemu11_wanted(judge, NEST_QEMU11_FS1GP,
				   nest_hw_flag(probe->hw, &probe->values, "fl1gp") == NEST_YES);
	bool svm = nest_qemu11_wanted(judge, NEST_QEMU11_SVM, 0);
	unsigned int pasid = vtd_pasid_bits(judge);
	char bits[24] = "", width[16] = "";

	if (aw_bits(judge) != 48)
		snprintf(width, sizeof(width), ",aw-bits=%u", aw_bits(judge));
	if (pasid)
		snprintf(bits, sizeof(bits), ",pasid-bits=%u", pasid);
	snprintf(out->arguments, sizeof(out->arguments),
		 "-machine q35,kernel-irqchip=split\n"
		 "-object iommufd,id=iommufd0\n"
		 "-device intel-iommu,intremap=on%s%s,caching-mode=on%s%s%s%s\n"
		 "-device vfio-pci,host=%s,iommufd=iommufd0\n",
		 scalable(judge) ? ",scalable-mode=on" : "", first_stage(judge) ? ",fsts=on" : "",
		 width, large ? "" : ",fs1gp=off", bits, svm ? ",device-iotlb=on,svm=on" : "",
		 probe->iommufd.device);
	snprintf(out->libvirt, sizeof(out->libvirt),
		 "<iommu model='intel'><driver intremap='on' caching_mode='on'%s%s/></iommu>\n"
		 "<!-- libvirt 12.9 has no element for scalable-mode and fsts: use "
		 "<qemu:override> -->\n"
		 "<iommufd enabled='yes'/>\n",
		 *width ? " aw_bits='39'" : "", svm ? " iotlb='on'" : "");
}

const struct nest_qemu11_viommu nest_qemu11_vtd = { "intel-iommu", vtd_steps, write_vtd };
