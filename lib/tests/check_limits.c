/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits and capabilities, also of systems that lack one thing or another. */
#include "check_pipc.h"

#include <limits.h>

FAILING(int, getvalue, (sem_t * sem, int *value), -1)
FAILING(int, timedwait, (sem_t * sem, const struct timespec *deadline), -1)
FAILING(int, timedsend,
	(mqd_t mqd, const char *msg, size_t len, unsigned prio,
	 const struct timespec *deadline),
	-1)
FAILING(mqd_t, mq_open,
	(const char *name, int flags, mode_t mode, struct mq_attr *attr),
	PIPC__BAD_MQD)
FAILING(long, sysconf, (int name), -1)

static bool have_queues(void)
{
	return pipc_limits()->message_queues_supported;
}

START_TEST(limits_agree_with_the_system)
{
	const struct pipc_limits *l = pipc_limits();

	ck_assert_int_eq(l->page_size, sysconf(_SC_PAGESIZE));
	ck_assert_int_ge(l->semaphore_value_max, 32767);
	ck_assert_int_le(l->user_signal_min, l->user_signal_max);
	if (l->message_queues_supported) {
		ck_assert_int_ge(l->queue_priority_max, 31);
		ck_assert_int_gt(l->queue_messages_max_default, 0);
		ck_assert_int_gt(l->queue_message_size_max_default, 0);
	}
}
END_TEST

static int sysconf_calls;

static long counted_sysconf(int name)
{
	sysconf_calls++;
	return sysconf(name);
}

START_TEST(found_once_and_again_after_a_change)
{
	int calls;

	use_faulty();
	faulty.sysconf = counted_sysconf;
	errno = EDOM;
	ck_assert_ptr_nonnull(pipc_limits());
	ck_assert_int_eq(errno, EDOM);
	calls = sysconf_calls;
	ck_assert_int_gt(calls, 0);
	pipc_limits();
	ck_assert_int_eq(sysconf_calls, calls);
	pipc__use(&faulty);
	pipc_limits();
	ck_assert_int_gt(sysconf_calls, calls);
}
END_TEST

START_TEST(nothing_there)
{
	const struct pipc_limits *l;

	pipc__use(&pipc__os_null);
	l = pipc_limits();
	ck_assert(!l->message_queues_supported);
	ck_assert(!l->semaphore_value_supported);
	ck_assert(!l->semaphore_timeout_supported);
	ck_assert_int_eq(l->queue_messages_max_default, 0);
	ck_assert_int_eq(l->queue_message_size_max_default, 0);
	ck_assert_int_eq(l->queue_priority_max, 0);
}
END_TEST

/* As macOS: the functions are there to link with, and fail. */
START_TEST(semaphores_without_value_and_timeout)
{
	use_faulty();
	fault = ENOSYS;
	faulty.sem_getvalue = failing_getvalue;
	faulty.sem_timedwait = failing_timedwait;
	ck_assert(!pipc_limits()->semaphore_value_supported);
	ck_assert(!pipc_limits()->semaphore_timeout_supported);
}
END_TEST

/* As gVisor: queues can be opened, and carry nothing. */
START_TEST(queues_that_carry_nothing)
{
	use_faulty();
	fault = ENOSYS;
	faulty.mq_timedsend = failing_timedsend;
	ck_assert(!pipc_limits()->message_queues_supported);
	ck_assert_int_eq(pipc_limits()->queue_messages_max_default, 0);
}
END_TEST

/* No room for a queue now does not mean that the system has none. */
START_TEST(no_room_is_not_absence)
{
	use_faulty();
	fault = EMFILE;
	faulty.mq_open = failing_mq_open;
	ck_assert(pipc_limits()->message_queues_supported);
	ck_assert_int_eq(pipc_limits()->queue_messages_max_default, 0);
	ck_assert_ptr_eq(pipc_limits(), pipc_limits());
}
END_TEST

FAILING(sem_t *, sem_open,
	(const char *name, int flags, mode_t mode, unsigned value), SEM_FAILED)

/* What could not be found out is asked for again; what was, is not. */
START_TEST(no_room_is_not_for_ever)
{
	struct pipc_mq_options small = {0600, 0, 16, true, true};
	const struct pipc_limits *before;
	pipc_mq *mq = NULL, *same;
	int calls;

	use_faulty();
	faulty.sysconf = counted_sysconf;
	fault = EMFILE;
	faulty.mq_open = failing_mq_open;
	faulty.sem_open = failing_sem_open;
	before = pipc_limits();
	ck_assert(!before->semaphore_value_supported);
	ck_assert(before->message_queues_supported);
	/* A default that is not known is no bad argument. */
	ck_fails(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &small), PIPC_OS_ERROR,
		 EMFILE);
	faulty.mq_open = pipc__os_system.mq_open;
	faulty.sem_open = pipc__os_system.sem_open;
	calls = sysconf_calls;
	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &small), PIPC_OK);
	ck_assert(pipc_limits()->semaphore_value_supported);
	ck_assert_int_gt(pipc_limits()->queue_messages_max_default, 0);
	ck_assert_ptr_eq(pipc_limits(), pipc_limits());
	/* Whoever has the old ones may read them yet. */
	ck_assert_int_eq(before->queue_messages_max_default, 0);
	ck_assert_int_eq(before->page_size, pipc_limits()->page_size);
	/* A queue that is there needs no default. */
	ck_assert_int_ge(sysconf_calls, calls);
	ck_status(pipc_mq_open(&same, pipc_mq_name(mq), PIPC_O_CREAT, &small),
		  PIPC_OK);
	pipc_mq_close(same);
	pipc_mq_free(same);
	pipc_mq_unlink(mq);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}
END_TEST

static mqd_t creates_none(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	if (!(flags & O_CREAT))
		return pipc__os_system.mq_open(name, flags, mode, attr);
	errno = ENOSPC;
	return PIPC__BAD_MQD;
}

/* Without a default one can open what is there, and is told why else. */
START_TEST(queue_that_is_there_needs_no_default)
{
	struct pipc_mq_options small = {0600, 0, 16, true, true};
	pipc_mq *mq, *same = NULL;

	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL), PIPC_OK);
	use_faulty();
	faulty.mq_open = creates_none;
	ck_status(pipc_mq_open(&same, pipc_mq_name(mq), PIPC_O_CREAT, &small),
		  PIPC_OK);
	pipc_mq_close(same);
	pipc_mq_free(same);
	pipc_mq_unlink(mq);
	ck_fails(pipc_mq_open(&same, pipc_mq_name(mq), PIPC_O_CREAT, &small),
		 PIPC_OS_ERROR, ENOSPC);
	ck_fails(pipc_mq_open(&same, pipc_mq_name(mq), PIPC_O_CREX, &small),
		 PIPC_OS_ERROR, ENOSPC);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}
END_TEST

#define THREADS 4
static _Atomic int ready;

static void *looks(void *arg)
{
	const struct pipc_limits *l;
	struct pipc_limits first;
	struct timespec us = {0, 1000};
	int i;

	ready++;
	while (ready % THREADS != 0)
		continue;
	l = pipc_limits();
	memcpy(&first, l, sizeof(first)); /* padding, too */
	for (i = 0; i < 50; i++) {
		if (memcmp(l, &first, sizeof(first)) != 0)
			return NULL;
		nanosleep(&us, NULL);
	}
	return first.page_size > 0 && first.semaphore_value_supported
		   ? (void *)l
		   : NULL;
}

/* What one thread was given does not change while others find it out. */
START_TEST(threads)
{
	pthread_t thread[THREADS];
	int round, i;
	void *l;

	for (round = 0; round < 20; round++) {
		pipc__limits_forget();
		for (i = 0; i < THREADS; i++)
			ck_assert_int_eq(
			    pthread_create(&thread[i], NULL, looks, NULL), 0);
		for (i = 0; i < THREADS; i++) {
			ck_assert_int_eq(pthread_join(thread[i], &l), 0);
			ck_assert_ptr_nonnull(l);
			ck_assert_ptr_eq(l, pipc_limits());
		}
	}
}
END_TEST

static sem_t *dying_sem_open(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	raise(SIGKILL);
	return SEM_FAILED;
}

/* A child that the system ended for want of memory has told nothing. */
START_TEST(child_that_dies_by_chance)
{
	use_faulty();
	faulty.sem_open = dying_sem_open;
	ck_assert(!pipc_limits()->semaphore_value_supported);
	faulty.sem_open = pipc__os_system.sem_open;
	ck_assert(pipc_limits()->semaphore_value_supported);
}
END_TEST

static sem_t *killing_sem_open(const char *name, int flags, mode_t mode,
			       unsigned value)
{
	raise(SIGSYS);
	return SEM_FAILED;
}

static mqd_t killing_mq_open(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	raise(SIGSYS);
	return PIPC__BAD_MQD;
}

/* As FreeBSD without its modules: the calls kill the process. */
START_TEST(calls_that_kill_are_absent)
{
	use_faulty();
	faulty.sem_open = killing_sem_open;
	faulty.mq_open = killing_mq_open;
	ck_assert(!pipc_limits()->semaphore_value_supported);
	ck_assert(!pipc_limits()->semaphore_timeout_supported);
	ck_assert(!pipc_limits()->message_queues_supported);
}
END_TEST

START_TEST(limits_that_the_system_does_not_tell)
{
	use_faulty();
	fault = EINVAL;
	faulty.sysconf = failing_sysconf;
	ck_assert_int_eq(pipc_limits()->page_size, 0);
	ck_assert_int_ge(pipc_limits()->semaphore_value_max, 32767);
	if (have_queues())
		ck_assert_int_ge(pipc_limits()->queue_priority_max, 31);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits");
	TCase *tc = tcase_create("limits");

	own_queue_room();
	tcase_add_test(tc, limits_agree_with_the_system);
	tcase_add_test(tc, found_once_and_again_after_a_change);
	tcase_add_test(tc, nothing_there);
	tcase_add_test(tc, semaphores_without_value_and_timeout);
	tcase_add_test(tc, calls_that_kill_are_absent);
	tcase_add_test(tc, no_room_is_not_absence);
	tcase_add_test(tc, limits_that_the_system_does_not_tell);
	if (have_queues()) {
		tcase_add_test(tc, queues_that_carry_nothing);
		tcase_add_test(tc, queue_that_is_there_needs_no_default);
	}
	if (have_queues() && have_semaphores() &&
	    pipc_limits()->semaphore_value_supported) {
		tcase_add_test(tc, no_room_is_not_for_ever);
		tcase_add_test(tc, child_that_dies_by_chance);
		tcase_add_test(tc, threads);
	}
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
