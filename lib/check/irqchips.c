// SPDX-License-Identifier: GPL-2.0-or-later
/* What the names of interrupt chips say. */
#include "check/irqchips.h"
#include "util.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum nest_tri isolated;
} chips[] = {
	{ "IR-", NEST_YES },	{ "ITS-", NEST_YES },
	{ "IO-APIC", NEST_NO }, { "PCI-MSI", NEST_NO }, /* PCI-MSIX too */
	{ "GICv2m", NEST_NO },
};

/*
 * The chip of "  25:   0   3   PCI-MSI 4096-edge   eth0", and the rest of the line; false: it has
 * none.
 */
static bool chip_of(const char *line, size_t len, const char **ret_chip, size_t *ret_len)
{
	const char *at = line + strspn(line, " "), *end = line + len;
	size_t digits = strspn(at, "0123456789");

	if (!digits || at[digits] != ':')
		return false;
	at += digits + 1;
	for (;;) {
		at += strspn(at, " ");
		digits = strspn(at, "0123456789");
		if (!digits || at[digits] != ' ')
			break;
		at += digits;
	}
	*ret_chip = at;
	*ret_len = strcspn(at, " \n");
	return at < end && *ret_len;
}

static bool has(const char *text, size_t len, const char *word)
{
	return memmem(text, len, word, strlen(word));
}

enum nest_tri nest_irqchips_isolated(const char *text, char *chip, size_t size)
{
	enum nest_tri isolated = NEST_UNKNOWN;
	bool its = false, plain = false;
	const char *line, *end, *name;
	size_t len, i;

	*chip = '\0';
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		if (!chip_of(line, (size_t)(end - line), &name, &len) ||
		    has(name, (size_t)(end - name), "AMD-Vi"))
			continue;
		for (i = 0; i < ARRAY_SIZE(chips); i++) {
			if (strncmp(name, chips[i].prefix, strlen(chips[i].prefix)))
				continue;
			if (isolated == NEST_UNKNOWN || chips[i].isolated == NEST_YES)
				snprintf(chip, size, "%.*s", (int)len, name);
			its |= !strcmp(chips[i].prefix, "ITS-");
			plain |= chips[i].isolated == NEST_NO;
			if (isolated != NEST_YES)
				isolated = chips[i].isolated;
		}
		if (isolated == NEST_YES && !its)
			break;
	}
	/* On Arm each host bridge has its own: not known which devices the ITS serves. */
	return its && plain ? NEST_UNKNOWN : isolated;
}
