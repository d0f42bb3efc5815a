/* SPDX-License-Identifier: BSD-3-Clause */
/* Which red case to look at first. */
#include "check_ct.h"

#include "cause.h"

static const struct ct_case *case_of(const char *id)
{
	static struct ct_case unknown;
	size_t i;

	for (i = 0; ct_cases[i] != NULL; i++)
		if (strcmp(ct_cases[i]->id, id) == 0)
			return ct_cases[i];
	unknown.id = id;
	return &unknown;
}

/* What is printed of these red cases. */
static const char *causes(const char *const *ids)
{
	ct_cause_clear();
	for (; *ids != NULL; ids++)
		ct_cause_add(case_of(*ids));
	capture(1);
	ct_cause_print(stdout);
	fflush(stdout);
	return captured();
}
#define CAUSES(...) causes((const char *const[]){__VA_ARGS__, NULL})

START_TEST(a_single_one_needs_no_help)
{
	ck_assert_str_eq(causes((const char *const[]){NULL}), "");
	ck_assert_str_eq(CAUSES("sem.open.crex-existing"), "");
	ck_assert_str_eq(
	    CAUSES("sem.open.crex-existing", "sem.open.crex-existing"), "");
}
END_TEST

START_TEST(unknown_cases_are_ignored)
{
	ck_assert_str_eq(CAUSES("no.such.case", "sem.open.existing"), "");
}
END_TEST

START_TEST(the_root_is_named)
{
	const char *text = "# look first at: mq.open.creat-attributes "
			   "(1 further red case builds on it: mq.send 1)\n";

	ck_assert_str_eq(CAUSES("mq.send.capacity", "mq.open.creat-attributes"),
			 text);
	ck_assert_str_eq(CAUSES("mq.open.creat-attributes", "mq.send.capacity"),
			 text);
}
END_TEST

START_TEST(what_is_between_need_not_be_red)
{
	ck_assert_str_eq(CAUSES("sem.stress.exclusion", "sem.timedwait.posted",
				"sem.timedwait.not-late", "sem.open.creat-new"),
			 "# look first at: sem.open.creat-new (3 further red "
			 "cases build on it: sem.timedwait 2, sem.stress 1)\n");
}
END_TEST

START_TEST(first_of_a_topic)
{
	ck_assert_str_eq(
	    CAUSES("shm.name.longest", "shm.name.too-long", "shm.name.rules"),
	    "# look first at: shm.name.too-long (2 further red "
	    "cases build on it: shm.name 2)\n");
}
END_TEST

START_TEST(independent_ones)
{
	ck_assert_str_eq(
	    CAUSES("sem.open.crex-existing", "shm.size.exact"),
	    "# red, and independent of each other: sem.open.crex-existing, "
	    "shm.size.exact\n");
	ck_assert_str_eq(
	    CAUSES("sem.open.crex-existing", "sem.open.crex-race",
		   "shm.size.exact"),
	    "# look first at: sem.open.crex-existing (1 further red case "
	    "builds on it: sem.open 1)\n"
	    "# red, and independent of these: shm.size.exact\n");
}
END_TEST

START_TEST(the_larger_group_comes_first)
{
	ck_assert_str_eq(
	    CAUSES("mq.open.crex-existing", "mq.open.crex-race",
		   "shm.size.exact", "shm.size.negative", "shm.map.offset"),
	    "# look first at: shm.size.exact (2 further red cases build on "
	    "it: shm.map 1, shm.size 1)\n"
	    "# look first at: mq.open.crex-existing (1 further red case "
	    "builds on it: mq.open 1)\n");
}
END_TEST

/* However much is red, the lines are few, and none is long. */
START_TEST(few_lines)
{
	const char *text, *p, *end;
	unsigned i, n = 0;

	ct_cause_clear();
	for (i = 0; ct_cases[i] != NULL; i++)
		ct_cause_add(ct_cases[i]);
	capture(1);
	ct_cause_print(stdout);
	fflush(stdout);
	text = captured();
	for (p = text; (end = strchr(p, '\n')) != NULL; p = end + 1, n++) {
		ck_assert_int_eq(strncmp(p, "# ", 2), 0);
		ck_assert_int_lt(end - p, 300);
	}
	ck_assert_uint_ge(n, 3);
	ck_assert_uint_le(n, 5);
}
END_TEST

/* A capability whose case is red is what all that needs it builds on. */
START_TEST(capabilities_come_first)
{
	size_t i;

	for (i = 0; ct_cases[i] != NULL; i++)
		if (strcmp(ct_cases[i]->id, "capability.mq") == 0)
			break;
	if (ct_cases[i] == NULL)
		return;
	ck_assert_str_eq(
	    CAUSES("mq.timed.bad-nanoseconds", "mq.receive.small-buffer",
		   "capability.mq", "capability.mq-notify", "sem.open.absent"),
	    "# look first at: capability.mq (3 further red cases build on it: "
	    "capability.mq-notify 1, mq.receive 1, mq.timed 1)\n"
	    "# red, and independent of these: sem.open.absent\n");
}
END_TEST

/* All that an entry builds on is in the table. */
START_TEST(table)
{
	const struct ct_builds_on *b;
	const short *on;
	short n = 0;
	size_t i;

	for (b = ct_builds_on; b->id != NULL; b++)
		n++;
	ck_assert_int_gt(n, 50);
	for (i = 0; ct_cause_of[i].id != NULL; i++) {
		ck_assert_int_lt(ct_cause_of[i].entry, n);
		ck_assert_str_eq(case_of(ct_cause_of[i].id)->id,
				 ct_cause_of[i].id);
	}
	for (b = ct_builds_on; b->id != NULL; b++)
		for (on = b->on; *on >= 0; on++)
			ck_assert_int_lt(*on, n);
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("cause");

	tcase_add_test(tc, a_single_one_needs_no_help);
	tcase_add_test(tc, unknown_cases_are_ignored);
	tcase_add_test(tc, the_root_is_named);
	tcase_add_test(tc, what_is_between_need_not_be_red);
	tcase_add_test(tc, first_of_a_topic);
	tcase_add_test(tc, independent_ones);
	tcase_add_test(tc, the_larger_group_comes_first);
	tcase_add_test(tc, few_lines);
	tcase_add_test(tc, capabilities_come_first);
	tcase_add_test(tc, table);
	return run_tests();
}
