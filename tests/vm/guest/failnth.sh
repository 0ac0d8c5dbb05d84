# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# preload: failnth.c
# timeout: 1200
#
# Guest script: round trips on the kernel's mock device, in each of which another allocation of the kernel fails, as its
# own selftests of iommufd do it (/proc/self/fail-nth). /args, if there: each STEP-th.

# shellcheck source=lib.sh
. /lib.sh
limit=60
step=9
[ ! -e /args ] || read -r step </args
mount -t debugfs none /sys/kernel/debug 2>/dev/null
echo N >/sys/kernel/debug/failslab/ignore-gfp-wait
echo 0 >/sys/kernel/debug/failslab/verbose
trip='vfio-nestctl --json roundtrip --mock'
capture root root/before "$trip"
nth=1
while [ $nth -lt 5000 ]; do
	capture root "fail/$nth" "FAIL_NTH=$nth FAIL_LEFT=/tmp/left LD_PRELOAD=/bin/failnth.so $trip"
	# none was left to fail: the run was as long as that
	[ "$(cat /tmp/left)" = 0 ] || break
	nth=$((nth + step))
done
capture root truth/last "echo $nth; cat /tmp/left"
capture root root/after "$trip"
capture root root/log dmesg
