/* SPDX-License-Identifier: BSD-3-Clause */
/* The table, TAP and KTAP, and the progress line. */
#include "run.h"
#include "start.h"

#define HEAD                                                                   \
	"%-24s %11s %23s %8s %8s %8s %8s %7s %6s %5s\n", "cell", "op/s",       \
	    "95% interval", "p50 ns", "p99", "p99.9", "max", "cpu us",         \
	    "switch", "jain"

static bool progress_shown;

static void clear_progress(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
	fflush(stderr);
}

void st_report_progress(struct st_plan *p, const struct st_cell *next,
			double done)
{
	double spent = (double)(st_ns() - p->began) / 1e9, left;

	if (!isatty(2))
		return;
	left = (double)p->budget_ns / 1e9 - spent;
	if (done > .02)
		left = spent / done - spent;
	clear_progress();
	fprintf(stderr, "%3.0f%%  %-28s %.0f:%02.0f left", done * 100, next->id,
		(double)((long)left / 60), (double)((long)left % 60));
	fflush(stderr);
	progress_shown = true;
}

static void calibration(const struct st_calibration *c)
{
	const struct st_cost *k;

	printf("# ns:");
	for (k = st_costs; k->name != NULL; k++)
		if (st_cost(c, k) >= 0)
			printf(" %s %.0f", k->name, st_cost(c, k));
	printf("\n");
}

static void machine(void)
{
	struct st_host h = st_host();

	printf("# load %.2f, %.0f cores%s, timer slack %.0f ns, %.0f bytes of "
	       "queues, %.0f files\n",
	       h.load, h.cpus, h.hypervisor > 0 ? ", hypervisor" : "",
	       h.timer_slack_ns, h.queue_bytes, h.files);
}

void st_report_begin(struct st_plan *p)
{
	const struct st_options *o = p->o;

	if (o->format == ST_KTAP)
		printf("KTAP version 1\n");
	if (o->format != ST_TABLE)
		printf("1..%u\n", p->cells);
	printf("# pipc-stress %s: profile %s, backend %s%s%s, seed %" PRIu64
	       ", %u cells of %.0f ms\n",
	       VERSION, o->profile->name, st_backend_names(o),
	       o->mutant ? ", mutant " : "", o->mutant ? o->mutant->id : "",
	       o->seed, p->cells, (double)p->measure_ns / 1e6);
	if (*ct_start_changes() != '\0')
		printf("# %s", ct_start_changes());
	if (!o->profile->brief)
		machine();
	if (p->calibration.done)
		calibration(&p->calibration);
	if (o->format == ST_TABLE)
		printf(HEAD);
	fflush(stdout);
}

static void row(const struct st_cell *c)
{
	struct st_interval i = st_bootstrap(c->rate, c->rounds, 1);

	printf("%-24s %11.0f [%10.0f %10.0f] %8" PRIu64 " %8" PRIu64
	       " %8" PRIu64 " %8" PRIu64 " %7.2f %6.2f %5.2f\n",
	       c->id, i.median, i.low, i.high, st_hist_quantile(c->hist, .5),
	       st_hist_quantile(c->hist, .99), st_hist_quantile(c->hist, .999),
	       c->hist->max, c->sum.cpu_us / c->rounds,
	       c->sum.switches / c->rounds, c->sum.jain / c->rounds);
}

void st_again(const struct st_plan *p, const struct st_cell *c, char *text,
	      size_t size)
{
	const struct st_options *o = p->o;

	snprintf(text, size,
		 "%s --run %.*s --placement %s --seed %" PRIu64
		 " --profile %s --backend %s%s%s",
		 o->mutant ? "stress-mutants" : "pipc-stress",
		 (int)strcspn(c->id, "@:"), c->id,
		 st_placement_names[c->placement], c->seed, o->profile->name,
		 c->backend->name, o->mutant ? " --mutant " : "",
		 o->mutant ? o->mutant->id : "");
}

static void tap(const struct st_plan *p, const struct st_cell *c, bool skip)
{
	bool ok = c->outcome == ST_PASS, ktap = p->o->format == ST_KTAP;

	printf("%sok %u %s%s%s%s%s%s\n", ok || skip ? "" : "not ", p->reported,
	       ktap ? "" : "- ", c->id,
	       skip ? " # SKIP "
	       : ok ? ""
		    : " ",
	       ok ? "" : st_outcome_names[c->outcome], skip ? ": " : "",
	       skip ? c->why : "");
	if (ok)
		printf("# %.0f %s/s, p50 %" PRIu64 " ns, p99 %" PRIu64
		       " ns, max %" PRIu64 " ns\n",
		       st_median(c->rate, c->rounds), c->work->op,
		       st_hist_quantile(c->hist, .5),
		       st_hist_quantile(c->hist, .99), c->hist->max);
	else if (!skip)
		printf("# %s\n", c->why);
}

void st_report_cell(struct st_plan *p, struct st_cell *c)
{
	bool ok = c->outcome == ST_PASS, skip;
	char text[ST_TEXT];

	clear_progress();
	p->outcomes[c->outcome]++;
	c->verdict = st_verdict(p, c);
	p->verdicts[c->verdict]++;
	skip = !ok && c->verdict != CT_REGRESSION;
	p->reported++;
	c->reported = true;
	if (ok && c->kills != 0 && p->o->kills != 0)
		printf("# %s: %llu kills\n", c->id, c->kills);
	if (p->o->format != ST_TABLE)
		tap(p, c, skip);
	else if (ok)
		row(c);
	else
		printf("%-24s %s: %s\n", c->id, st_outcome_names[c->outcome],
		       c->why);
	if (!ok && !skip) {
		st_again(p, c, text, sizeof(text));
		printf("# again: %s\n", text);
	}
	fflush(stdout);
	st_json_cell(p, c);
}

static void control(const struct st_plan *p)
{
	const struct st_interval *c = &p->control;

	if (c->median <= 0)
		return;
	printf("# %s: A/A ratio %.3f [%.3f, %.3f]",
	       st_noisy(p) ? "noisy" : "quiet", c->median, c->low, c->high);
	if (p->control_rounds < ST_FEWEST)
		printf(" of %u round%s", p->control_rounds,
		       p->control_rounds == 1 ? "" : "s");
	printf("%s\n", st_noisy(p) ? ": do not trust the ratios" : "");
}

void st_report_end(struct st_plan *p)
{
	clear_progress();
	control(p);
	st_say_unchecked(p);
	printf("# %u passed, %u broken, %u absent, %u unchecked%s; %.1f s\n",
	       p->verdicts[CT_VERDICT_OK], p->verdicts[CT_REGRESSION],
	       p->verdicts[CT_VERDICT_ABSENT],
	       p->verdicts[CT_VERDICT_UNCHECKED],
	       st_interrupted ? ", interrupted" : "",
	       (double)(st_ns() - p->began) / 1e9);
	st_say_status(p);
	if (st_interrupted && p->o->format != ST_TABLE)
		printf("Bail out! interrupted\n");
	fflush(stdout);
	st_json_end(p);
}
