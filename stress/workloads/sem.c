/* SPDX-License-Identifier: BSD-3-Clause */
/* Semaphores: alone, as a mutex, handed to and fro, and for many waiters. */
#include "stress.h"

struct sems {
	struct st_gate a, b;
	struct shared {
		_Atomic uint64_t posts, waits;
		_Atomic unsigned owner, woken;
		uint64_t plain; /* only the mutex protects it */
		uint64_t first_post;
		_Atomic bool over;
		_Atomic long long interrupted;
	} * shared;
	struct st_wire all_woken;
	unsigned waiters;
	bool storm; /* of signals */
};

static void join(struct st *st, struct sems *s)
{
	s->a.type->join(st, &s->a);
	s->b.type->join(st, &s->b);
	if (s->storm)
		st_signal_storm(st);
}

/* Waits; again when a signal of the storm interrupted it. */
static void pass(struct st *st, struct sems *s, struct st_gate *g)
{
	while (g->type->wait(g) != 0) {
		if (!s->storm || errno != EINTR)
			st__failed(st, "wait");
		atomic_fetch_add(&s->shared->interrupted, 1);
	}
}

/* The value, when the system can tell it, is what the calls left. */
static void has_value(struct st *st, struct st_gate *g, long wanted)
{
	long value = g->type->value(g);

	ST_HOLDS(st, value < 0 || value == wanted,
		 "semaphore value %ld instead of posts - waits = %ld", value,
		 wanted);
}

static void two_gates(struct st *st, struct sems *s,
		      const struct st_gate_type *type, unsigned value)
{
	st_gate(st, &s->a, type, value);
	st_gate(st, &s->b, type, 0);
	s->shared = st_memory(st, sizeof(*s->shared));
}

static void remove_both(struct st *st, struct sems *s)
{
	s->a.type->remove(st, &s->a);
	s->b.type->remove(st, &s->b);
}

/* Nobody else: too short to time one by one. */
#define BATCH 256

static void uncontended(struct st *st, struct st_worker *w, void *arg)
{
	struct sems *s = arg;
	int i;

	s->a.type->join(st, &s->a);
	while (st_go(w)) {
		for (i = 0; i < BATCH; i++) {
			ST_MUST(st, s->a.type->post(&s->a) == 0);
			ST_MUST(st, s->a.type->wait(&s->a) == 0);
		}
		st_done(w, BATCH);
	}
	has_value(st, &s->a, 3);
}

static void mutex(struct st *st, struct st_worker *w, void *arg)
{
	struct sems *s = arg;
	struct shared *m = s->shared;
	unsigned other;

	s->a.type->join(st, &s->a);
	while (st_go(w)) {
		ST_MUST(st, s->a.type->wait(&s->a) == 0);
		other = atomic_exchange(&m->owner, w->index + 1);
		ST_HOLDS(st, other == 0,
			 "two inside: worker %u came in while worker %u was "
			 "there",
			 w->index, other - 1);
		m->plain++;
		atomic_store(&m->owner, 0);
		ST_MUST(st, s->a.type->post(&s->a) == 0);
		atomic_fetch_add_explicit(&m->posts, 1, memory_order_relaxed);
		st_done(w, 1);
	}
}

/* Each passes the turn on; at the end the second one is let go. */
static void ping(struct st *st, struct st_worker *w, void *arg)
{
	struct sems *s = arg;

	join(st, s);
	while (st_go(w)) {
		ST_MUST(st, s->a.type->post(&s->a) == 0);
		pass(st, s, &s->b);
		st_done(w, 1);
		s->shared->posts++;
		ST_HOLDS(st, s->shared->waits == s->shared->posts,
			 "woken without a post: %" PRIu64 " answers to %" PRIu64
			 " calls",
			 s->shared->waits, s->shared->posts);
	}
	s->shared->over = true;
	ST_MUST(st, s->a.type->post(&s->a) == 0);
}

static void pong(struct st *st, struct st_worker *w, void *arg)
{
	struct sems *s = arg;

	join(st, s);
	for (;;) {
		pass(st, s, &s->a);
		if (s->shared->over)
			break;
		st_go(w);
		s->shared->waits++;
		ST_MUST(st, s->b.type->post(&s->b) == 0);
	}
}

/* All wait at a gate; the two gates take turns, so nobody goes twice. */
static void waiter(struct st *st, struct st_worker *w, void *arg)
{
	struct sems *s = arg;
	struct st_gate *g = &s->a;

	join(st, s);
	for (;; g = g == &s->a ? &s->b : &s->a) {
		pass(st, s, g);
		atomic_fetch_add(&s->shared->waits, 1);
		if (s->shared->over)
			break;
		st_go(w);
		st_sample(w, st_ns() - s->shared->first_post, 1);
		if (atomic_fetch_add(&s->shared->woken, 1) + 1 == s->waiters)
			st_tell(st, &s->all_woken);
	}
}

static void release(struct st *st, struct sems *s, struct st_gate *g)
{
	unsigned i;

	s->shared->first_post = st_ns();
	for (i = 0; i < s->waiters; i++)
		ST_MUST(st, g->type->post(g) == 0);
	s->shared->posts += s->waiters;
}

static void broadcaster(struct st *st, struct st_worker *w, void *arg)
{
	struct sems *s = arg;
	struct st_gate *g = &s->a;

	join(st, s);
	while (st_go(w)) {
		s->shared->woken = 0;
		release(st, s, g);
		st_await(st, &s->all_woken);
		ST_HOLDS(st, s->shared->waits == s->shared->posts,
			 "%" PRIu64 " posts woke %" PRIu64 " times",
			 s->shared->posts, s->shared->waits);
		has_value(st, g, 0);
		g = g == &s->a ? &s->b : &s->a;
	}
	s->shared->over = true;
	release(st, s, g);
}

static void alone(struct st *st, const struct st_gate_type *type)
{
	struct sems s = {0};

	two_gates(st, &s, type, 3);
	st_note(st, "batch", BATCH);
	st_start(st, 0, uncontended, &s);
	st_measure(st, NULL);
	has_value(st, &s.a, 3);
	remove_both(st, &s);
}

static void contended(struct st *st, const struct st_gate_type *type)
{
	struct sems s = {0};
	long i;

	two_gates(st, &s, type, 1);
	for (i = 0; i < st_param(st, 0); i++)
		st_start(st, 0, mutex, &s);
	st_measure(st, NULL);
	ST_HOLDS(st, s.shared->plain == s.shared->posts,
		 "lost update: %" PRIu64 " counted of %" PRIu64
		 " turns inside the mutex",
		 s.shared->plain, s.shared->posts);
	has_value(st, &s.a, 1);
	remove_both(st, &s);
}

static void pingpong(struct st *st, const struct st_gate_type *type, bool storm)
{
	struct sems s = {.storm = storm};

	two_gates(st, &s, type, 0);
	st_start(st, 0, ping, &s);
	st_start(st, 1, pong, &s);
	st_measure(st, NULL);
	has_value(st, &s.a, 0);
	has_value(st, &s.b, 0);
	if (storm)
		st_note(st, "interrupted", s.shared->interrupted);
	remove_both(st, &s);
}

static const struct st_variant crowd[] = {
    {"2", {2}, true}, {"4", {4}}, {"4c", {-4}, true}, {NULL}};
static const struct st_variant crowd_base[] = {
    {"2", {2}}, {"4c", {-4}}, {NULL}};

ST_WORKLOAD(sem_alone, .id = "sem/alone", .op = "post and wait",
	    .text = "one process: the value is posts - waits", .smoke = true,
	    .bench = ST_AT_ONE)
{
	alone(st, &st_gate_sem);
}

ST_WORKLOAD(sysvsem_alone, .id = "sysvsem/alone", .op = "up and down",
	    .text = "sem/alone with a System V semaphore, for scale",
	    .baseline = true)
{
	alone(st, &st_gate_sysv);
}

ST_WORKLOAD(eventfd_alone, .id = "eventfd/alone", .op = "write and read",
	    .text = "sem/alone with an eventfd, for scale", .baseline = true)
{
	alone(st, &st_gate_eventfd);
}

ST_WORKLOAD(sem_mutex, .id = "sem/mutex", .op = "turn",
	    .text = "N processes take turns: never two inside, no lost update",
	    .variants = crowd)
{
	contended(st, &st_gate_sem);
}

ST_WORKLOAD(sysvsem_mutex, .id = "sysvsem/mutex", .op = "turn",
	    .text = "sem/mutex with a System V semaphore, for scale",
	    .variants = crowd_base, .baseline = true)
{
	contended(st, &st_gate_sysv);
}

ST_WORKLOAD(eventfd_mutex, .id = "eventfd/mutex", .op = "turn",
	    .text = "sem/mutex with an eventfd, for scale",
	    .variants = crowd_base, .baseline = true)
{
	contended(st, &st_gate_eventfd);
}

ST_WORKLOAD(sem_pingpong, .id = "sem/pingpong", .op = "round trip",
	    .text = "two processes hand the turn to and fro: one wake per post",
	    .smoke = true, .bench = ST_AT_ONE | ST_AT_TWO)
{
	pingpong(st, &st_gate_sem, false);
}

ST_WORKLOAD(sysvsem_pingpong, .id = "sysvsem/pingpong", .op = "round trip",
	    .text = "sem/pingpong with System V semaphores, for scale",
	    .baseline = true)
{
	pingpong(st, &st_gate_sysv, false);
}

ST_WORKLOAD(eventfd_pingpong, .id = "eventfd/pingpong", .op = "round trip",
	    .text = "sem/pingpong with eventfds, for scale", .baseline = true)
{
	pingpong(st, &st_gate_eventfd, false);
}

ST_WORKLOAD(sem_broadcast, .id = "sem/broadcast", .op = "wake",
	    .text = "N posts for N waiters: each wakes once, and all do",
	    .variants = crowd)
{
	struct sems s = {.waiters = (unsigned)st_param(st, 0)};
	unsigned i;

	two_gates(st, &s, &st_gate_sem, 0);
	s.all_woken = st_wire(st);
	for (i = 0; i < s.waiters; i++)
		st_start(st, 0, waiter, &s);
	st_start(st, 1, broadcaster, &s);
	st_measure(st, NULL);
	ST_HOLDS(st, s.shared->posts == s.shared->waits,
		 "%" PRIu64 " posts and %" PRIu64 " waits", s.shared->posts,
		 s.shared->waits);
	has_value(st, &s.a, 0);
	has_value(st, &s.b, 0);
	remove_both(st, &s);
}

ST_WORKLOAD(sem_eintr, .id = "eintr/sem", .op = "round trip",
	    .text = "sem/pingpong in a storm of signals: an interrupted wait "
		    "took nothing",
	    .smoke = true)
{
	pingpong(st, &st_gate_sem, true);
}
