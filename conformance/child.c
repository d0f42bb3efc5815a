/* SPDX-License-Identifier: BSD-3-Clause */
/* The case's side: checks, objects and peers, reported as lines in a pipe. */
#include "run.h"

#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static struct {
	const char *file, *what;
	int line;
} at;

/* One line, at most CT_RECORD_MAX bytes: atomic in a pipe from any process. */
static void record(int fd, char type, const char *format, va_list ap)
{
	char line[CT_RECORD_MAX];
	size_t len;
	char *p;

	line[0] = CT_RECORD_MARK;
	line[1] = type;
	vsnprintf(line + 2, sizeof(line) - 3, format, ap);
	len = strlen(line);
	for (p = line; p < line + len; p++)
		if (*p == '\n')
			*p = ' ';
	line[len++] = '\n';
	while (write(fd, line, len) < 0 && errno == EINTR)
		;
}

void ct_record(int fd, char type, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	record(fd, type, format, ap);
	va_end(ap);
}

void ct_fail(struct ct *t, const char *format, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	ct_record(t->records, 'F', "%s:%d: %s", at.file ? at.file : "?",
		  at.line, text);
}

void ct_note(struct ct *t, const char *key, const char *format, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	ct_record(t->records, 'N', "%s=%s", key, text);
}

_Noreturn void ct__stop(struct ct *t)
{
	ct_record(t->records, 'E', "%d", t->checks);
	_exit(0);
}

_Noreturn void ct_unresolved(struct ct *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	record(t->records, 'R', format, ap);
	va_end(ap);
	ct__stop(t);
}

void ct__enter(struct ct *t, const char *file, int line, const char *what)
{
	t->checks++;
	at.file = file;
	at.line = line;
	at.what = what;
	errno = 0;
}

static bool failed(struct ct *t, enum ct__kind kind, const char *why)
{
	if (kind == CT__SETUP_)
		ct_unresolved(t, "set-up %s:%d: %s: %s", at.file, at.line,
			      at.what, why);
	ct_fail(t, "%s: %s", at.what, why);
	return false;
}

bool ct__status(struct ct *t, pipc_status came, pipc_status wanted,
		enum ct__kind kind)
{
	char why[200];

	if (came == wanted)
		return true;
	snprintf(why, sizeof(why), "wanted %s, came %s (%s)",
		 pipc_status_name(wanted), pipc_status_name(came),
		 strerror(errno));
	return failed(t, kind, why);
}

bool ct__true(struct ct *t, bool held, enum ct__kind kind)
{
	char why[200];

	if (held)
		return true;
	if (kind == CT__CHECK_)
		snprintf(why, sizeof(why), "does not hold");
	else
		snprintf(why, sizeof(why), "wanted success, came %s",
			 strerror(errno));
	return failed(t, kind, why);
}

bool ct__errno(struct ct *t, bool refused, int wanted, int other)
{
	int error = errno;
	char why[200];

	if (refused && (error == wanted || error == other))
		return true;
	snprintf(why, sizeof(why), "wanted \"%s\", came \"%s\"",
		 strerror(wanted), refused ? strerror(error) : "success");
	return failed(t, CT__CALL_, why);
}

bool ct__equal(struct ct *t, intmax_t came, intmax_t wanted)
{
	char why[100];

	if (came == wanted)
		return true;
	snprintf(why, sizeof(why), "wanted %jd, came %jd", wanted, came);
	return failed(t, CT__CHECK_, why);
}

const char *ct_name(struct ct *t)
{
	static char names[64][16];
	static unsigned n;
	char *name = names[n % 64];

	/* Pid and counter: unique among the runs that go on at one time. */
	(void)t;
	snprintf(name, sizeof(names[0]), "/c%07x%02x%02x",
		 (unsigned)getpid() & 0xfffffff, ct_run_token() & 0xff,
		 n++ & 0xff);
	return name;
}

sem_t *ct_sem(struct ct *t, unsigned value, const char **name)
{
	const char *n = ct_name(t);
	sem_t *sem;

	CT_SETUP_TRUE((sem = t->os->sem_open(n, PIPC_O_CREX, 0600, value)) !=
		      SEM_FAILED);
	ct_record(t->records, 'C', "s %s", n);
	if (name != NULL)
		*name = n;
	return sem;
}

int ct_shm(struct ct *t, size_t size, const char **name)
{
	const char *n = ct_name(t);
	int fd;

	CT_SETUP_TRUE(
	    (fd = t->os->shm_open(n, O_RDWR | PIPC_O_CREX, 0600)) >= 0);
	ct_record(t->records, 'C', "m %s", n);
	if (size != 0)
		CT_SETUP_TRUE(t->os->ftruncate(fd, (off_t)size) == 0);
	if (name != NULL)
		*name = n;
	return fd;
}

mqd_t ct_mq(struct ct *t, long maxmsg, long msgsize, const char **name)
{
	struct mq_attr attr = {.mq_maxmsg = maxmsg, .mq_msgsize = msgsize};
	const char *n = ct_name(t);
	mqd_t mqd;

	CT_SETUP_TRUE((mqd = t->os->mq_open(n, O_RDWR | PIPC_O_CREX, 0600,
					    &attr)) != PIPC__BAD_MQD);
	ct_record(t->records, 'C', "q %s", n);
	if (name != NULL)
		*name = n;
	return mqd;
}

/* Peers. */
struct ct_peer {
	pid_t pid; /* 0 in the peer itself */
	int down[2], up[2];
};

static struct ct_peer *self; /* in a peer: its own end */

void *ct_shared(struct ct *t, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CT_SETUP_TRUE(p != MAP_FAILED);
	return p;
}

struct ct_peer *ct_fork(struct ct *t)
{
	struct ct_peer *p = calloc(1, sizeof(*p));

	CT_SETUP_TRUE(p != NULL && pipe(p->down) == 0 && pipe(p->up) == 0);
	CT_SETUP_TRUE((p->pid = fork()) >= 0);
	if (p->pid == 0) {
		self = p;
		close(p->down[1]);
		close(p->up[0]);
	} else {
		close(p->down[0]);
		close(p->up[1]);
	}
	return p;
}

bool ct_in_peer(const struct ct_peer *p)
{
	return p->pid == 0;
}

_Noreturn void ct_peer_exit(struct ct *t)
{
	(void)t;
	_exit(0);
}

pid_t ct_pid(const struct ct_peer *p)
{
	return p->pid;
}

static int reap(struct ct_peer *p)
{
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(p->down[1]);
	close(p->up[0]);
	return status;
}

bool ct_join(struct ct *t, struct ct_peer *p)
{
	int status = reap(p);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	ct_fail(t, "a peer ended with wait status %#x", (unsigned)status);
	return false;
}

void ct_kill(struct ct *t, struct ct_peer *p)
{
	(void)t;
	kill(p->pid, SIGKILL);
	reap(p);
}

/* The letter of the process's state; 0 where the system does not tell. */
static char state_of(pid_t pid)
{
	char path[64], text[256], *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strrchr(text, ')');
	return p != NULL && p[1] == ' ' ? p[2] : 0;
}

/*
 * The peer has said (ct_tell_parent) that its next call is the one to block
 * in: then asleep, seen twenty times in a row, is blocked in it.
 */
bool ct_await_blocked(struct ct *t, struct ct_peer *p)
{
	struct pollfd quiet = {-1, 0, 0};
	int asleep = 0;
	char state;

	ct_await(t, p);
	while (asleep < 20) {
		state = state_of(p->pid);
		if (state == 'Z' || state == 'X') {
			ct_fail(t, "the peer did not block: it ended");
			return false;
		}
		if (state == 0) /* no way to ask: a settle time */
			return poll(&quiet, 0, 100) == 0;
		asleep = state == 'S' ? asleep + 1 : 0;
		sched_yield();
	}
	return true;
}

static void say(int fd)
{
	while (write(fd, "", 1) < 0 && errno == EINTR)
		;
}

static void hear(struct ct *t, int fd)
{
	char byte;
	ssize_t n;

	while ((n = read(fd, &byte, 1)) < 0 && errno == EINTR)
		;
	if (n != 1)
		ct_fail(t, "the other process ended before it answered");
}

void ct_tell(struct ct *t, struct ct_peer *p)
{
	(void)t;
	say(p->down[1]);
}

void ct_await(struct ct *t, struct ct_peer *p)
{
	hear(t, p->up[0]);
}

void ct_tell_parent(struct ct *t)
{
	(void)t;
	say(self->up[1]);
}

void ct_await_parent(struct ct *t)
{
	hear(t, self->down[0]);
}

struct ct_gate {
	unsigned n, here;
};

struct ct_gate *ct_gate(struct ct *t, unsigned n)
{
	struct ct_gate *gate = ct_shared(t, sizeof(*gate));

	gate->n = n;
	return gate;
}

void ct_gate_pass(struct ct *t, struct ct_gate *gate)
{
	(void)t;
	__atomic_add_fetch(&gate->here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&gate->here, __ATOMIC_SEQ_CST) < gate->n)
		sched_yield();
}

struct timespec ct_in_ms(clockid_t clock, long ms)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += ms % 1000 * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000L;
	}
	return ts;
}

bool ct_reached(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec != deadline->tv_sec
		   ? now.tv_sec > deadline->tv_sec
		   : now.tv_nsec >= deadline->tv_nsec;
}
