// SPDX-License-Identifier: GPL-2.0-or-later
/* Redaction of what a probe found, which is on no tape. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "probe/probe.h"
#include "report/redact.h"
#include "util.h"

struct job {
	struct nest_redact *redact;
	struct nest_pool *pool;
	int err;
};

static char *fresh_text(struct job *job, const char *text)
{
	char *fresh = nest_redact_rewrite(job->redact, NEST_FORM_TEXT, text, strlen(text), NULL);

	if (!fresh)
		job->err = -ENOMEM;
	return fresh;
}

/* A string of the pool, or a static one: the names of requests and extensions need none of this. */
static void string(struct job *job, const char **text)
{
	char *fresh = *text ? fresh_text(job, *text) : NULL;

	if (fresh) {
		*text = nest_pool_str(job->pool, fresh);
		job->err = *text ? job->err : -ENOMEM;
	}
	free(fresh);
}

/* A text inside of the structure. It may get longer, and is cut then. */
static void buffer(struct job *job, char *text, size_t size)
{
	char *fresh = *text ? fresh_text(job, text) : NULL;

	if (fresh)
		snprintf(text, size, "%s", fresh);
	free(fresh);
}
#define BUFFER(job, text) buffer(job, text, sizeof(text))

static void node(struct job *job, struct nest_probe_node *node)
{
	string(job, &node->node.path);
	string(job, &node->node.owner);
	string(job, &node->node.group);
	string(job, &node->open.why);
	BUFFER(job, node->reason);
	BUFFER(job, node->remedy);
}

static void container(struct job *job, struct nest_probe_container *container)
{
	size_t i;

	node(job, &container->node);
	string(job, &container->api_version.why);
	for (i = 0; i < NEST_EXTENSIONS; i++) {
		string(job, &container->extensions[i].before.why);
		string(job, &container->extensions[i].after.why);
	}
	string(job, &container->before_set_iommu.why);
	string(job, &container->after_set_iommu.why);
	for (i = 0; i < NEST_TYPES; i++) {
		struct nest_probe_type *type = &container->types[i];

		string(job, &type->set_iommu.why);
		string(job, &type->version.why);
		string(job, &type->get_info.why);
		BUFFER(job, type->info.problem);
	}
	string(job, &container->rlimit_mode.why);
	node(job, &container->ioasid);
	string(job, &container->ioasid_version.why);
}

static void iommufd(struct job *job, struct nest_probe_iommufd *iommufd)
{
	struct nest_outcome *outcomes[] = {
		&iommufd->rlimit_mode, &iommufd->bind,	     &iommufd->hw_info, &iommufd->ioas,
		&iommufd->fault_queue, &iommufd->invalidate, &iommufd->attach,	&iommufd->ranges,
	};
	size_t i;

	node(job, &iommufd->node);
	node(job, &iommufd->device_node);
	string(job, &iommufd->in_kernel_why);
	BUFFER(job, iommufd->device);
	for (i = 0; i < ARRAY_SIZE(outcomes); i++)
		string(job, &outcomes[i]->why);
	for (i = 0; i < iommufd->nhwpts; i++)
		string(job, &iommufd->hwpts[i].alloc.why);
}

static void conclusions(struct job *job, struct nest_probe *probe)
{
	struct nest_recognition *recognition = &probe->recognition;
	struct nest_decision *decision = &probe->decision;
	size_t i;

	BUFFER(job, recognition->decision);
	for (i = 0; i < recognition->nevidence; i++)
		BUFFER(job, recognition->evidence[i]);
	for (i = 0; i < decision->nreasons; i++) {
		BUFFER(job, decision->reasons[i].text);
		BUFFER(job, decision->reasons[i].remedy);
	}
	BUFFER(job, decision->container_why);
	BUFFER(job, probe->question.before);
	BUFFER(job, probe->question.backend);
	BUFFER(job, probe->question.why);
	for (i = 0; i < probe->qemu.ntried; i++)
		BUFFER(job, probe->qemu.tried[i].why);
	BUFFER(job, probe->qemu.then);
}

int nest_redact_probe(struct nest_redact *redact, struct nest_pool *pool, struct nest_probe *probe)
{
	struct job job = { redact, pool, 0 };
	size_t i;

	string(&job, &probe->blocked);
	string(&job, &probe->not_bound);
	string(&job, &probe->absent_reason);
	string(&job, &probe->unit_reason);
	container(&job, &probe->container);
	node(&job, &probe->vfio_group.node);
	string(&job, &probe->vfio_group.get_status.why);
	iommufd(&job, &probe->iommufd);
	conclusions(&job, probe);
	for (i = 0; i < probe->nundone; i++)
		string(&job, &probe->undone[i].what);
	return job.err;
}

int nest_redact_devices(struct nest_redact *redact, struct nest_model *model)
{
	struct job job = { redact, &model->pool, 0 };
	size_t i;

	for (i = 0; i < model->ndevices; i++) {
		struct nest_device *dev = &model->devices[i];

		string(&job, &dev->name);
		string(&job, &dev->bus_name);
		string(&job, &dev->driver);
		string(&job, &dev->vendor_name);
		string(&job, &dev->model_name);
		string(&job, &dev->class_name);
	}
	for (i = 0; i < model->nunits; i++)
		string(&job, &model->units[i].name);
	return job.err;
}
