/* SPDX-License-Identifier: BSD-3-Clause */
/* What all processes of a case do, as the system tells. */
#include "run.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 256 /* processes of one case */

struct walk {
	struct ct__activity *a;
	const struct ct__shared *shared;
	pid_t seen[MOST];
	unsigned n;
};

/* The fields of /proc/PID/stat behind the name. */
struct stat_line {
	char state;
	int parent;
	unsigned long user, system; /* in ticks */
	long children_user, children_system;
};

static bool read_stat(pid_t pid, struct stat_line *line)
{
	char path[64], text[1024];
	const char *p;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (!ct__read_file(path, text, sizeof(text)) ||
	    (p = strrchr(text, ')')) == NULL)
		return false;
	*line = (struct stat_line){0};
	sscanf(p + 1,
	       " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
	       &line->state, &line->parent, &line->user, &line->system,
	       &line->children_user, &line->children_system);
	return line->state != 0;
}

pid_t ct__parent(pid_t pid)
{
	struct stat_line line;

	return read_stat(pid, &line) ? (pid_t)line.parent : 0;
}

/* A peer that its case has stopped is not stopped by somebody else. */
static bool stopped_by_case(const struct walk *w, pid_t pid)
{
	unsigned i;

	for (i = 0; w->shared && i < w->shared->places && i < CT_PLACES; i++)
		if (w->shared->place[i].pid == pid)
			return w->shared->place[i].stopped;
	return false;
}

static void walk(struct walk *w, pid_t pid);

static void walk_children(struct walk *w, pid_t pid, long thread)
{
	char path[64], text[4096], *p = text, *end;
	long child;

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)pid,
		 thread);
	if (!ct__read_file(path, text, sizeof(text)))
		return; /* or the system does not list them */
	while ((child = strtol(p, &end, 10)) > 0) {
		walk(w, (pid_t)child);
		p = end;
	}
}

static void walk_threads(struct walk *w, pid_t pid)
{
	char path[64];
	struct dirent *entry;
	long thread, one;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%ld/task", (long)pid);
	tasks = opendir(path);
	while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
		thread = strtol(entry->d_name, NULL, 10);
		if (thread <= 0)
			continue;
		one = ct__switches(pid, thread);
		if (one < 0 || w->a->mark < 0)
			w->a->mark = -1;
		else
			w->a->mark += one;
		if (one < 0 && ct__thread_state(pid, thread) != 'D')
			w->a->runs = true;
		walk_children(w, pid, thread);
	}
	if (tasks != NULL)
		closedir(tasks);
}

static void walk(struct walk *w, pid_t pid)
{
	static long ticks;
	struct stat_line line;
	unsigned i;

	for (i = 0; i < w->n; i++)
		if (w->seen[i] == pid)
			return;
	if (w->n == MOST || !read_stat(pid, &line))
		return; /* it has ended, or nobody tells */
	w->seen[w->n++] = pid;
	if (ticks <= 0 && (ticks = sysconf(_SC_CLK_TCK)) <= 0)
		ticks = 100;
	w->a->told = true;
	w->a->cpu_ms +=
	    (long)((line.user + line.system) * 1000 / ticks) +
	    (line.children_user + line.children_system) * 1000 / ticks;
	if ((line.state == 'T' || line.state == 't') &&
	    !stopped_by_case(w, pid))
		w->a->stopped = true;
	walk_threads(w, pid);
}

void ct__look(const struct ct__shared *shared, pid_t pid,
	      struct ct__activity *a)
{
	struct walk w = {.a = a, .shared = shared};
	unsigned i;

	*a = (struct ct__activity){0};
	walk(&w, pid);
	/* Where the system does not list children. */
	for (i = 0; shared && i < shared->places && i < CT_PLACES; i++)
		walk(&w, shared->place[i].pid);
}

/*
 * How often all threads of a process were switched, and its children, for it
 * may wait for what they do; -1 when one is running.
 */
long ct__idle_mark(pid_t pid)
{
	struct ct__activity a;

	ct__look(NULL, pid, &a);
	return a.mark;
}
