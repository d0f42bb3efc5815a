/* SPDX-License-Identifier: BSD-3-Clause */
/* A mutant's few calls over a whole backend, and the memory it may share. */
#include "check_ct.h"
#include "mutant.h"

static int inits, posts;

static void init(void)
{
	inits++;
}

static int post(sem_t *sem)
{
	posts++;
	return ct_base->sem_post(sem);
}

START_TEST(only_what_is_set_is_replaced)
{
	static const struct ct_mutant mutant = {
	    .id = "m", .os.sem_post = post, .init = init};
	const struct pipc__os *os = ct_mutate(&pipc__os_null, &mutant);
	struct pipc__os same = *os;

	ck_assert_ptr_eq(ct_base, &pipc__os_null);
	ck_assert_int_eq(inits, 1);
	ck_assert(os->sem_post == post);
	same.sem_post = pipc__os_null.sem_post;
	ck_assert_mem_eq(&same, &pipc__os_null, sizeof(same));
	ck_assert_int_eq(os->sem_post(NULL), -1);
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert_int_eq(posts, 1);
}
END_TEST

START_TEST(first_and_last_members_too)
{
	static struct ct_mutant mutant;
	const struct pipc__os *os;

	mutant.os.sem_open = pipc__os_null.sem_open;
	mutant.os.sysconf = pipc__os_null.sysconf;
	os = ct_mutate(&pipc__os_system, &mutant);
	ck_assert(os->sem_open == pipc__os_null.sem_open);
	ck_assert(os->sysconf == pipc__os_null.sysconf);
	ck_assert(os->sem_close == pipc__os_system.sem_close);
	ck_assert(os->mq_notify == pipc__os_system.mq_notify);
}
END_TEST

static int *number;

static void change(struct ct *t)
{
	(void)t;
	*number = 7;
	ct_exit(0);
}

START_TEST(memory_is_zeroed_and_shared)
{
	number = ct_mutant_shared(sizeof(*number));
	ck_assert_int_eq(*number, 0);
	ck_assert_int_eq(exit_of(change, NULL), 0);
	ck_assert_int_eq(*number, 7);
}
END_TEST

static void too_much(struct ct *t)
{
	(void)t;
	ct_mutant_shared((size_t)-1);
	ct_exit(0);
}

START_TEST(no_memory_ends_the_program)
{
	ck_assert_int_eq(exit_of(too_much, NULL), 2);
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("mutant");

	tcase_add_test(tc, only_what_is_set_is_replaced);
	tcase_add_test(tc, first_and_last_members_too);
	tcase_add_test(tc, memory_is_zeroed_and_shared);
	tcase_add_test(tc, no_memory_ends_the_program);
	return run_tests();
}
