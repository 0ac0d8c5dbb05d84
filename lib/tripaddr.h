/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O addresses that a round trip uses, so that its faults can be told from others in a log. A
 * window at a power of two, as high as the device drives; or low, where it drives few bits. It has
 * 16 MiB with pages of 4 KiB, and 64 or 256 MiB with the larger ones that an SMMU may have. Legs
 * that walk address bits set one more above the window.
 */
#ifndef NEST_TRIPADDR_H
#define NEST_TRIPADDR_H

#include <stdint.h>

#define NEST_TRIP_WINDOW (UINT64_C(16) << 20)
#define NEST_TRIP_WIDEST (NEST_TRIP_WINDOW << 4)
/* The lower half of 48 bits, sign-extended, ends at twice that. */
#define NEST_TRIP_HIGHEST   (UINT64_C(1) << 46)
#define NEST_TRIP_LOW_LIMIT (UINT64_C(256) << 20) /* edu drives 28 bits unless told otherwise */

enum nest_trip_address {
	NEST_TRIP_ELSEWHERE,
	NEST_TRIP_MAYBE, /* where memory of a host or addresses of its drivers may be, too */
	NEST_TRIP_OWN,	 /* far above both */
};

/* At most two bits may be set above the window: that of its base, and one that is walked. */
static inline enum nest_trip_address nest_trip_address(uint64_t addr, uint64_t window)
{
	uint64_t above = addr / window, but_lowest = above & (above - 1);

	if (above == 1)
		return NEST_TRIP_MAYBE;
	if (addr <= UINT32_MAX || addr >> 48 || but_lowest & (but_lowest - 1))
		return NEST_TRIP_ELSEWHERE;
	return addr >> 38 ? NEST_TRIP_OWN : NEST_TRIP_MAYBE;
}

#endif
