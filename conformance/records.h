/* SPDX-License-Identifier: BSD-3-Clause */
/* The records of pipc-conform, one a line. */
#ifndef CT_RECORDS_H
#define CT_RECORDS_H

#include "report.h"

struct ct_summary {
	const unsigned *outcomes, *verdicts;
	int status;
	bool interrupted;
	long ms;
};

void ct_record_header(FILE *f, const struct ct_report *report);
void ct_record_begin(FILE *f, const struct ct_case *c, unsigned run);
void ct_record_case(FILE *f, const struct ct_result *r, enum ct_verdict verdict,
		    const struct ct_quirk *quirk);
void ct_record_summary(FILE *f, const struct ct_summary *summary);
void ct_record_listed(FILE *f, const struct ct_case *c);
void ct_record_requirement(FILE *f, const struct ct_requirement *q);

#endif
