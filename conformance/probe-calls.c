/* SPDX-License-Identifier: BSD-3-Clause */
/* What is asked of each capability, and what must come. */
#include "expect.h"
#include "probe.h"

#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A fault that a call has only the second time is found by asking twice. */
#define ROUNDS 2
#define MOST_MESSAGES 64

static const struct pipc__os *os;
static struct ct__answer *a;

/* Notes which call is under way, in case it does not come back. */
static void note(const char *call)
{
	snprintf(a->call, sizeof(a->call), "%s", call);
	errno = 0;
}

#define CALL(name, ...) (note(name), (__VA_ARGS__))

void ct__probe_name(char *name, size_t size, pid_t pid, unsigned n)
{
	snprintf(name, size, "/p%06x%04x", (unsigned)pid & 0xffffff,
		 n & 0xffff);
}

static void new_name(void)
{
	ct__probe_name(a->name, sizeof(a->name), getpid(), a->names++);
}

static bool wrong(const char *format, ...) CT__PRINTF1;
static bool wrong(const char *format, ...)
{
	int n = snprintf(a->why, sizeof(a->why), "%s: ", a->call);
	va_list ap;

	a->state = CT_BROKEN;
	va_start(ap, format);
	vsnprintf(a->why + n, sizeof(a->why) - (size_t)n, format, ap);
	va_end(ap);
	return false;
}

/*
 * The call under way failed.  Absent is only what says so itself.  A refusal
 * counts as one if the environment explains it, which the runner finds out.
 */
static bool refused(const char *expected)
{
	int e = errno;

	if (e == ENOSYS || e == ENOTSUP || e == EOPNOTSUPP)
		a->state = CT_ABSENT;
	else if (ct_is_refusal(e))
		a->state = CT_DENIED;
	else
		return wrong("expected %s, got %s", expected, ct_errno_name(e));
	a->error = e;
	snprintf(a->expected, sizeof(a->expected), "%s", expected);
	snprintf(a->why, sizeof(a->why), "%s: %s", a->call, ct_errno_name(e));
	return false;
}

static bool good(bool succeeded)
{
	return succeeded || refused("success");
}

/* The call must fail with just this errno. */
static bool fails(int result, int error)
{
	if (result == 0)
		return wrong("expected %s, got success", ct_errno_name(error));
	return errno == error || refused(ct_errno_name(error));
}

static sem_t *open_sem(int flags, unsigned value)
{
	sem_t *sem =
	    CALL("sem_open", os->sem_open(a->name, flags, 0600, value));

	if (sem == SEM_FAILED)
		refused("success");
	return sem;
}

static bool use_sem(sem_t *sem)
{
	sem_t *same = open_sem(0, 0);

	return same != SEM_FAILED &&
	       good(CALL("sem_post", os->sem_post(same)) == 0) &&
	       good(CALL("sem_trywait", os->sem_trywait(sem)) == 0) &&
	       fails(CALL("sem_trywait", os->sem_trywait(same)), EAGAIN) &&
	       good(CALL("sem_post", os->sem_post(sem)) == 0) &&
	       good(CALL("sem_wait", os->sem_wait(same)) == 0) &&
	       good(CALL("sem_close", os->sem_close(same)) == 0);
}

static bool use_timedwait(sem_t *sem)
{
	struct timespec later = ct_in_ms(CLOCK_REALTIME, 60000);

	return fails(CALL("sem_timedwait", os->sem_timedwait(sem, &ct_past)),
		     ETIMEDOUT) &&
	       good(CALL("sem_post", os->sem_post(sem)) == 0) &&
	       good(CALL("sem_timedwait", os->sem_timedwait(sem, &later)) == 0);
}

static bool use_clockwait(sem_t *sem)
{
	struct timespec later = ct_in_ms(CLOCK_MONOTONIC, 60000);

	return fails(CALL("sem_clockwait",
			  os->sem_clockwait(sem, CLOCK_MONOTONIC, &ct_past)),
		     ETIMEDOUT) &&
	       good(CALL("sem_post", os->sem_post(sem)) == 0) &&
	       good(CALL("sem_clockwait",
			 os->sem_clockwait(sem, CLOCK_MONOTONIC, &later)) == 0);
}

static bool value_is(sem_t *sem, int expected)
{
	int value = -1;

	if (!good(CALL("sem_getvalue", os->sem_getvalue(sem, &value)) == 0))
		return false;
	return value == expected ||
	       wrong("expected %d, got %d", expected, value);
}

static bool use_getvalue(sem_t *sem)
{
	return value_is(sem, 0) &&
	       good(CALL("sem_post", os->sem_post(sem)) == 0) &&
	       value_is(sem, 1) &&
	       good(CALL("sem_trywait", os->sem_trywait(sem)) == 0);
}

static void probe_sem(bool (*use)(sem_t *sem))
{
	sem_t *sem;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		new_name();
		sem = open_sem(PIPC_O_CREX, 0);
		if (sem == SEM_FAILED || !use(sem) ||
		    !good(CALL("sem_unlink", os->sem_unlink(a->name)) == 0) ||
		    !good(CALL("sem_close", os->sem_close(sem)) == 0))
			return;
	}
}

static bool use_unnamed(sem_t *sem)
{
	return good(CALL("sem_init", os->sem_init(sem, 1, 1)) == 0) &&
	       good(CALL("sem_trywait", os->sem_trywait(sem)) == 0) &&
	       fails(CALL("sem_trywait", os->sem_trywait(sem)), EAGAIN) &&
	       good(CALL("sem_post", os->sem_post(sem)) == 0) &&
	       good(CALL("sem_trywait", os->sem_trywait(sem)) == 0) &&
	       good(CALL("sem_destroy", os->sem_destroy(sem)) == 0);
}

static void probe_unnamed(void)
{
	sem_t *sem =
	    CALL("mmap", mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	int i;

	if (sem == MAP_FAILED) {
		refused("success");
		return;
	}
	for (i = 0; i < ROUNDS && use_unnamed(sem); i++)
		continue;
	munmap(sem, sizeof(*sem));
}

static int open_shm(int flags)
{
	int fd = CALL("shm_open", os->shm_open(a->name, flags, 0600));

	if (fd < 0)
		refused("success");
	return fd;
}

static char *map(int fd)
{
	char *p = CALL("mmap", os->mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_SHARED, fd, 0));

	if (p == MAP_FAILED)
		refused("success");
	return p;
}

/* What is written through one descriptor is read through another. */
static bool use_shm(int fd)
{
	int other = open_shm(O_RDWR);
	char *p, *q;
	bool same;

	if (other < 0 || !good(CALL("ftruncate", os->ftruncate(fd, 4096)) == 0))
		return false;
	/* A full file system says so here, or by SIGBUS at the first touch. */
	if (CALL("posix_fallocate", os->posix_fallocate(fd, 0, 4096)) != 0 &&
	    errno == ENOSPC)
		return refused("success");
	if ((p = map(fd)) == MAP_FAILED || (q = map(other)) == MAP_FAILED)
		return false;
	p[0] = 1;
	q[4095] = 2;
	same = q[0] == 1 && p[4095] == 2;
	if (!same)
		wrong("expected the bytes of the other mapping, got others");
	return same && good(CALL("munmap", os->munmap(p, 4096)) == 0) &&
	       good(CALL("munmap", os->munmap(q, 4096)) == 0) &&
	       good(CALL("close", os->close(other)) == 0);
}

static void probe_shm(void)
{
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		new_name();
		fd = open_shm(PIPC_O_CREX | O_RDWR);
		if (fd < 0 || !use_shm(fd) ||
		    !good(CALL("shm_unlink", os->shm_unlink(a->name)) == 0) ||
		    !good(CALL("close", os->close(fd)) == 0))
			return;
	}
}

static mqd_t open_mq(int flags, long depth, long size)
{
	struct mq_attr attr = {.mq_maxmsg = depth, .mq_msgsize = size};

	return CALL("mq_open", os->mq_open(a->name, flags, 0600, &attr));
}

static bool use_mq(mqd_t mqd)
{
	static const char text[] = "probe";
	char buf[16] = "";
	unsigned priority = 0;
	ssize_t n;

	if (!good(CALL("mq_send", os->mq_send(mqd, text, 5, 3)) == 0))
		return false;
	n = CALL("mq_receive",
		 os->mq_receive(mqd, buf, sizeof(buf), &priority));
	if (n < 0)
		return refused("5 bytes");
	if (n != 5 || memcmp(buf, text, 5) != 0)
		return wrong("expected \"probe\", got %d bytes \"%.16s\"",
			     (int)n, buf);
	return priority == 3 || wrong("expected priority 3, got %u", priority);
}

static bool notified(int signo)
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, ct_patience(3000));
	sigset_t pending;
	int got;

	do {
		sigpending(&pending);
		if (sigismember(&pending, signo)) {
			sigemptyset(&pending);
			sigaddset(&pending, signo);
			return sigwait(&pending, &got) == 0;
		}
		poll(NULL, 0, 1);
	} while (!ct_reached(CLOCK_MONOTONIC, &end));
	return wrong("expected a signal after a message came, got none");
}

static bool use_notify(mqd_t mqd)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	sigset_t set, before;
	bool came;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &before);
	came = good(CALL("mq_notify", os->mq_notify(mqd, &event)) == 0) &&
	       good(CALL("mq_send", os->mq_send(mqd, "n", 1, 0)) == 0) &&
	       (CALL("mq_notify", notified(SIGUSR1))) &&
	       good(CALL("mq_notify", os->mq_notify(mqd, &event)) == 0) &&
	       good(CALL("mq_notify", os->mq_notify(mqd, NULL)) == 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return came;
}

static void probe_depth(void)
{
	mqd_t mqd;

	for (a->depth = MOST_MESSAGES; a->depth > 1; a->depth--) {
		new_name();
		mqd = open_mq(O_RDWR | PIPC_O_CREX, a->depth, 16);
		if (mqd != PIPC__BAD_MQD) {
			os->mq_unlink(a->name);
			os->mq_close(mqd);
			return;
		}
	}
}

static bool probe_mq(bool (*use)(mqd_t mqd))
{
	mqd_t mqd;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		new_name();
		mqd = open_mq(O_RDWR | PIPC_O_CREX, 1, 16);
		if (mqd == PIPC__BAD_MQD)
			return refused("success");
		if (!use(mqd) ||
		    !good(CALL("mq_unlink", os->mq_unlink(a->name)) == 0) ||
		    !good(CALL("mq_close", os->mq_close(mqd)) == 0))
			return false;
	}
	return true;
}

static void probe_uids(void)
{
	gid_t group = CT_STRANGER;

	if (geteuid() != 0) {
		a->state = CT_DENIED;
		a->error = EPERM;
		strcpy(a->why, "needs root, to act as two other users");
		return;
	}
	if (good(CALL("setgroups", setgroups(1, &group)) == 0) &&
	    good(CALL("setgid", setgid(group)) == 0) &&
	    good(CALL("setuid", setuid(CT_STRANGER)) == 0) &&
	    (getuid() != CT_STRANGER || geteuid() != CT_STRANGER))
		wrong("expected another user, got %ld", (long)getuid());
}

/* What a system lets its objects do beyond POSIX is asked of its own alone. */
static void probe_native(void)
{
	if (strcmp(ct_system()->backend, "system") == 0)
		return;
	a->state = CT_ABSENT;
	strcpy(a->why, "the objects are not the system's own");
}

void ct__probe_one(const struct pipc__os *backend, unsigned need,
		   struct ct__answer *answer)
{
	os = backend;
	a = answer;
	switch (need) {
	case CT_NEED_SEM:
		probe_sem(use_sem);
		break;
	case CT_NEED_SEM_TIMEDWAIT:
		probe_sem(use_timedwait);
		break;
	case CT_NEED_SEM_CLOCKWAIT:
		probe_sem(use_clockwait);
		break;
	case CT_NEED_SEM_GETVALUE:
		probe_sem(use_getvalue);
		break;
	case CT_NEED_SEM_UNNAMED:
		probe_unnamed();
		break;
	case CT_NEED_SHM:
		probe_shm();
		break;
	case CT_NEED_MQ:
		if (probe_mq(use_mq))
			probe_depth();
		break;
	case CT_NEED_MQ_NOTIFY:
		probe_mq(use_notify);
		break;
	case CT_NEED_UIDS:
		probe_uids();
		break;
	default:
		probe_native();
	}
}
