// SPDX-License-Identifier: GPL-2.0-or-later
/* How secrets of a known form are recognised in text, and the form of what stands in. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "report/redact-private.h"
#include "util.h"

#define KEY_MAX NEST_SECRET_KEY_MAX

/* Of "\x2d" and of "\x5cx2d": where its two digits are, or 0. */
static size_t escape_digits(const char *p, const char *end)
{
	size_t at;

	for (at = 2; at <= 5; at += 3)
		if ((size_t)(end - p) >= at + 2 && !memcmp(p, at == 2 ? "\\x" : "\\x5cx", at) &&
		    nest_redact_isxdigit(p[at]) && nest_redact_isxdigit(p[at + 1]) &&
		    (at == 5 || memcmp(p + at, "5c", 2)))
			return at;
	return 0;
}

static unsigned int digit(char c)
{
	return isdigit((unsigned char)c) ? (unsigned int)(c - '0')
					 : (unsigned int)(tolower((unsigned char)c) - 'a') + 10;
}

size_t nest_redact_letter(const char *p, const char *end, char *ret_letter)
{
	size_t at = *p == '\\' ? escape_digits(p, end) : 0;

	*ret_letter = at ? (char)(digit(p[at]) << 4 | digit(p[at + 1])) : *p;
	return at ? at + 2 : 1;
}

struct nest_redact_span nest_redact_span(const char *bytes, size_t len)
{
	return (struct nest_redact_span){
		.begin = bytes,
		.end = bytes + len,
		.has_at = len && memchr(bytes, '@', len),
		.has_dot = len && memchr(bytes, '.', len),
		.has_escape = len && memchr(bytes, '\\', len),
	};
}

/* Does an escaped letter end at p? Of both escapes the third character from the end is an x. */
static bool behind_escape(const char *begin, const char *p)
{
	if (p - begin < 4 || p[-3] != 'x')
		return false;
	return escape_digits(p - 4, p) == 2 || (p - begin >= 7 && escape_digits(p - 7, p) == 5);
}

const char *nest_redact_next(const struct nest_redact_span *span, const char *p)
{
	if (p == span->begin)
		return p;
	while (p < span->end && *p != '/' && nest_redact_isalnum(p[-1]) &&
	       !(span->has_escape && behind_escape(span->begin, p)))
		p++;
	return p;
}

static size_t hex_run(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && nest_redact_isxdigit(p[n]))
		n++;
	return n;
}

/* Length of one of these letters at p, escaped or not; 0: another one is there. */
static size_t skip_one(const char *letters, const char *p, const char *end)
{
	char letter;
	size_t len;

	if (p >= end)
		return 0;
	len = nest_redact_letter(p, end, &letter);
	return letter && strchr(letters, letter) ? len : 0;
}

static size_t take_hex(char *key, const char *p, const char *end)
{
	size_t n = 0, len;
	const char *at;
	char letter;

	for (at = p; at < end && n < KEY_MAX - 1; at += len) {
		len = nest_redact_letter(at, end, &letter);
		if (len == 1 && nest_redact_isxdigit(letter))
			key[n++] = (char)tolower((unsigned char)letter);
	}
	key[n] = '\0';
	return (size_t)(end - p);
}

static size_t find_uuid(const char *begin, const char *p, const char *end, char *key)
{
	static const size_t parts[] = { 8, 4, 4, 4, 12 };
	const char *at = p;
	size_t i, skip;

	(void)begin;
	if (hex_run(p, end) == 32)
		return take_hex(key, p, p + 32);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (hex_run(at, end) != parts[i])
			return 0;
		at += parts[i];
		if (i + 1 == ARRAY_SIZE(parts))
			break;
		skip = skip_one("-_", at, end);
		if (!skip)
			return 0;
		at += skip;
	}
	return take_hex(key, p, at);
}

/* Six pairs or eight, as of a network card or a port; more are an InfiniBand address. */
static size_t find_mac(const char *begin, const char *p, const char *end, char *key)
{
	const char *at = p, *behind = p;
	char first = 0, letter;
	size_t pairs = 0;

	(void)begin;
	while (pairs <= 20 && hex_run(at, end) == 2) {
		pairs++;
		behind = at += 2;
		if (!skip_one(":-", at, end))
			break;
		at += nest_redact_letter(at, end, &letter);
		first = first ? first : letter;
		if (letter != first)
			break;
	}
	if (pairs < 6 || pairs > 20 || (behind < end && nest_redact_isalnum(*behind)))
		return 0;
	return take_hex(key, p, behind);
}

/* enx, wlx, wwx and twelve digits; only the digits are the secret. */
static size_t find_netname(const char *begin, const char *p, const char *end, char *key)
{
	(void)begin;
	if (end - p < 15 || !islower((unsigned char)p[0]) || !islower((unsigned char)p[1]) ||
	    p[2] != 'x' || hex_run(p + 3, end) != 12)
		return 0;
	take_hex(key, p + 3, p + 15);
	return 15;
}

/* Four numbers up to 255 with this letter between them, and not five: that is a version. */
static size_t four_numbers(const char *separator, const char *begin, const char *p, const char *end,
			   char *key)
{
	const char *at = p;
	unsigned int value[4];
	size_t part, skip, digits;

	if (p - begin >= 2 && p[-1] == *separator && isdigit((unsigned char)p[-2]))
		return 0;
	for (part = 0; part < 4; part++) {
		value[part] = 0;
		for (digits = 0; at < end && isdigit((unsigned char)*at) && digits < 4; digits++)
			value[part] = value[part] * 10 + (unsigned int)(*at++ - '0');
		skip = part < 3 ? skip_one(separator, at, end) : 1;
		if (!digits || digits > 3 || value[part] > 255 || !skip)
			return 0;
		at += part < 3 ? skip : 0;
	}
	skip = skip_one(separator, at, end);
	if (skip && at + skip < end && isdigit((unsigned char)at[skip]))
		return 0;
	snprintf(key, KEY_MAX, "%u.%u.%u.%u", value[0], value[1], value[2], value[3]);
	return (size_t)(at - p);
}

static size_t find_ipv4(const char *begin, const char *p, const char *end, char *key)
{
	return four_numbers(".", begin, p, end, key);
}

/* "ip-10-0-0-12": how clouds name their hosts. */
static size_t find_dashed(const char *begin, const char *p, const char *end, char *key)
{
	return four_numbers("-", begin, p, end, key);
}

static size_t find_ipv6(const char *begin, const char *p, const char *end, char *key)
{
	size_t groups = 0, colons = 0;
	const char *at = p;
	bool gap = false;

	(void)begin;
	while (at < end && at - p < KEY_MAX && (nest_redact_isxdigit(*at) || *at == ':')) {
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

/* ---- stand-ins ---- */

/* Puts the digits where the secret has its hex digits; its separators stay. */
static void fill_hex(struct nest_text *out, const char *p, size_t len, const char *digits)
{
	const char *end = p + len;
	char letter;
	size_t n;

	for (; p < end; p += n) {
		n = nest_redact_letter(p, end, &letter);
		if (n == 1 && nest_redact_isxdigit(letter) && *digits)
			nest_text_add(out, digits++, 1);
		else
			nest_text_add(out, p, n);
	}
}

static void replace_uuid(struct nest_text *out, const char *p, size_t len, unsigned int n)
{
	char digits[KEY_MAX];

	snprintf(digits, sizeof(digits), "%032x", n);
	fill_hex(out, p, len, digits);
}

static void replace_mac(struct nest_text *out, const char *p, size_t len, unsigned int n)
{
	char key[KEY_MAX], digits[KEY_MAX];

	take_hex(key, p, p + len);
	snprintf(digits, sizeof(digits), "02%0*x", (int)strlen(key) - 2, n);
	fill_hex(out, p, len, digits);
}

static void replace_netname(struct nest_text *out, const char *p, size_t len, unsigned int n)
{
	nest_text_add(out, p, 3);
	replace_mac(out, p + 3, len - 3, n);
}

static void replace_ipv4(struct nest_text *out, const char *p, size_t len, unsigned int n)
{
	static const char *const nets[] = { "192.0.2", "198.51.100", "203.0.113" };
	char text[KEY_MAX];

	(void)p;
	(void)len;
	snprintf(text, sizeof(text), "%s.%u", nets[n / 254 % 3], n % 254 + 1);
	nest_text_add(out, text, strlen(text));
}

static void replace_dashed(struct nest_text *out, const char *p, size_t len, unsigned int n)
{
	size_t from = out->len;
	char *dot;

	replace_ipv4(out, p, len, n);
	for (dot = out->failed ? NULL : strchr(out->at + from, '.'); dot; dot = strchr(dot, '.'))
		*dot = '-';
}

static void replace_ipv6(struct nest_text *out, const char *p, size_t len, unsigned int n)
{
	char text[KEY_MAX];

	(void)p;
	(void)len;
	snprintf(text, sizeof(text), "2001:db8::%x", n);
	nest_text_add(out, text, strlen(text));
}

static const struct nest_secret_form forms[] = {
	{ NEST_SECRET_UUID, true, find_uuid, replace_uuid },
	{ NEST_SECRET_MAC, true, find_mac, replace_mac },
	{ NEST_SECRET_MAC, true, find_netname, replace_netname },
	{ NEST_SECRET_IPV4, false, find_ipv4, replace_ipv4 },
	{ NEST_SECRET_IPV4, false, find_dashed, replace_dashed },
	{ NEST_SECRET_IPV6, false, find_ipv6, replace_ipv6 },
};

/* Can one of the forms begin here? Most words of a report begin none. */
static bool may_begin(const char *p, const char *end)
{
	size_t digits = hex_run(p, end);
	char behind = p + digits < end ? p[digits] : '\0';

	if (digits == 32 || (end - p >= 15 && p[2] == 'x'))
		return true;
	if (behind == '.' || behind == '-' || behind == '\\')
		return digits == 8 || (digits && digits <= 3);
	return (digits == 8 && behind == '_') || (digits <= 4 && behind == ':');
}

size_t nest_redact_find(const char *begin, const char *p, const char *end, bool same_length,
			const struct nest_secret_form **ret_form, char ret_key[KEY_MAX])
{
	size_t i, len;

	if (!may_begin(p, end))
		return 0;
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (same_length && !forms[i].same_length)
			continue;
		ret_key[0] = '\0';
		len = forms[i].find(begin, p, end, ret_key);
		if (!len || (forms[i].kind != NEST_SECRET_IPV4 && p + len < end &&
			     nest_redact_isalnum(p[len])))
			continue;
		*ret_form = &forms[i];
		return len;
	}
	return 0;
}

unsigned int nest_redact_number(enum nest_secret kind, const char *key)
{
	unsigned int number;
	char again[KEY_MAX];

	if (strlen(key) < 12 || sscanf(key + strlen(key) - 6, "%6x", &number) != 1)
		return 0;
	if (kind == NEST_SECRET_UUID)
		snprintf(again, sizeof(again), "%032x", number);
	else if (kind == NEST_SECRET_MAC)
		snprintf(again, sizeof(again), "02%0*x", (int)strlen(key) - 2, number);
	else
		return 0;
	return strcmp(again, key) ? 0 : number;
}
