/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in the names of message queues. */
#include "mq.h"

static mqd_t long_is_enoent(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd == PIPC__BAD_MQD && strlen(name) > 255)
		errno = ENOENT;
	return mqd;
}

CT_MUTANT(mq_name_long_is_enoent, .breaks = "MQ-034",
	  .text = "a new name that is too long is ENOENT",
	  .os.mq_open = long_is_enoent);

static mqd_t eight_bytes(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	if (strlen(name) > 9) {
		errno = ENAMETOOLONG;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_name_of_eight_bytes, .breaks = "MQ-035",
	  .text = "names have at most 8 bytes", .os.mq_open = eight_bytes);

static mqd_t cut(const char *name, int flags, mode_t mode, struct mq_attr *attr)
{
	char kept[101] = "";

	strncpy(kept, name, sizeof(kept) - 1);
	return ct_base->mq_open(kept, flags, mode, attr);
}

static int cut_unlink(const char *name)
{
	char kept[101] = "";

	strncpy(kept, name, sizeof(kept) - 1);
	return ct_base->mq_unlink(kept);
}

CT_MUTANT(mq_name_cut, .breaks = "MQ-036",
	  .text = "names are cut after 100 bytes", .os.mq_open = cut,
	  .os.mq_unlink = cut_unlink);

static mqd_t overruns(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	if (strlen(name) > 4096)
		raise(SIGSEGV);
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_name_overruns, .breaks = "MQ-036",
	  .text = "a very long name runs over its buffer",
	  .os.mq_open = overruns);
