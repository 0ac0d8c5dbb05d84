// SPDX-License-Identifier: GPL-2.0-or-later
/* Looks for the faults of every driver, and compares two of them. */
#include "log/fault.h"
#include "log/match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct nest_fault_driver *const nest_fault_drivers[] = {
	&nest_fault_vtd,
	&nest_fault_amd,
	&nest_fault_smmuv3,
	&nest_fault_smmuv2,
	&nest_fault_virtio,
	&nest_fault_riscv,
	NULL,
};

/* The next message of this wording that begins before limit. */
static size_t match_form(const struct nest_log_window *w, size_t at, size_t limit,
			 const struct nest_fault_driver *driver, const struct nest_fault_form *form,
			 struct nest_fault *ret_fault, size_t *ret_end)
{
	struct nest_fault_place place;
	size_t mark;

	/* The mark may stand in a later line than the beginning of the message. */
	for (;; at = mark + 1) {
		mark = nest_log_find(w, at, w->len, form->mark);
		if (mark == NEST_LOG_NONE)
			return mark;
		*ret_fault = (struct nest_fault){
			.driver = driver,
			.event = form->event,
			.has_reason = form->event,
			.reason = form->code,
			.meaning = form->meaning,
			.cause = form->cause,
		};
		place = (struct nest_fault_place){ mark, mark + strlen(form->mark) };
		if (!form->parse(w, &place, ret_fault))
			continue;
		*ret_end = place.end;
		return place.start < limit ? place.start : NEST_LOG_NONE;
	}
}

/* The best match so far: the one that begins first, of those the one of the first form. */
struct best {
	size_t at, end;
	struct nest_fault *fault;
};

static void try_form(const struct nest_log_window *w, size_t at,
		     const struct nest_fault_driver *driver, const struct nest_fault_form *form,
		     struct best *best)
{
	struct nest_fault fault;
	size_t end, found = match_form(w, at, w->first < best->at ? w->first : best->at, driver,
				       form, &fault, &end);

	if (found == NEST_LOG_NONE)
		return;
	best->at = found;
	best->end = end;
	*best->fault = fault;
}

size_t nest_fault_match(const struct nest_log_window *w, size_t at, struct nest_fault *ret_fault,
			size_t *ret_end)
{
	struct best best = { .at = NEST_LOG_NONE, .fault = ret_fault };
	const struct nest_fault_driver *const *driver;
	const struct nest_fault_form *form;
	size_t i, from, all;

	if (w->rows) {
		from = w->index->nnotes + w->index->nplain;
		all = w->index->nrows;
		for (i = nest_log_row_next(w->rows, from, all); i < all;
		     i = nest_log_row_next(w->rows, i + 1, all))
			try_form(w, at, w->index->faults[i - from].driver,
				 w->index->faults[i - from].form, &best);
	} else {
		for (driver = nest_fault_drivers; *driver; driver++)
			for (form = (*driver)->forms; form->mark; form++)
				try_form(w, at, *driver, form, &best);
	}
	if (best.at != NEST_LOG_NONE)
		*ret_end = best.end;
	return best.at;
}

bool nest_fault_more(const struct nest_log_window *w, struct nest_fault *fault)
{
	return fault->driver->more && fault->driver->more(w, fault);
}

static const struct nest_fault_driver *limited_by(const char *function)
{
	const struct nest_fault_driver *const *driver;
	const char *const *limiter;

	for (driver = nest_fault_drivers; *driver; driver++)
		for (limiter = (*driver)->limiters; *limiter; limiter++)
			if (!strcmp(*limiter, function))
				return *driver;
	return NULL;
}

bool nest_fault_match_suppressed(const struct nest_log_window *w,
				 struct nest_fault_suppressed *ret_suppressed)
{
	size_t key = nest_log_find(w, 0, w->first, " callbacks suppressed"), number, word;
	struct nest_fault_suppressed suppressed = { .count = 0 };
	const char *p;
	uint32_t count;

	if (key == NEST_LOG_NONE)
		return false;
	number = nest_log_word_before(w, key + 1);
	if (number == NEST_LOG_NONE)
		return false;
	p = w->text + number;
	word = number;
	if (!nest_log_eat_decimal(&p, w->text + key, &count) ||
	    !nest_log_unit_before(w, &word, suppressed.function, sizeof(suppressed.function)))
		return false;
	suppressed.count = count;
	suppressed.driver = limited_by(suppressed.function);
	*ret_suppressed = suppressed;
	return true;
}

bool nest_fault_same_device(const struct nest_fault *a, const struct nest_fault *b)
{
	if (a->has_device != b->has_device || a->has_id != b->has_id || a->id != b->id ||
	    strcmp(a->client, b->client) != 0)
		return false;
	return a->device.domain == b->device.domain && a->device.bus == b->device.bus &&
	       a->device.device == b->device.device && a->device.function == b->device.function;
}

bool nest_fault_same(const struct nest_fault *a, const struct nest_fault *b)
{
	return a->driver == b->driver && a->event == b->event && nest_fault_same_device(a, b) &&
	       (!*a->unit || !*b->unit || !strcmp(a->unit, b->unit)) && a->access == b->access &&
	       a->execute == b->execute && a->with_pasid == b->with_pasid && a->pasid == b->pasid &&
	       a->has_reason == b->has_reason && a->reason == b->reason && a->flags == b->flags &&
	       a->has_domain == b->has_domain && a->domain == b->domain && a->stage == b->stage;
}

unsigned int nest_fault_score(const struct nest_fault *fault)
{
	return fault->has_address + fault->has_reason + fault->has_flags + fault->has_device +
	       fault->has_id + fault->has_domain + (fault->access != NEST_LOG_UNKNOWN);
}

void nest_fault_name(const struct nest_fault *fault, char buf[NEST_FAULT_NAME_MAX])
{
	char name[NEST_PCIADDR_MAX];

	nest_pciaddr_format(&fault->device, name);
	if (fault->has_device && !fault->device_from_id)
		snprintf(buf, NEST_FAULT_NAME_MAX, "%s", name);
	else if (*fault->client)
		snprintf(buf, NEST_FAULT_NAME_MAX, "%s", fault->client);
	else if (fault->has_id && fault->driver == &nest_fault_virtio)
		snprintf(buf, NEST_FAULT_NAME_MAX, "%s %" PRIu32, fault->driver->id, fault->id);
	else if (fault->has_id)
		snprintf(buf, NEST_FAULT_NAME_MAX, "%s 0x%" PRIx32, fault->driver->id, fault->id);
	else
		snprintf(buf, NEST_FAULT_NAME_MAX, "a device");
}

const char *nest_log_access_name(enum nest_log_access access)
{
	switch (access) {
	case NEST_LOG_READ:
		return "read";
	case NEST_LOG_WRITE:
		return "write";
	case NEST_LOG_INTERRUPT:
		return "interrupt";
	case NEST_LOG_UNKNOWN:
		break;
	}
	return "unknown";
}
