/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared memory. */
#include "ct.h"

static off_t size_of(struct ct *t, int fd)
{
	struct stat st = {0};

	CT_OK(t->os->fstat(fd, &st) == 0);
	return st.st_size;
}

static volatile char *map(struct ct *t, int fd)
{
	void *p = t->os->mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			      0);

	CT_MUST(CT_OK(p != MAP_FAILED));
	return p;
}

CT_CASE(shm_crex_existing, .id = "shm.open.crex-existing", .req = "SHM-006",
	.posix = "XSH shm_open ERRORS [EEXIST]",
	.text = "O_CREX on a name in use is refused and changes nothing",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 100, &name);
	pipc_shm *second = NULL;
	struct ct_peer *p;

	CT_ERRNO(t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600) == -1,
		 EEXIST);
	CT_EXPECT(pipc_shm_open(&second, name, PIPC_O_CREX, 0600, 5, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_PEER(t, p)
	{
		CT_ERRNO(t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600) ==
			     -1,
			 EEXIST);
	}
	ct_join(t, p);
	CT_CHECK(second == NULL);
	CT_EQUAL(size_of(t, fd), 100);
	t->os->close(fd);
}

CT_CASE(shm_two_processes, .id = "shm.map.shared-between-processes",
	.req = "SHM-001 SHM-051", .posix = "XSH shm_open, mmap MAP_SHARED",
	.text = "what one process stores another reads through its own map",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name);
	volatile char *mine = map(t, fd);
	struct ct_peer *p;

	*mine = 'a';
	CT_PEER(t, p)
	{
		int other;
		volatile char *its;

		CT_MUST(CT_OK((other = t->os->shm_open(name, O_RDWR, 0)) >= 0));
		its = map(t, other);
		CT_EQUAL(*its, 'a');
		*its = 'b';
	}
	ct_join(t, p);
	CT_EQUAL(*mine, 'b');
	t->os->close(fd);
}

CT_CASE(shm_unlink_open, .id = "shm.unlink.while-open",
	.req = "SHM-053 SHM-067 SHM-070 SHM-071 SHM-073",
	.posix = "XSH shm_unlink",
	.text = "after unlink the map lives, the name is gone, and a new "
		"object shares nothing with the old",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name), fresh;
	volatile char *old = map(t, fd);
	struct ct_peer *p;

	*old = 'x';
	CT_OK(t->os->shm_unlink(name) == 0);
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
	CT_ERRNO(t->os->shm_unlink(name) == -1, ENOENT);
	CT_MUST(CT_OK((fresh = t->os->shm_open(name, O_RDWR | O_CREAT, 0600)) >=
		      0));
	CT_EQUAL(size_of(t, fresh), 0);
	CT_PEER(t, p)
	{
		CT_EQUAL(*old, 'x');
		*old = 'y';
	}
	ct_join(t, p);
	CT_EQUAL(*old, 'y');
	t->os->close(fresh);
	t->os->close(fd);
}

CT_CASE(shm_size, .id = "shm.open.size-resizes-new-and-existing",
	.req = "SHM-040 SHM-041 SHM-042 SHM-043",
	.posix = "specification S51, S52; XSH ftruncate",
	.text = "a size other than 0 resizes, new or existing; 0 does not",
	.needs = CT_NEED_SHM)
{
	pipc_shm *a, *b;
	size_t size = 0;

	CT_SETUP(pipc_shm_open(&a, NULL, PIPC_O_CREX, 0600, 4097, false));
	CT_EXPECT(pipc_shm_size(a, &size), PIPC_OK);
	CT_EQUAL(size, 4097);
	if (CT_EXPECT(pipc_shm_open(&b, pipc_shm_name(a), 0, 0, 10, false),
		      PIPC_OK)) {
		CT_EXPECT(pipc_shm_size(a, &size), PIPC_OK);
		CT_EQUAL(size, 10);
		pipc_shm_close_fd(b);
		pipc_shm_free(b);
	}
	if (CT_EXPECT(pipc_shm_open(&b, pipc_shm_name(a), 0, 0, 0, false),
		      PIPC_OK)) {
		CT_EXPECT(pipc_shm_size(a, &size), PIPC_OK);
		CT_EQUAL(size, 10);
		pipc_shm_close_fd(b);
		pipc_shm_free(b);
	}
	CT_EXPECT(pipc_shm_unlink(a), PIPC_OK);
	CT_EXPECT(pipc_shm_close_fd(a), PIPC_OK);
	pipc_shm_free(a);
}
