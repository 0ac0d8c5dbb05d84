// SPDX-License-Identifier: GPL-2.0-or-later
/* The ops of a device of VFIO behind iommufd: above its address space and its first stage. */
#include "backend/iommufd.h"

const struct nest_backend_ops nest_iommufd_ops = {
	.open = nest_iommufd_open,
	.attach = nest_iommufd_attach,
	.detach = nest_iommufd_detach,
	.describe = nest_iommufd_describe,
	.map = nest_iommufd_map,
	.unmap = nest_iommufd_unmap,
	.timed_map = nest_iommufd_timed_map,
	.stage1 = &nest_iommufd_stage1,
	.share = &nest_iommufd_share,
};
