/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of shared memory objects. */
#include "shm.h"

#include <limits.h>
#include <stdio.h>

/* "/" and this run's name at the start of a long one of n bytes. */
static void long_name(struct ct *t, char *name, size_t n)
{
	const char *unique = ct_name(t);

	memset(name, 'n', n);
	memcpy(name, unique, strlen(unique));
	name[n] = '\0';
}

/*
 * Creates, if the system has such names.  Then the name is one like others, to
 * be opened, taken and removed.  Returns 0 or the error.
 */
static int try_name(struct ct *t, const char *name)
{
	int fd = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
	int error = errno;

	if (fd < 0)
		return error;
	CT_ERRNO(t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600) == -1,
		 EEXIST);
	CT_EQUAL(shm_exists(t, name), 1);
	SHM_UNLINK(name);
	CT_ERRNO(t->os->shm_open(name, O_RDWR, 0) == -1, ENOENT);
	SHM_CLOSE(fd);
	return 0;
}

static void note_name(struct ct *t, const char *key, int error)
{
	ct_note(t, key, "%s", error == 0 ? "allowed" : ct_errno_name(error));
}

CT_CASE(shm_odd_names, .id = "shm.name.odd-bytes", .req = "SHM-035",
	.posix = "XSH shm_open ERRORS [EINVAL]",
	.text = "names of spaces, control and other bytes are names like any, "
		"or refused with EINVAL",
	.needs = CT_NEED_SHM)
{
	static const struct {
		const char *key, *bytes;
	} odd[] = {
	    {"space", " "},	      {"control", "\001\177\t"},
	    {"utf-8", "\303\244"},    {"not-utf-8", "\377\376"},
	    {"backslash", "\\"},      {"percent", "%s%n"},
	    {"metacharacters", "*?"}, {"colon", ":"},
	};
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		int error;

		snprintf(name, sizeof(name), "%s%s", ct_name(t), odd[i].bytes);
		error = try_name(t, name);
		if (error != 0)
			CT_EQUAL(error, EINVAL);
		note_name(t, odd[i].key, error);
	}
}

CT_CASE(shm_long_names, .id = "shm.name.too-long", .req = "SHM-036",
	.posix = "XSH shm_open ERRORS (may) [ENAMETOOLONG]",
	.text = "a name that is too long is refused with ENAMETOOLONG; two "
		"that differ in their last byte are never one",
	.needs = CT_NEED_SHM)
{
	static const size_t lengths[] = {31, 255, 256, 257, 1024, 4200};
	char name[4300], twin[4300];
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int fd, error;

		long_name(t, name, lengths[i]);
		strcpy(twin, name);
		twin[lengths[i] - 1] = 't';
		fd = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
		error = errno;
		if (fd < 0) {
			CT_CHECK(error == ENAMETOOLONG || error == EINVAL);
			continue;
		}
		CT_EQUAL(shm_exists(t, twin), 0);
		CT_EQUAL(try_name(t, twin), 0);
		CT_EQUAL(shm_exists(t, name), 1);
		SHM_UNLINK(name);
		SHM_CLOSE(fd);
	}
}

CT_CASE(shm_longest, .id = "shm.name.longest", .req = "SHM-037 SHM-091",
	.posix = "XSH shm_open DESCRIPTION, shm_unlink ERRORS",
	.text = "the longest name is recorded; what could be opened can be "
		"unlinked, however long",
	.needs = CT_NEED_SHM)
{
	char name[1025];
	size_t n, longest = 0;

	for (n = 14; n < sizeof(name) - 1; n++) {
		int fd;

		long_name(t, name, n);
		fd = t->os->shm_open(name, O_RDWR | PIPC_O_CREX, 0600);
		if (fd < 0)
			break;
		longest = n;
		SHM_CLOSE(fd);
		CT_MUST(SHM_UNLINK(name));
		CT_MUST(CT_EQUAL(shm_exists(t, name), 0));
	}
	CT_CHECK(longest >= 14);
	ct_note(t, "longest-name", "%zu bytes with the slash", longest);
}

CT_CASE(shm_name_rules, .id = "shm.name.rules", .req = "SHM-038",
	.posix = "XSH shm_open DESCRIPTION, names are implementation-defined",
	.text = "what becomes of names that do not begin with their only "
		"slash is recorded; none crashes",
	.needs = CT_NEED_SHM)
{
	const char *plain = ct_name(t) + 1;
	char name[64];

	note_name(t, "empty", try_name(t, ""));
	note_name(t, "slash", try_name(t, "/"));
	note_name(t, "dot", try_name(t, "/."));
	note_name(t, "dot-dot", try_name(t, "/.."));
	note_name(t, "no-slash", try_name(t, plain));
	snprintf(name, sizeof(name), "//%s", plain);
	note_name(t, "two-slashes", try_name(t, name));
	snprintf(name, sizeof(name), "/%s/x", plain);
	note_name(t, "inner-slash", try_name(t, name));
	snprintf(name, sizeof(name), "/../%s", plain);
	note_name(t, "outside", try_name(t, name));
	snprintf(name, sizeof(name), "%s/", ct_name(t));
	note_name(t, "final-slash", try_name(t, name));
}

CT_CASE(shm_unlink_long, .id = "shm.unlink.too-long", .req = "SHM-075",
	.posix = "XSH shm_unlink ERRORS (may) [ENAMETOOLONG], [ENOENT]",
	.text = "no name is too long to be refused: ENAMETOOLONG, or as one "
		"that does not exist",
	.needs = CT_NEED_SHM)
{
	static const size_t lengths[] = {100, 300, 4200};
	char name[4300];
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int error;

		long_name(t, name, lengths[i]);
		CT_CHECK(t->os->shm_unlink(name) == -1);
		t->os->shm_unlink(name);
		error = errno;
		CT_CHECK(error == ENAMETOOLONG || error == ENOENT ||
			 error == EINVAL);
		ct_note(t, "unlink", "%zu bytes: %s", lengths[i],
			ct_errno_name(error));
	}
}
