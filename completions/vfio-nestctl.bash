# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bash completion of vfio-nestctl. Needs nothing of bash-completion.

# What this host (or the --sysroot or --from on the line) shows in one column, each once.
_vfio_nestctl_column() {
	local table

	# Without an IOMMU there is a sentence instead of a table, and a status other than 0.
	table=$("$program" "${sysroot[@]}" -q list --noheadings "$@" 2>/dev/null) || return 0
	awk '$1 != "unknown" && $1 != "none" && !seen[$1]++ { print $1 }' <<<"$table"
}

_vfio_nestctl_devices() {
	_vfio_nestctl_column -o DEVICE
}

_vfio_nestctl_groups() {
	_vfio_nestctl_column --groups -o GROUP
}

_vfio_nestctl_units() {
	_vfio_nestctl_column -o IOMMU
}

# The options whose value is the next word.
_vfio_nestctl_takes_value() {
	case $1 in
	--format | --color | --enumerate | --sysroot | --from | --transcript | -o | --output | -x | --sort | --samples | --iommu | --driver | --class) ;;
	-s | --slot | -d | --id) ;;
	--min-uapi-version | --as | --with | --log | --backend | --pasid | --vf-token | --iterations | --cpu) ;;
	--for | --device | --require | --policy | --user | --memory | --devices | --service | -t | --timeout) ;;
	*) return 1 ;;
	esac
}

# The formats of a command, or without one of any.
_vfio_nestctl_formats() {
	case $1 in
	list) printf '%s\n' human json dot ;;
	check) printf '%s\n' human json tap junit prometheus nfd ;;
	roundtrip) printf '%s\n' human json tap junit ;;
	report) printf '%s\n' human json html ;;
	show | probe | decode | diff) printf '%s\n' human json ;;
	*) printf '%s\n' human json tap junit prometheus nfd dot html ;;
	esac
}

# Words that may be the value of an option; none for a free one.
_vfio_nestctl_values() {
	case $1 in
	--format) _vfio_nestctl_formats "$command" ;;
	--color) printf '%s\n' auto always never ;;
	--enumerate) printf '%s\n' sysfs udev ;;
	--sysroot) compgen -d -- "$cur" ;;
	--transcript | --samples | --from | --log | --policy) compgen -f -- "$cur" ;;
	-x | --sort) "$program" list -o help 2>/dev/null | awk '{ print $1 }' ;;
	-o | --output)
		if [ "$command" = report ]; then
			compgen -f -- "$cur"
			return 0
		fi
		printf '%s\n' help
		"$program" list -o help 2>/dev/null | awk '{ print $1 }'
		;;
	--iommu)
		printf '%s\n' vt-d amd smmuv3 smmu virtio riscv s390 dart soc mock other
		_vfio_nestctl_units
		;;
	--backend) printf '%s\n' iommufd rfc-version nesting-op type1v2 type1 compat-type1v2 compat-type1 ;;
	--as) printf '%s\n' qemu-2020 qemu-11 ;;
	--for) printf '%s\n' passthrough nested sva ;;
	--device) _vfio_nestctl_devices ;;
	--require)
		printf '%s\n' help
		"$program" check --require help 2>/dev/null | awk '{ print $1 }'
		;;
	--user) compgen -u -- "$cur" ;;
	-s | --slot) _vfio_nestctl_devices ;;
	-d | --id) _vfio_nestctl_column -o ID ;;
	--driver)
		printf '%s\n' none
		_vfio_nestctl_column -o DRIVER
		;;
	esac
}

_vfio_nestctl_commands() {
	printf '%s\n' list show probe check roundtrip decode report diff
}

_vfio_nestctl_options() {
	printf '%s\n' -J --json --format --sysroot --from --transcript --color -v --verbose -q --quiet \
		-h --help --usage -V --version
	case $1 in
	list)
		printf '%s\n' --groups -T --tree -o --output -O --output-all -x --sort -n --noheadings -r --raw -P --pairs \
			-s --slot -d --id --iommu --driver --class --nestable --enumerate
		;;
	show) printf '%s\n' --wake ;;
	probe) printf '%s\n' --min-uapi-version --as --with ;;
	check)
		printf '%s\n' --for --device --require --policy --probe --user --memory --devices --service --nagios -t --timeout
		;;
	roundtrip) printf '%s\n' --backend --pasid --vf-token --iterations --cpu --samples --mock --strict ;;
	decode) printf '%s\n' --log ;;
	report) printf '%s\n' -o --output --probe --redact --no-redact ;;
	esac
}

# Words for argument number $2 (from 0) of command $1; $3 is the argument before.
_vfio_nestctl_arguments() {
	case $1:$2 in
	help:0) _vfio_nestctl_commands ;;
	show:0)
		_vfio_nestctl_devices
		_vfio_nestctl_groups
		_vfio_nestctl_units
		;;
	probe:0)
		_vfio_nestctl_devices
		_vfio_nestctl_groups
		;;
	roundtrip:[01] | check:*) _vfio_nestctl_devices ;;
	decode:0) printf '%s\n' vt-d amd smmuv3 dmar ivrs iort viot ;;
	decode:1) case $3 in dmar | ivrs | iort | viot) compgen -f -- "$cur" ;; esac ;;
	diff:[01]) compgen -f -- "$cur" ;;
	esac
}

_vfio_nestctl() {
	local line=${COMP_LINE:0:COMP_POINT} word words cur program command='' option=''
	local last='' done='' count=0 i skip=0 sysroot=()

	# Not COMP_WORDS: it takes PCI addresses apart at their colons.
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	program=${words[0]}
	command -v "$program" >/dev/null || program=vfio-nestctl
	cur=${words[${#words[@]} - 1]}

	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		word=${words[i]}
		if ((skip)); then
			[[ $option != --sysroot && $option != --from ]] || sysroot=("$option" "$word")
			skip=0
			continue
		fi
		case $word in
		--sysroot=* | --from=*) sysroot=("$word") ;;
		--*=*) ;;
		-*)
			option=$word
			_vfio_nestctl_takes_value "$word" && skip=1
			;;
		*)
			if [ -z "$command" ]; then
				command=$word
			else
				count=$((count + 1))
				last=$word
			fi
			;;
		esac
	done

	if [[ $cur == --*=* ]]; then
		option=${cur%%=*}
		done=$option=
		cur=${cur#*=}
		skip=1
	fi
	COMPREPLY=()
	if ((skip)); then
		if [[ $option == -o || $option == --output ]] && [[ $cur == *,* ]]; then
			done+=${cur%,*},
			cur=${cur##*,}
		elif [[ $option == -o || $option == --output ]] && [[ $cur == +* && $command != report ]]; then
			done+=+
			cur=${cur:1}
		fi
		mapfile -t words < <(_vfio_nestctl_values "$option")
	elif [[ $cur == -* ]]; then
		mapfile -t words < <(_vfio_nestctl_options "$command")
	elif [ -z "$command" ]; then
		mapfile -t words < <(_vfio_nestctl_commands; echo help)
	else
		mapfile -t words < <(_vfio_nestctl_arguments "$command" "$count" "$last")
	fi
	for word in "${words[@]}"; do
		[[ $word == "$cur"* ]] && COMPREPLY+=("$done$word")
	done

	# bash replaces only what follows the last of its word breaks.
	word=$done$cur
	for ((i = ${#word} - 1; i >= 0; i--)); do
		if [[ ${word:i:1} == [:=] && $COMP_WORDBREAKS == *"${word:i:1}"* ]]; then
			COMPREPLY=("${COMPREPLY[@]#"${word:0:i+1}"}")
			break
		fi
	done
	case $option:$skip in
	--sysroot:1 | --from:1 | --transcript:1 | --samples:1 | --log:1) compopt -o filenames 2>/dev/null ;;
	-o:1 | --output:1) compopt -o nospace 2>/dev/null ;;
	esac
	return 0
}

complete -F _vfio_nestctl vfio-nestctl
