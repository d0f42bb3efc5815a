/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several processes run random operations on one object, each stamped before
 * and after from one counter; the history is then judged by linear.c.
 *
 * The main process takes part: when nothing moves it sends, takes or posts, so
 * that calls which wait come back. One that does not come back all the same has
 * missed its wake-up.
 */
#include "history.h"

#include "linear.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>

#define WORKERS 4
#define WORKER_OPS 48
#define MAIN_OPS (ST_LINEAR_OPS - WORKERS * WORKER_OPS)
#define MESSAGE 16	    /* bytes of a queue's messages, at most */
#define BYTES 12	    /* of each: its number, its priority, and more */
#define TORN UINT32_MAX	    /* no message's number */
#define IDLE_NS 200000	    /* until main helps */
#define IDLE_MOST 100000000 /* twice as long each time, up to this */
#define REPLAYS 200	    /* histories, to see a broken one again */

/* The forms of an operation. */
enum how { PLAIN, TIMED, PAST, NONBLOCKING, HOWS };

struct board {
	_Atomic uint32_t stamp, round, opened, go, finished;
	bool queue;	    /* else a semaphore */
	_Atomic bool early; /* a timed call gave up before its deadline */
	_Atomic int error;  /* of the call that failed */
	uint32_t capacity;
	uint64_t seed;
	char name[16];
	_Atomic uint32_t made[WORKERS + 1];
	struct st_op ops[WORKERS + 1][MAIN_OPS];
};

/* What one process has of the object. */
struct hand {
	const struct pipc__os *os;
	struct board *b;
	unsigned self;
	sem_t *sem;
	mqd_t waits, refuses; /* the same queue, blocking and not */
	uint64_t random;
	struct timespec end; /* of the last timed call */
};

static bool opened(struct hand *h)
{
	if (!h->b->queue) {
		h->sem = h->os->sem_open(h->b->name, 0, 0, 0);
		return h->sem != SEM_FAILED;
	}
	h->waits = h->os->mq_open(h->b->name, O_RDWR, 0, NULL);
	h->refuses = h->os->mq_open(h->b->name, O_RDWR | O_NONBLOCK, 0, NULL);
	return h->waits != PIPC__BAD_MQD && h->refuses != PIPC__BAD_MQD;
}

static void shut(struct hand *h)
{
	if (!h->b->queue) {
		h->os->sem_close(h->sem);
		return;
	}
	h->os->mq_close(h->waits);
	h->os->mq_close(h->refuses);
}

static struct timespec in_ns(long ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += ns;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000L;
	}
	return ts;
}

/* The deadline of a timed form is kept, to be held against the clock. */
static const struct timespec *deadline(struct hand *h, enum how how)
{
	h->end = how == PAST ? (struct timespec){1, 0}
			     : in_ns((long)(st_next(&h->random) % 500000));
	return &h->end;
}

/* A message's bytes follow from its number and priority. */
static void fill(char *text, uint32_t message, uint16_t prio)
{
	memset(text, (int)(message & 0xff), BYTES);
	memcpy(text, &message, sizeof(message));
	memcpy(text + sizeof(message), &prio, sizeof(prio));
}

static int do_send(struct hand *h, const struct st_op *op)
{
	char text[MESSAGE];

	fill(text, op->message, op->prio);
	if (op->how == PLAIN)
		return h->os->mq_send(h->waits, text, BYTES, op->prio);
	if (op->how == NONBLOCKING)
		return h->os->mq_send(h->refuses, text, BYTES, op->prio);
	return h->os->mq_timedsend(h->waits, text, BYTES, op->prio,
				   deadline(h, op->how));
}

static int do_receive(struct hand *h, struct st_op *op)
{
	char text[MESSAGE] = {0}, sent[BYTES];
	unsigned prio = 0;
	ssize_t n;

	if (op->how == PLAIN || op->how == NONBLOCKING) {
		n = h->os->mq_receive(op->how == PLAIN ? h->waits : h->refuses,
				      text, sizeof(text), &prio);
	} else {
		n = h->os->mq_timedreceive(h->waits, text, sizeof(text), &prio,
					   deadline(h, op->how));
	}
	memcpy(&op->message, text, sizeof(op->message));
	op->prio = (uint16_t)prio;
	fill(sent, op->message, op->prio);
	if (n != BYTES || memcmp(text, sent, BYTES) != 0)
		op->message = TORN;
	return n < 0 ? -1 : 0;
}

static int do_wait(struct hand *h, const struct st_op *op)
{
	if (op->how == PLAIN)
		return h->os->sem_wait(h->sem);
	if (op->how == NONBLOCKING)
		return h->os->sem_trywait(h->sem);
	return h->os->sem_timedwait(h->sem, deadline(h, op->how));
}

static int do_look(struct hand *h, struct st_op *op)
{
	struct mq_attr attr;
	int value = 0, result;

	if (op->kind == ST_VALUE) {
		result = h->os->sem_getvalue(h->sem, &value);
		op->message = value > 0 ? (uint32_t)value : 0;
		return result;
	}
	result = h->os->mq_getattr(h->waits, &attr);
	op->message = (uint32_t)attr.mq_curmsgs;
	return result;
}

static int act(struct hand *h, struct st_op *op)
{
	switch (op->kind) {
	case ST_SEND:
		return do_send(h, op);
	case ST_RECEIVE:
		return do_receive(h, op);
	case ST_POST:
		return h->os->sem_post(h->sem);
	case ST_WAIT:
		return do_wait(h, op);
	default:
		return do_look(h, op);
	}
}

/* Only a call that need not wait, or no longer, may be refused. */
static bool may_be_refused(const struct st_op *op, int error)
{
	if (op->kind != ST_SEND && op->kind != ST_RECEIVE &&
	    op->kind != ST_WAIT)
		return false;
	return op->how == NONBLOCKING ? error == EAGAIN
	       : op->how == PLAIN     ? false
				      : error == ETIMEDOUT;
}

/* Does one operation and stamps it; false when it failed as none may. */
static bool record(struct hand *h, struct st_op op)
{
	unsigned n = h->b->made[h->self];
	struct st_op *slot = &h->b->ops[h->self][n];

	op.process = (uint8_t)h->self;
	op.how_ended = ST_PENDING;
	op.begin = atomic_fetch_add(&h->b->stamp, 1);
	*slot = op;
	atomic_store(&h->b->made[h->self], n + 1);
	errno = 0;
	if (act(h, &op) == 0)
		op.how_ended = ST_OK;
	else if (may_be_refused(&op, errno))
		op.how_ended = ST_REFUSED;
	else {
		h->b->error = errno;
		return false;
	}
	if (op.how_ended == ST_REFUSED && op.how == TIMED &&
	    !ct_reached(CLOCK_REALTIME, &h->end))
		h->b->early = true;
	op.end = atomic_fetch_add(&h->b->stamp, 1);
	*slot = op;
	return true;
}

/* A random operation; main's never wait. */
static struct st_op choose(struct hand *h, bool may_wait)
{
	uint64_t r = st_next(&h->random);
	struct st_op op = {.how = (uint8_t)(r >> 8 & 3)};
	unsigned what = r & 15;

	if (!may_wait)
		op.how = NONBLOCKING;
	if (h->b->queue) {
		op.kind = what == 0  ? ST_MESSAGES
			  : what & 1 ? ST_SEND
				     : ST_RECEIVE;
		if (op.kind == ST_SEND) {
			op.prio = (uint16_t)(r >> 16 & 3);
			op.message = h->self << 16 | (h->b->made[h->self] + 1);
		}
	} else {
		op.kind = what == 0 ? ST_VALUE : what & 1 ? ST_POST : ST_WAIT;
	}
	return op;
}

static void wait_for(_Atomic uint32_t *word, uint32_t value, pid_t parent)
{
	while (*word != value) {
		if (getppid() != parent)
			_exit(0);
		sched_yield();
	}
}

static _Noreturn void work(struct hand *h)
{
	pid_t parent = getppid();
	uint32_t round, i;

	for (round = 1;; round++) {
		wait_for(&h->b->round, round, parent);
		if (!opened(h)) {
			h->b->error = errno;
			_exit(3);
		}
		h->random = st_mix(h->b->seed + h->self);
		atomic_fetch_add(&h->b->opened, 1);
		wait_for(&h->b->go, round, parent);
		for (i = 0; i < WORKER_OPS; i++)
			if (!record(h, choose(h, true)))
				_exit(4);
		atomic_fetch_add(&h->b->finished, 1);
		shut(h);
	}
}

static struct board *board;
static pid_t workers[WORKERS];
static uint64_t undecided;
static uint64_t patience; /* ns until a call counts as never coming back */

static bool any_ended(void)
{
	unsigned i;

	for (i = 0; i < WORKERS; i++)
		if (workers[i] > 0 && waitpid(workers[i], NULL, WNOHANG) != 0) {
			workers[i] = 0;
			return true;
		}
	return false;
}

static void end_workers(void)
{
	unsigned i;

	for (i = 0; i < WORKERS; i++)
		if (workers[i] > 0) {
			kill(workers[i], SIGKILL);
			waitpid(workers[i], NULL, 0);
		}
}

static bool begin_workers(struct hand *h)
{
	unsigned i;

	for (i = 0; i < WORKERS; i++) {
		h->self = i;
		workers[i] = fork();
		if (workers[i] < 0)
			return false;
		if (workers[i] == 0) {
			signal(SIGINT, SIG_DFL);
			signal(SIGTERM, SIG_DFL);
			work(h);
		}
	}
	h->self = WORKERS;
	return true;
}

static bool create(struct hand *h)
{
	struct mq_attr attr = {.mq_maxmsg = h->b->capacity,
			       .mq_msgsize = MESSAGE};
	mqd_t mqd;
	sem_t *sem;

	if (h->b->queue) {
		mqd = h->os->mq_open(h->b->name, O_RDWR | O_CREAT | O_EXCL,
				     0600, &attr);
		return mqd != PIPC__BAD_MQD && h->os->mq_close(mqd) == 0;
	}
	sem = h->os->sem_open(h->b->name, O_CREAT | O_EXCL, 0600, 0);
	return sem != SEM_FAILED && h->os->sem_close(sem) == 0;
}

static void remove_name(struct hand *h)
{
	if (h->b->queue)
		h->os->mq_unlink(h->b->name);
	else
		h->os->sem_unlink(h->b->name);
}

static const char *const names[] = {"mq_send",	"mq_receive", "mq_getattr",
				    "sem_post", "sem_wait",   "sem_getvalue"};
static const char *const forms[] = {"", ", 0..0.5 ms", ", past deadline",
				    ", not waiting"};

static void print_op(const struct st_op *op)
{
	bool message = op->kind == ST_SEND || op->kind == ST_RECEIVE;
	bool look = op->kind == ST_MESSAGES || op->kind == ST_VALUE;

	printf("# %4u..", op->begin);
	if (op->how_ended == ST_PENDING)
		printf("     ");
	else
		printf("%-5u", op->end);
	printf("process %u: %s(%s)", op->process, names[op->kind],
	       look || op->kind == ST_POST
		   ? ""
		   : forms[op->how] + 2 * (forms[op->how][0] != '\0'));
	if (op->how_ended == ST_REFUSED)
		puts(" refused");
	else if (op->how_ended == ST_PENDING)
		puts(" did not return");
	else if (message)
		printf(": message %x, priority %u\n", op->message, op->prio);
	else if (look)
		printf(" saw %u\n", op->message);
	else
		puts("");
}

static int by_begin(const void *a, const void *b)
{
	const struct st_op *x = a, *y = b;

	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static unsigned gather(struct st_op *ops)
{
	unsigned i, n = 0;

	for (i = 0; i <= WORKERS; i++) {
		memcpy(ops + n, board->ops[i], board->made[i] * sizeof(*ops));
		n += board->made[i];
	}
	qsort(ops, n, sizeof(*ops), by_begin);
	return n;
}

/* Says what is wrong, the history shrunk, and how to see it again. */
static void tell(const struct st_options *o, const char *what,
		 const struct st_op *ops, unsigned n)
{
	unsigned i;

	printf("# %s: %s\n", board->queue ? "queue" : "semaphore", what);
	if (board->queue)
		printf("# capacity %u; stamps are begin..end\n",
		       board->capacity);
	for (i = 0; i < n; i++)
		print_op(&ops[i]);
	printf("# again, this one first (the schedule is the system's, so more "
	       "follow):\n# %s --history=%d%s%s%s%s --seed %" PRIu64 "\n",
	       o->mutant ? "stress-mutants" : "pipc-stress", REPLAYS,
	       o->backend[0] == &pipc__backends[0] ? "" : " --backend ",
	       o->backend[0] == &pipc__backends[0] ? "" : o->backend[0]->name,
	       o->mutant ? " --mutant " : "", o->mutant ? o->mutant->id : "",
	       board->seed);
}

static const char *failed(const char *who)
{
	static char text[80];

	snprintf(text, sizeof(text), "a call of %s failed unexpectedly: %s",
		 who, ct_errno_name(board->error));
	return text;
}

/*
 * Main's part of a round; NULL when all workers have come to their end.  Others
 * may only be slow, so its operations, which are not many, become rare.
 */
static const char *take_part(struct hand *h)
{
	uint64_t since = st_ns(), idle = IDLE_NS, still = 0;
	struct st_watch clock = {0};
	uint32_t made = 0, now, i;

	while (board->finished < WORKERS && !st_interrupted) {
		for (now = 0, i = 0; i < WORKERS; i++)
			now += board->made[i];
		if (now != made) {
			made = now;
			since = st_ns();
			still = 0;
			idle = IDLE_NS;
		}
		still += st_patience(&clock);
		if (still > patience)
			return "a call did not come back: a lost wake-up";
		if (st_ns() - since > idle &&
		    board->made[WORKERS] + ST_LINEAR_CAPACITY + 2 < MAIN_OPS) {
			if (!record(h, choose(h, false)))
				return failed("the main process");
			since = st_ns();
			idle = idle < IDLE_MOST ? 2 * idle : idle;
		}
		if (any_ended())
			return failed("a worker");
		sched_yield();
	}
	return NULL;
}

/* What is left is taken out, and belongs to the history. */
static const char *drain(struct hand *h)
{
	struct st_op op = {.kind = h->b->queue ? ST_RECEIVE : ST_WAIT,
			   .how = NONBLOCKING};
	unsigned n;

	do {
		n = board->made[WORKERS];
		if (n == MAIN_OPS)
			return NULL; /* a semaphore can hold more than that */
		if (!record(h, op))
			return failed("the main process");
	} while (board->ops[WORKERS][n].how_ended == ST_OK);
	return NULL;
}

static bool judge(const struct st_options *o, const char *wrong)
{
	static struct st_op ops[ST_LINEAR_OPS];
	unsigned n = gather(ops);
	enum st_linear verdict;

	if (wrong == NULL && board->early)
		wrong = "a timed call gave up before its deadline";
	if (wrong != NULL) {
		tell(o, wrong, n > 24 ? ops + n - 24 : ops, n > 24 ? 24 : n);
		return false;
	}
	verdict = st_linearizable(ops, n, board->capacity);
	undecided += verdict == ST_LINEAR_UNDECIDED;
	if (verdict != ST_LINEAR_NO)
		return true;
	n = st_linear_shrink(ops, n, board->capacity);
	tell(o, "no order of these operations explains what they gave", ops, n);
	return false;
}

/*
 * The object could not be made or opened: *why when it is missing, or when the
 * environment explains it; else a defect.  Always false.
 */
static bool refused(const struct st_options *o, int error, const char **why)
{
	static char text[ST_TEXT];
	static bool did[2]; /* a kind of object has been there */
	const char *call = board->queue ? "mq_open" : "sem_open", *reason;

	if (error == 0) {
		did[board->queue] = true;
		return true;
	}
	ct_judge_backend(o->backend[0]->name);
	reason = ct_environment(call, error);
	snprintf(text, sizeof(text), "%s: %s%s%s", call, ct_errno_name(error),
		 reason != NULL ? "; " : "", reason != NULL ? reason : "");
	if (reason == NULL && did[board->queue]) {
		snprintf(text, sizeof(text), "%s: expected success, got %s",
			 call, ct_errno_name(error));
		tell(o, text, NULL, 0);
		return false;
	}
	*why = text;
	return false;
}

/* One history; false when it shows a defect, with *why when it cannot be. */
static bool one(const struct st_options *o, struct hand *h, uint32_t round,
		const char **why)
{
	const char *wrong;

	if (!create(h))
		return refused(o, errno, why);
	refused(o, 0, why);
	board->round = round;
	while (board->opened < WORKERS)
		if (any_ended() || st_interrupted) {
			remove_name(h);
			return st_interrupted ||
			       refused(o, board->error ? board->error : EPROTO,
				       why);
		} else {
			sched_yield();
		}
	if (!opened(h)) {
		int error = errno;

		remove_name(h);
		return refused(o, error, why);
	}
	remove_name(h);
	board->go = round;
	wrong = take_part(h);
	if (wrong == NULL && !st_interrupted)
		wrong = drain(h);
	if (st_interrupted)
		return true;
	shut(h);
	return judge(o, wrong);
}

static void next_round(uint64_t seed)
{
	uint64_t r = st_mix(seed);

	board->stamp = board->opened = board->finished = 0;
	memset(board->made, 0, sizeof(board->made));
	board->early = false;
	board->error = 0;
	board->seed = seed;
	board->queue = r & 1;
	board->capacity = board->queue ? 1 + (r >> 8) % 4 : 0;
	snprintf(board->name, sizeof(board->name), "/h%06x%06x",
		 (unsigned)getpid() & 0xffffff, (unsigned)(r >> 32) & 0xffffff);
}

static int status_of(unsigned done, bool fine, const char *why)
{
	if (st_interrupted)
		return 128 + st_interrupted;
	if (why == NULL)
		return fine ? 0 : 1;
	if (done == 0)
		return 77;
	return ct_unchecked_allowed() ? 0 : 3;
}

/* why: what kept the rest from being run; NULL when nothing did. */
static int summary(unsigned done, unsigned wanted, bool fine, const char *why)
{
	int status = status_of(done, fine, why);

	if (isatty(2))
		fputs("\r\033[K", stderr);
	if (why != NULL)
		printf("ok 1 - history # SKIP %s\n1..1\n", why);
	else
		printf("%sok 1 - history\n1..1\n", fine ? "" : "not ");
	printf("# %u of %u histories of %u operations and more, %" PRIu64
	       " of them undecided\n",
	       done, wanted, WORKERS * WORKER_OPS, undecided);
	if (why != NULL)
		printf("# not checked: %u histories: %s\n", wanted - done, why);
	printf("# status %d: %s\n", status,
	       st_interrupted ? "interrupted"
	       : status == 77 ? "nothing could be run"
	       : why != NULL  ? "as expected, but not all histories were run"
	       : fine	      ? "as expected"
			      : "a history is not as expected");
	return status;
}

int st_history(const struct st_options *o, unsigned histories)
{
	struct hand h = {.os = o->os[0]};
	const char *why = NULL;
	unsigned i = 0;
	bool fine = true;

	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return 2;
	h.b = board;
	patience = o->deadline * 1000000000ull;
	st_catch_signals();
	ct_judge_backend(o->backend[0]->name);
	ct_probe(o->os[0], false);
	if (!begin_workers(&h))
		why = "fork failed";
	while (why == NULL && fine && i < histories && !st_interrupted) {
		next_round(o->seed + i);
		h.random = st_mix(board->seed + WORKERS);
		fine = one(o, &h, ++i, &why);
		if (isatty(2) && i % 64 == 0)
			fprintf(stderr, "\r%u/%u histories", i, histories);
	}
	end_workers();
	/* The one that could not be run is not done. */
	return summary(why != NULL && i > 0 ? i - 1 : i, histories, fine, why);
}
