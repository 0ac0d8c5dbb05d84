// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes the calls of a transcript again, on the fake, and tells where the fake answers otherwise
 *than the kernel did: what keeps the fake honest.
 *
 *	NESTCTL_FAKE_MACHINE=lab.conf fake-replay [--bytes] TRANSCRIPT
 *
 * One line for each difference, then "N calls the same, N different, N not made again". Status 0 if
 * some are the same and none is different, 1 if not, 2 if the transcript cannot be read. An answer
 *is the same if both succeed or both fail with the same errno; of the integers a request answers
 *(extensions, versions, lengths read) the value counts too, and with --bytes what comes back in
 *structures (said, but not counted: sizes and registers are the business of the description).
 *
 * What a pointer inside a structure led to is not in a transcript, so memory, first-stage tables
 *and invalidations are made up; registers are not in it either. So the kernel's log and fault
 *queues, whose content depends on DMA, are opened and closed but not read.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errnoname.h"
#include "kernel/kernel.h"
#include "ctx.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"
#include "../fake.h"
#include "util.h"

/* Of the out-of-tree series: the version query, and the request of v8. */
#define VERSION_QUERY 0x3b7cul
#define NESTING_OP    0x3b76ul

#define MAX_FDS	      1024
#define MAX_IDS	      4096
#define MAX_ROOM      65536

enum { NONE = -1 };

/* Where in a request's structure there is something that differs from one run to the next. */
static const struct request_row {
	unsigned long number;
	int fd_in, fd_out;    /* an fd */
	int id_in[3], id_out; /* an id of iommufd */
	int pointer, len;     /* memory of the program, and its length (32 or 64 bits) */
	unsigned int len_size, len_unit;
} rows[] = {
	{ VFIO_GROUP_SET_CONTAINER, 0, NONE, { NONE, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
	{ VFIO_IOMMU_MAP_DMA, NONE, NONE, { NONE, NONE, NONE }, NONE, 8, 24, 8, 1 },
	{ VFIO_DEVICE_SET_IRQS, 20, NONE, { NONE, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
	{ VFIO_DEVICE_BIND_IOMMUFD, 8, NONE, { NONE, NONE, NONE }, 12, NONE, NONE, 0, 0 },
	{ VFIO_DEVICE_ATTACH_IOMMUFD_PT, NONE, NONE, { 8, NONE, NONE }, 8, NONE, NONE, 0, 0 },
	{ IOMMU_DESTROY, NONE, NONE, { 4, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
	{ IOMMU_IOAS_ALLOC, NONE, NONE, { NONE, NONE, NONE }, 8, NONE, NONE, 0, 0 },
	{ IOMMU_IOAS_IOVA_RANGES, NONE, NONE, { 4, NONE, NONE }, NONE, 16, 8, 4, 16 },
	{ IOMMU_IOAS_MAP, NONE, NONE, { 8, NONE, NONE }, NONE, 16, 24, 8, 1 },
	{ IOMMU_IOAS_COPY, NONE, NONE, { 8, 12, NONE }, NONE, NONE, NONE, 0, 0 },
	{ IOMMU_IOAS_MAP_FILE, 12, NONE, { 8, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
	{ IOMMU_IOAS_UNMAP, NONE, NONE, { 4, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
	{ IOMMU_VFIO_IOAS, NONE, NONE, { 4, NONE, NONE }, 4, NONE, NONE, 0, 0 },
	{ IOMMU_HWPT_ALLOC, NONE, NONE, { 8, 12, 40 }, 16, 32, 28, 4, 1 },
	{ IOMMU_GET_HW_INFO, NONE, NONE, { 8, NONE, NONE }, NONE, 16, 12, 4, 1 },
	{ IOMMU_HWPT_SET_DIRTY_TRACKING, NONE, NONE, { 8, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
	{ IOMMU_HWPT_GET_DIRTY_BITMAP, NONE, NONE, { 4, NONE, NONE }, NONE, 40, 24, 8, 1 },
	{ IOMMU_HWPT_INVALIDATE, NONE, NONE, { 4, NONE, NONE }, NONE, 8, 24, 4, 24 },
	{ IOMMU_FAULT_QUEUE_ALLOC, NONE, 12, { NONE, NONE, NONE }, 8, NONE, NONE, 0, 0 },
	{ IOMMU_VIOMMU_ALLOC, NONE, NONE, { 12, 16, NONE }, 20, NONE, NONE, 0, 0 },
	{ IOMMU_VDEVICE_ALLOC, NONE, NONE, { 4, 8, NONE }, 12, NONE, NONE, 0, 0 },
	{ IOMMU_VEVENTQ_ALLOC, NONE, 24, { 8, NONE, NONE }, 20, NONE, NONE, 0, 0 },
	{ IOMMU_HW_QUEUE_ALLOC, NONE, NONE, { 8, NONE, NONE }, 20, NONE, NONE, 0, 0 },
	{ IOMMU_TEST_CMD, NONE, NONE, { 8, NONE, NONE }, NONE, NONE, NONE, 0, 0 },
};

/* Operations of IOMMU_TEST_CMD that have their ids elsewhere. */
static const struct {
	uint32_t op;
	struct request_row row;
} mock_rows[] = {
	{ IOMMU_TEST_OP_MOCK_DOMAIN,
	  { IOMMU_TEST_CMD, NONE, NONE, { 8, NONE, NONE }, 16, NONE, NONE, 0, 0 } },
	{ IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	  { IOMMU_TEST_CMD, NONE, NONE, { 8, 16, NONE }, NONE, NONE, NONE, 0, 0 } },
	{ IOMMU_TEST_OP_TRIGGER_IOPF,
	  { IOMMU_TEST_CMD, NONE, NONE, { 16, NONE, NONE }, NONE, NONE, NONE, 0, 0 } },
	{ IOMMU_TEST_OP_TRIGGER_VEVENT,
	  { IOMMU_TEST_CMD, NONE, NONE, { 16, NONE, NONE }, NONE, NONE, NONE, 0, 0 } },
};

static struct nest_ctx ctx = { .live = true };
static int fds[MAX_FDS];	/* the transcript's, to the fake's plus one */
static uint32_t *ids[MAX_FDS];	/* of each iommufd, likewise; 0: the same */
static int64_t owners[MAX_FDS]; /* of a device: the iommufd that it is bound to, plus one */
static uint32_t virt_id;	/* of the newest vDEVICE */
static void *maps[64];		/* of the fake, with their lengths */
static size_t map_lens[64], nmaps;
static unsigned int same, different, skipped;
static bool want_bytes;

static const char *text(json_object *line, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(line, key, &value) ? json_object_get_string(value) : NULL;
}

static int64_t integer(json_object *line, const char *key, int64_t otherwise)
{
	const char *value = text(line, key);

	return value ? (int64_t)strtoull(value, NULL, 0) : otherwise;
}

static int fd_of(int64_t fd)
{
	return fd >= 0 && fd < MAX_FDS && fds[fd] ? fds[fd] - 1 : -1;
}

static void learn_fd(int64_t theirs, int ours)
{
	if (theirs >= 0 && theirs < MAX_FDS)
		fds[theirs] = ours + 1;
}

/* The ids that a request on this fd speaks of. NULL: it speaks of none. */
static uint32_t *ids_of(int64_t fd)
{
	if (fd < 0 || fd >= MAX_FDS)
		return NULL;
	if (owners[fd])
		fd = owners[fd] - 1;
	if (!ids[fd])
		ids[fd] = calloc(MAX_IDS, sizeof(*ids[fd]));
	if (!ids[fd])
		abort();
	return ids[fd];
}

/* A new file has this fd now. */
static void forget_ids(int64_t fd)
{
	if (fd < 0 || fd >= MAX_FDS)
		return;
	free(ids[fd]);
	ids[fd] = NULL;
	owners[fd] = 0;
}

/* Bytes of "in" or "out"; what was cut off is zero. */
static size_t bytes(const char *hex, uint8_t *buf, size_t room)
{
	size_t len = 0;
	unsigned int byte;

	memset(buf, 0, room);
	while (hex && len < room && hex[2 * len] && hex[2 * len + 1] &&
	       sscanf(hex + 2 * len, "%2x", &byte) == 1)
		buf[len++] = (uint8_t)byte;
	return len;
}

static uint64_t field(const uint8_t *buf, int at, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, buf + at, size);
	return value;
}

#define MADE_UP_MAX (64u << 20)

/* What made_up() gave, for the end of the run. */
static void **kept;
static size_t nkept;

/*
 * A stream table entry, or commands, of SMMUv3: such as are taken, or such as are EIO. Is it a
 * request with those?
 */
static bool made_up_smmu(const struct request_row *row, const uint8_t *request, bool bad,
			 uint8_t *memory, size_t len)
{
	struct iommu_hwpt_arm_smmuv3 table = { { bad ? 0xf : 0xb, 0 } };
	struct iommu_viommu_arm_smmuv3_invalidate all = { { bad ? 0x46 : 0x10, 0 } };
	size_t i;

	if (row->number == IOMMU_HWPT_ALLOC &&
	    field(request, 24, 4) == IOMMU_HWPT_DATA_ARM_SMMUV3) {
		memcpy(memory, &table, len < sizeof(table) ? len : sizeof(table));
		return true;
	}
	if (row->number != IOMMU_HWPT_INVALIDATE ||
	    field(request, 16, 4) != IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3)
		return false;
	for (i = 0; i + sizeof(all) <= len; i += sizeof(all))
		memcpy(memory + i, &all, sizeof(all));
	return true;
}

/* Entries for the cache of the mock's device: each for all of it, or for a device that is none. */
static bool is_for_mock(const struct request_row *row, const uint8_t *request)
{
	return row->number == IOMMU_HWPT_INVALIDATE &&
	       field(request, 16, 4) == IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST &&
	       field(request, 20, 4) == sizeof(struct iommu_viommu_invalidate_selftest);
}

static bool made_up_mock(const struct request_row *row, const uint8_t *request, bool bad,
			 uint8_t *memory, size_t len)
{
	struct iommu_viommu_invalidate_selftest all = { IOMMU_TEST_INVALIDATE_FLAG_ALL,
							bad ? virt_id + 1 : virt_id, 0 };
	size_t i;

	if (!is_for_mock(row, request))
		return false;
	for (i = 0; i + sizeof(all) <= len; i += sizeof(all))
		memcpy(memory + i, &all, sizeof(all));
	return true;
}

/* Memory that pointers lead to, for the rest of the run; in the forms the requests take. */
static void *made_up(const struct request_row *row, const uint8_t *request, bool bad, size_t len)
{
	size_t room = (len + FAKE_PAGE - 1) & ~(FAKE_PAGE - 1);
	/* No request of the tool hands over more; a record that says so is none of its. */
	uint8_t *memory =
		len > MADE_UP_MAX
			? NULL
			: aligned_alloc(2u << 20, (room + (2u << 20)) & ~((size_t)(2u << 20) - 1));
	struct iommu_hwpt_vtd_s1 s1 = { .addr_width = 48 };
	struct iommu_hwpt_vtd_s1_invalidate all = { .npages = UINT64_MAX };
	size_t i;

	kept = reallocarray(kept, nkept + 1, sizeof(*kept));
	if (!memory || !kept)
		abort();
	kept[nkept++] = memory;
	memset(memory, 0, room);
	if (made_up_smmu(row, request, bad, memory, len) ||
	    made_up_mock(row, request, bad, memory, len))
		return memory;
	if (row->number == IOMMU_HWPT_ALLOC && len >= sizeof(s1))
		memcpy(memory, &s1, sizeof(s1));
	for (i = 0; row->number == IOMMU_HWPT_INVALIDATE && i + sizeof(all) <= len;
	     i += sizeof(all))
		memcpy(memory + i, &all, sizeof(all));
	return memory;
}

/* bad: the kernel found what a pointer leads to invalid (EIO; EINVAL of the mock). */
static void patch_in(const struct request_row *row, const uint32_t *known, uint8_t *buf, bool bad)
{
	uint64_t pointer;
	uint32_t id;
	size_t i, len;
	int fd;

	if (row->fd_in != NONE) {
		fd = fd_of((int32_t)field(buf, row->fd_in, 4));
		memcpy(buf + row->fd_in, &fd, 4);
	}
	for (i = 0; i < 3 && row->id_in[i] != NONE; i++) {
		id = (uint32_t)field(buf, row->id_in[i], 4);
		if (known && id < MAX_IDS && known[id])
			memcpy(buf + row->id_in[i], &known[id], 4);
	}
	if (row->pointer == NONE || !field(buf, row->pointer, 8))
		return;
	len = (size_t)(field(buf, row->len, row->len_size) * row->len_unit);
	pointer = (uintptr_t)made_up(row, buf, bad, len);
	memcpy(buf + row->pointer, &pointer, 8);
}

/* What differs from one run to the next is not compared. */
static void forget(const struct request_row *row, uint8_t *buf)
{
	const int places[][2] = { { row->fd_in, 4 },	{ row->fd_out, 4 },   { row->id_in[0], 4 },
				  { row->id_in[1], 4 }, { row->id_in[2], 4 }, { row->id_out, 4 },
				  { row->pointer, 8 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i][0] != NONE)
			memset(buf + places[i][0], 0, (size_t)places[i][1]);
}

static void compare(json_object *line, const uint8_t *theirs, const uint8_t *ours, size_t len)
{
	const char *request = text(line, "request");
	size_t i;

	for (i = 0; i < len && theirs[i] == ours[i]; i++)
		;
	if (i == len)
		return;
	printf("%s %s on %s: at byte %zu kernel %02x, fake %02x\n", text(line, "n"),
	       request ? request : text(line, "call"), text(line, "object"), i, theirs[i], ours[i]);
}

static void learn_id(uint32_t *known, int at, const uint8_t *theirs, const uint8_t *ours)
{
	uint32_t id = (uint32_t)field(theirs, at, 4);

	if (known && id < MAX_IDS)
		known[id] = (uint32_t)field(ours, at, 4);
}

static void learn_out(const struct request_row *row, uint32_t *known, const uint8_t *theirs,
		      const uint8_t *ours)
{
	if (row->fd_out != NONE)
		learn_fd((int64_t)field(theirs, row->fd_out, 4), (int)field(ours, row->fd_out, 4));
	if (row->id_out != NONE)
		learn_id(known, row->id_out, theirs, ours);
	/* The mock's device, its table and the device's own id. */
	if (row->number == IOMMU_TEST_CMD && row->id_out != NONE) {
		learn_id(known, 20, theirs, ours);
		learn_id(known, 24, theirs, ours);
	}
	if (row->number == IOMMU_VDEVICE_ALLOC)
		virt_id = (uint32_t)field(theirs, 16, 8);
}

static bool is_container(json_object *line)
{
	const char *object = text(line, "object");

	return object && !strcmp(object, "/dev/vfio/vfio");
}

static const struct request_row *find_row(unsigned long number, uint32_t op,
					  const struct request_row *otherwise)
{
	size_t i;

	for (i = 0; number == IOMMU_TEST_CMD && i < ARRAY_SIZE(mock_rows); i++)
		if (mock_rows[i].op == op)
			return &mock_rows[i].row;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].number == number)
			return &rows[i];
	return otherwise;
}

/*
 * An ioctl by its structure. A structure that was shorter than its size says stays readable, as the
 * buffer is larger than any.
 */
static long replay_struct(json_object *line, int fd, unsigned long number)
{
	static const struct request_row nothing = { .fd_in = NONE,
						    .fd_out = NONE,
						    .id_out = NONE,
						    .id_in = { NONE, NONE, NONE },
						    .pointer = NONE };
	static _Alignas(8) uint8_t buf[MAX_ROOM], theirs[MAX_ROOM];
	const struct request_row *row = &nothing;
	const char *out = text(line, "out"), *err = text(line, "errno");
	int64_t theirs_fd = integer(line, "fd", -1);
	uint32_t *known;
	size_t len;
	long result;

	bytes(text(line, "in"), buf, sizeof(buf));
	len = bytes(out ? out : text(line, "in"), theirs, sizeof(theirs));
	/* On a container these numbers are the series', on a device iommufd's. */
	if (!(number == NESTING_OP && is_container(line)))
		row = find_row(number, (uint32_t)field(buf, 4, 4), &nothing);
	if (number == VFIO_DEVICE_BIND_IOMMUFD && row->fd_in != NONE && theirs_fd >= 0 &&
	    theirs_fd < MAX_FDS)
		owners[theirs_fd] = (int32_t)field(buf, row->fd_in, 4) + 1;
	known = ids_of(theirs_fd);
	patch_in(row, known, buf, err && !strcmp(err, is_for_mock(row, buf) ? "EINVAL" : "EIO"));
	result = nest_kernel_ioctl(&ctx, fd, number, "ioctl", buf, sizeof(buf));
	if (result >= 0 && integer(line, "result", -1) >= 0)
		learn_out(row, known, theirs, buf);
	if (want_bytes && result >= 0 && integer(line, "result", -1) >= 0) {
		forget(row, theirs);
		forget(row, buf);
		compare(line, theirs, buf, len);
	}
	return result;
}

/* Did the kernel object to something that is made up here? */
static bool is_unknowable(unsigned long number, long theirs, long ours)
{
	/*
	 * Page requests come from registers, so none waits for its answer here. What a request of
	 * the mock looks for is in memory, or was put into its cache from there.
	 */
	if ((number == NESTING_OP || number == IOMMU_TEST_CMD) && theirs >= 0 && ours == -EINVAL)
		return true;
	return (number == IOMMU_HWPT_INVALIDATE || number == IOMMU_HWPT_ALLOC) && ours >= 0 &&
	       (theirs == -EINVAL || theirs == -EOPNOTSUPP || theirs == -E2BIG);
}

/* Is the answer a number that means something, and not an fd? */
static bool value_counts(unsigned long number)
{
	return number == VFIO_CHECK_EXTENSION || number == VFIO_GET_API_VERSION ||
	       number == VERSION_QUERY || number == IOASID_REQUEST_ALLOC ||
	       number == IOASID_GET_API_VERSION;
}

static long replay_ioctl(json_object *line, int fd, bool *ret_value_counts)
{
	unsigned long number = (unsigned long)integer(line, "number", 0);
	long result;

	*ret_value_counts = value_counts(number);
	if (!text(line, "in"))
		return nest_kernel_ioctl_int(&ctx, fd, number, "ioctl",
					     (unsigned long)integer(line, "arg", 0));
	result = replay_struct(line, fd, number);
	if ((number == VFIO_GROUP_GET_DEVICE_FD && result >= 0) ||
	    (number == VFIO_DEVICE_FEATURE && result > 0))
		learn_fd(integer(line, "result", -1), (int)result);
	return result;
}

static long replay_transfer(json_object *line, const char *call, int fd)
{
	static uint8_t buf[MAX_ROOM], theirs[MAX_ROOM];
	size_t len = (size_t)integer(line, "len", 0);
	uint64_t offset = (uint64_t)integer(line, "offset", 0);

	if (len > sizeof(buf))
		len = sizeof(buf);
	if (!strcmp(call, "pread")) {
		long result = nest_kernel_pread(&ctx, fd, buf, len, offset);

		if (want_bytes && result > 0)
			compare(line, theirs, buf,
				bytes(text(line, "out"), theirs, sizeof(theirs)));
		return result;
	}
	bytes(text(line, "in"), buf, sizeof(buf));
	return nest_kernel_pwrite(&ctx, fd, buf, len, offset);
}

static long replay_mmap(json_object *line, int fd)
{
	size_t len = (size_t)integer(line, "len", 0);
	void *addr;
	int err = nest_kernel_mmap(&ctx, text(line, "fd") ? fd : -1, len,
				   (uint64_t)integer(line, "offset", 0), &addr);

	if (!err && nmaps < 64) {
		maps[nmaps] = addr;
		map_lens[nmaps++] = len;
	}
	return err;
}

/* Addresses are not in the transcript: the newest mapping of this length it is. */
static long replay_munmap(json_object *line)
{
	size_t len = (size_t)integer(line, "len", 0), i;

	for (i = nmaps; i-- > 0;)
		if (maps[i] && map_lens[i] == len) {
			void *addr = maps[i];

			maps[i] = NULL;
			return nest_kernel_munmap(&ctx, addr, len);
		}
	return -EINVAL;
}

/* False if the call cannot be made again. */
static bool replay_call(json_object *line, long *ret_result, bool *ret_value_counts)
{
	const char *call = text(line, "call"), *object = text(line, "object");
	int64_t theirs = integer(line, "fd", -1);
	int fd = fd_of(theirs);

	*ret_value_counts = false;
	if (!strcmp(call, "open")) {
		*ret_result = nest_kernel_open(&ctx, object, 2);
		if (*ret_result >= 0)
			learn_fd(integer(line, "result", -1), (int)*ret_result);
	} else if (!strcmp(call, "memfd_create")) {
		*ret_result = nest_kernel_memfd(&ctx, (size_t)integer(line, "len", 0));
		if (*ret_result >= 0)
			learn_fd(integer(line, "result", -1), (int)*ret_result);
	} else if (!strcmp(call, "eventfd")) {
		*ret_result = nest_kernel_eventfd(&ctx);
		if (*ret_result >= 0)
			learn_fd(integer(line, "result", -1), (int)*ret_result);
	} else if (!strcmp(call, "close")) {
		*ret_result = nest_kernel_close(&ctx, fd);
		if (theirs >= 0 && theirs < MAX_FDS)
			fds[theirs] = 0;
		forget_ids(theirs);
	} else if (!strcmp(call, "ioctl")) {
		*ret_result = replay_ioctl(line, fd, ret_value_counts);
	} else if (!strcmp(call, "pread") || !strcmp(call, "pwrite")) {
		*ret_value_counts = true;
		*ret_result = replay_transfer(line, call, fd);
	} else if (!strcmp(call, "mmap")) {
		*ret_result = replay_mmap(line, fd);
	} else if (!strcmp(call, "munmap")) {
		*ret_result = replay_munmap(line);
	} else {
		return false; /* read, write, poll, seek_end: of logs and fault queues */
	}
	return true;
}

static const char *show(long result, char *buf, size_t size)
{
	if (result < 0)
		return nest_errno_name((int)-result);
	snprintf(buf, size, "%ld", result);
	return buf;
}

static void replay_line(json_object *line)
{
	const char *err = text(line, "errno"), *object = text(line, "object");
	const char *request = text(line, "request");
	long theirs = err ? -nest_errno_of(err) : (long)integer(line, "result", 0), ours;
	char a[32], b[32];
	bool value;

	if (!text(line, "call") || !replay_call(line, &ours, &value)) {
		skipped++;
		return;
	}
	if (theirs < 0 || ours < 0 || value ? theirs == ours : true) {
		same++;
		return;
	}
	if (is_unknowable((unsigned long)integer(line, "number", 0), theirs, ours)) {
		skipped++;
		return;
	}
	different++;
	printf("%s %s on %s: kernel %s, fake %s\n", text(line, "n"),
	       request ? request : text(line, "call"), object ? object : "-",
	       show(theirs, a, sizeof(a)), show(ours, b, sizeof(b)));
}

int main(int argc, char **argv)
{
	static char buf[1 << 16];
	FILE *in;

	want_bytes = argc > 1 && !strcmp(argv[1], "--bytes");
	in = argc == 2 + want_bytes ? fopen(argv[1 + want_bytes], "r") : NULL;
	if (!in) {
		fputs("usage: fake-replay [--bytes] TRANSCRIPT\n", stderr);
		return 2;
	}
	while (fgets(buf, sizeof(buf), in)) {
		json_object *line = *buf == '#' ? NULL : json_tokener_parse(buf);

		if (*buf == '#')
			continue;
		if (!line) {
			fprintf(stderr, "not a line of a transcript: %.60s\n", buf);
			return 2;
		}
		replay_line(line);
		json_object_put(line);
	}
	fclose(in);
	while (nkept)
		free(kept[--nkept]);
	for (size_t i = 0; i < MAX_FDS; i++)
		free(ids[i]);
	free(kept);
	printf("%u calls the same, %u different, %u not made again\n", same, different, skipped);
	fflush(stdout);
	return different || !same ? 1 : 0;
}
