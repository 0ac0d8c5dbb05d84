/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether devices can forge interrupts, by the chips that /proc/interrupts names. Pure.
 *
 * The kernel puts "IR-" in front of the chips of interrupts that VT-d or AMD-Vi remaps
 * (arch/x86/kernel/apic/io_apic.c, drivers/iommu/intel/irq_remapping.c,
 * drivers/iommu/amd/iommu.c), and "ITS-" in front of those that a GICv3 ITS isolates by device
 * (drivers/irqchip/irq-gic-its-msi-parent.c). DMAR-MSI, IOMMU-MSI and the MSI of AMD-Vi are the
 * IOMMUs' own, which nothing remaps: they say nothing.
 */
#ifndef NEST_IRQCHIPS_H
#define NEST_IRQCHIPS_H

#include <stddef.h>

#include "tri.h"

/*
 * text: the file, or its beginning; a line without its end is not read. chip: the name that says
 * so, cut to size; "" if none does. Yes if one chip is behind remapping, since the kernel has
 * all or none, or if all are behind an ITS; no if there are chips that would be, and are not.
 */
enum nest_tri nest_irqchips_isolated(const char *text, char *chip, size_t size);

#endif
