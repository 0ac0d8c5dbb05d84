# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reaches suites of the Debian archive that the host does not have in its apt configuration:
# private lists in the cache, the host's own mirror, Debian's own keys. Needs no root.
#
# A KEY names one private set of lists, a folder of the cache.

apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt_max_age_minutes=720

# apt_run KEY TOOL [ARGUMENT...]
apt_run()
{
	local dir tool=$2
	dir=$(vm_cache)/apt/$1

	shift 2
	"$tool" -q -q \
		-o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$dir" -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" \
		-o Dir::State::status="${apt_status:-/dev/null}" -o Debug::NoLocking=1 \
		-o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any "$@"
}

# Prints "LABEL URI" of every repository the host's apt knows. A host that never ran an update
# (or deleted its lists) knows none; then the release files are fetched into the cache first.
apt_repositories()
{
	local dir known format="\$(LABEL) \$(REPO_URI)"
	dir=$(vm_cache)/apt/host

	known=$(apt-get indextargets --format "$format" 'Created-By: Packages')
	if [ -z "$known" ]; then
		mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
		set -- -q -q -o Dir::State="$dir" -o Dir::State::lists="$dir/lists" \
			-o Dir::Cache="$dir/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)"
		apt-get "$@" update >&2 || return
		known=$(apt-get "$@" indextargets --format "$format" 'Created-By: Packages')
	fi
	sort -u <<<"$known"
}

# apt_uri SUITE: the address of its repository on the host's mirror. A host without a security
# repository gets the folder that stands beside the main one on every full mirror.
apt_uri()
{
	local repositories main security
	repositories=$(apt_repositories) || return

	main=$(sed -n 's/^Debian //p' <<<"$repositories" | head -n 1)
	security=$(sed -n 's/^Debian-Security //p' <<<"$repositories" | head -n 1)
	if [ -z "$main" ]; then
		vm_note "apt knows no Debian repository on this host"
		return 1
	fi
	case $1 in
	*-security) printf '%s\n' "${security:-${main%/}-security/}" ;;
	*) printf '%s\n' "$main" ;;
	esac
}

# apt_refresh KEY SUITE...: brings the lists up to date unless they are fresh and of these suites
# (NESTCTL_VM_REFRESH=1 insists). Fails when the archive cannot be reached or a signature does not verify.
apt_refresh()
{
	local dir suite uri key=$1
	dir=$(vm_cache)/apt/$key

	shift
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	for suite; do
		uri=$(apt_uri "$suite") || return
		printf 'deb [arch=%s signed-by=%s] %s %s main\n' "${apt_arch:-amd64}" "$apt_keyring" "$uri" "$suite"
	done >"$dir/sources.new"
	if [ -z "${NESTCTL_VM_REFRESH:-}" ] && cmp -s "$dir/sources.new" "$dir/sources.list" &&
		[ -n "$(find "$dir/updated" -mmin -$apt_max_age_minutes 2>/dev/null)" ]; then
		return 0
	fi
	rm -f "$dir/updated"
	mv "$dir/sources.new" "$dir/sources.list"
	apt_run "$key" apt-get update >&2 || return
	touch "$dir/updated"
}

# apt_unpack KEY DIR PACKAGE[=VERSION]...: downloads, verifies and unpacks into DIR.
apt_unpack()
{
	local key=$1 dir=$2 debs deb
	debs=$(mktemp -d "$dir.debs.XXXXXX")

	shift 2
	vm_note "$(apt_run "$key" apt-get download --print-uris "$@" |
		awk '{ size += $3 } END { printf "%.0f MB to download", size / 1e6 }')"
	if ! (cd "$debs" && apt_run "$key" apt-get download "$@" >&2); then
		rm -rf "$debs"
		return 1
	fi
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$dir" || return
	done
	rm -rf "$debs"
}
