# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# selftests: vfio_pci_driver_test vfio_dma_mapping_test vfio_iommufd_setup_test vfio_pci_device_test
# timeout: 1800
#
# Guest script: the kernel's own selftests of vfio on the emulator's DSA and on igb. /args is the mode in which
# vfio_pci_driver_test runs, or "all", for it takes long; the others run in all modes.

# shellcheck source=lib.sh
. /lib.sh
limit=600
mode=$(cat /args)
[ "$mode" = all ] && mode='' || mode="-v $mode"
# pages of 2 MiB for vfio_dma_mapping_test; without those of 1 GiB it skips five of its thirty
echo 8 >/proc/sys/vm/nr_hugepages

# tests NAME VENDOR DEVICE
tests()
{
	target=$(device "$2" "$3")
	capture root "truth/$1" "echo $target; uname -r"
	bind "$target" vfio-pci
	capture root "$1/driver" "vfio_pci_driver_test $mode $target"
	capture root "$1/log" dmesg
	capture root "$1/mapping" "vfio_dma_mapping_test $target"
	capture root "$1/iommufd" "vfio_iommufd_setup_test $target"
	capture root "$1/device" "vfio_pci_device_test $target"
}

tests dsa 8086 11fb
tests igb 8086 10c9
