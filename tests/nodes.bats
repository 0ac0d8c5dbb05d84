#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Below --sysroot no device node, FIFO or socket is opened, whatever stands where a command reads a file.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load helpers

# What stands in the way, made at a path. A node that is opened by mistake does no harm: /dev/zero, and a loop device.
plant() {
	case $1 in
	character) mknod "$2" c 1 5 ;;
	block) mknod "$2" b 7 0 ;;
	fifo) mkfifo "$2" ;;
	socket) perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un($ARGV[0]) or die "$!\n"' "$2" ;;
	link) ln -s /planted "$2" ;; # to a node of the tree
	outside) ln -s /dev/zero "$2" ;; # to one of this host, were links not held inside
	esac
}

ONE='check --user qemu --service libvirtd 0000:16:00.0'

# tree NAME: a copy of a machine that can be written into, with every file that a command reads.
tree() {
	machine "$1" 'file etc/passwd "qemu:x:64055:64055::/:/bin/sh\n"' 'file etc/group "vfio:x:500:qemu\n"' \
		'file etc/os-release "ID=debian\n"' 'file etc/hostname "host\n"' 'file proc/self/status "Uid:\t0 0 0 0\n"' \
		'file proc/self/limits "Max locked memory  1 1 bytes\n"' 'file sys/kernel/security/lockdown "[none]\n"' \
		'file sys/fs/cgroup/system.slice/libvirtd.service/cgroup.procs "1\n"' \
		'file sys/hypervisor/type "xen\n"' 'file proc/xen/capabilities "control_d\n"' \
		'file proc/version "Linux\n"' 'file sys/class/dmi/id/product_name "machine\n"' \
		'file lib/modules/6.12.0/modules.builtin "x\n"'
	rm -rf "$BATS_TEST_TMPDIR/tree"
	cp -a "$TREE" "$BATS_TEST_TMPDIR/tree"
	TREE=$BATS_TEST_TMPDIR/tree
	REAL=$(realpath "$TREE")
}

# run_all ARGUMENTS...: each ends in time, with an answer of its own, and opens nothing but files and folders.
run_all() {
	local args status
	for args; do
		status=0
		# shellcheck disable=SC2086 # words
		timeout -k 1 20 strace -f -qq -y -e trace=open,openat,openat2 -o "$BATS_TEST_TMPDIR/calls" \
			"$NESTCTL" --sysroot "$TREE" $args >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null || status=$?
		[ $status -le 3 ] || {
			echo "$args: status $status"
			head -n 5 "$BATS_TEST_TMPDIR/said"
			return 1
		}
		opened "$args" || return 1
	done
}

every_command() {
	run_all list '--json list' '--json show 0000:16:00.0' 'show 11' 'show dmar0' '-v check' 'check --for sva' \
		"$ONE" '--json report' "diff $REPORT" probe
}

# What was opened and not just looked at is a file or a folder. strace gives the path behind a descriptor, and says
# what kind of node it is where it is one.
opened() {
	local path
	grep -q "<$REAL" "$BATS_TEST_TMPDIR/calls"
	sed -nE '/O_PATH/d; s/.* = [0-9]+<([^>]*)(<.*)?>$/\1/p' "$BATS_TEST_TMPDIR/calls" | sort -u >"$BATS_TEST_TMPDIR/opened"
	while IFS= read -r path; do
		case $path in
		"$REAL"*) [ -f "$path" ] || [ -d "$path" ] || {
			echo "$1: opened $path"
			return 1
		} ;;
		# What the program itself needs: libraries, the hardware database.
		/usr/* | /lib/* | /lib64/* | /etc/* | /proc/self/* | / | "") ;;
		*)
			[ -f "$path" ] || {
				echo "$1: opened $path"
				return 1
			}
			;;
		esac
	done <"$BATS_TEST_TMPDIR/opened"
}

# planted KIND: in place of every file at once, then of folders too.
planted() {
	local path
	REPORT=$BATS_TEST_TMPDIR/report.json
	tree nest-ready
	"$NESTCTL" --sysroot "$TREE" report -o "$REPORT" 2>/dev/null
	find "$TREE" -type f | sort >"$BATS_TEST_TMPDIR/files"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/files")" -gt 60 ]
	[ "$1" != link ] || plant "$2" "$TREE/planted"
	while IFS= read -r path; do
		rm "$path"
		plant "$1" "$path"
	done <"$BATS_TEST_TMPDIR/files"
	every_command
	for path in sys/class/iommu sys/bus/pci/devices sys/kernel/iommu_groups sys/module; do
		rm -rf "${TREE:?}/$path"
		plant "$1" "$TREE/$path"
	done
	every_command
}

# planted_each KIND: in place of one file after the other, each name once, so that nothing that is missing keeps
# another from being read.
planted_each() {
	local path name seen=' '
	tree nest-ready
	while IFS= read -r path; do
		name=${path##*/}
		[[ $seen != *" $name "* ]] || continue
		seen+="$name "
		mv "$path" "$BATS_TEST_TMPDIR/aside"
		plant "$1" "$path"
		run_all report "$ONE" || {
			echo "a $1 at ${path#"$TREE"/}"
			return 1
		}
		rm "$path"
		mv "$BATS_TEST_TMPDIR/aside" "$path"
	done < <(find "$TREE" -type f | sort)
	[ "$(wc -w <<<"$seen")" -gt 30 ]
}

tracing() {
	is_sanitized && skip 'a sanitized program makes calls of its own'
	strace -qq -c -o /dev/null true 2>/dev/null || skip 'tracing is not allowed here'
}

root() {
	tracing
	mknod "$BATS_TEST_TMPDIR/try" c 1 5 2>/dev/null || skip 'only root makes device nodes'
}

@test "a FIFO in place of any file is not opened and does not hang" {
	tracing
	planted fifo
}

@test "a socket, a link to a FIFO and a link out of the tree are not opened" {
	tracing
	planted socket
	planted link fifo
	planted outside
}

@test "a character device in place of any file is not opened" {
	root
	planted character
	planted_each character
}

@test "a block device and a link to a device node are not opened" {
	root
	planted block
	planted link character
}

@test "a node where a file should be is told, and hides nothing else" {
	tree nest-ready
	rm "$TREE/sys/class/iommu/dmar0/intel-iommu/ecap"
	plant fifo "$TREE/sys/class/iommu/dmar0/intel-iommu/ecap"
	nest 0 list --json
	assert_json '.errors | length == 1 and (.[0].where | endswith("/ecap"))'
	assert_json "$(unit dmar0) | .cap == \"0x9ed008c40780466\" and .nesting.status == \"unknown\""
	assert_warns 'ecap cannot be read: Operation not supported'
}

@test "a tree is refused where its files cannot be opened safely: no /proc" {
	machine nest-ready
	command -v unshare >/dev/null && unshare -m true 2>/dev/null || skip 'only root has a mount namespace of its own'
	is_sanitized && skip 'a sanitized program needs /proc'
	status=0
	unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$NESTCTL" --sysroot "$TREE" list \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq 3 ]
	[ ! -s "$BATS_TEST_TMPDIR/out" ]
	grep -q 'is refused: --sysroot needs openat2(2), Linux 5.6 or newer, and /proc' "$BATS_TEST_TMPDIR/err"
}
