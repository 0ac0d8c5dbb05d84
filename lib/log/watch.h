/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches the kernel log for DMA faults of one device. Unrecoverable faults of VT-d have no other
 * way to user space: no iommufd event, no VFIO event, no tracepoint.
 *
 * The kernel limits these lines: on VT-d ten tokens in five seconds, and one fault costs up to
 * three (drivers/iommu/intel/dmar.c, dmar_fault()). A fault that is not in the log within that
 * time may have happened all the same; nest_watch.suppressed tells that lines were dropped.
 */
#ifndef NEST_WATCH_H
#define NEST_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "log/fault.h"
#include "pciaddr.h"

/* The rate limit's window, and a little more. */
#define NEST_WATCH_WINDOW_NS UINT64_C(5200000000)

struct nest_watch_fault {
	struct nest_fault fault;
	char text[200]; /* the line without its prefix, cut to size */
};

struct nest_watch {
	int fd;	 /* /dev/kmsg, or -1 */
	int err; /* why there is no fd: -EPERM under dmesg_restrict without CAP_SYSLOG, -ENOENT */
	bool suppressed; /* lines were dropped by the rate limit, or overwritten unread */
	bool has_latest;
	struct nest_watch_fault latest; /* further records may belong to it */
};

/*
 * Parses one log line, with or without prefix and time stamp. 0, or -ENOENT if it is no DMA fault
 * that tells its PCI device and its address (the drivers of log/fault.h). Pure; *ret_fault whole or
 * untouched.
 */
int nest_watch_parse(const char *line, struct nest_watch_fault *ret_fault);

/*
 * Opens the log at its end: what was said before is not seen. Always leaves a usable klog (fd -1
 * and err set when the log cannot be read), so returns nothing. Pushes the close.
 */
void nest_watch_open(struct nest_ctx *ctx, struct nest_watch *klog);

/* Drops what has been said until now. 0 or -errno (klog->err when there is no log). */
int nest_watch_skip(struct nest_ctx *ctx, struct nest_watch *klog);

/*
 * How a device may appear in a fault: under its own address, or as a bridge above it sends its DMA
 * on.
 */
#define NEST_WATCH_NAMES 16
struct nest_watch_names {
	struct nest_pciaddr at[NEST_WATCH_NAMES]; /* the first is its own */
	size_t count;
};

#define NEST_WATCH_ANY UINT64_MAX

/*
 * Reads on until a fault of one of names appears whose address is in the 4 KiB page of addr (ANY:
 * any address); others of theirs are counted in *ret_others (may be NULL). 1 found, 0 not within
 * timeout_ms, -EINTR, or klog->err.
 */
int nest_watch_wait(struct nest_ctx *ctx, struct nest_watch *klog,
		    const struct nest_watch_names *names, uint64_t addr, int timeout_ms,
		    struct nest_watch_fault *ret_fault, unsigned int *ret_others);

/*
 * The names of a PCI device from its place in sysfs. A PCIe-to-PCI bridge sends on what comes from
 * below with its own address, or with the first one of its secondary bus (PCI Express to PCI/PCI-X
 * Bridge Specification, 2.3). A device whose place cannot be read has its own name alone.
 */
void nest_watch_names_of(struct nest_ctx *ctx, const struct nest_pciaddr *device,
			 struct nest_watch_names *ret_names);

#endif
