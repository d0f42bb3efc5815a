/* SPDX-License-Identifier: BSD-3-Clause */
/* Named semaphores. */
#include "internal.h"

#include <stdlib.h>

struct pipc_sem {
	sem_t *sem;		   /* NULL once closed */
	const struct pipc__os *os; /* what opened it; &closed once closed */
	char *name;
};

struct sem_opener {
	struct pipc__opener opener;
	mode_t mode;
	unsigned value;
	sem_t *sem;
};

static int open_one(struct pipc__opener *self, const char *name)
{
	struct sem_opener *o = (struct sem_opener *)self;

	o->sem =
	    pipc__current()->sem_open(name, self->flags, o->mode, o->value);
	return o->sem == SEM_FAILED ? errno : 0;
}

pipc_status pipc_sem_open(pipc_sem **sem, const char *name, int flags,
			  mode_t mode, unsigned initial_value)
{
	struct sem_opener o = {{open_one, flags}, mode, initial_value, NULL};
	pipc_sem *handle;
	pipc_status status;

	if (sem == NULL || !pipc__flags_ok(flags, PIPC_O_CREX))
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	handle = malloc(sizeof(*handle));
	if (handle == NULL)
		return pipc__refuse(ENOMEM, PIPC_MEMORY_ERROR);
	status = pipc__open_named(&o.opener, name, &handle->name);
	if (status != PIPC_OK) {
		free(handle);
		return status;
	}
	handle->os = pipc__current();
	handle->sem = o.sem;
	*sem = handle;
	return PIPC_OK;
}

/* What acquiring and the rest come to once the handle is closed. */
static int closed_call(sem_t *sem)
{
	(void)sem;
	errno = EBADF;
	return -1;
}

static int closed_getvalue(sem_t *sem, int *value)
{
	(void)value;
	return closed_call(sem);
}

/* A closed handle's table: no call has to ask first whether it is open. */
static const struct pipc__os closed = {
    .sem_close = closed_call,
    .sem_post = closed_call,
    .sem_wait = closed_call,
    .sem_trywait = closed_call,
    .sem_getvalue = closed_getvalue,
};

static COLD pipc_status bad_argument(void)
{
	return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
}

/* What is kept, in memory and not in registers, for when it has to wait. */
struct acquiring {
	pipc_sem *sem;
	const struct timespec *timeout;
};

/* Some do not have the call, some not for that clock. */
static bool lacking(void)
{
	return errno == ENOSYS || errno == ENOTSUP || errno == EINVAL;
}

/* By the clock that nobody sets, where the system can wait by it. */
static int wait_for(const struct pipc__os *os, sem_t *sem,
		    const struct timespec *timeout)
{
	struct timespec end;

	if (pipc__deadline(CLOCK_MONOTONIC, timeout, &end)) {
		if (os->sem_clockwait(sem, CLOCK_MONOTONIC, &end) == 0)
			return 0;
		if (!lacking())
			return -1;
		if (os->sem_clockwait_np(sem, CLOCK_MONOTONIC, &end) == 0)
			return 0;
		if (!lacking())
			return -1;
	}
	if (!pipc__deadline(CLOCK_REALTIME, timeout, &end))
		return -1;
	return os->sem_timedwait(sem, &end);
}

static COLD pipc_status acquire_blocking(const struct acquiring *a)
{
	pipc_sem *sem = a->sem;

	if (errno != EAGAIN)
		return pipc__failed();
	if (wait_for(sem->os, sem->sem, a->timeout) == 0)
		return PIPC_OK;
	/* Documented: without sem_timedwait() a time-out is infinite. */
	if (errno == ENOSYS && sem->os->sem_wait(sem->sem) == 0)
		return PIPC_OK;
	return pipc__failed();
}

static APART pipc_status acquire_timed(pipc_sem *sem,
				       const struct timespec *timeout)
{
	const struct acquiring a = {sem, timeout};
	int came;

	if (!pipc__timeout_ok(timeout))
		return bad_argument();
	/* The clock is read only when the call would wait. */
	came = sem->os->sem_trywait(sem->sem);
	return came < 0 ? acquire_blocking(&a) : (pipc_status)came;
}

pipc_status pipc_sem_acquire(pipc_sem *sem, const struct timespec *timeout)
{
	const struct pipc__os *os;
	sem_t *raw;

	if (sem == NULL)
		return bad_argument();
	os = sem->os;
	if (timeout == NULL) {
		raw = sem->sem;
		return pipc__result(os->sem_wait(raw));
	}
	if (!pipc__timeout_zero(timeout))
		return acquire_timed(sem, timeout);
	raw = sem->sem;
	return pipc__result(os->sem_trywait(raw));
}

pipc_status pipc_sem_release(pipc_sem *sem)
{
	if (sem == NULL)
		return bad_argument();
	return pipc__result(sem->os->sem_post(sem->sem));
}

pipc_status pipc_sem_value(pipc_sem *sem, int *value)
{
	int now;

	if (sem == NULL || value == NULL)
		return bad_argument();
	if (sem->os->sem_getvalue(sem->sem, &now) != 0)
		return pipc__failed();
	*value = now;
	return PIPC_OK;
}

sem_t *pipc__sem_raw(const pipc_sem *sem)
{
	return sem == NULL ? NULL : sem->sem;
}

const char *pipc_sem_name(const pipc_sem *sem)
{
	return sem == NULL ? NULL : sem->name;
}

pipc_status pipc_sem_close(pipc_sem *sem)
{
	if (sem == NULL)
		return bad_argument();
	if (sem->os->sem_close(sem->sem) != 0)
		return pipc__failed();
	sem->sem = NULL;
	sem->os = &closed;
	return PIPC_OK;
}

pipc_status pipc_unlink_semaphore(const char *name)
{
	if (name == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (pipc__current()->sem_unlink(name) == 0)
		return PIPC_OK;
	return pipc__failed();
}

pipc_status pipc_sem_unlink(pipc_sem *sem)
{
	return pipc_unlink_semaphore(pipc_sem_name(sem));
}

void pipc_sem_free(pipc_sem *sem)
{
	if (sem == NULL)
		return;
	free(sem->name);
	free(sem);
}
