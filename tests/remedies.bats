#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every command that the program prints as a remedy is run, as it is printed, by sh, in a copy of the machine it was
# printed for; what it writes, and in which order, and what it calls, must be what the remedy is for. A command that
# this file does not know fails its test: it has to say here what it is for.
#
# In the copy /sys, /dev, /etc, /proc and /boot lie below a folder. What sysfs would do is done by kernel() from what
# was written, in the order in which strace saw it. tests/vm/guest/remedies.sh runs the same on real kernels.

# A test is a subshell; text for an inner shell is in single quotes; "does" is a row of tests and returns.
# shellcheck disable=SC2030,SC2031,SC2016,SC2015
load fake

READY=nest-ready

# ---- what is printed ----

# lines: the commands in the document in $OUT, with what goes back among them; comments go.
lines() {
	jq -r '[.. | objects | (.remedy? // empty | split("\n")[1:][]), (.commands? // empty | arrays | .[]), (.undo? // empty | arrays | .[])][]' "$OUT" |
		sed 's/^# to go back: //' | grep -v '^#' | awk '!seen[$0]++'
}

# printed ARGUMENT...: the commands of one run. They stand whole on lines of their own for people, too.
printed() {
	local status=0 line
	OUT=$BATS_TEST_TMPDIR/out
	ERR=$BATS_TEST_TMPDIR/err
	timeout 30 "$NESTCTL" ${TREE:+--sysroot "$TREE"} -v "$@" >"$BATS_TEST_TMPDIR/text" 2>"$ERR" </dev/null || status=$?
	[[ $status == [013] ]] || { echo "status $status: $*"; return 1; }
	timeout 30 "$NESTCTL" ${TREE:+--sysroot "$TREE"} --json "$@" >"$OUT" 2>"$ERR" </dev/null || :
	lines >"$BATS_TEST_TMPDIR/lines"
	while IFS= read -r line; do
		# People are shown one way to bind a device: this one where driverctl is installed.
		[[ $line != driverctl* ]] || continue
		sed 's/^ *//; s/^# to go back: //' "$BATS_TEST_TMPDIR/text" | grep -qxF -- "$line" ||
			{ echo "not whole on a line for people ($*): $line"; return 1; }
	done <"$BATS_TEST_TMPDIR/lines"
	cat "$BATS_TEST_TMPDIR/lines" >>"$BATS_TEST_TMPDIR/all"
}

# ---- a machine to run it on ----

# copy: $COPY is a copy of the machine below $TREE, or of the fake's, with the files that the kernel has to be
# written to.
copy() {
	local driver module
	COPY=$BATS_TEST_TMPDIR/copy
	rm -rf "$COPY"
	cp -a "${TREE:-$NESTCTL_FAKE_SYSROOT}" "$COPY"
	chmod -R u+w "$COPY"
	mkdir -p "$COPY"/{dev/vfio/devices,etc/udev/rules.d,etc/systemd/system,proc,boot} "$COPY/sys/bus/pci/drivers/vfio-pci"
	for driver in "$COPY"/sys/bus/pci/drivers/*/; do
		: >"$driver/unbind"
	done
	: >"$COPY/sys/bus/pci/drivers_probe"
	for module in vfio/parameters/enable_unsafe_noiommu_mode {vfio_iommu_type1,iommufd}/parameters/allow_unsafe_interrupts \
		vfio_iommu_type1/parameters/dma_entry_limit; do
		mkdir -p "$COPY/sys/module/${module%/*}"
		: >"$COPY/sys/module/$module"
	done
	for module in vfio/vfio iommu ioasid vfio/12 vfio/devices/vfio0; do
		[ -e "$COPY/dev/$module" ] || : >"$COPY/dev/$module"
	done
	for module in misc/vfio misc/iommu vfio/12 vfio-dev/vfio0; do
		[ -e "$COPY/sys/class/$module/dev" ] || { mkdir -p "$COPY/sys/class/$module" && echo 10:196 >"$COPY/sys/class/$module/dev"; }
	done
	echo CONFIG_IOMMUFD_TEST=y >"$COPY/proc/config.gz"
	cp "$COPY/proc/config.gz" "$COPY/boot/config-$(uname -r)"
	mkdir -p "$COPY/sys/firmware/acpi/tables"
	[ -e "$COPY/sys/firmware/acpi/tables/DMAR" ] || printf DMAR >"$COPY/sys/firmware/acpi/tables/DMAR"
	stubs
}

# stubs: programs that do not exist here, or must not be run, write down how they were called.
stubs() {
	local name
	STUBS=$BATS_TEST_TMPDIR/stubs
	CALLED=$BATS_TEST_TMPDIR/called
	mkdir -p "$STUBS"
	for name in modprobe driverctl systemctl udevadm usermod groupadd fuser getfacl modinfo mknod zgrep reboot; do
		printf '#!/bin/sh\necho "${0##*/} $*" >>"%s"\n[ ! -e "%s/fail-${0##*/}" ]\n' "$CALLED" "$STUBS" >"$STUBS/$name"
	done
	printf '#!/bin/sh\ncat "%s/log"\n' "$STUBS" >"$STUBS/dmesg"
	printf '%s\n' '[    0.1] DMAR-IR: Not enabling interrupt remapping' \
		'[    0.2] DMAR: [DMA Read] Request device [00:02.0] fault addr 0 [fault reason 06] PTE Read access is not set' \
		'[    0.3] AMD-Vi: Interrupt remapping enabled' >"$STUBS/log"
	printf '#!/bin/sh\necho "vfio-nestctl $*" >>"%s"\ntimeout 30 "%s" %s "$@"\n[ $? -ne 2 ]\n' "$CALLED" "$NESTCTL" \
		"${TREE:+--sysroot "$COPY"}" >"$STUBS/vfio-nestctl"
	chmod +x "$STUBS"/*
}

# run COMMAND: as it is printed, from a folder that has nothing to do with it; $status. $WRITES: "PATH VALUE" of each
# write to a file of the machine, in order; $CALLED: how programs were called. No command makes a file below /sys.
run_command() {
	local here=$1 before=$BATS_TEST_TMPDIR/before
	WRITES=$BATS_TEST_TMPDIR/writes
	: >"$CALLED"
	here=$(sed -E "s,(^|[ '\"<>])/(sys|dev|etc|proc|boot)/,\1$COPY/\2/,g" <<<"$here")
	find "$COPY/sys" | sort >"$before"
	status=0
	(cd / && SUDO_USER=alice PATH=$STUBS:$PATH timeout 60 strace -f -qq -y -s 200 -e trace=write -o "$BATS_TEST_TMPDIR/strace" \
		sh -c "ulimit() { echo \"ulimit \$*\" >>'$CALLED'; }; $here") >"$BATS_TEST_TMPDIR/ran" 2>&1 </dev/null || status=$?
	sed -nE "s,^[0-9]+ +write\\([0-9]+<$COPY/([^>]*)>\\, \"(.*)\"\\, [0-9]+\\).*,/\\1 \\2,p" "$BATS_TEST_TMPDIR/strace" |
		sed 's/\\n$//' >"$WRITES"
	find "$COPY/sys" | sort | diff "$before" - || { echo "files below /sys were made by: $1"; return 1; }
}

# ---- what sysfs would have done ----

# driver_of ADDRESS: its name now; "none".
driver_of() {
	if [ -e "$COPY/sys/bus/pci/devices/$1/driver" ]; then
		basename "$(readlink "$COPY/sys/bus/pci/devices/$1/driver")"
	else
		echo none
	fi
}

# kernel ADDRESS OWN: does what the writes ask of the device, whose own driver is OWN. Writes that a kernel would refuse
# fail.
kernel() {
	local path value override='' now
	now=$(driver_of "$1")
	while read -r path value; do
		case $path in
		"$(real "$1")/driver_override") override=$value ;;
		*/drivers/"$now"/unbind)
			[ "$value" = "$1" ] || { echo "$value was unbound"; return 1; }
			now=none
			;;
		/sys/bus/pci/drivers_probe)
			[ "$value" = "$1" ] || { echo "$value was probed"; return 1; }
			[ "$now" != none ] || now=${override:-$2}
			;;
		*)
			echo "$path was written to"
			return 1
			;;
		esac
	done <"$WRITES"
	rm -f "$COPY/sys/bus/pci/devices/$1/driver"
	[ "$now" = none ] || ln -s "$COPY/sys/bus/pci/drivers/$now" "$COPY/sys/bus/pci/devices/$1/driver"
}

# real ADDRESS: the folder of the device, as strace sees it.
real() {
	local path
	path=$(realpath "$COPY/sys/bus/pci/devices/$1")
	echo "${path#"$(realpath "$COPY")"}"
}

# ---- what each is for ----

# ends DRIVER COMMAND ADDRESS OWN: the device ends with this driver, and the shell with 0.
ends() {
	run_command "$2" || return 1
	[ "$status" -eq 0 ] || { echo "status $status: $2"; cat "$BATS_TEST_TMPDIR/ran"; return 1; }
	kernel "$3" "$4" || { echo "of: $2"; cat "$WRITES"; return 1; }
	[ "$(driver_of "$3")" = "$1" ] || { echo "$3 ends with $(driver_of "$3"), not $1: $2"; return 1; }
}

# called LINE...: these calls, in this order, and no others.
called() { printf '%s\n' "$@" | diff - "$CALLED"; }

# wrote PATH VALUE: nothing else.
wrote() { diff <(echo "$1 $2") "$WRITES"; }

# Runs one command and demands its effect. Words of it in $word; which kind it was is noted in "kinds".
does() {
	local command=$1 own device kind module value path
	local by_hand='(modprobe vfio-pci && )?echo (vfio-pci )?> /sys/bus/pci/devices/([^/]+)/driver_override && '
	if [[ $command =~ ^$by_hand ]]; then
		device=${BASH_REMATCH[3]}
		own=$(driver_of "$device")
		[ "$own" != none ] || own=e1000e
		mkdir -p "$COPY/sys/bus/pci/drivers/e1000e"
		if [ -n "${BASH_REMATCH[1]}" ]; then
			kind=bind
			# No driver is taken away for one that does not come.
			: >"$STUBS/fail-modprobe"
			run_command "$command" || return 1
			rm "$STUBS/fail-modprobe"
			[ "$status" -ne 0 ] && [ ! -s "$WRITES" ] || { echo "without the module it goes on: $command"; return 1; }
			ends vfio-pci "$command" "$device" "$own" && called 'modprobe vfio-pci' || return 1
		else
			kind=bind_back
			rm -f "$COPY/sys/bus/pci/devices/$device/driver"
			ln -s "$COPY/sys/bus/pci/drivers/vfio-pci" "$COPY/sys/bus/pci/devices/$device/driver"
			own=e1000e
			ends e1000e "$command" "$device" e1000e || return 1
		fi
	elif [[ $command =~ ^'echo '([^ ]+)' > /sys/bus/pci/devices/'([^/]+)'/driver/unbind'$ ]]; then
		kind=unbind
		ends none "$command" "${BASH_REMATCH[2]}" x || return 1
	elif [[ $command =~ ^'echo '([^ ]+)' > /sys/bus/pci/drivers_probe'$ ]]; then
		kind=probe
		mkdir -p "$COPY/sys/bus/pci/drivers/e1000e"
		rm -f "$COPY/sys/bus/pci/devices/${BASH_REMATCH[1]}/driver"
		ends e1000e "$command" "${BASH_REMATCH[1]}" e1000e || return 1
	elif [[ $command =~ ^'modprobe '(vfio|iommufd|vfio_iommu_type1)' && echo '([0-9]+)' > '(/sys/module/.*)$ ]]; then
		kind=parameter
		module=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]} path=${BASH_REMATCH[3]}
		[[ $path == /sys/module/$module/parameters/* ]] || { echo "not of that module: $command"; return 1; }
		run_command "$command" && [ "$status" -eq 0 ] && called "modprobe $module" && wrote "$path" "$value" || return 1
	elif [[ $command =~ ^'echo 0 > '(/sys/module/vfio/parameters/enable_unsafe_noiommu_mode)$ ]]; then
		kind=noiommu
		run_command "$command" && [ "$status" -eq 0 ] && wrote "${BASH_REMATCH[1]}" 0 || return 1
	elif [[ $command =~ ^'groupadd -f vfio && usermod -aG vfio '([^ ]+)' && echo '.*' && udevadm control --reload && udevadm trigger '(/dev/[a-z0-9/]+)$ ]]; then
		kind=udev
		path=${BASH_REMATCH[2]} value=${BASH_REMATCH[1]}
		[ "$value" != '"${SUDO_USER:-$USER}"' ] || value=alice
		run_command "$command" && [ "$status" -eq 0 ] || return 1
		called 'groupadd -f vfio' "usermod -aG vfio $value" 'udevadm control --reload' "udevadm trigger $COPY$path" || return 1
		case $path in
		/dev/iommu) value='SUBSYSTEM=="misc", KERNEL=="iommu"' ;;
		/dev/vfio/devices/*) value="SUBSYSTEM==\"vfio-dev\", KERNEL==\"${path##*/}\"" ;;
		*) value="SUBSYSTEM==\"vfio\", KERNEL==\"${path##*/}\"" ;;
		esac
		grep -qxF "$value, GROUP=\"vfio\", MODE=\"0660\"" "$COPY"/etc/udev/rules.d/70-*.rules || { echo "no such rule: $value"; return 1; }
	elif [[ $command =~ ^'chmod 0666 '(/dev/[a-z/]+)$ ]]; then
		kind='chmod'
		run_command "$command" && [ "$(stat -c %a "$COPY${BASH_REMATCH[1]}")" = 666 ] || return 1
	elif [[ $command =~ ^'mkdir -p /dev'([a-z/]*)' && mknod -m '(0[0-7]+)' '(/dev/[a-z0-9/]+)' c '.*'/sys/class/'(.*)'/dev)'$ ]]; then
		kind=mknod
		run_command "$command" && [ "$status" -eq 0 ] || return 1
		called "mknod -m ${BASH_REMATCH[2]} $COPY${BASH_REMATCH[3]} c $(tr : ' ' <"$COPY/sys/class/${BASH_REMATCH[4]}/dev")" || return 1
	elif [[ $command =~ ^'usermod -aG '([a-z]+)' "${SUDO_USER:-$USER}"'$ ]]; then
		kind=group
		run_command "$command" && called "usermod -aG ${BASH_REMATCH[1]} alice" || return 1
	elif [[ $command =~ ^'mkdir -p /etc/systemd/system/'([a-z]+.service)'.d && printf ' ]]; then
		kind=memlock
		run_command "$command" && [ "$status" -eq 0 ] || return 1
		called 'systemctl daemon-reload' "systemctl restart ${BASH_REMATCH[1]}" || return 1
		diff <(printf '[Service]\nLimitMEMLOCK=infinity\n') "$COPY/etc/systemd/system/${BASH_REMATCH[1]}.d/memlock.conf" || return 1
	elif [[ $command =~ ^'driverctl '(set-override '0000:'[0-9a-f:.]+' vfio-pci'|unset-override '0000:'[0-9a-f:.]+)$ ||
		$command =~ ^modprobe' '(vfio|vfio-pci|vfio_iommu_type1|iommufd)$ ||
		$command =~ ^'ulimit '('-l unlimited'|'-n '[0-9]+)$ ||
		$command =~ ^modinfo' '(vfio|vfio-pci|vfio_iommu_type1|iommufd)$ ]]; then
		kind=${command%% *}
		run_command "$command" && [ "$status" -eq 0 ] && called "$command" || return 1
	elif [[ $command =~ ^(fuser' '-v|getfacl|zgrep' '(IOMMUFD_TEST|-w' 'CONFIG_[A-Z0-9_]+))' '/ ]]; then
		# The files it names are there.
		kind=${command%% *}
		run_command "$command" && [ "$status" -eq 0 ] && [ "$(wc -l <"$CALLED")" -eq 1 ] || return 1
		for path in $(tr ' ' '\n' <"$CALLED" | grep ^/); do
			# shellcheck disable=SC2086 # it may be a pattern
			ls $path >/dev/null || return 1
		done
	elif [[ $command == "find /sys/firmware/devicetree/base -name '#iommu-cells'" ]]; then
		kind=device_tree
		mkdir -p "$COPY/sys/firmware/devicetree/base/smmu" && : >"$COPY/sys/firmware/devicetree/base/smmu/#iommu-cells"
		run_command "$command" && grep -q 'smmu/#iommu-cells$' "$BATS_TEST_TMPDIR/ran" || return 1
	elif [[ $command =~ ^'dmesg | grep ' ]]; then
		kind=dmesg
		run_command "$command" && [ "$status" -eq 0 ] && [ -s "$BATS_TEST_TMPDIR/ran" ] || return 1
	elif [[ $command == 'dmesg | vfio-nestctl decode --log=-' ]]; then
		kind=decode_log
		run_command "$command" && grep -q 00:02.0 "$BATS_TEST_TMPDIR/ran" || return 1
	elif [[ $command =~ ^'vfio-nestctl probe '([0-9a-f]{4}:[0-9a-f:.]+|/dev/vfio/[0-9]+)$ ]]; then
		# No tree can be probed: show finds what it names.
		kind=ask
		run_command "vfio-nestctl show ${BASH_REMATCH[1]#/dev/vfio/}" && grep -q '^Device\|^Group' "$BATS_TEST_TMPDIR/ran" || return 1
	elif [[ $command =~ ^vfio-nestctl' '(list|show|decode|roundtrip) ]]; then
		kind=nestctl
		# It is no usage error: the stub fails for that.
		run_command "$command" && [ "$status" -eq 0 ] || return 1
	else
		echo "nobody has said what this is for: $command"
		return 1
	fi
	echo "$kind" >>"$BATS_TEST_TMPDIR/kinds"
}

# all_do: every command that was printed so far, on a fresh copy of the machine, does what it is for. What was run
# before in this test is not run again.
all_do() {
	local line
	needs_tracing
	sort -u "$BATS_TEST_TMPDIR/all" | comm -23 - <(sort "$BATS_TEST_TMPDIR/done") >"$BATS_TEST_TMPDIR/each"
	while IFS= read -r line; do
		copy
		does "$line" || { echo "did not do: $line"; cat "$BATS_TEST_TMPDIR/ran"; return 1; }
	done <"$BATS_TEST_TMPDIR/each"
	cat "$BATS_TEST_TMPDIR/each" >>"$BATS_TEST_TMPDIR/done"
	: >"$BATS_TEST_TMPDIR/all"
}

# saw KIND...: commands of these kinds were among them.
saw() {
	local kind
	for kind; do
		grep -qx "$kind" "$BATS_TEST_TMPDIR/kinds" || { echo "no command of the kind $kind was printed"; return 1; }
	done
}

setup() {
	: >"$BATS_TEST_TMPDIR/all"
	: >"$BATS_TEST_TMPDIR/kinds"
	: >"$BATS_TEST_TMPDIR/done"
}

# ---- tests ----

@test "check: every command on every machine, for every purpose" {
	local machine purpose
	for machine in "$ROOT"/tests/machines/*.machine; do
		machine=${machine##*/}
		machine "${machine%.machine}"
		for purpose in passthrough nested sva; do
			printed check --for $purpose
		done
		all_do
	done
	saw modinfo dmesg nestctl
}

@test "check: devices that are bound elsewhere, or to nothing, and neighbours that are" {
	machine $READY \
		'device 0000:16:00.2 parent=0000:15:01.0 id=15b3:a2dc class=020000 driver=mlx5_core group=12 unit=dmar0' \
		'device 0000:16:00.3 parent=0000:15:01.0 id=15b3:a2dc class=020000 driver=e1000e group=12 unit=dmar0'
	printed check 16:00.1
	printed check 00:1f.0
	printed check 15:01.0
	all_do
	saw driverctl bind bind_back unbind
}

@test "check: an AMD host whose interrupts are not remapped, and a machine with a device tree" {
	machine amd-desktop 'file proc/interrupts "  CPU0\n 25: 0 PCI-MSI 4096-edge AMD-Vi\n 26: 1 PCI-MSI 524288-edge nvme0q0\n"'
	printed check --for passthrough
	grep -qF "'AMD-Vi: Interrupt'" "$BATS_TEST_TMPDIR/all"
	all_do
	machine none-unknown 'file sys/firmware/devicetree/base/model "a board"'
	printed check
	all_do
	saw dmesg device_tree
}

@test "check: modules, parameters, limits, nodes, tables and logs" {
	local limits='Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         8388608              8388608              bytes\n'
	machine $READY 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' 'remove sys/module/vfio_pci' \
		'file lib/modules/6.12.0/modules.dep "kernel/drivers/iommu/iommufd/iommufd.ko:\nkernel/drivers/vfio/pci/vfio-pci.ko:\n"' \
		'file lib/modules/6.12.0/kernel/drivers/iommu/iommufd/iommufd.ko ""' \
		'file sys/module/vfio/parameters/enable_unsafe_noiommu_mode "Y\n"' \
		'file sys/module/vfio_iommu_type1/parameters/dma_entry_limit "4096\n"' \
		"file proc/812/limits \"$limits\"" 'file sys/fs/cgroup/system.slice/libvirtd.service/cgroup.procs "812\n"' \
		"file proc/self/limits \"$limits\"" 'file proc/self/status "Uid:\t1\t1\t1\t1\n"' \
		'file dev/kmsg "4,9,9,-;DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] PTE Read access is not set\n"' \
		'dmar flags=0x01 width=52 scope="dmar0 16:00.0" atsr="15:01.0" sidp="1 17:00.0"'
	printed -v check --for passthrough --memory 16G --service libvirtd
	printed -v check --for nested --memory 16G
	all_do
	saw modprobe noiommu parameter memlock ulimit decode_log nestctl
	machine $READY 'file etc/passwd "qemu:x:64055:64055::/:/bin/sh\n"' 'file dev/iommu ""' 'file dev/vfio/vfio ""' 'file dev/vfio/11 ""' \
		'file dev/vfio/devices/vfio0 ""' 'group 11 node=236:0'
	chmod 600 "$TREE"/dev/vfio/vfio
	printed check --for passthrough --user qemu 16:00.0
	printed check --for nested --user qemu 16:00.0
	all_do
	saw udev chmod
	machine $READY 'file @dmar0/intel-iommu/ecap "3ef9ea6f050d7\n"' 'remove proc/interrupts' 'remove dev/kmsg'
	printed check --for passthrough
	printed check --for nested
	all_do
	[ "$(grep -cx parameter "$BATS_TEST_TMPDIR/kinds")" -ge 3 ]
}

@test "probe: a device that vfio-pci does not have, nodes that do not open, modules that are not there" {
	local EDU=0000:00:01.0
	fake iommufd-nested "device=$EDU model=edu driver=igb group=12"
	printed probe $EDU
	all_do
	saw driverctl bind bind_back
	fake stock-6.1 "device=$EDU model=edu driver=none group=12"
	printed probe $EDU
	all_do
	fake eacces
	printed probe $EDU
	all_do
	saw chmod udev
	fake stock-6.1 'node=/dev/vfio/vfio open=ENOENT'
	printed probe $EDU
	fake iommufd-nested 'node=/dev/iommu open=ENOENT' 'node=/dev/vfio/12 open=ENOENT'
	printed probe $EDU
	fake no-nodes
	printed probe
	all_do
	saw mknod
	fake stock-6.1 isolated_msi=0
	printed probe $EDU
	fake iommufd-nested isolated_msi=0
	printed probe $EDU
	all_do
	saw parameter
	fake iommufd-nested 'device=0000:00:02.0 model=none driver=e1000e group=12'
	printed probe $EDU
	fake iommufd-nested "device=$EDU model=edu group=12 busy=1"
	printed probe $EDU
	all_do
	saw nestctl fuser
}

@test "roundtrip: what it prints in every state in which it cannot begin" {
	local EDU=0000:00:01.0 driver conf
	for driver in igb none; do
		fake iommufd-nested "device=$EDU model=edu driver=$driver group=12"
		printed roundtrip $EDU
		all_do
	done
	saw bind bind_back driverctl
	fake stock-6.1 'device=0000:00:02.0 model=none driver=e1000e group=12' 'device=0000:00:03.0 model=none driver=e1000e group=12'
	printed roundtrip $EDU
	all_do
	saw unbind probe
	for conf in stock-6.1 iommufd-nested; do
		fake $conf memlock=4096
		printed roundtrip $EDU
		fake $conf isolated_msi=0
		printed roundtrip $EDU
		fake $conf "device=$EDU model=edu group=12 busy=1"
		printed roundtrip $EDU
		all_do
	done
	saw ulimit dmesg parameter fuser
	for conf in eacces noiommu spapr no-nodes; do
		fake $conf
		printed roundtrip $EDU
		all_do
	done
	fake stock-6.1
	printed roundtrip 0000:00:1f.7
	printed roundtrip 12
	printed roundtrip --mock
	fake iommufd-nested 'node=/dev/iommu mode=0600 open=EACCES' 'node=/dev/vfio/12 mode=0600 open=EACCES'
	printed roundtrip $EDU
	all_do
	saw udev noiommu nestctl
}

@test "every command of the table of errnos" {
	TREE=$("$ROOT/tests/mktree" $READY "$BATS_TEST_TMPDIR/tree" >/dev/null && echo "$BATS_TEST_TMPDIR/tree")
	"$ROOT/build/tests/unit/test_remedy" --list >"$BATS_TEST_TMPDIR/all"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/all")" -ge 10 ]
	all_do
	saw ask chmod dmesg fuser udev modprobe parameter ulimit nestctl
}

@test "only remedy.c and remedy.h have commands" {
	run ! grep -nE '"[^"]*(modprobe |driverctl |echo |chmod |usermod |groupadd |udevadm |[^-]ulimit |fuser |getfacl |modinfo |zgrep |systemctl |mknod |dmesg \||driver/unbind|drivers_probe)' \
		"$ROOT"/lib/[!r]*.[ch] "$ROOT"/lib/r[!e]*.[ch] "$ROOT"/lib/re[!m]*.[ch] "$ROOT"/vfio-nestctl.c
}

@test "names of the machine that a shell would obey are words of its commands" {
	needs_tracing
	local name line
	local -a evil=()
	for name in '0000:16:00.7;reboot' '0000:16:00.7\nreboot' '0000:16:00.7$(reboot)' "0000:16:00.7'reboot" '0000:16:00.7`reboot`'; do
		evil+=("link \"sys/bus/pci/devices/$name\" ../../../devices/pci0000:15/0000:15:01.0/0000:16:00.7"
			"link \"sys/kernel/iommu_groups/11/devices/$name\" ../../../../devices/pci0000:15/0000:15:01.0/0000:16:00.7")
	done
	machine $READY 'device 0000:16:00.7 parent=0000:15:01.0 id=15b3:a2dc class=020000 driver=e1000e group=11 unit=dmar0' "${evil[@]}"
	printed check 16:00.0
	[ "$(grep -c reboot "$BATS_TEST_TMPDIR/all")" -ge 10 ]
	copy
	while IFS= read -r line; do
		run_command "$line" || :
		! grep -q '^reboot' "$CALLED" || { echo "it reboots: $line"; return 1; }
		[[ $line != driverctl* ]] || [ "$(wc -l <"$CALLED")" -eq 1 ]
	done <"$BATS_TEST_TMPDIR/all"
}
