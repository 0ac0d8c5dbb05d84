# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# Guest script: round trips behind an SMMUv3 that are killed, and two of them at once: on two devices, and on one.

# shellcheck source=lib.sh
. /lib.sh
limit=300
kills=20
first=0000:00:01.0 second=0000:00:02.0
bind $first vfio-pci
bind $second vfio-pci

begin=$(now)
capture root root/before "vfio-nestctl --json roundtrip $first"
span=$((($(now) - begin) * 9 / 10))
capture root truth/span "echo $span"

turn=0
while [ $turn -lt $kills ]; do
	turn=$((turn + 1))
	after=$((20 + turn * 10))
	[ $turn -le $((kills / 4)) ] || after=$((span * turn / kills))
	struck KILL $after kill/$turn vfio-nestctl --json roundtrip $first
done
capture root root/after-kills "vfio-nestctl --json roundtrip $first"

capture root at-once/two-1 "vfio-nestctl --json roundtrip $first" &
capture root at-once/two-2 "vfio-nestctl --json roundtrip $second"
wait
capture root at-once/one-1 "vfio-nestctl --json roundtrip $first" &
capture root at-once/one-2 "vfio-nestctl --json roundtrip $first"
wait
capture root pair/trip "vfio-nestctl --json roundtrip $first $second"
capture root root/last "vfio-nestctl --json roundtrip $first"
capture root truth/trouble 'dmesg | grep -E "WARNING|BUG|Oops|Call trace"'
