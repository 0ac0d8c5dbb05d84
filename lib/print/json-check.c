// SPDX-License-Identifier: GPL-2.0-or-later
/* check as JSON: the verdict, what was found, what was required. */
#include "check/check.h"
#include "print/json.h"

static void add_finding(struct nest_json *json, struct json_object *array,
			const struct nest_finding *finding)
{
	struct json_object *object = nest_json_object(json, array, NULL), *evidence;
	size_t i;

	nest_json_string(json, object, "id", finding->id);
	nest_json_string(json, object, "subject_kind", nest_subject_name(finding->kind));
	nest_json_string(json, object, "subject", finding->subject);
	nest_json_string(json, object, "result", nest_result_name(finding->result));
	nest_json_string(json, object, "summary", finding->summary);
	evidence = nest_json_array(json, object, "evidence");
	for (i = 0; i < finding->nevidence; i++) {
		struct json_object *row = nest_json_object(json, evidence, NULL);

		nest_json_string(json, row, "source", finding->evidence[i].source);
		nest_json_string(json, row, "value", finding->evidence[i].value);
		nest_json_errno(json, row, "errno", finding->evidence[i].err);
	}
	nest_json_lines(json, object, "remedy", finding->remedy);
	nest_json_string(json, object, "cause", finding->cause);
	nest_json_bool(json, object, "final", finding->final);
	nest_json_bool(json, object, "moot", finding->moot);
}

int nest_json_check(FILE *out, const struct nest_run *run)
{
	const struct nest_check *check = run->found;
	struct json_object *array, *object;
	struct nest_json json;
	size_t i;

	nest_json_start(&json, run);
	nest_json_string(&json, json.root, "purpose", check->purpose);
	nest_json_string(&json, json.root, "verdict", nest_verdict_name(check->verdict));
	nest_json_string(&json, json.root, "answer", check->answer);
	nest_json_lines(&json, json.root, "next", check->next);
	object = nest_json_object(&json, json.root, "counts");
	for (i = 0; check->judged && i < NEST_RESULTS; i++)
		nest_json_number(&json, object, nest_result_name((enum nest_result)i),
				 (int64_t)check->counts[i]);
	array = nest_json_array(&json, json.root, "findings");
	for (i = 0; i < check->nfindings; i++)
		add_finding(&json, array, &check->findings[i]);
	array = nest_json_array(&json, json.root, "requirements");
	for (i = 0; i < check->nrequirements; i++) {
		const struct nest_requirement *requirement = &check->requirements[i];

		object = nest_json_object(&json, array, NULL);
		nest_json_string(&json, object, "name", requirement->name);
		nest_json_string(&json, object, "wanted", requirement->wanted);
		nest_json_string(&json, object, "found", requirement->found);
		nest_json_string(&json, object, "result", nest_result_name(requirement->result));
		nest_json_string(&json, object, "why", requirement->why);
	}
	return nest_json_finish(&json, out);
}
