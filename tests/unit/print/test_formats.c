// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The formats of check and roundtrip over findings and legs made by hand: what each outcome
 * becomes, and names that mean harm.
 */
#include <stdlib.h>

#include "check/check.h"
#include "cmd/command.h"
#include "print/point.h"
#include "trip/trip.h"
#include "test.h"
#include "hw/hw.h"
#include "util.h"

static const struct nest_evidence evidence[] = {
	{ "/sys/class/iommu/dmar0/intel-iommu/ecap", "0x7e3ff0505e", 0 },
	{ "kernel log", NULL, 1 },
};

static struct nest_finding findings[] = {
	{ .id = "iommu.present",
	  .result = NEST_RESULT_PASS,
	  .subject = "",
	  .summary = "an IOMMU translates",
	  .evidence = evidence,
	  .nevidence = 1 },
	{ .id = "vtd.nest",
	  .kind = NEST_SUBJECT_UNIT,
	  .subject = "dmar0",
	  .result = NEST_RESULT_FAIL,
	  .summary = "dmar0 does not nest",
	  .evidence = evidence,
	  .nevidence = 1,
	  .remedy = "replace it" },
	{ .id = "log.faults",
	  .subject = "",
	  .result = NEST_RESULT_UNKNOWN,
	  .summary = "the log cannot be read",
	  .evidence = evidence + 1,
	  .nevidence = 1,
	  .remedy = "sudo" },
	{ .id = "device.flr",
	  .kind = NEST_SUBJECT_DEVICE,
	  .subject = "0000:3a:00.0",
	  .result = NEST_RESULT_WARN,
	  .summary = "no function level reset" },
	{ .id = "amd.gcr3",
	  .subject = "",
	  .result = NEST_RESULT_NOT_APPLICABLE,
	  .summary = "no AMD unit" },
	{ .id = "device.name",
	  .kind = NEST_SUBJECT_DEVICE,
	  .subject = "x\" } 1\n# SKIP \\<&\xff",
	  .result = NEST_RESULT_FAIL,
	  .summary = "a name" },
};

static struct nest_requirement requirements[] = {
	{ "pasid_bits>=20", "pasid_bits", ">=20", "20", NEST_RESULT_PASS, "ECAP.PSS", NULL },
	{ "pasid_bits<10", "pasid_bits", "<10", "20", NEST_RESULT_FAIL, "ECAP.PSS", NULL },
	{ "abi=iommufd", "abi", "=iommufd", NULL, NEST_RESULT_UNKNOWN, "not probed", "--probe" },
};

static struct nest_check check = {
	.purpose = "nested",
	.judged = true,
	.verdict = NEST_VERDICT_NOT_READY,
	.answer = "not ready: dmar0 does not nest",
	.findings = findings,
	.nfindings = ARRAY_SIZE(findings),
	.requirements = requirements,
	.nrequirements = ARRAY_SIZE(requirements),
	.counts = { 1, 1, 2, 1, 1 },
};

static struct nest_unit units[] = {
	{ .name = "dmar0", .hw = &nest_hw_vtd, .nesting = NEST_NO, .reason = "" },
	{ .name = "dmar1", .hw = &nest_hw_vtd, .nesting = NEST_YES, .reason = "" },
};

static struct nest_model model = {
	.host = { .kernel = "6.12.0", .machine = "x86_64" },
	.units = units,
	.nunits = 2,
	.iommu_present = NEST_YES,
};

/* What a printer prints of a report; good until the next call. */
static const char *print_report(nest_print_fn *print, const struct nest_run *report)
{
	static char *text;
	size_t size;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	CHECK_EQ(print(out, report), 0);
	fclose(out);
	return text;
}

static struct nest_check not_begun = { .purpose = "nested", .verdict = NEST_VERDICT_UNKNOWN };

static struct nest_run report_of(struct nest_check *what)
{
	return (struct nest_run){ .command = "check", .model = model, .found = what };
}

static const char *text_of(nest_print_fn *print, struct nest_check *what)
{
	struct nest_run report = report_of(what);

	return print_report(print, &report);
}

struct seen {
	size_t counts[NEST_POINT_SKIPPED + 1], points;
	char text[4096];
};

static void see(const struct nest_point *point, void *data)
{
	struct seen *seen = data;
	char line[512], buf[256];
	const char *first = nest_point_evidence(point, 0, buf, sizeof(buf));

	seen->counts[point->state]++;
	seen->points++;
	snprintf(line, sizeof(line), "%s|%s|%s|%s\n", point->id,
		 point->subject ? point->subject : "", point->result, first ? first : "");
	strncat(seen->text, line, sizeof(seen->text) - strlen(seen->text) - 1);
}

TEST(points, "unknown is no test that passed, and no warning is a failure")
{
	struct nest_run report = report_of(&check);
	struct seen seen = { 0 };

	nest_check_points(&report, see, &seen);
	CHECK_EQ(seen.points, 1 + 3 + 6);
	CHECK_EQ(seen.counts[NEST_POINT_OK], 1 + 1 + 1);
	CHECK_EQ(seen.counts[NEST_POINT_FAILED], 1 + 1 + 2);
	CHECK_EQ(seen.counts[NEST_POINT_UNKNOWN], 1 + 1);
	CHECK_EQ(seen.counts[NEST_POINT_SKIPPED], 1);
	CHECK_HAS(seen.text, "verdict|nested|not_ready|\n");
	CHECK_HAS(seen.text, "require|pasid_bits>=20|pass|wanted: pasid_bits >=20\n");
	CHECK_HAS(seen.text,
		  "vtd.nest|dmar0|fail|/sys/class/iommu/dmar0/intel-iommu/ecap: 0x7e3ff0505e\n");
	CHECK_HAS(seen.text, "log.faults||unknown|kernel log: EPERM\n");
}

TEST(points_none, "a check that could not begin is one point, and unknown")
{
	struct nest_run report = report_of(&not_begun);
	struct seen seen = { 0 };

	nest_check_points(&report, see, &seen);
	CHECK_EQ(seen.points, 1);
	CHECK_EQ(seen.counts[NEST_POINT_UNKNOWN], 1);
}

TEST(metrics, "a metric is 1 or 0 where the answer is known")
{
	const char *text = text_of(nest_prometheus_check, &check);

	CHECK_HAS(text, "\nvfio_nestctl_info{purpose=\"nested\",version=");
	CHECK_HAS(text, ",kernel=\"6.12.0\",machine=\"x86_64\"} 1\n");
	CHECK_HAS(text, "\nvfio_nestctl_ready{purpose=\"nested\"} 0\n");
	CHECK_HAS(text, "\nvfio_nestctl_verdict{purpose=\"nested\",verdict=\"not_ready\"} 1\n");
	CHECK_HAS(text, "\nvfio_nestctl_verdict{purpose=\"nested\",verdict=\"ready\"} 0\n");
	CHECK_HAS(text,
		  "\nvfio_nestctl_unit_nests{purpose=\"nested\",unit=\"dmar0\",kind=\"vt-d\"} 0\n");
	CHECK_HAS(text,
		  "\nvfio_nestctl_unit_nests{purpose=\"nested\",unit=\"dmar1\",kind=\"vt-d\"} 1\n");
	CHECK_HAS(text, "\nvfio_nestctl_findings{purpose=\"nested\",result=\"fail\"} 2\n");
	CHECK_HAS(text, "\nvfio_nestctl_requirement_met{purpose=\"nested\",requirement=\"pasid_"
			"bits>=20\"} 1\n");
	CHECK_HAS(text, "id=\"vtd.nest\",kind=\"unit\",subject=\"dmar0\",result=\"fail\"} 1\n");
	CHECK_HAS(text, "subject=\"x\\\" } 1\\\\x0a# SKIP \\\\<&\\\\xff\",result=\"fail\"} 1\n");
	CHECK(!strstr(text, "iommu.present"));
	CHECK(!strstr(text, "requirement=\"abi"));
}

TEST(metrics_unknown, "a verdict that is not known is neither 0 nor 1")
{
	struct nest_check unknown = check;
	const char *text;

	unknown.verdict = NEST_VERDICT_UNKNOWN;
	units[0].nesting = NEST_UNKNOWN;
	text = text_of(nest_prometheus_check, &unknown);
	CHECK(!strstr(text, "\nvfio_nestctl_ready"));
	CHECK(!strstr(text, "unit=\"dmar0\""));
	CHECK_HAS(text, "\nvfio_nestctl_units{purpose=\"nested\",nests=\"unknown\"} 1\n");
	CHECK_HAS(text, "\nvfio_nestctl_verdict{purpose=\"nested\",verdict=\"unknown\"} 1\n");
	text = text_of(nest_prometheus_check, &not_begun);
	CHECK(!strstr(text, "\nvfio_nestctl_ready") && !strstr(text, "_findings"));
	CHECK_HAS(text, "\nvfio_nestctl_verdict{purpose=\"nested\",verdict=\"unknown\"} 1\n");
	units[0].nesting = NEST_NO;
}

TEST(metrics_twice, "no series is written twice, and there are not too many")
{
	struct nest_check many = check;
	static struct nest_finding all[1000];
	static char names[1000][8];
	const char *text, *at;
	size_t i, n = 0;

	for (i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", i / 2);
		all[i] = findings[1];
		all[i].subject = names[i];
		all[i].result = i == 999 ? NEST_RESULT_FAIL : NEST_RESULT_WARN;
	}
	many.findings = all;
	many.nfindings = 1000;
	text = text_of(nest_prometheus_check, &many);
	for (at = text; (at = strstr(at, "\nvfio_nestctl_finding{")); at++)
		n++;
	CHECK_EQ(n, 256);
	CHECK_HAS(text, "subject=\"499\",result=\"fail\"} 1\n");
	at = strstr(text, "subject=\"7\",");
	CHECK(at && !strstr(at + 1, "subject=\"7\","));
}

TEST(labels, "a label is true, false or absent")
{
	const char *text = text_of(nest_nfd_check, &check);

	CHECK_HAS(text, "\nfeature.node.kubernetes.io/vfio-nestctl.nested.ready=false\n");
	CHECK_HAS(text, "\nfeature.node.kubernetes.io/vfio-nestctl.iommu=true\n");
	CHECK_HAS(text, "\nfeature.node.kubernetes.io/vfio-nestctl.nesting=mixed\n");
	CHECK_HAS(text, "\nfeature.node.kubernetes.io/vfio-nestctl.units.nesting=1\n");
	CHECK_HAS(text, "\nfeature.node.kubernetes.io/vfio-nestctl.nested.found.pasid_bits=20\n");
	CHECK_HAS(text,
		  "\nfeature.node.kubernetes.io/vfio-nestctl.nested.require.pasid_bits=false\n");
	CHECK(!strstr(strstr(text, "require.pasid_bits") + 1, "require.pasid_bits"));
	CHECK(!strstr(text, "abi"));
	units[0].nesting = NEST_UNKNOWN;
	text = text_of(nest_nfd_check, &check);
	CHECK(!strstr(text, "nesting=true") && !strstr(text, "nesting=false") &&
	      !strstr(text, "nesting=mixed"));
	units[0].nesting = NEST_NO;
	text = text_of(nest_nfd_check, &not_begun);
	CHECK(!strstr(text, "ready") && !strstr(text, "findings"));
}

TEST(labels_bad, "what is no label by the rules of Kubernetes is left out")
{
	struct nest_requirement bad[] = {
		{ "a=b c", "a", "=b c", "b c", NEST_RESULT_PASS, "", NULL },
		{ "b", "b-", "=yes", "1", NEST_RESULT_PASS, "", NULL },
		{ "c", "c", "=yes",
		  "0123456789012345678901234567890123456789012345678901234567890123",
		  NEST_RESULT_PASS, "", NULL },
		{ "d", "012345678901234567890123456789012345678901234567890", "=yes", "1",
		  NEST_RESULT_PASS, "", NULL },
	};
	struct nest_check strange = check;
	const char *text;

	strange.requirements = bad;
	strange.nrequirements = 4;
	text = text_of(nest_nfd_check, &strange);
	CHECK_HAS(text, "nested.require.a=true\n");
	CHECK(!strstr(text, "found"));
	CHECK(!strstr(text, "b-") && !strstr(text, "0123456789"));
	CHECK_HAS(text, "nested.require.c=true\n");
}

static const char *trip_text(nest_print_fn *print, struct nest_trip *trip)
{
	struct nest_run report = {
		.command = "roundtrip",
		.found = trip,
	};

	return print_report(print, &report);
}

TEST(left, "what could not be given back is a point that failed, even of a round trip that passed")
{
	static struct nest_trip trip = {
		.device = "0000:00:01.0",
		.verdict = NEST_TRIP_PASSED,
		.legs = { { .id = "open", .title = "open the nodes", .result = NEST_LEG_PASSED } },
		.nlegs = 1,
		.undo_failures = { "destroy nested HWPT: EBUSY" },
		.nundo_failures = 1,
	};
	const char *text = trip_text(nest_tap_roundtrip, &trip);

	CHECK_HAS(text, "TAP version 14\n1..3\nok 1 - verdict 0000:00:01.0\n");
	CHECK_HAS(text, "\nnot ok 3 - given_back 0000:00:01.0\n  ---\n  result: \"failed\"\n");
	CHECK_HAS(text, "  evidence: |\n    destroy nested HWPT: EBUSY\n  ...\n");
	CHECK_HAS(trip_text(nest_junit_roundtrip, &trip),
		  " tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\"");
}

TEST(directive, "no name can pretend to be a directive, end a line, an attribute or a tag")
{
	static struct nest_trip trip = {
		.device = "x # SKIP \\# TODO\nok 2 - \"y\" <a&b>\xef\xbf\xbf",
		.verdict = NEST_TRIP_FAILED,
	};
	const char *text = trip_text(nest_tap_roundtrip, &trip);

	CHECK_HAS(text, "\n1..1\nnot ok 1 - verdict x \\\\x23 SKIP \\\\\\\\x23 TODO\\\\x0aok 2 - "
			"\"y\" <a&b>");
	CHECK(!strchr(text, '#'));
	text = trip_text(nest_junit_roundtrip, &trip);
	CHECK_HAS(text, "name=\"verdict x # SKIP \\# TODO\\x0aok 2 - &quot;y&quot; "
			"&lt;a&amp;b&gt;\\xef\\xbf\\xbf\"");
}

/*
 * FORMAT VERDICT: prints the document instead, for readers of the format (formats.bats). "none": no
 * check.
 */
static int print_document(const char *format, const char *verdict)
{
	nest_print_fn *print = nest_command_printer(&nest_command_check, format);
	struct nest_run report = report_of(strcmp(verdict, "none") ? &check : &not_begun);
	enum nest_verdict i;

	for (i = NEST_VERDICT_READY; i <= NEST_VERDICT_UNKNOWN; i++)
		if (!strcmp(nest_verdict_name(i), verdict))
			check.verdict = i;
	return print ? print(stdout, &report) : 1;
}

int main(int argc, char **argv)
{
	return argc == 3 ? print_document(argv[1], argv[2]) : test_main();
}
