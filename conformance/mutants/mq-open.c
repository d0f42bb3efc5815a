/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in opening message queues. */
#include "mq.h"

#include <sched.h>

static mqd_t ignores_excl(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	return ct_base->mq_open(name, flags & ~O_EXCL, mode, attr);
}

CT_MUTANT(mq_open_ignores_excl, .breaks = "MQ-007 MQ-008",
	  .text = "O_EXCL is not looked at", .os.mq_open = ignores_excl);

/* Empties a queue without a word. */
static void empty(mqd_t mqd)
{
	char buf[4096];

	while (ct_base->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &q_past) >=
	       0)
		;
}

static mqd_t open_empties(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd != PIPC__BAD_MQD && (flags & O_CREAT))
		empty(mqd);
	return mqd;
}

CT_MUTANT(mq_open_empties, .breaks = "MQ-015",
	  .text = "O_CREAT empties a queue that exists",
	  .os.mq_open = open_empties);

static mqd_t open_adds(const char *name, int flags, mode_t mode,
		       struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd != PIPC__BAD_MQD && (flags & O_CREAT))
		ct_base->mq_timedsend(mqd, "", 0, 0, &q_past);
	return mqd;
}

CT_MUTANT(mq_open_adds, .breaks = "MQ-003 MQ-014 MQ-006",
	  .text = "a new queue holds an empty message",
	  .os.mq_open = open_adds);

static mqd_t open_is_new(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	if (!(flags & O_EXCL) && (flags & O_CREAT) &&
	    ct_base->mq_unlink(name) == 0)
		flags |= O_EXCL;
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_replaces, .breaks = "MQ-001 MQ-004 MQ-009 MQ-015",
	  .text = "O_CREAT on a queue in use makes another",
	  .os.mq_open = open_is_new);

static mqd_t always_creates(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	return ct_base->mq_open(name, flags | O_CREAT, mode, attr);
}

CT_MUTANT(mq_open_always_creates, .breaks = "MQ-002 MQ-039",
	  .text = "O_CREAT is taken for granted", .os.mq_open = always_creates);

static mqd_t absent_is_einval(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD && errno == ENOENT)
		errno = EINVAL;
	return mqd;
}

CT_MUTANT(mq_open_absent_is_einval, .breaks = "MQ-002",
	  .text = "an absent queue is EINVAL", .os.mq_open = absent_is_einval);

static mqd_t fails_with_zero(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	return mqd == PIPC__BAD_MQD ? (mqd_t)0 : mqd;
}

CT_MUTANT(mq_open_fails_with_zero, .breaks = "MQ-039",
	  .text = "mq_open fails with 0 instead of (mqd_t)-1",
	  .os.mq_open = fails_with_zero);

static mqd_t rounds_size(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	struct mq_attr rounded;

	if (attr != NULL) {
		rounded = *attr;
		attr = &rounded;
		if (attr->mq_msgsize > 0 && attr->mq_msgsize < 1024)
			attr->mq_msgsize = (attr->mq_msgsize + 7) / 8 * 8;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_rounds_size, .breaks = "MQ-003",
	  .text = "the message size is rounded up to 8 bytes",
	  .os.mq_open = rounds_size);

static mqd_t one_less(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	struct mq_attr less;

	if (attr != NULL) {
		less = *attr;
		attr = &less;
		attr->mq_maxmsg -= attr->mq_maxmsg > 1;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_one_less, .breaks = "MQ-003 MQ-006",
	  .text = "a queue is one message less deep", .os.mq_open = one_less);

static mqd_t refuses_excl(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	if ((flags & PIPC_O_CREX) == PIPC_O_CREX && attr != NULL &&
	    attr->mq_msgsize == 33) {
		errno = EEXIST;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_refuses_odd, .breaks = "MQ-006",
	  .text = "a new queue with messages of 33 bytes exists already",
	  .os.mq_open = refuses_excl);

static mqd_t checks_sizes(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);
	struct mq_attr is;

	if (mqd == PIPC__BAD_MQD || attr == NULL || !(flags & O_CREAT) ||
	    attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0)
		return mqd;
	ct_base->mq_getattr(mqd, &is);
	if (is.mq_maxmsg == attr->mq_maxmsg &&
	    is.mq_msgsize == attr->mq_msgsize)
		return mqd;
	ct_base->mq_close(mqd);
	errno = EEXIST;
	return PIPC__BAD_MQD;
}

CT_MUTANT(mq_open_checks_sizes, .breaks = "MQ-004",
	  .text = "O_CREAT on a queue of another size is refused",
	  .os.mq_open = checks_sizes);

static mqd_t bad_sizes_einval_late(const char *name, int flags, mode_t mode,
				   struct mq_attr *attr)
{
	if ((flags & O_CREAT) && !(flags & O_EXCL) && attr != NULL &&
	    (attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0)) {
		errno = ENOSPC;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_existing_enospc, .breaks = "MQ-005",
	  .text = "bad sizes for a queue in use are ENOSPC",
	  .os.mq_open = bad_sizes_einval_late);

static mqd_t bad_means_default(const char *name, int flags, mode_t mode,
			       struct mq_attr *attr)
{
	if (attr != NULL && (attr->mq_maxmsg < 0 || attr->mq_msgsize < 0))
		attr = NULL;
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_negative_is_default, .breaks = "MQ-012",
	  .text = "a negative depth or size means the default",
	  .os.mq_open = bad_means_default);

static mqd_t zero_is_one(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	struct mq_attr one;

	if (attr != NULL && attr->mq_maxmsg == 0) {
		one = *attr;
		one.mq_maxmsg = 1;
		attr = &one;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_zero_is_one, .breaks = "MQ-012",
	  .text = "a depth of 0 means 1", .os.mq_open = zero_is_one);

static mqd_t takes_attr_flags(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	if ((flags & O_CREAT) && attr != NULL)
		flags |= (int)attr->mq_flags & O_NONBLOCK;
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_takes_attr_flags, .breaks = "MQ-013",
	  .text = "O_NONBLOCK in the attributes counts",
	  .os.mq_open = takes_attr_flags);

static mqd_t takes_curmsgs(const char *name, int flags, mode_t mode,
			   struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);
	long i;

	if (mqd == PIPC__BAD_MQD || !(flags & O_CREAT) || attr == NULL)
		return mqd;
	for (i = 0; i < attr->mq_curmsgs && i < 8; i++)
		ct_base->mq_timedsend(mqd, "", 0, 0, &q_past);
	return mqd;
}

CT_MUTANT(mq_open_takes_curmsgs, .breaks = "MQ-014",
	  .text = "a new queue starts with mq_curmsgs messages",
	  .os.mq_open = takes_curmsgs);

static int getattr_no_default(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	if (result == 0 && attr->mq_msgsize > 4096)
		attr->mq_msgsize = 0;
	return result;
}

CT_MUTANT(mq_open_default_shown_as_zero, .breaks = "MQ-010",
	  .text = "a default size is shown as 0",
	  .os.mq_getattr = getattr_no_default);

static int send_below_default(mqd_t mqd, const char *msg, size_t len,
			      unsigned prio, const struct timespec *end)
{
	if (len > 4096) {
		errno = EMSGSIZE;
		return -1;
	}
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_open_default_unusable, .breaks = "MQ-010",
	  .text = "messages of the default size are refused",
	  .os.mq_timedsend = send_below_default);

/* Between the look and the creation of O_EXCL lies a moment. */
static mqd_t looks_first(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	mqd_t there;

	if ((flags & PIPC_O_CREX) != PIPC_O_CREX)
		return ct_base->mq_open(name, flags, mode, attr);
	there = ct_base->mq_open(name, O_RDONLY, 0, NULL);
	if (there != PIPC__BAD_MQD) {
		ct_base->mq_close(there);
		errno = EEXIST;
		return PIPC__BAD_MQD;
	}
	sched_yield();
	return ct_base->mq_open(name, flags & ~O_EXCL, mode, attr);
}

CT_MUTANT(mq_open_looks_first, .breaks = "MQ-008",
	  .text = "O_EXCL looks first and creates then",
	  .os.mq_open = looks_first);
