// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the program asks past lib/kernel.h, bent to the fake by the linker's --wrap: the root of sysfs,
 * the device database, the name of the kernel, and its own end by a signal.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../lib/devices.h"
#include "../../lib/sysfs.h"
#include "fake-machine.h"

int __wrap_nest_root_open(const char *path, struct nest_root *ret_root);
int __real_nest_root_open(const char *path, struct nest_root *ret_root);
int __wrap_nest_devices_from_udev(struct nest_ctx *ctx, nest_found_fn *fn, void *data);
int __wrap_uname(struct utsname *buf);
int __real_uname(struct utsname *buf);
int __wrap_raise(int number);
int __real_raise(int number);

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
