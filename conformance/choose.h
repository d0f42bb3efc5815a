/* SPDX-License-Identifier: BSD-3-Clause */
/* Which cases run, and in which order. */
#ifndef CT_CHOOSE_H
#define CT_CHOOSE_H

#include "run.h"

/*
 * The options of these names.  False after a line on stderr: no case matches,
 * there is no such requirement, a file cannot be read.
 */
bool ct_choose_run(const char *glob);
bool ct_choose_req(const char *id);
bool ct_choose_skip(const char *glob);
bool ct_choose_cases(const char *file);
bool ct_choose_skip_file(const char *file);
bool ct_choose_from(const char *id);

/* Is there a case that matches?  False after a line on stderr. */
bool ct_choose_matches(const char *glob);

struct ct_chosen {
	const struct ct_case **cases; /* with room for all */
	unsigned n;
};

/*
 * What these options choose, in the order of the definitions; for a list also
 * what is run on request only.  False after a line on stderr when that is none.
 */
bool ct_choose(struct ct_chosen *chosen, bool listed);

/* Were options given that choose some of the cases? */
bool ct_choose_is_part(void);

void ct_choose_shuffle(struct ct_chosen *chosen, uint64_t seed);

/* --from: leaves out the cases before it; false when it was left out itself. */
bool ct_choose_leave_out(struct ct_chosen *chosen);

/*
 * Cases of a capability that others need are run with them, if it is not
 * present: a loss is named once, before all that depends on it.
 */
void ct_choose_capabilities(struct ct_chosen *chosen);

/* On stdout: the requirements of --req, then the cases. */
void ct_choose_list(const struct ct_chosen *chosen, bool json);

#endif
