/* SPDX-License-Identifier: BSD-3-Clause */
/* What a run says of the program and of what is emulated. */
#include "check_ct.h"
#include "expect.h"

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

static struct ct_system s;

static void identify(const char *emulator, const char *label)
{
	unsetenv("PIPC_EMULATOR");
	unsetenv("PIPC_LABEL");
	if (emulator != NULL)
		setenv("PIPC_EMULATOR", emulator, 1);
	if (label != NULL)
		setenv("PIPC_LABEL", label, 1);
	s = (struct ct_system){"Linux", "", "", "machine", "", ""};
	ct__identify(&s);
}

START_TEST(the_program_is_described)
{
	char width[20];

	identify(NULL, NULL);
	ck_assert_str_ne(s.arch, "");
	ck_assert_str_ne(s.compiler, "");
	snprintf(width, sizeof(width), "long %d,", (int)sizeof(long) * 8);
	ck_assert_ptr_nonnull(strstr(s.abi, width));
	ck_assert_ptr_nonnull(strstr(s.abi, " endian"));
}
END_TEST

START_TEST(who_runs_it_may_tell)
{
	identify("something 1.2", "my machine");
	ck_assert_str_eq(s.emulator, "something 1.2");
	ck_assert_str_eq(s.label, "my machine");
	identify("", NULL);
	ck_assert_str_eq(s.emulator, "");
	ck_assert_str_eq(s.label, "");
}
END_TEST

#ifdef PR_SET_NAME
START_TEST(an_emulator_is_known_by_its_name)
{
	char was[17] = "";

	if (prctl(PR_GET_NAME, was) != 0 || prctl(PR_SET_NAME, "qemu-x") != 0)
		return;
	identify(NULL, NULL);
	prctl(PR_SET_NAME, was);
	ck_assert_str_eq(s.emulator, "qemu-user");
}
END_TEST
#endif

int main(void)
{
	TCase *tc = tests_of("identity");

	tcase_add_test(tc, the_program_is_described);
	tcase_add_test(tc, who_runs_it_may_tell);
#ifdef PR_SET_NAME
	tcase_add_test(tc, an_emulator_is_known_by_its_name);
#endif
	return run_tests();
}
