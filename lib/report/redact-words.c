// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rewriting by form. Of the kernel's command line, word by word: what has nothing to do with IOMMUs
 * loses its value.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "report/redact-private.h"
#include "util.h"

/*
 * Any other key may carry a label, a path, an address or a password: which ones, nobody can list.
 */
static const char *const kept[] = {
	"iommu",       "vfio",	  "pci",      "kvm",	  "intremap",	 "x2apic", "apic",
	"acpi",	       "huge",	  "swiotlb",  "smmu",	  "amd_",	 "intel_", "lockdown",
	"blacklist",   "irq",	  "isolcpus", "nohz",	  "mitigations", "xen",	   "dom0",
	"mem",	       "maxcpus", "nr_cpus",  "efi",	  "vmd",	 "sriov",  "nvme_core.",
	"thunderbolt", "module.", "debug",    "loglevel",
};

static bool is_kept(const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept); i++)
		if (memmem(key, len, kept[i], strlen(kept[i])))
			return true;
	return false;
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

static void rewrite_cmdline(struct nest_redact *redact, const char *bytes, size_t len,
			    struct nest_text *out)
{
	const char *p = bytes, *end = bytes + len, *equals;
	bool init = false; /* behind "--" the words are those of init */

	while (p < end) {
		size_t word = word_length(p, end), key;

		equals = memchr(p, '=', word);
		key = equals ? (size_t)(equals - p) : word;
		init |= word == 2 && !memcmp(p, "--", 2);
		if (!word) {
			nest_text_add(out, p, word = 1);
		} else if (word == 2 && init) {
			nest_text_add(out, p, word);
		} else if (init) {
			nest_text_add(out, "REDACTED", 8);
		} else if (!equals || is_kept(p, key)) {
			nest_redact_into(redact, false, p, word, out);
		} else {
			nest_redact_into(redact, false, p, key, out);
			nest_text_add(out, "=REDACTED", 9);
		}
		p += word;
	}
}

/* Lines that repeat the command line; the last word of each is where it begins. */
static const char *const leads[] = { "ommand line:", "Unknown kernel command line parameters",
				     "Kernel command line" };

static void rewrite_log(struct nest_redact *redact, const char *bytes, size_t len,
			struct nest_text *out)
{
	const char *p = bytes, *end = bytes + len;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t line = newline ? (size_t)(newline - p) + 1 : (size_t)(end - p), i;
		const char *lead = NULL;

		for (i = 0; i < ARRAY_SIZE(leads) && !lead; i++) {
			lead = memmem(p, line, leads[i], strlen(leads[i]));
			if (lead)
				lead += strlen(leads[i]);
		}
		if (!lead)
			lead = p + line;
		nest_redact_into(redact, false, p, (size_t)(lead - p), out);
		rewrite_cmdline(redact, lead, (size_t)(p + line - lead), out);
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
		rewrite_cmdline(redact, bytes, len, &out);
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
