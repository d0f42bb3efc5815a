/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in shared memory that are on one path alone. */
#include "mutant.h"

/* A case's own process leads its group; its peers do not. */
static bool in_peer(void)
{
	return getpid() != getpgrp();
}

static int peers_ignore_excl(const char *name, int flags, mode_t mode)
{
	if (in_peer())
		flags &= ~O_EXCL;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_peers_ignore_excl, .breaks = "SHM-006 SHM-007",
	  .text = "O_EXCL holds in the process that created the object alone",
	  .os.shm_open = peers_ignore_excl);

static int read_only_ignores_excl(const char *name, int flags, mode_t mode)
{
	if ((flags & O_ACCMODE) == O_RDONLY)
		flags &= ~O_EXCL;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_read_only_ignores_excl, .breaks = "SHM-006",
	  .text = "O_EXCL is forgotten with O_RDONLY",
	  .os.shm_open = read_only_ignores_excl);

static int peers_unlink_nothing(const char *name)
{
	int fd;

	if (!in_peer() || (fd = ct_base->shm_open(name, O_RDONLY, 0)) < 0)
		return ct_base->shm_unlink(name);
	ct_base->close(fd);
	return 0;
}

CT_MUTANT(shm_peers_unlink_nothing, .breaks = "SHM-083 GEN-011 GEN-013",
	  .text = "an object is unlinked by its creator alone",
	  .os.shm_unlink = peers_unlink_nothing);

static int creat_ignores_trunc(const char *name, int flags, mode_t mode)
{
	if (flags & O_CREAT)
		flags &= ~O_TRUNC;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_creat_ignores_trunc, .breaks = "SHM-024",
	  .text = "O_TRUNC is forgotten with O_CREAT",
	  .os.shm_open = creat_ignores_trunc);

static int reopened_stays(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd >= 0 && !(flags & O_EXCL))
		fcntl(fd, F_SETFD, 0);
	return fd;
}

CT_MUTANT(shm_reopened_no_cloexec, .breaks = "SHM-011",
	  .text = "FD_CLOEXEC is set for new objects alone",
	  .os.shm_open = reopened_stays);

static int peers_cut_nothing(int fd, off_t size)
{
	struct stat st;

	if (in_peer() && ct_base->fstat(fd, &st) == 0 && st.st_size != 0)
		return 0;
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_peers_cut_nothing, .breaks = "SHM-040 SHM-087",
	  .text = "an object is resized by its creator alone",
	  .os.ftruncate = peers_cut_nothing);

static int counts(int fd, off_t size)
{
	static int n;

	if (++n > 32) {
		errno = EINVAL;
		return -1;
	}
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_resize_so_often, .breaks = "SHM-044",
	  .text = "an object can be resized 32 times", .os.ftruncate = counts);
