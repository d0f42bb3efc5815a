/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bugs in what systems let a queue's descriptor do beyond POSIX.  poll() and
 * read() are no calls of a backend; so the descriptor that a case gets is a
 * stand-in that behaves wrongly, and the calls use the real one behind it.
 */
#include "mq-notify.h"

#include <sched.h>
#include <stdio.h>

enum { BEHIND = 200, MOST = 64 };
static int behind[MOST];

static mqd_t real(mqd_t mqd)
{
	intptr_t fd = (intptr_t)mqd;

	if (fd < 0 || fd >= MOST || behind[fd] == 0)
		return mqd;
	return (mqd_t)(intptr_t)behind[fd];
}

/* Puts a stand-in in front of a new descriptor. */
static mqd_t hide(mqd_t mqd, int stand_in)
{
	int fd = (int)(intptr_t)mqd;

	if (mqd == PIPC__BAD_MQD || fd < 0 || fd >= MOST)
		return mqd;
	behind[fd] = fcntl(fd, F_DUPFD, BEHIND);
	dup2(stand_in, fd);
	close(stand_in);
	return mqd;
}

static int behind_close(mqd_t mqd)
{
	mqd_t r = real(mqd);

	if (r != mqd) {
		behind[(intptr_t)mqd] = 0;
		close((int)(intptr_t)mqd);
	}
	return ct_base->mq_close(r);
}

static int behind_getattr(mqd_t mqd, struct mq_attr *attr)
{
	return ct_base->mq_getattr(real(mqd), attr);
}

static int behind_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	return ct_base->mq_send(real(mqd), msg, len, prio);
}

static int behind_timedsend(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio, const struct timespec *end)
{
	return ct_base->mq_timedsend(real(mqd), msg, len, prio, end);
}

static ssize_t behind_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	return ct_base->mq_receive(real(mqd), buf, len, prio);
}

static ssize_t behind_timedreceive(mqd_t mqd, char *buf, size_t len,
				   unsigned *prio, const struct timespec *end)
{
	return ct_base->mq_timedreceive(real(mqd), buf, len, prio, end);
}

#define BEHIND_CALLS                                                           \
	.os.mq_close = behind_close, .os.mq_getattr = behind_getattr,          \
	.os.mq_send = behind_send, .os.mq_timedsend = behind_timedsend,        \
	.os.mq_receive = behind_receive,                                       \
	.os.mq_timedreceive = behind_timedreceive

static mqd_t open_always_ready(const char *name, int flags, mode_t mode,
			       struct mq_attr *attr)
{
	return hide(ct_base->mq_open(name, flags, mode, attr),
		    open("/dev/null", O_RDWR));
}

CT_MUTANT(mq_poll_always_ready, .breaks = "MQ-156",
	  .text = "a queue is always readable and writable",
	  .os.mq_open = open_always_ready, BEHIND_CALLS);

static mqd_t open_never_readable(const char *name, int flags, mode_t mode,
				 struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);
	int fds[2];

	if (mqd == PIPC__BAD_MQD || pipe(fds) != 0)
		return mqd;
	/* Its other end stays open: nobody is told of an error. */
	fcntl(fds[0], F_DUPFD, BEHIND);
	close(fds[0]);
	return hide(mqd, fds[1]);
}

CT_MUTANT(mq_poll_never_readable, .breaks = "MQ-156 MQ-157",
	  .text = "a queue with messages is not readable",
	  .os.mq_open = open_never_readable, BEHIND_CALLS);

static mqd_t open_stale_text(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	static const char text[] = "QSIZE:0 NOTIFY:0 SIGNO:0 NOTIFY_PID:0\n";
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);
	FILE *file = mqd == PIPC__BAD_MQD ? NULL : tmpfile();

	if (file == NULL)
		return mqd;
	fputs(text, file);
	fflush(file);
	mqd = hide(mqd, dup(fileno(file)));
	fclose(file);
	return mqd;
}

CT_MUTANT(mq_read_stale, .breaks = "MQ-158",
	  .text = "what a queue reads as is from when it was opened",
	  .os.mq_open = open_stale_text, BEHIND_CALLS);

/* The last queue that was created here is found when its name has gone. */
static mqd_t open_cached(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	static char names[2][64];
	static int cached[2], n;
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);
	int i;

	if (mqd != PIPC__BAD_MQD && (flags & O_CREAT) && n < 2) {
		snprintf(names[n], sizeof(names[n]), "%s", name);
		cached[n++] = fcntl((int)(intptr_t)mqd, F_DUPFD, BEHIND);
	}
	for (i = 0; i < n && mqd == PIPC__BAD_MQD; i++)
		if (strcmp(names[i], name) == 0)
			mqd = (mqd_t)(intptr_t)dup(cached[i]);
	return mqd;
}

CT_MUTANT(mq_file_gone_name_stays, .breaks = "MQ-159",
	  .text = "a queue whose file was unlinked is still found",
	  .os.mq_open = open_cached);

#if defined(HAVE_SETNS) && defined(CLONE_NEWIPC)
static char home[40]; /* a case has no descriptors of the runner */

static void find_home(void)
{
	snprintf(home, sizeof(home), "/proc/%ld/ns/ipc", (long)getpid());
}

/* Names are looked up where the program started. */
static mqd_t open_at_home(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	int here = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC), error;
	int there = open(home, O_RDONLY | O_CLOEXEC);
	mqd_t mqd;

	setns(there, CLONE_NEWIPC);
	close(there);
	mqd = ct_base->mq_open(name, flags, mode, attr);
	error = errno;
	setns(here, CLONE_NEWIPC);
	close(here);
	errno = error;
	return mqd;
}
#else
static void find_home(void)
{
}
#define open_at_home NULL
#endif

CT_MUTANT(mq_namespace_of_start, .breaks = "MQ-160",
	  .text = "names are those of the first IPC namespace",
	  .init = find_home, .os.mq_open = open_at_home);
