/* SPDX-License-Identifier: BSD-3-Clause */
/* What the first process of a new kernel sees to; for root, in namespaces. */
#include "check_ct.h"
#include "init.h"

#include <sched.h>
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif

static void closed_ones_are_opened(struct ct *t)
{
	int keep = dup(1);

	(void)t;
	close(0);
	close(2);
	ct_init_descriptors();
	ct_exit(fcntl(0, F_GETFD) != -1 && fcntl(2, F_GETFD) != -1 &&
			write(2, "x", 1) == -1 && errno == EBADF && keep > 2 &&
			fcntl(keep + 1, F_GETFD) == -1
		    ? 0
		    : 1);
}

START_TEST(descriptors)
{
	struct stat before, after;

	ck_assert_int_eq(exit_of(closed_ones_are_opened, NULL), 0);
	ck_assert_int_eq(fstat(1, &before), 0);
	ct_init_descriptors();
	ck_assert_int_eq(fstat(1, &after), 0);
	ck_assert(before.st_ino == after.st_ino);
	ck_assert(before.st_dev == after.st_dev);
}
END_TEST

#if defined(CLONE_NEWNS) && defined(CLONE_NEWPID) && defined(MS_PRIVATE)
enum { CANNOT = 77 };

/* Mounts of its own, with nothing mounted on /dev/shm. */
static void mounts_what_is_missing(struct ct *t)
{
	struct stat dev, shm;
	const char *told;

	(void)t;
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		ct_exit(CANNOT);
	while (umount2("/dev/shm", MNT_DETACH) == 0)
		;
	if (stat("/dev", &dev) != 0 || stat("/dev/shm", &shm) != 0 ||
	    dev.st_dev != shm.st_dev)
		ct_exit(CANNOT);
	capture(1);
	ct_init_mount();
	told = captured();
	if (stat("/dev/shm", &shm) != 0 || dev.st_dev == shm.st_dev)
		ct_exit(1);
	if ((shm.st_mode & 07777) != 01777)
		ct_exit(2);
	if (strcmp(told, "# mounted tmpfs on /dev/shm\n") != 0)
		ct_exit(3);
	capture(1);
	ct_init_mount(); /* all is there: nothing is done */
	ct_exit(captured()[0] == '\0' ? 0 : 4);
}

START_TEST(mounts)
{
	int status = exit_of(mounts_what_is_missing, NULL);

	ck_assert_msg(status == 0 || status == CANNOT, "%d", status);
}
END_TEST

/*
 * Never outside of a namespace of processes, for the machine would be
 * switched off: only where this is process 1 of another one.
 */
static void end_in_namespace(struct ct *t)
{
	pid_t pid;
	int status;

	(void)t;
	if (unshare(CLONE_NEWPID) != 0)
		ct_exit(CANNOT);
	pid = fork();
	if (pid == 0) {
		if (getpid() != 1)
			ct_exit(CANNOT);
		if (fork() == 0)
			ct_exit(0);
		ct_init_end();
		ct_exit(42);
	}
	ct_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status)
		    ? WEXITSTATUS(status)
		    : 1);
}

START_TEST(the_first_process_of_a_namespace_comes_back)
{
	int status = exit_of(end_in_namespace, NULL);

	ck_assert_msg(status == 42 || status == CANNOT, "%d", status);
}
END_TEST
#endif

int main(void)
{
	TCase *tc = tests_of("init");

	tcase_add_test(tc, descriptors);
#if defined(CLONE_NEWNS) && defined(CLONE_NEWPID) && defined(MS_PRIVATE)
	tcase_add_test(tc, mounts);
	tcase_add_test(tc, the_first_process_of_a_namespace_comes_back);
#endif
	return run_tests();
}
