# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the filters of expected/*.tsv share. The input of most is a capture, {status, out, err, json}.

# 64-bit values exceed jq's numbers, so they are compared as text, whatever zeros lead
def hex: ascii_downcase | sub("^0x"; "") | sub("^0+(?=.)"; "") | "0x" + .;

# $boot | runs("FOLDER/"): the captures of a folder as {key, value}; none is an error
def runs($prefix): [to_entries[] | select(.key | startswith($prefix))]
	| if . == [] then error("no capture in \($prefix)") else .[] end;

def lines: rtrimstr("\n") | if . == "" then [] else split("\n") end;

# answer(CAPTURE; FILTER): one line of text, "true" if that and nothing else is what FILTER says. jq
# answers any question about null, so a missing document is a text, for which questions are errors.
def answer($capture; filter):
	(try ([$capture // error("there is no such capture")
		| if .json == null then .json = "stdout is no JSON document" else . end
		| filter] | map(tojson) | join(" "))
		catch tostring) | gsub("[\n\t]"; " ") | if . == "" then "nothing" else .[:300] end;

# probe
def extension($id): .json.container.extensions[] | select(.id == $id) | .value;
def iommu_type($id): .json.container.iommu_types[] | select(.id == $id);
def set_iommu_fails($id; $errno): iommu_type($id).set_iommu
	| .status == "failed" and .errno == $errno;
def set_iommu_works($id): iommu_type($id).set_iommu.status == "ok";
def info_ids: [.json.container.info.capabilities[].id];
def page_sizes: .json.container.info.page_sizes | hex;
# the exit status and the decision are one answer
def status_is_decision: .status ==
	({usable: 0, unusable: 1, unknown: 3}[.json.decision.nesting] // error("no decision"));

# list
def unit($name): .json.iommus[] | select(.name == $name);
def group_of($address): .json.groups[] | select(any(.devices[]; .address == $address));
def members: [.json.groups[] | "\(.id) \(.devices[].address)"] | sort;
def drivers: [.json.groups[].devices[] | select(.driver) | "\(.address) \(.driver)"] | sort;
def outline: [.json.groups[] | {id, type, devices: [.devices[] | {address, driver}]}] | sort;

# every answer says in text what it says: the name of an errno, of a driver, of a device
def names($word): (.out + .err) | contains($word);

# The verdict is open, or it is no for want of an IOMMU, whatever else could not be asked.
def cannot_tell: (.status == 3 and .json.decision.nesting == "unknown")
	or (.status == 1 and .json.decision.reasons[0].evidence == "iommus");

# tests/bench-run: how often the time of its command N goes into that of its first
def over($n): .out | lines[$n] | split("\t")[1] | tonumber;

# roundtrip
def legs($result): [.json.legs[] | select(.result == $result) | .id];
def passed($id): [.json.legs[] | select(.id == $id) | .result] == ["passed"];
def skipped($id; $reason): [.json.legs[] | select(.id == $id)] | length == 1
	and (.[0] | .result == "skipped" and (.reason | test($reason)));
def evidence($id; $what): any(.json.legs[] | select(.id == $id) | .evidence[]; test($what));
def held($id): [.json.properties[] | select(.id == $id) | .result] == ["held"];
# nothing failed, nothing is left, and the exit status says the same as the verdict
def sound: .status == ({passed: 0, incomplete: 1}[.json.verdict] // 99) and legs("failed") == []
	and .json.not_given_back == [] and passed("teardown");
# the same legs with the same results, whatever the figures
def course: [.json.verdict, .json.abi, (.json.legs[] | "\(.id) \(.result) \(.reason)")];
# the host is not ready, for this reason, and the paragraph for people says so
def obstacle($id; $words): .status == 3 and .json.verdict == "incomplete" and .json.obstacle.id == $id
	and (.json.obstacle.summary | test($words));

# remedies: "driver NAME" and "STATUS COMMAND" a line
def drivers_seen: [.out | lines[] | select(startswith("driver ")) | .[7:]];
# all but driverctl, which is not there, and the module that this kernel has not
def others_work: [.out | lines[] | select(startswith("driver ") | not) | select(test(" driverctl | modprobe iommufd$") | not) |
	select(startswith("0 ") | not)] == [];
def remedy($before; $there; $back): drivers_seen == [$before, $there, $back] and others_work
	and ([.out | lines[] | select(startswith("127 driverctl "))] | length) == 2;

# mutants.tsv, which says what its verdicts mean. A list of words, of which an id begins with one:
def begins($list): . as $id | any($list | split(",")[]; . as $word | $id | startswith($word));
def violations: [.json.properties[] | select(.result == "violated") | .id];
def violated($list): .status == 1 and .json.verdict == "failed" and any(violations[]; begins($list));
def deviates($list): any(.json.deviations[].id; begins($list));
def mutant_is($verdict; $list):
	if $verdict == "control" or $verdict == "cannot" then .status == 0 and .json.verdict == "passed"
	elif $verdict == "violated" then violated($list)
	elif $verdict == "seen" then violated($list) or deviates($list)
	elif $verdict == "incomplete" then .status != 0 and .json.verdict == "incomplete" and violations == []
	elif $verdict == "not_passed" then .status != 0 and .json.verdict != "passed"
	elif $verdict == "not_failed" then .json.verdict != "failed" and violations == []
	else error("mutants.tsv: no verdict \($verdict)") end;
# What is not so yet is skipped; once it is so, it is a row to change.
def mutant($verdict; $list):
	if $verdict | startswith("todo_")
	then if (try mutant_is($verdict[5:]; $list) catch false)
		then "todo: is so by now, so that its row of mutants.tsv can say now" else "todo: not seen yet" end
	else mutant_is($verdict; $list) end;

# the kernel's own tests: how many there are, and how many of them skip; none fails
def selftest($count; $skipped): .status == 0
	and (.out | contains("\n# PASSED: \($count) / \($count) tests passed.\n")
		and contains("\n# Totals: pass:\($count - $skipped) fail:0 xfail:0 xpass:0 skip:\($skipped) error:0\n"));
# dmatest: so many copies, and no failure
def copies($count): .out | test("dmatest: [^ ]+: summary \($count) tests, 0 failures ");
