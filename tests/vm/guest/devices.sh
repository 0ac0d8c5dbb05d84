# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
#
# Guest script: round trips behind an SMMUv3 with devices that read their commands from memory.

# shellcheck source=lib.sh
. /lib.sh
limit=300
nvme=0000:00:01.0 igb=0000:00:02.0
bind $nvme vfio-pci
bind $igb vfio-pci
capture_table root root <<-END
	nvme	vfio-nestctl --json roundtrip $nvme
	igb	vfio-nestctl --json roundtrip $igb
	pair	vfio-nestctl --json roundtrip $nvme $igb
	last	vfio-nestctl --json roundtrip $nvme
END
capture root truth/trouble 'dmesg | grep -E "WARNING|BUG|Oops|Call trace"'
