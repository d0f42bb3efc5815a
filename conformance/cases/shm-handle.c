/* SPDX-License-Identifier: BSD-3-Clause */
/* The library's handle of a shared memory segment. */
#include "shm.h"

/* What a handle says of the size; (size_t)-1 when it says nothing. */
static size_t handle_size(const pipc_shm *shm)
{
	size_t size;

	return pipc_shm_size(shm, &size) == PIPC_OK ? size : (size_t)-1;
}

static void done(struct ct *t, pipc_shm *shm)
{
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_shm_free(shm);
}

CT_CASE(shm_random_name, .id = "shm.handle.random-name", .req = "SHM-039",
	.posix = "specification S45",
	.text = "without a name an unused one is chosen, which others can open",
	.needs = CT_NEED_SHM)
{
	pipc_shm *a, *b, *none = NULL;
	struct ct_peer *p;

	CT_EXPECT(pipc_shm_open(&none, NULL, 0, 0600, 1, false),
		  PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_shm_open(&none, NULL, PIPC_O_CREAT, 0600, 1, false),
		  PIPC_VALUE_ERROR);
	CT_CHECK(none == NULL);
	a = ct_pipc_shm(t, 11);
	b = ct_pipc_shm(t, 12);
	CT_EQUAL(pipc_shm_name(a)[0], '/');
	CT_CHECK(strchr(pipc_shm_name(a) + 1, '/') == NULL);
	CT_CHECK(strcmp(pipc_shm_name(a), pipc_shm_name(b)) != 0);
	CT_PEER (t, p) {
		CT_MUST(CT_EXPECT(
		    pipc_shm_open(&none, pipc_shm_name(a), 0, 0, 0, false),
		    PIPC_OK));
		CT_EQUAL(handle_size(none), 11);
	}
	ct_join(t, p);
	done(t, a);
	done(t, b);
}

CT_CASE(shm_sizes, .id = "shm.open.size-resizes-new-and-existing",
	.req = "SHM-040 SHM-041 SHM-042 SHM-043",
	.posix = "specification S51, S52; XSH ftruncate",
	.text = "a size other than 0 resizes, new or existing; 0 does not",
	.needs = CT_NEED_SHM)
{
	static const size_t sizes[] = {10, 20000, 0, 1, 0, 4096};
	pipc_shm *a, *b;
	size_t i, now = 4097;

	CT_MUST(CT_EXPECT(
	    pipc_shm_open(&a, NULL, PIPC_O_CREX, 0600, now, false), PIPC_OK));
	CT_EQUAL(handle_size(a), now);
	CT_EQUAL(shm_size(t, pipc_shm_fd(a)), now);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		CT_MUST(CT_EXPECT(pipc_shm_open(&b, pipc_shm_name(a),
						i % 2 ? PIPC_O_CREAT : 0, 0600,
						sizes[i], false),
				  PIPC_OK));
		now = sizes[i] != 0 ? sizes[i] : now;
		CT_EQUAL(handle_size(a), now);
		CT_EQUAL(handle_size(b), now);
		done(t, b);
	}
	CT_EXPECT(pipc_shm_unlink(a), PIPC_OK);
	done(t, a);
}

CT_CASE(shm_no_size, .id = "shm.handle.no-size", .req = "SHM-043",
	.posix = "specification S52",
	.text = "a new segment without a size is empty, and ftruncate on its "
		"descriptor gives it one",
	.needs = CT_NEED_SHM)
{
	pipc_shm *shm = ct_pipc_shm(t, 0);

	CT_EQUAL(handle_size(shm), 0);
	SHM_RESIZE(pipc_shm_fd(shm), 33);
	CT_EQUAL(handle_size(shm), 33);
	SHM_RESIZE(pipc_shm_fd(shm), 3);
	CT_EQUAL(handle_size(shm), 3);
	done(t, shm);
}

CT_CASE(shm_attributes, .id = "shm.handle.attributes", .req = "SHM-059 SHM-064",
	.posix = "specification S60",
	.text = "name, descriptor and size are what they were given as, "
		"whatever the caller does with his own copies",
	.needs = CT_NEED_SHM)
{
	char name[32], before[32];
	pipc_shm *shm;
	int fd;

	strcpy(name, ct_name(t));
	strcpy(before, name);
	CT_MUST(CT_EXPECT(
	    pipc_shm_open(&shm, name, PIPC_O_CREX, 0600, 7, false), PIPC_OK));
	memset(name, 'x', sizeof(name) - 1);
	CT_CHECK(strcmp(pipc_shm_name(shm), before) == 0);
	fd = pipc_shm_fd(shm);
	CT_CHECK(fcntl(fd, F_GETFD) != -1);
	CT_EQUAL(handle_size(shm), 7);
	SHM_RESIZE(fd, 70);
	CT_EQUAL(handle_size(shm), 70);
	CT_EQUAL(handle_size(shm), shm_size(t, fd));
	CT_EQUAL(pipc_shm_fd(shm), fd);
	CT_EXPECT(pipc_shm_unlink(shm), PIPC_OK);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	CT_CHECK(strcmp(pipc_shm_name(shm), before) == 0);
	pipc_shm_free(shm);
}

CT_CASE(shm_close_fd, .id = "shm.handle.close-fd", .req = "SHM-062 SHM-086",
	.posix = "specification S55; XSH close",
	.text = "close_fd is close(): the number is no descriptor any more, "
		"and a second close is refused",
	.needs = CT_NEED_SHM)
{
	pipc_shm *shm = ct_pipc_shm(t, 100);
	int fd = pipc_shm_fd(shm);
	struct stat st;
	size_t size = 1;

	CT_CHECK(fcntl(fd, F_GETFD) != -1);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	CT_ERRNO(fcntl(fd, F_GETFD) == -1, EBADF);
	CT_ERRNO(t->os->fstat(fd, &st) == -1, EBADF);
	CT_ERRNO2(t->os->ftruncate(fd, 1) == -1, EBADF, EINVAL);
	CT_ERRNO(t->os->mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0) ==
		     MAP_FAILED,
		 EBADF);
	CT_ERRNO(t->os->close(fd) == -1, EBADF);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_size(shm, &size), PIPC_EXISTENTIAL_ERROR);
	CT_EQUAL(size, 1);
	CT_EQUAL(pipc_shm_fd(shm), -1);
	CT_EXPECT(pipc_shm_unlink(shm), PIPC_OK);
	CT_EXPECT(pipc_shm_unlink(shm), PIPC_EXISTENTIAL_ERROR);
	pipc_shm_free(shm);
}

CT_CASE(shm_closed_by_caller, .id = "shm.handle.closed-by-caller",
	.req = "SHM-062", .posix = "specification S55; XSH close [EBADF]",
	.text = "a caller may close the descriptor himself: close_fd is then "
		"the second close",
	.needs = CT_NEED_SHM)
{
	pipc_shm *shm = ct_pipc_shm(t, 1);

	SHM_CLOSE(pipc_shm_fd(shm));
	CT_ERRNO(pipc_shm_close_fd(shm) == PIPC_EXISTENTIAL_ERROR, EBADF);
	pipc_shm_free(shm);
}

CT_CASE(shm_free, .id = "shm.handle.free-closes-nothing", .req = "SHM-063",
	.posix = "specification S56",
	.text = "the end of the handle is not the end of its descriptor, nor "
		"of the segment",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	pipc_shm *shm;
	int fd;

	CT_MUST(CT_EXPECT(
	    pipc_shm_open(&shm, name, PIPC_O_CREX, 0600, 8, false), PIPC_OK));
	fd = pipc_shm_fd(shm);
	pipc_shm_free(shm);
	CT_CHECK(fcntl(fd, F_GETFD) != -1);
	CT_EQUAL(shm_size(t, fd), 8);
	CT_EQUAL(shm_exists(t, name), 1);
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
}

CT_CASE(shm_unlink_by_name, .id = "shm.handle.unlink-by-name", .req = "SHM-083",
	.posix = "specification S1",
	.text = "a segment is unlinked by its name alone, and no other is",
	.needs = CT_NEED_SHM)
{
	pipc_shm *a = ct_pipc_shm(t, 1), *b = ct_pipc_shm(t, 1);

	CT_EXPECT(pipc_unlink_shared_memory(NULL), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_unlink_shared_memory(pipc_shm_name(a)), PIPC_OK);
	CT_EQUAL(shm_exists(t, pipc_shm_name(a)), 0);
	CT_EQUAL(shm_exists(t, pipc_shm_name(b)), 1);
	CT_EXPECT(pipc_unlink_shared_memory(pipc_shm_name(a)),
		  PIPC_EXISTENTIAL_ERROR);
	done(t, a);
	done(t, b);
}

static int no_space(int fd, off_t size)
{
	(void)fd;
	(void)size;
	errno = ENOSPC;
	return -1;
}

CT_CASE(shm_size_fails, .id = "shm.handle.sizing-fails", .req = "SHM-078",
	.posix = "specification S51; the library's choice",
	.text = "a new segment that cannot be sized is removed again, an "
		"existing one stays as it was, and no descriptor is left",
	.needs = CT_NEED_SHM)
{
	const char *name, *fresh = ct_name(t);
	int fd = ct_shm(t, 100, &name), next = dup(0);
	struct pipc__os full = *t->os;
	pipc_shm *shm = NULL;

	close(next);
	full.ftruncate = no_space;
	pipc__use(&full);
	CT_EXPECT(pipc_shm_open(&shm, fresh, PIPC_O_CREX, 0600, 5, false),
		  PIPC_OS_ERROR);
	CT_EQUAL(shm_exists(t, fresh), 0);
	CT_EXPECT(pipc_shm_open(&shm, fresh, PIPC_O_CREAT, 0600, 5, false),
		  PIPC_OS_ERROR);
	CT_EQUAL(shm_exists(t, fresh), 0);
	CT_EXPECT(pipc_shm_open(&shm, name, PIPC_O_CREAT, 0600, 5, false),
		  PIPC_OS_ERROR);
	CT_EXPECT(pipc_shm_open(&shm, name, 0, 0600, 5, false), PIPC_OS_ERROR);
	pipc__use(t->os);
	CT_CHECK(shm == NULL);
	CT_EQUAL(shm_exists(t, name), 1);
	CT_EQUAL(shm_size(t, fd), 100);
	CT_EQUAL(dup(0), next);
	close(next);
	SHM_CLOSE(fd);
}

CT_CASE(shm_read_only_handle, .id = "shm.handle.read-only-and-size",
	.req = "SHM-079 SHM-013", .posix = "specification S44, S51",
	.text = "a read-only handle cannot size a segment, and makes none",
	.needs = CT_NEED_SHM)
{
	const char *name, *fresh = ct_name(t);
	int fd = ct_shm(t, 100, &name);
	pipc_shm *shm = NULL;

	CT_EXPECT(pipc_shm_open(&shm, fresh, PIPC_O_CREX, 0600, 5, true),
		  PIPC_VALUE_ERROR);
	CT_EQUAL(shm_exists(t, fresh), 0);
	CT_EXPECT(pipc_shm_open(&shm, name, 0, 0600, 5, true),
		  PIPC_VALUE_ERROR);
	CT_CHECK(shm == NULL);
	CT_EQUAL(shm_size(t, fd), 100);
	CT_MUST(CT_EXPECT(pipc_shm_open(&shm, name, 0, 0, 0, true), PIPC_OK));
	CT_ERRNO2(t->os->ftruncate(pipc_shm_fd(shm), 5) == -1, EBADF, EINVAL);
	CT_EQUAL(handle_size(shm), 100);
	done(t, shm);
	SHM_CLOSE(fd);
}
