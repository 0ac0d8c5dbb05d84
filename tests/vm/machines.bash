# shellcheck shell=bash
# shellcheck disable=SC2034 # for boot, which reads this file
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The emulated machines: what each has besides a q35 board, what its kernel is told, which modules
# its guest loads. To add one, add a row to machine_iommu; the other tables have defaults.

# The IOMMU comes first on the command line: it is to be there before any device behind it.
declare -A machine_iommu=(
	[vtd]='intel-iommu,intremap=on'
	[vtd-sm]='intel-iommu,intremap=on,x-scalable-mode=on'
	[vtd-flts]='intel-iommu,intremap=on,x-scalable-mode=on,x-flts=on'
	[virtio-iommu]='virtio-iommu-pci'
	[amd-iommu]='amd-iommu,intremap=off,pt=off'
	[none]=''
	[igb-sriov]='intel-iommu,intremap=on,x-scalable-mode=on'
)

# What hangs below it. Both edu are free, one alone in its group and one that shares a conventional
# bus, hence a group, with a device that has a driver; nvme sits behind a root port, in a group of
# its own. Slots are fixed: the addresses stand in the expectations.
machine_devices_default='
	edu,addr=4
	pcie-root-port,id=port1,chassis=1,addr=5
	nvme,bus=port1,serial=nestctl
	pcie-root-port,id=port2,chassis=2,addr=6
	e1000e,bus=port2,romfile=
	pcie-root-port,id=port3,chassis=3,addr=7
	pcie-pci-bridge,id=bridge,bus=port3
	edu,bus=bridge,addr=1
	virtio-rng-pci,bus=bridge,addr=2'
declare -A machine_devices=(
	[igb-sriov]='
	edu,addr=4
	pcie-root-port,id=port1,chassis=1,addr=5
	igb,bus=port1,romfile='
	[virtio-iommu]='
	edu,addr=4
	pcie-root-port,id=port1,chassis=1,addr=5
	nvme,bus=port1,serial=nestctl
	pcie-root-port,id=port2,chassis=2,addr=6
	e1000e,bus=port2,romfile='
	[amd-iommu]='
	edu,addr=4
	pcie-root-port,id=port1,chassis=1,addr=5
	nvme,bus=port1,serial=nestctl
	pcie-root-port,id=port2,chassis=2,addr=6
	e1000e,bus=port2,romfile='
)

machine_cmdline_default='intel_iommu=on,sm_on'
declare -A machine_cmdline=(
	[vtd]='intel_iommu=on'
	[virtio-iommu]=''
	[amd-iommu]=''
	[none]=''
)

# Debian's cloud kernels have neither AMD's IOMMU nor drivers for real network cards.
machine_flavour_default=cloud-amd64
declare -A machine_flavour=(
	[amd-iommu]=amd64
	[igb-sriov]=amd64
)

machine_load_default='vfio_iommu_type1 vfio_pci virtio_pci virtio_rng'
declare -A machine_load=(
	[virtio-iommu]="virtio_iommu $machine_load_default"
	[igb-sriov]="$machine_load_default igb igbvf"
)
