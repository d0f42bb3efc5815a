/* SPDX-License-Identifier: BSD-3-Clause */
/* What the cases of semaphores share. */
#ifndef SEM_H
#define SEM_H

#include "ct.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Opens through the table, or ends the case; the line told is the case's. */
#define SEM_OPEN(sem, ...)                                                     \
	CT_MUST(CT__TRUE("sem_open(" #__VA_ARGS__ ")",                         \
			 ((sem) = t->os->sem_open(__VA_ARGS__)) != SEM_FAILED, \
			 CT__CALL_))
#define SEM_CLOSE(sem) CT_OK(t->os->sem_close(sem) == 0)
#define SEM_POST(sem) CT_OK(t->os->sem_post(sem) == 0)
#define SEM_WAIT(sem) CT_OK(t->os->sem_wait(sem) == 0)

/* A CLOCK_REALTIME time that no case gets to. */
static inline struct timespec sem_far(void)
{
	return ct_in_ms(CLOCK_REALTIME, 60000);
}

/* The largest value as the system says, or the case ends. */
static inline unsigned sem_value_max(struct ct *t)
{
	long max = pipc_limits()->semaphore_value_max;

	if (max <= 0 || (unsigned long)max > INT_MAX)
		ct_unsupported(t, "no int holds the largest value");
	return (unsigned)max;
}

/*
 * Late by how much is the system's: a wait of ms is in time when it took, with
 * the settle time before it, not far more than both.  Cases ask that most of
 * several tries are, which load alone does not prevent.
 */
static inline bool sem_in_time(const struct timespec *before_settling, long ms)
{
	return ct_ms_since(CLOCK_MONOTONIC, before_settling) < ms + 20 + 200;
}

/*
 * Where a name is seen in the file system, which POSIX leaves open: looked for
 * at the places that systems are known to use.
 */
static inline bool sem_path(const char *name, char *path)
{
	static const char *const places[] = {
	    "/dev/shm/sem.%s",	  "/dev/shm/%s",   "/tmp/SEMD%s",
	    "/tmp/.SEMD%s",	  "/tmp/%s.sem",   "/dev/sem/%s",
	    "/dev/shm/pipc.s.%s", "/tmp/pipc.s.%s"};
	struct stat st;
	unsigned i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *rest = strchr(places[i], '%');

		sprintf(path, "%.*s%s%s", (int)(rest - places[i]), places[i],
			name + 1, rest + 2);
		if (stat(path, &st) == 0)
			return true;
	}
	return false;
}

/* The directory of names, or the case ends. */
static inline void sem_directory(struct ct *t, char *dir)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name);

	t->os->sem_close(sem);
	if (!sem_path(name, dir))
		ct_unsupported(t, "names are not seen in the file system");
	*strrchr(dir, '/') = '\0';
}

#endif
