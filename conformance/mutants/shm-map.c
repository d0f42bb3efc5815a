/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in mapping shared memory objects. */
#include "mutant.h"

#include <string.h>

static void *maps_privately(void *addr, size_t len, int prot, int flags, int fd,
			    off_t offset)
{
	if (flags & MAP_SHARED)
		flags = (flags & ~MAP_SHARED) | MAP_PRIVATE;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shm_maps_privately,
	  .breaks = "SHM-001 SHM-016 SHM-051 SHM-052 SHM-056 SHM-065 SHM-081 "
		    "SHM-082 SHM-087 SHM-098 SHM-102 SHM-014",
	  .text = "MAP_SHARED is taken for MAP_PRIVATE",
	  .os.mmap = maps_privately);

static void *shares(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	void *p;

	if (!(flags & MAP_PRIVATE))
		return ct_base->mmap(addr, len, prot, flags, fd, offset);
	flags = (flags & ~MAP_PRIVATE) | MAP_SHARED;
	p = ct_base->mmap(addr, len, prot, flags, fd, offset);
	return p;
}

CT_MUTANT(shm_shares_private, .breaks = "SHM-055",
	  .text = "MAP_PRIVATE is taken for MAP_SHARED", .os.mmap = shares);

static void *writable(void *addr, size_t len, int prot, int flags, int fd,
		      off_t offset)
{
	if (prot == PROT_NONE)
		prot = PROT_READ;
	else if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR)
		prot |= PROT_WRITE;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shm_prot_ignored, .breaks = "SHM-095",
	  .text = "a mapping allows more than was asked for",
	  .os.mmap = writable);

static int mprotect_lies(void *addr, size_t len, int prot)
{
	(void)addr;
	(void)len;
	(void)prot;
	return 0;
}

CT_MUTANT(shm_mprotect_nothing, .breaks = "SHM-095",
	  .text = "mprotect does nothing", .os.mprotect = mprotect_lies);

static int mprotect_einval(void *addr, size_t len, int prot)
{
	int result = ct_base->mprotect(addr, len, prot);

	if (result != 0 && errno == EACCES)
		errno = EINVAL;
	return result;
}

CT_MUTANT(shm_mprotect_einval, .breaks = "SHM-015",
	  .text = "mprotect beyond the descriptor's access says EINVAL",
	  .os.mprotect = mprotect_einval);

/* What mmap says instead of the one error. */
static void *says(int wanted, int said, void *p)
{
	if (p == MAP_FAILED && errno == wanted)
		errno = said;
	return p;
}

static void *access_eperm(void *addr, size_t len, int prot, int flags, int fd,
			  off_t offset)
{
	return says(EACCES, EPERM,
		    ct_base->mmap(addr, len, prot, flags, fd, offset));
}

CT_MUTANT(shm_mmap_eperm, .breaks = "SHM-014",
	  .text = "writing through a read-only descriptor gives EPERM",
	  .os.mmap = access_eperm);

static void *ebadf_einval(void *addr, size_t len, int prot, int flags, int fd,
			  off_t offset)
{
	return says(EBADF, EINVAL,
		    ct_base->mmap(addr, len, prot, flags, fd, offset));
}

CT_MUTANT(shm_mmap_ebadf_einval, .breaks = "SHM-057 SHM-086",
	  .text = "a descriptor that is not open gives EINVAL",
	  .os.mmap = ebadf_einval);

static void *einval_enomem(void *addr, size_t len, int prot, int flags, int fd,
			   off_t offset)
{
	return says(EINVAL, ENOMEM,
		    ct_base->mmap(addr, len, prot, flags, fd, offset));
}

CT_MUTANT(shm_mmap_einval_enomem, .breaks = "SHM-057 SHM-090 SHM-094",
	  .text = "bad arguments give ENOMEM", .os.mmap = einval_enomem);

static void *no_length(void *addr, size_t len, int prot, int flags, int fd,
		       off_t offset)
{
	return ct_base->mmap(addr, len ? len : 1, prot, flags, fd, offset);
}

CT_MUTANT(shm_mmap_no_length, .breaks = "SHM-057",
	  .text = "a mapping without a length is made", .os.mmap = no_length);

static void *default_shared(void *addr, size_t len, int prot, int flags, int fd,
			    off_t offset)
{
	if (!(flags & (MAP_SHARED | MAP_PRIVATE)))
		flags |= MAP_SHARED;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shm_mmap_default_shared, .breaks = "SHM-094",
	  .text = "neither shared nor private is shared",
	  .os.mmap = default_shared);

static void *no_offset(void *addr, size_t len, int prot, int flags, int fd,
		       off_t offset)
{
	(void)offset;
	return ct_base->mmap(addr, len, prot, flags, fd, 0);
}

CT_MUTANT(shm_mmap_no_offset, .breaks = "SHM-090 SHM-097",
	  .text = "the offset is not looked at", .os.mmap = no_offset);

/* The object grows to what is mapped, as a naive kernel may do. */
static void *mmap_grows(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	struct stat st;

	if (ct_base->fstat(fd, &st) == 0 && st.st_size < offset + (off_t)len)
		ct_base->ftruncate(fd, offset + (off_t)len);
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shm_mmap_grows, .breaks = "SHM-054 SHM-058",
	  .text = "mapping grows the object", .os.mmap = mmap_grows);

static void *too_long_einval(void *addr, size_t len, int prot, int flags,
			     int fd, off_t offset)
{
	struct stat st;

	if (ct_base->fstat(fd, &st) == 0 &&
	    (st.st_size + 4095) / 4096 * 4096 < offset + (off_t)len) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shm_mmap_longer_einval, .breaks = "SHM-054 SHM-058",
	  .text = "a mapping beyond the end is refused with EINVAL",
	  .os.mmap = too_long_einval);

static int munmap_lies(void *addr, size_t len)
{
	if (len == 0)
		return ct_base->munmap(addr, len);
	return 0;
}

CT_MUTANT(shm_munmap_nothing, .breaks = "SHM-077 SHM-096",
	  .text = "munmap does nothing", .os.munmap = munmap_lies);

static int munmap_zero(void *addr, size_t len)
{
	return len == 0 ? 0 : ct_base->munmap(addr, len);
}

CT_MUTANT(shm_munmap_zero, .breaks = "SHM-096",
	  .text = "munmap of no length succeeds", .os.munmap = munmap_zero);

static struct {
	void *at;
	size_t len;
} maps[64];
static pid_t of;

static void *remembers(void *addr, size_t len, int prot, int flags, int fd,
		       off_t offset)
{
	void *p = ct_base->mmap(addr, len, prot, flags, fd, offset);

	if (p != MAP_FAILED && fd >= 0 && fd < 64) {
		maps[fd].at = p;
		maps[fd].len = len;
	}
	return p;
}

static int close_unmaps(int fd)
{
	int result = ct_base->close(fd);

	if (result == 0 && fd >= 0 && fd < 64 && maps[fd].at != NULL) {
		/* Nobody dies: the bytes are others from now on. */
		ct_base->mmap(maps[fd].at, maps[fd].len, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		maps[fd].at = NULL;
	}
	return result;
}

CT_MUTANT(shm_close_unmaps, .breaks = "SHM-052 SHM-067",
	  .text = "closing a descriptor takes its mapping away",
	  .os = {.mmap = remembers, .close = close_unmaps});

static void *own_process(void *addr, size_t len, int prot, int flags, int fd,
			 off_t offset)
{
	if (of != 0 && of != getpid()) {
		errno = EBADF;
		return MAP_FAILED;
	}
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

static int opens_here(const char *name, int flags, mode_t mode)
{
	of = getpid();
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_not_for_children, .breaks = "SHM-087 SHM-068",
	  .text = "an inherited descriptor cannot be mapped",
	  .os = {.mmap = own_process, .shm_open = opens_here});

static bool opened[64];

static int opens_known(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	if (fd >= 0 && fd < 64)
		opened[fd] = true;
	return fd;
}

static void *maps_known(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	if (fd >= 0 && fd < 64 && !opened[fd] && fcntl(fd, F_GETFD) != -1) {
		errno = EACCES;
		return MAP_FAILED;
	}
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shm_maps_own_numbers, .breaks = "SHM-065 SHM-102",
	  .text = "only the number that shm_open gave can be mapped",
	  .os = {.shm_open = opens_known, .mmap = maps_known});

static sem_t *unused;

static int init_private(sem_t *sem, int pshared, unsigned value)
{
	int result = ct_base->sem_init(sem, pshared, value);

	unused = sem;
	return result;
}

static int post_private(sem_t *sem)
{
	/* A semaphore of this process: other addresses are none of it. */
	if (unused != NULL && sem != unused && sem + 1 != unused)
		return 0;
	return ct_base->sem_post(sem);
}

CT_MUTANT(shm_sem_by_address, .breaks = "SHM-081",
	  .text = "an unnamed semaphore is known by its address",
	  .os = {.sem_init = init_private, .sem_post = post_private});
