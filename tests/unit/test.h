/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tiny TAP producer for the unit tests; header only, one translation unit a program.
 *
 *	#include "test.h"
 *
 *	TEST(answers_no_without_scalable_mode, "a unit without scalable mode cannot nest")
 *	{
 *		CHECK_EQ(nest_something(1), 2);
 *		CHECK_STR(nest_name(1), "one");
 *	}
 *
 *	int main(void)
 *	{
 *		return test_main();
 *	}
 *
 * The second argument of TEST() is the behaviour, printed on the "ok" line. Tests run in the order
 * of the file. A failed CHECK prints a "#" line and marks the test, which goes on (REQUIRE ends
 *it). SKIP("reason") ends a test as skipped. A test that checks nothing counts as failed. The exit
 *status is 0 if no test failed, else 1.
 */
#ifndef NEST_TEST_H
#define NEST_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct test_case {
	const char *title;
	void (*run)(void);
};

#define TEST_CASES_MAX 512

static struct test_case test_cases[TEST_CASES_MAX];
static unsigned int test_cases_count;
static unsigned int test_checks_done; /* in the running test */
static unsigned int test_checks_failed;
static const char *test_skip_reason;

/* Declares a test. Constructors run in the order of the file with gcc and clang. */
#define TEST(name, title)                                                                          \
	static void test_##name(void);                                                             \
	__attribute__((constructor)) static void test_register_##name(void)                        \
	{                                                                                          \
		test_register(title, test_##name);                                                 \
	}                                                                                          \
	static void test_##name(void)

/* True or marked; the condition's text is the diagnosis. Evaluates to the truth of cond. */
#define CHECK(cond) test_check((cond), __FILE__, __LINE__, #cond)

/* Like CHECK, and ends the test when false. */
#define REQUIRE(cond)                                                                              \
	do {                                                                                       \
		if (!CHECK(cond))                                                                  \
			return;                                                                    \
	} while (0)

/* Integers of any width, signed or not, compared as 64 bits; both are printed when they differ. */
#define CHECK_EQ(got, want)                                                                        \
	test_check_eq((uint64_t)(got), (uint64_t)(want), __FILE__, __LINE__, #got " == " #want)

/* Strings; NULL equals only NULL. */
#define CHECK_STR(got, want) test_check_str((got), (want), __FILE__, __LINE__, #got)

/* The string holds the part, which is not empty, somewhere. */
#define CHECK_HAS(got, part) test_check_has((got), (part), __FILE__, __LINE__, #got)

/* len bytes alike, at least one. */
#define CHECK_MEM(got, want, len)                                                                  \
	test_check((len) > 0 && memcmp((got), (want), (len)) == 0, __FILE__, __LINE__,             \
		   #got " like " #want)

/* Ends the test as skipped, with a reason that is printed. */
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		test_skip_reason = (reason);                                                       \
		return;                                                                            \
	} while (0)

static inline void test_register(const char *title, void (*run)(void))
{
	if (test_cases_count == TEST_CASES_MAX) {
		printf("Bail out! more than %d tests in one program\n", TEST_CASES_MAX);
		fflush(stdout);
		__builtin_trap();
	}
	test_cases[test_cases_count].title = title;
	test_cases[test_cases_count].run = run;
	test_cases_count++;
}

static inline bool test_check(bool good, const char *file, int line, const char *what)
{
	test_checks_done++;
	if (!good) {
		test_checks_failed++;
		printf("# %s:%d: %s\n", file, line, what);
	}
	return good;
}

static inline bool test_check_eq(uint64_t got, uint64_t want, const char *file, int line,
				 const char *what)
{
	if (test_check(got == want, file, line, what))
		return true;
	printf("#   got %" PRId64 " (0x%" PRIx64 "), want %" PRId64 " (0x%" PRIx64 ")\n",
	       (int64_t)got, got, (int64_t)want, want);
	return false;
}

static inline bool test_check_str(const char *got, const char *want, const char *file, int line,
				  const char *what)
{
	if (test_check(got == want || (got && want && !strcmp(got, want)), file, line, what))
		return true;
	printf("#   got  \"%s\"\n#   want \"%s\"\n", got ? got : "(null)", want ? want : "(null)");
	return false;
}

static inline bool test_check_has(const char *got, const char *part, const char *file, int line,
				  const char *what)
{
	if (test_check(got && part && *part && strstr(got, part), file, line, what))
		return true;
	printf("#   got  \"%s\"\n#   lacks \"%s\"\n", got ? got : "(null)", part ? part : "(null)");
	return false;
}

/* Runs every test and prints TAP on stdout; returns the exit status for main(). */
static inline int test_main(void)
{
	unsigned int failed = 0;
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%u\n", test_cases_count);
	for (i = 0; i < test_cases_count; i++) {
		test_checks_done = 0;
		test_checks_failed = 0;
		test_skip_reason = NULL;
		test_cases[i].run();
		if (!test_checks_done && !test_skip_reason)
			test_check(false, __FILE__, __LINE__, "the test checked nothing");
		if (test_checks_failed)
			failed++;
		printf("%sok %u - %s", test_checks_failed ? "not " : "", i + 1,
		       test_cases[i].title);
		if (test_skip_reason && !test_checks_failed)
			printf(" # SKIP %s", test_skip_reason);
		putchar('\n');
	}
	if (failed)
		printf("# %u of %u failed\n", failed, test_cases_count);
	return failed || !test_cases_count;
}

#endif
