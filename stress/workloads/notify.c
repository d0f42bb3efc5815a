/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification: how fast, exactly once, and handed on between processes. */
#include "stress.h"

/* Queued where the system can, so that a second one cannot hide. */
#ifdef SIGRTMIN
#define SIGNAL SIGRTMIN
#else
#define SIGNAL SIGUSR1
#endif

struct notify {
	const char *name;
	struct st_wire send, next, check, checked;
	struct {
		uint64_t stamp;
		uint32_t sent;
		_Atomic bool over;
	} * shared;
};

static void request(struct st *st, mqd_t q)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL,
			     .sigev_signo = SIGNAL};

	ST_MUST(st, st->os->mq_notify(q, &e) == 0);
	st_did(st, CT_NEED_MQ_NOTIFY);
}

static sigset_t block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGNAL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

/* Waits for the one notification of the request; takes the message. */
static void notified(struct st *st, struct st_worker *w, struct notify *n,
		     mqd_t q, const sigset_t *set)
{
	static union st_buffer b;
	sigset_t pending;
	unsigned prio;
	uint64_t at;
	ssize_t got;
	int number;

	ST_OWN(st, sigwait(set, &number) == 0);
	at = st_ns();
	got = st->os->mq_receive(q, b.bytes, ST_MESSAGE_MIN, &prio);
	ST_HOLDS(st, got >= 0 || errno != EAGAIN,
		 "a notification without a message: one request, two "
		 "notifications");
	st_whole(st, &b, got, ST_MESSAGE_MIN, prio);
	ST_HOLDS(st, b.m.seq == n->shared->sent,
		 "out of order: message %" PRIu32 " instead of %" PRIu32,
		 b.m.seq, n->shared->sent);
	sigpending(&pending);
	ST_HOLDS(st, !sigismember(&pending, SIGNAL),
		 "two notifications of one request");
	st_sample(w, at - n->shared->stamp, 1);
}

static void one(struct st *st, struct st_worker *w, void *arg)
{
	struct notify *n = arg;
	mqd_t q = st_mq_again(st, n->name, O_NONBLOCK);
	sigset_t set = block();

	while (st_go(w)) {
		request(st, q);
		st_tell(st, &n->send);
		notified(st, w, n, q, &set);
	}
	n->shared->over = true;
	st_tell(st, &n->send);
}

static void sender(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct notify *n = arg;
	mqd_t q = st_mq_again(st, n->name, 0);

	for (;;) {
		st_await(st, &n->send);
		if (n->shared->over)
			break;
		st_go(w);
		n->shared->stamp = st_ns();
		st_fill(&b, ST_MESSAGE_MIN, 0, 1, ++n->shared->sent, 0);
		ST_MUST(st,
			st->os->mq_send(q, b.bytes, ST_MESSAGE_MIN, 1) == 0);
	}
}

/* While another process is registered, nobody else can be. */
static void busy(struct st *st, struct notify *n, mqd_t q)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL,
			     .sigev_signo = SIGNAL};

	st_await(st, &n->check);
	if (n->shared->over)
		return;
	ST_HOLDS(st, st->os->mq_notify(q, &e) == -1 && errno == EBUSY,
		 "a second process could register");
	st_tell(st, &n->checked);
}

/* Two of these take turns; the other one tries to register meanwhile. */
static void taking_turns(struct st *st, struct st_worker *w, void *arg)
{
	struct notify *n = arg;
	mqd_t q = st_mq_again(st, n->name, O_NONBLOCK);
	sigset_t set = block();

	if (w->index == 1)
		busy(st, n, q);
	for (;;) {
		st_await(st, &n->next);
		if (!n->shared->over && !st_go(w) && w->index == 0)
			n->shared->over = true;
		if (n->shared->over)
			break;
		request(st, q);
		st_tell(st, &n->check);
		st_await(st, &n->checked);
		st_tell(st, &n->send);
		notified(st, w, n, q, &set);
		st_tell(st, &n->next);
		busy(st, n, q);
	}
	st_tell(st, &n->next);
	st_tell(st, &n->check);
	st_tell(st, &n->send);
}

static void run(struct st *st, st_body *body, int registrants)
{
	struct notify n = {.send = st_wire(st),
			   .next = st_wire(st),
			   .check = st_wire(st),
			   .checked = st_wire(st)};
	long capacity = 2;
	mqd_t q = st_mq(st, &capacity, ST_MESSAGE_MIN, 0, &n.name);
	int i;

	n.shared = st_memory(st, sizeof(*n.shared));
	for (i = 0; i < registrants; i++)
		st_start(st, 0, body, &n);
	st_start(st, 1, sender, &n);
	st_tell(st, &n.next);
	st_measure(st, NULL);
	ST_MUST(st, st->os->mq_close(q) == 0);
	ST_MUST(st, st->os->mq_unlink(n.name) == 0);
}

ST_WORKLOAD(mq_notify_latency, .id = "mq/notify", .op = "notification",
	    .text = "from a send to its signal: exactly one per request",
	    .smoke = true)
{
	run(st, one, 1);
}

ST_WORKLOAD(mq_notify_turns, .id = "mq/notify-turns", .op = "notification",
	    .text = "two processes register in turn, and never both at once",
	    .smoke = true)
{
	run(st, taking_turns, 2);
}
