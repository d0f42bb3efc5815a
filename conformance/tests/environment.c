/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * environment WHAT [VALUE...] COMMAND [ARGUMENT...]: runs a command in a legal
 * environment that few tools can make.  They can be nested:
 *
 *	environment user 65534 environment limit nproc 6 COMMAND
 *
 * Status 77: this system cannot make that environment.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "environment.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_MQUEUE_H
#include <mqueue.h>
#endif

_Noreturn void cannot(const char *what)
{
	fprintf(stderr, "environment: %s: %s\n", what, strerror(errno));
	exit(77);
}

long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "environment: no number: '%s'\n", text);
		exit(2);
	}
	return n;
}

_Noreturn void run(char **command)
{
	if (command[0] == NULL) {
		fprintf(stderr, "environment: no command\n");
		exit(2);
	}
	execvp(command[0], command);
	perror(command[0]);
	exit(2);
}

static const struct {
	const char *name;
	int number;
} names[] = {
    {"CHLD", SIGCHLD}, {"ALRM", SIGALRM}, {"HUP", SIGHUP},
    {"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"SYS", SIGSYS},
};

/* "all" signals, "rt" for those of real time, or one by its name. */
static int named(const char *word, int signo)
{
	size_t i;

	if (strcmp(word, "all") == 0)
		return 1;
#ifdef SIGRTMIN
	if (strcmp(word, "rt") == 0)
		return signo >= SIGRTMIN;
#endif
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i].name) == 0)
			return signo == names[i].number;
	fprintf(stderr, "environment: no such signal: '%s'\n", word);
	exit(2);
}

/* The highest number of a signal and one more. */
static int signals(void)
{
#ifdef SIGRTMAX
	return SIGRTMAX + 1;
#else
	return 32;
#endif
}

/* block SIGNALS: they are blocked. */
static void block(char **argument)
{
	sigset_t set;
	int signo;

	sigemptyset(&set);
	for (signo = 1; signo < signals(); signo++)
		if (named(argument[0], signo))
			sigaddset(&set, signo);
	sigprocmask(SIG_BLOCK, &set, NULL);
	run(argument + 1);
}

/* ignore SIGNALS: they are ignored. */
static void ignore(char **argument)
{
	int signo;

	for (signo = 1; signo < signals(); signo++)
		if (named(argument[0], signo))
			signal(signo, SIG_IGN);
	run(argument + 1);
}

/* descriptors N: as many more descriptors are open. */
static void descriptors(char **argument)
{
	long n = number(argument[0]);

	while (n-- > 0)
		if (open("/dev/null", O_RDWR) < 0)
			cannot("/dev/null");
	run(argument + 1);
}

static const struct {
	const char *name;
	int limit;
} limits[] = {
    {"as", RLIMIT_AS},
    {"fsize", RLIMIT_FSIZE},
    {"nofile", RLIMIT_NOFILE},
#ifdef RLIMIT_NPROC
    {"nproc", RLIMIT_NPROC},
#endif
#ifdef RLIMIT_MSGQUEUE
    {"msgqueue", RLIMIT_MSGQUEUE},
#endif
#ifdef RLIMIT_SIGPENDING
    {"sigpending", RLIMIT_SIGPENDING},
#endif
};

/* limit NAME N: a resource limit, hard and soft. */
static void limit(char **argument)
{
	struct rlimit l;
	size_t i;

	l.rlim_cur = l.rlim_max = (rlim_t)number(argument[1]);
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (strcmp(limits[i].name, argument[0]) == 0) {
			if (setrlimit(limits[i].limit, &l) != 0)
				cannot(argument[0]);
			run(argument + 2);
		}
	errno = ENOSYS;
	cannot(argument[0]);
}

/* user UID: an ordinary user, with the group of the same number. */
static void user(char **argument)
{
	gid_t group = (gid_t)number(argument[0]);

	if (setgroups(1, &group) != 0 || setgid(group) != 0 ||
	    setuid((uid_t)group) != 0)
		cannot("setuid");
	run(argument + 1);
}

pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		cannot("fork");
	if (pid == 0)
		run(command);
	return pid;
}

_Noreturn void end_as(int status)
{
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

_Noreturn void wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			cannot("waitpid");
	end_as(status);
}

/*
 * hold-queues FREE: another process of the same user has all bytes of message
 * queues that the limit allows, but so many.
 */
static void hold_queues(char **argument)
{
#if defined(HAVE_MQUEUE_H) && defined(RLIMIT_MSGQUEUE)
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 8192};
	rlim_t spare = (rlim_t)number(argument[0]);
	struct rlimit l, less;
	char name[32];
	mqd_t held;
	int n = 0, fd;

	if (getrlimit(RLIMIT_MSGQUEUE, &l) != 0)
		cannot("getrlimit");
	less = l;
	less.rlim_cur = l.rlim_cur > spare ? l.rlim_cur - spare : 0;
	if (l.rlim_cur == RLIM_INFINITY ||
	    setrlimit(RLIMIT_MSGQUEUE, &less) != 0) {
		errno = ERANGE;
		cannot("RLIMIT_MSGQUEUE");
	}
	while (attr.mq_msgsize >= 16) {
		snprintf(name, sizeof(name), "/held%ld.%d", (long)getpid(), n);
		held = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
		if (held != (mqd_t)-1) {
			mq_unlink(name);
			n++;
		} else if (errno != EMFILE) {
			cannot("mq_open");
		} else if (attr.mq_maxmsg > 1) {
			attr.mq_maxmsg = 1;
		} else {
			attr.mq_msgsize /= 2;
		}
	}
	fprintf(stderr, "environment: %d queues held\n", n);
	for (fd = 3; fd < 256; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	setrlimit(RLIMIT_MSGQUEUE, &l);
	wait_for(start(argument + 1));
#else
	(void)argument;
	errno = ENOSYS;
	cannot("message queues");
#endif
}

static const struct {
	const char *name;
	int values;
	void (*make)(char **argument);
} environments[] = {
    {"block", 1, block},
    {"ignore", 1, ignore},
    {"descriptors", 1, descriptors},
    {"limit", 2, limit},
    {"user", 1, user},
    {"hold-queues", 1, hold_queues},
    {"freeze", 2, freeze},
    {"stop", 2, stop},
    {"pids", 1, few_processes},
    {"stop-cases", 2, stop_cases},
    {"hang-up", 1, hang_up},
    {"busy", 1, busy},
    {"watch", 1, watch},
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(environments) / sizeof(environments[0]); i++)
		if (argc > 2 + environments[i].values &&
		    strcmp(argv[1], environments[i].name) == 0)
			environments[i].make(argv + 2);
	fprintf(stderr, "usage: environment WHAT [VALUE...] COMMAND...\n");
	return 2;
}
