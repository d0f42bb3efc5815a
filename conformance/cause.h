/* SPDX-License-Identifier: BSD-3-Clause */
/* Which of the red cases to look at first. */
#ifndef CT_CAUSE_H
#define CT_CAUSE_H

#include <stdio.h>

/*
 * Made from builds-on.txt: the cases of an id, or of the ids that begin with it
 * and a dot, build on those of the entries with these numbers (up to -1).  Ends
 * with a NULL id.
 */
struct ct_builds_on {
	const char *id;
	short on[8];
};
extern const struct ct_builds_on ct_builds_on[];

/* A case is red; ids of no case that is compiled in are ignored. */
void ct_cause_add(const char *id);

/*
 * A few lines that begin with "# ": the red cases that build on no other red
 * one, and how many build on each.  Nothing for a single red case.
 */
void ct_cause_print(FILE *f);

/* Forgets the red cases. */
void ct_cause_clear(void);

#endif
