/* SPDX-License-Identifier: BSD-3-Clause */
/* Named semaphores. */
#include "check_pipc.h"

#include <sys/wait.h>

FAILING(sem_t *, open,
	(const char *name, int flags, mode_t mode, unsigned value), SEM_FAILED)
FAILING(int, call, (sem_t * s), -1)
FAILING(int, timedwait, (sem_t * s, const struct timespec *deadline), -1)
FAILING(int, getvalue, (sem_t * s, int *value), -1)
FAILING(int, unlink, (const char *name), -1)
FAILING(int, clockwait,
	(sem_t * s, clockid_t clock, const struct timespec *deadline), -1)

/* All ways to wait with a deadline. */
static void no_deadlines(void)
{
	faulty.sem_timedwait = failing_timedwait;
	faulty.sem_clockwait = faulty.sem_clockwait_np = failing_clockwait;
}

static pipc_sem *sem; /* value 1, over the faulty table */

static void create(void)
{
	use_faulty();
	ck_status(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 1), PIPC_OK);
}

static void expect_value(int wanted)
{
	int value = -1;

	if (!pipc_limits()->semaphore_value_supported)
		return;
	ck_status(pipc_sem_value(sem, &value), PIPC_OK);
	ck_assert_int_eq(value, wanted);
}

static void discard(void)
{
	faulty = pipc__os_system;
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
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	expect_value(0);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_BUSY_ERROR);
	ck_status(pipc_sem_release(sem), PIPC_OK);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_OK);
}
END_TEST

START_TEST(timeout_is_never_early)
{
	struct timespec end, now;

	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	ck_assert(pipc__deadline(CLOCK_MONOTONIC, PIPC_SECONDS(0.02), &end));
	ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(0.02)), PIPC_BUSY_ERROR);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert(now.tv_sec > end.tv_sec ||
		  (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec));
}
END_TEST

START_TEST(exclusive_creation_is_refused)
{
	pipc_sem *second = NULL;

	ck_status(
	    pipc_sem_open(&second, pipc_sem_name(sem), PIPC_O_CREX, 0600, 7),
	    PIPC_EXISTENTIAL_ERROR);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_ptr_null(second);
	expect_value(1);
}
END_TEST

START_TEST(closed_handle_keeps_name_and_unlink)
{
	pipc_sem *gone;
	int value = 7;

	ck_status(pipc_sem_close(sem), PIPC_OK);
	ck_status(pipc_sem_close(sem), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(9)),
		  PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_sem_release(sem), PIPC_EXISTENTIAL_ERROR);
	ck_fails(pipc_sem_value(sem, &value), PIPC_EXISTENTIAL_ERROR, EBADF);
	ck_assert_int_eq(value, 7);
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

START_TEST(no_handle_is_a_bad_argument)
{
	int value;

	ck_status(pipc_sem_acquire(NULL, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_release(NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_value(NULL, &value), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_close(NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_sem_unlink(NULL), PIPC_VALUE_ERROR);
	ck_assert_ptr_null(pipc_sem_name(NULL));
	ck_assert_ptr_null(pipc__sem_raw(NULL));
	pipc_sem_free(NULL);
}
END_TEST

START_TEST(open_errors_change_nothing)
{
	pipc_sem *s = NULL;

	faulty.sem_open = failing_open;
	fault = open_errors[_i].error;
	ck_fails(pipc_sem_open(&s, "/pipc-sem", PIPC_O_CREAT, 0600, 0),
		 open_errors[_i].status, fault);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(errors_of_calls_are_told)
{
	int value = 7;

	faulty.sem_wait = faulty.sem_post = faulty.sem_trywait = failing_call;
	faulty.sem_close = failing_call;
	faulty.sem_getvalue = failing_getvalue;
	faulty.sem_unlink = failing_unlink;
	fault = EINTR;
	ck_fails(pipc_sem_acquire(sem, NULL), PIPC_SIGNAL_ERROR, EINTR);
	ck_fails(pipc_sem_acquire(sem, &never), PIPC_SIGNAL_ERROR, EINTR);
	fault = EDEADLK;
	ck_fails(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_OS_ERROR,
		 EDEADLK);
	fault = EOVERFLOW;
	ck_fails(pipc_sem_release(sem), PIPC_OS_ERROR, EOVERFLOW);
	fault = ENOSYS;
	ck_fails(pipc_sem_value(sem, &value), PIPC_UNSUPPORTED_ERROR, ENOSYS);
	ck_assert_int_eq(value, 7);
	fault = EACCES;
	ck_fails(pipc_sem_unlink(sem), PIPC_PERMISSIONS_ERROR, EACCES);
	fault = EINVAL;
	ck_fails(pipc_sem_close(sem), PIPC_VALUE_ERROR, EINVAL);
	faulty = pipc__os_system;
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK); /* still open */
}
END_TEST

START_TEST(errors_of_a_wait_are_told)
{
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	no_deadlines();
	fault = EINTR;
	ck_fails(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_SIGNAL_ERROR,
		 EINTR);
	fault = ETIMEDOUT;
	ck_fails(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_BUSY_ERROR,
		 ETIMEDOUT);
}
END_TEST

static int interrupted_wait(sem_t *s)
{
	errno = EINTR;
	return -1;
}

static int successful_wait(sem_t *s)
{
	return 0;
}

/* Without sem_timedwait() the wait must be sem_wait()'s: here, its EINTR. */
START_TEST(without_timedwait_waits_without_limit)
{
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	fault = ENOSYS;
	no_deadlines();
	faulty.sem_wait = interrupted_wait;
	ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_SIGNAL_ERROR);
	ck_status(pipc_sem_acquire(sem, &never), PIPC_BUSY_ERROR);
	faulty.sem_wait = successful_wait;
	ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_OK);
}
END_TEST

/* Which calls came, in this order, and failed but for the last. */
static char calls[8];
static size_t wanted_calls;

static int called(char call, clockid_t clock)
{
	struct timespec now;
	size_t n = strlen(calls);

	ck_assert_int_eq(clock_gettime(clock, &now), 0);
	calls[n] = call;
	errno = fault;
	return n + 1 == wanted_calls ? 0 : -1;
}

static bool soon_by(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return deadline->tv_sec - now.tv_sec >= 8 &&
	       deadline->tv_sec - now.tv_sec <= 9;
}

static int noted_clockwait(sem_t *s, clockid_t clock,
			   const struct timespec *deadline)
{
	ck_assert_int_eq(clock, CLOCK_MONOTONIC);
	ck_assert(soon_by(clock, deadline));
	return called('c', clock);
}

static int noted_clockwait_np(sem_t *s, clockid_t clock,
			      const struct timespec *deadline)
{
	ck_assert_int_eq(clock, CLOCK_MONOTONIC);
	ck_assert(soon_by(clock, deadline));
	return called('n', clock);
}

static int noted_timedwait(sem_t *s, const struct timespec *deadline)
{
	ck_assert(soon_by(CLOCK_REALTIME, deadline));
	return called('t', CLOCK_REALTIME);
}

/* So that setting the clock does not change how long a time-out is. */
START_TEST(monotonic_clock_where_there_is_one)
{
	static const int lacks[] = {ENOSYS, ENOTSUP, EINVAL};

	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	faulty.sem_clockwait = noted_clockwait;
	faulty.sem_clockwait_np = noted_clockwait_np;
	faulty.sem_timedwait = noted_timedwait;
	fault = lacks[_i];
	for (wanted_calls = 1; wanted_calls <= 3; wanted_calls++) {
		memset(calls, 0, sizeof(calls));
		ck_status(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_OK);
		ck_assert_uint_eq(strlen(calls), wanted_calls);
		ck_assert_int_eq(strncmp("cnt", calls, wanted_calls), 0);
	}
	fault = ETIMEDOUT;
	memset(calls, 0, sizeof(calls));
	ck_fails(pipc_sem_acquire(sem, PIPC_SECONDS(9)), PIPC_BUSY_ERROR,
		 ETIMEDOUT);
	ck_assert_str_eq(calls, "c");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sem");
	TCase *tc = tcase_create("sem");

	tcase_add_checked_fixture(tc, create, discard);
	tcase_add_test(tc, random_name_is_short_and_used);
	tcase_add_test(tc, acquire_takes_one_and_zero_timeout_is_busy);
	if (pipc_limits()->semaphore_timeout_supported)
		tcase_add_test(tc, timeout_is_never_early);
	tcase_add_test(tc, exclusive_creation_is_refused);
	tcase_add_test(tc, closed_handle_keeps_name_and_unlink);
	tcase_add_test(tc, works_across_fork);
	tcase_add_test(tc, bad_input_is_refused);
	tcase_add_test(tc, no_handle_is_a_bad_argument);
	tcase_add_loop_test(tc, open_errors_change_nothing, 0, OPEN_ERRORS);
	tcase_add_test(tc, errors_of_calls_are_told);
	tcase_add_test(tc, errors_of_a_wait_are_told);
	tcase_add_test(tc, without_timedwait_waits_without_limit);
	tcase_add_loop_test(tc, monotonic_clock_where_there_is_one, 0, 3);
	if (have_semaphores())
		suite_add_tcase(suite, tc);
	return run_suite(suite);
}
