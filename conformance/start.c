/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a process inherits and the cases must not see: dispositions and the mask
 * of signals, the umask, descriptors.  Limits stay: they are the user's.
 */
#include "start.h"

#include "descriptors.h"
#include "options.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNALS 128 /* more than any system has */
#define NAMED 4	    /* more signals than that are counted */

static char changes[600];
static bool ignored[SIGNALS];

static const struct {
	int number;
	const char *name;
	bool of_terminal;
} names[] = {
    {SIGHUP, "SIGHUP", true},	 {SIGINT, "SIGINT", true},
    {SIGQUIT, "SIGQUIT", true},	 {SIGTSTP, "SIGTSTP", true},
    {SIGTTIN, "SIGTTIN", true},	 {SIGTTOU, "SIGTTOU", true},
    {SIGILL, "SIGILL", false},	 {SIGTRAP, "SIGTRAP", false},
    {SIGABRT, "SIGABRT", false}, {SIGBUS, "SIGBUS", false},
    {SIGFPE, "SIGFPE", false},	 {SIGUSR1, "SIGUSR1", false},
    {SIGSEGV, "SIGSEGV", false}, {SIGUSR2, "SIGUSR2", false},
    {SIGPIPE, "SIGPIPE", false}, {SIGALRM, "SIGALRM", false},
    {SIGTERM, "SIGTERM", false}, {SIGCHLD, "SIGCHLD", false},
    {SIGCONT, "SIGCONT", false}, {SIGURG, "SIGURG", false},
    {SIGSYS, "SIGSYS", false},
};
#define NAMES (sizeof(names) / sizeof(names[0]))

static void changed(const char *text)
{
	size_t n = strlen(changes);

	snprintf(changes + n, sizeof(changes) - n, "%s%s",
		 n == 0 ? "reset at start: " : "; ", text);
}

static size_t name_of(int signo)
{
	size_t i = 0;

	while (i < NAMES && names[i].number != signo)
		i++;
	return i;
}

/* "SIGCHLD was ignored", "SIGUSR1, signal 34 were blocked". */
static void signals_changed(const bool *which, const char *how)
{
	char text[200] = "", one[20];
	unsigned n = 0;
	int signo;
	size_t i;

	for (signo = 1; signo < SIGNALS; signo++) {
		if (!which[signo] || ++n > NAMED)
			continue;
		i = name_of(signo);
		snprintf(one, sizeof(one), "signal %d", signo);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", n > 1 ? ", " : "",
			 i < NAMES ? names[i].name : one);
	}
	if (n == 0)
		return;
	if (n > NAMED)
		snprintf(text, sizeof(text), "%u signals", n);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s %s",
		 n == 1 ? "was" : "were", how);
	changed(text);
}

static void reset_dispositions(void)
{
	struct sigaction action;
	bool reset[SIGNALS] = {false};
	int signo;
	size_t i;

	for (signo = 1; signo < SIGNALS; signo++) {
		if (signo == SIGKILL || signo == SIGSTOP ||
		    sigaction(signo, NULL, &action) != 0 ||
		    action.sa_handler != SIG_IGN)
			continue;
		i = name_of(signo);
		if (i < NAMES && names[i].of_terminal)
			ignored[signo] = true;
		else if (signal(signo, SIG_DFL) != SIG_ERR)
			reset[signo] = true;
	}
	signals_changed(reset, "ignored");
	signals_changed(ignored, "ignored (what is tested has the default)");
}

static void unblock(void)
{
	bool blocked[SIGNALS] = {false};
	sigset_t none, mask;
	int signo;

	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, &mask) != 0)
		return;
	for (signo = 1; signo < SIGNALS; signo++)
		blocked[signo] = sigismember(&mask, signo) == 1;
	signals_changed(blocked, "blocked");
}

/* What the owner of an object cannot use says nothing of the system. */
static void reset_umask(void)
{
	mode_t mask = umask(0);
	char text[40];

	umask(mask & 077);
	if ((mask & 0700) == 0)
		return;
	snprintf(text, sizeof(text), "umask was %04o", (unsigned)mask);
	changed(text);
}

/* Does a text name this descriptor, as /dev/fd/N does? */
static bool names_descriptor(const char *text, int fd)
{
	const char *p;
	char *end;

	for (p = text; (p = strstr(p, "/fd/")) != NULL; p += 4)
		if (strtol(p + 4, &end, 10) == fd && end != p + 4)
			return true;
	return false;
}

/* An argument or a PIPC_ variable may name a descriptor that is to stay. */
static bool is_needed(int fd, char **argv)
{
	extern char **environ;
	char **p;

	for (p = argv; *p != NULL; p++)
		if (names_descriptor(*p, fd))
			return true;
	for (p = environ; p != NULL && *p != NULL; p++)
		if (strncmp(*p, "PIPC_", 5) == 0 && names_descriptor(*p, fd))
			return true;
	return false;
}

/*
 * An inherited descriptor does not close at exec, or it would have been closed:
 * one that does belongs to a library that has been loaded before.
 */
static void close_inherited(char **argv)
{
	struct ct_descriptors list;
	unsigned i, n = 0;
	char text[60];
	int fd;

	ct_descriptors_list(&list);
	for (i = 0; i < list.n; i++) {
		fd = list.fd[i];
		if (fd <= 2)
			continue;
		if (fcntl(fd, F_GETFD) != 0)
			ct_descriptors_keep(fd);
		else if (is_needed(fd, argv))
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		else if (close(fd) == 0)
			n++;
	}
	ct_descriptors_free(&list);
	if (n == 0)
		return;
	snprintf(text, sizeof(text), "%u descriptor%s %s open", n,
		 n == 1 ? "" : "s", n == 1 ? "was" : "were");
	changed(text);
}

/* The one setting that everything depends on. */
static bool multiplier_is_good(const char *program)
{
	const char *text = getenv("PIPC_TIMEOUT_MULTIPLIER"), *slash;
	unsigned long long n;

	if (text == NULL || *text == '\0' ||
	    (ct_number(text, 1000, &n) && n >= 1))
		return true;
	slash = strrchr(program, '/');
	fprintf(stderr,
		"%s: PIPC_TIMEOUT_MULTIPLIER is not a number from 1 to 1000: "
		"'%s'\n",
		slash != NULL ? slash + 1 : program, text);
	return false;
}

bool ct_start(int argc, char **argv)
{
	/* This program again, after exec by a case: what it has is tested. */
	if (argc > 1 && strcmp(argv[1], "--program") == 0)
		return true;
	changes[0] = '\0';
	reset_dispositions();
	unblock();
	reset_umask();
	close_inherited(argv);
	if (changes[0] != '\0')
		strcat(changes, "\n");
	return multiplier_is_good(argc > 0 ? argv[0] : "pipc");
}

const char *ct_start_changes(void)
{
	return changes;
}

bool ct_start_ignores(int signo)
{
	return signo > 0 && signo < SIGNALS && ignored[signo];
}

void ct_start_defaults(void)
{
	sigset_t none;
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (ignored[names[i].number])
			signal(names[i].number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
