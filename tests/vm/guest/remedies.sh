# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools: jq
#
# Guest script: the commands that the tool prints, run as they are printed, and what the kernel made of them. There is
# no driverctl here, so that line fails.

# shellcheck source=lib.sh
. /lib.sh
# modprobe finds the modules that init has loaded
folder=/lib/modules/$(uname -r)
mkdir -p "$folder"
while read -r module; do
	cp "/modules/$module" "$folder"
	echo "$module:"
done </modules/order >"$folder/modules.dep"

edu=$(device 1234 11e8)
rng=$(device 1af4 1005)
[ "$rng" != absent ] || rng=$(device 1af4 1044)

driver()
{
	if [ -e "/sys/bus/pci/devices/$1/driver" ]; then
		basename "$(readlink "/sys/bus/pci/devices/$1/driver")"
	else
		echo none
	fi
}

# printed KEY COMMAND...: the lines that this command prints as a remedy (there), or to go back afterwards (back)
printed()
{
	key=$1
	shift
	"$@" 2>/dev/null | jq -r --arg key "$key" '
		[.. | objects | (.remedy? // empty | split("\n")[1:][]), (.commands? // empty | arrays | .[]),
			(.undo? // empty | arrays | .[] | select(startswith("#") | not) | "# to go back: " + .)] |
		map(select(startswith("# to go back: ") == ($key == "back")) | sub("^# to go back: "; "")) |
		map(select(startswith("#") | not)) | unique_by(.) | .[]'
}

# take NAME: runs each line of stdin, and adds "STATUS LINE" to what NAME said
take()
{
	: >>"/out/$1.out"
	: >>"/out/$1.err"
	while IFS= read -r line; do
		(cd / && sh -c "$line") </dev/null >>"/out/$1.err" 2>&1
		echo "$? $line" >>"/out/$1.out"
	done
	echo 0 >"/out/$1.status"
}

# there_and_back NAME ADDRESS COMMAND...: the driver before, after, and after going back
there_and_back()
{
	name=$1 address=$2
	shift 2
	mkdir -p "/out/$(dirname "$name")"
	printed there "$@" >/tmp/there
	printed back "$@" >/tmp/back
	echo "driver $(driver "$address")" >"/out/$name.out"
	take "$name" </tmp/there
	echo "driver $(driver "$address")" >>"/out/$name.out"
	take "$name" </tmp/back
	echo "driver $(driver "$address")" >>"/out/$name.out"
}

# A device without a driver, and one that has its own.
for target in "$edu" "$rng"; do
	[ "$target" != absent ] || continue
	kind=rng
	[ "$target" != "$edu" ] || kind=edu
	there_and_back $kind/probe "$target" vfio-nestctl --json probe "$target"
	there_and_back $kind/check "$target" vfio-nestctl --json check --for passthrough "$target"
	there_and_back $kind/trip "$target" vfio-nestctl --json roundtrip "$target"
done

# A neighbour in the group that has a driver.
if [ "$rng" != absent ]; then
	neighbour=0000:04:01.0
	bind $neighbour vfio-pci
	there_and_back group/trip "$rng" vfio-nestctl --json roundtrip $neighbour
	there_and_back group/check "$rng" vfio-nestctl --json check --for passthrough $neighbour
fi

# What the kernel refuses for the interrupts, until it is told otherwise; and back again.
if ! grep -q ' IR-' /proc/interrupts; then
	parameter=/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
	bind "$edu" vfio-pci
	capture root unsafe/trip "vfio-nestctl --json roundtrip $edu"
	printed there vfio-nestctl --json roundtrip "$edu" | grep unsafe >/tmp/there
	printed back vfio-nestctl --json roundtrip "$edu" >/tmp/back
	{
		cat $parameter
		take unsafe/commands </tmp/there
		cat $parameter
		vfio-nestctl --json probe "$edu" >/tmp/json
		take unsafe/commands </tmp/back
		cat $parameter
	} >/tmp/parameter
	capture root unsafe/parameter 'cat /tmp/parameter'
	capture root unsafe/probe 'cat /tmp/json'
fi

# Nodes: one that may not be opened, and one that is gone.
chmod 600 /dev/vfio/vfio
mkdir -p /out/nodes
su nobody -s /bin/sh -c 'vfio-nestctl --json probe' >/tmp/json 2>/dev/null
printed there cat /tmp/json | grep chmod | take nodes/chmod
capture nobody nodes/opened 'vfio-nestctl --json probe'
rm /dev/vfio/vfio
printed there vfio-nestctl --json probe | grep mknod | take nodes/mknod
capture root nodes/made 'stat -c "%a %F %t:%T" /dev/vfio/vfio'
# shellcheck disable=SC2016 # expanded by the shell that capture starts
capture root truth/numbers 'tr : " " </sys/class/misc/vfio/dev | while read -r a b; do printf "%x:%x\n" "$a" "$b"; done'
capture root nodes/again 'vfio-nestctl --json probe'
