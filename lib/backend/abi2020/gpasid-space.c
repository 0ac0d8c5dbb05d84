// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A type1 container with the first stage of RFC v3 or v8. Attach recognises the revision from the
 * answers of the same container that later gets the requests.
 */
#include "backend/abi2020/gpasid.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "s1/s1.h"
#include "uapi/gpasid.h"
#include "uapi/nesting.h"

static int gpasid_open(struct nest_ctx *ctx, const struct nest_mode *mode,
		       struct nest_failure *failed, struct nest_space **ret_space)
{
	struct nest_space *space;
	struct nest_gpasid *own;
	int err = nest_type1_open(ctx, mode, sizeof(*own), failed, &space);

	if (err)
		return err;
	own = nest_gpasid_of(space);
	own->ioasid = -1;
	own->version_before = nest_gpasid_ask_version(space);
	own->asked_before = own->version_before >= 0;
	*ret_space = space;
	return 0;
}

/* v8 allocates its PASIDs there, while the file is open. */
static int open_ioasid(struct nest_space *space, struct nest_signs *signs)
{
	struct nest_gpasid *own = nest_gpasid_of(space);
	int fd = nest_kernel_open(space->ctx, IOASID_NODE, O_RDWR), version;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return nest_failure_set(space->failed, fd, NEST_STAGE_OPEN_IOASID, IOASID_NODE);
	own->ioasid = fd;
	nest_undo_push(space->ctx, "close " IOASID_NODE, nest_undo_close, NULL, fd);
	version = nest_ioctl_int(space->ctx, fd, IOASID_GET_API_VERSION, 0);
	if (version < 0)
		return nest_failure_set(space->failed, version, NEST_STAGE_IOASID_VERSION,
					IOASID_NODE);
	signs->ioasid = true;
	signs->ioasid_version = version;
	return 0;
}

/* Format and features of the capability of the known revision. */
static void keep_capability(struct nest_gpasid *own, const struct nest_info *info)
{
	const struct nest_infocap *cap = nest_info_find(info, "nesting");
	const struct nest_rev_cap *at = &nest_revs[own->rev].cap;
	uint64_t value;

	if (!cap || cap->len < at->format + sizeof(own->format))
		return;
	memcpy(&own->format, info->bytes + cap->offset + at->format, sizeof(own->format));
	if (nest_infocap_get(cap, "features", &value))
		own->features = (uint32_t)value;
}

static bool takes(const struct nest_mode *mode, enum nest_nesting_rev rev)
{
	return nest_revs[rev].driven &&
	       (mode->query == NEST_QUERY_NONE || mode->query == nest_revs[rev].query);
}

static int recognise(struct nest_space *space)
{
	struct nest_gpasid *own = nest_gpasid_of(space);
	struct nest_signs signs = {
		.nesting_set = NEST_YES,
		.before = own->asked_before,
		.version_before = own->version_before,
	};
	int version = nest_gpasid_ask_version(space), err;
	const struct nest_infocap *cap;
	struct nest_info info;

	signs.after = version >= 0;
	signs.version_after = version;
	signs.after_absent = version == -ENOTTY || version == -EINVAL;
	err = nest_type1_info(space->ctx, own->type1.fd, space->failed, &info);
	if (err)
		return err;
	signs.info = &info;
	cap = nest_info_find(&info, "nesting");
	if (cap && cap->rev < NEST_REVS && nest_revs[cap->rev].pasids == NEST_PASIDS_IOASID)
		err = open_ioasid(space, &signs);
	if (!err) {
		nest_recognise(&signs, &own->recognition);
		own->rev = own->recognition.rev;
		if (takes(space->mode, own->rev))
			keep_capability(own, &info);
		else
			err = nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_RECOGNISE,
					       "%s", own->recognition.decision);
	}
	nest_info_free(&info);
	return err;
}

static int gpasid_attach(struct nest_space *space, struct nest_vdev *vdev)
{
	int group = -1, err = nest_type1_add_group(space, vdev, &group);

	if (!err && nest_gpasid_of(space)->rev == NEST_REV_NONE)
		err = recognise(space);
	return err ? err : nest_type1_open_device(space, vdev, group);
}

static int gpasid_describe(struct nest_space *space, struct nest_vdev *vdev,
			   struct nest_caps *ret_caps)
{
	const struct nest_gpasid *own = nest_gpasid_of(space);
	int err = nest_type1_describe(space, vdev, ret_caps);

	if (err)
		return err;
	if (own->format == VFIO_NESTING_FORMAT_INTEL_VTD)
		ret_caps->s1_format = &nest_s1_x86;
	return 0;
}

const struct nest_backend_ops nest_gpasid_ops = {
	.open = gpasid_open,
	.attach = gpasid_attach,
	.describe = gpasid_describe,
	.map = nest_type1_map,
	.unmap = nest_type1_unmap,
	.timed_map = nest_type1_timed_map,
	.stage1 = &nest_gpasid_stage1,
};
