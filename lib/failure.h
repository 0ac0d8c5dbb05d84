/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What went wrong on the way into the kernel: which request, on what, and the errno. explain.h
 * turns it into a reason and a remedy.
 */
#ifndef NEST_FAILURE_H
#define NEST_FAILURE_H

struct nest_failure {
	/*
	 * The request's symbol, "open" for a node, with the case behind a slash where one request
	 * serves several: "IOMMU_HWPT_ALLOC/nest-parent". Static; NULL as long as nothing failed.
	 */
	const char *op;
	char object[320]; /* "/dev/vfio/12", "group 12", "0000:3a:00.0" */
	int err;	  /* errno, positive */
};

/*
 * Notes the failure of op on object and returns err, which is -errno. failed may be NULL; an
 * earlier failure is overwritten.
 */
int nest_failure_set(struct nest_failure *failed, int err, const char *op, const char *object, ...)
	__attribute__((format(printf, 4, 5)));

#endif
