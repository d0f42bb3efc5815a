/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in the order of messages. */
#include "mq.h"

static int few_levels(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	return ct_base->mq_send(mqd, msg, len, prio > 4 ? 4 : prio);
}

CT_MUTANT(mq_few_levels, .breaks = "MQ-052 MQ-053 MQ-055",
	  .text = "all priorities above 4 are one", .os.mq_send = few_levels);

static int timed_few_levels(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio, const struct timespec *end)
{
	return ct_base->mq_timedsend(mqd, msg, len, prio == 31 ? 0 : prio, end);
}

CT_MUTANT(mq_timedsend_loses_31, .breaks = "MQ-052 MQ-053",
	  .text = "a timed send takes priority 31 for 0",
	  .os.mq_timedsend = timed_few_levels);

/* Sends so that the message comes before the others of its priority. */
static int send_before_equals(mqd_t mqd, const char *msg, size_t len,
			      unsigned prio)
{
	struct {
		char text[256];
		ssize_t len;
		unsigned prio;
	} all[64];
	int n = 0, i, sent = -1;

	if (q_full(mqd) || q_state(mqd).mq_msgsize > 256)
		return ct_base->mq_send(mqd, msg, len, prio);
	while (n < 64 && (all[n].len = ct_base->mq_timedreceive(
			      mqd, all[n].text, sizeof(all[n].text),
			      &all[n].prio, &q_past)) >= 0)
		n++;
	for (i = 0; i < n; i++) {
		if (sent != 0 && all[i].prio <= prio)
			sent = ct_base->mq_send(mqd, msg, len, prio);
		ct_base->mq_send(mqd, all[i].text, (size_t)all[i].len,
				 all[i].prio);
	}
	return sent == 0 ? 0 : ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_last_in_first_out, .breaks = "MQ-054 MQ-055 MQ-056",
	  .text = "equal priorities are last in, first out",
	  .os.mq_send = send_before_equals);

static int timed_before_equals(mqd_t mqd, const char *msg, size_t len,
			       unsigned prio, const struct timespec *end)
{
	if (q_full(mqd))
		return ct_base->mq_timedsend(mqd, msg, len, prio, end);
	return send_before_equals(mqd, msg, len, prio);
}

CT_MUTANT(mq_timed_last_in_first_out, .breaks = "MQ-054 MQ-055 MQ-056",
	  .text = "equal priorities are last in, first out after a timed send",
	  .os.mq_timedsend = timed_before_equals);

static int sometimes_before(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio)
{
	if (q_state(mqd).mq_curmsgs == q_state(mqd).mq_maxmsg - 1 && prio == 3)
		return send_before_equals(mqd, msg, len, prio);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_last_place_out_of_order, .breaks = "MQ-055",
	  .text = "what takes the last place at priority 3 comes before others",
	  .os.mq_send = sometimes_before);

static int no_zero(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	return ct_base->mq_send(mqd, msg, len, prio == 0 ? 1 : prio);
}

CT_MUTANT(mq_zero_is_one, .breaks = "MQ-057 MQ-052",
	  .text = "priority 0 counts as 1", .os.mq_send = no_zero);

static int waited_is_zero(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (!q_nonblocking(mqd) && q_full(mqd))
		prio = 0;
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_waited_is_last, .breaks = "MQ-087",
	  .text = "a message that had to wait goes to the end",
	  .os.mq_send = waited_is_zero);

static int timed_waited_is_first(mqd_t mqd, const char *msg, size_t len,
				 unsigned prio, const struct timespec *end)
{
	if (!q_nonblocking(mqd) && q_full(mqd))
		prio = 31;
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(
    mq_timed_waited_is_first, .breaks = "MQ-087",
    .text = "a message that had to wait in a timed send goes to the front",
    .os.mq_timedsend = timed_waited_is_first);
