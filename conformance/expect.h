/* SPDX-License-Identifier: BSD-3-Clause */
/* What is expected of a case on this system, and the verdict on what came. */
#ifndef CT_EXPECT_H
#define CT_EXPECT_H

#include "run.h"

/* The system that the program runs on; no member is NULL. */
struct ct_system {
	const char *os, *release, *version, *machine, *libc, *libc_version;
};
const struct ct_system *ct_system(void);

struct ct_quirk {
	const char *id, *match, *cases, *expect, *source, *note;
	bool unverified;
};

enum ct_verdict { CT_VERDICT_OK, CT_XFAIL, CT_XPASS, CT_REGRESSION };

enum ct_verdict ct_judge(const char *id, enum ct_outcome outcome,
			 bool use_quirks, const struct ct_quirk **quirk);

/* --expect GLOB=OUTCOME: overrides quirks; false when it is not that. */
bool ct_expect_add(const char *spec);

/* What makes a missing capability ("mq: mq_open: ENOSYS") appear, or NULL. */
const char *ct_remedy(const char *cause);

#endif
