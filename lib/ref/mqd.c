/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message queue descriptors: descriptors of the queue's file, so that dup(),
 * fork(), exec and exit do with them what they do with any.  The system keeps
 * O_NONBLOCK in the open file description, as POSIX wants it; the access mode
 * is kept in its offset, which nothing else needs.
 */
#include "ref.h"

#include <stdlib.h>
#include <string.h>

#define PER_CHUNK 256
#define CHUNKS 4096

/* Found by descriptor; filled in when one is opened or first used. */
static _Atomic(struct ref_handle *) chunks[CHUNKS];
/* The queues that this process has mapped, each once. */
static struct ref_mapping *mappings;
/* Whose descriptors these are: a child of vfork() has its parent's memory. */
static pid_t process;
_Atomic bool ref_has_queues;

static COLD int failed(int error)
{
	errno = error;
	return -1;
}

static inline int fd_of(mqd_t mqd)
{
	return (int)(intptr_t)mqd;
}

static struct ref_handle *place(int fd)
{
	struct ref_handle *chunk;

	if (fd < 0 || fd >= CHUNKS * PER_CHUNK)
		return NULL;
	chunk =
	    atomic_load_explicit(&chunks[fd / PER_CHUNK], memory_order_acquire);
	return chunk == NULL ? NULL : &chunk[fd % PER_CHUNK];
}

static struct ref_handle *make_place(int fd)
{
	struct ref_handle *h = place(fd), *chunk;

	if (h != NULL || fd < 0 || fd >= CHUNKS * PER_CHUNK)
		return h;
	chunk = calloc(PER_CHUNK, sizeof(*chunk));
	if (chunk == NULL)
		return NULL;
	atomic_store_explicit(&chunks[fd / PER_CHUNK], chunk,
			      memory_order_release);
	return &chunk[fd % PER_CHUNK];
}

static struct ref_mapping *known(const struct stat *st)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_mapping *m;

	for (m = mappings; m != NULL; m = m->next)
		if (m->ino == st->st_ino && m->dev == st->st_dev)
			break;
	return m;
}

static bool is_fair(void)
{
	const char *fair = pipc__getenv("PIPC_FAIR");

	return fair != NULL && strcmp(fair, "1") == 0;
}

static struct ref_mapping *map(const struct ref_mapping *layout, int fd,
			       const struct stat *st)
{
	void *memory = ref_map(fd, layout->size, sizeof(*layout));
	struct ref_mapping *copy;

	if (memory == MAP_FAILED)
		return NULL;
	ref_look_for_handlers();
	copy = ref_map_record(memory, layout->size);
	*copy = *layout;
	ref_queue_attach(copy, memory);
	ref_mapping_callbacks(copy);
	copy->dev = st->st_dev;
	copy->ino = st->st_ino;
	copy->fair = copy->more = is_fair();
	atomic_init(&copy->event, -1);
	ref_has_queues = true;
	copy->waits.space = ref_space;
	atomic_init(&copy->references, 0);
	return copy;
}

/* Looks before it leaps: what a file says of its size is not believed. */
static struct ref_mapping *map_existing(int fd, const struct stat *st)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_mapping *m = known(st), layout = {.size = 0};
	struct ref_queue q;

	errno = EINVAL;
	if (m != NULL && m->waits.space != ref_space) {
		errno = ENOTSUP;
		return NULL;
	}
	if (m != NULL)
		return st->st_size == (off_t)m->size ? m : NULL;
	if (!S_ISREG(st->st_mode) ||
	    pread(fd, &q, sizeof(q), 0) != (ssize_t)sizeof(q) ||
	    !ref_queue_valid(&q) ||
	    !ref_queue_layout(&layout, (long)q.maxmsg, (long)q.msgsize) ||
	    st->st_size != (off_t)layout.size) {
		errno = ref_refusal(fd, REF_MQ);
		return NULL;
	}
	m = map(&layout, fd, st);
	if (m != NULL) {
		m->next = mappings;
		mappings = m;
	}
	return m;
}

void ref_mapping_drop_locked(struct ref_mapping *m)
{
	struct ref_mapping **p;

	if (m->references > 0 && atomic_fetch_sub(&m->references, 1) > 1)
		return;
	for (p = &mappings; *p != NULL; p = &(*p)->next)
		if (*p == m) {
			*p = m->next;
			break;
		}
	ref_event_drop_locked(m);
	ref_unmap(m->queue, m->size, sizeof(*m));
}

void ref_mapping_release(struct ref_mapping *m)
{
	unsigned n = atomic_load(&m->references);
	struct ref_process p;

	/* The last one is dropped where nobody can find the mapping. */
	while (n > 1)
		if (atomic_compare_exchange_weak(&m->references, &n, n - 1))
			return;
	ref_process_enter(&p);
	ref_mapping_drop_locked(m);
	ref_process_leave(&p);
	ref_events_close();
}

static struct ref_handle *enter(int fd, struct ref_mapping *m, int access)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_handle *h = make_place(fd);

	if (h == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	m->references++;
	/* Closed by a road that we do not see, and now another's. */
	if (h->mapping != NULL)
		ref_mapping_drop_locked(h->mapping);
	if (process == 0)
		process = getpid();
	h->fd = fd;
	h->access = access;
	atomic_store_explicit(&h->mapping, m, memory_order_release);
	return h;
}

/* The access that a queue's descriptor has; 0 for what is none. */
static int access_of(int fd)
{
	off_t access = lseek(fd, 0, SEEK_CUR);

	return access < 1 || access > (REF_READS | REF_WRITES) ? 0
							       : (int)access;
}

/* Locked all the time: a thread that closes it comes before or after. */
static struct ref_handle *adopt_locked(int fd) PIPC_REQUIRES(ref_process_lock)
{
	int access = access_of(fd);
	struct ref_handle *h;
	struct ref_mapping *m;
	struct stat st;

	if (access == 0 || fstat(fd, &st) != 0)
		return NULL;
	m = map_existing(fd, &st);
	if (m == NULL)
		return NULL;
	h = enter(fd, m, access);
	if (h == NULL && m->references == 0)
		ref_mapping_drop_locked(m);
	return h;
}

/* One that came by dup() or from another process. */
static struct ref_handle *adopt(int fd)
{
	struct ref_handle *h;
	struct ref_process p;

	if (access_of(fd) == 0)
		return NULL;
	ref_prepare();
	ref_process_enter(&p);
	h = adopt_locked(fd);
	ref_process_leave(&p);
	ref_events_close();
	return h;
}

/* Is it still the descriptor that was entered?  This asks the system. */
static bool is_still_locked(const struct ref_handle *h, int fd)
    PIPC_REQUIRES(ref_process_lock)
{
	const struct ref_mapping *m = h->mapping;
	struct stat st;

	return m != NULL && fstat(fd, &st) == 0 && st.st_ino == m->ino &&
	       st.st_dev == m->dev && access_of(fd) == h->access;
}

static COLD struct ref_handle *handle_slowly(int fd)
{
	struct ref_handle *h = place(fd);

	return h != NULL && h->mapping != NULL ? h : adopt(fd);
}

struct ref_handle *ref_handle(mqd_t mqd)
{
	unsigned fd = (unsigned)fd_of(mqd);
	struct ref_handle *chunk;

	if (fd < CHUNKS * PER_CHUNK) {
		chunk = atomic_load_explicit(&chunks[fd / PER_CHUNK],
					     memory_order_acquire);
		if (chunk != NULL && chunk[fd % PER_CHUNK].mapping != NULL)
			return &chunk[fd % PER_CHUNK];
	}
	return handle_slowly((int)fd);
}

/* For calls that ask the system anyway: what the number is now. */
static struct ref_handle *handle_now(mqd_t mqd)
{
	struct ref_handle *h = ref_handle(mqd);
	struct ref_process p;
	bool is;

	if (h == NULL)
		return NULL;
	/* Locked, for another thread may close it. */
	ref_process_enter(&p);
	is = is_still_locked(h, fd_of(mqd));
	ref_process_leave(&p);
	if (is)
		return h;
	ref_forget(fd_of(mqd));
	return adopt(fd_of(mqd));
}

struct ref_handle *ref_known(int fd)
{
	struct ref_handle *h = place(fd);

	return h != NULL && h->mapping != NULL ? h : NULL;
}

int ref_next_descriptor(const struct ref_mapping *m, int fd)
{
	struct ref_handle *h;

	for (fd++; fd < CHUNKS * PER_CHUNK; fd++) {
		h = place(fd);
		if (h == NULL)
			fd |= PER_CHUNK - 1;
		else if (h->mapping == m)
			return fd;
	}
	return -1;
}

/*
 * Another user can open the file only if its class may send and receive, see
 * file_mode().  What its owner denies itself is kept to here.
 */
static bool permitted(const struct ref_queue *q, const struct stat *st,
		      int access)
{
	unsigned want =
	    (access & REF_READS ? 4 : 0) | (access & REF_WRITES ? 2 : 0);

	if (geteuid() == 0 || geteuid() != st->st_uid)
		return true;
	return (q->head.mode >> 6 & want) == want;
}

/*
 * Whoever may write to the file can read it, and whoever is to receive has to
 * write.  So those who may do only one of both may do neither: the system must
 * not let them have what the mode denies them.  The owner can give itself
 * anything, and has both.
 */
static mode_t file_mode(mode_t mode)
{
	mode_t whole = mode & 0600 ? 0600 : 0;

	if ((mode & 060) == 060)
		whole |= 060;
	if ((mode & 06) == 06)
		whole |= 06;
	return whole;
}

/* What an open descriptor of a queue's file needs to be a queue's. */
static mqd_t finish(int fd, struct ref_mapping *m, int access, int flags)
    PIPC_REQUIRES(ref_process_lock)
{
	int now = fcntl(fd, F_GETFL);
	int error;

	if ((flags ^ now) & O_NONBLOCK)
		fcntl(fd, F_SETFL, now ^ O_NONBLOCK);
	if (lseek(fd, access, SEEK_SET) == access &&
	    enter(fd, m, access) != NULL)
		return (mqd_t)(intptr_t)fd;
	error = errno;
	if (m->references == 0)
		ref_mapping_drop_locked(m);
	pipc__os_system.close(fd);
	errno = error;
	return PIPC__BAD_MQD;
}

static mqd_t open_existing(const char *path, int access, int flags)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_mapping *m;
	struct stat st;
	int fd = ref_open(path, O_RDWR, &st), error;

	if (fd < 0)
		return PIPC__BAD_MQD;
	m = map_existing(fd, &st);
	if (m != NULL && permitted(m->queue, &st, access))
		return finish(fd, m, access, flags);
	error = m != NULL ? EACCES : errno;
	if (m != NULL && m->references == 0)
		ref_mapping_drop_locked(m);
	pipc__os_system.close(fd);
	errno = error;
	return PIPC__BAD_MQD;
}

static struct ref_mapping *make(int fd, const struct ref_mapping *layout)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_mapping *m;
	struct stat st;

	if (!ref_size(fd, layout->size) || fstat(fd, &st) != 0)
		return NULL;
	if ((st.st_mode & 0777) != file_mode(st.st_mode) &&
	    pipc__os_system.fchmod(fd, file_mode(st.st_mode)) != 0)
		return NULL;
	m = map(layout, fd, &st);
	if (m == NULL) {
		errno = errno == ENOMEM ? ENOSPC : errno;
		return NULL;
	}
	if (ref_fill(m->queue, sizeof(*m->queue))) {
		ref_queue_init(m, st.st_mode);
		return m;
	}
	ref_mapping_drop_locked(m);
	return NULL;
}

static mqd_t create(const char *path, const struct ref_mapping *layout,
		    mode_t mode, int access, int flags)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_mapping *m;
	struct ref_new new;

	if (!ref_new_open(&new, mode))
		return PIPC__BAD_MQD;
	/* What may fail does so before it has its name. */
	if (make_place(new.fd) == NULL) {
		errno = ENOMEM;
		ref_new_drop(&new);
		return PIPC__BAD_MQD;
	}
	m = make(new.fd, layout);
	if (m != NULL && ref_new_publish(&new, path)) {
		m->next = mappings;
		mappings = m;
		return finish(new.fd, m, access, flags);
	}
	ref_new_drop(&new);
	if (m != NULL) {
		int error = errno;

		ref_mapping_drop_locked(m);
		errno = error;
	}
	return PIPC__BAD_MQD;
}

static mqd_t open_or_create(const char *path, int access, int flags,
			    mode_t mode, const struct mq_attr *attr)
    PIPC_REQUIRES(ref_process_lock)
{
	struct ref_mapping layout = {.size = 0};
	struct stat st;
	mqd_t mqd;

	for (;;) {
		if (!(flags & O_CREAT) || !(flags & O_EXCL)) {
			mqd = open_existing(path, access, flags);
			if (mqd != PIPC__BAD_MQD || errno != ENOENT ||
			    !(flags & O_CREAT))
				return mqd;
		}
		if (!ref_queue_layout(&layout,
				      attr != NULL ? attr->mq_maxmsg : 10,
				      attr != NULL ? attr->mq_msgsize : 8192)) {
			int error = errno;

			errno = lstat(path, &st) == 0 ? EEXIST : error;
			return PIPC__BAD_MQD;
		}
		mqd = create(path, &layout, mode, access, flags);
		if (mqd != PIPC__BAD_MQD || errno != EEXIST || (flags & O_EXCL))
			return mqd;
	}
}

mqd_t ref_mq_open(const char *name, int flags, mode_t mode,
		  struct mq_attr *attr)
{
	char path[REF_PATH_MAX];
	struct ref_process p;
	int access;
	mqd_t mqd;

	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		access = REF_READS;
		break;
	case O_WRONLY:
		access = REF_WRITES;
		break;
	case O_RDWR:
		access = REF_READS | REF_WRITES;
		break;
	default:
		errno = EINVAL;
		return PIPC__BAD_MQD;
	}
	if (!ref_path(path, REF_MQ, name))
		return PIPC__BAD_MQD;
	ref_process_enter(&p);
	mqd = open_or_create(path, access, flags, mode, attr);
	ref_process_leave(&p);
	return mqd;
}

/* One thread alone gets it, and then has its reference. */
static struct ref_mapping *take_locked(struct ref_handle *h)
    PIPC_REQUIRES(ref_process_lock)
{
	return atomic_exchange(&h->mapping, NULL);
}

static APART bool forget(struct ref_handle *h, int fd)
{
	struct ref_mapping *m;
	struct ref_process p;

	/* What a child of vfork() closes is closed in the child alone. */
	if (getpid() != process)
		return false;
	ref_process_enter(&p);
	m = take_locked(h);
	ref_process_leave(&p);
	if (m == NULL)
		return false;
	ref_notify_close(m, fd);
	ref_mapping_release(m);
	return true;
}

bool ref_forget(int fd)
{
	struct ref_handle *h = place(fd);

	return h != NULL && h->mapping != NULL && forget(h, fd);
}

void ref_forget_range(unsigned first, unsigned last)
{
	unsigned fd = first, end = CHUNKS * PER_CHUNK - 1;

	for (end = last < end ? last : end; fd <= end; fd++) {
		if (place((int)fd) == NULL)
			fd |= PER_CHUNK - 1;
		else
			ref_forget((int)fd);
	}
}

void ref_handles_forked(void)
{
	process = getpid();
}

/*
 * Another thread that uses it meanwhile has it adopted again before it is
 * closed, or cannot any more.
 */
static APART int close_queue(struct ref_handle *h, int fd)
{
	struct ref_mapping *m = NULL;
	struct ref_process p;
	int result;

	forget(h, fd);
	ref_process_enter(&p);
	if (getpid() == process)
		m = take_locked(h);
	result = pipc__os_system.close(fd);
	if (m != NULL)
		ref_mapping_drop_locked(m);
	ref_process_leave(&p);
	ref_events_close();
	return result;
}

int ref_mq_close(mqd_t mqd)
{
	struct ref_handle *h = handle_now(mqd);

	return h == NULL ? failed(EBADF) : close_queue(h, fd_of(mqd));
}

int ref_close(int fd)
{
	struct ref_handle *h = place(fd);

	if (h == NULL || h->mapping == NULL)
		return pipc__os_system.close(fd);
	ref_cancellation_point();
	return close_queue(h, fd);
}

int ref_fchmod(int fd, mode_t mode)
{
	struct ref_handle *h = handle_now((mqd_t)(intptr_t)fd);
	struct ref_mapping *m = h != NULL ? h->mapping : NULL;

	if (m == NULL)
		return pipc__os_system.fchmod(fd, mode);
	/* The system says who may. */
	if (pipc__os_system.fchmod(fd, file_mode(mode)) != 0)
		return -1;
	m->queue->head.mode = mode & 0777;
	return 0;
}

int ref_mq_unlink(const char *name)
{
	return ref_unlink(REF_MQ, name);
}

int ref_mq_getattr(mqd_t mqd, struct mq_attr *attr)
{
	struct ref_handle *h = handle_now(mqd);
	struct ref_section s;
	struct ref_mapping *m;
	long count;
	int flags;

	m = h != NULL ? h->mapping : NULL;
	if (m == NULL || (flags = fcntl(h->fd, F_GETFL)) < 0)
		return failed(EBADF);
	/* What a process left undone that was killed is done before. */
	if (!ref_enter(&m->waits, &s))
		return -1;
	if (!ref_queue_plausible(m))
		ref_recover(&m->waits, &s);
	ref_look_back(&m->waits, &s);
	ref_look_at_offers(&m->waits, &s);
	count = (long)m->queue->count;
	if (m->event >= 0 && m->queue->count == 0)
		ref_event_reset(m);
	ref_leave(&m->waits, &s);
	/* A bad address faults without the lock; none at all is one, too. */
	if (attr == NULL)
		return 0;
	attr->mq_curmsgs = count;
	attr->mq_flags = flags & O_NONBLOCK;
	attr->mq_maxmsg = m->maxmsg;
	attr->mq_msgsize = m->msgsize;
	return 0;
}

int ref_mq_setattr(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old)
{
	struct ref_handle *h = handle_now(mqd);
	struct mq_attr before;
	long wanted;
	int flags;

	if (attr == NULL)
		return ref_mq_getattr(mqd, old);
	wanted = attr->mq_flags;
	if (h == NULL)
		return failed(EBADF);
	if (wanted & ~(long)O_NONBLOCK)
		return failed(EINVAL);
	if (old != NULL && ref_mq_getattr(mqd, &before) != 0)
		return -1;
	flags = fcntl(h->fd, F_GETFL);
	if (flags < 0)
		return failed(EBADF);
	flags = (flags & ~O_NONBLOCK) | (int)wanted;
	if (fcntl(h->fd, F_SETFL, flags) != 0)
		return -1;
	if (old != NULL)
		*old = before;
	return 0;
}

int ref_mq_notify(mqd_t mqd, const struct sigevent *event)
{
	struct ref_handle *h = handle_now(mqd);
	struct ref_mapping *m = h != NULL ? h->mapping : NULL;

	return m == NULL ? failed(EBADF) : ref_notify(m, h->fd, event);
}

int ref_mq_event_fd(mqd_t mqd)
{
	struct ref_handle *h = handle_now(mqd);
	struct ref_mapping *m = h != NULL ? h->mapping : NULL;

	return m == NULL ? failed(EBADF) : ref_event_fd(m, h->fd);
}

int ref_fstat(int fd, struct stat *st)
{
	struct ref_handle *h = place(fd);
	struct ref_mapping *m = h != NULL ? h->mapping : NULL;

	if (fstat(fd, st) != 0)
		return -1;
	if (m != NULL && m->ino == st->st_ino && m->dev == st->st_dev)
		st->st_mode = (st->st_mode & ~(mode_t)0777) |
			      (m->queue->head.mode & 0777);
	return 0;
}
