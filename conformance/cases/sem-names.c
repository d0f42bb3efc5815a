/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of semaphores, and flags that POSIX leaves open. */
#include "sem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Creates under a name and removes it again; errno, or 0. */
static int try_name(struct ct *t, const char *name)
{
	sem_t *sem;
	int error;

	errno = 0;
	sem = t->os->sem_open(name, PIPC_O_CREX, 0600, 0);
	error = errno;
	if (sem == SEM_FAILED)
		return error != 0 ? error : -1;
	t->os->sem_close(sem);
	return t->os->sem_unlink(name) == 0 ? 0 : -2;
}

static const char *said(int error)
{
	return error == 0    ? "works"
	       : error == -1 ? "fails without an errno"
	       : error == -2 ? "is created and cannot be unlinked"
			     : ct_errno_name(error);
}

/* A name of n bytes after the slash; shorter than 12 it may be another's. */
static char *long_name(struct ct *t, size_t n)
{
	const char *begin = ct_name(t);
	char *name = malloc(n + 2);

	CT_SETUP_TRUE(name != NULL);
	memset(name, 'x', n + 1);
	memcpy(name, begin, strlen(begin) < n + 1 ? strlen(begin) : n + 1);
	name[n + 1] = '\0';
	return name;
}

CT_CASE(sem_name_forms, .id = "sem.names.without-rules",
	.req = "SEM-028 SEM-029 SEM-030 SEM-031",
	.posix = "XSH sem_open DESCRIPTION (implementation-defined)",
	.text = "names without a slash first, with more of them, empty or with "
		"dots do whatever the system says, and fail with an errno",
	.needs = CT_NEED_SEM)
{
	const char *fresh = ct_name(t);
	char inner[64], outside[64];
	const struct {
		const char *key, *name;
	} forms[] = {
	    {"no-slash", fresh + 1}, {"inner-slash", inner}, {"empty", ""},
	    {"slash", "/"},	     {"dot", "/."},	     {"dot-dot", "/.."},
	};
	size_t i;
	int came;

	snprintf(inner, sizeof(inner), "%s/x", fresh);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		came = try_name(t, forms[i].name);
		ct_note(t, forms[i].key, "%s", said(came));
		CT_CHECK(came != -1);
	}
	/* Only where it is nobody's: opened, never created. */
	snprintf(outside, sizeof(outside), "/../%s", fresh + 1);
	CT_CHECK(t->os->sem_open(outside, 0, 0, 0) == SEM_FAILED);
	ct_note(t, "outside", "%s", ct_errno_name(errno));
}

CT_CASE(sem_name_14, .id = "sem.names.of-14-bytes", .req = "SEM-033",
	.posix = "XBD <limits.h> _POSIX_NAME_MAX; XSH sem_open [ENAMETOOLONG]",
	.text = "names of 1 to 14 bytes after the slash are accepted",
	.needs = CT_NEED_SEM)
{
	char *name;
	sem_t *sem;
	int error;
	size_t n;

	for (n = 1; n < 12; n++) { /* not made: it may be another's */
		name = long_name(t, n);
		sem = t->os->sem_open(name, 0, 0, 0);
		error = sem == SEM_FAILED ? errno : 0;
		CT_CHECK(error != ENAMETOOLONG);
		if (sem != SEM_FAILED)
			CT_OK(t->os->sem_close(sem) == 0);
		free(name);
	}
	for (; n <= 14; n++) {
		name = long_name(t, n);
		CT_EQUAL(strlen(name), n + 1);
		CT_EQUAL(try_name(t, name), 0);
		free(name);
	}
}

/* Not a name, or one of nothing. */
static bool too_long(int error)
{
	return error == ENAMETOOLONG || error == EINVAL || error == ENOENT;
}

CT_CASE(sem_name_longest, .id = "sem.names.longest",
	.req = "SEM-032 SEM-034 SEM-103 SEM-112",
	.posix = "XSH sem_open, sem_unlink ERRORS [ENAMETOOLONG] (may)",
	.text = "a name that is too long is ENAMETOOLONG and never another's; "
		"one that can be opened can be unlinked",
	.needs = CT_NEED_SEM)
{
	size_t low = 14, high = 4096, middle;
	char *name, *longer;
	sem_t *sem;
	int came;

	while (low + 1 < high) {
		middle = (low + high) / 2;
		name = long_name(t, middle);
		came = try_name(t, name);
		free(name);
		if (came != 0 && !too_long(came))
			ct_refused(t, "sem_open()", came);
		CT_CHECK(came == 0 || too_long(came));
		if (came == 0)
			low = middle;
		else
			high = middle;
	}
	ct_note(t, "longest", "%zu", low);
	name = long_name(t, low);
	longer = malloc(low + 10);
	CT_SETUP_TRUE(longer != NULL);
	snprintf(longer, low + 10, "%sxyz", name);
	SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 7);
	came = t->os->sem_open(longer, 0, 0, 0) == SEM_FAILED ? errno : 0;
	CT_CHECK(too_long(came));
	ct_note(t, "too-long", "%s", ct_errno_name(came));
	came = t->os->sem_unlink(longer) != 0 ? errno : 0;
	CT_CHECK(too_long(came));
	ct_note(t, "unlink-too-long", "%s", ct_errno_name(came));
	CT_EQUAL(ct_value(t, sem), 7);
	CT_OK(t->os->sem_unlink(name) == 0);
	SEM_CLOSE(sem);
	free(name);
	free(longer);
}

CT_CASE(sem_name_differ, .id = "sem.names.one-byte-apart", .req = "SEM-035",
	.posix = "XSH sem_open DESCRIPTION O_EXCL (the name exists)",
	.text = "names that differ in case or in the last byte are different",
	.needs = CT_NEED_SEM)
{
	const char *fresh = ct_name(t);
	char names[4][16];
	sem_t *sem[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		snprintf(names[i], sizeof(names[i]), "%s", fresh);
		names[i][1] = "dDde"[i];
		names[i][strlen(fresh) - 1] = "xxyx"[i];
		SEM_OPEN(sem[i], names[i], PIPC_O_CREX, 0600, (unsigned)i);
	}
	for (i = 0; i < 4; i++)
		CT_EQUAL(ct_value(t, sem[i]), i);
	for (i = 0; i < 4; i++) {
		CT_OK(t->os->sem_unlink(names[i]) == 0);
		SEM_CLOSE(sem[i]);
	}
}

CT_CASE(sem_name_kinds, .id = "sem.names.shared-with-other-kinds",
	.req = "SEM-036", .posix = "XSH sem_open, shm_open (unspecified)",
	.text = "whether a semaphore and shared memory can have one name is "
		"recorded; the semaphore is not harmed",
	.needs = CT_NEED_SEM | CT_NEED_SHM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name);
	int fd = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);

	ct_note(t, "shm", "%s", fd >= 0 ? "apart" : ct_errno_name(errno));
	if (fd >= 0) {
		CT_OK(t->os->ftruncate(fd, 64) == 0);
		CT_OK(t->os->shm_unlink(name) == 0);
		CT_OK(t->os->close(fd) == 0);
	}
	CT_EQUAL(ct_value(t, sem), 3);
	CT_OK(t->os->sem_unlink(name) == 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_open_open_flags, .id = "sem.open.undefined-flags",
	.req = "SEM-011 SEM-012",
	.posix = "XSH sem_open DESCRIPTION (undefined; unspecified)",
	.text = "O_EXCL without O_CREAT, and other flags, are survived",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name), *came;
	const int flags[] = {O_RDWR, O_TRUNC, O_RDWR | O_TRUNC};
	const char *keys[] = {"rdwr", "trunc", "rdwr-trunc"};

	CT_UNDEFINED (t, "excl") {
		came = t->os->sem_open(name, O_EXCL, 0600, 0);
		ct_note(t, "excl-came", "%s",
			came != SEM_FAILED ? "opens" : ct_errno_name(errno));
	}
	for (size_t i = 0; i < 3; i++)
		CT_UNDEFINED (t, keys[i]) {
			came = t->os->sem_open(name, flags[i], 0600, 0);
			ct_note(t, "flags-came", "%s",
				came != SEM_FAILED ? "opens"
						   : ct_errno_name(errno));
		}
	SEM_CLOSE(sem);
}

CT_CASE(sem_open_wild, .id = "sem.open.invalid-pointer", .req = "SEM-037",
	.posix = "XSH 2.1 (undefined behaviour)",
	.text = "a name that is no pointer is survived", .needs = CT_NEED_SEM)
{
	CT_UNDEFINED (t, "null") {
		/* Hidden from the compiler, which knows better. */
		const char *volatile nothing = NULL;
		sem_t *came = ct_untraced(t)->sem_open(nothing, 0, 0, 0);

		ct_note(t, "null-came", "%s",
			came != SEM_FAILED ? "opens" : ct_errno_name(errno));
	}
	CT_UNDEFINED (t, "wild") {
		const char *volatile wild = (const char *)8;
		sem_t *came = ct_untraced(t)->sem_open(wild, 0, 0, 0);

		ct_note(t, "wild-came", "%s",
			came != SEM_FAILED ? "opens" : ct_errno_name(errno));
	}
}

CT_CASE(sem_open_limit, .id = "sem.open.limit", .req = "SEM-025",
	.posix = "XSH sem_open ERRORS [EMFILE] [ENFILE] [ENOMEM] [ENOSPC]",
	.text = "a limit that is met is told by its errno, and semaphores that "
		"are open still work",
	.needs = CT_NEED_SEM)
{
	enum { MANY = 240 };
	static sem_t *sem[MANY];
	static char names[MANY][16];
	unsigned n = 0, i;
	int error = 0;

	while (n < MANY && error == 0) {
		strcpy(names[n], ct_name(t));
		sem[n] = t->os->sem_open(names[n], PIPC_O_CREX, 0600, n);
		if (sem[n] == SEM_FAILED)
			error = errno;
		else
			n++;
	}
	if (error == 0) {
		ct_note(t, "limit", "above %d", MANY);
	} else {
		ct_note(t, "limit", "%u: %s", n, ct_errno_name(error));
		CT_CHECK(error == EMFILE || error == ENFILE ||
			 error == ENOMEM || error == ENOSPC);
	}
	for (i = 0; i < n; i++) {
		CT_EQUAL(ct_value(t, sem[i]), i);
		CT_OK(t->os->sem_unlink(names[i]) == 0);
		SEM_CLOSE(sem[i]);
	}
}
