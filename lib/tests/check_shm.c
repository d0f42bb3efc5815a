/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared memory. */
#include "check_pipc.h"

static size_t size_of(pipc_shm *shm)
{
	size_t size = 0;

	ck_status(pipc_shm_size(shm, &size), PIPC_OK);
	return size;
}

START_TEST(size_resizes_new_and_existing)
{
	pipc_shm *a, *b, *c, *d;

	ck_status(pipc_shm_open(&a, NULL, PIPC_O_CREX, 0600, 100, false),
		  PIPC_OK);
	ck_assert_uint_eq(size_of(a), 100);
	ck_status(pipc_shm_open(&b, pipc_shm_name(a), 0, 0, 300, false),
		  PIPC_OK);
	ck_assert_uint_eq(size_of(a), 300);
	ck_status(
	    pipc_shm_open(&c, pipc_shm_name(a), PIPC_O_CREAT, 0600, 0, false),
	    PIPC_OK);
	ck_assert_uint_eq(size_of(a), 300);
	ck_status(
	    pipc_shm_open(&d, pipc_shm_name(a), PIPC_O_TRUNC, 0, 0, false),
	    PIPC_OK);
	ck_assert_uint_eq(size_of(a), 0);
	ck_status(pipc_shm_unlink(a), PIPC_OK);
	ck_status(pipc_shm_unlink(a), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_shm_close_fd(a), PIPC_OK);
	ck_status(pipc_shm_close_fd(a), PIPC_EXISTENTIAL_ERROR);
	ck_assert_int_eq(pipc_shm_fd(a), -1);
	pipc_shm_close_fd(b);
	pipc_shm_close_fd(c);
	pipc_shm_close_fd(d);
	pipc_shm_free(a);
	pipc_shm_free(b);
	pipc_shm_free(c);
	pipc_shm_free(d);
}
END_TEST

FAILING(int, open, (const char *name, int flags, mode_t mode), -1)
FAILING(int, unlink, (const char *name), -1)
FAILING(int, ftruncate, (int fd, off_t size), -1)
FAILING(int, fstat, (int fd, struct stat *st), -1)
FAILING(int, close, (int fd), -1)

START_TEST(new_segment_that_cannot_be_sized_is_removed)
{
	const char *name = "/pipc-unsized";
	pipc_shm *shm = NULL;

	use_faulty();
	faulty.ftruncate = failing_ftruncate;
	fault = ENOSPC;
	ck_fails(pipc_shm_open(&shm, name, PIPC_O_CREAT, 0600, 1, false),
		 PIPC_OS_ERROR, ENOSPC);
	ck_fails(pipc_shm_open(&shm, name, PIPC_O_CREX, 0600, 1, false),
		 PIPC_OS_ERROR, ENOSPC);
	ck_assert_ptr_null(shm);
	ck_status(pipc_unlink_shared_memory(name), PIPC_EXISTENTIAL_ERROR);
}
END_TEST

START_TEST(existing_segment_that_cannot_be_sized_stays)
{
	pipc_shm *old, *shm = NULL;

	ck_status(pipc_shm_open(&old, NULL, PIPC_O_CREX, 0600, 5, false),
		  PIPC_OK);
	use_faulty();
	faulty.ftruncate = failing_ftruncate;
	fault = ENOSPC;
	ck_fails(pipc_shm_open(&shm, pipc_shm_name(old), PIPC_O_CREAT, 0600, 9,
			       false),
		 PIPC_OS_ERROR, ENOSPC);
	ck_assert_ptr_null(shm);
	ck_assert_uint_eq(size_of(old), 5);
	ck_status(pipc_shm_unlink(old), PIPC_OK);
	pipc_shm_close_fd(old);
	pipc_shm_free(old);
}
END_TEST

FAILING(int, fallocate, (int fd, off_t at, off_t size), -1)

/* All of the memory is there when a segment has its size, or it fails. */
START_TEST(segment_without_memory)
{
	const char *name = "/pipc-unfilled";
	pipc_shm *old, *shm = NULL;
	char *map;

	ck_status(pipc_shm_open(&old, NULL, PIPC_O_CREX, 0600, 5, false),
		  PIPC_OK);
	use_faulty();
	faulty.posix_fallocate = failing_fallocate;
	fault = _i ? ENOMEM : ENOSPC;
	ck_fails(pipc_shm_open(&shm, name, PIPC_O_CREX, 0600, 9, false),
		 _i ? PIPC_MEMORY_ERROR : PIPC_OS_ERROR, fault);
	ck_status(pipc_unlink_shared_memory(name), PIPC_EXISTENTIAL_ERROR);
	map = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED,
		   pipc_shm_fd(old), 0);
	ck_assert(map != MAP_FAILED);
	memcpy(map, "data", 5);
	ck_fails(pipc_shm_open(&shm, pipc_shm_name(old), 0, 0600, 90000, false),
		 _i ? PIPC_MEMORY_ERROR : PIPC_OS_ERROR, fault);
	ck_assert_uint_eq(size_of(old), 5);
	ck_fails(pipc_shm_open(&shm, pipc_shm_name(old), 0, 0600, 1, false),
		 _i ? PIPC_MEMORY_ERROR : PIPC_OS_ERROR, fault);
	ck_assert_uint_eq(size_of(old), 5);
	ck_assert_str_eq(map, "data");
	ck_assert_ptr_null(shm);
	munmap(map, 5);
	ck_status(pipc_shm_unlink(old), PIPC_OK);
	pipc_shm_close_fd(old);
	pipc_shm_free(old);
}
END_TEST

/* Where it cannot be asked for, a segment has its size as it did before. */
START_TEST(memory_that_cannot_be_asked_for)
{
	static const int errors[] = {EOPNOTSUPP, EINVAL, ENODEV, ENOSYS, EPERM};
	pipc_shm *shm;

	use_faulty();
	faulty.posix_fallocate = failing_fallocate;
	fault = errors[_i];
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 9, false),
		  PIPC_OK);
	ck_assert_uint_eq(size_of(shm), 9);
	pipc_shm_unlink(shm);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}
END_TEST

static off_t allocated;
static int interruptions;

static int interrupted_fallocate(int fd, off_t at, off_t size)
{
	ck_assert_int_eq(at, allocated);
	if (size > 70000 || interruptions++ % 3 != 0) {
		errno = EINTR;
		return -1;
	}
	allocated += size;
	return 0;
}

START_TEST(signals_do_not_end_it)
{
	pipc_shm *shm;

	use_faulty();
	faulty.posix_fallocate = interrupted_fallocate;
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 500000, false),
		  PIPC_OK);
	ck_assert_int_eq(allocated, 500000);
	pipc_shm_unlink(shm);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
	faulty.posix_fallocate = failing_fallocate;
	fault = EINTR; /* nor does the call go on for ever */
	ck_fails(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 9, false),
		 PIPC_SIGNAL_ERROR, EINTR);
}
END_TEST

#ifdef SIGXFSZ
static int beyond_limit(int fd, off_t size)
{
	raise(SIGXFSZ);
	errno = EFBIG;
	return -1;
}

/* Where the limit counts for segments it is an error, and no signal. */
START_TEST(larger_than_files_may_be)
{
	pipc_shm *shm = NULL;
	sigset_t pending;

	use_faulty();
	faulty.ftruncate = beyond_limit;
	ck_fails(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 9, false),
		 PIPC_OS_ERROR, EFBIG);
	ck_assert_int_eq(sigpending(&pending), 0);
	ck_assert_int_eq(sigismember(&pending, SIGXFSZ), 0);
	ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, NULL, &pending), 0);
	ck_assert_int_eq(sigismember(&pending, SIGXFSZ), 0);
}
END_TEST
#endif

/* The name comes, goes and comes again between the two steps of O_CREAT. */
static int race;

static int racing_open(const char *name, int flags, mode_t mode)
{
	static const int errors[] = {EEXIST, ENOENT, EEXIST, EACCES};

	ck_assert_int_lt(race, 4);
	errno = errors[race++];
	return -1;
}

START_TEST(creation_is_tried_again_in_a_race)
{
	pipc_shm *shm = NULL;

	use_faulty();
	faulty.shm_open = racing_open;
	ck_fails(pipc_shm_open(&shm, "/pipc-shm", PIPC_O_CREAT, 0600, 1, false),
		 PIPC_PERMISSIONS_ERROR, EACCES);
	ck_assert_int_eq(race, 4);
	ck_assert_ptr_null(shm);
}
END_TEST

START_TEST(open_errors_change_nothing)
{
	pipc_shm *shm = NULL;

	use_faulty();
	faulty.shm_open = failing_open;
	fault = open_errors[_i].error;
	ck_fails(pipc_shm_open(&shm, "/pipc-shm", 0, 0600, 0, false),
		 open_errors[_i].status, fault);
	ck_assert_ptr_null(shm);
}
END_TEST

START_TEST(errors_of_calls_are_told)
{
	size_t size = 7;
	pipc_shm *shm;
	int fd;

	use_faulty();
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false),
		  PIPC_OK);
	faulty.fstat = failing_fstat;
	faulty.close = failing_close;
	faulty.shm_unlink = failing_unlink;
	fault = EACCES;
	ck_fails(pipc_shm_unlink(shm), PIPC_PERMISSIONS_ERROR, EACCES);
	fault = EOVERFLOW;
	ck_fails(pipc_shm_size(shm, &size), PIPC_OS_ERROR, EOVERFLOW);
	ck_assert_uint_eq(size, 7);
	fd = pipc_shm_fd(shm);
	fault = EINTR;
	ck_fails(pipc_shm_close_fd(shm), PIPC_SIGNAL_ERROR, EINTR);
	ck_assert_int_eq(pipc_shm_fd(shm), -1); /* never closed twice */
	ck_assert_int_eq(close(fd), 0);
	pipc__use(&pipc__os_system);
	ck_status(pipc_shm_unlink(shm), PIPC_OK);
	pipc_shm_free(shm);
}
END_TEST

START_TEST(descriptor_closed_behind_the_handle)
{
	size_t size;
	pipc_shm *shm;

	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false),
		  PIPC_OK);
	ck_status(pipc_shm_unlink(shm), PIPC_OK);
	ck_assert_int_eq(close(pipc_shm_fd(shm)), 0);
	ck_fails(pipc_shm_size(shm, &size), PIPC_EXISTENTIAL_ERROR, EBADF);
	ck_fails(pipc_shm_close_fd(shm), PIPC_EXISTENTIAL_ERROR, EBADF);
	ck_fails(pipc_shm_size(shm, &size), PIPC_EXISTENTIAL_ERROR, EBADF);
	pipc_shm_free(shm);
}
END_TEST

START_TEST(no_handle_is_a_bad_argument)
{
	size_t size;
	pipc_shm *shm;

	ck_status(pipc_shm_open(NULL, NULL, PIPC_O_CREX, 0600, 0, false),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_shm_size(NULL, &size), PIPC_VALUE_ERROR);
	ck_status(pipc_shm_close_fd(NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_shm_unlink(NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_unlink_shared_memory(NULL), PIPC_VALUE_ERROR);
	ck_assert_int_eq(pipc_shm_fd(NULL), -1);
	ck_assert_ptr_null(pipc_shm_name(NULL));
	pipc_shm_free(NULL);
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 0, false),
		  PIPC_OK);
	ck_status(pipc_shm_size(shm, NULL), PIPC_VALUE_ERROR);
	pipc_shm_unlink(shm);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}
END_TEST

START_TEST(read_only_handle_cannot_write)
{
	pipc_shm *shm, *reader;

	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false),
		  PIPC_OK);
	ck_status(pipc_shm_open(&reader, pipc_shm_name(shm), 0, 0, 0, true),
		  PIPC_OK);
	ck_assert_int_eq(ftruncate(pipc_shm_fd(reader), 9), -1);
	ck_assert_ptr_eq(mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED,
			      pipc_shm_fd(reader), 0),
			 MAP_FAILED);
	pipc_shm_unlink(shm);
	pipc_shm_close_fd(shm);
	pipc_shm_close_fd(reader);
	pipc_shm_free(shm);
	pipc_shm_free(reader);
}
END_TEST

START_TEST(read_only_takes_no_size)
{
	pipc_shm *shm = NULL;

	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, true),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_shm_open(&shm, "/pipc", PIPC_O_TRUNC, 0600, 0, true),
		  PIPC_VALUE_ERROR);
	ck_status(
	    pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, (size_t)-1, false),
	    PIPC_VALUE_ERROR);
	ck_assert_ptr_null(shm);
}
END_TEST

START_TEST(descriptor_zero_is_valid)
{
	pipc_shm *shm;

	close(0);
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false),
		  PIPC_OK);
	ck_assert_int_eq(pipc_shm_fd(shm), 0);
	pipc_shm_unlink(shm);
	ck_status(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_shm_free(shm);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shm");
	TCase *tc = tcase_create("shm");

	tcase_add_test(tc, size_resizes_new_and_existing);
	tcase_add_test(tc, new_segment_that_cannot_be_sized_is_removed);
	tcase_add_test(tc, existing_segment_that_cannot_be_sized_stays);
	tcase_add_loop_test(tc, segment_without_memory, 0, 2);
	tcase_add_loop_test(tc, memory_that_cannot_be_asked_for, 0, 5);
	tcase_add_test(tc, signals_do_not_end_it);
#ifdef SIGXFSZ
	tcase_add_test(tc, larger_than_files_may_be);
#endif
	tcase_add_test(tc, creation_is_tried_again_in_a_race);
	tcase_add_loop_test(tc, open_errors_change_nothing, 0, OPEN_ERRORS);
	tcase_add_test(tc, errors_of_calls_are_told);
	tcase_add_test(tc, descriptor_closed_behind_the_handle);
	tcase_add_test(tc, no_handle_is_a_bad_argument);
	tcase_add_test(tc, read_only_handle_cannot_write);
	tcase_add_test(tc, read_only_takes_no_size);
	tcase_add_test(tc, descriptor_zero_is_valid);
	if (have_shared_memory())
		suite_add_tcase(suite, tc);
	return run_suite(suite);
}
