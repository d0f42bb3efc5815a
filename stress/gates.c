/* SPDX-License-Identifier: BSD-3-Clause */
/* The semaphore, and the system's other gates for processes. */
#include "run.h"

#ifdef HAVE_SEMGET
#include <sys/ipc.h>
#include <sys/sem.h>
#endif
#ifdef HAVE_SYS_EVENTFD_H
#include <sys/eventfd.h>
#endif

void st_gate(struct st *st, struct st_gate *g, const struct st_gate_type *type,
	     unsigned value)
{
	*g = (struct st_gate){.type = type, .os = st->os};
	type->make(st, g, value);
}

static void sem_make(struct st *st, struct st_gate *g, unsigned value)
{
	g->sem = st_sem(st, value, &g->name);
}

static void sem_join(struct st *st, struct st_gate *g)
{
	g->sem = st_sem_again(st, g->name);
}

static int gate_post(struct st_gate *g)
{
	return g->os->sem_post(g->sem);
}

static int gate_wait(struct st_gate *g)
{
	return g->os->sem_wait(g->sem);
}

static long gate_value(struct st_gate *g)
{
	int value;

	return g->os->sem_getvalue(g->sem, &value) == 0 ? value : -1;
}

static void sem_remove(struct st *st, struct st_gate *g)
{
	ST_MUST(st, g->os->sem_close(g->sem) == 0);
	ST_MUST(st, g->os->sem_unlink(g->name) == 0);
}

const struct st_gate_type st_gate_sem = {
    "sem", sem_make, sem_join, gate_post, gate_wait, gate_value, sem_remove};

static void join_inherited(struct st *st, struct st_gate *g)
{
	(void)st;
	(void)g;
}

#ifdef HAVE_SEMGET
static void sysv_make(struct st *st, struct st_gate *g, unsigned value)
{
	struct sembuf up = {0, (short)value, 0};

	g->fd = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	ST_MUST(st, g->fd >= 0);
	st_sysv_record(st, 'S', g->fd);
	if (value > 0)
		ST_MUST(st, semop(g->fd, &up, 1) == 0);
}

static int sysv_post(struct st_gate *g)
{
	struct sembuf up = {0, 1, 0};

	return semop(g->fd, &up, 1);
}

static int sysv_wait(struct st_gate *g)
{
	struct sembuf down = {0, -1, 0};

	return semop(g->fd, &down, 1);
}

static long sysv_value(struct st_gate *g)
{
	return semctl(g->fd, 0, GETVAL);
}

static void sysv_remove(struct st *st, struct st_gate *g)
{
	ST_MUST(st, semctl(g->fd, 0, IPC_RMID) == 0);
}
#else
static void sysv_make(struct st *st, struct st_gate *g, unsigned value)
{
	(void)g;
	(void)value;
	errno = ENOSYS;
	st__failed(st, "semget");
}
#define sysv_post NULL
#define sysv_wait NULL
#define sysv_value NULL
#define sysv_remove NULL
#endif

const struct st_gate_type st_gate_sysv = {"sysv",     sysv_make, join_inherited,
					  sysv_post,  sysv_wait, sysv_value,
					  sysv_remove};

#ifdef HAVE_SYS_EVENTFD_H
static void eventfd_make(struct st *st, struct st_gate *g, unsigned value)
{
	g->fd = eventfd(value, EFD_SEMAPHORE);
	ST_MUST(st, g->fd >= 0);
}

static int eventfd_post(struct st_gate *g)
{
	uint64_t one = 1;

	return write(g->fd, &one, sizeof(one)) == sizeof(one) ? 0 : -1;
}

static int eventfd_wait(struct st_gate *g)
{
	uint64_t one;

	return read(g->fd, &one, sizeof(one)) == sizeof(one) ? 0 : -1;
}
#else
static void eventfd_make(struct st *st, struct st_gate *g, unsigned value)
{
	(void)g;
	(void)value;
	errno = ENOSYS;
	st__failed(st, "eventfd");
}
#define eventfd_post NULL
#define eventfd_wait NULL
#endif

static long unknown_value(struct st_gate *g)
{
	(void)g;
	return -1;
}

static void eventfd_remove(struct st *st, struct st_gate *g)
{
	(void)st;
	close(g->fd);
}

const struct st_gate_type st_gate_eventfd = {
    "eventfd",	  eventfd_make,	 join_inherited, eventfd_post,
    eventfd_wait, unknown_value, eventfd_remove};
