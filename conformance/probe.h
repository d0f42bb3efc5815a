/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two halves of the probe share: who asks, and what is asked. */
#ifndef CT_PROBE_H
#define CT_PROBE_H

#include "run.h"

/* What a child finds out; in memory that the runner sees, if it dies, too. */
struct ct__answer {
	enum ct_state state;
	int error;	   /* of a refused call */
	char call[24];	   /* the call that is under way */
	unsigned names;	   /* of objects that may exist: ct__probe_name() */
	char name[24];	   /* the last of them */
	char expected[24]; /* of a refused call */
	char why[160];
	long depth;  /* of the deepest queue that could be made */
	bool became; /* the child is another user */
	bool ended;  /* the child came to its end */
};

/* The n-th name of a child of the probe. */
void ct__probe_name(char *name, size_t size, pid_t pid, unsigned n);

/*
 * Uses a capability in the simplest way, twice, and compares what comes with
 * what must come.  Leaves the answer in *a.
 */
void ct__probe_one(const struct pipc__os *os, unsigned need,
		   struct ct__answer *a);
#endif
