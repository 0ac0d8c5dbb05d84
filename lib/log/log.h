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
#define NEST_LOG_OTHERS_MAX	8

/* The registers of one unit (VT-d: cap, ecap; AMD: efr, efr2). Equal lines are counted. */
struct nest_log_unit {
	const struct nest_hw *hw;
	/*
	 * "dmar0"; an AMD unit's PCI address; "AMD-Vi" for the features all AMD units share;
	 * "reg_base_addr" when the line had no name. Letters, digits and punctuation.
	 */
	char name[32];
	bool of_table; /* AMD: from the IVRS table alone, common to all units */
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

enum nest_log_weight {
	NEST_LOG_INFO,
	NEST_LOG_WARN,
	NEST_LOG_FAIL, /* something was refused, lost or broken */
};

/* What a log was seen to hold, beside units, faults and groups. */
enum {
	NEST_LOG_SEEN_DMA_ON = 1 << 0, /* the kernel or Xen says that DMA remapping is on */
	NEST_LOG_SEEN_DMA_OFF = 1 << 1,
	NEST_LOG_SEEN_IR_ON = 1 << 2, /* interrupt remapping */
	NEST_LOG_SEEN_IR_OFF = 1 << 3,
	NEST_LOG_SEEN_GUEST = 1 << 4,
	NEST_LOG_SEEN_XEN = 1 << 5,
	NEST_LOG_SEEN_NOIOMMU = 1 << 6,
	/* drivers, or their tables */
	NEST_LOG_SEEN_VTD = 1 << 7,
	NEST_LOG_SEEN_AMD = 1 << 8,
	NEST_LOG_SEEN_SMMU = 1 << 9,
	NEST_LOG_SEEN_VIRTIO = 1 << 10,
	NEST_LOG_SEEN_DMAR = 1 << 11,
	NEST_LOG_SEEN_IVRS = 1 << 12,
	NEST_LOG_SEEN_IORT = 1 << 13,
	NEST_LOG_SEEN_VIOT = 1 << 14,
	/* what shows that the log covers the boot */
	NEST_LOG_SEEN_START = 1 << 15,	/* "Linux version" */
	NEST_LOG_SEEN_TABLES = 1 << 16, /* the list of ACPI tables */
	NEST_LOG_SEEN_LATE = 1 << 17,	/* lines from after the IOMMU drivers' start */
	NEST_LOG_SEEN_LOST = 1 << 18,	/* lines are missing */
	NEST_LOG_SEEN_CPU_INTEL = 1 << 19,
	NEST_LOG_SEEN_CPU_AMD = 1 << 20,
	NEST_LOG_SEEN_OPTION_OFF = 1 << 21, /* iommu=off and the like on the command line */
	/* no kernel log, or not only */
	NEST_LOG_SEEN_USER = 1 << 22,	 /* errors of QEMU, DPDK and the like */
	NEST_LOG_SEEN_LISTING = 1 << 23, /* a listing of groups */
};

/* A message worth knowing; one for each id, text and detail. */
struct nest_log_note {
	const char *id;	  /* fixed word: "vtd_active" */
	const char *text; /* what it means */
	enum nest_log_weight weight;
	char detail[120]; /* the variable part of the message, may be empty; untrusted */
	uint32_t proves;  /* NEST_LOG_SEEN_… */
	unsigned int line;
	unsigned int count;
};

/* A line about an IOMMU that no row explains; untrusted. */
struct nest_log_other {
	char text[160];
	unsigned int line;
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
	bool reversed; /* the newest line comes first: further records of a fault were not found */
	uint32_t seen; /* NEST_LOG_SEEN_… */
	/* Lines about IOMMUs that are not explained, and the first of them. */
	unsigned int nothers;
	unsigned int nroutine; /* about IOMMUs, known, and with nothing to tell */
	struct nest_log_other others[NEST_LOG_OTHERS_MAX];
};

struct nest_log;

/* NULL when out of memory. */
struct nest_log *nest_log_new(void);

/* NULL is fine. */
void nest_log_free(struct nest_log *klog);

/* Takes the next len bytes, cut anywhere. 0 or -ENOMEM, then for good. */
int nest_log_feed(struct nest_log *klog, const char *buf, size_t len);

/*
 * Takes a whole log whose newest record is the first, with this many lines by the count of the
 * forward reading: so the lines are numbered as they stand. Nothing may have been fed before.
 */
int nest_log_feed_reversed(struct nest_log *klog, const char *buf, size_t len);
void nest_log_count_down(struct nest_log *klog, unsigned int lines);

/*
 * Takes the end of the text, with or without a newline. 0 or -ENOMEM. Nothing may be fed after it.
 */
int nest_log_finish(struct nest_log *klog);

/* What was found so far; lives as long as klog, and changes with the next feed. */
const struct nest_log_result *nest_log_result(const struct nest_log *klog);

/* The fields, verdict and remarks of a unit found in a log. */
void nest_log_unit_decode(const struct nest_log_unit *unit, struct nest_regs *ret_regs);

#endif
