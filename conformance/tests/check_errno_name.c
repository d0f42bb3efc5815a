/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of errors. */
#include "check_ct.h"

START_TEST(names)
{
	ck_assert_str_eq(ct_errno_name(0), "0");
	ck_assert_str_eq(ct_errno_name(EPERM), "EPERM");
	ck_assert_str_eq(ct_errno_name(EEXIST), "EEXIST");
	ck_assert_str_eq(ct_errno_name(EAGAIN), "EAGAIN");
	ck_assert_str_eq(ct_errno_name(ENAMETOOLONG), "ENAMETOOLONG");
	ck_assert_str_eq(ct_errno_name(ETIMEDOUT), "ETIMEDOUT");
	ck_assert_str_eq(ct_errno_name(EALREADY), "EALREADY");
}
END_TEST

START_TEST(unknown_errors_are_numbers)
{
	ck_assert_str_eq(ct_errno_name(98765), "errno 98765");
	ck_assert_str_eq(ct_errno_name(-1), "errno -1");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("errno-name");

	tcase_add_test(tc, names);
	tcase_add_test(tc, unknown_errors_are_numbers);
	return run_tests();
}
