/* SPDX-License-Identifier: BSD-3-Clause */
/* The system's table: it hands arguments on, and says ENOSYS for what lacks. */
#include "check_pipc.h"

static const struct pipc__os *const os = &pipc__os_system;

#ifndef HAVE_SEM_TIMEDWAIT
START_TEST(absent_sem_timedwait)
{
	ck_assert_int_eq(os->sem_timedwait(NULL, &never), -1);
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert(!pipc_limits()->semaphore_timeout_supported);
}
END_TEST
#endif

#ifndef HAVE_SEM_GETVALUE
START_TEST(absent_sem_getvalue)
{
	int value;

	ck_assert_int_eq(os->sem_getvalue(NULL, &value), -1);
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert(!pipc_limits()->semaphore_value_supported);
}
END_TEST
#endif

#ifndef HAVE_MQ_OPEN
START_TEST(absent_mq_open)
{
	ck_assert(os->mq_open("/p", PIPC_O_CREX, 0600, NULL) == PIPC__BAD_MQD);
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert(!pipc_limits()->message_queues_supported);
	ck_assert_int_eq(pipc_limits()->queue_priority_max, 0);
}
END_TEST
#endif

/* POSIX gives the error as the result; the table has one way for all. */
START_TEST(posix_fallocate_gives_errno)
{
	errno = 0;
	ck_assert_int_eq(os->posix_fallocate(-1, 0, 1), -1);
	ck_assert(errno == EBADF || errno == ENOSYS);
}
END_TEST

START_TEST(posix_fallocate_makes_room)
{
	pipc_shm *shm;
	struct stat st;
	int fd;

	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 0, false),
		  PIPC_OK);
	pipc_shm_unlink(shm);
	fd = pipc_shm_fd(shm);
	if (os->posix_fallocate(fd, 0, 100) == 0) {
		ck_assert_int_eq(os->fstat(fd, &st), 0);
		ck_assert_int_eq(st.st_size, 100);
	} else {
		ck_assert(errno == ENOSYS || errno == EINVAL ||
			  errno == EOPNOTSUPP);
	}
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}
END_TEST

START_TEST(mode_and_umask_reach_the_system)
{
	struct stat st;
	pipc_shm *shm;

	umask(027);
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0666, 0, false),
		  PIPC_OK);
	pipc_shm_unlink(shm);
	ck_assert_int_eq(os->fstat(pipc_shm_fd(shm), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}
END_TEST

START_TEST(initial_value_reaches_the_system)
{
	pipc_sem *sem;
	int i;

	ck_status(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 3), PIPC_OK);
	pipc_sem_unlink(sem);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(os->sem_trywait(pipc__sem_raw(sem)), 0);
	ck_assert_int_eq(os->sem_trywait(pipc__sem_raw(sem)), -1);
	ck_assert_int_eq(errno, EAGAIN);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("os-system");
	TCase *tc = tcase_create("os-system");

#ifndef HAVE_SEM_TIMEDWAIT
	tcase_add_test(tc, absent_sem_timedwait);
#endif
#ifndef HAVE_SEM_GETVALUE
	tcase_add_test(tc, absent_sem_getvalue);
#endif
#ifndef HAVE_MQ_OPEN
	tcase_add_test(tc, absent_mq_open);
#endif
	tcase_add_test(tc, posix_fallocate_gives_errno);
	if (have_shared_memory())
		tcase_add_test(tc, posix_fallocate_makes_room);
	if (have_shared_memory())
		tcase_add_test(tc, mode_and_umask_reach_the_system);
	if (have_semaphores())
		tcase_add_test(tc, initial_value_reaches_the_system);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
