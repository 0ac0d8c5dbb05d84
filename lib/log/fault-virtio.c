// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults of virtio-iommu (Linux 5.3 to 7.3) and of the RISC-V IOMMU (6.13 to 7.3):
 *
 *	virtio_iommu virtio0: page fault from EP 32 at 0x103231000 [W]
 *	virtio_iommu virtio0: unknown fault from EP 32
 *	riscv,iommu 10010000.iommu: Fault 12 devid: 0x10 iotval: 1000 iotval2: 0
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/fault.h"
#include "util.h"

#define KERNEL_BUG   "a bug of the kernel, or memory corruption"
#define BAD_MEMORY   "the table lies at an address that the unit cannot read"
#define UNMAPPED     "the driver used an address that is not mapped, or stray DMA"
#define NOT_MAPPED   "the address is not mapped, or the page does not allow this access"
#define NOT_MAPPED_2 "the second stage does not map the address, or not for this access"
#define NO_ACCESS    "the memory behind the address, or a page table, cannot be accessed"

static void device_of_id(struct nest_fault *fault)
{
	if (fault->id > 0xffff)
		return;
	fault->has_device = fault->device_from_id = true;
	fault->device = (struct nest_pciaddr){ 0, (uint8_t)(fault->id >> 8), fault->id >> 3 & 0x1f,
					       fault->id & 7 };
}

/* " at 0x103231000 [W]"; the letters are there if the device tells. */
static void take_place(const char **p, const char *end, struct nest_fault *fault)
{
	const char *q = *p;
	uint64_t address;
	bool write = false;

	if (!nest_log_eat(&q, end, " at ") || !nest_log_eat_hex(&q, end, &address) ||
	    !nest_log_eat(&q, end, " ["))
		return;
	fault->has_address = true;
	fault->address = fault->address_last = address;
	for (; q < end && strchr("RWX", *q); q++) {
		write |= *q == 'W';
		fault->execute |= *q == 'X';
		fault->access = write ? NEST_LOG_WRITE : NEST_LOG_READ;
	}
	*p = q;
}

static bool parse(const struct nest_log_window *w, struct nest_fault_place *place,
		  struct nest_fault *fault)
{
	static const struct {
		const char *word, *event, *meaning, *cause;
	} kinds[] = {
		{ "page", "page fault", "the address is not mapped", UNMAPPED },
		{ "domain", "domain fault", "the endpoint is attached to no domain",
		  "no driver is attached to the device" },
		{ "unknown", "unknown fault", "the virtual IOMMU gives no reason", NULL },
	};
	const char *p = w->text + place->end, *end = w->text + w->len;
	size_t word = nest_log_word_before(w, place->start), i;

	if (!nest_log_eat_decimal(&p, end, &fault->id))
		return false;
	fault->has_id = true;
	device_of_id(fault);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (nest_log_word_is(w, word, kinds[i].word)) {
			fault->event = kinds[i].event;
			fault->meaning = kinds[i].meaning;
			fault->cause = kinds[i].cause;
			place->start = word;
		}
	if (!fault->event)
		return false;
	take_place(&p, end, fault);
	place->end = (size_t)(p - w->text);
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return true;
}

static const struct nest_fault_form forms[] = { { .mark = "fault from EP ", .parse = parse },
						{ 0 } };
static const char *const limiters[] = { "viommu_fault_handler", NULL };

const struct nest_fault_driver nest_fault_virtio = {
	.name = "virtio",
	.title = "virtio-iommu",
	.id = "endpoint",
	.forms = forms,
	.limiters = limiters,
};

/* The causes of RISC-V, by the specification's numbers. */
static const struct {
	uint16_t code;
	enum nest_log_access access;
	bool execute;
	const char *meaning, *cause;
} causes[] = {
	{ 1, NEST_LOG_READ, true, NO_ACCESS, NULL },
	{ 5, NEST_LOG_READ, false, NO_ACCESS, NULL },
	{ 7, NEST_LOG_WRITE, false, NO_ACCESS, NULL },
	{ 12, NEST_LOG_READ, true, NOT_MAPPED, UNMAPPED },
	{ 13, NEST_LOG_READ, false, NOT_MAPPED, UNMAPPED },
	{ 15, NEST_LOG_WRITE, false, NOT_MAPPED, UNMAPPED },
	{ 20, NEST_LOG_READ, true, NOT_MAPPED_2, UNMAPPED },
	{ 21, NEST_LOG_READ, false, NOT_MAPPED_2, UNMAPPED },
	{ 23, NEST_LOG_WRITE, false, NOT_MAPPED_2, UNMAPPED },
	{ 256, NEST_LOG_UNKNOWN, false, "the unit is off and blocks all DMA", NULL },
	{ 257, NEST_LOG_UNKNOWN, false, "the entry of the device could not be read", BAD_MEMORY },
	{ 258, NEST_LOG_UNKNOWN, false, "the device has no valid entry",
	  "no driver is attached to the device, or firmware gives a wrong device ID" },
	{ 259, NEST_LOG_UNKNOWN, false, "the entry of the device is malformed", KERNEL_BUG },
	{ 260, NEST_LOG_UNKNOWN, false, "a transaction of a kind that the device may not use",
	  "the device uses ATS, page requests or a PASID that are not enabled for it" },
	{ 265, NEST_LOG_UNKNOWN, false, "the entry of the PASID could not be read", BAD_MEMORY },
	{ 266, NEST_LOG_UNKNOWN, false, "the PASID has no valid entry",
	  "no page table is bound to this PASID" },
	{ 267, NEST_LOG_UNKNOWN, false, "the entry of the PASID is malformed", KERNEL_BUG },
};

static void explain_riscv(struct nest_fault *fault)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].code == fault->reason) {
			fault->access = causes[i].access;
			fault->execute = causes[i].execute;
			fault->meaning = causes[i].meaning;
			fault->cause = causes[i].cause;
		}
}

static bool parse_riscv(const struct nest_log_window *w, struct nest_fault_place *place,
			struct nest_fault *fault)
{
	const char *p = w->text + place->end, *end = w->text + w->len;
	uint64_t id;

	if (!nest_log_eat_decimal(&p, end, &fault->reason) || !nest_log_eat(&p, end, " devid: ") ||
	    !nest_log_eat_hex(&p, end, &id) || !nest_log_eat(&p, end, " iotval: ") ||
	    !nest_log_eat_hex(&p, end, &fault->address))
		return false;
	fault->has_id = fault->has_reason = true;
	fault->id = (uint32_t)id;
	device_of_id(fault);
	fault->has_address = nest_log_eat(&p, end, " iotval2:");
	if (!fault->has_address)
		fault->address = 0;
	fault->address_last = fault->address;
	explain_riscv(fault);
	place->end = (size_t)(p - w->text);
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return true;
}

static const struct nest_fault_form riscv_forms[] = { { .mark = "Fault ", .parse = parse_riscv },
						      { 0 } };
static const char *const riscv_limiters[] = { "riscv_iommu_fault", NULL };

const struct nest_fault_driver nest_fault_riscv = {
	.name = "riscv",
	.title = "RISC-V IOMMU",
	.id = "device",
	.forms = riscv_forms,
	.limiters = riscv_limiters,
};
