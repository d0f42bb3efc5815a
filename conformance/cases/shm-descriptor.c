/* SPDX-License-Identifier: BSD-3-Clause */
/* The descriptor of a shared memory object. */
#include "shm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* The number that the next descriptor has to get. */
static int lowest(void)
{
	int fd = dup(0);

	if (fd >= 0)
		close(fd);
	return fd;
}

CT_CASE(shm_lowest, .id = "shm.open.lowest-descriptor", .req = "SHM-009",
	.posix = "XSH shm_open DESCRIPTION, 2.14 File Descriptor Allocation",
	.text = "the descriptor is the lowest that is not open",
	.needs = CT_NEED_SHM)
{
	int want = lowest(), first, second, third;
	const char *name;

	first = ct_shm(t, 1, &name);
	CT_EQUAL(first, want);
	want = lowest();
	SHM_OPEN(second, name, O_RDONLY, 0);
	CT_EQUAL(second, want);
	SHM_CLOSE(first);
	SHM_OPEN(third, name, O_RDWR | O_CREAT, 0600);
	CT_EQUAL(third, first);
	SHM_CLOSE(second);
	SHM_CLOSE(third);
}

CT_CASE(shm_zero, .id = "shm.open.descriptor-zero", .req = "SHM-010",
	.posix = "XSH shm_open RETURN VALUE",
	.text = "descriptor 0 is one like any other", .needs = CT_NEED_SHM)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		const char *name = ct_name(t);
		pipc_shm *shm = NULL;
		size_t size = 0;
		char *map;
		int fd;

		close(0);
		SHM_OPEN(fd, name, O_RDWR | PIPC_O_CREX, 0600);
		CT_EQUAL(fd, 0);
		SHM_RESIZE(fd, 5);
		CT_EQUAL(shm_size(t, fd), 5);
		SHM_MAP(map, fd, 5, SHM_RW);
		SHM_CLOSE(fd);
		CT_EXPECT(pipc_shm_open(&shm, name, 0, 0, 9, false), PIPC_OK);
		CT_EQUAL(pipc_shm_fd(shm), 0);
		CT_EXPECT(pipc_shm_size(shm, &size), PIPC_OK);
		CT_EQUAL(size, 9);
		CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
		CT_EXPECT(pipc_shm_close_fd(shm), PIPC_EXISTENTIAL_ERROR);
		pipc_shm_free(shm);
		SHM_UNLINK(name);
	}
	ct_join(t, p);
}

CT_PROGRAM(shm_not_inherited)
{
	int fd = atoi(arg);

	CT_ERRNO(fcntl(fd, F_GETFD) == -1, EBADF);
	CT_ERRNO(t->os->ftruncate(fd, 0) == -1, EBADF);
}

CT_CASE(shm_cloexec, .id = "shm.open.closed-by-exec", .req = "SHM-011",
	.posix = "XSH shm_open DESCRIPTION, exec",
	.text = "FD_CLOEXEC is set: after exec the descriptor is closed",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name), again;
	struct ct_peer *p;
	char number[16];

	CT_CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	SHM_OPEN(again, name, O_RDONLY | O_CREAT, 0600);
	CT_CHECK(fcntl(again, F_GETFD) & FD_CLOEXEC);
	snprintf(number, sizeof(number), "%d", again);
	CT_PEER (t, p)
		ct_exec(t, "shm_not_inherited", number);
	ct_join(t, p);
	CT_EQUAL(shm_size(t, fd), 1);
	SHM_CLOSE(again);
	SHM_CLOSE(fd);
}

CT_PROGRAM(shm_inherited)
{
	volatile char *p;

	SHM_MAP(p, atoi(arg), 1, SHM_RW);
	CT_EQUAL(*p, 'i');
	*p = 'o';
}

CT_CASE(shm_no_cloexec, .id = "shm.descriptor.kept-over-exec", .req = "SHM-102",
	.posix = "XSH fcntl F_SETFD, exec",
	.text = "without FD_CLOEXEC the descriptor stays open over exec and "
		"maps the same object",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 1, NULL);
	volatile char *map = ct_map(t, fd, 1);
	struct ct_peer *p;
	char number[16];

	*map = 'i';
	CT_OK(fcntl(fd, F_SETFD, 0) == 0);
	snprintf(number, sizeof(number), "%d", fd);
	CT_PEER (t, p)
		ct_exec(t, "shm_inherited", number);
	ct_join(t, p);
	CT_EQUAL(*map, 'o');
	SHM_CLOSE(fd);
}

CT_CASE(shm_description, .id = "shm.open.new-description",
	.req = "SHM-012 SHM-093",
	.posix = "XSH shm_open DESCRIPTION, fcntl F_GETFL",
	.text = "each open makes a description with its own access mode",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int rw = ct_shm(t, 4, &name), ro, again;
	struct ct_peer *p;

	SHM_OPEN(ro, name, O_RDONLY, 0);
	SHM_OPEN(again, name, O_RDWR, 0);
	CT_EQUAL(fcntl(rw, F_GETFL) & O_ACCMODE, O_RDWR);
	CT_EQUAL(fcntl(ro, F_GETFL) & O_ACCMODE, O_RDONLY);
	CT_EQUAL(fcntl(again, F_GETFL) & O_ACCMODE, O_RDWR);
	/* Where offsets mean something, one description's is not another's. */
	if (lseek(rw, 3, SEEK_SET) == 3)
		ct_note(t, "offset-of-another-description", "%jd",
			(intmax_t)lseek(again, 0, SEEK_CUR));
	SHM_CLOSE(rw);
	CT_EQUAL(shm_size(t, ro), 4);
	SHM_RESIZE(again, 8);
	CT_EQUAL(shm_size(t, ro), 8);
	CT_PEER (t, p)
		CT_EQUAL(fcntl(ro, F_GETFL) & O_ACCMODE, O_RDONLY);
	ct_join(t, p);
	SHM_CLOSE(ro);
	SHM_CLOSE(again);
}

CT_CASE(shm_fork, .id = "shm.descriptor.inherited-by-fork", .req = "SHM-087",
	.posix = "XSH fork DESCRIPTION, close",
	.text = "a forked child uses the parent's descriptor; its close leaves "
		"the parent's open",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 10, NULL);
	volatile char *map;
	struct ct_peer *p;

	CT_PEER (t, p) {
		CT_EQUAL(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
		SHM_RESIZE(fd, 20);
		SHM_MAP(map, fd, 20, SHM_RW);
		map[19] = 'c';
		SHM_CLOSE(fd);
		CT_ERRNO(t->os->close(fd) == -1, EBADF);
	}
	ct_join(t, p);
	CT_EQUAL(shm_size(t, fd), 20);
	SHM_MAP(map, fd, 20, SHM_RW);
	CT_EQUAL(map[19], 'c');
	CT_PEER (t, p) {
		ct_await_parent(t);
		CT_EQUAL(shm_size(t, fd), 20);
	}
	SHM_CLOSE(fd);
	ct_tell(t, p);
	ct_join(t, p);
}

CT_CASE(shm_dup, .id = "shm.descriptor.dup", .req = "SHM-065",
	.posix = "XSH dup DESCRIPTION, mmap",
	.text = "a duplicate of the descriptor maps the same object",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 1, NULL), second, third = dup(0);
	volatile char *a = ct_map(t, fd, 1), *b, *c;

	*a = 'd';
	CT_MUST(CT_OK((second = dup(fd)) >= 0));
	CT_OK(dup2(fd, third) == third);
	SHM_CLOSE(fd);
	SHM_MAP(b, second, 1, SHM_RW);
	CT_EQUAL(*b, 'd');
	*b = 'e';
	SHM_MAP(c, third, 1, SHM_RW);
	CT_EQUAL(*c, 'e');
	SHM_RESIZE(third, 3);
	CT_EQUAL(shm_size(t, second), 3);
	SHM_CLOSE(second);
	SHM_CLOSE(third);
}

/* The space for one descriptor beside a message. */
union passed {
	struct cmsghdr align;
	char space[64];
};

static struct msghdr message(struct iovec *byte, union passed *passed)
{
	struct msghdr msg = {.msg_iov = byte, .msg_iovlen = 1};

	msg.msg_control = passed->space;
	msg.msg_controllen = CMSG_SPACE(sizeof(int));
	return msg;
}

static bool pass(int socket, int fd)
{
	union passed passed = {.space = {0}};
	struct iovec byte = {"", 1};
	struct msghdr msg = message(&byte, &passed);
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(socket, &msg, 0) == 1;
}

/* The descriptor that came, or -1. */
static int passed(int socket)
{
	union passed passed = {.space = {0}};
	char buf;
	struct iovec byte = {&buf, 1};
	struct msghdr msg = message(&byte, &passed);
	struct cmsghdr *c;
	int fd;

	if (recvmsg(socket, &msg, 0) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

CT_CASE(shm_scm_rights, .id = "shm.descriptor.passed-to-a-process",
	.req = "SHM-065", .posix = "XBD sys/socket.h SCM_RIGHTS; XSH mmap",
	.text = "a descriptor that another process passes maps its object",
	.needs = CT_NEED_SHM)
{
	struct ct_peer *p;
	volatile char *map;
	int ends[2], fd;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
		int error = errno;

		if (error != ENOSYS && error != EAFNOSUPPORT)
			ct_refused(t, "socketpair", error);
		ct_unsupported(t, "socketpair: %s", ct_errno_name(error));
	}
	CT_PEER (t, p) {
		close(ends[0]);
		fd = ct_shm(t, 1, NULL);
		SHM_MAP(map, fd, 1, SHM_RW);
		*map = 's';
		CT_OK(pass(ends[1], fd));
		ct_await_parent(t);
		CT_EQUAL(*map, 't');
	}
	/* Only the peer can write now: its end is seen. */
	close(ends[1]);
	fd = passed(ends[0]);
	if (fd < 0)
		ct_join(t, p);
	CT_REQUIRE(fd >= 0);
	SHM_MAP(map, fd, 1, SHM_RW);
	CT_EQUAL(*map, 's');
	*map = 't';
	ct_tell(t, p);
	ct_join(t, p);
	SHM_CLOSE(fd);
	close(ends[0]);
}

CT_CASE(shm_emfile, .id = "shm.open.no-descriptor-left", .req = "SHM-033",
	.posix = "XSH shm_open ERRORS [EMFILE]",
	.text = "with all descriptors open the call says EMFILE",
	.needs = CT_NEED_SHM)
{
	const char *name, *fresh = ct_name(t);
	int fd = ct_shm(t, 1, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		struct rlimit limit, none;

		CT_SETUP_TRUE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
		none = limit;
		none.rlim_cur = (rlim_t)lowest();
		CT_SETUP_TRUE(setrlimit(RLIMIT_NOFILE, &none) == 0);
		CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, EMFILE);
		CT_ERRNO(t->os->shm_open(fresh, O_RDWR | PIPC_O_CREX, 0600) ==
			     -1,
			 EMFILE);
		CT_SETUP_TRUE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
		SHM_OPEN(fd, name, O_RDWR, 0);
	}
	ct_join(t, p);
	CT_CHECK(shm_exists(t, fresh) >= 0);
	ct_note(t, "failed-create-leaves", "%s",
		shm_exists(t, fresh) == 1 ? "an object" : "nothing");
	t->os->shm_unlink(fresh);
	SHM_CLOSE(fd);
}
