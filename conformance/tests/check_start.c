/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever a program inherits, it starts in a clean state, and says so. */
#include "check_ct.h"
#include "descriptors.h"
#include "start.h"

static char *arguments[] = {(char *)"/a/pipc-conform", NULL};

/* What the tests' own library has open looks inherited: it is to stay. */
static void keep_open(void)
{
	struct ct_descriptors list;
	unsigned i;

	ct_descriptors_list(&list);
	for (i = 0; i < list.n; i++)
		if (list.fd[i] > 2)
			fcntl(list.fd[i], F_SETFD, FD_CLOEXEC);
	ct_descriptors_free(&list);
}

static void starts(void)
{
	ck_assert(ct_start(1, arguments));
}

START_TEST(nothing_to_do)
{
	starts(); /* what this test's own parent left */
	starts();
	ck_assert_str_eq(ct_start_changes(), "");
}
END_TEST

static void (*disposition(int signo))(int)
{
	struct sigaction action;

	ck_assert_int_eq(sigaction(signo, NULL, &action), 0);
	return action.sa_handler;
}

START_TEST(signals)
{
	sigset_t all, now;

	starts();
	signal(SIGCHLD, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&all);
	sigaddset(&all, SIGALRM);
	sigaddset(&all, SIGUSR1);
	sigprocmask(SIG_SETMASK, &all, NULL);
	starts();
	ck_says(ct_start_changes(), "reset at start: SIGCHLD was ignored; "
				    "SIGHUP was ignored (");
	ck_says(ct_start_changes(), "; SIGUSR1, SIGALRM were blocked\n");
	ck_assert(disposition(SIGCHLD) == SIG_DFL);
	ck_assert(disposition(SIGHUP) == SIG_IGN);
	ck_assert(ct_start_ignores(SIGHUP));
	ck_assert(!ct_start_ignores(SIGCHLD));
	sigprocmask(SIG_SETMASK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGALRM), 0);
	ct_start_defaults();
	ck_assert(disposition(SIGHUP) == SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	starts();
	ck_says(ct_start_changes(), " signals were blocked\n");
	sigprocmask(SIG_SETMASK, NULL, &now);
	ck_assert_int_eq(sigismember(&now, SIGTERM), 0);
}
END_TEST

START_TEST(the_umask_leaves_the_owner_s_rights)
{
	static const struct {
		mode_t was, is;
		const char *told;
	} rows[] = {
	    {0222, 022, "reset at start: umask was 0222\n"},
	    {0477, 077, "reset at start: umask was 0477\n"},
	    {0777, 077, "reset at start: umask was 0777\n"},
	    {027, 027, ""},
	    {0, 0, ""},
	};
	size_t i;

	starts();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		umask(rows[i].was);
		starts();
		ck_assert_str_eq(ct_start_changes(), rows[i].told);
		ck_assert_int_eq(umask(022), rows[i].is);
	}
}
END_TEST

START_TEST(inherited_descriptors_are_closed)
{
	char kept[32];
	char *with_kept[] = {arguments[0], (char *)"--json", kept, NULL};
	int fd[20], own, i;

	starts();
	for (i = 0; i < 20; i++)
		fd[i] = dup(1);
	ck_assert_int_eq(dup2(1, 900), 900);
	own = fcntl(1, F_DUPFD_CLOEXEC, 0); /* a library's */
	ck_assert_int_ge(own, 0);
	snprintf(kept, sizeof(kept), "/dev/fd/%d", fd[7]);
	ck_assert(ct_start(3, with_kept));
	ck_assert_str_eq(ct_start_changes(),
			 "reset at start: 20 descriptors were open\n");
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(fcntl(fd[i], F_GETFD) != -1, i == 7);
	ck_assert_int_eq(fcntl(900, F_GETFD), -1);
	ct_descriptors_close_own(); /* not for what is tested */
	ck_assert_int_eq(fcntl(fd[7], F_GETFD), -1);
	ck_assert_int_ne(fcntl(own, F_GETFD), -1);
}
END_TEST

START_TEST(high_descriptors_are_counted)
{
	struct ct_descriptors list;
	int before = ct_descriptors_count();

	ck_assert_int_eq(dup2(1, 1000), 1000);
	ck_assert_int_eq(ct_descriptors_count(), before + 1);
	ct_descriptors_list(&list);
	ck_assert(ct_descriptors_has(&list, 1000));
	ck_assert(!ct_descriptors_has(&list, 999));
	ct_descriptors_free(&list);
	close(1000);
	ck_assert_int_eq(ct_descriptors_count(), before);
}
END_TEST

START_TEST(a_program_of_a_case_keeps_all)
{
	char *again[] = {arguments[0], (char *)"--program", NULL};
	int fd = dup(1);

	starts();
	fd = dup(1);
	umask(0777);
	ck_assert(ct_start(2, again));
	ck_assert_int_eq(umask(0777), 0777);
	ck_assert_int_ne(fcntl(fd, F_GETFD), -1);
}
END_TEST

START_TEST(the_multiplier_is_a_number)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
	    {"1", true},     {"1000", true}, {"", true},     {"0", false},
	    {"1001", false}, {"-1", false},  {"ten", false}, {"4x", false},
	};
	const char *told;
	size_t i;
	bool good;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setenv("PIPC_TIMEOUT_MULTIPLIER", rows[i].text, 1);
		capture(2);
		keep_open();
		good = ct_start(1, arguments);
		told = captured();
		ck_assert_msg(good == rows[i].good, "%s", rows[i].text);
		if (!good)
			ck_says(told,
				"pipc-conform: PIPC_TIMEOUT_MULTIPLIER is not "
				"a number from 1 to 1000: '");
	}
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("start");

	tcase_add_test(tc, nothing_to_do);
	tcase_add_test(tc, signals);
	tcase_add_test(tc, the_umask_leaves_the_owner_s_rights);
	tcase_add_test(tc, inherited_descriptors_are_closed);
	tcase_add_test(tc, high_descriptors_are_counted);
	tcase_add_test(tc, a_program_of_a_case_keeps_all);
	tcase_add_test(tc, the_multiplier_is_a_number);
	tcase_add_checked_fixture(tc, keep_open, NULL);
	return run_tests();
}
