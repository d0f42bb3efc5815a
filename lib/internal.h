/* SPDX-License-Identifier: BSD-3-Clause */
/* What the library's files share with each other and with nobody else. */
#ifndef PIPC_INTERNAL_H
#define PIPC_INTERNAL_H

#include "os.h"
#include "pipc.h"

#include <errno.h>

#define COLD __attribute__((cold, noinline))
/* Of this library alone: found without a look into a table. */
#define HIDDEN __attribute__((visibility("hidden")))
/* Kept out of its caller, whose own path then has no registers to save. */
#define APART __attribute__((noinline))

/* Ends a forked child, which has none of its parent's cleaning up to do. */
#ifdef PIPC_COVERAGE
void __gcov_dump(void);
#endif
static inline _Noreturn void pipc__exit(int status)
{
#ifdef PIPC_COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}

/* The status for errno after a call that failed; errno stays. */
pipc_status pipc__failed(void);

/*
 * The status of a POSIX call that returned 0 or -1.  Not comparing with 0 but
 * returning it saves an instruction on the path that does not wait.
 */
static inline pipc_status pipc__result(int came)
{
	return came < 0 ? pipc__failed() : (pipc_status)came;
}

/* Sets errno and returns the status: for errors that the library finds. */
pipc_status pipc__refuse(int error, pipc_status status);

/* Is a relative time-out well formed (not negative, tv_nsec in range)? */
static inline bool pipc__timeout_ok(const struct timespec *timeout)
{
	return timeout->tv_sec >= 0 && timeout->tv_nsec >= 0 &&
	       timeout->tv_nsec < 1000000000L;
}

/* Branches once: | and not ||. */
static inline bool pipc__timeout_zero(const struct timespec *timeout)
{
	return (timeout->tv_sec | timeout->tv_nsec) == 0;
}

/*
 * When a time-out that begins now ends, by that clock, or the end of time;
 * false with errno when the clock cannot be read.
 */
bool pipc__deadline(clockid_t clock, const struct timespec *timeout,
		    struct timespec *end);

/*
 * The table to open and unlink by, and the one for queues: that is another
 * where the system has none and nobody has chosen a backend.
 */
const struct pipc__os *pipc__current(void);
const struct pipc__os *pipc__queues(void);

/* getenv() for those who may say: no program with another's privileges. */
static inline const char *pipc__getenv(const char *name)
{
	if (geteuid() != getuid() || getegid() != getgid())
		return NULL;
#ifdef HAVE_SECURE_GETENV
	return secure_getenv(name);
#else
	return getenv(name);
#endif
}

/* pipc_limits(), and why a default of queues is not known, if it is not. */
const struct pipc_limits *pipc__limits_now(int *why);
/* Asks again at the next pipc_limits(). */
void pipc__limits_forget(void);

/* The highest priority of a message, as the system or else the header says. */
unsigned pipc__priority_max(void);

/* The semaphore behind a handle; NULL once closed. */
sem_t *pipc__sem_raw(const pipc_sem *sem);

/* Are these flags the specification's, with O_EXCL only beside O_CREAT? */
bool pipc__flags_ok(int flags, int allowed);

/* A name longer than this is refused before the system sees it. */
#define PIPC__NAME_MAX 4096

/*
 * Opens an object under name, or, for NULL, under fresh random names until one
 * is unused.  open_one() returns 0 or an errno value.  On success *used is the
 * name, to be freed by the caller.
 */
struct pipc__opener {
	int (*open_one)(struct pipc__opener *self, const char *name);
	int flags;
};
pipc_status pipc__open_named(struct pipc__opener *opener, const char *name,
			     char **used);

#endif
