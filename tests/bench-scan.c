// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least work that answers "which device is in which group on which driver": a floor to measure
 * against.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long devices = 0, groups = 0, bytes = 0;
	struct dirent *entry;
	int top, fd;
	DIR *dir;

	if (argc != 2 || chdir(argv[1]) || !(dir = opendir("sys/bus/pci/devices")))
		return 2;
	top = dirfd(dir);
	while ((entry = readdir(dir))) {
		char path[512], text[4096];
		ssize_t len;

		if (entry->d_name[0] == '.')
			continue;
		devices++;
		snprintf(path, sizeof(path), "%s/iommu_group", entry->d_name);
		groups += readlinkat(top, path, text, sizeof(text)) > 0;
		snprintf(path, sizeof(path), "%s/uevent", entry->d_name);
		fd = openat(top, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, text, sizeof(text));
		bytes += len > 0 ? (unsigned long)len : 0;
		close(fd);
	}
	printf("%lu devices, %lu in groups, %lu bytes of uevent\n", devices, groups, bytes);
	return 0;
}
