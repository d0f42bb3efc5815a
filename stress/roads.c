/* SPDX-License-Identifier: BSD-3-Clause */
/* The message queue, and the system's other roads for messages. */
#include "run.h"

#include <sys/socket.h>
#ifdef HAVE_MSGGET
#include <sys/ipc.h>
#include <sys/msg.h>
#endif

void st_road(struct st *st, struct st_road *r, const struct st_road_type *type,
	     long capacity, size_t size, bool waits)
{
	*r = (struct st_road){.type = type,
			      .os = st->os,
			      .capacity = capacity,
			      .size = size,
			      .waits = waits};
	type->make(st, r);
}

static void mq_make(struct st *st, struct st_road *r)
{
	r->mqd = st_mq(st, &r->capacity, (long)r->size,
		       r->waits ? 0 : O_NONBLOCK, &r->name);
}

static void mq_join(struct st *st, struct st_road *r)
{
	r->mqd = st_mq_again(st, r->name, r->waits ? 0 : O_NONBLOCK);
}

static int mq_put(struct st_road *r, const char *msg, unsigned prio)
{
	return r->os->mq_send(r->mqd, msg, r->size, prio);
}

static ssize_t mq_take(struct st_road *r, char *msg, unsigned *prio)
{
	return r->os->mq_receive(r->mqd, msg, r->size, prio);
}

static void mq_remove(struct st *st, struct st_road *r)
{
	ST_MUST(st, r->os->mq_close(r->mqd) == 0);
	ST_MUST(st, r->os->mq_unlink(r->name) == 0);
}

const struct st_road_type st_road_mq = {"mq",	mq_make, mq_join,
					mq_put, mq_take, mq_remove};

/* Descriptors: workers inherit them. */

static void fd_flags(struct st *st, struct st_road *r)
{
	int i;

	for (i = 0; i < 2 && !r->waits; i++)
		ST_MUST(st, fcntl(r->fd[i], F_SETFL, O_NONBLOCK) == 0);
	r->capacity = 0;
}

static void pipe_make(struct st *st, struct st_road *r)
{
	ST_MUST(st, pipe(r->fd) == 0);
	fd_flags(st, r);
}

static void dgram_make(struct st *st, struct st_road *r)
{
	int fd[2];

	ST_MUST(st, socketpair(AF_UNIX, SOCK_DGRAM, 0, fd) == 0);
	r->fd[0] = fd[0];
	r->fd[1] = fd[1];
	fd_flags(st, r);
}

static void fd_join(struct st *st, struct st_road *r)
{
	(void)st;
	(void)r;
}

static int fd_put(struct st_road *r, const char *msg, unsigned prio)
{
	size_t at = 0;
	ssize_t n;

	(void)prio;
	while (at < r->size) {
		n = write(r->fd[1], msg + at, r->size - at);
		if (n < 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

static ssize_t fd_take(struct st_road *r, char *msg, unsigned *prio)
{
	size_t at = 0;
	ssize_t n;

	while (at < r->size) {
		n = read(r->fd[0], msg + at, r->size - at);
		if (n <= 0)
			return n;
		at += (size_t)n;
	}
	*prio = ((struct st_message *)(void *)msg)->prio;
	return (ssize_t)at;
}

static void fd_remove(struct st *st, struct st_road *r)
{
	(void)st;
	close(r->fd[0]);
	close(r->fd[1]);
}

const struct st_road_type st_road_pipe = {"pipe", pipe_make, fd_join,
					  fd_put, fd_take,   fd_remove};
const struct st_road_type st_road_dgram = {"dgram", dgram_make, fd_join,
					   fd_put,  fd_take,	fd_remove};

#ifdef HAVE_MSGGET
struct sysv_message {
	long type;
	char bytes[ST_MESSAGE_MAX];
};

static void sysv_make(struct st *st, struct st_road *r)
{
	r->fd[0] = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	ST_MUST(st, r->fd[0] >= 0);
	st_sysv_record(st, 'Q', r->fd[0]);
	r->capacity = 0;
}

static int sysv_put(struct st_road *r, const char *msg, unsigned prio)
{
	struct sysv_message m = {.type = ST_PRIORITIES - (long)prio};

	memcpy(m.bytes, msg, r->size);
	return msgsnd(r->fd[0], &m, r->size, r->waits ? 0 : IPC_NOWAIT);
}

static ssize_t sysv_take(struct st_road *r, char *msg, unsigned *prio)
{
	struct sysv_message m;
	ssize_t n = msgrcv(r->fd[0], &m, sizeof(m.bytes), -ST_PRIORITIES,
			   r->waits ? 0 : IPC_NOWAIT);

	if (n < 0)
		return n;
	*prio = (unsigned)(ST_PRIORITIES - m.type);
	memcpy(msg, m.bytes, (size_t)n);
	return n;
}

static void sysv_remove(struct st *st, struct st_road *r)
{
	ST_MUST(st, msgctl(r->fd[0], IPC_RMID, NULL) == 0);
}
#else
static void sysv_make(struct st *st, struct st_road *r)
{
	(void)r;
	errno = ENOSYS;
	st__failed(st, "msgget");
}
#define sysv_put NULL
#define sysv_take NULL
#define sysv_remove NULL
#endif

const struct st_road_type st_road_sysv = {"sysv",   sysv_make, fd_join,
					  sysv_put, sysv_take, sysv_remove};
