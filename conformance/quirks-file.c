/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads platform notes without a compiler.  tools/quirks.awk reads the same
 * format when the program is built; conformance/tests/quirks.sh gives both the
 * same good and bad stanzas.
 */
#include "notes.h"

#include "options.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 3 }; /* as enum ct_notes */
#define FIELDS 6

static const struct {
	const char *name; /* also its first field */
	const char *field[FIELDS];
	unsigned needed; /* fields, from the first */
} kinds[KINDS] = {
    {"quirk", {"quirk", "match", "cases", "expect", "source", "note"}, 6},
    {"remedy", {"remedy", "match", "cause", "text", "source", "sign"}, 5},
    {"provides", {"provides", "match", "capabilities", "source"}, 4},
};

enum { NO_STANZA = -1, UNKNOWN = KINDS };

/* The stanza that is being read. */
static struct {
	int kind;
	unsigned line, at[FIELDS];
	char *value[FIELDS];
	int last;
} now;
static const char *file;
static bool fine;
static size_t stanzas;

static void wrong(unsigned line, const char *format, const char *word)
    __attribute__((format(printf, 2, 0)));
static void wrong(unsigned line, const char *format, const char *word)
{
	fine = false;
	fprintf(stderr, "%s: %s:%u: ", ct_program_name, file, line);
	fprintf(stderr, format, word);
	fputc('\n', stderr);
}

static void no_memory(void)
{
	fprintf(stderr, "%s: no memory\n", ct_program_name);
	exit(2);
}

static char *copy(const char *text, size_t n)
{
	char *p = strndup(text, n);

	if (p == NULL)
		no_memory();
	return p;
}

/* Calls check() for each word of a value; the value stays as it was. */
static void each_word(const char *text, unsigned line,
		      void (*check)(const char *word, unsigned line))
{
	char *word;
	size_t n;

	for (; text != NULL; text += n) {
		text += strspn(text, " \t");
		if (*text == '\0')
			return;
		n = strcspn(text, " \t");
		word = copy(text, n);
		check(word, line);
		free(word);
	}
}

static bool is_one_of(const char *word, const char *list)
{
	char text[300];

	snprintf(text, sizeof(text), " %s ", word);
	return strstr(list, text) != NULL;
}

static void check_match(const char *word, unsigned line)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz_");
	size_t length = strspn(word + n, "=<>!");
	const char *value = word + n + length;
	char field[40], operation[8];

	snprintf(field, sizeof(field), "%.*s", (int)n, word);
	snprintf(operation, sizeof(operation), "%.*s", (int)length, word + n);
	if (n == 0 || length > 2 || *value == '\0' ||
	    strpbrk(value, "=<>!") != NULL ||
	    !is_one_of(operation, " = != < <= > >= "))
		wrong(line, "not FIELD=VALUE: '%s'", word);
	else if (!is_one_of(field,
			    " os version build machine libc libc_version "
			    "arch emulator backend "))
		wrong(line, "unknown field to match: '%s'", field);
	else if (strpbrk(operation, "<>") != NULL &&
		 value[strspn(value, "0123456789.")] != '\0')
		wrong(line, "not a version: '%s'", word);
}

static void check_outcome(const char *word, unsigned line)
{
	if (!is_one_of(word, " pass fail timeout crash leak noted unsupported "
			     "unresolved "))
		wrong(line, "unknown outcome: '%s'", word);
}

static void check_glob(const char *word, unsigned line)
{
	const struct ct_case *const *c;

	for (c = ct_cases; *c != NULL; c++)
		if (fnmatch(word, (*c)->id, 0) == 0)
			return;
	wrong(line, "no case matches '%s'", word);
}

static void check_capability(const char *word, unsigned line)
{
	if (strcmp(word, "none") != 0 && ct_capability(word) == NULL)
		wrong(line, "unknown capability: '%s'", word);
}

static bool is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static void check_sign(const char *word, unsigned line)
{
	static const char *const paths[] = {"missing:/", "read-only:/",
					    "small:/", "unwritable:/"};
	const char *less = strchr(word, '<');
	size_t i;

	if ((strncmp(word, "limit:", 6) == 0 ||
	     strncmp(word, "number:", 7) == 0) &&
	    less != NULL && less > strchr(word, ':') + 1 && is_number(less + 1))
		return;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strncmp(word, paths[i], strlen(paths[i])) == 0)
			return;
	if (!is_one_of(word, " filter:cause held:half held:queues "))
		wrong(line, "unknown sign: '%s'", word);
}

static void check_values(void)
{
	char **v = now.value;

	if (now.kind == CT_QUIRKS) {
		each_word(v[3], now.at[3], check_outcome);
		each_word(v[2], now.at[2], check_glob);
	} else if (now.kind == CT_REMEDIES) {
		each_word(v[5], now.at[5], check_sign);
	} else {
		each_word(v[2], now.at[2], check_capability);
	}
}

static void keep(void)
{
	char **v = now.value;
	struct ct_quirk quirk = {v[0], v[1], v[2], v[3], v[4], v[5], false};
	bool kept;

	if (now.kind == CT_QUIRKS) {
		quirk.unverified = strstr(v[4], "unverified") != NULL;
		kept = ct_quirk_add(&quirk);
	} else if (now.kind == CT_REMEDIES) {
		kept = ct_remedy_add(&(struct ct_remedy){
		    v[0], v[1], v[2], v[5] != NULL ? v[5] : "", v[3]});
	} else {
		kept = ct_provision_add(
		    &(struct ct_provision){v[0], v[1], v[2], v[3]});
	}
	if (!kept)
		no_memory();
	stanzas++;
}

/* Names are used once, in all files that are read. */
static void check_name(const char *name)
{
	static struct seen {
		struct seen *next;
		const char *name;
	} * all;
	struct seen *one;

	for (one = all; one != NULL; one = one->next)
		if (strcmp(one->name, name) == 0) {
			wrong(now.line, "second stanza of that name: '%s'",
			      name);
			return;
		}
	one = malloc(sizeof(*one));
	if (one == NULL)
		no_memory();
	*one = (struct seen){all, name};
	all = one;
}

static void end_stanza(void)
{
	bool whole = true;
	unsigned i;

	if (now.kind != NO_STANZA && now.kind != UNKNOWN) {
		check_name(now.value[0]);
		each_word(now.value[1], now.at[1], check_match);
		for (i = 0; i < kinds[now.kind].needed; i++) {
			if (now.value[i] != NULL && *now.value[i] != '\0')
				continue;
			wrong(now.line, "no '%s:' in this stanza",
			      kinds[now.kind].field[i]);
			whole = false;
		}
		check_values();
		if (whole)
			keep();
	}
	memset(&now, 0, sizeof(now));
	now.kind = NO_STANZA;
	now.last = -1;
}

static int field_of(const char *name)
{
	int i;

	for (i = 0; i < FIELDS && kinds[now.kind].field[i] != NULL; i++)
		if (strcmp(kinds[now.kind].field[i], name) == 0)
			return i;
	return -1;
}

static void take_field(char *line, unsigned number)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz");
	char *text = line + n + 1;
	int field;

	if (n == 0 || line[n] != ':') {
		wrong(number, "not 'field: value': '%s'", line);
		return;
	}
	line[n] = '\0';
	text += strspn(text, " \t");
	if (now.kind == NO_STANZA) {
		for (now.kind = 0; now.kind < KINDS; now.kind++)
			if (strcmp(kinds[now.kind].name, line) == 0)
				break;
		now.line = number;
		if (now.kind == UNKNOWN)
			wrong(number,
			      "a stanza begins with 'quirk:', 'remedy:' or "
			      "'provides:', not '%s:'",
			      line);
	}
	if (now.kind == UNKNOWN)
		return;
	field = field_of(line);
	if (field < 0) {
		wrong(number, "unknown field: '%s'", line);
		return;
	}
	if (now.value[field] != NULL)
		wrong(number, "second '%s:' in this stanza", line);
	now.value[field] = copy(text, strlen(text));
	now.at[field] = number;
	now.last = field;
}

/* A line that begins with a blank goes on with the field before. */
static void go_on(const char *line, unsigned number)
{
	const char *before;
	char *joined;
	size_t size;

	if (now.kind == UNKNOWN)
		return;
	if (now.last < 0) {
		wrong(number, "a continuation of nothing%s", "");
		return;
	}
	before = now.value[now.last];
	line += strspn(line, " \t");
	size = strlen(before) + strlen(line) + 2;
	joined = malloc(size);
	if (joined == NULL)
		no_memory();
	snprintf(joined, size, "%s %s", before, line);
	now.value[now.last] = joined;
}

static void take_line(char *line, unsigned number)
{
	size_t n = strlen(line);

	while (n > 0 && isspace((unsigned char)line[n - 1]))
		line[--n] = '\0';
	if (*line == '#')
		return;
	if (n == 0)
		end_stanza();
	else if (*line == ' ' || *line == '\t')
		go_on(line, number);
	else
		take_field(line, number);
}

bool ct_quirks_file(const char *name)
{
	FILE *f = fopen(name, "r");
	size_t before = stanzas, size = 0;
	unsigned number = 0;
	char *line = NULL;

	fine = f != NULL;
	file = name;
	memset(&now, 0, sizeof(now));
	now.kind = NO_STANZA;
	now.last = -1;
	while (f != NULL && ct_line(f, &line, &size) >= 0)
		take_line(line, ++number);
	if (f == NULL || ferror(f)) {
		fine = false;
		fprintf(stderr, "%s: cannot read '%s': %s\n", ct_program_name,
			name, strerror(errno));
	}
	free(line);
	if (f != NULL)
		fclose(f);
	end_stanza();
	if (fine && stanzas == before) {
		ct_bad("no stanza in", name, NULL);
		fine = false;
	}
	return fine;
}
