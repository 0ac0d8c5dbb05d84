// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel log says of a DMA that was lost. */
#include "trip/run.h"

#define LOG_WAIT_MS	  100
#define REASON_NO_CONTEXT 0x02 /* present bit in context entry is clear */

static bool is_alias(const struct nest_trip_run *run, const struct nest_pciaddr *device)
{
	const struct nest_pciaddr *own = &run->names.at[0];

	return device->bus != own->bus || device->device != own->device ||
	       device->function != own->function;
}

/*
 * What is below a PCIe-to-PCI bridge. In scalable mode Linux sets up the context entry of the
 * device's own address alone (drivers/iommu/intel/pasid.c, pci_pasid_table_setup()), and no DMA
 * gets through.
 */
static void tell_alias(struct nest_trip_run *run, const struct nest_watch_fault *fault)
{
	char name[NEST_PCIADDR_MAX];

	nest_pciaddr_format(&fault->fault.device, name);
	nest_trip_evidence(run,
			   "a bridge forwards the device's DMA with the address %s, and the IOMMU "
			   "uses that address",
			   name);
	if (fault->fault.driver == &nest_fault_vtd && fault->fault.has_reason &&
	    fault->fault.reason == REASON_NO_CONTEXT)
		run->leg->remedy = "use a slot that is not behind a PCIe-to-PCI bridge: in "
				   "scalable mode Linux sets up no translation for its address. "
				   "One stage alone works with intel_iommu=on,sm_off.";
}

/* Faults of transfers that were blocked are expected, however late they are told. */
void nest_trip_provoked(struct nest_trip_run *run, uint64_t iova)
{
	size_t n = run->nprovoked++ % NEST_PROVOKED_MAX;

	run->provoked[n] = iova & ~UINT64_C(4095);
}

void nest_trip_provoked_all(struct nest_trip_run *run)
{
	run->scratch_blocked = true;
}

bool nest_trip_is_provoked(const struct nest_trip_run *run, uint64_t addr)
{
	uint64_t scratch = run->small.gpa + nest_trip_small(run, NEST_SCRATCH_FIRST);
	size_t i;

	if (addr - scratch < nest_trip_small(run, NEST_SCRATCH_PAGES))
		return run->scratch_blocked;
	for (i = 0; i < run->nprovoked && i < NEST_PROVOKED_MAX; i++)
		if (run->provoked[i] == (addr & ~UINT64_C(4095)))
			return true;
	return run->nprovoked > NEST_PROVOKED_MAX;
}

static void look_at(struct nest_trip_run *run, const struct nest_watch_fault *fault)
{
	if (!nest_trip_is_provoked(run, fault->fault.address))
		nest_trip_deviates(run, "spurious_fault",
				   "the kernel log has a fault that no transfer of the tool "
				   "provoked: %s",
				   fault->text);
}

int nest_trip_drain_log(struct nest_trip_run *run)
{
	struct nest_watch_fault fault;
	int got;

	while ((got = nest_watch_wait(run->ctx, &run->log, &run->names, NEST_WATCH_ANY, 0, &fault,
				      NULL)) == 1)
		look_at(run, &fault);
	return got;
}

int nest_trip_hear(struct nest_trip_run *run, uint64_t iova, struct nest_watch_fault *ret,
		   unsigned int *ret_others)
{
	struct nest_watch_fault fault;
	int got;

	*ret_others = 0;
	while ((got = nest_watch_wait(run->ctx, &run->log, &run->names, NEST_WATCH_ANY,
				      NEST_LISTEN_MS, &fault, NULL)) == 1) {
		look_at(run, &fault);
		if ((fault.fault.address ^ iova) < NEST_PAGE) {
			*ret = fault;
			return 1;
		}
		++*ret_others;
	}
	return got;
}

enum nest_leg_result nest_trip_log_failed(struct nest_trip_run *run, int err)
{
	return nest_trip_check(run,
			       nest_failure_set(&run->failed, err, NEST_STAGE_READ, "/dev/kmsg"));
}

/* Not having heard it is no failure of its own. */
void nest_trip_ask_the_log(struct nest_trip_run *run)
{
	struct nest_watch_fault fault;
	int wait_ms = LOG_WAIT_MS;
	bool found = false;

	for (; nest_watch_wait(run->ctx, &run->log, &run->names, NEST_WATCH_ANY, wait_ms, &fault,
			       NULL) == 1;
	     wait_ms = 0)
		found = true;
	if (!found)
		return;
	nest_trip_evidence(run, "the kernel log says: %s", fault.text);
	if (is_alias(run, &fault.fault.device))
		tell_alias(run, &fault);
}
