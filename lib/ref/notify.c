/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One request per queue to be notified of a message.
 *
 * A thread of the process that asked waits for it, with a lock in the queue
 * held: when the process ends or executes another program, that tells the
 * others.  The thread sends the signal, or calls the function, itself: so it
 * needs no permission, and can reach no other process.
 */
#include "ref.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif
#ifdef __FreeBSD__
#include <sys/thr.h>
#endif

#define STACK (64 * 1024)
#ifdef SIGRTMAX
#define SIGNO_MAX SIGRTMAX
#else
#define SIGNO_MAX (NSIG - 1)
#endif

/* A request of this process. */
struct request {
	struct request *next;
	struct ref_mapping *m;
	struct sigevent event;
	sigset_t mask; /* of the thread that asked */
	uint32_t notice, number;
	int fd;
	pid_t pid;
	bool armed;
	struct answer *answer;
};

/*
 * What the thread says to the one that asked, which waits for it.  It is on the
 * stack of that one, so that no process that is forked meanwhile has it.
 */
struct answer {
	pthread_mutex_t mutex;
	pthread_cond_t came;
	bool given;
	int error;
};

static struct request *requests;

/*
 * A process whose main thread has left by pthread_exit() ends with its last
 * thread.  Ours are none of its own: when only they are left they end as well.
 * The main thread has a value of this key if it has asked for anything.
 */
static pthread_key_t main_thread;
static pthread_once_t main_thread_once = PTHREAD_ONCE_INIT;
static _Atomic bool main_has_left;
static _Atomic unsigned waiting; /* threads of ours */

void ref_notify_init(struct ref_queue *q)
{
	unsigned i;

	for (i = 0; i < REF_NOTICES; i++) {
		ref_lock_init(&q->notices[i].owner);
		ref_word_init(&q->notices[i].word);
		ref_word_init(&q->notices[i].sent);
	}
}

static struct ref_notice *at(struct ref_queue *q, uint32_t notice)
{
	return notice - 1 < REF_NOTICES ? &q->notices[notice - 1] : NULL;
}

static void end(struct ref_queue *q, struct ref_notice *n, bool fired)
{
	n->fired = fired;
	atomic_fetch_add(&n->word.value, 1);
	q->armed = 0;
	/* With the lock: whoever rebuilds after our death wakes it again. */
	ref_unpark(&n->word);
}

void ref_notify_rebuild(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	struct ref_notice *n = at(q, q->armed);
	unsigned i;

	/* An even number is nobody's. */
	if (n == NULL || n->word.value % 2 == 0)
		q->armed = 0;
	/* The message has come, and so its sender's death is no excuse. */
	if (ref_queue_has(m, q->fires))
		ref_notify_fire(m, NULL);
	q->fires = 0;
	for (i = 0; i < REF_NOTICES; i++)
		ref_unpark(&q->notices[i].word);
}

/* 0 where the system does not say. */
static int32_t own_thread(void)
{
#if defined(__linux__) && defined(SYS_gettid)
	return (int32_t)syscall(SYS_gettid);
#elif defined(__FreeBSD__)
	long number = 0;

	return thr_self(&number) == 0 ? (int32_t)number : 0;
#else
	return 0;
#endif
}

/* Of a thread that is there, of whosever process, EPERM is said at most. */
static bool has_ended(int32_t process, int32_t thread)
{
	int gone = 0;

	if (process <= 0 || thread <= 0)
		return false;
#if defined(__linux__) && defined(SYS_tgkill)
	gone = (int)syscall(SYS_tgkill, process, thread, 0);
#elif defined(__FreeBSD__)
	gone = thr_kill2(process, thread, 0);
#endif
	return gone != 0 && errno == ESRCH;
}

/*
 * A lock that the system does not end with its thread.  Then the owner's number
 * has to tell, and its thread's, as another program in the same process has the
 * process's number as well.
 */
static bool is_left(const struct ref_notice *n)
{
	if (REF_ROBUST && ref_deaths_are_told())
		return false;
	if (kill(n->asker, 0) != 0 && errno == ESRCH)
		return true;
	return has_ended(n->asker, n->thread);
}

/* With the queue's lock: takes a place that no living process has. */
static bool claim(struct ref_notice *n)
{
	if (ref_claim(&n->owner))
		return true;
	if (!is_left(n))
		return false;
	ref_lock_init(&n->owner);
	return ref_claim(&n->owner);
}

/* With the queue's lock: is there a request of a process that lives? */
static bool taken(struct ref_queue *q)
{
	struct ref_notice *n = at(q, q->armed);

	if (n == NULL)
		return false;
	if (!claim(n))
		return true;
	end(q, n, false);
	ref_unlock(&n->owner);
	return false;
}

/* A place for the request, its lock held; 0 while all are still in use. */
static uint32_t free_notice(struct ref_queue *q)
{
	uint32_t i;

	for (i = 1; i <= REF_NOTICES; i++)
		if (claim(at(q, i)))
			return i;
	return 0;
}

/* A place is in use a moment longer than its request: waits for that. */
static int arm(struct request *r)
{
	struct ref_queue *q = r->m->queue;
	struct ref_notice *n;
	struct timespec end;
	const struct ref_until until = {&end, CLOCK_REALTIME};
	struct ref_section s;
	bool busy;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += ref_lock_seconds;
	do {
		if (!ref_enter(&r->m->waits, &s))
			return errno;
		busy = taken(q);
		r->notice = busy ? 0 : free_notice(q);
		n = at(q, r->notice);
		if (n != NULL) {
			/* Odd: somebody waits. */
			r->number = n->word.value | 1;
			if (r->number == n->word.value)
				r->number += 2;
			atomic_store(&n->word.value, r->number);
			n->fired = 0;
			n->asker = (int32_t)getpid();
			n->thread = own_thread();
			n->signals = r->event.sigev_notify == SIGEV_SIGNAL;
			q->armed = r->notice;
		}
		ref_leave(&r->m->waits, &s);
		if (busy)
			return EBUSY;
	} while (n == NULL && ref_nap(&until) == EAGAIN);
	return n == NULL ? EIO : 0;
}

static void answer(struct request *r, int error)
{
	struct answer *a = r->answer;
	struct ref_process p;

	ref_process_enter(&p);
	r->armed = error == 0;
	ref_process_leave(&p);
	pthread_mutex_lock(&a->mutex);
	a->error = error;
	a->given = true;
	pthread_cond_signal(&a->came);
	pthread_mutex_unlock(&a->mutex);
}

static void remove_locked(const struct request *r)
    PIPC_REQUIRES(ref_process_lock)
{
	struct request **p;

	for (p = &requests; *p != NULL; p = &(*p)->next)
		if (*p == r) {
			*p = r->next;
			break;
		}
	ref_mapping_drop_locked(r->m);
}

static void drop(struct request *r) PIPC_EXCLUDES(ref_process_lock)
{
	struct ref_process p;

	ref_process_enter(&p);
	remove_locked(r);
	ref_process_leave(&p);
	free(r);
}

void ref_notify_forked(void)
{
	struct request *r;

	/* The thread that forked is the main one here. */
	main_has_left = false;
	waiting = 0;
	while ((r = requests) != NULL) {
		remove_locked(r);
		free(r);
	}
}

/* The request of this process for that queue, if it has one. */
static struct request *mine(const struct ref_mapping *m)
    PIPC_REQUIRES(m->waits, ref_process_lock)
{
	struct request *r;

	for (r = requests; r != NULL; r = r->next)
		if (r->m == m && r->pid == getpid() && r->armed &&
		    at(m->queue, r->notice)->word.value == r->number)
			break;
	return r;
}

void ref_send_signal(const struct ref_signal *signal)
{
	int error = errno;
#if defined(SYS_rt_sigqueueinfo) && defined(SI_MESGQ)
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal->signo;
	info.si_code = SI_MESGQ;
	info.si_pid = signal->pid;
	info.si_uid = (uid_t)signal->uid;
	info.si_value = signal->value;
	syscall(SYS_rt_sigqueueinfo, getpid(), info.si_signo, &info);
#else
	sigqueue(getpid(), signal->signo, signal->value);
#endif
	errno = error;
}

/*
 * A signal comes before the call that causes it returns, as from a kernel; but
 * a process that is stopped, or is not scheduled, is not waited for longer.
 */
#define SIGNAL_MS 10

COLD void ref_await_signal(struct ref_notice *n, uint32_t number)
{
	struct timespec end = {0, 0};
	const struct ref_until until = {&end, CLOCK_MONOTONIC};
	int state = ref_uncancelled(), error = 0;
	uint32_t sent;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += SIGNAL_MS * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	while ((sent = atomic_load(&n->sent.value)) != number &&
	       (error == 0 || error == EINTR) && ref_until_check(&until) == 0)
		error = ref_park(&n->sent, sent, &until);
	ref_cancelled(state);
}

/*
 * A signal to this process itself comes before the call returns, and in the
 * order of the calls: so it is sent by the call, when it has no lock any more,
 * and not by the thread.
 */
static bool sent_here(struct ref_mapping *m, struct ref_notice *n,
		      struct ref_section *s) PIPC_REQUIRES(m->waits)
{
	struct ref_process p;
	struct request *r;
	bool sent = false;

	if (s == NULL || n->asker != (int32_t)getpid())
		return false;
	ref_process_enter(&p);
	r = mine(m);
	if (r != NULL && r->event.sigev_notify == SIGEV_SIGNAL) {
		s->signal = (struct ref_signal){r->event.sigev_signo, n->pid,
						n->uid, r->event.sigev_value};
		s->notifies = sent = true;
	}
	ref_process_leave(&p);
	return sent;
}

void ref_notify_load(struct ref_mapping *m, uint32_t slot)
{
	struct ref_notice *n = at(m->queue, m->queue->armed);

	if (n == NULL)
		return;
	n->pid = (int32_t)getpid();
	n->uid = (int32_t)getuid();
	m->queue->fires = slot;
}

void ref_notify_fire(struct ref_mapping *m, struct ref_section *s)
{
	struct ref_notice *n = at(m->queue, m->queue->armed);
	bool here;

	if (n != NULL) {
		here = sent_here(m, n, s);
		if (s != NULL && !here && n->signals &&
		    n->asker != (int32_t)getpid()) {
			s->told = n;
			s->number = n->word.value;
		}
		end(m->queue, n, !here);
	}
	m->queue->fires = 0;
}

/* While the notice is this thread's: its sender may wait for the signal. */
static void deliver_signal(const struct request *r, struct ref_notice *n)
{
	const struct ref_signal signal = {r->event.sigev_signo, n->pid, n->uid,
					  r->event.sigev_value};

	if (!n->fired || r->event.sigev_notify != SIGEV_SIGNAL)
		return;
	ref_send_signal(&signal);
	atomic_store(&n->sent.value, r->number);
	ref_unpark(&n->sent);
}

static void call_function(const struct request *r)
{
	if (r->event.sigev_notify != SIGEV_THREAD)
		return;
	pthread_sigmask(SIG_SETMASK, &r->mask, NULL);
	r->event.sigev_notify_function(r->event.sigev_value);
}

static void cancel(struct ref_mapping *m, int fd);

static void main_leaves(void *unused)
{
	struct ref_process p;
	struct request *r;

	(void)unused;
	main_has_left = true;
	ref_process_enter(&p);
	for (r = requests; r != NULL; r = r->next)
		if (r->armed)
			ref_unpark(&at(r->m->queue, r->notice)->word);
	ref_process_leave(&p);
}

static void make_key(void)
{
	pthread_key_create(&main_thread, main_leaves);
}

static void note_main_thread(void)
{
#ifdef SYS_gettid
	if (syscall(SYS_gettid) != getpid())
		return;
	pthread_once(&main_thread_once, make_key);
	pthread_setspecific(main_thread, &main_thread);
#endif
}

/* Beside the main thread, which has left, and ours? */
static bool nobody_else(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 &&
	       (unsigned)st.st_nlink == 2 + 1 + waiting;
}

/* The others may take their time: looks for them now and then. */
static COLD void await_others(struct request *r, struct ref_notice *n)
{
	struct timespec end;
	const struct ref_until until = {&end, CLOCK_REALTIME};

	if (nobody_else()) {
		cancel(r->m, -1);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_nsec += 100000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	ref_park(&n->word, r->number, &until);
}

static void *wait_for_message(void *arg)
{
	static const struct ref_until forever = {NULL, CLOCK_REALTIME};
	struct request *r = arg, copy;
	struct ref_notice *n;
	int error = arm(r);
	bool fired;

	answer(r, error);
	if (error != 0) {
		drop(r);
		return NULL;
	}
	n = at(r->m->queue, r->notice);
	waiting++;
	while (n->word.value == r->number)
		if (main_has_left)
			await_others(r, n);
		else
			ref_park(&n->word, r->number, &forever);
	waiting--;
	fired = n->fired;
	deliver_signal(r, n);
	ref_unlock(&n->owner);
	copy = *r;
	drop(r);
	if (fired)
		call_function(&copy);
	return NULL;
}

static bool joinable(const pthread_attr_t *attr)
{
	int state;

	return pthread_attr_getdetachstate(attr, &state) == 0 &&
	       state == PTHREAD_CREATE_JOINABLE;
}

/* The thread is the user's own kind where the user's function runs in it. */
static int start(struct request *r)
{
	const pthread_attr_t *theirs = NULL;
	pthread_attr_t ours;
	pthread_t thread;
	int error;

	if (r->event.sigev_notify == SIGEV_THREAD)
		theirs = r->event.sigev_notify_attributes;
	pthread_attr_init(&ours);
	pthread_attr_setdetachstate(&ours, PTHREAD_CREATE_DETACHED);
	if (r->event.sigev_notify != SIGEV_THREAD)
		pthread_attr_setstacksize(&ours, STACK > PTHREAD_STACK_MIN
						     ? STACK
						     : PTHREAD_STACK_MIN);
	error = pthread_create(&thread, theirs != NULL ? theirs : &ours,
			       wait_for_message, r);
	/* The program does not know the thread: nobody else can join it. */
	if (error == 0 && theirs != NULL && joinable(theirs))
		pthread_detach(thread);
	pthread_attr_destroy(&ours);
	return error;
}

/* The queue's lock is always taken before the process's. */
static void cancel(struct ref_mapping *m, int fd)
{
	struct ref_section s;
	struct ref_process p;
	struct request *r;

	if (!ref_enter(&m->waits, &s))
		return;
	ref_process_enter(&p);
	r = mine(m);
	if (r != NULL && (fd < 0 || r->fd == fd))
		end(m->queue, at(m->queue, r->notice), false);
	ref_process_leave(&p);
	ref_leave(&m->waits, &s);
}

void ref_notify_close(struct ref_mapping *m, int fd)
{
	if (requests != NULL)
		cancel(m, fd);
}

static bool well_formed(const struct sigevent *event)
{
	switch (event->sigev_notify) {
	case SIGEV_NONE:
		return true;
	case SIGEV_SIGNAL:
		return event->sigev_signo >= 0 &&
		       event->sigev_signo <= SIGNO_MAX;
	case SIGEV_THREAD:
		return event->sigev_notify_function != NULL;
	}
	return false;
}

/* Most who are refused need no thread to learn it. */
static bool refused(struct ref_mapping *m, int *error)
{
	struct ref_section s;

	if (!ref_enter(&m->waits, &s)) {
		*error = errno;
		return true;
	}
	*error = taken(m->queue) ? EBUSY : 0;
	ref_leave(&m->waits, &s);
	return *error != 0;
}

static void enlist(struct request *r) PIPC_EXCLUDES(ref_process_lock)
{
	struct ref_process p;

	ref_process_enter(&p);
	ref_mapping_hold(r->m);
	r->next = requests;
	requests = r;
	ref_process_leave(&p);
}

/* Frees the request unless a thread has it. */
static int request(struct request *r)
{
	struct answer a = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
			   false, 0};
	int error;

	if (refused(r->m, &error)) {
		free(r);
		return error;
	}
	r->answer = &a;
	enlist(r);
	error = start(r);
	if (error != 0) {
		drop(r);
		return error;
	}
	pthread_mutex_lock(&a.mutex);
	while (!a.given)
		pthread_cond_wait(&a.came, &a.mutex);
	pthread_mutex_unlock(&a.mutex);
	pthread_cond_destroy(&a.came);
	pthread_mutex_destroy(&a.mutex);
	return a.error;
}

int ref_notify(struct ref_mapping *m, int fd, const struct sigevent *event)
{
	struct ref_process quiet;
	struct request *r;
	int error;

	if (event == NULL) {
		cancel(m, -1);
		return 0;
	}
	if (!well_formed(event)) {
		errno = EINVAL;
		return -1;
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -1;
	*r = (struct request){
	    .m = m, .event = *event, .fd = fd, .pid = getpid()};
	ref_look_for_handlers();
	note_main_thread();
	/* No handler may come into the wait for the thread's answer. */
	ref_quiet_enter(&quiet);
	r->mask = quiet.mask;
	error = request(r);
	ref_quiet_leave(&quiet);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}
