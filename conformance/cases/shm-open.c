/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and creating shared memory objects. */
#include "shm.h"

CT_CASE(shm_two_processes, .id = "shm.map.shared-between-processes",
	.req = "SHM-001 SHM-051", .posix = "XSH shm_open, mmap MAP_SHARED",
	.text = "what one process stores another reads through its own map",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name);
	struct ct_peer *p;
	volatile char *mine;

	SHM_MAP(mine, fd, 1, SHM_RW);
	*mine = 'a';
	CT_PEER (t, p) {
		volatile char *its;
		int other;

		SHM_OPEN(other, name, O_RDWR, 0);
		SHM_MAP(its, other, 1, SHM_RW);
		CT_EQUAL(*its, 'a');
		*its = 'b';
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(*its, 'c');
	}
	ct_await(t, p);
	CT_EQUAL(*mine, 'b');
	*mine = 'c';
	ct_tell(t, p);
	ct_join(t, p);
	SHM_CLOSE(fd);
}

CT_CASE(shm_same_object, .id = "shm.open.same-object", .req = "SHM-001 SHM-016",
	.posix = "XSH shm_open DESCRIPTION, O_RDWR",
	.text = "opening an existing name reaches the same memory, for reading "
		"and writing, also within one process",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int first = ct_shm(t, 2, &name), second;
	volatile char *a, *b;

	SHM_OPEN(second, name, O_RDWR, 0);
	SHM_MAP(a, first, 2, SHM_RW);
	SHM_MAP(b, second, 2, SHM_RW);
	a[0] = 'x';
	b[1] = 'y';
	CT_EQUAL(b[0], 'x');
	CT_EQUAL(a[1], 'y');
	SHM_RESIZE(second, 7);
	CT_EQUAL(shm_size(t, first), 7);
	SHM_CLOSE(second);
	SHM_CLOSE(first);
}

CT_CASE(shm_absent, .id = "shm.open.absent", .req = "SHM-002",
	.posix = "XSH shm_open ERRORS [ENOENT]",
	.text = "a name without an object is refused, and stays without one",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	pipc_shm *shm = NULL;

	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0600) == -1, ENOENT);
	CT_ERRNO(t->os->shm_open(name, O_RDONLY, 0600) == -1, ENOENT);
	CT_EXPECT(pipc_shm_open(&shm, name, 0, 0600, 0, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_open(&shm, name, 0, 0600, 10, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_open(&shm, name, 0, 0600, 0, true),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(shm == NULL);
	CT_ERRNO(t->os->shm_open(name, O_RDONLY, 0) == -1, ENOENT);
}

CT_CASE(shm_absent_until_made, .id = "shm.open.absent-until-made",
	.req = "SHM-001 SHM-002", .posix = "XSH shm_open, shm_unlink",
	.text = "an object that was absent is found when another process has "
		"made it, and is absent when another has removed it",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	int i, fd;

	for (i = 0; i < 2; i++) {
		CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
		CT_PEER (t, p) {
			SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0600);
			SHM_RESIZE(fd, 3);
		}
		ct_join(t, p);
		SHM_OPEN(fd, name, O_RDWR, 0);
		CT_EQUAL(shm_size(t, fd), 3);
		SHM_CLOSE(fd);
		CT_PEER (t, p)
			SHM_UNLINK(name);
		ct_join(t, p);
	}
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
}

/* Creates with these flags, and sees that another process can open it. */
static void creates(struct ct *t, int flags)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	int fd;

	SHM_OPEN(fd, name, O_RDWR | flags, 0600);
	CT_EQUAL(shm_size(t, fd), 0);
	SHM_RESIZE(fd, 3);
	CT_PEER (t, p) {
		int other;

		SHM_OPEN(other, name, O_RDWR, 0);
		CT_EQUAL(shm_size(t, other), 3);
	}
	ct_join(t, p);
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
}

CT_CASE(shm_creat_absent, .id = "shm.open.creat-absent",
	.req = "SHM-003 SHM-008", .posix = "XSH shm_open DESCRIPTION O_CREAT",
	.text = "O_CREAT without an object of the name makes an empty one",
	.needs = CT_NEED_SHM)
{
	creates(t, O_CREAT);
}

CT_CASE(shm_crex_absent, .id = "shm.open.crex-absent", .req = "SHM-005 SHM-008",
	.posix = "XSH shm_open DESCRIPTION O_EXCL",
	.text = "O_CREX without an object of the name makes an empty one",
	.needs = CT_NEED_SHM)
{
	creates(t, PIPC_O_CREX);
}

CT_CASE(shm_trunc_new, .id = "shm.open.creat-trunc-absent", .req = "SHM-030",
	.posix = "XSH shm_open DESCRIPTION O_CREAT, O_TRUNC",
	.text = "O_CREAT with O_TRUNC on a new name makes an empty object",
	.needs = CT_NEED_SHM)
{
	creates(t, O_CREAT | O_TRUNC);
	creates(t, PIPC_O_CREX | O_TRUNC);
}

/* An object of mode 0640 with 100 bytes of which the last is 'z'. */
static int known_object(struct ct *t, const char **name)
{
	int fd = ct_shm(t, 100, name);
	volatile char *p = ct_map(t, fd, 100);

	CT_SETUP_TRUE(t->os->fchmod(fd, 0640) == 0);
	p[99] = 'z';
	t->os->munmap((void *)p, 100);
	return fd;
}

/* Is it as it was made? */
static void check_untouched(struct ct *t, int fd)
{
	struct stat st = shm_stat(t, fd);
	volatile char *p;

	CT_EQUAL(st.st_size, 100);
	CT_EQUAL(st.st_mode & 0777, 0640);
	CT_EQUAL(st.st_uid, geteuid());
	SHM_MAP(p, fd, 100, PROT_READ);
	CT_EQUAL(p[99], 'z');
	CT_OK(t->os->munmap((void *)p, 100) == 0);
}

CT_CASE(shm_creat_existing, .id = "shm.open.creat-existing", .req = "SHM-004",
	.posix = "XSH shm_open DESCRIPTION O_CREAT",
	.text = "O_CREAT on an existing name opens it and changes nothing",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = known_object(t, &name), second;
	pipc_shm *shm = NULL;
	struct ct_peer *p;

	SHM_OPEN(second, name, O_RDWR | O_CREAT, 0777);
	check_untouched(t, second);
	SHM_CLOSE(second);
	CT_MUST(CT_EXPECT(
	    pipc_shm_open(&shm, name, PIPC_O_CREAT, 0777, 0, false), PIPC_OK));
	check_untouched(t, pipc_shm_fd(shm));
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	pipc_shm_free(shm);
	CT_PEER (t, p) {
		SHM_OPEN(second, name, O_RDONLY | O_CREAT, 0777);
		check_untouched(t, second);
	}
	ct_join(t, p);
	check_untouched(t, fd);
	SHM_CLOSE(fd);
}

CT_CASE(shm_crex_existing, .id = "shm.open.crex-existing", .req = "SHM-006",
	.posix = "XSH shm_open ERRORS [EEXIST]",
	.text = "O_CREX on a name in use is refused and changes nothing",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = known_object(t, &name);
	pipc_shm *second = NULL;
	struct ct_peer *p;

	CT_ERRNO(t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0777) == -1,
		 EEXIST);
	CT_ERRNO(t->os->shm_open(name, O_RDWR | PIPC_O_CREX | O_TRUNC, 0777) ==
		     -1,
		 EEXIST);
	CT_EXPECT(pipc_shm_open(&second, name, PIPC_O_CREX, 0777, 5, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_PEER (t, p) {
		CT_ERRNO(t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600) ==
			     -1,
			 EEXIST);
		CT_ERRNO(t->os->shm_open(name, O_RDONLY | PIPC_O_CREX, 0600) ==
			     -1,
			 EEXIST);
	}
	ct_join(t, p);
	CT_CHECK(second == NULL);
	check_untouched(t, fd);
	SHM_CLOSE(fd);
}

#define RACERS 4
#define RACES 24

CT_CASE(shm_crex_race, .id = "shm.open.crex-race", .req = "SHM-007",
	.posix = "XSH shm_open DESCRIPTION O_EXCL",
	.text = "of processes that create one name with O_CREX at a time one "
		"succeeds, and the others are told that it exists",
	.needs = CT_NEED_SHM)
{
	unsigned *won = ct_shared(t, RACES * sizeof(*won));
	struct ct_gate *gates[RACES];
	struct ct_peer *p[RACERS];
	const char *names[RACES];
	unsigned i, r;

	for (r = 0; r < RACES; r++) {
		names[r] = ct_name(t);
		gates[r] = ct_gate(t, RACERS);
	}
	for (i = 0; i < RACERS; i++)
		CT_PEER (t, p[i])
			for (r = 0; r < RACES; r++) {
				int fd;

				ct_gate_pass(t, gates[r]);
				if (!CT_OK((fd = t->os->shm_open(
						names[r], O_RDWR | PIPC_O_CREX,
						0600)) >= 0 ||
					   errno == EEXIST) ||
				    fd < 0)
					continue;
				__atomic_add_fetch(&won[r], 1,
						   __ATOMIC_SEQ_CST);
				SHM_CLOSE(fd);
			}
	for (i = 0; i < RACERS; i++)
		ct_join(t, p[i]);
	for (r = 0; r < RACES; r++) {
		CT_EQUAL(won[r], 1);
		SHM_UNLINK(names[r]);
	}
}

CT_CASE(shm_creat_race, .id = "shm.open.creat-race", .req = "SHM-003 SHM-004",
	.posix = "XSH shm_open DESCRIPTION O_CREAT",
	.text = "processes that open one new name with O_CREAT at a time all "
		"get the same object",
	.needs = CT_NEED_SHM)
{
	struct ct_gate *start = ct_gate(t, RACERS), *sized = ct_gate(t, RACERS);
	const char *name = ct_name(t);
	struct ct_peer *p[RACERS];
	volatile unsigned *n;
	unsigned i;
	int fd;

	for (i = 0; i < RACERS; i++)
		CT_PEER (t, p[i]) {
			ct_gate_pass(t, start);
			if (CT_OK((fd = t->os->shm_open(name, O_RDWR | O_CREAT,
							0600)) >= 0))
				SHM_RESIZE(fd, sizeof(*n));
			ct_gate_pass(t, sized);
			SHM_MAP(n, fd, sizeof(*n), SHM_RW);
			__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
		}
	for (i = 0; i < RACERS; i++)
		ct_join(t, p[i]);
	SHM_OPEN(fd, name, O_RDWR, 0);
	SHM_MAP(n, fd, sizeof(*n), PROT_READ);
	CT_EQUAL(*n, RACERS);
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
}
