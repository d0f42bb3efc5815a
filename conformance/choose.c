/* SPDX-License-Identifier: BSD-3-Clause */
/* Which cases run, and in which order. */
#include "choose.h"

#include "expect.h"
#include "options.h"
#include "records.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERNS 512

static struct {
	const char *run[PATTERNS], *skip[PATTERNS], *req[PATTERNS], *from;
	unsigned runs, skips, reqs;
} o;

static const char *case_id(size_t i)
{
	return ct_cases[i] != NULL ? ct_cases[i]->id : NULL;
}

bool ct_choose_matches(const char *glob)
{
	const struct ct_case *const *c;

	for (c = ct_cases; *c != NULL; c++)
		if (fnmatch(glob, (*c)->id, 0) == 0)
			return true;
	ct_bad("no case matches", glob, ct_nearest(glob, case_id));
	return false;
}

static bool add(const char **list, unsigned *n, const char *glob)
{
	if (!ct_choose_matches(glob))
		return false;
	if (*n == PATTERNS) {
		ct_bad("too many patterns at", glob, NULL);
		return false;
	}
	list[(*n)++] = glob;
	return true;
}

bool ct_choose_run(const char *glob)
{
	return add(o.run, &o.runs, glob);
}

bool ct_choose_skip(const char *glob)
{
	return add(o.skip, &o.skips, glob);
}

static const char *requirement_id(size_t i)
{
	return ct_requirements[i].id;
}

bool ct_choose_req(const char *id)
{
	const struct ct_requirement *q;

	for (q = ct_requirements; q->id != NULL; q++)
		if (strcmp(q->id, id) == 0 && o.reqs < PATTERNS) {
			o.req[o.reqs++] = id;
			return true;
		}
	ct_bad("no such requirement, or too many:", id,
	       ct_nearest(id, requirement_id));
	return false;
}

/* A file of ids or patterns, one a line; # begins a comment. */
static bool take_list_file(const char *name, bool (*take)(const char *glob))
{
	FILE *f = fopen(name, "r");
	unsigned line_number = 0, taken = 0;
	char line[256], *id;
	bool fine = f != NULL;

	while (fine && fgets(line, sizeof(line), f) != NULL) {
		line_number++;
		line[strcspn(line, "#\n")] = '\0';
		id = strtok(line, " \t\r");
		if (id == NULL)
			continue;
		fine = (id = strdup(id)) != NULL && take(id);
		taken++;
		if (!fine)
			fprintf(stderr, "pipc-conform: in '%s', line %u\n",
				name, line_number);
	}
	if (f == NULL || ferror(f)) { /* ferror: a directory */
		fine = false;
		fprintf(stderr, "pipc-conform: cannot read '%s': %s\n", name,
			strerror(errno));
	}
	if (f != NULL)
		fclose(f);
	if (fine && taken == 0) {
		ct_bad("no case in the list", name, NULL);
		fine = false;
	}
	return fine;
}

bool ct_choose_cases(const char *name)
{
	return take_list_file(name, ct_choose_run);
}

bool ct_choose_skip_file(const char *name)
{
	return take_list_file(name, ct_choose_skip);
}

bool ct_choose_from(const char *id)
{
	o.from = id;
	return ct_choose_matches(id);
}

static bool in(const char *const *globs, unsigned n, const char *id)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (fnmatch(globs[i], id, 0) == 0)
			return true;
	return false;
}

/* Is it in the list as it is, and not only by a pattern? */
static bool named(const char *const *globs, unsigned n, const char *id)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (strcmp(globs[i], id) == 0)
			return true;
	return false;
}

/* Does the case name one of the requirements asked for? */
static bool of_req(const struct ct_case *c)
{
	const char *p;
	unsigned i;
	size_t n;

	for (i = 0; i < o.reqs; i++) {
		n = strlen(o.req[i]);
		for (p = c->req; p != NULL && (p = strstr(p, o.req[i])); p += n)
			if (p[n] == '\0' || p[n] == ' ')
				return true;
	}
	return false;
}

static bool wanted(const struct ct_case *c, bool listed)
{
	if (in(o.skip, o.skips, c->id))
		return false;
	if (of_req(c))
		return true;
	/* The harness's own cases misbehave: only naming them runs them. */
	if (o.runs == 0 && o.reqs == 0)
		return strncmp(c->id, "meta.", 5) != 0 &&
		       (!c->on_request || listed);
	/* A pattern does not name what is only run on request. */
	if (c->on_request)
		return named(o.run, o.runs, c->id);
	return in(o.run, o.runs, c->id);
}

static bool explains(const struct ct_case *c, unsigned needs)
{
	const struct ct_capability *lack = ct_capability_of_case(c->id);

	return lack != NULL && lack->state != CT_PRESENT &&
	       (lack->need & needs) && !in(o.skip, o.skips, c->id);
}

void ct_choose_capabilities(struct ct_chosen *chosen)
{
	const struct ct_case *const *c, **list = chosen->cases;
	unsigned needs = 0, i, added = 0;

	for (i = 0; i < chosen->n; i++) {
		needs |= chosen->cases[i]->needs;
		if (ct_capability_of_case(chosen->cases[i]->id) != NULL)
			return; /* chosen by name, or all are chosen */
	}
	for (c = ct_cases; *c != NULL; c++) {
		if (!explains(*c, needs))
			continue;
		memmove(list + added + 1, list + added,
			(chosen->n - added) * sizeof(*list));
		list[added++] = *c;
		chosen->n++;
	}
}

bool ct_choose(struct ct_chosen *chosen, bool listed)
{
	const struct ct_case *const *c;
	unsigned n = 0;

	for (c = ct_cases; *c != NULL; c++)
		n++;
	chosen->n = 0;
	chosen->cases = calloc(n + 1, sizeof(*chosen->cases));
	for (c = ct_cases; chosen->cases != NULL && *c != NULL; c++)
		if (wanted(*c, listed))
			chosen->cases[chosen->n++] = *c;
	if (chosen->n == 0)
		fprintf(stderr, "pipc-conform: every case was left out\n");
	return chosen->n != 0;
}

bool ct_choose_is_part(void)
{
	return o.runs + o.skips + o.reqs != 0 || o.from != NULL;
}

void ct_choose_shuffle(struct ct_chosen *chosen, uint64_t seed)
{
	struct ct__shared shared = {0};
	struct ct t = {.seed = seed, .shared = &shared};
	const struct ct_case *c;
	unsigned i, j;

	for (i = chosen->n; i > 1; i--) {
		j = (unsigned)(ct_random(&t) % i);
		c = chosen->cases[i - 1];
		chosen->cases[i - 1] = chosen->cases[j];
		chosen->cases[j] = c;
	}
}

/* What a requirement says, before the cases that check it. */
static void list_requirements(bool json)
{
	const struct ct_requirement *q;

	for (q = ct_requirements; q->id != NULL; q++) {
		if (!in(o.req, o.reqs, q->id))
			continue;
		if (json)
			ct_record_requirement(stdout, q);
		else
			printf("%s\t%s\t%s (%s)\n", q->id, q->class, q->text,
			       q->basis);
	}
}

bool ct_choose_leave_out(struct ct_chosen *chosen)
{
	unsigned i = 0;

	if (o.from == NULL)
		return true;
	while (i < chosen->n && fnmatch(o.from, chosen->cases[i]->id, 0) != 0)
		i++;
	if (i == chosen->n) {
		ct_bad("--from names a case that is left out:", o.from, NULL);
		return false;
	}
	chosen->n -= i;
	memmove(chosen->cases, chosen->cases + i,
		chosen->n * sizeof(*chosen->cases));
	return true;
}

void ct_choose_list(const struct ct_chosen *chosen, bool json)
{
	const struct ct_case *c;
	unsigned i;

	list_requirements(json);
	for (i = 0; i < chosen->n; i++) {
		c = chosen->cases[i];
		if (json)
			ct_record_listed(stdout, c);
		else
			printf("%s\t%s\t%s\n", c->id, c->req ? c->req : "",
			       c->text);
	}
}
