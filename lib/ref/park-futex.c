/* SPDX-License-Identifier: BSD-3-Clause */
/* Sleeping in a futex of Linux. */
#include "ref.h"

#if REF_FUTEX && defined(__linux__)

#include <limits.h>
#include <sys/syscall.h>

/* The kernel's interface; its header is not there with every C library. */
#define FUTEX_WAKE 1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_BITSET_MATCH_ANY 0xffffffffu
#define FUTEX_32 2
struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};
#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif
#if !defined(SYS_futex_waitv) && !defined(__alpha__)
#define SYS_futex_waitv 449
#endif

/*
 * A thread that is cancelled leaves these functions by a jump in the C library,
 * which AddressSanitizer does not see: the bounds that it marks in their frames
 * would stay there, in the way of whatever comes next.
 */
#define LEFT_BY_A_JUMP __attribute__((no_sanitize_address))

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
}

/* The kernel's time has 64 bits where the C library's may have 32. */
LEFT_BY_A_JUMP static long wait_bitset(_Atomic uint32_t *word, uint32_t value,
				       const struct ref_until *until)
{
	int op = FUTEX_WAIT_BITSET;
	long narrow[2], r;

	if (until->clock == CLOCK_REALTIME)
		op |= FUTEX_CLOCK_REALTIME;
#ifdef SYS_futex_time64
	if (until->deadline != NULL) {
		int64_t wide[2] = {until->deadline->tv_sec,
				   until->deadline->tv_nsec};

		r = syscall(SYS_futex_time64, word, op, value, wide, NULL,
			    FUTEX_BITSET_MATCH_ANY);
		if (r == 0 || !ref_call_missing(errno))
			return r;
	}
#endif
	if (until->deadline != NULL) {
		narrow[0] = (long)until->deadline->tv_sec;
		narrow[1] = (long)until->deadline->tv_nsec;
	}
	r = syscall(SYS_futex, word, op, value,
		    until->deadline != NULL ? narrow : NULL, NULL,
		    FUTEX_BITSET_MATCH_ANY);
	return r;
}

/*
 * With a deadline only this call goes on after a handler with SA_RESTART; an
 * older kernel, or a sandbox, has none.
 */
LEFT_BY_A_JUMP static int wait_restarting(_Atomic uint32_t *word,
					  uint32_t value,
					  const struct ref_until *until)
{
#ifdef SYS_futex_waitv
	static _Atomic bool lacking;
	struct waitv one = {value, (uintptr_t)word, FUTEX_32, 0};
	int64_t end[2];

	if (!lacking) {
		end[0] = until->deadline->tv_sec;
		end[1] = until->deadline->tv_nsec;
		if (syscall(SYS_futex_waitv, &one, 1, 0, end, until->clock) >=
		    0)
			return 0;
		if (!ref_call_missing(errno))
			return errno;
		lacking = true;
	}
#endif
	if (wait_bitset(word, value, until) == 0)
		return 0;
	return errno == EINTR && ref_all_restart() ? 0 : errno;
}

LEFT_BY_A_JUMP int ref_park(ref_word *word, uint32_t value,
			    const struct ref_until *until)
{
	int type, error;
	bool alone = ref_single_threaded();

	/*
	 * This thread may be cancelled here, and nowhere else.  A handler that
	 * leaves by siglongjmp() takes the type along: not where nobody can
	 * cancel, and else until the thread's next wait.
	 */
	if (!alone)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	if (until->deadline != NULL)
		error = wait_restarting(&word->value, value, until);
	else
		error =
		    wait_bitset(&word->value, value, until) == 0 ? 0 : errno;
	if (!alone)
		pthread_setcanceltype(type, NULL);
	return error == EAGAIN ? 0 : error;
}

/* One sleeps there, and its children that a handler has forked meanwhile. */
bool ref_unpark(ref_word *word)
{
	return syscall(SYS_futex, &word->value, FUTEX_WAKE, INT_MAX, NULL, NULL,
		       0) != 0;
}

#endif
