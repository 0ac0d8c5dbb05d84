// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults of Arm's SMMU, as Linux 3.14 to 7.3, Android and Xen 4.22 print them. Version 3, four raw
 * words first, then since 6.14 the same event decoded:
 *
 *	arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
 *	arm-smmu-v3 arm-smmu-v3.0.auto:	0x0000090000000010		(and three more)
 *	… event: F_TRANSLATION client: 0000:09:00.0 sid: 0x900 ssid: 0x0 iova: 0x1000 ipa: 0x0
 *	… unpriv data read s1 "Input address caused fault" stag: 0x0
 *
 * Versions 1 and 2:
 *
 *	arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, iova=0x…, fsynr=0x…, cb=10
 *	… FSR    = 00000402 [TF], SID=0x19c3
 *	… Blocked unknown Stream ID 0x12; …
 *	… GFSR 0x…, GFSYNR0 0x…, GFSYNR1 0x…, GFSYNR2 0x…
 *	… Unhandled context fault: smmu0, iova=0x…, fsynr=0x11, cb=3, sid=86(0x56 - PCIE0), … NVIDIA
 *	… Unhandled arm-smmu context fault from a600000.dwc3!			Android, Qualcomm
 *	… FAR    = 0x…		(and more registers; older ones print them before the message)
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/fault.h"
#include "util.h"

#define KERNEL_BUG "the owner of the tables (the kernel or user space) filled in an entry wrongly"
#define BAD_MEMORY "the table lies at an address that the unit cannot read"
#define REFUSED	   "the address is not mapped, or the page does not allow this access"
#define UNMAPPED   "the driver used an address that is not mapped, or stray DMA"

/* ---- version 3 ---- */

static const struct event {
	uint8_t code;
	const char *name, *meaning, *cause;
} events[] = {
	{ 0x01, "F_UUT", "a transaction that the SMMU does not support", NULL },
	{ 0x02, "C_BAD_STREAMID", "the stream ID is beyond the stream table",
	  "firmware (IORT or device tree) does not map the device to this SMMU" },
	{ 0x03, "F_STE_FETCH", "the stream table entry could not be read", BAD_MEMORY },
	{ 0x04, "C_BAD_STE", "the stream table entry is invalid",
	  "no driver is attached to the device, or firmware gives a wrong stream ID" },
	{ 0x05, "F_BAD_ATS_TREQ", "the device asked for a translation, which is not allowed",
	  "the device uses ATS although the kernel did not enable it" },
	{ 0x06, "F_STREAM_DISABLED", "the device may not do DMA, or only with a PASID",
	  "no driver is attached to the device" },
	{ 0x07, "F_TRANSL_FORBIDDEN", "a translated access, which is not allowed",
	  "the device uses ATS although the kernel did not enable it" },
	{ 0x08, "C_BAD_SUBSTREAMID", "the PASID is out of range",
	  "no page table is bound to this PASID" },
	{ 0x09, "F_CD_FETCH", "the context descriptor could not be read", BAD_MEMORY },
	{ 0x0a, "C_BAD_CD", "the context descriptor is invalid",
	  "no page table is bound to this PASID, or the owner of the table filled it in wrongly" },
	{ 0x0b, "F_WALK_EABT", "a page table could not be read", BAD_MEMORY },
	{ 0x10, "F_TRANSLATION", "the address is not mapped", UNMAPPED },
	{ 0x11, "F_ADDR_SIZE", "an address is wider than the table allows", KERNEL_BUG },
	{ 0x12, "F_ACCESS", "the access flag of the page is clear", KERNEL_BUG },
	{ 0x13, "F_PERMISSION", "the page does not allow this access", UNMAPPED },
	{ 0x20, "F_TLB_CONFLICT", "two cached translations contradict each other", KERNEL_BUG },
	{ 0x21, "F_CFG_CONFLICT", "two cached configurations contradict each other", KERNEL_BUG },
	{ 0x24, "E_PAGE_REQUEST", "a page request", NULL },
	{ 0x25, "F_VMS_FETCH", "the virtual machine structure could not be read", BAD_MEMORY },
};

static void explain(struct nest_fault *fault, const struct event *event)
{
	if (!event)
		return;
	fault->event = event->name;
	fault->meaning = event->meaning;
	fault->cause = event->cause;
}

static const struct event *event_by_code(uint32_t code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (events[i].code == code)
			return &events[i];
	return NULL;
}

static void take_stream(struct nest_fault *fault, uint32_t id)
{
	fault->has_id = true;
	fault->id = id;
	if (fault->has_device || id > 0xffff)
		return;
	fault->has_device = fault->device_from_id = true;
	fault->device = (struct nest_pciaddr){ 0, (uint8_t)(id >> 8), id >> 3 & 0x1f, id & 7 };
}

/* What the raw words tell; which bits depends on the event. */
static void take_word(struct nest_fault *fault, uint64_t word)
{
	bool fault_of_address = fault->reason >= 0x10 && fault->reason <= 0x13;

	fault->words[fault->nwords++] = word;
	if (fault->nwords == 1) {
		take_stream(fault, (uint32_t)(word >> 32));
		fault->with_pasid = nest_tri_from_bool(word >> 11 & 1);
		fault->pasid = word >> 11 & 1 ? (uint32_t)(word >> 12 & 0xfffff) : 0;
	} else if (fault->nwords == 2 && fault_of_address) {
		fault->access = word >> 35 & 1 ? NEST_LOG_READ : NEST_LOG_WRITE;
		fault->execute = word >> 34 & 1;
		fault->privileged = word >> 33 & 1;
		fault->stage = word >> 39 & 1 ? 2 : 1;
	} else if (fault->nwords == 3 && fault_of_address) {
		fault->has_address = true;
		fault->address = fault->address_last = word;
	}
}

/* A whole word of 16 digits with 0x between at and end. */
static bool eat_word(const struct nest_log_window *w, const struct nest_fault *fault, size_t *at,
		     size_t end, uint64_t *ret)
{
	size_t found = nest_log_find(w, *at, end, "0x"), pos = found;
	char other[sizeof(fault->unit)];
	const char *p;

	if (found == NEST_LOG_NONE)
		return false;
	/* Words of another unit may stand between those of this one. */
	if (nest_log_unit_before(w, &pos, other, sizeof(other)) && strcmp(other, fault->unit) != 0)
		return false;
	p = w->text + found;
	if (!nest_log_eat_hex(&p, w->text + end, ret) || p - (w->text + found) != 18)
		return false;
	*at = (size_t)(p - w->text);
	return true;
}

static bool parse_raw(const struct nest_log_window *w, struct nest_fault_place *place,
		      struct nest_fault *fault)
{
	const char *p = w->text + place->end, *end = w->text + w->len;
	uint64_t code;

	if (!nest_log_eat_hex(&p, end, &code) || code > 0xff ||
	    !nest_log_eat(&p, end, " received:"))
		return false;
	fault->has_reason = true;
	fault->reason = (uint32_t)code;
	explain(fault, event_by_code(fault->reason));
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	place->end = (size_t)(p - w->text);
	return true;
}

/* The word behind key, which the kernel prints in both forms: "sid: 0x900". */
static bool number(const struct nest_log_window *w, size_t at, size_t limit, const char *key,
		   uint64_t *ret)
{
	const char *p = w->text + at;

	return nest_log_value(&p, w->text + limit, key, ret);
}

static void take_client(const struct nest_log_window *w, size_t at, size_t limit,
			struct nest_fault *fault)
{
	static const char key[] = "client: ";
	size_t found = nest_log_find(w, at, limit, key);
	const char *p, *start, *end;
	bool segment;

	if (found == NEST_LOG_NONE)
		return;
	start = p = w->text + found + strlen(key);
	end = p < w->text + limit ? memmem(p, (size_t)(w->text + limit - p), " sid:", 5) : NULL;
	if (!end || *p == '(') /* "(unassigned sid)" */
		return;
	if (nest_log_eat_pci(&p, end, &fault->device, &segment) && p == end) {
		fault->has_device = true;
		fault->has_segment = segment;
		fault->device_from_id = false;
	} else {
		snprintf(fault->client, sizeof(fault->client), "%.*s", (int)(end - start), start);
		fault->has_device = fault->device_from_id = false;
		fault->device = (struct nest_pciaddr){ 0 };
	}
}

/* "F_TRANSLATION client: … sid: … ssid: … iova: …", from the event's name on. */
static void take_decoded(const struct nest_log_window *w, size_t at, size_t limit,
			 struct nest_fault *fault)
{
	uint64_t value;

	take_client(w, at, limit, fault);
	if (!fault->has_id && number(w, at, limit, " sid:", &value)) {
		if (*fault->client) {
			fault->has_id = true;
			fault->id = (uint32_t)value;
		} else {
			take_stream(fault, (uint32_t)value);
		}
	}
	/* 0 is printed without a substream, too; the raw words know better. */
	if (!fault->nwords && number(w, at, limit, "ssid:", &value) && value) {
		fault->with_pasid = NEST_YES;
		fault->pasid = (uint32_t)value;
	}
	if (!fault->has_address && number(w, at, limit, "iova:", &value)) {
		fault->has_address = true;
		fault->address = fault->address_last = value;
	}
}

/* The event that is named at this place. */
static const struct event *event_at(const struct nest_log_window *w, size_t at)
{
	const char *p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		p = w->text + at;
		if (nest_log_eat(&p, w->text + w->len, events[i].name) && *p == ' ')
			return &events[i];
	}
	return NULL;
}

static bool parse_decoded(const struct nest_log_window *w, struct nest_fault_place *place,
			  struct nest_fault *fault)
{
	const struct event *event = event_at(w, place->end);
	size_t next = nest_log_find(w, place->end, w->len, "event: "), limit;

	limit = next == NEST_LOG_NONE ? w->len : next;
	if (nest_log_find(w, place->end, limit, "client: ") == NEST_LOG_NONE)
		return false;
	if (event) {
		explain(fault, event);
		fault->has_reason = true;
		fault->reason = event->code;
	}
	take_decoded(w, place->end, limit, fault);
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return true;
}

/* "unpriv data read s1 "Input address caused fault" stag: 0x0" */
static bool take_rights(const struct nest_log_window *w, struct nest_fault *fault)
{
	size_t at = nest_log_find(w, 0, w->first, "priv ");

	if (at == NEST_LOG_NONE || nest_log_find(w, at, w->first, " stag:") == NEST_LOG_NONE)
		return false;
	fault->privileged = !at || w->text[at - 1] != 'n';
	fault->execute = nest_log_find(w, at, w->first, " inst ") != NEST_LOG_NONE;
	fault->access = nest_log_find(w, at, w->first, " write ") != NEST_LOG_NONE ? NEST_LOG_WRITE
										   : NEST_LOG_READ;
	fault->stage = nest_log_find(w, at, w->first, " s2 ") != NEST_LOG_NONE ? 2 : 1;
	return true;
}

static bool more_v3(const struct nest_log_window *w, struct nest_fault *fault)
{
	size_t at = nest_log_find(w, 0, w->first, "event: ");
	const struct event *event;
	uint64_t word;

	if (at != NEST_LOG_NONE) {
		at += strlen("event: ");
		event = event_at(w, at);
		/* One event is told twice only where the raw words came first. */
		if (!fault->nwords || (event && event->code != fault->reason) ||
		    nest_log_find(w, at, w->first, "client: ") == NEST_LOG_NONE)
			return false;
		take_decoded(w, at, w->first, fault);
		return true;
	}
	if (take_rights(w, fault))
		return true;
	at = 0;
	if (fault->nwords == NEST_FAULT_WORDS || !eat_word(w, fault, &at, w->first, &word) ||
	    at != w->first)
		return false;
	take_word(fault, word);
	return true;
}

static const struct nest_fault_form forms_v3[] = {
	{ .mark = "event 0x", .parse = parse_raw },
	{ .mark = "event: ", .parse = parse_decoded },
	{ 0 },
};

static const char *const limiters_v3[] = { "arm_smmu_evtq_thread", "arm_smmu_dump_event",
					   "arm_smmu_print_evt_info", "arm_smmu_handle_evt", NULL };

const struct nest_fault_driver nest_fault_smmuv3 = {
	.name = "smmuv3",
	.title = "SMMUv3",
	.id = "stream",
	.forms = forms_v3,
	.more = more_v3,
	.limiters = limiters_v3,
};

/* ---- versions 1 and 2 ---- */

static const struct {
	uint32_t bit;
	const char *word, *meaning;
} fsr_bits[] = {
	{ 1u << 1, "TF", "the address is not mapped" },
	{ 1u << 2, "AFF", "the access flag of the page is clear" },
	{ 1u << 3, "PF", "the page does not allow this access" },
	{ 1u << 4, "EF", "an external abort: a page table or the target did not answer" },
	{ 1u << 5, "TLBMCF", "two cached translations contradict each other" },
	{ 1u << 6, "TLBLKF", "a lock of cached translations failed" },
	{ 1u << 7, "ASF", "an address is wider than the table allows" },
	{ 1u << 8, "UUT", "a transaction that the SMMU does not support" },
	{ 1u << 30, "SS", NULL },
	{ 1u << 31, "MULTI", NULL },
};

static void take_fsr(struct nest_fault *fault, uint64_t fsr)
{
	size_t i;

	fault->has_flags = true;
	fault->flags = (uint32_t)fsr;
	for (i = 0; i < ARRAY_SIZE(fsr_bits); i++)
		if (fsr & fsr_bits[i].bit && fsr_bits[i].meaning) {
			fault->meaning = fsr_bits[i].meaning;
			break;
		}
}

static void fsr_words(const struct nest_fault *fault, char *buf, size_t size)
{
	size_t used = 0, i;

	*buf = '\0';
	for (i = 0; i < ARRAY_SIZE(fsr_bits) && used < size; i++)
		if (fault->flags & fsr_bits[i].bit)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 fsr_bits[i].word);
}

/* The syndrome: bit 4 is a write, bit 6 an instruction, bit 5 privileged. */
static void take_fsynr(struct nest_fault *fault, uint64_t fsynr)
{
	fault->access = fsynr & 0x10 ? NEST_LOG_WRITE : NEST_LOG_READ;
	fault->privileged = fsynr & 0x20;
	fault->execute = fsynr & 0x40;
}

static void take_sid(struct nest_fault *fault, uint64_t sid)
{
	fault->has_id = true;
	fault->id = (uint32_t)(sid & 0xffff);
}

static void take_address(struct nest_fault *fault, uint64_t address)
{
	fault->has_address = true;
	fault->address = fault->address_last = address;
}

/* A number that no comma follows may be cut, at the end of a line or in its middle. */
static bool field(const struct nest_log_window *w, struct nest_fault_place *place, size_t from,
		  size_t limit, const char *key, uint64_t *ret)
{
	const char *p = w->text + from;

	if (!nest_log_value(&p, w->text + limit, key, ret) || (*p != ',' && *p != ')'))
		return false;
	if ((size_t)(p - w->text) > place->end)
		place->end = (size_t)(p - w->text);
	return true;
}

/* "sid=86(0x56 - PCIE0)": NVIDIA's kernels name the stream in decimal first. */
static void take_named_sid(const struct nest_log_window *w, size_t from, size_t limit,
			   struct nest_fault *fault)
{
	size_t at = nest_log_find(w, from, limit, " sid=");
	const char *p, *end = w->text + limit;
	uint32_t decimal;
	uint64_t sid;

	if (at == NEST_LOG_NONE)
		return;
	p = w->text + at + strlen(" sid=");
	if (nest_log_eat_decimal(&p, end, &decimal) && nest_log_eat(&p, end, "(") &&
	    nest_log_eat_hex(&p, end, &sid))
		take_sid(fault, sid);
}

static bool parse_context(const struct nest_log_window *w, struct nest_fault_place *place,
			  struct nest_fault *fault)
{
	size_t from = place->end, limit = nest_log_find(w, from, w->len, "Unhandled context fault");
	uint64_t value;

	if (limit == NEST_LOG_NONE)
		limit = w->len;
	if (field(w, place, from, limit, "fsr=", &value) ||
	    field(w, place, from, limit, "(fsr ", &value))
		take_fsr(fault, value);
	if (field(w, place, from, limit, "iova=", &value))
		take_address(fault, value);
	if (field(w, place, from, limit, "fsynr=", &value) ||
	    field(w, place, from, limit, "fsynr0=", &value))
		take_fsynr(fault, value);
	if (field(w, place, from, limit, "cbfrsynra=", &value))
		take_sid(fault, value);
	take_named_sid(w, from, limit, fault);
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return fault->has_flags || fault->has_address;
}

/* " from a600000.dwc3!"; the registers follow. */
static bool parse_client(const struct nest_log_window *w, struct nest_fault_place *place,
			 struct nest_fault *fault)
{
	const char *p = w->text + place->end, *end = w->text + w->first;
	size_t n;

	if (nest_log_eat(&p, end, " from ")) {
		n = strcspn(p, "! ");
		snprintf(fault->client, sizeof(fault->client), "%.*s", (int)n, p);
		place->end = (size_t)(p - w->text) + n;
	}
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return true;
}

static bool parse_stream(const struct nest_log_window *w, struct nest_fault_place *place,
			 struct nest_fault *fault)
{
	const char *p = w->text + place->end;
	uint64_t id;

	if (!nest_log_eat_hex(&p, w->text + w->len, &id))
		return false;
	take_sid(fault, id);
	place->end = (size_t)(p - w->text);
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return true;
}

static bool parse_global(const struct nest_log_window *w, struct nest_fault_place *place,
			 struct nest_fault *fault)
{
	nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit));
	return true;
}

/*
 * Registers, one or two a line. Those without a function only show that the line belongs here. A
 * number of fewer digits than it is printed with was cut at the end of its line.
 */
static const struct {
	const char *key;
	void (*take)(struct nest_fault *fault, uint64_t value);
	size_t digits; /* 0: as many as it has */
} registers[] = {
	{ "GFSYNR1", take_sid, 0 },
	{ "FSYNR0 =", take_fsynr, 0 },
	{ "FSR =", take_fsr, 8 },
	{ "FAR =", take_address, 16 },
	{ "SID=", take_sid, 0 },
	{ "SID =", take_sid, 0 },
	{ "PAR =", NULL, 0 },
	{ "FSYNR1 =", NULL, 0 },
	{ "context bank# =", NULL, 0 },
	{ "TTBR0 =", NULL, 0 },
	{ "TTBR1 =", NULL, 0 },
	{ "SCTLR =", NULL, 0 },
	{ "CBAR =", NULL, 0 },
	{ "MAIR0 =", NULL, 0 },
	{ "Client info: BID=", NULL, 0 },
	{ "soft iova-to-phys=", NULL, 0 },
	{ "hard iova-to-phys", NULL, 0 },
	{ "SOFTWARE TABLE WALK FAILED!", NULL, 0 },
};

/* The digits in front of p, without 0x. */
static size_t digits_before(const struct nest_log_window *w, const char *p)
{
	const char *q = p;

	while (q > w->text && isxdigit((unsigned char)q[-1]))
		q--;
	return (size_t)(p - q);
}

static bool take_registers(const struct nest_log_window *w, struct nest_fault *fault)
{
	bool any = false;
	uint64_t value;
	size_t i, at;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		const char *p;

		at = nest_log_find(w, 0, w->first, registers[i].key);
		if (at == NEST_LOG_NONE || (at && nest_log_is_word(w->text[at - 1])))
			continue;
		p = w->text + at;
		if (!registers[i].take)
			any = true;
		else if (nest_log_value(&p, w->text + w->first, registers[i].key, &value)) {
			if (digits_before(w, p) >= registers[i].digits)
				registers[i].take(fault, value);
			any = true;
		}
	}
	return any;
}

/* A log without the message that they belong to, or with that message behind them. */
static bool parse_registers(const struct nest_log_window *w, struct nest_fault_place *place,
			    struct nest_fault *fault)
{
	if (nest_log_is_word(place->start ? w->text[place->start - 1] : ' ') ||
	    !nest_log_unit_before(w, &place->start, fault->unit, sizeof(fault->unit)) ||
	    nest_log_find(w, 0, w->first, "smmu") == NEST_LOG_NONE || !take_registers(w, fault))
		return false;
	fault->registers_first = true;
	place->end = w->first;
	return true;
}

static bool more_v2(const struct nest_log_window *w, struct nest_fault *fault)
{
	static const char message[] = "Unhandled context fault";
	struct nest_fault_place place;

	place.start = nest_log_find(w, 0, w->first, message);
	if (place.start == NEST_LOG_NONE || !fault->registers_first)
		return take_registers(w, fault);
	place.end = place.start + strlen(message);
	fault->registers_first = false;
	return parse_context(w, &place, fault);
}

static const struct nest_fault_form forms_v2[] = {
	{ "Unhandled context fault", parse_context, "context fault", 0, REFUSED, UNMAPPED },
	{ "Unexpected context fault", parse_context, "context fault", 0, REFUSED, UNMAPPED },
	{ "Unhandled arm-smmu context fault", parse_client, "context fault", 0, REFUSED, UNMAPPED },
	{ "FAR = ", parse_registers, "context fault", 0, REFUSED, UNMAPPED },
	{ "FSR = ", parse_registers, "context fault", 0, REFUSED, UNMAPPED },
	{ "Blocked unknown Stream ID ", parse_stream, "global fault", 0,
	  "the SMMU does not know the stream ID, so the DMA is blocked",
	  "the device is attached to no domain; firmware may give it a wrong stream ID" },
	{ "Unexpected global fault, this could be serious", parse_global, "global fault", 0,
	  "the SMMU could not assign the access to a context", NULL },
	{ 0 },
};

static const char *const limiters_v2[] = { "arm_smmu_context_fault", "arm_smmu_global_fault",
					   NULL };

const struct nest_fault_driver nest_fault_smmuv2 = {
	.name = "smmu",
	.title = "SMMU",
	.id = "stream",
	.forms = forms_v2,
	.more = more_v2,
	.flags = fsr_words,
	.limiters = limiters_v2,
};
