// SPDX-License-Identifier: GPL-2.0-or-later
/* How answers are kept: a table of paths, and for each path one answer of each kind. */
#include "host/answers.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OVERHEAD 48 /* of one answer in JSON: quotes, key, indentation */

const char *nest_ask_name(enum nest_ask ask)
{
	static const char *const names[NEST_ASKS] = { "read", "link", "list", "stat", "fact" };

	return names[ask];
}

void nest_tape_free(struct nest_tape *tape)
{
	size_t i, ask;

	if (!tape)
		return;
	for (i = 0; i < tape->count; i++) {
		for (ask = 0; ask < NEST_ASKS; ask++)
			free(tape->at[i].answers[ask]);
		free(tape->at[i].path);
	}
	free(tape->at);
	free(tape->slots);
	*tape = (struct nest_tape){ 0 };
}

static size_t hash_of(const struct nest_tape *tape, const char *path)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ tape->seed;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(1099511628211);
	return (size_t)(hash ^ hash >> 32);
}

/* The slot of a path: where it is, or where it would go. */
static size_t *slot_of(const struct nest_tape *tape, const char *path)
{
	size_t i = hash_of(tape, path) & (tape->nslots - 1);

	while (tape->slots[i] && strcmp(tape->at[tape->slots[i] - 1].path, path))
		i = (i + 1) & (tape->nslots - 1);
	return &tape->slots[i];
}

static void fill_slots(struct nest_tape *tape)
{
	size_t i;

	memset(tape->slots, 0, tape->nslots * sizeof(*tape->slots));
	for (i = 0; i < tape->count; i++)
		*slot_of(tape, tape->at[i].path) = i + 1;
}

/* Room for one more path, in the array and the hash. */
static int grow(struct nest_tape *tape)
{
	size_t capacity = tape->nslots ? tape->nslots * 2 : 64;
	struct nest_taped *at;
	size_t *slots;

	if (tape->count < tape->nslots / 2)
		return 0;
	if (!tape->seed)
		(void)!getrandom(&tape->seed, sizeof(tape->seed), GRND_NONBLOCK);
	at = realloc(tape->at, capacity / 2 * sizeof(*at));
	if (!at)
		return -ENOMEM;
	tape->at = at;
	slots = realloc(tape->slots, capacity * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	tape->slots = slots;
	tape->nslots = capacity;
	fill_slots(tape);
	return 0;
}

const struct nest_answer *nest_tape_find(const struct nest_tape *tape, enum nest_ask ask,
					 const char *path)
{
	size_t found = tape->nslots ? *slot_of(tape, path) : 0;

	return found ? tape->at[found - 1].answers[ask] : NULL;
}

static int take(struct nest_tape *tape, enum nest_ask ask, const char *path,
		struct nest_answer *answer)
{
	size_t *slot;
	int err = strlen(path) < NEST_TAPE_PATH_MAX ? grow(tape) : -EINVAL;

	if (err) {
		free(answer);
		return err;
	}
	slot = slot_of(tape, path);
	if (!*slot) {
		tape->at[tape->count] = (struct nest_taped){ .path = strdup(path) };
		if (!tape->at[tape->count].path) {
			free(answer);
			return -ENOMEM;
		}
		*slot = ++tape->count;
	}
	if (tape->at[*slot - 1].answers[ask]) {
		free(answer);
		return 0;
	}
	tape->at[*slot - 1].answers[ask] = answer;
	return 0;
}

/* What is text costs its length, and anything else base64; zeros at its end cost nothing. */
static size_t cost_of(const char *path, const char *bytes, size_t len)
{
	size_t cost = strlen(path) + OVERHEAD, i;

	if (!len)
		return cost;
	if (!memchr(bytes, '\0', len)) {
		for (i = 0; i < len; i++)
			cost += bytes[i] == '\n' || bytes[i] == '"' || bytes[i] == '\\' ? 2
				: (unsigned char)bytes[i] < 0x20			? 6
											: 1;
		return cost;
	}
	while (len && !bytes[len - 1])
		len--;
	return cost + len * 4 / 3;
}

static int put(struct nest_tape *tape, enum nest_ask ask, const char *path, const void *bytes,
	       size_t len, const struct nest_answer *fields)
{
	size_t cost = cost_of(path, bytes, len);
	struct nest_answer *answer;

	if (nest_tape_find(tape, ask, path))
		return 0;
	if (cost > NEST_TAPE_MAX - tape->used) {
		tape->dropped++;
		return -ENOSPC;
	}
	answer = malloc(sizeof(*answer) + len + 1);
	if (!answer)
		return -ENOMEM;
	*answer = *fields;
	answer->len = len;
	if (len)
		memcpy(answer->bytes, bytes, len);
	answer->bytes[len] = '\0';
	tape->used += cost;
	return take(tape, ask, path, answer);
}

int nest_tape_put(struct nest_tape *tape, enum nest_ask ask, const char *path, const void *bytes,
		  size_t len, bool cut)
{
	struct nest_answer fields = { .cut = cut, .none = !bytes };
	const char *names = bytes;
	size_t i;

	if (len > NEST_TAPE_FILE_MAX && ask != NEST_ASK_LIST)
		return -EINVAL;
	if (ask == NEST_ASK_LIST) {
		for (i = 0; i < len; i++)
			fields.count += !names[i];
		if ((len && names[len - 1]) || fields.count > NEST_TAPE_LIST_MAX)
			return -EINVAL;
	}
	return put(tape, ask, path, bytes, len, &fields);
}

int nest_tape_put_error(struct nest_tape *tape, enum nest_ask ask, const char *path, int err)
{
	struct nest_answer fields = { .err = abs(err) };

	return put(tape, ask, path, NULL, 0, &fields);
}

int nest_tape_put_stat(struct nest_tape *tape, const char *path, const struct nest_tape_stat *st)
{
	struct nest_answer fields = { .stat = *st };

	return put(tape, NEST_ASK_STAT, path, NULL, 0, &fields);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct nest_taped *)a)->path, ((const struct nest_taped *)b)->path);
}

void nest_tape_sort(struct nest_tape *tape)
{
	if (!tape->count)
		return;
	qsort(tape->at, tape->count, sizeof(*tape->at), by_path);
	fill_slots(tape);
}
