/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the answers about a host come from: the host itself, a captured tree, or a report. All are
 * asked through host/sysfs.h. While a report is made, each answer is kept, and a question that is
 * asked again gets the kept one. So the answers on another machine are those that this one saw; a
 * question that was never asked is not known there (-ENODATA), which is neither present nor absent.
 */
#ifndef NEST_SOURCE_H
#define NEST_SOURCE_H

#include "host/answers.h"
#include "host/sysfs.h"

/* What answers in place of a folder, with the contracts of the functions in host/sysfs.h. */
struct nest_source_ops {
	ssize_t (*read)(struct nest_root *root, const char *path, void *buf, size_t size,
			bool *ret_cut);
	ssize_t (*link)(struct nest_root *root, const char *path, char *buf, size_t size);
	int (*stat)(struct nest_root *root, const char *path, struct stat *ret_st);
	int (*list)(struct nest_root *root, const char *path,
		    int (*fn)(void *data, const char *name, unsigned char type), void *data);
};

/*
 * Keeps the answers of root from now on, until nest_root_close() or a call with NULL. The caller
 * owns answers.
 */
void nest_source_keep(struct nest_root *root, struct nest_answers *answers);

/* Does a question that is asked again get the answer of the first time? */
bool nest_source_keeps(const struct nest_root *root);

/* Asks the folder itself, and keeps nothing, until nest_source_resume(). Without answers no work.
 */
void nest_source_pause(struct nest_root *root);
void nest_source_resume(struct nest_root *root);

/* A root that answers from answers alone. The caller owns them. */
void nest_source_replay(struct nest_answers *answers, struct nest_root *ret_root);

/*
 * Facts that are in no file below the root: the release by uname(2), a name from a database. A
 * replay must not ask its own system for them:
 *
 *	if (nest_source_fact(root, key, &text))	// text may be NULL: known to be none
 *		return text;
 *	text = ask the system;
 *	nest_source_keep_fact(root, key, text);
 *
 * nest_source_fact() is true in a replay, whether or not the fact is there; *ret_text is NULL where
 * it is not. The text lives as long as the answers.
 */
bool nest_source_fact(const struct nest_root *root, const char *key, const char **ret_text);
void nest_source_keep_fact(struct nest_root *root, const char *key, const char *text);

#endif
