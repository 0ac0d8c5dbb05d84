/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked of a host and what it answered: each question once, by path and kind. A report
 * carries one to another machine, where the same questions get the same answers (host/source.h).
 * There are no folders in it and no links to follow: a question that was not asked then has no
 * answer now, whatever its path says.
 *
 * Pure: memory only, bounded by NEST_ANSWERS_MAX whoever fills it.
 */
#ifndef NEST_ANSWERS_H
#define NEST_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NEST_ANSWERS_MAX      (16u << 20)  /* bytes, as JSON writes them, about */
#define NEST_ANSWERS_FILE_MAX (256u << 10) /* of one file; what is longer is cut */
#define NEST_ANSWERS_LIST_MAX 65536	   /* names in one folder */
#define NEST_ANSWERS_PATH_MAX 4096

enum nest_ask {
	NEST_ASK_READ, /* bytes of a file */
	NEST_ASK_LINK, /* text of a symbolic link */
	NEST_ASK_LIST, /* names in a folder, in the kernel's order */
	NEST_ASK_STAT,
	NEST_ASK_FACT, /* what no file tells: the path is a key of fact.h */
	NEST_ASKS,
};

/* "read", "link", "list", "stat", "fact". */
const char *nest_ask_name(enum nest_ask ask);

/* The fields of struct stat that have a meaning on another machine. */
struct nest_answer_stat {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	unsigned int major, minor; /* of a device node, else 0 */
};

struct nest_answer {
	int err;   /* errno > 0: all there is; else 0 */
	bool cut;  /* READ: the file is longer */
	bool none; /* FACT: known to have no value */
	struct nest_answer_stat stat;
	size_t count; /* LIST: names, each with a NUL, in bytes */
	size_t len;
	char bytes[]; /* READ, LINK, FACT, LIST; a NUL follows that len does not count */
};

struct nest_answered {
	char *path;
	struct nest_answer *to[NEST_ASKS]; /* NULL: not asked */
};

struct nest_answers {
	struct nest_answered *at;
	size_t count;
	size_t *slots; /* hash: index + 1, or 0 */
	size_t nslots;
	uint64_t seed;	/* nobody who writes a report can know which paths would meet in the hash */
	size_t used;	/* of NEST_ANSWERS_MAX */
	size_t dropped; /* answers that found no room */
	bool host;	/* taken from a host's own root, not from a captured tree */
};

/* Cleared answers are empty ones. NULL is fine. */
void nest_answers_free(struct nest_answers *answers);

/* The answer to a question, or NULL: it was not asked. */
const struct nest_answer *nest_answers_find(const struct nest_answers *answers, enum nest_ask ask,
					    const char *path);

/*
 * Keeps a copy of an answer. An answer that is there already stays. len
 * bytes are the content (LIST: names one after the other, each with its NUL; NULL for a fact that
 * is known to be none). 0, -ENOSPC when it finds no room (counted), -EINVAL for names that are no
 * list or a path too long, -ENOMEM.
 */
int nest_answers_put(struct nest_answers *answers, enum nest_ask ask, const char *path,
		     const void *bytes, size_t len, bool cut);
int nest_answers_put_error(struct nest_answers *answers, enum nest_ask ask, const char *path,
			   int err);
int nest_answers_put_stat(struct nest_answers *answers, const char *path,
			  const struct nest_answer_stat *st);

/* Sorts by path, so that the same host gives the same report. */
void nest_answers_sort(struct nest_answers *answers);

#endif
