/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: files, strings, and what all programs tell of a system. */
#include "json.h"

#include "expect.h"
#include "options.h"
#include "run.h"

#include <string.h>

/* Results are not lost by a second run: a file that has some is not emptied. */
static bool may_write(const char *name, enum ct_json_how how)
{
	struct stat s;

	if (how == CT_JSON_FORCE || how == CT_JSON_APPEND ||
	    stat(name, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size == 0)
		return true;
	fprintf(stderr, "%s: '%s' exists and is not empty; ", ct_program_name,
		name);
	if (how == CT_JSON_NEW_LOG)
		fprintf(stderr, "--resume %s goes on with it, ", name);
	fputs("--force overwrites it\n", stderr);
	return false;
}

/* What was cut off stays a line of its own. */
static void end_line(FILE *f, const char *name)
{
	FILE *before = fopen(name, "r");
	int last = '\n';

	if (before != NULL && fseek(before, -1, SEEK_END) == 0)
		last = getc(before);
	if (last != '\n')
		putc('\n', f);
	if (before != NULL)
		fclose(before);
}

FILE *ct_json_open(const char *name, enum ct_json_how how)
{
	bool to_stdout = strcmp(name, "-") == 0;
	FILE *f;

	if (!to_stdout && !may_write(name, how))
		return NULL;
	f = to_stdout ? stdout : fopen(name, how == CT_JSON_APPEND ? "a" : "w");
	if (f == NULL)
		fprintf(stderr, "%s: cannot write '%s': %s\n", ct_program_name,
			name, strerror(errno));
	else if (f != stdout)
		fcntl(fileno(f), F_SETFD, FD_CLOEXEC);
	if (f != NULL && f != stdout && how == CT_JSON_APPEND)
		end_line(f, name);
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
void ct_each_limit(FILE *f, const char *format, const char *between)
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
	ct_each_limit(f, "\"%s\":%ld", ",");
	putc('}', f);
}
