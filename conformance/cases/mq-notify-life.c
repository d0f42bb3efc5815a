/* SPDX-License-Identifier: BSD-3-Clause */
/* Who holds a queue's one notification request, and how long. */
#include "mq-notify.h"

CT_CASE(mq_notify_busy_self, .id = "mq.notify.busy-same-process",
	.req = "MQ-115", .posix = "XSH mq_notify [EBUSY]",
	.text = "a second request by the same process is refused, through any "
		"descriptor and for any kind",
	.needs = NEEDS_NOTIFY)
{
	struct pipc_notification wanted = {.signo = SIGUSR1};
	pipc_mq *mq = ct_pipc_mq(t, 2, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq), second;
	struct sigevent event = by_signal(SIGUSR1, 0);

	second = q_another(t, pipc_mq_name(mq), O_RDWR);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_OK);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_BUSY_ERROR);
	CT_ERRNO(t->os->mq_notify(mqd, &event) == -1, EBUSY);
	CT_ERRNO(t->os->mq_notify(second, &event) == -1, EBUSY);
	expect_held(t, mqd);
	expect_held(t, second);
	CT_EXPECT(pipc_mq_request_notification(mq, NULL), PIPC_OK);
	expect_free(t, second);
	t->os->mq_close(second);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

CT_CASE(mq_notify_busy_other, .id = "mq.notify.busy-another-process",
	.req = "MQ-116", .posix = "XSH mq_notify [EBUSY]",
	.text = "a request is refused while another process holds one, through "
		"an inherited descriptor and through its own",
	.needs = NEEDS_NOTIFY)
{
	struct pipc_notification wanted = {.signo = SIGUSR1};
	pipc_mq *mq = ct_pipc_mq(t, 2, 16);
	mqd_t mqd = *(const mqd_t *)pipc_mq_mqd(mq), mine;
	struct sigevent event = by_signal(SIGUSR1, 0);
	struct ct_peer *p;

	CT_PEER (t, p) {
		mine = q_another(t, pipc_mq_name(mq), O_RDWR);
		CT_OK(t->os->mq_notify(mine, &event) == 0);
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_OK(t->os->mq_notify(mine, NULL) == 0);
		ct_tell_parent(t);
		ct_await_parent(t);
		expect_held(t, mine);
		expect_held(t, mqd);
		CT_EXPECT(pipc_mq_request_notification(mq, &wanted),
			  PIPC_BUSY_ERROR);
		t->os->mq_close(mine);
	}
	ct_await(t, p);
	CT_ERRNO(t->os->mq_notify(mqd, &event) == -1, EBUSY);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_BUSY_ERROR);
	ct_tell(t, p);
	ct_await(t, p);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_OK);
	ct_tell(t, p);
	ct_join(t, p);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

CT_CASE(mq_notify_busy_changes_nothing,
	.id = "mq.notify.busy-leaves-first-request", .req = "MQ-183",
	.posix = "XSH mq_notify [EBUSY]",
	.text = "a request refused as busy leaves the first one in force, with "
		"its signal and value",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = ct_rtsig(t), round;
	struct sigevent first = by_signal(signo, 7);
	struct sigevent second = by_signal(SIGUSR2, 9);
	struct ct_peer *p;

	ct_catch(t, signo);
	ct_catch(t, SIGUSR2);
	for (round = 1; round <= 2; round++) {
		CT_OK(t->os->mq_notify(mqd, &first) == 0);
		if (round == 1)
			CT_ERRNO(t->os->mq_notify(mqd, &second) == -1, EBUSY);
		CT_PEER (t, p) {
			CT_ERRNO(t->os->mq_notify(mqd, &second) == -1, EBUSY);
			CT_EQUAL(ct_caught(SIGUSR2), 0);
		}
		ct_join(t, p);
		put(t, mqd, 'a');
		expect_caught(t, signo, round);
		CT_EQUAL(ct_caught_info(signo).si_value.sival_int, 7);
		CT_EQUAL(ct_caught(SIGUSR2), 0);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_closed, .id = "mq.notify.close-ends-request", .req = "MQ-128",
	.posix = "XSH mq_close (notification removed)",
	.text = "closing the descriptor that a request was made with ends it",
	.needs = NEEDS_NOTIFY)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), second;
	int signo = counted_signal(t);
	struct ct_peer *p;

	second = q_another(t, name, O_RDWR);
	request(t, second, signo);
	CT_OK(t->os->mq_close(second) == 0);
	CT_PEER (t, p) {
		expect_free(t, mqd);
	}
	ct_join(t, p);
	put(t, mqd, 'a');
	expect_caught(t, signo, 0);
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_other_closed, .id = "mq.notify.close-of-another-descriptor",
	.req = "MQ-129", .posix = "XSH mq_close (via this mqdes)",
	.text = "closing another descriptor of the queue leaves the request",
	.needs = NEEDS_NOTIFY)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), second;
	int signo = counted_signal(t);

	second = q_another(t, name, O_RDWR);
	request(t, mqd, signo);
	CT_OK(t->os->mq_close(second) == 0);
	/* Without a request no signal is waited for. */
	CT_MUST(CT_ERRNO(t->os->mq_notify(mqd, &none) == -1, EBUSY));
	put(t, mqd, 'a');
	expect_caught(t, signo, 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_dup, .id = "mq.notify.close-of-duplicate", .req = "MQ-173",
	.posix = "none: a queue's descriptor that is a file descriptor",
	.text = "whether closing a duplicate of the descriptor ends the "
		"request is told",
	.needs = NEEDS_NOTIFY | CT_NEED_NATIVE)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int fd = q_fd(mqd), copy;

	if (fd < 0)
		ct_unsupported(t, "an mqd_t is not a file descriptor");
	request(t, mqd, SIGUSR1);
	CT_SETUP_TRUE((copy = dup(fd)) >= 0);
	CT_OK(t->os->close(copy) == 0);
	if (t->os->mq_notify(mqd, &none) == 0) {
		ct_note(t, "after_close_of_duplicate", "free");
	} else {
		expect_held(t, mqd);
		ct_note(t, "after_close_of_duplicate", "held");
	}
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_notify_forked, .id = "mq.notify.child-is-not-registered",
	.req = "MQ-130", .posix = "XSH mq_notify, mq_close, fork",
	.text = "a forked child holds no request: its end and its close leave "
		"the parent's, and the signal is the parent's",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p, *ended;

	request(t, mqd, signo);
	CT_PEER (t, ended) {
		expect_held(t, mqd);
	}
	ct_join(t, ended);
	CT_PEER (t, p) {
		CT_OK(t->os->mq_close(mqd) == 0);
		ct_tell_parent(t);
		ct_await_parent(t);
		expect_caught(t, signo, 0);
	}
	ct_await(t, p);
	expect_held(t, mqd);
	put(t, mqd, 'a');
	CT_CHECK(ct_await_caught(t, signo, 1));
	ct_tell(t, p);
	ct_join(t, p);
	CT_EQUAL(ct_caught(signo), 1);
	t->os->mq_close(mqd);
}

/* The owner of a request after exec: there, and without it. */
CT_PROGRAM(mq_notify_after_exec)
{
	(void)arg;
	ct_tell_parent(t);
	ct_await_parent(t);
}

enum end { EXIT, KILL, EXEC };

static void owner_ends(struct ct *t, enum end how)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), mine;
	struct ct_peer *p;

	CT_PEER (t, p) {
		mine = q_another(t, name, O_RDWR);
		request(t, mine, SIGUSR1);
		ct_tell_parent(t);
		ct_await_parent(t);
		if (how == EXEC)
			ct_exec(t, "mq_notify_after_exec", "");
	}
	ct_await(t, p);
	expect_held(t, mqd);
	if (how == KILL) {
		ct_kill(t, p);
		expect_free(t, mqd);
	} else {
		ct_tell(t, p);
		if (how == EXEC) {
			ct_await(t, p);
			expect_free(t, mqd);
			put(t, mqd, 'a');
			ct_settle(t);
			ct_tell(t, p);
		}
		ct_join(t, p);
		expect_free(t, mqd);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_owner_exits, .id = "mq.notify.owner-exits", .req = "MQ-131",
	.posix = "XSH _Exit (as if by mq_close)",
	.text = "the owner's exit ends its request", .needs = NEEDS_NOTIFY)
{
	owner_ends(t, EXIT);
}

CT_CASE(mq_notify_owner_killed, .id = "mq.notify.owner-killed", .req = "MQ-131",
	.posix = "XSH _Exit (termination for any reason)",
	.text = "the owner's death by SIGKILL ends its request",
	.needs = NEEDS_NOTIFY)
{
	owner_ends(t, KILL);
}

CT_CASE(mq_notify_owner_execs, .id = "mq.notify.owner-execs", .req = "MQ-131",
	.posix = "XSH exec (as described in mq_close)",
	.text = "exec ends the request of a process that goes on",
	.needs = NEEDS_NOTIFY)
{
	owner_ends(t, EXEC);
}

CT_CASE(mq_notify_write_only, .id = "mq.notify.write-only-descriptor",
	.req = "MQ-132", .posix = "XSH mq_notify (no access mode named)",
	.text = "a request works through a descriptor of any access mode",
	.needs = NEEDS_NOTIFY)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), writer, reader;
	int signo = counted_signal(t);

	writer = q_another(t, name, O_WRONLY);
	reader = q_another(t, name, O_RDONLY);
	request(t, writer, signo);
	put(t, writer, 'a');
	expect_caught(t, signo, 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	request(t, reader, signo);
	put(t, writer, 'b');
	expect_caught(t, signo, 2);
	CT_OK(t->os->mq_close(writer) == 0);
	CT_OK(t->os->mq_close(reader) == 0);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_bad, .id = "mq.notify.bad-descriptor", .req = "MQ-134",
	.posix = "XSH mq_notify [EBADF]",
	.text = "a request or a cancel through (mqd_t)-1 is refused",
	.needs = NEEDS_NOTIFY)
{
	struct sigevent event = by_signal(SIGUSR1, 0);
	struct sigevent none = {.sigev_notify = SIGEV_NONE};

	CT_ERRNO(t->os->mq_notify(PIPC__BAD_MQD, &event) == -1, EBADF);
	CT_ERRNO(t->os->mq_notify(PIPC__BAD_MQD, &none) == -1, EBADF);
	CT_ERRNO(t->os->mq_notify(PIPC__BAD_MQD, NULL) == -1, EBADF);
}

CT_CASE(mq_notify_unlinked, .id = "mq.notify.survives-unlink", .req = "MQ-135",
	.posix = "XSH mq_unlink, mq_notify",
	.text = "a request survives the unlink of the name, by its owner or by "
		"another process",
	.needs = NEEDS_NOTIFY)
{
	int signo = counted_signal(t), round;
	struct ct_peer *p;
	const char *name;
	mqd_t mqd;

	for (round = 1; round <= 2; round++) {
		mqd = ct_mq(t, 2, 16, &name);
		request(t, mqd, signo);
		if (round == 1)
			CT_OK(t->os->mq_unlink(name) == 0);
		CT_PEER (t, p) {
			if (round == 2)
				CT_OK(t->os->mq_unlink(name) == 0);
			expect_held(t, mqd);
			put(t, mqd, 'a');
		}
		ct_join(t, p);
		expect_caught(t, signo, round);
		t->os->mq_close(mqd);
	}
}

static void cancel_in_thread(struct ct *t, void *arg)
{
	CT_OK(t->os->mq_notify(*(mqd_t *)arg, NULL) == 0);
}

CT_CASE(mq_notify_cancel_roads, .id = "mq.notify.cancel-by-any-road",
	.req = "MQ-174", .posix = "XSH mq_notify (the process is registered)",
	.text = "the owner cancels through another descriptor and from another "
		"thread too",
	.needs = NEEDS_NOTIFY)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), second;
	int signo = counted_signal(t);

	second = q_another(t, name, O_RDWR);
	request(t, mqd, signo);
	CT_OK(t->os->mq_notify(second, NULL) == 0);
	expect_free(t, mqd);
	request(t, mqd, signo);
	ct_thread_join(t, ct_thread(t, cancel_in_thread, &mqd));
	expect_free(t, mqd);
	put(t, mqd, 'a');
	expect_caught(t, signo, 0);
	t->os->mq_close(second);
	t->os->mq_close(mqd);
}
