// SPDX-License-Identifier: GPL-2.0-or-later
/* The promise of firmware that DMA is coherent, found for one device. */
#include "inventory/canwbs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "explain.h"
#include "host/sysfs.h"
#include "hw/hw.h"
#include "hw/iort.h"
#include "pciaddr.h"

#define TABLE	    "sys/firmware/acpi/tables/IORT"
#define ACPI	    "sys/firmware/acpi"
#define DEVICE_TREE "sys/firmware/devicetree/base"

static void __attribute__((format(printf, 3, 4)))
say(struct nest_canwbs *ret, enum nest_tri promised, const char *fmt, ...)
{
	va_list args;

	ret->promised = promised;
	va_start(args, fmt);
	vsnprintf(ret->text, sizeof(ret->text), fmt, args);
	va_end(args);
}

static void judge(const struct nest_acpi *table, const char *device, struct nest_canwbs *ret)
{
	const struct nest_acpi_node *root = NULL;
	struct nest_pciaddr address;

	if (!nest_pciaddr_parse(device, &address) && address.domain <= UINT16_MAX)
		root = nest_iort_root(table, (uint16_t)address.domain);
	if (!root)
		say(ret, NEST_NO, "the IORT has no root complex for %s", device);
	else if (nest_iort_canwbs(table, root))
		say(ret, NEST_YES,
		    "the root complex at byte %u of the IORT has CANWBS (byte %u, bit 2)",
		    root->offset, root->offset + NEST_IORT_ROOT_FLAGS);
	else
		say(ret, NEST_NO,
		    "the root complex at byte %u of the IORT lacks CANWBS (byte %u, bit 2)",
		    root->offset, root->offset + NEST_IORT_ROOT_FLAGS);
}

/* No table: by ACPI that is an answer, and by a device tree, which cannot hold the promise. */
static void without_table(struct nest_ctx *ctx, struct nest_canwbs *ret)
{
	if (nest_root_has(&ctx->root, ACPI))
		say(ret, NEST_NO, "firmware has no IORT, which would hold CANWBS");
	else if (nest_root_has(&ctx->root, DEVICE_TREE))
		say(ret, NEST_NO,
		    "this host was started by device tree, which cannot promise CANWBS");
	else
		say(ret, NEST_UNKNOWN, "no firmware table was found (/" TABLE ")");
}

int nest_canwbs_of(struct nest_ctx *ctx, const char *device, struct nest_canwbs *ret)
{
	struct nest_acpi *table = NULL;
	uint8_t *bytes = malloc(NEST_ACPI_MAX);
	ssize_t len;
	int err = 0;

	if (!bytes)
		return -ENOMEM;
	len = nest_attr_read_raw(&ctx->root, TABLE, bytes, NEST_ACPI_MAX, NULL);
	if (len >= 0)
		err = nest_acpi_parse(&nest_acpi_iort, bytes, (size_t)len, &table);
	free(bytes);
	if (table)
		judge(table, device, ret);
	else if (len == -ENOENT || len == -ENOTDIR || len == -ENODATA)
		without_table(ctx, ret);
	else
		say(ret, NEST_UNKNOWN, "cannot read /" TABLE ": %s",
		    nest_errno_name(len < 0 ? (int)-len : -err));
	nest_acpi_free(table);
	return err == -ENOMEM ? err : 0;
}
