// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the program asks past lib/kernel/kernel.h, bent to the fake by the linker's --wrap: the root
 * of sysfs, the device database, the name of the kernel, reads of files, and its own end by a
 * signal.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "inventory/devices.h"
#include "host/sysfs.h"
#include "fake-machine.h"

int __wrap_nest_root_open(const char *path, struct nest_root *ret_root);
int __real_nest_root_open(const char *path, struct nest_root *ret_root);
int __wrap_nest_devices_from_udev(struct nest_ctx *ctx, nest_found_fn *fn, void *data);
int __wrap_uname(struct utsname *buf);
int __real_uname(struct utsname *buf);
int __wrap_raise(int number);
int __real_raise(int number);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap___read_chk(int fd, void *buf, size_t len, size_t room);

/* "/" is the machine's tree, so a live run stays live. */
int __wrap_nest_root_open(const char *path, struct nest_root *ret_root)
{
	const char *tree = getenv("NESTCTL_FAKE_SYSROOT");

	return __real_nest_root_open(path || !tree || !*tree ? path : tree, ret_root);
}

/* libudev knows the host the tests run on, and nothing of the machine. */
int __wrap_nest_devices_from_udev(struct nest_ctx *ctx, nest_found_fn *fn, void *data)
{
	(void)ctx;
	(void)fn;
	(void)data;
	return -ENOSYS;
}

int __wrap_uname(struct utsname *buf)
{
	int err = __real_uname(buf);

	if (!err && *fake_machine.release)
		strncpy(buf->release, fake_machine.release, sizeof(buf->release) - 1);
	return err;
}

/* A signal raised again at the end skips atexit(3), so this is where the ledger is looked at. */
int __wrap_raise(int number)
{
	fake_finish();
	return __real_raise(number);
}

/*
 * A file of procfs or sysfs gives a page at most to one read(2), and a signal may end a read before
 * it has begun. NESTCTL_FAKE_READ=N: every file and pipe gives N bytes at most, and EINTR every
 * other time.
 */
ssize_t __wrap_read(int fd, void *buf, size_t len)
{
	const char *most = getenv("NESTCTL_FAKE_READ");
	static unsigned int calls;
	struct stat st;

	if (!most || fstat(fd, &st) || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)))
		return __real_read(fd, buf, len);
	if (calls++ % 2) {
		errno = EINTR;
		return -1;
	}
	return __real_read(fd, buf, len < strtoul(most, NULL, 10) ? len : strtoul(most, NULL, 10));
}

/* What read(2) is called in a build with _FORTIFY_SOURCE. */
ssize_t __wrap___read_chk(int fd, void *buf, size_t len, size_t room)
{
	(void)room;
	return __wrap_read(fd, buf, len);
}
