/* SPDX-License-Identifier: BSD-3-Clause */
/* What is expected of a case on this system, and the verdict on what came. */
#ifndef CT_EXPECT_H
#define CT_EXPECT_H

#include "run.h"

/*
 * The system that the program runs on; no member is NULL.  machine is what the
 * kernel says, arch what the program was built for.
 */
struct ct_system {
	const char *os, *release, *version, *machine, *libc, *libc_version;
	const char *arch, *abi, *compiler;
	const char *emulator; /* what stands in for a kernel or processor */
	const char *label;    /* what the one who runs it calls all this */
	const char *backend;  /* system, unless ct_judge_backend() was called */
};
const struct ct_system *ct_system(void);
void ct__identify(struct ct_system *system); /* the members from arch on */

/*
 * A known deviation.  match: "os=FreeBSD version<10.3", all words of which must
 * hold; cases: globs; expect: outcome names in lower case.
 */
struct ct_quirk {
	const char *id, *match, *cases, *expect, *source, *note;
	bool unverified; /* nobody has seen it yet */
};

/* What makes a missing capability appear; cause: "mq: *ENOSYS*". */
struct ct_remedy {
	const char *id, *match, *cause, *text;
};

/* Made from platform-notes; each ends with a NULL id. */
extern const struct ct_quirk ct_quirks[];
extern const struct ct_remedy ct_remedies[];

/* Is the system one of those that the words describe? */
bool ct_matches(const char *match, const struct ct_system *system);

/* Numbers between dots: <0, 0 or >0 as a is older, the same, or newer. */
int ct_version_order(const char *a, const char *b);

enum ct_verdict { CT_VERDICT_OK, CT_XFAIL, CT_XPASS, CT_REGRESSION };

/* Of another backend only those quirks hold that name it: backend=ref. */
void ct_judge_backend(const char *name);

/* *quirk is the one that the verdict rests on, or NULL. */
enum ct_verdict ct_judge(const char *id, enum ct_outcome outcome,
			 bool use_quirks, const struct ct_quirk **quirk);

/* --expect GLOB=OUTCOME: overrides quirks; false when it is not that. */
bool ct_expect_add(const char *spec);

/* The remedy on this system for "mq: mq_open: ENOSYS", or NULL. */
const char *ct_remedy(const char *cause);

#endif
