/* SPDX-License-Identifier: BSD-3-Clause */
/* Statuses, time-outs, limits and backends. */
#include "check_pipc.h"

#include <limits.h>
#include <math.h>

START_TEST(errno_becomes_a_status)
{
	static const struct {
		int error;
		pipc_status status;
	} rows[] = {
	    {EINTR, PIPC_SIGNAL_ERROR},	      {EACCES, PIPC_PERMISSIONS_ERROR},
	    {EPERM, PIPC_PERMISSIONS_ERROR},  {ENOENT, PIPC_EXISTENTIAL_ERROR},
	    {EEXIST, PIPC_EXISTENTIAL_ERROR}, {EAGAIN, PIPC_BUSY_ERROR},
	    {ETIMEDOUT, PIPC_BUSY_ERROR},     {EBUSY, PIPC_BUSY_ERROR},
	    {EINVAL, PIPC_VALUE_ERROR},	      {ENAMETOOLONG, PIPC_VALUE_ERROR},
	    {ENOSYS, PIPC_UNSUPPORTED_ERROR}, {ENOMEM, PIPC_MEMORY_ERROR},
	    {EMFILE, PIPC_OS_ERROR},
	};

	errno = rows[_i % 13].error;
	ck_status(pipc__failed(), rows[_i % 13].status);
	ck_assert_int_eq(errno, rows[_i % 13].error);
}
END_TEST

START_TEST(status_names)
{
	ck_assert_str_eq(pipc_status_name(PIPC_OK), "PIPC_OK");
	ck_assert_str_eq(pipc_status_name((pipc_status)99), "unknown status");
	ck_assert_str_eq(pipc_version(), PIPC_VERSION);
}
END_TEST

START_TEST(seconds)
{
	ck_assert_int_eq(pipc_seconds(1.5).tv_sec, 1);
	ck_assert_int_eq(pipc_seconds(1.5).tv_nsec, 500000000);
	ck_assert_int_eq(pipc_seconds(1e-12).tv_nsec, 1);
	ck_assert(!pipc__timeout_ok(PIPC_SECONDS(NAN)));
	ck_assert(!pipc__timeout_ok(PIPC_SECONDS(-0.1)));
	ck_assert(pipc__timeout_ok(PIPC_SECONDS(INFINITY)));
	ck_assert(pipc__deadline(PIPC_SECONDS(INFINITY)).tv_sec > 0);
}
END_TEST

START_TEST(flags)
{
	ck_assert_int_eq(PIPC_O_CREX, PIPC_O_CREAT | PIPC_O_EXCL);
	ck_assert_int_eq(PIPC_O_CREAT & PIPC_O_EXCL, 0);
	ck_assert_int_eq(PIPC_O_CREX & PIPC_O_TRUNC, 0);
	ck_assert(!pipc__flags_ok(PIPC_O_EXCL, PIPC_O_CREX));
	ck_assert(pipc__flags_ok(PIPC_O_CREX, PIPC_O_CREX));
}
END_TEST

START_TEST(limits_agree_with_the_system)
{
	const struct pipc_limits *l = pipc_limits();

	ck_assert_int_eq(l->page_size, sysconf(_SC_PAGESIZE));
	ck_assert_int_ge(l->semaphore_value_max, 32767);
	if (l->message_queues_supported) {
		ck_assert_int_ge(l->queue_priority_max, 31);
		ck_assert_int_gt(l->queue_messages_max_default, 0);
		ck_assert_int_gt(l->queue_message_size_max_default, 0);
	}
}
END_TEST

START_TEST(null_backend_supports_nothing)
{
	pipc_sem *sem = NULL;
	pipc_shm *shm = NULL;
	pipc_mq *mq = NULL;

	pipc__use(pipc__backend("null")->os);
	ck_status(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0),
		  PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false),
		  PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL),
		  PIPC_UNSUPPORTED_ERROR);
	ck_assert(!pipc_limits()->message_queues_supported);
	ck_assert(!pipc_limits()->semaphore_value_supported);
	ck_assert(!pipc_limits()->semaphore_timeout_supported);
	pipc__use(&pipc__os_system);
	ck_assert_ptr_null(pipc__backend("no such backend"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_loop_test(tc, errno_becomes_a_status, 0, 13);
	tcase_add_test(tc, status_names);
	tcase_add_test(tc, seconds);
	tcase_add_test(tc, flags);
	tcase_add_test(tc, limits_agree_with_the_system);
	tcase_add_test(tc, null_backend_supports_nothing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
