/* SPDX-License-Identifier: BSD-3-Clause */
/* The layer: arguments and results go through, names and calls are recorded. */
#include "check_ct.h"

static struct ct *t;
static const struct pipc__os *layer;

static void over(const struct pipc__os *base)
{
	t = lone_case();
	layer = ct_ledger(base, t->records);
}

/* The calls of a failure that is told now. */
static const char *calls(void)
{
	said();
	ct__trace_tell(t->records);
	return said();
}

static const struct timespec when = {12, 34};
static struct mq_attr attr = {
    .mq_flags = 0x800, .mq_maxmsg = 7, .mq_msgsize = 99};
#define SEM ((sem_t *)16)
#define PTR ((void *)32)
#define MQD ((mqd_t)5)

/* Each call as it is told, after it has failed with ENOSYS. */
#define ck_call(call, failure, text)                                           \
	do {                                                                   \
		over(&pipc__os_null);                                          \
		errno = 0;                                                     \
		ck_assert((call) == (failure));                                \
		ck_assert_int_eq(errno, ENOSYS);                               \
		ck_call_told(text ") = -1, ENOSYS\n");                         \
	} while (0)

/* Every call is written to stderr here, for only some failures tell them. */
static void ck_call_told(const char *text)
{
	const char *told = captured();

	ck_says(told, text);
	ck_assert_int_eq(atol(told), getpid());
	capture(2);
}

static void begin_all(void)
{
	ct__trace_all = true;
	capture(2);
}

static void end_all(void)
{
	captured();
	ct__trace_all = false;
}

START_TEST(calls_of_semaphores)
{
	begin_all();
	ck_call(layer->sem_open("/n", PIPC_O_CREX, 0600, 3), SEM_FAILED,
		"sem_open(\"/n\", O_RDONLY|O_CREAT|O_EXCL, 0600, 3");
	ck_call(layer->sem_close(SEM), -1, "sem_close(0x10");
	ck_call(layer->sem_unlink("/n"), -1, "sem_unlink(\"/n\"");
	ck_call(layer->sem_post(SEM), -1, "sem_post(0x10");
	ck_call(layer->sem_wait(SEM), -1, "sem_wait(0x10");
	ck_call(layer->sem_trywait(SEM), -1, "sem_trywait(0x10");
	ck_call(layer->sem_timedwait(SEM, &when), -1,
		"sem_timedwait(0x10, {12, 34}");
	ck_call(layer->sem_timedwait(SEM, NULL), -1,
		"sem_timedwait(0x10, NULL");
	ck_call(layer->sem_clockwait(SEM, (clockid_t)1, &when), -1,
		"sem_clockwait(0x10, 1, {12, 34}");
	ck_call(layer->sem_clockwait_np(SEM, (clockid_t)1, &when), -1,
		"sem_clockwait_np(0x10, 1, {12, 34}");
	ck_call(layer->sem_getvalue(SEM, PTR), -1, "sem_getvalue(0x10, 0x20");
	ck_call(layer->sem_init(SEM, 1, 2), -1, "sem_init(0x10, 1, 2");
	ck_call(layer->sem_destroy(SEM), -1, "sem_destroy(0x10");
	end_all();
}
END_TEST

START_TEST(calls_of_queues)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE},
			thread = {.sigev_notify = SIGEV_THREAD},
			sig = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 10};

	begin_all();
	ck_call(layer->mq_open("/q", O_RDWR | O_CREAT, 0640, &attr),
		PIPC__BAD_MQD,
		"mq_open(\"/q\", O_RDWR|O_CREAT, 0640, {flags 0x800, maxmsg 7, "
		"msgsize 99}");
	ck_call(layer->mq_open("/q", O_WRONLY | O_NONBLOCK, 0, NULL),
		PIPC__BAD_MQD, "O_WRONLY|O_NONBLOCK, 0, NULL");
	ck_call(layer->mq_close(MQD), -1, "mq_close(5");
	ck_call(layer->mq_unlink("/q"), -1, "mq_unlink(\"/q\"");
	ck_call(layer->mq_getattr(MQD, PTR), -1, "mq_getattr(5, 0x20");
	ck_call(layer->mq_setattr(MQD, &attr, PTR), -1,
		"mq_setattr(5, {flags 0x800, maxmsg 7, msgsize 99}, 0x20");
	ck_call(layer->mq_send(MQD, PTR, 8, 9), -1, "mq_send(5, 0x20, 8, 9");
	ck_call(layer->mq_timedsend(MQD, PTR, 8, 9, &when), -1,
		"mq_timedsend(5, 0x20, 8, 9, {12, 34}");
	ck_call(layer->mq_receive(MQD, PTR, 4, PTR), -1,
		"mq_receive(5, 0x20, 4, 0x20");
	ck_call(layer->mq_timedreceive(MQD, PTR, 8, PTR, &when), -1,
		"mq_timedreceive(5, 0x20, 8, 0x20, {12, 34}");
	ck_call(layer->mq_clocksend_np(MQD, PTR, 8, 9, (clockid_t)1, &when), -1,
		"mq_clocksend_np(5, 0x20, 8, 9, 1, {12, 34}");
	ck_call(
	    layer->mq_clockreceive_np(MQD, PTR, 8, PTR, (clockid_t)1, &when),
	    -1, "mq_clockreceive_np(5, 0x20, 8, 0x20, 1, {12, 34}");
	ck_call(layer->mq_notify(MQD, NULL), -1, "mq_notify(5, NULL");
	ck_call(layer->mq_notify(MQD, &none), -1, "{SIGEV_NONE}");
	ck_call(layer->mq_notify(MQD, &thread), -1, "{SIGEV_THREAD}");
	ck_call(layer->mq_notify(MQD, &sig), -1, "{SIGEV_SIGNAL, 10}");
	end_all();
}
END_TEST

START_TEST(calls_of_shared_memory)
{
	begin_all();
	ck_call(layer->shm_open("/m", O_RDWR | O_TRUNC, 0), -1,
		"shm_open(\"/m\", O_RDWR|O_TRUNC, 0");
	ck_call(layer->shm_open("/m", O_RDONLY | O_APPEND, 0), -1,
		"O_RDONLY|..., 0");
	ck_call(layer->shm_unlink("/m"), -1, "shm_unlink(\"/m\"");
	ck_call(layer->ftruncate(3, 4096), -1, "ftruncate(3, 4096");
	ck_call(layer->posix_fallocate(3, 1, 2), -1, "posix_fallocate(3, 1, 2");
	ck_call(layer->fstat(3, PTR), -1, "fstat(3, 0x20");
	ck_call(layer->fchmod(3, 0644), -1, "fchmod(3, 0644");
	ck_call(layer->mmap(NULL, 10, PROT_READ, MAP_SHARED, 3, 20), MAP_FAILED,
		", 10, 0x1, 0x1, 3, 20");
	ck_call(layer->mprotect(PTR, 10, 1), -1, "mprotect(0x20, 10, 0x1");
	ck_call(layer->munmap(PTR, 10), -1, "munmap(0x20, 10");
	ck_call(layer->close(3), -1, "close(3");
	ck_call(layer->sysconf(77), -1, "sysconf(77");
	end_all();
}
END_TEST

START_TEST(names_are_on_record_before_they_are_created)
{
	over(&pipc__os_null);
	layer->sem_open("/a", O_CREAT, 0, 0);
	layer->shm_open("/b", PIPC_O_CREX | O_RDWR, 0);
	layer->mq_open("/c", O_CREAT | O_WRONLY, 0, NULL);
	ck_assert_str_eq(said(), "Os /a\nOm /b\nOq /c\n");
	layer->sem_open("/a", 0, 0, 0);
	layer->shm_open("/b", O_RDWR, 0);
	layer->mq_open("/c", O_RDONLY, 0, NULL);
	ck_assert_str_eq(said(), "");
}
END_TEST

static sem_t *there_sem(const char *name, int flags, mode_t mode, unsigned n)
{
	errno = EEXIST;
	return SEM_FAILED;
}

static int there_shm(const char *name, int flags, mode_t mode)
{
	errno = EEXIST;
	return -1;
}

static mqd_t there_mq(const char *name, int flags, mode_t mode,
		      struct mq_attr *a)
{
	errno = EEXIST;
	return PIPC__BAD_MQD;
}

START_TEST(what_was_there_is_no_longer_on_record)
{
	struct pipc__os there = pipc__os_null;

	there.sem_open = there_sem;
	there.shm_open = there_shm;
	there.mq_open = there_mq;
	over(&there);
	layer->sem_open("/a", PIPC_O_CREX, 0, 0);
	ck_assert_int_eq(errno, EEXIST);
	layer->shm_open("/b", PIPC_O_CREX | O_RDWR, 0);
	ck_assert_int_eq(errno, EEXIST);
	layer->mq_open("/c", PIPC_O_CREX | O_RDWR, 0, NULL);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_str_eq(said(), "Os /a\nXs /a\nOm /b\nXm /b\n"
				 "Oq /c\nXq /c\n");
	/* Not exclusive: whatever the error, it may have been created. */
	layer->sem_open("/a", O_CREAT, 0, 0);
	ck_assert_str_eq(said(), "Os /a\n");
}
END_TEST

static const char *on_record; /* when the call itself came */

static sem_t *looking(const char *name, int flags, mode_t mode, unsigned value)
{
	on_record = said();
	return SEM;
}

static ssize_t filling(mqd_t mqd, char *buf, size_t len, unsigned *prio,
		       const struct timespec *deadline)
{
	ck_assert(mqd == MQD);
	ck_assert_uint_eq(len, 6);
	ck_assert_ptr_eq(deadline, &when);
	memcpy(buf, "hello", 6);
	*prio = 31;
	return 6;
}

static void *mapping(void *addr, size_t len, int prot, int flags, int fd,
		     off_t offset)
{
	ck_assert_ptr_eq(addr, PTR);
	ck_assert_uint_eq(len, 1);
	ck_assert_int_eq(prot, 2);
	ck_assert_int_eq(flags, 3);
	ck_assert_int_eq(fd, 4);
	ck_assert_int_eq(offset, 5);
	return SEM;
}

START_TEST(arguments_and_results_go_through)
{
	struct pipc__os own = pipc__os_null;
	unsigned prio;
	char buf[6];

	own.sem_open = looking;
	own.mq_timedreceive = filling;
	own.mmap = mapping;
	over(&own);
	ck_assert_ptr_eq(layer->sem_open("/x", O_CREAT, 0, 0), SEM);
	ck_assert_str_eq(on_record, "Os /x\n");
	ck_assert_int_eq(layer->mq_timedreceive(MQD, buf, 6, &prio, &when), 6);
	ck_assert_str_eq(buf, "hello");
	ck_assert_uint_eq(prio, 31);
	ck_assert_ptr_eq(layer->mmap(PTR, 1, 2, 3, 4, 5), SEM);
	ck_says(calls(), "M  call mmap(0x20, 1, 0x2, 0x3, 4, 5) = 0x10\n");
}
END_TEST

START_TEST(the_last_three_calls_are_told_the_last_one_last)
{
	over(&pipc__os_null);
	ck_assert_str_eq(calls(), "");
	layer->sem_unlink("/1");
	ck_assert_str_eq(calls(), "M  call sem_unlink(\"/1\") = -1, ENOSYS\n");
	layer->sem_unlink("/2");
	layer->sem_unlink("/3");
	layer->sem_unlink("/4");
	ck_assert_str_eq(calls(), "M  call sem_unlink(\"/2\") = -1, ENOSYS\n"
				  "M  call sem_unlink(\"/3\") = -1, ENOSYS\n"
				  "M  call sem_unlink(\"/4\") = -1, ENOSYS\n");
	ck_assert_str_eq(calls(), ""); /* three failures have told them */
}
END_TEST

START_TEST(the_error_is_the_call_s_even_if_stderr_is_closed)
{
	int keep = dup(2);

	over(&pipc__os_null);
	close(2);
	ct__trace_all = true;
	layer->sem_unlink("/n");
	ct__trace_all = false;
	ck_assert_int_eq(errno, ENOSYS);
	dup2(keep, 2);
}
END_TEST

START_TEST(endless_names_do_no_harm)
{
	static char endless[5000];

	memset(endless, 'n', sizeof(endless) - 1);
	over(&pipc__os_null);
	layer->sem_open(endless, O_CREAT, 0, 0);
	ck_assert_uint_lt(strlen(said()), CT_RECORD_MAX);
	ck_says(calls(), "sem_open(\"nnn");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("ledger");

	tcase_add_test(tc, calls_of_semaphores);
	tcase_add_test(tc, calls_of_queues);
	tcase_add_test(tc, calls_of_shared_memory);
	tcase_add_test(tc, names_are_on_record_before_they_are_created);
	tcase_add_test(tc, what_was_there_is_no_longer_on_record);
	tcase_add_test(tc, arguments_and_results_go_through);
	tcase_add_test(tc, the_last_three_calls_are_told_the_last_one_last);
	tcase_add_test(tc, the_error_is_the_call_s_even_if_stderr_is_closed);
	tcase_add_test(tc, endless_names_do_no_harm);
	return run_tests();
}
