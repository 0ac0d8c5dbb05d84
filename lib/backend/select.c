// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of backends, and the order in which they are tried. */
#include "backend/select.h"

#include <errno.h>
#include <string.h>

#include "backend/abi2020/gpasid.h"
#include "backend/iommufd-mock.h"
#include "backend/iommufd.h"
#include "backend/type1.h"
#include "explain.h"
#include "uapi/vfio.h"
#include "util.h"

#define CONTAINER "/dev/vfio/vfio", NEST_STAGE_OPEN_CONTAINER
#define IOMMUFD	  "/dev/iommu", NEST_STAGE_OPEN_IOMMUFD

/* A container of the out-of-tree series; query tells its revisions apart. */
#define NESTING(query)                                                                             \
	&nest_gpasid_ops, CONTAINER, VFIO_TYPE1_NESTING_IOMMU, NEST_FIRST_STAGE_PASID, query

const struct nest_mode nest_modes[] = {
	{ "type1", &nest_type1_ops, CONTAINER, VFIO_TYPE1_IOMMU, NEST_FIRST_STAGE_NONE, 0 },
	{ "type1v2", &nest_type1_ops, CONTAINER, VFIO_TYPE1v2_IOMMU, NEST_FIRST_STAGE_NONE, 0 },
	{ "compat-type1", &nest_type1_ops, IOMMUFD, VFIO_TYPE1_IOMMU, NEST_FIRST_STAGE_NONE, 0 },
	{ "compat-type1v2", &nest_type1_ops, IOMMUFD, VFIO_TYPE1v2_IOMMU, NEST_FIRST_STAGE_NONE,
	  0 },
	{ "rfc-version", NESTING(NEST_QUERY_REQUEST) },
	{ "nesting-op", NESTING(NEST_QUERY_CAPABILITY) },
	{ "iommufd", &nest_iommufd_ops, IOMMUFD, 0, NEST_FIRST_STAGE_DEVICE, 0 },
};
const size_t nest_modes_count = ARRAY_SIZE(nest_modes);

const struct nest_mode nest_mode_any_revision = { "type1-nesting", NESTING(NEST_QUERY_NONE) };

const struct nest_mode nest_mode_mock = { "iommufd", &nest_iommufd_mock_ops,  IOMMUFD,
					  0,	     NEST_FIRST_STAGE_DEVICE, 0 };

const struct nest_mode *nest_mode_find(const char *name)
{
	size_t i;

	for (i = 0; i < nest_modes_count; i++)
		if (!strcmp(nest_modes[i].name, name))
			return &nest_modes[i];
	return NULL;
}

const struct nest_mode *nest_select_for_revision(enum nest_nesting_rev rev)
{
	size_t i;

	if (rev >= NEST_REVS || !nest_revs[rev].driven)
		return NULL;
	for (i = 0; i < nest_modes_count; i++)
		if (nest_modes[i].first_stage == NEST_FIRST_STAGE_PASID &&
		    nest_modes[i].query == nest_revs[rev].query)
			return &nest_modes[i];
	return NULL;
}

/* Mainline nests only through iommufd. A container still shows that DMA is translated. */
static const struct {
	const char *name;
	bool device_node; /* tried only where the device has one */
	int after;	  /* tried only after this -errno; 0: after any */
} order[] = {
	{ "iommufd", true, 0 },
	{ "type1v2", false, 0 },
	{ "type1", false, -EOPNOTSUPP }, /* a kernel without v2 */
};

const struct nest_mode *nest_select_next(const struct nest_select *select,
					 const struct nest_mode *tried, int err)
{
	size_t i = 0;

	if (select->wish)
		return tried ? NULL : nest_mode_find(select->wish);
	while (tried && i < ARRAY_SIZE(order) && strcmp(order[i++].name, tried->name))
		;
	for (; i < ARRAY_SIZE(order); i++)
		if ((!order[i].device_node || select->device_node) &&
		    (!order[i].after || order[i].after == err))
			return nest_mode_find(order[i].name);
	return NULL;
}

int nest_select_open(struct nest_ctx *ctx, const struct nest_select *select,
		     struct nest_failure *failed, struct nest_space **ret_space)
{
	const struct nest_mode *mode = nest_select_next(select, NULL, 0);
	size_t mark = ctx->undo.count;
	int err = -EINVAL; /* no backend has that name */

	while (mode) {
		err = nest_space_open(ctx, mode, failed, ret_space);
		if (!err)
			return 0;
		nest_undo_run(ctx, mark, NULL, NULL);
		if (select->refused)
			select->refused(select->data, mode, failed);
		/* Less would be found than there is. */
		if (nest_errno_classify(-err) == NEST_ERRNO_RESOURCE)
			return err;
		mode = nest_select_next(select, mode, err);
	}
	return err;
}
