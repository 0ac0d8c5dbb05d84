// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events of AMD-Vi, as Linux 2.6.33 to 7.3 and Xen 4.0 to 4.22 print them:
 *
 *	AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0 domain=0x0010 address=0x… flags=0x0020]
 *	nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0010 address=… flags=…]
 *	iommu ivhd0: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:0b:00.0 address=0x…]
 *	the same without "AMD-Vi: " (5.0), and with a record between "[" and the name (4.9 to 4.20)
 *	AMD-Vi: IO_PAGE_FAULT: 0000:01:00.0 d1 addr 00000000fed00000 flags 0x20 RW	Xen 4.14
 *	AMD-Vi: IO_PAGE_FAULT: domain = 1, device id = 0x100, fault address = 0x…	Xen to 4.13
 *	INVALID_DEV_REQUEST 00000100 80000000 fed00000 00000000			Xen, raw words
 *
 * So the name of the event is the mark, and what stands around it is looked for.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/fault.h"
#include "util.h"

#define KERNEL_BUG "a bug of the kernel, or memory corruption, also after suspend and resume"
#define UNMAPPED   "the driver used an address that is not mapped, or stray DMA"
#define REQUEST	   "the device sent a request that it is not allowed to send"
#define NO_RIGHT   "a translated or interrupt request without the right, or an address out of range"
#define HARDWARE   "the unit got an error when it read memory: a hardware or firmware fault"

enum { PAGE_FAULT = 2, ILLEGAL_COMMAND = 5, COMMAND_ERROR = 6, TIMEOUT = 7, INVALID_REQUEST = 8 };

/* The bits of the flags of an IO_PAGE_FAULT. */
enum {
	FLAG_INTERRUPT = 0x008,
	FLAG_PRESENT = 0x010,
	FLAG_WRITE = 0x020,
	FLAG_PERMISSION = 0x040,
	FLAG_RESERVED = 0x080,
};

static void explain_page_fault(struct nest_fault *fault)
{
	uint32_t flags = fault->flags;

	fault->meaning = "the access is not mapped or not allowed";
	if (!fault->has_flags)
		return;
	fault->access = flags & FLAG_WRITE ? NEST_LOG_WRITE : NEST_LOG_READ;
	if (flags & FLAG_INTERRUPT) {
		fault->access = NEST_LOG_INTERRUPT;
		fault->meaning = "an interrupt that no entry of the table allows";
		fault->cause = "the device was not set up for remapped interrupts";
	} else if (flags & FLAG_RESERVED) {
		fault->meaning = "reserved bits are set in a table entry";
		fault->cause = KERNEL_BUG;
	} else if (flags & FLAG_PERMISSION && flags & FLAG_PRESENT) {
		fault->meaning = flags & FLAG_WRITE ? "a write to a page that may not be written"
						    : "a read from a page that may not be read";
		fault->cause = "the driver mapped the page for the other direction, or stray DMA";
	} else {
		fault->meaning = flags & FLAG_WRITE ? "a write to a page that is not mapped"
						    : "a read from a page that is not mapped";
	}
}

/* HyperTransport's 16 MiB for interrupts, in 40 bits; some units give them sign-extended. */
static void explain_request(struct nest_fault *fault)
{
	if (fault->has_address && (fault->address & 0xffffffffff) >> 24 == 0xfdf8)
		fault->cause = "an interrupt, by its address: of an I/O APIC or timer that "
			       "firmware does not list in IVRS, or of a device that may send none";
}

static void flag_words(const struct nest_fault *fault, char *buf, size_t size)
{
	static const struct {
		uint32_t bit;
		const char *word;
	} bits[] = {
		{ 0x100, "TR translation request" },
		{ 0x080, "RZ reserved bits set" },
		{ 0x040, "PE no permission" },
		{ 0x020, "RW write" },
		{ 0x010, "PR page present" },
		{ 0x008, "I interrupt" },
		{ 0x004, "US user" },
		{ 0x002, "NX no execute" },
		{ 0x001, "GN guest" },
	};
	size_t used = 0, i;

	*buf = '\0';
	if (fault->reason != PAGE_FAULT)
		return; /* the bits of other events are not known */
	for (i = 0; i < ARRAY_SIZE(bits) && used < size; i++)
		if (fault->flags & bits[i].bit)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 bits[i].word);
}

/* ---- what stands behind the name ---- */

/* Is this " key=" of the next pair? */
static bool is_key(const char *p, const char *end)
{
	if (p >= end || *p++ != ' ')
		return false;
	while (p < end && (islower((unsigned char)*p) || *p == '_'))
		p++;
	return p < end && *p == '=';
}

/*
 * The number behind key. What is not followed by the bracket or by the next pair may be cut, at the
 * end of a line or in its middle.
 */
static bool value(const char *text, const char *end, const char *key, bool *whole, uint64_t *ret)
{
	const char *p = text;

	if (!nest_log_value(&p, end, key, ret))
		return false;
	*whole = p < end && (*p == ']' || *p == ',' || is_key(p, end) ||
			     (*p == ' ' && p + 1 < end && p[1] == ']'));
	return true;
}

static void take_device(const char *text, const char *end, struct nest_fault *fault)
{
	const char *p = memmem(text, (size_t)(end - text), "device=", 7);

	if (!p)
		return;
	p += 7;
	fault->has_device = nest_log_eat_pci(&p, end, &fault->device, &fault->has_segment);
}

/* " device=… domain=… address=… flags=…", in any order, each perhaps missing. */
static bool take_pairs(const char *text, const char *end, struct nest_fault *fault)
{
	uint64_t number;
	bool whole;

	take_device(text, end, fault);
	if (value(text, end, "pasid=", &whole, &number) && whole) {
		fault->with_pasid = number ? NEST_YES : NEST_UNKNOWN; /* 0 is printed without one */
		fault->pasid = (uint32_t)number;
	}
	if (value(text, end, "domain=", &whole, &number) && whole) {
		fault->has_domain = true;
		fault->domain = (uint32_t)number;
	}
	if (value(text, end, "address=", &whole, &number) ||
	    value(text, end, "spa=", &whole, &number) ||
	    value(text, end, "gpa=", &whole, &number)) {
		fault->has_address = whole;
		fault->address = whole ? number : 0;
	}
	if (value(text, end, "flags=", &whole, &number) && whole) {
		fault->has_flags = true;
		fault->flags = (uint32_t)number;
	}
	return fault->has_device || fault->has_domain || fault->has_address || fault->has_flags;
}

static void device_of_id(struct nest_fault *fault, uint64_t id)
{
	fault->has_device = true;
	fault->device = (struct nest_pciaddr){ 0, (uint8_t)(id >> 8), id >> 3 & 0x1f, id & 7 };
}

/* ": domain = 1, device id = 0x100, fault address = 0xfed00000, flags = 0x20", or with ":". */
static bool take_xen_ids(const char *text, const char *end, struct nest_fault *fault)
{
	const char *p = text;
	uint64_t number;
	bool whole;

	if (!nest_log_value(&p, end, "device id =", &number)) {
		p = text;
		if (!nest_log_value(&p, end, "device id:", &number))
			return false;
	}
	device_of_id(fault, number);
	if (value(text, end, "fault address =", &whole, &number) ||
	    value(text, end, "fault address:", &whole, &number)) {
		fault->has_address = true;
		fault->address = number;
	}
	if (value(text, end, "flags =", &whole, &number)) {
		fault->has_flags = true;
		fault->flags = (uint32_t)number;
	}
	p = memmem(text, (size_t)(end - text), "domain", 6);
	if (p) {
		p += 6;
		p += strspn(p, " =:");
		fault->has_domain = nest_log_eat_decimal(&p, end, &fault->domain);
	}
	return true;
}

/* ": 0000:01:00.0 d1 addr 00000000fed00000 flags 0x20 RW" */
static bool take_xen(const char *text, const char *end, struct nest_fault *fault)
{
	const char *p = text;
	uint64_t number;

	if (!nest_log_eat(&p, end, ": ") ||
	    !nest_log_eat_pci(&p, end, &fault->device, &fault->has_segment))
		return take_xen_ids(text, end, fault);
	fault->has_device = true;
	if (nest_log_eat(&p, end, " d"))
		fault->has_domain = nest_log_eat_decimal(&p, end, &fault->domain);
	text = p;
	if (nest_log_value(&p, end, " addr ", &number)) {
		fault->has_address = nest_log_eat(&p, end, " flags");
		fault->address = number;
	}
	p = text;
	if (nest_log_value(&p, end, " flags ", &number)) {
		fault->has_flags = true;
		fault->flags = (uint32_t)number;
	}
	return true;
}

/* Four raw words of eight digits each. */
static bool take_raw(const char *text, const char *end, struct nest_fault *fault)
{
	const char *p = text;
	uint64_t word[4];
	size_t i;

	for (i = 0; i < 4; i++)
		if (!nest_log_eat(&p, end, " ") || end - p < 8 || !isxdigit((unsigned char)p[7]) ||
		    !nest_log_eat_hex(&p, end, &word[i]))
			return false;
	if (fault->reason != ILLEGAL_COMMAND && fault->reason != COMMAND_ERROR)
		device_of_id(fault, word[0] & 0xffff);
	if (fault->reason == PAGE_FAULT) {
		fault->has_domain = true;
		fault->domain = word[1] & 0xffff;
	}
	fault->has_flags = true;
	fault->flags = word[1] >> 16 & 0xfff;
	fault->has_address = true;
	fault->address = word[3] << 32 | word[2];
	return true;
}

/* ---- what stands before it ---- */

/* "AMD-Vi: Event logged [" in front of pos, or a part of it: where it begins. */
static size_t skip_words(const struct nest_log_window *w, size_t pos)
{
	static const char *const words[] = { "logged", "Event", "AMD-Vi:" };
	size_t i, word;

	if (pos && w->text[pos - 1] == '[')
		pos--;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		word = nest_log_word_before(w, pos);
		if (word != NEST_LOG_NONE && nest_log_word_is(w, word, words[i]))
			pos = word;
	}
	return pos;
}

/* "nvme 0000:01:00.0: ", "iommu ivhd0: " in front of start. */
static void take_prefix(const struct nest_log_window *w, size_t start, struct nest_fault *fault)
{
	size_t word = nest_log_word_before(w, start), owner, n;
	struct nest_pciaddr device;
	const char *p;
	bool segment;

	if (word == NEST_LOG_NONE || w->text[start - 2] != ':')
		return;
	n = start - 2 - word;
	p = w->text + word;
	if (!strncmp(p, "ivhd", 4) && n < sizeof(fault->unit)) {
		snprintf(fault->unit, sizeof(fault->unit), "%.*s", (int)n, p);
		return;
	}
	if (fault->has_device || !nest_log_eat_pci(&p, w->text + start, &device, &segment) ||
	    *p != ':')
		return;
	fault->has_device = true;
	fault->device = device;
	fault->has_segment = segment;
	owner = nest_log_word_before(w, word);
	if (owner != NEST_LOG_NONE && word - 1 - owner < sizeof(fault->owner) &&
	    !strchr("]:-", w->text[word - 2]))
		snprintf(fault->owner, sizeof(fault->owner), "%.*s", (int)(word - 1 - owner),
			 w->text + owner);
}

/* The end of the event that begins at text: its bracket, or the beginning of the next event. */
static const char *end_of_event(const struct nest_log_window *w, const char *text)
{
	size_t at = (size_t)(text - w->text);
	size_t next = nest_log_find(w, at, w->len, "Event logged");
	const char *end = w->text + (next == NEST_LOG_NONE ? w->len : next);
	const char *bracket = memchr(text, ']', (size_t)(end - text));

	return bracket ? bracket + 1 : end;
}

static bool parse(const struct nest_log_window *w, struct nest_fault_place *place,
		  struct nest_fault *fault)
{
	const char *text = w->text + place->end, *last = w->text + w->len, *stop;
	size_t mark = place->start;
	bool good;

	if (mark && nest_log_is_word(w->text[mark - 1]))
		return false;
	place->start = skip_words(w, mark);
	if (!strncmp(text, "] device=", 9))
		text++; /* somebody closed the bracket too early */
	if (*text == ':')
		good = take_xen(text, last, fault);
	else if (take_raw(text, last, fault))
		good = true;
	else
		good = (*text == ' ' || !*text || *text == ']') &&
		       (take_pairs(text, end_of_event(w, text), fault) || place->start != mark);
	if (!good)
		return false;
	stop = end_of_event(w, text);
	if (stop[-1] == ']')
		place->end = (size_t)(stop - w->text);
	take_prefix(w, place->start, fault);
	if (fault->reason == PAGE_FAULT)
		explain_page_fault(fault);
	if (fault->reason == INVALID_REQUEST)
		explain_request(fault);
	if (fault->reason == TIMEOUT)
		fault->has_address = false; /* it is the address of the command */
	if (!fault->has_address)
		fault->address = 0;
	fault->address_last = fault->address;
	return true;
}

/* "UNKNOWN event[0]=0x… event[1]=0x…": an event of a number that this kernel does not know. */
static bool parse_unknown(const struct nest_log_window *w, struct nest_fault_place *place,
			  struct nest_fault *fault)
{
	const char *p = w->text + place->start, *end = w->text + w->len;
	uint64_t word[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		char key[16];

		snprintf(key, sizeof(key), "event[%zu]=", i);
		if (!nest_log_value(&p, end, key, &word[i]))
			return false;
	}
	fault->reason = word[1] >> 28 & 0xf;
	device_of_id(fault, word[0] & 0xffff);
	fault->has_flags = true;
	fault->flags = word[1] >> 16 & 0xfff;
	place->end = (size_t)(p - w->text);
	place->start = skip_words(w, place->start);
	take_prefix(w, place->start, fault);
	return true;
}

/* "DTE[0]: 7d90000000000003": the entry of the device, as the unit found it. */
static bool more(const struct nest_log_window *w, struct nest_fault *fault)
{
	static const char *const known[] = { "CMD[", "Control Reg :" };
	size_t at = nest_log_find(w, 0, w->first, "DTE["), i;
	const char *p, *end = w->text + w->first;
	uint64_t word;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (nest_log_find(w, 0, w->first, known[i]) != NEST_LOG_NONE)
			return true;
	if (at == NEST_LOG_NONE)
		return false;
	p = w->text + at;
	if (nest_log_value(&p, end, "]:", &word) && fault->nwords < NEST_FAULT_WORDS)
		fault->words[fault->nwords++] = word;
	return true;
}

/* clang-format off */
static const struct nest_fault_form forms[] = {
	{"ILLEGAL_DEV_TABLE_ENTRY", parse, "ILLEGAL_DEV_TABLE_ENTRY", 1,
	 "the device table entry of the device is malformed or all zero", KERNEL_BUG},
	{"IO_PAGE_FAULT", parse, "IO_PAGE_FAULT", PAGE_FAULT, NULL, UNMAPPED},
	{"IO_PAGE_FALT", parse, "IO_PAGE_FAULT", PAGE_FAULT, NULL, UNMAPPED},
	{"DEV_TAB_HARDWARE_ERROR", parse, "DEV_TAB_HARDWARE_ERROR", 3,
	 "the unit could not read its device table", HARDWARE},
	{"DEV_TABLE_HW_ERROR", parse, "DEV_TAB_HARDWARE_ERROR", 3,
	 "the unit could not read its device table", HARDWARE},
	{"PAGE_TAB_HARDWARE_ERROR", parse, "PAGE_TAB_HARDWARE_ERROR", 4,
	 "the unit could not read a page table", HARDWARE},
	{"PAGE_TABLE_HW_ERROR", parse, "PAGE_TAB_HARDWARE_ERROR", 4,
	 "the unit could not read a page table", HARDWARE},
	{"PAGE_TAB_HW_ERR", parse, "PAGE_TAB_HARDWARE_ERROR", 4,
	 "the unit could not read a page table", HARDWARE},
	{"ILLEGAL_COMMAND_ERROR", parse, "ILLEGAL_COMMAND_ERROR", ILLEGAL_COMMAND,
	 "the unit refused a command of the kernel", KERNEL_BUG},
	{"COMMAND_HARDWARE_ERROR", parse, "COMMAND_HARDWARE_ERROR", COMMAND_ERROR,
	 "the unit could not read its command buffer", HARDWARE},
	{"COMMAND_HW_ERROR", parse, "COMMAND_HARDWARE_ERROR", COMMAND_ERROR,
	 "the unit could not read its command buffer", HARDWARE},
	{"IOTLB_INV_TIMEOUT", parse, "IOTLB_INV_TIMEOUT", TIMEOUT,
	 "the device did not answer an invalidation of its address cache (ATS)",
	 "the device hangs or is gone, often after a reset; pci=noats avoids its address cache"},
	{"INVALID_DEVICE_REQUEST", parse, "INVALID_DEVICE_REQUEST", 8, REQUEST, NO_RIGHT},
	{"INVALID_DEV_REQUEST", parse, "INVALID_DEVICE_REQUEST", 8, REQUEST, NO_RIGHT},
	{"INVALID_PPR_REQUEST", parse, "INVALID_PPR_REQUEST", 9,
	 "the device sent a page request that is not valid",
	 "page requests (PRI) or this PASID are not enabled for the device"},
	{"RMP_PAGE_FAULT", parse, "RMP_PAGE_FAULT", 13,
	 "the reverse map table (SEV-SNP) forbids the access",
	 "the page belongs to a confidential guest or to firmware"},
	{"RMP_HW_ERROR", parse, "RMP_HW_ERROR", 14,
	 "the unit could not read the reverse map table", HARDWARE},
	{"UNKNOWN event[0]=", parse_unknown, "UNKNOWN", 0,
	 "an event that the running kernel does not know", NULL},
	{0},
};
/* clang-format on */

static const char *const limiters[] = { "amd_iommu_report_page_fault", "amd_iommu_report_rmp_fault",
					"amd_iommu_int_thread", NULL };

const struct nest_fault_driver nest_fault_amd = {
	.name = "amd",
	.title = "AMD-Vi",
	.forms = forms,
	.more = more,
	.flags = flag_words,
	.limiters = limiters,
};
