/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation's sending, receiving and waiting. */
#include "check_ref.h"

static void sends(struct call *c)
{
	c->result = ref_mq_send(c->mqd, c->msg, strlen(c->msg), 1);
}

static void receives(struct call *c)
{
	c->result = ref_mq_receive(c->mqd, c->msg, sizeof(c->msg), NULL);
}

static void receives_in_time(struct call *c)
{
	const struct timespec end = in_ms(30000);

	c->result =
	    ref_mq_timedreceive(c->mqd, c->msg, sizeof(c->msg), NULL, &end);
}

START_TEST(refusals)
{
	mqd_t q = a_queue("/q", 1, 8), r, w;
	const struct timespec past = {1, 0}, bad = {1, 1000000000};
	char msg[8];

	r = ref_mq_open("/q", O_RDONLY | O_NONBLOCK, 0, NULL);
	w = ref_mq_open("/q", O_WRONLY | O_NONBLOCK, 0, NULL);
	ck_errno(ref_mq_send(r, "x", 1, 0) == 0, EBADF);
	ck_errno(ref_mq_receive(w, msg, 8, NULL) >= 0, EBADF);
	ck_errno(ref_mq_send((mqd_t)(intptr_t)-1, "x", 1, 0) == 0, EBADF);
	ck_errno(ref_mq_receive((mqd_t)(intptr_t)-1, msg, 8, 0) >= 0, EBADF);
	ck_errno(ref_mq_send(q, "123456789", 9, 0) == 0, EMSGSIZE);
	ck_errno(ref_mq_send(q, "x", 1, 32768) == 0, EINVAL);
	ck_errno(ref_mq_receive(q, msg, 7, NULL) >= 0, EMSGSIZE);
	ck_errno(ref_mq_receive(r, msg, 8, NULL) >= 0, EAGAIN);
	ck_errno(ref_mq_timedreceive(q, msg, 8, NULL, &past) >= 0, ETIMEDOUT);
	ck_errno(ref_mq_timedreceive(q, msg, 8, NULL, &bad) >= 0, EINVAL);
	/* A time that is not needed is not looked at. */
	ck_assert_int_eq(ref_mq_timedsend(q, "x", 1, 32767, &bad), 0);
	ck_errno(ref_mq_send(w, "x", 1, 0) == 0, EAGAIN);
	ck_errno(ref_mq_timedsend(q, "x", 1, 0, &past) == 0, ETIMEDOUT);
	ck_errno(ref_mq_timedsend(q, "x", 1, 0, &bad) == 0, EINVAL);
	ck_assert_int_eq(ref_mq_timedreceive(q, msg, 8, NULL, &bad), 1);
}
END_TEST

/* A time of the monotonic clock, which by the other one was years ago. */
START_TEST(times_of_the_monotonic_clock)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct timespec end, now;
	char msg[64];

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec++;
	ck_errno(ref_mq_clockreceive(q, msg, 64, NULL, CLOCK_MONOTONIC, &end) >=
		     0,
		 ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert_int_ge(now.tv_sec, end.tv_sec);
	ck_assert_int_eq(ref_mq_clocksend(q, "x", 1, 0, CLOCK_MONOTONIC, &end),
			 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec++;
	ck_errno(ref_mq_clocksend(q, "x", 1, 0, CLOCK_MONOTONIC, &end) == 0,
		 ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert_int_ge(now.tv_sec, end.tv_sec);
	ck_assert_int_eq(
	    ref_mq_clockreceive(q, msg, 64, NULL, CLOCK_MONOTONIC, &end), 1);
}
END_TEST

START_TEST(times_run_out)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct timespec end = in_ms(20);
	char msg[64];

	ck_errno(ref_mq_timedreceive(q, msg, 64, NULL, &end) >= 0, ETIMEDOUT);
	ck_assert_int_eq(ref_mq_send(q, "first", 5, 0), 0);
	end = in_ms(20);
	ck_errno(ref_mq_timedsend(q, "late", 4, 9, &end) == 0, ETIMEDOUT);
	/* What did not go in is nowhere. */
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 5);
	ck_assert_int_eq(count_of(q), 0);
}
END_TEST

#define CROWD 4

/* Who waits first is served first; on both sides. */
START_TEST(in_turn)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct ref_waits *w = &mapping_of(q)->waits;
	struct call calls[CROWD];
	char msg[64];
	int i;

	for (i = 0; i < CROWD; i++) {
		calls[i].mqd = q;
		start_call(&calls[i], i % 2 ? receives : receives_in_time);
		await_waiters(w, (uint32_t)i + 1);
	}
	for (i = 0; i < CROWD; i++) {
		snprintf(msg, sizeof(msg), "%d", i);
		ck_assert_int_eq(ref_mq_send(q, msg, 2, (unsigned)i), 0);
	}
	for (i = 0; i < CROWD; i++) {
		end_call(&calls[i]);
		ck_assert_int_eq(calls[i].result, 2);
		ck_assert_int_eq(calls[i].msg[0], '0' + i);
	}
	ck_assert_int_eq(ref_mq_send(q, "full", 4, 1), 0);
	for (i = 0; i < CROWD; i++) {
		snprintf(calls[i].msg, sizeof(msg), "%d", i);
		start_call(&calls[i], sends);
		await_waiters(w, (uint32_t)i + 1);
	}
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 4);
	for (i = 0; i < CROWD; i++) {
		ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
		ck_assert_int_eq(msg[0], '0' + i);
		end_call(&calls[i]);
		ck_assert_int_eq(calls[i].result, 0);
	}
}
END_TEST

/* More wait than there is room for: they get their turn nevertheless. */
START_TEST(beyond_the_places)
{
	mqd_t q = a_queue("/q", 1, 1 << 20);
	struct ref_mapping *m = mapping_of(q);
	char *msg = calloc(1, 1 << 20);
	const struct timespec end = in_ms(20);
	struct ref_waiter *crowd[64];
	uint32_t i;

	ck_assert_uint_le(m->waits.most, 64);
	for (i = 0; i < m->waits.most; i++) {
		ck_assert(ref_enter(&m->waits, &section));
		crowd[i] = ref_join(&m->waits, REF_RECEIVERS, 0);
		ck_assert_ptr_nonnull(crowd[i]);
		ref_leave(&m->waits, &section);
	}
	ck_errno(ref_mq_timedreceive(q, msg, 1 << 20, NULL, &end) >= 0,
		 ETIMEDOUT);
	for (i = 0; i < m->waits.most; i++) {
		ck_assert_int_eq(ref_mq_send(q, "x", 1, 0), 0);
		accept_offer(crowd[i]);
	}
	ck_assert_int_eq(count_of(q), 0);
	ck_assert_int_eq(ref_mq_send(q, "y", 1, 0), 0);
	/* All places are in use, none is free: senders wait a little. */
	ck_errno(ref_mq_timedsend(q, "z", 1, 0, &end) == 0, ETIMEDOUT);
	for (i = 0; i < m->waits.most; i++)
		ref_done(&m->waits, crowd[i]);
	ck_assert_int_eq(ref_mq_receive(q, msg, 1 << 20, NULL), 1);
	ck_assert_int_eq(msg[0], 'y');
	free(msg);
}
END_TEST

/* A child that waits in a call, and is killed there. */
static pid_t waiting_child(mqd_t q, bool sends_one)
{
	struct ref_waits *w = &mapping_of(q)->waits;
	pid_t pid = fork();
	char msg[64];

	if (pid == 0) {
		if (sends_one)
			ref_mq_send(q, "dead", 4, 9);
		else
			ref_mq_receive(q, msg, sizeof(msg), NULL);
		_exit(1);
	}
	await_waiters(w, 1);
	return pid;
}

static void put_down(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(killed_while_it_waits)
{
	mqd_t q = a_queue("/q", 1, 64);
	char msg[64];

	put_down(waiting_child(q, false));
	ck_assert_int_eq(ref_mq_send(q, "lives", 5, 0), 0);
	ck_assert_int_eq(count_of(q), 1);
	put_down(waiting_child(q, true));
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 5);
	ck_assert_int_eq(count_of(q), 0);
	/* Nor does the lock's owner have to live. */
	put_down(waiting_child(q, false));
	die_holding(&mapping_of(q)->queue->gate.lock);
	ck_assert_int_eq(ref_mq_send(q, "lives", 5, 0), 0);
	ck_assert_int_eq(count_of(q), 1);
}
END_TEST

/* It has accepted the first message, and has been offered the second one. */
START_TEST(killed_with_a_message)
{
	mqd_t q = a_queue("/q", 4, 64);
	struct ref_mapping *m = mapping_of(q);
	struct timespec end;
	char msg[64];
	pid_t pid = fork();

	if (pid == 0) {
		/* Given both, it says nothing and does nothing. */
		for (int i = 0; i < 2; i++) {
			ref_enter(&m->waits, &section);
			ref_join(&m->waits, REF_RECEIVERS, 0);
			ref_leave(&m->waits, &section);
		}
		pause();
	}
	await_waiters(&m->waits, 2);
	ck_assert_int_eq(ref_mq_send(q, "accepted", 8, 3), 0);
	accept_offer(&m->waits.waiters[0]);
	ck_assert_int_eq(ref_mq_send(q, "offered", 7, 3), 0);
	ck_assert_int_eq(ref_mq_send(q, "third", 5, 3), 0);
	ck_assert_int_eq(count_of(q), 1);
	put_down(pid);
	if (_i)
		die_holding(&m->queue->gate.lock);
	else
		m->waits.gate->offered -= 1000; /* long ago */
	/* What was offered comes back to its place, and first. */
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 7);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 5);
	m->waits.most = m->waits.gate->used; /* no places but the dead one's */
	end = in_ms(100); /* it must not have passed when the call looks */
	ck_errno(ref_mq_timedreceive(q, msg, 64, NULL, &end) >= 0, ETIMEDOUT);
	ck_assert_int_eq(count_of(q), 0);
	ck_assert_uint_eq(m->queue->fresh,
			  3); /* and the slots are free again */
	ck_assert_int_eq(ref_mq_send(q, "4", 1, 3), 0);
	ck_assert_int_eq(ref_mq_send(q, "5", 1, 3), 0);
	ck_assert_int_eq(ref_mq_send(q, "6", 1, 3), 0);
	ck_assert_uint_eq(m->queue->fresh, 3);
}
END_TEST

/* A process with places for receivers that do not run; each gets an offer. */
static pid_t stopped_receivers(struct ref_mapping *m, unsigned places)
{
	unsigned i;
	pid_t pid = fork();

	if (pid == 0) {
		for (i = 0; i < places; i++) {
			ref_enter(&m->waits, &section);
			ref_join(&m->waits, REF_RECEIVERS, 0);
			ref_leave(&m->waits, &section);
		}
		pause();
	}
	await_waiters(&m->waits, places);
	return pid;
}

/* All offers have been made long ago. */
static void age(struct ref_mapping *m)
{
	uint32_t i;

	for (i = 0; i < m->waits.gate->used; i++)
		m->waits.waiters[i].since -= 1000;
	m->waits.gate->offered -= 1000;
}

/* What has been offered to several has its place all the same. */
START_TEST(offered_again)
{
	mqd_t q = a_queue("/q", 4, 64);
	struct ref_mapping *m = mapping_of(q);
	pid_t pid = stopped_receivers(m, 3);
	char msg[64];

	ck_assert_int_eq(ref_mq_send(q, "1", 1, 1), 0);
	ck_assert_int_eq(ref_mq_send(q, "22", 2, 1), 0);
	age(m);
	ref_take_back(&m->waits); /* now the third one is offered the first */
	ck_assert_int_eq(count_of(q), 1);
	age(m);
	ref_take_back(&m->waits);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 2);
	put_down(pid);
}
END_TEST

/* Of all that goes back the first is given first. */
START_TEST(back_before_given)
{
	mqd_t q = a_queue("/q", 4, 64);
	struct ref_mapping *m = mapping_of(q);
	pid_t pid = stopped_receivers(m, 3);
	char msg[64];

	ck_assert_int_eq(ref_mq_send(q, "1", 1, 1), 0);
	ck_assert_int_eq(ref_mq_send(q, "22", 2, 2), 0);
	age(m);
	ref_take_back(&m->waits);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	age(m);
	ref_take_back(&m->waits);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 2);
	put_down(pid);
}
END_TEST

/* A queue that is too full by what went back lets in nothing more. */
START_TEST(too_full)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct ref_mapping *m = mapping_of(q);
	pid_t pid = stopped_receivers(m, 1);
	struct call c = {.mqd = q, .msg = "333"};
	char msg[64];

	ck_assert_int_eq(ref_mq_send(q, "1", 1, 1), 0);
	ck_assert_int_eq(ref_mq_send(q, "22", 2, 1), 0);
	start_call(&c, sends);
	await_waiters(&m->waits, 1);
	age(m);
	ref_take_back(&m->waits);
	ck_assert_int_eq(count_of(q), 2);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	ck_assert_int_eq(count_of(q), 1);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 2);
	end_call(&c);
	ck_assert_int_eq(c.result, 0);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 3);
	put_down(pid);
}
END_TEST

/* The lock's owner dies after what it did, and before anybody is woken. */
START_TEST(what_waits_comes_together)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct ref_mapping *m = mapping_of(q);
	struct call receiver = {.mqd = q}, sender = {.mqd = q, .msg = "late"};
	uint32_t slot;
	char msg[64];
	pid_t pid;

	start_call(&receiver, receives);
	await_waiters(&m->waits, 1);
	pid = fork();
	if (pid == 0) {
		ref_lock(&m->queue->gate.lock);
		slot = ref_queue_reserve(m, 2);
		ref_queue_fill(m, slot, "early", 5, 2);
		ref_queue_commit(m, slot);
		_exit(0); /* true, but in no list */
	}
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(count_of(q), 0);
	end_call(&receiver);
	ck_assert_int_eq(receiver.result, 5);

	ck_assert_int_eq(ref_mq_send(q, "full", 4, 1), 0);
	start_call(&sender, sends);
	await_waiters(&m->waits, 1);
	pid = fork();
	if (pid == 0) {
		ref_lock(&m->queue->gate.lock);
		ref_queue_free(m, ref_queue_take(m));
		_exit(0); /* room, but nobody was let in */
	}
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(count_of(q), 1);
	end_call(&sender);
	ck_assert_int_eq(sender.result, 0);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 4);
	ck_assert_mem_eq(msg, "late", 4);

	/* Its message is in, and only its waking is missing. */
	ck_assert_int_eq(ref_mq_send(q, "full", 4, 1), 0);
	start_call(&sender, sends);
	await_waiters(&m->waits, 1);
	pid = fork();
	if (pid == 0) {
		ref_lock(&m->queue->gate.lock);
		ref_queue_free(m, ref_queue_take(m));
		ref_queue_commit(m, m->waits.waiters[0].slot);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(count_of(q), 1);
	end_call(&sender);
	ck_assert_int_eq(sender.result, 0);
}
END_TEST

/* A queue stays mapped while a thread waits, whoever closes it. */
START_TEST(closed_while_waited_for)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct call receiver = {.mqd = q};
	mqd_t other;
	pid_t pid;
	int status;

	start_call(&receiver, receives);
	await_waiters(&mapping_of(q)->waits, 1);
	ck_assert_int_eq(ref_mq_close(q), 0);
	pid = fork();
	if (pid == 0) {
		other = ref_mq_open("/q", O_WRONLY, 0, NULL);
		_exit(ref_mq_send(other, "late", 4, 0) == 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	end_call(&receiver);
	ck_assert_int_eq(receiver.result, 4);
}
END_TEST

#define LONGEST 4096

/* Long messages between two processors: copied without the lock. */
START_TEST(far_apart)
{
	enum { LENGTH = LONGEST, TIMES = 700 };
	mqd_t q = a_queue("/q", 2, LENGTH);
	struct ref_mapping *m = mapping_of(q);
	static char out[LENGTH], in[LENGTH];
	unsigned prio;
	int i;

	for (i = 0; i < TIMES; i++) {
		memset(out, i, LENGTH);
		m->queue->gate.cpu[REF_RECEIVERS] = UINT32_MAX;
		ck_assert_int_eq(ref_mq_send(q, out, LENGTH, 7), 0);
		m->queue->gate.cpu[REF_SENDERS] = UINT32_MAX;
		ck_assert_int_eq(ref_mq_receive(q, in, LENGTH, &prio), LENGTH);
		ck_assert_mem_eq(in, out, LENGTH);
		ck_assert_uint_eq(prio, 7);
	}
	/* That way it was, and its slots come back. */
	ck_assert_uint_eq(m->queue->gate.used, 1);
	ck_assert_uint_le(m->queue->fresh, 3);
	ck_assert_int_eq(count_of(q), 0);
	/* A short one, or on one processor: in no need of a place. */
	m->queue->gate.used = 0;
	ck_assert_int_eq(ref_mq_send(q, out, LENGTH, 7), 0);
	m->queue->gate.cpu[REF_RECEIVERS] = UINT32_MAX;
	ck_assert_int_eq(ref_mq_send(q, out, 16, 7), 0);
	ck_assert_uint_eq(m->queue->gate.used, 0);
}
END_TEST

static struct {
	mqd_t mqd;
	char *buffer;
	int times;
} copying;

/* The first pages are touched before the lock is taken. */
enum { PAGE_SIZE_MOST = 65536, VERY_LONG = 18 * PAGE_SIZE_MOST };

static void close_last_page(void)
{
	mprotect(copying.buffer + VERY_LONG - PAGE_SIZE_MOST, PAGE_SIZE_MOST,
		 PROT_NONE);
}

/* In the middle of a copy: whatever else happens, its slot is not touched. */
static void meanwhile(int signo)
{
	struct ref_mapping *m = mapping_of(copying.mqd);
	static char msg[VERY_LONG];

	(void)signo;
	copying.times++;
	mprotect(copying.buffer, VERY_LONG, PROT_READ | PROT_WRITE);
	ref_enter(&m->waits, &section);
	m->waits.rebuild(&m->waits);
	ref_leave(&m->waits, &section);
	memset(msg, 'o', sizeof(msg));
	ref_mq_send(copying.mqd, msg, sizeof(msg), 9);
}

static void receives_all(mqd_t q, char letter)
{
	static char got[VERY_LONG], wanted[VERY_LONG];

	memset(wanted, letter, VERY_LONG);
	ck_assert_int_eq(ref_mq_receive(q, got, VERY_LONG, NULL), VERY_LONG);
	ck_assert_mem_eq(got, wanted, VERY_LONG);
}

START_TEST(copies_without_the_lock)
{
	struct sigaction action = {.sa_handler = meanwhile};
	mqd_t q = a_queue("/q", 2, VERY_LONG);
	struct ref_mapping *m = mapping_of(q);
	static char in[VERY_LONG];

	copying.mqd = q;
	copying.buffer = mmap(NULL, VERY_LONG, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(copying.buffer != MAP_FAILED);
	memset(copying.buffer, 'x', VERY_LONG);
	ck_assert_int_eq(sigaction(SIGSEGV, &action, NULL), 0);
	ck_assert_int_eq(sigaction(SIGBUS, &action, NULL), 0);
	m->queue->gate.cpu[REF_RECEIVERS] = UINT32_MAX;
	close_last_page();
	ck_assert_int_eq(ref_mq_send(q, copying.buffer, VERY_LONG, 7), 0);
	ck_assert_int_eq(copying.times, 1);
	receives_all(q, 'o');
	receives_all(q, 'x');

	memset(copying.buffer, 'x', VERY_LONG);
	ck_assert_int_eq(ref_mq_send(q, copying.buffer, VERY_LONG, 7), 0);
	m->queue->gate.cpu[REF_SENDERS] = UINT32_MAX;
	memset(copying.buffer, 0, VERY_LONG);
	close_last_page();
	ck_assert_int_eq(ref_mq_receive(q, copying.buffer, VERY_LONG, NULL),
			 VERY_LONG);
	ck_assert_int_eq(copying.times, 2);
	memset(in, 'x', VERY_LONG);
	ck_assert_mem_eq(copying.buffer, in, VERY_LONG);
	receives_all(q, 'o');
}
END_TEST

enum { HURRIED = 2000 };

static void hurries(struct call *c)
{
	static char msg[4096];
	int i;

	for (i = 0; i < HURRIED; i++) {
		mapping_of(c->mqd)->queue->gate.cpu[REF_RECEIVERS] = UINT32_MAX;
		if (ref_mq_send(c->mqd, msg, sizeof(msg), 0) == 0)
			c->result++;
		else if (errno != EAGAIN)
			c->result = -HURRIED; /* for ever below 0 */
	}
}

/* While one copies others fill the queue: he is one of those who were late. */
START_TEST(room_is_gone)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 4096};
	mqd_t q = ref_mq_open("/q", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
	struct call c[3] = {{.mqd = q}, {.mqd = q}, {.mqd = q}};
	static char msg[4096];
	long sent = 0, got = 0;
	int i;

	for (i = 0; i < 3; i++)
		start_call(&c[i], hurries);
	for (i = 0; i < HURRIED; i++) {
		got += ref_mq_receive(q, msg, sizeof(msg), NULL) >= 0;
		ck_assert_int_le(count_of(q), 1);
	}
	for (i = 0; i < 3; i++) {
		end_call(&c[i]);
		ck_assert_int_ge(c[i].result, 0);
		sent += c[i].result;
	}
	while (ref_mq_receive(q, msg, sizeof(msg), NULL) >= 0)
		got++;
	ck_assert_int_eq(got, sent);
	ck_assert_uint_le(mapping_of(q)->queue->fresh, 1 + 4);
}
END_TEST

/* A waiter that claims a message of the queue takes nothing away. */
START_TEST(waiter_claims_a_message)
{
	mqd_t q = a_queue("/q", 2, 64);
	struct ref_mapping *m = mapping_of(q);
	struct ref_waiter *w;
	char msg[64];

	ck_assert_int_eq(ref_mq_send(q, "a", 1, 1), 0);
	ck_assert_int_eq(ref_mq_send(q, "b", 1, 1), 0);
	ck_assert(ref_enter(&m->waits, &section));
	w = ref_join(&m->waits, REF_SENDERS, 2);
	ref_leave(&m->waits, &section);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	ck_assert_int_eq(msg[0], 'b');
	ck_assert_int_eq(count_of(q), 0);
	ref_done(&m->waits, w);
}
END_TEST

/* Given what is no message, a receiver says so. */
START_TEST(given_nonsense)
{
	mqd_t q = a_queue("/q", 2, 64);
	struct ref_mapping *m = mapping_of(q);
	struct call c = {.mqd = q};
	struct ref_waiter *w;

	start_call(&c, receives);
	await_waiters(&m->waits, 1);
	ck_assert(ref_enter(&m->waits, &section));
	w = ref_next(&m->waits, REF_RECEIVERS);
	ck_assert_ptr_nonnull(w);
	w->slot = UINT32_MAX;
	ref_wake(&m->waits, w, ref_give(&m->waits, w, REF_GIVEN), 0);
	ref_leave(&m->waits, &section);
	end_call(&c);
	ck_assert_int_eq(c.result, -1);
	ck_assert_int_eq(c.error, EBADMSG);
}
END_TEST

/* The lock breaks while somebody waits: he ends in time, and holds nothing. */
START_TEST(lock_breaks_in_a_wait)
{
	mqd_t q = a_queue("/q", 2, 64);
	struct ref_mapping *m = mapping_of(q);
	struct timespec end = in_ms(100);
	char msg[64];
	pid_t pid = fork();

	if (pid == 0) {
		ref_lock_seconds = 0;
		exit(ref_mq_timedreceive(q, msg, 64, NULL, &end) >= 0);
	}
	await_waiters(&m->waits, 1);
	ck_assert_int_eq(ref_lock(&m->queue->gate.lock), REF_LOCKED);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ref_unlock(&m->queue->gate.lock);
	ck_assert_int_eq(ref_mq_send(q, "x", 1, 0), 0);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
}
END_TEST

static void is_cancelled(struct call *c)
{
	c->result = 77;
	ref_mq_receive(c->mqd, c->msg, sizeof(c->msg), NULL);
	c->result = 78;
}

START_TEST(cancelled_while_it_waits)
{
	mqd_t q = a_queue("/q", 2, 64);
	struct ref_mapping *m = mapping_of(q);
	struct call c = {.mqd = q};
	struct ref_waiter *w;
	char msg[64];

	start_call(&c, is_cancelled);
	await_waiters(&m->waits, 1);
	ck_assert_int_eq(pthread_cancel(c.thread), 0);
	end_call(&c);
	ck_assert_int_eq(c.result, 77);
	ck_assert_int_eq(ref_mq_send(q, "x", 1, 0), 0);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);

	/* Given one in the same moment: it goes back. */
	start_call(&c, is_cancelled);
	await_waiters(&m->waits, 1);
	ck_assert(ref_enter(&m->waits, &section));
	w = ref_next(&m->waits, REF_RECEIVERS);
	ck_assert_ptr_nonnull(w);
	w->slot = ref_queue_reserve(m, 0);
	ref_queue_fill(m, w->slot, "back", 4, 0);
	ref_queue_commit(m, w->slot);
	ref_give(&m->waits, w, REF_GIVEN); /* not woken */
	ck_assert_int_eq(pthread_cancel(c.thread), 0);
	ref_leave(&m->waits, &section);
	end_call(&c);
	ck_assert_int_eq(c.result, 77);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 4);
}
END_TEST

/* A wait that is left by siglongjmp() takes no message. */
START_TEST(receive_left_by_a_jump)
{
	mqd_t q = a_queue("/q", 2, 64);
	struct ref_mapping *m = mapping_of(q);
	unsigned references = m->references;
	char msg[64];
	pid_t pid = interrupts_the_wait(&m->waits, jumps_out);

	if (sigsetjmp(out_of_the_wait, 1) == 0) {
		ref_mq_receive(q, msg, 64, NULL);
		ck_abort_msg("nobody has sent");
	}
	ck_child(pid);
	ck_assert_int_eq(ref_mq_send(q, "x", 1, 0), 0);
	ck_assert_int_eq(count_of(q), 1);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	ck_assert_uint_eq(m->references, references);
}
END_TEST

/* Nor does it send one. */
START_TEST(send_left_by_a_jump)
{
	mqd_t q = a_queue("/q", 1, 64);
	struct ref_mapping *m = mapping_of(q);
	unsigned references = m->references;
	char msg[64];
	pid_t pid = interrupts_the_wait(&m->waits, jumps_out);

	ck_assert_int_eq(ref_mq_send(q, "first", 5, 0), 0);
	if (sigsetjmp(out_of_the_wait, 1) == 0) {
		ref_mq_send(q, "left", 4, 0);
		ck_abort_msg("nobody has received");
	}
	ck_child(pid);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 5);
	ck_assert_int_eq(count_of(q), 0);
	ck_assert_uint_eq(m->references, references);
}
END_TEST

static pid_t forked;
static _Atomic int *forks_done; /* shared */

static void forks(int signo)
{
	(void)signo;
	forked = fork();
	if (forked != 0)
		*forks_done = 1;
}

static void forks_and_jumps(int signo)
{
	forks(signo);
	if (forked == 0)
		siglongjmp(out_of_the_wait, 1);
}

/* A handler forks in a wait: both go on to wait, one of them perhaps anew. */
START_TEST(forked_in_a_wait)
{
	mqd_t q = a_queue("/q", 2, 64);
	struct ref_mapping *m = mapping_of(q);
	pid_t pid, sender;
	char msg[64];
	int signo;

	/*
	 * The C library counts those who sleep in a semaphore, and a child that
	 * sleeps there since the fork is not counted: nobody wakes it.
	 */
	if (REF_SEMAPHORES && _i == 0)
		return;
	/* Where a wait goes on only if all handlers want that: Check has some.
	 */
	for (signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	forks_done = mmap(NULL, sizeof(*forks_done), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(forks_done != MAP_FAILED);
	pid = interrupts_the_wait(&m->waits, _i == 0 ? forks : forks_and_jumps);
	sender = fork();
	if (sender == 0) {
		while (!*forks_done)
			sched_yield();
		if (_i == 1)
			await_waiters(&m->waits, 2);
		ck_assert_int_eq(ref_mq_send(q, "a", 1, 0), 0);
		await_waiters(&m->waits, 1);
		_exit(ref_mq_send(q, "b", 1, 0) != 0);
	}
	/* Again in a child that has left the first one. */
	sigsetjmp(out_of_the_wait, 1);
	ck_assert_int_eq(ref_mq_receive(q, msg, 64, NULL), 1);
	if (forked == 0)
		_exit(0);
	ck_child(pid);
	ck_child(sender);
	ck_child(forked);
	ck_assert_int_eq(count_of(q), 0);
}
END_TEST

/* Nothing is where there can be nothing; of no length it need not be. */
START_TEST(no_buffer)
{
	mqd_t q = a_queue("/q", 4, 8);
	char *nowhere = _i ? (char *)(uintptr_t)8 : NULL, buf[8];
	struct timespec now = {0, 0};

	ck_errno(ref_mq_send(q, nowhere, 1, 0) == 0, EFAULT);
	ck_errno(ref_mq_timedsend(q, nowhere, 8, 0, &now) == 0, EFAULT);
	ck_assert_int_eq(count_of(q), 0);
	ck_assert_int_eq(ref_mq_send(q, (char *)(uintptr_t)8, 0, 0), 0);
	ck_errno(ref_mq_receive(q, nowhere, 8, NULL) >= 0, EFAULT);
	ck_errno(ref_mq_timedreceive(q, nowhere, 8, NULL, &now) >= 0, EFAULT);
	ck_assert_int_eq(count_of(q), 1);
	ck_assert_int_eq(ref_mq_receive(q, buf, 8, NULL), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref mq");
	TCase *tc = a_case(suite, "mq");

	tcase_add_test(tc, refusals);
	tcase_add_loop_test(tc, no_buffer, 0, 2);
	tcase_add_test(tc, times_run_out);
	tcase_add_test(tc, times_of_the_monotonic_clock);
	tcase_add_test(tc, in_turn);
	tcase_add_test(tc, beyond_the_places);
	tcase_add_test(tc, killed_while_it_waits);
	tcase_add_loop_test(tc, killed_with_a_message, 0, 2);
	tcase_add_test(tc, offered_again);
	tcase_add_test(tc, back_before_given);
	tcase_add_test(tc, too_full);
	tcase_add_test(tc, what_waits_comes_together);
	tcase_add_test(tc, closed_while_waited_for);
	tcase_add_test(tc, far_apart);
	tcase_add_test(tc, copies_without_the_lock);
	tcase_add_test(tc, room_is_gone);
	tcase_add_test(tc, waiter_claims_a_message);
	tcase_add_test(tc, given_nonsense);
	tcase_add_test(tc, lock_breaks_in_a_wait);
	tcase_add_test(tc, cancelled_while_it_waits);
	tcase_add_test(tc, receive_left_by_a_jump);
	tcase_add_test(tc, send_left_by_a_jump);
	tcase_add_loop_test(tc, forked_in_a_wait, 0, 2);
	return run_suite(suite);
}
