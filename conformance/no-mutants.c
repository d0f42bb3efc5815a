/* SPDX-License-Identifier: BSD-3-Clause */
/* The installed program holds no seeded bugs. */
#include "run.h"

const struct ct_mutant *const ct_mutants[] = {NULL};
