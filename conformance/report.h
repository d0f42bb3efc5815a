/* SPDX-License-Identifier: BSD-3-Clause */
/* The writers: TAP or KTAP on stdout, JSON Lines in a file. */
#ifndef CT_REPORT_H
#define CT_REPORT_H

#include "expect.h"
#include "json.h"
#include "run.h"

#include <stdio.h>

struct ct_report {
	bool ktap, strict, quirks;
	bool chosen;	  /* not all cases, but some */
	const char *json; /* file name; NULL: none */
	enum ct_json_how how;
	bool resumed;		  /* goes on with an earlier log */
	const char *program;	  /* as it was called; NULL: pipc-conform */
	const char *const *words; /* options that matter to run a case again */
	const char *backend, *mutant;
	const struct ct_run_options *run;
	unsigned plan;
};

/* False when the JSON file cannot be written: a line on stderr has said so. */
bool ct_report_begin(const struct ct_report *report);
/* Before a case starts: its begin record, and progress when a person looks. */
void ct_report_starting(const struct ct_case *c, unsigned number, unsigned run);
void ct_report_case(const struct ct_result *result);
/* A result of the log that is resumed: it counts, and is not written again. */
void ct_report_earlier(const struct ct_result *result, enum ct_verdict verdict);
/* After the last; signo is what interrupted the run, or 0. */
bool ct_report_end(int signo);

/* The summary record, as the last line of stdout. */
void ct_report_last_line(int signo);

/* The exit status of the run so far. */
enum {
	CT_AS_EXPECTED = 0, /* and all that the system provides was checked */
	CT_NOT_AS_EXPECTED = 1,
	CT_UNCHECKED = 3, /* as expected, but something was not checked */
	CT_NOTHING_RAN = 77
};
int ct_report_status(void);

/* Capabilities and limits, for --probe. */
void ct_report_probe(void);

#endif
