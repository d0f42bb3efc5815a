/* SPDX-License-Identifier: BSD-3-Clause */
/* What the runner finds when a case ends: refusals, output, processes, time. */
#include "check_ct.h"
#include "job.h"

#include <sched.h>

static int setuid_refused(int error)
{
	errno = error;
	return -1;
}

static int mq_send_refused(int error)
{
	return setuid_refused(error);
}

static void setup_is_denied(struct ct *t)
{
	CT_SETUP_TRUE(setuid_refused(EPERM) == 0);
}

static void setup_is_broken(struct ct *t)
{
	CT_SETUP_TRUE(mq_send_refused(EPERM) == 0);
}

static void check_is_denied(struct ct *t)
{
	CT_OK(setuid_refused(EPERM) == 0);
	CT_CHECK(false);
}

static void fails_before_it_is_denied(struct ct *t)
{
	CT_CHECK(false);
	CT_OK(setuid_refused(EPERM) == 0);
}

static void crashes_after_it_was_denied(struct ct *t)
{
	CT_OK(setuid_refused(EPERM) == 0);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

START_TEST(the_environment_is_asked)
{
	const struct ct_result *r = result_of(setup_is_denied);

	ck_outcome(r, CT_UNRESOLVED);
	ck_assert_int_eq(strncmp(r->messages, "setuid_refused: EPERM; ", 23),
			 0);
	ck_says(r->messages,
		"set-up: setuid_refused(EPERM) == 0: expected success");
	r = result_of(setup_is_broken);
	ck_outcome(r, CT_FAIL);
	ck_says_not(r->messages, "; ");
	r = result_of(check_is_denied);
	ck_outcome(r, CT_UNRESOLVED);
	ck_outcome(result_of(fails_before_it_is_denied), CT_FAIL);
	ck_outcome(result_of(crashes_after_it_was_denied), CT_UNRESOLVED);
}
END_TEST

static void writes_lines(struct ct *t)
{
	static const char text[] = "Bail out!\n1..3\n\001\033[2J\tx";

	CT_OK(write(1, text, sizeof(text) - 1) > 0);
	CT_OK(write(2, " end", 4) == 4);
	printf("\nby stdio\n");
}

enum { MIB = 1 << 20, MANY_MIB = 16 };

static void writes_a_lot(struct ct *t)
{
	static char text[MIB];
	ssize_t n;
	size_t done;
	int i;

	memset(text, 'x', sizeof(text));
	for (i = 0; i < MANY_MIB; i++)
		for (done = 0; done < sizeof(text); done += (size_t)n) {
			n = write(1, text + done, sizeof(text) - done);
			if (n < 0 && errno == EAGAIN)
				return;
			CT_SETUP_TRUE(n > 0);
		}
	CT_CHECK(true);
}

START_TEST(output_is_bounded_and_marked)
{
	const struct ct_result *r;
	char more[80];
	const char *p;

	for (how.no_fork = false;; how.no_fork = true) {
		capture(1);
		r = result_of(writes_lines);
		ck_assert_str_eq(captured(), "");
		ck_outcome(r, CT_PASS);
		ck_assert_str_eq(r->messages,
				 "output: Bail out!\noutput: 1..3\n"
				 "output: ??[2J?x end\noutput: by stdio\n");
		if (how.no_fork)
			break;
	}
	how.no_fork = false;
	r = result_of(writes_a_lot);
	ck_outcome(r, CT_PASS);
	p = strstr(r->messages, "output: xxx");
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(strspn(p + 8, "x"), CT_JOB_OUTPUT);
	snprintf(more, sizeof(more), "\noutput: ... and %d bytes more\n",
		 MANY_MIB * MIB - CT_JOB_OUTPUT);
	ck_says(r->messages, more);
	how.no_fork = true;
	r = result_of(writes_a_lot);
	ck_says(r->messages, "output: xxx");
}
END_TEST

/* Leaves so many processes, each in a session of its own, without a pipe. */
static void leave_behind(struct ct *t, int n, bool with_pipe)
{
	pid_t middle;
	int ready[2], i;
	char byte;

	CT_SETUP_TRUE(pipe(ready) == 0);
	for (i = 0; i < n; i++)
		if ((middle = fork()) == 0) {
			setsid();
			if (fork() != 0)
				_exit(0);
			close(1);
			close(2);
			if (!with_pipe)
				close(t->records);
			(void)!write(ready[1], "x", 1);
			for (;;)
				pause();
		} else {
			CT_SETUP_TRUE(waitpid(middle, NULL, 0) == middle);
		}
	for (i = 0; i < n; i++)
		CT_SETUP_TRUE(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	CT_CHECK(true);
}

static void leaves_seven(struct ct *t)
{
	leave_behind(t, 7, true);
}

static void leaves_two_without_pipe(struct ct *t)
{
	leave_behind(t, 2, false);
}

static void looks_on(struct ct *t)
{
	CT_CHECK(true);
	ct_settle(t);
}

static bool adopts(void)
{
#ifdef __linux__
	return ct__process_state(getpid()) != 0;
#else
	return false;
#endif
}

START_TEST(who_leaves_the_group_does_not_escape)
{
	static const struct ct_case a = {.id = "u.seven", .run = leaves_seven},
				    b = {.id = "u.two",
					 .run = leaves_two_without_pipe},
				    c = {.id = "u.looks-on", .run = looks_on};
	const struct ct_case *const list[] = {&a, &c, &b, &c};
	unsigned i;

	if (!adopts())
		return;
	how.jobs = 3;
	ck_assert_int_eq(ct_run(&how, list, 4, 5, NULL, keep_result), 0);
	for (i = 0; i < results_n; i++) {
		ck_outcome(&results[i],
			   results[i].self == &c ? CT_PASS : CT_LEAK);
		if (results[i].self != &c)
			ck_says(results[i].messages,
				results[i].self == &a
				    ? "left behind: 7 processes\n"
				    : "left behind: 2 processes\n");
	}
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* As on a system where orphans go to the first process. */
static void prints_its_orphans(struct ct *t)
{
	int fds[2];
	pid_t pid;

	CT_SETUP_TRUE(pipe(fds) == 0);
	if (fork() == 0) {
		setsid();
		pid = getpid();
		(void)!write(fds[1], &pid, sizeof(pid));
		alarm(20);
		for (;;)
			pause();
	}
	CT_SETUP_TRUE(read(fds[0], &pid, sizeof(pid)) == sizeof(pid));
	close(fds[0]);
	close(fds[1]);
	ct_remark(t, "pid %ld", (long)pid);
	CT_CHECK(true);
}

START_TEST(where_nobody_adopts_the_pipe_tells)
{
	const struct ct_result *r;
	const char *p;

	ct__may_adopt = false;
	r = result_of(prints_its_orphans);
	p = strstr(r->messages, "pid ");
	ck_assert_ptr_nonnull(p);
	kill((pid_t)atol(p + 4), SIGKILL);
	ck_outcome(r, CT_LEAK);
	ck_says(r->messages, "a process that left the case's group");
	ck_outcome(result_of(looks_on), CT_PASS);
}
END_TEST

static void is_stopped_for_a_while(struct ct *t)
{
	pid_t parent = getpid(), pid = fork();
	struct pollfd nothing = {-1, 0, 0};

	CT_SETUP_TRUE(pid >= 0);
	if (pid == 0) {
		kill(parent, SIGSTOP);
		poll(&nothing, 0, 2000);
		kill(parent, SIGCONT);
		_exit(0);
	}
	CT_OK(waitpid(pid, NULL, 0) == pid);
}

static void spins(struct ct *t)
{
	CT_CHECK(true);
	for (;;)
		;
}

START_TEST(only_its_own_time_counts)
{
	static const struct ct_case stopped = {.id = "u.stopped",
					       .run = is_stopped_for_a_while,
					       .seconds = 1},
				    busy = {.id = "u.spins",
					    .run = spins,
					    .seconds = 1};
	const struct ct_case *const list[] = {&stopped, &busy};
	int at;

	how.jobs = 2;
	ck_assert_int_eq(ct_run(&how, list, 2, 1, NULL, keep_result), 0);
	at = results[0].self == &busy ? 0 : 1;
	ck_outcome(&results[at], CT_TIMEOUT);
	/* On a machine that gives it less than 1 s in 30 the clock ends it. */
	ck_says(results[at].messages, results[at].ms < 29000
					  ? "did not end within 1 s"
					  : "did not end within ");
	ck_assert_int_ge(results[at].ms, 1000);
	if (ct__process_state(getpid()) != 0)
		ck_outcome(&results[1 - at], CT_PASS);
}
END_TEST

static void fails_when_stopped(struct ct *t)
{
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (access("/proc", F_OK) == 0 && t->shared->places == 1 &&
	    ct_random(t) != 0) {
		is_stopped_for_a_while(t);
		CT_CHECK(ct_ms_since(CLOCK_MONOTONIC, &start) < 1000);
	}
}

START_TEST(a_failure_of_one_that_was_stopped_is_tried_again)
{
	const struct ct_result *r;

	if (ct__process_state(getpid()) == 0)
		return;
	r = result_of(fails_when_stopped);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "run again, for it was stopped for ");
}
END_TEST

START_TEST(a_pause_of_everything_moves_deadlines)
{
	struct job *j = calloc(1, sizeof(*j));
	struct ct__shared shared = {0};

	ck_assert_ptr_nonnull(j);
	j->shared = &shared;
	j->pid = getpid();
	j->limit = 1000;
	j->sampled = ct_in_ms(CLOCK_MONOTONIC, -13000);
	j->bound = j->sampled;
	j->stuck = 6;
	ct__job_pause(j, 12900);
	ck_assert(!ct__job_watch(j));
	ck_assert_int_lt(j->wall, 1000);
	ck_assert_int_eq(j->stuck, 0);
	ck_assert_int_eq(j->paused, 12900);
	free(j);
}
END_TEST

START_TEST(a_wait_does_not_end_while_nobody_runs)
{
	struct ct__wait wait = ct__wait(1000);

	ck_assert(!ct__wait_is_over(&wait));
	ct__later(&wait.seen, -13000);
	ct__later(&wait.end, -13000);
	ck_assert(!ct__wait_is_over(&wait));
	ct__later(&wait.end, -13000);
	ck_assert(ct__wait_is_over(&wait));
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("end");

	tcase_add_test(tc, the_environment_is_asked);
	tcase_add_test(tc, output_is_bounded_and_marked);
	tcase_add_test(tc, who_leaves_the_group_does_not_escape);
	tcase_add_test(tc, where_nobody_adopts_the_pipe_tells);
	tcase_add_test(tc, only_its_own_time_counts);
	tcase_add_test(tc, a_failure_of_one_that_was_stopped_is_tried_again);
	tcase_add_test(tc, a_pause_of_everything_moves_deadlines);
	tcase_add_test(tc, a_wait_does_not_end_while_nobody_runs);
	return run_tests();
}
