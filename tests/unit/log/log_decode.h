/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the log decoder share: one decoder at a time, its result in r. */
#ifndef NEST_TESTS_KLOG_DECODE_H
#define NEST_TESTS_KLOG_DECODE_H

#include "log/log.h"

#include <stdlib.h>

#include "test.h"

static struct nest_log *klog;
static const struct nest_log_result *r;

static void start(void)
{
	nest_log_free(klog);
	klog = nest_log_new();
	r = nest_log_result(klog);
}

/* Decodes a text in pieces of step bytes, each from its own heap block. */
static void decode_in(const char *text, size_t len, size_t step)
{
	size_t at, n;

	start();
	for (at = 0; at < len; at += n) {
		char *piece;

		n = len - at < step ? len - at : step;
		piece = malloc(n);
		memcpy(piece, text + at, n);
		CHECK_EQ(nest_log_feed(klog, piece, n), 0);
		free(piece);
	}
	CHECK_EQ(nest_log_finish(klog), 0);
}

static void decode(const char *text)
{
	decode_in(text, strlen(text), 4096);
}

#endif
