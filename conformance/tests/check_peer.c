/* SPDX-License-Identifier: BSD-3-Clause */
/* Other processes of a case. */
#define OWN_EXEC_SELF
#include "check_ct.h"

static const char *exec_arg; /* overrides what a case gives */

/* This program again: see main(). */
_Noreturn void ct_exec_self(struct ct *t, const char *name, const char *fds,
			    const char *arg)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0)
		execl(path, path, "--program", name, fds,
		      exec_arg != NULL ? exec_arg : arg, (char *)NULL);
	ct_unsupported(t, "cannot find this program again");
}

static void talks(struct ct *t)
{
	struct ct_peer *p;
	int *n = ct_shared(t, sizeof(*n));

	CT_EQUAL(*n, 0);
	CT_PEER (t, p) {
		CT_CHECK(getpid() != t->main_pid);
		*n = 1;
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(*n, 2);
		*n = 3;
	}
	CT_CHECK(ct_pid(p) > 0);
	ct_await(t, p);
	CT_EQUAL(*n, 1);
	*n = 2;
	ct_tell(t, p);
	CT_CHECK(ct_join(t, p));
	CT_EQUAL(*n, 3);
	munmap(n, sizeof(*n));
}

START_TEST(a_peer_shares_and_talks)
{
	ck_outcome(result_of(talks), CT_PASS);
	ck_assert_uint_ge(results[0].checks, 7);
}
END_TEST

static void peer_fails(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p)
		CT_EQUAL(1, 2);
	CT_CHECK(ct_join(t, p));
}

static void peer_exits(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p)
		ct_exit(3);
	CT_CHECK(!ct_join(t, p));
}

static void peer_is_killed(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p)
		raise(SIGKILL);
	CT_CHECK(!ct_join(t, p));
}

START_TEST(a_peer_must_end_well)
{
	const struct ct_result *r = result_of(peer_fails);

	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "expected 2, got 1");
	r = result_of(peer_exits);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "a peer ended with status 3");
	r = result_of(peer_is_killed);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "a peer was killed by signal 9");
	ck_says_not(r->messages, "does not hold");
}
END_TEST

static void peer_is_mute(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p)
		CT_CHECK(true);
	ct_await(t, p);
	ct_join(t, p);
}

START_TEST(an_answer_that_cannot_come_is_a_failure)
{
	const struct ct_result *r = result_of(peer_is_mute);

	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "the other process ended before it answered");
}
END_TEST

static void stops(struct ct *t)
{
	int *n = ct_shared(t, sizeof(*n)), status, i;
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		for (;;)
			__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
	}
	ct_await(t, p);
	ct_stop(t, p);
	i = __atomic_load_n(n, __ATOMIC_SEQ_CST);
	ct_settle(t);
	CT_EQUAL(__atomic_load_n(n, __ATOMIC_SEQ_CST), i);
	ct_continue(t, p);
	while (__atomic_load_n(n, __ATOMIC_SEQ_CST) == i)
		;
	kill(ct_pid(p), SIGTERM);
	status = ct_reap(t, p);
	CT_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

START_TEST(a_peer_is_stopped_and_goes_on)
{
	ck_outcome(result_of(stops), CT_PASS);
}
END_TEST

static void stop_a_dead_one(struct ct *t)
{
	struct ct_peer *p = ct_fork(t);

	if (ct_in_peer(p))
		ct_peer_exit(t);
	ct_reap(t, p);
	ct_stop(t, p);
}

static void continue_a_dead_one(struct ct *t)
{
	struct ct_peer *p = ct_fork(t);

	if (ct_in_peer(p))
		ct_peer_exit(t);
	ct_reap(t, p);
	ct_continue(t, p);
}

START_TEST(a_dead_peer_is_not_stopped)
{
	ck_outcome(result_of(stop_a_dead_one), CT_FAIL);
	ck_outcome(result_of(continue_a_dead_one), CT_FAIL);
}
END_TEST

static void kills(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		signal(SIGTERM, SIG_IGN);
		ct_tell_parent(t);
		for (;;)
			pause();
	}
	ct_await(t, p);
	ct_kill(t, p);
	CT_ERRNO(kill(ct_pid(p), 0) == -1, ESRCH);
}

START_TEST(a_killed_peer_is_gone)
{
	ck_outcome(result_of(kills), CT_PASS);
}
END_TEST

static void blocks(struct ct *t)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(t->os->sem_wait(sem) == 0);
		ct_await_parent(t);
	}
	CT_CHECK(ct_await_blocked(t, p));
	CT_CHECK(ct_still_blocked(t, p));
	CT_OK(t->os->sem_post(sem) == 0);
	ct_tell(t, p);
	ct_join(t, p);
	t->os->sem_close(sem);
}

static void does_not_block(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p)
		ct_tell_parent(t);
	CT_CHECK(!ct_await_blocked(t, p));
	CT_CHECK(!ct_still_blocked(t, p));
	ct_join(t, p);
}

START_TEST(a_blocked_peer_is_seen)
{
	const struct ct_result *r;

	ck_outcome(result_of(blocks), CT_PASS);
	if (ct__process_state(getpid()) == 0)
		return; /* nobody tells: a settle time, and no answer */
	r = result_of(does_not_block);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "its caller has ended");
	ck_says_not(r->messages, "does not hold");
}
END_TEST

static void undefined(struct ct *t)
{
	CT_UNDEFINED (t, "returns")
		ct_note(t, "saw", "it");
	CT_UNDEFINED (t, "dies")
		raise(SIGSEGV);
	CT_UNDEFINED (t, "hangs")
		for (;;)
			pause();
}

START_TEST(what_is_undefined_is_noted)
{
	const struct ct_result *r = result_of(undefined);

	ck_outcome(r, CT_NOTED);
	ck_says(r->notes, "saw=it\nreturns=survived\n");
	ck_says(r->notes, "dies=killed by signal 11 (");
	ck_says(r->notes, "hangs=blocks\n");
	ck_assert_str_eq(r->messages, "");
}
END_TEST

static void becomes(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_OWNER);
		CT_EQUAL(geteuid(), CT_OWNER);
		CT_EQUAL(getuid(), CT_OWNER);
		CT_EQUAL(getegid(), CT_OWNER);
		CT_ERRNO(setuid(0) == -1, EPERM);
	}
	ct_join(t, p);
	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		CT_EQUAL(geteuid(), CT_STRANGER);
	}
	ct_join(t, p);
}

START_TEST(another_user_is_for_root)
{
	ck_outcome(result_of(becomes),
		   geteuid() == 0 ? CT_PASS : CT_UNRESOLVED);
}
END_TEST

static void execs(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p)
		ct_exec(t, "says_hello", "x");
	ct_await(t, p);
	ct_tell(t, p);
	CT_CHECK(ct_join(t, p));
}

START_TEST(a_program_is_a_peer_like_any_other)
{
	const struct ct_result *r = result_of(execs);

	if (r->outcome == CT_UNSUPPORTED)
		return;
	ck_outcome(r, CT_PASS);
	exec_arg = "wrong";
	r = result_of(execs);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "arg[0] == 'x': does not hold");
}
END_TEST

START_TEST(a_program_that_is_not_there)
{
	ck_assert_int_eq(
	    ct_program_main("none", "9,-1,-1", "", &pipc__os_system), 2);
	ck_assert_int_eq(
	    ct_program_main("says_hello", "9,x", "", &pipc__os_system), 2);
}
END_TEST

static void all_pass(struct ct *t)
{
	struct ct_gate *gate = ct_gate(t, 4);
	int *n = ct_shared(t, sizeof(*n)), i;
	struct ct_peer *p[3];

	for (i = 0; i < 3; i++)
		CT_PEER (t, p[i]) {
			__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
			ct_gate_pass(t, gate);
			CT_EQUAL(__atomic_load_n(n, __ATOMIC_SEQ_CST), 4);
		}
	__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
	ct_gate_pass(t, gate);
	CT_EQUAL(__atomic_load_n(n, __ATOMIC_SEQ_CST), 4);
	for (i = 0; i < 3; i++)
		ct_join(t, p[i]);
}

START_TEST(nobody_passes_a_gate_alone)
{
	ck_outcome(result_of(all_pass), CT_PASS);
}
END_TEST

static void counts(struct ct *t)
{
	int *n = ct_shared(t, sizeof(*n));
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_settle(t);
		__atomic_store_n(n, 2, __ATOMIC_SEQ_CST);
	}
	CT_CHECK(ct_await_count(t, n, 2));
	CT_CHECK(ct_await_count(t, n, 1));
	ct_join(t, p);
	CT_CHECK(!ct_await_count(t, n, 3));
}

START_TEST(a_count_is_awaited_but_not_for_ever)
{
	const struct ct_result *r = result_of(counts);

	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "2 of 3 have come");
	ck_says_not(r->messages, "does not hold");
}
END_TEST

START_TEST(without_fork_there_are_no_peers)
{
	const struct ct_result *r;

	how.no_fork = true;
	r = result_of(talks);
	ck_outcome(r, CT_UNRESOLVED);
	ck_says(r->messages, "needs fork");
}
END_TEST

static void limited(struct ct *t)
{
	no_more_processes();
	ct_fork(t);
}

START_TEST(no_more_processes_is_no_failure)
{
	const struct ct_result *r = result_of(limited);

	ck_outcome(r, CT_UNRESOLVED);
	ck_says(r->messages, "got EAGAIN");
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tc = tests_of("peer");

	if (argc == 5 && strcmp(argv[1], "--program") == 0)
		return ct_program_main(argv[2], argv[3], argv[4],
				       &pipc__os_system);
	tcase_add_test(tc, a_peer_shares_and_talks);
	tcase_add_test(tc, a_peer_must_end_well);
	tcase_add_test(tc, an_answer_that_cannot_come_is_a_failure);
	tcase_add_test(tc, a_peer_is_stopped_and_goes_on);
	tcase_add_test(tc, a_dead_peer_is_not_stopped);
	tcase_add_test(tc, a_killed_peer_is_gone);
	tcase_add_test(tc, a_blocked_peer_is_seen);
	tcase_add_test(tc, what_is_undefined_is_noted);
	tcase_add_test(tc, another_user_is_for_root);
	tcase_add_test(tc, a_program_is_a_peer_like_any_other);
	tcase_add_test(tc, a_program_that_is_not_there);
	tcase_add_test(tc, nobody_passes_a_gate_alone);
	tcase_add_test(tc, a_count_is_awaited_but_not_for_ever);
	tcase_add_test(tc, without_fork_there_are_no_peers);
	tcase_add_test(tc, no_more_processes_is_no_failure);
	return run_tests();
}
