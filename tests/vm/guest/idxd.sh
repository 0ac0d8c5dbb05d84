# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# monitor: ttyS3
#
# Guest script: Linux's own driver (idxd) on the emulator's DSA, and the kernel's test of copies (dmatest): once
# for each of two work queues, once more after all was disabled and enabled again, and at last with a device that
# copies nothing, which the test is to notice.

# shellcheck source=lib.sh
. /lib.sh
target=$(device 8086 11fb)
capture root truth/log dmesg
bus=/sys/bus/dsa
dmatest=/sys/module/dmatest/parameters
capture root truth/target "echo $target; basename \$(readlink /sys/bus/pci/devices/$target/driver)"

# attributes NAME: of a device or work queue, as idxd shows them
attributes()
{
	capture root "$1" "cd $bus/devices/${1##*/} && grep -H . version gen_cap op_cap max_* state errors cmd_status \
		configurable size mode type group_id pasid_enabled 2>/dev/null"
}

# queue NUMBER ENGINE: a dedicated one for the kernel in a group of its own, with one engine
queue()
{
	cd $bus/devices/ || return 1
	echo "$1" >"engine0.$1/group_id"
	echo "$1" >"wq0.$1/group_id"
	echo dedicated >"wq0.$1/mode"
	echo 16 >"wq0.$1/size"
	echo 10 >"wq0.$1/priority"
	echo kernel >"wq0.$1/type"
	echo dmaengine >"wq0.$1/name"
	echo dmaengine >"wq0.$1/driver_name"
}

# set_up FOLDER: the device, then its work queues
set_up()
{
	queue 0 2>"/tmp/$1" && queue 1 2>>"/tmp/$1"
	capture root "$1/configure" "cat /tmp/$1"
	capture root "$1/device" "echo dsa0 >$bus/drivers/idxd/bind"
	for wq in wq0.0 wq0.1; do
		capture root "$1/bind-$wq" "echo $wq >$bus/drivers/dmaengine/bind"
		attributes "$1/$wq"
	done
	attributes "$1/dsa0"
}

# copies FOLDER CHANNEL COUNT: of random offset and length; dmatest compares all of the buffers
copies()
{
	dmesg -c >/dev/null
	echo 2000 >$dmatest/timeout
	echo "$3" >$dmatest/iterations
	echo "$2" >$dmatest/channel
	capture root "$1/run" "echo 1 >$dmatest/run; cat $dmatest/wait"
	capture root "$1/$2" 'dmesg'
	echo 0 >$dmatest/run
}

set_up first
copies first dma0chan0 1000
copies first dma0chan1 1000
capture root off/wq "echo wq0.0 >$bus/drivers/dmaengine/unbind; echo wq0.1 >$bus/drivers/dmaengine/unbind"
capture root off/device "echo dsa0 >$bus/drivers/idxd/unbind"
attributes off/dsa0
set_up again
copies again dma0chan0 1000
capture root broken/switch "echo no-copy"
broken dsa no-copy >/out/broken/switch.err && copies broken dma0chan0 4
