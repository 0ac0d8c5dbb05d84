// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of names that a screen may have no room for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "print/human.h"
#include "util.h"

int nest_names_add(struct nest_names *names, const char *name)
{
	const char **place;
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!strcmp(names->at[i], name))
			return 0;
	place = nest_array_add((void **)&names->at, names->n, sizeof(*names->at));
	if (!place)
		return -ENOMEM;
	*place = name;
	names->n++;
	return 0;
}

/* How many columns the name takes once it is escaped. */
static size_t width_of(const char *name)
{
	char *safe = nest_escape(name);
	size_t width = safe ? strlen(safe) : 4 * strlen(name);

	free(safe);
	return width;
}

/* How many of the names fit, with what stands behind them if these are not all; one always does. */
static size_t fitting(const struct nest_names *names, size_t room)
{
	const size_t tail = strlen(" and 1000000 more");
	size_t i, width = 0, fit = 0;

	for (i = 0; i < names->n; i++) {
		width += (i ? 2 : 0) + width_of(names->at[i]);
		if (width > room)
			break;
		if (width + tail <= room)
			fit = i + 1;
	}
	/* "and 1 more" may take as much room as the one. */
	return i == names->n ? i : fit ? fit : 1;
}

char *nest_names_text(const struct nest_names *names, size_t room)
{
	size_t fit = fitting(names, room), i, len;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (i = 0; i < fit && i < names->n; i++)
		fprintf(out, "%s%s", i ? ", " : "", names->at[i]);
	if (i < names->n)
		fprintf(out, " and %zu more", names->n - i);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

void nest_names_free(struct nest_names *names)
{
	free(names->at);
	memset(names, 0, sizeof(*names));
}
