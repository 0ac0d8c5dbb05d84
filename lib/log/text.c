// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads words, numbers and PCI addresses out of a piece of log. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem() */
#endif
#include "log/text.h"

#include <ctype.h>
#include <string.h>

bool nest_log_is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool nest_log_eat(const char **p, const char *end, const char *word)
{
	size_t n = strlen(word);

	if (*p > end || (size_t)(end - *p) < n || memcmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

bool nest_log_eat_hex(const char **p, const char *end, uint64_t *ret_value)
{
	const char *q = *p;
	uint64_t value = 0;
	int digits = 0;

	if (end - q > 2 && q[0] == '0' && (q[1] == 'x' || q[1] == 'X'))
		q += 2;
	for (; q < end && isxdigit((unsigned char)*q); q++, digits++) {
		int c = tolower((unsigned char)*q);

		if (digits == 16)
			return false;
		value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (!digits || (q < end && nest_log_is_word(*q)))
		return false;
	*p = q;
	*ret_value = value;
	return true;
}

bool nest_log_eat_decimal(const char **p, const char *end, uint32_t *ret_value)
{
	const char *q = *p;
	uint32_t value = 0;

	for (; q < end && isdigit((unsigned char)*q); q++) {
		if (q - *p == 9)
			return false;
		value = value * 10 + (uint32_t)(*q - '0');
	}
	if (q == *p)
		return false;
	*p = q;
	*ret_value = value;
	return true;
}

static bool has_pair(const struct nest_log_window *w, const char *p)
{
	return nest_log_has_pair(w, nest_log_pair(p[0], p[1]));
}

/* False: the needle is not in the text. Most are ruled out by their first two pairs. */
static bool may_hold(const struct nest_log_window *w, const char *needle)
{
	return !w->has_pairs || !needle[0] || !needle[1] ||
	       (has_pair(w, needle) && (!needle[2] || has_pair(w, needle + 1)));
}

size_t nest_log_find(const struct nest_log_window *w, size_t at, size_t limit, const char *needle)
{
	const char *found;
	size_t n, end;

	if (!may_hold(w, needle))
		return NEST_LOG_NONE;
	n = strlen(needle);
	end = limit + n - 1;
	if (end > w->len)
		end = w->len;
	if (at >= end || (w->has_pairs && n >= 4 &&
			  !(has_pair(w, needle + n - 2) && has_pair(w, needle + n / 2))))
		return NEST_LOG_NONE;
	found = memmem(w->text + at, end - at, needle, n);
	return found ? (size_t)(found - w->text) : NEST_LOG_NONE;
}

size_t nest_log_word_before(const struct nest_log_window *w, size_t pos)
{
	if (pos < 2 || w->text[pos - 1] != ' ')
		return NEST_LOG_NONE;
	for (pos--; pos && w->text[pos - 1] != ' '; pos--)
		;
	return pos;
}

bool nest_log_word_is(const struct nest_log_window *w, size_t pos, const char *word)
{
	size_t n = strlen(word);

	return pos != NEST_LOG_NONE && w->len - pos > n && memcmp(w->text + pos, word, n) == 0 &&
	       w->text[pos + n] == ' ';
}

/* One hexadecimal part of an address; Linux 5.14 wrote 0x before bus and device. */
static bool eat_part(const char **p, const char *end, unsigned int *ret_value)
{
	unsigned int value = 0, digits = 0;
	const char *q = *p;

	nest_log_eat(&q, end, "0x");
	for (; q < end && isxdigit((unsigned char)*q) && digits < 5; q++, digits++) {
		int c = tolower((unsigned char)*q);

		value = value << 4 | (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (!digits)
		return false;
	*p = q;
	*ret_value = value;
	return true;
}

bool nest_log_eat_pci(const char **p, const char *end, struct nest_pciaddr *ret_addr,
		      bool *ret_segment)
{
	unsigned int part[3], nparts = 0;
	const char *q = *p;

	for (;;) {
		if (nparts == 3 || !eat_part(&q, end, &part[nparts]) || q == end)
			return false;
		nparts++;
		if (*q == '.')
			break;
		if (*q++ != ':')
			return false;
	}
	if (nparts < 2 || end - q < 2 || q[1] < '0' || q[1] > '7')
		return false;
	if (end - q > 2 && isalnum((unsigned char)q[2]))
		return false;
	if (part[nparts - 1] > 31 || part[nparts - 2] > 255)
		return false;
	*ret_addr = (struct nest_pciaddr){ nparts == 3 ? part[0] : 0, (uint8_t)part[nparts - 2],
					   (uint8_t)part[nparts - 1], (uint8_t)(q[1] - '0') };
	*ret_segment = nparts == 3;
	*p = q + 2;
	return true;
}

bool nest_log_unit_before(const struct nest_log_window *w, size_t *pos, char *buf, size_t size)
{
	size_t word = nest_log_word_before(w, *pos), n;

	if (word == NEST_LOG_NONE || w->text[*pos - 2] != ':')
		return false;
	n = *pos - 2 - word;
	if (!n || n >= size)
		return false;
	memcpy(buf, w->text + word, n);
	buf[n] = '\0';
	*pos = word;
	return true;
}

bool nest_log_value(const char **p, const char *end, const char *key, uint64_t *ret_value)
{
	const char *at = *p < end ? memmem(*p, (size_t)(end - *p), key, strlen(key)) : NULL;

	if (!at)
		return false;
	at += strlen(key);
	nest_log_eat(&at, end, " ");
	if (!nest_log_eat_hex(&at, end, ret_value))
		return false;
	*p = at;
	return true;
}

/* "0000:00:02.0", "6a:01.0": faults have devices in brackets. */
static bool is_device(const char *text, size_t len)
{
	return len > 2 && text[len - 2] == '.' && memchr(text, ':', len) && !memchr(text, ' ', len);
}

/* "[   12.345678]", or what dmesg -T has there. */
static bool bracketed(const char *text, size_t len, char *buf, size_t size)
{
	size_t start, i;

	for (start = 0; start < len && start < 80; start++) {
		if (text[start] != '[')
			continue;
		i = ++start;
		while (i < len && text[i] == ' ')
			i++;
		start = i;
		while (i < len && text[i] != ']' && i - start < size - 1)
			i++;
		if (i < len && text[i] == ']' && i > start + 3 &&
		    (isdigit((unsigned char)text[start]) || memchr(text + start, ':', i - start)) &&
		    isdigit((unsigned char)text[i - 1]) && !is_device(text + start, i - start)) {
			memcpy(buf, text + start, i - start);
			buf[i - start] = '\0';
			return true;
		}
	}
	return false;
}

void nest_log_time(const char *text, size_t len, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	if (len > 19 && isdigit((unsigned char)text[0]) && text[4] == '-' && text[10] == 'T')
		n = 19; /* "2026-11-28T03:24:39" */
	else if (len > 15 && isupper((unsigned char)text[0]) && text[3] == ' ' &&
		 memchr(text, ':', 12)) {
		n = 4 + (text[5] == ' ' ? 1 : 2); /* "Nov 28 03:24:39", one blank in "Nov 8" */
		n += 9;
	}
	if (n && n <= len && n < size) {
		memcpy(buf, text, n);
		buf[n] = '\0';
		return;
	}
	bracketed(text, len, buf, size);
}

unsigned int nest_log_repeats(const struct nest_log_window *w)
{
	static const char words[] = "message repeated ";
	size_t at = nest_log_find(w, 0, w->first, words);
	const char *p = w->text + (at == NEST_LOG_NONE ? 0 : at + strlen(words));
	uint32_t n;

	if (at == NEST_LOG_NONE || !nest_log_eat_decimal(&p, w->text + w->first, &n) ||
	    !nest_log_eat(&p, w->text + w->first, " times") || !n)
		return 1;
	return n;
}
