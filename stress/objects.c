/* SPDX-License-Identifier: BSD-3-Clause */
/* The objects of a run; each name is on record before it is used. */
#include "run.h"

#include <stdlib.h>
#ifdef HAVE_MSGGET
#include <sys/ipc.h>
#include <sys/msg.h>
#endif
#ifdef HAVE_SEMGET
#include <sys/ipc.h>
#include <sys/sem.h>
#endif

const char *st_name(struct st *st, char kind)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	unsigned i = atomic_load(&st->run->names), at;
	unsigned long serial = st->run->number * (unsigned long)ST_LEDGER + i;
	char *name = st->run->ledger[i].name;

	if (i == ST_LEDGER)
		st_skip(st, "more than %d names", ST_LEDGER);
	st->run->ledger[i].kind = kind;
	strcpy(name, st->run->prefix);
	for (at = 13; at >= 7; at--, serial /= 36)
		name[at] = digits[serial % 36];
	atomic_store(&st->run->names, i + 1);
	return name;
}

void st_sysv_record(struct st *st, char kind, int id)
{
	unsigned i = atomic_load(&st->run->names);

	if (i == ST_LEDGER)
		st_skip(st, "more than %d names", ST_LEDGER);
	st->run->ledger[i].kind = kind;
	snprintf(st->run->ledger[i].name, sizeof(st->run->ledger[i].name), "%d",
		 id);
	atomic_store(&st->run->names, i + 1);
}

bool st_unlink(const struct pipc__os *os, char kind, const char *name)
{
	switch (kind) {
	case 's':
		return os->sem_unlink(name) == 0;
	case 'm':
		return os->shm_unlink(name) == 0;
	case 'q':
		return os->mq_unlink(name) == 0;
#ifdef HAVE_MSGGET
	case 'Q':
		return msgctl(atoi(name), IPC_RMID, NULL) == 0;
#endif
#ifdef HAVE_SEMGET
	case 'S':
		return semctl(atoi(name), 0, IPC_RMID) == 0;
#endif
	}
	return false;
}

void *st_memory(struct st *st, size_t size)
{
	int zero = open("/dev/zero", O_RDWR);
	void *p;

	if (zero < 0)
		st__own_failed(st, "open(/dev/zero)");
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0);
	if (p == MAP_FAILED)
		st__own_failed(st, "mmap(/dev/zero)");
	close(zero);
	return p;
}

sem_t *st_sem(struct st *st, unsigned value, const char **name)
{
	const char *n = st_name(st, 's');
	sem_t *sem = st->os->sem_open(n, O_CREAT | O_EXCL, 0600, value);

	if (sem == SEM_FAILED)
		st__not_made(st, "sem_open");
	st_did(st, CT_NEED_SEM);
	if (name != NULL)
		*name = n;
	return sem;
}

sem_t *st_sem_again(struct st *st, const char *name)
{
	sem_t *sem = st->os->sem_open(name, 0, 0, 0);

	if (sem == SEM_FAILED)
		st__failed(st, "sem_open");
	return sem;
}

int st_shm(struct st *st, const char *name)
{
	int fd = st->os->shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);

	if (fd < 0)
		st__not_made(st, "shm_open");
	st_did(st, CT_NEED_SHM);
	return fd;
}

static mqd_t try_mq(struct st *st, const char *name, long capacity, long size,
		    int flags)
{
	struct mq_attr a = {.mq_maxmsg = capacity, .mq_msgsize = size};

	return st->os->mq_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600,
			       &a);
}

/* The largest capacity below `limit` that the system grants now, or 1. */
static long bisect(struct st *st, const char *name, long limit, long size)
{
	long low = 1, middle;
	mqd_t q;

	while (limit - low > 1) {
		middle = low + (limit - low) / 2;
		q = try_mq(st, name, middle, size, 0);
		if (q == PIPC__BAD_MQD) {
			limit = middle;
			continue;
		}
		st->os->mq_close(q);
		st->os->mq_unlink(name);
		low = middle;
	}
	return low;
}

/* Would a smaller queue be granted? */
static bool too_large(void)
{
	return errno == EINVAL || errno == EMFILE || errno == ENOSPC ||
	       errno == ENOMEM;
}

mqd_t st_mq(struct st *st, long *capacity, long size, int flags,
	    const char **name)
{
	const char *n = st_name(st, 'q');
	mqd_t q = try_mq(st, n, *capacity, size, flags);

	if (q == PIPC__BAD_MQD && *capacity > 1 && too_large()) {
		*capacity = bisect(st, n, *capacity, size);
		q = try_mq(st, n, *capacity, size, flags);
	}
	if (q == PIPC__BAD_MQD)
		st__not_made(st, "mq_open");
	st_did(st, CT_NEED_MQ);
	if (name != NULL)
		*name = n;
	return q;
}

mqd_t st_mq_again(struct st *st, const char *name, int flags)
{
	mqd_t q = st->os->mq_open(name, O_RDWR | flags, 0, NULL);

	if (q == PIPC__BAD_MQD)
		st__failed(st, "mq_open");
	return q;
}

struct st_wire st_wire(struct st *st)
{
	struct st_wire w;

	ST_OWN(st, pipe(w.fd) == 0);
	return w;
}

void st_tell(struct st *st, const struct st_wire *w)
{
	ssize_t n;

	while ((n = write(w->fd[1], "", 1)) < 0 && errno == EINTR)
		continue;
	ST_OWN(st, n == 1);
}

bool st_await(struct st *st, const struct st_wire *w)
{
	ssize_t n;
	char c;

	while ((n = read(w->fd[0], &c, 1)) < 0 && errno == EINTR)
		continue;
	ST_OWN(st, n == 1);
	return true;
}
