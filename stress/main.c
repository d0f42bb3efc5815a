/* SPDX-License-Identifier: BSD-3-Clause */
/* pipc-stress: the command line and the exit status. */
#include "history.h"
#include "init.h"
#include "options.h"
#include "run.h"

#include <stdlib.h>

static const struct st_profile profiles[] = {
    {"smoke", 10, 1, 1u << ST_FREE, true, false},
    {"quick", 120, 3, 1u << ST_FREE, false, true},
    {"full", 1800, 9, 7, false, true},
    {"soak", 8 * 3600, 0, 1u << ST_FREE, false, false},
    {"bench", 600, 9, 7, false, true, true},
    {NULL}};

static struct st_options o = {.profile = &profiles[0], .deadline = 10};
static bool help, version, list, list_mutants, allow_unchecked;
static const char *require;
static unsigned long long histories;

static const char *backend_name(size_t i)
{
	return pipc__backends[i].name;
}

static const char *mutant_name(size_t i)
{
	return ct_mutants[i] != NULL ? ct_mutants[i]->id : NULL;
}

static const char *profile_name(size_t i)
{
	return profiles[i].name;
}

static const char *format_name(size_t i)
{
	static const char *const names[] = {"table", "tap", "ktap", NULL};

	return names[i];
}

static const char *placement_name(size_t i)
{
	return i < ST_PLACEMENTS    ? st_placement_names[i]
	       : i == ST_PLACEMENTS ? "all"
				    : NULL;
}

/* The index of a word, or -1 after a line on stderr. */
static int choose(const char *what, const char *v,
		  const char *(*candidate)(size_t i))
{
	size_t i;

	for (i = 0; candidate(i) != NULL; i++)
		if (strcmp(candidate(i), v) == 0)
			return (int)i;
	ct_bad(what, v, ct_nearest(v, candidate));
	return -1;
}

static bool taken(int which)
{
	unsigned i;

	for (i = 0; i < o.backends; i++)
		if (o.backend[i] == &pipc__backends[which])
			return true;
	return false;
}

/* One, or several with commas between. */
static bool take_backend(const char *v)
{
	char name[32];
	size_t n;
	int i;

	for (o.backends = 0; o.backends < ST_BACKENDS; v += n + 1) {
		n = strcspn(v, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, v);
		i = choose("no such backend", name, backend_name);
		if (i < 0)
			return false;
		if (taken(i)) {
			ct_bad("backend twice", name, NULL);
			return false;
		}
		o.backend[o.backends] = &pipc__backends[i];
		o.os[o.backends++] = pipc__backends[i].os;
		if (v[n] == '\0')
			return true;
	}
	ct_bad("too many backends before", v, NULL);
	return false;
}

static bool take_mutant(const char *v)
{
	int i = choose("no such mutant", v, mutant_name);

	o.mutant = i < 0 ? NULL : ct_mutants[i];
	return i >= 0;
}

static bool take_profile(const char *v)
{
	int i = choose("no such profile", v, profile_name);

	o.profile = i < 0 ? NULL : &profiles[i];
	return i >= 0;
}

static bool take_format(const char *v)
{
	int i = choose("no such format", v, format_name);

	o.format = (enum st_format)i;
	return i >= 0;
}

static bool take_placement(const char *v)
{
	int i = choose("no such placement", v, placement_name);

	o.placements = i == ST_PLACEMENTS ? 7 : 1u << (unsigned)(i & 3);
	return i >= 0;
}

static bool whole(const char *option, const char *v, unsigned long long least,
		  unsigned long long most, unsigned long long *n)
{
	if (ct_number(v, most, n) && *n >= least)
		return true;
	fprintf(stderr, "%s: %s '%s': not a number from %llu to %llu\n",
		ct_program_name, option, v, least, most);
	return false;
}

static bool take_seconds(const char *v)
{
	unsigned long long n;
	bool good = whole("--seconds", v, 1, 100000000, &n);

	o.seconds = (double)n;
	return good;
}

static bool take_deadline(const char *v)
{
	unsigned long long n;
	bool good = whole("--deadline", v, 1, 100000, &n);

	o.deadline = (unsigned)n;
	return good;
}

static bool take_kills(const char *v)
{
	unsigned long long n;
	bool good = whole("--kills", v, 1, ST_KILLS, &n);

	o.kills = (unsigned)n;
	return good;
}

static bool take_seed(const char *v)
{
	unsigned long long n;
	bool good = whole("--seed", v, 0, UINT64_MAX, &n);

	o.seed = n;
	return good;
}

static bool take_run(const char *v)
{
	if (o.runs == ST_GLOBS) {
		ct_bad("too many patterns at", v, NULL);
		return false;
	}
	o.run[o.runs++] = v;
	return true;
}

static bool take_require(const char *v)
{
	require = v;
	return ct_require(v);
}

static bool take_history(const char *v)
{
	histories = 2000;
	return v == NULL || whole("--history", v, 1, 1000000000, &histories);
}

/* Has two values, so it stands alone, and has been looked for before. */
static bool misplaced_compare(const char *v)
{
	ct_bad("usage: pipc-stress --compare A.jsonl B.jsonl, not", v, NULL);
	return false;
}

static const struct ct_option options[] = {
    {"--list", NULL, "print the cells that would run, and what they check",
     .flag = &list},
    {"--run", "GLOB", "run the cells that match, mq/* (may be repeated)",
     .take = take_run},
    {"--profile", "NAME", "smoke (the default), quick, full, soak or bench",
     .take = take_profile},
    {"--seconds", "N", "another budget for the profile", .take = take_seconds},
    {"--placement", "NAME", "free, one (core), two (cores) or all",
     .take = take_placement},
    {"--backend", "NAME[,..]", "what is put under load; several take turns",
     .take = take_backend},
    {"--mutant", "NAME", "the backend with one seeded bug",
     .take = take_mutant},
    {"--list-mutants", NULL, "list the mutants, and cells that catch them",
     .flag = &list_mutants},
    {"--history", "[=N]", "record N (2000) concurrent histories and judge each",
     .take = take_history},
    {"--seed", "N", "of all that is random", .take = take_seed},
    {"--kills", "N", "processes that each run of kill/* kills, at least",
     .take = take_kills},
    {"--deadline", "N",
     "seconds without progress until a run counts as hung (10)",
     .take = take_deadline},
    {"--require", "LIST", "capabilities that must be here: sem,shm,mq",
     .take = take_require},
    {"--allow-unchecked", NULL,
     "what was not checked is no reason for status 3",
     .flag = &allow_unchecked},
    {"--format", "NAME", "table (on a terminal), tap or ktap",
     .take = take_format},
    {"--json", "FILE", "write JSON Lines too (-: to stdout)", .text = &o.json},
    {"--force", NULL, "overwrite a --json file that has results",
     .flag = &o.force},
    {"--compare", "A B", "compare two such files: ratios B/A, verdicts",
     .take = misplaced_compare},
    {"--version", NULL, "print the version", .flag = &version},
    {"--help", NULL, "print this", .flag = &help},
    {NULL},
};

static void print_help(void)
{
	printf("usage: pipc-stress [OPTION]...\n"
	       "Puts the POSIX IPC of this system under load; measures and "
	       "checks it.\n\n");
	ct_options_help(options);
	printf("\nProfiles: smoke (10 s, invariants only), quick (2 min), full "
	       "(30 min, all\nplacements), soak (8 hours), bench (10 min, to "
	       "compare backends).\nStatus: 0 as expected, and all that this "
	       "system provides was checked; 1 not as\nexpected; 2 bad input; "
	       "3 as expected, but cells were not checked; 77 nothing\ncould "
	       "be run; 128+N interrupted by signal N.\n");
}

static int print_mutants(void)
{
	const struct ct_mutant *const *m;

	for (m = ct_mutants; *m != NULL; m++)
		printf("%s\t%s\t%s\n", (*m)->id, (*m)->breaks, (*m)->text);
	return 0;
}

static int print_cells(const struct st_plan *p)
{
	unsigned i;

	for (i = 0; i < p->cells; i++)
		printf("%s\t%s\n", p->cell[i].id, p->cell[i].work->text);
	return 0;
}

/* The i-th of all ids, of workloads and of cells, for a suggestion. */
static const char *known_id(size_t i)
{
	static char id[512][48];
	static size_t n;
	const struct st_workload *const *w;
	const struct st_variant *v;

	if (n == 0)
		for (w = st_workloads; *w != NULL; w++) {
			snprintf(id[n++], sizeof(id[0]), "%s", (*w)->id);
			for (v = (*w)->variants; v != NULL && v->name != NULL;
			     v++)
				if (n + 1 < sizeof(id) / sizeof(id[0]))
					snprintf(id[n++], sizeof(id[0]),
						 "%s/%s", (*w)->id, v->name);
		}
	return i < n ? id[i] : NULL;
}

/* Each --run matches a cell that this profile has; one that does not is told.
 */
static bool all_match(const struct st_plan *p)
{
	unsigned i, k;

	for (i = 0; i < o.runs; i++) {
		for (k = 0; k < p->cells; k++)
			if (st_matches(o.run[i], &p->cell[k]))
				break;
		if (k == p->cells) {
			ct_bad("no cell matches", o.run[i],
			       ct_nearest(o.run[i], known_id));
			return false;
		}
	}
	return true;
}

static int run(struct st_plan *p)
{
	st_plan_share(p);
	if (!st_json_begin(p))
		return 2;
	st_catch_signals();
	p->began = st_ns();
	if (!o.profile->brief)
		p->calibration = st_calibrate();
	st_probe(p);
	st_json_header(p);
	st_report_begin(p);
	st_plan_run(p);
	st_report_end(p);
	return st_status(p);
}

/* All words, with a space between. */
static const char *words(int argc, char **argv)
{
	static char text[1024];
	size_t n = 0;
	int i;

	for (i = 0; i < argc && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
				      i ? " " : "", argv[i]);
	return text;
}

static int stress(int argc, char **argv)
{
	struct st_plan p = {.o = &o};
	int status;

	ct_program_name = "pipc-stress";
	o.command = words(argc, argv);
	take_backend(pipc__backends[0].name);
	o.format = isatty(1) ? ST_TABLE : ST_TAP;
	o.seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 20;
	if (argc == 4 && strcmp(argv[1], "--compare") == 0)
		return st_compare(argv[2], argv[3]);
	if (!ct_options(options, argc, argv))
		return 2;
	if (help)
		return print_help(), 0;
	if (version)
		return printf("pipc-stress %s\n", VERSION) < 0;
	if (list_mutants)
		return print_mutants();
	if (o.backends > 1 && (o.mutant != NULL || histories != 0)) {
		ct_bad("one backend alone can be judged, not",
		       st_backend_names(&o), NULL);
		return 2;
	}
	if (require && allow_unchecked) {
		ct_bad("--require and --allow-unchecked contradict each other:",
		       require, NULL);
		return 2;
	}
	if (allow_unchecked)
		ct_allow_unchecked();
	if (o.mutant != NULL)
		o.os[0] = ct_mutate(o.os[0], o.mutant);
	if (histories != 0)
		return st_history(&o, (unsigned)histories);
	st_plan_cells(&p);
	if (!all_match(&p)) {
		st_plan_free(&p);
		return 2;
	}
	status = list ? print_cells(&p) : run(&p);
	st_plan_free(&p);
	return status;
}

int main(int argc, char **argv)
{
	return ct_init_run(argc, argv, stress);
}
