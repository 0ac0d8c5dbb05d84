// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing and matching of what lspci takes for -s and -d. */
#include "inventory/select.h"

#include <errno.h>
#include <string.h>

#include "number.h"
#include "pciaddr.h"
#include "util.h"

/* One part: nothing and "*" are any; else a number up to max. */
static int part(const char *text, size_t len, uint64_t max, uint64_t *ret)
{
	char digits[9];
	uint64_t value;

	*ret = NEST_ANY;
	if (!len || (len == 1 && *text == '*'))
		return 0;
	if (len >= sizeof(digits) || strspn(text, "0123456789abcdefABCDEF") < len)
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (nest_parse_u64(digits, 16, &value) || value > max)
		return -EINVAL;
	*ret = value;
	return 0;
}

int nest_slot_select_parse(const char *text, struct nest_slot_select *ret)
{
	struct nest_slot_select select = { NEST_ANY, NEST_ANY, NEST_ANY, NEST_ANY };
	const char *last = strrchr(text, ':'), *dot, *first;
	size_t len;
	int err = 0;

	if (last) {
		first = strchr(text, ':');
		if (first != last)
			err = part(text, (size_t)(first - text), UINT32_MAX, &select.domain);
		text = first == last ? text : first + 1;
		err = err ? err : part(text, (size_t)(last - text), 0xff, &select.bus);
		text = last + 1;
	}
	len = strcspn(text, ".");
	dot = text[len] ? text + len + 1 : "";
	err = err ? err : part(text, len, 0x1f, &select.device);
	err = err ? err : part(dot, strlen(dot), 7, &select.function);
	if (!err)
		*ret = select;
	return err;
}

/* A class, in which "x" is any digit: those digits are 0 in it, and set in *ret_any. */
static int class_part(const char *text, size_t len, uint64_t *ret, uint64_t *ret_any)
{
	char digits[9] = "", any[9] = "";
	size_t i;

	if (len >= sizeof(digits))
		return -EINVAL;
	for (i = 0; i < len; i++) {
		bool is_any = (text[i] | 0x20) == 'x';

		digits[i] = is_any ? '0' : text[i];
		any[i] = is_any ? 'f' : '0';
	}
	if (part(any, len, 0xffff, ret_any) || part(digits, len, 0xffff, ret))
		return -EINVAL;
	if (*ret == NEST_ANY)
		*ret_any = 0;
	return 0;
}

int nest_id_select_parse(const char *text, struct nest_id_select *ret)
{
	struct nest_id_select select = { NEST_ANY, NEST_ANY, NEST_ANY, NEST_ANY, 0 };
	const struct {
		uint64_t *at, max;
	} parts[] = { { &select.vendor, 0xffff },
		      { &select.device, 0xffff },
		      { &select.class, 0xffff },
		      { &select.interface, 0xff } };
	size_t i, n = ARRAY_SIZE(parts);

	if (!strchr(text, ':'))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		size_t len = strcspn(text, ":");

		if (parts[i].at == &select.class ? class_part(text, len, &select.class,
							      &select.class_any)
						 : part(text, len, parts[i].max, parts[i].at))
			return -EINVAL;
		text += len;
		if (!*text)
			break;
		text++;
	}
	if (i == n)
		return -EINVAL; /* a fifth part */
	*ret = select;
	return 0;
}

static bool fits(uint64_t wanted, uint64_t value)
{
	return wanted == NEST_ANY || wanted == value;
}

bool nest_slot_selects(const struct nest_slot_select *select, const struct nest_device *dev)
{
	struct nest_pciaddr addr;

	if (dev->bus != NEST_BUS_PCI || nest_pciaddr_parse(dev->name, &addr))
		return false;
	return fits(select->domain, addr.domain) && fits(select->bus, addr.bus) &&
	       fits(select->device, addr.device) && fits(select->function, addr.function);
}

bool nest_id_selects(const struct nest_id_select *select, const struct nest_device *dev)
{
	return dev->bus == NEST_BUS_PCI && dev->have_ids && fits(select->vendor, dev->vendor) &&
	       fits(select->device, dev->device) &&
	       fits(select->class, dev->pci_class >> 8 & 0xffff & ~select->class_any) &&
	       fits(select->interface, dev->pci_class & 0xff);
}
