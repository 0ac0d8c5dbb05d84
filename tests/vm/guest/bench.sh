# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# icount: 0
# timeout: 900
#
# Guest script: the timing loops of the round trip, long enough for tests/bench to say what they cost. /args, if
# there: how many iterations.

# shellcheck source=lib.sh
. /lib.sh
limit=600
iterations=2000
[ ! -e /args ] || read -r iterations </args
target=$(device 1234 11e8)
bind "$target" vfio-pci
capture root bench/iommufd "vfio-nestctl --json roundtrip --cpu 0 --iterations $iterations $target"
capture root bench/type1v2 "vfio-nestctl --json roundtrip --cpu 0 --backend type1v2 --iterations $iterations $target"
capture root bench/text "vfio-nestctl roundtrip --cpu 0 --iterations 200 --samples /out/samples $target"
capture root bench/samples 'cut -f1 /out/samples | uniq -c'
