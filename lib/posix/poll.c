/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * poll(), select() and their like, for sets in which there are queues.  To the
 * system a queue's descriptor is a file's, which is always ready.  So what is
 * said of it is looked up in the queue, and the wait is for the descriptor that
 * tells of its messages.  All else, and all of a set without a queue, is the
 * system's answer.
 */
#include "next.h"
#include "other.h"

#ifdef HAVE_PPOLL

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

/* With times of 64 bits some C libraries of 32 have other names for these. */
#if defined(__GLIBC__) && defined(_TIME_BITS) && defined(__TIMESIZE)
#if _TIME_BITS > __TIMESIZE
#define WIDE64
#endif
#endif
#if defined(WIDE64)
#define PPOLL "__ppoll64"
#define SELECT "__select64"
#define PSELECT "__pselect64"
#elif defined(_REDIR_TIME64)
#define PPOLL "__ppoll_time64"
#define SELECT "__select_time64"
#define PSELECT "__pselect_time64"
#else
#define PPOLL "ppoll"
#define SELECT "select"
#define PSELECT "pselect"
#endif

#define IN (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM)
/* How often room is looked for, and what nothing tells of. */
#define AGAIN_NS 10000000L
#define SECOND 1000000000L

typedef int (*poll_f)(struct pollfd *, nfds_t, int);
typedef int (*ppoll_f)(struct pollfd *, nfds_t, const struct timespec *,
		       const sigset_t *);
typedef int (*select_f)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
typedef int (*pselect_f)(int, fd_set *, fd_set *, fd_set *,
			 const struct timespec *, const sigset_t *);

static int failed(int error)
{
	errno = error;
	return -1;
}

static inline struct ref_mapping *queue_of(int fd)
{
	struct ref_handle *h = ref_known(fd);

	return h != NULL ? h->mapping : NULL;
}

static int next_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
		      const sigset_t *mask)
{
	static struct found found = {PPOLL, NULL};
	ppoll_f next = (ppoll_f)next_of(&found);

	if (next != NULL)
		return next(fds, n, time, mask);
#if defined(SYS_ppoll_time64) || (defined(SYS_ppoll) && LONG_MAX > INT_MAX)
	/* The kernel's time, and its set of signals. */
	int64_t left[2] = {0, 0};

	if (time != NULL) {
		left[0] = time->tv_sec;
		left[1] = time->tv_nsec;
	}
#ifdef SYS_ppoll_time64
	return (int)syscall(SYS_ppoll_time64, fds, n,
			    time != NULL ? left : NULL, mask, NSIG / 8);
#else
	return (int)syscall(SYS_ppoll, fds, n, time != NULL ? left : NULL, mask,
			    NSIG / 8);
#endif
#else
	return failed(ENOSYS);
#endif
}

/* A wait: what the program asked, and what the system is asked for it. */
struct wait {
	struct pollfd *fds, *asked;
	nfds_t n;
	const struct timespec *time; /* NULL: without limit */
	const sigset_t *mask;
	struct timespec end; /* by CLOCK_MONOTONIC */
};

static short state_of(const struct ref_mapping *m, short events)
{
	uint32_t count =
	    atomic_load_explicit(&m->queue->count, memory_order_relaxed);
	int state = 0;

	if (count > 0)
		state |= IN;
	if ((long)count < m->maxmsg)
		state |= OUT;
	return (short)(state & events);
}

/* False for a wait that has to look again, as nothing would end it. */
static bool ask_for_queue(struct pollfd *asked, struct ref_mapping *m)
{
	bool messages = asked->events & IN;
	bool room = asked->events & OUT;

	asked->fd = messages ? ref_event_find(m, asked->fd) : -1;
	asked->events = POLLIN;
	return !room && (!messages || asked->fd >= 0) && !ref_offers(&m->waits);
}

/* How long the system is to wait. */
static struct timespec prepare(struct wait *w, struct timespec left)
{
	struct ref_mapping *m;
	bool ready = left.tv_sec == 0 && left.tv_nsec == 0, again = false;
	nfds_t i;

	for (i = 0; i < w->n; i++) {
		w->asked[i] = w->fds[i];
		m = queue_of(w->fds[i].fd);
		if (m != NULL && state_of(m, w->fds[i].events))
			ready = true;
	}
	for (i = 0; i < w->n; i++) {
		m = queue_of(w->fds[i].fd);
		if (m == NULL)
			continue;
		if (ready)
			w->asked[i].fd = -1;
		else if (!ask_for_queue(&w->asked[i], m))
			again = true;
	}
	if (ready)
		return (struct timespec){0, 0};
	if (again && (left.tv_sec > 0 || left.tv_nsec > AGAIN_NS))
		return (struct timespec){0, AGAIN_NS};
	return left;
}

static short answer_for_queue(const struct wait *w, nfds_t i,
			      struct ref_mapping *m)
{
	short state = state_of(m, w->fds[i].events);

	/* What woke us is gone, or is no longer the queue's descriptor. */
	if (state == 0 && w->asked[i].fd >= 0 && w->asked[i].revents != 0)
		ref_event_fd(m, w->fds[i].fd);
	return state;
}

/* How many are ready. */
static int answer(struct wait *w)
{
	struct ref_mapping *m;
	int ready = 0;
	nfds_t i;

	for (i = 0; i < w->n; i++) {
		m = queue_of(w->fds[i].fd);
		if (m != NULL)
			w->fds[i].revents = answer_for_queue(w, i, m);
		else if (w->asked[i].fd == w->fds[i].fd)
			w->fds[i].revents = w->asked[i].revents;
		else /* closed meanwhile */
			w->fds[i].revents = POLLNVAL;
		ready += w->fds[i].revents != 0;
	}
	return ready;
}

/* By the clock that nobody sets; an end beyond all time is none. */
static void begin(struct wait *w)
{
	if (w->time == NULL)
		return;
	clock_gettime(CLOCK_MONOTONIC, &w->end);
	w->end.tv_nsec += w->time->tv_nsec;
	if (w->end.tv_nsec >= SECOND) {
		w->end.tv_nsec -= SECOND;
		w->end.tv_sec++;
	}
	if (w->time->tv_sec > INT_MAX / 2)
		w->time = NULL;
	else
		w->end.tv_sec += w->time->tv_sec;
}

static struct timespec left_of(const struct wait *w)
{
	struct timespec now, left = {INT_MAX / 2, 0};

	if (w->time == NULL)
		return left;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left.tv_sec = w->end.tv_sec - now.tv_sec;
	left.tv_nsec = w->end.tv_nsec - now.tv_nsec;
	if (left.tv_nsec < 0) {
		left.tv_nsec += SECOND;
		left.tv_sec--;
	}
	return left.tv_sec < 0 ? (struct timespec){0, 0} : left;
}

static int wait_for_any(struct wait *w)
{
	struct timespec left, slice;
	int ready;

	begin(w);
	do {
		left = left_of(w);
		slice = prepare(w, left);
		if (next_ppoll(w->asked, w->n, &slice, w->mask) < 0)
			return -1;
		ready = answer(w);
	} while (ready == 0 && (left.tv_sec != 0 || left.tv_nsec != 0));
	return ready;
}

/* What is too long for the stack; a handler may call this: no malloc(). */
#define FEW 64
struct memory {
	void *at;
	size_t size;
};

static void give_back(void *arg)
{
	struct memory *m = arg;

	munmap(m->at, m->size);
}

static int wait_for_many(struct wait *w)
{
	struct memory m = {NULL, w->n * sizeof(*w->asked)};
	volatile int ready;

	m.at = mmap(NULL, m.size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m.at == MAP_FAILED)
		return failed(ENOMEM);
	w->asked = m.at;
	pthread_cleanup_push(give_back, &m);
	ready = wait_for_any(w);
	pthread_cleanup_pop(1);
	return ready;
}

static int wait_for(struct wait *w)
{
	struct pollfd few[FEW];

	if (w->time != NULL && (w->time->tv_sec < 0 || w->time->tv_nsec < 0 ||
				w->time->tv_nsec >= SECOND))
		return failed(EINVAL);
	if (w->n > FEW)
		return wait_for_many(w);
	w->asked = few;
	return wait_for_any(w);
}

static bool polls_queue(struct pollfd *fds, nfds_t n)
{
	nfds_t i;

	if (!ref_has_queues || fds == NULL)
		return false;
	for (i = 0; i < n; i++)
		if (queue_of(fds[i].fd) != NULL)
			return true;
	return false;
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *time,
	  const sigset_t *mask)
{
	struct wait w = {.fds = fds, .n = n, .time = time, .mask = mask};

	return polls_queue(fds, n) ? wait_for(&w)
				   : next_ppoll(fds, n, time, mask);
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	static struct found found = {"poll", NULL};
	const struct timespec time = {timeout / 1000,
				      timeout % 1000 * 1000000L};
	bool queues = polls_queue(fds, n);
	poll_f next = queues ? NULL : (poll_f)next_of(&found);

	return next != NULL ? next(fds, n, timeout)
			    : ppoll(fds, n, timeout < 0 ? NULL : &time, NULL);
}

/* The three sets of select(). */
struct sets {
	int n;
	fd_set *set[3];
};
static const short asks[3] = {POLLIN, POLLOUT, POLLPRI};
static const short tells[3] = {IN | POLLRDBAND | POLLHUP | POLLERR,
			       OUT | POLLWRBAND | POLLERR, POLLPRI};

/* Sets may be longer than the header's. */
#define BITS ((int)(8 * sizeof(long)))
static unsigned long *word_of(fd_set *set, int fd)
{
	return (unsigned long *)(void *)set + fd / BITS;
}

static bool has(fd_set *set, int fd)
{
	return set != NULL && *word_of(set, fd) >> fd % BITS & 1;
}

static short events_of(const struct sets *s, int fd)
{
	int i, events = 0;

	for (i = 0; i < 3; i++)
		if (has(s->set[i], fd))
			events |= asks[i];
	return (short)events;
}

static bool selects_queue(const struct sets *s)
{
	int fd;

	if (!ref_has_queues)
		return false;
	for (fd = 0; fd < s->n; fd++)
		if (queue_of(fd) != NULL && events_of(s, fd) != 0)
			return true;
	return false;
}

/* The list for poll() of what is in the sets, and its length. */
static nfds_t listed(const struct sets *s, struct pollfd *fds)
{
	nfds_t n = 0;
	short events;
	int fd;

	for (fd = 0; fd < s->n; fd++) {
		events = events_of(s, fd);
		if (events != 0)
			fds[n++] = (struct pollfd){.fd = fd, .events = events};
	}
	return n;
}

/* How many bits there are in the sets then. */
static int result_of(const struct sets *s, const struct pollfd *fds, nfds_t n)
{
	int i, count = 0;
	nfds_t j;

	for (j = 0; j < n; j++)
		if (fds[j].revents & POLLNVAL)
			return failed(EBADF);
	for (j = 0; j < n; j++)
		for (i = 0; i < 3; i++) {
			if (!(fds[j].events & asks[i]))
				continue;
			if (fds[j].revents & tells[i])
				count++;
			else
				*word_of(s->set[i], fds[j].fd) &=
				    ~(1UL << fds[j].fd % BITS);
		}
	return count;
}

static APART int select_in(struct pollfd *fds, const struct sets *s,
			   const struct timespec *time, const sigset_t *mask)
{
	nfds_t n = listed(s, fds);
	int ready = ppoll(fds, n, time, mask);

	return ready < 0 ? ready : result_of(s, fds, n);
}

static int select_by_poll(const struct sets *s, const struct timespec *time,
			  const sigset_t *mask)
{
	struct memory m = {NULL, (size_t)s->n * sizeof(struct pollfd) + 1};
	volatile int count;

	m.at = mmap(NULL, m.size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m.at == MAP_FAILED)
		return failed(ENOMEM);
	pthread_cleanup_push(give_back, &m);
	count = select_in(m.at, s, time, mask);
	pthread_cleanup_pop(1);
	return count;
}

int pselect(int n, fd_set *r, fd_set *w, fd_set *e, const struct timespec *time,
	    const sigset_t *mask)
{
	static struct found found = {PSELECT, NULL};
	const struct sets s = {n, {r, w, e}};
	pselect_f next = selects_queue(&s) ? NULL : (pselect_f)next_of(&found);

	if (next != NULL)
		return next(n, r, w, e, time, mask);
	return n < 0 ? failed(EINVAL) : select_by_poll(&s, time, mask);
}

/* As Linux does: what is left of the time. */
static void set_left(struct timeval *tv, const struct wait *w)
{
	struct timespec left = left_of(w);

	if (w->time == NULL)
		return;
	tv->tv_sec = left.tv_sec;
	tv->tv_usec = left.tv_nsec / 1000;
}

static int select_slowly(const struct sets *s, struct timeval *tv)
{
	struct timespec time = {0, 0};
	struct wait clock = {.time = &time};
	int count, error;

	if (s->n < 0 || (tv != NULL && (tv->tv_sec < 0 || tv->tv_usec < 0)))
		return failed(EINVAL);
	if (tv == NULL)
		return select_by_poll(s, NULL, NULL);
	time.tv_sec = tv->tv_sec + tv->tv_usec / 1000000;
	time.tv_nsec = tv->tv_usec % 1000000 * 1000L;
	begin(&clock);
	count = select_by_poll(s, &time, NULL);
	error = errno;
	set_left(tv, &clock);
	errno = error;
	return count;
}

int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *tv)
{
	static struct found found = {SELECT, NULL};
	const struct sets s = {n, {r, w, e}};
	select_f next = selects_queue(&s) ? NULL : (select_f)next_of(&found);

	return next != NULL ? next(n, r, w, e, tv) : select_slowly(&s, tv);
}

#ifdef __GLIBC__

/* What _FORTIFY_SOURCE makes of these. */
_Noreturn void __chk_fail(void);

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	if (size / sizeof(*fds) < n)
		__chk_fail();
	return poll(fds, n, timeout);
}

#ifdef WIDE64
#define PPOLL_CHK __ppoll64_chk
#else
#define PPOLL_CHK __ppoll_chk
#endif
int PPOLL_CHK(struct pollfd *fds, nfds_t n, const struct timespec *time,
	      const sigset_t *mask, size_t size);
int PPOLL_CHK(struct pollfd *fds, nfds_t n, const struct timespec *time,
	      const sigset_t *mask, size_t size)
{
	if (size / sizeof(*fds) < n)
		__chk_fail();
	return ppoll(fds, n, time, mask);
}

#ifdef OTHER
int other_ppoll(struct pollfd *fds, nfds_t n, const struct other *time,
		const sigset_t *mask) OTHER("ppoll", "__ppoll64");
int other_ppoll(struct pollfd *fds, nfds_t n, const struct other *time,
		const sigset_t *mask)
{
	struct timespec copy;

	return ppoll(fds, n, ours(time, &copy), mask);
}

int other_ppoll_chk(struct pollfd *fds, nfds_t n, const struct other *time,
		    const sigset_t *mask, size_t size)
    OTHER("__ppoll_chk", "__ppoll64_chk");
int other_ppoll_chk(struct pollfd *fds, nfds_t n, const struct other *time,
		    const sigset_t *mask, size_t size)
{
	struct timespec copy;

	return PPOLL_CHK(fds, n, ours(time, &copy), mask, size);
}

int other_pselect(int n, fd_set *r, fd_set *w, fd_set *e,
		  const struct other *time, const sigset_t *mask)
    OTHER("pselect", "__pselect64");
int other_pselect(int n, fd_set *r, fd_set *w, fd_set *e,
		  const struct other *time, const sigset_t *mask)
{
	struct timespec copy;

	return pselect(n, r, w, e, ours(time, &copy), mask);
}

int other_select(int n, fd_set *r, fd_set *w, fd_set *e,
		 struct other_timeval *tv) OTHER("select", "__select64");
int other_select(int n, fd_set *r, fd_set *w, fd_set *e,
		 struct other_timeval *tv)
{
	struct timeval copy;
	int count;

	if (tv == NULL)
		return select(n, r, w, e, NULL);
	copy.tv_sec = tv->sec > INT_MAX ? INT_MAX : (time_t)tv->sec;
	copy.tv_usec = (suseconds_t)tv->usec;
	count = select(n, r, w, e, &copy);
	tv->sec = copy.tv_sec;
	tv->usec = copy.tv_usec;
	return count;
}
#endif
#endif
#endif
