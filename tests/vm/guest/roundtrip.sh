# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: the round trip of the one device that can do DMA here, in every state an admin may have
# it in, then for real, twice.

# shellcheck source=lib.sh
. /lib.sh
limit=300
# old kernels lend a user 64 KiB; memlock below has that little on purpose
ulimit -l 65536
huge_pages 4
target=$(device 1234 11e8)
[ "$target" != absent ] || target=$(device 1b36 0010)
[ "$target" != absent ] || target=$(device 8086 10c9)
[ "$target" != absent ] || target=$(device 8086 11fb)
capture root truth/target "echo $target"

# nothing bound to vfio-pci yet
capture root unbound/trip "vfio-nestctl --json roundtrip $target"
capture root unbound/trip-text "vfio-nestctl roundtrip $target"
capture root absent/trip 'vfio-nestctl --json roundtrip 0000:ff:1f.7'

bind "$target" vfio-pci
# neighbours in its group that have a driver
for dir in "/sys/bus/pci/devices/$target/iommu_group/devices"/*; do
	neighbour=${dir##*/}
	driver=$(basename "$(readlink "$dir/driver")")
	case $neighbour,$driver in
	"$target",* | *, | *,pcieport) continue ;;
	esac
	capture root blocked/trip "vfio-nestctl --json roundtrip $target"
	bind "$neighbour" vfio-pci
done

# the command register, which the device is to have again
command_register()
{
	dd if="/sys/bus/pci/devices/$target/config" bs=1 skip=4 count=2 2>/dev/null | hexdump -e '1/2 "%04x\n"'
}

command_register >/tmp/before
capture nobody nobody/trip "vfio-nestctl --json roundtrip $target"
capture root root/probe "vfio-nestctl --json probe $target"
capture root root/trip "vfio-nestctl --json --transcript /out/transcript roundtrip $target"
capture root root/again "vfio-nestctl --json roundtrip $target"
capture root root/text "vfio-nestctl roundtrip $target"
capture root root/timed "vfio-nestctl --json roundtrip --iterations 200 $target"
capture root root/type1 "vfio-nestctl --json roundtrip --backend type1v2 $target"
capture root root/pasid "vfio-nestctl --json roundtrip --pasid 5 $target"
capture root root/mock 'vfio-nestctl --json --transcript /out/transcript-mock roundtrip --mock'
command_register >/tmp/after
capture root truth/command 'cat /tmp/before /tmp/after'

# the device open elsewhere: in a process that sleeps
sleep 1000 3<>"/dev/vfio/$(group "$target")" &
holder=$!
capture root truth/holder "echo $holder"
capture root busy/trip "vfio-nestctl --json roundtrip $target"
kill $holder
wait $holder

# given to a user, as a udev rule would
chown nobody "/dev/vfio/$(group "$target")" /dev/iommu /dev/vfio/devices/* 2>/dev/null
capture nobody handed/trip "vfio-nestctl --json roundtrip $target"
capture nobody memlock/trip "ulimit -l 64; vfio-nestctl --json roundtrip $target"

# killed, with a PASID where there are any: early, at a DMA, late
for after in 20 700 5000; do
	struck KILL $after kill/$after vfio-nestctl --json roundtrip --pasid 5 "$target"
done

# and after all of this
capture root root/last "vfio-nestctl --json roundtrip $target"
