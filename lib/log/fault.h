/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One fault as an IOMMU driver writes it into the kernel log: what was blocked, and why. The
 * decoding of logs and the witness of the round trip read it with the same parsers; each driver has
 * a table of the forms that its kernel series print (log/fault-*.c).
 *
 * A message may take several records. The first is matched by nest_fault_match(); each later record
 * is offered to nest_fault_more(), which adds what it tells. Pure.
 */
#ifndef NEST_FAULT_H
#define NEST_FAULT_H

#include "log/text.h"
#include "tri.h"

/* Unknown: the part of the message that tells it is missing. */
enum nest_log_access {
	NEST_LOG_UNKNOWN,
	NEST_LOG_READ,
	NEST_LOG_WRITE,
	NEST_LOG_INTERRUPT,
};

#define NEST_FAULT_WORDS 4

struct nest_fault_driver;

struct nest_fault {
	const struct nest_fault_driver *driver;
	char unit[40];	/* "dmar6", "ivhd0", "arm-smmu-v3.0.auto", "virtio0"; empty: not told */
	char owner[32]; /* driver of the device in the line's prefix: "nvme"; may be empty */

	/* The device: a PCI address, or an id of the IOMMU driver's own, or both. */
	bool has_device, has_segment;
	bool device_from_id; /* true if stream or endpoint ids are PCI requester ids */
	struct nest_pciaddr device;
	bool has_id;
	uint32_t id;	 /* stream or endpoint; the driver's row names it */
	char client[40]; /* device of another bus, by its name; untrusted */

	enum nest_log_access access;
	bool execute, privileged;
	enum nest_tri with_pasid; /* unknown: the format does not tell */
	uint32_t pasid;		  /* valid if with_pasid is yes */
	bool has_address;	  /* false: not told, or the line is cut */
	uint64_t address;	  /* of the first; or the index of the interrupt */
	uint64_t address_last;
	bool has_domain;
	uint32_t domain;

	/* Why. The number is VT-d's fault reason, AMD's or the SMMU's event code. */
	bool has_reason;
	uint32_t reason;
	const char *event;	     /* name of the event: "IO_PAGE_FAULT"; NULL: none */
	const char *meaning, *cause; /* a clause each; NULL: not known */
	bool has_flags;
	uint32_t flags;			  /* AMD's flags, SMMUv2's FSR */
	unsigned int stage;		  /* 1 or 2 where the event tells; 0: not told */
	uint64_t words[NEST_FAULT_WORDS]; /* raw event or table entry, as far as printed */
	unsigned int nwords;
	bool registers_first; /* of SMMUv2: the message may follow */

	/* Where in the log; the caller's. */
	char time[32], time_last[32];
	unsigned int line, line_last;
	unsigned int count;
	unsigned int of_trips,
		maybe_of_trips; /* of count: at addresses of a round trip (tripaddr.h) */
	uint64_t suppressed;	/* lines of this kind that the kernel did not print */
	bool has_group;
	uint32_t group;
};

/* Where a message stands in a window; set to the mark, a parser may widen it. */
struct nest_fault_place {
	size_t start, end;
};

/* One wording of a message. */
struct nest_fault_form {
	const char *mark; /* the parser looks at the text around it */
	/* Fills *fault, which holds the driver and what the row says; false: no such message. */
	bool (*parse)(const struct nest_log_window *w, struct nest_fault_place *place,
		      struct nest_fault *fault);
	/* Of an event that the mark alone tells; NULL: the parser finds out. */
	const char *event;
	uint32_t code;
	const char *meaning, *cause;
};

struct nest_fault_driver {
	const char *name;  /* word of JSON: "vt-d" */
	const char *title; /* in sentences */
	const char *id;	   /* what it calls a device that is not told by PCI address, or NULL */
	const struct nest_fault_form *forms; /* the last has no mark */
	/* Does the record belong to this fault? Adds what it tells. NULL: one record is all. */
	bool (*more)(const struct nest_log_window *w, struct nest_fault *fault);
	/* The flags of fault in words. NULL: it has none. */
	void (*flags)(const struct nest_fault *fault, char *buf, size_t size);
	const char *const *limiters; /* functions in "N callbacks suppressed"; the last is NULL */
};

extern const struct nest_fault_driver nest_fault_vtd, nest_fault_amd, nest_fault_smmuv3,
	nest_fault_smmuv2, nest_fault_virtio, nest_fault_riscv;

/* The rows above; the last is NULL. */
extern const struct nest_fault_driver *const nest_fault_drivers[];

/*
 * The next fault that begins at or after at and in the first line of w. Returns where, or
 * NEST_LOG_NONE; *ret_end is where to look on.
 */
size_t nest_fault_match(const struct nest_log_window *w, size_t at, struct nest_fault *ret_fault,
			size_t *ret_end);

/* Does the first line of w go on with fault? Adds what it tells. */
bool nest_fault_more(const struct nest_log_window *w, struct nest_fault *fault);

/* "dmar_fault: 17 callbacks suppressed", lines that the kernel did not print. */
struct nest_fault_suppressed {
	char function[40];
	const struct nest_fault_driver *driver; /* whose function it is; NULL: none that is known */
	uint64_t count;
	unsigned int line;
};

/* Is there such a line in the first line of w? */
bool nest_fault_match_suppressed(const struct nest_log_window *w,
				 struct nest_fault_suppressed *ret_suppressed);

/* The same device, by the address, id or name that is told. */
bool nest_fault_same_device(const struct nest_fault *a, const struct nest_fault *b);

/* The same device, access and reason, whatever the address. */
bool nest_fault_same(const struct nest_fault *a, const struct nest_fault *b);

/* How much is known of it, for a choice between two readings of a broken line. */
unsigned int nest_fault_score(const struct nest_fault *fault);

/* "0000:01:00.0", "stream 0x900", "endpoint 32", or the client's name; "a device" for none. */
#define NEST_FAULT_NAME_MAX 48
void nest_fault_name(const struct nest_fault *fault, char buf[NEST_FAULT_NAME_MAX]);

/* "read", "write", "interrupt", "unknown". Never NULL. */
const char *nest_log_access_name(enum nest_log_access access);

#endif
