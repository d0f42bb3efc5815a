/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared memory: files of the reference implementation's directory. */
#include "ref.h"

static int open_file(const char *path, int flags, mode_t mode)
{
	const int known = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC;
	struct stat st;
	int fd;

	/* O_NONBLOCK, for a FIFO in its place, has no effect on a file. */
	fd = open(path, (flags & known) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		  mode);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    fcntl(fd, F_SETFL, 0) == 0)
		return fd;
	pipc__os_system.close(fd);
	errno = EINVAL;
	return -1;
}

int ref_shm_open(const char *name, int flags, mode_t mode)
{
	char path[REF_PATH_MAX];
	int state, fd;

	if (!ref_path(path, REF_SHM, name))
		return -1;
	state = ref_uncancelled();
	fd = open_file(path, flags, mode);
	ref_cancelled(state);
	return fd;
}

int ref_shm_unlink(const char *name)
{
	return ref_unlink(REF_SHM, name);
}
