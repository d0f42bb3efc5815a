/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines, as pipc-conform and pipc-stress write them. */
#ifndef CT_JSON_H
#define CT_JSON_H

#include <stddef.h>
#include <stdio.h>

/*
 * A file that has something in it is refused, and the message names --force, or
 * --resume too; or it is overwritten or continued.
 */
enum ct_json_how {
	CT_JSON_NEW,
	CT_JSON_NEW_LOG,
	CT_JSON_FORCE,
	CT_JSON_APPEND
};

/* "-" is stdout; a line on stderr tells what failed. */
FILE *ct_json_open(const char *name, enum ct_json_how how);
_Bool ct_json_close(FILE *f, const char *name);

/* A string; ,"key":"text" or null; ,"system":{...}; what the probe found. */
void ct_json_string(FILE *f, const char *text, size_t len);
void ct_json_pair(FILE *f, const char *key, const char *text);
void ct_json_system(FILE *f);
void ct_json_capabilities(FILE *f); /* and limits */

/* The limits by name and number, each by the format, with a text between. */
void ct_each_limit(FILE *f, const char *format, const char *between);

#endif
