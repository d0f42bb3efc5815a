/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation as a table (os-ref.c). */
#include "check_ref.h"

#include <limits.h>

/* Nothing is missing: each entry is a function. */
START_TEST(complete)
{
	typedef void (*entry)(void);
	entry entries[sizeof(struct pipc__os) / sizeof(entry)];
	unsigned i;

	memcpy(entries, &pipc__os_ref, sizeof(entries));
	for (i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		ck_assert_msg(entries[i] != NULL, "entry %u", i);
}
END_TEST

START_TEST(limits)
{
#ifdef _SC_MQ_PRIO_MAX
	ck_assert_int_eq(pipc__os_ref.sysconf(_SC_MQ_PRIO_MAX), 32768);
#endif
#ifdef _SC_MQ_OPEN_MAX
	ck_assert_int_eq(pipc__os_ref.sysconf(_SC_MQ_OPEN_MAX),
			 sysconf(_SC_OPEN_MAX));
#endif
#ifdef _SC_SEM_VALUE_MAX
	ck_assert_int_eq(pipc__os_ref.sysconf(_SC_SEM_VALUE_MAX), INT_MAX);
#endif
#ifdef _SC_SEM_NSEMS_MAX
	ck_assert_int_eq(pipc__os_ref.sysconf(_SC_SEM_NSEMS_MAX), -1);
#endif
	ck_assert_int_eq(pipc__os_ref.sysconf(_SC_PAGESIZE),
			 sysconf(_SC_PAGESIZE));
}
END_TEST

/* Each kind of object, by the library and by name. */
START_TEST(through_the_library)
{
	size_t len = 8;
	pipc_sem *s;
	pipc_mq *q;
	char msg[8];
	int fd;

	pipc__use(&pipc__os_ref);
	ck_status(pipc_sem_open(&s, "/o", PIPC_O_CREX, 0600, 1), PIPC_OK);
	ck_status(pipc_sem_acquire(s, &never), PIPC_OK);
	ck_status(pipc_sem_acquire(s, &never), PIPC_BUSY_ERROR);
	ck_status(pipc_sem_close(s), PIPC_OK);
	pipc_sem_free(s);
	ck_status(pipc_mq_open(&q, "/o", PIPC_O_CREX, NULL), PIPC_OK);
	ck_status(pipc_mq_send(q, "hello", 5, NULL, 0), PIPC_OK);
	ck_status(pipc_mq_receive(q, msg, &len, NULL, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_close(q), PIPC_OK);
	pipc_mq_free(q);
	fd = pipc__os_ref.shm_open("/o", O_CREAT | O_RDWR, 0600);
	ck_assert_int_eq(pipc__os_ref.posix_fallocate(fd, 0, 100), 0);
	ck_assert_int_eq(pipc__os_ref.close(fd), 0);
	ck_assert_uint_eq(files(false), 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref os");
	TCase *tc = a_case(suite, "os");

	tcase_add_test(tc, complete);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, through_the_library);
	return run_suite(suite);
}
