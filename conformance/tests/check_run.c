/* SPDX-License-Identifier: BSD-3-Clause */
/* The runner: what each way to end a case comes to, and the order of results.
 */
#include "check_ct.h"

static void passes(struct ct *t)
{
	CT_CHECK(true);
}

static void fails(struct ct *t)
{
	CT_CHECK(false);
	ct_remark(t, "a remark");
}

static void notes(struct ct *t)
{
	CT_CHECK(true);
	ct_note(t, "key", "value");
}

static void checks_nothing(struct ct *t)
{
	(void)t;
}

static void unresolved(struct ct *t)
{
	CT_CHECK(true);
	ct_unresolved(t, "it rains");
}

static void unsupported(struct ct *t)
{
	CT_CHECK(true);
	ct_unsupported(t, "no such thing");
}

static void fails_then_stops(struct ct *t)
{
	CT_CHECK(false);
	ct_unresolved(t, "it rains");
}

static void leaks_name(struct ct *t)
{
	CT_OK(t->os->sem_open(ct_name(t), PIPC_O_CREX, 0600, 0) != SEM_FAILED);
}

static void leaks_descriptors(struct ct *t)
{
	CT_OK(dup(1) >= 0);
	CT_OK(dup(1) >= 0);
}

static void leaks_process(struct ct *t)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		for (;;)
			pause();
	}
	ct_await(t, p);
	ct_remark(t, "peer %ld", (long)ct_pid(p));
}

static void crashes(struct ct *t)
{
	CT_CHECK(true);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void exits(struct ct *t)
{
	CT_CHECK(true);
	ct_exit(5);
}

static void exits_with_1(struct ct *t)
{
	CT_CHECK(true);
	ct_exit(1);
}

static void writes_garbage(struct ct *t)
{
	CT_OK(write(t->records, "garbage\n", 8) == 8);
}

static void writes_unknown_record(struct ct *t)
{
	ct_record(t->records, 'Z', "what is this");
	CT_CHECK(true);
}

static void writes_half_a_record(struct ct *t)
{
	CT_CHECK(true);
	CT_OK(write(t->records, "\001E", 2) == 2);
	_exit(0);
}

static void writes_endlessly(struct ct *t)
{
	char text[4 * CT_RECORD_MAX];

	memset(text, 'x', sizeof(text));
	CT_OK(write(t->records, text, sizeof(text)) == sizeof(text));
}

START_TEST(each_end_has_its_outcome)
{
	static const struct {
		void (*body)(struct ct *t);
		enum ct_outcome outcome;
		const char *words;
	} rows[] = {
	    {passes, CT_PASS, ""},
	    {fails, CT_FAIL, "does not hold\na remark\n"},
	    {notes, CT_NOTED, ""},
	    {checks_nothing, CT_UNRESOLVED, "checked nothing"},
	    {unresolved, CT_UNRESOLVED, "it rains\n"},
	    {unsupported, CT_UNSUPPORTED, "no such thing\n"},
	    {fails_then_stops, CT_FAIL, "it rains\n"},
	    {leaks_name, CT_LEAK, "left behind: /"},
	    {leaks_descriptors, CT_LEAK, "left open: 2 descriptors"},
	    {leaks_process, CT_LEAK, "left behind: 1 process\n"},
	    {crashes, CT_CRASH, "killed by signal 11 ("},
	    {exits, CT_CRASH, "exited early with status 5"},
	    {writes_garbage, CT_CRASH, "no record"},
	    {writes_unknown_record, CT_CRASH, "no record"},
	    {writes_half_a_record, CT_CRASH, "no record"},
	    {writes_endlessly, CT_CRASH, "no record"},
	};
	const struct ct_result *r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = result_of(rows[i].body);
		ck_outcome(r, rows[i].outcome);
		ck_says(r->messages, rows[i].words);
		ck_assert_uint_eq(r->run, 1);
		ck_assert_str_eq(r->self->id, "unit.one");
	}
	ck_assert_str_eq(result_of(passes)->messages, "");
	ck_assert_uint_eq(results[0].checks, 1);
	ck_assert_str_eq(result_of(notes)->notes, "key=value\n");
}
END_TEST

START_TEST(nothing_stays_behind)
{
	const char *p;

	p = strstr(result_of(leaks_name)->messages, "left behind: ");
	ck_assert_ptr_nonnull(p);
	results[0].messages[strlen(results[0].messages) - 1] = '\0';
	ck_assert_int_eq(pipc__os_system.sem_unlink(p + 13), -1);
	ck_assert_int_eq(errno, ENOENT);
	p = strstr(result_of(leaks_process)->messages, "peer ");
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(kill((pid_t)atol(p + 5), 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

static void leaks_long_name(struct ct *t)
{
	char name[201];

	memset(name, 'n', sizeof(name));
	memcpy(name, ct_name(t), 13);
	name[200] = '\0';
	CT_OK(close(t->os->shm_open(name, PIPC_O_CREX | O_RDWR, 0600)) == 0);
	ct_remark(t, "name %s", name);
}

START_TEST(a_long_name_does_not_stay_either)
{
	const struct ct_result *r = result_of(leaks_long_name);
	char name[201];

	ck_outcome(r, CT_LEAK);
	ck_assert_int_eq(
	    sscanf(strstr(r->messages, "name "), "name %200s", name), 1);
	ck_assert_int_eq(pipc__os_system.shm_unlink(name), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

static sem_t *another_s(const char *name, int flags, mode_t mode, unsigned n)
{
	errno = EEXIST;
	return SEM_FAILED;
}

static unsigned unlinked;

static int count_unlink(const char *name)
{
	unlinked++;
	errno = ENOENT;
	return -1;
}

static void wants_another_s(struct ct *t)
{
	CT_ERRNO(t->os->sem_open("/a", PIPC_O_CREX, 0600, 0) == SEM_FAILED,
		 EEXIST);
}

static void wants_it_in_any_case(struct ct *t)
{
	wants_another_s(t);
	t->os->sem_open("/a", O_CREAT, 0600, 0);
}

START_TEST(what_is_another_s_stays)
{
	struct pipc__os there = pipc__os_null;

	there.sem_open = another_s;
	there.sem_unlink = count_unlink;
	how.base = how.os = &there;
	ck_outcome(result_of(wants_another_s), CT_PASS);
	ck_assert_uint_eq(unlinked, 0);
	ck_outcome(result_of(wants_it_in_any_case), CT_PASS);
	ck_assert_uint_eq(unlinked, 1);
}
END_TEST

static void hangs(struct ct *t)
{
	CT_CHECK(true);
	for (;;)
		pause();
}

static void fails_and_hangs(struct ct *t)
{
	CT_CHECK(false);
	for (;;)
		pause();
}

static void blocks(struct ct *t)
{
	sem_t *sem = ct_sem(t, 0, NULL);

	CT_OK(t->os->sem_wait(sem) == 0);
}

static const struct ct_result *result_for(const struct ct_case *c)
{
	unsigned i;

	for (i = 0; i < results_n; i++)
		if (results[i].self == c)
			return &results[i];
	ck_abort_msg("no result of %s", c->id);
}

static const struct ct_case late[] = {
    {.id = "u.hangs", .run = hangs, .seconds = 1},
    {.id = "u.fails-and-hangs", .run = fails_and_hangs, .seconds = 1},
    {.id = "u.blocks", .run = blocks, .seconds = 60},
};

START_TEST(what_does_not_end_is_ended)
{
	const struct ct_case *const list[] = {&late[0], &late[1], &late[2]};
	const struct ct_result *r;

	how.jobs = 3;
	ck_assert_int_eq(ct_run(&how, list, 3, 1, NULL, keep_result), 0);
	r = result_for(&late[0]);
	ck_outcome(r, CT_TIMEOUT);
	ck_says(r->messages, "did not end within 1 s; "
			     "PIPC_TIMEOUT_MULTIPLIER=4 gives more\n");
	ck_assert_int_ge(r->ms, 1000);
	ck_outcome(result_for(&late[1]), CT_FAIL);
	r = result_for(&late[2]);
	ck_outcome(r, CT_FAIL);
	if (ct__process_state(getpid()) != 0)
		ck_assert_int_lt(r->ms, 60000);
	ck_says(r->messages, "sem_wait(sem) == 0 did not return");
}
END_TEST

static int hold[2];
static unsigned started;

static void waits_for_the_end_of_the_other(struct ct *t)
{
	char byte;

	CT_CHECK(true);
	(void)!read(hold[0], &byte, 1);
}

static const struct ct_case slow = {
    .id = "u.slow", .run = waits_for_the_end_of_the_other, .seconds = 60};
static const struct ct_case quick = {.id = "u.quick", .run = passes};
static const struct ct_case *const slow_first[] = {&slow, &quick};

static void let_slow_go(const struct ct_result *r)
{
	if (r->self == &quick)
		ck_assert_int_eq(write(hold[1], "x", 1), 1);
	keep_result(r);
}

START_TEST(results_do_not_wait_for_a_slow_case)
{
	ck_assert_int_eq(pipe(hold), 0);
	how.jobs = 2;
	ck_assert_int_eq(ct_run(&how, slow_first, 2, 1, NULL, let_slow_go), 0);
	ck_assert_uint_eq(results_n, 2);
	ck_assert_ptr_eq(results[0].self, &quick);
	ck_outcome(&results[0], CT_PASS);
	ck_assert_ptr_eq(results[1].self, &slow);
	ck_outcome(&results[1], CT_PASS);
}
END_TEST

/* One at a time: each is told right before it starts, so all else has ended. */
static void starting(const struct ct_case *c, unsigned number, unsigned run)
{
	static const struct ct_case *const plan[] = {&slow, &quick};

	ck_assert_ptr_eq(c, plan[number % 2]);
	ck_assert_uint_eq(number, started++);
	ck_assert_uint_eq(run, number / 2 + 1);
	ck_assert_uint_eq(results_n, number);
	ck_assert_int_eq(write(hold[1], "x", 1), 1);
}

START_TEST(one_at_a_time_they_keep_the_order_of_the_plan)
{
	unsigned i;

	ck_assert_int_eq(pipe(hold), 0);
	ck_assert_int_eq(ct_run(&how, slow_first, 2, 20, starting, keep_result),
			 0);
	ck_assert_uint_eq(results_n, 40);
	for (i = 0; i < 40; i++) {
		ck_assert_ptr_eq(results[i].self, slow_first[i % 2]);
		ck_outcome(&results[i], CT_PASS);
	}
}
END_TEST

START_TEST(repeats_count_their_runs)
{
	static const struct ct_case a = {.id = "u.a", .run = passes},
				    b = {.id = "u.b", .run = fails};
	const struct ct_case *const list[] = {&a, &b};
	unsigned i, runs[2] = {0, 0};

	how.jobs = 2;
	ck_assert_int_eq(ct_run(&how, list, 2, 5, NULL, keep_result), 0);
	ck_assert_uint_eq(results_n, 10);
	for (i = 0; i < 10; i++) {
		runs[results[i].self == &b] += 1u << results[i].run;
		ck_outcome(&results[i],
			   results[i].self == &b ? CT_FAIL : CT_PASS);
	}
	ck_assert_uint_eq(runs[0], 2 + 4 + 8 + 16 + 32);
	ck_assert_uint_eq(runs[1], 2 + 4 + 8 + 16 + 32);
}
END_TEST

static void random_note(struct ct *t)
{
	CT_CHECK(true);
	ct_note(t, "n", "%" PRIu64, ct_random(t));
}

START_TEST(the_seed_and_the_case_decide_random_numbers)
{
	static const struct ct_case a = {.id = "u.a", .run = random_note},
				    b = {.id = "u.b", .run = random_note};
	const struct ct_case *const list[] = {&a, &b};

	ct_run(&how, list, 2, 2, NULL, keep_result);
	ck_assert_str_eq(results[0].notes, results[2].notes);
	ck_assert_str_ne(results[0].notes, results[1].notes);
	ck_assert(results[0].random);
	how.seed++;
	ct_run(&how, list, 2, 1, NULL, keep_result);
	ck_assert_str_ne(results[0].notes, results[4].notes);
	ck_assert(!result_of(passes)->random);
}
END_TEST

static void count_start(const struct ct_case *c, unsigned number, unsigned run)
{
	started++;
}

START_TEST(what_is_missing_is_told_and_not_run)
{
	static const struct ct_case c = {
	    .id = "u.crash", .run = crashes, .needs = CT_NEED_MQ};
	const struct ct_case *const list[] = {&c};
	struct ct_capability *mq = ct_capabilities;

	while (mq->need != CT_NEED_MQ)
		mq++;
	mq->state = CT_ABSENT;
	strcpy(mq->why, "mq_open: ENOSYS");
	ct_run(&how, list, 1, 1, count_start, keep_result);
	ck_assert_uint_eq(started, 1);
	ck_outcome(&results[0], CT_UNSUPPORTED);
	ck_assert_str_eq(results[0].messages, "mq: mq_open: ENOSYS\n");
	mq->state = CT_DENIED;
	ct_run(&how, list, 1, 1, NULL, keep_result);
	ck_outcome(&results[1], CT_UNRESOLVED);
	ck_assert_uint_eq(results[1].checks, 0);
}
END_TEST

START_TEST(no_more_processes_is_no_failure)
{
	const struct ct_result *r;

	no_more_processes();
	r = result_of(passes);
	more_processes();
	ck_outcome(r, CT_UNRESOLVED);
	ck_says(r->messages, "cannot start a process: ");
}
END_TEST

START_TEST(no_more_descriptors_is_no_failure)
{
	struct rlimit limit, was;
	const struct ct_result *r, *here;
	enum ct_outcome outcome;

	getrlimit(RLIMIT_NOFILE, &was);
	limit = was;
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &limit);
	r = result_of(passes);
	outcome = r->outcome;
	how.no_fork = true;
	here = result_of(passes);
	setrlimit(RLIMIT_NOFILE, &was);
	ck_assert_int_eq(outcome, CT_UNRESOLVED);
	ck_outcome(here, CT_UNRESOLVED);
	ck_says(here->messages, "pipe: EMFILE");
}
END_TEST

static pid_t runner;

static void in_the_runner(struct ct *t)
{
	CT_EQUAL(getpid(), runner);
}

START_TEST(in_one_process)
{
	runner = getpid();
	ck_outcome(result_of(in_the_runner), CT_FAIL);
	how.no_fork = true;
	ck_outcome(result_of(in_the_runner), CT_PASS);
	ck_outcome(result_of(fails), CT_FAIL);
	ck_outcome(result_of(unresolved), CT_UNRESOLVED);
	ck_outcome(result_of(exits_with_1), CT_CRASH); /* no time-out */
	ck_outcome(result_of(leaks_name), CT_LEAK);
	ck_outcome(result_of(leaks_descriptors), CT_LEAK);
	ck_outcome(result_of(passes), CT_PASS);
}
END_TEST

START_TEST(in_one_process_with_a_deadline)
{
	const struct ct_case *const list[] = {&late[0]};

	how.no_fork = true;
	ct_run(&how, list, 1, 1, NULL, keep_result);
	ck_outcome(&results[0], CT_TIMEOUT);
	ck_outcome(result_of(passes), CT_PASS);
}
END_TEST

static int signo_to_send;

static void interrupts(struct ct *t)
{
	leaks_name(t);
	if (!how.debug)
		leaks_process(t);
	kill(how.debug ? getpid() : getppid(), signo_to_send);
	for (;;)
		pause();
}

static int interrupted_run(void)
{
	static const struct ct_case c = {.id = "u.interrupts",
					 .run = interrupts,
					 .seconds = 60},
				    d = {.id = "u.hangs", .run = hangs};
	const struct ct_case *const list[] = {&c, &d};

	return ct_run(&how, list, 2, 1, NULL, keep_result);
}

START_TEST(an_interrupt_ends_the_run)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	signo_to_send = signals[_i];
	how.jobs = 2;
	ck_assert_int_eq(interrupted_run(), signo_to_send);
	ck_assert_uint_eq(results_n, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(an_interrupt_ends_a_case_in_this_process)
{
	signo_to_send = SIGINT;
	how.debug = true;
	ck_assert_int_eq(interrupted_run(), SIGINT);
	ck_assert_uint_eq(results_n, 0);
}
END_TEST

/* A mutant's table is for the case, the backend's own for the clean-up. */
FAILING(int, unlink, (const char *name), -1)

START_TEST(the_clean_up_is_not_the_mutant_s)
{
	const struct ct_result *r;

	use_faulty();
	faulty.sem_unlink = failing_unlink;
	how.os = &faulty;
	r = result_of(leaks_name);
	ck_outcome(r, CT_LEAK);
	ck_says(r->messages, "left behind: /");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("run");

	tcase_add_test(tc, each_end_has_its_outcome);
	tcase_add_test(tc, nothing_stays_behind);
	tcase_add_test(tc, a_long_name_does_not_stay_either);
	tcase_add_test(tc, what_is_another_s_stays);
	tcase_add_test(tc, what_does_not_end_is_ended);
	tcase_add_test(tc, results_do_not_wait_for_a_slow_case);
	tcase_add_test(tc, one_at_a_time_they_keep_the_order_of_the_plan);
	tcase_add_test(tc, repeats_count_their_runs);
	tcase_add_test(tc, the_seed_and_the_case_decide_random_numbers);
	tcase_add_test(tc, what_is_missing_is_told_and_not_run);
	tcase_add_test(tc, no_more_processes_is_no_failure);
	tcase_add_test(tc, no_more_descriptors_is_no_failure);
	tcase_add_test(tc, in_one_process);
	tcase_add_test(tc, in_one_process_with_a_deadline);
	tcase_add_loop_test(tc, an_interrupt_ends_the_run, 0, 3);
	tcase_add_test(tc, an_interrupt_ends_a_case_in_this_process);
	tcase_add_test(tc, the_clean_up_is_not_the_mutant_s);
	return run_tests();
}
