/* SPDX-License-Identifier: BSD-3-Clause */
/* Named semaphores. */
#include "internal.h"

#include <stdlib.h>

struct pipc_sem {
	sem_t *sem; /* NULL once closed */
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

	o->sem = pipc__os->sem_open(name, self->flags, o->mode, o->value);
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
	handle->sem = o.sem;
	*sem = handle;
	return PIPC_OK;
}

/* Why a handle cannot be used: it is NULL, or it was closed. */
static COLD pipc_status unusable(const pipc_sem *sem)
{
	if (sem == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	return pipc__refuse(EBADF, PIPC_EXISTENTIAL_ERROR);
}

static COLD pipc_status acquire_blocking(sem_t *sem,
					 const struct timespec *timeout)
{
	struct timespec deadline;

	if (errno != EAGAIN || pipc__timeout_zero(timeout))
		return pipc__failed();
	deadline = pipc__deadline(timeout);
	if (pipc__os->sem_timedwait(sem, &deadline) == 0)
		return PIPC_OK;
	/* Documented: without sem_timedwait() a time-out is infinite. */
	if (errno == ENOSYS && pipc__os->sem_wait(sem) == 0)
		return PIPC_OK;
	return pipc__failed();
}

pipc_status pipc_sem_acquire(pipc_sem *sem, const struct timespec *timeout)
{
	if (sem == NULL || sem->sem == NULL)
		return unusable(sem);
	if (timeout == NULL) {
		if (pipc__os->sem_wait(sem->sem) == 0)
			return PIPC_OK;
		return pipc__failed();
	}
	if (!pipc__timeout_ok(timeout))
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	/* The clock is read only when the call would wait. */
	if (pipc__os->sem_trywait(sem->sem) == 0)
		return PIPC_OK;
	return acquire_blocking(sem->sem, timeout);
}

pipc_status pipc_sem_release(pipc_sem *sem)
{
	if (sem == NULL || sem->sem == NULL)
		return unusable(sem);
	if (pipc__os->sem_post(sem->sem) == 0)
		return PIPC_OK;
	return pipc__failed();
}

pipc_status pipc_sem_value(pipc_sem *sem, int *value)
{
	int now;

	if (value == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (sem == NULL || sem->sem == NULL)
		return unusable(sem);
	if (pipc__os->sem_getvalue(sem->sem, &now) != 0)
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
	if (sem == NULL || sem->sem == NULL)
		return unusable(sem);
	if (pipc__os->sem_close(sem->sem) != 0)
		return pipc__failed();
	sem->sem = NULL;
	return PIPC_OK;
}

pipc_status pipc_unlink_semaphore(const char *name)
{
	if (name == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (pipc__os->sem_unlink(name) == 0)
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
