/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Would QEMU 11.1 start with this device behind a virtual IOMMU that has a first stage? The
 * conditions in QEMU's own order, over what a probe found, until one is not met; with the message
 * that QEMU prints then. Pure.
 *
 * Source: QEMU 11.1.3, hw/i386/intel_iommu.c, hw/arm/smmuv3-accel.c, hw/vfio/iommufd.c.
 */
#ifndef NEST_QEMU11_H
#define NEST_QEMU11_H

#include <stdbool.h>
#include <stddef.h>

#include "tri.h"

struct nest_probe;

#define NEST_QEMU11 "qemu-11"

/* Properties of the virtual IOMMU that may be asked for. */
enum nest_qemu11_key {
	NEST_QEMU11_FSTS,
	NEST_QEMU11_SVM,
	NEST_QEMU11_DEVICE_IOTLB,
	NEST_QEMU11_FS1GP,
	NEST_QEMU11_CACHING_MODE,
	NEST_QEMU11_PASID_BITS,
	NEST_QEMU11_AW_BITS,
	NEST_QEMU11_RIL,
	NEST_QEMU11_ATS,
	NEST_QEMU11_OAS,
	NEST_QEMU11_SSIDSIZE,
	NEST_QEMU11_CMDQV,
	NEST_QEMU11_SCALABLE_MODE,
	NEST_QEMU11_DMA_TRANSLATION,
	NEST_QEMU11_KEYS,
};

/* What is asked for; what is not set gets the strongest value that fits the host. */
struct nest_qemu11_with {
	bool set[NEST_QEMU11_KEYS];
	unsigned int value[NEST_QEMU11_KEYS]; /* on is 1, off is 0 */
};

/* The name of a property, and the most that its value can be, 0: on or off. NULL ends them. */
const char *nest_qemu11_property(size_t i, unsigned int *ret_most);

/*
 * Reads "fsts=on,pasid-bits=8". -EINVAL: *ret_bad is the part that is not understood, up to its
 * comma, in static memory of the caller's text.
 */
int nest_qemu11_parse(const char *text, struct nest_qemu11_with *with, const char **ret_bad);

struct nest_qemu11_step {
	const char *asks; /* a condition, a clause */
	enum nest_tri holds;
	char why[240]; /* the evidence, a clause */
};

#define NEST_QEMU11_STEPS 16

struct nest_qemu11 {
	enum nest_tri starts;
	const char *viommu; /* "intel-iommu", "arm-smmuv3"; NULL: QEMU has none that nests here */
	struct nest_qemu11_step steps[NEST_QEMU11_STEPS]; /* in order; the last one decides */
	size_t nsteps;
	char refusal[240];   /* no: QEMU's message, without its prefix; "": it prints none */
	char arguments[480]; /* yes: for QEMU's command line */
	char libvirt[480]; /* yes: lines of libvirt XML; what it has no element for is a comment */
};

void nest_qemu11_decide(const struct nest_probe *probe, const struct nest_qemu11_with *with,
			struct nest_qemu11 *ret);

#endif
