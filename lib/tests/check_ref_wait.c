/* SPDX-License-Identifier: BSD-3-Clause */
/* Those who wait, in the order in which they came. */
#include "check_ref.h"

#define MOST 6

struct shared {
	struct ref_gate gate;
	struct ref_waiter waiters[MOST];
};
static struct ref_waits w;
static _Atomic unsigned buried, taken_along, left_behind, rebuilt, settled;

static void bury(struct ref_waits *waits, struct ref_waiter *dead,
		 enum ref_end end)
{
	ck_assert_ptr_eq(waits, &w);
	ck_assert_ptr_nonnull(dead);
	dead->slot = 0;
	buried += end == REF_IN_VAIN;
	taken_along += end == REF_TAKES_ALONG;
	left_behind += end == REF_LEAVES_BEHIND;
}

static void settle(struct ref_waits *waits)
{
	ck_assert_ptr_eq(waits, &w);
	settled++;
}

static void rebuild(struct ref_waits *waits)
{
	rebuilt++;
	ref_rebuild_waiters(waits);
}

static int references, holds;

static void hold(struct ref_waits *waits)
{
	ck_assert_ptr_eq(waits, &w);
	references++;
	holds++;
}

static void release(struct ref_waits *waits)
{
	ck_assert_ptr_eq(waits, &w);
	references--;
}

static void make_gate(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert(s != MAP_FAILED);
	ref_gate_init(&s->gate);
	w = (struct ref_waits){.gate = &s->gate,
			       .waiters = s->waiters,
			       .most = MOST,
			       .bury = bury,
			       .settle = settle,
			       .rebuild = rebuild,
			       .hold = hold,
			       .release = release};
	references = holds = 0;
	buried = taken_along = left_behind = rebuilt = settled = 0;
}

static struct ref_waiter *join(unsigned side)
{
	struct ref_waiter *waiter;

	ck_assert(ref_enter(&w, &section));
	waiter = ref_join(&w, side, 7);
	ref_leave(&w, &section);
	return waiter;
}

static struct ref_waiter *next(unsigned side)
{
	struct ref_waiter *waiter;

	ck_assert(ref_enter(&w, &section));
	waiter = ref_next(&w, side);
	ref_leave(&w, &section);
	return waiter;
}

/* Another process joins, and dies: after having been given something? */
static void dead_waiter(bool given, bool accepted)
{
	struct ref_waiter *waiter;
	pid_t pid = fork();

	if (pid == 0) {
		waiter = join(0);
		if (given) {
			next(0);
			ref_give(&w, waiter, REF_GIVEN);
			if (accepted)
				accept_offer(waiter);
		}
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(first_come_first_served)
{
	struct ref_waiter *a = join(0), *b = join(0), *x = join(1);
	struct ref_waiter *c = join(0);

	ck_assert_ptr_eq(next(0), a);
	ck_assert_ptr_eq(next(1), x);
	ck_assert_ptr_null(next(1));
	ck_assert_ptr_eq(next(0), b);
	ck_assert(ref_waiting(w.gate, 0));
	ck_assert_ptr_eq(next(0), c);
	ck_assert(!ref_waiting(w.gate, 0));
	ref_done(&w, a);
	ck_assert_ptr_eq(join(0), a); /* its place is used again */
	ck_assert_uint_eq(a->slot, 7);
}
END_TEST

static void joins_urgently(struct call *c)
{
	struct sched_param param = {.sched_priority = c->msg[0]};

	c->result = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	if (c->result == 0)
		c->result = join(0) - w.waiters;
	else
		c->result = -1;
}

/* The more urgent of the system's scheduling first, where one may ask. */
START_TEST(urgent_first)
{
	static const char urgencies[] = {1, 3, 2, 3};
	static const long order[] = {1, 3, 2, 0};
	struct call c;
	int i;

	for (i = 0; i < 4; i++) {
		c.msg[0] = urgencies[i];
		start_call(&c, joins_urgently);
		end_call(&c);
		if (c.result < 0)
			return;
		ck_assert_int_eq(c.result, i);
		/* The thread has ended, and counts as dead: not here. */
		ref_lock_init(&w.waiters[i].alive);
		ref_lock(&w.waiters[i].alive);
	}
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(next(0) - w.waiters, order[i]);
}
END_TEST

START_TEST(no_more_places)
{
	struct ref_waiter *waiter;
	int i;

	for (i = 0; i < MOST - 1; i++)
		ck_assert_ptr_nonnull(join(0));
	dead_waiter(false, false);
	ck_assert_ptr_null(join(0));
	ck_assert(ref_enter(&w, &section));
	ref_look_after(&w, &section); /* finds the dead one */
	waiter = ref_join(&w, 0, 0);
	ref_leave(&w, &section);
	ck_assert_ptr_eq(waiter, &w.waiters[MOST - 1]);
	ck_assert_uint_eq(buried, 1);
}
END_TEST

START_TEST(dead_are_passed_over)
{
	struct ref_waiter *a = join(0), *b;

	dead_waiter(false, false);
	b = join(0);
	ck_assert_ptr_eq(next(0), a);
	ck_assert_ptr_eq(next(0), b);
	ck_assert_uint_eq(buried, 1);
	ck_assert_uint_eq(taken_along + left_behind, 0);
	dead_waiter(false, false);
	ck_assert_ptr_null(next(0));
	ck_assert_uint_eq(buried, 2);
}
END_TEST

/* An offer of the dead is revoked, what they have accepted is gone with them.
 */
START_TEST(dead_with_what_they_got)
{
	const bool accepted = _i % 2;

	dead_waiter(true, accepted);
	ck_assert(w.gate->given != 0);
	ck_assert(ref_offers(&w));
	if (_i < 2)
		w.most = w.gate->used; /* places are scarce */
	else
		die_holding(&w.gate->lock);
	ck_assert(ref_enter(&w, &section));
	ref_look_after(&w, &section);
	ref_leave(&w, &section);
	ck_assert_uint_eq(rebuilt, _i >= 2);
	ck_assert_int_eq(REF_STATE(w.waiters[0].state.value), REF_FREE);
	if (_i < 2) {
		ck_assert_uint_eq(left_behind, !accepted);
		ck_assert_uint_eq(taken_along, 1);
	}
	ck_assert(!ref_offers(&w));
	ck_assert(w.gate->given == 0);
}
END_TEST

static void waits_for_offer(struct call *c)
{
	static const struct ref_until forever = {NULL, CLOCK_REALTIME};
	struct ref_waiter *waiter = join(0);

	waiter->watch = 0; /* it does not look unless it is woken */

	c->result = ref_wait(&w, waiter, &forever);
	if (c->result == 0)
		ref_done(&w, waiter);
}

/* One that does not accept its offer in time gets EAGAIN when it goes on. */
START_TEST(old_offers_are_revoked)
{
	struct call c;
	struct ref_waiter *a;

	start_call(&c, waits_for_offer);
	await_waiters(&w, 1);
	ck_assert(ref_enter(&w, &section));
	a = ref_next(&w, 0);
	ref_give(&w, a, REF_GIVEN); /* and not woken, */
	w.gate->given = 0;	    /* for nobody looks back */
	ref_leave(&w, &section);
	ck_assert(!ref_offers_are_due(&w));
	ref_take_back(&w);
	ck_assert_int_eq(REF_STATE(a->state.value), REF_GIVEN);
	a->since -= 1000;
	w.gate->offered -= 1000;
	ck_assert(ref_offers_are_due(&w));
	ref_take_back(&w);
	ck_assert_uint_eq(left_behind, 1);
	ck_assert_int_eq(REF_STATE(a->state.value), REF_EMPTY);
	ck_assert(!ref_offers(&w));
	ref_unpark(&a->state);
	end_call(&c);
	ck_assert_int_eq(c.result, EAGAIN);
	ck_assert_int_eq(REF_STATE(a->state.value), REF_FREE);
	ck_assert_uint_eq(left_behind, 1);
	ck_assert_int_eq(references, 0);
}
END_TEST

/* Accepted in the same moment: whoever is first. */
START_TEST(accepted_or_revoked)
{
	const struct ref_until forever = {NULL, CLOCK_REALTIME};
	struct ref_waiter *a = join(0), *b = join(0);

	ck_assert_ptr_eq(next(0), a);
	ref_give(&w, a, REF_GIVEN);
	ck_assert_int_eq(ref_wait(&w, a, &forever), 0);
	ck_assert(!ref_revoke(a));
	ref_done(&w, a);
	ck_assert(!ref_revoke(a));
	ck_assert(!ref_revoke(b)); /* it waits */
	ck_assert_ptr_eq(next(0), b);
	ref_give(&w, b, REF_GIVEN);
	ck_assert(ref_revoke(b));
	/* Whoever revoked it was killed: the waiter itself puts it back. */
	ck_assert_int_eq(ref_wait(&w, b, &forever), EAGAIN);
	ck_assert_uint_eq(left_behind, 1);
	ck_assert_int_eq(REF_STATE(b->state.value), REF_FREE);
}
END_TEST

/* The one behind a waiter that does not sleep is woken, and looks after it. */
START_TEST(the_next_one_looks)
{
	struct ref_waiter *a = join(0), *b;
	struct call c;

	start_call(&c, waits_for_offer);
	await_waiters(&w, 2);
	b = &w.waiters[1];
	ck_assert(ref_enter(&w, &section));
	ck_assert_ptr_eq(ref_next(&w, 0), a);
	ref_hold_mapping(&w, &section);
	section.woken = a;
	section.given = ref_give(&w, a, REF_GIVEN);
	ref_leave(&w, &section);
	while (left_behind == 0)
		sched_yield();
	ck_assert_int_eq(REF_STATE(a->state.value), REF_EMPTY);
	ck_assert(ref_enter(&w, &section));
	ck_assert_ptr_eq(ref_next(&w, 0), b);
	ref_hold_mapping(&w, &section);
	section.woken = b;
	section.given = ref_give(&w, b, REF_GIVEN);
	ref_leave(&w, &section);
	end_call(&c);
	ck_assert_int_eq(c.result, 0);
}
END_TEST

/* As the first does not, so the second one; or they are given by a rebuild. */
START_TEST(another_one_looks)
{
	struct ref_waiter *a = join(0);
	struct call c;

	if (_i == 0)
		join(0);
	start_call(&c, waits_for_offer);
	await_waiters(&w, _i == 0 ? 3 : 2);
	ck_assert(ref_enter(&w, &section));
	ck_assert_ptr_eq(ref_next(&w, 0), a);
	ref_hold_mapping(&w, &section);
	if (_i == 0) {
		section.woken = a;
		section.given = ref_give(&w, a, REF_GIVEN);
	} else {
		ref_give(&w, a, REF_GIVEN);
		ref_recover(&w, &section);
	}
	ref_leave(&w, &section);
	while (left_behind == 0)
		sched_yield();
	ck_assert_int_eq(REF_STATE(a->state.value), REF_EMPTY);
	ck_assert_int_eq(pthread_cancel(c.thread), 0);
	end_call(&c);
}
END_TEST

START_TEST(woken_and_done)
{
	struct ref_waiter *a = join(0), *b = join(0);
	const struct ref_until forever = {NULL, CLOCK_REALTIME};
	uint32_t given;

	ck_assert_ptr_eq(next(0), a);
	given = ref_give(&w, a, REF_GIVEN);
	ck_assert(w.gate->given != 0);
	ck_assert_int_eq(ref_wait(&w, a, &forever), 0);
	ref_wake(&w, a, given, 0);
	ck_assert(w.gate->given == 0);
	ref_done(&w, a);
	/* Done before it is woken. */
	ck_assert_ptr_eq(next(0), b);
	given = ref_give(&w, b, REF_GIVEN);
	ref_done(&w, b);
	ck_assert(w.gate->given != 0);
	/* Its place is another's, who is given something by another. */
	ck_assert_ptr_eq(join(0), a);
	ck_assert_ptr_eq(join(0), b);
	ck_assert_ptr_eq(next(0), a);
	ck_assert_ptr_eq(next(0), b);
	ref_give(&w, b, REF_GIVEN);
	ref_wake(&w, b, given, 0);
	ck_assert(w.gate->given != 0);
	/* What was in their slots went when the places were used again. */
	ck_assert_uint_eq(buried, 2);
	ck_assert_uint_eq(taken_along + left_behind, 0);
}
END_TEST

/* Who is waited for is the one whom this thread woke last, until he is done. */
START_TEST(woken_and_coming)
{
	struct ref_waiter *a = join(0);
	struct ref_gate elsewhere;
	const struct ref_waits other = {.gate = &elsewhere};
	uint32_t given;

	ck_assert(!ref_is_coming(&w));
	ck_assert_ptr_eq(next(0), a);
	given = ref_give(&w, a, REF_GIVEN);
	ck_assert(!ref_is_coming(&w));
	ref_wake(&w, a, given, 0);
	ck_assert(ref_is_coming(&w));
	ck_assert(!ref_is_coming(&other));
	ref_done(&w, a);
	ck_assert(!ref_is_coming(&w));
	/* Another who waits in the same place is not he. */
	ck_assert_ptr_eq(join(0), a);
	ck_assert(!ref_is_coming(&w));
}
END_TEST

/* A place without waiting: nobody gives it anything, and it has an owner. */
START_TEST(held)
{
	struct ref_waiter *a, *b;

	ck_assert(ref_enter(&w, &section));
	a = ref_hold(&w, 1);
	b = ref_hold(&w, 1);
	ck_assert_ptr_null(ref_next(&w, 1));
	ck_assert_ptr_ne(a, b);
	ck_assert_uint_eq(a->slot, 0);
	ref_leave(&w, &section);
	ref_done(&w, a);
	ck_assert(ref_enter(&w, &section));
	ck_assert_ptr_eq(ref_hold(&w, 0), a);
	ref_leave(&w, &section);
	ck_assert_uint_eq(buried, 0);
}
END_TEST

/* Whose waker was killed is woken by who looks after others. */
START_TEST(waker_is_killed)
{
	struct ref_waiter *a = join(0);
	const struct ref_until forever = {NULL, CLOCK_REALTIME};

	ck_assert_ptr_eq(next(0), a);
	ref_give(&w, a, REF_GIVEN);
	if (_i)
		die_holding(&w.gate->lock);
	ck_assert(ref_enter(&w, &section));
	ref_look_back(&w, &section);
	ref_leave(&w, &section);
	ck_assert_uint_eq(rebuilt, (unsigned)_i);
	ck_assert(w.gate->given == 0);
	ck_assert_int_eq(ref_wait(&w, a, &forever), 0);
	ref_done(&w, a);
}
END_TEST

START_TEST(time_runs_out)
{
	struct ref_waiter *a = join(0), *b = join(0);
	const struct timespec end = in_ms(5);
	const struct ref_until until = {&end, CLOCK_REALTIME};

	ck_assert_int_eq(ref_wait(&w, a, &until), ETIMEDOUT);
	ck_assert_uint_eq(buried, 1);
	ck_assert_int_eq(REF_STATE(a->state.value), REF_FREE);
	ck_assert_ptr_eq(next(0), b);
	ck_assert_int_eq(ref_trylock(&a->alive), REF_LOCKED);
}
END_TEST

/* It cannot take back its wait: it lets go, as if it had died. */
START_TEST(lock_is_broken)
{
	struct ref_waiter *a = join(0);
	const struct timespec end = in_ms(5);
	const struct ref_until until = {&end, CLOCK_REALTIME};

	ref_lock_seconds = 0;
	ck_assert_int_eq(ref_lock(&w.gate->lock), REF_LOCKED);
	ck_errno(ref_enter(&w, &section), EIO);
	ck_assert_int_eq(ref_wait(&w, a, &until), ETIMEDOUT);
	ref_unlock(&w.gate->lock);
	ck_assert_ptr_null(next(0));
	ck_assert_uint_eq(buried, 1);
}
END_TEST

START_TEST(signals_are_kept_out)
{
	sigset_t now;

	w.guarded = true;
	ck_assert(ref_enter(&w, &section));
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGALRM), 1);
	ref_leave(&w, &section);
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGALRM), 0);
	ref_lock_seconds = 0;
	ref_lock(&w.gate->lock);
	ck_errno(ref_enter(&w, &section), EIO);
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGALRM), 0);
}
END_TEST

/* A signal ends a process that waits for a lock whose owner is stopped. */
START_TEST(signals_come_in_a_long_wait)
{
	pid_t owner, waiter;
	int status;

	signal(SIGTERM, SIG_DFL); /* Check has a handler */
	w.guarded = true;
	owner = fork();
	if (owner == 0) {
		ref_enter(&w, &section);
		kill(getpid(), SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(owner, &status, WUNTRACED), owner);
	waiter = fork();
	if (waiter == 0) {
		ref_enter(&w, &section);
		_exit(0);
	}
	ck_assert_int_eq(kill(waiter, SIGTERM), 0);
	ck_assert_int_eq(waitpid(waiter, &status, 0), waiter);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	kill(owner, SIGKILL);
	ck_assert_int_eq(waitpid(owner, &status, 0), owner);
	ck_assert(ref_enter(&w, &section));
	ck_assert_uint_eq(rebuilt, 1);
	ref_leave(&w, &section);
}
END_TEST

static unsigned give_all(void)
{
	struct ref_waiter *waiter;
	unsigned n;

	for (n = 0; n < 10 && (waiter = next(0)) != NULL; n++)
		ref_give(&w, waiter, REF_GIVEN);
	return n;
}

/* However the lists are damaged, those who wait get their turn, once. */
START_TEST(damaged_lists)
{
	struct ref_waiter *a = join(0), *b = join(0), *c = join(0);
	unsigned got;

	switch (_i) {
	case 0: /* a circle */
		c->next = 1;
		a->before = 3;
		break;
	case 1:
		a->next = 1;
		break;
	case 2: /* out of range */
		a->next = 4000;
		w.gate->used = UINT32_MAX;
		break;
	case 3:
		b->side = UINT32_MAX;
		break;
	case 4: /* nobody's state */
		b->state.value = REF_GIVEN;
		break;
	case 5:
		a->ticket = b->ticket = c->ticket = UINT64_MAX;
		a->before = b->before = c->before = 2;
		w.gate->ticket = 0;
		ck_assert_ptr_nonnull(join(0));
		break;
	default:
		w.gate->first[0] = 2;
		b->before = 2;
	}
	got = give_all();
	die_holding(&w.gate->lock);
	got += give_all();
	/* One whose state is nobody's counts as given, and has none. */
	ck_assert_uint_eq(got, _i == 5 ? 4 : _i == 3 || _i == 4 ? 2 : 3);
	ck_assert(!ref_waiting(w.gate, 0));
	ck_assert_ptr_nonnull(join(0));
	ck_assert_ptr_nonnull(next(0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref wait");
	TCase *tc = tcase_create("wait");

	tcase_add_checked_fixture(tc, make_gate, NULL);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, first_come_first_served);
	tcase_add_test(tc, urgent_first);
	tcase_add_test(tc, no_more_places);
	tcase_add_test(tc, dead_are_passed_over);
	tcase_add_loop_test(tc, dead_with_what_they_got, 0, 4);
	tcase_add_test(tc, old_offers_are_revoked);
	tcase_add_test(tc, accepted_or_revoked);
	tcase_add_test(tc, the_next_one_looks);
	tcase_add_loop_test(tc, another_one_looks, 0, 2);
	tcase_add_test(tc, woken_and_done);
	tcase_add_test(tc, woken_and_coming);
	tcase_add_test(tc, held);
	tcase_add_loop_test(tc, waker_is_killed, 0, 2);
	tcase_add_test(tc, time_runs_out);
	tcase_add_test(tc, lock_is_broken);
	tcase_add_test(tc, signals_are_kept_out);
	tcase_add_test(tc, signals_come_in_a_long_wait);
	tcase_add_loop_test(tc, damaged_lists, 0, 7);
	return run_suite(suite);
}
