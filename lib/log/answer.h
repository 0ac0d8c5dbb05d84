/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel log proves as a whole: one line, the state of remapping, and what follows from
 * messages that are not there. Absence proves something only where the log covers the boot. Pure.
 */
#ifndef NEST_LOG_ANSWER_H
#define NEST_LOG_ANSWER_H

#include "log/log.h"

#define NEST_LOG_CONCLUSIONS_MAX 4

struct nest_log_conclusion {
	const char *id;	  /* fixed word */
	const char *text; /* what follows, and what to do */
};

struct nest_log_answer {
	char text[600];		       /* untrusted: names of devices are in it */
	bool covers_boot;	       /* from its first line until after the IOMMU drivers */
	enum nest_tri dma, interrupts; /* is remapping on? */
	bool contradicts;	       /* messages say on and off: several boots, perhaps */
	struct nest_log_conclusion conclusions[NEST_LOG_CONCLUSIONS_MAX];
	size_t nconclusions;
};

void nest_log_answer(const struct nest_log_result *log, struct nest_log_answer *ret_answer);

/* Did the kernel count lines about faults in place of printing them? */
bool nest_log_lacks_faults(const struct nest_log_result *log);

#endif
