# shellcheck shell=bash
# shellcheck disable=SC2034 # for boot, which reads this file
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The emulated machines: what each has besides a q35 board, what its kernel is told, which modules
# its guest loads. To add one, add a row to machine_iommu; the other tables have defaults.

# Properties have their names of QEMU 11.1; machine_device knows the older ones. The IOMMU comes first
# on the command line: it is to be there before any device behind it.
declare -A machine_iommu=(
	[vtd]='intel-iommu,intremap=on'
	[vtd-sm]='intel-iommu,intremap=on,scalable-mode=on'
	[vtd-flts]='intel-iommu,intremap=on,scalable-mode=on,fsts=on'
	[virtio-iommu]='virtio-iommu-pci'
	[amd-iommu]='amd-iommu,intremap=off,pt=off'
	[none]=''
	[igb-sriov]='intel-iommu,intremap=on,scalable-mode=on'
	[many]='intel-iommu,intremap=on'
	[trip]='intel-iommu,intremap=on'
	[trip-igb]='intel-iommu,intremap=on'
	[lab-nest]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-flat]='intel-iommu,intremap=on,scalable-mode=on,fsts=on'
	[lab-pri]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on,x-pri=on,device-iotlb=on,x-pasid-mode=on'
	[lab-nvme]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-igb]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-two]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-pair]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-vf]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-pair-flat]='intel-iommu,intremap=on,scalable-mode=on,fsts=on'
	[lab-aw39]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on,aw-bits=39'
	[lab-gpasid]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on,x-pri=on,device-iotlb=on,x-pasid-mode=on'
	[lab-odd]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on,caching-mode=on'
	[lab-mutants]='intel-iommu,id=unit,intremap=on,scalable-mode=on,fsts=on,x-nest=on,x-pri=on,device-iotlb=on,x-pasid-mode=on'
	[lab-mutants-nvme]='intel-iommu,id=unit,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-dsa]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on,x-pri=on,device-iotlb=on,x-pasid-mode=on'
	[lab-selftests]='intel-iommu,intremap=on,scalable-mode=on,fsts=on,x-nest=on,x-pri=on,device-iotlb=on,x-pasid-mode=on'
	[lab-mutants-igb]='intel-iommu,id=unit,intremap=on,scalable-mode=on,fsts=on,x-nest=on'
	[lab-mutants-dsa]='intel-iommu,id=unit,intremap=on,scalable-mode=on,fsts=on,x-nest=on,x-pri=on,device-iotlb=on,x-pasid-mode=on'
	[lab-none]=''
)

# The nesting ABI of 2020 binds to a PASID, and only where a device has all 20 bits of it; the unit
# takes 8. The kernel of series 5.10 speaks it when it is told which revision; others ignore the word.
for revision in rfc-v3 v8; do
	machine_iommu[lab-$revision]=${machine_iommu[lab-gpasid]}
done

# Names before QEMU 11.1, and a property that is gone since.
declare -A machine_older_name=([scalable-mode]=x-scalable-mode [fsts]=x-flts)
machine_gone='pt'

# machine_properties QEMU DEVICE: the names of its properties, as the emulator itself lists them
machine_properties()
{
	"$1" -device "$2,help" 2>/dev/null | sed -nE 's/^ +([^ =]+)=.*/\1/p'
}

# machine_device QEMU DEVICE[,PROPERTY=VALUE]...: the same device in the names of this emulator. A
# property that it lacks under both names stays, so that the emulator complains of it.
machine_device()
{
	local known device part name parts

	IFS=, read -ra parts <<<"$2"
	device=${parts[0]}
	known=$(machine_properties "$1" "$device")
	for part in "${parts[@]:1}"; do
		name=${part%%=*}
		if ! grep -qxF "$name" <<<"$known"; then
			[ "$name" != "$machine_gone" ] || continue
			name=${machine_older_name[$name]-$name}
		fi
		device+=,$name=${part#*=}
	done
	printf '%s\n' "$device"
}

# Those of the lab's own emulator (lab/): the others run on Debian's.
machine_is_lab()
{
	[[ $1 == lab-* ]]
}

# Machines of the round trip, which waits a lot: time jumps to where the guest's sleep ends. All of the lab, and
# that on which time is measured.
machine_sleeps_free()
{
	[[ $1 == trip* || $1 == many ]] || machine_is_lab "$1"
}

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
machine_pair='
	edu,dma_mask=0xffffffffffffffff,addr=1
	edu,dma_mask=0xffffffffffffffff,addr=2
	nvme,serial=nestctl,addr=3
	edu,addr=4'

# 13 groups of eight functions, and 32 root ports with a device behind each: 64 groups of one. With those of the board
# 172 devices.
machine_many()
{
	local slot function number=0

	for slot in {1..13}; do
		for function in {7..0}; do
			echo "pvpanic-pci,addr=$slot.$function,multifunction=on"
		done
	done
	for slot in {14..17}; do
		for function in {0..7}; do
			number=$((number + 1))
			echo "pcie-root-port,id=port$number,chassis=$number,addr=$slot.$function,multifunction=on,hotplug=off"
			echo "pvpanic-pci,bus=port$number"
		done
	done
}
declare -A machine_devices=(
	[many]=$(machine_many)
	[igb-sriov]='
	edu,addr=4
	pcie-root-port,id=port1,chassis=1,addr=5
	igb,bus=port1,romfile='
	[trip]='edu,addr=1'
	[trip-igb]='igb,addr=1,romfile='
	[lab-nest]='edu,dma_mask=0xffffffffffffffff,addr=1'
	[lab-flat]='edu,dma_mask=0xffffffffffffffff,addr=1'
	[lab-pri]='edu-pri,dma_mask=0xffffffffffffffff,addr=1'
	[lab-nvme]='nvme,serial=nestctl,drive=disk,addr=1'
	[lab-igb]='igb,addr=1,romfile='
	[lab-two]='
	edu,dma_mask=0xffffffffffffffff,addr=1.0,multifunction=on
	edu,addr=1.1
	nvme,serial=nestctl,addr=1.2'
	[lab-vf]='
	nvme-subsys,id=subsys
	pcie-root-port,id=port1,chassis=1,addr=2
	nvme,serial=nestctl,subsys=subsys,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=5,bus=port1'
	[lab-pair]=$machine_pair
	[lab-pair-flat]=$machine_pair
	[lab-aw39]='edu,dma_mask=0xffffffffffffffff,addr=1'
	[lab-gpasid]='edu-pri,pasid-bits=20,dma_mask=0xffffffffffffffff,addr=1'
	[lab-rfc-v3]='edu-pri,pasid-bits=20,dma_mask=0xffffffffffffffff,addr=1'
	[lab-v8]='edu-pri,pasid-bits=20,dma_mask=0xffffffffffffffff,addr=1'
	[lab-odd]='
	pcie-root-port,id=port1,chassis=1,addr=2
	edu,bus=port1,dma_mask=0xffffffffffffffff
	pci-bridge,id=bridge1,chassis_nr=2,addr=3
	edu,bus=bridge1,addr=1,dma_mask=0xffffffffffffffff
	pcie-root-port,id=port2,chassis=3,addr=4
	pcie-pci-bridge,id=bridge2,bus=port2
	edu,bus=bridge2,addr=1,dma_mask=0xffffffffffffffff
	pci-testdev,addr=5
	edu,addr=6.0,multifunction=on
	edu,addr=6.1
	nvme,serial=nestctl,addr=7'
	[lab-mutants]='
	edu-pri,id=edu,dma_ms=1,dma_mask=0xffffffffffffffff,addr=1
	edu-pri,dma_ms=1,dma_mask=0xffffffffffffffff,addr=2'
	[lab-mutants-nvme]='nvme,id=nvme,serial=nestctl,drive=disk,addr=1'
	[lab-mutants-igb]='
	igb,id=igb,romfile=,addr=1
	pcie-root-port,id=port1,chassis=1,addr=2
	igb,bus=port1,romfile='
	[lab-mutants-dsa]='
	dsa,id=dsa,addr=1
	dsa,addr=2'
	[lab-dsa]='dsa,id=dsa,addr=1'
	[lab-selftests]='
	dsa,addr=1
	igb,addr=2,romfile='
	[lab-none]='edu,addr=1'
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

# Machines with a medium of 1 MiB, "disk", which nothing may write to; boot compares it afterwards.
declare -A machine_disk=(
	[lab-nvme]=1
	[lab-mutants-nvme]=1
)

machine_cmdline_default='intel_iommu=on,sm_on'
declare -A machine_cmdline=(
	[vtd]='intel_iommu=on'
	[virtio-iommu]=''
	[amd-iommu]=''
	[none]=''
	[lab-none]=''
	[many]='intel_iommu=on'
	[trip]='intel_iommu=on'
	[lab-vf]="$machine_cmdline_default vfio_pci.enable_sriov=1"
	[lab-rfc-v3]="$machine_cmdline_default vfio.nesting_rev=3"
	[lab-v8]="$machine_cmdline_default vfio.nesting_rev=8"
)

# Debian's cloud kernels have neither AMD's IOMMU nor drivers for real network cards.
machine_flavour_default=cloud-amd64
declare -A machine_flavour=(
	[amd-iommu]=amd64
	[igb-sriov]=amd64
)

machine_load_default='vfio_iommu_type1 vfio_pci virtio_pci virtio_rng'
# for stock kernels: that of the lab has everything built in
declare -A machine_load=(
	[virtio-iommu]="virtio_iommu $machine_load_default"
	[igb-sriov]="$machine_load_default igb igbvf"
	[many]=''
	[trip]='vfio_iommu_type1 vfio_pci'
)
