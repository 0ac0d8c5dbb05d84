// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows which other messages of the kernel tell something about nesting, and what they mean. */

#include "log/match.h"
#include "util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "fault status reg 3": the bits of FSTS_REG. */
static void refine_status(char *detail, size_t len)
{
	static const struct {
		uint32_t bit;
		const char *words;
	} bits[] = {
		{ 0x01, "faults were lost" },	      { 0x02, "fault pending" },
		{ 0x10, "invalidation queue error" }, { 0x20, "invalidation completion error" },
		{ 0x40, "invalidation time-out" },    { 0x80, "page requests were lost" },
	};
	const char *p = detail, *sep = ": ";
	char words[120];
	uint64_t value;
	size_t i, used;

	if (!nest_log_eat_hex(&p, detail + strlen(detail), &value))
		return;
	used = (size_t)snprintf(words, sizeof(words), "0x%" PRIx64, value);
	for (i = 0; i < ARRAY_SIZE(bits) && used < sizeof(words); i++) {
		if (!(value & bits[i].bit))
			continue;
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s", sep,
					 bits[i].words);
		sep = ", ";
	}
	snprintf(detail, len, "%s", words);
}

struct row {
	const char *id;
	const char *pattern; /* as in the log, blanks single */
	const char *until;   /* the detail ends before one of these; NULL: no detail */
	const char *then;    /* must follow the detail; NULL: anything */
	void (*refine)(char *detail, size_t len);
	const char *text;
};

/* clang-format off */
static const struct row rows[] = {
	{"iommu_enabled", "DMAR: IOMMU enabled", NULL, NULL, NULL,
	 "intel_iommu=on was asked for on the command line"},
	{"iommu_enabled", "Intel-IOMMU: enabled", NULL, NULL, NULL,
	 "intel_iommu=on was asked for on the command line"},
	{"iommu_disabled", "DMAR: IOMMU disabled", NULL, NULL, NULL,
	 "the command line (intel_iommu=off) keeps DMA remapping off"},
	{"iommu_disabled", "Intel-IOMMU: disabled", NULL, NULL, NULL,
	 "the command line (intel_iommu=off) keeps DMA remapping off"},
	{"vtd_active", "Virtualization Technology for Directed I/O", NULL, NULL, NULL,
	 "VT-d DMA remapping is on"},
	{"no_dmar", "No DMAR devices found", NULL, NULL, NULL,
	 "the DMAR table describes no unit that the kernel can use"},
	{"bad_dmar", "Parse DMAR table failure", NULL, NULL, NULL,
	 "the kernel could not read the DMAR table: no DMA remapping"},
	{"host_address_width", "Host address width ", " ", NULL, NULL,
	 "bits of a physical address, from the DMAR table"},
	{"scalable_mode_on", "Enable scalable mode if hardware supports", NULL, NULL, NULL,
	 "scalable mode was asked for (intel_iommu=sm_on): nesting needs it"},
	{"scalable_mode_on", "Intel-IOMMU: scalable mode supported", NULL, NULL, NULL,
	 "scalable mode was asked for (intel_iommu=sm_on): nesting needs it"},
	{"scalable_mode_off", "Scalable mode is disallowed", NULL, NULL, NULL,
	 "scalable mode is forbidden (intel_iommu=sm_off): no nesting, whatever the hardware can"},
	{"firmware_opt_out", "Firmware forces DMA remapping off", NULL, NULL, NULL,
	 "a flag of the DMAR table forbids DMA remapping; no kernel option overrides it"},
	{"unit_all_ones", "DMAR reported at address ", " !", " returns all ones", NULL,
	 "firmware bug: no unit answers at the address the DMAR table gives"},
	{"rmrr_not_reserved", "No firmware reserved region can cover this RMRR [", "]", NULL, NULL,
	 "firmware bug, usually harmless: the memory map does not reserve this RMRR"},
	{"rmrr_bad", "Your BIOS is broken; bad RMRR [", "]", NULL, NULL,
	 "firmware bug, usually harmless: this RMRR is not plausible"},
	{"rmrr_bad", "Your BIOS is broken; RMRR ends before it starts", NULL, NULL, NULL,
	 "firmware bug: an RMRR ends before it begins"},
	{"rmrr_bad", "Your BIOS is broken; RMRR exceeds permitted address width", NULL, NULL, NULL,
	 "firmware bug: an RMRR lies beyond the unit's address width"},
	{"rmrr_wrong_device", "RMRR entry for device ", " ", " is broken", NULL,
	 "firmware bug: an RMRR names its device by the wrong bus; the kernel works around it"},
	{"rmrr_refused", "ineligible for IOMMU domain attach due to platform RMRR requirement", NULL,
	 NULL, NULL,
	 "firmware keeps memory (RMRR) for a device, which therefore cannot go to user space"},
	{"rmrr_refused", "requested this device have a 1:1 IOMMU mapping, rejecting", NULL, NULL,
	 NULL, "firmware keeps memory (RMRR) for a device, which therefore cannot go to user space"},
	{"interrupt_remapping", "Enabled IRQ remapping in ", " ", NULL, NULL,
	 "interrupt remapping is on, so that devices cannot forge interrupts; of DMA remapping this says nothing"},
	{"interrupt_remapping", "AMD-Vi: Interrupt remapping enabled", NULL, NULL, NULL,
	 "interrupt remapping is on, so that devices cannot forge interrupts; of DMA remapping this says nothing"},
	{"ioapic_without_unit", "ioapic ", " ", " has no mapping iommu", NULL,
	 "firmware bug: the DMAR table gives no unit for this I/O APIC, so interrupt remapping stays off and VFIO "
	 "refuses devices"},
	{"ioapic_not_in_ivrs", "IOAPIC[", "]", "] not in IVRS table", NULL,
	 "firmware bug: the IVRS table lacks this I/O APIC, so interrupt remapping stays off and VFIO refuses devices"},
	{"ioapic_not_in_ivrs", "No southbridge IOAPIC found", NULL, NULL, NULL,
	 "firmware bug: the IVRS table lacks the southbridge's I/O APIC, so interrupt remapping stays off and VFIO "
	 "refuses devices"},
	{"interrupt_remapping_off", "Disabling interrupt remapping", NULL, NULL, NULL,
	 "interrupt remapping is off: VFIO refuses devices"},
	{"interrupt_remapping_off", "Not enabling interrupt remapping", NULL, NULL, NULL,
	 "interrupt remapping is off: VFIO refuses devices"},
	{"interrupt_remapping_off", "Not enable interrupt remapping", NULL, NULL, NULL,
	 "interrupt remapping is off: VFIO refuses devices"},
	{"interrupt_remapping_off", "Skipped enabling intr-remap", NULL, NULL, NULL,
	 "interrupt remapping is off: VFIO refuses devices"},
	{"interrupt_remapping_off", "Failed to setup irq remapping for ", NULL, NULL, NULL,
	 "interrupt remapping is off: VFIO refuses devices"},
	{"interrupt_remapping_off", "Failed to enable irq remapping", NULL, NULL, NULL,
	 "interrupt remapping is off: VFIO refuses devices"},
	{"interrupts_unsafe", "Compatibility-format IRQs enabled despite intr remapping", NULL, NULL, NULL,
	 "interrupt remapping is on, and a device can get round it"},
	{"x2apic_opt_out", "x2apic is disabled because BIOS sets x2apic opt out bit", NULL, NULL, NULL,
	 "firmware asks not to use x2APIC; harmless, intremap=no_x2apic_optout overrides it"},
	{"x2apic_without_remapping", "IRQ remapping doesn't support X2APIC mode", NULL, NULL, NULL,
	 "x2APIC stays off; this does not keep devices from user space"},
	/* The first of five lines, which logs keep apart in as many ways. */
	{"interrupt_remapping_erratum", "This system BIOS has enabled interrupt remapping", NULL, NULL, NULL,
	 "interrupt remapping is off because of a chipset erratum: user space is refused devices"},
	{"no_interrupt_remapping", "No interrupt remapping support", NULL, NULL, NULL,
	 "VFIO refused a device: without interrupt remapping it could forge interrupts"},
	{"interrupts_not_isolated", "MSI interrupts are not secure", NULL, NULL, NULL,
	 "iommufd took a device whose interrupts are not isolated, as it was told to (allow_unsafe_interrupts)"},
	{"units_differ", "IOMMU feature ", " ", " inconsistent", NULL,
	 "the units differ in this feature, so the kernel uses it nowhere"},
	{"iommufd_serves_vfio", "IOMMUFD is providing /dev/vfio/vfio", NULL, NULL, NULL,
	 "the VFIO container is iommufd's imitation: no type 1 nesting there"},
	{"graphics_off", "Disabling IOMMU for graphics on this chipset", NULL, NULL, NULL,
	 "the graphics unit is off because of a chipset erratum"},
	{"graphics_kept", "Skip IOMMU disabling for graphics", NULL, NULL, NULL,
	 "not an error: the graphics unit stays on"},
	{"enabled_by_firmware", "Translation was enabled for ", " ", NULL, NULL,
	 "firmware or the kernel before left this unit switched on"},
	{"invalidation_error", "VT-d detected Invalidation Queue Error", NULL, NULL, NULL,
	 "a unit refused an invalidation command"},
	{"invalidation_timeout", "VT-d detected Invalidation Time-out Error", NULL, NULL, NULL,
	 "a device did not answer an invalidation of its address cache (ATS)"},
	{"invalidation_timeout", "VT-d detected Invalidation Completion Error", NULL, NULL, NULL,
	 "a device answered an invalidation of its address cache (ATS) wrongly"},
	{"page_requests_lost", "PRQ overflow detected", NULL, NULL, NULL,
	 "page requests came faster than they were served, some were lost"},
	{"page_request_invalid", "Invalid page request", NULL, NULL, NULL,
	 "a device sent a page request that makes no sense"},
	{"fault_status", "handling fault status reg ", " ", NULL, refine_status,
	 "a VT-d unit reported errors; the faults themselves follow unless too many came at once"},
	{"default_domain", "iommu: Default domain type: ", " ", NULL, NULL,
	 "how the kernel maps devices that user space does not have"},
	{"memlock", "RLIMIT_MEMLOCK (", ")", NULL, NULL,
	 "VFIO refused a mapping: the process may not lock this many bytes of memory"},
	{"noiommu", "vfio-noiommu device opened by user", NULL, NULL, NULL,
	 "a device is used without any IOMMU: no isolation, and no nesting"},
};
/* clang-format on */

/* Fills the note if the row's detail and end are as they should be. */
static bool take_row(const struct nest_log_window *w, size_t at, const struct row *row,
		     struct nest_log_note *note, size_t *ret_end)
{
	const char *p = w->text + at + strlen(row->pattern), *end = w->text + w->len;
	size_t n;

	memset(note, 0, sizeof(*note));
	note->id = row->id;
	note->text = row->text;
	if (row->until) {
		n = strcspn(p, row->until);
		if (!n)
			return false;
		snprintf(note->detail, sizeof(note->detail), "%.*s", (int)n, p);
		p += n;
	}
	if (row->then && !nest_log_eat(&p, end, row->then))
		return false;
	if (row->refine)
		row->refine(note->detail, sizeof(note->detail));
	*ret_end = (size_t)(p - w->text);
	return true;
}

/*
 * "arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x0000170d)". The features are
 * the driver's own; its bits for the two stages have not moved since 2015.
 */
static size_t match_smmuv3(const struct nest_log_window *w, size_t at, struct nest_log_note *note,
			   size_t *ret_end)
{
	size_t key = nest_log_find(w, at, w->first, ": ias "), word;
	const char *p, *end = w->text + w->len;
	uint32_t ias, oas;
	uint64_t features;

	if (key == NEST_LOG_NONE)
		return key;
	p = w->text + key + 2;
	word = nest_log_word_before(w, key + 2);
	if (word == NEST_LOG_NONE || word > key || !nest_log_eat(&p, end, "ias ") ||
	    !nest_log_eat_decimal(&p, end, &ias) || !nest_log_eat(&p, end, "-bit, oas ") ||
	    !nest_log_eat_decimal(&p, end, &oas) || !nest_log_eat(&p, end, "-bit (features ") ||
	    !nest_log_eat_hex(&p, end, &features))
		return NEST_LOG_NONE;
	memset(note, 0, sizeof(*note));
	note->id = "smmuv3_unit";
	note->text = "an SMMUv3 unit as its driver sees it; its registers are not in the log";
	snprintf(note->detail, sizeof(note->detail),
		 "%.*s: input %" PRIu32 " bit, output %" PRIu32 " bit, stage 1 %s, stage 2 %s",
		 (int)(key - word < 40 ? key - word : 40), w->text + word, ias, oas,
		 nest_tri_name(nest_tri_from_bool(features >> 9 & 1)),
		 nest_tri_name(nest_tri_from_bool(features >> 10 & 1)));
	*ret_end = (size_t)(p - w->text);
	return key;
}

/* The next message of this row that begins before limit. */
static size_t match_row(const struct nest_log_window *w, size_t at, size_t limit,
			const struct row *row, struct nest_log_note *note, size_t *ret_end)
{
	size_t found;

	for (;; at = found + 1) {
		found = nest_log_find(w, at, limit, row->pattern);
		if (found == NEST_LOG_NONE || take_row(w, found, row, note, ret_end))
			return found;
	}
}

size_t nest_log_match_note(const struct nest_log_window *w, size_t at,
			   union nest_log_item *ret_item, size_t *ret_end)
{
	struct nest_log_note *ret_note = &ret_item->note;
	size_t i, found, end, best;
	struct nest_log_note note;

	best = match_smmuv3(w, at, ret_note, ret_end);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		found = match_row(w, at, w->first < best ? w->first : best, &rows[i], &note, &end);
		if (found == NEST_LOG_NONE)
			continue;
		best = found;
		*ret_note = note;
		*ret_end = end;
	}
	return best;
}
