/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs cases: a process group and a pipe each, a deadline, an outcome. */
#include "run.h"

#include <poll.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#define DEFAULT_SECONDS 10
#define NAMES 512
#define LONGEST_NAME 260
#define STUCK_SAMPLES 7 /* of SAMPLE_MS each, nothing having moved */
#define SAMPLE_MS 100
#define CLOCK_STEP_MS 5 /* more is no slewing */
#define WINDOW 256	/* how far a quick case may be ahead of a slow one */

const char *const ct_outcome_names[] = {
    "PASS", "FAIL",	   "TIMEOUT",	 "CRASH",
    "LEAK", "UNSUPPORTED", "UNRESOLVED", "NOTED",
};

/* A case that is running, and what came through its pipe so far. */
struct job {
	struct ct_result r;
	struct ct__shared *shared;
	const struct pipc__os *base;
	int fd;
	pid_t pid; /* 0: free */
	unsigned number;
	struct timespec started, deadline, sampled;
	long clock_offset; /* wall clock less CLOCK_MONOTONIC, ms */
	long mark;	   /* of the last sample */
	int stuck;
	char line[CT_RECORD_MAX];
	size_t len;
	bool ended, failed, unresolved, unsupported, garbage, descriptors;
	bool killed_late, killed_stuck;
	unsigned names;
	struct {
		char kind, name[LONGEST_NAME];
		int created; /* times that it may have been */
		bool ours;
	} ledger[NAMES];
};

static volatile sig_atomic_t interrupted;

static void say(struct job *j, const char *text)
{
	size_t n = strlen(j->r.messages);

	snprintf(j->r.messages + n, sizeof(j->r.messages) - n, "%s\n", text);
}

static void keep_note(struct job *j, const char *text)
{
	size_t n = strlen(j->r.notes);

	snprintf(j->r.notes + n, sizeof(j->r.notes) - n, "%s\n", text);
}

static void keep_name(struct job *j, const char *text, char letter)
{
	unsigned i;

	if (strlen(text) < 3 || strlen(text + 2) >= sizeof(j->ledger[0].name))
		return;
	for (i = 0; i < j->names; i++)
		if (j->ledger[i].kind == text[0] &&
		    strcmp(j->ledger[i].name, text + 2) == 0)
			break;
	if (i == NAMES)
		return;
	if (i == j->names)
		j->names++;
	j->ledger[i].kind = text[0];
	strcpy(j->ledger[i].name, text + 2);
	if (letter == 'C')
		j->ledger[i].ours = true;
	else
		j->ledger[i].created += letter == 'O' ? 1 : -1;
}

static void take_line(struct job *j)
{
	const char *text = j->line + 2;

	if (j->len < 2 || j->line[0] != CT_RECORD_MARK ||
	    strchr("FNMRUELOXC", j->line[1]) == NULL) {
		j->garbage = true;
		return;
	}
	switch (j->line[1]) {
	case 'N':
		keep_note(j, text);
		break;
	case 'E':
		j->ended = true;
		break;
	case 'O':
	case 'X':
	case 'C':
		keep_name(j, text, j->line[1]);
		break;
	default:
		/* What fails after a set-up that failed says nothing. */
		if (j->line[1] == 'F' && !j->unresolved && !j->unsupported)
			j->failed = true;
		j->unresolved = j->unresolved || j->line[1] == 'R';
		j->unsupported = j->unsupported || j->line[1] == 'U';
		j->descriptors = j->descriptors || j->line[1] == 'L';
		say(j, text);
	}
}

/* Reads what is there. */
static void drain(struct job *j)
{
	char buf[4096];
	ssize_t n, i;

	while ((n = read(j->fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n' || j->len == CT_RECORD_MAX - 1) {
				j->line[j->len] = '\0';
				take_line(j);
				j->len = 0;
			} else {
				j->line[j->len++] = buf[i];
			}
		}
}

static int descriptors(void)
{
	int n = 0, fd;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

#define DESCRIPTORS 1024

/* Closes what a case left open that has ended early in this very process. */
static void close_new(const bool *before)
{
	int fd;

	for (fd = 0; fd < DESCRIPTORS; fd++)
		if (!before[fd])
			close(fd);
}

static void note_open(bool *open)
{
	int fd;

	for (fd = 0; fd < DESCRIPTORS; fd++)
		open[fd] = fcntl(fd, F_GETFD) != -1;
}

/* The body of a case, in whatever process, between two counts. */
static void run_body(struct ct *t)
{
	int before = descriptors(), left;

	t->main_pid = getpid();
	ct__place_take(t);
	t->self->run(t);
	left = descriptors() - before;
	if (left > 0)
		ct_record(t->records, 'L', "left open: %d descriptor%s", left,
			  left == 1 ? "" : "s");
	ct_record(t->records, 'E', "%u", t->shared->checks);
}

static void use(struct ct *t, const struct ct_run_options *o)
{
	t->os = ct_ledger(o->os, t->records);
	/* The runner's limits hold, but for a mutant that may lie of them. */
	if (o->os == o->base)
		pipc__os = t->os;
	else
		pipc__use(t->os);
}

static _Noreturn void in_child(struct ct *t, const struct ct_run_options *o)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (null >= 0) {
		dup2(null, 0);
		if (null > 2)
			close(null);
	}
	use(t, o);
	run_body(t);
	ct_exit(0);
}

static bool unlink_one(const struct pipc__os *os, char kind, const char *name)
{
	const struct ct_capability *lacks;

	switch (kind) {
	case 's':
		return os->sem_unlink(name) == 0;
	case 'm':
		return os->shm_unlink(name) == 0;
	default:
		/* Where queues are absent the call itself may kill. */
		lacks = ct_lacks(CT_NEED_MQ);
		if (lacks != NULL && lacks->state == CT_ABSENT)
			return false;
		return os->mq_unlink(name) == 0;
	}
}

/* Removes what the case left; true if something was left that should not be. */
static bool sweep(struct job *j)
{
	bool leaked = false;
	char text[LONGEST_NAME + 20];
	unsigned i;

	for (i = 0; i < j->names; i++) {
		if (j->ledger[i].created <= 0 ||
		    !unlink_one(j->base, j->ledger[i].kind,
				j->ledger[i].name) ||
		    j->ledger[i].ours)
			continue;
		leaked = true;
		snprintf(text, sizeof(text), "left behind: %s",
			 j->ledger[i].name);
		say(j, text);
	}
	return leaked;
}

/* Kills and reaps the rest of the group; true if anybody was still there. */
static bool end_group(pid_t group)
{
	bool left = false;
	int status;

	kill(-group, SIGKILL);
	while (waitpid(-group, &status, 0) > 0 || errno == EINTR)
		left = left || WIFSIGNALED(status);
	return left;
}

/* How the case's own process ended, in words, when that was not its end. */
static bool died(struct job *j, int status)
{
	char text[120];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (!j->ended)
		snprintf(text, sizeof(text),
			 "exited early with status %d, before its end",
			 WEXITSTATUS(status));
	else
		return false;
	say(j, text);
	return true;
}

static enum ct_outcome judge(struct job *j, int status, bool leaked,
			     bool processes)
{
	if (j->garbage) {
		say(j, "something that is no record came through the pipe");
		return CT_CRASH;
	}
	if (j->killed_stuck)
		return CT_FAIL;
	if (j->killed_late) {
		say(j, "did not end by its deadline");
		return j->failed ? CT_FAIL : CT_TIMEOUT;
	}
	if (died(j, status))
		return CT_CRASH;
	if (j->failed)
		return CT_FAIL;
	if (j->unsupported)
		return CT_UNSUPPORTED;
	if (j->unresolved)
		return CT_UNRESOLVED;
	if (processes)
		say(j, "left behind: processes");
	if (leaked || processes || j->descriptors)
		return CT_LEAK;
	if (j->r.checks == 0) {
		say(j, "checked nothing");
		return CT_UNRESOLVED;
	}
	return j->r.notes[0] != '\0' ? CT_NOTED : CT_PASS;
}

static long clock_offset(void)
{
	struct timespec wall, steady;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &steady);
	return (long)(wall.tv_sec - steady.tv_sec) * 1000 +
	       (wall.tv_nsec - steady.tv_nsec) / 1000000;
}

/* A failure while the wall clock was set says nothing of the system. */
static enum ct_outcome excuse(struct job *j, enum ct_outcome outcome)
{
	long step = clock_offset() - j->clock_offset;
	char text[80];

	if ((outcome != CT_FAIL && outcome != CT_TIMEOUT) ||
	    (step > -CLOCK_STEP_MS && step < CLOCK_STEP_MS))
		return outcome;
	snprintf(text, sizeof(text),
		 "the wall clock was set by %ld ms meanwhile", step);
	say(j, text);
	return CT_UNRESOLVED;
}

/* The pages that jobs share with their cases are from before any fork. */
static struct ct__shared *shared_page(void)
{
	void *p = mmap(NULL, sizeof(struct ct__shared), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static unsigned run_token(void)
{
	static unsigned token;
	struct timespec now;

	if (token == 0) {
		clock_gettime(CLOCK_REALTIME, &now);
		token = (unsigned)now.tv_nsec / 1000 ^ (unsigned)getpid() << 4;
	}
	return token;
}

/* Seeds differ from case to case and depend on nothing but --seed. */
static uint64_t seed_of(const struct ct_case *c, uint64_t seed)
{
	const char *p;

	for (p = c->id; *p != '\0'; p++)
		seed = (seed ^ (unsigned char)*p) * 0x100000001b3u;
	return seed;
}

static void fresh(struct job *j, const struct ct_run_options *o,
		  const struct ct_case *c, unsigned number, unsigned run)
{
	struct ct__shared *shared = j->shared;
	unsigned seconds = c->seconds != 0 ? c->seconds : DEFAULT_SECONDS;

	memset(j, 0, sizeof(*j));
	memset(shared, 0, sizeof(*shared));
	shared->token = run_token();
	shared->no_fork = o->no_fork;
	j->shared = shared;
	j->base = o->base;
	j->number = number;
	j->r.self = c;
	j->r.run = run;
	j->r.seed = o->seed;
	clock_gettime(CLOCK_MONOTONIC, &j->started);
	j->deadline = ct_in_ms(CLOCK_MONOTONIC, ct_patience(seconds * 1000L));
	j->sampled = j->started;
	j->clock_offset = clock_offset();
}

static struct ct case_of(const struct job *j, const struct ct_run_options *o,
			 int records)
{
	return (struct ct){.self = j->r.self,
			   .records = records,
			   .shared = j->shared,
			   .mq_depth = ct_mq_depth,
			   .seed = seed_of(j->r.self, o->seed)};
}

static bool start(struct job *j, const struct ct_run_options *o)
{
	struct ct t;
	int fds[2];

	if (pipe(fds) != 0)
		return false;
	j->fd = fds[0];
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	t = case_of(j, o, fds[1]);
	j->pid = fork();
	if (j->pid == 0) {
		close(fds[0]);
		in_child(&t, o);
	}
	close(fds[1]);
	if (j->pid < 0) {
		close(fds[0]);
		j->pid = 0;
		return false;
	}
	setpgid(j->pid, j->pid);
	return true;
}

static void finish(struct job *j, int status)
{
	bool processes = end_group(j->pid), leaked;

	drain(j);
	if (j->len != 0)
		j->garbage = true;
	close(j->fd);
	leaked = sweep(j);
	j->r.checks = j->shared->checks;
	j->r.random = j->shared->random;
	j->r.ms = ct_ms_since(CLOCK_MONOTONIC, &j->started);
	j->r.outcome = excuse(j, judge(j, status, leaked, processes));
	j->pid = 0;
}

/* The calls that the case's processes do not come back from. */
static bool tell_blocked(struct job *j)
{
	const struct ct__place *p;
	char text[CT_RECORD_MAX];
	bool any = false;
	unsigned i;

	for (i = 0; i < j->shared->places && i < CT_PLACES; i++) {
		p = &j->shared->place[i];
		if (p->what == NULL)
			continue;
		snprintf(text, sizeof(text),
			 "%s:%d: blocked: %s did not return", p->file, p->line,
			 p->what);
		say(j, text);
		any = true;
	}
	return any;
}

/*
 * Has every process of the case been asleep, and none switched, for a while?
 * Then a call that is being checked will not return, and waiting for the
 * deadline tells no more.
 */
static bool is_stuck(struct job *j)
{
	long mark = 0, one;
	unsigned i;

	if (ct_ms_since(CLOCK_MONOTONIC, &j->sampled) < ct_patience(SAMPLE_MS))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &j->sampled);
	if (ct__process_state(j->pid) == 0)
		return false;
	for (i = 0; i < j->shared->places && i < CT_PLACES; i++) {
		one = ct__idle_mark(j->shared->place[i].pid);
		mark = one < 0 || mark < 0 ? -1 : mark + one;
	}
	j->stuck = mark >= 0 && mark == j->mark ? j->stuck + 1 : 0;
	j->mark = mark;
	return j->stuck >= STUCK_SAMPLES;
}

/* Looks after one running job; true when it has come to its end. */
static bool look_after(struct job *j)
{
	int status;

	drain(j);
	if (waitpid(j->pid, &status, WNOHANG) == j->pid) {
		finish(j, status);
		return true;
	}
	if (ct_reached(CLOCK_MONOTONIC, &j->deadline))
		j->killed_late = true;
	else if (is_stuck(j))
		j->killed_stuck = tell_blocked(j);
	if (!j->killed_late && !j->killed_stuck)
		return false;
	kill(j->pid, SIGKILL);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	finish(j, status);
	return true;
}

/* In this process: --debug, and systems that have no fork. */
static sigjmp_buf way_out;
enum { LATE = 2, INTERRUPTED = 3 };

static void on_interrupt(int signo)
{
	if (ct__here != 0 && ct__here != getpid()) { /* a peer */
		signal(signo, SIG_DFL);
		raise(signo);
		return;
	}
	interrupted = signo;
	if (ct__here != 0)
		siglongjmp(way_out, INTERRUPTED);
}

static void catch_interrupts(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void on_alarm(int signo)
{
	(void)signo;
	siglongjmp(way_out, LATE);
}

void ct__leave(int status)
{
	(void)status;
	siglongjmp(way_out, 1);
}

static void run_here(struct job *j, const struct ct_run_options *o)
{
	static bool before[DESCRIPTORS];
	int fds[2], how, status = 0;
	struct ct t;

	if (pipe(fds) != 0) {
		j->r.outcome = CT_UNRESOLVED;
		snprintf(j->r.messages, sizeof(j->r.messages), "pipe: %s\n",
			 ct_errno_name(errno));
		return;
	}
	j->fd = fds[0];
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	t = case_of(j, o, fds[1]);
	use(&t, o);
	ct__here = getpid();
	note_open(before);
	how = sigsetjmp(way_out, 1);
	if (how == 0) {
		if (!o->debug) {
			signal(SIGALRM, on_alarm);
			alarm((unsigned)(ct_patience((j->r.self->seconds
							  ? j->r.self->seconds
							  : DEFAULT_SECONDS))));
		}
		run_body(&t);
	}
	alarm(0);
	ct__here = 0;
	close_new(before);
	j->killed_late = how == LATE;
	close(fds[1]);
	drain(j);
	close(fds[0]);
	j->r.checks = j->shared->checks;
	j->r.random = j->shared->random;
	j->r.ms = ct_ms_since(CLOCK_MONOTONIC, &j->started);
	j->r.outcome = judge(j, status, sweep(j), false);
}

/* What the loop below keeps. */
struct crew {
	struct job *jobs;
	const struct ct_run_options *o;
	struct ct_result *waiting; /* results that came before their turn */
	bool there[WINDOW];
	unsigned total, told;
	void (*done)(const struct ct_result *result);
};

/* Tells results in order; those of quick cases wait for their turn. */
static void hand_over(struct crew *crew, const struct job *j)
{
	unsigned at = j->number % WINDOW;

	crew->waiting[at] = j->r;
	crew->there[at] = true;
	while (crew->there[at = crew->told % WINDOW]) {
		crew->there[at] = false;
		crew->told++;
		crew->done(&crew->waiting[at]);
	}
}

static void begin(struct crew *crew, struct job *j, const struct ct_case *c,
		  unsigned number, unsigned run)
{
	const struct ct_capability *lack = ct_lacks(c->needs);

	fresh(j, crew->o, c, number, run);
	if (lack != NULL) {
		j->r.lack = lack;
		j->r.outcome =
		    lack->state == CT_ABSENT ? CT_UNSUPPORTED : CT_UNRESOLVED;
		snprintf(j->r.messages, sizeof(j->r.messages), "%s: %s\n",
			 lack->name, lack->why);
		hand_over(crew, j);
	} else if (crew->o->no_fork || crew->o->debug) {
		run_here(j, crew->o);
		if (interrupted == 0)
			hand_over(crew, j);
	} else if (!start(j, crew->o)) {
		j->r.outcome = CT_UNRESOLVED;
		snprintf(j->r.messages, sizeof(j->r.messages),
			 "cannot start a process: %s\n", strerror(errno));
		hand_over(crew, j);
	}
}

/* Waits until one of the jobs has said something or ended, or a moment. */
static void wait_for_jobs(struct crew *crew, struct pollfd *fds)
{
	unsigned i, n = 0;

	for (i = 0; i < crew->o->jobs; i++)
		if (crew->jobs[i].pid != 0)
			fds[n++] = (struct pollfd){crew->jobs[i].fd, POLLIN, 0};
	poll(fds, n, 5);
}

static void stop_all(struct crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->o->jobs; i++)
		if (crew->jobs[i].pid != 0) {
			kill(crew->jobs[i].pid, SIGKILL);
			finish(&crew->jobs[i], 0);
		}
}

static bool make_crew(struct crew *crew)
{
	unsigned i;

	crew->jobs = calloc(crew->o->jobs, sizeof(*crew->jobs));
	crew->waiting = calloc(WINDOW, sizeof(*crew->waiting));
	if (crew->jobs == NULL || crew->waiting == NULL)
		return false;
	for (i = 0; i < crew->o->jobs; i++)
		if ((crew->jobs[i].shared = shared_page()) == NULL)
			return false;
	return true;
}

int ct_run(const struct ct_run_options *options,
	   const struct ct_case *const *cases, unsigned n, unsigned repeat,
	   void (*starting)(const struct ct_case *c, unsigned number),
	   void (*done)(const struct ct_result *result))
{
	struct crew crew = {.o = options, .total = n * repeat, .done = done};
	struct pollfd *fds = calloc(options->jobs, sizeof(*fds));
	unsigned i, next = 0;

	if (fds == NULL || !make_crew(&crew))
		return -1;
	catch_interrupts();
#ifdef PR_SET_CHILD_SUBREAPER
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
	while (crew.told < crew.total && interrupted == 0) {
		for (i = 0; i < options->jobs; i++) {
			struct job *j = &crew.jobs[i];

			if (j->pid != 0 && look_after(j))
				hand_over(&crew, j);
			if (j->pid == 0 && next < crew.total &&
			    next - crew.told < WINDOW) {
				if (starting != NULL)
					starting(cases[next % n], next);
				begin(&crew, j, cases[next % n], next,
				      next / n + 1);
				next++;
			}
		}
		wait_for_jobs(&crew, fds);
	}
	stop_all(&crew);
	for (i = 0; i < options->jobs; i++)
		munmap(crew.jobs[i].shared, sizeof(struct ct__shared));
	free(crew.jobs);
	free(crew.waiting);
	free(fds);
	return interrupted;
}
