/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * killed [--all] [SCENE [STEPS]]: kills a process after each instruction of an
 * operation, and shows that others can go on.  Without --all: after each that
 * changed something shared.
 */
#include "killed.h"
#include "ref/ref.h"

#include <dirent.h>
#include <dlfcn.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct trial *trial;
char object_file[4200];
static char directory[4096];
static long kills;
/* Without --all no scene takes longer than so many kills. */
#define SAMPLE 60
#define LEAST 10 /* even if nothing is changed that others can see */

struct timespec from_now(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool await(bool (*cond)(void))
{
	struct timespec end = from_now(PATIENCE * 1000L);

	while (!cond()) {
		if (from_now(0).tv_sec > end.tv_sec)
			return false;
		sched_yield();
	}
	return true;
}

/* The trial's group dies with it. */
_Noreturn void broken(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(trial->why, sizeof(trial->why), format, ap);
	va_end(ap);
	_exit(1);
}

void peer(int (*act)(struct peer *p))
{
	struct peer *p = &trial->peer[trial->peers++];
	pid_t pid = fork();

	if (pid != 0) {
		p->pid = pid;
		return;
	}
	p->began = true;
	p->result = act(p);
	p->returned = true;
	for (;;)
		pause();
}

void peer_dies(int i)
{
	kill(trial->peer[i].pid, SIGKILL);
	waitpid(trial->peer[i].pid, NULL, 0);
}

void peer_stops(int i)
{
	int status;

	kill(trial->peer[i].pid, SIGSTOP);
	HOLDS(waitpid(trial->peer[i].pid, &status, WUNTRACED) ==
		      trial->peer[i].pid &&
		  WIFSTOPPED(status),
	      "peer %d does not stop", i);
}

static struct timespec old_enough;

static bool is_old_enough(void)
{
	struct timespec now = from_now(0);

	return now.tv_sec > old_enough.tv_sec ||
	       (now.tv_sec == old_enough.tv_sec &&
		now.tv_nsec > old_enough.tv_nsec);
}

void offers_last(const struct scene *s)
{
	ref_offer_ms = s->first_stops ? 10 : 3 * PATIENCE * 1000;
}

/* By a clock of 4 ms or 10 ms. */
void offers_grow_old(void)
{
	old_enough = from_now(ref_offer_ms + 15);
	await(is_old_enough);
}

/* All on one processor: a step is then a switch, and no call to another. */
static void stay(void)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return;
	for (cpu = sched_getcpu(); cpu >= 0 && cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set)) {
			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			sched_setaffinity(0, sizeof(set), &set);
			break;
		}
}

static _Noreturn void play(const struct scene *s, long steps)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay();
	s->prepare(s);
	strike(s, steps);
	s->verify(s);
	_exit(0);
}

static int nothing_is_left(void)
{
	DIR *d = opendir(directory);
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		unlinkat(dirfd(d), e->d_name, 0);
	}
	closedir(d);
	return n;
}

/* Does what the scene promises hold when it is killed there? */
static bool holds(const struct scene *s, long steps)
{
	struct timespec late = from_now(6 * PATIENCE * 1000L);
	int status, left;
	pid_t pid;

	memset(trial, 0, sizeof(*trial));
	kills++;
	pid = fork();
	if (pid == 0)
		play(s, steps);
	setpgid(pid, pid);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (from_now(0).tv_sec > late.tv_sec) {
			snprintf(trial->why, sizeof(trial->why), "a hang");
			kill(pid, SIGKILL);
		}
		sched_yield();
	}
	kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, __WALL) > 0)
		continue;
	left = nothing_is_left();
	if (left != 0 && trial->why[0] == '\0')
		snprintf(trial->why, sizeof(trial->why), "%d files are left",
			 left);
	if (trial->why[0] == '\0' && (!WIFEXITED(status) || status != 0))
		snprintf(trial->why, sizeof(trial->why),
			 "the one that goes on has died: status %d", status);
	return trial->why[0] == '\0';
}

static void explain(const struct scene *s)
{
	Dl_info at = {.dli_fname = NULL};

	printf("# after %ld instructions: %s\n", trial->steps, trial->why);
	if (trial->pc != 0 && dladdr((void *)trial->pc, &at) != 0)
		printf("# killed at %s+0x%lx %s\n", at.dli_fname,
		       (unsigned long)(trial->pc - (uintptr_t)at.dli_fbase),
		       at.dli_sname != NULL ? at.dli_sname : "");
	printf("# again: lib/tests/killed/killed %s %ld\n", s->id,
	       trial->steps);
}

/* Is this a place to be killed at, when there is no time for all? */
static bool tells(long steps)
{
	return way->changed[steps - 1] || steps == way->asleep ||
	       steps % (way->steps / LEAST + 1) == 0;
}

/* Once to the end; then after each step, or each that others can see. */
static bool holds_everywhere(const struct scene *s, bool all)
{
	long steps, n = 0, every, skipped = 0;

	way->steps = way->asleep = 0;
	if (!holds(s, STEPS_MAX))
		return false;
	for (steps = 1; steps <= way->steps; steps++)
		n += tells(steps);
	every = all ? 1 : n / SAMPLE + 1;
	for (steps = 1; steps <= way->steps; steps++)
		if ((all || tells(steps)) && ++skipped % every == 0 &&
		    !holds(s, steps))
			return false;
	return true;
}

/* Stepped in earnest. */
static bool holds_there(const struct scene *s, long steps)
{
	way->steps = way->asleep = 0;
	return holds(s, steps);
}

static void skip(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

static int number;
static bool good = true;

static void play_all(const struct scene *s, const char *only, long steps,
		     bool all)
{
	long before;
	bool held;

	for (; s->id != NULL; s++) {
		if (only != NULL && strcmp(only, s->id) != 0)
			continue;
		before = kills;
		held = steps >= 0 ? holds_there(s, steps)
				  : holds_everywhere(s, all);
		if (!held && trial->unable && number == 0)
			skip(trial->why);
		printf("%sok %d - %s: %ld kills\n", held ? "" : "not ",
		       ++number, s->id, kills - before);
		if (!held)
			explain(s);
		fflush(stdout);
		good = good && held;
	}
}

/* No function is looked for while it is stepped, and copies are short. */
static void prepare_program(char **argv)
{
	if (getenv("LD_BIND_NOW") != NULL)
		return;
	setenv("LD_BIND_NOW", "1", 1);
	setenv("GLIBC_TUNABLES",
	       "glibc.cpu.x86_rep_movsb_threshold=1000000:"
	       "glibc.cpu.x86_rep_stosb_threshold=1000000",
	       1);
	execv("/proc/self/exe", argv);
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		skip("no memory");
	return p;
}

static void prepare_place(void)
{
	snprintf(directory, sizeof(directory), "/dev/shm/killed.XXXXXX");
	if (mkdtemp(directory) == NULL) {
		snprintf(directory, sizeof(directory), "/tmp/killed.XXXXXX");
		if (mkdtemp(directory) == NULL)
			skip("no directory for the objects");
	}
	setenv("PIPC_REF_DIR", directory, 1);
	trial = shared(sizeof(*trial));
	way = shared(sizeof(*way));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* What a process finds out once is not to be found out by each victim. */
static void warm_up(void)
{
	struct timespec soon = from_now(1);
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 1};
	mqd_t q = pipc__os_ref.mq_open(OBJECT, O_CREAT | O_RDWR, 0600, &a);
	char c;

	if (q == PIPC__BAD_MQD ||
	    pipc__os_ref.mq_timedreceive(q, &c, 1, NULL, &soon) >= 0)
		skip("no queue in memory");
	pipc__os_ref.mq_close(q);
	pipc__os_ref.mq_unlink(OBJECT);
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
	const char *only = argc > 1 + all ? argv[1 + all] : NULL;
	long steps = argc > 2 + all ? atol(argv[2 + all]) : -1;

	prepare_program(argv);
	prepare_place();
	warm_up();
	snprintf(object_file, sizeof(object_file), "%s/pipc.q.killed",
		 directory);
	play_all(mq_scenes, only, steps, all);
	play_all(notify_scenes, only, steps, all);
	snprintf(object_file, sizeof(object_file), "%s/pipc.s.killed",
		 directory);
	play_all(sem_scenes, only, steps, all);
	rmdir(directory);
	printf("# %ld kills\n1..%d\n", kills, number);
	return good ? 0 : 1;
}
