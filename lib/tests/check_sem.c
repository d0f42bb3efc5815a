/* SPDX-License-Identifier: BSD-3-Clause */
/* Named semaphores. */
#include "check_pipc.h"

#include <sys/wait.h>

static pipc_sem *sem;

static void create(void)
{
	ck_status(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 1), PIPC_OK);
}

static void discard(void)
{
	pipc_sem_unlink(sem);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
}

START_TEST(random_name_is_short_and_used)
{
	ck_assert_int_eq(pipc_sem_name(sem)[0], '/');
	ck_assert_uint_le(strlen(pipc_sem_name(sem)), 14);
}
END_TEST

START_TEST(acquire_takes_one_and_zero_timeout_is_busy)
{
	int value;

	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	ck_status(pipc_sem_value(sem, &value), PIPC_OK);
	ck_assert_int_eq(value, 0);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_BUSY_ERROR);
	ck_status(pipc_sem_release(sem), PIPC_OK);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_OK);
}
END_TEST

START_TEST(timeout_is_never_early)
{
	struct timespec end = pipc__deadline(PIPC_SECONDS(0.02)), now;

	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(0.02)), PIPC_BUSY_ERROR);
	clock_gettime(CLOCK_REALTIME, &now);
	ck_assert(now.tv_sec > end.tv_sec ||
		  (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec));
}
END_TEST

START_TEST(exclusive_creation_is_refused)
{
	pipc_sem *second = NULL;
	int value;

	ck_status(
	    pipc_sem_open(&second, pipc_sem_name(sem), PIPC_O_CREX, 0600, 7),
	    PIPC_EXISTENTIAL_ERROR);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_ptr_null(second);
	ck_status(pipc_sem_value(sem, &value), PIPC_OK);
	ck_assert_int_eq(value, 1);
}
END_TEST

START_TEST(closed_handle_keeps_name_and_unlink)
{
	pipc_sem *gone;

	ck_status(pipc_sem_close(sem), PIPC_OK);
	ck_status(pipc_sem_close(sem), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_sem_release(sem), PIPC_EXISTENTIAL_ERROR);
	ck_assert_ptr_nonnull(pipc_sem_name(sem));
	ck_status(pipc_sem_unlink(sem), PIPC_OK);
	ck_status(pipc_sem_open(&gone, pipc_sem_name(sem), 0, 0, 0),
		  PIPC_EXISTENTIAL_ERROR);
}
END_TEST

START_TEST(works_across_fork)
{
	pid_t pid;
	int status;

	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		pipc__exit(pipc_sem_release(sem) != PIPC_OK);
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(bad_input_is_refused)
{
	struct timespec nsec = {0, 1000000000L};
	pipc_sem *s = NULL;
	char long_name[PIPC__NAME_MAX + 2];

	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[0] = '/';
	long_name[sizeof(long_name) - 1] = '\0';
	ck_status(pipc_sem_open(&s, NULL, PIPC_O_CREAT, 0600, 0),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_sem_open(&s, NULL, PIPC_O_EXCL, 0600, 0),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_sem_open(&s, "/pipc", PIPC_O_CREX | O_APPEND, 0600, 0),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_sem_open(NULL, NULL, PIPC_O_CREX, 0600, 0),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_sem_open(&s, long_name, PIPC_O_CREX, 0600, 0),
		  PIPC_VALUE_ERROR);
	ck_assert_ptr_null(s);
	ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(-1)), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_acquire(sem, &nsec), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_acquire(NULL, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_value(sem, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_unlink_semaphore(NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_OK);
}
END_TEST

static int absent_timedwait(sem_t *s, const struct timespec *deadline)
{
	(void)s;
	(void)deadline;
	errno = ENOSYS;
	return -1;
}

static int interrupted_wait(sem_t *s)
{
	(void)s;
	errno = EINTR;
	return -1;
}

/* Without sem_timedwait() the wait must be sem_wait()'s: here, its EINTR. */
START_TEST(without_timedwait_waits_without_limit)
{
	struct pipc__os os = pipc__os_system;

	pipc_sem *s;

	os.sem_timedwait = absent_timedwait;
	os.sem_wait = interrupted_wait;
	pipc__use(&os);
	ck_status(pipc_sem_open(&s, NULL, PIPC_O_CREX, 0600, 0), PIPC_OK);
	pipc__use(&pipc__os_system);
	ck_status(pipc_sem_acquire(s, PIPC_SECONDS(9)), PIPC_SIGNAL_ERROR);
	ck_status(pipc_sem_acquire(s, &never), PIPC_BUSY_ERROR);
	pipc_sem_unlink(s);
	pipc_sem_close(s);
	pipc_sem_free(s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sem");
	TCase *tc = tcase_create("sem");

	tcase_add_checked_fixture(tc, create, discard);
	tcase_add_test(tc, random_name_is_short_and_used);
	tcase_add_test(tc, acquire_takes_one_and_zero_timeout_is_busy);
	tcase_add_test(tc, timeout_is_never_early);
	tcase_add_test(tc, exclusive_creation_is_refused);
	tcase_add_test(tc, closed_handle_keeps_name_and_unlink);
	tcase_add_test(tc, works_across_fork);
	tcase_add_test(tc, bad_input_is_refused);
	tcase_add_test(tc, without_timedwait_waits_without_limit);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
