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
/* Looked up once: these calls may be made in handlers. */
struct found {
	const char *name;
	_Atomic(next_f) f;
};
static inline next_f next_of(struct found *found)
{
	next_f f = found->f;

	if (f == NULL)
		found->f = f = next_function(found->name);
	return f;
}
int next_dup2(int from, int to);
int next_dup3(int from, int to, int flags);
int next_close_range(unsigned first, unsigned last, int flags);
void next_closefrom(int first);
ssize_t next_recvmsg(int fd, struct msghdr *msg, int flags);

/* loaded.c: is that the name by which it asks who is called? */
bool loaded_probe(const char *name);

/* unnamed.c */
int unnamed_init(sem_t *sem, unsigned value);
int unnamed_post(sem_t *sem);
int unnamed_trywait(sem_t *sem);
int unnamed_wait(sem_t *sem, const struct ref_until *until);
int unnamed_getvalue(sem_t *sem, int *value);

#endif
