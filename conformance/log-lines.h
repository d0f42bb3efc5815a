/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the records of a log among the lines of a console. */
#ifndef CT_LOG_LINES_H
#define CT_LOG_LINES_H

#include "json-read.h"

/* What was left out: records that were cut, and lines that are not records. */
struct ct_log_rest {
	unsigned cut, cut_line; /* how many, and the last of them */
	unsigned others, first_other;
};

/*
 * Calls take() for each record of a file, in its order, until it is false.  The
 * last record, and the last before the header of a resumed run, may be cut;
 * any other that is damaged is an error.  False after a line on stderr that
 * names the file, and the line in it.
 */
bool ct_log_read(const char *name, struct ct_log_rest *rest,
		 bool (*take)(unsigned line, struct ct_span record));

#endif
