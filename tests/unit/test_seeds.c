// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each seed of tests/fuzz/corpus is accepted by its parser: one that stops at its header tries
 * nothing behind it. Runs in the source tree's root.
 */
#include <dirent.h>
#include <stdlib.h>

#include "backend/infocap.h"
#include "hw/acpi.h"
#include "hw/acpidump.h"
#include "hw/dmar.h"
#include "log/log.h"
#include "report/read.h"
#include "test.h"

#define SEED_MAX (1 << 20)

static bool takes_acpidump(const char *data, size_t len)
{
	struct nest_acpidump_problem problem;
	uint8_t *bytes;
	size_t n;
	bool good = !nest_acpidump_parse(data, len, "DMAR", &bytes, &n, &problem);

	if (good)
		free(bytes);
	return good;
}

static bool takes_dmar(const char *data, size_t len)
{
	struct nest_dmar *dmar;
	bool good;

	if (nest_dmar_load(data, len, &dmar))
		return false;
	good = dmar->acpi.has_header && dmar->nentries;
	nest_dmar_free(dmar);
	return good;
}

static bool takes_table(const char *data, size_t len)
{
	struct nest_acpi *table;
	bool good = false;
	size_t i;

	for (i = 0; nest_acpi_kinds[i]; i++) {
		if (nest_acpi_load(nest_acpi_kinds[i], data, len, &table))
			return false;
		good |= table->has_header && table->nnodes;
		nest_acpi_free(table);
	}
	return good;
}

static bool takes_infocap(const char *data, size_t len)
{
	struct nest_info info;

	if (nest_info_parse(data, len, &info))
		return false;
	nest_info_free(&info);
	return true;
}

static bool takes_klog(const char *data, size_t len)
{
	struct nest_log *log = nest_log_new();
	const struct nest_log_result *found;
	bool good = log && !nest_log_feed(log, data, len) && !nest_log_finish(log);

	found = good ? nest_log_result(log) : NULL;
	good = good && (found->nunits || found->nfaults || found->ngroups || found->nnotes);
	nest_log_free(log);
	return good;
}

static bool takes_report(const char *data, size_t len)
{
	struct nest_answers answers = { 0 };
	const char *why;

	if (nest_report_read(data, len, &answers, &why))
		return false;
	nest_answers_free(&answers);
	return true;
}

static void check_file(const char *path, bool (*takes)(const char *data, size_t len))
{
	FILE *in = fopen(path, "r");
	char *data = malloc(SEED_MAX);
	size_t len = in && data ? fread(data, 1, SEED_MAX, in) : 0;

	if (!CHECK(len && len < SEED_MAX && takes(data, len)))
		printf("# refused: %s\n", path);
	free(data);
	if (in)
		fclose(in);
}

static void check_folder(const char *name, bool (*takes)(const char *data, size_t len))
{
	char path[512];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", name);
	dir = opendir(path);
	REQUIRE(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", name, entry->d_name);
		check_file(path, takes);
	}
	closedir(dir);
}

TEST(seeds, "every seed of the fuzzers gets past the header of its parser")
{
	static const struct {
		const char *name;
		bool (*takes)(const char *data, size_t len);
	} rows[] = {
		{ "acpidump", takes_acpidump }, { "dmar", takes_dmar },
		{ "infocap", takes_infocap },	{ "klog", takes_klog },
		{ "report", takes_report },	{ "table", takes_table },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_folder(rows[i].name, rows[i].takes);
}

int main(void)
{
	return test_main();
}
