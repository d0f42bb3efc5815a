/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the headers of some C libraries lack: a sysconf() name becomes one that
 * no system knows, a function an answer that says so.
 */
#ifndef PIPC_ABSENT_H
#define PIPC_ABSENT_H

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

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
#define _SC_MQ_OPEN_MAX -1
#endif
#ifndef _SC_MQ_PRIO_MAX
#define _SC_MQ_PRIO_MAX -1
#endif
#ifndef _SC_PRIORITY_SCHEDULING
#define _SC_PRIORITY_SCHEDULING -1
#endif
#ifndef _SC_SEMAPHORES
#define _SC_SEMAPHORES -1
#endif
#ifndef _SC_SEM_NSEMS_MAX
#define _SC_SEM_NSEMS_MAX -1
#endif
#ifndef _SC_SEM_VALUE_MAX
#define _SC_SEM_VALUE_MAX -1
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

#ifndef NAN
#define NAN (0.0 / 0.0)
#endif
#ifndef EOWNERDEAD
#define EOWNERDEAD -1
#endif
#ifndef HAVE_PTHREAD_MUTEXATTR_SETPSHARED
#define pthread_mutexattr_setpshared(attr, how) ENOSYS
#endif
#ifndef HAVE_PTHREAD_MUTEXATTR_SETROBUST
#define pthread_mutexattr_setrobust(attr, how) ENOSYS
#define pthread_mutex_consistent(mutex) ENOSYS
#endif
#ifndef HAVE_GETLOADAVG
#define getloadavg(load, n) -1
#endif

#endif
