// SPDX-License-Identifier: GPL-2.0-or-later
/* roundtrip as JSON: verdict, legs with their evidence, timing, the obstacle if any. */
#include "print/json.h"
#include "trip/trip.h"

static void add_strings(struct nest_json *json, struct json_object *parent, const char *key,
			const char *const *strings, size_t most)
{
	struct json_object *array = nest_json_array(json, parent, key);
	size_t i;

	for (i = 0; i < most && strings[i]; i++)
		nest_json_string(json, array, NULL, strings[i]);
}

/* What each leg used; one device needs no saying. */
static void add_devices(struct nest_json *json, struct json_object *object,
			const struct nest_trip *trip, const struct nest_leg *leg)
{
	struct json_object *list;

	if (!trip->second.device)
		return;
	list = nest_json_array(json, object, "devices");
	nest_json_string(json, list, NULL, trip->device);
	if (leg->with_second)
		nest_json_string(json, list, NULL, trip->second.device);
}

static void add_leg(struct nest_json *json, struct json_object *array, const struct nest_trip *trip,
		    const struct nest_leg *leg)
{
	struct json_object *object = nest_json_object(json, array, NULL);

	nest_json_string(json, object, "id", leg->id);
	nest_json_string(json, object, "title", leg->title);
	nest_json_string(json, object, "result", nest_leg_result_name(leg->result));
	add_devices(json, object, trip, leg);
	nest_json_string(json, object, "reason", leg->reason);
	nest_json_lines(json, object, "remedy", leg->remedy);
	nest_json_string(json, object, "operation", leg->op);
	nest_json_errno(json, object, "errno", leg->err);
	add_strings(json, object, "evidence", leg->evidence, leg->nevidence);
	if (leg->have_latency)
		nest_json_number(json, object, "latency_ns", (int64_t)leg->latency_ns);
}

static void add_property(struct nest_json *json, struct json_object *array,
			 const struct nest_property *property)
{
	struct json_object *object = nest_json_object(json, array, NULL), *list;
	size_t i;

	nest_json_string(json, object, "id", property->id);
	nest_json_string(json, object, "title", property->title);
	nest_json_bool(json, object, "essential", property->essential);
	nest_json_string(json, object, "result", nest_property_result_name(property->result));
	nest_json_string(json, object, "reason", property->reason);
	list = nest_json_array(json, object, "legs");
	for (i = 0; i < property->nlegs; i++)
		nest_json_string(json, list, NULL, property->legs[i]->id);
	list = nest_json_array(json, object, "evidence");
	for (i = 0; i < property->nlegs; i++)
		if (property->legs[i]->nevidence)
			nest_json_string(json, list, NULL, property->legs[i]->evidence[0]);
}

static void add_deviation(struct nest_json *json, struct json_object *array,
			  const struct nest_deviation *deviation)
{
	struct json_object *object = nest_json_object(json, array, NULL);

	nest_json_string(json, object, "id", deviation->id);
	nest_json_string(json, object, "text", deviation->text);
	nest_json_string(json, object, "leg", deviation->leg);
}

static void add_timing(struct nest_json *json, struct json_object *parent,
		       const struct nest_timing *timing)
{
	struct json_object *object = nest_json_object(json, parent, timing->id), *array;
	const struct nest_timing_noise *noise = &timing->noise;
	const char *doubt = nest_timing_doubt(timing);
	size_t i;

	nest_json_number(json, object, "count", (int64_t)timing->count);
	nest_json_number(json, object, "min_ns", (int64_t)timing->min_ns);
	nest_json_number(json, object, "median_ns", (int64_t)timing->median_ns);
	nest_json_number(json, object, "p99_ns", (int64_t)timing->p99_ns);
	nest_json_number(json, object, "p999_ns", (int64_t)timing->p999_ns);
	nest_json_number(json, object, "max_ns", (int64_t)timing->max_ns);
	if (timing->bytes) {
		nest_json_number(json, object, "bytes", (int64_t)timing->bytes);
		nest_json_number(json, object, "ns_per_gib", (int64_t)nest_timing_per_gib(timing));
	}
	nest_json_number(json, object, "warmup", (int64_t)timing->warmup);
	nest_json_number(json, object, "voluntary_switches", (int64_t)noise->voluntary);
	nest_json_number(json, object, "involuntary_switches", (int64_t)noise->involuntary);
	nest_json_number(json, object, "migrations", (int64_t)noise->migrations);
	if (noise->have_frequency)
		nest_json_number(json, object, "frequency_changes",
				 (int64_t)noise->frequency_changes);
	nest_json_number(json, object, "drift_percent", (int64_t)timing->drift_percent);
	nest_json_bool(json, object, "reliable", !doubt);
	nest_json_string(json, object, "doubt", doubt);
	if (timing->have_bare) {
		nest_json_number(json, object, "loop_ns", (int64_t)timing->loop_ns);
		nest_json_number(json, object, "bare_ns", (int64_t)timing->bare_ns);
	}
	array = nest_json_array(json, object, "histogram");
	for (i = 0; i < timing->nbins; i++) {
		struct json_object *bin = nest_json_object(json, array, NULL);

		nest_json_number(json, bin, "from_ns", (int64_t)timing->bins[i].from_ns);
		nest_json_number(json, bin, "to_ns", (int64_t)timing->bins[i].to_ns);
		nest_json_number(json, bin, "count", (int64_t)timing->bins[i].count);
	}
}

int nest_json_roundtrip(FILE *out, const struct nest_run *run)
{
	const struct nest_trip *trip = run->found;
	struct json_object *object;
	struct nest_json json;
	size_t i;

	nest_json_start(&json, run);
	nest_json_string(&json, json.root, "device", trip->device);
	nest_json_string(&json, json.root, "abi", trip->abi);
	nest_json_string(&json, json.root, "stimulus", trip->stimulus);
	nest_json_string(&json, json.root, "stimulus_reason", trip->stimulus_reason);
	if (trip->device_bits)
		nest_json_number(&json, json.root, "device_bits", trip->device_bits);
	if (trip->second.device) {
		object = nest_json_object(&json, json.root, "second");
		nest_json_string(&json, object, "device", trip->second.device);
		nest_json_string(&json, object, "stimulus", trip->second.stimulus);
		if (trip->second.device_bits)
			nest_json_number(&json, object, "device_bits", trip->second.device_bits);
	}
	nest_json_bool(&json, json.root, "mock", trip->mock);
	nest_json_string(&json, json.root, "verdict", nest_trip_verdict_name(trip->verdict));
	nest_json_string(&json, json.root, "gate", trip->gate);
	nest_json_string(&json, json.root, "gate_reason", trip->gate_reason);
	if (trip->obstacle) {
		object = nest_json_object(&json, json.root, "obstacle");
		nest_json_string(&json, object, "id", trip->obstacle->id);
		nest_json_string(&json, object, "summary", trip->obstacle->summary);
		add_strings(&json, object, "commands", trip->obstacle->commands,
			    NEST_TRIP_COMMANDS_MAX);
		add_strings(&json, object, "undo", trip->obstacle->undo, NEST_TRIP_COMMANDS_MAX);
	}
	object = nest_json_array(&json, json.root, "properties");
	for (i = 0; i < trip->nproperties; i++)
		add_property(&json, object, &trip->properties[i]);
	object = nest_json_array(&json, json.root, "deviations");
	for (i = 0; i < trip->ndeviations; i++)
		add_deviation(&json, object, &trip->deviations[i]);
	object = nest_json_array(&json, json.root, "legs");
	for (i = 0; i < trip->nlegs; i++)
		add_leg(&json, object, trip, &trip->legs[i]);
	object = nest_json_object(&json, json.root, "timing");
	for (i = 0; i < trip->ntimings; i++)
		add_timing(&json, object, &trip->timings[i]);
	add_strings(&json, json.root, "not_given_back", trip->undo_failures, trip->nundo_failures);
	if (trip->signal)
		nest_json_number(&json, json.root, "signal", trip->signal);
	return nest_json_finish(&json, out);
}
