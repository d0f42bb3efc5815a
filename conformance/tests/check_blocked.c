/* SPDX-License-Identifier: BSD-3-Clause */
/* What the system says of processes and threads. */
#include "check_ct.h"

static int go[2]; /* a child waits until this pipe is closed */

static pid_t child(void (*body)(void))
{
	pid_t pid;

	ck_assert_int_eq(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		body();
		ct_exit(0);
	}
	close(go[0]);
	return pid;
}

static void waits(void)
{
	char byte;

	(void)!read(go[0], &byte, 1);
}

static void returns(void)
{
}

static void stops(void)
{
	raise(SIGSTOP);
}

static void end(pid_t pid)
{
	close(go[1]);
	waitpid(pid, NULL, 0);
}

/* Where nobody tells, only the fallback can be tested. */
static bool somebody_tells(void)
{
	return ct__process_state(getpid()) != 0;
}

START_TEST(states)
{
	siginfo_t info;
	pid_t pid;
	int status;

	if (!somebody_tells())
		return;
	ck_assert_int_eq(ct__process_state(getpid()), 'R');
	ck_assert_int_eq(ct__thread_state(getpid(), ct__thread_number()), 'R');
	pid = child(returns);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(ct__process_state(pid), 'Z');
	end(pid);
	ck_assert_int_eq(ct__process_state(pid), 0);
	pid = child(stops);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_int_eq(ct__process_state(pid), 'T');
	kill(pid, SIGCONT);
	end(pid);
}
END_TEST

START_TEST(a_sleeping_process_is_blocked_and_idle)
{
	struct ct *t = lone_case();
	pid_t pid = child(waits);
	long mark;

	ck_assert(ct__await_blocked(t, pid, 0));
	mark = ct__idle_mark(pid);
	ck_assert_int_ge(mark, 0);
	ck_assert(ct__still_blocked(t, pid, 0));
	ck_assert_int_eq(ct__idle_mark(pid), mark);
	ck_assert_str_eq(said(), "");
	end(pid);
}
END_TEST

START_TEST(a_running_process_is_not_idle)
{
	if (somebody_tells())
		ck_assert_int_eq(ct__idle_mark(getpid()), -1);
}
END_TEST

static void spins(void)
{
	struct pollfd p = {go[0], POLLIN, 0};

	while (poll(&p, 1, 0) == 0)
		;
}

static void waits_for_one_that_spins(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		spins();
		ct_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static bool lists_children(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
		 (long)getpid(), (long)getpid());
	return access(path, R_OK) == 0;
}

START_TEST(who_waits_for_a_running_child_is_not_idle)
{
	struct ct *t = lone_case();
	pid_t pid;

	if (!lists_children())
		return;
	pid = child(waits_for_one_that_spins);
	ck_assert(ct__await_blocked(t, pid, 0));
	ck_assert_int_eq(ct__idle_mark(pid), -1);
	end(pid);
}
END_TEST

static void wakes_often(void)
{
	struct pollfd p = {go[0], POLLIN, 0};

	while (poll(&p, 1, 1) == 0)
		;
}

START_TEST(a_process_that_wakes_is_not_still_blocked)
{
	struct ct *t = lone_case();
	pid_t pid;

	if (!somebody_tells())
		return;
	pid = child(wakes_often);
	ck_assert(ct__await_blocked(t, pid, 0));
	ck_assert(!ct__still_blocked(t, pid, 0));
	ct__waits_poll = true;
	ck_assert(ct__still_blocked(t, pid, 0));
	end(pid);
}
END_TEST

START_TEST(one_that_has_ended_polls_no_more)
{
	struct ct *t = lone_case();
	pid_t pid;

	if (!somebody_tells())
		return;
	ct__waits_poll = true;
	pid = child(returns);
	ck_assert(!ct__still_blocked(t, pid, 0));
	end(pid);
}
END_TEST

START_TEST(one_that_has_ended_is_not_blocked)
{
	struct ct *t = lone_case();
	pid_t pid;

	if (!somebody_tells())
		return;
	pid = child(returns);
	ck_assert(!ct__await_blocked(t, pid, 0));
	ck_says(said(), "its caller has ended");
	ck_assert(!ct__still_blocked(t, pid, 0));
	end(pid);
	ck_assert(!ct__await_blocked(t, pid, 0));
	ck_says(said(), "its caller has ended");
	ck_assert_int_eq(ct__idle_mark(pid), 0);
}
END_TEST

START_TEST(where_nobody_tells_there_is_a_settle_time)
{
	struct timespec start = ct_in_ms(CLOCK_MONOTONIC, 0);
	struct ct *t = lone_case();
	int root = open("/", O_RDONLY | O_DIRECTORY);
	char dir[] = "/tmp/pipc-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	if (chroot(dir) == 0) { /* nothing is there, so no /proc */
		ck_assert_int_eq(ct__process_state(getpid()), 0);
		ck_assert_int_eq(ct__idle_mark(getpid()), 0);
		ck_assert(ct__await_blocked(t, getpid(), 0));
		ck_assert_int_ge(ct_ms_since(CLOCK_MONOTONIC, &start), 100);
		ck_assert_int_eq(fchdir(root), 0);
		ck_assert_int_eq(chroot("."), 0);
		ck_assert_str_eq(said(), "");
	}
	rmdir(dir);
	close(root);
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("blocked");

	tcase_add_test(tc, states);
	tcase_add_test(tc, a_sleeping_process_is_blocked_and_idle);
	tcase_add_test(tc, a_running_process_is_not_idle);
	tcase_add_test(tc, who_waits_for_a_running_child_is_not_idle);
	tcase_add_test(tc, a_process_that_wakes_is_not_still_blocked);
	tcase_add_test(tc, one_that_has_ended_polls_no_more);
	tcase_add_test(tc, one_that_has_ended_is_not_blocked);
	tcase_add_test(tc, where_nobody_tells_there_is_a_settle_time);
	return run_tests();
}
