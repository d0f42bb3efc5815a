/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in permissions, owners and O_TRUNC of shared memory. */
#include "mutant.h"

static int owner_is_real(int fd, struct stat *st)
{
	int result = ct_base->fstat(fd, st);

	st->st_uid = getuid();
	return result;
}

CT_MUTANT(shm_owner_is_real, .breaks = "SHM-023 SHM-059",
	  .text = "fstat tells the real user for the owner",
	  .os.fstat = owner_is_real);

static int size_in_pages(int fd, struct stat *st)
{
	int result = ct_base->fstat(fd, st);

	st->st_size = (st->st_size + 4095) / 4096 * 4096;
	return result;
}

CT_MUTANT(shm_size_in_pages, .breaks = "SHM-040 SHM-042 SHM-059 SHM-064",
	  .text = "fstat rounds the size to pages", .os.fstat = size_in_pages);

static int stale_stat(int fd, struct stat *st)
{
	static struct stat first[32];
	int result = ct_base->fstat(fd, st);

	/* The size that was seen first through a descriptor. */
	if (result == 0 && fd < 32 && first[fd].st_ino == st->st_ino)
		*st = first[fd];
	else if (result == 0 && fd < 32)
		first[fd] = *st;
	return result;
}

CT_MUTANT(shm_stale_stat, .breaks = "SHM-040 SHM-044 SHM-059 SHM-064 SHM-100",
	  .text = "fstat tells what it first saw", .os.fstat = stale_stat);

static int mode_restricts(const char *name, int flags, mode_t mode)
{
	if ((flags & O_CREAT) && !(mode & 0200))
		flags &= ~O_ACCMODE;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_mode_restricts, .breaks = "SHM-017",
	  .text = "a mode without write permission gives a read-only handle",
	  .os.shm_open = mode_restricts);

static int downgrades(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd < 0 && errno == EACCES) {
		fd = ct_base->shm_open(name, flags & ~O_ACCMODE, mode);
		if (fd < 0)
			errno = EACCES;
	}
	return fd;
}

CT_MUTANT(shm_downgrades, .breaks = "SHM-018 SHM-031",
	  .text = "where writing is denied, reading is given instead",
	  .os.shm_open = downgrades);

static int denied_eperm(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd < 0 && errno == EACCES)
		errno = EPERM;
	return fd;
}

CT_MUTANT(shm_denied_eperm, .breaks = "SHM-018 SHM-026 SHM-031",
	  .text = "denied permission is told as EPERM",
	  .os.shm_open = denied_eperm);

static int create_root_only(const char *name, int flags, mode_t mode)
{
	if ((flags & O_CREAT) && geteuid() != 0) {
		errno = EINVAL;
		return -1;
	}
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_create_einval, .breaks = "SHM-032",
	  .text = "a user who may not create is told EINVAL",
	  .os.shm_open = create_root_only);

static int owner_bits(const char *name, int flags, mode_t mode)
{
	return ct_base->shm_open(name, flags, mode & 0700);
}

CT_MUTANT(shm_owner_bits_only, .breaks = "SHM-021",
	  .text = "of the mode the owner's bits are taken alone",
	  .os.shm_open = owner_bits);

static int denied_unlink(const char *name)
{
	int result = ct_base->shm_unlink(name);

	if (result != 0 && (errno == EACCES || errno == EPERM))
		errno = ENOENT;
	return result;
}

CT_MUTANT(shm_unlink_denied_enoent, .breaks = "SHM-074",
	  .text = "who may not unlink is told that there is nothing",
	  .os.shm_unlink = denied_unlink);

static int chmod_owner(int fd, mode_t mode)
{
	return ct_base->fchmod(fd, mode & 0770);
}

CT_MUTANT(shm_fchmod_partly, .breaks = "SHM-100",
	  .text = "fchmod leaves the others' bits out",
	  .os.fchmod = chmod_owner);

static int ignores_trunc(const char *name, int flags, mode_t mode)
{
	return ct_base->shm_open(name, flags & ~O_TRUNC, mode);
}

CT_MUTANT(shm_ignores_trunc, .breaks = "SHM-024 SHM-028",
	  .text = "O_TRUNC is not looked at", .os.shm_open = ignores_trunc);

static int trunc_eio(const char *name, int flags, mode_t mode)
{
	if ((flags & O_TRUNC) && !(flags & O_CREAT)) {
		errno = EIO;
		return -1;
	}
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_trunc_eio, .breaks = "SHM-024 SHM-028 SHM-029",
	  .text = "O_TRUNC is refused with EIO", .os.shm_open = trunc_eio);

static int trunc_anew(const char *name, int flags, mode_t mode)
{
	if ((flags & O_TRUNC) && ct_base->shm_unlink(name) == 0)
		flags |= O_CREAT;
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_trunc_anew, .breaks = "SHM-024 SHM-025 SHM-028",
	  .text = "O_TRUNC makes a new object of the name",
	  .os.shm_open = trunc_anew);

static bool emptied;

static int trunc_lies(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	emptied = fd < 0 && errno == EACCES && (flags & O_TRUNC);
	return fd;
}

static int emptied_stat(int fd, struct stat *st)
{
	int result = ct_base->fstat(fd, st);

	if (emptied)
		st->st_size = 0;
	return result;
}

CT_MUTANT(shm_trunc_refused_empties, .breaks = "SHM-026",
	  .text = "a refused O_TRUNC empties the object",
	  .os = {.shm_open = trunc_lies, .fstat = emptied_stat});

static int no_group(const char *name, int flags, mode_t mode)
{
	return ct_base->shm_open(name, flags, mode & ~(mode_t)070);
}
CT_MUTANT(shm_no_group, .breaks = "SHM-021 SHM-031",
	  .text = "the group's bits are dropped", .os.shm_open = no_group);

static int group_as_others(const char *name, int flags, mode_t mode)
{
	mode_t others = mode & 07;

	return ct_base->shm_open(name, flags, mode | others << 3);
}
CT_MUTANT(shm_group_as_others, .breaks = "SHM-021 SHM-031",
	  .text = "what others may the group may too",
	  .os.shm_open = group_as_others);
