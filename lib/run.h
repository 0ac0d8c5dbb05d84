/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a command: what was asked, what was found, and the exit status that follows. Commands
 * fill it; printers read it after everything acquired in the kernel has been released.
 */
#ifndef NEST_RUN_H
#define NEST_RUN_H

#include "model.h"
#include "options.h"

/* The same for every command; documented in the manual under EXIT STATUS. */
enum nest_status {
	NEST_STATUS_YES = 0,
	NEST_STATUS_NO = 1,
	NEST_STATUS_USAGE = 2,
	NEST_STATUS_UNKNOWN = 3,
	NEST_STATUS_BROKEN = 4,
};

struct nest_run {
	const char *command; /* its name */
	const struct nest_options *options;
	const void *own; /* the command's own options; only its file knows the type */
	struct nest_model model;
	enum nest_status status;
	/*
	 * What the command found beside the model; NULL: nothing. print/print.h tells the type for
	 * each command.
	 */
	void *found;
	bool plugin;	/* what reads it wants a line, and a status of its own, whatever happens */
	bool driverctl; /* is installed where remedies are to be run; else plain sysfs is shown */
};

#endif
