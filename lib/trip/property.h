/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a round trip proves. A property is one sentence about the IOMMU or the kernel; legs show it
 * or find it violated; the verdict follows from the properties alone.
 */
#ifndef NEST_TRIP_PROPERTY_H
#define NEST_TRIP_PROPERTY_H

#include <stdbool.h>

/* In the order of the table in trip/property.c, which has their words. */
enum nest_property_id {
	NEST_PROP_NONE,
	NEST_PROP_REQUESTS,
	NEST_PROP_PLAIN,
	NEST_PROP_PAGES,
	NEST_PROP_LARGE_PAGES,
	NEST_PROP_IOVA_BITS,
	NEST_PROP_TARGET_BITS,
	NEST_PROP_TABLE_BITS,
	NEST_PROP_SLOTS,
	NEST_PROP_UNALIGNED,
	NEST_PROP_SPLIT,
	NEST_PROP_RESERVED,
	NEST_PROP_CANONICAL,
	NEST_PROP_FRESH,
	NEST_PROP_SECOND_ALONE,
	NEST_PROP_NOT_PRESENT,
	NEST_PROP_ABSENT,
	NEST_PROP_BLOCKED_READS,
	NEST_PROP_READ_ONLY,
	NEST_PROP_REVOKED,
	NEST_PROP_PRIVILEGED,
	NEST_PROP_UPPER,
	NEST_PROP_SECOND,
	NEST_PROP_OUTSIDE,
	NEST_PROP_PASIDS,
	NEST_PROP_DEVICES,
	NEST_PROP_FIRST_STAGES,
	NEST_PROP_INVALIDATE_PAGE,
	NEST_PROP_INVALIDATE_RANGE,
	NEST_PROP_INVALIDATE_PROMPT,
	NEST_PROP_INVALIDATE_UPPER,
	NEST_PROP_INVALIDATE_DOMAIN,
	NEST_PROP_INVALIDATE_LARGE,
	NEST_PROP_UNDER_UNMAP,
	NEST_PROP_UNDER_REMAP,
	NEST_PROP_UNBIND,
	NEST_PROP_PASID_UNBIND,
	NEST_PROP_DETACH,
	NEST_PROP_SWITCH,
	NEST_PROP_DIRTY,
	NEST_PROP_QUIET,
	NEST_PROP_FAULTS,
	NEST_PROP_FAULT_KINDS,
	NEST_PROP_FAULTS_PASID,
	NEST_PROP_PAGE_REQUESTS,
	NEST_PROP_INTERRUPTS,
	NEST_PROP_RELEASED,
	NEST_PROPERTIES,
};

struct nest_trip;
struct nest_leg;

enum nest_property_result { NEST_NOT_SHOWN, NEST_HELD, NEST_VIOLATED };

#define NEST_PROPERTY_LEGS 12

/* A property as a round trip left it. Strings are static or the report's. */
struct nest_property {
	const char *id, *title;
	bool essential; /* the verdict needs it here */
	enum nest_property_result result;
	const struct nest_leg *legs[NEST_PROPERTY_LEGS]; /* that looked at it and say so */
	unsigned int nlegs;
	const char *reason; /* why not held; NULL when held */
};

/* "not_shown", "held", "violated". */
const char *nest_property_result_name(enum nest_property_result result);

/* The property that a leg is about if it says nothing else, or REQUESTS. */
enum nest_property_id nest_property_of_leg(const char *leg);

/* Does this leg show this property, by the table? */
bool nest_property_has_leg(enum nest_property_id id, const char *leg);

/*
 * Fills in report->properties and the verdict from the legs. why_not: why what no leg looked at
 * was not shown.
 */
void nest_properties_judge(struct nest_trip *report, bool strict, const char *why_not);

#endif
