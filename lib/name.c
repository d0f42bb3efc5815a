/* SPDX-License-Identifier: BSD-3-Clause */
/* Names: checking them, and choosing unused random ones. */
#include "internal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "/p" and eleven letters: 13 bytes, within _POSIX_NAME_MAX everywhere. */
#define RANDOM_LETTERS 11
#define RANDOM_NAME_SIZE (2 + RANDOM_LETTERS + 1)
#define RANDOM_TRIES 1000

bool pipc__flags_ok(int flags, int allowed)
{
	if (flags & ~allowed)
		return false;
	return (flags & PIPC_O_CREX) != O_EXCL;
}

/* splitmix64: uniqueness is checked by O_EXCL, so this need not be secret. */
static uint64_t next_random(void)
{
	static uint64_t counter;
	struct timespec now = {0, 0}; /* where there is no clock */
	uint64_t z;

	clock_gettime(CLOCK_REALTIME, &now);
	z = (uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 30) ^
	    ((uint64_t)getpid() << 42) ^ (uint64_t)(uintptr_t)&now;
	z += ++counter * UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void random_name(char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t bits = next_random();
	int i;

	name[0] = '/';
	name[1] = 'p';
	for (i = 0; i < RANDOM_LETTERS; i++) {
		name[2 + i] = letters[bits % 36];
		bits /= 36;
	}
	name[2 + RANDOM_LETTERS] = '\0';
}

static pipc_status open_random(struct pipc__opener *opener, char **used)
{
	char *name = malloc(RANDOM_NAME_SIZE);
	int error = EEXIST, tries;

	if (name == NULL)
		return pipc__refuse(ENOMEM, PIPC_MEMORY_ERROR);
	for (tries = 0; error == EEXIST && tries < RANDOM_TRIES; tries++) {
		random_name(name);
		error = opener->open_one(opener, name);
	}
	if (error == 0) {
		*used = name;
		return PIPC_OK;
	}
	free(name);
	errno = error;
	return pipc__failed();
}

pipc_status pipc__open_named(struct pipc__opener *opener, const char *name,
			     char **used)
{
	char *copy;
	int error;

	if (name == NULL) {
		if ((opener->flags & PIPC_O_CREX) != PIPC_O_CREX)
			return pipc__refuse(EINVAL, PIPC_VALUE_ERROR);
		return open_random(opener, used);
	}
	if (strlen(name) > PIPC__NAME_MAX)
		return pipc__refuse(ENAMETOOLONG, PIPC_VALUE_ERROR);
	/* Copied first: nothing that can fail may follow a creation. */
	copy = strdup(name);
	if (copy == NULL)
		return pipc__refuse(ENOMEM, PIPC_MEMORY_ERROR);
	error = opener->open_one(opener, copy);
	if (error == 0) {
		*used = copy;
		return PIPC_OK;
	}
	free(copy);
	errno = error;
	return pipc__failed();
}
