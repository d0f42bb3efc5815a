/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking again every millisecond, for systems on which processes can share
 * nothing to sleep in.
 */
#include "ref.h"

#if !REF_FUTEX && !REF_SEMAPHORES

#define STEP_NS 1000000L

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
}

int ref_park(ref_word *word, uint32_t value, const struct ref_until *until)
{
	struct timespec step = {0, STEP_NS};
	int error = ref_until_check(until);

	if (error != 0 || atomic_load(&word->value) != value)
		return error;
	if (nanosleep(&step, NULL) == 0 || ref_all_restart())
		return 0;
	return EINTR;
}

bool ref_unpark(ref_word *word)
{
	(void)word;
	return true;
}

#endif
