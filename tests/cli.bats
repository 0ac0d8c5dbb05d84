#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command line: what is refused, what every command has in common, and the exit statuses.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets $TREE for itself
load helpers

# Refused with status 2, nothing on stdout, and this said on stderr.
refused() {
	local text=$1
	shift
	nest 2 "$@"
	[ -z "$output" ] || blame 'there is an answer'
	assert_warns "$text"
}

@test "--help names at least list, show, probe and decode, and the exit statuses" {
	nest 0 --help
	assert_says 'Usage: vfio-nestctl ' 'Exit status: 0 yes, 1 no, 2 usage, 3 unknown, 4 error.'
	[ -z "$error" ]
	for command in list show probe decode; do
		command_names | grep -qx "$command"
	done
}

# Most commands fit whole. What list and check have of their own does; the options that they share with all commands
# stand below it, and those are on the screen of --help, too.
@test "--help fits on one screen; of each command, what is its own does, with the shared options at most 29 lines" {
	local command own count=0
	nest 0 --help
	[ "$(wc -l <"$OUT")" -le 24 ] && [ "$(wc -L <"$OUT")" -le 80 ] || blame "$(wc -lL <"$OUT")"
	for command in $(command_names); do
		nest 0 "$command" --help
		grep -qx 'Options of every command:' "$OUT" || blame 'shared options are not told from its own'
		own=$(sed '/^Options of every command:$/,$d' "$OUT" | wc -l)
		[ "$own" -le 18 ] && [ "$(wc -l <"$OUT")" -le 29 ] && [ "$(wc -L <"$OUT")" -le 80 ] || blame "$command: $own of $(wc -lL <"$OUT")"
		case $command in
		list | check) ;;
		*) [ "$(wc -l <"$OUT")" -le 24 ] || blame "$command: $(wc -l <"$OUT") lines" ;;
		esac
		count=$((count + 1))
	done
	[ "$count" -ge 8 ] || blame "$count commands"
}

@test "every command has its own --help, which names it" {
	for command in $(command_names); do
		nest 0 "$command" --help
		assert_says "Usage: vfio-nestctl $command " --json
		[ -z "$error" ]
		nest 0 "$command" --usage
		assert_says "Usage: vfio-nestctl $command "
	done
}

@test "-h and help are --help, help COMMAND is COMMAND --help" {
	nest 0 --help
	help=$output
	for arguments in -h '-?' help 'help help' '-q help' 'help --help' 'help -h'; do
		# shellcheck disable=SC2086 # words
		nest 0 $arguments
		[ "$output" = "$help" ]
		[ -z "$error" ]
	done
	for command in $(command_names); do
		nest 0 "$command" --help
		help=$output
		nest 0 help "$command"
		[ "$output" = "$help" ]
		nest 0 "$command" -h
		[ "$output" = "$help" ]
		nest 0 "$command" -v -h
		[ "$output" = "$help" ]
	done
	refused "'lst'" help lst
	refused "'--json'" help --json
}

@test "--help is at most 80 columns wide, and what continues a line is indented" {
	nest 0 --help
	[ "$(wc -L <"$OUT")" -le 80 ]
	# A word at the margin begins a paragraph.
	sed -n '/^Commands/,$p' "$OUT" | grep -E '^[^ ]' >"$BATS_TEST_TMPDIR/margin"
	[ "$(sed 's/[ :].*//' "$BATS_TEST_TMPDIR/margin" | tr '\n' ' ')" = 'Commands Exit ' ]
	run -1 grep -n ' $' "$OUT"
	for command in $(command_names); do
		nest 0 "$command" --help
		[ "$(wc -L <"$OUT")" -le 80 ]
		run -1 grep -nE '^ {1,27}[^ -][^ ]* [^ ]' <(sed -n '/^ *-/,$p' "$OUT" | grep -v '^ *-')
	done
}

@test "--version is the version in lib/version.h" {
	version=$(sed -n 's/.*NEST_VERSION "\(.*\)"/\1/p' "$ROOT/lib/version.h")
	nest 0 --version
	[ "$output" = "vfio-nestctl $version" ]
	nest 0 -V
	[ "$output" = "vfio-nestctl $version" ]
	nest 0 show --version
	[ "$output" = "vfio-nestctl $version" ]
}

@test "an unknown command, option or argument is wrong usage" {
	refused "'lst'" lst
	refused "'--nested'" --nested
	refused "'--nested'" list --nested
	refused "'--wake'" list --wake
	refused "'0'" list 0
	refused "'1'" show 0 1
	refused argument show
	refused "requires an argument" list -o
	# Options of list need no command, and are told in the same way without one.
	refused "option '-o' requires an argument" -o
	refused "option '-s' requires an argument" -s
	refused "unknown option '--nestble'; did you mean '--nestable'?" --nestble
	# A device is no command.
	refused "unknown command '16:00.0'; to see a device: show 16:00.0" 16:00.0
	refused "unknown command '/dev/vfio/12'; to see a device: show /dev/vfio/12" /dev/vfio/12
	refused "requires an argument" --sysroot
}

@test "an argument too many is told what to do instead" {
	refused "extra argument '0000:00:02.0'; to select devices: list -s ADDRESS; to explain one: show DEVICE" list 0000:00:02.0
	refused "extra argument '1'; name one device, group or unit" show 0 1
	refused "extra argument '1'; name one device or group" probe 0 1
	refused "extra argument 'host.json'; to write to a file: report -o FILE" report host.json
	refused "extra argument 'c'; name one device, or two for the legs between devices" roundtrip a b c
	refused "extra argument 'c'; name one report or two" diff a b c
	refused "extra argument '6'; name one kind, with its registers or its file" decode vt-d 1 2 3 4 5 6
	# shellcheck disable=SC2046 # words
	refused "extra argument '65'; check fewer devices at a time" check $(seq 65)
}

@test "an empty argument is wrong usage, and an empty name of a file can be seen" {
	local command
	machine spr-mixed
	for command in list show probe check roundtrip 'decode vt-d 1' report 'diff host.json'; do
		# shellcheck disable=SC2086 # words
		TREE='' refused 'an argument is empty' $command ''
	done
	refused 'an argument is empty' check --device ''
	nest 2 check --policy ''
	assert_warns "cannot read '': No such file or directory"
	nest 3 decode --log ''
	assert_warns "'' cannot be read: No such file or directory"
	TREE=''
	for command in '--sysroot' '--from' '--transcript'; do
		nest 3 "$command" '' list
		assert_warns "'' cannot be "
	done
}

@test "standard input is called so" {
	nest 3 decode dmar -
	assert_warns 'standard input is not a complete DMAR table'
	nest 1 decode --log -
	assert_warns 'standard input contains no messages about IOMMUs'
	nest 3 --from - list
	assert_warns 'standard input ends too early'
}

@test "a --sysroot that is sysfs itself is told so" {
	local sys
	machine spr-mixed
	sys=$TREE/sys
	TREE=''
	nest 3 --sysroot "$sys" list
	assert_says '--sysroot was given sysfs itself: it takes the folder above, which holds sys'
	mkdir "$BATS_TEST_TMPDIR/empty"
	nest 3 --sysroot "$BATS_TEST_TMPDIR/empty" list
	assert_says 'sysfs is not available here'
}

@test "a limit of open files is no broken link, and no missing /proc" {
	local files
	! is_emulated || skip 'the emulator has files of its own open'
	machine spr-mixed
	for files in 5 6; do
		status=0
		# Bats has files of its own open.
		(exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- && ulimit -n $files && exec "$NESTCTL" --sysroot "$TREE" list) >"$BATS_TEST_TMPDIR/few" 2>&1 </dev/null || status=$?
		[ "$status" -eq 3 ]
		grep -q 'Too many open files' "$BATS_TEST_TMPDIR/few"
		run -1 grep -e 'broken link' -e openat2 "$BATS_TEST_TMPDIR/few"
	done
}

@test "a usage error says where to read more: in one line, for the command" {
	local command
	for command in '' show list; do
		# shellcheck disable=SC2086 # a word or none
		refused "Try 'vfio-nestctl${command:+ $command} --help' for more information." $command --wrong
		[ "$(wc -l <"$ERR")" -eq 2 ]
	done
}

@test "an unknown value of an option is wrong usage" {
	refused "'yaml'" --format yaml
	refused "'sometimes'" --color sometimes
	refused "unknown column 'NESTING' (GROUP, DEVICE, " list -o NESTING
	refused "unknown column ''" list -o DEVICE,
	refused "unknown column ''" list -o ,DEVICE
	refused "unknown column ''" list -o ''
	refused "unknown column ''" list -o DEVICE,,GROUP
	refused 'more than 32 columns' list -o "$(printf 'ID,%.0s' {1..32})ID"
}

@test "a wrong word is answered with the nearest one, or with all that there are" {
	refused "vfio-nestctl: unknown command 'lst'; did you mean 'list'?" lst
	refused "vfio-nestctl: unknown command 'frobnicate' (list, show, " frobnicate
	refused "vfio-nestctl: unknown option '--sysrot'; did you mean '--sysroot'?" --sysrot=/tmp list
	refused "vfio-nestctl: unknown option '--nestble'; did you mean '--nestable'?" list --nestble
	refused "vfio-nestctl: unknown format 'jsno'; did you mean 'json'?" --format jsno
	refused "vfio-nestctl: unknown format 'yaml' (human, json, dot)" list --format yaml
	refused "vfio-nestctl: list does not support --format tap (supported: human, json, dot)" list --format tap
	refused "vfio-nestctl: unknown column 'devcie'; did you mean 'DEVICE'?" list -o group,devcie
	refused "vfio-nestctl: unknown backend 'iommufs'; did you mean 'iommufd'?" roundtrip --backend iommufs 0
	refused "vfio-nestctl: unknown backend 'vfio' (" roundtrip --backend vfio 0
	refused "vfio-nestctl: unknown purpose 'nestd'; did you mean 'nested'?" check --for nestd
	refused "vfio-nestctl: unknown purpose 'all' (passthrough, nested, sva)" check --for all
	refused "vfio-nestctl: unknown requirement 'pasid_bit'; did you mean 'pasid_bits'?" check --require 'pasid_bit>=20'
	refused "vfio-nestctl: unknown requirement 'color' (iommu, nesting, " check --require color
	refused "vfio-nestctl: --color: invalid argument 'x' (auto, always, never)" --color x
	refused "vfio-nestctl: --enumerate: invalid argument 'x' (sysfs, udev)" list --enumerate x
	refused "--enumerate udev and --sysroot cannot be used together" list --enumerate udev --sysroot /
	refused "--enumerate udev and --from cannot be used together" --from x list --enumerate udev
	refused "vfio-nestctl: --as: invalid argument 'qemu' (qemu-2020, qemu-11)" probe --as qemu
	refused "vfio-nestctl: unknown kind 'arm' (vt-d, amd, smmuv3, dmar, ivrs, iort, viot)" decode arm 1
	refused "vfio-nestctl: what is in '/var/log/kern.log'? For a kernel log: --log FILE, for a table its name first: dmar FILE" \
		decode /var/log/kern.log
}

@test "what getopt refuses is named, wherever it stands" {
	refused "unknown option '-z'" -z list
	refused "unknown option '-z'" -vz
	refused "unknown option '-z'" list -vzq
	refused "unknown option '-z'" list -o DEVICE -zq
	refused "option '-o' requires an argument" list -vo
	refused "option '--from' requires an argument" list --from
	refused "option '--tree' takes no argument" list --tree=yes
	refused "option '--ve' is ambiguous" --ve
	refused "option '--dev' is ambiguous" check --dev=0
	machine laptop-trap
	nest 0 list --noh
}

@test "a number says its limits" {
	refused "--pasid: invalid argument '0' (1 to 1048575)" roundtrip --pasid 0 0
	refused "--iterations: invalid argument 'many' (1 to 1000000)" roundtrip --iterations many 0
	refused "--memory: invalid argument 'all' (a size such as 512M or 16G)" check --memory all
	refused "--require: invalid argument 'iommu>3'" check --require 'iommu>3'
}

@test "wrong usage prints no JSON either" {
	refused "'lst'" --json lst
	refused argument --json show
	refused CAP --json decode vt-d 1
}

@test "decode refuses what is no number, too large, too few or too many" {
	refused "'grmpf'" decode vt-d grmpf 0
	refused "''" decode amd :1
	refused "'1x'" decode amd 1x
	refused "''" decode amd 1:
	refused "'10000000000000000'" decode vt-d 0 10000000000000000
	refused "'100000000'" decode smmuv3 0 0 0 100000000
	refused "CAP ECAP" decode vt-d 1
	refused "CAP ECAP" decode vt-d 1 2 3
	refused FILE decode dmar
	refused --log decode
	refused --log decode --log /dev/null vt-d 1 2
}

@test "probe refuses a sysroot, a version that is none, and a second target" {
	machine laptop-trap
	refused --sysroot probe
	refused --sysroot roundtrip 0
	refused --sysroot check --probe
	refused --sysroot report --probe
	TREE=
	refused "'0'" probe --min-uapi-version 0
	refused "'1x'" probe --min-uapi-version 1x
	refused "'4294967296'" probe --min-uapi-version=4294967296
	refused "'1'" probe 0 1
}

@test "probe of what is not there could not be determined, and opens nothing" {
	nest 3 --transcript "$BATS_TEST_TMPDIR/calls" probe 0000:ff:1f.7 --json
	assert_json '.errors[-1].where == "0000:ff:1f.7" and (has("decision") | not)'
	[ -e "$BATS_TEST_TMPDIR/calls" ]
	[ ! -s "$BATS_TEST_TMPDIR/calls" ]
}

@test "options may stand before and after the command" {
	machine laptop-trap
	nest 0 list --json
	after=$output
	nest 0 --json list
	[ "$output" = "$after" ]
	nest 0 --format=json
	[ "$output" = "$after" ]
}

@test "-J is --json, --json=short is the same on one line, and other styles are refused" {
	machine spr-mixed
	nest 0 list --json
	local long=$output
	nest 0 -J list
	[ "$output" = "$long" ]
	nest 0 list -Jq
	[ "$output" = "$long" ]
	nest 0 --json=short list
	[ "$(wc -l <"$OUT")" -eq 1 ]
	[ "$(jq -S . "$OUT")" = "$(jq -S . <<<"$long")" ]
	refused "'long'" --json=long
}

@test "options of list work without its name, and before it, and not before another command" {
	machine spr-mixed
	nest 0 list -rno DEVICE -d 8086:0b25
	local list=$output
	nest 0 -rno DEVICE -d 8086:0b25
	[ "$output" = "$list" ]
	nest 0 -r -n --output DEVICE list -d 8086:0b25
	[ "$output" = "$list" ]
	nest 0 -T
	cp "$OUT" "$BATS_TEST_TMPDIR/letter"
	nest 0 --tree
	cmp "$OUT" "$BATS_TEST_TMPDIR/letter"
	assert_says 'group 10'
	refused 'options of list cannot be used with check' -r check
	refused 'options of list cannot be used with show' -o ID show dmar0
	refused 'NOSUCH' -o NOSUCH
}

@test "what cannot be combined is refused in one line" {
	machine spr-mixed
	refused '--raw and --pairs' list -rP
	refused '--tree' list -r --tree
	refused '--format json' list -P -J
	refused '--format dot' list -r --format dot
}

# names STATUS ARGUMENT NAME: for each command that takes a device, the argument is this device.
names() {
	nest 0 show "$1" --json
	assert_json ".device.address == \"$2\"" || return 1
	nest "$3" check "$1"
	assert_says "$2"
}

@test "a device may be spelt as other tools spell it" {
	local name
	machine spr-mixed
	for name in 0000:16:00.1 16:00.1 pci_0000_16_00_1 /sys/bus/pci/devices/0000:16:00.1 \
		/sys/bus/pci/devices/0000:16:00.1/ /sys/devices/pci0000:15/0000:15:01.0/0000:16:00.1 \
		/sys/devices/pci0000:15/0000:15:01.0/0000:16:00.1/vfio-dev/vfio0 /dev/vfio/devices/vfio0 \
		0000:16:00.1/ ./0000:16:00.1 devices/0000:16:00.1/; do
		names "$name" 0000:16:00.1 3
	done
	names 8086:1bcd 0000:00:14.0 1
	nest 0 -v show pci_0000_16_00_1
	assert_warns 'only the group of what was named was looked at'
	nest 0 show /dev/vfio/12 --json
	assert_json '.group.id == 12'
	nest 0 show /sys/bus/pci/devices/0000:16:00.1/iommu_group --json
	assert_json '.group.id == 12'
	nest 3 check /dev/vfio/12
	assert_says 0000:16:00.1
	nest 3 check /sys/kernel/iommu_groups/12
	assert_says 0000:16:00.1
	nest 3 check iommu_groups/12/
	assert_says 0000:16:00.1
}

@test "a spelling that means more than one device is refused, and they are listed" {
	machine spr-mixed
	local command
	for command in show check; do
		nest 2 $command 8086:0b25
		[ "$error" = 'vfio-nestctl: 8086:0b25 matches 2 devices: 0000:6a:01.0, 0000:e7:01.0; name one of them' ]
		[ -z "$output" ]
	done
	machine viability
	nest 2 check /dev/vfio/1
	assert_warns '/dev/vfio/1 is a group of 5 devices: 0000:00:01.0, ' 'name one of them'
	flat 20
	nest 2 show 8086:1001
	assert_warns 'matches 2 devices'
	machine flat 'repeat 12' 'device 0000:01:{i:%02x}.0 id=8086:9999 group={i} unit=dmar0' end
	nest 2 show 8086:9999
	assert_warns 'matches 12 devices' 'and 4 more'
}

@test "a spelling that leads to no device is not found, and never its neighbour" {
	local name
	machine spr-mixed
	for name in pci_0000_16_00_7 pci_0000_16_00 /sys/devices/pci0000:15/0000:15:01.0/0000:16:00.7 \
		/sys/bus/pci/devices/0000:16:00.1/driver /sys/devices/pci0000:15/0000:15:01.0/nosuch /dev/vfio/99 \
		/dev/vfio/devices/vfio9 /dev/vfio/devices/ /dev/vfio/ / // ffff:0000 8086:0b2 /sys \
		../0000:16:00.7 0000:16:00.1/driver 0000:16:00.1/.. ./ . 12/; do
		nest 3 show "$name"
		assert_warns 'was not found'
		nest 3 check "$name"
	done
}

@test "a path that goes up, or to an IOMMU unit, names no device that is on the way" {
	local name
	machine spr-mixed
	for name in /sys/bus/pci/devices/0000:16:00.1/.. /sys/bus/pci/devices/0000:16:00.1/../nosuch \
		/sys/devices/pci0000:15/0000:15:01.0/0000:16:00.1/../.; do
		nest 3 show "$name"
		nest 3 check "$name"
		assert_warns 'was not found'
	done
	machine amd-desktop
	for name in /sys/class/iommu/ivhd0 /sys/devices/pci0000:00/0000:00:00.2/iommu/ivhd0 \
		/sys/bus/pci/devices/0000:04:00.0/iommu; do
		nest 3 check "$name"
		assert_warns "is a unit: check takes devices (list --iommu ivhd0 lists them)"
		nest 0 show "$name" --json
		assert_json '.iommu.name == "ivhd0" and .device == null'
	done
	nest 0 show /sys/bus/pci/devices/0000:00:00.2 --json
	assert_json '.device.address == "0000:00:00.2"'
	nest 3 check 13
	assert_warns '13 is a group: check takes devices (show 13 lists them)'
	nest 0 show ivhd0 --json
	cp "$OUT" "$BATS_TEST_TMPDIR/unit"
	nest 0 show /sys/class/iommu/ivhd0/ --json
	cmp "$OUT" "$BATS_TEST_TMPDIR/unit"
}

@test "after -- nothing is an option" {
	machine laptop-trap
	nest 3 show -- --wake
	assert_warns --wake
}

@test "every format that the --help of list names works" {
	machine laptop-trap
	formats=$("$NESTCTL" list --help | sed -n 's/.*--format=FORMAT *Format: //p' | tr -d ,)
	[ "$(wc -w <<<"$formats")" -ge 3 ]
	for format in $formats; do
		nest 0 --format "$format" list
		[ -n "$output" ]
	done
}

@test "every column that -o help lists works, whatever its case" {
	machine laptop-trap
	nest 0 list -o help
	columns=$(awk '{ print $1 }' "$OUT")
	[ "$(wc -l <<<"$columns")" -ge 10 ]
	for column in $columns; do
		nest 0 list -o "$column"
		[[ $output =~ ^\ *$column ]]
		lower=$output
		nest 0 list -o "${column,,}"
		[ "$output" = "$lower" ]
	done
	nest 0 list --noheadings -o DEVICE,driver,Device
	[ "$(wc -w <"$OUT")" -eq $((3 * $(wc -l <"$OUT"))) ]
}

@test "a model that no database names has its number, in list and show" {
	[ -e /lib/udev/hwdb.bin ] || [ -e /etc/udev/hwdb.bin ] || skip 'hwdb.bin (udev) is not installed'
	# A number that no release of the database can name.
	machine spr-mixed 'device 0000:6a:03.0 id=8086:ffff class=088000 group=90 unit=dmar10'
	nest 0 list -n -s 6a:3 -o NAME
	assert_says 'Intel Corporation device ffff'
	nest 0 show 6a:03.0
	assert_says 'Intel Corporation device ffff'
	nest 0 show 90
	assert_says 'Intel Corporation device ffff'
}

@test "--sort sorts lines by what a column shows, and numbers by value" {
	local column form
	machine sparse-groups
	nest 0 list -n -x group -o GROUP
	[ "$(tr -d ' ' <"$OUT")" = "$(tr -d ' ' <"$OUT" | sort -n)" ]
	[ "$(wc -l <"$OUT")" -eq 6 ]
	machine spr-mixed
	for column in DRIVER NAME USER IOMMU; do
		for form in '' -r; do
			# shellcheck disable=SC2086 # perhaps no word
			nest 0 list -n $form --sort $column -o $column
			LC_ALL=C sort -c "$OUT"
			[ "$(wc -l <"$OUT")" -eq 8 ]
		done
	done
	# What is sorted by is read, also where it is not shown; equal rows stay as they were.
	nest 0 list -nx driver -o DEVICE
	[ "$(tail -n 3 "$OUT" | tr '\n' ' ')" = '0000:16:00.1 0000:e7:01.0 0000:00:14.0 ' ]
	nest 0 list -n --groups -x USER -o GROUP
	[ "$(wc -l <"$OUT")" -eq 8 ]
	nest 2 list -x nope
	assert_warns "unknown column 'nope'"
	nest 2 list -x DEVICE,GROUP
	nest 2 list -x group -T
	assert_warns '--tree cannot be used with --sort'
	nest 2 list -x group --json
	assert_warns '--format json cannot be used with --sort'
}

@test "no IOMMU is an answer: status 1, one sentence, and JSON that says who leaves it off" {
	for pair in none-firmware:firmware none-kernel:kernel none-kernel-default:kernel none-unknown:unknown; do
		machine "${pair%:*}"
		nest 1 list
		[ "$(wc -l <"$OUT")" -eq 1 ]
		[ -z "$error" ]
		nest 1 list --json
		assert_json ".iommu_present.status == \"no\" and .iommu_present.gate == \"${pair#*:}\""
		assert_json '.groups == []'
		nest 1 list --tree
		nest 1 list --groups
	done
}

@test "a filter that nothing passes is no, one that something passes is yes" {
	machine laptop-trap
	nest 1 list --nestable
	assert_warns filters
	nest 1 list --driver nosuch --json
	assert_json '.groups == [] and .iommus != []'
	nest 0 list --driver nvme
	machine spr-mixed
	nest 0 list --nestable
}

@test "what is not there could not be determined" {
	machine laptop-trap
	nest 3 show 0000:ff:00.0
	assert_warns 0000:ff:00.0
	nest 3 show 9999 --json
	assert_json '.errors | length == 1 and .[0].where == "9999"'
	nest 3 show dmar99
	TREE=
	nest 3 decode --log "$BATS_TEST_TMPDIR/nosuch"
	assert_warns 'No such file or directory'
	nest 3 decode dmar "$BATS_TEST_TMPDIR" --json
	assert_json '.errors[0].errno == "EISDIR"'
	nest 1 decode --log /dev/null
}

@test "a sysroot that is not there or no folder could not be determined" {
	TREE=$BATS_TEST_TMPDIR/nosuch
	nest 3 list
	assert_warns "$TREE" 'No such file or directory'
	TREE=$BATS_TEST_TMPDIR/file
	: >"$TREE"
	nest 3 list
	assert_warns "$TREE" 'Not a directory'
	TREE=$BATS_TEST_TMPDIR/empty
	mkdir "$TREE"
	nest 3 list --json
	assert_json '.iommu_present.status == "unknown"'
}

@test "a transcript of before is kept until the command line is accepted" {
	local line
	for line in lst 'list --bogus' roundtrip 'decode vt-d xx yy' 'check --for zz' 'check --require zz' \
		'list -o zz' 'list --format tap' 'roundtrip --mode zz 00:01.0'; do
		echo before >"$BATS_TEST_TMPDIR/calls"
		# shellcheck disable=SC2086 # words
		nest 2 --transcript "$BATS_TEST_TMPDIR/calls" $line
		[ "$(cat "$BATS_TEST_TMPDIR/calls")" = before ] || blame "$line truncated the transcript"
	done
}

@test "a transcript that cannot be written could not be determined" {
	machine laptop-trap
	nest 3 --transcript "$BATS_TEST_TMPDIR/nosuch/transcript" list
	assert_warns "$BATS_TEST_TMPDIR/nosuch/transcript" 'No such file or directory'
}

@test "output that cannot be written breaks the tool, which tells why" {
	machine spr-mixed
	"$NESTCTL" --sysroot "$TREE" report >"$BATS_TEST_TMPDIR/report" 2>/dev/null
	local arguments report=$BATS_TEST_TMPDIR/report
	for arguments in list 'list --json' 'list --tree' 'list --groups' 'list --format dot' 'list -o help' \
		check 'check --json' 'check --nagios' 'check --format tap' 'check --format junit' \
		'check --format prometheus' 'check --format nfd' 'show 0000:16:00.1' 'show dmar0' 'show 11' \
		'show dmar0 --json' report "diff $report $report" "diff $report $report --json" \
		'decode vt-d 1 2' 'decode vt-d 1 2 --json' --help -h --usage --version help 'help check' \
		'check --help' 'list --usage' 'show -V'; do
		status=0
		# shellcheck disable=SC2086 # words
		"$NESTCTL" -q --sysroot "$TREE" $arguments >/dev/full || status=$?
		[ "$status" -eq 4 ] || { echo "$arguments: $status"; return 1; }
		status=0
		# shellcheck disable=SC2086 # words
		"$NESTCTL" --sysroot "$TREE" $arguments >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
		[ "$status" -eq 4 ]
		grep -qx 'vfio-nestctl: standard output: No space left on device' "$BATS_TEST_TMPDIR/err" ||
			{ echo "$arguments: $(cat "$BATS_TEST_TMPDIR/err")"; return 1; }
	done
	for arguments in list --help --version 'list --json'; do
		status=0
		# shellcheck disable=SC2086 # words
		"$NESTCTL" --sysroot "$TREE" $arguments >&- 2>"$BATS_TEST_TMPDIR/err" || status=$?
		[ "$status" -eq 4 ]
		grep -q 'standard output: Bad file descriptor' "$BATS_TEST_TMPDIR/err"
	done
}

@test "-q says nothing on stderr, and the answer is the same" {
	machine hostile
	nest 0 list
	[ -n "$error" ]
	loud=$output
	nest 0 -q list
	[ -z "$error" ]
	[ "$output" = "$loud" ]
	nest 3 --quiet show nosuch
	[ -z "$error" ]
}

# The program on a terminal: its output, or that there was color in it.
on_terminal() {
	script -qec "$(printf '%q ' env "$@")" /dev/null </dev/null
}

has_color() {
	[[ $(on_terminal "$@" "$NESTCTL" --sysroot "$TREE" "${COLOR[@]}" list) == *$'\e['*m* ]]
}

@test "color is for terminals, and NO_COLOR, TERM=dumb and --color are obeyed" {
	machine laptop-trap
	COLOR=()
	has_color -u NO_COLOR TERM=xterm
	has_color NO_COLOR= TERM=xterm
	run ! has_color NO_COLOR=1 TERM=xterm
	run ! has_color -u NO_COLOR TERM=dumb
	run ! has_color -u NO_COLOR -u TERM
	COLOR=(--color never)
	run ! has_color -u NO_COLOR TERM=xterm
	COLOR=(--color always)
	has_color NO_COLOR=1 TERM=dumb
	unset NO_COLOR
	TERM=xterm nest 0 list
	[[ $output != *$'\e'* ]]
	nest 0 --color always list
	[[ $output == *$'\e['*m* ]]
	nest 0 --color always --json list
	[[ $output != *$'\e'* ]]
}

@test "an architecture of 32 bits is refused by one line" {
	has "${CC:-gcc}" || skip "${CC:-gcc} is not installed"
	"${CC:-gcc}" -m32 -E -x c /dev/null >/dev/null 2>&1 || skip 'this compiler makes nothing of 32 bits'
	run -1 "${CC:-gcc}" -m32 -ffreestanding -I"$ROOT/lib" -fsyntax-only -x c - <<<'#include "util.h"'
	[ "$(grep -c 'error:' <<<"$output")" -eq 1 ]
	[[ $output == *'#error "vfio-nestctl needs a 64-bit architecture'* ]]
}
