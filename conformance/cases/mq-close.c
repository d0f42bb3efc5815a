/* SPDX-License-Identifier: BSD-3-Clause */
/* Closing message queues. */
#include "mq.h"

#include <sys/socket.h>

CT_CASE(mq_close_success, .id = "mq.close.success", .req = "MQ-137",
	.posix = "XSH mq_close RETURN VALUE",
	.text = "closing is success, whatever the access mode, with messages "
		"and without, of a name and of none",
	.needs = CT_NEED_MQ)
{
	static const int flags[] = {O_RDWR, O_RDONLY, O_WRONLY,
				    O_RDWR | O_NONBLOCK};
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name), other[4];
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	int round, i;

	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 4; i++)
			other[i] = q_another(t, name, flags[i]);
		if (round == 1)
			CT_OK(q_put(t, mqd, 'a', 0) == 0);
		for (i = 0; i < 4; i++)
			CT_OK(t->os->mq_close(other[i]) == 0);
	}
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_close_invalid, .id = "mq.close.invalid", .req = "MQ-138",
	.posix = "XSH mq_close ERRORS [EBADF]",
	.text = "closing (mqd_t)-1 is refused, before a close and after it",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);

	CT_ERRNO(t->os->mq_close(PIPC__BAD_MQD) == -1, EBADF);
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
	CT_ERRNO(t->os->mq_close(PIPC__BAD_MQD) == -1, EBADF);
}

CT_CASE(mq_close_keeps, .id = "mq.close.keeps-queue-and-messages",
	.req = "MQ-139", .posix = "XSH mq_close; specification S90",
	.text = "a queue that nobody has open keeps its messages and "
		"attributes",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 24, &name);
	struct ct_peer *p;
	unsigned prio;

	CT_OK(q_put(t, mqd, 'a', 1) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
	CT_PEER (t, p) {
		CT_MUST(CT_OK((mqd = q_open(t, name, O_WRONLY, 0)) !=
			      PIPC__BAD_MQD));
		CT_OK(q_put(t, mqd, 'b', 7) == 0);
		CT_OK(t->os->mq_close(mqd) == 0);
	}
	ct_join(t, p);
	CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR, 0)) != PIPC__BAD_MQD));
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 2);
	CT_EQUAL(q_attr(t, mqd).mq_msgsize, 24);
	CT_EQUAL(q_count(t, mqd), 2);
	CT_EQUAL(q_take(t, mqd, &prio), 'b');
	CT_EQUAL(prio, 7);
	CT_EQUAL(q_take(t, mqd, &prio), 'a');
	CT_EQUAL(prio, 1);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_close_one, .id = "mq.close.one-of-several", .req = "MQ-137 MQ-139",
	.posix = "XSH mq_close (the association of this descriptor)",
	.text = "closing one descriptor leaves the others of the process",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t a = ct_mq(t, 2, 16, &name), b = q_another(t, name, O_RDWR);

	CT_OK(q_put(t, a, 'a', 0) == 0);
	CT_OK(t->os->mq_close(a) == 0);
	CT_EQUAL(q_count(t, b), 1);
	CT_EQUAL(q_take(t, b, NULL), 'a');
	CT_OK(q_put(t, b, 'b', 0) == 0);
	CT_EQUAL(q_take(t, b, NULL), 'b');
	CT_OK(t->os->mq_close(b) == 0);
}

CT_CASE(mq_close_parent, .id = "mq.close.parent-leaves-child", .req = "MQ-186",
	.posix = "XSH fork (own copy), mq_unlink",
	.text = "a child's inherited descriptor works after the parent has "
		"closed and unlinked",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		char buf[16];

		ct_await_parent(t);
		CT_EQUAL(q_count(t, mqd), 1);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_OK(q_put(t, mqd, 'b', 0) == 0);
		CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
		CT_EQUAL(buf[0], 'b');
		CT_OK(t->os->mq_close(mqd) == 0);
	}
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
	ct_tell(t, p);
	ct_join(t, p);
}

CT_CASE(mq_close_child, .id = "mq.close.child-leaves-parent",
	.req = "MQ-186 MQ-139", .posix = "XSH fork (own copy), mq_close",
	.text = "a child's close of what it inherited leaves the parent's",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct ct_peer *p;

	CT_PEER (t, p) {
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_OK(t->os->mq_close(mqd) == 0);
	}
	ct_join(t, p);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_OK(q_put(t, mqd, 'b', 0) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

/* Which calls on this value fail with EBADF; 0 when all do. */
static int strange_call(struct ct *t, mqd_t mqd)
{
	struct mq_attr attr = {0};
	char buf[64];

	errno = 0;
	if (t->os->mq_send(mqd, "a", 1, 0) == 0 || errno != EBADF)
		return 1;
	if (t->os->mq_timedsend(mqd, "a", 1, 0, &ct_past) == 0 ||
	    errno != EBADF)
		return 2;
	if (t->os->mq_receive(mqd, buf, sizeof(buf), NULL) >= 0 ||
	    errno != EBADF)
		return 3;
	if (t->os->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &ct_past) >=
		0 ||
	    errno != EBADF)
		return 4;
	if (t->os->mq_setattr(mqd, &attr, NULL) == 0 || errno != EBADF)
		return 5;
	return 0;
}

CT_CASE(mq_use_after_close, .id = "mq.close.use-after", .req = "MQ-168",
	.posix = "XSH mq_close (undefined)",
	.text = "what a closed descriptor does is told: the first call that is "
		"not EBADF, 0 for none",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);

	CT_UNDEFINED (t, "use_after_close") {
		t->os->mq_close(mqd);
		ct_note(t, "not_ebadf", "%d", strange_call(t, mqd));
		ct_note(t, "second_close", "%s",
			t->os->mq_close(mqd) == 0 ? "success"
						  : ct_errno_name(errno));
	}
	CT_OK(t->os->mq_close(mqd) == 0);
}

/* Descriptors that are no queues: made, and -1 for one never opened. */
struct strange {
	const char *what;
	int fd;
};

/* The program's own file where no other can be made: a kernel without /tmp. */
static int a_file(void)
{
	FILE *f = tmpfile();

	return f != NULL ? fileno(f) : open("/proc/self/exe", O_RDONLY);
}

static void make_strange(struct ct *t, struct strange *s)
{
	int unopened = dup(0);

	CT_SETUP_TRUE(unopened >= 0);
	close(unopened);
	/* Far from what the others will get. */
	s[0] = (struct strange){"never opened", unopened + 100};
	s[1] = (struct strange){"a file", a_file()};
	s[2] = (struct strange){"a directory", open("/", O_RDONLY)};
	s[3] = (struct strange){"a socket", socket(AF_UNIX, SOCK_STREAM, 0)};
	CT_SETUP_TRUE(s[1].fd >= 0 && s[2].fd >= 0 && s[3].fd >= 0);
}

static void need_descriptors(struct ct *t)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	int fd = q_fd(mqd);

	t->os->mq_close(mqd);
	if (fd == -1)
		ct_unsupported(t, "a queue's descriptor is no file descriptor");
}

CT_CASE(mq_strange_descriptor, .id = "mq.handle.not-a-queue", .req = "MQ-169",
	.posix = "XSH mq_send, mq_notify, ... [EBADF]",
	.text = "where descriptors are numbers, those that are no queues are "
		"refused by each call",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct strange s[4];
	int i;

	need_descriptors(t);
	make_strange(t, s);
	for (i = 0; i < 4; i++) {
		/* A failure shows the call: it is the last one told. */
		if (!CT_EQUAL(strange_call(t, (mqd_t)(intptr_t)s[i].fd), 0))
			ct_fail(t, "%s is taken for a queue", s[i].what);
		if (i > 0)
			close(s[i].fd);
	}
}

CT_CASE(mq_notify_strange, .id = "mq.handle.notify-not-a-queue",
	.req = "MQ-169", .posix = "XSH mq_notify ERRORS [EBADF]",
	.text = "where descriptors are numbers, mq_notify refuses those that "
		"are no queues",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	struct strange s[4];
	int i;

	need_descriptors(t);
	make_strange(t, s);
	for (i = 0; i < 4; i++) {
		mqd_t mqd = (mqd_t)(intptr_t)s[i].fd;

		CT_ERRNO(t->os->mq_notify(mqd, &none) == -1, EBADF);
		CT_ERRNO(t->os->mq_notify(mqd, NULL) == -1, EBADF);
		if (i > 0)
			close(s[i].fd);
	}
}

CT_CASE(mq_close_unopened, .id = "mq.close.never-opened",
	.req = "MQ-138 MQ-169", .posix = "XSH mq_close ERRORS [EBADF]",
	.text = "where descriptors are numbers, closing one never opened is "
		"refused",
	.needs = CT_NEED_MQ)
{
	struct strange s[4];
	int i;

	need_descriptors(t);
	make_strange(t, s);
	CT_ERRNO(t->os->mq_close((mqd_t)(intptr_t)s[0].fd) == -1, EBADF);
	for (i = 1; i < 4; i++)
		close(s[i].fd);
}

CT_CASE(mq_close_strange, .id = "mq.close.not-a-queue", .req = "MQ-169",
	.posix = "XSH mq_close ERRORS [EBADF]",
	.text = "where descriptors are numbers, mq_close refuses those of "
		"files, directories and sockets, and they stay open",
	.needs = CT_NEED_MQ)
{
	struct strange s[4];
	int i;

	need_descriptors(t);
	make_strange(t, s);
	for (i = 1; i < 4; i++) {
		CT_ERRNO(t->os->mq_close((mqd_t)(intptr_t)s[i].fd) == -1,
			 EBADF);
		CT_CHECK(fcntl(s[i].fd, F_GETFD) != -1);
		close(s[i].fd);
	}
}

CT_CASE(mq_close_descriptor, .id = "mq.close.closes-the-descriptor",
	.req = "MQ-191", .posix = "POSIX.1-2024 mq_close",
	.text = "where descriptors are numbers, POSIX.1-2024 wants the number "
		"closed; before, it is told",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	int fd = q_fd(mqd);
	bool closed;

	if (fd == -1)
		ct_unsupported(t, "a queue's descriptor is no file descriptor");
	CT_OK(t->os->mq_close(mqd) == 0);
	closed = fcntl(fd, F_GETFD) == -1;
	ct_note(t, "closed", closed ? "yes" : "no");
	if (t->os->sysconf(_SC_VERSION) >= 202405L)
		CT_CHECK(closed);
}
