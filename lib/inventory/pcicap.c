// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the capabilities of a PCI function lie and what their bits say. */
#include "inventory/pcicap.h"
#include "util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEADER 64
#define LEGACY 256

struct config {
	const uint8_t *bytes;
	size_t len;
};

/* Callers have checked that the field lies inside. */
static uint16_t get16(const struct config *c, size_t at)
{
	return (uint16_t)(c->bytes[at] | c->bytes[at + 1] << 8);
}

static uint32_t get32(const struct config *c, size_t at)
{
	return get16(c, at) | (uint32_t)get16(c, at + 2) << 16;
}

static void read_express(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	caps->express = NEST_YES;
	caps->port_type = get16(c, at + 2) >> 4 & 0xf;
	if (get32(c, at + 4) >> 28 & 1)
		caps->flr = NEST_YES;
}

static void read_advanced(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	if (c->bytes[at + 3] & 2)
		caps->flr = NEST_YES;
}

static void read_ats(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	caps->ats.present = NEST_YES;
	caps->ats_queue_depth = get16(c, at + 4) & 0x1f;
	if (!caps->ats_queue_depth)
		caps->ats_queue_depth = 32;
	caps->ats.enabled = nest_tri_from_bool(get16(c, at + 6) >> 15);
}

static void read_pri(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	caps->pri.present = NEST_YES;
	caps->pri.enabled = nest_tri_from_bool(get16(c, at + 4) & 1);
	caps->pri_needs_pasid = get16(c, at + 6) >> 15;
	caps->pri_capacity = get32(c, at + 8);
}

static void read_pasid(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	uint16_t cap = get16(c, at + 4);

	caps->pasid.present = NEST_YES;
	caps->pasid_bits = cap >> 8 & 0x1f;
	caps->pasid_exec = cap >> 1 & 1;
	caps->pasid_priv = cap >> 2 & 1;
	caps->pasid.enabled = nest_tri_from_bool(get16(c, at + 6) & 1);
}

/*
 * Source validation, request and completion redirect, upstream forwarding: isolation needs all.
 */
#define ACS_ISOLATION 0x1d

static void read_acs(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	caps->acs.present = NEST_YES;
	caps->acs_cap = get16(c, at + 4);
	caps->acs_ctl = get16(c, at + 6);
	caps->acs.enabled = nest_tri_from_bool(!(caps->acs_cap & ACS_ISOLATION & ~caps->acs_ctl));
}

static void read_sriov(const struct config *c, size_t at, struct nest_pcicaps *caps)
{
	caps->sriov.present = NEST_YES;
	caps->sriov.enabled = nest_tri_from_bool(get16(c, at + 8) & 1);
	caps->sriov_total = get16(c, at + 0xe);
	caps->sriov_num = get16(c, at + 0x10);
}

static const struct reader {
	bool extended;
	uint16_t id;
	uint8_t size; /* bytes the reader touches */
	void (*read)(const struct config *c, size_t at, struct nest_pcicaps *caps);
} readers[] = {
	{ false, 0x10, 8, read_express }, { false, 0x13, 4, read_advanced },
	{ true, 0x0d, 8, read_acs },	  { true, 0x0f, 8, read_ats },
	{ true, 0x10, 0x12, read_sriov }, { true, 0x13, 0xc, read_pri },
	{ true, 0x1b, 8, read_pasid },
};

static void dispatch(const struct config *c, bool extended, uint16_t id, size_t at, size_t limit,
		     struct nest_pcicaps *caps)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		if (readers[i].extended != extended || readers[i].id != id)
			continue;
		if (at + readers[i].size > limit)
			caps->trouble = "a capability reaches beyond the end of config space";
		else
			readers[i].read(c, at, caps);
	}
}

static void settle(enum nest_tri *field)
{
	if (*field == NEST_UNKNOWN)
		*field = NEST_NO;
}

/* The list in the first 256 bytes; after its end, what was not found is absent. */
static void walk_standard(const struct config *c, struct nest_pcicaps *caps)
{
	size_t limit = c->len < LEGACY ? c->len : LEGACY;
	unsigned int left = (LEGACY - HEADER) / 4;
	size_t at;

	if (!(get16(c, 6) & 0x10)) {
		settle(&caps->express);
		settle(&caps->flr);
		return;
	}
	for (at = c->bytes[0x34] & ~3u; at; at = c->bytes[at + 1] & ~3u) {
		if (at + 2 > limit) {
			if (limit == LEGACY)
				caps->trouble =
					"the list of capabilities points outside config space";
			return;
		}
		if (at < HEADER || !left--) {
			caps->trouble = at < HEADER
						? "the list of capabilities points into the header"
						: "the list of capabilities loops";
			return;
		}
		dispatch(c, false, c->bytes[at], at, limit, caps);
	}
	settle(&caps->express);
	settle(&caps->flr);
}

static void walk_extended(const struct config *c, struct nest_pcicaps *caps)
{
	unsigned int left = (4096 - LEGACY) / 8;
	size_t at = LEGACY;

	/* A conventional function, or a file without the list: there is nothing to walk. */
	while (at && c->len > LEGACY) {
		uint32_t header;

		if (at < LEGACY || at + 4 > c->len) {
			caps->trouble =
				"the list of extended capabilities points outside its space";
			return;
		}
		if (!left--) {
			caps->trouble = "the list of extended capabilities loops";
			return;
		}
		header = get32(c, at);
		/* Zero, or all ones from a device that does not answer: there is no list. */
		if (at == LEGACY && (!header || header == UINT32_MAX))
			break;
		dispatch(c, true, (uint16_t)header, at, c->len, caps);
		at = header >> 20 & ~3u;
	}
	settle(&caps->ats.present);
	settle(&caps->pri.present);
	settle(&caps->pasid.present);
	settle(&caps->acs.present);
	settle(&caps->sriov.present);
}

int nest_pcicaps_parse(const uint8_t *config, size_t len, struct nest_pcicaps *ret_caps)
{
	struct config c = { config, len };
	size_t i;

	if (len < HEADER)
		return -EINVAL;
	for (i = 0; i < HEADER && config[i] == 0xff; i++)
		;
	if (i == HEADER)
		return -ENODEV;
	memset(ret_caps, 0, sizeof(*ret_caps));
	if (len > HEADER)
		walk_standard(&c, ret_caps);
	/*
	 * A conventional PCI function has 256 bytes and no extended list; an Express one whose file
	 * ends there was captured without the rest.
	 */
	if (len > LEGACY || (len == LEGACY && ret_caps->express == NEST_NO))
		walk_extended(&c, ret_caps);
	return 0;
}

const char *nest_pcicap_port_name(uint8_t port_type)
{
	static const char *const names[16] = {
		[0] = "endpoint",	    [1] = "legacy endpoint",
		[4] = "root port",	    [5] = "upstream port",
		[6] = "downstream port",    [7] = "PCIe to PCI bridge",
		[8] = "PCI to PCIe bridge", [9] = "root complex endpoint",
		[10] = "event collector",
	};

	return names[port_type & 15] ? names[port_type & 15] : "of an unknown type";
}

void nest_pcicap_acs_text(uint16_t cap, uint16_t ctl, char *buf, size_t size)
{
	static const char *const names[] = { "SrcValid",   "TransBlk",	  "ReqRedir",
					     "CmpltRedir", "UpstreamFwd", "EgressCtrl",
					     "DirectTrans" };
	size_t len = 0, i;

	*buf = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (cap >> i & 1 && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s%c", len ? " " : "",
						names[i], ctl >> i & 1 ? '+' : '-');
}
