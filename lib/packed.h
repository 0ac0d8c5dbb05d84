/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How people pack logs and reports. */
#ifndef NEST_PACKED_H
#define NEST_PACKED_H

/* X(first bytes, how many, what they are of, the command that unpacks it): each a literal. */
#define NEST_PACKED(X)                                                                             \
	X("\x1f\x8b", 2, "gzip", "gzip -dc")                                                       \
	X("\xfd"                                                                                   \
	  "7zXZ",                                                                                  \
	  5, "xz", "xz -dc")                                                                       \
	X("\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc")                                               \
	X("BZh", 3, "bzip2", "bzip2 -dc")                                                          \
	X("PK\x03\x04", 4, "zip", "unzip -p")

#endif
