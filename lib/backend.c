/* SPDX-License-Identifier: BSD-3-Clause */
/* Which backend is behind the library, and the list to choose from. */
#include "internal.h"

#include <string.h>

const struct pipc__os *pipc__os = &pipc__os_system;

const struct pipc__backend pipc__backends[] = {
    {"system", "the operating system's own calls", &pipc__os_system},
#ifdef PIPC_REF
    {"ref", "the reference implementation, in user space", &pipc__os_ref},
#endif
    {"null", "a system that has nothing: ENOSYS", &pipc__os_null},
    {NULL, NULL, NULL},
};

const struct pipc__backend *pipc__backend(const char *name)
{
	const struct pipc__backend *b;

	for (b = pipc__backends; b->name != NULL; b++)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}

const struct pipc__os *pipc__use(const struct pipc__os *os)
{
	const struct pipc__os *before = pipc__os;

	pipc__os = os;
	pipc__limits_forget();
	return before;
}
