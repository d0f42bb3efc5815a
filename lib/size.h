/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are mapped: a size, and the memory for it, or an errno. */
#ifndef PIPC_SIZE_H
#define PIPC_SIZE_H

#include "os.h"

#include <errno.h>
#include <stdbool.h>

#ifdef SIGXFSZ
static inline bool pipc__fsize_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGXFSZ) == 1;
}
#endif

/* ftruncate(); beyond RLIMIT_FSIZE it fails with EFBIG and without a signal. */
static inline int pipc__set_size(int (*set)(int fd, off_t size), int fd,
				 off_t size)
{
#ifdef SIGXFSZ
	sigset_t limit, mask;
	bool pending;
	int result, error, signo;

	sigemptyset(&limit);
	sigaddset(&limit, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &limit, &mask);
	pending = pipc__fsize_pending();
	result = set(fd, size);
	error = errno;
	if (result != 0 && !pending && pipc__fsize_pending())
		sigwait(&limit, &signo);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	errno = error;
	return result;
#else
	return set(fd, size);
#endif
}

/*
 * Memory for the first bytes of a file: 0, also where that cannot be asked for,
 * or -1 with errno.  Signals interrupt the call, which has then done nothing,
 * so it is tried again with less at a time.
 */
static inline int pipc__allocate(int (*allocate)(int fd, off_t at, off_t size),
				 int fd, off_t size)
{
	const off_t least = 65536;
	off_t at = 0, piece = size;
	int tries = 10000;

	while (at < size) {
		if (piece > size - at)
			piece = size - at;
		if (allocate(fd, at, piece) == 0) {
			at += piece;
			continue;
		}
		if (errno == ENOSPC || errno == EDQUOT || errno == ENOMEM ||
		    errno == EFBIG || errno == EIO)
			return -1;
		if (errno != EINTR)
			return 0;
		if (--tries == 0)
			return -1;
		if (piece > least)
			piece /= 2;
	}
	return 0;
}

#endif
