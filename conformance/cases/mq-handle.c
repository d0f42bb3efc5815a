/* SPDX-License-Identifier: BSD-3-Clause */
/* The library's handle of a message queue. */
#include "extension.h"
#include "mq.h"

#include <stdlib.h>
#include <sys/wait.h>

static mqd_t raw(const pipc_mq *mq)
{
	return *(const mqd_t *)pipc_mq_mqd(mq);
}

static void done(struct ct *t, pipc_mq *mq)
{
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

CT_CASE(mq_free_keeps, .id = "mq.handle.free-closes-nothing", .req = "MQ-140",
	.posix = "specification S87",
	.text = "the end of the handle is not the end of its descriptor, nor "
		"of the queue",
	.needs = CT_NEED_MQ)
{
	struct pipc_mq_options o = {0600, 1, 16, true, true};
	const char *name = ct_name(t);
	pipc_mq *mq;
	mqd_t mqd;

	CT_SETUP(pipc_mq_open(&mq, name, PIPC_O_CREX, &o));
	mqd = raw(mq);
	pipc_mq_free(mq);
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_unlink_by_name, .id = "mq.handle.unlink-by-name", .req = "MQ-151",
	.posix = "specification S1",
	.text = "a queue is unlinked by its name alone, and no other is",
	.needs = CT_NEED_MQ)
{
	pipc_mq *a = ct_pipc_mq(t, 1, 16), *b = ct_pipc_mq(t, 1, 16), *again;

	CT_EXPECT(pipc_unlink_message_queue(NULL), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_unlink_message_queue(pipc_mq_name(a)), PIPC_OK);
	CT_EXPECT(pipc_mq_open(&again, pipc_mq_name(a), 0, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_unlink_message_queue(pipc_mq_name(a)),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_mq_unlink(a), PIPC_EXISTENTIAL_ERROR);
	CT_MUST(
	    CT_EXPECT(pipc_mq_open(&again, pipc_mq_name(b), 0, NULL), PIPC_OK));
	done(t, again);
	done(t, a);
	/* Also through a handle that is closed. */
	CT_EXPECT(pipc_mq_close(b), PIPC_OK);
	CT_EXPECT(pipc_mq_unlink(b), PIPC_OK);
	CT_EXPECT(pipc_mq_unlink(b), PIPC_EXISTENTIAL_ERROR);
	pipc_mq_free(b);
}

CT_CASE(mq_random_name, .id = "mq.handle.random-name", .req = "MQ-152",
	.posix = "specification S62",
	.text = "without a name an unused one is chosen, which others can open",
	.needs = CT_NEED_MQ)
{
	pipc_mq *a, *b, *other = NULL;
	struct ct_peer *p;

	CT_EXPECT(pipc_mq_open(&other, NULL, 0, NULL), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_mq_open(&other, NULL, PIPC_O_CREAT, NULL),
		  PIPC_VALUE_ERROR);
	CT_CHECK(other == NULL);
	a = ct_pipc_mq(t, 1, 16);
	b = ct_pipc_mq(t, 1, 24);
	CT_EQUAL(pipc_mq_name(a)[0], '/');
	CT_CHECK(strchr(pipc_mq_name(a) + 1, '/') == NULL);
	CT_CHECK(strlen(pipc_mq_name(a)) <= 15);
	CT_CHECK(strcmp(pipc_mq_name(a), pipc_mq_name(b)) != 0);
	CT_EXPECT(pipc_mq_send(a, "a", 1, PIPC_SECONDS(0), 0), PIPC_OK);
	CT_EQUAL(q_count(t, raw(b)), 0);
	CT_EQUAL(q_attr(t, raw(b)).mq_msgsize, 24);
	CT_PEER (t, p) {
		CT_MUST(CT_EXPECT(
		    pipc_mq_open(&other, pipc_mq_name(a), 0, NULL), PIPC_OK));
		CT_EQUAL(q_take(t, raw(other), NULL), 'a');
	}
	ct_join(t, p);
	CT_EQUAL(q_count(t, raw(b)), 0);
	done(t, a);
	done(t, b);
}

/* A queue of the default size costs much of what one user may have. */
static void need_room(struct ct *t)
{
	const char *name = ct_name(t);
	struct mq_attr attr = {0};
	mqd_t mqd;

	CT_MUST(CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					    NULL)) != PIPC__BAD_MQD));
	t->os->mq_getattr(mqd, &attr);
	t->os->mq_close(mqd);
	t->os->mq_unlink(name);
	ct_note(t, "maxmsg", "%ld", attr.mq_maxmsg);
	ct_note(t, "msgsize", "%ld", attr.mq_msgsize);
}

/* Opens a new queue, and says its attributes; room may go at any time. */
static struct pipc_mq_attributes new_queue(struct ct *t,
					   const struct pipc_mq_options *o)
{
	struct pipc_mq_attributes attr = {0};
	pipc_mq *mq;

	CT_MUST(CT_EXPECT(pipc_mq_open(&mq, NULL, PIPC_O_CREX, o), PIPC_OK));
	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
	done(t, mq);
	return attr;
}

CT_CASE(mq_handle_defaults, .id = "mq.handle.defaults", .req = "MQ-153",
	.posix = "specification S61, S11, S12",
	.text = "what is not asked for is QUEUE_MESSAGES_MAX_DEFAULT and "
		"QUEUE_MESSAGE_SIZE_MAX_DEFAULT, blocks, reads and writes",
	.needs = CT_NEED_MQ)
{
	const struct pipc_limits *l = pipc_limits();
	struct pipc_mq_options o = PIPC_MQ_OPTIONS;
	struct pipc_mq_attributes attr;
	pipc_mq *mq = NULL;

	CT_EXPECT(pipc_mq_open(&mq, ct_name(t), 0, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(o.mode == 0600 && o.read && o.write);
	need_room(t);
	attr = new_queue(t, NULL);
	CT_EQUAL(attr.max_messages, l->queue_messages_max_default);
	CT_EQUAL(attr.max_message_size, l->queue_message_size_max_default);
	CT_EQUAL(attr.current_messages, 0);
	CT_CHECK(attr.block);
	attr = new_queue(t, &o);
	CT_EQUAL(attr.max_messages, l->queue_messages_max_default);
	CT_EQUAL(attr.max_message_size, l->queue_message_size_max_default);
	o.max_messages = 1;
	attr = new_queue(t, &o);
	CT_EQUAL(attr.max_messages, 1);
	CT_EQUAL(attr.max_message_size, l->queue_message_size_max_default);
	o.max_messages = 0;
	o.max_message_size = 16;
	attr = new_queue(t, &o);
	CT_EQUAL(attr.max_messages, l->queue_messages_max_default);
	CT_EQUAL(attr.max_message_size, 16);
}

CT_CASE(mq_defaults_accepted, .id = "mq.handle.defaults-accepted",
	.req = "MQ-175", .posix = "specification S61, S11, S12",
	.text = "the defaults, asked for by their numbers, make the same queue "
		"as no attributes do",
	.needs = CT_NEED_MQ)
{
	const char *name = ct_name(t);
	struct mq_attr attr = {0}, asked = {0};
	mqd_t mqd;

	CT_MUST(CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					    NULL)) != PIPC__BAD_MQD));
	asked = q_attr(t, mqd);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
	asked.mq_flags = asked.mq_curmsgs = 0;
	CT_MUST(CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					    &asked)) != PIPC__BAD_MQD));
	attr = q_attr(t, mqd);
	CT_EQUAL(attr.mq_maxmsg, asked.mq_maxmsg);
	CT_EQUAL(attr.mq_msgsize, asked.mq_msgsize);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_large_messages, .id = "mq.handle.large-messages", .req = "MQ-154",
	.posix = "specification S94, S95",
	.text = "where limits allow messages above 8192 bytes, they come "
		"through whole, and a buffer of 8192 is too small",
	.needs = CT_NEED_MQ)
{
	enum { SIZE = 20000 };
	struct pipc_mq_options o = {0600, 1, SIZE, true, true};
	char *sent = malloc(SIZE), *came = calloc(1, SIZE);
	pipc_status status;
	size_t i, len = 8192;
	pipc_mq *mq;
	long most;

	CT_SETUP_TRUE(sent != NULL && came != NULL);
	/* Where a namespace of its own can be had the limit is set. */
	if (ext_leave_namespace() == 0)
		q_set_number(Q_SHOWN "msgsize_max", SIZE);
	most = q_number(Q_SHOWN "msgsize_max");
	errno = 0;
	status = pipc_mq_open(&mq, NULL, PIPC_O_CREX, &o);
	if (status != PIPC_OK && errno == EINVAL && most < 0)
		ct_unsupported(t, "no queue with messages of %d bytes: EINVAL",
			       SIZE);
	if (status != PIPC_OK && errno == EINVAL && most < SIZE)
		ct_unresolved(t,
			      "messages of %d bytes: EINVAL; " Q_SHOWN
			      "msgsize_max is %ld",
			      SIZE, most);
	if (status != PIPC_OK)
		ct_refused(t, "mq_open(messages of 20000 bytes)", errno);
	for (i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 31 + i / 256);
	CT_EXPECT(pipc_mq_send(mq, sent, SIZE, PIPC_SECONDS(0), 0), PIPC_OK);
	CT_EXPECT(pipc_mq_receive(mq, came, &len, PIPC_SECONDS(0), NULL),
		  PIPC_VALUE_ERROR);
	CT_EQUAL(q_count(t, raw(mq)), 1);
	len = SIZE;
	CT_EXPECT(pipc_mq_receive(mq, came, &len, PIPC_SECONDS(0), NULL),
		  PIPC_OK);
	CT_EQUAL(len, SIZE);
	CT_CHECK(memcmp(sent, came, SIZE) == 0);
	free(sent);
	free(came);
	CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
	done(t, mq);
}

CT_CASE(mq_closed_handle, .id = "mq.handle.use-after-close", .req = "MQ-163",
	.posix = "specification S86; XSH mq_* [EBADF]",
	.text = "a closed handle holds (mqd_t)-1, and each call on it fails "
		"with EBADF",
	.needs = CT_NEED_MQ)
{
	struct pipc_notification wanted = {.signo = SIGUSR1};
	struct pipc_mq_attributes attr = {.max_messages = 77};
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	size_t len = 16;
	char buf[16];

	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	CT_CHECK(raw(mq) == PIPC__BAD_MQD);
	CT_ERRNO(pipc_mq_send(mq, "a", 1, NULL, 0) == PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_ERRNO(pipc_mq_send(mq, "a", 1, PIPC_SECONDS(0.02), 0) ==
		     PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_ERRNO(pipc_mq_receive(mq, buf, &len, NULL, NULL) ==
		     PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_ERRNO(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(0), NULL) ==
		     PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_EQUAL(len, 16);
	CT_ERRNO(pipc_mq_attributes(mq, &attr) == PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_EQUAL(attr.max_messages, 77);
	CT_ERRNO(pipc_mq_set_block(mq, false) == PIPC_EXISTENTIAL_ERROR, EBADF);
	CT_ERRNO(pipc_mq_request_notification(mq, &wanted) ==
		     PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_ERRNO(pipc_mq_request_notification(mq, NULL) ==
		     PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	CT_ERRNO(pipc_mq_close(mq) == PIPC_EXISTENTIAL_ERROR, EBADF);
	CT_EQUAL(pipc_mq_name(mq)[0], '/');
	pipc_mq_free(mq);
}

/* Queues that are absent, in the two ways that systems have. */
static mqd_t absent_open(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	(void)name;
	(void)flags;
	(void)mode;
	(void)attr;
	errno = ENOSYS;
	return PIPC__BAD_MQD;
}

static mqd_t deadly_open(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	raise(SIGSYS);
	return absent_open(name, flags, mode, attr);
}

static int absent_send(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		       const struct timespec *end)
{
	(void)mqd;
	(void)msg;
	(void)len;
	(void)prio;
	(void)end;
	errno = ENOSYS;
	return -1;
}

/* A queue may be refused while others have theirs; the library asks a child. */
static const struct pipc__os *real;
static int *refusal;

static mqd_t telling_open(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	mqd_t mqd = real->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD)
		*refusal = errno;
	return mqd;
}

/* Do messages come through a new queue, by both calls? */
static bool transfers(struct ct *t, mqd_t mqd)
{
	return mqd != PIPC__BAD_MQD && q_put(t, mqd, 'a', 0) == 0 &&
	       q_take(t, mqd, NULL) == 'a' &&
	       q_send(t, mqd, Q_PLAIN, "b", 1, 0) == 0 &&
	       q_take(t, mqd, NULL) == 'b';
}

/* Whether a queue works, asked in a child; -1: it is there and does not. */
static int probe(struct ct *t)
{
	struct ct_peer *p;
	mqd_t mqd;
	struct seen {
		int works, error;
	} *seen = ct_shared(t, sizeof(*seen));
	int status;

	CT_PEER (t, p) {
		const char *name = ct_name(t);

		signal(SIGSYS, SIG_DFL);
		mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600);
		seen->error = mqd != PIPC__BAD_MQD ? 0 : errno;
		seen->works = transfers(t, mqd);
		if (!seen->works && errno != ENOSYS)
			seen->works = -1;
		t->os->mq_unlink(name);
	}
	status = ct_reap(t, p);
	if (seen->error != 0 && seen->error != ENOSYS)
		ct_refused(t, "mq_open", seen->error);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGSYS)
		return -1;
	return seen->works;
}

CT_CASE(mq_supported, .id = "gen.constants.queues-supported", .req = "MQ-155",
	.posix = "specification S10, S100, S103",
	.text = "MESSAGE_QUEUES_SUPPORTED is whether a message comes through: "
		"not where a call is missing, or kills its caller")
{
	struct pipc__os less = *t->os;
	int works = probe(t);

	CT_REQUIRE(works >= 0);
	CT_EQUAL(pipc_limits()->message_queues_supported, works);
	less.mq_open = absent_open;
	pipc__use(&less);
	CT_CHECK(!pipc_limits()->message_queues_supported);
	CT_EQUAL(pipc_limits()->queue_messages_max_default, 0);
	less.mq_open = deadly_open;
	pipc__use(&less);
	CT_CHECK(!pipc_limits()->message_queues_supported);
	real = t->os;
	refusal = ct_shared(t, sizeof(*refusal));
	less = *t->os;
	less.mq_open = telling_open;
	less.mq_timedsend = absent_send;
	pipc__use(&less);
	if (pipc_limits()->message_queues_supported && *refusal != 0)
		ct_refused(t, "mq_open", *refusal);
	CT_CHECK(!pipc_limits()->message_queues_supported);
	pipc__use(t->os);
	CT_EQUAL(pipc_limits()->message_queues_supported, works);
}
