/* SPDX-License-Identifier: BSD-3-Clause */
/* Seeded bugs that show that each invariant can fail. */
#include "mutants.h"

#include <string.h>

const struct pipc__os *st_below;

const struct st_mutant st_mutants[] = {
    {NULL},
};

/* The table holds nothing but pointers to functions. */
const struct pipc__os *st_mutate(const struct pipc__os *below,
				 const struct st_mutant *mutant)
{
	enum { MEMBERS = sizeof(struct pipc__os) / sizeof(void (*)(void)) };
	static struct pipc__os layered;
	void (*members[MEMBERS])(void), (*own[MEMBERS])(void);
	size_t i;

	st_below = below;
	memcpy(members, below, sizeof(members));
	memcpy(own, &mutant->os, sizeof(own));
	for (i = 0; i < MEMBERS; i++)
		if (own[i] != NULL)
			members[i] = own[i];
	memcpy(&layered, members, sizeof(layered));
	return &layered;
}
