/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads a log of pipc-conform, whole or cut off, to go on behind it.  Only our
 * own records are read: a quote inside a string has a backslash before it, so
 * that ,"key": is found by a plain search.
 */
#include "resume.h"

#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	const struct ct_case *self;
	unsigned run;
	bool done;
	enum ct_outcome outcome;
	enum ct_verdict verdict;
	char *why;
};

static struct {
	const char *name;
	unsigned line;
	struct entry *entry;
	size_t entries;
	bool header, has_seed;
	uint64_t seed;
} the_log;

static bool bad(const char *what, const char *word)
{
	fprintf(stderr, "%s: %s:%u: %s", ct_program_name, the_log.name,
		the_log.line, what);
	if (word != NULL)
		fprintf(stderr, " '%s'", word);
	fputc('\n', stderr);
	return false;
}

/* Where the value of a key begins; NULL when the record has no such key. */
static const char *value(const char *record, const char *key)
{
	char text[40];
	const char *p;

	snprintf(text, sizeof(text), ",\"%s\":", key);
	p = strstr(record, text);
	return p != NULL ? p + strlen(text) : NULL;
}

/* A string without escapes, as ids and names are; false when it is not one. */
static bool string(const char *record, const char *key, char *text, size_t size)
{
	const char *p = value(record, key);
	size_t n;

	if (p == NULL || *p++ != '"')
		return false;
	n = strcspn(p, "\"\\");
	if (p[n] != '"' || n >= size)
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	return true;
}

static bool number(const char *record, const char *key, uint64_t *n)
{
	const char *p = value(record, key);

	return p != NULL && sscanf(p, "%" SCNu64, n) == 1;
}

static int index_of(const char *word, const char *const *words, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static const struct ct_case *case_named(const char *id)
{
	const struct ct_case *const *c;

	for (c = ct_cases; *c != NULL; c++)
		if (strcmp((*c)->id, id) == 0)
			return *c;
	return NULL;
}

static struct entry *find(const struct ct_case *c, unsigned run)
{
	size_t i;

	for (i = 0; i < the_log.entries; i++)
		if (the_log.entry[i].self == c && the_log.entry[i].run == run)
			return &the_log.entry[i];
	return NULL;
}

static struct entry *find_or_add(const struct ct_case *c, unsigned run)
{
	struct entry *e = find(c, run), *grown;

	if (e != NULL)
		return e;
	grown = realloc(the_log.entry,
			(the_log.entries + 1) * sizeof(*the_log.entry));
	if (grown == NULL)
		return NULL;
	the_log.entry = grown;
	e = &the_log.entry[the_log.entries++];
	*e = (struct entry){.self = c, .run = run};
	return e;
}

static bool header(const char *record, const char *backend, const char *mutant)
{
	char program[40], name[40], version[40];
	const char *m = value(record, "mutant");
	char bug[80] = "";
	uint64_t schema;

	if (!string(record, "program", program, sizeof(program)) ||
	    strcmp(program, "pipc-conform") != 0)
		return bad("not a log of pipc-conform", NULL);
	if (!number(record, "schema", &schema) || schema != 2)
		return bad("a log of another version of pipc-conform", NULL);
	if (!string(record, "version", version, sizeof(version)) ||
	    strcmp(version, pipc_version()) != 0)
		return bad("a log of another version:", version);
	if (!string(record, "backend", name, sizeof(name)) ||
	    strcmp(name, backend) != 0)
		return bad("a log of another backend:", name);
	if (m != NULL && *m == '"')
		string(record, "mutant", bug, sizeof(bug));
	if (strcmp(bug, mutant != NULL ? mutant : "") != 0)
		return bad("a log of another mutant:", bug);
	if (!the_log.header)
		the_log.has_seed = number(record, "seed", &the_log.seed);
	the_log.header = true;
	return true;
}

/* The id and the run of a record that is whole, and the entry for them. */
static bool entry_of(const char *record, struct entry **e)
{
	const struct ct_case *c;
	char id[128];
	uint64_t run;

	if (!string(record, "id", id, sizeof(id)) ||
	    !number(record, "run", &run) || run < 1 || run > 100000)
		return bad("not a record of this program", NULL);
	c = case_named(id);
	if (c == NULL)
		return bad("no such case:", id);
	*e = find_or_add(c, (unsigned)run);
	return *e != NULL || bad("no memory", NULL);
}

static bool result(const char *record)
{
	char outcome[20], verdict[20];
	struct entry *e;
	const char *why;
	int o = -1, v = -1;

	if (!entry_of(record, &e))
		return false;
	if (string(record, "outcome", outcome, sizeof(outcome)))
		o = index_of(outcome, ct_outcome_names, CT_OUTCOMES);
	if (string(record, "verdict", verdict, sizeof(verdict)))
		v = index_of(verdict, ct_verdict_names, CT_VERDICTS);
	if (o < 0 || v < 0)
		return bad("a result without outcome or verdict", NULL);
	e->done = true;
	e->outcome = (enum ct_outcome)o;
	e->verdict = (enum ct_verdict)v;
	why = value(record, "why");
	if (why != NULL && *why == '"' && e->why == NULL)
		e->why = strndup(why + 1, strcspn(why + 1, "\""));
	return true;
}

/* Lines that are no records are the console's; one that is cut was the last. */
static bool take(char *line, const char *backend, const char *mutant)
{
	char *record = strstr(line, "{\"record\":\"");
	size_t n = strcspn(line, "\r\n");
	struct entry *e;

	line[n] = '\0';
	if (record == NULL || n < 2 || line[n - 1] != '}')
		return true;
	record += 11;
	if (strncmp(record, "header\"", 7) == 0)
		return header(record, backend, mutant);
	if (strncmp(record, "begin\"", 6) != 0 &&
	    strncmp(record, "case\"", 5) != 0)
		return true;
	if (!the_log.header)
		return bad("a result before the header", NULL);
	/* The run is the last member: a record that has none was cut. */
	if (value(record, "run") == NULL)
		return true;
	return *record == 'b' ? entry_of(record, &e) : result(record);
}

static bool cannot_read(const char *name)
{
	fprintf(stderr, "%s: cannot read '%s': %s\n", ct_program_name, name,
		strerror(errno));
	return false;
}

bool ct_resume(const char *name, const char *backend, const char *mutant)
{
	FILE *f = fopen(name, "r");
	bool fine = true;
	char *line = NULL;
	size_t size = 0;

	memset(&the_log, 0, sizeof(the_log));
	the_log.name = name;
	if (f == NULL)
		return cannot_read(name);
	while (fine && ct_line(f, &line, &size)) {
		the_log.line++;
		fine = take(line, backend, mutant);
	}
	free(line);
	if (fine && ferror(f))
		fine = cannot_read(name);
	fclose(f);
	if (fine && !the_log.header) {
		ct_bad("no header of a run in", name, NULL);
		fine = false;
	}
	return fine;
}

bool ct_resume_has(const struct ct_case *c, unsigned run)
{
	const struct entry *e = find(c, run);

	return e != NULL && e->done;
}

bool ct_resume_was_cut(const struct ct_case *c, unsigned run)
{
	const struct entry *e = find(c, run);

	return e != NULL && !e->done;
}

bool ct_resume_seed(uint64_t *seed)
{
	*seed = the_log.seed;
	return the_log.has_seed;
}

void ct_resume_report(void)
{
	static struct ct_result r; /* large */
	const struct entry *e;
	bool skipped;

	for (e = the_log.entry; e < the_log.entry + the_log.entries; e++) {
		if (!e->done)
			continue;
		skipped =
		    e->outcome == CT_UNSUPPORTED || e->outcome == CT_UNRESOLVED;
		r = (struct ct_result){
		    .self = e->self, .outcome = e->outcome, .run = e->run};
		if (e->why != NULL)
			snprintf(r.messages, sizeof(r.messages), "%s\n",
				 e->why);
		if (skipped)
			r.lack = ct_lacks(e->self->needs);
		ct_report_earlier(&r, e->verdict);
	}
}
