/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of the command line, a table a command, with what --help says of each. For the main
 * file alone.
 */
#ifndef NEST_ARGUMENTS_H
#define NEST_ARGUMENTS_H

#include <argp.h>

enum {
	KEY_SYSROOT = 0x100,
	KEY_TRANSCRIPT,
	KEY_COLOR,
	KEY_FORMAT,
	KEY_JSON,
	KEY_GROUPS,
	KEY_TREE,
	KEY_NOHEADINGS,
	KEY_IOMMU,
	KEY_DRIVER,
	KEY_CLASS,
	KEY_NESTABLE,
	KEY_WAKE,
	KEY_LOG,
	KEY_MIN_UAPI_VERSION,
	KEY_AS,
	KEY_BACKEND,
	KEY_PASID,
	KEY_ITERATIONS,
	KEY_MOCK,
	KEY_FOR,
	KEY_REQUIRE,
	KEY_POLICY,
	KEY_DEVICE,
	KEY_USER,
	KEY_SERVICE,
	KEY_MEMORY,
	KEY_DEVICES,
	KEY_NAGIOS,
	KEY_FROM,
	KEY_REDACT,
	KEY_NO_REDACT,
	KEY_PROBE,
};

static const struct argp_option global_options[] = {
	{ "json", KEY_JSON, 0, 0, "Print one JSON document (--format json)", 1 },
	{ "format", KEY_FORMAT, "FORMAT", 0, "Print", 1 }, /* completed by format_help() */
	{ "sysroot", KEY_SYSROOT, "DIR", 0,
	  "Read sysfs and procfs below DIR, a captured or mounted tree; no device node is opened",
	  1 },
	{ "from", KEY_FROM, "FILE", 0,
	  "Ask a report instead of this host; - is standard input (list, show, check, diff)", 1 },
	{ "transcript", KEY_TRANSCRIPT, "FILE", 0,
	  "Write each call on a device node to FILE, one JSON object a line", 1 },
	{ "color", KEY_COLOR, "WHEN", 0,
	  "Color: auto (default), always or never; NO_COLOR is obeyed", 1 },
	{ "verbose", 'v', 0, 0, "Explain on stderr what is done; twice for more", 1 },
	{ "quiet", 'q', 0, 0, "No diagnostics on stderr", 1 },
	{ 0 },
};

static const struct argp_option list_options[] = {
	{ "groups", KEY_GROUPS, 0, 0, "One line a group instead of one a device", 2 },
	{ "tree", KEY_TREE, 0, 0, "IOMMU unit, its groups, their devices", 2 },
	{ "output", 'o', "COLUMN,...", 0, "Show these columns; \"help\" lists them", 2 },
	{ "noheadings", KEY_NOHEADINGS, 0, 0, "No line of headings", 2 },
	{ "iommu", KEY_IOMMU, "UNIT", 0,
	  "Only devices behind this unit (dmar0) or kind of unit (vt-d)", 2 },
	{ "driver", KEY_DRIVER, "NAME", 0,
	  "Only devices bound to this driver; \"none\" for unbound ones", 2 },
	{ "class", KEY_CLASS, "CLASS", 0,
	  "Only devices of this PCI class: leading hex digits, or part of its name", 2 },
	{ "nestable", KEY_NESTABLE, 0, 0, "Only devices behind hardware that nests", 2 },
	{ 0 },
};

static const struct argp_option show_options[] = {
	{ "wake", KEY_WAKE, 0, 0,
	  "Read the config space of a sleeping device as well, which wakes it", 2 },
	{ 0 },
};

static const struct argp_option probe_options[] = {
	{ "min-uapi-version", KEY_MIN_UAPI_VERSION, "N", 0,
	  "Lowest IOMMU uAPI version that is good enough where a container answers the version "
	  "query (default 1)",
	  2 },
	{ "as", KEY_AS, "WHO", 0,
	  "Which IOMMU type would have been selected here, and why, by qemu-2020: the QEMU that "
	  "came with the proposal of 29 January 2020",
	  2 },
	{ 0 },
};

static const struct argp_option roundtrip_options[] = {
	{ "backend", KEY_BACKEND, "MODE", 0,
	  "Way into the kernel: iommufd, rfc-version, nesting-op, type1v2, type1, compat-type1v2 "
	  "or compat-type1 (default: iommufd where the device has a node there; else the "
	  "container's own nesting, where one is recognised; else type1v2)",
	  2 },
	{ "pasid", KEY_PASID, "N", 0, "Tag the DMA with this PASID", 2 },
	{ "mock", KEY_MOCK, 0, 0,
	  "Take the kernel's own mock device (CONFIG_IOMMUFD_TEST) instead of a real one; without "
	  "DEVICE",
	  2 },
	{ "iterations", KEY_ITERATIONS, "N", 0,
	  "Repeat map, unmap and invalidate N times and print how long they took", 2 },
	{ 0 },
};

static const struct argp_option decode_options[] = {
	{ "log", KEY_LOG, "FILE", 0,
	  "Find registers, faults, groups and messages in a kernel log; - is standard input", 2 },
	{ 0 },
};

static const struct argp_option report_options[] = {
	{ "output", 'o', "FILE", 0, "Write to FILE, which only its owner may read", 2 },
	{ "probe", KEY_PROBE, 0, 0, "Ask the kernel as well, as probe does: opens device nodes",
	  2 },
	{ "redact", KEY_REDACT, 0, 0,
	  "Take out what identifies the machine, its owner or its network (default)", 2 },
	{ "no-redact", KEY_NO_REDACT, 0, 0, "Leave all in", 2 },
	{ 0 },
};

static const struct argp_option check_options[] = {
	{ "for", KEY_FOR, "PURPOSE", 0, "What for: nested (default), passthrough or sva", 2 },
	{ "device", KEY_DEVICE, "DEVICE", 0,
	  "About this device, as an argument is; may be repeated", 2 },
	{ "require", KEY_REQUIRE, "NAME[OP VALUE]", 0,
	  "Demand this; may be repeated, and decides instead of the rules (names: "
	  "vfio-nestctl-check(7))",
	  2 },
	{ "policy", KEY_POLICY, "FILE", 0, "Demand what FILE has, one requirement a line", 2 },
	{ "probe", KEY_PROBE, 0, 0, "Ask the kernel as well, as probe does: opens device nodes",
	  2 },
	{ "user", KEY_USER, "NAME", 0,
	  "Whether this user may open the nodes, instead of who runs it", 2 },
	{ "memory", KEY_MEMORY, "SIZE", 0, "Whether a guest of this size (16G, 512M) can be pinned",
	  2 },
	{ "devices", KEY_DEVICES, "N", 0, "That guest has so many devices (default 1)", 2 },
	{ "service", KEY_SERVICE, "NAME", 0,
	  "By the limits of this systemd service, instead of one's own", 2 },
	{ "nagios", KEY_NAGIOS, 0, 0, "One line, and 0, 1, 2, 3 for ok, warning, critical, unknown",
	  2 },
	{ 0 },
};

static const struct argp_option no_options[] = { { 0 } };

#endif
