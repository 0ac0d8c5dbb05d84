/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `check` found: one finding for each rule and subject, the requirements of the command line
 * or a policy, and one verdict. The rules (check/rules.h) fill it, printers read it. Ids of rules,
 * names of requirements and of purposes are fixed words: output, manual and code use the same.
 *
 * Strings are static or of the model's pool.
 */
#ifndef NEST_CHECK_H
#define NEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

enum nest_result {
	NEST_RESULT_PASS,
	NEST_RESULT_WARN, /* works, with a risk or a limit that the summary names */
	NEST_RESULT_FAIL,
	NEST_RESULT_UNKNOWN, /* could not be told; the evidence says why. Never counts as met */
	NEST_RESULT_NOT_APPLICABLE,
	NEST_RESULTS,
};

/* "pass", "warn", "fail", "unknown", "not_applicable". */
const char *nest_result_name(enum nest_result result);

enum nest_subject {
	NEST_SUBJECT_HOST,
	NEST_SUBJECT_UNIT,
	NEST_SUBJECT_GROUP,
	NEST_SUBJECT_DEVICE,
};

/* "host", "unit", "group", "device". */
const char *nest_subject_name(enum nest_subject subject);

/* One thing that was looked at. */
struct nest_evidence {
	const char *source; /* "/sys/class/iommu/dmar0/intel-iommu/ecap", "VFIO_SET_IOMMU(6)",
			       "kernel log" */
	const char *value;  /* what it said; NULL if it could not be had */
	int err;	    /* why not, errno > 0, or 0 */
};

struct nest_finding {
	const char *id; /* of the rule: "vtd.nest" */
	enum nest_subject kind;
	const char *subject; /* "dmar0", "12", "0000:3a:00.0"; "" for the host */
	enum nest_result result;
	const char *summary; /* one sentence */
	const struct nest_evidence *evidence;
	size_t nevidence;
	const char *remedy; /* a command, or a firmware setting by its usual names; NULL: none
			       needed or known */
	/* For people (check/fold.h): a sentence that findings of one cause share; NULL: its own. */
	const char *cause;
	bool tempered;	   /* a warning only because its group or device was not named */
	bool concerns_all; /* its rule is asked for passthrough too */
	bool final;	   /* no setting, firmware or kernel changes it on this machine */
	/* For people: a device that shares no group with those that were named; NULL: another case.
	 */
	const char *elsewhere;
	bool moot;   /* changes nothing while a final one or a missing IOMMU stands */
	size_t with; /* index of the finding that it is shown with; its own: by itself */
};

/* NAME, or NAME OP VALUE. */
struct nest_requirement {
	const char *text;	 /* as given: "pasid_bits>=20" */
	const char *name;	 /* "pasid_bits" */
	const char *wanted;	 /* ">=20"; "=yes" where only a name was given */
	const char *found;	 /* "16"; NULL if it is not known */
	enum nest_result result; /* PASS, FAIL, UNKNOWN */
	const char *why;	 /* one sentence: from what, or why it is not known */
	const char *remedy;	 /* NULL: none known */
};

enum nest_verdict { NEST_VERDICT_READY, NEST_VERDICT_NOT_READY, NEST_VERDICT_UNKNOWN };

/* "ready", "not_ready", "unknown". */
const char *nest_verdict_name(enum nest_verdict verdict);

/* A property that the devices that were probed have in common, for a Kubernetes label. */
struct nest_label {
	const char *name, *value;
};

struct nest_check {
	const char *purpose; /* "passthrough", "nested", "sva" */
	bool judged;	     /* false: the check could not begin, and the rest is unknown */
	bool nagios;	     /* the user asked for the line of a Nagios plugin */
	enum nest_verdict verdict;
	const char
		*answer; /* the first line of the human output: one sentence, verdict and cause */
	const char *headline; /* the answer without its cause: "this host is ready" */
	const struct nest_finding *decided_by; /* the cause; NULL: ready, or by requirements */
	const char *next; /* what to run now, as a remedy: a clause, commands; NULL: nothing */
	struct nest_finding *findings; /* in the order of the rules' table, then of the subjects */
	size_t nfindings;
	struct nest_requirement *requirements;
	size_t nrequirements;
	struct nest_label labels[8];
	size_t nlabels;
	size_t counts[NEST_RESULTS]; /* of the findings */
};

#endif
