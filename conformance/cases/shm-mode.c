/* SPDX-License-Identifier: BSD-3-Clause */
/* Permissions and owners of shared memory objects. */
#include "shm.h"

/* In a peer: a user without privileges, this process's own where it is one. */
static void as_user(struct ct *t)
{
	if (geteuid() == 0)
		ct_become(t, CT_OWNER);
}

CT_CASE(shm_umask, .id = "shm.mode.less-the-umask", .req = "SHM-021",
	.posix = "XSH shm_open DESCRIPTION O_CREAT, fstat",
	.text = "a new object's permissions are the mode less the umask",
	.needs = CT_NEED_SHM)
{
	static const mode_t masks[] = {0, 022, 077, 0777, 0501};
	static const mode_t modes[] = {0777, 0666, 0640, 0601, 0400, 0};
	struct ct_peer *p;
	size_t i, j;

	CT_PEER (t, p)
		for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
			for (j = 0; j < sizeof(modes) / sizeof(modes[0]); j++) {
				const char *name = ct_name(t);
				int fd;

				umask(masks[i]);
				SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX,
					 modes[j]);
				CT_EQUAL(shm_mode(t, fd), modes[j] & ~masks[i]);
				SHM_UNLINK(name);
				SHM_CLOSE(fd);
			}
	ct_join(t, p);
}

CT_CASE(shm_handle_mode, .id = "shm.handle.mode-less-the-umask",
	.req = "SHM-021", .posix = "specification S44; XSH shm_open O_CREAT",
	.text = "the library's mode is that of the object, less the umask, "
		"with O_CREAT and with O_CREX, with a size and without",
	.needs = CT_NEED_SHM)
{
	static const int flags[] = {PIPC_O_CREAT, PIPC_O_CREX};
	struct ct_peer *p;
	int i;

	CT_PEER (t, p) {
		umask(026);
		for (i = 0; i < 4; i++) {
			pipc_shm *shm;

			CT_MUST(CT_EXPECT(pipc_shm_open(&shm, ct_name(t),
							flags[i / 2], 0666,
							(size_t)(i % 2), false),
					  PIPC_OK));
			CT_EQUAL(shm_mode(t, pipc_shm_fd(shm)), 0640);
			CT_EXPECT(pipc_shm_unlink(shm), PIPC_OK);
			CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
			pipc_shm_free(shm);
		}
	}
	ct_join(t, p);
}

CT_CASE(shm_other_bits, .id = "shm.mode.other-bits", .req = "SHM-022",
	.posix = "XSH shm_open DESCRIPTION O_CREAT, unspecified",
	.text = "what becomes of mode bits beyond the nine is recorded",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	int fd, error;

	fd = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 07700);
	error = errno;
	if (fd < 0) {
		ct_note(t, "mode-07700", "%s", ct_errno_name(error));
		CT_EQUAL(shm_exists(t, name), 0);
		return;
	}
	ct_note(t, "mode-07700", "%#o",
		(unsigned)shm_stat(t, fd).st_mode & 07777);
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
}

/* Creates for reading and writing with that mode, and does both. */
static void create_and_use(struct ct *t, mode_t mode)
{
	const char *name = ct_name(t);
	char *p;
	int fd;

	SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, mode);
	SHM_RESIZE(fd, 10);
	SHM_MAP(p, fd, 10, SHM_RW);
	p[9] = 'm';
	CT_EQUAL(p[9], 'm');
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
}

CT_CASE(shm_creating_handle, .id = "shm.mode.not-for-the-creator",
	.req = "SHM-017", .posix = "XSH shm_open DESCRIPTION O_CREAT",
	.text = "the mode does not restrict the open that creates the object",
	.needs = CT_NEED_SHM)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		create_and_use(t, 0400);
		create_and_use(t, 0);
	}
	ct_join(t, p);
}

CT_CASE(shm_creating_user, .id = "shm.mode.not-for-the-creating-user",
	.req = "SHM-017", .posix = "XSH shm_open DESCRIPTION O_CREAT",
	.text = "nor does it for a user without privileges",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_OWNER);
		create_and_use(t, 0400);
		create_and_use(t, 0);
	}
	ct_join(t, p);
}

CT_CASE(shm_reopen_read_only, .id = "shm.mode.reopen-0400",
	.req = "SHM-018 SHM-031", .posix = "XSH shm_open ERRORS [EACCES]",
	.text = "an owner without privileges can open an object of mode 0400 "
		"for reading alone, and one of mode 0 not at all",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t), *closed = ct_name(t);
	pipc_shm *shm = NULL;
	struct ct_peer *p;
	int fd;

	CT_PEER (t, p) {
		as_user(t);
		SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0400);
		SHM_RESIZE(fd, 10);
		CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, EACCES);
		CT_ERRNO(t->os->shm_open(name, O_RDWR | O_CREAT, 0600) == -1,
			 EACCES);
		CT_EXPECT(pipc_shm_open(&shm, name, 0, 0, 0, false),
			  PIPC_PERMISSIONS_ERROR);
		CT_CHECK(shm == NULL);
		SHM_OPEN(fd, name, O_RDONLY, 0);
		CT_EQUAL(shm_size(t, fd), 10);
		CT_EXPECT(pipc_shm_open(&shm, name, 0, 0, 0, true), PIPC_OK);
		SHM_OPEN(fd, closed, O_RDWR | PIPC_O_CREX, 0);
		CT_ERRNO(t->os->shm_open(closed, O_RDONLY, 0) == -1, EACCES);
	}
	ct_join(t, p);
	SHM_UNLINK(name);
	SHM_UNLINK(closed);
}

/* An object of that mode, of 10 bytes, of the user that runs the suite. */
static int object(struct ct *t, const char **name, mode_t mode)
{
	int fd = ct_shm(t, 10, name);

	CT_SETUP_TRUE(t->os->fchmod(fd, mode) == 0);
	return fd;
}

CT_CASE(shm_stranger, .id = "shm.mode.other-user", .req = "SHM-031 SHM-004",
	.posix = "XSH shm_open ERRORS [EACCES]",
	.text = "another user is refused what the permissions do not give him",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	const char *closed, *readable, *open;
	int a = object(t, &closed, 0600), b = object(t, &readable, 0644),
	    c = object(t, &open, 0666), fd;
	pipc_shm *shm = NULL;
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		CT_ERRNO(t->os->shm_open(closed, O_RDWR, 0) == -1, EACCES);
		CT_ERRNO(t->os->shm_open(closed, O_RDONLY, 0) == -1, EACCES);
		CT_EXPECT(pipc_shm_open(&shm, closed, 0, 0, 0, true),
			  PIPC_PERMISSIONS_ERROR);
		CT_EXPECT(pipc_shm_open(&shm, closed, 0, 0, 5, false),
			  PIPC_PERMISSIONS_ERROR);
		CT_ERRNO(t->os->shm_open(readable, O_RDWR, 0) == -1, EACCES);
		SHM_OPEN(fd, readable, O_RDONLY, 0);
		SHM_OPEN(fd, open, O_RDWR, 0);
		SHM_RESIZE(fd, 20);
	}
	ct_join(t, p);
	CT_CHECK(shm == NULL);
	CT_EQUAL(shm_size(t, a), 10);
	CT_EQUAL(shm_size(t, c), 20);
	CT_EQUAL(shm_stat(t, c).st_uid, geteuid());
	SHM_CLOSE(a);
	SHM_CLOSE(b);
	SHM_CLOSE(c);
}

CT_CASE(shm_group, .id = "shm.mode.group", .req = "SHM-031",
	.posix = "XBD 4.5 File Access Permissions; XSH shm_open [EACCES]",
	.text = "the group's bits are for its members, and others' are not",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	const char *members = ct_name(t), *readers = ct_name(t),
		   *others = ct_name(t);
	struct ct_peer *p;
	int a, b, c, fd;

	umask(0);
	CT_SETUP_TRUE(setegid(CT_STRANGER) == 0);
	SHM_OPEN(a, members, O_RDWR | PIPC_O_CREX, 0660);
	SHM_OPEN(b, readers, O_RDWR | PIPC_O_CREX, 0640);
	SHM_OPEN(c, others, O_RDWR | PIPC_O_CREX, 0606);
	if (shm_stat(t, a).st_gid == (gid_t)CT_STRANGER) {
		CT_PEER (t, p) {
			ct_become(t, CT_STRANGER);
			SHM_OPEN(fd, members, O_RDWR, 0);
			SHM_OPEN(fd, readers, O_RDONLY, 0);
			CT_ERRNO(t->os->shm_open(readers, O_RDWR, 0) == -1,
				 EACCES);
			CT_ERRNO(t->os->shm_open(others, O_RDONLY, 0) == -1,
				 EACCES);
		}
		ct_join(t, p);
	} else {
		ct_note(t, "group", "not the effective one");
	}
	SHM_UNLINK(members);
	SHM_UNLINK(readers);
	SHM_UNLINK(others);
	SHM_CLOSE(a);
	SHM_CLOSE(b);
	SHM_CLOSE(c);
}

CT_CASE(shm_owner, .id = "shm.mode.owner", .req = "SHM-023 SHM-059",
	.posix = "XSH shm_open DESCRIPTION O_CREAT, fstat",
	.text = "a new object belongs to the effective user and to the "
		"effective group or its directory's",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 0, NULL);
	struct stat st = shm_stat(t, fd);

	CT_EQUAL(st.st_uid, geteuid());
	if (st.st_gid != getegid())
		ct_note(t, "group", "not the effective one");
	SHM_CLOSE(fd);
}

CT_CASE(shm_effective_owner, .id = "shm.mode.effective-owner",
	.req = "SHM-023 SHM-059",
	.posix = "XSH shm_open DESCRIPTION O_CREAT, fstat",
	.text = "where real and effective user differ, the effective one owns "
		"a new object",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	struct stat st;
	int fd;

	CT_PEER (t, p) {
		CT_SETUP_TRUE(setegid(CT_OWNER) == 0 && seteuid(CT_OWNER) == 0);
		SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0600);
	}
	ct_join(t, p);
	SHM_OPEN(fd, name, O_RDONLY, 0);
	st = shm_stat(t, fd);
	CT_EQUAL(st.st_uid, CT_OWNER);
	if (st.st_gid != (gid_t)CT_OWNER)
		ct_note(t, "group", "not the effective one");
	SHM_UNLINK(name);
	SHM_CLOSE(fd);
}

CT_CASE(shm_create_denied, .id = "shm.mode.create-denied", .req = "SHM-032",
	.posix = "XSH shm_open ERRORS [EACCES]",
	.text = "where not everybody may create objects, who may not is "
		"refused with EACCES",
	.needs = CT_NEED_SHM)
{
	const char *name = ct_name(t);
	bool *denied = ct_shared(t, sizeof(*denied));
	struct ct_peer *p;
	int error;

	CT_PEER (t, p) {
		as_user(t);
		*denied = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600) < 0;
		error = errno;
		if (*denied)
			CT_EQUAL(error, EACCES);
	}
	ct_join(t, p);
	if (*denied) {
		CT_EQUAL(shm_exists(t, name), 0);
		return;
	}
	SHM_UNLINK(name); /* which shows that it was there */
	ct_unsupported(t, "everybody may create shared memory here");
}

CT_CASE(shm_unlink_denied, .id = "shm.unlink.other-user", .req = "SHM-074",
	.posix = "XSH shm_unlink ERRORS [EACCES], RETURN VALUE",
	.text = "a user who may not remove an object is told EACCES, and it "
		"stays as it was",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	bool *denied = ct_shared(t, sizeof(*denied));
	const char *name;
	int fd = object(t, &name, 0600), error;
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		*denied = t->os->shm_unlink(name) == -1;
		error = errno;
		if (!*denied)
			ct_peer_exit(t);
		CT_EQUAL(error, EACCES);
		CT_EXPECT(pipc_unlink_shared_memory(name),
			  PIPC_PERMISSIONS_ERROR);
	}
	ct_join(t, p);
	if (!*denied)
		ct_note(t, "unlink-by-another-user", "allowed");
	CT_EQUAL(shm_exists(t, name), *denied);
	CT_EQUAL(shm_size(t, fd), 10);
	CT_EQUAL(shm_mode(t, fd), 0600);
	SHM_CLOSE(fd);
}

CT_CASE(shm_fchmod, .id = "shm.mode.fchmod", .req = "SHM-100",
	.posix = "XSH fchmod DESCRIPTION, fstat",
	.text = "fchmod changes the nine permission bits, and every handle "
		"sees it",
	.needs = CT_NEED_SHM)
{
	static const mode_t modes[] = {0777, 0640, 0107, 0, 0400, 0600};
	const char *name;
	int fd = ct_shm(t, 10, &name), other;
	size_t i;

	SHM_OPEN(other, name, O_RDONLY, 0);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		CT_OK(t->os->fchmod(fd, modes[i]) == 0);
		CT_EQUAL(shm_mode(t, fd), modes[i]);
		CT_EQUAL(shm_mode(t, other), modes[i]);
	}
	CT_EQUAL(shm_size(t, fd), 10);
	SHM_CLOSE(other);
	SHM_CLOSE(fd);
}

CT_CASE(shm_fchmod_opens, .id = "shm.mode.fchmod-lets-in",
	.req = "SHM-100 SHM-031", .posix = "XSH fchmod, shm_open [EACCES]",
	.text = "fchmod lets another user in and shuts him out again",
	.needs = CT_NEED_SHM | CT_NEED_UIDS)
{
	const char *name;
	int fd = object(t, &name, 0600), mine;
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		CT_ERRNO(t->os->shm_open(name, O_RDONLY, 0) == -1, EACCES);
		ct_tell_parent(t);
		ct_await_parent(t);
		SHM_OPEN(mine, name, O_RDWR, 0);
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_ERRNO(t->os->shm_open(name, O_RDONLY, 0) == -1, EACCES);
		SHM_RESIZE(mine, 30); /* what is open stays so */
	}
	ct_await(t, p);
	CT_OK(t->os->fchmod(fd, 0606) == 0);
	ct_tell(t, p);
	ct_await(t, p);
	CT_OK(t->os->fchmod(fd, 0600) == 0);
	ct_tell(t, p);
	ct_join(t, p);
	CT_EQUAL(shm_size(t, fd), 30);
	SHM_CLOSE(fd);
}
