// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the out-of-tree series "expose virtual Shared Virtual Addressing to VMs" adds to type1: the
 * NESTING capability of RFC v3 and of v8. Their bind and invalidate requests always fail here.
 */
#include "fake-vfio.h"

#include <errno.h>
#include <string.h>

#include "../../lib/uapi-nesting.h"
#include "../../lib/uapi-vfio.h"

/* v8 shows only what the guest's first stage needs (Patch v8 10/10): never ECAP.NEST */
#define CAP_MASK (UINT64_C(1) << 56 | UINT64_C(1) << 60)
#define ECAP_MASK                                                                                  \
	(UINT64_C(1) << 29 | UINT64_C(1) << 30 | UINT64_C(1) << 31 | UINT64_C(1) << 34 |           \
	 UINT64_C(1) << 40)

#define V8_INFO_SIZE   64u
#define V8_BIND	       1u
#define V8_CACHE_INVLD 2u

static void put(uint8_t *bytes, size_t offset, size_t size, uint64_t value)
{
	memcpy(bytes + offset, &value, size);
}

/* Made by the series only while SET_IOMMU(NESTING) is in force. */
void fake_rfc_capability(const struct fake_type1 *type1, struct fake_chain *chain)
{
	uint8_t *cap;

	if (!type1->nesting)
		return;
	if (fake_machine.abi == FAKE_RFC_V3) {
		cap = fake_chain_add(chain, 2, 1,
				     12);
		put(cap, 8, 4, VFIO_NESTING_FORMAT_INTEL_VTD);
	} else if (fake_machine.abi == FAKE_NESTING_OP_V8) {
		cap = fake_chain_add(chain, 4, 1, 72);
		put(cap, 8, 4, V8_INFO_SIZE);
		put(cap, 16, 4, VFIO_NESTING_FORMAT_INTEL_VTD);
		put(cap, 20, 4, V8_BIND | V8_CACHE_INVLD);
		put(cap, 24, 2, 48);
		put(cap, 26, 2, 20);
		put(cap, 56, 8, fake_machine.cap & CAP_MASK);
		put(cap, 64, 8, fake_machine.ecap & ECAP_MASK);
	}
}

/*
 * Their state-changing requests: to be made only after SET_IOMMU(NESTING) succeeded. They fail then, as
 * with a feature bit that is not set; before, whoever tries one is guessing numbers.
 */
bool fake_rfc_ioctl(const struct fake_type1 *type1, unsigned long request, long *ret)
{
	bool early = request >= 0x3b7a && request <= 0x3b7e, late = request == 0x3b76;

	if (!(fake_machine.abi == FAKE_RFC_V3 && early) &&
	    !(fake_machine.abi == FAKE_NESTING_OP_V8 && late))
		return false;
	if (!type1->nesting)
		fake_violation("request 0x%lx without SET_IOMMU(NESTING)", request);
	*ret = type1->nesting ? -EOPNOTSUPP : -ENOTTY;
	return true;
}
