/* SPDX-License-Identifier: BSD-3-Clause */
/* Two conditions of a queue's call at one time. */
#include "mq.h"

#include <sched.h>
#include <stdlib.h>

enum { SENDERS = 2, RECEIVERS = 2, EACH = 100 };

static ssize_t pass_on(struct ct *t, mqd_t mqd, char *buf, bool sends)
{
	return sends ? t->os->mq_send(mqd, buf, sizeof(unsigned), 0)
		     : t->os->mq_receive(mqd, buf, 16, NULL);
}

CT_CASE(mq_mixed_storm, .id = "mq.concurrency.signal-storm", .req = "MQ-164",
	.posix = "XSH mq_send, mq_receive DESCRIPTION, [EINTR]",
	.text = "several senders and receivers that signals interrupt lose no "
		"message and get none twice",
	.needs = CT_NEED_MQ)
{
	enum { ALL = SENDERS * EACH };
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	unsigned *got = ct_shared(t, ALL * sizeof(*got)), i, round;
	struct ct_peer *p[SENDERS + RECEIVERS];

	for (i = 0; i < SENDERS + RECEIVERS; i++)
		CT_PEER (t, p[i]) {
			ct_storm(t, 200);
			for (round = 0; round < EACH; round++) {
				unsigned number = i * EACH + round;
				char buf[16];
				ssize_t n;

				memcpy(buf, &number, sizeof(number));
				do {
					/* So that what waits for ever is seen.
					 */
					if (ct_caught(SIGALRM) >= 300)
						ct_storm(t, 0);
					n = -1;
					CT_CHECK((n = pass_on(t, mqd, buf,
							      i < SENDERS)) >=
						     0 ||
						 errno == EINTR);
				} while (n < 0 && errno == EINTR);
				CT_MUST(CT_CHECK(n >= 0));
				if (i < SENDERS)
					continue;
				memcpy(&number, buf, sizeof(number));
				CT_MUST(CT_CHECK(number < ALL));
				__atomic_add_fetch(&got[number], 1,
						   __ATOMIC_SEQ_CST);
			}
		}
	for (i = 0; i < SENDERS + RECEIVERS; i++)
		ct_join(t, p[i]);
	for (i = 0; i < ALL; i++)
		if (got[i] != 1) {
			ct_fail(t, "message %u came %u times", i, got[i]);
			break;
		}
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}
