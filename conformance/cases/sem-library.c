/* SPDX-License-Identifier: BSD-3-Clause */
/* The library's own promises about semaphores. */
#include "sem.h"

#include <math.h>
#include <string.h>

static void discard(struct ct *t, pipc_sem *sem)
{
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

/* A system without some calls, over the one that is tested. */
static struct pipc__os less;

static int absent_timedwait(sem_t *sem, const struct timespec *end)
{
	(void)sem;
	(void)end;
	errno = ENOSYS;
	return -1;
}

static int absent_clockwait(sem_t *sem, clockid_t clock,
			    const struct timespec *end)
{
	(void)clock;
	return absent_timedwait(sem, end);
}

static int absent_getvalue(sem_t *sem, int *value)
{
	(void)sem;
	(void)value;
	errno = ENOSYS;
	return -1;
}

static void use_less(struct ct *t)
{
	less = *t->os;
	less.sem_timedwait = absent_timedwait;
	less.sem_clockwait = less.sem_clockwait_np = absent_clockwait;
	less.sem_getvalue = absent_getvalue;
	pipc__use(&less);
}

/* C has no default arguments: 0 for each is what the defaults say. */
CT_CASE(sem_defaults, .id = "sem.library.defaults", .req = "SEM-015",
	.posix = "specification: Semaphore()",
	.text = "flags 0 open and do not create; value 0 is one that is busy; "
		"mode 0600 serves its owner",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	pipc_sem *sem, *again = NULL;

	CT_EXPECT(pipc_sem_open(&again, name, 0, 0600, 0),
		  PIPC_EXISTENTIAL_ERROR);
	CT_MUST(CT_EXPECT(pipc_sem_open(&sem, name, PIPC_O_CREAT, 0600, 0),
			  PIPC_OK));
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_MUST(CT_EXPECT(pipc_sem_open(&again, name, 0, 0600, 0), PIPC_OK));
	CT_EXPECT(pipc_sem_release(again), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_close(again), PIPC_OK);
	pipc_sem_free(again);
	discard(t, sem);
}

CT_CASE(sem_random_name, .id = "sem.library.random-name", .req = "SEM-038",
	.posix = "specification: Semaphore(None)",
	.text = "a NULL name gives each semaphore a name of its own, which "
		"begins with a slash, can be asked for and opened",
	.needs = CT_NEED_SEM)
{
	pipc_sem *a, *b, *again;

	CT_MUST(
	    CT_EXPECT(pipc_sem_open(&a, NULL, PIPC_O_CREX, 0600, 4), PIPC_OK));
	CT_MUST(
	    CT_EXPECT(pipc_sem_open(&b, NULL, PIPC_O_CREX, 0600, 0), PIPC_OK));
	CT_EQUAL(pipc_sem_name(a)[0], '/');
	CT_CHECK(strlen(pipc_sem_name(a)) <= 15);
	CT_CHECK(strcmp(pipc_sem_name(a), pipc_sem_name(b)) != 0);
	CT_MUST(CT_EXPECT(pipc_sem_open(&again, pipc_sem_name(a), 0, 0, 0),
			  PIPC_OK));
	CT_EXPECT(pipc_sem_acquire(again, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(b, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_close(again), PIPC_OK);
	pipc_sem_free(again);
	CT_EXPECT(pipc_sem_open(&again, NULL, 0, 0600, 0), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_open(&again, NULL, PIPC_O_CREAT, 0600, 0),
		  PIPC_VALUE_ERROR);
	discard(t, a);
	discard(t, b);
}

static void zero_never_waits(struct ct *t)
{
	pipc_sem *sem = ct_pipc_sem(t, 1);

	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

CT_CASE(sem_timeout_zero, .id = "sem.acquire.timeout-zero-busy",
	.req = "SEM-042 SEM-043 SEM-044",
	.posix = "XSH sem_trywait [EAGAIN]; specification: acquire(0)",
	.text = "timeout 0 takes what is there and is busy when it would wait, "
		"also where sem_timedwait is missing",
	.needs = CT_NEED_SEM)
{
	zero_never_waits(t);
	use_less(t);
	zero_never_waits(t);
}

CT_CASE(sem_float, .id = "sem.acquire.timeout-fraction",
	.req = "SEM-048 SEM-056", .posix = "specification: acquire(timeout)",
	.text = "a time-out of a fraction of a second is one",
	.needs = CT_NEED_SEM | CT_NEED_SEM_TIMEDWAIT)
{
	pipc_sem *sem = ct_pipc_sem(t, 0);
	int tries, good = 0;

	for (tries = 0; tries < 6 && good < 3; tries++) {
		struct timespec begin = ct_in_ms(CLOCK_MONOTONIC, 0), end;

		ct_settle(t);
		end = ct_in_ms(CLOCK_REALTIME, 30);
		CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0.03)),
			  PIPC_BUSY_ERROR);
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
		good += sem_in_time(&begin, 30);
	}
	CT_EQUAL(good, 3);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

static void blocks_until_released(struct ct *t, const struct timespec *timeout)
{
	pipc_sem *sem = ct_pipc_sem(t, 0);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_EXPECT(pipc_sem_acquire(sem, timeout), PIPC_OK);
	}
	ct_await_blocked(t, p);
	CT_CHECK(ct_still_blocked(t, p));
	CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	ct_join(t, p);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

CT_CASE(sem_no_timeout, .id = "sem.acquire.no-timeout", .req = "SEM-057",
	.posix = "specification: acquire(None)",
	.text = "without a time-out acquiring waits until it is released",
	.needs = CT_NEED_SEM)
{
	blocks_until_released(t, NULL);
}

CT_CASE(sem_timeout_infinite, .id = "sem.acquire.timeout-infinite",
	.req = "SEM-059", .posix = "specification: SEMAPHORE_TIMEOUT_SUPPORTED",
	.text = "where sem_timedwait is missing a time-out above 0 is infinite",
	.needs = CT_NEED_SEM)
{
	struct timespec soon = {0, 1000000};

	use_less(t);
	blocks_until_released(t, &soon);
}

CT_CASE(sem_bad_timeout, .id = "sem.acquire.timeout-negative", .req = "SEM-058",
	.posix = "the library's choice",
	.text = "time-outs that are none are refused and take nothing",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 1);
	struct timespec nsec = {0, 1000000000L};

	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(-0.5)), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(-1)), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(NAN)), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, &nsec), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	ct_note(t, "negative-timeout", "PIPC_VALUE_ERROR");
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

CT_CASE(sem_supported, .id = "sem.library.what-is-supported",
	.req = "SEM-060 SEM-061",
	.posix = "specification: SEMAPHORE_TIMEOUT_SUPPORTED, "
		 "SEMAPHORE_VALUE_SUPPORTED",
	.text = "what the library says of sem_timedwait and sem_getvalue is "
		"what calling them says",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	pipc_sem *lib;
	bool has;
	int value = 99;

	has = !(t->os->sem_timedwait(sem, &ct_past) != 0 && errno == ENOSYS);
	CT_EQUAL(pipc_limits()->semaphore_timeout_supported, has);
	has = !(t->os->sem_getvalue(sem, &value) != 0 && errno == ENOSYS);
	CT_EQUAL(pipc_limits()->semaphore_value_supported, has);
	SEM_CLOSE(sem);
	lib = ct_pipc_sem(t, 3);
	CT_EXPECT(pipc_sem_value(lib, &value),
		  has ? PIPC_OK : PIPC_UNSUPPORTED_ERROR);
	CT_EQUAL(value, has ? 3 : 99);
	CT_EXPECT(pipc_sem_close(lib), PIPC_OK);
	pipc_sem_free(lib);
	use_less(t);
	CT_EQUAL(pipc_limits()->semaphore_timeout_supported, false);
	CT_EQUAL(pipc_limits()->semaphore_value_supported, false);
	lib = ct_pipc_sem(t, 3);
	value = 99;
	CT_EXPECT(pipc_sem_value(lib, &value), PIPC_UNSUPPORTED_ERROR);
	CT_EQUAL(value, 99);
	CT_EXPECT(pipc_sem_close(lib), PIPC_OK);
	pipc_sem_free(lib);
}

CT_CASE(sem_closed, .id = "sem.library.closed-handle", .req = "SEM-090",
	.posix = "specification: close()",
	.text = "a closed handle acquires and releases no more, but its name "
		"and its unlink work",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem, *again;
	int value = 99;

	CT_SETUP(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 2));
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, NULL), PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(1)),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_sem_release(sem), PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_sem_value(sem, &value), PIPC_EXISTENTIAL_ERROR);
	CT_EQUAL(value, 99);
	CT_EXPECT(pipc_sem_close(sem), PIPC_EXISTENTIAL_ERROR);
	CT_MUST(CT_EXPECT(pipc_sem_open(&again, pipc_sem_name(sem), 0, 0, 0),
			  PIPC_OK));
	CT_EXPECT(pipc_sem_acquire(again, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_close(again), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_EXISTENTIAL_ERROR);
	pipc_sem_free(again);
	pipc_sem_free(sem);
}

CT_CASE(sem_dropped, .id = "sem.library.nothing-implicit", .req = "SEM-091",
	.posix = "specification: close()",
	.text = "freeing a handle neither closes nor unlinks",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name);
	pipc_sem *lib, *again;

	CT_MUST(CT_EXPECT(pipc_sem_open(&lib, name, 0, 0, 0), PIPC_OK));
	pipc_sem_free(lib);
	pipc_sem_free(NULL);
	CT_MUST(CT_EXPECT(pipc_sem_open(&again, name, 0, 0, 0), PIPC_OK));
	SEM_POST(sem);
	CT_EXPECT(pipc_sem_acquire(again, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(again), PIPC_OK);
	CT_EXPECT(pipc_sem_release(again), PIPC_OK);
	CT_EXPECT(pipc_sem_close(again), PIPC_OK);
	pipc_sem_free(again);
	SEM_CLOSE(sem);
}

/* Acquires, leaves the block early or not, releases; and nothing else. */
static bool guarded(struct ct *t, pipc_sem *sem, bool early)
{
	bool done = false;
	struct ct_peer *p;

	CT_EXPECT(pipc_sem_acquire(sem, NULL), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_EXPECT(pipc_sem_acquire(sem, NULL), PIPC_OK);
		CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	}
	ct_await_blocked(t, p);
	if (early)
		goto leave;
	done = true;
leave:
	CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	ct_join(t, p);
	return done;
}

CT_CASE(sem_context, .id = "sem.library.context", .req = "SEM-105",
	.posix = "specification: context manager",
	.text = "a block between acquire and release keeps another process "
		"out, and leaves the value, the handle and the name as they "
		"were, left early or not",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 1), *again;

	CT_CHECK(guarded(t, sem, false));
	CT_CHECK(!guarded(t, sem, true));
	CT_CHECK(guarded(t, sem, false));
	CT_MUST(CT_EXPECT(pipc_sem_open(&again, pipc_sem_name(sem), 0, 0, 0),
			  PIPC_OK));
	CT_EXPECT(pipc_sem_acquire(again, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(again, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_close(again), PIPC_OK);
	pipc_sem_free(again);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}
