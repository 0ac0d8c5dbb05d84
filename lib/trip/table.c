// SPDX-License-Identifier: GPL-2.0-or-later
/* The first-stage table of a run: built, bound, changed under the device, invalidated. */
#include "trip/table.h"

#include <errno.h>

#include "explain.h"

#define OTHER_PAGES 8 /* of the tables' memory, its last */

bool nest_trip_is_per_pasid(const struct nest_trip_run *run)
{
	return run->space && run->space->mode->first_stage == NEST_FIRST_STAGE_PASID;
}

enum nest_leg_result nest_trip_tag(struct nest_trip_run *run, uint32_t pasid)
{
	return nest_trip_check_stim(run, nest_stim_set_pasid(&run->stim, pasid));
}

static const struct nest_stage1_ops *stage1(const struct nest_trip_run *run)
{
	return nest_space_stage1(run->space);
}

uint64_t nest_trip_giova(const struct nest_trip_run *run, unsigned int n)
{
	return nest_trip_slot(run, NEST_GIOVA_SLOT + n);
}

struct nest_s1_scope nest_trip_scope_pages(uint64_t giova, uint64_t npages, bool leaf)
{
	return (struct nest_s1_scope){ npages == 1 ? NEST_S1_PAGE : NEST_S1_RANGE, giova, npages,
				       leaf, 0 };
}

struct nest_s1_scope nest_trip_scope_all(const struct nest_trip_run *run)
{
	return (struct nest_s1_scope){ .reach = run->s1->config.have_pasid ? NEST_S1_PASID
									   : NEST_S1_ALL };
}

static enum nest_leg_result invalidate(struct nest_trip_run *run, const struct nest_s1_scope *scope)
{
	int err;

	nest_trip_clock_start(run);
	err = stage1(run)->invalidate(run->s1, scope);
	nest_trip_clock_stop(run);
	return nest_trip_check(run, err);
}

enum nest_leg_result nest_trip_invalidate(struct nest_trip_run *run, uint64_t giova,
					  uint64_t npages, bool leaf)
{
	struct nest_s1_scope scope = nest_trip_scope_pages(giova, npages, leaf);

	return invalidate(run, &scope);
}

enum nest_leg_result nest_trip_invalidate_all(struct nest_trip_run *run)
{
	struct nest_s1_scope scope = nest_trip_scope_all(run);

	return invalidate(run, &scope);
}

enum nest_leg_result nest_trip_point(struct nest_trip_run *run, uint64_t giova, uint64_t gpa,
				     unsigned int rights)
{
	int err = nest_s1_replace(&run->table, giova, gpa, rights);

	if (err == -ENOENT)
		err = nest_s1_map(&run->table, giova, gpa, run->page, rights);
	return err ? nest_trip_check(run, err) : nest_trip_invalidate(run, giova, 1, true);
}

enum nest_leg_result nest_trip_clear(struct nest_trip_run *run, uint64_t giova)
{
	int err = nest_s1_unmap(&run->table, giova);

	if (err && err != -ENOENT)
		return nest_trip_check(run, err);
	return nest_trip_invalidate(run, giova, 1, true);
}

size_t nest_trip_table_pages(const struct nest_s1_format *format)
{
	return NEST_TABLE_PAGES - (format->build_context ? 1 : 0);
}

#define SECOND_ASIDS 8 /* more than the first device uses */

static size_t context_at(const struct nest_trip_run *run, const struct nest_s1_format *format,
			 unsigned int n)
{
	return nest_trip_small(run, NEST_TABLE_FIRST + NEST_TABLE_PAGES - 1) +
	       n * format->context_size;
}

int nest_trip_describe_table(struct nest_trip_run *run, const struct nest_s1_table *table,
			     unsigned int n, uint32_t asid)
{
	struct nest_s1_context context = {
		.asid = asid,
		.output_bits = run->caps.s1_output_bits ? run->caps.s1_output_bits : 32,
	};

	return table->format->build_context(table, &context,
					    run->small.va + context_at(run, table->format, n));
}

int nest_trip_configure(struct nest_trip_run *run, const struct nest_s1_table *table,
			unsigned int n, struct nest_s1_config *ret_config)
{
	const struct nest_s1_format *format = table->format;

	*ret_config = (struct nest_s1_config){
		.format = format,
		.table = table->ipa,
		.ranges = run->caps.s1_ranges,
		.repeat = run->caps.s1_repeat,
	};
	if (!format->build_context)
		return 0;
	ret_config->context = run->small.gpa + context_at(run, format, n);
	/*
	 * On one second stage both devices share the ASIDs of one guest. On two, each guest has the
	 * same, and the VMID alone tells apart what is cached for them.
	 */
	ret_config->asid = n + 1 + (run->joined ? SECOND_ASIDS : 0);
	return nest_trip_describe_table(run, table, n, ret_config->asid);
}

static int map_scratch(const struct nest_trip_run *run, struct nest_s1_table *table)
{
	uint64_t gpa = run->small.gpa + nest_trip_small(run, NEST_SCRATCH_FIRST);
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < NEST_SCRATCH_PAGES; i++, gpa += run->page)
		err = nest_s1_map(table, gpa, gpa, run->page, NEST_S1_RW);
	return err;
}

int nest_trip_build_table(struct nest_trip_run *run)
{
	size_t tables = nest_trip_small(run, NEST_TABLE_FIRST);
	int err = nest_s1_init(&run->table, run->caps.s1_format, run->small.va + tables,
			       nest_trip_small(run, nest_trip_table_pages(run->caps.s1_format)),
			       run->small.gpa + tables, !run->caps.s1_snoops);

	return err || !run->table.npages ? err : map_scratch(run, &run->table);
}

int nest_trip_build_other(struct nest_trip_run *run, struct nest_s1_table *other, uint64_t giova,
			  uint64_t page)
{
	size_t first = nest_trip_small(
		run, NEST_TABLE_FIRST + nest_trip_table_pages(run->table.format) - OTHER_PAGES);
	int err = nest_s1_init(other, run->table.format, run->small.va + first,
			       nest_trip_small(run, OTHER_PAGES), run->small.gpa + first,
			       run->table.flush);

	if (!err)
		err = map_scratch(run, other);
	return err ? err : nest_s1_map(other, giova, page, run->page, NEST_S1_RW);
}

int nest_trip_bind(struct nest_trip_run *run, const uint32_t *pasid)
{
	struct nest_s1_config config;
	size_t mark = run->ctx->undo.count;
	int err = nest_trip_configure(run, &run->table, 0, &config);

	if (err)
		return err;
	config.have_pasid = pasid;
	config.pasid = pasid ? *pasid : 0;
	config.faults = run->pri;
	run->no_queue = (struct nest_failure){ 0 };
	nest_trip_clock_start(run);
	if (config.faults)
		err = stage1(run)->bind(run->space, &run->vdev, &config, &run->s1);
	if (config.faults && err && run->failed.stage != NEST_STAGE_NEST_PARENT &&
	    nest_errno_classify(-err) != NEST_ERRNO_RESOURCE) {
		/* A table without a queue still nests. */
		run->no_queue = run->failed;
		nest_undo_run(run->ctx, mark, NULL, NULL);
		config.faults = false;
	}
	if (!config.faults)
		err = stage1(run)->bind(run->space, &run->vdev, &config, &run->s1);
	nest_trip_clock_stop(run);
	run->queue = config.faults;
	return err;
}
