// SPDX-License-Identifier: GPL-2.0-or-later
/* Three bytes are four letters. */
#include "report/base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *nest_base64_encode(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	char *text = malloc(len / 3 * 4 + 5), *out = text;
	size_t i, j;

	if (!text)
		return NULL;
	for (i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t three = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
				 (n > 2 ? p[i + 2] : 0);

		for (j = 0; j < 4; j++)
			*out++ = j <= n ? letters[three >> (18 - 6 * j) & 63] : '=';
	}
	*out = '\0';
	return text;
}

long nest_base64_decode(const char *text, size_t extra, char **ret_bytes)
{
	size_t len = strlen(text), pad = 0, i, used = 0;
	uint32_t three = 0;
	char *bytes;

	while (pad < 2 && len > pad && text[len - 1 - pad] == '=')
		pad++;
	if (len % 4)
		return -EINVAL;
	bytes = calloc(1, len / 4 * 3 + extra + 1);
	if (!bytes)
		return -ENOMEM;
	for (i = 0; i < len; i++) {
		const char *letter = i < len - pad ? memchr(letters, text[i], 64) : letters;

		if (!letter) {
			free(bytes);
			return -EINVAL;
		}
		three = three << 6 | (uint32_t)(letter - letters);
		if (i % 4 < 3)
			continue;
		bytes[used++] = (char)(three >> 16);
		bytes[used++] = (char)(three >> 8);
		bytes[used++] = (char)three;
		three = 0;
	}
	memset(bytes + used - pad, 0, pad);
	*ret_bytes = bytes;
	return (long)(used - pad);
}
