// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts calls, and makes the K-th of all or of one name fail or a signal come. The count file is
 * what a sweep runs over, so it also tells which errnos are worth trying on each call.
 */
#include "fake.h"
#include "fake-machine.h"
#include "util.h"
#include "errnoname.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CALLS 65536

/*
 * What the kernel can answer for reasons that lie outside of the program, by name of the request;
 * the first is taken when no errno is named. From the same functions as the order rules
 * (README.md).
 */
static const struct errno_row {
	const char *name;
	const char *errnos;
} errno_rows[] = {
	{ "open", "EACCES EBUSY ENOENT EMFILE ENODEV EPERM" },
	{ "close", "EIO" },
	{ "read", "EIO EFAULT" },
	{ "write", "EIO EINVAL" },
	{ "pread", "EIO" },
	{ "pwrite", "EIO" },
	{ "poll", "ENOMEM EINTR" },
	{ "seek_end", "ESPIPE" },
	{ "eventfd", "EMFILE ENOMEM" },
	{ "mmap", "ENOMEM EAGAIN EINVAL" },
	{ "munmap", "EINVAL ENOMEM" },
	{ "VFIO_GET_API_VERSION", "EINVAL" },
	{ "VFIO_CHECK_EXTENSION", "EINVAL ENODEV" },
	{ "VFIO_SET_IOMMU", "EINVAL ENODEV EPERM EBUSY ENOMEM" },
	{ "VFIO_IOMMU_GET_INFO", "ENOMEM EINVAL ENODEV" },
	{ "VFIO_IOMMU_MAP_DMA", "ENOMEM EEXIST ENOSPC EINVAL EFAULT" },
	{ "VFIO_IOMMU_UNMAP_DMA", "EINVAL" },
	{ "VFIO_GROUP_GET_STATUS", "ENODEV" },
	{ "VFIO_GROUP_SET_CONTAINER", "EPERM EBUSY ENODEV EINVAL" },
	{ "VFIO_GROUP_UNSET_CONTAINER", "EBUSY EINVAL" },
	{ "VFIO_GROUP_GET_DEVICE_FD", "EINVAL ENODEV EBUSY EMFILE EPERM" },
	{ "VFIO_DEVICE_GET_INFO", "EINVAL ENOMEM" },
	{ "VFIO_DEVICE_GET_REGION_INFO", "EINVAL ENOMEM" },
	{ "VFIO_DEVICE_GET_IRQ_INFO", "EINVAL" },
	{ "VFIO_DEVICE_SET_IRQS", "EINVAL ENOMEM" },
	{ "VFIO_DEVICE_RESET", "EAGAIN EINVAL ENOTTY" },
	{ "VFIO_DEVICE_FEATURE", "ENOMEM EMFILE ENODEV EINVAL" },
	{ "VFIO_DEVICE_BIND_IOMMUFD", "EBUSY EPERM EINVAL ENODEV EACCES" },
	{ "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "EINVAL EBUSY ENODEV EADDRINUSE ENOMEM EOPNOTSUPP" },
	{ "VFIO_DEVICE_DETACH_IOMMUFD_PT", "EINVAL EOPNOTSUPP" },
	{ "IOMMU_DESTROY", "EBUSY ENOENT" },
	{ "IOMMU_IOAS_ALLOC", "ENOMEM" },
	{ "IOMMU_IOAS_IOVA_RANGES", "EMSGSIZE ENOENT" },
	{ "IOMMU_IOAS_MAP", "ENOMEM EEXIST EINVAL EFAULT EPERM" },
	{ "IOMMU_IOAS_UNMAP", "EBUSY ENOENT" },
	{ "IOMMU_IOAS_COPY", "ENOENT EEXIST EINVAL ENOMEM" },
	{ "IOMMU_IOAS_MAP_FILE", "ENOMEM EEXIST EINVAL EBADF EPERM ENODEV" },
	{ "IOMMU_IOAS_CHANGE_PROCESS", "ENOMEM EBUSY EINVAL" },
	{ "IOMMU_OPTION", "EINVAL EPERM EBUSY ENOENT" },
	{ "memfd_create", "EMFILE ENFILE ENOMEM" },
	{ "IOMMU_HWPT_ALLOC", "EOPNOTSUPP ENOMEM EINVAL" },
	{ "IOMMU_GET_HW_INFO", "EOPNOTSUPP ENOENT" },
	{ "IOMMU_HWPT_SET_DIRTY_TRACKING", "EOPNOTSUPP EINVAL" },
	{ "IOMMU_HWPT_GET_DIRTY_BITMAP", "EINVAL ENOMEM" },
	{ "IOMMU_HWPT_INVALIDATE", "EINVAL EOPNOTSUPP ENOENT" },
	{ "IOMMU_FAULT_QUEUE_ALLOC", "EMFILE ENOMEM EOPNOTSUPP" },
	{ "IOMMU_VIOMMU_ALLOC", "EOPNOTSUPP ENOMEM" },
	{ "IOMMU_VDEVICE_ALLOC", "EEXIST ENOMEM EOPNOTSUPP" },
	{ "IOMMU_VEVENTQ_ALLOC", "EOPNOTSUPP EMFILE ENOMEM" },
	{ "IOMMU_HW_QUEUE_ALLOC", "EOPNOTSUPP ENOMEM EIO" },
	{ "IOMMU_TEST_CMD", "EINVAL ENOMEM" },
	/*
	 * the out-of-tree series, and what iommu.c and the Intel driver of 5.10 answer behind them
	 */
	{ "IOASID_GET_API_VERSION", "EINVAL" },
	{ "IOASID_REQUEST_ALLOC", "EINVAL ENOMEM EFAULT" },
	{ "IOASID_REQUEST_FREE", "EINVAL EFAULT" },
	{ "VFIO_IOMMU_PASID_REQUEST/alloc", "EINVAL EFAULT EOPNOTSUPP" },
	{ "VFIO_IOMMU_PASID_REQUEST/free", "ENOENT EACCES EFAULT" },
	{ "VFIO_IOMMU_SET_PASID_QUOTA", "EINVAL" },
	{ "VFIO_IOMMU_BIND/bind", "EINVAL EBUSY ENODEV ENOENT EFAULT ENOMEM ENOTSUPP" },
	{ "VFIO_IOMMU_BIND/unbind", "EINVAL ENODEV" },
	{ "VFIO_IOMMU_CACHE_INVALIDATE", "EINVAL ENODEV EFAULT" },
	{ "VFIO_IOMMU_NESTING_OP/bind", "EINVAL EBUSY ENODEV EOPNOTSUPP EFAULT ENOMEM ENOTSUPP" },
	{ "VFIO_IOMMU_NESTING_OP/unbind", "EINVAL EOPNOTSUPP" },
	{ "VFIO_IOMMU_NESTING_OP/invalidate", "EINVAL EOPNOTSUPP" },
	{ "VFIO_IOMMU_NESTING_OP/respond", "EINVAL ENODEV" },
};

static struct {
	bool read;
	unsigned long fail_at; /* 0: never */
	char fail_name[64];    /* "": any call */
	int fail_errno;	       /* 0: by the table */
	unsigned long flaw_at; /* 0: never */
	uint64_t flaw;
	unsigned long move_at; /* 0: never */
	const char *move;
	unsigned long signal_at;
	int signal;
	unsigned long calls, points, named;
	bool signalled, failed;
	const char *log[MAX_CALLS]; /* names in order; they are literals of the program */
} inject;

static const char *errnos_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errno_rows); i++)
		if (!strcmp(name, errno_rows[i].name))
			return errno_rows[i].errnos;
	return "EIO";
}

static int default_errno(const char *name)
{
	char first[32];

	sscanf(errnos_of(name), "%31s", first);
	return nest_errno_of(first);
}

static void complain(const char *variable, const char *text)
{
	fprintf(stderr, "fake: %s=%s: not understood\n", variable, text);
	exit(98);
}

/* "K[:ERRNO]" or "NAME@K[:ERRNO]" */
static void read_fail(const char *text)
{
	char copy[64], *at, *colon;

	snprintf(copy, sizeof(copy), "%s", text);
	colon = strchr(copy, ':');
	if (colon) {
		*colon++ = '\0';
		inject.fail_errno = nest_errno_of(colon);
		if (!inject.fail_errno)
			complain("NESTCTL_FAKE_FAIL", text);
	}
	at = strchr(copy, '@');
	if (at) {
		*at++ = '\0';
		snprintf(inject.fail_name, sizeof(inject.fail_name), "%s", copy);
	}
	inject.fail_at = strtoul(at ? at : copy, NULL, 10);
	if (!inject.fail_at)
		complain("NESTCTL_FAKE_FAIL", text);
}

/* "K:TERM" */
static void read_signal(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
		{ "INT", SIGINT }, { "TERM", SIGTERM }, { "HUP", SIGHUP }, { "KILL", SIGKILL }
	};
	char *colon;
	size_t i;

	inject.signal_at = strtoul(text, &colon, 10);
	for (i = 0; i < ARRAY_SIZE(signals) && *colon == ':'; i++)
		if (!strcmp(colon + 1, signals[i].name))
			inject.signal = signals[i].number;
	if (!inject.signal_at || !inject.signal)
		complain("NESTCTL_FAKE_SIGNAL", text);
}

/* "K:gone": what a device does from the K-th call on */
static void read_flaw(const char *text)
{
	char *colon;

	inject.flaw_at = strtoul(text, &colon, 10);
	if (*colon == ':')
		inject.flaw = !strcmp(colon, ":gone")	? FAKE_FLAW_GONE
			      : !strcmp(colon, ":hung") ? FAKE_FLAW_HUNG
							: 0;
	if (!inject.flaw_at || !inject.flaw)
		complain("NESTCTL_FAKE_FLAW", text);
}

/* "K:PATH": it is renamed to PATH.gone right before the K-th call */
static void read_move(const char *text)
{
	char *colon;

	inject.move_at = strtoul(text, &colon, 10);
	inject.move = colon + 1;
	if (!inject.move_at || *colon != ':')
		complain("NESTCTL_FAKE_MOVE", text);
}

static void move(void)
{
	char to[4096];

	snprintf(to, sizeof(to), "%s.gone", inject.move);
	if (rename(inject.move, to))
		complain("NESTCTL_FAKE_MOVE", inject.move);
}

static void read_environment(void)
{
	const char *text;

	inject.read = true;
	text = getenv("NESTCTL_FAKE_FAIL");
	if (text && *text)
		read_fail(text);
	text = getenv("NESTCTL_FAKE_SIGNAL");
	if (text && *text)
		read_signal(text);
	text = getenv("NESTCTL_FAKE_FLAW");
	if (text && *text)
		read_flaw(text);
	text = getenv("NESTCTL_FAKE_MOVE");
	if (text && *text)
		read_move(text);
}

void fake_inject_point(void)
{
	if (!inject.read)
		read_environment();
	if (++inject.points == inject.signal_at) {
		inject.signalled = true;
		kill(getpid(), inject.signal);
	}
}

int fake_inject(const char *name)
{
	int err;

	fake_inject_point();
	if (inject.calls < MAX_CALLS)
		inject.log[inject.calls] = name;
	inject.calls++;
	if (inject.flaw_at && inject.calls >= inject.flaw_at)
		fake_machine.flaws |= inject.flaw;
	if (inject.calls == inject.move_at)
		move();
	if (!strcmp(inject.fail_name, name))
		inject.named++;
	if (!inject.fail_at)
		return 0;
	if (*inject.fail_name ? inject.named != inject.fail_at || strcmp(inject.fail_name, name)
			      : inject.calls != inject.fail_at)
		return 0;
	inject.failed = true;
	err = inject.fail_errno ? inject.fail_errno : default_errno(name);
	return -err;
}

bool fake_inject_signalled(void)
{
	bool signalled = inject.signalled;

	inject.signalled = false;
	return signalled;
}

bool fake_inject_failed(void)
{
	return inject.failed;
}

void fake_inject_finish(void)
{
	const char *path = getenv("NESTCTL_FAKE_COUNT");
	unsigned long i;
	FILE *out;

	if (!path || !*path)
		return;
	out = fopen(path, "w");
	if (!out) {
		fprintf(stderr, "fake: %s: %s\n", path, strerror(errno));
		return;
	}
	fprintf(out, "calls %lu\npoints %lu\n", inject.calls, inject.points);
	for (i = 0; i < inject.calls && i < MAX_CALLS; i++)
		fprintf(out, "%lu %s %s\n", i + 1, inject.log[i], errnos_of(inject.log[i]));
	fclose(out);
}

void fake_inject_reset(void)
{
	memset(&inject, 0, sizeof(inject));
}
