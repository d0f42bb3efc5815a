/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signal handlers and locks.
 *
 * A handler may use the object that its thread was at work on, may take its
 * time, and may never return.  So no handler runs while a thread has a lock.
 * Blocking signals costs two system calls, several times what the rest of a
 * call costs: it is done only where the program has handlers at all.
 * libpipc-posix sees each that is installed.  For libpipc they are looked for
 * when a queue is opened or asked for notification, and now and then later.
 */
#include "ref.h"

/* The kernel sends these for what the thread itself does: never blocked. */
static const int own_faults[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
#ifdef SIGSYS
    SIGSYS,
#endif
};

_Atomic bool ref_handlers;

void ref_block_signals(sigset_t *before)
{
	sigset_t set;
	size_t i;

	sigfillset(&set);
	for (i = 0; i < sizeof(own_faults) / sizeof(own_faults[0]); i++)
		sigdelset(&set, own_faults[i]);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

void ref_look_for_handlers(void)
{
	struct sigaction action;
	int signo, error = errno;

	if (ref_handlers)
		return;
	for (signo = 1; signo < NSIG; signo++)
		if (sigaction(signo, NULL, &action) == 0 &&
		    action.sa_handler != SIG_DFL &&
		    action.sa_handler != SIG_IGN) {
			ref_handlers = true;
			break;
		}
	errno = error;
}
