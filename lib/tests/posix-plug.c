/* SPDX-License-Identifier: BSD-3-Clause */
/* A module that is linked with libpipc-posix, for posix-load. */
#include "posix/names.h"

int makes_queue(const char *name);
int makes_queue(const char *name)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 8};
	mqd_t q = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);

	return q != (mqd_t)-1 && mq_close(q) == 0;
}
