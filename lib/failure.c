// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of steps, and how a failed one is noted. */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *text;
	enum nest_stage parent;
} stages[NEST_STAGES_COUNT] = {
#define NEST_STAGE_ROW(stage, of, text) [NEST_STAGE_##stage] = { text, NEST_STAGE_##of },
	NEST_STAGES(NEST_STAGE_ROW)
#undef NEST_STAGE_ROW
};

const char *nest_stage_text(enum nest_stage stage)
{
	return stages[stage].text;
}

enum nest_stage nest_stage_parent(enum nest_stage stage)
{
	return stages[stage].parent;
}

bool nest_stage_is(enum nest_stage stage, enum nest_stage of)
{
	return stage == of || stages[stage].parent == of;
}

int nest_failure_set(struct nest_failure *failed, int err, enum nest_stage stage,
		     const char *object, ...)
{
	va_list args;

	if (!failed)
		return err;
	nest_failure_restage(failed, stage);
	failed->err = -err;
	va_start(args, object);
	vsnprintf(failed->object, sizeof(failed->object), object, args);
	va_end(args);
	return err;
}

void nest_failure_restage(struct nest_failure *failed, enum nest_stage stage)
{
	failed->stage = stage;
	failed->op = stages[stage].text;
}
