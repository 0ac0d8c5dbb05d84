// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows the wordings in which kernels of twenty years report IOMMU units and groups. */

#include "log/match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "1:0" with "ver" before it; returns where "ver" begins, or pos. */
static size_t take_version(const struct nest_log_window *w, size_t pos, struct nest_log_unit *unit)
{
	size_t number = nest_log_word_before(w, pos), ver;
	uint32_t major, minor;
	const char *p, *end = w->text + w->len;

	if (number == NEST_LOG_NONE)
		return pos;
	ver = nest_log_word_before(w, number);
	p = w->text + number;
	if (!nest_log_word_is(w, ver, "ver") || !nest_log_eat_decimal(&p, end, &major) ||
	    !nest_log_eat(&p, end, ":") || !nest_log_eat_decimal(&p, end, &minor) || *p != ' ')
		return pos;
	unit->has_version = true;
	unit->version_major = major;
	unit->version_minor = minor;
	return ver;
}

/* "reg_base_addr fed90000", or "IOMMU fed90000:" of 2009; returns where it begins, or pos. */
static size_t take_address(const struct nest_log_window *w, size_t pos, struct nest_log_unit *unit)
{
	size_t number = nest_log_word_before(w, pos), before;
	const char *p, *end = w->text + w->len;
	uint64_t address;

	if (number == NEST_LOG_NONE)
		return pos;
	before = nest_log_word_before(w, number);
	p = w->text + number;
	if (!nest_log_eat_hex(&p, end, &address))
		return pos;
	if (!(*p == ' ' && nest_log_word_is(w, before, "reg_base_addr")) &&
	    !(*p == ':' && p[1] == ' ' && nest_log_word_is(w, before, "IOMMU")))
		return pos;
	unit->has_address = true;
	unit->address = address;
	return before;
}

/* "dmar0:", or "IOMMU 0:" of 2010, which is the same unit; returns where it begins, or pos. */
static size_t take_name(const struct nest_log_window *w, size_t pos, struct nest_log_unit *unit)
{
	size_t word = nest_log_word_before(w, pos), before;
	const char *p, *end = w->text + w->len;
	uint32_t number;
	bool dmar;

	if (word == NEST_LOG_NONE)
		return pos;
	before = nest_log_word_before(w, word);
	p = w->text + word;
	dmar = nest_log_eat(&p, end, "dmar");
	if (!dmar && !nest_log_word_is(w, before, "IOMMU"))
		return pos;
	if (!nest_log_eat_decimal(&p, end, &number) || *p != ':')
		return pos;
	snprintf(unit->name, sizeof(unit->name), "dmar%" PRIu32, number);
	return dmar ? word : before;
}

size_t nest_log_match_vtd(const struct nest_log_window *w, size_t at, union nest_log_item *ret_item,
			  size_t *ret_end)
{
	struct nest_log_unit *ret_unit = &ret_item->unit;
	const char *p, *end = w->text + w->len;
	size_t key, start;

	for (;; at = key + 1) {
		key = nest_log_find(w, at, w->len, "cap ");
		if (key == NEST_LOG_NONE)
			return key;
		if (key && nest_log_is_word(w->text[key - 1]))
			continue;
		memset(ret_unit, 0, sizeof(*ret_unit));
		p = w->text + key + 4;
		if (nest_log_eat_hex(&p, end, &ret_unit->first) &&
		    nest_log_eat(&p, end, " ecap ") && nest_log_eat_hex(&p, end, &ret_unit->second))
			break;
	}
	ret_unit->hw = &nest_hw_vtd;
	ret_unit->has_second = true;
	snprintf(ret_unit->name, sizeof(ret_unit->name), "reg_base_addr");
	start = take_version(w, key, ret_unit);
	start = take_address(w, start, ret_unit);
	start = take_name(w, start, ret_unit);
	*ret_end = (size_t)(p - w->text);
	return start;
}

size_t nest_log_match_amd(const struct nest_log_window *w, size_t at, union nest_log_item *ret_item,
			  size_t *ret_end)
{
	static const struct {
		const char *key, *between;
	} forms[] = { { "Extended features (", ", " }, { "global IVHD EFR:", ", EFR2:" } };
	struct nest_log_unit *ret_unit = &ret_item->unit;
	const char *p, *end = w->text + w->len;
	size_t i, key, best = NEST_LOG_NONE;
	struct nest_log_unit unit;

	for (i = 0; i < 2; i++) {
		key = nest_log_find(w, at, w->first, forms[i].key);
		if (key >= best)
			continue;
		memset(&unit, 0, sizeof(unit));
		unit.hw = &nest_hw_amd;
		p = w->text + key + strlen(forms[i].key);
		if (!nest_log_eat_hex(&p, end, &unit.first))
			continue;
		unit.has_second = nest_log_eat(&p, end, forms[i].between) &&
				  nest_log_eat_hex(&p, end, &unit.second);
		/* Without this a number cut by a line break would pass for a whole one. */
		if (i == 0 ? !nest_log_eat(&p, end, ")") : !unit.has_second)
			continue;
		/* The features of one unit may be named after it, the global ones are not. */
		if (i == 1)
			snprintf(unit.name, sizeof(unit.name), "AMD-Vi");
		best = key;
		*ret_unit = unit;
		*ret_end = (size_t)(p - w->text);
	}
	return best;
}

size_t nest_log_match_amd_name(const struct nest_log_window *w, size_t at,
			       union nest_log_item *ret_item, size_t *ret_end)
{
	struct nest_log_unit *ret_unit = &ret_item->unit;
	size_t key = nest_log_find(w, at, w->first, "Found IOMMU "), word;
	const char *p, *start, *end = w->text + w->len;
	struct nest_pciaddr ignored;
	bool segment;

	if (key == NEST_LOG_NONE)
		return key;
	memset(ret_unit, 0, sizeof(*ret_unit));
	p = w->text + key + strlen("Found IOMMU ");
	if (!nest_log_eat(&p, end, "at ")) {
		/* "pci 0000:00:00.2: AMD-Vi: Found IOMMU cap 0x40": the address stands before. */
		word = nest_log_word_before(w, key);
		word = word == NEST_LOG_NONE ? word : nest_log_word_before(w, word);
		p = word == NEST_LOG_NONE ? end : w->text + word;
	}
	start = p;
	*ret_end = key + 1;
	if (nest_log_eat_pci(&p, end, &ignored, &segment) &&
	    (size_t)(p - start) < sizeof(ret_unit->name))
		memcpy(ret_unit->name, start, (size_t)(p - start));
	return key;
}

static void copy_word(char *buf, size_t len, const char *from, const char *end)
{
	snprintf(buf, len, "%.*s", (int)(end - from), from);
}

/* The device's name stands before: "pci 0000:00:02.0: Adding to iommu group 0". */
static size_t match_group_new(const struct nest_log_window *w, size_t at,
			      struct nest_log_group *group, size_t *ret_end)
{
	static const char adding[] = "Adding to iommu group ";
	const char *p, *end = w->text + w->len;
	size_t key, word;

	for (;; at = key + 1) {
		key = nest_log_find(w, at, w->len, adding);
		if (key == NEST_LOG_NONE)
			return key;
		p = w->text + key + strlen(adding);
		word = nest_log_word_before(w, key);
		if (word != NEST_LOG_NONE && w->text[key - 2] == ':' && key - word > 2 &&
		    nest_log_eat_decimal(&p, end, &group->group))
			break;
	}
	copy_word(group->device, sizeof(group->device), w->text + word, w->text + key - 2);
	*ret_end = (size_t)(p - w->text);
	return word;
}

/* Before 5.3: "iommu: Adding device 0000:00:02.0 to group 1". */
static size_t match_group_old(const struct nest_log_window *w, size_t at,
			      struct nest_log_group *group, size_t *ret_end)
{
	static const char adding[] = "Adding device ";
	const char *p, *name, *end = w->text + w->len;
	size_t key;

	for (;; at = key + 1) {
		key = nest_log_find(w, at, w->len, adding);
		if (key == NEST_LOG_NONE)
			return key;
		name = p = w->text + key + strlen(adding);
		while (p < end && *p != ' ')
			p++;
		copy_word(group->device, sizeof(group->device), name, p);
		if (p > name && nest_log_eat(&p, end, " to group ") &&
		    nest_log_eat_decimal(&p, end, &group->group))
			break;
	}
	*ret_end = (size_t)(p - w->text);
	return key;
}

size_t nest_log_match_group(const struct nest_log_window *w, size_t at,
			    union nest_log_item *ret_item, size_t *ret_end)
{
	struct nest_log_group *ret_group = &ret_item->group;
	struct nest_log_group group;
	size_t found, other, end;

	memset(ret_group, 0, sizeof(*ret_group));
	memset(&group, 0, sizeof(group));
	found = match_group_new(w, at, ret_group, ret_end);
	other = match_group_old(w, at, &group, &end);
	if (other < found) {
		*ret_group = group;
		*ret_end = end;
		return other;
	}
	return found;
}
