// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sentinel MIB: fills this much memory with a pattern, says "ready", and then answers each line of
 * stdin with a line that says how many pages have changed since, and where in physical memory the
 * first of them lies. What has changed is put back. All memory that a device must not write to.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

/* The physical address of a page, 0 if unknown. */
static uint64_t physical(int pagemap, const unsigned char *page)
{
	uint64_t entry = 0;

	if (pread(pagemap, &entry, sizeof(entry), (off_t)((uintptr_t)page / PAGE * 8)) !=
	    sizeof(entry))
		return 0;
	return (entry & ((UINT64_C(1) << 55) - 1)) * PAGE;
}

int main(int argc, char **argv)
{
	size_t size = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0, at, changed;
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned char *memory, pattern[PAGE], line[64];

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED || pagemap < 0 || mlock(memory, size)) {
		perror("sentinel");
		return 1;
	}
	for (at = 0; at < PAGE; at++)
		pattern[at] = (unsigned char)(0xa5 ^ at * 7);
	for (at = 0; at < size; at += PAGE)
		memcpy(memory + at, pattern, PAGE);
	printf("ready\n");
	fflush(stdout);
	while (fgets((char *)line, sizeof(line), stdin)) {
		uint64_t first = 0;

		for (at = changed = 0; at < size; at += PAGE) {
			if (!memcmp(memory + at, pattern, PAGE))
				continue;
			if (!changed++)
				first = physical(pagemap, memory + at);
			memcpy(memory + at, pattern, PAGE);
		}
		printf("%zu pages of %zu changed, the first at 0x%llx\n", changed, size / PAGE,
		       (unsigned long long)first);
		fflush(stdout);
	}
	return 0;
}
