/* SPDX-License-Identifier: BSD-3-Clause */
/* How a run ends before its time, and what is written down of it. */
#include "run.h"

#include <sched.h>
#include <stdarg.h>

static void claim(struct st_run *run, enum st_outcome outcome, const char *text,
		  const struct st_refusal *refusal)
{
	int nobody = 0;

	if (!atomic_compare_exchange_strong(&run->claimed, &nobody, 1)) {
		/* The first process is still writing down why. */
		while (!atomic_load(&run->outcome_set) && nobody++ < 10000)
			sched_yield();
		return;
	}
	run->outcome = outcome;
	snprintf(run->text, sizeof(run->text), "%s", text);
	if (refusal != NULL)
		run->refusal = *refusal;
	atomic_store(&run->outcome_set, 1);
}

void st_claim(struct st_run *run, enum st_outcome outcome, const char *text)
{
	claim(run, outcome, text, NULL);
}

static bool is_missing(int error)
{
	return error == ENOSYS || error == ENOTSUP || error == EOPNOTSUPP;
}

void st_refused(struct st_run *run, unsigned need, bool after, int error,
		const char *call)
{
	struct st_refusal r = {.error = error, .need = need, .after = after};
	char text[ST_TEXT];

	snprintf(r.call, sizeof(r.call), "%s", call);
	snprintf(text, sizeof(text), "%s: %s", call, ct_errno_name(error));
	claim(run, is_missing(error) ? ST_UNSUPPORTED : ST_UNRESOLVED, text,
	      &r);
}

void st_broken(struct st *st, const char *format, ...)
{
	char text[ST_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	st_claim(st->run, ST_FAIL, text);
	_exit(1);
}

void st_skip(struct st *st, const char *format, ...)
{
	char text[ST_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	st_claim(st->run, ST_UNRESOLVED, text);
	_exit(1);
}

bool st__has(const struct st *st, unsigned need)
{
	return (atomic_load_explicit(&st->run->did, memory_order_relaxed) &
		need) == need;
}

void st__did(struct st *st, unsigned need)
{
	atomic_fetch_or(&st->run->did, need);
}

unsigned st_kinds(struct st_run *run)
{
	unsigned need = 0, i, n = atomic_load(&run->names);

	for (i = 0; i < n; i++)
		need |= run->ledger[i].kind == 's'   ? CT_NEED_SEM
			: run->ledger[i].kind == 'm' ? CT_NEED_SHM
			: run->ledger[i].kind == 'q' ? CT_NEED_MQ
						     : 0;
	return need;
}

/*
 * "mq_send" of "st->os->mq_send(q, b.bytes, SIZE, 1) == 0", and in cells of the
 * backend of "r->type->send(r, b.bytes, 1) == 0" too.
 */
static void call_name(const char *text, bool baseline, char *name, size_t size)
{
	static const char *const ours[] = {"mq_send", "mq_receive", "sem_post",
					   "sem_wait", NULL};
	unsigned i;
	size_t end = strcspn(text, "("), from = end;

	while (from > 0 && (text[from - 1] == '_' ||
			    (text[from - 1] >= 'a' && text[from - 1] <= 'z')))
		from--;
	if (text[end] == '\0' || from == end)
		from = 0;
	snprintf(name, size, "%.*s", (int)(end - from), text + from);
	for (i = 0; !baseline && ours[i] != NULL; i++)
		if (strcmp(strchr(ours[i], '_') + 1, name) == 0)
			snprintf(name, size, "%s", ours[i]);
}

/* Calls that a system may lack although it has the objects. */
static unsigned optional(const char *call)
{
	static const struct {
		const char *name;
		unsigned need;
	} calls[] = {{"sem_timedwait", CT_NEED_SEM_TIMEDWAIT},
		     {"sem_clockwait", CT_NEED_SEM_CLOCKWAIT},
		     {"sem_getvalue", CT_NEED_SEM_GETVALUE},
		     {"mq_notify", CT_NEED_MQ_NOTIFY}};
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, call) == 0)
			return calls[i].need;
	return 0;
}

/* Only what makes, opens or enlarges something may need a resource. */
static bool needs_room(const char *call)
{
	static const char *const words[] = {"_open", "ftruncate", "mmap",
					    "notify"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(call, words[i]) != NULL)
			return true;
	return false;
}

static _Noreturn void failed(struct st *st, const char *text, bool creates)
{
	unsigned did = atomic_load(&st->run->did), need;
	int error = errno;
	char call[40];
	bool after;

	call_name(text, st->work->baseline, call, sizeof(call));
	need = optional(call);
	after = need ? (did & need) != 0 : did != 0;
	if (need == 0)
		need = st_kinds(st->run);
	if (st->work->baseline && (is_missing(error) || ct_is_refusal(error)))
		st_refused(st->run, 0, false, error, call);
	else if ((is_missing(error) && !after) ||
		 (ct_is_refusal(error) && needs_room(call) &&
		  (creates || error != ENOENT)))
		st_refused(st->run, need, after, error, call);
	else
		st_broken(st, "%s: expected success, got %s", call,
			  ct_errno_name(error));
	_exit(1);
}

void st__failed(struct st *st, const char *call)
{
	failed(st, call, false);
}

void st__not_made(struct st *st, const char *call)
{
	failed(st, call, true);
}

void st__own_failed(struct st *st, const char *call)
{
	char name[40];

	call_name(call, true, name, sizeof(name));
	st_refused(st->run, 0, false, errno, name);
	_exit(1);
}
