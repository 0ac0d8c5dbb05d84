# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the guest scripts share: capturing a command, finding and binding devices.

# device VENDOR DEVICE: the address of the first such PCI device, e.g. device 1234 11e8
device()
{
	for dir in /sys/bus/pci/devices/*; do
		[ "$(cat "$dir/vendor" "$dir/device" 2>/dev/null | tr '\n' ' ')" = "0x$1 0x$2 " ] ||
			continue
		echo "${dir##*/}"
		return
	done
	echo absent
}

# group ADDRESS: the number of its group, or "none"
group()
{
	if [ -e "/sys/bus/pci/devices/$1/iommu_group" ]; then
		basename "$(readlink "/sys/bus/pci/devices/$1/iommu_group")"
	else
		echo none
	fi
}

# bind ADDRESS DRIVER: takes it from its driver, gives it to this one
bind()
{
	[ ! -e "/sys/bus/pci/devices/$1/driver" ] || echo "$1" >"/sys/bus/pci/devices/$1/driver/unbind"
	echo "$2" >"/sys/bus/pci/devices/$1/driver_override"
	echo "$1" >/sys/bus/pci/drivers_probe
}

# huge_pages N: reserves pages of 2 MiB where the kernel has no transparent ones, as the lab's
huge_pages()
{
	[ -e /sys/kernel/mm/transparent_hugepage ] || [ ! -e /proc/sys/vm/nr_hugepages ] ||
		echo "$1" >/proc/sys/vm/nr_hugepages
}

# capture USER NAME COMMAND: leaves /out/NAME.{out,err,status}; never fails. A command that hangs
# is killed after $limit seconds (30), with status 143.
capture()
{
	mkdir -p "/out/$(dirname "$2")"
	case $1 in
	root) timeout "${limit:-30}" sh -c "$3" ;;
	*) timeout "${limit:-30}" su "$1" -s /bin/sh -c "$3" ;;
	esac </dev/null >"/out/$2.out" 2>"/out/$2.err"
	echo $? >"/out/$2.status"
}

# capture_table USER FOLDER: the same for each line "NAME COMMAND" of stdin, as FOLDER/NAME
capture_table()
{
	while read -r name command; do
		capture "$1" "$2/$name" "$command"
	done
}

# now: milliseconds since boot. The 1 keeps "0.95" and "3.08" from being read as octal numbers.
now()
{
	read -r up _ </proc/uptime
	echo $((${up%.*} * 1000 + (1${up#*.} - 100) * 10))
}

# struck SIGNAL MILLISECONDS NAME COMMAND ARGUMENT...: the same as root, and it gets the signal after that
# time, unless it has ended. It runs in the foreground, for a shell lets those behind ignore SIGINT.
struck()
{
	signal=$1 after=$2 name=$3
	shift 3
	mkdir -p "/out/$(dirname "$name")"
	rm -f /tmp/pid
	(
		usleep $((after * 1000))
		[ ! -e /tmp/pid ] || kill "-$signal" "$(cat /tmp/pid)"
	) 2>/dev/null &
	# shellcheck disable=SC2016 # expanded by that shell, whose number the command takes over
	sh -c 'echo $$ >/tmp/pid; exec "$@"' - "$@" </dev/null >"/out/$name.out" 2>"/out/$name.err"
	echo $? >"/out/$name.status"
	rm -f /tmp/pid
	wait
}

# monitor COMMAND: has the emulator execute it, where boot connected its monitor (QMP) with ttyS3, or with a port of virtio. Fails if it
# refuses, with what it said. A reply names its command: until the port is raw it echoes, and what it echoes is
# answered too. FFh ends all that. No time limit: the guest's time does not wait for the emulator's replies.
monitor()
{
	if [ -z "${monitor-}" ]; then
		if [ -e /dev/vport0p3 ]; then
			exec 8<>/dev/vport0p3
		else
			exec 8<>/dev/ttyS3
			stty raw -echo 115200 <&8
		fi
		printf '\377' >&8
		monitor=0
		monitor '"execute":"qmp_capabilities"' || return 1
	fi
	monitor=$((monitor + 1))
	echo "{$1,\"id\":\"$monitor\"}" >&8
	while read -r reply <&8; do
		case $reply in
		*'"return"'*"\"$monitor\""*) return 0 ;;
		*"\"$monitor\""*) break ;;
		esac
	done
	echo "the monitor said: ${reply:-nothing}"
	return 1
}

# broken ID NAME: the device of this id does this wrong from here on (lab/README.md); "none" is nothing
broken()
{
	monitor '"execute":"qom-set","arguments":{"path":"/machine/peripheral/'"$1"'","property":"x-broken","value":"'"$2"'"}'
}
