/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls that install handlers of signals: the first that does has the
 * library block signals while it holds a lock.  They do nothing else.
 */
#include "next.h"

typedef void (*handler)(int signo);
typedef handler (*installer)(int signo, handler f);
typedef int (*setter)(int signo, const struct sigaction *action,
		      struct sigaction *before);

/* What a program that is static as a whole has instead of the next one. */
extern int __sigaction(int signo, const struct sigaction *action,
		       struct sigaction *before) __attribute__((weak));

static void noted(handler f)
{
	if (f != SIG_DFL && f != SIG_IGN && f != SIG_ERR)
		ref_handlers = true;
}

int sigaction(int signo, const struct sigaction *action,
	      struct sigaction *before)
{
	static struct found found = {"sigaction"};
	setter next = (setter)next_of(&found);

	if (next == NULL)
		next = __sigaction;
	if (next == NULL) {
		errno = ENOSYS;
		return -1;
	}
	/* Before it can run.  The handler is in one place with SA_SIGINFO. */
	if (action != NULL)
		noted(action->sa_handler);
	return next(signo, action, before);
}

static handler install(struct found *found, int signo, handler f)
{
	installer next = (installer)next_of(found);
	struct sigaction action = {.sa_handler = f, .sa_flags = SA_RESTART};
	struct sigaction before;

	noted(f);
	sigemptyset(&action.sa_mask);
	if (next != NULL)
		before.sa_handler = next(signo, f);
	else if (sigaction(signo, &action, &before) != 0)
		before.sa_handler = SIG_ERR;
	return before.sa_handler;
}

#define INSTALLS(name)                                                         \
	handler name(int signo, handler f);                                    \
	handler name(int signo, handler f)                                     \
	{                                                                      \
		static struct found found = {#name};                           \
                                                                               \
		return install(&found, signo, f);                              \
	}
INSTALLS(signal)
#ifdef __GLIBC__
INSTALLS(bsd_signal)
INSTALLS(sysv_signal)
INSTALLS(__sysv_signal)
INSTALLS(sigset)
#endif
