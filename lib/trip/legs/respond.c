// SPDX-License-Identifier: GPL-2.0-or-later
/* Page requests: the device asks for a page, we answer, and the device hears the answer. */
#include "plural.h"
#include "trip/run.h"
#include "trip/legs.h"

#include <errno.h>

#include "backend/iommufd-mock.h"
#include "explain.h"

#define REQUEST_WAIT_MS	  1000
#define EARLY_WAIT_MS	  20
#define LATE_NS		  UINT64_C(50000000)
#define RESPONSE_LIMIT_NS UINT64_C(1000000000)
#define RESPONSE_NAP_NS	  UINT64_C(1000000)

/* Codes of a page response (PCI Express, page request services). */
#define CODE_SUCCESS 0
#define CODE_INVALID 1

/* The mock has no registers that tell what it heard. */
static bool hears(const struct nest_trip_run *run)
{
	return run->dev;
}

/* What the device has heard so far; nothing where that cannot be known. */
static int listen(struct nest_trip_run *run, struct nest_stim_response *ret)
{
	*ret = (struct nest_stim_response){ 0 };
	return hears(run) ? nest_stim_page_response(&run->stim, ret) : 0;
}

/* Has the device heard "invalid" since, though nobody here said so? */
static bool was_refused(struct nest_trip_run *run, const struct nest_stim_response *before)
{
	struct nest_stim_response now;

	return !nest_stim_page_response(&run->stim, &now) && now.count != before->count &&
	       now.code == CODE_INVALID;
}

/* Does the device take the group that it is told? Otherwise it numbers its requests itself. */
static bool takes_group(const struct nest_trip_run *run)
{
	return !(run->stim.can & NEST_STIM_OWN_GROUP);
}

/* Has the device send it. */
static int send(struct nest_trip_run *run, const struct nest_stim_request *request)
{
	return run->dev ? nest_stim_page_request(&run->stim, request)
			: nest_mock_request_page(run->s1, request->iova, request->group);
}

/* Sends a request for a page to write to, or to read, and takes it from the queue. */
static enum nest_leg_result ask(struct nest_trip_run *run, uint64_t giova, uint16_t group,
				bool write, struct nest_s1_fault *ret)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_stim_request request = {
		.iova = giova, .read = !write, .write = write, .last = true, .group = group
	};
	/* The mock asks for what it likes. */
	unsigned int perm = !run->dev ? 0 : write ? NEST_PROT_WRITE : NEST_PROT_READ;
	const char *access = write ? "write" : "read";
	struct nest_stim_response before;
	struct nest_s1_fault got[4];
	size_t n = 0;
	int err;

	err = listen(run, &before);
	nest_trip_clock_start(run);
	if (!err)
		err = send(run, &request);
	if (!err)
		err = stage1->faults(run->s1, REQUEST_WAIT_MS, got, 4, &n);
	nest_trip_clock_stop(run);
	if (err)
		return run->failed.stage ? nest_trip_check(run, err)
					 : nest_trip_check_stim(run, err);
	if (!n && hears(run) && was_refused(run, &before))
		return nest_trip_skip(
			run,
			"the kernel answered the page request itself with \"invalid\" and queued "
			"nothing%s",
			run->stim.pasid
				? ""
				: ": it queues no page requests without PASID (as Linux 6.12)");
	if (!n)
		return nest_trip_fail(
			run,
			"the device requested the page at 0x%llx, but the fault queue stayed empty",
			(unsigned long long)giova);
	*ret = got[0];
	/* A device whose DMA is the request may ask for more rights than the access needs. */
	if (n == 1 && !takes_group(run)) {
		group = got[0].group;
		perm = perm | got[0].perm;
	}
	if (n != 1 || got[0].addr != giova || got[0].group != group || !got[0].last ||
	    (perm && got[0].perm != perm))
		return nest_trip_fail(
			run,
			"the device requested %s access to 0x%llx in group %u, but the queue "
			"held %zu requests, the first for 0x%llx in group %u with rights %u%s",
			access, (unsigned long long)giova, group, n,
			(unsigned long long)got[0].addr, got[0].group, got[0].perm,
			got[0].last ? "" : ", not the last of its group");
	if (got[0].have_pasid != (run->stim.pasid != 0) ||
	    (got[0].have_pasid && got[0].pasid != run->stim.pasid))
		return nest_trip_fail(run,
				      "the device sent a request with PASID 0x%x, but the queue "
				      "holds it with PASID 0x%x",
				      run->stim.pasid, got[0].have_pasid ? got[0].pasid : 0);
	nest_trip_evidence(run,
			   "the device requested %s access to GIOVA 0x%llx%s: the fault queue held "
			   "that address, access and group",
			   access, (unsigned long long)giova,
			   run->stim.pasid ? " with its PASID" : "");
	return NEST_LEG_PASSED;
}

/* A group of two: both come with the last, and one answer is for both. */
static enum nest_leg_result ask_two(struct nest_trip_run *run, uint64_t giova, uint16_t group,
				    struct nest_s1_fault *ret)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_stim_request first = { .iova = giova, .read = true, .group = group };
	struct nest_stim_request last = {
		.iova = giova + run->page, .write = true, .last = true, .group = group
	};
	struct nest_s1_fault got[4];
	size_t n = 0, early = 0, lasts = 0, i;
	bool whole;
	int err;

	nest_trip_clock_start(run);
	err = send(run, &first);
	if (!err)
		err = stage1->faults(run->s1, EARLY_WAIT_MS, got, 4, &early);
	if (!err && !early)
		err = send(run, &last);
	if (!err && !early)
		err = stage1->faults(run->s1, REQUEST_WAIT_MS, got, 4, &n);
	nest_trip_clock_stop(run);
	if (err)
		return run->failed.stage ? nest_trip_check(run, err)
					 : nest_trip_check_stim(run, err);
	if (early)
		return nest_trip_fail(run, "the queue held a request before the last of its group "
					   "was sent");
	whole = n == 2 && got[0].cookie == got[1].cookie;
	for (i = 0; i < n; i++) {
		const struct nest_stim_request *sent = got[i].addr == giova ? &first : &last;

		lasts += got[i].last;
		whole = whole && got[i].addr == sent->iova && got[i].group == group &&
			got[i].last == sent->last &&
			got[i].perm == (sent->write ? NEST_PROT_WRITE : NEST_PROT_READ);
	}
	if (!whole || lasts != 1)
		return nest_trip_fail(
			run,
			"the device sent two requests in group %u, but the queue held "
			"%zu, and not as they were sent",
			group, n);
	*ret = got[0].last ? got[0] : got[1];
	nest_trip_evidence(run,
			   "a group of two requests, for reading and for writing, arrived with "
			   "its last one");
	return NEST_LEG_PASSED;
}

/* A late answer: until then the device must wait. */
static enum nest_leg_result leave_waiting(struct nest_trip_run *run)
{
	struct nest_stim_response before, now;
	int err = listen(run, &before);

	if (!err)
		err = nest_kernel_sleep(run->ctx, LATE_NS);
	if (!err)
		err = listen(run, &now);
	if (err)
		return err == -EINTR ? nest_trip_check(run, err) : nest_trip_check_stim(run, err);
	if (hears(run) && now.count != before.count)
		return nest_trip_fail(run,
				      "the device went on before its page request was answered");
	if (hears(run))
		nest_trip_evidence(run, "for 50 ms without an answer the device waited");
	return NEST_LEG_PASSED;
}

/* A record that blames another access misleads the driver, and nothing else. */
static void compare_record(struct nest_trip_run *run, const struct nest_s1_fault *fault,
			   const struct nest_stim_response *heard)
{
	const uint64_t page = ~UINT64_C(0xfff);
	bool write = fault->perm & NEST_PROT_WRITE;
	/* A device may ask for more than it needs, and the request does not tell which it needs. */
	bool either = write && fault->perm & NEST_PROT_READ;

	if (!((heard->address ^ fault->addr) & page) && (either || heard->wrote == write))
		return;
	nest_trip_deviates(run, "device_record",
			   "the device's record blames a %s at 0x%llx; it was a %s at 0x%llx",
			   heard->wrote ? "write" : "read", (unsigned long long)heard->address,
			   write ? "write" : "read", (unsigned long long)fault->addr);
}

/* Answers, and waits until the device has heard it. */
static enum nest_leg_result answer(struct nest_trip_run *run, const struct nest_s1_fault *fault,
				   bool resolved)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	uint64_t deadline = nest_kernel_now(run->ctx) + RESPONSE_LIMIT_NS;
	struct nest_stim_response before, heard;
	unsigned int want = resolved ? CODE_SUCCESS : CODE_INVALID;
	enum nest_leg_result result;
	int err = listen(run, &before);

	if (err)
		return nest_trip_check_stim(run, err);
	heard = before;
	nest_trip_clock_start(run);
	err = stage1->respond(run->s1, fault->cookie, resolved);
	while (!err && hears(run)) {
		if (nest_stim_page_response(&run->stim, &heard) || heard.count != before.count ||
		    nest_kernel_now(run->ctx) >= deadline)
			break;
		err = nest_kernel_sleep(run->ctx, RESPONSE_NAP_NS);
	}
	nest_trip_clock_stop(run);
	if (err)
		return nest_trip_check(run, err);
	if (!hears(run)) {
		nest_trip_evidence(run, "answered %s; the mock does not report what it received",
				   resolved ? "success" : "invalid");
		return NEST_LEG_PASSED;
	}
	/* All ones are what a device that is gone has heard. */
	result = nest_trip_excuse(run);
	if (result)
		return result;
	if (heard.count == before.count)
		return nest_trip_fail(run, "the device received no answer");
	if (!takes_group(run))
		heard.group = fault->group;
	if (heard.count != before.count + 1 || heard.group != fault->group || heard.code != want)
		return nest_trip_fail(run,
				      "the device received code %u for group %u, not %u for %u",
				      heard.code, heard.group, want, fault->group);
	if (heard.record && !resolved)
		compare_record(run, fault, &heard);
	if (heard.record)
		nest_trip_evidence(run,
				   "answered %s: the device went on, and its record has status "
				   "0x%02x (code %u)",
				   resolved ? "success" : "invalid", heard.record, heard.code);
	else
		nest_trip_evidence(run, "answered %s: the device received code %u for its group",
				   resolved ? "success" : "invalid", heard.code);
	return NEST_LEG_PASSED;
}

static enum nest_leg_result page_requests(struct nest_trip_run *run, uint64_t giova)
{
	uint64_t page = nest_trip_slot(run, NEST_TARGET_PAGE_REQUEST);
	bool dma = run->has & NEST_HAS_STIM;
	struct nest_s1_fault fault;
	enum nest_leg_result result = dma ? nest_trip_clear(run, giova) : NEST_LEG_PASSED;

	if (!result)
		result = ask(run, giova, 0x155, true, &fault);
	if (!result)
		result = leave_waiting(run);
	if (!result && dma)
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
	if (!result)
		result = answer(run, &fault, true);
	if (!result && dma)
		result = nest_trip_expect(run, giova, page, "after the page was granted");
	if (!result && dma)
		nest_trip_evidence(
			run,
			"the entry was filled before the answer, and the DMA reached that page");
	if (!result && dma)
		result = nest_trip_clear(run, giova);
	if (!result)
		result = ask(run, giova, 0xaa, false, &fault);
	if (!result)
		result = answer(run, &fault, false);
	if (!result && dma)
		result = nest_trip_expect_blocked(run, giova, "after the page was denied");
	if (!result && dma)
		nest_trip_evidence(run, "DMA to the denied page was blocked");
	/* The ABI of 2020 passes on each request by itself. */
	if (!result && run->dev && !nest_trip_is_per_pasid(run) && takes_group(run)) {
		result = ask_two(run, giova, 0x1ff, &fault);
		if (!result)
			result = answer(run, &fault, false);
	}
	return result;
}

/* A refusal that says that there is none of it here, as opposed to one that should not be. */
static bool is_absence(int err)
{
	return err == ENODEV || err == EOPNOTSUPP || err == ENOTTY;
}

enum nest_leg_result nest_leg_respond(struct nest_trip_run *run)
{
	char text[512];

	if (!run->pri)
		return nest_trip_absent(run, "the device has no page request capability (PRI)");
	if (!run->queue) {
		nest_explain_failure(&run->no_queue, text, sizeof(text));
		return (is_absence(run->no_queue.err) ? nest_trip_absent : nest_trip_skip)(
			run, "no fault queue: %s", text);
	}
	if (run->dev && !(run->stim.can & NEST_STIM_PAGE_REQUEST))
		return nest_trip_absent(run,
					"%s cannot send page requests, or they are switched off",
					run->ops->name);
	return page_requests(run, nest_trip_giova(run, NEST_TARGET_PAGE_REQUEST));
}
