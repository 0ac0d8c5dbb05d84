// SPDX-License-Identifier: GPL-2.0-or-later
/* Each question goes to the tape first, and to the folder only if the tape does not know. */
#include "host/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "host/sysfs.h"

/* A number that no descriptor has: there is no folder. */
#define NO_FOLDER (-1)

void nest_record_start(struct nest_root *root, struct nest_tape *tape)
{
	root->tape = tape;
}

void nest_replay_open(struct nest_tape *tape, struct nest_root *ret_root)
{
	*ret_root = (struct nest_root){ .fd = NO_FOLDER, .confined = true, .tape = tape };
}

bool nest_root_is_replay(const struct nest_root *root)
{
	return root->tape && root->fd == NO_FOLDER;
}

/* The folder itself, past the tape. */
static struct nest_tape *lift(struct nest_root *root)
{
	struct nest_tape *tape = root->tape;

	root->tape = NULL;
	return tape;
}

static ssize_t give(const struct nest_answer *answer, void *buf, size_t size)
{
	size_t len = answer->len < size ? answer->len : size;

	if (answer->err)
		return -answer->err;
	memcpy(buf, answer->bytes, len);
	return (ssize_t)len;
}

/*
 * As much as a tape keeps, since a caller with a smaller buffer must be given the beginning of the
 * same. A tape that is full does not keep the answer but does not spoil it either.
 */
ssize_t nest_record_read(struct nest_root *root, const char *path, void *buf, size_t size,
			 bool *ret_cut)
{
	const struct nest_answer *answer = nest_tape_find(root->tape, NEST_ASK_READ, path);
	struct nest_tape *tape;
	bool cut = false;
	char *whole;
	ssize_t len;

	if (answer) {
		if (ret_cut)
			*ret_cut = answer->cut || answer->len > size;
		return give(answer, buf, size);
	}
	if (nest_root_is_replay(root))
		return -ENODATA;
	whole = malloc(NEST_TAPE_FILE_MAX);
	if (!whole)
		return -ENOMEM;
	tape = lift(root);
	len = nest_attr_read_raw(root, path, whole, NEST_TAPE_FILE_MAX, &cut);
	root->tape = tape;
	if (len < 0) {
		nest_tape_put_error(tape, NEST_ASK_READ, path, (int)len);
	} else {
		nest_tape_put(tape, NEST_ASK_READ, path, whole, (size_t)len, cut);
		if (ret_cut)
			*ret_cut = cut || (size_t)len > size;
		if ((size_t)len > size)
			len = (ssize_t)size;
		memcpy(buf, whole, (size_t)len);
	}
	free(whole);
	return len;
}

ssize_t nest_record_link(struct nest_root *root, const char *path, char *buf, size_t size)
{
	const struct nest_answer *answer = nest_tape_find(root->tape, NEST_ASK_LINK, path);
	char text[NEST_TAPE_PATH_MAX];
	struct nest_tape *tape;
	ssize_t len;

	if (!answer && nest_root_is_replay(root))
		return -ENODATA;
	if (answer) {
		len = give(answer, text, sizeof(text));
	} else {
		tape = lift(root);
		len = nest_link_read(root, path, text, sizeof(text));
		root->tape = tape;
		if (len < 0)
			nest_tape_put_error(tape, NEST_ASK_LINK, path, (int)len);
		else
			nest_tape_put(tape, NEST_ASK_LINK, path, text, (size_t)len, false);
	}
	if (len < 0)
		return len;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	memcpy(buf, text, (size_t)len);
	buf[len] = '\0';
	return len;
}

int nest_record_stat(struct nest_root *root, const char *path, struct stat *ret_st)
{
	const struct nest_answer *answer = nest_tape_find(root->tape, NEST_ASK_STAT, path);
	struct nest_tape_stat kept;
	struct nest_tape *tape;
	int err;

	if (!answer && nest_root_is_replay(root))
		return -ENODATA;
	if (!answer) {
		tape = lift(root);
		err = nest_root_stat(root, path, ret_st);
		root->tape = tape;
		if (err) {
			nest_tape_put_error(tape, NEST_ASK_STAT, path, err);
			return err;
		}
		kept = (struct nest_tape_stat){ ret_st->st_mode, ret_st->st_uid, ret_st->st_gid,
						major(ret_st->st_rdev), minor(ret_st->st_rdev) };
		nest_tape_put_stat(tape, path, &kept);
		return 0;
	}
	if (answer->err)
		return -answer->err;
	*ret_st = (struct stat){
		.st_mode = answer->stat.mode,
		.st_uid = answer->stat.uid,
		.st_gid = answer->stat.gid,
		.st_rdev = makedev(answer->stat.major, answer->stat.minor),
	};
	return 0;
}

struct names {
	char *at;
	size_t len, room;
};

static int add_name(void *data, const char *name, unsigned char type)
{
	struct names *names = data;
	size_t len = strlen(name) + 1;
	char *bigger;

	(void)type;
	if (len > names->room - names->len) {
		bigger = realloc(names->at, (names->room + len) * 2);
		if (!bigger)
			return -ENOMEM;
		names->at = bigger;
		names->room = (names->room + len) * 2;
	}
	memcpy(names->at + names->len, name, len);
	names->len += len;
	return 0;
}

static int tell_names(const char *names, size_t len, int (*fn)(void *, const char *, unsigned char),
		      void *data)
{
	const char *name;
	int err = 0;

	for (name = names; !err && name < names + len; name += strlen(name) + 1)
		err = fn(data, name, DT_UNKNOWN);
	return err;
}

int nest_record_list(struct nest_root *root, const char *path,
		     int (*fn)(void *data, const char *name, unsigned char type), void *data)
{
	const struct nest_answer *answer = nest_tape_find(root->tape, NEST_ASK_LIST, path);
	struct names names = { 0 };
	struct nest_tape *tape;
	int err;

	if (answer && answer->err)
		return -answer->err;
	if (answer)
		return tell_names(answer->bytes, answer->len, fn, data);
	if (nest_root_is_replay(root))
		return -ENODATA;
	tape = lift(root);
	err = nest_dir_each(root, path, add_name, &names);
	root->tape = tape;
	if (err)
		nest_tape_put_error(tape, NEST_ASK_LIST, path, err);
	else
		nest_tape_put(tape, NEST_ASK_LIST, path, names.at, names.len, false);
	if (!err)
		err = tell_names(names.at, names.len, fn, data);
	free(names.at);
	return err;
}

bool nest_fact_replayed(const struct nest_root *root, const char *key, const char **ret_text)
{
	const struct nest_answer *answer;

	if (!nest_root_is_replay(root))
		return false;
	answer = nest_tape_find(root->tape, NEST_ASK_FACT, key);
	*ret_text = answer && !answer->none ? answer->bytes : NULL;
	return true;
}

void nest_fact_keep(struct nest_root *root, const char *key, const char *text)
{
	if (root->tape)
		nest_tape_put(root->tape, NEST_ASK_FACT, key, text, text ? strlen(text) : 0, false);
}
