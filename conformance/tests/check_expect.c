/* SPDX-License-Identifier: BSD-3-Clause */
/* Verdicts: which systems and cases a quirk is about, and what it excuses. */
#include "expect.h"
#include "tests/check_time.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* Tables of our own, instead of those made from platform-notes. */
const struct ct_quirk ct_quirks[] = {
    {"elsewhere", "os=Nonesuch", "*", "fail crash", "test", "", false},
    {"fails", "os=*", "a.fails b.f?ils", "fail leak", "test", "", false},
    {"fails-late", "os=*", "a.fails", "timeout", "test", "", true},
    {"fine", "os=* version>=0", "a.fine", "pass", "test", "", false},
    {"no-news", "os=*", "a.either", "pass fail unresolved", "test", "", false},
    {"not-here", "os=*", "a.absent", "unsupported", "test", "", false},
    {"other", "os=* backend=other", "a.other", "fail", "test", "", false},
    {.id = NULL},
};
const struct ct_remedy ct_remedies[] = {
    {"elsewhere", "os=Nonesuch", "*", "", "move there"},
    {"there", "os=*", "sem*: *", "missing:/dev", "no advice without its sign"},
    {"no-file", "os=*", "mq*: *EROFS", "missing:/dev missing:/no/such/file",
     "make the file"},
    {"load", "os=*", "mq*: *ENOSYS", "", "load it"},
    {"load-again", "os=*", "mq*: *", "", "look at the limits"},
    {.id = NULL},
};
const struct ct_provision ct_provisions[] = {
    {"elsewhere", "os=Nonesuch", "sem_init", "test"},
    {"here", "os=*", "sem shm", "test"},
    {"here-too", "os=* version>=0", "mq", "test"},
    {"other", "os=* backend=other", "none", "test"},
    {.id = NULL},
};

static const struct ct_system freebsd = {
    "FreeBSD", "10.2-RELEASE-p9", "GENERIC", "amd64", "FreeBSD", "10.2-RELEASE",
};
static const struct ct_system linux_s390x = {
    "Linux", "6.18.5-cloud", "#1 SMP", "s390x", "glibc", "2.36",
};
static const struct ct_system musl = {
    "Linux", "6.1.0", "#1 SMP", "x86_64", "musl", "", /* tells no version */
};

static const struct {
	const char *match;
	const struct ct_system *system;
	bool matches;
} matches[] = {
    {"os=FreeBSD", &freebsd, true},
    {"os=Free", &freebsd, false}, /* no prefix */
    {"os=freebsd", &freebsd, false},
    {"os=Free*", &freebsd, true},
    {"os!=Free*", &freebsd, false},
    {"os!=Linux", &freebsd, true},
    {"os=FreeBSD version<10.3", &freebsd, true},
    {"os=FreeBSD\tversion<10.2", &freebsd, false},
    {" os=FreeBSD  version<=10.2 ", &freebsd, true},
    {"version>10.2", &freebsd, false},
    {"version>=10.2", &freebsd, true},
    {"version<9.4", &freebsd, false}, /* 10 is more than 9 */
    {"version=10.2-*", &freebsd, true},
    {"version!=10.2-RELEASE-p9", &freebsd, false},
    {"build=GEN* machine=amd64", &freebsd, true},
    {"build=GEN* machine=arm64", &freebsd, false},
    {"machine=arm64 build=GEN*", &freebsd, false},
    {"os=Linux libc=glibc machine=s390x", &linux_s390x, true},
    {"os=Linux libc=musl", &linux_s390x, false},
    {"libc_version>=2.4", &linux_s390x, true}, /* 36 is more than 4 */
    {"libc_version<2.36", &linux_s390x, false},
    {"version>6.18", &linux_s390x, true},
    {"version>6.18.5", &linux_s390x, false},
    {"libc_version<99", &musl, false}, /* unknown is not old */
    {"libc_version>=0", &musl, false},
    {"libc_version=", &musl, true},
    {"nonesuch=1", &musl, false},
    {"Linux", &musl, false},
    {"os", &musl, false},
    {"", &musl, true},
};
#define MATCHES ((int)(sizeof(matches) / sizeof(matches[0])))

START_TEST(words_describe_a_system)
{
	ck_assert_msg(ct_matches(matches[_i].match, matches[_i].system) ==
			  matches[_i].matches,
		      "'%s' %s %s %s", matches[_i].match,
		      matches[_i].matches ? "is not" : "is",
		      matches[_i].system->os, matches[_i].system->release);
}
END_TEST

static const struct {
	const char *older, *newer;
} versions[] = {
    {"9.4", "10.2"},
    {"10", "10.3"},
    {"10.2", "10.3"},
    {"10.2.9", "10.10"},
    {"", "0.1"},
    {"2.6.9", "2.6.18-el5"},
    {"10.2-RELEASE", "11"},
    {"5.9", "5.10"},
    {"3.4.6-1.x86_64", "3.5"},
    {"5.10-rc1", "5.10.1"},
    {"1.7.1", "1.7.33(0.280/5/3)"},
};
#define VERSIONS ((int)(sizeof(versions) / sizeof(versions[0])))

START_TEST(versions_are_numbers_between_dots)
{
	const char *older = versions[_i].older, *newer = versions[_i].newer;

	ck_assert_int_lt(ct_version_order(older, newer), 0);
	ck_assert_int_gt(ct_version_order(newer, older), 0);
	ck_assert_int_eq(ct_version_order(older, older), 0);
}
END_TEST

START_TEST(what_follows_the_numbers_does_not_count)
{
	ck_assert_int_eq(ct_version_order("13.2-RELEASE", "13.2"), 0);
	ck_assert_int_eq(ct_version_order("13.2", "13.2-STABLE"), 0);
	ck_assert_int_eq(ct_version_order("6.1", "6.1.0"), 0);
}
END_TEST

static const struct {
	const char *id;
	enum ct_outcome outcome;
	enum ct_verdict verdict;
	const char *quirk;
} rows[] = {
    {"c.unknown", CT_PASS, CT_VERDICT_OK, NULL},
    {"c.unknown", CT_NOTED, CT_VERDICT_OK, NULL},
    /* On a known system it is known which cases find nothing. */
    {"c.unknown", CT_UNSUPPORTED, CT_VERDICT_UNCHECKED, NULL},
    {"c.unknown", CT_UNRESOLVED, CT_VERDICT_UNCHECKED, NULL},
    {"a.absent", CT_UNSUPPORTED, CT_VERDICT_ABSENT, "not-here"},
    {"a.absent", CT_UNRESOLVED, CT_VERDICT_UNCHECKED, NULL},
    {"a.absent", CT_PASS, CT_XPASS, "not-here"},
    {"c.unknown", CT_FAIL, CT_REGRESSION, NULL},
    {"c.unknown", CT_TIMEOUT, CT_REGRESSION, NULL},
    {"c.unknown", CT_CRASH, CT_REGRESSION, NULL},
    {"c.unknown", CT_LEAK, CT_REGRESSION, NULL},
    {"b.fails", CT_FAIL, CT_XFAIL, "fails"},
    {"b.foils", CT_LEAK, CT_XFAIL, "fails"},
    {"b.fails", CT_PASS, CT_XPASS, "fails"},
    {"b.fails", CT_NOTED, CT_XPASS, "fails"},
    {"b.fails", CT_CRASH, CT_REGRESSION, "fails"},
    {"b.fails", CT_TIMEOUT, CT_REGRESSION, "fails"},
    {"b.fails", CT_UNSUPPORTED, CT_VERDICT_UNCHECKED, NULL},
    {"b.fails", CT_UNRESOLVED, CT_VERDICT_UNCHECKED, NULL},
    {"b.fails.not", CT_FAIL, CT_REGRESSION, NULL},
    /* Two quirks of one case: either excuses what it expects. */
    {"a.fails", CT_FAIL, CT_XFAIL, "fails"},
    {"a.fails", CT_TIMEOUT, CT_XFAIL, "fails-late"},
    {"a.fails", CT_CRASH, CT_REGRESSION, "fails"},
    {"a.fails", CT_PASS, CT_XPASS, "fails"},
    {"a.fine", CT_PASS, CT_VERDICT_OK, "fine"},
    {"a.fine", CT_NOTED, CT_XPASS, "fine"},
    {"a.fine", CT_FAIL, CT_REGRESSION, "fine"},
    {"a.either", CT_PASS, CT_VERDICT_OK, "no-news"},
    {"a.either", CT_FAIL, CT_XFAIL, "no-news"},
    {"a.either", CT_UNRESOLVED, CT_VERDICT_UNCHECKED, "no-news"},
};
#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static void ck_verdict(const char *id, enum ct_outcome outcome, bool use_quirks,
		       enum ct_verdict verdict, const char *name)
{
	const struct ct_quirk *quirk = &ct_quirks[0];

	ck_assert_int_eq(ct_judge(id, outcome, NULL, use_quirks, &quirk),
			 verdict);
	if (name == NULL) {
		ck_assert_ptr_null(quirk);
		return;
	}
	ck_assert_ptr_nonnull(quirk);
	ck_assert_str_eq(quirk->id, name);
}

START_TEST(outcome_and_quirk_make_a_verdict)
{
	ck_verdict(rows[_i].id, rows[_i].outcome, true, rows[_i].verdict,
		   rows[_i].quirk);
}
END_TEST

START_TEST(without_quirks_only_posix_counts)
{
	ck_verdict("b.fails", CT_FAIL, false, CT_REGRESSION, NULL);
	ck_verdict("b.fails", CT_PASS, false, CT_VERDICT_OK, NULL);
	ck_verdict("a.fine", CT_NOTED, false, CT_VERDICT_OK, NULL);
}
END_TEST

START_TEST(a_quirk_is_about_the_system_unless_it_names_a_backend)
{
	const struct ct_quirk *quirk;

	ck_assert_int_eq(ct_judge("a.other", CT_FAIL, NULL, true, &quirk),
			 CT_REGRESSION);
	ct_judge_backend("other");
	ck_assert_int_eq(ct_judge("a.other", CT_FAIL, NULL, true, &quirk),
			 CT_XFAIL);
	ck_assert_int_eq(ct_judge("b.fails", CT_FAIL, NULL, true, &quirk),
			 CT_REGRESSION);
	ct_judge_backend("system");
	ck_assert_int_eq(ct_judge("b.fails", CT_FAIL, NULL, true, &quirk),
			 CT_XFAIL);
}
END_TEST

START_TEST(expect_overrides_quirks)
{
	ck_assert(ct_expect_add("b.f*=CRASH"));
	ck_verdict("b.fails", CT_CRASH, true, CT_XFAIL, "--expect");
	ck_verdict("b.fails", CT_FAIL, true, CT_REGRESSION, "--expect");
	ck_verdict("a.fails", CT_FAIL, true, CT_XFAIL, "fails");
	/* It is the user's word, no quirk of the table. */
	ck_verdict("b.foils", CT_CRASH, false, CT_XFAIL, "--expect");
	/* The last one counts. */
	ck_assert(ct_expect_add("b.fails=pass"));
	ck_verdict("b.fails", CT_PASS, true, CT_VERDICT_OK, "--expect");
	ck_verdict("b.fails", CT_CRASH, true, CT_REGRESSION, "--expect");
	ck_verdict("b.foils", CT_CRASH, true, CT_XFAIL, "--expect");
}
END_TEST

START_TEST(expect_refuses_what_it_does_not_know)
{
	static const char *const bad[] = {
	    "", "a.fails", "a.fails=", "=FAIL", "a.fails=LATE", "a.fails=FAIL ",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!ct_expect_add(bad[i]), "'%s'", bad[i]);
	ck_verdict("a.fails", CT_FAIL, true, CT_XFAIL, "fails");
	for (i = 0; i < 1000 && ct_expect_add("a.fails=FAIL"); i++)
		;
	ck_assert_uint_lt(i, 1000); /* full, and says so */
}
END_TEST

START_TEST(remedies_are_for_a_cause_here)
{
	ck_assert_str_eq(ct_remedy("mq: mq_open: ENOSYS"), "load it");
	ck_assert_str_eq(ct_remedy("mq_notify: mq_notify: ENOSYS"), "load it");
	ck_assert_str_eq(ct_remedy("mq: mq_open: EMFILE"),
			 "look at the limits");
	ck_assert_ptr_null(ct_remedy("sem: sem_open: ENOSYS"));
	/* A remedy with a sign is for those who show the sign. */
	ck_assert_str_eq(ct_remedy("mq: mq_open: EROFS"), "make the file");
	ck_assert_ptr_null(ct_remedy("sem: sem_open: EROFS"));
	ck_assert_str_eq(ct_explain("mq: mq_open: EROFS", EROFS),
			 "/no/such/file does not exist");
	ck_assert_ptr_null(ct_explain("sem: sem_open: EROFS", EROFS));
	ck_assert_ptr_null(ct_explain("mq: mq_open: ENOSYS", ENOSYS));
	ck_assert_ptr_null(ct_remedy(""));
}
END_TEST

static void lacks(const char *name, enum ct_state state, bool explained,
		  enum ct_verdict verdict)
{
	struct ct_capability *c = ct_capabilities;

	while (strcmp(c->name, name) != 0)
		c++;
	c->state = state;
	c->explained = explained;
	ck_assert_msg(ct_judge_lack(c) == verdict, "%s, %s, %s: %s", name,
		      ct_state_names[state],
		      explained ? "explained" : "not explained",
		      ct_verdict_names[ct_judge_lack(c)]);
}

START_TEST(what_is_provided_and_missing_is_red_unless_explained)
{
	ck_assert(ct_known());
	ck_assert(ct_provided("mq") && ct_provided("shm"));
	ck_assert(!ct_provided("sem_init") && !ct_provided("m"));
	lacks("mq", CT_ABSENT, false, CT_REGRESSION);
	lacks("mq", CT_ABSENT, true, CT_VERDICT_UNCHECKED);
	lacks("mq", CT_DENIED, true, CT_VERDICT_UNCHECKED);
	lacks("sem_init", CT_ABSENT, false, CT_VERDICT_ABSENT);
	lacks("sem_init", CT_DENIED, true, CT_VERDICT_UNCHECKED);
	lacks("uids", CT_DENIED, true, CT_VERDICT_UNCHECKED);
}
END_TEST

START_TEST(of_an_unknown_system_absence_is_told_and_refusal_is_red)
{
	ct_judge_backend("unknown");
	ck_assert(!ct_known());
	lacks("mq", CT_ABSENT, false, CT_VERDICT_ABSENT);
	lacks("mq", CT_DENIED, true, CT_REGRESSION);
	lacks("uids", CT_DENIED, true, CT_VERDICT_UNCHECKED);
	ct_judge_backend("other");
	ck_assert(ct_known() && !ct_provided("sem"));
	lacks("mq", CT_ABSENT, false, CT_VERDICT_ABSENT);
}
END_TEST

START_TEST(a_contract_by_hand_has_no_excuse)
{
	ck_assert(!ct_require("sem,mp"));
	ck_assert(!ct_require(""));
	ck_assert(ct_require("sem,mq"));
	lacks("mq", CT_ABSENT, true, CT_REGRESSION);
	lacks("mq", CT_DENIED, true, CT_REGRESSION);
	lacks("shm", CT_ABSENT, false, CT_VERDICT_ABSENT);
	lacks("shm", CT_DENIED, true, CT_VERDICT_UNCHECKED);
}
END_TEST

START_TEST(unchecked_may_be_allowed)
{
	ct_allow_unchecked();
	lacks("mq", CT_ABSENT, false, CT_VERDICT_UNCHECKED);
	lacks("mq", CT_DENIED, true, CT_VERDICT_UNCHECKED);
	lacks("sem_init", CT_ABSENT, false, CT_VERDICT_ABSENT);
}
END_TEST

START_TEST(cases_share_the_lack_of_what_they_need)
{
	struct ct_capability *mq = ct_capabilities;
	const struct ct_quirk *quirk;

	while (mq->need != CT_NEED_MQ)
		mq++;
	mq->state = CT_ABSENT;
	mq->explained = false;
	ck_assert_int_eq(
	    ct_judge("capability.mq", CT_UNSUPPORTED, NULL, true, &quirk),
	    CT_REGRESSION);
	ck_assert_int_eq(ct_judge("mq.open", CT_UNSUPPORTED, mq, true, &quirk),
			 CT_VERDICT_UNCHECKED);
	mq->explained = true;
	ck_assert_int_eq(
	    ct_judge("capability.mq", CT_UNSUPPORTED, NULL, true, &quirk),
	    CT_VERDICT_UNCHECKED);
	ct_judge_backend("other");
	ck_assert_int_eq(ct_judge("mq.open", CT_UNSUPPORTED, mq, true, &quirk),
			 CT_VERDICT_ABSENT);
	ck_assert_ptr_null(ct_capability_of_case("mq.open.new"));
	ck_assert_ptr_eq(ct_capability_of_case("capability.mq"), mq);
	ck_assert_str_eq(ct_capability_of_case("capability.sem-init")->name,
			 "sem_init");
}
END_TEST

START_TEST(this_system_has_a_name)
{
	const struct ct_system *s = ct_system();
	struct utsname u;

	ck_assert_int_ge(uname(&u), 0);
	ck_assert_str_eq(s->os, u.sysname);
	ck_assert_str_eq(s->release, u.release);
	ck_assert_str_eq(s->version, u.version);
	ck_assert_str_eq(s->machine, u.machine);
	ck_assert_str_ne(s->libc, "");
	ck_assert_ptr_nonnull(s->libc_version);
	ck_assert_ptr_eq(s, ct_system());
#ifdef __GLIBC__
	ck_assert_str_eq(s->libc, "glibc");
	ck_assert_int_ge(ct_version_order(s->libc_version, "2"), 0);
#endif
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("expect");
	TCase *tc = tcase_create("expect");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, words_describe_a_system, 0, MATCHES);
	tcase_add_loop_test(tc, versions_are_numbers_between_dots, 0, VERSIONS);
	tcase_add_test(tc, what_follows_the_numbers_does_not_count);
	tcase_add_loop_test(tc, outcome_and_quirk_make_a_verdict, 0, ROWS);
	tcase_add_test(tc, without_quirks_only_posix_counts);
	tcase_add_test(tc,
		       a_quirk_is_about_the_system_unless_it_names_a_backend);
	tcase_add_test(tc, expect_overrides_quirks);
	tcase_add_test(tc, expect_refuses_what_it_does_not_know);
	tcase_add_test(tc, remedies_are_for_a_cause_here);
	tcase_add_test(tc,
		       what_is_provided_and_missing_is_red_unless_explained);
	tcase_add_test(tc,
		       of_an_unknown_system_absence_is_told_and_refusal_is_red);
	tcase_add_test(tc, a_contract_by_hand_has_no_excuse);
	tcase_add_test(tc, unchecked_may_be_allowed);
	tcase_add_test(tc, cases_share_the_lack_of_what_they_need);
	tcase_add_test(tc, this_system_has_a_name);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
