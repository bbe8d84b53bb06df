/* SPDX-License-Identifier: MIT */
/* check.h - the whole of a unit test's machinery: CHECK() counts, RUN()
 * prints one TAP line for each test function, check_report() ends main(). */

#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>

static unsigned check_tests, check_failed_tests;
static bool check_this_failed;

/* A failed check is said and remembered; the test goes on, so that a table
 * shows all its wrong rows at once. */
#define CHECK(condition) \
	((condition) ? (void)0 : check_fail(__FILE__, __LINE__, #condition, ""))

/* The same with a word on which row of a table it was. */
#define CHECK_ROW(condition, row) \
	((condition) ? (void)0    \
		     : check_fail(__FILE__, __LINE__, #condition, row))

#define RUN(test) check_run(#test, test)

static void
check_fail(const char *file, int line, const char *what, const char *row)
{
	printf("# %s:%d: %s%s%s\n", file, line, what,
	    row[0] != '\0' ? ": " : "", row);
	check_this_failed = true;
}

static void
check_run(const char *name, void (*test)(void))
{
	check_this_failed = false;
	test();
	check_tests++;
	check_failed_tests += check_this_failed;
	printf("%s %u - %s\n", check_this_failed ? "not ok" : "ok", check_tests,
	    name);
	fflush(stdout);
}

static int
check_report(void)
{
	printf("1..%u\n", check_tests);
	return check_failed_tests == 0 ? 0 : 1;
}

#endif
