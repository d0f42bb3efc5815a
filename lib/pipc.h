/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pipc - POSIX named semaphores, shared memory and message queues.
 *
 * NULL is "None" everywhere: a NULL name chooses an unused random name (and
 * needs PIPC_O_CREX), a NULL timeout waits without limit, NULL options are the
 * documented defaults, a NULL notification cancels.
 *
 * Every call returns a status; unless a comment says otherwise any of them may
 * be PIPC_VALUE_ERROR (a bad argument: nothing was changed), and errno keeps
 * the operating system's cause.  Output arguments are written on success only.
 * The POSIX call behind each function is named as its source.
 *
 * Handles are usable in a forked child.  Nothing is closed or unlinked
 * implicitly: *_close() gives back the system's object and keeps the handle,
 * *_free() gives back the handle, *_unlink() removes the name.
 */
#ifndef PIPC_H
#define PIPC_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIPC_VERSION "1.0.0"

/* Flags of the open calls. */
#define PIPC_O_CREAT O_CREAT
#define PIPC_O_EXCL O_EXCL
#define PIPC_O_CREX (O_CREAT | O_EXCL)
#define PIPC_O_TRUNC O_TRUNC /* shared memory only */

typedef enum pipc_status {
	PIPC_OK = 0,
	PIPC_SIGNAL_ERROR,	/* a wait was interrupted by a signal (EINTR) */
	PIPC_PERMISSIONS_ERROR, /* the object's permissions do not allow it   */
	PIPC_EXISTENTIAL_ERROR, /* it exists, or it does not, or is closed    */
	PIPC_BUSY_ERROR,	/* would wait, waited long enough, or taken   */
	PIPC_VALUE_ERROR,	/* an argument is out of range                */
	PIPC_UNSUPPORTED_ERROR, /* this system does not have it               */
	PIPC_MEMORY_ERROR,	/* no memory (ENOMEM)                         */
	PIPC_OS_ERROR		/* anything else: see errno                   */
} pipc_status;

/* "PIPC_BUSY_ERROR" for PIPC_BUSY_ERROR; "unknown status" for a stranger. */
const char *pipc_status_name(pipc_status status);

/* The library's version: equals PIPC_VERSION of the header it came with. */
const char *pipc_version(void);

/*
 * A time-out from seconds, for one full expression: PIPC_SECONDS(0.25).
 * Negative and not-a-number give a time-out that every call refuses.
 */
struct timespec pipc_seconds(double seconds);
#define PIPC_SECONDS(s) ((struct timespec[1]){pipc_seconds(s)})

/*
 * What this system has, found on the first call by calling in a forked child
 * and kept for the process.  Never NULL.  A limit without bound is LONG_MAX.
 */
struct pipc_limits {
	long page_size;			     /* bytes */
	bool semaphore_timeout_supported;    /* sem_timedwait() works */
	bool semaphore_value_supported;	     /* sem_getvalue() works */
	bool message_queues_supported;	     /* a message came through */
	long semaphore_value_max;	     /* largest value of a semaphore */
	long queue_messages_max_default;     /* 0 without queues */
	long queue_message_size_max_default; /* bytes; 0 without queues */
	long queue_priority_max;	     /* highest priority of a message */
	int user_signal_min, user_signal_max; /* 0, 0 without them */
};
const struct pipc_limits *pipc_limits(void);

/* Semaphores. */
typedef struct pipc_sem pipc_sem;

/*
 * Opens (flags 0), opens or creates (PIPC_O_CREAT) or creates (PIPC_O_CREX) a
 * semaphore.  Mode (less the umask) and initial value count for a new one only.
 * EXISTENTIAL, PERMISSIONS, UNSUPPORTED, MEMORY, OS_ERROR.  Source: sem_open.
 */
pipc_status pipc_sem_open(pipc_sem **sem, const char *name, int flags,
			  mode_t mode, unsigned initial_value);

/*
 * Waits until the value is above zero and takes one.  The time-out is relative;
 * {0, 0} never waits; where the system has no sem_timedwait() a positive one
 * waits without limit.  BUSY when it would wait or waited long enough, SIGNAL,
 * EXISTENTIAL when closed.  Source: sem_wait, sem_trywait, sem_timedwait.
 */
pipc_status pipc_sem_acquire(pipc_sem *sem, const struct timespec *timeout);

/* Adds one.  EXISTENTIAL if closed, OS_ERROR (EOVERFLOW).  Source: sem_post. */
pipc_status pipc_sem_release(pipc_sem *sem);

/*
 * The value now; zero or less while somebody waits.  UNSUPPORTED without
 * sem_getvalue(), EXISTENTIAL when closed.  Source: sem_getvalue.
 */
pipc_status pipc_sem_value(pipc_sem *sem, int *value);

/* The name it was opened by, also after close; NULL for a NULL handle. */
const char *pipc_sem_name(const pipc_sem *sem);

/* Closes it in this process; EXISTENTIAL when closed.  Source: sem_close. */
pipc_status pipc_sem_close(pipc_sem *sem);

/* Removes the name; works on a closed handle too.  EXISTENTIAL, PERMISSIONS. */
pipc_status pipc_sem_unlink(pipc_sem *sem);
pipc_status pipc_unlink_semaphore(const char *name); /* source: sem_unlink */

/* Frees the handle alone: neither closes nor unlinks.  NULL is fine. */
void pipc_sem_free(pipc_sem *sem);

/* Shared memory: the handle holds a file descriptor for mmap(2). */
typedef struct pipc_shm pipc_shm;

/*
 * Opens or creates as above; PIPC_O_TRUNC cuts an existing segment to nothing.
 * A size other than 0 resizes it, new or not; a new segment that cannot be
 * sized is removed again.  read_only opens O_RDONLY and takes neither a size
 * nor PIPC_O_TRUNC.  EXISTENTIAL, PERMISSIONS, UNSUPPORTED, MEMORY, OS_ERROR.
 * Source: shm_open, ftruncate.
 */
pipc_status pipc_shm_open(pipc_shm **shm, const char *name, int flags,
			  mode_t mode, size_t size, bool read_only);

/* The descriptor: 0 is a valid one; -1 once closed or for a NULL handle. */
int pipc_shm_fd(const pipc_shm *shm);

/* Bytes, as the system says now.  EXISTENTIAL when closed.  Source: fstat. */
pipc_status pipc_shm_size(const pipc_shm *shm, size_t *size);

const char *pipc_shm_name(const pipc_shm *shm); /* as pipc_sem_name */

/*
 * Closes the descriptor; mappings stay.  EXISTENTIAL the second time, also when
 * the caller had closed the descriptor itself.  Source: close.
 */
pipc_status pipc_shm_close_fd(pipc_shm *shm);

/* Removes the name.  EXISTENTIAL, PERMISSIONS.  Source: shm_unlink. */
pipc_status pipc_shm_unlink(pipc_shm *shm);
pipc_status pipc_unlink_shared_memory(const char *name);

void pipc_shm_free(pipc_shm *shm); /* as pipc_sem_free */

/* Message queues. */
typedef struct pipc_mq pipc_mq;

struct pipc_mq_options {
	mode_t mode;	       /* permissions of a new queue, less the umask */
	long max_messages;     /* of a new queue; 0: the system's default */
	long max_message_size; /* bytes, of a new queue; 0: the default */
	bool read, write;      /* what this handle may do; not both false */
};
/* The documented defaults: struct pipc_mq_options o = PIPC_MQ_OPTIONS; */
#define PIPC_MQ_OPTIONS                                                        \
	{                                                                      \
		0600, 0, 0, true, true                                         \
	}

/*
 * Opens or creates as above.  OS_ERROR with EMFILE or ENOSPC when the queue is
 * beyond a limit; EXISTENTIAL, PERMISSIONS, UNSUPPORTED.  Source: mq_open.
 */
pipc_status pipc_mq_open(pipc_mq **mq, const char *name, int flags,
			 const struct pipc_mq_options *options);

/*
 * Adds a message of len bytes (any bytes, also none) at a priority from 0 to
 * pipc_limits()->queue_priority_max.  Waits while the queue is full: time-outs
 * as for pipc_sem_acquire.  VALUE when the message is too long, BUSY, SIGNAL,
 * PERMISSIONS without write, EXISTENTIAL when closed.
 * Source: mq_send, mq_timedsend.
 */
pipc_status pipc_mq_send(pipc_mq *mq, const void *msg, size_t len,
			 const struct timespec *timeout, unsigned priority);

/*
 * Takes the oldest message of the highest priority.  On entry *len is the size
 * of buf, at least the queue's max_message_size; on success the message's
 * length.  priority may be NULL.  Waits while the queue is empty.  VALUE when
 * buf is too small, BUSY, SIGNAL, PERMISSIONS without read, EXISTENTIAL when
 * closed.  Source: mq_receive, mq_timedreceive.
 */
pipc_status pipc_mq_receive(pipc_mq *mq, void *buf, size_t *len,
			    const struct timespec *timeout, unsigned *priority);

/*
 * One notification when the queue next turns from empty to non-empty: the
 * signal signo, or, when function is set, function(param) in a new thread.
 */
struct pipc_notification {
	int signo;
	void (*function)(union sigval param);
	union sigval param; /* also the signal's si_value */
};

/*
 * Requests one notification; NULL cancels this process's request.  BUSY when
 * somebody holds the queue's one request, EXISTENTIAL when closed,
 * UNSUPPORTED.  Source: mq_notify.
 */
pipc_status
pipc_mq_request_notification(pipc_mq *mq,
			     const struct pipc_notification *notification);

/*
 * A descriptor for poll(), select(), epoll and kqueue: readable while the queue
 * has messages.  It is the handle's: not to be read, written or closed, and
 * good until pipc_mq_close().  Where another process takes the last message it
 * may stay readable until this one receives, asks for the attributes or calls
 * this; so receive with {0, 0}.  A forked child asks anew.  EXISTENTIAL when
 * closed, UNSUPPORTED, OS_ERROR (EMFILE).  Source: mq_open, which gives a
 * descriptor of a file on some systems; inotify and kqueue for others.
 */
pipc_status pipc_mq_event_fd(pipc_mq *mq, int *fd);

/*
 * With block false, send and receive give BUSY where they would wait, whatever
 * the time-out.  EXISTENTIAL when closed.  Source: mq_getattr, mq_setattr.
 */
pipc_status pipc_mq_set_block(pipc_mq *mq, bool block);

struct pipc_mq_attributes {
	bool block;
	long max_messages, max_message_size, current_messages;
};
pipc_status pipc_mq_attributes(pipc_mq *mq, struct pipc_mq_attributes *attr);

/*
 * The system's mqd_t, as a pointer to it so that <mqueue.h> is not needed here:
 * *(const mqd_t *)pipc_mq_mqd(mq); (mqd_t)-1 once closed.  NULL without queues.
 */
const void *pipc_mq_mqd(const pipc_mq *mq);

const char *pipc_mq_name(const pipc_mq *mq); /* as pipc_sem_name */

/* Closes it, and its notification.  EXISTENTIAL when closed.  mq_close. */
pipc_status pipc_mq_close(pipc_mq *mq);

/* Removes the name.  EXISTENTIAL, PERMISSIONS.  Source: mq_unlink. */
pipc_status pipc_mq_unlink(pipc_mq *mq);
pipc_status pipc_unlink_message_queue(const char *name);

void pipc_mq_free(pipc_mq *mq); /* as pipc_sem_free */

#ifdef __cplusplus
}
#endif
#endif
