// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the host around the IOMMU: lockdown, Xen, containers, limits of memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/rules.h"
#include "remedy.h"

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)

static void lockdown_rule(struct nest_judge *judge)
{
	const struct nest_fact *lockdown = &judge->in->facts->lockdown;

	if (!lockdown->value || strstr(lockdown->value, "[none]"))
		return;
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "the kernel is locked down: devices without an IOMMU and unsigned modules "
		       "are refused, VFIO with an IOMMU is not");
	nest_judge_saw_fact(judge, lockdown);
}

/* A file that is not there is not a file that cannot be read. */
static bool is_unread(const struct nest_fact *fact)
{
	return !fact->value && fact->err && fact->err != ENOENT && fact->err != ENOTDIR;
}

static void xen_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	bool xen = facts->hypervisor.value && !strcmp(facts->hypervisor.value, "xen");
	bool dom0 = facts->xen.value && strstr(facts->xen.value, "control_d");

	if (dom0) {
		nest_judge_say(judge, NEST_RESULT_FAIL, NEST_CAUSE_XEN);
		nest_judge_cause(judge, NEST_CAUSE_XEN);
		nest_judge_remedy(judge, NEST_WORDS_XEN);
	} else if (judge->in->model->iommu_present == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS, "this kernel drives the IOMMU itself");
	} else if ((xen && !facts->xen.value) || is_unread(&facts->hypervisor)) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether Xen owns the IOMMU: "
			       "/proc/xen/capabilities is not readable");
		nest_judge_remedy(judge, "mount xenfs at /proc/xen, and look again");
	} else if (xen) {
		nest_judge_say(judge, NEST_RESULT_PASS, "this is not Xen's dom0");
	} else {
		nest_judge_skip(judge, "there is no sign of Xen");
		return;
	}
	nest_judge_saw_fact(judge, &facts->hypervisor);
	nest_judge_saw_fact(judge, &facts->xen);
}

static void container_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (!facts->container)
		return;
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "this is a container: parts of the host may be hidden%s",
		       facts->tables_visible == NEST_YES ? "" : ", such as the firmware's tables");
	nest_judge_saw(judge, facts->container, "present", 0);
	if (facts->tables_visible != NEST_YES)
		nest_judge_saw(judge, "/sys/firmware/acpi/tables", NULL, ENOENT);
	nest_judge_remedy(judge,
			  "run it on the host, or with --sysroot on a mount of the host's root");
}

/* ---- memory ---- */

/* "512 MiB", "16 GiB" */
static const char *size_text(struct nest_judge *judge, uint64_t bytes)
{
	if (bytes % GIB == 0)
		return nest_judge_text(judge, "%llu GiB", (unsigned long long)(bytes / GIB));
	return nest_judge_text(judge, "%llu MiB", (unsigned long long)((bytes + MIB - 1) / MIB));
}

/*
 * A container pins the guest's memory once; a guest with an IOMMU of its own has a container for
 * each device, and type1 counts each. iommufd counts what a user pins once, but device registers
 * (BARs) too. QEMU locks some besides.
 */
static void memlock_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	bool type1 = judge->in->purpose == NEST_FOR_PASSTHROUGH;
	uint32_t devices = judge->in->guest_devices ? judge->in->guest_devices : 1;
	uint64_t once = judge->in->memory + GIB,
		 most = type1 ? judge->in->memory * devices + GIB : once, limit = 0;
	bool none = facts->memlock.value && !strcmp(facts->memlock.value, "unlimited"), enough;
	char commands[NEST_REMEDY_MAX];
	const char *need;

	if (!judge->in->memory) {
		nest_judge_skip(judge, "no size of a guest was given (--memory)");
		return;
	}
	need = most == once
		       ? nest_judge_text(
				 judge, "%s (the guest's memory, and 1 GiB for registers and QEMU)",
				 size_text(judge, once))
		       : nest_judge_text(judge,
					 "%s, or %s where the guest has an IOMMU (a container for "
					 "each of %u devices)",
					 size_text(judge, once), size_text(judge, most), devices);
	if (facts->memlock.value && !none)
		limit = strtoull(facts->memlock.value, NULL, 10);
	enough = none || limit >= most || (facts->ipc_lock && !facts->service);
	if (!facts->memlock.value)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine how much memory %s may lock; needed: %s",
			       facts->memlock_of, need);
	else if (enough)
		nest_judge_say(judge, NEST_RESULT_PASS, "%s may lock enough memory; needed: %s",
			       facts->memlock_of, need);
	else
		nest_judge_say(judge, limit >= once ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "%s may lock %s; needed: %s", facts->memlock_of,
			       size_text(judge, limit), need);
	nest_judge_saw_fact(judge, &facts->memlock);
	if (enough || !facts->memlock.value)
		return;
	nest_judge_remedy(judge, "lift the limit, as root (LimitMEMLOCK of a service, hard_limit "
				 "in libvirt's memtune)");
	nest_remedy_memlock(facts->service, commands, sizeof(commands));
	nest_judge_commands(judge, commands);
}

static const struct nest_rule_evidence xen_evidence[] = {
	{ NULL, "an IOMMU that this kernel drives", "control_d in /proc/xen/capabilities",
	  "Xen, and no capabilities to read" },
};

static const struct nest_rule_evidence memlock_evidence[] = {
	{ NULL, "the limit of the process or service", "a limit that is too low",
	  "no limits to read" },
};

static const struct nest_rule rules[] = {
	{ "kernel.lockdown", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, lockdown_rule,
	  "lockdown, and what it forbids", NULL },
	{ "host.xen", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, xen_rule,
	  "no hypervisor below owns the IOMMU", xen_evidence },
	{ "host.container", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, container_rule,
	  "the host is seen whole", NULL },
	{ "memory.lock", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, memlock_rule,
	  "enough memory may be locked", memlock_evidence },
};
NEST_RULE_TOPIC(host);
