/* SPDX-License-Identifier: BSD-3-Clause */
/* What the system says of its queues, and what it really has. */
#include "mq.h"

#include <stdlib.h>

CT_CASE(mq_sys_option, .id = "mq.system.option", .req = "MQ-161 MQ-155",
	.posix = "XBD <unistd.h> _POSIX_MESSAGE_PASSING; XSH sysconf",
	.text = "the option is claimed where queues work, and the number of "
		"queues is without limit or 8 at least",
	.needs = CT_NEED_MQ)
{
	long option = t->os->sysconf(_SC_MESSAGE_PASSING), open_max;

	CT_CHECK(option > 0);
	CT_CHECK(pipc_limits()->message_queues_supported);
	errno = 0;
	open_max = t->os->sysconf(_SC_MQ_OPEN_MAX);
	CT_CHECK(open_max == -1 || open_max >= 8);
	ct_note(t, "option", "%ld", option);
	ct_note(t, "mq-open-max", "%ld", open_max);
}

CT_CASE(mq_sys_declared, .id = "mq.system.declared", .req = "MQ-162",
	.posix = "XBD <mqueue.h>",
	.text = "every function of <mqueue.h> is there: none is told as ENOSYS",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	struct mq_attr attr;
	char buf[16];

	CT_OK(t->os->mq_getattr(mqd, &attr) == 0);
	CT_OK(t->os->mq_setattr(mqd, &attr, NULL) == 0);
	CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
	CT_OK(t->os->mq_timedsend(mqd, "b", 1, 0, &ct_past) == 0);
	CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
	CT_OK(t->os->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &ct_past) ==
	      1);
	CT_OK(t->os->mq_notify(mqd, NULL) == 0 || errno != ENOSYS);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_sys_defaults, .id = "mq.system.defaults", .req = "MQ-175",
	.posix = "the specification, max_messages, max_message_size",
	.text =
	    "the defaults make a queue; where a limit forbids it, the errno "
	    "tells",
	.needs = CT_NEED_MQ)
{
	pipc_status status;
	pipc_mq *mq = NULL;
	int error;

	status = pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL);
	error = errno;
	if (status != PIPC_OK) {
		CT_CHECK(error == EMFILE || error == ENOSPC ||
			 error == ENFILE || error == ENOMEM);
		ct_note(t, "defaults", "%s", ct_errno_name(error));
		return;
	}
	ct_note(t, "defaults", "work");
	CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

CT_CASE(mq_sys_large, .id = "mq.system.large-message", .req = "MQ-154",
	.posix = "the specification, max_message_size",
	.text = "a message above 8192 bytes goes through where a limit allows "
		"such a queue",
	.needs = CT_NEED_MQ)
{
	enum { SIZE = 10000 };
	struct pipc_mq_options options = {0600, 1, SIZE, true, true};
	static char sent[SIZE], came[SIZE];
	size_t len = SIZE;
	pipc_status status;
	pipc_mq *mq;
	int error;

	status = pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options);
	error = errno;
	if (status != PIPC_OK) {
		CT_CHECK(error == EINVAL || error == EMFILE ||
			 error == ENOSPC || error == ENOMEM);
		ct_unsupported(t, "no queue for messages of %d bytes", SIZE);
	}
	memset(sent, 'x', SIZE);
	sent[SIZE - 1] = 'y';
	CT_EXPECT(pipc_mq_send(mq, sent, SIZE, NULL, 0), PIPC_OK);
	CT_EXPECT(pipc_mq_receive(mq, came, &len, NULL, NULL), PIPC_OK);
	CT_EQUAL(len, SIZE);
	CT_CHECK(memcmp(sent, came, SIZE) == 0);
	CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

CT_CASE(mq_sys_capacity, .id = "mq.system.declared-capacity", .req = "MQ-166",
	.posix = "XSH mq_send DESCRIPTION; mq_open O_CREAT",
	.text =
	    "a queue takes as many messages of its size as it was made for, "
	    "at any priorities, and not one more",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, t->mq_depth, 32, NULL);
	char text[32];
	long i;

	for (i = 0; i < t->mq_depth; i++) {
		memset(text, (int)('a' + i % 26), sizeof(text));
		CT_OK(t->os->mq_timedsend(mqd, text, sizeof(text),
					  i % 2 != 0 ? q_top() : 0,
					  &ct_past) == 0);
	}
	CT_EQUAL(q_count(t, mqd), t->mq_depth);
	CT_ERRNO(t->os->mq_timedsend(mqd, text, sizeof(text), 0, &ct_past) ==
		     -1,
		 ETIMEDOUT);
	for (i = 0; i < t->mq_depth; i++)
		CT_EQUAL(t->os->mq_timedreceive(mqd, text, sizeof(text), NULL,
						&ct_past),
			 sizeof(text));
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_sys_getattr, .id = "mq.system.getattr-of-none", .req = "MQ-167",
	.posix = "XSH mq_getattr ERRORS [EBADF] (may)",
	.text = "mq_getattr of no queue may tell EBADF, and nothing else",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr;
	int result = t->os->mq_getattr(PIPC__BAD_MQD, &attr);
	int error = errno;

	ct_note(t, "getattr", "%s",
		result == 0 ? "succeeds" : ct_errno_name(error));
	CT_CHECK(result == 0 || error == EBADF);
}

CT_CASE(mq_sys_huge_length, .id = "mq.system.length-beyond-ssize",
	.req = "MQ-188", .posix = "XSH mq_receive (implementation-defined)",
	.text = "what a length beyond SSIZE_MAX comes to is the system's",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_UNDEFINED (t, "huge-length") {
		static char buf[64];
		ssize_t n = t->os->mq_timedreceive(mqd, buf, (size_t)-1, NULL,
						   &ct_past);

		ct_note(t, "receive", "%s",
			n == 1 ? "succeeds" : ct_errno_name(errno));
	}
	t->os->mq_close(mqd);
}
