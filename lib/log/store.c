// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows when two things found in a log are the same, and how much may be kept. */

#include "log/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tripaddr.h"

/* Makes room for one more element; the array doubles. */
static int grow(void *array, size_t count, size_t size)
{
	void **p = array, *more;

	if (count & (count - 1))
		return 0;
	more = realloc(*p, (count ? count * 2 : 1) * size);
	if (!more)
		return -ENOMEM;
	*p = more;
	return 0;
}

int nest_log_store_unit(struct nest_log_store *store, const struct nest_log_unit *unit)
{
	struct nest_log_result *r = &store->result;
	struct nest_log_unit *u;
	size_t i;
	int err;

	for (i = 0; i < r->nunits; i++) {
		u = &r->units[i];
		if (u->hw != unit->hw || u->first != unit->first || u->second != unit->second ||
		    u->address != unit->address || u->has_second != unit->has_second ||
		    strcmp(u->name, unit->name) != 0)
			continue;
		u->count++;
		u->of_table = u->of_table && unit->of_table;
		return 0;
	}
	if (r->nunits == NEST_LOG_UNITS_MAX) {
		r->units_dropped++;
		return 0;
	}
	err = grow(&r->units, r->nunits, sizeof(*r->units));
	if (err)
		return err;
	r->units[r->nunits++] = *unit;
	return 0;
}

/* In a wide window, which an SMMU may have, only what is far above all memory. */
static enum nest_trip_address address_of(const struct nest_fault *fault)
{
	enum nest_trip_address at = nest_trip_address(fault->address, NEST_TRIP_WINDOW);
	uint64_t window = NEST_TRIP_WIDEST;

	for (; fault->driver == &nest_fault_smmuv3 && window > NEST_TRIP_WINDOW; window >>= 2)
		if (nest_trip_address(fault->address, window) == NEST_TRIP_OWN)
			return NEST_TRIP_OWN;
	return at;
}

static void count_trips(struct nest_fault *to, const struct nest_fault *fault)
{
	enum nest_trip_address at = fault->has_address && fault->access != NEST_LOG_INTERRUPT
					    ? address_of(fault)
					    : NEST_TRIP_ELSEWHERE;

	to->of_trips += at == NEST_TRIP_OWN ? fault->count : 0;
	to->maybe_of_trips += at == NEST_TRIP_MAYBE ? fault->count : 0;
}

/* The first and the last of equal faults are told. */
static void add_fault(struct nest_fault *to, const struct nest_fault *fault)
{
	to->count += fault->count;
	count_trips(to, fault);
	to->line_last = fault->line_last;
	memcpy(to->time_last, fault->time_last, sizeof(to->time_last));
	if (!*to->unit)
		memcpy(to->unit, fault->unit, sizeof(to->unit));
	if (!fault->has_address)
		return;
	to->address_last = fault->address_last;
	if (!to->has_address)
		to->address = fault->address;
	to->has_address = true;
}

int nest_log_store_fault(struct nest_log_store *store, const struct nest_fault *fault)
{
	struct nest_log_result *r = &store->result;
	struct nest_fault *f;
	size_t i;
	int err;

	for (i = 0; i < r->nfaults; i++) {
		f = &r->faults[i];
		if (!nest_fault_same(f, fault))
			continue;
		add_fault(f, fault);
		return 0;
	}
	if (r->nfaults == NEST_LOG_FAULTS_MAX) {
		r->faults_dropped++;
		return 0;
	}
	err = grow(&r->faults, r->nfaults, sizeof(*r->faults));
	if (err)
		return err;
	r->faults[r->nfaults] = *fault;
	count_trips(&r->faults[r->nfaults++], fault);
	return 0;
}

int nest_log_store_suppressed(struct nest_log_store *store,
			      const struct nest_fault_suppressed *suppressed)
{
	struct nest_log_result *r = &store->result;
	size_t i;
	int err;

	for (i = 0; i < r->nsuppressed; i++)
		if (!strcmp(r->suppressed[i].function, suppressed->function)) {
			r->suppressed[i].count += suppressed->count;
			return 0;
		}
	if (r->nsuppressed == NEST_LOG_SUPPRESSED_MAX)
		return 0;
	err = grow(&r->suppressed, r->nsuppressed, sizeof(*r->suppressed));
	if (err)
		return err;
	r->suppressed[r->nsuppressed++] = *suppressed;
	return 0;
}

static size_t hash_group(const struct nest_log_group *group)
{
	uint64_t h = 14695981039346656037u ^ group->group;
	const char *p;

	for (p = group->device; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The place of the group in the hash table: an empty one, or its own. */
static uint32_t *group_slot(struct nest_log_store *store, const struct nest_log_group *group)
{
	size_t i = hash_group(group);

	for (;; i++) {
		uint32_t *slot = &store->group_hash[i & (store->group_hash_size - 1)];
		const struct nest_log_group *g;

		if (!*slot)
			return slot;
		g = &store->result.groups[*slot - 1];
		if (g->group == group->group && !strcmp(g->device, group->device))
			return slot;
	}
}

/* Keeps the hash table at most half full. */
static int grow_group_hash(struct nest_log_store *store)
{
	size_t i, size = store->group_hash_size ? store->group_hash_size * 2 : 64;
	uint32_t *slots;

	if (store->result.ngroups * 2 < store->group_hash_size)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(store->group_hash);
	store->group_hash = slots;
	store->group_hash_size = size;
	for (i = 0; i < store->result.ngroups; i++)
		*group_slot(store, &store->result.groups[i]) = (uint32_t)i + 1;
	return 0;
}

bool nest_log_store_rename(struct nest_log_store *store, const struct nest_log_unit *unit)
{
	struct nest_log_result *r = &store->result;
	size_t i;

	/* It has its name already: what the table of a later boot says is of the same unit. */
	for (i = 0; i < r->nunits; i++)
		if (r->units[i].hw == unit->hw && !strcmp(r->units[i].name, unit->name))
			return false;
	for (i = 0; i < r->nunits; i++)
		if (r->units[i].hw == unit->hw && r->units[i].first == unit->first &&
		    !strcmp(r->units[i].name, "AMD-Vi")) {
			memcpy(r->units[i].name, unit->name, sizeof(unit->name));
			r->units[i].of_table = false;
			r->units[i].count++;
			return true;
		}
	return false;
}

void nest_log_store_name(const struct nest_log_store *store, struct nest_log_unit *unit)
{
	const struct nest_log_result *r = &store->result;
	size_t i;

	strcpy(unit->name, "AMD-Vi");
	for (i = 0; i < r->nunits && !unit->of_table; i++)
		if (r->units[i].hw == unit->hw && r->units[i].first == unit->first &&
		    !r->units[i].of_table) {
			memcpy(unit->name, r->units[i].name, sizeof(unit->name));
			return;
		}
}

int nest_log_store_group(struct nest_log_store *store, const struct nest_log_group *group)
{
	struct nest_log_result *r = &store->result;
	uint32_t *slot;
	int err;

	err = grow_group_hash(store);
	if (err)
		return err;
	slot = group_slot(store, group);
	if (*slot)
		return 0;
	if (r->ngroups == NEST_LOG_GROUPS_MAX) {
		r->groups_dropped++;
		return 0;
	}
	err = grow(&r->groups, r->ngroups, sizeof(*r->groups));
	if (err)
		return err;
	r->groups[r->ngroups++] = *group;
	*slot = (uint32_t)r->ngroups;
	return 0;
}

int nest_log_store_note(struct nest_log_store *store, const struct nest_log_note *note)
{
	struct nest_log_result *r = &store->result;
	struct nest_log_note *n;
	size_t i;
	int err;

	for (i = 0; i < r->nnotes; i++) {
		n = &r->notes[i];
		if (strcmp(n->id, note->id) != 0 || strcmp(n->text, note->text) != 0 ||
		    strcmp(n->detail, note->detail) != 0)
			continue;
		n->count++;
		return 0;
	}
	if (r->nnotes == NEST_LOG_NOTES_MAX) {
		r->notes_dropped++;
		return 0;
	}
	err = grow(&r->notes, r->nnotes, sizeof(*r->notes));
	if (err)
		return err;
	r->notes[r->nnotes++] = *note;
	return 0;
}

void nest_log_store_clear(struct nest_log_store *store)
{
	free(store->result.units);
	free(store->result.faults);
	free(store->result.groups);
	free(store->result.notes);
	free(store->result.suppressed);
	free(store->group_hash);
	memset(store, 0, sizeof(*store));
}

/* The only record of a driver is the one whose lines are missing. */
static void tell_suppressed(struct nest_log_result *r, const struct nest_fault_suppressed *lost)
{
	struct nest_fault *only = NULL;
	size_t i;

	for (i = 0; i < r->nfaults; i++) {
		if (r->faults[i].driver != lost->driver)
			continue;
		if (only)
			return;
		only = &r->faults[i];
	}
	if (only)
		only->suppressed += lost->count;
}

/* The group of the device as the log tells it, the last one if it was plugged in again. */
static void find_group(struct nest_log_result *r, struct nest_fault *fault)
{
	char name[NEST_FAULT_NAME_MAX];
	size_t i;

	nest_fault_name(fault, name);
	for (i = r->ngroups; i-- > 0;)
		if (!strcmp(r->groups[i].device, name)) {
			fault->has_group = true;
			fault->group = r->groups[i].group;
			return;
		}
}

/* The features that the table gives for all units are not those of one more unit. */
static void drop_table_units(struct nest_log_result *r)
{
	size_t i, kept = 0;
	bool real = false;

	for (i = 0; i < r->nunits; i++)
		real = real || (r->units[i].hw == &nest_hw_amd && !r->units[i].of_table);
	for (i = 0; i < r->nunits; i++)
		if (!real || !r->units[i].of_table)
			r->units[kept++] = r->units[i];
	r->nunits = kept;
}

void nest_log_store_finish(struct nest_log_store *store)
{
	struct nest_log_result *r = &store->result;
	size_t i;

	drop_table_units(r);
	for (i = 0; i < r->nsuppressed; i++)
		if (r->suppressed[i].driver)
			tell_suppressed(r, &r->suppressed[i]);
	for (i = 0; i < r->nfaults; i++)
		find_group(r, &r->faults[i]);
}
