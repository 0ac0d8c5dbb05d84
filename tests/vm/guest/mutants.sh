# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# monitor: ttyS3
# table: expected/mutants.tsv
# compile: sentinel.c
# timeout: 2400
#
# Guest script: a round trip on each unit and each device of the table that does one thing wrong. /args, if there, is
# which of them: "SHARE/OF", each OF-th row from the SHARE-th on, "day/OF", another share each day; or names. Two thirds of the memory are watched meanwhile.

# shellcheck source=lib.sh
. /lib.sh
limit=900
ulimit -l unlimited
huge_pages 8
# what cannot be shown on each kind of machine and device
target=$(device 1234 11e8) lacks='smmu:* dsa:*' options='--pasid 5'
[ "$(uname -m)" != aarch64 ] || lacks='unit:* edu:* dsa:*' options=''
[ "$target" != absent ] || target=$(device 1b36 0010) lacks='smmu:* edu:* dsa:* *pasid* *:inv-tagged-* *requester* *:pr-* *:response-* *-read-* *:cache-ro-written *:inv-keeps-readable *:inv-next-request *:d-on-read' options=''
[ "$target" != absent ] || target=$(device 8086 10c9) lacks='smmu:* edu:* dsa:* *pasid* *:inv-tagged-* *:pr-* *:response-* *:inv-next-request' options=''
[ "$target" != absent ] || target=$(device 8086 11fb) lacks='smmu:* edu:*' options='--pasid 5'
bind "$target" vfio-pci
capture root truth/target "echo $target"

# the second device of its kind, for what only two can show
second=
for dir in /sys/bus/pci/devices/*; do
	[ "${dir##*/}" != "$target" ] || continue
	[ "$(cat "$dir/vendor" "$dir/device")" != "$(cat "/sys/bus/pci/devices/$target/vendor" "/sys/bus/pci/devices/$target/device")" ] || second=${dir##*/}
done
[ -z "$second" ] || bind "$second" vfio-pci

live=/dev/ttyS2
[ ! -e /dev/vport0p1 ] || live=/dev/console
mkfifo /tmp/ask /tmp/said
sentinel 704 </tmp/ask >/tmp/said &
exec 6>/tmp/ask 7</tmp/said
read -r said <&7
capture root watch/begin "echo $said"

# replug: the device found anew, for one that was gone has lost what the kernel had written to its registers
replug()
{
	echo 1 >"/sys/bus/pci/devices/$target/remove"
	echo 1 >/sys/bus/pci/rescan
	bind "$target" vfio-pci
}

# trip DEVICE NAME CAPTURE
trip()
{
	broken "$1" "$2" >/tmp/refused
	capture root "switch/$3" 'cat /tmp/refused'
	case $2 in
	*requester* | *any-vmid*) capture root "mutants/$3" "vfio-nestctl --json roundtrip $options $target $second" ;;
	*) capture root "mutants/$3" "vfio-nestctl --json roundtrip $options $target" ;;
	esac
	broken "$1" none
	case $1 in edu | dsa) replug ;; esac
	echo >&6
	read -r said <&7
	capture root "watch/$3" "echo $said"
	echo "$3: $(cat "/out/mutants/$3.status"), $said" >"$live"
}

args=$(cat /args 2>/dev/null)
case $args in day/*) args=$(($(date +%s) / 86400 % ${args#day/} + 1))/${args#day/} ;; esac
row=0
while IFS="$(printf '\t')" read -r device name state _; do
	case $device in '#'* | '') continue ;; esac
	for pattern in $lacks; do
		# shellcheck disable=SC2254 # a pattern
		case $device:$name in $pattern) continue 2 ;; esac
	done
	row=$((row + 1))
	case " $args " in
	*" $name "*) state=named ;;
	*[0-9]/[0-9]*) [ $(((row - ${args%/*}) % ${args#*/})) -eq 0 ] || continue ;;
	'  ') ;;
	*) continue ;;
	esac
	if [ "$state" = harm ]; then
		capture root "mutants/$device-$name" 'echo not tried'
	else
		trip "$device" "$name" "$device-$name"
	fi
done </table
if [ "$(uname -m)" = aarch64 ]; then
	trip smmu none last
else
	trip unit none last
fi
