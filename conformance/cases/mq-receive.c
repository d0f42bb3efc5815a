/* SPDX-License-Identifier: BSD-3-Clause */
/* Receiving: buffers, lengths and priorities. */
#include "mq.h"

CT_CASE(mq_receive_small, .id = "mq.receive.small-buffer", .req = "MQ-048",
	.posix = "XSH mq_receive ERRORS [EMSGSIZE]",
	.text = "a buffer below the queue's size is refused, however short the "
		"message, which stays queued",
	.needs = CT_NEED_MQ)
{
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq);
	size_t len = 15;
	char buf[16];
	int path;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	for (path = 0; path < Q_PATHS; path++) {
		CT_ERRNO(q_receive(t, mqd, path, buf, 15, NULL) == -1,
			 EMSGSIZE);
		CT_ERRNO(q_receive(t, mqd, path, buf, 1, NULL) == -1, EMSGSIZE);
	}
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_VALUE_ERROR);
	CT_EQUAL(len, 15);
	CT_EQUAL(q_count(t, mqd), 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_receive_large, .id = "mq.receive.buffer-bounds", .req = "MQ-049",
	.posix = "XSH mq_receive",
	.text = "a buffer of the queue's size and a larger one do, and nothing "
		"is written at or beyond their end",
	.needs = CT_NEED_MQ)
{
	static const size_t sizes[] = {16, 17, 40};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	unsigned char buf[64];
	size_t i, end;
	int path;

	for (i = 0; i < 6; i++) {
		size_t size = sizes[i / 2];

		path = i % 2 ? Q_TIMED : Q_PLAIN;
		memset(buf, 0x5a, sizeof(buf));
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_OK(q_receive(t, mqd, path, buf, size, NULL) == 1);
		CT_EQUAL(buf[0], 'a');
		for (end = sizeof(buf); buf[end - 1] == 0x5a; end--)
			;
		CT_CHECK(end <= size);
		ct_note(t, "written", "%zu of %zu", end, size);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_receive_length, .id = "mq.receive.length-and-removal",
	.req = "MQ-050 MQ-051", .posix = "XSH mq_receive RETURN VALUE",
	.text =
	    "a receive returns the message's length and takes it away, with "
	    "a place for the priority or without",
	.needs = CT_NEED_MQ)
{
	static const char msg[16] = "0123456789abcdef";
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	char buf[16];
	unsigned prio;
	size_t len;

	for (len = 1; len <= 16; len++) {
		int path = len % 2 ? Q_PLAIN : Q_TIMED;

		CT_OK(q_send(t, mqd, path, msg, len, 1) == 0);
		CT_OK(q_send(t, mqd, path, msg + 16 - len, len, 0) == 0);
		CT_EQUAL(q_receive(t, mqd, path, buf, 16,
				   len % 4 < 2 ? NULL : &prio),
			 len);
		CT_CHECK(memcmp(buf, msg, len) == 0);
		CT_EQUAL(q_count(t, mqd), 1);
		CT_EQUAL(q_receive(t, mqd, path, buf, 16, NULL), len);
		CT_CHECK(memcmp(buf, msg + 16 - len, len) == 0);
		CT_EQUAL(q_count(t, mqd), 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(
    mq_receive_priority, .id = "mq.receive.priority-exact", .req = "MQ-052",
    .posix = "XSH mq_receive (msg_prio); S78",
    .text = "the priority comes back exactly, from the lowest to the highest",
    .needs = CT_NEED_MQ)
{
	const unsigned prios[] = {0, 1, 2, 30, 31, q_top() - 1, q_top()};
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq);
	struct ct_peer *p;
	char buf[16];
	size_t i;
	int path;

	for (i = 0; i < 7; i++) {
		unsigned prio = 4711;
		size_t len = sizeof(buf);

		for (path = 0; path < Q_PATHS; path++) {
			CT_OK(q_send(t, mqd, path, "a", 1, prios[i]) == 0);
			CT_OK(q_receive(t, mqd, path, buf, 16, &prio) == 1);
			CT_EQUAL(prio, prios[i]);
		}
		CT_PEER (t, p)
			CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, prios[i]),
				  PIPC_OK);
		ct_join(t, p);
		prio = 4711;
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, &prio), PIPC_OK);
		CT_EQUAL(prio, prios[i]);
	}
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}
