/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's mock device (CONFIG_IOMMUFD_TEST): iommufd's own code without hardware. It is
 * attached, mapped and nested like any other; these are the requests that take the place of DMA.
 */
#ifndef NEST_BACKEND_IOMMUFD_MOCK_H
#define NEST_BACKEND_IOMMUFD_MOCK_H

#include "backend/backend.h"

/* Ops of a mode. attach makes the device; vdev gets no file of its own. */
extern const struct nest_backend_ops nest_iommufd_mock_ops;

/* Does the IOMMU lead each page from iova on to va? -EINVAL: it does not. */
int nest_mock_check_map(struct nest_space *space, uint64_t iova, const void *va, uint64_t len);

/* Has the device write to one page, as far as the table is concerned that notes it. */
int nest_mock_dirty(struct nest_space *space, uint64_t iova);

/* Is slot n of the cache filled as it was at first, or empty? -EINVAL: it is not. */
int nest_mock_check_slot(struct nest_s1 *s1, unsigned int n, bool filled);

/* Has the device ask for a page to write to; the last of its group. */
int nest_mock_request_page(struct nest_s1 *s1, uint64_t addr, uint32_t group);

#endif
