/* SPDX-License-Identifier: BSD-3-Clause */
/* Statuses: names, and what each errno becomes. */
#include "check_pipc.h"

static const struct {
	int error;
	pipc_status status;
} rows[] = {
    {EINTR, PIPC_SIGNAL_ERROR},
    {EACCES, PIPC_PERMISSIONS_ERROR},
    {EPERM, PIPC_PERMISSIONS_ERROR},
    {ENOENT, PIPC_EXISTENTIAL_ERROR},
    {EEXIST, PIPC_EXISTENTIAL_ERROR},
    {EBADF, PIPC_EXISTENTIAL_ERROR},
    {EAGAIN, PIPC_BUSY_ERROR},
    {EWOULDBLOCK, PIPC_BUSY_ERROR},
    {ETIMEDOUT, PIPC_BUSY_ERROR},
    {EBUSY, PIPC_BUSY_ERROR},
    {EINVAL, PIPC_VALUE_ERROR},
    {EMSGSIZE, PIPC_VALUE_ERROR},
    {ENAMETOOLONG, PIPC_VALUE_ERROR},
    {ENOSYS, PIPC_UNSUPPORTED_ERROR},
    {ENOTSUP, PIPC_UNSUPPORTED_ERROR},
    {EOPNOTSUPP, PIPC_UNSUPPORTED_ERROR},
    {ENOMEM, PIPC_MEMORY_ERROR},
    {EMFILE, PIPC_OS_ERROR},
    {ENFILE, PIPC_OS_ERROR},
    {ENOSPC, PIPC_OS_ERROR},
    {EOVERFLOW, PIPC_OS_ERROR},
    {EIO, PIPC_OS_ERROR},
    {0, PIPC_OS_ERROR},
};
#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

START_TEST(errno_becomes_a_status)
{
	errno = rows[_i].error;
	ck_fails(pipc__failed(), rows[_i].status, rows[_i].error);
}
END_TEST

START_TEST(every_status_has_its_name)
{
	static const char *const names[] = {
	    "PIPC_OK",
	    "PIPC_SIGNAL_ERROR",
	    "PIPC_PERMISSIONS_ERROR",
	    "PIPC_EXISTENTIAL_ERROR",
	    "PIPC_BUSY_ERROR",
	    "PIPC_VALUE_ERROR",
	    "PIPC_UNSUPPORTED_ERROR",
	    "PIPC_MEMORY_ERROR",
	    "PIPC_OS_ERROR",
	};
	int i;

	ck_assert_int_eq(PIPC_OK, 0);
	for (i = 0; i <= PIPC_OS_ERROR; i++)
		ck_assert_str_eq(pipc_status_name((pipc_status)i), names[i]);
	ck_assert_str_eq(pipc_status_name((pipc_status)i), "unknown status");
	ck_assert_str_eq(pipc_status_name((pipc_status)-1), "unknown status");
}
END_TEST

START_TEST(version_is_the_headers)
{
	ck_assert_str_eq(pipc_version(), PIPC_VERSION);
	ck_assert_str_eq(pipc_version(), PACKAGE_VERSION);
}
END_TEST

START_TEST(refusal_sets_errno)
{
	ck_fails(pipc__refuse(EDOM, PIPC_VALUE_ERROR), PIPC_VALUE_ERROR, EDOM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("status");
	TCase *tc = tcase_create("status");

	tcase_add_loop_test(tc, errno_becomes_a_status, 0, ROWS);
	tcase_add_test(tc, every_status_has_its_name);
	tcase_add_test(tc, version_is_the_headers);
	tcase_add_test(tc, refusal_sets_errno);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
