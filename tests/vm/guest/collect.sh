# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: what the tool says of this machine, as root and as nobody, in every state in which
# an admin may meet it, beside what sysfs says (truth/) for the host to compare.

# shellcheck source=lib.sh
. /lib.sh
edu=$(device 1234 11e8)
unit=$(basename "$(echo /sys/class/iommu/* | cut -d" " -f1)")
[ "$unit" != "*" ] || unit=none
cap=$(cat "/sys/class/iommu/$unit/intel-iommu/cap" 2>/dev/null)
ecap=$(cat "/sys/class/iommu/$unit/intel-iommu/ecap" 2>/dev/null)
dmesg >/tmp/log

# nothing bound to vfio-pci yet
capture_table root unbound <<END
list-json	vfio-nestctl --json list
probe-edu	vfio-nestctl --json probe $edu
END

bind "$edu" vfio-pci
edu_group=$(group "$edu")

for user in root nobody; do
	capture_table $user $user <<-END
	default	vfio-nestctl
	list	vfio-nestctl list
	list-groups	vfio-nestctl list --groups
	list-tree	vfio-nestctl list --tree
	list-json	vfio-nestctl --json list
	show-edu	vfio-nestctl show $edu
	show-edu-json	vfio-nestctl --json show $edu
	show-group-json	vfio-nestctl --json show $edu_group
	show-unit	vfio-nestctl show $unit
	show-unit-json	vfio-nestctl --json show $unit
	show-absent	vfio-nestctl --json show 0000:ff:1f.7
	probe	vfio-nestctl probe
	probe-json	vfio-nestctl --json probe
	probe-edu	vfio-nestctl --json probe $edu
	probe-edu-text	vfio-nestctl probe $edu
	probe-group	vfio-nestctl --json probe $edu_group
	probe-absent	vfio-nestctl --json probe 0000:ff:1f.7
	usage	vfio-nestctl --no-such-option
	END

	# a report to be read elsewhere, and what the commands say here
	capture_table $user away/$user <<-END
	report	vfio-nestctl report --no-redact
	0	vfio-nestctl list
	1	vfio-nestctl --json list
	2	vfio-nestctl list --tree
	3	vfio-nestctl check -v
	4	vfio-nestctl --json check --for passthrough $edu
	5	vfio-nestctl show $edu
	6	vfio-nestctl --json show $unit
	7	vfio-nestctl --json show $edu_group
	END
done
# the words of those commands, for who asks the report
echo "edu=$edu unit=$unit group=$edu_group" >/out/away/words

capture_table root truth <<'END'
groups	cd /sys/kernel/iommu_groups && for f in */devices/*; do [ ! -e "$f" ] || echo "${f%%/*} ${f##*/}"; done
types	cd /sys/kernel/iommu_groups && for f in */type; do [ ! -e "$f" ] || echo "${f%%/*} $(cat "$f")"; done
drivers	cd /sys/bus/pci/devices && for f in */driver; do [ ! -e "$f" ] || echo "${f%%/*} $(basename "$(readlink "$f")")"; done
reserved	cd /sys/kernel/iommu_groups && for f in */reserved_regions; do [ ! -e "$f" ] || sed "s,^,${f%%/*} ," "$f"; done
units	cd /sys/class/iommu && for u in *; do [ ! -e "$u" ] || echo "$u"; done
registers	cd /sys/class/iommu && for f in */*-iommu/*cap */*-iommu/features; do [ ! -e "$f" ] || echo "${f%%/*} ${f##*/} $(cat "$f")"; done
nodes	ls -ln /dev/vfio /dev/iommu
END

# registers, tables and logs of this very machine, where it has them
[ -z "$cap" ] || capture root decode/vt-d "vfio-nestctl --json decode vt-d $cap $ecap"
[ ! -e /sys/firmware/acpi/tables/DMAR ] ||
	capture root decode/dmar 'vfio-nestctl --json decode dmar /sys/firmware/acpi/tables/DMAR'
capture root decode/log 'vfio-nestctl --json decode --log /tmp/log'

# a device whose group another driver holds
if [ -e /sys/bus/pci/devices/0000:04:01.0 ]; then
	bind 0000:04:01.0 vfio-pci 2>/dev/null
	capture root shared/probe-edu 'vfio-nestctl --json probe 0000:04:01.0'
fi

# a group that another program has open: this shell
capture root busy/probe-edu "exec 3<>/dev/vfio/$edu_group; vfio-nestctl --json probe $edu"

# the group's node given to nobody, as a udev rule would
[ ! -e "/dev/vfio/$edu_group" ] || chown nobody "/dev/vfio/$edu_group"
capture nobody handed/probe-edu "vfio-nestctl --json probe $edu"

# vfio refuses a platform that cannot isolate interrupts, unless told otherwise
echo 1 >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
capture root unsafe/probe-edu "vfio-nestctl --json probe $edu"

# the container's node closed, then gone
chmod 600 /dev/vfio/vfio
capture nobody closed/probe 'vfio-nestctl --json probe'
rm /dev/vfio/vfio
capture root gone/probe 'vfio-nestctl --json probe'
