// SPDX-License-Identifier: GPL-2.0-or-later
/* What QEMU 11.1 asks of every host before it gives a device to a virtual IOMMU that nests. */
#include "probe/qemu11-steps.h"

#include "errnoname.h"
#include "explain.h"

/* A property's value: as asked for, else the default. */
unsigned int nest_qemu11_wanted(const struct nest_qemu11_judge *judge, enum nest_qemu11_key key,
				unsigned int usual)
{
	return judge->with->set[key] ? judge->with->value[key] : usual;
}

/* Yes, no or unknown by how a request went. Only what the kernel refuses for good is a no. */
static void by_outcome(struct nest_qemu11_judge *judge, const struct nest_outcome *outcome,
		       const char *message)
{
	if (outcome->status == NEST_OUTCOME_OK) {
		NEST_QEMU11_SAY(judge, NEST_YES, "the kernel does it here");
	} else if (outcome->status == NEST_OUTCOME_SKIPPED) {
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "not asked%s%s", outcome->why ? ": " : "",
				outcome->why ? outcome->why : "");
	} else {
		NEST_QEMU11_SAY(judge, nest_outcome_is_refusal(outcome) ? NEST_UNKNOWN : NEST_NO,
				"%s, %s", nest_errno_name(outcome->err),
				nest_explain(outcome->stage, outcome->err).reason);
		NEST_QEMU11_REFUSE(judge, "%s", message);
	}
}

void nest_qemu11_on_iommufd(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "/dev/iommu opens";
	if (nest_probe_iommufd_status(judge->probe) == NEST_NO) {
		NEST_QEMU11_SAY(judge, NEST_NO, "this kernel has no iommufd");
		NEST_QEMU11_REFUSE(judge,
				   "/dev/iommu does not exist (is your kernel config missing "
				   "CONFIG_IOMMUFD?)");
		return;
	}
	by_outcome(judge, &judge->probe->iommufd.node.open,
		   "/dev/iommu does not exist (is your kernel config missing CONFIG_IOMMUFD?)");
}

void nest_qemu11_on_device_node(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "the device has a node of its own";
	if (judge->probe->iommufd.no_device_nodes) {
		NEST_QEMU11_SAY(judge, NEST_NO,
				"the kernel is built without CONFIG_VFIO_DEVICE_CDEV");
		NEST_QEMU11_REFUSE(judge,
				   "failed to load \"%s\" (is your kernel config missing "
				   "CONFIG_VFIO_DEVICE_CDEV?)",
				   judge->probe->iommufd.device_node.node.path
					   ? judge->probe->iommufd.device_node.node.path
					   : "/dev/vfio/devices/vfioX");
		return;
	}
	if (judge->probe->not_bound) {
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "%s", judge->probe->not_bound);
		return;
	}
	by_outcome(judge, &judge->probe->iommufd.device_node.open,
		   "failed to find vfio-dev/vfioX/dev");
}

void nest_qemu11_on_bind(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "BIND_IOMMUFD succeeds";
	by_outcome(judge, &judge->probe->iommufd.bind, "error bind device to iommufd");
}

void nest_qemu11_on_hw_info(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "GET_HW_INFO succeeds";
	by_outcome(judge, &judge->probe->iommufd.hw_info, "Failed to get hardware info");
}

void nest_qemu11_on_parent(struct nest_qemu11_judge *judge)
{
	const struct nest_probe_hwpt *parent = nest_probe_hwpt_find(judge->probe, "nest_parent");

	judge->step->asks = "a nest parent can be allocated";
	/* Left alone, fsts follows scalable-mode. */
	if (!nest_qemu11_wanted(judge, NEST_QEMU11_FSTS,
				nest_qemu11_wanted(judge, NEST_QEMU11_SCALABLE_MODE, 1)))
		NEST_QEMU11_SAY(judge, NEST_YES, "not asked for: fsts=off");
	else if (!parent)
		NEST_QEMU11_SAY(judge, NEST_UNKNOWN, "not asked");
	else
		by_outcome(judge, &parent->alloc, "Failed to allocate hwpt");
}

void nest_qemu11_on_attach(struct nest_qemu11_judge *judge)
{
	judge->step->asks = "the device can be attached";
	by_outcome(judge, &judge->probe->iommufd.attach, "error attach");
}
