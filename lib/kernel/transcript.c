// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes a call on a device node as a line of JSON. */
#include "kernel/transcript.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "errnoname.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"
#include "util.h"

/* Requests whose argument is not a structure that begins with its size. */
static const struct odd_row {
	unsigned long request;
	bool text;
} odd[] = {
	{ VFIO_GROUP_SET_CONTAINER, false },
	{ VFIO_GROUP_GET_DEVICE_FD, true },
	{ IOASID_REQUEST_FREE, false },
};

void nest_call_take_object(struct nest_call *call)
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", call->fd);
	len = readlink(link, call->found, sizeof(call->found) - 1);
	call->found[len < 0 ? 0 : len] = '\0';
}

void nest_call_bytes_take(struct nest_call_bytes *bytes, const void *data, size_t len)
{
	bytes->have = true;
	bytes->whole = len;
	bytes->len = len < NEST_CALL_BYTES ? len : NEST_CALL_BYTES;
	memcpy(bytes->data, data, bytes->len);
}

/* How many of the room bytes at arg the request is about. */
static size_t size_of_arg(unsigned long request, const void *arg, size_t room)
{
	uint32_t size;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(odd); i++)
		if (odd[i].request == request)
			return odd[i].text ? strnlen(arg, room) : room;
	if (room < sizeof(size))
		return room;
	memcpy(&size, arg, sizeof(size));
	return size < room ? size : room;
}

void nest_call_bytes_take_arg(struct nest_call_bytes *bytes, unsigned long request, const void *arg,
			      size_t room)
{
	if (arg)
		nest_call_bytes_take(bytes, arg, size_of_arg(request, arg, room));
}

void nest_call_bytes_take_again(struct nest_call_bytes *bytes, const struct nest_call_bytes *before,
				const void *arg)
{
	if (before->have)
		nest_call_bytes_take(bytes, arg, before->whole);
}

static void put_bytes(FILE *to, const char *key, const struct nest_call_bytes *bytes)
{
	size_t i;

	fprintf(to, ",\"%s\":\"", key);
	for (i = 0; i < bytes->len; i++)
		fprintf(to, "%02x", bytes->data[i]);
	fputs(bytes->len < bytes->whole ? "+\"" : "\"", to);
}

/*
 * Writes text as a JSON string with quotes, in ASCII; other characters as \uXXXX, byte by byte,
 * whatever the encoding.
 */
static void put_string(FILE *to, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	putc('"', to);
	for (; *at; at++) {
		if (*at == '"' || *at == '\\')
			fprintf(to, "\\%c", *at);
		else if (*at < 0x20 || *at > 0x7e)
			fprintf(to, "\\u%04x", *at);
		else
			putc(*at, to);
	}
	putc('"', to);
}

static bool bytes_differ(const struct nest_call_bytes *a, const struct nest_call_bytes *b)
{
	return a->have != b->have || a->len != b->len || memcmp(a->data, b->data, a->len);
}

static void put_line(FILE *to, unsigned int n, const struct nest_call *call)
{
	const char *object = call->object ? call->object : *call->found ? call->found : NULL;

	fprintf(to, "{\"n\":%u,\"call\":\"%s\"", n, call->name);
	if (object) {
		fputs(",\"object\":", to);
		put_string(to, object);
	}
	if (call->have_fd)
		fprintf(to, ",\"fd\":%d", call->fd);
	if (call->request)
		fprintf(to, ",\"request\":\"%s\",\"number\":\"0x%lx\"", call->request,
			call->number);
	if (call->have_arg)
		fprintf(to, ",\"arg\":\"0x%lx\"", call->arg);
	if (call->in.have)
		put_bytes(to, "in", &call->in);
	if (call->out.have && bytes_differ(&call->in, &call->out))
		put_bytes(to, "out", &call->out);
	if (call->have_offset)
		fprintf(to, ",\"offset\":\"0x%" PRIx64 "\"", call->offset);
	if (call->have_len)
		fprintf(to, ",\"len\":%" PRIu64, call->len);
	if (call->have_timeout)
		fprintf(to, ",\"timeout_ms\":%d", call->timeout_ms);
	fprintf(to, ",\"result\":%" PRId64, call->result < 0 ? -1 : call->result);
	if (call->result < 0)
		fprintf(to, ",\"errno\":\"%s\"", nest_errno_name((int)-call->result));
	fputs("}\n", to);
}

void nest_transcript_put(struct nest_ctx *ctx, const struct nest_call *call)
{
	int saved = errno;

	ctx->calls++;
	if (ctx->transcript) {
		if (ctx->calls == 1) /* what was in it before */
			(void)!ftruncate(fileno(ctx->transcript), 0);
		put_line(ctx->transcript, ctx->calls, call);
		fflush(ctx->transcript);
	}
	errno = saved;
}
