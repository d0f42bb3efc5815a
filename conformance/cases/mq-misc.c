/* SPDX-License-Identifier: BSD-3-Clause */
/* Capacity, concurrency, time and records of message queues. */
#include "mq.h"

#include <sched.h>
#include <stdlib.h>

CT_CASE(mq_options, .id = "gen.constants.queue-options", .req = "MQ-161 MQ-162",
	.posix = "XBD <unistd.h>, <limits.h>, <mqueue.h>; XSH sysconf",
	.text = "the option is one of the values that POSIX knows, and claimed "
		"where queues work; the members of mq_attr are long")
{
	struct mq_attr attr;
	long option, most;
	int error;

	CT_CHECK(_Generic(attr.mq_flags, long : true, default : false));
	CT_CHECK(_Generic(attr.mq_maxmsg, long : true, default : false));
	CT_CHECK(_Generic(attr.mq_msgsize, long : true, default : false));
	CT_CHECK(_Generic(attr.mq_curmsgs, long : true, default : false));

	if (_SC_MESSAGE_PASSING == -1)
		ct_unsupported(t, "sysconf() has no name for it");
	errno = 0;
	option = t->os->sysconf(_SC_MESSAGE_PASSING);
	error = errno;
	if (option == -1 && error == ENOSYS)
		ct_unsupported(t, "no sysconf");
	ct_note(t, "message_passing", "%ld", option);
	CT_CHECK(option == -1 || option >= 200112L);
	CT_EQUAL(error, 0);
#ifdef _POSIX_MESSAGE_PASSING
	if (_POSIX_MESSAGE_PASSING > 0)
		CT_EQUAL(option, _POSIX_MESSAGE_PASSING);
	else if (_POSIX_MESSAGE_PASSING < 0)
		CT_EQUAL(option, -1);
#endif
	/* A kernel may be built without what its C library has. */
	if (!pipc_limits()->message_queues_supported)
		return;
	CT_CHECK(option > 0);
	errno = 0;
	most = t->os->sysconf(_SC_MQ_OPEN_MAX);
	error = errno;
	ct_note(t, "mq_open_max", "%ld", most);
	CT_CHECK(most == -1 || most >= 8);
	CT_EQUAL(error, 0);
}

CT_CASE(mq_open_several, .id = "mq.option.eight-queues", .req = "MQ-161",
	.posix = "XBD <limits.h> _POSIX_MQ_OPEN_MAX",
	.text = "a process can have 8 queues open, and uses each of them",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd[8];
	int i;

	for (i = 0; i < 8; i++)
		mqd[i] = ct_mq(t, 1, 16, NULL);
	for (i = 0; i < 8; i++)
		CT_OK(q_put(t, mqd[i], (char)('a' + i), 0) == 0);
	for (i = 0; i < 8; i++) {
		CT_EQUAL(q_take(t, mqd[i], NULL), 'a' + i);
		CT_OK(t->os->mq_close(mqd[i]) == 0);
	}
}

/* The priority of the i-th message: the extremes, and many between. */
static unsigned priority(long i)
{
	unsigned max = (unsigned)pipc_limits()->queue_priority_max;

	return i % 3 == 0 ? max : i % 3 == 1 ? 0 : (unsigned)i * 7 % max;
}

CT_CASE(mq_whole_capacity, .id = "mq.send.whole-capacity", .req = "MQ-166",
	.posix = "specification S68, S69; XSH mq_send",
	.text = "a queue holds all its messages at full size, whatever their "
		"priorities, and not one more",
	.needs = CT_NEED_MQ)
{
	enum { SIZE = 64 };
	mqd_t mqd = ct_mq(t, t->mq_depth, SIZE, NULL);
	char msg[SIZE];
	unsigned prio, last;
	long i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < t->mq_depth; i++) {
			memset(msg, (int)i, SIZE);
			CT_OK(t->os->mq_timedsend(mqd, msg, SIZE, priority(i),
						  &ct_past) == 0);
		}
		CT_EQUAL(q_count(t, mqd), t->mq_depth);
		CT_ERRNO(t->os->mq_timedsend(mqd, msg, 0, 0, &ct_past) == -1,
			 ETIMEDOUT);
		last = priority(0);
		for (i = 0; i < t->mq_depth; i++) {
			CT_OK(t->os->mq_timedreceive(mqd, msg, SIZE, &prio,
						     &ct_past) == SIZE);
			CT_EQUAL(prio, priority(msg[0]));
			CT_CHECK(prio <= last && msg[0] == msg[SIZE - 1]);
			last = prio;
		}
	}
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_signal_at_deadline, .id = "mq.timed.signal-at-the-deadline",
	.req = "MQ-165", .posix = "XSH mq_timedreceive, mq_timedsend",
	.text = "a signal at the time of the deadline gives EINTR or "
		"ETIMEDOUT, not before either, and moves no message",
	.needs = CT_NEED_MQ)
{
	mqd_t empty = ct_mq(t, 1, 16, NULL), full = ct_mq(t, 1, 16, NULL);
	int round;
	char buf[16];

	CT_OK(q_put(t, full, 'a', 0) == 0);
	for (round = 0; round < 24; round++) {
		struct timespec end = ct_in_ms(CLOCK_REALTIME, 1);

		/* Now before the deadline, now after it. */
		ct_storm(t, 800 + 20 * round);
		if (round % 2)
			CT_ERRNO2(t->os->mq_timedreceive(empty, buf,
							 sizeof(buf), NULL,
							 &end) == -1,
				  EINTR, ETIMEDOUT);
		else
			CT_ERRNO2(t->os->mq_timedsend(full, "b", 1, 0, &end) ==
				      -1,
				  EINTR, ETIMEDOUT);
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end) ||
			 ct_caught(SIGALRM) > 0);
		ct_storm(t, 0);
		CT_EQUAL(q_count(t, empty), 0);
		CT_EQUAL(q_count(t, full), 1);
	}
	CT_EQUAL(q_take(t, full, NULL), 'a');
	CT_OK(t->os->mq_close(empty) == 0);
	CT_OK(t->os->mq_close(full) == 0);
}

/* The error of a call that should not wait; EINTR means that it does. */
static const char *instead_of_waiting(struct ct *t, int error, int wanted)
{
	if (error == EINTR || error == ETIMEDOUT)
		return "blocks";
	CT_EQUAL(error, wanted);
	return ct_errno_name(error);
}

#define ERROR_OF(failed) ((failed) ? errno : 0)

CT_CASE(mq_bad_and_blocked, .id = "mq.errors.bad-size-when-it-would-wait",
	.req = "MQ-170", .posix = "XSH mq_receive, mq_send [EMSGSIZE]",
	.text = "a bad size or priority where the call would wait: an error at "
		"once or after waiting, never success",
	.needs = CT_NEED_MQ)
{
	mqd_t empty = ct_mq(t, 1, 16, NULL), full = ct_mq(t, 1, 16, NULL);
	unsigned bad = (unsigned)pipc_limits()->queue_priority_max + 1;
	struct timespec end = ct_in_ms(CLOCK_REALTIME, 40);
	char buf[32] = "";
	int plain, timed;

	CT_OK(q_put(t, full, 'a', 0) == 0);
	ct_storm(t, 20000);
	plain = ERROR_OF(t->os->mq_receive(empty, buf, 15, NULL) < 0);
	timed =
	    ERROR_OF(t->os->mq_timedreceive(empty, buf, 15, NULL, &end) < 0);
	ct_note(t, "receive", "%s", instead_of_waiting(t, plain, EMSGSIZE));
	ct_note(t, "timedreceive", "%s",
		instead_of_waiting(t, timed, EMSGSIZE));
	plain = ERROR_OF(t->os->mq_send(full, buf, 17, 0) != 0);
	timed = ERROR_OF(t->os->mq_timedsend(full, buf, 17, 0, &end) != 0);
	ct_note(t, "send", "%s", instead_of_waiting(t, plain, EMSGSIZE));
	ct_note(t, "timedsend", "%s", instead_of_waiting(t, timed, EMSGSIZE));
	if (bad != 0) {
		plain = ERROR_OF(t->os->mq_send(full, buf, 1, bad) != 0);
		ct_note(t, "priority", "%s",
			instead_of_waiting(t, plain, EINVAL));
	}
	ct_storm(t, 0);
	CT_EQUAL(q_count(t, empty), 0);
	CT_EQUAL(q_count(t, full), 1);
	CT_OK(t->os->mq_close(empty) == 0);
	CT_OK(t->os->mq_close(full) == 0);
}

CT_CASE(mq_senders_order, .id = "mq.send.highest-sender-first", .req = "MQ-171",
	.posix = "XSH mq_send (Priority Scheduling)",
	.text = "of real-time processes that wait for room the one of highest "
		"priority that waited longest is first",
	.needs = CT_NEED_MQ)
{
	static const char who[] = "abcd", order[] = "bcad";
	const int low = sched_get_priority_min(SCHED_FIFO);
	const int level[] = {low, low + 1, low + 1, low};
	struct sched_param usual = {0}, most = {.sched_priority = low + 1};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p[4];
	int i;

	if (t->os->sysconf(_SC_PRIORITY_SCHEDULING) <= 0)
		ct_unsupported(t, "no priority scheduling");
	if (sched_setscheduler(0, SCHED_FIFO, &most) != 0)
		ct_refused(t, "sched_setscheduler", errno);
	CT_SETUP_TRUE(sched_setscheduler(0, SCHED_OTHER, &usual) == 0);
	CT_OK(q_put(t, mqd, '-', 0) == 0);
	for (i = 0; i < 4; i++) {
		CT_PEER (t, p[i]) {
			most.sched_priority = level[i];
			CT_SETUP_TRUE(
			    sched_setscheduler(0, SCHED_FIFO, &most) == 0);
			ct_tell_parent(t);
			CT_OK(t->os->mq_send(mqd, &who[i], 1, 0) == 0);
		}
		ct_await_blocked(t, p[i]);
	}
	CT_EQUAL(q_take(t, mqd, NULL), '-');
	for (i = 0; i < 4; i++) {
		char buf[16] = "";

		CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
		CT_EQUAL(buf[0], order[i]);
	}
	for (i = 0; i < 4; i++)
		ct_join(t, p[i]);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_setattr_fails, .id = "mq.setattr.failure-changes-nothing",
	.req = "MQ-176", .posix = "XSH mq_setattr RETURN VALUE (unchanged)",
	.text = "mq_setattr that fails leaves the attributes as they are",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int round;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	for (round = 0; round < 2; round++)
		CT_UNDEFINED (t, round ? "flags_and_nonblock" : "flags") {
			struct mq_attr bad = {.mq_maxmsg = 1, .mq_msgsize = 1};
			struct mq_attr is;
			int error;

			bad.mq_flags = 0x40000000L | (round ? O_NONBLOCK : 0);
			errno = 0;
			error = ERROR_OF(t->os->mq_setattr(mqd, &bad, NULL));
			is = q_attr(t, mqd);
			ct_note(t, "setattr", "%s",
				error ? ct_errno_name(error) : "success");
			if (error == 0)
				continue;
			CT_EQUAL(is.mq_flags & O_NONBLOCK, 0);
			CT_EQUAL(is.mq_maxmsg, 2);
			CT_EQUAL(is.mq_msgsize, 16);
			CT_EQUAL(is.mq_curmsgs, 1);
		}
	CT_ERRNO(t->os->mq_setattr(PIPC__BAD_MQD,
				   &(struct mq_attr){.mq_flags = O_NONBLOCK},
				   NULL) == -1,
		 EBADF);
	CT_EQUAL(q_attr(t, mqd).mq_flags & O_NONBLOCK, 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_step_clock, .id = "mq.timed.clock-is-stepped", .req = "MQ-189",
	.posix = "XSH clock_settime (absolute time services)",
	.text = "setting CLOCK_REALTIME past the deadline ends a timed wait",
	.needs = CT_NEED_MQ, .on_request = true)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct timespec now, later;
	struct ct_peer *p;
	char buf[16];
	bool ended;

	if (getenv("PIPC_SET_CLOCK") == NULL)
		ct_unresolved(t, "sets the system's clock: only where "
				 "PIPC_SET_CLOCK is set");
	CT_PEER (t, p) {
		struct timespec end = q_far();

		ct_tell_parent(t);
		CT_ERRNO(t->os->mq_timedreceive(mqd, buf, sizeof(buf), NULL,
						&end) == -1,
			 ETIMEDOUT);
	}
	ct_await_blocked(t, p);
	clock_gettime(CLOCK_REALTIME, &now);
	later = now;
	later.tv_sec += 2 * 3600;
	if (clock_settime(CLOCK_REALTIME, &later) != 0) {
		int error = errno;

		ct_kill(t, p);
		ct_refused(t, "clock_settime", error);
	}
	ended = !ct_still_blocked(t, p);
	clock_settime(CLOCK_REALTIME, &now);
	if (CT_CHECK(ended))
		ct_join(t, p);
	else
		ct_kill(t, p);
	CT_OK(t->os->mq_close(mqd) == 0);
}
