// SPDX-License-Identifier: GPL-2.0-or-later
/* show for people: one page on a device, a group or an IOMMU unit. */
#include <errno.h>
#include <string.h>

#include "hw/hw.h"
#include "hw/iort.h"
#include "hw/ivrs.h"
#include "inventory/devices.h"
#include "inventory/inventory.h"
#include "plural.h"
#include "print/human.h"
#include "inventory/show.h"
#include "host/sysfs.h"

static void title(FILE *out, const struct nest_run *run, const char *kind, const char *name)
{
	nest_paint(out, run, NEST_BOLD, "%s %s", kind, name);
	fputc('\n', out);
}

void nest_human_node(FILE *out, const struct nest_run *run, const char *name,
		     const struct nest_node *node, const char *more)
{
	nest_fact(out, run, name, "%s, owner %s, group %s, mode %04o%s", node->path,
		  nest_known(node->owner), nest_known(node->group), (unsigned int)node->mode, more);
}

static void show_node(FILE *out, const struct nest_run *run, const char *name,
		      const struct nest_node *node, const char *absent)
{
	if (!node->path)
		return;
	if (node->present == NEST_YES)
		nest_human_node(out, run, name, node, "");
	else if (node->present == NEST_NO)
		nest_fact(out, run, name, "%s does not exist: %s", node->path, absent);
	else
		nest_fact(out, run, name, "cannot access %s: %s", node->path, strerror(node->err));
}

static void show_viable(FILE *out, const struct nest_run *run, const struct nest_group *group)
{
	const struct nest_device *dev;

	if (group->viable == NEST_YES)
		nest_fact(out, run, "user space",
			  "can use group %u: no host driver owns the DMA of its devices",
			  group->id);
	else if (group->viable == NEST_UNKNOWN)
		nest_fact(
			out, run, "user space", "unknown: %s",
			!group->ndevices       ? "the group lists no devices"
			: !group->have_regions ? "its reserved regions could not be read"
			: nest_group_region(group, NEST_REGION_OTHER)
				? "it has a reserved region of a type that this tool does not know"
				: "the driver of a device in the group could not be read");
	if (group->rmrr)
		nest_fact(out, run, "user space",
			  "cannot use group %u: the firmware reserves memory for one of its "
			  "devices (%s)",
			  group->id, nest_hw_reserved(nest_group_hw(&run->model, group)));
	nest_for_each_member (&run->model, group, dev)
		if (dev->blocks)
			nest_fact(out, run, "user space",
				  "cannot use group %u: %s is bound to %s, which owns its DMA",
				  group->id, dev->name, dev->driver);
}

static void show_regions(FILE *out, const struct nest_run *run, const struct nest_group *group)
{
	size_t i;

	if (!group->have_regions && !group->nregions) {
		nest_fact(out, run, "reserved", "unknown");
		return;
	}
	for (i = 0; i < group->nregions; i++)
		nest_fact(out, run, i ? "" : "reserved", "0x%llx-0x%llx %s: %s",
			  (unsigned long long)group->regions[i].start,
			  (unsigned long long)group->regions[i].last,
			  nest_known(group->regions[i].name),
			  nest_region_meaning(group->regions[i].type));
	if (!i)
		nest_fact(out, run, "reserved", "none");
}

static void show_group_facts(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const struct nest_group *group = show->group;
	const struct nest_device *dev;
	bool vfio = false;

	nest_fact(out, run, "domain type", "%s%s%s", nest_known(group->type),
		  group->type ? ": " : "", group->type ? nest_domain_meaning(group->type) : "");
	show_viable(out, run, group);
	show_regions(out, run, group);
	nest_for_each_member (&run->model, group, dev)
		vfio |= nest_driver_is_vfio(dev->driver);
	show_node(out, run, "group node", &show->node,
		  vfio ? "udev has not created it, or it was not passed into this container"
		       : "no device of the group is bound to a vfio driver");
}

static void show_unit_line(FILE *out, const struct nest_run *run, const struct nest_unit *unit)
{
	if (!unit) {
		nest_fact(out, run, "iommu", "unknown");
		return;
	}
	nest_fact(out, run, "iommu", "%s (%s)", unit->name, unit->hw->name);
	nest_fact(out, run, "nests", "%s: %s", nest_tri_name(unit->nesting),
		  nest_known(unit->reason));
}

static void cap_line(FILE *out, const struct nest_run *run, const char *name,
		     const struct nest_pcicap *cap, const char *detail)
{
	const char *state = cap->present != NEST_YES   ? nest_tri_name(cap->present)
			    : cap->enabled == NEST_YES ? "yes, on"
						       : "yes, off";

	if (cap->present == NEST_YES && detail && *detail)
		nest_fact(out, run, name, "%s; %s", state, detail);
	else
		nest_fact(out, run, name, "%s", state);
}

static void show_caps(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const struct nest_pcicaps *caps = &show->caps;
	char text[200];

	nest_heading(out, run, "Config space");
	if (show->no_caps)
		nest_fact(out, run, "incomplete", "%s", show->no_caps);
	if (!show->have_caps)
		return;
	if (caps->express == NEST_YES)
		nest_fact(out, run, "PCI Express", "%s", nest_pcicap_port_name(caps->port_type));
	else
		nest_fact(out, run, "PCI Express", "%s", nest_tri_name(caps->express));
	nest_fact(out, run, "FLR", "%s", nest_tri_name(caps->flr));
	snprintf(text, sizeof(text), "queues %u invalidation%s", caps->ats_queue_depth,
		 nest_plural(caps->ats_queue_depth));
	cap_line(out, run, "ATS", &caps->ats, text);
	snprintf(text, sizeof(text), "at most %u outstanding page request%s%s", caps->pri_capacity,
		 nest_plural(caps->pri_capacity),
		 caps->pri_needs_pasid ? ", responses need the PASID" : "");
	cap_line(out, run, "PRI", &caps->pri, text);
	snprintf(text, sizeof(text), "%u bit%s%s%s", caps->pasid_bits,
		 nest_plural(caps->pasid_bits), caps->pasid_exec ? ", execute" : "",
		 caps->pasid_priv ? ", privileged" : "");
	cap_line(out, run, "PASID", &caps->pasid, text);
	nest_pcicap_acs_text(caps->acs_cap, caps->acs_ctl, text, sizeof(text));
	cap_line(out, run, "ACS", &caps->acs, text);
}

static void show_resets(FILE *out, const struct nest_run *run, const char *methods)
{
	char text[NEST_ATTR_MAX + 1], *word, *rest = text;
	bool first = true;

	if (!methods || !*methods) {
		nest_fact(out, run, "reset", "%s",
			  methods ? "no method works on this device"
				  : "not known: the kernel shows no reset_method (it has none for "
				    "this device, or is older than 5.15)");
		return;
	}
	snprintf(text, sizeof(text), "%s", methods);
	while ((word = strsep(&rest, " \n"))) {
		const char *meaning = nest_reset_meaning(word);

		if (!*word)
			continue;
		nest_fact(out, run, first ? "reset" : "", "%s%s%s", word, meaning ? ": " : "",
			  meaning ? meaning : "");
		first = false;
	}
}

static void show_vfs(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	size_t i;

	nest_fact(out, run, "SR-IOV", "physical function, %llu of %llu virtual function%s on",
		  (unsigned long long)show->vfs, (unsigned long long)show->vfs_total,
		  nest_plural(show->vfs_total));
	for (i = 0; i < show->nvirtfns; i++)
		nest_fact(out, run, "", "%s", show->virtfns[i]);
}

/* By which ids the SMMU knows it. */
static void show_streams(FILE *out, const struct nest_run *run, const struct nest_streams *streams)
{
	if (streams->to && streams->to->number == NEST_IORT_ITS)
		nest_fact(out, run, "stream", "none: firmware puts no SMMU in front of the device");
	else if (streams->to)
		nest_fact(out, run, "stream", "0x%x", streams->id);
	if (streams->have_alias)
		nest_fact(out, run, streams->to ? "" : "stream",
			  "0x%x too, of the bridge above it: Linux lets user space nest only on a "
			  "device with one stream id",
			  streams->alias);
	if (streams->root)
		nest_fact(out, run, "root complex", "at byte %u of the IORT",
			  streams->root->offset);
}

/* What the table says of one device. */
static void show_device_table(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const struct nest_acpi *table = show->table;
	const struct nest_acpi_node *node;
	size_t at = 0;

	if (!table)
		return;
	while (table->kind == &nest_acpi_ivrs &&
	       (node = nest_ivrs_reserved(table, show->segment, show->requester, &at)))
		nest_human_table_node(out, run, "firmware", table, node);
	if (table->kind == &nest_acpi_iort)
		show_streams(out, run, &show->streams);
	if (show->streams.root)
		nest_fact(out, run, "CANWBS", "%s",
			  nest_iort_canwbs(table, show->streams.root)
				  ? "yes: every access of the device to memory is coherent"
				  : "no: Linux nests only if the SMMU has IDR3.FWB");
}

#define MODEL_MAX 16

/* Behind the vendor's name; a model that the database does not name has a number. */
static const char *model_of(const struct nest_device *dev, char buf[MODEL_MAX])
{
	if (dev->model_name)
		return dev->model_name;
	*buf = '\0';
	if (dev->vendor_name && dev->have_ids)
		snprintf(buf, MODEL_MAX, "device %04x", dev->device);
	return buf;
}

static void show_device(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const struct nest_device *dev = show->dev;
	char model[MODEL_MAX];

	title(out, run, "Device", dev->name);
	if (dev->vendor_name)
		nest_fact(out, run, "name", "%s %s", dev->vendor_name, model_of(dev, model));
	if (dev->have_ids) {
		nest_fact(out, run, "identity", "%04x:%04x, subsystem %04x:%04x", dev->vendor,
			  dev->device, dev->subvendor, dev->subdevice);
		nest_fact(out, run, "class", "0x%06x%s%s", dev->pci_class,
			  dev->class_name ? ", " : "", dev->class_name ? dev->class_name : "");
	}
	nest_fact(out, run, "bus", "%s", nest_known(dev->bus_name));
	if (dev->driver)
		nest_fact(out, run, "driver", "%s (%s)", dev->driver,
			  dev->blocks ? "owns the device's DMA" : "leaves DMA to user space");
	else
		nest_fact(out, run, "driver", "%s", dev->have_uevent ? "none bound" : "unknown");
	if (show->driver_override)
		nest_fact(out, run, "driver override", "%s", show->driver_override);
	if (show->have_numa && show->numa_node >= 0)
		nest_fact(out, run, "NUMA node", "%lld", (long long)show->numa_node);
	if (show->power)
		nest_fact(out, run, "power", "%s", show->power);
	if (show->physfn)
		nest_fact(out, run, "SR-IOV", "virtual function of %s", show->physfn);
	if (show->have_vfs)
		show_vfs(out, run, show);
	if (dev->bus == NEST_BUS_PCI)
		show_resets(out, run, show->reset_methods);
	show_unit_line(out, run, show->unit);
	show_device_table(out, run, show);
	if (show->group) {
		nest_fact(out, run, "group", "%u, of %u device%s", show->group->id,
			  show->group->ndevices, nest_plural(show->group->ndevices));
		show_group_facts(out, run, show);
	} else {
		nest_fact(out, run, "group",
			  "none: no IOMMU translates for this device, so it cannot be assigned to "
			  "user space");
	}
	if (show->cdev_dir && !show->cdev.path)
		nest_fact(out, run, "device node",
			  "none: %s has no dev file, so this kernel was built without "
			  "CONFIG_VFIO_DEVICE_CDEV",
			  show->cdev_dir);
	show_node(out, run, "device node", &show->cdev, "udev or devtmpfs has not created it");
	if (dev->bus == NEST_BUS_PCI)
		show_caps(out, run, show);
}

static void show_group(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	char model[MODEL_MAX];
	const struct nest_device *dev;
	char name[32];

	snprintf(name, sizeof(name), "%u", show->group->id);
	title(out, run, "Group", name);
	show_unit_line(out, run, show->unit);
	show_group_facts(out, run, show);
	nest_heading(out, run, "Devices");
	nest_for_each_member (&run->model, show->group, dev)
		nest_fact(out, run, dev->name, "%s%s%s%s%s%s",
			  dev->driver	     ? dev->driver
			  : dev->have_uevent ? "no driver"
					     : "driver unknown",
			  dev->blocks ? " (blocks)" : "", dev->vendor_name ? ", " : "",
			  dev->vendor_name ? dev->vendor_name : "", dev->vendor_name ? " " : "",
			  dev->vendor_name ? model_of(dev, model) : "");
}

int nest_human_registers(FILE *out, const struct nest_run *run, const struct nest_regs *regs)
{
	static const char *const headings[] = { "REGISTER", "BITS", "FIELD", "VALUE", "MEANING" };
	struct libscols_table *table = nest_table_new(out, run);
	const struct nest_field *field;
	size_t i;
	int err = 0;

	if (!table)
		return -ENOMEM;
	for (i = 0; i < 5; i++)
		if (!scols_table_new_column(table, headings[i], 0, i == 3 ? SCOLS_FL_RIGHT : 0))
			err = -ENOMEM;
	nest_for_each_field (regs, field) {
		struct libscols_line *line;
		char bits[16], value[32], meaning[160], text[320];
		uint64_t raw;

		if (nest_field_value(regs, field, &raw) ||
		    nest_field_meaning(regs, field, meaning, sizeof(meaning)))
			continue;
		line = err ? NULL : scols_table_new_line(table, NULL);
		if (field->width > 1)
			snprintf(bits, sizeof(bits), "%u:%u", field->lsb + field->width - 1u,
				 field->lsb);
		else
			snprintf(bits, sizeof(bits), "%u", field->lsb);
		snprintf(value, sizeof(value), "%llu", (unsigned long long)raw);
		snprintf(text, sizeof(text), "%s: %s", field->title, meaning);
		if (!line || nest_table_cell(line, 0, field->reg) ||
		    nest_table_cell(line, 1, bits) || nest_table_cell(line, 2, field->name) ||
		    nest_table_cell(line, 3, value) || nest_table_cell(line, 4, text))
			err = -ENOMEM;
	}
	if (!err)
		err = nest_table_wrap(out, table, 4);
	err = nest_table_finish(table, err);
	for (i = 0; i < regs->nnotes; i++)
		nest_fact(out, run, "note", "%s", regs->notes[i].text);
	return err;
}

/* Root complexes behind the unit, and memory that its devices need: of Arm. */
static void show_behind(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const struct nest_acpi *table = show->table;
	size_t i;

	for (i = 0; table->kind == &nest_acpi_iort && i < table->nnodes; i++) {
		const struct nest_acpi_node *node = &table->nodes[i];

		if (node->type && node->number != NEST_IORT_PMCG && node != show->described &&
		    nest_iort_leads_to(table, node, show->described))
			nest_human_table_node(out, run, node->type->name, table, node);
	}
}

static void show_table(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const char *name = show->unit->hw->firmware ? show->unit->hw->firmware->signature : "";

	if (show->table_err)
		nest_fact(out, run, "firmware", "the %s table cannot be read: %s", name,
			  strerror(show->table_err));
	if (!show->table)
		return;
	if (!show->described) {
		nest_fact(out, run, "firmware", "the %s table%s does not describe this unit", name,
			  show->table->complete ? "" : ", which is not complete,");
		return;
	}
	nest_heading(out, run, "Firmware");
	nest_human_table_node(out, run, show->described->type->name, show->table, show->described);
	show_behind(out, run, show);
}

static int show_unit(FILE *out, const struct nest_run *run, const struct nest_show *show)
{
	const struct nest_unit *unit = show->unit;

	title(out, run, "IOMMU unit", unit->name);
	nest_fact(out, run, "kind", "%s", unit->hw->name);
	if (unit->version)
		nest_fact(out, run, "version", "%s", unit->version);
	if (unit->have_address)
		nest_fact(out, run, "registers at", "0x%llx", (unsigned long long)unit->address);
	if (unit->have_domains)
		nest_fact(out, run, "domains", "%llu used of %llu",
			  (unsigned long long)unit->domains_used,
			  (unsigned long long)unit->domains);
	nest_fact(out, run, "devices", "%zu", unit->ndevices);
	nest_fact(out, run, "nests", "%s: %s", nest_tri_name(unit->nesting),
		  nest_known(unit->reason));
	show_table(out, run, show);
	if (!show->regs)
		return 0;
	nest_heading(out, run, "Registers");
	return nest_human_registers(out, run, show->regs);
}

int nest_human_show(FILE *out, const struct nest_run *run)
{
	const struct nest_show *show = run->found;

	if (!show)
		return 0;
	if (show->what == NEST_SHOW_UNIT)
		return show_unit(out, run, show);
	if (show->what == NEST_SHOW_GROUP)
		show_group(out, run, show);
	else
		show_device(out, run, show);
	return 0;
}
