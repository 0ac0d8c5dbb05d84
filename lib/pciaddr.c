// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing, printing and ordering of PCI addresses. */
#include "pciaddr.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* At most digits hex digits up to the character end; moves the text past it. */
static int field(const char **text, int digits, char end, uint32_t max, uint32_t *ret)
{
	const char *p = *text;
	uint32_t value = 0;
	int n;

	for (n = 0; n < digits; n++, p++) {
		int c = *p | 0x20;

		if (*p >= '0' && *p <= '9')
			value = value << 4 | (uint32_t)(*p - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint32_t)(c - 'a' + 10);
		else
			break;
	}
	if (!n || *p != end || value > max)
		return -EINVAL;
	*text = end ? p + 1 : p;
	*ret = value;
	return 0;
}

/* "pci_0000_3a_00_0" is 0000:3a:00.0: libvirt writes the whole address. */
static const char *from_libvirt(const char *text, char address[NEST_PCIADDR_MAX])
{
	static const char separators[] = "::.";
	size_t n = 0;
	char *at;

	if (strncmp(text, "pci_", 4) || strlen(text + 4) >= NEST_PCIADDR_MAX)
		return text;
	strcpy(address, text + 4);
	for (at = strchr(address, '_'); at && separators[n]; at = strchr(at, '_'))
		*at = separators[n++];
	return n == strlen(separators) && !at ? address : text;
}

int nest_pciaddr_parse(const char *name, struct nest_pciaddr *ret_addr)
{
	char address[NEST_PCIADDR_MAX];
	const char *text = from_libvirt(name, address), *colon = strchr(text, ':');
	uint32_t domain = 0, bus, device, function;

	if (colon && strchr(colon + 1, ':') && field(&text, 8, ':', UINT32_MAX, &domain))
		return -EINVAL;
	if (field(&text, 2, ':', 0xff, &bus) || field(&text, 2, '.', 0x1f, &device) ||
	    field(&text, 1, '\0', 7, &function))
		return -EINVAL;
	*ret_addr = (struct nest_pciaddr){ domain, bus, device, function };
	return 0;
}

void nest_pciaddr_format(const struct nest_pciaddr *addr, char buf[NEST_PCIADDR_MAX])
{
	snprintf(buf, NEST_PCIADDR_MAX, "%04x:%02x:%02x.%x", addr->domain, addr->bus,
		 addr->device & 0x1f, addr->function & 7);
}

uint64_t nest_pciaddr_key(const struct nest_pciaddr *addr)
{
	return (uint64_t)addr->domain << 16 | (uint64_t)addr->bus << 8 | addr->device << 3 |
	       addr->function;
}
