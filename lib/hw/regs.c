// SPDX-License-Identifier: GPL-2.0-or-later
/* Cuts fields out of registers, and collects verdicts and remarks. */

#include "hw/regs.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint64_t mask_of(uint8_t lsb, uint8_t width)
{
	return ((UINT64_C(1) << width) - 1) << lsb;
}

const struct nest_field *nest_field_find(const struct nest_regs *regs, const char *name)
{
	const struct nest_field *field;

	nest_for_each_field (regs, field)
		if (!strcmp(field->name, name))
			return field;
	return NULL;
}

const struct nest_reg *nest_reg_find(const struct nest_regs *regs, const char *name)
{
	size_t i;

	for (i = 0; i < regs->nregs; i++)
		if (!strcmp(regs->regs[i].name, name))
			return &regs->regs[i];
	return NULL;
}

int nest_field_value(const struct nest_regs *regs, const struct nest_field *field,
		     uint64_t *ret_value)
{
	const struct nest_reg *reg = nest_reg_find(regs, field->reg);

	if (!reg || !reg->known)
		return -ENODATA;
	*ret_value = (reg->value & mask_of(field->lsb, field->width)) >> field->lsb;
	return 0;
}

int nest_field_meaning(const struct nest_regs *regs, const struct nest_field *field, char *ret_buf,
		       size_t len)
{
	uint64_t value;
	int err;

	err = nest_field_value(regs, field, &value);
	if (err)
		return err;
	if (!len)
		return 0;
	if (field->say)
		field->say(regs, value, ret_buf, len);
	else if (field->width == 1)
		snprintf(ret_buf, len, "%s", nest_tri_name(nest_tri_from_bool(value != 0)));
	else
		snprintf(ret_buf, len, "%" PRIu64, value);
	return 0;
}

bool nest_field_set(const struct nest_regs *regs, const char *name)
{
	const struct nest_field *field = nest_field_find(regs, name);
	uint64_t value;

	return field && !nest_field_value(regs, field, &value) && value;
}

void nest_regs_init(struct nest_regs *regs, const struct nest_hw *hw,
		    const struct nest_field *fields, size_t nfields)
{
	memset(regs, 0, sizeof(*regs));
	regs->hw = hw;
	regs->fields = fields;
	regs->nfields = nfields;
}

bool nest_regs_add(struct nest_regs *regs, const char *name, uint8_t bits, const uint64_t *value)
{
	uint64_t ones = bits == 64 ? UINT64_MAX : mask_of(0, bits);
	struct nest_reg *reg;

	assert(regs->nregs < NEST_REGS_MAX);
	reg = &regs->regs[regs->nregs++];
	reg->name = name;
	reg->bits = bits;
	reg->given = value != NULL;
	reg->known = value && *value != ones;
	reg->value = value ? *value : 0;
	return reg->known;
}

void nest_regs_judge(struct nest_regs *regs, enum nest_tri status, const char *gate,
		     const char *format, ...)
{
	va_list args;

	regs->nesting.status = status;
	regs->nesting.gate = gate;
	va_start(args, format);
	vsnprintf(regs->nesting.reason, sizeof(regs->nesting.reason), format, args);
	va_end(args);
}

void nest_regs_remark(struct nest_regs *regs, const char *id, const char *format, ...)
{
	struct nest_regs_note *note;
	va_list args;

	if (regs->nnotes == NEST_REGS_NOTES_MAX)
		return;
	note = &regs->notes[regs->nnotes++];
	note->id = id;
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}

void nest_regs_remark_strays(struct nest_regs *regs, const struct nest_withdrawn *withdrawn,
			     size_t nwithdrawn)
{
	const struct nest_field *field;
	const struct nest_reg *reg;
	uint64_t stray, mask;
	size_t i, k;

	for (i = 0; i < regs->nregs; i++) {
		reg = &regs->regs[i];
		if (!reg->known)
			continue;
		stray = reg->value;
		nest_for_each_field (regs, field)
			if (!strcmp(field->reg, reg->name))
				stray &= ~mask_of(field->lsb, field->width);
		for (k = 0; k < nwithdrawn; k++) {
			mask = mask_of(withdrawn[k].lsb, withdrawn[k].width);
			if (strcmp(withdrawn[k].reg, reg->name) || !(stray & mask))
				continue;
			if (withdrawn[k].text)
				nest_regs_remark(regs, "withdrawn_bit", "%s bit %u is set: %s",
						 reg->name, withdrawn[k].lsb, withdrawn[k].text);
			stray &= ~mask;
		}
		if (stray)
			nest_regs_remark(regs, "reserved_bits",
					 "%s has reserved bits set: mask 0x%" PRIx64, reg->name,
					 stray);
	}
}
