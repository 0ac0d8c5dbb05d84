/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE place where shell commands are made that the program prints as remedies, so that a fix of
 * one is one fix.
 *
 * A remedy is a clause in plain words on the first line; each further line is one command, to be
 * run by root with `sh -c`, or a comment that begins with '#'. A command does its job whole or
 * leaves things as they were, by itself, and whatever the folder it is run in. Paths below /sys
 * are absolute: folders there are links, so that ".." behind one leads elsewhere.
 *
 * Pure: strings from facts. In a template {} stands for the object, {N} for the number at its end
 * ("/dev/vfio/12": 12), {U} for the user. tests/remedies.bats runs each of these commands.
 */
#ifndef NEST_REMEDY_H
#define NEST_REMEDY_H

#include <stddef.h>

#include "tri.h"

#define NEST_REMEDY_MAX 2048 /* room for any of them, with its words */

/* A format with a word for the kernel's command line. No command: how to add it differs. */
#define NEST_WORDS_CMDLINE                                                                         \
	"add %s to the kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then "      \
	"update-grub or grub2-mkconfig -o /boot/grub2/grub.cfg) and reboot"

#define NEST_WORDS_XEN                                                                             \
	"assign devices with Xen's own tools (xl pci-assignable-add), or boot without Xen"

/* ---- templates ---- */

#define NEST_CMD_LOAD(module) "modprobe " module

/*
 * Both parameters can be written while the module is in use; modprobe would not change those of a
 * loaded one.
 */
#define NEST_CMD_UNSAFE(module, value)                                                             \
	"modprobe " module " && echo " value " > /sys/module/" module                              \
	"/parameters/allow_unsafe_interrupts"
#define NEST_CMD_DMA_ENTRIES(value)                                                                \
	"modprobe vfio_iommu_type1 && echo " value                                                 \
	" > /sys/module/vfio_iommu_type1/parameters/dma_entry_limit"
#define NEST_CMD_NOIOMMU_OFF "echo 0 > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

#define NEST_CMD_MEMLOCK     "ulimit -l unlimited"
#define NEST_CMD_FILES	     "ulimit -n 4096"
#define NEST_CMD_HOLDERS     "fuser -v {}"
#define NEST_CMD_HOLDERS_ALL "fuser -v /dev/vfio/*"
#define NEST_CMD_OPEN_TO_ALL "chmod 0666 {}"
#define NEST_CMD_ACL	     "getfacl {}"
#define NEST_CMD_DEPMOD	     "depmod -a && modprobe {}"
#define NEST_CMD_MODINFO     "modinfo {}"
#define NEST_CMD_PROBE	     "vfio-nestctl probe {}"
#define NEST_CMD_SHOW	     "vfio-nestctl show {}"
#define NEST_CMD_LIST	     "vfio-nestctl list"
#define NEST_CMD_STIMULI     "vfio-nestctl list -o +STIM"
#define NEST_CMD_TREE	     "vfio-nestctl list --tree"
#define NEST_CMD_NESTABLE    "vfio-nestctl list --nestable"
#define NEST_CMD_TRIP	     "vfio-nestctl roundtrip {}"
#define NEST_CMD_TRIP_TOKEN  "# vfio-nestctl roundtrip --vf-token UUID {}"
#define NEST_CMD_DECODE_DMAR "vfio-nestctl decode dmar {}"
#define NEST_CMD_LOG	     "dmesg | grep -i -e iommu -e dmar -e amd-vi -e smmu"
#define NEST_CMD_LOG_OF	     "dmesg | grep -e '{}'"
#define NEST_CMD_LOG_FAULTS  "dmesg | vfio-nestctl decode --log=-"
#define NEST_CMD_LOG_REMAP   "dmesg | grep -i -e 'interrupt remapping' -e 'irq remapping' -e {}"
#define NEST_CMD_DT_IOMMUS   "find /sys/firmware/devicetree/base -name '#iommu-cells'"
#define NEST_CMD_CONFIG	     "zgrep -w {} /proc/config.gz /boot/config-$(uname -r)"
#define NEST_CMD_MOCK_CONFIG "zgrep IOMMUFD_TEST /proc/config.gz /boot/config-$(uname -r)"

/*
 * A rule of udev that gives the node {} to the group vfio, and the user {U} to that group. The
 * node has it at once, the user with the next login.
 */
#define NEST_CMD_UDEV(match, file)                                                                 \
	"groupadd -f vfio && usermod -aG vfio {U} && echo '" match                                 \
	", GROUP=\"vfio\", MODE=\"0660\"' >> "                                                     \
	"/etc/udev/rules.d/" file " && udevadm control --reload && udevadm trigger {}"
#define NEST_UDEV_IOMMUFD NEST_CMD_UDEV("SUBSYSTEM==\"misc\", KERNEL==\"iommu\"", "70-iommu.rules")
#define NEST_UDEV_GROUP	  NEST_CMD_UDEV("SUBSYSTEM==\"vfio\", KERNEL==\"{N}\"", "70-vfio.rules")
#define NEST_UDEV_DEVICE                                                                           \
	NEST_CMD_UDEV("SUBSYSTEM==\"vfio-dev\", KERNEL==\"vfio{N}\"", "70-vfio.rules")

/* ---- made from facts: into buf, which holds NEST_REMEDY_MAX ---- */

/*
 * Fills a template; NULL is "". Behind the first line break, the object is quoted for the shell
 * where it must be. What finds no room is cut: words anywhere, commands as whole lines. size is at
 * least 1.
 */
void nest_remedy_fill(const char *template, const char *object, char *buf, size_t size);

/* The same for a template that has no clause in front: commands alone. */
void nest_remedy_commands(const char *template, const char *object, char *buf, size_t size);

/* Adds one more object to a command. */
void nest_remedy_and(const char *object, char *buf, size_t size);

/*
 * As one word of a shell: itself, or in single quotes, where bytes that are no text are question
 * marks.
 */
void nest_remedy_quote(const char *text, char *buf, size_t size);

/*
 * Binds a PCI device to vfio-pci; bound: whether it has a driver now. And what goes back to its
 * own afterwards.
 */
void nest_remedy_bind(const char *address, enum nest_tri bound, char *buf, size_t size);
void nest_remedy_bind_back(const char *address, char *buf, size_t size);

/* Both in one: what goes back stands in comments, "# to go back: COMMAND". */
void nest_remedy_bind_and_back(const char *address, enum nest_tri bound, char *buf, size_t size);

/* Frees a group of a device: to vfio-pci, or just away from its driver. And back. */
void nest_remedy_free(const char *address, char *buf, size_t size);
void nest_remedy_free_back(const char *address, char *buf, size_t size);

/*
 * A node of VFIO or iommufd that sysfs knows and /dev has not. "" for a path that is none of
 * these.
 */
void nest_remedy_node(const char *path, char *buf, size_t size);

/* The caller into a group that may have the node already; user "" or NULL: the shell's user. */
void nest_remedy_join(const char *group, const char *user, char *buf, size_t size);

/* The udev rule for /dev/iommu, a group's node or a device's, with the user in the group vfio. */
void nest_remedy_udev(const char *path, const char *user, char *buf, size_t size);

/*
 * No limit of locked memory for a systemd service ("libvirtd", "x.service"); NULL: for this shell.
 */
void nest_remedy_memlock(const char *service, char *buf, size_t size);

#endif
