#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Building and installing, from a copy of the tracked files and nothing else.

load helpers

setup_file() {
	local top
	top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	git -C "$top" rev-parse --git-dir >/dev/null 2>&1 || skip 'no git checkout, so what is tracked is not known'
	# What an outer make was told is not for this one.
	unset MAKEFLAGS MAKELEVEL MFLAGS SAN WERROR
	export SOURCE=$BATS_FILE_TMPDIR/source
	mkdir "$SOURCE"
	git -C "$top" ls-files -z | (cd "$top" && xargs -0 cp --parents -Pt "$SOURCE")
	cd "$SOURCE" || return
	git init -q
	git add -A
	git -c user.name=t -c user.email=t@localhost commit -qm tracked
	make -j2 NODEPS=1 CFLAGS=-O0 >"$BATS_FILE_TMPDIR/log" 2>&1 || { cat "$BATS_FILE_TMPDIR/log"; false; }
}

setup() {
	unset MAKEFLAGS MAKELEVEL MFLAGS SAN WERROR
	cd "$SOURCE" || return
	STAGE=$BATS_TEST_TMPDIR/stage
	mkdir "$STAGE"
}

staged() {
	make -s NODEPS=1 CFLAGS=-O0 DESTDIR="$STAGE" "$@"
}

# Every file below the stage with its mode.
installed() {
	(cd "$STAGE" && find . ! -type d -printf '/%P %m\n' | sort)
}

@test "a build leaves no file that git would show" {
	[ -x vfio-nestctl ]
	status=$(git status --porcelain)
	printf '%s\n' "$status"
	[ -z "$status" ]
}

@test "a second build does nothing" {
	run -0 make NODEPS=1 CFLAGS=-O0
	printf '%s\n' "$output"
	[ -z "$output" ]
}

# commands GOAL...: what make would start, in that order, for goals that are not built yet.
commands() {
	make -n -B -j8 V=1 CC=cc "$@" >"$BATS_TEST_TMPDIR/commands"
	grep -nE '(^|[ \t])tests/(deps|unpack-tools) |^cc |tests/run-suites' "$BATS_TEST_TMPDIR/commands"
}

@test "make check installs nothing; make deps check installs first, also with -j" {
	run -0 commands check
	[[ $output == *'cc '*tests/run-suites* && $output != *tests/deps* && $output != *unpack-tools* ]]
	run -0 commands check deps
	[[ ${lines[0]} == *'tests/deps '*' bats '* && ${lines[1]} == *tests/unpack-tools* ]]
	[[ ${lines[2]} == *:cc* && ${lines[-1]} == *tests/run-suites* ]]
	run -0 commands fuzz deps-check
	[[ ${lines[0]} == *tests/deps* && ${lines[1]} == *tests/unpack-tools* ]]
}

@test "CPPFLAGS, CFLAGS and LDFLAGS are in every command that they are for" {
	make -n -B V=1 CC=cc FUZZ_CC=cc CPPFLAGS=-DMINE CFLAGS=-O1 LDFLAGS=-Wl,-O1 check |
		grep '^cc ' >"$BATS_TEST_TMPDIR/commands"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" -gt 150 ]
	run ! grep -v -e '-DMINE -O1 ' "$BATS_TEST_TMPDIR/commands"
	run ! grep -v -e ' -c ' -e ' -Wl,-O1 ' "$BATS_TEST_TMPDIR/commands"
	make -n -B V=1 FUZZ_CC=cc CPPFLAGS=-DMINE fuzz | grep '^cc ' >"$BATS_TEST_TMPDIR/commands"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" -gt 100 ]
	run ! grep -v -e -DMINE "$BATS_TEST_TMPDIR/commands"
}

@test "other CPPFLAGS build anew, the same ones do not" {
	cp -a "$SOURCE" "$BATS_TEST_TMPDIR/copy"
	cd "$BATS_TEST_TMPDIR/copy"
	run -0 make CFLAGS=-O0 build/lib/escape.o
	[[ $output != *CC* ]]
	run -0 make CFLAGS=-O0 CPPFLAGS=-DMINE build/lib/escape.o
	assert_says CC
	run -0 make CFLAGS=-O0 CPPFLAGS=-DMINE build/lib/escape.o
	[[ $output != *CC* ]]
}

@test "clean removes all that a build made" {
	cp -a "$SOURCE" "$BATS_TEST_TMPDIR/clean"
	cd "$BATS_TEST_TMPDIR/clean"
	make -s clean
	left=$(git status --porcelain --ignored)
	printf '%s\n' "$left"
	[ -z "$left" ]
}

@test "install puts exactly these files" {
	staged install
	cat >"$BATS_TEST_TMPDIR/want" <<-'END'
	/usr/local/bin/vfio-nestctl 755
	/usr/local/share/bash-completion/completions/vfio-nestctl 644
	/usr/local/share/fish/vendor_completions.d/vfio-nestctl.fish 644
	/usr/local/share/man/man5/vfio-nestctl-json.5 644
	/usr/local/share/man/man7/vfio-nestctl-check.7 644
	/usr/local/share/man/man8/vfio-nestctl.8 644
	/usr/local/share/vfio-nestctl/vfio-nestctl-1.schema.json 644
	/usr/local/share/zsh/site-functions/_vfio-nestctl 644
	END
	installed | diff "$BATS_TEST_TMPDIR/want" -
	"$STAGE/usr/local/bin/vfio-nestctl" --version
	cmp vfio-nestctl "$STAGE/usr/local/bin/vfio-nestctl"
}

@test "install obeys PREFIX and the single folders" {
	staged PREFIX=/usr BINDIR=/usr/sbin MANDIR=/m BASHCOMPDIR=/b ZSHCOMPDIR=/z FISHCOMPDIR=/f install
	cat >"$BATS_TEST_TMPDIR/want" <<-'END'
	/b/vfio-nestctl 644
	/f/vfio-nestctl.fish 644
	/m/man5/vfio-nestctl-json.5 644
	/m/man7/vfio-nestctl-check.7 644
	/m/man8/vfio-nestctl.8 644
	/usr/sbin/vfio-nestctl 755
	/usr/share/vfio-nestctl/vfio-nestctl-1.schema.json 644
	/z/_vfio-nestctl 644
	END
	installed | diff "$BATS_TEST_TMPDIR/want" -
}

@test "the manuals name the schema where it is installed" {
	local page path
	staged PREFIX=/opt/my-tool install
	for page in man8/vfio-nestctl.8 man5/vfio-nestctl-json.5; do
		path=$(sed 's/[\\]//g' "$STAGE/opt/my-tool/share/man/$page" | grep -oE '/[^ ]*schema\.json')
		[ "$path" = /opt/my-tool/share/vfio-nestctl/vfio-nestctl-1.schema.json ]
		[ -e "$STAGE$path" ]
		[ "$(stat -c %a "$STAGE/opt/my-tool/share/man/$page")" = 644 ]
	done
	run ! grep -r /usr/local "$STAGE/opt/my-tool/share/man"
	grep -rqF '/opt/my\-tool/share/vfio' "$STAGE/opt/my-tool/share/man"
}

@test "installing twice is the same as once" {
	staged install
	installed >"$BATS_TEST_TMPDIR/once"
	staged install
	installed | diff "$BATS_TEST_TMPDIR/once" -
}

@test "uninstall leaves nothing, and nothing of others goes" {
	mkdir -p "$STAGE/usr/local/bin"
	install -m 644 /dev/null "$STAGE/usr/local/bin/other"
	staged install
	staged uninstall
	[ "$(installed)" = '/usr/local/bin/other 644' ]
	[ ! -e "$STAGE/usr/local/share/vfio-nestctl" ]
	staged uninstall
}

@test "install works with a space in DESTDIR" {
	STAGE="$STAGE/a b"
	mkdir "$STAGE"
	staged install
	[ -x "$STAGE/usr/local/bin/vfio-nestctl" ]
	staged uninstall
	[ -z "$(installed)" ]
}
