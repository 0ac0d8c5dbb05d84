// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shell commands, filled in. With --list: what every row of explain.c would have a user run, a
 * command a line, for tests/remedies.bats to run.
 */
#include "test.h"

#include <stdlib.h>

#include "explain.c" /* for its rows */
#include "remedy.h"
#include "util.h"

#define A "0000:3a:00.0"
#define D "/sys/bus/pci/devices/" A

static char buf[NEST_REMEDY_MAX];

TEST(bind, "binding says nothing of a driver that is not there, and asks where that is not known")
{
	nest_remedy_bind(A, NEST_YES, buf, sizeof(buf));
	CHECK_STR(buf, "driverctl set-override " A " vfio-pci\n"
		       "# or, without driverctl (until the next reboot):\n"
		       "modprobe vfio-pci && echo vfio-pci > " D "/driver_override && echo " A
		       " > " D "/driver/unbind && echo " A " > /sys/bus/pci/drivers_probe");
	nest_remedy_bind(A, NEST_NO, buf, sizeof(buf));
	CHECK(!strstr(buf, "unbind"));
	nest_remedy_bind(A, NEST_UNKNOWN, buf, sizeof(buf));
	CHECK_HAS(buf, "{ [ ! -e " D "/driver ] || echo " A " > " D "/driver/unbind; } && ");
}

TEST(back, "what goes back can stand in comments below")
{
	nest_remedy_bind_and_back(A, NEST_YES, buf, sizeof(buf));
	CHECK_HAS(buf, "drivers_probe\n# to go back: driverctl unset-override " A
		       "\n# to go back: echo > " D);
}

TEST(absolute, "no command depends on the folder it is run in")
{
	const struct nest_explanation *row;

	for (row = rows; row < rows + NROWS; row++) {
		if (!row->remedy)
			continue;
		nest_remedy_fill(row->remedy, "/dev/vfio/12", buf, sizeof(buf));
		CHECK(!strstr(buf, "cd ") && !strstr(buf, "../") && !strstr(buf, "{}") &&
		      !strstr(buf, "{N}"));
	}
	nest_remedy_bind_and_back(A, NEST_UNKNOWN, buf, sizeof(buf));
	CHECK(!strstr(buf, "cd ") && !strstr(buf, ".."));
}

TEST(quote, "a name of the machine is one word of the shell, whatever is in it")
{
	nest_remedy_quote("/dev/vfio/12", buf, sizeof(buf));
	CHECK_STR(buf, "/dev/vfio/12");
	nest_remedy_quote("", buf, sizeof(buf));
	CHECK_STR(buf, "''");
	nest_remedy_quote("x; rm -rf $HOME `id`", buf, sizeof(buf));
	CHECK_STR(buf, "'x; rm -rf $HOME `id`'");
	nest_remedy_quote("it's\nme\x1b", buf, sizeof(buf));
	CHECK_STR(buf, "'it'\\''s?me?'");
	nest_remedy_quote("aaaa bbbb", buf, 8);
	CHECK_EQ(buf[strlen(buf) - 1], '\'');
	nest_remedy_join("vfio users", "o'neil", buf, sizeof(buf));
	CHECK_STR(buf, "usermod -aG 'vfio users' 'o'\\''neil'");
	nest_remedy_join("kvm", NULL, buf, sizeof(buf));
	CHECK_STR(buf, "usermod -aG kvm \"${SUDO_USER:-$USER}\"");
}

TEST(lines, "no name of the machine begins a line, nor is in one twice")
{
	nest_remedy_fill("look at {}:\nfuser -v {}", "a\nreboot #{}", buf, sizeof(buf));
	CHECK_STR(buf, "look at a?reboot #{}:\nfuser -v 'a?reboot #{}'");
}

TEST(cut, "half a command is none; half a clause is one")
{
	char small[64];
	size_t size;

	for (size = 1; size <= sizeof(small); size++) {
		memset(small, 'x', sizeof(small));
		nest_remedy_fill("end it:\nfuser -v {}\nls {}", "/dev/vfio/12", small, size);
		CHECK(strlen(small) < size);
		if (strlen(small) > strlen("end it:"))
			CHECK(!strcmp(small, "end it:\nfuser -v /dev/vfio/12") ||
			      !strcmp(small, "end it:\nfuser -v /dev/vfio/12\nls /dev/vfio/12"));
	}
	CHECK_STR(small, "end it:\nfuser -v /dev/vfio/12\nls /dev/vfio/12");
}

TEST(nodes, "each node has its own udev rule, and the numbers it is made by")
{
	nest_remedy_udev("/dev/vfio/12", "qemu", buf, sizeof(buf));
	CHECK_HAS(buf, "usermod -aG vfio qemu && ");
	CHECK_HAS(buf, "'SUBSYSTEM==\"vfio\", KERNEL==\"12\", GROUP=\"vfio\", MODE=\"0660\"'");
	nest_remedy_udev("/dev/vfio/devices/vfio3", "", buf, sizeof(buf));
	CHECK_HAS(buf, "'SUBSYSTEM==\"vfio-dev\", KERNEL==\"vfio3\", ");
	CHECK_HAS(buf, "udevadm trigger /dev/vfio/devices/vfio3");
	nest_remedy_udev("/dev/iommu", NULL, buf, sizeof(buf));
	CHECK_HAS(buf, "KERNEL==\"iommu\"");
	nest_remedy_udev("/dev/vfio/vfio", NULL, buf, sizeof(buf));
	CHECK_STR(buf, "chmod 0666 /dev/vfio/vfio");
	nest_remedy_udev("/dev/null", NULL, buf, sizeof(buf));
	CHECK_STR(buf, "");
	nest_remedy_node("/dev/vfio/devices/vfio3", buf, sizeof(buf));
	CHECK_HAS(buf, "mknod -m 0600 /dev/vfio/devices/vfio3 c $(tr : ' ' < "
		       "/sys/class/vfio-dev/vfio3/dev)");
	nest_remedy_node("/dev/vfio/noiommu-0", buf, sizeof(buf));
	CHECK_STR(buf, "");
}

TEST(memlock, "a limit is lifted for a service, or for this shell")
{
	nest_remedy_memlock(NULL, buf, sizeof(buf));
	CHECK_STR(buf, "ulimit -l unlimited");
	nest_remedy_memlock("libvirtd", buf, sizeof(buf));
	CHECK_HAS(buf, "> /etc/systemd/system/libvirtd.service.d/memlock.conf && systemctl "
		       "daemon-reload && "
		       "systemctl restart libvirtd.service");
	nest_remedy_memlock("a b.scope", buf, sizeof(buf));
	CHECK_HAS(buf, "systemctl restart 'a b.scope'");
}

/* What the op is about in real life. */
static const char *object_of(const char *op)
{
	static const struct {
		const char *op, *object;
	} objects[] = {
		{ "open/container", "/dev/vfio/vfio" },
		{ "open/iommufd", "/dev/iommu" },
		{ "open/group", "/dev/vfio/12" },
		{ "open/device", "/dev/vfio/devices/vfio0" },
		{ "open/ioasid", "/dev/ioasid" },
	};
	size_t i;

	for (i = 0; op && i < ARRAY_SIZE(objects); i++)
		if (!strcmp(op, objects[i].op))
			return objects[i].object;
	return "0000:16:00.1";
}

static int list(void)
{
	const struct nest_explanation *row;
	const char *commands;

	for (row = rows; row < rows + NROWS; row++) {
		nest_remedy_fill(row->remedy, object_of(nest_stage_text(row->stage)), buf,
				 sizeof(buf));
		commands = strchr(buf, '\n');
		if (commands)
			puts(commands + 1);
	}
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 && !strcmp(argv[1], "--list") ? list() : test_main();
}
