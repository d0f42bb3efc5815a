/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds records among other lines; tools/pipc_records.py has the same rules. */
#include "log-lines.h"

#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mark[] = "{\"record\":";
static const char header_mark[] = "{\"record\":\"header\"";

/* What has been read so far. */
struct reading {
	const char *name;
	struct ct_log_rest *rest;
	bool (*take)(unsigned line, struct ct_span record);
	unsigned line;
	unsigned cut; /* the line of a record that is not whole; 0: none */
};

/* Where a text begins in a line, first or last; NULL if it is not there. */
static const char *found(struct ct_span line, const char *text, bool last)
{
	size_t n = strlen(text);
	const char *p, *at = NULL;

	for (p = line.at; (size_t)(line.end - p) >= n; p++)
		if (memcmp(p, text, n) == 0) {
			at = p;
			if (!last)
				break;
		}
	return at;
}

/* What was not written before a panic may be zero bytes. */
static struct ct_span stripped(struct ct_span s)
{
	while (s.at < s.end && memchr("\0 \t\r\n", *s.at, 5) != NULL)
		s.at++;
	while (s.at < s.end && memchr("\0 \t\r\n", s.end[-1], 5) != NULL)
		s.end--;
	return s;
}

static bool is_resumed_header(struct ct_span record)
{
	struct ct_span value;
	char kind[10];

	return ct_json_text_of(record, "record", kind, sizeof(kind)) &&
	       strcmp(kind, "header") == 0 &&
	       ct_json_member(record, "resumed", &value) &&
	       ct_json_is(value, "true");
}

static bool damaged(const struct reading *r)
{
	fprintf(stderr,
		"%s: %s:%u: this record is damaged, and is not the last one of "
		"a run\n",
		ct_program_name, r->name, r->cut);
	return false;
}

static bool one_record(struct reading *r, struct ct_span record)
{
	if (r->cut != 0 && !is_resumed_header(record))
		return damaged(r);
	r->cut = 0;
	return r->take(r->line, record);
}

static bool one_cut(struct reading *r)
{
	if (r->cut != 0)
		return damaged(r);
	r->cut = r->rest->cut_line = r->line;
	r->rest->cut++;
	return true;
}

static bool one_line(struct reading *r, struct ct_span line)
{
	struct ct_span record;

	line = stripped(line);
	if (line.at == line.end)
		return true;
	/* A kernel may write into the line before a record begins; a comment of
	 * TAP only quotes. */
	record = (struct ct_span){
	    *line.at == '#' ? NULL : found(line, mark, false), line.end};
	if (record.at != line.at && r->rest->others++ == 0)
		r->rest->first_other = r->line;
	if (record.at == NULL)
		return true;
	if (ct_json_is_object(record))
		return one_record(r, record);
	if (!one_cut(r))
		return false;
	/* After "cat" a header may come behind what was cut. */
	record.at = found(line, header_mark, true);
	return record.at == NULL || !ct_json_is_object(record) ||
	       one_record(r, record);
}

bool ct_log_read(const char *name, struct ct_log_rest *rest,
		 bool (*take)(unsigned line, struct ct_span record))
{
	struct reading r = {.name = name, .rest = rest, .take = take};
	FILE *f = fopen(name, "r");
	bool fine = true;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	*rest = (struct ct_log_rest){0, 0, 0, 0};
	while (f != NULL && fine && (n = ct_line(f, &line, &size)) >= 0) {
		r.line++;
		fine = one_line(&r, (struct ct_span){line, line + n});
	}
	if (f == NULL || ferror(f)) {
		fine = false;
		fprintf(stderr, "%s: cannot read '%s': %s\n", ct_program_name,
			name, strerror(errno));
	}
	free(line);
	if (f != NULL)
		fclose(f);
	return fine;
}
