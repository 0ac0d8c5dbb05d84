# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: round trips of two devices: of one kind, of two kinds, of few address bits, through iommufd and
# through containers, and with the second one in another process.

# shellcheck source=lib.sh
. /lib.sh
limit=300
ulimit -l 65536
huge_pages 8
first=0000:00:01.0 second=0000:00:02.0 nvme=0000:00:03.0 narrow=0000:00:04.0
for device in $first $second $nvme $narrow; do
	bind "$device" vfio-pci
done

# trip NAME ARGUMENT...
trip()
{
	name=$1
	shift
	capture root "$name" "vfio-nestctl --json roundtrip $*"
}

trip pair/trip $first $second
trip pair/swapped $second $first
trip pair/nvme $first $nvme
trip pair/of-nvme $nvme $first
trip pair/narrow $first $narrow
trip pair/type1 --backend type1v2 $first $second
trip pair/twice $first 00:01.0
capture root pair/text "vfio-nestctl roundtrip $first $second"

sleep 1000 3<>"/dev/vfio/$(group $second)" &
holder=$!
capture root truth/holder "echo $holder"
trip pair/busy $first $second
kill $holder
wait $holder

# killed while both are at work, and after it
struck KILL 12000 pair/killed vfio-nestctl roundtrip "$first" "$second"
trip pair/last $first $second
