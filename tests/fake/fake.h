/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake kernel: a state machine behind lib/kernel/kernel.h, a software two-stage IOMMU and a few
 * devices. README.md says how it is steered. It has globals, unlike lib/: there is one kernel in a
 * process. Here is what every part of it needs: files, time, failures, the ledger.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define FAKE_PAGE     4096ul
#define FAKE_NO_PASID 0u /* PASID 0 stands for requests without one, as IOMMU_NO_PASID does */

struct fake_device;
struct fake_domain;
struct fake_file;
struct fake_group;
struct fake_space;

/* ---- fake-start.c ---- */

/*
 * For unit tests: forgets the machine and everything done to it, then starts the one described. 0,
 * or -1 after a line on stderr. From then on the ledger is not checked at exit.
 */
int fake_start(const char *text);

/*
 * At the end of the program: writes the count file, checks the ledger, exits 99 if anything is
 * left.
 */
void fake_finish(void);

/* ---- fake-file.c: open files ---- */

struct fake_file_ops {
	const char *kind; /* for the ledger */
	long (*ioctl)(struct fake_file *file, unsigned long request, uintptr_t arg);
	ssize_t (*read)(struct fake_file *file, void *buf, size_t len);
	ssize_t (*write)(struct fake_file *file, const void *buf, size_t len);
	ssize_t (*pread)(struct fake_file *file, void *buf, size_t len, uint64_t offset);
	ssize_t (*pwrite)(struct fake_file *file, const void *buf, size_t len, uint64_t offset);
	int (*seek_end)(struct fake_file *file);
	bool (*readable)(struct fake_file *file); /* NULL: always */
	int (*mmap)(struct fake_file *file, size_t len, uint64_t offset, void **ret_addr);
	void (*excuse)(struct fake_file *file);	 /* a write to it was made to fail */
	void (*release)(struct fake_file *file); /* after the last reference */
};

struct fake_file {
	const struct fake_file_ops *ops;
	void *object;
	char name[80];
	int flags;
	unsigned int refs; /* the fd is one, each file that needs this one another */
	uint64_t position;
};

/* A new file with one reference, without an fd. */
struct fake_file *fake_file_new(const struct fake_file_ops *ops, void *object, const char *name,
				int flags);
void fake_file_get(struct fake_file *file);
void fake_file_put(struct fake_file *file);

/* Gives the file an fd, which takes over the caller's reference; -EMFILE drops it. */
int fake_fd_install(struct fake_file *file);
struct fake_file *fake_fd_file(int fd); /* NULL if the fd is not open */
bool fake_fd_close(int fd);		/* false likewise */
unsigned int fake_fd_left(FILE *out);
void fake_fd_reset(void);

/* ---- fake-node.c: what can be opened; fd or -errno ---- */

int fake_node_open(const char *path, int flags);

/* ---- fake-inject.c: counting, failing, signalling ---- */

/* One more call of this name (a string that stays); 0, or the -errno it shall fail with. */
int fake_inject(const char *name);

/* A moment at which a signal may come though nothing can fail. */
void fake_inject_point(void);
bool fake_inject_signalled(void); /* has one come since this was last asked? */
bool fake_inject_failed(void);	  /* has any call been made to fail? */
void fake_inject_finish(void);	  /* writes the count file */
void fake_inject_reset(void);

/* ---- fake-clock.c ---- */

uint64_t fake_now(void);
void fake_clock_advance(uint64_t ns); /* runs what falls due on the way */
void fake_clock_reset(void);

/* ---- fake-ledger.c ---- */

/* Something no well-behaved program does; printed, and the exit status is 99. */
void fake_violation(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints what is left, and counts it with the violations. Empties nothing. */
unsigned int fake_ledger_check(FILE *out);

/* Is it to be held against the program what the kernel must drop when a file is closed? */
bool fake_ledger_strict(void);
void fake_ledger_reset(void);

/* ---- fake-memory.c: mappings of nest_kernel_mmap() ---- */

int fake_memory_map(size_t len, void **ret_addr);
int fake_memory_map_region(struct fake_device *dev, unsigned int bar, uint64_t offset, size_t len,
			   void **ret_addr);
int fake_memory_unmap(void *addr, size_t len);
void fake_memory_excuse(void *addr); /* its release was made to fail */

/* The region behind an address: true with device, bar and offset. */
bool fake_memory_region(const volatile void *addr, struct fake_device **ret_dev,
			unsigned int *ret_bar, uint64_t *ret_offset);
bool fake_memory_region_in_use(const struct fake_device *dev);

/* May the kernel pin this range of the program? */
bool fake_memory_is_mapped(const void *addr, size_t len);

/* Gives back memory that was unmapped while pinned, as far as nothing pins it any more. */
void fake_memory_settle(void);
unsigned int fake_memory_left(FILE *out);
void fake_memory_reset(void);

/* ---- fake-kmsg.c: the kernel's log ---- */

extern const struct fake_file_ops fake_kmsg_ops;

void fake_kmsg(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fake_kmsg_fault(const struct fake_device *dev, uint32_t pasid, bool write, uint64_t addr,
		     int reason);
void fake_kmsg_boot(void);
void fake_kmsg_reset(void);

#endif
