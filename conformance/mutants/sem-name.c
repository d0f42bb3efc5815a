/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in what names and handles refer to, and in giving them up. */
#include "mutant.h"

#include <errno.h>
#include <string.h>

static int fails(int error)
{
	errno = error;
	return -1;
}

static int unlink_nothing(const char *name)
{
	(void)name;
	return 0;
}
CT_MUTANT(sem_unlink_nothing, .breaks = "SEM-092 SEM-096 SEM-098",
	  .text = "sem_unlink does nothing", .os.sem_unlink = unlink_nothing);

static int unlink_absent_fine(const char *name)
{
	ct_base->sem_unlink(name);
	return 0;
}
CT_MUTANT(sem_unlink_absent_fine, .breaks = "SEM-096 SEM-104",
	  .text = "an absent name is unlinked with success",
	  .os.sem_unlink = unlink_absent_fine);

static int unlink_einval(const char *name)
{
	int result = ct_base->sem_unlink(name);

	return result != 0 && errno == ENOENT ? fails(EINVAL) : result;
}
CT_MUTANT(sem_unlink_einval, .breaks = "SEM-096",
	  .text = "an absent name is EINVAL", .os.sem_unlink = unlink_einval);

/* The semaphores that this process has open, by name. */
static struct {
	char name[32];
	sem_t *sem;
	pid_t pid;
} table[64];
static unsigned entries;

static void remember(const char *name, sem_t *sem)
{
	if (sem == SEM_FAILED || strlen(name) >= sizeof(table[0].name))
		return;
	strcpy(table[entries % 64].name, name);
	table[entries % 64].pid = getpid();
	table[entries++ % 64].sem = sem;
}

static sem_t *remembered(const char *name)
{
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem != NULL && strcmp(table[i].name, name) == 0)
			return table[i].sem;
	return NULL;
}

static void forget(sem_t *sem)
{
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem == sem)
			table[i].sem = NULL;
}

static sem_t *open_remembers(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	remember(name, sem);
	return sem;
}

static int close_forgets(sem_t *sem)
{
	forget(sem);
	return ct_base->sem_close(sem);
}

static int unlink_drains(const char *name)
{
	sem_t *sem = remembered(name);

	while (sem != NULL && ct_base->sem_trywait(sem) == 0)
		;
	return ct_base->sem_unlink(name);
}
CT_MUTANT(sem_unlink_drains, .breaks = "SEM-094",
	  .text = "sem_unlink sets the value to zero",
	  .os.sem_open = open_remembers, .os.sem_close = close_forgets,
	  .os.sem_unlink = unlink_drains);

static int unlink_wakes(const char *name)
{
	sem_t *sem = remembered(name);

	if (sem != NULL)
		ct_base->sem_post(sem);
	return ct_base->sem_unlink(name);
}
CT_MUTANT(sem_unlink_wakes, .breaks = "SEM-094 SEM-095",
	  .text = "sem_unlink wakes a waiter", .os.sem_open = open_remembers,
	  .os.sem_close = close_forgets, .os.sem_unlink = unlink_wakes);

static int unlink_busy(const char *name)
{
	return remembered(name) != NULL ? fails(EBUSY)
					: ct_base->sem_unlink(name);
}
CT_MUTANT(sem_unlink_busy, .breaks = "SEM-093 SEM-094 SEM-095 SEM-098 SEM-099",
	  .text = "a name in use is EBUSY", .os.sem_open = open_remembers,
	  .os.sem_close = close_forgets, .os.sem_unlink = unlink_busy);

/* A semaphore that is held is one that nobody posts while this looks. */
static int unlink_waits(const char *name)
{
	sem_t *sem = remembered(name);
	int result = ct_base->sem_unlink(name);

	if (result == 0 && sem != NULL)
		ct_base->sem_wait(sem);
	return result;
}
CT_MUTANT(sem_unlink_waits, .breaks = "SEM-093",
	  .text = "sem_unlink waits for the users",
	  .os.sem_open = open_remembers, .os.sem_close = close_forgets,
	  .os.sem_unlink = unlink_waits);

/* As in early FreeBSD: opening looks through the process's own list first. */
static sem_t *open_cached(const char *name, int flags, mode_t mode,
			  unsigned value)
{
	sem_t *sem = (flags & O_EXCL) ? NULL : remembered(name);

	if (sem != NULL)
		return sem;
	sem = ct_base->sem_open(name, flags, mode, value);
	remember(name, sem);
	return sem;
}
CT_MUTANT(sem_open_cached, .breaks = "SEM-092 SEM-099",
	  .text = "a held semaphore is found by its name after unlink",
	  .os.sem_open = open_cached, .os.sem_close = close_forgets);

static sem_t *open_cached_always(const char *name, int flags, mode_t mode,
				 unsigned value)
{
	sem_t *sem = remembered(name), *real;

	real = ct_base->sem_open(name, flags, mode, value);
	if (real != SEM_FAILED && sem != NULL)
		return sem;
	remember(name, real);
	return real;
}
CT_MUTANT(sem_open_cached_excl, .breaks = "SEM-098 SEM-099",
	  .text = "the new semaphore is made, the held one is given",
	  .os.sem_open = open_cached_always, .os.sem_close = close_forgets);

static int close_fails(sem_t *sem)
{
	ct_base->sem_close(sem);
	return fails(EINVAL);
}
CT_MUTANT(sem_close_fails, .breaks = "SEM-086 SEM-091",
	  .text = "sem_close says EINVAL", .os.sem_close = close_fails);

static int close_drains(sem_t *sem)
{
	while (ct_base->sem_trywait(sem) == 0)
		;
	return ct_base->sem_close(sem);
}
CT_MUTANT(sem_close_drains, .breaks = "SEM-087 SEM-089 SEM-101",
	  .text = "closing sets the value to zero",
	  .os.sem_close = close_drains);

static int close_unlinks(sem_t *sem)
{
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem == sem)
			ct_base->sem_unlink(table[i].name);
	return close_forgets(sem);
}
CT_MUTANT(sem_close_unlinks, .breaks = "SEM-087 SEM-116 SEM-090",
	  .text = "closing removes the name", .os.sem_open = open_remembers,
	  .os.sem_close = close_unlinks);

static int close_posts(sem_t *sem)
{
	ct_base->sem_post(sem);
	return ct_base->sem_close(sem);
}
CT_MUTANT(sem_close_posts, .breaks = "SEM-087 SEM-089 SEM-116",
	  .text = "closing unlocks", .os.sem_close = close_posts);

static int close_leaks(sem_t *sem)
{
	if (dup(2) < 0)
		return fails(EBADF);
	return ct_base->sem_close(sem);
}
CT_MUTANT(sem_close_leaks, .breaks = "SEM-018 SEM-127",
	  .text = "closing leaves a descriptor", .os.sem_close = close_leaks);

/* The system's name goes at once; the process's own list keeps its. */
static sem_t *open_private(const char *name, int flags, mode_t mode,
			   unsigned value)
{
	sem_t *sem;
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem != NULL && table[i].pid == getpid() &&
		    strcmp(table[i].name, name) == 0)
			return table[i].sem;
	sem = ct_base->sem_open(name, flags, mode, value);
	remember(name, sem);
	ct_base->sem_unlink(name);
	return sem;
}

static int unlink_private(const char *name)
{
	forget(remembered(name));
	return 0;
}

CT_MUTANT(sem_open_per_process, .breaks = "SEM-026 SEM-027 SEM-088",
	  .text = "each process has names of its own",
	  .os.sem_open = open_private, .os.sem_unlink = unlink_private);

/* A handle works only in the process that opened it. */
static pid_t maker;

static int not_inherited_trywait(sem_t *sem)
{
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem == sem && maker != getpid())
			return fails(EINVAL);
	return ct_base->sem_trywait(sem);
}

static sem_t *open_by(const char *name, int flags, mode_t mode, unsigned value)
{
	maker = getpid();
	return open_remembers(name, flags, mode, value);
}
CT_MUTANT(sem_fork_not_inherited, .breaks = "SEM-102",
	  .text = "a child cannot use the handles of its parent",
	  .os.sem_open = open_by, .os.sem_close = close_forgets,
	  .os.sem_trywait = not_inherited_trywait);

/* One use count for all the family: the first to close closes for all. */
static bool *gone;

static void share_gone(void)
{
	gone = ct_mutant_shared(sizeof(*gone) * 64);
}

static int close_for_all(sem_t *sem)
{
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem == sem)
			gone[i] = true;
	return close_forgets(sem);
}

static bool is_gone(sem_t *sem)
{
	unsigned i;

	for (i = 0; i < 64; i++)
		if (table[i].sem == sem && gone[i])
			return true;
	return false;
}

static int post_unless_gone(sem_t *sem)
{
	return is_gone(sem) ? fails(EINVAL) : ct_base->sem_post(sem);
}

static int wait_unless_gone(sem_t *sem)
{
	return is_gone(sem) ? fails(EINVAL) : ct_base->sem_wait(sem);
}
CT_MUTANT(sem_close_for_all, .breaks = "SEM-089 SEM-116",
	  .text = "closing in one process closes in its relatives",
	  .init = share_gone, .os.sem_open = open_remembers,
	  .os.sem_close = close_for_all, .os.sem_post = post_unless_gone,
	  .os.sem_wait = wait_unless_gone);

/* The second opening of a name in a process gets a copy of the value. */
static sem_t *open_copies(const char *name, int flags, mode_t mode,
			  unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value), *own;
	int now;

	if (sem == SEM_FAILED || remembered(name) == NULL ||
	    ct_base->sem_getvalue(sem, &now) != 0) {
		remember(name, sem);
		return sem;
	}
	own = ct_mutant_shared(sizeof(*own));
	ct_base->sem_init(own, 1, (unsigned)now);
	return own;
}
CT_MUTANT(sem_open_second_copy, .breaks = "SEM-001 SEM-016",
	  .text = "the second opening in a process gets a copy",
	  .os.sem_open = open_copies, .os.sem_close = close_forgets);

static int close_is_nothing(sem_t *sem)
{
	(void)sem;
	return 0;
}
CT_MUTANT(sem_close_nothing, .breaks = "SEM-018 SEM-100",
	  .text = "closing does nothing", .os.sem_close = close_is_nothing);
