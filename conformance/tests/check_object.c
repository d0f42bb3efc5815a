/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and objects for cases. */
#include "check_ct.h"

START_TEST(names_are_portable_and_new)
{
	struct ct *t = lone_case();
	char all[256][16];
	int i, j;

	for (i = 0; i < 256; i++) {
		strcpy(all[i], ct_name(t));
		ck_assert_uint_eq(strlen(all[i]), 13); /* at most 14 */
		ck_assert_int_eq(all[i][0], '/');
		ck_assert_ptr_null(strchr(all[i] + 1, '/'));
		for (j = 0; j < i; j++)
			ck_assert_str_ne(all[i], all[j]);
	}
}
END_TEST

START_TEST(names_differ_between_processes_and_runs)
{
	struct ct *t = lone_case();
	char mine[16], *shared = ct_shared(t, 16);
	pid_t pid = fork();

	if (pid == 0) {
		strcpy(shared, ct_name(t));
		ct_exit(0);
	}
	strcpy(mine, ct_name(t));
	waitpid(pid, NULL, 0);
	ck_assert_uint_eq(strlen(shared), 13);
	ck_assert_str_ne(mine, shared);
}
END_TEST

static void all_kinds(struct ct *t)
{
	const char *s, *m, *q;
	sem_t *sem = ct_sem(t, 3, &s);
	int fd = ct_shm(t, 4096, &m), empty = ct_shm(t, 0, NULL);
	mqd_t mqd = ct_mq(t, 2, 16, &q);
	pipc_sem *psem = ct_pipc_sem(t, 4);
	pipc_shm *pshm = ct_pipc_shm(t, 8192);
	pipc_mq *pmq = ct_pipc_mq(t, 3, 24);
	struct mq_attr attr;
	struct stat st;
	int value;
	char *p = ct_map(t, fd, 4096);

	CT_EQUAL(ct_value(t, sem), 3);
	CT_OK(t->os->fstat(fd, &st) == 0);
	CT_EQUAL(st.st_size, 4096);
	CT_EQUAL(st.st_mode & 0777, 0600);
	CT_OK(t->os->fstat(empty, &st) == 0);
	CT_EQUAL(st.st_size, 0);
	CT_OK(t->os->mq_getattr(mqd, &attr) == 0);
	CT_EQUAL(attr.mq_maxmsg, 2);
	CT_EQUAL(attr.mq_msgsize, 16);
	p[4095] = 'x';
	CT_EXPECT(pipc_sem_value(psem, &value), PIPC_OK);
	CT_EQUAL(value, 4);
	CT_EXPECT(pipc_mq_send(pmq, "m", 1, NULL, 0), PIPC_OK);
	/* They have the names that were said, and are new. */
	CT_ERRNO(t->os->sem_open(s, PIPC_O_CREX, 0600, 0) == SEM_FAILED,
		 EEXIST);
	CT_ERRNO(t->os->shm_open(m, O_RDWR | PIPC_O_CREX, 0600) == -1, EEXIST);
	CT_ERRNO(t->os->mq_open(q, O_RDWR | PIPC_O_CREX, 0600, NULL) ==
		     PIPC__BAD_MQD,
		 EEXIST);
	munmap(p, 4096);
	close(fd);
	close(empty);
	t->os->sem_close(sem);
	t->os->mq_close(mqd);
	pipc_sem_close(psem);
	pipc_shm_close_fd(pshm);
	pipc_mq_close(pmq);
	pipc_sem_free(psem);
	pipc_shm_free(pshm);
	pipc_mq_free(pmq);
}

START_TEST(objects_are_as_asked_for_and_no_leak)
{
	own_queue_room();
	ck_outcome(result_of(all_kinds), CT_PASS);
}
END_TEST

static void new_sem(struct ct *t)
{
	ct_sem(t, 0, NULL);
}

static void new_shm(struct ct *t)
{
	ct_shm(t, 4096, NULL);
}

static void new_mq(struct ct *t)
{
	ct_mq(t, 1, 16, NULL);
}

static void new_pipc_sem(struct ct *t)
{
	ct_pipc_sem(t, 0);
}

static void new_pipc_shm(struct ct *t)
{
	ct_pipc_shm(t, 4096);
}

static void new_pipc_mq(struct ct *t)
{
	ct_pipc_mq(t, 1, 16);
}

static void map_nothing(struct ct *t)
{
	ct_map(t, -1, 4096);
}

static void share_too_much(struct ct *t)
{
	ct_shared(t, (size_t)-1);
}

START_TEST(what_cannot_be_made_is_a_failure)
{
	static const struct {
		void (*body)(struct ct *t);
		const char *words;
	} rows[] = {{new_sem, "set-up: "},
		    {new_shm, "got ENOSYS"},
		    {new_mq, "got ENOSYS"},
		    {new_pipc_sem, "got PIPC_UNSUPPORTED_ERROR"},
		    {new_pipc_shm, "(errno ENOSYS)"},
		    {new_pipc_mq, "got PIPC_UNSUPPORTED_ERROR"},
		    {map_nothing, "got ENOSYS"},
		    {share_too_much, "set-up: "}};
	const struct ct_result *r;
	size_t i;

	how.base = how.os = &pipc__os_null;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = result_of(rows[i].body);
		ck_outcome(r, CT_FAIL);
		ck_says(r->messages, rows[i].words);
	}
}
END_TEST

FAILING(int, ftruncate, (int fd, off_t size), -1)

START_TEST(an_object_whose_size_cannot_be_set_is_removed)
{
	const struct ct_result *r;

	use_faulty();
	faulty.ftruncate = failing_ftruncate;
	fault = ENOSPC;
	how.base = how.os = &faulty;
	r = result_of(new_shm);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "got ENOSPC");
	ck_says_not(r->messages, "left behind");
}
END_TEST

FAILING(int, getvalue, (sem_t * sem, int *value), -1)

static void value_is_five(struct ct *t)
{
	sem_t *sem = ct_sem(t, 5, NULL);

	CT_EQUAL(ct_value(t, sem), 5);
	CT_EQUAL(ct_value(t, sem), 5);
	t->os->sem_close(sem);
}

START_TEST(a_value_is_counted_where_it_cannot_be_asked)
{
	const struct ct_result *r;

	use_faulty();
	faulty.sem_getvalue = failing_getvalue;
	how.base = how.os = &faulty;
	fault = ENOSYS;
	ck_outcome(result_of(value_is_five), CT_PASS);
	fault = EINVAL;
	r = result_of(value_is_five);
	ck_outcome(r, CT_FAIL);
	ck_says(r->messages, "sem_getvalue: came EINVAL");
	ck_says_not(r->messages, "wanted 5");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("object");

	tcase_add_test(tc, names_are_portable_and_new);
	tcase_add_test(tc, names_differ_between_processes_and_runs);
	tcase_add_test(tc, objects_are_as_asked_for_and_no_leak);
	tcase_add_test(tc, what_cannot_be_made_is_a_failure);
	tcase_add_test(tc, an_object_whose_size_cannot_be_set_is_removed);
	tcase_add_test(tc, a_value_is_counted_where_it_cannot_be_asked);
	return run_tests();
}
