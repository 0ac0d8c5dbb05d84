// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows the wordings in which kernels of twenty years report IOMMU units, faults and groups. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem() */
#endif
#include "log/match.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool nest_log_eat(const char **p, const char *end, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(end - *p) < n || memcmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

bool nest_log_eat_hex(const char **p, const char *end, uint64_t *ret_value)
{
	const char *q = *p;
	uint64_t value = 0;
	int digits = 0;

	if (end - q > 2 && q[0] == '0' && (q[1] == 'x' || q[1] == 'X'))
		q += 2;
	for (; q < end && isxdigit((unsigned char)*q); q++, digits++) {
		int c = tolower((unsigned char)*q);

		if (digits == 16)
			return false;
		value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (!digits || (q < end && is_word_char(*q)))
		return false;
	*p = q;
	*ret_value = value;
	return true;
}

bool nest_log_eat_decimal(const char **p, const char *end, uint32_t *ret_value)
{
	const char *q = *p;
	uint32_t value = 0;

	for (; q < end && isdigit((unsigned char)*q); q++) {
		if (q - *p == 9)
			return false;
		value = value * 10 + (uint32_t)(*q - '0');
	}
	if (q == *p)
		return false;
	*p = q;
	*ret_value = value;
	return true;
}

size_t nest_log_find(const struct nest_log_window *w, size_t at, size_t limit, const char *needle)
{
	size_t n = strlen(needle), end = limit + n - 1;
	const char *found;

	if (end > w->len)
		end = w->len;
	if (at >= end)
		return NEST_LOG_NONE;
	found = memmem(w->text + at, end - at, needle, n);
	return found ? (size_t)(found - w->text) : NEST_LOG_NONE;
}

size_t nest_log_word_before(const struct nest_log_window *w, size_t pos)
{
	if (pos < 2 || w->text[pos - 1] != ' ')
		return NEST_LOG_NONE;
	for (pos--; pos && w->text[pos - 1] != ' '; pos--)
		;
	return pos;
}

/* Is the word at pos this one, with a blank behind? */
static bool word_is(const struct nest_log_window *w, size_t pos, const char *word)
{
	const char *p;

	if (pos == NEST_LOG_NONE)
		return false;
	p = w->text + pos;
	return nest_log_eat(&p, w->text + w->len, word) && *p == ' ';
}

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
	if (!word_is(w, ver, "ver") || !nest_log_eat_decimal(&p, end, &major) ||
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
	if (!(*p == ' ' && word_is(w, before, "reg_base_addr")) &&
	    !(*p == ':' && p[1] == ' ' && word_is(w, before, "IOMMU")))
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
	if (!dmar && !word_is(w, before, "IOMMU"))
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
		if (key && is_word_char(w->text[key - 1]))
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

/* "00:02.0", "0000:00:02.0", "10000:e0:06.0". */
static bool eat_pci(const char **p, const char *end, struct nest_log_fault *fault)
{
	unsigned int part[3], nparts = 0, value, digits;
	const char *q = *p;

	for (;;) {
		value = digits = 0;
		for (; q < end && isxdigit((unsigned char)*q) && digits < 5; q++, digits++) {
			int c = tolower((unsigned char)*q);

			value = value << 4 | (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
		}
		if (!digits || nparts == 3 || q == end)
			return false;
		part[nparts++] = value;
		if (*q == '.')
			break;
		if (*q++ != ':')
			return false;
	}
	if (nparts < 2 || end - q < 2 || q[1] < '0' || q[1] > '7')
		return false;
	if (part[nparts - 1] > 31 || part[nparts - 2] > 255)
		return false;
	fault->segment = nparts == 3 ? part[0] : 0;
	fault->bus = (uint8_t)part[nparts - 2];
	fault->device = (uint8_t)part[nparts - 1];
	fault->function = (uint8_t)(q[1] - '0');
	*p = q + 2;
	return true;
}

size_t nest_log_match_amd_name(const struct nest_log_window *w, size_t at,
			       union nest_log_item *ret_item, size_t *ret_end)
{
	struct nest_log_unit *ret_unit = &ret_item->unit;
	size_t key = nest_log_find(w, at, w->first, "Found IOMMU "), word;
	const char *p, *start, *end = w->text + w->len;
	struct nest_log_fault ignored;

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
	if (eat_pci(&p, end, &ignored) && (size_t)(p - start) < sizeof(ret_unit->name))
		memcpy(ret_unit->name, start, (size_t)(p - start));
	return key;
}

/* What stands in the brackets before "Request device"; returns where they begin, or pos. */
static size_t take_access(const struct nest_log_window *w, size_t pos, struct nest_log_fault *fault)
{
	const char *p, *end = w->text + pos;
	uint64_t pasid;
	size_t open;

	/* "INTR-REMAP: Request device" of 2009 has no brackets. */
	open = nest_log_word_before(w, pos);
	if (word_is(w, open, "INTR-REMAP:")) {
		fault->access = NEST_LOG_INTERRUPT;
		return open;
	}
	if (pos < 2 || w->text[pos - 2] != ']')
		return pos;
	for (open = pos - 2; open && pos - open < 40 && w->text[open] != '['; open--)
		;
	p = w->text + open;
	if (nest_log_eat(&p, end, "[INTR-REMAP]"))
		fault->access = NEST_LOG_INTERRUPT;
	else if (nest_log_eat(&p, end, "[DMA Read"))
		fault->access = NEST_LOG_READ;
	else if (nest_log_eat(&p, end, "[DMA Write"))
		fault->access = NEST_LOG_WRITE;
	else
		return pos;
	if (nest_log_eat(&p, end, " NO_PASID")) {
		fault->with_pasid = NEST_NO;
	} else if (nest_log_eat(&p, end, " PASID ") && nest_log_eat_hex(&p, end, &pasid)) {
		fault->with_pasid = NEST_YES;
		fault->pasid = (uint32_t)pasid;
	}
	return open;
}

/* "0x06" is hex, "06" decimal (older kernels), "06h" hex (Xen). */
static bool eat_reason(const char **p, const char *end, uint8_t *ret_reason)
{
	const char *q = *p, *hex = *p;
	uint32_t decimal;
	uint64_t value;

	if (nest_log_eat(&q, end, "0x")) {
		q = *p;
		if (!nest_log_eat_hex(&q, end, &value))
			return false;
	} else {
		while (hex < end && isxdigit((unsigned char)*hex))
			hex++;
		if (hex < end && *hex == 'h') {
			q = *p;
			if (!nest_log_eat_hex(&q, hex, &value))
				return false;
			q = hex + 1;
		} else {
			q = *p;
			if (!nest_log_eat_decimal(&q, end, &decimal))
				return false;
			value = decimal;
		}
	}
	if (value > 255)
		return false;
	*p = q;
	*ret_reason = (uint8_t)value;
	return true;
}

/* Is the rest of a number that a line break cut still to come before the reason? */
static bool is_cut(const char *p, const char *end)
{
	size_t rest;

	if (!nest_log_eat(&p, end, " "))
		return false;
	rest = strspn(p, "0123456789abcdefABCDEFx");
	p += rest;
	return rest && nest_log_eat(&p, end, " [fault");
}

/* What follows the device: PASID, address and reason, each perhaps missing. Returns the end. */
static size_t take_details(const struct nest_log_window *w, size_t at, size_t limit,
			   struct nest_log_fault *fault)
{
	const char *p = w->text + at, *end = w->text + limit;
	uint64_t value;
	size_t key;

	if (nest_log_eat(&p, end, " PASID ") && nest_log_eat_hex(&p, end, &value)) {
		/* Kernels of 2020 print -1 for none. */
		fault->with_pasid = nest_tri_from_bool(value != UINT32_MAX);
		fault->pasid = value == UINT32_MAX ? 0 : (uint32_t)value;
	}
	if (nest_log_eat(&p, end, " fault addr ") || nest_log_eat(&p, end, " fault index ")) {
		if (p[-2] == 'x')
			fault->access = NEST_LOG_INTERRUPT;
		fault->has_address = nest_log_eat_hex(&p, end, &fault->address) && !is_cut(p, end);
		fault->address_last = fault->address;
	}
	at = (size_t)(p - w->text);
	key = nest_log_find(w, at, limit, "[fault reason ");
	if (key == NEST_LOG_NONE)
		return at;
	p = w->text + key + strlen("[fault reason ");
	fault->has_reason = eat_reason(&p, end, &fault->reason) && *p == ']';
	return fault->has_reason ? (size_t)(p - w->text) : at;
}

size_t nest_log_match_fault(const struct nest_log_window *w, size_t at,
			    union nest_log_item *ret_item, size_t *ret_end)
{
	struct nest_log_fault *ret_fault = &ret_item->fault;
	static const char request[] = "Request device [";
	const char *p, *end = w->text + w->len;
	size_t key, next, start;

	for (;; at = key + 1) {
		key = nest_log_find(w, at, w->len, request);
		if (key == NEST_LOG_NONE)
			return key;
		memset(ret_fault, 0, sizeof(*ret_fault));
		p = w->text + key + strlen(request);
		nest_log_eat(&p, end, "["); /* a slip in kernels of 2009 */
		if (eat_pci(&p, end, ret_fault) && nest_log_eat(&p, end, "]"))
			break;
	}
	start = take_access(w, key, ret_fault);
	/* What belongs to the next fault does not belong to this one. */
	next = nest_log_find(w, (size_t)(p - w->text), w->len, request);
	*ret_end = take_details(w, (size_t)(p - w->text), next == NEST_LOG_NONE ? w->len : next,
				ret_fault);
	if (ret_fault->has_reason)
		ret_fault->explained = nest_vtd_reason(ret_fault->reason);
	return start;
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
