// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults of VT-d, as Linux 2.6.33 to 7.3 and Xen 4.0 to 4.22 print them:
 *
 *	DMAR:[DMA Read] Request device [01:00.1] fault addr 2231b8000	Linux to 4.3, Xen
 *	DMAR:[fault reason 12] …					a record of its own
 *	DMAR: reason 0c - …						the same, Xen 4.4 and later
 *	[DMA Read] Request device [00:02.0] fault addr 0 [fault reason 06] …		4.8 to 5.3
 *	[DMA Read] Request device [00:02.0] PASID ffffffff fault addr …			5.4 to 5.12
 *	[DMA Read NO_PASID] Request device [0x00:0x02.0] fault addr 0x0 [fault reason 0x06] 5.14
 *	the same with [00:02.0], and with [0000:00:02.0] from 7.2 on
 *	[INTR-REMAP] Request device [f0:1f.7] fault index 2 [fault reason 34] …
 *
 * Reasons are decimal up to 5.12, and hexadecimal in Xen.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hw/vtd-fault.h"
#include "log/fault.h"

static const char request[] = "Request device [";

/* What stands in the brackets before "Request device"; returns where they begin, or pos. */
static size_t take_access(const struct nest_log_window *w, size_t pos, struct nest_fault *fault)
{
	const char *p, *end = w->text + pos;
	uint64_t pasid;
	size_t open;

	/* "INTR-REMAP: Request device" has no brackets up to 4.3 and in Xen. */
	open = nest_log_word_before(w, pos);
	if (open != NEST_LOG_NONE && pos - open >= 12 &&
	    !memcmp(w->text + pos - 12, "INTR-REMAP: ", 12)) {
		fault->access = NEST_LOG_INTERRUPT;
		return pos - 12;
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

/* "0x06" is hex, "06" decimal, "06h" hex. */
static bool eat_reason(const char **p, const char *end, uint32_t *ret_reason)
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
		q = *p;
		if (hex < end && *hex == 'h') {
			if (!nest_log_eat_hex(&q, hex, &value))
				return false;
			q = hex + 1;
		} else {
			if (!nest_log_eat_decimal(&q, end, &decimal))
				return false;
			value = decimal;
		}
	}
	if (value > 255)
		return false;
	*p = q;
	*ret_reason = (uint32_t)value;
	return true;
}

/* Looks for the reason between at and limit; returns its end, or at. */
static size_t take_reason(const struct nest_log_window *w, size_t at, size_t limit,
			  struct nest_fault *fault)
{
	static const char linux_form[] = "[fault reason ", xen_dma[] = "DMAR: reason ",
			  xen_interrupt[] = "INTR-REMAP: reason ";
	const char *p, *end = w->text + limit;
	uint64_t value;
	size_t key;

	key = nest_log_find(w, at, limit, linux_form);
	if (key != NEST_LOG_NONE) {
		p = w->text + key + strlen(linux_form);
		fault->has_reason = eat_reason(&p, end, &fault->reason) && *p == ']';
		return fault->has_reason ? (size_t)(p - w->text) : at;
	}
	key = nest_log_find(w, at, limit, xen_dma);
	p = w->text + (key == NEST_LOG_NONE ? 0 : key + strlen(xen_dma));
	if (key == NEST_LOG_NONE) {
		key = nest_log_find(w, at, limit, xen_interrupt);
		if (key == NEST_LOG_NONE)
			return at;
		p = w->text + key + strlen(xen_interrupt);
	}
	if (!nest_log_eat_hex(&p, end, &value) || value > 255 || !nest_log_eat(&p, end, " - "))
		return at;
	fault->has_reason = true;
	fault->reason = (uint32_t)value;
	return (size_t)(p - w->text);
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

/*
 * Is the number that ends at p whole? Where the reason follows in the same record, a line that ends
 * with the number was cut, and the number with it. Where the reason has a record of its own, the
 * address must at least be that of a page.
 */
static bool is_whole(const struct nest_log_window *w, size_t start, const char *p, const char *end,
		     const struct nest_fault *fault)
{
	if (is_cut(p, end))
		return false;
	if (nest_log_eat(&p, end, " [fault") || nest_log_eat(&p, end, ", iommu reg"))
		return true;
	if (start >= 5 && !memcmp(w->text + start - 5, "DMAR:", 5))
		return !(fault->address & 0xfff);
	return fault->has_reason;
}

/* What follows the device: PASID, address and reason, each perhaps missing. Returns the end. */
static size_t take_details(const struct nest_log_window *w, size_t start, size_t at, size_t limit,
			   struct nest_fault *fault)
{
	const char *p = w->text + at, *end = w->text + limit;
	bool interrupt = fault->access == NEST_LOG_INTERRUPT;
	uint64_t value;

	if (nest_log_eat(&p, end, " PASID ") && nest_log_eat_hex(&p, end, &value)) {
		/* 5.4 to 5.12 print -1 for none. */
		fault->with_pasid = nest_tri_from_bool(value != UINT32_MAX);
		fault->pasid = value == UINT32_MAX ? 0 : (uint32_t)value;
	}
	if (nest_log_eat(&p, end, " fault addr ") ||
	    (interrupt = nest_log_eat(&p, end, " fault index "))) {
		if (interrupt)
			fault->access = NEST_LOG_INTERRUPT;
		fault->has_address = nest_log_eat_hex(&p, end, &fault->address);
	}
	at = take_reason(w, (size_t)(p - w->text), limit, fault);
	if (fault->has_address)
		fault->has_address = is_whole(w, start, p, end, fault);
	if (!fault->has_address)
		fault->address = 0;
	return at;
}

static bool parse(const struct nest_log_window *w, struct nest_fault_place *place,
		  struct nest_fault *fault)
{
	const char *p = w->text + place->end, *last = w->text + w->len;
	const struct nest_vtd_reason *reason;
	size_t next;

	nest_log_eat(&p, last, "["); /* up to 4.3 an interrupt has two brackets */
	if (!nest_log_eat_pci(&p, last, &fault->device, &fault->has_segment) ||
	    !nest_log_eat(&p, last, "]"))
		return false;
	fault->has_device = true;
	place->start = take_access(w, place->start, fault);
	/* What belongs to the next fault does not belong to this one. */
	next = nest_log_find(w, (size_t)(p - w->text), w->len, request);
	place->end = take_details(w, place->start, (size_t)(p - w->text),
				  next == NEST_LOG_NONE ? w->len : next, fault);
	reason = fault->has_reason ? nest_vtd_reason((uint8_t)fault->reason) : NULL;
	if (reason) {
		fault->meaning = reason->meaning;
		fault->cause = reason->cause;
	}
	if (fault->access == NEST_LOG_INTERRUPT && fault->device.bus == 0xf0 &&
	    fault->device.device == 0x1f)
		fault->cause = "the chipset's I/O APIC or timer, which lspci does not list, and "
			       "which firmware or a resume did not set up";
	fault->address_last = fault->address;
	return true;
}

/* "Dump dmar6 table entries for IOVA 0x1000" names the unit, with CONFIG_DMAR_DEBUG. */
static bool more(const struct nest_log_window *w, struct nest_fault *fault)
{
	static const char dump[] = "Dump ", entries[] = " table entries for IOVA ";
	size_t at = nest_log_find(w, 0, w->first, dump), to;
	const char *p;
	uint64_t iova;

	if (at == NEST_LOG_NONE)
		return false;
	at += strlen(dump);
	to = nest_log_find(w, at, w->first, entries);
	if (to == NEST_LOG_NONE || to - at >= sizeof(fault->unit))
		return false;
	p = w->text + to + strlen(entries);
	if (!nest_log_eat_hex(&p, w->text + w->len, &iova) || !fault->has_address ||
	    (iova ^ fault->address) >> 12)
		return false;
	snprintf(fault->unit, sizeof(fault->unit), "%.*s", (int)(to - at), w->text + at);
	return true;
}

static const struct nest_fault_form forms[] = { { .mark = request, .parse = parse }, { 0 } };
static const char *const limiters[] = { "dmar_fault", NULL };

const struct nest_fault_driver nest_fault_vtd = {
	.name = "vt-d",
	.title = "VT-d",
	.forms = forms,
	.more = more,
	.limiters = limiters,
};
