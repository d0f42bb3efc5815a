/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the cases of shared memory share.  No function here checks: a case
 * checks what it returns, so that a failure is told with its line.
 */
#ifndef CT_CASES_SHM_H
#define CT_CASES_SHM_H

#include "ct.h"

#include <string.h>
#include <sys/wait.h>

/* The calls that must succeed wherever a case makes them. */
#define SHM_OPEN(fd, ...)                                                      \
	CT_MUST(CT__TRUE("shm_open(" #__VA_ARGS__ ")",                         \
			 ((fd) = t->os->shm_open(__VA_ARGS__)) >= 0,           \
			 CT__CALL_))
#define SHM_MAP(p, fd, size, prot)                                             \
	CT_MUST(CT_OK(((p) = t->os->mmap(NULL, (size), (prot), MAP_SHARED,     \
					 (fd), 0)) != MAP_FAILED))
#define SHM_RESIZE(fd, size) CT_OK(t->os->ftruncate(fd, size) == 0)
#define SHM_CLOSE(fd) CT_OK(t->os->close(fd) == 0)
#define SHM_UNLINK(name) CT_OK(t->os->shm_unlink(name) == 0)

#define SHM_RW (PROT_READ | PROT_WRITE)

/* Beyond RLIMIT_FSIZE a size is EFBIG, and not the end of the case. */
static inline void shm_no_signal_for_size(void)
{
#ifdef SIGXFSZ
	signal(SIGXFSZ, SIG_IGN);
#endif
}

/* What fstat() says; a size of -1 when it fails. */
static inline struct stat shm_stat(struct ct *t, int fd)
{
	struct stat st = {0};

	if (t->os->fstat(fd, &st) != 0)
		st.st_size = -1;
	return st;
}

static inline off_t shm_size(struct ct *t, int fd)
{
	return shm_stat(t, fd).st_size;
}

/* The nine permission bits. */
static inline unsigned shm_mode(struct ct *t, int fd)
{
	return (unsigned)shm_stat(t, fd).st_mode & 0777;
}

static inline size_t shm_page(struct ct *t)
{
	return (size_t)t->os->sysconf(_SC_PAGESIZE);
}

/* Is there an object of this name?  Any error but ENOENT is no answer: -1. */
static inline int shm_exists(struct ct *t, const char *name)
{
	int fd = t->os->shm_open(name, O_RDONLY, 0);

	if (fd >= 0)
		t->os->close(fd);
	return fd >= 0 ? 1 : errno == ENOENT ? 0 : -1;
}

/* Are the bytes from p all this one? */
static inline bool shm_all(const volatile char *p, size_t n, char byte)
{
	while (n > 0 && *p == byte)
		p++, n--;
	return n == 0;
}

/* The signal that a child dies of when it reads or writes a byte; 0: none. */
static inline int shm_touch(struct ct *t, volatile char *p, bool write)
{
	struct ct_peer *peer;
	int status;

	CT_PEER (t, peer) {
		signal(SIGBUS, SIG_DFL); /* not a sanitizer's report */
		signal(SIGSEGV, SIG_DFL);
		if (write)
			*p = 'W';
		else
			(void)*p;
	}
	status = ct_reap(t, peer);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#endif
