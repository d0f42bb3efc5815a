/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the headers of some C libraries lack: a sysconf() name becomes one that
 * no system knows (but the reference implementation, so they differ where it
 * answers), a function an answer that says so.
 */
#ifndef PIPC_ABSENT_H
#define PIPC_ABSENT_H

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef HAVE_SYS_LOADAVG_H
#include <sys/loadavg.h>
#endif

/* The system call has another name, or none. */
#ifdef HAVE_LINUX_FUTEX_H
#include <sys/syscall.h>
#ifndef SYS_futex
#undef HAVE_LINUX_FUTEX_H
#endif
#endif

#ifndef _SC_VERSION
#define _SC_VERSION -1
#endif
#ifndef _SC_CLOCK_SELECTION
#define _SC_CLOCK_SELECTION -1
#endif
#ifndef _SC_MESSAGE_PASSING
#define _SC_MESSAGE_PASSING -1
#endif
#ifndef _SC_MQ_OPEN_MAX
#define _SC_MQ_OPEN_MAX -2
#endif
#ifndef _SC_MQ_PRIO_MAX
#define _SC_MQ_PRIO_MAX -3
#endif
#ifndef _SC_PRIORITY_SCHEDULING
#define _SC_PRIORITY_SCHEDULING -1
#endif
#ifndef _SC_SEMAPHORES
#define _SC_SEMAPHORES -1
#endif
#ifndef _SC_SEM_NSEMS_MAX
#define _SC_SEM_NSEMS_MAX -4
#endif
#ifndef _SC_SEM_VALUE_MAX
#define _SC_SEM_VALUE_MAX -5
#endif
#ifndef _SC_SHARED_MEMORY_OBJECTS
#define _SC_SHARED_MEMORY_OBJECTS -1
#endif
#ifndef _SC_THREAD_PROCESS_SHARED
#define _SC_THREAD_PROCESS_SHARED -1
#endif
#ifndef _SC_TIMEOUTS
#define _SC_TIMEOUTS -1
#endif
#ifndef _POSIX_RTSIG_MAX
#define _POSIX_RTSIG_MAX 8
#endif

#ifndef MQ_PRIO_MAX
#define MQ_PRIO_MAX 32 /* what POSIX wants at least */
#endif
#ifndef RLIMIT_MSGQUEUE
#define RLIMIT_MSGQUEUE -1
#endif
#ifndef SI_MESGQ
#define SI_MESGQ -1
#endif

/* POSIX leaves it to sysconf() where it has no one value. */
#ifndef PTHREAD_STACK_MIN
#define PTHREAD_STACK_MIN sysconf(_SC_THREAD_STACK_MIN)
#endif

#ifndef NAN
#define NAN (0.0 / 0.0)
#endif
#ifndef EOWNERDEAD
#define EOWNERDEAD -1
#endif

/* Some systems declare what they do not have, so these are macros. */
static inline int pipc__absent(int ignored, const void *too)
{
	(void)ignored;
	(void)too;
	errno = ENOSYS;
	return -1;
}
static inline int pipc__absent_cancel(int value, int *old)
{
	if (old != NULL)
		*old = value;
	return ENOSYS;
}
static inline int pipc__absent_pthread(const void *ignored)
{
	(void)ignored;
	return ENOSYS;
}

#ifndef HAVE_GETLOADAVG
#undef getloadavg
#define getloadavg(load, n) pipc__absent(n, load)
#endif
#ifndef HAVE_SCHED_GETSCHEDULER
#undef sched_getscheduler
#define sched_getscheduler(pid) pipc__absent(pid, NULL)
#endif
#ifndef HAVE_SCHED_GETPARAM
#undef sched_getparam
#define sched_getparam(pid, param)                                             \
	((param)->sched_priority = 0, pipc__absent(pid, param))
#endif
#ifndef HAVE_SCHED_SETSCHEDULER
#undef sched_setscheduler
#define sched_setscheduler(pid, policy, param) pipc__absent(policy, param)
#endif
#ifndef HAVE_SIGQUEUE
#undef sigqueue
#define sigqueue(pid, signo, value) pipc__absent(signo, NULL)
#endif
#ifndef HAVE_SIGTIMEDWAIT
#undef sigtimedwait
#define sigtimedwait(set, info, time) ((void)(time), pipc__absent(0, set))
#endif
#ifndef HAVE_SIGWAITINFO
#undef sigwaitinfo
#define sigwaitinfo(set, info)                                                 \
	(*(info) = (siginfo_t){.si_signo = 0}, pipc__absent(0, set))
#endif
#ifndef HAVE_PTHREAD_CANCEL
#undef pthread_cancel
#define pthread_cancel(thread) ((void)(thread), pipc__absent_pthread(NULL))
#endif
#ifndef HAVE_PTHREAD_TESTCANCEL
#undef pthread_testcancel
#define pthread_testcancel() ((void)0)
#endif
#ifndef HAVE_PTHREAD_SETCANCELTYPE
#undef pthread_setcanceltype
#define pthread_setcanceltype pipc__absent_cancel
#undef PTHREAD_CANCEL_ASYNCHRONOUS
#define PTHREAD_CANCEL_ASYNCHRONOUS -1
#undef PTHREAD_CANCEL_DEFERRED
#define PTHREAD_CANCEL_DEFERRED -2
#endif
#ifndef HAVE_PTHREAD_SETCANCELSTATE
#undef pthread_setcancelstate
#define pthread_setcancelstate pipc__absent_cancel
#undef PTHREAD_CANCEL_DISABLE
#define PTHREAD_CANCEL_DISABLE -1
#endif
#ifndef HAVE_PTHREAD_MUTEXATTR_SETPSHARED
#undef pthread_mutexattr_setpshared
#define pthread_mutexattr_setpshared(attr, how) pipc__absent_pthread(attr)
#endif
#ifndef HAVE_PTHREAD_MUTEXATTR_SETROBUST
#undef pthread_mutexattr_setrobust
#define pthread_mutexattr_setrobust(attr, how) pipc__absent_pthread(attr)
#endif
#ifndef HAVE_PTHREAD_MUTEX_CONSISTENT
#undef pthread_mutex_consistent
#define pthread_mutex_consistent(mutex) pipc__absent_pthread(mutex)
#endif

#endif
