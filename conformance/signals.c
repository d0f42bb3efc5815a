/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals that a case expects. */
#include "run.h"

#include <poll.h>

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
}

void ct_catch(struct ct *t, int signo)
{
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO};

	sigemptyset(&action.sa_mask);
	CT_SETUP_TRUE(signo < SIGNALS && sigaction(signo, &action, NULL) == 0);
	count[signo] = 0;
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
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, ct_patience(2000));
	struct pollfd nothing = {-1, 0, 0};

	(void)t;
	/* The signal ends the poll; the bound covers one that comes before. */
	while (count[signo] < n) {
		if (ct_reached(CLOCK_MONOTONIC, &end))
			return false;
		poll(&nothing, 0, 1);
	}
	return true;
}

int ct_rtsig(struct ct *t)
{
	int signo = pipc_limits()->user_signal_min;

	if (signo == 0)
		ct_unsupported(t, "no real-time signals");
	return signo;
}
