/* SPDX-License-Identifier: BSD-3-Clause */
/* Deadlines, settle times, and the factor for slow machines. */
#include "check_ct.h"

#include <sys/time.h>

START_TEST(past_is_past_and_a_valid_time)
{
	ck_assert(ct_reached(CLOCK_REALTIME, &ct_past));
	ck_assert_int_ge(ct_past.tv_nsec, 0);
	ck_assert_int_lt(ct_past.tv_nsec, 1000000000L);
}
END_TEST

static long long ns_between(const struct timespec *from,
			    const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) * 1000000000LL +
	       (to->tv_nsec - from->tv_nsec);
}

START_TEST(deadlines_are_normal_and_exact)
{
	struct timespec before, after, at;
	long ms;

	for (ms = -3000; ms < 3000; ms += 7) {
		clock_gettime(CLOCK_MONOTONIC, &before);
		at = ct_in_ms(CLOCK_MONOTONIC, ms);
		clock_gettime(CLOCK_MONOTONIC, &after);
		ck_assert_int_ge(at.tv_nsec, 0);
		ck_assert_int_lt(at.tv_nsec, 1000000000L);
		before.tv_sec += ms / 1000;
		before.tv_nsec += ms % 1000 * 1000000L;
		after.tv_sec += ms / 1000;
		after.tv_nsec += ms % 1000 * 1000000L;
		ck_assert(ns_between(&before, &at) >= 0);
		ck_assert(ns_between(&at, &after) >= 0);
	}
}
END_TEST

START_TEST(before_tick_is_ahead_and_in_the_last_millisecond)
{
	struct timespec before, after, at;
	int i;

	for (i = 0; i < 20000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &before);
		at = ct_before_tick(CLOCK_MONOTONIC);
		clock_gettime(CLOCK_MONOTONIC, &after);
		ck_assert_int_lt(at.tv_nsec, 1000000000L);
		ck_assert_int_eq(at.tv_nsec % 10000000, 9000000);
		ck_assert(ns_between(&before, &at) > 0);
		ck_assert(ns_between(&after, &at) <= 10000000);
	}
}
END_TEST

START_TEST(reached_compares_seconds_then_nanoseconds)
{
	struct timespec now, at;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert(ct_reached(CLOCK_MONOTONIC, &now));
	at = now;
	at.tv_sec += 1000;
	at.tv_nsec = 0;
	ck_assert(!ct_reached(CLOCK_MONOTONIC, &at));
	at = now;
	at.tv_sec -= 1;
	at.tv_nsec = 999999999;
	ck_assert(ct_reached(CLOCK_MONOTONIC, &at));
}
END_TEST

START_TEST(milliseconds_since)
{
	struct timespec start;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &start);
	start.tv_sec -= 5;
	start.tv_nsec -= 250000000L; /* below zero or not: both are counted */
	ms = ct_ms_since(CLOCK_MONOTONIC, &start);
	ck_assert_int_ge(ms, 5250);
	ck_assert_int_lt(ms, 5250 + 60000);
}
END_TEST

START_TEST(patience_multiplies_and_never_shortens)
{
	static const struct {
		const char *factor;
		long wanted;
	} rows[] = {{"1", 100},	 {"3", 300}, {"0", 100},
		    {"-2", 100}, {"x", 100}, {"", 100}};
	size_t i;

	unsetenv("PIPC_TIMEOUT_MULTIPLIER");
	ck_assert_int_eq(ct_patience(100), 100);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("PIPC_TIMEOUT_MULTIPLIER", rows[i].factor, 1);
		ck_assert_int_eq(ct_patience(100), rows[i].wanted);
	}
}
END_TEST

static void on_alarm(int signo)
{
	(void)signo;
}

START_TEST(settling_is_not_shortened_by_signals)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval often = {{0, 1000}, {0, 1000}}, never_again = {{0}};
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, 20);

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	ct_settle(NULL);
	setitimer(ITIMER_REAL, &never_again, NULL);
	ck_assert(ct_reached(CLOCK_MONOTONIC, &end));
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("clock");

	tcase_add_test(tc, past_is_past_and_a_valid_time);
	tcase_add_test(tc, deadlines_are_normal_and_exact);
	tcase_add_test(tc, before_tick_is_ahead_and_in_the_last_millisecond);
	tcase_add_test(tc, reached_compares_seconds_then_nanoseconds);
	tcase_add_test(tc, milliseconds_since);
	tcase_add_test(tc, patience_multiplies_and_never_shortens);
	tcase_add_test(tc, settling_is_not_shortened_by_signals);
	return run_tests();
}
