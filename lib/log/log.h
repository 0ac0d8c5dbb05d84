/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel log tells about IOMMUs: register values of the units, DMA and interrupt faults,
 * groups, and messages worth explaining. The text may come from dmesg (any of its timestamps),
 * syslog or the journal, pasted into a mail (quoted, wrapped, quoted-printable), with colours, NULs
 * or invalid UTF-8, with lines of any length. Memory is bounded; what finds no room is counted.
 *
 *	klog = nest_log_new();
 *	while (more)
 *		err = nest_log_feed(klog, buf, len);	// cut anywhere
 *	err = nest_log_finish(klog);
 *	result = nest_log_result(klog);
 *
 * No I/O. Strings marked untrusted are bytes of the log: escape them before printing.
 */
#ifndef NEST_LOG_H
#define NEST_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/hw.h"
#include "tri.h"
#include "log/fault.h"

#define NEST_LOG_UNITS_MAX	1024
#define NEST_LOG_FAULTS_MAX	1024
#define NEST_LOG_GROUPS_MAX	65536
#define NEST_LOG_NOTES_MAX	256

#define NEST_LOG_SUPPRESSED_MAX 64

/* The registers of one unit (VT-d: cap, ecap; AMD: efr, efr2). Equal lines are counted. */
struct nest_log_unit {
	const struct nest_hw *hw;
	/*
	 * "dmar0"; an AMD unit's PCI address; "AMD-Vi" for the features all AMD units share;
	 * "reg_base_addr" when the line had no name. Letters, digits and punctuation.
	 */
	char name[32];
	bool has_address;
	uint64_t address; /* of the registers */
	bool has_version;
	unsigned int version_major, version_minor;
	uint64_t first; /* cap, efr */
	bool has_second;
	uint64_t second; /* ecap, efr2 */
	unsigned int line;
	unsigned int count;
};

/* "Adding to iommu group"; each pair once. */
struct nest_log_group {
	char device[64]; /* "0000:00:02.0", or a platform device's name; untrusted */
	uint32_t group;
	unsigned int line;
};

/* A message worth knowing; one for each id and detail. */
struct nest_log_note {
	const char *id;	  /* fixed word: "vtd_active" */
	const char *text; /* what it means */
	char detail[120]; /* the variable part of the message, may be empty; untrusted */
	unsigned int line;
	unsigned int count;
};

struct nest_log_result {
	struct nest_log_unit *units;
	struct nest_fault *faults;
	struct nest_log_group *groups;
	struct nest_log_note *notes;
	struct nest_fault_suppressed *suppressed; /* one for each function */
	size_t nunits, nfaults, ngroups, nnotes, nsuppressed;
	size_t units_dropped, faults_dropped, groups_dropped, notes_dropped; /* found no room */
	unsigned int lines;
};

struct nest_log;

/* NULL when out of memory. */
struct nest_log *nest_log_new(void);

/* NULL is fine. */
void nest_log_free(struct nest_log *klog);

/* Takes the next len bytes, cut anywhere. 0 or -ENOMEM, then for good. */
int nest_log_feed(struct nest_log *klog, const char *buf, size_t len);

/*
 * Takes the end of the text, with or without a newline. 0 or -ENOMEM. Nothing may be fed after it.
 */
int nest_log_finish(struct nest_log *klog);

/* What was found so far; lives as long as klog, and changes with the next feed. */
const struct nest_log_result *nest_log_result(const struct nest_log *klog);

/* The fields, verdict and remarks of a unit found in a log. */
void nest_log_unit_decode(const struct nest_log_unit *unit, struct nest_regs *ret_regs);

#endif
