/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An event loop as one writes it for the system's queues: poll(), select() and
 * epoll with a queue's descriptor, over libpipc-posix.  What it expects is what
 * Linux does with its own, and it can be run without the library to see that.
 */
#include "posix/names.h"

#include <errno.h>
#include <stdint.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_SYS_EPOLL_H
#include <sys/epoll.h>
#endif

static int tests, failures;
static char name[16];
static mqd_t q; /* two messages */
static int pipes[2];

/* Where mqd_t is a pointer, the library's numbers are in it all the same. */
static int number(void)
{
	return (int)(intptr_t)q;
}

#define CHECK(truth) check((truth), #truth, __LINE__)
static void check(bool truth, const char *text, int line)
{
	if (truth)
		return;
	printf("# line %d: %s: does not hold (errno %d)\n", line, text, errno);
	failures++;
}

static void open_queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};

	q = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &attr);
	CHECK(q != (mqd_t)-1);
}

static void test(const char *text, void (*run)(void))
{
	int before = failures;

	open_queue();
	CHECK(pipe(pipes) == 0);
	run();
	close(pipes[0]);
	close(pipes[1]);
	mq_close(q);
	mq_unlink(name);
	printf("%sok %d - %s\n", failures == before ? "" : "not ", ++tests,
	       text);
	fflush(stdout);
}

static bool sends(void)
{
	return mq_send(q, "x", 1, 0) == 0;
}

static bool receives(void)
{
	char buf[16];

	return mq_receive(q, buf, sizeof(buf), NULL) == 1;
}

static pid_t elsewhere(bool (*call)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(!call());
	return pid;
}

static bool joined(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* The processor time of this process: who sleeps needs none. */
static double busy_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* poll() for the queue alone; -1: it did not say the number that it should. */
static int polled(short events, int timeout)
{
	struct pollfd p = {number(), events, -1};
	int n = poll(&p, 1, timeout);

	return n == (p.revents != 0) ? p.revents : -1;
}

static void poll_tells(void)
{
	CHECK(polled(POLLIN | POLLOUT, 0) == POLLOUT);
	CHECK(polled(POLLIN, 0) == 0);
	CHECK(sends());
	CHECK(polled(POLLIN | POLLOUT, -1) == (POLLIN | POLLOUT));
	CHECK(polled(POLLIN | POLLRDNORM, 0) == (POLLIN | POLLRDNORM));
	CHECK(sends());
	CHECK(polled(POLLIN | POLLOUT, 1000) == POLLIN);
	CHECK(polled(POLLOUT, 0) == 0 && polled(0, 0) == 0);
	CHECK(receives() && receives());
	CHECK(polled(POLLIN | POLLOUT | POLLWRNORM, 0) ==
	      (POLLOUT | POLLWRNORM));
}

static void poll_waits(void)
{
	double busy = busy_ms(), start = now_ms();

	CHECK(polled(POLLIN, 150) == 0 && polled(POLLIN | POLLPRI, 150) == 0);
	CHECK(now_ms() - start >= 299);
	CHECK(sends() && sends() && polled(POLLOUT, 100) == 0);
	CHECK(now_ms() - start >= 399);
	CHECK(busy_ms() - busy < 100);
}

/* By another process, which then sends or receives. */
static void poll_is_woken(void)
{
	pid_t pid;
	int i;

	for (i = 0; i < 20; i++) {
		pid = elsewhere(sends);
		CHECK(polled(POLLIN, 20000) == POLLIN);
		CHECK(joined(pid) && receives());
		CHECK(polled(POLLIN, 0) == 0);
	}
	CHECK(sends() && sends());
	pid = elsewhere(receives);
	CHECK(polled(POLLOUT, 20000) == POLLOUT);
	CHECK(joined(pid) && joined(elsewhere(receives)));
	/* Whoever was told once of what is gone is not told again. */
	CHECK(polled(POLLIN, 20) == 0 && polled(POLLIN, 20) == 0);
}

static void among_others(void)
{
	struct pollfd p[5] = {{-1, POLLIN, 7},
			      {pipes[0], POLLIN, 7},
			      {number(), POLLIN, 7},
			      {pipes[1], POLLOUT, 7},
			      {250, POLLIN, 7}};
	volatile nfds_t n = 3;

	CHECK(poll(p, n, 0) == 0 && p[0].revents == 0 && p[1].revents == 0 &&
	      p[2].revents == 0);
	CHECK(write(pipes[1], "x", 1) == 1);
	CHECK(poll(p, n, -1) == 1 && p[1].revents == POLLIN);
	CHECK(sends() && poll(p, n, -1) == 2 && p[2].revents == POLLIN);
	CHECK(p[2].fd == number() && p[2].events == POLLIN);
	CHECK(poll(p, 5, -1) == 4 && p[3].revents == POLLOUT &&
	      p[4].revents == POLLNVAL);
	CHECK(receives() && poll(p, 5, -1) == 3 && p[2].revents == 0);
	p[2].events = POLLOUT;
	CHECK(poll(p, n, 0) == 2 && p[2].revents == POLLOUT);
}

/* More than a few. */
static void in_a_long_list(void)
{
	enum { MANY = 300 };
	static struct pollfd p[MANY];
	int i;

	for (i = 0; i < MANY; i++)
		p[i] = (struct pollfd){i % 2 ? number() : pipes[0], POLLIN, 0};
	CHECK(poll(p, MANY, 20) == 0);
	CHECK(sends() && poll(p, MANY, -1) == MANY / 2);
	CHECK(p[0].revents == 0 && p[MANY - 1].revents == POLLIN);
}

#ifdef HAVE_PPOLL
static volatile sig_atomic_t signals;
static void on_signal(int signo)
{
	(void)signo;
	signals++;
}

/* The mask is there for the wait alone, and a handler ends it. */
static void masks(void)
{
	struct timespec long_time = {20, 0}, none = {0, 0}, bad = {0, -1};
	struct pollfd p = {number(), POLLIN, 0};
	sigset_t usual, blocked;
	fd_set set;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	signal(SIGUSR1, on_signal);
	pthread_sigmask(SIG_BLOCK, &blocked, &usual);
	raise(SIGUSR1);
	CHECK(ppoll(&p, 1, &none, NULL) == 0 && signals == 0);
	CHECK(ppoll(&p, 1, &long_time, &usual) == -1 && errno == EINTR);
	CHECK(signals == 1);
	raise(SIGUSR1);
	FD_ZERO(&set);
	FD_SET(number(), &set);
	CHECK(pselect(number() + 1, &set, NULL, NULL, &long_time, &usual) ==
		  -1 &&
	      errno == EINTR && signals == 2);
	CHECK(ppoll(&p, 1, &bad, NULL) == -1 && errno == EINVAL);
	CHECK(sends() && ppoll(&p, 1, NULL, &usual) == 1);
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
	signal(SIGUSR1, SIG_DFL);
}
#endif

static int selected(bool reads, bool writes, long ms)
{
	struct timeval time = {ms / 1000, ms % 1000 * 1000};
	fd_set r, w;
	int n;

	FD_ZERO(&r);
	FD_ZERO(&w);
	if (reads)
		FD_SET(number(), &r);
	if (writes)
		FD_SET(number(), &w);
	FD_SET(pipes[0], &r);
	n = select((number() > pipes[0] ? number() : pipes[0]) + 1, &r, &w,
		   NULL, &time);
	CHECK(FD_ISSET(pipes[0], &r) == 0);
	CHECK(time.tv_sec * 1000 + time.tv_usec / 1000 <= ms);
	CHECK(n != 0 || (time.tv_sec == 0 && time.tv_usec == 0));
	return n == 0	? 0
	       : n == 1 ? (FD_ISSET(number(), &r) ? POLLIN : POLLOUT)
	       : n == 2 ? POLLIN | POLLOUT
			: -1;
}

static void select_tells(void)
{
	double start;
	pid_t pid;

	CHECK(selected(true, true, 0) == POLLOUT);
	start = now_ms();
	CHECK(selected(true, false, 50) == 0 && now_ms() - start >= 49);
	CHECK(sends() && selected(true, true, 10000) == (POLLIN | POLLOUT));
	CHECK(sends() && selected(true, true, 10000) == POLLIN);
	CHECK(selected(false, true, 20) == 0);
	CHECK(receives() && receives());
	pid = elsewhere(sends);
	CHECK(selected(true, false, 20000) == POLLIN && joined(pid));
}

static void select_refuses(void)
{
	struct timeval bad = {0, -1}, none = {0, 0};
	fd_set r;

	FD_ZERO(&r);
	FD_SET(number(), &r);
	CHECK(select(number() + 1, &r, NULL, NULL, &bad) == -1 &&
	      errno == EINVAL);
	CHECK(select(-1, &r, NULL, NULL, &none) == -1 && errno == EINVAL);
	FD_SET(250, &r);
	CHECK(select(251, &r, NULL, NULL, &none) == -1 && errno == EBADF);
	CHECK(FD_ISSET(number(), &r) && FD_ISSET(250, &r));
	FD_CLR(250, &r);
	CHECK(select(251, &r, NULL, NULL, &none) == 0 &&
	      !FD_ISSET(number(), &r));
}

static bool polls_and_receives(void)
{
	return polled(POLLIN, 20000) == POLLIN && receives();
}

/* A process that was forked before or after the first wait. */
static void in_a_child(void)
{
	int i;
	pid_t pid;

	for (i = 0; i < 2; i++) {
		pid = elsewhere(polls_and_receives);
		CHECK(sends() && joined(pid));
		CHECK(polled(POLLIN, 20) == 0);
	}
}

#ifdef HAVE_PTHREAD_CANCEL
static void *polls_for_ever(void *arg)
{
	struct pollfd p = {number(), POLLIN, 0};

	(void)arg;
	poll(&p, 1, -1);
	return "came back";
}

static void cancels(void)
{
	pthread_t thread;
	void *end;

	CHECK(pthread_create(&thread, NULL, polls_for_ever, NULL) == 0);
	CHECK(pthread_cancel(thread) == 0);
	CHECK(pthread_join(thread, &end) == 0 && end == PTHREAD_CANCELED);
	CHECK(sends() && receives());
}
#endif

#ifdef HAVE_SYS_EPOLL_H
static int events_of(int ep, int timeout)
{
	struct epoll_event e = {.events = 0};
	int n = epoll_wait(ep, &e, 1, timeout);

	CHECK(n == 0 || (n == 1 && e.data.u64 == 0x123456789abcdef0));
	return n == 0 ? 0 : (int)e.events;
}

static void epoll_tells(void)
{
	struct epoll_event e = {.events = EPOLLIN,
				.data.u64 = 0x123456789abcdef0};
	int ep = epoll_create1(EPOLL_CLOEXEC);
	pid_t pid;

	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, number(), &e) == 0);
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, number(), &e) == -1 &&
	      errno == EEXIST);
	CHECK(events_of(ep, 20) == 0);
	CHECK(sends() && events_of(ep, -1) == EPOLLIN);
	CHECK(sends() && receives() && events_of(ep, -1) == EPOLLIN);
	CHECK(receives() && events_of(ep, 20) == 0);
	pid = elsewhere(sends);
	CHECK(events_of(ep, 20000) == EPOLLIN && joined(pid));
	e.events = EPOLLIN | EPOLLONESHOT;
	CHECK(epoll_ctl(ep, EPOLL_CTL_MOD, number(), &e) == 0);
	CHECK(events_of(ep, -1) == EPOLLIN && events_of(ep, 0) == 0);
	CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, number(), NULL) == 0);
	CHECK(events_of(ep, 0) == 0);
	CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, number(), NULL) == -1 &&
	      errno == ENOENT);
	/* With the queue its registration ends. */
	e.events = EPOLLIN;
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, number(), &e) == 0);
	CHECK(mq_close(q) == 0 && events_of(ep, 0) == 0);
	close(ep);
}

/* Who asks for room is told the truth or refused, but not told nonsense. */
static void epoll_of_room(void)
{
	struct epoll_event e = {.events = EPOLLOUT,
				.data.u64 = 0x123456789abcdef0};
	int ep = epoll_create1(EPOLL_CLOEXEC);

	CHECK(sends() && sends());
	if (epoll_ctl(ep, EPOLL_CTL_ADD, number(), &e) == 0)
		CHECK(events_of(ep, 0) == 0);
	else
		CHECK(errno == EPERM);
	close(ep);
}
#endif

int main(void)
{
	snprintf(name, sizeof(name), "/p%ld", (long)getpid());
	test("poll tells of messages and room", poll_tells);
	test("poll waits", poll_waits);
	test("poll is woken", poll_is_woken);
	test("a queue among others", among_others);
	test("in a long list", in_a_long_list);
#ifdef HAVE_PPOLL
	test("masks of signals", masks);
#endif
	test("select tells of messages and room", select_tells);
	test("select refuses", select_refuses);
	test("in a child", in_a_child);
#ifdef HAVE_PTHREAD_CANCEL
	test("a thread that polls is cancelled", cancels);
#endif
#ifdef HAVE_SYS_EPOLL_H
	test("epoll tells of messages", epoll_tells);
	test("epoll of room", epoll_of_room);
#endif
	printf("1..%d\n", tests);
	return failures != 0;
}
