/* SPDX-License-Identifier: BSD-3-Clause */
/* Which cells run, for how long, and in which order. */
#include "run.h"

#include <fnmatch.h>
#include <stdlib.h>

static const struct st_variant unnamed[] = {{""}, {NULL}};
/* The harness's cost of a run: processes, warm-up, clean-up. */
#define OVERHEAD_NS 60000000u
#define SHORTEST_NS 20000000u

static bool named(const char *glob, const char *workload, const char *id)
{
	return fnmatch(glob, id, 0) == 0 || fnmatch(glob, workload, 0) == 0;
}

bool st_matches(const char *glob, const struct st_cell *c)
{
	char id[sizeof(c->id)];

	snprintf(id, sizeof(id), "%.*s", (int)strcspn(c->id, "@:"), c->id);
	return named(glob, c->work->id, id);
}

static bool chosen(const struct st_options *o, const struct st_workload *w,
		   const struct st_variant *v, const char *id)
{
	bool control = strncmp(w->id, "control/", 8) == 0;
	unsigned i;

	for (i = 0; i < o->runs; i++)
		if (named(o->run[i], w->id, id))
			return true;
	if (o->runs != 0)
		return control && !o->profile->brief;
	if (o->profile->bench)
		return true; /* where() says at which placements */
	if (w->baseline)
		return o->profile->baselines;
	return !o->profile->brief || (w->variants ? v->smoke : w->smoke);
}

/* The placements of a cell, a bit each. */
static unsigned where(const struct st_options *o, const struct st_workload *w,
		      const struct st_variant *v)
{
	unsigned at = o->placements ? o->placements : o->profile->placements;

	return o->profile->bench ? at & (w->variants ? v->bench : w->bench)
				 : at;
}

static struct st_cell *add_cell(struct st_plan *p, const struct st_workload *w,
				const struct st_variant *v,
				enum st_placement placement)
{
	struct st_cell *c;

	p->cell = realloc(p->cell, (p->cells + 1) * sizeof(*p->cell));
	c = &p->cell[p->cells++];
	memset(c, 0, sizeof(*c));
	c->work = w;
	c->var = v;
	c->placement = placement;
	c->first = p->cells - 1;
	c->peers = 1;
	c->backend = &pipc__backends[0]; /* "system", for the baselines */
	c->os = c->backend->os;
	snprintf(c->id, sizeof(c->id), "%s%s%s%s%s", w->id,
		 v->name[0] ? "/" : "", v->name, placement ? "@" : "",
		 placement ? st_placement_names[placement] : "");
	return c;
}

/* The same cell on each backend; those after the first are named in the id. */
static void add_peers(struct st_plan *p, const struct st_workload *w,
		      const struct st_variant *v, enum st_placement placement)
{
	unsigned i, first = p->cells;
	struct st_cell *c;
	size_t n;

	for (i = 0; i < p->o->backends; i++) {
		c = add_cell(p, w, v, placement);
		c->first = first;
		c->peers = p->o->backends;
		c->backend = p->o->backend[i];
		c->os = p->o->os[i];
		n = strlen(c->id);
		if (i > 0)
			snprintf(c->id + n, sizeof(c->id) - n, ":%s",
				 c->backend->name);
	}
}

static void add_variant(struct st_plan *p, const struct st_workload *w,
			const struct st_variant *v)
{
	enum st_placement at;
	char id[80];

	snprintf(id, sizeof(id), "%s%s%s", w->id, v->name[0] ? "/" : "",
		 v->name);
	if (!chosen(p->o, w, v, id))
		return;
	for (at = ST_FREE; at < ST_PLACEMENTS; at++)
		if (!(where(p->o, w, v) & 1u << at))
			continue;
		else if (w->baseline)
			add_cell(p, w, v, at);
		else
			add_peers(p, w, v, at);
}

void st_plan_cells(struct st_plan *p)
{
	const struct st_workload *const *w;
	const struct st_variant *v;

	for (w = st_workloads; *w != NULL; w++)
		for (v = (*w)->variants ? (*w)->variants : unnamed; v->name;
		     v++)
			add_variant(p, *w, v);
}

/* A round of a cell that is not settled yet. */
static bool run_round(struct st_plan *p, struct st_cell *c, unsigned round,
		      bool last)
{
	const char *lack;

	if (c->outcome != ST_PASS)
		return true;
	c->seed = p->o->seed + round;
	lack = st_lacks(p, c);
	if (lack != NULL) {
		c->outcome = ST_UNSUPPORTED;
		snprintf(c->why, sizeof(c->why), "%s", lack);
	} else if (!st_run_cell(c, p->o, p->measure_ns)) {
		return false;
	}
	if ((c->outcome != ST_PASS && !c->pending) ||
	    (c->outcome == ST_PASS && last))
		st_report_cell(p, c);
	return true;
}

/*
 * The i-th cell of a round.  Rotated, so that no cell always follows the same,
 * and so that no backend always comes first.
 */
static struct st_cell *turn(const struct st_plan *p, unsigned round, unsigned i)
{
	unsigned at = (i + round * (p->cells / 3 + 1)) % p->cells;
	const struct st_cell *c = &p->cell[at];

	return &p->cell[c->first + (at - c->first + round) % c->peers];
}

static void run_rounds(struct st_plan *p)
{
	unsigned rounds = p->o->profile->rounds, round, i;
	struct st_cell *c;
	uint64_t end = p->began + p->budget_ns;
	double done;

	for (round = 0; rounds ? round < rounds : st_ns() < end; round++)
		for (i = 0; i < p->cells; i++) {
			c = turn(p, round, i);
			done = rounds ? (round + (double)i / p->cells) / rounds
				      : (double)(st_ns() - p->began) /
					    (double)p->budget_ns;
			st_report_progress(p, c, done);
			if (!run_round(p, c, round, round + 1 == rounds))
				return;
			if (rounds == 0 && st_ns() > end)
				break;
		}
}

const char *st_backend_names(const struct st_options *o)
{
	static char names[ST_BACKENDS * 16];
	unsigned i;
	size_t n = 0;

	for (i = 0; i < o->backends; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
				      i ? "," : "", o->backend[i]->name);
	return names;
}

/* The other name of a control cell, in the same placement. */
static const struct st_cell *control_peer(const struct st_plan *p,
					  const struct st_cell *a)
{
	unsigned i;

	for (i = 0; i < p->cells; i++)
		if (p->cell[i].work == a->work && &p->cell[i] != a &&
		    p->cell[i].placement == a->placement)
			return &p->cell[i];
	return NULL;
}

static double width(const struct st_interval *i)
{
	return i->low > 0 ? i->high / i->low : 0;
}

/*
 * The same measurement under two names, in every round one after the other; of
 * several placements the one that is least sure.
 */
static void control(struct st_plan *p)
{
	const struct st_cell *a, *b;
	struct st_interval one;
	unsigned i, n;

	for (i = 0; i < p->cells; i++) {
		a = &p->cell[i];
		if (strcmp(a->work->id, "control/pair") != 0 ||
		    a->var->name[0] != 'a' || (b = control_peer(p, a)) == NULL)
			continue;
		n = a->rounds < b->rounds ? a->rounds : b->rounds;
		one = st_paired_ratio(a->rate, b->rate, n);
		if (n == 0 || width(&one) < width(&p->control))
			continue;
		p->control = one;
		p->control_rounds = n;
	}
}

bool st_noisy(const struct st_plan *p)
{
	return p->control.median > 0 &&
	       !st_quiet(&p->control, p->control_rounds);
}

void st_plan_run(struct st_plan *p)
{
	unsigned i;

	run_rounds(p);
	control(p);
	for (i = 0; i < p->cells; i++)
		if (!p->cell[i].reported && p->cell[i].pending) {
			st_judge_pending(p, &p->cell[i]);
			st_report_cell(p, &p->cell[i]);
		} else if (!p->cell[i].reported && p->cell[i].rounds > 0) {
			st_report_cell(p, &p->cell[i]);
		}
}

void st_plan_free(struct st_plan *p)
{
	unsigned i;

	for (i = 0; i < p->cells; i++) {
		free(p->cell[i].rate);
		free(p->cell[i].p50);
		free(p->cell[i].hist);
	}
	free(p->cell);
}

/* The budget, shared out among all runs. */
void st_plan_share(struct st_plan *p)
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
