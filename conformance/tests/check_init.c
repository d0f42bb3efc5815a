/* SPDX-License-Identifier: BSD-3-Clause */
/* The first process of a kernel or container; most of it needs root. */
#include "check_ct.h"
#include "init.h"

#include <sched.h>
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif

/* As Linux has them; others mount differently. */
#if defined(CLONE_NEWNS) && defined(CLONE_NEWPID) && defined(HAVE_UNSHARE) &&  \
    defined(HAVE_UMOUNT2) && defined(MNT_DETACH) && defined(MS_PRIVATE)
#define OWN_NAMESPACES 1
#else
#define OWN_NAMESPACES 0
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

/* The words with '|' between them, and what was said of the others. */
static const char *words(int argc, char **argv, const char *file,
			 const char *text, const char **told)
{
	static char joined[400];
	char **list;
	int i, given = argc;
	size_t n = 0;

	capture(1);
	list = ct_init_words(&argc, argv, file, text);
	*told = captured();
	ck_assert_str_eq(list[0], argv[0]);
	ck_assert_ptr_null(list[argc]);
	ck_assert_ptr_null(argv[given]);
	joined[0] = '\0';
	for (i = 1; i < argc; i++)
		n += (size_t)snprintf(joined + n, sizeof(joined) - n, "%s%s",
				      i > 1 ? "|" : "", list[i]);
	return joined;
}

START_TEST(words_of_the_kernel)
{
	char *argv[] = {(char *)"/init",   (char *)"quiet",
			(char *)"root=/x", (char *)"--run",
			(char *)"a b",	   (char *)"-j2",
			(char *)"stray",   NULL};
	char *none[] = {(char *)"/init", NULL};
	char *only[] = {(char *)"/init", (char *)"single", NULL};
	const char *told;

	ck_assert_str_eq(words(7, argv, NULL, NULL, &told),
			 "--run|a b|-j2|stray");
	ck_assert_str_eq(told, "# words of the kernel's command line, ignored: "
			       "quiet root=/x\n");
	ck_assert_str_eq(words(1, none, NULL, NULL, &told), "");
	ck_assert_str_eq(told, "");
	ck_assert_str_eq(words(2, only, NULL, NULL, &told), "");
	ck_says(told, "ignored: single\n");
}
END_TEST

START_TEST(words_from_elsewhere)
{
	char *argv[] = {(char *)"/init", (char *)"quiet", (char *)"-j2", NULL};
	const char *told;
	char name[] = "/tmp/check_init.XXXXXX";
	FILE *f = fdopen(mkstemp(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs("# a comment\n\n--run\r\na b \"*\"\n--strict", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(words(3, argv, name, "  --json=-\t--seed  7\n", &told),
			 "--run|a b \"*\"|--strict|--json=-|--seed|7|-j2");
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_str_eq(words(3, argv, name, "", &told), "-j2");
}
END_TEST

START_TEST(nothing_is_asked_outside)
{
	ck_assert(!ct_init_wants_summary());
	ct_init_drain(1); /* does nothing: no terminal could stop this */
	ck_assert_int_eq(ct_init_which(), CT_NOT_FIRST);
}
END_TEST

#if OWN_NAMESPACES
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
static int as_first(int (*body)(void))
{
	pid_t pid;
	int status;

	if (unshare(CLONE_NEWPID) != 0)
		return CANNOT;
	pid = fork();
	if (pid == 0)
		ct_exit(getpid() == 1 ? body() : CANNOT);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
		   ? WEXITSTATUS(status)
		   : 98;
}

static int (*first_body)(void);

static void run_as_first(struct ct *t)
{
	(void)t;
	ct_exit(as_first(first_body));
}

/* Its exit status must be the wanted one, unless there is no namespace. */
#define ck_first(body, wanted)                                                 \
	do {                                                                   \
		int status_;                                                   \
		first_body = (body);                                           \
		status_ = exit_of(run_as_first, NULL);                         \
		ck_assert_msg(status_ == (wanted) || status_ == CANNOT,        \
			      "expected %d, got %d", wanted, status_);         \
	} while (0)

static int comes_back(void)
{
	if (fork() == 0)
		ct_exit(0);
	ct_init_end();
	return 42;
}

static int is_of_container(void)
{
	return ct_init_which() == CT_FIRST_OF_CONTAINER ? 42 : 1;
}

/* Without /proc, and with a process 2 that is in no group seen from here. */
static int is_of_container_without_proc(void)
{
	pid_t second;
	int result;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    umount2("/proc", MNT_DETACH) != 0 ||
	    access("/proc/self", F_OK) == 0)
		return CANNOT;
	if (is_of_container() != 42)
		return 2;
	second = fork();
	if (second == 0) {
		pause();
		ct_exit(0);
	}
	result = second == 2 && getpgid(2) == 0 ? is_of_container() : 3;
	kill(second, SIGKILL);
	return result;
}

START_TEST(the_first_process_of_a_namespace)
{
	ck_assert_int_eq(ct_init_which(), CT_NOT_FIRST);
	ck_first(comes_back, 42);
	ck_first(is_of_container, 42);
	ck_first(is_of_container_without_proc, 42);
}
END_TEST

/* What ct_init_run() does with a program. */
static char *four[] = {(char *)"me", (char *)"quiet", (char *)"--run",
		       (char *)"glob", NULL};

static int all_words(int argc, char **argv)
{
	return getpid() != 1 && argc == 4 && argv[4] == NULL &&
		       strcmp(argv[1], "quiet") == 0 &&
		       strcmp(argv[3], "glob") == 0 && ct_init_wants_summary()
		   ? 42
		   : 1;
}

static int keeps_words(void)
{
	return ct_init_run(4, four, all_words);
}

static int mounts_nothing(void)
{
	struct stat dev, shm;
	const char *told;
	int result;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return CANNOT;
	while (umount2("/dev/shm", MNT_DETACH) == 0)
		;
	capture(1);
	result = ct_init_run(4, four, all_words);
	told = captured();
	if (stat("/dev", &dev) != 0 || stat("/dev/shm", &shm) != 0 ||
	    dev.st_dev != shm.st_dev || *told != '\0')
		return 2;
	return result;
}

static int aborting(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	abort();
}

static int tells_a_crash(void)
{
	const char *told;
	int result;

	capture(2);
	result = ct_init_run(4, four, aborting);
	told = captured();
	return strstr(told, "killed by signal 6") != NULL ? result : 1;
}

/* Asks process 1 to end, and waits to be ended; Check handles SIGTERM. */
static int terminating(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	kill(1, SIGHUP);
	pause();
	return 1;
}

static int hands_signals_on(void)
{
	capture(2);
	return ct_init_run(4, four, terminating) == 128 + SIGHUP ? 42 : 1;
}

/* A grandchild that ends after its parent; only process 1 can reap it. */
static int orphaning(int argc, char **argv)
{
	struct timespec moment = {0, 1000000};
	int fds[2], i, status;
	pid_t child, orphan = 0;

	(void)argc;
	(void)argv;
	if (pipe(fds) != 0 || (child = fork()) < 0)
		return 1;
	if (child == 0) {
		orphan = fork();
		if (orphan == 0)
			ct_exit(0);
		ct_exit(write(fds[1], &orphan, sizeof(orphan)) < 0);
	}
	if (waitpid(child, &status, 0) != child ||
	    read(fds[0], &orphan, sizeof(orphan)) != (ssize_t)sizeof(orphan))
		return 2;
	for (i = 0; i < 20000; i++) {
		if (kill(orphan, 0) == -1 && errno == ESRCH)
			return 42;
		nanosleep(&moment, NULL);
	}
	return 3;
}

static int reaps_orphans(void)
{
	return ct_init_run(4, four, orphaning);
}

/* Even when it was started with SIGCHLD ignored. */
static int keeps_the_status(void)
{
	signal(SIGCHLD, SIG_IGN);
	return ct_init_run(4, four, all_words);
}

START_TEST(runs_in_a_namespace)
{
	ck_first(keeps_words, 42);
	ck_first(mounts_nothing, 42);
	ck_first(tells_a_crash, 128 + SIGABRT);
	ck_first(hands_signals_on, 42);
	ck_first(reaps_orphans, 42);
	ck_first(keeps_the_status, 42);
}
END_TEST
#endif

int main(void)
{
	TCase *tc = tests_of("init");

	tcase_add_test(tc, descriptors);
	tcase_add_test(tc, words_of_the_kernel);
	tcase_add_test(tc, words_from_elsewhere);
	tcase_add_test(tc, nothing_is_asked_outside);
#if OWN_NAMESPACES
	tcase_add_test(tc, mounts);
	tcase_add_test(tc, the_first_process_of_a_namespace);
	tcase_add_test(tc, runs_in_a_namespace);
#endif
	return run_tests();
}
