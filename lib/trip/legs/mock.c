// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The legs against the kernel's mock device: iommufd's own code, no hardware. Its nested table has
 * a cache of four entries that can be looked at, in place of memory that DMA would reach.
 */
#include "backend/iommufd.h"
#include "backend/select.h"
#include "trip/run.h"

#include <errno.h>

#include "explain.h"
#include "kernel/kernel-undo.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd.h"

#define MOCK_IOVA	UINT64_C(0x2000000) /* in the mock's aperture, 16 MiB to 2 GiB */
#define REQUEST_WAIT_MS 1000

static int iommufd_of(const struct nest_trip_run *run)
{
	return nest_iommufd_space(run->space)->fd;
}

/* One request of the mock's own. */
static int test(struct nest_trip_run *run, struct iommu_test_cmd *cmd, enum nest_stage stage)
{
	int err;

	cmd->size = sizeof(*cmd);
	nest_trip_clock_start(run);
	err = nest_ioctl(run->ctx, iommufd_of(run), IOMMU_TEST_CMD, cmd);
	nest_trip_clock_stop(run);
	return err < 0 ? nest_failure_set(&run->failed, err, stage, "the mock device") : 0;
}

enum nest_leg_result nest_mock_open(struct nest_trip_run *run)
{
	enum nest_leg_result result;
	int err;

	run->mode = nest_mode_find("iommufd");
	run->lacks_s1 = "no nested table was bound";
	nest_trip_clock_start(run);
	err = nest_space_open(run->ctx, run->mode, &run->failed, &run->space);
	nest_trip_clock_stop(run);
	result = nest_trip_check_state(run, err);
	if (result)
		return result;
	run->has |= NEST_HAS_SPACE;
	run->report->abi = run->mode->name;
	nest_trip_evidence(
		run, "%s opened; what follows is the kernel's mock and says nothing of hardware",
		run->mode->node);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_mock_attach(struct nest_trip_run *run)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN };
	enum nest_leg_result result;
	int err = nest_iommufd_ioas(run->space);

	if (err)
		return nest_trip_check(run, err);
	cmd.id = nest_iommufd_space(run->space)->ioas;
	err = test(run, &cmd, NEST_STAGE_MOCK_DOMAIN);
	result = nest_trip_check(run, err);
	if (err == -ENOTTY || err == -EINVAL)
		nest_trip_obstacle_no_mock(run);
	if (result)
		return result;
	run->mock.stdev = cmd.mock_domain.out_stdev_id;
	run->mock.idev = cmd.mock_domain.out_idev_id;
	run->mock.hwpt = cmd.mock_domain.out_hwpt_id;
	nest_undo_push(run->ctx, "destroy the mock device", nest_iommufd_undo_destroy, run->space,
		       run->mock.stdev);
	run->has |= NEST_HAS_DEVICE;
	nest_trip_evidence(run,
			   "the kernel made a mock device and attached it to our address space");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_mock_map(struct nest_trip_run *run)
{
	struct iommu_test_cmd check = { .op = IOMMU_TEST_OP_MD_CHECK_MAP, .id = run->mock.hwpt };
	enum nest_leg_result result;
	int err = nest_trip_memory_new(run);

	if (err)
		return nest_trip_check(run, err);
	nest_trip_clock_start(run);
	err = nest_space_map(run->space, MOCK_IOVA, run->small.va,
			     run->small.npages * UINT64_C(4096), NEST_PROT_READ | NEST_PROT_WRITE);
	nest_trip_clock_stop(run);
	result = nest_trip_check_state(run, err);
	if (result)
		return result;
	check.check_map.iova = MOCK_IOVA;
	check.check_map.length = run->small.npages * UINT64_C(4096);
	check.check_map.uptr = (uintptr_t)run->small.va;
	err = test(run, &check, NEST_STAGE_MOCK_CHECK_MAP);
	if (!err)
		nest_trip_evidence(run, "the mock finds each of %zu pages where it was mapped",
				   run->small.npages);
	return nest_trip_check(run, err);
}

/* ---- the nested table ---- */

static int hwpt_alloc(struct nest_trip_run *run, struct iommu_hwpt_alloc *cmd, const char *what,
		      enum nest_stage stage, uint32_t *ret_id)
{
	int err;

	cmd->size = sizeof(*cmd);
	cmd->dev_id = run->mock.idev;
	nest_trip_clock_start(run);
	err = nest_ioctl(run->ctx, iommufd_of(run), IOMMU_HWPT_ALLOC, cmd);
	nest_trip_clock_stop(run);
	if (err < 0)
		return nest_failure_set(&run->failed, err, stage, "the mock device");
	*ret_id = cmd->out_hwpt_id;
	nest_undo_push(run->ctx, what, nest_iommufd_undo_destroy, run->space, *ret_id);
	return 0;
}

/* A kernel before 6.11 has no queue, and nests all the same. */
static int queue_alloc(struct nest_trip_run *run)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int err = nest_ioctl(run->ctx, iommufd_of(run), IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (err < 0) {
		nest_failure_set(&run->no_queue, err, NEST_STAGE_FAULT_QUEUE, "the mock device");
		return err == -ENOTTY ? 0
				      : nest_failure_set(&run->failed, err, NEST_STAGE_FAULT_QUEUE,
							 "the mock device");
	}
	nest_undo_push(run->ctx, "destroy fault queue", nest_iommufd_undo_destroy, run->space,
		       cmd.out_fault_id);
	nest_undo_push(run->ctx, "close fault queue", nest_undo_close, NULL, cmd.out_fault_fd);
	run->mock.fault = cmd.out_fault_id;
	run->mock.fault_fd = (int)cmd.out_fault_fd;
	run->queue = true;
	return 0;
}

static int replace(struct nest_trip_run *run, uint32_t pt_id)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
				      .id = run->mock.stdev };

	cmd.mock_domain_replace.pt_id = pt_id;
	return test(run, &cmd, NEST_STAGE_MOCK_REPLACE);
}

static int undo_replace(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_trip_run *run = object;

	(void)ctx;
	(void)arg;
	return replace(run, nest_iommufd_space(run->space)->ioas);
}

/* Does entry n of the table's cache hold value? */
static int entry_is(struct nest_trip_run *run, uint32_t n, uint32_t value)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MD_CHECK_IOTLB, .id = run->mock.nested };

	cmd.check_iotlb.id = n;
	cmd.check_iotlb.iotlb = value;
	return test(run, &cmd, NEST_STAGE_MOCK_CHECK_IOTLB);
}

/* Entries in the mask hold 0, the others what they held at first. */
static enum nest_leg_result expect_entries(struct nest_trip_run *run, unsigned int gone)
{
	uint32_t n;
	int err;

	for (n = 0; n < MOCK_NESTED_DOMAIN_IOTLB_NUM; n++) {
		err = entry_is(run, n, gone >> n & 1 ? 0 : IOMMU_TEST_IOTLB_DEFAULT);
		if (err == -EINVAL)
			return nest_trip_fail(
				run, "entry %u of the mock's cache should be %s, and is not", n,
				gone >> n & 1 ? "gone" : "there");
		if (err)
			return nest_trip_check(run, err);
	}
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_mock_bind(struct nest_trip_run *run)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct iommu_hwpt_alloc parent = { .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
					   .pt_id = nest_iommufd_space(run->space)->ioas };
	struct iommu_hwpt_alloc nested = { .data_type = IOMMU_HWPT_DATA_SELFTEST,
					   .data_len = sizeof(data),
					   .data_uptr = (uintptr_t)&data };
	enum nest_leg_result result;
	int err = hwpt_alloc(run, &parent, "destroy nest-parent HWPT", NEST_STAGE_NEST_PARENT,
			     &run->mock.parent);

	if (!err)
		err = queue_alloc(run);
	if (err)
		return nest_trip_check(run, err);
	nested.pt_id = run->mock.parent;
	nested.flags = run->queue ? IOMMU_HWPT_FAULT_ID_VALID : 0;
	nested.fault_id = run->mock.fault;
	err = hwpt_alloc(run, &nested, "destroy nested HWPT", NEST_STAGE_NESTED, &run->mock.nested);
	if (!err)
		err = replace(run, run->mock.nested);
	if (err)
		return nest_trip_check(run, err);
	nest_undo_push(run->ctx, "attach the plain mapping again", undo_replace, run, 0);
	run->has |= NEST_HAS_S1;
	result = expect_entries(run, 0);
	if (!result)
		nest_trip_evidence(run,
				   "a nested table stands on a nest parent and is attached to the "
				   "mock device%s",
				   run->queue ? ", with a fault queue" : "");
	return result;
}

static int invalidate(struct nest_trip_run *run, uint32_t flags, uint32_t n)
{
	struct iommu_hwpt_invalidate_selftest entry = { .flags = flags, .iotlb_id = n };
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = run->mock.nested,
		.data_uptr = (uintptr_t)&entry,
		.data_type = IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(entry),
		.entry_num = 1,
	};
	int err;

	nest_trip_clock_start(run);
	err = nest_ioctl(run->ctx, iommufd_of(run), IOMMU_HWPT_INVALIDATE, &cmd);
	nest_trip_clock_stop(run);
	if (err >= 0 && cmd.entry_num != 1)
		err = -EPROTO;
	return err < 0 ? nest_failure_set(&run->failed, err, NEST_STAGE_INVALIDATE,
					  "the mock device")
		       : 0;
}

enum nest_leg_result nest_mock_invalidate_page(struct nest_trip_run *run)
{
	enum nest_leg_result result = expect_entries(run, 0);

	if (!result)
		result = nest_trip_check(run, invalidate(run, 0, 1));
	if (!result)
		result = expect_entries(run, 1u << 1);
	if (!result)
		nest_trip_evidence(run, "needed and enough: entry 1 of the mock's cache was there "
					"until it was invalidated, entries 0, 2 and 3 still are");
	return result;
}

enum nest_leg_result nest_mock_invalidate_domain(struct nest_trip_run *run)
{
	enum nest_leg_result result;
	int err = entry_is(run, 0, IOMMU_TEST_IOTLB_DEFAULT);

	if (!err)
		err = invalidate(run, IOMMU_TEST_INVALIDATE_FLAG_ALL, 0);
	result = err ? nest_trip_check(run, err) : expect_entries(run, 0xf);
	if (!result)
		nest_trip_evidence(run, "all entries of the mock's cache are gone");
	return result;
}

/* ---- page requests ---- */

static enum nest_leg_result request(struct nest_trip_run *run, uint32_t group, uint64_t addr,
				    struct iommu_hwpt_pgfault *ret)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_TRIGGER_IOPF };
	ssize_t n;
	int err;

	cmd.trigger_iopf.dev_id = run->mock.idev;
	cmd.trigger_iopf.grpid = group;
	cmd.trigger_iopf.perm = IOMMU_PGFAULT_PERM_WRITE;
	cmd.trigger_iopf.addr = addr;
	err = test(run, &cmd, NEST_STAGE_MOCK_IOPF);
	if (err)
		return nest_trip_check(run, err);
	n = nest_kernel_poll(run->ctx, run->mock.fault_fd, REQUEST_WAIT_MS);
	if (n == 1)
		n = nest_kernel_read(run->ctx, run->mock.fault_fd, ret, sizeof(*ret));
	if (n < 0)
		return nest_trip_check(run,
				       nest_failure_set(&run->failed, (int)n, NEST_STAGE_QUEUE_READ,
							"the mock device"));
	if (n != sizeof(*ret) || ret->addr != addr || ret->grpid != group ||
	    !(ret->perm & IOMMU_PGFAULT_PERM_WRITE) ||
	    !(ret->flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE))
		return nest_trip_fail(run,
				      "the mock asked to write to 0x%llx in group %u, and that is "
				      "not what came to the fault queue",
				      (unsigned long long)addr, group);
	return NEST_LEG_PASSED;
}

static int answer(struct nest_trip_run *run, uint32_t cookie, uint32_t code)
{
	struct iommu_hwpt_page_response response = { .cookie = cookie, .code = code };
	ssize_t n = nest_kernel_write(run->ctx, run->mock.fault_fd, &response, sizeof(response));

	if (n >= 0 && n != sizeof(response))
		n = -EPROTO;
	return n < 0 ? nest_failure_set(&run->failed, (int)n, NEST_STAGE_QUEUE_WRITE,
					"the mock device")
		     : 0;
}

enum nest_leg_result nest_mock_respond(struct nest_trip_run *run)
{
	struct iommu_hwpt_pgfault fault;
	char text[512];
	enum nest_leg_result result;

	if (!run->queue) {
		nest_explain_failure(&run->no_queue, text, sizeof(text));
		return nest_trip_absent(run, "no fault queue could be had: %s", text);
	}
	result = request(run, 5, MOCK_IOVA, &fault);
	if (!result)
		result = nest_trip_check(run, answer(run, fault.cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	if (!result)
		result = request(run, 9, MOCK_IOVA + NEST_PAGE, &fault);
	if (!result)
		result = nest_trip_check(run, answer(run, fault.cookie, IOMMUFD_PAGE_RESP_INVALID));
	if (!result)
		nest_trip_evidence(run,
				   "two page requests of the mock came to the fault queue with "
				   "their address, right and group, and were answered success and "
				   "invalid; the mock does not tell what it heard");
	return result;
}

/* ---- the way back ---- */

enum nest_leg_result nest_mock_unbind(struct nest_trip_run *run)
{
	int err = nest_undo_now(run->ctx, undo_replace, run, 0);

	if (!err)
		err = nest_undo_now(run->ctx, nest_iommufd_undo_destroy, run->space,
				    run->mock.nested);
	run->has &= ~(unsigned int)NEST_HAS_S1;
	if (!err)
		nest_trip_evidence(
			run,
			"the mock device is back on the plain mapping, the nested table destroyed");
	return nest_trip_check(run, err);
}
