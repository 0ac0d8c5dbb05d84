# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What build-qemu and build-kernel share: the cache, the search for sources, and
# an apt that reaches other suites without touching the machine's configuration.

set -euo pipefail
shopt -s inherit_errexit

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_dir=$(cd "$lab_dir/../../.." && pwd)
cache_dir=${NESTCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vfio-nestctl}

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$@"
	exit 1
}

# need WHAT PACKAGE...: the packages to install, when the command or file WHAT is
# not there.
need() {
	local what=$1
	shift
	if [[ $what == /* ]]; then
		[[ -e $what ]] && return
	else
		command -v "$what" >/dev/null && return
	fi
	die "$what is missing; on Debian: apt-get install $*"
}

# content_key WORD FILE...: sixteen digits that change with the word, with the
# name or content of a file, and with nothing else.
content_key() {
	local word=$1 file
	shift
	{
		printf '%s\n' "$word"
		for file; do
			printf '%s %s\n' "${file##*/}" "$(sha256sum <"$file")"
		done
	} | sha256sum | cut -c -16
}

# begin_build NAME: wait until nobody else builds NAME, then set work_dir to an
# empty folder that goes away with the script, and log_file to an empty file that
# stays.
begin_build() {
	mkdir -p "$cache_dir"
	exec 9>"$cache_dir/$1.lock"
	flock 9
	log_file=$cache_dir/$1.log
	: >"$log_file"
	work_dir=$cache_dir/$1.work
	rm -rf -- "$work_dir"
	mkdir "$work_dir"
	trap 'rm -rf -- "$work_dir"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# logged COMMAND...: run it quietly and politely; show the end of the log if it
# fails.
logged() {
	if ! nice "$@" >>"$log_file" 2>&1; then
		tail -n 30 "$log_file" >&2
		die "failed: $* (all of it in $log_file)"
	fi
}

# find_source NAME SHA256: print where an intact copy of the source file NAME
# lies: in NESTCTL_SOURCES, or else in a folder ../shared/cache beside the
# checkout, if there is one, or in the cache.
find_source() {
	local name=$1 sum=$2 dir
	local -a dirs=("$cache_dir/sources")

	if [[ -n ${NESTCTL_SOURCES:-} ]]; then
		dirs=("$NESTCTL_SOURCES" "${dirs[@]}")
	else
		dirs=("$top_dir/../shared/cache" "${dirs[@]}")
	fi
	for dir in "${dirs[@]}"; do
		[[ -f $dir/$name ]] || continue
		if sha256sum --status -c - <<<"$sum  $dir/$name"; then
			printf '%s\n' "$dir/$name"
			return
		fi
		say "$dir/$name is not the file wanted here (sha256 differs)"
	done
	return 1
}

# keep_source FILE: move a downloaded source file to where find_source looks, and
# print its path there.
keep_source() {
	mkdir -p "$cache_dir/sources"
	mv -- "$1" "$cache_dir/sources/"
	printf '%s\n' "$cache_dir/sources/${1##*/}"
}

# private_apt 'deb|deb-src SUITE'...: set apt_options so that apt-get and
# apt-cache know these suites and no others, from the mirror that the machine's
# own apt uses for Debian. Lists and caches live in work_dir.
private_apt() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	local root=$work_dir/apt signed='' mirror line suite

	need apt-get apt
	# shellcheck disable=SC2016 # apt fills it in
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' | sort -u | sed -n 1p)
	[[ -n $mirror ]] || die 'apt knows no Debian mirror (try apt-get update)'
	[[ -e $keyring ]] && signed="[signed-by=$keyring] "

	mkdir -p "$root"/{lists/partial,cache/archives/partial,parts}
	for line; do
		suite=${line#* }
		# beside the main folder on every full mirror
		[[ $suite != *-security ]] || suite="${mirror%/}-security $suite"
		[[ $suite == *' '* ]] || suite="$mirror $suite"
		printf '%s %s%s main\n' "${line%% *}" "$signed" "$suite"
	done >"$root/sources.list"
	apt_options=(
		-q
		-o "Dir::Etc::sourcelist=$root/sources.list"
		-o "Dir::Etc::sourceparts=$root/parts"
		-o "Dir::State::lists=$root/lists"
		-o "Dir::Cache=$root/cache"
		-o "APT::Sandbox::User=$(id -un)"
		-o "Acquire::Languages=none"
	)
	logged apt-get "${apt_options[@]}" update
}
