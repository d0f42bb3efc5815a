/* SPDX-License-Identifier: BSD-3-Clause */
/* The way out of a process of the harness, and of a case in the runner's own.
 */
#include "run.h"
#include "tests/check_pipc.h"

#include <sys/wait.h>

/* In place of the runner's: its jump out of the case. */
_Noreturn void ct__leave(int status)
{
	_exit(status + 50);
}

static void never_called(void)
{
	_exit(77);
}

/* The status of a child that leaves by ct_exit(); here: it is the runner. */
static int status_of_child(bool here)
{
	int status = 0;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		atexit(never_called);
		if (here)
			ct__here = getpid();
		ct_exit(3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_child_ends_without_its_parent_s_handlers)
{
	ck_assert_int_eq(status_of_child(false), 3);
}
END_TEST

START_TEST(the_runner_s_own_process_leaves_the_case)
{
	ck_assert_int_eq(status_of_child(true), 53);
}
END_TEST

START_TEST(a_child_of_that_process_ends)
{
	ct__here = getpid();
	ck_assert_int_eq(status_of_child(false), 3);
	ct__here = 0;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exit");
	TCase *tc = tcase_create("exit");

	tcase_add_test(tc, a_child_ends_without_its_parent_s_handlers);
	tcase_add_test(tc, the_runner_s_own_process_leaves_the_case);
	tcase_add_test(tc, a_child_of_that_process_ends);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
