#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# roundtrip: what it proves on each kind of host, and what it says to a person whose host is not ready.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

EDU=0000:00:01.0
NVME=0000:00:03.0

# What must be shown through two stages for the verdict to be "passed".
NESTED='["open", "attach", "map", "start", "width", "copy", "map_file", "map_dmabuf", "options", "change_process", "bind", "dma", "dma_fresh", "dma_2m", "dma_split", "rights_2m", "invalidate_2m", "dma_high", "dma_bits", "dma_sign", "dma_slots", "invalidate_calls", "remap", "stale", "invalidate_page", "invalidate_domain", "invalidate_range", "invalidate_upper", "invalidate_prompt", "fault", "fault_read", "confine", "fault_kinds", "dma_targets", "dma_tables", "dma_unaligned", "dma_1g", "rights_absent", "rights_read_only", "rights_revoked", "rights_privileged", "rights_upper", "reserved", "under", "unbind", "second_alone", "reattach", "switch", "quiet", "teardown"]'

# legs RESULT: ids of the legs with this result.
legs() { printf '[.legs[] | select(.result == "%s") | .id]' "$1"; }

# property ID: a property of a round trip by its id.
property() { printf '(.properties | map(select(.id == "%s")) | if length == 1 then .[0] else error("%s: \\(length) times") end)' "$1" "$1"; }

# blocked ID TEXT...: an obstacle, with its paragraph; nothing was tried behind it.
obstacle() {
	local text
	assert_json ".obstacle.id == \"$1\" and .verdict == \"incomplete\""
	for text in "${@:2}"; do
		# shellcheck disable=SC2016 # jq's variable
		assert_json '.obstacle.summary | contains($text)' --arg text "$text"
	done
}

# commands LINE...: the obstacle's commands are these.
commands() {
	# shellcheck disable=SC2016 # jq's variable
	assert_json '.obstacle.commands == $ARGS.positional' --args "$@"
}

@test "on a unit that nests every leg passes" {
	fake iommufd-nested
	trip 0 $EDU
	assert_json '.verdict == "passed" and .abi == "iommufd" and .stimulus == "edu" and .mock == false and .gate == null'
	assert_json "$(legs passed) == $NESTED"
	assert_json "$(legs skipped) == [\"dirty\", \"rights_second\", \"respond\", \"pasid_bind\"]"
	assert_json '.not_given_back == []'
	assert_calls 'map(select(.request == "IOMMU_GET_HW_INFO")) | length == 1'
}

@test "probe and roundtrip take the names that other tools have for a device" {
	local name
	fake iommufd-nested
	for name in pci_0000_00_01_0 /sys/bus/pci/devices/$EDU 1234:11e8 "/dev/vfio/$(basename "$(readlink "$NESTCTL_FAKE_SYSROOT/sys/bus/pci/devices/$EDU/iommu_group")")"; do
		trip 0 "$name"
		assert_json ".device == \"$EDU\""
		probe 0 "$name"
		assert_json ".decision.nesting == \"usable\""
	done
	fake iommufd-nested 'device=0000:00:04.0 model=edu group=14'
	trip 0 $EDU pci_0000_00_04_0
	assert_json '.second.device == "0000:00:04.0"'
	nest 3 roundtrip pci_0000_77_00_0
}

# live ARGUMENT...: a round trip whose stderr is a terminal, in $LIVE, and whose stdout is $OUT.
live() {
	local command
	OUT=$BATS_TEST_TMPDIR/out
	printf -v command '%q ' "$NESTCTL" roundtrip "$@"
	script -qec "$command >$(printf %q "$OUT")" "$BATS_TEST_TMPDIR/live" </dev/null >/dev/null
	LIVE=$(sed '1d;$d' "$BATS_TEST_TMPDIR/live")
}

@test "on a terminal of 80 columns no line of a round trip is wider" {
	local command screen=$BATS_TEST_TMPDIR/screen
	fake iommufd-nested
	printf -v command '%q ' "$NESTCTL" --color never roundtrip -v $EDU
	script -qec "stty cols 80; $command 2>/dev/null" /dev/null </dev/null | tr -d '\r' >"$screen"
	grep -q '^held      translation.target_bits ' "$screen"
	grep -q '^passed  dma_targets ' "$screen"
	[ "$(wc -L <"$screen")" -le 80 ] || { OUT=$screen; blame 'a line is wider'; }
}

@test "on a terminal one line tells the leg and the seconds, and it is gone at the end" {
	fake iommufd-nested
	live $EDU --json
	jq -e '.verdict == "passed"' "$OUT" >/dev/null
	local line=$'\rdma_bits: [0-9]+ s \([0-9]+ s in all\)\e\[K'
	[[ $LIVE =~ $line ]]
	# One line: it is rewritten, never continued, and nothing is left of it.
	[ "$(tr -cd '\n' <<<"$LIVE" | wc -c)" -eq 1 ]
	[[ $LIVE == $'\r'* && $LIVE == *$'\r\e[K' ]]
	live -q $EDU
	[ -z "$LIVE" ]
}

@test "in a pipe nothing tells the progress" {
	fake iommufd-nested
	nest 0 roundtrip $EDU
	[ -z "$error" ]
	[[ $output != *$'\r'* && $output != *' in all'* ]]
	nest 0 roundtrip $EDU --iterations 1000
	[ -z "$error" ]
}

@test "copies and files are mapped where the kernel can, and are gone when they are unmapped" {
	fake iommufd-nested
	trip 0 $EDU
	assert_json "$(leg copy).evidence | any(.[]; test(\"same page, until it was unmapped\"))"
	assert_json "$(leg map_file).evidence | any(.[]; test(\"its page and no other\"))"
	assert_json "$(property translation.plain).legs == [\"start\", \"width\", \"copy\", \"map_file\"]"
	fake iommufd-nested kernel_release=6.12.9
	trip 0 $EDU
	assert_json "$(leg map_file) | .result == \"skipped\" and (.reason | contains(\"6.13\"))"
	assert_json "$(property translation.plain).legs == [\"start\", \"width\", \"copy\"]"
	# a container has neither
	fake stock-6.1
	trip 1 $EDU
	assert_json 'any(.legs[]; .id == "copy" or .id == "map_file") | not'
}

@test "a page of a BAR is mapped as a dma-buf, DMA reaches it, and what is revoked stays revoked" {
	fake iommufd-nested
	trip 0 $EDU
	assert_json "[$(leg map_dmabuf).evidence[] | sub(\"0x[0-9a-f]+\"; \"IOVA\")] == [\"a page of BAR 0 was mapped at IOVA as a dma-buf: DMA read a register there and changed it\",
		\"while memory decoding was off, mapping it was refused (ENODEV); afterwards it was mapped again\",
		\"the mapping made before stayed revoked: a read there saw nothing of the register\"]"
	assert_json ".deviations == [] and ($(property requests).legs | contains([\"map_dmabuf\"]))"
	# PROBE before anything else; half a page, beyond the end, one page, two ranges.
	assert_calls '[.[] | select(.request == "VFIO_DEVICE_FEATURE") | .errno] == [null, "EINVAL", "EINVAL", null, null]'
	assert_calls '[.[] | select(.request == "IOMMU_IOAS_MAP_FILE") | .errno] | contains(["EINVAL", null, "EEXIST", null, "EOPNOTSUPP", "ENODEV", null])'
	# The command register is what it was when the leg ends.
	assert_calls '[.[] | select(.call == "pwrite" and .len == 2) | .in[0:2]] == ["07", "05", "07", "03"]'
}

@test "of a BAR that no DMA may reach the leg says so, and moves none" {
	fake iommufd-nvme
	trip 0 $NVME
	assert_json "$(leg map_dmabuf) | .result == \"passed\" and (.evidence[0] | test(\"no DMA went through it\")) and (.evidence | length == 2)"
	# a virtual function decodes memory whatever its command register says
	fake iommufd-nested "device=$EDU vf=1 model=edu group=12"
	cp -r "$NESTCTL_FAKE_SYSROOT" "$BATS_TEST_TMPDIR/root"
	NESTCTL_FAKE_SYSROOT=$BATS_TEST_TMPDIR/root
	ln -s ../0000:00:02.0 "$NESTCTL_FAKE_SYSROOT/sys/bus/pci/devices/$EDU/physfn"
	trip 0 $EDU
	assert_json "$(leg map_dmabuf) | .result == \"passed\" and (.evidence | any(.[]; test(\"a virtual function has no memory enable bit\")))"
}

@test "a kernel that exports no BAR is told by its release and its option" {
	for host in kernel_release=6.18.0 dmabuf=0; do
		fake iommufd-nested $host
		trip 0 $EDU
		assert_json "$(leg map_dmabuf) | .result == \"skipped\" and (.reason | contains(\"6.19\") and contains(\"CONFIG_VFIO_PCI_DMABUF\") and contains(\"CONFIG_PCI_P2PDMA\"))"
		assert_json "$(property requests).result == \"held\""
		assert_calls '[.[] | select(.request == "VFIO_DEVICE_FEATURE")] | length == 1'
	done
	NESTCTL_FAKE_FAIL=VFIO_DEVICE_FEATURE@1:EOPNOTSUPP trip 0 $EDU
	assert_json "$(leg map_dmabuf) | .result == \"skipped\" and (.reason | contains(\"driver of the device\"))"
}

@test "a kernel that exports, maps, revokes or leads wrongly is found" {
	fake iommufd-nested dmabuf=loose
	trip 1 $EDU
	assert_json "$(leg map_dmabuf) | .result == \"failed\" and (.reason | contains(\"beyond the end of the BAR must be refused with EINVAL\"))"
	fake iommufd-nested dmabuf=kept
	trip 1 $EDU
	assert_json "$(leg map_dmabuf) | .result == \"failed\" and (.reason | contains(\"must be refused with ENODEV, but the answer was success\"))"
	fake iommufd-nested dmabuf=warm
	trip 1 $EDU
	assert_json "$(leg map_dmabuf) | .result == \"failed\" and (.reason | contains(\"but it saw the register\"))"
	assert_json "$(property permission.not_present).result == \"violated\""
	fake iommufd-nested dmabuf=shifted
	trip 1 $EDU
	assert_json "$(leg map_dmabuf) | .result == \"failed\" and (.reason | test(\"a read from 0x[0-9a-f]+ must see the register at 0x4 of BAR 0\"))"
	assert_json "$(property translation.plain).result == \"violated\""
}

@test "exactly the pages that DMA wrote to are noted, where the IOMMU notes any" {
	fake iommufd-nested ecap=0xe80084f00f4a
	trip 0 $EDU
	assert_json "$(property dirty.exact) | .result == \"held\" and .essential and .legs == [\"dirty\"]"
	assert_json "$(leg dirty).evidence == [\"of 3 pages one was written to, and that one alone was noted; once read, none was\"]"
	fake iommufd-nvme ecap=0xe80084f00f4a
	nest 0 roundtrip --json $NVME
	assert_json "$(property dirty.exact).result == \"held\""
	fake iommufd-nested
	trip 0 $EDU
	assert_json "$(property dirty.exact) | .result == \"not_shown\" and .essential == false and (.reason | contains(\"note writes\"))"
	local flaw
	for flaw in lose-dirty dirty-neighbour; do
		fake iommufd-nested ecap=0xe80084f00f4a "flaw=$flaw"
		trip 1 $EDU
		assert_json ".verdict == \"failed\" and ([.properties[] | select(.result == \"violated\").id] == [\"dirty.exact\"])"
	done
}

@test "each leg that passed has evidence, each that was skipped a reason" {
	fake iommufd-nested
	trip 0 $EDU
	assert_json 'all(.legs[]; if .result == "passed" then (.id == "teardown" or (.evidence | length > 0)) and (has("reason") | not) else .reason | length > 0 end)'
	assert_json "$(leg respond).reason | test(\"PRI\")"
	# As many bytes as one DMA of edu has.
	assert_json "all($(leg start), $(leg dma); .evidence[0] | test(\" 4088 bytes\"))"
	assert_json "$(leg fault).evidence | any(.[]; test(\"kernel log\")) and any(.[]; test(\"no byte\"))"
	assert_json "$(leg invalidate_page).evidence | any(.[]; test(\"needed\")) and any(.[]; test(\"enough\"))"
}

@test "the verdict follows from properties: each leg that passed shows one, and the manual has them all" {
	local id
	fake iommufd-pri 'device=0000:00:04.0 model=edu group=14'
	trip 0 $EDU 0000:00:04.0 --pasid 3
	assert_json 'all(.properties[] | select(.id | IN("permission.second_stage", "dirty.exact") | not); .result == "held" and .essential and (.legs | length > 0) and (.evidence | length > 0))'
	assert_json "$(legs passed) - [.properties[].legs[]] == []"
	for id in $(jq -r '.properties[].id' "$OUT"); do
		grep -qx "[.]B $id" "$ROOT/man/vfio-nestctl.8" || blame "the manual lacks $id"
	done
	fake iommufd-nested
	trip 0 $EDU
	assert_json "all(.properties[] | select(.essential); .result == \"held\")"
	assert_json "[.properties[] | select(.essential | not) | .id] | index(\"faults.page_requests\") != null"
	assert_json "$(property faults.page_requests) | .result == \"not_shown\" and (.reason | test(\"PRI\"))"
}

@test "one stage shows nothing of two: these properties are not shown, and that is why it is incomplete" {
	fake iommufd-flat
	trip 1 $EDU
	assert_json "$(property translation.pages) | .result == \"not_shown\" and .essential and (.reason | test(\"gate nest\"))"
	assert_json "$(property translation.plain).result == \"held\" and $(property permission.not_present).result == \"held\""
	nest 1 roundtrip $EDU
	assert_says not_shown 'translation.pages, translation.large_pages'
}

@test "a unit that never serves old translations: recorded, not judged" {
	fake iommufd-nested stale=0
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and $(leg stale).result == \"passed\""
	assert_json "$(leg invalidate_page).evidence | any(.[]; startswith(\"needed\")) | not"
}

@test "the first line for people is the verdict" {
	fake iommufd-nested
	nest 0 roundtrip $EDU
	[[ ${output%%$'\n'*} == *passed* ]]
	fake iommufd-flat
	nest 1 roundtrip $EDU
	[[ ${output%%$'\n'*} == *incomplete* ]]
	assert_clean
}

@test "a unit that cannot nest: one stage is shown, the gate is named, and the verdict is incomplete" {
	fake iommufd-flat
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .abi == "iommufd" and .gate == "nest"'
	assert_json "$(legs failed) == []"
	assert_json "$(legs passed) | contains([\"attach\", \"map\", \"dma\", \"remap\", \"unmap\", \"fault\", \"reattach\", \"teardown\"])"
	assert_json "$(leg bind) | .result == \"skipped\" and (.reason | test(\"gate nest\"))"
	fake iommufd-nested scalable=0
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .gate != null'
}

@test "an address width of 39 bits still nests" {
	fake iommufd-nested aw_bits=39
	trip 0 $EDU
	assert_json '.verdict == "passed"'
}

@test "a device that cannot reach above 4 GiB has no leg there, and passes" {
	fake iommufd-nested "device=$EDU model=edu group=12 dma_mask=0xffffffff"
	trip 0 $EDU
	assert_json "$(leg dma_high).result == \"skipped\""
}

@test "containers of stock kernels: one stage, and their refusal of nesting" {
	local conf
	for conf in stock-5.10:ENODEV stock-6.1:EINVAL stock-7.3:6.13; do
		fake ${conf%:*}
		trip 1 $EDU
		assert_json '.verdict == "incomplete" and .abi == "type1v2" and .stimulus == "edu"'
		assert_json "$(legs failed) == []"
		assert_json "$(legs passed) | contains([\"attach\", \"map\", \"dma\", \"remap\", \"unmap\", \"fault\", \"teardown\"])"
		assert_json "$(leg type1_nesting) | .result == \"skipped\" and (.reason | test(\"${conf#*:}\"))"
	done
}

@test "another way into the kernel can be asked for" {
	fake iommufd-nested
	trip 1 $EDU --backend type1v2
	assert_json '.abi == "type1v2" and .verdict == "incomplete"'
	nest 2 roundtrip $EDU --backend nosuch
}

@test "a container that an iommufd serves is passed by for the device's own node" {
	fake iommufd-compat
	trip 0 $EDU
	assert_json '.verdict == "passed" and .abi == "iommufd"'
}

@test "page requests are answered where device and unit have them" {
	fake iommufd-pri
	trip 0 $EDU
	assert_json "$(leg respond) | .result == \"passed\" and (.evidence | length > 0)"
	fake iommufd-pri "device=$EDU model=edu-pri group=12 pri=0"
	trip 0 $EDU
	assert_json "$(leg respond) | .result == \"skipped\" and (.reason | test(\"PRI\"))"
}

@test "a PASID: the same legs once more, tagged" {
	fake iommufd-pri
	trip 0 $EDU --pasid 3
	assert_json "$(legs passed) | map(select(startswith(\"pasid_\"))) | length >= 5"
	assert_json "$(legs skipped) == [\"dirty\", \"rights_second\"]"
}

@test "a PASID on a kernel or device without: skipped with the reason, and not passed" {
	fake iommufd-nested
	trip 1 $EDU --pasid 3
	assert_json ".verdict == \"incomplete\" and ($(leg pasid_bind) | .result == \"skipped\" and (.reason | test(\"PASID\")))"
	fake iommufd-pri kernel_release=6.14.0
	trip 1 $EDU --pasid 3
	assert_json ".verdict == \"incomplete\" and $(leg pasid_bind).result == \"skipped\""
}

@test "nvme: the same legs with Identify, on two stages, one, and a container" {
	fake iommufd-nvme
	trip 0 $NVME
	assert_json ".verdict == \"passed\" and .stimulus == \"nvme\" and $(legs skipped) == [\"dirty\", \"fault_read\", \"rights_second\", \"respond\", \"pasid_bind\"]"
	fake iommufd-nvme ecap=0x880000f00f4e
	trip 1 $NVME
	assert_json ".verdict == \"incomplete\" and .gate == \"nest\" and $(legs failed) == []"
	trip 1 $NVME --backend type1v2
	assert_json ".verdict == \"incomplete\" and $(legs failed) == []"
}

@test "igb: every leg but page requests and PASIDs, through its loopback" {
	fake iommufd-igb
	trip 0 $NVME
	assert_json ".verdict == \"passed\" and .stimulus == \"igb\" and $(legs skipped) == [\"dirty\", \"rights_second\", \"respond\", \"pasid_bind\"]"
	assert_json "$(leg fault_read) | .result == \"passed\" and any(.evidence[]; test(\"DMA Read\"))"
	fake iommufd-igb ecap=0x880000f00f4e
	trip 1 $NVME
	assert_json ".verdict == \"incomplete\" and .gate == \"nest\" and $(legs failed) == []"
	trip 1 $NVME --backend type1v2
	assert_json ".verdict == \"incomplete\" and $(legs failed) == []"
	assert_json "$(leg fault_read).result == \"passed\""
}

@test "dsa: every leg, with page requests that are its own DMA, and with PASIDs" {
	fake iommufd-dsa
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and .stimulus == \"dsa\" and $(legs skipped) == [\"dirty\", \"rights_second\", \"pasid_bind\"]"
	assert_json "$(leg respond) | any(.evidence[]; test(\"success\")) and any(.evidence[]; test(\"invalid\"))"
	trip 0 $EDU --pasid 3
	assert_json ".verdict == \"passed\" and $(legs skipped) == [\"dirty\", \"rights_second\"]"
	fake iommufd-dsa ecap=0x880000f00f4e
	trip 1 $EDU
	assert_json ".verdict == \"incomplete\" and .gate == \"nest\" and $(legs failed) == []"
	trip 1 $EDU --backend type1v2
	assert_json ".verdict == \"incomplete\" and $(legs failed) == []"
}

@test "dsa: broken units are found with it, too" {
	local flaw
	for flaw in answer cache-bit cached-write direction ignore-invalidate iova-bit keep-nested keep-read keep-table \
		large-offset late leaf-only present-any range-first reserved-any second-32 sign silent-fault table-bit \
		target-bit unaligned upper-any upper-cache user-any warm-attach write-any; do
		fake iommufd-dsa "flaw=$flaw"
		trip 1 $EDU
		assert_json '.verdict == "failed" and any(.properties[]; .result == "violated") and .not_given_back == []'
	done
	for flaw in pasid-bit cache-pasid; do
		fake iommufd-dsa "flaw=$flaw"
		trip 1 $EDU --pasid 5
		assert_json "$(property isolation.pasids).result == \"violated\""
	done
}

@test "igb without a reset is not used: after a blocked read it would hang" {
	fake iommufd-igb "device=$NVME model=igb group=14 reset=0"
	trip 1 $NVME
	assert_json ".verdict == \"incomplete\" and $(legs failed) == []"
	assert_json "$(leg start) | .result == \"skipped\" and (.reason | test(\"cannot reset it\"))"
}

@test "igb: broken units are found with it, too" {
	local flaw
	for flaw in cache-bit cached-write direction ignore-invalidate iova-bit keep-nested keep-read keep-table \
		large-offset late leaf-only present-any range-first reserved-any second-32 sign silent-fault table-bit \
		target-bit unaligned upper-any upper-cache user-any warm-attach write-any; do
		fake iommufd-igb "flaw=$flaw"
		trip 1 $NVME
		assert_json '.verdict == "failed" and any(.properties[]; .result == "violated") and .not_given_back == []'
	done
}

@test "nvme makes no DMA where the kernel lists no ranges: low addresses may be memory" {
	# DMA_AVAIL alone, as if the list were not there
	fake iommufd-nvme ecap=0x880000f00f4e chain=0300010000000000ffff000000000000
	trip 1 $NVME --backend type1v2
	assert_json "$(leg start) | .result == \"skipped\" and (.reason | contains(\"lists no ranges\"))"
	assert_json ".verdict == \"incomplete\" and $(legs failed) == []"
}

@test "a device without a stimulus: what needs no DMA is run, the rest skipped with the list" {
	fake iommufd-nested "device=$EDU model=none group=12"
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .stimulus == null'
	assert_json "$(legs failed) == [] and ($(legs passed) | contains([\"open\", \"attach\", \"map\", \"bind\", \"invalidate_calls\", \"unbind\", \"teardown\"]))"
	assert_json "$(leg start) | .result == \"skipped\" and (.reason | test(\"edu\") and test(\"NVMe\"))"
	assert_json "$(leg dma).result == \"skipped\""
}

@test "a device under another driver or none: the exact commands, there and back" {
	fake iommufd-nested "device=$EDU model=edu driver=igb group=12"
	trip 3 $EDU
	obstacle not_bound $EDU igb vfio-pci
	commands "driverctl set-override $EDU vfio-pci" '# or, without driverctl (until the next reboot):' \
		"modprobe vfio-pci && echo vfio-pci > /sys/bus/pci/devices/$EDU/driver_override && echo $EDU > /sys/bus/pci/devices/$EDU/driver/unbind && echo $EDU > /sys/bus/pci/drivers_probe"
	assert_json '.obstacle.undo | length == 3 and .[0] == "driverctl unset-override '$EDU'"'
	refute_calls
	nest 3 roundtrip $EDU
	assert_says igb '# until the next reboot:' 'vfio-pci > /sys/bus/pci' '/driver_override'
	refute_says driverctl
	# a name that only looks like a VFIO driver's
	fake iommufd-nested "device=$EDU model=edu driver=novfio group=12"
	trip 3 $EDU
	obstacle not_bound $EDU novfio vfio-pci
	fake stock-6.1 "device=$EDU model=edu driver=none group=12"
	trip 3 $EDU
	obstacle not_bound 'no driver'
	assert_json '.obstacle.commands | any(.[]; contains("/driver/unbind")) | not'
}

@test "an accelerator that vfio-pci refuses: the option, and its risk" {
	fake iommufd-dsa "device=$EDU model=dsa driver=idxd group=12"
	trip 3 $EDU
	obstacle not_bound $EDU idxd vfio_pci.disable_denylist=1 CVE-2024-21823
	refute_calls
}

@test "without a DEVICE none is picked, but those that can do DMA are listed" {
	fake iommufd-nvme
	nest 2 roundtrip
	assert_warns "needs a DEVICE" "$NVME (nvme, bound to vfio-pci)"
	[ -z "$output" ]
	fake iommufd-nested "device=$EDU model=none group=12"
	nest 2 roundtrip
	assert_warns 'no device of this host can do DMA'
}

@test "a group that another device blocks: which, and its driver" {
	local conf
	for conf in stock-6.1 iommufd-nested; do
		fake $conf 'device=0000:00:02.0 model=none driver=e1000e group=12'
		trip 3 $EDU
		obstacle not_viable 0000:00:02.0 e1000e 'group 12'
		assert_json '.obstacle.commands[0] == "driverctl set-override 0000:00:02.0 vfio-pci"'
	done
}

@test "a device that is open elsewhere: EBUSY, and how to find who has it" {
	fake iommufd-nested "device=$EDU model=edu group=12 busy=1"
	trip 3 $EDU
	obstacle busy EBUSY
	assert_json '.obstacle.commands[0] | startswith("fuser -v ") and test("/dev/vfio/devices/vfio0")'
	fake stock-6.1 'group=12 busy=1'
	trip 3 $EDU
	obstacle busy EBUSY
	assert_json '.obstacle.commands[0] | test("/dev/vfio/12")'
}

@test "no permission: which node, and the way in" {
	fake eacces
	trip 3 $EDU
	obstacle permission EACCES /dev/
	assert_json '.obstacle.commands | length > 0'
	nest 3 roundtrip $EDU
	refute_says 'not supported' unsupported
}

@test "neither iommufd nor the group may be opened: the advice is about the way that nests" {
	fake iommufd-nested 'node=/dev/iommu mode=0600 open=EACCES' 'node=/dev/vfio/12 mode=0600 open=EACCES'
	trip 3 $EDU
	obstacle permission EACCES /dev/iommu
	assert_json '.obstacle.commands | any(test("70-iommu.rules")) and all(test("vfio/12") | not)'
}

@test "too little memory may be locked: how much is needed, and how to raise it" {
	local conf
	for conf in stock-6.1 iommufd-nested; do
		fake $conf memlock=4096
		trip 3 $EDU
		obstacle memlock ENOMEM RLIMIT_MEMLOCK '768 KiB' CAP_IPC_LOCK
		assert_json '.obstacle.commands[0] == "ulimit -l unlimited"'
	done
}

@test "no interrupt remapping: EPERM, and the cause of it" {
	fake stock-6.1 isolated_msi=0
	trip 3 $EDU
	obstacle interrupts EPERM 'interrupt remapping'
	assert_json '.obstacle | .commands | any(.[]; test("vfio_iommu_type1/parameters/allow_unsafe_interrupts"))'
	fake iommufd-nested isolated_msi=0
	trip 3 $EDU
	obstacle interrupts EPERM 'interrupt remapping'
	assert_json '.obstacle | .commands | any(.[]; test("iommufd/parameters/allow_unsafe_interrupts"))'
	assert_json '.obstacle.commands[0] | contains("DMAR-IR") and (contains("AMD") | not)'
	fake iommufd-nested iommu=amd isolated_msi=0
	trip 3 $EDU
	obstacle interrupts EPERM 'interrupt remapping'
	assert_json '.obstacle.commands[0] | contains("AMD-Vi: Interrupt") and (contains("DMAR") | not)'
	assert_json '.obstacle.summary | contains("VT-d") | not'
}

@test "no-IOMMU mode: nothing is opened, as DMA could go anywhere" {
	fake noiommu
	trip 3 $EDU
	obstacle noiommu 'no-IOMMU mode' 'not translated'
	refute_calls
}

@test "no type1 driver behind the container, no nodes, no such device" {
	fake spapr
	trip 3 $EDU
	obstacle no_vfio
	fake stock-6.1 'node=/dev/vfio/vfio open=ENOENT'
	trip 3 $EDU
	obstacle no_vfio ENOENT
	fake stock-6.1
	trip 3 0000:00:1f.7
	obstacle not_found 0000:00:1f.7
}

# flawed FLAW LEG [OTHER-LEG...]: the host has it, and these legs tell.
flawed() {
	local id
	fake iommufd-nested "flaw=$1"
	trip 1 $EDU
	assert_json '.verdict == "failed"'
	for id in "${@:2}"; do
		assert_json "$(leg "$id") | .result == \"failed\" and (.reason | length > 0)"
	done
	nest 1 roundtrip $EDU
	[[ ${output%%$'\n'*} == *failed* ]]
}

# violates FLAW PROPERTY...: a host with this flaw fails, and these properties are violated.
violates() {
	local id
	fake "${host:-iommufd-nested}" "flaw=$1"
	trip 1 $EDU
	assert_json '.verdict == "failed" and .not_given_back == []'
	for id in "${@:2}"; do
		assert_json "$(property "$id") | .result == \"violated\" and .essential and (.reason | length > 0) and (.legs | length > 0)"
	done
}

@test "a first stage that is not used is found, and nothing is tried after that" {
	flawed ignore-s1 dma
	trip 1 $EDU
	assert_json "$(leg dma).reason | test(\"did not change\")"
	assert_json "$(leg dma_2m).result == \"skipped\" and $(property translation.large_pages).result == \"not_shown\""
}

@test "a second stage that is bypassed is found by an echo: memory of others keeps its bytes" {
	NESTCTL_FAKE_LEDGER=strict violates bypass translation.pages
}

@test "an invalidation that does nothing is found" {
	flawed ignore-invalidate invalidate_page invalidate_domain invalidate_2m
	violates ignore-invalidate invalidation.page invalidation.range invalidation.domain invalidation.large_pages
	violates range-first invalidation.range
	violates leaf-only invalidation.upper
	violates upper-cache invalidation.upper
	violates late invalidation.prompt
	violates keep-read invalidation.page
}

@test "a device with a delay of any length is met in time" {
	for us in 0 500 999 1000 2000 2999 3001 10000; do
		fake iommufd-nested "device=$EDU model=edu group=12 dma_us=$us"
		trip 0 $EDU
		assert_json "$(leg invalidate_prompt).result == \"passed\"" || { echo "$us us"; return 1; }
	done
}

@test "address bits that are ignored are found, in addresses, pages and tables" {
	violates iova-32
	violates iova-bit
	violates target-bit translation.target_bits
	violates table-bit translation.table_bits
	violates large-offset translation.large_pages
	violates unaligned translation.unaligned
	violates reserved-any translation.reserved
	violates canonical translation.canonical
	violates sign translation.iova_bits
	violates cache-bit translation.iova_bits
	violates second-32 translation.second_stage
}

@test "a unit that caches absent entries is found, unless its register says so" {
	violates cache-absent translation.fresh
	fake iommufd-nested cap=0x1d2008c222f0686
	trip 0 $EDU
	assert_json "$(leg dma_fresh) | .result == \"skipped\" and (.reason | test(\"absent entries\"))"
}

@test "nvme: accesses of the controller itself that go astray are no fault of the device" {
	fake iommufd-nvme flaw=iova-page
	trip 1 $NVME
	assert_json ".verdict == \"failed\" and ($(property translation.pages) | .result == \"violated\" and (.reason | test(\"queue\")))"
	assert_json "[.properties[] | select(.result == \"violated\") | .id] == [\"translation.pages\"]"
}

@test "rights that are not looked at are found" {
	violates write-any permission.read_only permission.revoked
	violates user-any permission.privileged
	violates present-any permission.absent_entry
	violates upper-any permission.upper
	violates cached-write permission.read_only
	violates read-other permission.blocked_reads
}

@test "what survives in the cache is found: an unbind, and an unmapping below a first stage" {
	violates warm-attach teardown.unbind
	violates keep-nested second_stage.unmap
	violates keep-table second_stage.unmap
}

@test "PASIDs that lead to the table of another one are found" {
	fake iommufd-pri flaw=pasid-bit
	trip 1 $EDU --pasid 5
	assert_json "$(property isolation.pasids).result == \"violated\" and $(leg pasid_others).result == \"failed\""
	fake iommufd-pri flaw=cache-pasid
	trip 1 $EDU --pasid 5
	assert_json "$(property isolation.pasids).result == \"violated\" and $(leg pasid_two).result == \"failed\""
	fake iommufd-pri
	trip 0 $EDU --pasid 5
	assert_json "$(leg pasid_two).result == \"passed\" and ($(leg pasid_two).evidence | any(test(\"0x5 and 0x85\")))"
	assert_json "$(leg pasid_others).evidence | any(test(\"20 PASIDs\") or test(\"8 PASIDs\"))"
}

@test "faults that are not recorded as they should be are found" {
	violates second-lost faults.kinds
	violates silent-fault faults.recorded
	violates reserved-lost faults.kinds
	violates direction faults.recorded
	fake iommufd-pri flaw=no-pasid
	trip 1 $EDU --pasid 5
	assert_json "$(property faults.pasid).result == \"violated\""
	# an IOMMU need not record what it tells a device with ATS
	fake iommufd-pri flaw=pasid-lost
	trip 1 $EDU --pasid 5
	assert_json ".verdict == \"incomplete\" and ($(property faults.pasid) | .result == \"not_shown\" and .essential and (.reason | test(\"ATS\")))"
}

@test "a device that is gone or hangs says nothing of the IOMMU; one that does more than asked is found" {
	local flaw
	for flaw in gone hung; do
		fake iommufd-nested flaw=$flaw
		trip 3 $EDU
		assert_json ".verdict == \"incomplete\" and .obstacle.id == \"device_$flaw\" and all(.properties[]; .result != \"violated\") and .not_given_back == []"
	done
	violates again teardown.quiet
}

@test "page requests that change on the way are found" {
	host=iommufd-pri violates request-rights faults.page_requests
	host=iommufd-pri violates answer faults.page_requests
	host=iommufd-pri violates request-group faults.page_requests
}

# deviates FLAW ID: it passes and tells, and --strict fails it.
deviates() {
	fake iommufd-nested "flaw=$1"
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and ([.deviations[].id] == [\"$2\"])"
	trip 1 $EDU --strict
	assert_json '.verdict == "failed" and all(.properties[]; .result != "violated")'
	nest 0 roundtrip $EDU
	[[ $(sed -n 2p <<<"$output") == *deviation*$2:* ]]
}

@test "a deviation that endangers nothing is told first, and fails under --strict alone" {
	deviates no-marks accessed_dirty
	deviates leaf-marks accessed_dirty
	deviates spurious spurious_fault
	deviates reason fault_reason
}

@test "the bits that a device drives are measured, and no address is beyond them" {
	fake iommufd-nested
	trip 0 $EDU
	assert_json '.device_bits >= 47'
	fake iommufd-nested "device=$EDU model=edu group=12 dma_mask=0xffffffff"
	trip 0 $EDU
	assert_json ".device_bits == 32 and $(property translation.iova_bits).result == \"held\""
}

@test "a PASID beyond the device's bits is wrong usage" {
	fake iommufd-pri
	trip 2 $EDU --pasid 256
	obstacle pasid_range '8 bits' 255
}

@test "--vf-token opens what needs it, and is refused with the reason where nothing does" {
	local token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3 vf='#tree file @0000:00:01.0/sriov_totalvfs "4\n"' mode status_with
	for mode in iommufd type1v2; do
		status_with=$([ $mode = iommufd ] || echo 1)
		fake iommufd-nested "device=$EDU model=edu group=12 vf_token=$token" "$vf"
		trip 3 $EDU --backend $mode
		obstacle permission EACCES 'requires a VF token'
		commands "# vfio-nestctl roundtrip --vf-token UUID $EDU"
		trip 3 $EDU --backend $mode --vf-token "${token/bd8d/0000}"
		obstacle permission 'not the one that was set'
		nest "${status_with:-0}" roundtrip $EDU --backend $mode --vf-token $token
		# its physical function is not bound to vfio-pci
		fake iommufd-nested "$vf"
		trip 3 $EDU --backend $mode --vf-token $token
		obstacle vf_token EINVAL 'Leave --vf-token away'
	done
	fake iommufd-nested "$vf" kernel_release=6.12.0
	trip 3 $EDU --vf-token $token
	obstacle vf_token 'before Linux 6.17'
	fake iommufd-nested
	rm "$CALLS"
	trip 2 $EDU --vf-token $token
	obstacle vf_token 'is neither'
	refute_calls
	nest 2 roundtrip $EDU --vf-token bd8d9d2b
	nest 2 roundtrip $EDU --vf-token "${token/-/0}"
}

@test "a device that is not found where sysfs cannot be read: unknown, and why" {
	fake iommufd-nested '#tree remove sys'
	trip 3 $EDU
	obstacle not_found "$EDU not found: sysfs is not available here"
	nest 3 show $EDU
	[[ $error == *"$EDU was not found: sysfs is not available"* ]]
}

@test "a DMA that is let through is found" {
	flawed let-through fault fault_read
}

@test "a DMA that writes too much is found" {
	flawed overrun start
}

@test "a DMA that never arrives is found" {
	flawed lose-dma start
}

@test "data that changed on the way is found" {
	flawed corrupt start
}

@test "a fault for another address is found" {
	flawed fault-addr fault fault_read
	trip 1 $EDU
	assert_json "$(leg fault).reason | test(\"for other addresses\")"
}

@test "a fault in the other direction is found" {
	violates direction faults.recorded
}

@test "a fault that nobody is told of is found" {
	flawed silent-fault fault fault_read
}

@test "no flaw is taken for a pass on one stage either" {
	local flaw
	for flaw in overrun lose-dma corrupt fault-addr silent-fault; do
		fake stock-6.1 "flaw=$flaw"
		trip 1 $EDU
		assert_json '.verdict == "failed"'
	done
}

@test "a log that may not be read leaves the fault unseen, and the verdict incomplete" {
	fake iommufd-nested 'node=/dev/kmsg open=EPERM'
	trip 1 $EDU
	assert_json ".verdict == \"incomplete\" and ($(leg fault) | .result == \"skipped\" and (.reason | test(\"/dev/kmsg\")))"
}

# What is timed with a first stage, and without; and through other backends that open the device.
FLAT_TIMINGS='["dma", "map", "map_2m", "map_64k", "map_populated", "unmap", "unmap_2m", "unmap_64k", "unmap_populated"]'
NESTED_TIMINGS='["dma", "dma_invalidated", "hwpt_alloc", "hwpt_attach", "hwpt_replace", "invalidate_512", "invalidate_64", "invalidate_8", "invalidate_cached", "invalidate_cached_512", "invalidate_cached_64", "invalidate_cached_8", "invalidate_cached_domain", "invalidate_domain", "invalidate_entries_64", "invalidate_entries_8", "invalidate_page", "map", "map_2m", "map_64k", "map_populated", "unmap", "unmap_2m", "unmap_64k", "unmap_populated"]'

@test "--iterations gives minimum, median, percentiles, maximum and a histogram of each operation" {
	fake iommufd-nested
	trip 0 $EDU --iterations 20
	assert_json ".timing | with_entries(select(.key | contains(\".\") | not)) | keys == $NESTED_TIMINGS"
	assert_json '[.timing | keys[] | select(contains("."))] == ["compat-type1v2.map", "compat-type1v2.map_2m", "compat-type1v2.unmap", "compat-type1v2.unmap_2m", "type1v2.map", "type1v2.map_2m", "type1v2.unmap", "type1v2.unmap_2m"]'
	assert_json "$(leg timing_backends).result == \"passed\" and .legs[-1].id == \"timing_backends\""
	# shellcheck disable=SC2016 # jq's variable
	assert_json 'all(.timing[]; .count as $n | $n <= 20 and $n >= 10 and .min_ns > 0 and .min_ns <= .median_ns and .median_ns <= .p99_ns and .p99_ns <= .p999_ns and .p999_ns <= .max_ns and ([.histogram[].count] | add) == $n)'
	assert_json 'all(.timing | (.map, .map_2m, .invalidate_page, .invalidate_64, .invalidate_domain); .count == 20 and .warmup > 0 and .loop_ns > 0 and .bare_ns > 0) and (.timing.unmap | has("loop_ns") | not)'
	assert_json '.timing | .map_2m | .bytes == 2097152 and .ns_per_gib == .median_ns * 512'
	assert_json '.timing.dma | has("bytes") | not'
	# Twenty say nothing, and a transcript is in the way, too.
	assert_json 'all(.timing[]; .reliable == false and (.doubt | contains("fewer than 100")))'
	assert_calls 'any(.[]; .request == "IOMMU_IOAS_MAP")'
	nest 2 roundtrip $EDU --iterations 1000001
	nest 0 roundtrip $EDU --iterations 20
	assert_says MEDIAN P99.9 LOOP 'fewer than 100 samples' switches 'ms, in steps of 2048 KiB'
	[ -z "$error" ]
	[ "$(sed -n '/^OPERATION/,/^$/p' "$OUT" | awk '{ if (length > n) n = length } END { print n }')" -le 80 ]
	fake stock-6.1
	trip 1 $EDU --iterations 20
	assert_json ".timing | keys == $FLAT_TIMINGS"
	assert_json "$(leg timing_backends).evidence | any(.[]; test(\"iommufd: not timed: open on /dev/iommu: ENOENT\"))"
	trip 1 $EDU
	assert_json '.timing == {}'
	# A backend that was asked for is the only one.
	fake iommufd-nested
	trip 1 $EDU --backend type1v2 --iterations 20
	assert_json "any(.legs[]; .id == \"timing_backends\") | not"
	# With page requests their way to the answer and back is timed, too.
	fake iommufd-pri
	trip 0 $EDU --iterations 20
	assert_json '.timing.page_request | .count >= 10 and .min_ns > .p99_ns / 4 and .bare_ns > .median_ns and .loop_ns >= .bare_ns and .loop_ns < .bare_ns * 1.02'
	assert_json "$(leg timing).evidence | any(.[]; test(\"^page_request: [0-9]+ ns in the loop, [0-9]+ ns for the bare request\"))"
}

# meminfo KIB: in a copy of the host so much memory is available.
meminfo() {
	local tree
	tree=$(mktemp -d "$BATS_TEST_TMPDIR/tree.XXXXXX")
	cp -r "$NESTCTL_FAKE_SYSROOT/." "$tree"
	NESTCTL_FAKE_SYSROOT=$tree
	mkdir -p "$NESTCTL_FAKE_SYSROOT/proc"
	printf 'MemTotal: 99999999 kB\nMemFree: 99999999 kB\nMemAvailable: %8s kB\n' "$1" >"$NESTCTL_FAKE_SYSROOT/proc/meminfo"
}

@test "--iterations maps a GiB where the host can spare one, and says why not elsewhere" {
	fake iommufd-nested
	trip 0 $EDU --iterations 20
	assert_json "$(leg timing).evidence | any(.[]; . == \"map and unmap 1 GiB: not timed, 4 GiB of available memory were not found\")"
	meminfo 4194303
	trip 0 $EDU --iterations 20
	assert_json '.timing.map_1g == null'
	meminfo 4194304
	trip 0 $EDU --iterations 20
	assert_json '.timing | .map_1g.bytes == 1073741824 and .map_1g.ns_per_gib == .map_1g.median_ns and .map_1g.count == 20 and .unmap_1g.count == 20 and .map_1g.bare_ns > 0'
	# The mapping is where no other is, and nothing of it is left.
	assert_calls '[.[] | select(.request == "IOMMU_IOAS_MAP") | select(.in[48:64] == "0000004000000000")] | length > 40 and all(.[]; .errno == null)'
	fake iommufd-nested memlock=1073741824
	meminfo 4194304
	trip 0 $EDU --iterations 20
	assert_json "$(leg timing).evidence | any(.[]; . == \"map and unmap 1 GiB: not timed, the limit of locked memory is too low\")"
	fake stock-6.1
	meminfo 4194304
	trip 1 $EDU --iterations 20
	assert_json '.timing.map_1g.count == 20'
}

@test "--samples writes each sample in its order, and --cpu keeps the process on one CPU" {
	fake iommufd-nested
	local cpu
	cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
	nest 0 roundtrip --json $EDU --iterations 200 --cpu "$cpu" --samples "$BATS_TEST_TMPDIR/samples"
	assert_json 'all(.timing | (.map, .unmap, .invalidate_page); .migrations == 0 and (.doubt // "" | contains("CPU (--cpu") | not))'
	# What is in the file is what the figures are of.
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/samples")" = $'# operation\tsample\tns' ]
	[ "$(awk '$1 == "map" && $2 == n { n++ } END { print n }' "$BATS_TEST_TMPDIR/samples")" = 200 ]
	[ "$(awk '$1 == "map" && (!least || $3 < least) { least = $3 } END { print least }' "$BATS_TEST_TMPDIR/samples")" = "$(jq .timing.map.min_ns "$OUT")" ]
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/samples")" = 600 ]
	nest 2 roundtrip $EDU --samples x
	nest 2 roundtrip $EDU --iterations 20 --cpu 1000
	grep -q 'may not run on CPU 1000' "$ERR"
	nest 2 roundtrip $EDU --cpu -1
	nest 4 roundtrip $EDU --iterations 20 --samples "$BATS_TEST_TMPDIR/none/samples"
	grep -q 'cannot be written' "$ERR"
}

# Every leg of a round trip on the kernel's mock, in order.
MOCK='["open", "attach", "map", "copy", "map_file", "dirty", "options", "change_process", "bind", "invalidate_page", "invalidate_domain", "respond", "unbind", "viommu", "viommu_events", "hw_queue", "teardown"]'

@test "on the kernel's mock what needs no DMA is shown, and every title says that it is the mock" {
	fake iommufd-nested mock=1
	trip 0 --mock
	assert_json '.verdict == "passed" and .abi == "iommufd" and .mock == true and .device == "mock" and .stimulus == null'
	assert_json "$(legs passed) == $MOCK and ([.legs[].id] == $MOCK)"
	assert_json 'all(.legs[]; .title | startswith("mock: "))'
	assert_json 'all(.legs[]; .id == "teardown" or (.evidence | length > 0) and .latency_ns > 0)'
	assert_calls 'any(.[]; .request == "IOMMU_HWPT_INVALIDATE") and all(.[]; .object != "/dev/kmsg")'
	nest 0 roundtrip --mock
	[[ ${output%%$'\n'*} == *mock*'no hardware'*passed* ]]
}

@test "options of a node and of an address space are set on new ones only, and left as they were" {
	fake iommufd-nested
	trip 0 $EDU
	assert_json "$(leg options).evidence | any(.[]; test(\"refused once that had an address space .EBUSY.\")) and any(.[]; test(\"the one in use .EINVAL.\"))"
	# What could change the run's own address space is refused, as are a value and what comes too late.
	assert_calls '[.[] | select(.request == "IOMMU_OPTION" and .result < 0)] | length == 3'
	fake iommufd-nested sys_resource=0
	trip 0 $EDU
	assert_json "$(leg options).evidence | any(.[]; test(\"CAP_SYS_RESOURCE\"))"
	fake iommufd-nested flaw=takes-all
	trip 1 $EDU
	assert_json "$(leg options) | .result == \"failed\" and (.reason | test(\"must be refused with EINVAL, but the answer was success\"))"
	assert_json "$(property requests).result == \"violated\""
}

@test "a child process takes over the mapping of a file, and memory mapped by address stays" {
	fake iommufd-nested mock=1
	trip 0 --mock
	assert_json "$(leg change_process).evidence | any(.[]; test(\"led to the same page\")) and any(.[]; test(\"by address .EINVAL.\"))"
	assert_calls '[.[] | select(.request == "IOMMU_IOAS_CHANGE_PROCESS") | .errno] == ["EINVAL", null, null, null]'
	fake iommufd-nested kernel_release=6.12.0
	trip 0 $EDU
	assert_json "$(leg change_process) | .result == \"skipped\" and (.reason | contains(\"6.13\"))"
	fake iommufd-nested mock=1 flaw=takes-all
	trip 1 --mock
	assert_json "$(leg change_process).result == \"failed\""
}

@test "what stands on the mock's vIOMMU keeps the kernel's rules, by the release that brought it" {
	fake iommufd-nested mock=1
	trip 0 --mock
	assert_json "$(leg viommu).evidence | any(.[]; test(\"ENOENT before\")) and any(.[]; test(\"slot 1 of the device's cache\"))"
	assert_json "$(leg viommu_events).evidence | any(.[]; test(\"of 4 in a queue for 2\"))"
	assert_json "$(leg hw_queue).evidence | any(.[]; test(\"in order .EIO else.\"))"
	assert_calls '[.[] | select(.request == "IOMMU_HW_QUEUE_ALLOC") | .errno] == ["EIO", "EINVAL", "ENOENT", null, "EEXIST", null]'
	fake iommufd-nested mock=1 kernel_release=6.14.0
	trip 0 --mock
	assert_json "$(legs skipped) == [\"viommu_events\", \"hw_queue\"]"
	fake iommufd-nested mock=1 kernel_release=6.16.0
	trip 0 --mock
	assert_json "$(legs skipped) == [\"hw_queue\"] and ($(leg hw_queue).reason | contains(\"6.17\"))"
	fake iommufd-nested mock=1 flaw=takes-all
	trip 1 --mock
	assert_json "$(leg viommu) | .result == \"failed\" and (.reason | test(\"without a vDEVICE must be refused with ENOENT\"))"
	assert_json "$(leg hw_queue) | .result == \"failed\" and (.reason | test(\"while queue 1 stands must be refused with EBUSY\"))"
	fake iommufd-nested mock=1 flaw=event-stream
	trip 1 --mock
	assert_json "$(legs failed) == [\"viommu_events\"]"
	fake iommufd-nested mock=1 flaw=loss-untold
	trip 1 --mock
	assert_json "$(legs failed) == [\"viommu_events\"]"
}

@test "a kernel whose mock has no page requests yet passes without that leg" {
	fake iommufd-nested mock=1 kernel_release=6.8.0
	trip 0 --mock
	assert_json ".verdict == \"passed\" and $(legs skipped) == [\"map_file\", \"change_process\", \"respond\", \"viommu\", \"viommu_events\", \"hw_queue\"]"
}

@test "a mock that does not forget what it is told to forget is found" {
	fake iommufd-nested mock=1 flaw=ignore-invalidate
	trip 1 --mock
	assert_json ".verdict == \"failed\" and $(legs failed) == [\"invalidate_page\", \"invalidate_domain\", \"viommu\"]"
}

@test "a kernel without the mock device, or with one that does not work" {
	fake iommufd-nested
	trip 3 --mock
	obstacle no_mock CONFIG_IOMMUFD_TEST
	# shellcheck disable=SC2016 # for the reader's shell
	commands 'zgrep IOMMUFD_TEST /proc/config.gz /boot/config-$(uname -r)'
	fake iommufd-nested mock=EINVAL
	trip 3 --mock
	obstacle no_mock 'mock IOMMU'
	fake stock-6.1
	trip 3 --mock
	obstacle no_vfio ENOENT
}
