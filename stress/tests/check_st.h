/* SPDX-License-Identifier: BSD-3-Clause */
/* What the stress suite's unit tests share. */
#include "stats.h"
#include "tests/check_time.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static inline int st_run_suite(const char *name, TCase *tc)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	/* For a hang only: a slow or busy machine is no failure.  Check
	 * multiplies it by CK_TIMEOUT_MULTIPLIER. */
	tcase_set_timeout(tc, 300);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
