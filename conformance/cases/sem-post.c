/* SPDX-License-Identifier: BSD-3-Clause */
/* Posting, whom it wakes, and the value. */
#include "sem.h"

CT_CASE(sem_post_adds, .id = "sem.post.adds-one", .req = "SEM-062 SEM-079",
	.posix = "XSH sem_post; XBD Semaphore Unlock Operation",
	.text = "each post adds exactly one, also from another process",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;
	int value, i;

	for (i = 1; i <= 5; i++) {
		SEM_POST(sem);
		value = -99;
		CT_OK(t->os->sem_getvalue(sem, &value) == 0);
		CT_EQUAL(value, i);
	}
	CT_PEER (t, p) {
		SEM_POST(sem);
		CT_OK(t->os->sem_getvalue(sem, &value) == 0);
		CT_EQUAL(value, 6);
	}
	ct_join(t, p);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_EQUAL(value, 6);
	SEM_CLOSE(sem);
}

CT_CASE(sem_post_counts, .id = "sem.post.counted-by-taking", .req = "SEM-062",
	.posix = "XSH sem_post", .text = "as many can be taken as were posted",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 1, NULL);
	int i;

	for (i = 0; i < 10; i++)
		SEM_POST(sem);
	for (i = 0; i < 11; i++)
		CT_OK(t->os->sem_trywait(sem) == 0);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	SEM_CLOSE(sem);
}

enum { WAITERS = 4 };

/* Processes that wait, and how many are through. */
static void start_waiters(struct ct *t, sem_t *sem, struct ct_peer **p,
			  int *through)
{
	int i;

	for (i = 0; i < WAITERS; i++) {
		CT_PEER (t, p[i]) {
			ct_tell_parent(t);
			SEM_WAIT(sem);
			__atomic_add_fetch(through, 1, __ATOMIC_SEQ_CST);
			ct_tell_parent(t);
		}
		ct_await_blocked(t, p[i]);
	}
}

static int count(const int *through)
{
	return __atomic_load_n(through, __ATOMIC_SEQ_CST);
}

CT_CASE(sem_post_wakes_one, .id = "sem.post.wakes-one",
	.req = "SEM-063 SEM-064",
	.posix = "XSH sem_post (one of the threads blocked)",
	.text = "each post lets exactly one of several blocked processes "
		"through, and the value stays zero",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	int *through = ct_shared(t, sizeof(*through)), i;
	struct ct_peer *p[WAITERS];

	start_waiters(t, sem, p, through);
	SEM_POST(sem);
	CT_MUST(ct_await_count(t, through, 1));
	ct_settle(t);
	CT_EQUAL(count(through), 1);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	for (i = 2; i <= WAITERS; i++) {
		SEM_POST(sem);
		CT_MUST(ct_await_count(t, through, i));
	}
	for (i = 0; i < WAITERS; i++)
		ct_join(t, p[i]);
	CT_EQUAL(count(through), WAITERS);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_posts_at_once, .id = "sem.post.wakes-all", .req = "SEM-064",
	.posix = "XSH sem_post; XBD Semaphore Unlock Operation",
	.text = "as many posts at once as there are blocked processes let all "
		"of them through: no wake-up is lost",
	.needs = CT_NEED_SEM)
{
	int *through = ct_shared(t, sizeof(*through)), round, i;
	struct ct_peer *p[WAITERS];

	for (round = 0; round < 3; round++) {
		sem_t *sem = ct_sem(t, 0, NULL);

		*through = 0;
		start_waiters(t, sem, p, through);
		/* Stopped, none can have run before the next post. */
		for (i = 0; i < WAITERS && round > 0; i++)
			ct_stop(t, p[i]);
		for (i = 0; i < WAITERS; i++)
			SEM_POST(sem);
		for (i = 0; i < WAITERS && round > 0; i++)
			ct_continue(t, p[i]);
		CT_MUST(ct_await_count(t, through, WAITERS));
		for (i = 0; i < WAITERS; i++)
			ct_join(t, p[i]);
		CT_EQUAL(ct_value(t, sem), 0);
		SEM_CLOSE(sem);
	}
}

CT_CASE(sem_posts_crossing, .id = "sem.post.not-lost-to-arriving",
	.req = "SEM-064", .posix = "XSH sem_post, sem_wait",
	.text = "posts that cross with arriving waiters are not lost either",
	.needs = CT_NEED_SEM)
{
	enum { ROUNDS = 300 };
	sem_t *there = ct_sem(t, 0, NULL), *back = ct_sem(t, 0, NULL);
	struct ct_peer *p;
	int i;

	CT_PEER (t, p) {
		for (i = 0; i < ROUNDS; i++) {
			SEM_WAIT(there);
			SEM_POST(back);
		}
	}
	for (i = 0; i < ROUNDS; i++) {
		SEM_POST(there);
		SEM_WAIT(back);
	}
	ct_join(t, p);
	CT_EQUAL(ct_value(t, there), 0);
	CT_EQUAL(ct_value(t, back), 0);
	SEM_CLOSE(there);
	SEM_CLOSE(back);
}

CT_CASE(sem_post_order, .id = "sem.post.order", .req = "SEM-075",
	.posix = "XSH sem_post (appropriate to the scheduling policies)",
	.text = "the order in which waiters of the usual policy are woken",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	int *through = ct_shared(t, sizeof(*through)), i;
	int *place = ct_shared(t, sizeof(*place) * WAITERS);
	struct ct_peer *p[WAITERS];
	bool fifo = true;

	for (i = 0; i < WAITERS; i++) {
		CT_PEER (t, p[i]) {
			ct_tell_parent(t);
			SEM_WAIT(sem);
			place[i] =
			    __atomic_add_fetch(through, 1, __ATOMIC_SEQ_CST);
		}
		ct_await_blocked(t, p[i]);
	}
	for (i = 0; i < WAITERS; i++) {
		SEM_POST(sem);
		CT_MUST(ct_await_count(t, through, i + 1));
	}
	for (i = 0; i < WAITERS; i++) {
		ct_join(t, p[i]);
		fifo = fifo && place[i] == i + 1;
	}
	ct_note(t, "wake-order", fifo ? "first come, first served" : "other");
	SEM_CLOSE(sem);
}

CT_CASE(sem_getvalue_waiters, .id = "sem.getvalue.with-waiters",
	.req = "SEM-080", .posix = "XSH sem_getvalue (zero or negative)",
	.text = "with k processes waiting the value is 0 or -k",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	int *through = ct_shared(t, sizeof(*through)), value = 99, i;
	struct ct_peer *p[WAITERS];

	start_waiters(t, sem, p, through);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_CHECK(value == 0 || value == -WAITERS);
	ct_note(t, "value-with-waiters", value == 0 ? "0" : "-k");
	for (i = 0; i < WAITERS; i++)
		SEM_POST(sem);
	for (i = 0; i < WAITERS; i++)
		ct_join(t, p[i]);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_EQUAL(value, 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_getvalue_pure, .id = "sem.getvalue.changes-nothing",
	.req = "SEM-079 SEM-081",
	.posix = "XSH sem_getvalue (without affecting the state)",
	.text = "asking for the value, however often, changes nothing",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	sem_t *sem = ct_sem(t, 2, NULL);
	int value, i;

	for (i = 0; i < 5; i++) {
		value = -99;
		CT_OK(t->os->sem_getvalue(sem, &value) == 0);
		CT_EQUAL(value, 2);
	}
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_EQUAL(value, 0);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	SEM_CLOSE(sem);
}

/* At the largest value: what is left must be a value that may be. */
static int post_at_max(struct ct *t, int *error)
{
	unsigned max = sem_value_max(t);
	const char *name = ct_name(t);
	int value = -1, result;
	sem_t *sem;

	SEM_OPEN(sem, name, PIPC_O_CREX, 0600, max);
	result = t->os->sem_post(sem);
	*error = result == 0 ? 0 : errno;
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	SEM_CLOSE(sem);
	CT_OK(t->os->sem_unlink(name) == 0);
	return value;
}

CT_CASE(sem_post_at_max, .id = "sem.post.at-largest-value", .req = "SEM-065",
	.posix = "XSH sem_post; XBD limits.h {SEM_VALUE_MAX}",
	.text = "a post at the largest value leaves one from 0 to the largest",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	int error, value = post_at_max(t, &error);

	ct_note(t, "post-at-largest-value", "%s",
		error == 0 ? "success" : ct_errno_name(error));
	CT_CHECK(value >= 0 && (unsigned)value <= sem_value_max(t));
	if (error != 0)
		CT_EQUAL(value, sem_value_max(t));
}

CT_CASE(sem_post_overflow, .id = "sem.post.overflow", .req = "SEM-123",
	.posix = "XSH sem_post ERRORS [EOVERFLOW] (Issue 8)",
	.text = "a system of POSIX.1-2024 refuses a post at SEM_VALUE_MAX with "
		"EOVERFLOW",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	int error, value;

	if (t->os->sysconf(_SC_VERSION) < 202405L)
		ct_unsupported(t, "_POSIX_VERSION is before 202405L");
	value = post_at_max(t, &error);
	CT_EQUAL(error, EOVERFLOW);
	CT_EQUAL(value, sem_value_max(t));
}
