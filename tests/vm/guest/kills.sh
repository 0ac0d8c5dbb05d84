# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
#
# Guest script: a round trip that is killed, at points spread over all of its time, and asked to stop. After
# each of them the next one begins on what was left; the last ones run to their end.

# shellcheck source=lib.sh
. /lib.sh
limit=300
kills=50
stops=5
target=$(device 1234 11e8)
bind "$target" vfio-pci

begin=$(now)
capture root root/before "vfio-nestctl --json roundtrip $target"
# most of the waits are for the log's rate limit, and not all runs have as many
span=$((($(now) - begin) * 7 / 10))
capture root truth/span "echo $span"

# the first fifth of them in the first 50 ms, where most is opened and mapped
turn=0
while [ $turn -lt $kills ]; do
	turn=$((turn + 1))
	after=$((10 + turn * 4))
	[ $turn -le $((kills / 5)) ] || after=$((span * turn / kills))
	struck KILL $after kill/$turn vfio-nestctl --json roundtrip "$target"
	[ $((turn % 10)) -ne 0 ] || capture root "right-after/$turn" "vfio-nestctl --json roundtrip $target"
done
capture root root/after-kills "vfio-nestctl --json roundtrip $target"

turn=0
while [ $turn -lt $stops ]; do
	turn=$((turn + 1))
	for signal in INT TERM HUP; do
		struck $signal $((span * turn / (stops + 1))) stop/$signal-$turn vfio-nestctl --json roundtrip "$target"
	done
done
capture root root/after-stops "vfio-nestctl --json roundtrip $target"
