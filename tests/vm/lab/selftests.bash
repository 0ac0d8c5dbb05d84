# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For build-kernel: the kernel's own selftests of vfio, from the same source, for the guest script selftests.sh. They
# are GPL-2.0 only and none of ours, so they are made in the cache and stay there.

selftests=(vfio_pci_driver_test vfio_dma_mapping_test vfio_iommufd_setup_test vfio_pci_device_test)

# build_selftests SOURCE BUILD OUT: SOURCE's, with the headers of BUILD, as static programs in OUT.
build_selftests() {
	local source=$1 build=$2 out=$3 test file
	local tests=$source/tools/testing/selftests
	local -a includes=(-isystem "$build/usr/include" -I "$tests" -I "$tests/vfio/lib/include"
		-I "$source/tools/include" -I "$source/tools/arch/x86/include")
	local -a common=()

	need /usr/include/uuid/uuid.h uuid-dev
	# It maps 1 GiB and touches it, which takes an emulated processor longer than each test may.
	file=$tests/vfio/vfio_pci_driver_test.c
	[[ $(grep -c 'memcpy_region, SZ_1G' "$file") -eq 1 ]] || die "$file is not what it was"
	sed -i 's/memcpy_region, SZ_1G/memcpy_region, SZ_16M/' "$file"

	mkdir -p "$out"
	for file in iommu iova_allocator libvfio sysfs vfio_pci_device vfio_pci_driver \
		drivers/{ioat/ioat,dsa/dsa,nv_falcon/nv_falcon,igb/igb}; do
		common+=("$out/${file##*/}.o")
		logged gcc -O2 -D_GNU_SOURCE= "${includes[@]}" -c "$tests/vfio/lib/$file.c" -o "$out/${file##*/}.o"
	done
	for test in "${selftests[@]}"; do
		logged gcc -O2 -D_GNU_SOURCE= "${includes[@]}" "$tests/vfio/$test.c" "${common[@]}" \
			-static -pthread -luuid -o "$out/$test"
	done
	rm -- "${common[@]}"
}
