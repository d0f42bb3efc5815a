/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line: GNU style long options, without getopt_long(). */
#ifndef CT_OPTIONS_H
#define CT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One option: exactly one of flag, text, and take is set. */
struct ct_option {
	const char *name;  /* "--run"; "-j" too */
	const char *value; /* "GLOB"; NULL: takes none; "[=X]": may */
	const char *help;
	bool *flag;
	const char **text;
	bool (*take)(const char *value); /* false: it has told why not */
};

/*
 * Reads the arguments.  False when one is bad: a line on stderr has named it,
 * and the nearest option if one is near.
 */
bool ct_options(const struct ct_option *options, int argc, char **argv);

/* The --help text. */
void ct_options_help(const struct ct_option *options);

/* The candidate nearest to a word; NULL when none is near. */
const char *ct_nearest(const char *word, const char *(*candidate)(size_t i));

/* Who speaks: "pipc-conform" unless changed. */
extern const char *ct_program_name;

/* One line on stderr: "pipc-conform: WHAT 'WORD'", and "did you mean". */
void ct_bad(const char *what, const char *word, const char *nearest);

/* A whole number from 1 up to most; false when it is none. */
bool ct_number(const char *text, unsigned long long most,
	       unsigned long long *number);

/*
 * The next line of a file, with its newline if it has one, in memory that
 * grows: its length, as it may hold any bytes, or -1 at the end.
 */
long ct_line(FILE *f, char **line, size_t *size);

#endif
