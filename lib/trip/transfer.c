// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transfers, and where they must end or that they must block. What endangers memory of others
 * ends here: the first transfer is an echo of what is there, and after one that did not arrive no
 * other is made.
 */
#include "trip/run.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "signals.h"

/* Our address of the page at gpa. */
static uint8_t *page_at(struct nest_trip_run *run, uint64_t gpa, uint8_t **ret_shadow)
{
	struct nest_area *area =
		gpa - run->small.gpa < run->small.npages * UINT64_C(4096) ? &run->small : &run->big;
	size_t at = (size_t)nest_area_swap(area, gpa - area->gpa);

	*ret_shadow = area->shadow + at;
	return area->va + at;
}

/* ---- to where translations lead that were used before ---- */

/* One write of what the device holds, on the leg's clock. */
static int send(struct nest_trip_run *run, uint64_t iova)
{
	int err;

	nest_trip_save_tables(run);
	nest_trip_clock_start(run);
	err = nest_stim_write(&run->stim, iova);
	nest_trip_clock_stop(run);
	return err;
}

enum nest_leg_result nest_trip_write(struct nest_trip_run *run, uint64_t iova,
				     struct nest_landing *ret)
{
	int err = nest_signals_pending() ? -EINTR : 0;

	/* Its bytes serve for several writes, since each is put back where it ended. */
	if (!err && !run->stim.prepared)
		err = nest_stim_prepare(&run->stim, ++run->seed);
	if (!err)
		err = send(run, iova);
	if (err)
		return nest_trip_check_stim(run, err);
	nest_trip_look_around(run, ret);
	/* Where all is blocked, so was what gave the device the bytes. */
	if (ret->kind == NEST_NOWHERE)
		run->stim.prepared = false;
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_trip_read(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				    bool *ret_saw)
{
	uint8_t *shadow, *page = page_at(run, gpa, &shadow);
	struct nest_landing landing;
	uint8_t saw[NEST_STIM_LEN];
	int err;

	if (nest_signals_pending())
		return nest_trip_check_stim(run, -EINTR);
	nest_stim_page(run->ops, ++run->seed, shadow);
	memcpy(page, shadow, NEST_PAGE);
	nest_trip_save_tables(run);
	nest_trip_clock_start(run);
	err = nest_stim_read(&run->stim, iova, saw);
	nest_trip_clock_stop(run);
	if (err)
		return nest_trip_check_stim(run, err);
	nest_trip_look_around(run, &landing);
	if (landing.kind != NEST_NOWHERE)
		return nest_trip_fail(run, "the device had to read only, but %s",
				      nest_trip_landing_text(run, &landing));
	/* One word of the page is enough to have seen it: each is unlike any other. */
	*ret_saw = false;
	for (size_t i = 0; i < nest_stim_len(run->ops); i += 8)
		if (!memcmp(saw + i, shadow + i, 8))
			*ret_saw = true;
	if (*ret_saw && memcmp(saw, shadow, nest_stim_len(run->ops)))
		return nest_trip_fail(run, "the device read only a part of the page at 0x%llx",
				      (unsigned long long)gpa);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_trip_expect(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				      const char *what)
{
	struct nest_landing landing;
	enum nest_leg_result result = nest_trip_write(run, iova, &landing);

	if (result)
		return result;
	if (landing.kind == NEST_ON_PAGE && landing.gpa == gpa)
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, &landing);
	if (result)
		return result;
	return nest_trip_fail(run, "%s: a write to 0x%llx must reach the page at 0x%llx, but %s",
			      what, (unsigned long long)iova, (unsigned long long)gpa,
			      nest_trip_landing_text(run, &landing));
}

/* A blocked access that is let go elsewhere may end in the device's own memory. */
static enum nest_leg_result blocked(struct nest_trip_run *run, uint64_t iova, const char *access,
				    const char *what)
{
	const char *trace = run->ops->astray ? run->ops->astray(&run->stim) : NULL;

	if (!trace)
		return NEST_LEG_PASSED;
	nest_trip_distrust(run);
	return nest_trip_fail(run, "%s: a %s 0x%llx must be blocked, but %s", what, access,
			      (unsigned long long)iova, trace);
}

enum nest_leg_result nest_trip_expect_blocked(struct nest_trip_run *run, uint64_t iova,
					      const char *what)
{
	struct nest_landing landing;
	enum nest_leg_result result;

	nest_trip_provoked(run, iova);
	result = nest_trip_write(run, iova, &landing);
	if (result)
		return result;
	if (landing.kind == NEST_NOWHERE)
		return blocked(run, iova, "write to", what);
	return nest_trip_fail(run, "%s: a write to 0x%llx must be blocked, but %s", what,
			      (unsigned long long)iova, nest_trip_landing_text(run, &landing));
}

enum nest_leg_result nest_trip_sweep(struct nest_trip_run *run)
{
	struct nest_landing landing;

	if (!run->tables_before || !run->small.shadow)
		return NEST_LEG_PASSED;
	nest_trip_save_tables(run);
	nest_trip_look_at_all(run, &landing);
	if (landing.kind == NEST_NOWHERE)
		return NEST_LEG_PASSED;
	nest_trip_distrust(run);
	return nest_trip_fail(run, "memory changed that no transfer was for: %s",
			      nest_trip_landing_text(run, &landing));
}

/* ---- through new ones ---- */

/* The device reads the page, which is cleared then, and writes the same bytes back. */
static enum nest_leg_result echo(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				 const char *what)
{
	const struct nest_landing nowhere = { .kind = NEST_NOWHERE };
	uint8_t *shadow, *page = page_at(run, gpa, &shadow);
	struct nest_landing landing;
	enum nest_leg_result result;
	bool came_back = false;
	int err;

	if (nest_signals_pending())
		return nest_trip_check_stim(run, -EINTR);
	nest_trip_save_tables(run);
	nest_trip_clock_start(run);
	err = nest_stim_echo(&run->stim, iova, page, ++run->seed, &came_back);
	nest_trip_clock_stop(run);
	if (!came_back)
		memcpy(page, shadow, NEST_PAGE);
	if (err)
		return nest_trip_check_stim(run, err);
	nest_trip_look_around(run, &landing);
	if (came_back && landing.kind == NEST_ON_PAGE && landing.gpa == gpa)
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, came_back ? &landing : &nowhere);
	if (result)
		return result;
	if (came_back)
		return nest_trip_fail(run, "%s: the page at 0x%llx came back, but %s", what,
				      (unsigned long long)gpa,
				      nest_trip_landing_text(run, &landing));
	return nest_trip_fail(run,
			      "%s: the device was told to read the page at 0x%llx through 0x%llx "
			      "and write it back, but the page did not change",
			      what, (unsigned long long)gpa, (unsigned long long)iova);
}

enum nest_leg_result nest_trip_arrive(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				      const char *what)
{
	return run->stim.can & NEST_STIM_READ ? echo(run, iova, gpa, what)
					      : nest_trip_expect(run, iova, gpa, what);
}

/* Is this word of a page, at its place, one that a page of the area holds there? */
static bool holds(const struct nest_area *area, size_t at, const uint8_t *word)
{
	static const uint8_t zero[8];
	size_t page;

	if (!memcmp(word, zero, 8))
		return false;
	for (page = 0; page < area->npages; page++)
		if (!memcmp(area->va + page * NEST_PAGE + at, word, 8))
			return true;
	return false;
}

/*
 * After a blocked read the device may still hold what it had. So it is given bytes that are in no
 * page any more: where it took them from, there are others by then.
 */
enum nest_leg_result nest_trip_expect_read_blocked(struct nest_trip_run *run, uint64_t iova,
						   const char *what)
{
	uint8_t saw[NEST_STIM_LEN];
	size_t at;
	int err = nest_signals_pending() ? -EINTR : nest_stim_prepare(&run->stim, ++run->seed);

	nest_trip_provoked(run, iova);
	if (!(run->stim.can & NEST_STIM_DESCRIPTORS))
		nest_stim_pattern(++run->seed, run->stim.scratch, NEST_STIM_SCRATCH);
	nest_trip_clock_start(run);
	if (!err)
		err = nest_stim_read(&run->stim, iova, saw);
	nest_trip_clock_stop(run);
	if (err)
		return nest_trip_check_stim(run, err);
	/* The device showed it there. */
	memset(run->stim.scratch, 0, NEST_STIM_LEN);
	for (at = 0; at < nest_stim_len(run->ops); at += 8)
		if (holds(&run->small, at, saw + at) || holds(&run->big, at, saw + at))
			return nest_trip_fail(run,
					      "%s: a read from 0x%llx must be blocked, but it "
					      "returned bytes of a page that the tool knows",
					      what, (unsigned long long)iova);
	return blocked(run, iova, "read from", what);
}

enum nest_leg_result nest_trip_listen(struct nest_trip_run *run, uint64_t iova, const char *what,
				      struct nest_watch_fault *ret, bool *ret_heard)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	int attempt, err, got = 0;

	/* The second time is for a line that the kernel's rate limit swallowed. */
	for (attempt = 0; !got && attempt < 2; attempt++) {
		nest_trip_tick(run);
		err = attempt ? nest_kernel_sleep(run->ctx, NEST_WATCH_WINDOW_NS) : 0;
		result = nest_trip_check(run, err);
		got = result ? 0 : nest_trip_drain_log(run);
		if (!result)
			result = nest_trip_expect_blocked(run, iova, what);
		if (result)
			return result;
		if (!got)
			got = nest_watch_wait(run->ctx, &run->log, &run->names, NEST_WATCH_ANY,
					      NEST_LISTEN_MS, ret, NULL);
	}
	*ret_heard = got == 1;
	return got == -EINTR ? nest_trip_check(run, got) : NEST_LEG_PASSED;
}

/* ---- across pages ---- */

/* The same transfer the other way, which harms nothing if it goes on in a page of others. */
static enum nest_leg_result read_span(struct nest_trip_run *run, uint64_t iova, uint64_t first,
				      uint64_t second, const char *what)
{
	size_t offset = iova % NEST_PAGE, all = nest_stim_len(run->ops);
	size_t len = MIN(NEST_PAGE - offset, all);
	uint8_t saw[NEST_STIM_LEN], *head, *tail;
	int err = nest_signals_pending() ? -EINTR : nest_stim_read(&run->stim, iova, saw);

	if (err)
		return nest_trip_check_stim(run, err);
	page_at(run, first, &head);
	page_at(run, second, &tail);
	if (!memcmp(saw, head + offset, len) && !memcmp(saw + len, tail, all - len))
		return NEST_LEG_PASSED;
	nest_trip_distrust(run);
	return nest_trip_fail(
		run,
		"%s: %zu bytes from 0x%llx must be those of two pages, but other bytes "
		"were read",
		what, all, (unsigned long long)iova);
}

/* Did these bytes arrive whole, or not at all? The page is put back. */
static bool arrived(uint8_t *page, uint8_t *shadow, size_t from, const uint8_t *bytes, size_t len,
		    bool *ret_none)
{
	bool all = !memcmp(page + from, bytes, len);

	*ret_none = !memcmp(page + from, shadow + from, len);
	if (all)
		memcpy(page + from, shadow + from, len);
	return all;
}

enum nest_leg_result nest_trip_span(struct nest_trip_run *run, uint64_t iova, uint64_t first,
				    uint64_t second, const char *what)
{
	size_t offset = iova % NEST_PAGE, all = nest_stim_len(run->ops);
	size_t len = MIN(NEST_PAGE - offset, all);
	struct nest_landing landing;
	enum nest_leg_result result;
	uint8_t *shadow, *page;
	bool none, whole;
	int err;

	if (second != NEST_UNREACHABLE && run->stim.can & NEST_STIM_READ_ACROSS) {
		result = read_span(run, iova, first, second, what);
		if (result)
			return result;
	}
	err = nest_signals_pending() ? -EINTR : nest_stim_prepare(&run->stim, ++run->seed);
	if (!err)
		err = send(run, iova);
	if (err)
		return nest_trip_check_stim(run, err);
	page = page_at(run, first, &shadow);
	whole = arrived(page, shadow, offset, run->stim.bytes, len, &none);
	/* Where the second page is out of reach, the device may give up the first part, too. */
	if (second == NEST_UNREACHABLE) {
		nest_trip_provoked(run, iova);
		nest_trip_provoked(run, iova + NEST_PAGE);
		whole = whole || none;
	} else {
		page = page_at(run, second, &shadow);
		whole = arrived(page, shadow, 0, run->stim.bytes + len, all - len, &none) && whole;
	}
	nest_trip_look_around(run, &landing);
	if (whole && landing.kind == NEST_NOWHERE)
		return NEST_LEG_PASSED;
	result = landing.kind == NEST_NOWHERE ? nest_trip_missed(run, &landing) : NEST_LEG_PASSED;
	if (result)
		return result;
	nest_trip_distrust(run);
	return nest_trip_fail(run,
			      "%s: %zu bytes to 0x%llx must change these bytes and no others, but "
			      "%s%s",
			      what, all, (unsigned long long)iova,
			      whole ? "" : "they did not arrive whole; ",
			      nest_trip_landing_text(run, &landing));
}
