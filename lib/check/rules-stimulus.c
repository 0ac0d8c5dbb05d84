// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the devices that roundtrip can make do DMA: what would stop it, before it is tried.
 */
#include <string.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "inventory/devices.h"
#include "remedy.h"
#include "stim/registry.h"

/* The first release whose list has them; stable 6.8.10 and 6.9.1 have them, too. */
#define DENYLIST_MAJOR 6
#define DENYLIST_MINOR 10

static const struct nest_device *device_of(const struct nest_judge *judge)
{
	return judge->in->devices[judge->index];
}

static void denylist_rule(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);
	const struct nest_facts *facts = judge->in->facts;
	const struct nest_fact *allowed = &facts->denylist_off;
	bool listed = facts->major > DENYLIST_MAJOR ||
		      (facts->major == DENYLIST_MAJOR && facts->minor >= DENYLIST_MINOR);

	if (!nest_device_is_denied(dev) || !judge->in->named)
		return;
	if (nest_driver_is_vfio(dev->driver)) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the device is bound to %s", dev->driver);
		nest_judge_saw_driver(judge, dev);
		return;
	}
	if (allowed->value && *allowed->value == 'Y') {
		nest_judge_say(judge, NEST_RESULT_PASS, "vfio-pci takes devices of its denylist");
		nest_judge_saw_fact(judge, allowed);
		return;
	}
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "vfio-pci %s this device: it is on the denylist of Linux 6.10, and of older "
		       "kernels with the fix for CVE-2024-21823",
		       listed ? "refuses" : "may refuse");
	nest_judge_saw_fact(judge, allowed);
	nest_judge_remedy(judge,
			  "start the kernel with vfio_pci.disable_denylist=1, or load vfio-pci "
			  "with disable_denylist=1. A program that uses the device can then "
			  "harm the host. A kernel without the list needs no option.");
}

static void stimulus_rule(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);
	const struct nest_unit *unit = nest_device_unit(judge->in->model, dev);
	const struct nest_stim_ops *stim = nest_stim_of(dev, NULL);

	if (stim != &nest_stim_dsa || !judge->in->named)
		return;
	if (nest_facts_cpu(judge->in->facts, "movdir64b") == NEST_NO) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the device cannot do DMA for roundtrip: this processor has no "
			       "MOVDIR64B, the only store by which it takes work");
		nest_judge_saw_fact(judge, &judge->in->facts->cpu);
	}
	if (unit && nest_hw_flag(unit->hw, &unit->values, "pasid") == NEST_NO) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the unit in front of the device takes no PASIDs: roundtrip --pasid "
			       "cannot use them");
		nest_judge_saw_unit(judge, unit);
	}
	if (unit && nest_hw_flag(unit->hw, &unit->values, "prs") == NEST_NO) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the unit in front of the device takes no page requests: roundtrip "
			       "cannot test them on it");
		nest_judge_saw_unit(judge, unit);
	}
}

static const struct nest_rule rules[] = {
	{ "device.denylist", NEST_SUBJECT_DEVICE, NEST_FOR_ALL, 0, denylist_rule,
	  "the driver vfio-pci takes the device", NULL },
	{ "device.stimulus", NEST_SUBJECT_DEVICE, NEST_FOR_NESTED | NEST_FOR_SVA, 0, stimulus_rule,
	  "roundtrip can use all that the device has", NULL },
};
NEST_RULE_TOPIC(stimulus);
