// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first stage through iommufd: parent and nested HWPTs, invalidation, the fault queue. What
 * the kernel takes for each format of tables is a row.
 */
#include "backend/iommufd-s1.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "uapi/vfio.h"
#include "backend/vdev.h"
#include "util.h"

#define PAGE	   4096
#define FAULTS_MAX 32 /* page requests read at once; a group that is longer does not fit */

/* ---- what the kernel takes for each format ---- */

static uint32_t fill_vtd_table(const struct nest_s1_config *config, union nest_iommufd_table *table)
{
	table->vtd = (struct iommu_hwpt_vtd_s1){
		.pgtbl_addr = config->table,
		.addr_width = config->format->input_bits,
	};
	return sizeof(table->vtd);
}

static void fill_vtd_entries(const struct nest_s1_config *config, const struct nest_s1_scope *scope,
			     struct nest_iommufd_entries *ret)
{
	bool all = scope->reach >= NEST_S1_PASID;

	(void)config;
	ret->vtd[0] = (struct iommu_hwpt_vtd_s1_invalidate){
		.addr = all ? 0 : scope->addr,
		.npages = all ? UINT64_MAX : scope->npages,
		.flags = scope->leaf ? IOMMU_VTD_INV_FLAGS_LEAF : 0,
	};
	ret->len = sizeof(ret->vtd[0]);
	ret->num = 1;
}

static uint32_t fill_mock_table(const struct nest_s1_config *config,
				union nest_iommufd_table *table)
{
	(void)config;
	table->mock.iotlb = IOMMU_TEST_IOTLB_DEFAULT;
	return sizeof(table->mock);
}

/* The mock knows no addresses: page n stands for slot n of its cache. */
static void fill_mock_entries(const struct nest_s1_config *config,
			      const struct nest_s1_scope *scope, struct nest_iommufd_entries *ret)
{
	(void)config;
	ret->mock[0] = (struct iommu_hwpt_invalidate_selftest){ 0 };
	if (scope->reach == NEST_S1_PAGE)
		ret->mock[0].iotlb_id = (uint32_t)(scope->addr / PAGE);
	else
		ret->mock[0].flags = IOMMU_TEST_INVALIDATE_FLAG_ALL;
	ret->len = sizeof(ret->mock[0]);
	ret->num = 1;
}

static const struct nest_iommufd_row vtd_row = {
	.formats = { &nest_s1_x86 },
	.table_type = IOMMU_HWPT_DATA_VTD_S1,
	.fill_table = fill_vtd_table,
	.entry_type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
	.fill_entries = fill_vtd_entries,
	.refuses_unaligned = true,
	.events = NEST_EVENTS_FAULT_QUEUE,
};

static const struct nest_iommufd_row mock_row = {
	.formats = { &nest_s1_mock },
	.table_type = IOMMU_HWPT_DATA_SELFTEST,
	.fill_table = fill_mock_table,
	.entry_type = IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
	.fill_entries = fill_mock_entries,
	.events = NEST_EVENTS_FAULT_QUEUE,
};

static const struct nest_iommufd_row *const rows[] = { &vtd_row, &nest_iommufd_smmuv3_row,
						       &mock_row };

static const struct nest_iommufd_row *row_of(const struct nest_s1_format *format)
{
	size_t i, n;

	for (i = 0; format && i < ARRAY_SIZE(rows); i++)
		for (n = 0; n < ARRAY_SIZE(rows[i]->formats); n++)
			if (rows[i]->formats[n] == format)
				return rows[i];
	return NULL;
}

/*
 * Kinds of hardware whose tables this tool has no format of, though iommufd has a number for them:
 * empty ones are tried, which tells whether the kernel implements the request. AMD's vIOMMU has no
 * type of its own up to 7.3, where the driver makes one of any type; this is the next free number.
 */
static const struct {
	uint32_t info_type;
	struct nest_iommufd_try ask;
} unfilled[] = {
	{ IOMMU_HW_INFO_TYPE_AMD,
	  { .viommu_type = IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV + 1,
	    .unfilled = true,
	    .data_type = IOMMU_HWPT_DATA_AMD_GUEST,
	    .len = sizeof(struct iommu_hwpt_amd_guest) } },
};

static const struct nest_s1_format *format_for(const struct nest_hw *hw,
					       const struct nest_hw_values *values)
{
	struct nest_hw_walk walk = { 0 };

	if (hw)
		walk = nest_hw_walk(hw, values, 0);
	return walk.s1 ? nest_s1_find(walk.s1) : &nest_s1_x86;
}

struct nest_iommufd_try nest_iommufd_try_of(const struct nest_hw *hw,
					    const struct nest_hw_values *values)
{
	const struct nest_s1_format *format = format_for(hw, values);
	const struct nest_iommufd_row *row = format ? row_of(format) : NULL;
	const struct nest_s1_config config = { .format = format, .asid = 1 };
	const struct nest_s1_scope scope = { .reach = NEST_S1_ALL };
	struct nest_iommufd_try ret = { 0 };
	struct nest_iommufd_entries entries;
	union nest_iommufd_table table = { 0 };
	size_t i;

	for (i = 0; hw && i < ARRAY_SIZE(unfilled); i++)
		if (hw->info_type == unfilled[i].info_type)
			return unfilled[i].ask;
	if (!row)
		return ret;
	ret.viommu_type = row->viommu_type;
	ret.data_type = row->table_type;
	ret.len = row->fill_table(&config, &table);
	memcpy(ret.data, &table, ret.len);
	row->fill_entries(&config, &scope, &entries);
	ret.entry_type = row->entry_type;
	ret.entry_len = entries.len;
	/* Drivers with a vIOMMU refuse a request of no entries. */
	if (row->viommu_type) {
		ret.entry_num = 1;
		memcpy(ret.entry, &entries, entries.len);
	}
	return ret;
}

/* ---- a first stage ---- */

static struct nest_iommufd_space *space_of(const struct iommufd_s1 *own)
{
	return nest_iommufd_space(own->s1.space);
}

uint32_t nest_iommufd_nested_id(struct nest_s1 *s1)
{
	return iommufd_s1(s1)->nested;
}

uint32_t nest_iommufd_invalidated_id(struct nest_s1 *s1)
{
	struct iommufd_s1 *own = iommufd_s1(s1);

	return own->row->viommu_type ? space_of(own)->viommu : own->nested;
}

/* ---- undo steps; their object is the iommufd_s1 where nothing else is said ---- */

static int undo_attach(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	return nest_iommufd_undo_table(ctx, ((struct iommufd_s1 *)object)->s1.vdev, arg);
}

static int undo_attach_pasid(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct iommufd_s1 *own = object;

	(void)ctx;
	(void)arg;
	return nest_iommufd_detach_pt(own->s1.space, own->s1.vdev, &own->s1.config.pasid);
}

/* ---- what bind allocates ---- */

/* The second stage that nested tables stand on; one serves them all. */
static int parent_alloc(struct nest_space *space, struct nest_vdev *vdev)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.pt_id = own->ioas,
	};

	int err;

	if (own->parent)
		return 0;
	err = nest_iommufd_hwpt_alloc(space, vdev, &cmd, NEST_STAGE_NEST_PARENT, &own->parent);
	if (!err)
		nest_undo_push(space->ctx, "destroy nest-parent HWPT", nest_iommufd_undo_destroy,
			       space, own->parent);
	return err;
}

static int queue_alloc(struct iommufd_s1 *own)
{
	struct nest_space *space = own->s1.space;
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int err = nest_ioctl(space->ctx, space_of(own)->fd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (err < 0)
		return nest_failure_set(space->failed, err, NEST_STAGE_FAULT_QUEUE, "%s",
					own->s1.vdev->name);
	/* The queue is busy while its fd is open, so the fd is closed before. */
	nest_undo_push(space->ctx, "destroy fault queue", nest_iommufd_undo_destroy, space,
		       cmd.out_fault_id);
	nest_undo_push(space->ctx, "close fault queue", nest_undo_close, NULL, cmd.out_fault_fd);
	own->fault = cmd.out_fault_id;
	own->fault_fd = (int)cmd.out_fault_fd;
	return 0;
}

static int nested_alloc(struct iommufd_s1 *own, uint32_t *ret_id)
{
	const struct nest_s1_config *config = &own->s1.config;
	union nest_iommufd_table table;
	const struct nest_iommufd_space *space = space_of(own);
	struct iommu_hwpt_alloc cmd = {
		.flags = (config->faults ? IOMMU_HWPT_FAULT_ID_VALID : 0) |
			 (config->have_pasid ? IOMMU_HWPT_ALLOC_PASID : 0),
		.pt_id = own->row->viommu_type ? space->viommu : space->parent,
		.data_type = own->row->table_type,
		.data_len = own->row->fill_table(config, &table),
		.data_uptr = (uintptr_t)&table,
		.fault_id = own->fault,
	};
	int err = nest_iommufd_hwpt_alloc(own->s1.space, own->s1.vdev, &cmd, NEST_STAGE_NESTED,
					  ret_id);

	if (!err)
		nest_undo_push(own->s1.space->ctx, "destroy nested HWPT", nest_iommufd_undo_destroy,
			       own->s1.space, *ret_id);
	return err;
}

int nest_iommufd_table_new(struct nest_s1 *s1, uint32_t *ret_id)
{
	return nested_alloc(iommufd_s1(s1), ret_id);
}

/*
 * While one of its PASIDs has a table, the device itself must be on one that was allocated for use
 * with PASIDs (drivers/iommu/iommufd/device.c, iommufd_hwpt_pasid_compat()); the automatic one was
 * not.
 */
static int plain_alloc(struct iommufd_s1 *own)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_ALLOC_PASID,
		.pt_id = space_of(own)->ioas,
	};

	int err = nest_iommufd_hwpt_alloc(own->s1.space, own->s1.vdev, &cmd, NEST_STAGE_HWPT_PASID,
					  &own->plain);

	if (!err)
		nest_undo_push(own->s1.space->ctx, "destroy plain HWPT", nest_iommufd_undo_destroy,
			       own->s1.space, own->plain);
	return err;
}

static int invalidate(struct nest_s1 *s1, const struct nest_s1_scope *scope);

/*
 * Translations are kept by the number in the context descriptor, and the kernel does not know when
 * its owner gives the number to another table.
 */
static int forget_former(struct iommufd_s1 *own)
{
	const struct nest_s1_scope scope = { .reach = NEST_S1_CONTEXT };

	return invalidate(&own->s1, &scope);
}

/* Puts the table in front of the device, or of one PASID. */
static int attach(struct iommufd_s1 *own)
{
	struct nest_space *space = own->s1.space;
	struct nest_vdev *vdev = own->s1.vdev;
	const uint32_t *pasid = &own->s1.config.pasid;
	bool tagged = own->s1.config.have_pasid;
	int err = 0;

	if (!own->s1.config.beside)
		err = space_of(own)->attach_pt(space, vdev, tagged ? own->plain : own->nested, NULL,
					       tagged ? NEST_STAGE_ATTACH_PLAIN
						      : NEST_STAGE_ATTACH_NESTED);
	if (err)
		return err;
	if (!own->s1.config.beside)
		nest_undo_push(space->ctx, "attach the plain mapping again", undo_attach, own, 0);
	if (!tagged)
		return 0;
	err = space_of(own)->attach_pt(space, vdev, own->nested, pasid, NEST_STAGE_ATTACH_PASID);
	if (err)
		return err;
	nest_undo_push(space->ctx, "detach a PASID", undo_attach_pasid, own, 0);
	return 0;
}

static int alone(struct nest_space *space, struct nest_vdev *vdev, bool on)
{
	int err;

	if (!on)
		return nest_undo_now(space->ctx, nest_iommufd_undo_table, vdev, 0);
	err = parent_alloc(space, vdev);
	if (!err)
		err = nest_iommufd_space(space)->attach_pt(space, vdev,
							   nest_iommufd_space(space)->parent, NULL,
							   NEST_STAGE_ATTACH_PLAIN);
	if (!err)
		nest_undo_push(space->ctx, "attach the plain mapping again",
			       nest_iommufd_undo_table, vdev, 0);
	return err;
}

static int bind(struct nest_space *space, struct nest_vdev *vdev,
		const struct nest_s1_config *config, struct nest_s1 **ret_s1)
{
	const struct nest_iommufd_row *row = row_of(config->format);
	struct iommufd_s1 *own;
	uint32_t virt_id = 0;
	int err;

	if (!row)
		return nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_NESTED, "%s",
					vdev->name);
	if (config->faults && row->events != NEST_EVENTS_FAULT_QUEUE)
		return nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_FAULT_QUEUE, "%s",
					vdev->name);
	if (config->kind && !row->viommu_type)
		return nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_NESTED, "%s",
					vdev->name);
	err = parent_alloc(space, vdev);
	if (!err && row->viommu_type)
		err = nest_iommufd_viommu(space, vdev, row, &virt_id);
	if (err)
		return err;
	own = calloc(1, sizeof(*own));
	if (!own)
		return nest_failure_set(space->failed, -ENOMEM, NEST_STAGE_MEMORY, "%s",
					vdev->name);
	own->s1 = (struct nest_s1){
		.space = space,
		.vdev = vdev,
		.config = *config,
		.refuses_unaligned = row->refuses_unaligned,
		.has_events = nest_iommufd_space(space)->events_fd > 0,
	};
	own->s1.config.virt_id = virt_id;
	own->row = row;
	own->fault_fd = -1;
	nest_undo_push(space->ctx, "forget a first stage", nest_undo_free, own, 0);
	if (config->faults)
		err = queue_alloc(own);
	if (!err)
		err = nested_alloc(own, &own->nested);
	if (!err && config->have_pasid && !config->beside)
		err = plain_alloc(own);
	if (!err)
		err = attach(own);
	if (!err && config->context && config->kind == NEST_S1_TABLE)
		err = forget_former(own);
	if (err)
		return err;
	*ret_s1 = &own->s1;
	return 0;
}

static int unbind(struct nest_s1 *s1)
{
	struct iommufd_s1 *own = iommufd_s1(s1);
	struct nest_space *space = s1->space;
	struct nest_ctx *ctx = space->ctx;
	int err = 0;

	if (s1->config.have_pasid)
		err = nest_undo_now(ctx, undo_attach_pasid, own, 0);
	if (!err && !s1->config.beside)
		err = nest_undo_now(ctx, undo_attach, own, 0);
	if (!err && own->plain)
		err = nest_undo_now(ctx, nest_iommufd_undo_destroy, space, own->plain);
	if (!err)
		err = nest_undo_now(ctx, nest_iommufd_undo_destroy, space, own->nested);
	if (!err && own->fault_fd >= 0) {
		/* Closed whatever close says, so never tried again. */
		nest_undo_forget(ctx, nest_undo_close, NULL, (uint64_t)own->fault_fd);
		err = nest_undo_close(ctx, NULL, (uint64_t)own->fault_fd);
		own->fault_fd = -1;
	}
	if (!err && own->fault)
		err = nest_undo_now(ctx, nest_iommufd_undo_destroy, space, own->fault);
	if (err)
		return err;
	nest_undo_forget(ctx, nest_undo_free, own, 0);
	free(own);
	return 0;
}

/* entries holds what is to be invalidated and must outlive the request. */
static struct iommu_hwpt_invalidate invalidation(struct iommufd_s1 *own,
						 const struct nest_s1_scope *scope,
						 struct nest_iommufd_entries *entries)
{
	own->row->fill_entries(&own->s1.config, scope, entries);
	return (struct iommu_hwpt_invalidate){
		.size = sizeof(struct iommu_hwpt_invalidate),
		.hwpt_id = nest_iommufd_invalidated_id(&own->s1),
		.data_uptr = (uintptr_t)entries,
		.data_type = own->row->entry_type,
		.entry_len = entries->len,
		.entry_num = entries->num,
	};
}

static int refused(struct iommufd_s1 *own, int err)
{
	return nest_failure_set(own->s1.space->failed, err, NEST_STAGE_INVALIDATE, "%s %u",
				own->row->viommu_type ? "vIOMMU" : "HWPT",
				nest_iommufd_invalidated_id(&own->s1));
}

static int invalidate(struct nest_s1 *s1, const struct nest_s1_scope *scope)
{
	struct iommufd_s1 *own = iommufd_s1(s1);
	struct nest_iommufd_entries entries;
	struct iommu_hwpt_invalidate cmd = invalidation(own, scope, &entries);
	int err = nest_ioctl(s1->space->ctx, space_of(own)->fd, IOMMU_HWPT_INVALIDATE, &cmd);

	if (err >= 0 && cmd.entry_num != entries.num)
		err = -EPROTO; /* success, and the kernel says that it did less */
	return err < 0 ? refused(own, err) : 0;
}

static struct nest_s1_fault fault_from_uapi(const struct iommu_hwpt_pgfault *raw)
{
	return (struct nest_s1_fault){
		.addr = raw->addr,
		.perm = (raw->perm & IOMMU_PGFAULT_PERM_READ ? NEST_PROT_READ : 0u) |
			(raw->perm & IOMMU_PGFAULT_PERM_WRITE ? NEST_PROT_WRITE : 0u),
		.exec = raw->perm & IOMMU_PGFAULT_PERM_EXEC,
		.priv = raw->perm & IOMMU_PGFAULT_PERM_PRIV,
		.have_pasid = raw->flags & IOMMU_PGFAULT_FLAGS_PASID_VALID,
		.pasid = raw->pasid,
		.group = raw->grpid,
		.last = raw->flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE,
		.cookie = raw->cookie,
	};
}

static int faults(struct nest_s1 *s1, int timeout_ms, struct nest_s1_fault *buf, size_t room,
		  size_t *ret_count)
{
	struct iommu_hwpt_pgfault raw[FAULTS_MAX];
	struct iommufd_s1 *own = iommufd_s1(s1);
	size_t want = room < FAULTS_MAX ? room : FAULTS_MAX, i;
	ssize_t n;

	if (own->fault_fd < 0)
		return -EOPNOTSUPP;
	n = nest_kernel_poll(s1->space->ctx, own->fault_fd, timeout_ms);
	if (n == 1) /* an empty queue reads as 0 bytes, not as EAGAIN */
		n = nest_kernel_read(s1->space->ctx, own->fault_fd, raw, want * sizeof(raw[0]));
	if (n > 0 && (size_t)n % sizeof(raw[0]))
		n = -EPROTO;
	if (n < 0)
		return nest_failure_set(s1->space->failed, (int)n, NEST_STAGE_QUEUE_READ, "HWPT %u",
					own->nested);
	for (i = 0; i < (size_t)n / sizeof(raw[0]); i++)
		buf[i] = fault_from_uapi(&raw[i]);
	*ret_count = i;
	return 0;
}

static int events(struct nest_s1 *s1, int timeout_ms, struct nest_s1_event *buf, size_t room,
		  size_t *ret_count, uint64_t *ret_lost)
{
	return nest_iommufd_events(s1->space, iommufd_s1(s1)->row, timeout_ms, buf, room, ret_count,
				   ret_lost);
}

/* The one row that stands on a vIOMMU; the formats of others have none. */
static int queue_depth(struct nest_space *space, struct nest_vdev *vdev, uint32_t depth)
{
	return nest_iommufd_queue_depth(space, vdev, &nest_iommufd_smmuv3_row, depth);
}

static int refusals(struct nest_space *space, struct nest_vdev *vdev,
		    const struct nest_s1_config *config,
		    void (*told)(void *data, const char *what, int due, int answer), void *data)
{
	const struct nest_iommufd_row *row = row_of(config->format);

	return row && row->bad_tables ? nest_iommufd_refusals(space, vdev, row, config, told, data)
				      : -EOPNOTSUPP;
}

static int respond(struct nest_s1 *s1, uint32_t cookie, bool resolved)
{
	struct iommufd_s1 *own = iommufd_s1(s1);
	struct iommu_hwpt_page_response answer = {
		.cookie = cookie,
		.code = resolved ? IOMMUFD_PAGE_RESP_SUCCESS : IOMMUFD_PAGE_RESP_INVALID,
	};
	ssize_t n;

	if (own->fault_fd < 0)
		return -EOPNOTSUPP;
	n = nest_kernel_write(s1->space->ctx, own->fault_fd, &answer, sizeof(answer));
	if (n >= 0 && n != sizeof(answer))
		n = -EPROTO;
	if (n < 0)
		return nest_failure_set(s1->space->failed, (int)n, NEST_STAGE_QUEUE_WRITE,
					"HWPT %u", own->nested);
	return 0;
}

const struct nest_stage1_ops nest_iommufd_stage1 = {
	.alone = alone,
	.bind = bind,
	.invalidate = invalidate,
	.timed_invalidate = nest_iommufd_timed_invalidate,
	.table_new = nest_iommufd_table_new,
	.table_use = nest_iommufd_table_use,
	.table_free = nest_iommufd_table_free,
	.table_none = nest_iommufd_table_none,
	.faults = faults,
	.events = events,
	.queue_depth = queue_depth,
	.refusals = refusals,
	.respond = respond,
	.unbind = unbind,
};
