/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A storm of SIGSTOP, SIGCONT and SIGKILL: those that are not stopped go on,
 * nothing is doubled, and what is lost was taken along by one that was killed.
 */
#include "stress.h"

#include <sched.h>

#define TAKERS 4
#define NUMBERS (1u << 24)

/*
 * The giver has one message or post on the way: when it is taken the next one
 * comes.  So most takers wait, and the turn of each comes soon.  One that is
 * stopped may have it in its hands, which cannot be seen from outside.  So when
 * nobody goes on, one more is given: those that are stopped already must not
 * get that, and the others go on.  One that is stopped with the lock of an
 * object of the reference, or a busy machine, is an excuse for few of the
 * cases.
 */
struct storm {
	const char *sem_name;
	_Atomic uint64_t sent, taken;
	_Atomic unsigned killed, extra;
	_Atomic bool over;
	unsigned stops, times, stuck;
	bool is_stopped[TAKERS];
	uint64_t taken_before;
	unsigned patience;
	_Atomic unsigned char note[NUMBERS]; /* how often each was seen */
};
static struct storm *storm;
static struct st_road road; /* each process opens it itself */

#define PATIENCE 300 /* calls, a millisecond each at least */
#define LEAST 100    /* stops, before there are kills, and with them */

static void stop_some(struct st *st)
{
	unsigned i, running = (unsigned)(st_next(&st->seed) % TAKERS);

	for (i = 0; i < TAKERS; i++) {
		if (i == running || st_next(&st->seed) % 2)
			continue;
		storm->is_stopped[i] = true;
		storm->stops++;
		st_signal(st, i, SIGSTOP);
	}
	storm->taken_before = storm->taken;
	storm->times++;
	storm->patience = PATIENCE;
}

static void let_go(struct st *st)
{
	unsigned i;

	for (i = 0; i < TAKERS; i++) {
		if (!storm->is_stopped[i])
			continue;
		storm->is_stopped[i] = false;
		/* What it had is never counted: at first there are no kills. */
		if (storm->stops > LEAST && storm->killed < ST_KILLS &&
		    st_next(&st->seed) % 4 == 0) {
			atomic_fetch_add(&storm->killed, 1);
			st_kill_and_restart(st, i);
		} else {
			st_signal(st, i, SIGCONT);
		}
	}
	storm->extra = 0;
}

/* Each of those that are stopped would have had its turn by then. */
static bool strike(struct st *st)
{
	unsigned i, n = 0;

	for (i = 0; i < TAKERS; i++)
		n += storm->is_stopped[i];
	if (n == 0) {
		stop_some(st);
		return true;
	}
	if (storm->taken < storm->taken_before + TAKERS + 2 &&
	    --storm->patience > 0)
		return true;
	if (storm->patience == 0 && storm->extra == 0) {
		storm->extra = 1;
		storm->patience = PATIENCE;
		return true;
	}
	storm->stuck += storm->patience == 0;
	ST_HOLDS(st, storm->stuck <= 3 + storm->times / 8,
		 "held up: %u times of %u nobody went on while others were "
		 "stopped",
		 storm->stuck, storm->times);
	let_go(st);
	return storm->stops < 2 * LEAST || storm->stops < st->kills;
}

static void make_storm(struct st *st)
{
	storm = st_memory(st, sizeof(*storm));
}

/* Has all been taken?  What the killed had is taken by nobody. */
static bool is_wanted(void)
{
	return storm->sent <= storm->taken + storm->killed + storm->extra;
}

static void report(struct st *st)
{
	st_note(st, "stops", storm->stops);
	st_note(st, "kills", storm->killed);
	st_note(st, "stuck", storm->stuck);
}

static void sender(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	unsigned prio;
	int i;

	(void)arg;
	road.type->join(st, &road);
	while (st_go(w) && storm->sent + 1 < NUMBERS) {
		if (!is_wanted()) {
			sched_yield();
			continue;
		}
		prio = 1 + (unsigned)(st_next(&w->seed) % 2);
		st_fill(&b, road.size, 0, prio, (uint32_t)storm->sent + 1, 0);
		ST_MUST(st, road.type->send(&road, b.bytes, prio) == 0);
		atomic_fetch_add(&storm->sent, 1);
	}
	while (st_go(w))
		sched_yield();
	for (i = 0; i < TAKERS; i++) {
		st_fill(&b, road.size, 0, 0, ST_END, 0);
		ST_MUST(st, road.type->send(&road, b.bytes, 0) == 0);
	}
}

static void receiver(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	unsigned prio;
	ssize_t n;

	(void)arg;
	road.type->join(st, &road);
	for (;;) {
		n = road.type->receive(&road, b.bytes, &prio);
		if (n < 0)
			st__failed(st, "mq_receive");
		st_whole(st, &b, n, road.size, prio);
		if (b.m.seq == ST_END)
			break;
		ST_HOLDS(st, b.m.seq < NUMBERS, "a message nobody sent");
		ST_HOLDS(st, atomic_fetch_add(&storm->note[b.m.seq], 1) == 0,
			 "duplicated: number %" PRIu32, b.m.seq);
		atomic_fetch_add(&storm->taken, 1);
		st_go(w);
		st_count(w, 1);
	}
}

ST_WORKLOAD(stop_receivers, .id = "stop/mq-receivers", .op = "message",
	    .text = "4 receivers stopped, continued and killed at random: the "
		    "others go on, nothing lost but with the killed, nothing "
		    "doubled",
	    .smoke = true)
{
	uint64_t missing = 0, seq;
	int i;

	make_storm(st);
	st_road(st, &road, &st_road_mq, 8, ST_MESSAGE_MIN, true);
	for (i = 0; i < TAKERS; i++)
		st_start(st, 0, receiver, NULL);
	st_start(st, 1, sender, NULL);
	st_measure(st, strike);
	for (seq = 1; seq <= storm->sent; seq++)
		missing += storm->note[seq] == 0;
	ST_HOLDS(st, missing <= storm->killed,
		 "lost: %" PRIu64 " messages with %u kills", missing,
		 storm->killed);
	report(st);
	road.type->remove(st, &road);
}

static void poster(struct st *st, struct st_worker *w, void *arg)
{
	sem_t *sem = st_sem_again(st, storm->sem_name);
	int i;

	(void)arg;
	while (st_go(w)) {
		if (!is_wanted()) {
			sched_yield();
			continue;
		}
		ST_MUST(st, st->os->sem_post(sem) == 0);
		atomic_fetch_add(&storm->sent, 1);
	}
	storm->over = true;
	for (i = 0; i < TAKERS; i++)
		ST_MUST(st, st->os->sem_post(sem) == 0);
	atomic_fetch_add(&storm->sent, TAKERS);
}

static void waiter(struct st *st, struct st_worker *w, void *arg)
{
	sem_t *sem = st_sem_again(st, storm->sem_name);

	(void)arg;
	while (!storm->over) {
		ST_MUST(st, st->os->sem_wait(sem) == 0);
		atomic_fetch_add(&storm->taken, 1);
		st_go(w);
		st_count(w, 1);
	}
}

ST_WORKLOAD(stop_waiters, .id = "stop/sem-waiters", .op = "wait",
	    .text = "4 waiters stopped, continued and killed at random: the "
		    "others go on, each kill takes one post along at most, "
		    "none is invented",
	    .smoke = true)
{
	uint64_t taken;
	int value = 0, i;
	sem_t *sem;

	make_storm(st);
	sem = st_sem(st, 0, &storm->sem_name);
	for (i = 0; i < TAKERS; i++)
		st_start(st, 0, waiter, NULL);
	st_start(st, 1, poster, NULL);
	st_measure(st, strike);
	ST_MUST(st, st->os->sem_getvalue(sem, &value) == 0);
	taken = storm->taken + (uint64_t)value;
	ST_HOLDS(st, taken <= storm->sent,
		 "value: %" PRIu64 " waits and rest of %" PRIu64 " posts",
		 taken, storm->sent);
	ST_HOLDS(st, taken + storm->killed >= storm->sent,
		 "lost: %" PRIu64 " of %" PRIu64 " posts with %u kills",
		 storm->sent - taken, storm->sent, storm->killed);
	report(st);
	ST_MUST(st, st->os->sem_close(sem) == 0);
	ST_MUST(st, st->os->sem_unlink(storm->sem_name) == 0);
}
