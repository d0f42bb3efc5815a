/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: a header, a line for each cell, a summary. */
#include "json.h"
#include "run.h"

#include <stdlib.h>

static FILE *out;

bool st_json_begin(const struct st_plan *p)
{
	if (p->o->json == NULL)
		return true;
	out =
	    ct_json_open(p->o->json, p->o->force ? CT_JSON_FORCE : CT_JSON_NEW);
	return out != NULL;
}

static void member(const char *key)
{
	fprintf(out, ",\"%s\":", key);
}

/* Negative: unknown, null. */
static void number(const char *key, double value)
{
	member(key);
	if (value < 0)
		fputs("null", out);
	else
		fprintf(out, "%.10g", value);
}

static void count(const char *key, uint64_t value)
{
	fprintf(out, ",\"%s\":%" PRIu64, key, value);
}

static void flag(const char *key, bool value)
{
	fprintf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void host(void)
{
	struct st_host h = st_host();

	fprintf(out, ",\"host\":{\"cpus\":%.0f", h.cpus);
	number("load", h.load);
	member("hypervisor");
	fputs(h.hypervisor < 0	 ? "null"
	      : h.hypervisor > 0 ? "true"
				 : "false",
	      out);
	number("timer_slack_ns", h.timer_slack_ns);
	number("rlimit_msgqueue", h.queue_bytes);
	number("rlimit_nofile", h.files);
	putc('}', out);
}

static void calibration(const struct st_calibration *c)
{
	const struct st_cost *k;

	member("calibration_ns");
	if (!c->done) {
		fputs("null", out);
		return;
	}
	fputs("{\"unit\":\"ns\"", out);
	for (k = st_costs; k->name != NULL; k++)
		number(k->name, st_cost(c, k));
	putc('}', out);
}

/* What the system is known to provide; null: nothing is known of it. */
static void provides(void)
{
	const struct ct_capability *c;
	const char *comma = "";

	member("provides");
	if (!ct_known()) {
		fputs("null", out);
		return;
	}
	putc('[', out);
	for (c = ct_capabilities; c->name != NULL; c++)
		if (ct_provided(c->name)) {
			fprintf(out, "%s\"%s\"", comma, c->name);
			comma = ",";
		}
	putc(']', out);
}

void st_json_header(const struct st_plan *p)
{
	time_t now = time(NULL);
	char when[40];
	struct tm tm;

	if (out == NULL)
		return;
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fputs("{\"record\":\"header\",\"schema\":2", out);
	ct_json_pair(out, "program", "pipc-stress");
	ct_json_pair(out, "version", VERSION);
	ct_json_pair(out, "started", when);
	ct_json_pair(out, "command", p->o->command);
	ct_json_system(out);
	ct_json_pair(out, "backend", st_backend_names(p->o));
	ct_json_pair(out, "mutant", p->o->mutant ? p->o->mutant->id : NULL);
	count("seed", p->o->seed);
	ct_json_capabilities(out);
	provides();
	ct_json_pair(out, "profile", p->o->profile->name);
	ct_json_pair(out, "prefix", st_prefix());
	number("measure_ms", (double)p->measure_ns / 1e6);
	count("cells", p->cells);
	host();
	calibration(&p->calibration);
	fputs("}\n", out);
	fflush(out);
}

static void rounds(const char *key, const char *unit, const double *value,
		   unsigned n)
{
	struct st_interval i = st_bootstrap(value, n, 1);
	unsigned k;

	fprintf(out, ",\"%s\":{\"unit\":\"%s\"", key, unit);
	number("median", i.median);
	number("low", i.low);
	number("high", i.high);
	fputs(",\"rounds\":[", out);
	for (k = 0; k < n; k++)
		fprintf(out, "%s%.10g", k ? "," : "", value[k]);
	fputs("]}", out);
}

static void latency(const struct st_hist *h)
{
	static const struct {
		const char *name;
		double share;
	} p[] = {{"p50", .5},
		 {"p90", .9},
		 {"p99", .99},
		 {"p99.9", .999},
		 {"p99.99", .9999}};
	const char *comma = "";
	uint32_t i;

	fprintf(out, ",\"latency\":{\"unit\":\"ns\",\"count\":%" PRIu64,
		h->count);
	for (i = 0; i < sizeof(p) / sizeof(p[0]); i++)
		count(p[i].name, st_hist_quantile(h, p[i].share));
	count("max", h->max);
	/* Pairs: the largest value of a bucket, and how many are in it. */
	fputs(",\"histogram\":[", out);
	for (i = h->low; i < h->end; i++)
		if (h->n[i] != 0) {
			fprintf(out, "%s[%" PRIu64 ",%" PRIu64 "]", comma,
				st_hist_top(i), h->n[i]);
			comma = ",";
		}
	fputs("]}", out);
}

static void measured(const struct st_cell *c)
{
	const struct st_round *s = &c->sum;
	double n = c->rounds;
	unsigned i;

	count("rounds", c->rounds);
	flag("warm", s->warm);
	count("ops", c->ops);
	rounds("rate", "op/s", c->rate, c->rounds);
	rounds("median_ns", "ns", c->p50, c->rounds);
	number("cpu_us_per_op", s->cpu_us / n);
	number("switches_per_op", s->switches / n);
	number("involuntary_per_op", s->involuntary / n);
	latency(c->hist);
	count("stalls_over_1ms", s->stalls);
	fputs(",\"fairness\":{\"unit\":\"share\"", out);
	number("jain", s->jain / n);
	number("min", s->min_share / n);
	number("max", s->max_share / n);
	putc('}', out);
	number("load", s->load / n);
	number("steal_ticks", s->steal);
	fputs(",\"notes\":{", out);
	for (i = 0; i < c->notes; i++)
		fprintf(out, "%s\"%s\":%lld", i ? "," : "", c->note[i].key,
			c->note[i].value);
	putc('}', out);
}

void st_json_cell(const struct st_plan *p, const struct st_cell *c)
{
	bool ok = c->outcome == ST_PASS, red = c->verdict == CT_REGRESSION;
	char text[ST_TEXT];

	if (out == NULL)
		return;
	st_again(p, c, text, sizeof(text));
	fputs("{\"record\":\"cell\"", out);
	ct_json_pair(out, "id", c->id);
	count("number", (uint64_t)(c - p->cell));
	ct_json_pair(out, "workload", c->work->id);
	ct_json_pair(out, "variant", c->var->name);
	ct_json_pair(out, "placement", st_placement_names[c->placement]);
	ct_json_pair(out, "backend", c->backend->name);
	ct_json_pair(out, "op", c->work->op);
	ct_json_pair(out, "text", c->work->text);
	flag("baseline", c->work->baseline);
	ct_json_pair(out, "outcome", st_outcome_names[c->outcome]);
	ct_json_pair(out, "verdict", ct_verdict_names[c->verdict]);
	ct_json_pair(out, "why", ok ? NULL : c->why);
	count("seed", c->seed);
	ct_json_pair(out, "again", red ? text : NULL);
	if (ok)
		measured(c);
	fputs("}\n", out);
	fflush(out);
}

static void unchecked(const struct st_plan *p)
{
	struct st_unchecked u;
	unsigned i;

	fputs(",\"unchecked\":[", out);
	for (i = 0; st_unchecked(p, i, &u); i++) {
		fprintf(out, "%s{\"cells\":%u", i ? "," : "", u.cells);
		ct_json_pair(out, "what", u.what);
		ct_json_pair(out, "why", u.why);
		ct_json_pair(out, "remedy", u.remedy);
		putc('}', out);
	}
	putc(']', out);
}

void st_json_end(const struct st_plan *p)
{
	static const enum ct_verdict verdicts[] = {CT_VERDICT_OK, CT_REGRESSION,
						   CT_VERDICT_ABSENT,
						   CT_VERDICT_UNCHECKED};
	bool known = p->control.median > 0;
	unsigned i;

	if (out == NULL)
		return;
	fputs("{\"record\":\"summary\",\"outcomes\":{", out);
	for (i = 0; i < ST_OUTCOMES; i++)
		fprintf(out, "%s\"%s\":%u", i ? "," : "", st_outcome_names[i],
			p->outcomes[i]);
	fputs("},\"verdicts\":{", out);
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		fprintf(out, "%s\"%s\":%u", i ? "," : "",
			ct_verdict_names[verdicts[i]],
			p->verdicts[verdicts[i]]);
	putc('}', out);
	unchecked(p);
	number("control", known ? p->control.median : -1);
	number("control_low", known ? p->control.low : -1);
	number("control_high", known ? p->control.high : -1);
	flag("noisy", st_noisy(p));
	flag("interrupted", st_interrupted != 0);
	count("status", (uint64_t)st_status(p));
	count("ms", (st_ns() - p->began) / 1000000);
	fputs("}\n", out);
	ct_json_close(out, p->o->json);
	out = NULL;
}
