// SPDX-License-Identifier: GPL-2.0-or-later
/* Redaction of all that a host answered: paths, names, links, texts, tables and facts. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/redact.h"
#include "host/answers.h"
#include "util.h"

/* User ids of people begin here; the last one is for none. */
#define FIRST_PERSON	1000
#define NOBODY		65534

#define RELEASE_LETTERS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~_-"

static bool ends(const char *path, const char *end)
{
	size_t len = strlen(path), tail = strlen(end);

	return len >= tail && !strcmp(path + len - tail, end);
}

/* Strings of a device tree end with a NUL and are text; tables and registers are none. */
static bool is_binary(const struct nest_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->len; i++)
		if (iscntrl((unsigned char)answer->bytes[i]) &&
		    !memchr("\0\t\n\r", answer->bytes[i], 4))
			return answer->zeros || memchr(answer->bytes, '\0', answer->len);
	return false;
}

static enum nest_redact_form form_of(const char *path, const struct nest_answer *answer)
{
	if (!strcmp(path, "proc/cmdline"))
		return NEST_FORM_CMDLINE;
	if (!strcmp(path, "dev/kmsg"))
		return NEST_FORM_LOG;
	return is_binary(answer) ? NEST_FORM_BINARY : NEST_FORM_TEXT;
}

/* A release looks like an address, and what it means must stay. */
static bool is_release(const char *path)
{
	return !strcmp(path, "uname/release") || !strcmp(path, "proc/sys/kernel/osrelease");
}

/* ---- names ---- */

/* Texts whose words name drivers, kinds of hardware and models, not one machine. */
static bool is_vocabulary(const char *path, enum nest_ask ask)
{
	static const char *const models[] = {
		"/product_name", "/board_name", "/sys_vendor",
		"/bios_vendor",	 "/modalias",	"/uevent",
	};
	size_t i;

	if (ask == NEST_ASK_FACT)
		return !strncmp(path, "hwdb/", 5);
	if (ask == NEST_ASK_LINK)
		return ends(path, "/driver") || ends(path, "/module") || ends(path, "/subsystem");
	if (ask == NEST_ASK_LIST)
		return !strcmp(path, "sys/module") || !strcmp(path, "sys/bus") ||
		       ends(path, "/drivers");
	for (i = 0; ask == NEST_ASK_READ && i < ARRAY_SIZE(models); i++)
		if (ends(path, models[i]))
			return true;
	return false;
}

/* Does the name stand in the text, as a word? */
static bool has_word(const char *text, size_t len, const char *name)
{
	size_t n = strlen(name), i;

	for (i = 0; n && i + n <= len; i++)
		if ((!i || !isalnum((unsigned char)text[i - 1])) &&
		    (i + n == len || !isalnum((unsigned char)text[i + n])) &&
		    !strncasecmp(text + i, name, n))
			return true;
	return false;
}

/* A host or a person called like a driver: the name tells nothing, and would rewrite the driver. */
static bool is_common(const struct nest_answers *answers, const char *name)
{
	size_t i, ask;

	for (i = 0; i < answers->count; i++)
		for (ask = 0; ask < NEST_ASKS; ask++) {
			const struct nest_answer *answer = answers->at[i].to[ask];
			const char *path = answers->at[i].path;

			if (answer && !answer->err && !answer->none &&
			    is_vocabulary(path, (enum nest_ask)ask) &&
			    has_word(answer->bytes, answer->len, name))
				return true;
			if (!strncmp(path, "sys/module/", 11) && has_word(path, strlen(path), name))
				return true;
		}
	return false;
}

static void learn(struct nest_redact *redact, const struct nest_answers *answers, const char *name,
		  const char *instead)
{
	if (!is_common(answers, name))
		nest_redact_learn(redact, name, instead);
}

/* A release has no other letters; what has some may be anything. */
static bool is_plain(const char *release)
{
	size_t len = strspn(release, RELEASE_LETTERS);

	return !release[len] || !strcmp(release + len, "\n");
}

static void spare_release(struct nest_redact *redact, const struct nest_answers *answers)
{
	char release[64];
	size_t i, ask;

	for (i = 0; i < answers->count; i++)
		for (ask = 0; is_release(answers->at[i].path) && ask < NEST_ASKS; ask++) {
			const struct nest_answer *answer = answers->at[i].to[ask];

			if (!answer || answer->err)
				continue;
			snprintf(release, sizeof(release), "%.*s",
				 (int)strcspn(answer->bytes, "\n"), answer->bytes);
			if (is_plain(release))
				nest_redact_spare(redact, release);
		}
}

static void learn_people(struct nest_redact *redact, const struct nest_answers *answers)
{
	unsigned int people = 0, groups = 0, id;
	char instead[32];
	size_t i;

	for (i = 0; i < answers->count; i++) {
		const struct nest_answer *answer = answers->at[i].to[NEST_ASK_FACT];
		const char *path = answers->at[i].path;

		if (!answer || answer->none)
			continue;
		if (sscanf(path, "user/%u", &id) == 1 && id >= FIRST_PERSON && id != NOBODY) {
			snprintf(instead, sizeof(instead), "user%u", ++people);
			learn(redact, answers, answer->bytes, instead);
		} else if (sscanf(path, "group/%u", &id) == 1 && id >= FIRST_PERSON &&
			   id != NOBODY) {
			snprintf(instead, sizeof(instead), "group%u", ++groups);
			learn(redact, answers, answer->bytes, instead);
		}
	}
}

#define PATH_CHANGES (1u << NEST_ASKS)

/* Files that are rewritten by their place, whatever is in them. */
static bool has_form(const char *path)
{
	return ends(path, "/config") || !strcmp(path, "proc/cmdline") || !strcmp(path, "dev/kmsg");
}

/* One a path: PATH_CHANGES, and a bit for each answer that has to be rewritten. NULL: -ENOMEM. */
static uint8_t *scan(struct nest_redact *redact, const struct nest_answers *answers)
{
	uint8_t *changes = calloc(answers->count + 1, sizeof(*changes));
	size_t i, ask;

	static_assert(NEST_ASKS < 8, "their bits");
	for (i = 0; changes && i < answers->count; i++) {
		const struct nest_answered *asked = &answers->at[i];
		bool any = has_form(asked->path);

		if (nest_redact_scan(redact, asked->path, strlen(asked->path)))
			changes[i] = PATH_CHANGES;
		for (ask = 0; ask < NEST_ASKS; ask++)
			if (asked->to[ask] &&
			    (nest_redact_scan(redact, asked->to[ask]->bytes,
					      asked->to[ask]->len + !!asked->to[ask]->zeros) ||
			     any))
				changes[i] |= (uint8_t)(1u << ask);
	}
	return changes;
}

/* Names of a list one by one, since a NUL between them makes nothing binary. */
static int rewrite_list(struct nest_redact *redact, const struct nest_answer *answer, char **ret,
			size_t *ret_len)
{
	const char *name, *end = answer->bytes + answer->len;
	size_t room = answer->len * 2 + 1, used = 0, len;
	char *all = malloc(room), *one;

	if (!all)
		return -ENOMEM;
	for (name = answer->bytes; name < end; name += strlen(name) + 1) {
		one = nest_redact_rewrite(redact, NEST_FORM_TEXT, name, strlen(name), &len);
		if (one && len + 1 > room - used) {
			char *bigger = realloc(all, room = (room + len) * 2);

			if (!bigger) {
				free(one);
				one = NULL;
			}
			all = bigger ? bigger : all;
		}
		if (!one) {
			free(all);
			return -ENOMEM;
		}
		memcpy(all + used, one, len + 1);
		used += len + 1;
		free(one);
	}
	*ret = all;
	*ret_len = used;
	return 0;
}

/* Of a file, with the zeros that are not held. NULL: memory is out. */
static char *rewrite_bytes(struct nest_redact *redact, const char *path,
			   const struct nest_answer *answer, size_t *ret_len)
{
	size_t len = answer->len + answer->zeros;
	char *whole, *bytes;

	if (!answer->zeros)
		return nest_redact_rewrite(redact, form_of(path, answer), answer->bytes, len,
					   ret_len);
	whole = calloc(len + 1, 1);
	if (!whole)
		return NULL;
	memcpy(whole, answer->bytes, answer->len);
	bytes = nest_redact_rewrite(redact, form_of(path, answer), whole, len, ret_len);
	free(whole);
	return bytes;
}

static int rewrite(struct nest_redact *redact, enum nest_ask ask, const char *path,
		   const char *new_path, struct nest_answer **at, struct nest_answers *out)
{
	struct nest_answer *answer = *at;
	char *bytes = NULL;
	size_t len = 0;
	int err = 0;

	if (answer->err || ask == NEST_ASK_STAT || answer->none ||
	    (is_release(path) && is_plain(answer->bytes)))
		return nest_answers_move(out, ask, new_path, at);
	if (ask == NEST_ASK_LIST) {
		err = rewrite_list(redact, answer, &bytes, &len);
	} else {
		bytes = rewrite_bytes(redact, path, answer, &len);
		err = bytes ? 0 : -ENOMEM;
	}
	if (!err && ask == NEST_ASK_READ && ends(path, "/config"))
		nest_redact_config((uint8_t *)bytes, len);
	if (!err)
		err = nest_answers_put(out, ask, new_path, bytes, len, answer->cut);
	free(bytes);
	/* Or memory holds all twice. */
	free(answer);
	*at = NULL;
	return err;
}

int nest_redact_answers(struct nest_redact *redact, const char *const *hosts,
			struct nest_answers *answers)
{
	struct nest_answers out = { .host = answers->host, .dropped = answers->dropped };
	uint8_t *changes;
	size_t i, ask;
	int err;

	spare_release(redact, answers);
	for (; *hosts; hosts++)
		learn(redact, answers, *hosts, "host");
	learn_people(redact, answers);
	changes = scan(redact, answers);
	err = changes ? 0 : -ENOMEM;
	nest_redact_settle(redact);
	for (i = 0; !err && i < answers->count; i++) {
		struct nest_answered *asked = &answers->at[i];
		char *fresh = NULL;
		const char *path = asked->path;

		if (changes[i] & PATH_CHANGES)
			path = fresh = nest_redact_rewrite(redact, NEST_FORM_TEXT, asked->path,
							   strlen(asked->path), NULL);
		err = path ? 0 : -ENOMEM;
		for (ask = 0; !err && ask < NEST_ASKS; ask++) {
			if (asked->to[ask])
				err = changes[i] & 1u << ask
					      ? rewrite(redact, (enum nest_ask)ask, asked->path,
							path, &asked->to[ask], &out)
					      : nest_answers_move(&out, (enum nest_ask)ask, path,
								  &asked->to[ask]);
			/* Counted: it grew, and found no room. */
			if (err == -ENOSPC || err == -EINVAL)
				err = 0;
		}
		free(fresh);
	}
	free(changes);
	if (err || redact->failed) {
		nest_answers_free(&out);
		return -ENOMEM;
	}
	nest_answers_sort(&out);
	nest_answers_free(answers);
	*answers = out;
	return 0;
}
