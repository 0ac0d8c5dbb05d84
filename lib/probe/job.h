/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the probes, and the parts that run.c calls. */
#ifndef NEST_PROBE_JOB_H
#define NEST_PROBE_JOB_H

#include "ctx.h"
#include "probe/probe.h"
#include "backend/iommufd.h"
#include "backend/vdev.h"

/* One run of the probes. What a probe opens stays open for those after it in the same part. */
struct nest_probe_job {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_probe *probe;
	const struct nest_device *device; /* bound to a vfio driver, or NULL */
	int container;			  /* fd, or -1 */
	int group;			  /* fd, or -1 */
	struct nest_space *space;	  /* iommufd, or NULL */
	struct nest_vdev vdev;
	struct nest_failure failed;
	uint32_t fault_id;
	uint32_t parent_id, viommu_id;
	struct nest_iommufd_try table; /* of the format that the hardware walks */
};

/* Releases what was acquired above mark; failures go into the probe. */
void nest_probe_undo(struct nest_probe_job *job, size_t mark);

/* probe/node.c: notes the node's owner, and whether sysfs_class ("misc/vfio") exists. */
void nest_probe_node_stat(struct nest_probe_job *job, const char *path, const char *sysfs_class,
			  struct nest_probe_node *node);

/* probe/node.c: fills in why it did not open. failed is that of the open. */
void nest_probe_node_explain(const struct nest_failure *failed, struct nest_probe_node *node);

/* probe/node.c: both, and the open itself. The fd, pushed for closing, or -1. */
int nest_probe_node_open(struct nest_probe_job *job, enum nest_stage stage, const char *path,
			 const char *sysfs_class, struct nest_probe_node *node);

/* probe/container.c */
void nest_probe_container_open(struct nest_probe_job *job);
void nest_probe_container_version(struct nest_probe_job *job);
void nest_probe_container_extensions(struct nest_probe_job *job);
void nest_probe_container_query(struct nest_probe_job *job);
void nest_probe_container_provider(struct nest_probe_job *job);
void nest_probe_container_ioasid(struct nest_probe_job *job);

/* probe/group.c */
void nest_probe_group_open(struct nest_probe_job *job);
void nest_probe_group_types(struct nest_probe_job *job);

/* probe/iommufd.c */
void nest_probe_iommufd_open(struct nest_probe_job *job);
void nest_probe_iommufd_bind(struct nest_probe_job *job);
void nest_probe_iommufd_hw(struct nest_probe_job *job);
void nest_probe_iommufd_hwpts(struct nest_probe_job *job);
void nest_probe_iommufd_attach(struct nest_probe_job *job);

/* The query of 2020, on any container fd. */
struct nest_version nest_version_ask(struct nest_ctx *ctx, int container);

#endif
