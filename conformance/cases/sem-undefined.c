/* SPDX-License-Identifier: BSD-3-Clause */
/* What POSIX leaves undefined: only that the suite survives is asked. */
#include "sem.h"

#include <string.h>

static void tell(struct ct *t, const char *key, int result)
{
	ct_note(t, key, "%s", result == 0 ? "success" : ct_errno_name(errno));
}

CT_CASE(sem_destroy_named, .id = "sem.undefined.destroy-named",
	.req = "SEM-084", .posix = "XSH sem_destroy (undefined)",
	.text = "sem_destroy of a named semaphore", .needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 1, NULL);

	CT_UNDEFINED (t, "destroy-named-child") {
		tell(t, "destroy-named", t->os->sem_destroy(sem));
	}
	SEM_CLOSE(sem);
}

CT_CASE(sem_no_semaphore, .id = "sem.undefined.no-semaphore", .req = "SEM-085",
	.posix = "XSH sem_close, sem_post [EINVAL] (may)",
	.text = "operations on what is no semaphore", .needs = CT_NEED_SEM)
{
	long *zero = ct_shared(t, 4096);
	sem_t *none = (sem_t *)(void *)zero;
	int value;

	CT_UNDEFINED (t, "none-post-child") {
		tell(t, "none-post", t->os->sem_post(none));
	}
	CT_UNDEFINED (t, "none-trywait-child") {
		tell(t, "none-trywait", t->os->sem_trywait(none));
	}
	CT_UNDEFINED (t, "none-getvalue-child") {
		tell(t, "none-getvalue", t->os->sem_getvalue(none, &value));
	}
	CT_UNDEFINED (t, "none-close-child") {
		tell(t, "none-close", t->os->sem_close(none));
	}
}

CT_CASE(sem_after_close, .id = "sem.undefined.after-close", .req = "SEM-120",
	.posix = "XSH sem_close (undefined)",
	.text = "use of a handle that was closed", .needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 1, NULL);

	CT_UNDEFINED (t, "closed-post-child") {
		SEM_CLOSE(sem);
		tell(t, "closed-post", t->os->sem_post(sem));
	}
	CT_UNDEFINED (t, "closed-close-child") {
		SEM_CLOSE(sem);
		tell(t, "closed-close", t->os->sem_close(sem));
	}
	CT_EQUAL(ct_value(t, sem) >= 1, 1);
	SEM_CLOSE(sem);
}

static void wait_for_it(struct ct *t, void *sem)
{
	ct_thread_ready(t);
	t->os->sem_wait(sem);
}

CT_CASE(sem_close_blocked, .id = "sem.undefined.close-while-blocked",
	.req = "SEM-121", .posix = "XSH sem_close (undefined)",
	.text = "closing while another thread is blocked", .needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);

	CT_UNDEFINED (t, "close-blocked-child") {
		struct ct_thread *thread = ct_thread(t, wait_for_it, sem);

		ct_thread_await_blocked(t, thread);
		tell(t, "close-blocked", t->os->sem_close(sem));
	}
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_copy, .id = "sem.undefined.copy", .req = "SEM-122",
	.posix = "XSH sem_open (copies: undefined)",
	.text = "operations on a copy of a semaphore", .needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 1, NULL);

	CT_UNDEFINED (t, "copy-child") {
		sem_t copy;

		memcpy(&copy, sem, sizeof(copy));
		tell(t, "copy-trywait", t->os->sem_trywait(&copy));
		tell(t, "copy-post", t->os->sem_post(&copy));
	}
	SEM_CLOSE(sem);
}

/* Behind the system's back: where its files are seen, they are spoilt. */
CT_CASE(sem_spoilt, .id = "sem.undefined.spoilt-file", .req = "SEM-111",
	.posix = "outside POSIX (name in the file system: unspecified)",
	.text = "opening a semaphore whose file is short, or garbage",
	.needs = CT_NEED_SEM)
{
	char path[256], garbage[64];
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name);
	int fd;

	SEM_CLOSE(sem);
	if (!sem_path(name, path))
		ct_unsupported(t, "names are not seen in the file system");
	memset(garbage, 0xa5, sizeof(garbage));
	CT_SETUP_TRUE((fd = open(path, O_RDWR)) >= 0);
	CT_SETUP_TRUE(write(fd, garbage, sizeof(garbage)) > 0);
	CT_UNDEFINED (t, "garbage-child") {
		sem = t->os->sem_open(name, O_CREAT, 0600, 1);
		tell(t, "garbage-open", sem == SEM_FAILED ? -1 : 0);
		if (sem != SEM_FAILED)
			tell(t, "garbage-trywait", t->os->sem_trywait(sem));
	}
	CT_SETUP_TRUE(ftruncate(fd, 3) == 0 && close(fd) == 0);
	CT_UNDEFINED (t, "short-child") {
		sem = t->os->sem_open(name, O_CREAT, 0600, 1);
		tell(t, "short-open", sem == SEM_FAILED ? -1 : 0);
		if (sem != SEM_FAILED)
			tell(t, "short-trywait", t->os->sem_trywait(sem));
	}
}
