#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/deps and tests/unpack-tools, with stubs of the programs of Debian, which log their arguments.

# shellcheck disable=SC2016,SC2154 # the stubs expand the variables; run sets stderr
load helpers

# stub NAME: a program of this name that logs its arguments and runs the script on standard input.
stub() {
	{
		printf '#!/bin/bash\necho "%s $*" >>"%s"\n' "$1" "$BATS_TEST_TMPDIR/calls"
		cat
	} >"$BIN/$1"
	chmod +x "$BIN/$1"
}

setup() {
	BIN=$BATS_TEST_TMPDIR/bin
	mkdir "$BIN"
	export NESTCTL_CACHE=$BATS_TEST_TMPDIR/cache LISTS=$BATS_TEST_TMPDIR/lists
	: >"$LISTS"
	local tool
	for tool in bash env awk cat mktemp rm tail tr chmod mkdir mv install flock grep sort; do
		ln -s "$(command -v "$tool")" "$BIN/$tool"
	done
	stub id <<<'echo "${ID:-0}"'
	# "there" is installed, "half" is not quite.
	stub dpkg-query <<-'END'
		case ${!#} in
		there) echo 'ii ' ;;
		half) echo 'rc ' ;;
		*) exit 1 ;;
		esac
	END
	stub apt-get <<-'END'
		case " $* " in
		*' update '*) : >"$LISTS" ;;
		*) [ -e "$LISTS" ] || { echo 'E: Unable to locate package' >&2; exit 100; } ;;
		esac
		case " $* " in
		*' download --print-uris '*' promtool ') exit 100 ;;
		*' download --print-uris '*) echo "'http://x/${!#}.deb' ${!#}.deb 20000000 SHA256:0" ;;
		*' download '*) : >one.deb ;;
		*' --print-uris '*)
			echo '2 upgraded, 196 newly installed, 0 to remove and 7 not upgraded.'
			echo 'Need to get 2808 kB/182 MB of archives.'
			echo 'After this operation, 1827 MB of additional disk space will be used.'
			;;
		esac
	END
	stub dpkg <<-'END'
		case $1 in
		--print-architecture) echo amd64 ;;
		--print-foreign-architectures) echo "${FOREIGN-}" ;;
		esac
	END
	stub dpkg-deb <<<'mkdir -p "$3/usr/bin" && for p in promtool exporter; do : >"$3/usr/bin/$p"; done'
}

# with COMMAND...: only the stubs are there.
with() {
	: >"$BATS_TEST_TMPDIR/calls"
	PATH=$BIN run --separate-stderr "$@"
	printf '%s\n' "$output" "$stderr" "--- calls" "$(<"$BATS_TEST_TMPDIR/calls")"
}

@test "no package is missing: no output, and apt is not called" {
	with "$ROOT/tests/deps" there
	[ "$status" -eq 0 ] && [ -z "$output$stderr" ]
	run ! grep apt-get "$BATS_TEST_TMPDIR/calls"
}

@test "packages, size and time are announced before they are installed" {
	PATH=$BIN "$ROOT/tests/deps" there half gone 2>>"$BATS_TEST_TMPDIR/calls"
	sed -n '/^missing/,$p' "$BATS_TEST_TMPDIR/calls" | grep -v -e '^id ' -e '--print-uris' >"$BATS_TEST_TMPDIR/order"
	diff - "$BATS_TEST_TMPDIR/order" <<-'END'
		missing packages: half gone
		apt installs 198 packages: 2808 kB to download, 1827 MB on disk, about 3 min at 10 MB/s
		apt-get install -y -q --no-install-recommends half gone
	END
}

@test "missing lists are fetched, once and before the announcement" {
	rm "$LISTS"
	with "$ROOT/tests/deps" gone
	[ "$status" -eq 0 ]
	[ "$(grep -c 'apt-get update' "$BATS_TEST_TMPDIR/calls")" -eq 1 ]
	[[ $stderr == *'apt installs 198 packages'* ]]
}

@test "without root and sudo it prints the packages and the size, and installs nothing" {
	export ID=1000
	with "$ROOT/tests/deps" gone
	[ "$status" -eq 1 ]
	[[ $stderr == *'apt installs 198 packages'*'as root: apt-get install --no-install-recommends gone' ]]
	run ! grep -e 'install -y' -e update "$BATS_TEST_TMPDIR/calls"
	stub sudo <<<'"$@"'
	with "$ROOT/tests/deps" gone
	[ "$status" -eq 0 ]
	grep -q '^sudo env .*apt-get install -y' "$BATS_TEST_TMPDIR/calls"
}

@test "an architecture that dpkg does not know is added, and the lists are fetched" {
	with "$ROOT/tests/deps" there gone:arm64 lost:arm64
	[ "$status" -eq 0 ]
	[[ $stderr == *'missing packages: gone:arm64 lost:arm64'*'architecture arm64 is new to dpkg'* ]]
	grep -v -e dpkg-query -e --print -e '^id ' "$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/order"
	diff - "$BATS_TEST_TMPDIR/order" <<-'END'
		dpkg --add-architecture arm64
		apt-get update -q
		apt-get install -y -q --no-install-recommends gone:arm64 lost:arm64
	END
	FOREIGN=arm64 with "$ROOT/tests/deps" gone:arm64
	run ! grep -e --add-architecture -e update "$BATS_TEST_TMPDIR/calls"
}

@test "without root and sudo it prints how to add an architecture, and adds none" {
	ID=1000 with "$ROOT/tests/deps" gone:arm64
	[ "$status" -eq 1 ]
	[[ $stderr == *'as root: dpkg --add-architecture arm64, apt-get update, then this again' ]]
	run ! grep -e --add-architecture -e 'install -y' -e update "$BATS_TEST_TMPDIR/calls"
}

@test "on another system it prints the names" {
	rm "$BIN/apt-get"
	with "$ROOT/tests/deps" gone
	[ "$status" -eq 1 ]
	[[ $stderr == *'missing packages: gone'*'not Debian'*NODEPS=1* ]]
}

@test "on Fedora, Arch Linux, openSUSE and Alpine it prints what installs the libraries" {
	local id
	rm "$BIN/apt-get"
	for id in 'ID=fedora:dnf install' 'ID=rocky ID_LIKE="rhel centos fedora":dnf install' 'ID=arch:pacman -S' \
		'ID=opensuse-tumbleweed ID_LIKE="opensuse suse":zypper install' 'ID=alpine:apk add'; do
		printf '%s\n' "${id%%:*}" | sed 's/ ID_LIKE/\nID_LIKE/' >"$BATS_TEST_TMPDIR/os-release"
		OS_RELEASE=$BATS_TEST_TMPDIR/os-release with "$ROOT/tests/deps" gone
		[ "$status" -eq 1 ]
		[[ $stderr == *"To build, as root: ${id##*:} "*json-c* ]]
	done
	echo ID=plan9 >"$BATS_TEST_TMPDIR/os-release"
	OS_RELEASE=$BATS_TEST_TMPDIR/os-release with "$ROOT/tests/deps" gone
	[[ $stderr != *'To build'* ]]
}

@test "programs of the package that the release has are unpacked into a folder of the release" {
	with "$ROOT/tests/unpack-tools" promtool=promtool,prometheus exporter=exporter
	[ "$status" -eq 0 ]
	[[ $stderr == *'prometheus exporter: 40 MB to download, unpacked into '*', not installed' ]]
	grep -q 'apt-get download -q prometheus exporter$' "$BATS_TEST_TMPDIR/calls"
	with "$ROOT/tests/unpack-tools"
	[[ $output == "$NESTCTL_CACHE/tools/"?* ]]
	[ -x "$output/promtool" ] && [ -x "$output/exporter" ]
	with "$ROOT/tests/unpack-tools" promtool=promtool,prometheus exporter=exporter
	[ "$status" -eq 0 ] && [ -z "$stderr" ]
	run ! grep apt-get "$BATS_TEST_TMPDIR/calls"
}
