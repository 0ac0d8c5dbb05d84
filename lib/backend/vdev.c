// SPDX-License-Identifier: GPL-2.0-or-later
/* What a VFIO device fd answers: flags, regions, and PCI config space behind one of them. */
#include "backend/vdev.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "uapi/vfio.h"

#define COMMAND	       0x04
#define STATUS	       0x06
#define STATUS_CAPS    0x0010 /* the kernel clears it where it finds no capability */
#define COMMAND_MEMORY 0x0002
#define COMMAND_MASTER 0x0004
#define EXT_CAPS       0x100

/* A longer chain than fits into config space has a loop. */
#define EXT_CAPS_MAX ((4096 - 256) / 8)

int nest_vf_token_parse(const char *text, struct nest_vf_token *ret_token)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	struct nest_vf_token token = { 0 };
	size_t i, n = 0;

	if (strlen(text) != sizeof(form) - 1)
		return -EINVAL;
	for (i = 0; form[i]; i++) {
		char digit[2] = { text[i], '\0' };

		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return -EINVAL;
		if (form[i] == '-')
			continue;
		token.uuid[n / 2] = (uint8_t)(token.uuid[n / 2] << 4 | strtoul(digit, NULL, 16));
		n++;
	}
	memcpy(token.text, text, sizeof(form));
	*ret_token = token;
	return 0;
}

void nest_vdev_init(struct nest_vdev *vdev, const char *name, const char *bus, uint32_t group,
		    struct nest_failure *failed)
{
	*vdev = (struct nest_vdev){ .group = group, .fd = -1, .failed = failed };
	snprintf(vdev->name, sizeof(vdev->name), "%s", name);
	snprintf(vdev->bus, sizeof(vdev->bus), "%s", bus ? bus : "");
}

/* One region. -EINVAL for an optional one (VGA): the device does not have it. */
static int describe_region(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t index)
{
	struct nest_vdev_region *region = &vdev->regions[index];
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };
	int err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_GET_REGION_INFO, &info);

	*region = (struct nest_vdev_region){ 0 };
	if (err == -EINVAL && index == VFIO_PCI_VGA_REGION_INDEX)
		return 0;
	if (err < 0)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_REGION_INFO, "%s region %u",
					vdev->name, index);
	region->size = info.size;
	region->offset = info.offset;
	region->readable = info.flags & VFIO_REGION_INFO_FLAG_READ;
	region->writable = info.flags & VFIO_REGION_INFO_FLAG_WRITE;
	region->mappable = info.flags & VFIO_REGION_INFO_FLAG_MMAP;
	return 0;
}

int nest_vdev_describe(struct nest_ctx *ctx, struct nest_vdev *vdev)
{
	struct vfio_device_info info = { .argsz = VFIO_DEVICE_INFO_MIN };
	uint32_t i;
	int err;

	if (vdev->described)
		return 0;
	err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_GET_INFO, &info);
	if (err < 0)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_DEVICE_INFO, "%s",
					vdev->name);
	vdev->pci = info.flags & VFIO_DEVICE_FLAGS_PCI;
	vdev->can_reset = info.flags & VFIO_DEVICE_FLAGS_RESET;
	vdev->nregions = info.num_regions;
	vdev->nirqs = info.num_irqs;
	for (i = 0; i < info.num_regions && i < NEST_VDEV_REGIONS; i++) {
		err = describe_region(ctx, vdev, i);
		if (err)
			return err;
	}
	vdev->described = true;
	return 0;
}

/* Config space, if len bytes at offset lie in it. */
static int config_region(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t offset, size_t len,
			 uint64_t *ret_at)
{
	const struct nest_vdev_region *config = &vdev->regions[VFIO_PCI_CONFIG_REGION_INDEX];
	int err = nest_vdev_describe(ctx, vdev);

	if (err)
		return err;
	if (!vdev->pci || len > config->size || offset > config->size - len)
		return nest_failure_set(vdev->failed, -EINVAL, NEST_STAGE_CONFIG, "%s offset 0x%x",
					vdev->name, offset);
	*ret_at = config->offset + offset;
	return 0;
}

int nest_vdev_config_read(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t offset, void *buf,
			  size_t len)
{
	uint64_t at;
	ssize_t n;
	int err = config_region(ctx, vdev, offset, len, &at);

	if (err)
		return err;
	n = nest_kernel_pread(ctx, vdev->fd, buf, len, at);
	if (n == (ssize_t)len)
		return 0;
	return nest_failure_set(vdev->failed, n < 0 ? (int)n : -EIO, NEST_STAGE_CONFIG_READ,
				"%s offset 0x%x", vdev->name, offset);
}

static int read16(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t offset, uint16_t *ret)
{
	uint8_t raw[2];
	int err = nest_vdev_config_read(ctx, vdev, offset, raw, sizeof(raw));

	if (!err)
		*ret = (uint16_t)(raw[0] | raw[1] << 8);
	return err;
}

bool nest_vdev_is_gone(struct nest_ctx *ctx, struct nest_vdev *vdev)
{
	struct nest_failure before = vdev->failed ? *vdev->failed : (struct nest_failure){ 0 };
	uint16_t status;
	bool gone = read16(ctx, vdev, STATUS, &status) || (status | STATUS_CAPS) == UINT16_MAX;

	if (vdev->failed)
		*vdev->failed = before;
	return gone;
}

int nest_vdev_ext_cap_find(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t id,
			   uint32_t *ret_offset)
{
	uint32_t at = EXT_CAPS;
	int err, i;

	err = nest_vdev_describe(ctx, vdev);
	if (err)
		return err;
	/* A conventional PCI device has no extended space. */
	for (i = 0; i < EXT_CAPS_MAX && at >= EXT_CAPS; i++) {
		uint8_t raw[4];
		uint16_t here;

		if (at + 4 > vdev->regions[VFIO_PCI_CONFIG_REGION_INDEX].size)
			break;
		err = nest_vdev_config_read(ctx, vdev, at, raw, sizeof(raw));
		if (err)
			return err;
		here = (uint16_t)(raw[0] | raw[1] << 8);
		if (here == UINT16_MAX || (!here && !raw[2] && !raw[3]))
			break;
		if (here == id) {
			*ret_offset = at;
			return 0;
		}
		at = ((uint32_t)raw[3] << 4 | raw[2] >> 4) & 0xffc;
	}
	return -ENOENT;
}

int nest_vdev_map_bar(struct nest_ctx *ctx, struct nest_vdev *vdev, unsigned int bar,
		      volatile void **ret_addr, size_t *ret_len)
{
	const struct nest_vdev_region *region = &vdev->regions[bar];
	void *addr;
	int err = nest_vdev_describe(ctx, vdev);

	if (err)
		return err;
	if (bar > VFIO_PCI_BAR5_REGION_INDEX || !region->size || !region->mappable)
		return nest_failure_set(vdev->failed, -ENXIO, NEST_STAGE_MMAP_BAR, "%s BAR %u",
					vdev->name, bar);
	err = nest_kernel_mmap(ctx, vdev->fd, region->size, region->offset, &addr);
	if (err)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_MMAP_BAR, "%s BAR %u",
					vdev->name, bar);
	nest_undo_push(ctx, "unmap a BAR", nest_undo_munmap, addr, region->size);
	*ret_addr = addr;
	if (ret_len)
		*ret_len = region->size;
	return 0;
}

static int write_command(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t command)
{
	uint8_t raw[2] = { (uint8_t)command, (uint8_t)(command >> 8) };
	uint64_t at;
	ssize_t n;
	int err = config_region(ctx, vdev, COMMAND, sizeof(raw), &at);

	if (err)
		return err;
	n = nest_kernel_pwrite(ctx, vdev->fd, raw, sizeof(raw), at);
	if (n == (ssize_t)sizeof(raw))
		return 0;
	return nest_failure_set(vdev->failed, n < 0 ? (int)n : -EIO, NEST_STAGE_CONFIG_WRITE,
				"%s offset 0x%x", vdev->name, COMMAND);
}

/* The kernel emulates part of the register, so the value is read back. */
static int undo_command(struct nest_ctx *ctx, void *vdev, uint64_t command)
{
	uint16_t now;
	int err = write_command(ctx, vdev, (uint16_t)command);

	if (!err)
		err = read16(ctx, vdev, COMMAND, &now);
	/* A device that is gone has no register to restore. */
	if (!err && now != command && nest_vdev_is_gone(ctx, vdev))
		return 0;
	return err ? err : now == command ? 0 : -EIO;
}

/* Sets and clears bits of the command register, and pushes the restore. */
static int change_command(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t set,
			  uint16_t clear, uint16_t *ret_before)
{
	uint16_t command;
	int err = read16(ctx, vdev, COMMAND, &command);

	if (!err)
		err = write_command(ctx, vdev, (uint16_t)((command | set) & ~clear));
	if (err)
		return err;
	nest_undo_push(ctx, "restore the command register", undo_command, vdev, command);
	*ret_before = command;
	return 0;
}

int nest_vdev_enable(struct nest_ctx *ctx, struct nest_vdev *vdev)
{
	uint16_t before;

	return change_command(ctx, vdev, COMMAND_MEMORY | COMMAND_MASTER, 0, &before);
}

int nest_vdev_decode_off(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t *ret_command)
{
	return change_command(ctx, vdev, 0, COMMAND_MEMORY, ret_command);
}

int nest_vdev_decode_back(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t command,
			  bool *ret_off)
{
	int err = nest_undo_now(ctx, undo_command, vdev, command);

	*ret_off = err && nest_undo_now(ctx, undo_command, vdev, command);
	return err;
}

int nest_vdev_reset(struct nest_ctx *ctx, struct nest_vdev *vdev)
{
	int err = nest_ioctl_int(ctx, vdev->fd, VFIO_DEVICE_RESET, 0);

	if (err < 0)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_RESET, "%s", vdev->name);
	return 0;
}
