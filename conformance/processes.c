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

static bool is_known(const struct job *j, pid_t pid)
{
	unsigned i;

	for (i = 0; i < j->orphans && i < CT_JOB_ORPHANS; i++)
		if (j->orphan[i] == pid)
			return true;
	return false;
}

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

/* While a child ends the kernel's list may lack others: once more then. */
static bool read_children(const char *path, char *text, size_t size)
{
	char before[8192];
	int tries;
	bool any;

	text[0] = '\0';
	for (tries = 0; tries < 20; tries++) {
		memcpy(before, text, strlen(text) + 1);
		any = ct__read_file(path, text, size);
		if (!any)
			text[0] = '\0';
		if (tries != 0 && strcmp(before, text) == 0)
			break;
	}
	return any;
}

static unsigned children(pid_t *list)
{
	char path[64], text[8192], *p = text, *end;
	unsigned n = 0;
	long pid;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
		 (long)getpid(), (long)getpid());
	if (!read_children(path, text, sizeof(text)))
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

/* The inode that is mapped at an address; at NULL, any of the jobs' pages. */
static unsigned long mapped(pid_t pid, const void *page)
{
	unsigned long from, to, inode, found = 0;
	char path[64], line[512], shared;
	unsigned i;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/maps", (long)pid);
	f = fopen(path, "r");
	while (f != NULL && found == 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %*3c%c %*x %*s %lu", &from, &to,
			   &shared, &inode) != 4 ||
		    shared != 's')
			continue;
		if (page != NULL && from <= (unsigned long)page &&
		    (unsigned long)page < to)
			found = inode;
		for (i = 0; page == NULL && i < jobs; i++)
			if (all[i].page == inode)
				found = inode;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

/*
 * The job that a process comes from: its pipe is inherited, and until an exec
 * also the page that it shares with the runner.
 */
static const struct job *origin(pid_t pid)
{
	const struct job *j = holds_pipe_of(pid);
	unsigned long page;
	unsigned i;

	if (j != NULL || (page = mapped(pid, NULL)) == 0)
		return j;
	for (i = 0; i < jobs; i++)
		if (all[i].page == page)
			return &all[i];
	return NULL;
}

/* Is an adopted child of this job, as far as anybody can tell? */
static bool is_of(const struct job *j, pid_t pid)
{
	const struct job *from;
	pid_t group = getpgid(pid);
	unsigned i;

	for (i = 0; i < abandoned_n; i++)
		if (abandoned[i].pid == pid || abandoned[i].pid == group)
			return false;
	for (i = 0; i < jobs; i++)
		if (all[i].stage != CT__FREE &&
		    (all[i].pid == pid || all[i].pid == group ||
		     (&all[i] != j && is_known(&all[i], pid))))
			return false;
	if (is_known(j, pid) || ct__process_state(pid) == 'Z')
		return true;
	from = origin(pid);
	return from == j || (from == NULL && !among_others);
}

static void find_pages(struct job *list, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		list[i].page = mapped(getpid(), list[i].shared);
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

static void find_pages(struct job *list, unsigned n)
{
	(void)list;
	(void)n;
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

static void find_pages(struct job *list, unsigned n)
{
	(void)list;
	(void)n;
}
#endif

void ct__adopt(struct job *list, unsigned n)
{
	pid_t child[MOST];

	all = list;
	jobs = n;
	memset(abandoned, 0, sizeof(abandoned));
	abandoned_n = 0;
	find_pages(list, n);
	adopts = ct__may_adopt && become_reaper();
	among_others = getpid() == 1 || children(child) != 0;
}

/* In the process of a case: its own page alone tells what it comes from. */
void ct__unmap_others(const struct job *j)
{
	unsigned i;

	for (i = 0; i < jobs; i++)
		if (&all[i] != j)
			munmap(all[i].shared, sizeof(struct ct__shared));
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

/* True when no process can write records any more, or one cannot be found. */
static bool pipe_is_closed(struct job *j)
{
	if (j->eof)
		return true;
	if (j->eof_bound.tv_sec == 0) {
		j->left_unseen = !adopts;
		j->eof_bound = ct_in_ms(CLOCK_MONOTONIC, ct_patience(EOF_MS));
	}
	if (!ct_reached(CLOCK_MONOTONIC, &j->eof_bound))
		return false;
	j->out_of_reach = true;
	return true;
}

/* One that had ended before it was seen was not left. */
static bool end_orphan(struct job *j, pid_t pid)
{
	if (waitpid(pid, NULL, WNOHANG) == pid)
		return true;
	if (!is_known(j, pid)) {
		j->orphan[j->orphans++ % CT_JOB_ORPHANS] = pid;
		j->left++;
	}
	kill(pid, SIGKILL);
	return false;
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
	/* Until there is none: the end of one makes orphans of its own. */
	while (alive == 0 && (n = orphans(j, list)) != 0)
		for (i = 0; i < n; i++)
			alive += !end_orphan(j, list[i]);
	return pid < 0 && alive == 0 && pipe_is_closed(j);
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
