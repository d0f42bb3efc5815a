/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests share. */
#ifndef CHECK_PIPC_H
#define CHECK_PIPC_H

#include "internal.h"
#include "tests/check_time.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Members of a faulty table take arguments that they do not look at. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* Not every file has a use for everything. */
#define SHARED __attribute__((unused))

SHARED static const struct timespec never = {0, 0};

/* The call gives this status, or the test says by name which came. */
#define ck_status(call, wanted)                                                \
	ck_assert_str_eq(pipc_status_name(call), pipc_status_name(wanted))

/* The call fails in this way, and errno keeps the cause. */
#define ck_fails(call, wanted, error)                                          \
	do {                                                                   \
		ck_status(call, wanted);                                       \
		ck_assert_int_eq(errno, error);                                \
	} while (0)

/*
 * The system's table, to replace members of: the library's table while a test
 * opens its handles, which stay with it.  A failing member gives errno fault.
 */
static struct pipc__os faulty;
SHARED static int fault;

#define FAILING(type, name, args, failure)                                     \
	static type failing_##name args                                        \
	{                                                                      \
		errno = fault;                                                 \
		return failure;                                                \
	}

static inline void use_faulty(void)
{
	faulty = pipc__os_system;
	pipc__use(&faulty);
}

/* What an open call may fail with, and the status that it is. */
SHARED static const struct {
	int error;
	pipc_status status;
} open_errors[] = {
    {EACCES, PIPC_PERMISSIONS_ERROR}, {EEXIST, PIPC_EXISTENTIAL_ERROR},
    {EINTR, PIPC_SIGNAL_ERROR},	      {EINVAL, PIPC_VALUE_ERROR},
    {EMFILE, PIPC_OS_ERROR},	      {ENAMETOOLONG, PIPC_VALUE_ERROR},
    {ENFILE, PIPC_OS_ERROR},	      {ENOENT, PIPC_EXISTENTIAL_ERROR},
    {ENOMEM, PIPC_MEMORY_ERROR},      {ENOSPC, PIPC_OS_ERROR},
    {ENOSYS, PIPC_UNSUPPORTED_ERROR},
};
#define OPEN_ERRORS ((int)(sizeof(open_errors) / sizeof(open_errors[0])))

/* Does this system have that kind of object at all? */
static inline bool have_semaphores(void)
{
	pipc_sem *sem;

	if (pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0) != PIPC_OK)
		return errno != ENOSYS; /* what else is wrong a test says */
	pipc_sem_unlink(sem);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
	return true;
}

static inline bool have_shared_memory(void)
{
	pipc_shm *shm;

	if (pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 0, false) != PIPC_OK)
		return errno != ENOSYS;
	pipc_shm_unlink(shm);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
	return true;
}

/*
 * The room for queues may be counted for each user: as root, become one whose
 * queues nobody else shares, but for the effective id, which keeps the rights.
 */
static inline void own_queue_room(void)
{
	if (geteuid() == 0 &&
	    setreuid(100000 + (uid_t)getpid() % 1000000, 0) != 0)
		perror("setreuid");
}

static int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
