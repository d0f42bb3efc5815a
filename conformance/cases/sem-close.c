/* SPDX-License-Identifier: BSD-3-Clause */
/* Handles: closing, inheriting, and what outlives them. */
#include "sem.h"

CT_CASE(sem_close_keeps, .id = "sem.close.keeps-semaphore",
	.req = "SEM-086 SEM-087", .posix = "XSH sem_close (no effect)",
	.text = "closing succeeds; the semaphore and its value stay and can be "
		"opened again",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name);

	SEM_WAIT(sem);
	SEM_CLOSE(sem);
	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 2);
	SEM_POST(sem);
	SEM_CLOSE(sem);
	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 3);
	SEM_CLOSE(sem);
}

CT_CASE(sem_close_child, .id = "sem.close.in-child", .req = "SEM-089",
	.posix = "XSH sem_close (the calling process); XSH fork",
	.text = "closing in a child leaves the parent's handle alone",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		SEM_CLOSE(sem);
	}
	ct_join(t, p);
	SEM_WAIT(sem);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_close_parent, .id = "sem.close.in-parent", .req = "SEM-116",
	.posix = "XSH sem_close (the calling process); XSH fork",
	.text = "closing in the parent leaves the handle of a child alone, "
		"which may even be blocked",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		SEM_WAIT(sem);
		SEM_POST(sem);
		SEM_POST(sem);
	}
	ct_await_blocked(t, p);
	SEM_CLOSE(sem);
	CT_CHECK(ct_still_blocked(t, p));
	SEM_OPEN(sem, name, 0, 0, 0);
	SEM_POST(sem);
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 2);
	SEM_CLOSE(sem);
}

CT_CASE(sem_inherited, .id = "sem.fork.inherited", .req = "SEM-102",
	.posix = "XSH fork (shall also be open in the child)",
	.text = "a handle works in a child, and in its child, on the same "
		"semaphore",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 2, NULL);
	struct ct_peer *p, *q;

	CT_PEER (t, p) {
		CT_OK(t->os->sem_trywait(sem) == 0);
		CT_PEER (t, q) {
			CT_OK(t->os->sem_trywait(sem) == 0);
			CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
			SEM_POST(sem);
		}
		ct_join(t, q);
		CT_OK(t->os->sem_trywait(sem) == 0);
		SEM_CLOSE(sem);
	}
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_persists, .id = "sem.persists-without-users", .req = "SEM-088",
	.posix = "XSH sem_close; XSH _exit (as if by sem_close)",
	.text = "name and value stay when no process has it open any more, "
		"however its users ended",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	sem_t *sem;

	CT_PEER (t, p) {
		SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 5);
		SEM_WAIT(sem);
	}
	ct_join(t, p);
	CT_PEER (t, p) {
		SEM_OPEN(sem, name, 0, 0, 0);
		SEM_POST(sem);
		SEM_POST(sem);
		ct_tell_parent(t);
		ct_await_parent(t);
	}
	ct_await(t, p);
	ct_kill(t, p);
	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 6);
	SEM_CLOSE(sem);
	CT_OK(t->os->sem_unlink(name) == 0);
}

CT_CASE(sem_open_twice, .id = "sem.open.twice", .req = "SEM-016",
	.posix = "XSH sem_open (the same address: 2008, 2017; either: 2024)",
	.text = "two openings in one process give the same or another address, "
		"and act on one semaphore",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *a = ct_sem(t, 0, &name), *b;

	SEM_OPEN(b, name, O_CREAT, 0600, 4);
	ct_note(t, "second-address", a == b ? "same" : "distinct");
	if (a != b && t->os->sysconf(_SC_VERSION) < 202405L)
		ct_remark(t, "POSIX.1-2017 wants the same address");
	SEM_POST(a);
	CT_OK(t->os->sem_trywait(b) == 0);
	SEM_POST(b);
	CT_OK(t->os->sem_trywait(a) == 0);
	CT_EQUAL(ct_value(t, a), 0);
	SEM_CLOSE(b);
	if (a != b)
		SEM_CLOSE(a);
	else
		t->os->sem_close(a);
}

/* Distinct handles must work on; for equal addresses POSIX is of two minds. */
CT_CASE(sem_close_counted, .id = "sem.close.counted", .req = "SEM-017",
	.posix = "XSH sem_close; XSH sem_open (has not been matched)",
	.text = "after n openings and n-1 closings the remaining handle works, "
		"or, where all are the same address, may be gone",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *a = ct_sem(t, 1, &name), *b, *c;
	bool *works = ct_shared(t, sizeof(*works));
	bool same;

	SEM_OPEN(b, name, 0, 0, 0);
	SEM_OPEN(c, name, 0, 0, 0);
	same = a == b || a == c;
	CT_UNDEFINED (t, "remaining-handle") {
		SEM_CLOSE(b);
		SEM_CLOSE(c);
		*works = t->os->sem_trywait(a) == 0 && t->os->sem_post(a) == 0;
	}
	ct_note(t, "remaining-handle-works", *works ? "yes" : "no");
	if (!same)
		CT_CHECK(*works);
	CT_EQUAL(ct_value(t, a), 1); /* the child's closings are its own */
	SEM_CLOSE(c);
	if (!same) {
		SEM_CLOSE(b);
		SEM_CLOSE(a);
	}
}

CT_PROGRAM(sem_after_exec)
{
	sem_t *sem;

	SEM_OPEN(sem, arg, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_POST(sem);
	SEM_CLOSE(sem);
}

CT_CASE(sem_exec, .id = "sem.exec.by-name", .req = "SEM-027 SEM-101",
	.posix = "XSH exec (as if by sem_close); XSH sem_open (name)",
	.text = "a program started by exec reaches by name what its process "
		"had open before, with its state",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 2, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		SEM_WAIT(sem);
		ct_exec(t, "sem_after_exec", name);
	}
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 2);
	SEM_CLOSE(sem);
}

CT_CASE(sem_close_many, .id = "sem.close.gives-back", .req = "SEM-018 SEM-127",
	.posix = "XSH sem_close (shall deallocate)",
	.text = "opening and closing a thousand times uses nothing up",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name);
	int before = open("/", O_RDONLY), after, i;

	close(before);
	SEM_CLOSE(sem);
	for (i = 0; i < 1000; i++) {
		SEM_OPEN(sem, name, i % 2 ? O_CREAT : 0, 0600, 0);
		SEM_CLOSE(sem);
	}
	/* The lowest free descriptor is where it was: none was kept. */
	after = open("/", O_RDONLY);
	close(after);
	CT_EQUAL(after, before);
	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}
