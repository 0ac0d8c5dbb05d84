// SPDX-License-Identifier: GPL-2.0-or-later
/* What firmware's tables promise of one device or unit. */
#include "inventory/promise.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "errnoname.h"
#include "host/sysfs.h"
#include "hw/iort.h"
#include "hw/ivrs.h"
#include "pciaddr.h"

#define ACPI	    "sys/firmware/acpi"
#define TABLES	    ACPI "/tables"
#define DEVICE_TREE "sys/firmware/devicetree/base"

int nest_firmware_table(struct nest_ctx *ctx, const struct nest_acpi_kind *kind,
			struct nest_acpi **ret_table)
{
	uint8_t *bytes = malloc(NEST_ACPI_MAX);
	char path[64];
	ssize_t len;
	int err;

	if (!bytes)
		return -ENOMEM;
	snprintf(path, sizeof(path), TABLES "/%s", kind->signature);
	len = nest_attr_read_raw(&ctx->root, path, bytes, NEST_ACPI_MAX, NULL);
	if (len >= 0)
		err = nest_acpi_parse(kind, bytes, (size_t)len, ret_table);
	else
		err = len == -ENOTDIR || len == -ENODATA ? -ENOENT : (int)len;
	free(bytes);
	return err;
}

static void __attribute__((format(printf, 3, 4)))
say(struct nest_promise *ret, enum nest_tri set, const char *fmt, ...)
{
	va_list args;

	ret->set = set;
	va_start(args, fmt);
	vsnprintf(ret->text, sizeof(ret->text), fmt, args);
	va_end(args);
}

/* No table: by ACPI that is an answer, and by a device tree, which cannot hold the promise. */
static void say_no_iort(struct nest_ctx *ctx, struct nest_promise *ret)
{
	if (nest_root_has(&ctx->root, ACPI))
		say(ret, NEST_NO, "there is no IORT, which would hold CANWBS");
	else if (nest_root_has(&ctx->root, DEVICE_TREE))
		say(ret, NEST_NO,
		    "this host was started by device tree, which cannot promise CANWBS");
	else
		say(ret, NEST_UNKNOWN, "no firmware table was found (/" TABLES "/IORT)");
}

int nest_canwbs_of(struct nest_ctx *ctx, const char *device, struct nest_promise *ret)
{
	const struct nest_acpi_node *root = NULL;
	struct nest_acpi *table = NULL;
	struct nest_pciaddr address;
	int err = nest_firmware_table(ctx, &nest_acpi_iort, &table);

	if (!err && !nest_pciaddr_parse(device, &address) && address.domain <= UINT16_MAX)
		root = nest_iort_root(table, (uint16_t)address.domain);
	if (err == -ENOENT)
		say_no_iort(ctx, ret);
	else if (err)
		say(ret, NEST_UNKNOWN, "cannot read /" TABLES "/IORT: %s", nest_errno_name(-err));
	else if (!root && !table->complete)
		say(ret, NEST_UNKNOWN, "the IORT cannot be read to its end");
	else if (!root)
		say(ret, NEST_NO, "the IORT has no root complex for %s", device);
	else if (nest_iort_canwbs(table, root))
		say(ret, NEST_YES,
		    "the root complex at byte %u of the IORT has CANWBS (byte %u, bit 2)",
		    root->offset, root->offset + NEST_IORT_ROOT_FLAGS);
	else
		say(ret, NEST_NO,
		    "the root complex at byte %u of the IORT lacks CANWBS (byte %u, bit 2)",
		    root->offset, root->offset + NEST_IORT_ROOT_FLAGS);
	nest_acpi_free(table);
	return err == -ENOMEM ? err : 0;
}

int nest_hatdis_of(struct nest_ctx *ctx, const char *unit, struct nest_promise *ret)
{
	const struct nest_acpi_node *block = NULL;
	struct nest_acpi *table = NULL;
	unsigned int number;
	int err = nest_firmware_table(ctx, &nest_acpi_ivrs, &table);

	if (!err && sscanf(unit, "ivhd%u", &number) == 1)
		block = nest_ivrs_unit(table, number);
	if (err)
		say(ret, NEST_UNKNOWN, "cannot read /" TABLES "/IVRS: %s", nest_errno_name(-err));
	else if (!block)
		say(ret, NEST_UNKNOWN, "the IVRS does not describe %s", unit);
	else if (nest_ivrs_hatdis(table, block))
		say(ret, NEST_YES,
		    "the block of %s at byte %u of the IVRS has HATDis (byte %u, bit 0)", unit,
		    block->offset, block->offset + NEST_IVRS_ATTRIBUTES);
	else
		say(ret, NEST_NO, "the block of %s at byte %u of the IVRS has no HATDis", unit,
		    block->offset);
	nest_acpi_free(table);
	return err == -ENOMEM ? err : 0;
}
