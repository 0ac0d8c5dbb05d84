# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: a machine without an IOMMU, and a device that VFIO has in no-IOMMU mode.

# shellcheck source=lib.sh
. /lib.sh
target=$(device 1234 11e8)
capture root unbound/trip "vfio-nestctl --json roundtrip $target"
echo 1 >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
bind "$target" vfio-pci
capture root truth/nodes 'ls /dev/vfio'
capture root noiommu/trip "vfio-nestctl --json roundtrip $target"
capture root noiommu/text "vfio-nestctl roundtrip $target"
capture root noiommu/type1 "vfio-nestctl --json roundtrip --backend type1v2 $target"
capture root noiommu/iommufd "vfio-nestctl --json roundtrip --backend iommufd $target"
capture root noiommu/probe "vfio-nestctl --json probe $target"
capture nobody noiommu/nobody "vfio-nestctl --json roundtrip $target"
dmesg | grep -c 'vfio-noiommu device opened' >/tmp/opened
capture root truth/opened 'cat /tmp/opened'
