/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A lock, and those who wait, in the order in which they came.
 *
 * The waiter that came first is given what all wait for, while the lock is
 * held, and is woken afterwards; so nobody overtakes.  What is given is an
 * offer: a waiter that is stopped, killed, or gone by siglongjmp() does not
 * accept it, and then it goes back.  Each waiter holds a lock of its own that
 * tells its death.
 */
#include "ref.h"

#include <sched.h>

/*
 * An offer is revoked after so many milliseconds.  A thread that was woken gets
 * a processor sooner, even if a dozen others want it (each has it for some 3
 * ms), and is not overtaken then; and a person does not notice them.
 */
unsigned ref_offer_ms = 50;
/*
 * The waiter behind one that was given something looks after it at last after
 * so long.  Nearly always something else comes first: see ref_wake().
 */
#define LATE_MS 10000

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
	switch (ref_lock_unless_ended(&w->gate->lock,
				      s->guarded ? &s->mask : NULL)) {
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
		ref_wake(w, s->woken, s->given, s->behind);
	if (s->held) {
		if (s->told != NULL)
			ref_await_signal(s->told, s->number);
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
	if (s->woken != NULL)
		s->behind = ref_first(w, s->woken->side % REF_SIDES);
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

static uint32_t with_state(uint32_t value, enum ref_state state)
{
	return value / REF_STATES * REF_STATES | state;
}

static uint32_t set(struct ref_waiter *waiter, enum ref_state state)
{
	uint32_t value = with_state(value_of(waiter), state);

	atomic_store_explicit(&waiter->state.value, value,
			      memory_order_release);
	return value;
}

/* Unless its state is another by now. */
static bool change(struct ref_waiter *waiter, enum ref_state from,
		   enum ref_state to)
{
	uint32_t value = value_of(waiter);

	return REF_STATE(value) == from &&
	       atomic_compare_exchange_strong(&waiter->state.value, &value,
					      with_state(value, to));
}

bool ref_revoke(struct ref_waiter *waiter)
{
	return change(waiter, REF_GIVEN, REF_REVOKED) ||
	       state_of(waiter) == REF_REVOKED;
}

void ref_has_gone_back(struct ref_waiter *waiter)
{
	change(waiter, REF_REVOKED, REF_EMPTY);
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

bool ref_has_died(struct ref_waiter *waiter)
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
	__atomic_store_n(&gate->used, i + 1, __ATOMIC_RELAXED);
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
			      with_state(value_of(waiter) + REF_STATES, state),
			      memory_order_release);
}

struct ref_waiter *ref_hold(struct ref_waits *w, unsigned side)
{
	struct ref_waiter *waiter = unused(w);

	if (waiter != NULL)
		appear(waiter, side, REF_ACCEPTED);
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
	waiter->watch = ref_offers(w)		     ? ref_offer_ms
			: ref_waiting(w->gate, side) ? LATE_MS
						     : 0;
	waiter->priority = urgency();
	waiter->ticket = w->gate->ticket++;
	appear(waiter, side, REF_WAITING);
	enqueue(w, waiter);
	/* It comes before one that may have thought itself the first. */
	if (waiter->next != 0 && at(w, waiter->next) != NULL)
		ref_unpark(&at(w, waiter->next)->state);
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
		if (!ref_has_died(waiter))
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

uint64_t ref_mark(const struct ref_waits *w, const struct ref_waiter *waiter)
{
	return mark(w, waiter, value_of(waiter));
}

struct ref_waiter *ref_marked(const struct ref_waits *w, uint64_t mark)
{
	struct ref_waiter *waiter = at(w, (uint32_t)mark);

	return waiter != NULL && value_of(waiter) == mark >> 32 ? waiter : NULL;
}

static void note_offer(struct ref_gate *gate, struct ref_waiter *waiter)
{
	waiter->since = ref_ms();
	if (atomic_load_explicit(&gate->offers, memory_order_relaxed))
		return;
	atomic_store_explicit(&gate->offered, waiter->since,
			      memory_order_relaxed);
	atomic_store_explicit(&gate->offers, 1, memory_order_relaxed);
}

uint32_t ref_give(struct ref_waits *w, struct ref_waiter *waiter,
		  enum ref_state state)
{
	uint32_t value = with_state(value_of(waiter), state);

	if (state == REF_GIVEN)
		note_offer(w->gate, waiter);
	atomic_store_explicit(&w->gate->given, mark(w, waiter, value),
			      memory_order_relaxed);
	return set(waiter, state);
}

static _Thread_local struct {
	const struct ref_gate *gate;
	uint64_t mark;
} woken;

/* Of those who wait on that side, the first one that sleeps is to look. */
static COLD void wake_to_look(struct ref_waits *w, unsigned side)
    PIPC_REQUIRES(w)
{
	struct ref_waiter *p = at(w, ref_first(w, side));
	uint32_t n;

	for (n = 0; n < w->most && p != NULL && !ref_unpark(&p->state); n++)
		p = at(w, p->next);
}

static COLD void wake_another(struct ref_waits *w, unsigned side)
    PIPC_EXCLUDES(w)
{
	struct ref_section s;

	if (!ref_enter(w, &s))
		return;
	wake_to_look(w, side);
	ref_leave(w, &s);
}

void ref_wake(struct ref_waits *w, struct ref_waiter *waiter, uint32_t given,
	      uint32_t behind)
{
	uint64_t mark_given = mark(w, waiter, given);
	struct ref_waiter *next = at(w, behind);
	bool slept;

	woken.gate = w->gate;
	woken.mark = mark_given;
	slept = ref_unpark(&waiter->state);
	if (!slept && next != NULL && REF_STATE(given) == REF_GIVEN &&
	    !ref_unpark(&next->state))
		wake_another(w, next->side % REF_SIDES);
	/* Last: whoever comes after this process was killed wakes anew. */
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

	if (waiter != NULL && value_of(waiter) == given >> 32 &&
	    !ref_unpark(&waiter->state))
		wake_to_look(w, waiter->side % REF_SIDES);
	/* With the lock nobody else is given something meanwhile. */
	atomic_store(&w->gate->given, 0);
}

/* With a reference: what it was given goes back; settle() is to follow. */
static COLD void take_back(struct ref_waits *w, struct ref_waiter *waiter)
    PIPC_REQUIRES(w)
{
	w->bury(w, waiter, REF_LEAVES_BEHIND);
	ref_has_gone_back(waiter);
}

/*
 * With a reference: a waiter has died, or goes.  True: what it was given has
 * gone back, and settle() is to follow.
 */
static COLD bool end(struct ref_waits *w, struct ref_waiter *dead)
    PIPC_REQUIRES(w)
{
	enum ref_end how = REF_TAKES_ALONG;
	bool back = ref_revoke(dead);

	if (back)
		take_back(w, dead);
	if (state_of(dead) == REF_WAITING) {
		dequeue(w, dead);
		how = REF_IN_VAIN;
	}
	set(dead, REF_FREE);
	w->bury(w, dead, how);
	return back;
}

static bool is_old(uint32_t since)
{
	return ref_ms() - since >= ref_offer_ms;
}

/* Which offers there are.  Until then those that there were count. */
static COLD void derive_offers(struct ref_waits *w) PIPC_REQUIRES(w)
{
	struct ref_gate *gate = w->gate;
	uint32_t i, offers = 0, offered = 0;
	struct ref_waiter *waiter;

	for (i = 0; i < gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (state_of(waiter) == REF_GIVEN &&
		    (!offers || (int32_t)(offered - waiter->since) > 0)) {
			offered = waiter->since;
			offers = 1;
		}
	}
	atomic_store_explicit(&gate->offered, offered, memory_order_relaxed);
	atomic_store_explicit(&gate->offers, offers, memory_order_release);
}

/*
 * Those that nobody has accepted for long.  All of them go back before any is
 * given to another waiter: else a later one could be given before an earlier
 * one.  With back, something has gone back already.
 */
static COLD void revoke_old_offers(struct ref_waits *w, struct ref_section *s,
				   bool back) PIPC_REQUIRES(w)
{
	struct ref_gate *gate = w->gate;
	struct ref_waiter *waiter;
	uint32_t i;

	ref_hold_mapping(w, s);
	for (i = 0; i < gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (state_of(waiter) != REF_GIVEN)
			continue;
		if (ref_has_died(waiter)) {
			back = end(w, waiter) || back;
		} else if (is_old(waiter->since) && ref_revoke(waiter)) {
			take_back(w, waiter);
			back = true;
		}
	}
	if (back)
		w->settle(w);
	/* Last: should this process be killed, others look, and recover. */
	derive_offers(w);
}

bool ref_offers_are_due(const struct ref_waits *w)
{
	return ref_offers(w) && is_old(atomic_load_explicit(
				    &w->gate->offered, memory_order_relaxed));
}

COLD void ref_look_at_offers(struct ref_waits *w, struct ref_section *s)
{
	if (ref_offers_are_due(w))
		revoke_old_offers(w, s, false);
}

COLD void ref_take_back(struct ref_waits *w)
{
	struct ref_section s;

	if (!ref_enter(w, &s))
		return;
	ref_look_back(w, &s);
	ref_look_at_offers(w, &s);
	ref_leave(w, &s);
}

static COLD void inspect(struct ref_waits *w) PIPC_REQUIRES(w)
{
	struct ref_waiter *waiter;
	bool back = false;
	uint32_t i;

	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (state_of(waiter) == REF_FREE || !ref_has_died(waiter))
			continue;
		if (state_of(waiter) != REF_FREE) /* it was just done */
			back = end(w, waiter) || back;
	}
	if (back)
		w->settle(w);
}

void ref_look_after(struct ref_waits *w, struct ref_section *s)
{
	ref_look_back(w, s);
	if (ref_offers(w))
		revoke_old_offers(w, s, false);
	if (w->gate->used == w->most) {
		ref_hold_mapping(w, s);
		inspect(w);
	}
}

/* What the dead had, their objects have derived anew before. */
void ref_rebuild_waiters(struct ref_waits *w)
{
	struct ref_gate *gate = w->gate;
	struct ref_waiter *waiter;
	uint32_t i;

	for (i = 0; i < gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (state_of(waiter) == REF_FREE)
			continue;
		if (ref_has_died(waiter))
			set(waiter, REF_FREE);
		else /* one that was given nothing looks after the others */
			ref_unpark(&waiter->state);
	}
	atomic_store(&gate->given, 0);
	relist(w);
	/* Whoever looks next derives anew what offers there are. */
	gate->offers = 1;
	gate->offered = ref_ms() - ref_offer_ms;
}

/*
 * The waits of this thread: more than one if handlers of signals wait.  One
 * that is left by siglongjmp() stays here, with its place and its reference.
 */
#define DEPTH 4
static _Thread_local struct wait_record {
	struct ref_waits *w;
	struct ref_waiter *waiter;
	const char *frame;
	unsigned forks;
} waits[DEPTH];
_Thread_local unsigned ref_depth;
_Thread_local const char *ref_entry;

static void record(struct ref_waits *w, struct ref_waiter *waiter,
		   const char *frame)
{
	if (ref_depth < DEPTH)
		waits[ref_depth++] =
		    (struct wait_record){w, waiter, frame, ref_forks};
}

static void strike_out(const struct ref_waiter *waiter)
{
	if (ref_depth > 0 && waits[ref_depth - 1].waiter == waiter)
		ref_depth--;
}

/*
 * Has this thread left its wait?  Then its stack is shorter than it was there,
 * or as long, but for the frames of this library.  A handler that interrupts
 * the wait has at least the system's record of the signal between, or another
 * stack.
 */
#define OWN_FRAMES 512
#if defined(__linux__) && defined(_GNU_SOURCE)
/*
 * A stack for signals may be anywhere, and the system does not always say that
 * it is in use (SS_AUTODISARM).
 */
static COLD bool is_on_own_stack(const char *frame)
{
	pthread_attr_t attr;
	void *lowest = NULL;
	size_t size = 0;

	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return false;
	pthread_attr_getstack(&attr, &lowest, &size);
	pthread_attr_destroy(&attr);
	return frame >= (const char *)lowest &&
	       frame < (const char *)lowest + size;
}
#else
static COLD bool is_on_own_stack(const char *frame)
{
	stack_t stack;

	(void)frame;
	return sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_ONSTACK);
}
#endif

static COLD bool is_ghost(const struct wait_record *r, const char *frame)
{
	return frame + OWN_FRAMES > r->frame && is_on_own_stack(frame);
}

/*
 * A wait has ended, but not by accepting something: out of the list.  Returns 0
 * if something was given before that and has been accepted now, which is not so
 * when it is to be left behind.
 */
static int withdraw_locked(struct ref_waits *w, struct ref_section *s,
			   struct ref_waiter *waiter, int error,
			   bool leave_behind) PIPC_REQUIRES(w)
{
	bool back;

	if (!leave_behind && (change(waiter, REF_GIVEN, REF_ACCEPTED) ||
			      state_of(waiter) == REF_ACCEPTED))
		return 0;
	back = end(w, waiter);
	ref_unlock(&waiter->alive);
	if (back)
		revoke_old_offers(w, s, true);
	return error;
}

static int withdraw(struct ref_waits *w, struct ref_waiter *waiter, int error,
		    bool leave_behind) PIPC_EXCLUDES(w)
{
	struct ref_section s;

	if (!ref_enter(w, &s)) {
		/* As if its process had died: somebody may be able to tidy. */
		ref_unlock(&waiter->alive);
		return error == EAGAIN ? EIO : error;
	}
	/* What follows may give something to others. */
	ref_hold_mapping(w, &s);
	ref_look_back(w, &s);
	error = withdraw_locked(w, &s, waiter, error, leave_behind);
	ref_leave(w, &s);
	return error;
}

COLD void ref_end_own_ghosts(void)
{
	const char *frame = __builtin_frame_address(0);
	struct wait_record ghost;

	while (ref_depth > 0 && is_ghost(&waits[ref_depth - 1], frame)) {
		ghost = waits[--ref_depth];
		/* It was in a call that changes that for a while. */
		pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL);
		if (ghost.forks != ref_forks)
			continue; /* the parent's */
		withdraw(ghost.w, ghost.waiter, 0, true);
		ghost.w->release(ghost.w);
	}
}

COLD void ref_end_own_ghost_locked(struct ref_waits *w, struct ref_section *s)
{
	const struct wait_record *ghost = &waits[ref_depth - 1];

	if (ghost->w != w || ghost->forks != ref_forks ||
	    !is_ghost(ghost, __builtin_frame_address(0)))
		return;
	ref_depth--;
	ref_hold_mapping(w, s);
	w->release(w); /* its reference */
	ref_look_back(w, s);
	withdraw_locked(w, s, ghost->waiter, 0, true);
}

void ref_done(struct ref_waits *w, struct ref_waiter *waiter)
{
	(void)w;
	strike_out(waiter);
	set(waiter, REF_FREE);
	ref_unlock(&waiter->alive);
}

struct leaving {
	struct ref_waits *w;
	struct ref_waiter *waiter;
};

static void cancelled(void *arg)
{
	struct leaving *l = arg;

	strike_out(l->waiter);
	withdraw(l->w, l->waiter, 0, true);
}

/* Looks after those that were given something before this one. */
static COLD void look_around(struct ref_waits *w, struct ref_waiter *waiter)
    PIPC_EXCLUDES(w)
{
	const struct ref_gate *gate = w->gate;
	unsigned side = waiter->side % REF_SIDES;
	struct ref_section s;

	if (!ref_enter(w, &s))
		return;
	ref_look_back(w, &s);
	if (ref_offers(w))
		revoke_old_offers(w, &s, false);
	waiter->watch = ref_offers(w)				? ref_offer_ms
			: gate->first[side] != gate->last[side] ? LATE_MS
								: 0;
	ref_leave(w, &s);
}

/* Sleeps until something changes, but no longer than it is not to look. */
static int sleep_once(struct ref_waiter *waiter, uint32_t waiting,
		      const struct ref_until *until)
{
	struct timespec end;
	const struct ref_until soon = {&end, until->clock};
	int error;

	if (waiter->watch == 0 || clock_gettime(until->clock, &end) != 0)
		return ref_park(&waiter->state, waiting, until);
	end.tv_nsec += waiter->watch % 1000 * 1000000L;
	end.tv_sec += waiter->watch / 1000 + end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	if (until->deadline != NULL &&
	    (until->deadline->tv_sec < end.tv_sec ||
	     (until->deadline->tv_sec == end.tv_sec &&
	      until->deadline->tv_nsec <= end.tv_nsec)))
		return ref_park(&waiter->state, waiting, until);
	error = ref_park(&waiter->state, waiting, &soon);
	return error == ETIMEDOUT ? 0 : error;
}

static int sleep_until_given(struct ref_waits *w, struct ref_waiter *waiter,
			     const struct ref_until *until)
{
	const uint32_t waiting = with_state(value_of(waiter), REF_WAITING);
	const unsigned forks = ref_forks;
	uint32_t looked = waiter->watch != 0 ? ref_ms() : 0;
	int error = 0;

	while (error == 0 && value_of(waiter) == waiting) {
		error = sleep_once(waiter, waiting, until);
		if (forks != ref_forks)
			return ECHILD;
		if (error != 0 || value_of(waiter) != waiting)
			continue;
		/* Where no time ran out, it was woken to look. */
		if (!REF_FUTEX &&
		    (waiter->watch == 0 || ref_ms() - looked < waiter->watch))
			continue;
		look_around(w, waiter);
		looked = ref_ms();
	}
	return error;
}

int ref_wait(struct ref_waits *w, struct ref_waiter *waiter,
	     const struct ref_until *until)
{
	struct leaving leaving = {w, waiter};
	volatile int error;

	record(w, waiter, ref_entry);
	pthread_cleanup_push(cancelled, &leaving);
	error = sleep_until_given(w, waiter, until);
	pthread_cleanup_pop(0);
	if (error == ECHILD) {
		/* A handler has forked: the place is the parent's. */
		strike_out(waiter);
		return EAGAIN;
	}
	if (state_of(waiter) == REF_ACCEPTED ||
	    change(waiter, REF_GIVEN, REF_ACCEPTED))
		return 0;
	error = withdraw(w, waiter, error == 0 ? EAGAIN : error, false);
	if (error != 0)
		strike_out(waiter);
	return error;
}
