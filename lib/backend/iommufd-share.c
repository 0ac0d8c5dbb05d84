// SPDX-License-Identifier: GPL-2.0-or-later
/* Mappings of iommufd that do not begin with memory at an address: copies, and files. */
#include "backend/iommufd.h"
#include "kernel/kernel.h"
#include "uapi/iommufd.h"

#define ACCESS (IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

static int copy(struct nest_space *space, uint64_t from, uint64_t iova, uint64_t len)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_copy ask = {
		.size = sizeof(ask),
		.flags = ACCESS,
		.dst_ioas_id = ifd->ioas,
		.src_ioas_id = ifd->ioas,
		.length = len,
		.dst_iova = iova,
		.src_iova = from,
	};
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_COPY, &ask);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_COPY, "IOVA 0x%llx",
				      (unsigned long long)iova)
		   : 0;
}

static int map_file(struct nest_space *space, uint64_t iova, int fd, uint64_t len)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_map_file ask = {
		.size = sizeof(ask),
		.flags = ACCESS,
		.ioas_id = ifd->ioas,
		.fd = fd,
		.length = len,
		.iova = iova,
	};
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_MAP_FILE, &ask);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_MAP_FILE, "IOVA 0x%llx",
				      (unsigned long long)iova)
		   : 0;
}

const struct nest_share_ops nest_iommufd_share = { copy, map_file };
