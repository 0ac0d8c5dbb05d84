# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
#
# Guest script: devices behind an SMMUv3 that share a group: two functions; a device and the port above it; a device
# and the bridge to conventional PCI above it. 0000:00:05.0 is alone in its group.

# shellcheck source=lib.sh
. /lib.sh
limit=300
functions=0000:00:01.0 sibling=0000:00:01.1 port=0000:01:00.0 bridge=0000:02:01.0
bind 0000:00:05.0 vfio-pci
for device in $functions $sibling $port $bridge; do
	bind "$device" vfio-pci
	capture root "truth/$device" "ls /sys/bus/pci/devices/$device/iommu_group/devices"
done
for name in functions port bridge; do
	eval "device=\$$name"
	capture_table root "$name" <<-END
		check	vfio-nestctl --json check --probe $device
		probe	vfio-nestctl --json probe $device
		trip	vfio-nestctl --json roundtrip $device
	END
done
capture root functions/second "vfio-nestctl --json roundtrip 0000:00:05.0 $functions"
capture root truth/trouble 'dmesg | grep -E "WARNING|BUG|Oops|Call trace"'
