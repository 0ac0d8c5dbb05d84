// SPDX-License-Identifier: GPL-2.0-or-later
/* What QEMU 11.1 would decide: what is asked for, and the conditions in order until one fails. */
#include "probe/qemu11.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "number.h"
#include "probe/qemu11-steps.h"
#include "util.h"

/* ---- what is asked for ---- */

#define VTD    "intel-iommu"
#define SMMUV3 "arm-smmuv3"

static const struct {
	const char *viommu, *name;
	bool flag;
	unsigned int most; /* of a number */
} keys[NEST_QEMU11_KEYS] = {
	[NEST_QEMU11_FSTS] = { VTD, "fsts", true, 0 },
	[NEST_QEMU11_SVM] = { VTD, "svm", true, 0 },
	[NEST_QEMU11_DEVICE_IOTLB] = { VTD, "device-iotlb", true, 0 },
	[NEST_QEMU11_FS1GP] = { VTD, "fs1gp", true, 0 },
	[NEST_QEMU11_CACHING_MODE] = { VTD, "caching-mode", true, 0 },
	[NEST_QEMU11_PASID_BITS] = { VTD, "pasid-bits", false, 255 },
	[NEST_QEMU11_AW_BITS] = { VTD, "aw-bits", false, 255 },
	[NEST_QEMU11_RIL] = { SMMUV3, "ril", true, 0 },
	[NEST_QEMU11_ATS] = { SMMUV3, "ats", true, 0 },
	[NEST_QEMU11_OAS] = { SMMUV3, "oas", false, 255 },
	[NEST_QEMU11_SSIDSIZE] = { SMMUV3, "ssidsize", false, 255 },
	[NEST_QEMU11_CMDQV] = { SMMUV3, "cmdqv", true, 0 },
	[NEST_QEMU11_SCALABLE_MODE] = { VTD, "scalable-mode", true, 0 },
	[NEST_QEMU11_DMA_TRANSLATION] = { VTD, "dma-translation", true, 0 },
};

const char *nest_qemu11_property(size_t i, unsigned int *ret_most)
{
	if (i >= NEST_QEMU11_KEYS)
		return NULL;
	*ret_most = keys[i].most;
	return keys[i].name;
}

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

/* Was a property asked for that this virtual IOMMU has not? Then that is the only condition. */
static bool is_strange(struct nest_qemu11_judge *judge)
{
	struct nest_qemu11 *out = judge->out;
	size_t i;

	for (i = 0; out->viommu && i < NEST_QEMU11_KEYS; i++) {
		if (!judge->with->set[i] || !strcmp(keys[i].viommu, out->viommu))
			continue;
		judge->step = &out->steps[out->nsteps++];
		judge->step->asks = "QEMU knows each property";
		NEST_QEMU11_SAY(judge, NEST_NO, "%s is one of %s", keys[i].name, keys[i].viommu);
		NEST_QEMU11_REFUSE(judge, "Property '%s.%s' not found", out->viommu, keys[i].name);
		out->starts = NEST_NO;
		return true;
	}
	return false;
}

/* ---- the decision ---- */

static const struct nest_qemu11_viommu *const viommus[] = { &nest_qemu11_vtd, &nest_qemu11_smmuv3 };

/* The kind is none that QEMU has a nesting virtual IOMMU for, or is not known. */
static void on_kind(struct nest_qemu11_judge *judge)
{
	const struct nest_hw *hw = judge->probe->hw;

	judge->step->asks = "QEMU has a virtual IOMMU that nests on this one";
	if (!hw) {
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "the kind of the IOMMU is not known");
		return;
	}
	NEST_QEMU11_SAY(judge, NEST_NO, "the host's IOMMU is %s", hw->title);
	NEST_QEMU11_REFUSE(judge, "Incompatible host platform IOMMU type %u", hw->info_type);
}

static nest_qemu11_step_fn *const other_steps[] = { on_kind, NULL };

void nest_qemu11_decide(const struct nest_probe *probe, const struct nest_qemu11_with *with,
			struct nest_qemu11 *ret)
{
	struct nest_qemu11_judge judge = { probe, with, ret, NULL };
	nest_qemu11_step_fn *const *steps = other_steps;
	const struct nest_qemu11_viommu *viommu = NULL;
	size_t i;

	*ret = (struct nest_qemu11){ .starts = NEST_YES };
	for (i = 0; probe->hw && probe->hw->qemu && i < ARRAY_SIZE(viommus); i++)
		if (!strcmp(viommus[i]->name, probe->hw->qemu))
			viommu = viommus[i];
	if (viommu) {
		ret->viommu = viommu->name;
		steps = viommu->steps;
	}
	if (is_strange(&judge))
		return;
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
