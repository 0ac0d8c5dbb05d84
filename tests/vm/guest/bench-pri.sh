# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# icount: 0
# timeout: 300
#
# Guest script: the timing of page requests, which need a device that sends some. /args, if there: how many
# iterations.

# shellcheck source=lib.sh
. /lib.sh
limit=250
iterations=20
[ ! -e /args ] || read -r iterations </args
target=$(device 8086 11fb)
[ "$target" != absent ] || target=$(device 1234 11e8)
bind "$target" vfio-pci
capture root bench/pri "vfio-nestctl --json roundtrip --cpu 0 --iterations $iterations $target"
