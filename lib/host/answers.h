/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answers of a host: one for each question, by path and kind. A report carries them to another
 * machine, where the same questions get the same answers (host/source.h). No path is walked and no
 * link is followed: a question that was not asked has no answer.
 *
 * Pure: only memory, at most NEST_ANSWERS_HELD_MAX.
 */
#ifndef NEST_ANSWERS_H
#define NEST_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NEST_ANSWERS_MAX      (16u << 20)  /* bytes, roughly as JSON writes them */
#define NEST_ANSWERS_HELD_MAX (96u << 20)  /* bytes of memory: zeros cost nothing in JSON */
#define NEST_ANSWERS_FILE_MAX (256u << 10) /* of one file; a longer one is cut */
#define NEST_ANSWERS_LIST_MAX 65536	   /* names in one folder */
#define NEST_ANSWERS_PATH_MAX 4096

enum nest_ask {
	NEST_ASK_READ, /* bytes of a file */
	NEST_ASK_LINK, /* text of a symbolic link */
	NEST_ASK_LIST, /* names in a folder, in the kernel's order */
	NEST_ASK_STAT,
	NEST_ASK_FACT, /* not in a file: the path is a key, see host/source.h */
	NEST_ASKS,
};

/* "read", "link", "list", "stat", "fact". */
const char *nest_ask_name(enum nest_ask ask);

/* The fields of struct stat that are meaningful on another machine. */
struct nest_answer_stat {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	unsigned int major, minor; /* of a device node, else 0 */
};

struct nest_answer {
	int err;   /* errno > 0: there is no other field; else 0 */
	bool cut;  /* READ: the file continues */
	bool none; /* FACT: known to have no value */
	struct nest_answer_stat stat;
	size_t count; /* LIST: names, each with a NUL, in bytes */
	size_t zeros; /* READ: zeros that stand behind the bytes and are not held */
	size_t len;   /* of what is held */
	char bytes[]; /* READ, LINK, FACT, LIST; followed by a NUL that len does not count */
};

struct nest_answered {
	char *path;
	struct nest_answer *to[NEST_ASKS]; /* NULL: not asked */
};

struct nest_answers {
	struct nest_answered *at;
	size_t count;
	uint64_t *slots; /* hash: its upper half, then index + 1; or 0 */
	size_t nslots;
	uint64_t seed;	/* random, so that a report cannot be made to collide in the hash */
	size_t used;	/* of NEST_ANSWERS_MAX */
	size_t held;	/* of NEST_ANSWERS_HELD_MAX */
	size_t dropped; /* answers that did not fit */
	bool no_memory; /* an answer is missing because memory was out */
	bool host;	/* of a host's "/", not of a captured tree */
};

/* Accepts a cleared structure and NULL. */
void nest_answers_free(struct nest_answers *answers);

/* The answer to a question, or NULL: it was not asked. */
const struct nest_answer *nest_answers_find(const struct nest_answers *answers, enum nest_ask ask,
					    const char *path);

/*
 * Keeps a copy of an answer, unless the question has one. bytes are len bytes of content. LIST:
 * names, each with its NUL; FACT: NULL for a known absence. 0; -ENOSPC: it does not fit (counted);
 * -EINVAL: not a list of names, or the path is too long; -ENOMEM.
 */
int nest_answers_put(struct nest_answers *answers, enum nest_ask ask, const char *path,
		     const void *bytes, size_t len, bool cut);
int nest_answers_put_error(struct nest_answers *answers, enum nest_ask ask, const char *path,
			   int err);
int nest_answers_put_stat(struct nest_answers *answers, const char *path,
			  const struct nest_answer_stat *st);

/*
 * Takes over an answer of another table, unless the question has one; it is gone from *answer in
 * any case. As nest_answers_put().
 */
int nest_answers_move(struct nest_answers *answers, enum nest_ask ask, const char *path,
		      struct nest_answer **answer);

/* Sorts by path, so that the same host gives the same report. */
void nest_answers_sort(struct nest_answers *answers);

#endif
