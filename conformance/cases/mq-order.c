/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of messages. */
#include "mq.h"

CT_CASE(mq_order, .id = "mq.order.priority-then-fifo",
	.req = "MQ-052 MQ-053 MQ-054", .posix = "XSH mq_send, mq_receive",
	.text = "highest priority first, oldest first within a priority, also "
		"from another process",
	.needs = CT_NEED_MQ)
{
	static const struct {
		char byte;
		unsigned prio;
	} sent[] = {{'a', 0}, {'b', 5}, {'c', 31}, {'d', 5}, {'e', 0}};
	static const char order[] = "cbdae";
	mqd_t mqd = ct_mq(t, 5, 16, NULL);
	unsigned prio, round;
	struct ct_peer *p;
	size_t i;

	for (round = 0; round < 2; round++) {
		CT_PEER (t, p) {
			for (i = 0; i < 5; i++)
				CT_OK(q_send(t, mqd, round, &sent[i].byte, 1,
					     sent[i].prio) == 0);
		}
		ct_join(t, p);
		for (i = 0; i < 5; i++) {
			char buf[16] = "";

			CT_OK(q_receive(t, mqd, round, buf, 16, &prio) == 1);
			CT_EQUAL(buf[0], order[i]);
			if (buf[0] >= 'a' && buf[0] <= 'e')
				CT_EQUAL(prio, sent[buf[0] - 'a'].prio);
		}
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_order_lowest, .id = "mq.order.zero-is-lowest", .req = "MQ-057",
	.posix = "S77; XSH mq_send",
	.text = "a message of priority 0 comes after those of any other",
	.needs = CT_NEED_MQ)
{
	const unsigned prios[] = {1, 2, 31, q_top()};
	pipc_mq *mq = ct_pipc_mq(t, 2, 16);
	size_t i, len;
	char buf[16];

	for (i = 0; i < 4; i++) {
		CT_EXPECT(pipc_mq_send(mq, "low", 3, NULL, 0), PIPC_OK);
		CT_EXPECT(pipc_mq_send(mq, "high", 4, NULL, prios[i]), PIPC_OK);
		len = sizeof(buf);
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_OK);
		CT_EQUAL(len, 4);
		len = sizeof(buf);
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_OK);
		CT_EQUAL(len, 3);
	}
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

/* A stable priority queue, as plain as can be: the model. */
enum { MODEL_MAX = 64 };
struct model {
	mqd_t fast; /* O_NONBLOCK, of the queue that is modelled */
	long depth, count;
	bool ebbs;
	uint64_t sent;
	struct message {
		uint64_t number;
		unsigned prio;
	} message[MODEL_MAX];
};

/* Priorities: many alike, neighbours, and the ends. */
static unsigned some_priority(uint64_t random)
{
	if (random % 16 == 0)
		return q_top();
	if (random % 16 == 1)
		return (unsigned)(random >> 8) % (q_top() + 1);
	return (unsigned)(random >> 8) % 4;
}

static bool model_send(struct ct *t, struct model *m, uint64_t random)
{
	struct message new = {m->sent, some_priority(random >> 1)};
	bool timed = random & 1;

	if (m->count == m->depth)
		return CT_ERRNO(q_send(t, m->fast, timed, &new.number,
				       sizeof(new.number), new.prio) == -1,
				EAGAIN);
	m->sent++;
	m->message[m->count++] = new;
	return CT_OK(q_send(t, m->fast, timed, &new.number, sizeof(new.number),
			    new.prio) == 0);
}

static bool model_receive(struct ct *t, struct model *m, uint64_t random)
{
	bool timed = random & 1;
	struct message came = {0}, *best = m->message;
	long i;

	if (m->count == 0)
		return CT_ERRNO(q_receive(t, m->fast, timed, &came.number,
					  sizeof(came.number), NULL) == -1,
				EAGAIN);
	/* In order of arrival: the first of the highest. */
	for (i = 1; i < m->count; i++)
		if (m->message[i].prio > best->prio)
			best = &m->message[i];
	if (!CT_OK(q_receive(t, m->fast, timed, &came.number,
			     sizeof(came.number),
			     &came.prio) == sizeof(came.number)) ||
	    !CT_EQUAL(came.number, best->number) ||
	    !CT_EQUAL(came.prio, best->prio))
		return false;
	i = best - m->message;
	memmove(best, best + 1,
		(size_t)(m->count - i - 1) * sizeof(m->message[0]));
	m->count--;
	return true;
}

/* One random operation on the queue and the model, alike. */
static bool model_step(struct ct *t, struct model *m, uint64_t random)
{
	/* Waves, so that it is full and empty again and again. */
	if (m->count == m->depth)
		m->ebbs = true;
	else if (m->count == 0)
		m->ebbs = false;
	if (random % 8 < (m->ebbs ? 3 : 5))
		return model_send(t, m, random >> 3);
	return model_receive(t, m, random >> 3);
}

static void model_start(struct ct *t, struct model *m)
{
	const char *name;
	long depth = t->mq_depth < MODEL_MAX ? t->mq_depth : MODEL_MAX;
	mqd_t mqd = ct_mq(t, depth, sizeof(uint64_t), &name);

	m->fast = q_another(t, name, O_RDWR | O_NONBLOCK);
	m->depth = depth;
	t->os->mq_close(mqd);
}

CT_CASE(
    mq_order_model, .id = "mq.order.model", .req = "MQ-055",
    .posix = "XSH mq_send, mq_receive; S77 S78",
    .text = "10^4 random operations give what a stable priority queue gives",
    .needs = CT_NEED_MQ)
{
	struct model m = {0};
	int i;

	model_start(t, &m);
	for (i = 0; i < 10000; i++)
		CT_REQUIRE(model_step(t, &m, ct_random(t)));
	CT_EQUAL(q_count(t, m.fast), m.count);
	t->os->mq_close(m.fast);
}

/* What a process does of the next operations. */
static void model_some(struct ct *t, struct model *m)
{
	uint64_t n = 5 + ct_random(t) % 20;

	while (n-- > 0)
		CT_REQUIRE(model_step(t, m, ct_random(t)));
}

CT_CASE(mq_order_model_processes, .id = "mq.order.model-two-processes",
	.req = "MQ-055", .posix = "XSH mq_send, mq_receive; S77 S78",
	.text = "random operations of two processes in turn give what a stable "
		"priority queue gives",
	.needs = CT_NEED_MQ)
{
	struct model *m = ct_shared(t, sizeof(*m));
	struct ct_peer *p;
	int i;

	model_start(t, m);
	CT_PEER (t, p) {
		t->seed ^= 0x5bd1e995;
		for (i = 0; i < 50; i++) {
			ct_await_parent(t);
			model_some(t, m);
			ct_tell_parent(t);
		}
	}
	for (i = 0; i < 50; i++) {
		model_some(t, m);
		ct_tell(t, p);
		ct_await(t, p);
	}
	ct_join(t, p);
	CT_EQUAL(q_count(t, m->fast), m->count);
	t->os->mq_close(m->fast);
}

CT_CASE(mq_order_senders, .id = "mq.order.concurrent-senders", .req = "MQ-056",
	.posix = "XSH mq_send (after others with equal priority)",
	.text = "the messages of each of several senders stay in its order",
	.needs = CT_NEED_MQ)
{
	enum { SENDERS = 3, EACH = 60 };
	struct ct_gate *gate = ct_gate(t, SENDERS);
	mqd_t mqd = ct_mq(t, t->mq_depth < 4 ? t->mq_depth : 4, 2, NULL);
	unsigned char next[SENDERS] = {0}, msg[2];
	struct ct_peer *p[SENDERS];
	int i, n;

	for (i = 0; i < SENDERS; i++)
		CT_PEER (t, p[i]) {
			ct_gate_pass(t, gate);
			for (n = 0; n < EACH; n++) {
				msg[0] = (unsigned char)i;
				msg[1] = (unsigned char)n;
				CT_OK(q_send(t, mqd, n % 2, msg, 2, 7) == 0);
			}
		}
	for (i = 0; i < SENDERS * EACH; i++) {
		CT_OK(q_receive(t, mqd, i % 2, msg, 2, NULL) == 2);
		CT_REQUIRE(msg[0] < SENDERS);
		CT_EQUAL(msg[1], next[msg[0]]++);
	}
	for (i = 0; i < SENDERS; i++)
		ct_join(t, p[i]);
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_order_blocked_sender, .id = "mq.order.blocked-sender",
	.req = "MQ-087", .posix = "XSH mq_send (msg_prio)",
	.text = "when room comes, a blocked sender's message goes to the place "
		"of its own priority",
	.needs = CT_NEED_MQ)
{
	static const struct {
		unsigned prio;
		const char *order;
	} rows[] = {{1, "xyb"}, {5, "xyb"}, {9, "xby"}};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct ct_peer *p;
	size_t i, k;

	for (i = 0; i < 6; i++) {
		CT_OK(q_put(t, mqd, 'x', 5) == 0);
		CT_OK(q_put(t, mqd, 'y', 5) == 0);
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_OK(q_send(t, mqd, i / 3, "b", 1, rows[i % 3].prio) ==
			      0);
		}
		ct_await_blocked(t, p);
		for (k = 0; k < 3; k++) {
			CT_EQUAL(q_take(t, mqd, NULL), rows[i % 3].order[k]);
			if (k == 0)
				ct_join(t, p);
		}
	}
	t->os->mq_close(mqd);
}
