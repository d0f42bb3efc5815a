/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared memory segments. */
#include "internal.h"
#include "size.h"

#include <stdlib.h>

struct pipc_shm {
	const struct pipc__os *os; /* what opened it */
	int fd; /* -1 once closed; 0 is a descriptor like any other */
	char *name;
};

struct shm_opener {
	struct pipc__opener opener;
	int access;
	mode_t mode;
	off_t size;
	int fd;
};

/* Is this off_t the same number as the size_t asked for? */
static bool size_ok(size_t size)
{
	off_t same = (off_t)size;

	return same >= 0 && (size_t)same == size;
}

/*
 * Opens, and says whether the segment is new: only then may it be removed when
 * it cannot be sized.  O_CREAT alone does not tell, so that is asked in two
 * steps; another process may create or remove the name in between.
 */
static int open_or_create(struct shm_opener *o, const char *name, bool *created)
{
	int flags = o->access | (o->opener.flags & ~PIPC_O_CREX);
	int creat = o->opener.flags & PIPC_O_CREX;

	*created = creat == PIPC_O_CREX;
	if (creat != O_CREAT || o->size == 0)
		return pipc__current()->shm_open(name, flags | creat, o->mode);
	for (;;) {
		int fd = pipc__current()->shm_open(name, flags | PIPC_O_CREX,
						   o->mode);

		*created = fd >= 0;
		if (fd >= 0 || errno != EEXIST)
			return fd;
		fd = pipc__current()->shm_open(name, flags, o->mode);
		if (fd >= 0 || errno != ENOENT)
			return fd;
	}
}

/*
 * With memory for all of it, for want of which a process would get SIGBUS when
 * it writes there.  What is cut off comes last: it cannot be given back.
 */
static int resize(const struct pipc__os *os, int fd, off_t size)
{
	struct stat before;
	int error;

	if (os->fstat(fd, &before) == 0 && before.st_size >= size)
		return pipc__allocate(os->posix_fallocate, fd, size) == 0
			   ? pipc__set_size(os->ftruncate, fd, size)
			   : -1;
	if (pipc__set_size(os->ftruncate, fd, size) != 0)
		return -1;
	if (pipc__allocate(os->posix_fallocate, fd, size) == 0)
		return 0;
	error = errno;
	os->ftruncate(fd, before.st_size);
	errno = error;
	return -1;
}

/* Not to be cancelled between opening and keeping the descriptor. */
static int resize_uncancelled(int fd, off_t size)
{
	int state, result, error;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	result = resize(pipc__current(), fd, size);
	error = errno;
	pthread_setcancelstate(state, NULL);
	errno = error;
	return result;
}

static int open_one(struct pipc__opener *self, const char *name)
{
	struct shm_opener *o = (struct shm_opener *)self;
	bool created;
	int error;

	o->fd = open_or_create(o, name, &created);
	if (o->fd < 0)
		return errno;
	if (o->size == 0 || resize_uncancelled(o->fd, o->size) == 0)
		return 0;
	error = errno;
	pipc__current()->close(o->fd);
	if (created)
		pipc__current()->shm_unlink(name);
	return error;
}

pipc_status pipc_shm_open(pipc_shm **shm, const char *name, int flags,
			  mode_t mode, size_t size, bool read_only)
{
	struct shm_opener o = {{open_one, flags}, 0, mode, (off_t)size, -1};
	pipc_shm *handle;
	pipc_status status;

	if (shm == NULL || !size_ok(size) ||
	    !pipc__flags_ok(flags, PIPC_O_CREX | PIPC_O_TRUNC))
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (read_only && (size != 0 || (flags & PIPC_O_TRUNC)))
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	o.access = read_only ? O_RDONLY : O_RDWR;
	handle = malloc(sizeof(*handle));
	if (handle == NULL)
		return pipc__refuse(ENOMEM, PIPC_MEMORY_ERROR);
	status = pipc__open_named(&o.opener, name, &handle->name);
	if (status != PIPC_OK) {
		free(handle);
		return status;
	}
	handle->os = pipc__current();
	handle->fd = o.fd;
	*shm = handle;
	return PIPC_OK;
}

int pipc_shm_fd(const pipc_shm *shm)
{
	return shm == NULL ? -1 : shm->fd;
}

/* Why a handle cannot be used: it is NULL, or it was closed. */
static pipc_status unusable(const pipc_shm *shm)
{
	if (shm == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	return pipc__refuse(EBADF, PIPC_EXISTENTIAL_ERROR);
}

pipc_status pipc_shm_size(const pipc_shm *shm, size_t *size)
{
	struct stat st;

	if (size == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (shm == NULL || shm->fd < 0)
		return unusable(shm);
	if (shm->os->fstat(shm->fd, &st) != 0)
		return pipc__failed();
	*size = (size_t)st.st_size;
	return PIPC_OK;
}

const char *pipc_shm_name(const pipc_shm *shm)
{
	return shm == NULL ? NULL : shm->name;
}

pipc_status pipc_shm_close_fd(pipc_shm *shm)
{
	int fd;

	if (shm == NULL || shm->fd < 0)
		return unusable(shm);
	/* Even a close that fails gives up the number: never close it twice. */
	fd = shm->fd;
	shm->fd = -1;
	if (shm->os->close(fd) != 0)
		return pipc__failed();
	return PIPC_OK;
}

pipc_status pipc_unlink_shared_memory(const char *name)
{
	if (name == NULL)
		return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
	if (pipc__current()->shm_unlink(name) == 0)
		return PIPC_OK;
	return pipc__failed();
}

pipc_status pipc_shm_unlink(pipc_shm *shm)
{
	return pipc_unlink_shared_memory(pipc_shm_name(shm));
}

void pipc_shm_free(pipc_shm *shm)
{
	if (shm == NULL)
		return;
	free(shm->name);
	free(shm);
}
