/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of messages, and what is left of it when files are damaged. */
#include "check_ref.h"

#include <limits.h>

#define MESSAGES 65000

/* A number below n, from a generator of our own: the same everywhere. */
static uint32_t draw(uint32_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % n;
}

struct message {
	uint32_t prio, serial;
};

static int by_order(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	if (x->prio != y->prio)
		return x->prio < y->prio ? 1 : -1;
	return x->serial < y->serial ? -1 : 1;
}

static void send_model(mqd_t q, struct message *model, uint32_t n,
		       uint32_t prios)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		model[i] = (struct message){draw(prios), i};
		ck_assert_int_eq(ref_mq_send(q, (char *)&model[i],
					     sizeof(*model), model[i].prio),
				 0);
	}
	qsort(model, n, sizeof(*model), by_order);
}

static void receive_model(mqd_t q, const struct message *model, uint32_t n)
{
	struct message got;
	unsigned prio;
	uint32_t i;

	for (i = 0; i < n; i++) {
		ck_assert_int_eq(
		    ref_mq_receive(q, (char *)&got, sizeof(got), &prio),
		    sizeof(got));
		ck_assert_uint_eq(prio, model[i].prio);
		ck_assert_uint_eq(got.serial, model[i].serial);
	}
}

/* 32,768 priorities at random; in the middle an owner dies. */
START_TEST(deep)
{
	struct message *model = calloc(MESSAGES, sizeof(*model));
	mqd_t q = a_queue("/q", MESSAGES, sizeof(*model));

	send_model(q, model, MESSAGES, REF_PRIORITIES);
	ck_assert_int_eq(count_of(q), MESSAGES);
	receive_model(q, model, MESSAGES / 2);
	die_holding(&mapping_of(q)->queue->gate.lock);
	receive_model(q, model + MESSAGES / 2, MESSAGES - MESSAGES / 2);
	ck_assert_int_eq(count_of(q), 0);
	free(model);
}
END_TEST

/* Up and down through few priorities, full and empty and in between. */
START_TEST(spilling)
{
	static struct message model[8];
	mqd_t q = a_queue("/q", 8, sizeof(*model));
	unsigned round, n, i;

	for (round = 0; round < 3000; round++) {
		n = 1 + draw(8);
		send_model(q, model, n, 1 + draw(4));
		if (round % 3 == 0)
			die_holding(&mapping_of(q)->queue->gate.lock);
		i = round % 2 ? draw(n + 1) : n;
		receive_model(q, model, i);
		receive_model(q, model + i, n - i);
		if (round > 60)
			round += 30;
	}
	ck_assert_int_eq(count_of(q), 0);
}
END_TEST

START_TEST(limits)
{
	static const struct {
		long maxmsg, msgsize;
		int error;
	} refused[] = {
		{0, 1, EINVAL},
		{1, 0, EINVAL},
		{-1, 1, EINVAL},
		{1, -1, EINVAL},
		{(1 << 24) + 1, 1, EINVAL},
#if LONG_MAX > 0x7fffffff
		{1, (1L << 30) + 1, EINVAL},
#else
		{1 << 24, 1 << 30, ENOSPC},
#endif
	};
	struct ref_mapping m;
	unsigned i;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		ck_errno(
		    ref_queue_layout(&m, refused[i].maxmsg, refused[i].msgsize),
		    refused[i].error);
	ck_assert(ref_queue_layout(&m, 1, 1));
	ck_assert_uint_lt(m.size, 1 << 20);
	ck_assert(ref_queue_layout(&m, 1 << 24, 1));
	ck_assert_uint_ge(m.size / m.stride, 1 << 24);
}
END_TEST

/* Three messages: of the highest priority two, of a lower one. */
static mqd_t three(void)
{
	mqd_t q =
	    ref_mq_open("/q", O_CREAT | O_RDWR | O_NONBLOCK, 0600,
			&(struct mq_attr){.mq_maxmsg = 4, .mq_msgsize = 8});

	ck_assert(q != PIPC__BAD_MQD);
	ck_assert_int_eq(ref_mq_send(q, "b", 1, 7), 0);
	ck_assert_int_eq(ref_mq_send(q, "c", 1, 3), 0);
	ck_assert_int_eq(ref_mq_send(q, "a", 1, 9), 0);
	ck_assert_int_eq(ref_mq_send(q, "x", 1, 1), 0);
	return q;
}

static struct ref_slot *slot_of(struct ref_mapping *m, uint32_t slot)
{
	return (struct ref_slot *)(void *)(m->slots + (slot - 1) * m->stride);
}

/* The messages left, as a word; each may be refused once for damage. */
static const char *rest(mqd_t q, int *refusals)
{
	static char word[16];
	unsigned n = 0;
	char msg[8];

	for (*refusals = 0; n < 8 && *refusals < 8;) {
		if (ref_mq_receive(q, msg, 8, NULL) == 1)
			word[n++] = msg[0];
		else if (errno == EBADMSG)
			++*refusals;
		else
			break;
	}
	ck_assert_int_eq(errno, EAGAIN);
	word[n] = '\0';
	return word;
}

static const uint32_t absurd[] = {0,   1,     2,     3,		 4,	    5,
				  100, 32768, 70000, 0x80000000, UINT32_MAX};
#define ABSURD ((int)(sizeof(absurd) / sizeof(*absurd)))

static void damage(struct ref_mapping *m, int what, uint32_t to)
{
	struct ref_queue *q = m->queue;
	unsigned i;

	switch (what) {
	case 0:
		q->count = to;
		break;
	case 1:
		q->free = to;
		break;
	case 2:
		q->top = to;
		break;
	case 3:
		q->first = to;
		break;
	case 4:
		q->last = to;
		break;
	case 5:
		for (i = 0; i < 8; i++)
			q->summary[i] = to;
		break;
	case 6:
		m->bits[0] = to;
		break;
	case 7:
		m->fifos[7].first = to;
		break;
	case 8:
		m->fifos[7].last = to;
		break;
	case 9:
		for (i = 1; i <= q->fresh; i++)
			slot_of(m, i)->next = to;
		break;
	case 10:
		q->gate.first[to % 2] = q->gate.last[to / 2 % 2] = to;
		break;
	default:
		q->seq = to;
	}
}
#define DAMAGES 12

/* All that is derived is made anew after an owner's death. */
START_TEST(derived_is_not_needed)
{
	mqd_t q;
	int i, refusals;

	for (i = 0; i < ABSURD; i++) {
		q = three();
		damage(mapping_of(q), _i, absurd[i]);
		die_holding(&mapping_of(q)->queue->gate.lock);
		ck_assert_str_eq(rest(q, &refusals), "abcx");
		ck_assert_int_eq(refusals, 0);
		ck_assert_int_eq(ref_mq_close(q), 0);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
	}
}
END_TEST

/*
 * Without a death it is found in use: at most an error for each, and then the
 * queue is one again.
 */
START_TEST(damage_is_found)
{
	static const char msg[8] = "fine";
	int i, n, refusals;
	const char *left;
	char got[8];
	mqd_t q;

	for (i = 0; i < ABSURD; i++) {
		q = three();
		damage(mapping_of(q), _i, absurd[i]);
		if (i % 2 && ref_mq_send(q, "y", 1, 0) != 0)
			ck_assert(errno == EAGAIN || errno == EBADMSG);
		left = rest(q, &refusals);
		ck_assert_uint_le(strlen(left), 6);
		ck_assert_int_le(refusals, 3);
		/* All of a priority, and nothing twice or made up. */
		ck_assert_uint_eq(strspn(left, "abcxy"), strlen(left));
		for (n = 0; n < 9; n++) {
			ck_assert_int_eq(ref_mq_send(q, msg, 8, 5), 0);
			ck_assert_int_eq(ref_mq_receive(q, got, 8, NULL), 8);
			ck_assert_mem_eq(got, msg, 8);
		}
		ck_assert_int_eq(count_of(q), 0);
		ck_assert_int_eq(ref_mq_close(q), 0);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
	}
}
END_TEST

/* A slot that can hold no message is none; the others stay. */
START_TEST(broken_slots)
{
	int i, refusals;

	for (i = 0; i < 3; i++) {
		mqd_t q = three();
		struct ref_slot *s = slot_of(mapping_of(q), 1); /* "b" */

		if (i == 0)
			s->len = 9;
		else if (i == 1)
			s->prio = 32768;
		else
			s->seq = UINT64_MAX;
		if (_i)
			die_holding(&mapping_of(q)->queue->gate.lock);
		if (i == 2 && !_i)
			s->len = UINT32_MAX;
		ck_assert_str_eq(rest(q, &refusals), "acx");
		ck_assert_int_eq(refusals, !_i);
		ck_assert_int_eq(ref_mq_close(q), 0);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
	}
}
END_TEST

/* The file's claims about what was used end where the file does. */
START_TEST(absurd_claims)
{
	mqd_t q = three();
	struct ref_queue *queue = mapping_of(q)->queue;
	int refusals;

	queue->fresh = absurd[_i];
	queue->filled = absurd[_i];
	queue->fifos_filled = absurd[_i];
	queue->gate.used = absurd[_i];
	queue->armed = absurd[_i];
	die_holding(&queue->gate.lock);
	rest(q, &refusals);
	ck_assert_int_eq(count_of(q), 0);
	ck_assert_int_eq(ref_mq_send(q, "y", 1, 32767), 0);
	ck_assert_str_eq(rest(q, &refusals), "y");
}
END_TEST

/* Counts that contradict the index, seen by those who only look. */
START_TEST(attributes_repair)
{
	mqd_t q = three();
	int refusals;

	mapping_of(q)->queue->count = absurd[_i];
	if (absurd[_i] > mapping_of(q)->slot_count || absurd[_i] == 0)
		ck_assert_int_eq(count_of(q), 4);
	ck_assert_str_eq(rest(q, &refusals), "abcx");
}
END_TEST

/* Does that word belong to a lock? Its owner's pointers are in there. */
static bool in_a_lock(const struct ref_mapping *m, const char *p)
{
	const ref_mutex *locks[REF_NOTICES + 5] = {&m->queue->gate.lock};
	unsigned i, n = 1;

	for (i = 0; i < REF_NOTICES; i++)
		locks[n++] = &m->queue->notices[i].owner;
	for (i = 0; i < 4; i++)
		locks[n++] = &m->waits.waiters[i].alive;
	for (i = 0; i < n; i++)
		if (p + 4 > (const char *)locks[i] &&
		    p < (const char *)(locks[i] + 1))
			return true;
	return false;
}

static void write_anything(struct ref_mapping *m)
{
	char *p;

	for (;;) {
		switch (draw(3)) {
		case 0:
			p = (char *)m->queue +
			    draw(sizeof(struct ref_queue) +
				 4 * sizeof(struct ref_waiter)) /
				4 * 4;
			break;
		case 1:
			p = (char *)m->bits + draw(1024) / 4 * 4;
			break;
		default:
			p = m->slots + draw(12 * (uint32_t)m->stride) / 4 * 4;
		}
		if (!in_a_lock(m, p))
			*(volatile uint32_t *)(void *)p =
			    draw(9) ? absurd[draw(ABSURD)] : draw(UINT32_MAX);
	}
}

/* Another process writes into the file while calls use it. */
START_TEST(written_by_another)
{
	mqd_t q = a_queue("/q", 8, 64);
	const struct timespec past = {1, 0};
	struct timespec end = in_ms(400), now;
	struct ref_mapping *m = mapping_of(q);
	char *msg = malloc(64);
	unsigned prio;
	pid_t pid = fork();
	ssize_t len;

	if (pid == 0)
		write_anything(m);
	ref_lock_seconds = 0;
	do {
		ref_mq_timedsend(q, msg, draw(65), draw(70), &past);
		if (draw(99) == 0)
			m->waits.rebuild(&m->waits);
		len = ref_mq_timedreceive(q, msg, 64, &prio, &past);
		ck_assert_int_le(len, 64);
		ck_assert(len < 0 || prio < REF_PRIORITIES);
		clock_gettime(CLOCK_REALTIME, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	free(msg);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref queue");
	TCase *tc = a_case(suite, "queue");

	tcase_add_test(tc, deep);
	tcase_add_test(tc, spilling);
	tcase_add_test(tc, limits);
	tcase_add_loop_test(tc, derived_is_not_needed, 0, DAMAGES);
	/* All but the last: where numbers begin again, a message is lost. */
	tcase_add_loop_test(tc, damage_is_found, 0, DAMAGES - 1);
	tcase_add_loop_test(tc, broken_slots, 0, 2);
	tcase_add_loop_test(tc, absurd_claims, 0, ABSURD);
	tcase_add_loop_test(tc, attributes_repair, 0, ABSURD);
	tcase_add_test(tc, written_by_another);
	return run_suite(suite);
}
