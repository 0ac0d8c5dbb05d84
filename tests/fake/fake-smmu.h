/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3: first stages of the user's, their cache, commands and events. */
#ifndef FAKE_SMMU_H
#define FAKE_SMMU_H

#include "fake-iommufd.h"

/* What blocks a request: an event number, the stage and what was fetched. 0: nothing does. */
enum {
	FAKE_EVENT_BAD_CD = 0x0a,
	FAKE_EVENT_TRANSLATION = 0x10,
	FAKE_EVENT_ADDR_SIZE = 0x11,
	FAKE_EVENT_ACCESS = 0x12,
	FAKE_EVENT_PERMISSION = 0x13,
	FAKE_EVENT_CONFLICT = 0x20, /* two sizes of page for one address */
	FAKE_EVENT_CODE = 0xff,
	FAKE_EVENT_S2 = 0x100,
	FAKE_EVENT_OF_CD = 0x200,    /* of the fetch of a context descriptor */
	FAKE_EVENT_OF_TABLE = 0x400, /* of a table */
	FAKE_EVENT_SILENT = 0x800,   /* an abort: no event at all */
};

/* ---- fake-smmu.c ---- */

/* Through a nested table on a vIOMMU. 0 and the page, or FAKE_EVENT_*. */
int fake_smmu_translate(struct fake_device *dev, const struct fake_domain *domain, uint64_t iova,
			bool write, uint8_t **ret_page);

/* The device was attached to something: CFGI_STE, which takes its descriptor along. */
void fake_smmu_forget_config(const struct fake_device *dev);
void fake_smmu_flush_space(const struct fake_space *space);
void fake_smmu_reset(void);

/* A command that the kernel has converted; dev: that of the vSID, or NULL. */
void fake_smmu_command(const struct fake_space *space, const struct fake_device *dev,
		       const uint64_t words[2]);

/* ---- fake-veventq.c ---- */

/* arm_smmu_handle_event(): to the queue of the device's vIOMMU, or into the log. */
void fake_smmu_report(const struct fake_device *dev, const struct fake_domain *domain, bool write,
		      uint64_t iova, int event);

/* ---- fake-kmsg.c ---- */

void fake_kmsg_event(const struct fake_device *dev, const uint64_t words[4]);

#endif
