// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of list without libsmartcols is, byte for byte, the one that libsmartcols prints. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "print/columns.h"
#include "print/plain.h"

#define DEVICES 40

/* The same numbers on every machine. */
static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % n;
}

static const char *any_text(struct nest_model *model)
{
	static const char letters[] = "abcXYZ019 .:-_()/+,[]{}'\"#~";
	char text[64];
	size_t i, len = random_below(5) ? random_below(20) : random_below(60);

	for (i = 0; i < len; i++)
		text[i] = letters[random_below(sizeof(letters) - 1)];
	return nest_pool_strn(&model->pool, text, len);
}

/* Devices in pairs in groups, all that a column shows now and then missing. */
static void make(struct nest_run *run, struct nest_list *list)
{
	struct nest_model *model = &run->model;
	struct nest_unit *unit;
	uint32_t i;

	model->iommu_present = NEST_YES;
	unit = nest_array_add((void **)&model->units, model->nunits++, sizeof(*unit));
	*unit = (struct nest_unit){ .name = any_text(model),
				    .hw = &nest_hw_other,
				    .nesting = random_below(3),
				    .gate = random_below(2) ? "smts" : NULL,
				    .reason = any_text(model) };
	for (i = 0; i < DEVICES / 2; i++) {
		struct nest_group *group =
			nest_array_add((void **)&model->groups, model->ngroups++, sizeof(*group));

		*group = (struct nest_group){ .id = random_below(100000),
					      .first = 2 * i,
					      .ndevices = 2,
					      .blocker = NEST_NONE,
					      .type = random_below(3) ? any_text(model) : NULL,
					      .rmrr = random_below(4) == 0,
					      .viable = random_below(3) };
	}
	for (i = 0; i < DEVICES; i++) {
		struct nest_device *dev = nest_array_add((void **)&model->devices, i, sizeof(*dev));
		bool alone = i % 2 == 0 && random_below(6) == 0;

		*dev = (struct nest_device){ .name = any_text(model),
					     .bus_name = random_below(4) ? "pci" : NULL,
					     .driver = random_below(2) ? any_text(model) : NULL,
					     .group = alone ? NEST_NONE : i / 2,
					     .unit = random_below(3) ? 0 : NEST_NONE,
					     .next = i % 2 ? NEST_NONE : i + 1,
					     .have_ids = random_below(2),
					     .vendor = (uint16_t)random_below(65536),
					     .pci_class = random_below(1 << 24) };
		if (random_below(2))
			dev->vendor_name = any_text(model);
		if (random_below(2))
			dev->model_name = dev->class_name = any_text(model);
	}
	model->ndevices = DEVICES;
	list->devices = calloc(DEVICES, 1);
	list->groups = calloc(DEVICES, 1);
	for (i = 0; i < DEVICES; i++) {
		list->devices[i] = random_below(4) != 0;
		list->groups[i] = random_below(4) != 0;
	}
}

static void drop(struct nest_run *run, struct nest_list *list)
{
	nest_model_free(&run->model);
	free(list->devices);
	free(list->groups);
}

/* A list of columns, of any length, some more than once. */
static void any_columns(char *text)
{
	size_t known = 0, n = 1 + random_below(12);

	while (nest_column_name(known))
		known++;
	*text = '\0';
	while (n--)
		strcat(strcat(text, nest_column_name(random_below((uint32_t)known))), n ? "," : "");
}

static char *printed(int (*print)(FILE *out, const struct nest_run *run),
		     const struct nest_run *run, int *ret_err)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	*ret_err = print(out, run);
	fclose(out);
	return text;
}

TEST(same, "both ways print the same table of any devices, groups and columns")
{
	struct nest_options options = { .format = "human" };
	char columns[256];

	for (seed = 0; seed < 300; seed++) {
		uint32_t first = seed;
		struct nest_list list = { .look.view = first % 2 ? NEST_BY_GROUP : NEST_BY_DEVICE,
					  .look.noheadings = first % 4 >= 2 };
		struct nest_run run = { .command = "list", .options = &options, .found = &list };
		char *plain, *table, *shown;
		int err;

		make(&run, &list);
		any_columns(columns);
		if (first % 3)
			list.look.columns = columns;
		plain = printed(nest_plain_list, &run, &err);
		CHECK_EQ(err, 0);
		/* Releases of libsmartcols differ in whether a heading not shown takes room. */
		list.look.noheadings = false;
		table = printed(nest_table_list, &run, &err);
		CHECK_EQ(err, 0);
		shown = table + (first % 4 >= 2 ? strcspn(table, "\n") + 1 : 0);
		CHECK_STR(plain, shown);
		free(plain);
		free(table);
		drop(&run, &list);
		seed = first;
	}
}

TEST(not_plain, "what libsmartcols may write in another way is left to it, and nothing printed")
{
	static const char *const texts[] = { "caf\xc3\xa9", "a\\x41", "a\tb", "a\x7f", "\xff" };
	struct nest_options options = { .format = "human" };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct nest_list list = { .look.view = NEST_BY_DEVICE };
		struct nest_run run = { .command = "list", .options = &options, .found = &list };
		char *plain;
		int err;

		seed = 1;
		make(&run, &list);
		run.model.devices[DEVICES - 1].name = texts[i];
		list.devices[DEVICES - 1] = true;
		plain = printed(nest_plain_list, &run, &err);
		CHECK_EQ(err, -EILSEQ);
		CHECK_STR(plain, "");
		free(plain);
		drop(&run, &list);
	}
}

int main(void)
{
	return test_main();
}
