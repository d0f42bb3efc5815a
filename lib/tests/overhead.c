/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * overhead PUT TAKE N: calls both N times, where neither ever waits, for
 * tools/overhead to count the instructions of.  Ends with status 1 when a call
 * failed or the clock was read.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static const struct timespec zero = {0, 0}, seconds = {5, 500000000};
static struct timespec deadline;
static pipc_sem *sem;
static pipc_mq *mq;
static sem_t *raw_sem;
static mqd_t raw_mq;
static char buf[32];
static unsigned long clock_reads;

/* Before the C library's own: the library's reads of the clock come here. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	clock_reads++;
	return (int)syscall(SYS_clock_gettime, clock, now);
}

/* Each operation says whether it worked. */
#define RAW(name, call)                                                        \
	static bool name(void)                                                 \
	{                                                                      \
		return pipc__os->call >= 0;                                    \
	}
#define OURS(name, call)                                                       \
	static bool name(void)                                                 \
	{                                                                      \
		return call == PIPC_OK;                                        \
	}
#define RECEIVE(name, timeout)                                                 \
	static bool name(void)                                                 \
	{                                                                      \
		size_t len = sizeof(buf);                                      \
		unsigned prio;                                                 \
		return pipc_mq_receive(mq, buf, &len, timeout, &prio) ==       \
		       PIPC_OK;                                                \
	}
#define RAW_RECEIVE(name, call)                                                \
	static bool name(void)                                                 \
	{                                                                      \
		unsigned prio;                                                 \
		return pipc__os->call >= 0;                                    \
	}

RAW(raw_post, sem_post(raw_sem))
RAW(raw_wait, sem_wait(raw_sem))
RAW(raw_trywait, sem_trywait(raw_sem))
RAW(raw_sem_timedwait, sem_timedwait(raw_sem, &deadline))
RAW(raw_send, mq_send(raw_mq, buf, 16, 0))
RAW(raw_timedsend, mq_timedsend(raw_mq, buf, 16, 0, &zero))
RAW_RECEIVE(raw_receive, mq_receive(raw_mq, buf, sizeof(buf), &prio))
RAW_RECEIVE(raw_timedreceive,
	    mq_timedreceive(raw_mq, buf, sizeof(buf), &prio, &zero))
OURS(release, pipc_sem_release(sem))
OURS(acquire, pipc_sem_acquire(sem, NULL))
OURS(acquire_zero, pipc_sem_acquire(sem, &zero))
OURS(acquire_seconds, pipc_sem_acquire(sem, &seconds))
OURS(send_message, pipc_mq_send(mq, buf, 16, NULL, 0))
OURS(send_zero, pipc_mq_send(mq, buf, 16, &zero, 0))
OURS(send_seconds, pipc_mq_send(mq, buf, 16, &seconds, 0))
RECEIVE(receive, NULL)
RECEIVE(receive_zero, &zero)
RECEIVE(receive_seconds, &seconds)

static const struct {
	const char *name;
	bool (*call)(void);
} operations[] = {
    {"sem_post", raw_post},	    {"sem_wait", raw_wait},
    {"sem_trywait", raw_trywait},   {"sem_timedwait", raw_sem_timedwait},
    {"mq_send", raw_send},	    {"mq_timedsend", raw_timedsend},
    {"mq_receive", raw_receive},    {"mq_timedreceive", raw_timedreceive},
    {"release", release},	    {"acquire", acquire},
    {"acquire-zero", acquire_zero}, {"acquire-seconds", acquire_seconds},
    {"send", send_message},	    {"send-zero", send_zero},
    {"send-seconds", send_seconds}, {"receive", receive},
    {"receive-zero", receive_zero}, {"receive-seconds", receive_seconds},
};

static _Noreturn void end(const char *why, const char *what)
{
	fprintf(stderr, "overhead: %s%s\n", why, what);
	exit(1);
}

static bool (*operation(const char *name))(void)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, name) == 0)
			return operations[i].call;
	end("no such operation: ", name);
}

static void open_all(void)
{
	struct pipc_mq_options options = {0600, 1, sizeof(buf), true, true};

	if (pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0) != PIPC_OK)
		end("no semaphore: ", strerror(errno));
	pipc_sem_unlink(sem);
	raw_sem = pipc__sem_raw(sem);
	if (pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options) != PIPC_OK)
		end("no message queue: ", strerror(errno));
	pipc_mq_unlink(mq);
	raw_mq = *(const mqd_t *)pipc_mq_mqd(mq);
}

int main(int argc, char **argv)
{
	bool (*put)(void), (*take)(void);
	long i, n;

	if (argc != 4)
		end("usage: overhead PUT TAKE N", "");
	put = operation(argv[1]);
	take = operation(argv[2]);
	n = atol(argv[3]);
	open_all();
	if (!pipc__deadline(CLOCK_REALTIME, &seconds, &deadline))
		end("no clock: ", strerror(errno));
	clock_reads = 0;
	for (i = 0; i < n; i++)
		if (!put() || !take())
			end("a call failed: ", strerror(errno));
	if (clock_reads != 0)
		end("a call that does not wait read the clock: ", argv[2]);
	/* Would it have been seen?  This call does wait. */
	pipc_sem_acquire(sem, PIPC_SECONDS(0.001));
	if (clock_reads == 0)
		end("reads of the clock are not seen here", "");
	return 0;
}
