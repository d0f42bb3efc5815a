/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line, numbers, and the nearest word. */
#include "check_ct.h"
#include "options.h"

static bool flag;
static const char *text, *taken;
static int takes;

static bool take(const char *value)
{
	takes++;
	taken = value;
	return value == NULL || strcmp(value, "bad") != 0;
}

static const struct ct_option options[] = {
    {"--flag", NULL, "a flag", .flag = &flag},
    {"--text", "WORD", "a text", .text = &text},
    {"--take", "X", "a value", .take = take},
    {"--maybe", "[=X]", "a value or none", .take = take},
    {"-j", "N", NULL, .take = take},
    {NULL},
};

/* Parses up to four arguments; what was said on stderr is in *told. */
static bool parse(const char **told, const char *a, const char *b,
		  const char *c, const char *d)
{
	const char *given[] = {"program", a, b, c, d, NULL};
	static char kept[6][40]; /* they are pointed at */
	char *argv[6];
	int argc = 0;
	bool fine;

	for (; given[argc] != NULL; argc++)
		argv[argc] = strcpy(kept[argc], given[argc]);
	argv[argc] = NULL;
	flag = false;
	text = taken = NULL;
	takes = 0;
	capture(2);
	fine = ct_options(options, argc, argv);
	*told = captured();
	return fine;
}

START_TEST(forms_of_values)
{
	const char *told;

	ck_assert(parse(&told, "--flag", "--text", "a=b", "--take=x=y"));
	ck_assert(flag);
	ck_assert_str_eq(text, "a=b");
	ck_assert_str_eq(taken, "x=y");
	ck_assert_str_eq(told, "");
	ck_assert(parse(&told, "-j", "4", "-j8", NULL));
	ck_assert_int_eq(takes, 2);
	ck_assert_str_eq(taken, "8");
	ck_assert(parse(&told, "--take", "--flag", NULL, NULL));
	ck_assert_str_eq(taken, "--flag");
	ck_assert(!flag);
	ck_assert(parse(&told, "--text=", NULL, NULL, NULL));
	ck_assert_str_eq(text, "");
	ck_assert(parse(&told, NULL, NULL, NULL, NULL));
}
END_TEST

START_TEST(optional_values_need_the_equals_sign)
{
	const char *told;

	ck_assert(parse(&told, "--maybe", "--flag", NULL, NULL));
	ck_assert_int_eq(takes, 1);
	ck_assert_ptr_null(taken);
	ck_assert(flag);
	ck_assert(parse(&told, "--maybe=v", NULL, NULL, NULL));
	ck_assert_str_eq(taken, "v");
}
END_TEST

START_TEST(bad_input_is_named_in_one_line)
{
	const char *told;

	ct_program_name = "unit";
	ck_assert(!parse(&told, "--flag", "--txt", "--flag", NULL));
	ck_assert_str_eq(
	    told, "unit: unknown option '--txt'; did you mean '--text'?\n");
	ck_assert(!parse(&told, "--txt=1", NULL, NULL, NULL));
	ck_assert_str_eq(
	    told, "unit: unknown option '--txt=1'; did you mean '--text'?\n");
	ck_assert(!parse(&told, "--entirely-different", NULL, NULL, NULL));
	ck_assert_str_eq(told, "unit: unknown option '--entirely-different'\n");
	ck_assert(!parse(&told, "word", NULL, NULL, NULL));
	ck_says(told, "unknown option 'word'");
	ck_assert(!parse(&told, "--flag=1", NULL, NULL, NULL));
	ck_assert_str_eq(told, "unit: option takes no value '--flag=1'\n");
	ck_assert(!parse(&told, "--flagged", NULL, NULL, NULL));
	ck_says(told, "unknown option '--flagged'");
	ck_assert(!parse(&told, "--flag", "--take", NULL, NULL));
	ck_assert_str_eq(told, "unit: no value for option '--take'\n");
}
END_TEST

START_TEST(nothing_is_read_after_bad_input)
{
	const char *told;

	ck_assert(!parse(&told, "--take", "bad", "--flag", NULL));
	ck_assert_int_eq(takes, 1);
	ck_assert(!flag);
}
END_TEST

START_TEST(numbers)
{
	unsigned long long n;

	ck_assert(ct_number("0", 10, &n) && n == 0);
	ck_assert(ct_number("10", 10, &n) && n == 10);
	ck_assert(ct_number("18446744073709551615", UINT64_MAX, &n));
	ck_assert(n == UINT64_MAX);
	ck_assert(!ct_number("11", 10, &n));
	ck_assert(!ct_number("18446744073709551616", UINT64_MAX, &n));
	ck_assert(!ct_number("", 10, &n));
	ck_assert(!ct_number("-1", UINT64_MAX, &n));
	ck_assert(!ct_number("+1", 10, &n));
	ck_assert(!ct_number(" 1", 10, &n));
	ck_assert(!ct_number("1 ", 10, &n));
	ck_assert(!ct_number("1x", 10, &n));
	ck_assert(!ct_number("0x1", 10, &n));
}
END_TEST

static const char *word(size_t i)
{
	static const char *const words[] = {"system", "null", "reference",
					    NULL};

	return words[i];
}

START_TEST(nearest)
{
	char endless[200];

	ck_assert_str_eq(ct_nearest("null", word), "null");
	ck_assert_str_eq(ct_nearest("nul", word), "null");
	ck_assert_str_eq(ct_nearest("nulll", word), "null");
	ck_assert_str_eq(ct_nearest("sytsem", word), "system");
	ck_assert_str_eq(ct_nearest("refrence", word), "reference");
	ck_assert_ptr_null(ct_nearest("somewhere", word));
	ck_assert_ptr_null(ct_nearest("", word));
	memset(endless, 'n', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	ck_assert_ptr_null(ct_nearest(endless, word));
}
END_TEST

START_TEST(help_shows_what_has_help)
{
	const char *shown;

	capture(1);
	ct_options_help(options);
	shown = captured();
	ck_says(shown, "  --flag                   a flag\n");
	ck_says(shown, "  --text WORD              a text\n");
	ck_says(shown, "  --maybe[=X]              a value or none\n");
	ck_says_not(shown, "-j");
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("options");

	tcase_add_test(tc, forms_of_values);
	tcase_add_test(tc, optional_values_need_the_equals_sign);
	tcase_add_test(tc, bad_input_is_named_in_one_line);
	tcase_add_test(tc, nothing_is_read_after_bad_input);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, nearest);
	tcase_add_test(tc, help_shows_what_has_help);
	return run_tests();
}
