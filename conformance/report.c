/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes results: TAP or KTAP on stdout, JSON Lines, progress on a terminal. */
#include "report.h"

#include "cause.h"
#include "options.h"
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

FILE *ct_json_open(const char *name)
{
	FILE *f = strcmp(name, "-") == 0 ? stdout : fopen(name, "w");

	if (f == NULL)
		fprintf(stderr, "%s: cannot write '%s': %s\n", ct_program_name,
			name, strerror(errno));
	else if (f != stdout)
		fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
	return f;
}

bool ct_json_close(FILE *f, const char *name)
{
	bool fine = !ferror(f);

	if ((f == stdout ? fflush(f) : fclose(f)) != 0 || !fine) {
		fprintf(stderr, "%s: cannot write '%s': %s\n", ct_program_name,
			name, strerror(errno));
		return false;
	}
	return true;
}

void ct_json_string(FILE *f, const char *text, size_t len)
{
	size_t i;

	putc('"', f);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f) /* bytes of no known charset */
			fprintf(f, "\\u%04x", c);
		else
			putc(c, f);
	}
	putc('"', f);
}

/* ,"key":"text" with null for NULL. */
void ct_json_pair(FILE *f, const char *key, const char *text)
{
	fprintf(f, ",\"%s\":", key);
	if (text == NULL)
		fputs("null", f);
	else
		ct_json_string(f, text, strlen(text));
}

void ct_json_system(FILE *f)
{
	const struct ct_system *s = ct_system();

	fputs(",\"system\":{\"os\":", f);
	ct_json_string(f, s->os, strlen(s->os));
	ct_json_pair(f, "release", s->release);
	ct_json_pair(f, "version", s->version);
	ct_json_pair(f, "machine", s->machine);
	ct_json_pair(f, "libc", s->libc);
	ct_json_pair(f, "libc_version", s->libc_version);
	ct_json_pair(f, "arch", s->arch);
	ct_json_pair(f, "abi", s->abi);
	ct_json_pair(f, "compiler", s->compiler);
	ct_json_pair(f, "emulator", s->emulator);
	ct_json_pair(f, "label", s->label);
	putc('}', f);
}

/* The limits as names and numbers, for JSON and for --probe. */
static void each_limit(FILE *f, const char *format, const char *between)
{
	const struct pipc_limits *l = pipc_limits();
	const struct {
		const char *name;
		long value;
	} rows[] = {
	    {"page_size", l->page_size},
	    {"semaphore_timeout_supported", l->semaphore_timeout_supported},
	    {"semaphore_value_supported", l->semaphore_value_supported},
	    {"message_queues_supported", l->message_queues_supported},
	    {"semaphore_value_max", l->semaphore_value_max},
	    {"queue_messages_max_default", l->queue_messages_max_default},
	    {"queue_message_size_max_default",
	     l->queue_message_size_max_default},
	    {"queue_priority_max", l->queue_priority_max},
	    {"user_signal_min", l->user_signal_min},
	    {"user_signal_max", l->user_signal_max},
	    {"queue_depth_found", ct_mq_depth},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fputs(i > 0 ? between : "", f);
		fprintf(f, format, rows[i].name, rows[i].value);
	}
}

void ct_json_capabilities(FILE *f)
{
	const struct ct_capability *c;
	char text[200];

	fputs(",\"capabilities\":{", f);
	for (c = ct_capabilities; c->name != NULL; c++) {
		snprintf(text, sizeof(text), "%s%s%s", ct_state_names[c->state],
			 c->state == CT_PRESENT ? "" : ": ", c->why);
		fprintf(f, "%s\"%s\":", c == ct_capabilities ? "" : ",",
			c->name);
		ct_json_string(f, text, strlen(text));
	}
	putc('}', f);
	fputs(",\"limits\":{", f);
	each_limit(f, "\"%s\":%ld", ",");
	putc('}', f);
}

static void json_header(FILE *f)
{
	time_t now = time(NULL);
	char when[40] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fputs("{\"record\":\"header\",\"schema\":1", f);
	ct_json_pair(f, "program", "pipc-conform");
	ct_json_pair(f, "version", pipc_version());
	ct_json_pair(f, "started", when);
	ct_json_system(f);
	ct_json_pair(f, "backend", out.r.backend);
	ct_json_pair(f, "mutant", out.r.mutant);
	fprintf(f, ",\"seed\":%" PRIu64, out.r.run->seed);
	ct_json_capabilities(f);
	fputs("}\n", f);
}

static void json_words(FILE *f, const char *key, const char *words)
{
	const char *p = words != NULL ? words : "";
	size_t n;
	bool first = true;

	fprintf(f, ",\"%s\":[", key);
	for (;; p += n) {
		p += strspn(p, " ");
		if (*p == '\0')
			break;
		n = strcspn(p, " ");
		fputs(first ? "" : ",", f);
		ct_json_string(f, p, n);
		first = false;
	}
	putc(']', f);
}

static void json_lines(FILE *f, const char *key, const char *lines)
{
	const char *p, *end;

	fprintf(f, ",\"%s\":[", key);
	for (p = lines; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		fputs(p > lines ? "," : "", f);
		ct_json_string(f, p, (size_t)(end - p));
	}
	putc(']', f);
}

static void json_metadata(FILE *f, const struct ct_case *c)
{
	ct_json_pair(f, "id", c->id);
	json_words(f, "req", c->req);
	ct_json_pair(f, "posix", c->posix);
	ct_json_pair(f, "text", c->text);
}

/* The value of a later line with this key: of two, the last one counts. */
static bool said_later(const char *rest, const char *key, size_t n)
{
	const char *p;

	for (p = rest; *p != '\0'; p = strchr(p, '\n') + 1)
		if (strncmp(p, key, n) == 0 && p[n] == '=')
			return true;
	return false;
}

static void json_notes(FILE *f, const char *notes)
{
	const char *p, *end, *equal;
	bool first = true;

	fputs(",\"notes\":{", f);
	for (p = notes; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		equal = memchr(p, '=', (size_t)(end - p));
		if (equal == NULL ||
		    said_later(end + 1, p, (size_t)(equal - p)))
			continue;
		fputs(first ? "" : ",", f);
		ct_json_string(f, p, (size_t)(equal - p));
		putc(':', f);
		ct_json_string(f, equal + 1, (size_t)(end - equal - 1));
		first = false;
	}
	putc('}', f);
}

static void json_case(FILE *f, const struct ct_result *r,
		      enum ct_verdict verdict, const struct ct_quirk *quirk)
{
	bool skipped =
	    r->outcome == CT_UNSUPPORTED || r->outcome == CT_UNRESOLVED;
	char why[200];

	snprintf(why, sizeof(why), "%.*s", (int)strcspn(r->messages, "\n"),
		 r->messages);
	fputs("{\"record\":\"case\"", f);
	json_metadata(f, r->self);
	ct_json_pair(f, "outcome", ct_outcome_names[r->outcome]);
	ct_json_pair(f, "verdict", ct_verdict_names[verdict]);
	ct_json_pair(f, "quirk", quirk != NULL ? quirk->id : NULL);
	ct_json_pair(f, "why", skipped ? why : NULL);
	json_lines(f, "messages", r->messages);
	json_notes(f, r->notes);
	fprintf(f, ",\"checks\":%u,\"ms\":%ld,\"run\":%u}\n", r->checks, r->ms,
		r->run);
	fflush(f);
}

static void json_summary(FILE *f, int signo)
{
	unsigned i;

	fputs("{\"record\":\"summary\",\"outcomes\":{", f);
	for (i = 0; i < CT_OUTCOMES; i++)
		fprintf(f, "%s\"%s\":%u", i > 0 ? "," : "", ct_outcome_names[i],
			out.outcomes[i]);
	fputs("},\"verdicts\":{", f);
	for (i = 0; i < CT_VERDICTS; i++)
		fprintf(f, "%s\"%s\":%u", i > 0 ? "," : "", ct_verdict_names[i],
			out.verdicts[i]);
	fprintf(f, "},\"interrupted\":%s,\"ms\":%ld}\n",
		signo != 0 ? "true" : "false",
		ct_ms_since(CLOCK_MONOTONIC, &out.started));
}

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

static void diagnostics(const struct ct_result *r, bool good, bool red,
			const struct ct_quirk *quirk)
{
	const struct ct_case *c = r->self;
	const char *b = out.r.backend, *m = out.r.mutant;
	char with[160], seed[40] = "";

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
	snprintf(with, sizeof(with), "%s%s%s%s",
		 strcmp(b, "system") == 0 ? "" : " --backend ",
		 strcmp(b, "system") == 0 ? "" : b,
		 m == NULL ? "" : " --mutant ", m == NULL ? "" : m);
	if (r->random)
		snprintf(seed, sizeof(seed), " --seed %" PRIu64, r->seed);
	printf("# again: pipc-conform%s --run '%s'%s\n", with, c->id, seed);
	printf("# closer: gdb --args pipc-conform%s --debug '%s'%s; "
	       "strace -f pipc-conform%s --debug '%s'%s\n",
	       with, c->id, seed, with, c->id, seed);
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
	    (out.json = ct_json_open(report->json)) == NULL)
		return false;
	if (report->ktap)
		puts("KTAP version 1");
	printf("1..%u\n", report->plan);
	printf("# %s %s %s, %s %s; backend %s, seed %" PRIu64 "\n", s->os,
	       s->release, s->machine, s->libc, s->libc_version,
	       report->backend, report->run->seed);
	lines("", ct_start_changes());
	if (out.json != NULL) {
		json_header(out.json);
		fflush(out.json);
	}
	fflush(stdout);
	return true;
}

void ct_report_starting(const struct ct_case *c, unsigned number)
{
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
	else
		printf("as expected; all that this system is known to provide "
		       "was checked");
	putchar('\n');
}

void ct_report_case(const struct ct_result *r)
{
	const struct ct_quirk *quirk = NULL;
	enum ct_verdict verdict =
	    ct_judge(r->self->id, r->outcome, r->lack, out.r.quirks, &quirk);
	bool red = verdict == CT_XPASS || verdict == CT_REGRESSION;

	if (out.r.strict && r->outcome != CT_PASS && r->outcome != CT_NOTED)
		red = true;
	out.number++;
	out.outcomes[r->outcome]++;
	out.verdicts[verdict]++;
	out.red += red;
	count_run(r);
	if (verdict == CT_VERDICT_UNCHECKED)
		ct_unchecked_add(r);
	if (red)
		ct_cause_add(r->self);
	tap_case(r, verdict, red, quirk);
	fflush(stdout);
	if (out.json != NULL)
		json_case(out.json, r, verdict, quirk);
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
		json_summary(out.json, signo);
		fine &= ct_json_close(out.json, out.r.json);
	}
	return fine;
}

void ct_report_last_line(int signo)
{
	if (out.json != stdout) /* else it has been said */
		json_summary(stdout, signo);
	fflush(stdout);
}

void ct_report_list(const struct ct_case *c)
{
	fputs("{\"record\":\"listed\"", stdout);
	json_metadata(stdout, c);
	puts("}");
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
	each_limit(stdout, "%s\t%ld\n", "");
}
