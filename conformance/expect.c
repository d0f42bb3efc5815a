/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns outcomes into verdicts. */
#include "expect.h"

#include <fnmatch.h>
#include <string.h>
#include <sys/utsname.h>

const struct ct_system *ct_system(void)
{
	static struct utsname u;
	static struct ct_system system;

	uname(&u);
	system = (struct ct_system){u.sysname, u.release, u.version,
				    u.machine, "",	  ""};
	return &system;
}

enum ct_verdict ct_judge(const char *id, enum ct_outcome outcome,
			 bool use_quirks, const struct ct_quirk **quirk)
{
	(void)id;
	(void)use_quirks;
	*quirk = NULL;
	return outcome == CT_FAIL || outcome == CT_TIMEOUT ||
		       outcome == CT_CRASH || outcome == CT_LEAK
		   ? CT_REGRESSION
		   : CT_VERDICT_OK;
}

bool ct_expect_add(const char *spec)
{
	(void)spec;
	return false;
}

const char *ct_remedy(const char *cause)
{
	(void)cause;
	return NULL;
}
