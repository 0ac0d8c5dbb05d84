// SPDX-License-Identifier: GPL-2.0-or-later
/* Config space without what is unique to one card. */
#include <string.h>

#include "report/redact.h"
#include "util.h"

#define HEADER	   64
#define EXTENDED   256
#define CONFIG_MAX 4096

/*
 * How many bytes of a capability, from its id on, are about its kind and settings and not about the
 * one card.
 */
static const struct harmless {
	uint16_t id;
	uint8_t len;
} standard[] = {
	{0x01, 8},  /* power management */
	{0x05, 24}, /* MSI */
	{0x07, 8},  /* PCI-X */
	{0x09, 3},  /* vendor's own: its length */
	{0x0d, 8},  /* subsystem of a bridge */
	{0x10, 60}, /* PCI Express */
	{0x11, 12}, /* MSI-X */
	{0x13, 6},  /* advanced features */
}, extended[] = {
	{0x01, 0x2c}, /* AER, without the log of headers */
	{0x0b, 8},    /* vendor's own: its header */
	{0x0d, 8},    /* ACS */
	{0x0e, 8},    /* ARI */
	{0x0f, 8},    /* ATS */
	{0x10, 64},   /* SR-IOV */
	{0x13, 16},   /* PRI */
	{0x17, 8},    /* TPH */
	{0x18, 8},    /* LTR */
	{0x1b, 8},    /* PASID */
	{0x1d, 16},   /* DPC */
	{0x1e, 16},   /* L1 substates */
	{0x1f, 12},   /* PTM */
	{0x23, 10},   /* DVSEC: its headers */
};

static size_t harmless_length(const struct harmless *rows, size_t n, uint16_t id, size_t least)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].id == id)
			return rows[i].len;
	return least;
}

static void keep(uint8_t *out, const uint8_t *config, size_t len, size_t at, size_t count)
{
	if (at < len)
		memcpy(out + at, config + at, count < len - at ? count : len - at);
}

void nest_redact_config(uint8_t *config, size_t len)
{
	uint8_t out[CONFIG_MAX] = { 0 };
	unsigned int left;
	size_t at;

	if (len > CONFIG_MAX)
		len = CONFIG_MAX;
	keep(out, config, len, 0, HEADER);
	/* Chains may loop or overlap; as many steps as there is room for capabilities. */
	if (len >= HEADER && config[6] & 0x10)
		for (at = config[0x34] & ~3u, left = 48; left && at >= HEADER && at + 2 <= len;
		     at = config[at + 1] & ~3u, left--)
			keep(out, config, len, at,
			     harmless_length(standard, ARRAY_SIZE(standard), config[at], 2));
	for (at = EXTENDED, left = 960; left && at >= EXTENDED && at + 4 <= len; left--) {
		keep(out, config, len, at,
		     harmless_length(extended, ARRAY_SIZE(extended),
				     (uint16_t)(config[at] | config[at + 1] << 8), 4));
		at = (config[at + 2] >> 4 | config[at + 3] << 4) & ~3u;
	}
	memcpy(config, out, len);
}
