/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests of the reference implementation share. */
#ifndef CHECK_REF_H
#define CHECK_REF_H

#include "check_pipc.h"
#include "ref/ref.h"

#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>

#ifdef HAVE_LINUX_SECCOMP_H
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/* Mounts of a process's own, as Linux has them; others mount differently. */
#if defined(CLONE_NEWNS) && defined(HAVE_UNSHARE) && defined(HAVE_UMOUNT2) &&  \
    defined(MNT_DETACH) && defined(MS_PRIVATE)
#define OWN_MOUNTS 1
#else
#define OWN_MOUNTS 0
#endif

#define ck_errno(call, error)                                                  \
	do {                                                                   \
		errno = 0;                                                     \
		ck_assert_msg(!(call), #call ": does not fail");               \
		ck_assert_str_eq(strerror(errno), strerror(error));            \
	} while (0)

/* This thread's hold of a lock; tests hold one at a time. */
static _Thread_local struct ref_section section;

/* Each test has a directory of its own, which it leaves empty or not. */
static char directory[128];

SHARED static void make_directory(void)
{
	struct stat st;

	snprintf(directory, sizeof(directory), "%s/pipc-check.XXXXXX",
		 stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chmod(directory, 01777), 0);
	ck_assert_int_eq(setenv("PIPC_REF_DIR", directory, 1), 0);
	umask(022);
}

/* How many files there are. */
SHARED static unsigned files(bool removed)
{
	DIR *d = opendir(directory);
	char path[512];
	struct dirent *entry;
	unsigned n = 0;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		n++;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (removed && unlink(path) != 0)
			rmdir(path);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

SHARED static void remove_directory(void)
{
#if OWN_MOUNTS
	while (geteuid() == 0 && umount2(directory, MNT_DETACH) == 0)
		continue;
#endif
	files(true);
	rmdir(directory);
}

SHARED static TCase *a_case(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, make_directory, remove_directory);
	suite_add_tcase(suite, tc);
	return tc;
}

SHARED static const char *path_of(enum ref_kind kind, const char *name)
{
	static char path[REF_PATH_MAX];

	ck_assert(ref_path(path, kind, name));
	return path;
}

SHARED static mqd_t a_queue(const char *name, long maxmsg, long msgsize)
{
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	mqd_t mqd = ref_mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);

	ck_assert_msg(mqd != PIPC__BAD_MQD, "mq_open: %s", strerror(errno));
	return mqd;
}

SHARED static struct ref_mapping *mapping_of(mqd_t mqd)
{
	struct ref_handle *h = ref_handle(mqd);

	ck_assert_ptr_nonnull(h);
	return h->mapping;
}

static sigjmp_buf out_of_the_wait;

SHARED static void jumps_out(int signo)
{
	(void)signo;
	siglongjmp(out_of_the_wait, 1);
}

/* A child that sends its parent a signal once somebody waits there. */
SHARED static void await_waiters(struct ref_waits *w, uint32_t wanted);
SHARED static pid_t interrupts_the_wait(struct ref_waits *w,
					void (*handler)(int))
{
	pid_t pid;

	ck_assert(signal(SIGUSR1, handler) != SIG_ERR);
	pid = fork();
	if (pid == 0) {
		await_waiters(w, 1);
		_exit(kill(getppid(), SIGUSR1) != 0);
	}
	return pid;
}

SHARED static void ck_child(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* As its thread does when it runs again. */
SHARED static void accept_offer(struct ref_waiter *waiter)
{
	ck_assert_int_eq(REF_STATE(waiter->state.value), REF_GIVEN);
	waiter->state.value += REF_ACCEPTED - REF_GIVEN;
}

SHARED static long count_of(mqd_t mqd)
{
	struct mq_attr attr;

	ck_assert_int_eq(ref_mq_getattr(mqd, &attr), 0);
	return attr.mq_curmsgs;
}

/* From now on this process may do what that user may. */
SHARED static bool become(uid_t uid, gid_t gid, gid_t group)
{
	return setgroups(1, &group) == 0 && setegid(gid) == 0 &&
	       seteuid(uid) == 0;
}
#define OTHER 65533 /* a user, and a group */

/* What a child process says: true, or it could not be asked. */
SHARED static bool in_child(bool (*holds)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		bool held = holds(arg);

		/* What is written at the end, counts of lines, is root's. */
		if (seteuid(getuid()) != 0)
			_exit(2);
		exit(held ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status == 0;
}

/* From now on that system call fails here; false: cannot be done. */
SHARED static bool deny_by(unsigned number, int error)
{
#ifdef HAVE_LINUX_SECCOMP_H
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {4, code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
	(void)number;
	(void)error;
	return false;
#endif
}

SHARED static bool deny(unsigned number)
{
	return deny_by(number, ENOSYS);
}

/* 1, 2: as with an older kernel, or in a sandbox; false: cannot be done. */
SHARED static bool without_populate(int how)
{
#ifdef SYS_madvise
	return how == 0 || deny_by(SYS_madvise, how == 1 ? EINVAL : EPERM);
#else
	return how == 0;
#endif
}

/* A process dies, and holds that lock. */
SHARED static void die_holding(ref_mutex *lock)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		ref_lock(lock);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* Check knows no skipping: what is not tested is said, and passes. */
SHARED static bool skipped(const char *why)
{
	printf("# not tested: %s\n", why);
	fflush(stdout);
	return false;
}

/* A file system of that size, for this process alone; false: not allowed. */
SHARED static bool small_filesystem(const char *options)
{
#if OWN_MOUNTS
	return (geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("tmpfs", directory, "tmpfs", 0, options) == 0) ||
	       skipped("this process may not mount a file system");
#else
	(void)options;
	return skipped("this system has no mounts of one process");
#endif
}

/* Such a file system, and no /proc. */
SHARED static bool without_proc(void)
{
#if OWN_MOUNTS
	return small_filesystem("size=4m") &&
	       (umount2("/proc", MNT_DETACH) == 0 ||
		skipped("/proc is not mounted, or stays"));
#else
	return skipped("this system has no mounts of one process");
#endif
}

/* For what comes afterwards: a sanitizer wants it. */
SHARED static void proc_again(void)
{
#if OWN_MOUNTS
	mount("proc", "/proc", "proc", 0, NULL);
#endif
}

SHARED static void fill_filesystem(void)
{
	static const char block[4096];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/fill", directory);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	ck_assert_int_eq(errno, ENOSPC);
	close(fd);
}

SHARED static struct timespec in_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* A thread that calls something. */
struct call {
	pthread_t thread;
	void (*run)(struct call *c);
	mqd_t mqd;
	sem_t *sem;
	char msg[64];
	long result;
	int error;
};

SHARED static void *run_call(void *arg)
{
	struct call *c = arg;

	c->run(c);
	c->error = errno;
	return NULL;
}

SHARED static void start_call(struct call *c, void (*run)(struct call *c))
{
	pthread_attr_t attr;

	c->run = run;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	ck_assert_int_eq(pthread_create(&c->thread, &attr, run_call, c), 0);
	pthread_attr_destroy(&attr);
}

SHARED static void end_call(struct call *c)
{
	ck_assert_int_eq(pthread_join(c->thread, NULL), 0);
}

/* How many wait, once there are that many. */
SHARED static void await_waiters(struct ref_waits *w, uint32_t wanted)
{
	uint32_t i, n = 0;
	unsigned tries;

	for (tries = 0; n != wanted && tries < 20000; tries++) {
		ck_assert(ref_enter(w, &section));
		for (i = n = 0; i < w->gate->used; i++)
			n +=
			    REF_STATE(w->waiters[i].state.value) == REF_WAITING;
		ref_leave(w, &section);
		sched_yield();
		if (tries > 100)
			usleep(1000);
	}
	ck_assert_uint_eq(n, wanted);
}
#endif
