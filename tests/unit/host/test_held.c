// SPDX-License-Identifier: GPL-2.0-or-later
/* Folders that the text of a link tells, and folders that are held or asked by path. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/held.h"
#include "host/sysfs.h"

#define BASE "sys/bus/pci/devices"
#define UP   "../../../"

static bool leads(const char *text, const char *to)
{
	char path[NEST_HELD_PATH];

	return nest_link_parent(BASE, text, "0000:00:02.0", path) && !strcmp(path, to);
}

static bool refused(const char *text)
{
	char path[NEST_HELD_PATH] = "untouched";

	return !nest_link_parent(BASE, text, "0000:00:02.0", path) && !strcmp(path, "untouched");
}

TEST(parents, "the folder of a device follows from its bus's link, or is refused")
{
	CHECK(leads(UP "devices/pci0000:00/0000:00:02.0", "sys/devices/pci0000:00"));
	CHECK(leads(UP "devices/a/b.c/..d/0000:00:02.0", "sys/devices/a/b.c/..d"));
	CHECK(leads(UP "../proc/0000:00:02.0", "proc"));
	CHECK(refused(UP "../../devices/0000:00:02.0")); /* above the root */
	CHECK(refused(UP "devices/../x/0000:00:02.0"));
	CHECK(refused(UP "devices/./0000:00:02.0"));
	CHECK(refused(UP "devices//0000:00:02.0"));
	CHECK(refused(UP "devices/0000:00:03.0"));
	CHECK(refused(UP "devices/0000:00:02.0/"));
	CHECK(refused("/sys/devices/pci0000:00/0000:00:02.0"));
	CHECK(refused("0000:00:02.0"));
	CHECK(refused(""));
}

TEST(too_long, "a folder that is too deep to be held is refused")
{
	char text[NEST_HELD_PATH + 64] = UP;

	memset(text + strlen(UP), 'x', NEST_HELD_PATH);
	strcpy(text + strlen(UP) + NEST_HELD_PATH, "/0000:00:02.0");
	CHECK(refused(text));
}

/* A folder with device/uevent and a link; removed by the caller. */
static void make(char *dir)
{
	CHECK(mkdtemp(dir) && !chdir(dir));
	CHECK(!mkdir("device", 0700) && !symlink("../groups/7", "device/iommu_group"));
	CHECK(!symlink("device", "alias"));
	FILE *out = fopen("device/uevent", "w");
	CHECK(out && fputs("DRIVER=x\n", out) >= 0 && !fclose(out));
}

TEST(of_a_copy, "a folder of a copy is held, its links are followed inside, and no FIFO is opened")
{
	char dir[] = "/tmp/test_held.XXXXXX", text[5000];
	struct nest_held held = { 0 };
	struct nest_root root;

	make(dir);
	CHECK(!symlink("uevent", "device/linked") && !symlink("/dev/zero", "device/outside"));
	CHECK(!mkfifo("device/fifo", 0600));
	CHECK(!nest_root_open(dir, &root));
	nest_hold(&root, "alias", &held);
	CHECK(!held.held);
	nest_hold(&root, "device", &held);
	CHECK(held.held && held.look);
	CHECK_EQ(nest_held_try(&root, &held, "uevent", text, sizeof(text)), 8);
	CHECK_STR(text, "DRIVER=x");
	CHECK_EQ(nest_held_try(&root, &held, "linked", text, sizeof(text)), -ELOOP);
	CHECK_EQ(nest_held_read(&root, &held, "linked", text, sizeof(text)), 8);
	CHECK_EQ(nest_held_read(&root, &held, "outside", text, sizeof(text)), -ENOENT);
	CHECK_EQ(nest_held_try(&root, &held, "fifo", text, sizeof(text)), -EOPNOTSUPP);
	CHECK_EQ(nest_held_read(&root, &held, "fifo", text, sizeof(text)), -EOPNOTSUPP);
	CHECK_EQ(nest_held_read(&root, &held, "none", text, sizeof(text)), -ENOENT);
	CHECK_EQ(nest_held_link_name(&root, &held, "iommu_group", text, sizeof(text)), 0);
	CHECK_STR(text, "7");
	nest_hold_release(&root, &held);
	nest_root_close(&root);
	CHECK(!unlink("device/uevent") && !unlink("device/iommu_group") && !unlink("alias"));
	CHECK(!unlink("device/linked") && !unlink("device/outside") && !unlink("device/fifo"));
	CHECK(!rmdir("device") && !rmdir(dir));
}

TEST(of_sysfs, "a folder of sysfs is held, below a root too, unless a link leads to it")
{
	struct nest_held held = { 0 };
	struct nest_root root;
	char text[5000];

	if (access("/sys/kernel/uevent_seqnum", R_OK))
		return; /* no sysfs here */
	CHECK(!nest_root_open("/sys/..", &root));
	nest_hold(&root, "sys/kernel", &held);
	CHECK(held.held);
	CHECK(nest_held_read(&root, &held, "uevent_seqnum", text, sizeof(text)) > 0);
	CHECK(nest_held_read(&root, &held, "no_such", text, sizeof(text)) == -ENOENT);
	CHECK(nest_held_try(&root, &held, "../kernel/uevent_seqnum", text, sizeof(text)) < 0);
	nest_hold_release(&root, &held);
	nest_root_close(&root);
}

int main(void)
{
	return test_main();
}
