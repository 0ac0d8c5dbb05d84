// SPDX-License-Identifier: GPL-2.0-or-later
/* Text of the page of a report, escaped. */
#include "print/html.h"

#include <stdarg.h>
#include <stdlib.h>

#include "print/quote.h"

__attribute__((format(printf, 2, 0))) static void put(FILE *out, const char *fmt, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	nest_put(out, NEST_XML, text ? text : "(out of memory)");
	free(text);
}

void nest_html_text(FILE *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(out, fmt, args);
	va_end(args);
}

void nest_html(FILE *out, const char *element, const char *class, const char *fmt, ...)
{
	va_list args;

	fprintf(out, "<%s%s%s%s>", element, class ? " class=\"" : "", class ? class : "",
		class ? "\"" : "");
	va_start(args, fmt);
	put(out, fmt, args);
	va_end(args);
	fprintf(out, "</%s>\n", element);
}
