/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The system beneath the library that hides its names: the same functions of
 * whoever comes next in the order in which names are looked up.  In a program
 * that is static as a whole nobody does: then it is the kernel's call, or ours.
 */
#include "next.h"

#include <dlfcn.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

/* With times of 64 bits some C libraries of 32 have other names for these. */
#if defined(__GLIBC__) && defined(_TIME_BITS) && defined(__TIMESIZE)
#if _TIME_BITS > __TIMESIZE
#define TIMEDWAIT "__sem_timedwait64"
#define CLOCKWAIT "__sem_clockwait64"
#endif
#elif defined(_REDIR_TIME64)
#define TIMEDWAIT "__sem_timedwait_time64"
#endif
#ifndef TIMEDWAIT
#define TIMEDWAIT "sem_timedwait"
#endif
#ifndef CLOCKWAIT
#define CLOCKWAIT "sem_clockwait"
#endif

typedef next_f function;
typedef int (*sem_function)(sem_t *sem);

struct next {
	const char *name;
	_Atomic(function) found;
};

static COLD function look_up(struct next *next)
{
	int error = errno;
	union {
		void *pointer;
		function f;
	} found = {dlsym(RTLD_NEXT, next->name)};

	atomic_store_explicit(&next->found, found.f, memory_order_relaxed);
	errno = error;
	return found.f;
}

/* Looked up at its first use, so that who needs none pays for none. */
static inline function find(struct next *next)
{
	function f = atomic_load_explicit(&next->found, memory_order_relaxed);

	return f != NULL ? f : look_up(next);
}

next_f next_function(const char *name)
{
	struct next next = {name, NULL};

	return look_up(&next);
}

static COLD int absent(void)
{
	errno = ENOSYS;
	return -1;
}

enum { INIT, DESTROY, POST, WAIT, TRYWAIT, TIMED, CLOCK, GETVALUE, SEMS };
static struct next sems[SEMS] = {
    [INIT] = {"sem_init"}, [DESTROY] = {"sem_destroy"},	  [POST] = {"sem_post"},
    [WAIT] = {"sem_wait"}, [TRYWAIT] = {"sem_trywait"},	  [TIMED] = {TIMEDWAIT},
    [CLOCK] = {CLOCKWAIT}, [GETVALUE] = {"sem_getvalue"},
};

/* What is not found is lacking, or nothing can be found. */
#if REF_FUTEX
#define OTHERWISE(call) (find(&sems[INIT]) != NULL ? absent() : (call))
#else
#define OTHERWISE(call) absent()
#endif
#define UNTIL(deadline, clock) ((struct ref_until){deadline, clock})

static int next_sem_init(sem_t *sem, int pshared, unsigned value)
{
	int (*f)(sem_t *, int, unsigned);
	int i;

	/* A signal handler may post: it should have nothing to look up. */
	for (i = 0; i < SEMS; i++)
		find(&sems[i]);
	f = (int (*)(sem_t *, int, unsigned))find(&sems[INIT]);
	return f != NULL ? f(sem, pshared, value)
			 : OTHERWISE(unnamed_init(sem, value));
}

static int next_sem_destroy(sem_t *sem)
{
	sem_function f = (sem_function)find(&sems[DESTROY]);

	return f != NULL ? f(sem) : OTHERWISE(0);
}

static int next_sem_post(sem_t *sem)
{
	sem_function f = (sem_function)find(&sems[POST]);

	return f != NULL ? f(sem) : OTHERWISE(unnamed_post(sem));
}

static int next_sem_wait(sem_t *sem)
{
	sem_function f = (sem_function)find(&sems[WAIT]);

	return f != NULL
		   ? f(sem)
		   : OTHERWISE(unnamed_wait(sem, &UNTIL(NULL, CLOCK_REALTIME)));
}

static int next_sem_trywait(sem_t *sem)
{
	sem_function f = (sem_function)find(&sems[TRYWAIT]);

	return f != NULL ? f(sem) : OTHERWISE(unnamed_trywait(sem));
}

static int next_sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
	int (*f)(sem_t *, const struct timespec *) =
	    (int (*)(sem_t *, const struct timespec *))find(&sems[TIMED]);

	return f != NULL ? f(sem, deadline)
			 : OTHERWISE(unnamed_wait(
			       sem, &UNTIL(deadline, CLOCK_REALTIME)));
}

static int next_sem_clockwait(sem_t *sem, clockid_t clock,
			      const struct timespec *deadline)
{
	int (*f)(sem_t *, clockid_t, const struct timespec *) = (int (*)(
	    sem_t *, clockid_t, const struct timespec *))find(&sems[CLOCK]);

	return f != NULL
		   ? f(sem, clock, deadline)
		   : OTHERWISE(unnamed_wait(sem, &UNTIL(deadline, clock)));
}

static int next_sem_getvalue(sem_t *sem, int *value)
{
	int (*f)(sem_t *, int *) =
	    (int (*)(sem_t *, int *))find(&sems[GETVALUE]);

	return f != NULL ? f(sem, value)
			 : OTHERWISE(unnamed_getvalue(sem, value));
}

static int next_close(int fd)
{
	static struct next next = {"close"};
	function f = find(&next);

	if (f != NULL)
		return ((int (*)(int))f)(fd);
#ifdef SYS_close
	return (int)syscall(SYS_close, fd);
#else
	return absent();
#endif
}

int next_dup2(int from, int to)
{
	static struct next next = {"dup2"};
	function f = find(&next);

	if (f != NULL)
		return ((int (*)(int, int))f)(from, to);
	if (from == to)
		return fcntl(from, F_GETFD) < 0 ? -1 : to;
	return next_dup3(from, to, 0);
}

int next_dup3(int from, int to, int flags)
{
	static struct next next = {"dup3"};
	function f = find(&next);

	if (f != NULL)
		return ((int (*)(int, int, int))f)(from, to, flags);
#ifdef SYS_dup3
	return (int)syscall(SYS_dup3, from, to, flags);
#else
	return absent();
#endif
}

int next_dup(int fd)
{
	static struct next next = {"dup"};
	function f = find(&next);

	if (f != NULL)
		return ((int (*)(int))f)(fd);
	return fcntl(fd, F_DUPFD, 0);
}

static int next_fchmod(int fd, mode_t mode)
{
	static struct next next = {"fchmod"};
	function f = find(&next);

	if (f != NULL)
		return ((int (*)(int, mode_t))f)(fd, mode);
#ifdef SYS_fchmod
	return (int)syscall(SYS_fchmod, fd, mode);
#else
	return absent();
#endif
}

#ifdef HAVE_CLOSE_RANGE
int next_close_range(unsigned first, unsigned last, int flags)
{
	static struct next next = {"close_range"};
	function f = find(&next);

	if (f != NULL)
		return ((int (*)(unsigned, unsigned, int))f)(first, last,
							     flags);
#ifdef SYS_close_range
	return (int)syscall(SYS_close_range, first, last, flags);
#else
	return absent();
#endif
}
#endif

#ifdef HAVE_CLOSEFROM
void next_closefrom(int first)
{
	static struct next next = {"closefrom"};
	function f = find(&next);
	long fd;

	if (f != NULL) {
		((void (*)(int))f)(first);
		return;
	}
	for (fd = sysconf(_SC_OPEN_MAX) - 1; fd >= first && fd >= 0; fd--)
		next_close((int)fd);
}
#endif

ssize_t next_recvmsg(int fd, struct msghdr *msg, int flags)
{
	static struct next next = {"recvmsg"};
	function f = find(&next);

	if (f != NULL)
		return ((ssize_t(*)(int, struct msghdr *, int))f)(fd, msg,
								  flags);
#ifdef SYS_recvmsg
	return syscall(SYS_recvmsg, fd, msg, flags);
#else
	return absent();
#endif
}

const bool pipc__system_names = true;

/* What the reference implementation asks of the system by this road. */
const struct pipc__os pipc__os_system = {
    .sem_post = next_sem_post,
    .sem_wait = next_sem_wait,
    .sem_trywait = next_sem_trywait,
    .sem_timedwait = next_sem_timedwait,
    .sem_clockwait = next_sem_clockwait,
    .sem_getvalue = next_sem_getvalue,
    .sem_init = next_sem_init,
    .sem_destroy = next_sem_destroy,
    .fchmod = next_fchmod,
    .close = next_close,
};
