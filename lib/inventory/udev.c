// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices of a live host, and the names in its hardware database, through libudev. */
#include "inventory/udev.h"

#include <errno.h>
#include <libudev.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/devices.h"
#include "host/hwdb.h"
#include "host/source.h"
#include "host/sysfs.h"
#include "util.h"

struct buses {
	struct udev_enumerate *enumerate;
};

static int match_bus(void *data, const char *name, unsigned char type)
{
	struct buses *buses = data;

	(void)type;
	return udev_enumerate_add_match_subsystem(buses->enumerate, name);
}

static int give(struct udev_device *device, nest_found_fn *fn, void *data)
{
	const struct nest_uevent uevent = {
		.driver = udev_device_get_property_value(device, "DRIVER"),
		.pci_class = udev_device_get_property_value(device, "PCI_CLASS"),
		.pci_id = udev_device_get_property_value(device, "PCI_ID"),
		.pci_subsys_id = udev_device_get_property_value(device, "PCI_SUBSYS_ID"),
	};
	/* The path without its slash is the path below the root, which is "/" on a live host. */
	const char *path = udev_device_get_syspath(device) + 1;
	char parent[512];
	struct nest_found found = {
		.bus = udev_device_get_subsystem(device),
		/* Not its sysname: libudev turns a "!" there into a slash. */
		.name = strrchr(path, '/') + 1,
		.parent = parent,
		.uevent = &uevent,
	};
	size_t len = (size_t)(found.name - path) - 1;

	if (len >= sizeof(parent))
		return 0;
	memcpy(parent, path, len);
	parent[len] = '\0';
	return fn(data, &found);
}

int nest_devices_from_udev(struct nest_ctx *ctx, nest_found_fn *fn, void *data)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *enumerate = udev ? udev_enumerate_new(udev) : NULL;
	struct buses buses = { enumerate };
	struct udev_list_entry *entry;
	int err = -ENOSYS;

	if (!enumerate)
		goto out;
	/* All buses and no classes: a device of a class is a child of the one in the group. */
	if (nest_dir_each(&ctx->root, "sys/bus", match_bus, &buses) ||
	    udev_enumerate_scan_devices(enumerate) < 0)
		goto out;
	err = 0;
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(enumerate))
	{
		struct udev_device *device =
			udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));

		if (!device) /* removed since */
			continue;
		err = give(device, fn, data);
		udev_device_unref(device);
		if (err)
			break;
	}
out:
	udev_enumerate_unref(enumerate);
	udev_unref(udev);
	return err;
}

/*
 * The names of each kind of device that the host has; there are few kinds. In a replay they come
 * from the report, and nothing is open.
 */
struct name_cache {
	struct nest_hwdb file; /* closed: libudev is asked */
	struct udev *udev;     /* opened when it is first needed, and what follows with it */
	struct udev_hwdb *hwdb;
	locale_t plain;
	struct nest_root *root;
	struct nest_pool *pool;
	struct name {
		uint64_t key; /* what was asked */
		const char *first, *second;
	} * names;
	size_t count;
};

static bool open_libudev(struct name_cache *cache)
{
	if (!cache->udev)
		cache->udev = udev_new();
	if (cache->udev && !cache->hwdb)
		cache->hwdb = udev_hwdb_new(cache->udev);
	if (cache->hwdb && !cache->plain)
		cache->plain = newlocale(LC_ALL_MASK, "C", NULL);
	return cache->hwdb;
}

/* Is there a database? It stays open. */
static bool open_database(struct name_cache *cache)
{
	return !nest_hwdb_open(&cache->file) || open_libudev(cache);
}

static void close_database(struct name_cache *cache)
{
	nest_hwdb_close(&cache->file);
	udev_hwdb_unref(cache->hwdb);
	udev_unref(cache->udev);
	if (cache->plain)
		freelocale(cache->plain);
}

static int by_key(const void *a, const void *b)
{
	uint64_t ka = ((const struct name *)a)->key, kb = ((const struct name *)b)->key;

	return ka < kb ? -1 : ka > kb;
}

/* What libudev says of count properties. The texts live until it is asked again. */
static void ask_libudev(struct name_cache *cache, const char *modalias,
			struct nest_hwdb_value *values, size_t count)
{
	struct udev_list_entry *list = NULL, *entry;
	locale_t before;
	size_t i;

	if (open_libudev(cache)) {
		/* fnmatch(3), which it asks for each pattern, is three times as fast in this
		 * locale. */
		before = cache->plain ? uselocale(cache->plain) : NULL;
		list = udev_hwdb_get_properties_list_entry(cache->hwdb, modalias, 0);
		if (before)
			uselocale(before);
	}
	for (i = 0; i < count; i++) {
		entry = udev_list_entry_get_by_name(list, values[i].name);
		values[i].text = entry ? udev_list_entry_get_value(entry) : NULL;
	}
}

/*
 * Asks about one modalias and keeps two properties. Reports record them: another host may have
 * another database.
 */
static void ask(struct name_cache *cache, const char *modalias, const char *first,
		const char *second, struct name *ret)
{
	struct nest_hwdb_value values[] = { { first, NULL }, { second, NULL } };
	const char **rets[] = { &ret->first, &ret->second };
	bool asked = false;
	char key[160];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(key, sizeof(key), "hwdb/%s/%s", modalias, values[i].name);
		if (!nest_source_fact(cache->root, key, &values[i].text)) {
			if (!asked &&
			    (!cache->file.map ||
			     nest_hwdb_find(&cache->file, modalias, values, ARRAY_SIZE(values))))
				ask_libudev(cache, modalias, values, ARRAY_SIZE(values));
			asked = true;
			nest_source_keep_fact(cache->root, key, values[i].text);
		}
		*rets[i] = nest_pool_str(cache->pool, values[i].text);
	}
}

/* Kinds of device: keys with the top bit clear are vendor:device, with it set a class. */
#define CLASS_KEY (1ull << 63)

static void look_up(struct name_cache *cache, struct name *name)
{
	char modalias[96];

	if (name->key & CLASS_KEY) {
		snprintf(modalias, sizeof(modalias), "pci:v*d*sv*sd*bc%02Xsc%02Xi%02X",
			 (unsigned int)(name->key >> 16) & 0xff,
			 (unsigned int)(name->key >> 8) & 0xff, (unsigned int)name->key & 0xff);
		ask(cache, modalias, "ID_PCI_CLASS_FROM_DATABASE", "ID_PCI_SUBCLASS_FROM_DATABASE",
		    name);
	} else {
		snprintf(modalias, sizeof(modalias), "pci:v%08Xd%08Xsv*",
			 (unsigned int)(name->key >> 16) & 0xffff,
			 (unsigned int)name->key & 0xffff);
		ask(cache, modalias, "ID_VENDOR_FROM_DATABASE", "ID_MODEL_FROM_DATABASE", name);
	}
}

static uint64_t ids_key(const struct nest_device *dev)
{
	return (uint64_t)dev->vendor << 16 | dev->device;
}

static uint64_t class_key(const struct nest_device *dev)
{
	return CLASS_KEY | dev->pci_class;
}

static const struct name *find(const struct name_cache *cache, uint64_t key)
{
	struct name wanted = { .key = key };

	return bsearch(&wanted, cache->names, cache->count, sizeof(wanted), by_key);
}

/* Which devices get their names: all, or this one and those of this group. */
struct wanted {
	const struct nest_model *model;
	const struct nest_device *dev;
	const struct nest_group *group;
	bool all;
};

static bool is_wanted(const struct wanted *wanted, const struct nest_device *dev)
{
	return dev->have_ids &&
	       (wanted->all || dev == wanted->dev ||
		(wanted->group && dev->group == wanted->group - wanted->model->groups));
}

/*
 * Was the key met before? Forgets some: 8 KiB are enough for the models of a host, and spare
 * sorting the keys of thousands of devices.
 */
#define SEEN_BITS 10

static bool is_seen(uint64_t *seen, uint64_t key)
{
	uint64_t *at = &seen[key * 0x9e3779b97f4a7c15u >> (64 - SEEN_BITS)];
	bool was = *at == key + 1;

	*at = key + 1;
	return was;
}

/* Every key once, sorted: one question to the database for each kind, not for each device. */
static int collect(const struct nest_model *model, const struct wanted *wanted,
		   struct name_cache *cache)
{
	uint64_t seen[1 << SEEN_BITS] = { 0 };
	size_t i, kept = 0;

	cache->names = calloc(model->ndevices * 2 + 1, sizeof(*cache->names));
	if (!cache->names)
		return -ENOMEM;
	for (i = 0; i < model->ndevices; i++) {
		const struct nest_device *dev = &model->devices[i];

		if (!is_wanted(wanted, dev))
			continue;
		if (!is_seen(seen, ids_key(dev)))
			cache->names[cache->count++].key = ids_key(dev);
		if (!is_seen(seen, class_key(dev)))
			cache->names[cache->count++].key = class_key(dev);
	}
	qsort(cache->names, cache->count, sizeof(*cache->names), by_key);
	for (i = 0; i < cache->count; i++)
		if (!kept || cache->names[kept - 1].key != cache->names[i].key)
			cache->names[kept++] = cache->names[i];
	cache->count = kept;
	return 0;
}

static int name_devices(struct nest_ctx *ctx, struct nest_model *model, const struct wanted *wanted)
{
	struct name_cache cache = { .root = &ctx->root, .pool = &model->pool };
	size_t i;
	int err = 0;

	if (ctx->root.kind != NEST_SOURCE_REPLAY && !open_database(&cache))
		goto out;
	err = collect(model, wanted, &cache);
	if (err)
		goto out;
	for (i = 0; i < cache.count; i++)
		look_up(&cache, &cache.names[i]);
	for (i = 0; i < model->ndevices; i++) {
		struct nest_device *dev = &model->devices[i];
		const struct name *ids, *class;

		if (!is_wanted(wanted, dev))
			continue;
		ids = find(&cache, ids_key(dev));
		class = find(&cache, class_key(dev));
		dev->vendor_name = ids->first;
		dev->model_name = ids->second;
		/* The subclass ("VGA compatible controller") says more than the class. */
		dev->class_name = class->second ? class->second : class->first;
	}
out:
	free(cache.names);
	close_database(&cache);
	return err;
}

int nest_udev_name_devices(struct nest_ctx *ctx, struct nest_model *model)
{
	const struct wanted wanted = { .model = model, .all = true };

	return name_devices(ctx, model, &wanted);
}

int nest_udev_name_some(struct nest_ctx *ctx, struct nest_model *model,
			const struct nest_device *dev, const struct nest_group *group)
{
	const struct wanted wanted = { .model = model, .dev = dev, .group = group };

	return name_devices(ctx, model, &wanted);
}
