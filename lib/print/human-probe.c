// SPDX-License-Identifier: GPL-2.0-or-later
/* probe for people: the verdict first, then each answer of the kernel. */
#include <string.h>

#include "errnoname.h"
#include "explain.h"
#include "print/human.h"
#include "probe/probe.h"

/* "1", "EINVAL", "not asked: why" */
static const char *outcome_text(const struct nest_outcome *outcome, char *buf, size_t size)
{
	switch (outcome->status) {
	case NEST_OUTCOME_OK:
		snprintf(buf, size, "%d", outcome->result);
		break;
	case NEST_OUTCOME_FAILED:
		snprintf(buf, size, "%s", nest_errno_name(outcome->err));
		break;
	case NEST_OUTCOME_SKIPPED:
		snprintf(buf, size, "not asked%s%s", outcome->why ? ": " : "",
			 outcome->why ? outcome->why : "");
		break;
	}
	return buf;
}

/* The same for a request whose result is no number that matters. */
static void put_outcome(FILE *out, const struct nest_run *run, const char *name,
			const struct nest_outcome *outcome)
{
	char text[400];

	if (outcome->status == NEST_OUTCOME_OK) {
		nest_fact(out, run, name, "ok");
	} else if (outcome->status == NEST_OUTCOME_FAILED) {
		nest_fact(out, run, name, "%s: %s", nest_errno_name(outcome->err),
			  nest_explain(outcome->stage, outcome->err).reason);
	} else if (outcome->why) {
		nest_fact(out, run, name, "%s", outcome_text(outcome, text, sizeof(text)));
	}
}

static void put_node(FILE *out, const struct nest_run *run, const char *name,
		     const struct nest_probe_node *node)
{
	if (!node->node.path)
		return;
	if (node->node.present == NEST_YES)
		nest_human_node(out, run, name, &node->node,
				node->open.status == NEST_OUTCOME_OK ? ", opened" : "");
	else
		nest_fact(out, run, name, "%s", node->node.path);
	if (node->open.status == NEST_OUTCOME_FAILED) {
		nest_fact(out, run, "", "open: %s: %s", nest_errno_name(node->open.err),
			  node->reason);
		if (node->remedy[0])
			nest_human_remedy(out, run, "", "fix: ", node->remedy);
	} else if (node->open.status == NEST_OUTCOME_SKIPPED && node->open.why) {
		nest_fact(out, run, "", "not opened: %s", node->open.why);
	}
}

static void put_version(FILE *out, const struct nest_run *run, const char *name,
			const struct nest_version *version)
{
	if (version->status == NEST_VERSION_ANSWERED)
		nest_fact(out, run, name, "answered: version %d", version->value);
	else if (version->status == NEST_VERSION_SKIPPED)
		nest_fact(out, run, name, "not asked%s%s", version->why ? ": " : "",
			  version->why ? version->why : "");
	else
		nest_fact(out, run, name, "%s (%s)", nest_version_status_name(version->status),
			  nest_errno_name(version->err));
}

static void put_decision(FILE *out, const struct nest_run *run, const struct nest_probe *probe)
{
	static const char *const answers[] = {
		[NEST_USABILITY_UNKNOWN] = "unknown",
		[NEST_UNUSABLE] = "no",
		[NEST_USABLE] = "yes",
	};
	static const enum nest_paint paints[] = {
		[NEST_USABILITY_UNKNOWN] = NEST_YELLOW,
		[NEST_UNUSABLE] = NEST_RED,
		[NEST_USABLE] = NEST_GREEN,
	};
	const struct nest_decision *decision = &probe->decision;
	const char *abi = nest_abi_name(decision->abi);
	const char *name = probe->device ? probe->device->name : NULL;
	size_t i;

	fprintf(out, "can user space select nesting");
	if (name)
		nest_out(out, " for %s", name);
	else if (probe->group)
		fprintf(out, " for group %u", probe->group->id);
	fputs(": ", out);
	nest_paint(out, run, paints[decision->nesting], "%s", answers[decision->nesting]);
	if (abi)
		nest_out(out, "%s%s",
			 decision->nesting == NEST_USABLE ? ", through " : ", found: ", abi);
	fputc('\n', out);
	for (i = 0; i < decision->nreasons; i++) {
		nest_fact(out, run, i ? "" : "because", "%s", decision->reasons[i].text);
		if (decision->reasons[i].remedy[0])
			nest_human_remedy(out, run, "", "fix: ", decision->reasons[i].remedy);
	}
}

static void put_extensions(FILE *out, const struct nest_run *run,
			   const struct nest_probe_container *container)
{
	char before[200], after[200];
	size_t i;

	if (container->extensions[0].before.status == NEST_OUTCOME_SKIPPED)
		return;
	for (i = 0; i < NEST_EXTENSIONS; i++) {
		const struct nest_probe_extension *extension = &container->extensions[i];

		outcome_text(&extension->before, before, sizeof(before));
		if (extension->after.status == NEST_OUTCOME_SKIPPED)
			nest_fact(out, run, i ? "" : "extensions", "%-2u %-14s %s", extension->id,
				  extension->name, before);
		else
			nest_fact(out, run, i ? "" : "extensions",
				  "%-2u %-14s %s (with the group: %s)", extension->id,
				  extension->name, before,
				  outcome_text(&extension->after, after, sizeof(after)));
	}
}

static void put_types(FILE *out, const struct nest_run *run,
		      const struct nest_probe_container *container)
{
	bool first = true;
	size_t i;

	for (i = 0; i < NEST_TYPES; i++) {
		const struct nest_probe_type *type = &container->types[i];
		char text[300] = "ok";

		if (!type->name ||
		    (type->set_iommu.status == NEST_OUTCOME_SKIPPED && !type->set_iommu.why))
			continue;
		if (type->set_iommu.status == NEST_OUTCOME_FAILED)
			snprintf(text, sizeof(text), "%s: %s", nest_errno_name(type->set_iommu.err),
				 nest_explain(type->set_iommu.stage, type->set_iommu.err).reason);
		else if (type->set_iommu.status == NEST_OUTCOME_SKIPPED)
			outcome_text(&type->set_iommu, text, sizeof(text));
		nest_fact(out, run, first ? "SET_IOMMU" : "", "%u %s: %s", type->id, type->name,
			  text);
		first = false;
	}
}

static void put_cap(FILE *out, const struct nest_run *run, const struct nest_info *info,
		    const struct nest_infocap *cap)
{
	char text[1024];
	size_t len, i;

	len = (size_t)snprintf(text, sizeof(text), "%u %s, version %u, %u bytes", cap->id,
			       cap->name ? cap->name : "unknown", cap->version, cap->len);
	if (cap->rev != NEST_REV_NONE)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ", revision %s",
					nest_nesting_rev_name(cap->rev));
	for (i = 0; i < cap->nfields && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					cap->fields[i].hex ? ", %s 0x%llx" : ", %s %llu",
					cap->fields[i].name,
					(unsigned long long)cap->fields[i].value);
	for (i = 0; i < cap->nranges && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s 0x%llx-0x%llx",
					i ? "," : ", usable",
					(unsigned long long)cap->ranges[i].start,
					(unsigned long long)cap->ranges[i].last);
	if (!cap->name && len < sizeof(text)) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, ":");
		for (i = 8; i < cap->len && i < 72 && len < sizeof(text); i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %02x",
						info->bytes[cap->offset + i]);
	}
	nest_fact(out, run, "capability", "%s", text);
	if (cap->problem)
		nest_fact(out, run, "", "%s", cap->problem);
}

/* No type has an answer of GET_INFO: say why, once. */
static void put_no_info(FILE *out, const struct nest_run *run,
			const struct nest_probe_container *container)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++)
		if (container->types[i].get_info.status == NEST_OUTCOME_FAILED) {
			put_outcome(out, run, "GET_INFO", &container->types[i].get_info);
			return;
		}
}

static void put_info(FILE *out, const struct nest_run *run, const struct nest_probe *probe)
{
	const struct nest_probe_type *type = nest_probe_info_type(probe);
	size_t i;

	if (!type) {
		put_no_info(out, run, &probe->container);
		return;
	}
	if (type->info.have_page_sizes)
		nest_fact(out, run, "page sizes", "0x%llx",
			  (unsigned long long)type->info.page_sizes);
	for (i = 0; i < type->info.ncaps; i++)
		put_cap(out, run, &type->info, &type->info.caps[i]);
	if (type->info.problem[0])
		nest_fact(out, run, "capabilities", "the chain is broken: %s", type->info.problem);
}

static void put_group(FILE *out, const struct nest_run *run, const struct nest_probe *probe)
{
	char name[32];

	if (!probe->have_target || !probe->group)
		return;
	snprintf(name, sizeof(name), "Group %u", probe->group->id);
	nest_heading(out, run, name);
	if (probe->not_bound)
		nest_fact(out, run, "not bound", "%s", probe->not_bound);
	if (probe->blocked)
		nest_fact(out, run, "blocked by", "%s", probe->blocked);
	put_node(out, run, "node", &probe->vfio_group.node);
	if (probe->vfio_group.get_status.status == NEST_OUTCOME_OK)
		nest_fact(out, run, "status", "%s%s",
			  probe->vfio_group.viable ? "viable" : "not viable",
			  probe->vfio_group.in_container ? ", in use by a container" : "");
	else
		put_outcome(out, run, "status", &probe->vfio_group.get_status);
}

static void put_hardware(FILE *out, const struct nest_run *run, const struct nest_hw_info *info)
{
	const struct nest_hw_quirk *quirk = NULL;
	char text[256] = "";

	if (info->hw) {
		quirk = nest_hw_quirk(info->hw, &info->values);
		nest_hw_values_text(info->hw, &info->values, UINT32_MAX, text, sizeof(text));
	}
	nest_fact(out, run, "hardware", "%s%s%s", nest_hw_type_name(info->type), quirk ? ", " : "",
		  quirk ? quirk->brief : "");
	if (*text)
		nest_fact(out, run, "", "%s", text);
}

/* For a table that the driver refuses: what it needs of this hardware. */
static void put_hwpt(FILE *out, const struct nest_run *run, const struct nest_probe *probe,
		     const struct nest_probe_hwpt *hwpt)
{
	const struct nest_outcome *alloc = &hwpt->alloc;
	const char *needs = probe->hw && nest_outcome_is_no(alloc)
				    ? nest_hw_needs(probe->hw, &probe->values, alloc->stage)
				    : NULL;
	char name[64];

	snprintf(name, sizeof(name), "HWPT %s", hwpt->name);
	if (needs)
		nest_fact(out, run, name, "%s: %s (%s)", nest_errno_name(alloc->err),
			  nest_explain(alloc->stage, alloc->err).reason, needs);
	else
		put_outcome(out, run, name, alloc);
}

static void put_iommufd(FILE *out, const struct nest_run *run, const struct nest_probe *probe)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	size_t i;

	nest_heading(out, run, "iommufd");
	put_node(out, run, "node", &iommufd->node);
	if (iommufd->in_kernel_why && iommufd->node.open.status != NEST_OUTCOME_OK)
		nest_fact(out, run, "in this kernel", "%s: %s", nest_tri_name(iommufd->in_kernel),
			  iommufd->in_kernel_why);
	put_node(out, run, "device node", &iommufd->device_node);
	put_outcome(out, run, "bind", &iommufd->bind);
	if (iommufd->hw_info.status == NEST_OUTCOME_OK)
		put_hardware(out, run, &iommufd->hw);
	else
		put_outcome(out, run, "hardware", &iommufd->hw_info);
	if (iommufd->hw.hw && iommufd->hw.hw->has_cmdqv)
		put_outcome(out, run, "command queues", &iommufd->cmdqv);
	for (i = 0; i < iommufd->nhwpts; i++)
		put_hwpt(out, run, probe, &iommufd->hwpts[i]);
	put_outcome(out, run, "vIOMMU", &iommufd->viommu);
	put_outcome(out, run, "vDEVICE", &iommufd->vdevice);
	put_outcome(out, run, "fault queue", &iommufd->fault_queue);
	put_outcome(out, run, "attach", &iommufd->attach);
	if (iommufd->ranges.status == NEST_OUTCOME_OK)
		for (i = 0; i < iommufd->caps.nranges; i++)
			nest_fact(out, run, i ? "" : "usable", "0x%llx-0x%llx",
				  (unsigned long long)iommufd->caps.ranges[i].start,
				  (unsigned long long)iommufd->caps.ranges[i].last);
}

/* What the discussion of 2020 was about: does a container nest, by which revision. */
static void put_question(FILE *out, const struct nest_run *run, const struct nest_probe *probe)
{
	const struct nest_recognition *recognition = &probe->recognition;
	const struct nest_question *question = &probe->question;
	size_t i;

	nest_heading(out, run, "Out-of-tree nesting ABI (2020)");
	nest_fact(out, run, "version query", "%s", question->before);
	nest_fact(out, run, "type1 backend", "%s", question->backend);
	nest_fact(out, run, "revision", "%s", recognition->decision);
	for (i = 0; i < recognition->nevidence; i++)
		nest_fact(out, run, i ? "" : "evidence", "%s", recognition->evidence[i]);
	nest_fact(out, run, "select type 6", "%s: %s", nest_tri_name(question->select),
		  question->why);
}

static void put_choice(FILE *out, const struct nest_run *run, const struct nest_qemu_choice *choice)
{
	size_t i;

	if (choice->id)
		fprintf(out, "QEMU of January 2020 would select: %s (%u)\n", choice->type,
			choice->id);
	else
		fprintf(out, "QEMU of January 2020 would select: %s\n",
			choice->known == NEST_NO ? "nothing" : "unknown");
	for (i = 0; i < choice->ntried; i++)
		nest_fact(out, run, choice->tried[i].type, "%s", choice->tried[i].why);
	if (*choice->then)
		nest_fact(out, run, "result", "%s", choice->then);
	fputc('\n', out);
}

static void put_qemu11(FILE *out, const struct nest_run *run, const struct nest_qemu11 *qemu)
{
	size_t i;

	nest_wrap(out, 0, "QEMU 11.1 would start with this device behind %s: %s",
		  qemu->viommu ? qemu->viommu : "a virtual IOMMU that nests",
		  nest_tri_name(qemu->starts));
	if (*qemu->refusal)
		nest_fact(out, run, "its message", "%s", qemu->refusal);
	for (i = 0; i < qemu->nsteps; i++)
		nest_fact(out, run, nest_tri_name(qemu->steps[i].holds), "%s (%s)",
			  qemu->steps[i].asks, qemu->steps[i].why);
	if (*qemu->arguments) {
		nest_fact(out, run, "arguments", "of QEMU 11.1 that fit this device:");
		nest_human_commands(out, run, qemu->arguments);
		nest_fact(out, run, "libvirt", "elements that fit it:");
		nest_human_commands(out, run, qemu->libvirt);
	}
	fputc('\n', out);
}

int nest_human_probe(FILE *out, const struct nest_run *run)
{
	const struct nest_probe *probe = run->found;
	char text[200];
	size_t i;

	if (!probe)
		return 0;
	if (probe->as == NEST_AS_QEMU_2020)
		put_choice(out, run, &probe->qemu);
	if (probe->as == NEST_AS_QEMU_11)
		put_qemu11(out, run, &probe->qemu11);
	put_decision(out, run, probe);
	nest_heading(out, run, "VFIO container");
	put_node(out, run, "node", &probe->container.node);
	if (probe->container.node.open.status == NEST_OUTCOME_OK) {
		nest_fact(out, run, "served by", "%s",
			  nest_provider_name(probe->container.provider));
		nest_fact(out, run, "API version", "%s",
			  outcome_text(&probe->container.api_version, text, sizeof(text)));
	}
	put_extensions(out, run, &probe->container);
	put_version(out, run, "uAPI, before set", &probe->container.before_set_iommu);
	put_version(out, run, "uAPI, after set", &probe->container.after_set_iommu);
	put_types(out, run, &probe->container);
	put_info(out, run, probe);
	put_node(out, run, "PASID node", &probe->container.ioasid);
	if (probe->container.ioasid_version.status != NEST_OUTCOME_SKIPPED)
		nest_fact(out, run, "PASID API", "%s",
			  outcome_text(&probe->container.ioasid_version, text, sizeof(text)));
	if (probe->container.node.open.status == NEST_OUTCOME_OK)
		put_question(out, run, probe);
	put_group(out, run, probe);
	put_iommufd(out, run, probe);
	for (i = 0; i < probe->nundone; i++)
		nest_fact(out, run, "not released", "%s: %s", probe->undone[i].what,
			  strerror(probe->undone[i].err));
	if (probe->signal)
		nest_fact(out, run, "ended early", "by %s", strsignal(probe->signal));
	return 0;
}
