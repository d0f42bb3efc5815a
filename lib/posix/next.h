/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions that libpipc-posix hides, beside those of pipc__os_system. */
#ifndef PIPC_NEXT_H
#define PIPC_NEXT_H

/* Its inline functions have the names that are defined here. */
#undef _FORTIFY_SOURCE

#include "ref/ref.h"

#include <sys/socket.h>

typedef void (*next_f)(void);
/* Looked up at each call; NULL if there is none. */
next_f next_function(const char *name);
int next_dup(int fd);
int next_dup2(int from, int to);
int next_dup3(int from, int to, int flags);
int next_close_range(unsigned first, unsigned last, int flags);
void next_closefrom(int first);
ssize_t next_recvmsg(int fd, struct msghdr *msg, int flags);

/* unnamed.c */
int unnamed_init(sem_t *sem, unsigned value);
int unnamed_post(sem_t *sem);
int unnamed_trywait(sem_t *sem);
int unnamed_wait(sem_t *sem, const struct ref_until *until);
int unnamed_getvalue(sem_t *sem, int *value);

#endif
