/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads JSON from a text that may hold any bytes.  Every function that walks
 * over a value returns where it ends, or NULL when it is not whole or not JSON.
 */
#include "json-read.h"

#include <ctype.h>
#include <string.h>

#define DEEPEST 16 /* our records are three deep */

static const char *blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static const char *digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > start ? p : NULL;
}

/* Four hexadecimal digits, or -1. */
static int hex(const char *p, const char *end)
{
	int n = 0, i, c;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = tolower((unsigned char)p[i]);
		if (c >= '0' && c <= '9')
			n = n * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + c - 'a' + 10;
		else
			return -1;
	}
	return n;
}

static const char *string(const char *p, const char *end)
{
	if (p == end || *p != '"')
		return NULL;
	for (p++; p < end && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		if (++p == end || *p == '\0' || !strchr("\"\\/bfnrtu", *p))
			return NULL;
		if (*p == 'u') {
			if (hex(p + 1, end) < 0)
				return NULL;
			p += 4;
		}
	}
	return p < end ? p + 1 : NULL;
}

static const char *number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (p < end && *p == '0')
		p++; /* alone */
	else if ((p = digits(p, end)) == NULL)
		return NULL;
	if (p < end && *p == '.' && (p = digits(p + 1, end)) == NULL)
		return NULL;
	if (p == end || (*p != 'e' && *p != 'E'))
		return p;
	p++;
	if (p < end && (*p == '+' || *p == '-'))
		p++;
	return digits(p, end);
}

static const char *word(const char *p, const char *end, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(end - p) >= n && memcmp(p, text, n) == 0 ? p + n : NULL;
}

static const char *value(const char *p, const char *end, int depth);

/* Behind a key and its colon; *key_end is where the key ends. */
static const char *key(const char *p, const char *end, const char **key_end)
{
	p = *key_end = string(p, end);
	if (p == NULL)
		return NULL;
	p = blanks(p, end);
	return p < end && *p == ':' ? blanks(p + 1, end) : NULL;
}

/* An array or an object, which end with different letters. */
static const char *list(const char *p, const char *end, int depth)
{
	char last = *p == '{' ? '}' : ']';
	const char *ignored;

	p = blanks(p + 1, end);
	if (p < end && *p == last)
		return p + 1;
	while (p < end) {
		if (last == '}' && (p = key(p, end, &ignored)) == NULL)
			return NULL;
		p = value(p, end, depth + 1);
		if (p == NULL)
			return NULL;
		p = blanks(p, end);
		if (p < end && *p == last)
			return p + 1;
		if (p == end || *p != ',')
			return NULL;
		p = blanks(p + 1, end);
	}
	return NULL;
}

static const char *value(const char *p, const char *end, int depth)
{
	if (p == end || depth > DEEPEST)
		return NULL;
	switch (*p) {
	case '"':
		return string(p, end);
	case '{':
	case '[':
		return list(p, end, depth);
	case 't':
		return word(p, end, "true");
	case 'f':
		return word(p, end, "false");
	case 'n':
		return word(p, end, "null");
	default:
		return number(p, end);
	}
}

bool ct_json_is_object(struct ct_span text)
{
	const char *p = blanks(text.at, text.end);

	if (p == text.end || *p != '{')
		return false;
	p = value(p, text.end, 0);
	return p != NULL && blanks(p, text.end) == text.end;
}

bool ct_json_member(struct ct_span object, const char *name,
		    struct ct_span *found)
{
	const char *p = blanks(object.at, object.end), *end = object.end;
	const char *start, *key_end;
	struct ct_span one;
	bool any = false;

	/* The object is whole: each member is, too. */
	p = blanks(p + 1, end);
	while (*p != '}') {
		start = p + 1;
		one.at = key(p, end, &key_end);
		one.end = value(one.at, end, 1);
		if (strlen(name) == (size_t)(key_end - 1 - start) &&
		    memcmp(start, name, strlen(name)) == 0) {
			*found = one;
			any = true;
		}
		p = blanks(one.end, end);
		if (*p == ',')
			p = blanks(p + 1, end);
	}
	return any;
}

/* What a backslash and the letters at *p mean, up to the last of which it goes.
 */
static int escaped(const char **p, const char *end)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter = strchr(letters, **p);
	int c;

	if (**p == 'u') {
		c = hex(*p + 1, end);
		*p += 4;
		return c == 0 || c > 0xff ? '?' : c;
	}
	return letter != NULL ? meant[letter - letters] : **p;
}

bool ct_json_text(struct ct_span v, char *text, size_t size)
{
	const char *p;
	size_t n = 0;

	if (string(v.at, v.end) != v.end)
		return false;
	for (p = v.at + 1; p < v.end - 1 && n + 1 < size; p++) {
		if (*p != '\\') {
			text[n++] = *p;
			continue;
		}
		p++;
		text[n++] = (char)escaped(&p, v.end);
	}
	text[n] = '\0';
	return true;
}

bool ct_json_count(struct ct_span v, uint64_t *n)
{
	const char *p;

	*n = 0;
	for (p = v.at; p < v.end; p++) {
		if (*p < '0' || *p > '9' || *n > UINT64_MAX / 10 ||
		    *n * 10 > UINT64_MAX - (uint64_t)(*p - '0'))
			return false;
		*n = *n * 10 + (uint64_t)(*p - '0');
	}
	return v.at < v.end;
}

bool ct_json_is(struct ct_span v, const char *text)
{
	return word(v.at, v.end, text) == v.end;
}

bool ct_json_text_of(struct ct_span object, const char *name, char *text,
		     size_t size)
{
	struct ct_span v;

	return ct_json_member(object, name, &v) && ct_json_text(v, text, size);
}

bool ct_json_count_of(struct ct_span object, const char *name, uint64_t *n)
{
	struct ct_span v;

	return ct_json_member(object, name, &v) && ct_json_count(v, n);
}
