/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel ABI that never was: the out-of-tree vSVA series (January 2020 to March 2021) as far as it
 * takes to recognise one. The revisions reuse each other's numbers, and upstream gave several of
 * the same numbers other meanings later; so what is not needed to recognise a revision is not here.
 * Source: the postings "vfio: expose virtual Shared Virtual Addressing to VMs" RFC v3, v1 to v8.
 */
#ifndef NEST_UAPI_NESTING_H
#define NEST_UAPI_NESTING_H

/*
 * RFC v3 only. On a container, before or after SET_IOMMU, argument ignored: returns the version of
 * its nesting ABI, 1 or more. Every other kernel answers EINVAL or ENOTTY and changes nothing, as
 * long as the argument is 0: some revisions have another request here, which copies it first
 * (EFAULT).
 */
#define VFIO_NESTING_GET_IOMMU_UAPI_VERSION 0x3b7c

/*
 * The NESTING capability of VFIO_IOMMU_GET_INFO. Its id is not enough: 2 and 3 are MIGRATION (32
 * bytes) and DMA_AVAIL (12, or 16 where the kernel rounds) upstream.
 */
#define VFIO_NESTING_CAP_ID_EARLY 2 /* RFC v3, v1, v2 */
#define VFIO_NESTING_CAP_ID_V3 3    /* v3 to v7 */
#define VFIO_NESTING_CAP_ID_V8 4    /* v8 and the product trees built on it */

#define VFIO_NESTING_CAP_LEN_RFC_V3 12
#define VFIO_NESTING_CAP_LEN_V1 16
#define VFIO_NESTING_CAP_LEN_V2 68
#define VFIO_NESTING_CAP_LEN_V3 52
#define VFIO_NESTING_CAP_LEN_V4 64
#define VFIO_NESTING_CAP_LEN_V5 56 /* and v6 */
#define VFIO_NESTING_CAP_LEN_V7 64
#define VFIO_NESTING_CAP_LEN_V8 72

/* Features of v2 to v7; v8 dropped the first and moved the others down */
#define VFIO_NESTING_FEAT_SYSWIDE_PASID (1u << 0)
#define VFIO_NESTING_FEAT_BIND_PGTBL (1u << 1)
#define VFIO_NESTING_FEAT_CACHE_INVLD (1u << 2)
#define VFIO_NESTING_V8_FEAT_BIND_PGTBL (1u << 0)
#define VFIO_NESTING_V8_FEAT_CACHE_INVLD (1u << 1)
#define VFIO_NESTING_V8_FEAT_PAGE_RESP (1u << 2) /* product trees */

#define VFIO_NESTING_FORMAT_INTEL_VTD 1

#endif
