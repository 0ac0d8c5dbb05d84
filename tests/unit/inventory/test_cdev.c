// SPDX-License-Identifier: GPL-2.0-or-later
/* The node of a device by what is in its folder vfio-dev. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/sysfs.h"
#include "inventory/cdev.h"

static char top[] = "/tmp/test_cdev.XXXXXX";
static struct nest_ctx ctx;

static void make(const char *dir)
{
	char command[256];

	snprintf(command, sizeof(command), "mkdir -p %s/%s", top, dir);
	if (system(command))
		abort();
}

TEST(found, "an entry with its dev file names the node; without it there is a name alone")
{
	struct nest_cdev cdev = { .entry = "before" };

	make("none");
	make("empty/vfio-dev");
	make("odd/vfio-dev/power");
	make("name/vfio-dev/vfio7");
	make("node/vfio-dev/vfio12/dev");
	CHECK_EQ(nest_cdev_find(&ctx, "none", &cdev), -ENOENT);
	CHECK_EQ(nest_cdev_find(&ctx, "empty", &cdev), -ENOENT);
	CHECK_EQ(nest_cdev_find(&ctx, "odd", &cdev), -ENOENT);
	CHECK_STR(cdev.entry, "before");
	CHECK_EQ(nest_cdev_find(&ctx, "name", &cdev), -ENXIO);
	CHECK_STR(cdev.entry, "vfio7");
	CHECK_EQ(nest_cdev_find(&ctx, "node", &cdev), 0);
	CHECK_STR(cdev.entry, "vfio12");
	CHECK_STR(cdev.node, "/dev/vfio/devices/vfio12");
}

TEST(long_name, "a name too long for the kernel is no entry")
{
	struct nest_cdev cdev;

	make("long/vfio-dev/vfio0123456789012345678901234567");
	CHECK_EQ(nest_cdev_find(&ctx, "long", &cdev), -ENOENT);
}

int main(void)
{
	char command[64];
	int status;

	if (!mkdtemp(top) || nest_root_open(top, &ctx.root))
		return 1;
	status = test_main();
	nest_root_close(&ctx.root);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) ? 1 : status;
}
