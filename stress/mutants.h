/* SPDX-License-Identifier: BSD-3-Clause */
/* Seeded bugs that show that each invariant can fail. */
#ifndef ST_MUTANTS_H
#define ST_MUTANTS_H

#include "os.h"

/* A partial table; its functions reach the backend through st_below. */
struct st_mutant {
	const char *name, *text;
	const char *cell; /* one that catches it */
	struct pipc__os os;
};
extern const struct st_mutant st_mutants[]; /* ends with a NULL name */
extern const struct pipc__os *st_below;

/* The backend with the mutant over it. */
const struct pipc__os *st_mutate(const struct pipc__os *below,
				 const struct st_mutant *mutant);

#endif
