/* SPDX-License-Identifier: BSD-3-Clause */
/* An earlier log that a run goes on with. */
#ifndef CT_RESUME_H
#define CT_RESUME_H

#include "report.h"

/*
 * Reads the JSON Lines of an earlier run, or the log of a console that they are
 * mixed into.  False after a line on stderr that names the file, the line and
 * what is wrong.  The log must be one of this system, backend and mutant.
 */
bool ct_resume(const char *name, const char *backend, const char *mutant);

/* Has the log a result of this run of a case?  It began, and has none? */
bool ct_resume_has(const struct ct_case *c, unsigned run);
bool ct_resume_was_cut(const struct ct_case *c, unsigned run);

/* How many cases began and have no result: each will be a CRASH. */
unsigned ct_resume_cuts(void);

/* The seed of the log; false when it has none. */
bool ct_resume_seed(uint64_t *seed);

/*
 * Says what the log has, gives all its results to ct_report_earlier(), and the
 * cases that began and have none to ct_report_case().
 */
void ct_resume_report(void);

#endif
