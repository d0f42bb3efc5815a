/* SPDX-License-Identifier: BSD-3-Clause */
/* Message queues. */
#include "internal.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct pipc_mq {
	mqd_t mqd;		   /* (mqd_t)-1 once closed; may be a pointer */
	const struct pipc__os *os; /* what opened it; &closed once closed */
	unsigned priority_max;
	bool read, write;
	char *name;
};

/*
 * A time that has passed on every clock: "do not wait" for mq_timed*().  Not
 * const, for qemu-user writes a deadline back and fails where it cannot.
 */
static struct timespec long_ago = {0, 0};

struct mq_opener {
	struct pipc__opener opener;
	int access;
	mode_t mode;
	struct mq_attr *attr;
	int unknown; /* why there are no attributes, if they are needed */
	mqd_t mqd;
};

static int open_one(struct pipc__opener *self, const char *name)
{
	struct mq_opener *o = (struct mq_opener *)self;
	int flags = self->flags;

	if (o->unknown != 0) { /* a queue that is there has its own */
		if (flags & O_EXCL)
			return o->unknown;
		flags &= ~O_CREAT;
	}
	o->mqd =
	    pipc__queues()->mq_open(name, flags | o->access, o->mode, o->attr);
	if (o->mqd != PIPC__BAD_MQD)
		return 0;
	return o->unknown != 0 && errno == ENOENT ? o->unknown : errno;
}

/* The access mode that read and write ask for; -1 if they ask for nothing. */
static int access_mode(const struct pipc_mq_options *options)
{
	if (options->read && options->write)
		return O_RDWR;
	if (options->read)
		return O_RDONLY;
	return options->write ? O_WRONLY : -1;
}

/* Fills attr from the options, unless all is left to the system. */
static void fill_attr(struct mq_opener *o, struct mq_attr *attr,
		      const struct pipc_mq_options *options)
{
	long messages = options->max_messages;
	long size = options->max_message_size;
	const struct pipc_limits *l;
	int why;

	if (messages == 0 && size == 0)
		return;
	if (messages == 0 || size == 0) {
		l = pipc__limits_now(&why);
		if (messages == 0)
			messages = l->queue_messages_max_default;
		if (size == 0)
			size = l->queue_message_size_max_default;
		if (messages == 0 || size == 0)
			o->unknown = why;
	}
	memset(attr, 0, sizeof(*attr));
	attr->mq_maxmsg = messages;
	attr->mq_msgsize = size;
	o->attr = attr;
}

/* The highest priority, as the system or else the header says. */
unsigned pipc__priority_max(void)
{
	long n = -1;

#ifdef _SC_MQ_PRIO_MAX
	n = pipc__queues()->sysconf(_SC_MQ_PRIO_MAX);
#endif
#ifdef MQ_PRIO_MAX
	if (n <= 0)
		n = MQ_PRIO_MAX;
#endif
	return n <= 0 || (unsigned long)n > UINT_MAX ? UINT_MAX
						     : (unsigned)(n - 1);
}

pipc_status pipc_mq_open(pipc_mq **mq, const char *name, int flags,
			 const struct pipc_mq_options *options)
{
	static const struct pipc_mq_options defaults = PIPC_MQ_OPTIONS;
	struct mq_opener o = {{open_one, flags}, 0, 0, NULL, 0, PIPC__BAD_MQD};
	struct mq_attr attr;
	pipc_mq *handle;
	pipc_status status;

	if (options == NULL)
		options = &defaults;
	o.access = access_mode(options);
	if (mq == NULL || !pipc__flags_ok(flags, PIPC_O_CREX) || o.access < 0 ||
	    options->max_messages < 0 || options->max_message_size < 0)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	o.mode = options->mode;
	if (flags & O_CREAT)
		fill_attr(&o, &attr, options);
	handle = malloc(sizeof(*handle));
	if (handle == NULL)
		return pipc__refuse(ENOMEM, PIPC_MEMORY_ERROR);
	status = pipc__open_named(&o.opener, name, &handle->name);
	if (status != PIPC_OK) {
		free(handle);
		return status;
	}
	handle->mqd = o.mqd;
	handle->os = pipc__queues();
	handle->priority_max = pipc__priority_max();
	handle->read = options->read;
	handle->write = options->write;
	*mq = handle;
	return PIPC_OK;
}

/* What every call comes to once the handle is closed. */
static int closed_call(mqd_t mqd)
{
	(void)mqd;
	errno = EBADF;
	return -1;
}

static int closed_event_fd(mqd_t mqd)
{
	return closed_call(mqd);
}

static int closed_getattr(mqd_t mqd, struct mq_attr *attr)
{
	(void)attr;
	return closed_call(mqd);
}

static int closed_notify(mqd_t mqd, const struct sigevent *notification)
{
	(void)notification;
	return closed_call(mqd);
}

static int closed_timedsend(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio, const struct timespec *deadline)
{
	(void)msg, (void)len, (void)prio, (void)deadline;
	return closed_call(mqd);
}

static int closed_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	return closed_timedsend(mqd, msg, len, prio, NULL);
}

static ssize_t closed_timedreceive(mqd_t mqd, char *buf, size_t len,
				   unsigned *prio,
				   const struct timespec *deadline)
{
	(void)buf, (void)len, (void)prio, (void)deadline;
	return closed_call(mqd);
}

static ssize_t closed_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	return closed_timedreceive(mqd, buf, len, prio, NULL);
}

/* A closed handle's table: no call has to ask first whether it is open. */
static const struct pipc__os closed = {
    .mq_close = closed_call,
    .mq_getattr = closed_getattr,
    .mq_notify = closed_notify,
    .mq_event_fd_np = closed_event_fd,
    .mq_send = closed_send,
    .mq_timedsend = closed_timedsend,
    .mq_receive = closed_receive,
    .mq_timedreceive = closed_timedreceive,
};

static COLD pipc_status bad_argument(void)
{
	return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
}

/* The status after a call on the descriptor failed. */
static COLD pipc_status failed(const pipc_mq *mq, bool permitted)
{
	if (errno != EBADF)
		return pipc__failed();
	return permitted || mq->os == &closed ? PIPC_EXISTENTIAL_ERROR
					      : PIPC_PERMISSIONS_ERROR;
}

/* What is kept, in memory and not in registers, for when it has to wait. */
struct sending {
	pipc_mq *mq;
	const void *msg;
	size_t len;
	const struct timespec *timeout;
	unsigned priority;
};

static COLD pipc_status send_blocking(const struct sending *s)
{
	const pipc_mq *mq = s->mq;
	struct timespec end;

	if (errno != ETIMEDOUT || pipc__timeout_zero(s->timeout))
		return failed(mq, mq->write);
	/* By the clock that nobody sets, where queues know it. */
	if (pipc__deadline(CLOCK_MONOTONIC, s->timeout, &end)) {
		if (mq->os->mq_clocksend_np(mq->mqd, s->msg, s->len,
					    s->priority, CLOCK_MONOTONIC,
					    &end) == 0)
			return PIPC_OK;
		if (errno != ENOSYS)
			return failed(mq, mq->write);
	}
	if (pipc__deadline(CLOCK_REALTIME, s->timeout, &end) &&
	    mq->os->mq_timedsend(mq->mqd, s->msg, s->len, s->priority, &end) ==
		0)
		return PIPC_OK;
	return failed(mq, mq->write);
}

static APART pipc_status send_untimed(pipc_mq *mq, const void *msg, size_t len,
				      unsigned priority)
{
	int came = mq->os->mq_send(mq->mqd, msg, len, priority);

	return came < 0 ? failed(mq, mq->write) : (pipc_status)came;
}

pipc_status pipc_mq_send(pipc_mq *mq, const void *msg, size_t len,
			 const struct timespec *timeout, unsigned priority)
{
	const struct pipc__os *os;
	struct sending s;
	int came;

	if (mq == NULL || priority > mq->priority_max)
		return bad_argument();
	if (msg == NULL) {
		if (len != 0)
			return bad_argument();
		msg = "";
	}
	if (timeout == NULL)
		return send_untimed(mq, msg, len, priority);
	os = mq->os;
	if (!pipc__timeout_ok(timeout))
		return bad_argument();
	s = (struct sending){mq, msg, len, timeout, priority};
	came = os->mq_timedsend(mq->mqd, msg, len, priority, &long_ago);
	return came < 0 ? send_blocking(&s) : (pipc_status)came;
}

struct receiving {
	pipc_mq *mq;
	void *buf;
	size_t *volatile len; /* volatile: in no register, which costs more */
	const struct timespec *timeout;
	unsigned *priority;
};

static ssize_t receive_for(const struct receiving *r)
{
	const pipc_mq *mq = r->mq;
	struct timespec end;
	ssize_t n;

	if (pipc__deadline(CLOCK_MONOTONIC, r->timeout, &end)) {
		n = mq->os->mq_clockreceive_np(mq->mqd, r->buf, *r->len,
					       r->priority, CLOCK_MONOTONIC,
					       &end);
		if (n >= 0 || errno != ENOSYS)
			return n;
	}
	if (!pipc__deadline(CLOCK_REALTIME, r->timeout, &end))
		return -1;
	return mq->os->mq_timedreceive(mq->mqd, r->buf, *r->len, r->priority,
				       &end);
}

static COLD pipc_status receive_blocking(const struct receiving *r)
{
	const pipc_mq *mq = r->mq;
	ssize_t n;

	if (errno != ETIMEDOUT || pipc__timeout_zero(r->timeout))
		return failed(mq, mq->read);
	n = receive_for(r);
	if (n < 0)
		return failed(mq, mq->read);
	*r->len = (size_t)n;
	return PIPC_OK;
}

static APART pipc_status receive_untimed(pipc_mq *mq, void *buf, size_t *len,
					 unsigned *priority)
{
	ssize_t n = mq->os->mq_receive(mq->mqd, buf, *len, priority);

	if (n < 0)
		return failed(mq, mq->read);
	*len = (size_t)n;
	return PIPC_OK;
}

/* Addresses of one process share bits, as a rule: then one test is enough. */
static bool any_null(const void *a, const void *b, const void *c)
{
	return ((uintptr_t)a & (uintptr_t)b & (uintptr_t)c) == 0 &&
	       (a == NULL || b == NULL || c == NULL);
}

pipc_status pipc_mq_receive(pipc_mq *mq, void *buf, size_t *len,
			    const struct timespec *timeout, unsigned *priority)
{
	const struct pipc__os *os;
	struct receiving r;
	ssize_t n;

	if (any_null(mq, buf, len))
		return bad_argument();
	if (timeout == NULL)
		return receive_untimed(mq, buf, len, priority);
	os = mq->os;
	if (!pipc__timeout_ok(timeout))
		return bad_argument();
	r = (struct receiving){mq, buf, len, timeout, priority};
	n = os->mq_timedreceive(mq->mqd, buf, *len, priority, &long_ago);
	if (n < 0)
		return receive_blocking(&r);
	*r.len = (size_t)n;
	return PIPC_OK;
}

static void fill_event(struct sigevent *event,
		       const struct pipc_notification *notification)
{
	memset(event, 0, sizeof(*event));
	event->sigev_value = notification->param;
	if (notification->function != NULL) {
		event->sigev_notify = SIGEV_THREAD;
		event->sigev_notify_function = notification->function;
	} else {
		event->sigev_notify = SIGEV_SIGNAL;
		event->sigev_signo = notification->signo;
	}
}

pipc_status
pipc_mq_request_notification(pipc_mq *mq,
			     const struct pipc_notification *notification)
{
	struct sigevent event;

	if (mq == NULL ||
	    (notification != NULL && notification->function == NULL &&
	     notification->signo <= 0))
		return bad_argument();
	if (notification != NULL)
		fill_event(&event, notification);
	if (mq->os->mq_notify(mq->mqd, notification ? &event : NULL) == 0)
		return PIPC_OK;
	return failed(mq, true);
}

pipc_status pipc_mq_event_fd(pipc_mq *mq, int *fd)
{
	int found;

	if (mq == NULL || fd == NULL)
		return bad_argument();
	found = mq->os->mq_event_fd_np(mq->mqd);
	if (found < 0)
		return failed(mq, true);
	*fd = found;
	return PIPC_OK;
}

pipc_status pipc_mq_set_block(pipc_mq *mq, bool block)
{
	struct mq_attr attr;

	if (mq == NULL)
		return bad_argument();
	if (mq->os->mq_getattr(mq->mqd, &attr) != 0)
		return failed(mq, true);
	if (block)
		attr.mq_flags &= ~(long)O_NONBLOCK;
	else
		attr.mq_flags |= O_NONBLOCK;
	if (mq->os->mq_setattr(mq->mqd, &attr, NULL) == 0)
		return PIPC_OK;
	return failed(mq, true);
}

pipc_status pipc_mq_attributes(pipc_mq *mq, struct pipc_mq_attributes *out)
{
	struct mq_attr attr;

	if (mq == NULL || out == NULL)
		return bad_argument();
	if (mq->os->mq_getattr(mq->mqd, &attr) != 0)
		return failed(mq, true);
	out->block = !(attr.mq_flags & O_NONBLOCK);
	out->max_messages = attr.mq_maxmsg;
	out->max_message_size = attr.mq_msgsize;
	out->current_messages = attr.mq_curmsgs;
	return PIPC_OK;
}

const void *pipc_mq_mqd(const pipc_mq *mq)
{
	return mq == NULL ? NULL : &mq->mqd;
}

const char *pipc_mq_name(const pipc_mq *mq)
{
	return mq == NULL ? NULL : mq->name;
}

pipc_status pipc_mq_close(pipc_mq *mq)
{
	if (mq == NULL)
		return bad_argument();
	if (mq->os->mq_close(mq->mqd) != 0)
		return failed(mq, true);
	mq->mqd = PIPC__BAD_MQD;
	mq->os = &closed;
	return PIPC_OK;
}

pipc_status pipc_unlink_message_queue(const char *name)
{
	if (name == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (pipc__queues()->mq_unlink(name) == 0)
		return PIPC_OK;
	return pipc__failed();
}

pipc_status pipc_mq_unlink(pipc_mq *mq)
{
	return pipc_unlink_message_queue(pipc_mq_name(mq));
}

void pipc_mq_free(pipc_mq *mq)
{
	if (mq == NULL)
		return;
	free(mq->name);
	free(mq);
}
