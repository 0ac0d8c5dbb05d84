# SPDX-License-Identifier: GPL-2.0-or-later
#
# fish completion of vfio-nestctl.

# The words before the cursor that are neither options nor their values: the program, the command, its
# arguments.
function __vfio_nestctl_words
    set -l takes --format --color --enumerate --sysroot --from --transcript -o --output -x --sort --iommu --driver --class \
        -s --slot -d --id \
        --min-uapi-version --as --with --log --backend --pasid --vf-token --iterations --cpu --samples --for --device --require --policy \
        --user --memory --devices --service -t --timeout
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

function __vfio_nestctl_decode_table
    set -l words (__vfio_nestctl_words)
    __vfio_nestctl_argument decode 1; and contains -- "$words[3]" dmar ivrs iort viot
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
    set -l before (string match -r '^(?:.*,|\+)' -- (commandline -ct | string replace -r '^--output=' ''))
    vfio-nestctl list -o help 2>/dev/null | string replace -r '^ *(\S+) +' "$before"'$1\t'
    test -z "$before"; and printf 'help\tlist the columns\n'
end

function __vfio_nestctl_sort_columns
    vfio-nestctl list -o help 2>/dev/null | string replace -r '^ *(\S+) +' '$1\t'
end

function __vfio_nestctl_requirements
    vfio-nestctl check --require help 2>/dev/null | string replace -r '^ *(\S+) +' '$1\t'
    printf 'help\tlist the names\n'
end

# The formats of the command, or without one of any.
function __vfio_nestctl_formats
    if __vfio_nestctl_command list
        printf '%s\n' human json dot
    else if __vfio_nestctl_command check
        printf '%s\n' human json tap junit prometheus nfd
    else if __vfio_nestctl_command roundtrip
        printf '%s\n' human json tap junit
    else if __vfio_nestctl_command report
        printf '%s\n' human json html
    else if __vfio_nestctl_command show probe decode diff
        printf '%s\n' human json
    else
        printf '%s\n' human json tap junit prometheus nfd dot html
    end
end

complete -c vfio-nestctl -f

complete -c vfio-nestctl -n __vfio_nestctl_command -a list -d 'List devices with their IOMMU group, unit and driver'
complete -c vfio-nestctl -n __vfio_nestctl_command -a show -d 'Explain one device, IOMMU group or IOMMU unit'
complete -c vfio-nestctl -n __vfio_nestctl_command -a probe -d 'Ask the kernel whether user space can select nesting'
complete -c vfio-nestctl -n __vfio_nestctl_command -a check -d 'Check whether this host is ready, and say what to fix'
complete -c vfio-nestctl -n __vfio_nestctl_command -a roundtrip -d 'Prove with DMA that nesting works on one device'
complete -c vfio-nestctl -n __vfio_nestctl_command -a decode -d 'Decode registers, ACPI tables or a kernel log'
complete -c vfio-nestctl -n __vfio_nestctl_command -a report -d 'Write a JSON document for a bug report'
complete -c vfio-nestctl -n __vfio_nestctl_command -a diff -d 'Show what changed between two reports, or since a report'
complete -c vfio-nestctl -n __vfio_nestctl_command -a help -d 'Print the options of a command'
complete -c vfio-nestctl -n '__vfio_nestctl_argument help 0' -a 'list show probe check roundtrip decode report diff'

complete -c vfio-nestctl -s J -l json -d 'Print JSON'
complete -c vfio-nestctl -l format -x -a '(__vfio_nestctl_formats)' -d 'Output format'
complete -c vfio-nestctl -l sysroot -x -a '(__fish_complete_directories)' -d 'Use sysfs and procfs below a folder'
complete -c vfio-nestctl -l from -r -F -d 'Read a report instead of this host'
complete -c vfio-nestctl -l transcript -r -F -d 'Write each call on a device node to a file'
complete -c vfio-nestctl -l color -x -a 'auto always never' -d 'When to use color'
complete -c vfio-nestctl -s v -l verbose -d 'Explain; twice: explain more'
complete -c vfio-nestctl -s q -l quiet -d 'Print no messages'
complete -c vfio-nestctl -s h -l help -d 'Print the options'
complete -c vfio-nestctl -l usage -d 'Print the names of the options'
complete -c vfio-nestctl -s V -l version -d 'Print the version'

complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l groups -d 'Print one line per IOMMU group'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s T -l tree -d 'Print a tree of units, groups and devices'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s o -l output -x -a '(__vfio_nestctl_columns)' -d 'Show these columns'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s O -l output-all -d 'Show all columns'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s x -l sort -x -a '(__vfio_nestctl_sort_columns)' -d 'Sort by this column'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s n -l noheadings -d 'Print no headings'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s r -l raw -d 'Print values without blanks'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s P -l pairs -d 'Print NAME="value" pairs'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s s -l slot -x -a '(__vfio_nestctl_devices)' -d 'Only these PCI addresses'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -s d -l id -x -a '(__vfio_nestctl_column -o ID)' -d 'Only these PCI numbers'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l iommu -x -a 'vt-d amd smmuv3 smmu virtio riscv s390 dart soc mock other (__vfio_nestctl_units)' -d 'Only behind this unit or kind of unit'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l driver -x -a 'none (__vfio_nestctl_column -o DRIVER)' -d 'Only bound to this driver'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l class -x -d 'Only of this PCI class'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l nestable -d 'Only behind an IOMMU that supports nesting'
complete -c vfio-nestctl -n '__vfio_nestctl_command list' -l enumerate -x -a 'sysfs udev' -d 'Find devices by sysfs or udev'

complete -c vfio-nestctl -n '__vfio_nestctl_command show' -l wake -d 'Read config space of a suspended device; wakes it'
complete -c vfio-nestctl -n '__vfio_nestctl_argument show 0' -a '(__vfio_nestctl_devices; __vfio_nestctl_groups; __vfio_nestctl_units)'

complete -c vfio-nestctl -n '__vfio_nestctl_command probe' -l min-uapi-version -x -d 'Lowest IOMMU uAPI version to accept'
complete -c vfio-nestctl -n '__vfio_nestctl_command probe' -l as -x -a 'qemu-2020 qemu-11' -d 'Tell what this program would do'
complete -c vfio-nestctl -n '__vfio_nestctl_command probe' -l with -x -d 'Ask qemu-11 for these properties'
complete -c vfio-nestctl -n '__vfio_nestctl_argument probe 0' -a '(__vfio_nestctl_devices; __vfio_nestctl_groups)'

complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l for -x -a 'passthrough nested sva' -d 'Purpose'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l device -x -a '(__vfio_nestctl_devices)' -d 'Check this device'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l require -x -a '(__vfio_nestctl_requirements)' -d 'Require this'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l policy -r -F -d 'Read requirements from a file'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l probe -d 'Also ask the kernel; opens device nodes'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l user -x -a '(__fish_complete_users)' -d 'Check access to device nodes for this user'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l memory -x -d 'Check that a guest of this size can be pinned'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l devices -x -d 'Number of devices of that guest'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l service -x -d 'Use the limits of this systemd service'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -l nagios -d 'Print one line, and exit like a Nagios plugin'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -s t -l timeout -x -d 'With --nagios: give up after SECONDS'
complete -c vfio-nestctl -n '__vfio_nestctl_command check' -a '(__vfio_nestctl_devices)'

complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l backend -x -a 'iommufd rfc-version nesting-op type1v2 type1 compat-type1v2 compat-type1' -d 'Use this backend'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l pasid -x -d 'Tag DMA with this PASID'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l vf-token -x -d 'Open virtual functions with this token'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l iterations -x -d 'Time rounds of map, unmap and invalidate'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l cpu -x -d 'Run on this CPU alone'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l samples -r -d 'Write each sample to a file'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l mock -d 'Use the mock device of the kernel'
complete -c vfio-nestctl -n '__vfio_nestctl_command roundtrip' -l strict -d 'Treat deviations from the specification as failures'
complete -c vfio-nestctl -n '__vfio_nestctl_argument roundtrip 0' -a '(__vfio_nestctl_devices)'
complete -c vfio-nestctl -n '__vfio_nestctl_argument roundtrip 1' -a '(__vfio_nestctl_devices)'

complete -c vfio-nestctl -n '__vfio_nestctl_command decode' -l log -r -F -d 'Read a kernel log'
complete -c vfio-nestctl -n '__vfio_nestctl_argument decode 0' -a 'vt-d\t"VT-d CAP ECAP" amd\t"AMD EFR[:EFR2]" smmuv3\t"SMMUv3 IDR0 IDR1 IDR3 IDR5 [IIDR]" dmar\t"ACPI DMAR table" ivrs\t"ACPI IVRS table" iort\t"ACPI IORT table" viot\t"ACPI VIOT table"'
complete -c vfio-nestctl -n __vfio_nestctl_decode_table -F

complete -c vfio-nestctl -n '__vfio_nestctl_command report' -s o -l output -r -F -d 'Write to a file'
complete -c vfio-nestctl -n '__vfio_nestctl_command report' -l probe -d 'Also ask the kernel; opens device nodes'
complete -c vfio-nestctl -n '__vfio_nestctl_command report' -l redact -d 'Remove what identifies the machine'
complete -c vfio-nestctl -n '__vfio_nestctl_command report' -l no-redact -d 'Keep everything'
complete -c vfio-nestctl -n '__vfio_nestctl_argument diff 0; or __vfio_nestctl_argument diff 1' -F
