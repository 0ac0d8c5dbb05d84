# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# icount: 0
# timeout: 900
# tools: lspci
# compile: ../../bench-run.c ../../bench-floor.c ../../bench-scan.c
#
# Guest script: the speed of list on the kernel's own sysfs with many devices. An instruction of the guest is 1 ns
# there, so the ratios are the same on any host. There is no database of names, for lspci neither. Processor time,
# and after a while (which costs nothing: the guest sleeps), when the kernel has done what it puts off at boot.

# shellcheck source=lib.sh
. /lib.sh
export BENCH_CPU=1
sleep 20
capture root time/list 'bench-run 5 vfio-nestctl list -- bench-floor / -- bench-scan / -- vfio-nestctl --sysroot / list'
capture root time/lspci 'bench-run 1 vfio-nestctl list -- lspci -n'
capture root time/one 'bench-run 1 vfio-nestctl list -- vfio-nestctl show 0000:00:01.0 -- vfio-nestctl probe 0000:00:01.0'
capture root list/sysfs 'vfio-nestctl --json list'
capture root list/udev 'vfio-nestctl --json list --enumerate udev'
capture root truth/devices 'ls /sys/bus/pci/devices'
