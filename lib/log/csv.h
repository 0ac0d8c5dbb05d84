/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a log that a program wrote as CSV: one column is the message. Pure. */
#ifndef NEST_LOG_CSV_H
#define NEST_LOG_CSV_H

/*
 * Makes a line of CSV the line of a log: what the other columns hold comes first, then the message,
 * without quotes. A line that is no CSV with a quoted column stays as it is, but for a quote that
 * only ends it. The result is not longer.
 */
void nest_csv_decode(char *line);

#endif
