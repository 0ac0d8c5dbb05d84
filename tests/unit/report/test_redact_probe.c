// SPDX-License-Identifier: GPL-2.0-or-later
/* A probe of a report, with a secret in every string that it holds. */
#include <stdlib.h>

#include "print/print.h"
#include "probe/probe.h"
#include "report/redact.h"
#include "test.h"

#define SECRET	"52:54:00:ab:cd:ef"
#define INSTEAD "02:00:00:00:00:01"

static void fill_node(struct nest_probe_node *node)
{
	node->node.path = node->node.owner = node->node.group = SECRET;
	node->node.present = NEST_YES;
	node->open.status = NEST_OUTCOME_FAILED;
	node->open.err = 13;
	strcpy(node->reason, "no: " SECRET);
	strcpy(node->remedy, "ask " SECRET);
}

static void skip(struct nest_outcome *outcome)
{
	*outcome = (struct nest_outcome){ .status = NEST_OUTCOME_SKIPPED, .why = SECRET };
}

static struct nest_device device = {
	.name = SECRET,
	.bus_name = SECRET,
	.driver = SECRET,
	.vendor_name = SECRET,
	.model_name = SECRET,
	.class_name = SECRET,
	.group = NEST_NONE,
};

static struct nest_unit unit = { .name = SECRET };

static void fill_container(struct nest_probe_container *container)
{
	fill_node(&container->node);
	fill_node(&container->ioasid);
	container->before_set_iommu.why = container->after_set_iommu.why = SECRET;
	container->types[0].id = 1;
	container->types[0].name = "TYPE1";
	skip(&container->types[0].set_iommu);
	container->types[0].version.why = SECRET;
	container->types[0].get_info.status = NEST_OUTCOME_OK;
	strcpy(container->types[0].info.problem, SECRET);
}

static void fill_iommufd(struct nest_probe_iommufd *iommufd)
{
	fill_node(&iommufd->node);
	fill_node(&iommufd->device_node);
	iommufd->in_kernel_why = SECRET;
	strcpy(iommufd->device, SECRET);
	skip(&iommufd->rlimit_mode);
	skip(&iommufd->bind);
	skip(&iommufd->hw_info);
	skip(&iommufd->fault_queue);
	skip(&iommufd->invalidate);
	skip(&iommufd->attach);
	skip(&iommufd->ranges);
	iommufd->nhwpts = 1;
	iommufd->hwpts[0].name = "nested";
	skip(&iommufd->hwpts[0].alloc);
}

static void fill(struct nest_probe *probe)
{
	static const struct nest_group group = { .id = 1 };

	memset(probe, 0, sizeof(*probe));
	probe->have_target = true;
	probe->device = &device;
	probe->group = &group;
	probe->blocked = probe->not_bound = SECRET;
	fill_container(&probe->container);
	fill_node(&probe->vfio_group.node);
	skip(&probe->vfio_group.get_status);
	fill_iommufd(&probe->iommufd);
	probe->recognition.nevidence = 1;
	strcpy(probe->recognition.decision, SECRET);
	strcpy(probe->recognition.evidence[0], SECRET);
	probe->decision.nreasons = 1;
	probe->decision.reasons[0].evidence = "container";
	strcpy(probe->decision.reasons[0].text, SECRET);
	strcpy(probe->decision.reasons[0].remedy, SECRET);
	strcpy(probe->question.before, SECRET);
	strcpy(probe->question.backend, SECRET);
	strcpy(probe->question.why, SECRET);
	probe->as = NEST_AS_QEMU_2020;
	probe->qemu.ntried = 1;
	probe->qemu.tried[0].type = "NESTING";
	strcpy(probe->qemu.tried[0].why, SECRET);
	strcpy(probe->qemu.then, SECRET);
	probe->nundone = 1;
	probe->undone[0].what = SECRET;
	probe->undone[0].err = 16;
}

static char *printed(nest_print_fn *print, struct nest_probe *probe, const struct nest_model *model)
{
	static const struct nest_options options = { .format = "json" };
	struct nest_run run = {
		.command = "probe",
		.options = &options,
		.model = *model,
		.found = probe,
	};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	CHECK_EQ(print(out, &run), 0);
	fclose(out);
	return text;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void check_printer(nest_print_fn *print, size_t least)
{
	static struct nest_probe probe;
	struct nest_model model = {
		.devices = &device, .ndevices = 1, .units = &unit, .nunits = 1
	};
	struct nest_device device_before = device;
	struct nest_unit unit_before = unit;
	struct nest_redact redact = { 0 };
	char *before, *after;

	fill(&probe);
	before = printed(print, &probe, &model);
	CHECK(count(before, SECRET) >= least);
	CHECK_EQ(nest_redact_devices(&redact, &model), 0);
	CHECK_EQ(nest_redact_probe(&redact, &model.pool, &probe), 0);
	after = printed(print, &probe, &model);
	CHECK_EQ(count(after, SECRET), 0);
	CHECK_EQ(count(after, INSTEAD), count(before, SECRET));
	free(before);
	free(after);
	device = device_before;
	unit = unit_before;
	nest_redact_free(&redact);
	nest_pool_free(&model.pool);
}

TEST(json, "no string of a probe's JSON holds what was taken out")
{
	check_printer(nest_json_probe, 60);
}

TEST(human, "nor do its lines for people")
{
	check_printer(nest_human_probe, 40);
}

int main(void)
{
	return test_main();
}
