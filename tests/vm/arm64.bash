# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # for boot, which reads this file
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The emulated machines of arm64: QEMU's own SMMUv3, which nests, and what takes that away from a host. They
# boot the lab's kernel for arm64, with the program that make CROSS_COMPILE=aarch64-linux-gnu- builds.
#
# The first word of a row is how the kernel learns of the machine: acpi by UEFI and the emulator's tables; canwbs
# the same with the one bit added to the IORT without which no host nests; dt by device tree. The rest is the
# machine. virt without a version is the newest of the emulator; up to virt-9.1 an SMMUv3 has one stage.
declare -A arm64_machine=(
	[arm64-nest]='canwbs virt,gic-version=3,iommu=smmuv3'
	[arm64-acpi]='acpi virt,gic-version=3,iommu=smmuv3'
	[arm64-dt]='dt virt,gic-version=3,iommu=smmuv3'
	[arm64-gicv2]='canwbs virt,gic-version=2,iommu=smmuv3'
	[arm64-stage1]='canwbs virt-9.1,gic-version=3,iommu=smmuv3'
	[arm64-stage2]='canwbs virt-9.1,gic-version=3,iommu=smmuv3'
	[arm64-two]='canwbs virt,gic-version=3,iommu=smmuv3'
	[arm64-mutants]='canwbs virt-10.0,gic-version=3,iommu=smmuv3'
	[arm64-stock]='canwbs virt,gic-version=3,iommu=smmuv3'
	[arm64-stock-16k]='canwbs virt,gic-version=3,iommu=smmuv3'
	[arm64-coarse]='canwbs virt-10.0,gic-version=3,iommu=smmuv3'
	[arm64-units]='canwbs virt-10.0,gic-version=3'
	[arm64-pages]='canwbs virt,gic-version=3,iommu=smmuv3'
	[arm64-devices]='canwbs virt,gic-version=3,iommu=smmuv3'
	[arm64-groups]='canwbs virt,gic-version=3,iommu=smmuv3'
)
# Two root complexes with an SMMU each, and a device behind a port of the second: 0000:09:00.0.
declare -A arm64_options=(
	[arm64-units]='-device arm-smmuv3,primary-bus=pcie.0,stage=nested
		-device pxb-pcie,id=pcie.1,bus_nr=8,bus=pcie.0,addr=5
		-device arm-smmuv3,primary-bus=pcie.1,stage=nested
		-device pcie-root-port,id=rp,bus=pcie.1,chassis=1,slot=1'
	[arm64-coarse]='-global arm-smmuv3.x-broken=no-4k'
	[arm64-stage1]='-global arm-smmuv3.stage=1'
	[arm64-stage2]='-global arm-smmuv3.stage=2'
)
# Without it, a kernel panics whose own pages are smaller than those of the SMMU (init_iova_domain()).
# Processors that have pages of 16 and 64 KiB; the others are a cortex-a72.
declare -A arm64_cpu=([arm64-stock-16k]=neoverse-n1 [arm64-pages]=max)
declare -A arm64_cmdline=([arm64-coarse]='iommu.passthrough=1')
# Those of the lab's own emulator (lab/build-qemu), whose SMMUv3, of the id smmu, can be told to do one thing wrong, and
# which can have several.
declare -A arm64_lab=([arm64-mutants]=1 [arm64-coarse]=1 [arm64-units]=1)
arm64_devices_default='edu,addr=1,dma_mask=0xffffffffffffffff'
declare -A arm64_devices=(
	[arm64-acpi]='edu,bus=pcie.0,addr=1,dma_mask=0xffffffffffffffff
		pxb-pcie,id=past,bus_nr=8,bus=pcie.0,addr=2,bypass_iommu=on
		pcie-root-port,id=rp,bus=past,chassis=1,slot=1 edu,bus=rp'
	[arm64-two]='edu,addr=1,dma_mask=0xffffffffffffffff edu,addr=2,dma_mask=0xffffffffffffffff'
	[arm64-groups]='edu,addr=1.0,multifunction=on,dma_mask=0xffffffffffffffff edu,addr=1.1
		pcie-root-port,id=rp,addr=3,chassis=1,slot=1,disable-acs=on edu,bus=rp,dma_mask=0xffffffffffffffff
		pcie-pci-bridge,id=br,addr=4 edu,bus=br,addr=1,dma_mask=0xffffffffffffffff
		edu,addr=5,dma_mask=0xffffffffffffffff'
	[arm64-devices]='nvme,addr=1,serial=lab igb,addr=2,romfile='
	[arm64-units]='edu,bus=pcie.0,addr=1,dma_mask=0xffffffffffffffff edu,bus=rp,dma_mask=0xffffffffffffffff'
	[arm64-mutants]='edu,id=edu,addr=1,dma_mask=0xffffffffffffffff,dma_ms=1 edu,addr=2,dma_mask=0xffffffffffffffff,dma_ms=1'
)

# Debian's own kernels. Their virtio over MMIO, by which results leave the guest, is a module.
machine_flavour[arm64-stock]=cloud-arm64
machine_flavour[arm64-stock-16k]=arm64-16k
machine_load[arm64-stock]='virtio_mmio vfio_iommu_type1 vfio_pci'
machine_load[arm64-stock-16k]=${machine_load[arm64-stock]}

machine_is_arm64()
{
	[[ $1 == arm64-* ]]
}

# arm64_iort QEMU MACHINE: prints the path of the archive that adds CANWBS to the IORT of this machine of this
# emulator, whose tables differ between versions and by what bridges there are. The table comes from a boot of the machine.
arm64_iort()
{
	local key store dump
	key=$(printf '%s\n' "$("$1" --version | head -n 1)" "${arm64_machine[$2]} ${arm64_options[$2]-} ${arm64_devices[$2]-}" \
		"$(sha256sum <"$vm_dir/lab/canwbs")" | sha256sum | cut -c -16)
	store=$(vm_cache)/iort
	if [ ! -e "$store/$key.cpio" ]; then
		mkdir -p "$store"
		dump=$(mktemp -d)
		"$vm_dir/boot" --kernel lab-arm64 --machine "$2" --script "$vm_dir/guest/iort.sh" --out "$dump" --plain >&2 &&
			"$vm_dir/lab/canwbs" "$dump/iort/table" "$dump/archive" &&
			mv "$dump/archive" "$store/$key.cpio"
		rm -rf "$dump"
	fi
	[ -e "$store/$key.cpio" ] || vm_die "cannot make the IORT of $2"
	printf '%s\n' "$store/$key.cpio"
}
