/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which PCI devices are meant, in the words of lspci: by address (-s) and by numbers (-d). */
#ifndef NEST_SELECT_H
#define NEST_SELECT_H

#include "model.h"

#define NEST_ANY UINT64_MAX /* a part that was left out, or "*" */

/* "[[[DOMAIN:]BUS:]DEVICE][.FUNCTION]", in hexadecimal: "16:", "0:1f.3", "1f", ".0" */
struct nest_slot_select {
	uint64_t domain, bus, device, function;
};

/*
 * "[VENDOR]:[DEVICE][:CLASS[:INTERFACE]]", in hexadecimal: "8086:", "8086:0b25", "::0108". An "x"
 * of CLASS is any digit: "::02xx".
 */
struct nest_id_select {
	uint64_t vendor, device, class, interface;
	uint64_t class_any; /* bits of the class that do not matter */
};

/* 0, or -EINVAL. */
int nest_slot_select_parse(const char *text, struct nest_slot_select *ret);
int nest_id_select_parse(const char *text, struct nest_id_select *ret);

/* False for devices that are not PCI, and for those whose numbers could not be read. */
bool nest_slot_selects(const struct nest_slot_select *select, const struct nest_device *dev);
bool nest_id_selects(const struct nest_id_select *select, const struct nest_device *dev);

#endif
