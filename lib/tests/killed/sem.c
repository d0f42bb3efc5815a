/* SPDX-License-Identifier: BSD-3-Clause */
/* Semaphores: the value is posts less waits, but for what is in doubt. */
#include "killed.h"

#include <string.h>

static sem_t *sem;
static int posts, waits; /* of all but the victim */

static int wait_until(long ms)
{
	struct timespec end = from_now(ms);

	return pipc__os_ref.sem_timedwait(sem, &end);
}

static int peer_waits(struct peer *p)
{
	(void)p;
	return wait_until(1000000);
}

static int victim_posts(void)
{
	return pipc__os_ref.sem_post(sem);
}

static int victim_waits(void)
{
	return wait_until(1000000);
}

static int victim_asks(void)
{
	int value;

	return pipc__os_ref.sem_getvalue(sem, &value);
}

static int victim_waits_late(void)
{
	return wait_until(30);
}

static void post(void)
{
	HOLDS(pipc__os_ref.sem_post(sem) == 0, "post: %s", strerror(errno));
	posts++;
}

static void two_posts(void)
{
	post();
	post();
}

static void make(int value)
{
	sem = pipc__os_ref.sem_open(OBJECT, O_CREAT | O_EXCL, 0600,
				    (unsigned)value);
	HOLDS(sem != SEM_FAILED, "sem_open: %s", strerror(errno));
}

static void prepare(const struct scene *s)
{
	int i;

	offers_last(s);
	make(s->there);
	posts = s->there;
	for (i = 0; i < s->receivers; i++) {
		peer(peer_waits);
		peer_is_asleep(i);
	}
	if (s->first_dies)
		peer_dies(0);
	if (s->first_stops) {
		peer_stops(0);
		if (s->takes || s->asks) { /* it was offered what there is */
			post();
			offers_grow_old();
		}
	}
}

static int wanted;

static int returned(void)
{
	int i, n = 0;

	for (i = 0; i < trial->peers; i++)
		n += trial->peer[i].returned;
	return n;
}

static bool enough_have_returned(void)
{
	return returned() >= wanted;
}

/* Each post is for one of those who wait; the last one is for nobody. */
static void serve(const struct scene *s)
{
	int alive = s->receivers - s->first_dies - s->first_stops, i;

	for (i = 0; i <= alive; i++) {
		post();
		wanted = s->takes ? i : i + 1;
		wanted = wanted < alive ? wanted : alive;
		HOLDS(await(enough_have_returned),
		      "a peer waits though there were posts: a lost wake-up");
	}
	waits += alive;
}

/* What the victim has done, it may not have done when it was killed. */
static void judge(const struct scene *s)
{
	int least = posts - waits, most = least, value, n;
	bool done = trial->ended && trial->result == 0;

	if (s->takes) {
		least -= !trial->ended || done;
		most -= done;
	} else if (!s->asks) {
		least += done;
		most += !trial->ended || done;
	}
	HOLDS(pipc__os_ref.sem_getvalue(sem, &value) == 0, "no value");
	for (n = 0; wait_until(0) == 0; n++)
		continue;
	HOLDS(errno == ETIMEDOUT, "wait: %s", strerror(errno));
	HOLDS(n == value, "a value of %d, but %d waits", value, n);
	HOLDS(n >= least && n <= most, "a value of %d, not %d to %d", n, least,
	      most);
}

static void as_new(void)
{
	HOLDS(pipc__os_ref.sem_post(sem) == 0, "post");
	HOLDS(wait_until(0) == 0, "no wait after a post");
	HOLDS(wait_until(0) == -1, "two waits after a post");
	pipc__os_ref.sem_unlink(OBJECT);
}

static void verify(const struct scene *s)
{
	if (!s->asks) /* else there is what went back, and nobody posts */
		serve(s);
	if (s->first_stops)
		offers_grow_old();
	judge(s);
	as_new();
}

static void prepare_nothing(const struct scene *s)
{
	(void)s;
}

static int victim_creates(void)
{
	make(0);
	return 0;
}

static void verify_name(const struct scene *s)
{
	(void)s;
	sem = pipc__os_ref.sem_open(OBJECT, 0, 0, 0);
	if (sem == SEM_FAILED) {
		HOLDS(errno == ENOENT && !trial->ended, "not created");
		make(0);
	}
	as_new();
}

#define SEM(name, what, ...)                                                   \
	{                                                                      \
		.id = name, .prepare = prepare, .act = what, .verify = verify, \
		__VA_ARGS__                                                    \
	}
#define POST(name, ...) SEM("post-" name, victim_posts, __VA_ARGS__)
#define WAIT(name, ...)                                                        \
	SEM("wait-" name, victim_waits, .takes = true, __VA_ARGS__)

const struct scene sem_scenes[] = {
    POST("free", .there = 0),
    POST("served", .receivers = 1),
    POST("served-first", .receivers = 2),
    POST("past-dead", .receivers = 2, .first_dies = true),
    POST("past-stopped", .receivers = 2, .first_stops = true),
    WAIT("revokes", .receivers = 1, .first_stops = true),
    SEM("getvalue-revokes", victim_asks, .asks = true, .receivers = 1,
	.first_stops = true),
    WAIT("free", .there = 1),
    WAIT("blocked", .meanwhile = post),
    WAIT("blocked-last", .receivers = 1, .meanwhile = two_posts),
    SEM("wait-late", victim_waits_late, .takes = true),
    SEM("wait-late-last", victim_waits_late, .takes = true, .receivers = 1),
    {.id = "sem-create",
     .prepare = prepare_nothing,
     .act = victim_creates,
     .verify = verify_name},
    {.id = NULL},
};
