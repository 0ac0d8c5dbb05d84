# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: the round trip of devices in odd places (machine lab-odd), with somebody else in their group, and
# of one that is taken out while it runs.

# shellcheck source=lib.sh
. /lib.sh
limit=300
port=0000:01:00.0 bridge=0000:02:01.0 alias=0000:04:01.0
testdev=0000:00:05.0 first=0000:00:06.0 second=0000:00:06.1 nvme=0000:00:07.0

# trip NAME DEVICE
trip()
{
	capture root "$1" "vfio-nestctl --json roundtrip $2"
}

trip root-port/trip 0000:00:02.0
trip group/trip "$(group $first)"
for device in $port $bridge $alias $testdev $first $nvme; do
	bind "$device" vfio-pci
done
trip port/trip $port
trip bridge/trip $bridge
# the kernel tells of few faults in 5 s, and the next one must be heard
sleep 6
trip alias/trip $alias
capture root alias/check "vfio-nestctl --json check $alias"
capture root alias/probe "vfio-nestctl --json probe $alias"
capture root bridge/check "vfio-nestctl --json check $bridge"
capture root bridge/probe "vfio-nestctl --json probe $bridge"
trip testdev/trip $testdev
trip nvme/trip $nvme
trip alone/trip $first
bind $second vfio-pci
trip first/trip $first
trip second/trip $second

# the neighbour in the group at work in another process
vfio-nestctl roundtrip --iterations 1000000 $second >/dev/null 2>&1 &
holder=$!
sleep 2
capture root truth/holder "echo $holder"
trip first/busy $first
kill $holder
wait $holder
trip first/again $first

# taken out on its way, and back
(
	usleep 600000
	echo 1 >/sys/bus/pci/devices/$port/remove
) &
trip removed/trip $port
wait
echo 1 >/sys/bus/pci/rescan
sleep 1
bind $port vfio-pci
trip removed/after $port
