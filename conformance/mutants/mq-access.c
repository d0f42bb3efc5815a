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

static mqd_t real_owner(const char *name, int flags, mode_t mode,
			struct mq_attr *attr)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	mqd_t mqd;
	int error;

	if ((flags & O_CREAT) == 0 || user == getuid())
		return ct_base->mq_open(name, flags, mode, attr);
	if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
		return PIPC__BAD_MQD;
	mqd = ct_base->mq_open(name, flags, mode, attr);
	error = errno;
	if (setegid(group) != 0 || seteuid(user) != 0)
		return PIPC__BAD_MQD;
	errno = error;
	return mqd;
}

CT_MUTANT(mq_open_real_owner, .breaks = "MQ-026",
	  .text = "a queue belongs to the real user of its maker",
	  .os.mq_open = real_owner);

static mqd_t no_group(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	return ct_base->mq_open(name, flags, mode & ~(mode_t)070, attr);
}

CT_MUTANT(mq_open_no_group, .breaks = "MQ-022 MQ-023",
	  .text = "the group's bits are dropped", .os.mq_open = no_group);

static mqd_t group_as_others(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	mode_t others = mode & 07;

	return ct_base->mq_open(name, flags, mode | others << 3, attr);
}

CT_MUTANT(mq_open_group_as_others, .breaks = "MQ-022 MQ-023",
	  .text = "what others may the group may too",
	  .os.mq_open = group_as_others);
