/* SPDX-License-Identifier: BSD-3-Clause */
/* Sleeping in a futex of NetBSD, which has one since version 10.  Unverified.
 */
#include "ref.h"

#if REF_FUTEX && defined(__NetBSD__)

#include <limits.h>
#include <sys/syscall.h>

/* The kernel's interface: <sys/futex.h> is not for programs. */
#define FUTEX_WAKE 1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_BITSET_MATCH_ANY (-1)

static int futex(ref_word *word, int op, int value,
		 const struct timespec *deadline, int bits)
{
	return (int)syscall(SYS___futex, &word->value, op, value, deadline,
			    NULL, 0, bits);
}

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
}

int ref_park(ref_word *word, uint32_t value, const struct ref_until *until)
{
	int op = FUTEX_WAIT_BITSET, type, error = 0;

	if (until->clock == CLOCK_REALTIME)
		op |= FUTEX_CLOCK_REALTIME;
	/* This thread may be cancelled here, and nowhere else. */
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	if (futex(word, op, (int)value, until->deadline,
		  FUTEX_BITSET_MATCH_ANY) != 0)
		error = errno;
	pthread_setcanceltype(type, NULL);
	if (error == EINTR && until->deadline != NULL && ref_all_restart())
		return 0;
	return error == EAGAIN ? 0 : error;
}

bool ref_unpark(ref_word *word)
{
	return futex(word, FUTEX_WAKE, INT_MAX, NULL, 0) != 0;
}

#endif
