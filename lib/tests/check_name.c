/* SPDX-License-Identifier: BSD-3-Clause */
/* Flags, given names and random names. */
#include "check_pipc.h"

/* Refuses the first names with an error, and remembers the last two. */
struct script {
	struct pipc__opener opener;
	int refusals, error, calls;
	char last[32], before[32];
};

static int scripted(struct pipc__opener *self, const char *name)
{
	struct script *s = (struct script *)self;

	memcpy(s->before, s->last, sizeof(s->before));
	strncpy(s->last, name, sizeof(s->last) - 1);
	return s->calls++ < s->refusals ? s->error : 0;
}

static struct script script(int refusals, int error)
{
	struct script s = {{scripted, PIPC_O_CREX}, 0, 0, 0, "", ""};

	s.refusals = refusals;
	s.error = error;
	return s;
}

START_TEST(flags)
{
	ck_assert_int_eq(PIPC_O_CREX, PIPC_O_CREAT | PIPC_O_EXCL);
	ck_assert_int_eq(PIPC_O_CREAT & PIPC_O_EXCL, 0);
	ck_assert_int_eq(PIPC_O_CREX & PIPC_O_TRUNC, 0);
	ck_assert(pipc__flags_ok(0, PIPC_O_CREX));
	ck_assert(pipc__flags_ok(PIPC_O_CREAT, PIPC_O_CREX));
	ck_assert(pipc__flags_ok(PIPC_O_CREX, PIPC_O_CREX));
	ck_assert(!pipc__flags_ok(PIPC_O_EXCL, PIPC_O_CREX));
	ck_assert(!pipc__flags_ok(PIPC_O_TRUNC, PIPC_O_CREX));
	ck_assert(!pipc__flags_ok(O_NONBLOCK, PIPC_O_CREX));
}
END_TEST

START_TEST(given_name_is_used_once_and_copied)
{
	struct script s = script(0, 0);
	char name[] = "/given", *used = NULL;

	ck_status(pipc__open_named(&s.opener, name, &used), PIPC_OK);
	ck_assert_int_eq(s.calls, 1);
	name[1] = 'x';
	ck_assert_str_eq(used, "/given");
	free(used);
}
END_TEST

START_TEST(given_name_in_use_is_not_retried)
{
	struct script s = script(1, EEXIST);
	char *used = NULL;

	ck_fails(pipc__open_named(&s.opener, "/given", &used),
		 PIPC_EXISTENTIAL_ERROR, EEXIST);
	ck_assert_int_eq(s.calls, 1);
	ck_assert_ptr_null(used);
}
END_TEST

START_TEST(random_name_is_portable)
{
	struct script s = script(0, 0);
	char *used = NULL;

	ck_status(pipc__open_named(&s.opener, NULL, &used), PIPC_OK);
	ck_assert_str_eq(used, s.last);
	ck_assert_int_eq(used[0], '/');
	ck_assert_ptr_null(strchr(used + 1, '/'));
	ck_assert_uint_le(strlen(used), 14); /* _POSIX_NAME_MAX */
	free(used);
}
END_TEST

START_TEST(random_name_in_use_is_replaced)
{
	struct script s = script(3, EEXIST);
	char *used = NULL;

	ck_status(pipc__open_named(&s.opener, NULL, &used), PIPC_OK);
	ck_assert_int_eq(s.calls, 4);
	ck_assert_str_eq(used, s.last);
	ck_assert_str_ne(s.last, s.before);
	free(used);
}
END_TEST

START_TEST(random_names_that_all_exist_end)
{
	struct script s = script(1000000, EEXIST);
	char *used = NULL;

	ck_fails(pipc__open_named(&s.opener, NULL, &used),
		 PIPC_EXISTENTIAL_ERROR, EEXIST);
	ck_assert_int_lt(s.calls, 1000000);
	ck_assert_ptr_null(used);
}
END_TEST

START_TEST(other_errors_end_the_search)
{
	struct script s = script(1000000, ENOSPC);
	char *used = NULL;

	ck_fails(pipc__open_named(&s.opener, NULL, &used), PIPC_OS_ERROR,
		 ENOSPC);
	ck_assert_int_eq(s.calls, 1);
}
END_TEST

START_TEST(random_name_needs_crex)
{
	struct script s = script(0, 0);
	char *used = NULL;

	s.opener.flags = PIPC_O_CREAT;
	ck_fails(pipc__open_named(&s.opener, NULL, &used), PIPC_VALUE_ERROR,
		 EINVAL);
	ck_assert_int_eq(s.calls, 0);
}
END_TEST

START_TEST(endless_name_never_reaches_the_system)
{
	static char name[PIPC__NAME_MAX + 2];
	struct script s = script(0, 0);
	char *used = NULL;

	memset(name, 'a', sizeof(name) - 1);
	ck_fails(pipc__open_named(&s.opener, name, &used), PIPC_VALUE_ERROR,
		 ENAMETOOLONG);
	ck_assert_int_eq(s.calls, 0);
	name[PIPC__NAME_MAX] = '\0';
	ck_status(pipc__open_named(&s.opener, name, &used), PIPC_OK);
	free(used);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("name");
	TCase *tc = tcase_create("name");

	tcase_add_test(tc, flags);
	tcase_add_test(tc, given_name_is_used_once_and_copied);
	tcase_add_test(tc, given_name_in_use_is_not_retried);
	tcase_add_test(tc, random_name_is_portable);
	tcase_add_test(tc, random_name_in_use_is_replaced);
	tcase_add_test(tc, random_names_that_all_exist_end);
	tcase_add_test(tc, other_errors_end_the_search);
	tcase_add_test(tc, random_name_needs_crex);
	tcase_add_test(tc, endless_name_never_reaches_the_system);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
