/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads of a case. */
#include "check_ct.h"

static void waits(struct ct *t, void *arg)
{
	ct_thread_ready(t);
	CT_OK(t->os->sem_wait(arg) == 0);
}

static void returns(struct ct *t, void *arg)
{
	CT_CHECK(t != NULL);
	*(bool *)arg = true;
}

static void blocks(struct ct *t)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_thread *thread = ct_thread(t, waits, sem);

	CT_CHECK(ct_thread_await_blocked(t, thread));
	CT_CHECK(!pthread_equal(ct_thread_id(thread), pthread_self()));
	CT_OK(t->os->sem_post(sem) == 0);
	ct_thread_join(t, thread);
	t->os->sem_close(sem);
}

START_TEST(a_blocked_thread_is_seen)
{
	ck_outcome(result_of(blocks), CT_PASS);
	ck_assert_uint_ge(results[0].checks, 4);
}
END_TEST

static void does_not_block(struct ct *t)
{
	bool ran = false;
	struct ct_thread *thread = ct_thread(t, returns, &ran);

	ct_thread_await_blocked(t, thread);
	ct_thread_join(t, thread);
	CT_CHECK(ran);
}

START_TEST(a_thread_that_returns_did_not_block)
{
	const struct ct_result *r = result_of(does_not_block);

	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "the call that must block did not block");
	ck_says_not(r->messages, "ran");
}
END_TEST

static void fails(struct ct *t, void *arg)
{
	(void)arg;
	CT_EQUAL(1, 2);
}

static void one_fails(struct ct *t)
{
	ct_thread_join(t, ct_thread(t, fails, NULL));
}

START_TEST(a_thread_s_failure_is_the_case_s)
{
	const struct ct_result *r = result_of(one_fails);

	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "1: expected 2, got 1");
}
END_TEST

static void limited(struct ct *t)
{
	no_more_processes();
	ct_thread(t, returns, NULL);
}

START_TEST(no_more_threads_is_no_failure)
{
	const struct ct_result *r;

	how.debug = true; /* in this process, which can go back */
	r = result_of(limited);
	more_processes();
	ck_outcome(r, CT_UNRESOLVED);
	ck_says(r->messages, "pthread_create: ");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("thread");

	tcase_add_test(tc, a_blocked_thread_is_seen);
	tcase_add_test(tc, a_thread_that_returns_did_not_block);
	tcase_add_test(tc, a_thread_s_failure_is_the_case_s);
	tcase_add_test(tc, no_more_threads_is_no_failure);
	return run_tests();
}
