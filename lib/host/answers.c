// SPDX-License-Identifier: GPL-2.0-or-later
/* A table of paths, with one answer of each kind for each path. */
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

void nest_answers_free(struct nest_answers *answers)
{
	size_t i, ask;

	if (!answers)
		return;
	for (i = 0; i < answers->count; i++) {
		for (ask = 0; ask < NEST_ASKS; ask++)
			free(answers->at[i].to[ask]);
		free(answers->at[i].path);
	}
	free(answers->at);
	free(answers->slots);
	*answers = (struct nest_answers){ 0 };
}

static uint64_t hash_of(const struct nest_answers *answers, const char *path)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ answers->seed;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(1099511628211);
	return hash ^ hash >> 32;
}

static size_t index_of(uint64_t slot)
{
	return (uint32_t)slot - 1;
}

/* What the slot of the answer with that index and hash holds. */
static uint64_t slot_for(uint64_t hash, size_t index)
{
	return (hash & ~(uint64_t)UINT32_MAX) | (uint32_t)(index + 1);
}

/*
 * The slot of a path: where it is, or where it would go. Paths are long, alike and far apart in
 * memory: they are compared where half of the hash is the same.
 */
static uint64_t *slot_of(const struct nest_answers *answers, const char *path, uint64_t hash)
{
	size_t i = hash & (answers->nslots - 1);

	while (answers->slots[i] && ((answers->slots[i] ^ hash) >> 32 ||
				     strcmp(answers->at[index_of(answers->slots[i])].path, path)))
		i = (i + 1) & (answers->nslots - 1);
	return &answers->slots[i];
}

static void fill_slots(struct nest_answers *answers)
{
	size_t i;

	memset(answers->slots, 0, answers->nslots * sizeof(*answers->slots));
	for (i = 0; i < answers->count; i++) {
		uint64_t hash = hash_of(answers, answers->at[i].path);

		*slot_of(answers, answers->at[i].path, hash) = slot_for(hash, i);
	}
}

/* Makes room for one more path, in the array and the hash. */
static int grow(struct nest_answers *answers)
{
	size_t capacity = answers->nslots ? answers->nslots * 2 : 64;
	struct nest_answered *at;
	uint64_t *slots;

	if (answers->count < answers->nslots / 2)
		return 0;
	if (!answers->seed)
		(void)!getrandom(&answers->seed, sizeof(answers->seed), GRND_NONBLOCK);
	at = realloc(answers->at, capacity / 2 * sizeof(*at));
	if (!at)
		return -ENOMEM;
	answers->at = at;
	slots = realloc(answers->slots, capacity * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	answers->slots = slots;
	answers->nslots = capacity;
	fill_slots(answers);
	return 0;
}

const struct nest_answer *nest_answers_find(const struct nest_answers *answers, enum nest_ask ask,
					    const char *path)
{
	uint64_t found = answers->nslots ? *slot_of(answers, path, hash_of(answers, path)) : 0;

	return found ? answers->at[index_of(found)].to[ask] : NULL;
}

/* Where the answer to a question goes, with room for it. */
static int place(struct nest_answers *answers, enum nest_ask ask, const char *path,
		 struct nest_answer ***ret)
{
	uint64_t hash, *slot;
	int err = strlen(path) < NEST_ANSWERS_PATH_MAX ? grow(answers) : -EINVAL;

	if (err)
		return err;
	hash = hash_of(answers, path);
	slot = slot_of(answers, path, hash);
	if (!*slot) {
		answers->at[answers->count] = (struct nest_answered){ .path = strdup(path) };
		if (!answers->at[answers->count].path)
			return -ENOMEM;
		*slot = slot_for(hash, answers->count++);
	}
	*ret = &answers->at[index_of(*slot)].to[ask];
	return 0;
}

/* Text costs its length, other bytes base64; zeros at the end cost nothing. */
static size_t cost_of(const char *path, const struct nest_answer *answer)
{
	size_t cost = strlen(path) + OVERHEAD, len = answer->len, i;

	if (answer->zeros || memchr(answer->bytes, '\0', len)) {
		while (len && !answer->bytes[len - 1])
			len--;
		return cost + len * 4 / 3;
	}
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)answer->bytes[i];

		cost += c == '\n' || c == '"' || c == '\\' ? 2 : c < 0x20 ? 6 : 1;
	}
	return cost;
}

/* Counts len bytes and what they cost; -ENOSPC: there is no room. */
static int take_room(struct nest_answers *answers, size_t cost, size_t len)
{
	if (cost > NEST_ANSWERS_MAX - answers->used ||
	    len > NEST_ANSWERS_HELD_MAX - answers->held) {
		answers->dropped++;
		return -ENOSPC;
	}
	answers->used += cost;
	answers->held += len;
	return 0;
}

/* Takes over the answer to a question that has none yet. */
static int keep(struct nest_answers *answers, enum nest_ask ask, const char *path,
		struct nest_answer *answer)
{
	struct nest_answer **at;
	int err = take_room(answers, cost_of(path, answer), answer->len + answer->zeros);

	/* A path that finds no room gets no entry either. */
	if (!err)
		err = place(answers, ask, path, &at);
	if (err)
		free(answer);
	else
		*at = answer;
	answers->no_memory |= err == -ENOMEM;
	return err;
}

static int put(struct nest_answers *answers, enum nest_ask ask, const char *path, const void *bytes,
	       size_t len, const struct nest_answer *fields)
{
	struct nest_answer *answer;
	size_t held = len;

	if (nest_answers_find(answers, ask, path))
		return 0;
	while (ask == NEST_ASK_READ && len && !((const char *)bytes)[len - 1])
		len--;
	answer = malloc(sizeof(*answer) + len + 1);
	if (!answer) {
		answers->no_memory = true;
		return -ENOMEM;
	}
	*answer = *fields;
	answer->len = len;
	answer->zeros = held - len;
	if (len)
		memcpy(answer->bytes, bytes, len);
	answer->bytes[len] = '\0';
	return keep(answers, ask, path, answer);
}

int nest_answers_put(struct nest_answers *answers, enum nest_ask ask, const char *path,
		     const void *bytes, size_t len, bool cut)
{
	struct nest_answer fields = { .cut = cut, .none = !bytes };
	const char *names = bytes;
	size_t i;

	if (len > NEST_ANSWERS_FILE_MAX && ask != NEST_ASK_LIST)
		return -EINVAL;
	if (ask == NEST_ASK_LIST) {
		for (i = 0; i < len; i++)
			fields.count += !names[i];
		if ((len && names[len - 1]) || fields.count > NEST_ANSWERS_LIST_MAX)
			return -EINVAL;
	}
	return put(answers, ask, path, bytes, len, &fields);
}

int nest_answers_put_error(struct nest_answers *answers, enum nest_ask ask, const char *path,
			   int err)
{
	struct nest_answer fields = { .err = abs(err) };

	return put(answers, ask, path, NULL, 0, &fields);
}

int nest_answers_put_stat(struct nest_answers *answers, const char *path,
			  const struct nest_answer_stat *st)
{
	struct nest_answer fields = { .stat = *st };

	return put(answers, NEST_ASK_STAT, path, NULL, 0, &fields);
}

int nest_answers_move(struct nest_answers *answers, enum nest_ask ask, const char *path,
		      struct nest_answer **answer)
{
	struct nest_answer *taken = *answer;

	*answer = NULL;
	if (!nest_answers_find(answers, ask, path))
		return keep(answers, ask, path, taken);
	free(taken);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct nest_answered *)a)->path,
		      ((const struct nest_answered *)b)->path);
}

void nest_answers_sort(struct nest_answers *answers)
{
	if (!answers->count)
		return;
	qsort(answers->at, answers->count, sizeof(*answers->at), by_path);
	fill_slots(answers);
}
