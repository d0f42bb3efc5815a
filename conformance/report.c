/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes results: TAP or KTAP on stdout, JSON Lines, progress on a terminal. */
#include "report.h"

#include "cause.h"
#include "json.h"
#include "options.h"
#include "records.h"
#include "start.h"
#include "unchecked.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct ct_report r;
	FILE *json;
	struct timespec started;
	unsigned number, outcomes[CT_OUTCOMES], verdicts[CT_VERDICTS], red, ran,
	    objects_wanted, objects_ran;
	bool progress;
} out;

static void lines(const char *prefix, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1)
		printf("# %s%.*s\n", prefix, (int)(end - text), text);
}

/* The itemised specification's own words for what did not hold. */
static void requirements(const char *ids)
{
	const struct ct_requirement *q;
	size_t n;

	for (; ids != NULL && *ids != '\0'; ids += n) {
		ids += strspn(ids, " ");
		n = strcspn(ids, " ");
		for (q = ct_requirements; q->id != NULL; q++)
			if (strlen(q->id) == n && strncmp(q->id, ids, n) == 0)
				printf("# %s: %s (%s)\n", q->id, q->text,
				       q->basis);
	}
}

/* A word as a shell takes it. */
static void word(const char *text)
{
	const char *plain =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-./,=:@%+";

	if (*text != '\0' && text[strspn(text, plain)] == '\0') {
		fputs(text, stdout);
		return;
	}
	putchar('\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	putchar('\'');
}

/* The command that runs one case again, as it can be pasted. */
static void command(const char *option, const char *id, const char *seed)
{
	const char *const *p, *emulator = getenv("PIPC_EXEC");

	if (emulator != NULL) {
		word(emulator);
		putchar(' ');
	}
	word(out.r.program != NULL ? out.r.program : "pipc-conform");
	if (strcmp(out.r.backend, "system") != 0) {
		fputs(" --backend ", stdout);
		word(out.r.backend);
	}
	if (out.r.mutant != NULL) {
		fputs(" --mutant ", stdout);
		word(out.r.mutant);
	}
	for (p = out.r.words; p != NULL && *p != NULL; p++) {
		putchar(' ');
		word(*p);
	}
	printf(" %s ", option);
	word(id);
	fputs(seed, stdout);
}

static void diagnostics(const struct ct_result *r, bool good, bool red,
			const struct ct_quirk *quirk)
{
	const struct ct_case *c = r->self;
	char seed[40] = "";

	lines("", r->messages);
	lines("noted ", r->notes);
	if (quirk != NULL)
		printf("# quirk %s: %s (%s)\n", quirk->id, quirk->note,
		       quirk->source);
	if (!red && good)
		return;
	printf("# a correct system: %s\n", c->text);
	requirements(c->req);
	if (c->posix != NULL)
		printf("# source: %s\n", c->posix);
	if (!red)
		return;
	if (r->random)
		snprintf(seed, sizeof(seed), " --seed %" PRIu64, r->seed);
	fputs("# again: ", stdout);
	command("--run", c->id, seed);
	fputs("\n# closer: gdb --args ", stdout);
	command("--debug", c->id, seed);
	fputs("; strace -f ", stdout);
	command("--debug", c->id, seed);
	putchar('\n');
}

static void tap_case(const struct ct_result *r, enum ct_verdict verdict,
		     bool red, const struct ct_quirk *quirk)
{
	bool skipped =
	    r->outcome == CT_UNSUPPORTED || r->outcome == CT_UNRESOLVED;
	const char *name = ct_outcome_names[r->outcome];
	bool good = verdict == CT_XPASS ||
		    (verdict != CT_XFAIL && verdict != CT_REGRESSION && !red);

	printf("%sok %u %s%s", good ? "" : "not ", out.number,
	       out.r.ktap ? "" : "- ", r->self->id);
	if (r->run > 1)
		printf(" run %u", r->run);
	if (verdict == CT_XFAIL && !red)
		printf(" # TODO %s %s", name, quirk ? quirk->id : "--expect");
	else if (verdict == CT_XPASS)
		printf(" # TODO %s", quirk != NULL ? quirk->id : "--expect");
	else if (skipped && !red)
		printf(" # SKIP %s: %.*s", name,
		       (int)strcspn(r->messages, "\n"), r->messages);
	else if (!good)
		printf(" %s", name);
	putchar('\n');
	diagnostics(r, good, red, quirk);
}

bool ct_report_begin(const struct ct_report *report)
{
	const struct ct_system *s = ct_system();

	out.r = *report;
	clock_gettime(CLOCK_MONOTONIC, &out.started);
	out.progress = isatty(2) && !isatty(1);
	if (report->json != NULL &&
	    (out.json = ct_json_open(report->json, report->how)) == NULL)
		return false;
	if (report->ktap)
		puts("KTAP version 1");
	printf("1..%u\n", report->plan);
	printf("# %s %s %s, %s %s; backend %s, seed %" PRIu64 "\n", s->os,
	       s->release, s->machine, s->libc, s->libc_version,
	       report->backend, report->run->seed);
	lines("", ct_start_changes());
	if (out.json != NULL)
		ct_record_header(out.json, report);
	fflush(stdout);
	return true;
}

void ct_report_starting(const struct ct_case *c, unsigned number, unsigned run)
{
	if (out.json != NULL)
		ct_record_begin(out.json, c, run);
	if (out.progress)
		fprintf(stderr, "\r\033[K%u/%u %s", number + 1, out.r.plan,
			c->id);
}

/* A run that needs objects and could not use one of them has learned nothing.
 */
static void count_run(const struct ct_result *r)
{
	unsigned objects = r->self->needs & ~(CT_NEED_UIDS | CT_NEED_NATIVE);
	bool ran = r->outcome != CT_UNSUPPORTED && r->outcome != CT_UNRESOLVED;

	out.ran += ran;
	out.objects_wanted += objects != 0;
	out.objects_ran += objects != 0 && ran;
}

static void count(const struct ct_result *r, enum ct_verdict verdict, bool red)
{
	out.outcomes[r->outcome]++;
	out.verdicts[verdict]++;
	out.red += red;
	count_run(r);
	if (verdict == CT_VERDICT_UNCHECKED)
		ct_unchecked_add(r);
	if (red)
		ct_cause_add(r->self);
}

/* With --strict nothing but a pass is as expected. */
static bool is_red(enum ct_verdict verdict, enum ct_outcome outcome)
{
	return verdict == CT_XPASS || verdict == CT_REGRESSION ||
	       (out.r.strict && outcome != CT_PASS && outcome != CT_NOTED);
}

void ct_report_earlier(const struct ct_result *r, enum ct_verdict verdict)
{
	count(r, verdict, is_red(verdict, r->outcome));
}

int ct_report_status(void)
{
	if (out.red != 0)
		return CT_NOT_AS_EXPECTED;
	if (out.ran == 0 || (out.objects_wanted != 0 && out.objects_ran == 0))
		return CT_NOTHING_RAN;
	if (ct_unchecked_all() != 0 && !ct_unchecked_allowed())
		return CT_UNCHECKED;
	return CT_AS_EXPECTED;
}

static void status_sentence(int status)
{
	unsigned unchecked = out.verdicts[CT_VERDICT_UNCHECKED];

	printf("# status %d: ", status);
	if (status == CT_NOT_AS_EXPECTED)
		printf("%u result%s not as expected", out.red,
		       out.red == 1 ? " is" : "s are");
	else if (status == CT_NOTHING_RAN)
		printf("nothing could be run");
	else if (status == CT_UNCHECKED)
		printf("as expected, but %u case%s not checked", unchecked,
		       unchecked == 1 ? " was" : "s were");
	else if (unchecked != 0)
		printf("as expected; %u case%s not checked, which is allowed",
		       unchecked, unchecked == 1 ? " was" : "s were");
	else
		printf(
		    "as expected; all %sthat this system is known to provide "
		    "was checked",
		    out.r.chosen ? "of the chosen cases " : "");
	putchar('\n');
}

void ct_report_case(const struct ct_result *r)
{
	const struct ct_quirk *quirk = NULL;
	enum ct_verdict verdict =
	    ct_judge(r->self->id, r->outcome, r->lack, out.r.quirks, &quirk);
	bool red = is_red(verdict, r->outcome);

	out.number++;
	count(r, verdict, red);
	tap_case(r, verdict, red, quirk);
	fflush(stdout);
	if (out.json != NULL)
		ct_record_case(out.json, r, verdict, quirk);
}

/* Each capability that is missing, and needed by a case, once. */
static void capabilities(enum ct_state state, const char *prefix)
{
	const struct ct_capability *c;
	const char *remedy;

	for (c = ct_capabilities; c->name != NULL; c++) {
		if (c->state != state)
			continue;
		if (state == CT_ABSENT && ct_judge_lack(c) != CT_VERDICT_ABSENT)
			continue; /* said as not checked, or red */
		remedy = state == CT_ABSENT ? ct_remedy(c->cause) : NULL;
		printf("# %s %s: %s%s%s\n", prefix, c->name, c->why,
		       remedy != NULL ? "; remedy: " : "",
		       remedy != NULL ? remedy : "");
	}
}

static void summary(FILE *f, int signo)
{
	struct ct_summary s = {
	    .outcomes = out.outcomes,
	    .verdicts = out.verdicts,
	    .status = ct_report_status(),
	    .interrupted = signo != 0,
	    .ms = ct_ms_since(CLOCK_MONOTONIC, &out.started),
	};

	ct_record_summary(f, &s);
}

bool ct_report_end(int signo)
{
	unsigned i;
	bool fine;

	if (out.progress)
		fputs("\r\033[K", stderr);
	if (signo != 0)
		printf("Bail out! interrupted by signal %d (%s)\n", signo,
		       strsignal(signo));
	capabilities(CT_ABSENT, "not on this system:");
	ct_unchecked_print(stdout);
	capabilities(CT_BROKEN, "broken:");
	ct_cause_print(stdout);
	printf("#");
	for (i = 0; i < CT_OUTCOMES; i++)
		if (out.outcomes[i] != 0)
			printf(" %u %s", out.outcomes[i], ct_outcome_names[i]);
	for (i = 0; i < CT_VERDICTS; i++)
		printf("%s %u %s", i == 0 ? ";" : ",", out.verdicts[i],
		       ct_verdict_names[i]);
	printf("; %ld ms\n", ct_ms_since(CLOCK_MONOTONIC, &out.started));
	if (signo == 0)
		status_sentence(ct_report_status());
	fine = fflush(stdout) == 0 && !ferror(stdout);
	if (!fine)
		fprintf(stderr, "pipc-conform: cannot write to stdout\n");
	if (out.json != NULL) {
		summary(out.json, signo);
		fine &= ct_json_close(out.json, out.r.json);
	}
	return fine;
}

void ct_report_last_line(int signo)
{
	if (out.json != stdout) /* else it has been said */
		summary(stdout, signo);
	fflush(stdout);
}

void ct_report_probe(void)
{
	const struct ct_system *s = ct_system();
	const struct ct_capability *c;

	printf("system\t%s %s %s\nlibc\t%s %s\n", s->os, s->release, s->machine,
	       s->libc, s->libc_version);
	printf("program\t%s, %s, %s\n", s->arch, s->abi, s->compiler);
	if (*s->emulator != '\0')
		printf("emulator\t%s\n", s->emulator);
	for (c = ct_capabilities; c->name != NULL; c++)
		printf("%s\t%s%s%s\n", c->name, ct_state_names[c->state],
		       c->state == CT_PRESENT ? "" : ": ", c->why);
	ct_each_limit(stdout, "%s\t%ld\n", "");
}
