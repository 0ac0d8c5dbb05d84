// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of formats. */
#include "print/print.h"

#include <errno.h>
#include <string.h>

const struct nest_printer nest_printers[] = {
	{ "human",
	  {
		  [NEST_COMMAND_LIST] = nest_human_list,
		  [NEST_COMMAND_SHOW] = nest_human_show,
		  [NEST_COMMAND_PROBE] = nest_human_probe,
		  [NEST_COMMAND_CHECK] = nest_human_check,
		  [NEST_COMMAND_ROUNDTRIP] = nest_human_roundtrip,
		  [NEST_COMMAND_DECODE] = nest_human_decode,
		  [NEST_COMMAND_REPORT] =
			  nest_json_report, /* is a JSON document, for whoever reads it */
		  [NEST_COMMAND_DIFF] = nest_human_diff,
	  } },
	{ "json",
	  {
		  [NEST_COMMAND_LIST] = nest_json_list,
		  [NEST_COMMAND_SHOW] = nest_json_show,
		  [NEST_COMMAND_PROBE] = nest_json_probe,
		  [NEST_COMMAND_CHECK] = nest_json_check,
		  [NEST_COMMAND_ROUNDTRIP] = nest_json_roundtrip,
		  [NEST_COMMAND_DECODE] = nest_json_decode,
		  [NEST_COMMAND_REPORT] = nest_json_report,
		  [NEST_COMMAND_DIFF] = nest_json_diff,
	  } },
	{ "tap",
	  { [NEST_COMMAND_CHECK] = nest_tap_points, [NEST_COMMAND_ROUNDTRIP] = nest_tap_points } },
	{ "junit",
	  { [NEST_COMMAND_CHECK] = nest_junit_points,
	    [NEST_COMMAND_ROUNDTRIP] = nest_junit_points } },
	{ "prometheus", { [NEST_COMMAND_CHECK] = nest_prometheus_check } },
	{ "nfd", { [NEST_COMMAND_CHECK] = nest_nfd_check } },
	{ "dot", { [NEST_COMMAND_LIST] = nest_dot_list } },
	{ 0 },
};

const struct nest_printer *nest_printer_find(const char *name)
{
	const struct nest_printer *printer;

	for (printer = nest_printers; printer->name; printer++)
		if (!strcmp(printer->name, name))
			return printer;
	return NULL;
}

void nest_formats_write(FILE *out, int command)
{
	const struct nest_printer *printer, *last = NULL, *before = NULL;

	for (printer = nest_printers;; printer++) {
		if (printer->name && command >= 0 && !printer->print[command])
			continue;
		/* One behind, since the last of them is told from the others. */
		if (last)
			fprintf(out, "%s%s%s",
				!before		? ""
				: printer->name ? ", "
						: " or ",
				last->name, before ? "" : " (default)");
		before = last;
		last = printer;
		if (!printer->name)
			return;
	}
}

int nest_print(FILE *out, const struct nest_run *run)
{
	const struct nest_printer *printer = nest_printer_find(run->options->format);
	int err = printer->print[run->command](out, run);

	/* A full disk or a closed pipe must not look like an answer. */
	if (fflush(out) || ferror(out))
		err = err ? err : -EIO;
	return err;
}
