/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that only some systems have, by names of ours; ENOSYS elsewhere, so
 * that a case asks by calling.
 */
#ifndef CT_CASES_EXTENSION_H
#define CT_CASES_EXTENSION_H

#include "ct.h"

#ifdef HAVE_SYS_EPOLL_H
#include <sys/epoll.h>
#endif
#ifdef HAVE_UNSHARE
#include <sched.h>
#endif
#ifdef HAVE_SYS_MOUNT_H
#include <sys/mount.h>
#endif

/* A descriptor that waits for edges of another; -1. */
static inline int ext_edge_watch(int fd)
{
#ifdef HAVE_SYS_EPOLL_H
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	int watch = epoll_create1(0);

	if (watch >= 0 && epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event) == 0)
		return watch;
	if (watch >= 0)
		close(watch);
	return -1;
#else
	(void)fd;
	errno = ENOSYS;
	return -1;
#endif
}

/* How many edges there are now. */
static inline int ext_edges(int watch)
{
#ifdef HAVE_SYS_EPOLL_H
	struct epoll_event event;

	return epoll_wait(watch, &event, 1, 0);
#else
	(void)watch;
	errno = ENOSYS;
	return -1;
#endif
}

/* An IPC namespace of this process's own; -1. */
static inline int ext_leave_namespace(void)
{
#if defined(HAVE_UNSHARE) && defined(CLONE_NEWIPC)
	return unshare(CLONE_NEWIPC);
#else
	errno = ENOSYS;
	return -1;
#endif
}

/* Is that what a system without such a thing says? */
static inline bool ext_absent(int error)
{
	return error == ENOSYS || error == EINVAL || error == ENODEV ||
	       error == ENOTSUP;
}

/* The same, or the case ends. */
static inline void ext_own_namespace(struct ct *t)
{
	int error;

	if (ext_leave_namespace() == 0)
		return;
	error = errno;
	if (ext_absent(error))
		ct_unsupported(t, "no IPC namespace of its own: %s",
			       ct_errno_name(error));
	ct_refused(t, "unshare(CLONE_NEWIPC)", error);
}

/*
 * The file system that shows queues, mounted for this process alone, so that
 * what others mount meanwhile is nothing to it.
 */
#define EXT_QUEUES "/proc"
static inline bool ext_mount_queues(void)
{
#if defined(HAVE_UNSHARE) && defined(CLONE_NEWNS) && defined(MS_PRIVATE)
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", EXT_QUEUES, "mqueue", 0, NULL) == 0;
#else
	errno = ENOSYS;
	return false;
#endif
}

#endif
