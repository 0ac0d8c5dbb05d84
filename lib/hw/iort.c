// SPDX-License-Identifier: GPL-2.0-or-later
/* The layout of the ACPI IORT table, and what may be wrong with one. */
#include "hw/iort.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plural.h"
#include "util.h"

#define HEADER	      48u
#define NODE_HEADER   16u
#define MAPPING	      20u
#define DESCRIPTOR    20u
#define SINGLE	      0x01 /* flag of a mapping */
#define CANWBS	      0x04 /* memory access flag */
#define RMR_REVISION  5	   /* of a table whose RMR nodes Linux reads */
#define RMR_ALIGNMENT 0xffffu

/* clang-format off */
#define END {NULL, NULL, 0, 0, 0, 0, 0, NULL}
#define NODE \
	{"revision", NULL, 3, 1, 0, 0, NEST_ACPI_NUMBER, NULL}, \
	{"identifier", NULL, 4, 4, 0, 0, NEST_ACPI_NUMBER, NULL}

static const struct nest_acpi_field header_fields[] = {
	{"node_count", "nodes", 36, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"first_node", NULL, 40, 4, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};

static const struct nest_acpi_word named_flags[] = {
	{0x01, "stall", "faulting accesses may be stalled"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word coherency[] = {
	{0, "none", "not coherent"},
	{1, "coherent", "coherent with the CPU's caches"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word hints[] = {
	{0x01, "transient", "transient allocation"},
	{0x02, "write", "write allocation"},
	{0x04, "read", "read allocation"},
	{0x08, "override", "allocation hints override"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word memory_flags[] = {
	{0x01, "cpm", "the path to memory is coherent"},
	{0x02, "dacs", "device attributes are cacheable and shareable"},
	{CANWBS, "canwbs", "every access to memory is coherent write-back"},
	{0, NULL, NULL},
};

#define MEMORY(at) \
	{"cache_coherent", "memory", at, 4, 0, 0, NEST_ACPI_ENUM, coherency}, \
	{"allocation_hints", NULL, at + 4, 1, 0, 0, NEST_ACPI_FLAGS, hints}, \
	{"memory_flags", "memory access", at + 7, 1, 0, 0, NEST_ACPI_FLAGS, memory_flags}

static const struct nest_acpi_word ats_flags[] = {
	{0x01, "ats", "address translation services"},
	{0x02, "pri", "page requests"},
	{0x04, "pasid_forwarding", "PASIDs are passed on"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word smmu_models[] = {
	{0, "v1", "SMMUv1"}, {1, "v2", "SMMUv2"}, {2, "mmu400", "MMU-400"},
	{3, "mmu500", "MMU-500"}, {4, "mmu401", "MMU-401"}, {5, "thunderx", "ThunderX SMMUv2"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word smmu_flags[] = {
	{0x01, "dvm", "TLB invalidations of the CPU are obeyed"},
	{0x02, "coherent_walk", "table walks are coherent"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word v3_models[] = {
	{0, "generic", "generic"}, {1, "hi161x", "HiSilicon hi161x"},
	{2, "cn99xx", "Cavium CN99xx"}, {0, NULL, NULL},
};

static const struct nest_acpi_word v3_flags[] = {
	{0x01, "cohacc", "table walks are coherent: without it VFIO refuses the devices"},
	{0x06, "httu", "hardware updates the access and dirty flags"},
	{0x08, "proximity_valid", "its proximity domain is valid"},
	{0x10, "device_id_valid", "its own MSI device id is valid"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word rmr_flags[] = {
	{0x01, "remap_permitted", "the system may map it elsewhere"},
	{0x02, "privileged", "privileged accesses"},
	{0, NULL, NULL},
};

static const struct nest_acpi_field its_fields[] = {NODE, END};
static const struct nest_acpi_field named_fields[] = {
	NODE,
	{"name", "name", 29, 0, 0, 0, NEST_ACPI_REST, NULL},
	{"flags", "flags", 16, 4, 0, 0, NEST_ACPI_FLAGS, named_flags},
	{"pasid_bits", NULL, 16, 4, 1, 5, NEST_ACPI_NUMBER, NULL},
	MEMORY(20),
	{"address_bits", "address bits", 28, 1, 0, 0, NEST_ACPI_NUMBER, NULL},
	END,
};
static const struct nest_acpi_field root_fields[] = {
	NODE,
	{"segment", "segment", 28, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	MEMORY(16),
	{"ats", "ATS", 24, 4, 0, 0, NEST_ACPI_FLAGS, ats_flags},
	END,
};
static const struct nest_acpi_field smmu_fields[] = {
	NODE,
	{"base", "registers at", 16, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"size", "bytes", 24, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"model", "model", 32, 4, 0, 0, NEST_ACPI_ENUM, smmu_models},
	{"flags", "flags", 36, 4, 0, 0, NEST_ACPI_FLAGS, smmu_flags},
	END,
};
static const struct nest_acpi_field v3_fields[] = {
	NODE,
	{"base", "registers at", 16, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"model", "model", 40, 4, 0, 0, NEST_ACPI_ENUM, v3_models},
	{"flags", "flags", 24, 4, 0, 0, NEST_ACPI_FLAGS, v3_flags},
	{"event_interrupt", NULL, 44, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"pri_interrupt", NULL, 48, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"error_interrupt", NULL, 52, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"sync_interrupt", NULL, 56, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	END,
};
static const struct nest_acpi_field pmcg_fields[] = {
	NODE,
	{"base", "registers at", 16, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"overflow_interrupt", NULL, 24, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"node_reference", "counts node at", 28, 4, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};
static const struct nest_acpi_field rmr_fields[] = {
	NODE,
	{"flags", "flags", 16, 4, 0, 0, NEST_ACPI_FLAGS, rmr_flags},
	{"memory_attributes", NULL, 16, 4, 2, 8, NEST_ACPI_NUMBER, NULL},
	END,
};
static const struct nest_acpi_field iwb_fields[] = {
	NODE,
	{"base", "registers at", 16, 8, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};

static const struct nest_acpi_type types[] = {
	{NEST_IORT_ITS, "its", "group of interrupt translation services", 20, its_fields, NULL},
	{NEST_IORT_NAMED, "named_component", "device that is not on PCI", 29, named_fields, NULL},
	{NEST_IORT_ROOT, "root_complex", "PCI root complex", 32, root_fields, NULL},
	{NEST_IORT_SMMU, "smmu", "SMMU before version 3", 60, smmu_fields, NULL},
	{NEST_IORT_SMMUV3, "smmuv3", "SMMUv3", 60, v3_fields, NULL},
	{NEST_IORT_PMCG, "pmcg", "performance counters", 32, pmcg_fields, NULL},
	{NEST_IORT_RMR, "rmr", "memory that firmware reserves for devices", 28, rmr_fields, NULL},
	{NEST_IORT_IWB, "iwb", "interrupt wire bridge", 26, iwb_fields, NULL},
};

static const struct nest_acpi_word mapping_flags[] = {
	{SINGLE, "single", "one id, whatever comes in"},
	{0, NULL, NULL},
};

static const struct nest_acpi_field mapping_fields[] = {
	{"input_base", "ids from", 0, 4, 0, 0, NEST_ACPI_HEX, NULL},
	{"count", "count", 4, 4, 0, 0, NEST_ACPI_COUNT, NULL},
	{"output_base", "become", 8, 4, 0, 0, NEST_ACPI_HEX, NULL},
	{"output_node", "of node at", 12, 4, 0, 0, NEST_ACPI_HEX, NULL},
	{"flags", "flags", 16, 4, 0, 0, NEST_ACPI_FLAGS, mapping_flags},
	END,
};
static const struct nest_acpi_field descriptor_fields[] = {
	{"start", "memory from", 0, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"size", "bytes", 8, 8, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};
static const struct nest_acpi_field its_id_fields[] = {
	{"id", "id", 0, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	END,
};

static const struct nest_acpi_type mapping_type = {
	0, "mapping", "mapping", MAPPING, mapping_fields, "mappings"};
static const struct nest_acpi_type descriptor_type = {
	0, "range", "memory", DESCRIPTOR, descriptor_fields, "ranges"};
static const struct nest_acpi_type its_id_type = {
	0, "its", "interrupt translation service", 4, its_id_fields, "identifiers"};
/* clang-format on */

/*
 * An array of items inside of a node; what goes past its end is left out, with a note. 0 or
 * -ENOMEM.
 */
static int add_items(struct nest_acpi *table, struct nest_acpi_node *node, uint64_t from,
		     uint64_t count, const struct nest_acpi_type *type)
{
	uint64_t room = from <= node->length ? (node->length - from) / type->fixed : 0, i;

	if (!count)
		return 0;
	if (from < NODE_HEADER || count > room) {
		nest_acpi_remark(table, node->offset,
				 "%" PRIu64 " %s at 0x%" PRIx64 ", but the node has %u byte%s",
				 count, type->items, from, node->length, nest_plural(node->length));
		count = from < NODE_HEADER ? 0 : room;
	}
	for (i = 0; i < count; i++)
		if (!nest_acpi_add_item(table, node, node->offset + from + i * type->fixed,
					type->fixed, type))
			return -ENOMEM;
	return 0;
}

static void check_descriptors(struct nest_acpi *table, const struct nest_acpi_node *node)
{
	uint32_t i;

	for (i = 0; i < node->nitems; i++) {
		const struct nest_acpi_item *item = &table->items[node->first + i];
		const uint8_t *p = table->bytes + item->offset;
		uint64_t start = nest_acpi_le64(p), size = nest_acpi_le64(p + 8);

		if (item->type != &descriptor_type)
			continue;
		if (!size || start + size - 1 < start)
			nest_acpi_remark(table, item->offset, "memory of 0x%" PRIx64 " bytes",
					 size);
		else if ((start | size) & RMR_ALIGNMENT)
			nest_acpi_remark(table, item->offset, "memory is not made of whole 64 KiB");
	}
}

static int parse_items(struct nest_acpi *table, struct nest_acpi_node *node)
{
	const uint8_t *p = table->bytes + node->offset;
	int err = add_items(table, node, nest_acpi_le32(p + 12), nest_acpi_le32(p + 8),
			    &mapping_type);

	if (err)
		return err;
	switch (node->number) {
	case NEST_IORT_ITS:
		return add_items(table, node, 20, nest_acpi_le32(p + 16), &its_id_type);
	case NEST_IORT_RMR:
		if (table->revision < RMR_REVISION)
			nest_acpi_remark(
				table, node->offset,
				"reserved memory in a table of revision %u: Linux reads it "
				"from revision %u on",
				table->revision, RMR_REVISION);
		err = add_items(table, node, nest_acpi_le32(p + 24), nest_acpi_le32(p + 20),
				&descriptor_type);
		if (!err)
			check_descriptors(table, node);
		return err;
	default:
		return 0;
	}
}

static int parse_node(struct nest_acpi *table, struct nest_acpi_node *node)
{
	const struct nest_acpi_type *type = nest_acpi_type(types, ARRAY_SIZE(types), node->number);

	if (!type) {
		nest_acpi_remark(table, node->offset,
				 "node of unknown type %u, %u bytes, is kept raw", node->number,
				 node->length);
		return 0;
	}
	if (node->length < type->fixed) {
		nest_acpi_remark(table, node->offset, "%s of %u bytes, expected at least %u",
				 type->name, node->length, type->fixed);
		return 0;
	}
	node->type = type;
	return parse_items(table, node);
}

/* Nodes are in the order of their offsets. */
static const struct nest_acpi_node *node_at(const struct nest_acpi *table, uint32_t offset)
{
	size_t low = 0, high = table->nnodes;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table->nodes[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->nnodes && table->nodes[low].offset == offset ? &table->nodes[low]
									 : NULL;
}

static void check_references(struct nest_acpi *table)
{
	size_t i;

	for (i = 0; i < table->nitems; i++) {
		const struct nest_acpi_item *item = &table->items[i];
		uint32_t to;

		/* Identifiers are shorter, and the last may end the table. */
		if (item->type != &mapping_type)
			continue;
		to = nest_acpi_le32(table->bytes + item->offset + 12);
		if (!node_at(table, to))
			nest_acpi_remark(table, item->offset,
					 "the mapping leads to 0x%x, where no node begins", to);
	}
}

static int parse(struct nest_acpi *table, size_t end)
{
	const char *cut = table->length > table->len ? "; the table is cut short" : "";
	uint32_t count = nest_acpi_le32(table->bytes + 36), left;
	size_t at = nest_acpi_le32(table->bytes + 40), length;
	struct nest_acpi_node *node;

	if (count && (at < HEADER || at > end)) {
		nest_acpi_stop(table, 40, "the first node is at 0x%zx, expected 0x%x to 0x%zx%s",
			       at, HEADER, end, cut);
		return 0;
	}
	for (left = count; left; left--, at += length) {
		if (end - at < NODE_HEADER) {
			nest_acpi_stop(table, at, "%zu byte%s left for the last %u node%s%s",
				       end - at, nest_plural(end - at), left, nest_plural(left),
				       cut);
			return 0;
		}
		length = nest_acpi_le16(table->bytes + at + 1);
		if (length < NODE_HEADER || length > end - at) {
			nest_acpi_stop(table, at,
				       "node of type %u with length %zu, expected %u to %zu%s",
				       table->bytes[at], length, NODE_HEADER, end - at, cut);
			return 0;
		}
		node = nest_acpi_add_node(table, at, length, table->bytes[at]);
		if (!node || parse_node(table, node))
			return -ENOMEM;
	}
	if (count && at < end)
		nest_acpi_remark(table, at, "%zu byte%s behind the last node", end - at,
				 nest_plural(end - at));
	check_references(table);
	return 0;
}

const struct nest_acpi_kind nest_acpi_iort = {
	.word = "iort",
	.signature = "IORT",
	.header = HEADER,
	.fields = header_fields,
	.parse = parse,
};

/* ---- questions ---- */

static uint32_t word_of(const struct nest_acpi *table, size_t offset)
{
	return nest_acpi_le32(table->bytes + offset);
}

const struct nest_acpi_node *nest_iort_smmu(const struct nest_acpi *table, uint64_t base)
{
	size_t i;

	for (i = 0; i < table->nnodes; i++) {
		const struct nest_acpi_node *node = &table->nodes[i];

		if (node->type &&
		    (node->number == NEST_IORT_SMMU || node->number == NEST_IORT_SMMUV3) &&
		    nest_acpi_le64(table->bytes + node->offset + 16) == base)
			return node;
	}
	return NULL;
}

const struct nest_acpi_node *nest_iort_root(const struct nest_acpi *table, uint16_t segment)
{
	size_t i;

	for (i = 0; i < table->nnodes; i++) {
		const struct nest_acpi_node *node = &table->nodes[i];

		if (node->type && node->number == NEST_IORT_ROOT &&
		    word_of(table, node->offset + 28) == segment)
			return node;
	}
	return NULL;
}

const struct nest_acpi_node *nest_iort_its(const struct nest_acpi *table)
{
	size_t i;

	for (i = 0; i < table->nnodes; i++)
		if (table->nodes[i].type && table->nodes[i].number == NEST_IORT_ITS &&
		    word_of(table, table->nodes[i].offset + 16))
			return &table->nodes[i];
	return NULL;
}

static bool is_single(const struct nest_acpi *table, const struct nest_acpi_item *item)
{
	return item->type == &mapping_type && word_of(table, item->offset + 16) & SINGLE;
}

/*
 * Does the mapping hold the id: NEST_UNKNOWN: as its last, which another one that begins with the
 * id takes from it, since old firmware counts one too many (iort_id_map()).
 */
static enum nest_tri holds(const struct nest_acpi *table, const struct nest_acpi_item *item,
			   uint16_t id)
{
	uint32_t base = word_of(table, item->offset), count = word_of(table, item->offset + 4);

	if (item->type != &mapping_type)
		return NEST_NO;
	if (is_single(table, item))
		return NEST_YES;
	if (id < base || id - base > count)
		return NEST_NO;
	return count && id - base == count ? NEST_UNKNOWN : NEST_YES;
}

const struct nest_acpi_node *nest_iort_route(const struct nest_acpi *table, uint16_t segment,
					     uint16_t id, uint32_t *ret_stream)
{
	const struct nest_acpi_node *root = nest_iort_root(table, segment), *to;
	const struct nest_acpi_item *taken = NULL, *item;
	enum nest_tri is_held = NEST_NO;
	uint32_t i;

	for (i = 0; root && i < root->nitems && is_held != NEST_YES; i++) {
		item = &table->items[root->first + i];
		if (taken && !is_single(table, item) && id != word_of(table, item->offset))
			continue;
		is_held = holds(table, item, id);
		if (is_held != NEST_NO)
			taken = item;
	}
	to = taken ? node_at(table, word_of(table, taken->offset + 12)) : NULL;
	if (!to)
		return NULL;
	*ret_stream = word_of(table, taken->offset + 8);
	/* A single mapping has one id for all. */
	if (!is_single(table, taken))
		*ret_stream += id - word_of(table, taken->offset);
	return to;
}

bool nest_iort_leads_to(const struct nest_acpi *table, const struct nest_acpi_node *node,
			const struct nest_acpi_node *to)
{
	uint32_t i;

	for (i = 0; i < node->nitems; i++) {
		const struct nest_acpi_item *item = &table->items[node->first + i];

		if (item->type == &mapping_type && word_of(table, item->offset + 12) == to->offset)
			return true;
	}
	return false;
}

bool nest_iort_canwbs(const struct nest_acpi *table, const struct nest_acpi_node *root)
{
	return root->type && root->number == NEST_IORT_ROOT &&
	       table->bytes[root->offset + NEST_IORT_ROOT_FLAGS] & CANWBS;
}
