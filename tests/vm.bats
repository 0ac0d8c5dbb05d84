#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What of tests/vm needs no virtual machine.

# The tables of machines.bash are of the function that reads it, so that each test does.
# shellcheck disable=SC1090,SC1091,SC2016,SC2154
load helpers

# emulator VERSION PROPERTY...: the path of an emulator whose intel-iommu and amd-iommu have these.
emulator() {
	local path=$BATS_TEST_TMPDIR/qemu-$1
	{
		printf '#!/bin/sh\necho "$2" | sed "s/,help/ options:/"\n'
		printf 'echo "  %s=<bool>    - on/off (default: off)"\n' "${@:2}"
	} >"$path"
	chmod +x "$path"
	echo "$path"
}

setup() {
	TABLES=$ROOT/tests/vm/machines.bash
	OLD=$(emulator 10.0 intremap aw-bits x-flts x-scalable-mode pt)
	NEW=$(emulator 11.1 intremap aw-bits fsts scalable-mode pasid-bits)
}

@test "a device has the property names of the emulator that will run it" {
	. "$TABLES"
	local device=intel-iommu,intremap=on,scalable-mode=on,fsts=on,aw-bits=39
	[ "$(machine_device "$NEW" $device)" = $device ]
	[ "$(machine_device "$OLD" $device)" = intel-iommu,intremap=on,x-scalable-mode=on,x-flts=on,aw-bits=39 ]
	[ "$(machine_device "$OLD" amd-iommu,pt=off)" = amd-iommu,pt=off ]
	[ "$(machine_device "$NEW" amd-iommu,pt=off)" = amd-iommu ]
	[ "$(machine_device "$NEW" virtio-iommu-pci)" = virtio-iommu-pci ]
}

@test "a property that the emulator lacks stays, so that it complains" {
	. "$TABLES"
	[ "$(machine_device "$NEW" intel-iommu,x-nest=on)" = intel-iommu,x-nest=on ]
}

@test "every IOMMU of machines.bash has names that QEMU 11.1 or the lab has" {
	. "$TABLES"
	local machine
	for machine in "${!machine_iommu[@]}"; do
		[[ ,${machine_iommu[$machine]} != *,x-scalable-mode* && ,${machine_iommu[$machine]} != *,x-flts* ]]
		if machine_is_lab "$machine"; then continue; fi
		[[ ${machine_iommu[$machine]} != *,x-* ]]
	done
}
