/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests share. */
#ifndef CHECK_PIPC_H
#define CHECK_PIPC_H

#include "internal.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct timespec never = {0, 0};

/* The call gives this status, or the test says by name which came. */
#define ck_status(call, wanted)                                                \
	ck_assert_str_eq(pipc_status_name(call), pipc_status_name(wanted))

static int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
