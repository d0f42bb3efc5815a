/* SPDX-License-Identifier: BSD-3-Clause */
/* Times of the width that this was not built with, in glibc of 32 bits. */
#ifndef PIPC_OTHER_H
#define PIPC_OTHER_H

#include "next.h"

#ifdef __GLIBC__
#if defined(__TIMESIZE) && __TIMESIZE == 32
/*
 * Programs may have times of 32 or 64 bits, and this has calls for both.  The
 * functions proper have the width that this was built with; here is the other.
 */
#if defined(_TIME_BITS) && _TIME_BITS == 64
#define OTHER(name, name64) __asm__(name)
struct other {
	int32_t sec, nsec;
};
struct other_timeval {
	int32_t sec, usec;
};
#else
#define OTHER(name, name64) __asm__(name64)
struct other {
	int64_t sec;
#if __BYTE_ORDER == __BIG_ENDIAN
	int32_t padding, nsec;
#else
	int32_t nsec, padding;
#endif
};
struct other_timeval {
	int64_t sec, usec;
};
#endif

/* A time beyond what time_t can say is its last. */
static inline const struct timespec *ours(const struct other *deadline,
					  struct timespec *copy)
{
	const int64_t last = INT32_MAX;

	if (deadline == NULL)
		return NULL;
	copy->tv_sec = (time_t)deadline->sec;
	if (sizeof(copy->tv_sec) == sizeof(int32_t) && deadline->sec > last)
		copy->tv_sec = (time_t)last;
	if (sizeof(copy->tv_sec) == sizeof(int32_t) && deadline->sec < 0)
		copy->tv_sec = -1;
	copy->tv_nsec = deadline->nsec;
	return copy;
}
#endif
#endif

#endif
