/* SPDX-License-Identifier: BSD-3-Clause */
/* The whole life of an object, and what a deep queue costs in memory. */
#include "stress.h"

#include <sys/resource.h>

struct life {
	const char *name;
	long capacity, pages;
};

static void sem_life(struct st *st, struct st_worker *w, void *arg)
{
	struct life *l = arg;
	sem_t *sem;

	while (st_go(w)) {
		sem = st->os->sem_open(l->name, O_CREAT | O_EXCL, 0600, 1);
		if (sem == SEM_FAILED)
			st__not_made(st, "sem_open");
		ST_MUST(st, st->os->sem_close(sem) == 0);
		ST_MUST(st, st->os->sem_unlink(l->name) == 0);
		st_done(w, 1);
		ST_HOLDS(st,
			 st->os->sem_open(l->name, 0, 0, 0) == SEM_FAILED &&
			     errno == ENOENT,
			 "the name is still there after sem_unlink");
		st_restart_clock(w);
	}
}

static mqd_t new_mq(struct st *st, const struct life *l, long size)
{
	struct mq_attr a = {.mq_maxmsg = l->capacity, .mq_msgsize = size};
	mqd_t q = st->os->mq_open(l->name, O_CREAT | O_EXCL | O_RDWR, 0600, &a);

	if (q == PIPC__BAD_MQD)
		st__not_made(st, "mq_open");
	return q;
}

static void mq_life(struct st *st, struct st_worker *w, void *arg)
{
	struct life *l = arg;
	mqd_t q;

	while (st_go(w)) {
		q = new_mq(st, l, ST_MESSAGE_MIN);
		ST_MUST(st, st->os->mq_close(q) == 0);
		ST_MUST(st, st->os->mq_unlink(l->name) == 0);
		st_done(w, 1);
		q = st->os->mq_open(l->name, O_RDWR, 0, NULL);
		ST_HOLDS(st, q == PIPC__BAD_MQD && errno == ENOENT,
			 "the name is still there after mq_unlink");
		st_restart_clock(w);
	}
}

static void run(struct st *st, st_body *body, char kind, long capacity)
{
	struct life *l = st_memory(st, sizeof(*l));

	l->name = st_name(st, kind);
	l->capacity = capacity;
	st_start(st, 0, body, l);
	st_measure(st, NULL);
	if (l->pages > 0)
		st_note(st, "pages", l->pages);
}

ST_WORKLOAD(sem_create, .id = "sem/create", .op = "create to unlink",
	    .text = "sem_open with O_EXCL, close, unlink: the name is gone",
	    .smoke = true, .bench = ST_AT_ONE)
{
	const char *name;
	sem_t *sem = st_sem(st, 1, &name);

	ST_MUST(st, st->os->sem_close(sem) == 0);
	ST_MUST(st, st->os->sem_unlink(name) == 0);
	run(st, sem_life, 's', 0);
}

/* The capacity, or the largest one that this system allows. */
static long to_be_had(struct st *st, long capacity, long size)
{
	const char *name;
	mqd_t q = st_mq(st, &capacity, size, 0, &name);

	ST_MUST(st, st->os->mq_close(q) == 0);
	ST_MUST(st, st->os->mq_unlink(name) == 0);
	return capacity;
}

ST_WORKLOAD(mq_create, .id = "mq/create", .op = "create to unlink",
	    .text = "mq_open with O_EXCL, close, unlink: the name is gone",
	    .smoke = true, .bench = ST_AT_ONE)
{
	run(st, mq_life, 'q', to_be_had(st, 10, ST_MESSAGE_MIN));
}

static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

#define FEW 4
#define SIZE 1024

/* A few messages through a queue that could hold more. */
static void few(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct life *l = arg;
	unsigned prio;
	uint32_t i;
	ssize_t n;
	long before;
	mqd_t q;

	while (st_go(w)) {
		before = faults();
		q = new_mq(st, l, SIZE);
		for (i = 1; i <= FEW; i++) {
			st_fill(&b, SIZE, 0, 1, i, 0);
			ST_MUST(st, st->os->mq_send(q, b.bytes, SIZE, 1) == 0);
		}
		for (i = 1; i <= FEW; i++) {
			n = st->os->mq_receive(q, b.bytes, SIZE, &prio);
			st_whole(st, &b, n, SIZE, prio);
			ST_HOLDS(st, b.m.seq == i,
				 "message %" PRIu32 " instead of %" PRIu32,
				 b.m.seq, i);
		}
		ST_MUST(st, st->os->mq_close(q) == 0);
		ST_MUST(st, st->os->mq_unlink(l->name) == 0);
		l->pages = faults() - before;
		st_done(w, 1);
	}
}

static const struct st_variant capacities[] = {
    {"10", {10}, false, ST_AT_ONE}, {"256", {256}, false, ST_AT_ONE}, {NULL}};

ST_WORKLOAD(mq_memory, .id = "mq/memory", .op = "create to unlink",
	    .text = "4 messages of 1 KiB through a queue of this capacity; the "
		    "note has the pages touched",
	    .variants = capacities)
{
	long capacity = to_be_had(st, st_param(st, 0), SIZE);

	st_note(st, "capacity", capacity);
	run(st, few, 'q', capacity);
}
