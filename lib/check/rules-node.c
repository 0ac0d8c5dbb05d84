// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about device nodes: may the user open them? */
#include <string.h>

#include "check/rules.h"
#include "remedy.h"

static const char *user_name(struct nest_judge *judge)
{
	return judge->in->facts->is_self ? "this user" : judge->in->facts->user.name;
}

static void saw_node(struct nest_judge *judge, const struct nest_node *node)
{
	nest_judge_saw(judge, node->path,
		       node->present == NEST_YES
			       ? nest_judge_text(judge, "owner %s, group %s, mode %04o%s",
						 node->owner, node->group, node->mode,
						 node->acl ? ", with an access control list" : "")
			       : NULL,
		       node->err);
}

/* Did a probe open it? Then nothing else matters. */
static bool was_opened(const struct nest_judge *judge, const struct nest_node *node)
{
	size_t i, k;

	for (i = 0; i < judge->in->nprobes && judge->in->facts->is_self; i++) {
		const struct nest_probe *probe = &judge->in->probes[i];
		const struct nest_probe_node *tried[] = {
			&probe->container.node,
			&probe->iommufd.node,
			&probe->iommufd.device_node,
			&probe->vfio_group.node,
		};

		for (k = 0; k < ARRAY_SIZE(tried); k++)
			if (tried[k]->open.status == NEST_OUTCOME_OK && tried[k]->node.path &&
			    !strcmp(tried[k]->node.path, node->path))
				return true;
	}
	return false;
}

void nest_judge_node(struct nest_judge *judge, const struct nest_node *node, const char *remedy)
{
	enum nest_tri admits = nest_node_admits(node, judge->in->facts);
	char commands[NEST_REMEDY_MAX];

	if (was_opened(judge, node)) {
		nest_judge_say(judge, NEST_RESULT_PASS, "%s was opened", node->path);
		nest_judge_saw(judge, node->path, "opened by the probe", 0);
		return;
	}
	if (!judge->in->facts->user.known && judge->in->facts->is_self)
		nest_judge_say(
			judge, NEST_RESULT_UNKNOWN,
			"cannot determine whether the caller may open %s: no /proc/self/status",
			node->path);
	else if (!judge->in->facts->user.known)
		nest_judge_say(
			judge, NEST_RESULT_UNKNOWN,
			"%s: cannot determine whether there is a user %s: /etc/passwd cannot be "
			"read",
			node->path, user_name(judge));
	else if (admits == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS, "%s may be opened by %s", node->path,
			       user_name(judge));
	else if (admits == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "%s may not be opened by %s: owner %s, group %s, mode %04o",
			       node->path, user_name(judge), node->owner, node->group, node->mode);
	else if (node->acl)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "whether %s may open %s is in its access control list",
			       user_name(judge), node->path);
	else
		nest_judge_say(
			judge, NEST_RESULT_UNKNOWN,
			"cannot tell whether %s may open %s: not all groups of this user are known",
			user_name(judge), node->path);
	saw_node(judge, node);
	if (admits == NEST_NO) {
		nest_remedy_udev(node->path, judge->in->facts->user.name, commands,
				 sizeof(commands));
		nest_judge_remedy(judge, "%s", remedy);
		nest_judge_commands(judge, commands);
	} else if (admits == NEST_UNKNOWN && node->acl) {
		nest_judge_remedy(judge, "look at the list");
		nest_judge_command(judge, NEST_CMD_ACL, node->path);
	}
}

/* The driver has made the node, and it is not below /dev: on this host, and not in a capture. */
static void say_node_gone(struct nest_judge *judge, const struct nest_node *node)
{
	char commands[NEST_REMEDY_MAX];

	nest_judge_say(judge, NEST_RESULT_FAIL, "%s does not exist, and its driver is loaded",
		       node->path);
	saw_node(judge, node);
	nest_remedy_node(node->path, commands, sizeof(commands));
	nest_judge_remedy(judge, "create it, as root (udev does so on most hosts)");
	nest_judge_commands(judge, commands);
}

/* served: does sysfs show the node's device? */
static void judge_node(struct nest_judge *judge, const struct nest_node *node,
		       enum nest_module module, enum nest_tri served, const char *remedy)
{
	const struct nest_facts *facts = judge->in->facts;
	enum nest_module_state state = facts->modules[module];

	if (node->present == NEST_YES) {
		nest_judge_node(judge, node, remedy);
		return;
	}
	if (state != NEST_MODULE_LOADED && state != NEST_MODULE_BUILTIN) {
		nest_judge_skip(judge, "the module makes the node, and is not loaded");
		return;
	}
	if (node->present == NEST_NO && !facts->container && facts->dev_shown &&
	    served == NEST_YES) {
		say_node_gone(judge, node);
		return;
	}
	if (node->present == NEST_UNKNOWN)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN, "cannot look at %s", node->path);
	else if (facts->container)
		nest_judge_say(judge, NEST_RESULT_FAIL, "%s was not passed into this container",
			       node->path);
	else
		nest_judge_say(judge, NEST_RESULT_NOT_APPLICABLE, "%s does not exist here (yet)",
			       node->path);
	saw_node(judge, node);
	if (facts->container)
		nest_judge_remedy(judge, "pass it in: docker run --device=%s, or a device plugin",
				  node->path);
}

static void node_container_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	judge_node(judge, &facts->container_node, NEST_MODULE_VFIO, facts->container_served,
		   "let every user open it, which gives no access to a device");
}

static void node_iommufd_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	judge_node(judge, &facts->iommufd_node, NEST_MODULE_IOMMUFD, facts->iommufd_served,
		   NEST_REMEDY_GROUP_VFIO);
}

const struct nest_rule_evidence nest_rule_node_evidence[] = {
	{ NULL, "owner, group and mode let the user open it", "they do not, or the node is missing",
	  "an access control list, an unknown user, or a node that cannot be looked at" },
};

static const struct nest_rule rules[] = {
	{ "node.container", NEST_SUBJECT_HOST, NEST_FOR_PASSTHROUGH, NEST_FOR_PASSTHROUGH,
	  node_container_rule, "/dev/vfio/vfio may be opened", nest_rule_node_evidence },
	{ "node.iommufd", NEST_SUBJECT_HOST, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, node_iommufd_rule, "/dev/iommu may be opened",
	  nest_rule_node_evidence },
};
NEST_RULE_TOPIC(node);
