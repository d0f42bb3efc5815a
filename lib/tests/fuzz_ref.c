/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The reference implementation under hostile files and any order of calls.
 *
 * An input is a script: calls on one queue and one semaphore, and between them
 * changes of their files.  While no change was one that loses something, a
 * model says what each call must give; a change of what is derived, with the
 * lock's owner dead, is none.  After any other change a call may give what it
 * likes, if it is an answer that a caller can understand, and in bounds.
 *
 * make fuzz drives this with libFuzzer; in make check it reads its corpus.
 */
#include "ref/ref.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUEUE "/q"
#define SEM "/s"
#define MOST_MESSAGES 6
#define LONG 2048 /* and more may be copied without the lock */
#define OWNER_DIED 0x40000000u

static char directory[128];

#define must(condition) check(condition, #condition, __LINE__)
static void check(bool holds, const char *what, int line)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_ref.c:%d: %s: does not hold, errno %s\n", line,
		what, strerror(errno));
	abort();
}

/* The input, read from its front; when it ends, zeros. */
static const uint8_t *input;
static size_t left;

static uint8_t byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *input++;
}

static uint32_t word(void)
{
	uint32_t n = byte();

	n = n << 8 | byte();
	n = n << 8 | byte();
	return n << 8 | byte();
}

/* What is most likely to be taken wrongly. */
static uint32_t value(void)
{
	const uint32_t likely[] = {0,
				   1,
				   2,
				   3,
				   4,
				   5,
				   7,
				   17,
				   255,
				   256,
				   257,
				   32767,
				   32768,
				   0x7fffffff,
				   0x80000000,
				   0x80000001,
				   UINT32_MAX,
				   UINT32_MAX - 1,
				   (uint32_t)getpid(),
				   OWNER_DIED,
				   OWNER_DIED | (uint32_t)getpid(),
				   144,
				   32,
				   64,
				   1u << 24,
				   16,
				   128};
	unsigned n = byte();

	return n < 200 ? likely[n % (sizeof(likely) / sizeof(*likely))]
		       : word();
}

/* In the past, or so near that the wait begins and ends at once. */
static const struct timespec *deadline(void)
{
	static struct timespec end;
	static unsigned serial;

	end = (struct timespec){0, 0};
	if (byte() % 8 == 7 && serial++ % 4 == 0) {
		clock_gettime(CLOCK_REALTIME, &end);
		end.tv_nsec += 40000;
		if (end.tv_nsec >= 1000000000L)
			end.tv_nsec = 999999999L;
	}
	return &end;
}

/* The queue, and the model of it. */

struct expected {
	unsigned prio, len;
	char first;
};
static struct {
	mqd_t mqd[2];
	int fd; /* of the file, to change it */
	off_t size;
	long maxmsg, msgsize;
	bool trusted;
	bool asked;	/* to be notified */
	unsigned calls; /* to send or receive */
	struct expected messages[MOST_MESSAGES];
	unsigned count;
} queue;

static struct {
	sem_t *sem;
	int fd;
	off_t size;
	bool trusted;
	unsigned value;
} sem;

static bool understandable(int error)
{
	static const int errors[] = {EAGAIN,   ETIMEDOUT, EBADMSG, EIO,
				     EINVAL,   ENOSPC,	  EBUSY,   EOVERFLOW,
				     EMSGSIZE, ENOTSUP};
	unsigned i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (error == errors[i])
			return true;
	return false;
}

static struct ref_mapping *mapping(void)
{
	struct ref_handle *h = NULL;
	unsigned i;

	for (i = 0; h == NULL && i < 2; i++)
		if (queue.mqd[i] != PIPC__BAD_MQD)
			h = ref_handle(queue.mqd[i]);
	return h != NULL ? h->mapping : NULL;
}

static bool blocks(mqd_t mqd)
{
	return !(fcntl((int)(intptr_t)mqd, F_GETFL) & O_NONBLOCK);
}

static mqd_t a_queue(void)
{
	unsigned n = byte() % 2;

	return queue.mqd[n] != PIPC__BAD_MQD ? queue.mqd[n] : queue.mqd[!n];
}

/* One call of three finds the other side on its own processor. */
static void place_sides(void)
{
	struct ref_gate *gate = mapping()->waits.gate;
	uint32_t cpu = queue.calls++ % 3 == 0 ? ref_cpu() : UINT32_MAX;

	gate->cpu[REF_SENDERS] = gate->cpu[REF_RECEIVERS] = cpu;
}

/* Most are short, even if they may be long. */
static unsigned length(void)
{
	unsigned n = byte();

	return queue.msgsize < LONG || n < 128
		   ? n % ((unsigned)queue.msgsize + 1)
		   : LONG + n % (unsigned)(queue.msgsize - LONG + 1);
}

static void model_send(const char *msg, unsigned len, unsigned prio)
{
	unsigned i = queue.count;

	must(queue.count < (unsigned long)queue.maxmsg);
	while (i > 0 && queue.messages[i - 1].prio < prio) {
		queue.messages[i] = queue.messages[i - 1];
		i--;
	}
	queue.messages[i] =
	    (struct expected){prio, len, len > 0 ? msg[0] : '\0'};
	queue.count++;
}

static void send_one(void)
{
	static const unsigned prios[] = {0, 1, 1, 2, 63, 64, 511, 32767};
	unsigned prio = prios[byte() % 8];
	unsigned len = length();
	char *msg = malloc(len + 1);
	mqd_t mqd = a_queue();
	int result;

	memset(msg, byte(), len);
	place_sides();
	result = ref_mq_timedsend(mqd, msg, len, prio, deadline());
	if (!queue.trusted)
		must(result == 0 || understandable(errno));
	else if (result == 0)
		model_send(msg, len, prio);
	else
		must(queue.count == (unsigned long)queue.maxmsg &&
		     errno == (blocks(mqd) ? ETIMEDOUT : EAGAIN));
	free(msg);
}

static void model_receive(const char *msg, ssize_t len, unsigned prio)
{
	struct expected e = queue.messages[0];

	must(queue.count > 0);
	must(len == (ssize_t)e.len && prio == e.prio);
	must(len == 0 || msg[0] == e.first);
	queue.count--;
	memmove(queue.messages, queue.messages + 1,
		queue.count * sizeof(queue.messages[0]));
}

/* The result of the call; 0 for any length. */
static int receive_one(const struct timespec *end)
{
	char *msg = malloc((size_t)queue.msgsize); /* to the byte */
	unsigned prio = 99999;
	mqd_t mqd = a_queue();
	ssize_t len;

	place_sides();
	len = ref_mq_timedreceive(mqd, msg, (size_t)queue.msgsize, &prio, end);
	if (len >= 0)
		must(len <= queue.msgsize && prio < REF_PRIORITIES);
	else
		must(understandable(errno));
	if (queue.trusted && len >= 0)
		model_receive(msg, len, prio);
	else if (queue.trusted)
		must(queue.count == 0 &&
		     errno == (blocks(mqd) ? ETIMEDOUT : EAGAIN));
	free(msg);
	return len < 0 ? -1 : 0;
}

static void ask_attributes(void)
{
	mqd_t mqd = a_queue();
	struct mq_attr attr;

	if (ref_mq_getattr(mqd, &attr) != 0) {
		must(!queue.trusted && understandable(errno));
		return;
	}
	must(attr.mq_maxmsg == queue.maxmsg);
	must(attr.mq_msgsize == queue.msgsize);
	must(attr.mq_curmsgs >= 0 && attr.mq_curmsgs <= queue.maxmsg + 2 * 256);
	if (queue.trusted)
		must(attr.mq_curmsgs == (long)queue.count);
	attr.mq_flags = attr.mq_flags ^ O_NONBLOCK;
	must(ref_mq_setattr(mqd, &attr, NULL) == 0);
}

static void called(union sigval ignored)
{
	(void)ignored;
}

static void ask_notification(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};

	switch (byte() % 4) {
	case 0:
		must(ref_mq_notify(a_queue(), NULL) == 0);
		return;
	case 1:
		event.sigev_notify = SIGEV_SIGNAL;
		event.sigev_signo = SIGURG;
		break;
	case 2:
		event.sigev_notify = SIGEV_THREAD;
		event.sigev_notify_function = called;
		break;
	default:
		break;
	}
	queue.asked = true;
	if (ref_mq_notify(a_queue(), &event) != 0)
		must(understandable(errno));
}

/* The threads that wait for a message are let go, whatever the file says. */
static void end_notifications(struct ref_mapping *m, unsigned handles)
{
	struct timespec ms = {0, 100000};
	unsigned i, tries = 0;

	for (;; tries++) {
		for (i = 0; i < REF_NOTICES; i++) {
			atomic_fetch_add(&m->queue->notices[i].word.value, 1);
			ref_unpark(&m->queue->notices[i].word);
		}
		i = m->references;
		if (i <= handles)
			break;
		must(tries < 20000);
		nanosleep(&ms, NULL);
	}
	queue.asked = false;
}

/* However damaged, it is empty after as many calls as it may have messages. */
static void drain(struct ref_mapping *m)
{
	static const struct timespec past = {0, 0};
	unsigned n;

	if (!queue.trusted)
		ref_lock_init(&m->waits.gate->lock);
	for (n = 0; n < m->slot_count + 8; n++)
		if (receive_one(&past) != 0 &&
		    (errno == EAGAIN || errno == ETIMEDOUT))
			return;
	must(!"it never gets empty");
}

static void close_queues(void)
{
	struct ref_mapping *m = mapping();
	unsigned i;

	if (m != NULL && queue.asked)
		end_notifications(m, (queue.mqd[0] != PIPC__BAD_MQD) +
					 (queue.mqd[1] != PIPC__BAD_MQD));
	for (i = 0; i < 2; i++)
		if (queue.mqd[i] != PIPC__BAD_MQD) {
			must(ref_mq_close(queue.mqd[i]) == 0);
			queue.mqd[i] = PIPC__BAD_MQD;
		}
}

static int file_of(enum ref_kind kind, const char *name, off_t *size)
{
	char path[REF_PATH_MAX];
	struct stat st;
	int fd;

	must(ref_path(path, kind, name));
	fd = open(path, O_RDWR);
	must(fd >= 0 && fstat(fd, &st) == 0);
	*size = st.st_size;
	return fd;
}

static void make_queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 1 + byte() % MOST_MESSAGES};
	unsigned n = byte();

	attr.mq_msgsize = n < 200 ? 1 + n % 100 : LONG + n;
	queue.mqd[1] = PIPC__BAD_MQD;
	queue.mqd[0] =
	    ref_mq_open(QUEUE, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	must(queue.mqd[0] != PIPC__BAD_MQD);
	queue.fd = file_of(REF_MQ, QUEUE, &queue.size);
	queue.maxmsg = attr.mq_maxmsg;
	queue.msgsize = attr.mq_msgsize;
	queue.trusted = true;
	queue.asked = false;
	queue.calls = 0;
	queue.count = 0;
}

static void end_queue(void)
{
	struct ref_mapping *m = mapping();

	if (m != NULL)
		drain(m);
	close_queues();
	close(queue.fd);
	must(ref_mq_unlink(QUEUE) == 0);
}

static void open_queue(void)
{
	mqd_t mqd = ref_mq_open(QUEUE, O_RDWR, 0, NULL);
	struct ref_handle *h;

	if (mqd == PIPC__BAD_MQD) {
		must(!queue.trusted && understandable(errno));
		return;
	}
	h = ref_handle(mqd);
	must(h != NULL);
	queue.maxmsg = h->mapping->maxmsg;
	queue.msgsize = h->mapping->msgsize;
	must(queue.maxmsg > 0 && queue.msgsize > 0);
	if (queue.mqd[0] == PIPC__BAD_MQD)
		queue.mqd[0] = mqd;
	else if (queue.mqd[1] == PIPC__BAD_MQD)
		queue.mqd[1] = mqd;
	else
		must(ref_mq_close(mqd) == 0);
}

static void close_one(void)
{
	unsigned n = byte() % 2;

	if (queue.mqd[n] == PIPC__BAD_MQD)
		return;
	if (queue.mqd[!n] == PIPC__BAD_MQD) {
		close_queues();
	} else {
		must(ref_mq_close(queue.mqd[n]) == 0);
		queue.mqd[n] = PIPC__BAD_MQD;
	}
}

/* One that came by dup() is adopted when it is first used. */
static void use_duplicate(void)
{
	int fd = dup((int)(intptr_t)a_queue());
	struct mq_attr attr;

	must(fd >= 0);
	if (ref_mq_getattr((mqd_t)(intptr_t)fd, &attr) != 0)
		must(!queue.trusted);
	ref_close(fd);
}

/* Changes of the files. */

/*
 * A lock that a thread of ours holds may not be taken out of its hands, nor a
 * word that needs more than its value to wake it be damaged before it sleeps.
 */
static bool is_held(off_t at, size_t size)
{
	size_t first = offsetof(struct ref_queue, notices);

	return (queue.asked || sizeof(ref_word) > sizeof(uint32_t)) &&
	       (size_t)at + size > first &&
	       (size_t)at < first + REF_NOTICES * sizeof(struct ref_notice);
}

static void change(int fd, off_t size, off_t at, uint32_t to)
{
	if (at + (off_t)sizeof(to) <= size)
		must(pwrite(fd, &to, sizeof(to), at) == sizeof(to));
}

/* A place in a queue's file; all that is not too far away to matter. */
static off_t place(void)
{
	static struct ref_queue begin; /* of a file that is not there */
	struct ref_mapping m = {.size = 0};
	uint32_t n = byte();
	const void *part;

	n = n << 8 | byte();
	must(ref_queue_layout(&m, queue.maxmsg, queue.msgsize));
	ref_queue_attach(&m, &begin);
	switch (byte() % 5) {
	case 0:
		part = m.queue;
		n %= sizeof(struct ref_queue);
		break;
	case 1:
		part = m.waits.waiters;
		n %= 3 * sizeof(struct ref_waiter);
		break;
	case 2:
		part = m.bits;
		n %= 256;
		break;
	case 3:
		part = m.fifos;
		n %= 1024;
		break;
	default:
		part = m.slots;
		n %= 8 * m.stride;
	}
	return (const char *)part - (const char *)&begin + (n & ~3u);
}

static void change_queue(void)
{
	off_t at = place();
	uint32_t to = value();

	if (is_held(at, sizeof(to)))
		return;
	queue.trusted = false;
	change(queue.fd, queue.size, at, to);
}

/*
 * The word of a lock that names its owner, as the kernel knows it; where locks
 * have none, nobody's death is told by them.
 */
#define NOWHERE SIZE_MAX
static size_t owner_word;

static void find_owner_word(void)
{
	uint32_t words[sizeof(ref_mutex) / sizeof(uint32_t)];
	ref_mutex lock;

	ref_lock_init(&lock);
	must(ref_trylock(&lock) == REF_LOCKED);
	memcpy(words, &lock, sizeof(words));
	ref_unlock(&lock);
	for (owner_word = 0; owner_word < sizeof(words); owner_word += 4)
		if (words[owner_word / 4] == (uint32_t)getpid())
			return;
	owner_word = NOWHERE;
}

static void kill_owner(void)
{
	if (owner_word == NOWHERE)
		return;
	change(queue.fd, queue.size,
	       (off_t)(offsetof(struct ref_queue, gate.lock) + owner_word),
	       OWNER_DIED);
}

/* What is derived, and nothing else: a rebuild must not need it. */
static void change_derived(void)
{
	struct ref_mapping *m = mapping();
	uint32_t to = value(), n = byte();
	struct ref_queue *q;
	struct ref_slot *s;

	if (m == NULL || owner_word == NOWHERE)
		return;
	q = m->queue;
	s = (struct ref_slot *)(void *)(m->slots +
					n % m->slot_count % 8 * m->stride);
	switch (byte() % 12) {
	case 0:
		q->count = to;
		break;
	case 1:
		q->free = to;
		break;
	case 2:
		q->top = to;
		break;
	case 3:
		q->first = to;
		break;
	case 4:
		q->last = to;
		break;
	case 5:
		q->summary[n % 8] = to;
		break;
	case 6:
		q->gate.first[n % 2] = to;
		break;
	case 7:
		q->gate.last[n % 2] = to;
		break;
	case 8:
		q->gate.given = to;
		break;
	case 9:
		if (q->fifos_filled & 1)
			m->bits[n % 8] = to;
		break;
	case 10:
		if (q->fifos_filled & 1)
			m->fifos[n % 64] = (struct ref_fifo){to, n};
		break;
	default:
		s->next = to;
	}
	kill_owner();
}

/* Shorter, or longer: while nobody has it mapped, for that kills. */
static void change_size(int fd, off_t *size)
{
	static const off_t by[] = {1, 4096, 24, 64, 65536, 0};
	unsigned n = byte();
	off_t to = n % 2 ? *size + by[n / 2 % 6] : *size - by[n / 2 % 6];

	if (n > 250)
		to = n % 4 * 12;
	to = to < 0 ? 0 : to;
	must(ftruncate(fd, to) == 0);
	*size = to;
}

/* Somebody waits: init, or nobody that is there, or we ourselves. */
static void add_waiter(int fd, off_t size, off_t gate, off_t waiters,
		       unsigned slots)
{
	struct ref_waiter w;
	struct ref_gate g;
	unsigned n = byte() % 3, side = byte() % REF_SIDES;
	uint32_t owner = value();
	off_t at = waiters + (off_t)(n * sizeof(w));

	if (at + (off_t)sizeof(w) > size || owner_word == NOWHERE)
		return;
	must(pread(fd, &g, sizeof(g), gate) == sizeof(g));
	memset(&w, 0, sizeof(w));
	ref_lock_init(&w.alive);
	memcpy((char *)&w.alive + owner_word, &owner, sizeof(owner));
	w.state.value = 4 + byte() % 4;
	w.side = side;
	w.slot = byte() % (slots + 1);
	w.priority = byte() % 3;
	w.pid = byte() % 2 ? 1 : getpid();
	w.before = g.last[side];
	g.last[side] = n + 1;
	if (g.first[side] == 0)
		g.first[side] = n + 1;
	g.used = g.used > n ? g.used : n + 1;
	w.ticket = g.ticket++;
	must(pwrite(fd, &w, sizeof(w), at) == sizeof(w));
	must(pwrite(fd, &g, sizeof(g), gate) == sizeof(g));
}

/* The semaphore. */

/* The beginning of its file. */
struct sem_file {
	struct ref_head head;
	_Atomic uint32_t value REF_ALIGNED;
	_Atomic uint32_t cpu;
	struct ref_gate gate;
};

static void make_semaphore(void)
{
	sem.value = byte() % 3;
	sem.sem = ref_sem_open(SEM, O_CREAT | O_EXCL, 0600, sem.value);
	must(sem.sem != SEM_FAILED);
	sem.fd = file_of(REF_SEM, SEM, &sem.size);
	sem.trusted = true;
}

static void end_semaphore(void)
{
	if (sem.sem != SEM_FAILED)
		must(ref_sem_close(sem.sem) == 0);
	close(sem.fd);
	must(ref_sem_unlink(SEM) == 0);
}

static void wait_semaphore(bool timed)
{
	int result = timed ? ref_sem_timedwait(sem.sem, deadline())
			   : ref_sem_trywait(sem.sem);

	must(result == 0 || understandable(errno));
	if (!sem.trusted)
		return;
	must((result == 0) == (sem.value > 0));
	sem.value -= result == 0;
}

static void post_semaphore(void)
{
	int result = ref_sem_post(sem.sem);

	must(result == 0 || understandable(errno));
	must(!sem.trusted || result == 0);
	sem.value++;
}

static void reopen_semaphore(void)
{
	if (sem.sem != SEM_FAILED)
		must(ref_sem_close(sem.sem) == 0);
	sem.sem = ref_sem_open(SEM, 0, 0, 0);
	if (sem.sem == SEM_FAILED)
		must(!sem.trusted && understandable(errno));
}

static void use_semaphore(void)
{
	int now;

	switch (byte() % 4) {
	case 0:
		wait_semaphore(false);
		break;
	case 1:
		wait_semaphore(true);
		break;
	case 2:
		post_semaphore();
		break;
	default:
		must(ref_sem_getvalue(sem.sem, &now) == 0 && now >= 0);
		must(!sem.trusted || (unsigned)now == sem.value);
	}
}

static void change_semaphore(void)
{
	unsigned n = byte();
	off_t at = (off_t)((n << 8 | byte()) % (sizeof(struct sem_file) +
						3 * sizeof(struct ref_waiter)) &
			   ~3u);
	unsigned how = byte() % 4;

	/* What does not begin as one of ours is the system's to judge. */
	if (sem.sem != SEM_FAILED && at < (off_t)sizeof(struct ref_head))
		at += 64;
	if (how == 0) {
		change(
		    sem.fd, sem.size,
		    (off_t)(offsetof(struct sem_file, gate.lock) + owner_word),
		    OWNER_DIED);
		return;
	}
	sem.trusted = false;
	if (how == 1) {
		add_waiter(sem.fd, sem.size, offsetof(struct sem_file, gate),
			   sizeof(struct sem_file), 0);
		change(sem.fd, sem.size, offsetof(struct sem_file, value),
		       0x80000000u);
	} else {
		change(sem.fd, sem.size, at, value());
	}
}

static void resize_semaphore(void)
{
	if (sem.sem != SEM_FAILED)
		must(ref_sem_close(sem.sem) == 0);
	sem.sem = SEM_FAILED;
	sem.trusted = false;
	change_size(sem.fd, &sem.size);
	reopen_semaphore();
}

/* The script. */

static void resize_queue(void)
{
	close_queues();
	queue.trusted = false;
	change_size(queue.fd, &queue.size);
	open_queue();
}

static void add_waiter_of_queue(void)
{
	queue.trusted = false;
	add_waiter(queue.fd, queue.size, offsetof(struct ref_queue, gate),
		   sizeof(struct ref_queue), 8);
}

static void receive(void)
{
	receive_one(deadline());
}

static void restart_queue(void)
{
	end_queue();
	make_queue();
}

static void restart_semaphore(void)
{
	end_semaphore();
	make_semaphore();
}

enum object { THE_QUEUE, THE_SEM };
static const struct {
	void (*run)(void);
	enum object of;
	bool open; /* it must be */
} steps[] = {
    {send_one, THE_QUEUE, true},
    {send_one, THE_QUEUE, true},
    {receive, THE_QUEUE, true},
    {ask_attributes, THE_QUEUE, true},
    {ask_notification, THE_QUEUE, true},
    {use_duplicate, THE_QUEUE, true},
    {open_queue, THE_QUEUE, false},
    {close_one, THE_QUEUE, false},
    {change_queue, THE_QUEUE, false},
    {change_derived, THE_QUEUE, true},
    {kill_owner, THE_QUEUE, true},
    {add_waiter_of_queue, THE_QUEUE, false},
    {resize_queue, THE_QUEUE, false},
    {restart_queue, THE_QUEUE, false},
    {use_semaphore, THE_SEM, true},
    {reopen_semaphore, THE_SEM, false},
    {change_semaphore, THE_SEM, false},
    {resize_semaphore, THE_SEM, false},
    {restart_semaphore, THE_SEM, false},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool made[2] = {false, false};
	enum object of;
	unsigned n;

	input = data;
	left = size;
	while (left > 0) {
		n = byte() % (sizeof(steps) / sizeof(*steps));
		of = steps[n].of;
		if (!made[of])
			(of == THE_QUEUE ? make_queue : make_semaphore)();
		made[of] = true;
		if (!steps[n].open || (of == THE_QUEUE ? mapping() != NULL
						       : sem.sem != SEM_FAILED))
			steps[n].run();
	}
	if (made[THE_QUEUE])
		end_queue();
	if (made[THE_SEM])
		end_semaphore();
	return 0;
}

static void remove_directory(void)
{
	rmdir(directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct stat st;

	(void)argc;
	(void)argv;
	signal(SIGURG, SIG_IGN);
	ref_lock_seconds = 0;
	find_owner_word();
	if (getenv("PIPC_REF_DIR") != NULL)
		return 0;
	snprintf(directory, sizeof(directory), "%s/pipc-fuzz.XXXXXX",
		 stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
	must(mkdtemp(directory) != NULL);
	must(setenv("PIPC_REF_DIR", directory, 1) == 0);
	atexit(remove_directory);
	return 0;
}

#ifdef FUZZER

/* Around each mapping there is nothing: to leave it is seen. */
#define GUARD ((size_t)1 << 16)
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t from);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t from);
int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);

static size_t pages(size_t size)
{
	return (size + 4095) & ~(size_t)4095;
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t from)
{
	char *all;

	/* Within one of these. */
	if (at != NULL)
		return __real_mmap(at, size, prot, flags, fd, from);
	all = __real_mmap(NULL, pages(size) + 2 * GUARD, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(all != MAP_FAILED);
	at = __real_mmap(all + GUARD, size, prot, flags | MAP_FIXED, fd, from);
	if (at == MAP_FAILED)
		__real_munmap(all, pages(size) + 2 * GUARD);
	return at;
}

int __wrap_munmap(void *at, size_t size)
{
	return __real_munmap((char *)at - GUARD, pages(size) + 2 * GUARD);
}

#else

static void replay(const char *path)
{
	static uint8_t bytes[4096];
	FILE *f = fopen(path, "rb");
	size_t size;

	must(f != NULL);
	size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	LLVMFuzzerTestOneInput(bytes, size);
}

/* Each file of the corpus, as TAP. */
int main(int argc, char **argv)
{
	const char *source = getenv("srcdir");
	char corpus[3072], path[4096];
	struct dirent *entry;
	unsigned n = 0;
	DIR *d;

	snprintf(corpus, sizeof(corpus), "%s/lib/tests/corpus",
		 source != NULL ? source : ".");
	LLVMFuzzerInitialize(&argc, &argv);
	alarm(120);
	d = opendir(argc > 1 ? argv[1] : corpus);
	must(d != NULL);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s",
			 argc > 1 ? argv[1] : corpus, entry->d_name);
		replay(path);
		printf("ok %u - %s\n", ++n, entry->d_name);
	}
	closedir(d);
	printf("1..%u\n", n);
	return n > 0 ? 0 : 1;
}

#endif
