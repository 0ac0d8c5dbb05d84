# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which tools the tests find here. A test without its tool is skipped as "NAME is not installed": run-suites counts
# these.

# has NAME: the program, or the Python module of a package python3-NAME.
has() {
	case $1 in
	python3-*) /usr/bin/python3 -c "import $(tr - _ <<<"${1#python3-}")" 2>/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}
