/* SPDX-License-Identifier: BSD-3-Clause */
/* Mapping shared memory objects. */
#include "shm.h"

#include <stdio.h>
#include <stdlib.h>

CT_CASE(shm_read_only, .id = "shm.map.read-only-descriptor",
	.req = "SHM-014 SHM-098", .posix = "XSH mmap ERRORS [EACCES]",
	.text = "a read-only descriptor maps for reading, where a writer's "
		"stores show, and not for writing",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 10, &name), ro;
	volatile char *writer = ct_map(t, fd, 10), *reader;
	pipc_shm *shm = NULL;
	struct ct_peer *p;

	*writer = '1';
	SHM_OPEN(ro, name, O_RDONLY, 0);
	CT_ERRNO(t->os->mmap(NULL, 10, SHM_RW, MAP_SHARED, ro, 0) == MAP_FAILED,
		 EACCES);
	CT_ERRNO(t->os->mmap(NULL, 10, PROT_WRITE, MAP_SHARED, ro, 0) ==
		     MAP_FAILED,
		 EACCES);
	SHM_MAP(reader, ro, 10, PROT_READ);
	CT_EQUAL(*reader, '1');
	CT_PEER (t, p)
		*writer = '2';
	ct_join(t, p);
	CT_EQUAL(*reader, '2');
	SHM_CLOSE(ro);
	CT_MUST(CT_EXPECT(pipc_shm_open(&shm, name, 0, 0, 0, true), PIPC_OK));
	ro = pipc_shm_fd(shm);
	CT_ERRNO(t->os->mmap(NULL, 10, SHM_RW, MAP_SHARED, ro, 0) == MAP_FAILED,
		 EACCES);
	SHM_MAP(reader, ro, 10, PROT_READ);
	CT_EQUAL(*reader, '2');
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_shm_free(shm);
	SHM_CLOSE(fd);
}

CT_CASE(shm_read_only_size, .id = "shm.size.read-only-descriptor",
	.req = "SHM-013", .posix = "XSH ftruncate ERRORS [EBADF], [EINVAL]",
	.text = "a read-only descriptor cannot resize", .needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 10, &name), ro;

	SHM_OPEN(ro, name, O_RDONLY, 0);
	CT_ERRNO2(t->os->ftruncate(ro, 20) == -1, EBADF, EINVAL);
	CT_ERRNO2(t->os->ftruncate(ro, 5) == -1, EBADF, EINVAL);
	CT_EQUAL(shm_size(t, fd), 10);
	SHM_CLOSE(ro);
	SHM_CLOSE(fd);
}

CT_CASE(shm_mprotect, .id = "shm.map.read-only-then-mprotect", .req = "SHM-015",
	.posix = "XSH mprotect ERRORS [EACCES]",
	.text = "making a read-only descriptor's mapping writable is refused "
		"with EACCES; success is recorded",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 10, &name), ro, result, error;
	void *map;

	SHM_OPEN(ro, name, O_RDONLY, 0);
	SHM_MAP(map, ro, 10, PROT_READ);
	result = t->os->mprotect(map, 10, SHM_RW);
	error = errno;
	if (result != 0)
		CT_EQUAL(error, EACCES);
	else
		ct_note(t, "mprotect", "makes it writable");
	SHM_CLOSE(ro);
	SHM_CLOSE(fd);
}

CT_CASE(shm_protection, .id = "shm.map.protection", .req = "SHM-095",
	.posix = "XSH mmap DESCRIPTION, prot",
	.text = "nothing is stored through a PROT_READ mapping, nor read "
		"through PROT_NONE; mprotect opens and shuts it",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 10, NULL), died;
	volatile char *writer = ct_map(t, fd, 10), *reader, *none;

	*writer = 'p';
	SHM_MAP(reader, fd, 10, PROT_READ);
	SHM_MAP(none, fd, 10, PROT_NONE);
	died = shm_touch(t, reader, false);
	CT_EQUAL(died, 0);
	died = shm_touch(t, reader, true);
	CT_CHECK(died != 0);
	CT_EQUAL(*writer, 'p');
	died = shm_touch(t, none, false);
	CT_CHECK(died != 0);
	died = shm_touch(t, none, true);
	CT_CHECK(died != 0);
	CT_EQUAL(*writer, 'p');
	CT_OK(t->os->mprotect((void *)none, 10, SHM_RW) == 0);
	died = shm_touch(t, none, true);
	CT_EQUAL(died, 0);
	CT_EQUAL(*writer, 'W');
	CT_OK(t->os->mprotect((void *)none, 10, PROT_READ) == 0);
	died = shm_touch(t, none, true);
	CT_CHECK(died != 0);
	SHM_CLOSE(fd);
}

CT_CASE(shm_sigbus, .id = "shm.map.beyond-the-end", .req = "SHM-047",
	.posix = "XSH mmap DESCRIPTION, SIGBUS; ftruncate, discarded pages",
	.text = "a reference to a mapped page wholly beyond the end gives "
		"SIGBUS, reading or writing; one to the last page does not",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 3 * page, NULL), died;
	volatile char *map = ct_map(t, fd, 3 * page);

	map[2 * page] = 'b';
	SHM_RESIZE(fd, (off_t)page + 1);
	died = shm_touch(t, map + 2 * page, false);
	CT_EQUAL(died, SIGBUS);
	died = shm_touch(t, map + 2 * page, true);
	CT_EQUAL(died, SIGBUS);
	died = shm_touch(t, map + 3 * page - 1, true);
	CT_EQUAL(died, SIGBUS);
	died = shm_touch(t, map + 2 * page - 1, true);
	CT_EQUAL(died, 0);
	died = shm_touch(t, map + page, false);
	CT_EQUAL(died, 0);
	SHM_CLOSE(fd);
}

/* Maps beyond the end: NULL where the system refuses, which it may. */
static char *map_beyond(struct ct *t, int fd, size_t size)
{
	void *map = t->os->mmap(NULL, size, SHM_RW, MAP_SHARED, fd, 0);
	int error = errno;

	if (map != MAP_FAILED)
		return map;
	ct_note(t, "map-beyond-the-end", "%s", ct_errno_name(error));
	CT_EQUAL(error, ENXIO);
	return NULL;
}

CT_CASE(shm_map_empty, .id = "shm.map.empty-object", .req = "SHM-054",
	.posix = "XSH mmap ERRORS [ENXIO], DESCRIPTION SIGBUS",
	.text = "an empty object is not mapped (ENXIO), or its pages give "
		"SIGBUS until it has grown",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 0, NULL), died;
	char *map = map_beyond(t, fd, page);

	if (map != NULL) {
		died = shm_touch(t, map, false);
		CT_EQUAL(died, SIGBUS);
		SHM_RESIZE(fd, (off_t)page);
		died = shm_touch(t, map, true);
		ct_note(t, "mapping-after-growth", "%s",
			died == 0 && *map == 'W' ? "works" : "does not work");
	}
	SHM_CLOSE(fd);
}

CT_CASE(shm_map_longer, .id = "shm.map.longer-than-the-object",
	.req = "SHM-058", .posix = "XSH mmap ERRORS [ENXIO], RATIONALE",
	.text = "a mapping longer than the object is refused (ENXIO), or shows "
		"the object's bytes and gives SIGBUS beyond",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, page, NULL), died;
	char *known = ct_map(t, fd, page), *map;

	known[page - 1] = 'l';
	map = map_beyond(t, fd, 4 * page);
	if (map != NULL) {
		ct_note(t, "map-beyond-the-end", "allowed");
		CT_EQUAL(map[page - 1], 'l');
		died = shm_touch(t, map + page, false);
		CT_EQUAL(died, SIGBUS);
	}
	SHM_CLOSE(fd);
}

CT_CASE(shm_private, .id = "shm.map.private", .req = "SHM-055",
	.posix = "XSH mmap DESCRIPTION MAP_PRIVATE, ERRORS [ENOTSUP]",
	.text = "stores to a private mapping do not change the object",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 10, &name), ro, error;
	volatile char *shared = ct_map(t, fd, 10), *own;

	*shared = 's';
	own = t->os->mmap(NULL, 10, SHM_RW, MAP_PRIVATE, fd, 0);
	error = errno;
	if (own == MAP_FAILED && error == ENOTSUP)
		ct_unsupported(t, "no MAP_PRIVATE of shared memory: ENOTSUP");
	errno = error;
	CT_MUST(CT_CHECK(own != MAP_FAILED));
	CT_EQUAL(*own, 's');
	*own = 'p';
	CT_EQUAL(*own, 'p');
	CT_EQUAL(*shared, 's');
	/* Writing to one's own copy takes no permission to write. */
	SHM_OPEN(ro, name, O_RDONLY, 0);
	CT_MUST(CT_OK((own = t->os->mmap(NULL, 10, SHM_RW, MAP_PRIVATE, ro,
					 0)) != MAP_FAILED));
	*own = 'q';
	CT_EQUAL(*shared, 's');
	SHM_CLOSE(ro);
	SHM_CLOSE(fd);
}

#define PATTERN "a pattern that nothing else has at its start"

CT_PROGRAM(shm_unmapped)
{
	volatile char *at = (volatile char *)(uintptr_t)strtoumax(arg, NULL, 0);
	int died = shm_touch(t, at, false);

	/* Something of the new program may happen to be there. */
	CT_CHECK(died != 0 ||
		 memcmp((void *)at, PATTERN, sizeof(PATTERN)) != 0);
}

CT_CASE(shm_map_fork, .id = "shm.map.fork-and-exec", .req = "SHM-056",
	.posix = "XSH fork, exec DESCRIPTION",
	.text = "a forked child shares the parent's mapping; exec unmaps it",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 100, NULL);
	char *map = ct_map(t, fd, 100), at[32];
	struct ct_peer *p;

	memcpy(map, PATTERN, sizeof(PATTERN));
	CT_PEER (t, p) {
		CT_CHECK(memcmp(map, PATTERN, sizeof(PATTERN)) == 0);
		map[99] = 'c';
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(*(volatile char *)&map[98], 'p');
	}
	ct_await(t, p);
	CT_EQUAL(*(volatile char *)&map[99], 'c');
	map[98] = 'p';
	ct_tell(t, p);
	ct_join(t, p);
	snprintf(at, sizeof(at), "%#" PRIxMAX, (uintmax_t)(uintptr_t)map);
	CT_PEER (t, p)
		ct_exec(t, "shm_unmapped", at);
	ct_join(t, p);
	CT_CHECK(memcmp(map, PATTERN, sizeof(PATTERN)) == 0);
	SHM_CLOSE(fd);
}

CT_CASE(shm_map_errors, .id = "shm.map.bad-arguments", .req = "SHM-057 SHM-094",
	.posix = "XSH mmap ERRORS [EINVAL], [EBADF]",
	.text = "no length, no descriptor, or neither shared nor private is "
		"refused",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 10, NULL), closed = dup(fd);

	close(closed);
	CT_ERRNO(t->os->mmap(NULL, 0, SHM_RW, MAP_SHARED, fd, 0) == MAP_FAILED,
		 EINVAL);
	CT_ERRNO(t->os->mmap(NULL, 10, SHM_RW, 0, fd, 0) == MAP_FAILED, EINVAL);
	CT_ERRNO(t->os->mmap(NULL, 10, SHM_RW, MAP_SHARED, -1, 0) == MAP_FAILED,
		 EBADF);
	CT_ERRNO(t->os->mmap(NULL, 10, SHM_RW, MAP_SHARED, closed, 0) ==
		     MAP_FAILED,
		 EBADF);
	SHM_CLOSE(fd);
}

CT_CASE(shm_map_offset, .id = "shm.map.offset", .req = "SHM-097",
	.posix = "XSH mmap DESCRIPTION, off",
	.text = "a mapping at an offset shows the object's bytes from there",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 3 * page, NULL);
	volatile char *whole = ct_map(t, fd, 3 * page), *part;

	whole[page] = '1';
	whole[2 * page] = '2';
	CT_MUST(CT_OK((part = t->os->mmap(NULL, page, SHM_RW, MAP_SHARED, fd,
					  (off_t)(2 * page))) != MAP_FAILED));
	CT_EQUAL(part[0], '2');
	part[page - 1] = 'e';
	CT_EQUAL(whole[3 * page - 1], 'e');
	CT_MUST(CT_OK((part = t->os->mmap(NULL, 2 * page, SHM_RW, MAP_SHARED,
					  fd, (off_t)page)) != MAP_FAILED));
	CT_EQUAL(part[0], '1');
	CT_EQUAL(part[page], '2');
	SHM_CLOSE(fd);
}

CT_CASE(shm_map_unaligned, .id = "shm.map.unaligned-offset", .req = "SHM-090",
	.posix = "XSH mmap ERRORS (may) [EINVAL]",
	.text = "an offset within a page is refused with EINVAL, or shows the "
		"bytes from there",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 2 * page, NULL), error;
	char *whole = ct_map(t, fd, 2 * page), *part;

	whole[1] = 'u';
	part = t->os->mmap(NULL, page, SHM_RW, MAP_SHARED, fd, 1);
	error = errno;
	ct_note(t, "unaligned-offset", "%s",
		part == MAP_FAILED ? ct_errno_name(error) : "allowed");
	if (part == MAP_FAILED)
		CT_EQUAL(error, EINVAL);
	else
		CT_EQUAL(*part, 'u');
	SHM_CLOSE(fd);
}

CT_CASE(shm_munmap, .id = "shm.map.munmap", .req = "SHM-096",
	.posix = "XSH munmap DESCRIPTION, ERRORS [EINVAL]",
	.text = "after munmap a reference gives SIGSEGV; no length is refused",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 2 * page, NULL), died;
	char *map = ct_map(t, fd, 2 * page);

	CT_ERRNO(t->os->munmap(map, 0) == -1, EINVAL);
	died = shm_touch(t, map, true);
	CT_EQUAL(died, 0);
	CT_OK(t->os->munmap(map, page) == 0);
	died = shm_touch(t, map, false);
	CT_EQUAL(died, SIGSEGV);
	died = shm_touch(t, map + page, true);
	CT_EQUAL(died, 0);
	CT_OK(t->os->munmap(map + page, page) == 0);
	died = shm_touch(t, map + page, false);
	CT_EQUAL(died, SIGSEGV);
	SHM_CLOSE(fd);
}

CT_CASE(shm_page_size, .id = "shm.map.page-size", .req = "SHM-050",
	.posix = "specification S5; XSH sysconf {PAGESIZE}, mmap SIGBUS",
	.text = "the page size told by the library and by sysconf is that by "
		"which memory beyond the end is cut off",
	.needs = CT_NEED_SHM)
{
	const size_t page = (size_t)pipc_limits()->page_size;
	int fd, died;
	volatile char *map;

	CT_EQUAL(page, t->os->sysconf(_SC_PAGESIZE));
	CT_MUST(CT_CHECK(page > 0 && (page & (page - 1)) == 0));
	fd = ct_shm(t, 3 * page, NULL);
	map = ct_map(t, fd, 3 * page);
	SHM_RESIZE(fd, 1);
	died = shm_touch(t, map + page - 1, true);
	CT_EQUAL(died, 0);
	died = shm_touch(t, map + page, true);
	CT_EQUAL(died, SIGBUS);
	SHM_CLOSE(fd);
}
