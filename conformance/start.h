/* SPDX-License-Identifier: BSD-3-Clause */
/* The state that a program of the suite starts in, whatever it inherited. */
#ifndef CT_START_H
#define CT_START_H

#include <stdbool.h>

/*
 * Before anything else: signals have their default dispositions and are not
 * blocked, the umask leaves the owner's rights, and inherited descriptors are
 * closed.  False when a setting in the environment is bad: a line on stderr has
 * named it.
 */
bool ct_start(int argc, char **argv);

/* What ct_start() changed: "" or one line with its newline. */
const char *ct_start_changes(void);

/*
 * Was this signal ignored at the start, and is it still?  Those of a terminal
 * are left so for the program (nohup), but not for what it tests.
 */
bool ct_start_ignores(int signo);

/* For a process that is tested: every signal at its default. */
void ct_start_defaults(void);

#endif
