/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs on one path only: another's object, the second time, after a failure. */
#include "mq.h"

/* The last name that was not there; forgotten when this process makes it. */
static char absent[64];
static bool known_absent(const char *name, int flags)
{
	if (strcmp(name, absent) != 0)
		return false;
	if (!(flags & O_CREAT)) {
		errno = ENOENT;
		return true;
	}
	absent[0] = '\0';
	return false;
}

static void remember_absent(const char *name)
{
	if (errno == ENOENT && strlen(name) < sizeof(absent))
		strcpy(absent, name);
}

static mqd_t mq_cached_open(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	mqd_t mqd;

	if (known_absent(name, flags))
		return PIPC__BAD_MQD;
	mqd = ct_base->mq_open(name, flags, mode, attr);
	if (mqd == PIPC__BAD_MQD)
		remember_absent(name);
	return mqd;
}

CT_MUTANT(mq_absent_stays_absent, .breaks = "MQ-001",
	  .text = "a queue that was absent stays so, though another makes it",
	  .os.mq_open = mq_cached_open);

static sem_t *sem_cached_open(const char *name, int flags, mode_t mode,
			      unsigned value)
{
	sem_t *sem;

	if (known_absent(name, flags))
		return SEM_FAILED;
	sem = ct_base->sem_open(name, flags, mode, value);
	if (sem == SEM_FAILED)
		remember_absent(name);
	return sem;
}

CT_MUTANT(
    sem_absent_stays_absent, .breaks = "SEM-001",
    .text = "a semaphore that was absent stays so, though another makes it",
    .os.sem_open = sem_cached_open);

static int shm_cached_open(const char *name, int flags, mode_t mode)
{
	int fd;

	if (known_absent(name, flags))
		return -1;
	fd = ct_base->shm_open(name, flags, mode);
	if (fd < 0)
		remember_absent(name);
	return fd;
}

CT_MUTANT(shm_absent_stays_absent, .breaks = "SHM-001",
	  .text = "an object that was absent stays so, though another makes it",
	  .os.shm_open = shm_cached_open);

/* What is refused leaves a descriptor open. */
static void leak_if(bool refused)
{
	int error = errno;

	if (refused && error == EEXIST)
		(void)!dup(STDERR_FILENO);
	errno = error;
}

static mqd_t mq_leaking_open(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	leak_if(mqd == PIPC__BAD_MQD);
	return mqd;
}

CT_MUTANT(mq_open_refused_leaks, .breaks = "MQ-007",
	  .text = "a refused O_EXCL leaves a descriptor open",
	  .os.mq_open = mq_leaking_open);

static sem_t *sem_leaking_open(const char *name, int flags, mode_t mode,
			       unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	leak_if(sem == SEM_FAILED);
	return sem;
}

CT_MUTANT(sem_open_refused_leaks, .breaks = "SEM-007",
	  .text = "a refused O_EXCL leaves a descriptor open",
	  .os.sem_open = sem_leaking_open);

static int shm_leaking_open(const char *name, int flags, mode_t mode)
{
	int fd = ct_base->shm_open(name, flags, mode);

	leak_if(fd < 0);
	return fd;
}

CT_MUTANT(shm_open_refused_leaks, .breaks = "SHM-006",
	  .text = "a refused O_EXCL leaves a descriptor open",
	  .os.shm_open = shm_leaking_open);

/* Only the first signal of a process ends a wait. */
static int signals;

static ssize_t receive_ended_once(mqd_t mqd, char *buf, size_t len,
				  unsigned *prio)
{
	ssize_t n;

	do
		n = ct_base->mq_receive(mqd, buf, len, prio);
	while (n < 0 && errno == EINTR && signals++ > 0);
	return n;
}

CT_MUTANT(mq_receive_ended_once, .breaks = "MQ-080",
	  .text = "the second signal of a process ends no receive",
	  .os.mq_receive = receive_ended_once);

static int send_ended_once(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio)
{
	int result;

	do
		result = ct_base->mq_send(mqd, msg, len, prio);
	while (result < 0 && errno == EINTR && signals++ > 0);
	return result;
}

CT_MUTANT(mq_send_ended_once, .breaks = "MQ-080",
	  .text = "the second signal of a process ends no send",
	  .os.mq_send = send_ended_once);

/* A refused message leaves its priority to the next one. */
static unsigned left_behind;

static int send_after_refusal(mqd_t mqd, const char *msg, size_t len,
			      unsigned prio)
{
	unsigned own = left_behind != 0 ? left_behind : prio;
	int result = ct_base->mq_send(mqd, msg, len, own);

	left_behind = result < 0 && errno == EMSGSIZE ? prio : 0;
	return result;
}

CT_MUTANT(mq_send_priority_of_refused, .breaks = "MQ-052",
	  .text = "a message that is too long leaves the next one its priority",
	  .os.mq_send = send_after_refusal);

/* The number of those who are in a timed receive of an empty queue. */
static int *timed_receivers;
static void count_timed(void)
{
	timed_receivers = ct_mutant_shared(sizeof(*timed_receivers));
}

static ssize_t counted_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			       const struct timespec *end)
{
	bool waits = q_empty(mqd) && end->tv_sec > 1000;
	ssize_t n;

	if (waits)
		__atomic_add_fetch(timed_receivers, 1, __ATOMIC_SEQ_CST);
	n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);
	if (waits)
		__atomic_sub_fetch(timed_receivers, 1, __ATOMIC_SEQ_CST);
	return n;
}

static int lost_on_timed(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			 const struct timespec *end)
{
	if (__atomic_load_n(timed_receivers, __ATOMIC_SEQ_CST) > 0 &&
	    q_empty(mqd))
		return 0;
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timed_meets_timed, .breaks = "MQ-063 MQ-072",
	  .text = "a timed send to one who waits in a timed receive is lost",
	  .init = count_timed, .os.mq_timedreceive = counted_receive,
	  .os.mq_timedsend = lost_on_timed);

/* The second mapping of an object in a process is its own. */
static void *second_private(void *at, size_t size, int prot, int flags, int fd,
			    off_t offset)
{
	static ino_t mapped;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (mapped == st.st_ino)
			flags = (flags & ~MAP_SHARED) | MAP_PRIVATE;
		mapped = st.st_ino;
	}
	return ct_base->mmap(at, size, prot, flags, fd, offset);
}

CT_MUTANT(shm_second_mapping_private, .breaks = "SHM-051",
	  .text = "the second mapping of an object in a process is private",
	  .os.mmap = second_private);

/* Who opened it, and his children. */
static pid_t opener;
static sem_t *noted_open(const char *name, int flags, mode_t mode,
			 unsigned value)
{
	opener = getpid();
	return ct_base->sem_open(name, flags, mode, value);
}

static int near_post(sem_t *sem)
{
	if (opener != 0 && getpid() != opener && getppid() != opener)
		return q_fails(EINVAL);
	return ct_base->sem_post(sem);
}

CT_MUTANT(sem_not_in_grandchildren, .breaks = "SEM-102",
	  .text = "handles are inherited by children, not by theirs",
	  .os.sem_open = noted_open, .os.sem_post = near_post);

static int toggles(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old)
{
	struct mq_attr other = *attr;

	if ((attr->mq_flags & O_NONBLOCK) && q_nonblocking(mqd))
		other.mq_flags &= ~O_NONBLOCK;
	return ct_base->mq_setattr(mqd, &other, old);
}

CT_MUTANT(mq_setattr_toggles, .breaks = "MQ-098",
	  .text = "to set O_NONBLOCK a second time clears it",
	  .os.mq_setattr = toggles);

/* A failed sem_trywait leaves something owed. */
static int trywait_spoils(sem_t *sem)
{
	int result = ct_base->sem_trywait(sem);

	left_behind = result < 0 && errno == EAGAIN;
	return result;
}

static int post_after_trywait(sem_t *sem)
{
	bool lost = left_behind;

	left_behind = 0;
	return lost ? 0 : ct_base->sem_post(sem);
}

CT_MUTANT(sem_post_after_eagain_lost, .breaks = "SEM-043",
	  .text = "after a sem_trywait that failed the next post is lost",
	  .os.sem_trywait = trywait_spoils, .os.sem_post = post_after_trywait);
