/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of backends, and changing between them. */
#include "check_pipc.h"

START_TEST(system_is_the_default)
{
	ck_assert_ptr_eq(pipc__os, &pipc__os_system);
	ck_assert_ptr_eq(pipc__backend("system")->os, &pipc__os_system);
	ck_assert_ptr_eq(pipc__backend("null")->os, &pipc__os_null);
}
END_TEST

START_TEST(unknown_names_are_not_found)
{
	ck_assert_ptr_null(pipc__backend("no such backend"));
	ck_assert_ptr_null(pipc__backend(""));
	ck_assert_ptr_null(pipc__backend("nul"));
}
END_TEST

/* A member that a table forgot would be a crash in its first user. */
START_TEST(every_table_is_full)
{
	typedef void (*member)(void);
	const struct pipc__backend *b;
	member members[sizeof(struct pipc__os) / sizeof(member)];
	size_t i;

	for (b = pipc__backends; b->name != NULL; b++) {
		ck_assert_str_ne(b->text, "");
		memcpy(members, b->os, sizeof(members));
		for (i = 0; i < sizeof(members) / sizeof(member); i++)
			ck_assert_msg(members[i] != NULL,
				      "member %zu of %s is NULL", i, b->name);
	}
}
END_TEST

START_TEST(use_gives_the_one_before)
{
	ck_assert_ptr_eq(pipc__use(&pipc__os_null), &pipc__os_system);
	ck_assert_ptr_eq(pipc__os, &pipc__os_null);
	ck_assert_ptr_eq(pipc__use(&pipc__os_system), &pipc__os_null);
}
END_TEST

/* Each test is a process of its own, main() opens nothing: one choice each. */
START_TEST(the_environment_chooses)
{
	setenv("PIPC_BACKEND", "null", 1);
	ck_assert_ptr_eq(pipc__current(), &pipc__os_null);
	ck_assert_ptr_eq(pipc__queues(), &pipc__os_null);
	setenv("PIPC_BACKEND", "system", 1);
	ck_assert_ptr_eq(pipc__current(), &pipc__os_null);
}
END_TEST

START_TEST(an_unknown_choice_is_nothing)
{
	pipc_sem *sem;

	setenv("PIPC_BACKEND", "reff", 1);
	ck_status(pipc_sem_open(&sem, "/none", PIPC_O_CREAT, 0600, 1),
		  PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_unlink_message_queue("/none"), PIPC_UNSUPPORTED_ERROR);
	ck_assert(!pipc_limits()->message_queues_supported);
}
END_TEST

START_TEST(an_empty_choice_is_none)
{
	setenv("PIPC_BACKEND", "", 1);
	ck_assert_ptr_eq(pipc__current(), &pipc__os_system);
}
END_TEST

/* What is given here is meant, whatever the environment says. */
START_TEST(use_wins)
{
	setenv("PIPC_BACKEND", "null", 1);
	pipc__use(&pipc__os_system);
	ck_assert_ptr_eq(pipc__current(), &pipc__os_system);
	ck_assert_ptr_eq(pipc__queues(), &pipc__os_system);
}
END_TEST

#ifdef PIPC_REF
START_TEST(queues_where_the_system_has_none)
{
	mqd_t mqd = pipc__os_system.mq_open("/", O_RDONLY, 0, NULL);
	bool none = mqd == PIPC__BAD_MQD && errno == ENOSYS;
	pipc_mq *mq;

	ck_assert_ptr_eq(pipc__queues(),
			 none ? &pipc__os_ref : &pipc__os_system);
	ck_assert_ptr_eq(pipc__current(), &pipc__os_system);
	if (!none)
		return;
	ck_assert(pipc_limits()->message_queues_supported);
	ck_assert_int_eq(pipc_limits()->queue_priority_max, 32767);
	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL), PIPC_OK);
	ck_status(pipc_mq_send(mq, "x", 1, NULL, 32767), PIPC_OK);
	ck_status(pipc_mq_unlink(mq), PIPC_OK);
	ck_status(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}
END_TEST
#endif

START_TEST(handles_stay_with_the_backend_that_opened_them)
{
	pipc_sem *sem;
	pipc_shm *shm;
	size_t size;

	if (!have_semaphores() || !have_shared_memory())
		return;
	ck_status(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 1), PIPC_OK);
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 9, false),
		  PIPC_OK);
	ck_status(pipc_sem_unlink(sem), PIPC_OK);
	ck_status(pipc_shm_unlink(shm), PIPC_OK);
	pipc__use(&pipc__os_null);
	ck_status(pipc_sem_acquire(sem, NULL), PIPC_OK);
	ck_status(pipc_shm_size(shm, &size), PIPC_OK);
	ck_status(pipc_sem_close(sem), PIPC_OK);
	ck_status(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_sem_free(sem);
	pipc_shm_free(shm);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("backend");
	TCase *tc = tcase_create("backend");

	tcase_add_test(tc, system_is_the_default);
	tcase_add_test(tc, unknown_names_are_not_found);
	tcase_add_test(tc, every_table_is_full);
	tcase_add_test(tc, use_gives_the_one_before);
	tcase_add_test(tc, the_environment_chooses);
	tcase_add_test(tc, an_unknown_choice_is_nothing);
	tcase_add_test(tc, an_empty_choice_is_none);
	tcase_add_test(tc, use_wins);
#ifdef PIPC_REF
	tcase_add_test(tc, queues_where_the_system_has_none);
#endif
	tcase_add_test(tc, handles_stay_with_the_backend_that_opened_them);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
