/* SPDX-License-Identifier: BSD-3-Clause */
/* --compare: two files of records, cell by cell. */
#include "run.h"

#include <stdlib.h>

/* Ratios this near to 1 are no difference; wider intervals say nothing. */
#define WIDE .10

struct old_cell {
	char id[80], outcome[16];
	double *rate;
	size_t rounds;
};

struct file {
	const char *name;
	struct old_cell *cell;
	size_t cells;
	bool noisy;
};

/* The text of a member in a line that this program wrote. */
static bool member(const char *line, const char *key, char *text, size_t size)
{
	const char *at = strstr(line, key);
	size_t n;

	if (at == NULL)
		return false;
	at += strlen(key);
	n = strcspn(at, "\"");
	if (at[n] != '"' || n >= size)
		return false;
	memcpy(text, at, n);
	text[n] = '\0';
	return true;
}

static void rounds(struct old_cell *c, const char *line)
{
	const char *at = strstr(line, "\"rounds\":[");
	char *end;

	if (at == NULL)
		return;
	for (at += strlen("\"rounds\":["); *at != ']'; at = end) {
		c->rate = realloc(c->rate, (c->rounds + 1) * sizeof(*c->rate));
		c->rate[c->rounds++] = strtod(at, &end);
		if (end == at)
			return;
		end += *end == ',';
	}
}

static bool bad(const struct file *f, const char *what)
{
	fprintf(stderr, "pipc-stress: '%s': %s\n", f->name, what);
	return false;
}

static bool take(struct file *f, const char *line)
{
	struct old_cell c = {.rate = NULL};

	if (strncmp(line, "{\"record\":\"summary\"", 19) == 0)
		f->noisy = strstr(line, "\"noisy\":true") != NULL;
	if (strncmp(line, "{\"record\":\"cell\"", 16) != 0)
		return true;
	if (!member(line, "\"id\":\"", c.id, sizeof(c.id)) ||
	    !member(line, "\"outcome\":\"", c.outcome, sizeof(c.outcome)))
		return bad(f, "a cell without id or outcome");
	rounds(&c, line);
	f->cell = realloc(f->cell, (f->cells + 1) * sizeof(*f->cell));
	f->cell[f->cells++] = c;
	return true;
}

/* By its rounds, for the file may say so of the medians alone. */
static bool noisy_control(const struct file *f)
{
	static const char prefix[] = "control/pair/";
	const struct old_cell *a, *b;
	struct st_interval ratio;
	size_t n;

	for (a = f->cell; a < f->cell + f->cells; a++)
		for (b = f->cell; b < f->cell + f->cells; b++) {
			n = sizeof(prefix) - 1;
			if (strncmp(a->id, prefix, n) != 0 ||
			    strncmp(b->id, prefix, n) != 0 || a->id[n] != 'a' ||
			    b->id[n] != 'b' ||
			    strcmp(a->id + n + 1, b->id + n + 1) != 0)
				continue;
			n = a->rounds < b->rounds ? a->rounds : b->rounds;
			ratio = st_paired_ratio(a->rate, b->rate, n);
			if (n > 0 && !st_quiet(&ratio, n))
				return true;
		}
	return false;
}

static bool read_file(struct file *f)
{
	static char line[1 << 18]; /* getline() is not everywhere */
	FILE *in = fopen(f->name, "r");
	bool good;

	if (in == NULL)
		return bad(f, strerror(errno));
	good = fgets(line, sizeof(line), in) != NULL &&
	       strstr(line, "\"program\":\"pipc-stress\"") != NULL;
	if (!good)
		bad(f, "not written by pipc-stress --json");
	while (good && fgets(line, sizeof(line), in) != NULL)
		good = take(f, line);
	if (good && f->cells == 0)
		good = bad(f, "no cells in it");
	fclose(in);
	f->noisy = f->noisy || noisy_control(f);
	return good;
}

static const struct old_cell *find(const struct file *f, const char *id)
{
	size_t i;

	for (i = 0; i < f->cells; i++)
		if (strcmp(f->cell[i].id, id) == 0)
			return &f->cell[i];
	return NULL;
}

static const char *judge(const struct st_interval *i, bool doubtful)
{
	if (doubtful)
		return "noisy";
	if (i->low > 1 + ST_NEAR)
		return "better";
	if (i->high < 1 - ST_NEAR)
		return "worse";
	return i->low >= 1 - WIDE && i->high <= 1 + WIDE ? "same" : "noisy";
}

/* Writes a row; true if b is worse than a. */
static bool row(const struct old_cell *a, const struct old_cell *b, bool noisy)
{
	bool was = strcmp(a->outcome, "PASS") == 0;
	bool is = strcmp(b->outcome, "PASS") == 0;
	struct st_interval i;
	const char *verdict;

	if (!was || !is) {
		verdict = was ? "worse" : is ? "better" : "same";
		printf("%-28s %s -> %s  %s\n", b->id, a->outcome, b->outcome,
		       verdict);
		return was;
	}
	noisy = noisy || a->rounds < ST_FEWEST || b->rounds < ST_FEWEST;
	i = st_bootstrap_ratio(b->rate, b->rounds, a->rate, a->rounds, 1);
	verdict = judge(&i, noisy);
	printf("%-28s %7.3f [%7.3f %7.3f]  %s\n", b->id, i.median, i.low,
	       i.high, verdict);
	return verdict[0] == 'w';
}

int st_compare(const char *before, const char *after)
{
	struct file a = {.name = before}, b = {.name = after};
	const struct old_cell *old;
	size_t i, worse = 0, both = 0;

	if (!read_file(&a) || !read_file(&b))
		return 2;
	printf("%-28s %7s [%7s %7s]  verdict\n", "cell", "ratio", "low",
	       "high");
	for (i = 0; i < b.cells; i++) {
		old = find(&a, b.cell[i].id);
		if (old == NULL) {
			printf("%-28s only in %s\n", b.cell[i].id, b.name);
			continue;
		}
		both++;
		worse += row(old, &b.cell[i], a.noisy || b.noisy);
	}
	for (i = 0; i < a.cells; i++)
		if (find(&b, a.cell[i].id) == NULL)
			printf("%-28s only in %s\n", a.cell[i].id, a.name);
	printf("# %zu compared, %zu worse%s\n", both, worse,
	       a.noisy || b.noisy ? "; the A/A control was noisy" : "");
	return both == 0 ? 2 : worse > 0;
}
