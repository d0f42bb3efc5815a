/* SPDX-License-Identifier: BSD-3-Clause */
/* What the system says of its queues, and what it really has. */
#include "mq.h"

#include <stdlib.h>

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
