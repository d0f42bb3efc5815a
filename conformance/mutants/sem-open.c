/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in opening semaphores. */
#include "mutant.h"

static sem_t *ignores_excl(const char *name, int flags, mode_t mode,
			   unsigned value)
{
	return ct_base->sem_open(name, flags & ~O_EXCL, mode, value);
}

CT_MUTANT(sem_open_ignores_excl, .breaks = "SEM-007",
	  .text = "O_EXCL is not looked at", .os.sem_open = ignores_excl);
