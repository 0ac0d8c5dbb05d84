/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which modules belong to a kernel: what depmod(8) and the kernel's build have listed, wherever in
 * its folder they are (updates/dkms, weak-updates, extra) and however compressed. In names '-' and
 * '_' are one character, as they are to modprobe(8). A list that cannot be read says neither yes
 * nor no.
 */
#ifndef NEST_MODULES_H
#define NEST_MODULES_H

#include "host/sysfs.h"

enum nest_module_place {
	NEST_MODULE_PLACE_UNKNOWN,  /* err: why, for the list at path */
	NEST_MODULE_PLACE_BUILTIN,  /* in modules.builtin */
	NEST_MODULE_PLACE_LISTED,   /* in modules.dep, by its name or through an alias */
	NEST_MODULE_PLACE_UNLISTED, /* a file is there, which modprobe does not find: depmod has not
				       run */
	NEST_MODULE_PLACE_NONE,	    /* the lists are there and name it nowhere */
};

enum nest_module_list {
	NEST_MODULE_LIST_DEP,
	NEST_MODULE_LIST_BUILTIN,
	NEST_MODULE_LIST_ALIAS,
	NEST_MODULE_LISTS,
};

/* The lists of one kernel, each read when it is first asked for. */
struct nest_modules {
	struct nest_root *root;
	char folder[320]; /* "lib/modules/6.12.0"; "" if the release is not known */
	struct {
		char *text; /* NULL: not read */
		int err;    /* why, errno > 0 */
		bool asked;
	} lists[NEST_MODULE_LISTS];
};

/* What was found of one module, and where it is said. */
struct nest_module_found {
	enum nest_module_place place;
	char path[360];	 /* the list, or the file where it is unlisted; with a slash in front */
	char value[320]; /* the line of the list; "" if there is none */
	int err;
};

/* release NULL: not known, and then nothing is. Free with nest_modules_close(). */
void nest_modules_open(struct nest_root *root, const char *release,
		       struct nest_modules *ret_modules);
void nest_modules_close(struct nest_modules *modules);

/*
 * name: "vfio-pci"; usual: where the kernel's build puts its file,
 * "kernel/drivers/vfio/pci/vfio-pci.ko", looked for where no list names it.
 */
void nest_modules_find(struct nest_modules *modules, const char *name, const char *usual,
		       struct nest_module_found *ret_found);

/*
 * Keeps of the lists on the root's tape what bears on VFIO and iommufd: whole they are larger than
 * all the rest of a report. To be called before they are read. 0 or -ENOMEM.
 */
int nest_modules_keep(struct nest_root *root, const char *release);

#endif
