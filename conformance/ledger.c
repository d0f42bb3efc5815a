/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A layer over a backend: each name is on record before it is created, and the
 * last calls are kept, with arguments and results, for failures to be told
 * with.
 */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEPT 3 /* calls told with a failure */
#define TOLD 3 /* failures that they are told with */

bool ct__trace_all;

static const struct pipc__os *base;
static int out;
static _Thread_local char kept[KEPT][240];
static _Thread_local unsigned calls;

static const char *time_text(const struct timespec *ts)
{
	static _Thread_local char text[64];

	if (ts == NULL)
		return "NULL";
	snprintf(text, sizeof(text), "{%jd, %ld}", (intmax_t)ts->tv_sec,
		 ts->tv_nsec);
	return text;
}

static const char *attr_text(const struct mq_attr *attr)
{
	static _Thread_local char text[96];

	if (attr == NULL)
		return "NULL";
	snprintf(text, sizeof(text), "{flags %#lx, maxmsg %ld, msgsize %ld}",
		 (unsigned long)attr->mq_flags, (long)attr->mq_maxmsg,
		 (long)attr->mq_msgsize);
	return text;
}

static const char *event_text(const struct sigevent *event)
{
	static _Thread_local char text[48];

	if (event == NULL)
		return "NULL";
	if (event->sigev_notify == SIGEV_NONE)
		return "{SIGEV_NONE}";
	if (event->sigev_notify != SIGEV_SIGNAL)
		return "{SIGEV_THREAD}";
	snprintf(text, sizeof(text), "{SIGEV_SIGNAL, %d}", event->sigev_signo);
	return text;
}

static const char *flags_text(int flags)
{
	static _Thread_local char text[96];
	int access = flags & O_ACCMODE;
	int known = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_NONBLOCK;

	snprintf(text, sizeof(text), "%s%s%s%s%s%s",
		 access == O_RDWR     ? "O_RDWR"
		 : access == O_WRONLY ? "O_WRONLY"
				      : "O_RDONLY",
		 flags & O_CREAT ? "|O_CREAT" : "",
		 flags & O_EXCL ? "|O_EXCL" : "",
		 flags & O_TRUNC ? "|O_TRUNC" : "",
		 flags & O_NONBLOCK ? "|O_NONBLOCK" : "",
		 flags & ~known ? "|..." : "");
	return text;
}

/* A call begins: its text is there even if it never returns. */
static void enter(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void enter(const char *name, const char *format, ...)
{
	char *text = kept[calls++ % KEPT];
	va_list ap;
	int n = snprintf(text, sizeof(kept[0]), "%s(", name);

	va_start(ap, format);
	vsnprintf(text + n, sizeof(kept[0]) - (size_t)n, format, ap);
	va_end(ap);
}

static void leave_with(bool failed, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void leave_with(bool failed, const char *format, ...)
{
	char *text = kept[(calls - 1) % KEPT];
	size_t n = strlen(text);
	int error = errno;
	va_list ap;

	n += (size_t)snprintf(text + n, sizeof(kept[0]) - n, ") = ");
	if (n > sizeof(kept[0]))
		n = sizeof(kept[0]);
	va_start(ap, format);
	if (failed)
		snprintf(text + n, sizeof(kept[0]) - n, "-1, %s",
			 ct_errno_name(error));
	else
		vsnprintf(text + n, sizeof(kept[0]) - n, format, ap);
	va_end(ap);
	if (ct__trace_all)
		fprintf(stderr, "%ld %s\n", (long)getpid(), text);
	errno = error;
}

static void leave(intmax_t result, bool failed)
{
	leave_with(failed, "%jd", result);
}

static void leave_pointer(const void *result, bool failed)
{
	leave_with(failed, "%p", result);
}

/* The calls that led to a failure, the last one last. */
void ct__trace_tell(int records)
{
	static unsigned told;
	unsigned i;

	if (told++ >= TOLD)
		return;
	for (i = calls > KEPT ? calls - KEPT : 0; i < calls; i++)
		ct_record(records, 'M', "  call %s", kept[i % KEPT]);
}

/* About to create an object: its name is on record whatever happens then. */
static void will_create(char kind, const char *name, int flags)
{
	if (flags & O_CREAT)
		ct_record(out, 'O', "%c %s", kind, name);
}

/* What is there already is not removed for this call's sake. */
static void refused(char kind, const char *name, int flags)
{
	int error = errno;

	if ((flags & PIPC_O_CREX) == PIPC_O_CREX && error == EEXIST)
		ct_record(out, 'X', "%c %s", kind, name);
	errno = error;
}

static sem_t *layer_sem_open(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	sem_t *result;

	will_create('s', name, flags);
	enter("sem_open", "\"%s\", %s, %#o, %u", name, flags_text(flags),
	      (unsigned)mode, value);
	result = base->sem_open(name, flags, mode, value);
	leave_pointer(result, result == SEM_FAILED);
	if (result == SEM_FAILED)
		refused('s', name, flags);
	return result;
}

static int layer_sem_close(sem_t *sem)
{
	int result;

	enter("sem_close", "%p", (void *)sem);
	result = base->sem_close(sem);
	leave(result, result == -1);
	return result;
}

static int layer_sem_unlink(const char *name)
{
	int result;

	enter("sem_unlink", "\"%s\"", name);
	result = base->sem_unlink(name);
	leave(result, result == -1);
	return result;
}

static int layer_sem_post(sem_t *sem)
{
	int result;

	enter("sem_post", "%p", (void *)sem);
	result = base->sem_post(sem);
	leave(result, result == -1);
	return result;
}

static int layer_sem_wait(sem_t *sem)
{
	int result;

	enter("sem_wait", "%p", (void *)sem);
	result = base->sem_wait(sem);
	leave(result, result == -1);
	return result;
}

static int layer_sem_trywait(sem_t *sem)
{
	int result;

	enter("sem_trywait", "%p", (void *)sem);
	result = base->sem_trywait(sem);
	leave(result, result == -1);
	return result;
}

static int layer_sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
	int result;

	enter("sem_timedwait", "%p, %s", (void *)sem, time_text(deadline));
	result = base->sem_timedwait(sem, deadline);
	leave(result, result == -1);
	return result;
}

static int layer_sem_clockwait(sem_t *sem, clockid_t clock,
			       const struct timespec *deadline)
{
	int result;

	enter("sem_clockwait", "%p, %d, %s", (void *)sem, (int)clock,
	      time_text(deadline));
	result = base->sem_clockwait(sem, clock, deadline);
	leave(result, result == -1);
	return result;
}

static int layer_sem_getvalue(sem_t *sem, int *value)
{
	int result;

	enter("sem_getvalue", "%p, %p", (void *)sem, (void *)value);
	result = base->sem_getvalue(sem, value);
	leave(result, result == -1);
	return result;
}

static int layer_sem_init(sem_t *sem, int pshared, unsigned value)
{
	int result;

	enter("sem_init", "%p, %d, %u", (void *)sem, pshared, value);
	result = base->sem_init(sem, pshared, value);
	leave(result, result == -1);
	return result;
}

static int layer_sem_destroy(sem_t *sem)
{
	int result;

	enter("sem_destroy", "%p", (void *)sem);
	result = base->sem_destroy(sem);
	leave(result, result == -1);
	return result;
}

static int layer_shm_open(const char *name, int flags, mode_t mode)
{
	int result;

	will_create('m', name, flags);
	enter("shm_open", "\"%s\", %s, %#o", name, flags_text(flags),
	      (unsigned)mode);
	result = base->shm_open(name, flags, mode);
	leave(result, result == -1);
	if (result == -1)
		refused('m', name, flags);
	return result;
}

static int layer_shm_unlink(const char *name)
{
	int result;

	enter("shm_unlink", "\"%s\"", name);
	result = base->shm_unlink(name);
	leave(result, result == -1);
	return result;
}

static int layer_ftruncate(int fd, off_t size)
{
	int result;

	enter("ftruncate", "%d, %jd", fd, (intmax_t)size);
	result = base->ftruncate(fd, size);
	leave(result, result == -1);
	return result;
}

static int layer_posix_fallocate(int fd, off_t offset, off_t size)
{
	int result;

	enter("posix_fallocate", "%d, %jd, %jd", fd, (intmax_t)offset,
	      (intmax_t)size);
	result = base->posix_fallocate(fd, offset, size);
	leave(result, result == -1);
	return result;
}

static int layer_fstat(int fd, struct stat *st)
{
	int result;

	enter("fstat", "%d, %p", fd, (void *)st);
	result = base->fstat(fd, st);
	leave(result, result == -1);
	return result;
}

static int layer_fchmod(int fd, mode_t mode)
{
	int result;

	enter("fchmod", "%d, %#o", fd, (unsigned)mode);
	result = base->fchmod(fd, mode);
	leave(result, result == -1);
	return result;
}

static void *layer_mmap(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	void *result;

	enter("mmap", "%p, %zu, %#x, %#x, %d, %jd", addr, len, (unsigned)prot,
	      (unsigned)flags, fd, (intmax_t)offset);
	result = base->mmap(addr, len, prot, flags, fd, offset);
	leave_pointer(result, result == MAP_FAILED);
	return result;
}

static int layer_mprotect(void *addr, size_t len, int prot)
{
	int result;

	enter("mprotect", "%p, %zu, %#x", addr, len, (unsigned)prot);
	result = base->mprotect(addr, len, prot);
	leave(result, result == -1);
	return result;
}

static int layer_munmap(void *addr, size_t len)
{
	int result;

	enter("munmap", "%p, %zu", addr, len);
	result = base->munmap(addr, len);
	leave(result, result == -1);
	return result;
}

static int layer_close(int fd)
{
	int result;

	enter("close", "%d", fd);
	result = base->close(fd);
	leave(result, result == -1);
	return result;
}

static mqd_t layer_mq_open(const char *name, int flags, mode_t mode,
			   struct mq_attr *attr)
{
	mqd_t result;

	will_create('q', name, flags);
	enter("mq_open", "\"%s\", %s, %#o, %s", name, flags_text(flags),
	      (unsigned)mode, attr_text(attr));
	result = base->mq_open(name, flags, mode, attr);
	leave((long)result, result == PIPC__BAD_MQD);
	if (result == PIPC__BAD_MQD)
		refused('q', name, flags);
	return result;
}

static int layer_mq_close(mqd_t mqd)
{
	int result;

	enter("mq_close", "%ld", (long)mqd);
	result = base->mq_close(mqd);
	leave(result, result == -1);
	return result;
}

static int layer_mq_unlink(const char *name)
{
	int result;

	enter("mq_unlink", "\"%s\"", name);
	result = base->mq_unlink(name);
	leave(result, result == -1);
	return result;
}

static int layer_mq_getattr(mqd_t mqd, struct mq_attr *attr)
{
	int result;

	enter("mq_getattr", "%ld, %p", (long)mqd, (void *)attr);
	result = base->mq_getattr(mqd, attr);
	leave(result, result == -1);
	return result;
}

static int layer_mq_setattr(mqd_t mqd, const struct mq_attr *attr,
			    struct mq_attr *old)
{
	int result;

	enter("mq_setattr", "%ld, %s, %p", (long)mqd, attr_text(attr),
	      (void *)old);
	result = base->mq_setattr(mqd, attr, old);
	leave(result, result == -1);
	return result;
}

static int layer_mq_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result;

	enter("mq_send", "%ld, %p, %zu, %u", (long)mqd, (const void *)msg, len,
	      prio);
	result = base->mq_send(mqd, msg, len, prio);
	leave(result, result == -1);
	return result;
}

static int layer_mq_timedsend(mqd_t mqd, const char *msg, size_t len,
			      unsigned prio, const struct timespec *deadline)
{
	int result;

	enter("mq_timedsend", "%ld, %p, %zu, %u, %s", (long)mqd,
	      (const void *)msg, len, prio, time_text(deadline));
	result = base->mq_timedsend(mqd, msg, len, prio, deadline);
	leave(result, result == -1);
	return result;
}

static ssize_t layer_mq_receive(mqd_t mqd, char *buf, size_t len,
				unsigned *prio)
{
	ssize_t result;

	enter("mq_receive", "%ld, %p, %zu, %p", (long)mqd, (void *)buf, len,
	      (void *)prio);
	result = base->mq_receive(mqd, buf, len, prio);
	leave(result, result == -1);
	return result;
}

static ssize_t layer_mq_timedreceive(mqd_t mqd, char *buf, size_t len,
				     unsigned *prio,
				     const struct timespec *deadline)
{
	ssize_t result;

	enter("mq_timedreceive", "%ld, %p, %zu, %p, %s", (long)mqd, (void *)buf,
	      len, (void *)prio, time_text(deadline));
	result = base->mq_timedreceive(mqd, buf, len, prio, deadline);
	leave(result, result == -1);
	return result;
}

static int layer_mq_notify(mqd_t mqd, const struct sigevent *notification)
{
	int result;

	enter("mq_notify", "%ld, %s", (long)mqd, event_text(notification));
	result = base->mq_notify(mqd, notification);
	leave(result, result == -1);
	return result;
}

static int layer_mq_event_fd_np(mqd_t mqd)
{
	int result;

	enter("mq_event_fd_np", "%ld", (long)mqd);
	result = base->mq_event_fd_np(mqd);
	leave(result, result == -1);
	return result;
}

static int layer_sem_clockwait_np(sem_t *sem, clockid_t clock,
				  const struct timespec *deadline)
{
	int result;

	enter("sem_clockwait_np", "%p, %d, %s", (void *)sem, (int)clock,
	      time_text(deadline));
	result = base->sem_clockwait_np(sem, clock, deadline);
	leave(result, result == -1);
	return result;
}

static int layer_mq_clocksend_np(mqd_t mqd, const char *msg, size_t len,
				 unsigned prio, clockid_t clock,
				 const struct timespec *deadline)
{
	int result;

	enter("mq_clocksend_np", "%ld, %p, %zu, %u, %d, %s", (long)mqd,
	      (const void *)msg, len, prio, (int)clock, time_text(deadline));
	result = base->mq_clocksend_np(mqd, msg, len, prio, clock, deadline);
	leave(result, result == -1);
	return result;
}

static ssize_t layer_mq_clockreceive_np(mqd_t mqd, char *buf, size_t len,
					unsigned *prio, clockid_t clock,
					const struct timespec *deadline)
{
	ssize_t result;

	enter("mq_clockreceive_np", "%ld, %p, %zu, %p, %d, %s", (long)mqd,
	      (void *)buf, len, (void *)prio, (int)clock, time_text(deadline));
	result = base->mq_clockreceive_np(mqd, buf, len, prio, clock, deadline);
	leave(result, result == -1);
	return result;
}

static long layer_sysconf(int name)
{
	long result;

	enter("sysconf", "%d", name);
	result = base->sysconf(name);
	leave(result, result == -1);
	return result;
}

static const struct pipc__os layer = {
    .sem_open = layer_sem_open,
    .sem_close = layer_sem_close,
    .sem_unlink = layer_sem_unlink,
    .sem_post = layer_sem_post,
    .sem_wait = layer_sem_wait,
    .sem_trywait = layer_sem_trywait,
    .sem_timedwait = layer_sem_timedwait,
    .sem_clockwait = layer_sem_clockwait,
    .sem_getvalue = layer_sem_getvalue,
    .sem_init = layer_sem_init,
    .sem_destroy = layer_sem_destroy,
    .shm_open = layer_shm_open,
    .shm_unlink = layer_shm_unlink,
    .ftruncate = layer_ftruncate,
    .posix_fallocate = layer_posix_fallocate,
    .fstat = layer_fstat,
    .fchmod = layer_fchmod,
    .mmap = layer_mmap,
    .mprotect = layer_mprotect,
    .munmap = layer_munmap,
    .close = layer_close,
    .mq_open = layer_mq_open,
    .mq_close = layer_mq_close,
    .mq_unlink = layer_mq_unlink,
    .mq_getattr = layer_mq_getattr,
    .mq_setattr = layer_mq_setattr,
    .mq_send = layer_mq_send,
    .mq_timedsend = layer_mq_timedsend,
    .mq_receive = layer_mq_receive,
    .mq_timedreceive = layer_mq_timedreceive,
    .mq_notify = layer_mq_notify,
    .mq_event_fd_np = layer_mq_event_fd_np,
    .sem_clockwait_np = layer_sem_clockwait_np,
    .mq_clocksend_np = layer_mq_clocksend_np,
    .mq_clockreceive_np = layer_mq_clockreceive_np,
    .sysconf = layer_sysconf,
};

const struct pipc__os *ct_ledger(const struct pipc__os *os, int records)
{
	base = os;
	out = records;
	return &layer;
}

const struct pipc__os *ct_untraced(struct ct *t)
{
	(void)t;
	return base;
}
