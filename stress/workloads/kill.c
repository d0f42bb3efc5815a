/* SPDX-License-Identifier: BSD-3-Clause */
/* A storm of SIGKILL: what was acknowledged stays, and the rest goes on. */
#include "stress.h"

#include <sched.h>

#define VICTIMS 4
#define DOUBTS 4096
#define NUMBERS (1u << 23) /* of one sender, noted one by one */

/*
 * A sender writes down a number before and after it sends it.  Killed in
 * between, nobody can know: that number is in doubt, and may be missing.
 */
struct storm {
	struct st_road road;
	sem_t *sem;
	const char *sem_name;
	struct log {
		_Atomic uint64_t intended, acknowledged;
		uint64_t doubt[DOUBTS];
		_Atomic unsigned doubts;
		_Atomic uint64_t taken; /* by a receiver */
	} * log;			/* one for each victim */
	_Atomic uint64_t *sent;
	_Atomic unsigned char *note; /* how often each number was seen */
	_Atomic bool *over;
};

static _Atomic unsigned *kills;

/* About every other millisecond; any instruction may be the last. */
static void strike(struct st *st)
{
	if (st_next(&st->seed) % 2 || *kills >= DOUBTS)
		return;
	atomic_fetch_add(kills, 1);
	st_kill_and_restart(st, (unsigned)(st_next(&st->seed) % VICTIMS));
}

static void storm(struct st *st, struct storm *s, bool with_mq)
{
	memset(s, 0, sizeof(*s));
	if (with_mq)
		st_road(st, &s->road, &st_road_mq, 8, ST_MESSAGE_MIN, true);
	else
		s->sem = st_sem(st, 0, &s->sem_name);
	s->log = st_memory(st, VICTIMS * sizeof(*s->log));
	s->sent = st_memory(st, sizeof(*s->sent));
	kills = st_memory(st, sizeof(*kills));
	s->note = st_memory(st, NUMBERS);
	s->over = st_memory(st, sizeof(*s->over));
}

static void in_doubt(struct log *l)
{
	unsigned n = atomic_load(&l->doubts);

	if (l->intended == l->acknowledged || n == DOUBTS)
		return;
	l->doubt[n] = l->intended;
	atomic_store(&l->doubts, n + 1);
	l->acknowledged = l->intended;
}

static bool doubtful(const struct log *l, uint64_t seq)
{
	unsigned i;

	for (i = 0; i < l->doubts; i++)
		if (l->doubt[i] == seq)
			return true;
	return false;
}

static void killed_sender(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct storm *s = arg;
	struct log *l = &s->log[w->index];

	in_doubt(l);
	s->road.type->join(st, &s->road);
	while (st_go(w)) {
		atomic_fetch_add(&l->intended, 1);
		st_fill(&b, s->road.size, w->index, 1, (uint32_t)l->intended,
			st_ns());
		ST_MUST(st, s->road.type->send(&s->road, b.bytes, 1) == 0);
		atomic_store(&l->acknowledged, l->intended);
		st_count(w, 1);
	}
	st_fill(&b, s->road.size, w->index, 0, ST_END, 0);
	ST_MUST(st, s->road.type->send(&s->road, b.bytes, 0) == 0);
}

static void survivor(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	uint64_t next[VICTIMS] = {1, 1, 1, 1}, seq;
	struct storm *s = arg;
	unsigned prio, ends = 0;
	ssize_t n;

	s->road.type->join(st, &s->road);
	while (ends < VICTIMS) {
		n = s->road.type->receive(&s->road, b.bytes, &prio);
		ST_MUST(st, n >= 0);
		st_whole(st, &b, n, s->road.size, prio);
		if (b.m.seq == ST_END && ++ends)
			continue;
		seq = b.m.seq;
		ST_HOLDS(st, seq >= next[b.m.from],
			 "duplicated or out of order: number %" PRIu64
			 " of sender %u after number %" PRIu64,
			 seq, b.m.from, next[b.m.from] - 1);
		for (; next[b.m.from] < seq; next[b.m.from]++)
			ST_HOLDS(st,
				 doubtful(&s->log[b.m.from], next[b.m.from]),
				 "lost: number %" PRIu64 " of sender %u"
				 " was acknowledged",
				 next[b.m.from], b.m.from);
		next[b.m.from]++;
		st_go(w);
		st_sample(w, st_age(&b.m), 1);
	}
	for (prio = 0; prio < VICTIMS; prio++)
		for (seq = next[prio]; seq <= s->log[prio].acknowledged; seq++)
			ST_HOLDS(st, doubtful(&s->log[prio], seq),
				 "lost: number %" PRIu64 " of sender %u was "
				 "acknowledged",
				 seq, prio);
}

ST_WORKLOAD(kill_senders, .id = "kill/mq-senders", .op = "message",
	    .text = "4 senders killed at random: nothing acknowledged is lost, "
		    "nothing doubled",
	    .smoke = true)
{
	static struct storm s;
	int i;

	storm(st, &s, true);
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 1, killed_sender, &s);
	st_start(st, 0, survivor, &s);
	st_measure(st, strike);
	st_note(st, "kills", *kills);
	s.road.type->remove(st, &s.road);
}

/* One sender; whoever is killed may take one message with it. */

static void lone_sender(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct storm *s = arg;
	uint32_t seq = 0;
	int i;

	s->road.type->join(st, &s->road);
	while (st_go(w) && seq + 1 < NUMBERS) {
		st_fill(&b, s->road.size, 0, 1, ++seq, st_ns());
		ST_MUST(st, s->road.type->send(&s->road, b.bytes, 1) == 0);
		atomic_store(s->sent, seq);
		st_done(w, 1);
	}
	/* Receivers are killed no more: the measurement is over. */
	while (st_go(w))
		sched_yield();
	for (i = 0; i < VICTIMS; i++) {
		st_fill(&b, s->road.size, 0, 0, ST_END, 0);
		ST_MUST(st, s->road.type->send(&s->road, b.bytes, 0) == 0);
	}
}

static void killed_receiver(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct storm *s = arg;
	unsigned prio;
	ssize_t n;

	s->road.type->join(st, &s->road);
	for (;;) {
		n = s->road.type->receive(&s->road, b.bytes, &prio);
		ST_MUST(st, n >= 0);
		st_whole(st, &b, n, s->road.size, prio);
		if (b.m.seq == ST_END)
			break;
		ST_HOLDS(st, b.m.seq < NUMBERS, "a message nobody sent");
		ST_HOLDS(st, atomic_fetch_add(&s->note[b.m.seq], 1) == 0,
			 "duplicated: number %" PRIu32 " arrived twice",
			 b.m.seq);
		st_go(w);
		st_count(w, 1);
	}
}

ST_WORKLOAD(kill_receivers, .id = "kill/mq-receivers", .op = "message",
	    .text = "4 receivers killed at random: each loses one message at "
		    "most, nothing doubled",
	    .smoke = true)
{
	static struct storm s;
	uint64_t missing = 0, seq;
	int i;

	storm(st, &s, true);
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 1, killed_receiver, &s);
	st_start(st, 0, lone_sender, &s);
	st_measure(st, strike);
	for (seq = 1; seq <= *s.sent; seq++)
		missing += s.note[seq] == 0;
	ST_HOLDS(st, missing <= *kills,
		 "lost: %" PRIu64 " messages with %u kills", missing, *kills);
	st_note(st, "kills", *kills);
	st_note(st, "taken-along", (long long)missing);
	s.road.type->remove(st, &s.road);
}

/* One poster, waiters killed: each takes one post with it at most. */

static uint64_t all_taken(const struct storm *s)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < VICTIMS; i++)
		n += s->log[i].taken;
	return n;
}

static void poster(struct st *st, struct st_worker *w, void *arg)
{
	struct storm *s = arg;
	sem_t *sem = st_sem_again(st, s->sem_name);
	int i;

	while (st_go(w)) {
		ST_MUST(st, st->os->sem_post(sem) == 0);
		atomic_fetch_add(s->sent, 1);
		st_done(w, 1);
		/* So that most of them wait when they are killed. */
		while (*s->sent > all_taken(s) + *kills + 8 && st_go(w))
			sched_yield();
	}
	*s->over = true;
	for (i = 0; i < VICTIMS; i++)
		ST_MUST(st, st->os->sem_post(sem) == 0);
	atomic_fetch_add(s->sent, VICTIMS);
}

static void killed_waiter(struct st *st, struct st_worker *w, void *arg)
{
	struct storm *s = arg;
	sem_t *sem = st_sem_again(st, s->sem_name);

	while (!*s->over) {
		ST_MUST(st, st->os->sem_wait(sem) == 0);
		atomic_fetch_add(&s->log[w->index].taken, 1);
		st_go(w);
	}
}

ST_WORKLOAD(kill_waiters, .id = "kill/sem-waiters", .op = "post",
	    .text = "4 waiters killed at random: each takes one post along at "
		    "most, none is invented",
	    .smoke = true)
{
	static struct storm s;
	uint64_t taken;
	int value = 0, i;

	storm(st, &s, false);
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 1, killed_waiter, &s);
	st_start(st, 0, poster, &s);
	st_measure(st, strike);
	taken = all_taken(&s);
	ST_MUST(st, st->os->sem_getvalue(s.sem, &value) == 0);
	taken += (uint64_t)value;
	ST_HOLDS(st, taken <= *s.sent,
		 "value: %" PRIu64 " waits and rest of %" PRIu64 " posts",
		 taken, *s.sent);
	ST_HOLDS(st, taken + *kills >= *s.sent,
		 "lost: %" PRIu64 " of %" PRIu64 " posts with %u kills",
		 *s.sent - taken, *s.sent, *kills);
	st_note(st, "kills", *kills);
	ST_MUST(st, st->os->sem_close(s.sem) == 0);
	ST_MUST(st, st->os->sem_unlink(s.sem_name) == 0);
}
