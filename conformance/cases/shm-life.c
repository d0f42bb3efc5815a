/* SPDX-License-Identifier: BSD-3-Clause */
/* How long shared memory objects live: close, unmap, unlink, process end. */
#include "shm.h"

#include <sys/statvfs.h>

CT_CASE(shm_unlink_open, .id = "shm.unlink.while-open",
	.req = "SHM-053 SHM-067 SHM-070 SHM-071 SHM-073",
	.posix = "XSH shm_unlink",
	.text = "after unlink the map lives, the name is gone, and a new "
		"object shares nothing with the old",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name), fresh;
	volatile char *old = ct_map(t, fd, 1), *new;
	struct ct_peer *p;

	*old = 'x';
	SHM_UNLINK(name);
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
	CT_ERRNO(t->os->shm_unlink(name) == -1, ENOENT);
	SHM_OPEN(fresh, name, O_RDWR | O_CREAT, 0600);
	CT_EQUAL(shm_size(t, fresh), 0);
	SHM_RESIZE(fresh, 2);
	SHM_MAP(new, fresh, 2, SHM_RW);
	*new = 'n';
	CT_EQUAL(shm_size(t, fd), 1);
	CT_PEER (t, p) {
		CT_EQUAL(*old, 'x');
		*old = 'y';
	}
	ct_join(t, p);
	CT_EQUAL(*old, 'y');
	CT_EQUAL(*new, 'n');
	SHM_CLOSE(fresh);
	SHM_CLOSE(fd);
	CT_EQUAL(*old, 'y');
}

CT_CASE(shm_closed_map, .id = "shm.map.outlives-close", .req = "SHM-052",
	.posix = "XSH mmap DESCRIPTION, close",
	.text = "a mapping survives the close of its descriptor, and later "
		"opens and resizes by another",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 10, &name), second;
	volatile char *first = ct_map(t, fd, 10), *other;
	struct ct_peer *p;

	*first = '1';
	SHM_CLOSE(fd);
	CT_EQUAL(*first, '1');
	SHM_OPEN(second, name, O_RDWR, 0);
	SHM_RESIZE(second, 100);
	SHM_MAP(other, second, 100, SHM_RW);
	CT_EQUAL(*other, '1');
	*other = '2';
	CT_EQUAL(*first, '2');
	CT_PEER (t, p)
		*first = '3';
	ct_join(t, p);
	CT_EQUAL(*other, '3');
	SHM_CLOSE(second);
}

CT_CASE(shm_handle_map, .id = "shm.handle.map-outlives-close", .req = "SHM-052",
	.posix = "specification S57; XSH mmap",
	.text = "pipc_shm_close_fd has no effect on what was mapped",
	.needs = CT_NEED_SHM)
{
	pipc_shm *shm = ct_pipc_shm(t, 10);
	volatile char *map = ct_map(t, pipc_shm_fd(shm), 10);

	*map = 'h';
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	CT_EQUAL(*map, 'h');
	*map = 'i';
	CT_EQUAL(*map, 'i');
	pipc_shm_free(shm);
}

CT_CASE(shm_persists, .id = "shm.life.outlives-its-creator", .req = "SHM-066",
	.posix = "XSH shm_open DESCRIPTION, persistence",
	.text = "object and bytes stay when every descriptor, mapping and "
		"process is gone, until it is unlinked",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	char *map;
	int fd;

	CT_PEER (t, p) {
		SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0600);
		SHM_RESIZE(fd, 100);
		SHM_MAP(map, fd, 100, SHM_RW);
		memset(map, 'e', 100);
		CT_OK(t->os->munmap(map, 100) == 0);
		SHM_CLOSE(fd);
	}
	ct_join(t, p);
	SHM_OPEN(fd, name, O_RDWR, 0);
	CT_EQUAL(shm_size(t, fd), 100);
	CT_EQUAL(shm_mode(t, fd), 0600);
	SHM_MAP(map, fd, 100, PROT_READ);
	CT_CHECK(shm_all(map, 100, 'e'));
	SHM_CLOSE(fd);
	SHM_UNLINK(name);
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
}

CT_CASE(shm_killed, .id = "shm.life.outlives-a-killed-process",
	.req = "SHM-066", .posix = "XSH shm_open DESCRIPTION, persistence",
	.text = "what a process had stored stays when it is killed",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	volatile char *map;
	struct ct_peer *p;
	int fd;

	CT_PEER (t, p) {
		SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0600);
		SHM_RESIZE(fd, 10);
		SHM_MAP(map, fd, 10, SHM_RW);
		*map = 'k';
		ct_tell_parent(t);
		ct_await_parent(t);
	}
	ct_await(t, p);
	ct_kill(t, p);
	SHM_OPEN(fd, name, O_RDONLY, 0);
	SHM_MAP(map, fd, 10, PROT_READ);
	CT_EQUAL(*map, 'k');
	SHM_CLOSE(fd);
	SHM_UNLINK(name);
}

CT_CASE(shm_mapped_alone, .id = "shm.life.mapping-alone", .req = "SHM-067",
	.posix = "XSH shm_unlink DESCRIPTION, close",
	.text = "unlinked and closed, the bytes stay while a mapping does, "
		"and are shared with a forked child",
	.needs = CT_NEED_SHM)
{
	const size_t page = shm_page(t);
	const char *name;
	int fd = ct_shm(t, 3 * page, &name);
	char *map = ct_map(t, fd, 3 * page);
	struct ct_peer *p;

	memset(map, 'm', 3 * page);
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
	CT_CHECK(shm_all(map, 3 * page, 'm'));
	CT_PEER (t, p)
		memset(map, 'c', 3 * page);
	ct_join(t, p);
	CT_CHECK(shm_all(map, 3 * page, 'c'));
}

CT_CASE(shm_open_alone, .id = "shm.life.descriptor-alone", .req = "SHM-068",
	.posix = "XSH shm_unlink DESCRIPTION, open and map references",
	.text = "unlinked and unmapped, the bytes stay while a descriptor "
		"does, which can be mapped again",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 100, &name);
	char *map = ct_map(t, fd, 100);
	struct ct_peer *p;

	memset(map, 'd', 100);
	CT_OK(t->os->munmap(map, 100) == 0);
	SHM_UNLINK(name);
	CT_EQUAL(shm_size(t, fd), 100);
	SHM_MAP(map, fd, 100, SHM_RW);
	CT_CHECK(shm_all(map, 100, 'd'));
	CT_PEER (t, p) {
		SHM_MAP(map, fd, 100, SHM_RW);
		CT_CHECK(shm_all(map, 100, 'd'));
		SHM_RESIZE(fd, 200);
	}
	ct_join(t, p);
	CT_EQUAL(shm_size(t, fd), 200);
	SHM_CLOSE(fd);
}

CT_CASE(shm_unlink_used, .id = "shm.unlink.used-by-another",
	.req = "SHM-069 SHM-070 SHM-072 SHM-076 SHM-053 SHM-071",
	.posix = "XSH shm_unlink DESCRIPTION, RETURN VALUE",
	.text = "unlink returns at once and the name is free although a "
		"stopped process has the object open and mapped",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 100, &name), fresh;
	struct ct_peer *p;

	CT_PEER (t, p) {
		volatile char *its;
		int mine;

		SHM_OPEN(mine, name, O_RDWR, 0);
		SHM_MAP(its, mine, 100, SHM_RW);
		*its = 'o';
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(*its, 'o');
		CT_EQUAL(shm_size(t, mine), 100);
	}
	ct_await(t, p);
	ct_stop(t, p);
	CT_OK(t->os->shm_unlink(name) == 0);
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
	CT_ERRNO(t->os->shm_open(name, O_RDONLY, 0) == -1, ENOENT);
	SHM_OPEN(fresh, name, O_RDWR | PIPC_O_CREX, 0600);
	CT_EQUAL(shm_size(t, fresh), 0);
	CT_EQUAL(shm_size(t, fd), 100);
	SHM_RESIZE(fresh, 5);
	SHM_UNLINK(name);
	SHM_CLOSE(fresh);
	ct_continue(t, p);
	ct_tell(t, p);
	ct_join(t, p);
	SHM_CLOSE(fd);
}

CT_CASE(shm_unlink_mapped, .id = "shm.unlink.mapped-elsewhere",
	.req = "SHM-070 SHM-071 SHM-072",
	.posix = "XSH shm_unlink DESCRIPTION, reuse of the name",
	.text = "while another process maps the old object, the name is one "
		"without an object, with each of the creating flags",
	.needs = CT_NEED_SHM)
{
	static const int flags[] = {O_CREAT, PIPC_O_CREX, O_CREAT | O_TRUNC};
	const char *name;
	int fd = ct_shm(t, 10, &name), fresh;
	volatile char *mine;
	struct ct_peer *p;
	size_t i;

	CT_PEER (t, p) {
		volatile char *its;

		SHM_MAP(its, fd, 10, SHM_RW);
		*its = 'o';
		SHM_CLOSE(fd);
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(*its, 'o');
	}
	ct_await(t, p);
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
		SHM_OPEN(fresh, name, O_RDWR | flags[i], 0600);
		CT_EQUAL(shm_size(t, fresh), 0);
		SHM_RESIZE(fresh, 10);
		SHM_MAP(mine, fresh, 10, SHM_RW);
		CT_CHECK(*mine != 'o');
		*mine = 'n';
		SHM_UNLINK(name);
		SHM_CLOSE(fresh);
	}
	ct_tell(t, p);
	ct_join(t, p);
}

CT_CASE(shm_unlink_absent, .id = "shm.unlink.absent", .req = "SHM-073 SHM-083",
	.posix = "XSH shm_unlink ERRORS [ENOENT]",
	.text = "what does not exist cannot be unlinked, nor anything twice, "
		"by one process or two",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name);
	struct ct_peer *p;

	CT_ERRNO(t->os->shm_unlink(ct_name(t)) == -1, ENOENT);
	CT_EXPECT(pipc_unlink_shared_memory(ct_name(t)),
		  PIPC_EXISTENTIAL_ERROR);
	CT_PEER (t, p)
		CT_EXPECT(pipc_unlink_shared_memory(name), PIPC_OK);
	ct_join(t, p);
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
	CT_EXPECT(pipc_unlink_shared_memory(name), PIPC_EXISTENTIAL_ERROR);
	CT_ERRNO(t->os->shm_unlink(name) == -1, ENOENT);
	SHM_CLOSE(fd);
}

#define PIECE ((size_t)4 << 20)

static bool free_bytes(int fd, uintmax_t *bytes)
{
	struct statvfs fs;

	if (fstatvfs(fd, &fs) != 0)
		return false;
	*bytes = (uintmax_t)fs.f_bfree * fs.f_frsize;
	return *bytes != 0;
}

enum released { UNSEEN, KEPT, RELEASED };

/* Fills an object, unlinks it, and lets go of it by the one way or the other.
 * Was space seen to go, and to come back? */
static enum released release(struct ct *t, int probe, bool unmap_last)
{
	uintmax_t before = 0, full = 0, after = 0;
	const char *name;
	int fd = ct_shm(t, PIECE, &name);
	void *map = ct_map(t, fd, PIECE);

	if (!free_bytes(probe, &before))
		return UNSEEN;
	if (t->os->posix_fallocate(fd, 0, PIECE) != 0 && errno == ENOSPC)
		ct_refused(t, "posix_fallocate(an object of 4 MiB)", ENOSPC);
	memset(map, 'f', PIECE);
	free_bytes(probe, &full);
	SHM_UNLINK(name);
	if (unmap_last)
		SHM_CLOSE(fd);
	CT_OK(t->os->munmap(map, PIECE) == 0);
	if (!unmap_last)
		SHM_CLOSE(fd);
	free_bytes(probe, &after);
	if (full + PIECE / 2 > before)
		return UNSEEN;
	return after >= full + PIECE / 2 ? RELEASED : KEPT;
}

CT_CASE(shm_released, .id = "shm.life.memory-is-released", .req = "SHM-077",
	.posix = "XSH close DESCRIPTION, shm_unlink",
	.text = "the memory of an unlinked object is free again after the "
		"last close or unmap",
	.needs = CT_NEED_SHM)
{
	int probe = ct_shm(t, 1, NULL), way, tries, kept, gone;

	shm_no_signal_for_size();
	for (way = 0; way < 2; way++) {
		/* Others take and give memory too: not all tries go astray. */
		kept = gone = 0;
		for (tries = 0; tries < 8 && gone == 0; tries++) {
			enum released seen = release(t, probe, way == 1);

			kept += seen == KEPT;
			gone += seen == RELEASED;
		}
		if (kept + gone == 0)
			ct_unsupported(t, "free memory cannot be seen here");
		CT_CHECK(gone > 0);
	}
	SHM_CLOSE(probe);
}
