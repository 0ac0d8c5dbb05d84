# SPDX-License-Identifier: GPL-2.0-or-later
#
# fish completion of vfio-nestctl.

# The words before the cursor that are neither options nor their values: the program, the command, its
# arguments.
function __vfio_nestctl_words
    set -l takes --format --color --sysroot --from --transcript -o --output --iommu --driver --class \
        --min-uapi-version --as --log --backend --pasid --iterations --for --device --require --policy \
        --user --memory --devices --service
    set -l skip 0
    for word in (commandline -opc)
        if test $skip = 1
            set skip 0
        else if contains -- $word $takes
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# True if the command is one of these; without any, if none was given.
function __vfio_nestctl_command
    set -l words (__vfio_nestctl_words)
    if test (count $argv) -eq 0
        test (count $words) -eq 1
    else
        contains -- "$words[2]" $argv
    end
end

# True if the command is this one and has so many arguments.
function __vfio_nestctl_argument -a command count
    set -l words (__vfio_nestctl_words)
    test "$words[2]" = $command; and test (count $words) -eq (math $count + 2)
end

function __vfio_nestctl_decode_dmar
    set -l words (__vfio_nestctl_words)
    __vfio_nestctl_argument decode 1; and test "$words[3]" = dmar
end

# The table that list prints of this host (or of the --sysroot or --from on the line).
function __vfio_nestctl_table
    set -l words (commandline -opc)
    set -l sysroot
    for i in (seq (count $words))
        if contains -- "$words[$i]" --sysroot --from; and set -q words[(math $i + 1)]
            set sysroot $words[$i] $words[(math $i + 1)]
        else if string match -qr -- '^--(sysroot|from)=' "$words[$i]"
            set sysroot $words[$i]
        end
    end
    # Without an IOMMU there is a sentence instead of a table, and a status other than 0.
    set -l table (vfio-nestctl $sysroot -q list --noheadings $argv 2>/dev/null)
    and printf '%s\n' $table
end

# One column of it, each word once.
function __vfio_nestctl_column
    __vfio_nestctl_table $argv | awk '$1 != "unknown" && $1 != "none" && !seen[$1]++ { print $1 }'
end

function __vfio_nestctl_devices
    __vfio_nestctl_table -o DEVICE,NAME | string replace -r '^(\S+) *' '$1\t'
end

function __vfio_nestctl_groups
    printf '%s\n' (__vfio_nestctl_column --groups -o GROUP)\tgroup
end

function __vfio_nestctl_units
    printf '%s\n' (__vfio_nestctl_column -o IOMMU)\tunit
end

# COLUMN,... : what is there already stays in front.
function __vfio_nestctl_columns
    set -l before (string match -r '^.*,' -- (commandline -ct | string replace -r '^--output=' ''))
    vfio-nestctl list -o help 2>/dev/null | string replace -r '^ *(\S+) +' "$before"'$1\t'
    test -z "$before"; and printf 'help\tlist the columns\n'
end

# The formats of the command, or without one of any.
function __vfio_nestctl_formats
    if __vfio_nestctl_command list
        printf '%s\n' human json dot
    else if __vfio_nestctl_command check
        printf '%s\n' human json tap junit prometheus nfd
    else if __vfio_nestctl_command roundtrip
        printf '%s\n' human json tap junit
    else if __vfio_nestctl_command show probe decode report diff
        printf '%s\n' human json
    else
        printf '%s\n' human json tap junit prometheus nfd dot
    end
end

complete -c vfio-nestctl -f

complete -c vfio-nestctl -n __vfio_nestctl_command -a list -d 'Devices, groups and units, and whether they nest'
complete -c vfio-nestctl -n __vfio_nestctl_command -a show -d 'Everything known of one device, group or unit'
complete -c vfio-nestctl -n __vfio_nestctl_command -a probe -d 'Ask the kernel what it offers'
complete -c vfio-nestctl -n __vfio_nestctl_command -a check -d 'Is this host ready, and what to do if not'
complete -c vfio-nestctl -n __vfio_nestctl_command -a roundtrip -d 'Prove on one device that nesting works'
complete -c vfio-nestctl -n __vfio_nestctl_command -a decode -d 'Explain registers, tables and logs'
complete -c vfio-nestctl -n __vfio_nestctl_command -a report -d 'Write what to attach to a bug report'
complete -c vfio-nestctl -n __vfio_nestctl_command -a diff -d 'What changed between two reports, or since one'

complete -c vfio-nestctl -l json -d 'Print one JSON document'
complete -c vfio-nestctl -l format -x -a '(__vfio_nestctl_formats)' -d 'Format of the output'
complete -c vfio-nestctl -l sysroot -x -a '(__fish_complete_directories)' -d 'Read sysfs and procfs below a folder'
complete -c vfio-nestctl -l from -r -F -d 'Ask a report instead of this host'
complete -c vfio-nestctl -l transcript -r -F -d 'Write each call on a device node to a file'
complete -c vfio-nestctl -l color -x -a 'auto always never' -d 'When to color'
complete -c vfio-nestctl -s v -l verbose -d 'Explain what is done; twice for more'
complete -c vfio-nestctl -s q -l quiet -d 'No diagnostics'
complete -c vfio-nestctl -s '?' -l help -d 'Print the options'
complete -c vfio-nestctl -l usage -d 'Print the options in short'
complete -c vfio-nestctl -s V -l version -d 'Print the version'

complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l groups -d 'One line a group'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l tree -d 'Units, their groups, their devices'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s o -l output -x -a '(__vfio_nestctl_columns)' -d 'Columns to show'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l noheadings -d 'No line of headings'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l iommu -x -a 'vt-d amd smmuv3 smmu virtio mock other (__vfio_nestctl_units)' -d 'Only behind this unit or kind of unit'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l driver -x -a 'none (__vfio_nestctl_column -o DRIVER)' -d 'Only bound to this driver'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l class -x -d 'Only of this PCI class'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l nestable -d 'Only behind hardware that nests'

complete -c vfio-nestctl -n '__vfio_nestctl_command show' -l wake -d 'Read the config space of a sleeping device too'
complete -c vfio-nestctl -n '__vfio_nestctl_argument show 0' -a '(__vfio_nestctl_devices; __vfio_nestctl_groups; __vfio_nestctl_units)'

complete -c vfio-nestctl -n '__vfio_nestctl_command probe' -l min-uapi-version -x -d 'Least version of the nesting uAPI'
complete -c vfio-nestctl -n '__vfio_nestctl_command probe' -l as -x -a qemu-2020 -d 'What it would have selected'
complete -c vfio-nestctl -n '__vfio_nestctl_argument probe 0' -a '(__vfio_nestctl_devices; __vfio_nestctl_groups)'

complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l for -x -a 'passthrough nested sva' -d 'What for'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l device -x -a '(__vfio_nestctl_devices)' -d 'About this device'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l require -x -d 'Demand this'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l policy -r -F -d 'Demand what a file has'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l probe -d 'Ask the kernel as well, as probe does'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l user -x -a '(__fish_complete_users)' -d 'Whether this user may open the nodes'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l memory -x -d 'Size of a guest'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l devices -x -d 'How many devices the guest has'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l service -x -d 'By the limits of this service'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l nagios -d 'One line, and the status of a Nagios plugin'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -a '(__vfio_nestctl_devices)'

complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l backend -x -a 'iommufd rfc-version nesting-op type1v2 type1 compat-type1v2 compat-type1' -d 'Way into the kernel'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l pasid -x -d 'Attach to this PASID too'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l iterations -x -d 'Measure so many times'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l mock -d 'On the mock device of the kernel'
complete -c vfio-nestctl -n '__vfio_nestctl_argument roundtrip 0' -a '(__vfio_nestctl_devices)'

complete -c vfio-nestctl -n '__vfio_nestctl_command decode' -l log -r -F -d 'Read a kernel log'
complete -c vfio-nestctl -n '__vfio_nestctl_argument decode 0' -a 'vt-d\t"VT-d CAP ECAP" amd\t"AMD EFR[:EFR2]" smmuv3\t"SMMUv3 IDR0 IDR1 IDR3 IDR5" dmar\t"ACPI DMAR table"'
complete -c vfio-nestctl -n __vfio_nestctl_decode_dmar -F

complete -c vfio-nestctl -n '__vfio_nestctl_command report' -s o -l output -r -F -d 'Write to a file'
complete -c vfio-nestctl -n '__vfio_nestctl_command report' -l probe -d 'Ask the kernel as well, as probe does'
complete -c vfio-nestctl -n '__vfio_nestctl_command report' -l redact -d 'Take out what identifies the machine'
complete -c vfio-nestctl -n '__vfio_nestctl_command report' -l no-redact -d 'Leave all in'
complete -c vfio-nestctl -n '__vfio_nestctl_argument diff 0; or __vfio_nestctl_argument diff 1' -F
