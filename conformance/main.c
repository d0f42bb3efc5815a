/* SPDX-License-Identifier: BSD-3-Clause */
/* pipc-conform: the command line, and a run. */
#include "choose.h"
#include "init.h"
#include "options.h"
#include "notes.h"
#include "records.h"
#include "resume.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAD_INPUT = 2 }; /* the other statuses: ct_report_status() */

#define WORDS 1024

static struct {
	const char *json, *debug, *resume;
	const char *words[WORDS]; /* that matter to run a case again */
	unsigned words_n;
	const struct pipc__backend *backend;
	const struct ct_mutant *mutant;
	unsigned long long jobs, repeat, seed;
	bool shuffle, strict, ktap, probe, help, version, list, list_json,
	    mutants, no_fork, quirks, require, allow_unchecked, force, seeded;
} o = {.jobs = 1, .repeat = 1, .quirks = true};

static struct ct_chosen chosen;
static const char *program; /* how this program was called */

static const char *backend_name(size_t i)
{
	return pipc__backends[i].name;
}

static const char *mutant_id(size_t i)
{
	return ct_mutants[i] != NULL ? ct_mutants[i]->id : NULL;
}

static bool take_debug(const char *id)
{
	o.debug = id;
	return ct_choose_run(id);
}

static bool take_backend(const char *name)
{
	o.backend = pipc__backend(name);
	if (o.backend == NULL)
		ct_bad("no such backend", name, ct_nearest(name, backend_name));
	return o.backend != NULL;
}

static bool take_mutant(const char *id)
{
	const struct ct_mutant *const *m;

	for (m = ct_mutants; *m != NULL; m++)
		if (strcmp((*m)->id, id) == 0) {
			o.mutant = *m;
			return true;
		}
	ct_bad("no such mutant", id, ct_nearest(id, mutant_id));
	return false;
}

static bool number(const char *what, const char *text, unsigned long long least,
		   unsigned long long most, unsigned long long *n)
{
	if (ct_number(text, most, n) && *n >= least)
		return true;
	ct_bad(what, text, NULL);
	return false;
}

static bool take_jobs(const char *text)
{
	return number("not a number of jobs from 1 to 64:", text, 1, 64,
		      &o.jobs);
}

static bool take_repeat(const char *text)
{
	return number("not a number of runs from 1 to 100000:", text, 1, 100000,
		      &o.repeat);
}

static bool take_seed(const char *text)
{
	o.seeded = true;
	return number("not a seed:", text, 0, ULLONG_MAX, &o.seed);
}

static bool take_shuffle(const char *text)
{
	o.shuffle = true;
	return text == NULL || take_seed(text);
}

static const char *format_name(size_t i)
{
	static const char *const names[] = {"tap", "ktap", NULL};

	return names[i];
}

static bool take_format(const char *text)
{
	o.ktap = strcmp(text, "ktap") == 0;
	if (o.ktap || strcmp(text, "tap") == 0)
		return true;
	ct_bad("no such format", text, ct_nearest(text, format_name));
	return false;
}

/* A word of the command that runs one case again; the last one is NULL. */
static void keep_word(const char *word)
{
	if (o.words_n + 1 < sizeof(o.words) / sizeof(o.words[0]))
		o.words[o.words_n++] = word;
}

static void keep_option(const char *name, const char *value)
{
	keep_word(name);
	keep_word(value);
}

static bool take_quirks(const char *text)
{
	keep_option("--quirks", text);
	if (strcmp(text, "none") != 0)
		return ct_quirks_file(text);
	o.quirks = false;
	return true;
}

static bool take_require(const char *text)
{
	o.require = true;
	keep_option("--require", text);
	return ct_require(text);
}

static bool take_list(const char *text)
{
	o.list = true;
	o.list_json = text != NULL && strcmp(text, "json") == 0;
	if (text == NULL || o.list_json)
		return true;
	ct_bad("--list can only be 'json', not", text, NULL);
	return false;
}

static const char *outcome_name(size_t i)
{
	return i < CT_OUTCOMES ? ct_outcome_names[i] : NULL;
}

static bool take_expect(const char *text)
{
	const char *outcome = strchr(text, '=');
	char glob[128];

	snprintf(glob, sizeof(glob), "%.*s", (int)strcspn(text, "="), text);
	if (!ct_choose_matches(glob))
		return false;
	if (ct_expect_add(text)) {
		keep_option("--expect", text);
		return true;
	}
	if (outcome == NULL)
		ct_bad("no '=OUTCOME' after", text, NULL);
	else
		ct_bad("no such outcome, or too many, in", text,
		       ct_nearest(outcome + 1, outcome_name));
	return false;
}

static const struct ct_option options[] = {
    {"--run", "GLOB", "run the cases that match (may be repeated)",
     .take = ct_choose_run},
    {"--req", "ID", "run the cases of a requirement (may be repeated)",
     .take = ct_choose_req},
    {"--skip", "GLOB", "leave out the cases that match (may be repeated)",
     .take = ct_choose_skip},
    {"--cases", "FILE", "run the cases listed in a file, one id a line",
     .take = ct_choose_cases},
    {"--skip-file", "FILE", "leave out the cases listed in a file",
     .take = ct_choose_skip_file},
    {"--from", "ID", "begin with this case, and leave out those before it",
     .take = ct_choose_from},
    {"--resume", "LOG",
     "run what an earlier run's --json file has no result of",
     .text = &o.resume},
    {"--list", "[=json]", "list the cases instead of running them",
     .take = take_list},
    {"--probe", NULL, "show the capabilities and limits found",
     .flag = &o.probe},
    {"--backend", "NAME", "what is tested: system (default), ref, null",
     .take = take_backend},
    {"--mutant", "NAME", "the backend with one seeded bug",
     .take = take_mutant},
    {"--list-mutants", NULL, "list the mutants and what they break",
     .flag = &o.mutants},
    {"-j", "N", "run N cases at a time", .take = take_jobs},
    {"--repeat", "N", "run everything N times", .take = take_repeat},
    {"--shuffle", "[=SEED]", "run in random order", .take = take_shuffle},
    {"--seed", "N", "the seed of random order and random cases",
     .take = take_seed},
    {"--expect", "GLOB=OUTCOME", "expect that outcome instead of a pass",
     .take = take_expect},
    {"--quirks", "none|FILE", "no known deviations, or those of a file, too",
     .take = take_quirks},
    {"--require", "LIST", "capabilities that must be here: sem,shm,mq",
     .take = take_require},
    {"--allow-unchecked", NULL,
     "what was not checked is no reason for status 3",
     .flag = &o.allow_unchecked},
    {"--strict", NULL, "known quirks and unchecked cases are red too",
     .flag = &o.strict},
    {"--format", "tap|ktap", "what is written to stdout", .take = take_format},
    {"--json", "FILE", "write JSON Lines too (-: to stdout)", .text = &o.json},
    {"--force", NULL, "overwrite a --json file that has results",
     .flag = &o.force},
    {"--debug", "CASE", "run one case in this process, for a debugger",
     .take = take_debug},
    {"--no-fork-cases", NULL, "run all in one process: what needs no fork",
     .flag = &o.no_fork},
    {"--version", NULL, "show the version", .flag = &o.version},
    {"--help", NULL, "show this text", .flag = &o.help},
    {NULL},
};

static int help(void)
{
	puts("usage: pipc-conform [option...]\n"
	     "Checks the POSIX IPC of this system, each case in a process of "
	     "its own.\n");
	ct_options_help(options);
	puts("\nStatus: 0 all that this system provides was checked and is as "
	     "expected, 1 not as\nexpected, 2 bad input, 3 as expected, but "
	     "something was not checked, 77 nothing\ncould be run.\n"
	     "PIPC_TIMEOUT_MULTIPLIER multiplies every upper "
	     "bound, for slow machines.");
	return fflush(stdout) != 0;
}

static int list_mutants(void)
{
	const struct ct_mutant *const *m;

	for (m = ct_mutants; *m != NULL; m++)
		printf("%s\t%s\t%s\n", (*m)->id, (*m)->breaks, (*m)->text);
	return fflush(stdout) != 0;
}

static bool is_over(const struct ct_case *c, unsigned run)
{
	return ct_resume_has(c, run) || ct_resume_was_cut(c, run);
}

/* How many results there will be of this run. */
static unsigned to_come(void)
{
	unsigned i, run, n = 0;

	for (run = 1; run <= o.repeat; run++)
		for (i = 0; i < chosen.n; i++)
			n += o.resume == NULL || !is_over(chosen.cases[i], run);
	return o.resume != NULL ? n + ct_resume_cuts() : n;
}

static bool same_file(const char *a, const char *b)
{
	struct stat s, t;

	return stat(a, &s) == 0 && stat(b, &t) == 0 && S_ISREG(s.st_mode) &&
	       s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

static const char *mutant_name(void)
{
	return o.mutant != NULL ? o.mutant->id : NULL;
}

static int run(const struct pipc__os *os)
{
	struct ct_run_options how = {
	    .base = o.backend->os,
	    .os = os,
	    .jobs = (unsigned)o.jobs,
	    .seed = o.seed,
	    .no_fork = o.no_fork,
	    .debug = o.debug != NULL,
	};
	struct ct_report report = {
	    .ktap = o.ktap,
	    .strict = o.strict,
	    .quirks = o.quirks,
	    .json = o.json,
	    .how = o.force ? CT_JSON_FORCE : CT_JSON_NEW_LOG,
	    .resumed = o.resume != NULL,
	    .program = program,
	    .words = o.words,
	    .chosen = ct_choose_is_part(),
	    .backend = o.backend->name,
	    .mutant = mutant_name(),
	    .run = &how,
	    .plan = to_come(),
	};
	int signo;

	if (o.strict)
		keep_word("--strict");
	if (o.no_fork)
		keep_word("--no-fork-cases");
	ct__trace_all = how.debug;
	if (o.resume != NULL) {
		how.skip = is_over;
		if (o.json != NULL && same_file(o.json, o.resume))
			report.how = CT_JSON_APPEND;
	}
	if (!ct_report_begin(&report))
		return BAD_INPUT;
	if (o.resume != NULL)
		ct_resume_report();
	signo = ct_run(&how, chosen.cases, chosen.n, (unsigned)o.repeat,
		       ct_report_starting, ct_report_case);
	if (!ct_report_end(signo))
		return BAD_INPUT;
	if (ct_init_wants_summary())
		ct_report_last_line(signo);
	if (signo > 0) {
		signal(signo, SIG_DFL);
		raise(signo);
	}
	if (signo != 0)
		return BAD_INPUT;
	return ct_report_status();
}

/* --program NAME FDS BACKEND MUTANT ARG: not for people. */
static int program_after_exec(char **argv)
{
	const struct pipc__os *os;

	if (!take_backend(argv[4]) ||
	    (*argv[5] != '\0' && !take_mutant(argv[5])))
		return BAD_INPUT;
	os = o.backend->os;
	if (o.mutant != NULL)
		os = ct_mutate(os, o.mutant);
	ct_exec_as(program, o.backend->name, mutant_name());
	return ct_program_main(argv[2], argv[3], argv[6], os);
}

static void default_seed(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	o.seed = (unsigned long long)now.tv_nsec / 1000 + 1;
}

static int conform(int argc, char **argv)
{
	const struct pipc__os *os;
	uint64_t seed;

	o.backend = pipc__backend("system");
	default_seed();
	if (argc == 7 && strcmp(argv[1], "--program") == 0)
		return program_after_exec(argv);
	if (!ct_options(options, argc, argv))
		return BAD_INPUT;
	if (o.help)
		return help();
	if (o.version)
		return printf("pipc-conform %s\n", pipc_version()) < 0;
	if (o.mutants)
		return list_mutants();
	if (o.require && o.allow_unchecked) {
		fprintf(stderr, "pipc-conform: --require says what must be "
				"checked, --allow-unchecked that nothing must: "
				"give one of them\n");
		return BAD_INPUT;
	}
	if (o.allow_unchecked)
		ct_allow_unchecked();
	if (!ct_choose(&chosen, o.list))
		return BAD_INPUT;
	if (o.debug != NULL && chosen.n != 1) {
		ct_bad("--debug takes one case, not a pattern:", o.debug, NULL);
		return BAD_INPUT;
	}
	if (o.resume != NULL &&
	    !ct_resume(o.resume, o.backend->name, mutant_name()))
		return BAD_INPUT;
	if (o.resume != NULL && !o.seeded && ct_resume_seed(&seed))
		o.seed = seed;
	if (o.shuffle)
		ct_choose_shuffle(&chosen, o.seed);
	if (!ct_choose_leave_out(&chosen))
		return BAD_INPUT;
	if (o.list) {
		ct_choose_list(&chosen, o.list_json);
		return fflush(stdout) != 0;
	}
	os = o.backend->os;
	pipc__use(os);
	ct_judge_backend(o.backend->name);
	if (o.mutant != NULL)
		os = ct_mutate(os, o.mutant);
	ct_probe(os, o.no_fork);
	pipc_limits();
	if (o.probe) {
		ct_report_probe();
		return fflush(stdout) != 0;
	}
	ct_exec_as(program, o.backend->name, mutant_name());
	if (o.debug == NULL)
		ct_choose_capabilities(&chosen);
	return run(os);
}

int main(int argc, char **argv)
{
	program = argv[0];
	/* Of the reference's two ways the one that promises more. */
	setenv("PIPC_FAIR", "1", 0);
	return ct_init_run(argc, argv, conform);
}
