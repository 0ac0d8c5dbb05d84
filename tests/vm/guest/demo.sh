# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: a few commands and what they print, live. /demo.env comes from the host and tells
# about its terminal.

# shellcheck source=lib.sh
. /lib.sh
# shellcheck source=/dev/null
. /demo.env
edu=$(device 1234 11e8)
bind "$edu" vfio-pci
exec >/dev/ttyS2 2>&1
stty -onlcr cols "$COLUMNS" </dev/ttyS2

while read -r command; do
	echo "\$ $command"
	$command </dev/null
	echo "[exit status $?]"
	echo
done <<END
uname -srm
vfio-nestctl list
vfio-nestctl list --tree
vfio-nestctl probe $edu
END
# for the line that the demo ends with: the number of devices, and whether they may nest
vfio-nestctl list -rno DEVICE | wc -l >/out/devices
vfio-nestctl probe "$edu" | sed -n '1s/.*: //p' >/out/nests
# the run must not be over before the last line is out
exec >/dev/null 2>&1
