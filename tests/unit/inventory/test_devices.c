// SPDX-License-Identifier: GPL-2.0-or-later
/* What the class and the driver of a device say, without a look at its files. */
#include "test.h"

#include "inventory/devices.h"

static bool is_bridge(uint32_t pci_class)
{
	struct nest_device dev = { .bus = NEST_BUS_PCI, .have_ids = true, .pci_class = pci_class };

	return nest_device_is_bridge(&dev);
}

TEST(bridges, "bridges between PCI buses are bridges, other classes and unknown ones are not")
{
	struct nest_device dev = { .bus = NEST_BUS_PCI, .pci_class = 0x060400 };

	CHECK(is_bridge(0x060400));
	CHECK(is_bridge(0x060401));  /* subtractive decode */
	CHECK(is_bridge(0x060940));  /* semi-transparent */
	CHECK(!is_bridge(0x060000)); /* to the host */
	CHECK(!is_bridge(0x060100)); /* to ISA */
	CHECK(!is_bridge(0x020000));
	CHECK(!nest_device_is_bridge(&dev)); /* class not known */
	dev.have_ids = true;
	dev.bus = NEST_BUS_PLATFORM;
	CHECK(!nest_device_is_bridge(&dev));
}

TEST(vfio_drivers, "a VFIO driver has vfio as a word of its name")
{
	CHECK(nest_driver_is_vfio("vfio-pci"));
	CHECK(nest_driver_is_vfio("mlx5_vfio_pci"));
	CHECK(nest_driver_is_vfio("vfio_ap"));
	CHECK(nest_driver_is_vfio("nvgrace-gpu-vfio-pci"));
	CHECK(!nest_driver_is_vfio("novfio"));
	CHECK(!nest_driver_is_vfio("vfiox"));
	CHECK(!nest_driver_is_vfio("mlx5_core"));
	CHECK(!nest_driver_is_vfio(NULL));
}

int main(void)
{
	return test_main();
}
