// SPDX-License-Identifier: GPL-2.0-or-later
/* probe as JSON: every request with its status and errno, then the decision. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "print/json.h"
#include "probe/probe.h"

/* {"status": ok|failed|skipped, "value": …, "errno": …, "reason": …} */
static struct json_object *add_outcome(struct nest_json *json, struct json_object *parent,
				       const char *key, const struct nest_outcome *outcome)
{
	struct json_object *object = nest_json_object(json, parent, key);

	nest_json_string(json, object, "status", nest_outcome_name(outcome->status));
	if (outcome->status == NEST_OUTCOME_OK)
		nest_json_number(json, object, "value", outcome->result);
	if (outcome->status == NEST_OUTCOME_FAILED) {
		nest_json_errno(json, object, "errno", outcome->err);
		nest_json_string(json, object, "operation", nest_stage_text(outcome->stage));
		nest_json_string(json, object, "reason",
				 nest_explain(outcome->stage, outcome->err).reason);
	}
	if (outcome->status == NEST_OUTCOME_SKIPPED)
		nest_json_string(json, object, "reason", outcome->why);
	return object;
}

/* The path of a node under key; under details how opening it went, and its owner. */
static void add_node(struct nest_json *json, struct json_object *parent, const char *key,
		     const char *details, const struct nest_probe_node *node)
{
	struct json_object *object;

	if (!node->node.path)
		return;
	nest_json_string(json, parent, key, node->node.path);
	object = nest_json_object(json, parent, details);
	nest_json_string(json, object, "status", nest_outcome_name(node->open.status));
	if (node->open.status == NEST_OUTCOME_FAILED) {
		nest_json_errno(json, object, "errno", node->open.err);
		nest_json_string(json, object, "reason", node->reason);
		if (node->remedy[0])
			nest_json_lines(json, object, "remedy", node->remedy);
	} else if (node->open.status == NEST_OUTCOME_SKIPPED) {
		nest_json_string(json, object, "reason", node->open.why);
	}
	nest_json_node_owner(json, object, &node->node);
}

static void add_version(struct nest_json *json, struct json_object *parent, const char *key,
			const struct nest_version *version)
{
	struct json_object *object = nest_json_object(json, parent, key);

	nest_json_string(json, object, "status", nest_version_status_name(version->status));
	if (version->status == NEST_VERSION_ANSWERED)
		nest_json_number(json, object, "value", version->value);
	nest_json_errno(json, object, "errno", version->err);
	nest_json_string(json, object, "reason", version->why);
}

static void add_ranges(struct nest_json *json, struct json_object *parent, const char *key,
		       const struct nest_range *ranges, size_t n)
{
	struct json_object *array = nest_json_array(json, parent, key);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *range = nest_json_object(json, array, NULL);

		nest_json_hex(json, range, "start", ranges[i].start);
		nest_json_hex(json, range, "last", ranges[i].last);
	}
}

static void add_cap(struct nest_json *json, struct json_object *array, const struct nest_info *info,
		    const struct nest_infocap *cap)
{
	struct json_object *object = nest_json_object(json, array, NULL);
	size_t i;

	nest_json_number(json, object, "id", cap->id);
	nest_json_string(json, object, "name", cap->name ? cap->name : "unknown");
	nest_json_number(json, object, "version", cap->version);
	nest_json_number(json, object, "offset", cap->offset);
	nest_json_number(json, object, "length", cap->len);
	nest_json_string(json, object, "revision", nest_nesting_rev_name(cap->rev));
	if (cap->nfields) {
		struct json_object *fields = nest_json_object(json, object, "fields");

		for (i = 0; i < cap->nfields; i++)
			if (cap->fields[i].hex || cap->fields[i].value > INT64_MAX)
				nest_json_hex(json, fields, cap->fields[i].name,
					      cap->fields[i].value);
			else
				nest_json_number(json, fields, cap->fields[i].name,
						 (int64_t)cap->fields[i].value);
	}
	if (cap->ranges)
		add_ranges(json, object, "ranges", cap->ranges, cap->nranges);
	nest_json_string(json, object, "problem", cap->problem);
	if (!cap->name) {
		char raw[2 * 256 + 1] = "";

		for (i = 0; i < cap->len && i < 256; i++)
			snprintf(raw + 2 * i, 3, "%02x", info->bytes[cap->offset + i]);
		nest_json_string(json, object, "raw", raw);
	}
}

static void add_info(struct nest_json *json, struct json_object *parent,
		     const struct nest_probe *probe)
{
	const struct nest_probe_type *type = nest_probe_info_type(probe);
	struct json_object *object, *array;
	size_t i;

	if (!type)
		return;
	object = nest_json_object(json, parent, "info");
	nest_json_number(json, object, "iommu_type", type->id);
	nest_json_hex(json, object, "flags", type->info.flags);
	if (type->info.have_page_sizes)
		nest_json_hex(json, object, "page_sizes", type->info.page_sizes);
	array = nest_json_array(json, object, "capabilities");
	for (i = 0; i < type->info.ncaps; i++)
		add_cap(json, array, &type->info, &type->info.caps[i]);
	if (type->info.problem[0])
		nest_json_string(json, object, "problem", type->info.problem);
}

static void add_recognition(struct nest_json *json, struct json_object *parent,
			    const struct nest_recognition *recognition)
{
	struct json_object *object = nest_json_object(json, parent, "recognition"), *array;
	size_t i;

	nest_json_string(json, object, "status", nest_recognised_name(recognition->how));
	array = nest_json_array(json, object, "revisions");
	for (i = 0; i < recognition->nrevs; i++)
		nest_json_string(json, array, NULL, nest_nesting_rev_name(recognition->revs[i]));
	nest_json_string(json, object, "text", recognition->decision);
	array = nest_json_array(json, object, "evidence");
	for (i = 0; i < recognition->nevidence; i++)
		nest_json_string(json, array, NULL, recognition->evidence[i]);
}

static void add_question(struct nest_json *json, struct json_object *parent,
			 const struct nest_question *question)
{
	struct json_object *object = nest_json_object(json, parent, "question");

	nest_json_string(json, object, "before_set_iommu", question->before);
	nest_json_string(json, object, "type1_backend", question->backend);
	nest_json_string(json, object, "select", nest_tri_name(question->select));
	nest_json_string(json, object, "why", question->why);
}

/* What another program would select here. */
static void add_choice(struct nest_json *json, struct json_object *parent,
		       const struct nest_qemu_choice *choice)
{
	struct json_object *object = nest_json_object(json, parent, "as"), *array;
	size_t i;

	nest_json_string(json, object, "who", NEST_QEMU_2020);
	nest_json_number(json, object, "own_version", NEST_QEMU_2020_VERSION);
	nest_json_string(json, object, "known", nest_tri_name(choice->known));
	nest_json_string(json, object, "selects", choice->type);
	if (choice->id)
		nest_json_number(json, object, "iommu_type", choice->id);
	array = nest_json_array(json, object, "tried");
	for (i = 0; i < choice->ntried; i++) {
		struct json_object *row = nest_json_object(json, array, NULL);

		nest_json_string(json, row, "type", choice->tried[i].type);
		nest_json_string(json, row, "why", choice->tried[i].why);
	}
	if (*choice->then)
		nest_json_string(json, object, "then", choice->then);
}

/* An array of the lines of a text. */
static void add_lines(struct nest_json *json, struct json_object *parent, const char *key,
		      const char *text)
{
	struct json_object *array = nest_json_array(json, parent, key);
	char *copy = strdup(text), *rest = copy, *line;

	json->broken = json->broken || !copy;
	while (copy && (line = strsep(&rest, "\n")))
		if (*line)
			nest_json_string(json, array, NULL, line);
	free(copy);
}

static void add_qemu11(struct nest_json *json, struct json_object *parent,
		       const struct nest_qemu11 *qemu)
{
	struct json_object *object = nest_json_object(json, parent, "as"), *array;
	size_t i;

	nest_json_string(json, object, "who", NEST_QEMU11);
	nest_json_string(json, object, "starts", nest_tri_name(qemu->starts));
	nest_json_string(json, object, "viommu", qemu->viommu);
	if (*qemu->refusal)
		nest_json_string(json, object, "message", qemu->refusal);
	array = nest_json_array(json, object, "conditions");
	for (i = 0; i < qemu->nsteps; i++) {
		struct json_object *row = nest_json_object(json, array, NULL);

		nest_json_string(json, row, "asks", qemu->steps[i].asks);
		nest_json_string(json, row, "holds", nest_tri_name(qemu->steps[i].holds));
		nest_json_string(json, row, "why", qemu->steps[i].why);
	}
	if (!*qemu->arguments)
		return;
	add_lines(json, object, "arguments", qemu->arguments);
	add_lines(json, object, "libvirt", qemu->libvirt);
}

static void add_container(struct nest_json *json, struct json_object *parent,
			  const struct nest_probe *probe)
{
	const struct nest_probe_container *container = &probe->container;
	struct json_object *object = nest_json_object(json, parent, "container");
	struct json_object *array, *versions;
	size_t i;

	add_node(json, object, "node", "open", &container->node);
	nest_json_string(json, object, "provider", nest_provider_name(container->provider));
	if (container->api_version.status == NEST_OUTCOME_OK)
		nest_json_number(json, object, "api_version", container->api_version.result);
	array = nest_json_array(json, object, "extensions");
	for (i = 0; i < NEST_EXTENSIONS; i++) {
		const struct nest_probe_extension *extension = &container->extensions[i];
		struct json_object *row;

		if (extension->before.status == NEST_OUTCOME_SKIPPED)
			continue;
		row = nest_json_object(json, array, NULL);
		nest_json_number(json, row, "id", extension->id);
		nest_json_string(json, row, "name", extension->name);
		if (extension->before.status == NEST_OUTCOME_OK)
			nest_json_number(json, row, "value", extension->before.result);
		else
			nest_json_errno(json, row, "errno", extension->before.err);
		if (extension->after.status == NEST_OUTCOME_OK)
			nest_json_number(json, row, "value_after_set_iommu",
					 extension->after.result);
	}
	versions = nest_json_object(json, object, "uapi_version");
	add_version(json, versions, "before_set_iommu", &container->before_set_iommu);
	add_version(json, versions, "after_set_iommu", &container->after_set_iommu);
	array = nest_json_array(json, object, "iommu_types");
	for (i = 0; i < NEST_TYPES; i++) {
		const struct nest_probe_type *type = &container->types[i];
		const struct nest_outcome *advertised;
		struct json_object *row;

		if (!type->name)
			continue;
		row = nest_json_object(json, array, NULL);
		nest_json_number(json, row, "id", type->id);
		nest_json_string(json, row, "name", type->name);
		advertised = &container->extensions[type->id - 1].before;
		if (advertised->status == NEST_OUTCOME_OK)
			nest_json_bool(json, row, "advertised", advertised->result > 0);
		add_outcome(json, row, "set_iommu", &type->set_iommu);
		if (type->get_info.status != NEST_OUTCOME_SKIPPED)
			add_outcome(json, row, "get_info", &type->get_info);
		add_version(json, row, "uapi_version", &type->version);
	}
	add_info(json, object, probe);
	add_node(json, object, "ioasid_node", "ioasid_open", &container->ioasid);
	if (container->ioasid_version.status != NEST_OUTCOME_SKIPPED)
		add_outcome(json, object, "ioasid_version", &container->ioasid_version);
	add_recognition(json, object, &probe->recognition);
	add_question(json, object, &probe->question);
}

static void add_group(struct nest_json *json, struct json_object *parent,
		      const struct nest_probe *probe)
{
	struct json_object *object;

	if (!probe->group)
		return;
	object = nest_json_object(json, parent, "group");
	nest_json_number(json, object, "id", probe->group->id);
	add_node(json, object, "node", "open", &probe->vfio_group.node);
	add_outcome(json, object, "get_status", &probe->vfio_group.get_status);
	if (probe->vfio_group.get_status.status == NEST_OUTCOME_OK) {
		nest_json_bool(json, object, "viable", probe->vfio_group.viable);
		nest_json_bool(json, object, "in_container", probe->vfio_group.in_container);
	}
	nest_json_string(json, object, "blocked_by", probe->blocked);
	nest_json_string(json, object, "not_bound", probe->not_bound);
}

/* Each by its name, but for those that the kind numbers. */
static void add_registers(struct nest_json *json, struct json_object *object,
			  const struct nest_hw_info *info)
{
	const struct nest_hw_register *reg = info->hw->registers, *end = reg + info->hw->nregisters;
	struct json_object *array = NULL;
	const char *list = NULL;
	size_t i;

	for (i = 0; reg < end; reg++, i++) {
		if (!(info->values.known >> i & 1))
			continue;
		if (reg->list && (!list || strcmp(list, reg->list)))
			array = nest_json_array(json, object, reg->list);
		list = reg->list;
		nest_json_hex(json, list ? array : object, list ? NULL : reg->name,
			      info->values.reg[i]);
	}
}

static void add_cmdqv(struct nest_json *json, struct json_object *parent,
		      const struct nest_probe_iommufd *iommufd)
{
	struct json_object *object;

	if (!iommufd->hw.hw || !iommufd->hw.hw->has_cmdqv)
		return;
	object = add_outcome(json, parent, "cmdqv", &iommufd->cmdqv);
	if (iommufd->cmdqv.status != NEST_OUTCOME_OK)
		return;
	nest_json_number(json, object, "version", iommufd->queues.version);
	nest_json_number(json, object, "log2_vcmdqs", iommufd->queues.log2vcmdqs);
	nest_json_number(json, object, "log2_vsids", iommufd->queues.log2vsids);
}

static void add_hw_info(struct nest_json *json, struct json_object *parent,
			const struct nest_probe_iommufd *iommufd)
{
	const struct nest_hw_info *hw = &iommufd->hw;
	struct json_object *object, *array;
	unsigned int bit;

	object = add_outcome(json, parent, "hw_info", &iommufd->hw_info);
	if (iommufd->hw_info.status != NEST_OUTCOME_OK)
		return;
	nest_json_number(json, object, "type", hw->type);
	nest_json_string(json, object, "kind", nest_hw_type_name(hw->type));
	nest_json_hex(json, object, "flags", hw->values.flags);
	if (hw->hw)
		add_registers(json, object, hw);
	if (hw->have_max_pasid)
		nest_json_number(json, object, "max_pasid_log2", hw->max_pasid_log2);
	array = nest_json_array(json, object, "capabilities");
	for (bit = 0; bit < 64; bit++) {
		if (!(hw->capabilities >> bit & 1))
			continue;
		if (nest_hw_capability_name(bit))
			nest_json_string(json, array, NULL, nest_hw_capability_name(bit));
		else
			nest_json_format(json, array, NULL, "bit_%u", bit);
	}
}

static void add_iommufd(struct nest_json *json, struct json_object *parent,
			const struct nest_probe *probe)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	struct json_object *object = nest_json_object(json, parent, "iommufd"), *array;
	size_t i;

	add_node(json, object, "node", "open", &iommufd->node);
	nest_json_string(json, object, "status", nest_tri_name(nest_probe_iommufd_status(probe)));
	nest_json_string(json, object, "in_kernel", nest_tri_name(iommufd->in_kernel));
	nest_json_string(json, object, "in_kernel_why", iommufd->in_kernel_why);
	add_outcome(json, object, "rlimit_mode", &iommufd->rlimit_mode);
	if (!probe->have_target)
		return;
	if (iommufd->device[0])
		nest_json_string(json, object, "device", iommufd->device);
	add_node(json, object, "device_node", "device_open", &iommufd->device_node);
	add_outcome(json, object, "bind", &iommufd->bind);
	add_hw_info(json, object, iommufd);
	add_cmdqv(json, object, iommufd);
	array = nest_json_array(json, object, "hwpt");
	for (i = 0; i < iommufd->nhwpts; i++) {
		struct json_object *row = add_outcome(json, array, NULL, &iommufd->hwpts[i].alloc);

		nest_json_string(json, row, "name", iommufd->hwpts[i].name);
		nest_json_number(json, row, "flags", iommufd->hwpts[i].flags);
		nest_json_number(json, row, "data_type", iommufd->hwpts[i].data_type);
	}
	if (iommufd->viommu.status != NEST_OUTCOME_SKIPPED)
		add_outcome(json, object, "viommu", &iommufd->viommu);
	if (iommufd->vdevice.status != NEST_OUTCOME_SKIPPED)
		add_outcome(json, object, "vdevice", &iommufd->vdevice);
	add_outcome(json, object, "fault_queue", &iommufd->fault_queue);
	add_outcome(json, object, "invalidate", &iommufd->invalidate);
	add_outcome(json, object, "attach", &iommufd->attach);
	add_outcome(json, object, "iova_ranges", &iommufd->ranges);
	if (iommufd->ranges.status == NEST_OUTCOME_OK && iommufd->caps.have_ranges)
		add_ranges(json, object, "usable", iommufd->caps.ranges, iommufd->caps.nranges);
}

static void add_decision(struct nest_json *json, struct json_object *parent,
			 const struct nest_decision *decision)
{
	struct json_object *object = nest_json_object(json, parent, "decision");
	struct json_object *array;
	size_t i;

	nest_json_string(json, object, "nesting", nest_usability_name(decision->nesting));
	nest_json_string(json, object, "abi", nest_abi_name(decision->abi));
	array = nest_json_array(json, object, "reasons");
	for (i = 0; i < decision->nreasons; i++) {
		struct json_object *reason = nest_json_object(json, array, NULL);

		nest_json_string(json, reason, "text", decision->reasons[i].text);
		nest_json_string(json, reason, "evidence", decision->reasons[i].evidence);
		if (decision->reasons[i].remedy[0])
			nest_json_lines(json, reason, "remedy", decision->reasons[i].remedy);
	}
}

static void add_probe(struct nest_json *json, struct json_object *parent,
		      const struct nest_probe *probe)
{
	struct json_object *array;
	size_t i;

	if (probe->device)
		nest_json_device(json, parent, "device", probe->device);
	add_container(json, parent, probe);
	add_group(json, parent, probe);
	add_iommufd(json, parent, probe);
	add_decision(json, parent, &probe->decision);
	array = nest_json_array(json, parent, "not_given_back");
	for (i = 0; i < probe->nundone; i++) {
		struct json_object *row = nest_json_object(json, array, NULL);

		nest_json_string(json, row, "what", probe->undone[i].what);
		nest_json_errno(json, row, "errno", probe->undone[i].err);
	}
	if (probe->signal)
		nest_json_number(json, parent, "signal", probe->signal);
}

struct json_object *nest_json_probes(const struct nest_model *model,
				     const struct nest_probe *probes, size_t n)
{
	struct nest_json json = { .model = model, .root = json_object_new_array_ext((int)n) };
	size_t i;

	json.broken = !json.root;
	for (i = 0; i < n; i++)
		add_probe(&json, nest_json_object(&json, json.root, NULL), &probes[i]);
	if (!json.broken)
		return json.root;
	json_object_put(json.root);
	return NULL;
}

int nest_json_probe(FILE *out, const struct nest_run *run)
{
	const struct nest_probe *probe = run->found;
	struct nest_json json;

	nest_json_start(&json, run);
	if (probe)
		add_probe(&json, json.root, probe);
	if (probe && probe->as == NEST_AS_QEMU_2020)
		add_choice(&json, json.root, &probe->qemu);
	if (probe && probe->as == NEST_AS_QEMU_11)
		add_qemu11(&json, json.root, &probe->qemu11);
	return nest_json_finish(&json, out);
}
