# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: devices, whole bridges among them, leave and come back while the tool looks. The
# removal is the kernel's own (sysfs "remove"): it takes away the same folders as a pulled card,
# and unlike a pulled card it needs nobody to press an attention button and wait five seconds.

# shellcheck source=lib.sh
. /lib.sh
lone=0000:02:00.0
bridge=0000:00:07.0
behind=0000:04:01.0
turns=24
most=240

(
	while [ ! -e /tmp/enough ]; do
		for victim in $lone $bridge; do
			echo 1 >"/sys/bus/pci/devices/$victim/remove"
			usleep 60000
		done
		echo 1 >/sys/bus/pci/rescan
		usleep 60000
	done
) &

# both ADDRESS: whether some list had the device, and some had not
both()
{
	with=$(grep -l "\"$1\"" /out/list/*.out | wc -l)
	[ "$with" -gt 0 ] && [ "$with" -lt "$turn" ]
}

# How often a list meets a device depends on the speed of the machine: they come and go until each has
# been seen both ways, or it is hopeless.
turn=0
while [ $turn -lt $turns ] || { [ $turn -lt $most ] && ! { both $lone && both $behind; }; }; do
	turn=$((turn + 1))
	capture root "list/$turn" 'vfio-nestctl --json list'
	[ $((turn % 4)) -eq 0 ] || continue
	capture root "tree/$turn" 'vfio-nestctl list --tree'
	capture root "show/$turn" "vfio-nestctl --json show $behind"
done
touch /tmp/enough
wait
capture root after/list-json 'vfio-nestctl --json list'
# shellcheck disable=SC2016 # expanded by the shell that capture starts
capture root truth/groups 'cd /sys/kernel/iommu_groups && for f in */devices/*; do echo "${f%%/*} ${f##*/}"; done'
