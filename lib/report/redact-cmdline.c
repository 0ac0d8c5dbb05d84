// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rewriting by form. Of the kernel's command line, word by word: only options that are known to
 * have to do with IOMMUs, memory, interrupts or consoles keep their value, and only words that are
 * known stay. What any other one holds, a label, a path, a password, cannot be listed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/redact-private.h"
#include "util.h"

#define KEY_LONGEST 40 /* of a key that is shown */

/* By their exact names; '-' and '_' are the same to the kernel. */
static const char *const kept[] = {
	/* IOMMUs and what assigns devices */
	"iommu",
	"iommu.passthrough",
	"iommu.strict",
	"iommu.forcedac",
	"intel_iommu",
	"amd_iommu",
	"amd_iommu_intr",
	"amd_iommu_dump",
	"ivrs_ioapic",
	"ivrs_hpet",
	"ivrs_acpihid",
	"arm_smmu.disable_bypass",
	"arm_smmu.force_stage",
	"arm_smmu_v3.disable_bypass",
	"arm_smmu_v3.disable_msipolling",
	"iommufd.allow_unsafe_interrupts",
	"tboot",
	"dmar",
	"vfio.enable_unsafe_noiommu_mode",
	"vfio_iommu_type1.allow_unsafe_interrupts",
	"vfio_iommu_type1.disable_hugepages",
	"vfio_iommu_type1.dma_entry_limit",
	"vfio_pci.ids",
	"vfio_pci.disable_vga",
	"vfio_pci.disable_idle_d3",
	"vfio_pci.enable_sriov",
	"vfio_pci.disable_denylist",
	"vfio_pci.nointxmask",
	"pci_stub.ids",
	"xen_pciback.hide",
	"xen_pciback.permissive",
	"xen_pciback.passthrough",
	"virtio_iommu",
	"swiotlb",
	"mem_encrypt",
	"intel_iommu_debug",
	"no_iommu",
	"igfx_off",
	/* PCI */
	"pci",
	"pcie_aspm",
	"pcie_aspm.policy",
	"pcie_acs_override",
	"pcie_ports",
	"pcie_port_pm",
	"pcie_hp",
	"pciehp.pciehp_force",
	"pciehp.pciehp_poll_mode",
	"pnp.debug",
	/* interrupts and processors */
	"intremap",
	"nointremap",
	"nox2apic",
	"x2apic_phys",
	"apic",
	"noapic",
	"nolapic",
	"lapic",
	"disable_apic",
	"irqaffinity",
	"isolcpus",
	"nohz",
	"nohz_full",
	"rcu_nocbs",
	"maxcpus",
	"nr_cpus",
	"possible_cpus",
	"nosmp",
	"nosmt",
	"mitigations",
	"tsx",
	"threadirqs",
	"irqpoll",
	"irqfixup",
	"noirqdebug",
	"numa",
	"numa_balancing",
	"clocksource",
	"tsc",
	"idle",
	"processor.max_cstate",
	"intel_idle.max_cstate",
	"intel_pstate",
	"amd_pstate",
	"nokaslr",
	"spectre_v2",
	"spec_store_bypass_disable",
	"l1tf",
	"mds",
	"retbleed",
	/* KVM, hypervisors, confidential computing */
	"kvm.ignore_msrs",
	"kvm.report_ignored_msrs",
	"kvm.halt_poll_ns",
	"kvm.enable_virt_at_load",
	"kvm_intel.nested",
	"kvm_intel.ept",
	"kvm_intel.tdx",
	"kvm_intel.enable_apicv",
	"kvm_amd.nested",
	"kvm_amd.npt",
	"kvm_amd.avic",
	"kvm_amd.sev",
	"kvm_amd.sev_es",
	"kvm_amd.sev_snp",
	"sev",
	"tdx",
	"xen",
	"xen_emul_unplug",
	"dom0_mem",
	"dom0_max_vcpus",
	"xen_nopv",
	"nopv",
	"mdev",
	/* memory */
	"hugepages",
	"hugepagesz",
	"default_hugepagesz",
	"hugetlb_cma",
	"cma",
	"transparent_hugepage",
	"mem",
	"memmap",
	"crashkernel",
	"movablecore",
	"kernelcore",
	"movable_node",
	"highmem",
	"hugetlb_free_vmemmap",
	"numa_zonelist_order",
	"memory_hotplug.memmap_on_memory",
	"efi",
	"efi_fake_mem",
	"reserve",
	"init_on_alloc",
	"init_on_free",
	"page_poison",
	"slub_debug",
	"kasan",
	"debug_pagealloc",
	/* firmware and security */
	"acpi",
	"acpi_osi",
	"acpi_enforce_resources",
	"acpi_rsdp",
	"acpi_no_static_ssdt",
	"noefi",
	"lockdown",
	"module.sig_enforce",
	"security",
	"lsm",
	"selinux",
	"apparmor",
	"enforcing",
	"audit",
	"iomem",
	"strict_devmem",
	"thunderbolt.host_reset",
	"thunderbolt.clx",
	/* modules */
	"module_blacklist",
	"modprobe.blacklist",
	"rd.driver.pre",
	"rd.driver.post",
	"rd.driver.blacklist",
	"initcall_blacklist",
	"nomodule",
	"sriov_numvfs",
	"idxd.sva",
	"i915.enable_gvt",
	"i915.modeset",
	"i915.enable_guc",
	"i915.max_vfs",
	"nvme_core.io_timeout",
	"nvme_core.default_ps_max_latency_us",
	"nouveau.modeset",
	"nvidia_drm.modeset",
	"amdgpu.sg_display",
	"radeon.modeset",
	"vmd",
	/* console and messages */
	"video",
	"vga",
	"nomodeset",
	"console",
	"earlycon",
	"earlyprintk",
	"loglevel",
	"debug",
	"quiet",
	"splash",
	"nosplash",
	"ignore_loglevel",
	"log_buf_len",
	"printk.time",
	"no_console_suspend",
	"consoleblank",
	"fbcon",
	"ro",
	"rw",
	"rhgb",
	"panic",
	"panic_on_warn",
	"oops",
	"nowatchdog",
	"nmi_watchdog",
	"watchdog",
	"softlockup_panic",
	"single",
	"noresume",
	"emergency",
	"rescue",
	"text",
	"verbose",
	"rd.debug",
	"rd.shell",
	"fsck.mode",
	"fsck.repair",
	"rootwait",
	"rootdelay",
	"rootfstype",
	"selinux_compat",
	"systemd.unified_cgroup_hierarchy",
	"cgroup_disable",
	"cgroup_enable",
	"cgroup_no_v1",
	"net.ifnames",
	"biosdevname",
	"consoleblank",
	"preempt",
	"skew_tick",
	"efifb",
	"nofb",
};

/* Is the key one of the kept? "ivrs_ioapic[4]" is its old form. */
static bool is_kept(const char *key, size_t len)
{
	const char *bracket = memchr(key, '[', len);
	size_t i, at;

	if (bracket)
		len = (size_t)(bracket - key);
	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		if (strlen(kept[i]) != len)
			continue;
		for (at = 0; at < len && (key[at] == '-' ? '_' : key[at]) == kept[i][at]; at++)
			;
		if (at == len)
			return true;
	}
	return false;
}

/* The name of an option, as options are named: "rd.luks.name", "BOOT_IMAGE". */
static bool is_plain(const char *key, size_t len)
{
	static const char *const loud[] = { "BOOT_IMAGE", "LANG", "KEYTABLE", "SYSFONT" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(loud); i++)
		if (len == strlen(loud[i]) && !memcmp(key, loud[i], len))
			return true;
	for (i = 0; i < len; i++)
		if (!islower((unsigned char)key[i]) &&
		    (!i || (!isdigit((unsigned char)key[i]) && !strchr("._-", key[i]))))
			return false;
	return len && len <= KEY_LONGEST;
}

/* A blank inside quotes does not end a word. */
static size_t word_length(const char *p, const char *end)
{
	const char *at = p;
	bool quoted = false;

	for (; at < end && (quoted || !isspace((unsigned char)*at)) && *at != '\n'; at++)
		quoted ^= *at == '"';
	return (size_t)(at - p);
}

static void put(struct nest_text *out, const char *text)
{
	nest_text_add(out, text, strlen(text));
}

/* One word. A quote before it also ends it: "dyndbg=file x +p". */
static void rewrite_word(struct nest_redact *redact, const char *p, size_t len,
			 struct nest_text *out)
{
	bool quoted = len > 1 && *p == '"' && p[len - 1] == '"';
	const char *equals;
	size_t key;

	if (quoted) {
		p++;
		len -= 2;
		put(out, "\"");
	}
	equals = memchr(p, '=', len);
	key = equals ? (size_t)(equals - p) : len;
	if (is_kept(p, key)) {
		nest_redact_into(redact, false, p, len, out);
	} else if (equals && is_plain(p, key)) {
		nest_redact_into(redact, false, p, key, out);
		put(out, "=REDACTED");
	} else {
		put(out, "REDACTED");
	}
	if (quoted)
		put(out, "\"");
}

void nest_redact_cmdline(struct nest_redact *redact, const char *bytes, size_t len,
			 struct nest_text *out)
{
	const char *p = bytes, *end = bytes + len;
	bool init = false; /* behind "--" the words are those of init */

	while (p < end) {
		size_t word = word_length(p, end);

		if (!word) {
			nest_text_add(out, p, word = 1);
		} else if (word == 2 && !memcmp(p, "--", 2)) {
			init = true;
			nest_text_add(out, p, word);
		} else if (init) {
			put(out, "REDACTED");
		} else {
			rewrite_word(redact, p, word, out);
		}
		p += word;
	}
}

/* Lines that repeat the command line or a part of it, by what stands before it. */
static const char *const leads[] = {
	"ommand line:",
	"Kernel command line",
	"known kernel command line parameters",
	"known command line parameters",
	"Booting kernel:",
};

/* After these, a word a line, until one is not indented. */
static const char *const lists[] = { "with arguments:", "with environment:" };

static const char *behind_one_of(const char *const *texts, size_t n, const char *line, size_t len)
{
	const char *found;
	size_t i;

	for (i = 0; i < n; i++) {
		found = memmem(line, len, texts[i], strlen(texts[i]));
		if (found)
			return found + strlen(texts[i]);
	}
	return NULL;
}

/* What the kernel quotes is a list of words; the sentence goes on behind it. */
static void rewrite_list(struct nest_redact *redact, const char *p, const char *end,
			 struct nest_text *out)
{
	const char *open = p, *close;

	while (open < end && (*open == ' ' || *open == ':'))
		open++;
	close = open < end && strchr("\"'`", *open)
			? memrchr(open + 1, *open == '`' ? '\'' : *open, (size_t)(end - open - 1))
			: NULL;
	if (!close) {
		nest_text_add(out, p, (size_t)(open - p));
		nest_redact_cmdline(redact, open, (size_t)(end - open), out);
		return;
	}
	nest_text_add(out, p, (size_t)(open + 1 - p));
	nest_redact_cmdline(redact, open + 1, (size_t)(close - open - 1), out);
	nest_redact_into(redact, false, close, (size_t)(end - close), out);
}

/* Behind the stamp "[    1.234567] ". */
static const char *behind_stamp(const char *line, size_t len)
{
	const char *bracket = len && *line == '[' ? memchr(line, ']', len) : NULL;

	return bracket && bracket + 1 < line + len && bracket[1] == ' ' ? bracket + 2 : line;
}

static void rewrite_log(struct nest_redact *redact, const char *bytes, size_t len,
			struct nest_text *out)
{
	const char *p = bytes, *end = bytes + len, *from;
	bool listing = false;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t line = newline ? (size_t)(newline - p) + 1 : (size_t)(end - p);

		from = behind_one_of(leads, ARRAY_SIZE(leads), p, line);
		if (!from && listing && isspace((unsigned char)*behind_stamp(p, line)))
			from = behind_stamp(p, line);
		else
			listing = false;
		if (behind_one_of(lists, ARRAY_SIZE(lists), p, line)) {
			listing = true;
			from = NULL;
		}
		nest_redact_into(redact, false, p, from ? (size_t)(from - p) : line, out);
		if (from)
			rewrite_list(redact, from, p + line, out);
		p += line;
	}
}

char *nest_redact_rewrite(struct nest_redact *redact, enum nest_redact_form form, const char *bytes,
			  size_t len, size_t *ret_len)
{
	struct nest_text out = { 0 };

	nest_text_add(&out, "", 0);
	switch (form) {
	case NEST_FORM_CMDLINE:
		nest_redact_cmdline(redact, bytes, len, &out);
		break;
	case NEST_FORM_LOG:
		rewrite_log(redact, bytes, len, &out);
		break;
	default:
		nest_redact_into(redact, form == NEST_FORM_BINARY, bytes, len, &out);
		break;
	}
	if (out.failed || redact->failed) {
		redact->failed = true;
		free(out.at);
		return NULL;
	}
	if (ret_len)
		*ret_len = out.len;
	return out.at;
}
