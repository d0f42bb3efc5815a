/* SPDX-License-Identifier: BSD-3-Clause */
/* Waiting with a deadline. */
#include "sem.h"

#define TIMED (CT_NEED_SEM | CT_NEED_SEM_TIMEDWAIT)
#define CLOCKED (CT_NEED_SEM | CT_NEED_SEM_CLOCKWAIT)

/* The same rules hold for sem_timedwait and, on each clock, sem_clockwait. */
enum how { TIMEDWAIT, REALTIME, MONOTONIC };

static clockid_t clock_of(enum how how)
{
	return how == MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

static int wait_until(struct ct *t, enum how how, sem_t *sem,
		      const struct timespec *end)
{
	return how == TIMEDWAIT ? t->os->sem_timedwait(sem, end)
				: t->os->sem_clockwait(sem, clock_of(how), end);
}

static void takes_at_once(struct ct *t, enum how how)
{
	sem_t *sem = ct_sem(t, 2, NULL);
	struct timespec end = ct_in_ms(clock_of(how), 50);

	CT_OK(wait_until(t, how, sem, &ct_past) == 0);
	CT_EQUAL(ct_value(t, sem), 1);
	CT_OK(wait_until(t, how, sem, &end) == 0);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(
    sem_timedwait_takes, .id = "sem.timedwait.takes-at-once", .req = "SEM-045",
    .needs = TIMED,
    .posix = "XSH sem_timedwait (under no circumstance fail with a timeout)",
    .text = "what can be taken is taken, though the deadline has passed")
{
	takes_at_once(t, TIMEDWAIT);
}

static void times_out(struct ct *t, enum how how)
{
	static const long ms[] = {20, 1, 5, 0}; /* then: before a tick */
	sem_t *sem = ct_sem(t, 0, NULL);
	unsigned i;

	for (i = 0; i < 8; i++) {
		struct timespec end = i < 4 ? ct_in_ms(clock_of(how), ms[i])
					    : ct_before_tick(clock_of(how));

		CT_ERRNO(wait_until(t, how, sem, &end) == -1, ETIMEDOUT);
		CT_CHECK(ct_reached(clock_of(how), &end));
	}
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_timedwait_early, .id = "sem.timedwait.never-early",
	.req = "SEM-048 SEM-054", .needs = TIMED,
	.posix = "XSH sem_timedwait (equals or exceeds abstime)",
	.text = "ETIMEDOUT comes at or after the deadline; the value stays")
{
	times_out(t, TIMEDWAIT);
}

CT_CASE(sem_timedwait_late, .id = "sem.timedwait.not-late", .req = "SEM-049",
	.needs = TIMED, .posix = "XSH sem_timedwait (shall be terminated)",
	.text = "the wait ends when its deadline expires")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	int tries, good = 0;

	for (tries = 0; tries < 6 && good < 3; tries++) {
		struct timespec begin = ct_in_ms(CLOCK_MONOTONIC, 0);
		struct timespec end;

		ct_settle(t);
		end = ct_in_ms(CLOCK_REALTIME, 20);
		CT_ERRNO(t->os->sem_timedwait(sem, &end) == -1, ETIMEDOUT);
		good += sem_in_time(&begin, 20);
	}
	CT_EQUAL(good, 3);
	SEM_CLOSE(sem);
}

CT_CASE(sem_timedwait_past, .id = "sem.timedwait.past", .req = "SEM-047",
	.needs = TIMED, .posix = "XSH sem_timedwait ERRORS [ETIMEDOUT]",
	.text = "at zero a deadline that has passed is ETIMEDOUT at once, and "
		"nothing is owed")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec now = ct_in_ms(CLOCK_REALTIME, 0), epoch = {0, 0};
	struct timespec sharp = {now.tv_sec - 1, 999999999};

	CT_ERRNO(t->os->sem_timedwait(sem, &ct_past) == -1, ETIMEDOUT);
	CT_ERRNO(t->os->sem_timedwait(sem, &now) == -1, ETIMEDOUT);
	CT_ERRNO(t->os->sem_timedwait(sem, &epoch) == -1, ETIMEDOUT);
	CT_ERRNO(t->os->sem_timedwait(sem, &sharp) == -1, ETIMEDOUT);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_timedwait_posted, .id = "sem.timedwait.posted", .req = "SEM-050",
	.needs = TIMED, .posix = "XSH sem_timedwait",
	.text = "a post before the deadline ends the wait, which has taken it")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec end = sem_far();
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(t->os->sem_timedwait(sem, &end) == 0);
		CT_CHECK(!ct_reached(CLOCK_REALTIME, &end));
	}
	ct_await_blocked(t, p);
	SEM_POST(sem);
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

static void bad_nanoseconds(struct ct *t, enum how how, long nsec)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec far = ct_in_ms(clock_of(how), 60000), past = ct_past;

	far.tv_nsec = past.tv_nsec = nsec;
	CT_ERRNO(wait_until(t, how, sem, &far) == -1, EINVAL);
	CT_ERRNO(wait_until(t, how, sem, &past) == -1, EINVAL);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_timedwait_negative, .id = "sem.timedwait.nsec-negative",
	.req = "SEM-051 SEM-054", .needs = TIMED,
	.posix = "XSH sem_timedwait ERRORS [EINVAL] (less than zero)",
	.text = "negative nanoseconds are EINVAL when it would block")
{
	bad_nanoseconds(t, TIMEDWAIT, -1);
	bad_nanoseconds(t, TIMEDWAIT, LONG_MIN);
}

CT_CASE(
    sem_timedwait_large, .id = "sem.timedwait.nsec-too-large",
    .req = "SEM-052 SEM-054", .needs = TIMED,
    .posix = "XSH sem_timedwait ERRORS [EINVAL] (1000 million)",
    .text = "1000 million nanoseconds or more are EINVAL when it would block")
{
	bad_nanoseconds(t, TIMEDWAIT, 1000000000L);
	bad_nanoseconds(t, TIMEDWAIT, LONG_MAX);
}

CT_CASE(sem_timedwait_unchecked, .id = "sem.timedwait.nsec-not-needed",
	.req = "SEM-046", .needs = TIMED,
	.posix = "XSH sem_timedwait (validity need not be checked)",
	.text = "a value above zero and bad nanoseconds: taken, or EINVAL and "
		"left")
{
	sem_t *sem = ct_sem(t, 1, NULL);
	struct timespec bad = {1, -1};
	bool taken = t->os->sem_timedwait(sem, &bad) == 0;
	int error = errno;

	ct_note(t, "nsec-not-needed", "%s",
		taken ? "success" : ct_errno_name(error));
	if (!taken)
		CT_EQUAL(error, EINVAL);
	CT_EQUAL(ct_value(t, sem), taken ? 0 : 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_timedwait_before_1970, .id = "sem.timedwait.sec-negative",
	.req = "SEM-053", .needs = TIMED,
	.posix = "XSH sem_timedwait ERRORS [ETIMEDOUT]",
	.text = "negative seconds: ETIMEDOUT or EINVAL at once, nothing taken")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec end = {-1, 0};
	bool taken;
	int error;

	CT_OK(((taken = t->os->sem_timedwait(sem, &end) == 0), error = errno,
	       !taken));
	ct_note(t, "sec-negative", "%s", ct_errno_name(error));
	CT_CHECK(error == ETIMEDOUT || error == EINVAL);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_timedwait_ghosts, .id = "sem.timedwait.leaves-no-waiter",
	.req = "SEM-054", .needs = TIMED,
	.posix = "XSH sem_timedwait RETURN VALUE (shall be unchanged)",
	.text = "who gave up does not count as a waiter: the next post wakes "
		"the one who waits, the one after that is kept")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec bad = {1, -1};
	struct ct_peer *p;
	int i;

	for (i = 0; i < 3; i++) {
		struct timespec end = ct_in_ms(CLOCK_REALTIME, 2);

		CT_ERRNO(t->os->sem_timedwait(sem, &end) == -1, ETIMEDOUT);
		CT_ERRNO(t->os->sem_timedwait(sem, &bad) == -1, EINVAL);
	}
	CT_EQUAL(ct_value(t, sem), 0);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		SEM_WAIT(sem);
	}
	ct_await_blocked(t, p);
	SEM_POST(sem);
	ct_join(t, p);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	SEM_CLOSE(sem);
}

/* Nobody steps the clock of a machine that others use; the two differ. */
CT_CASE(sem_timedwait_clock, .id = "sem.timedwait.realtime-clock",
	.req = "SEM-055", .needs = TIMED,
	.posix = "XSH sem_timedwait (based on the CLOCK_REALTIME clock)",
	.text = "the deadline is one of CLOCK_REALTIME, and of no other clock")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec real = ct_in_ms(CLOCK_REALTIME, 20);
	struct timespec other = ct_in_ms(CLOCK_MONOTONIC, 60000);

	if (!ct_reached(CLOCK_REALTIME, &other))
		ct_unresolved(t, "the clocks do not differ by enough");
	CT_ERRNO(t->os->sem_timedwait(sem, &other) == -1, ETIMEDOUT);
	CT_ERRNO(t->os->sem_timedwait(sem, &real) == -1, ETIMEDOUT);
	CT_CHECK(ct_reached(CLOCK_REALTIME, &real));
	SEM_CLOSE(sem);
}

CT_CASE(sem_clockwait_both, .id = "sem.clockwait.both-clocks",
	.req = "SEM-082 SEM-124", .needs = CLOCKED,
	.posix = "XSH sem_clockwait (Issue 8)",
	.text = "on both clocks sem_clockwait takes at once, and times out "
		"not before its deadline on that clock")
{
	takes_at_once(t, REALTIME);
	takes_at_once(t, MONOTONIC);
	times_out(t, REALTIME);
	times_out(t, MONOTONIC);
}

CT_CASE(sem_clockwait_posted, .id = "sem.clockwait.posted", .req = "SEM-082",
	.needs = CLOCKED, .posix = "XSH sem_clockwait (Issue 8)",
	.text = "a post before the deadline ends the wait")
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, 60000);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(wait_until(t, MONOTONIC, sem, &end) == 0);
	}
	ct_await_blocked(t, p);
	SEM_POST(sem);
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_clockwait_refuses, .id = "sem.clockwait.refuses",
	.req = "SEM-082 SEM-125", .needs = CLOCKED,
	.posix = "XSH sem_clockwait ERRORS [EINVAL] (Issue 8)",
	.text = "bad nanoseconds and a clock that is none are EINVAL when it "
		"would block; the value stays")
{
	struct timespec end = ct_in_ms(CLOCK_REALTIME, 20);
	clockid_t none = (clockid_t)0x7654;
	sem_t *sem = ct_sem(t, 0, NULL);

	bad_nanoseconds(t, REALTIME, -1);
	bad_nanoseconds(t, MONOTONIC, 1000000000L);
	CT_ERRNO(t->os->sem_clockwait(sem, none, &end) == -1, EINVAL);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	takes_at_once(t, MONOTONIC);
	SEM_CLOSE(sem);
}
