/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * epoll_ctl() with a queue's descriptor: what is registered is the descriptor
 * that tells of its messages.  Nothing tells of room, and so who asks for that
 * gets the error that a file gives.
 */
#include "next.h"

#if defined(HAVE_SYS_EPOLL_H) && defined(HAVE_EPOLL_CTL)

#include <sys/epoll.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

static int next_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	static struct found found = {"epoll_ctl", NULL};
	int (*next)(int, int, int, struct epoll_event *) =
	    (int (*)(int, int, int, struct epoll_event *))next_of(&found);

	if (next != NULL)
		return next(epfd, op, fd, event);
#ifdef SYS_epoll_ctl
	return (int)syscall(SYS_epoll_ctl, epfd, op, fd, event);
#else
	errno = ENOSYS;
	return -1;
#endif
}

/*
 * Weak, for a C library's archive that has it in one member with calls that are
 * not here: it is the C library's then.
 */
#pragma weak epoll_ctl
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	struct ref_handle *h = ref_known(fd);
	int told;

	if (h == NULL)
		return next_epoll_ctl(epfd, op, fd, event);
	if (op != EPOLL_CTL_DEL && event != NULL &&
	    event->events & (EPOLLOUT | EPOLLWRNORM)) {
		errno = EPERM;
		return -1;
	}
	told = ref_event_find(h->mapping, fd);
	if (told < 0) {
		errno = EPERM;
		return -1;
	}
	return next_epoll_ctl(epfd, op, told, event);
}

#endif
