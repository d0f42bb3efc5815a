/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits, options, and what is given back. */
#include "sem.h"

#include <sys/resource.h>

CT_CASE(sem_value_max_known, .id = "sem.limits.value-max", .req = "SEM-106",
	.posix = "XBD limits.h {SEM_VALUE_MAX}; XSH sysconf",
	.text = "the largest value is at least 32767, not below the header's, "
		"and what the library says",
	.needs = CT_NEED_SEM)
{
	long now = t->os->sysconf(_SC_SEM_VALUE_MAX);

	CT_CHECK(now == -1 || now >= 32767);
#ifdef SEM_VALUE_MAX
	CT_CHECK(SEM_VALUE_MAX >= 32767);
	CT_CHECK(now == -1 || (unsigned long)now >= SEM_VALUE_MAX);
#endif
	CT_CHECK(pipc_limits()->semaphore_value_max >= 32767);
	if (now != -1)
		CT_EQUAL(pipc_limits()->semaphore_value_max, now);
}

CT_CASE(sem_options, .id = "sem.limits.options", .req = "SEM-107 SEM-128",
	.posix = "XBD unistd.h; XBD limits.h",
	.text = "what sysconf says of semaphores is so", .needs = CT_NEED_SEM)
{
	long many = t->os->sysconf(_SC_SEM_NSEMS_MAX);
	long version = t->os->sysconf(_SC_VERSION);

	CT_CHECK(many == -1 || many >= 256);
	CT_CHECK(version == -1 || version >= 200112L);
#if defined(_POSIX_VERSION) && _POSIX_VERSION >= 200809L
	CT_CHECK(_POSIX_SEMAPHORES >= 200809L);
	CT_CHECK(_POSIX_TIMEOUTS >= 200809L);
#endif
	/* They work here: an option that is denied is not. */
	if (version >= 200809L) {
		CT_CHECK(t->os->sysconf(_SC_SEMAPHORES) >= 200809L);
		CT_CHECK(t->os->sysconf(_SC_TIMEOUTS) >= 200809L);
	} else {
		CT_CHECK(t->os->sysconf(_SC_SEMAPHORES) > 0);
	}
}

/* That these lines compile is the check; the rest is that they are called. */
CT_CASE(sem_header, .id = "sem.header.declarations", .req = "SEM-108 SEM-126",
	.posix = "XBD semaphore.h",
	.text = "semaphore.h declares sem_t, SEM_FAILED and the functions",
	.needs = CT_NEED_SEM)
{
	int (*one[])(sem_t *) = {t->os->sem_close, t->os->sem_post,
				 t->os->sem_wait, t->os->sem_trywait,
				 t->os->sem_destroy};
	int (*value)(sem_t *, int *) = t->os->sem_getvalue;
	int (*timed)(sem_t *restrict, const struct timespec *restrict) =
	    t->os->sem_timedwait;
	int (*clocked)(sem_t *restrict, clockid_t,
		       const struct timespec *restrict) = t->os->sem_clockwait;
	sem_t *failed = SEM_FAILED, *sem = ct_sem(t, 1, NULL);
	int now = -1;

	CT_CHECK(sem != failed && timed != NULL && clocked != NULL);
	CT_OK(one[3](sem) == 0);
	CT_OK(one[1](sem) == 0);
	CT_OK(one[2](sem) == 0);
	if (value(sem, &now) == 0)
		CT_EQUAL(now, 0);
	CT_OK(one[0](sem) == 0);
}

CT_CASE(sem_256, .id = "sem.limits.256-at-once", .req = "SEM-129",
	.posix = "XBD limits.h {_POSIX_SEM_NSEMS_MAX}",
	.text = "a process can have 256 named semaphores open at once",
	.needs = CT_NEED_SEM)
{
	enum { MANY = 256 };
	struct rlimit files;
	static sem_t *sem[MANY];
	int i;

	/* Where each takes a descriptor for good. */
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		files.rlim_cur = RLIM_INFINITY;
	for (i = 0; i < MANY; i++) {
		const char *name = ct_name(t);

		sem[i] = t->os->sem_open(name, PIPC_O_CREX, 0600, (unsigned)i);
		if (sem[i] == SEM_FAILED && errno == EMFILE &&
		    files.rlim_cur < MANY + 64)
			ct_unresolved(t,
				      "sem_open: EMFILE; RLIMIT_NOFILE is "
				      "%llu, and %d are needed",
				      (unsigned long long)files.rlim_cur,
				      MANY + 64);
		if (sem[i] == SEM_FAILED)
			ct_refused(t, "sem_open(O_CREAT)", errno);
		CT_OK(t->os->sem_unlink(name) == 0);
	}
	for (i = 0; i < MANY; i++) {
		CT_EQUAL(ct_value(t, sem[i]), i);
		SEM_CLOSE(sem[i]);
	}
}

/* Where a system has no such limit, setting it fails. */
#ifndef RLIMIT_AS
#define RLIMIT_AS -1
#endif

/* Can a mebibyte be mapped when all the process has is limited so? */
static bool fits(rlim_t bytes)
{
	const size_t more = (size_t)1 << 20;
	struct rlimit limit;
	void *p;

	if (getrlimit(RLIMIT_AS, &limit) != 0)
		return true;
	limit.rlim_cur = bytes;
	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return true;
	p = mmap(NULL, more, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		munmap(p, more);
	return p != MAP_FAILED;
}

/* Leaves the process hardly more than that mebibyte. */
static bool tighten(void)
{
	rlim_t low = 4096, high = (rlim_t)1 << 30;

	if (fits(low) || !fits(high))
		return false;
	while (high - low > 65536) {
		rlim_t middle = low + (high - low) / 2;

		if (fits(middle))
			high = middle;
		else
			low = middle;
	}
	return fits(high);
}

CT_CASE(sem_memory_given_back, .id = "sem.close.gives-memory-back",
	.req = "SEM-018 SEM-100", .posix = "XSH sem_close (shall deallocate)",
	.text = "a process with little address space left opens, unlinks and "
		"closes any number of semaphores",
	.needs = CT_NEED_SEM)
{
	enum { MANY = 600 }; /* of a page or more each */
	const char *first;
	struct ct_peer *p;
	sem_t *sem;
	int i;

	CT_PEER (t, p) {
		sem = ct_sem(t, 0, &first); /* what is needed once */
		CT_OK(t->os->sem_unlink(first) == 0);
		SEM_CLOSE(sem);
		if (!tighten())
			ct_unsupported(t, "address space cannot be limited so");
		for (i = 0; i < MANY; i++) {
			const char *name = ct_name(t);

			SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 1);
			CT_OK(t->os->sem_unlink(name) == 0);
			SEM_CLOSE(sem);
		}
	}
	ct_join(t, p);
}

/* Gone for good: no file that was the semaphore is there any more. */
CT_CASE(sem_destroyed, .id = "sem.unlink.destroyed-at-last-close",
	.req = "SEM-100 SEM-101",
	.posix = "XSH sem_unlink (postponed); XSH _exit, exec (closed)",
	.text = "semaphores that are unlinked and then closed, by sem_close or "
		"the end of their processes, use nothing up",
	.needs = CT_NEED_SEM)
{
	enum { ROUNDS = 400 };
	struct ct_peer *p;
	sem_t *sem;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		const char *name = ct_name(t);

		SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 1);
		CT_OK(t->os->sem_unlink(name) == 0);
		CT_OK(t->os->sem_trywait(sem) == 0);
		SEM_CLOSE(sem);
		CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	}
	for (i = 0; i < 8; i++) {
		const char *name = ct_name(t);

		CT_PEER (t, p) {
			SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 1);
			CT_OK(t->os->sem_unlink(name) == 0);
		}
		ct_join(t, p);
		CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	}
}
