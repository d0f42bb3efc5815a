/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and objects for cases; what is made here is no leak. */
#include "run.h"

#include <stdio.h>

const char *ct_name(struct ct *t)
{
	static char names[256][16];
	static unsigned n;
	char *name = names[n % 256];

	/* Unique among the runs that go on at one time, and 13 bytes. */
	snprintf(name, sizeof(names[0]), "/c%06x%03x%02x",
		 (unsigned)getpid() & 0xffffff, t->shared->token & 0xfff,
		 n++ & 0xff);
	return name;
}

static void own(struct ct *t, char kind, const char *made, const char **name)
{
	ct_record(t->records, 'C', "%c %s", kind, made);
	if (name != NULL)
		*name = made;
}

sem_t *ct_sem(struct ct *t, unsigned value, const char **name)
{
	const char *n = ct_name(t);
	sem_t *sem;

	CT_SETUP_TRUE((sem = t->os->sem_open(n, PIPC_O_CREX, 0600, value)) !=
		      SEM_FAILED);
	own(t, 's', n, name);
	return sem;
}

int ct_shm(struct ct *t, size_t size, const char **name)
{
	const char *n = ct_name(t);
	int fd;

	CT_SETUP_TRUE((fd = t->os->shm_open(n, O_RDWR | PIPC_O_CREX, 0600)) >=
		      0);
	own(t, 'm', n, name);
	if (size != 0)
		CT_SETUP_TRUE(t->os->ftruncate(fd, (off_t)size) == 0);
	return fd;
}

/*
 * After mq_open() has said EINVAL: the case ends when a limit that the system
 * shows forbids such a queue.
 */
static void limited(struct ct *t, long depth, long size)
{
	static const struct {
		const char *shown, *what;
	} limits[] = {
	    {"/proc/sys/fs/mqueue/msg_max", "%ld messages"},
	    {"/proc/sys/fs/mqueue/msgsize_max", "messages of %ld bytes"},
	};
	const long wanted[] = {depth, size};
	char what[60];
	size_t i;
	FILE *f;
	long most;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if ((f = fopen(limits[i].shown, "r")) == NULL)
			continue;
		if (fscanf(f, "%ld", &most) != 1)
			most = 0;
		fclose(f);
		if (most <= 0 || most >= wanted[i])
			continue;
		snprintf(what, sizeof(what), limits[i].what, wanted[i]);
		ct_unresolved(t, "a queue of %s is needed; %s is %ld", what,
			      limits[i].shown, most);
	}
	errno = EINVAL;
}

void ct_need_queue(struct ct *t, long depth, long size)
{
	const char *name;

	t->os->mq_close(ct_mq(t, depth, size, &name));
	t->os->mq_unlink(name);
}

static mqd_t new_mq(struct ct *t, const char *name, long maxmsg, long msgsize)
{
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	mqd_t mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600, &attr);

	if (mqd == PIPC__BAD_MQD && errno == EINVAL)
		limited(t, maxmsg, msgsize);
	return mqd;
}

mqd_t ct_mq(struct ct *t, long maxmsg, long msgsize, const char **name)
{
	const char *n = ct_name(t);
	mqd_t mqd;

	CT_SETUP_TRUE((mqd = new_mq(t, n, maxmsg, msgsize)) != PIPC__BAD_MQD);
	own(t, 'q', n, name);
	return mqd;
}

pipc_sem *ct_pipc_sem(struct ct *t, unsigned value)
{
	pipc_sem *sem;

	CT_SETUP(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, value));
	own(t, 's', pipc_sem_name(sem), NULL);
	return sem;
}

pipc_shm *ct_pipc_shm(struct ct *t, size_t size)
{
	pipc_shm *shm;

	CT_SETUP(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, size, false));
	own(t, 'm', pipc_shm_name(shm), NULL);
	return shm;
}

static pipc_status new_handle(struct ct *t, pipc_mq **mq,
			      const struct pipc_mq_options *options)
{
	pipc_status status = pipc_mq_open(mq, NULL, PIPC_O_CREX, options);

	if (status != PIPC_OK && errno == EINVAL)
		limited(t, options->max_messages, options->max_message_size);
	return status;
}

pipc_mq *ct_pipc_mq(struct ct *t, long maxmsg, long msgsize)
{
	struct pipc_mq_options options = {0600, maxmsg, msgsize, true, true};
	pipc_mq *mq;

	CT_SETUP(new_handle(t, &mq, &options));
	own(t, 'q', pipc_mq_name(mq), NULL);
	return mq;
}

void *ct_map(struct ct *t, int fd, size_t size)
{
	void *p;

	CT_SETUP_TRUE((p = t->os->mmap(NULL, size, PROT_READ | PROT_WRITE,
				       MAP_SHARED, fd, 0)) != MAP_FAILED);
	return p;
}

int ct_value(struct ct *t, sem_t *sem)
{
	int value, i;

	if (t->os->sem_getvalue(sem, &value) == 0)
		return value;
	if (errno != ENOSYS)
		ct_fail(t, "sem_getvalue: came %s", ct_errno_name(errno));
	for (value = 0; t->os->sem_trywait(sem) == 0; value++)
		;
	for (i = 0; i < value; i++)
		t->os->sem_post(sem);
	return value;
}
