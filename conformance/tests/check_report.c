/* SPDX-License-Identifier: BSD-3-Clause */
/* What is written of results: TAP, KTAP, JSON Lines, progress. */
#include "check_ct.h"
#include "cause.h"
#include "records.h"
#include "report.h"

static const struct ct_case one = {.id = "u.one",
				   .req = "SEM-007  NONE-1",
				   .posix = "XSH sem_open",
				   .text = "what is right"};
static char json[] = "/tmp/pipc-XXXXXX";
static struct ct_report report;

static void begin(void)
{
	report = (struct ct_report){
	    .backend = "system", .run = &how, .plan = 1, .quirks = true};
	how.seed = 77;
}

static void begin_json(void)
{
	int fd = mkstemp(json);

	ck_assert_int_ge(fd, 0);
	close(fd);
	report.json = json;
	report.how = CT_JSON_FORCE;
}

/* The JSON file, which is removed. */
static const char *written(void)
{
	static char text[65536];
	FILE *f = fopen(json, "r");

	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	unlink(json);
	return text;
}

static struct ct_result result(enum ct_outcome outcome, const char *messages)
{
	struct ct_result r = {.self = &one, .outcome = outcome, .run = 1};

	strcpy(r.messages, messages);
	return r;
}

/* All that is written to stdout about these results. */
static const char *told(const struct ct_result *r, unsigned n, int signo)
{
	unsigned i;
	bool fine;

	capture(1);
	fine = ct_report_begin(&report);
	for (i = 0; fine && i < n; i++) {
		ct_report_starting(r[i].self, i, r[i].run);
		ct_report_case(&r[i]);
	}
	fine = fine && ct_report_end(signo);
	ck_assert(fine);
	return captured();
}

static const char *told_one(enum ct_outcome outcome, const char *messages)
{
	struct ct_result r = result(outcome, messages);

	return told(&r, 1, 0);
}

START_TEST(a_pass)
{
	const char *text = told_one(CT_PASS, "");

	ck_assert_int_eq(strncmp(text, "1..1\n# ", 7), 0);
	ck_says(text, "; backend system, seed 77\n");
	ck_says(text, "\nok 1 - u.one\n#");
	ck_says(text, "# 1 PASS; 1 ok, 0 xfail, 0 xpass, 0 regression, "
		      "0 absent, 0 unchecked; ");
	ck_says(text, "# status 0: as expected; ");
	ck_says_not(text, "again:");
	ck_says_not(text, "KTAP");
	ck_assert_int_eq(ct_report_status(), CT_AS_EXPECTED);
}
END_TEST

START_TEST(a_failure_tells_all_that_helps)
{
	const char *text;

	report.mutant = "m";
	text = told_one(CT_FAIL, "first\nsecond\n");
	ck_says(text, "\nnot ok 1 - u.one FAIL\n# first\n# second\n"
		      "# a correct system: what is right\n# SEM-007: ");
	ck_says(text, "\n# source: XSH sem_open\n"
		      "# again: pipc-conform --mutant m --run u.one\n");
	ck_says(text, "gdb --args pipc-conform --mutant m --debug u.one");
	ck_says(text, "# 1 FAIL; 0 ok, 0 xfail, 0 xpass, 1 regression, ");
	ck_says(text, "# status 1: 1 result is not as expected\n");
	ck_says_not(text, "NONE-1:");
	ck_assert_int_eq(ct_report_status(), CT_NOT_AS_EXPECTED);
}
END_TEST

START_TEST(again_has_backend_and_seed)
{
	struct ct_result r = result(CT_CRASH, "");

	report.backend = "null";
	r.random = true;
	r.seed = how.seed;
	ck_says(told(&r, 1, 0), "# again: pipc-conform --backend null --run "
				"u.one --seed 77\n");
}
END_TEST

START_TEST(again_can_be_pasted)
{
	static const char *const words[] = {"--quirks", "it's mine", NULL};

	report.program = "/a dir/pipc-mutants";
	report.words = words;
	ck_says(told_one(CT_FAIL, ""),
		"# again: '/a dir/pipc-mutants' --quirks 'it'\\''s mine' "
		"--run u.one\n");
}
END_TEST

START_TEST(skips_have_their_reason)
{
	ck_says(told_one(CT_UNSUPPORTED, "mq: ENOSYS\nmore\n"),
		"\nok 1 - u.one # SKIP UNSUPPORTED: mq: ENOSYS\n");
	ck_assert_int_eq(ct_report_status(), CT_NOTHING_RAN);
	ck_says(told_one(CT_UNRESOLVED, "full\n"),
		"\nok 2 - u.one # SKIP UNRESOLVED: full\n");
}
END_TEST

START_TEST(what_was_not_checked_is_said_and_has_a_status)
{
	struct ct_result r[2] = {result(CT_PASS, ""),
				 result(CT_UNRESOLVED, "full\n")};
	const char *text;

	begin_json();
	text = told(r, 2, 0);
	ck_says(text, "# not checked: u.one, 1 case: full\n");
	ck_says(text, "# status 3: as expected, but 1 case was not checked\n");
	ck_assert_int_eq(ct_report_status(), CT_UNCHECKED);
	ck_says(written(), "\"status\":3,\"unchecked\":[{\"what\":\"u.one\","
			   "\"cases\":1,\"why\":\"full\",\"remedy\":null}],");
}
END_TEST

START_TEST(a_run_that_could_use_no_object_has_learned_nothing)
{
	static const struct ct_case needs = {
	    .id = "u.needs", .text = "", .needs = CT_NEED_MQ};
	struct ct_result r[2] = {result(CT_PASS, ""),
				 result(CT_UNSUPPORTED, "mq: ENOSYS\n")};

	r[1].self = &needs;
	ck_says(told(r, 2, 0), "# status 77: nothing could be run\n");
	ck_assert_int_eq(ct_report_status(), CT_NOTHING_RAN);
}
END_TEST

START_TEST(earlier_results_count_and_are_not_written)
{
	struct ct_result r = result(CT_FAIL, "");
	const char *text;

	ct_report_earlier(&r, CT_REGRESSION);
	text = told_one(CT_PASS, "");
	ck_says_not(text, "not ok");
	ck_says(text, "# 1 PASS 1 FAIL; 1 ok, 0 xfail, 0 xpass, 1 regression");
	ck_assert_int_eq(ct_report_status(), CT_NOT_AS_EXPECTED);
}
END_TEST

START_TEST(a_file_with_results_is_not_lost)
{
	begin_json();
	told_one(CT_PASS, "");
	report.how = CT_JSON_NEW_LOG;
	capture(2);
	ck_assert(!ct_report_begin(&report));
	ck_says(captured(), "exists and is not empty; --resume ");
	report.how = CT_JSON_NEW;
	capture(2);
	ck_assert(!ct_report_begin(&report));
	ck_says(captured(), "exists and is not empty; --force overwrites it\n");
	report.how = CT_JSON_APPEND;
	told_one(CT_PASS, "");
	ck_says(strstr(written(), "{\"record\":\"summary\""),
		"{\"record\":\"header\"");
}
END_TEST

START_TEST(strict_takes_no_excuse)
{
	report.strict = true;
	ck_says(told_one(CT_UNRESOLVED, "full\n"),
		"\nnot ok 1 - u.one UNRESOLVED\n");
	ck_assert_int_eq(ct_report_status(), CT_NOT_AS_EXPECTED);
}
END_TEST

START_TEST(expected_failures_are_green_and_unexpected_passes_red)
{
	const char *text;

	ck_assert(ct_expect_add("u.*=FAIL"));
	ck_says(told_one(CT_FAIL, ""),
		"\nnot ok 1 - u.one # TODO FAIL --expect\n");
	ck_assert_int_eq(ct_report_status(), CT_AS_EXPECTED);
	text = told_one(CT_PASS, "");
	ck_says(text, "\nok 2 - u.one # TODO --expect\n");
	ck_says(text, "; 0 ok, 1 xfail, 1 xpass, 0 regression, ");
	ck_assert_int_eq(ct_report_status(), CT_NOT_AS_EXPECTED);
}
END_TEST

START_TEST(ktap)
{
	const char *text;

	report.ktap = true;
	text = told_one(CT_PASS, "");
	ck_assert_int_eq(strncmp(text, "KTAP version 1\n1..1\n", 20), 0);
	ck_says(text, "\nok 1 u.one\n");
}
END_TEST

START_TEST(an_interrupt_bails_out)
{
	const char *text;

	begin_json();
	text = told(NULL, 0, SIGTERM);
	ck_says(text, "\nBail out! interrupted by signal 15 (");
	ck_says(written(), "\"interrupted\":true,");
}
END_TEST

START_TEST(json_lines)
{
	struct ct_result r[2] = {result(CT_NOTED, "a \"b\" \\ \001\xe9\nc\n"),
				 result(CT_UNSUPPORTED, "none\nmore\n")};
	const char *text, *p;
	int lines = 0;

	strcpy(r[0].notes, "k=old\nempty\nother=x=y\nk=new\n");
	r[0].checks = 5;
	r[0].run = 2;
	begin_json();
	told(r, 2, 0);
	text = written();
	for (p = text; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_int_eq(lines, 6); /* each case has a begin record, too */
	ck_says(text, "{\"record\":\"begin\",\"id\":\"u.one\",\"run\":2}\n");
	ck_says(text, "{\"record\":\"header\",\"schema\":");
	ck_says(text, "\"mutant\":null,\"seed\":77,");
	ck_says(text, "\"capabilities\":{\"sem\":\"present\",");
	ck_says(text, "{\"record\":\"case\",\"id\":\"u.one\",\"req\":"
		      "[\"SEM-007\",\"NONE-1\"],\"posix\":\"XSH sem_open\","
		      "\"text\":\"what is right\",\"outcome\":\"NOTED\","
		      "\"verdict\":\"ok\",\"quirk\":null,\"why\":null,"
		      "\"messages\":[\"a \\\"b\\\" \\\\ "
		      "\\u0001\\u00e9\",\"c\"],\"notes\":{\"other\":\"x=y\","
		      "\"k\":\"new\"},\"checks\":5,\"ms\":0,\"run\":2}\n");
	ck_says(text, "\"why\":\"none\",");
	ck_says(text, "{\"record\":\"summary\",\"outcomes\":{\"PASS\":0,");
	ck_says(text, "\"NOTED\":1},");
	ck_says(text, "\"interrupted\":false,");
}
END_TEST

START_TEST(json_that_cannot_be_written)
{
	struct ct_result r = result(CT_PASS, "");
	int keep;
	bool fine;

	capture(2);
	report.json = "/no/such/file";
	fine = ct_report_begin(&report);
	ck_assert_str_eq(captured(), "pipc-conform: cannot write "
				     "'/no/such/file': No such file or "
				     "directory\n");
	ck_assert(!fine);
	if (access("/dev/full", W_OK) != 0)
		return;
	report.json = "/dev/full";
	keep = dup(1);
	fflush(stdout);
	dup2(open("/dev/null", O_WRONLY), 1);
	ck_assert(ct_report_begin(&report));
	ct_report_case(&r);
	capture(2);
	fine = ct_report_end(0);
	dup2(keep, 1);
	ck_says(captured(), "cannot write '/dev/full'");
	ck_assert(!fine);
}
END_TEST

START_TEST(what_is_missing_is_told_once)
{
	struct ct_capability *sem = &ct_capabilities[0],
			     *timed = &ct_capabilities[1];
	const char *text;

	sem->state = CT_ABSENT;
	strcpy(sem->why, "sem_open: ENOSYS");
	timed->state = CT_BROKEN;
	strcpy(timed->why, "sem_open: EIO");
	begin_json();
	text = told_one(CT_PASS, "");
	ck_says(text, "# broken: sem_timedwait: sem_open: EIO");
	ck_says_not(text, "mq_notify:");
	ck_says(written(), "{\"sem\":\"absent: sem_open: ENOSYS\",\"sem_timed"
			   "wait\":\"broken: sem_open: EIO\",");
}
END_TEST

START_TEST(last_line_list_and_probe)
{
	const char *text;

	capture(1);
	ct_record_listed(stdout, &one);
	ct_report_last_line(0);
	text = captured();
	ck_says(text, "{\"record\":\"listed\",\"id\":\"u.one\",\"req\":[\"SEM-"
		      "007\",\"NONE-1\"],\"posix\":\"XSH sem_open\",\"text\":"
		      "\"what is right\"}\n{\"record\":\"summary\",");
	ct_mq_depth = 9;
	capture(1);
	ct_report_probe();
	text = captured();
	ck_says(text, "system\t");
	ck_says(text, "\nsem\tpresent\n");
	ck_says(text, "\nqueue_depth_found\t9\n");
}
END_TEST

START_TEST(progress_is_for_people_only)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY), slave, keep = dup(2);
	char seen[200] = "";

	if (pty < 0 || grantpt(pty) != 0 || unlockpt(pty) != 0)
		return;
	slave = open(ptsname(pty), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	dup2(slave, 2);
	told_one(CT_PASS, "");
	dup2(keep, 2);
	ck_assert_int_gt(read(pty, seen, sizeof(seen) - 1), 0);
	ck_says(seen, "\r\033[K1/1 u.one");
	close(slave);
	close(pty);
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("report");

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_pass);
	tcase_add_test(tc, a_failure_tells_all_that_helps);
	tcase_add_test(tc, again_has_backend_and_seed);
	tcase_add_test(tc, again_can_be_pasted);
	tcase_add_test(tc, skips_have_their_reason);
	tcase_add_test(tc, what_was_not_checked_is_said_and_has_a_status);
	tcase_add_test(tc, a_run_that_could_use_no_object_has_learned_nothing);
	tcase_add_test(tc, earlier_results_count_and_are_not_written);
	tcase_add_test(tc, a_file_with_results_is_not_lost);
	tcase_add_test(tc, strict_takes_no_excuse);
	tcase_add_test(tc,
		       expected_failures_are_green_and_unexpected_passes_red);
	tcase_add_test(tc, ktap);
	tcase_add_test(tc, an_interrupt_bails_out);
	tcase_add_test(tc, json_lines);
	tcase_add_test(tc, json_that_cannot_be_written);
	tcase_add_test(tc, what_is_missing_is_told_once);
	tcase_add_test(tc, last_line_list_and_probe);
	tcase_add_test(tc, progress_is_for_people_only);
	return run_tests();
}
