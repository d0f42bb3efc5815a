/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared memory and the rest of the system: options, signals, threads. */
#include "shm.h"

CT_CASE(shm_option, .id = "shm.system.option", .req = "SHM-084 SHM-085",
	.posix = "XBD <unistd.h> _POSIX_SHARED_MEMORY_OBJECTS, <sys/mman.h>",
	.text = "a system that claims shared memory objects has shm_open and "
		"shm_unlink")
{
	long claim = t->os->sysconf(_SC_SHARED_MEMORY_OBJECTS);
	const char *name = ct_name(t);
	int fd, error;

	fd = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
	error = errno;
	if (fd >= 0) {
		bool full =
		    t->os->posix_fallocate(fd, 0, 1) != 0 && errno == ENOSPC;

		SHM_UNLINK(name);
		SHM_CLOSE(fd);
		if (full)
			ct_refused(t, "posix_fallocate", ENOSPC);
		ct_note(t, "works-and-claims", "%ld", claim);
		return;
	}
	if (error == ENOSYS && claim <= 0)
		ct_unsupported(t, "no shared memory, and none claimed");
	if (error != ENOSYS)
		ct_refused(t, "shm_open(O_CREAT)", error);
	ct_fail(t, "sysconf claims %ld, but shm_open gives ENOSYS", claim);
}

#define MANY 200

CT_CASE(shm_exhausted, .id = "shm.open.many-objects", .req = "SHM-034",
	.posix = "XSH shm_open ERRORS [ENFILE], [ENOSPC]",
	.text = "where there cannot be many objects, the one too many is "
		"refused with ENFILE or ENOSPC",
	.needs = CT_NEED_SHM)
{
	const char *names[MANY];
	int n, fd = 0, error = 0;

	for (n = 0; n < MANY && fd >= 0; n++) {
		names[n] = ct_name(t);
		fd = t->os->shm_open(names[n], O_RDWR | PIPC_O_CREX, 0600);
		error = errno;
		if (fd >= 0)
			SHM_CLOSE(fd);
	}
	if (fd < 0) {
		CT_CHECK(error == ENFILE || error == ENOSPC);
		CT_EQUAL(shm_exists(t, names[--n]), 0);
	}
	while (n > 0)
		SHM_UNLINK(names[--n]);
	if (fd >= 0)
		ct_unsupported(t, "no limit below %d objects", MANY);
}

CT_CASE(shm_signals, .id = "shm.open.under-signals", .req = "SHM-092",
	.posix = "XSH shm_open ERRORS [EINTR]",
	.text = "under a storm of signals an open succeeds or says EINTR",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name), tries = 0, interrupted = 0;

	ct_storm(t, 50);
	while (ct_caught(SIGALRM) < 50 || tries < 300) {
		int now = t->os->shm_open(name, O_RDWR, 0), error = errno;

		tries++;
		interrupted += now < 0;
		if (now >= 0)
			t->os->close(now);
		else if (!CT_EQUAL(error, EINTR))
			break;
	}
	ct_storm(t, 0);
	CT_CHECK(tries > 0);
	if (interrupted > 0)
		ct_note(t, "interrupted", "some");
	SHM_CLOSE(fd);
}

struct cancelled {
	const char *name;
	int fd, unlinked;
	bool end;
};

/* Asks for its own cancellation; then no cancellation point may come. */
static void with_cancel_pending(struct ct *t, void *arg)
{
	struct cancelled *c = arg;
	int state;

	pthread_cancel(pthread_self());
	c->fd = t->os->shm_open(c->name, O_RDWR, 0);
	c->unlinked = t->os->shm_unlink(c->name);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	c->end = true;
}

CT_CASE(shm_cancel, .id = "shm.system.no-cancellation-point", .req = "SHM-080",
	.posix = "XSH 2.9.5.2 Cancellation Points",
	.text = "shm_open and shm_unlink do not act on a pending cancellation",
	.needs = CT_NEED_SHM)
{
	struct cancelled c = {.fd = -1, .unlinked = -1};
	int fd = ct_shm(t, 1, &c.name);

	ct_thread_join(t, ct_thread(t, with_cancel_pending, &c));
	CT_CHECK(c.end);
	CT_CHECK(c.fd >= 0);
	CT_EQUAL(c.unlinked, 0);
	CT_EQUAL(shm_exists(t, c.name), 0);
	if (c.fd >= 0)
		SHM_CLOSE(c.fd);
	SHM_CLOSE(fd);
}

CT_CASE(shm_semaphore, .id = "shm.system.semaphore-inside", .req = "SHM-081",
	.posix = "XSH sem_init DESCRIPTION, pshared",
	.text = "a process-shared semaphore in shared memory is one for all "
		"that map it by its name",
	.needs = CT_NEED_SHM | CT_NEED_SEM_UNNAMED)
{
	const char *name;
	int fd = ct_shm(t, 2 * sizeof(sem_t), &name);
	sem_t *sems = ct_map(t, fd, 2 * sizeof(sem_t));
	struct ct_peer *p;

	CT_MUST(CT_OK(t->os->sem_init(&sems[0], 1, 0) == 0));
	CT_MUST(CT_OK(t->os->sem_init(&sems[1], 1, 0) == 0));
	CT_PEER (t, p) {
		sem_t *its;
		int mine;

		SHM_OPEN(mine, name, O_RDWR, 0);
		SHM_MAP(its, mine, 2 * sizeof(sem_t), SHM_RW);
		ct_tell_parent(t);
		CT_OK(t->os->sem_wait(&its[0]) == 0);
		CT_OK(t->os->sem_post(&its[1]) == 0);
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->sem_post(&sems[0]) == 0);
	CT_OK(t->os->sem_wait(&sems[1]) == 0);
	CT_ERRNO(t->os->sem_trywait(&sems[1]) == -1, EAGAIN);
	ct_join(t, p);
	t->os->sem_destroy(&sems[0]);
	t->os->sem_destroy(&sems[1]);
	SHM_CLOSE(fd);
}

static pthread_mutex_t *robust_mutex(struct ct *t, int fd)
{
	pthread_mutex_t *m = ct_map(t, fd, sizeof(*m));
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	if (pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(m, &attr) != 0)
		ct_unsupported(t, "no robust mutex between processes");
	pthread_mutexattr_destroy(&attr);
	return m;
}

CT_CASE(shm_robust, .id = "shm.system.robust-mutex-inside", .req = "SHM-082",
	.posix = "XSH pthread_mutexattr_setrobust, pthread_mutex_lock",
	.text = "a robust mutex in shared memory tells that its owner died, "
		"and goes on when it is made consistent",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, sizeof(pthread_mutex_t), &name);
	pthread_mutex_t *m = robust_mutex(t, fd);
	struct ct_peer *p;

	CT_PEER (t, p) {
		pthread_mutex_t *its;
		int mine;

		SHM_OPEN(mine, name, O_RDWR, 0);
		SHM_MAP(its, mine, sizeof(*its), SHM_RW);
		CT_EQUAL(pthread_mutex_lock(its), 0);
		ct_tell_parent(t);
		ct_await_parent(t);
	}
	ct_await(t, p);
	CT_EQUAL(pthread_mutex_trylock(m), EBUSY);
	ct_kill(t, p);
	CT_EQUAL(pthread_mutex_lock(m), EOWNERDEAD);
	CT_EQUAL(pthread_mutex_consistent(m), 0);
	CT_EQUAL(pthread_mutex_unlock(m), 0);
	CT_EQUAL(pthread_mutex_lock(m), 0);
	CT_EQUAL(pthread_mutex_unlock(m), 0);
	SHM_CLOSE(fd);
}

struct resizer {
	int fd, times;
	bool stop;
};

static void resizes(struct ct *t, void *arg)
{
	struct resizer *r = arg;
	while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
		int n = __atomic_add_fetch(&r->times, 1, __ATOMIC_SEQ_CST);

		t->os->ftruncate(r->fd, n % 2 ? 100 : 10000);
	}
}

CT_CASE(shm_atomic, .id = "shm.system.atomic", .req = "SHM-103",
	.posix = "Issue 8 XSH 2.9.7 Atomic Operations",
	.text = "where Issue 8 holds, no size between two is ever seen while "
		"another thread resizes",
	.needs = CT_NEED_SHM)
{
	struct resizer r = {.fd = ct_shm(t, 100, NULL)};
	struct ct_thread *thread;

	if (t->os->sysconf(_SC_VERSION) < 202405L) {
		SHM_CLOSE(r.fd);
		ct_unsupported(t, "this system is of an issue before 8");
	}
	thread = ct_thread(t, resizes, &r);
	while (__atomic_load_n(&r.times, __ATOMIC_SEQ_CST) < 2000) {
		off_t size = shm_size(t, r.fd);

		if (!CT_CHECK(size == 100 || size == 10000))
			break;
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_SEQ_CST);
	ct_thread_join(t, thread);
	SHM_CLOSE(r.fd);
}

CT_CASE(shm_excl_alone, .id = "shm.open.excl-alone", .req = "SHM-099",
	.posix = "XSH shm_open DESCRIPTION O_EXCL, undefined without O_CREAT",
	.text = "O_EXCL without O_CREAT, which is undefined, is survived",
	.needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 1, &name);

	CT_UNDEFINED (t, "excl-alone") {
		int second = t->os->shm_open(name, O_RDWR | O_EXCL, 0);
		int error = errno;

		ct_note(t, "excl-alone-opens", "%s",
			second >= 0 ? "yes" : ct_errno_name(error));
	}
	SHM_CLOSE(fd);
}

/* Opens an object with these flags, notes the outcome, harms nothing. */
static void note_flags(struct ct *t, const char *key, int flags)
{
	const char *name;
	int fd = ct_shm(t, 10, &name), second, error;

	second = t->os->shm_open(name, flags, 0);
	error = errno;
	ct_note(t, key, "%s", second >= 0 ? "opens" : ct_errno_name(error));
	if (second >= 0)
		SHM_CLOSE(second);
	CT_EQUAL(shm_size(t, fd), 10);
	SHM_CLOSE(fd);
}

CT_CASE(shm_write_only, .id = "shm.open.write-only", .req = "SHM-019",
	.posix = "XSH shm_open DESCRIPTION, access modes",
	.text = "what O_WRONLY does is recorded; the object stays as it was",
	.needs = CT_NEED_SHM)
{
	note_flags(t, "O_WRONLY", O_WRONLY);
}

CT_CASE(shm_other_flags, .id = "shm.open.other-flags", .req = "SHM-020",
	.posix = "XSH shm_open DESCRIPTION, RATIONALE",
	.text = "what flags of open() do is recorded; the object stays as it "
		"was",
	.needs = CT_NEED_SHM)
{
	note_flags(t, "O_APPEND", O_RDWR | O_APPEND);
	note_flags(t, "O_NONBLOCK", O_RDWR | O_NONBLOCK);
	note_flags(t, "O_SYNC", O_RDWR | O_SYNC);
	note_flags(t, "O_DIRECTORY", O_RDONLY | O_DIRECTORY);
}

CT_CASE(shm_read_write, .id = "shm.descriptor.read-and-write", .req = "SHM-060",
	.posix = "XSH read, write, lseek: unspecified",
	.text = "what read, write and lseek do is recorded",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 10, NULL);
	ssize_t n;
	char byte;

	n = write(fd, "w", 1);
	ct_note(t, "write", "%s", n == 1 ? "works" : ct_errno_name(errno));
	n = lseek(fd, 0, SEEK_SET);
	ct_note(t, "lseek", "%s", n == 0 ? "works" : ct_errno_name(errno));
	n = read(fd, &byte, 1);
	ct_note(t, "read", "%s", n == 1 ? "works" : ct_errno_name(errno));
	CT_EQUAL(shm_size(t, fd), 10);
	SHM_CLOSE(fd);
}

CT_CASE(shm_stat_rest, .id = "shm.descriptor.fstat-the-rest", .req = "SHM-101",
	.posix = "XSH fstat DESCRIPTION (may update others)",
	.text = "what else fstat tells is recorded", .needs = CT_NEED_SHM)
{
	const char *name;
	int fd = ct_shm(t, 10, &name);
	struct stat st = shm_stat(t, fd);

	CT_EQUAL(st.st_size, 10);
	ct_note(t, "file-type", "%#o", (unsigned)(st.st_mode & S_IFMT));
	ct_note(t, "links", "%ju", (uintmax_t)st.st_nlink);
	SHM_UNLINK(name);
	st = shm_stat(t, fd);
	CT_EQUAL(st.st_size, 10);
	ct_note(t, "links-when-unlinked", "%ju", (uintmax_t)st.st_nlink);
	SHM_CLOSE(fd);
}

CT_CASE(shm_offset, .id = "shm.descriptor.file-offset", .req = "SHM-104",
	.posix = "XSH shm_open DESCRIPTION, file offset unspecified",
	.text = "the file offset of a new descriptor is recorded",
	.needs = CT_NEED_SHM)
{
	int fd = ct_shm(t, 10, NULL);
	off_t at = lseek(fd, 0, SEEK_CUR);
	int error = errno;

	CT_CHECK(fcntl(fd, F_GETFD) != -1);
	if (at >= 0)
		ct_note(t, "offset", "%jd", (intmax_t)at);
	else
		ct_note(t, "offset", "%s", ct_errno_name(error));
	SHM_CLOSE(fd);
}
