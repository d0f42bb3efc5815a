/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message queues: sending, receiving and waiting.
 *
 * Who waits to receive is handed the next message; who waits to send has his
 * message ready, and whoever makes room puts it in.  So the order of coming is
 * kept, and nobody depends on a waiter's being woken, or alive.
 */
#include "ref.h"

static COLD int failed(int error)
{
	errno = error;
	return -1;
}

static struct ref_mapping *of(struct ref_waits *w)
{
	return (struct ref_mapping *)w;
}

static uint32_t count_of(const struct ref_mapping *m)
{
	return atomic_load_explicit(&m->queue->count, memory_order_relaxed);
}

static uint32_t hand_over(struct ref_mapping *m, struct ref_waiter *receiver,
			  uint32_t slot)
{
	receiver->slot = slot;
	ref_queue_commit(m, slot);
	return ref_give(&m->waits, receiver);
}

/* There is room: the message of the sender that came first goes in. */
static uint32_t let_in(struct ref_mapping *m, struct ref_waiter *sender)
{
	uint32_t slot = sender->slot, given;

	if (!ref_queue_has(m, slot)) {
		ref_queue_commit(m, slot);
		ref_queue_add(m, slot);
	}
	given = ref_give(&m->waits, sender);
	sender->slot = 0; /* last: by it rebuild() knows who was let in */
	return given;
}

/* What waits, and what it waits for, have come together in a rebuild. */
static void settle(struct ref_mapping *m)
{
	struct ref_gate *gate = m->waits.gate;
	struct ref_waiter *w;

	while (count_of(m) > 0 && ref_waiting(gate, REF_RECEIVERS)) {
		w = ref_next(&m->waits, REF_RECEIVERS);
		if (w != NULL)
			ref_wake(&m->waits, w,
				 hand_over(m, w, ref_queue_take(m)));
	}
	while (count_of(m) < m->maxmsg && ref_waiting(gate, REF_SENDERS)) {
		w = ref_next(&m->waits, REF_SENDERS);
		if (w != NULL)
			ref_wake(&m->waits, w, let_in(m, w));
	}
}

/*
 * A message in the hands of one who dies is gone with him, for others may have
 * received later ones by now; who is cancelled puts it back.
 */
static void bury(struct ref_waits *w, struct ref_waiter *dead, enum ref_end end)
{
	struct ref_mapping *m = of(w);
	uint32_t slot = dead->slot;

	if (slot == 0)
		return;
	if (end != REF_LEAVES_BEHIND)
		ref_queue_free(m, slot);
	dead->slot = 0;
	if (end != REF_LEAVES_BEHIND)
		return;
	ref_queue_rebuild(m);
	settle(m);
}

/* What those have been told who sleep yet, and what those took who died. */
static void rebuild_slots(struct ref_mapping *m)
{
	struct ref_waits *w = &m->waits;
	struct ref_waiter *waiter;
	enum ref_state state;
	uint32_t i;

	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		state = REF_STATE(waiter->state.value);
		if (waiter->side == REF_RECEIVERS && state == REF_WAITING) {
			waiter->slot = 0;
		} else if (waiter->side == REF_SENDERS &&
			   ref_queue_has(m, waiter->slot)) {
			if (state == REF_WAITING)
				ref_give(w, waiter);
			waiter->slot = 0;
		}
	}
	ref_rebuild_waiters(w);
	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (REF_STATE(waiter->state.value) == REF_FREE)
			bury(w, waiter, REF_TAKES_ALONG);
	}
}

static void rebuild(struct ref_waits *w)
{
	struct ref_mapping *m = of(w);

	rebuild_slots(m);
	ref_queue_rebuild(m);
	ref_notify_rebuild(m);
	settle(m);
}

void ref_mapping_callbacks(struct ref_mapping *m)
{
	m->waits.bury = bury;
	m->waits.rebuild = rebuild;
}

static bool waits(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && !(flags & O_NONBLOCK);
}

static bool message_ready(const void *object)
{
	return count_of(object) > 0;
}

static bool room_ready(const void *object)
{
	const struct ref_mapping *m = object;

	return count_of(m) < m->maxmsg;
}

/*
 * What a call does when it cannot go on at once: lets the other side come
 * first, or says why it may not wait.
 */
static COLD int may_wait(int fd, struct ref_mapping *m, enum ref_side side,
			 const struct ref_until *until)
{
	bool (*ready)(const void *) =
	    side == REF_SENDERS ? room_ready : message_ready;
	uint32_t other = m->waits.gate->cpu[!side];
	int error;

	/* Often it is quicker than the system's answer. */
	if (ref_elsewhere(other) && ref_glance(ready, m))
		return 0;
	if (!waits(fd))
		return EAGAIN;
	error = ref_until_check(until);
	if (error == 0)
		ref_linger(ready, m, other, &m->waits);
	return error;
}

/* With the lock, which it leaves.  What is derived is right again then. */
static COLD int damaged(struct ref_mapping *m)
{
	rebuild(&m->waits);
	ref_leave(&m->waits);
	return EBADMSG;
}

/*
 * Long messages between two processors are copied without the lock, so that
 * both copy at a time.  The slot belongs to a place among the waiters
 * meanwhile.
 */
#define LONG 2048

static inline struct ref_waiter *aside(struct ref_mapping *m, size_t len,
				       enum ref_side side)
{
	if (len < LONG || m->waits.gate->cpu[!side] == ref_cpu_hint())
		return NULL;
	return ref_hold(&m->waits, side);
}

struct message {
	const char *bytes;
	size_t len;
	unsigned prio;
};

/* With the lock: a slot with the message; 0 with errno. */
static uint32_t write_message(struct ref_mapping *m, const struct message *msg)
{
	uint32_t slot = ref_queue_reserve(m, msg->prio);

	if (slot != 0)
		ref_queue_fill(m, slot, msg->bytes, msg->len, msg->prio);
	return slot;
}

/* With the lock, which it leaves, though there must be slots: why not. */
static COLD int no_slot(struct ref_mapping *m)
{
	int error = errno;

	if (error == EAGAIN || error == EBADMSG)
		return damaged(m);
	ref_leave(&m->waits);
	return error;
}

/*
 * With the lock, which it leaves: there is room for the message in that slot.
 * It was the holder's, if there is one.
 */
static inline int post(struct ref_mapping *m, uint32_t slot,
		       struct ref_waiter *holder)
{
	struct ref_queue *q = m->queue;
	struct ref_waiter *receiver = NULL;
	uint32_t given = 0;
	bool fires;

	if (ref_waiting(&q->gate, REF_RECEIVERS))
		receiver = ref_next(&m->waits, REF_RECEIVERS);
	if (receiver != NULL) {
		given = hand_over(m, receiver, slot);
	} else {
		fires = q->armed != 0 && q->count == 0;
		if (fires)
			ref_notify_load(m, slot);
		ref_queue_commit(m, slot);
		ref_queue_add(m, slot);
		if (fires)
			ref_notify_fire(m);
	}
	if (m->fair)
		ref_turn_used(&q->gate, REF_SENDERS);
	if (holder != NULL)
		holder->slot = 0;
	ref_leave(&m->waits);
	if (receiver != NULL)
		ref_wake(&m->waits, receiver, given);
	return 0;
}

/* The same as put(), and copies without the lock. */
static int put_aside(struct ref_mapping *m, const struct message *msg,
		     struct ref_waiter *holder)
{
	uint32_t slot = ref_queue_reserve(m, msg->prio);
	int error;

	if (slot == 0) {
		error = no_slot(m);
		ref_done(&m->waits, holder);
		return error;
	}
	holder->slot = slot;
	ref_leave(&m->waits);
	ref_queue_fill(m, slot, msg->bytes, msg->len, msg->prio);
	if (!ref_enter(&m->waits)) {
		/* As if its process had died: somebody may be able to tidy. */
		ref_unlock(&holder->alive);
		return EIO;
	}
	ref_look_back(&m->waits);
	if (count_of(m) < m->maxmsg) {
		error = post(m, slot, holder);
	} else {
		ref_queue_free(m, slot);
		holder->slot = 0;
		error = EAGAIN;
	}
	ref_done(&m->waits, holder);
	return error;
}

/* With the lock, which it leaves; but not for EAGAIN, that there is no room. */
static int put(struct ref_mapping *m, const struct message *msg)
{
	struct ref_waiter *holder;
	uint32_t slot;

	ref_look_back(&m->waits);
	if (count_of(m) >= m->maxmsg)
		return ref_queue_plausible(m) ? EAGAIN : damaged(m);
	holder = aside(m, msg->len, REF_SENDERS);
	if (holder != NULL)
		return put_aside(m, msg, holder);
	slot = write_message(m, msg);
	return slot != 0 ? post(m, slot, NULL) : no_slot(m);
}

/* The queue is full: waits in turn.  EAGAIN: to be tried again. */
static COLD int put_in_turn(struct ref_mapping *m, const struct message *msg,
			    const struct ref_until *until)
{
	struct ref_waiter *waiter = NULL;
	uint32_t slot;
	int error;

	ref_look_after(&m->waits);
	slot = write_message(m, msg);
	if (slot != 0) {
		waiter = ref_join(&m->waits, REF_SENDERS, slot);
		if (waiter == NULL)
			ref_queue_free(m, slot);
	}
	if (m->fair)
		ref_turn_over(m->waits.gate, REF_SENDERS);
	ref_leave(&m->waits);
	if (waiter == NULL)
		return slot == 0 && errno != EAGAIN ? errno : ref_nap(until);
	error = ref_wait(&m->waits, waiter, until);
	if (error == 0)
		ref_done(&m->waits, waiter);
	return error;
}

struct buffer {
	char *bytes;
	unsigned *prio;
	ssize_t len;
};

/*
 * Without the lock: the message in its slot is the waiter's alone.  The slot is
 * free for others when they make use of the waiter's place.
 */
static int take_along(struct ref_mapping *m, struct ref_waiter *waiter,
		      struct buffer *b)
{
	b->len = ref_queue_read(m, waiter->slot, b->bytes, b->prio);
	ref_done(&m->waits, waiter);
	return b->len < 0 ? EBADMSG : 0;
}

/* With the lock, which it leaves; but not for EAGAIN, that there is none. */
static int get(struct ref_mapping *m, struct buffer *b)
{
	struct ref_waiter *sender = NULL, *holder;
	uint32_t slot, given = 0;

	ref_look_back(&m->waits);
	if (count_of(m) == 0)
		return ref_queue_plausible(m) ? EAGAIN : damaged(m);
	slot = ref_queue_take(m);
	if (m->fair)
		ref_turn_used(m->waits.gate, REF_RECEIVERS);
	holder = aside(m, ref_queue_length(m, slot), REF_RECEIVERS);
	if (holder != NULL) {
		holder->slot = slot;
	} else {
		b->len = ref_queue_read(m, slot, b->bytes, b->prio);
		if (b->len < 0)
			return damaged(m);
		ref_queue_free(m, slot);
	}
	if (ref_waiting(m->waits.gate, REF_SENDERS)) {
		sender = ref_next(&m->waits, REF_SENDERS);
		if (sender != NULL)
			given = let_in(m, sender);
	}
	ref_leave(&m->waits);
	if (sender != NULL)
		ref_wake(&m->waits, sender, given);
	return holder == NULL ? 0 : take_along(m, holder, b);
}

static int get_in_turn(struct ref_mapping *m, struct buffer *b,
		       const struct ref_until *until)
{
	struct ref_waiter *waiter;
	int error;

	ref_look_after(&m->waits);
	waiter = ref_join(&m->waits, REF_RECEIVERS, 0);
	if (m->fair)
		ref_turn_over(m->waits.gate, REF_RECEIVERS);
	ref_leave(&m->waits);
	if (waiter == NULL)
		return ref_nap(until);
	error = ref_wait(&m->waits, waiter, until);
	return error == 0 ? take_along(m, waiter, b) : error;
}

/* What a call is for: one of them. */
union work {
	const struct message *put;
	struct buffer *get;
};

/* Now or in turn; EAGAIN: to be tried again. */
static int work(struct ref_mapping *m, enum ref_side side, union work w,
		const struct ref_until *until)
{
	int error;

	ref_queue_expect(m);
	if (!ref_enter(&m->waits))
		return EIO;
	error = side == REF_SENDERS ? put(m, w.put) : get(m, w.get);
	if (error != EAGAIN)
		return error;
	return side == REF_SENDERS ? put_in_turn(m, w.put, until)
				   : get_in_turn(m, w.get, until);
}

static COLD int work_slowly(int fd, struct ref_mapping *m, enum ref_side side,
			    union work w, const struct ref_until *until)
{
	int error;

	/* Another thread may close the descriptor meanwhile. */
	ref_mapping_hold(m);
	error = may_wait(fd, m, side, until);
	if (error == 0)
		do
			error = work(m, side, w, until);
		while (error == EAGAIN);
	ref_mapping_release(m);
	return error;
}

static COLD void await_turn(struct ref_mapping *m, enum ref_side side)
{
	ref_mapping_hold(m);
	ref_turn_await(&m->waits, side);
	ref_mapping_release(m);
}

static inline int send_message(mqd_t mqd, const struct message *msg,
			       const struct ref_until *until)
{
	struct ref_handle *h = ref_handle(mqd);
	struct ref_mapping *m;
	int error;

	if (h == NULL || !(h->access & REF_WRITES))
		return failed(EBADF);
	m = h->mapping;
	if (msg->prio >= REF_PRIORITIES)
		return failed(EINVAL);
	if (msg->len > (size_t)m->msgsize)
		return failed(EMSGSIZE);
	ref_cancellation_point();
	if (m->fair && ref_turn_had(m->waits.gate, REF_SENDERS))
		await_turn(m, REF_SENDERS);
	ref_queue_expect(m);
	if (!ref_enter(&m->waits))
		return -1;
	ref_here(&m->waits, REF_SENDERS);
	error = put(m, msg);
	if (error == EAGAIN) {
		ref_leave(&m->waits);
		error = work_slowly(h->fd, m, REF_SENDERS,
				    (union work){.put = msg}, until);
	}
	return error == 0 ? 0 : failed(error);
}

static inline ssize_t receive_message(mqd_t mqd, struct buffer *b, size_t len,
				      const struct ref_until *until)
{
	struct ref_handle *h = ref_handle(mqd);
	struct ref_mapping *m;
	int error;

	if (h == NULL || !(h->access & REF_READS))
		return failed(EBADF);
	m = h->mapping;
	if (len < (size_t)m->msgsize)
		return failed(EMSGSIZE);
	ref_cancellation_point();
	if (m->fair && ref_turn_had(m->waits.gate, REF_RECEIVERS))
		await_turn(m, REF_RECEIVERS);
	ref_queue_expect(m);
	if (!ref_enter(&m->waits))
		return -1;
	ref_here(&m->waits, REF_RECEIVERS);
	error = get(m, b);
	if (error == EAGAIN) {
		ref_leave(&m->waits);
		error = work_slowly(h->fd, m, REF_RECEIVERS,
				    (union work){.get = b}, until);
	}
	return error == 0 ? b->len : failed(error);
}

int ref_mq_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	const struct ref_until forever = {NULL, CLOCK_REALTIME};
	const struct message message = {msg, len, prio};

	return send_message(mqd, &message, &forever);
}

int ref_mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		     const struct timespec *deadline)
{
	const struct ref_until until = {deadline, CLOCK_REALTIME};
	const struct message message = {msg, len, prio};

	return send_message(mqd, &message, &until);
}

ssize_t ref_mq_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	const struct ref_until forever = {NULL, CLOCK_REALTIME};
	struct buffer b = {buf, prio, 0};

	return receive_message(mqd, &b, len, &forever);
}

ssize_t ref_mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			    const struct timespec *deadline)
{
	const struct ref_until until = {deadline, CLOCK_REALTIME};
	struct buffer b = {buf, prio, 0};

	return receive_message(mqd, &b, len, &until);
}

int ref_mq_clocksend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		     clockid_t clock, const struct timespec *deadline)
{
	const struct ref_until until = {deadline, clock};
	const struct message message = {msg, len, prio};

	return send_message(mqd, &message, &until);
}

ssize_t ref_mq_clockreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			    clockid_t clock, const struct timespec *deadline)
{
	const struct ref_until until = {deadline, clock};
	struct buffer b = {buf, prio, 0};

	return receive_message(mqd, &b, len, &until);
}
