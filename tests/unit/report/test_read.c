// SPDX-License-Identifier: GPL-2.0-or-later
/* A report that is read piece by piece says what it says read whole. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/kmsg.h"
#include "report/read.h"

#define WHAT  "\"schema\": \"vfio-nestctl/1\", \"command\": \"report\", \"source\": \"host\""
#define FACTS "\"facts\": {\"uname/release\": \"6.12\"}"
#define LOG   "\"kernel_log\": {\"lines\": [\"a\", \"b\"]}"
#define FILES                                                                                      \
	"\"files\": {\"dev/kmsg\": {\"text\": \"no\"}, \"a\": {\"text\": \"1\"}, \"b\": "          \
	"{\"base64\": \"AQ==\", \"zeros\": 3}}"
#define OTHERS "\"more\": [1, -2.5e3, \"]}\\\"\", {\"x\": [null, true]}, []], \"none\": {}"

static void reads(const char *text)
{
	struct nest_answers answers = { 0 };
	const struct nest_answer *answer;
	const char *why = NULL;

	CHECK_EQ(nest_report_read(text, strlen(text), &answers, &why), 0);
	CHECK(answers.host);
	answer = nest_answers_find(&answers, NEST_ASK_READ, "a");
	CHECK(answer && !strcmp(answer->bytes, "1") && answer->len == 1 && !answer->zeros);
	answer = nest_answers_find(&answers, NEST_ASK_READ, "b");
	CHECK(answer && answer->len == 1 && answer->bytes[0] == 1 && answer->zeros == 3);
	answer = nest_answers_find(&answers, NEST_ASK_READ, NEST_KMSG_PATH);
	CHECK(answer && !strcmp(answer->bytes, "a\nb\n"));
	answer = nest_answers_find(&answers, NEST_ASK_FACT, "uname/release");
	CHECK(answer && !strcmp(answer->bytes, "6.12"));
	nest_answers_free(&answers);
}

static void refuses(const char *text, const char *because)
{
	struct nest_answers answers = { 0 };
	const char *why = NULL;

	CHECK_EQ(nest_report_read(text, strlen(text), &answers, &why), -EINVAL);
	CHECK_STR(why, because);
	CHECK_EQ(answers.count, 0);
}

TEST(order, "the order of the members does not matter")
{
	reads("{" WHAT ", " OTHERS ", " LOG ", " FACTS ", " FILES "}");
	reads("{" FILES ", " LOG ", " OTHERS ", " FACTS ", " WHAT "}");
	reads(" {" WHAT ",\n\t" FACTS "," FILES "," LOG "} \n");
}

TEST(cut, "a report is told to end too early wherever it is cut")
{
	static const char whole[] = "{" WHAT ", " OTHERS ", " LOG ", " FACTS ", " FILES "}";
	struct nest_answers answers = { 0 };
	const char *why;
	size_t len;

	for (len = 0; len < sizeof(whole) - 1; len++) {
		why = NULL;
		CHECK_EQ(nest_report_read(whole, len, &answers, &why), -EINVAL);
		CHECK_STR(why, "ends too early: it is not a whole report");
	}
}

TEST(syntax, "what is no JSON is told before what is no report")
{
	refuses("{\"schema\": \"x\", \"files\": {\"a\": 1}, 7}", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {\"a\": 7}, \"more\": [1, 2,]}", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {\"a\": {}},}", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {\"a\" {}}}", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {\"a\": {]}}", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {}, \"more\": tru}", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {}} x", "is not JSON");
	refuses("[]", "is not JSON");
	refuses("{" WHAT ", " FACTS ", \"files\": {\"a\": 7}}", "has a file that is not an object");
	refuses("{\"schema\": \"x\", \"files\": {\"a\": 7}}", "is not a report of vfio-nestctl");
}

TEST(twice, "a member that stands there twice could be read in two ways")
{
	refuses("{" WHAT ", " FACTS ", " FILES ", " FILES "}", "has two members of the same name");
	refuses("{" WHAT ", " FACTS ", " FILES ", \"command\": \"list\"}",
		"has two members of the same name");
}

int main(void)
{
	return test_main();
}
