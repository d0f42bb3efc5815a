/* SPDX-License-Identifier: BSD-3-Clause */
/* Waiting in a queue: who wakes, and what a signal or a kill leaves behind. */
#include "mq.h"

CT_CASE(mq_send_blocks, .id = "mq.send.blocks-until-receive", .req = "MQ-062",
	.posix = "XSH mq_send (shall block until space becomes available)",
	.text = "a send to a full queue blocks until another process receives, "
		"and is queued then",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p;
	char buf[16];
	int path;

	for (path = 0; path < Q_PATHS; path++) {
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_OK(q_send(t, mqd, path, "b", 1, 0) == 0);
		}
		ct_await_blocked(t, p);
		CT_CHECK(ct_still_blocked(t, p));
		CT_EQUAL(q_count(t, mqd), 1);
		CT_OK(q_receive(t, mqd, path, buf, 16, NULL) == 1);
		CT_EQUAL(buf[0], 'a');
		ct_join(t, p);
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(
    mq_receive_blocks, .id = "mq.receive.blocks-until-send",
    .req = "MQ-063 MQ-060", .posix = "XSH mq_receive",
    .text = "a receive on an empty queue blocks until another process sends",
    .needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p;
	char buf[16] = "";
	int path;

	for (path = 0; path < Q_PATHS; path++) {
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_OK(q_receive(t, mqd, path, buf, 16, NULL) == 1);
			CT_EQUAL(buf[0], 'z');
		}
		ct_await_blocked(t, p);
		CT_CHECK(ct_still_blocked(t, p));
		CT_OK(q_send(t, mqd, path, "z", 1, 0) == 0);
		ct_join(t, p);
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_no_timeout, .id = "mq.timeout.none-waits", .req = "MQ-074",
	.posix = "S74 S80", .needs = CT_NEED_MQ,
	.text = "without a timeout pipc_mq_send() and pipc_mq_receive() wait "
		"until they are served")
{
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	struct ct_peer *p;
	size_t len = 16;
	char buf[16];

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_OK);
	}
	ct_await_blocked(t, p);
	CT_CHECK(ct_still_blocked(t, p));
	CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ct_join(t, p);
	CT_EXPECT(pipc_mq_send(mq, "b", 1, NULL, 0), PIPC_OK);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_EXPECT(pipc_mq_send(mq, "c", 1, NULL, 0), PIPC_OK);
	}
	ct_await_blocked(t, p);
	CT_CHECK(ct_still_blocked(t, p));
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_OK);
	ct_join(t, p);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

enum { WAITERS = 4 };

CT_CASE(mq_receivers_all_wake, .id = "mq.receive.all-blocked-wake",
	.req = "MQ-084", .posix = "XSH mq_receive",
	.text = "as many quick sends as there are blocked receivers wake them "
		"all, with one message each",
	.needs = CT_NEED_MQ)
{
	long depth = t->mq_depth < WAITERS ? t->mq_depth : WAITERS;
	mqd_t mqd = ct_mq(t, depth, 16, NULL);
	unsigned *got = ct_shared(t, WAITERS * sizeof(*got));
	struct ct_peer *p[WAITERS];
	char byte;
	int i;

	for (i = 0; i < WAITERS; i++) {
		CT_PEER (t, p[i]) {
			char buf[16] = "";

			ct_tell_parent(t);
			CT_OK(q_receive(t, mqd, i % 2, buf, 16, NULL) == 1);
			CT_REQUIRE(buf[0] >= 0 && buf[0] < WAITERS);
			__atomic_add_fetch(got + buf[0], 1, __ATOMIC_SEQ_CST);
		}
		ct_await_blocked(t, p[i]);
	}
	for (byte = 0; byte < WAITERS; byte++)
		CT_OK(t->os->mq_send(mqd, &byte, 1, 0) == 0);
	for (i = 0; i < WAITERS; i++)
		ct_join(t, p[i]);
	for (i = 0; i < WAITERS; i++)
		CT_EQUAL(got[i], 1);
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_senders_all_wake, .id = "mq.send.all-blocked-wake", .req = "MQ-085",
	.posix = "XSH mq_send",
	.text =
	    "as many receives as there are blocked senders let them all end, "
	    "and each message comes once",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	unsigned got[WAITERS] = {0};
	struct ct_peer *p[WAITERS];
	int i;

	CT_OK(q_put(t, mqd, 'x', 0) == 0);
	for (i = 0; i < WAITERS; i++) {
		CT_PEER (t, p[i]) {
			char byte = (char)i;

			ct_tell_parent(t);
			CT_OK(q_send(t, mqd, i % 2, &byte, 1, 0) == 0);
		}
		ct_await_blocked(t, p[i]);
	}
	CT_EQUAL(q_take(t, mqd, NULL), 'x');
	for (i = 0; i < WAITERS; i++) {
		char buf[16] = "";

		CT_OK(t->os->mq_receive(mqd, buf, 16, NULL) == 1);
		CT_REQUIRE(buf[0] >= 0 && buf[0] < WAITERS);
		got[(int)buf[0]]++;
	}
	for (i = 0; i < WAITERS; i++) {
		ct_join(t, p[i]);
		CT_EQUAL(got[i], 1);
	}
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

static void interrupt_twice(struct ct *t, struct ct_peer *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		ct_await_blocked(t, p);
		kill(ct_pid(p), SIGUSR1);
	}
	ct_join(t, p);
}

CT_CASE(mq_eintr, .id = "mq.signal.interrupts", .req = "MQ-080",
	.posix = "XSH mq_send, mq_receive ERRORS [EINTR]; S17",
	.text = "a handler without SA_RESTART ends a blocked send or receive "
		"with EINTR, each time, and nothing is queued or removed",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p;
	char buf[16];
	int path, i;

	for (path = 0; path < Q_PATHS; path++) {
		CT_PEER (t, p) {
			ct_catch(t, SIGUSR1);
			for (i = 0; i < 2; i++) {
				ct_tell_parent(t);
				CT_ERRNO(q_receive(t, mqd, path, buf, 16,
						   NULL) == -1,
					 EINTR);
			}
		}
		interrupt_twice(t, p);
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_EQUAL(q_count(t, mqd), 1);
		CT_PEER (t, p) {
			ct_catch(t, SIGUSR1);
			for (i = 0; i < 2; i++) {
				ct_tell_parent(t);
				CT_ERRNO(q_send(t, mqd, path, "b", 1, 0) == -1,
					 EINTR);
			}
		}
		interrupt_twice(t, p);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_eintr_handle, .id = "mq.signal.interrupts-handle", .req = "MQ-080",
	.posix = "S17", .needs = CT_NEED_MQ,
	.text = "a signal ends a waiting pipc_mq_receive() and pipc_mq_send() "
		"with PIPC_SIGNAL_ERROR")
{
	struct timespec far = {3600, 0};
	const struct timespec *timeout[] = {NULL, &far};
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	struct ct_peer *p;
	char buf[16];
	int i;

	for (i = 0; i < 4; i++) {
		size_t len = 16;

		if (i == 2)
			CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
		CT_PEER (t, p) {
			ct_catch(t, SIGUSR1);
			ct_tell_parent(t);
			if (i < 2)
				CT_EXPECT(pipc_mq_receive(mq, buf, &len,
							  timeout[i], NULL),
					  PIPC_SIGNAL_ERROR);
			else
				CT_EXPECT(
				    pipc_mq_send(mq, "b", 1, timeout[i - 2], 0),
				    PIPC_SIGNAL_ERROR);
		}
		ct_await_blocked(t, p);
		kill(ct_pid(p), SIGUSR1);
		ct_join(t, p);
	}
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_restart, .id = "mq.signal.restarts", .req = "MQ-081",
	.posix = "XSH sigaction SA_RESTART",
	.text = "with SA_RESTART a blocked send or receive goes on after the "
		"handler and never fails with EINTR",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	int *end = ct_shared(t, sizeof(*end)), path;
	struct ct_peer *p;
	char buf[16];

	ct_catch_restarting(t, SIGUSR1);
	for (path = 0; path < Q_PATHS; path++) {
		*end = -1;
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_OK(q_receive(t, mqd, path, buf, 16, NULL) == 1);
			*end = 0;
		}
		ct_await_blocked(t, p);
		CT_CHECK(ct_sleeps_on(t, p, SIGUSR1, end));
		CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
		ct_join(t, p);
		CT_OK(q_put(t, mqd, 'b', 0) == 0);
		*end = -1;
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_OK(q_send(t, mqd, path, "c", 1, 0) == 0);
			*end = 0;
		}
		ct_await_blocked(t, p);
		CT_CHECK(ct_sleeps_on(t, p, SIGUSR1, end));
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
		ct_join(t, p);
		CT_EQUAL(q_take(t, mqd, NULL), 'c');
	}
	ct_note(t, "timed", "restarts");
	t->os->mq_close(mqd);
}

CT_CASE(mq_killed_sender, .id = "mq.send.killed-sender", .req = "MQ-088",
	.posix = "XSH mq_send",
	.text = "the message of a sender that was killed while it waited never "
		"appears, and the next one waits for no ghost",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p;
	int path;

	for (path = 0; path < Q_PATHS; path++) {
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_OK(q_send(t, mqd, path, "k", 1, 9) == 0);
		}
		ct_await_blocked(t, p);
		ct_kill(t, p);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_EQUAL(q_count(t, mqd), 0);
		CT_OK(q_put(t, mqd, 'b', 0) == 0);
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
		CT_ERRNO(q_take(t, mqd, NULL) == -1, ETIMEDOUT);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_killed_receiver, .id = "mq.receive.killed-receiver", .req = "MQ-089",
	.posix = "XSH mq_receive",
	.text =
	    "a message sent after a waiting receiver was killed is not lost, "
	    "nor kept from one who waits beside it",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p[2];
	char buf[16];
	int path, i;

	for (path = 0; path < Q_PATHS; path++) {
		for (i = 0; i < 2; i++) {
			CT_PEER (t, p[i]) {
				ct_tell_parent(t);
				CT_OK(q_receive(t, mqd, path, buf, 16, NULL) ==
				      1);
			}
			ct_await_blocked(t, p[i]);
		}
		ct_kill(t, p[0]);
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		ct_join(t, p[1]);
		CT_OK(q_put(t, mqd, 'b', 0) == 0);
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_stopped_receiver, .id = "mq.receive.stopped-receiver",
	.req = "MQ-090", .posix = "XSH mq_receive (which thread: unspecified)",
	.text = "beside a stopped receiver another one has a message after at "
		"most two sends",
	.needs = CT_NEED_MQ)
{
	long depth = t->mq_depth < 2 ? t->mq_depth : 2;
	mqd_t mqd = ct_mq(t, depth, 16, NULL);
	struct ct_peer *stopped, *p;
	char buf[16];

	CT_PEER (t, stopped) {
		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(mqd, buf, 16, NULL) == 1);
	}
	ct_await_blocked(t, stopped);
	ct_stop(t, stopped);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(mqd, buf, 16, NULL) == 1);
		CT_CHECK(buf[0] == '1' || buf[0] == '2');
		ct_note(t, "first-message-to", "%s",
			buf[0] == '1' ? "running" : "stopped");
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->mq_send(mqd, "1", 1, 0) == 0);
	CT_OK(t->os->mq_send(mqd, "2", 1, 0) == 0);
	ct_join(t, p);
	ct_continue(t, stopped);
	ct_join(t, stopped);
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}
