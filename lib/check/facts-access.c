// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Users and limits: may this process or another user open a node, and how much memory may this
 * process or a service lock?
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/facts.h"
#include "host/sysfs.h"
#include "number.h"
#include "util.h"

#define TEXT_MAX	     (256u << 10) /* as much as a report keeps of a file */
#define CAP_IPC_LOCK_BIT     14
#define CAP_DAC_OVERRIDE_BIT 1

/* What follows a key at the start of a line, up to its end; false if there is none. */
static bool line_of(const char *text, const char *key, char *buf, size_t size)
{
	size_t len = strlen(key);
	const char *at = text;

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		if (strncmp(at, key, len))
			continue;
		at += len + strspn(at + len, " \t");
		snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
		return true;
	}
	return false;
}

static void add_gid(struct nest_user *user, unsigned int gid)
{
	if (user->ngids < ARRAY_SIZE(user->gids))
		user->gids[user->ngids++] = gid;
	else
		user->more_groups = true;
}

/* This process, by what procfs says of it. */
static void take_self(struct nest_facts *facts, const char *status)
{
	char text[1024], *at = text, *end;
	unsigned int uids[4];

	facts->is_self = true;
	facts->user.name = "";
	if (line_of(status, "Uid:", text, sizeof(text)) &&
	    sscanf(text, "%u %u %u %u", &uids[0], &uids[1], &uids[2], &uids[3]) == 4) {
		facts->user.known = true;
		facts->user.uid = uids[1];
	}
	if (line_of(status, "Gid:", text, sizeof(text)) &&
	    sscanf(text, "%u %u", &uids[0], &uids[1]) == 2)
		add_gid(&facts->user, uids[1]);
	if (line_of(status, "Groups:", text, sizeof(text)))
		for (; *at; at = end) {
			unsigned long gid = strtoul(at, &end, 10);

			if (end == at)
				break;
			add_gid(&facts->user, (unsigned int)gid);
		}
	if (line_of(status, "CapEff:", text, sizeof(text))) {
		unsigned long long caps = strtoull(text, NULL, 16);

		facts->privileged = caps >> CAP_DAC_OVERRIDE_BIT & 1;
		facts->ipc_lock = caps >> CAP_IPC_LOCK_BIT & 1;
	}
}

/* Members of a line of /etc/group are its last field, by comma. */
static bool is_member(const char *members, const char *name)
{
	size_t len = strlen(name);

	while (*members) {
		size_t n = strcspn(members, ",\n");

		if (n == len && !strncmp(members, name, n))
			return true;
		members += n + (members[n] == ',');
		if (*members == '\n')
			break;
	}
	return false;
}

/* A number stands for a user where no user has it as its name, as for chown(1). */
static bool is_uid(const char *name, unsigned int *ret_uid)
{
	uint64_t uid;

	if (nest_parse_u64(name, 10, &uid) || uid >= UINT32_MAX)
		return false;
	*ret_uid = (unsigned int)uid;
	return true;
}

/* Looks the name, else the number, up in the text of passwd(5), which is cut into strings. */
static bool take_line(struct nest_model *model, struct nest_user *user, char *passwd)
{
	unsigned int wanted = 0, uid, gid, named_uid = 0, named_gid = 0;
	bool number = is_uid(user->name, &wanted);
	const char *found = NULL;
	char *line;

	while ((line = strsep(&passwd, "\n"))) {
		char *password = strchr(line, ':'),
		     *ids = password ? strchr(password + 1, ':') : NULL;
		bool named;

		if (!ids || sscanf(ids + 1, "%u:%u", &uid, &gid) != 2)
			continue;
		*password = '\0';
		named = !strcmp(line, user->name);
		if (!named && (found || !number || uid != wanted))
			continue;
		found = line;
		named_uid = uid;
		named_gid = gid;
		if (named)
			break;
	}
	if (!found)
		return false;
	user->name = nest_pool_str(&model->pool, found);
	user->uid = named_uid;
	add_gid(user, named_gid);
	return user->name;
}

/* A user of the files passwd and group, which is all that a tree has. */
static bool take_listed(struct nest_ctx *ctx, struct nest_model *model, struct nest_user *user)
{
	int err;
	char *passwd = nest_file_read(&ctx->root, "etc/passwd", TEXT_MAX, NULL, &err);
	char *group, *line, *rest;
	bool found = passwd && take_line(model, user, passwd);

	user->unlisted = !passwd && err == -ENOENT;
	user->missing = !found && (passwd || user->unlisted);
	free(passwd);
	group = found ? nest_file_read(&ctx->root, "etc/group", TEXT_MAX, &user->more_groups, &err)
		      : NULL;
	rest = group;
	while (group && (line = strsep(&rest, "\n"))) {
		char *id = strchr(line, ':'), *members;

		id = id ? strchr(id + 1, ':') : NULL;
		members = id ? strchr(id + 1, ':') : NULL;
		if (members && is_member(members + 1, user->name))
			add_gid(user, (unsigned int)strtoul(id + 1, NULL, 10));
	}
	free(group);
	return found;
}

/* On a live host there are users in no file. */
static bool take_of_nss(struct nest_model *model, struct nest_user *user)
{
	const struct passwd *pw;
	unsigned int uid;
	gid_t gids[64];
	int n = 64, i;

	errno = 0;
	pw = getpwnam(user->name);
	if (!pw && !errno && is_uid(user->name, &uid))
		pw = getpwuid(uid);
	/* A directory server that does not answer fails too, but with another errno. */
	user->missing = !pw && (!errno || errno == ENOENT || errno == ESRCH);
	user->unlisted = false;
	user->name = pw ? nest_pool_str(&model->pool, pw->pw_name) : user->name;
	if (!pw || !user->name)
		return false;
	user->uid = pw->pw_uid;
	if (getgrouplist(pw->pw_name, pw->pw_gid, gids, &n) < 0) {
		n = 64;
		user->more_groups = true;
	}
	for (i = 0; i < n; i++)
		add_gid(user, gids[i]);
	return true;
}

static int take_user(struct nest_ctx *ctx, struct nest_model *model, const char *name,
		     struct nest_facts *facts)
{
	int err;
	char *status;

	if (!name) {
		status = nest_file_read(&ctx->root, "proc/self/status", TEXT_MAX, NULL, &err);
		facts->is_self = true;
		facts->user.name = "";
		if (status)
			take_self(facts, status);
		free(status);
		return err == -ENOMEM ? err : 0;
	}
	facts->user.name = nest_pool_str(&model->pool, name);
	if (!facts->user.name)
		return -ENOMEM;
	facts->user.known = take_listed(ctx, model, &facts->user) ||
			    (ctx->live && take_of_nss(model, &facts->user));
	/* A number needs no entry in a list. Which groups it has is not known. */
	if (facts->user.name && !facts->user.known && is_uid(name, &facts->user.uid)) {
		facts->user.known = facts->user.more_groups = true;
		facts->user.missing = false;
	}
	facts->privileged = facts->user.known && !facts->user.uid;
	return facts->user.name ? 0 : -ENOMEM;
}

/* Where the control group of a running service is: cgroup v2, v1. */
static const char *const running_at[] = { "sys/fs/cgroup/system.slice",
					  "sys/fs/cgroup/systemd/system.slice" };

/* Notes whether the path exists, or whether that cannot be determined. */
static void look_for(struct nest_ctx *ctx, const char *path, bool *there, bool *unknown)
{
	struct stat st;
	int err = nest_root_stat(&ctx->root, path, &st);

	*there |= !err;
	*unknown |= err && err != -ENOENT && err != -ENOTDIR;
}

/* True if the service neither runs nor has a unit file. name ends in ".service". */
static bool is_service_missing(struct nest_ctx *ctx, const char *name)
{
	static const char *const installed_at[] = { "etc/systemd/system", "run/systemd/system",
						    "usr/lib/systemd/system",
						    "lib/systemd/system" };
	bool there = false, unknown = false;
	char path[320], file[160];
	size_t i;

	if (strchr(name, '/'))
		return true;
	/* The unit file of "ssh@1.service" is "ssh@.service". */
	snprintf(file, sizeof(file), "%.*s%s", (int)strcspn(name, "@"), name,
		 strchr(name, '@') ? "@.service" : "");
	for (i = 0; i < ARRAY_SIZE(running_at); i++) {
		snprintf(path, sizeof(path), "%s/%s", running_at[i], name);
		look_for(ctx, path, &there, &unknown);
	}
	for (i = 0; i < ARRAY_SIZE(installed_at); i++) {
		snprintf(path, sizeof(path), "%s/%s", installed_at[i], file);
		look_for(ctx, path, &there, &unknown);
	}
	return !there && !unknown;
}

/*
 * The main process of a systemd service, by the first number in its control group; 0 if that is
 * unknown.
 */
static unsigned long service_pid(struct nest_ctx *ctx, const char *service)
{
	char path[320], text[NEST_ATTR_MAX + 1];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(running_at); i++) {
		snprintf(path, sizeof(path), "%s/%s/cgroup.procs", running_at[i], service);
		if (nest_attr_read(&ctx->root, path, text, sizeof(text)) > 0)
			return strtoul(text, NULL, 10);
	}
	return 0;
}

static int take_memlock(struct nest_ctx *ctx, struct nest_model *model, const char *service,
			struct nest_facts *facts)
{
	char path[64] = "/proc/self/limits", text[256], soft[64], name[160];
	unsigned long pid = 0;
	char *limits;
	int err;

	facts->service = service;
	facts->memlock_of = "this process";
	if (service) {
		snprintf(name, sizeof(name), "%.120s%s", service,
			 strchr(service, '.') ? "" : ".service");
		pid = service_pid(ctx, name);
		facts->service_missing = !pid && is_service_missing(ctx, name);
	}
	if (service && !pid) {
		facts->memlock_of = nest_pool_printf(&model->pool, "the service %s", service);
		facts->memlock = (struct nest_fact){
			.path = nest_pool_printf(&model->pool,
						 "/sys/fs/cgroup/system.slice/%s/cgroup.procs",
						 service),
			.err = ESRCH,
		};
		return 0;
	}
	if (service) {
		snprintf(path, sizeof(path), "/proc/%lu/limits", pid);
		facts->memlock_of =
			nest_pool_printf(&model->pool, "%s (process %lu)", service, pid);
	}
	limits = nest_file_read(&ctx->root, path + 1, TEXT_MAX, NULL, &err);
	facts->memlock.path = nest_pool_str(&model->pool, path);
	facts->memlock.err = -err;
	if (limits && line_of(limits, "Max locked memory", text, sizeof(text)) &&
	    sscanf(text, "%63s", soft) == 1)
		facts->memlock.value = nest_pool_str(&model->pool, soft);
	else if (limits)
		facts->memlock.err = ENODATA;
	free(limits);
	return err == -ENOMEM ? err : 0;
}

int nest_facts_access(struct nest_ctx *ctx, struct nest_model *model,
		      const struct nest_facts_wanted *wanted, struct nest_facts *facts)
{
	int err = nest_node_look(ctx, &model->pool, "/dev/vfio/vfio", &facts->container_node);

	if (!err)
		err = nest_node_look(ctx, &model->pool, "/dev/iommu", &facts->iommufd_node);
	if (!err)
		err = take_user(ctx, model, wanted->user, facts);
	if (!err)
		err = take_memlock(ctx, model, wanted->service, facts);
	return err;
}

enum nest_tri nest_node_admits(const struct nest_node *node, const struct nest_facts *facts)
{
	const struct nest_user *user = &facts->user;
	unsigned int bits = node->mode & 7;
	size_t i;

	if (node->present != NEST_YES || !user->known)
		return NEST_UNKNOWN;
	if (facts->privileged)
		return NEST_YES;
	for (i = 0; i < user->ngids; i++)
		if (user->gids[i] == node->gid)
			bits = node->mode >> 3 & 7;
	if (user->uid == node->uid)
		bits = node->mode >> 6 & 7;
	if ((bits & 6) == 6)
		return NEST_YES;
	/*
	 * With an access control list, the bits of the group are the list's mask, and the list is
	 * not read.
	 */
	return node->acl || user->more_groups ? NEST_UNKNOWN : NEST_NO;
}
