/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking again every millisecond, for systems on which processes can share
 * nothing to sleep in.
 */
#include "ref.h"

#include <sys/select.h>

#if !REF_FUTEX && !REF_SEMAPHORES

#define STEP_NS 1000000L

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
}

static int sleep_with(const sigset_t *mask)
{
	const struct timespec step = {0, STEP_NS};

	if (pselect(0, NULL, NULL, NULL, &step, mask) == 0 || ref_all_restart())
		return 0;
	return EINTR;
}

static void unblock(void *mask)
{
	pthread_sigmask(SIG_SETMASK, mask, NULL);
}

/*
 * Handlers run only while this sleeps: one that ran in between would not end
 * the wait.
 */
int ref_park(ref_word *word, uint32_t value, const struct ref_until *until)
{
	volatile int error = 0;
	sigset_t mask;

	ref_block_signals(&mask);
	pthread_cleanup_push(unblock, &mask);
	while (error == 0 && atomic_load(&word->value) == value) {
		error = ref_until_check(until);
		if (error == 0)
			error = sleep_with(&mask);
	}
	pthread_cleanup_pop(1);
	return error;
}

bool ref_unpark(ref_word *word)
{
	(void)word;
	return true;
}

#endif
