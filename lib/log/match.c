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

/* "cap = c0000020e60262 ecap = f0101a" of Xen, after "drhd->address = fed90000 …". */
static size_t match_xen(const struct nest_log_window *w, size_t at, struct nest_log_unit *unit,
			size_t *ret_end)
{
	static const char address[] = "drhd->address = ";
	const char *p, *end = w->text + w->len;
	size_t key, start, before;

	for (;; at = key + 1) {
		key = nest_log_find(w, at, w->len, "cap = ");
		if (key == NEST_LOG_NONE)
			return key;
		if (key && nest_log_is_word(w->text[key - 1]))
			continue;
		memset(unit, 0, sizeof(*unit));
		p = w->text + key + strlen("cap = ");
		if (nest_log_eat_hex(&p, end, &unit->first) && nest_log_eat(&p, end, " ecap = ") &&
		    nest_log_eat_hex(&p, end, &unit->second))
			break;
	}
	*ret_end = (size_t)(p - w->text);
	unit->hw = &nest_hw_vtd;
	unit->has_second = true;
	snprintf(unit->name, sizeof(unit->name), "reg_base_addr");
	start = key;
	for (before = nest_log_find(w, at, key, address); before != NEST_LOG_NONE;
	     before = nest_log_find(w, before + 1, key, address)) {
		p = w->text + before + strlen(address);
		unit->has_address = nest_log_eat_hex(&p, end, &unit->address);
		start = before;
	}
	return start;
}

static size_t match_linux(const struct nest_log_window *w, size_t at, union nest_log_item *ret_item,
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

size_t nest_log_match_vtd(const struct nest_log_window *w, size_t at, union nest_log_item *ret_item,
			  size_t *ret_end)
{
	union nest_log_item xen;
	size_t start = match_linux(w, at, ret_item, ret_end), other, end;

	other = match_xen(w, at, &xen.unit, &end);
	if (other >= start)
		return start;
	*ret_item = xen;
	*ret_end = end;
	return other;
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
		unit.of_table = i == 1;
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

/* A PCI address that is a word of its own, between at and end: "00:01.0", "0000:c3:00.0". */
static bool find_address(const char *p, const char *end, struct nest_log_group *group)
{
	struct nest_pciaddr device;
	const char *word;
	bool segment;

	while (p < end) {
		p += strspn(p, " -*|");
		word = p;
		if (p < end && nest_log_eat_pci(&p, end, &device, &segment)) {
			nest_pciaddr_format(&device, group->device);
			return true;
		}
		p = memchr(word, ' ', (size_t)(end - word));
		if (!p)
			return false;
	}
	return false;
}

/* "…/iommu_groups/17/devices/0000:c3:00.0", as find(1) and ls(1) print it. */
static bool take_path(const struct nest_log_window *w, struct nest_log_group *group, bool *heading)
{
	static const char folder[] = "iommu_groups/";
	size_t at = nest_log_find(w, 0, w->first, folder);
	const char *p, *end = w->text + w->first;

	if (at == NEST_LOG_NONE)
		return false;
	p = w->text + at + strlen(folder);
	if (!nest_log_eat_decimal(&p, end, &group->group) || !nest_log_eat(&p, end, "/devices"))
		return false;
	*heading = *p == ':' || p == end;
	if (!nest_log_eat(&p, end, "/"))
		return *heading;
	copy_word(group->device, sizeof(group->device), p, p + strcspn(p, " "));
	return *group->device;
}

/* "IOMMU Group 0 00:00.0 Host bridge", "Group 1:", "IOMMU group 2:" in front of all else. */
static bool take_heading(const struct nest_log_window *w, struct nest_log_group *group,
			 bool *heading)
{
	/* A daemon may have put a stamp in front. */
	size_t stamp = nest_log_find(w, 0, w->first, ": IOMMU Group ");
	const char *p = w->text + (stamp == NEST_LOG_NONE ? 0 : stamp + 2);
	const char *end = w->text + w->first;

	p += strspn(p, " #*=-");
	if (!nest_log_eat(&p, end, "IOMMU ") && !nest_log_eat(&p, end, "IOMMU_"))
		nest_log_eat(&p, end, "iommu ");
	if (!nest_log_eat(&p, end, "Group") && !nest_log_eat(&p, end, "group") &&
	    !nest_log_eat(&p, end, "GROUP"))
		return false;
	p += strspn(p, " :#");
	if (!nest_log_eat_decimal(&p, end, &group->group))
		return false;
	p += strspn(p, " :-");
	*heading = p >= end;
	return *heading || find_address(p, end, group);
}

bool nest_log_match_listing(const struct nest_log_window *w, struct nest_log_listing *listing,
			    struct nest_log_group *ret_group)
{
	struct nest_log_group group = { 0 };
	bool heading = false;

	if (take_path(w, &group, &heading) || take_heading(w, &group, &heading)) {
		listing->open = true;
		listing->group = group.group;
		*ret_group = group;
		return true;
	}
	if (!listing->open)
		return false;
	group.group = listing->group;
	listing->open = find_address(w->text, w->text + w->first, &group);
	*ret_group = group;
	return listing->open;
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
