/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The doors of host/sysfs.h with a tape behind them. A root that has a tape is asked here: what the
 * tape knows it answers, and what it does not know is asked of the folder and kept. A root without
 * a folder has the tape alone; what was never asked of the host is then not known (-ENODATA), which
 * is neither there nor absent.
 *
 * So a question asked twice while recording gets one answer, and the answers on another machine are
 * those.
 */
#ifndef NEST_RECORD_H
#define NEST_RECORD_H

#include "host/sysfs.h"
#include "host/answers.h"

/*
 * Begins to record what is asked of root; ends with nest_root_close() or by another root. The tape
 * is the caller's and outlives it.
 */
void nest_record_start(struct nest_root *root, struct nest_tape *tape);

/* A root that answers from the tape alone. */
void nest_replay_open(struct nest_tape *tape, struct nest_root *ret_root);

/* True if there is no folder behind root. */
bool nest_root_is_replay(const struct nest_root *root);

/* Called by the doors of host/sysfs.c, with their contracts, when root has a tape. */
ssize_t nest_record_read(struct nest_root *root, const char *path, void *buf, size_t size,
			 bool *ret_cut);
ssize_t nest_record_link(struct nest_root *root, const char *path, char *buf, size_t size);
int nest_record_stat(struct nest_root *root, const char *path, struct stat *ret_st);
int nest_record_list(struct nest_root *root, const char *path,
		     int (*fn)(void *data, const char *name, unsigned char type), void *data);

/*
 * Facts that are in no file below the root: the release by uname(2), a name from a database. Who
 *knows one asks first whether it is to be taken from a tape:
 *
 *	if (nest_fact_replayed(root, key, &text))	// text may be NULL: known to be none
 *		return text;
 *	text = ask the system;
 *	nest_fact_keep(root, key, text);
 *
 * nest_fact_replayed() is true in a replay whether or not the fact is there, since the reader's own
 *system must not be asked for one of the host's; *ret_text is then NULL. The text lives as long as
 *the tape.
 */
bool nest_fact_replayed(const struct nest_root *root, const char *key, const char **ret_text);
void nest_fact_keep(struct nest_root *root, const char *key, const char *text);

#endif
