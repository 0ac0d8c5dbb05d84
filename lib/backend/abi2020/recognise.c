// SPDX-License-Identifier: GPL-2.0-or-later
/* From answers to a revision. */
#include "backend/abi2020/recognise.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The only version in the postings: no other structures are known. */
#define POSTED_VERSION 1

const char *nest_recognised_name(enum nest_recognised how)
{
	static const char *const names[] = { "not_tried", "none", "one", "one_of", "unknown" };

	return names[how];
}

__attribute__((format(printf, 2, 3))) static void note(struct nest_recognition *it, const char *fmt,
						       ...)
{
	va_list args;

	if (it->nevidence == NEST_RECOGNITION_EVIDENCE)
		return;
	va_start(args, fmt);
	vsnprintf(it->evidence[it->nevidence++], sizeof(it->evidence[0]), fmt, args);
	va_end(args);
}

__attribute__((format(printf, 3, 4))) static void
decide(struct nest_recognition *it, enum nest_recognised how, const char *fmt, ...)
{
	va_list args;

	it->how = how;
	va_start(args, fmt);
	vsnprintf(it->decision, sizeof(it->decision), fmt, args);
	va_end(args);
}

__attribute__((format(printf, 2, 3))) static void contradict(struct nest_recognition *it,
							     const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	decide(it, NEST_RECOGNISED_UNKNOWN, "unknown revision: %s; no request is sent", text);
	it->contradiction = true;
}

static void note_version(struct nest_recognition *it, const char *when, int version)
{
	note(it, "asked %s SET_IOMMU, the container answers version %d", when, version);
}

/* The NESTING capability, if the chain is intact up to it. */
static const struct nest_infocap *capability(const struct nest_signs *signs)
{
	return signs->info ? nest_info_find(signs->info, "nesting") : NULL;
}

static void note_all(const struct nest_signs *signs, const struct nest_infocap *cap,
		     struct nest_recognition *it)
{
	if (signs->before)
		note_version(it, "before", signs->version_before);
	if (signs->after)
		note_version(it, "after", signs->version_after);
	if (signs->nesting_set != NEST_UNKNOWN)
		note(it, "SET_IOMMU(6) %s", signs->nesting_set == NEST_YES ? "succeeds" : "fails");
	if (cap)
		note(it, "GET_INFO has a NESTING capability: id %u, %u bytes, of revision %s",
		     cap->id, cap->len, nest_nesting_rev_name(cap->rev));
	else if (signs->info)
		note(it, "GET_INFO has no NESTING capability");
	if (signs->ioasid)
		note(it, "/dev/ioasid answers version %d", signs->ioasid_version);
}

static bool can_be(enum nest_nesting_rev rev, enum nest_nesting_rev one)
{
	enum nest_nesting_rev members[2];
	size_t n = nest_nesting_rev_members(rev, members);

	return n && (members[0] == one || (n > 1 && members[1] == one));
}

static void take(struct nest_recognition *it, enum nest_nesting_rev rev)
{
	it->nrevs = nest_nesting_rev_members(rev, it->revs);
	if (it->nrevs > 1) {
		decide(it, NEST_RECOGNISED_SOME,
		       "%s or %s, which look the same: no request is sent",
		       nest_nesting_rev_name(it->revs[0]), nest_nesting_rev_name(it->revs[1]));
		return;
	}
	decide(it, NEST_RECOGNISED_ONE, "%s (%s)", nest_revs[rev].id, nest_revs[rev].posted);
	it->rev = rev;
}

/* The version query was answered: RFC v3, unless another answer contradicts. */
static void by_version(const struct nest_signs *signs, const struct nest_infocap *cap,
		       struct nest_recognition *it)
{
	int version = signs->before ? signs->version_before : signs->version_after;

	if (signs->before && signs->after && signs->version_before != signs->version_after)
		contradict(it, "the version differs before and after SET_IOMMU");
	else if (signs->before && signs->after_absent)
		contradict(it, "the version is answered before SET_IOMMU but not after it");
	else if (cap && !can_be(cap->rev, NEST_REV_RFC_V3))
		contradict(it, "the version query is that of rfc-v3, the capability that of %s",
			   nest_nesting_rev_name(cap->rev));
	else if (signs->ioasid)
		contradict(it, "the version query is that of rfc-v3, and /dev/ioasid of v8 exists");
	else if (version != POSTED_VERSION)
		decide(it, NEST_RECOGNISED_UNKNOWN,
		       "unknown revision: no posting has version %d; no request is sent", version);
	else
		take(it, NEST_REV_RFC_V3);
}

static void by_capability(const struct nest_signs *signs, const struct nest_infocap *cap,
			  struct nest_recognition *it)
{
	/* RFC v3 always answers the query. /dev/ioasid came with v8. */
	if (cap->rev == NEST_REV_RFC_V3)
		contradict(
			it,
			"the capability is that of rfc-v3, but its version query is not answered");
	else if (signs->ioasid && !can_be(cap->rev, NEST_REV_V8) &&
		 !can_be(cap->rev, NEST_REV_V8_PRI))
		contradict(it, "the capability is that of %s, and /dev/ioasid of v8 exists",
			   nest_nesting_rev_name(cap->rev));
	else
		take(it, cap->rev == NEST_REV_RFC_V3_OR_V1 ? NEST_REV_V1 : cap->rev);
}

void nest_recognise(const struct nest_signs *signs, struct nest_recognition *ret)
{
	const struct nest_infocap *cap = capability(signs);

	*ret = (struct nest_recognition){ 0 };
	note_all(signs, cap, ret);
	if (signs->before || signs->after)
		by_version(signs, cap, ret);
	else if (cap)
		by_capability(signs, cap, ret);
	else if (signs->nesting_set == NEST_YES && signs->info && *signs->info->problem)
		decide(ret, NEST_RECOGNISED_UNTRIED,
		       "unknown: the chain of GET_INFO's capabilities is corrupt");
	else if (signs->nesting_set == NEST_YES && signs->info)
		decide(ret, NEST_RECOGNISED_NONE,
		       "no sign of one: mainline's IOMMU type 6, or a series that no safe request "
		       "reveals; no request is sent");
	else if (signs->nesting_set == NEST_NO)
		decide(ret, NEST_RECOGNISED_NONE,
		       "none: all of them need SET_IOMMU(6), which fails");
	else
		decide(ret, NEST_RECOGNISED_UNTRIED,
		       "unknown: SET_IOMMU(6), which needs a device, was not tried");
}
