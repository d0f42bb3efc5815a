/* SPDX-License-Identifier: BSD-3-Clause */
/* Time and processes that a command does not get. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "environment.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

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
void freeze(char **argument)
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
void stop(char **argument)
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
void watch(char **argument)
{
	wait_ms(number(argument[0]) * 1000);
	while (signal_below((pid_t)number(argument[1]), SIGKILL) > 0)
		wait_ms(100);
	exit(0);
}

/* pids N: a control group of that many processes and threads. */
void few_processes(char **argument)
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
void stop_cases(char **argument)
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
void hang_up(char **argument)
{
	pid_t pid = start(argument + 1);

	wait_ms(number(argument[0]));
	kill(pid, SIGHUP);
	wait_for(pid);
}

/* busy N: as many processes that only compute. */
void busy(char **argument)
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
