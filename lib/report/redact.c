// SPDX-License-Identifier: GPL-2.0-or-later
/* How secrets are recognised in text, and what stands in for them. */
#include "report/redact.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/redact-private.h"
#include "util.h"

#define KEY_MAX 64

struct nest_redact_secret {
	enum nest_secret kind;
	char key[KEY_MAX];     /* hex digits in lower case, or the address or name itself */
	char instead[KEY_MAX]; /* NAME */
	unsigned int number;   /* 0 until settled */
};

void nest_text_add(struct nest_text *text, const char *bytes, size_t len)
{
	char *bigger;

	if (len >= text->room - text->len || !text->at) {
		bigger = realloc(text->at, (text->room + len + 32) * 2);
		if (!bigger) {
			text->failed = true;
			return;
		}
		text->at = bigger;
		text->room = (text->room + len + 32) * 2;
	}
	memcpy(text->at + text->len, bytes, len);
	text->len += len;
	text->at[text->len] = '\0';
}

void nest_redact_free(struct nest_redact *redact)
{
	free(redact->at);
	*redact = (struct nest_redact){ 0 };
}

static struct nest_redact_secret *find(const struct nest_redact *redact, enum nest_secret kind,
				       const char *key)
{
	size_t i;

	for (i = 0; i < redact->count; i++)
		if (redact->at[i].kind == kind && !strcmp(redact->at[i].key, key))
			return &redact->at[i];
	return NULL;
}

/* The number of a key that is a stand-in already, or 0. */
static unsigned int number_of(enum nest_secret kind, const char *key)
{
	unsigned int number;
	char again[KEY_MAX];

	if (kind == NEST_SECRET_UUID && sscanf(key, "%32x", &number) == 1)
		snprintf(again, sizeof(again), "%032x", number);
	else if (kind == NEST_SECRET_MAC && strlen(key) >= 12 && !strncmp(key, "02000", 5) &&
		 sscanf(key + strlen(key) - 6, "%6x", &number) == 1)
		snprintf(again, sizeof(again), "02%0*x", (int)strlen(key) - 2, number);
	else
		return 0;
	return strcmp(again, key) ? 0 : number;
}

static unsigned int free_number(const struct nest_redact *redact, enum nest_secret kind)
{
	unsigned int number = 1;
	size_t i;

	for (i = 0; i < redact->count; i++)
		if (redact->at[i].kind == kind && redact->at[i].number >= number)
			number = redact->at[i].number + 1;
	return number;
}

static struct nest_redact_secret *add(struct nest_redact *redact, enum nest_secret kind,
				      const char *key)
{
	struct nest_redact_secret *known = find(redact, kind, key), *bigger;

	if (known)
		return known;
	bigger = realloc(redact->at, (redact->count + 1) * sizeof(*bigger));
	if (!bigger) {
		redact->failed = true;
		return NULL;
	}
	redact->at = bigger;
	known = &bigger[redact->count++];
	*known = (struct nest_redact_secret){ .kind = kind, .number = number_of(kind, key) };
	snprintf(known->key, sizeof(known->key), "%s", key);
	return known;
}

static int by_key(const void *a, const void *b)
{
	const struct nest_redact_secret *sa = a, *sb = b;

	return sa->kind != sb->kind ? (int)sa->kind - (int)sb->kind : strcmp(sa->key, sb->key);
}

void nest_redact_settle(struct nest_redact *redact)
{
	size_t i;

	if (redact->count)
		qsort(redact->at, redact->count, sizeof(*redact->at), by_key);
	for (i = 0; i < redact->count; i++)
		if (!redact->at[i].number)
			redact->at[i].number = free_number(redact, redact->at[i].kind);
}

/*
 * ---- recognition: each looks at the beginning of text and returns the length of what it found
 * ----
 */

static size_t hex_run(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && isxdigit((unsigned char)p[n]))
		n++;
	return n;
}

static void take_hex(char *key, const char *p, size_t len)
{
	size_t i, n = strlen(key);

	for (i = 0; i < len && n < KEY_MAX - 1; i++)
		if (isxdigit((unsigned char)p[i]))
			key[n++] = (char)tolower((unsigned char)p[i]);
	key[n] = '\0';
}

static size_t find_uuid(const char *p, const char *end, char *key)
{
	static const size_t parts[] = { 8, 4, 4, 4, 12 };
	const char *at = p;
	size_t i;

	if (hex_run(p, end) == 32) {
		take_hex(key, p, 32);
		return 32;
	}
	for (i = 0; i < 5; i++) {
		if (hex_run(at, end) != parts[i])
			return 0;
		at += parts[i];
		if (i < 4 && (at == end || (*at != '-' && *at != '_')))
			return 0;
		at += i < 4;
	}
	take_hex(key, p, (size_t)(at - p));
	return (size_t)(at - p);
}

/* Six pairs or eight, as of a network card or a port; more are an InfiniBand address. */
static size_t find_mac(const char *p, const char *end, char *key)
{
	const char *at = p;
	size_t pairs = 0;

	while (hex_run(at, end) == 2) {
		pairs++;
		at += 2;
		if (at == end || (*at != ':' && *at != '-') || *at != p[2])
			break;
		at++;
	}
	if (at > p && (at[-1] == ':' || at[-1] == '-'))
		at--;
	if (pairs < 6 || pairs > 20 || (at < end && isalnum((unsigned char)*at)))
		return 0;
	take_hex(key, p, (size_t)(at - p));
	return (size_t)(at - p);
}

/* enx, wlx, wwx and twelve digits; only the digits are the secret. */
static size_t find_netname(const char *p, const char *end, char *key)
{
	if (end - p < 15 || !islower((unsigned char)p[0]) || !islower((unsigned char)p[1]) ||
	    p[2] != 'x' || hex_run(p + 3, end) != 12)
		return 0;
	take_hex(key, p + 3, 12);
	return 15;
}

static size_t find_ipv4(const char *p, const char *end, char *key)
{
	const char *at = p;
	size_t part;

	for (part = 0; part < 4; part++) {
		unsigned int value = 0;
		size_t digits = 0;

		while (at < end && isdigit((unsigned char)*at) && digits < 4) {
			value = value * 10 + (unsigned int)(*at++ - '0');
			digits++;
		}
		if (!digits || digits > 3 || value > 255 ||
		    (part < 3 && (at == end || *at++ != '.')))
			return 0;
	}
	if (at < end && (*at == '.' || *at == '-' || *at == '_') && at + 1 < end &&
	    isalnum((unsigned char)at[1]))
		return 0; /* the version of something */
	snprintf(key, KEY_MAX, "%.*s", (int)(at - p), p);
	return (size_t)(at - p);
}

static size_t find_ipv6(const char *p, const char *end, char *key)
{
	const char *at = p;
	size_t groups = 0, colons = 0;
	bool gap = false;

	while (at < end && (isxdigit((unsigned char)*at) || *at == ':')) {
		if (*at == ':') {
			gap |= at + 1 < end && at[1] == ':';
			colons++;
			at++;
			continue;
		}
		if (hex_run(at, end) > 4)
			return 0;
		at += hex_run(at, end);
		groups++;
	}
	if (!((gap && groups >= 2 && colons < 8) || (groups == 8 && colons == 7)) ||
	    at - p >= KEY_MAX)
		return 0;
	snprintf(key, KEY_MAX, "%.*s", (int)(at - p), p);
	return (size_t)(at - p);
}

static const struct finder {
	enum nest_secret kind;
	size_t (*find)(const char *p, const char *end, char *key);
	bool same_length;
} finders[] = {
	{ NEST_SECRET_UUID, find_uuid, true },	 { NEST_SECRET_MAC, find_mac, true },
	{ NEST_SECRET_MAC, find_netname, true }, { NEST_SECRET_IPV4, find_ipv4, false },
	{ NEST_SECRET_IPV6, find_ipv6, false },
};

/* Zeros, ones, this host's own and everybody's addresses: they tell nothing. */
static bool tells_nothing(enum nest_secret kind, const char *key)
{
	size_t len = strlen(key);

	if (kind == NEST_SECRET_IPV4)
		return !strncmp(key, "127.", 4) || !strcmp(key, "0.0.0.0") ||
		       !strncmp(key, "255.255.", 8);
	return kind != NEST_SECRET_IPV6 && (strspn(key, "0") == len || strspn(key, "f") == len);
}

/* Length of a secret at p, with its kind and key; 0: there is none. */
static size_t recognise(const char *begin, const char *p, const char *end, bool same_length,
			const struct finder **ret_finder, char key[KEY_MAX])
{
	size_t i, len;

	if (p > begin && isalnum((unsigned char)p[-1]))
		return 0;
	for (i = 0; i < ARRAY_SIZE(finders); i++) {
		if (same_length && !finders[i].same_length)
			continue;
		if (finders[i].find == find_ipv4 && p > begin && (p[-1] == '.' || p[-1] == '-'))
			continue;
		key[0] = '\0';
		len = finders[i].find(p, end, key);
		if (len && p + len < end && isalnum((unsigned char)p[len]) &&
		    finders[i].kind != NEST_SECRET_IPV4)
			len = 0;
		if (!len)
			continue;
		*ret_finder = &finders[i];
		return len;
	}
	return 0;
}

void nest_redact_scan(struct nest_redact *redact, const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len;
	const struct finder *finder;
	char key[KEY_MAX];

	while (p < end) {
		size_t found = recognise(bytes, p, end, false, &finder, key);

		if (found && !tells_nothing(finder->kind, key))
			add(redact, finder->kind, key);
		p += found ? found : 1;
	}
}

/* ---- what stands in ---- */

/* Puts the digits of number where the secret has its hex digits, in the same case. */
static void fill_hex(char *out, const char *p, size_t len, const char *digits)
{
	size_t i, d = 0;

	for (i = 0; i < len; i++)
		out[i] = isxdigit((unsigned char)p[i]) ? digits[d++] : p[i];
}

static void put_secret(struct nest_redact *redact, struct nest_text *out,
		       const struct finder *finder, const char *p, size_t len, const char *key)
{
	struct nest_redact_secret *secret =
		tells_nothing(finder->kind, key) ? NULL : add(redact, finder->kind, key);
	static const char *const nets[] = { "192.0.2", "198.51.100", "203.0.113" };
	char digits[KEY_MAX], text[KEY_MAX];
	unsigned int n;

	if (!secret) {
		nest_text_add(out, p, len);
		return;
	}
	if (!secret->number)
		secret->number = free_number(redact, secret->kind);
	n = secret->number;
	switch (finder->kind) {
	case NEST_SECRET_UUID:
	case NEST_SECRET_MAC:
		if (finder->kind == NEST_SECRET_UUID)
			snprintf(digits, sizeof(digits), "%032x", n);
		else
			snprintf(digits, sizeof(digits), "02%0*x", (int)strlen(key) - 2, n);
		if (finder->find == find_netname) {
			nest_text_add(out, p, 3);
			p += 3;
			len -= 3;
		}
		fill_hex(text, p, len, digits);
		nest_text_add(out, text, len);
		return;
	case NEST_SECRET_IPV4:
		snprintf(text, sizeof(text), "%s.%u", nets[n / 254 % 3], n % 254 + 1);
		break;
	default:
		snprintf(text, sizeof(text), "2001:db8::%x", n);
		break;
	}
	nest_text_add(out, text, strlen(text));
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
	struct nest_redact_secret *secret;
	size_t i;

	if (!name || strlen(name) < 3 || strlen(name) >= KEY_MAX)
		return;
	for (i = 0; i < ARRAY_SIZE(common); i++)
		if (!strcasecmp(name, common[i]))
			return;
	secret = add(redact, NEST_SECRET_NAME, name);
	if (secret)
		snprintf(secret->instead, sizeof(secret->instead), "%s", instead);
}

/*
 * A learned name as a whole word, in any case; hyphens belong to names but also join them to
 * others.
 */
static size_t find_name(const struct nest_redact *redact, const char *begin, const char *p,
			const char *end, const char **ret_instead)
{
	size_t i, best = 0;

	if (p > begin && (isalnum((unsigned char)p[-1]) || p[-1] == '_'))
		return 0;
	for (i = 0; i < redact->count; i++) {
		const struct nest_redact_secret *secret = &redact->at[i];
		size_t len = strlen(secret->key);

		if (secret->kind != NEST_SECRET_NAME || len <= best || (size_t)(end - p) < len ||
		    strncasecmp(p, secret->key, len))
			continue;
		if (p + len < end && (isalnum((unsigned char)p[len]) || p[len] == '_'))
			continue;
		best = len;
		*ret_instead = secret->instead;
	}
	return best;
}

static bool has_digit(const char *word, const char *end)
{
	for (; word < end && !isspace((unsigned char)*word); word++)
		if (isdigit((unsigned char)*word))
			return true;
	return false;
}

/*
 * "SerialNumber: X", "serial=X", "S/N X": the length up to X, or 0. "serial" alone is prose without
 * a sign ("serial console"); behind the words that mean a number, anything that has a digit is one.
 */
static size_t find_serial(const char *begin, const char *p, const char *end)
{
	static const char *const words[] = { "serialnumber", "serial number", "serial no", "serial",
					     "s/n",	     "wwn",	      "wwid",	   "wwpn" };
	bool sign = false;
	const char *at;
	size_t i, len;

	if (p > begin && isalnum((unsigned char)p[-1]))
		return 0;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		len = strlen(words[i]);
		if ((size_t)(end - p) <= len || strncasecmp(p, words[i], len))
			continue;
		for (at = p + len; at < end && memchr(" .:=#\"", *at, 6); at++)
			sign |= *at == ':' || *at == '=' || *at == '#';
		if (at == end || !isalnum((unsigned char)*at))
			continue;
		if (sign || (strcmp(words[i], "serial") && has_digit(at, end)))
			return (size_t)(at - p);
	}
	return 0;
}

void nest_redact_into(struct nest_redact *redact, bool same_length, const char *bytes, size_t len,
		      struct nest_text *out)
{
	const char *p = bytes, *end = bytes + len, *instead = NULL;
	const struct finder *finder;
	char key[KEY_MAX];

	while (p < end) {
		size_t found = recognise(bytes, p, end, same_length, &finder, key);

		if (found) {
			put_secret(redact, out, finder, p, found, key);
		} else if (!same_length && (found = find_name(redact, bytes, p, end, &instead))) {
			nest_text_add(out, instead, strlen(instead));
		} else if (!same_length && (found = find_serial(bytes, p, end))) {
			nest_text_add(out, p, found);
			nest_text_add(out, "REDACTED", 8);
			while (p + found < end && !isspace((unsigned char)p[found]) &&
			       p[found] != '"')
				found++;
		} else {
			nest_text_add(out, p, found = 1);
		}
		p += found;
	}
}
