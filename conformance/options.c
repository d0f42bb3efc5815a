/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line, and what is said of a bad one. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 80

/* How many letters must be changed, added or left out (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LONGEST + 1], up, left, diagonal;
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			up = row[j] + 1;
			left = row[j - 1] + 1;
			diagonal += a[i - 1] != b[j - 1];
			if (up > left)
				up = left;
			if (up > diagonal)
				up = diagonal;
			diagonal = row[j];
			row[j] = up;
		}
	}
	return row[lb];
}

const char *ct_nearest(const char *word, const char *(*candidate)(size_t i))
{
	const char *best = NULL, *one;
	unsigned least = (unsigned)strlen(word) / 3 + 2, d;
	size_t i;

	for (i = 0; (one = candidate(i)) != NULL; i++) {
		d = distance(word, one);
		if (d < least) {
			least = d;
			best = one;
		}
	}
	return best;
}

const char *ct_program_name = "pipc-conform";

void ct_bad(const char *what, const char *word, const char *nearest)
{
	fprintf(stderr, "%s: %s '%s'", ct_program_name, what, word);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean '%s'?", nearest);
	fputc('\n', stderr);
}

bool ct_number(const char *text, unsigned long long most,
	       unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	       *number <= most;
}

static const struct ct_option *all;

static const char *option_name(size_t i)
{
	return all[i].name;
}

static bool optional(const struct ct_option *o)
{
	return o->value != NULL && o->value[0] == '[';
}

static bool apply(const struct ct_option *o, const char *value)
{
	if (o->flag != NULL)
		*o->flag = true;
	if (o->text != NULL)
		*o->text = value;
	return o->take == NULL || o->take(value);
}

/* The option that the argument names, and its "=value" or "-jN" value. */
static const struct ct_option *find(const char *argument, const char **value)
{
	const struct ct_option *o;
	size_t n;

	*value = NULL;
	for (o = all; o->name != NULL; o++) {
		n = strlen(o->name);
		if (strncmp(argument, o->name, n) != 0)
			continue;
		if (argument[n] == '\0')
			return o;
		if (argument[n] == '=' || o->name[1] != '-') {
			*value = argument + n + (argument[n] == '=');
			return o;
		}
	}
	return NULL;
}

static bool unknown(const char *argument)
{
	char word[LONGEST];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(argument, "="),
		 argument);
	ct_bad("unknown option", argument, ct_nearest(word, option_name));
	return false;
}

bool ct_options(const struct ct_option *options, int argc, char **argv)
{
	const struct ct_option *o;
	const char *value;
	int i;

	all = options;
	for (i = 1; i < argc; i++) {
		o = find(argv[i], &value);
		if (o == NULL)
			return unknown(argv[i]);
		if (o->value == NULL && value != NULL) {
			ct_bad("option takes no value", argv[i], NULL);
			return false;
		}
		if (o->value != NULL && value == NULL && !optional(o)) {
			if (i + 1 == argc) {
				ct_bad("no value for option", argv[i], NULL);
				return false;
			}
			value = argv[++i];
		}
		if (!apply(o, value))
			return false;
	}
	return true;
}

void ct_options_help(const struct ct_option *options)
{
	const struct ct_option *o;
	char left[40];

	for (o = options; o->name != NULL; o++) {
		if (o->help == NULL)
			continue;
		snprintf(left, sizeof(left), "%s%s%s", o->name,
			 o->value == NULL || optional(o) ? "" : " ",
			 o->value == NULL ? "" : o->value);
		printf("  %-24s %s\n", left, o->help);
	}
}
