// SPDX-License-Identifier: GPL-2.0-or-later
/* Damerau-Levenshtein distance, restricted to swaps of neighbors that are not changed again. */
#include "nearest.h"

#include <ctype.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Letter i of the word, from 1. */
static int letter(const char *word, size_t i)
{
	return tolower((unsigned char)word[i - 1]);
}

unsigned int nest_word_distance(const char *a, const char *b)
{
	unsigned int d[NEST_NEAREST_MAX + 1][NEST_NEAREST_MAX + 1];
	unsigned int na = (unsigned int)strnlen(a, NEST_NEAREST_MAX);
	unsigned int nb = (unsigned int)strnlen(b, NEST_NEAREST_MAX), i, j;

	for (i = 0; i <= na; i++)
		d[i][0] = i;
	for (j = 0; j <= nb; j++)
		d[0][j] = j;
	for (i = 1; i <= na; i++)
		for (j = 1; j <= nb; j++) {
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + (letter(a, i) != letter(b, j)));
			if (i > 1 && j > 1 && letter(a, i) == letter(b, j - 1) &&
			    letter(a, i - 1) == letter(b, j))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[na][nb];
}

const char *nest_nearest(const char *word, const char *const *choices)
{
	const char *best = NULL;
	unsigned int nearest = 0;

	for (; *choices; choices++) {
		size_t longer = strlen(word) > strlen(*choices) ? strlen(word) : strlen(*choices);
		unsigned int distance = nest_word_distance(word, *choices);

		if (longer <= NEST_NEAREST_MAX && distance * 3 <= longer &&
		    (!best || distance < nearest)) {
			best = *choices;
			nearest = distance;
		}
	}
	return best;
}
