/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of all processes of a case, also of those that left its group.
 *
 * The case's process adopts the orphans among its descendants, and when it ends
 * the runner does: what the runner has then as a child that it did not fork
 * belongs to a case that has ended.  The pipe of records, which descendants
 * inherit, says to which.  Where nobody can adopt, that the pipe is still open
 * says that somebody is left.
 */
#include "job.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif
#ifdef HAVE_SYS_PROCCTL_H
#include <sys/procctl.h>
#endif

#define MOST 256   /* processes that are looked at in one go */
#define EOF_MS 200 /* for processes to be gone that were killed */

bool ct__may_adopt = true;

static const struct job *all;
static unsigned jobs;
static bool adopts;
/* Others' processes may become the runner's children too. */
static bool among_others;

/* Processes that could not be killed, and leaders of such groups. */
static struct {
	pid_t pid;
	bool reaped;
} abandoned[MOST];
static unsigned abandoned_n;

#if defined(PR_SET_CHILD_SUBREAPER)
static bool become_reaper(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 &&
	       ct__process_state(getpid()) != 0;
}

/* Where the kernel does not list children: all processes are asked. */
static unsigned search_children(pid_t *list)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned n = 0;
	long pid;

	while (dir != NULL && n < MOST && (entry = readdir(dir)) != NULL) {
		pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && ct__parent((pid_t)pid) == getpid())
			list[n++] = (pid_t)pid;
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

static unsigned children(pid_t *list)
{
	char path[64], text[8192], *p = text, *end;
	unsigned n = 0;
	long pid;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
		 (long)getpid(), (long)getpid());
	if (!ct__read_file(path, text, sizeof(text)))
		return access(path, F_OK) == 0 ? 0 : search_children(list);
	while (n < MOST && (pid = strtol(p, &end, 10)) > 0) {
		list[n++] = (pid_t)pid;
		p = end;
	}
	return n;
}

/* The job whose pipe a process holds. */
static const struct job *holds_pipe_of(pid_t pid)
{
	char path[300], text[64];
	const struct job *found = NULL;
	struct dirent *entry;
	unsigned long inode;
	ssize_t n;
	unsigned i;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%ld/fd/%s", (long)pid,
			 entry->d_name);
		n = readlink(path, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		if (sscanf(text, "pipe:[%lu]", &inode) != 1)
			continue;
		for (i = 0; i < jobs; i++)
			if (all[i].stage != CT__FREE && all[i].inode == inode)
				found = &all[i];
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* Is an adopted child of this job, as far as anybody can tell? */
static bool is_of(const struct job *j, pid_t pid)
{
	const struct job *holds;
	pid_t group = getpgid(pid);
	unsigned i;

	for (i = 0; i < abandoned_n; i++)
		if (abandoned[i].pid == pid || abandoned[i].pid == group)
			return false;
	for (i = 0; i < jobs; i++)
		if (all[i].stage != CT__FREE &&
		    (all[i].pid == pid ||
		     (all[i].pid == group && &all[i] != j)))
			return false;
	holds = holds_pipe_of(pid);
	return holds == j || (holds == NULL && !among_others);
}

static unsigned orphans(const struct job *j, pid_t *list)
{
	pid_t child[MOST];
	unsigned i, n = 0, found = children(child);

	for (i = 0; i < found; i++)
		if (is_of(j, child[i]))
			list[n++] = child[i];
	return n;
}
#elif defined(PROC_REAP_ACQUIRE) && defined(REAPER_PIDINFO_VALID)
static bool become_reaper(void)
{
	return procctl(P_PID, getpid(), PROC_REAP_ACQUIRE, NULL) == 0 ||
	       errno == EBUSY;
}

/* The system keeps in mind from which child of the reaper each comes. */
static unsigned descend(pid_t subtree, pid_t *list)
{
	static struct procctl_reaper_pidinfo info[MOST];
	struct procctl_reaper_pids pids = {.rp_count = MOST, .rp_pids = info};
	unsigned i, n = 0;

	memset(info, 0, sizeof(info));
	if (procctl(P_PID, getpid(), PROC_REAP_GETPIDS, &pids) != 0)
		return 0;
	for (i = 0; i < MOST && (info[i].pi_flags & REAPER_PIDINFO_VALID); i++)
		if (info[i].pi_pid != subtree &&
		    (subtree == 0 || info[i].pi_subtree == subtree))
			list[n++] = info[i].pi_pid;
	return n;
}

static unsigned children(pid_t *list)
{
	return descend(0, list);
}

static unsigned orphans(const struct job *j, pid_t *list)
{
	return descend(j->pid, list);
}
#else
static bool become_reaper(void)
{
	return false;
}

static unsigned children(pid_t *list)
{
	(void)list;
	return 0;
}

static unsigned orphans(const struct job *j, pid_t *list)
{
	(void)j;
	(void)list;
	return 0;
}
#endif

void ct__adopt(const struct job *list, unsigned n)
{
	pid_t child[MOST];

	all = list;
	jobs = n;
	memset(abandoned, 0, sizeof(abandoned));
	abandoned_n = 0;
	adopts = ct__may_adopt && become_reaper();
	among_others = getpid() == 1 || children(child) != 0;
}

static void reap_abandoned(void)
{
	unsigned i;

	for (i = 0; i < abandoned_n; i++)
		if (!abandoned[i].reaped &&
		    waitpid(abandoned[i].pid, NULL, WNOHANG) != 0)
			abandoned[i].reaped = true;
}

void ct__ignore(pid_t pid)
{
	if (abandoned_n < MOST)
		abandoned[abandoned_n++].pid = pid;
}

/* The same without adoption: true when the pipe has no writer any more. */
static bool pipe_is_closed(struct job *j)
{
	if (j->bound.tv_sec == 0) {
		j->left_unseen = !j->eof;
		j->bound = ct_in_ms(CLOCK_MONOTONIC, ct_patience(EOF_MS));
	}
	if (!j->eof && !ct_reached(CLOCK_MONOTONIC, &j->bound))
		return false;
	j->out_of_reach = !j->eof;
	return true;
}

bool ct__job_end_processes(struct job *j)
{
	unsigned i, n, alive = 0;
	pid_t pid, list[MOST];
	int status;

	reap_abandoned();
	kill(-j->pid, SIGKILL);
	while ((pid = waitpid(-j->pid, &status, WNOHANG)) > 0)
		j->left += WIFSIGNALED(status);
	if (!adopts)
		return pid < 0 && pipe_is_closed(j);
	n = orphans(j, list);
	for (i = 0; i < n; i++) {
		if (waitpid(list[i], &status, WNOHANG) == list[i]) {
			/* One that had ended before was not left. */
			j->left += j->seen_orphans && WIFSIGNALED(status);
		} else {
			kill(list[i], SIGKILL);
			alive++;
		}
	}
	j->seen_orphans = true;
	return pid < 0 && alive == 0;
}

/* In which call, as far as the process has told. */
static const char *call_of(const struct job *j, pid_t pid)
{
	unsigned i;

	for (i = 0; i < j->shared->places && i < CT_PLACES; i++)
		if (j->shared->place[i].pid == pid)
			return j->shared->place[i].what;
	return NULL;
}

static void abandon_one(struct job *j, pid_t pid)
{
	const char *call = call_of(j, pid);
	char state = ct__process_state(pid);

	ct__job_say(j, "could not be killed: process %ld%s%.*s%s%s", (long)pid,
		    state != 0 ? ", state " : "", state != 0, &state,
		    call != NULL ? " in " : "", call != NULL ? call : "");
	ct__ignore(pid);
}

void ct__job_abandon(struct job *j)
{
	pid_t list[MOST];
	unsigned i, n;

	j->abandoned = true;
	if (j->stage == CT__KILLED)
		abandon_one(j, j->pid);
	kill(-j->pid, SIGKILL);
	n = orphans(j, list);
	for (i = 0; i < n; i++) {
		kill(list[i], SIGKILL);
		abandon_one(j, list[i]);
	}
}
