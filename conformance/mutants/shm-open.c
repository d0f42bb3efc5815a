/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in opening shared memory objects. */
#include "mutant.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* A new object without a name, as long as the one that was opened. */
static int copy_of(int fd)
{
	struct stat st;
	char name[32];
	int own;

	snprintf(name, sizeof(name), "/m%x", (unsigned)getpid());
	if (ct_base->fstat(fd, &st) != 0)
		return fd;
	own = ct_base->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
	ct_base->shm_unlink(name);
	ct_base->ftruncate(own, st.st_size);
	ct_base->close(fd);
	return own;
}

static int separate(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	/* A case's peers are in its process group. */
	if (fd < 0 || (flags & O_CREAT) || getpid() == getpgrp())
		return fd;
	return copy_of(fd);
}

CT_MUTANT(shm_per_process, .breaks = "SHM-001 SHM-051",
	  .text = "a process gets a copy of what another one made",
	  .os.shm_open = separate);

static int creates_anyway(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	/* The name goes at once: nobody would clean up after an open. */
	if (fd < 0 && errno == ENOENT && !(flags & O_CREAT)) {
		fd = ct_base->shm_open(name, flags | O_CREAT, 0600);
		ct_base->shm_unlink(name);
	}
	return fd;
}

CT_MUTANT(shm_always_creates, .breaks = "SHM-002 SHM-070 GEN-003",
	  .text = "an absent name is created without O_CREAT",
	  .os.shm_open = creates_anyway);

static int absent_einval(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd < 0 && errno == ENOENT)
		errno = EINVAL;
	return fd;
}

CT_MUTANT(shm_absent_einval, .breaks = "SHM-002 SHM-070 GEN-003",
	  .text = "an absent name is told as EINVAL",
	  .os.shm_open = absent_einval);

static int creat_needs_excl(const char *name, int flags, mode_t mode)
{
	if ((flags & (O_CREAT | O_EXCL)) == O_CREAT)
		flags &= ~O_CREAT;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_creat_alone, .breaks = "SHM-003 SHM-030 SHM-071",
	  .text = "O_CREAT without O_EXCL creates nothing",
	  .os.shm_open = creat_needs_excl);

static int creat_empties(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd >= 0 && (flags & O_CREAT))
		ct_base->ftruncate(fd, 0);
	return fd;
}

CT_MUTANT(shm_creat_empties, .breaks = "SHM-004",
	  .text = "O_CREAT empties an object that exists",
	  .os.shm_open = creat_empties);

static int creat_chmods(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd >= 0 && (flags & O_CREAT))
		ct_base->fchmod(fd, mode);
	return fd;
}

CT_MUTANT(shm_creat_chmods, .breaks = "SHM-004 SHM-021 SHM-025",
	  .text = "O_CREAT sets the mode, umask or not, new or not",
	  .os.shm_open = creat_chmods);

static int crex_stale(const char *name, int flags, mode_t mode)
{
	static char last[64];

	/* The name of the last object is remembered after its unlink. */
	if ((flags & PIPC_O_CREX) == PIPC_O_CREX && strlen(name) < 64) {
		if (strcmp(name, last) == 0) {
			errno = EEXIST;
			return -1;
		}
		strcpy(last, name);
	}
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_crex_once, .breaks = "SHM-072 GEN-020",
	  .text = "a name can be created with O_EXCL once in a process",
	  .os.shm_open = crex_stale);

static int crex_elsewhere(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	/* Made, but without its name: no one else finds it. */
	if (fd >= 0 && (flags & PIPC_O_CREX) == PIPC_O_CREX)
		ct_base->shm_unlink(name);
	return fd;
}

CT_MUTANT(shm_crex_nameless, .breaks = "SHM-005 SHM-006 SHM-001 SHM-066",
	  .text = "an object created with O_EXCL has no name",
	  .os.shm_open = crex_elsewhere);

static int ignores_excl(const char *name, int flags, mode_t mode)
{
	return ct_base->shm_open(name, flags & ~O_EXCL, mode);
}

CT_MUTANT(shm_ignores_excl, .breaks = "SHM-006 SHM-007 GEN-003",
	  .text = "O_EXCL is not looked at", .os.shm_open = ignores_excl);

static int excl_ebusy(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd < 0 && errno == EEXIST)
		errno = EBUSY;
	return fd;
}

CT_MUTANT(shm_excl_ebusy, .breaks = "SHM-006 SHM-007 GEN-003",
	  .text = "a name in use is told as EBUSY", .os.shm_open = excl_ebusy);

static int excl_empties(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode), error = errno, old;

	if (fd < 0 && error == EEXIST && (flags & O_TRUNC)) {
		old = ct_base->shm_open(name, O_RDWR, 0);
		ct_base->ftruncate(old, 0);
		ct_base->close(old);
	}
	errno = error;
	return fd;
}

CT_MUTANT(shm_excl_empties, .breaks = "SHM-006",
	  .text = "a refused O_EXCL with O_TRUNC empties the object",
	  .os.shm_open = excl_empties);

static int looks_then_creates(const char *name, int flags, mode_t mode)
{
	int fd;

	if ((flags & PIPC_O_CREX) != PIPC_O_CREX)
		return ct_base->shm_open(name, flags, mode);
	fd = ct_base->shm_open(name, O_RDONLY, 0);
	if (fd >= 0) {
		ct_base->close(fd);
		errno = EEXIST;
		return -1;
	}
	sched_yield();
	return ct_base->shm_open(name, flags & ~O_EXCL, mode);
}

CT_MUTANT(shm_excl_not_atomic, .breaks = "SHM-007",
	  .text = "O_EXCL looks first and creates then",
	  .os.shm_open = looks_then_creates);

static int creates_one_page(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);
	struct stat st;

	if (fd >= 0 && (flags & O_CREAT) && ct_base->fstat(fd, &st) == 0 &&
	    st.st_size == 0)
		ct_base->ftruncate(fd, 4096);
	return fd;
}

CT_MUTANT(shm_new_has_a_page, .breaks = "SHM-008 SHM-030 SHM-043 SHM-071",
	  .text = "a new object has a page", .os.shm_open = creates_one_page);

static int higher(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode), up;

	if (fd < 0)
		return fd;
	up = fcntl(fd, F_DUPFD, fd + 3);
	fcntl(up, F_SETFD, FD_CLOEXEC);
	ct_base->close(fd);
	return up;
}

CT_MUTANT(shm_higher_descriptor, .breaks = "SHM-009",
	  .text = "the descriptor is not the lowest", .os.shm_open = higher);

static int not_zero(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd != 0)
		return fd;
	ct_base->close(fd);
	errno = ENFILE;
	return -1;
}

CT_MUTANT(shm_zero_is_failure, .breaks = "SHM-010",
	  .text = "descriptor 0 is taken for a failure",
	  .os.shm_open = not_zero);

static int no_cloexec(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
	return fd;
}

CT_MUTANT(shm_no_cloexec, .breaks = "SHM-011", .text = "FD_CLOEXEC is not set",
	  .os.shm_open = no_cloexec);

static int same_description(const char *name, int flags, mode_t mode)
{
	static char last[64];
	static int fd = -1;
	int now;

	if (!(flags & (O_CREAT | O_TRUNC)) && strcmp(name, last) == 0 &&
	    fcntl(fd, F_GETFD) != -1)
		return fcntl(fd, F_DUPFD, 0);
	now = ct_base->shm_open(name, flags, mode);
	if (now >= 0 && strlen(name) < sizeof(last)) {
		fd = now;
		strcpy(last, name);
	}
	return now;
}

CT_MUTANT(shm_same_description, .breaks = "SHM-012 SHM-093",
	  .text = "a second open gives the first one's description",
	  .os.shm_open = same_description);

static int always_rdwr(const char *name, int flags, mode_t mode)
{
	if ((flags & O_ACCMODE) == O_RDONLY)
		flags = (flags & ~O_ACCMODE) | O_RDWR;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_always_rdwr, .breaks = "SHM-013 SHM-014 SHM-093 SHM-018",
	  .text = "O_RDONLY is taken for O_RDWR", .os.shm_open = always_rdwr);

static int always_rdonly(const char *name, int flags, mode_t mode)
{
	if (!(flags & O_CREAT))
		flags &= ~O_ACCMODE;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_always_rdonly,
	  .breaks = "SHM-001 SHM-012 SHM-016 SHM-024 SHM-042 SHM-093",
	  .text = "an existing object is opened for reading alone",
	  .os.shm_open = always_rdonly);

static int emfile_enfile(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd < 0 && errno == EMFILE)
		errno = ENFILE;
	return fd;
}

CT_MUTANT(shm_emfile_enfile, .breaks = "SHM-033",
	  .text = "no descriptor left is told as ENFILE",
	  .os.shm_open = emfile_enfile);

static int runs_out(const char *name, int flags, mode_t mode)
{
	static int n;

	if ((flags & O_CREAT) && ++n > 100) {
		errno = EAGAIN;
		return -1;
	}
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_space_eagain, .breaks = "SHM-034",
	  .text = "after a hundred objects, there is none: EAGAIN",
	  .os.shm_open = runs_out);

static int interrupted(const char *name, int flags, mode_t mode)
{
	static int seen;

	if (ct_caught(SIGALRM) > seen) {
		seen = ct_caught(SIGALRM);
		errno = EIO;
		return -1;
	}
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_signal_eio, .breaks = "SHM-092",
	  .text = "a signal makes opening fail with EIO",
	  .os.shm_open = interrupted);

static int cancelled(const char *name, int flags, mode_t mode)
{
	pthread_testcancel();
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_open_cancelled, .breaks = "SHM-080",
	  .text = "opening is a cancellation point", .os.shm_open = cancelled);

static int unlink_cancelled(const char *name)
{
	pthread_testcancel();
	return ct_base->shm_unlink(name);
}

CT_MUTANT(shm_unlink_cancelled, .breaks = "SHM-080",
	  .text = "unlinking is a cancellation point",
	  .os.shm_unlink = unlink_cancelled);

static int no_open(const char *name, int flags, mode_t mode)
{
	(void)name;
	(void)flags;
	(void)mode;
	errno = ENOSYS;
	return -1;
}

CT_MUTANT(shm_open_enosys, .breaks = "SHM-084 SHM-085",
	  .text = "shm_open is not there, though sysconf says so",
	  .os.shm_open = no_open);
