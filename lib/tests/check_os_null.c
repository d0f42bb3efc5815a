/* SPDX-License-Identifier: BSD-3-Clause */
/* The backend that has nothing: every member fails, with ENOSYS. */
#include "check_pipc.h"

static const struct pipc__os *const os = &pipc__os_null;

#define ck_absent(call, failure)                                               \
	do {                                                                   \
		errno = 0;                                                     \
		ck_assert((call) == (failure));                                \
		ck_assert_int_eq(errno, ENOSYS);                               \
	} while (0)

START_TEST(semaphores)
{
	sem_t *sem = NULL;
	int value;

	ck_absent(os->sem_open("/p", PIPC_O_CREX, 0600, 1), SEM_FAILED);
	ck_absent(os->sem_close(sem), -1);
	ck_absent(os->sem_unlink("/p"), -1);
	ck_absent(os->sem_post(sem), -1);
	ck_absent(os->sem_wait(sem), -1);
	ck_absent(os->sem_trywait(sem), -1);
	ck_absent(os->sem_timedwait(sem, &never), -1);
	ck_absent(os->sem_clockwait(sem, CLOCK_REALTIME, &never), -1);
	ck_absent(os->sem_clockwait_np(sem, CLOCK_REALTIME, &never), -1);
	ck_absent(os->sem_getvalue(sem, &value), -1);
	ck_absent(os->sem_init(sem, 1, 0), -1);
	ck_absent(os->sem_destroy(sem), -1);
}
END_TEST

START_TEST(shared_memory)
{
	struct stat st;

	ck_absent(os->shm_open("/p", O_RDWR | PIPC_O_CREX, 0600), -1);
	ck_absent(os->shm_unlink("/p"), -1);
	ck_absent(os->ftruncate(0, 1), -1);
	ck_absent(os->posix_fallocate(0, 0, 1), -1);
	ck_absent(os->fstat(0, &st), -1);
	ck_absent(os->fchmod(0, 0600), -1);
	ck_absent(os->mmap(NULL, 1, PROT_READ, MAP_SHARED, 0, 0), MAP_FAILED);
	ck_absent(os->mprotect(NULL, 1, PROT_READ), -1);
	ck_absent(os->munmap(NULL, 1), -1);
	ck_absent(os->close(0), -1);
	ck_assert_int_ne(fcntl(0, F_GETFD), -1); /* not really closed */
}
END_TEST

START_TEST(message_queues)
{
	struct mq_attr attr;
	unsigned prio;
	char buf[1];
	mqd_t mqd = PIPC__BAD_MQD;

	ck_absent(os->mq_open("/p", PIPC_O_CREX, 0600, NULL), PIPC__BAD_MQD);
	ck_absent(os->mq_close(mqd), -1);
	ck_absent(os->mq_unlink("/p"), -1);
	ck_absent(os->mq_getattr(mqd, &attr), -1);
	ck_absent(os->mq_setattr(mqd, &attr, NULL), -1);
	ck_absent(os->mq_send(mqd, buf, 1, 0), -1);
	ck_absent(os->mq_timedsend(mqd, buf, 1, 0, &never), -1);
	ck_absent(os->mq_receive(mqd, buf, 1, &prio), -1);
	ck_absent(os->mq_timedreceive(mqd, buf, 1, &prio, &never), -1);
	ck_absent(os->mq_clocksend_np(mqd, "", 0, 0, CLOCK_REALTIME, &never),
		  -1);
	ck_absent(
	    os->mq_clockreceive_np(mqd, buf, 1, &prio, CLOCK_REALTIME, &never),
	    -1);
	ck_absent(os->mq_notify(mqd, NULL), -1);
	ck_absent(os->mq_event_fd_np(mqd), -1);
	ck_absent(os->sysconf(_SC_PAGESIZE), -1);
}
END_TEST

START_TEST(the_library_says_unsupported)
{
	pipc_sem *sem = NULL;
	pipc_shm *shm = NULL;
	pipc_mq *mq = NULL;

	pipc__use(os);
	ck_status(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0),
		  PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false),
		  PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL),
		  PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_unlink_semaphore("/p"), PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_unlink_shared_memory("/p"), PIPC_UNSUPPORTED_ERROR);
	ck_status(pipc_unlink_message_queue("/p"), PIPC_UNSUPPORTED_ERROR);
	ck_assert_ptr_null(sem);
	ck_assert_ptr_null(shm);
	ck_assert_ptr_null(mq);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("os-null");
	TCase *tc = tcase_create("os-null");

	tcase_add_test(tc, semaphores);
	tcase_add_test(tc, shared_memory);
	tcase_add_test(tc, message_queues);
	tcase_add_test(tc, the_library_says_unsupported);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
