// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What reads sysfs attributes: the text of a uevent, numbers, PCI addresses, config space, and the
 * escaping of whatever came from there. Beyond not breaking, what is escaped must be safe to print.
 */
#include <stdlib.h>
#include <string.h>

#include "inventory/devices.h"
#include "escape.h"
#include "pciaddr.h"
#include "inventory/pcicap.h"
#include "host/sysfs.h"
#include "number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *safe, acs[160], address[NEST_PCIADDR_MAX];
	struct nest_pciaddr first, again;
	struct nest_uevent uevent;
	struct nest_pcicaps caps;
	uint64_t number;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';

	safe = nest_escape(text);
	check(safe && nest_is_safe(safe));
	free(safe);
	if (!nest_parse_u64(text, 10, &number))
		check(strspn(text, "0123456789") == strlen(text));
	(void)nest_parse_u64(text, 16, &number);
	if (!nest_pciaddr_parse(text, &first)) {
		nest_pciaddr_format(&first, address);
		check(!nest_pciaddr_parse(address, &again) &&
		      nest_pciaddr_key(&first) == nest_pciaddr_key(&again));
	}
	if (!nest_pcicaps_parse(data, size, &caps))
		nest_pcicap_acs_text(caps.acs_cap, caps.acs_ctl, acs, sizeof(acs));
	nest_uevent_parse(text, &uevent);
	check(!uevent.driver || *uevent.driver);
	free(text);
	return 0;
}
