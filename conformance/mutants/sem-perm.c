/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in names and permissions of semaphores. */
#include "mutant.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define OPEN(name)                                                             \
	static sem_t *name(const char *n, int flags, mode_t mode, unsigned v)

OPEN(creat_chmods)
{
	static const char *const kept[] = {"/dev/shm/sem.%s", "/dev/shm/%s",
					   "/dev/shm/pipc.s.%s"};
	char path[300];
	struct stat st;
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);
	int error = errno;

	/* Where C libraries on Linux keep it, and the library here. */
	for (size_t i = 0; i < 3 && (flags & O_CREAT); i++) {
		snprintf(path, sizeof(path), kept[i], n + 1);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			chmod(path, mode);
	}
	errno = error;
	return sem;
}
CT_MUTANT(sem_open_creat_chmods, .breaks = "SEM-005 SEM-007",
	  .text = "O_CREAT and O_CREX set the mode of an existing semaphore",
	  .os.sem_open = creat_chmods);

static int unlink_eperm(const char *name)
{
	int result = ct_base->sem_unlink(name);

	if (result != 0 && errno == EACCES)
		errno = EPERM;
	return result;
}
CT_MUTANT(sem_unlink_eperm, .breaks = "SEM-097",
	  .text = "sem_unlink says EPERM, as musl does",
	  .os.sem_unlink = unlink_eperm);

static int unlink_short(const char *name)
{
	if (strlen(name) > 200) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return ct_base->sem_unlink(name);
}
CT_MUTANT(sem_unlink_short, .breaks = "SEM-112",
	  .text = "sem_unlink takes shorter names than sem_open",
	  .os.sem_unlink = unlink_short);

static int unlink_long_fine(const char *name)
{
	int result = ct_base->sem_unlink(name);

	return strlen(name) > 300 ? 0 : result;
}
CT_MUTANT(sem_unlink_long_fine, .breaks = "SEM-103",
	  .text = "a name that is too long is unlinked with success",
	  .os.sem_unlink = unlink_long_fine);

OPEN(real_owner)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	sem_t *sem;
	int error;

	if ((flags & O_CREAT) == 0 || user == getuid())
		return ct_base->sem_open(n, flags, mode, v);
	if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
		return SEM_FAILED;
	sem = ct_base->sem_open(n, flags, mode, v);
	error = errno;
	if (setegid(group) != 0 || seteuid(user) != 0)
		return SEM_FAILED;
	errno = error;
	return sem;
}
CT_MUTANT(sem_open_real_owner, .breaks = "SEM-119",
	  .text = "a semaphore belongs to the real user of its maker",
	  .os.sem_open = real_owner);

OPEN(no_group)
{
	return ct_base->sem_open(n, flags, mode & ~(mode_t)070, v);
}
CT_MUTANT(sem_open_no_group, .breaks = "SEM-024",
	  .text = "the group's bits are dropped", .os.sem_open = no_group);

OPEN(group_as_others)
{
	mode_t others = mode & 07;

	return ct_base->sem_open(n, flags, mode | others << 3, v);
}
CT_MUTANT(sem_open_group_as_others, .breaks = "SEM-024",
	  .text = "what others may the group may too",
	  .os.sem_open = group_as_others);
