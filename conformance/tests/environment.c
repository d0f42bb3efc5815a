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

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_MQUEUE_H
#include <mqueue.h>
#endif
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

static _Noreturn void cannot(const char *what)
{
	fprintf(stderr, "environment: %s: %s\n", what, strerror(errno));
	exit(77);
}

static long number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "environment: no number: '%s'\n", text);
		exit(2);
	}
	return n;
}

static _Noreturn void run(char **command)
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

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		cannot("fork");
	if (pid == 0)
		run(command);
	return pid;
}

static _Noreturn void end_as(int status)
{
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static _Noreturn void wait_for(pid_t pid)
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

/* From /proc; -1 where it does not say. */
static long parent_of(long pid)
{
	char path[64], text[512] = "", *p;
	long parent = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return -1;
	if (fgets(text, sizeof(text), f) != NULL &&
	    (p = strrchr(text, ')')) != NULL)
		sscanf(p + 1, " %*c %ld", &parent);
	fclose(f);
	return parent;
}

static int descends(long pid, long from)
{
	while (pid > 1 && pid != from)
		pid = parent_of(pid);
	return pid == from;
}

/* Sends a signal to all that descend from a process, but this one; how many. */
static int signal_below(pid_t from, int signo)
{
	struct dirent *entry;
	DIR *all = opendir("/proc");
	int n = 0;
	long pid;

	if (all == NULL)
		cannot("/proc");
	while ((entry = readdir(all)) != NULL) {
		pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && pid != from && pid != getpid() &&
		    descends(pid, from))
			n += kill((pid_t)pid, signo) == 0;
	}
	closedir(all);
	return n;
}

static void wait_ms(long ms)
{
	poll(NULL, 0, (int)ms);
}

/* Writes a line to a file of a control group. */
static int control(const char *group, const char *file, const char *line)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	f = fopen(path, "w");
	if (f == NULL)
		return -1;
	fputs(line, f);
	return fclose(f);
}

/*
 * A new control group below a mounted hierarchy, whichever there is; 0 when it
 * has the file that is asked for.
 */
static int new_group(char *group, size_t size, const char *const *below,
		     const char *file)
{
	char path[256];

	for (; *below != NULL; below++) {
		snprintf(group, size, "%s/environment%ld", *below,
			 (long)getpid());
		if (mkdir(group, 0755) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", group, file);
		if (access(path, W_OK) == 0)
			return 0;
		rmdir(group);
	}
	return -1;
}

static pid_t start_in(const char *group, char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		cannot("fork");
	if (pid == 0) {
		if (control(group, "cgroup.procs", "0\n") != 0)
			cannot(group);
		run(command);
	}
	return pid;
}

/* Ends with the command's status and without the group. */
static _Noreturn void end_group(const char *group, pid_t pid)
{
	int status, tries;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	for (tries = 0; tries < 100 && rmdir(group) != 0; tries++)
		wait_ms(10);
	end_as(status);
}

static const char *const v2[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
				 NULL};
static const char *const freezers[] = {"/sys/fs/cgroup/freezer", NULL};
static const char *const pids[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
				   "/sys/fs/cgroup/pids", NULL};

/*
 * freeze AFTER MS: the command and all its processes stand still for a time, by
 * the freezer of control groups.
 */
static void freeze(char **argument)
{
	const char *file = "cgroup.freeze", *on = "1\n", *off = "0\n";
	char group[200];
	pid_t pid;

	if (new_group(group, sizeof(group), v2, file) != 0) {
		file = "freezer.state";
		on = "FROZEN\n";
		off = "THAWED\n";
		if (new_group(group, sizeof(group), freezers, file) != 0)
			cannot("control groups");
	}
	pid = start_in(group, argument + 2);
	wait_ms(number(argument[0]));
	if (control(group, file, on) != 0)
		cannot(file);
	wait_ms(number(argument[1]));
	control(group, file, off);
	end_group(group, pid);
}

/* stop AFTER MS: the same by SIGSTOP and SIGCONT for each process. */
static void stop(char **argument)
{
	pid_t pid = start(argument + 2);
	int before = -1, n;

	wait_ms(number(argument[0]));
	/* Until no new process appears: they are all stopped then. */
	while ((n = signal_below(getpid(), SIGSTOP)) != before)
		before = n;
	wait_ms(number(argument[1]));
	signal_below(getpid(), SIGCONT);
	wait_for(pid);
}

/* watch SECONDS PID: then all that descend from that process are killed. */
static void watch(char **argument)
{
	wait_ms(number(argument[0]) * 1000);
	while (signal_below((pid_t)number(argument[1]), SIGKILL) > 0)
		wait_ms(100);
	exit(0);
}

/* pids N: a control group of that many processes and threads. */
static void few_processes(char **argument)
{
	char group[200], line[32];

	if (new_group(group, sizeof(group), pids, "pids.max") != 0)
		cannot("control groups");
	snprintf(line, sizeof(line), "%s\n", argument[0]);
	if (control(group, "pids.max", line) != 0)
		cannot("pids.max");
	end_group(group, start_in(group, argument + 1));
}

/*
 * stop-cases EVERY MS: each EVERY ms one child of the command is stopped for
 * MS, as a person does who looks at a process.
 */
static void stop_cases(char **argument)
{
	pid_t pid = start(argument + 2);
	struct dirent *entry;
	int status;
	long child;
	DIR *all;

	for (;;) {
		wait_ms(number(argument[0]));
		if (waitpid(pid, &status, WNOHANG) == pid)
			end_as(status);
		all = opendir("/proc");
		if (all == NULL)
			cannot("/proc");
		child = 0;
		while ((entry = readdir(all)) != NULL && child == 0) {
			child = strtol(entry->d_name, NULL, 10);
			if (child <= 0 || parent_of(child) != pid)
				child = 0;
		}
		closedir(all);
		if (child == 0 || kill((pid_t)child, SIGSTOP) != 0)
			continue;
		fprintf(stderr, "environment: %ld stopped\n", child);
		wait_ms(number(argument[1]));
		kill((pid_t)child, SIGCONT);
	}
}

/* hang-up AFTER: the terminal is closed after so many milliseconds. */
static void hang_up(char **argument)
{
	pid_t pid = start(argument + 1);

	wait_ms(number(argument[0]));
	kill(pid, SIGHUP);
	wait_for(pid);
}

/* busy N: as many processes that only compute. */
static void busy(char **argument)
{
	volatile unsigned long counter = 0;
	long n = number(argument[0]), i;
	pid_t pid[65];
	int status;

	if (n > 64)
		n = 64;
	for (i = 0; i < n; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
#ifdef PR_SET_PDEATHSIG
			prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
			for (;;)
				counter++;
		}
	}
	pid[n] = start(argument + 1);
	while (waitpid(pid[n], &status, 0) < 0 && errno == EINTR)
		;
	for (i = 0; i < n; i++)
		kill(pid[i], SIGKILL);
	end_as(status);
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
