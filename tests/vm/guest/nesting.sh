# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: a kernel of 5.10 with the nesting ABI of 2020, in the revision that its command line names, or
# with none. vfio-pci has the device throughout.

# shellcheck source=lib.sh
. /lib.sh
target=$(device 1234 11e8)
bind "$target" vfio-pci
capture root truth/target "echo $target"
capture root truth/revision 'cat /sys/module/vfio/parameters/nesting_rev'
capture root truth/ioasid 'ls -l /dev/ioasid'

capture root root/probe 'vfio-nestctl --json probe'
capture root root/probe-edu "vfio-nestctl --json probe $target"
capture root root/probe-as "vfio-nestctl --json probe --as qemu-2020 $target"
capture root root/probe-text "vfio-nestctl probe $target"
capture nobody nobody/probe-edu "vfio-nestctl --json probe $target"

# the round trip; killed at moments of all its legs; and once more right after
limit=300
capture root root/trip "vfio-nestctl --json --transcript /out/root/trip.calls roundtrip $target --iterations 200"
capture root root/issued 'grep -cE "PASID_REQUEST|IOMMU_BIND|CACHE_INVALIDATE|NESTING_OP|IOASID_REQUEST" /out/root/trip.calls'
for after in 50 400 900 1500 2300 3100 4200 5400 6600 7800; do
	struck KILL $after "root/killed-$after" vfio-nestctl --json roundtrip "$target"
done
capture root root/trip-text "vfio-nestctl -v roundtrip $target"

# what the kernel has to say of all this: no warning of its own, no oops
capture root truth/trouble 'dmesg | grep -E "WARNING: |BUG: |Oops|Call Trace"'
