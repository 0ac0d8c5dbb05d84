# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest script: the IORT of this machine, for the host to change.
mkdir -p /out/iort
cat /sys/firmware/acpi/tables/IORT >/out/iort/table
