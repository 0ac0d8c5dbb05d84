# SPDX-License-Identifier: GPL-2.0-or-later
#
# vfio-nestctl: plain GNU make.
#
#   make                 build ./vfio-nestctl
#   make run             install what is missing, build, show this host (or, where it has no IOMMU,
#                        a stock kernel in QEMU behind an emulated VT-d)
#   make check           install what is missing, build, run every test that needs no VM
#   make check-vm        boot stock kernels in QEMU and check the answers there
#   make help            all targets
#
# Variables (on the command line or in the environment):
#   CC=gcc               compiler; clang works as well
#   CFLAGS=-O2 -g        yours come last, so they win
#   V=1                  show the commands
#   WERROR=1             warnings are errors (what CI does)
#   SAN=address,undefined   sanitizers, each set in a build folder of its own
#   PREFIX=/usr/local  BINDIR SBINDIR MANDIR DATADIR BASHCOMPDIR ZSHCOMPDIR FISHCOMPDIR  where to install
#   DESTDIR=             staging root in front of them
#   NODEPS=1             make run and make check install nothing
#   FUZZ_SECONDS=60      how long make fuzz runs each harness
#   NESTCTL_CACHE=       where kernels and emulators are kept (default: the user's cache folder)

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATADIR)/zsh/site-functions
FISHCOMPDIR ?= $(DATADIR)/fish/vendor_completions.d
PKG_CONFIG ?= pkg-config
FUZZ_SECONDS ?= 60
CFLAGS ?= -O2 -g

.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules

############################################################################# build

BUILD := build$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(filter clang%,$(notdir $(CC))),-clang)
comma := ,
ifeq ($(origin CC),default)
CC := gcc
endif
LIBS := libudev json-c smartcols
# Not asked before the libraries are installed: make deps must work on a bare machine.
LIBS_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(LIBS))
LIBS_LIBS = $(shell $(PKG_CONFIG) --libs $(LIBS))
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Ilib -MMD -MP -Wall -Wextra -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wformat=2 -Wundef $(if $(WERROR),-Werror) \
	-fstack-protector-strong $(LIBS_CFLAGS) $(if $(SAN),-fsanitize=$(SAN) \
	-fno-omit-frame-pointer -fno-sanitize-recover=all) $(CFLAGS)
ALL_LDFLAGS = $(if $(SAN),-fsanitize=$(SAN)) -Wl,--as-needed $(LDFLAGS)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

SRCS := $(sort $(wildcard lib/*.c))
OBJS := $(SRCS:%.c=$(BUILD)/%.o)
PROGRAM := $(BUILD)/vfio-nestctl

all: vfio-nestctl

# The program at the top is the plain build; a sanitized one stays in its folder.
vfio-nestctl: $(PROGRAM)
	$(Q)$(if $(SAN),,cp -f $< $@)

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
	$(Q)echo '$(CC) $(CFLAGS) $(LDFLAGS) $(WERROR) $(SAN)' | cmp -s - $@ || \
		echo '$(CC) $(CFLAGS) $(LDFLAGS) $(WERROR) $(SAN)' > $@

pkg-config-check:
	$(Q)$(PKG_CONFIG) --print-errors --exists $(LIBS) || \
		{ echo 'Missing libraries: run "make deps" (Debian: libudev-dev libjson-c-dev libsmartcols-dev)' >&2; exit 1; }

############################################################################# tests

UNIT_SRCS := $(sort $(wildcard tests/unit/test_*.c))
UNITS := $(UNIT_SRCS:%.c=$(BUILD)/%)

$(BUILD)/libnest.a: $(OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rc $@ $^

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libnest.a $(BUILD)/.config
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libnest.a $(LIBS_LIBS)

units: $(UNITS)

check: $(if $(NODEPS),,deps) check-all

check-all: all units
	$(Q)NESTCTL='$(CURDIR)/vfio-nestctl' UNITS='$(UNITS)' tests/run-suites $(SUITES)

############################################################################# the rest

clean:
	rm -rf build build-* vfio-nestctl

help:
	@sed -n '/^#$$/,/^$$/{/^# \{0,1\}/s///p}' Makefile

FORCE:
.PHONY: all check check-all clean help units pkg-config-check FORCE

-include $(OBJS:.o=.d) $(BUILD)/vfio-nestctl.d
