// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring of faults: indices that go round, headers that cannot be, entries of each kind. */
#include "test.h"

#include "backend/abi2020/faultring.h"
#include "uapi/gpasid.h"
#include "uapi/nesting.h"
#include "util.h"

#define SIZE UINT64_C(36864)

static struct nest_faultring ring;

static const char *look(uint32_t tail, uint32_t entry, uint32_t n, uint32_t offset, uint32_t head)
{
	struct vfio_region_dma_fault raw = { tail, entry, n, offset, head };
	uint8_t header[NEST_FAULTRING_HEADER];

	memcpy(header, &raw, sizeof(raw));
	return nest_faultring_look(header, SIZE, &ring);
}

static void fresh(void)
{
	ring = (struct nest_faultring){ 0 };
}

TEST(goes_round, "what waits is counted across the end, and read in order")
{
	uint32_t i;

	fresh();
	CHECK(!look(510, 64, 512, 4096, 510));
	CHECK_EQ(nest_faultring_waiting(&ring), 0);
	CHECK(!look(0, 64, 512, 4096, 3));
	CHECK_EQ(nest_faultring_waiting(&ring), 5);
	CHECK_EQ(nest_faultring_at(&ring), 4096 + 510 * 64);
	for (i = 0; i < 2; i++)
		nest_faultring_advance(&ring);
	CHECK_EQ(nest_faultring_at(&ring), 4096);
	CHECK_EQ(nest_faultring_waiting(&ring), 3);
	for (i = 0; i < 3; i++)
		nest_faultring_advance(&ring);
	CHECK_EQ(nest_faultring_waiting(&ring), 0);
}

TEST(full, "a full ring has one entry less than it has room for")
{
	fresh();
	CHECK(!look(5, 64, 512, 4096, 4));
	CHECK_EQ(nest_faultring_waiting(&ring), 511);
}

TEST(cannot_be, "headers that cannot be are refused, each with its reason")
{
	static const struct {
		uint32_t tail, entry, n, offset, head;
		const char *why;
	} rows[] = {
		{ 0, 0, 512, 4096, 0, "size" },
		{ 0, 56, 512, 4096, 0, "size" },
		{ 0, 68, 512, 4096, 0, "size" },
		{ 0, UINT32_MAX - 7, 512, 4096, 0, "size" },
		{ 0, 64, 0, 4096, 0, "number" },
		{ 0, 64, 1, 4096, 0, "number" },
		{ 0, 64, UINT32_MAX, 4096, 0, "number" },
		{ 0, 64, 513, 4096, 0, "lie" },
		{ 0, 64, 512, 0, 0, "lie" },
		{ 0, 64, 512, 4104, 0, "lie" },
		{ 0, 64, 512, 4097, 0, "lie" },
		{ 0, 64, 512, UINT32_MAX - 7, 0, "lie" },
		{ 0, 64, 512, 4096, 512, "head" },
		{ 0, 64, 512, 4096, UINT32_MAX, "head" },
		{ 512, 64, 512, 4096, 0, "tail" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fresh();
		CHECK_HAS(
			look(rows[i].tail, rows[i].entry, rows[i].n, rows[i].offset, rows[i].head),
			rows[i].why);
		CHECK_EQ(ring.nb_entries, 0);
	}
}

TEST(shape, "a later look must have the shape of the first, and leaves the tail alone")
{
	fresh();
	CHECK(!look(0, 64, 512, 4096, 0));
	CHECK_HAS(look(0, 64, 256, 4096, 0), "shape");
	CHECK_HAS(look(0, 72, 512, 4096, 0), "shape");
	CHECK(!look(77, 64, 512, 4096, 9));
	CHECK_EQ(ring.tail, 0);
	CHECK_EQ(ring.head, 9);
}

TEST(kinds, "page requests, unrecoverable faults, and what is neither")
{
	struct iommu_fault raw = {
		.type = IOMMU_FAULT_PAGE_REQ,
		.prm = { .flags = IOMMU_FAULT_PAGE_REQUEST_PASID_VALID |
				  IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
			 .pasid = 5,
			 .grpid = 9,
			 .perm = IOMMU_FAULT_PERM_WRITE | IOMMU_FAULT_PERM_PRIV,
			 .addr = 0x1234000 },
	};
	uint8_t bytes[NEST_FAULTRING_ENTRY];
	struct nest_s1_fault fault;

	memcpy(bytes, &raw, sizeof(raw));
	CHECK_EQ(nest_faultring_decode(bytes, &fault), NEST_FAULT_PAGE_REQUEST);
	CHECK(fault.have_pasid && fault.last && fault.priv && !fault.exec);
	CHECK_EQ(fault.pasid, 5);
	CHECK_EQ(fault.group, 9);
	CHECK_EQ(fault.cookie, 9);
	CHECK_EQ(fault.perm, NEST_PROT_WRITE);
	CHECK_EQ(fault.addr, 0x1234000);
	raw = (struct iommu_fault){ .type = IOMMU_FAULT_DMA_UNRECOV,
				    .event = {
					    .flags = 1, .pasid = 3, .perm = 1, .addr = 0x5000 } };
	memcpy(bytes, &raw, sizeof(raw));
	CHECK_EQ(nest_faultring_decode(bytes, &fault), NEST_FAULT_UNRECOVERABLE);
	CHECK_EQ(fault.addr, 0); /* not said to be valid */
	CHECK(fault.have_pasid && !fault.last);
	bytes[0] = 7;
	CHECK_EQ(nest_faultring_decode(bytes, &fault), NEST_FAULT_OTHER);
}

int main(void)
{
	return test_main();
}
