/* SPDX-License-Identifier: BSD-3-Clause */
/* Logs that are resumed: whole, cut at any byte, damaged, mixed with others. */
#include "check_ct.h"
#include "records.h"
#include "resume.h"

static char name[40];
static char whole[65536]; /* a log of three cases, the second of which is cut */
static size_t length, ends[16], ends_n;
static struct ct_report report = {.backend = "system", .run = &how};

/* Where a record ends, without its newline. */
static void record_ends(FILE *f)
{
	fflush(f);
	ends[ends_n++] = (size_t)ftell(f) - 1;
}

static void write_case(FILE *f, const struct ct_case *c, enum ct_outcome o)
{
	static struct ct_result r;

	r = (struct ct_result){.self = c, .outcome = o, .run = 1};
	strcpy(r.messages, "mq: \"},{\\ \001\xff\nmore\n");
	strcpy(r.notes, "a=b\nrun=7\nid=x\nrecord=case\nwhy=no\n");
	ct_record_case(f, &r, CT_VERDICT_UNCHECKED, NULL);
	record_ends(f);
}

static void write_log(bool interrupted)
{
	unsigned outcomes[CT_OUTCOMES] = {0}, verdicts[CT_VERDICTS] = {0};
	struct ct_summary summary = {.outcomes = outcomes,
				     .verdicts = verdicts,
				     .interrupted = interrupted};
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	ends_n = 0;
	ct_record_header(f, &report);
	record_ends(f);
	ct_record_begin(f, ct_cases[0], 1);
	record_ends(f);
	ct_record_begin(f, ct_cases[1], 1);
	record_ends(f);
	write_case(f, ct_cases[0], CT_UNRESOLVED);
	ct_record_begin(f, ct_cases[2], 1);
	record_ends(f);
	write_case(f, ct_cases[2], CT_PASS);
	ct_record_summary(f, &summary);
	record_ends(f);
	length = (size_t)ftell(f);
	rewind(f);
	ck_assert_uint_eq(fread(whole, 1, sizeof(whole), f), length);
	fclose(f);
}

static void begin(void)
{
	int fd;

	strcpy(name, "/tmp/pipc-XXXXXX");
	fd = mkstemp(name);
	ck_assert_int_ge(fd, 0);
	close(fd);
	pipc_limits(); /* before there is something to write in a child */
	how.seed = 4711;
	write_log(false);
}

static void end(void)
{
	unlink(name);
}

static void put(const char *text, size_t n, const char *mode)
{
	FILE *f = fopen(name, mode);

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

/* Is the file accepted?  What was said on stderr is in *told. */
static bool resumed(const char **told)
{
	bool fine;

	capture(2);
	fine = ct_resume(name, "system", NULL);
	*told = captured();
	return fine;
}

static bool resumed_text(const char *text, const char **told)
{
	put(text, strlen(text), "w");
	return resumed(told);
}

static unsigned done(void)
{
	unsigned i, n = 0;

	for (i = 0; i < 3; i++)
		n += ct_resume_has(ct_cases[i], 1);
	return n;
}

START_TEST(what_a_log_has)
{
	const char *told;
	uint64_t seed;

	put(whole, length, "w");
	ck_assert(resumed(&told));
	ck_assert_str_eq(told, "");
	ck_assert(ct_resume_has(ct_cases[0], 1));
	ck_assert(!ct_resume_has(ct_cases[0], 2));
	ck_assert(!ct_resume_has(ct_cases[1], 1));
	ck_assert(ct_resume_was_cut(ct_cases[1], 1));
	ck_assert(!ct_resume_was_cut(ct_cases[0], 1));
	ck_assert(ct_resume_has(ct_cases[2], 1));
	ck_assert_uint_eq(ct_resume_cuts(), 1);
	ck_assert(ct_resume_seed(&seed) && seed == 4711);
}
END_TEST

START_TEST(an_interrupted_run_stopped_its_cases_itself)
{
	const char *told;

	write_log(true);
	put(whole, length, "w");
	ck_assert(resumed(&told));
	ck_assert(!ct_resume_was_cut(ct_cases[1], 1));
	ck_assert_uint_eq(ct_resume_cuts(), 0);
}
END_TEST

/* How many of the records with these numbers are whole in so many bytes. */
static unsigned there(size_t n, const size_t *numbers, unsigned of)
{
	unsigned i, sum = 0;

	for (i = 0; i < of; i++)
		sum += n >= ends[numbers[i]];
	return sum;
}

START_TEST(a_log_may_end_at_any_byte)
{
	static const size_t begins[] = {1, 2, 4}, cases[] = {3, 5};
	const char *told;
	unsigned results;
	size_t n;

	for (n = 0; n <= length; n++) {
		put(whole, n, "w");
		if (n < ends[0]) {
			ck_assert(!resumed(&told));
			ck_says(told, "no header of a run in");
			continue;
		}
		ck_assert_msg(resumed(&told), "%zu: %s", n, told);
		results = there(n, cases, 2);
		ck_assert_uint_eq(done(), results);
		ck_assert_uint_eq(ct_resume_cuts(),
				  there(n, begins, 3) - results);
	}
}
END_TEST

START_TEST(it_is_continued_at_any_byte)
{
	const char *told;
	size_t n;

	write_log(false);
	for (n = ends[0]; n <= length; n += 7) {
		put(whole, n, "w");
		report.resumed = true;
		write_log(false);
		if (n % 2 == 0)
			put("\n", 1, "a");
		put(whole, length, "a");
		report.resumed = false;
		write_log(false);
		ck_assert_msg(resumed(&told), "%zu: %s", n, told);
		ck_assert_uint_eq(done(), 2);
		ck_assert_uint_eq(ct_resume_cuts(), 1);
	}
}
END_TEST

START_TEST(any_byte_may_be_another)
{
	static const char bytes[] = "\0\"\\{}[],:\n\xff#9";
	const char *told;
	size_t n, i;
	char before;

	/* Whatever comes of it: no crash, and one line when it is refused. */
	for (n = 0; n < length; n += 3)
		for (i = 0; i < sizeof(bytes) - 1; i++) {
			before = whole[n];
			whole[n] = bytes[i];
			put(whole, length, "w");
			if (!resumed(&told)) {
				ck_says(told, "pipc-conform: ");
				ck_assert_ptr_eq(strchr(told, '\n') + 1,
						 told + strlen(told));
			}
			whole[n] = before;
		}
}
END_TEST

/* Puts a text in the place of another one of the log. */
static void change(const char *from, const char *to)
{
	static char changed[sizeof(whole)];
	const char *at;
	size_t before;

	whole[length] = '\0';
	at = strstr(whole, from);
	ck_assert_msg(at != NULL, "'%s'", from);
	before = (size_t)(at - whole);
	memcpy(changed, whole, before);
	length = before + (size_t)snprintf(changed + before,
					   sizeof(changed) - before, "%s%s", to,
					   at + strlen(from));
	memcpy(whole, changed, length);
	put(whole, length, "w");
}

static const struct {
	const char *from, *to, *line, *what;
} wrong[] = {
    {"\"schema\":2", "\"schema\":1", "1", "another version of pipc-conform"},
    {"\"pipc-conform\"", "\"pipc-stress\"", "1",
     "a log of another program: 'pipc-stress'"},
    {"\"backend\":\"system\"", "\"backend\":\"ref\"", "1",
     "a log of another backend: 'ref'"},
    {"\"mutant\":null", "\"mutant\":\"m\"", "1",
     "a log of another mutant: 'm'"},
    {"\"libc\":\"", "\"libc\":\"x", "1", "a log of another C library: 'x"},
    {"\"begin\",\"id\":\"", "\"begin\",\"id\":\"x", "2", "no such case: 'x"},
    {"\"run\":1", "\"run\":0", "2", "a record without id or run"},
    {"\"run\":1", "\"run\":\"1\"", "2", "a record without id or run"},
    {"\"outcome\":\"UNRESOLVED\"", "\"outcome\":\"X\"", "4",
     "a result without outcome or verdict"},
    {"{\"record\":\"header\"", "{\"record\":\"footer\"", "1",
     "a record before the header"},
    {"\"run\":1}\n", "\"run\":1\n", "2", "this record is damaged"},
    {"{\"record\":\"summary\"", "{\"record\":\"header\"", "7",
     "a log of another version"},
};
#define WRONG ((int)(sizeof(wrong) / sizeof(wrong[0])))

START_TEST(bad_input_names_file_and_line)
{
	const char *told;
	char where[80];

	change(wrong[_i].from, wrong[_i].to);
	ck_assert(!resumed(&told));
	snprintf(where, sizeof(where), "pipc-conform: %s:%s: ", name,
		 wrong[_i].line);
	ck_says(told, where);
	ck_says(told, wrong[_i].what);
}
END_TEST

START_TEST(a_second_run_is_no_part_of_the_first)
{
	const char *told;

	put(whole, length, "w");
	put(whole, length, "a");
	ck_assert(!resumed(&told));
	ck_says(told, ":8: a second run begins here, which is not resumed\n");
}
END_TEST

START_TEST(a_console_says_more)
{
	const char *told;

	change("{\"record\":\"begin\"", "[  1.2] up{\"record\":\"begin\"");
	change("\n{\"record\":\"case\"",
	       "\r\nok 1\n# {\"record\":\"case\n\n{\"record\":\"case\"");
	put("\0\0\0", 3, "a");
	ck_assert(resumed(&told));
	ck_assert_uint_eq(done(), 2);
	capture(1);
	report.plan = 1;
	ck_assert(ct_report_begin(&report));
	ct_resume_report();
	told = captured();
	ck_says(told, ": 3 lines passed over that are not records; the first "
		      "is line 2\n");
	ck_says(told, "# resumed: 2 results of /tmp/");
	ck_says(told, ", 1 case cut short (");
	ck_says(told, "\n# the machine stopped while this case ran\n");
}
END_TEST

START_TEST(of_two_results_the_red_one_counts)
{
	const char *told;
	char text[400];

	put(whole, ends[2] + 1, "w");
	snprintf(text, sizeof(text),
		 "{\"record\":\"case\",\"id\":\"%s\",\"outcome\":\"FAIL\","
		 "\"verdict\":\"regression\",\"run\":1}\n"
		 "{\"record\":\"case\",\"id\":\"%s\",\"outcome\":\"PASS\","
		 "\"verdict\":\"ok\",\"run\":1}\n",
		 ct_cases[1]->id, ct_cases[1]->id);
	put(text, strlen(text), "a");
	ck_assert(resumed(&told));
	ck_assert_uint_eq(done(), 1);
	capture(1);
	ck_assert(ct_report_begin(&report));
	ct_resume_report();
	ck_says(captured(), "# resumed: 1 result of ");
	ck_assert_int_eq(ct_report_status(), CT_NOT_AS_EXPECTED);
}
END_TEST

START_TEST(files_that_cannot_be_read)
{
	const char *told;

	unlink(name);
	ck_assert(!resumed(&told));
	ck_says(told, "cannot read '/tmp/pipc-");
	ck_assert(!resumed_text("", &told));
	ck_says(told, "no header of a run in '/tmp/pipc-");
	ck_assert(
	    !resumed_text("{\"record\":\"header\",\"resumed\":true}\n", &told));
	ck_assert(!resumed_text("{\"record\":", &told));
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("resume");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_a_log_has);
	tcase_add_test(tc, an_interrupted_run_stopped_its_cases_itself);
	tcase_add_test(tc, a_log_may_end_at_any_byte);
	tcase_add_test(tc, it_is_continued_at_any_byte);
	tcase_add_test(tc, any_byte_may_be_another);
	tcase_add_loop_test(tc, bad_input_names_file_and_line, 0, WRONG);
	tcase_add_test(tc, a_second_run_is_no_part_of_the_first);
	tcase_add_test(tc, a_console_says_more);
	tcase_add_test(tc, of_two_results_the_red_one_counts);
	tcase_add_test(tc, files_that_cannot_be_read);
	return run_tests();
}
