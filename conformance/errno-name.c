/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of errors, for messages: POSIX's, which every system has. */
#include "ct.h"

#include <stdio.h>

#define NAME(e)                                                                \
	{                                                                      \
		e, #e                                                          \
	}
static const struct {
	int error;
	const char *name;
} names[] = {
    {0, "0"},	     NAME(EPERM),	 NAME(ENOENT),	 NAME(ESRCH),
    NAME(EINTR),     NAME(EIO),		 NAME(ENXIO),	 NAME(E2BIG),
    NAME(EBADF),     NAME(ECHILD),	 NAME(EAGAIN),	 NAME(ENOMEM),
    NAME(EACCES),    NAME(EFAULT),	 NAME(EBUSY),	 NAME(EEXIST),
    NAME(EXDEV),     NAME(ENODEV),	 NAME(ENOTDIR),	 NAME(EISDIR),
    NAME(EINVAL),    NAME(ENFILE),	 NAME(EMFILE),	 NAME(ENOTTY),
    NAME(EFBIG),     NAME(ENOSPC),	 NAME(ESPIPE),	 NAME(EROFS),
    NAME(EMLINK),    NAME(EPIPE),	 NAME(EDOM),	 NAME(ERANGE),
    NAME(EDEADLK),   NAME(ENAMETOOLONG), NAME(ENOSYS),	 NAME(ELOOP),
    NAME(EOVERFLOW), NAME(EMSGSIZE),	 NAME(ENOTSUP),	 NAME(ETIMEDOUT),
    NAME(ECANCELED), NAME(EBADMSG),	 NAME(EALREADY),
};

const char *ct_errno_name(int error)
{
	static _Thread_local char number[24];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(number, sizeof(number), "errno %d", error);
	return number;
}
