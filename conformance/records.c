/* SPDX-License-Identifier: BSD-3-Clause */
/* The records of pipc-conform; pipc.schema.json describes them. */
#include "records.h"

#include "init.h"
#include "json.h"
#include "unchecked.h"

#include <inttypes.h>
#include <string.h>

static void json_provides(FILE *f)
{
	const struct ct_capability *c;
	bool first = true;

	if (!ct_known()) {
		fputs(",\"provides\":null", f);
		return;
	}
	fputs(",\"provides\":[", f);
	for (c = ct_capabilities; c->name != NULL; c++)
		if (ct_provided(c->name)) {
			fprintf(f, "%s\"%s\"", first ? "" : ",", c->name);
			first = false;
		}
	putc(']', f);
}

void ct_record_header(FILE *f, const struct ct_report *r)
{
	time_t now = time(NULL);
	char when[40] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fputs("{\"record\":\"header\",\"schema\":2", f);
	ct_json_pair(f, "program", "pipc-conform");
	ct_json_pair(f, "version", pipc_version());
	ct_json_pair(f, "started", when);
	ct_json_system(f);
	ct_json_pair(f, "backend", r->backend);
	ct_json_pair(f, "mutant", r->mutant);
	fprintf(f, ",\"seed\":%" PRIu64, r->run->seed);
	ct_json_capabilities(f);
	json_provides(f);
	fprintf(f, ",\"resumed\":%s}\n", r->resumed ? "true" : "false");
	fflush(f);
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

void ct_record_case(FILE *f, const struct ct_result *r, enum ct_verdict verdict,
		    const struct ct_quirk *quirk)
{
	bool skipped =
	    r->outcome == CT_UNSUPPORTED || r->outcome == CT_UNRESOLVED;
	char why[CT_RECORD_MAX];

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

void ct_record_summary(FILE *f, const struct ct_summary *s)
{
	const struct ct_unchecked *u;
	unsigned i;

	fputs("{\"record\":\"summary\",\"outcomes\":{", f);
	for (i = 0; i < CT_OUTCOMES; i++)
		fprintf(f, "%s\"%s\":%u", i > 0 ? "," : "", ct_outcome_names[i],
			s->outcomes[i]);
	fputs("},\"verdicts\":{", f);
	for (i = 0; i < CT_VERDICTS; i++)
		fprintf(f, "%s\"%s\":%u", i > 0 ? "," : "", ct_verdict_names[i],
			s->verdicts[i]);
	fprintf(f, "},\"status\":%d,\"unchecked\":[", s->status);
	for (i = 0; (u = ct_unchecked_cause(i)) != NULL; i++) {
		fputs(i > 0 ? ",{\"what\":" : "{\"what\":", f);
		ct_json_string(f, u->what, strlen(u->what));
		fprintf(f, ",\"cases\":%u", u->cases);
		ct_json_pair(f, "why", u->why);
		ct_json_pair(f, "remedy",
			     *u->remedy != '\0' ? u->remedy : NULL);
		putc('}', f);
	}
	fprintf(f, "],\"interrupted\":%s,\"ms\":%ld}\n",
		s->interrupted ? "true" : "false", s->ms);
	fflush(f);
}

void ct_record_listed(FILE *f, const struct ct_case *c)
{
	fputs("{\"record\":\"listed\"", f);
	json_metadata(f, c);
	fputs("}\n", f);
}

void ct_record_requirement(FILE *f, const struct ct_requirement *q)
{
	fputs("{\"record\":\"requirement\"", f);
	ct_json_pair(f, "id", q->id);
	ct_json_pair(f, "class", q->class);
	ct_json_pair(f, "basis", q->basis);
	ct_json_pair(f, "text", q->text);
	fputs("}\n", f);
}

void ct_record_begin(FILE *f, const struct ct_case *c, unsigned run)
{
	fputs("{\"record\":\"begin\"", f);
	ct_json_pair(f, "id", c->id);
	fprintf(f, ",\"run\":%u}\n", run);
	/*
	 * Out of this process and of the machine's memory: what a panic leaves
	 * must name the case that was running.  A console cannot be
	 * synchronised, so wait until its buffer has been sent.
	 */
	fflush(f);
	if (fsync(fileno(f)) != 0)
		ct_init_drain(fileno(f));
}
