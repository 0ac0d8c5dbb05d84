# SPDX-License-Identifier: GPL-2.0-or-later
# What tests/variants.bats compares of two decoded logs: the facts, without where they stand.
def places: del(.line, .line_last, .time, .time_last);

# All facts, in their order. How many lines are left is no fact of the machine.
def facts: {
	first: (.log.answer // "" | sub("^[0-9]+ lines? mentions?"; "lines mention")), dma: .log.dma_remapping, interrupts: .log.interrupt_remapping,
	conclusions: [.log.conclusions[].id], registers: [.registers[] | places],
	faults: [.faults[] | places], notes: [.notes[] | places], groups: [.groups[] | places],
	suppressed: [(.suppressed // [])[] | places], not_explained: .log.not_explained };

# Of a log that tells all twice.
def uncounted: facts | del(.not_explained)
	| .registers[] |= del(.count) | .faults[] |= del(.count, .suppressed)
	| .notes[] |= del(.count) | .suppressed[] |= del(.count);

# Of a log in any order.
def unordered: facts | del(.first)
	| .faults[] |= (.addresses = ([.address, .address_last] | unique) | del(.address, .address_last))
	| (.registers, .faults, .notes, .groups, .suppressed) |= sort;

# What a shorter log may tell of the same machine, compared with the whole: fewer facts, and none that is wrong.
def starts($whole): . as $it | $whole | startswith($it);
def within($whole):
	facts as $it | ($whole | facts) as $all
	| (if ($it.dma == $all.dma or $it.dma == "unknown") and
	      ($it.interrupts == $all.interrupts or $it.interrupts == "unknown") then empty else "state" end),
	  ($it.registers[] | . as $one | select($all.registers | any(.name == $one.name and
		([$one | .cap, .ecap, .efr, .efr2] | . as $values | $all.registers
		 | any([.cap, .ecap, .efr, .efr2] as $full | all(range(4); $values[.] == null or $values[.] == $full[.])))) | not)
	   | "registers \(.)"),
	  ($it.faults[] | . as $one | select($all.faults | any(
		(.device == $one.device or $one.device == null) and (.event == $one.event or $one.event == null) and
		(.address == $one.address or .address_last == $one.address or $one.address == null) and
		(.reason == $one.reason or $one.reason == null) and
		(.access == $one.access or $one.access == "unknown" or $one.access == null)) | not)
	   | "fault \(.)"),
	  ($it.notes[] | . as $one | select($all.notes | any(.id == $one.id and
		(.detail // "" | . as $full | $one.detail // "" | starts($full))) | not)
	   | "note \(.)"),
	  ($it.groups[] | . as $one | select($all.groups | any(.device == $one.device and .group == $one.group) | not)
	   | "group \(.)");
