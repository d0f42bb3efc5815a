/* SPDX-License-Identifier: BSD-3-Clause */
/* What was not checked, by cause. */
#ifndef CT_UNCHECKED_H
#define CT_UNCHECKED_H

#include "expect.h"
#include "run.h"

#include <stdio.h>

#define CT_CAUSES 64

/* what: the capability, or the case that stands alone. */
struct ct_unchecked {
	char what[64], why[400], remedy[200];
	unsigned cases;
	bool asked; /* for the remedy */
};

void ct_unchecked_add(const struct ct_result *result);
unsigned ct_unchecked_all(void); /* results, capabilities' own included */
const struct ct_unchecked *ct_unchecked_cause(unsigned i); /* NULL: no more */
void ct_unchecked_print(FILE *f);

#endif
