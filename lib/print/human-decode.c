// SPDX-License-Identifier: GPL-2.0-or-later
/* decode for people: registers as a table, a DMAR table as a list. */
#include <errno.h>
#include <string.h>

#include "log/decode.h"
#include "plural.h"
#include "print/human.h"

static bool is_alike(const struct nest_decoded_unit *a, const struct nest_decoded_unit *b)
{
	return a->found && b->found && a->found->hw == b->found->hw &&
	       a->found->first == b->found->first && a->found->second == b->found->second &&
	       a->found->has_second == b->found->has_second;
}

/* "dmar0, dmar1, dmar2": the unit and those of a log that have the same registers. */
static void print_names(FILE *out, const struct nest_run *run, const struct nest_decode *decode,
			size_t first)
{
	const struct nest_decoded_unit *unit = &decode->units[first];
	size_t i;

	nest_paint(out, run, NEST_BOLD, "%s", unit->name ? unit->name : "");
	for (i = first + 1; i < decode->nunits; i++)
		if (is_alike(unit, &decode->units[i]))
			nest_paint(out, run, NEST_BOLD, ", %s", decode->units[i].name);
	nest_paint(out, run, NEST_BOLD, "%s%s", unit->name ? ", " : "", unit->regs.hw->name);
	fputc('\n', out);
}

/* Where the log tells the units of these registers. */
static void print_found(FILE *out, const struct nest_run *run, const struct nest_decode *decode,
			size_t first)
{
	size_t i;

	for (i = first; i < decode->nunits; i++) {
		const struct nest_decoded_unit *unit = &decode->units[i];
		char place[48] = "";

		if (!unit->found || (i != first && !is_alike(&decode->units[first], unit)))
			continue;
		if (unit->found->has_address)
			snprintf(place, sizeof(place), "registers at 0x%llx, ",
				 (unsigned long long)unit->found->address);
		nest_fact(out, run, unit->name, "%sline %u, %u time%s", place, unit->found->line,
			  unit->found->count, nest_plural(unit->found->count));
	}
}

static int print_unit(FILE *out, const struct nest_run *run, const struct nest_decode *decode,
		      size_t first)
{
	const struct nest_decoded_unit *unit = &decode->units[first];
	const struct nest_hw_verdict *nesting = &unit->regs.nesting;
	bool all = !unit->found || run->options->verbosity > 0;
	size_t i;
	int err = 0;

	for (i = 0; i < first; i++)
		if (is_alike(&decode->units[i], unit))
			return 0;
	if (unit->found)
		fputc('\n', out);
	print_names(out, run, decode, first);
	for (i = 0; i < unit->regs.nregs; i++)
		if (unit->regs.regs[i].given)
			nest_fact(out, run, unit->regs.regs[i].name, "0x%llx",
				  (unsigned long long)unit->regs.regs[i].value);
	print_found(out, run, decode, first);
	nest_fact(out, run, "nests", "%s%s%s%s: %s", nest_tri_name(nesting->status),
		  nesting->gate ? " (" : "", nesting->gate ? nesting->gate : "",
		  nesting->gate ? ")" : "", nesting->reason);
	if (all)
		err = nest_human_registers(out, run, &unit->regs);
	if (!unit->found)
		fputc('\n', out);
	return err;
}

/* The answer first, then faults and messages, registers at the end. */
int nest_human_decode(FILE *out, const struct nest_run *run)
{
	const struct nest_decode *decode = run->found;
	size_t i;
	int err;

	if (decode->log && *decode->answer.text) {
		nest_paint(out, run, NEST_BOLD, "%s", decode->answer.text);
		fputc('\n', out);
	}
	if (decode->log)
		nest_human_log(out, run, nest_log_result(decode->log));
	for (i = 0; i < decode->nunits; i++) {
		err = print_unit(out, run, decode, i);
		if (err)
			return err;
	}
	if (decode->log && decode->nunits && run->options->verbosity <= 0) {
		nest_out(out, "(-v shows every field of the registers)");
		fputc('\n', out);
	}
	if (decode->table)
		nest_human_table(out, run, decode->table);
	return 0;
}
