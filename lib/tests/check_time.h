/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long a unit test may take before Check ends it.  Check counts wall-clock
 * time and its default is 4 s, which a test that needs one second of processor
 * time exceeds on a busy machine.  So the limit is far above what any test
 * needs and only ends one that hangs; PIPC_TIMEOUT_MULTIPLIER multiplies it,
 * and so does Check's own CK_TIMEOUT_MULTIPLIER.
 */
#ifndef CHECK_TIME_H
#define CHECK_TIME_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK_SECONDS 300

/* Before main(): Check reads it when a test case is created. */
__attribute__((constructor)) static void set_default_timeout(void)
{
	const char *factor = getenv("PIPC_TIMEOUT_MULTIPLIER");
	double times = factor != NULL ? atof(factor) : 1;
	char seconds[40];

	snprintf(seconds, sizeof(seconds), "%.0f",
		 CHECK_SECONDS * (times > 1 ? times : 1));
	setenv("CK_DEFAULT_TIMEOUT", seconds, 0);
}
#endif
