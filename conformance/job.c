/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes from a case: records through a pipe, and its own output. */
#include "job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_AT_ONCE (1 << 20) /* bytes; then others have their turn */
#define OUTPUT_LINES 40

void ct__job_say(struct job *j, const char *format, ...)
{
	size_t n = strlen(j->r.messages), room = sizeof(j->r.messages) - n;
	va_list ap;
	int len;

	if (room < 3)
		return;
	va_start(ap, format);
	len = vsnprintf(j->r.messages + n, room - 1, format, ap);
	va_end(ap);
	if (len > 0)
		strcat(j->r.messages + n, "\n");
}

/* The first line is the reason of what was not checked. */
void ct__job_say_first(struct job *j, const char *text)
{
	size_t n = strlen(text) + 1, len = strlen(j->r.messages);

	if (n >= sizeof(j->r.messages))
		return;
	if (len > sizeof(j->r.messages) - n - 1)
		len = sizeof(j->r.messages) - n - 1;
	memmove(j->r.messages + n, j->r.messages, len);
	j->r.messages[n + len] = '\0';
	memcpy(j->r.messages, text, n - 1);
	j->r.messages[n - 1] = '\n';
}

static void keep_note(struct job *j, const char *text)
{
	size_t n = strlen(j->r.notes);

	snprintf(j->r.notes + n, sizeof(j->r.notes) - n, "%s\n", text);
}

static void keep_name(struct job *j, const char *text, char letter)
{
	unsigned i;

	if (strlen(text) < 3 || strlen(text + 2) >= sizeof(j->ledger[0].name))
		return;
	for (i = 0; i < j->names; i++)
		if (j->ledger[i].kind == text[0] &&
		    strcmp(j->ledger[i].name, text + 2) == 0)
			break;
	if (i == CT_JOB_NAMES)
		return;
	if (i == j->names)
		j->names++;
	j->ledger[i].kind = text[0];
	strcpy(j->ledger[i].name, text + 2);
	if (letter == 'C')
		j->ledger[i].ours = true;
	else
		j->ledger[i].created += letter == 'O' ? 1 : -1;
}

/* What fails after a set-up that failed says nothing. */
static void keep_failure(struct job *j, const char *text)
{
	if (j->unresolved || j->unsupported)
		return;
	snprintf(j->failed[j->told++ % CT_JOB_DENIALS], sizeof(j->failed[0]),
		 "%s", text);
	j->failures++;
}

/*
 * "ERRNO CALL".  If a failure of this call is on record, then it is a failed
 * check, and whether it counts is decided when the environment has been asked.
 */
static void keep_denial(struct job *j, const char *text)
{
	struct ct__denial *d = &j->denial[j->denials];
	unsigned i;
	char *call;

	if (j->unresolved || j->unsupported || j->denials == CT_JOB_DENIALS)
		return;
	d->error = (int)strtol(text, &call, 10);
	snprintf(d->call, sizeof(d->call), "%.180s",
		 *call == ' ' ? call + 1 : call);
	for (i = 0; i < CT_JOB_DENIALS; i++)
		if (d->call[0] != '\0' && strstr(j->failed[i], d->call)) {
			j->failed[i][0] = '\0';
			j->failures--;
			break;
		}
	d->failures = j->failures;
	j->denials++;
}

static void take_line(struct job *j)
{
	const char *text = j->line + 2;

	if (j->len < 2 || j->line[0] != CT_RECORD_MARK ||
	    strchr("FNMRUELOXCDB", j->line[1]) == NULL) {
		j->garbage = true;
		return;
	}
	switch (j->line[1]) {
	case 'N':
		keep_note(j, text);
		break;
	case 'E':
		j->ended = true;
		break;
	case 'O':
	case 'X':
	case 'C':
		keep_name(j, text, j->line[1]);
		break;
	case 'D':
		keep_denial(j, text);
		break;
	case 'B':
		j->bus = true;
		break;
	default:
		if (j->line[1] == 'F')
			keep_failure(j, text);
		j->unresolved = j->unresolved || j->line[1] == 'R';
		j->unsupported = j->unsupported || j->line[1] == 'U';
		j->descriptors = j->descriptors || j->line[1] == 'L';
		ct__job_say(j, "%s", text);
	}
}

static void drain_records(struct job *j)
{
	char buf[4096];
	ssize_t n, i;

	while ((n = read(j->fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n' || j->len == CT_RECORD_MAX - 1) {
				j->line[j->len] = '\0';
				take_line(j);
				j->len = 0;
			} else {
				j->line[j->len++] = buf[i];
			}
		}
	j->eof = j->eof || n == 0;
}

static void drain_output(struct job *j)
{
	size_t room, all = 0;
	char buf[4096]; /* the stack may be small */
	ssize_t n;

	while (all < OUTPUT_AT_ONCE &&
	       (n = read(j->output_fd, buf, sizeof(buf))) > 0) {
		all += (size_t)n;
		room = sizeof(j->output) - j->output_len;
		if (room > (size_t)n)
			room = (size_t)n;
		memcpy(j->output + j->output_len, buf, room);
		j->output_len += room;
		j->output_more += (size_t)n - room;
	}
	if (all < OUTPUT_AT_ONCE)
		j->output_eof = n == 0;
}

/* Reads what is there. */
void ct__job_drain(struct job *j)
{
	drain_records(j);
	if (!j->output_eof)
		drain_output(j);
}

/* Marked, so that it is nothing but that, whatever it is. */
void ct__job_show_output(struct job *j)
{
	char *p = j->output, *end = j->output + j->output_len, *q;
	int lines;

	for (q = p; q < end; q++)
		if ((*q >= 0 && *q < ' ' && *q != '\n') || *q == 0x7f)
			*q = '?';
	for (lines = 0; p < end && lines < OUTPUT_LINES; lines++) {
		q = memchr(p, '\n', (size_t)(end - p));
		q = q != NULL ? q : end;
		ct__job_say(j, "output: %.*s", (int)(q - p), p);
		p = q + 1;
	}
	j->output_more += p < end ? (size_t)(end - p) : 0;
	if (j->output_more != 0)
		ct__job_say(j, "output: ... and %llu bytes more",
			    j->output_more);
}

static unsigned run_token(void)
{
	static unsigned token;
	struct timespec now;

	if (token == 0) {
		clock_gettime(CLOCK_REALTIME, &now);
		token = (unsigned)now.tv_nsec / 1000 ^ (unsigned)getpid() << 4;
	}
	return token;
}

/* Seeds differ from case to case and depend on nothing but --seed. */
static uint64_t seed_of(const struct ct_case *c, uint64_t seed)
{
	const char *p;

	for (p = c->id; *p != '\0'; p++)
		seed = (seed ^ (unsigned char)*p) * 0x100000001b3u;
	return seed;
}

void ct__job_fresh(struct job *j, const struct ct_run_options *o,
		   const struct ct_case *c, unsigned number, unsigned run)
{
	struct ct__shared *shared = j->shared;
	unsigned long page = j->page;

	memset(j, 0, sizeof(*j));
	memset(shared, 0, sizeof(*shared));
	shared->token = run_token();
	shared->no_fork = o->no_fork;
	j->shared = shared;
	j->page = page;
	j->base = o->base;
	j->number = number;
	j->r.self = c;
	j->r.run = run;
	j->r.seed = o->seed;
	j->fd = j->output_fd = -1;
	clock_gettime(CLOCK_MONOTONIC, &j->started);
	j->sampled = j->started;
	j->limit = ct__job_limit(c);
	j->clock_offset = ct__clock_offset();
}

struct ct ct__job_case(const struct job *j, const struct ct_run_options *o,
		       int records)
{
	return (struct ct){.self = j->r.self,
			   .records = records,
			   .shared = j->shared,
			   .mq_depth = ct_mq_depth,
			   .seed = seed_of(j->r.self, o->seed)};
}
