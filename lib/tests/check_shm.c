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

static int no_space(int fd, off_t size)
{
	(void)fd;
	(void)size;
	errno = ENOSPC;
	return -1;
}

START_TEST(new_segment_that_cannot_be_sized_is_removed)
{
	struct pipc__os os = pipc__os_system;
	const char *name = "/pipc-unsized";
	pipc_shm *shm = NULL;

	os.ftruncate = no_space;
	pipc__use(&os);
	ck_status(pipc_shm_open(&shm, name, PIPC_O_CREAT, 0600, 1, false),
		  PIPC_OS_ERROR);
	ck_assert_int_eq(errno, ENOSPC);
	pipc__use(&pipc__os_system);
	ck_assert_ptr_null(shm);
	ck_status(pipc_unlink_shared_memory(name), PIPC_EXISTENTIAL_ERROR);
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
	tcase_add_test(tc, read_only_takes_no_size);
	tcase_add_test(tc, descriptor_zero_is_valid);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
