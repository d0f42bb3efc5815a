/* SPDX-License-Identifier: BSD-3-Clause */
/* Cases that misbehave, so that the runner can be seen to tell. */
#include "ct.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CT_CASE(meta_passes, .id = "meta.passes", .text = "a check that holds")
{
	CT_CHECK(t != NULL);
}

CT_CASE(meta_fails, .id = "meta.fails", .text = "a check that does not hold")
{
	CT_CHECK(t == NULL);
}

CT_CASE(meta_checks_nothing, .id = "meta.checks-nothing", .text = "no check")
{
	(void)t;
}

CT_CASE(meta_leaks, .id = "meta.leaks", .text = "leaves a semaphore",
	.needs = CT_NEED_SEM)
{
	CT_OK(t->os->sem_open(ct_name(t), PIPC_O_CREX, 0600, 0) != SEM_FAILED);
}

CT_CASE(meta_leaks_fd, .id = "meta.leaks-descriptor", .text = "leaves a fd")
{
	CT_OK(dup(1) >= 0);
}

CT_CASE(meta_hangs, .id = "meta.hangs", .text = "never ends", .seconds = 1)
{
	CT_CHECK(t != NULL);
	for (;;)
		pause();
}

CT_CASE(meta_crashes, .id = "meta.crashes", .text = "dies of a signal")
{
	CT_CHECK(t != NULL);
	/* Not a sanitizer's handler: the runner is to see the signal. */
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

CT_CASE(meta_grandchildren, .id = "meta.killed-with-grandchildren",
	.text = "is killed and leaves processes that hold an object",
	.needs = CT_NEED_SEM)
{
	struct ct_peer *p;

	ct_sem(t, 0, NULL);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		for (;;)
			pause();
	}
	ct_await(t, p);
	kill(getpid(), SIGKILL);
}

CT_CASE(meta_exits_early, .id = "meta.exits-early", .text = "exits itself")
{
	CT_CHECK(t != NULL);
	_exit(0);
}

CT_CASE(meta_garbage, .id = "meta.garbage", .text = "writes garbage")
{
	CT_OK(write(t->records, "garbage\n", 8) == 8);
}

CT_CASE(meta_blocks, .id = "meta.blocks", .text = "a call that must return",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);

	CT_OK(t->os->sem_wait(sem) == 0);
}

CT_CASE(meta_peer_blocks, .id = "meta.peer-blocks",
	.text = "a peer's call that must return", .needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;

	CT_PEER (t, p)
		CT_OK(t->os->sem_wait(sem) == 0);
	ct_join(t, p);
}

CT_CASE(meta_undefined, .id = "meta.undefined", .text = "any end is fine")
{
	CT_UNDEFINED (t, "write-to-null") {
		raise(SIGSEGV);
	}
}

CT_CASE(meta_random, .id = "meta.random", .text = "fails, with a seed")
{
	CT_CHECK(ct_random(t) == 0);
}

CT_PROGRAM(says_hello)
{
	ct_tell_parent(t);
	CT_CHECK(arg[0] == 'x');
	ct_await_parent(t);
}

CT_CASE(meta_exec, .id = "meta.exec", .text = "a peer execs")
{
	struct ct_peer *p;

	CT_PEER (t, p)
		ct_exec(t, "says_hello", "x");
	ct_await(t, p);
	ct_tell(t, p);
	ct_join(t, p);
	CT_CHECK(t != NULL);
}

static void in_thread(struct ct *t, void *arg)
{
	ct_thread_ready(t);
	CT_OK(t->os->sem_wait(arg) == 0);
}

CT_CASE(meta_thread, .id = "meta.thread", .text = "a thread blocks, then not",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_thread *th = ct_thread(t, in_thread, sem);

	ct_thread_await_blocked(t, th);
	CT_OK(t->os->sem_post(sem) == 0);
	ct_thread_join(t, th);
	t->os->sem_close(sem);
}

CT_CASE(meta_random_value, .id = "meta.random-value", .text = "the same again")
{
	ct_note(t, "value", "%" PRIu64, ct_random(t));
	CT_CHECK(t != NULL);
}

CT_CASE(meta_busy, .id = "meta.busy", .text = "a failure with its calls",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);

	CT_OK(t->os->sem_trywait(sem) == 0);
	t->os->sem_close(sem);
}

/* The name that a test gives, so that it can look for it afterwards. */
static const char *given_name(struct ct *t)
{
	const char *name = getenv("PIPC_META_NAME");

	CT_SETUP_TRUE(name != NULL);
	return name;
}

CT_CASE(meta_interrupts, .id = "meta.interrupts",
	.text = "interrupts the runner, holding objects and a process",
	.needs = CT_NEED_SEM | CT_NEED_SHM | CT_NEED_MQ)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	const char *name = given_name(t), *signo = getenv("PIPC_META_SIGNAL");
	struct ct_peer *p;

	CT_SETUP_TRUE(signo != NULL);
	t->os->sem_open(name, PIPC_O_CREX, 0600, 0);
	t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
	t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600, &attr);
	CT_PEER (t, p) {
		alarm(600);
		ct_tell_parent(t);
		for (;;)
			pause();
	}
	ct_await(t, p);
	kill(getppid(), atoi(signo));
	for (;;)
		pause();
}

CT_CASE(meta_name_is_free, .id = "meta.name-is-free",
	.text = "nothing is left under the name that a test gives",
	.needs = CT_NEED_SEM | CT_NEED_SHM | CT_NEED_MQ)
{
	const char *name = given_name(t);

	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	CT_ERRNO(t->os->shm_open(name, O_RDONLY, 0) == -1, ENOENT);
	CT_ERRNO(t->os->mq_open(name, O_RDONLY, 0, NULL) == PIPC__BAD_MQD,
		 ENOENT);
}

CT_CASE(meta_fails_late, .id = "meta.fails-late",
	.text = "a check that does not hold, two seconds after the start")
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, 2000);

	while (!ct_reached(CLOCK_MONOTONIC, &end))
		poll(NULL, 0, 10);
	CT_CHECK(t == NULL);
}

CT_CASE(meta_lasts, .id = "meta.lasts", .text = "takes three seconds",
	.seconds = 5)
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, 3000);

	while (!ct_reached(CLOCK_MONOTONIC, &end))
		poll(NULL, 0, 10);
	CT_CHECK(t != NULL);
}

CT_CASE(meta_spins, .id = "meta.spins", .text = "computes for ever",
	.seconds = 1)
{
	CT_CHECK(t != NULL);
	for (;;)
		;
}

CT_CASE(meta_escapes, .id = "meta.escapes",
	.text = "leaves seven processes, each in a session of its own")
{
	int ready[2], i;
	char byte;

	CT_SETUP_TRUE(pipe(ready) == 0);
	for (i = 0; i < 7; i++)
		if (fork() == 0) {
			setsid();
			(void)!write(ready[1], "", 1);
			alarm(600);
			for (;;)
				pause();
		}
	for (i = 0; i < 7; i++)
		CT_SETUP_TRUE(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	CT_CHECK(t != NULL);
}

CT_CASE(meta_writes, .id = "meta.writes",
	.text = "writes what looks like results")
{
	static const char text[] = "Bail out!\n1..3\nnot ok 1 - no\n";

	CT_OK(write(1, text, sizeof(text) - 1) > 0);
	CT_OK(write(2, text, sizeof(text) - 1) > 0);
	puts("ok 2 - no");
}

CT_CASE(meta_floods, .id = "meta.floods", .text = "writes 300 MB")
{
	static const char text[10000];
	size_t left = 300 * 1000 * 1000;
	ssize_t n;

	while (left > 0) {
		n = write(1, text, left < sizeof(text) ? left : sizeof(text));
		CT_MUST(CT_CHECK(n > 0));
		left -= (size_t)n;
	}
}

/* What a case has inherited, for tests of the runner. */
CT_CASE(meta_state, .id = "meta.state", .text = "notes the state it starts in")
{
	unsigned blocked = 0, ignored = 0, open = 0;
	struct sigaction action;
	sigset_t mask;
	mode_t bits = umask(0);
	int i;

	umask(bits);
	sigemptyset(&mask);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (i = 1; i < 65; i++) {
		blocked += sigismember(&mask, i) == 1;
		ignored += i != SIGPIPE && sigaction(i, NULL, &action) == 0 &&
			   action.sa_handler == SIG_IGN;
	}
	for (i = 0; i < 1024; i++)
		open += fcntl(i, F_GETFD) != -1;
	ct_note(t, "state", "%u blocked, %u ignored, umask %04o, %u open",
		blocked, ignored, (unsigned)bits, open);
	CT_CHECK(t != NULL);
}

CT_CASE(meta_panics, .id = "meta.panics",
	.text = "stops the kernel, where PIPC_META_PANIC is 'this machine'")
{
	const char *allowed = getenv("PIPC_META_PANIC");
	int fd;

	CT_SETUP_TRUE(allowed != NULL && strcmp(allowed, "this machine") == 0);
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	CT_SETUP_TRUE(fd >= 0);
	CT_CHECK(write(fd, "c", 1) != 1); /* Linux does not return */
	close(fd);
}
