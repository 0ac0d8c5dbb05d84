# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every script of this folder shares: messages, the cache, reading a table.

# shellcheck disable=SC2034 # for the scripts that read this file
vm_dir=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# depmod and modprobe live in sbin, which a plain user's PATH may lack
PATH=$PATH:/usr/sbin:/sbin
# sorting, and the messages of tools that are grepped, must not depend on the user's language
export LC_ALL=C

vm_note()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

vm_die()
{
	vm_note "$@"
	exit 1
}

# Prints the folder of everything that is downloaded; it is safe to delete at any time.
vm_cache()
{
	local cache=${NESTCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vfio-nestctl}

	mkdir -p "$cache"
	readlink -f "$cache"
}

# Prints the name of this machine's release. What is unpacked beside its libraries serves no other one.
vm_release()
{
	(. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-$ID}")
}

# Holds back every other script that fills the cache, until this one ends.
vm_lock()
{
	exec {vm_lock_fd}>"$(vm_cache)/lock"
	flock "$vm_lock_fd"
}

# vm_need TOOL[=PACKAGE]...: dies naming every Debian package that is missing, not only the first.
vm_need()
{
	local tool missing=()

	for tool; do
		command -v "${tool%%=*}" >/dev/null || missing+=("${tool##*=}")
	done
	[ ${#missing[@]} -eq 0 ] || vm_die "install these packages first: ${missing[*]}"
}

# Reads a table on stdin: drops comments and empty lines.
vm_rows()
{
	sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d'
}
