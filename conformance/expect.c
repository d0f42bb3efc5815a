/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of systems: which notes describe this one, and a case. */
#include "expect.h"

#include "notes.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#define WORD 128
#define EXPECTED 64 /* --expect options */

/* The C library, as its headers or it itself tells. */
static void identify_libc(struct ct_system *s)
{
#if defined(__GLIBC__)
#if defined(HAVE_CONFSTR) && defined(_CS_GNU_LIBC_VERSION)
	static char version[64];

	if (confstr(_CS_GNU_LIBC_VERSION, version, sizeof(version)) > 0 &&
	    strchr(version, ' ') != NULL)
		s->libc_version = strchr(version, ' ') + 1;
#endif
	s->libc = "glibc";
#elif defined(__BIONIC__)
	s->libc = "bionic";
#elif defined(__dietlibc__)
	s->libc = "dietlibc";
#elif defined(__NEWLIB__)
	s->libc = "newlib";
#elif defined(__linux__)
	s->libc = "musl"; /* which does not say its name */
#else
	s->libc = s->os; /* the system's own, released with it */
	s->libc_version = s->release;
#endif
	if (*s->libc_version == '\0')
		s->libc_version = PIPC_LIBC_VERSION;
}

static struct ct_system here;

const struct ct_system *ct_system(void)
{
	static struct utsname u;

	if (here.os != NULL)
		return &here;
	here = (struct ct_system){"unknown", "", "", "", "", ""};
	if (uname(&u) >= 0)
		here = (struct ct_system){u.sysname, u.release, u.version,
					  u.machine, "",	""};
	here.backend = "system";
	identify_libc(&here);
	ct__identify(&here);
	return &here;
}

void ct_judge_backend(const char *name)
{
	ct_system();
	here.backend = name;
}

int ct_version_order(const char *a, const char *b)
{
	unsigned long x, y;
	char *after_a, *after_b;

	while (*a != '\0' || *b != '\0') {
		x = strtoul(a, &after_a, 10);
		y = strtoul(b, &after_b, 10);
		if (x != y)
			return x < y ? -1 : 1;
		/* "13.2-RELEASE": what follows the numbers does not count. */
		if (*after_a != '.' && *after_b != '.')
			return 0;
		a = *after_a == '.' ? after_a + 1 : "";
		b = *after_b == '.' ? after_b + 1 : "";
	}
	return 0;
}

static const char *field(const struct ct_system *s, const char *name, size_t n)
{
	const struct {
		const char *name, *value;
	} fields[] = {
	    {"os", s->os},	     {"version", s->release},
	    {"build", s->version},   {"machine", s->machine},
	    {"libc", s->libc},	     {"libc_version", s->libc_version},
	    {"arch", s->arch},	     {"emulator", s->emulator},
	    {"backend", s->backend},
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == n &&
		    strncmp(fields[i].name, name, n) == 0)
			return fields[i].value;
	return NULL;
}

/* One word: FIELD, an operator, VALUE. */
static bool holds(const char *word, const struct ct_system *s)
{
	size_t n = strcspn(word, "=<>!"), length = strspn(word + n, "=<>!");
	const char *value = field(s, word, n), *wanted = word + n + length;
	int order;

	if (value == NULL || length == 0)
		return false;
	if (strncmp(word + n, "=", length) == 0)
		return fnmatch(wanted, value, 0) == 0;
	if (strncmp(word + n, "!=", length) == 0)
		return fnmatch(wanted, value, 0) != 0;
	if (*value == '\0') /* unknown: neither older nor newer */
		return false;
	order = ct_version_order(value, wanted);
	if (word[n] == '<')
		return length == 2 ? order <= 0 : order < 0;
	return length == 2 ? order >= 0 : order > 0;
}

/* Calls test() for each word until one does not hold, or one does. */
static bool words(const char *text, bool all,
		  bool (*test)(const char *word, const void *with),
		  const void *with)
{
	char word[WORD];
	size_t n;

	for (;; text += n) {
		text += strspn(text, " \t");
		if (*text == '\0')
			return all;
		n = strcspn(text, " \t");
		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		if (test(word, with) != all)
			return !all;
	}
}

static bool word_holds(const char *word, const void *with)
{
	return holds(word, with);
}

static bool word_is_glob_of(const char *word, const void *with)
{
	return fnmatch(word, with, 0) == 0;
}

static bool word_is(const char *word, const void *with)
{
	return strcasecmp(word, with) == 0;
}

bool ct_matches(const char *match, const struct ct_system *system)
{
	return words(match, true, word_holds, system);
}

static struct ct_quirk given[EXPECTED];
static unsigned givens;

static bool outcome_name(const char *word)
{
	unsigned i;

	for (i = 0; i < CT_OUTCOMES; i++)
		if (strcasecmp(word, ct_outcome_names[i]) == 0)
			return true;
	return false;
}

bool ct_expect_add(const char *spec)
{
	const char *equal = strrchr(spec, '=');
	char *glob;

	if (equal == NULL || equal == spec || !outcome_name(equal + 1) ||
	    givens == EXPECTED)
		return false;
	glob = strdup(spec);
	if (glob == NULL)
		return false;
	glob[equal - spec] = '\0';
	given[givens++] =
	    (struct ct_quirk){"--expect",     "",
			      glob,	      equal + 1,
			      "command line", "as the command line says",
			      false};
	return true;
}

bool ct_expects(const struct ct_quirk *q, enum ct_outcome outcome)
{
	return words(q->expect, false, word_is, ct_outcome_names[outcome]);
}

/* Notes are about the system, unless they name what stands in for it. */
bool ct_describes(const char *match)
{
	return (strcmp(ct_system()->backend, "system") == 0 ||
		strstr(match, "backend") != NULL) &&
	       ct_matches(match, ct_system());
}

/* The last --expect, or a quirk: best one that expects just that outcome. */
const struct ct_quirk *ct_quirk_for(const char *id, enum ct_outcome outcome,
				    bool use_quirks)
{
	const struct ct_quirk *q, *first = NULL;
	size_t i;

	for (i = givens; i > 0; i--)
		if (words(given[i - 1].cases, false, word_is_glob_of, id))
			return &given[i - 1];
	for (i = 0; use_quirks && (q = ct_quirk_at(i)) != NULL; i++) {
		if (!words(q->cases, false, word_is_glob_of, id) ||
		    !ct_describes(q->match))
			continue;
		if (ct_expects(q, outcome))
			return q;
		if (first == NULL)
			first = q;
	}
	return first;
}

/* The one that explains, or the first that fits and needs no sign. */
const char *ct_remedy(const char *cause)
{
	const struct ct_remedy *r = ct_explaining_remedy(cause);
	size_t i;

	if (r != NULL)
		return r->text;
	for (i = 0; (r = ct_remedy_at(i)) != NULL; i++)
		if (*r->sign == '\0' && fnmatch(r->cause, cause, 0) == 0 &&
		    ct_matches(r->match, ct_system()))
			return r->text;
	return NULL;
}
