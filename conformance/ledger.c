/* SPDX-License-Identifier: BSD-3-Clause */
/* A layer over a backend: each name is on record before it is created. */
#include "run.h"

static const struct pipc__os *base;
static int out;

static sem_t *ledger_sem_open(const char *name, int flags, mode_t mode,
			      unsigned value)
{
	if (flags & O_CREAT)
		ct_record(out, 'O', "s %s", name);
	return base->sem_open(name, flags, mode, value);
}

static int ledger_shm_open(const char *name, int flags, mode_t mode)
{
	if (flags & O_CREAT)
		ct_record(out, 'O', "m %s", name);
	return base->shm_open(name, flags, mode);
}

static mqd_t ledger_mq_open(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	if (flags & O_CREAT)
		ct_record(out, 'O', "q %s", name);
	return base->mq_open(name, flags, mode, attr);
}

const struct pipc__os *ct_ledger(const struct pipc__os *os, int records)
{
	static struct pipc__os layered;

	base = os;
	out = records;
	layered = *os;
	layered.sem_open = ledger_sem_open;
	layered.shm_open = ledger_shm_open;
	layered.mq_open = ledger_mq_open;
	return &layered;
}
