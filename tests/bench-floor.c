// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least work that answers what the usual columns of list show: which devices a unit serves, the
 * type of each group, driver and group of each device, and what firmware reserves in groups that no
 * driver blocks; a line each, without names or layout. On a host that is never changed meanwhile,
 * so that it trusts what it reads. bench-floor ROOT
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUPS_MAX 65536

static char line[256];
static bool is_group[GROUPS_MAX], is_blocked[GROUPS_MAX]; /* by number */

/* The first bytes of a file below a folder, as a string. */
static char *read_file(int folder, const char *name, const char *file, char *text, size_t size)
{
	char path[512];
	ssize_t len;
	int fd;

	strcpy(stpcpy(stpcpy(path, name), "/"), file);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, size - 1);
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void show_device(int folder, const char *name)
{
	char path[512], text[4096], target[512];
	const char *driver =
		strstr(read_file(folder, name, "uevent", text, sizeof(text)), "DRIVER=");
	ssize_t len;

	strcpy(stpcpy(path, name), "/iommu_group");
	len = readlinkat(folder, path, target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	driver = driver ? driver + strlen("DRIVER=") : "none\n";
	if (len >= 0 && strncmp(driver, "none", 4) && strncmp(driver, "pci", 3) &&
	    strncmp(driver, "vfio", 4))
		is_blocked[strtoul(strrchr(target, '/') + 1, NULL, 10) % GROUPS_MAX] = true;
	snprintf(line, sizeof(line), "%s %s %.*s\n", name,
		 len < 0 ? "none" : strrchr(target, '/') + 1, (int)strcspn(driver, "\n"), driver);
	fputs(line, stdout);
}

static void read_type(int folder, const char *name)
{
	char text[64];

	read_file(folder, name, "type", text, sizeof(text));
	is_group[strtoul(name, NULL, 10) % GROUPS_MAX] = true;
}

static void read_regions(void)
{
	int folder = open("sys/kernel/iommu_groups", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[16], text[4096];
	unsigned int i;

	for (i = 0; i < GROUPS_MAX; i++) {
		if (!is_group[i] || is_blocked[i])
			continue;
		snprintf(name, sizeof(name), "%u", i);
		read_file(folder, name, "reserved_regions", text, sizeof(text));
	}
	close(folder);
}

static void ignore(int folder, const char *name)
{
	(void)folder;
	(void)name;
}

static unsigned long each(const char *path, void (*fn)(int folder, const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned long n = 0;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			fn(dirfd(dir), entry->d_name);
			n++;
		}
	if (dir)
		closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]))
		return 2;
	each("sys/class/iommu/dmar0/devices", ignore);
	each("sys/kernel/iommu_groups", read_type);
	if (!each("sys/bus/pci/devices", show_device))
		return 2;
	read_regions();
	return 0;
}
