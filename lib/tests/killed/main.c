/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * killed [--all] [SCENE [STEPS]]: kills a process after each instruction of an
 * operation, and shows that others can go on.  Without --all: after each that
 * changed something shared.
 */
#include "killed.h"

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

static _Noreturn void play(const struct scene *s, long steps, bool noting)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	s->prepare(s);
	strike(s, steps, noting ? object_file : NULL);
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
static bool holds(const struct scene *s, long steps, bool noting)
{
	struct timespec late = from_now(6 * PATIENCE * 1000L);
	int status, left;
	pid_t pid;

	memset(trial, 0, sizeof(*trial));
	kills++;
	pid = fork();
	if (pid == 0)
		play(s, steps, noting);
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

/* After each instruction that changed what others see. */
static bool holds_at_changes(const struct scene *s)
{
	static long point[POINTS];
	int i, n, stride;

	if (!holds(s, 1000000000, true))
		return false;
	n = trial->points;
	memcpy(point, trial->point, sizeof(point));
	stride = n / SAMPLE + 1;
	for (i = 0; i < n; i += stride)
		if (!holds(s, point[i] + 1, false))
			return false;
	return true;
}

static bool holds_everywhere(const struct scene *s)
{
	long steps = 0;

	do {
		if (!holds(s, steps++, false))
			return false;
	} while (!trial->ended);
	return true;
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
		held = steps >= 0 ? holds(s, steps, false)
		       : all	  ? holds_everywhere(s)
				  : holds_at_changes(s);
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

static void prepare_place(void)
{
	snprintf(directory, sizeof(directory), "/dev/shm/killed.XXXXXX");
	if (mkdtemp(directory) == NULL) {
		snprintf(directory, sizeof(directory), "/tmp/killed.XXXXXX");
		if (mkdtemp(directory) == NULL)
			skip("no directory for the objects");
	}
	setenv("PIPC_REF_DIR", directory, 1);
	trial = mmap(NULL, sizeof(*trial), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (trial == MAP_FAILED)
		skip("no memory");
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
