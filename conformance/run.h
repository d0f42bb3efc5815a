/* SPDX-License-Identifier: BSD-3-Clause */
/* What the harness's files share. */
#ifndef CT_RUN_H
#define CT_RUN_H

#include "ct.h"

/* A record: the mark, a letter, text, a newline.  Anything else is garbage. */
#define CT_RECORD_MAX 512
#define CT_RECORD_MARK '\001'

/*
 * Letters: F failure, N note, R unresolved, E end (with the count of checks),
 * O about to create an object ("s NAME"; m and q for the other kinds),
 * C the harness created it and removes it, so it is no leak.
 */
void ct_record(int fd, char type, const char *format, ...) CT__PRINTF3;

enum ct_outcome {
	CT_PASS,
	CT_FAIL,
	CT_TIMEOUT,
	CT_CRASH,
	CT_LEAK,
	CT_UNSUPPORTED,
	CT_UNRESOLVED,
	CT_NOTED,
};
extern const char *const ct_outcome_names[];

struct ct_result {
	enum ct_outcome outcome;
	char messages[4096]; /* lines, each ending with a newline */
	int checks;
};

/* Runs one case in a process of its own, on a backend, and cleans up. */
void ct_run_case(const struct ct_case *c, const struct pipc__os *os,
		 struct ct_result *result);

/* Why the backend lacks one of these needs; NULL when it has them all. */
const char *ct_lacks(unsigned needs);

/* The backend with a ledger before each creation, written to records. */
const struct pipc__os *ct_ledger(const struct pipc__os *base, int records);

unsigned ct_run_token(void);

/* All cases, made from the sources; ends with NULL. */
extern const struct ct_case *const ct_cases[];

#endif
