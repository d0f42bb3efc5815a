/* SPDX-License-Identifier: BSD-3-Clause */
/* Many messages between many, exec, and threads that are cancelled. */
#include "mq.h"

#include <sched.h>
#include <stdlib.h>

CT_CASE(mq_exchange, .id = "mq.stress.senders-and-receivers", .req = "MQ-091",
	.posix = "XSH mq_send, mq_receive; S72",
	.text = "what several senders send several receivers get: all of it, "
		"once",
	.needs = CT_NEED_MQ)
{
	enum { SIDE = 3, EACH = 100 };
	unsigned *got = ct_shared(t, SIDE * EACH * sizeof(*got));
	mqd_t mqd = ct_mq(t, t->mq_depth < 3 ? t->mq_depth : 3, 16, NULL);
	struct ct_gate *gate = ct_gate(t, 2 * SIDE);
	struct ct_peer *p[2 * SIDE];
	unsigned i, n, value;
	char buf[16];

	for (i = 0; i < 2 * SIDE; i++)
		CT_PEER (t, p[i]) {
			ct_gate_pass(t, gate);
			for (n = 0; n < EACH; n++) {
				value = i / 2 * EACH + n;
				if (i % 2 == 0) {
					CT_OK(q_send(t, mqd, n % 2, &value,
						     sizeof(value),
						     n % 3) == 0);
					continue;
				}
				CT_OK(q_receive(t, mqd, n % 2, buf, 16, NULL) ==
				      sizeof(value));
				memcpy(&value, buf, sizeof(value));
				CT_REQUIRE(value < SIDE * EACH);
				__atomic_add_fetch(got + value, 1,
						   __ATOMIC_SEQ_CST);
			}
		}
	for (i = 0; i < 2 * SIDE; i++)
		ct_join(t, p[i]);
	for (i = 0; i < SIDE * EACH; i++)
		CT_EQUAL(got[i], 1);
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_ping_pong, .id = "mq.stress.ping-pong", .req = "MQ-092",
	.posix = "XSH mq_send, mq_receive",
	.text = "two processes answer each other 1000 times and none is left "
		"waiting",
	.needs = CT_NEED_MQ)
{
	enum { ROUNDS = 1000 };
	mqd_t there = ct_mq(t, 1, sizeof(int), NULL);
	mqd_t back = ct_mq(t, 1, sizeof(int), NULL);
	struct ct_peer *p;
	int i, n;

	CT_PEER (t, p)
		for (i = 0; i < ROUNDS; i++) {
			CT_OK(q_receive(t, there, i % 2, &n, sizeof(n), NULL) ==
			      sizeof(n));
			CT_REQUIRE(n == i);
			CT_OK(q_send(t, back, i % 2, &n, sizeof(n), 0) == 0);
		}
	for (i = 0; i < ROUNDS; i++) {
		CT_OK(q_send(t, there, i % 2, &i, sizeof(i), 0) == 0);
		CT_OK(q_receive(t, back, i % 2, &n, sizeof(n), NULL) ==
		      sizeof(n));
		CT_REQUIRE(n == i);
	}
	ct_join(t, p);
	t->os->mq_close(back);
	t->os->mq_close(there);
}

/* After exec: the number that was a descriptor is none, if it was one. */
CT_PROGRAM(mq_after_exec)
{
	int fd = atoi(arg);

	if (fd >= 0)
		CT_ERRNO(t->os->mq_send((mqd_t)(intptr_t)fd, "a", 1, 0) == -1,
			 EBADF);
	ct_tell_parent(t);
	ct_await_parent(t);
}

CT_CASE(mq_exec_closes, .id = "mq.exec.closes", .req = "MQ-037",
	.posix = "XSH exec (message queue descriptors shall be closed)",
	.text =
	    "exec closes the descriptors of queues, and with them a request "
	    "for notification",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p;
	char text[16];

	snprintf(text, sizeof(text), "%d", q_fd(mqd));
	CT_PEER (t, p) {
		CT_OK(t->os->mq_notify(mqd, &event) == 0);
		ct_exec(t, "mq_after_exec", text);
	}
	ct_await(t, p);
	CT_EQUAL(q_count(t, mqd), 0);
	CT_OK(t->os->mq_notify(mqd, &event) == 0);
	ct_tell(t, p);
	ct_join(t, p);
	t->os->mq_close(mqd);
}

struct cancelled {
	mqd_t mqd;
	enum q_path path;
	bool sends;
	int cleanups;
};

static void cleaned(void *arg)
{
	((struct cancelled *)arg)->cleanups++;
}

static void waits(struct ct *t, void *arg)
{
	struct cancelled *c = arg;
	char buf[16];

	pthread_cleanup_push(cleaned, c);
	ct_thread_ready(t);
	if (c->sends)
		CT_OK(q_send(t, c->mqd, c->path, "c", 1, 9) == 0);
	else
		CT_OK(q_receive(t, c->mqd, c->path, buf, 16, NULL) == 1);
	pthread_cleanup_pop(0);
}

CT_CASE(mq_cancelled, .id = "mq.thread.cancelled-while-waiting",
	.req = "MQ-095", .posix = "XSH 2.9.5 Thread Cancellation",
	.text = "a thread that waits in a queue can be cancelled: its cleanup "
		"runs once, and nothing is queued or removed",
	.needs = CT_NEED_MQ)
{
	struct cancelled c = {.mqd = ct_mq(t, 1, 16, NULL)};
	struct ct_thread *thread;
	int i;

	for (i = 0; i < 4; i++) {
		c.path = i % 2;
		c.sends = i >= 2;
		c.cleanups = 0;
		if (i == 2)
			CT_OK(q_put(t, c.mqd, 'a', 0) == 0);
		thread = ct_thread(t, waits, &c);
		ct_thread_await_blocked(t, thread);
		ct_thread_cancel(t, thread);
		ct_thread_join(t, thread);
		CT_EQUAL(c.cleanups, 1);
		CT_EQUAL(q_count(t, c.mqd), c.sends);
		if (i == 1) { /* the cancelled receivers take nothing */
			CT_OK(q_put(t, c.mqd, 'b', 0) == 0);
			CT_EQUAL(q_take(t, c.mqd, NULL), 'b');
		}
	}
	CT_EQUAL(q_take(t, c.mqd, NULL), 'a');
	CT_EQUAL(q_count(t, c.mqd), 0);
	t->os->mq_close(c.mqd);
}

/* Sets this process's scheduling, where it may. */
static void fifo(struct ct *t, int above)
{
	struct sched_param param = {0};
	int error;

	param.sched_priority = sched_get_priority_min(SCHED_FIFO) + above;
	error = sched_setscheduler(0, SCHED_FIFO, &param) == -1 ? errno : 0;
	if (error == ENOSYS || error == EINVAL)
		ct_unsupported(t, "no SCHED_FIFO");
	if (error != 0)
		ct_refused(t, "sched_setscheduler", error);
}

CT_CASE(mq_receiver_priority, .id = "mq.receive.scheduling-priority",
	.req = "MQ-086", .posix = "XSH mq_receive (Priority Scheduling)",
	.text = "of blocked receivers under SCHED_FIFO the one of the highest "
		"priority that waits longest gets the message",
	.needs = CT_NEED_MQ)
{
	static const int above[] = {1, 3, 2, 3};
	static const int order[] = {1, 3, 2, 0};
	const struct sched_param usual = {0};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p[4];
	int i;

	fifo(t, 0);
	CT_SETUP_TRUE(sched_setscheduler(0, SCHED_OTHER, &usual) != -1);
	for (i = 0; i < 4; i++) {
		CT_PEER (t, p[i]) {
			char buf[16];

			fifo(t, above[i]);
			ct_tell_parent(t);
			CT_OK(t->os->mq_receive(mqd, buf, 16, NULL) == 1);
			CT_EQUAL(buf[0], i);
		}
		ct_await_blocked(t, p[i]);
	}
	for (i = 0; i < 4; i++) {
		char byte = (char)order[i];

		CT_OK(t->os->mq_send(mqd, &byte, 1, 0) == 0);
		ct_join(t, p[order[i]]);
	}
	t->os->mq_close(mqd);
}
