# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# tools: strace
# timeout: 1500
#
# Guest script: round trips in which one system call fails, a different one each time. /args, if there:
#	STEP FAR OFFSET [NAME...]
# Every STEP-th call is made to fail, from the OFFSET-th on, once with each of its errnos if STEP is 1; and every
# FAR-th of the inventory's (and of sleeps), of which there are thousands. NAME: only calls of these names. Without
# /args a sample that moves on every day, as it does with OFFSET "day"; "1 1 0" is all of them, some hours.

# shellcheck source=lib.sh
. /lib.sh
limit=300
step=90 far=1800 offset=$(($(date +%s) / 86400)) only=
[ ! -e /args ] || read -r step far offset only </args
[ "$offset" != day ] || offset=$(($(date +%s) / 86400))
target=$(device 1234 11e8)
bind "$target" vfio-pci
capture root truth/sample "echo $step $far $offset"

# What each call may fail with, the likeliest first; taken in turn.
errnos='ioctl ENOMEM EBUSY EIO EINTR EINVAL EPERM
mmap ENOMEM EAGAIN
munmap EINVAL
read EIO EINTR EAGAIN
openat EACCES ENFILE ENOENT EINTR
pread64 EIO EFAULT
pwrite64 EIO EFAULT
write EIO ENOSPC EINTR
close EIO EINTR
poll EINTR ENOMEM
lseek EINVAL
getdents64 EIO
readlinkat EACCES
clock_nanosleep EINTR'

# points BACKEND: the calls of a clean run that are to fail, "NAME NUMBER ERRNO" each. What comes before the program
# opens the root of all its paths is the loader's, which dies of a failure by itself. What comes before it opens
# the kernel's log, the first node of all, is the inventory.
points()
{
	strace -qq -o /tmp/trace vfio-nestctl --json roundtrip --backend "$1" "$target" >/dev/null
	awk -v errnos="$errnos" -v step="$step" -v far="$far" -v offset="$offset" -v only=" $only " '
		BEGIN {
			n = split(errnos, rows, "\n")
			for (i = 1; i <= n; i++) {
				split(rows[i], words, " ")
				row[words[1]] = rows[i]
			}
		}
		{ name = $1; sub(/\(.*/, "", name); number[name]++ }
		/^openat\(AT_FDCWD, "\/", .*O_PATH/ { own = 1 }
		/^openat\(.*"\/dev\/kmsg"/ { trip = 1 }
		!own || !(name in row) || (only !~ /^ *$/ && !index(only, " " name " ")) { next }
		{
			each = trip && name != "clock_nanosleep" ? step : far
			turn = trip && name != "clock_nanosleep" ? near++ : inventory++
			if (turn % each != offset % each)
				next
			k = split(row[name], words, " ") - 1
			for (i = 0; i < (each == 1 ? k : 1); i++)
				print name, number[name], words[2 + (each == 1 ? i : int(turn / each) % k)]
		}' /tmp/trace
}

mkdir -p /out/inject
turn=0
for backend in iommufd type1v2; do
	trip="vfio-nestctl --json roundtrip --backend $backend $target"
	capture root $backend/before "$trip"
	points $backend >/tmp/points
	capture root truth/points-$backend 'cat /tmp/points'
	while read -r name number errno; do
		turn=$((turn + 1))
		point=inject/$backend-$name-$number-$errno
		capture root "$point" "strace -qq -f --seccomp-bpf -o /tmp/injected -e trace=$name \
			-e inject=$name:error=$errno:when=$number $trip"
		grep INJECTED /tmp/injected >>"/out/$point.err"
		[ $((turn % 25)) -ne 0 ] || capture root "right-after/$backend-$turn" "$trip"
	done </tmp/points
	capture root $backend/after "$trip"
done
