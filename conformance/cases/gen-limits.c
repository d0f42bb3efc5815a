/* SPDX-License-Identifier: BSD-3-Clause */
/* The specification's constants, held against the system's own words. */
#include "ct.h"

#include <limits.h>
#include <string.h>

/* The largest queue that a case makes for a default: others need theirs. */
#define MOST_BYTES (256 * 1024)

/* Is it what sysconf says, where it says anything? */
static void agrees(struct ct *t, const char *key, long limit, int name,
		   long less)
{
	long value = t->os->sysconf(name);

	ct_note(t, key, "%ld", limit);
	if (value > 0)
		CT_EQUAL(limit, value - less);
}

CT_CASE(gen_limits, .id = "gen.limits.agree-with-sysconf",
	.req = "GEN-021 SHM-050", .posix = "specification S5, S9, S13, S14",
	.text = "page size, largest semaphore value, highest priority and the "
		"signals for users are what the system says",
	.needs = CT_NEED_SEM)
{
	const struct pipc_limits *l = pipc_limits();

	agrees(t, "page-size", l->page_size, _SC_PAGESIZE, 0);
	agrees(t, "semaphore-value-max", l->semaphore_value_max,
	       _SC_SEM_VALUE_MAX, 0);
	if (l->message_queues_supported)
		agrees(t, "queue-priority-max", l->queue_priority_max,
		       _SC_MQ_PRIO_MAX, 1);
	else
		CT_EQUAL(l->queue_priority_max, 0);
	if (l->user_signal_min != 0) {
		/* A system may keep some of the signals that it counts. */
		CT_CHECK(l->user_signal_min > 0);
		CT_CHECK(l->user_signal_max - l->user_signal_min + 1 >=
			 _POSIX_RTSIG_MAX);
	}
	CT_CHECK(pipc_limits() == l);
}

CT_CASE(gen_limits_hold, .id = "gen.limits.semaphore-value-max",
	.req = "GEN-021", .posix = "specification S9; XSH sem_open [EINVAL]",
	.text = "a semaphore can have the largest value told, and not one more",
	.needs = CT_NEED_SEM)
{
	unsigned long max = (unsigned long)pipc_limits()->semaphore_value_max;
	pipc_sem *sem = NULL;

	if (max >= UINT_MAX)
		ct_unsupported(t, "no unsigned is larger than the largest");
	CT_EXPECT(
	    pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, (unsigned)max + 1),
	    PIPC_VALUE_ERROR);
	CT_CHECK(sem == NULL);
	CT_MUST(CT_EXPECT(
	    pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, (unsigned)max),
	    PIPC_OK));
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

CT_CASE(gen_limits_queue, .id = "gen.limits.queue-defaults", .req = "GEN-021",
	.posix = "specification S11, S12, S13",
	.text = "a queue without options has the defaults told, and takes "
		"messages up to the highest priority told and no higher",
	.needs = CT_NEED_MQ)
{
	const struct pipc_limits *l = pipc_limits();
	struct pipc_mq_attributes attr;
	unsigned highest, priority = 0;
	size_t len = 16;
	char buf[16];
	pipc_mq *mq;

	mq = ct_pipc_mq(t, 1, 16);
	highest = (unsigned)l->queue_priority_max;
	CT_EXPECT(pipc_mq_send(mq, "a\0b", 3, NULL, highest), PIPC_OK);
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, NULL, &priority), PIPC_OK);
	CT_EQUAL(priority, highest);
	CT_EQUAL(len, 3);
	CT_CHECK(memcmp(buf, "a\0b", 3) == 0);
	CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, highest + 1),
		  PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
	/* There are no defaults where such a queue cannot be made. */
	if (l->queue_messages_max_default > 0 &&
	    l->queue_message_size_max_default > 0 &&
	    l->queue_messages_max_default >
		MOST_BYTES / l->queue_message_size_max_default)
		ct_unresolved(t,
			      "a queue of the defaults is too large to be "
			      "made while others need theirs: %ld messages of "
			      "%ld bytes",
			      l->queue_messages_max_default,
			      l->queue_message_size_max_default);
	CT_MUST(CT_EXPECT(pipc_mq_open(&mq, NULL, PIPC_O_CREX, NULL), PIPC_OK));
	CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_EQUAL(attr.max_messages, l->queue_messages_max_default);
	CT_EQUAL(attr.max_message_size, l->queue_message_size_max_default);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}
