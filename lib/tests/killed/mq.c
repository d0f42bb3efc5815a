/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message queues.  Messages are numbered in the order in which they are, or
 * would be, received: so whatever happens, the numbers that are received go up,
 * and what is missing must be in doubt.
 */
#include "killed.h"
#include "ref/ref.h"

#include <string.h>
#include <sys/wait.h>

#define DEPTH 2
#define SHORT 48
#define LONG 2048 /* copied without the lock, if .far */
#define MINE 50	  /* the victim's message */
#define LATER 90  /* and up: those of the one that goes on */
#define LOW 1	  /* their priority */

static mqd_t q;
static size_t size = SHORT;

/* What was sent for certain, and what was received, by whomever. */
static bool sent[128];
static unsigned received[32];
static int receipts;
static unsigned last_number;

static unsigned priority_of(const struct scene *s, unsigned number)
{
	return s->mixed && number <= DEPTH ? LOW + 1 + DEPTH - number : LOW;
}

static unsigned read_letter(const unsigned char letter[LONG])
{
	HOLDS(memcmp(letter, letter + 1, size - 1) == 0, "torn: message %u",
	      letter[0]);
	return letter[0];
}

static int send_number(unsigned number, unsigned prio, long ms)
{
	char letter[LONG];
	struct timespec end = from_now(ms);

	memset(letter, (int)number, size);
	return pipc__os_ref.mq_timedsend(q, letter, size, prio, &end);
}

/* 0: none came in time. */
static unsigned receive_number(long ms)
{
	unsigned char letter[LONG];
	struct timespec end = from_now(ms);
	ssize_t n;

	n = pipc__os_ref.mq_timedreceive(q, (char *)letter, size, NULL, &end);
	if (n < 0 && errno == ETIMEDOUT)
		return 0;
	HOLDS(n == (ssize_t)size, "receive: %s", strerror(errno));
	return read_letter(letter);
}

static void put(const struct scene *s, unsigned number)
{
	HOLDS(send_number(number, priority_of(s, number), PATIENCE * 1000) == 0,
	      "message %u is not sent: %s", number, strerror(errno));
	sent[number] = true;
}

static void note_receipt(unsigned number)
{
	received[receipts++] = number;
}

/* The victim's, which came before what others received meanwhile. */
static void note_first(unsigned number)
{
	memmove(received + 1, received, sizeof(received) - sizeof(*received));
	received[0] = number;
	receipts++;
}

/* Those who wait, and the victim. */

static int peer_sends(struct peer *p)
{
	p->got = 10 + (unsigned)(p - trial->peer);
	return send_number(p->got, LOW, 1000000);
}

static int peer_receives(struct peer *p)
{
	p->got = receive_number(1000000);
	return p->got != 0 ? 0 : -1;
}

static int victim_sends(void)
{
	return send_number(MINE, LOW, 1000000);
}

static int victim_is_urgent(void)
{
	return send_number(MINE, LOW + 5, 1000000);
}

static int victim_tries_to_send(void)
{
	return send_number(MINE, LOW, 30);
}

static int victim_receives(void)
{
	trial->got = receive_number(1000000);
	return trial->got != 0 ? 0 : -1;
}

static int victim_tries_to_receive(void)
{
	trial->got = receive_number(30);
	return trial->got != 0 ? 0 : -1;
}

static int victim_asks(void)
{
	struct mq_attr a;

	return pipc__os_ref.mq_getattr(q, &a);
}

static void make(void)
{
	struct mq_attr a = {.mq_maxmsg = DEPTH, .mq_msgsize = (long)size};

	q = pipc__os_ref.mq_open(OBJECT, O_CREAT | O_EXCL | O_RDWR, 0600, &a);
	HOLDS(q != PIPC__BAD_MQD, "mq_open: %s", strerror(errno));
}

/* As if both sides had last been seen on another processor. */
static void move_away(void)
{
	struct ref_gate *gate =
	    atomic_load(&ref_handle(q)->mapping)->waits.gate;

	gate->cpu[REF_SENDERS] = gate->cpu[REF_RECEIVERS] = UINT32_MAX;
}

/* The victim is the one who finds that the lock's owner has died. */
static void leave_locked(void)
{
	struct ref_gate *gate =
	    atomic_load(&ref_handle(q)->mapping)->waits.gate;
	pid_t pid = fork();

	if (pid == 0) {
		ref_lock(&gate->lock);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void prepare(const struct scene *s)
{
	unsigned i;
	int n;

	size = s->far ? LONG : SHORT;
	offers_last(s);
	make();
	for (i = 1; i <= (unsigned)s->there; i++)
		put(s, i);
	for (n = 0; n < s->senders + s->receivers; n++) {
		peer(n < s->senders ? peer_sends : peer_receives);
		peer_is_asleep(n);
	}
	if (s->first_dies)
		peer_dies(0);
	if (s->first_stops) {
		peer_stops(0);
		if (s->takes || s->asks) { /* it was offered what there is */
			put(s, 1);
			offers_grow_old();
		}
	}
	if (s->far)
		move_away();
	if (s->locked)
		leave_locked();
}

/* While the victim sleeps: */

static void one_comes(void)
{
	send_number(60, LOW, PATIENCE * 1000);
	sent[60] = true;
}

static void two_come(void)
{
	one_comes();
	send_number(61, LOW, PATIENCE * 1000);
	sent[61] = true;
}

static void one_goes(void)
{
	note_receipt(receive_number(0));
}

static void two_go(void)
{
	one_goes();
	one_goes();
}

/* The second message is received before the victim has got the first one. */
static void one_overtakes(void)
{
	two_come();
	one_goes();
}

/* Afterwards */

static int first_alive(const struct scene *s)
{
	return s->first_dies || s->first_stops ? 1 : 0;
}

static int wanted;

static bool enough_have_returned(void)
{
	int i, n = 0;

	for (i = 0; i < trial->peers; i++)
		n += trial->peer[i].returned;
	return n >= wanted;
}

/* So many of the peers have been served by now, or are in a moment. */
static void peers_are_served(const struct scene *s, int n)
{
	int alive = trial->peers - first_alive(s);

	wanted = n < alive ? n : alive;
	HOLDS(await(enough_have_returned),
	      "a peer still waits for what is there: a lost wake-up");
}

static void serve_receivers(const struct scene *s)
{
	int i;

	for (i = first_alive(s); i < trial->peers; i++) {
		put(s, LATER + (unsigned)i);
		peers_are_served(s, i + 1 - first_alive(s));
	}
}

static void collect(const struct scene *s)
{
	int i;

	for (i = first_alive(s); i < trial->peers; i++) {
		HOLDS(trial->peer[i].result == 0, "a peer has failed");
		if (i < s->senders)
			sent[trial->peer[i].got] = true;
		else
			note_receipt(trial->peer[i].got);
	}
}

static void empty(const struct scene *s)
{
	unsigned number;
	int n = 0;

	if (s->first_stops)
		offers_grow_old();
	while ((number = receive_number(0)) != 0) {
		note_receipt(number);
		if (s->senders != 0)
			peers_are_served(s, ++n);
	}
	if (s->senders != 0)
		peers_are_served(s, s->senders);
}

static bool was_received(unsigned number)
{
	int i;

	for (i = 0; i < receipts; i++)
		if (received[i] == number)
			return true;
	return false;
}

/* Whoever receives and is killed may take one message with it. */
static void judge(const struct scene *s)
{
	bool acknowledged = trial->ended && trial->result == 0;
	unsigned i;
	int in_doubt = s->takes && !trial->ended;

	if (trial->ended && trial->result != 0)
		HOLDS(!was_received(MINE), "a send that failed had an effect");
	if (s->sends && acknowledged)
		sent[MINE] = true;
	for (i = 0; i < (unsigned)receipts; i++) {
		HOLDS(received[i] > last_number,
		      "duplicated or out of order: %u after %u", received[i],
		      last_number);
		last_number = received[i];
	}
	for (i = 0; i < 128; i++)
		if (sent[i] && !was_received(i))
			HOLDS(in_doubt-- > 0, "lost: message %u", i);
}

/* As good as new: all of its room, and no more. */
static void as_new(void)
{
	struct mq_attr a;
	unsigned i;

	for (i = 1; i <= DEPTH; i++)
		HOLDS(send_number(i, LOW, 0) == 0,
		      "there is no room for %u: %s", i, strerror(errno));
	HOLDS(send_number(i, LOW, 0) == -1 && errno == ETIMEDOUT,
	      "more room than it has");
	HOLDS(pipc__os_ref.mq_getattr(q, &a) == 0 && a.mq_curmsgs == DEPTH,
	      "a count of %ld", a.mq_curmsgs);
	for (i = 1; i <= DEPTH; i++)
		HOLDS(receive_number(0) == i, "not message %u", i);
	HOLDS(receive_number(0) == 0, "one too many");
}

static void verify(const struct scene *s)
{
	bool got = s->takes && trial->ended && trial->result == 0;

	if (s->first_stops) {
		victim_asks(); /* what a death left is offered by now */
		offers_grow_old();
	}
	if (got && !s->victim_last)
		note_first(trial->got);
	if (s->receivers != 0) {
		serve_receivers(s);
		collect(s);
	}
	if (got && s->victim_last)
		note_receipt(trial->got);
	empty(s);
	if (s->senders != 0)
		collect(s);
	judge(s);
	as_new();
	pipc__os_ref.mq_unlink(OBJECT);
}

/* Names and descriptors. */

static void prepare_nothing(const struct scene *s)
{
	(void)s;
	q = PIPC__BAD_MQD;
}

static int victim_creates(void)
{
	make();
	return 0;
}

static int victim_opens(void)
{
	return pipc__os_ref.mq_open(OBJECT, O_RDWR, 0, NULL) == PIPC__BAD_MQD
		   ? -1
		   : 0;
}

static int victim_closes(void)
{
	return pipc__os_ref.mq_close(q);
}

static int victim_unlinks(void)
{
	return pipc__os_ref.mq_unlink(OBJECT);
}

/* There is a whole queue or none. */
static void verify_name(const struct scene *s)
{
	(void)s;
	q = pipc__os_ref.mq_open(OBJECT, O_RDWR, 0, NULL);
	if (q == PIPC__BAD_MQD) {
		HOLDS(errno == ENOENT, "mq_open: %s", strerror(errno));
		HOLDS(!trial->ended || s->act != victim_creates, "not created");
		make();
	} else {
		HOLDS(!trial->ended || s->act != victim_unlinks,
		      "not unlinked");
	}
	empty(s);
	as_new();
	pipc__os_ref.mq_unlink(OBJECT);
}

#define QUEUE(name, what, ...)                                                 \
	{                                                                      \
		.id = name, .prepare = prepare, .act = what, .verify = verify, \
		__VA_ARGS__                                                    \
	}
#define SEND(name, ...)                                                        \
	QUEUE("send-" name, victim_sends, .sends = true, __VA_ARGS__)
#define RECEIVE(name, ...)                                                     \
	QUEUE("receive-" name, victim_receives, .takes = true, __VA_ARGS__)

const struct scene mq_scenes[] = {
    SEND("empty", .there = 0),
    SEND("last", .there = 1),
    SEND("lower", .there = 1, .mixed = true),
    QUEUE("send-higher", victim_is_urgent, .sends = true, .there = 0),
    SEND("served", .receivers = 1),
    SEND("served-first", .receivers = 2),
    SEND("past-dead", .receivers = 2, .first_dies = true),
    SEND("blocked", .there = 2, .meanwhile = one_goes),
    SEND("blocked-last", .there = 2, .senders = 1, .meanwhile = two_go),
    QUEUE("send-late", victim_tries_to_send, .sends = true, .there = 2),
    QUEUE("send-late-last", victim_tries_to_send, .sends = true, .there = 2,
	  .senders = 1),
    RECEIVE("only", .there = 1),
    RECEIVE("first", .there = 2),
    RECEIVE("higher", .there = 2, .mixed = true),
    RECEIVE("serves", .there = 2, .senders = 1),
    RECEIVE("serves-first", .there = 2, .senders = 2),
    RECEIVE("past-dead", .there = 2, .senders = 2, .first_dies = true),
    RECEIVE("revokes", .receivers = 1, .first_stops = true),
    SEND("past-stopped", .receivers = 2, .first_stops = true),
    RECEIVE("blocked", .meanwhile = one_comes),
    RECEIVE("overtaken", .meanwhile = one_overtakes),
    RECEIVE("blocked-last", .receivers = 1, .victim_last = true,
	    .meanwhile = two_come),
    QUEUE("receive-late", victim_tries_to_receive, .takes = true),
    QUEUE("receive-late-last", victim_tries_to_receive, .takes = true,
	  .receivers = 1, .victim_last = true),
    SEND("far", .far = true),
    SEND("far-last", .far = true, .there = 1),
    SEND("far-served", .far = true, .receivers = 1),
    SEND("far-served-first", .far = true, .receivers = 2),
    RECEIVE("far", .far = true, .there = 1),
    RECEIVE("far-first", .far = true, .there = 2),
    RECEIVE("far-serves", .far = true, .there = 2, .senders = 1),
    SEND("locked", .locked = true, .there = 1),
    SEND("locked-served", .locked = true, .receivers = 2),
    RECEIVE("locked", .locked = true, .there = 2, .mixed = true),
    RECEIVE("locked-serves", .locked = true, .there = 2, .senders = 2),
    QUEUE("getattr", victim_asks, .there = 1),
    QUEUE("getattr-revokes", victim_asks, .asks = true, .receivers = 1,
	  .first_stops = true),
    {.id = "create",
     .prepare = prepare_nothing,
     .act = victim_creates,
     .verify = verify_name},
    QUEUE("open", victim_opens, .there = 1),
    QUEUE("close", victim_closes, .there = 1),
    {.id = "unlink",
     .prepare = prepare,
     .act = victim_unlinks,
     .verify = verify_name},
    {.id = NULL},
};
