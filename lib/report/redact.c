// SPDX-License-Identifier: GPL-2.0-or-later
/* The secrets that were met, their stand-ins, and the walk through a text. */
#include "report/redact.h"

#include <ctype.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"
#include "report/redact-private.h"
#include "util.h"

struct secret {
	unsigned int number; /* 0 until settled */
	unsigned int *last;  /* given to one of its kind; the trees' walk has no argument */
	char key[NEST_SECRET_KEY_MAX]; /* hex digits in lower case, or the address itself */
};

struct nest_redact_name {
	char name[NEST_SECRET_KEY_MAX], instead[32];
	bool spared; /* stays as it is */
};

void nest_redact_free(struct nest_redact *redact)
{
	size_t kind;

	for (kind = 0; kind < NEST_SECRETS; kind++)
		tdestroy(redact->secrets[kind], free);
	free(redact->names);
	*redact = (struct nest_redact){ 0 };
}

/* ---- learned names ---- */

static struct nest_redact_name *add_name(struct nest_redact *redact, const char *name)
{
	struct nest_redact_name *fresh;
	size_t i;

	for (i = 0; i < redact->nnames; i++)
		if (!strcmp(redact->names[i].name, name))
			return NULL;
	fresh = nest_array_add((void **)&redact->names, redact->nnames, sizeof(*fresh));
	if (!fresh) {
		redact->failed = true;
		return NULL;
	}
	redact->nnames++;
	snprintf(fresh->name, sizeof(fresh->name), "%s", name);
	return fresh;
}

void nest_redact_learn(struct nest_redact *redact, const char *name, const char *instead)
{
	static const char *const common[] = {
		"localhost", "localdomain", "host",    "linux",	 "root",   "kvm",
		"vfio",	     "iommu",	    "iommufd", "sys",	 "bus",	   "pci",
		"devices",   "kernel",	    "proc",    "driver", "group",  "intel",
		"amd",	     "debian",	    "ubuntu",  "fedora", "server", "node",
		"test",	     "class",	    "type",    "none",	 "yes",	   "user",
	};
	struct nest_redact_name *fresh;
	size_t i;

	if (!name || strlen(name) < 3 || strlen(name) >= NEST_SECRET_KEY_MAX)
		return;
	for (i = 0; i < ARRAY_SIZE(common); i++)
		if (!strcasecmp(name, common[i]))
			return;
	fresh = add_name(redact, name);
	if (fresh)
		snprintf(fresh->instead, sizeof(fresh->instead), "%s", instead);
}

void nest_redact_spare(struct nest_redact *redact, const char *word)
{
	struct nest_redact_name *fresh = NULL;

	if (word && *word && strlen(word) < NEST_SECRET_KEY_MAX)
		fresh = add_name(redact, word);
	if (fresh)
		fresh->spared = true;
}

/* Length of the name at p, in any case and with its escapes; 0: another text is there. */
static size_t match_name(const char *name, const char *p, const char *end)
{
	const char *at = p;
	char letter;

	for (; *name; name++) {
		if (at == end)
			return 0;
		at += nest_redact_letter(at, end, &letter);
		if (tolower((unsigned char)letter) != tolower((unsigned char)*name))
			return 0;
	}
	return at < end && (nest_redact_isalnum(*at) || *at == '_') ? 0 : (size_t)(at - p);
}

/*
 * The longest learned name at p, where a word begins. Hyphens belong to names, but also join them
 * to others.
 */
static size_t find_name(const struct nest_redact *redact, const char *begin, const char *p,
			const char *end, const struct nest_redact_name **ret_name)
{
	size_t i, len, best = 0;

	if (p > begin && p[-1] == '_')
		return 0;
	for (i = 0; i < redact->nnames; i++) {
		len = match_name(redact->names[i].name, p, end);
		if (len <= best)
			continue;
		best = len;
		*ret_name = &redact->names[i];
	}
	return best;
}

/* ---- secrets of a form ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct secret *)a)->key, ((const struct secret *)b)->key);
}

static struct secret *add(struct nest_redact *redact, enum nest_secret kind, const char *key)
{
	struct secret *fresh = calloc(1, sizeof(*fresh)), **at;

	if (!fresh) {
		redact->failed = true;
		return NULL;
	}
	snprintf(fresh->key, sizeof(fresh->key), "%s", key);
	at = tsearch(fresh, &redact->secrets[kind], by_key);
	if (!at || *at != fresh) {
		free(fresh);
		redact->failed = redact->failed || !at;
		return at ? *at : NULL;
	}
	fresh->last = &redact->last[kind];
	fresh->number = nest_redact_number(kind, key);
	if (fresh->number > redact->last[kind])
		redact->last[kind] = fresh->number;
	return fresh;
}

/* Zeros, ones, this host's own and everybody's addresses: they tell nothing. */
static bool tells_nothing(enum nest_secret kind, const char *key)
{
	size_t len = strlen(key);

	if (kind == NEST_SECRET_IPV4)
		return !strncmp(key, "127.", 4) || !strcmp(key, "0.0.0.0") ||
		       !strncmp(key, "255.255.", 8);
	return kind != NEST_SECRET_IPV6 && (strspn(key, "0") == len || strspn(key, "f") == len);
}

bool nest_redact_scan(struct nest_redact *redact, const char *bytes, size_t len)
{
	struct nest_redact_span span = nest_redact_span(bytes, len);
	const struct nest_redact_name *name;
	const struct nest_secret_form *form;
	char key[NEST_SECRET_KEY_MAX];
	const char *p = bytes, *instead;
	bool changes = false;
	size_t kept;

	while ((p = nest_redact_next(&span, p)) < span.end) {
		size_t found = nest_redact_find(bytes, p, span.end, false, &form, key);

		if (found && !tells_nothing(form->kind, key))
			add(redact, form->kind, key);
		changes = changes || found || find_name(redact, bytes, p, span.end, &name) ||
			  nest_redact_label(&redact->labels, &span, p, &kept, &instead);
		p += found ? found : 1;
	}
	return changes;
}

static void settle(const void *node, VISIT visit, int depth)
{
	struct secret *secret = *(struct secret *const *)node;

	(void)depth;
	if ((visit == postorder || visit == leaf) && !secret->number)
		secret->number = ++*secret->last;
}

void nest_redact_settle(struct nest_redact *redact)
{
	size_t kind;

	for (kind = 0; kind < NEST_SECRETS; kind++)
		twalk(redact->secrets[kind], settle);
}

static void put_secret(struct nest_redact *redact, struct nest_text *out,
		       const struct nest_secret_form *form, const char *p, size_t len,
		       const char *key)
{
	struct secret *secret =
		tells_nothing(form->kind, key) ? NULL : add(redact, form->kind, key);

	if (!secret) {
		nest_text_add(out, p, len);
		return;
	}
	if (!secret->number)
		secret->number = ++redact->last[form->kind];
	form->replace(out, p, len, secret->number);
}

/* ---- the walk ---- */

/* Bytes from kept on were not put out yet. */
struct walk {
	struct nest_redact *redact;
	struct nest_redact_span span;
	bool same_length;
	const char *kept;
	struct nest_text *out;
};

static void put_kept(struct walk *walk, const char *to)
{
	nest_text_add(walk->out, walk->kept, (size_t)(to - walk->kept));
	walk->kept = to;
}

/* What goes at p, where a word begins, and is put out changed: its length, or 0. */
static size_t rewrite_one(struct walk *walk, const char *p)
{
	const struct nest_redact_span *span = &walk->span;
	const struct nest_redact_name *name = NULL;
	const struct nest_secret_form *form;
	char key[NEST_SECRET_KEY_MAX];
	const char *instead;
	size_t len, kept, named = 0;

	if (!walk->same_length)
		named = find_name(walk->redact, span->begin, p, span->end, &name);
	if (name && name->spared)
		return named;
	if (!walk->same_length) {
		len = nest_redact_label(&walk->redact->labels, span, p, &kept, &instead);
		if (len) {
			put_kept(walk, p + kept);
			nest_text_add(walk->out, instead, strlen(instead));
			walk->kept = p + len;
			return len;
		}
	}
	len = nest_redact_find(span->begin, p, span->end, walk->same_length, &form, key);
	if (len || named)
		put_kept(walk, p);
	if (len)
		put_secret(walk->redact, walk->out, form, p, len, key);
	else if (named)
		nest_text_add(walk->out, name->instead, strlen(name->instead));
	len = len ? len : named;
	walk->kept += len;
	return len;
}

void nest_redact_into(struct nest_redact *redact, bool same_length, const char *bytes, size_t len,
		      struct nest_text *out)
{
	struct walk walk = { redact, nest_redact_span(bytes, len), same_length, bytes, out };
	const char *p = bytes;

	while ((p = nest_redact_next(&walk.span, p)) < walk.span.end) {
		size_t found = rewrite_one(&walk, p);

		p += found ? found : 1;
	}
	put_kept(&walk, walk.span.end);
}
