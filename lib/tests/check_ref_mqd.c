/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation's queue descriptors, and hostile files. */
#include "check_ref.h"

START_TEST(flags)
{
	mqd_t q = a_queue("/q", 2, 8), again;
	struct mq_attr attr = {.mq_maxmsg = 0, .mq_msgsize = 8};

	ck_errno(ref_mq_open("/q", O_CREAT | O_EXCL | O_RDWR, 0600, NULL) !=
		     PIPC__BAD_MQD,
		 EEXIST);
	ck_errno(ref_mq_open("/none", O_RDWR, 0, NULL) != PIPC__BAD_MQD,
		 ENOENT);
	ck_errno(ref_mq_open("/q", O_ACCMODE, 0, NULL) != PIPC__BAD_MQD,
		 EINVAL);
	ck_errno(ref_mq_open("q", O_RDWR, 0, NULL) != PIPC__BAD_MQD, EINVAL);
	ck_errno(ref_mq_open("/new", O_CREAT | O_RDWR, 0600, &attr) !=
		     PIPC__BAD_MQD,
		 EINVAL);
	/* What exists is opened whatever the attributes are. */
	again = ref_mq_open("/q", O_CREAT | O_RDONLY, 0600, &attr);
	ck_assert(again != PIPC__BAD_MQD);
	ck_errno(ref_mq_open("/q", O_CREAT | O_EXCL | O_RDWR, 0600, &attr) !=
		     PIPC__BAD_MQD,
		 EEXIST);
	ck_assert_int_eq(ref_mq_close(again), 0);
	ck_errno(ref_mq_close(again) == 0, EBADF);
	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert_int_eq(ref_mq_unlink("/q"), 0);
	ck_errno(ref_mq_unlink("/q") == 0, ENOENT);
	ck_assert_uint_eq(files(false), 0);
}
END_TEST

START_TEST(attributes)
{
	struct mq_attr attr, set = {.mq_flags = O_NONBLOCK};
	mqd_t q = ref_mq_open("/q", O_CREAT | O_RDWR | O_NONBLOCK, 0600, NULL);

	ck_assert_int_eq(ref_mq_getattr(q, &attr), 0);
	ck_assert_int_eq(attr.mq_flags, O_NONBLOCK);
	ck_assert_int_gt(attr.mq_maxmsg, 0);
	ck_assert_int_gt(attr.mq_msgsize, 0);
	ck_assert_int_eq(attr.mq_curmsgs, 0);
	attr.mq_flags = 0;
	ck_assert_int_eq(ref_mq_setattr(q, &attr, &set), 0);
	ck_assert_int_eq(set.mq_flags, O_NONBLOCK);
	ck_assert_int_eq(ref_mq_setattr(q, &set, &attr), 0);
	ck_assert_int_eq(attr.mq_flags, 0);
	set.mq_flags = O_NONBLOCK | O_APPEND;
	ck_errno(ref_mq_setattr(q, &set, NULL) == 0, EINVAL);
	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_errno(ref_mq_getattr(q, &attr) == 0, EBADF);
	ck_errno(ref_mq_setattr(q, &attr, NULL) == 0, EBADF);
	ck_errno(ref_mq_notify(q, NULL) == 0, EBADF);
	ck_errno(ref_mq_getattr((mqd_t)(intptr_t)-5, &attr) == 0, EBADF);
	ck_errno(ref_mq_getattr((mqd_t)(intptr_t)(1 << 28), &attr) == 0, EBADF);
}
END_TEST

/* Of a queue that was broken by its lock, each call says so, and soon. */
START_TEST(broken_lock)
{
	struct mq_attr attr = {.mq_flags = 0}, old;
	mqd_t q = a_queue("/q", 2, 8);
	struct ref_mapping *m = mapping_of(q);
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	char msg[8];

	ref_lock_seconds = 0;
	ref_lock(&m->queue->gate.lock); /* and never lets go */
	ck_errno(ref_mq_send(q, "x", 1, 0) == 0, EIO);
	ck_errno(ref_mq_receive(q, msg, 8, NULL) >= 0, EIO);
	ck_errno(ref_mq_getattr(q, &attr) == 0, EIO);
	ck_errno(ref_mq_setattr(q, &attr, &old) == 0, EIO);
	ck_errno(ref_mq_notify(q, &event) == 0, EIO);
	ref_unlock(&m->queue->gate.lock);
	ck_assert_int_eq(ref_mq_send(q, "x", 1, 0), 0);
}
END_TEST

static int queue_file(void)
{
	int fd = open(path_of(REF_MQ, "/q"), O_RDWR);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static void refused(int error)
{
	ck_errno(ref_mq_open("/q", O_RDWR, 0, NULL) != PIPC__BAD_MQD, error);
	ck_errno(ref_mq_open("/q", O_CREAT | O_RDWR, 0600, NULL) !=
		     PIPC__BAD_MQD,
		 error);
}

/* What is no queue at all. */
START_TEST(other_files)
{
	const char *path = path_of(REF_MQ, "/q");

	ck_assert_int_eq(mkdir(path, 0700), 0);
	refused(EISDIR);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	refused(EINVAL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	refused(ELOOP);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/nowhere", path), 0);
	refused(ELOOP);
	ck_assert_int_eq(ref_mq_unlink("/q"), 0);
}
END_TEST

static const off_t sizes[] = {0, 1, 100, 4096, -1, -4096, 1000000};

START_TEST(other_sizes)
{
	mqd_t q = a_queue("/q", 2, 8);
	off_t size = (off_t)mapping_of(q)->size;
	off_t wanted = sizes[_i] < 0 ? size + sizes[_i] : sizes[_i];

	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert_int_eq(truncate(path_of(REF_MQ, "/q"), wanted), 0);
	refused(EINVAL);
	ck_assert_int_eq(truncate(path_of(REF_MQ, "/q"), size), 0);
	/* Zeros now: no queue, or an empty one. */
	if (wanted < (off_t)offsetof(struct ref_queue, fifos_filled))
		refused(EINVAL);
}
END_TEST

/* One that is mapped here already, cut off behind us: seen when opened. */
START_TEST(cut_off_while_open)
{
	mqd_t q = a_queue("/q", 2, 8);

	ck_assert_int_eq(truncate(path_of(REF_MQ, "/q"), 4096), 0);
	refused(EINVAL);
	ck_assert_int_eq(
	    truncate(path_of(REF_MQ, "/q"), (off_t)mapping_of(q)->size), 0);
	ck_assert_int_eq(ref_mq_close(q), 0);
}
END_TEST

#define FIELD(name, error)                                                     \
	{                                                                      \
		offsetof(struct ref_queue, name),                              \
		    sizeof(((struct ref_queue *)0)->name), error               \
	}
static const struct {
	size_t at, size;
	int error;
} constants[] = {
    FIELD(head.magic, EINVAL), FIELD(head.version, ENOTSUP),
    FIELD(head.kind, EINVAL),  FIELD(head.layout, ENOTSUP),
    FIELD(head.libc, ENOTSUP), FIELD(maxmsg, EINVAL),
    FIELD(msgsize, EINVAL),
};

START_TEST(each_constant_flipped)
{
	mqd_t q = a_queue("/q", 2, 8);
	unsigned char byte, flipped;
	size_t i;
	int fd = queue_file(), bit;

	ck_assert_int_eq(ref_mq_close(q), 0);
	for (i = 0; i < constants[_i].size; i++)
		for (bit = 1; bit < 256; bit <<= 1) {
			off_t at = (off_t)(constants[_i].at + i);

			ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
			flipped = (unsigned char)(byte ^ bit);
			ck_assert_int_eq(pwrite(fd, &flipped, 1, at), 1);
			q = ref_mq_open("/q", O_RDWR, 0, NULL);
			if (q == PIPC__BAD_MQD)
				ck_assert_int_eq(errno, constants[_i].error);
			else /* of messages a bit longer: as large a file */
				ck_assert_uint_eq(
				    constants[_i].at,
				    offsetof(struct ref_queue, msgsize));
			if (q != PIPC__BAD_MQD)
				ck_assert_int_eq(ref_mq_close(q), 0);
			ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		}
	q = ref_mq_open("/q", O_RDWR, 0, NULL);
	ck_assert(q != PIPC__BAD_MQD);
}
END_TEST

START_TEST(other_kinds)
{
	sem_t *sem = ref_sem_open("/q", O_CREAT, 0600, 1);
	char from[REF_PATH_MAX];

	ck_assert(sem != SEM_FAILED);
	strcpy(from, path_of(REF_SEM, "/q"));
	ck_assert_int_eq(rename(from, path_of(REF_MQ, "/q")), 0);
	refused(EINVAL);
}
END_TEST

/* A descriptor that came by dup(): adopted, with its access. */
START_TEST(duplicates)
{
	mqd_t q = a_queue("/q", 2, 8), r;
	int copy = dup((int)(intptr_t)q), none[2];
	mqd_t d = (mqd_t)(intptr_t)copy;
	char msg[8];

	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert_int_eq(ref_mq_send(d, "x", 1, 0), 0);
	ck_assert_int_eq(ref_close(copy), 0);
	r = ref_mq_open("/q", O_RDONLY, 0, NULL);
	d = (mqd_t)(intptr_t)dup((int)(intptr_t)r);
	ck_errno(ref_mq_send(d, "x", 1, 0) == 0, EBADF);
	ck_assert_int_eq(ref_mq_receive(d, msg, 8, NULL), 1);
	ck_assert_int_eq(ref_mq_close(d), 0);
	/* What is none. */
	ck_assert_int_eq(pipe(none), 0);
	ck_errno(ref_mq_send((mqd_t)(intptr_t)none[1], "x", 1, 0) == 0, EBADF);
	copy = queue_file();
	ck_errno(ref_mq_send((mqd_t)(intptr_t)copy, "x", 1, 0) == 0, EBADF);
	copy = open("/etc/passwd", O_RDONLY);
	ck_assert_int_eq(lseek(copy, 3, SEEK_SET), 3);
	ck_errno(ref_mq_send((mqd_t)(intptr_t)copy, "x", 1, 0) == 0, EBADF);
}
END_TEST

/* Closed by a road that is not ours, and opened again. */
START_TEST(descriptor_is_used_again)
{
	mqd_t a = a_queue("/a", 2, 8), b;

	close((int)(intptr_t)a);
	b = a_queue("/b", 3, 8);
	ck_assert(a == b);
	ck_assert_int_eq(mapping_of(b)->maxmsg, 3);
	ck_assert_int_eq(ref_mq_send(b, "x", 1, 0), 0);
}
END_TEST

START_TEST(descriptors_run_out)
{
	struct rlimit limit;
	rlim_t before;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &limit);
	before = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)next;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_errno(ref_mq_open("/q", O_CREAT | O_RDWR, 0600, NULL) !=
		     PIPC__BAD_MQD,
		 EMFILE);
	ck_errno(ref_sem_open("/s", O_CREAT, 0600, 1) != SEM_FAILED, EMFILE);
	ck_errno(ref_shm_open("/m", O_CREAT | O_RDWR, 0600) >= 0, EMFILE);
	limit.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(files(false), 0);
}
END_TEST

START_TEST(too_large_for_a_file)
{
	struct rlimit limit = {8192, 8192};

	signal(SIGXFSZ, _i ? SIG_DFL : SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_errno(ref_mq_open("/q", O_CREAT | O_RDWR, 0600, NULL) !=
		     PIPC__BAD_MQD,
		 EFBIG);
	ck_errno(ref_sem_open("/s", O_CREAT, 0600, 1) != SEM_FAILED, EFBIG);
	ck_assert_uint_eq(files(false), 0);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__)
START_TEST(no_memory_to_map)
{
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 8192};
	mqd_t q = ref_mq_open("/q", O_CREAT | O_RDWR, 0600, &attr);
	struct rlimit limit = {1 << 20, RLIM_INFINITY};

	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_errno(ref_mq_open("/q", O_RDWR, 0, NULL) != PIPC__BAD_MQD, ENOMEM);
	ck_errno(ref_mq_open("/new", O_CREAT | O_RDWR, 0600, &attr) !=
		     PIPC__BAD_MQD,
		 ENOSPC);
	ck_assert_uint_eq(files(false), 1);
}
END_TEST
#endif

START_TEST(full_filesystem)
{
	struct mq_attr attr = {.mq_maxmsg = 10, .mq_msgsize = 8192};
	char msg[8192] = "";
	mqd_t q;
	int n = 0;

	if (!small_filesystem("size=400k") || !without_populate(_i))
		return;
	q = ref_mq_open("/q", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
	ck_assert(q != PIPC__BAD_MQD);
	ck_assert_int_eq(ref_mq_send(q, msg, 8192, 1), 0);
	fill_filesystem();
	/* What has room goes on; what has none says so. */
	while (ref_mq_send(q, msg, 8192, 1) == 0)
		n++;
	ck_assert_int_eq(errno, ENOSPC);
	ck_errno(ref_mq_send(q, msg, 8192, 20000) == 0, ENOSPC);
	ck_errno(ref_mq_open("/p", O_CREAT | O_RDWR, 0600, &attr) !=
		     PIPC__BAD_MQD,
		 ENOSPC);
	ck_errno(ref_sem_open("/s", O_CREAT, 0600, 1) != SEM_FAILED, ENOSPC);
	for (; n >= 0; n--)
		ck_assert_int_eq(ref_mq_receive(q, msg, 8192, NULL), 8192);
	ck_errno(ref_mq_receive(q, msg, 8192, NULL) >= 0, EAGAIN);
	/* Room of before is used again. */
	ck_assert_int_eq(ref_mq_send(q, msg, 8192, 1), 0);
}
END_TEST

static bool opens(const char *name, int flags)
{
	mqd_t q = ref_mq_open(name, flags, 0, NULL);
	bool opened = q != PIPC__BAD_MQD;

	if (opened)
		ref_mq_close(q);
	else if (errno != EACCES)
		_exit(3);
	return opened;
}

struct user {
	uid_t uid;
	gid_t gid, group;
	const char *name;
	bool allowed;
};

/* By the calls of another program, or of a hostile one. */
static bool opens_file(const char *name, int how)
{
	int fd = open(path_of(REF_MQ, name), how);

	return fd >= 0 && close(fd) == 0;
}

static bool as_told(void *arg)
{
	const struct user *u = arg;

	if (!become(u->uid, u->gid, u->group))
		_exit(2);
	return opens(u->name, O_RDONLY) == u->allowed &&
	       opens(u->name, O_WRONLY) == u->allowed &&
	       opens(u->name, O_RDWR) == u->allowed &&
	       opens_file(u->name, O_RDONLY) == u->allowed &&
	       opens_file(u->name, O_WRONLY) == u->allowed;
}

/* Those who may do only one of both could do both to the file: neither. */
START_TEST(other_users)
{
	static const struct user users[] = {
	    {OTHER, OTHER, OTHER, "/0600", false},
	    {OTHER, OTHER, OTHER, "/0604", false},
	    {OTHER, OTHER, OTHER, "/0602", false},
	    {OTHER, OTHER, OTHER, "/0644", false},
	    {OTHER, OTHER, OTHER, "/0622", false},
	    {OTHER, OTHER, OTHER, "/0660", false},
	    {OTHER, OTHER, OTHER, "/0666", true},
	    {OTHER, 0, OTHER, "/0660", true},
	    {OTHER, 0, OTHER, "/0646", false},
	    {OTHER, 0, OTHER, "/0640", false},
	    {OTHER, OTHER, 0, "/0660", true},
	    {OTHER, OTHER, 0, "/0620", false},
	    {OTHER, OTHER, 0, "/0606", false},
	    {0, 0, 0, "/0000", true},
	};
	unsigned i;

	if (geteuid() != 0)
		return;
	umask(0);
	for (i = 0; i < sizeof(users) / sizeof(*users); i++) {
		struct user u = users[i];

		ck_assert(ref_mq_open(u.name, O_CREAT | O_RDWR,
				      (mode_t)strtol(u.name + 1, NULL, 8),
				      NULL) != PIPC__BAD_MQD);
		ck_assert_msg(in_child(as_told, &u), "%s", u.name);
	}
}
END_TEST

static void *target[8];

/* Another user leads all that could be a pointer in a waiter's lock there. */
static bool leads_astray(void *arg)
{
	void *aim = &target[4];
	struct ref_waiter *w;
	size_t at, i;
	char *lock;

	(void)arg;
	if (!become(OTHER, OTHER, OTHER))
		_exit(2);
	w = mapping_of(ref_mq_open("/w", O_WRONLY, 0, NULL))->waits.waiters;
	for (i = 0; i < 4; i++) {
		lock = (char *)&w[i].alive;
		/* Not the word that tells whose it is. */
		for (at = 8; at + sizeof(aim) <= sizeof(ref_mutex); at += 4)
			memcpy(lock + at, &aim, sizeof(aim));
	}
	return true;
}

static void receives(struct call *c)
{
	c->result = ref_mq_receive(c->mqd, c->msg, sizeof(c->msg), NULL);
}

START_TEST(hostile_user)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 8};
	struct call c;
	int i;

	if (geteuid() != 0)
		return;
	umask(0);
	c.mqd = ref_mq_open("/w", O_CREAT | O_RDWR, 0666, &attr);
	start_call(&c, receives);
	await_waiters(&mapping_of(c.mqd)->waits, 1);
	ck_assert(in_child(leads_astray, NULL));
	ck_assert_int_eq(ref_mq_send(c.mqd, "x", 1, 0), 0);
	end_call(&c);
	ck_assert_int_eq(c.result, 1);
	for (i = 0; i < 8; i++)
		ck_assert_ptr_null(target[i]);
}
END_TEST

#if defined(CLONE_NEWPID) && defined(HAVE_UNSHARE)
static sem_t *semaphore;
static mqd_t inherited;

static bool may_make_namespaces(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(unshare(CLONE_NEWPID) != 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool refused_here(void)
{
	struct timespec later = in_ms(60000);
	struct mq_attr attr;

	return ref_mq_send(inherited, "x", 1, 0) != 0 && errno == ENOTSUP &&
	       ref_mq_getattr(inherited, &attr) != 0 && errno == ENOTSUP &&
	       ref_mq_notify(inherited, &(struct sigevent){0}) != 0 &&
	       errno == ENOTSUP && ref_sem_timedwait(semaphore, &later) != 0 &&
	       errno == ENOTSUP;
}

static bool cannot_be_opened(void)
{
	return ref_mq_open("/old", O_RDWR, 0, NULL) == PIPC__BAD_MQD &&
	       errno == ENOTSUP &&
	       ref_sem_open("/old", 0, 0, 0) == SEM_FAILED &&
	       errno == ENOTSUP && ref_mq_close(inherited) == 0 &&
	       ref_sem_close(semaphore) == 0 &&
	       ref_mq_open("/old", O_RDWR, 0, NULL) == PIPC__BAD_MQD &&
	       errno == ENOTSUP;
}

static bool sends(void *new)
{
	mqd_t *q = new;

	return ref_mq_send(*q, "x", 1, 0) == 0;
}

static bool works_with_its_own(void)
{
	mqd_t q = a_queue("/new", 2, 8);

	return sends(&q) && in_child(sends, &q) && ref_mq_unlink("/new") == 0;
}

static bool in_namespace(void *arg)
{
	const bool *proc = arg;

	return refused_here() &&
	       (!*proc || (cannot_be_opened() && works_with_its_own()));
}

/* It stays where it is; its children are elsewhere. */
static bool makes_namespace(void *arg)
{
	const bool *proc = arg;

	if (unshare(CLONE_NEWPID) != 0 || (!*proc && chroot(directory) != 0))
		return false;
	return in_child(in_namespace, arg) && sends(&inherited);
}

/* Where numbers mean other threads, or none, with and without /proc. */
START_TEST(another_pid_namespace)
{
	bool proc = _i != 0;

	if (!may_make_namespaces())
		return;
	inherited = a_queue("/old", 4, 8);
	semaphore = ref_sem_open("/old", O_CREAT, 0600, 0);
	ck_assert(in_child(makes_namespace, &proc));
	ck_assert(in_child(sends, &inherited));
	ck_assert_int_eq(count_of(inherited), 2);
}
END_TEST
#endif

static bool owner_is_bound(void *arg)
{
	(void)arg;
	if (geteuid() == 0 && !become(OTHER, OTHER, OTHER))
		_exit(2);
	return ref_mq_open("/mine", O_CREAT | O_RDWR, 0200, NULL) !=
		   PIPC__BAD_MQD &&
	       !opens("/mine", O_RDONLY) && opens("/mine", O_WRONLY);
}

START_TEST(modes)
{
	struct stat st;
	mqd_t q;

	umask(027);
	q = ref_mq_open("/q", O_CREAT | O_RDWR, 0666, NULL);
	ck_assert(q != PIPC__BAD_MQD);
	ck_assert_int_eq(ref_fstat((int)(intptr_t)q, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	/* Of the file: not for those who may do only one of both. */
	ck_assert_int_eq(fstat((int)(intptr_t)q, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(ref_fstat(-1, &st), -1);
	ck_assert_int_eq(fcntl((int)(intptr_t)q, F_GETFD) & FD_CLOEXEC,
			 FD_CLOEXEC);
	ck_assert(in_child(owner_is_bound, NULL));
}
END_TEST

/* As with Linux: none are asked for, none are set. */
START_TEST(no_attributes)
{
	mqd_t q = a_queue("/q", 4, 8);
	struct mq_attr nonblock = {.mq_flags = O_NONBLOCK}, old;

	ck_assert_int_eq(ref_mq_setattr(q, &nonblock, NULL), 0);
	ck_assert_int_eq(ref_mq_getattr(q, NULL), 0);
	ck_assert_int_eq(ref_mq_setattr(q, NULL, NULL), 0);
	ck_assert_int_eq(ref_mq_setattr(q, NULL, &old), 0);
	ck_assert_int_eq(old.mq_flags, O_NONBLOCK);
	ck_assert_int_eq(old.mq_maxmsg, 4);
	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_errno(ref_mq_getattr(q, NULL) == 0, EBADF);
	ck_errno(ref_mq_setattr(q, NULL, NULL) == 0, EBADF);
}
END_TEST

static ref_mutex *its_lock;
static void is_free(int signo)
{
	(void)signo;
	_exit(ref_trylock(its_lock) != REF_LOCKED);
}

static bool faults(void *arg)
{
	its_lock = &mapping_of(*(mqd_t *)arg)->waits.gate->lock;
	/* By the system itself: a sanitizer would say more of it. */
	signal(SIGSEGV, is_free);
	signal(SIGBUS, is_free);
	ref_mq_getattr(*(mqd_t *)arg, (struct mq_attr *)mmap(
					  NULL, 4096, PROT_NONE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	return false;
}

START_TEST(bad_attributes_fault_without_the_lock)
{
	mqd_t q = a_queue("/q", 4, 8);

	ck_assert(in_child(faults, &q));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref mqd");
	TCase *tc = a_case(suite, "mqd");

	tcase_add_test(tc, flags);
	tcase_add_test(tc, attributes);
	tcase_add_test(tc, broken_lock);
	tcase_add_test(tc, other_files);
	tcase_add_loop_test(tc, other_sizes, 0,
			    (int)(sizeof(sizes) / sizeof(*sizes)));
	tcase_add_test(tc, cut_off_while_open);
	tcase_add_loop_test(tc, each_constant_flipped, 0,
			    (int)(sizeof(constants) / sizeof(*constants)));
	tcase_add_test(tc, other_kinds);
	tcase_add_test(tc, no_attributes);
	tcase_add_test(tc, bad_attributes_fault_without_the_lock);
	tcase_add_test(tc, duplicates);
	tcase_add_test(tc, descriptor_is_used_again);
	tcase_add_test(tc, descriptors_run_out);
	tcase_add_loop_test(tc, too_large_for_a_file, 0, 2);
#if !defined(__SANITIZE_ADDRESS__)
	tcase_add_test(tc, no_memory_to_map);
#endif
	tcase_add_loop_test(tc, full_filesystem, 0, 3);
	tcase_add_test(tc, other_users);
	tcase_add_test(tc, hostile_user);
#if defined(CLONE_NEWPID) && defined(HAVE_UNSHARE)
	tcase_add_loop_test(tc, another_pid_namespace, 0, 2);
#endif
	tcase_add_test(tc, modes);
	return run_suite(suite);
}
