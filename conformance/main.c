/* SPDX-License-Identifier: BSD-3-Clause */
/* pipc-conform: chooses cases, runs them, writes TAP. */
#include "run.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: pipc-conform [--list] [--run GLOB] [--backend NAME]\n"
    "Checks the POSIX IPC of this system; writes TAP.  Status: 0 as expected,\n"
    "1 not, 2 bad input.\n";

/* What is missing, asked of the backend by calling it. */
static const char *lacking[3];

const char *ct_lacks(unsigned needs)
{
	int i;

	for (i = 0; i < 3; i++)
		if ((needs & (1u << i)) && lacking[i] != NULL)
			return lacking[i];
	return NULL;
}

static void probe(void)
{
	pipc_status status;
	pipc_sem *sem;
	pipc_shm *shm;

	status = pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 0);
	if (status == PIPC_UNSUPPORTED_ERROR)
		lacking[0] = "no named semaphores (sem_open: ENOSYS)";
	if (status == PIPC_OK) {
		pipc_sem_unlink(sem);
		pipc_sem_close(sem);
		pipc_sem_free(sem);
	}
	status = pipc_shm_open(&shm, NULL, PIPC_O_CREX, 0600, 1, false);
	if (status == PIPC_UNSUPPORTED_ERROR)
		lacking[1] = "no shared memory (shm_open: ENOSYS)";
	if (status == PIPC_OK) {
		pipc_shm_unlink(shm);
		pipc_shm_close_fd(shm);
		pipc_shm_free(shm);
	}
	if (!pipc_limits()->message_queues_supported)
		lacking[2] = "no message queues that carry messages";
}

static void diagnostics(const struct ct_case *c, const struct ct_result *r)
{
	const char *p = r->messages, *end;

	for (; (end = strchr(p, '\n')) != NULL; p = end + 1)
		printf("# %.*s\n", (int)(end - p), p);
	if (r->outcome == CT_PASS || r->outcome == CT_NOTED)
		return;
	printf("# %s: %s (%s)\n", c->req, c->text, c->posix);
	printf("# again: pipc-conform --run %s\n", c->id);
}

/* Runs one case and writes its TAP line; false when it is a deviation. */
static bool run_one(const struct ct_case *c, const struct pipc__os *os,
		    unsigned number)
{
	const char *why = ct_lacks(c->needs);
	struct ct_result r;
	bool ok, skip;

	fflush(stdout);
	if (why != NULL) {
		printf("ok %u - %s # SKIP UNSUPPORTED: %s\n", number, c->id,
		       why);
		return true;
	}
	ct_run_case(c, os, &r);
	skip = r.outcome == CT_UNRESOLVED;
	ok = skip || r.outcome == CT_PASS || r.outcome == CT_NOTED;
	printf("%sok %u - %s%s%s\n", ok ? "" : "not ", number, c->id,
	       skip ? " # SKIP " : ok ? "" : " ",
	       ok && !skip ? "" : ct_outcome_names[r.outcome]);
	diagnostics(c, &r);
	return ok;
}

static int bad(const char *what, const char *which)
{
	fprintf(stderr, "pipc-conform: %s '%s'\n", what, which);
	return 2;
}

static bool chosen(const struct ct_case *c, const char *glob)
{
	/* The harness's own cases misbehave, so only naming them runs them. */
	if (glob == NULL)
		return strncmp(c->id, "meta.", 5) != 0;
	return fnmatch(glob, c->id, 0) == 0;
}

int main(int argc, char **argv)
{
	const struct pipc__backend *backend = pipc__backend("system");
	const struct ct_case *const *c;
	const char *glob = NULL;
	unsigned plan = 0, n = 0, deviations = 0;
	bool list = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return fputs(usage, stdout) < 0;
		if (strcmp(argv[i], "--list") == 0) {
			list = true;
		} else if (strcmp(argv[i], "--run") == 0 && argv[i + 1]) {
			glob = argv[++i];
		} else if (strcmp(argv[i], "--backend") == 0 && argv[i + 1]) {
			backend = pipc__backend(argv[++i]);
			if (backend == NULL)
				return bad("no such backend", argv[i]);
		} else {
			return bad("unknown option, or no value for",
				   argv[i]);
		}
	}
	for (c = ct_cases; *c != NULL; c++)
		plan += chosen(*c, glob);
	if (plan == 0 && glob != NULL)
		return bad("no case matches", glob);
	if (list) {
		for (c = ct_cases; *c != NULL; c++)
			if (chosen(*c, glob))
				printf("%s\t%s\t%s\n", (*c)->id, (*c)->req,
				       (*c)->text);
		return 0;
	}
	pipc__use(backend->os);
	probe();
	printf("1..%u\n", plan);
	for (c = ct_cases; *c != NULL; c++)
		if (chosen(*c, glob))
			deviations += !run_one(*c, backend->os, ++n);
	return deviations != 0;
}
