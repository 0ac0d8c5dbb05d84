# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: a virtual function whose physical one is bound to vfio-pci, which the kernel opens with a token alone.
# It has no queues (nothing gave it any), so it does no DMA.

# shellcheck source=lib.sh
. /lib.sh
limit=120
ulimit -l 65536
pf=0000:01:00.0 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
bind $pf vfio-pci
echo 1 >/sys/bus/pci/devices/$pf/sriov_numvfs
vf=$(basename "$(readlink /sys/bus/pci/devices/$pf/virtfn0)")
bind "$vf" vfio-pci
capture root truth/vf "echo $vf"

capture root vf/none "vfio-nestctl --json roundtrip $vf"
capture root vf/type1-none "vfio-nestctl --json roundtrip --backend type1v2 $vf"
capture root vf/probe "vfio-nestctl --json probe $vf"
# the first program to give one sets it
capture root vf/pf "vfio-nestctl --json roundtrip --vf-token $token $pf"
capture root vf/wrong "vfio-nestctl --json roundtrip --vf-token 0${token#?} $vf"
capture root vf/right "vfio-nestctl --json roundtrip --vf-token $token $vf"
capture root vf/type1 "vfio-nestctl --json roundtrip --backend type1v2 --vf-token $token $vf"
