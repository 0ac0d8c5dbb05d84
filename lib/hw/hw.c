// SPDX-License-Identifier: GPL-2.0-or-later
/* What the rows of all kinds of IOMMU have in common. */
#include "hw/hw.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

void nest_hw_set(struct nest_hw_values *values, unsigned int n, uint64_t value)
{
	values->reg[n] = value;
	values->known |= 1u << n;
}

const char *nest_hw_reserved(const struct nest_hw *hw)
{
	return hw && hw->reserved ? hw->reserved : "reserved memory";
}

/* Registers that no field cuts are left out: a bit of them means nothing here. */
static bool has_fields(const struct nest_hw *hw, const char *reg)
{
	size_t i;

	for (i = 0; i < hw->nfields; i++)
		if (!strcmp(hw->fields[i].reg, reg))
			return true;
	return false;
}

bool nest_hw_decode(const struct nest_hw *hw, const struct nest_hw_values *values,
		    struct nest_regs *ret_regs)
{
	size_t i;

	if (!hw->judge || (values->known & hw->required) != hw->required)
		return false;
	nest_regs_init(ret_regs, hw, hw->fields, hw->nfields);
	for (i = 0; i < hw->nregisters; i++)
		if (has_fields(hw, hw->registers[i].name))
			nest_regs_add(ret_regs, hw->registers[i].name, hw->registers[i].bits,
				      values->known >> i & 1 ? &values->reg[i] : NULL);
	/* No unit has a first register of zero: that one was not read. */
	if (!ret_regs->regs[0].value)
		ret_regs->regs[0].known = false;
	hw->judge(ret_regs);
	return true;
}

void nest_hw_judge(const struct nest_hw *hw, const struct nest_hw_values *values,
		   struct nest_hw_verdict *ret_verdict)
{
	struct nest_regs regs;

	if (nest_hw_decode(hw, values, &regs)) {
		*ret_verdict = regs.nesting;
		return;
	}
	ret_verdict->status = NEST_UNKNOWN;
	ret_verdict->gate = hw->unread.gate;
	snprintf(ret_verdict->reason, sizeof(ret_verdict->reason), "%s", hw->unread.reason);
}

int nest_hw_number(const struct nest_hw *hw, const struct nest_hw_values *values, const char *field,
		   uint64_t *ret_value)
{
	const struct nest_field *found;
	struct nest_regs regs;

	if (!nest_hw_decode(hw, values, &regs))
		return -ENODATA;
	found = nest_field_find(&regs, field);
	if (!found || nest_field_value(&regs, found, ret_value))
		return -ENODATA;
	return 0;
}

enum nest_tri nest_hw_flag(const struct nest_hw *hw, const struct nest_hw_values *values,
			   const char *field)
{
	uint64_t value;

	if (nest_hw_number(hw, values, field, &value))
		return NEST_UNKNOWN;
	return nest_tri_from_bool(value != 0);
}

int nest_hw_pasid_bits(const struct nest_hw *hw, const struct nest_hw_values *values,
		       unsigned int *ret_bits)
{
	struct nest_regs regs;

	if (!hw->pasid_bits || !nest_hw_decode(hw, values, &regs))
		return -ENODATA;
	return hw->pasid_bits(&regs, ret_bits);
}

enum nest_tri nest_hw_walks_snoop(const struct nest_hw *hw, const struct nest_hw_values *values)
{
	return hw->coherent ? nest_hw_flag(hw, values, hw->coherent) : NEST_YES;
}

const char *nest_hw_help(const struct nest_hw *hw, const char *gate)
{
	const struct nest_hw_help *help;

	for (help = hw->helps; gate && help && help->gate; help++)
		if (!strcmp(help->gate, gate))
			return help->remedy;
	return hw->other_machine;
}

static bool refused_by(const struct nest_hw_gate *gate, struct nest_hw_refusal *ret_refusal)
{
	if (!gate->gate)
		return false;
	*ret_refusal = (struct nest_hw_refusal){ .gate = gate->gate, .remedy = gate->remedy };
	snprintf(ret_refusal->reason, sizeof(ret_refusal->reason), "%s", gate->reason);
	return true;
}

bool nest_hw_parent_refused(const struct nest_hw *hw, const struct nest_hw_values *values, int err,
			    struct nest_hw_refusal *ret_refusal)
{
	const struct nest_hw_gate *gate = &hw->untold;
	struct nest_hw_verdict verdict;

	if (err != EOPNOTSUPP)
		return false;
	nest_hw_judge(hw, values, &verdict);
	if (verdict.status == NEST_NO) {
		*ret_refusal = (struct nest_hw_refusal){
			.gate = verdict.gate,
			.remedy = nest_hw_help(hw, verdict.gate),
		};
		memcpy(ret_refusal->reason, verdict.reason, sizeof(ret_refusal->reason));
		return true;
	}
	if (verdict.status == NEST_YES || strcmp(verdict.gate, "registers"))
		gate = &hw->refused;
	return refused_by(gate, ret_refusal);
}

/* iopt_table_add_domain(): a table that cannot map each page of the kernel is EINVAL. */
bool nest_hw_pages_refused(const struct nest_hw *hw, const struct nest_hw_values *values, int err,
			   uint64_t host_page, struct nest_hw_refusal *ret_refusal)
{
	struct nest_hw_walk walk = nest_hw_walk(hw, values, 0);

	return err == EINVAL && host_page && walk.least > host_page &&
	       refused_by(&hw->coarse, ret_refusal);
}

bool nest_hw_viommu_refused(const struct nest_hw *hw, const struct nest_hw_values *values, int err,
			    struct nest_hw_refusal *ret_refusal)
{
	if (err != EOPNOTSUPP || !hw->viommu_field ||
	    nest_hw_flag(hw, values, hw->viommu_field) != NEST_NO)
		return false;
	return refused_by(&hw->viommu, ret_refusal);
}

static bool has_all(const struct nest_hw *hw, const struct nest_hw_values *values,
		    const struct nest_hw_needs *needs)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(needs->fields) && needs->fields[i]; i++)
		if (nest_hw_flag(hw, values, needs->fields[i]) != NEST_YES)
			return false;
	return i;
}

const char *nest_hw_needs(const struct nest_hw *hw, const struct nest_hw_values *values,
			  enum nest_stage stage)
{
	const struct nest_hw_needs *needs;

	for (needs = hw->needs; needs && needs->stage; needs++)
		if (needs->stage == stage)
			return has_all(hw, values, needs) ? NULL : needs->what;
	return NULL;
}

const struct nest_hw_quirk *nest_hw_quirk(const struct nest_hw *hw,
					  const struct nest_hw_values *values)
{
	const struct nest_hw_quirk *quirk;

	for (quirk = hw->quirks; quirk && quirk->flag; quirk++)
		if (values->flags & quirk->flag)
			return quirk;
	return NULL;
}

void nest_hw_values_text(const struct nest_hw *hw, const struct nest_hw_values *values,
			 uint32_t registers, char *buf, size_t size)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < hw->nregisters && used < size; i++)
		if (values->known & registers & 1u << i)
			used += (size_t)snprintf(buf + used, size - used, "%s%s 0x%" PRIx64,
						 used ? ", " : "", hw->registers[i].name,
						 values->reg[i]);
}

struct nest_hw_walk nest_hw_walk(const struct nest_hw *hw, const struct nest_hw_values *values,
				 uint64_t page)
{
	struct nest_hw_walk walk = { .s1 = hw->s1, .no_s1 = hw->no_s1 };

	if (hw->walk)
		hw->walk(values, page, &walk);
	return walk;
}
