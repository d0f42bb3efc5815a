/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message queues: sending, receiving and waiting.
 *
 * A receiver that waits is offered the next message.  A sender that waits has
 * its message in a slot, and a receiver that makes room puts it in.  So both go
 * on in the order in which they came, and no other process depends on a
 * waiter's being woken, or alive.
 */
#include "ref.h"

/* What costs the less, the fewer functions there are on the way. */
#define QUICK inline __attribute__((always_inline))

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
			  uint32_t slot) PIPC_REQUIRES(m->waits)
{
	receiver->slot = slot;
	/* One that has been in the queue keeps its number, and so its place. */
	if (!ref_queue_has(m, slot))
		ref_queue_commit(m, slot);
	return ref_give(&m->waits, receiver, REF_GIVEN);
}

/* There is room: the message of the sender that came first goes in. */
static uint32_t let_in(struct ref_mapping *m, struct ref_waiter *sender)
    PIPC_REQUIRES(m->waits)
{
	uint32_t slot = sender->slot, given;

	if (!ref_queue_has(m, slot)) {
		ref_queue_commit(m, slot);
		ref_queue_add(m, slot);
	}
	if (m->queue->watched && count_of(m) == 1)
		ref_event_announce(m);
	given = ref_give(&m->waits, sender, REF_ACCEPTED);
	sender->slot = 0; /* last: by it rebuild() knows who was let in */
	return given;
}

/*
 * Messages and receivers that wait, and room and senders that wait, can have
 * come together in a rebuild.  The caller holds a reference to the mapping.
 */
static void settle(struct ref_mapping *m) PIPC_REQUIRES(m->waits)
{
	struct ref_gate *gate = m->waits.gate;
	struct ref_waiter *w;

	while (count_of(m) > 0 && ref_waiting(gate, REF_RECEIVERS)) {
		w = ref_next(&m->waits, REF_RECEIVERS);
		if (w == NULL)
			break;
		hand_over(m, w, ref_queue_take(m));
		ref_wake_given(&m->waits);
	}
	while (count_of(m) < m->maxmsg && ref_waiting(gate, REF_SENDERS)) {
		w = ref_next(&m->waits, REF_SENDERS);
		if (w == NULL)
			break;
		let_in(m, w);
		ref_wake_given(&m->waits);
	}
}

/* Messages may have come in another way than by being sent. */
static void tell(struct ref_mapping *m) PIPC_REQUIRES(m->waits)
{
	if (m->queue->watched && count_of(m) > 0)
		ref_event_announce(m);
}

/*
 * A message that a receiver has accepted goes with it.  One that it has not
 * goes back to its place by priority and number, when settle_again() follows.
 */
static void bury(struct ref_waits *w, struct ref_waiter *dead, enum ref_end end)
{
	struct ref_mapping *m = of(w);
	uint32_t slot = dead->slot;

	ref_is_locked(&m->waits);
	if (slot == 0)
		return;
	if (end != REF_LEAVES_BEHIND)
		ref_queue_free(m, slot);
	dead->slot = 0;
}

static void settle_again(struct ref_waits *w)
{
	struct ref_mapping *m = of(w);

	ref_is_locked(&m->waits);
	ref_queue_rebuild(m);
	settle(m);
	tell(m);
}

/* Whose message is in the queue though it sleeps yet, and what the dead had. */
static void rebuild_slots(struct ref_mapping *m) PIPC_REQUIRES(m->waits)
{
	struct ref_waits *w = &m->waits;
	struct ref_waiter *waiter;
	enum ref_state state;
	uint32_t i;

	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		state = REF_STATE(waiter->state.value);
		if (waiter->side == REF_RECEIVERS &&
		    (state == REF_WAITING || state == REF_REVOKED ||
		     (state == REF_GIVEN && ref_has_died(waiter) &&
		      ref_revoke(waiter)))) { /* it has not just accepted it */
			waiter->slot =
			    0; /* its message, if any, is the queue's */
		} else if (waiter->side == REF_SENDERS &&
			   ref_queue_has(m, waiter->slot)) {
			if (state == REF_WAITING)
				ref_give(&m->waits, waiter, REF_ACCEPTED);
			waiter->slot = 0;
		}
	}
	ref_rebuild_waiters(&m->waits);
	for (i = 0; i < w->gate->used && i < w->most; i++) {
		waiter = &w->waiters[i];
		if (REF_STATE(waiter->state.value) == REF_FREE)
			bury(w, waiter, REF_TAKES_ALONG);
	}
}

static void rebuild(struct ref_waits *w)
{
	struct ref_mapping *m = of(w);

	ref_is_locked(&m->waits);
	rebuild_slots(m);
	ref_queue_rebuild(m);
	ref_notify_rebuild(m);
	settle(m);
	tell(m);
}

static void hold(struct ref_waits *w)
{
	ref_mapping_hold(of(w));
}

static void release(struct ref_waits *w)
{
	ref_mapping_release(of(w));
}

void ref_mapping_callbacks(struct ref_mapping *m)
{
	m->waits.bury = bury;
	m->waits.settle = settle_again;
	m->waits.rebuild = rebuild;
	m->waits.hold = hold;
	m->waits.release = release;
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
	error = waits(fd) ? ref_until_check(until) : EAGAIN;
	if (error == 0) {
		ref_linger(ready, m, other, &m->waits);
	} else if (side == REF_RECEIVERS && ref_offers_are_due(&m->waits)) {
		ref_take_back(&m->waits);
		if (ready(m))
			return 0;
	}
	return error;
}

/*
 * Long messages between two processors are copied without the lock, so that
 * both copy at a time.  The slot belongs to a place among the waiters
 * meanwhile.
 */
#define LONG 2048
#define SHORT 256 /* rarely in two pages */

static inline struct ref_waiter *aside(struct ref_mapping *m, size_t len,
				       enum ref_side side)
    PIPC_REQUIRES(m->waits)
{
	if (len < LONG || m->waits.gate->cpu[!side] == ref_cpu_hint())
		return NULL;
	return ref_hold(&m->waits, side);
}

/* After so many messages handlers of signals are looked for anew. */
#define HANDLERS_AFTER 16384

struct message {
	const char *bytes;
	size_t len;
	unsigned prio;
};

struct buffer {
	char *bytes;
	unsigned *prio;
	ssize_t len;
};

/* What is derived contradicts itself: it is made anew. */
static COLD int damaged_locked(struct ref_mapping *m, struct ref_section *s)
    PIPC_REQUIRES(m->waits)
{
	ref_recover(&m->waits, s);
	return EBADMSG;
}

/*
 * A bad address is the caller's fault, and kills it before it has the lock:
 * with the lock, others would wait for its core dump.
 */
static APART bool touch_slowly(const char *memory, size_t len)
{
	enum { PAGE = 4096, MOST = 16 }; /* of a longer one: the first pages */
	size_t i;

	/* Nothing has an address in the first page. */
	if (len != 0 && (uintptr_t)memory < PAGE) {
		errno = EFAULT;
		return false;
	}
	for (i = 0; i < len && i < (size_t)PAGE * MOST; i += PAGE)
		(void)*(const volatile char *)(memory + i);
	return true;
}

/* One comparison tells that there is a message, and that it is somewhere. */
static inline bool touch_message(const char *memory, size_t len)
{
	if ((uintptr_t)memory <= ((len - 1) | 4095) || len > SHORT)
		return touch_slowly(memory, len);
	(void)*(const volatile char *)memory;
	return true;
}

/* The same for what is not empty. */
static inline bool touch_buffer(const char *memory, size_t len)
{
	if ((uintptr_t)memory <= 4095 || len > SHORT)
		return touch_slowly(memory, len);
	(void)*(const volatile char *)memory;
	return true;
}

/* Why there was no slot, though there must be some. */
static COLD int no_slot_locked(struct ref_mapping *m, struct ref_section *s)
    PIPC_REQUIRES(m->waits)
{
	int error = errno;

	return error == EAGAIN || error == EBADMSG ? damaged_locked(m, s)
						   : error;
}

/*
 * First in a call: what comes before it.  Messages may go back to their places,
 * and the index is made anew: so the call has no slot yet, or one that is a
 * waiter's.
 */
static inline void look_first_locked(struct ref_mapping *m,
				     struct ref_section *s, enum ref_side side)
    PIPC_REQUIRES(m->waits)
{
	ref_look_back(&m->waits, s);
	if (ref_waiting(m->waits.gate, !side))
		ref_before_giving(&m->waits, s);
	else if (side == REF_SENDERS)
		return;
	if (ref_offers(&m->waits))
		ref_look_at_offers(&m->waits, s);
}

/* The first message has come: for a notice, for those who watch, or both. */
static COLD void tell_locked(struct ref_mapping *m, struct ref_section *s)
    PIPC_REQUIRES(m->waits)
{
	ref_notify_fire(m, s);
	if (m->queue->watched)
		ref_event_announce(m);
}

/* There is room for the message in that slot, or somebody waits for it. */
static inline void post_locked(struct ref_mapping *m, struct ref_section *s,
			       uint32_t slot) PIPC_REQUIRES(m->waits)
{
	struct ref_queue *q = m->queue;
	bool tells;

	if (ref_waiting(&q->gate, REF_RECEIVERS))
		s->woken = ref_next(&m->waits, REF_RECEIVERS);
	if (s->woken != NULL) {
		ref_hold_mapping(&m->waits, s);
		s->given = hand_over(m, s->woken, slot);
	} else {
		tells = q->tells != 0 && q->count == 0;
		if (tells) {
			ref_hold_mapping(&m->waits, s);
			ref_notify_load(m, slot);
		}
		ref_queue_commit(m, slot);
		ref_queue_add(m, slot);
		if (tells)
			tell_locked(m, s);
	}
	if (m->fair)
		ref_turn_used(&q->gate, REF_SENDERS);
}

/*
 * EAGAIN: there is no room.  With a holder the message is not sent yet, but is
 * to be copied without the lock.
 */
static inline int send_locked(struct ref_mapping *m, struct ref_section *s,
			      const struct message *msg,
			      struct ref_waiter **holder)
    PIPC_REQUIRES(m->waits)
{
	uint32_t slot;

	look_first_locked(m, s, REF_SENDERS);
	if (count_of(m) >= m->maxmsg)
		return ref_queue_plausible(m) ? EAGAIN : damaged_locked(m, s);
	slot = ref_queue_reserve(m, msg->prio);
	if (slot == 0)
		return no_slot_locked(m, s);
	*holder = aside(m, msg->len, REF_SENDERS);
	if (*holder != NULL) {
		(*holder)->slot = slot;
		return 0;
	}
	ref_queue_fill(m, slot, msg->bytes, msg->len, msg->prio);
	post_locked(m, s, slot);
	return 0;
}

/* Copies, and sends what is copied.  The caller holds a reference. */
static int send_aside(struct ref_mapping *m, const struct message *msg,
		      struct ref_waiter *holder) PIPC_EXCLUDES(m->waits)
{
	uint32_t slot = holder->slot;
	struct ref_section s;
	int error = 0;

	ref_queue_fill(m, slot, msg->bytes, msg->len, msg->prio);
	if (!ref_enter(&m->waits, &s)) {
		/* As if its process had died: somebody may be able to tidy. */
		ref_unlock(&holder->alive);
		return errno;
	}
	look_first_locked(m, &s, REF_SENDERS);
	if (count_of(m) < m->maxmsg) {
		post_locked(m, &s, slot);
	} else {
		ref_queue_free(m, slot);
		error = EAGAIN;
	}
	holder->slot = 0;
	ref_done(&m->waits, holder);
	ref_leave(&m->waits, &s);
	return error;
}

/* The queue is full: a place among those who wait; NULL, and why not. */
static COLD struct ref_waiter *
wait_to_send_locked(struct ref_mapping *m, struct ref_section *s,
		    const struct message *msg, int *error)
    PIPC_REQUIRES(m->waits)
{
	struct ref_waiter *waiter = NULL;
	uint32_t slot;

	ref_look_after(&m->waits, s);
	slot = ref_queue_reserve(m, msg->prio);
	if (slot != 0) {
		ref_queue_fill(m, slot, msg->bytes, msg->len, msg->prio);
		waiter = ref_join(&m->waits, REF_SENDERS, slot);
		if (waiter == NULL)
			ref_queue_free(m, slot);
	} else {
		*error = errno;
	}
	if (m->fair)
		ref_turn_over(m->waits.gate, REF_SENDERS);
	return waiter;
}

/* EAGAIN: there is no room; the waiter, if it may wait, is its place then. */
static inline int send_once(struct ref_mapping *m, const struct message *msg,
			    struct ref_waiter **waiter) PIPC_EXCLUDES(m->waits)
{
	struct ref_waiter *holder = NULL;
	struct ref_section s;
	int error;

	ref_queue_expect(m);
	if (!ref_enter(&m->waits, &s))
		return errno;
	ref_here(&m->waits, REF_SENDERS);
	if (m->queue->seq % HANDLERS_AFTER == 0)
		ref_look_for_handlers();
	error = send_locked(m, &s, msg, &holder);
	if (error == EAGAIN && waiter != NULL)
		*waiter = wait_to_send_locked(m, &s, msg, &error);
	if (holder != NULL)
		ref_mapping_hold(m);
	ref_leave(&m->waits, &s);
	if (holder != NULL) {
		error = send_aside(m, msg, holder);
		ref_mapping_release(m);
	}
	return error;
}

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

/* After a message was taken, and room was given to who waited for it. */
static COLD void taken_locked(struct ref_mapping *m) PIPC_REQUIRES(m->waits)
{
	if (m->fair)
		ref_turn_used(m->waits.gate, REF_RECEIVERS);
	if (count_of(m) == 0 && m->event >= 0)
		ref_event_reset(m);
}

/* EAGAIN: there is none, nor does the queue's descriptor say so any more. */
static COLD int none_locked(struct ref_mapping *m, struct ref_section *s)
    PIPC_REQUIRES(m->waits)
{
	if (!ref_queue_plausible(m))
		return damaged_locked(m, s);
	if (m->event >= 0)
		ref_event_reset(m);
	return EAGAIN;
}

/*
 * EAGAIN: there is no message.  With a holder it is to be copied without the
 * lock.
 */
static inline int receive_locked(struct ref_mapping *m, struct ref_section *s,
				 struct buffer *b, struct ref_waiter **holder)
    PIPC_REQUIRES(m->waits)
{
	uint32_t slot;

	look_first_locked(m, s, REF_RECEIVERS);
	if (count_of(m) == 0)
		return none_locked(m, s);
	slot = ref_queue_take(m);
	*holder = aside(m, ref_queue_length(m, slot), REF_RECEIVERS);
	if (*holder != NULL) {
		(*holder)->slot = slot;
	} else {
		b->len = ref_queue_read(m, slot, b->bytes, b->prio);
		if (b->len < 0)
			return damaged_locked(m, s);
		ref_queue_free(m, slot);
	}
	/* What went back may have filled it beyond its maximum. */
	if (ref_waiting(m->waits.gate, REF_SENDERS) && count_of(m) < m->maxmsg)
		s->woken = ref_next(&m->waits, REF_SENDERS);
	if (s->woken != NULL) {
		ref_hold_mapping(&m->waits, s);
		s->given = let_in(m, s->woken);
	}
	if (m->more)
		taken_locked(m);
	return 0;
}

/* There is no message: a place among those who wait, unless one comes back. */
static COLD int wait_to_receive_locked(struct ref_mapping *m,
				       struct ref_section *s, struct buffer *b,
				       struct ref_waiter **holder,
				       struct ref_waiter **waiter)
    PIPC_REQUIRES(m->waits)
{
	ref_look_after(&m->waits, s);
	if (count_of(m) != 0)
		return receive_locked(m, s, b, holder);
	*waiter = ref_join(&m->waits, REF_RECEIVERS, 0);
	if (m->fair)
		ref_turn_over(m->waits.gate, REF_RECEIVERS);
	return EAGAIN;
}

/* EAGAIN: there is none; the waiter, if it may wait, is its place then. */
static inline int receive_once(struct ref_mapping *m, struct buffer *b,
			       struct ref_waiter **waiter)
    PIPC_EXCLUDES(m->waits)
{
	struct ref_waiter *holder = NULL;
	struct ref_section s;
	int error;

	ref_queue_expect(m);
	if (!ref_enter(&m->waits, &s))
		return errno;
	ref_here(&m->waits, REF_RECEIVERS);
	error = receive_locked(m, &s, b, &holder);
	if (error == EAGAIN && waiter != NULL)
		error = wait_to_receive_locked(m, &s, b, &holder, waiter);
	if (holder != NULL)
		ref_mapping_hold(m);
	ref_leave(&m->waits, &s);
	if (holder != NULL) {
		error = take_along(m, holder, b);
		ref_mapping_release(m);
	}
	return error;
}

/* What a call is for: one of them. */
union work {
	const struct message *send;
	struct buffer *receive;
};

/* In its turn: it has a place among those who wait. */
static int await_turn(struct ref_mapping *m, enum ref_side side, union work w,
		      struct ref_waiter *waiter, const struct ref_until *until)
    PIPC_EXCLUDES(m->waits)
{
	int error = ref_wait(&m->waits, waiter, until);

	if (error != 0)
		return error;
	if (side == REF_RECEIVERS)
		return take_along(m, waiter, w.receive);
	ref_done(&m->waits, waiter);
	return 0;
}

/* Now or in turn. */
static int work(int fd, struct ref_mapping *m, enum ref_side side, union work w,
		const struct ref_until *until) PIPC_EXCLUDES(m->waits)
{
	int error = may_wait(fd, m, side, until);
	struct ref_waiter *waiter;

	if (error != 0)
		return error;
	do {
		waiter = NULL;
		error = side == REF_SENDERS
			    ? send_once(m, w.send, &waiter)
			    : receive_once(m, w.receive, &waiter);
		if (waiter != NULL)
			error = await_turn(m, side, w, waiter, until);
		else if (error == EAGAIN)
			error = ref_nap(until);
	} while (error == EAGAIN);
	return error;
}

static void release_mapping(void *arg)
{
	ref_mapping_release(arg);
}

static COLD int work_slowly(int fd, struct ref_mapping *m, enum ref_side side,
			    union work w, const struct ref_until *until)
    PIPC_EXCLUDES(m->waits)
{
	volatile int error;

	ref_entry = __builtin_frame_address(0);
	if (ref_depth != 0)
		ref_end_own_ghosts();
	/* Another thread may close the descriptor meanwhile. */
	ref_mapping_hold(m);
	pthread_cleanup_push(release_mapping, m);
	error = work(fd, m, side, w, until);
	pthread_cleanup_pop(1);
	return error;
}

/* Fair mode: this thread has had its share. */
static COLD void let_others(struct ref_mapping *m, enum ref_side side)
    PIPC_EXCLUDES(m->waits)
{
	ref_mapping_hold(m);
	ref_turn_await(&m->waits, side);
	ref_mapping_release(m);
}

static QUICK int send_message(mqd_t mqd, const struct message *msg,
			      const struct ref_until *until)
{
	struct ref_handle *h = ref_handle(mqd);
	struct ref_mapping *m;
	int error;

	if (h == NULL || !(h->access & REF_WRITES))
		return failed(EBADF);
	m = h->mapping;
	if (m == NULL) /* another thread has just closed it */
		return failed(EBADF);
	if (msg->prio >= REF_PRIORITIES)
		return failed(EINVAL);
	if (msg->len > (size_t)m->msgsize)
		return failed(EMSGSIZE);
	if (!touch_message(msg->bytes, msg->len))
		return -1;
	ref_cancellation_point();
	if (m->fair && ref_turn_had(m->waits.gate, REF_SENDERS))
		let_others(m, REF_SENDERS);
	error = send_once(m, msg, NULL);
	if (error == EAGAIN)
		error = work_slowly(h->fd, m, REF_SENDERS,
				    (union work){.send = msg}, until);
	return error == 0 ? 0 : failed(error);
}

static QUICK ssize_t receive_message(mqd_t mqd, struct buffer *b, size_t len,
				     const struct ref_until *until)
{
	struct ref_handle *h = ref_handle(mqd);
	struct ref_mapping *m;
	int error;

	if (h == NULL || !(h->access & REF_READS))
		return failed(EBADF);
	m = h->mapping;
	if (m == NULL) /* another thread has just closed it */
		return failed(EBADF);
	if (len < (size_t)m->msgsize)
		return failed(EMSGSIZE);
	if (!touch_buffer(b->bytes, (size_t)m->msgsize))
		return -1;
	ref_cancellation_point();
	if (m->fair && ref_turn_had(m->waits.gate, REF_RECEIVERS))
		let_others(m, REF_RECEIVERS);
	error = receive_once(m, b, NULL);
	if (error == EAGAIN)
		error = work_slowly(h->fd, m, REF_RECEIVERS,
				    (union work){.receive = b}, until);
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
