/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads of a case. */
#include "run.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct ct_thread {
	struct ct *t;
	void (*run)(struct ct *t, void *arg);
	void *arg;
	pthread_t id;
	long number; /* the system's; 0 where it does not tell */
	int ready;   /* 1: its next call blocks; 2: it has ended */
};

static _Thread_local struct ct_thread *self;

static void *start(void *arg)
{
	self = arg;
	self->number = ct__thread_number();
	ct__place_take(self->t);
	self->run(self->t, self->arg);
	__atomic_store_n(&self->ready, 2, __ATOMIC_SEQ_CST);
	return NULL;
}

struct ct_thread *ct_thread(struct ct *t, void (*run)(struct ct *t, void *arg),
			    void *arg)
{
	struct ct_thread *thread = calloc(1, sizeof(*thread));
	int error;

	CT_SETUP_TRUE(thread != NULL);
	thread->t = t;
	thread->run = run;
	thread->arg = arg;
	error = pthread_create(&thread->id, NULL, start, thread);
	if (error == 0)
		return thread;
	free(thread);
	if (error == ENOSYS)
		ct_unsupported(t, "no threads");
	ct_unresolved(t, "pthread_create: %s", strerror(error));
}

void ct_thread_ready(struct ct *t)
{
	(void)t;
	__atomic_store_n(&self->ready, 1, __ATOMIC_SEQ_CST);
}

bool ct_thread_await_blocked(struct ct *t, struct ct_thread *thread)
{
	while (__atomic_load_n(&thread->ready, __ATOMIC_SEQ_CST) == 0)
		sched_yield();
	if (__atomic_load_n(&thread->ready, __ATOMIC_SEQ_CST) == 2) {
		ct_fail(t, "the call that must block did not block");
		return false;
	}
	return ct__await_blocked(t, getpid(), thread->number);
}

pthread_t ct_thread_id(const struct ct_thread *thread)
{
	return thread->id;
}

/* It may take a signal that can be queued. */
void ct_thread_cancel(struct ct *t, struct ct_thread *thread)
{
	int error = pthread_cancel(thread->id);

	if (error != 0)
		ct_refused(t, "pthread_cancel", error);
}

void ct_thread_join(struct ct *t, struct ct_thread *thread)
{
	(void)t;
	pthread_join(thread->id, NULL);
	free(thread);
}
