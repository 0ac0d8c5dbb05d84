// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of formats. */
#include "print.h"

#include <errno.h>
#include <string.h>

#include "print-human.h"
#include "print-json.h"

const struct nest_printer nest_printers[] = {
	{"human",
	 {
		 [NEST_COMMAND_LIST] = nest_human_list,
		 [NEST_COMMAND_SHOW] = nest_human_show,
		 [NEST_COMMAND_PROBE] = nest_human_probe,
		 [NEST_COMMAND_ROUNDTRIP] = nest_human_roundtrip,
		 [NEST_COMMAND_DECODE] = nest_human_decode,
		 [NEST_COMMAND_REPORT] = nest_json_report, /* is a JSON document, for whoever reads it */
		 [NEST_COMMAND_DIFF] = nest_human_diff,
	 }},
	{"json",
	 {
		 [NEST_COMMAND_LIST] = nest_json_list,
		 [NEST_COMMAND_SHOW] = nest_json_show,
		 [NEST_COMMAND_PROBE] = nest_json_probe,
		 [NEST_COMMAND_ROUNDTRIP] = nest_json_roundtrip,
		 [NEST_COMMAND_DECODE] = nest_json_decode,
		 [NEST_COMMAND_REPORT] = nest_json_report,
		 [NEST_COMMAND_DIFF] = nest_json_diff,
	 }},
	{0},
};

const struct nest_printer *nest_printer_find(const char *name)
{
	const struct nest_printer *printer;

	for (printer = nest_printers; printer->name; printer++)
		if (!strcmp(printer->name, name))
			return printer;
	return NULL;
}

int nest_print(FILE *out, const struct nest_report *report)
{
	const struct nest_printer *printer = nest_printer_find(report->options->format);
	int err = printer->print[report->command](out, report);

	/* A full disk or a closed pipe must not look like an answer. */
	if (fflush(out) || ferror(out))
		err = err ? err : -EIO;
	return err;
}
