/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in the permissions of message queues. */
#include "mq.h"

static mqd_t open_to_all(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	mode_t mask = umask(0);
	mqd_t mqd = ct_base->mq_open(name, flags, mode | 0666, attr);

	umask(mask);
	return mqd;
}

CT_MUTANT(mq_open_to_all, .breaks = "MQ-022 MQ-023 MQ-026",
	  .text = "every queue is open to all", .os.mq_open = open_to_all);

static mqd_t no_umask(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	mode_t mask = umask(0);
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	umask(mask);
	return mqd;
}

CT_MUTANT(mq_open_no_umask, .breaks = "MQ-026",
	  .text = "the umask is not applied", .os.mq_open = no_umask);

static mqd_t denied_is_enoent(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD && errno == EACCES)
		errno = ENOENT;
	return mqd;
}

CT_MUTANT(mq_open_denied_is_enoent, .breaks = "MQ-022 MQ-023",
	  .text = "a queue that may not be opened is ENOENT",
	  .os.mq_open = denied_is_enoent);

/* Opens again what it made, and so with the mode's access. */
static mqd_t made_then_opened(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD || !(flags & O_EXCL))
		return mqd;
	ct_base->mq_close(mqd);
	return ct_base->mq_open(name, flags & ~PIPC_O_CREX, mode, attr);
}

CT_MUTANT(mq_makers_mode_counts, .breaks = "MQ-024",
	  .text = "the mode counts for the maker's descriptor",
	  .os.mq_open = made_then_opened);
