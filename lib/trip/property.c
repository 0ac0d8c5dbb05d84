// SPDX-License-Identifier: GPL-2.0-or-later
/* The properties, which legs show them, and what they come to. */
#include "trip/property.h"

#include <string.h>

#include "trip/trip.h"

enum {
	MOCK = 1,      /* the kernel's mock device can show it, too */
	ONE_STAGE = 2, /* it means the same where there is one stage */
	OPTION = 4,    /* its legs run only on request: not essential while they do not */
	IF_THERE = 8,  /* left out where no leg of it is there */
};

/*
 * A property is held when each of its legs that ran has shown it. A leg that has no use here (no
 * such capability) harms nothing; one that was skipped leaves the property not shown.
 */
/* clang-format off */
static const struct row {
	const char *id, *title;
	unsigned int flags;
	const char *legs; /* ids, each between blanks */
} rows[NEST_PROPERTIES] = {
	[NEST_PROP_REQUESTS] = { "requests",
		"the kernel accepts valid requests and refuses invalid ones", MOCK | ONE_STAGE,
		" open type1_nesting attach map copy map_file map_dmabuf options change_process viommu viommu_events hw_queue pasid_alloc bind_refusals refusals timing timing_backends " },
	[NEST_PROP_PLAIN] = { "translation.plain",
		"DMA through the plain mapping reaches exactly the mapped bytes", ONE_STAGE,
		" start width copy map_file " },
	[NEST_PROP_PAGES] = { "translation.pages",
		"DMA through both stages reaches exactly the mapped page", 0,
		" bind dma remap pasid_bind pasid_dma " },
	[NEST_PROP_LARGE_PAGES] = { "translation.large_pages",
		"DMA through a large first-stage page reaches the same offset", 0,
		" dma_2m dma_1g " },
	[NEST_PROP_IOVA_BITS] = { "translation.iova_bits",
		"each I/O address bit of the device and the first stage is used", 0,
		" dma_bits dma_sign dma_high " },
	[NEST_PROP_TARGET_BITS] = { "translation.target_bits",
		"each guest-physical address bit of a page that the first stage gives is used", 0,
		" dma_targets " },
	[NEST_PROP_TABLE_BITS] = { "translation.table_bits",
		"tables are read at guest-physical addresses above 4 GiB, too", 0,
		" dma_tables " },
	[NEST_PROP_SLOTS] = { "translation.slots",
		"each slot of the tables of each level leads where its entry says", 0,
		" dma_slots " },
	[NEST_PROP_UNALIGNED] = { "translation.unaligned",
		"a transfer across pages is translated page by page", 0,
		" dma_unaligned " },
	[NEST_PROP_SPLIT] = { "translation.split",
		"a large page that is split, and merged again, leads where it should", 0,
		" dma_split " },
	[NEST_PROP_RESERVED] = { "translation.reserved",
		"an entry with a reserved bit set is not used", 0,
		" reserved " },
	[NEST_PROP_CANONICAL] = { "translation.canonical",
		"an address that is not sign-extended is not translated", 0,
		" dma_sign " },
	[NEST_PROP_FRESH] = { "translation.fresh",
		"a new first-stage entry is used without an invalidation", 0,
		" dma_fresh " },
	[NEST_PROP_SECOND_ALONE] = { "translation.second_stage",
		"DMA through the second stage alone reaches exactly the mapped page", 0,
		" second_alone " },
	[NEST_PROP_NOT_PRESENT] = { "permission.not_present",
		"DMA to an address without a mapping is blocked", ONE_STAGE,
		" fault unmap pasid_fault " },
	[NEST_PROP_ABSENT] = { "permission.absent_entry",
		"an entry that is not present gives no access, whatever address it holds", 0,
		" rights_absent rights_2m " },
	[NEST_PROP_BLOCKED_READS] = { "permission.blocked_reads",
		"a blocked read returns no byte of known memory", ONE_STAGE,
		" fault_read " },
	[NEST_PROP_READ_ONLY] = { "permission.read_only",
		"a write through a read-only first-stage entry is blocked", 0,
		" rights_read_only rights_2m " },
	[NEST_PROP_REVOKED] = { "permission.revoked",
		"a right that is taken away after it was cached has gone", 0,
		" rights_revoked " },
	[NEST_PROP_PRIVILEGED] = { "permission.privileged",
		"a first-stage entry for privileged requests gives no access to others", 0,
		" rights_privileged rights_2m " },
	[NEST_PROP_UPPER] = { "permission.upper",
		"rights that an entry above the last level lacks are lacking", 0,
		" rights_upper " },
	[NEST_PROP_SECOND] = { "permission.second_stage",
		"a write to a page that the second stage maps read-only is blocked", 0,
		" rights_second " },
	[NEST_PROP_OUTSIDE] = { "isolation.outside",
		"memory outside the second stage is out of reach", 0,
		" confine " },
	[NEST_PROP_PASIDS] = { "isolation.pasids",
		"DMA with a PASID and DMA without one use their own tables", OPTION,
		" pasid_dma pasid_others pasid_two pasid_unbind " },
	[NEST_PROP_DEVICES] = { "isolation.devices",
		"two devices at the same addresses reach each its own memory", OPTION | ONE_STAGE,
		" two_attach two_plain two_detach " },
	[NEST_PROP_FIRST_STAGES] = { "isolation.first_stages",
		"two devices use each its own first stage and what is cached of it", OPTION,
		" two_nested two_shared " },
	[NEST_PROP_INVALIDATE_PAGE] = { "invalidation.page",
		"after one page is invalidated, its old translation is not used", MOCK,
		" invalidate_page stale invalidate_calls invalidate_pairs invalidate_commands "
		"pasid_invalidate " },
	[NEST_PROP_INVALIDATE_RANGE] = { "invalidation.range",
		"after a range is invalidated, no old translation of it is used", 0,
		" invalidate_range " },
	[NEST_PROP_INVALIDATE_PROMPT] = { "invalidation.prompt",
		"an invalidation has taken effect when its request returns", 0,
		" invalidate_prompt " },
	[NEST_PROP_INVALIDATE_UPPER] = { "invalidation.upper",
		"after an invalidation that is not leaf-only, no old table is used", 0,
		" invalidate_upper " },
	[NEST_PROP_INVALIDATE_DOMAIN] = { "invalidation.domain",
		"after all is invalidated, no old translation is used", MOCK,
		" invalidate_domain invalidate_asid invalidate_context invalidate_commands "
		"pasid_invalidate " },
	[NEST_PROP_INVALIDATE_LARGE] = { "invalidation.large_pages",
		"after a large page is invalidated, no part of it is used", 0,
		" invalidate_2m " },
	[NEST_PROP_UNDER_UNMAP] = { "second_stage.unmap",
		"memory unmapped below a bound first stage is out of reach at once", 0,
		" under second_alone two_shared " },
	[NEST_PROP_UNDER_REMAP] = { "second_stage.remap",
		"memory mapped elsewhere below a bound first stage is seen there", 0,
		" under second_alone " },
	[NEST_PROP_UNBIND] = { "teardown.unbind",
		"after unbind, no translation of the first stage is used", MOCK,
		" unbind free_bound " },
	[NEST_PROP_PASID_UNBIND] = { "teardown.pasid_unbind",
		"after unbind from a PASID, no translation of it is used", OPTION,
		" pasid_two pasid_unbind " },
	[NEST_PROP_DETACH] = { "teardown.detach",
		"after detach, no DMA reaches memory until the next attach", ONE_STAGE,
		" reattach " },
	[NEST_PROP_SWITCH] = { "teardown.switch",
		"after an attach to another table, no translation of the first is used", 0,
		" switch replace_block replace_bypass replace_parent " },
	[NEST_PROP_DIRTY] = { "dirty.exact",
		"exactly the pages that DMA wrote to are noted as written to",
		MOCK | ONE_STAGE | OPTION,
		" dirty " },
	[NEST_PROP_QUIET] = { "teardown.quiet",
		"the device is idle when it is given back", ONE_STAGE,
		" quiet " },
	[NEST_PROP_FAULTS] = { "faults.recorded",
		"a blocked access is recorded with its address, direction and requester",
		ONE_STAGE,
		" fault fault_read events_lost " },
	[NEST_PROP_FAULT_KINDS] = { "faults.kinds",
		"a blocked access is recorded, whatever forbids it", 0,
		" confine fault_kinds " },
	[NEST_PROP_FAULTS_PASID] = { "faults.pasid",
		"a blocked access with a PASID is recorded with its PASID", OPTION,
		" pasid_fault " },
	[NEST_PROP_PAGE_REQUESTS] = { "faults.page_requests",
		"page requests arrive complete, and the device receives the answers", MOCK,
		" respond fault_ring pasid_respond " },
	[NEST_PROP_INTERRUPTS] = { "interrupts.first_stage",
		"an interrupt arrives by the first-stage entry of its doorbell, and by nothing else",
		IF_THERE,
		" interrupt " },
	[NEST_PROP_RELEASED] = { "teardown.released",
		"all that was acquired in the kernel is released", MOCK | ONE_STAGE,
		" teardown " },
};
/* clang-format on */

const char *nest_property_result_name(enum nest_property_result result)
{
	static const char *const names[] = { "not_shown", "held", "violated" };

	return names[result];
}

bool nest_property_has_leg(enum nest_property_id id, const char *leg)
{
	const char *at = rows[id].legs;
	size_t len = strlen(leg);

	while (at && (at = strstr(at, leg)) != NULL) {
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
		at += len;
	}
	return false;
}

enum nest_property_id nest_property_of_leg(const char *leg)
{
	enum nest_property_id id;

	for (id = NEST_PROP_NONE + 1; id < NEST_PROPERTIES; id++)
		if (nest_property_has_leg(id, leg))
			return id;
	return NEST_PROP_REQUESTS;
}

/* What one leg says of a property. */
static enum nest_property_result said(const struct nest_leg *leg, enum nest_property_id id)
{
	if (leg->result == NEST_LEG_FAILED && leg->violates == id)
		return NEST_VIOLATED;
	if (leg->result != NEST_LEG_PASSED || (leg->one_stage && !(rows[id].flags & ONE_STAGE)))
		return NEST_NOT_SHOWN;
	return NEST_HELD;
}

/* What the legs of a property said: the first reason of each kind. */
struct tally {
	const char *violated, *missing, *absent;
	bool held;
};

static void add(struct tally *tally, const struct nest_leg *leg, enum nest_property_result says,
		const char *why_not)
{
	if (says == NEST_HELD)
		tally->held = true;
	else if (says == NEST_VIOLATED && !tally->violated)
		tally->violated = leg->reason;
	else if (says == NEST_NOT_SHOWN && leg->result == NEST_LEG_ABSENT && !tally->absent)
		tally->absent = leg->reason;
	else if (says == NEST_NOT_SHOWN && leg->result != NEST_LEG_ABSENT && !tally->missing)
		tally->missing = leg->result == NEST_LEG_FAILED
					 ? "a leg that shows it ended before it was reached"
				 : leg->reason ? leg->reason
					       : why_not;
}

static void judge(const struct nest_trip *report, enum nest_property_id id, const char *why_not,
		  struct nest_property *ret)
{
	struct tally tally = { 0 };
	size_t i;

	*ret = (struct nest_property){ .id = rows[id].id, .title = rows[id].title };
	for (i = 0; i < report->nlegs; i++) {
		const struct nest_leg *leg = &report->legs[i];
		enum nest_property_result says = said(leg, id);

		/* A leg may also violate what the table does not list for it. */
		if (says != NEST_VIOLATED && !nest_property_has_leg(id, leg->id))
			continue;
		add(&tally, leg, says, why_not);
		if (says != NEST_NOT_SHOWN && ret->nlegs < NEST_PROPERTY_LEGS)
			ret->legs[ret->nlegs++] = leg;
	}
	ret->result = tally.violated		     ? NEST_VIOLATED
		      : tally.held && !tally.missing ? NEST_HELD
						     : NEST_NOT_SHOWN;
	ret->essential = tally.violated || tally.held || tally.missing ||
			 (!tally.absent && !(rows[id].flags & OPTION));
	if (ret->result == NEST_VIOLATED)
		ret->reason = tally.violated;
	else if (ret->result == NEST_NOT_SHOWN)
		ret->reason = tally.missing    ? tally.missing
			      : tally.absent   ? tally.absent
			      : ret->essential ? why_not
					       : "it was not requested";
}

static bool is_there(const struct nest_trip *report, enum nest_property_id id)
{
	size_t i;

	for (i = 0; i < report->nlegs; i++)
		if (nest_property_has_leg(id, report->legs[i].id))
			return true;
	return false;
}

void nest_properties_judge(struct nest_trip *report, bool strict, const char *why_not)
{
	enum nest_property_id id;
	bool missing = false, violated = strict && report->ndeviations;

	for (id = NEST_PROP_NONE + 1; id < NEST_PROPERTIES; id++) {
		struct nest_property *property = &report->properties[report->nproperties];

		if ((report->mock && !(rows[id].flags & MOCK)) ||
		    (rows[id].flags & IF_THERE && !is_there(report, id)))
			continue;
		judge(report, id, why_not, property);
		report->nproperties++;
		violated = violated || property->result == NEST_VIOLATED;
		missing = missing || (property->essential && property->result == NEST_NOT_SHOWN);
	}
	report->verdict = violated  ? NEST_TRIP_FAILED
			  : missing ? NEST_TRIP_INCOMPLETE
				    : NEST_TRIP_PASSED;
}
