/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What PCI config space tells about address translation and isolation. Pure: bytes in, struct out.
 * Source: PCI Express Base Specification 6.0, sections 7.5.3 (Express), 7.7.11 (ACS), 7.8.9
 * (PASID), 10.5.1 (ATS), 10.5.2 (PRI), 9.3.3 (SR-IOV); PCI Advanced Features ECN.
 */
#ifndef NEST_PCICAP_H
#define NEST_PCICAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tri.h"

/* One capability: is it present, is it enabled. Details are valid only if present is yes. */
struct nest_pcicap {
	enum nest_tri present, enabled;
};

struct nest_pcicaps {
	/* Why the lists end before their end, one clause; NULL if they were read whole. */
	const char *trouble;
	enum nest_tri express; /* a PCI Express function */
	uint8_t port_type;     /* device/port type of the Express capability */
	enum nest_tri flr;     /* function level reset, Express or Advanced Features */

	struct nest_pcicap ats;
	uint8_t ats_queue_depth; /* invalidate requests it accepts, 32 when the field is 0 */

	struct nest_pcicap pri;
	bool pri_needs_pasid; /* responses must carry the PASID of their request */
	uint32_t pri_capacity;

	struct nest_pcicap pasid;
	uint8_t pasid_bits;
	bool pasid_exec, pasid_priv;

	struct nest_pcicap acs; /* enabled: all of SV, RR, CR, UF that it has */
	uint16_t acs_cap, acs_ctl;

	struct nest_pcicap sriov;
	uint16_t sriov_total, sriov_num;
};

/*
 * Reads the lists of capabilities in the first len bytes of config space. With 64 bytes (what sysfs
 * gives without CAP_SYS_ADMIN) or 256, what lies beyond is unknown, not absent. 0, or -EINVAL if
 * there are not even 64 bytes, or -ENODEV if they are all ones (the device does not answer).
 */
int nest_pcicaps_parse(const uint8_t *config, size_t len, struct nest_pcicaps *ret_caps);

/* "endpoint", "root port", ...; static. */
const char *nest_pcicap_port_name(uint8_t port_type);

/* The ACS bits as lspci writes them ("SrcValid RedirReq ..."), with + and - by bits of ctl. */
void nest_pcicap_acs_text(uint16_t cap, uint16_t ctl, char *buf, size_t size);

#endif
