/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line asked for; filled by the main file, read by commands and printers. */
#ifndef NEST_OPTIONS_H
#define NEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEST_ARGS_MAX	 64
#define NEST_REQUIRE_MAX 32

struct nest_options {
	const char *format; /* name of a printer, "human" unless said */
	const char *sysroot, *from, *transcript;
	bool color;
	int tap_version; /* 14, or 13 for a reader that knows no newer one */
	int verbosity;
	const char *args[NEST_ARGS_MAX];
	size_t nargs;

	/* list, and the looks of tables */
	bool groups, tree, noheadings, nestable;
	const char *columns;
	const char *iommu, *driver, *class;

	/* show */
	bool wake; /* read the config space of a sleeping device */

	/* probe */
	uint32_t min_uapi_version; /* of VFIO_NESTING_GET_IOMMU_UAPI_VERSION, at least 1 */
	bool as_qemu_2020;	   /* whose choice decides */

	/* check */
	const char *purpose; /* "passthrough", "nested", "sva"; "nested" unless said */
	const char *require[NEST_REQUIRE_MAX];
	size_t nrequire;
	const char *policy, *user, *service;
	uint64_t memory; /* bytes of a guest, 0: not asked */
	uint32_t guest_devices;
	bool nagios;

	/* roundtrip */
	bool mock;	     /* the kernel's own device instead of args[0] */
	const char *backend; /* name of a mode, NULL: choose */
	bool have_pasid;
	uint32_t pasid;
	uint32_t iterations;

	/* decode */
	const char *log;

	/* report */
	bool no_redact;
	bool probe;	    /* open nodes, too */
	const char *output; /* file instead of standard output */
};

#endif
