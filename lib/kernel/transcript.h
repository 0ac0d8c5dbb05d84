/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transcript: a line for each call on a device node, one JSON object. Each line is flushed, so
 * that a killed run leaves whole lines. Keys: n (from 1), call, object, fd, request, number, arg
 * (integers only), in and out (bytes behind a pointer before and after the call, hex; out only if
 * they changed), len, offset, timeout_ms, result (-1 on failure), errno (symbol, only then).
 */
#ifndef NEST_TRANSCRIPT_H
#define NEST_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ctx.h"

#define NEST_CALL_BYTES 1024 /* more is cut, and a '+' says so */

struct nest_call_bytes {
	bool have;
	size_t len; /* in data; whole tells the length before cutting */
	size_t whole;
	uint8_t data[NEST_CALL_BYTES];
};

/* One call, filled by kernel.c. A cleared field is left out of the line. */
struct nest_call {
	const char *name;   /* "open", "ioctl" */
	const char *object; /* path; NULL: as nest_call_take_object() found it */
	char found[256];
	bool have_fd;
	int fd;
	const char *request; /* symbol of an ioctl */
	unsigned long number;
	bool have_arg;
	unsigned long arg;
	struct nest_call_bytes in, out;
	bool have_len, have_offset, have_timeout;
	uint64_t len, offset;
	int timeout_ms;
	int64_t result; /* as kernel.h returns it: -errno on failure */
};

/*
 * Reads the name of fd from /proc/self/fd, if it can; before the call.
 */
void nest_call_take_object(struct nest_call *call);

/* Takes a copy of len bytes at data. */
void nest_call_bytes_take(struct nest_call_bytes *bytes, const void *data, size_t len);

/*
 * The same for what an ioctl's pointer leads to, where room bytes are. Structures of VFIO and
 * iommufd begin with their own size, which may be less; the requests that take something else are
 * known by number.
 */
void nest_call_bytes_take_arg(struct nest_call_bytes *bytes, unsigned long request, const void *arg,
			      size_t room);

/*
 * And as many bytes of it after the call: the size in it may be what the kernel would like to have.
 */
void nest_call_bytes_take_again(struct nest_call_bytes *bytes, const struct nest_call_bytes *before,
				const void *arg);

/* Counts the call in ctx->calls, and writes its line to the transcript, if any. Keeps errno. */
void nest_transcript_put(struct nest_ctx *ctx, const struct nest_call *call);

#endif
