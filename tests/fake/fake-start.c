// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts the fake with the program, from NESTCTL_FAKE_MACHINE, and ends it with the ledger. */
#include "fake-gpasid.h"
#include "fake-iommu.h"
#include "fake-iommufd.h"

#include <stdlib.h>
#include <unistd.h>

#define STATUS_BAD_MACHINE 98
#define STATUS_LEFT	   99

static bool by_hand; /* a unit test starts and checks the fake itself */
static bool finished;

static char *read_file(const char *path)
{
	size_t len, room = 1 << 20;
	char *text = malloc(room);
	FILE *in = fopen(path, "r");

	if (!text || !in) {
		free(text);
		if (in)
			fclose(in);
		return NULL;
	}
	len = fread(text, 1, room - 1, in);
	text[len] = '\0';
	fclose(in);
	return text;
}

static void forget(void)
{
	fake_fd_reset();
	fake_iommufd_reset();
	fake_fault_reset();
	fake_ring_reset();
	fake_pasid_reset();
	fake_memory_reset();
	fake_space_reset();
	fake_iotlb_reset();
	fake_kmsg_reset();
	fake_clock_reset();
	fake_inject_reset();
	fake_ledger_reset();
	fake_machine_free();
}

int fake_start(const char *text)
{
	int err;

	by_hand = true;
	forget();
	err = fake_machine_parse(text);
	if (!err)
		fake_kmsg_boot();
	return err;
}

void fake_finish(void)
{
	unsigned int left;

	if (by_hand || finished)
		return;
	finished = true;
	fake_inject_finish();
	left = fake_ledger_check(stderr);
	fflush(NULL);
	if (left)
		_exit(STATUS_LEFT);
}

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("NESTCTL_FAKE_MACHINE");
	char *text;

	if (!path || !*path)
		return;
	text = read_file(path);
	if (!text) {
		fprintf(stderr, "fake: cannot read the machine %s\n", path);
		_exit(STATUS_BAD_MACHINE);
	}
	if (fake_machine_parse(text))
		_exit(STATUS_BAD_MACHINE);
	free(text);
	fake_kmsg_boot();
	atexit(fake_finish);
}
