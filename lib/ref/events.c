/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors that tell of messages, for poll() and its like.
 *
 * The system tells of writes to a file to whoever watches it, by a descriptor
 * that is readable from then on until the watcher has read it: inotify, or a
 * kqueue.  So a sender needs neither the watchers' names nor their descriptors,
 * there may be any number of them, each ends with its process, and the queue's
 * one request for notification stays free.
 *
 * Outside of the queue's lock this holds for each watcher: its descriptor is
 * readable, or there is no message and q->watched is set.  A message that
 * comes to an empty queue whose q->watched is set is announced by a write, and
 * that clears q->watched: nothing more has to be announced until a watcher has
 * read its descriptor, which it does with the lock, only while there is no
 * message, and then sets q->watched again.  So it may share the descriptor with
 * processes that it has forked; and watchers that have ended cost one write.
 */
#include "ref.h"

#if defined(HAVE_SYS_INOTIFY_H)
#define WATCHES 1
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#elif defined(HAVE_KQUEUE)
#define WATCHES 1
#include <sys/event.h>
#else
#define WATCHES 0
#endif

#if WATCHES

#if defined(HAVE_SYS_INOTIFY_H)
/*
 * A program may close a descriptor that it does not know, and its number may
 * become another's.  So ours has a mark, in what is used for SIGIO alone.
 */
#define MARK (SIGRTMAX - 2)

static bool is_ours(int fd)
{
	return fd >= 0 && fcntl(fd, F_GETSIG) == MARK;
}

static int make_watch(int queue)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), error;
	char path[32];

	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", queue);
	if (inotify_add_watch(fd, path, IN_MODIFY) >= 0 &&
	    fcntl(fd, F_SETSIG, MARK) == 0)
		return fd;
	/* Without /proc there is no name for what is open. */
	error = errno == ENOENT ? ENOTSUP : errno;
	pipc__os_system.close(fd);
	errno = error;
	return -1;
}

static void read_watch(int fd)
{
	char events[16 * sizeof(struct inotify_event)];

	while (read(fd, events, sizeof(events)) == (ssize_t)sizeof(events))
		continue;
}

/* The first byte of all: it becomes what it is. */
static bool write_byte(int queue)
{
	struct rlimit limit = {1, 1};

#ifdef HAVE_FALLOCATE
	/* Of files without any length a write would be the end. */
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur == 0)
		return fallocate(queue, 0, 0, 1) == 0;
#endif
	return pwrite(queue, (const unsigned char[])REF_MAGIC, 1, 0) == 1;
}

#else

static bool is_ours(int fd)
{
	struct timespec now = {0, 0};

	return fd >= 0 && kevent(fd, NULL, 0, NULL, 0, &now) == 0;
}

static int make_watch(int queue)
{
	int fd = kqueue(), error;
	struct kevent change;

	if (fd < 0)
		return -1;
	EV_SET(&change, queue, EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE, 0,
	       0);
	if (kevent(fd, &change, 1, NULL, 0, NULL) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return fd;
	error = errno;
	pipc__os_system.close(fd);
	errno = error;
	return -1;
}

static void read_watch(int fd)
{
	struct timespec now = {0, 0};
	struct kevent event;

	kevent(fd, NULL, 0, &event, 1, &now);
}

static bool write_byte(int queue)
{
	return pwrite(queue, (const unsigned char[])REF_MAGIC, 1, 0) == 1;
}
#endif

/* By a descriptor of this process; another thread may have closed it. */
static bool announce(const struct ref_mapping *m)
{
	struct stat st;
	int fd = -1;

	while ((fd = ref_next_descriptor(m, fd)) >= 0)
		if (fstat(fd, &st) == 0 && st.st_ino == m->ino &&
		    st.st_dev == m->dev && write_byte(fd))
			return true;
	return false;
}

COLD void ref_event_announce(struct ref_mapping *m)
{
	int error = errno, state = ref_uncancelled();

	if (announce(m))
		m->queue->watched = 0;
	ref_cancelled(state);
	errno = error;
}

COLD void ref_event_reset(struct ref_mapping *m)
{
	int fd = m->event, error = errno, state = ref_uncancelled();

	if (is_ours(fd)) {
		read_watch(fd);
		m->queue->watched = 1;
	}
	ref_cancelled(state);
	errno = error;
}

/* What libpipc-posix makes for itself leaves the low numbers to the program. */
static int moved_up(int fd)
{
	const int low = 64;
	int high;

	if (fd < 0 || fd >= low || !pipc__system_names)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, low);
	if (high < 0)
		return fd;
	pipc__os_system.close(fd);
	return high;
}

/* Makes it, unless there is one; true if there was none. */
static bool make(struct ref_mapping *m, int queue)
    PIPC_EXCLUDES(ref_process_lock)
{
	struct ref_process p;
	bool none;

	ref_process_enter(&p);
	none = !is_ours(m->event);
	if (none) {
		m->event = moved_up(make_watch(queue));
		m->more = m->fair || m->event >= 0;
	}
	ref_process_leave(&p);
	return none;
}

int ref_event_fd(struct ref_mapping *m, int queue)
{
	bool made = make(m, queue);
	struct ref_section s;
	int fd = m->event;

	if (fd < 0)
		return -1;
	if (!ref_enter(&m->waits, &s))
		return -1;
	if (m->queue->count == 0)
		ref_event_reset(m);
	else if (made)
		ref_event_announce(m);
	ref_leave(&m->waits, &s);
	return fd;
}

int ref_event_find(struct ref_mapping *m, int queue)
{
	int fd = m->event;

	return is_ours(fd) ? fd : ref_event_fd(m, queue);
}

/* To close one may take the system long: not with the process's lock. */
#define MOST 16
static int closing[MOST];
static _Atomic unsigned closings;

void ref_event_drop_locked(struct ref_mapping *m)
{
	if (!is_ours(m->event))
		return;
	if (closings < MOST)
		closing[closings++] = m->event;
	else
		pipc__os_system.close(m->event);
	m->event = -1;
}

COLD static int next_closing(void)
{
	struct ref_process p;
	int fd;

	ref_process_enter(&p);
	fd = closings > 0 ? closing[--closings] : -1;
	ref_process_leave(&p);
	return fd;
}

void ref_events_close(void)
{
	int error = errno, fd;

	while (closings > 0 && (fd = next_closing()) >= 0)
		if (is_ours(fd))
			pipc__os_system.close(fd);
	errno = error;
}

#else

void ref_event_announce(struct ref_mapping *m)
{
	m->queue->watched = 0;
}

void ref_event_reset(struct ref_mapping *m)
{
	(void)m;
}

int ref_event_fd(struct ref_mapping *m, int queue)
{
	(void)m, (void)queue;
	errno = ENOSYS;
	return -1;
}

int ref_event_find(struct ref_mapping *m, int queue)
{
	return ref_event_fd(m, queue);
}

void ref_event_drop_locked(struct ref_mapping *m)
{
	(void)m;
}

void ref_events_close(void)
{
}
#endif

/* Without the lock: is it readable for no message?  Then it is no longer. */
void ref_event_settle(struct ref_mapping *m)
{
	struct ref_section s;

	if (!ref_enter(&m->waits, &s))
		return;
	if (m->queue->count == 0)
		ref_event_reset(m);
	ref_leave(&m->waits, &s);
}
