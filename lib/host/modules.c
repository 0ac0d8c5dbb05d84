// SPDX-License-Identifier: GPL-2.0-or-later
/* How the lists of a kernel's modules are read, and what of them a report keeps. */
#include "host/modules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/source.h"
#include "util.h"
#include "host/sysfs.h"

#define LIST_MAX     (16u << 20)
#define NAME_MAX_LEN 128
#define ALIASES_MAX  16 /* that are tried for one name */

static const char *const list_names[NEST_MODULE_LISTS] = {
	[NEST_MODULE_LIST_DEP] = "modules.dep",
	[NEST_MODULE_LIST_BUILTIN] = "modules.builtin",
	[NEST_MODULE_LIST_ALIAS] = "modules.alias",
};

/* Where distributions have the folders of their kernels. */
static const char *const places[] = {
	"lib/modules",
	"usr/lib/modules",
	"run/booted-system/kernel-modules/lib/modules",
};

/* ---- names ---- */

/* A name as kmod compares it. */
static void normalise(const char *text, size_t len, char buf[NAME_MAX_LEN])
{
	size_t i;

	for (i = 0; i < len && i < NAME_MAX_LEN - 1; i++)
		buf[i] = (char)(text[i] == '-' ? '_' : text[i]);
	buf[i] = '\0';
}

/* "updates/dkms/vfio-pci.ko.zst" is the module vfio_pci. */
static bool file_is(const char *file, size_t len, const char *name)
{
	const char *base = memrchr(file, '/', len);
	char own[NAME_MAX_LEN];

	base = base ? base + 1 : file;
	len -= (size_t)(base - file);
	normalise(base, strcspn(base, ".") < len ? strcspn(base, ".") : len, own);
	return !strcmp(own, name);
}

/* ---- lists ---- */

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

/* The line of modules.dep or modules.builtin that is about the module; *ret_len: of its file. */
static const char *line_of(const char *list, const char *name, size_t *ret_len)
{
	const char *line;

	for (line = list; *line; line = next_line(line)) {
		*ret_len = strcspn(line, ":\n");
		if (file_is(line, *ret_len, name))
			return line;
	}
	return NULL;
}

/*
 * "alias PATTERN MODULE": the first, from line on, with the name as its pattern; its module,
 * normalised, in buf.
 */
static const char *alias_of(const char *line, const char *name, char buf[NAME_MAX_LEN])
{
	for (; *line; line = next_line(line)) {
		const char *pattern = line + strlen("alias "), *target;
		char own[NAME_MAX_LEN];
		size_t len;

		if (strncmp(line, "alias ", strlen("alias ")))
			continue;
		len = strcspn(pattern, " \n");
		target = pattern + len + (pattern[len] == ' ');
		normalise(pattern, len, own);
		/* Patterns with wildcards are those of devices. */
		if (len >= NAME_MAX_LEN || strcmp(own, name))
			continue;
		normalise(target, strcspn(target, " \n"), buf);
		return line;
	}
	return NULL;
}

/* A list whole: to be freed. NULL: *ret_err, positive. */
static char *read_list(struct nest_root *root, const char *path, int *ret_err)
{
	bool cut = false;
	int err = 0;
	char *text = nest_file_read(root, path, LIST_MAX, &cut, &err);

	/* What is cut off may be what was looked for. */
	if (text && cut) {
		free(text);
		text = NULL;
		err = -EFBIG;
	}
	*ret_err = text ? 0 : -err;
	return text;
}

static const char *list(struct nest_modules *modules, enum nest_module_list which)
{
	char path[400];

	if (!modules->lists[which].asked) {
		modules->lists[which].asked = true;
		snprintf(path, sizeof(path), "%s/%s", modules->folder, list_names[which]);
		modules->lists[which].text =
			read_list(modules->root, path, &modules->lists[which].err);
	}
	return modules->lists[which].text;
}

static bool is_usable(const char *release)
{
	return release && *release && strlen(release) < 200 && !strchr(release, '/');
}

void nest_modules_open(struct nest_root *root, const char *release,
		       struct nest_modules *ret_modules)
{
	char path[400];
	bool there = false;
	size_t i;

	*ret_modules = (struct nest_modules){ .root = root };
	/* The first that has the list; where none has, the first of all is what is told. */
	for (i = 0; is_usable(release) && !there && i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", places[i], release,
			 list_names[NEST_MODULE_LIST_DEP]);
		there = nest_root_has(root, path);
		if (there || !i)
			snprintf(ret_modules->folder, sizeof(ret_modules->folder), "%s/%s",
				 places[i], release);
	}
}

void nest_modules_close(struct nest_modules *modules)
{
	size_t i;

	for (i = 0; i < NEST_MODULE_LISTS; i++)
		free(modules->lists[i].text);
	*modules = (struct nest_modules){ 0 };
}

/* ---- one module ---- */

static void say(struct nest_modules *modules, enum nest_module_place place,
		enum nest_module_list which, const char *value, size_t len,
		struct nest_module_found *found)
{
	found->place = place;
	snprintf(found->path, sizeof(found->path), "/%s/%s", modules->folder, list_names[which]);
	snprintf(found->value, sizeof(found->value), "%.*s", (int)len, value);
}

static bool is_listed(struct nest_modules *modules, const char *name,
		      struct nest_module_found *found)
{
	static const struct {
		enum nest_module_list list;
		enum nest_module_place place;
	} where[] = {
		{ NEST_MODULE_LIST_BUILTIN, NEST_MODULE_PLACE_BUILTIN },
		{ NEST_MODULE_LIST_DEP, NEST_MODULE_PLACE_LISTED },
	};
	size_t i, len;

	for (i = 0; i < 2; i++) {
		const char *text = list(modules, where[i].list);
		const char *line = text ? line_of(text, name, &len) : NULL;

		if (!line)
			continue;
		say(modules, where[i].place, where[i].list, line, len, found);
		return true;
	}
	return false;
}

/* A module of another name that says that it is this one as well. */
static bool is_alias(struct nest_modules *modules, const char *name,
		     struct nest_module_found *found)
{
	const char *line = list(modules, NEST_MODULE_LIST_ALIAS);
	char target[NAME_MAX_LEN];
	size_t tries = ALIASES_MAX;

	for (; tries-- && line && (line = alias_of(line, name, target)); line = next_line(line)) {
		if (!is_listed(modules, target, found))
			continue;
		say(modules, found->place, NEST_MODULE_LIST_ALIAS, line, strcspn(line, "\n"),
		    found);
		return true;
	}
	return false;
}

static bool is_on_disk(struct nest_modules *modules, const char *usual,
		       struct nest_module_found *found)
{
	static const char *const ends[] = { "", ".xz", ".zst", ".gz" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		snprintf(found->path, sizeof(found->path), "/%s/%s%s", modules->folder, usual,
			 ends[i]);
		if (nest_root_has(modules->root, found->path + 1))
			return true;
	}
	return false;
}

void nest_modules_find(struct nest_modules *modules, const char *name, const char *usual,
		       struct nest_module_found *ret_found)
{
	struct nest_module_found found = { .place = NEST_MODULE_PLACE_UNKNOWN, .err = ENODATA };
	char own[NAME_MAX_LEN];
	size_t i;

	*ret_found = found;
	if (!*modules->folder)
		return;
	normalise(name, strlen(name), own);
	if (is_listed(modules, own, ret_found) || is_alias(modules, own, ret_found))
		return;
	if (is_on_disk(modules, usual, &found)) {
		found.place = NEST_MODULE_PLACE_UNLISTED;
		*ret_found = found;
		return;
	}
	/* An alias is the exception: without that list, the names are what there is. */
	say(modules, NEST_MODULE_PLACE_NONE, NEST_MODULE_LIST_DEP, "", 0, ret_found);
	for (i = 0; i < NEST_MODULE_LIST_ALIAS; i++) {
		if (list(modules, (enum nest_module_list)i))
			continue;
		say(modules, NEST_MODULE_PLACE_UNKNOWN, (enum nest_module_list)i, "", 0, ret_found);
		ret_found->err = modules->lists[i].err;
		return;
	}
}

/* ---- what a report keeps ---- */

static bool is_ours(const char *line, size_t len)
{
	return memmem(line, len, "vfio", 4) || memmem(line, len, "iommufd", 7);
}

/* Is the file of the line the target of one of these aliases? */
static bool is_target(const char *aliases, const char *line, size_t len)
{
	char target[NAME_MAX_LEN];
	const char *alias;

	for (alias = aliases; *alias; alias = next_line(alias)) {
		const char *last = memrchr(alias, ' ', strcspn(alias, "\n"));

		if (!last)
			continue;
		normalise(last + 1, strcspn(last + 1, "\n"), target);
		if (file_is(line, len, target))
			return true;
	}
	return false;
}

/*
 * The lines of one list that are ours, or whose files the aliases are about; NULL: *ret_err. To be
 * freed.
 */
static char *kept_of(struct nest_root *root, const char *path, const char *aliases, size_t *ret_len,
		     int *ret_err)
{
	char *text = read_list(root, path, ret_err), *kept = NULL;
	FILE *out = text ? open_memstream(&kept, ret_len) : NULL;
	const char *line;

	for (line = text; out && *line; line = next_line(line)) {
		size_t len = strcspn(line, ":\n"), whole = (size_t)(next_line(line) - line);

		if (is_ours(line, aliases ? len : whole) ||
		    (aliases && is_target(aliases, line, len)))
			fwrite(line, 1, whole, out);
	}
	if (text && (!out || fclose(out))) {
		free(kept);
		kept = NULL;
		*ret_err = ENOMEM;
	}
	free(text);
	return kept;
}

static int keep_folder(struct nest_root *root, const char *folder)
{
	static const enum nest_module_list order[] = {
		NEST_MODULE_LIST_ALIAS, /* first: they say what of the others matters */
		NEST_MODULE_LIST_DEP,
		NEST_MODULE_LIST_BUILTIN,
	};
	struct nest_answers *answers = root->answers;
	char path[400], *aliases = NULL, *kept;
	size_t i, len = 0;
	int err = 0;

	for (i = 0; i < NEST_MODULE_LISTS && err != ENOMEM; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, list_names[order[i]]);
		nest_source_pause(root);
		kept = kept_of(root, path, i ? aliases ? aliases : "" : NULL, &len, &err);
		nest_source_resume(root);
		if (kept)
			nest_answers_put(answers, NEST_ASK_READ, path, kept, len, false);
		else if (err != ENOMEM)
			nest_answers_put_error(answers, NEST_ASK_READ, path, err);
		if (i)
			free(kept);
		else
			aliases = kept;
	}
	free(aliases);
	return err == ENOMEM ? -ENOMEM : 0;
}

int nest_modules_keep(struct nest_root *root, const char *release)
{
	char folder[320];
	size_t i;
	int err = 0;

	for (i = 0; !err && root->answers && is_usable(release) && i < ARRAY_SIZE(places); i++) {
		snprintf(folder, sizeof(folder), "%s/%s", places[i], release);
		err = keep_folder(root, folder);
	}
	return err;
}
