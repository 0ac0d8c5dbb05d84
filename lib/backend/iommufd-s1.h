/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iommufd takes for each format of first-stage tables: a row a format. For the files
 * backend/iommufd-*.c alone.
 */
#ifndef NEST_BACKEND_IOMMUFD_S1_H
#define NEST_BACKEND_IOMMUFD_S1_H

#include "backend/iommufd.h"
#include "s1/s1.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"

/* Most entries of one request; a row that needs more asks for a larger scope. */
#define NEST_ENTRIES_MAX 64

union nest_iommufd_table {
	struct iommu_hwpt_vtd_s1 vtd;
	struct iommu_hwpt_arm_smmuv3 smmuv3;
	struct iommu_hwpt_selftest mock;
};

struct nest_iommufd_entries {
	union {
		struct iommu_hwpt_vtd_s1_invalidate vtd[NEST_ENTRIES_MAX];
		struct iommu_viommu_arm_smmuv3_invalidate smmuv3[NEST_ENTRIES_MAX];
		struct iommu_hwpt_invalidate_selftest mock[1];
	};
	uint32_t len, num; /* bytes of one, and how many */
};

struct nest_iommufd_refusal {
	const char *what;
	uint64_t words[2]; /* in place of, or added to, those of a good one */
	bool added;
};

struct nest_iommufd_row {
	const struct nest_s1_format *formats[3]; /* all whose tables are described alike */

	/* Of a nested HWPT. fill returns the length of the data. */
	uint32_t table_type;
	uint32_t (*fill_table)(const struct nest_s1_config *config,
			       union nest_iommufd_table *table);

	/* Of an invalidation. */
	uint32_t entry_type;
	void (*fill_entries)(const struct nest_s1_config *config, const struct nest_s1_scope *scope,
			     struct nest_iommufd_entries *ret);
	bool refuses_unaligned;

	/*
	 * 0: a nested HWPT stands on the nest parent and is itself what invalidations name. Else
	 * both are done by a vIOMMU of this type, on which the device has a vDEVICE before it is
	 * attached.
	 */
	uint32_t viommu_type;

	/* How page requests and faults reach user space. */
	enum { NEST_EVENTS_NONE, NEST_EVENTS_FAULT_QUEUE, NEST_EVENTS_VEVENTQ } events;
	uint32_t veventq_type;

	/*
	 * Tables and entries that the kernel must refuse; EIO is due. Each list ends with one of no
	 * name. Only with a vIOMMU.
	 */
	const struct nest_iommufd_refusal *bad_tables, *bad_entries;

	/* A record of the vEVENTQ. False: of something that concerns no transfer. */
	bool (*read_event)(const struct iommu_vevent_arm_smmuv3 *raw, struct nest_s1_event *ret);
};

/* A first stage that is bound. */
struct iommufd_s1 {
	struct nest_s1 s1;
	const struct nest_iommufd_row *row;
	uint32_t nested;
	uint32_t plain; /* what the device itself is on while a PASID is bound; 0 otherwise */
	uint32_t fault; /* fault queue; 0 without */
	int fault_fd;	/* -1 without */
};

static inline struct iommufd_s1 *iommufd_s1(struct nest_s1 *s1)
{
	return container_of(s1, struct iommufd_s1, s1);
}

/* backend/iommufd-s1.c, and backend/iommufd-timed.c: what stage1 has of these names. */
int nest_iommufd_table_new(struct nest_s1 *s1, uint32_t *ret_id);
int nest_iommufd_table_use(struct nest_s1 *s1, uint32_t id);
int nest_iommufd_table_free(struct nest_s1 *s1, uint32_t id);
int nest_iommufd_table_none(struct nest_s1 *s1);
int nest_iommufd_timed_invalidate(struct nest_s1 *s1, const struct nest_s1_scope *scope,
				  struct nest_timed *timed);

extern const struct nest_iommufd_row nest_iommufd_smmuv3_row; /* backend/iommufd-smmuv3.c */

/*
 * backend/iommufd-viommu.c: the vIOMMU over the space's parent, the vDEVICE of the device, and the
 * queue of events. Each is made once for a space and stays with it. ret_virt_id: what commands
 * call the device.
 */
int nest_iommufd_viommu(struct nest_space *space, struct nest_vdev *vdev,
			const struct nest_iommufd_row *row, uint32_t *ret_virt_id);

/* backend/iommufd-viommu.c: what stage1->queue_depth does. */
int nest_iommufd_queue_depth(struct nest_space *space, struct nest_vdev *vdev,
			     const struct nest_iommufd_row *row, uint32_t depth);

/* The vDEVICE of the device goes; nest_iommufd_viommu() makes it anew. */
int nest_iommufd_vdevice_free(struct nest_space *space, struct nest_vdev *vdev);

/* backend/iommufd-refusals.c: what stage1->refusals does. */
int nest_iommufd_refusals(struct nest_space *space, struct nest_vdev *vdev,
			  const struct nest_iommufd_row *row, const struct nest_s1_config *config,
			  void (*told)(void *data, const char *what, int due, int answer),
			  void *data);

/* Waits up to timeout_ms for events; what stage1->events does. */
int nest_iommufd_events(struct nest_space *space, const struct nest_iommufd_row *row,
			int timeout_ms, struct nest_s1_event *buf, size_t room, size_t *ret_count,
			uint64_t *ret_lost);

#endif
