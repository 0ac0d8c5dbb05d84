// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the description of a host: key=value words, one subject a line (README.md lists the keys).
 */
#include "fake-device.h"
#include "fake-vfio.h"
#include "util.h"
#include "errnoname.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fake_machine fake_machine;

/* Defaults are the lab's: QEMU's emulated VT-d in scalable mode with nesting. */
#define LAB_CAP	 UINT64_C(0x1d2008c222f0606)
#define LAB_ECAP UINT64_C(0xc80084f00f4a)

/* The words of a line after the subject: "devices=a,b viable=1". */
struct words {
	const char *key[16], *value[16];
	size_t count;
};

static const char *word(const struct words *words, const char *key)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (!strcmp(words->key[i], key))
			return words->value[i];
	return NULL;
}

static uint64_t number(const char *text, uint64_t otherwise)
{
	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* arm_lpae_restrict_pgsizes(): PAGE_SIZE, else the largest below, else the smallest above */
uint64_t fake_io_page(void)
{
	uint64_t sizes = 0, below;
	unsigned int i;

	if (fake_machine.iommu != FAKE_SMMUV3)
		return FAKE_PAGE;
	for (i = 0; i < 3; i++)
		if (fake_machine.ecap >> (32 + 4 + i) & 1)
			sizes |= UINT64_C(0x1000) << 2 * i;
	if (sizes & fake_machine.page)
		return fake_machine.page;
	below = sizes & (fake_machine.page - 1);
	return below ? UINT64_C(1) << (63 - __builtin_clzll(below)) : sizes & -sizes;
}

bool fake_ecap(unsigned int bit)
{
	return fake_machine.iommu == FAKE_VTD && fake_machine.ecap >> bit & 1;
}

bool fake_since(unsigned int major, unsigned int minor)
{
	return fake_machine.version >= (major << 8 | minor);
}

/* A number, or an errno's name for its negative. */
static bool answer(const char *text, long *ret)
{
	char *end;
	int err = nest_errno_of(text);

	if (err) {
		*ret = -err;
		return true;
	}
	*ret = strtol(text, &end, 0);
	return end != text && !*end;
}

static bool set_override(struct fake_override *override, const char *text)
{
	override->set = answer(text, &override->value);
	return override->set;
}

/* Which of the names is it? */
static bool choose(const char *text, const char *const *names, size_t count, size_t *ret)
{
	for (*ret = 0; *ret < count; ++*ret)
		if (!strcmp(text, names[*ret]))
			return true;
	return false;
}

#define CHOOSE(text, names, member)                                                                \
	do {                                                                                       \
		size_t at;                                                                         \
		if (!choose(text, names, ARRAY_SIZE(names), &at))                                  \
			return false;                                                              \
		fake_machine.member = at;                                                          \
		return true;                                                                       \
	} while (0)

static bool set_abi(const char *text)
{
	static const char *const names[] = { "type1",	      "iommufd", "compat",  "rfc-v3",
					     "nesting-op-v8", "spapr",	 "noiommu", "none" };

	CHOOSE(text, names, abi);
}

static bool set_rev(const char *text)
{
	static const char *const names[] = { "none", "rfc-v3", "rfc-v3-padded",
					     "v1",   "v2",     "v3",
					     "v4",   "v5",     "v6",
					     "v7",   "v8",     "v8-pri" };

	CHOOSE(text, names, rev);
}

static bool set_iommu(const char *text)
{
	static const char *const names[] = { "vtd", "amd", "smmuv3", "other" };

	CHOOSE(text, names, iommu);
}

static bool set_dmabuf(const char *text)
{
	static const char *const names[] = { "0", "1", "loose", "kept", "warm", "shifted" };

	CHOOSE(text, names, dmabuf);
}

static bool set_release(const char *text)
{
	unsigned int major, minor;

	if (sscanf(text, "%u.%u", &major, &minor) != 2)
		return false;
	snprintf(fake_machine.release, sizeof(fake_machine.release), "%s", text);
	fake_machine.version = major << 8 | minor;
	return true;
}

static bool set_chain(const char *text)
{
	size_t len = strlen(text) / 2, i;

	free(fake_machine.chain);
	fake_machine.chain = calloc(len + 1, 1);
	fake_machine.chain_len = len;
	for (i = 0; i < len; i++) {
		unsigned int byte;

		if (!isxdigit((unsigned char)text[2 * i]) ||
		    sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		fake_machine.chain[i] = (uint8_t)byte;
	}
	return true;
}

static bool add_reserved(const char *text)
{
	struct fake_range *range = &fake_machine.reserved[fake_machine.nreserved];
	char *end;

	if (fake_machine.nreserved == FAKE_MAX_RESERVED)
		return false;
	range->start = strtoull(text, &end, 0);
	if (*end != '-')
		return false;
	range->last = strtoull(end + 1, NULL, 0);
	fake_machine.nreserved++;
	return true;
}

static bool add_flaw(const char *text)
{
	static const char *const names[] = { "ignore-s1",
					     "ignore-invalidate",
					     "let-through",
					     "overrun",
					     "lose-dma",
					     "corrupt",
					     "fault-addr",
					     "silent-fault",
					     "iova-32",
					     "iova-bit",
					     "target-bit",
					     "table-bit",
					     "warm-attach",
					     "keep-nested",
					     "range-first",
					     "bypass",
					     "leaf-only",
					     "write-any",
					     "user-any",
					     "upper-any",
					     "cached-write",
					     "large-offset",
					     "unaligned",
					     "read-other",
					     "upper-cache",
					     "reserved-any",
					     "no-marks",
					     "spurious",
					     "reason",
					     "direction",
					     "request-rights",
					     "answer",
					     "present-any",
					     "canonical",
					     "late",
					     "requester",
					     "requester-s1",
					     "keep-read",
					     "pasid-bit",
					     "second-lost",
					     "no-pasid",
					     "pasid-lost",
					     "leaf-marks",
					     "sign",
					     "again",
					     "gone",
					     "hung",
					     "lose-dirty",
					     "dirty-neighbour",
					     "cache-absent",
					     "second-32",
					     "reserved-lost",
					     "cache-pasid",
					     "iova-page",
					     "cache-bit",
					     "keep-table",
					     "request-group",
					     "ste-kept",
					     "context-kept",
					     "asid-kept",
					     "cache-asid",
					     "loss-untold",
					     "event-stream",
					     "takes-all" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i])) {
			fake_machine.flaws |= UINT64_C(1) << i;
			return true;
		}
	return false;
}

static bool add_node(const char *path, const struct words *words)
{
	struct fake_node *node = &fake_machine.nodes[fake_machine.nnodes];
	const char *err = word(words, "open");

	if (fake_machine.nnodes == FAKE_MAX_NODES)
		return false;
	snprintf(node->path, sizeof(node->path), "%s", path);
	node->open_err = err ? nest_errno_of(err) : 0;
	fake_machine.nnodes++;
	return !err || node->open_err;
}

static struct fake_group *group_for(uint32_t id)
{
	struct fake_group *group = fake_group_find(id);

	if (group || fake_machine.ngroups == FAKE_MAX_GROUPS)
		return group;
	group = calloc(1, sizeof(*group));
	group->id = id;
	group->viable = true;
	fake_machine.groups[fake_machine.ngroups++] = group;
	return group;
}

static struct fake_device *device_for(const char *address)
{
	struct fake_device *dev;
	unsigned int segment, bus, slot, function;
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++)
		if (!strcmp(fake_machine.devices[i]->address, address))
			return fake_machine.devices[i];
	if (fake_machine.ndevices == FAKE_MAX_DEVICES ||
	    sscanf(address, "%x:%x:%x.%u", &segment, &bus, &slot, &function) != 4)
		return NULL;
	dev = calloc(1, sizeof(*dev));
	snprintf(dev->address, sizeof(dev->address), "%s", address);
	dev->source_id = (uint16_t)(bus << 8 | slot << 3 | function);
	dev->model = fake_model_find("none");
	strcpy(dev->driver, "vfio-pci");
	dev->cdev = (int)fake_machine.ndevices;
	dev->dma_mask = UINT64_MAX;
	dev->dma_us = 100000;
	fake_machine.devices[fake_machine.ndevices++] = dev;
	return dev;
}

static bool add_group(const char *id, const struct words *words)
{
	struct fake_group *group = group_for((uint32_t)number(id, 0));
	const char *list = word(words, "devices");
	char copy[512], *rest = copy, *address;

	if (!group)
		return false;
	group->viable = number(word(words, "viable"), 1);
	group->busy = number(word(words, "busy"), 0);
	snprintf(copy, sizeof(copy), "%s", list ? list : "");
	while ((address = strsep(&rest, ","))) {
		struct fake_device *dev = *address ? device_for(address) : NULL;

		if (*address && !dev)
			return false;
		if (dev)
			dev->group = group;
	}
	return true;
}

static bool add_device(const char *address, const struct words *words)
{
	struct fake_device *dev = device_for(address);
	const char *text;

	if (!dev)
		return false;
	text = word(words, "model");
	dev->model = fake_model_find(text ? text : "none");
	if (!dev->model)
		return false;
	text = word(words, "driver");
	if (text)
		snprintf(dev->driver, sizeof(dev->driver), "%s", strcmp(text, "none") ? text : "");
	text = word(words, "group");
	if (text)
		dev->group = group_for((uint32_t)number(text, 0));
	text = word(words, "cdev");
	if (text)
		dev->cdev = atoi(text);
	dev->dma_mask = number(word(words, "dma_mask"), UINT64_MAX);
	dev->dma_us = number(word(words, "dma_us"), 100000);
	dev->reset_works = number(word(words, "reset"), dev->model->flr);
	dev->is_vf = number(word(words, "vf"), 0);
	dev->busy = number(word(words, "busy"), 0);
	text = word(words, "vf_token");
	snprintf(dev->token, sizeof(dev->token), "%s", text ? text : "");
	dev->no_cache_coherency = !number(word(words, "coherent"), 1);
	dev->ats = dev->pri = dev->model == &fake_edu_pri_model;
	dev->pri = number(word(words, "pri"), dev->pri);
	dev->ats = number(word(words, "ats"), dev->ats);
	dev->pasid_bits = (unsigned int)number(word(words, "pasid_bits"), dev->pri ? 8 : 0);
	return true;
}

static bool set_simple(const char *key, const char *value)
{
	static const struct {
		const char *key;
		bool *flag;
	} flags[] = {
		{ "scalable", &fake_machine.scalable },
		{ "stale", &fake_machine.stale },
		{ "isolated_msi", &fake_machine.isolated_msi },
		{ "msi_past", &fake_machine.msi_past },
		{ "msi_lost", &fake_machine.msi_lost },
		{ "other_stage", &fake_machine.other_stage },
		{ "any_vmid", &fake_machine.any_vmid },
		{ "fault_limit", &fake_machine.fault_limit },
		{ "ring_mmap", &fake_machine.ring_mmap },
		{ "ring_irq", &fake_machine.ring_irq },
		{ "aliased", &fake_machine.aliased },
		{ "iommufd_option", &fake_machine.iommufd_option },
		{ "sys_resource", &fake_machine.sys_resource },
		{ "cmdqv", &fake_machine.cmdqv },
		{ "hatdis", &fake_machine.hatdis },
		{ "guest_table", &fake_machine.guest_table },
	};
	static const struct {
		const char *key;
		uint64_t *number;
	} numbers[] = {
		{ "cap", &fake_machine.cap },	      { "ecap", &fake_machine.ecap },
		{ "ignores", &fake_machine.ignores }, { "iidr", &fake_machine.iidr },
		{ "canwbs", &fake_machine.canwbs },   { "pgsizes", &fake_machine.pgsizes },
		{ "memlock", &fake_machine.memlock },
	};
	static const struct {
		const char *key;
		struct fake_override *override;
	} overrides[] = {
		{ "api_version", &fake_machine.api_version },
		{ "mock", &fake_machine.mock },
		{ "query_before", &fake_machine.query_before },
		{ "query_after", &fake_machine.query_after },
		{ "chain_offset", &fake_machine.chain_offset },
		{ "chain_argsz", &fake_machine.chain_argsz },
		{ "ring_head", &fake_machine.ring_head },
		{ "ring_entry", &fake_machine.ring_entry },
		{ "ring_offset", &fake_machine.ring_offset },
		{ "ring_area", &fake_machine.ring_area },
	};
	unsigned int id;
	char end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (!strcmp(key, flags[i].key)) {
			*flags[i].flag = number(value, 0);
			return true;
		}
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(key, numbers[i].key)) {
			*numbers[i].number = number(value, 0);
			return true;
		}
	for (i = 0; i < ARRAY_SIZE(overrides); i++)
		if (!strcmp(key, overrides[i].key))
			return set_override(overrides[i].override, value);
	if (sscanf(key, "ext%u%c", &id, &end) == 1 && id < FAKE_MAX_TYPES)
		return set_override(&fake_machine.ext[id], value);
	if (sscanf(key, "set_iommu%u%c", &id, &end) == 1 && id < FAKE_MAX_TYPES)
		return set_override(&fake_machine.set_iommu[id], value);
	return false;
}

static bool set_number(const char *key, const char *value)
{
	if (!strcmp(key, "aw_bits"))
		fake_machine.aw_bits = (unsigned int)number(value, 48);
	else if (!strcmp(key, "page"))
		fake_machine.page = number(value, FAKE_PAGE);
	else if (!strcmp(key, "dma_avail"))
		fake_machine.dma_avail = (uint32_t)number(value, 65535);
	else if (!strcmp(key, "first_id"))
		fake_machine.first_id = (uint32_t)number(value, 1);
	else if (!strcmp(key, "first_pasid"))
		fake_machine.first_pasid = (uint32_t)number(value, 1);
	else if (!strcmp(key, "ring"))
		fake_machine.ring = (uint32_t)number(value, 512);
	else if (!strcmp(key, "fault_format"))
		fake_machine.fault_format = (int)number(value, 0);
	else
		return false;
	return true;
}

static bool take(const char *key, const char *value, const struct words *words)
{
	static const struct {
		const char *key;
		bool (*fn)(const char *value);
	} plain[] = {
		{ "abi", set_abi },	{ "rev", set_rev },
		{ "iommu", set_iommu }, { "kernel_release", set_release },
		{ "chain", set_chain }, { "reserved", add_reserved },
		{ "flaw", add_flaw },	{ "dmabuf", set_dmabuf },
	};
	static const struct {
		const char *key;
		bool (*fn)(const char *value, const struct words *words);
	} subjects[] = { { "node", add_node }, { "group", add_group }, { "device", add_device } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(plain); i++)
		if (!strcmp(key, plain[i].key))
			return plain[i].fn(value);
	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		if (!strcmp(key, subjects[i].key))
			return subjects[i].fn(value, words);
	return set_simple(key, value) || set_number(key, value);
}

/* Cuts "a=b c=d # text" into words; false if one has no "=". */
static bool cut(char *line, struct words *words)
{
	char *text;

	words->count = 0;
	while ((text = strsep(&line, " \t\r"))) {
		char *equals;

		if (*text == '#')
			break;
		if (!*text)
			continue;
		equals = strchr(text, '=');
		if (!equals || words->count == 16)
			return false;
		*equals = '\0';
		words->key[words->count] = text;
		words->value[words->count++] = equals + 1;
	}
	return true;
}

static bool take_line(char *line)
{
	static const char *const subjects[] = { "node", "group", "device" };
	struct words words;
	size_t i;

	if (!cut(line, &words))
		return false;
	if (!words.count)
		return true;
	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		if (!strcmp(words.key[0], subjects[i]))
			return take(words.key[0], words.value[0], &words);
	for (i = 0; i < words.count; i++)
		if (!take(words.key[i], words.value[i], &words))
			return false;
	return true;
}

static void set_defaults(void)
{
	fake_machine.cap = LAB_CAP;
	fake_machine.ecap = LAB_ECAP;
	fake_machine.scalable = true;
	fake_machine.stale = true;
	fake_machine.isolated_msi = true;
	fake_machine.dmabuf = FAKE_DMABUF_SOUND;
	fake_machine.iommufd_option = true;
	fake_machine.sys_resource = true;
	fake_machine.fault_limit = true;
	fake_machine.ring = 512;
	fake_machine.ring_mmap = true;
	fake_machine.ring_irq = true;
	fake_machine.aw_bits = 48;
	fake_machine.page = FAKE_PAGE;
	fake_machine.dma_avail = 65535;
	fake_machine.memlock = UINT64_MAX;
	set_release("7.3.4");
}

/* What depends on the whole description. */
static void complete(void)
{
	static const char *const harmless[] = { "", "vfio-pci", "pcieport", "pci-stub" };
	size_t i, k;

	if (!fake_machine.rev && fake_machine.abi == FAKE_RFC_V3)
		fake_machine.rev = FAKE_REV_RFC_V3;
	if (!fake_machine.rev && fake_machine.abi == FAKE_NESTING_OP_V8)
		fake_machine.rev = FAKE_REV_V8;
	if (!fake_machine.nreserved)
		add_reserved("0xfee00000-0xfeefffff");
	if (!fake_machine.pgsizes)
		fake_machine.pgsizes = fake_since(5, 13) ? 0x40201000 : ~UINT64_C(0xfff);
	for (i = 0; i < fake_machine.ndevices; i++) {
		struct fake_device *dev = fake_machine.devices[i];
		bool owns = true;

		if (!dev->group)
			dev->group = group_for((uint32_t)i + 1);
		for (k = 0; k < ARRAY_SIZE(harmless); k++)
			owns = owns && strcmp(dev->driver, harmless[k]) != 0;
		if (owns)
			dev->group->viable = false;
		dev->group->noiommu = fake_machine.abi == FAKE_NOIOMMU;
		fake_config_init(dev);
		if (dev->model->init)
			dev->model->init(dev);
	}
}

int fake_machine_parse(const char *text)
{
	char *copy = strdup(text), *rest = copy, *line;
	unsigned int n = 0;
	int err = 0;

	if (!copy)
		abort();
	set_defaults();
	while (!err && (line = strsep(&rest, "\n"))) {
		char shown[80];

		n++;
		snprintf(shown, sizeof(shown), "%s", line);
		if (!take_line(line)) {
			fprintf(stderr, "fake: machine, line %u: not understood: %s\n", n, shown);
			err = -1;
		}
	}
	free(copy);
	if (!err)
		complete();
	return err;
}

void fake_machine_free(void)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++) {
		free(fake_machine.devices[i]->state);
		free(fake_machine.devices[i]);
	}
	for (i = 0; i < fake_machine.ngroups; i++)
		free(fake_machine.groups[i]);
	free(fake_machine.chain);
	memset(&fake_machine, 0, sizeof(fake_machine));
}
