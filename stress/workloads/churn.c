/* SPDX-License-Identifier: BSD-3-Clause */
/* Many processes create, open and unlink the same few names. */
#include "stress.h"

#define NAMES 3
#define VALUE 7

struct churn {
	char kind;
	const char *name[NAMES];
	struct {
		_Atomic long created, unlinked;
	} * counts;
};

/* The call of this kind of object: "mq_open". */
static const char *named(char *text, size_t size, const struct churn *c,
			 const char *call)
{
	snprintf(text, size, "%s_%s",
		 c->kind == 's'	  ? "sem"
		 : c->kind == 'm' ? "shm"
				  : "mq",
		 call);
	return text;
}

/* Expected when others do the same; anything else is broken. */
static void lost_race(struct st *st, struct churn *c, const char *call)
{
	char text[20];

	if (errno != EEXIST && errno != ENOENT)
		st__failed(st, named(text, sizeof(text), c, call));
}

/* True if this process made the name. */
static bool create(struct st *st, struct churn *c, const char *name)
{
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 32};
	int flags = O_CREAT | O_EXCL | O_RDWR, fd;
	sem_t *sem;
	mqd_t q;

	switch (c->kind) {
	case 's':
		sem = st->os->sem_open(name, O_CREAT | O_EXCL, 0600, VALUE);
		if (sem == SEM_FAILED)
			return false;
		ST_MUST(st, st->os->sem_close(sem) == 0);
		return true;
	case 'm':
		fd = st->os->shm_open(name, flags, 0600);
		if (fd < 0)
			return false;
		ST_MUST(st, st->os->close(fd) == 0);
		return true;
	default:
		q = st->os->mq_open(name, flags, 0600, &a);
		if (q == PIPC__BAD_MQD)
			return false;
		ST_MUST(st, st->os->mq_close(q) == 0);
		return true;
	}
}

/* Whoever can open it finds it finished. */
static bool open_sem(struct st *st, const char *name)
{
	sem_t *sem = st->os->sem_open(name, 0, 0, 0);
	int value = VALUE;

	if (sem == SEM_FAILED)
		return false;
	if (st->os->sem_getvalue(sem, &value) != 0)
		value = VALUE; /* some systems cannot tell */
	ST_HOLDS(st, value == VALUE,
		 "half-made semaphore: value %d instead of %d", value, VALUE);
	ST_MUST(st, st->os->sem_close(sem) == 0);
	return true;
}

static bool open_shm(struct st *st, const char *name)
{
	int fd = st->os->shm_open(name, O_RDWR, 0);
	struct stat s;

	if (fd < 0)
		return false;
	ST_MUST(st, st->os->fstat(fd, &s) == 0);
	ST_HOLDS(st, s.st_size == 0, "half-made memory: %lld bytes",
		 (long long)s.st_size);
	ST_MUST(st, st->os->close(fd) == 0);
	return true;
}

static bool open_mq(struct st *st, const char *name)
{
	mqd_t q = st->os->mq_open(name, O_RDWR, 0, NULL);
	struct mq_attr a;

	if (q == PIPC__BAD_MQD)
		return false;
	ST_MUST(st, st->os->mq_getattr(q, &a) == 0);
	ST_HOLDS(st,
		 a.mq_maxmsg == 1 && a.mq_msgsize == 32 && a.mq_curmsgs == 0,
		 "half-made queue: %ld of %ld x %ld", (long)a.mq_curmsgs,
		 (long)a.mq_maxmsg, (long)a.mq_msgsize);
	ST_MUST(st, st->os->mq_close(q) == 0);
	return true;
}

static bool open_one(struct st *st, struct churn *c, const char *name)
{
	if (c->kind == 's')
		return open_sem(st, name);
	return c->kind == 'm' ? open_shm(st, name) : open_mq(st, name);
}

static bool unlink_one(struct st *st, struct churn *c, const char *name)
{
	if (c->kind == 's')
		return st->os->sem_unlink(name) == 0;
	if (c->kind == 'm')
		return st->os->shm_unlink(name) == 0;
	return st->os->mq_unlink(name) == 0;
}

static void churner(struct st *st, struct st_worker *w, void *arg)
{
	struct churn *c = arg;
	unsigned i;

	while (st_go(w)) {
		i = (unsigned)(st_next(&w->seed) % NAMES);
		switch (st_next(&w->seed) % 3) {
		case 0:
			if (create(st, c, c->name[i]))
				atomic_fetch_add(&c->counts[i].created, 1);
			else
				lost_race(st, c, "open");
			break;
		case 1:
			if (!open_one(st, c, c->name[i]))
				lost_race(st, c, "open");
			break;
		default:
			if (unlink_one(st, c, c->name[i]))
				atomic_fetch_add(&c->counts[i].unlinked, 1);
			else
				lost_race(st, c, "unlink");
		}
		st_done(w, 1);
	}
}

static void churn(struct st *st, char kind)
{
	struct churn c = {.kind = kind};
	long i, there;

	char text[20];

	c.counts = st_memory(st, NAMES * sizeof(*c.counts));
	for (i = 0; i < NAMES; i++)
		c.name[i] = st_name(st, kind);
	/* Alone, so that there is no race to lose. */
	if (!create(st, &c, c.name[0]))
		st__not_made(st, named(text, sizeof(text), &c, "open"));
	st_did(st, kind == 's'	 ? CT_NEED_SEM
		   : kind == 'm' ? CT_NEED_SHM
				 : CT_NEED_MQ);
	if (!unlink_one(st, &c, c.name[0]))
		st__failed(st, named(text, sizeof(text), &c, "unlink"));
	for (i = 0; i < st_param(st, 0); i++)
		st_start(st, 0, churner, &c);
	st_measure(st, NULL);
	for (i = 0; i < NAMES; i++) {
		there = unlink_one(st, &c, c.name[i]);
		ST_HOLDS(st,
			 c.counts[i].created == c.counts[i].unlinked + there,
			 "name race: created %ld times, unlinked %ld times, "
			 "and then %s",
			 c.counts[i].created, c.counts[i].unlinked,
			 there ? "there" : "not there");
	}
}

static const struct st_variant crowd[] = {
    {"1", {1}}, {"2", {2}}, {"4c", {-4}, true}, {NULL}};

ST_WORKLOAD(sem_churn, .id = "sem/churn", .op = "open, create or unlink",
	    .text = "name races: each creation has its unlink, none half-made",
	    .variants = crowd)
{
	churn(st, 's');
}

ST_WORKLOAD(shm_churn, .id = "shm/churn", .op = "open, create or unlink",
	    .text = "name races: each creation has its unlink, none half-made",
	    .variants = crowd)
{
	churn(st, 'm');
}

ST_WORKLOAD(mq_churn, .id = "mq/churn", .op = "open, create or unlink",
	    .text = "name races: each creation has its unlink, none half-made",
	    .variants = crowd)
{
	churn(st, 'q');
}
