/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean …": the word that was probably meant. Pure. */
#ifndef NEST_NEAREST_H
#define NEST_NEAREST_H

#include <stddef.h>

/*
 * How many letters must be added, left out, changed or swapped with their neighbor to make one
 * word of the other (Damerau-Levenshtein). Upper and lower case are the same. At most
 * NEST_NEAREST_MAX letters of each word count.
 */
#define NEST_NEAREST_MAX 31
unsigned int nest_word_distance(const char *a, const char *b);

/*
 * The choice that is nearest to the word, the first of several. NULL if none is near: at most one
 * letter in three may differ. Words over NEST_NEAREST_MAX letters are near none. A NULL ends the
 * choices.
 */
const char *nest_nearest(const char *word, const char *const *choices);

#endif
