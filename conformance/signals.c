/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals that a case expects. */
#include "run.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>

#define SIGNALS 128

static volatile sig_atomic_t count[SIGNALS];
static siginfo_t last[SIGNALS];

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)context;
	if (signo < 0 || signo >= SIGNALS)
		return;
	last[signo] = *info;
	count[signo] = count[signo] + 1;
	ct__place_signal();
}

static void catch_with(struct ct *t, int signo, int flags)
{
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO | flags};

	sigemptyset(&action.sa_mask);
	CT_SETUP_TRUE(signo < SIGNALS && sigaction(signo, &action, NULL) == 0);
	count[signo] = 0;
}

void ct_catch(struct ct *t, int signo)
{
	catch_with(t, signo, 0);
}

void ct_catch_restarting(struct ct *t, int signo)
{
	catch_with(t, signo, SA_RESTART);
}

void ct_storm(struct ct *t, long microseconds)
{
	struct itimerval often = {{0, microseconds}, {0, microseconds}};

	if (microseconds != 0)
		ct_catch(t, SIGALRM);
	CT_SETUP_TRUE(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

/* How many signals a peer has caught. */
static const int *caught_by(struct ct *t, pid_t pid)
{
	unsigned i;

	for (i = 0; i < t->shared->places && i < CT_PLACES; i++)
		if (t->shared->place[i].pid == pid)
			return &t->shared->place[i].signals;
	ct_unresolved(t, "too many processes");
}

bool ct_sleeps_on(struct ct *t, struct ct_peer *p, int signo, const int *end)
{
	const int *caught = caught_by(t, ct_pid(p));
	int before = __atomic_load_n(caught, __ATOMIC_SEQ_CST);
	struct ct__wait wait = ct__wait(5000);

	CT_SETUP_TRUE(kill(ct_pid(p), signo) == 0);
	if (!ct_await_count(t, caught, before + 1))
		return false;
	/* Now it is on its way: out of the call, or back to sleep in it. */
	while (__atomic_load_n(end, __ATOMIC_SEQ_CST) == -1 &&
	       !ct__wait_is_over(&wait))
		if (ct_still_blocked(t, p))
			break;
	return __atomic_load_n(end, __ATOMIC_SEQ_CST) == -1;
}

int ct_caught(int signo)
{
	return count[signo];
}

siginfo_t ct_caught_info(int signo)
{
	return last[signo];
}

bool ct_await_caught(struct ct *t, int signo, int n)
{
	struct ct__wait wait = ct__wait(2000);
	struct pollfd nothing = {-1, 0, 0};

	(void)t;
	/* The signal ends the poll; the bound covers one that comes before. */
	while (count[signo] < n) {
		if (ct__wait_is_over(&wait))
			return false;
		poll(&nothing, 0, 1);
	}
	return true;
}

bool ct_await_readable(struct ct *t, int fd)
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, ct_patience(5000));
	struct pollfd input = {fd, POLLIN, 0};

	(void)t;
	while (poll(&input, 1, 100) <= 0)
		if (ct_reached(CLOCK_MONOTONIC, &end))
			return false;
	return true;
}

void ct_need_queued(struct ct *t)
{
#ifdef RLIMIT_SIGPENDING
	enum { ENOUGH = 64 };
	struct rlimit limit;

	/* They are those of all processes of the user. */
	if (getrlimit(RLIMIT_SIGPENDING, &limit) == 0 &&
	    limit.rlim_cur < ENOUGH)
		ct_unresolved(t,
			      "a signal may not be queued: "
			      "RLIMIT_SIGPENDING is %llu",
			      (unsigned long long)limit.rlim_cur);
#endif
	(void)t;
}

int ct_rtsig(struct ct *t)
{
	int signo = pipc_limits()->user_signal_min;

	if (signo == 0)
		ct_unsupported(t, "no real-time signals");
	ct_need_queued(t);
	return signo;
}
