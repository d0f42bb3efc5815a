/* SPDX-License-Identifier: BSD-3-Clause */
/* Capabilities: the system, and one member of its table that fails. */
#include "check_ct.h"
#include "expect.h"

static void begin(void)
{
	use_faulty();
	pipc__use(&pipc__os_system);
}

static const struct ct_capability *capability(const char *name)
{
	const struct ct_capability *c = ct_capabilities;

	while (c->name != NULL && strcmp(c->name, name) != 0)
		c++;
	ck_assert_ptr_nonnull(c->name);
	return c;
}

/* All but "uids" (which user it is) and those named are present. */
static void rest_is_present(const char *but)
{
	const struct ct_capability *c;
	char name[40];

	for (c = ct_capabilities; c->name != NULL; c++) {
		snprintf(name, sizeof(name), "%s ", c->name);
		if (strcmp(c->name, "uids") == 0 || strstr(but, name) != NULL)
			continue;
		ck_assert_msg(c->state == CT_PRESENT, "%s: %s", c->name,
			      c->why);
		ck_assert_str_eq(c->why, "");
	}
}

static void is(const char *name, int state, const char *why)
{
	const struct ct_capability *c = capability(name);

	ck_assert_msg((int)c->state == state, "%s is %s: %s", name,
		      ct_state_names[c->state], c->why);
	ck_says(c->why, why);
}

START_TEST(all_are_there)
{
	ct_probe(&faulty, false);
	rest_is_present("");
	ck_assert_ptr_null(ct_lacks(CT_NEED_SEM | CT_NEED_MQ | CT_NEED_SHM));
	ck_assert_ptr_null(ct_lacks(0));
	is("uids", geteuid() == 0 ? CT_PRESENT : CT_DENIED, "");
	ck_assert_int_ge(ct_mq_depth, 1);
}
END_TEST

START_TEST(another_backend_is_not_native)
{
	ct_judge_backend("other");
	ct_probe(&faulty, false);
	is("native", CT_ABSENT, "not the system's own");
}
END_TEST

START_TEST(none_is_there)
{
	const struct ct_capability *c;

	ct_probe(&pipc__os_null, false);
	for (c = ct_capabilities; c->name != NULL; c++)
		if (strcmp(c->name, "uids") != 0 &&
		    strcmp(c->name, "native") != 0)
			ck_assert_int_eq(c->state, CT_ABSENT);
	is("sem", CT_ABSENT, "sem_open: ENOSYS");
	is("shm", CT_ABSENT, "shm_open: ENOSYS");
	is("mq", CT_ABSENT, "mq_open: ENOSYS");
	is("sem_init", CT_ABSENT, "sem_init: ENOSYS");
	ck_assert_ptr_eq(ct_lacks(CT_NEED_MQ | CT_NEED_UIDS), capability("mq"));
	ck_assert_ptr_eq(ct_lacks(CT_NEED_SEM_UNNAMED | CT_NEED_MQ),
			 capability("sem_init"));
}
END_TEST

FAILING(sem_t *, sem_open,
	(const char *name, int flags, mode_t mode, unsigned value), SEM_FAILED)
FAILING(int, sem, (sem_t * sem), -1)
FAILING(int, timedwait, (sem_t * sem, const struct timespec *deadline), -1)
FAILING(int, clockwait,
	(sem_t * sem, clockid_t clock, const struct timespec *deadline), -1)
FAILING(int, getvalue, (sem_t * sem, int *value), -1)
FAILING(int, init, (sem_t * sem, int pshared, unsigned value), -1)
FAILING(int, shm_open, (const char *name, int flags, mode_t mode), -1)
FAILING(int, ftruncate, (int fd, off_t size), -1)
FAILING(int, fallocate, (int fd, off_t offset, off_t size), -1)
FAILING(void *, mmap,
	(void *addr, size_t len, int prot, int flags, int fd, off_t offset),
	MAP_FAILED)
FAILING(mqd_t, mq_open,
	(const char *name, int flags, mode_t mode, struct mq_attr *attr),
	PIPC__BAD_MQD)
FAILING(int, mq_send, (mqd_t mqd, const char *msg, size_t len, unsigned prio),
	-1)
FAILING(ssize_t, mq_receive, (mqd_t mqd, char *buf, size_t len, unsigned *prio),
	-1)
FAILING(int, mq_notify, (mqd_t mqd, const struct sigevent *notification), -1)

/* Probes with the member that fails so: what is gone, and why. */
static void gone(int error, int state, const char *names, const char *call)
{
	char list[80], *name;

	fault = error;
	ct_probe(&faulty, false);
	rest_is_present(names);
	strcpy(list, names);
	for (name = strtok(list, " "); name != NULL; name = strtok(NULL, " ")) {
		is(name, state, call);
		is(name, state, ct_errno_name(error));
	}
	begin();
}

START_TEST(an_errno_that_nothing_explains_is_a_fault)
{
	static const int refusals[] = {EACCES, EPERM,  EMFILE, ENFILE, ENOSPC,
				       ENOMEM, EAGAIN, EROFS,  ENOENT, EFBIG};
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		faulty.mq_open = failing_mq_open;
		gone(refusals[i], CT_BROKEN, "mq mq_notify ", "mq_open");
		faulty.mq_notify = failing_mq_notify;
		gone(refusals[i], CT_BROKEN, "mq_notify ", "mq_notify");
	}
	faulty.mq_open = failing_mq_open;
	gone(EIO, CT_BROKEN, "mq mq_notify ", "mq_open: expected success, got");
}
END_TEST

START_TEST(absent_is_what_says_so_itself)
{
	static const int words[] = {ENOSYS, ENOTSUP, EOPNOTSUPP};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		faulty.mq_open = failing_mq_open;
		gone(words[i], CT_ABSENT, "mq mq_notify ", "mq_open");
	}
	ck_assert(!capability("mq")->explained);
}
END_TEST

START_TEST(each_call_of_a_semaphore)
{
	faulty.sem_open = failing_sem_open;
	gone(EMFILE, CT_BROKEN, "sem sem_timedwait sem_clockwait sem_getvalue ",
	     "sem_open");
	faulty.sem_wait = failing_sem;
	gone(EINVAL, CT_BROKEN, "sem ", "sem_wait");
	faulty.sem_timedwait = failing_timedwait;
	gone(ENOSYS, CT_ABSENT, "sem_timedwait ", "sem_timedwait");
	faulty.sem_timedwait = failing_timedwait;
	gone(EAGAIN, CT_BROKEN, "sem_timedwait ", "expected ETIMEDOUT, got");
	faulty.sem_clockwait = failing_clockwait;
	gone(ENOSYS, CT_ABSENT, "sem_clockwait ", "sem_clockwait");
	faulty.sem_getvalue = failing_getvalue;
	gone(ENOSYS, CT_ABSENT, "sem_getvalue ", "sem_getvalue");
	faulty.sem_init = failing_init;
	gone(ENOSPC, CT_BROKEN, "sem_init ", "sem_init");
	faulty.sem_destroy = failing_sem;
	gone(EBUSY, CT_BROKEN, "sem_init ", "sem_destroy");
	faulty.sem_close = failing_sem;
	gone(EINVAL, CT_BROKEN, "sem sem_timedwait sem_clockwait sem_getvalue ",
	     "sem_close");
}
END_TEST

START_TEST(each_call_of_shared_memory)
{
	faulty.shm_open = failing_shm_open;
	gone(EACCES, CT_BROKEN, "shm ", "shm_open");
	faulty.ftruncate = failing_ftruncate;
	gone(ENOSPC, CT_BROKEN, "shm ", "ftruncate");
	faulty.posix_fallocate = failing_fallocate;
	gone(ENOSPC, CT_BROKEN, "shm ", "posix_fallocate");
	faulty.mmap = failing_mmap;
	gone(ENODEV, CT_BROKEN, "shm ", "mmap");
	/* It is no part of POSIX shared memory that this one works. */
	faulty.posix_fallocate = failing_fallocate;
	fault = EOPNOTSUPP;
	ct_probe(&faulty, false);
	rest_is_present("");
}
END_TEST

START_TEST(each_call_of_a_queue)
{
	faulty.mq_send = failing_mq_send;
	gone(ENOSYS, CT_ABSENT, "mq mq_notify ", "mq_send");
	faulty.mq_receive = failing_mq_receive;
	gone(ENOSYS, CT_ABSENT, "mq ", "mq_receive");
}
END_TEST

static long deepest; /* what the table's mq_open() grants */

static mqd_t shallow_mq_open(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	if ((flags & O_CREAT) && attr->mq_maxmsg > deepest) {
		errno = EINVAL;
		return PIPC__BAD_MQD;
	}
	return pipc__os_system.mq_open(name, flags, mode, attr);
}

START_TEST(the_depth_is_the_deepest_that_is_granted)
{
	faulty.mq_open = shallow_mq_open;
	deepest = 3;
	ct_probe(&faulty, false);
	ck_assert_int_eq(ct_mq_depth, 3);
	deepest = 1;
	ct_probe(&faulty, false);
	ck_assert_int_eq(ct_mq_depth, 1);
}
END_TEST

static int signo;

static int dying_mq_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	raise(signo);
	return 0;
}

START_TEST(a_signal_is_an_answer)
{
	faulty.mq_send = dying_mq_send;
	signo = SIGSYS;
	ct_probe(&faulty, false);
	rest_is_present("mq mq_notify ");
	is("mq", CT_ABSENT, "answered by signal");
	is("mq", CT_ABSENT, strsignal(SIGSYS));
	signo = SIGBUS;
	ct_probe(&faulty, false);
	rest_is_present("mq mq_notify ");
	is("mq", CT_BROKEN, strsignal(SIGBUS));
}
END_TEST

static int endless_mq_send(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio)
{
	while (pause() == -1)
		;
	return 0;
}

START_TEST(a_call_that_does_not_return_is_given_up)
{
	faulty.mq_send = endless_mq_send;
	ct__probe_ms = 50;
	ct_probe(&faulty, false);
	is("mq", CT_BROKEN, "mq_send: a simple call did not return");
}
END_TEST

START_TEST(a_second_probe_starts_anew)
{
	ct_probe(&pipc__os_null, false);
	ct_probe(&faulty, false);
	rest_is_present("");
}
END_TEST

START_TEST(without_fork)
{
	ct_probe(&faulty, true);
	rest_is_present("");
	is("uids", CT_DENIED, "needs fork");
	faulty.mq_open = failing_mq_open;
	fault = ENOSYS;
	ct_probe(&faulty, true);
	rest_is_present("mq mq_notify ");
	is("mq", CT_ABSENT, "mq_open: ENOSYS");
}
END_TEST

START_TEST(fork_that_fails)
{
	no_more_processes();
	ct_probe(&faulty, false);
	more_processes();
	is("sem", CT_DENIED, "fork: EAGAIN; only 0 more processes");
	is("uids", CT_DENIED, "fork: EAGAIN");
}
END_TEST

START_TEST(another_than_root_cannot_act_as_others)
{
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(100000), 0);
	ct_probe(&faulty, false);
	(void)!seteuid(getuid());
	rest_is_present("");
	is("uids", CT_DENIED, "needs root");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("probe");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, all_are_there);
	tcase_add_test(tc, another_backend_is_not_native);
	tcase_add_test(tc, none_is_there);
	tcase_add_test(tc, an_errno_that_nothing_explains_is_a_fault);
	tcase_add_test(tc, absent_is_what_says_so_itself);
	tcase_add_test(tc, each_call_of_a_semaphore);
	tcase_add_test(tc, each_call_of_shared_memory);
	tcase_add_test(tc, each_call_of_a_queue);
	tcase_add_test(tc, the_depth_is_the_deepest_that_is_granted);
	tcase_add_test(tc, a_signal_is_an_answer);
	tcase_add_test(tc, a_call_that_does_not_return_is_given_up);
	tcase_add_test(tc, a_second_probe_starts_anew);
	tcase_add_test(tc, without_fork);
	tcase_add_test(tc, fork_that_fails);
	tcase_add_test(tc, another_than_root_cannot_act_as_others);
	return run_tests();
}
