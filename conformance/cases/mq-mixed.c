/* SPDX-License-Identifier: BSD-3-Clause */
/* Two conditions of a queue's call at one time. */
#include "mq.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/time.h>

enum { SENDERS = 2, RECEIVERS = 2, EACH = 100 };

/* A signal every 200 us, for as long as the process lives. */
static void storm(struct ct *t)
{
	struct itimerval every = {{0, 200}, {0, 200}};

	ct_catch(t, SIGALRM);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* Ends the storm, so that what waits for ever is seen to. */
static void calm(int after)
{
	static const struct itimerval never;

	if (ct_caught(SIGALRM) >= after)
		setitimer(ITIMER_REAL, &never, NULL);
}

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
			storm(t);
			for (round = 0; round < EACH; round++) {
				unsigned number = i * EACH + round;
				char buf[16];
				ssize_t n;

				memcpy(buf, &number, sizeof(number));
				do {
					calm(300);
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

CT_CASE(mq_mixed_deadline, .id = "mq.timed.deadline-and-signal",
	.req = "MQ-165",
	.posix = "XSH mq_timedreceive ERRORS [EINTR], [ETIMEDOUT]",
	.text = "a deadline and a signal at one time give one of the two "
		"errors, and no message that is none",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	unsigned interrupted = 0, late = 0, i;
	struct timespec end;
	char buf[16];
	ssize_t n;
	int error;

	storm(t);
	for (i = 0; i < 40; i++) {
		end = ct_in_ms(CLOCK_REALTIME, 1);
		end.tv_nsec = end.tv_nsec / 200000 * 200000;
		errno = 0;
		n = t->os->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &end);
		error = errno;
		CT_EQUAL(n, -1);
		CT_CHECK(error == EINTR || error == ETIMEDOUT);
		interrupted += error == EINTR;
		late += error == ETIMEDOUT;
		if (error == ETIMEDOUT)
			CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
	}
	calm(0);
	CT_EQUAL(interrupted + late, 40);
	CT_EQUAL(q_count(t, mqd), 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_mixed_size, .id = "mq.blocking.bad-length-too", .req = "MQ-170",
	.posix = "XSH mq_receive, mq_send (shall fail; shall block)",
	.text = "a length that is wrong never succeeds where the call would "
		"wait; whether it waits first is recorded",
	.needs = CT_NEED_MQ)
{
	mqd_t empty = ct_mq(t, 1, 16, NULL), full = ct_mq(t, 1, 16, NULL);
	struct timespec end = ct_in_ms(CLOCK_REALTIME, 30);
	char buf[64] = "";
	int error;

	CT_OK(q_put(t, full, 'a', 0) == 0);
	CT_CHECK(t->os->mq_timedreceive(empty, buf, 15, NULL, &end) == -1);
	error = t->os->mq_timedreceive(empty, buf, 15, NULL, &end) == -1 ? errno
									 : 0;
	CT_CHECK(error == EMSGSIZE || error == ETIMEDOUT);
	ct_note(t, "receive", "%s", ct_errno_name(error));
	error = t->os->mq_timedsend(full, buf, 17, 0, &end) == -1 ? errno : 0;
	CT_CHECK(error == EMSGSIZE || error == ETIMEDOUT);
	ct_note(t, "send", "%s", ct_errno_name(error));
	error = t->os->mq_timedsend(full, buf, 1, q_top() + 1, &end) == -1
		    ? errno
		    : 0;
	CT_CHECK(error == EINVAL || error == ETIMEDOUT);
	ct_note(t, "priority", "%s", ct_errno_name(error));
	CT_EQUAL(q_count(t, full), 1);
	CT_EQUAL(q_count(t, empty), 0);
	t->os->mq_close(empty);
	t->os->mq_close(full);
}

CT_CASE(mq_mixed_flag, .id = "mq.timed.flag-changed-later", .req = "MQ-190",
	.posix = "XSH mq_receive DESCRIPTION, ERRORS [ETIMEDOUT], [EAGAIN]",
	.text =
	    "of O_NONBLOCK at open and O_NONBLOCK now a timed receive obeys "
	    "one; which is recorded",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name);
	mqd_t other = q_another(t, name, O_RDWR | O_NONBLOCK);
	struct mq_attr block = {.mq_flags = 0};
	struct timespec end = ct_in_ms(CLOCK_REALTIME, 20);
	char buf[16];
	int error;

	CT_OK(t->os->mq_setattr(other, &block, NULL) == 0);
	error = t->os->mq_timedreceive(other, buf, sizeof(buf), NULL, &end) < 0
		    ? errno
		    : 0;
	CT_CHECK(error == ETIMEDOUT || error == EAGAIN);
	ct_note(t, "obeys", "the flag %s",
		error == ETIMEDOUT ? "now" : "at open");
	t->os->mq_close(other);
	t->os->mq_close(mqd);
}
