/* SPDX-License-Identifier: BSD-3-Clause */
/* The specification's constants, found by calling in forked children. */
#include "internal.h"

#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A probe that has not answered by then is taken for a system that cannot. */
#define PROBE_MS 5000

/* What a probe finds; each has a child of its own. */
enum part { SEMAPHORES = 1, TRANSFER = 2, DEFAULTS = 4, ALL = 7 };

struct answer {
	struct pipc_limits limits;
	unsigned missing; /* parts that could not be found out now */
	int error;	  /* why: of the last one */
};

/*
 * What is known.  It never changes, for a caller may be reading it: when more
 * is found out, there is another one, and the old ones stay.
 */
struct known {
	struct answer answer;
	unsigned generation;
	struct known *before;
};
static _Atomic(struct known *) newest;
static _Atomic unsigned generation;

void pipc__limits_forget(void)
{
	atomic_fetch_add(&generation, 1);
}

/* "The system does not know this call", as against "not here, not now". */
static bool absent(pipc_status status)
{
	return status == PIPC_UNSUPPORTED_ERROR;
}

/* After a call with that status: does it tell what the system can do? */
static void judge(struct answer *a, enum part part, pipc_status status)
{
	if (status == PIPC_OK || absent(status))
		return;
	a->error = errno;
	a->missing |= part;
}

/*
 * Each probe fills in its part in a child of its own: an unknown system call
 * may kill the caller (SIGSYS) instead of failing.
 */
static void probe_semaphores(struct answer *a)
{
	struct pipc_limits *l = &a->limits;
	struct timespec deadline = {1, 0};
	pipc_status status;
	pipc_sem *sem;
	int value;

	status = pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0);
	judge(a, SEMAPHORES, status);
	if (status != PIPC_OK)
		return;
	pipc_sem_unlink(sem);
	l->semaphore_value_supported = !absent(pipc_sem_value(sem, &value));
	/* Value 0 and a past deadline: it answers at once wherever it works. */
	l->semaphore_timeout_supported =
	    pipc__current()->sem_timedwait(pipc__sem_raw(sem), &deadline) ==
		0 ||
	    !absent(pipc__failed());
	pipc_sem_close(sem);
}

static void probe_queue_transfer(struct answer *a)
{
	struct pipc_mq_options options = {0600, 1, 16, true, true};
	struct timespec now = {0, 0};
	pipc_status status;
	size_t len = 16;
	char buf[16];
	pipc_mq *mq;

	a->limits.queue_priority_max = (long)pipc__priority_max();
	status = pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options);
	judge(a, TRANSFER, status);
	if (status == PIPC_OK) {
		pipc_mq_unlink(mq);
		status = pipc_mq_send(mq, "probe", 5, &now, 0);
		if (status == PIPC_OK)
			status = pipc_mq_receive(mq, buf, &len, &now, NULL);
		pipc_mq_close(mq);
	}
	a->limits.message_queues_supported = !absent(status);
}

static void probe_queue_defaults(struct answer *a)
{
	struct pipc_limits *l = &a->limits;
	struct pipc_mq_attributes attr;
	pipc_status status;
	pipc_mq *mq;

	status = pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL);
	judge(a, DEFAULTS, status);
	if (status != PIPC_OK)
		return;
	pipc_mq_unlink(mq);
	status = pipc_mq_attributes(mq, &attr);
	judge(a, DEFAULTS, status);
	if (status == PIPC_OK) {
		l->queue_messages_max_default = attr.max_messages;
		l->queue_message_size_max_default = attr.max_message_size;
	}
	pipc_mq_close(mq);
}

/* 1: a whole answer came; 0: none, for the child has ended; -1: too late. */
static int read_answer(int fd, void *answer, size_t size)
{
	struct pollfd p = {fd, POLLIN, 0};
	int n;

	do
		n = poll(&p, 1, PROBE_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -1;
	/* Smaller than PIPE_BUF, so it comes in one piece or not at all. */
	return read(fd, answer, size) == (ssize_t)size;
}

/* Did it end by a signal that tells nothing of the system's calls? */
static bool ended_by_chance(pid_t pid)
{
	pid_t reaped;
	int status;

	do
		reaped = waitpid(pid, &status, 0);
	while (reaped < 0 && errno == EINTR);
	return reaped == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) != SIGSYS;
}

static void ask_child(struct answer *a, enum part part,
		      void (*probe)(struct answer *))
{
	struct answer answer = *a;
	bool by_chance;
	int fds[2], came;
	pid_t pid;

	if (pipe(fds) != 0) {
		a->error = errno;
		a->missing |= part;
		return;
	}
	pid = fork();
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		probe(&answer);
		pipc__exit(write(fds[1], &answer, sizeof(answer)) < 0);
	}
	close(fds[1]);
	if (pid > 0) {
		came = read_answer(fds[0], &answer, sizeof(answer));
		if (came < 0)
			kill(pid, SIGKILL);
		by_chance = ended_by_chance(pid);
		if (came > 0) {
			*a = answer;
		} else if (came == 0 && by_chance) {
			a->error = EAGAIN;
			a->missing |= part;
		}
	} else {
		/* No fork here: ask directly. */
		probe(a);
	}
	close(fds[0]);
}

/* What was missing before is asked for again. */
static void ask(struct answer *a, unsigned wanted, enum part part,
		void (*probe)(struct answer *))
{
	if (!(wanted & part))
		return;
	a->missing &= ~(unsigned)part;
	ask_child(a, part, probe);
}

static long limit(int name, long otherwise)
{
	long n = pipc__current()->sysconf(name);

	return n > 0 ? n : otherwise;
}

static struct answer without_probes(void)
{
	struct answer a = {.missing = ALL};
	struct pipc_limits *l = &a.limits;

	l->page_size = limit(_SC_PAGESIZE, 0);
	l->semaphore_value_max = LONG_MAX;
#ifdef SEM_VALUE_MAX
	l->semaphore_value_max = (long)SEM_VALUE_MAX;
#endif
#ifdef _SC_SEM_VALUE_MAX
	l->semaphore_value_max =
	    limit(_SC_SEM_VALUE_MAX, l->semaphore_value_max);
#endif
#if defined(SIGRTMIN) && defined(SIGRTMAX)
	l->user_signal_min = SIGRTMIN;
	l->user_signal_max = SIGRTMAX;
#endif
	return a;
}

static void find(struct answer *a)
{
	const unsigned wanted = a->missing;

	ask(a, wanted, SEMAPHORES, probe_semaphores);
	ask(a, wanted, TRANSFER, probe_queue_transfer);
	if (a->limits.message_queues_supported) {
		ask(a, wanted, DEFAULTS, probe_queue_defaults);
	} else {
		a->limits.queue_priority_max = 0;
		/* They are missing as long as it may have queues. */
		if (!(a->missing & TRANSFER))
			a->missing &= ~(unsigned)DEFAULTS;
	}
}

/* Keeps it for all; several threads may have found the same. */
static const struct pipc_limits *publish(struct known *before,
					 const struct answer *a, unsigned now)
{
	static const struct pipc_limits nothing;
	struct known *k = malloc(sizeof(*k));

	if (k == NULL)
		return before != NULL ? &before->answer.limits : &nothing;
	do {
		if (before != NULL && before->generation == now &&
		    !(before->answer.missing & ~a->missing)) {
			free(k); /* another thread was first */
			return &before->answer.limits;
		}
		*k = (struct known){*a, now, before};
	} while (!atomic_compare_exchange_weak(&newest, &before, k));
	return &k->answer.limits;
}

const struct pipc_limits *pipc__limits_now(int *why)
{
	struct known *k = atomic_load(&newest);
	unsigned now = atomic_load(&generation);
	const struct pipc_limits *l;
	struct answer a;
	bool current = k != NULL && k->generation == now;
	int error = errno;

	*why = ENOSYS;
	if (current && k->answer.missing == 0)
		return &k->answer.limits;
	a = current ? k->answer : without_probes();
	find(&a);
	if (a.missing & DEFAULTS)
		*why = a.error;
	l = publish(k, &a, now);
	errno = error;
	return l;
}

const struct pipc_limits *pipc_limits(void)
{
	int why;

	return pipc__limits_now(&why);
}
