// SPDX-License-Identifier: GPL-2.0-or-later
/* The large members of a document: made a few elements at a time, while it is written. */
#include "print/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 64 /* elements that exist at once: few for memory, many for time */

struct stream {
	struct nest_json *json;
	bool named; /* an object, not an array */
	size_t count;
	nest_json_element_fn *add;
	const void *data;
};

/* Text of which json-c laid out the lines for a document of its own: it stands further right. */
static void put_lines(FILE *out, const char *text, size_t len, int level)
{
	const char *end = text + len, *line;

	for (; (line = memchr(text, '\n', (size_t)(end - text))); text = line + 1) {
		fwrite(text, 1, (size_t)(line + 1 - text), out);
		fprintf(out, "%*s", level * 2, "");
	}
	fwrite(text, 1, (size_t)(end - text), out);
}

static struct json_object *container(const struct stream *stream)
{
	return stream->named ? json_object_new_object() : json_object_new_array_ext(BATCH);
}

static size_t elements(const struct stream *stream, const struct json_object *object)
{
	return stream->named ? (size_t)json_object_object_length(object)
			     : json_object_array_length(object);
}

/*
 * Writes some elements, and before them what stands between them and those before: the bracket
 * that json-c begins with, or a comma. False: there are none.
 */
static bool put_batch(const struct stream *stream, size_t first, bool begun, int level, int flags)
{
	struct nest_json *json = stream->json;
	struct json_object *object = container(stream);
	const char *text = NULL;
	size_t len = 0, i;
	bool any;

	for (i = first; object && i < stream->count && i < first + BATCH; i++)
		stream->add(json, object, stream->data, i);
	any = object && elements(stream, object);
	if (any)
		text = json_object_to_json_string_length(object, flags, &len);
	if (text) {
		fputc(begun ? ',' : text[0], json->out);
		/* Without the brackets and the end of the last line. */
		len -= text[len - 2] == '\n' ? 3 : 2;
		put_lines(json->out, text + 1, len, level);
	}
	json->broken |= !object || (any && !text);
	json_object_put(object);
	return any;
}

/* The end of a container that has elements, or the whole of one that has none, as json-c has it. */
static void put_end(const struct stream *stream, bool begun, int level, int flags)
{
	struct nest_json *json = stream->json;
	struct json_object *empty = container(stream);
	const char *text = empty ? json_object_to_json_string_ext(empty, flags) : NULL;

	if (!text)
		json->broken = true;
	else if (!begun)
		put_lines(json->out, text, strlen(text), level);
	else if (flags & JSON_C_TO_STRING_PRETTY)
		fprintf(json->out, "\n%*s%c", level * 2, "", text[strlen(text) - 1]);
	else
		fputc(text[strlen(text) - 1], json->out);
	json_object_put(empty);
}

/* What json-c has laid out before the member goes first. */
static int put_member(struct json_object *member, struct printbuf *before, int level, int flags)
{
	const struct stream *stream = json_object_get_userdata(member);
	struct nest_json *json = stream->json;
	bool begun = false;
	size_t i;

	fwrite(before->buf, 1, (size_t)before->bpos, json->out);
	printbuf_reset(before);
	for (i = 0; !json->broken && i < stream->count; i += BATCH)
		begun |= put_batch(stream, i, begun, level, flags);
	put_end(stream, begun, level, flags);
	return json->broken ? -1 : 0;
}

void nest_json_stream(struct nest_json *json, const char *key, bool named, size_t count,
		      nest_json_element_fn *add, const void *data)
{
	struct json_object *member = json->root ? json_object_new_boolean(false) : NULL;
	struct stream *stream = member ? malloc(sizeof(*stream)) : NULL;

	if (!stream) {
		json_object_put(member);
		json->broken = true;
		return;
	}
	*stream = (struct stream){ json, named, count, add, data };
	json_object_set_serializer(member, put_member, stream, json_object_free_userdata);
	if (json_object_object_add(json->root, key, member)) {
		json_object_put(member);
		json->broken = true;
	}
}
