/* SPDX-License-Identifier: BSD-3-Clause */
/* Which of the red cases to look at first. */
#ifndef CT_CAUSE_H
#define CT_CAUSE_H

#include "ct.h"

#include <stdio.h>

/*
 * Made from builds-on.txt, each ending with a NULL id: the lines with the
 * numbers of those they build on, up to -1; and all cases in the order of their
 * definitions, with the number of the line that they belong to, or -1.
 */
struct ct_builds_on {
	const char *id;
	short on[8];
};
struct ct_cause_of {
	const char *id;
	short entry;
};
extern const struct ct_builds_on ct_builds_on[];
extern const struct ct_cause_of ct_cause_of[];

/* This case is red.  A case that builds-on.txt does not know is ignored. */
void ct_cause_add(const struct ct_case *self);

/*
 * A few lines that begin with "# ": the red cases that build on no other red
 * one, and how many build on each.  Nothing for a single red case.
 */
void ct_cause_print(FILE *f);

/* Forgets the red cases. */
void ct_cause_clear(void);

#endif
