/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in sizes, mappings and lives of shared memory. */
#include "mutant.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static long page(void)
{
	return sysconf(_SC_PAGESIZE);
}

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_size : -1;
}

/* ---- sizes ---- */

static int only_once(int fd, off_t size)
{
	if (size_of(fd) > 0) {
		errno = EINVAL;
		return -1;
	}
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shmm_resized_once, .breaks = "SHM-042 SHM-044 SHM-045",
	  .text = "an object that has a size cannot be given another",
	  .os.ftruncate = only_once);

static int never_shrinks(int fd, off_t size)
{
	return size >= 0 && size < size_of(fd) ? 0
					       : ct_base->ftruncate(fd, size);
}

CT_MUTANT(shmm_never_shrinks, .breaks = "SHM-042 SHM-044 SHM-047",
	  .text = "shrinking does nothing", .os.ftruncate = never_shrinks);

static int off_by_one(int fd, off_t size)
{
	return ct_base->ftruncate(fd, size > 1 ? size - 1 : size);
}

CT_MUTANT(shmm_one_byte_less, .breaks = "SHM-040 SHM-041 SHM-042 SHM-059",
	  .text = "an object is one byte too short",
	  .os.ftruncate = off_by_one);

/* Overwrites a range of the object through a mapping of its own. */
static void scribble(int fd, off_t from, off_t to, int byte)
{
	char *p;

	if (to <= from)
		return;
	p = mmap(NULL, (size_t)to, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return;
	memset(p + from, byte, (size_t)(to - from));
	munmap(p, (size_t)to);
}

static int page_end_dirty(int fd, off_t size)
{
	int result = ct_base->ftruncate(fd, size);

	if (result == 0 && size % page() != 0 && size < 1 << 24)
		scribble(fd, size, (size / page() + 1) * page(), 'd');
	return result;
}

CT_MUTANT(shmm_last_page_dirty, .breaks = "SHM-048",
	  .text = "the last page's rest holds something old",
	  .os.ftruncate = page_end_dirty);

static int grows_empty(int fd, off_t size)
{
	off_t old = size_of(fd);

	if (size > old && old > 0)
		ct_base->ftruncate(fd, 0);
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shmm_growing_loses, .breaks = "SHM-045",
	  .text = "growing loses the bytes that were there",
	  .os.ftruncate = grows_empty);

static int shrinks_empty(int fd, off_t size)
{
	off_t old = size_of(fd);

	if (size > 0 && size < old)
		scribble(fd, 0, size, 0);
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shmm_shrinking_loses, .breaks = "SHM-045",
	  .text = "shrinking loses what stays", .os.ftruncate = shrinks_empty);

static int negative_is_zero(int fd, off_t size)
{
	return ct_base->ftruncate(fd, size < 0 ? 0 : size);
}

CT_MUTANT(shmm_negative_is_zero, .breaks = "SHM-049",
	  .text = "a negative size is taken for 0",
	  .os.ftruncate = negative_is_zero);

static int negative_efbig(int fd, off_t size)
{
	int result = ct_base->ftruncate(fd, size);

	if (result != 0 && size < 0)
		errno = EFBIG;
	return result;
}

CT_MUTANT(shmm_negative_efbig, .breaks = "SHM-049",
	  .text = "a negative size is told as EFBIG",
	  .os.ftruncate = negative_efbig);

static int allocates_less(int fd, off_t offset, off_t size)
{
	if (offset + size < size_of(fd))
		return ct_base->ftruncate(fd, offset + size);
	return ct_base->posix_fallocate(fd, offset, size);
}

CT_MUTANT(shmm_fallocate_shrinks, .breaks = "SHM-061",
	  .text = "allocating a part cuts the rest off",
	  .os.posix_fallocate = allocates_less);

/* ---- mappings ---- */

static void *maps_privately(void *addr, size_t len, int prot, int flags, int fd,
			    off_t offset)
{
	if ((flags & MAP_SHARED) && fd >= 0)
		flags = (flags & ~MAP_SHARED) | MAP_PRIVATE;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_shared_is_private, .breaks = "SHM-001 SHM-051 SHM-056 SHM-065",
	  .text = "a shared mapping is a private one",
	  .os.mmap = maps_privately);

static void *maps_shared(void *addr, size_t len, int prot, int flags, int fd,
			 off_t offset)
{
	if ((flags & MAP_PRIVATE) && fd >= 0)
		flags = (flags & ~MAP_PRIVATE) | MAP_SHARED;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_private_is_shared, .breaks = "SHM-055",
	  .text = "a private mapping is a shared one", .os.mmap = maps_shared);

static void *maps_start(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	if (fd >= 0 && offset > 0 && offset % page() == 0)
		offset = 0;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_offset_ignored, .breaks = "SHM-097",
	  .text = "a mapping always begins at the start",
	  .os.mmap = maps_start);

static void *maps_writable(void *addr, size_t len, int prot, int flags, int fd,
			   off_t offset)
{
	void *p = ct_base->mmap(addr, len, prot | PROT_READ | PROT_WRITE, flags,
				fd, offset);

	return p != MAP_FAILED
		   ? p
		   : ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_protection_ignored, .breaks = "SHM-095",
	  .text = "a mapping can be written whatever was asked for",
	  .os.mmap = maps_writable);

static void *maps_nothing(void *addr, size_t len, int prot, int flags, int fd,
			  off_t offset)
{
	if (len == 0)
		len = 1;
	if (fd < 0 && !(flags & MAP_ANONYMOUS))
		flags |= MAP_ANONYMOUS;
	if (!(flags & (MAP_SHARED | MAP_PRIVATE)))
		flags |= MAP_SHARED;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_arguments_mended, .breaks = "SHM-057 SHM-094",
	  .text = "bad arguments are mended instead of refused",
	  .os.mmap = maps_nothing);

static void *maps_eperm(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	void *p = ct_base->mmap(addr, len, prot, flags, fd, offset);

	if (p == MAP_FAILED && errno == EACCES)
		errno = EPERM;
	return p;
}

CT_MUTANT(shmm_map_denied_eperm, .breaks = "SHM-014",
	  .text = "a mapping that is denied is EPERM", .os.mmap = maps_eperm);

static void *maps_einval(void *addr, size_t len, int prot, int flags, int fd,
			 off_t offset)
{
	if (fd >= 0 && len > 0 && (off_t)len + offset > size_of(fd) + page()) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	if (fd >= 0 && offset % page() != 0) {
		errno = EIO;
		return MAP_FAILED;
	}
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_map_wrong_errno, .breaks = "SHM-058 SHM-090",
	  .text = "too long is EINVAL, and unaligned EIO",
	  .os.mmap = maps_einval);

static void *maps_empty(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	if (fd >= 0 && size_of(fd) == 0) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(shmm_map_empty_einval, .breaks = "SHM-054",
	  .text = "an empty object cannot be mapped: EINVAL",
	  .os.mmap = maps_empty);

static int unmaps_nothing(void *addr, size_t len)
{
	(void)addr;
	(void)len;
	return 0;
}

CT_MUTANT(shmm_unmaps_nothing, .breaks = "SHM-096",
	  .text = "munmap does nothing", .os.munmap = unmaps_nothing);

static int protects_eperm(void *addr, size_t len, int prot)
{
	int result = ct_base->mprotect(addr, len, prot);

	if (result != 0 && errno == EACCES)
		errno = EPERM;
	return result;
}

CT_MUTANT(shmm_mprotect_eperm, .breaks = "SHM-015",
	  .text = "mprotect that is denied is EPERM",
	  .os.mprotect = protects_eperm);

/* ---- closing and unlinking ---- */

static struct {
	void *p;
	size_t len;
	int fd;
} last;

static void *remembers(void *addr, size_t len, int prot, int flags, int fd,
		       off_t offset)
{
	void *p = ct_base->mmap(addr, len, prot, flags, fd, offset);

	if (p != MAP_FAILED && fd >= 0) {
		last.p = p;
		last.len = len;
		last.fd = fd;
	}
	return p;
}

static int close_unmaps(int fd)
{
	if (last.p != NULL && fd == last.fd) {
		munmap(last.p, last.len);
		last.p = NULL;
	}
	return ct_base->close(fd);
}

CT_MUTANT(shmm_close_unmaps, .breaks = "SHM-052",
	  .text = "closing the descriptor takes the mapping away",
	  .os = {.mmap = remembers, .close = close_unmaps});

static int unlink_empties(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDWR, 0);

	if (fd >= 0) {
		ct_base->ftruncate(fd, 0);
		close(fd);
	}
	return ct_base->shm_unlink(name);
}

CT_MUTANT(shmm_unlink_empties, .breaks = "SHM-053 SHM-067 SHM-068",
	  .text = "unlinking frees memory that is in use",
	  .os.shm_unlink = unlink_empties);

static int unlink_later(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDONLY, 0);

	/* The name stays as long as this process lives. */
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

CT_MUTANT(shmm_unlink_later, .breaks = "SHM-069 SHM-070 SHM-072 SHM-073",
	  .text = "unlinking does not remove the name",
	  .os.shm_unlink = unlink_later);

static int unlink_absent_fine(const char *name)
{
	int result = ct_base->shm_unlink(name);

	return result != 0 && errno == ENOENT ? 0 : result;
}

CT_MUTANT(shmm_unlink_absent_fine, .breaks = "SHM-073 SHM-083",
	  .text = "unlinking an absent name succeeds",
	  .os.shm_unlink = unlink_absent_fine);

static int unlink_absent_einval(const char *name)
{
	int result = ct_base->shm_unlink(name);

	if (result != 0 && errno == ENOENT)
		errno = EINVAL;
	return result;
}

CT_MUTANT(shmm_unlink_absent_einval, .breaks = "SHM-073 SHM-083",
	  .text = "unlinking an absent name is EINVAL",
	  .os.shm_unlink = unlink_absent_einval);

/* The object unlinked last is held, for the next that is created so. */
static struct {
	char name[64];
	int fd;
} held = {"", -1};

static int unlink_holds(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDWR, 0);

	if (fd >= 0) {
		close(held.fd);
		held.fd = fcntl(fd, F_DUPFD, 200);
		close(fd);
		snprintf(held.name, sizeof(held.name), "%s", name);
	}
	return ct_base->shm_unlink(name);
}

static int open_finds(const char *name, int flags, mode_t mode)
{
	if ((flags & O_CREAT) && strcmp(name, held.name) == 0)
		return dup(held.fd);
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shmm_recreated_is_old, .breaks = "SHM-071",
	  .text = "what is created after unlinking is the old object",
	  .os = {.shm_open = open_finds, .shm_unlink = unlink_holds});

static int close_keeps(int fd)
{
	return fcntl(fd, F_GETFD) == -1 ? -1 : 0;
}

CT_MUTANT(shmm_close_does_nothing, .breaks = "SHM-062 SHM-086",
	  .text = "closing leaves the descriptor open",
	  .os.close = close_keeps);

static int close_twice(int fd)
{
	int result = ct_base->close(fd);

	return result != 0 && errno == EBADF ? 0 : result;
}

CT_MUTANT(shmm_close_twice_fine, .breaks = "SHM-062 SHM-086",
	  .text = "closing a closed descriptor succeeds",
	  .os.close = close_twice);
