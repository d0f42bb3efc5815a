/* SPDX-License-Identifier: BSD-3-Clause */
/* Time-outs from seconds, and deadlines from time-outs. */
#include "check_pipc.h"

#include <math.h>

#define NSEC_PER_SEC 1000000000L

START_TEST(seconds_become_a_timeout)
{
	static const struct {
		double seconds;
		time_t sec;
		long nsec;
	} rows[] = {
	    {0, 0, 0},	  {0.25, 0, 250000000}, {1.5, 1, 500000000},
	    {1e-9, 0, 1}, {1e-12, 0, 1},	{86400, 86400, 0},
	    {-0.0, 0, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct timespec ts = pipc_seconds(rows[i].seconds);

		ck_assert_int_eq(ts.tv_sec, rows[i].sec);
		ck_assert_int_eq(ts.tv_nsec, rows[i].nsec);
		ck_assert(pipc__timeout_ok(&ts));
	}
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
	static const struct timespec bad[] = {
	    {-1, 0},
	    {0, -1},
	    {0, NSEC_PER_SEC},
	};
	size_t i;

	ck_assert(!pipc__timeout_ok(PIPC_SECONDS(NAN)));
	ck_assert(!pipc__timeout_ok(PIPC_SECONDS(-0.1)));
	ck_assert(!pipc__timeout_ok(PIPC_SECONDS(-INFINITY)));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert(!pipc__timeout_ok(&bad[i]));
}
END_TEST

START_TEST(only_zero_is_zero)
{
	struct timespec nsec = {0, 1}, sec = {1, 0};

	ck_assert(pipc__timeout_zero(&never));
	ck_assert(!pipc__timeout_zero(&nsec));
	ck_assert(!pipc__timeout_zero(&sec));
}
END_TEST

static bool ordered(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec <= b->tv_nsec;
}

/* Now before and now after, both a time-out later, have it between them. */
START_TEST(deadline_is_now_and_the_timeout)
{
	static const struct timespec timeouts[] = {
	    {0, 0},
	    {5, 0},
	    {0, NSEC_PER_SEC - 1}, /* carries, whatever the time is */
	    {2, 1},
	};
	const struct timespec *t = &timeouts[_i % 4];
	struct timespec before, end, after;
	clockid_t clock = _i < 4 ? CLOCK_REALTIME : CLOCK_MONOTONIC;

	clock_gettime(clock, &before);
	ck_assert(pipc__deadline(clock, t, &end));
	clock_gettime(clock, &after);
	ck_assert(end.tv_nsec >= 0 && end.tv_nsec < NSEC_PER_SEC);
	end.tv_sec -= t->tv_sec;
	end.tv_nsec -= t->tv_nsec;
	if (end.tv_nsec < 0) {
		end.tv_nsec += NSEC_PER_SEC;
		end.tv_sec--;
	}
	ck_assert(ordered(&before, &end));
	ck_assert(ordered(&end, &after));
}
END_TEST

START_TEST(endless_timeout_ends_at_the_end_of_time)
{
	struct timespec infinite = pipc_seconds(INFINITY);
	struct timespec nearly = {infinite.tv_sec - 1, NSEC_PER_SEC - 1};
	struct timespec end;

	ck_assert(pipc__timeout_ok(&infinite));
	ck_assert_int_eq(pipc_seconds(1e300).tv_sec, infinite.tv_sec);
	ck_assert(pipc__deadline(CLOCK_MONOTONIC, &infinite, &end));
	ck_assert_int_eq(end.tv_sec, infinite.tv_sec);
	ck_assert(pipc__deadline(CLOCK_REALTIME, &nearly, &end));
	ck_assert_int_eq(end.tv_sec, infinite.tv_sec);
}
END_TEST

START_TEST(clock_that_cannot_be_read)
{
	struct timespec end;

	errno = 0;
	ck_assert(!pipc__deadline((clockid_t)12345, &never, &end));
	ck_assert_int_ne(errno, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("timeout");
	TCase *tc = tcase_create("timeout");

	tcase_add_test(tc, seconds_become_a_timeout);
	tcase_add_test(tc, what_is_no_time_is_refused);
	tcase_add_test(tc, only_zero_is_zero);
	tcase_add_loop_test(tc, deadline_is_now_and_the_timeout, 0, 8);
	tcase_add_test(tc, endless_timeout_ends_at_the_end_of_time);
	tcase_add_test(tc, clock_that_cannot_be_read);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
