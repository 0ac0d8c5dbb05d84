# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools: strace
#
# Guest script: one round trip for each system call of a clean one, in which that call fails. /args, if
# there: "STEP OFFSET BACKEND", every STEP-th call from the OFFSET-th on (default "9 1"); "1 1" is all of them.

# shellcheck source=lib.sh
. /lib.sh
limit=300
step=9 offset=1 backend=iommufd
[ ! -e /args ] || read -r step offset backend </args
: "${backend:=iommufd}"
target=$(device 1234 11e8)
bind "$target" vfio-pci
trip="vfio-nestctl --json roundtrip --backend $backend $target"

# What each call may fail with, the likeliest first; taken in turn.
errnos='ioctl ENOMEM EBUSY EIO EINTR EINVAL EPERM
mmap ENOMEM EINVAL EAGAIN
munmap EINVAL
read EIO EINTR EAGAIN
openat EACCES ENFILE ENOENT EINTR
pread64 EIO EFAULT
pwrite64 EIO EFAULT
close EIO
poll EINTR ENOMEM
lseek EINVAL
clock_nanosleep EINTR'

capture root root/before "$trip"
# The calls of a clean run, with their names. What comes before the program opens the root of all its paths
# is the loader's, which dies of a failure by itself.
capture root truth/trace "strace -qq -o /tmp/trace $trip"
awk -v errnos="$errnos" '
	BEGIN { n = split(errnos, rows, "\n"); for (i = 1; i <= n; i++) { split(rows[i], w, " "); of[w[1]] = rows[i] } }
	{ name = $1; sub(/\(.*/, "", name); count[name]++ }
	/^openat\(AT_FDCWD, "\/", .*O_PATH/ { own = 1 }
	own && name in of { k = split(of[name], w, " "); print name, count[name], w[2 + nth[name]++ % (k - 1)] }' \
	/tmp/trace >/tmp/points
capture root truth/points 'cat /tmp/points'

turn=0
mkdir -p /out/inject
while read -r name nth errno; do
	turn=$((turn + 1))
	[ $((turn % step)) -eq $((offset % step)) ] || continue
	point=inject/$name-$nth-$errno
	capture root "$point" "strace -qq -o /tmp/injected -e trace=$name -e inject=$name:error=$errno:when=$nth $trip"
	grep INJECTED /tmp/injected >>"/out/$point.err"
	[ $((turn / step % 25)) -ne 0 ] || capture root "right-after/$turn" "$trip"
done </tmp/points
capture root root/after "$trip"
