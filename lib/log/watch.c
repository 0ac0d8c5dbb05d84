// SPDX-License-Identifier: GPL-2.0-or-later
/* How /dev/kmsg hands out records, and which of them tell of a fault of one device. */
#include "log/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "host/kmsg.h"
#include "host/sysfs.h"

#define KMSG	    "/dev/kmsg"
#define RECORD_MAX  8192 /* CONSOLE_EXT_LOG_MAX of the kernel, which no record exceeds */
#define OFFSET_MASK UINT64_C(0xfff)
#define SCAN_NS	    UINT64_C(1000000000) /* for what is there; a log that floods never ends */

/* Can it be compared with what the round trip did? */
static bool is_located(const struct nest_fault *fault)
{
	return fault->has_device && fault->has_address && fault->access != NEST_LOG_INTERRUPT;
}

static void set_window(struct nest_log_window *w, const char *line)
{
	w->text = line;
	w->has_pairs = false;
	w->rows = NULL;
	w->len = w->first = strcspn(line, "\n");
}

static bool parse(const char *line, struct nest_watch_fault *ret_fault)
{
	struct nest_log_window w;
	size_t start, end;

	set_window(&w, line);
	start = nest_fault_match(&w, 0, &ret_fault->fault, &end);
	if (start == NEST_LOG_NONE)
		return false;
	snprintf(ret_fault->text, sizeof(ret_fault->text), "%.*s", (int)(w.len - start),
		 line + start);
	return true;
}

int nest_watch_parse(const char *line, struct nest_watch_fault *ret_fault)
{
	struct nest_watch_fault fault;

	if (!parse(line, &fault) || !is_located(&fault.fault))
		return -ENOENT;
	*ret_fault = fault;
	return 0;
}

void nest_watch_open(struct nest_ctx *ctx, struct nest_watch *klog)
{
	*klog = (struct nest_watch){ .fd = -1 };
	klog->err = nest_kernel_open(ctx, KMSG, O_RDONLY | O_NONBLOCK);
	if (klog->err < 0)
		return;
	klog->fd = klog->err;
	nest_undo_push(ctx, "close " KMSG, nest_undo_close, NULL, (uint64_t)klog->fd);
	klog->err = nest_kernel_seek_end(ctx, klog->fd);
	if (klog->err < 0)
		klog->fd =
			-1; /* the log would be read from its beginning: old faults would count */
}

/* One record: 1 and a string, 0 none there now or until the given time, or -errno. */
static int next_record(struct nest_ctx *ctx, struct nest_watch *klog, uint64_t until,
		       char record[RECORD_MAX + 1])
{
	while (nest_kernel_now(ctx) < until) {
		ssize_t n = nest_kernel_read(ctx, klog->fd, record, RECORD_MAX);

		if (n == -EAGAIN)
			return 0;
		if (n == -EPIPE) { /* overwritten before we came; the next read goes on after it */
			klog->suppressed = true;
			continue;
		}
		if (n <= 0)
			return n ? (int)n : -EIO;
		record[n] = '\0';
		if (nest_kmsg_is_of_user_space(record))
			continue;
		if (strstr(record, "callbacks suppressed") || strstr(record, "messages suppressed"))
			klog->suppressed = true;
		return 1;
	}
	return 0;
}

int nest_watch_skip(struct nest_ctx *ctx, struct nest_watch *klog)
{
	if (klog->fd < 0)
		return klog->err;
	klog->suppressed = klog->has_latest = false;
	return nest_kernel_seek_end(ctx, klog->fd);
}

static bool is_named(const struct nest_fault *fault, const struct nest_watch_names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++) {
		const struct nest_pciaddr *at = &names->at[i];

		if ((!fault->has_segment || fault->device.domain == at->domain) &&
		    fault->device.bus == at->bus && fault->device.device == at->device &&
		    fault->device.function == at->function)
			return true;
	}
	return false;
}

/*
 * Takes one record. True: now, and not before, the device and the address of klog->latest are
 * known; a fault of an SMMUv3 takes four records for that.
 */
static bool take_record(struct nest_watch *klog, const char *text)
{
	bool had = klog->has_latest && is_located(&klog->latest.fault);
	struct nest_log_window w;

	set_window(&w, text);
	if (klog->has_latest && nest_fault_more(&w, &klog->latest.fault))
		return !had && is_located(&klog->latest.fault);
	klog->has_latest = parse(text, &klog->latest);
	return klog->has_latest && is_located(&klog->latest.fault);
}

/* Looks through what is there, until the given time: 1 found, 0 not yet, or -errno. */
static int scan(struct nest_ctx *ctx, struct nest_watch *klog, const struct nest_watch_names *names,
		uint64_t addr, uint64_t until, struct nest_watch_fault *ret_fault,
		unsigned int *others)
{
	const struct nest_fault *fault = &klog->latest.fault;
	char record[RECORD_MAX + 1];
	int got;

	while ((got = next_record(ctx, klog, until, record)) == 1) {
		const char *text = strchr(record, ';'); /* after "6,1234,5678,-" */

		if (!take_record(klog, text ? text + 1 : record) || !is_named(fault, names))
			continue;
		if (addr != NEST_WATCH_ANY &&
		    (fault->address & ~OFFSET_MASK) != (addr & ~OFFSET_MASK)) {
			++*others;
			continue;
		}
		*ret_fault = klog->latest;
		return 1;
	}
	return got;
}

int nest_watch_wait(struct nest_ctx *ctx, struct nest_watch *klog,
		    const struct nest_watch_names *names, uint64_t addr, int timeout_ms,
		    struct nest_watch_fault *ret_fault, unsigned int *ret_others)
{
	uint64_t deadline = nest_kernel_now(ctx) + (uint64_t)timeout_ms * 1000000;
	unsigned int others = 0;
	int got;

	if (klog->fd < 0)
		return klog->err;
	for (;;) {
		uint64_t now;

		got = scan(ctx, klog, names, addr, deadline + SCAN_NS, ret_fault, &others);
		now = nest_kernel_now(ctx);
		if (got || now >= deadline)
			break;
		got = nest_kernel_poll(ctx, klog->fd, (int)((deadline - now + 999999) / 1000000));
		if (got < 0)
			break;
	}
	if (ret_others)
		*ret_others = others;
	return got;
}

static void add_name(struct nest_watch_names *names, struct nest_pciaddr name)
{
	if (names->count < NEST_WATCH_NAMES)
		names->at[names->count++] = name;
}

void nest_watch_names_of(struct nest_ctx *ctx, const struct nest_pciaddr *device,
			 struct nest_watch_names *ret_names)
{
	char name[NEST_PCIADDR_MAX], path[64], place[1024];
	char *part, *next;
	struct nest_pciaddr above;

	ret_names->count = 0;
	add_name(ret_names, *device);
	nest_pciaddr_format(device, name);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", name);
	/* "../../../devices/pci0000:00/0000:00:07.0/0000:03:00.0/0000:04:01.0" */
	if (nest_link_read(&ctx->root, path, place, sizeof(place)) < 0)
		return;
	for (part = place; part; part = next) {
		next = strchr(part, '/');
		if (!next)
			break; /* the device itself */
		*next++ = '\0';
		if (!nest_pciaddr_parse(part, &above))
			add_name(ret_names, above);
	}
	if (ret_names->count > 1)
		add_name(ret_names, (struct nest_pciaddr){ device->domain, device->bus, 0, 0 });
}
