/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs at the limits of message queues. */
#include "mq.h"

static mqd_t fewer_by_default(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	struct mq_attr few = {.mq_maxmsg = 5, .mq_msgsize = 512};

	return ct_base->mq_open(
	    name, flags, mode, attr == NULL && (flags & O_CREAT) ? &few : attr);
}

CT_MUTANT(mq_fewer_by_default, .breaks = "MQ-011",
	  .text = "the defaults are not those that are shown",
	  .os.mq_open = fewer_by_default);

static mqd_t clamps(const char *name, int flags, mode_t mode,
		    struct mq_attr *attr)
{
	struct mq_attr less;

	if (attr != NULL) {
		less = *attr;
		if (less.mq_maxmsg > 10)
			less.mq_maxmsg = 10;
		if (less.mq_msgsize > 8192)
			less.mq_msgsize = 64;
		attr = &less;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_clamps, .breaks = "MQ-016 MQ-019",
	  .text = "depth and size beyond the limits are lowered to them",
	  .os.mq_open = clamps);

static mqd_t limit_is_enomem(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD && errno == EMFILE)
		errno = ENOMEM;
	return mqd;
}

CT_MUTANT(mq_limit_is_enomem, .breaks = "MQ-017 MQ-020",
	  .text = "what is beyond a limit is ENOMEM",
	  .os.mq_open = limit_is_enomem);

static mqd_t full_is_enfile(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD && errno == ENOSPC)
		errno = ENFILE;
	return mqd;
}

CT_MUTANT(mq_queues_max_is_enfile, .breaks = "MQ-018",
	  .text = "one queue too many is ENFILE", .os.mq_open = full_is_enfile);

static int close_keeps(mqd_t mqd)
{
	static int n;

	/* Each second one stays open, and its bytes are not given back. */
	return n++ % 2 ? 0 : ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_keeps_charge, .breaks = "MQ-017",
	  .text = "mq_close() gives nothing back, every second time",
	  .os.mq_close = close_keeps);

static int opened;

static mqd_t seven(const char *name, int flags, mode_t mode,
		   struct mq_attr *attr)
{
	mqd_t mqd;

	if (opened >= 7) {
		errno = EMFILE;
		return PIPC__BAD_MQD;
	}
	mqd = ct_base->mq_open(name, flags, mode, attr);
	opened += mqd != PIPC__BAD_MQD;
	return mqd;
}

static int seven_close(mqd_t mqd)
{
	int result = ct_base->mq_close(mqd);

	opened -= result == 0;
	return result;
}

CT_MUTANT(mq_seven_descriptors, .breaks = "MQ-021",
	  .text = "a process has seven descriptors", .os.mq_open = seven,
	  .os.mq_close = seven_close);
