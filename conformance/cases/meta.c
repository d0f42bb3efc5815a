/* SPDX-License-Identifier: BSD-3-Clause */
/* Cases that misbehave, so that the runner can be seen to tell. */
#include "ct.h"

CT_CASE(meta_passes, .id = "meta.passes", .text = "a check that holds")
{
	CT_CHECK(t->checks == 1);
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
	CT_PEER(t, p)
	{
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
