// SPDX-License-Identifier: GPL-2.0-or-later
/* What all backends have in common. */
#include "backend/backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/vdev.h"
#include "util.h"

static const char *const hw_capabilities[] = {
	"dirty_tracking",
	"pasid_exec",
	"pasid_priv",
	"ats_not_supported",
};

const char *nest_hw_capability_name(unsigned int bit)
{
	if (bit >= ARRAY_SIZE(hw_capabilities))
		return NULL;
	return hw_capabilities[bit];
}

void nest_caps_free(struct nest_caps *caps)
{
	free(caps->ranges);
	memset(caps, 0, sizeof(*caps));
}

int nest_space_open(struct nest_ctx *ctx, const struct nest_mode *mode, struct nest_failure *failed,
		    struct nest_space **ret_space)
{
	return mode->ops->open(ctx, mode, failed, ret_space);
}

int nest_space_attach(struct nest_space *space, struct nest_vdev *vdev)
{
	return space->mode->ops->attach(space, vdev);
}

int nest_space_detach(struct nest_space *space, struct nest_vdev *vdev)
{
	if (!space->mode->ops->detach)
		return nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_SPACE_DETACH, "%s",
					vdev->name);
	return space->mode->ops->detach(space, vdev);
}

int nest_space_describe(struct nest_space *space, struct nest_vdev *vdev,
			struct nest_caps *ret_caps)
{
	return space->mode->ops->describe(space, vdev, ret_caps);
}

/* The newest mapping usually goes first, so the search starts there. */
static struct nest_mapping *mapping_find(struct nest_space *space, uint64_t iova)
{
	size_t i = space->nmappings;

	while (i-- > 0)
		if (space->mappings[i].iova == iova)
			return &space->mappings[i];
	return NULL;
}

static void mapping_drop(struct nest_space *space, struct nest_mapping *mapping)
{
	struct nest_mapping *end = &space->mappings[space->nmappings];

	memmove(mapping, mapping + 1, (char *)end - (char *)(mapping + 1));
	space->nmappings--;
}

static int undo_map(struct nest_ctx *ctx, void *object, uint64_t iova)
{
	struct nest_space *space = object;
	struct nest_mapping *mapping = mapping_find(space, iova);
	struct nest_failure *failed = space->failed;
	uint64_t len = mapping->len;
	int err;

	(void)ctx;
	mapping_drop(space, mapping);
	space->failed = NULL; /* keep the failure that led here */
	err = space->mode->ops->unmap(space, iova, len, NULL);
	space->failed = failed;
	return err;
}

/* Is there room to remember one more? */
static int mapping_room(struct nest_space *space, uint64_t iova)
{
	if (space->nmappings < NEST_MAPPINGS_MAX)
		return 0;
	return nest_failure_set(space->failed, -ENOSPC, NEST_STAGE_SPACE_MAP, "0x%llx",
				(unsigned long long)iova);
}

static void mapping_add(struct nest_space *space, uint64_t iova, uint64_t len)
{
	space->mappings[space->nmappings++] = (struct nest_mapping){ iova, len };
	nest_undo_push(space->ctx, "unmap", undo_map, space, iova);
}

int nest_space_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		   unsigned int prot)
{
	int err = mapping_room(space, iova);

	if (!err)
		err = space->mode->ops->map(space, iova, va, len, prot);
	if (!err)
		mapping_add(space, iova, len);
	return err;
}

int nest_space_copy(struct nest_space *space, uint64_t from, uint64_t iova, uint64_t len)
{
	int err = mapping_room(space, iova);

	if (!err)
		err = space->mode->ops->share->copy(space, from, iova, len);
	if (!err)
		mapping_add(space, iova, len);
	return err;
}

int nest_space_map_file(struct nest_space *space, uint64_t iova, int fd, uint64_t len)
{
	int err = mapping_room(space, iova);

	if (!err)
		err = space->mode->ops->share->map_file(space, iova, fd, len);
	if (!err)
		mapping_add(space, iova, len);
	return err;
}

int nest_space_unmap(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len)
{
	struct nest_mapping *mapping = mapping_find(space, iova);
	int err;

	if (!mapping || mapping->len != len)
		return nest_failure_set(space->failed, -ENOENT, NEST_STAGE_SPACE_UNMAP, "0x%llx",
					(unsigned long long)iova);
	err = space->mode->ops->unmap(space, iova, len, ret_len);
	if (err)
		return err;
	mapping_drop(space, mapping);
	nest_undo_forget(space->ctx, undo_map, space, iova);
	return 0;
}
