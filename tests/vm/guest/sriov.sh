# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: a network card that splits into virtual functions, one of them for user space.

# shellcheck source=lib.sh
. /lib.sh
pf=$(device 8086 10c9)
capture root before/list-json 'vfio-nestctl --json list'
echo 4 >"/sys/bus/pci/devices/$pf/sriov_numvfs"
vf=$(basename "$(readlink "/sys/bus/pci/devices/$pf/virtfn0")")
bind "$vf" vfio-pci

capture_table root truth <<END
pf	echo $pf
vfs	for l in /sys/bus/pci/devices/$pf/virtfn*; do basename \$(readlink \$l); done
groups	cd /sys/kernel/iommu_groups && for f in */devices/*; do echo "\${f%%/*} \${f##*/}"; done
END
for user in root nobody; do
	capture_table $user $user <<-END
	list	vfio-nestctl list
	list-json	vfio-nestctl --json list
	list-tree	vfio-nestctl list --tree
	show-pf	vfio-nestctl show $pf
	show-pf-json	vfio-nestctl --json show $pf
	show-vf	vfio-nestctl show $vf
	show-vf-json	vfio-nestctl --json show $vf
	probe-vf	vfio-nestctl --json probe $vf
	END
done

echo 0 >"/sys/bus/pci/devices/$pf/sriov_numvfs"
capture root after/list-json 'vfio-nestctl --json list'
capture root after/probe-vf "vfio-nestctl --json probe $vf"
