// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares the stamps of lines that follow each other. */
#include "log/order.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "log/text.h"

#define SAME_DAY 6 /* characters that two stamps of one day have in common */
#define SHARE	 4 /* so many steps back for one forward; two boots in a file are one step back */
#define LEAST	 1

/* "12.345678" both, digits at the same places: these are compared as they stand. */
static bool alike(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (!(*a >= '0' && *a <= '9' && *b >= '0' && *b <= '9') && (*a != '.' || *b != '.'))
			return false;
	return *a == *b;
}

static int compare(const char *a, const char *b)
{
	double x, y;

	if (alike(a, b))
		return strcmp(a, b);
	if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b) && !strpbrk(a, ":-") &&
	    !strpbrk(b, ":-")) {
		x = strtod(a, NULL);
		y = strtod(b, NULL);
		return (x > y) - (x < y);
	}
	if (strlen(a) != strlen(b) || strncmp(a, b, SAME_DAY) != 0)
		return 0;
	return strcmp(a, b);
}

void nest_log_order_see(struct nest_log_order *order, const char *text, size_t len)
{
	char stamp[sizeof(order->last)];
	int step;

	nest_log_time(text, len, stamp, sizeof(stamp));
	if (!*stamp)
		return;
	if (*order->last) {
		step = compare(stamp, order->last);
		order->up += step > 0;
		order->down += step < 0;
	}
	memcpy(order->last, stamp, sizeof(order->last));
}

bool nest_log_order_is_reversed(const struct nest_log_order *order)
{
	return order->down >= LEAST && order->down / SHARE >= order->up;
}
