// SPDX-License-Identifier: GPL-2.0-or-later
/* Text of the page of a report, escaped. */
#include "print/html.h"

#include <stdarg.h>
#include <stdlib.h>

#include "print/quote.h"

void nest_html_text(FILE *out, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	nest_put(out, NEST_XML, text ? text : "(out of memory)");
	free(text);
}

void nest_html(FILE *out, const char *element, const char *class, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(out, "<%s%s%s%s>", element, class ? " class=\"" : "", class ? class : "",
		class ? "\"" : "");
	nest_put(out, NEST_XML, text ? text : "(out of memory)");
	fprintf(out, "</%s>\n", element);
	free(text);
}
