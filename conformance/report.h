/* SPDX-License-Identifier: BSD-3-Clause */
/* The writers: TAP or KTAP on stdout, JSON Lines in a file. */
#ifndef CT_REPORT_H
#define CT_REPORT_H

#include "expect.h"
#include "run.h"

#include <stdio.h>

struct ct_report {
	bool ktap, strict, quirks;
	const char *json; /* file name; NULL: none */
	const char *backend, *mutant;
	const struct ct_run_options *run;
	unsigned plan;
};

/* False when the JSON file cannot be written: a line on stderr has said so. */
bool ct_report_begin(const struct ct_report *report);
/* Before a case starts: progress, when a person looks. */
void ct_report_starting(const struct ct_case *c, unsigned number);
void ct_report_case(const struct ct_result *result);
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

/* The cases as JSON Lines, and capabilities and limits, for --list and --probe.
 */
void ct_report_list(const struct ct_case *c);
void ct_report_probe(void);

/* A file of JSON Lines, "-" being stdout; a line on stderr when it fails. */
FILE *ct_json_open(const char *name);
bool ct_json_close(FILE *f, const char *name);

/* JSON: a string; ,"key":"text" or null; ,"system":{...}; and what is there. */
void ct_json_string(FILE *f, const char *text, size_t len);
void ct_json_pair(FILE *f, const char *key, const char *text);
void ct_json_system(FILE *f);
void ct_json_capabilities(FILE *f); /* and limits */

#endif
