/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the virtual IOMMUs of qemu11-*.c: a condition is a function that says whether it holds, and
 * what QEMU prints if not.
 */
#ifndef NEST_QEMU11_STEPS_H
#define NEST_QEMU11_STEPS_H

#include <stdio.h>

#include "probe/probe.h"
#include "probe/qemu11.h"

struct nest_qemu11_judge {
	const struct nest_probe *probe;
	const struct nest_qemu11_with *with;
	struct nest_qemu11 *out;
	struct nest_qemu11_step *step; /* the one being judged */
};

typedef void nest_qemu11_step_fn(struct nest_qemu11_judge *judge);

/* A virtual IOMMU of QEMU: its conditions in order, NULL behind the last. */
struct nest_qemu11_viommu {
	const char *name; /* as in nest_hw.qemu */
	nest_qemu11_step_fn *const *steps;
	nest_qemu11_step_fn *write; /* arguments and libvirt of out */
};

extern const struct nest_qemu11_viommu nest_qemu11_vtd, nest_qemu11_smmuv3;

/* The step holds, does not, or is not known; and why. */
#define NEST_QEMU11_SAY(judge, tri, ...)                                                           \
	do {                                                                                       \
		(judge)->step->holds = (tri);                                                      \
		snprintf((judge)->step->why, sizeof((judge)->step->why), __VA_ARGS__);             \
	} while (0)

/* QEMU's message. It counts where the step does not hold. */
#define NEST_QEMU11_REFUSE(judge, ...)                                                             \
	snprintf((judge)->out->refusal, sizeof((judge)->out->refusal), __VA_ARGS__)

/* A property's value: as asked for, else the usual one. */
unsigned int nest_qemu11_wanted(const struct nest_qemu11_judge *judge, enum nest_qemu11_key key,
				unsigned int usual);

/* The conditions that all of them have. */
nest_qemu11_step_fn nest_qemu11_on_iommufd, nest_qemu11_on_device_node, nest_qemu11_on_bind,
	nest_qemu11_on_hw_info, nest_qemu11_on_parent, nest_qemu11_on_attach;

#endif
