/* SPDX-License-Identifier: BSD-3-Clause */
/* A storm of SIGKILL: what was acknowledged stays, and the rest goes on. */
#include "stress.h"

#include <sched.h>

#define VICTIMS 4
#define DOUBTS ST_KILLS
#define NUMBERS (1u << 25) /* of one sender, noted one by one */

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
	_Atomic uint64_t *late; /* received after a later one */
};

static _Atomic unsigned *kills;
static unsigned victims; /* the first workers */

/* About every other millisecond; any instruction may be the last. */
static bool strike(struct st *st)
{
	if (*kills < ST_KILLS && st_next(&st->seed) % 2 == 0) {
		atomic_fetch_add(kills, 1);
		st_kill_and_restart(st,
				    (unsigned)(st_next(&st->seed) % victims));
	}
	return *kills < st->kills;
}

static void storm(struct st *st, struct storm *s)
{
	memset(s, 0, sizeof(*s));
	s->log = st_memory(st, VICTIMS * sizeof(*s->log));
	s->sent = st_memory(st, sizeof(*s->sent));
	kills = st_memory(st, sizeof(*kills));
	victims = VICTIMS;
	s->note = st_memory(st, NUMBERS);
	s->over = st_memory(st, sizeof(*s->over));
	s->late = st_memory(st, sizeof(*s->late));
}

/* On a queue of 8 messages of that size. */
static void queue_storm(struct st *st, struct storm *s, size_t size)
{
	storm(st, s);
	st_road(st, &s->road, &st_road_mq, 8, size, true);
}

static void sem_storm(struct st *st, struct storm *s)
{
	storm(st, s);
	s->sem = st_sem(st, 0, &s->sem_name);
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
		if (n < 0)
			st__failed(st, "mq_receive");
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

	queue_storm(st, &s, ST_MESSAGE_MIN);
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
		if (n < 0)
			st__failed(st, "mq_receive");
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

	queue_storm(st, &s, ST_MESSAGE_MIN);
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

	sem_storm(st, &s);
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

/*
 * Both sides.  Each sender numbers its messages; whatever is killed, each
 * number arrives once at most.  At no receiver it arrives after a later one of
 * the same priority, but for what was offered to one that was killed, or had to
 * wait for a processor: few.
 */
#define KINDS 4
#define EACH (NUMBERS / VICTIMS)
#define LONG 4096 /* the reference copies these without its lock */

static void any_sender(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct storm *s = arg;
	struct log *l = &s->log[w->index];
	unsigned prio;

	in_doubt(l);
	s->road.type->join(st, &s->road);
	while (st_go(w) && l->intended + 1 < EACH) {
		atomic_fetch_add(&l->intended, 1);
		prio = 1 + (unsigned)(st_next(&w->seed) % KINDS);
		st_fill(&b, s->road.size, w->index, prio, (uint32_t)l->intended,
			0);
		ST_MUST(st, s->road.type->send(&s->road, b.bytes, prio) == 0);
		atomic_store(&l->acknowledged, l->intended);
	}
	while (st_go(w))
		sched_yield();
	st_fill(&b, s->road.size, w->index, 0, ST_END, 0);
	ST_MUST(st, s->road.type->send(&s->road, b.bytes, 0) == 0);
}

static void any_receiver(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	uint32_t last[VICTIMS][KINDS + 1] = {{0}};
	struct storm *s = arg;
	unsigned prio;
	ssize_t n;

	s->road.type->join(st, &s->road);
	for (;;) {
		n = s->road.type->receive(&s->road, b.bytes, &prio);
		if (n < 0)
			st__failed(st, "mq_receive");
		st_whole(st, &b, n, s->road.size, prio);
		if (b.m.seq == ST_END)
			break;
		ST_HOLDS(st, b.m.seq < EACH && b.m.from < VICTIMS,
			 "a message nobody sent");
		if (b.m.seq < last[b.m.from][prio])
			atomic_fetch_add(s->late, 1);
		else
			last[b.m.from][prio] = b.m.seq;
		ST_HOLDS(st,
			 atomic_fetch_add(&s->note[b.m.from * EACH + b.m.seq],
					  1) == 0,
			 "duplicated: number %" PRIu32 " of sender %u", b.m.seq,
			 b.m.from);
		st_go(w);
		st_count(w, 1);
	}
}

/* Acknowledged numbers that did not arrive. */
static unsigned missing_of(const struct storm *s, unsigned from)
{
	const struct log *l = &s->log[from];
	unsigned n = 0;
	uint64_t seq;

	for (seq = 1; seq <= l->acknowledged; seq++)
		n += s->note[from * EACH + seq] == 0 && !doubtful(l, seq);
	return n;
}

ST_WORKLOAD(kill_both, .id = "kill/mq-both", .op = "message",
	    .text = "4 senders and 4 receivers of 4 KiB killed at random: "
		    "nothing doubled, no more lost or out of order than "
		    "receivers",
	    .smoke = true)
{
	static struct storm s;
	unsigned i, missing = 0;
	uint64_t received = 0;

	queue_storm(st, &s, LONG);
	victims = 2 * VICTIMS;
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 1, any_sender, &s);
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 0, any_receiver, &s);
	st_measure(st, strike);
	for (i = 0; i < VICTIMS; i++)
		missing += missing_of(&s, i);
	for (i = 0; i < VICTIMS; i++)
		received += s.log[i].acknowledged;
	ST_HOLDS(st, *s.late <= *kills + received / 50,
		 "out of order: %" PRIu64 " of %" PRIu64 " messages came after "
		 "later ones, with %u kills",
		 *s.late, received, *kills);
	ST_HOLDS(st, missing <= *kills, "lost: %u messages with %u kills",
		 missing, *kills);
	st_note(st, "kills", *kills);
	st_note(st, "taken-along", missing);
	st_note(st, "late", (long long)*s.late);
	s.road.type->remove(st, &s.road);
}

/* Both sides of a semaphore: a post or a wait in doubt for each kill. */

static void killed_poster(struct st *st, struct st_worker *w, void *arg)
{
	struct storm *s = arg;
	struct log *l = &s->log[w->index];
	sem_t *sem = st_sem_again(st, s->sem_name);

	while (st_go(w)) {
		atomic_fetch_add(&l->intended, 1);
		ST_MUST(st, st->os->sem_post(sem) == 0);
		atomic_fetch_add(s->sent, 1);
		/* So that most of them wait when they are killed. */
		while (*s->sent > all_taken(s) + *kills + 8 && st_go(w))
			sched_yield();
	}
	*s->over = true;
	ST_MUST(st, st->os->sem_post(sem) == 0);
	atomic_fetch_add(&l->intended, 1);
	atomic_fetch_add(s->sent, 1);
}

static void any_waiter(struct st *st, struct st_worker *w, void *arg)
{
	struct storm *s = arg;
	sem_t *sem = st_sem_again(st, s->sem_name);

	while (!*s->over) {
		ST_MUST(st, st->os->sem_wait(sem) == 0);
		atomic_fetch_add(&s->log[w->index - VICTIMS].taken, 1);
		st_go(w);
		st_count(w, 1);
	}
}

ST_WORKLOAD(kill_sem_both, .id = "kill/sem-both", .op = "wait",
	    .text = "4 posters and 4 waiters killed at random: the value is "
		    "posts less waits, but for one a kill",
	    .smoke = true)
{
	static struct storm s;
	uint64_t taken, posts = 0;
	int value = 0, i;

	sem_storm(st, &s);
	victims = 2 * VICTIMS;
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 1, killed_poster, &s);
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 0, any_waiter, &s);
	st_measure(st, strike);
	for (i = 0; i < VICTIMS; i++)
		posts += s.log[i].intended;
	ST_MUST(st, st->os->sem_getvalue(s.sem, &value) == 0);
	taken = all_taken(&s) + (uint64_t)value;
	ST_HOLDS(st, taken <= posts,
		 "value: %" PRIu64 " waits and rest of %" PRIu64 " posts",
		 taken, posts);
	ST_HOLDS(st, taken + *kills >= *s.sent,
		 "lost: %" PRIu64 " of %" PRIu64 " posts with %u kills",
		 *s.sent - taken, *s.sent, *kills);
	st_note(st, "kills", *kills);
	ST_MUST(st, st->os->sem_close(s.sem) == 0);
	ST_MUST(st, st->os->sem_unlink(s.sem_name) == 0);
}

/* Those who ask to be notified: whoever is killed is in nobody's way. */

static int request(struct st *st, mqd_t q)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL,
			     .sigev_signo = SIGUSR1};

	int result = st->os->mq_notify(q, &e);

	if (result == 0 || errno == EBUSY)
		st_did(st, CT_NEED_MQ_NOTIFY);
	return result;
}

static sigset_t block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static void killed_registrant(struct st *st, struct st_worker *w, void *arg)
{
	const struct timespec moment = {0, 5000000};
	struct storm *s = arg;
	sigset_t set = block();

	s->road.type->join(st, &s->road);
	while (st_go(w)) {
		if (request(st, s->road.mqd) == 0)
			sigtimedwait(&set, NULL, &moment);
		else if (errno != EBUSY)
			st__failed(st, "mq_notify");
	}
	ST_MUST(st, st->os->mq_notify(s->road.mqd, NULL) == 0);
	ST_MUST(st, st->os->mq_close(s->road.mqd) == 0);
	atomic_fetch_add(s->sent, 1);
}

static void empty(struct st *st, struct storm *s)
{
	static union st_buffer b;
	unsigned prio;

	while (s->road.type->receive(&s->road, b.bytes, &prio) >= 0)
		continue;
	if (errno != EAGAIN)
		st__failed(st, "mq_receive");
}

/* With a request of its own standing, or somebody else's: a message fires. */
static void message(struct st *st, struct storm *s, bool own,
		    const sigset_t *set)
{
	const struct timespec long_time = {3, 0};
	static union st_buffer b;

	empty(st, s);
	st_fill(&b, s->road.size, 0, 1, 1, 0);
	ST_MUST(st, s->road.type->send(&s->road, b.bytes, 1) == 0);
	ST_HOLDS(st, !own || sigtimedwait(set, NULL, &long_time) == SIGUSR1,
		 "a message, but no notification");
}

static void surviving_registrant(struct st *st, struct st_worker *w, void *arg)
{
	struct storm *s = arg;
	sigset_t set = block();
	bool own;

	s->road.type->join(st, &s->road);
	while (st_go(w)) {
		own = request(st, s->road.mqd) == 0;
		if (!own && errno != EBUSY)
			st__failed(st, "mq_notify");
		message(st, s, own, &set);
		st_done(w, 1);
	}
	while (*s->sent < VICTIMS)
		sched_yield();
	ST_HOLDS(st, request(st, s->road.mqd) == 0,
		 "nobody is registered, and nobody can be");
	message(st, s, true, &set);
	empty(st, s);
}

ST_WORKLOAD(kill_registrants, .id = "kill/mq-registrants", .op = "message",
	    .text = "4 registrants killed at random: the next one can "
		    "register, and is notified",
	    .smoke = true)
{
	static struct storm s;
	int i;

	storm(st, &s);
	st_road(st, &s.road, &st_road_mq, 2, ST_MESSAGE_MIN, false);
	for (i = 0; i < VICTIMS; i++)
		st_start(st, 1, killed_registrant, &s);
	st_start(st, 0, surviving_registrant, &s);
	st_measure(st, strike);
	st_note(st, "kills", *kills);
	s.road.type->remove(st, &s.road);
}
