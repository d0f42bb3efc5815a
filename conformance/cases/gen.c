/* SPDX-License-Identifier: BSD-3-Clause */
/* What holds for all kinds of objects: constants, statuses, features. */
#include "ct.h"

#include <stdio.h>
#include <string.h>

CT_CASE(gen_constants, .id = "gen.constants.flags", .req = "GEN-001",
	.posix = "XBD <fcntl.h> (bitwise-distinct)",
	.text = "the flags of open are distinct bits, O_CREX two of them, and "
		"can be ORed together",
	.needs = CT_NEED_SHM)
{
	pipc_shm *shm = ct_pipc_shm(t, 3), *second = NULL;
	size_t size = 3;

	CT_EQUAL(PIPC_O_CREX, PIPC_O_CREAT | PIPC_O_EXCL);
	CT_CHECK(PIPC_O_CREAT != 0 && PIPC_O_EXCL != 0 && PIPC_O_TRUNC != 0);
	CT_EQUAL(PIPC_O_CREAT & PIPC_O_EXCL, 0);
	CT_EQUAL(PIPC_O_CREAT & PIPC_O_TRUNC, 0);
	CT_EQUAL(PIPC_O_EXCL & PIPC_O_TRUNC, 0);
	CT_EQUAL(PIPC_O_CREX & O_ACCMODE, 0);
	CT_EXPECT(pipc_shm_open(&second, pipc_shm_name(shm),
				PIPC_O_CREX | PIPC_O_TRUNC, 0600, 0, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_open(&second, pipc_shm_name(shm),
				PIPC_O_CREAT | PIPC_O_EXCL, 0600, 0, false),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_shm_size(shm, &size), PIPC_OK);
	CT_EQUAL(size, 3);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}

CT_CASE(gen_version, .id = "gen.constants.version", .req = "GEN-004",
	.posix = "the specification, VERSION",
	.text = "the header and the library, which serves, are of one version",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 0);

	pipc_sem_close(sem);
	pipc_sem_free(sem);
	CT_CHECK(strcmp(pipc_version(), PIPC_VERSION) == 0);
}

CT_CASE(gen_status_names, .id = "gen.status.names", .req = "GEN-002",
	.posix = "the specification, exceptions",
	.text = "statuses are distinct, named, and none of them is success; "
		"a bad argument is a value error",
	.needs = CT_NEED_SHM)
{
	static const pipc_status all[] = {
	    PIPC_SIGNAL_ERROR, PIPC_PERMISSIONS_ERROR, PIPC_EXISTENTIAL_ERROR,
	    PIPC_BUSY_ERROR,   PIPC_VALUE_ERROR,       PIPC_UNSUPPORTED_ERROR,
	    PIPC_MEMORY_ERROR, PIPC_OS_ERROR};
	pipc_shm *shm = NULL;
	size_t i, j;

	CT_EXPECT(pipc_shm_open(&shm, NULL, 0, 0600, 0, false),
		  PIPC_VALUE_ERROR);
	CT_CHECK(shm == NULL);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		CT_CHECK(all[i] != PIPC_OK);
		CT_CHECK(strncmp(pipc_status_name(all[i]), "PIPC_", 5) == 0);
		for (j = 0; j < i; j++)
			CT_CHECK(strcmp(pipc_status_name(all[i]),
					pipc_status_name(all[j])) != 0);
	}
}

CT_CASE(gen_status_sem, .id = "gen.status.of-semaphore-calls",
	.req = "GEN-003 GEN-002", .posix = "the specification, exceptions",
	.text = "ENOENT and EEXIST are existential, EAGAIN and ETIMEDOUT busy, "
		"EINVAL a value error",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 0), *other = NULL;
	const char *name = pipc_sem_name(sem);

	CT_EXPECT(pipc_sem_open(&other, ct_name(t), 0, 0, 0),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_sem_open(&other, name, PIPC_O_CREX, 0600, 0),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_sem_open(&other, name, -1, 0600, 0), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(-1)), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_unlink_semaphore(ct_name(t)), PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(other == NULL);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
}

CT_CASE(gen_status_signal, .id = "gen.status.of-interrupted-calls",
	.req = "GEN-003", .posix = "the specification, SignalError",
	.text = "a wait that a signal interrupts is a signal error",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 0);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_catch(t, SIGUSR1);
		ct_tell_parent(t);
		CT_EXPECT(pipc_sem_acquire(sem, NULL), PIPC_SIGNAL_ERROR);
		CT_EQUAL(ct_caught(SIGUSR1), 1);
	}
	if (ct_await_blocked(t, p))
		kill(ct_pid(p), SIGUSR1);
	ct_join(t, p);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
}

CT_CASE(gen_status_mq, .id = "gen.status.of-queue-calls", .req = "GEN-003",
	.posix = "the specification, exceptions",
	.text = "a second notification request is busy, as a full and an empty "
		"queue are",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct pipc_notification wanted = {.signo = SIGUSR1};
	pipc_mq *mq = ct_pipc_mq(t, 1, 16);
	size_t len = 16;
	char buf[16];

	CT_EXPECT(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(0), NULL),
		  PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_OK);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_mq_request_notification(mq, NULL), PIPC_OK);
	CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	CT_EXPECT(pipc_mq_send(mq, "a", 1, PIPC_SECONDS(0), 0),
		  PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_unlink_message_queue(ct_name(t)),
		  PIPC_EXISTENTIAL_ERROR);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

CT_CASE(gen_status_permissions, .id = "gen.status.of-others-objects",
	.req = "GEN-003", .posix = "the specification, PermissionsError",
	.text = "what the permissions forbid is a permissions error",
	.needs = CT_NEED_SEM | CT_NEED_SHM | CT_NEED_UIDS)
{
	pipc_sem *sem = ct_pipc_sem(t, 0), *sem2;
	pipc_shm *shm = ct_pipc_shm(t, 1), *shm2;
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		CT_EXPECT(pipc_sem_open(&sem2, pipc_sem_name(sem), 0, 0, 0),
			  PIPC_PERMISSIONS_ERROR);
		CT_EXPECT(
		    pipc_shm_open(&shm2, pipc_shm_name(shm), 0, 0, 0, false),
		    PIPC_PERMISSIONS_ERROR);
	}
	ct_join(t, p);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}

CT_CASE(gen_named, .id = "gen.names.none-is-a-name-all-the-same",
	.req = "GEN-012", .posix = "the specification, unnamed semaphores",
	.text = "a semaphore opened with no name has one, by which another "
		"process reaches it",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 0);
	struct ct_peer *p;

	CT_REQUIRE(pipc_sem_name(sem) != NULL);
	CT_CHECK(pipc_sem_name(sem)[0] == '/');
	CT_PEER (t, p) {
		pipc_sem *same = NULL;

		CT_EXPECT(pipc_sem_open(&same, pipc_sem_name(sem), 0, 0, 0),
			  PIPC_OK);
		CT_EXPECT(pipc_sem_release(same), PIPC_OK);
	}
	ct_join(t, p);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_EXISTENTIAL_ERROR);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
}

/* A status that says "not on this system" rather than what came of the call. */
static bool works(pipc_status status)
{
	return status != PIPC_UNSUPPORTED_ERROR;
}

static bool sem_works(void)
{
	pipc_sem *sem;
	pipc_status status = pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0);

	if (status == PIPC_OK) {
		pipc_sem_unlink(sem);
		pipc_sem_close(sem);
		pipc_sem_free(sem);
	}
	return works(status);
}

static bool shm_works(void)
{
	pipc_shm *shm;
	pipc_status status =
	    pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false);

	if (status == PIPC_OK) {
		pipc_shm_unlink(shm);
		pipc_shm_close_fd(shm);
		pipc_shm_free(shm);
	}
	return works(status);
}

CT_CASE(gen_features, .id = "gen.platform.features",
	.req = "GEN-006 GEN-007 GEN-008 GEN-009 GEN-010 GEN-014",
	.posix = "the specification, platform notes; XBD <unistd.h>",
	.text = "a system has every feature, or tells by ENOSYS which it lacks")
{
	const struct pipc_limits *l = pipc_limits();
	const struct {
		const char *name;
		bool there;
	} features[] = {
	    {"semaphores", sem_works()},
	    {"semaphore-timeout", l->semaphore_timeout_supported},
	    {"semaphore-value", l->semaphore_value_supported},
	    {"shared-memory", shm_works()},
	    {"message-queues", l->message_queues_supported},
	    {"page-size", l->page_size > 0},
	};
	long page = t->os->sysconf(_SC_PAGESIZE);
	char missing[120] = "";
	size_t i, n;

	CT_EQUAL(l->page_size, page > 0 ? page : 0);
	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		n = strlen(missing);
		if (!features[i].there)
			snprintf(missing + n, sizeof(missing) - n, " %s",
				 features[i].name);
	}
	/* What needs semaphores is there only where they are. */
	CT_CHECK(features[0].there || !l->semaphore_timeout_supported);
	CT_CHECK(features[0].there || !l->semaphore_value_supported);
	if (missing[0] != '\0' && t->os->sysconf(_SC_VERSION) >= 200809L &&
	    strstr(missing, "semaphore") != NULL)
		ct_remark(t, "this system claims POSIX.1-2008 or later, which "
			     "makes semaphores mandatory");
	if (missing[0] != '\0')
		ct_unsupported(t, "no%s", missing);
}

CT_CASE(gen_options, .id = "gen.platform.options", .req = "GEN-021",
	.posix = "XBD <unistd.h>; XSH sysconf",
	.text = "the version and the options claimed are -1, or a version")
{
	static const struct {
		const char *key;
		int name;
	} options[] = {
	    {"version", _SC_VERSION},
	    {"semaphores", _SC_SEMAPHORES},
	    {"shared-memory-objects", _SC_SHARED_MEMORY_OBJECTS},
	    {"message-passing", _SC_MESSAGE_PASSING},
	    {"priority-scheduling", _SC_PRIORITY_SCHEDULING},
	    {"thread-process-shared", _SC_THREAD_PROCESS_SHARED},
	    {"clock-selection", _SC_CLOCK_SELECTION},
	    {"timeouts", _SC_TIMEOUTS},
	};
	long value;
	size_t i;

	if (t->os->sysconf(_SC_VERSION) == -1 && errno == ENOSYS)
		ct_unsupported(t, "no sysconf");
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		value = t->os->sysconf(options[i].name);
		CT_CHECK(value == -1 || value >= 198808L);
		ct_note(t, options[i].key, "%ld", value);
	}
}
