#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The project itself: what is said twice says the same, and who may know what.

load helpers

SCHEMA=$ROOT/schema/vfio-nestctl-1.schema.json
MAN8=$ROOT/man/vfio-nestctl.8
MAN5=$ROOT/man/vfio-nestctl-json.5

setup() {
	cd "$ROOT" || return
}

# Sources and headers of the program.
sources() {
	echo vfio-nestctl.c
	find lib -name '*.[ch]'
}

# Files of the project; without git, what a release holds.
tracked() {
	git ls-files 2>/dev/null || find . -path './build*' -prune -o -type f ! -name vfio-nestctl -printf '%P\n'
}

# same WHAT-A WHAT-B FILE-A FILE-B: both hold the same lines, at least one; shows the difference.
same() {
	local a b
	a=$(sort -u "$3") || return
	b=$(sort -u "$4") || return
	[ -n "$a" ] || { echo "$1 is empty"; return 1; }
	diff --label "$1" --label "$2" -u - <(printf '%s\n' "$b") <<<"$a"
}

# A manual page without its markup of fonts and dashes.
plain() {
	sed -e '/^\.\\"/d' -e 's/\\f[BIRP]//g' -e 's/\\-/-/g' -e 's/\\~/ /g' "$1"
}

# The options of a command as its --help lists them, long and short, one a line.
options() {
	"$NESTCTL" "$@" --help | grep -E '^  +-' | grep -oE '(^|[ ,])--?[A-Za-z?][a-z-]*' | tr -d ' ,' | sort -u
}

# The formats of a command, or of any, as its --help lists them.
formats() {
	"$NESTCTL" "$@" --help | sed -n 's/.*--format=FORMAT *Format: //p' | tr -d , | tr ' ' '\n'
}

columns() {
	"$NESTCTL" list -o help | awk '{ print $1 }'
}

# What each shell offers at the end of a line: offers SHELL LINE, one word a line.
offers() {
	# Shells keep caches at home.
	local -x HOME=$BATS_TEST_TMPDIR PATH=${NESTCTL%/*}:$PATH
	case $1 in
	bash)
		# shellcheck disable=SC2016 # for the inner shell
		bash -c '. "$1"; COMP_LINE=$2 COMP_POINT=${#2}; _vfio_nestctl; printf "%s\n" "${COMPREPLY[@]}"' \
			- completions/vfio-nestctl.bash "$2"
		;;
	zsh) timeout 20 tests/complete-zsh "$2" ;;
	fish) fish --no-config -c "source completions/vfio-nestctl.fish; complete -C'$2'" | cut -f1 ;;
	esac | grep . | sort -u
}

# Commands, options and columns of one shell against --help.
completes() {
	needs "$1"
	local command want=$BATS_TEST_TMPDIR/want got=$BATS_TEST_TMPDIR/got
	{ command_names; echo help; } >"$want"
	offers "$1" 'vfio-nestctl ' >"$got"
	same --help "$1" "$want" "$got"
	command_names >"$want"
	offers "$1" 'vfio-nestctl help ' >"$got"
	same 'help COMMAND' "$1" "$want" "$got"
	for command in $(command_names); do
		options "$command" >"$want"
		{ offers "$1" "vfio-nestctl $command -"; offers "$1" "vfio-nestctl $command --"; } >"$got"
		same "$command --help" "$1" "$want" "$got"
	done
	options >"$want"
	{ offers "$1" 'vfio-nestctl -'; offers "$1" 'vfio-nestctl --'; } >"$got"
	same --help "$1" "$want" "$got"
	{ columns; echo help; } >"$want"
	offers "$1" 'vfio-nestctl list -o ' >"$got"
	same '-o help' "$1" "$want" "$got"
	offers "$1" 'vfio-nestctl list -o GROUP,DEVI' | sed 's/^GROUP,//' >"$got"
	printf '%s\n' DEVICE DEVICES | same columns "$1" - "$got"
	offers "$1" 'vfio-nestctl list -o +DEVI' | sed 's/^+//' >"$got"
	printf '%s\n' DEVICE DEVICES | same 'columns behind +' "$1" - "$got"
	{ "$NESTCTL" check --require help | awk '{ print $1 }'; echo help; } >"$want"
	offers "$1" 'vfio-nestctl check --require ' >"$got"
	same '--require help' "$1" "$want" "$got"
	offers "$1" 'vfio-nestctl check --require units.nes' >"$got"
	same requirements "$1" - "$got" <<<units.nesting
	formats >"$want"
	offers "$1" 'vfio-nestctl --format ' >"$got"
	same formats "$1" "$want" "$got"
	for command in $(command_names); do
		formats "$command" >"$want"
		offers "$1" "vfio-nestctl $command --format " >"$got"
		same "formats of $command" "$1" "$want" "$got"
	done
	decode_kinds >"$want"
	offers "$1" 'vfio-nestctl decode ' >"$got"
	same 'decode --help' "$1" "$want" "$got"
}

# Devices, groups, units and drivers of the machine below --sysroot.
completes_machine() {
	needs "$1"
	machine spr-mixed
	local got=$BATS_TEST_TMPDIR/got line="vfio-nestctl --sysroot $TREE"
	offers "$1" "$line show " >"$got"
	for word in 0000:16:00.1 0000:e7:01.0 12 21 dmar0 dmar10; do
		grep -qxF "$word" "$got" || { echo "$1 lacks $word"; return 1; }
	done
	offers "$1" "$line list --iommu " >"$got"
	for word in dmar2 vt-d amd smmuv3 smmu virtio riscv s390 dart soc mock other; do
		grep -qxF "$word" "$got" || { echo "$1 lacks $word"; return 1; }
	done
	offers "$1" "$line list --driver " | tr '\n' ' ' >"$got"
	grep -qx 'idxd mlx5_core none pcieport vfio-pci xhci_hcd ' "$got"
	# bash replaces what follows the last colon only.
	offers "$1" "$line show 0000:16" | sed 's/^0000://' | tr '\n' ' ' >"$got"
	grep -qx '16:00.0 16:00.1 ' "$got"
	# The value of an option is no argument.
	for word in $("$NESTCTL" probe --help | grep -o -e '--[a-z-]*=' | grep -v -e '--from=' -e '--sysroot='); do
		offers "$1" "$line probe ${word%=} 1 0000:16" | sed 's/^0000://' | tr '\n' ' ' >"$got"
		grep -qx '16:00.0 16:00.1 ' "$got" || { echo "$1: probe $word"; return 1; }
	done
	for word in $("$NESTCTL" roundtrip --help | sed '/^Options of every/,$d' | grep -o -e '--[a-z-]*='); do
		offers "$1" "$line roundtrip ${word%=} 1 0000:16:00.0 0000:16" | sed 's/^0000://' | tr '\n' ' ' >"$got"
		grep -qx '16:00.0 16:00.1 ' "$got" || { echo "$1: roundtrip $word"; return 1; }
	done
	offers "$1" "$line roundtrip 0000:16:00.0 0000:16" | sed 's/^0000://' | tr '\n' ' ' >"$got"
	grep -qx '16:00.0 16:00.1 ' "$got"
	machine none-firmware
	offers "$1" "vfio-nestctl --sysroot $TREE show " >"$got" || :
	run -1 grep -i iommu "$got"
}

decode_kinds() {
	"$NESTCTL" decode --help | sed -nE 's/^(Usage|  or): +vfio-nestctl decode \[OPTION...\] ([a-z][a-z0-9-]+) .*/\2/p'
}

# The keys of objects that the schema names.
schema_keys() {
	# A key may itself be called "properties": its value is a schema, and no object of keys.
	jq -r '.. | objects | (.properties // empty) | select(has("items") | not) | keys[]' "$SCHEMA" | sort -u
}

@test "every file that can carry its licence does" {
	missing=$(tracked | grep -vxE 'LICENSE|debian/(changelog|copyright|docs|source/format)|tests/fuzz/corpus/.*|.*\.patch|tests/vm/expected/.*\.json' |
		xargs -d '\n' grep -L 'SPDX-License-Identifier: GPL-2.0-or-later') || :
	printf '%s\n' "$missing"
	[ -z "$missing" ]
	grep -q 'GNU GENERAL PUBLIC LICENSE' LICENSE
}

@test "every command is in the manual, and no other" {
	plain "$MAN8" | sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/p' | sed '/^\.RS/,/^\.RE/d' |
		grep -A1 '^\.TP' | sed -nE 's/^\.BI? "?([a-z]+).*/\1/p' >"$BATS_TEST_TMPDIR/man"
	command_names >"$BATS_TEST_TMPDIR/help"
	same --help man "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/man"
}

@test "every option is in the manual under its command, and no other" {
	for command in $(command_names) every; do
		if [ "$command" = every ]; then
			options >"$BATS_TEST_TMPDIR/help"
			section='Every command'
		else
			options "$command" | grep -vxFf <(options) >"$BATS_TEST_TMPDIR/help" || :
			section=$command
		fi
		plain "$MAN8" | sed -n "/^\.SH OPTIONS/,/^\.SH COLUMNS/p" |
			sed -n "/^\.SS $section\$/,/^\.S[SH] /p" | grep -A1 '^\.TP' |
			grep -oE '(^|[ "])--?[A-Za-z?][a-z-]*' | tr -d ' "' >"$BATS_TEST_TMPDIR/man" || :
		# Some commands have no option of their own.
		[ -s "$BATS_TEST_TMPDIR/help" ] || { [ ! -s "$BATS_TEST_TMPDIR/man" ]; continue; }
		same "$command --help" man "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/man"
	done
}

@test "no option is spoken of anywhere in the manuals that --help does not know" {
	for command in $(command_names); do
		options "$command"
	done | sort -u >"$BATS_TEST_TMPDIR/help"
	for page in "$MAN8" "$MAN5"; do
		plain "$page" | grep -oE -- '(^|[^a-zA-Z-])--[a-z][a-z-]+' | grep -oE -- '--.*' | sort -u |
			comm -23 - "$BATS_TEST_TMPDIR/help" >"$BATS_TEST_TMPDIR/strange"
		cat "$BATS_TEST_TMPDIR/strange"
		[ ! -s "$BATS_TEST_TMPDIR/strange" ]
	done
}

@test "every column is in the manual, and no other" {
	columns >"$BATS_TEST_TMPDIR/help"
	sed -n '/^\.SH COLUMNS/,/^\.SH READING/p' "$MAN8" | grep -A1 '^\.TP' | sed -n 's/^\.B //p' \
		>"$BATS_TEST_TMPDIR/man"
	same '-o help' man "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/man"
}

@test "every gate of a verdict is in the manual and the schema, and no other" {
	{
		cat lib/hw/*.c | tr -s ' \t\n' ' ' | grep -oE 'nest_regs_judge\([^"]*, "[a-z0-9]+"' | grep -oE '"[a-z0-9]+"'
		cat lib/hw/*.c | tr -s ' \t\n' ' ' | grep -oE '\.unread = \{ "[a-z0-9]+"' | grep -oE '"[a-z0-9]+"'
	} | tr -d '"' >"$BATS_TEST_TMPDIR/code"
	jq -r '."$defs".nesting.properties.gate.enum[]' "$SCHEMA" >"$BATS_TEST_TMPDIR/schema"
	same code schema "$BATS_TEST_TMPDIR/code" "$BATS_TEST_TMPDIR/schema"
	sed -n '/^\.SS Gates/,/^\.SS The decision/p' "$MAN8" | grep -A1 '^\.TP' | sed -n 's/^\.B //p' >"$BATS_TEST_TMPDIR/man"
	same code man "$BATS_TEST_TMPDIR/code" "$BATS_TEST_TMPDIR/man"
}

@test "every key of the schema is in vfio-nestctl-json(5), and no other" {
	plain "$MAN5" | grep -E '^\.(B|BR) [a-z]' | sed 's/^\.BR\? //' | grep -oE '(^|[^\a-z0-9_])[a-z][a-z0-9_]+' |
		grep -oE '[a-z0-9_]+' | sort -u >"$BATS_TEST_TMPDIR/bold"
	schema_keys | comm -23 - "$BATS_TEST_TMPDIR/bold" >"$BATS_TEST_TMPDIR/missing"
	echo "not in the manual:"
	cat "$BATS_TEST_TMPDIR/missing"
	[ ! -s "$BATS_TEST_TMPDIR/missing" ]
	# Keys with a paragraph of their own; flags of DMAR are property names.
	plain "$MAN5" | grep -E '^\.BR .*\((hex|tri|errno|string|integer|boolean|number|object|array)' |
		sed -E 's/^\.BR //; s/"[^"]*\([^"]*\)"?//g; s/" ?, ?"/ /g; s/"//g' | grep -oE '[a-z][a-z0-9_]+' |
		sort -u | comm -23 - <(schema_keys) >"$BATS_TEST_TMPDIR/strange"
	echo "not in the schema:"
	cat "$BATS_TEST_TMPDIR/strange"
	[ ! -s "$BATS_TEST_TMPDIR/strange" ]
}

@test "every key that a printer adds is in the schema, and no other" {
	cat lib/print/json*.c | tr -s ' \t\n' ' ' |
		grep -oE '(nest_json_[a-z]+|add_[a-z]+|json_object_object_add)\((&?json, )?[a-z>.-]+, ("[a-z0-9_]+"|[a-z]+ \? "[a-z0-9]+" : "[a-z0-9]+")' |
		grep -oE '"[a-z0-9_]+"' | tr -d '"' | sort -u >"$BATS_TEST_TMPDIR/printers"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/printers")" -gt 60 ]
	echo "not in the schema:"
	comm -23 "$BATS_TEST_TMPDIR/printers" <(schema_keys) | tee "$BATS_TEST_TMPDIR/missing"
	[ ! -s "$BATS_TEST_TMPDIR/missing" ]
	# Names of registers and flags come from tables.
	sources | xargs cat | grep -oE '"[a-z0-9_]+"' | tr -d '"' | sort -u >"$BATS_TEST_TMPDIR/words"
	echo "printed by nobody:"
	schema_keys | comm -23 - "$BATS_TEST_TMPDIR/words" | tee "$BATS_TEST_TMPDIR/dead"
	[ ! -s "$BATS_TEST_TMPDIR/dead" ]
}

@test "the schema is valid, and knows every command" {
	needs python3-jsonschema
	/usr/bin/python3 -c 'import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
jsonschema.validators.validator_for(schema).check_schema(schema)' "$SCHEMA"
	jq -r '.properties.command.enum[]' "$SCHEMA" >"$BATS_TEST_TMPDIR/schema"
	command_names >"$BATS_TEST_TMPDIR/help"
	same --help schema "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/schema"
	for command in $(command_names); do
		# shellcheck disable=SC2016 # jq's variable
		holds "$SCHEMA" one '(."$defs"[$c] | type == "object") and
			any(.allOf[]; .if.properties.command.const == $c)' --arg c "$command"
	done
}

# broken FILTER: the document changed so is not valid any more.
broken() {
	jq "$1" "$OUT" >"$BATS_TEST_TMPDIR/broken"
	cmp -s <(jq . "$OUT") "$BATS_TEST_TMPDIR/broken" && { echo "changes nothing: $1"; return 1; }
	! tests/validate "$BATS_TEST_TMPDIR/broken" >/dev/null || { echo "still valid: $1"; return 1; }
}

@test "the schema catches keys that are new, gone, of another type or another word" {
	needs python3-jsonschema
	machine spr-mixed
	nest 0 --json list
	tests/validate "$OUT"
	broken '.new = 1'
	broken '.groups[0].new = 1'
	broken '.groups[0].devices[0].new = 1'
	broken '.iommus[0].new = 1'
	broken 'del(.iommus)'
	broken 'del(.errors)'
	broken '.schema = "vfio-nestctl/2"'
	broken '.command = "lst"'
	broken '.iommus[0].cap = 5'
	broken '.iommus[0].cap = "5"'
	broken '.iommus[0].cap = null'
	broken '.iommus[0].nesting.status = false'
	broken '.iommus[0].nesting.gate = "smts"'
	broken 'del(.iommus[2].nesting.gate)'
	broken '.groups[0].id = "1"'
	broken 'del(.groups[1].viable.blockers[0])'
	broken '.groups[0].devices[0].vendor = "8086"'
	nest 0 --json show 0000:16:00.1
	tests/validate "$OUT"
	broken '.device.new = 1'
	broken '.device.config_space.ats.new = 1'
	broken 'del(.device.config_space.ats.enabled)'
	broken '.device.cdev.mode = "0600"'
	broken '.device.numa_node = -1'
	broken 'del(.device, .group, .iommu)'
	nest 0 --json show dmar0
	broken '.registers.fields.nest = "1"'
	broken '.registers.explained[0].new = 1'
	nest 0 --json decode dmar "$TREE/sys/firmware/acpi/tables/DMAR"
	broken '.dmar.structures[0].new = 1'
	broken '.dmar.flags.new = true'
	broken 'del(.faults)'
}

@test "bash completes commands, options, columns, formats and kinds" {
	completes bash
}

@test "zsh completes commands, options, columns, formats and kinds" {
	completes zsh
}

@test "fish completes commands, options, columns, formats and kinds" {
	completes fish
}

@test "bash completes devices, groups, units and drivers" {
	completes_machine bash
}

@test "zsh completes devices, groups, units and drivers" {
	completes_machine zsh
}

@test "fish completes devices, groups, units and drivers" {
	completes_machine fish
}

@test "the manuals are formatted without a warning" {
	needs man groff
	for page in man/*.[1-9]; do
		LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page" >/dev/null 2>"$BATS_TEST_TMPDIR/warnings"
		groff -man -ww -Tutf8 "$page" >/dev/null 2>>"$BATS_TEST_TMPDIR/warnings"
		cat "$BATS_TEST_TMPDIR/warnings"
		[ ! -s "$BATS_TEST_TMPDIR/warnings" ]
	done
}

@test "mandoc has no complaint about the manuals" {
	needs mandoc
	mandoc -Tlint man/*.[1-9]
}

@test "manuals refer to pages that exist" {
	local page
	# Pages of others: each of them was looked up.
	for page in man/*.[1-9]; do
		plain "$page" | grep -oE '^\.BR [a-z][a-z0-9-]* \([1-9]\)' | sed 's/^\.BR //'
	done | sort -u >"$BATS_TEST_TMPDIR/references"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/references")" -ge 8 ]
	{
		printf '%s\n' 'acpidump (8)' 'depmod (8)' 'diff (1)' 'dmesg (1)' 'driverctl (8)' 'jq (1)' 'lspci (8)' 'openat2 (2)' 'prove (1)'
		for page in man/*.[1-9]; do
			page=${page#man/}
			echo "${page%.*} (${page##*.})"
		done
	} | sort >"$BATS_TEST_TMPDIR/pages"
	comm -23 "$BATS_TEST_TMPDIR/references" "$BATS_TEST_TMPDIR/pages" | tee "$BATS_TEST_TMPDIR/strange"
	[ ! -s "$BATS_TEST_TMPDIR/strange" ]
}

@test "which kernels have VFIO_TYPE1_NESTING_IOMMU is the same wherever it is said" {
	local releases
	releases=$(sed -n 's/^#define NEST_TYPE1_NESTING_RELEASES "\(.*\)"/\1/p' lib/explain.h)
	[ "$releases" = '3.18 to 6.12' ]
	grep -qF "alone, Linux $releases." "$MAN8"
	grep -qE "^\| .type1-nesting. \|.*\| Linux $releases \|" docs/verdicts.md
	# No other range that ends there, in code, manuals or README.
	{ sources; printf '%s\n' man/* README.md docs/*; } | xargs grep -ohE '[0-9]+\.[0-9]+ to 6\.12' | sort -u >"$BATS_TEST_TMPDIR/said"
	[ "$(cat "$BATS_TEST_TMPDIR/said")" = "$releases" ]
}

# The command of the systemd service in vfio-nestctl-check(7), and its folder.
service() {
	plain man/vfio-nestctl-check.7 | sed 's/\\(aq/'"'"'/g; s/\\e$/\\/' |
		sed -n '/^# \/etc\/systemd\/system\/vfio-nestctl.service/,/^$/p' >"$BATS_TEST_TMPDIR/service"
	FOLDER=$(sed -n 's/^WorkingDirectory=//p' "$BATS_TEST_TMPDIR/service")
	COMMAND=$(sed -n "/^ExecStart=/{:a; /'\$/!{N; ba}; s/^ExecStart=//; s/\\\\\n//g; s/\\$\\$/$/g; p}" \
		"$BATS_TEST_TMPDIR/service")
}

@test "the service of vfio-nestctl-check(7) renames within one folder, and keeps what is whole" {
	local bin=$BATS_TEST_TMPDIR/bin folder=$BATS_TEST_TMPDIR/folder status
	service
	[ "$FOLDER" = /var/lib/prometheus/node-exporter ]
	[[ $COMMAND == "/bin/sh -c '"*"'" ]]
	# No path: all is in the folder, on one file system.
	[[ ${COMMAND#/bin/sh} != */* ]]
	mkdir "$bin" "$folder"
	cat >"$bin/vfio-nestctl" <<-'END'
		#!/bin/sh
		[ "$*" = "--format prometheus check" ] || exit 4
		echo metric $STATUS
		exit $STATUS
	END
	chmod +x "$bin/vfio-nestctl"
	for status in 0 1 3; do
		(cd "$folder" && STATUS=$status PATH=$bin:$PATH eval "$COMMAND")
		[ "$(ls "$folder")" = nestctl.prom ]
		[ "$(cat "$folder/nestctl.prom")" = "metric $status" ]
	done
	run ! env -C "$folder" STATUS=4 PATH="$bin:$PATH" sh -c "$COMMAND"
	[ "$(cat "$folder/nestctl.prom")" = 'metric 3' ]
}

@test "the version is the same wherever it is said" {
	version=$(sed -n 's/.*NEST_VERSION "\(.*\)"/\1/p' lib/version.h)
	for page in man/*.[1-9]; do
		grep -q "^\.TH .* \"vfio-nestctl $version\" " "$page"
	done
	[[ $(grep -m1 '^## ' NEWS.md) == "## $version"* ]]
}

@test "each header of lib compiles alone" {
	flags=$(pkg-config --cflags libudev json-c smartcols)
	find lib -name '*.h' | while read -r header; do
		# shellcheck disable=SC2086 # words of pkg-config
		echo "#include \"${header#lib/}\"" | gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
			-Ilib $flags -fsyntax-only -x c - || { echo "$header"; return 1; }
	done
}

@test "scripts and completions pass shellcheck" {
	needs shellcheck
	tracked | while read -r file; do
		head -n 1 "$file" | tr -d '\0' | grep -qE '^#!(/usr)?/bin/(env )?(ba)?sh|^#!/usr/bin/env bats' &&
			printf '%s\0' "$file"
	done >"$BATS_TEST_TMPDIR/scripts" || :
	[ "$(tr -cd '\0' <"$BATS_TEST_TMPDIR/scripts" | wc -c)" -ge 5 ]
	xargs -0 shellcheck completions/vfio-nestctl.bash <"$BATS_TEST_TMPDIR/scripts"
	! command -v zsh >/dev/null || zsh -n completions/_vfio-nestctl
	! command -v fish >/dev/null || fish -n completions/vfio-nestctl.fish
}

@test "no file of lib is over 600 lines" {
	for file in $(sources); do
		[ "$(wc -l <"$file")" -le 600 ] || { wc -l "$file"; return 1; }
	done
}

# only WHO-REGEX WHAT-REGEX: no other file of the program has a line of that kind.
only() {
	local strange
	strange=$(sources | xargs grep -nE "$2" | grep -vE "^($1)(:|\$)" || :)
	printf '%s\n' "$strange"
	[ -z "$strange" ]
}

# Which folders of lib a folder may include beside itself and the core, lowest first. A folder in a
# folder (trip/legs) counts as the outer one.
rooms() {
	cat <<-'EOT'
		core:
		uapi:
		kernel: uapi
		hw: uapi
		host: kernel uapi
		log: hw host kernel
		inventory: host hw
		s1:
		backend: host hw inventory kernel s1 uapi
		stim: backend kernel
		probe: backend host hw inventory kernel log uapi
		trip: backend host hw inventory kernel log s1 stim uapi
		check: host hw inventory log probe stim
		report: check host hw inventory log probe
		print: check host hw inventory log probe report stim trip
		cmd: backend check host hw inventory kernel log print probe report stim trip
	EOT
}

# Every include of a file of lib in lib, as "includer included".
includes() {
	grep -roE --include='*.[ch]' '^#include "[^"]+"' lib | sed -E 's/^lib\/([^:]+):#include "(.*)"$/\1 \2/'
}

@test "each message of the kernel log that check looks for is one that the log's tables have" {
	# In causes[] and notes[] the id comes first; elsewhere it is the second argument.
	{
		sed -n '/} causes\[\] = {/,/^};/s/^\t{ "\([a-z_]*\)".*/\1/p' lib/check/rules-iommu.c
		sed -n '/} notes\[\] = {/,/^};/s/^\t{ "\([a-z_]*\)".*/\1/p' lib/check/rules-interrupts.c
		sed -n 's/.*nest_facts_note([^"]*"\([a-z_]*\)").*/\1/p' lib/check/*.c
	} | sort -u >"$BATS_TEST_TMPDIR/asked"
	sed -n 's/^\t{ "\([a-z_]*\)",.*/\1/p' lib/log/messages-*.c | sort -u >"$BATS_TEST_TMPDIR/known"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/asked")" -ge 15 ]
	run ! grep . <(comm -23 "$BATS_TEST_TMPDIR/asked" "$BATS_TEST_TMPDIR/known")
}

@test "what people read is in plain words" {
	local broken=$BATS_TEST_TMPDIR/broken.c
	# shellcheck disable=SC2046 # one word a file
	tests/words vfio-nestctl.c $(git ls-files 'lib/*.[ch]' '*.md' 'man/*')
	# The test can fail.
	printf 'const char *text = "this is to be had from nobody";\n' >"$broken"
	run -1 tests/words "$broken"
	[ "${#lines[@]}" -eq 2 ]
	printf 'const char *text = "%s";\n' "$(printf 'word %.0s' {1..31})" >"$broken"
	run -1 tests/words "$broken"
	[[ $output == *'a sentence of 31 words'* ]]
}

@test "a folder of lib includes only the folders below it" {
	includes | awk '
		function room(file) { return file ~ /\// ? substr(file, 1, index(file, "/") - 1) : "core" }
		NR == FNR { sub(":", "", $1); known[$1] = ++n; for (i = 2; i <= NF; i++) {
			may[$1 " " $i] = 1
			if (!($i in known)) print "not above its own: " $1 " " $i } ; next }
		{ from = room($1); to = room($2)
		  if (!(from in known)) print "no room is called " from ": " $1
		  if (from != to && to != "core" && !((from " " to) in may)) print $1 " includes " $2 }' \
		<(rooms) - | tee "$BATS_TEST_TMPDIR/strange"
	[ ! -s "$BATS_TEST_TMPDIR/strange" ]
}

@test "no two files of lib need each other, nor more in a circle" {
	local objects=${FAKE%/*}/lib
	[ -d "$objects" ] || skip "the program was not built here: no $objects"
	# Who takes which symbol from whom; tsort names the members of a circle.
	# An object whose source has gone is left over from an older build.
	find "$objects" -name '*.o' -printf '%P\n' | while read -r object; do
		[ -e "lib/${object%.o}.c" ] || continue
		nm -g "$objects/$object" | awk -v name="${object%.o}" '
			$1 == "U" { print "takes", $2, name; next } { print "has", $3, name }'
	done | awk '$1 == "has" { has[$2] = $3 } $1 == "takes" { takes[$2 " " $3] = $2 }
		END { for (t in takes) { split(t, part, " "); if (takes[t] in has) print part[2], has[takes[t]] } }' \
		>"$BATS_TEST_TMPDIR/takes"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/takes")" -gt 300 ]
	run ! grep . <(tsort "$BATS_TEST_TMPDIR/takes" 2>&1 >/dev/null | sed -n 's/^tsort: //p')
	# Headers alone, too.
	run ! grep . <(includes | grep -E '\.h .*\.h$' | tsort 2>&1 >/dev/null | sed -n 's/^tsort: //p')
}

@test "an errno never becomes the result of a leg by assignment, nor the other way round" {
	# trip/run.h tells the convention. What C++ would refuse:
	for file in lib/trip/*.c lib/trip/legs/*.c; do
		gcc -std=gnu11 -D_GNU_SOURCE -Ilib -fsyntax-only -Wc++-compat "$file" 2>&1
	done >"$BATS_TEST_TMPDIR/warnings"
	grep -q 'c++-compat' "$BATS_TEST_TMPDIR/warnings"
	run ! grep -E 'nest_leg_result|error:' "$BATS_TEST_TMPDIR/warnings"
	grep -rohE 'enum nest_leg_result nest_\w+\(' lib/trip | sed -E 's/.* (.*)\(/err = \1(/' >"$BATS_TEST_TMPDIR/calls"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/calls")" -gt 40 ]
	run ! grep -rnFf "$BATS_TEST_TMPDIR/calls" lib/trip
}

@test "only udev.c knows libudev, only the printers know the formats' libraries" {
	only 'lib/inventory/udev\.c' '^#include.*libudev'
	only 'lib/(print/(json.*|html-probe\.c)|report/(read|parts|redact-json)\.c)' '^#include.*json-c'
	only 'lib/print/human.*' '^#include.*libsmartcols'
	only '(vfio-nestctl\.c|lib/cmd/[a-z]+\.[ch])' '^#include.*argp'
}

@test "only kernel.c opens, maps and asks device nodes; host/ is the door to sysfs" {
	# The printer asks the terminal how wide it is.
	only 'lib/kernel/kernel\.c|lib/print/human\.c:[0-9]+:.*TIOCGWINSZ.*' '(^|[^_a-z])ioctl\('
	# hwdb.c maps udev's database of names.
	only 'lib/(kernel/kernel|host/hwdb)\.c' '(^|[^_a-z])(mmap|munmap|pread|pwrite|poll)\('
	# userfile.c reads files of the user's choice, and the main file writes one.
	only 'lib/(kernel/kernel|host/(beneath|hwdb|userfile))\.c|vfio-nestctl\.c' '(^|[^_a-z>.])(open|openat)\(|syscall\(\w*SYS_OPENAT2'
	# The transcript names what a descriptor is, by /proc/self/fd.
	only 'lib/(host/(sysfs|held)|kernel/transcript)\.c' '(^|[^_a-z])(opendir|readdir|readlinkat|readlink)\(|SYS_getdents64'
}

@test "no operation's name decides anything: that is what a stage is for" {
	only 'nobody' 'str(n|case|str)?(cmp)?\([^;]*((failed|failure|outcome)(\.|->)op\b|"(VFIO_|IOMMU_|open/))'
}

@test "no header of the kernel's is included" {
	only 'nobody' '^#include <linux/(vfio|iommu|iommufd)\.h>'
}

@test "the library neither prints nor exits" {
	only 'lib/(print/.*|say)\.[ch]|vfio-nestctl\.c' '(^|[^_a-z])(printf|puts|perror|putchar)\('
	only 'vfio-nestctl\.c' '(^|[^_a-z])exit\('
	# of a child that makes one request
	only 'vfio-nestctl\.c|lib/kernel/kernel\.c' '(^|[^_a-z])_exit\('
}

@test "docs/building.md names every package that make deps installs, with a reason" {
	packages=$(sed -nE '/^DEPS_[A-Z]+ :=/{:a; /\\$/{N; ba}; s/^DEPS_[A-Z]+ :=//; s/\\//g; p}' \
		Makefile | tr '=,' '  ')
	for package in $packages; do
		grep -qE "^\| .*\`$package\`.* \| .{5,} \|" docs/building.md || { echo "docs/building.md lacks $package"; return 1; }
	done
}

# What the program prints for the commands of README and docs/screens.md, one machine after the other.
screens() {
	local line name='' inside=0
	while IFS= read -r line; do
		case $line in
		'<!-- machine '*) name=${line#<!-- machine } name=${name% -->} ;;
		'```console') inside=1 && machine "$name" ;;
		'```') inside=0 ;;
		'$ '*)
			((inside)) || continue
			printf '%s\n' "$line"
			(cd "$TREE" && eval "${line#$ }") || :
			;;
		esac
	done < <(cat README.md docs/screens.md)
}

# Screens without the names of the hardware database: each release has another one, and some hosts have none.
unnamed() {
	sed -E '/^  name   /d; s/^(  class +0x[0-9a-f]{6}), .*/\1/'
}

@test "every screen in README and docs is what the program prints, but for names of the hardware database" {
	vfio-nestctl() { "$NESTCTL" --sysroot "$TREE" "$@"; }
	screens >"$BATS_TEST_TMPDIR/now"
	[ "$(grep -c '^\$ ' "$BATS_TEST_TMPDIR/now")" -ge 5 ]
	# shellcheck disable=SC2016 # a fence of Markdown
	cat README.md docs/screens.md | sed -n '/^```console/,/^```$/p' | grep -v '^```' | unnamed |
		diff - <(unnamed <"$BATS_TEST_TMPDIR/now")
}

@test "lib/README.md maps every folder of lib, and no other" {
	# shellcheck disable=SC2016 # backticks of Markdown
	sed -n '/^## The map/,/^## Recipes/p' lib/README.md | sed -nE 's/^\| `([a-z0-9/]+)\/` .*/\1/p' >"$BATS_TEST_TMPDIR/map"
	find lib -mindepth 1 -type d -printf '%P\n' >"$BATS_TEST_TMPDIR/lib"
	same lib map "$BATS_TEST_TMPDIR/lib" "$BATS_TEST_TMPDIR/map"
}

@test "every place that holds the version holds that of lib/version.h" {
	local version place
	version=$(sed -n 's/^#define NEST_VERSION "\(.*\)"$/\1/p' lib/version.h)
	[ -n "$version" ]
	for place in "man/vfio-nestctl.8:\"vfio-nestctl $version\"" "man/vfio-nestctl-check.7:\"vfio-nestctl $version\"" \
		"man/vfio-nestctl-json.5:\"vfio-nestctl $version\"" "debian/changelog:vfio-nestctl ($version)" \
		"packaging/vfio-nestctl.spec:Version:        $version" "packaging/PKGBUILD:pkgver=$version" "NEWS.md:## $version"; do
		grep -qF -- "${place#*:}" "${place%%:*}" || { echo "${place%%:*} lacks ${place#*:}"; return 1; }
	done
}

@test "README is read in a minute: under 120 lines, with the two commands, and each file that it names is there" {
	[ "$(wc -l <README.md)" -lt 120 ]
	grep -qE '^ {4}make run +#' README.md
	grep -qE '^ {4}make deps check +#' README.md
	[ "$(sed -n '/^## What it cannot do/,/^## /p' README.md | grep -c '^- ')" -eq 4 ]
	grep -oE '\]\([^)]+\)' README.md | tr -d ']()' >"$BATS_TEST_TMPDIR/named"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/named")" -ge 8 ]
	while read -r file; do
		[ -e "$file" ] || { echo "README names $file"; return 1; }
	done <"$BATS_TEST_TMPDIR/named"
}
