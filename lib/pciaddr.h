/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI addresses as people and the kernel write them: [DOMAIN:]BUS:DEVICE.FUNCTION, all hexadecimal;
 * and as libvirt writes them: pci_DOMAIN_BUS_DEVICE_FUNCTION.
 */
#ifndef NEST_PCIADDR_H
#define NEST_PCIADDR_H

#include <stdint.h>

struct nest_pciaddr {
	uint32_t domain; /* 4 digits, 5 and more behind an Intel VMD */
	uint8_t bus, device, function;
};

#define NEST_PCIADDR_MAX sizeof("ffffffff:ff:1f.7")

/* 0, or -EINVAL if name is anything but one address. A missing domain is 0. */
int nest_pciaddr_parse(const char *name, struct nest_pciaddr *ret_addr);

/* The kernel's spelling: at least four digits of domain, lower case. */
void nest_pciaddr_format(const struct nest_pciaddr *addr, char buf[NEST_PCIADDR_MAX]);

/* One number that sorts as the address does, below UINT64_MAX. */
uint64_t nest_pciaddr_key(const struct nest_pciaddr *addr);

#endif
