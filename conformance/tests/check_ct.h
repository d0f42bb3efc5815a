/* SPDX-License-Identifier: BSD-3-Clause */
/* What the unit tests of the harness share. */
#ifndef CHECK_CT_H
#define CHECK_CT_H

#include "run.h"
#include "tests/check_pipc.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* main.c's part of an exec; only check_peer has programs to exec. */
#ifndef OWN_EXEC_SELF
_Noreturn void ct_exec_self(struct ct *t, const char *name, const char *fds,
			    const char *arg)
{
	ct_unresolved(t, "exec of %s %s %s", name, fds, arg);
}
#endif

/* The text holds these words; the test says which text did not. */
#define ck_says(text, words)                                                   \
	do {                                                                   \
		const char *text_ = (text);                                    \
		ck_assert_msg(strstr(text_, words) != NULL,                    \
			      "'%s' is not in '%s'", words, text_);            \
	} while (0)
#define ck_says_not(text, words)                                               \
	do {                                                                   \
		const char *text_ = (text);                                    \
		ck_assert_msg(strstr(text_, words) == NULL, "'%s' is in '%s'", \
			      words, text_);                                   \
	} while (0)

static int records_fd = -1;

/* A struct ct that no runner looks after: said() tells what it recorded. */
SHARED static struct ct *lone_case(void)
{
	static struct ct t;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	records_fd = fds[0];
	t = (struct ct){.os = &pipc__os_system,
			.main_pid = getpid(),
			.records = fds[1],
			.mq_depth = 1};
	t.shared = mmap(NULL, sizeof(*t.shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(t.shared, MAP_FAILED);
	ct__place_take(&t);
	return &t;
}

/* The records since it was last asked, without their marks. */
SHARED static const char *said(void)
{
	static char text[8 * CT_RECORD_MAX];
	ssize_t n = read(records_fd, text, sizeof(text) - 1), i, kept = 0;

	for (i = 0; i < n; i++)
		if (text[i] != CT_RECORD_MARK)
			text[kept++] = text[i];
	text[kept] = '\0';
	return text;
}

/* Runs a body in a child that may end in any way: waitpid()'s status. */
SHARED static int end_of(void (*body)(struct ct *t), struct ct *t)
{
	int status = 0;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		body(t);
		ct_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* The same, when it must end of itself: the exit status. */
SHARED static int exit_of(void (*body)(struct ct *t), struct ct *t)
{
	int status = end_of(body, t);

	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define RESULTS 600
static struct ct_result results[RESULTS];
static unsigned results_n;
static struct ct_run_options how = {
    .base = &pipc__os_system, .os = &pipc__os_system, .jobs = 1, .seed = 1};

SHARED static void keep_result(const struct ct_result *result)
{
	ck_assert_uint_lt(results_n, RESULTS);
	results[results_n++] = *result;
}

/* Runs a body as the runner runs a case. */
SHARED static const struct ct_result *result_of(void (*body)(struct ct *t))
{
	static struct ct_case one;
	const struct ct_case *list[] = {&one};

	one = (struct ct_case){.id = "unit.one", .text = "", .run = body};
	results_n = 0;
	ck_assert_int_eq(ct_run(&how, list, 1, 1, NULL, keep_result), 0);
	ck_assert_uint_eq(results_n, 1);
	return &results[0];
}

#define ck_outcome(result, wanted)                                             \
	ck_assert_msg((result)->outcome == (wanted), "wanted %s, came %s: %s", \
		      ct_outcome_names[wanted],                                \
		      ct_outcome_names[(result)->outcome], (result)->messages)

static int captured_fd, captured_was;
static FILE *captured_file;

/* What is written to descriptor 1 or 2 from now on is for captured(). */
SHARED static void capture(int fd)
{
	fflush(NULL);
	captured_file = tmpfile();
	ck_assert_ptr_nonnull(captured_file);
	captured_fd = fd;
	captured_was = dup(fd);
	ck_assert_int_ge(dup2(fileno(captured_file), fd), 0);
}

SHARED static const char *captured(void)
{
	static char text[65536];
	size_t n;

	fflush(NULL);
	dup2(captured_was, captured_fd);
	close(captured_was);
	rewind(captured_file);
	n = fread(text, 1, sizeof(text) - 1, captured_file);
	text[n] = '\0';
	fclose(captured_file);
	return text;
}

/*
 * No more processes and threads for this one, until more_processes().  Root is
 * above such limits, so it becomes a user that nobody is, but keeps its way
 * back.
 */
SHARED static void no_more_processes(void)
{
	uid_t nobody = 100000 + (uid_t)getpid() % 1000000;
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NPROC, &limit), 0);
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &limit), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(setreuid(nobody, 0), 0);
		ck_assert_int_eq(seteuid(nobody), 0);
	}
}

SHARED static void more_processes(void)
{
	struct rlimit limit;

	if (getuid() != geteuid() || getuid() >= 100000)
		(void)!seteuid(0);
	ck_assert_int_eq(getrlimit(RLIMIT_NPROC, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &limit), 0);
}

static Suite *suite;

/* The tests of a file are added to this. */
SHARED static TCase *tests_of(const char *file)
{
	TCase *tc = tcase_create(file);

	suite = suite_create(file);
	suite_add_tcase(suite, tc);
	unsetenv("PIPC_TIMEOUT_MULTIPLIER");
	return tc;
}

SHARED static int run_tests(void)
{
	return run_suite(suite);
}
#endif
