/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the backend can do, found by calling: each capability in a child of its
 * own, for an unknown system call may kill its caller, or hang.
 */
#include "run.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define MOST_MESSAGES 64

struct ct_capability ct_capabilities[] = {
    {.need = CT_NEED_SEM, .name = "sem"},
    {.need = CT_NEED_SEM_TIMEDWAIT, .name = "sem_timedwait"},
    {.need = CT_NEED_SEM_CLOCKWAIT, .name = "sem_clockwait"},
    {.need = CT_NEED_SEM_GETVALUE, .name = "sem_getvalue"},
    {.need = CT_NEED_SEM_UNNAMED, .name = "sem_init"},
    {.need = CT_NEED_SHM, .name = "shm"},
    {.need = CT_NEED_MQ, .name = "mq"},
    {.need = CT_NEED_MQ_NOTIFY, .name = "mq_notify"},
    {.need = CT_NEED_UIDS, .name = "uids"},
    {.need = CT_NEED_NATIVE, .name = "native"},
    {.name = NULL},
};
long ct_mq_depth = 1;
long ct__probe_ms = 5000;

/* What a child sends back: the capability, and the depth found with it. */
struct answer {
	int state;
	char why[160];
	long depth;
};

static const struct pipc__os *os;
static struct answer *a;

static const char *probe_name(void)
{
	static char name[20];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, sizeof(name), "/p%06x%06lx",
		 (unsigned)getpid() & 0xffffff, now.tv_nsec & 0xffffff);
	return name;
}

/*
 * A call failed: absent is what says so itself; anything else is the
 * environment's doing, or a defect that the cases will show.
 */
static bool failed(const char *call)
{
	bool absent =
	    errno == ENOSYS || errno == ENOTSUP || errno == EOPNOTSUPP;

	a->state = absent ? CT_ABSENT : CT_KEPT_AWAY;
	snprintf(a->why, sizeof(a->why), "%s: %s", call, ct_errno_name(errno));
	return false;
}

static sem_t *new_sem(void)
{
	const char *name = probe_name();
	sem_t *sem = os->sem_open(name, PIPC_O_CREX, 0600, 0);

	if (sem == SEM_FAILED) {
		failed("sem_open");
		return sem;
	}
	os->sem_unlink(name);
	return sem;
}

/* Answers that only mean "not now" are those of a call that is there. */
static bool answers(const char *call, int result, int fine, int also)
{
	if (result == 0 || errno == fine || errno == also)
		return true;
	return failed(call);
}

static void probe_sem(unsigned need)
{
	sem_t *sem = new_sem();
	int value;

	if (sem == SEM_FAILED)
		return;
	switch (need) {
	case CT_NEED_SEM_TIMEDWAIT:
		answers("sem_timedwait", os->sem_timedwait(sem, &ct_past),
			ETIMEDOUT, EINTR);
		break;
	case CT_NEED_SEM_CLOCKWAIT:
		answers("sem_clockwait",
			os->sem_clockwait(sem, CLOCK_MONOTONIC, &ct_past),
			ETIMEDOUT, EINTR);
		break;
	case CT_NEED_SEM_GETVALUE:
		answers("sem_getvalue", os->sem_getvalue(sem, &value), 0, 0);
		break;
	default:
		answers("sem_post", os->sem_post(sem), 0, 0);
	}
}

static void probe_unnamed(void)
{
	sem_t *sem = mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (sem == MAP_FAILED || os->sem_init(sem, 1, 1) != 0)
		failed("sem_init");
	else
		answers("sem_trywait", os->sem_trywait(sem), 0, 0);
}

static void probe_shm(void)
{
	const char *name = probe_name();
	int fd = os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
	char *p;

	if (fd < 0) {
		failed("shm_open");
		return;
	}
	os->shm_unlink(name);
	/* A full file system says so at ftruncate, at allocation, or by SIGBUS
	 * at the first touch. */
	if (os->ftruncate(fd, 4096) != 0)
		failed("ftruncate");
	else if (os->posix_fallocate(fd, 0, 4096) != 0 && errno == ENOSPC)
		failed("posix_fallocate");
	else if ((p = os->mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fd, 0)) == MAP_FAILED)
		failed("mmap");
	else
		*p = 1;
}

static mqd_t new_mq(long depth)
{
	struct mq_attr attr = {.mq_maxmsg = depth, .mq_msgsize = 16};
	const char *name = probe_name();
	mqd_t mqd = os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600, &attr);

	if (mqd != PIPC__BAD_MQD)
		os->mq_unlink(name);
	return mqd;
}

static void probe_depth(void)
{
	mqd_t mqd;

	for (a->depth = MOST_MESSAGES; a->depth > 1; a->depth--) {
		mqd = new_mq(a->depth);
		if (mqd != PIPC__BAD_MQD) {
			os->mq_close(mqd);
			return;
		}
	}
}

static void probe_mq(unsigned need)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	mqd_t mqd = new_mq(1);
	char buf[16];

	if (mqd == PIPC__BAD_MQD) {
		failed("mq_open");
		return;
	}
	if (need == CT_NEED_MQ_NOTIFY) {
		answers("mq_notify", os->mq_notify(mqd, &event), 0, 0);
		return;
	}
	if (answers("mq_send", os->mq_send(mqd, "probe", 5, 0), 0, 0) &&
	    answers("mq_receive",
		    os->mq_receive(mqd, buf, sizeof(buf), NULL) < 0, 0, 0))
		probe_depth();
}

static void probe_uids(void)
{
	if (geteuid() != 0) {
		a->state = CT_KEPT_AWAY;
		strcpy(a->why, "needs root, to act as two other users");
	} else if (setgid(CT_STRANGER) != 0 || setuid(CT_STRANGER) != 0) {
		failed("setuid");
	}
}

/* What a system lets its objects do beyond POSIX is asked of its own alone. */
static void probe_native(void)
{
	if (os == &pipc__os_system)
		return;
	a->state = CT_ABSENT;
	strcpy(a->why, "the objects are not the system's own");
}

static void probe_one(unsigned need)
{
	switch (need) {
	case CT_NEED_SEM_UNNAMED:
		probe_unnamed();
		break;
	case CT_NEED_SHM:
		probe_shm();
		break;
	case CT_NEED_MQ:
	case CT_NEED_MQ_NOTIFY:
		probe_mq(need);
		break;
	case CT_NEED_UIDS:
		probe_uids();
		break;
	case CT_NEED_NATIVE:
		probe_native();
		break;
	default:
		probe_sem(need);
	}
}

/* How the child that asks ended, when that is the answer. */
static void ended(int status, bool late)
{
	if (late) {
		a->state = CT_KEPT_AWAY;
		strcpy(a->why, "a simple call did not return");
	} else if (WIFSIGNALED(status)) {
		a->state =
		    WTERMSIG(status) == SIGSYS ? CT_ABSENT : CT_KEPT_AWAY;
		snprintf(a->why, sizeof(a->why),
			 "the call was answered by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	}
}

static void probe_in_child(unsigned need)
{
	struct timespec end =
	    ct_in_ms(CLOCK_MONOTONIC, ct_patience(ct__probe_ms));
	pid_t pid = fork(), back;
	int status = 0;

	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		probe_one(need);
		ct_exit(0);
	}
	if (pid < 0) {
		a->state = CT_KEPT_AWAY;
		snprintf(a->why, sizeof(a->why), "fork: %s",
			 ct_errno_name(errno));
		return;
	}
	while ((back = waitpid(pid, &status, WNOHANG)) == 0 &&
	       !ct_reached(CLOCK_MONOTONIC, &end))
		poll(NULL, 0, 1);
	if (back == 0) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	ended(status, back == 0);
}

void ct_probe(const struct pipc__os *backend, bool no_fork)
{
	struct ct_capability *c;
	struct answer here;

	os = backend;
	a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (a == MAP_FAILED)
		a = &here;
	for (c = ct_capabilities; c->name != NULL; c++) {
		memset(a, 0, sizeof(*a));
		if (!no_fork) {
			probe_in_child(c->need);
		} else if (c->need == CT_NEED_UIDS) {
			a->state = CT_KEPT_AWAY;
			strcpy(a->why, "needs fork (--no-fork-cases)");
		} else {
			probe_one(c->need);
		}
		c->state = a->state;
		strcpy(c->why, a->why);
		if (a->depth > 0)
			ct_mq_depth = a->depth;
	}
	if (a != &here)
		munmap(a, sizeof(*a));
}

const struct ct_capability *ct_lacks(unsigned needs)
{
	struct ct_capability *c;

	for (c = ct_capabilities; c->name != NULL; c++)
		if ((needs & c->need) && c->state != CT_PRESENT)
			return c;
	return NULL;
}
