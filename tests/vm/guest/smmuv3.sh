# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: what the tool says of an SMMUv3 and of edu behind it, for hosts that nest and for those that
# something keeps from it.
# timeout: 600

# shellcheck source=lib.sh
. /lib.sh
limit=300
target=$(device 1234 11e8)
dmesg >/tmp/log
capture root truth/target "echo $target"
capture root truth/units 'ls /sys/class/iommu'

bind "$target" vfio-pci
capture root truth/driver "basename \$(readlink /sys/bus/pci/devices/$target/driver)"
capture_table root root <<-END
list	vfio-nestctl list
list-json	vfio-nestctl --json list
show	vfio-nestctl show $target
show-json	vfio-nestctl --json show $target
check	vfio-nestctl check $target
check-json	vfio-nestctl --json check $target
check-probe	vfio-nestctl --json check --probe --require oas=44 --require ril --require viommu $target
labels	vfio-nestctl --format nfd check --probe $target
probe-text	vfio-nestctl probe $target
probe	vfio-nestctl --json probe $target
text	vfio-nestctl roundtrip $target
trip	vfio-nestctl --json --transcript /out/transcript roundtrip $target
last	vfio-nestctl --json roundtrip $target
log	vfio-nestctl --json decode --log /tmp/log
END
# on a root complex that the IORT leads past the SMMU, where there is one
past=0000:09:00.0
if [ -e /sys/bus/pci/devices/$past ]; then
	bind $past vfio-pci
	capture_table root past <<-END
	list	vfio-nestctl --json list
	show	vfio-nestctl show $past
	check	vfio-nestctl --json check --probe $past
	probe	vfio-nestctl --json probe $past
	trip	vfio-nestctl --json roundtrip $past
	END
fi
[ ! -e /sys/firmware/acpi/tables/IORT ] ||
	capture root root/iort 'vfio-nestctl --json decode iort /sys/firmware/acpi/tables/IORT'
# what the kernel thought of all of this
capture root truth/trouble 'dmesg | grep -E "WARNING|BUG|Oops|Call trace"'
