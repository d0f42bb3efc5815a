/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks: what holds is silent, what does not is told in full. */
#include "check_ct.h"

/* The macros name their struct ct so. */
static struct ct *t;

static void begin(void)
{
	t = lone_case();
}

static int fails_with(int error)
{
	errno = error;
	return -1;
}

static pipc_status status_with(pipc_status status, int error)
{
	errno = error;
	return status;
}

START_TEST(what_holds_is_counted_and_silent)
{
	ck_assert(CT_EXPECT(status_with(PIPC_BUSY_ERROR, 0), PIPC_BUSY_ERROR));
	ck_assert(CT_OK(1 == 1));
	ck_assert(CT_CHECK(true));
	ck_assert(CT_ERRNO(fails_with(EBADF) == -1, EBADF));
	ck_assert(CT_ERRNO2(fails_with(EBADF) == -1, EINVAL, EBADF));
	ck_assert(CT_ERRNO2(fails_with(EINVAL) == -1, EINVAL, EBADF));
	ck_assert(CT_EQUAL(2 + 2, 4));
	CT_MUST(CT_CHECK(true));
	CT_REQUIRE(true);
	CT_SETUP(PIPC_OK);
	CT_SETUP_TRUE(true);
	ck_assert_uint_eq(t->shared->checks, 11);
	ck_assert_str_eq(said(), "");
}
END_TEST

/* A denial is recorded before the failure that it may explain. */
static const char *behind_denial(const char *told)
{
	return told[0] == 'D' ? strchr(told, '\n') + 1 : told;
}

#define ck_told(check, words)                                                  \
	do {                                                                   \
		const char *told_;                                             \
		ck_assert(!(check));                                           \
		told_ = said();                                                \
		ck_assert_int_eq(behind_denial(told_)[0], 'F');                \
		ck_says(told_, "check_check.c:");                              \
		ck_says(told_, words);                                         \
	} while (0)

START_TEST(what_does_not_hold_is_told)
{
	int n = 3;

	ck_told(CT_EXPECT(status_with(PIPC_OS_ERROR, EIO), PIPC_OK),
		": status_with(PIPC_OS_ERROR, EIO): expected PIPC_OK, got "
		"PIPC_OS_ERROR (errno EIO)\n");
	ck_told(CT_OK(fails_with(ENOENT) == 0),
		": fails_with(ENOENT) == 0: expected success, got ENOENT (No ");
	ck_told(CT_CHECK(n == 4), ": n == 4: does not hold\n");
	ck_told(CT_ERRNO(fails_with(EACCES) == -1, EPERM),
		"expected EPERM, got EACCES\n");
	ck_told(CT_ERRNO(fails_with(EPERM) == 0, EPERM),
		"expected EPERM, got success\n");
	ck_told(CT_ERRNO2(fails_with(EACCES) == -1, EPERM, EBUSY),
		"expected EPERM or EBUSY, got EACCES\n");
	ck_told(CT_EQUAL(n, 4), ": n: expected 4, got 3\n");
	ck_told(CT_EQUAL(INT64_MIN, 0), "got -9223372036854775808\n");
}
END_TEST

START_TEST(numbers_are_told_as_what_they_are)
{
	struct ct *t = lone_case();
	int error = EACCES, mode = 0640, take = 7;
	char buf[] = "b\n";

	ck_told(CT_EQUAL(error, EPERM),
		": error: expected EPERM, got EACCES\n");
	error = -1;
	ck_told(CT_EQUAL(error, 0), ": error: expected 0, got -1\n");
	ck_told(CT_EQUAL(mode, 0600), ": mode: expected 0600, got 0640\n");
	ck_told(CT_EQUAL(buf[0], 'a'), ": buf[0]: expected 'a', got 'b'\n");
	ck_told(CT_EQUAL(buf[1], 'a'), ": buf[1]: expected 'a', got 10\n");
	ck_told(CT_EQUAL(take, 8), ": take: expected 8, got 7\n");
}
END_TEST

START_TEST(an_old_error_is_not_taken_for_the_call_s)
{
	errno = EBADF;
	ck_told(CT_ERRNO(true, EBADF), "expected EBADF, got 0\n");
}
END_TEST

static int sem_open_fails_with(int error, int flags)
{
	(void)flags;
	return fails_with(error);
}

static void setup_fails(struct ct *c)
{
	t = c;
	CT_SETUP_TRUE(fails_with(ENOSPC) == 0);
	ct_exit(98);
}

static void setup_status_fails(struct ct *c)
{
	t = c;
	CT_SETUP(status_with(PIPC_MEMORY_ERROR, ENOMEM));
	ct_exit(98);
}

static void must_hold(struct ct *c)
{
	t = c;
	CT_REQUIRE(false);
	ct_exit(98);
}

static void setup_is_refused_otherwise(struct ct *c)
{
	t = c;
	CT_SETUP_TRUE(fails_with(EINVAL) == 0);
	ct_exit(98);
}

static void setup_lacks_directory(struct ct *c)
{
	t = c;
	CT_SETUP_TRUE(sem_open_fails_with(ENOENT, O_CREAT) == 0);
	ct_exit(98);
}

START_TEST(set_up_that_is_refused_is_for_the_environment_to_explain)
{
	const char *told;
	char record[80];

	ck_assert_int_eq(exit_of(setup_fails, t), 0);
	told = said();
	ck_assert_int_eq(behind_denial(told)[0], 'M');
	ck_says(told, ": set-up: fails_with(ENOSPC) == 0: expected success, "
		      "got ENOSPC");
	snprintf(record, sizeof(record), "D%d fails_with(ENOSPC) == 0\n",
		 ENOSPC);
	ck_assert_int_eq(strncmp(told, record, strlen(record)), 0);
	ck_assert_int_eq(exit_of(setup_status_fails, t), 0);
	told = said();
	ck_says(told, "expected PIPC_OK, got PIPC_MEMORY_ERROR");
	ck_assert_int_eq(told[0], 'D');
	ck_assert_int_eq(exit_of(setup_lacks_directory, t), 0);
	ck_assert_int_eq(said()[0], 'D');
}
END_TEST

START_TEST(set_up_that_fails_otherwise_is_a_failure)
{
	const char *told;

	ck_assert_int_eq(exit_of(setup_is_refused_otherwise, t), 0);
	told = said();
	ck_assert_int_eq(told[0], 'F');
	ck_says(told, "set-up: fails_with(EINVAL) == 0: expected success, got "
		      "EINVAL");
}
END_TEST

START_TEST(a_check_that_is_refused_is_a_failure_and_a_denial)
{
	const char *told;

	ck_assert(!CT_OK(fails_with(EMFILE) == 0));
	told = said();
	ck_says(told, "D24 fails_with(EMFILE) == 0\nF");
	ck_assert(!CT_ERRNO(fails_with(ENOMEM) == -1, EEXIST));
	ck_assert_int_eq(said()[0], 'D');
	ck_assert(!CT_OK(fails_with(ENOENT) == 0));
	ck_assert_int_eq(said()[0], 'F');
	ck_assert(!CT_EQUAL(fails_with(EACCES), 0));
	ck_assert_int_eq(said()[0], 'F');
}
END_TEST

static int checks_inside(int result)
{
	CT_CHECK(result >= 0);
	if (result > 1)
		CT_EQUAL(checks_inside(result - 1), result - 1);
	return result;
}

START_TEST(checks_may_be_nested)
{
	ck_assert(CT_EQUAL(checks_inside(3), 3));
	ck_assert_str_eq(said(), "");
	ck_told(CT_EQUAL(checks_inside(1), 3),
		": checks_inside(1): expected 3, got 1\n");
	ck_told(CT_EQUAL(checks_inside(12), 3),
		": checks_inside(12): expected 3, got 12\n");
	ck_told(CT_ERRNO(checks_inside(1) == -1, EPERM),
		": checks_inside(1) == -1: expected EPERM, got success\n");
	ck_told(CT_OK(checks_inside(1) == 2),
		": checks_inside(1) == 2: expected success");
	ck_told(CT_CHECK(false), ": false: does not hold\n");
}
END_TEST

static const char *what_now(int ignored)
{
	(void)ignored;
	return t->shared->place[0].what;
}

START_TEST(the_outer_check_goes_on_after_the_inner_one)
{
	ck_assert(CT_CHECK(strstr(what_now(CT_CHECK(true)), "what_now")));
	ck_assert_ptr_null(t->shared->place[0].what);
}
END_TEST

START_TEST(what_must_hold_ends_the_case_failed)
{
	ck_assert_int_eq(exit_of(must_hold, t), 0);
	ck_assert_int_eq(said()[0], 'F');
}
END_TEST

static void no_such_thing(struct ct *c)
{
	c->main_pid = getpid();
	ct_unsupported(c, "no %s\nhere", "such thing");
}

static void peer_gives_up(struct ct *c)
{
	ct_unresolved(c, "too bad");
}

START_TEST(only_the_case_s_own_process_ends_it)
{
	ck_assert_int_eq(exit_of(no_such_thing, t), 0);
	ck_assert_str_eq(said(), "Uno such thing here\nE0\n");
	ck_assert_int_eq(exit_of(peer_gives_up, t), 0);
	ck_assert_str_eq(said(), "Rtoo bad\n");
}
END_TEST

START_TEST(notes_and_remarks)
{
	ct_note(t, "key", "%d and %s", 5, "more");
	ct_remark(t, "see %s", "this");
	ck_assert_str_eq(said(), "Nkey=5 and more\nMsee this\n");
}
END_TEST

START_TEST(a_record_is_one_line_and_fits_the_pipe)
{
	char endless[3 * CT_RECORD_MAX];
	const char *told;

	memset(endless, 'x', sizeof(endless));
	endless[7] = '\n';
	endless[sizeof(endless) - 1] = '\0';
	ct_record(t->records, 'M', "%s", endless);
	told = said();
	ck_assert_uint_lt(strlen(told), CT_RECORD_MAX);
	ck_assert_uint_gt(strlen(told), CT_RECORD_MAX - 4);
	ck_assert_ptr_eq(strchr(told, '\n'), told + strlen(told) - 1);
	ck_says(told, "Mxxxxxxx xxx");
	ct_fail(t, "%s", endless);
	ct_note(t, endless, "%s", endless);
	told = said();
	ck_assert_ptr_nonnull(strchr(told, '\n'));
	ck_assert_uint_lt(strlen(told), 2 * CT_RECORD_MAX);
}
END_TEST

START_TEST(a_failure_outside_of_a_check_has_a_place_too)
{
	ct_fail(t, "in words");
	ck_says(said(), "F?:0: in words");
}
END_TEST

START_TEST(the_runner_sees_where_a_call_is)
{
	struct ct__place *p = &t->shared->place[0];

	ck_assert_uint_eq(t->shared->places, 1);
	ck_assert_int_eq(p->pid, getpid());
	ck_assert_ptr_null(p->what);
	ct__enter(t, "file.c", 12, "the call");
	ck_assert_str_eq(p->what, "the call");
	ck_assert_int_eq(p->line, 12);
	ct__true(t, true, CT__CHECK_);
	ck_assert_ptr_null(p->what);
}
END_TEST

START_TEST(more_processes_than_places_do_no_harm)
{
	int i;

	for (i = 0; i < 3 * CT_PLACES; i++)
		ct__place_take(t);
	ck_assert_uint_eq(t->shared->places, CT_PLACES);
	ck_told(CT_CHECK(false), "check_check.c:");
	ck_assert_ptr_null(t->shared->place[CT_PLACES - 1].what);
}
END_TEST

START_TEST(random_numbers_follow_from_the_seed)
{
	uint64_t first, second;

	ck_assert(!t->shared->random);
	t->seed = 42;
	first = ct_random(t);
	ck_assert(t->shared->random);
	second = ct_random(t);
	ck_assert_uint_ne(first, second);
	t->seed = 43;
	ck_assert_uint_ne(ct_random(t), first);
	t->seed = 42;
	ck_assert_uint_eq(ct_random(t), first);
	ck_assert_uint_eq(ct_random(t), second);
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("check");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, what_holds_is_counted_and_silent);
	tcase_add_test(tc, what_does_not_hold_is_told);
	tcase_add_test(tc, numbers_are_told_as_what_they_are);
	tcase_add_test(tc, an_old_error_is_not_taken_for_the_call_s);
	tcase_add_test(
	    tc, set_up_that_is_refused_is_for_the_environment_to_explain);
	tcase_add_test(tc, set_up_that_fails_otherwise_is_a_failure);
	tcase_add_test(tc, a_check_that_is_refused_is_a_failure_and_a_denial);
	tcase_add_test(tc, checks_may_be_nested);
	tcase_add_test(tc, the_outer_check_goes_on_after_the_inner_one);
	tcase_add_test(tc, what_must_hold_ends_the_case_failed);
	tcase_add_test(tc, only_the_case_s_own_process_ends_it);
	tcase_add_test(tc, notes_and_remarks);
	tcase_add_test(tc, a_record_is_one_line_and_fits_the_pipe);
	tcase_add_test(tc, a_failure_outside_of_a_check_has_a_place_too);
	tcase_add_test(tc, the_runner_sees_where_a_call_is);
	tcase_add_test(tc, more_processes_than_places_do_no_harm);
	tcase_add_test(tc, random_numbers_follow_from_the_seed);
	return run_tests();
}
