/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification: once a message is there; and a dead one stands in nobody's way.
 */
#include "killed.h"

#include <string.h>

#define SIGNAL SIGRTMIN

static mqd_t q;

static int request(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL,
			     .sigev_signo = SIGNAL};

	return pipc__os_ref.mq_notify(q, &e);
}

static int cancel(void)
{
	return pipc__os_ref.mq_notify(q, NULL);
}

static int send_one(void)
{
	struct timespec end = from_now(PATIENCE * 1000L);

	return pipc__os_ref.mq_timedsend(q, "x", 1, 0, &end);
}

static void send_must(void)
{
	HOLDS(send_one() == 0, "send: %s", strerror(errno));
}

static long messages(void)
{
	struct mq_attr a;

	HOLDS(pipc__os_ref.mq_getattr(q, &a) == 0, "no attributes");
	return a.mq_curmsgs;
}

static void empty(void)
{
	struct timespec past = {0, 0};
	char buf[16];

	while (pipc__os_ref.mq_timedreceive(q, buf, sizeof(buf), NULL, &past) >=
	       0)
		continue;
	HOLDS(errno == ETIMEDOUT, "receive: %s", strerror(errno));
}

static void make(void)
{
	struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 16};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	q = pipc__os_ref.mq_open(OBJECT, O_CREAT | O_EXCL | O_RDWR, 0600, &a);
	HOLDS(q != PIPC__BAD_MQD, "mq_open: %s", strerror(errno));
}

static bool signalled(long seconds)
{
	const struct timespec time = {seconds, 0};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	return sigtimedwait(&set, &info, &time) == SIGNAL;
}

/* Returns when it is notified; result: of its request. */
static int peer_is_notified(struct peer *p)
{
	p->result = request();
	p->got = 1;
	while (!signalled(1000))
		continue;
	return 0;
}

static bool peer_has_asked(void)
{
	return ((volatile struct trial *)trial)->peer[0].got == 1;
}

static bool peer_has_returned(void)
{
	return trial->peer[0].returned;
}

static void prepare(const struct scene *s)
{
	make();
	if (s->receivers == 0)
		return;
	peer(peer_is_notified);
	HOLDS(await(peer_has_asked) && trial->peer[0].result == 0,
	      "a request fails");
}

static void prepare_dead(const struct scene *s)
{
	prepare(s);
	peer_dies(0);
}

static int victim_requests(void)
{
	return request();
}

static int victim_changes_its_mind(void)
{
	return request() == 0 ? cancel() : -1;
}

static int victim_closes(void)
{
	return request() == 0 ? pipc__os_ref.mq_close(q) : -1;
}

static int victim_tries(void)
{
	return request();
}

/* Whoever asks next is notified of the next message. */
static void verify_free(const struct scene *s)
{
	(void)s;
	HOLDS(request() == 0, "mq_notify after a death: %s", strerror(errno));
	empty();
	send_must();
	HOLDS(signalled(PATIENCE), "not notified");
	HOLDS(!signalled(0), "notified twice");
	pipc__os_ref.mq_unlink(OBJECT);
}

/* The peer's request stands, until there is a message. */
static void verify_fired(const struct scene *s)
{
	if (messages() == 0) {
		HOLDS(!trial->ended || trial->result != 0 || s->act != send_one,
		      "lost: the message");
		HOLDS(!trial->peer[0].returned, "notified of nothing");
		HOLDS(request() == -1 && errno == EBUSY, "two requests");
		send_must();
	}
	HOLDS(await(peer_has_returned), "a message, but no notification");
	verify_free(s);
}

const struct scene notify_scenes[] = {
    {.id = "notify-fires",
     .prepare = prepare,
     .act = send_one,
     .verify = verify_fired,
     .receivers = 1},
    {.id = "notify-fires-dead",
     .prepare = prepare_dead,
     .act = send_one,
     .verify = verify_free,
     .receivers = 1},
    {.id = "notify-busy",
     .prepare = prepare,
     .act = victim_tries,
     .verify = verify_fired,
     .receivers = 1},
    {.id = "notify-request",
     .prepare = prepare,
     .act = victim_requests,
     .verify = verify_free},
    {.id = "notify-thread",
     .prepare = prepare,
     .act = victim_requests,
     .meanwhile = send_must,
     .verify = verify_free,
     .thread = true},
    {.id = "notify-after-dead",
     .prepare = prepare_dead,
     .act = victim_requests,
     .verify = verify_free,
     .receivers = 1},
    {.id = "notify-cancel",
     .prepare = prepare,
     .act = victim_changes_its_mind,
     .verify = verify_free},
    {.id = "notify-close",
     .prepare = prepare,
     .act = victim_closes,
     .verify = verify_free},
    {.id = NULL},
};
