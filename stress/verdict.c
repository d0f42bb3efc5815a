/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From outcomes to verdicts, and to the exit status.  A call that is refused is
 * the environment's doing only where something proves it; what was not checked
 * is counted, told, and not green.
 */
#include "run.h"

#include <stdlib.h>

/* Capabilities that are kinds of objects. */
#define KINDS (CT_NEED_SEM | CT_NEED_SHM | CT_NEED_MQ)

/* The first backend comes last, for what the header says is about it. */
void st_probe(struct st_plan *p)
{
	const struct ct_capability *c;
	unsigned b = p->o->backends, i;

	while (b-- > 0) {
		ct_judge_backend(p->o->backend[b]->name);
		ct_probe(p->o->os[b], false);
		for (c = ct_capabilities, i = 0;
		     c->name != NULL && i + 1 < ST_CAPABILITIES; c++)
			p->capability[b][i++] = *c;
	}
}

/* What the backend of a cell has of what the cell needs. */
static const struct ct_capability *capability(const struct st_plan *p,
					      const struct st_cell *c)
{
	const struct ct_capability *one;
	unsigned b = 0;

	while (b + 1 < p->o->backends && p->o->backend[b] != c->backend)
		b++;
	for (one = p->capability[b]; one->name != NULL; one++)
		if (one->need & c->need)
			return one;
	return NULL;
}

const char *st_lacks(const struct st_plan *p, const struct st_cell *c)
{
	const struct ct_capability *can = capability(p, c);

	return can != NULL && can->state == CT_ABSENT ? can->why : NULL;
}

static const char *need_name(unsigned need)
{
	const struct ct_capability *c;

	for (c = ct_capabilities; c->name != NULL; c++)
		if (c->need & need)
			return c->name;
	return "call";
}

/* All objects of a backend in user space are files where memory objects are. */
static const char *explained(struct st_cell *c, const struct st_refusal *r)
{
	const char *reason;

	ct_judge_backend(c->backend->name);
	reason = ct_environment(r->call, r->error);
	if (reason != NULL || r->need == 0 ||
	    strcmp(c->backend->name, pipc__backends[0].name) == 0)
		return reason;
	reason = ct_environment("shm_open", r->error);
	if (reason != NULL)
		snprintf(c->cause, sizeof(c->cause), "shm: shm_open: %s",
			 ct_errno_name(r->error));
	return reason;
}

void st_judge_refusal(struct st_cell *c, struct st_run *run)
{
	const struct st_refusal *r = &run->refusal;
	const char *name = ct_errno_name(r->error), *reason;
	/* An earlier round of this cell had it, too. */
	bool after = r->need != 0 && (r->after || c->rounds > 0);

	snprintf(c->cause, sizeof(c->cause), "%s: %s: %s", need_name(r->need),
		 r->call, name);
	c->need = r->need;
	if (run->outcome == ST_UNSUPPORTED && !after) {
		c->pending = r->need != 0;
		return;
	}
	reason = run->outcome == ST_UNSUPPORTED ? NULL : explained(c, r);
	if (reason != NULL) {
		snprintf(run->text, sizeof(run->text), "%s: %s; %s", r->call,
			 name, reason);
	} else if (after) {
		run->outcome = ST_FAIL;
		snprintf(run->text, sizeof(run->text),
			 "%s: expected success, got %s, which nothing here "
			 "explains",
			 r->call, name);
	} else {
		c->pending = r->need != 0;
	}
}

/* A cell that had from the same backend what this one was refused. */
static const struct st_cell *luckier(const struct st_plan *p,
				     const struct st_cell *c)
{
	const struct st_cell *other;

	for (other = p->cell; other < p->cell + p->cells; other++)
		if (other->outcome == ST_PASS && other->rounds > 0 &&
		    other->backend == c->backend &&
		    (other->need & c->need) == c->need)
			return other;
	return NULL;
}

static void fail(struct st_cell *c, const char *reason, const char *who)
{
	const char *call = strchr(c->cause, ':'), *error = strrchr(call, ':');

	c->outcome = ST_FAIL;
	snprintf(c->why, sizeof(c->why), "%.*s: expected success, got %s, %s%s",
		 (int)(error - call - 2), call + 2, error + 2, reason, who);
}

void st_judge_pending(struct st_plan *p, struct st_cell *c)
{
	const struct st_cell *other = luckier(p, c);
	const struct ct_capability *can = capability(p, c);

	c->pending = false;
	if (other != NULL)
		fail(c, "as in cell ", other->id);
	else if (can == NULL)
		return;
	else if (can->state == CT_PRESENT)
		fail(c, "as in the probe of ", can->name);
	else if (can->state == CT_BROKEN)
		fail(c, "which nothing here explains", "");
	else
		snprintf(c->why, sizeof(c->why), "%s", can->why);
}

enum ct_verdict st_verdict(const struct st_plan *p, const struct st_cell *c)
{
	const struct ct_capability *lack;

	if (c->outcome == ST_PASS)
		return CT_VERDICT_OK;
	if (c->outcome != ST_UNSUPPORTED && c->outcome != ST_UNRESOLVED)
		return CT_REGRESSION;
	/* For scale only: it would have checked nothing of POSIX. */
	if (c->work->baseline)
		return CT_VERDICT_ABSENT;
	lack = capability(p, c);
	if (c->outcome == ST_UNRESOLVED || lack == NULL)
		return CT_VERDICT_UNCHECKED;
	ct_judge_backend(c->backend->name);
	return ct_judge_lack(lack);
}

/* Cells that put the backend under load, and those of them that could. */
static void count(const struct st_plan *p, unsigned *wanted, unsigned *ran)
{
	const struct st_cell *c;

	*wanted = *ran = 0;
	for (c = p->cell; c < p->cell + p->cells; c++) {
		*wanted += !c->work->baseline;
		*ran += !c->work->baseline && c->outcome == ST_PASS &&
			c->rounds > 0;
	}
}

int st_status(const struct st_plan *p)
{
	unsigned wanted, ran;

	if (st_interrupted)
		return 128 + st_interrupted;
	if (p->verdicts[CT_REGRESSION] != 0)
		return 1;
	count(p, &wanted, &ran);
	if (wanted != 0 ? ran == 0 : p->outcomes[ST_PASS] == 0)
		return 77;
	return p->verdicts[CT_VERDICT_UNCHECKED] != 0 && !ct_unchecked_allowed()
		   ? 3
		   : 0;
}

/* Left out for the same reason, and judged alike. */
static bool alike(const struct st_cell *a, const struct st_cell *b)
{
	return a->reported && b->reported && a->verdict == b->verdict &&
	       a->work->baseline == b->work->baseline &&
	       strcmp(a->why, b->why) == 0;
}

/* The i-th cause for which cells have this verdict. */
static bool cause(const struct st_plan *p, enum ct_verdict verdict, unsigned i,
		  struct st_unchecked *u)
{
	const struct st_cell *c, *k, *end = p->cell + p->cells;

	for (c = p->cell; c < end; c++) {
		if (!c->reported || c->verdict != verdict || c->work->baseline)
			continue;
		for (k = p->cell; k < c && !alike(k, c); k++)
			continue;
		if (k == c && i-- == 0)
			break;
	}
	if (c == end)
		return false;
	u->cells = 0;
	for (k = c; k < end; k++)
		u->cells += alike(k, c);
	snprintf(u->what, sizeof(u->what), "%s%s",
		 c->need != 0 ? need_name(c->need) : c->id,
		 c->need == 0 && u->cells > 1 ? " and others" : "");
	u->why = c->why;
	u->remedy = c->cause[0] != '\0' ? ct_remedy(c->cause) : NULL;
	return true;
}

bool st_unchecked(const struct st_plan *p, unsigned i, struct st_unchecked *u)
{
	return cause(p, CT_VERDICT_UNCHECKED, i, u);
}

static void say(const struct st_plan *p, enum ct_verdict verdict,
		const char *text)
{
	struct st_unchecked u;
	unsigned i;

	for (i = 0; cause(p, verdict, i, &u); i++)
		printf("# %s: %s, %u cell%s: %s%s%s\n", text, u.what, u.cells,
		       u.cells == 1 ? "" : "s", u.why,
		       u.remedy != NULL ? "; remedy: " : "",
		       u.remedy != NULL ? u.remedy : "");
}

void st_say_unchecked(const struct st_plan *p)
{
	say(p, CT_VERDICT_ABSENT, "not on this system");
	say(p, CT_VERDICT_UNCHECKED, "not checked");
}

void st_say_status(const struct st_plan *p)
{
	unsigned red = p->verdicts[CT_REGRESSION];
	unsigned unchecked = p->verdicts[CT_VERDICT_UNCHECKED];
	const char *cells = unchecked == 1 ? "cell was" : "cells were";
	int status = st_status(p);

	printf("# status %d: ", status);
	if (st_interrupted)
		printf("interrupted by signal %d\n", st_interrupted);
	else if (status == 1)
		printf("%u cell%s not as expected\n", red,
		       red == 1 ? " is" : "s are");
	else if (status == 77)
		printf("nothing could be run\n");
	else if (unchecked != 0)
		printf("as expected, but %u %s not checked%s\n", unchecked,
		       cells, status == 0 ? " (--allow-unchecked)" : "");
	else
		printf("as expected; all that this system is known to provide "
		       "was checked\n");
}
