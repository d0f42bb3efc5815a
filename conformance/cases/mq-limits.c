/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits: what is refused beyond them, and that nothing is kept of it. */
#include "extension.h"
#include "mq.h"

#include <sys/resource.h>

static long least(long a, long b)
{
	return a < b ? a : b;
}

/* A new queue of that shape; the case removes it. */
static mqd_t new_mq(struct ct *t, const char *name, long depth, long size)
{
	struct mq_attr attr = {.mq_maxmsg = depth, .mq_msgsize = size};

	return t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600, &attr);
}

CT_CASE(mq_limit_defaults, .id = "mq.limits.shown-defaults", .req = "MQ-011",
	.posix = "mq_overview(7); S11 S12",
	.text = "where limits are shown, the defaults are the smaller of the "
		"default and the limit",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	long messages = q_number(Q_SHOWN "msg_default");
	long size = q_number(Q_SHOWN "msgsize_default");
	const char *name = ct_name(t);
	mqd_t mqd;

	if (messages < 0 || size < 0)
		ct_unsupported(t, "no " Q_SHOWN);
	CT_MUST(CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					    NULL)) != PIPC__BAD_MQD));
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg,
		 least(messages, q_number(Q_SHOWN "msg_max")));
	CT_EQUAL(q_attr(t, mqd).mq_msgsize,
		 least(size, q_number(Q_SHOWN "msgsize_max")));
	t->os->mq_close(mqd);
	CT_OK(t->os->mq_unlink(name) == 0);
}

CT_CASE(mq_limit_sizes, .id = "mq.limits.shown-maxima", .req = "MQ-016",
	.posix = "mq_overview(7), mq_open(3) EINVAL; S11 S95",
	.text = "where limits are shown, an unprivileged process is refused a "
		"queue beyond them with EINVAL",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	long messages = q_number(Q_SHOWN "msg_max");
	long size = q_number(Q_SHOWN "msgsize_max");
	struct ct_peer *p;

	if (messages < 0 || size < 0)
		ct_unsupported(t, "no " Q_SHOWN);
	CT_PEER (t, p) {
		if (geteuid() == 0)
			ct_become(t, CT_STRANGER);
		CT_ERRNO(new_mq(t, ct_name(t), messages + 1, 1) ==
			     PIPC__BAD_MQD,
			 EINVAL);
		CT_ERRNO(new_mq(t, ct_name(t), 1, size + 1) == PIPC__BAD_MQD,
			 EINVAL);
	}
	ct_join(t, p);
}

CT_CASE(mq_limit_bytes, .id = "mq.limits.bytes-of-user", .req = "MQ-017",
	.posix = "getrlimit(2) RLIMIT_MSGQUEUE",
	.text = "beyond RLIMIT_MSGQUEUE a new queue is EMFILE and leaves no "
		"name; what unlink and close give back can be used again",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	static const struct rlimit none = {0, 0};
	const char *name = ct_name(t);
	struct rlimit limit;
	struct ct_peer *p;
	long i, rounds, size = q_number(Q_SHOWN "msgsize_max");
	mqd_t mqd;

	if (getrlimit(RLIMIT_MSGQUEUE, &limit) != 0)
		ct_unsupported(t, "no RLIMIT_MSGQUEUE");
	CT_PEER (t, p) {
		CT_SETUP_TRUE(setrlimit(RLIMIT_MSGQUEUE, &none) == 0);
		CT_ERRNO(new_mq(t, name, 1, 16) == PIPC__BAD_MQD, EMFILE);
	}
	ct_join(t, p);
	CT_ERRNO(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, ENOENT);
	/* All together they would be over any limit as low as the default. */
	size = size > 0 ? least(size, 1024) : 1024;
	rounds = (long)(limit.rlim_cur / (rlim_t)(size * t->mq_depth)) + 1;
	for (i = 0; i < least(rounds, 2000); i++) {
		CT_MUST(CT_OK((mqd = new_mq(t, name, t->mq_depth, size)) !=
			      PIPC__BAD_MQD));
		CT_OK(t->os->mq_unlink(name) == 0);
		CT_OK(t->os->mq_close(mqd) == 0);
	}
}

CT_CASE(mq_limit_queues, .id = "mq.limits.queues-of-system", .req = "MQ-018",
	.posix = "mq_open(3) ENOSPC; mq_overview(7) queues_max",
	.text =
	    "where the number of queues is limited, an unprivileged process "
	    "gets as many, ENOSPC for one more, and one again for one less",
	.needs = CT_NEED_MQ | CT_NEED_UIDS | CT_NEED_NATIVE)
{
	enum { QUEUES = 3 };
	const char *name[QUEUES + 1];
	mqd_t mqd[QUEUES + 1];
	struct ct_peer *p;
	int i;

	for (i = 0; i <= QUEUES; i++)
		name[i] = ct_name(t);
	CT_PEER (t, p) {
		/* Of its own, so that the limit is no other one's. */
		ext_own_namespace(t);
		if (!q_set_number(Q_SHOWN "queues_max", QUEUES))
			ct_unsupported(t, "no limit of queues to be set");
		ct_become(t, CT_STRANGER);
		for (i = 0; i < QUEUES; i++)
			CT_MUST(CT_OK((mqd[i] = new_mq(t, name[i], 1, 16)) !=
				      PIPC__BAD_MQD));
		CT_ERRNO(new_mq(t, name[i], 1, 16) == PIPC__BAD_MQD, ENOSPC);
		CT_ERRNO(q_open(t, name[i], O_RDWR, 0) == PIPC__BAD_MQD,
			 ENOENT);
		CT_OK(t->os->mq_unlink(name[0]) == 0);
		CT_OK(t->os->mq_close(mqd[0]) == 0);
		CT_OK((mqd[0] = new_mq(t, name[i], 1, 16)) != PIPC__BAD_MQD);
		for (i = 1; i <= QUEUES; i++)
			CT_OK(t->os->mq_unlink(name[i]) == 0);
	}
	ct_join(t, p);
}

CT_CASE(mq_limit_overflow, .id = "mq.limits.size-overflows", .req = "MQ-019",
	.posix = "XSH mq_open O_CREAT (attributes as asked)",
	.text = "depth and size whose product overflows are refused, and never "
		"give a smaller queue",
	.needs = CT_NEED_MQ)
{
	static const long sizes[][2] = {
	    {LONG_MAX, LONG_MAX},    {LONG_MAX, 16},	      {16, LONG_MAX},
	    {LONG_MAX / 16 + 1, 32}, {32, LONG_MAX / 16 + 1}, {65536, 65536},
	    {(long)UINT_MAX, 16}};
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const char *name = ct_name(t);
		mqd_t mqd = new_mq(t, name, sizes[i][0], sizes[i][1]);

		ct_note(t, "outcome", "%ld x %ld: %s", sizes[i][0], sizes[i][1],
			mqd != PIPC__BAD_MQD ? "created"
					     : ct_errno_name(errno));
		CT_CHECK(mqd == PIPC__BAD_MQD ||
			 (q_attr(t, mqd).mq_maxmsg == sizes[i][0] &&
			  q_attr(t, mqd).mq_msgsize == sizes[i][1]));
		if (mqd == PIPC__BAD_MQD)
			continue;
		t->os->mq_close(mqd);
		t->os->mq_unlink(name);
	}
}

CT_CASE(mq_limit_descriptors, .id = "mq.limits.descriptors-of-process",
	.req = "MQ-020", .posix = "XSH mq_open ERRORS [EMFILE]",
	.text = "where a queue's descriptor is a file descriptor, opening "
		"without a free one is EMFILE, and works with one",
	.needs = CT_NEED_MQ)
{
	const struct rlimit few = {64, 64};
	const char *name, *fresh = ct_name(t);
	mqd_t mqd = ct_mq(t, 1, 16, &name), other;
	struct ct_peer *p;
	int fd, last = -1;

	if (q_fd(mqd) < 0) {
		t->os->mq_close(mqd);
		ct_unsupported(t, "a queue's descriptor is no file descriptor");
	}
	CT_PEER (t, p) {
		CT_SETUP_TRUE(setrlimit(RLIMIT_NOFILE, &few) == 0);
		while ((fd = dup(0)) >= 0)
			last = fd;
		CT_ERRNO(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, EMFILE);
		CT_ERRNO(new_mq(t, fresh, 1, 16) == PIPC__BAD_MQD, EMFILE);
		ct_note(t, "name-afterwards", "%s",
			t->os->mq_unlink(fresh) == 0 ? "exists" : "absent");
		CT_SETUP_TRUE(last >= 0 && close(last) == 0);
		CT_MUST(CT_OK((other = q_open(t, name, O_RDWR, 0)) !=
			      PIPC__BAD_MQD));
		CT_OK(q_put(t, other, 'a', 0) == 0);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	ct_join(t, p);
	t->os->mq_close(mqd);
}

CT_CASE(mq_limit_open, .id = "mq.limits.eight-descriptors", .req = "MQ-021",
	.posix = "XBD limits.h {_POSIX_MQ_OPEN_MAX}; XSH mq_open [EMFILE]",
	.text = "a process can have eight descriptors, and beyond a finite "
		"{MQ_OPEN_MAX} one more is refused",
	.needs = CT_NEED_MQ)
{
	enum { MOST = 1024 };
	static mqd_t all[MOST];
	long max = t->os->sysconf(_SC_MQ_OPEN_MAX);
	const char *name;
	long n = 1, i;

	ct_note(t, "MQ_OPEN_MAX", "%ld", max);
	all[0] = ct_mq(t, 1, 16, &name);
	for (; n < 8; n++)
		CT_MUST(CT_OK((all[n] = q_open(t, name, O_RDWR, 0)) !=
			      PIPC__BAD_MQD));
	for (i = 0; i < n; i++) {
		CT_OK(q_put(t, all[i], (char)i, 0) == 0);
		CT_EQUAL(q_take(t, all[n - 1 - i], NULL), i);
	}
	if (max > 0 && max < MOST) {
		CT_CHECK(max >= 8);
		while (n < max &&
		       (all[n] = q_open(t, name, O_RDWR, 0)) != PIPC__BAD_MQD)
			n++;
		CT_ERRNO2(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, EMFILE,
			  ENFILE);
	}
	while (n-- > 0)
		t->os->mq_close(all[n]);
}
