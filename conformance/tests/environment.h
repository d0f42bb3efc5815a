/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the program "environment" share. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <sys/types.h>

_Noreturn void cannot(const char *what); /* by errno; status 77 */
long number(const char *text);
_Noreturn void run(char **command);
pid_t start(char **command);
_Noreturn void end_as(int status); /* from waitpid() */
_Noreturn void wait_for(pid_t pid);

/* environment-pause.c: each takes its values and then the command. */
void freeze(char **argument);
void stop(char **argument);
void watch(char **argument);
void few_processes(char **argument);
void stop_cases(char **argument);
void hang_up(char **argument);
void busy(char **argument);

#endif
