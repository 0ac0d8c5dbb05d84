/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The question of the discussion of 2020, answered in its own words: what does a container say
 * before SET_IOMMU (as was posted), what does the type1 backend say after it (as the maintainer
 * wanted), and may user space like QEMU select VFIO_TYPE1_NESTING_IOMMU here? Pure, over what a
 * probe found.
 */
#ifndef NEST_QUESTION_H
#define NEST_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct nest_probe;

struct nest_question {
	char before[300]; /* sentences */
	char backend[400];
	enum nest_tri select;
	char why[400];
};

void nest_question_answer(const struct nest_probe *probe, struct nest_question *ret);

/*
 * What the QEMU of that series (RFC v3 09/25, 29 January 2020) would have chosen: of the types in
 * its order the first that CHECK_EXTENSION offers, but nesting only if the version is at least its
 * own.
 */
#define NEST_QEMU_2020	       "qemu-2020"
#define NEST_QEMU_2020_VERSION 1
#define NEST_QEMU_2020_TYPES   5

struct nest_qemu_choice {
	enum nest_tri known; /* no: nothing is offered; unknown: could not be asked */
	const char *type;    /* selected, "NESTING" or another; NULL: none */
	uint32_t id;
	bool nests; /* that type is nesting */
	struct {
		const char *type;
		char why[200]; /* passed over or taken, one clause */
	} tried[NEST_QEMU_2020_TYPES];
	size_t ntried;
	char then[300]; /* what came of it, one sentence; "": not tried here */
};

void nest_question_qemu_2020(const struct nest_probe *probe, struct nest_qemu_choice *ret);

#endif
