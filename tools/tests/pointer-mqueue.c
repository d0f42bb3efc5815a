/* SPDX-License-Identifier: BSD-3-Clause */
/* Queues whose mqd_t is a pointer, over the system's own; see the header. */
#include <errno.h>
#include <mqueue.h>
#include <stdarg.h>
#include <stddef.h>

/* A descriptor's place tells it; what is no such place is no queue. */
struct pointer_queue {
	int used;
};
static struct pointer_queue queues[65536];

static mqd_t real(const struct pointer_queue *q)
{
	if (q < queues || q >= queues + 65536 || !q->used)
		return -1;
	return (mqd_t)(q - queues);
}

struct pointer_queue *pointer_open(const char *name, int flags, ...)
{
	va_list list;
	mode_t mode;
	struct mq_attr *attr;
	mqd_t mqd;

	va_start(list, flags);
	mode = va_arg(list, mode_t);
	attr = va_arg(list, struct mq_attr *);
	va_end(list);
	mqd = mq_open(name, flags, mode, attr);
	if (mqd < 0)
		return (struct pointer_queue *)-1;
	queues[mqd].used = 1;
	return &queues[mqd];
}

int pointer_close(struct pointer_queue *q)
{
	mqd_t mqd = real(q);

	if (mqd >= 0)
		q->used = 0;
	return mq_close(mqd);
}

int pointer_getattr(struct pointer_queue *q, struct mq_attr *attr)
{
	return mq_getattr(real(q), attr);
}

int pointer_setattr(struct pointer_queue *q, const struct mq_attr *attr,
		    struct mq_attr *old)
{
	return mq_setattr(real(q), attr, old);
}

int pointer_send(struct pointer_queue *q, const char *msg, size_t len,
		 unsigned prio)
{
	return mq_send(real(q), msg, len, prio);
}

int pointer_timedsend(struct pointer_queue *q, const char *msg, size_t len,
		      unsigned prio, const struct timespec *end)
{
	return mq_timedsend(real(q), msg, len, prio, end);
}

ssize_t pointer_receive(struct pointer_queue *q, char *buf, size_t len,
			unsigned *prio)
{
	return mq_receive(real(q), buf, len, prio);
}

ssize_t pointer_timedreceive(struct pointer_queue *q, char *buf, size_t len,
			     unsigned *prio, const struct timespec *end)
{
	return mq_timedreceive(real(q), buf, len, prio, end);
}

int pointer_notify(struct pointer_queue *q, const struct sigevent *event)
{
	return mq_notify(real(q), event);
}
