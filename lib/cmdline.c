// SPDX-License-Identifier: GPL-2.0-or-later
/* Options on the kernel's command line: words between blanks, with values between commas. */
#include "cmdline.h"

#include <stddef.h>
#include <string.h>

#include "util.h"

#define BLANKS " \t\n"

/*
 * The next word, and *at behind it; NULL at the end. As in the kernel, blanks between quotes are no
 * end, a quote may stand before the word, and what is behind "--" is for init.
 */
static const char *next_word(const char **at, size_t *ret_len)
{
	const char *word = *at ? *at + strspn(*at, BLANKS) : "", *end;
	bool quoted = false;

	for (end = word; *end && (quoted || !strchr(BLANKS, *end)); end++)
		quoted ^= *end == '"';
	*at = end;
	*ret_len = (size_t)(end - word);
	if (!*ret_len || (*ret_len == 2 && !strncmp(word, "--", 2)))
		return NULL;
	if (*word == '"') {
		word++;
		--*ret_len;
	}
	return word;
}

/* The value of a key of so many bytes in a word, or NULL. */
static const char *value_of(const char *word, size_t len, const char *key, size_t key_len)
{
	if (len <= key_len || strncmp(word, key, key_len) != 0 || word[key_len] != '=')
		return NULL;
	word += key_len + 1;
	return word + (*word == '"');
}

/*
 * Values that take each other back: the kernel goes by the last. Sources: intel_iommu_setup() in
 * drivers/iommu/intel/iommu.c, iommu_setup() in arch/x86/kernel/pci-dma.c.
 */
static const struct {
	const char *key, *word, *opposite;
} pairs[] = {
	{ "intel_iommu", "on", "off" },
	{ "intel_iommu", "sm_on", "sm_off" },
	{ "iommu", "pt", "nopt" },
};

static bool is(const char *value, size_t len, const char *word)
{
	return len == strlen(word) && !strncmp(value, word, len);
}

/* What takes the word of this key back; NULL: nothing does. */
static const char *opposite_of(const char *key, size_t key_len, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (!is(key, key_len, pairs[i].key))
			continue;
		if (!strcmp(word, pairs[i].word))
			return pairs[i].opposite;
		if (!strcmp(word, pairs[i].opposite))
			return pairs[i].word;
	}
	return NULL;
}

/* The same for a key of so many bytes. */
static bool has(const char *cmdline, const char *key, size_t key_len, const char *wanted)
{
	const char *opposite = opposite_of(key, key_len, wanted), *at = cmdline, *word;
	bool found = false;
	size_t len, used;

	while ((word = next_word(&at, &len))) {
		const char *value = value_of(word, len, key, key_len);

		for (; value && value <= at; value += used + 1) {
			used = strcspn(value, ",\"" BLANKS);
			if (is(value, used, wanted))
				found = true;
			else if (opposite && is(value, used, opposite))
				found = false;
		}
	}
	return found;
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
	const char *at = cmdline, *word;
	size_t len;

	while ((word = next_word(&at, &len)))
		if (value_of(word, len, key, strlen(key)))
			return true;
	return false;
}
