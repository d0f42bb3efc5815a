/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in names, modes and limits of semaphores. */
#include "mutant.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static sem_t *ignores_mode(const char *name, int flags, mode_t mode,
			   unsigned value)
{
	mode_t old;
	sem_t *sem;

	(void)mode;
	old = umask(0);
	sem = ct_base->sem_open(name, flags, 0666, value);
	umask(old);
	return sem;
}

CT_MUTANT(sem_open_ignores_mode, .breaks = "SEM-005 SEM-019 SEM-023",
	  .text = "everybody may open every semaphore",
	  .os.sem_open = ignores_mode);

static sem_t *ignores_umask(const char *name, int flags, mode_t mode,
			    unsigned value)
{
	mode_t old = umask(0);
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	umask(old);
	return sem;
}

CT_MUTANT(sem_open_ignores_umask, .breaks = "SEM-023",
	  .text = "the umask is not looked at", .os.sem_open = ignores_umask);

static sem_t *always_0600(const char *name, int flags, mode_t mode,
			  unsigned value)
{
	return ct_base->sem_open(name, flags, mode & 0600, value);
}

CT_MUTANT(sem_open_owner_only, .breaks = "SEM-024",
	  .text = "bits for group and others are dropped",
	  .os.sem_open = always_0600);

static sem_t *says_eperm(const char *name, int flags, mode_t mode,
			 unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	if (sem == SEM_FAILED && errno == EACCES)
		errno = EPERM;
	return sem;
}

CT_MUTANT(sem_open_denied_eperm, .breaks = "SEM-019",
	  .text = "a denied open is EPERM", .os.sem_open = says_eperm);

static sem_t *nobody_creates(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	if ((flags & O_CREAT) && geteuid() != 0) {
		errno = EROFS;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}

CT_MUTANT(sem_open_creation_denied_erofs, .breaks = "SEM-020",
	  .text = "creation that is denied is not EACCES",
	  .os.sem_open = nobody_creates);

/* Reopens what it has created, and so by the mode. */
static sem_t *checks_creator(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	if (sem != SEM_FAILED && (flags & O_CREAT) && geteuid() != 0 &&
	    (mode & 0600) != 0600) {
		ct_base->sem_close(sem);
		ct_base->sem_unlink(name);
		errno = EACCES;
		return SEM_FAILED;
	}
	return sem;
}

CT_MUTANT(sem_open_denies_creator, .breaks = "SEM-021",
	  .text = "the creator needs the mode's permissions himself",
	  .os.sem_open = checks_creator);

static sem_t *enospc_is_eio(const char *name, int flags, mode_t mode,
			    unsigned value)
{
	static unsigned open;

	if ((flags & O_CREAT) && ++open > 200) {
		errno = EIO;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}

CT_MUTANT(sem_open_limit_eio, .breaks = "SEM-025",
	  .text = "a limit that is met is EIO", .os.sem_open = enospc_is_eio);

static const char *cut(const char *name, size_t n)
{
	static char text[4200];

	snprintf(text, sizeof(text), "%.*s", (int)n, name);
	return text;
}

static sem_t *open_cut(const char *name, int flags, mode_t mode, unsigned value)
{
	return ct_base->sem_open(cut(name, 200), flags, mode, value);
}

static int unlink_cut(const char *name)
{
	return ct_base->sem_unlink(cut(name, 200));
}

CT_MUTANT(sem_name_is_cut, .breaks = "SEM-032",
	  .text = "a long name is cut, and so another's",
	  .os = {.sem_open = open_cut, .sem_unlink = unlink_cut});

static sem_t *open_13(const char *name, int flags, mode_t mode, unsigned value)
{
	if (strlen(name) > 14) {
		errno = ENAMETOOLONG;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}

CT_MUTANT(sem_name_13_bytes, .breaks = "SEM-033",
	  .text = "a name of 14 bytes is too long", .os.sem_open = open_13);

static const char *lower(const char *name)
{
	static char text[4200];
	size_t i;

	for (i = 0; i < sizeof(text) - 1 && name[i] != '\0'; i++)
		text[i] = (char)tolower((unsigned char)name[i]);
	text[i] = '\0';
	return text;
}

static sem_t *open_lower(const char *name, int flags, mode_t mode,
			 unsigned value)
{
	return ct_base->sem_open(lower(name), flags, mode, value);
}

static int unlink_lower(const char *name)
{
	return ct_base->sem_unlink(lower(name));
}

CT_MUTANT(sem_name_without_case, .breaks = "SEM-035",
	  .text = "the case of letters does not count",
	  .os = {.sem_open = open_lower, .sem_unlink = unlink_lower});

static sem_t *last_byte_lost(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	return ct_base->sem_open(cut(name, strlen(name) - 1), flags, mode,
				 value);
}

static int unlink_last_lost(const char *name)
{
	return ct_base->sem_unlink(cut(name, strlen(name) - 1));
}

CT_MUTANT(sem_name_last_byte_lost, .breaks = "SEM-035",
	  .text = "the last byte of a name does not count",
	  .os = {.sem_open = last_byte_lost, .sem_unlink = unlink_last_lost});
