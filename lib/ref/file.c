/* SPDX-License-Identifier: BSD-3-Clause */
/* Names, and the files behind them. */
#include "ref.h"
#include "size.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/ioctl.h>
#endif
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif
/* Linux gives memory to pages of a file that are named. */
#if defined(__linux__) && (defined(SYS_futex) || defined(SYS_futex_time64))
#define FILLS 1
#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#else
#define FILLS 0
#endif

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif
#ifndef O_NOFOLLOW
#define O_NOFOLLOW 0
#endif
#ifndef NAME_MAX
#define NAME_MAX 255
#endif

static const unsigned char magic[8] = REF_MAGIC;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char directory[4096];
static bool by_proc; /* a file without a name can be given one */
static bool system_names;

struct ref_process_lock ref_process_lock = {PTHREAD_MUTEX_INITIALIZER};

void ref_quiet_enter(struct ref_process *p)
{
	p->state = ref_uncancelled();
	ref_block_signals(&p->mask);
}

void ref_quiet_leave(const struct ref_process *p)
{
	pthread_sigmask(SIG_SETMASK, &p->mask, NULL);
	ref_cancelled(p->state);
}

void ref_process_enter(struct ref_process *p) PIPC_UNCHECKED
{
	ref_quiet_enter(p);
	pthread_mutex_lock(&ref_process_lock.mutex);
}

void ref_process_leave(struct ref_process *p) PIPC_UNCHECKED
{
	pthread_mutex_unlock(&ref_process_lock.mutex);
	ref_quiet_leave(p);
}

uint32_t ref_space;

/* Without /proc the system tells it since Linux 6.11. */
static bool ask_space(struct stat *st)
{
	bool told = stat("/proc/self/ns/pid", st) == 0;
#if defined(SYS_pidfd_open) && defined(__linux__)
	const unsigned long get_pid_namespace = 0xff05;
	int self, space;

	if (told)
		return true;
	self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (self < 0)
		return false;
	space = ioctl(self, get_pid_namespace, 0);
	pipc__os_system.close(self);
	if (space < 0)
		return false;
	told = fstat(space, st) == 0;
	pipc__os_system.close(space);
#endif
	return told;
}

static void find_space(uint32_t otherwise)
{
	int error = errno;
	struct stat st;

	ref_space = ask_space(&st) ? (uint32_t)st.st_ino : otherwise;
	errno = error;
}

static struct ref_process forking; /* of the thread that has the lock */
static pid_t parent;

/* Whose parent is to be seen is where that is; else it may be elsewhere. */
static void find_childs_space(void)
{
	pid_t seen = getppid();

	if (seen != parent)
		find_space(seen == 0 ? REF_SPACE_NONE : ref_space);
}

static void before_fork(void) PIPC_UNCHECKED
{
	struct ref_process p;

	ref_process_enter(&p);
	forking = p;
	parent = getpid();
}

static void after_fork(void) PIPC_UNCHECKED
{
	struct ref_process p = forking;

	ref_process_leave(&p);
}

_Atomic unsigned ref_forks;

static void after_fork_in_child(void) PIPC_UNCHECKED
{
	atomic_fetch_add(&ref_forks, 1);
	ref_locks_forked();
	find_childs_space();
	ref_handles_forked();
	ref_notify_forked();
	after_fork();
}

/* $PIPC_REF_DIR, for those who may choose; else the first that is there. */
static void find_directory(void)
{
	static const char *const usual[] = {"/dev/shm", "/var/run/shm", "/tmp"};
	const char *from = pipc__getenv("PIPC_REF_DIR"), *names;
	struct stat st;
	unsigned i;

	for (i = 0; from == NULL && i < 2; i++)
		if (stat(usual[i], &st) == 0 && S_ISDIR(st.st_mode))
			from = usual[i];
	if (from == NULL || *from == '\0')
		from = usual[2];
	snprintf(directory, sizeof(directory), "%s", from);
	find_space(REF_SPACE_UNKNOWN);
	by_proc = access("/proc/self/fd", X_OK) == 0;
	names = pipc__getenv("PIPC_REF_NAMES");
	system_names = names == NULL || *names == '\0'
			   ? pipc__system_names
			   : strcmp(names, "system") == 0;
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

#define PREFIX "pipc."

/* What a name and its errors are. */
struct rules {
	bool slash;    /* it has to begin with one */
	bool slashes;  /* any number of them counts as one */
	bool no_dots;  /* "." and ".." are none */
	int empty;     /* the error when there is nothing after the slash */
	int inner;     /* when there is a slash, or dots, in it */
	int to_unlink; /* EINVAL, when it is to be unlinked; 0: the same */
};

static const struct rules of_posix = {true,   false,  false,
				      EINVAL, EINVAL, ENOENT};

/* What the system's library does where POSIX leaves it open. */
static const struct rules *rules(enum ref_kind kind)
{
#ifdef __linux__
#ifdef __GLIBC__
	static const struct rules files = {false,  true,   true,
					   EINVAL, EINVAL, ENOENT};
	static const struct rules sems = {false,  true,	  false,
					  EINVAL, EINVAL, ENOENT};
	static const struct rules queues = {true,   false,  true,
					    ENOENT, EACCES, 0};
#else /* musl */
	static const struct rules files = {false,  true,   true,
					   EINVAL, EINVAL, 0};
	static const struct rules sems = {false, true, true, EINVAL, EINVAL, 0};
	static const struct rules queues = {false,  false,  true,
					    ENOENT, EACCES, 0};
#endif

	if (system_names)
		return kind == REF_SEM	 ? &sems
		       : kind == REF_SHM ? &files
					 : &queues;
#endif
	(void)kind;
	return &of_posix;
}

static int check_name(const struct rules *r, const char **name)
{
	const char *n = *name;

	if (n == NULL || (r->slash && *n != '/'))
		return EINVAL;
	if (*n == '/')
		n++;
	while (r->slashes && *n == '/')
		n++;
	*name = n;
	if (*n == '\0')
		return r->empty;
	if (strlen(n) > NAME_MAX - (sizeof(PREFIX "x.") - 1))
		return ENAMETOOLONG;
	if (strchr(n, '/') != NULL)
		return r->inner;
	if (r->no_dots && (strcmp(n, ".") == 0 || strcmp(n, "..") == 0))
		return r->inner;
	return 0;
}

void ref_prepare(void)
{
	pthread_once(&once, find_directory);
}

bool ref_path(char path[REF_PATH_MAX], enum ref_kind kind, const char *name)
{
	int error;

	ref_prepare();
	error = check_name(rules(kind), &name);
	if (error != 0) {
		errno = error;
		return false;
	}
	snprintf(path, REF_PATH_MAX, "%s/" PREFIX "%c.%s", directory,
		 (char)kind, name);
	return true;
}

int ref_unlink(enum ref_kind kind, const char *name)
{
	char path[REF_PATH_MAX];

	if (!ref_path(path, kind, name)) {
		/* No object can have such a name. */
		if (errno == EINVAL && rules(kind)->to_unlink != 0)
			errno = rules(kind)->to_unlink;
		return -1;
	}
	if (unlink(path) == 0) /* no cancellation point either */
		return 0;
	/* Another user's file in a directory like /tmp. */
	if (errno == EPERM)
		errno = EACCES;
	return -1;
}

bool ref_new_open(struct ref_new *new, mode_t mode)
{
	static _Atomic unsigned serial;
	struct timespec now = {0, 0};

	new->path[0] = '\0';
#ifdef O_TMPFILE
	if (by_proc) {
		new->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
		if (new->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR &&
				     errno != EINVAL && errno != ENOENT))
			return new->fd >= 0;
	}
#endif
	do {
		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(new->path, sizeof(new->path),
			 "%s/" PREFIX "t.%ld.%u.%ld", directory, (long)getpid(),
			 atomic_fetch_add(&serial, 1), (long)now.tv_nsec);
		new->fd = open(new->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC,
			       mode);
	} while (new->fd < 0 && errno == EEXIST);
	return new->fd >= 0;
}

bool ref_new_publish(struct ref_new *new, const char *path)
{
	char self[40];

	if (new->path[0] != '\0') {
		if (link(new->path, path) != 0)
			return false;
		unlink(new->path);
		return true;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", new->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

void ref_new_drop(struct ref_new *new)
{
	int error = errno;

	if (new->path[0] != '\0')
		unlink(new->path);
	pipc__os_system.close(new->fd);
	errno = error;
}

int ref_open(const char *path, int flags, struct stat *st)
{
	/* O_NONBLOCK: a FIFO that somebody put there must not hold us up. */
	int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	pipc__os_system.close(fd);
	errno = EINVAL;
	return -1;
}

#if FILLS

/*
 * Memory for the page of that address, without the call for it: adding 0 is an
 * operation of futexes, which the kernel does in place, and which fails with
 * EFAULT where writing would give SIGBUS.  It may wake somebody to look again.
 */
static bool touch(uintptr_t page)
{
	const int wake_op = 5;
	const unsigned add_0 = 1u << 28;

	if (syscall(SYS_futex, page, wake_op, 0, NULL, page, add_0) >= 0 ||
	    errno != EFAULT)
		return true;
	errno = ENOSPC;
	return false;
}

bool ref_fill(void *from, size_t size)
{
	static _Atomic bool unknown;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)from & ~(page - 1);
	uintptr_t end = ((uintptr_t)from + size + page - 1) & ~(page - 1);

	if (!unknown) {
		if (madvise((void *)begin, end - begin, MADV_POPULATE_WRITE) ==
		    0)
			return true;
		if (errno != EINVAL && !ref_call_missing(errno)) {
			errno = ENOSPC;
			return false;
		}
		unknown = true;
	}
	for (; begin < end; begin += page)
		if (!touch(begin))
			return false;
	return true;
}

bool ref_size(int fd, size_t size)
{
	return pipc__set_size(ftruncate, fd, (off_t)size) == 0;
}

#else

bool ref_fill(void *from, size_t size)
{
	(void)from;
	(void)size;
	return true;
}

static int allocate(int fd, off_t at, off_t size)
{
#ifdef HAVE_POSIX_FALLOCATE
	errno = posix_fallocate(fd, at, size);
#else
	(void)fd;
	(void)at;
	(void)size;
	errno = ENOSYS;
#endif
	return errno == 0 ? 0 : -1;
}

/* Pages cannot be had one by one, so all are there from the beginning. */
bool ref_size(int fd, size_t size)
{
	return pipc__set_size(ftruncate, fd, (off_t)size) == 0 &&
	       pipc__allocate(allocate, fd, (off_t)size) == 0;
}

#endif

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

void *ref_map_record(void *memory, size_t size)
{
	return (char *)memory + whole_pages(size);
}

void ref_unmap(void *memory, size_t size, size_t record)
{
	munmap(memory, whole_pages(size) + whole_pages(record));
}

void *ref_map(int fd, size_t size, size_t record)
{
	const int access = PROT_READ | PROT_WRITE;
	size_t all = whole_pages(size) + whole_pages(record);
	/* First the addresses, which count nowhere as memory. */
	void *memory =
	    mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error;

	if (memory == MAP_FAILED)
		return MAP_FAILED;
	if (mmap(memory, size, access, MAP_SHARED | MAP_FIXED, fd, 0) !=
		MAP_FAILED &&
	    mmap(ref_map_record(memory, size), whole_pages(record), access,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return memory;
	error = errno;
	munmap(memory, all);
	errno = error;
	return MAP_FAILED;
}

/* Two programs may share an object only if they see the same structures. */
static uint32_t layout(void)
{
	const uint32_t one = 1;

	return (uint32_t)sizeof(struct ref_queue) << 16 ^
	       (uint32_t)sizeof(struct ref_waiter) << 8 ^
	       (uint32_t)sizeof(void *) << 4 ^ (uint32_t)REF_ROBUST << 3 ^
	       (uint32_t)REF_SEMAPHORES << 2 ^
	       (uint32_t) * (const unsigned char *)&one;
}

/* What is the C library's own in a file differs, though it be as large. */
static uint32_t c_library(void)
{
#if !REF_SEMAPHORES && (!REF_ROBUST || REF_ANY_LIBC)
	return 0; /* nothing of it is in the files */
#elif defined(__UCLIBC__)
	return 3;
#elif defined(__GLIBC__)
	return 1;
#elif defined(__BIONIC__)
	return 4;
#elif defined(__linux__)
	return 2; /* musl, which does not tell its name */
#else
	return 5; /* the system's own */
#endif
}

void ref_head_fill(struct ref_head *head, enum ref_kind kind, mode_t mode)
{
	pthread_once(&once, find_directory);
	memcpy(head->magic, magic, sizeof(magic));
	head->version = REF_VERSION;
	head->kind = kind;
	head->layout = layout();
	head->libc = c_library();
	head->mode = mode & 0777;
	head->space = ref_space;
}

bool ref_head_valid(const struct ref_head *head, enum ref_kind kind)
{
	/* A program that has its descriptor by exec has asked for no name. */
	pthread_once(&once, find_directory);
	if (memcmp(head->magic, magic, sizeof(magic)) != 0 ||
	    head->kind != (uint32_t)kind) {
		errno = EINVAL;
		return false;
	}
	if (head->version == REF_VERSION && head->layout == layout() &&
	    head->libc == c_library() && head->space == ref_space &&
	    ref_space != REF_SPACE_NONE)
		return true;
	errno = ENOTSUP;
	return false;
}

int ref_refusal(int fd, enum ref_kind kind)
{
	struct ref_head head;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    ref_head_valid(&head, kind))
		return EINVAL;
	return errno;
}
