/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in the size and the life of shared memory objects. */
#include "mutant.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

static int rounds_up(int fd, off_t size)
{
	return ct_base->ftruncate(fd, (size + 4095) / 4096 * 4096);
}

CT_MUTANT(shm_resize_rounds,
	  .breaks = "SHM-040 SHM-041 SHM-042 SHM-044 SHM-059",
	  .text = "sizes are rounded up to pages", .os.ftruncate = rounds_up);

static int only_once(int fd, off_t size)
{
	struct stat st;

	if (ct_base->fstat(fd, &st) == 0 && st.st_size != 0) {
		errno = EINVAL;
		return -1;
	}
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_resize_once, .breaks = "SHM-040 SHM-042 SHM-044 SHM-045 SHM-047",
	  .text = "an object can be sized once", .os.ftruncate = only_once);

static int grows_only(int fd, off_t size)
{
	struct stat st;

	if (size > 0 && ct_base->fstat(fd, &st) == 0 && st.st_size > size)
		return 0;
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_resize_grows_only,
	  .breaks = "SHM-040 SHM-042 SHM-044 SHM-047 SHM-046",
	  .text = "an object is never cut short", .os.ftruncate = grows_only);

static int loses_bytes(int fd, off_t size)
{
	struct stat st;

	/* A new piece of memory for each size. */
	if (size > 0 && ct_base->fstat(fd, &st) == 0 && st.st_size != size)
		ct_base->ftruncate(fd, 0);
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_resize_loses_bytes, .breaks = "SHM-045",
	  .text = "a resize loses the bytes", .os.ftruncate = loses_bytes);

static off_t pretended;

static int only_says(int fd, off_t size)
{
	struct stat st;

	/* The second growth is a number alone. */
	if (ct_base->fstat(fd, &st) == 0 && st.st_size > 0 &&
	    size > st.st_size) {
		pretended = size;
		return 0;
	}
	pretended = 0;
	return ct_base->ftruncate(fd, size);
}

static int says_size(int fd, struct stat *st)
{
	int result = ct_base->fstat(fd, st);

	if (pretended != 0)
		st->st_size = pretended;
	return result;
}

CT_MUTANT(shm_resize_only_says, .breaks = "SHM-088",
	  .text = "growing adds no memory",
	  .os = {.ftruncate = only_says, .fstat = says_size});

/* The tail of the last page survives the cut. */
static int keeps_tail(int fd, off_t size)
{
	const size_t page = (size_t)ct_base->sysconf(_SC_PAGESIZE);
	const size_t in = (size_t)size % page;
	char tail[65536];
	char *p;
	int result;

	if (in == 0 || page > sizeof(tail))
		return ct_base->ftruncate(fd, size);
	p = ct_base->mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  (off_t)((size_t)size - in));
	if (p == MAP_FAILED)
		return ct_base->ftruncate(fd, size);
	if (ct_base->ftruncate(fd, (off_t)((size_t)size - in + page)) == 0)
		memcpy(tail, p, page);
	result = ct_base->ftruncate(fd, size);
	if (result == 0)
		memcpy(p, tail, page);
	ct_base->munmap(p, page);
	return result;
}

CT_MUTANT(shm_resize_keeps_tail, .breaks = "SHM-048",
	  .text = "the last page keeps what was beyond the end",
	  .os.ftruncate = keeps_tail);

static int negative_is_zero(int fd, off_t size)
{
	return ct_base->ftruncate(fd, size < 0 ? 0 : size);
}

CT_MUTANT(shm_resize_negative, .breaks = "SHM-049",
	  .text = "a negative size is zero", .os.ftruncate = negative_is_zero);

static int negative_empties(int fd, off_t size)
{
	if (size < 0)
		ct_base->ftruncate(fd, 0);
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_resize_refused_empties, .breaks = "SHM-049",
	  .text = "a refused size empties the object",
	  .os.ftruncate = negative_empties);

static int read_only_ok(int fd, off_t size)
{
	int result = ct_base->ftruncate(fd, size);

	if (result != 0 && errno == EINVAL && size >= 0 &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return 0;
	return result;
}

CT_MUTANT(shm_resize_read_only, .breaks = "SHM-013 SHM-079",
	  .text = "resizing through a read-only descriptor succeeds",
	  .os.ftruncate = read_only_ok);

static int fallocate_cuts(int fd, off_t offset, off_t size)
{
	return ct_base->ftruncate(fd, offset + size);
}

CT_MUTANT(shm_fallocate_cuts, .breaks = "SHM-061",
	  .text = "posix_fallocate cuts what is longer",
	  .os.posix_fallocate = fallocate_cuts);

static int close_lies(int fd)
{
	return fcntl(fd, F_GETFD) == -1 ? ct_base->close(fd) : 0;
}

CT_MUTANT(shm_close_nothing, .breaks = "SHM-062 SHM-086",
	  .text = "close leaves the descriptor open", .os.close = close_lies);

static int close_twice(int fd)
{
	int result = ct_base->close(fd);

	return result != 0 && errno == EBADF ? 0 : result;
}

CT_MUTANT(shm_close_twice, .breaks = "SHM-062 SHM-086 SHM-087",
	  .text = "closing what is not open succeeds", .os.close = close_twice);

static int unlink_lies(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDONLY, 0);

	if (fd < 0)
		return ct_base->shm_unlink(name);
	ct_base->close(fd);
	return 0;
}

CT_MUTANT(shm_unlink_nothing,
	  .breaks = "SHM-066 SHM-069 SHM-070 SHM-071 SHM-072 SHM-073 SHM-078 "
		    "SHM-083 SHM-091 GEN-011 GEN-013",
	  .text = "unlinking leaves the name", .os.shm_unlink = unlink_lies);

static int unlink_empties(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDWR, 0);

	if (fd >= 0) {
		ct_base->ftruncate(fd, 0);
		ct_base->close(fd);
	}
	return ct_base->shm_unlink(name);
}

CT_MUTANT(shm_unlink_empties, .breaks = "SHM-053 SHM-067 SHM-068",
	  .text = "unlinking takes the memory at once",
	  .os.shm_unlink = unlink_empties);

static int unlink_clears(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDWR, 0);
	struct stat st;
	void *p;

	if (fd >= 0 && ct_base->fstat(fd, &st) == 0 && st.st_size > 0) {
		p = ct_base->mmap(NULL, (size_t)st.st_size, PROT_WRITE,
				  MAP_SHARED, fd, 0);
		memset(p, 0, (size_t)st.st_size);
		ct_base->munmap(p, (size_t)st.st_size);
	}
	ct_base->close(fd);
	return ct_base->shm_unlink(name);
}

CT_MUTANT(shm_unlink_clears, .breaks = "SHM-053 SHM-067 SHM-068",
	  .text = "unlinking clears the memory that others still map",
	  .os.shm_unlink = unlink_clears);

static int unlink_keeps(const char *name)
{
	int fd = ct_base->shm_open(name, O_RDONLY, 0);
	struct stat st;

	/* A reference that nobody has: the memory is lost. */
	if (fd >= 0) {
		if (ct_base->fstat(fd, &st) == 0 && st.st_size > 0)
			ct_base->mmap(NULL, (size_t)st.st_size, PROT_NONE,
				      MAP_SHARED, fd, 0);
		ct_base->close(fd);
	}
	return ct_base->shm_unlink(name);
}

CT_MUTANT(shm_memory_lost, .breaks = "SHM-077",
	  .text = "an unlinked object's memory is never given back",
	  .os.shm_unlink = unlink_keeps);

static int unlink_one(const char *name)
{
	int result = ct_base->shm_unlink(name);

	return result == 0 ? 1 : result;
}

CT_MUTANT(shm_unlink_one, .breaks = "SHM-076", .text = "unlinking gives 1",
	  .os.shm_unlink = unlink_one);

static int unlink_einval(const char *name)
{
	int result = ct_base->shm_unlink(name);

	if (result != 0 && errno == ENOENT)
		errno = EBUSY;
	return result;
}

CT_MUTANT(shm_unlink_absent_ebusy, .breaks = "SHM-073 SHM-075 SHM-083 GEN-003",
	  .text = "unlinking what is absent says EBUSY",
	  .os.shm_unlink = unlink_einval);

static int unlink_short(const char *name)
{
	if (strlen(name) > 100) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return ct_base->shm_unlink(name);
}

CT_MUTANT(shm_unlink_short, .breaks = "SHM-091",
	  .text = "a name that could be opened is too long to be unlinked",
	  .os.shm_unlink = unlink_short);

/* Names are cut to 30 bytes. */
static const char *cut(const char *name, char *buf)
{
	snprintf(buf, 31, "%s", name);
	return buf;
}

static int open_cut(const char *name, int flags, mode_t mode)
{
	char buf[32];

	return ct_base->shm_open(cut(name, buf), flags, mode);
}

static int unlink_cut(const char *name)
{
	char buf[32];

	return ct_base->shm_unlink(cut(name, buf));
}

CT_MUTANT(shm_names_cut, .breaks = "SHM-036",
	  .text = "long names are cut, so that two are one",
	  .os = {.shm_open = open_cut, .shm_unlink = unlink_cut});

static int open_ascii(const char *name, int flags, mode_t mode)
{
	const char *p;

	for (p = name; *p != '\0'; p++)
		if (*p & 0x80 || *p < ' ') {
			errno = ENOTSUP;
			return -1;
		}
	return ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_names_enotsup, .breaks = "SHM-035",
	  .text = "names that are not supported give ENOTSUP",
	  .os.shm_open = open_ascii);

static long issue_8(int name)
{
	return name == _SC_VERSION ? 202405L : ct_base->sysconf(name);
}

static int in_two_steps(int fd, off_t size)
{
	ct_base->ftruncate(fd, 5000);
	sched_yield();
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(shm_resize_two_steps, .breaks = "SHM-103",
	  .text = "a system of Issue 8 resizes in two steps",
	  .os = {.sysconf = issue_8, .ftruncate = in_two_steps});

static long page_half(int name)
{
	long value = ct_base->sysconf(name);

	return name == _SC_PAGESIZE ? value / 2 : value;
}

CT_MUTANT(shm_page_size_half, .breaks = "SHM-050",
	  .text = "sysconf tells half of a page", .os.sysconf = page_half);
