/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the records of an earlier log say: which cases have a result, and which
 * began and have none.  log-lines.c finds the records among other lines.
 */
#include "resume.h"

#include "log-lines.h"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_RUNS 100000 /* as --repeat */

struct entry {
	enum { NOTHING, BEGUN, DONE } state;
	enum ct_outcome outcome;
	enum ct_verdict verdict;
	char *why;
};

/* The entries of a case, one for each run. */
struct runs {
	struct entry *entry;
	unsigned n;
};

static struct {
	const char *name, *backend, *mutant;
	struct runs *of; /* as ct_cases */
	unsigned results, cuts;
	bool header, has_seed;
	uint64_t seed;
	struct ct_log_rest rest;
} the_log;

/* A word of the log may hold anything, also what a terminal obeys. */
static bool bad(unsigned line, const char *what, const char *word)
{
	fprintf(stderr, "%s: %s:%u: %s%s", ct_program_name, the_log.name, line,
		what, word != NULL ? " '" : "");
	for (; word != NULL && *word != '\0'; word++)
		putc(*word >= ' ' && *word <= '~' ? *word : '?', stderr);
	fputs(word != NULL ? "'\n" : "\n", stderr);
	return false;
}

static int index_of(const char *word, const char *const *words, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static bool same_id(const struct ct_case *c, const void *id)
{
	return strcmp(c->id, id) == 0;
}

static bool same_case(const struct ct_case *c, const void *other)
{
	return c == other;
}

/*
 * The number of a case, or -1.  Logs and plans have the order of the cases,
 * more or less: the search begins where the last one ended.
 */
static long find(bool (*same)(const struct ct_case *c, const void *with),
		 const void *with)
{
	static long last;
	long i;

	for (i = last; ct_cases[i] != NULL; i++)
		if (same(ct_cases[i], with))
			return last = i;
	for (i = 0; i < last; i++)
		if (same(ct_cases[i], with))
			return last = i;
	return -1;
}

static bool make_room(struct runs *runs, unsigned run)
{
	struct entry *grown;

	if (run <= runs->n)
		return true;
	grown = realloc(runs->entry, run * sizeof(*grown));
	if (grown == NULL)
		return false;
	memset(grown + runs->n, 0, (run - runs->n) * sizeof(*grown));
	runs->entry = grown;
	runs->n = run;
	return true;
}

/* The id and the run of a record, and the entry for them. */
static bool entry_of(unsigned line, struct ct_span record, struct entry **e)
{
	char id[128];
	uint64_t run;
	long i;

	if (!ct_json_text_of(record, "id", id, sizeof(id)) ||
	    !ct_json_count_of(record, "run", &run) || run < 1 ||
	    run > MOST_RUNS)
		return bad(line, "a record without id or run", NULL);
	i = find(same_id, id);
	if (i < 0)
		return bad(line, "no such case:", id);
	if (!make_room(&the_log.of[i], (unsigned)run))
		return bad(line, "no memory", NULL);
	*e = &the_log.of[i].entry[run - 1];
	return true;
}

static bool begin(unsigned line, struct ct_span record)
{
	struct entry *e;

	if (!entry_of(line, record, &e))
		return false;
	if (e->state == NOTHING) {
		e->state = BEGUN;
		the_log.cuts++;
	}
	return true;
}

static bool is_red(enum ct_verdict verdict)
{
	return verdict == CT_XPASS || verdict == CT_REGRESSION;
}

static bool result(unsigned line, struct ct_span record)
{
	char outcome[20], verdict[20], why[CT_RECORD_MAX];
	struct entry *e;
	int o = -1, v = -1;

	if (!entry_of(line, record, &e))
		return false;
	if (ct_json_text_of(record, "outcome", outcome, sizeof(outcome)))
		o = index_of(outcome, ct_outcome_names, CT_OUTCOMES);
	if (ct_json_text_of(record, "verdict", verdict, sizeof(verdict)))
		v = index_of(verdict, ct_verdict_names, CT_VERDICTS);
	if (o < 0 || v < 0)
		return bad(line, "a result without outcome or verdict", NULL);
	/* Of two results the red one counts, or else the later. */
	if (e->state == DONE && is_red(e->verdict))
		return true;
	the_log.cuts -= e->state == BEGUN;
	the_log.results += e->state != DONE;
	free(e->why);
	*e = (struct entry){DONE, (enum ct_outcome)o, (enum ct_verdict)v, NULL};
	if (ct_json_text_of(record, "why", why, sizeof(why)))
		e->why = strdup(why);
	return true;
}

/* What an interrupted run had not finished, it ended itself: run it again. */
static void forget_begun(void)
{
	unsigned i, run;

	for (i = 0; ct_cases[i] != NULL; i++)
		for (run = 0; run < the_log.of[i].n; run++)
			if (the_log.of[i].entry[run].state == BEGUN)
				the_log.of[i].entry[run].state = NOTHING;
	the_log.cuts = 0;
}

/* Is a member this text?  null, as the mutant may be, is "". */
static bool same(unsigned line, struct ct_span object, const char *key,
		 const char *expected, const char *what)
{
	char text[200];

	if (!ct_json_text_of(object, key, text, sizeof(text)))
		*text = '\0';
	return strncmp(text, expected, sizeof(text) - 1) == 0 ||
	       bad(line, what, text);
}

static bool header(unsigned line, struct ct_span record)
{
	const struct ct_system *s = ct_system();
	struct ct_span system, resumed;
	uint64_t schema;

	if (!ct_json_member(record, "system", &system) ||
	    !ct_json_is_object(system) ||
	    !ct_json_count_of(record, "schema", &schema) || schema != 2)
		return bad(line, "a log of another version of pipc-conform",
			   NULL);
	if (!same(line, record, "program", "pipc-conform",
		  "a log of another program:") ||
	    !same(line, record, "version", pipc_version(),
		  "a log of another version:") ||
	    !same(line, record, "backend", the_log.backend,
		  "a log of another backend:") ||
	    !same(line, record, "mutant",
		  the_log.mutant != NULL ? the_log.mutant : "",
		  "a log of another mutant:") ||
	    !same(line, system, "os", s->os, "a log of another system:") ||
	    !same(line, system, "machine", s->machine,
		  "a log of another machine:") ||
	    !same(line, system, "libc", s->libc, "a log of another C library:"))
		return false;
	if (!the_log.header)
		the_log.has_seed =
		    ct_json_count_of(record, "seed", &the_log.seed);
	else if (!ct_json_member(record, "resumed", &resumed) ||
		 !ct_json_is(resumed, "true"))
		return bad(line,
			   "a second run begins here, which is not resumed",
			   NULL);
	the_log.header = true;
	return true;
}

static bool take(unsigned line, struct ct_span record)
{
	struct ct_span value;
	char kind[20] = "";

	ct_json_text_of(record, "record", kind, sizeof(kind));
	if (strcmp(kind, "header") == 0)
		return header(line, record);
	if (!the_log.header)
		return bad(line, "a record before the header", NULL);
	if (strcmp(kind, "begin") == 0)
		return begin(line, record);
	if (strcmp(kind, "case") == 0)
		return result(line, record);
	if (strcmp(kind, "summary") == 0 &&
	    ct_json_member(record, "interrupted", &value) &&
	    ct_json_is(value, "true"))
		forget_begun();
	return true;
}

static void forget_log(void)
{
	unsigned i, run;

	for (i = 0; the_log.of != NULL && ct_cases[i] != NULL; i++) {
		for (run = 0; run < the_log.of[i].n; run++)
			free(the_log.of[i].entry[run].why);
		free(the_log.of[i].entry);
	}
	free(the_log.of);
	memset(&the_log, 0, sizeof(the_log));
}

bool ct_resume(const char *name, const char *backend, const char *mutant)
{
	size_t n;

	for (n = 0; ct_cases[n] != NULL; n++)
		;
	forget_log();
	the_log.name = name;
	the_log.backend = backend;
	the_log.mutant = mutant;
	the_log.of = calloc(n, sizeof(*the_log.of));
	if (the_log.of == NULL) {
		ct_bad("no memory to read", name, NULL);
		return false;
	}
	if (!ct_log_read(name, &the_log.rest, take))
		return false;
	if (!the_log.header)
		ct_bad("no header of a run in", name, NULL);
	return the_log.header;
}

static const struct entry *entry_for(const struct ct_case *c, unsigned run)
{
	static const struct entry none = {.state = NOTHING};
	long i = find(same_case, c);

	return i >= 0 && run <= the_log.of[i].n ? &the_log.of[i].entry[run - 1]
						: &none;
}

bool ct_resume_has(const struct ct_case *c, unsigned run)
{
	return entry_for(c, run)->state == DONE;
}

bool ct_resume_was_cut(const struct ct_case *c, unsigned run)
{
	return entry_for(c, run)->state == BEGUN;
}

unsigned ct_resume_cuts(void)
{
	return the_log.cuts;
}

bool ct_resume_seed(uint64_t *seed)
{
	*seed = the_log.seed;
	return the_log.has_seed;
}

/* Calls f() for each entry in this state, in the order of the cases. */
static void each(int state, void (*f)(const struct ct_case *c, unsigned run,
				      const struct entry *e))
{
	unsigned i, run;

	for (i = 0; ct_cases[i] != NULL; i++)
		for (run = 0; run < the_log.of[i].n; run++)
			if ((int)the_log.of[i].entry[run].state == state)
				f(ct_cases[i], run + 1,
				  &the_log.of[i].entry[run]);
}

static unsigned cuts_named;

static void name_cut(const struct ct_case *c, unsigned run,
		     const struct entry *e)
{
	(void)e;
	printf("%s%s", cuts_named++ == 0 ? " (" : ", ", c->id);
	if (run > 1)
		printf(" run %u", run);
}

static void tell(void)
{
	const struct ct_log_rest *rest = &the_log.rest;

	printf("# resumed: %u result%s of %s", the_log.results,
	       the_log.results == 1 ? "" : "s", the_log.name);
	if (the_log.cuts != 0) {
		printf(", %u case%s cut short", the_log.cuts,
		       the_log.cuts == 1 ? "" : "s");
		cuts_named = 0;
		each(BEGUN, name_cut);
		putchar(')');
	}
	putchar('\n');
	if (rest->cut == 1)
		printf("# %s:%u: this record was cut; it is left out\n",
		       the_log.name, rest->cut_line);
	else if (rest->cut > 1)
		printf("# %s: %u records were cut, the last in line %u; they "
		       "are left out\n",
		       the_log.name, rest->cut, rest->cut_line);
	if (rest->others != 0)
		printf("# %s: %u line%s passed over that are not records; the "
		       "first is line %u\n",
		       the_log.name, rest->others, rest->others == 1 ? "" : "s",
		       rest->first_other);
}

static void earlier(const struct ct_case *c, unsigned run,
		    const struct entry *e)
{
	static struct ct_result r; /* large */

	r = (struct ct_result){.self = c, .outcome = e->outcome, .run = run};
	if (e->why != NULL)
		snprintf(r.messages, sizeof(r.messages), "%s\n", e->why);
	ct_report_earlier(&r, e->verdict);
}

static void crash(const struct ct_case *c, unsigned run, const struct entry *e)
{
	static struct ct_result r; /* large */

	(void)e;
	r = (struct ct_result){.self = c, .outcome = CT_CRASH, .run = run};
	strcpy(r.messages, "the machine stopped while this case ran\n");
	if (the_log.cuts > 1)
		snprintf(r.messages + strlen(r.messages), 100,
			 "%u other case%s ran then, too; with -j1 it is one\n",
			 the_log.cuts - 1, the_log.cuts == 2 ? "" : "s");
	ct_report_case(&r);
}

void ct_resume_report(void)
{
	tell();
	each(DONE, earlier);
	each(BEGUN, crash);
}
