/* SPDX-License-Identifier: BSD-3-Clause */
/* pipc-stress: options, the plan of cells and rounds, and the exit status. */
#include "run.h"

#include <fnmatch.h>
#include <stdlib.h>

static const char usage[] =
    "usage: pipc-stress [OPTION]...\n"
    "Puts the POSIX IPC of this system under load; measures and checks it.\n"
    "\n"
    "  --list             print the cells that would run, and what they check\n"
    "  --run GLOB         only these cells (\"mq/*\", \"sem/pingpong\")\n"
    "  --profile NAME     smoke (10 s, the default), quick (2 min),\n"
    "                     full (30 min) or soak (8 hours, or --seconds)\n"
    "  --seconds N        another budget for the profile\n"
    "  --placement NAME   free, one (core), two (cores) or all\n"
    "  --backend NAME     what is put under load; \"system\" is the default\n"
    "  --mutant NAME      seed a bug; \"list\" prints them\n"
    "  --seed N           of all that is random\n"
    "  --deadline N       seconds until a run counts as hung, 10\n"
    "  --format NAME      table (the default on a terminal), tap or ktap\n"
    "  --json FILE        write JSON Lines records too\n"
    "  --help             this text\n"
    "\n"
    "Status: 0 all invariants held, 1 one was broken, 2 bad input, 77 nothing\n"
    "could run, 130 interrupted.\n";

static const struct st_profile profiles[] = {
    {"smoke", "invariants only", 10, 1, 1u << ST_FREE, true, false},
    {"quick", "two minutes", 120, 3, 1u << ST_FREE, false, true},
    {"full", "half an hour, three placements", 1800, 9, 7, false, true},
    {"soak", "hours", 8 * 3600, 0, 1u << ST_FREE, false, false},
};
static const char *const format_names[] = {"table", "tap", "ktap", NULL};
static const struct st_variant unnamed[] = {{""}, {NULL}};
/* The harness's cost of a run: processes, warm-up, clean-up. */
#define OVERHEAD_NS 60000000u
#define SHORTEST_NS 20000000u

/* How many letters to change, to offer the nearest valid word. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[64], last, old, i, j, n = (unsigned)strlen(b);

	if (n > 62 || strlen(a) > 62)
		return 99;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1] != '\0'; i++)
		for (last = row[0], row[0] = i, j = 1; j <= n; j++) {
			old = row[j];
			row[j] = last + (a[i - 1] != b[j - 1]);
			if (row[j] > old + 1)
				row[j] = old + 1;
			if (row[j] > row[j - 1] + 1)
				row[j] = row[j - 1] + 1;
			last = old;
		}
	return row[n];
}

struct nearest {
	const char *wanted, *best;
	unsigned distance;
};

static bool is(struct nearest *n, const char *word)
{
	unsigned d = distance(n->wanted, word);

	if (n->best == NULL || d < n->distance) {
		n->best = word;
		n->distance = d;
	}
	return d == 0;
}

static _Noreturn void bad(const char *what, const struct nearest *n)
{
	fprintf(stderr, "pipc-stress: %s '%s'", what, n->wanted);
	if (n->best != NULL && n->distance <= 1 + strlen(n->wanted) / 2)
		fprintf(stderr, " (did you mean '%s'?)", n->best);
	fputc('\n', stderr);
	exit(2);
}

static unsigned word(const char *what, const char *const *words, const char *v)
{
	struct nearest n = {v, NULL, 0};
	unsigned i;

	for (i = 0; words[i] != NULL; i++)
		if (is(&n, words[i]))
			return i;
	bad(what, &n);
}

static double number(const char *option, const char *v)
{
	struct nearest n = {v, NULL, 0};
	char *end, text[60];
	double d = strtod(v, &end);

	if (end != v && *end == '\0' && d >= 1 && d < 1e9)
		return d;
	snprintf(text, sizeof(text), "%s wants a number from 1, not", option);
	bad(text, &n);
}

static uint64_t whole(const char *option, const char *v)
{
	struct nearest n = {v, NULL, 0};
	char *end, text[60];
	uint64_t u = strtoull(v, &end, 10);

	if (v[0] >= '0' && v[0] <= '9' && *end == '\0')
		return u;
	snprintf(text, sizeof(text), "%s wants a whole number, not", option);
	bad(text, &n);
}

static const struct pipc__backend *backend_of(const char *v)
{
	const struct pipc__backend *b;
	struct nearest n = {v, NULL, 0};

	for (b = pipc__backends; b->name != NULL; b++)
		if (is(&n, b->name))
			return b;
	bad("no such backend", &n);
}

static const struct st_mutant *mutant_of(const char *v)
{
	const struct st_mutant *m;
	struct nearest n = {v, NULL, 0};

	if (strcmp(v, "list") == 0) {
		for (m = st_mutants; m->name != NULL; m++)
			printf("%s\t%s\t%s\n", m->name, m->cell, m->text);
		exit(0);
	}
	for (m = st_mutants; m->name != NULL; m++)
		if (is(&n, m->name))
			return m;
	bad("no such mutant", &n);
}

static const struct st_profile *profile_of(const char *v)
{
	struct nearest n = {v, NULL, 0};
	unsigned i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (is(&n, profiles[i].name))
			return &profiles[i];
	bad("no such profile", &n);
}

static unsigned placements_of(const char *v)
{
	static const char *const all[] = {"free", "one", "two", "all", NULL};
	unsigned i = word("no such placement", all, v);

	return i == ST_PLACEMENTS ? 7 : 1u << i;
}

static const char *const options[] = {
    "--list",	   "--help",	"--run",    "--profile", "--seconds",
    "--placement", "--backend", "--mutant", "--seed",	 "--deadline",
    "--format",	   "--json",	NULL};

static void take_option(struct st_options *o, unsigned which, const char *v)
{
	switch (which) {
	case 2:
		o->glob = v;
		break;
	case 3:
		o->profile = profile_of(v);
		break;
	case 4:
		o->seconds = number("--seconds", v);
		break;
	case 5:
		o->placements = placements_of(v);
		break;
	case 6:
		o->backend = backend_of(v);
		break;
	case 7:
		o->mutant = mutant_of(v);
		break;
	case 8:
		o->seed = whole("--seed", v);
		break;
	case 9:
		o->deadline = (unsigned)number("--deadline", v);
		break;
	case 10:
		o->format =
		    (enum st_format)word("no such format", format_names, v);
		break;
	default:
		o->json = v;
	}
}

/* True if the cells are to be listed only. */
static bool parse(struct st_options *o, int argc, char **argv)
{
	struct nearest n = {NULL, NULL, 0};
	char name[32];
	const char *value;
	bool list = false;
	unsigned which;
	int i;

	for (i = 1; i < argc; i++) {
		value = strchr(argv[i], '=');
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(argv[i], "="),
			 argv[i]);
		which = word("unknown option", options, name);
		if (which == 1) {
			fputs(usage, stdout);
			exit(0);
		}
		if (which == 0) {
			list = true;
			continue;
		}
		n.wanted = name;
		value = value ? value + 1 : argv[++i];
		if (value == NULL)
			bad("no value for", &n);
		take_option(o, which, value);
	}
	return list;
}

static bool chosen(const struct st_options *o, const struct st_workload *w,
		   const struct st_variant *v, const char *id)
{
	bool control = strncmp(w->id, "control/", 8) == 0;

	if (o->glob != NULL)
		return fnmatch(o->glob, id, 0) == 0 ||
		       fnmatch(o->glob, w->id, 0) == 0 ||
		       (control && !o->profile->brief);
	if (w->baseline)
		return o->profile->baselines;
	return !o->profile->brief || (w->variants ? v->smoke : w->smoke);
}

static void add_cell(struct st_plan *p, const struct st_workload *w,
		     const struct st_variant *v, enum st_placement placement)
{
	struct st_cell *c;

	p->cell = realloc(p->cell, (p->cells + 1) * sizeof(*p->cell));
	c = &p->cell[p->cells++];
	memset(c, 0, sizeof(*c));
	c->work = w;
	c->var = v;
	c->placement = placement;
	snprintf(c->id, sizeof(c->id), "%s%s%s%s%s", w->id,
		 v->name[0] ? "/" : "", v->name, placement ? "@" : "",
		 placement ? st_placement_names[placement] : "");
}

static void add_cells(struct st_plan *p)
{
	unsigned where =
	    p->o->placements ? p->o->placements : p->o->profile->placements;
	const struct st_workload *const *w;
	const struct st_variant *v;
	enum st_placement at;
	char id[80];

	for (w = st_workloads; *w != NULL; w++)
		for (v = (*w)->variants ? (*w)->variants : unnamed; v->name;
		     v++)
			for (at = ST_FREE; at < ST_PLACEMENTS; at++) {
				snprintf(id, sizeof(id), "%s%s%s", (*w)->id,
					 v->name[0] ? "/" : "", v->name);
				if ((where & 1u << at) &&
				    chosen(p->o, *w, v, id))
					add_cell(p, *w, v, at);
			}
}

/* A round of a cell that is not settled yet. */
static bool run_round(struct st_plan *p, struct st_cell *c, unsigned round,
		      bool last)
{
	if (c->outcome != ST_PASS)
		return true;
	c->seed = p->o->seed + round;
	if (!st_run_cell(c, p->o, p->measure_ns))
		return false;
	if (c->outcome != ST_PASS || last)
		st_report_cell(p, c);
	return true;
}

static void run_all(struct st_plan *p)
{
	unsigned rounds = p->o->profile->rounds, round, i, at;
	uint64_t end = p->began + p->budget_ns;
	double done;

	for (round = 0; rounds ? round < rounds : st_ns() < end; round++)
		for (i = 0; i < p->cells; i++) {
			/* Rotated, so that no cell always follows the same. */
			at = (i + round * (p->cells / 3 + 1)) % p->cells;
			done = rounds ? (round + (double)i / p->cells) / rounds
				      : (double)(st_ns() - p->began) /
					    (double)p->budget_ns;
			st_report_progress(p, &p->cell[at], done);
			if (!run_round(p, &p->cell[at], round,
				       round + 1 == rounds))
				return;
			if (rounds == 0 && st_ns() > end)
				break;
		}
}

/* The budget, shared out among all runs. */
static void share_out(struct st_plan *p)
{
	const struct st_profile *f = p->o->profile;
	double seconds = p->o->seconds > 0 ? p->o->seconds : f->seconds;
	unsigned runs = p->cells * (f->rounds ? f->rounds : 1);
	uint64_t each;

	p->budget_ns = (uint64_t)(seconds * 1e9);
	each = p->budget_ns / (runs ? runs : 1);
	if (f->rounds == 0 || each > 1000000000u + 2 * OVERHEAD_NS)
		each = 1000000000u + 2 * OVERHEAD_NS;
	/* Half of what is left goes into warming up. */
	each = each > OVERHEAD_NS ? (each - OVERHEAD_NS) / 2 : 0;
	p->measure_ns = each > SHORTEST_NS ? each : SHORTEST_NS;
	if (f->brief)
		p->measure_ns = SHORTEST_NS;
}

static int verdict(const struct st_plan *p)
{
	if (st_interrupted)
		return 128 + st_interrupted;
	if (p->outcomes[ST_FAIL] || p->outcomes[ST_TIMEOUT] ||
	    p->outcomes[ST_CRASH] || p->outcomes[ST_LEAK])
		return 1;
	return p->outcomes[ST_PASS] ? 0 : 77;
}

int main(int argc, char **argv)
{
	struct st_options o = {.backend = &pipc__backends[0],
			       .profile = &profiles[0],
			       .format = isatty(1) ? ST_TABLE : ST_TAP,
			       .deadline = 10};
	struct st_plan p = {.o = &o};
	struct nearest n = {NULL, NULL, 0};
	bool list;
	unsigned i;

	o.seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 20;
	list = parse(&o, argc, argv);
	o.os = o.mutant ? st_mutate(o.backend->os, o.mutant) : o.backend->os;
	add_cells(&p);
	n.wanted = o.glob;
	if (p.cells == 0)
		bad("no cell matches", &n);
	if (list) {
		for (i = 0; i < p.cells; i++)
			printf("%s\t%s\n", p.cell[i].id, p.cell[i].work->text);
		return 0;
	}
	share_out(&p);
	st_catch_signals();
	p.began = st_ns();
	st_report_begin(&p);
	run_all(&p);
	for (i = 0; i < p.cells; i++)
		if (!p.cell[i].reported && p.cell[i].rounds > 0)
			st_report_cell(&p, &p.cell[i]);
	st_report_end(&p);
	return verdict(&p);
}
