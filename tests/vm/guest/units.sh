# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
#
# Guest script: a machine with two SMMUs, one for each of its PCI root complexes, and a device behind each.

# shellcheck source=lib.sh
. /lib.sh
limit=300
first=0000:00:01.0 second=0000:09:00.0 port=0000:08:00.0
echo $port >/sys/bus/pci/drivers/pcieport/unbind
bind $first vfio-pci
bind $second vfio-pci
capture root truth/units 'ls /sys/class/iommu'
for device in $first $second; do
	capture root "truth/$device" "basename \$(readlink -f /sys/bus/pci/devices/$device/iommu)"
done

capture_table root root <<-END
	list	vfio-nestctl --json list
	show	vfio-nestctl --json show $second
	iort	vfio-nestctl --json decode iort /sys/firmware/acpi/tables/IORT
	probe	vfio-nestctl --json probe $second
	check	vfio-nestctl --json check --probe $first $second
	first	vfio-nestctl --json roundtrip $first
	second	vfio-nestctl --json roundtrip $second
	pair	vfio-nestctl --json roundtrip $first $second
END
capture root truth/trouble 'dmesg | grep -E "WARNING|BUG|Oops|Call trace"'
