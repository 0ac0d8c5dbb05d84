// SPDX-License-Identifier: GPL-2.0-or-later
/* How the kernel spells DMA faults in its log, and how /dev/kmsg hands out records. */
#include "log/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "util.h"
#include "host/sysfs.h"

#define KMSG	    "/dev/kmsg"
#define RECORD_MAX  8192 /* CONSOLE_EXT_LOG_MAX of the kernel, which no record exceeds */
#define OFFSET_MASK UINT64_C(0xfff)

/* The hexadecimal number that starts text, with or without 0x. */
static bool hex(const char *text, uint64_t *ret)
{
	char *end;

	if (*text < '0' || (*text > '9' && (*text | 0x20) < 'a') || (*text | 0x20) > 'f')
		return false;
	*ret = strtoull(text, &end, 16);
	return end != text;
}

/* A PCI address up to the character end. */
static bool address(const char *text, char end, struct nest_watch_fault *fault)
{
	char copy[NEST_PCIADDR_MAX + 1];
	size_t len = strcspn(text, "] \n");

	if (text[len] == ' ' && end == ':' && len && text[len - 1] == end)
		len--;
	if (text[len] != end || !len || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	fault->have_domain = strchr(copy, ':') != strrchr(copy, ':');
	return !nest_pciaddr_parse(copy, &fault->device);
}

/* "[fault reason 0x71]", or decimal before 5.13: "[fault reason 05]". */
static void vtd_reason(const char *text, struct nest_watch_fault *fault)
{
	const char *at = strstr(text, "[fault reason ");
	uint64_t value;

	if (!at)
		return;
	at += strlen("[fault reason ");
	if (!strncmp(at, "0x", 2) ? !hex(at, &value) : *at < '0' || *at > '9')
		return;
	fault->reason = (unsigned int)strtoul(at, NULL, strncmp(at, "0x", 2) ? 10 : 16);
	fault->have_reason = true;
}

/*
 * 5.13 and later:
 *	[DMA Write NO_PASID] Request device [0000:00:01.0] fault addr 0x1000 [fault reason 0x71]
 *text [DMA Read PASID 0x5] Request device and so on before that: [DMA Write] Request device
 *[00:01.0] PASID ffffffff fault addr 1000 [fault reason 05] text
 */
static bool parse_vtd(const char *line, const char *text, struct nest_watch_fault *fault)
{
	const char *device = strstr(text, "] Request device [");
	const char *addr = strstr(text, "fault addr ");
	const char *pasid = strstr(text, " PASID ");
	uint64_t value;

	(void)line;
	if (strncmp(text, "[DMA ", 5) || !device || !addr ||
	    !address(device + strlen("] Request device ["), ']', fault) ||
	    !hex(addr + strlen("fault addr "), &fault->addr))
		return false;
	fault->have_direction = !strncmp(text + 5, "Write", 5) || !strncmp(text + 5, "Read", 4);
	fault->write = text[5] == 'W';
	if (pasid && hex(pasid + strlen(" PASID "), &value) && value != UINT32_MAX) {
		fault->have_pasid = true;
		fault->pasid = (uint32_t)value;
	}
	vtd_reason(text, fault);
	return true;
}

/*
 * AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:01:00.0 domain=0x0014 address=0x4080000
 *	flags=0x0020], in one line; or, where the driver has found the device:
 * vfio-pci 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0014 address=0x4080000 ...
 * Bit 5 of the flags is RW.
 */
static bool parse_amd(const char *line, const char *text, struct nest_watch_fault *fault)
{
	const char *device = strstr(text, "device=");
	const char *addr = strstr(text, "address=");
	const char *flags = strstr(text, "flags=");
	uint64_t value;

	if (!addr || !hex(addr + strlen("address="), &fault->addr))
		return false;
	if (device) {
		if (!address(device + strlen("device="), ' ', fault))
			return false;
	} else {
		/* The word before ": AMD-Vi". */
		for (device = text; device > line && device[-1] == ' ';)
			device--;
		while (device > line && device[-1] != ' ')
			device--;
		if (!address(device, ':', fault))
			return false;
	}
	if (flags && hex(flags + strlen("flags="), &value)) {
		fault->have_direction = true;
		fault->write = value & 0x20;
	}
	return true;
}

/*
 * "page fault from EP 32 at 0x1900000 [W]"; the endpoint is the requester's id in its segment, and
 * the letters are there if the device says so.
 */
static bool parse_virtio(const char *line, const char *text, struct nest_watch_fault *fault)
{
	const char *end = strchr(text, '[');
	unsigned long long addr;
	unsigned int endpoint;

	(void)line;
	if (sscanf(text, "fault from EP %u at %llx", &endpoint, &addr) != 2 || endpoint > 0xffff)
		return false;
	fault->device.bus = (uint8_t)(endpoint >> 8);
	fault->device.device = endpoint >> 3 & 0x1f;
	fault->device.function = endpoint & 7;
	fault->addr = addr;
	fault->write = end && strchr(end, 'W');
	fault->have_direction = fault->write || (end && strchr(end, 'R'));
	return true;
}

static const struct {
	const char *mark; /* the parser gets the text from here */
	bool (*parse)(const char *line, const char *text, struct nest_watch_fault *fault);
} spellings[] = {
	{ "[DMA ", parse_vtd },
	{ "AMD-Vi: Event logged [IO_PAGE_FAULT ", parse_amd },
	{ "fault from EP ", parse_virtio },
};

int nest_watch_parse(const char *line, struct nest_watch_fault *ret_fault)
{
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		struct nest_watch_fault fault = { 0 };
		const char *text = strstr(line, spellings[i].mark);

		if (!text || !spellings[i].parse(line, text, &fault))
			continue;
		snprintf(fault.text, sizeof(fault.text), "%.*s", (int)strcspn(text, "\n"), text);
		*ret_fault = fault;
		return 0;
	}
	return -ENOENT;
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

/* One record: 1 and a string, 0 none there now, or -errno. */
static int next_record(struct nest_ctx *ctx, struct nest_watch *klog, char record[RECORD_MAX + 1])
{
	for (;;) {
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
		if (strstr(record, "callbacks suppressed") || strstr(record, "messages suppressed"))
			klog->suppressed = true;
		return 1;
	}
}

int nest_watch_skip(struct nest_ctx *ctx, struct nest_watch *klog)
{
	if (klog->fd < 0)
		return klog->err;
	klog->suppressed = false;
	return nest_kernel_seek_end(ctx, klog->fd);
}

static bool is_named(const struct nest_watch_fault *fault, const struct nest_watch_names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++) {
		const struct nest_pciaddr *at = &names->at[i];

		if ((!fault->have_domain || fault->device.domain == at->domain) &&
		    fault->device.bus == at->bus && fault->device.device == at->device &&
		    fault->device.function == at->function)
			return true;
	}
	return false;
}

/* Looks through what is there: 1 found, 0 not yet, or -errno. */
static int scan(struct nest_ctx *ctx, struct nest_watch *klog, const struct nest_watch_names *names,
		uint64_t addr, struct nest_watch_fault *ret_fault, unsigned int *others)
{
	char record[RECORD_MAX + 1];
	struct nest_watch_fault fault;
	int got;

	while ((got = next_record(ctx, klog, record)) == 1) {
		const char *text = strchr(record, ';'); /* after "6,1234,5678,-" */

		if (nest_watch_parse(text ? text + 1 : record, &fault) || !is_named(&fault, names))
			continue;
		if (addr != NEST_WATCH_ANY &&
		    (fault.addr & ~OFFSET_MASK) != (addr & ~OFFSET_MASK)) {
			++*others;
			continue;
		}
		*ret_fault = fault;
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

		got = scan(ctx, klog, names, addr, ret_fault, &others);
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
