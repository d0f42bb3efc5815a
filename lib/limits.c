/* SPDX-License-Identifier: BSD-3-Clause */
/* The specification's constants, found by calling in forked children. */
#include "internal.h"

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

/* A probe that has not answered by then is taken for a system that cannot. */
#define PROBE_MS 5000

static struct pipc_limits found;
static bool known;

void pipc__limits_forget(void)
{
	known = false;
}

/* "The system does not know this call", as against "not here, not now". */
static bool absent(pipc_status status)
{
	return status == PIPC_UNSUPPORTED_ERROR;
}

/*
 * Each probe fills in its part in a child of its own: an unknown system call
 * may kill the caller (SIGSYS) instead of failing.
 */
static void probe_semaphores(struct pipc_limits *l)
{
	struct timespec deadline = {1, 0};
	pipc_sem *sem;
	int value;

	if (pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0) != PIPC_OK)
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

static void probe_queue_transfer(struct pipc_limits *l)
{
	struct pipc_mq_options options = {0600, 1, 16, true, true};
	struct timespec now = {0, 0};
	pipc_status status;
	size_t len = 16;
	char buf[16];
	pipc_mq *mq;

	l->queue_priority_max = (long)pipc__priority_max();
	status = pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options);
	if (status == PIPC_OK) {
		pipc_mq_unlink(mq);
		status = pipc_mq_send(mq, "probe", 5, &now, 0);
		if (status == PIPC_OK)
			status = pipc_mq_receive(mq, buf, &len, &now, NULL);
		pipc_mq_close(mq);
	}
	l->message_queues_supported = !absent(status);
}

static void probe_queue_defaults(struct pipc_limits *l)
{
	struct pipc_mq_attributes attr;
	pipc_mq *mq;

	if (pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL) != PIPC_OK)
		return;
	pipc_mq_unlink(mq);
	if (pipc_mq_attributes(mq, &attr) == PIPC_OK) {
		l->queue_messages_max_default = attr.max_messages;
		l->queue_message_size_max_default = attr.max_message_size;
	}
	pipc_mq_close(mq);
}

/* Reads a whole answer unless it takes too long; what came is what counts. */
static bool read_answer(int fd, void *answer, size_t size)
{
	struct pollfd p = {fd, POLLIN, 0};
	int n;

	do
		n = poll(&p, 1, PROBE_MS);
	while (n < 0 && errno == EINTR);
	/* Smaller than PIPE_BUF, so it comes in one piece or not at all. */
	return n > 0 && read(fd, answer, size) == (ssize_t)size;
}

static void in_child(void (*probe)(struct pipc_limits *))
{
	struct pipc_limits answer = found;
	int fds[2];
	pid_t pid;

	if (pipe(fds) != 0)
		return;
	pid = fork();
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		probe(&answer);
		pipc__exit(write(fds[1], &answer, sizeof(answer)) < 0);
	}
	close(fds[1]);
	if (pid > 0) {
		if (read_answer(fds[0], &answer, sizeof(answer)))
			found = answer;
		else
			kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	} else {
		/* No fork here: ask directly. */
		probe(&found);
	}
	close(fds[0]);
}

static long limit(int name, long otherwise)
{
	long n = pipc__current()->sysconf(name);

	return n > 0 ? n : otherwise;
}

static void find(void)
{
	memset(&found, 0, sizeof(found));
	found.page_size = limit(_SC_PAGESIZE, 0);
	found.semaphore_value_max = LONG_MAX;
#ifdef SEM_VALUE_MAX
	found.semaphore_value_max = (long)SEM_VALUE_MAX;
#endif
#ifdef _SC_SEM_VALUE_MAX
	found.semaphore_value_max =
	    limit(_SC_SEM_VALUE_MAX, found.semaphore_value_max);
#endif
#if defined(SIGRTMIN) && defined(SIGRTMAX)
	found.user_signal_min = SIGRTMIN;
	found.user_signal_max = SIGRTMAX;
#endif
	in_child(probe_semaphores);
	in_child(probe_queue_transfer);
	if (found.message_queues_supported)
		in_child(probe_queue_defaults);
	else
		found.queue_priority_max = 0;
	known = true;
}

const struct pipc_limits *pipc_limits(void)
{
	int error = errno;

	if (!known)
		find();
	errno = error;
	return &found;
}
