/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A lock, and those who wait, in the order in which they came.
 *
 * Who comes first is given what all wait for, while the lock is held, and is
 * woken afterwards; so nobody overtakes, and what was given to somebody who
 * dies is not lost: each waiter holds a lock of its own that tells its death.
 */
#include "ref.h"

#include <sched.h>

void ref_gate_init(struct ref_gate *gate)
{
	ref_lock_init(&gate->lock);
}

void ref_recover(struct ref_waits *w, struct ref_section *s)
{
	/* Whoever has waited in vain goes on, and may close the object. */
	ref_hold_mapping(w, s);
	w->rebuild(w);
}

bool ref_enter(struct ref_waits *w, struct ref_section *s) PIPC_UNCHECKED
{
	s->held = false;
	s->woken = NULL;
	if (w->space != ref_space) {
		errno = ENOTSUP;
		return false;
	}
	s->guarded = w->guarded ||
		     atomic_load_explicit(&ref_handlers, memory_order_relaxed);
	if (s->guarded)
		ref_block_signals(&s->mask);
	switch (ref_lock(&w->gate->lock)) {
	case REF_LOCKED:
		return true;
	case REF_OWNER_DIED:
		ref_recover(w, s);
		ref_lock_mend(&w->gate->lock);
		return true;
	default:
		break;
	}
	if (s->guarded)
		pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
	errno = EIO;
	return false;
}

/* After the lock is free: else the one woken would wait for it. */
static COLD void leave_slowly(struct ref_waits *w, struct ref_section *s)
{
	if (s->woken != NULL)
		ref_wake(w, s->woken, s->given);
	if (s->held) {
		w->release(w);
		/* A handler may close the object, or not come back. */
		if (s->notifies)
			ref_send_signal(&s->signal);
	}
	if (s->guarded)
		pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
}

void ref_leave(struct ref_waits *w, struct ref_section *s) PIPC_UNCHECKED
{
	ref_unlock(&w->gate->lock);
	if (s->held || s->guarded)
		leave_slowly(w, s);
}

static uint32_t value_of(const struct ref_waiter *waiter)
{
	return atomic_load_explicit(&waiter->state.value, memory_order_acquire);
}

static enum ref_state state_of(const struct ref_waiter *waiter)
{
	return REF_STATE(value_of(waiter));
}

static uint32_t set(struct ref_waiter *waiter, enum ref_state state)
{
	uint32_t value = (value_of(waiter) & ~3u) | state;

	atomic_store_explicit(&waiter->state.value, value,
			      memory_order_release);
	return value;
}

static struct ref_waiter *at(const struct ref_waits *w, uint32_t index)
{
	return index - 1 < w->most ? &w->waiters[index - 1] : NULL;
}

static uint32_t index_of(const struct ref_waits *w,
			 const struct ref_waiter *waiter)
{
	return (uint32_t)(waiter - w->waiters) + 1;
}

/* True leaves the waiter's lock free. */
static bool has_died(struct ref_waiter *waiter)
{
	if (ref_claim(&waiter->alive)) {
		ref_unlock(&waiter->alive);
		return true;
	}
	if (ref_deaths_are_told() || kill(waiter->pid, 0) == 0 ||
	    errno != ESRCH)
		return false;
	ref_lock_init(&waiter->alive);
	return true;
}

/* POSIX: of those who wait, the most urgent; of these, who came first. */
static bool precedes(const struct ref_waiter *a, const struct ref_waiter *b)
{
	return a->priority != b->priority ? a->priority > b->priority
					  : a->ticket < b->ticket;
}

static void enqueue(struct ref_waits *w, struct ref_waiter *waiter)
{
	struct ref_gate *gate = w->gate;
	uint32_t index = index_of(w, waiter), side = waiter->side % REF_SIDES;
	uint32_t before = gate->last[side], n;
	struct ref_waiter *p = at(w, before);

	/* A damaged list may be a circle. */
	for (n = 0; n < w->most && p != NULL && precedes(waiter, p); n++) {
		before = p->before;
		p = at(w, before);
	}
	waiter->before = before;
	waiter->next = p != NULL ? p->next : gate->first[side];
	if (p != NULL)
		p->next = index;
	else
		gate->first[side] = index;
	p = at(w, waiter->next);
	if (p != NULL)
		p->before = index;
	else
		gate->last[side] = index;
}

static void dequeue(struct ref_waits *w, struct ref_waiter *waiter)
{
	struct ref_waiter *before = at(w, waiter->before);
	struct ref_waiter *next = at(w, waiter->next);
	unsigned side = waiter->side % REF_SIDES;

	if (before != NULL)
		before->next = waiter->next;
	else
		w->gate->first[side] = waiter->next;
	if (next != NULL)
		next->before = waiter->before;
	else
		w->gate->last[side] = waiter->before;
}

/* The lists, from those who wait. */
static void relist(struct ref_waits *w)
{
	struct ref_gate *gate = w->gate;
	uint32_t i;

	if (gate->used > w->most)
		gate->used = w->most;
	for (i = 0; i < REF_SIDES; i++)
		gate->first[i] = gate->last[i] = 0;
	for (i = 0; i < gate->used && i < w->most; i++) {
		w->waiters[i].side %= REF_SIDES;
		if (state_of(&w->waiters[i]) == REF_WAITING)
			enqueue(w, &w->waiters[i]);
	}
}

/* One that nobody uses, its lock taken. */
static struct ref_waiter *unused(struct ref_waits *w)
{
	struct ref_gate *gate = w->gate;
	struct ref_waiter *waiter;
	uint32_t i, used = gate->used;

	for (i = 0; i < used && i < w->most; i++) {
		waiter = &w->waiters[i];
		/* One just done may be about to let go of it. */
		if (state_of(waiter) != REF_FREE || !ref_claim(&waiter->alive))
			continue;
		if (waiter->slot != 0) /* what it was given, and has used */
			w->bury(w, waiter, REF_IN_VAIN);
		return waiter;
	}
	if (i >= w->most)
		return NULL;
	waiter = &w->waiters[i];
	if (!ref_fill(waiter, sizeof(*waiter)))
		return NULL;
	ref_lock_init(&waiter->alive);
	ref_word_init(&waiter->state);
	gate->used = i + 1;
	return ref_claim(&waiter->alive) ? waiter : NULL;
}

static int32_t urgency(void)
{
	struct sched_param param;
	int policy = sched_getscheduler(0);

	if ((policy != SCHED_FIFO && policy != SCHED_RR) ||
	    sched_getparam(0, &param) != 0)
		return 0;
	return param.sched_priority;
}

/* Its place becomes one that others look at. */
static void appear(struct ref_waiter *waiter, unsigned side,
		   enum ref_state state)
{
	waiter->side = side;
	if (!ref_deaths_are_told())
		waiter->pid = (int32_t)getpid();
	atomic_store_explicit(&waiter->state.value,
			      ((value_of(waiter) & ~3u) + 4) | state,
			      memory_order_release);
}

struct ref_waiter *ref_hold(struct ref_waits *w, unsigned side)
{
	struct ref_waiter *waiter = unused(w);

	if (waiter != NULL)
		appear(waiter, side, REF_GIVEN);
	return waiter;
}

struct ref_waiter *ref_join(struct ref_waits *w, unsigned side, uint32_t slot)
{
	struct ref_waiter *waiter = unused(w);

	if (waiter == NULL)
		return NULL;
#if REF_SEMAPHORES
	while (pipc__os_system.sem_trywait(&waiter->state.wake) == 0)
		continue; /* what an earlier wait did not need */
#endif
	waiter->slot = slot;
	waiter->priority = urgency();
	waiter->ticket = w->gate->ticket++;
	appear(waiter, side, REF_WAITING);
	enqueue(w, waiter);
	return waiter;
}

struct ref_waiter *ref_next(struct ref_waits *w, unsigned side)
{
	struct ref_waiter *waiter;

	while ((waiter = at(w, w->gate->first[side])) != NULL) {
		if (state_of(waiter) != REF_WAITING || waiter->side != side) {
			relist(w); /* the list was damaged */
			continue;
		}
		dequeue(w, waiter);
		if (!has_died(waiter))
			return waiter;
		set(waiter, REF_FREE);
		w->bury(w, waiter, REF_IN_VAIN);
	}
	w->gate->first[side] = w->gate->last[side] = 0;
	return NULL;
}

/* With the state: the same place may be another's in a moment. */
static uint64_t mark(const struct ref_waits *w, const struct ref_waiter *waiter,
		     uint32_t state)
{
	return (uint64_t)state << 32 | index_of(w, waiter);
}

uint32_t ref_give(struct ref_waits *w, struct ref_waiter *waiter)
{
	uint32_t state = (value_of(waiter) & ~3u) | REF_GIVEN;

	atomic_store_explicit(&w->gate->given, mark(w, waiter, state),
			      memory_order_relaxed);
	return set(waiter, REF_GIVEN);
}

static _Thread_local struct {
	const struct ref_gate *gate;
	uint64_t mark;
} woken;

void ref_wake(struct ref_waits *w, struct ref_waiter *waiter, uint32_t given)
{
	uint64_t mark_given = mark(w, waiter, given);

	woken.gate = w->gate;
	woken.mark = mark_given;
	ref_unpark(&waiter->state);
	atomic_compare_exchange_strong(&w->gate->given, &mark_given, 0);
}

bool ref_is_coming(const struct ref_waits *w)
{
	const struct ref_waiter *waiter = at(w, (uint32_t)woken.mark);

	return woken.gate == w->gate && waiter != NULL &&
	       value_of(waiter) == woken.mark >> 32;
}

COLD void ref_wake_given(struct ref_waits *w)
{
	uint64_t given = atomic_load(&w->gate->given);
	struct ref_waiter *waiter = at(w, (uint32_t)given);

	if (waiter != NULL && value_of(waiter) == given >> 32)
		ref_unpark(&waiter->state);
	/* With the lock nobody else is given something meanwhile. */
	atomic_store(&w->gate->given, 0);
}

void ref_done(struct ref_waits *w, struct ref_waiter *waiter)
{
	(void)w;
	set(waiter, REF_FREE);
	ref_unlock(&waiter->alive);
}

static COLD void inspect(struct ref_waits *w)
{
	struct ref_waiter *waiter;
	enum ref_state state;
	uint32_t i;

	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		state = state_of(waiter);
		if (state == REF_FREE)
			continue;
		if (!has_died(waiter))
			continue;
		if (state_of(waiter) == REF_FREE)
			continue; /* it was just done */
		if (state == REF_WAITING)
			dequeue(w, waiter);
		set(waiter, REF_FREE);
		w->bury(w, waiter,
			state == REF_WAITING ? REF_IN_VAIN : REF_TAKES_ALONG);
	}
}

void ref_look_after(struct ref_waits *w, struct ref_section *s)
{
	ref_look_back(w, s);
	if (w->gate->used < w->most)
		return;
	ref_hold_mapping(w, s);
	inspect(w);
}

/* Lists by ticket, and the dead out of them; what they had is derived anew. */
unsigned ref_rebuild_waiters(struct ref_waits *w)
{
	struct ref_gate *gate = w->gate;
	struct ref_waiter *waiter;
	uint32_t i, lost = 0;

	for (i = 0; i < gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (state_of(waiter) == REF_FREE)
			continue;
		if (has_died(waiter)) {
			lost += state_of(waiter) != REF_WAITING;
			set(waiter, REF_FREE);
		} else if (state_of(waiter) == REF_GIVEN) {
			ref_unpark(&waiter->state);
		}
	}
	atomic_store(&gate->given, 0);
	relist(w);
	return lost;
}

struct leaving {
	struct ref_waits *w;
	struct ref_waiter *waiter;
};

/*
 * A wait has ended, but not by being given anything: out of the list.  True if
 * something was given before that; it may be left behind.
 */
static bool withdraw(struct ref_waits *w, struct ref_waiter *waiter,
		     bool leave_behind) PIPC_EXCLUDES(w)
{
	struct ref_section s;
	bool given;

	if (!ref_enter(w, &s)) {
		/* As if its process had died: somebody may be able to tidy. */
		ref_unlock(&waiter->alive);
		return false;
	}
	given = state_of(waiter) != REF_WAITING;
	if (!given)
		dequeue(w, waiter);
	if (given && leave_behind)
		ref_look_back(w, &s);
	if (!given || leave_behind) {
		set(waiter, REF_FREE);
		w->bury(w, waiter, given ? REF_LEAVES_BEHIND : REF_IN_VAIN);
		ref_unlock(&waiter->alive);
	}
	ref_leave(w, &s);
	return given;
}

static void cancelled(void *arg)
{
	struct leaving *l = arg;

	withdraw(l->w, l->waiter, true);
}

int ref_wait(struct ref_waits *w, struct ref_waiter *waiter,
	     const struct ref_until *until)
{
	struct leaving leaving = {w, waiter};
	uint32_t waiting = (value_of(waiter) & ~3u) | REF_WAITING;
	volatile int error = 0;

	pthread_cleanup_push(cancelled, &leaving);
	while (error == 0 && value_of(waiter) == waiting)
		error = ref_park(&waiter->state, waiting, until);
	pthread_cleanup_pop(0);
	if (error == 0 || value_of(waiter) != waiting)
		return 0;
	return withdraw(w, waiter, false) ? 0 : error;
}
