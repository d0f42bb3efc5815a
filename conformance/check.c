/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks, and what they report: lines in a pipe to the runner. */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ct__place nowhere;
static _Thread_local struct ct__place *here = &nowhere;
static _Thread_local int error_came; /* errno after the call of a check */

/* A check that has begun.  Its expression may contain checks of its own. */
struct site {
	const char *file, *what;
	int line;
};
#define NESTED 8
static _Thread_local struct site outer[NESTED];
static _Thread_local unsigned depth; /* checks that have begun */

/* One line, at most CT_RECORD_MAX bytes: atomic in a pipe from any process. */
static void record(int fd, char type, const char *format, va_list ap)
{
	char line[CT_RECORD_MAX];
	size_t len;
	char *p;

	line[0] = CT_RECORD_MARK;
	line[1] = type;
	vsnprintf(line + 2, sizeof(line) - 3, format, ap);
	len = strlen(line);
	for (p = line; p < line + len; p++)
		if (*p == '\n')
			*p = ' ';
	line[len++] = '\n';
	while (write(fd, line, len) < 0 && errno == EINTR)
		;
}

void ct_record(int fd, char type, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	record(fd, type, format, ap);
	va_end(ap);
}

/* A new place for a process or thread, where the runner can see it. */
void ct__place_take(struct ct *t)
{
	unsigned n = t->shared->places;

	depth = 0; /* a child is in no check of its parent's */
	if (n < CT_PLACES)
		n = __atomic_fetch_add(&t->shared->places, 1, __ATOMIC_SEQ_CST);
	if (n >= CT_PLACES) {
		nowhere = (struct ct__place){0};
		here = &nowhere;
		return;
	}
	here = &t->shared->place[n];
	*here = (struct ct__place){.pid = getpid()};
}

/* For others to see; in a handler. */
void ct__place_signal(void)
{
	here->signals++;
}

static struct site now(void)
{
	return (struct site){here->file, here->what, here->line};
}

static void fail_at(struct ct *t, const struct site *site, const char *text)
{
	ct_record(t->records, 'F', "%s:%d: %s%s", site->file ? site->file : "?",
		  site->line,
		  t->main_pid == 0 || t->main_pid == getpid() ? ""
							      : "in a peer: ",
		  text);
	ct__trace_tell(t->records);
}

void ct_fail(struct ct *t, const char *format, ...)
{
	struct site site = now();
	char text[380];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fail_at(t, &site, text);
}

void ct_note(struct ct *t, const char *key, const char *format, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	ct_record(t->records, 'N', "%s=%s", key, text);
}

void ct_remark(struct ct *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	record(t->records, 'M', format, ap);
	va_end(ap);
}

_Noreturn void ct__stop(struct ct *t)
{
	if (t->main_pid == getpid())
		ct_record(t->records, 'E', "%u", t->shared->checks);
	ct_exit(0);
}

_Noreturn void ct_unresolved(struct ct *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	record(t->records, 'R', format, ap);
	va_end(ap);
	ct__stop(t);
}

_Noreturn void ct_unsupported(struct ct *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	record(t->records, 'U', format, ap);
	va_end(ap);
	ct__stop(t);
}

/* The file's name from the source's root on, wherever it was built. */
static const char *short_name(const char *file)
{
	const char *p = strstr(file, "conformance/");

	return p != NULL ? p : file;
}

void ct__enter(struct ct *t, const char *file, int line, const char *what)
{
	__atomic_add_fetch(&t->shared->checks, 1, __ATOMIC_RELAXED);
	if (depth < NESTED)
		outer[depth] = now();
	depth++;
	here->file = short_name(file);
	here->line = line;
	here->what = what;
	errno = 0;
}

/*
 * The expression of a check has been evaluated, so no call of it blocks any
 * more.  What encloses the check, if anything, goes on.
 */
static struct site leave(void)
{
	struct site site = now();

	error_came = errno;
	here->what = NULL;
	if (depth > 0 && --depth > 0 && depth < NESTED) {
		here->file = outer[depth].file;
		here->line = outer[depth].line;
		here->what = outer[depth].what;
	}
	return site;
}

/* May this error of a call mean that the environment lacks a resource? */
static bool may_be_denied(const char *what, int error)
{
	static const int errors[] = {EMFILE, ENFILE, ENOSPC, ENOMEM, EAGAIN,
				     EACCES, EPERM,  EROFS,  EFBIG};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == errors[i])
			return true;
	if (error != 0 && ct__not_under_test(what))
		return true;
	/* The directory that objects are made in may be missing. */
	return error == ENOENT &&
	       (strstr(what, "sem_open") || strstr(what, "shm_open")) &&
	       (strstr(what, "O_CREAT") || strstr(what, "O_CREX"));
}

_Noreturn void ct_refused(struct ct *t, const char *what, int error)
{
	if (may_be_denied(what, error)) {
		ct_record(t->records, 'M', "%s: %s", what,
			  ct_errno_name(error));
		ct_record(t->records, 'D', "%d %s", error, what);
	} else {
		ct_fail(t, "%s: expected success, got %s", what,
			ct_errno_name(error));
	}
	ct__stop(t);
}

/* How a check failed, for the runner to judge. */
struct failure {
	enum ct__kind kind;
	bool call; /* success was expected of a call, or another error */
};

/*
 * The runner asks later whether the environment explains an error that stands
 * for a lack of resources.
 */
static bool failed(struct ct *t, const struct site *site, struct failure how,
		   const char *why)
{
	bool denied = how.call ? may_be_denied(site->what, error_came)
			       : error_came == EMFILE || error_came == ENFILE;
	bool setup = how.kind == CT__SETUP_;
	char text[380];

	snprintf(text, sizeof(text), "%s%s: %s", setup ? "set-up: " : "",
		 site->what, why);
	/* First, for another process may fail in between. */
	if (denied)
		ct_record(t->records, 'D', "%d %s", error_came, site->what);
	if (setup && denied)
		ct_record(t->records, 'M', "%s:%d: %s", site->file, site->line,
			  text);
	else
		fail_at(t, site, text);
	if (setup)
		ct__stop(t);
	return false;
}

bool ct__status(struct ct *t, pipc_status came, pipc_status wanted,
		enum ct__kind kind)
{
	struct site site = leave();
	struct failure how = {kind, true};
	char why[200];

	if (came == wanted)
		return true;
	snprintf(why, sizeof(why), "expected %s, got %s (errno %s)",
		 pipc_status_name(wanted), pipc_status_name(came),
		 ct_errno_name(error_came));
	return failed(t, &site, how, why);
}

bool ct__true(struct ct *t, bool held, enum ct__kind kind)
{
	struct site site = leave();
	struct failure how = {kind, kind != CT__CHECK_};
	char why[200];

	if (held)
		return true;
	if (kind == CT__CHECK_)
		snprintf(why, sizeof(why), "does not hold");
	else
		snprintf(why, sizeof(why), "expected success, got %s (%s)",
			 ct_errno_name(error_came), strerror(error_came));
	return failed(t, &site, how, why);
}

bool ct__errno(struct ct *t, bool refused, int wanted, int other)
{
	struct site site = leave();
	struct failure how = {CT__CALL_, refused};
	char why[200];

	if (refused && (error_came == wanted || error_came == other))
		return true;
	snprintf(why, sizeof(why), "expected %s%s%s, got %s",
		 ct_errno_name(wanted), wanted != other ? " or " : "",
		 wanted != other ? ct_errno_name(other) : "",
		 refused ? ct_errno_name(error_came) : "success");
	return failed(t, &site, how, why);
}

/* A number as its reader knows it, by what the case calls it. */
static void number(char *text, size_t size, const char *what, intmax_t n)
{
	bool byte = strstr(what, "buf[") || strstr(what, "take(");

	if (strstr(what, "error") && n >= 0 && n < 4096)
		snprintf(text, size, "%s", ct_errno_name((int)n));
	else if (strstr(what, "mode"))
		snprintf(text, size, "%#jo", (uintmax_t)n);
	else if (byte && n > ' ' && n <= '~')
		snprintf(text, size, "'%c'", (char)n);
	else
		snprintf(text, size, "%jd", n);
}

bool ct__equal(struct ct *t, intmax_t came, intmax_t wanted)
{
	struct site site = leave();
	struct failure how = {CT__CHECK_, false};
	char why[140], a[60], b[60];

	if (came == wanted)
		return true;
	number(a, sizeof(a), site.what, wanted);
	number(b, sizeof(b), site.what, came);
	snprintf(why, sizeof(why), "expected %s, got %s", a, b);
	return failed(t, &site, how, why);
}

uint64_t ct_random(struct ct *t)
{
	uint64_t z = t->seed += 0x9e3779b97f4a7c15u;

	t->shared->random = true;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}
