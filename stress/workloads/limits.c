/* SPDX-License-Identifier: BSD-3-Clause */
/* Into every limit, over and over: refused as documented, and no harm done. */
#include "stress.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>

#define REFUSED(st, call, error)                                               \
	do {                                                                   \
		bool went_through = (call);                                    \
		ST_HOLDS(st, !went_through, "no limit: %s succeeded", #call);  \
		ST_HOLDS(st, errno == (error), "%s: %s instead of %s", #call,  \
			 strerror(errno), #error);                             \
	} while (0)

struct limit {
	const char *name;
	long capacity;
};

/* A full queue, an empty one, too long, too short, too high: all at once. */
static void queue(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	const struct pipc__os *os = st->os;
	struct limit *l = arg;
	mqd_t q = st_mq_again(st, l->name, O_NONBLOCK);
	long prios = os->sysconf(_SC_MQ_PRIO_MAX), i;
	size_t size = (size_t)ST_MESSAGE_MIN;
	unsigned prio;
	ssize_t n;

	while (st_go(w)) {
		REFUSED(st, os->mq_receive(q, b.bytes, size, &prio) >= 0,
			EAGAIN);
		for (i = 0; i < l->capacity; i++) {
			st_fill(&b, size, 0, 1, (uint32_t)i + 1, 0);
			ST_MUST(st, os->mq_send(q, b.bytes, size, 1) == 0);
		}
		REFUSED(st, os->mq_send(q, b.bytes, size, 1) == 0, EAGAIN);
		REFUSED(st, os->mq_send(q, b.bytes, size + 1, 1) == 0,
			EMSGSIZE);
		REFUSED(st, os->mq_receive(q, b.bytes, size - 1, &prio) >= 0,
			EMSGSIZE);
		if (prios > 0)
			REFUSED(
			    st,
			    os->mq_send(q, b.bytes, size, (unsigned)prios) == 0,
			    EINVAL);
		for (i = 0; i < l->capacity; i++) {
			n = os->mq_receive(q, b.bytes, size, &prio);
			st_whole(st, &b, n, size, prio);
			ST_HOLDS(st, b.m.seq == (uint32_t)i + 1,
				 "wrong order: number %" PRIu32
				 " instead of %ld",
				 b.m.seq, i + 1);
		}
		st_done(w, 1);
	}
}

ST_WORKLOAD(limit_queue, .id = "limit/queue", .op = "fill and drain",
	    .text = "full, empty, too long, too short, too high a priority: "
		    "refused, and nothing changes",
	    .smoke = true)
{
	struct limit l = {.capacity = 8};
	mqd_t q = st_mq(st, &l.capacity, ST_MESSAGE_MIN, 0, &l.name);
	struct mq_attr attr;

	ST_MUST(st, st->os->mq_getattr(q, &attr) == 0);
	st_start(st, 0, queue, &l);
	st_measure(st, NULL);
	ST_MUST(st, st->os->mq_close(q) == 0);
	ST_MUST(st, st->os->mq_unlink(l.name) == 0);
}

/* The highest value; one more is refused and does not wrap round. */
static void value(struct st *st, struct st_worker *w, void *arg)
{
	struct limit *l = arg;
	sem_t *sem = st_sem_again(st, l->name);
	int value;

	while (st_go(w)) {
		REFUSED(st, st->os->sem_post(sem) == 0, EOVERFLOW);
		ST_MUST(st, st->os->sem_wait(sem) == 0);
		ST_MUST(st, st->os->sem_post(sem) == 0);
		st_done(w, 1);
	}
	if (st->os->sem_getvalue(sem, &value) == 0)
		ST_HOLDS(st, value == (int)l->capacity,
			 "semaphore value %d instead of %ld", value,
			 l->capacity);
}

ST_WORKLOAD(limit_value, .id = "limit/value", .op = "refused post",
	    .text = "a post beyond the highest value is refused, and does not "
		    "wrap",
	    .smoke = true)
{
	struct limit l = {.capacity = st->os->sysconf(_SC_SEM_VALUE_MAX)};
	sem_t *sem;

	if (l.capacity <= 0 || l.capacity > INT_MAX)
		l.capacity = INT_MAX;
	sem = st_sem(st, (unsigned)l.capacity, &l.name);
	st_start(st, 0, value, &l);
	st_measure(st, NULL);
	ST_MUST(st, st->os->sem_close(sem) == 0);
	ST_MUST(st, st->os->sem_unlink(l.name) == 0);
}

#define DESCRIPTORS 40

/* Until there is no descriptor left; the same number each time. */
static void descriptors(struct st *st, struct st_worker *w, void *arg)
{
	struct rlimit r;
	struct limit *l = arg;
	int fd[DESCRIPTORS], n, first = 0;

	ST_OWN(st, getrlimit(RLIMIT_NOFILE, &r) == 0);
	if (r.rlim_cur > DESCRIPTORS)
		r.rlim_cur = DESCRIPTORS;
	ST_OWN(st, setrlimit(RLIMIT_NOFILE, &r) == 0);
	while (st_go(w)) {
		for (n = 0; n < DESCRIPTORS; n++) {
			fd[n] = st->os->shm_open(l->name, O_RDWR, 0);
			if (fd[n] < 0)
				break;
		}
		ST_HOLDS(st, n < DESCRIPTORS && errno == EMFILE,
			 "%d descriptors of %d, then: %s", n, DESCRIPTORS,
			 strerror(errno));
		first = first ? first : n;
		ST_HOLDS(st, n == first,
			 "descriptors leak: %d at first, now %d", first, n);
		while (n-- > 0)
			ST_MUST(st, st->os->close(fd[n]) == 0);
		st_done(w, 1);
	}
}

ST_WORKLOAD(limit_descriptors, .id = "limit/descriptors", .op = "exhaustion",
	    .text = "shm_open until no descriptor is left: EMFILE, and none is "
		    "lost",
	    .smoke = true)
{
	struct limit l = {.name = st_name(st, 'm')};
	int fd = st_shm(st, l.name);

	st_start(st, 0, descriptors, &l);
	st_measure(st, NULL);
	ST_MUST(st, st->os->close(fd) == 0);
	ST_MUST(st, st->os->shm_unlink(l.name) == 0);
}

#define QUEUES 16

/* Names for as many queues as may be made; the rest is refused. */
struct queues {
	const char *name[QUEUES];
	long depth;
};

static void fewer_bytes(void)
{
#ifdef RLIMIT_MSGQUEUE
	struct rlimit r = {65536, 65536};

	setrlimit(RLIMIT_MSGQUEUE, &r);
#endif
}

static void queues(struct st *st, struct st_worker *w, void *arg)
{
	struct queues *l = arg;
	struct mq_attr a = {.mq_maxmsg = l->depth, .mq_msgsize = 1024};
	mqd_t q[QUEUES];
	int n;

	fewer_bytes();
	while (st_go(w)) {
		for (n = 0; n < QUEUES; n++) {
			q[n] = st->os->mq_open(
			    l->name[n], O_CREAT | O_EXCL | O_RDWR, 0600, &a);
			if (q[n] == PIPC__BAD_MQD)
				break;
		}
		ST_HOLDS(st,
			 n == QUEUES || errno == EMFILE || errno == ENOSPC ||
			     errno == ENOMEM || errno == ENFILE,
			 "queue %d was refused with: %s", n + 1,
			 strerror(errno));
		st_note(st, "queues", n);
		while (n-- > 0) {
			ST_MUST(st, st->os->mq_close(q[n]) == 0);
			ST_MUST(st, st->os->mq_unlink(l->name[n]) == 0);
		}
		st_done(w, 1);
	}
}

ST_WORKLOAD(limit_queues, .id = "limit/queues", .op = "exhaustion",
	    .text = "create queues until refused: the error is one for want "
		    "of room, and no queue is left",
	    .smoke = true)
{
	struct queues l = {.depth = 8};
	mqd_t q;
	const char *name;
	int i;

	q = st_mq(st, &l.depth, ST_MESSAGE_MIN, 0, &name);
	ST_MUST(st, st->os->mq_close(q) == 0);
	ST_MUST(st, st->os->mq_unlink(name) == 0);
	for (i = 0; i < QUEUES; i++)
		l.name[i] = st_name(st, 'q');
	st_start(st, 0, queues, &l);
	st_measure(st, NULL);
}

#define MAPPINGS 64
#define MAPPING ((size_t)64 << 20)

/* Until there is no room to map; the content stays what it was. */
static void mappings(struct st *st, struct st_worker *w, void *arg)
{
	struct rlimit r = {(rlim_t)1 << 30, (rlim_t)1 << 30};
	struct limit *l = arg;
	uint64_t *p[MAPPINGS];
	int n, fd = st->os->shm_open(l->name, O_RDWR, 0);

	if (fd < 0)
		st__failed(st, "shm_open");
	ST_OWN(st, setrlimit(RLIMIT_AS, &r) == 0);
	while (st_go(w)) {
		for (n = 0; n < MAPPINGS; n++) {
			p[n] =
			    st->os->mmap(NULL, MAPPING, PROT_READ | PROT_WRITE,
					 MAP_SHARED, fd, 0);
			if (p[n] == MAP_FAILED)
				break;
			ST_HOLDS(st, *p[n] == (uint64_t)n,
				 "mapping %d sees %" PRIu64 " instead of %d", n,
				 *p[n], n);
			(*p[n])++;
		}
		ST_HOLDS(st, n == MAPPINGS || errno == ENOMEM,
			 "mapping %d was refused with: %s", n + 1,
			 strerror(errno));
		st_note(st, "mappings", n);
		if (n > 0)
			*p[0] = 0;
		while (n-- > 0)
			ST_MUST(st, st->os->munmap(p[n], MAPPING) == 0);
		st_done(w, 1);
	}
}

ST_WORKLOAD(limit_mappings, .id = "limit/mappings", .op = "exhaustion",
	    .text = "map until the address space is full: ENOMEM, and the "
		    "content is kept",
	    .smoke = true)
{
	struct limit l = {.name = st_name(st, 'm')};
	int fd = st_shm(st, l.name);

	ST_MUST(st, st->os->ftruncate(fd, (off_t)MAPPING) == 0);
	st_start(st, 0, mappings, &l);
	st_measure(st, NULL);
	ST_MUST(st, st->os->close(fd) == 0);
	ST_MUST(st, st->os->shm_unlink(l.name) == 0);
}
