// SPDX-License-Identifier: GPL-2.0-or-later
/* A question goes to the answers first; a new one goes to the folder, unless this is a replay. */
#include "host/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "pool.h"

static ssize_t give(const struct nest_answer *answer, void *buf, size_t size)
{
	size_t len = answer->len < size ? answer->len : size;
	size_t zeros = answer->zeros < size - len ? answer->zeros : size - len;

	if (answer->err)
		return -answer->err;
	memcpy(buf, answer->bytes, len);
	memset((char *)buf + len, 0, zeros);
	return (ssize_t)(len + zeros);
}

/*
 * Reads with the largest buffer: a later caller with another size must get the same bytes. An
 * answer that does not fit into the answers is returned but not kept.
 */
static ssize_t source_read(struct nest_root *root, const char *path, void *buf, size_t size,
			   bool *ret_cut)
{
	const struct nest_answer *answer = nest_answers_find(root->answers, NEST_ASK_READ, path);
	bool cut = false;
	char *whole;
	ssize_t len;

	if (answer) {
		if (ret_cut)
			*ret_cut = answer->cut || answer->len + answer->zeros > size;
		return give(answer, buf, size);
	}
	if (root->kind == NEST_SOURCE_REPLAY)
		return -ENODATA;
	whole = malloc(NEST_ANSWERS_FILE_MAX);
	if (!whole)
		return -ENOMEM;
	nest_source_pause(root);
	len = nest_attr_read_raw(root, path, whole, NEST_ANSWERS_FILE_MAX, &cut);
	nest_source_resume(root);
	if (len < 0) {
		nest_answers_put_error(root->answers, NEST_ASK_READ, path, (int)len);
	} else {
		nest_answers_put(root->answers, NEST_ASK_READ, path, whole, (size_t)len, cut);
		if (ret_cut)
			*ret_cut = cut || (size_t)len > size;
		if ((size_t)len > size)
			len = (ssize_t)size;
		memcpy(buf, whole, (size_t)len);
	}
	free(whole);
	return len;
}

static ssize_t source_link(struct nest_root *root, const char *path, char *buf, size_t size)
{
	const struct nest_answer *answer = nest_answers_find(root->answers, NEST_ASK_LINK, path);
	char text[NEST_ANSWERS_PATH_MAX];
	ssize_t len;

	if (!answer && root->kind == NEST_SOURCE_REPLAY)
		return -ENODATA;
	if (answer) {
		len = give(answer, text, sizeof(text));
	} else {
		nest_source_pause(root);
		len = nest_link_read(root, path, text, sizeof(text));
		nest_source_resume(root);
		if (len < 0)
			nest_answers_put_error(root->answers, NEST_ASK_LINK, path, (int)len);
		else
			nest_answers_put(root->answers, NEST_ASK_LINK, path, text, (size_t)len,
					 false);
	}
	if (len < 0)
		return len;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	memcpy(buf, text, (size_t)len);
	buf[len] = '\0';
	return len;
}

static int source_stat(struct nest_root *root, const char *path, struct stat *ret_st)
{
	const struct nest_answer *answer = nest_answers_find(root->answers, NEST_ASK_STAT, path);
	struct nest_answer_stat kept;
	int err;

	if (!answer && root->kind == NEST_SOURCE_REPLAY)
		return -ENODATA;
	if (!answer) {
		nest_source_pause(root);
		err = nest_root_stat(root, path, ret_st);
		nest_source_resume(root);
		if (err) {
			nest_answers_put_error(root->answers, NEST_ASK_STAT, path, err);
			return err;
		}
		kept = (struct nest_answer_stat){ ret_st->st_mode, ret_st->st_uid, ret_st->st_gid,
						  major(ret_st->st_rdev), minor(ret_st->st_rdev) };
		nest_answers_put_stat(root->answers, path, &kept);
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

static int add_name(void *data, const char *name, unsigned char type)
{
	(void)type;
	return nest_bytes_add(data, name, strlen(name) + 1);
}

static int tell_names(const char *names, size_t len, int (*fn)(void *, const char *, unsigned char),
		      void *data)
{
	const char *name;
	int err = 0;

	for (name = names; !err && (size_t)(name - names) < len; name += strlen(name) + 1)
		err = fn(data, name, DT_UNKNOWN);
	return err;
}

static int source_list(struct nest_root *root, const char *path,
		       int (*fn)(void *data, const char *name, unsigned char type), void *data)
{
	const struct nest_answer *answer = nest_answers_find(root->answers, NEST_ASK_LIST, path);
	struct nest_bytes names = { 0 };
	int err;

	if (answer && answer->err)
		return -answer->err;
	if (answer)
		return tell_names(answer->bytes, answer->len, fn, data);
	if (root->kind == NEST_SOURCE_REPLAY)
		return -ENODATA;
	nest_source_pause(root);
	err = nest_dir_each(root, path, add_name, &names);
	nest_source_resume(root);
	if (err)
		nest_answers_put_error(root->answers, NEST_ASK_LIST, path, err);
	else
		nest_answers_put(root->answers, NEST_ASK_LIST, path, names.at, names.len, false);
	if (!err)
		err = tell_names(names.at, names.len, fn, data);
	free(names.at);
	return err;
}

static const struct nest_source_ops ops = {
	.read = source_read,
	.link = source_link,
	.stat = source_stat,
	.list = source_list,
};

void nest_source_keep(struct nest_root *root, struct nest_answers *answers)
{
	root->answers = answers;
	nest_source_resume(root);
}

bool nest_source_keeps(const struct nest_root *root)
{
	return root->ops == &ops;
}

void nest_source_pause(struct nest_root *root)
{
	root->ops = NULL;
}

void nest_source_resume(struct nest_root *root)
{
	root->ops = root->answers ? &ops : NULL;
}

void nest_source_replay(struct nest_answers *answers, struct nest_root *ret_root)
{
	*ret_root = (struct nest_root){
		.kind = NEST_SOURCE_REPLAY, .fd = -1, .ops = &ops, .answers = answers
	};
}

bool nest_source_fact(const struct nest_root *root, const char *key, const char **ret_text)
{
	const struct nest_answer *answer;

	if (root->kind != NEST_SOURCE_REPLAY)
		return false;
	answer = nest_answers_find(root->answers, NEST_ASK_FACT, key);
	*ret_text = answer && !answer->none ? answer->bytes : NULL;
	return true;
}

void nest_source_keep_fact(struct nest_root *root, const char *key, const char *text)
{
	if (root->ops)
		nest_answers_put(root->answers, NEST_ASK_FACT, key, text, text ? strlen(text) : 0,
				 false);
}
