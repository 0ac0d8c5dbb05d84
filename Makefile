# SPDX-License-Identifier: GPL-2.0-or-later
#
# vfio-nestctl: plain GNU make.
#
#   make                 build ./vfio-nestctl
#   make run             install what is missing, build, show this host (or, where it has no IOMMU,
#                        a stock kernel in QEMU behind an emulated VT-d)
#   make deps            install what make and make check use (Debian); says first how much that is
#   make check           build, run every test that needs no VM; installs nothing, and skips by name
#                        the tests whose tools are missing (make deps check: all of them)
#   make evidence        take all evidence from all described machines, piece by piece (an hour): none
#                        may become ready; make check takes a few pieces, others each day
#   make check-vm        install what is missing, boot stock kernels and the lab in QEMU and check
#                        the answers there
#   make vm-lab          build the lab: an emulator and kernels that nest (kept in the cache)
#   make CROSS_COMPILE=aarch64-linux-gnu-   build for arm64 into build-aarch64-linux-gnu
#   make check-arm64     install what is missing, build for arm64, run the unit tests and the suites
#                        that need no device under qemu-aarch64
#   make check-musl      install what is missing, compile against musl, run the unit tests that need no
#                        library of the distribution
#   make dist            make the tarball of the last commit (DIST=folder)
#   make check-package   install what is missing, build Debian's package in a root of its own and look at it;
#                        PKG_ARCH=arm64: for that architecture, by a cross-compiler
#   make help            all targets
#
# Variables (on the command line or in the environment):
#   CC=gcc               compiler; clang works as well
#   CFLAGS=-O2 -g        yours come last, so they win; the same is true of CPPFLAGS and LDFLAGS
#   V=1                  show the commands
#   WERROR=1             warnings are errors (what CI does)
#   SAN=address,undefined   sanitizers, each set in a build folder of its own
#   PREFIX=/usr/local  BINDIR MANDIR DATADIR BASHCOMPDIR ZSHCOMPDIR FISHCOMPDIR  where to install
#   DESTDIR=             staging root in front of them
#   NODEPS=1             make run, check-vm and vm-lab install nothing
#   SAMPLE=yes           make check fails a tenth of the calls, and counts a skipped test for the rest
#   FUZZ_SECONDS=60      how long make fuzz runs each harness
#   NESTCTL_CACHE=       where kernels and emulators are kept (default: the user's cache folder)

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATADIR)/zsh/site-functions
FISHCOMPDIR ?= $(DATADIR)/fish/vendor_completions.d
# Debian has the libraries of every architecture in folders of their own.
TRIPLET := $(CROSS_COMPILE:%-=%)
PKG_CONFIG ?= $(if $(TRIPLET),PKG_CONFIG_LIBDIR=/usr/lib/$(TRIPLET)/pkgconfig:/usr/share/pkgconfig )pkg-config
FUZZ_SECONDS ?= 60
CFLAGS ?= -O2 -g

.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

# Packages that are asked for in the same command come first, also with -j: what compiles waits for
# pkg-config-check, what else uses them is named at the end.
PACKAGES_FIRST := $(filter deps deps-%,$(MAKECMDGOALS))

############################################################################# build

comma := ,
BUILD := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(filter clang%,$(notdir $(CC))),-clang)$(TRIPLET:%=-%)
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
AR = $(CROSS_COMPILE)ar
LIBS := libudev json-c smartcols
# Not asked before the libraries are installed: make deps must work on a bare machine.
LIBS_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(LIBS))
# glibc has argp; for musl it is a library of its own (argp-standalone).
ARGP = $(if $(findstring musl,$(shell $(CC) -dumpmachine)),-largp)
LIBS_LIBS = $(shell $(PKG_CONFIG) --libs $(LIBS)) $(ARGP)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Ilib -MMD -MP -Wall -Wextra -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wformat=2 -Wundef $(if $(WERROR),-Werror) \
	-fstack-protector-strong $(LIBS_CFLAGS) $(if $(SAN),-fsanitize=$(SAN) \
	-fno-omit-frame-pointer -fno-sanitize-recover=all) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(if $(SAN),-fsanitize=$(SAN)) -Wl,--as-needed $(LDFLAGS)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

SRCS := $(sort $(wildcard lib/*.c lib/*/*.c lib/*/*/*.c))
OBJS := $(SRCS:%.c=$(BUILD)/%.o)
PROGRAM := $(BUILD)/vfio-nestctl

all: vfio-nestctl

# The program at the top is the plain build; a sanitized one, or one for another architecture, stays in its
# folder.
vfio-nestctl: $(PROGRAM)
	$(Q)$(if $(SAN)$(TRIPLET),,cp -f $< $@)

$(PROGRAM): $(BUILD)/vfio-nestctl.o $(OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_LIBS)

$(BUILD)/%.o: %.c $(BUILD)/.config | pkg-config-check
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Rewritten only when the flags change, so that other flags rebuild and the same ones do not.
$(BUILD)/.config: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WERROR) $(SAN)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WERROR) $(SAN)' > $@

pkg-config-check: | $(PACKAGES_FIRST)
	$(Q)$(PKG_CONFIG) --print-errors --exists $(LIBS) || \
		{ echo 'Missing libraries: run "make deps$(if $(TRIPLET),-arm64)" (Debian:' \
		$(foreach lib,libudev-dev libjson-c-dev libsmartcols-dev,'$(lib)$(if $(TRIPLET),:arm64)')')' >&2; exit 1; }

############################################################################# tests

FAKE_SRCS := $(sort $(wildcard tests/fake/*.c))
FAKE_OBJS := $(FAKE_SRCS:%.c=$(BUILD)/%.o)
UNIT_SRCS := $(sort $(wildcard tests/unit/test_*.c tests/unit/*/test_*.c tests/unit/*/*/test_*.c))
UNITS := $(UNIT_SRCS:%.c=$(BUILD)/%)
FAKE_UNITS := $(foreach unit,$(UNITS),$(if $(findstring /test_fake,$(unit)),$(unit)))

$(BUILD)/libnest.a: $(OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) qcs $@ $^

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libnest.a $(BUILD)/.config
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libnest.a $(LIBS_LIBS)

# The fake's own tests have it in front of the archive too.
$(FAKE_UNITS): $(BUILD)/%: %.c $(FAKE_OBJS) $(BUILD)/libnest.a $(BUILD)/.config
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit -Itests/fake $(ALL_LDFLAGS) -o $@ $< \
		$(filter-out %/fake-wrap.o,$(FAKE_OBJS)) $(BUILD)/libnest.a $(LIBS_LIBS)

# The program on a kernel of the tests' making: the same objects, with tests/fake in place of kernel.o, and
# the few calls past that seam bent by the linker (tests/fake/README.md).
FAKE := $(BUILD)/vfio-nestctl-fake
FAKE_WRAPS := $(addprefix -Wl$(comma)--wrap=,nest_root_open nest_devices_from_udev uname raise \
	read __read_chk)

$(FAKE): $(BUILD)/vfio-nestctl.o $(FAKE_OBJS) $(BUILD)/libnest.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(FAKE_WRAPS) -o $@ $^ $(LIBS_LIBS)

# Asks the fake what real kernels were asked, and compares the answers.
REPLAY := $(BUILD)/tests/fake/replay/replay

$(REPLAY): tests/fake/replay/replay.c $(FAKE_OBJS) $(BUILD)/libnest.a $(BUILD)/.config
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/fake $(ALL_LDFLAGS) -o $@ $< \
		$(filter-out %/fake-wrap.o,$(FAKE_OBJS)) $(BUILD)/libnest.a $(LIBS_LIBS)

units: $(UNITS)

check: all units $(FAKE) $(REPLAY)
	$(Q)NESTCTL='$(CURDIR)/vfio-nestctl' FAKE='$(CURDIR)/$(FAKE)' REPLAY='$(CURDIR)/$(REPLAY)' \
		UNITS='$(UNITS)' tests/run-suites $(SUITES)

# The unit tests alone, which need no tool that the build does not need: what a package runs.
check-units: units
	$(Q)for unit in $(UNITS); do \
		$(UNIT_EMULATOR) $$unit >$(BUILD)/units.log 2>&1 || { cat $(BUILD)/units.log; echo "$$unit failed" >&2; exit 1; }; \
	done; echo '$(words $(UNITS)) unit test programs passed'

# The same with sanitizers (SAN=): the unit tests, and the suites against the sanitized programs.
check-san: $(PROGRAM) units $(FAKE) $(REPLAY)
	$(Q)NESTCTL='$(CURDIR)/$(PROGRAM)' FAKE='$(CURDIR)/$(FAKE)' REPLAY='$(CURDIR)/$(REPLAY)' \
		UNITS='$(UNITS)' tests/run-suites

check-musl:
	$(Q)$(if $(NODEPS),:,tests/deps $(DEPS_BUILD) $(DEPS_MUSL))
	$(Q)tests/tap musl tests/musl

# All evidence of all described machines is taken away, piece by piece: tens of thousands of runs, an hour.
evidence: all
	$(Q)EVIDENCE=all NESTCTL='$(CURDIR)/vfio-nestctl' UNITS= tests/run-suites tests/evidence.bats

# Programs for arm64, each started by a script that a test can call like the program itself. The emulator is
# QEMU_USER, or a fetched one where the installed one lacks openat2().

check-arm64:
	$(Q)$(if $(NODEPS),:,tests/deps $(DEPS_BUILD) $(DEPS_ARM64))
	$(Q)$(MAKE) --no-print-directory NODEPS=1 CROSS_COMPILE=aarch64-linux-gnu- check-emulated

check-emulated: all units $(FAKE) $(REPLAY)
	$(Q)qemu='$(QEMU_USER)'; qemu=$${qemu:-$$(tests/vm/fetch-qemu user) -L /} && \
		tests/emulated $(BUILD) "$$qemu" '$(UNITS)' $(SUITES)

############################################################################# fuzzing (clang)

FUZZ_CC ?= clang
FUZZ_SRCS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZERS := $(FUZZ_SRCS:tests/fuzz/%.c=build-fuzz/%)
FUZZ_FLAGS = -std=gnu11 -D_GNU_SOURCE -Ilib -g -O1 -MMD -MP -fsanitize=address,undefined \
	-fno-sanitize-recover=all $(LIBS_CFLAGS) $(CPPFLAGS)
FUZZ_OBJS := $(SRCS:%.c=build-fuzz/%.o)
.SECONDARY: $(FUZZ_OBJS)

build-fuzz/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

build-fuzz/%: tests/fuzz/%.c $(FUZZ_OBJS)
	$(call say,FUZZ,$<)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_OBJS) $(LIBS_LIBS)

# Each harness for FUZZ_SECONDS, starting from its seed corpus, as one TAP suite.
fuzz: $(FUZZERS)
	$(Q)tests/tap fuzz tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

############################################################################# real kernels

# The lab is no condition: where it cannot be built its boots are skipped, each with the reason.
check-vm:
	$(Q)$(if $(NODEPS),:,tests/deps $(sort $(DEPS_BUILD) $(DEPS_VM) $(DEPS_LAB) $(DEPS_ARM64)))
	$(Q)$(MAKE) --no-print-directory all
	$(Q)-$(MAKE) --no-print-directory NODEPS=1 vm-lab
	$(Q)NESTCTL='$(CURDIR)/vfio-nestctl' tests/tap vm tests/vm/check

vm-lab:
	$(Q)$(if $(NODEPS),:,tests/deps $(DEPS_LAB))
	$(Q)tests/vm/lab/build-qemu
	$(Q)tests/vm/lab/build-kernel
	$(Q)tests/vm/lab/build-kernel 5.10
	$(Q)tests/vm/lab/build-kernel arm64

# This host; and where it has no IOMMU, a stock kernel behind an emulated VT-d.
run:
	$(Q)$(if $(NODEPS),:,tests/deps $(DEPS_BUILD))
	$(Q)$(MAKE) --no-print-directory all
	$(Q)./vfio-nestctl list || [ $$? -eq 1 ]
	$(Q)if [ -z "$$(ls /sys/kernel/iommu_groups 2>/dev/null)" ]; then \
		$(if $(NODEPS),,tests/deps $(DEPS_VM) &&) \
		NESTCTL='$(CURDIR)/vfio-nestctl' tests/vm/demo; \
	else \
		{ ./vfio-nestctl probe || [ $$? -eq 1 ] || [ $$? -eq 3 ]; } && \
		echo 'Seen: this host has an IOMMU. Next: ./vfio-nestctl check'; \
	fi

############################################################################# what it needs (Debian)

DEPS_BUILD := gcc make pkg-config libc6-dev libudev-dev libjson-c-dev libsmartcols-dev udev
DEPS_CHECK := bats jq xz-utils zstd bzip2 python3-jsonschema strace umockdev shellcheck man-db groff mandoc git pciutils zsh fish \
	acpica-tools clang libclang-rt-dev perl-base graphviz perl python3-tap python3-more-itertools python3-yaml libxml2-utils \
	python3-junitparser sosreport systemd
# PROGRAM=PACKAGE,PACKAGE: promtool is in a package of its own from Debian 13 on.
DEPS_UNPACKED := promtool=promtool,prometheus prometheus-node-exporter=prometheus-node-exporter
DEPS_FRESH := mmdebstrap ca-certificates git cppcheck clang-format codespell
DEPS_VM := busybox-static cpio jq xz-utils kmod strace pciutils python3-jsonschema
DEPS_ARM64 := gcc-aarch64-linux-gnu libc6-dev-arm64-cross libudev-dev:arm64 libjson-c-dev:arm64 libsmartcols-dev:arm64
DEPS_MUSL := musl-tools
DEPS_LAB := gcc libc6-dev make ninja-build pkg-config flex bison bc patch xz-utils python3 python3-distlib \
	libglib2.0-dev libfdt-dev libelf-dev uuid-dev seabios qemu-system-data gcc-aarch64-linux-gnu libc6-dev-arm64-cross

deps:
	$(Q)tests/deps $(DEPS_BUILD) $(DEPS_CHECK)
	$(Q)tests/unpack-tools $(DEPS_UNPACKED)
deps-build:
	$(Q)tests/deps $(DEPS_BUILD)
deps-check:
	$(Q)tests/deps $(DEPS_CHECK)
	$(Q)tests/unpack-tools $(DEPS_UNPACKED)
deps-vm:
	$(Q)tests/deps $(DEPS_VM)
deps-lab:
	$(Q)tests/deps $(DEPS_LAB)
deps-arm64:
	$(Q)tests/deps $(DEPS_ARM64)
deps-musl:
	$(Q)tests/deps $(DEPS_MUSL)
deps-fresh:
	$(Q)tests/deps $(DEPS_FRESH)

############################################################################# installing

# What goes where; install and uninstall both read this one list (source, target, mode). bash loads
# a completion by the command's name.
INSTALL_LIST = \
	$(if $(TRIPLET),$(PROGRAM),vfio-nestctl):$(BINDIR)/vfio-nestctl:755 \
	man/vfio-nestctl.8:$(MANDIR)/man8/vfio-nestctl.8:644 \
	man/vfio-nestctl-check.7:$(MANDIR)/man7/vfio-nestctl-check.7:644 \
	man/vfio-nestctl-json.5:$(MANDIR)/man5/vfio-nestctl-json.5:644 \
	schema/vfio-nestctl-1.schema.json:$(DATADIR)/vfio-nestctl/vfio-nestctl-1.schema.json:644 \
	completions/vfio-nestctl.bash:$(BASHCOMPDIR)/vfio-nestctl:644 \
	completions/_vfio-nestctl:$(ZSHCOMPDIR)/_vfio-nestctl:644 \
	completions/vfio-nestctl.fish:$(FISHCOMPDIR)/vfio-nestctl.fish:644

# The manual pages name the folder of the schema, which is the default one in the sources.
install: all
	$(Q)$(foreach entry,$(INSTALL_LIST),install -D -m $(word 3,$(subst :, ,$(entry))) \
		$(word 1,$(subst :, ,$(entry))) '$(DESTDIR)$(word 2,$(subst :, ,$(entry)))' && ) :
	$(Q)sed -i 's|/usr/local/share/vfio|$(subst -,\\-,$(DATADIR))/vfio|' \
		'$(DESTDIR)$(MANDIR)'/man[1-8]/vfio-nestctl*.[1-8]

# Folders that only this program had go with it; shared ones stay.
uninstall:
	$(Q)rm -f $(foreach entry,$(INSTALL_LIST),'$(DESTDIR)$(word 2,$(subst :, ,$(entry)))')
	$(Q)rmdir '$(DESTDIR)$(DATADIR)/vfio-nestctl' 2>/dev/null || :

############################################################################# packaging

# The tarball of the last commit, into DIST; the same bytes whenever and wherever it is made.
VERSION = $(shell sed -n 's/^\#define NEST_VERSION "\(.*\)"$$/\1/p' lib/version.h)
DIST ?= .
dist:
	$(Q)git archive --format=tar --prefix=vfio-nestctl-$(VERSION)/ HEAD | gzip -9n \
		>'$(DIST)/vfio-nestctl-$(VERSION).tar.gz'
	$(call say,DIST,$(DIST)/vfio-nestctl-$(VERSION).tar.gz)

# Debian's package, built and looked at in a root of its own; two minutes.
check-package:
	$(Q)$(if $(NODEPS),:,tests/deps $(DEPS_FRESH))
	$(Q)PKG_ARCH='$(PKG_ARCH)' QEMU_USER='$(QEMU_USER)' tests/tap package tests/package $(RELEASE)

############################################################################# the rest

bench: all
	$(Q)tests/bench

C_FILES = $(shell git ls-files '*.c' '*.h')
format:
	clang-format -i $(C_FILES)

# Phrases and sentences that readers stumble over, one a line.
words:
	$(Q)tests/words vfio-nestctl.c $$(git ls-files 'lib/*.[ch]' '*.md' 'man/*')

# clang-format differs between its releases: the tree is formatted by 14 (Debian 12).
FORMAT_VERSION := 14
lint:
	$(Q)if clang-format --version 2>/dev/null | grep -q ' version $(FORMAT_VERSION)\.'; then \
		clang-format --dry-run -Werror $(C_FILES); \
	else \
		echo 'lint: the format is not checked: no clang-format $(FORMAT_VERSION)' >&2; \
	fi
	$(Q)codespell -L translater,andd,nd,fro,bu,namd,devcie,microsft $$(git ls-files | grep -vE '^(LICENSE|tests/unit/test_nearest.c|tests/fuzz/corpus/|tests/machines/|.*\.patch$$)')
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --enable=warning,portability -Ilib \
		--suppress=missingIncludeSystem vfio-nestctl.c lib
	$(Q)git ls-files -z | xargs -0 grep -lZ '^#!/bin/\(ba\)\?sh' | xargs -0 shellcheck

clean:
	rm -rf build build-* vfio-nestctl

help:
	@sed -n '/^#$$/,/^$$/{s/^# \{0,1\}//p}' Makefile
	@echo 'Targets: all run deps check check-units check-arm64 check-musl check-vm vm-lab bench fuzz install uninstall format' \
		'lint dist check-package help clean'

FORCE:
.PHONY: words all run check check-units dist check-package evidence check-san check-arm64 check-musl check-emulated check-vm bench fuzz clean \
	help units deps deps-build deps-check deps-vm deps-lab deps-arm64 deps-musl deps-fresh vm-lab install uninstall format lint \
	pkg-config-check FORCE

run check check-san check-arm64 check-emulated check-vm vm-lab bench format lint $(FUZZ_OBJS): | $(PACKAGES_FIRST)

-include $(OBJS:.o=.d) $(FAKE_OBJS:.o=.d) $(BUILD)/vfio-nestctl.d $(UNITS:=.d) $(FUZZ_OBJS:.o=.d)
