/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON is read as it is defined, and what is not JSON is refused. */
#include "check_ct.h"
#include "json-read.h"

static struct ct_span span(const char *text)
{
	return (struct ct_span){text, text + strlen(text)};
}

static const struct {
	const char *text;
	bool whole;
} objects[] = {
    {"{}", true},
    {" { } ", true},
    {"{\"a\":1}", true},
    {"{\"a\":-0.5e+10,\"b\":[1,[],{\"c\":null}],\"d\":true,\"e\":false}", true},
    {"{ \"a\" : \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Ef\xc3\xa9\" }", true},
    {"", false},
    {"{", false},
    {"}", false},
    {"[]", false},
    {"1", false},
    {"{}x", false},
    {"{}{}", false},
    {"{\"a\"}", false},
    {"{\"a\":}", false},
    {"{\"a\":1,}", false},
    {"{,}", false},
    {"{\"a\":1 \"b\":2}", false},
    {"{a:1}", false},
    {"{\"a\":[1}", false},
    {"{\"a\":[1,]}", false},
    {"{\"a\":01}", false},
    {"{\"a\":1.}", false},
    {"{\"a\":-}", false},
    {"{\"a\":1e}", false},
    {"{\"a\":nul}", false},
    {"{\"a\":truest}", false},
    {"{\"a\":\"\n\"}", false},
    {"{\"a\":\"\\x\"}", false},
    {"{\"a\":\"\\u12g4\"}", false},
    {"{\"a\":\"\\u12\"}", false},
    {"{\"a\":\"b\\\"}", false},
};
#define OBJECTS ((int)(sizeof(objects) / sizeof(objects[0])))

START_TEST(whole_objects)
{
	const char *text = objects[_i].text;
	size_t n, size = strlen(text);
	char *tight;

	ck_assert_msg(ct_json_is_object(span(text)) == objects[_i].whole, "%s",
		      text);
	/* No beginning of it is whole, and nothing behind its end is read. */
	for (n = 0; n < size && text[n] != '\0'; n++) {
		tight = malloc(n + 1);
		ck_assert_ptr_nonnull(tight);
		memcpy(tight + 1, text, n);
		if (objects[_i].whole && text[size - 1] == '}')
			ck_assert(!ct_json_is_object(
			    (struct ct_span){tight + 1, tight + 1 + n}));
		else
			ct_json_is_object(
			    (struct ct_span){tight + 1, tight + 1 + n});
		free(tight);
	}
}
END_TEST

START_TEST(depth_has_an_end)
{
	char deep[2001];

	memset(deep, '[', 2000);
	memcpy(deep, "{\"a\":", 5);
	deep[2000] = '\0';
	ck_assert(!ct_json_is_object(span(deep)));
}
END_TEST

START_TEST(zero_bytes_are_not_JSON)
{
	static const char inside[] = "{\0}", alone[] = "\0\0";

	ck_assert(!ct_json_is_object((struct ct_span){inside, inside + 3}));
	ck_assert(!ct_json_is_object((struct ct_span){alone, alone + 2}));
	ck_assert(!ct_json_is_object((struct ct_span){NULL, NULL}));
}
END_TEST

START_TEST(members)
{
	struct ct_span o = span(
			   " {\"a\":{\"b\":1}, \"b\" : \"x\\u00e9\\n\\u0100"
			   "\\u0000\",\"n\":18446744073709551615,\"b2\":2,"
			   "\"t\":true,\"a\":[3]}"),
		       v;
	char text[20];
	uint64_t n;

	ck_assert(ct_json_member(o, "a", &v)); /* the last one */
	ck_assert_int_eq((int)(v.end - v.at), 3);
	ck_assert_mem_eq(v.at, "[3]", 3);
	ck_assert(!ct_json_member(o, "c", &v));
	ck_assert(!ct_json_member(o, "", &v));
	ck_assert(!ct_json_member(span("{}"), "a", &v));
	ck_assert(ct_json_text_of(o, "b", text, sizeof(text)));
	ck_assert_str_eq(text, "x\xe9\n??");
	ck_assert(ct_json_text_of(o, "b", text, 3));
	ck_assert_str_eq(text, "x\xe9");
	ck_assert(!ct_json_text_of(o, "n", text, sizeof(text)));
	ck_assert(ct_json_count_of(o, "n", &n) && n == UINT64_MAX);
	ck_assert(!ct_json_count_of(o, "b", &n));
	ck_assert(!ct_json_count(span("18446744073709551616"), &n));
	ck_assert(!ct_json_count(span("-1"), &n));
	ck_assert(!ct_json_count(span(""), &n));
	ck_assert(ct_json_member(o, "t", &v) && ct_json_is(v, "true"));
	ck_assert(!ct_json_is(v, "tru"));
}
END_TEST

int main(void)
{
	TCase *tc = tests_of("json_read");

	tcase_add_loop_test(tc, whole_objects, 0, OBJECTS);
	tcase_add_test(tc, depth_has_an_end);
	tcase_add_test(tc, zero_bytes_are_not_JSON);
	tcase_add_test(tc, members);
	return run_tests();
}
