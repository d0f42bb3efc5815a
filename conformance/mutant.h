/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that a mutant may use.  A mutant is a backend with one seeded bug: it
 * names the calls that it changes, and calls ct_base for the real ones.
 *
 *	static sem_t *ignores_excl(const char *name, int flags, mode_t mode,
 *				   unsigned value)
 *	{
 *		return ct_base->sem_open(name, flags & ~O_EXCL, mode, value);
 *	}
 *
 *	CT_MUTANT(sem_open_ignores_excl, .breaks = "SEM-007",
 *		  .text = "O_EXCL is not looked at",
 *		  .os.sem_open = ignores_excl);
 */
#ifndef CT_MUTANT_H
#define CT_MUTANT_H

#include "run.h"

#define CT_MUTANT(name, ...)                                                   \
	const struct ct_mutant ct_mutant_##name = {.id = #name, __VA_ARGS__}

/* Zeroed memory that all processes share; for .init. */
void *ct_mutant_shared(size_t size);

#endif
