// SPDX-License-Identifier: GPL-2.0-or-later
/* Options on the kernel's command line: words between blanks, with values between commas. */
#include "cmdline.h"

#include <string.h>

/* The same for a key of so many bytes. */
static bool has(const char *cmdline, const char *key, size_t key_len, const char *word)
{
	const char *at = cmdline;
	size_t word_len = strlen(word);

	for (; at && *at; at += strspn(at, " \t\n")) {
		size_t len = strcspn(at, " \t\n"), used;
		const char *value = at + key_len + 1;

		if (len > key_len && !strncmp(at, key, key_len) && at[key_len] == '=')
			for (; value <= at + len; value += used + 1) {
				used = strcspn(value, ", \t\n");
				if (used == word_len && !strncmp(value, word, used))
					return true;
			}
		at += len;
	}
	return false;
}

bool nest_cmdline_has(const char *cmdline, const char *key, const char *word)
{
	return has(cmdline, key, strlen(key), word);
}

bool nest_cmdline_option(const char *cmdline, const char *option)
{
	const char *equals = strchr(option, '=');

	return equals && has(cmdline, option, (size_t)(equals - option), equals + 1);
}

bool nest_cmdline_sets(const char *cmdline, const char *key)
{
	size_t len = strlen(key);
	const char *at = cmdline;

	for (; at && *at; at += strspn(at, " \t\n")) {
		if (!strncmp(at, key, len) && at[len] == '=')
			return true;
		at += strcspn(at, " \t\n");
	}
	return false;
}
