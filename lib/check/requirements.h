/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requirements of the command line and of policies: NAME, or NAME OP VALUE with OP one of = != >=
 * <= > <. What is found comes from the model and the findings; an unknown value meets no
 * requirement.
 */
#ifndef NEST_REQUIREMENTS_H
#define NEST_REQUIREMENTS_H

#include "check/rules.h"

#define NEST_REQUIREMENTS_MAX 64

/* Is this one text that could be judged? NULL, or what is wrong with it, one clause. */
const char *nest_requirement_flaw(const char *text);

/* "512M", "16G", "4096" (bytes), with K, M, G or T. 0, -EINVAL or -ERANGE. */
int nest_parse_size(const char *text, uint64_t *ret_bytes);

/* The names, what their values may be, and what they mean; NULL past the end. */
const char *nest_requirement_name(size_t i);
const char *nest_requirement_values(size_t i);
const char *nest_requirement_meaning(size_t i);

/* Judges the texts, in order, into check->requirements, and the verdict with them. 0 or -ENOMEM. */
int nest_requirements_judge(const struct nest_rules_input *in, const char *const *texts,
			    size_t ntexts, struct nest_check *check);

/*
 * The requirements of a policy file, one a line, "#" begins a comment. Texts go to the pool.
 * -EINVAL with *ret_line and *ret_flaw when a line is none; -E2BIG when there are too many.
 */
int nest_policy_parse(struct nest_pool *pool, char *text, const char **ret_texts,
		      size_t *ret_ntexts, unsigned int *ret_line, const char **ret_flaw);

#endif
