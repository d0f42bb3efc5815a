/* SPDX-License-Identifier: BSD-3-Clause */
/* The first process of a kernel or of a container: process 1. */
#ifndef CT_INIT_H
#define CT_INIT_H

#include <stdbool.h>

enum ct_first {
	CT_NOT_FIRST,
	CT_FIRST_OF_CONTAINER, /* of a process namespace */
	CT_FIRST_OF_MACHINE,   /* started by the kernel itself */
};

/* Which of them this process is. */
enum ct_first ct_init_which(void);

/* Descriptors 0 to 2 are open from now on, if only to fail. */
void ct_init_descriptors(void);

/* Mounts what is missing, where the system mounts as Linux does. */
void ct_init_mount(void);

/*
 * The arguments of the machine's first process, as a new list that ends with
 * NULL; *argc is its length.  It has the lines of the file, then the words of
 * the text, then argv without the kernel's own words before the first option;
 * a line on stdout says which words these were.  File and text may be NULL.
 */
char **ct_init_words(int *argc, char **argv, const char *file,
		     const char *text);

/*
 * Waits until what was written to a console has been sent: a panic would lose
 * it.  Does nothing but in the machine's first process and its program.
 */
void ct_init_drain(int fd);

/*
 * True in the program of a first process.  Its last line is to be the summary
 * record then, which has the status; without a call the status is printed.
 */
bool ct_init_wants_summary(void);

/* Kills and reaps what is left; powers off a real machine, or returns. */
void ct_init_end(void);

/*
 * Runs a program.  The first process runs it in a child, reaps every orphan,
 * hands signals on, and ends after it: with its status, or 128 and the number
 * of the signal that killed it.
 */
int ct_init_run(int argc, char **argv, int (*program)(int argc, char **argv));

#endif
