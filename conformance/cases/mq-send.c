/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending: what may be sent, and by whom. */
#include "mq.h"

/* A wrong priority or access mode is to be the only thing wrong. */
static void check_refused(struct ct *t, mqd_t mqd, size_t len, unsigned prio,
			  int error)
{
	static char msg[64];
	int path;

	for (path = 0; path < Q_PATHS; path++)
		CT_ERRNO(q_send(t, mqd, path, msg, len, prio) == -1, error);
}

CT_CASE(mq_read_only, .id = "mq.access.read-only", .req = "MQ-040 MQ-043",
	.posix = "XSH mq_open O_RDONLY; mq_send ERRORS [EBADF]",
	.text =
	    "a descriptor opened O_RDONLY receives and does not send; others "
	    "send",
	.needs = CT_NEED_MQ)
{
	struct pipc_mq_options o = {0600, 0, 0, true, false};
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	mqd_t reader = q_another(t, name, O_RDONLY);
	pipc_mq *handle;
	char buf[16];
	int path;

	check_refused(t, reader, 1, 0, EBADF);
	CT_EQUAL(q_count(t, mqd), 0);
	for (path = 0; path < Q_PATHS; path++) {
		CT_OK(q_send(t, mqd, path, "a", 1, 0) == 0);
		CT_OK(q_receive(t, reader, path, buf, sizeof(buf), NULL) == 1);
	}
	CT_OK(q_put(t, mqd, 'b', 0) == 0);
	CT_MUST(CT_EXPECT(pipc_mq_open(&handle, name, 0, &o), PIPC_OK));
	CT_EXPECT(pipc_mq_send(handle, "c", 1, NULL, 0),
		  PIPC_PERMISSIONS_ERROR);
	CT_EXPECT(
	    pipc_mq_receive(handle, buf, &(size_t){sizeof(buf)}, NULL, NULL),
	    PIPC_OK);
	pipc_mq_close(handle);
	pipc_mq_free(handle);
	t->os->mq_close(reader);
	t->os->mq_close(mqd);
}

CT_CASE(mq_write_only, .id = "mq.access.write-only", .req = "MQ-041 MQ-043",
	.posix = "XSH mq_open O_WRONLY; mq_receive ERRORS [EBADF]",
	.text =
	    "a descriptor opened O_WRONLY sends and does not receive; others "
	    "receive",
	.needs = CT_NEED_MQ)
{
	struct pipc_mq_options o = {0600, 0, 0, false, true};
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	mqd_t writer = q_another(t, name, O_WRONLY);
	pipc_mq *handle;
	char buf[16];
	int path;

	for (path = 0; path < Q_PATHS; path++) {
		CT_OK(q_send(t, writer, path, "a", 1, 0) == 0);
		CT_ERRNO(q_receive(t, writer, path, buf, sizeof(buf), NULL) ==
			     -1,
			 EBADF);
		CT_EQUAL(q_count(t, mqd), 1);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	CT_MUST(CT_EXPECT(pipc_mq_open(&handle, name, 0, &o), PIPC_OK));
	CT_EXPECT(pipc_mq_send(handle, "c", 1, NULL, 0), PIPC_OK);
	CT_EXPECT(
	    pipc_mq_receive(handle, buf, &(size_t){sizeof(buf)}, NULL, NULL),
	    PIPC_PERMISSIONS_ERROR);
	CT_EQUAL(q_take(t, mqd, NULL), 'c');
	pipc_mq_close(handle);
	pipc_mq_free(handle);
	t->os->mq_close(writer);
	t->os->mq_close(mqd);
}

CT_CASE(mq_read_write, .id = "mq.access.read-write", .req = "MQ-042 MQ-060",
	.posix = "XSH mq_open O_RDWR",
	.text = "descriptors opened O_RDWR send and receive, in two processes, "
		"and both see the count",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	struct ct_peer *p;

	CT_EQUAL(q_count(t, mqd), 0);
	CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
	CT_EQUAL(q_count(t, mqd), 1);
	CT_PEER (t, p) {
		mqd_t own = q_another(t, name, O_RDWR);

		CT_EQUAL(q_count(t, own), 1);
		CT_OK(t->os->mq_send(own, "b", 1, 0) == 0);
		CT_EQUAL(q_count(t, own), 2);
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(q_take(t, own, NULL), 'a');
		CT_EQUAL(q_count(t, own), 1);
	}
	ct_await(t, p);
	CT_EQUAL(q_count(t, mqd), 2);
	ct_tell(t, p);
	ct_join(t, p);
	CT_EQUAL(q_count(t, mqd), 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(
    mq_all_bytes, .id = "mq.send.all-bytes", .req = "MQ-044",
    .posix = "XSH mq_send, mq_receive; S72 S79",
    .text = "all 256 byte values arrive in another process as they were sent",
    .needs = CT_NEED_MQ)
{
	unsigned char msg[256], buf[256];
	mqd_t mqd = ct_mq(t, 1, 256, NULL);
	struct ct_peer *p;
	int path, i;

	for (i = 0; i < 256; i++)
		msg[i] = (unsigned char)(255 - i);
	for (path = 0; path < Q_PATHS; path++) {
		CT_PEER (t, p)
			CT_OK(q_send(t, mqd, path, msg, 256, 0) == 0);
		ct_join(t, p);
		memset(buf, 0x55, sizeof(buf));
		CT_OK(q_receive(t, mqd, path, buf, 256, NULL) == 256);
		CT_CHECK(memcmp(msg, buf, 256) == 0);
	}
	t->os->mq_close(mqd);
}

CT_CASE(
    mq_all_bytes_handle, .id = "mq.send.embedded-zeros", .req = "MQ-044",
    .posix = "S72 S79",
    .text = "pipc_mq_send() and pipc_mq_receive() keep zeros and the length",
    .needs = CT_NEED_MQ)
{
	static const char msg[] = "\0a\0\0b\xff\0";
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	char buf[16];
	size_t len;

	for (len = 0; len <= sizeof(msg); len++) {
		size_t got = sizeof(buf);

		memset(buf, 0x55, sizeof(buf));
		CT_EXPECT(pipc_mq_send(mq, msg, len, NULL, 0), PIPC_OK);
		CT_EXPECT(pipc_mq_receive(mq, buf, &got, NULL, NULL), PIPC_OK);
		CT_EQUAL(got, len);
		CT_CHECK(memcmp(msg, buf, len) == 0);
	}
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_send_empty, .id = "mq.send.empty-message", .req = "MQ-045 MQ-050",
	.posix = "XSH mq_send (msg_len <= mq_msgsize)",
	.text = "a message of no bytes is queued and received like any other",
	.needs = CT_NEED_MQ)
{
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq);
	size_t len = 16;
	unsigned prio;
	char buf[16];
	int path;

	for (path = 0; path < Q_PATHS; path++) {
		CT_OK(q_send(t, mqd, path, "", 0, 3) == 0);
		CT_EQUAL(q_count(t, mqd), 1);
		prio = 99;
		CT_OK(q_receive(t, mqd, path, buf, sizeof(buf), &prio) == 0);
		CT_EQUAL(prio, 3);
		CT_EQUAL(q_count(t, mqd), 0);
	}
	CT_EXPECT(pipc_mq_send(mq, NULL, 0, NULL, 0), PIPC_OK);
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_OK);
	CT_EQUAL(len, 0);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_send_size, .id = "mq.send.largest-message",
	.req = "MQ-046 MQ-047 MQ-052", .posix = "XSH mq_send ERRORS [EMSGSIZE]",
	.text =
	    "a message of the queue's size is sent; one byte more is refused, "
	    "nothing is queued, and nothing of it is left to the next",
	.needs = CT_NEED_MQ)
{
	static const char msg[64];
	pipc_mq *mq = ct_pipc_mq(t, 2, 20);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq);
	unsigned prio;
	char buf[20];
	int path;

	check_refused(t, mqd, 21, 0, EMSGSIZE);
	check_refused(t, mqd, 64, 0, EMSGSIZE);
	CT_EXPECT(pipc_mq_send(mq, msg, 21, NULL, 0), PIPC_VALUE_ERROR);
	CT_EQUAL(q_count(t, mqd), 0);
	for (path = 0; path < Q_PATHS; path++) {
		check_refused(t, mqd, 21, 5, EMSGSIZE);
		CT_OK(q_send(t, mqd, path, msg, 20, 0) == 0);
		check_refused(t, mqd, 21, 0, EMSGSIZE);
		CT_EQUAL(q_count(t, mqd), 1);
		CT_OK(q_receive(t, mqd, path, buf, sizeof(buf), &prio) == 20);
		CT_EQUAL(prio, 0);
	}
	CT_EXPECT(pipc_mq_send(mq, msg, 20, NULL, 0), PIPC_OK);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_send_priority_limit, .id = "mq.send.priority-limit", .req = "MQ-058",
	.posix = "XSH mq_send ERRORS [EINVAL] (msg_prio)",
	.text =
	    "the highest priority is taken; one more is refused and nothing "
	    "is queued",
	.needs = CT_NEED_MQ)
{
	pipc_mq *mq = ct_pipc_mq(t, 2, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq);
	long max = t->os->sysconf(_SC_MQ_PRIO_MAX);
	unsigned prio = 0;

	ct_remark(t, "the highest priority is %u", q_top());
	CT_OK(t->os->mq_send(mqd, "a", 1, q_top()) == 0);
	CT_EXPECT(pipc_mq_send(mq, "b", 1, NULL, q_top()), PIPC_OK);
	CT_EQUAL(q_take(t, mqd, &prio), 'a');
	CT_EQUAL(prio, q_top());
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	if (max > 0 && (unsigned long)max <= UINT_MAX) {
		check_refused(t, mqd, 1, (unsigned)max, EINVAL);
		check_refused(t, mqd, 1, UINT_MAX, EINVAL);
		CT_EXPECT(pipc_mq_send(mq, "c", 1, NULL, (unsigned)max),
			  PIPC_VALUE_ERROR);
	}
	CT_EQUAL(q_count(t, mqd), 0);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(mq_priority_max, .id = "mq.limits.priority-max", .req = "MQ-059",
	.posix = "XBD limits.h {MQ_PRIO_MAX}; XSH sysconf",
	.text =
	    "{MQ_PRIO_MAX} is at least 32 and at least what the header says, "
	    "or without bound",
	.needs = CT_NEED_MQ)
{
	long max;
	int error;

	if (_SC_MQ_PRIO_MAX == -1)
		ct_unsupported(t, "no _SC_MQ_PRIO_MAX");
	errno = 0;
	max = t->os->sysconf(_SC_MQ_PRIO_MAX);
	error = errno;
	if (max == -1)
		CT_EQUAL(error, 0);
	else
		CT_CHECK(max >= 32 && max >= (long)MQ_PRIO_MAX);
	CT_CHECK(pipc_limits()->queue_priority_max >= 31);
	ct_note(t, "sysconf", "%ld", max);
}

CT_CASE(mq_capacity, .id = "mq.send.capacity", .req = "MQ-061 MQ-064",
	.posix = "XSH mq_send ERRORS [EAGAIN]; S68",
	.text = "a queue holds exactly its depth of full messages, also when "
		"others fill it",
	.needs = CT_NEED_MQ)
{
	static const char msg[32];
	long depth, i;

	for (depth = 1; depth <= t->mq_depth && depth <= 10; depth += 3) {
		const char *name;
		mqd_t mqd = ct_mq(t, depth, 32, &name);
		mqd_t fast = q_another(t, name, O_RDWR | O_NONBLOCK);
		struct ct_peer *p;

		for (i = 0; i < depth; i++)
			CT_OK(t->os->mq_send(fast, msg, 32, 0) == 0);
		CT_ERRNO(t->os->mq_send(fast, msg, 32, 0) == -1, EAGAIN);
		CT_PEER (t, p)
			CT_ERRNO(t->os->mq_send(fast, "", 0, 9) == -1, EAGAIN);
		ct_join(t, p);
		CT_EQUAL(q_count(t, mqd), depth);
		for (i = 0; i < depth; i++) {
			char buf[32];

			CT_OK(t->os->mq_receive(fast, buf, 32, NULL) == 32);
			CT_OK(t->os->mq_send(fast, "", 0, 0) == 0);
			CT_ERRNO(t->os->mq_send(fast, "", 0, 0) == -1, EAGAIN);
		}
		t->os->mq_close(fast);
		t->os->mq_close(mqd);
	}
}
