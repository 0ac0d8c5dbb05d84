/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel log tells about IOMMUs: register values of the units, DMA and interrupt faults,
 * groups, and messages worth explaining. The text may come from dmesg (any of its timestamps),
 * syslog or the journal, pasted into a mail (quoted, wrapped, quoted-printable), with colours, NULs
 * or invalid UTF-8, with lines of any length. Memory is bounded; what finds no room is counted.
 *
 *	klog = nest_klog_new();
 *	while (more)
 *		err = nest_klog_feed(klog, buf, len);	// cut anywhere
 *	err = nest_klog_finish(klog);
 *	result = nest_klog_result(klog);
 *
 * No I/O. Strings marked untrusted are bytes of the log: escape them before printing.
 */
#ifndef NEST_KLOG_H
#define NEST_KLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/regs.h"
#include "tri.h"
#include "hw/vtd-fault.h"

#define NEST_KLOG_UNITS_MAX  1024
#define NEST_KLOG_FAULTS_MAX 1024
#define NEST_KLOG_GROUPS_MAX 65536
#define NEST_KLOG_NOTES_MAX  256

/* The registers of one unit (VT-d: cap, ecap; AMD: efr, efr2). Equal lines are counted. */
struct nest_klog_unit {
	enum nest_regs_kind kind;
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

/* Unknown: the beginning of the message is missing. */
enum nest_klog_access {
	NEST_KLOG_UNKNOWN,
	NEST_KLOG_READ,
	NEST_KLOG_WRITE,
	NEST_KLOG_INTERRUPT,
};

/* Faults of one device for one reason; the addresses of the first and the last are kept. */
struct nest_klog_fault {
	enum nest_klog_access access;
	uint32_t segment; /* 0 unless the log says; VMD has five digits */
	uint8_t bus, device, function;
	enum nest_tri with_pasid; /* unknown: the format of old kernels does not tell */
	uint32_t pasid;		  /* valid if with_pasid is yes */
	bool has_reason;	  /* false: the line was cut before it */
	uint8_t reason;
	const struct nest_vtd_reason *explained; /* NULL: code not known */
	bool has_address;
	uint64_t address; /* or the index of the interrupt */
	uint64_t address_last;
	unsigned int line, line_last;
	unsigned int count;
};

/* "Adding to iommu group"; each pair once. */
struct nest_klog_group {
	char device[64]; /* "0000:00:02.0", or a platform device's name; untrusted */
	uint32_t group;
	unsigned int line;
};

/* A message worth knowing; one for each id and detail. */
struct nest_klog_note {
	const char *id;	  /* fixed word: "vtd_active" */
	const char *text; /* what it means */
	char detail[120]; /* the variable part of the message, may be empty; untrusted */
	unsigned int line;
	unsigned int count;
};

struct nest_klog_result {
	struct nest_klog_unit *units;
	struct nest_klog_fault *faults;
	struct nest_klog_group *groups;
	struct nest_klog_note *notes;
	size_t nunits, nfaults, ngroups, nnotes;
	size_t units_dropped, faults_dropped, groups_dropped, notes_dropped; /* found no room */
	unsigned int lines;
};

struct nest_klog;

/* NULL when out of memory. */
struct nest_klog *nest_klog_new(void);

/* NULL is fine. */
void nest_klog_free(struct nest_klog *klog);

/* Takes the next len bytes, cut anywhere. 0 or -ENOMEM, then for good. */
int nest_klog_feed(struct nest_klog *klog, const char *buf, size_t len);

/*
 * Takes the end of the text, with or without a newline. 0 or -ENOMEM. Nothing may be fed after it.
 */
int nest_klog_finish(struct nest_klog *klog);

/* What was found so far; lives as long as klog, and changes with the next feed. */
const struct nest_klog_result *nest_klog_result(const struct nest_klog *klog);

/* The fields, verdict and remarks of a unit found in a log. */
void nest_klog_unit_decode(const struct nest_klog_unit *unit, struct nest_regs *ret_regs);

/* "read", "write", "interrupt", "unknown". Never NULL. */
const char *nest_klog_access_name(enum nest_klog_access access);

#endif
