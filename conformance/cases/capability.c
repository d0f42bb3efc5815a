/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The capabilities that the probe found, a case each: one that is broken is a
 * failure, and the cases that depend on it run all the same.
 */
#include "run.h"

static void shows(struct ct *t, const char *name)
{
	const struct ct_capability *c = ct_capability(name);

	CT_CHECK(c != NULL);
	if (c->state == CT_ABSENT)
		ct_unsupported(t, "%s: %s", name, c->why);
	if (c->state == CT_DENIED)
		ct_unresolved(t, "%s: %s", name, c->why);
	if (c->state == CT_BROKEN)
		ct_fail(t, "%s: %s", name, c->why);
}

CT_CASE(capability_sem, .id = "capability.sem", .req = "GEN-024",
	.text = "named semaphores work: open, post, wait, close, unlink")
{
	shows(t, "sem");
}

CT_CASE(capability_sem_timedwait, .id = "capability.sem-timedwait",
	.req = "GEN-024", .text = "sem_timedwait() works")
{
	shows(t, "sem_timedwait");
}

CT_CASE(capability_sem_clockwait, .id = "capability.sem-clockwait",
	.req = "GEN-024", .text = "sem_clockwait() works")
{
	shows(t, "sem_clockwait");
}

CT_CASE(capability_sem_getvalue, .id = "capability.sem-getvalue",
	.req = "GEN-024", .text = "sem_getvalue() works")
{
	shows(t, "sem_getvalue");
}

CT_CASE(capability_sem_init, .id = "capability.sem-init", .req = "GEN-024",
	.text = "unnamed semaphores between processes work")
{
	shows(t, "sem_init");
}

CT_CASE(capability_shm, .id = "capability.shm", .req = "GEN-024",
	.text = "shared memory works: open, size, map, write, read, unlink")
{
	shows(t, "shm");
}

CT_CASE(capability_mq, .id = "capability.mq", .req = "GEN-024",
	.text = "message queues work: open, send, receive, close, unlink")
{
	shows(t, "mq");
}

CT_CASE(capability_mq_notify, .id = "capability.mq-notify", .req = "GEN-024",
	.text = "mq_notify() works: a message is notified by a signal")
{
	shows(t, "mq_notify");
}

CT_CASE(capability_uids, .id = "capability.uids", .req = "GEN-024",
	.text = "this run may act as two other users")
{
	shows(t, "uids");
}

CT_CASE(capability_native, .id = "capability.native", .req = "GEN-024",
	.text = "the objects are the system's own")
{
	shows(t, "native");
}
