/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suite itself relies on: objects that stay until they are removed,
 * probes that survive what they ask, and runs that do not mark the next one.
 */
#include "ct.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

CT_CASE(gen_status_shm, .id = "gen.status.of-shared-memory-calls",
	.req = "GEN-003", .posix = "the specification, exceptions",
	.text = "ENOENT, EEXIST and EBADF of shared memory are existential",
	.needs = CT_NEED_SHM)
{
	pipc_shm *shm = ct_pipc_shm(t, 1), *other = NULL;

	CT_EXPECT(pipc_shm_open(&other, ct_name(t), 0, 0, 0, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_open(&other, pipc_shm_name(shm), PIPC_O_CREX, 0600,
				0, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_unlink_shared_memory(ct_name(t)),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_OK);
	CT_EXPECT(pipc_shm_close_fd(shm), PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(other == NULL);
	pipc_shm_free(shm);
}

static sem_t *answers_enosys(const char *name, int flags, mode_t mode,
			     unsigned value)
{
	(void)name;
	(void)flags;
	(void)mode;
	(void)value;
	errno = ENOSYS;
	return SEM_FAILED;
}

static int dies_of_sigsys(sem_t *sem, int *value)
{
	(void)sem;
	(void)value;
	raise(SIGSYS);
	return 0;
}

CT_CASE(gen_probe, .id = "gen.probe.survives-a-deadly-call",
	.req = "GEN-005 GEN-014", .posix = "the specification, FreeBSD",
	.text =
	    "a call that is answered by SIGSYS or ENOSYS is one that is not "
	    "there, and its caller lives",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	struct pipc__os deadly = *t->os, absent = *t->os;
	pipc_sem *sem = NULL;

	deadly.sem_getvalue = dies_of_sigsys;
	absent.sem_open = answers_enosys;
	CT_CHECK(pipc_limits()->semaphore_value_supported);
	pipc__use(&deadly);
	CT_CHECK(!pipc_limits()->semaphore_value_supported);
	pipc__use(&absent);
	CT_EXPECT(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 1),
		  PIPC_UNSUPPORTED_ERROR);
	CT_CHECK(sem == NULL);
	pipc__use(t->os);
	CT_CHECK(pipc_limits()->semaphore_value_supported);
}

/* One kind of object, by the library: each gives the status of its call. */
struct kind {
	const char *text;
	pipc_status (*make)(const char *name, int flags);
	pipc_status (*unlink)(const char *name);
};

static pipc_status make_sem(const char *name, int flags)
{
	pipc_sem *sem;
	pipc_status status = pipc_sem_open(&sem, name, flags, 0600, 1);

	if (status == PIPC_OK) {
		pipc_sem_close(sem);
		pipc_sem_free(sem);
	}
	return status;
}

static pipc_status make_shm(const char *name, int flags)
{
	pipc_shm *shm;
	pipc_status status = pipc_shm_open(&shm, name, flags, 0600, 0, false);

	if (status == PIPC_OK) {
		pipc_shm_close_fd(shm);
		pipc_shm_free(shm);
	}
	return status;
}

static pipc_status make_mq(const char *name, int flags)
{
	struct pipc_mq_options options = {0600, 1, 16, true, true};
	pipc_mq *mq;
	pipc_status status = pipc_mq_open(&mq, name, flags, &options);

	if (status == PIPC_OK) {
		pipc_mq_close(mq);
		pipc_mq_free(mq);
	}
	return status;
}

static const struct kind sem_kind = {"semaphore", make_sem,
				     pipc_unlink_semaphore};
static const struct kind shm_kind = {"shared memory", make_shm,
				     pipc_unlink_shared_memory};
static const struct kind mq_kind = {"queue", make_mq,
				    pipc_unlink_message_queue};

/* Made by a process that is killed, it is there until it is unlinked. */
static void stays_until_unlinked(struct ct *t, const struct kind *kind)
{
	const char *name = ct_name(t);
	struct ct_peer *p;

	CT_PEER (t, p) {
		CT_EXPECT(kind->make(name, PIPC_O_CREX), PIPC_OK);
		ct_tell_parent(t);
		ct_await_parent(t);
	}
	ct_await(t, p);
	ct_kill(t, p);
	CT_EXPECT(kind->make(name, 0), PIPC_OK);
	CT_PEER (t, p)
		CT_EXPECT(kind->unlink(name), PIPC_OK);
	ct_join(t, p);
	CT_EXPECT(kind->make(name, 0), PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(kind->unlink(name), PIPC_EXISTENTIAL_ERROR);
}

CT_CASE(gen_stays_sem, .id = "gen.life.semaphore-until-unlinked",
	.req = "GEN-011 GEN-013", .posix = "the specification, clean up",
	.text = "a semaphore outlives its killed creator, and is gone when any "
		"process unlinks it by name",
	.needs = CT_NEED_SEM)
{
	stays_until_unlinked(t, &sem_kind);
}

CT_CASE(gen_stays_shm, .id = "gen.life.shared-memory-until-unlinked",
	.req = "GEN-011 GEN-013", .posix = "the specification, clean up",
	.text = "shared memory outlives its killed creator, and is gone when "
		"any process unlinks it by name",
	.needs = CT_NEED_SHM)
{
	stays_until_unlinked(t, &shm_kind);
}

CT_CASE(gen_stays_mq, .id = "gen.life.queue-until-unlinked",
	.req = "GEN-011 GEN-013", .posix = "the specification, clean up",
	.text = "a queue outlives its killed creator, and is gone when any "
		"process unlinks it by name",
	.needs = CT_NEED_MQ)
{
	stays_until_unlinked(t, &mq_kind);
}

/* The whole life of an object under a name that may have had many. */
static void lives_once(struct ct *t, const struct kind *kind, const char *name)
{
	CT_EXPECT(kind->make(name, 0), PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(kind->make(name, PIPC_O_CREX), PIPC_OK);
	CT_EXPECT(kind->make(name, PIPC_O_CREX), PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(kind->make(name, PIPC_O_CREAT), PIPC_OK);
	CT_EXPECT(kind->unlink(name), PIPC_OK);
	CT_EXPECT(kind->unlink(name), PIPC_EXISTENTIAL_ERROR);
}

CT_CASE(gen_again, .id = "gen.order.the-same-again-in-any-order",
	.req = "GEN-020", .posix = "the specification; XSH sem_open, shm_open",
	.text = "what came once comes again, in any order of the kinds and "
		"under the same name",
	.needs = CT_NEED_SEM | CT_NEED_SHM)
{
	const char *name = ct_name(t);
	int i;

	for (i = 0; i < 12; i++)
		lives_once(t, ct_random(t) % 2 ? &sem_kind : &shm_kind, name);
	lives_once(t, &sem_kind, name);
	lives_once(t, &shm_kind, name);
}

CT_CASE(gen_system, .id = "gen.platform.names-itself", .req = "GEN-019",
	.posix = "XSH uname",
	.text = "the system has a name and a release, by which what is known "
		"of it is found",
	.needs = CT_NEED_SEM)
{
	struct utsname u;

	CT_MUST(CT_OK(uname(&u) >= 0));
	CT_CHECK(u.sysname[0] != '\0');
	CT_CHECK(u.release[0] != '\0');
	ct_note(t, "system", "%s %s %s", u.sysname, u.release, u.machine);
}
