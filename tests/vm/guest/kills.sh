# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
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

# now: milliseconds since boot
now()
{
	read -r up _ </proc/uptime
	echo "${up%.*}${up#*.}0"
}

# struck SIGNAL MILLISECONDS NAME: a round trip that gets the signal after that time, unless it has ended
struck()
{
	mkdir -p "/out/$(dirname "$3")"
	vfio-nestctl --json roundtrip "$target" >"/out/$3.out" 2>"/out/$3.err" </dev/null &
	pid=$!
	usleep $(($2 * 1000))
	kill "-$1" $pid 2>/dev/null
	wait $pid
	echo $? >"/out/$3.status"
}

begin=$(now)
capture root root/before "vfio-nestctl --json roundtrip $target"
span=$(($(now) - begin))
capture root truth/span "echo $span"

# the first fifth of them in the first 40 ms, where most is opened and mapped
turn=0
while [ $turn -lt $kills ]; do
	turn=$((turn + 1))
	after=$((turn * 4))
	[ $turn -le $((kills / 5)) ] || after=$((span * turn / kills))
	struck KILL $after kill/$turn
done
capture root root/after-kills "vfio-nestctl --json roundtrip $target"

turn=0
while [ $turn -lt $stops ]; do
	turn=$((turn + 1))
	for signal in INT TERM HUP; do
		struck $signal $((span * turn / (stops + 1))) stop/$signal-$turn
	done
done
capture root root/after-stops "vfio-nestctl --json roundtrip $target"
