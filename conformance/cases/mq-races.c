/* SPDX-License-Identifier: BSD-3-Clause */
/* Several processes that create one queue at a time. */
#include "mq.h"

enum { PEERS = 4, ROUNDS = 12 };

struct race {
	const char *name[ROUNDS];
	struct ct_gate *gate[ROUNDS];
	struct ct_peer *peer[PEERS];
};

/* The names, and room for that many queues. */
static void prepare(struct ct *t, struct race *r)
{
	mqd_t mqd[ROUNDS];
	int i;

	ct_need_queue(t, 2, 16);
	for (i = 0; i < ROUNDS; i++) {
		r->name[i] = ct_name(t);
		r->gate[i] = ct_gate(t, PEERS);
		CT_SETUP_TRUE(
		    (mqd[i] = q_open_two(t, r->name[i], O_RDWR | PIPC_O_CREX,
					 0600)) != PIPC__BAD_MQD);
	}
	for (i = 0; i < ROUNDS; i++) {
		CT_SETUP_TRUE(t->os->mq_unlink(r->name[i]) == 0);
		CT_SETUP_TRUE(t->os->mq_close(mqd[i]) == 0);
	}
}

CT_CASE(mq_crex_race, .id = "mq.open.crex-race", .req = "MQ-008",
	.posix = "XSH mq_open O_EXCL (atomic)",
	.text = "of processes that create one name at a time, exactly one "
		"succeeds, and the others are told that it exists",
	.needs = CT_NEED_MQ)
{
	unsigned *won = ct_shared(t, ROUNDS * sizeof(*won));
	struct race r;
	int i, round;

	prepare(t, &r);
	for (i = 0; i < PEERS; i++)
		CT_PEER (t, r.peer[i])
			for (round = 0; round < ROUNDS; round++) {
				ct_gate_pass(t, r.gate[round]);
				mqd_t mqd;

				if (!CT_OK((mqd = q_open(t, r.name[round],
							 O_RDWR | PIPC_O_CREX,
							 0600)) !=
					       PIPC__BAD_MQD ||
					   errno == EEXIST) ||
				    mqd == PIPC__BAD_MQD)
					continue;
				__atomic_add_fetch(won + round, 1,
						   __ATOMIC_SEQ_CST);
				t->os->mq_close(mqd);
			}
	for (i = 0; i < PEERS; i++)
		ct_join(t, r.peer[i]);
	for (round = 0; round < ROUNDS; round++) {
		CT_EQUAL(won[round], 1);
		CT_OK(t->os->mq_unlink(r.name[round]) == 0);
	}
}

/* One peer's part: opens or creates, and leaves its mark when there is room. */
static void join_in(struct ct *t, const struct race *r, unsigned *sent)
{
	int round;

	for (round = 0; round < ROUNDS; round++) {
		mqd_t mqd;

		ct_gate_pass(t, r->gate[round]);
		if (!CT_OK((mqd = q_open_two(t, r->name[round],
					     O_RDWR | O_CREAT, 0600)) !=
			   PIPC__BAD_MQD))
			continue;
		if (q_put(t, mqd, 'a', 0) == 0)
			__atomic_add_fetch(sent + round, 1, __ATOMIC_SEQ_CST);
		t->os->mq_close(mqd);
	}
}

CT_CASE(mq_creat_race, .id = "mq.open.creat-race", .req = "MQ-009",
	.posix = "XSH mq_open (the same message queue object)",
	.text = "processes that open or create one name at a time are all on "
		"one queue",
	.needs = CT_NEED_MQ)
{
	unsigned *sent = ct_shared(t, ROUNDS * sizeof(*sent));
	struct race r;
	int i, round;
	mqd_t mqd;

	prepare(t, &r);
	for (i = 0; i < PEERS; i++)
		CT_PEER (t, r.peer[i])
			join_in(t, &r, sent);
	for (i = 0; i < PEERS; i++)
		ct_join(t, r.peer[i]);
	for (round = 0; round < ROUNDS; round++) {
		CT_MUST(CT_OK((mqd = q_open(t, r.name[round], O_RDWR, 0)) !=
			      PIPC__BAD_MQD));
		/* All that was accepted is here: the depth is 2. */
		CT_EQUAL(sent[round], 2);
		CT_EQUAL(q_count(t, mqd), 2);
		t->os->mq_close(mqd);
		CT_OK(t->os->mq_unlink(r.name[round]) == 0);
	}
}
