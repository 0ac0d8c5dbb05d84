// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Secrets of no form of their own, which what stands before them announces: "serial=", "/home/",
 * "iqn.". Letters match in any case, and escaped ones too.
 */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "report/redact-private.h"
#include "util.h"

#define MAIL_MAX 64  /* letters before the @ */
#define NEAR_MAX 512 /* that are looked at before it is clear that there is a secret */

/* How the secret follows the label. */
enum follows {
	AT_ONCE,      /* "iqn.2001-04.com…" */
	AFTER_DIGIT,  /* at once, where it begins with a digit */
	AFTER_HEX,    /* at once, where it begins with four hexadecimal digits */
	AFTER_COUNT,  /* behind a number and a hyphen: "qemu-3-NAME" */
	AFTER_SIGN,   /* "=" or ":" between them */
	AFTER_EQUALS, /* "=" alone: with ":" it is a sentence */
	AFTER_BLANK,  /* or nothing but a blank */
	IF_HAS_DIGIT, /* or a blank, and the word has a digit */
	IF_NO_NUMBER, /* or a blank, and the word is no plain number */
	IN_QUOTES,    /* a blank and quotes */
	QUOTED_VALUE, /* "=" and single quotes: os-release has double ones */
	AS_DISK_NAME, /* at once, "Model_Name_SERIAL" */
};

static const struct label {
	const char *word;
	enum follows follows;
} labels[] = {
	/* Targets, disks, volumes. */
	{ "iqn.", AFTER_DIGIT },
	{ "nqn.", AFTER_DIGIT },
	{ "eui.", AFTER_HEX },
	{ "naa.", AFTER_HEX },
	{ "nvme.", AFTER_HEX },
	{ "t10.", AT_ONCE },
	{ "wwn-", AT_ONCE },
	{ "wwn_", AT_ONCE },
	{ "wwn", IF_HAS_DIGIT },
	{ "wwid", IF_HAS_DIGIT },
	{ "wwpn", IF_HAS_DIGIT },
	{ "wwnn", IF_HAS_DIGIT },
	{ "port_name", IF_HAS_DIGIT },
	{ "node_name", IF_HAS_DIGIT },
	{ "by-id/", AT_ONCE },
	{ "by-id-", AT_ONCE },
	{ "by-label/", AT_ONCE },
	{ "by-label-", AT_ONCE },
	{ "by-partlabel/", AT_ONCE },
	{ "by-partlabel-", AT_ONCE },
	{ "by-uuid/", AT_ONCE },
	{ "by-uuid-", AT_ONCE },
	{ "by-partuuid/", AT_ONCE },
	{ "by-partuuid-", AT_ONCE },
	{ "/mapper/", AT_ONCE },
	{ "mapper-", AT_ONCE },
	{ "dm-name-", AT_ONCE },
	{ "luks-", AT_ONCE },
	{ "label=", AT_ONCE },
	{ "partlabel=", AT_ONCE },
	{ "partuuid=", AT_ONCE },
	{ "uuid=", AT_ONCE },
	{ "ata-", AS_DISK_NAME },
	{ "nvme-", AS_DISK_NAME },
	{ "scsi-", AS_DISK_NAME },
	{ "usb-", AS_DISK_NAME },
	{ "mmc-", AS_DISK_NAME },
	/* Serial numbers. */
	{ "serialnumber", IF_HAS_DIGIT },
	{ "serial number", IF_HAS_DIGIT },
	{ "serial no", IF_HAS_DIGIT },
	{ "serial", AFTER_SIGN },
	{ "s/n", IF_HAS_DIGIT },
	{ "asset tag", AFTER_SIGN },
	{ "asset_tag", AFTER_SIGN },
	/* People and their folders. */
	{ "/home/", AT_ONCE },
	{ "home-", AT_ONCE },
	{ "/users/", AT_ONCE },
	{ "/root/", AT_ONCE },
	{ "/media/", AT_ONCE },
	{ "/mnt/", AT_ONCE },
	{ "user", AFTER_EQUALS },
	{ "username", AFTER_SIGN },
	{ "login", AFTER_SIGN },
	{ "email", AFTER_SIGN },
	{ "hostname", AFTER_SIGN },
	{ "hostname set to", AFTER_BLANK },
	{ "host", AFTER_EQUALS },
	{ "ssid", IF_NO_NUMBER },
	/* Virtual machines. */
	{ "guest=", AT_ONCE },
	{ "vm_name", AFTER_SIGN },
	{ "vmname", AFTER_SIGN },
	{ "vm", AFTER_EQUALS },
	{ "-name", AFTER_BLANK },
	{ "qemu-", AFTER_COUNT },
	{ "domain-", AFTER_COUNT },
	{ "lxc-", AFTER_COUNT },
	{ "/libvirt/images/", AT_ONCE },
	{ "/libvirt/qemu/", AT_ONCE },
	{ "name", QUOTED_VALUE },
	{ "vm", IN_QUOTES },
	{ "virtual machine", IN_QUOTES },
	{ "domain", IN_QUOTES },
	{ "guest", IN_QUOTES },
	{ "container", IN_QUOTES },
	/* Passwords. */
	{ "password", AFTER_SIGN },
	{ "passwd", AFTER_SIGN },
	{ "passphrase", AFTER_SIGN },
	{ "pass", AFTER_EQUALS },
	{ "psk", AFTER_SIGN },
	{ "pin", AFTER_EQUALS },
	{ "token", AFTER_SIGN },
	{ "secret", AFTER_SIGN },
	{ "key", AFTER_EQUALS },
	{ "apikey", AFTER_SIGN },
	{ "credential", AFTER_SIGN },
	{ "credentials", AFTER_SIGN },
};

static_assert(ARRAY_SIZE(labels) < sizeof(((struct nest_redact_labels *)0)->next), "their index");

/* By the first letters; among those of one letter the order of the table stays. */
static void fill(struct nest_redact_labels *index)
{
	size_t i;

	for (i = ARRAY_SIZE(labels); i-- > 0;) {
		unsigned char letter = (unsigned char)labels[i].word[0];

		index->next[i] = index->first[letter];
		index->first[letter] = (uint8_t)(i + 1);
	}
	index->filled = true;
}

static bool is_one_of(char c, const char *letters)
{
	return c && strchr(letters, c);
}

static bool is_hex(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!nest_redact_isxdigit(*p))
			return false;
	return true;
}

/* Where the word of a label ends, or NULL: another text is there. */
static const char *match(const char *word, const char *p, const char *end)
{
	char letter;

	for (; *word; word++) {
		if (p == end)
			return NULL;
		if (tolower((unsigned char)*p) == *word) {
			p++;
			continue;
		}
		if (*p != '\\')
			return NULL;
		p += nest_redact_letter(p, end, &letter);
		if (letter != *word)
			return NULL;
	}
	return p;
}

/* Behind what stands between a label and its secret, or NULL: that is not there. */
static const char *skip_between(enum follows follows, const char *p, const char *end)
{
	bool equals = false, colon = false, blank = false;

	for (; p < end && is_one_of(*p, " \t.:=#"); p++) {
		equals |= *p == '=';
		colon |= *p == ':' || *p == '#';
		blank |= *p == ' ' || *p == '\t';
	}
	switch (follows) {
	case AFTER_SIGN:
		return equals || colon ? p : NULL;
	case AFTER_EQUALS:
		return equals ? p : NULL;
	case QUOTED_VALUE:
		return equals && p < end && *p == '\'' ? p : NULL;
	case IN_QUOTES:
		return blank && p < end && is_one_of(*p, "'\"") ? p : NULL;
	default:
		return equals || colon || blank ? p : NULL;
	}
}

/* "3-", of "qemu-3-NAME". */
static const char *skip_count(const char *p, const char *end)
{
	const char *at = p;
	char letter = 0;

	while (at < end && isdigit((unsigned char)*at))
		at++;
	if (at == p || at == end)
		return NULL;
	at += nest_redact_letter(at, end, &letter);
	return letter == '-' ? at : NULL;
}

static const char *word_end(const char *p, const char *end)
{
	while (p < end && *p && !isspace((unsigned char)*p) && !is_one_of(*p, "'\"`,;()<>[]{}|"))
		p++;
	return p;
}

/* "Samsung_SSD_970_EVO_S4EWNX0M123456": a last part, or the whole, that is a number. */
static bool is_disk_name(const char *p, const char *end)
{
	size_t part = 0, whole = 0;
	bool digit = false, joined = false;

	for (; p < end && (nest_redact_isalnum(*p) || *p == '_'); p++, whole++) {
		if (*p == '_') {
			part = 0;
			digit = false;
			joined = true;
			continue;
		}
		part++;
		digit |= isdigit((unsigned char)*p);
	}
	return digit && part >= (joined ? 6u : 12u);
}

static bool is_number(const char *p, const char *end)
{
	size_t digits = 0;

	if (end - p > 2 && p[0] == '0' && p[1] == 'x')
		return true;
	while (p + digits < end && isdigit((unsigned char)p[digits]))
		digits++;
	return p + digits == end && digits < 8;
}

static bool has_digit(const char *p, const char *end)
{
	for (; p < end; p++)
		if (isdigit((unsigned char)*p))
			return true;
	return false;
}

static bool is_secret(enum follows follows, bool sign, const char *from, const char *to)
{
	switch (follows) {
	case IF_HAS_DIGIT:
		return sign || has_digit(from, to);
	case IF_NO_NUMBER:
		return !is_number(from, to);
	case AS_DISK_NAME:
		return is_disk_name(from, to);
	default:
		return true;
	}
}

/* Where the secret behind a label begins and ends; false: there is none. */
static bool find_secret(const struct label *label, const char *p, const char *end,
			const char **ret_from, const char **ret_to)
{
	bool sign = false;
	const char *from, *near;
	char quote;

	switch (label->follows) {
	case AT_ONCE:
	case AS_DISK_NAME:
		from = p;
		break;
	case AFTER_DIGIT:
		from = p < end && isdigit((unsigned char)*p) ? p : NULL;
		break;
	case AFTER_HEX:
		from = end - p >= 4 && is_hex(p, p + 4) ? p : NULL;
		break;
	case AFTER_COUNT:
		from = skip_count(p, end);
		break;
	default:
		from = skip_between(label->follows, p, end);
		sign = from &&
		       (memchr(p, '=', (size_t)(from - p)) || memchr(p, ':', (size_t)(from - p)) ||
			memchr(p, '#', (size_t)(from - p)));
		break;
	}
	if (!from || from == end)
		return false;
	quote = is_one_of(*from, "'\"<") ? (char)(*from == '<' ? '>' : *from) : 0;
	*ret_from = from += quote != 0;
	near = end - from > NEAR_MAX ? from + NEAR_MAX : end;
	*ret_to = quote ? memchr(from, quote, (size_t)(near - from)) : NULL;
	if (!*ret_to)
		*ret_to = word_end(from, near);
	if (!is_secret(label->follows, sign, from, *ret_to))
		return false;
	if (*ret_to == near)
		*ret_to = word_end(near, end);
	/* A full stop or a colon is of the sentence. */
	while (!quote && *ret_to > from && is_one_of((*ret_to)[-1], ".:"))
		--*ret_to;
	return *ret_to > from;
}

/*
 * "user@host" and mail addresses, but not "soc@0" and "iommu@2b400000" of a device tree, nor
 * "256M@16M" of the command line.
 */
static size_t find_mail(const char *p, const char *end)
{
	const char *at = p, *host;

	while (at < end && at - p < MAIL_MAX &&
	       (nest_redact_isalnum(*at) || is_one_of(*at, "._%+-")))
		at++;
	if (at == p || at == end || *at != '@')
		return 0;
	host = ++at;
	while (at < end && at - host < 256 && (nest_redact_isalnum(*at) || is_one_of(*at, ".-_")))
		at++;
	while (at > host && at[-1] == '.')
		at--;
	if (at == host)
		return 0;
	/* The builder of a kernel stands in parentheses. */
	if (at < end && *at == ')' && isalpha((unsigned char)*p))
		return (size_t)(at - p);
	if (is_hex(host, at))
		return 0;
	if (!isalpha((unsigned char)*p) &&
	    (isdigit((unsigned char)*host) || !memchr(host, '.', (size_t)(at - host))))
		return 0;
	return (size_t)(at - p);
}

/* "nas1.corp.example.com": names of networks, by what they end with. */
static size_t find_domain(const char *p, const char *end)
{
	static const char *const tops[] = {
		"com", "net",	"org",	"edu",	"gov",	   "mil",  "internal", "intranet",
		"lan", "local", "corp", "home", "example", "test", "invalid",  "localdomain",
		"de",  "uk",	"fr",	"eu",	"cn",	   "jp",   "ru",       "nl",
		"ch",  "se",	"pl",	"br",	"us",	   "au",   "ca",       "kr",
	};
	const char *at = p, *last = NULL;
	size_t i;

	while (at < end && at - p < 254 && (nest_redact_isalnum(*at) || is_one_of(*at, ".-"))) {
		if (*at == '.')
			last = at;
		at++;
	}
	if (last && last + 1 == at) { /* the end of a sentence */
		at = last;
		for (last = NULL, i = (size_t)(at - p); i-- > 0 && !last;)
			last = p[i] == '.' ? p + i : NULL;
	}
	for (i = 0; last && last > p && i < ARRAY_SIZE(tops); i++)
		if ((size_t)(at - last - 1) == strlen(tops[i]) &&
		    !strncasecmp(last + 1, tops[i], strlen(tops[i])))
			return (size_t)(at - p);
	return 0;
}

size_t nest_redact_label(struct nest_redact_labels *index, const struct nest_redact_span *span,
			 const char *p, size_t *ret_kept, const char **ret_instead)
{
	const char *from, *to, *after, *end = span->end;
	size_t i, len = span->has_at ? find_mail(p, end) : 0;

	*ret_kept = 0;
	*ret_instead = "user@host";
	if (len)
		return len;
	if (!index->filled)
		fill(index);
	for (i = index->first[tolower((unsigned char)*p)]; i; i = index->next[i - 1]) {
		const struct label *label = &labels[i - 1];

		after = match(label->word, p, end);
		if (!after || !find_secret(label, after, end, &from, &to))
			continue;
		*ret_kept = (size_t)(from - p);
		*ret_instead = "REDACTED";
		return (size_t)(to - p);
	}
	*ret_instead = "host.example";
	return span->has_dot ? find_domain(p, end) : 0;
}
