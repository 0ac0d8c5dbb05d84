// SPDX-License-Identifier: GPL-2.0-or-later
/* Decodes one line of a file after the other. */
#include "log/clean.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/csv.h"
#include "util.h"

/* ---- quoted-printable ---- */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "=2E": the byte, or -1. Control characters are not what such a text holds. */
static int quoted_byte(const char *p)
{
	int high, low, byte;

	if (*p != '=' || !p[1])
		return -1;
	high = hex_value(p[1]);
	low = high < 0 ? -1 : hex_value(p[2]);
	byte = low < 0 ? -1 : high * 16 + low;
	return byte == '\t' || byte >= ' ' ? byte : -1;
}

/*
 * In such a text every "=" begins two digits or ends the line. A line of a log like "cb=10" must
 * not be taken for it, so the first one needs something that no log prints.
 */
static bool is_quoted_printable(struct nest_clean *clean, const char *line)
{
	const char *p;
	bool sure = clean->quoted_printable;

	for (p = line; (p = strchr(p, '=')); p++) {
		if (!p[1] || (p[1] == '\r' && !p[2]))
			continue;
		if (quoted_byte(p) < 0)
			return false;
		sure = sure || !strncmp(p, "=3D", 3) || !strncmp(p, "=C2=A0", 6) ||
		       ((!strncmp(p, "=20", 3) || !strncmp(p, "=09", 3) || !strncmp(p, "=2E", 3)) &&
			(!p[3] || p[3] == '\r' || p[2] == 'E'));
	}
	return sure && strchr(line, '=');
}

static void decode_quoted(char *line)
{
	char *to = line;
	const char *p = line;

	while (*p) {
		int byte = quoted_byte(p);

		if (byte < 0) {
			*to++ = *p++;
			continue;
		}
		*to++ = (char)byte;
		p += 3;
	}
	*to = '\0';
}

/* ---- HTML ---- */

static bool eat(const char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

/* "&#39;", "&#x2F;": a character of ASCII, or the blank that does not break. */
static bool eat_number(const char **p, char *ret)
{
	bool hex = (*p)[1] == '#' && ((*p)[2] == 'x' || (*p)[2] == 'X');
	const char *digits = *p + (hex ? 3 : 2);
	unsigned long code;
	char *end;

	if (strncmp(*p, "&#", 2) != 0 || !isxdigit((unsigned char)*digits))
		return false;
	code = strtoul(digits, &end, hex ? 16 : 10);
	if (*end != ';' || end - digits > 6)
		return false;
	if (code != 0xa0 && code != '\t' && (code < ' ' || code > '~'))
		return false;
	*ret = code == 0xa0 ? ' ' : (char)code;
	*p = end + 1;
	return true;
}

static bool eat_entity(const char **p, char *ret)
{
	static const struct {
		const char *entity;
		char is;
	} entities[] = {
		{ "&nbsp;", ' ' }, { "&lt;", '<' },    { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' }, { "&amp;", '&' },
		{ "<br>", '\n' },  { "<br/>", '\n' },  { "<br />", '\n' },
	};
	size_t i;

	if (eat_number(p, ret))
		return true;

	for (i = 0; i < ARRAY_SIZE(entities); i++)
		if (eat(p, entities[i].entity)) {
			*ret = entities[i].is;
			return true;
		}
	return false;
}

static void decode_html(char *line)
{
	const char *p = line;
	char *to = line, c;

	while (*p) {
		if ((*p == '&' || *p == '<') && eat_entity(&p, &c))
			*to++ = c;
		else
			*to++ = *p++;
	}
	*to = '\0';
}

/* ---- characters that are blanks, and escapes of daemons ---- */

/* One character or escape of a line: what stands for it, '\n' for a break, 0 for nothing. */
static char next_character(const char **p)
{
	static const struct {
		const char *sequence;
		char is;
	} forms[] = {
		{ "\xc2\xa0", ' ' },	 { "\xe2\x80\xaf", ' ' }, { "\xe2\x80\x89", ' ' },
		{ "\xe3\x80\x80", ' ' }, { "\xe2\x80\x8b", 0 },	  { "\xef\xbb\xbf", 0 },
		{ "#012", '\n' },	 { "#011", ' ' },	  { "#015", 0 },
		{ "\\x0a", '\n' },	 { "\\x09", ' ' },	  { "\\x0d", 0 },
		{ "\\x5c", '\\' },	 { "\\x1b", 0x1b },
	};
	size_t i;

	/* Nearly all characters begin none of them. */
	for (i = 0; strchr("\xc2\xe2\xe3\xef#\\", **p) && i < ARRAY_SIZE(forms); i++)
		if (eat(p, forms[i].sequence))
			return forms[i].is;
	return *(*p)++;
}

static int give_char(struct nest_clean *clean, char c)
{
	return c == '\n' ? clean->line_break(clean->data) : clean->take(clean->data, c);
}

/* How many characters from here stand for nothing but themselves. */
static size_t plain_length(const char *text)
{
	size_t n = 0;

	while (text[n] >= ' ' && text[n] < 0x7f && text[n] != '#' && text[n] != '\\')
		n++;
	return n;
}

static int give_text(struct nest_clean *clean, const char *text)
{
	const char *p = text;
	int err = 0;

	while (*p && !err) {
		size_t n = plain_length(p);
		char c;

		if (n) {
			err = clean->take_text(clean->data, p, n);
			p += n;
			continue;
		}
		c = next_character(&p);
		if (c)
			err = give_char(clean, c);
	}
	return err;
}

/* ---- JSON ---- */

/* "\n", "\u00a0": what it stands for; moves behind it. */
static char json_escape(const char **p)
{
	static const char letters[] = "nrtbf\"\\/", means[] = "\n\r\t  \"\\/";
	unsigned int code;
	const char *letter;

	++*p;
	if (**p == 'u' && sscanf(*p + 1, "%4x", &code) == 1 && strlen(*p) >= 5) {
		*p += 5;
		return code == 0xa0 ? ' ' : code < 0x80 ? (char)code : '?';
	}
	letter = **p ? strchr(letters, **p) : NULL;
	if (!letter)
		return '\\';
	++*p;
	return means[letter - letters];
}

/* Unescapes in place up to the closing quote; returns what is behind it. */
static const char *json_string(const char *p, char *to, size_t size)
{
	size_t used = 0;

	while (*p && *p != '"') {
		char c = *p == '\\' ? json_escape(&p) : *p++;

		if (used + 1 < size && c)
			to[used++] = c;
	}
	to[used] = '\0';
	return *p ? p + 1 : p;
}

/* [68,77,65]: a message that is not printable, as the journal writes it. */
static const char *json_bytes(const char *p, char *to, size_t size)
{
	size_t used = 0;
	char *end;

	for (p++; *p && *p != ']'; p = *end == ',' ? end + 1 : end) {
		long byte = strtol(p, &end, 10);

		if (end == p)
			break;
		if (used + 1 < size && byte > 0 && byte < 256)
			to[used++] = (char)byte;
	}
	to[used] = '\0';
	return p;
}

/* The value of a key behind p, or NULL. */
static const char *json_value(const char *p, const char *key)
{
	const char *at = strstr(p, key);

	if (!at)
		return NULL;
	at += strlen(key);
	at += strspn(at, " \t");
	if (*at != ':')
		return json_value(at, key);
	return at + 1 + strspn(at + 1, " \t");
}

/* The time of a record in front of its text, as the kernel would print it. */
static int give_time(struct nest_clean *clean, const char *object)
{
	const char *value = json_value(object, "\"time\"");
	unsigned long long usec = 0;
	char time[40] = "";

	if (value && *value >= '0' && *value <= '9') {
		snprintf(time, sizeof(time), "[%.*s] ", (int)strspn(value, "0123456789."), value);
	} else {
		value = json_value(object, "\"_SOURCE_MONOTONIC_TIMESTAMP\"");
		if (value && sscanf(value, "\"%llu\"", &usec) == 1)
			snprintf(time, sizeof(time), "[%llu.%06llu] ", usec / 1000000,
				 usec % 1000000);
	}
	return give_text(clean, time);
}

#define JSON_DEPTH 2 /* a message of the journal may be JSON itself */

/* Where JSON begins: with the line, or behind what a daemon put in front of an object. */
static const char *json_start(const char *line)
{
	const char *p = line + strspn(line, " \t,"), *object;
	size_t len = strlen(line);

	if (*p && strchr("{[\"}", *p))
		return p;
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	object = strstr(line, "{\"");
	return object && line[len - 1] == '}' ? object : NULL;
}

/* The messages of a line of JSON, each on a line of its own. False: it has none. */
static bool give_json(struct nest_clean *clean, const char *line, unsigned int depth, int *ret_err)
{
	static const char *const keys[] = { "\"MESSAGE\"", "\"msg\"", "\"message\"", "\"log\"" };
	const char *p = json_start(line), *value = NULL, *before;
	char *text;
	size_t i;

	if (!p)
		return false;
	for (i = 0; i < ARRAY_SIZE(keys) && !value; i++)
		value = json_value(p, keys[i]);
	if (!value || (*value != '"' && *value != '['))
		return false;
	text = malloc(strlen(line) + 1);
	if (!text) {
		*ret_err = -ENOMEM;
		return true;
	}
	i--;
	/* What separates objects is no text; what a daemon put in front of one is. */
	before = *p == '{' && line + strspn(line, " \t,") != p ? line : p;
	for (; before < p && !*ret_err; before++)
		*ret_err = give_char(clean, *before);
	while (value && !*ret_err) {
		*ret_err = give_time(clean, p);
		p = *value == '"' ? json_string(value + 1, text, strlen(line) + 1)
				  : json_bytes(value, text, strlen(line) + 1);
		if (!*ret_err && (*text != '{' || depth == JSON_DEPTH ||
				  !give_json(clean, text, depth + 1, ret_err)))
			*ret_err = give_text(clean, text);
		value = json_value(p, keys[i]);
		if (value && (*value == '"' || *value == '[') && !*ret_err)
			*ret_err = clean->line_break(clean->data);
		else
			value = NULL;
	}
	free(text);
	return true;
}

/* Another string of JSON: its escapes are those of a text that was quoted. */
static void decode_string(char *line)
{
	const char *p = line + strspn(line, " \t,");
	char *to = line;

	if (*p != '"' && *p != '{')
		return;
	while (*p) {
		char c = *p == '\\' ? json_escape(&p) : *p++;

		if (c)
			*to++ = c;
	}
	*to = '\0';
}

/* ---- lines ---- */

static int give_line(struct nest_clean *clean)
{
	char *line = clean->line;
	int err = 0;
	size_t i;

	for (i = 0; memchr(line + i, '\0', clean->len - i); i++)
		if (!line[i])
			line[i] = ' ';
	line[clean->len] = '\0';
	clean->len = 0;
	if (strchr(line, '=') && is_quoted_printable(clean, line)) {
		clean->quoted_printable = true;
		decode_quoted(line);
	}
	if (strchr(line, '&') || (strchr(line, '<') && strstr(line, "<br")))
		decode_html(line);
	if (strchr(line, '"')) {
		if (give_json(clean, line, 1, &err))
			return err;
		if (strchr(line, '\\'))
			decode_string(line);
		nest_csv_decode(line);
	}
	return give_text(clean, line);
}

#define SOFT_MIN 70 /* columns of a line that mail programs break, and */
#define SOFT_MAX 76

/* Does a soft break of quoted-printable end the line? Then the next one is a part of it. */
static bool take_soft_break(struct nest_clean *clean)
{
	size_t len = clean->len, columns;

	if (len && clean->line[len - 1] == '\r')
		len--;
	if (!len || clean->line[len - 1] != '=' || len + SOFT_MAX > NEST_CLEAN_LINE)
		return false;
	columns = len - clean->line_start;
	if (!clean->quoted_printable && (columns < SOFT_MIN || columns > SOFT_MAX))
		return false;
	clean->len = clean->line_start = len - 1;
	clean->joined++;
	return true;
}

static int end_of_line(struct nest_clean *clean)
{
	int err = give_line(clean);

	clean->line_start = 0;
	if (!err)
		err = clean->line_end(clean->data);
	for (; !err && clean->joined; clean->joined--)
		clean->line_joined(clean->data);
	return err;
}

static int take_byte(struct nest_clean *clean, char c)
{
	int err;

	if (c == '\n')
		return take_soft_break(clean) ? 0 : end_of_line(clean);
	if (clean->len == NEST_CLEAN_LINE) {
		err = give_line(clean);
		if (err)
			return err;
		clean->line_start = 0;
	}
	clean->line[clean->len++] = c;
	return 0;
}

/* ---- UTF-16 ---- */

/* Text of a log is ASCII, so that every second byte of UTF-16 is 0. */
static void decide(struct nest_clean *clean)
{
	size_t i, zeros[2] = { 0, 0 };

	for (i = 0; i < clean->head_len; i++)
		zeros[i & 1] += !clean->head[i];
	clean->width = NEST_CLEAN_BYTES;
	if (zeros[1] > 2 && zeros[1] * 4 > clean->head_len && zeros[0] * 8 < zeros[1])
		clean->width = NEST_CLEAN_LE;
	else if (zeros[0] > 2 && zeros[0] * 4 > clean->head_len && zeros[1] * 8 < zeros[0])
		clean->width = NEST_CLEAN_BE;
}

static int take_unit(struct nest_clean *clean, unsigned int unit)
{
	char bytes[3];
	size_t n = 0, i;
	int err = 0;

	if (unit == 0xfeff || (unit >= 0xd800 && unit < 0xe000))
		return 0;
	if (unit < 0x80) {
		bytes[n++] = (char)unit;
	} else if (unit < 0x800) {
		bytes[n++] = (char)(0xc0 | unit >> 6);
		bytes[n++] = (char)(0x80 | (unit & 0x3f));
	} else {
		bytes[n++] = (char)(0xe0 | unit >> 12);
		bytes[n++] = (char)(0x80 | (unit >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (unit & 0x3f));
	}
	for (i = 0; i < n && !err; i++)
		err = take_byte(clean, bytes[i]);
	return err;
}

static int take_raw(struct nest_clean *clean, unsigned char c)
{
	if (clean->width == NEST_CLEAN_BYTES)
		return take_byte(clean, (char)c);
	if (!clean->has_half) {
		clean->half = c;
		clean->has_half = true;
		return 0;
	}
	clean->has_half = false;
	return take_unit(clean, clean->width == NEST_CLEAN_LE ? clean->half | (unsigned int)c << 8
							      : c | (unsigned int)clean->half << 8);
}

static int give_head(struct nest_clean *clean)
{
	size_t i;
	int err = 0;

	decide(clean);
	for (i = 0; i < clean->head_len && !err; i++)
		err = take_raw(clean, clean->head[i]);
	return err;
}

/* The same as take_byte() for each, of bytes among which is no end of a line. */
static int take_bytes(struct nest_clean *clean, const char *buf, size_t len)
{
	int err = 0;

	while (len && !err) {
		size_t n = NEST_CLEAN_LINE - clean->len;

		if (!n) {
			err = take_byte(clean, *buf);
			n = 1;
		} else {
			n = n < len ? n : len;
			memcpy(clean->line + clean->len, buf, n);
			clean->len += n;
		}
		buf += n;
		len -= n;
	}
	return err;
}

int nest_clean_feed(struct nest_clean *clean, const char *buf, size_t len)
{
	size_t i, n;
	int err = 0;

	for (i = 0; i < len && !err; i++) {
		if (clean->width == NEST_CLEAN_BYTES) {
			const char *end = memchr(buf + i, '\n', len - i);

			n = end ? (size_t)(end - buf) - i : len - i;
			err = take_bytes(clean, buf + i, n);
			i += n;
			if (end && !err)
				err = take_byte(clean, '\n');
			continue;
		}
		if (clean->width != NEST_CLEAN_UNDECIDED) {
			err = take_raw(clean, (unsigned char)buf[i]);
			continue;
		}
		clean->head[clean->head_len++] = (unsigned char)buf[i];
		if (clean->head_len == NEST_CLEAN_HEAD)
			err = give_head(clean);
	}
	return err;
}

int nest_clean_finish(struct nest_clean *clean)
{
	int err = clean->width == NEST_CLEAN_UNDECIDED ? give_head(clean) : 0;

	return !err && clean->len ? give_line(clean) : err;
}
