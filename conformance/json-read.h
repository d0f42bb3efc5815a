/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads JSON from a text that may hold any bytes, zero bytes too. */
#ifndef CT_JSON_READ_H
#define CT_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of a text: a value, or what is to be read. */
struct ct_span {
	const char *at, *end;
};

/* Is the text one whole object, and nothing else? */
bool ct_json_is_object(struct ct_span text);

/* The value of a member of a whole object; of two, the last one counts. */
bool ct_json_member(struct ct_span object, const char *key,
		    struct ct_span *value);

/*
 * The text of a string, cut to the size; a zero byte and what is beyond one
 * byte become '?'.  False when the value is not a string.
 */
bool ct_json_text(struct ct_span value, char *text, size_t size);

/* A whole number that is not negative; false when the value is not one. */
bool ct_json_count(struct ct_span value, uint64_t *number);

/* A member of a whole object that is a string, or such a number. */
bool ct_json_text_of(struct ct_span object, const char *key, char *text,
		     size_t size);
bool ct_json_count_of(struct ct_span object, const char *key, uint64_t *number);

/* Is the value this word: true, false or null? */
bool ct_json_is(struct ct_span value, const char *word);

#endif
