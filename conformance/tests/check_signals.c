/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals that a case expects. */
#include "check_ct.h"

#include <sys/time.h>

START_TEST(signals_are_counted_with_their_information)
{
	struct ct *t = lone_case();

	ct_catch(t, SIGUSR1);
	ct_catch(t, SIGUSR2);
	ck_assert_int_eq(ct_caught(SIGUSR1), 0);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	ck_assert_int_eq(ct_caught(SIGUSR1), 2);
	ck_assert_int_eq(ct_caught(SIGUSR2), 0);
	ck_assert_int_eq(ct_caught_info(SIGUSR1).si_signo, SIGUSR1);
	ck_assert_int_eq(ct_caught_info(SIGUSR1).si_pid, getpid());
	ck_assert(ct_await_caught(t, SIGUSR1, 2));
	ct_catch(t, SIGUSR1);
	ck_assert_int_eq(ct_caught(SIGUSR1), 0);
}
END_TEST

START_TEST(one_that_comes_later_is_awaited)
{
	struct ct *t = lone_case();
	pid_t parent = getpid(), pid;

	ct_catch(t, SIGUSR1);
	pid = fork();
	if (pid == 0) {
		ct_settle(t);
		kill(parent, SIGUSR1);
		ct_exit(0);
	}
	ck_assert(ct_await_caught(t, SIGUSR1, 1));
	ck_assert_int_eq(ct_caught_info(SIGUSR1).si_pid, pid);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(one_that_does_not_come_is_not_awaited_for_ever)
{
	struct ct *t = lone_case();

	ct_catch(t, SIGUSR1);
	raise(SIGUSR1);
	ck_assert(!ct_await_caught(t, SIGUSR1, 2));
}
END_TEST

static int wanted_signal;

static void catch_it(struct ct *t)
{
	ct_catch(t, wanted_signal);
	CT_CHECK(true);
}

START_TEST(what_cannot_be_caught_is_a_failure)
{
	wanted_signal = SIGKILL;
	ck_outcome(result_of(catch_it), CT_FAIL);
	wanted_signal = 100000;
	ck_outcome(result_of(catch_it), CT_FAIL);
	wanted_signal = SIGUSR1;
	ck_outcome(result_of(catch_it), CT_PASS);
}
END_TEST

static void interrupted(struct ct *t)
{
	/* Again and again: the first may come before the call. */
	struct itimerval often = {{0, 10000}, {0, 10000}}, no_more = {{0}};
	int fds[2];
	char byte;

	CT_SETUP_TRUE(pipe(fds) == 0);
	ct_catch(t, SIGALRM);
	setitimer(ITIMER_REAL, &often, NULL);
	CT_ERRNO(read(fds[0], &byte, 1) == -1, EINTR);
	setitimer(ITIMER_REAL, &no_more, NULL);
	close(fds[0]);
	close(fds[1]);
}

START_TEST(calls_are_interrupted_not_restarted)
{
	ck_outcome(result_of(interrupted), CT_PASS);
}
END_TEST

/* A peer that is blocked in a read, when a signal comes. */
static void reads_on(struct ct *t, bool restarting)
{
	int *end = ct_shared(t, sizeof(*end)), fds[2];
	struct ct_peer *p;
	char byte;

	CT_SETUP_TRUE(pipe(fds) == 0);
	*end = -1;
	if (restarting)
		ct_catch_restarting(t, SIGUSR1);
	else
		ct_catch(t, SIGUSR1);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		*end = read(fds[0], &byte, 1) < 0 ? errno : 0;
	}
	ct_await_blocked(t, p);
	CT_EQUAL(ct_sleeps_on(t, p, SIGUSR1, end), restarting);
	CT_EQUAL(*end, restarting ? -1 : EINTR);
	CT_OK(write(fds[1], "", 1) == 1);
	ct_join(t, p);
	close(fds[0]);
	close(fds[1]);
}

static void restarts(struct ct *t)
{
	reads_on(t, true);
}

static void is_interrupted(struct ct *t)
{
	reads_on(t, false);
}

START_TEST(whether_a_peer_sleeps_on_is_seen)
{
	ck_outcome(result_of(restarts), CT_PASS);
	ck_outcome(result_of(is_interrupted), CT_PASS);
}
END_TEST

START_TEST(a_storm_goes_on_until_it_is_ended)
{
	struct ct *t = lone_case();
	int caught;

	ct_storm(t, 1000);
	ck_assert(ct_await_caught(t, SIGALRM, 3));
	ct_storm(t, 0);
	caught = ct_caught(SIGALRM);
	ct_settle(t);
	ck_assert_int_eq(ct_caught(SIGALRM), caught);
}
END_TEST

static void real_time(struct ct *t)
{
	ct_exit(ct_rtsig(t) == pipc_limits()->user_signal_min ? 0 : 1);
}

START_TEST(real_time_signal)
{
	struct ct *t = lone_case();

	if (pipc_limits()->user_signal_min > 0) {
		ck_assert_int_eq(exit_of(real_time, t), 0);
		ck_assert_str_eq(said(), "");
	} else {
		exit_of(real_time, t);
		ck_says(said(), "Uno real-time signals");
	}
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("signals");

	tcase_add_test(tc, signals_are_counted_with_their_information);
	tcase_add_test(tc, one_that_comes_later_is_awaited);
	tcase_add_test(tc, one_that_does_not_come_is_not_awaited_for_ever);
	tcase_add_test(tc, what_cannot_be_caught_is_a_failure);
	tcase_add_test(tc, calls_are_interrupted_not_restarted);
	tcase_add_test(tc, whether_a_peer_sleeps_on_is_seen);
	tcase_add_test(tc, a_storm_goes_on_until_it_is_ended);
	tcase_add_test(tc, real_time_signal);
	return run_tests();
}
