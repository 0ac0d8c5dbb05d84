# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
#
# Guest script of tests/vm/qemu-11: what QEMU 11, which /qemu.tar holds with its libraries, says of the device that
# does DMA here, beside what probe --as qemu-11 says it will. /settings: the rows of qemu-11.tsv.

# shellcheck source=lib.sh
. /lib.sh
limit=300
target=$(device 1234 11e8)
bind "$target" vfio-pci
mkdir /q
tar xf /qemu.tar -C /q
for dir in proc sys dev; do
	mkdir -p "/q/$dir"
	mount --bind "/$dir" "/q/$dir"
done
mkdir -p /q/tmp /q/run
while read -r name with properties; do
	[ "$with" = - ] && with='' || with="--with $with"
	capture root "tool/$name" "vfio-nestctl --json probe $target --as qemu-11 $with"
	capture root "qemu/$name" "echo quit | chroot /q /usr/bin/qemu-system-x86_64 -M q35,kernel-irqchip=split \
		-accel tcg -m 64 -display none -nodefaults -S -monitor stdio -device intel-iommu,intremap=on,$properties \
		-object iommufd,id=i0 -device vfio-pci,host=$target,iommufd=i0"
done </settings
