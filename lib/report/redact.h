/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What identifies a machine, its owner or its network, taken out of text. A secret of a known form
 * is replaced by the same stand-in everywhere, of the same form and (but for addresses of IP and
 * names) the same length, so that names still match each other and a text still parses:
 *
 *	UUIDs and other numbers of 32 hex digits	00000000-0000-0000-0000-000000000001
 *	MAC, EUI-64, GUID and names made of one		02:00:00:00:00:01, enx020000000001
 *	IPv4, IPv6, also inside of names		192.0.2.1, ip-192-0-2-1, 2001:db8::1
 *	mail addresses, user@host			user@host
 *	names of networks (nas.corp.example.com)	host.example
 *	learned names (host, people)			host, user1
 *	what stands behind a label that announces it	REDACTED
 *	words of the command line			key=REDACTED unless the key is known
 *
 * The labels (report/redact-label.c) announce serial numbers, names of disks, volumes, targets,
 * networks and virtual machines, folders of people, and passwords. PCI addresses, identifiers of
 * models and what firmware calls itself stay. Pure.
 *
 *	scan all texts; settle; rewrite all texts
 *
 * gives stand-ins in the order of what they stand for, so that sorted names stay sorted. What is
 * first met while rewriting is replaced all the same. Time and memory are linear in the text.
 */
#ifndef NEST_REDACT_H
#define NEST_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nest_secret {
	NEST_SECRET_UUID,
	NEST_SECRET_MAC,
	NEST_SECRET_IPV4,
	NEST_SECRET_IPV6,
	NEST_SECRETS
};

/* The labels that begin with a letter: the first one's place in their table + 1, then the next's.
 */
struct nest_redact_labels {
	bool filled;
	uint8_t first[256], next[128];
};

struct nest_redact {
	void *secrets[NEST_SECRETS];	 /* trees of tsearch(3), by key */
	unsigned int last[NEST_SECRETS]; /* highest number in use */
	struct nest_redact_name *names;
	size_t nnames;
	struct nest_redact_labels labels;
	bool failed; /* memory ran out: nothing that was rewritten may be shown */
};

void nest_redact_free(struct nest_redact *redact);

/*
 * A name to be replaced wherever it stands as a word. Names that tell nothing (empty, of one or two
 * letters, "localhost", a word of the kernel) are left.
 */
void nest_redact_learn(struct nest_redact *redact, const char *name, const char *instead);

/* A word that stays as it is, whatever it looks like: the release of the kernel. */
void nest_redact_spare(struct nest_redact *redact, const char *word);

/* Returns whether a rewriting may change the text. Learned names must be known before. */
bool nest_redact_scan(struct nest_redact *redact, const char *bytes, size_t len);
void nest_redact_settle(struct nest_redact *redact);

/* What the bytes are, which decides what may be done to them. */
enum nest_redact_form {
	NEST_FORM_TEXT,
	NEST_FORM_BINARY,  /* only what keeps its length */
	NEST_FORM_CMDLINE, /* the kernel's command line */
	NEST_FORM_LOG,	   /* lines of the kernel log, which may hold the command line */
};

/*
 * Returns a copy, ended by a NUL, with its length; to be freed. NULL (and failed) when memory is
 * out.
 */
char *nest_redact_rewrite(struct nest_redact *redact, enum nest_redact_form form, const char *bytes,
			  size_t len, size_t *ret_len);

/*
 * Config space: keeps the header and what is known to be harmless in known capabilities, and puts
 * zeros over everything else: serial number, vital product data, whatever vendors keep there.
 */
void nest_redact_config(uint8_t *config, size_t len);

struct nest_answers;

/*
 * report/redact-answers.c: every path, name, link, text and table among them. hosts are the names
 * of the host, the last is NULL: one that is also the word for a driver or a model stays, since it
 * tells nothing then. 0 or -ENOMEM.
 */
int nest_redact_answers(struct nest_redact *redact, const char *const *hosts,
			struct nest_answers *answers);

struct json_object;

/* report/redact-json.c: every string of a document that is built, in its place. 0 or -ENOMEM. */
int nest_redact_json(struct nest_redact *redact, struct json_object *value);
void nest_redact_json_free(struct json_object *value);

#endif
