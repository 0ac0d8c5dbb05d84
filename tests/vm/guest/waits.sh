# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools: strace
#
# Guest script: round trips of a DSA that are killed while one of its descriptors waits for the answer to a page
# request: right before each answer in turn, which is then never written. The run after it begins on what is left.

# shellcheck source=lib.sh
. /lib.sh
limit=300
target=$(device 8086 11fb)
bind "$target" vfio-pci
trip="vfio-nestctl --json roundtrip --pasid 5 $target"

capture root root/before "$trip"
capture root truth/trace "strace -qq -y -e trace=write -o /tmp/trace $trip"
# the numbers of those writes that answer, among all writes
awk '/^write\(/ { n++ } /iommufd.*fault/ { print n }' /tmp/trace >/tmp/answers
capture root truth/answers 'cat /tmp/answers'
while read -r number; do
	capture root "waits/$number" "strace -qq -e trace=write -o /tmp/killed \
		-e inject=write:error=EIO:signal=KILL:when=$number $trip"
	cat /tmp/killed >>"/out/waits/$number.err"
	capture root "right-after/$number" "$trip"
done </tmp/answers
