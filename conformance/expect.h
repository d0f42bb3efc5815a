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

/*
 * What makes a missing capability appear; cause: "mq: *ENOSYS*".  sign: one of
 * these words must hold for the remedy to be the explanation, not only advice;
 * empty: it explains nothing.
 */
struct ct_remedy {
	const char *id, *match, *cause, *sign, *text;
};

/* The capabilities that a system is known to have; names or "none". */
struct ct_provision {
	const char *id, *match, *capabilities, *source;
};

/* Made from platform-notes; each ends with a NULL id. */
extern const struct ct_quirk ct_quirks[];
extern const struct ct_remedy ct_remedies[];
extern const struct ct_provision ct_provisions[];

/* Is the system one of those that the words describe? */
bool ct_matches(const char *match, const struct ct_system *system);

/* Numbers between dots: <0, 0 or >0 as a is older, the same, or newer. */
int ct_version_order(const char *a, const char *b);

enum ct_verdict {
	CT_VERDICT_OK,
	CT_XFAIL,
	CT_XPASS,
	CT_REGRESSION,
	CT_VERDICT_ABSENT,    /* this system is not known to provide it */
	CT_VERDICT_UNCHECKED, /* it should have been checked, and was not */
	CT_VERDICTS
};
extern const char *const ct_verdict_names[];

/*
 * What this system is known to provide: --require, or else the notes.  Nothing
 * is known of a system that no note describes.
 */
bool ct_known(void);
bool ct_provided(const char *capability);
/* --require sem,shm: false after a line on stderr when it names no capability.
 */
bool ct_require(const char *list);
/* --allow-unchecked: absent and denied are not red, whatever is provided. */
void ct_allow_unchecked(void);
bool ct_unchecked_allowed(void);

/* The capability that "capability.sem-init" is about; NULL for other cases. */
const struct ct_capability *ct_capability_of_case(const char *id);

/* The verdict on a capability that is absent or denied. */
enum ct_verdict ct_judge_lack(const struct ct_capability *c);

/* Of another backend only those quirks hold that name it: backend=ref. */
void ct_judge_backend(const char *name);

/*
 * *quirk is the one that the verdict rests on, or NULL; lack is the capability
 * for want of which the case was not run, or NULL.
 */
enum ct_verdict ct_judge(const char *id, enum ct_outcome outcome,
			 const struct ct_capability *lack, bool use_quirks,
			 const struct ct_quirk **quirk);

/* Do the words describe this system and the backend under test? */
bool ct_describes(const char *match);
/* The last --expect, or a quirk: best one that expects just that outcome. */
const struct ct_quirk *ct_quirk_for(const char *id, enum ct_outcome outcome,
				    bool use_quirks);
bool ct_expects(const struct ct_quirk *q, enum ct_outcome outcome);

/* --expect GLOB=OUTCOME: overrides quirks; false when it is not that. */
bool ct_expect_add(const char *spec);

/* The remedy on this system for "mq: mq_open: ENOSYS", or NULL. */
const char *ct_remedy(const char *cause);
/* The one that explains it, for its sign holds. */
const struct ct_remedy *ct_explaining_remedy(const char *cause);

#endif
