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
	if (have_queues())
		tcase_add_test(tc, queues_that_carry_nothing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
