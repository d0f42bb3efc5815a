/* SPDX-License-Identifier: BSD-3-Clause */
/* The first process of a new kernel: nothing is mounted, and nobody waits. */
#ifndef CT_INIT_H
#define CT_INIT_H

#include <stdbool.h>

/* Descriptors 0 to 2 are open from now on, if only to fail. */
void ct_init_descriptors(void);

/* Mounts what is missing, where the system mounts as Linux does. */
void ct_init_mount(void);

/* The last words have been said: powers off a real machine, or comes back. */
void ct_init_end(void);

/* All of it around a program, which may be the first process or not. */
int ct_init_run(int argc, char **argv, int (*program)(int argc, char **argv));

#endif
