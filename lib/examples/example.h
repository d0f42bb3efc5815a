/* SPDX-License-Identifier: BSD-3-Clause */
/* What the examples share: checking a status, and starting a partner. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <pipc.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends the program unless the call succeeded; 77: not on this system. */
#define MUST(call) must((call), #call)
static inline void must(pipc_status status, const char *call)
{
	if (status == PIPC_OK)
		return;
	fprintf(stderr, "%s: %s (%s)\n", call, pipc_status_name(status),
		strerror(errno));
	exit(status == PIPC_UNSUPPORTED_ERROR ? 77 : 1);
}

/* The same for a condition of our own. */
#define HOLDS(cond) holds((cond), #cond)
static inline void holds(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	exit(1);
}

/* First thing in main(): whole lines, and an end even if the partner dies. */
static inline void begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(60);
}

/* Runs a function in a forked process: handles stay usable there. */
static inline pid_t start_partner(void (*run)(void))
{
	pid_t pid = fork();

	HOLDS(pid >= 0);
	if (pid == 0) {
		alarm(60); /* not inherited */
		run();
		exit(0);
	}
	return pid;
}

static inline void join_partner(pid_t pid)
{
	int status;

	HOLDS(waitpid(pid, &status, 0) == pid);
	HOLDS(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A new shared memory segment of this size, mapped; its name is gone at once.
 */
static inline void *new_shared(size_t size)
{
	pipc_shm *shm;
	void *p;

	MUST(pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, size, false));
	printf("shared memory %s\n", pipc_shm_name(shm));
	MUST(pipc_shm_unlink(shm));
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		 pipc_shm_fd(shm), 0);
	HOLDS(p != MAP_FAILED);
	/* A mapping needs neither its descriptor nor its handle. */
	MUST(pipc_shm_close_fd(shm));
	pipc_shm_free(shm);
	return p;
}

/* A new semaphore; its name is gone at once, so that nothing stays behind. */
static inline pipc_sem *new_semaphore(unsigned value)
{
	pipc_sem *sem;

	MUST(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, value));
	printf("semaphore %s\n", pipc_sem_name(sem));
	MUST(pipc_sem_unlink(sem));
	return sem;
}

static inline void discard_semaphore(pipc_sem *sem)
{
	MUST(pipc_sem_close(sem));
	pipc_sem_free(sem);
}
#endif
