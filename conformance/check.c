/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks, and what they report: lines in a pipe to the runner. */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct ct__place nowhere;
static _Thread_local struct ct__place *here = &nowhere;
static _Thread_local int error_came; /* errno after the call of a check */

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

void ct_fail(struct ct *t, const char *format, ...)
{
	char text[380];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	ct_record(t->records, 'F', "%s:%d: %s%s", here->file ? here->file : "?",
		  here->line,
		  t->main_pid == 0 || t->main_pid == getpid() ? ""
							      : "in a peer: ",
		  text);
	ct__trace_tell(t->records);
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
	here->file = short_name(file);
	here->line = line;
	here->what = what;
	errno = 0;
}

/* The call has returned: nobody is blocked in it. */
static const char *leave(void)
{
	const char *what = here->what;

	error_came = errno;
	here->what = NULL;
	return what;
}

/* So few descriptors that running out of them is nobody's fault? */
static bool few_descriptors(int error)
{
	struct rlimit limit;

	return error == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       limit.rlim_cur < 64;
}

static bool failed(struct ct *t, enum ct__kind kind, const char *what,
		   const char *why)
{
	if (few_descriptors(error_came))
		ct_unresolved(t, "%s:%d: %s: %s, with RLIMIT_NOFILE below 64",
			      here->file, here->line, what, why);
	if (kind == CT__SETUP_)
		ct_unresolved(t, "set-up %s:%d: %s: %s", here->file, here->line,
			      what, why);
	ct_fail(t, "%s: %s", what, why);
	return false;
}

bool ct__status(struct ct *t, pipc_status came, pipc_status wanted,
		enum ct__kind kind)
{
	const char *what = leave();
	char why[200];

	if (came == wanted)
		return true;
	snprintf(why, sizeof(why), "wanted %s, came %s (errno %s)",
		 pipc_status_name(wanted), pipc_status_name(came),
		 ct_errno_name(errno));
	return failed(t, kind, what, why);
}

bool ct__true(struct ct *t, bool held, enum ct__kind kind)
{
	const char *what = leave();
	char why[200];

	if (held)
		return true;
	if (kind == CT__CHECK_)
		snprintf(why, sizeof(why), "does not hold");
	else
		snprintf(why, sizeof(why), "wanted success, came %s (%s)",
			 ct_errno_name(errno), strerror(errno));
	return failed(t, kind, what, why);
}

bool ct__errno(struct ct *t, bool refused, int wanted, int other)
{
	const char *what = leave();
	int error = errno;
	char why[200];

	if (refused && (error == wanted || error == other))
		return true;
	snprintf(why, sizeof(why), "wanted %s%s%s, came %s",
		 ct_errno_name(wanted), wanted != other ? " or " : "",
		 wanted != other ? ct_errno_name(other) : "",
		 refused ? ct_errno_name(error) : "success");
	return failed(t, CT__CALL_, what, why);
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
	const char *what = leave();
	char why[140], a[60], b[60];

	if (came == wanted)
		return true;
	number(a, sizeof(a), what, wanted);
	number(b, sizeof(b), what, came);
	snprintf(why, sizeof(why), "wanted %s, came %s", a, b);
	return failed(t, CT__CHECK_, what, why);
}

uint64_t ct_random(struct ct *t)
{
	uint64_t z = t->seed += 0x9e3779b97f4a7c15u;

	t->shared->random = true;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}
