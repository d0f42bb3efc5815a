/* SPDX-License-Identifier: BSD-3-Clause */
/* The size of a shared memory object, and what the bytes are then. */
#include "shm.h"

CT_CASE(shm_exact_size, .id = "shm.size.exact", .req = "SHM-040 SHM-059",
	.posix = "XSH ftruncate DESCRIPTION, fstat st_size",
	.text = "ftruncate sets exactly the size asked for, as every handle "
		"and process sees",
	.needs = CT_NEED_SHM)
{
	const off_t page = (off_t)shm_page(t);
	const off_t sizes[] = {1,    page - 1, page,	     page + 1,
			       4097, 0,	       3 * page + 7, 100};
	const char *name;
	int fd = ct_shm(t, 0, &name), other;
	struct ct_peer *p;
	size_t i;

	SHM_OPEN(other, name, O_RDONLY, 0);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		SHM_RESIZE(fd, sizes[i]);
		CT_EQUAL(shm_size(t, fd), sizes[i]);
		CT_EQUAL(shm_size(t, other), sizes[i]);
	}
	CT_PEER (t, p) {
		int its;

		SHM_OPEN(its, name, O_RDWR, 0);
		CT_EQUAL(shm_size(t, its), 100);
		SHM_RESIZE(its, 4099);
	}
	ct_join(t, p);
	CT_EQUAL(shm_size(t, fd), 4099);
	SHM_CLOSE(other);
	SHM_CLOSE(fd);
}

CT_CASE(shm_resized_often, .id = "shm.size.any-number-of-times",
	.req = "SHM-044", .posix = "XSH ftruncate; specification S52",
	.text = "an object can be resized any number of times, up and down",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 1, NULL), i;

	shm_no_signal_for_size();
	for (i = 0; i < 64; i++) {
		off_t size = (off_t)(ct_random(t) % 100000);

		CT_MUST(SHM_RESIZE(fd, size));
		CT_MUST(CT_EQUAL(shm_size(t, fd), size));
	}
	SHM_CLOSE(fd);
}

CT_CASE(shm_grow_keeps, .id = "shm.size.growing-keeps-bytes", .req = "SHM-045",
	.posix = "XSH shm_open DESCRIPTION, ftruncate",
	.text = "growing keeps the bytes that are there, mapped or not",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t), size = page + 100;
	int fd = ct_shm(t, size, NULL);
	char *old, *fresh;

	SHM_MAP(old, fd, size, SHM_RW);
	memset(old, 'k', size);
	SHM_RESIZE(fd, (off_t)(5 * page));
	CT_CHECK(shm_all(old, size, 'k'));
	SHM_MAP(fresh, fd, size, PROT_READ);
	CT_CHECK(shm_all(fresh, size, 'k'));
	CT_OK(t->os->munmap(old, size) == 0);
	CT_OK(t->os->munmap(fresh, size) == 0);
	SHM_RESIZE(fd, (off_t)(9 * page));
	SHM_MAP(fresh, fd, size, PROT_READ);
	CT_CHECK(shm_all(fresh, size, 'k'));
	SHM_CLOSE(fd);
}

CT_CASE(shm_shrink_keeps, .id = "shm.size.shrinking-keeps-the-rest",
	.req = "SHM-045", .posix = "XSH shm_open DESCRIPTION, ftruncate",
	.text = "shrinking keeps the bytes before the new end",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 3 * page, NULL);
	char *map;

	SHM_MAP(map, fd, 3 * page, SHM_RW);
	memset(map, 'k', 3 * page);
	SHM_RESIZE(fd, (off_t)page + 10);
	CT_CHECK(shm_all(map, page + 10, 'k'));
	SHM_CLOSE(fd);
}

CT_CASE(shm_grown_bytes, .id = "shm.size.grown-bytes", .req = "SHM-088",
	.posix = "XSH shm_open RATIONALE, ftruncate",
	.text = "the bytes that growing adds can be read; zero is expected, "
		"and anything else recorded",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 100, NULL), died;
	char *map;

	SHM_RESIZE(fd, (off_t)(4 * page));
	SHM_MAP(map, fd, 4 * page, SHM_RW);
	died = shm_touch(t, map + 4 * page - 1, false);
	if (CT_EQUAL(died, 0) && !shm_all(map, 4 * page, 0))
		ct_note(t, "grown-bytes", "not zero");
	CT_EQUAL(shm_size(t, fd), 4 * (off_t)page);
	SHM_CLOSE(fd);
}

CT_CASE(shm_regrown, .id = "shm.size.discarded-bytes-stay-gone",
	.req = "SHM-046", .posix = "XSH ftruncate DESCRIPTION, discarded pages",
	.text = "what shrinking cut off does not come back by growing; zero is "
		"expected, and anything else recorded",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	int fd = ct_shm(t, 4 * page, NULL), died;
	char *map, *fresh;

	SHM_MAP(map, fd, 4 * page, SHM_RW);
	memset(map, 'S', 4 * page);
	SHM_RESIZE(fd, (off_t)page);
	SHM_RESIZE(fd, (off_t)(4 * page));
	SHM_MAP(fresh, fd, 4 * page, SHM_RW);
	died = shm_touch(t, fresh + 4 * page - 1, false);
	CT_MUST(CT_EQUAL(died, 0));
	CT_CHECK(!shm_all(fresh + page, 3 * page, 'S'));
	if (!shm_all(fresh + page, 3 * page, 0))
		ct_note(t, "regrown-bytes", "not zero");
	CT_CHECK(shm_all(fresh, page, 'S'));
	SHM_CLOSE(fd);
}

CT_CASE(shm_partial_page, .id = "shm.size.partial-page-is-zero",
	.req = "SHM-048", .posix = "XSH mmap DESCRIPTION, partial page",
	.text = "the bytes of the last page beyond the end read as zero",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	const char *name;
	int fd = ct_shm(t, page, &name);
	struct ct_peer *p;
	char *map;

	SHM_MAP(map, fd, page, SHM_RW);
	memset(map, 'P', page);
	CT_OK(t->os->munmap(map, page) == 0);
	SHM_RESIZE(fd, 100);
	CT_PEER (t, p) {
		int its;

		SHM_OPEN(its, name, O_RDONLY, 0);
		SHM_MAP(map, its, page, PROT_READ);
		CT_CHECK(shm_all(map, 100, 'P'));
		CT_CHECK(shm_all(map + 100, page - 100, 0));
	}
	ct_join(t, p);
	SHM_CLOSE(fd);
}

CT_CASE(shm_negative_size, .id = "shm.size.negative", .req = "SHM-049",
	.posix = "XSH ftruncate ERRORS [EINVAL]",
	.text = "a negative size is refused, and the object stays as it was",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 100, NULL);
	char *map = ct_map(t, fd, 100);

	map[99] = 'n';
	CT_ERRNO(t->os->ftruncate(fd, -1) == -1, EINVAL);
	CT_ERRNO(t->os->ftruncate(fd, -100000) == -1, EINVAL);
	CT_EQUAL(shm_size(t, fd), 100);
	CT_EQUAL(map[99], 'n');
	SHM_CLOSE(fd);
}

CT_CASE(shm_absurd_size, .id = "shm.size.absurd", .req = "SHM-089",
	.posix = "XSH ftruncate ERRORS [EFBIG], [EINVAL]",
	.text = "what becomes of the largest size of all is recorded; a "
		"refusal leaves the size alone",
	.needs = CT_NEED_SHM)
{
	const off_t half = (off_t)1 << (sizeof(off_t) * 8 - 2);
	int fd = ct_shm(t, 100, NULL), result, error;

	shm_no_signal_for_size();
	result = t->os->ftruncate(fd, half - 1 + half);
	error = errno;
	ct_note(t, "largest-size", "%s",
		result == 0 ? "accepted" : ct_errno_name(error));
	CT_EQUAL(shm_size(t, fd), result == 0 ? half - 1 + half : 100);
	SHM_RESIZE(fd, 10);
	CT_EQUAL(shm_size(t, fd), 10);
	SHM_CLOSE(fd);
}

CT_CASE(shm_fallocate, .id = "shm.size.fallocate", .req = "SHM-061",
	.posix = "XSH posix_fallocate ERRORS [ENODEV]",
	.text = "posix_fallocate is refused, or grows the object where it is "
		"too short and never shrinks it",
	.needs = CT_NEED_SHM)
{
	const off_t page = (off_t)shm_page(t);
	int fd = ct_shm(t, 100, NULL), result, error;

	result = t->os->posix_fallocate(fd, 0, 2 * page);
	error = errno;
	if (result != 0) {
		ct_note(t, "posix_fallocate", "%s", ct_errno_name(error));
		CT_CHECK(error == ENODEV || error == EINVAL ||
			 error == ENOTSUP || error == EOPNOTSUPP ||
			 error == ENOSYS || error == ENOSPC);
		CT_EQUAL(shm_size(t, fd), 100);
	} else {
		ct_note(t, "posix_fallocate", "works");
		CT_EQUAL(shm_size(t, fd), 2 * page);
		CT_OK(t->os->posix_fallocate(fd, 0, 10) == 0);
		CT_EQUAL(shm_size(t, fd), 2 * page);
	}
	SHM_CLOSE(fd);
}

/* Is O_TRUNC there?  The specification knows a system without (S54). */
static int open_trunc(struct ct *t, const char *name)
{
	int fd = t->os->shm_open(name, O_RDWR | O_TRUNC, 0), error = errno;

	if (fd < 0 && (error == EINVAL || error == ENOTSUP))
		ct_unsupported(t, "no O_TRUNC: shm_open: %s",
			       ct_errno_name(error));
	errno = error;
	return fd;
}

CT_CASE(shm_trunc, .id = "shm.trunc.empties", .req = "SHM-024 SHM-029",
	.posix = "XSH shm_open DESCRIPTION O_TRUNC",
	.text = "O_TRUNC cuts an existing object to nothing, for every handle",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 100, &name), second;
	pipc_shm *shm = NULL;

	CT_MUST(CT_OK((second = open_trunc(t, name)) >= 0));
	CT_EQUAL(shm_size(t, second), 0);
	CT_EQUAL(shm_size(t, fd), 0);
	SHM_CLOSE(second);
	SHM_RESIZE(fd, 50);
	SHM_OPEN(second, name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CT_EQUAL(shm_size(t, fd), 0);
	SHM_CLOSE(second);
	SHM_RESIZE(fd, 50);
	CT_EXPECT(pipc_shm_open(&shm, name, PIPC_O_TRUNC, 0, 0, false),
		  PIPC_OK);
	CT_EQUAL(shm_size(t, fd), 0);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_shm_free(shm);
	SHM_RESIZE(fd, 50);
	CT_EXPECT(pipc_shm_open(&shm, name, PIPC_O_TRUNC, 0, 7, false),
		  PIPC_OK);
	CT_EQUAL(shm_size(t, fd), 7);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_shm_free(shm);
	SHM_CLOSE(fd);
}

CT_CASE(shm_trunc_keeps, .id = "shm.trunc.keeps-mode-and-owner",
	.req = "SHM-025", .posix = "XSH shm_open DESCRIPTION O_TRUNC",
	.text = "O_TRUNC leaves mode and owner alone, whatever mode is given",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 100, &name), second;
	uid_t owner = geteuid();

	CT_SETUP_TRUE(t->os->fchmod(fd, 0640) == 0);
	CT_MUST(CT_OK((second = open_trunc(t, name)) >= 0));
	CT_EQUAL(shm_mode(t, second), 0640);
	CT_EQUAL(shm_stat(t, second).st_uid, owner);
	SHM_CLOSE(second);
	SHM_OPEN(second, name, O_RDWR | O_CREAT | O_TRUNC, 0777);
	CT_EQUAL(shm_mode(t, second), 0640);
	CT_EQUAL(shm_mode(t, fd), 0640);
	CT_EQUAL(shm_stat(t, fd).st_uid, owner);
	SHM_CLOSE(second);
	SHM_CLOSE(fd);
}

CT_CASE(shm_trunc_stranger, .id = "shm.trunc.by-another-user", .req = "SHM-025",
	.posix = "XSH shm_open DESCRIPTION O_TRUNC",
	.text = "O_TRUNC by another user who may write keeps the owner",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	const char *name;
	int fd = ct_shm(t, 100, &name), second;
	struct ct_peer *p;

	CT_SETUP_TRUE(t->os->fchmod(fd, 0666) == 0);
	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		CT_MUST(CT_OK((second = open_trunc(t, name)) >= 0));
		CT_EQUAL(shm_size(t, second), 0);
	}
	ct_join(t, p);
	CT_EQUAL(shm_stat(t, fd).st_uid, geteuid());
	CT_EQUAL(shm_mode(t, fd), 0666);
	SHM_OPEN(second, name, O_RDONLY, 0);
	CT_EQUAL(shm_stat(t, second).st_uid, geteuid());
	SHM_CLOSE(second);
	SHM_CLOSE(fd);
}

CT_CASE(shm_trunc_denied, .id = "shm.trunc.without-write-permission",
	.req = "SHM-026", .posix = "XSH shm_open ERRORS [EACCES] O_TRUNC",
	.text = "O_TRUNC where writing is denied is refused, and the object "
		"stays as long as it was",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	int fd;

	CT_PEER (t, p) {
		if (geteuid() == 0)
			ct_become(t, CT_OWNER);
		SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0400);
		SHM_RESIZE(fd, 100);
		CT_ERRNO(t->os->shm_open(name, O_RDWR | O_TRUNC, 0) == -1,
			 EACCES);
		CT_ERRNO(t->os->shm_open(name, O_RDWR | O_CREAT | O_TRUNC,
					 0600) == -1,
			 EACCES);
		CT_EQUAL(shm_size(t, fd), 100);
	}
	ct_join(t, p);
	SHM_UNLINK(name);
}

CT_CASE(shm_trunc_read_only, .id = "shm.trunc.read-only", .req = "SHM-027",
	.posix = "XSH shm_open DESCRIPTION O_TRUNC, undefined with O_RDONLY",
	.text = "O_TRUNC with O_RDONLY, which is undefined, is survived",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 100, &name);

	CT_UNDEFINED (t, "rdonly-trunc") {
		int ro = t->os->shm_open(name, O_RDONLY | O_TRUNC, 0);
		int error = errno;

		ct_note(t, "rdonly-trunc-opens", "%s",
			ro >= 0 ? "yes" : ct_errno_name(error));
		ct_note(t, "rdonly-trunc-length", "%jd",
			(intmax_t)shm_size(t, fd));
	}
	SHM_CLOSE(fd);
}

CT_CASE(shm_trunc_mapped, .id = "shm.trunc.mapped-elsewhere", .req = "SHM-028",
	.posix = "XSH mmap DESCRIPTION, SIGBUS",
	.text = "after O_TRUNC another process's reference to a page that it "
		"had mapped gives SIGBUS",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	const char *name;
	int fd = ct_shm(t, 2 * page, &name), second, status;
	struct ct_peer *p;

	/* Asked before there is a peer that would be left alone. */
	CT_MUST(CT_OK((second = open_trunc(t, name)) >= 0));
	SHM_CLOSE(second);
	SHM_RESIZE(fd, (off_t)(2 * page));
	CT_PEER (t, p) {
		volatile char *map;

		SHM_MAP(map, fd, 2 * page, SHM_RW);
		map[page] = 't';
		signal(SIGBUS, SIG_DFL);
		ct_tell_parent(t);
		ct_await_parent(t);
		(void)map[page];
	}
	ct_await(t, p);
	SHM_OPEN(second, name, O_RDWR | O_TRUNC, 0);
	ct_tell(t, p);
	status = ct_reap(t, p);
	CT_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	SHM_CLOSE(second);
	SHM_CLOSE(fd);
}
